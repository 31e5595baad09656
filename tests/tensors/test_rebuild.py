"""Rebuilding: substitution, sizes, splitting and renaming keep the meaning, and what does not fit is refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symnorm.errors import AxisError, SymnormError
from symnorm.evaluate import Model, Number, OutsideDomain, Undetermined, agree, evaluate, provably_differ
from symnorm.tensors import (
    Axis,
    Loss,
    Tensor,
    axes,
    delta,
    inputs,
    mean,
    rebuild,
    scalar,
    split,
    sqrt,
    substitute,
    tensor,
    total,
    walk,
    with_sizes,
)
from symnorm.tensors.tensor import ELEMENT
from tests.tensors.graphs import extent, graphs, point

N, C, K, G = axes("N C K G")
M = N.copy("M")
x, w, v, a = tensor("x", N, C), tensor("w", C), tensor("v", N), scalar("a")


def entries(made: Tensor, model: Model) -> dict[tuple[int, ...], Number | None]:
    """The values at every index, ``None`` where the formula is not defined."""
    found: dict[tuple[int, ...], Number | None] = {}
    for at in product(*(range(1, extent(axis, model.sizes) + 1) for axis in made.axes)):
        places = {axis.index: i for axis, i in zip(made.axes, at, strict=True)}
        try:
            found[at] = evaluate(made.element, model, places)
        except (OutsideDomain, Undetermined):
            found[at] = None
    return found


def same(a: Number | None, b: Number | None) -> bool:
    if a is None or b is None:
        return a is b
    return not provably_differ(a, b)


# --- the element and the expression ----------------------------------------------------------------------------------


@settings(max_examples=120)
@given(graphs(), st.integers(1, 3), st.integers(1, 3), st.integers(0, 10**6))
def test_the_expression_means_what_the_element_means(made: Tensor, rows: int, columns: int, seed: int) -> None:
    model = point(seed, {"N": rows, "C": columns}, made)
    found = entries(made, model)
    assume(any(value is not None for value in found.values()))
    for at, value in found.items():
        if value is not None:  # SymPy cancels, so the expression is defined at more points
            places = {axis.index: i for axis, i in zip(made.axes, at, strict=True)}
            try:
                evaluated = evaluate(made.expr, model, places)
            except Undetermined:
                continue
            assert agree(value, evaluated, scale=1) or not provably_differ(value, evaluated)


@settings(max_examples=60)
@given(graphs())
def test_free_symbols_are_those_of_its_axes_inputs_and_sizes(made: Tensor) -> None:
    indices = {axis.index for node in walk(made) for axis in node.axes}
    names = {*inputs(made), "N", "C", "L"}
    # an entry counts its base among the free symbols as well as its label
    free = {symbol for symbol in made.element.free_symbols if isinstance(symbol, sp.Symbol)}
    assert free & indices <= {axis.index for axis in made.axes}
    assert {str(symbol) for symbol in free - indices} <= names
    assert not any(isinstance(symbol, sp.Dummy) for symbol in free)


# --- walking ---------------------------------------------------------------------------------------------------------


def test_a_walk_meets_every_node_once_and_arguments_first() -> None:
    shared = x * x
    nodes = list(walk(shared + shared, sqrt(shared)))
    assert len(nodes) == len({id(node) for node in nodes}) == 4
    seen: set[int] = set()
    for node in nodes:
        assert all(id(arg) in seen for arg in node.args)
        seen.add(id(node))


def test_a_walk_is_not_recursive() -> None:
    deep = a
    for _ in range(5000):
        deep = deep + 1
    assert sum(1 for _ in walk(deep)) == 5000 + 5000 + 1  # sums, ones, and a


def test_inputs_are_listed_by_name_in_order_of_appearance() -> None:
    assert list(inputs(w * x + a, v)) == ["w", "x", "a", "v"]


def test_one_name_over_different_axes_is_refused() -> None:
    with pytest.raises(AxisError, match=r"x is declared over \(N, C\) and over \(C,\)"):
        inputs(x + tensor("x", C))


def test_what_does_not_change_is_kept() -> None:
    made = mean(x, over=N) * w
    assert rebuild((made,), lambda node, args: None) == (made,)
    (changed,) = rebuild((made,), lambda node, args: v if node is x else None)
    assert changed.axes == (C,) and [leaf.data.name for leaf in inputs(changed).values()] == ["v", "w"]


# --- substitution ----------------------------------------------------------------------------------------------------

VALUES = {
    "x": [x * x, 2 * w, v - 1, a * x],
    "w": [w + 1, -w, a * a],
    "v": [mean(x, over=C), v * v],
    "s": [a, a - 1],
    "p": [a * a + 1],  # an expression keeps what the declaration of the input promises
    "q": [w * w],
    "z": [v * v + 1, -1 - a * a],
}


def substituted_wrongly(made: Tensor, name: str, value: Tensor, seed: int) -> list[tuple[int, ...]]:
    """Where the formula with the value put in differs from the formula at a point with the value's entries."""
    (changed,) = substitute((made,), {name: value})
    model = point(seed, {"N": 2, "C": 3}, made, value)
    leaf, known = inputs(made)[name], entries(value, model)
    there = {}
    for at in product(*(range(1, extent(axis, model.sizes) + 1) for axis in leaf.axes)):
        places = dict(zip(leaf.axes, at, strict=True))
        there[at] = known[tuple(places[axis] for axis in value.axes)]
    scalars = dict(model.scalars) | ({} if leaf.axes else {name: there[()]})
    tensors = dict(model.tensors) | ({name: there} if leaf.axes else {})
    found, expected = entries(changed, model), entries(made, Model(model.sizes, scalars, tensors, model.losses))
    wrong = []
    for at, want in expected.items():
        places = dict(zip(made.axes, at, strict=True))
        if not same(found[tuple(places[axis] for axis in changed.axes)], want):
            wrong.append(at)
    return wrong


