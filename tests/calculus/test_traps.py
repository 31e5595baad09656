"""Where derivatives of index expressions go wrong: captured indices, missing axes, diagonals, constants, names."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symnorm.calculus import gradient, jvp, vjp
from symnorm.errors import AxisError, SymnormError
from symnorm.normalizers import batch_norm
from symnorm.tensors import (
    Loss,
    delta,
    mean,
    rebuild,
    scalar,
    stop_gradient,
    tensor,
    total,
    walk,
    with_sizes,
)
from symnorm.tensors.tensor import Tensor
from tests.calculus.battery import along, disagreements, plain, point
from tests.calculus.by_number import Exact
from tests.calculus.samples import A, C, M, N, S, V, W, X, named


def test_derivative_of_a_sum_of_squares_is_at_the_free_index() -> None:
    found = vjp(total(V**2, over=N), 1, [V]).of(V)
    assert found.axes == (N,)
    assert found.expr == 2 * V.expr


def test_derivative_of_a_row_by_another_row_is_a_delta() -> None:
    # dv_m/dv_n, row by row: the cotangent selects m.
    row = total(delta(N, M) * V, over=N)
    assert vjp(row, tensor("g", M), [V]).of(V).axes == (N,)
    assert disagreements(row * row, [V]) == []


@pytest.mark.parametrize(
    "output",
    [
        V * total(V**2, over=N),  # the summed index and the free one have one name
        total(V * total(V**2, over=N), over=N),
        total(X * total(X * W, over=C), over=(N, C)),
        X.rename({N: M}) * X,  # a diagonal
        total(X.rename({N: M}) * X, over=(M, N)),
        total(A * V * V.rename({N: M}), over=(N, M)),  # a quadratic form
        total(A * V.rename({N: M}), over=M),
        A.rename({N: M, M: N}) * V - A,
        mean(V, over=(N, C)) * W,
        total(W, over=N) * total(S, over=(N, C)) * V,  # sums over axes that their arguments lack
    ],
    ids=str,
)
def test_indices(output: Tensor) -> None:
    wrt = [node for node in (X, V, W, S, A) if node in set(walk(output))]
    assert disagreements(output, wrt) == []


def test_a_constant_cotangent_counts_every_copy() -> None:
    # y_n = w: dw = sum_n 1 = N
    found = vjp(scalar("w") + 0 * V, 1, [scalar("w")]).of(scalar("w"))
    assert found.expr == N.size


def test_a_stopped_gradient_is_a_constant_of_its_value() -> None:
    found = vjp(stop_gradient(V) * V, 1, [V]).of(V)
    assert found.expr == V.expr
    assert vjp(stop_gradient(V**2), 1, [V]).of(V).expr == 0
    assert jvp(stop_gradient(V**2), {"v": V}).expr == 0


def test_what_nothing_depends_on_has_derivative_zero() -> None:
    found = vjp(V**2, tensor("g", N), [V, W])
    assert found.of(W).expr == 0
    assert found.of(W).axes == ()
    assert [step.name for step in found.steps] == ["dv"]
    assert jvp(V, {"w": W}).expr == 0


def test_one_input_in_several_declarations() -> None:
    again = tensor("v", N)
    assert vjp(V * again, 1, [tensor("v", N)]).of(again).expr == 2 * V.expr
    assert jvp(V * again, {"v": 1}).expr == 2 * V.expr


@pytest.mark.parametrize(
    "other", [tensor("v", C), tensor("v", N, C), tensor("v", N, positive=True), scalar("v")], ids=repr
)
def test_two_inputs_of_one_name_are_refused(other: Tensor) -> None:
    with pytest.raises(SymnormError, match="two inputs are called v"):
        vjp(V**2, 1, [other])
    with pytest.raises(SymnormError, match="two inputs are called v"):
        vjp(V * other, 1, [V])
    with pytest.raises(SymnormError, match="two inputs are called v"):
        jvp(V * other, {"v": 1})


def test_fixed_sizes_are_axes_of_their_own() -> None:
    (fixed,) = with_sizes((total(V**2, over=N),), {"N": 2})
    three = tensor("v", N.fixed(2))
    assert vjp(fixed, 1, [three]).of(three).axes == (N.fixed(2),)
    with pytest.raises(SymnormError, match="two inputs are called v"):
        vjp(fixed, 1, [V])


def test_rules_at_fixed_sizes() -> None:
    two, three = N.fixed(2), C.fixed(3)
    x, w = tensor("x", two, three), tensor("w", three)
    for output in (total(w**2, over=two) * x, mean(x * w, over=(two, three)), total(x, over=two) * mean(w, over=two)):
        assert disagreements(output, [x, w]) == []


def test_foreign_axes_are_refused() -> None:
    with pytest.raises(AxisError, match="cotangent"):
        vjp(V**2, X, [V])
    with pytest.raises(AxisError, match="tangent"):
        jvp(V**2, {"v": X})
    with pytest.raises(AxisError, match="cotangent"):
        vjp(total(V**2, over=N), V, [V])


def test_expressions_are_no_variables() -> None:
    with pytest.raises(SymnormError, match="first"):
        vjp(V**2, 1, [V**2])


def test_only_what_was_asked_for_is_answered() -> None:
    with pytest.raises(SymnormError, match="not asked for"):
        vjp(X * V, 1, [V]).of(X)


# --- named quantities -------------------------------------------------------------------------------------------------


def test_derivative_by_a_named_quantity_is_that_by_an_input_in_its_place() -> None:
    z = named("z", X * W)
    y = named("y", z**2 * V + mean(z, over=N) * X)
    free = tensor("z", N, C)
    (opened,) = rebuild((y,), lambda node, args: free if node is z else None)
    values = point([X, W, V], 3)
    inside = plain(z, values, Exact)
    by_name = vjp(y, 1, [z]).of(z)
    by_input = vjp(opened, 1, [free]).of(free)
    assert (plain(by_name, values, Exact) == plain(by_input, values | {"z": inside}, Exact)).all()
    assert (plain(by_name, values, Exact) != 0).any()


def test_a_quantity_and_an_input_below_it_at_once() -> None:
    z = named("z", X * W)
    y = named("y", z**2 * W)
    found = vjp(y, 1, [z, W, W])
    alone = vjp(y, 1, [W])
    assert found.of(z).expr == 2 * z.expr * W.expr
    assert [step.name for step in found.steps] == ["dz", "dw"]
    values = point([X, W], 5)
    assert (along(W.axes, found.of(W), values, Exact) == along(W.axes, alone.of(W), values, Exact)).all()
    by_hand = 3 * (values["x"] ** 2 * values["w"] ** 2).sum(0)  # y = x^2 w^3
    assert (along(W.axes, alone.of(W), values, Exact) == by_hand).all()


def test_a_quantity_is_the_very_one() -> None:
    z = named("z", X * W)
    y = named("y", z**2)
    with pytest.raises(SymnormError, match="another quantity"):
        vjp(y, 1, [named("z", X * W)])
    unrelated = named("unrelated", X)
    assert vjp(y, 1, [unrelated]).of(unrelated).expr == 0
    assert vjp(y, 1, [z]).of(z).expr == 2 * z.expr


def test_the_output_itself_is_a_variable() -> None:
    y = named("y", X * W)
    g = tensor("dy", N, C)
    assert vjp(y, g, [y]).of(y) is g


def test_names_of_adjoints_are_not_taken() -> None:
    dz = tensor("dz", C)
    z = named("z", W**2)
    y = named("y", z * X * dz)
    found = vjp(y, tensor("dy", N, C), [W])
    assert [step.name for step in found.steps] == ["dz_2", "dw"]


def test_a_seed_that_has_a_name_keeps_it() -> None:
    y = named("y", X * W)
    assert "dy" in {node.data.name for node in walk(gradient(Loss("L"), y, X)) if node.op == "let"}
    lets = [node for node in walk(vjp(y, tensor("dy", N, C), [X]).of(X)) if node.op == "let"]
    assert [str(let.data) for let in lets] == ["dx"]


def test_adjoints_have_no_foreign_axes_on_the_way() -> None:
    x = batch_norm.inputs["x"]
    y = batch_norm()
    for step in vjp(y, Loss("L").cotangent(y), [x]).applications:
        assert step.share is not None
        assert set(step.share.axes) <= set(step.argument.axes)


def test_a_long_chain_of_reused_nodes_is_visited_once_each() -> None:
    # 2^60 paths, 60 nodes
    y: Tensor = S
    for _ in range(60):
        y = y + y
    assert len(vjp(y, 1, [S]).applications) == 120
    values = {"s": np.array(Fraction(1), dtype=object)}
    assert plain(vjp(y, 1, [S]).of(S), values, Exact)[()] == 2**60
    assert plain(jvp(y, {"s": 1}), values, Exact)[()] == 2**60


def test_an_element_of_the_gradient_is_sympy() -> None:
    found = vjp(total(X**2, over=(N, C)), 1, [X]).of(X)
    assert found.expr == 2 * sp.IndexedBase("x", real=True)[N.index, C.index]
