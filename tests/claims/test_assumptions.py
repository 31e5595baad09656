"""Assumptions: put in, turned into signs and bounds, kept as constraints, or refused where they exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from symnorm.claims import decide
from symnorm.claims.assumptions import Assumptions, sort
from symnorm.errors import AxisError, Contradiction, SymnormError
from symnorm.tensors import Relation, absolute, as_tensor, axes, equal, mean, scalar, sqrt, tensor, total, unequal

N, C = axes("N C")
x, v = tensor("x", N, C), tensor("v", N)
a, b, c = scalar("a"), scalar("b"), scalar("c")
p, q = scalar("p", positive=True), scalar("q", nonnegative=True)

SIGNS = ("positive", "nonnegative", "negative", "nonpositive", "nonzero")


def described(found: Assumptions) -> dict[str, object]:
    """Everything that was made of assumptions and is not empty."""
    facts = {sign: sorted(getattr(found.facts, sign)) for sign in SIGNS}
    parts: dict[str, object] = {
        "values": {name: repr(value) for name, value in found.values.items()},
        "sizes": {name: str(size) for name, size in found.sizes.items()},
        "least": dict(found.least),
        "constraints": [repr(relation) for relation in found.constraints],
        **facts,
    }
    return {name: part for name, part in parts.items() if part}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], {}),
        ([equal(p, 0)], {"values": {"p": "0"}}),
        ([equal(1, a)], {"values": {"a": "1"}}),
        ([equal(a, 1), equal(a, 1)], {"values": {"a": "1"}}),
        ([equal(x, 0)], {"values": {"x": "0"}}),
        ([equal(a, b**2)], {"values": {"a": "b**2"}}),
        ([equal(N, 1)], {"sizes": {"N": "1"}}),
        ([equal(2, N)], {"sizes": {"N": "2"}}),
        ([equal(N, C)], {"sizes": {"N": "C"}}),
        ([a > 0], {"positive": ["a"]}),
        ([a >= 0], {"nonnegative": ["a"]}),
        ([a < 0], {"negative": ["a"]}),
        ([a <= 0], {"nonpositive": ["a"]}),
        ([unequal(a, 0)], {"nonzero": ["a"]}),
        ([Relation.of(0, "<", a)], {"positive": ["a"]}),
        ([Relation.of(0, ">", a)], {"negative": ["a"]}),
        ([Relation.of(0, "<=", a)], {"nonnegative": ["a"]}),
        ([Relation.of(0, "!=", a)], {"nonzero": ["a"]}),
        ([x > 0, b >= 0, unequal(b, 0)], {"positive": ["x"], "nonnegative": ["b"], "nonzero": ["b"]}),
        ([N >= 2], {"least": {"N": 2}}),
        ([N > 2], {"least": {"N": 3}}),
        ([Relation.of(4, "<=", N)], {"least": {"N": 4}}),
        ([N >= 2, N >= 5, N > 3], {"least": {"N": 5}}),
        ([N >= -3], {"least": {"N": 1}}),
        ([N <= 3], {"constraints": ["N <= 3"]}),
        ([unequal(N, 2)], {"constraints": ["N != 2"]}),
        ([N >= C], {"constraints": ["N >= C"]}),
        ([a > 1], {"constraints": ["a > 1"]}),
        ([a > b], {"constraints": ["a > b"]}),
        ([equal(a * b, 1)], {"constraints": ["a*b == 1"]}),
        ([equal(a, a**2)], {"constraints": ["a == a**2"]}),
        ([equal(N.size * C.size, 6)], {"constraints": ["C*N == 6"]}),
        ([total(x, over=N) > 0], {"constraints": ["sum[N](x) > 0"]}),
    ],
    ids=repr,
)
def test_assumptions_are_sorted_by_what_they_are_good_for(given: list[Relation], expected: dict[str, object]) -> None:
    assert described(sort(given)) == expected


def test_values_are_put_into_constraints_too() -> None:
    found = described(sort([equal(a, b), a > 0, a > c]))
    assert found["values"] == {"a": "b"} and set(found["constraints"]) == {"b > c", "b > 0"}  # type: ignore[call-overload]
    assert described(sort([equal(N, 3), equal(total(v, over=N), 1)]))["constraints"] == ["sum[N](v) == 1"]
    (constraint,) = sort([equal(N, 3), equal(total(v, over=N), 1)]).constraints
    assert "N" not in {str(symbol) for symbol in constraint.left.element.free_symbols}


def test_values_and_sizes_are_put_into_a_statement() -> None:
    found = sort([equal(p, 0), equal(N, 2)])
    (changed,) = found.applied(x / sqrt(mean(x**2, over=N) + p))
    assert changed.axes == (N.fixed(2), C)
    assert repr(changed) == "x/sqrt(mean(x**2))"


def test_no_assumption_changes_nothing() -> None:
    assert sort([]).applied(x, v) == (x, v)


# --- contradictions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([equal(a, 1), equal(a, 2)], "a cannot be both 1 and 2"),
        ([equal(N, 1), equal(N, 2)], "N cannot be both 1 and 2"),
        ([equal(N, 1), N >= 2], "N cannot be 1 and at least 2"),
        ([equal(N, 0)], "N"),
        ([equal(N, -1)], "N"),
        ([a > 0, a < 0], "a cannot be"),
        ([a >= 0, a < 0], "a cannot be"),
        ([a > 0, a <= 0], "a cannot be"),
        ([a >= 0, a <= 0, unequal(a, 0)], "a cannot be"),
        ([equal(a, -1), a > 0], "a cannot be -1 and positive"),
        ([equal(a, 0), unequal(a, 0)], "a cannot be 0 and nonzero"),
        ([p < 0], "p is declared positive, not p < 0"),
        ([equal(p, -1)], "p is declared positive, not p == -1"),
        ([p < -2], "p is declared positive, not p < -2"),
        ([q < 0], "q is declared nonnegative, not q < 0"),
        ([equal(q, Fraction(-1, 2))], "q is declared nonnegative"),
        ([equal(scalar("z", nonzero=True), 0)], "z is declared nonzero"),
    ],
    ids=repr,
)
def test_assumptions_that_exclude_each_other_are_refused_with_their_values(
    given: list[Relation], message: str
) -> None:
    with pytest.raises((Contradiction, AxisError), match=message):
        sort(given)
    with pytest.raises(SymnormError, match=message):
        decide([equal(v, v)], given)


@pytest.mark.parametrize(
    "given",
    [
        [a > 1, a < 0],
        [a > 2, a < 1],
        [p <= 0],
        [equal(a + b, 0), a > 0, b > 0],
        [equal(a + b, 1), equal(a + b, 2)],
        [N < 1],
        [equal(a**2, -1)],
        [equal(2 * p, 0)],
        [a > b, b > a],
    ],
    ids=repr,
)
def test_what_nothing_satisfies_proves_and_refutes_nothing(given: list[Relation]) -> None:
    mentioned = c + a + b + p + total(v, over=N)
    try:
        statuses = {decide([equal(mentioned, mentioned + i)], given).status for i in (0, 1)}
    except Contradiction:
        return
    assert statuses == {"undecided"}


@pytest.mark.parametrize(
    ("given", "statement"),
    [
        ([equal(p, 0)], equal(p * a, 0)),  # the limit that papers mean: eps = 0
        ([equal(a, b), equal(a, b)], equal(a, b)),
        ([a > 0, a >= 0, unequal(a, 0)], a > 0),
        ([a >= 0, a <= 0], equal(absolute(a), a)),
        ([N >= 2, equal(N, 2)], equal(N, 2)),
    ],
    ids=repr,
)
def test_assumptions_that_repeat_or_agree_are_none(given: list[Relation], statement: Relation) -> None:
    assert decide([statement], given).status == "proved"


# --- equalities among names ------------------------------------------------------------------------------------------

CHAINS: list[tuple[Sequence[Relation], Relation]] = [
    ([equal(a, b), equal(b, 1)], equal(a, 1)),
    ([equal(b, 1), equal(a, b)], equal(a, 1)),
    ([equal(a, b), equal(b, c), equal(c, 2)], equal(a * b, 4)),
    ([equal(a, b), equal(b, a)], equal(a, b)),
    ([equal(a, b), equal(a, c)], equal(b, c)),
    ([equal(N, C), equal(C, 2)], equal(N, 2)),
    ([equal(C, 2), equal(N, C)], equal(total(v, over=N) * 0 + N.size, 2)),
    ([equal(N, C), N >= 3], as_tensor(C) >= 2),
    ([equal(p, a)], a > 0),
    ([equal(p, a)], equal(absolute(a), a)),
    ([equal(q, a - b)], equal(absolute(a - b), a - b)),
    ([equal(a, v)], equal(v, mean(v, over=N))),
]


@pytest.mark.parametrize(("given", "statement"), CHAINS, ids=repr)
def test_what_follows_from_equalities_is_never_refuted(given: list[Relation], statement: Relation) -> None:
    try:
        verdict = decide([statement], given)
    except SymnormError:
        return  # refused, with a reason, is honest
    assert verdict.status != "refuted", str(verdict)


@pytest.mark.parametrize(
    ("given", "statement"),
    [
        ([equal(b, a**2)], equal(sqrt(b), absolute(a))),
        ([equal(v, a)], equal(v, mean(v, over=N))),
        ([equal(N, 1)], equal(v, mean(v, over=N))),
        ([equal(N, C)], equal(mean(x, over=N), total(x, over=N) / C.size)),
        ([equal(a * p, b * p)], equal(a, b)),
        ([equal(total(v, over=N), 0)], equal(mean(v + 1, over=N), 1)),
    ],
    ids=repr,
)
def test_equalities_prove(given: list[Relation], statement: Relation) -> None:
    assert decide([statement], given).status == "proved"
    assert decide([statement]).status == "refuted"