@settings(max_examples=100)
@given(graphs(steps=5), st.data(), st.integers(0, 10**6))
def test_substituting_then_evaluating_is_evaluating_with_the_values(
    made: Tensor, data: st.DataObject, seed: int
) -> None:
    present = sorted(inputs(made).keys() & VALUES.keys())
    assume(present)
    name = data.draw(st.sampled_from(present))
    value = data.draw(st.sampled_from(VALUES[name]))
    assert substituted_wrongly(made, name, value, seed) == []


def test_the_comparison_shows_a_forgotten_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert substituted_wrongly(total(x, over=N), "x", 2 * w, 1) == []
    right = ELEMENT["total"]
    monkeypatch.setitem(ELEMENT, "total", lambda t: right(t) if t.args[0].axes != t.axes else t.args[0].element)
    assert substituted_wrongly(total(x, over=N), "x", 2 * w, 1) != []


def test_substitution_is_simultaneous() -> None:
    (swapped,) = substitute((a - 2 * scalar("b"),), {"a": scalar("b"), "b": a})
    assert swapped.expr == scalar("b").expr - 2 * a.expr


def test_substitution_captures_nothing() -> None:
    # x_nc := v_n under a sum over n: the bound index runs in v too, the free one of the outer v stays
    (changed,) = substitute((v * total(x, over=N),), {"x": v * w})
    model = point(1, {"N": 3, "C": 2}, changed)
    total_of_v = sum(model.tensors["v"].values())
    assert entries(changed, model) == {
        (i, j): model.tensors["v"][i,] * total_of_v * model.tensors["w"][j,] for i in (1, 2, 3) for j in (1, 2)
    }


def test_what_is_constant_along_an_axis_is_counted() -> None:
    (changed,) = substitute((total(x, over=N),), {"x": w})
    assert changed.axes == (C,) and changed.expr == N.size * w.expr
    (number,) = substitute((mean(x, over=(N, C)),), {"x": 3})
    assert number.axes == () and evaluate(number.element, Model({"N": 4, "C": 5})) == 3


def test_a_value_with_foreign_axes_is_refused() -> None:
    with pytest.raises(AxisError, match=r"w is declared over \(C,\); the expression x has axes \(N, C\)"):
        substitute((w * 2,), {"w": x})


def test_a_loss_stays_a_function_of_the_declared_output() -> None:
    (changed,) = substitute((Loss("L").cotangent(x),), {"x": w})
    assert changed.axes == (N, C)
    with pytest.raises(AxisError, match=r"a loss of an output over \(C,\) cannot take one with \[N\]"):
        rebuild((Loss("L").cotangent(w),), lambda node, args: x if node is w else None)


# --- sizes -----------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(graphs(steps=5), st.integers(1, 3), st.integers(0, 10**6))
def test_fixing_a_size_keeps_the_meaning_at_that_size(made: Tensor, rows: int, seed: int) -> None:
    model = point(seed, {"N": rows, "C": 2}, made)
    (fixed,) = with_sizes((made,), {"N": rows})
    assert "N" not in {str(symbol) for symbol in fixed.element.free_symbols}
    found, expected = entries(fixed, model), entries(made, model)
    assert found.keys() == expected.keys()
    assert all(same(found[at], expected[at]) for at in expected)


@settings(max_examples=40)
@given(graphs(steps=4), st.integers(0, 10**6))
def test_a_size_may_become_another_size(made: Tensor, seed: int) -> None:
    model = point(seed, {"N": 2, "C": 2}, made)
    (square,) = with_sizes((made,), {"N": C})
    found, expected = entries(square, model), entries(made, model)
    assert all(same(found[at], expected[at]) for at in expected)


