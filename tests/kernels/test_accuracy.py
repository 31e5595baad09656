"""The kernels are right to a few units in the last place where textbook formulas have no digit left."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from symnorm.check.accuracy import errors, terms
from symnorm.check.stress import STRESS, Drawn, Stress, draw
from symnorm.kernels import Kernel, kernel
from symnorm.kernels.care import CAREFUL, exponents
from symnorm.kernels.kernel import of_plan
from symnorm.kernels.licence import licence
from symnorm.normalizers import REGISTRY
from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, mean, rebuild, scalar, sqrt, tensor, total, walk

SMOOTH = {"input", "const", "add", "sub", "mul", "div", "neg", "pow", "sqrt", "total", "mean", "abs", "sign"}
SMALL = [replace(stress, averaged=min(stress.averaged, 12), kept=min(stress.kept, 4)) for stress in STRESS]


def kernels() -> Iterator[str]:
    """Every normalizer made of arithmetic, roots and sums, that averages over something."""
    for name, found in REGISTRY.items():
        nodes = list(walk(*found.instance().named.values()))
        if {node.op for node in nodes} <= {*SMOOTH, "let"} and any(node.op in ("total", "mean") for node in nodes):
            yield name


def computed(made: Kernel, stress: Stress, dtype: str) -> dict[str, float]:
    return of(made, draw(made.plan, stress, dtype))


def of(made: Kernel, drawn: Drawn) -> dict[str, float]:
    """The errors of a kernel."""
    y, saved = made.forward(**drawn.arrays, **drawn.scalars, **drawn.options)
    return errors(made.plan, drawn, y, made.backward(drawn.cotangent, saved))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", list(kernels()))
def test_every_family_is_right_to_four_units(name: str, dtype: str) -> None:
    made = kernel(name)
    for stress in SMALL:
        found = computed(made, stress, dtype)
        bar = 32 if stress.name == "subnormal" else 4
        assert set(found) == {made.plan.output, *(f"d{wrt}" for wrt in made.plan.results)}
        assert max(found.values()) <= bar, (stress.name, found)


@pytest.mark.parametrize("style", ["reference", "fast"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["batch_instance_norm", "switchable_norm"])
def test_where_several_means_are_subtracted_the_data_is_less_none_of_them(name: str, dtype: str, style: str) -> None:
    made = kernel(name, style=style)
    granted = licence(made.plan)
    assert granted.middle and granted.shifts["x"] == 1
    for stress in SMALL:
        if stress.name in ("mean 1e4", "mean 1e6", "constant rows", "constant, huge", "outlier", "mixed magnitudes"):
            assert max(computed(made, stress, dtype).values()) <= 4, stress.name
    careful = kernel(name)
    moved = Kernel(careful.plan, careful.source.replace("MIDDLE = True", "MIDDLE = False"))
    (outlier,) = [stress for stress in SMALL if stress.change == "outlier"]
    assert max(computed(moved, outlier, dtype).values()) > 100


@pytest.mark.parametrize("style", ["reference", "fast"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_samples_far_from_each_other_keep_their_digits(
    dtype: str, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = kernel("batch_instance_norm", style=style)
    drawn = draw(made.plan, SMALL[0], dtype)
    x = drawn.arrays["x"]
    x = np.asarray(x + 1e6 * np.arange(len(x)).reshape(-1, *[1] * (x.ndim - 1)), dtype)
    apart = replace(drawn, arrays={**drawn.arrays, "x": x}, exact={})
    assert max(of(made, apart).values()) <= 4
    monkeypatch.setattr("symnorm.kernels.generate.recentred", lambda plan: plan)
    assert max(of(of_plan(made.plan, style), apart).values()) > 100


@pytest.mark.parametrize("style", ["reference", "fast"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["batch_norm.inference", "batch_norm.frozen", "batch_renorm.inference",
                                  "activation_norm", "batch_renorm.unclipped"])  # fmt: skip
def test_what_divides_by_running_statistics_overflows_where_the_output_does(name: str, dtype: str, style: str) -> None:
    base, _, mode = name.partition(".")
    made = kernel(base, mode or "training", style=style)
    found = licence(made.plan)
    assert found.degrees[made.plan.output] == found.degrees["beta"] == 1 and found.scaled[-1] == "C"
    for stress in SMALL:
        bar = 32 if stress.name == "subnormal" else 4
        assert max(computed(made, stress, dtype).values()) <= bar, stress.name
    drawn = draw(made.plan, SMALL[0], dtype)
    small = {"gamma": 0.25, "beta": 0.0, "running_var": 0.25, "running_std": 0.5, "sigma": 0.5}
    arrays = {key: np.full_like(array, small.get(key, 0)) for key, array in drawn.arrays.items()}
    arrays["x"][:] = np.linspace(0.9, 0.99, arrays["x"].size).reshape(arrays["x"].shape) * np.finfo(dtype).max
    huge = replace(drawn, arrays=arrays, exact={})  # x/sigma is beyond the largest number, and y is not
    assert max(of(made, huge).values()) <= 4
    if style == "reference":
        tables = re.sub(r"DEGREES: dict\[str, int\] = \{[^}]*\}", "DEGREES: dict[str, int] = {}", made.source)
        assert of(Kernel(made.plan, tables), huge)["y"] == math.inf


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_stands_beside_the_data_may_be_far_larger(dtype: str) -> None:
    """Running statistics of a few units beside subnormal data, or of zero beside huge data; a mean that cancels."""
    made = kernel("batch_renorm")
    assert licence(made.plan).reaches["eps"] == 2 and licence(made.plan).reaches["running_std"] == 1
    for stress in SMALL:
        bar = 32 if stress.name == "subnormal" else 4
        assert max(computed(made, stress, dtype).values()) <= bar, stress.name
    near = Kernel(made.plan, made.source.replace('"running_std": 1}', '"running_std": 40}'))
    (subnormal,) = [stress for stress in SMALL if stress.name == "subnormal"]
    assert max(computed(near, subnormal, dtype).values()) == math.inf
    rounded = Kernel(made.plan, made.source)
    rounded.module._rounded_off = lambda a, b, difference: 0 * difference
    (alternating,) = [stress for stress in SMALL if stress.change == "alternating"]
    assert max(computed(rounded, alternating, dtype).values()) > 10


@pytest.mark.parametrize("style", ["reference", "fast"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("family", "plain"),
    [
        ("cotangents apart", lambda dy, weights, grid: [exponents(np.max(np.abs(dy)))]),
        ("cotangents overflow", lambda dy, weights, grid: [np.int32(0)]),
        ("cotangents vanish", lambda dy, weights, grid: [np.int32(0)]),
        ("products overflow", lambda dy, weights, grid: [np.int32(0)]),
        ("products vanish", lambda dy, weights, grid: [np.int32(0)]),
    ],
)
def test_cotangents_that_are_not_scaled_row_by_row_lose_digits(
    family: str, plain: Any, dtype: str, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stress,) = [stress for stress in SMALL if stress.name == family]
    made = kernel("layer_norm", style=style)
    assert max(computed(made, stress, dtype).values()) <= 4
    again = "if not all(np.all(np.isfinite(value)) for value in found.values()):"  # nor is anything tried again
    blind = Kernel(made.plan, made.source.replace(again, "if False:"))
    monkeypatch.setattr(blind.module, "factors", plain)
    assert max(computed(blind, stress, dtype).values()) > 100


@pytest.mark.parametrize("family", ["mean 1e6", "sums overflow", "squares overflow", "tiny", "subnormal"])
def test_without_care_the_same_formulas_fail(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Kernel(kernel("layer_norm").plan, kernel("layer_norm").source)
    monkeypatch.setattr(made.module, "prepared", lambda given, weights, grid, xp: (given, made.module.Units()))
    (stress,) = [stress for stress in SMALL if stress.name == family]
    assert max(computed(made, stress, "float32").values()) > 100


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("value", [0.0, 1.1, -1e4, "max", "tiny", "smallest_subnormal"])
def test_a_constant_row_is_exactly_beta(value: Any, dtype: str) -> None:
    number = float(getattr(np.finfo(dtype), value)) if isinstance(value, str) else value
    made = kernel("layer_norm")
    for count in (2, 3, 7, 1000):
        x, beta = np.full((2, count), number, dtype), np.linspace(-1, 1, count).astype(dtype)
        y, saved = made.forward(x, np.full(count, 3, dtype), beta)
        assert np.array_equal(y, [beta, beta])
        assert np.all(np.isfinite(made.backward(y, saved)["x"]))


def test_a_nan_stays_in_its_row() -> None:
    x = np.random.default_rng(0).standard_normal((3, 5))
    x[1, 2] = math.nan
    y, _ = kernel("layer_norm").forward(x, np.ones(5), np.zeros(5))
    assert np.array_equal(np.isnan(y).all(axis=1), [False, True, False]) and np.isnan(y).sum() == 5


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 100, 1023])
def test_careful_sums_are_sums(count: int) -> None:
    whole = np.random.default_rng(count).integers(-1000, 1000, (3, count, 2)).astype("float32")
    kept = whole.copy()
    assert np.array_equal(CAREFUL.sum(whole, (1,)), whole.sum(axis=1, keepdims=True))
    assert np.array_equal(CAREFUL.sum(whole, (0, 1)), whole.sum(axis=(0, 1), keepdims=True))
    assert np.array_equal(whole, kept) and not np.shares_memory(CAREFUL.sum(whole[:, :1], (1,)), whole)


def test_careful_sums_are_rounded_once() -> None:
    many = np.full((2**16 + 1, 1), 0.1, "float32")
    exact = float(many[0, 0]) * len(many)
    assert abs(float(CAREFUL.sum(many, (0,))[0, 0]) - exact) <= 6e-8 * exact


def test_exponents() -> None:
    assert exponents(np.array([1.0, 0.5, 3.0, math.inf, math.nan])).tolist() == [1, 0, 2, 0, 0]
    assert exponents(np.array([0.0]))[0] < -(2**15)


def test_what_a_formula_adds_up() -> None:
    a, b, c = (scalar(name) for name in "abc")
    assert [repr(term) for term in terms(a * (b - c) / b + c)] == ["a*b/b", "a*c/b", "c"]


# --- the licence ------------------------------------------------------------------------------------------------------

N, C = axes("N C")


def own(name: str, y: Any) -> Kernel:
    """A user's own normalizer of x over (N, C), with eps."""

    def body(x: Tensor = tensor("x", N, C), eps: Tensor = scalar("eps", positive=True)) -> Equations:
        mu = mean(x, over=C)
        var = mean((x - mu) ** 2, over=C)
        return equations(mu=mu, var=var, y=y(x, mu, var, eps))

    body.__name__ = name
    made = normalizer(title=name, source="none", layout="N* C*", constants=("eps",), register=False)(body)
    return kernel(made)


