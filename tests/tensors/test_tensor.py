"""Tensors: broadcasting by shared axes, the SymPy expression, exact numbers, and indices that nothing can capture."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from symnorm.errors import AxisError, SymnormError
from symnorm.tensors import Loss, Relation, Tensor, as_tensor, axes, equal, mean, scalar, tensor, total, unequal
from symnorm.tensors.nodes import Cotangent, Curvature

N, C, K = axes("N C K")
M = N.copy("M")
x, w, v, a = tensor("x", N, C), tensor("w", C), tensor("v", N), scalar("a")
n, c = N.index, C.index
X, W, V = (sp.IndexedBase(name, real=True) for name in "xwv")
A = sp.Symbol("a", real=True)


# --- broadcasting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (x + w, (N, C)),
        (w + x, (N, C)),
        (w * v, (C, N)),
        (v * w, (N, C)),
        (a - x, (N, C)),
        (x / a, (N, C)),
        (2 * a, ()),
        (-x, (N, C)),
        (abs(w), (C,)),
        (x**a, (N, C)),
        (v * v.rename({N: M}), (N, M)),
    ],
    ids=repr,
)
def test_tensors_broadcast_by_the_axes_they_share(made: Tensor, expected: tuple[Any, ...]) -> None:
    assert made.axes == expected


def test_one_name_of_two_sizes_is_refused_with_both() -> None:
    with pytest.raises(AxisError, match=r"axis N has size (3|N) in one tensor and (3|N) in another"):
        v + tensor("u", N.fixed(3))


def test_an_exponent_has_no_axes() -> None:
    with pytest.raises(AxisError, match=r"an exponent has no axes; w has \(C,\)"):
        x**w


def test_a_tensor_is_no_sequence_and_a_relation_no_truth() -> None:
    with pytest.raises(TypeError, match="cannot be iterated"):
        list(x)
    for relation in (x > 0, x >= 0, x < 0, x <= 0, equal(x, 0), unequal(x, 0)):
        with pytest.raises(SymnormError, match="is a statement, not True or False; prove it"):
            bool(relation)


def test_a_relation_is_one_of_six() -> None:
    with pytest.raises(SymnormError, match="a relation is one of == != >= > <= <, not '=>'"):
        Relation.of(a, "=>", 0)
    assert [repr(r) for r in (a > 0, a <= 1, equal(a, 1), unequal(1, a))] == ["a > 0", "a <= 1", "a == 1", "1 != a"]


# --- the expression --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (x, X[n, c]),
        (a, A),
        (x + w, X[n, c] + W[c]),
        (x - w, X[n, c] - W[c]),
        (x * a / 2, A * X[n, c] / 2),
        (x / w, X[n, c] / W[c]),
        (x**2, X[n, c] ** 2),
        (x ** Fraction(-1, 2), X[n, c] ** sp.Rational(-1, 2)),
        (abs(-x), sp.Abs(X[n, c])),
        (as_tensor(N) * x, N.size * X[n, c]),
        (v.rename({N: M}), V[M.index]),
        (x + 0, X[n, c]),
        (1 * x, X[n, c]),
    ],
    ids=repr,
)
def test_the_expression_is_ordinary_sympy(made: Tensor, expected: sp.Expr) -> None:
    assert made.expr == expected


def test_a_mean_is_a_sum_over_an_index_of_its_own() -> None:
    found = mean(x, over=N).expr
    (bound,) = found.atoms(sp.Sum)
    ((index, first, last),) = bound.limits
    assert isinstance(index, sp.Dummy) and (first, last) == (1, N.size)
    assert found == sp.Sum(X[index, c], (index, 1, N.size)) / N.size
    assert index not in found.free_symbols and n not in found.free_symbols and c in found.free_symbols


def bound_indices(expr: sp.Expr) -> list[sp.Dummy]:
    return [limit[0] for node in sp.preorder_traversal(expr) if isinstance(node, sp.Sum) for limit in node.limits]


def test_nothing_is_captured_where_one_name_is_bound_and_free() -> None:
    square = v * total(v**2, over=N)  # v_n sum_n' v_n'^2
    assert n in square.expr.free_symbols
    (inner,) = bound_indices(square.element)
    assert square.expr == V[n] * sp.Sum(V[inner] ** 2, (inner, 1, N.size))
    outer = total(square, over=N)
    assert n not in outer.expr.free_symbols
    found = bound_indices(outer.element)
    assert len(found) == 2 == len(set(found)), "each sum has a bound index of its own"


def test_each_sum_has_an_index_of_its_own_even_where_one_tensor_is_used_twice() -> None:
    once = total(v, over=N)
    product = total(once * v, over=N) * total(once + v, over=N)
    nested = [node for node in sp.preorder_traversal(product.element) if isinstance(node, sp.Sum)]
    for node in nested:
        inside = bound_indices(node.function)
        assert node.limits[0][0] not in inside


def test_the_element_is_as_it_was_written_and_the_expression_as_sympy_has_it() -> None:
    assert (w / w).expr == 1
    assert (w / w).element != 1 and (w / w).element.has(W[c])
    assert (x - x).expr == 0 and (x - x).element != 0


def test_the_declaration_is_in_the_symbol() -> None:
    assert tensor("p", N, positive=True).expr.is_positive
    assert scalar("q", nonnegative=True).expr.is_nonnegative and not scalar("q", nonnegative=True).expr.is_positive
    assert scalar("k", integer=True).expr.is_integer
    assert scalar("z", nonzero=True).expr.is_nonzero
    assert not x.expr.is_positive and x.expr.is_real


def test_it_shows_as_latex_in_a_notebook() -> None:
    assert a._repr_latex_() == r"$\displaystyle a$"
    assert r"\sum" in total(x, over=N)._repr_latex_()


def test_a_loss_is_a_function_of_the_whole_output() -> None:
    dy = Loss("L").cotangent(x)
    assert isinstance(dy.expr, Cotangent) and dy.axes == (N, C)
    assert {n, c} <= dy.expr.free_symbols and not set(dy.expr.slots) & dy.expr.free_symbols
    assert dy.expr.loss == sp.Symbol("L")
    second = Loss("L").curvature(v, (M,))
    assert isinstance(second.expr, Curvature) and second.axes == (N, M)
    assert second.expr.indices == (n, M.index)


def test_a_loss_does_not_care_which_axis_was_written_first() -> None:
    # the slots are dummies: compared where both put the same two in
    one, other = (Loss("L").cotangent(t).expr for t in (w * v, v * w))
    slots = (sp.Dummy("i"), sp.Dummy("j"))
    bodies = [found.body.xreplace(dict(zip(found.slots, slots, strict=True))) for found in (one, other)]
    assert bodies[0] == bodies[1] and one.indices == other.indices


# --- what can be a tensor --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, sp.Integer(3)),
        (Fraction(1, 10), sp.Rational(1, 10)),
        (N, N.size),
        (N.size**2 - 1, N.size**2 - 1),
        (sp.pi, sp.pi),
        (sp.Rational(2, 3), sp.Rational(2, 3)),
    ],
)
def test_exact_numbers_and_sizes_are_tensors(value: Any, expected: sp.Expr) -> None:
    made = as_tensor(value)
    assert (made.op, made.axes, made.expr) == ("const", (), expected)


@pytest.mark.parametrize("value", [0.1, 1j, True, False])
def test_inexact_numbers_are_refused(value: Any) -> None:
    with pytest.raises(SymnormError, match="is not exact; write an int or a Fraction") as error:
        x + value
    assert repr(value) in str(error.value)


@pytest.mark.parametrize(
    "value", [sp.Float(0.5), X[n, c], sp.Sum(X[n, c], (n, 1, 3)), n, "x", None, [1], sp.Matrix([1])]
)
def test_anything_else_is_refused_with_its_type(value: Any) -> None:
    with pytest.raises(SymnormError, match=f"cannot use .* of type {type(value).__name__} as a tensor"):
        as_tensor(value)