def test_sizes_are_changed_in_axes_sums_renamings_and_numbers() -> None:
    made = total(v * v.rename({N: M}), over=M) * N.size
    (fixed,) = with_sizes((made,), {"N": 3})
    assert fixed.axes == (N.fixed(3),)
    assert evaluate(fixed.element, point(3, {}, fixed), {N.index: 1}) is not None
    assert not any(axis.size == N.size for node in walk(fixed) for axis in node.axes)


@pytest.mark.parametrize("size", [0, -1, Fraction(3, 2), sp.Rational(1, 2), sp.Integer(0)])
def test_a_size_is_a_positive_integer(size: object) -> None:
    with pytest.raises(AxisError, match=f"size N must be an integer of at least 1, not {size}"):
        with_sizes((x,), {"N": size})


def test_an_inexact_size_is_refused() -> None:
    with pytest.raises(SymnormError, match=r"2\.0 is not exact"):
        with_sizes((x,), {"N": 2.0})


# --- splitting -------------------------------------------------------------------------------------------------------


def test_splitting_cuts_the_axis_of_every_input_and_of_a_loss() -> None:
    cut = split((x - mean(x, over=C)) * C.size + Loss("L").cotangent(x * w), C, (G, K))
    assert cut.axes == (N, G, K)
    assert {name: leaf.axes for name, leaf in inputs(cut).items()} == {"x": (N, G, K), "w": (G, K)}
    assert "C" not in {str(symbol) for symbol in cut.element.free_symbols}


def test_splitting_an_axis_keeps_the_meaning() -> None:
    values = {(i, g, k): Fraction(i * g - k, 2) for i in (1, 2) for g in (1, 2, 3) for k in (1, 2)}
    flat = {(i, (g - 1) * 2 + k): value for (i, g, k), value in values.items()}
    weights = {(g, k): Fraction(g + k) for g in (1, 2, 3) for k in (1, 2)}
    plain = x - mean(x, over=C)
    parts = Model({"N": 2, "G": 3, "K": 2}, {}, {"x": values, "w": weights})
    whole = Model({"N": 2, "C": 6}, {}, {"x": flat, "w": {((g - 1) * 2 + k,): v for (g, k), v in weights.items()}})
    for made in (plain * C.size, total(x * w, over=C), mean(w, over=(N, C))):
        found, expected = entries(split(made, C, (G, K)), parts), entries(made, whole)
        for at, want in expected.items():
            where = dict(zip((axis.name for axis in made.axes), at, strict=True))
            if "C" in where:
                place = where.pop("C") - 1
                where |= {"G": place // 2 + 1, "K": place % 2 + 1}
            assert found[tuple(where[axis.name] for axis in split(made, C, (G, K)).axes)] == want


REFUSED: list[tuple[Callable[[], Tensor], str]] = [
    (lambda: split(v * v.rename({N: M}), N, (G, K)), r"cannot split N where it has a copy: \[M:N\]"),
    (lambda: split(v.rename({N: M}), N, (G, K)), "cannot split N where it has a copy"),
    (lambda: split(delta(N, M) * v, N, (G, K)), "cannot split N where it has a copy"),
    (lambda: split(x, N, (C, K)), r"cannot split N into \(C, K\): \['C'\] stands there already"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_an_axis_that_cannot_be_split_is_named(make: Callable[[], Tensor], message: str) -> None:
    with pytest.raises(AxisError, match=message):
        make()


# --- renaming --------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(graphs(steps=5), st.integers(0, 10**6))
def test_renaming_moves_values_and_captures_nothing(made: Tensor, seed: int) -> None:
    assume(N in made.axes)
    fresh = N.copy("Fresh")
    moved = made.rename({N: fresh})
    model = point(seed, {"N": 2, "C": 2}, made)
    assert moved.axes == tuple(fresh if axis == N else axis for axis in made.axes)
    found, expected = entries(moved, model), entries(made, model)
    assert found.keys() == expected.keys() and all(same(found[at], expected[at]) for at in expected)


@settings(max_examples=40)
@given(graphs(steps=4), st.integers(0, 10**6))
def test_a_renamed_copy_under_a_sum_is_independent_of_the_free_one(made: Tensor, seed: int) -> None:
    assume(N in made.axes and M not in made.axes)
    fresh = N.copy("Fresh")
    made_twice = made * total(made.rename({N: fresh}), over=fresh)
    model = point(seed, {"N": 3, "C": 2}, made)
    alone = entries(made, model)
    assume(None not in alone.values())
    position: Axis = N
    place = made.axes.index(position)
    for at, value in entries(made_twice, model).items():
        by_name = dict(zip((axis.name for axis in made_twice.axes), at, strict=True))
        here = tuple(by_name[axis.name] for axis in made.axes)
        column = [alone[(*here[:place], i, *here[place + 1 :])] for i in (1, 2, 3)]
        expected = sum(column[1:], column[0]) * alone[here]  # type: ignore[arg-type, operator]
        assert same(value, expected)