def test_a_normalizer_of_ones_own_gets_the_same_care() -> None:
    made = own("own", lambda x, mu, var, eps: (x - mu) / sqrt(var + eps))
    found = licence(made.plan)
    assert dict(found.degrees) == {"x": 1, "eps": 2, "mu": 1, "var": 2} and dict(found.shifts) == {"x": 1, "mu": 1}
    assert (found.scaled, found.centred, found.apart, len(found.claims)) == (("N",), ("C",), (("N",),), 3)
    assert "y(a*x, a**2*eps) = y" in " ".join(made.source.split())
    for stress in SMALL:
        assert max(computed(made, stress, "float32").values()) <= (32 if stress.name == "subnormal" else 4)


@pytest.mark.parametrize(
    ("name", "y", "degrees", "shifts"),
    [
        ("one_under_the_root", lambda x, mu, var, eps: (x - mu) / sqrt(var + 1) * eps, False, True),
        ("uncentred", lambda x, mu, var, eps: x / sqrt(var + eps), True, False),
        ("mean_left_in", lambda x, mu, var, eps: mu**2 / var, True, False),
        ("degrees_that_clash", lambda x, mu, var, eps: (x - mu) / sqrt(var + eps) + eps, False, True),
    ],
)
def test_what_is_not_proved_is_not_done(name: str, y: Any, degrees: bool, shifts: bool) -> None:
    found = licence(own(name, y).plan)
    assert (bool(found.degrees), bool(found.shifts)) == (degrees, shifts)


