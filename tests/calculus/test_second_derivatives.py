"""Derivatives of derivatives, and those of an unknown loss."""

from __future__ import annotations

import numpy as np
import pytest

from symnorm.calculus import gradient, jvp, vjp
from symnorm.calculus.rules import copies
from symnorm.normalizers import batch_norm, weight_norm
from symnorm.tensors import Axis, Loss, Tensor, axes, exp, mean, scalar, sqrt, tensor, total, walk
from symnorm.tensors.nodes import Curvature
from tests.calculus.battery import SIZES, algebra_of, along, disagreements, mapped, moved, plain, point
from tests.calculus.by_number import full
from tests.calculus.samples import A, C, N, P, V, W, X, named

L = Loss("L")

OUTPUTS = {
    "linear": X * W,
    "polynomial": named("y", X**3 * W - X * V),
    "quotient": named("y", X / (1 + total(X**2, over=N))),
    "centred": named("y", X - mean(X, over=N)),
    "square": A * A.rename({N: A.axes[1], A.axes[1]: N}),
    "reduced": total(X**2 * W, over=C),
    "scalar": total(V**3, over=N),
}


def variable(output: Tensor) -> Tensor:
    """The first of the usual inputs that an output is made of."""
    return next(node for node in (X, A, V) if node in set(walk(output)))


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_gradient_can_be_differentiated_again(name: str) -> None:
    output = OUTPUTS[name]
    x = variable(output)
    first = gradient(L, output, x)
    assert disagreements(first, [x]) == []


@pytest.mark.parametrize("name", OUTPUTS)
def test_three_ways_to_a_hessian_vector_product(name: str) -> None:
    output = OUTPUTS[name]
    x, v = variable(output), tensor("direction", *variable(output).axes)
    dx = gradient(L, output, x)
    values = point([*{node.data.name: node for node in walk(dx, v) if node.op == "input"}.values()], 5)
    algebra = algebra_of(dx)
    by_number = moved(dx, values, {x.data.name: values["direction"]}, algebra)
    by_number = full(by_number, dx.axes, x.axes, SIZES)
    for found in (jvp(dx, {x.data.name: v}), vjp(dx, v, [x]).of(x)):  # a Hessian is symmetric
        assert (along(x.axes, found, values, algebra) == by_number).all()
    assert (by_number != 0).any()


def test_the_gradient_of_a_gradient_penalty() -> None:
    # |dy/dx|^2 of y = sum w x^3, by hand: d/dx sum (3 w x^2)^2 = 36 w^2 x^3
    y = total(W * X**3, over=(N, C))
    penalty = total(vjp(y, 1, [X]).of(X) ** 2, over=(N, C))
    found = vjp(penalty, 1, [X]).of(X)
    values = point([X, W], 8)
    assert (plain(found, values, algebra_of(found)) == 36 * values["w"] ** 2 * values["x"] ** 3).all()


def test_second_derivative_of_exp_and_sqrt() -> None:
    y = exp(X * W) + sqrt(P + W**2)
    assert disagreements(vjp(y, 1, [W]).of(W), [W, X]) == []


@pytest.mark.parametrize("name", ["batch_norm", "weight_norm"])
def test_hessian_vector_products_of_normalizers(name: str) -> None:
    normalizer = {"batch_norm": batch_norm, "weight_norm": weight_norm}[name]
    x = next(iter(normalizer.inputs.values()))
    dx = gradient(L, normalizer(), x)
    v = tensor("direction", *x.axes)
    nodes = {node.data.name: node for node in walk(dx, v) if node.op == "input"}
    sizes = {"N": 3, "C": 2, "K": 3}
    values = point(nodes.values(), 6, sizes)
    algebra = algebra_of(dx)
    by_number = moved(dx, values, {x.data.name: values["direction"]}, algebra, sizes)
    for found in (jvp(dx, {x.data.name: v}), vjp(dx, v, [x]).of(x)):
        got = plain(found, values, algebra, sizes)
        assert all(algebra.close(a, b) for a, b in zip(got.ravel(), by_number.ravel(), strict=True))
    assert max(abs(by_number.ravel())) > 0.001


def test_the_curvature_appears_as_itself() -> None:
    found = jvp(gradient(L, X * W, X), {"x": tensor("v", N, C)})
    assert found.expr.has(Curvature)


@pytest.mark.parametrize(
    ("given", "primed"),
    [
        ("N C", ["N'", "C'"]),
        ("N N'", ["N''", "N'''"]),
        ("N' N", ["N''", "N'''"]),
        ("N'' N", ["N'''", "N'"]),
    ],
)
def test_copies_have_names_and_indices_of_their_own(given: str, primed: list[str]) -> None:
    old = axes(given)
    found = copies(old)
    assert [copy.name for copy in found.values()] == primed
    assert len({axis.index for axis in (*old, *found.values())}) == 2 * len(old)
    assert [copy.size for copy in found.values()] == [axis.size for axis in old]


def test_a_loss_of_a_matrix_over_an_axis_and_its_primed_copy() -> None:
    square = tensor("k", N, Axis("N'", N.size))
    assert disagreements(L.cotangent(square * V), [square, V]) == []


def test_the_check_would_see_a_transposed_curvature() -> None:
    # The concrete loss of the tests has a full Hessian: dropping its off-diagonal part changes products with it.
    values = point([V], 1)
    second = L.curvature(V, copies((N,)).values())
    hessian = plain(second, values, algebra_of(second))
    assert (hessian == hessian.T).all()
    assert (hessian != np.diag(np.diag(hessian))).any()
    assert len(set(mapped(abs, hessian).ravel())) == len(hessian) * (len(hessian) + 1) // 2


def test_loss_of_a_scalar() -> None:
    s = scalar("t")
    assert disagreements(gradient(L, s**2 * 3, s), [s]) == []
