"""Axes: values with a name, a size and an index, and what no axis may be."""

from __future__ import annotations

import pytest
import sympy as sp

from symnorm.errors import AxisError, SymnormError
from symnorm.tensors import Axis, Relation, axes, scalar, union
from symnorm.tensors.axis import Index

N, C, K = axes("N C K")


def test_an_axis_is_a_value() -> None:
    assert axes("N C")[0] == N == Axis("N") == Axis("N", N.size)
    assert len({*axes("N C"), *axes("C N")}) == 2
    assert len({N, N.copy("M"), N.fixed(3)}) == 3


def test_its_size_is_a_positive_integer_and_its_index_has_a_small_letter() -> None:
    assert N.size == sp.Symbol("N", integer=True, positive=True)
    assert str(Axis("Groups_2").index) == "groups_2"
    assert str(N.copy("N'").index) == "n'"


def test_an_index_is_never_taken_for_a_scalar_of_its_name() -> None:
    assert isinstance(N.index, Index)
    assert N.index != scalar("n").expr and N.index != sp.Symbol("n", integer=True)


def test_a_copy_has_the_same_size_and_an_index_of_its_own() -> None:
    copy = N.copy("M")
    assert copy.size == N.size and copy.index != N.index
    assert N.fixed(3).copy("M").size == 3


def test_a_fixed_axis_has_a_number() -> None:
    assert (N.fixed(4).size, N.fixed(4).index, repr(N.fixed(4))) == (4, N.index, "N:4")
    assert repr(N) == "N"


@pytest.mark.parametrize("name", ["", "n", "1N", "N C", "N-1", "_N", "'N", "N.x", "İx", "ǅ"])
def test_a_name_begins_with_a_capital_letter(name: str) -> None:
    with pytest.raises(AxisError, match="capital letter") as error:
        Axis(name)
    assert repr(name) in str(error.value)


@pytest.mark.parametrize("size", [0, -3, True, 1.0, "3", None, sp.Integer(2)])
def test_a_fixed_size_is_a_positive_int(size: object) -> None:
    with pytest.raises(AxisError, match="axis N needs a size of at least 1") as error:
        N.fixed(size)  # type: ignore[arg-type]
    assert repr(size) in str(error.value)


@pytest.mark.parametrize("size", [sp.Integer(0), sp.Integer(-1), sp.Rational(3, 2), sp.Float(2.0)])
def test_a_size_is_a_positive_integer(size: sp.Expr) -> None:
    with pytest.raises(AxisError, match="axis N needs a size of at least 1"):
        Axis("N", size)


@pytest.mark.parametrize("names", ["", "   ", "N N", "N C N"])
def test_axes_needs_different_names(names: str) -> None:
    with pytest.raises(AxisError, match="different names separated by spaces") as error:
        axes(names)
    assert repr(names) in str(error.value)


def test_a_union_keeps_the_longest_order() -> None:
    assert union((C,), (N, C)) == (N, C)
    assert union((C, N), (N, C)) == (C, N)
    assert union((K,), (C,)) == (K, C)
    assert union() == ()


def test_two_sizes_under_one_name_clash() -> None:
    with pytest.raises(AxisError, match="axis N has size 3 in one tensor and N in another"):
        union((N.fixed(3), C), (N,))


@pytest.mark.parametrize(
    ("relation", "text"), [(N >= 2, "N >= 2"), (N > 1, "N > 1"), (N <= C, "N <= C"), (N < 9, "N < 9")]
)
def test_a_comparison_of_sizes_is_a_statement(relation: Relation, text: str) -> None:
    assert repr(relation) == text
    with pytest.raises(SymnormError, match="is a statement, not True or False"):
        bool(relation)
