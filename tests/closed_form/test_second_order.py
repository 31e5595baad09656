"""Second order: the double backward passes and Hessian-vector products of the zoo, against formulas and autograd."""

from __future__ import annotations

from dataclasses import replace

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from symnorm.canonical import Solver
from symnorm.check import FAMILIES, crosscheck
from symnorm.closed_form import backward_pass, gradients, hessian_vector_product, written_out
from symnorm.errors import NameUnknown, Unsupported
from symnorm.kernels import kernel, of_plan
from symnorm.normalizers import REGISTRY, Normalizer, find
from symnorm.report.verification import with_modes
from symnorm.tensors import Loss, Tensor, as_tensor, mean, sqrt, substitute, tensor, total

NAMES = """batch_norm batch_norm.inference batch_renorm batch_renorm.unclipped batch_renorm.inference group_norm
centering z_score z_score.unbiased unit_length unit_length.l1 instance_norm adaptive_instance_norm layer_norm rms_norm
scale_norm weight_norm centered_weight_norm weight_standardization l1_batch_norm mean_only_batch_norm activation_norm
batch_norm.frozen batch_instance_norm rms_norm.partial weight_norm.exp mean_only_weight_norm power_norm
recurrent_batch_norm sync_batch_norm selu spectral_norm.power_iteration unit_length.lp unit_length.linf linf_batch_norm
instance_norm.tracking instance_norm.inference
min_max min_max.between min_max.symmetric mean_range"""
EVERY = [find(name) for name in NAMES.split()]
"""All but switchable norm, whose three statistics at once take minutes, and those that are known through relations."""
every = pytest.mark.parametrize("definition", EVERY, ids=lambda n: n.name)
WELL_CONDITIONED = [family for family in FAMILIES if family.name != "pairs"]
"""Without an eps, two standardized numbers are -1 and 1: their gradient is 0, and has no relative error."""


@every
def test_the_double_backward_is_proved_and_agrees_with_autograd(definition: Normalizer) -> None:
    backward = backward_pass(definition)
    for form in gradients(backward).values():
        assert form.is_textbook, form
    found = crosscheck(kernel(backward), families=WELL_CONDITIONED)
    assert found.ok, found


@every
def test_at_a_fixed_cotangent_the_hessian_is_symmetric(definition: Normalizer) -> None:
    """The change of dx along v is what the double backward sends back to x from v: forward and reverse mode agree."""
    backward = backward_pass(definition)
    wrt, output = definition.differentiable[0], backward.instance().output
    v = tensor("direction", *output.axes)
    dy = f"d{list(definition.instance().named)[-1]}"
    change = substitute((hessian_vector_product(definition).raw,), {f"{wrt}_v": v, f"{dy}_v": as_tensor(0)})[0]
    sent = substitute((gradients(backward)[wrt].raw,), {f"d{wrt}_grad": v})[0]
    assert Solver().equal(change.element, sent.element)
    assert not Solver().equal(change.element, (2 * sent + v).element)


# --- batch norm and layer norm, by hand -------------------------------------------------------------------------------


def parts(name: str) -> tuple[Normalizer, Tensor, Tensor, Tensor, Tensor, object]:
    """x_hat, sigma at eps = 0, gamma, a direction, and the projection P = I - 1 1^T/m - x_hat x_hat^T/m."""
    definition = find(name)
    made = definition.instance(eps=0)
    over = made.mu.args[0].data
    v = tensor("x_v", *definition.inputs["x"].axes)

    def project(t: Tensor) -> Tensor:
        return t - mean(t, over) - made.x_hat * mean(t * made.x_hat, over)

    return definition, made.x_hat, sqrt(made.var), definition.inputs["gamma"], v, (project, over)


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
@pytest.mark.parametrize("factor, right", [(1, True), (2, False)])
def test_the_curvature_is_the_one_of_the_literature(name: str, factor: int, right: bool) -> None:
    """-1/(m sigma^2) (P g x_hat^T + x_hat (P g)^T + (g.x_hat) P) v at eps = 0, with g = gamma dy."""
    definition, x_hat, sigma, gamma, v, (project, over) = parts(name)
    g = gamma * tensor("dy", *v.axes)
    bracket = project(g) * mean(x_hat * v, over) + x_hat * mean(project(g) * v, over)
    bracket = bracket + factor * mean(g * x_hat, over) * project(v)
    raw = hessian_vector_product(definition).raw
    zero = as_tensor(0)
    found = substitute((raw,), {"eps": zero, "dy_v": zero})[0]
    assert Solver().equal(found.element, (-bracket / sigma**2).element) is right


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
def test_the_change_of_the_cotangent_goes_through_the_same_projection(name: str) -> None:
    definition, _, sigma, gamma, v, (project, _) = parts(name)
    zero = as_tensor(0)
    moved = tensor("dy_v", *v.axes)
    found = substitute((hessian_vector_product(definition).raw,), {"eps": zero, "x_v": zero})[0]
    assert Solver().equal(found.element, (project(gamma * moved) / sigma).element)


