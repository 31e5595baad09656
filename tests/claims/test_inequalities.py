"""Inequalities: certificates of squares over pairs, of assumed gaps and of squared sides, and their limits."""

from __future__ import annotations

import pytest

from symnorm.claims import decide
from symnorm.claims.assumptions import sort
from symnorm.errors import SymnormError
from symnorm.tensors import (
    Relation,
    Tensor,
    absolute,
    axes,
    delta,
    equal,
    maximum,
    mean,
    minimum,
    norm,
    scalar,
    sqrt,
    tensor,
    total,
    var,
)
from tests.ids import stable

(N, C, K) = axes("N C K")
M, J = N.copy("M"), N.copy("J")
a, b, c = scalar("a"), scalar("b"), scalar("c")
x, u, rho = tensor("x", N), tensor("u", N), tensor("rho", N)


def proof_of(stated: Relation, given: list[Relation], by: Tensor | None = None) -> str:
    return decide([stated], given, by if by is not None else ()).status


# the gap of an assumed inequality as a factor -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "given", "by", "status"),
    [
        (a * b <= b * c, [a <= c, b >= 0], lambda given: given[0].gap * b, "proved"),
        (a * b <= b * c, [a <= c], lambda given: given[0].gap * b, "refuted"),  # b may be negative
        (a**2 <= 1, [a <= 1], lambda given: given[0].gap * (1 + a), "refuted"),
        (a**2 <= 1, [a <= 1, a >= -1], lambda given: given[0].gap * given[1].gap, "proved"),
        (a**2 < 1, [a < 1, a > -1], lambda given: given[0].gap * given[1].gap, "proved"),
        (a**2 < 1, [a <= 1, a >= -1], lambda given: given[0].gap * given[1].gap, "refuted"),
        (total(rho * x**2, over=N) <= total(x**2, over=N), [rho <= 1], lambda _: None, "undecided"),
    ],
    ids=stable,
)
def test_an_assumed_gap_is_a_factor(stated: Relation, given: list[Relation], by: object, status: str) -> None:
    assert callable(by)
    assert proof_of(stated, given, by(given)) == status


def test_an_assumed_gap_holds_at_every_index() -> None:
    given = [rho <= 1]
    summed = total(rho * x**2, over=N) <= total(x**2, over=N)
    assert proof_of(summed, given, total(given[0].gap * x**2, over=N)) == "proved"
    elsewhere = given[0].gap.rename({N: M})
    assert proof_of(rho.rename({N: M}) <= 2, given, elsewhere + 1) == "proved"


def test_an_assumed_gap_is_that_of_its_own_expression_only() -> None:
    given = [a <= c]
    assert proof_of(b * (c - a) >= 0, [*given, b >= 0], b * given[0].gap) == "proved"
    assert proof_of(b * (c - a + 1) >= b, [*given, b >= 0], b * (a - c)) == "undecided"
    assert proof_of(u <= 1, [x <= 1], 1 - x) == "refuted"


def test_an_assumption_on_two_indices_says_nothing_of_more() -> None:
    pairs = x * u.rename({N: M}) <= 1
    assert proof_of(x * u <= 1, [pairs], pairs.gap) == "refuted" or proof_of(x * u <= 1, [pairs]) != "refuted"
    assert sort([delta(N, M) <= 1]).facts.written == {}, "no entry tells which axis the indices run over"


# squares over pairs ---------------------------------------------------------------------------------------------------

d = x - mean(x, over=N)
both = (1 - delta(N, M)) ** 2 * (1 - delta(N, J)) ** 2
others = total(both * (d.rename({N: M}) - d.rename({N: J})) ** 2, over=(M, J))


def test_samuelson() -> None:
    z = d / sqrt(var(x, over=N))
    by = others / (2 * total(d**2, over=N))
    squares = decide([z**2 <= N.size - 1], by=by)
    assert squares.status == "proved" and squares.conditions == ("sum[N]((x - mean[N](x))**2) > 0",)
    sides = decide([absolute(z) <= sqrt(N.size - 1)], [], by)
    assert sides.status == "proved" and sides.proof[0]["of_squares"] is True
    assert decide([absolute(z) < sqrt(N.size - 1)], [], by).status == "refuted", "attained where the others are equal"
    assert decide([absolute(z) <= sqrt(N.size - 2)], [], by).status == "refuted"


def test_lagrange_shows_cauchy_schwarz_with_roots() -> None:
    stated = absolute(total(x * u, over=N)) <= norm(x, over=N) * norm(u, over=N)
    by = total((x * u.rename({N: M}) - x.rename({N: M}) * u) ** 2, over=(N, M)) / 2
    assert proof_of(stated, [], by) == "proved"
    assert proof_of(stated, [], 2 * by) == "undecided"


# both sides squared ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "given", "by", "status"),
    [
        (a <= sqrt(a**2 + b**2), [], b**2, "proved"),
        (a < sqrt(a**2 + b**2 + 1), [], b**2 + 1, "proved"),
        (a <= b, [], b**2 - a**2, "refuted"),
        (-a <= -b, [a <= b], (a - b) ** 2, "refuted"),
        (-sqrt(a**2 + b**2) <= a, [], b**2, "undecided"),  # the larger side is not visibly positive
    ],
    ids=repr,
)
def test_sides_are_squared_only_under_a_larger_side_that_is_not_negative(
    stated: Relation, given: list[Relation], by: Tensor, status: str
) -> None:
    assert proof_of(stated, given, by) == status


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        (absolute(a) - a >= 0, "proved"),
        (absolute(a) + a >= 0, "proved"),
        (absolute(a) + absolute(b) >= a - b, "proved"),
        (maximum(a, b) - a >= 0, "proved"),
        (maximum(a, maximum(b, c)) >= b, "proved"),
        (maximum(a, b) - minimum(a, b) >= 0, "proved"),
        (b**2 * absolute(a) - b**2 * a >= 0, "proved"),
        (absolute(a) - 2 * a >= 0, "refuted"),
        (absolute(a) * b >= a * b, "refuted"),
        (b * absolute(a) + a >= 0, "refuted"),
        (absolute(a) > a, "refuted"),
        (maximum(a, b) >= a + b, "refuted"),
        (minimum(a, b) >= a, "refuted"),
    ],
    ids=repr,
)
def test_an_absolute_value_is_at_least_what_stands_in_it(stated: Relation, status: str) -> None:
    assert proof_of(stated, []) == status


def test_equal_sides_satisfy_the_weak_inequality_only() -> None:
    assert proof_of(var(x, over=N) <= mean(x**2, over=N) - mean(x, over=N) ** 2, []) == "proved"
    assert proof_of(var(x, over=N) < mean(x**2, over=N) - mean(x, over=N) ** 2, []) == "refuted"


def test_several_certificates_serve_several_relations() -> None:
    both = [2 * a * b <= a**2 + b**2, -2 * a * b <= a**2 + b**2]
    assert decide(both, by=[(a - b) ** 2, (a + b) ** 2]).status == "proved"
    assert decide(both, by=[(a - b) ** 2]).status == "undecided"


def test_a_relation_that_is_no_inequality_needs_no_certificate() -> None:
    assert decide([equal(a, a)], by=[b]).status == "proved"
    with pytest.raises(SymnormError):
        bool(a <= b)
