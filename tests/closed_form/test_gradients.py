"""Closed forms: what the literature prints, equal to the raw adjoint by exact evaluation, and never taken on trust."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest

from symnorm.closed_form import ClosedForm, forms, gradient, gradients, writer, written_out
from symnorm.errors import NameUnknown, Unsupported
from symnorm.evaluate import Model, Number, OutsideDomain, Undetermined, evaluate, provably_differ
from symnorm.normalizers import REGISTRY, Equations, Normalizer, equations, find, normalizer
from symnorm.printing import text
from symnorm.tensors import Tensor, axes, exp, inputs, mean, norm, scalar, sqrt, stop_gradient, tensor, total
from tests.tensors.graphs import extent, point

N, C, G, K = axes("N C G K")

EVERY = [*REGISTRY.values(), *(mode for base in REGISTRY.values() for mode in base.modes.values())]

STANDARDIZED_DX = "dy - mean[N](dy) - x_hat*mean[N](dy*x_hat)"

LITERATURE = {
    # Ioffe & Szegedy 2015, section 3: the chain after Algorithm 1, collected in terms of x_hat
    "batch_norm": {
        "x": f"gamma/sqrt(var + eps)*({STANDARDIZED_DX})",
        "gamma": "sum[N](dy*x_hat)",
        "beta": "sum[N](dy)",
    },
    "batch_norm.inference": {
        "x": "gamma/sqrt(running_var + eps)*dy",
        "gamma": "sum[N](dy*x_hat)",
        "beta": "sum[N](dy)",
    },
    # Ba, Kiros & Hinton 2016: batch norm's with the axes exchanged; gamma belongs to the features and stays inside
    "layer_norm": {
        "x": "(gamma*dy - mean[C](gamma*dy) - x_hat*mean[C](gamma*dy*x_hat))/sqrt(var + eps)",
        "gamma": "sum[N](dy*x_hat)",
        "beta": "sum[N](dy)",
    },
    # Salimans & Kingma 2016, equation 3: dL/dg = dL/dw . v/||v||, dL/dv = g/||v|| dL/dw - g dL/dg/||v||^2 v
    "weight_norm": {"g": "sum[K](dw*v)/norm", "v": "g/norm*dw - g*dg/norm**2*v"},
    # Ioffe 2017, section 3: no derivative through r and d; y = gamma (r x_hat + d) + beta
    "batch_renorm": {
        "x": f"gamma*r/sigma*({STANDARDIZED_DX})",
        "gamma": "sum[N](dy*x_renorm)",
        "beta": "sum[N](dy)",
    },
    "batch_renorm.inference": {
        "x": "gamma/running_std*dy",
        "gamma": "sum[N](dy*x_hat)",
        "beta": "sum[N](dy)",
    },
}
LITERATURE["batch_renorm.unclipped"] = LITERATURE["batch_renorm"]
# By the same two lines of algebra: y = (x - mu)/s has dx = (dy - mean(dy) - y mean(dy y))/s where s^2 is the variance
# (plus eps), and y = x/|x| has dx = (dy - y <dy, y>)/|x|.
CHAIN = "-sum[K](V*sum[K'](sum[D](sum[C]((dW + dW[C->D, D->C])/2*V)*V[C->D, K->K'])"
ROOTS = "/(sqrt(lam)*sqrt(lam)[K->K']*(sqrt(lam) + sqrt(lam)[K->K']))*V[C->D, K->K']))"
LITERATURE |= {
    # Miyato et al. 2018, section 2.3
    "spectral_norm": {"w": "(dw_bar - u*v*sum[C,K](dw_bar*w_bar))/sigma"},
    # F = V^T sym(dW) V over r_i r_j (r_i + r_j), back through V; dx_c = dy W + 2/N x_c dcov; dx centred
    "zca_whitening": {
        "W": "sum[N](dy*x_c[C->D])",
        "cov": CHAIN + ROOTS,
        "x_c": "sum[D](dy[C->D]*W[C->D, D->C]) + 2/N*sum[D](dcov*x_c[C->D])",
        "x": "dx_c - mean[N](dx_c)",
    },
    "centering": {"x": "dy - mean[N](dy)"},
    "z_score": {"x": "(dz - mean[N](dz) - z*mean[N](dz*z))/sigma"},
    "unit_length": {"x": "(du - u*sum[C](du*u))/norm"},
    "mean_only_batch_norm": {"x": "dy - mean[N](dy)", "beta": "sum[N](dy)"},
    "weight_standardization": {"v": "(dw - mean[K](dw) - w*mean[K](dw*w))/sqrt(var + eps)"},
    # y = (x - min)/(max - min): a share of -sum(dy y) where the maximum is, of -sum(dy (1 - y)) where the minimum is
    "min_max": {
        "x": "(dy - at_min[N](x)*sum[N](dy) - (at_max[N](x) - at_min[N](x))*sum[N](dy*y))/span",
    },
    "mean_range": {"x": "(dy - mean[N](dy) - (at_max[N](x) - at_min[N](x))*sum[N](dy*y))/span"},
    "unit_length.lp": {"x": "(du - abs(u)**(p - 1)*sign(u)*sum[C](du*u))/norm"},
    "unit_length.linf": {"x": "(du - at_max[C](abs(x))*sign(u)*sum[C](du*u))/norm"},
    # Klambauer et al. 2017: 1 above 0, alpha e^x below, times the scale
    "selu": {"x": "scale*dy/2*(1 + sign(x) + alpha*decay - alpha*decay*sign(x))"},
    # Zhang & Sennrich 2019, equation 9
    "rms_norm": {"x": "(gamma*dy - x_hat*mean[C](gamma*dy*x_hat))/rms", "gamma": "sum[N](dy*x_hat)"},
    # Wu & He 2018: layer norm's form within each group
    "group_norm": {
        "x": "(gamma*dy - mean[K,S](gamma*dy) - x_hat*mean[K,S](gamma*dy*x_hat))/sqrt(var + eps)",
        "gamma": "sum[N,S](dy*x_hat)",
        "beta": "sum[N,S](dy)",
    },
    # Ulyanov, Vedaldi & Lempitsky 2016: batch norm's form within each sample
    "instance_norm": {
        "x": "gamma/sqrt(var + eps)*(dy - mean[S](dy) - x_hat*mean[S](dy*x_hat))",
        "gamma": "sum[N,S](dy*x_hat)",
        "beta": "sum[N,S](dy)",
    },
}


LITERATURE |= {
    # batch norm's with sums over all shards
    "sync_batch_norm": {
        "x": "gamma/sqrt(var + eps)*(dy - mean[D,M](dy) - x_hat*mean[D,M](dy*x_hat))",
        "gamma": "sum[D,M](dy*x_hat)",
        "beta": "sum[D,M](dy)",
    },
    # Shen et al. 2020, before the approximation
    "power_norm": {
        "x": "gamma/psi*(dy - x_hat*mean[N](dy*x_hat))",
        "gamma": "sum[N](dy*x_hat)",
        "beta": "sum[N](dy)",
    },
    # Salimans & Kingma 2016, section 2: dL/ds = e^s dL/dg
    "weight_norm.exp": {"g": "sum[K](dw*v)/norm", "v": "g/norm*dw - dg*g/norm**2*v", "s": "dg*g"},
}

FORMS = [
    (definition, name)
    for definition in EVERY
    for name in (*definition.differentiable, *(q for q in definition.reuses if q not in definition.inputs))
]
every_form = pytest.mark.parametrize(("definition", "name"), FORMS, ids=[f"{d.name}-{n}" for d, n in FORMS])


@pytest.mark.parametrize("name", LITERATURE)
def test_every_gradient_is_the_literatures(name: str) -> None:
    found = gradients(find(name))
    assert {of: text(form.tensor, plain_reductions=False) for of, form in found.items()} == LITERATURE[name]


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d.name)
def test_every_gradient_has_a_textbook_form(definition: Normalizer) -> None:
    found = gradients(definition)
    assert all(form.is_textbook for form in found.values())
    assert all(form.name == f"d{name}" for name, form in found.items())
    assert {*found} == {*definition.differentiable, *definition.reuses}


def test_it_prints_with_its_name_and_plain_reductions() -> None:
    assert repr(gradient(find("batch_norm"), "x")) == (
        "dx = gamma/sqrt(var + eps)*(dy - mean(dy) - x_hat*mean(dy*x_hat))"
    )
    assert str(gradient(find("layer_norm"), "x")) == (
        "(gamma*dy - mean(gamma*dy) - x_hat*mean(gamma*dy*x_hat))/sqrt(var + eps)"
    )
    assert repr(gradient(find("weight_norm"), "v")) == "dv = g/norm*dw - g*dg/norm**2*v"


def test_a_gradient_that_others_use_comes_before_them() -> None:
    assert list(gradients(find("weight_norm"))) == ["g", "v"]


# --- equal to the raw adjoint ----------------------------------------------------------------------------------------


def values_of(definition: Normalizer) -> dict[str, Tensor]:
    """What the names in a closed form stand for."""
    named = dict(definition.instance().named)
    return named | {form.name: form.raw for form in gradients(definition).values()}


Entries = dict[frozenset[tuple[str, int]], Number | None]


def entries(made: Tensor, model: Model) -> Entries:
    """The values by the position along each axis, ``None`` where the formula is not defined."""
    found: Entries = {}
    for at in product(*(range(1, extent(axis, model.sizes) + 1) for axis in made.axes)):
        place = {axis.index: i for axis, i in zip(made.axes, at, strict=True)}
        try:
            found[frozenset(zip((a.name for a in made.axes), at, strict=True))] = evaluate(made.element, model, place)
        except (OutsideDomain, Undetermined):
            found[frozenset(zip((a.name for a in made.axes), at, strict=True))] = None
    return found


SHAPES = [
    {"N": 3, "C": 2, "K": 3, "G": 2, "S": 1, "D": 2, "M": 2, "T": 2},
    {"N": 2, "C": 3, "K": 2, "G": 1, "S": 2, "D": 1, "M": 3, "T": 1},
    {"N": 1, "C": 2, "K": 1, "G": 1, "S": 1, "D": 2, "M": 1, "T": 2},
]


def differs_from_raw(definition: Normalizer, form: ClosedForm, sizes: dict[str, int], seed: int) -> bool:
    """Whether the closed form with its names written out differs from the raw adjoint at a random point.

    Points at which the raw adjoint has no value are passed over, a few times.
    """
    whole = written_out(form.tensor, {n: v for n, v in values_of(definition).items() if n != form.name})
    for draw in range(seed, seed + 50, 10):
        model = point(draw, sizes, whole, form.raw)
        found, expected = entries(whole, model), entries(form.raw, model)
        if any(value is not None for value in expected.values()):
            break
    everywhere = sizes != SHAPES[0] or "lam" in definition.auxiliary  # two eigenvalues may be drawn equal
    assert everywhere or any(value is not None for value in expected.values()), "nothing is compared"
    return not same(found, expected)


def same(found: Entries, expected: Entries) -> bool:
    """Equal wherever the second is defined, as far as can be told."""
    defined = {at: value for at, value in expected.items() if value is not None}
    return found.keys() == expected.keys() and all(
        value is not None and not provably_differ(value, defined[at]) for at, value in found.items() if at in defined
    )


@every_form
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_the_closed_form_equals_the_raw_adjoint(definition: Normalizer, name: str, sizes: dict[str, int]) -> None:
    form = gradient(definition, name)
    assert {axis.name for axis in form.tensor.axes} <= {axis.name for axis in definition.quantity(name).axes}
    assert not any(differs_from_raw(definition, form, sizes, seed) for seed in range(2))


@every_form
def test_its_words_are_inputs_quantities_the_cotangent_and_earlier_gradients(definition: Normalizer, name: str) -> None:
    made = definition.instance()
    (cotangent,) = inputs(forms.cotangent_of(definition))
    words = {*definition.inputs, *made.named, cotangent, *(f"d{reused}" for reused in definition.reuses)}
    assert inputs(gradient(definition, name).tensor).keys() <= words


def test_the_steps_are_those_of_the_derivation() -> None:
    # Ioffe & Szegedy's chain: dL/dx_hat, dL/dvar, dL/dmu, dL/dx, dL/dgamma, dL/dbeta
    steps = [step.name for step in gradient(find("batch_norm"), "x").steps]
    assert steps == ["dx_hat", "dvar", "dmu", "dx", "dgamma", "dbeta"]


@pytest.mark.parametrize("name", ["eps", "momentum", "running_mean"])
def test_a_constant_has_no_gradient(name: str) -> None:
    with pytest.raises(NameUnknown, match=f"no differentiable input of batch_norm is called '{name}'"):
        gradient(find("batch_norm"), name)


def test_an_unknown_input_gets_the_nearest() -> None:
    with pytest.raises(NameUnknown, match=r"is called 'gama'; did you mean gamma\?"):
        gradient(find("batch_norm"), "gama")


# --- accepted only when proved ---------------------------------------------------------------------------------------

right_write = writer.Writer.write


def without_last_term(self: writer.Writer, poly: dict[object, object]) -> Tensor:
    return right_write(self, dict(list(poly.items())[:-1]))  # type: ignore[arg-type]


def doubled(self: writer.Writer, poly: object) -> Tensor:
    return 2 * right_write(self, poly)  # type: ignore[arg-type]


def negated(self: writer.Writer, poly: object) -> Tensor:
    return -right_write(self, poly)  # type: ignore[arg-type]


def with_an_epsilon(self: writer.Writer, poly: object) -> Tensor:
    return right_write(self, poly) + scalar("eps", positive=True) * 0 + Fraction(1, 10**9)  # type: ignore[arg-type]


def squared_inputs(self: writer.Writer, poly: object) -> Tensor:
    found = right_write(self, poly)  # type: ignore[arg-type]
    return written_out(found, {name: leaf**2 for name, leaf in inputs(found).items()})


def nothing(self: writer.Writer, poly: object) -> Tensor:
    raise Unsupported("planted")


@pytest.mark.parametrize("sabotage", [without_last_term, doubled, negated, with_an_epsilon, squared_inputs, nothing])
@pytest.mark.parametrize("name", ["batch_norm", "layer_norm", "weight_norm", "batch_renorm", "centering"])
def test_a_wrong_form_is_rejected_and_the_raw_adjoint_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, sabotage: Callable[..., Tensor]
) -> None:
    definition, fresh = find(name), gradients.__wrapped__
    right = {name: str(form) for name, form in fresh(definition).items()}
    monkeypatch.setattr(writer.Writer, "write", sabotage)
    found = fresh(definition)
    wrong = {name: form for name, form in found.items() if str(form) != right[name] or not form.is_textbook}
    assert wrong, "the sabotage shows"
    for form in wrong.values():
        assert not form.is_textbook
        # what is shown instead: the adjoint, with the names of the definition
        whole = written_out(form.tensor, dict(definition.instance().named))
        model = point(1, SHAPES[0], whole, form.raw)
        assert same(entries(whole, model), entries(form.raw, model))


def test_the_comparison_itself_can_fail() -> None:
    definition = find("batch_norm")
    form = gradient(definition, "x")
    wrong = ClosedForm("dx", form.tensor - scalar("eps", positive=True), form.raw, form.steps, True)
    assert differs_from_raw(definition, wrong, SHAPES[0], 0)


# --- a user's own ----------------------------------------------------------------------------------------------------


def own(body: Callable[..., Equations], **options: object) -> dict[str, str]:
    made = normalizer(title="own", source="a test", layout="N C", register=False, **options)(body)  # type: ignore[arg-type]
    found = gradients(made)
    assert all(form.is_textbook for form in found.values())
    assert not any(differs_from_raw(made, form, {"N": 3, "C": 2, "G": 2, "K": 2}, 1) for form in found.values())
    return {name: text(form.tensor, plain_reductions=False) for name, form in found.items()}


def test_root_mean_square_norm() -> None:
    def rms(x: Tensor = tensor("x", N, C), gamma: Tensor = tensor("gamma", C)) -> Equations:
        length = sqrt(mean(x**2, over=C))
        x_hat = x / length
        return equations(length=length, x_hat=x_hat, y=gamma * x_hat)

    found = own(rms, inverts={"x_hat": "x"})
    # Zhang & Sennrich 2019, equation 9: (I - x x^T/(n RMS^2))/RMS applied to gamma dy
    assert found["x"] == "(gamma*dy - x_hat*mean[C](gamma*dy*x_hat))/length"


def test_group_norm_over_split_channels() -> None:
    def group(
        x: Tensor = tensor("x", N, G, K),
        gamma: Tensor = tensor("gamma", G, K),
        eps: Tensor = scalar("eps", positive=True),
    ) -> Equations:
        mu = mean(x, over=K)
        var = mean((x - mu) ** 2, over=K)
        x_hat = (x - mu) / sqrt(var + eps)
        return equations(mu=mu, var=var, x_hat=x_hat, y=gamma * x_hat)

    found = own(group, inverts={"x_hat": "x"}, constants=("eps",))
    assert found["x"] == "(gamma*dy - mean[K](gamma*dy) - x_hat*mean[K](gamma*dy*x_hat))/sqrt(var + eps)"


def test_projection_on_the_sphere() -> None:
    def sphere(x: Tensor = tensor("x", N, C)) -> Equations:
        length = norm(x, over=C)
        return equations(length=length, y=x / length)

    assert own(sphere, inverts={"y": "x"})["x"] == "(dy - y*sum[C](dy*y))/length"


def test_what_is_not_used_has_gradient_zero_and_what_is_stopped_none_through_it() -> None:
    def odd(x: Tensor = tensor("x", N, C), unused: Tensor = tensor("u", C)) -> Equations:
        return equations(y=x * stop_gradient(mean(x, over=N)))

    found = own(odd)
    assert found["unused"] == "0"
    assert found["x"] == "dy*mean[N](x)"


def test_softmax() -> None:
    def softmax(x: Tensor = tensor("x", N, C)) -> Equations:
        e = exp(x)
        return equations(e=e, y=e / total(e, over=C))

    made = normalizer(title="own", source="a test", layout="N C", register=False)(softmax)
    form = gradient(made, "x")
    # exponentials are enclosed and not exact: compared by the normal form
    from symnorm.canonical import Solver

    y, dy = made.instance().y, tensor("dy", N, C)
    assert Solver().equal(form.raw.element, (y * (dy - total(dy * y, over=C))).element)