@pytest.mark.parametrize("name, axis", [("batch_norm", 0), ("layer_norm", 1)])
def test_the_double_backward_is_autograds_gradient_of_a_gradient(name: str, axis: int) -> None:
    rng = np.random.default_rng(11)
    x, dy, v = (rng.standard_normal((5, 4)) for _ in range(3))
    gamma, eps = rng.standard_normal(4), 0.3

    def output(x: np.ndarray, gamma: np.ndarray) -> np.ndarray:
        centred = x - anp.mean(x, axis=axis, keepdims=True)
        return gamma * centred / anp.sqrt(anp.mean(centred**2, axis=axis, keepdims=True) + eps)

    def along(x: np.ndarray, gamma: np.ndarray, dy: np.ndarray) -> float:
        return anp.sum(grad(lambda x: anp.sum(dy * output(x, gamma)))(x) * v)

    made = kernel(backward_pass(find(name)))
    back, saved = made.forward(x, gamma=gamma, dy=dy, eps=eps)
    np.testing.assert_allclose(back, grad(lambda x: anp.sum(dy * output(x, gamma)))(x), rtol=0, atol=1e-14)
    found = made.backward(v, saved)
    for place, key in enumerate(("x", "gamma", "dy")):
        np.testing.assert_allclose(found[key], grad(along, place)(x, gamma, dy), rtol=0, atol=1e-13, err_msg=key)


def test_the_gradient_of_an_unknown_loss_changes_by_its_curvature_too() -> None:
    """jvp of the gradient of L(BN(x)) is the Hessian-vector product with dy_v = H (dy/dx x_v)."""
    from symnorm.calculus import gradient, jvp

    definition = find("batch_norm")
    y, loss = definition(), Loss("L")
    v = tensor("x_v", *y.axes)
    whole = jvp(gradient(loss, y, definition.inputs["x"]), {"x": v})
    copies = [axis.copy(f"{axis.name}'") for axis in y.axes]
    pushed = jvp(y, {"x": v}).rename(dict(zip(y.axes, copies, strict=True)))
    bent = total(loss.curvature(y, copies) * pushed, copies)
    product = hessian_vector_product(definition)
    formula = written_out(product.raw, {"dy_v": bent, "dy": loss.cotangent(y)})
    assert Solver().equal(whole.element, formula.element)
    assert not Solver().equal(whole.element, written_out(product.raw, {"dy_v": bent, "dy": bent}).element)


def test_all_others_say_that_they_have_none() -> None:
    for definition in with_modes(REGISTRY.values()):
        if definition.auxiliary:
            with pytest.raises(Unsupported, match="known only through relations"):
                backward_pass(definition)
        else:
            assert definition in EVERY or definition.name == "switchable_norm", definition.name


# --- it can fail, and says why ----------------------------------------------------------------------------------------


def test_a_wrong_double_backward_is_caught() -> None:
    plan = kernel(backward_pass(find("layer_norm"))).plan
    for name, form in plan.gradients.items():
        wrong = of_plan(replace(plan, gradients={**plan.gradients, name: form + form / 1000}))
        assert not crosscheck(wrong, plan, families=WELL_CONDITIONED[:2]).ok


def test_what_has_no_backward_pass_says_so() -> None:
    with pytest.raises(NameUnknown, match="no differentiable input of batch_norm is called 'eps'"):
        backward_pass(find("batch_norm"), "eps")
    with pytest.raises(Unsupported, match="known only through relations"):
        backward_pass(find("spectral_norm"))


def test_parameters_have_backward_passes_too() -> None:
    backward = backward_pass(find("batch_norm"), "gamma")
    assert list(backward.instance().named)[-1] == "gamma_grad"
    assert str(gradients(backward)["dy"]) == "dgamma_grad*x_hat"