@pytest.mark.parametrize(("weight", "shifted"), [(lambda w: 1 - w, True), (lambda w: 1 + w, False)])
def test_a_mean_of_means_takes_up_a_shift_where_their_weights_add_up_to_one(weight: Any, shifted: bool) -> None:
    def body(
        x: Tensor = tensor("x", N, C), w: Tensor = scalar("w"), eps: Tensor = scalar("eps", positive=True)
    ) -> Equations:
        rows, columns = mean(x, over=C), mean(x, over=N)
        share, other = w / (w + eps), weight(w / (w + eps))
        mu = share * rows + other * columns
        return equations(rows_mean=rows, columns_mean=columns, share=share, other=other, mu=mu, y=x - mu)

    made = normalizer(title="shares", source="none", layout="N C", constants=("eps",), register=False)(body)
    found = licence(kernel(made).plan)
    assert found.shifts == ({"x": 1, "rows_mean": 1, "columns_mean": 1, "mu": 1} if shifted else {})
    assert set(found.centred) == ({"N", "C"} if shifted else set()) and found.middle == shifted


def test_a_gradient_that_is_wrong_costs_the_licence() -> None:
    plan = kernel("layer_norm").plan
    wrong = {**plan.gradients, "x": plan.gradients["x"] + tensor("x_hat", N, C)}
    assert licence(plan).degrees and not licence(replace(plan, gradients=wrong)).degrees


