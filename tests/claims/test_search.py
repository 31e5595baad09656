"""Points: they satisfy what is assumed, are the same each time, go past two, and give axes different sizes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symnorm.claims import decide
from symnorm.claims.assumptions import sort
from symnorm.claims.search import HOLDS, NUMBERS, SIZES, SMALL, Ground, fails_at, holds, points, satisfying
from symnorm.errors import AxisError, SymnormError
from symnorm.evaluate import ConcreteLoss, Model
from symnorm.tensors import (
    Loss,
    Relation,
    Tensor,
    as_tensor,
    axes,
    equal,
    log,
    mean,
    scalar,
    sqrt,
    tensor,
    total,
    unequal,
    var,
)
from tests.ids import stable
from tests.tensors.graphs import graphs

N, C, K = axes("N C K")
M = N.copy("M")
x, v, w = tensor("x", N, C), tensor("v", N), tensor("w", C)
a, b = scalar("a"), scalar("b")
p, q, k = scalar("p", positive=True), scalar("q", nonnegative=True), scalar("k", integer=True)
S = tensor("S", N, M, symmetric=True)


def drawn(statement: Tensor, *given: Relation, attempts: int = 24) -> list[Model]:
    assumed = sort(given)
    return list(points(Ground.of([statement]), assumed, attempts))


def found(statement: Tensor, *given: Relation, attempts: int = 48) -> list[Model]:
    assumed = sort(given)
    sides = [side for r in assumed.constraints for side in (r.left, r.right)]
    return list(satisfying(Ground.of([*assumed.applied(statement), *sides]), assumed, [], attempts))


# --- the ground ------------------------------------------------------------------------------------------------------


def test_a_ground_is_everything_that_is_mentioned() -> None:
    ground = Ground.of([mean(x, over=N) * a, total(w, over=K), Loss("L").cotangent(v)])
    assert ground.sizes == ("C", "K", "N")
    assert [leaf.data.name for leaf in ground.leaves] == ["x", "a", "w", "v"]
    assert ground.losses == ("L",)


def test_a_size_in_a_number_counts_and_a_fixed_one_does_not() -> None:
    assert Ground.of([as_tensor(N.size - 1) * a]).sizes == ("N",)
    assert Ground.of([tensor("u", N.fixed(3))]).sizes == ()


def test_one_loss_is_a_function_of_one_shape() -> None:
    Ground.of([Loss("L").cotangent(v), Loss("M").cotangent(x)])
    with pytest.raises(SymnormError, match=r"the loss L is a function of outputs of shape \[N\] and of \[C, N\]"):
        Ground.of([Loss("L").cotangent(v), Loss("L").cotangent(x)])


def test_a_size_and_an_input_have_different_names() -> None:
    with pytest.raises(SymnormError, match=r"\['N'\] name a size and an input"):
        Ground.of([v * scalar("N")])


def test_one_name_has_one_shape() -> None:
    with pytest.raises(AxisError, match="x is declared over"):
        Ground.of([x, tensor("x", N)])


# --- points ----------------------------------------------------------------------------------------------------------


def test_points_are_the_same_each_time() -> None:
    assert drawn(x * a) == drawn(x * a)
    assert drawn(x * a) != list(points(Ground.of([x * a]), sort([]), 24, seed=7))


def test_points_do_not_depend_on_what_was_drawn_before() -> None:
    assert drawn(x * a, attempts=3) == drawn(x * a, attempts=9)[:3]


def test_sizes_start_past_two_are_different_and_come_to_one() -> None:
    sizes = [tuple(model.sizes.values()) for model in drawn(total(x, over=N) * total(v, over=K))]
    assert all(size > 2 for size in sizes[0]) and len(set(sizes[0])) == len(sizes[0])
    assert {1, 2, 3, 4, 5} <= {size for pattern in sizes for size in pattern}
    assert all(len(set(pattern)) == len(pattern) for pattern in SIZES)
    assert any(len(set(pattern)) < len(pattern) for pattern in SMALL), "equal sizes do for a model"


def test_least_sizes_are_kept() -> None:
    for model in drawn(x, N >= 4, C >= 2):
        assert model.sizes["N"] >= 4 and model.sizes["C"] >= 2


@pytest.mark.parametrize(
    ("leaf", "given", "allowed"),
    [
        (a, [], lambda n: True),
        (p, [], lambda n: n > 0),
        (q, [], lambda n: n >= 0),
        (scalar("z", nonzero=True), [], lambda n: n != 0),
        (k, [], lambda n: n.denominator == 1),
        (a, [a > 0], lambda n: n > 0),
        (a, [a >= 0], lambda n: n >= 0),
        (a, [a < 0], lambda n: n < 0),
        (a, [a <= 0], lambda n: n <= 0),
        (a, [unequal(a, 0)], lambda n: n != 0),
        (a, [a >= 0, unequal(a, 0)], lambda n: n > 0),
        (a, [a <= 0, unequal(a, 0)], lambda n: n < 0),
        (q, [unequal(q, 0)], lambda n: n > 0),
        (k, [k < 0], lambda n: n < 0 and n.denominator == 1),
        (x, [x > 0], lambda n: n > 0),
        (tensor("u", N, C, positive=True), [], lambda n: n > 0),
    ],
    ids=stable,
)
def test_values_keep_to_declarations_and_signs(leaf: Tensor, given: list[Relation], allowed: object) -> None:
    values = set()
    for model in drawn(leaf, *given, attempts=60):
        values |= set(model.tensors[leaf.data.name].values()) if leaf.axes else {model.scalars[leaf.data.name]}
    assert values == {n for n in NUMBERS if allowed(n)}  # type: ignore[operator]


def test_numbers_have_both_signs_zero_and_fractions() -> None:
    assert {n > 0 for n in NUMBERS} == {True, False} and Fraction(0) in NUMBERS
    assert any(n.denominator > 1 for n in NUMBERS) and any(abs(n) > 1 for n in NUMBERS)


def test_tensors_have_an_entry_at_every_index() -> None:
    for model in drawn(x * S, attempts=8):
        rows, columns = model.sizes["N"], model.sizes["C"]
        assert set(model.tensors["x"]) == {(i, j) for i in range(1, rows + 1) for j in range(1, columns + 1)}
        assert all(model.tensors["S"][i, j] == model.tensors["S"][j, i] for i, j in model.tensors["S"])


def test_every_loss_gets_a_function() -> None:
    for model in drawn(Loss("L").cotangent(v) + Loss("M").cotangent(v), attempts=4):
        assert model.losses.keys() == {"L", "M"}
        assert all(isinstance(loss, ConcreteLoss) for loss in model.losses.values())


@settings(max_examples=80)
@given(
    graphs(steps=4),
    st.lists(st.sampled_from([x > 0, v < 0, unequal(w, 0), N >= 3, C >= 2, x <= 0, scalar("s") >= 0]), max_size=3),
)
def test_every_point_satisfies_every_sign_and_bound(made: Tensor, given_: list[Relation]) -> None:
    try:
        models = drawn(made + x * v * w * scalar("s"), *given_, attempts=4)
    except SymnormError:
        return  # x > 0 and x <= 0, or two losses
    for model in models:
        for relation in given_:
            assert holds(relation, model) is True


# --- constraints -----------------------------------------------------------------------------------------------------

CONSTRAINTS: list[tuple[Tensor, list[Relation]]] = [
    (a, [a > 1]),
    (a * b, [a > b]),
    (v, [N <= 3]),
    (x, [N >= C]),
    (x, [unequal(N, 3)]),
    (a * b, [equal(a + b, 1)]),
    (a * b, [equal(a + b, 1), a > 0, b > 0]),
    (v, [equal(total(v, over=N), 1)]),
    (x, [equal(mean(x, over=N), 0)]),
    (x * w, [equal(total(x * w, over=C), 1)]),
    (tensor("t", N, positive=True), [equal(total(tensor("t", N, positive=True), over=N), 6)]),
    (S * v, [equal(total(S * v, over=N), 1)]),
    (p * a, [equal(p + a, 0)]),
    (x, [var(x, over=N) > 0]),
    (v, [equal(v, v**2)]),
    (a * b, [equal(a**2, b**2)]),
    (p * b, [equal(p**2, b**2)]),
    (a * b, [equal(a**2 + b**2, 1)]),
]


@pytest.mark.parametrize(("statement", "given"), CONSTRAINTS, ids=repr)
def test_points_satisfy_every_constraint(statement: Tensor, given: list[Relation]) -> None:
    models = found(statement, *given)
    assert models
    for model in models:
        assert all(holds(relation, model) is True for relation in given)
        for name, leaf in {leaf.data.name: leaf for leaf in Ground.of([statement]).leaves}.items():
            entries = model.tensors[name] if leaf.axes else {(): model.scalars[name]}
            assert not leaf.data.positive or all(value > 0 for value in entries.values())
            assert not leaf.data.symmetric or all(entries[at] == entries[at[::-1]] for at in entries)


def test_of_two_roots_both_are_found() -> None:
    models = found(a * b, equal(a**2, b**2), unequal(b, 0))
    assert {model.scalars["a"] == model.scalars["b"] for model in models} == {True, False}


def test_conditions_hold_too() -> None:
    ground = Ground.of([a, b])
    models = list(satisfying(ground, sort([]), [unequal(a, 0), b > 0]))
    assert models and all(model.scalars["a"] != 0 and model.scalars["b"] > 0 for model in models)


def test_what_cannot_be_satisfied_gives_no_point() -> None:
    assert found(a, a > 1, a < 0) == []
    assert found(p, p <= 0) == []
    assert found(a * b, equal(a + b, 0), a > 0, b > 0) == []


# --- at one point ----------------------------------------------------------------------------------------------------

POINT = Model({"N": 2}, {"a": Fraction(2), "b": Fraction(0)}, {"v": {(1,): Fraction(1), (2,): Fraction(-3)}})


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (a > 0, True),
        (a < 0, False),
        (v > 0, False),
        (v > -4, True),
        (equal(b, 0), True),
        (equal(v, v), True),
        (unequal(v, 1), False),
        (a / b > 0, None),  # not defined
        (sqrt(v) >= 0, None),
        (equal(log(a) - log(a), 0), None),  # an enclosure does not tell
        (log(a) > 0, True),
    ],
    ids=repr,
)
def test_whether_a_relation_holds_at_every_index(relation: Relation, expected: bool | None) -> None:
    assert holds(relation, POINT) is expected


@pytest.mark.parametrize(
    ("relation", "index", "left", "right"),
    [
        (v > 0, {"N": 2}, -3, 0),
        (equal(v**2, v), {"N": 2}, 9, -3),
        (unequal(v, 1), {"N": 1}, 1, 1),
        (a < b, {}, 2, 0),
        (v >= v.rename({N: M}), {"N": 2, "M": 1}, -3, 1),
        (equal(1 / (v - 1), 1), {"N": 2}, Fraction(-1, 4), 1),  # not defined at the first index
    ],
    ids=repr,
)
def test_a_witness_is_the_first_index_at_which_a_relation_is_false(
    relation: Relation, index: dict[str, int], left: object, right: object
) -> None:
    witness = fails_at(relation, POINT)
    assert witness is not None
    assert (witness.index, witness.left, witness.right) == (index, left, right)
    assert witness.model is POINT and witness.relation is relation


@pytest.mark.parametrize("relation", [v > -4, equal(b, 0), equal(a / b, 1), equal(log(a) - log(a), 0)], ids=repr)
def test_no_witness_where_it_holds_is_undefined_or_cannot_be_told(relation: Relation) -> None:
    assert fails_at(relation, POINT) is None


def test_only_so_many_places_are_tried() -> None:
    assert fails_at(v > 0, POINT, places=1) is None
    assert fails_at(v > 0, POINT, places=2) is not None


def test_every_relation_has_its_test() -> None:
    from symnorm.tensors.relation import RELATIONS

    assert HOLDS.keys() == {*RELATIONS}
    assert {how: [HOLDS[how](s) for s in (-1, 0, 1)] for how in RELATIONS} == {
        "==": [False, True, False],
        "!=": [True, False, True],
        ">=": [False, True, True],
        ">": [False, False, True],
        "<=": [True, True, False],
        "<": [True, False, False],
    }


# --- proposed examples -----------------------------------------------------------------------------------------------


def test_an_example_is_tried_first_and_checked_like_any_point() -> None:
    (n,) = axes("N")
    v = tensor("v", n)
    thirds = [equal(9 * total(v**2, over=n), 74), equal(total(v, over=n), 4)]  # no number that is drawn is a third
    stated = [equal(9 * (total(v**2, over=n) - total(v, over=n)), 38)]
    assert decide(stated, thirds).status == "undecided"
    good, bad = {"N": 2, "v": ["5/3", "7/3"]}, {"N": 2, "v": [6, 8]}
    assert decide(stated, thirds, examples=[bad, good]).status == "proved"
    assert decide(stated, thirds, examples=[bad]).status == "undecided"
    false = [equal(total(v, over=n), 8)]
    assert decide(false, thirds[:1], examples=[good]).status == "refuted"
    assert decide([v >= 0], [v >= 0], examples=[{"N": 1, "v": ["-1/2"]}]).status == "proved", "the example is left out"


def test_an_example_of_another_length_is_refused() -> None:
    (n,) = axes("N")
    with pytest.raises(SymnormError, match="gives 3 entries along an axis of 2"):
        decide([equal(tensor("v", n), 0)], examples=[{"N": 2, "v": [1, 2, 3]}])
