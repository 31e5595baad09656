"""Gradients of normalizers against formulas written by hand from the papers, to 45 digits at random points."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from symnorm.calculus import gradient, vjp
from symnorm.normalizers import REGISTRY, Normalizer, batch_norm, batch_renorm, weight_norm
from symnorm.tensors import Loss, Tensor, inputs, rebuild, tensor
from tests.calculus.battery import SIZES, along, disagreements, mapped, moved, numbers, plain, point
from tests.calculus.by_number import Complex, decimal, evaluate, loss_first, mp

BATCH = {"N": 4, "C": 3}
SQRT = np.vectorize(mp.sqrt, otypes=[object])


def batch() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """A point as fractions and as decimals."""
    values = point([*batch_norm.inputs.values(), tensor("dy", *batch_norm.inputs["x"].axes)], 11, BATCH)
    return values, {name: mapped(decimal, array) for name, array in values.items()}


def same(tensor: Tensor, values: dict[str, np.ndarray], expected: np.ndarray) -> bool:
    """Whether a graph has these values."""
    found = plain(tensor, values, Complex, BATCH)
    assert found.shape == expected.shape
    return all(Complex.close(a, b) for a, b in zip(found.ravel(), expected.ravel(), strict=True))


def test_batch_norm_against_the_textbook_form() -> None:
    values, at = batch()
    y, x, gamma, beta = batch_norm(), *(batch_norm.inputs[name] for name in ("x", "gamma", "beta"))
    found = vjp(y, tensor("dy", *x.axes), [x, gamma, beta])
    s = SQRT(((at["x"] - at["x"].mean(0)) ** 2).mean(0) + at["eps"])
    x_hat = (at["x"] - at["x"].mean(0)) / s
    dy = at["dy"]
    assert same(found.of(x), values, at["gamma"] / s * (dy - dy.mean(0) - x_hat * (dy * x_hat).mean(0)))
    assert same(found.of(gamma), values, (dy * x_hat).sum(0))
    assert same(found.of(beta), values, dy.sum(0))
    # and the comparison can fail: without the x_hat term, with N - 1 for N
    assert not same(found.of(x), values, at["gamma"] / s * (dy - dy.mean(0)))
    unbiased = SQRT(((at["x"] - at["x"].mean(0)) ** 2).sum(0) / 3 + at["eps"])
    assert not same(found.of(gamma), values, (dy * x_hat * s / unbiased).sum(0))


def test_batch_norm_against_the_chain_of_its_paper() -> None:
    # Ioffe & Szegedy 2015, the six equations at the end of section 3.
    values, at = batch()
    x, m = at["x"], BATCH["N"]
    mu = x.mean(0)
    s2 = ((x - mu) ** 2).mean(0) + at["eps"]
    dx_hat = at["dy"] * at["gamma"]
    dvar = (dx_hat * (x - mu)).sum(0) * (-1) / (2 * s2 * SQRT(s2))
    dmu = (dx_hat * (-1) / SQRT(s2)).sum(0) + dvar * (-2 * (x - mu)).sum(0) / m
    dx = dx_hat / SQRT(s2) + dvar * 2 * (x - mu) / m + dmu / m
    symbol = batch_norm.inputs["x"]
    steps = vjp(batch_norm(), tensor("dy", *symbol.axes), [symbol]).steps
    assert [step.name for step in steps] == ["dx_hat", "dvar", "dmu", "dx"]
    for step, expected in zip(steps, (dx_hat, dvar, dmu, dx), strict=True):
        assert same(step.result, values, expected)


def test_weight_norm_against_equation_3_of_its_paper() -> None:
    # Salimans & Kingma 2016: dg = <dw, v>/|v|, dv = g/|v| dw - g dg/|v|^2 v
    sizes = {"C": 2, "K": 3}
    v, g = weight_norm.inputs["v"], weight_norm.inputs["g"]
    dw = tensor("dw", *v.axes)
    values = point([v, g, dw], 2, sizes)
    at = {name: mapped(decimal, array) for name, array in values.items()}
    length = SQRT((at["v"] ** 2).sum(1))
    dg = (at["dw"] * at["v"]).sum(1) / length
    dv = (at["g"] / length)[:, None] * at["dw"] - (at["g"] * dg / length**2)[:, None] * at["v"]
    found = vjp(weight_norm(), dw, [v, g])
    for variable, expected in ((v, dv), (g, dg)):
        got = plain(found.of(variable), values, Complex, sizes)
        assert all(Complex.close(a, b) for a, b in zip(got.ravel(), expected.ravel(), strict=True))


# those with quantities that are known only through relations: test_implicit
EVERY = [mode for found in REGISTRY.values() for mode in (found, *found.modes.values()) if not mode.auxiliary]


@pytest.mark.parametrize("normalizer", EVERY, ids=lambda normalizer: normalizer.name)
def test_every_gradient_by_number(normalizer: Normalizer) -> None:
    equations = normalizer.instance()
    below = inputs(equations.output)
    assert disagreements(equations.output, [below[name] for name in normalizer.differentiable]) == []
    for update in equations.updates.values():
        assert disagreements(update, list(inputs(update).values())) == []


@pytest.mark.parametrize("normalizer", EVERY, ids=lambda normalizer: normalizer.name)
def test_every_gradient_of_an_unknown_loss_by_number(normalizer: Normalizer) -> None:
    first = next(iter(normalizer.inputs.values()))
    output = normalizer()
    dx = gradient(Loss("L"), output, first)
    values = point(inputs(dx).values(), 4)
    # The derivative of the loss itself, through the concrete one that the tests put in its place.
    y = evaluate(output, numbers(values, {}, Complex), SIZES, Complex)
    slopes = mapped(Complex.real, loss_first(y, Complex.number))
    got = along(first.axes, dx, values, Complex)
    for place in np.ndindex(got.shape):
        unit = np.full(got.shape, Fraction(0), dtype=object)
        unit[place] = Fraction(1)
        assert Complex.close(got[place], (slopes * moved(output, values, {first.data.name: unit}, Complex)).sum())


def test_renorm_without_its_stops_is_another_gradient() -> None:
    x = batch_renorm.inputs["x"]
    dy = tensor("dy", *x.axes)
    stopped = batch_renorm.mode("unclipped")()
    (open_,) = rebuild((stopped,), lambda node, args: args[0] if node.op == "stop" else None)
    values = point(inputs(stopped, dy).values(), 9)
    assert (plain(stopped, values, Complex) == plain(open_, values, Complex)).all()
    with_stop, without = vjp(stopped, dy, [x]).of(x), vjp(open_, dy, [x]).of(x)
    # Without the stops the output is the affine map of inference, and so is its gradient.
    at = {name: mapped(decimal, array) for name, array in values.items()}
    affine = at["dy"] * at["gamma"] / at["running_std"]
    found = plain(without, values, Complex)
    assert all(Complex.close(a, b) for a, b in zip(found.ravel(), affine.ravel(), strict=True))
    assert abs(plain(with_stop, values, Complex) - affine).max() > 0.01