def test_a_gradient_that_mixes_rows_costs_the_licence_to_scale_them_apart() -> None:
    plan = kernel("layer_norm").plan
    assert licence(plan).apart == (("N",),) and licence(kernel("instance_norm").plan).apart == (("C",), ("N", "C"))
    dy = tensor("dy", N, C)
    mixed = {**plan.gradients, "x": plan.gradients["x"] + mean(dy, over=N)}
    squared = {**plan.gradients, "x": plan.gradients["x"] * dy}
    assert not licence(replace(plan, gradients=mixed)).apart
    assert not licence(replace(plan, gradients=squared)).apart


def test_a_licence_is_of_its_own_formulas_alone() -> None:
    """With sums in place of the means nothing is invariant to a shift, whatever was proved of the means before."""
    plan = kernel("layer_norm").plan
    assert licence(plan).shifts
    summed = {name: as_sums(formula) for name, formula in plan.equations.items()}
    found = licence(replace(plan, equations=summed))
    assert not found.shifts and dict(found.degrees) == dict(licence(plan).degrees)


def as_sums(formula: Tensor) -> Tensor:
    (new,) = rebuild((formula,), lambda node, args: total(args[0], node.data) if node.op == "mean" else None)
    return new


# --- powers above the square ------------------------------------------------------------------------------------------


def quartic(x: Tensor = tensor("x", N, C)) -> Equations:
    s = sqrt(sqrt(mean(x**4, over=C)))
    return equations(s=s, y=x / s)


QUARTIC = normalizer(title="Fourth moment", source="none", layout="N* C", register=False)(quartic)
X = np.random.default_rng(0).standard_normal((5, 24))
DY = np.random.default_rng(1).standard_normal((5, 24))


def scaled(made: Kernel, exponent: int, dtype: str, **options: float) -> float:
    """How far the output and the gradient at rows scaled by a power of two are off those in long double."""
    x, dy = np.ldexp(X, exponent).astype(dtype), DY.astype(dtype)
    y, saved = made.forward(x, **options)
    dx = np.ldexp(made.backward(dy, saved)["x"].astype(float), exponent)
    wide, p = np.asarray(np.ldexp(x.astype(np.longdouble), -exponent)), options.get("p", 4)
    count = 1 if "p" in options else wide.shape[-1]  # a norm is a sum, a moment is a mean
    s = (np.sum(np.abs(wide) ** p, axis=-1, keepdims=True) / count) ** (1 / np.longdouble(p))
    wanted = wide / s
    along = (dy * wide).sum(-1, keepdims=True) / (s**p * count)
    gradient = (dy - along * np.sign(wide) * np.abs(wide) ** (p - 1)) / s
    return float(max(np.max(np.abs(y - wanted)), np.max(np.abs(dx - gradient)) / np.max(np.abs(gradient))))


@pytest.mark.parametrize("style", ["reference", "fast"])
@pytest.mark.parametrize(
    ("dtype", "far"), [("float32", (-45, -39, -35, -20, 30, 35, 39)), ("float64", (-390, -350, 300))]
)
def test_fourth_powers_neither_overflow_nor_vanish(style: str, dtype: str, far: tuple[int, ...]) -> None:
    made, bar = kernel(QUARTIC, style=style), {"float32": 1e-6, "float64": 1e-14}[dtype]
    assert licence(made.plan).highest == 5  # s**3 times the root of the sum divides the gradient
    assert max(scaled(made, exponent, dtype) for exponent in (0, *far)) < bar
    blind = Kernel(made.plan, made.source.replace("HIGHEST = 5", "HIGHEST = 1"))
    assert max(scaled(blind, exponent, dtype) for exponent in far) > 100 * bar


@pytest.mark.parametrize("p", [3.0, 12.5, 30.0])
def test_powers_that_only_the_caller_knows(p: float) -> None:
    made = kernel("unit_length", "lp")
    assert licence(made.plan).highest == 0
    assert max(scaled(made, exponent, "float32", p=p) for exponent in (-20, -8, -3, 0, 3, 20)) < 2e-6 * p
