"""What may be handed in, what comes back, and what a failure says."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symnorm as sn
from symnorm.errors import NameUnknown, ShapeError
from symnorm.kernels import kernel
from symnorm.normalizers import REGISTRY
from symnorm.testing import KernelMismatch, assert_kernel_matches, match_kernel, named, torch_kernel
from symnorm.testing.matching import plan_of
from symnorm.testing.trials import battery, trials, unit_of
from tests.testing.test_suspects import SHAPES, backward, forward

EVERY = [one for found in REGISTRY.values() for one in (found, *found.modes.values())]


def two(dy: Any, saved: Any) -> Any:
    return backward(dy, saved)


def layer(x: Any, gamma: Any, beta: Any, eps: float) -> Any:
    return forward(x, gamma, beta, eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_every_generated_kernel_matches(one: Any, dtype: str) -> None:
    made = kernel(one).module
    few = ["spatial", "tiny batch", "std near eps", "ties"]
    found = match_kernel(made.forward, made.backward, one, dtype=dtype, families=few)
    assert found.ok, str(found)
    assert {one.instance().output.data.name} < set(found.worst)


def test_a_failure_says_all_that_is_needed_to_see_it_again() -> None:
    with pytest.raises(KernelMismatch) as caught:
        assert_kernel_matches(layer, lambda dy, saved: backward(dy, saved, 2), "layer_norm", seeds=[3], **SHAPES)
    assert isinstance(caught.value, AssertionError)
    worst = caught.value.match.worst["dx"]
    message = str(caught.value)
    for part in ("layer_norm, float32, seeds 3", f"dx{list(worst.index)} is {worst.value!r}", f"{worst.expected!r}",
                 f"family {worst.family!r}, seed 3, shape {worst.shape}", "suspected bug: mean term doubled",
                 "right: y, dgamma, dbeta"):  # fmt: skip
        assert part in message
    (trial,) = trials(plan_of("layer_norm")[0], battery([worst.family]), "float32", [3], [worst.shape])
    x, dy = trial.drawn.arrays["x"], trial.drawn.cotangent
    eps = trial.drawn.scalars.get("eps", 1e-5)
    _, saved = layer(x, trial.drawn.arrays["gamma"], trial.drawn.arrays["beta"], eps)
    assert backward(dy, saved, 2)[0][worst.index] == np.float32(worst.value)
    assert backward(dy, saved)[0][worst.index] == pytest.approx(worst.expected, rel=1e-2)


@pytest.mark.parametrize(
    "shaped",
    [
        lambda grads: grads,
        list,
        lambda grads: dict(zip(("x", "gamma", "beta"), grads, strict=True)),
        lambda grads: dict(zip(("dx", "dgamma", "dbeta"), grads, strict=True)),
    ],
)
def test_gradients_come_in_order_or_by_name(shaped: Any) -> None:
    assert_kernel_matches(layer, lambda dy, saved: shaped(backward(dy, saved)), "layer_norm", **SHAPES)


def test_some_gradients_are_enough() -> None:
    assert_kernel_matches(layer, lambda dy, saved: backward(dy, saved)[0], "layer_norm", wrt=["x"], **SHAPES)
    with pytest.raises(KernelMismatch, match="returned 1 arrays where dx, dgamma, dbeta"):
        assert_kernel_matches(layer, lambda dy, saved: backward(dy, saved)[0], "layer_norm", **SHAPES)


def test_backward_may_ask_for_the_inputs_again() -> None:
    def again(dy: Any, x: Any, gamma: Any, eps: float, y: Any) -> Any:
        assert y.shape == x.shape
        return backward(dy, layer(x, gamma, gamma, eps)[1])

    assert_kernel_matches(layer, again, "layer_norm", **SHAPES)


def test_forward_may_return_names() -> None:
    made = kernel("batch_norm").module

    def by_name(**given: Any) -> dict[str, Any]:
        y, saved = made.forward(**given)
        return {"y": y, **saved.updates}

    assert set(match_kernel(by_name, None, "batch_norm").worst) == {"y", "running_mean", "running_var"}


def test_parameters_of_other_names() -> None:
    def mine(input, /, weight, *, bias, epsilon=1e-5):  # type: ignore[no-untyped-def]
        return layer(input, weight, bias, epsilon)

    renamed = named(mine, input="x", weight="gamma", bias="beta", epsilon="eps")
    assert list(inspect.signature(renamed).parameters) == ["x", "gamma", "beta", "eps"]
    assert_kernel_matches(renamed, two, "layer_norm", **SHAPES)
    with pytest.raises(ShapeError, match=r"a parameter 'input'; for layer_norm it may take x, gamma"):
        assert_kernel_matches(mine, None, "layer_norm")
    anything = named(lambda input, **more: layer(input, *map(more.get, ("gamma", "beta", "eps"))), input="x")
    assert_kernel_matches(anything, two, "layer_norm", **SHAPES)
    with pytest.raises(ShapeError, match="takes nothing and lacks x, gamma, beta of layer_norm"):
        assert_kernel_matches(lambda: 1, None, "layer_norm")
    with pytest.raises(NameUnknown, match="weights"):
        named(mine, weights="gamma")


def test_an_input_that_is_not_taken_is_held() -> None:
    def plain(x: Any, eps: float) -> Any:
        return layer(x, x.dtype.type(1), x.dtype.type(0), eps)[0]

    with pytest.raises(ShapeError, match=r"lacks gamma, beta of layer_norm.*fixed="):
        assert_kernel_matches(plain, None, "layer_norm")
    assert_kernel_matches(plain, None, "layer_norm", fixed={"gamma": 1, "beta": 0}, **SHAPES)
    with pytest.raises(KernelMismatch):
        assert_kernel_matches(plain, None, "layer_norm", fixed={"gamma": 2, "beta": 0}, **SHAPES)


def test_a_kernel_that_spoils_its_inputs_is_compared_on_what_it_was_given() -> None:
    def spoils(x: Any, gamma: Any, beta: Any, eps: float) -> Any:
        y = layer(x.copy(), gamma, beta, eps)[0]
        x[:] = 0
        return y

    assert_kernel_matches(spoils, None, "layer_norm", **SHAPES)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda x, gamma, beta: x[0], "y has shape"),
        (lambda x, gamma, beta: np.full_like(x, np.nan), "is nan"),
        (lambda x, gamma, beta: 1 / 0, "ZeroDivisionError"),
        (lambda x, gamma, beta: None, r"y is of dtype object; float32 \(7, 5\) is right"),
        (lambda x, gamma, beta: x + 1j, "y is of dtype complex64; float32"),
        (lambda x, gamma, beta: x > 0, "y is of dtype bool"),
    ],
)
def test_a_function_may_fail_in_any_way(wrong: Any, says: str) -> None:
    with pytest.raises(KernelMismatch, match=says):
        assert_kernel_matches(wrong, None, "layer_norm", **SHAPES)


@pytest.mark.parametrize("shape", [(2, 5), (1, 6)])
@pytest.mark.parametrize("name", ["zca_whitening", "pca_whitening", "z_score"])
def test_where_any_numbers_would_pass_none_do(name: str, shape: tuple[int, ...]) -> None:
    """Two samples of five features have a singular covariance, one sample has no spread at all."""
    families = ("standard normal", "dy non-uniform")
    found = match_kernel(lambda x: 7 * x, None, name, shapes=[shape], families=families)
    known = name == "z_score" and shape[0] > 1
    assert not found.ok and ("nothing is known of" in found.problem) is not known


def test_a_matrix_without_factors_is_an_error_that_says_so() -> None:
    with pytest.raises(ShapeError, match=r"no cholesky of a matrix of 5 rows on an input of shape \(3, 5\)"):
        assert_kernel_matches(lambda x: x, None, "cholesky_whitening", shapes=[(3, 5)])


def test_ill_conditioned_inputs_are_forgiven_a_plain_kernel_unless_asked_not_to() -> None:
    far = {"families": ["mean far from zero", "mean 1e6"], **SHAPES}
    assert_kernel_matches(layer, two, "layer_norm", **far)
    strict = match_kernel(layer, two, "layer_norm", conditioning=False, **far)
    assert strict.worst["y"].ulp > 1000
    made = kernel("layer_norm").module
    assert_kernel_matches(made.forward, made.backward, "layer_norm", conditioning=False, ulp=4, families="accuracy")


def test_a_text_definition(tmp_path: Path) -> None:
    path = tmp_path / "own.norm"
    lines = ["normalizer own(x[N, C], gamma[C], eps > 0)", "  psi2 = mean[N](x^2)", "  y = gamma*x/sqrt(psi2 + eps)"]
    path.write_text("\n".join(lines))

    def own(x: Any, gamma: Any, eps: float) -> Any:
        return gamma * x / np.sqrt((x**2).mean(0) + x.dtype.type(eps))

    assert_kernel_matches(own, None, str(path), shapes=[(6, 5)])
    with pytest.raises(KernelMismatch, match="suspected bug: sums for means"):
        sums = lambda x, gamma, eps: gamma * x / np.sqrt((x**2).sum(0) + x.dtype.type(eps))  # noqa: E731
        assert_kernel_matches(sums, None, str(path), shapes=[(6, 5)])


def test_an_object() -> None:
    annotated = sn.load("layer_norm", convention="annotated")
    made = kernel(annotated.definition).module
    assert_kernel_matches(made.forward, made.backward, annotated)
    with pytest.raises(KernelMismatch):
        assert_kernel_matches(made.forward, made.backward, "layer_norm")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"dtype": "bfloat16"}, "bfloat16"),
        ({"dtype": np.int32}, "int32.*; one of float16, float32, float64 is needed"),
        ({"shape": [(3, 4)]}, "no option of assert_kernel_matches is called 'shape'; did you mean shapes"),
        ({"shapes": (3, 4)}, r"shapes is \(3, 4\); a list of shapes"),
        ({"shapes": [(3, 0)]}, r"shape \(3, 0\): every dimension needs at least one element"),
        ({"seeds": 3}, "seeds is 3; a list of whole numbers"),
        ({"seeds": [-1]}, r"seeds is \[-1\]"),
        ({"ulp": -1}, "ulp is -1; it has to be above 0"),
        ({"families": "nothing"}, "nothing"),
        ({"shapes": [(3, 4)], "options": {"axis": 5}}, "axis = 5"),
        ({"wrt": ["eps"]}, "eps"),
        ({"fixed": {"delta": 1}}, "delta"),
        ({"convention": "nobody"}, "nobody"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], says: str) -> None:
    with pytest.raises(sn.SymnormError, match=says):
        assert_kernel_matches(layer, two, "layer_norm", **options)


def test_a_dtype_of_numpy_and_a_kernel_of_the_last_dimension() -> None:
    assert_kernel_matches(layer, two, "layer_norm", dtype=np.float64, **SHAPES)
    last = match_kernel(layer, None, "layer_norm", families=["standard normal", "spatial", "tiny batch"])
    assert last.nearest.endswith("times what is allowed in 'spatial'; shapes= says which dimensions it takes)")
    with pytest.raises(ShapeError, match=r"a parameter 'dout'; .* named\(function, dout='dy'\)"):
        assert_kernel_matches(layer, lambda dout, saved: dout, "layer_norm", **SHAPES)


@pytest.mark.parametrize("style", ["reference", "fast"])
def test_a_generated_kernel_is_a_kernel_like_others(style: str) -> None:
    made = sn.kernel("group_norm", style=style, convention="torch")
    assert_kernel_matches(made.forward, made.backward, "group_norm@torch", families=["standard normal", "tiny batch"])
    with pytest.raises(sn.SymnormError, match="a parameter 'x'"):
        assert_kernel_matches(made.forward, made.backward, "weight_norm")


def test_large_arrays_are_compared_too() -> None:
    large = {"shapes": [(64, 256)], "families": ["standard normal", "std near eps"]}
    assert_kernel_matches(layer, two, "layer_norm", **large)
    with pytest.raises(KernelMismatch, match="ddof = 1"):
        wrong = lambda x, gamma, beta, eps: forward(x, gamma, beta, eps, ddof=1)[0]  # noqa: E731
        assert_kernel_matches(wrong, None, "layer_norm", **large)


@pytest.mark.parametrize(("value", "dtype", "unit"), [(1.0, "float32", 2**-23), (0.9, "float64", 2**-53),
                                                      (0.0, "float16", 2**-24), (3.0, "float16", 2**-9)])  # fmt: skip
def test_units(value: float, dtype: str, unit: float) -> None:
    assert float(unit_of(value, dtype)) == unit


@pytest.mark.frameworks
def test_torch_is_right_and_a_wrong_eps_is_seen() -> None:
    import torch

    def function(x: Any, gamma: Any, beta: Any, eps: float) -> Any:
        return torch.nn.functional.layer_norm(x, x.shape[-1:], gamma, beta, eps)

    assert_kernel_matches(*torch_kernel(function), "layer_norm", convention="torch", **SHAPES)
    with pytest.raises(KernelMismatch, match="eps forgotten"):
        wrong = torch_kernel(lambda x, gamma, beta: function(x, gamma, beta, 0.0))
        assert_kernel_matches(*wrong, "layer_norm", **SHAPES)


@pytest.mark.frameworks
def test_running_statistics_of_torch_and_modules() -> None:
    import torch

    def function(
        x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any, momentum: float, eps: float
    ) -> dict[str, Any]:
        new = {"running_mean": running_mean.detach().clone(), "running_var": running_var.detach().clone()}
        y = torch.nn.functional.batch_norm(x, *new.values(), gamma, beta, True, momentum, eps)
        return {"y": y, **new}

    found = match_kernel(*torch_kernel(function), "batch_norm", convention="torch")
    assert found.ok and {"running_mean", "running_var", "dx"} <= set(found.worst), str(found)
    other = torch_kernel(lambda x, gamma, beta, running_mean, running_var, momentum, eps: function(
        x, gamma, beta, running_mean, running_var, 1 - momentum, eps))  # fmt: skip
    assert match_kernel(*other, "batch_norm@torch").suspicion.startswith("momentum reversed")
    module = named(torch.nn.LayerNorm(5), input="x")
    few = {"families": ["standard normal", "std near eps"], "shapes": [(7, 5)], "fixed": {"gamma": 1, "beta": 0}}
    assert_kernel_matches(*torch_kernel(module), "layer_norm", **few)


@pytest.mark.frameworks
def test_an_input_that_torch_does_not_use_has_the_gradient_zero() -> None:
    import torch

    def unbiased(x: Any, gamma: Any, beta: Any, eps: float) -> Any:
        return torch.nn.functional.layer_norm(x, x.shape[-1:], gamma, None, eps)

    found = match_kernel(*torch_kernel(unbiased), "layer_norm", families=["standard normal"], **SHAPES)
    assert found.wrong == ("y", "dbeta") and "bias missing" in found.suspicion
