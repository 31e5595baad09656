"""Sums, deltas, sizes, signs, powers, symmetries and hypotheses: equations that hold, and their false twins.

A true equation has one normal form; a false one has two, and a point at which exact arithmetic tells its sides apart.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import pytest
import sympy as sp

from symnorm.canonical import Facts
from symnorm.canonical.content import square_root
from symnorm.claims import PROVED, REFUTED, UNDECIDED, decide, re_evaluated
from symnorm.normalizers.batch_norm import batch_norm
from symnorm.tensors import (
    Tensor,
    absolute,
    as_tensor,
    axes,
    clip,
    delta,
    dot,
    exp,
    log,
    maximum,
    mean,
    minimum,
    norm,
    scalar,
    sign,
    sqrt,
    substitute,
    tensor,
    total,
    var,
    with_sizes,
)
from symnorm.tensors import equal as states_equal
from tests.canonical.strategies import equal, point, solver
from tests.canonical.test_normal_form import difference

N, C, K = axes("N C K")
M, J, D = N.copy("M"), N.copy("J"), C.copy("D")

X = tensor("x", N, C)
U, V = tensor("u", N), tensor("v", N)
GAMMA = tensor("gamma", C)
S = tensor("S", N, M, symmetric=True)
F = tensor("F", N, M)
A, B = scalar("a"), scalar("b")
ALPHA = scalar("alpha", positive=True)
T = scalar("t", integer=True, positive=True)
EPS = scalar("eps", positive=True)
UM = U.rename({N: M})

NUMBERS = [[Fraction(n) for n in (-2, -1, 0, 1, 2, 3)]]

TRUE: dict[str, tuple[Tensor, Tensor]] = {
    # sums
    "two names of one index": (total(U, over=N) - total(UM, over=M), as_tensor(0)),
    "deviations sum to zero": (total(U - mean(U, over=N), over=N), as_tensor(0)),
    "a sum's square is a sum over pairs": (total(U, over=N) ** 2, total(U * UM, over=(N, M))),
    "the order of sums": (total(total(X, over=N), over=C), total(total(X, over=C), over=N)),
    "a constant sums to its axis's size": (total(A, over=N), N.size * A),
    "a mean of means": (mean(mean(X, over=N), over=C), total(X, over=(N, C)) / (N.size * C.size)),
    "a variance": (var(U, over=N), mean(U**2, over=N) - mean(U, over=N) ** 2),
    "a variance with a degree less": (var(U, over=N, ddof=1) * (N.size - 1), var(U, over=N) * as_tensor(N)),
    "a variance as a sum over pairs": (total((U - UM) ** 2, over=(N, M)), 2 * N.size**2 * var(U, over=N)),
    "Lagrange's identity": (
        total((U * V.rename({N: M}) - UM * V) ** 2, over=(N, M)) / 2,
        total(U**2, over=N) * total(V**2, over=N) - total(U * V, over=N) ** 2,
    ),
    "a trace": (total(total(X * X, over=N), over=C), total(dot(X, X, over=C), over=N)),
    # deltas
    "a delta picks": (total(delta(N, M) * UM, over=M), U),
    "a delta sums to one": (total(delta(N, M), over=M), as_tensor(1)),
    "a delta's double sum": (total(delta(N, M), over=(N, M)), as_tensor(N)),
    "a delta's square": (delta(N, M) ** 2, delta(N, M)),
    "a delta joins its free indices": (delta(N, M) * U, delta(N, M) * UM),
    "also inside a square": (delta(N, M) * (U - UM) ** 2, as_tensor(0)),
    "two deltas in a chain": (total(delta(N, M) * delta(M, J), over=M), delta(N, J)),
    "two deltas share an index": (delta(N, M) * delta(M, J), delta(N, M) * delta(N, J)),
    "a diagonal": (total(delta(N, M) * F, over=(N, M)), total(total(F * delta(N, M), over=M), over=N)),
    "a delta under an absolute value": (absolute(delta(N, M) * U), delta(N, M) * absolute(UM)),
    "a delta under a sign": (total(sign(delta(N, M) * U), over=M), sign(U)),
    "centring is a projection": (
        total((delta(N, M) - 1 / as_tensor(N)) * (delta(M, J) - 1 / as_tensor(N)), over=M),
        delta(N, J) - 1 / as_tensor(N),
    ),
    # signs
    "a sign times its argument": (sign(A) * A, absolute(A)),
    "a sign cubed": (sign(A) ** 3, sign(A)),
    "a sign squared beside its argument": (sign(A) ** 2 * A, A),
    "a product's sign": (sign(A * B), sign(A) * sign(B)),
    "a product's absolute value": (absolute(U * V), absolute(U) * absolute(V)),
    "an absolute value of an absolute value": (absolute(absolute(A)), absolute(A)),
    "a difference's sign turns round": (sign(U - UM) + sign(UM - U), as_tensor(0)),
    "a difference's absolute value does not": (absolute(U - UM), absolute(UM - U)),
    "the larger and the smaller": (maximum(A, B) + minimum(A, B), A + B),
    "their gap": (maximum(U, V) - minimum(U, V), absolute(U - V)),
    "a shift comes out of a maximum": (maximum(A + B, U + B), maximum(A, U) + B),
    "a positive factor comes out of a maximum": (maximum(ALPHA * A, ALPHA * B), ALPHA * maximum(A, B)),
    "a maximum's order": (maximum(A, B), maximum(B, A)),
    # powers
    "one factor more": (ALPHA ** (T + 1), ALPHA * ALPHA**T),
    "a doubled exponent": (ALPHA ** (2 * T), ALPHA**T * ALPHA**T),
    "exponents add": (ALPHA ** (2 * T + 3) / ALPHA ** (T + 1), ALPHA ** (T + 2)),
    "an entry's power under a sum": (total(U**T * U, over=N), total(U ** (T + 1), over=N)),
    "a power's index is renamed": (total(delta(N, M) * U**T, over=N), UM**T),
    "a geometric step": ((1 - ALPHA**T) / (1 - ALPHA) + ALPHA**T, (1 - ALPHA ** (T + 1)) / (1 - ALPHA)),
    # symmetric tensors
    "a symmetric matrix": (S, S.rename({N: J}).rename({M: N}).rename({J: M})),
    "its quadratic form": (total(S * U * V.rename({N: M}), over=(N, M)), total(S * V * UM, over=(N, M))),
    "a symmetric part": (
        total((F + F.rename({N: J}).rename({M: N}).rename({J: M})) * (U * UM), over=(N, M)),
        2 * total(F * U * UM, over=(N, M)),
    ),
    # other functions
    "an opaque function of equal arguments": (exp(total(U, over=N) ** 2), exp(total(U * UM, over=(N, M)))),
    "an exponential is positive": (absolute(exp(A)), exp(A)),
    "known values": (exp(A - A) + log(as_tensor(1)), as_tensor(1)),
}

FALSE: dict[str, tuple[Tensor, Tensor]] = {
    "a sum of squares": (total(U, over=N) ** 2, total(U**2, over=N)),
    "a sum over pairs takes each pair twice": (total((U - UM) ** 2, over=(N, M)), N.size**2 * var(U, over=N)),
    "a variance with a degree less": (var(U, over=N, ddof=1), var(U, over=N)),
    "unequal sizes": ((N.size - C.size) * total(U, over=N), as_tensor(0)),
    "a constant sums to one": (total(A, over=N), A),
    "a mean of products": (mean(U * V, over=N), mean(U, over=N) * mean(V, over=N)),
    "the other index": (total(F * U, over=N), total(F * UM, over=N)),
    "a transposed matrix": (F, F.rename({N: J}).rename({M: N}).rename({J: M})),
    "its quadratic form": (total(F * U * V.rename({N: M}), over=(N, M)), total(F * V * UM, over=(N, M))),
    "a delta does not move an entry": (delta(N, M) * U, UM),
    "a delta is not one": (delta(N, M) * (U - UM) + U, UM),
    "a delta's double sum": (total(delta(N, M), over=(N, M)), as_tensor(N.size**2)),
    "signs over pairs vanish on the diagonal": (total(sign(U - UM) ** 2, over=(N, M)), as_tensor(N.size**2)),
    "also where no two agree": (total(sign(U - UM) ** 2, over=(N, M)), as_tensor(N.size**2 - N.size)),
    "a sign's square": (sign(A) ** 2, as_tensor(1)),
    "a sign's square under a sum": (total(sign(U) ** 2, over=N), as_tensor(N)),
    "a sum's sign": (sign(A + B), sign(A) + sign(B)),
    "a sum's absolute value": (absolute(A + B), absolute(A) + absolute(B)),
    "a factor of unknown sign out of a maximum": (maximum(A * B, A * ALPHA), A * maximum(B, ALPHA)),
    "a clip undone": (clip(A, 0, 1), A),
    "a power's exponent": (ALPHA ** (2 * T), ALPHA ** (T + 2)),
    "a power is not constant under a sum": (total(ALPHA * U**T * (V - mean(V, over=N)), over=N), as_tensor(0)),
    "a power of a sum": ((A + B) ** T, A**T + B**T),
    "functions of different arguments": (exp(A + B), exp(A) + exp(B)),
    "the name of a number": (scalar("pi"), as_tensor(sp.pi)),
}


def shown_different(left: Tensor, right: Tensor) -> str:
    """A point at which both sides have values everywhere and differ."""
    found = (difference(left, right, point((left, right), seed, numbers=NUMBERS)) for seed in range(60))
    return next(filter(None, found), "")


@pytest.mark.parametrize("name", TRUE)
def test_true(name: str) -> None:
    left, right = TRUE[name]
    assert equal(left, right)
    assert not shown_different(left, right)


@pytest.mark.parametrize("name", FALSE)
def test_false(name: str) -> None:
    left, right = FALSE[name]
    assert not equal(left, right)
    assert shown_different(left, right)


@pytest.mark.parametrize("name", FALSE)
def test_false_is_refuted(name: str) -> None:
    verdict = decide([states_equal(*FALSE[name])])
    assert verdict.status == REFUTED
    assert verdict.witness is not None and re_evaluated(verdict.witness)


# Sizes ----------------------------------------------------------------------------------------------------------------


def test_signs_of_pairs_are_counted_off_the_diagonal() -> None:
    """sum_nm sgn(u_n - u_m)^2 is N^2 - N where all entries differ, never N^2; the normal form must say neither."""
    pairs = total(sign(U - UM) ** 2, over=(N, M))
    for size in (N.size**2, N.size**2 - N.size, N.size):
        assert not equal(pairs, size)
        assert decide([states_equal(pairs, size)]).status == REFUTED
    assert decide([states_equal(total(sign(U) ** 2 * U, over=N), total(U, over=N))]).status == PROVED


def test_equal_sizes_make_equal_sums() -> None:
    """(N - C) sum u is zero exactly where N = C: refuted with unequal sizes, proved when they are put in."""
    left = (N.size - C.size) * total(U, over=N)
    verdict = decide([states_equal(left, 0)])
    assert verdict.status == REFUTED
    assert verdict.witness is not None
    assert verdict.witness.model.sizes["N"] != verdict.witness.model.sizes["C"]
    assert decide([states_equal(left, 0)], [states_equal(as_tensor(N), as_tensor(C))]).status == PROVED


@pytest.mark.parametrize("size", [1, 2, 3, 12])
def test_fixed_sizes_are_instances_of_the_general_formula(size: int) -> None:
    for left, right in (
        (var(U, over=N), mean(U**2, over=N) - mean(U, over=N) ** 2),
        (total(delta(N, M) * UM, over=M), U),
        (total(X, over=N), N.size * mean(X, over=N)),
        (total(U * UM, over=(N, M)), total(U, over=N) ** 2),
    ):
        fixed = with_sizes((left, right), {"N": size})
        assert decide([states_equal(*fixed)]).status == PROVED
    below, above = with_sizes((total(A, over=N), as_tensor(A)), {"N": size})
    assert (decide([states_equal(below, above)]).status == PROVED) is (size == 1)


def test_a_batch_of_one_has_no_variance() -> None:
    one = states_equal(as_tensor(N), 1)
    assert decide([states_equal(var(X, over=N), 0)], [one]).status == PROVED
    assert decide([states_equal(batch_norm(X), tensor("beta", C))], [one]).status == PROVED
    assert decide([states_equal(var(X, over=N), 0)]).status == REFUTED


def test_sizes_with_a_lower_bound() -> None:
    assert equal(absolute(as_tensor(N.size - 1)), N.size - 1)
    assert not equal(absolute(as_tensor(N.size - 2)), N.size - 2)
    assert equal(absolute(as_tensor(N.size - 2)), N.size - 2, Facts(least={"N": 2}))
    assert equal(sign(as_tensor(N.size - 2)), 1, Facts(least={"N": 3}))
    assert not equal(sign(as_tensor(N.size - 2)), 1, Facts(least={"N": 2}))
    assert not equal(absolute(as_tensor(N.size - C.size)), N.size - C.size)
    assert decide([states_equal(absolute(as_tensor(N.size - C.size)), N.size - C.size)]).status == REFUTED


# Where a formula is defined -------------------------------------------------------------------------------------------


def test_what_cancels_is_still_a_condition() -> None:
    verdict = decide([states_equal(GAMMA / GAMMA, 1)])
    assert verdict.status == PROVED
    assert verdict.conditions == ("gamma != 0",)
    assert verdict.model is not None and all(verdict.model.tensors["gamma"].values())
    twice = decide([states_equal((A**2 - A) / A, A - 1)])
    assert twice.status == PROVED and twice.conditions == ("a != 0",)
    assert decide([states_equal(GAMMA / GAMMA, 1)], [states_equal(GAMMA, 0)]).status == UNDECIDED


def test_a_truth_without_a_point_is_vacuous() -> None:
    """N = 1, eps = 0 and var > 0 hold nowhere: batch norm of one sample without eps is not defined."""
    deviation = sqrt(var(X, over=N) + EPS)
    given = [states_equal(as_tensor(N), 1), states_equal(EPS, 0)]
    verdict = decide([states_equal((X - mean(X, over=N)) / deviation, 0)], given)
    assert verdict.status == UNDECIDED
    assert verdict.reason
    wanted = decide([states_equal(A, A)], [*given, var(X, over=N) > 0])
    assert wanted.status == UNDECIDED and "vacuous" in wanted.reason


# Definitions in definitions -------------------------------------------------------------------------------------------


def test_a_definition_in_itself_captures_nothing() -> None:
    centred = U - mean(U, over=N)
    (nested,) = substitute((centred,), {"u": centred})
    assert equal(nested, centred)
    (squares,) = substitute((total(U**2, over=N),), {"u": U * total(U, over=N)})
    assert equal(squares, total(U**2, over=N) * total(U, over=N) ** 2)
    assert equal(total(U * total(U, over=N), over=N), total(U, over=N) ** 2)
    assert not equal(total(U * total(U, over=N), over=N), total(U**2, over=N))
    assert equal(mean(mean(U, over=N) * U, over=N), mean(U, over=N) ** 2)
    (exchanged,) = substitute((total(F * U, over=N),), {"u": total(F * UM, over=M)})
    by_hand = total(F * total(F.rename({M: J}) * U.rename({N: J}), over=J), over=N)
    assert equal(exchanged, by_hand)


def test_renaming_swaps_axes_at_once() -> None:
    turned = F.rename({N: M, M: N})
    assert equal(turned.rename({N: M, M: N}), F)
    assert not equal(turned, F)
    assert equal(total(turned * F, over=(N, M)), total(F * turned, over=(M, N)))


# Hypotheses -----------------------------------------------------------------------------------------------------------


def test_an_orthogonal_matrix() -> None:
    """V^T V = I is a rule: it applies where its bound index stands to itself, with coinciding boundaries too."""
    Q = tensor("Q", N, K)
    L = K.copy("L")
    QL = Q.rename({K: L})
    made = solver(Q)
    assert made.assume(total(Q * QL, over=N).element, delta(K, L).element)
    vector = tensor("y", K)
    image = total(Q * vector, over=K)
    assert made.equal(total(image**2, over=N).element, total(vector**2, over=K).element)
    assert made.equal(total(Q**2, over=N).element, as_tensor(1).element)
    assert not made.equal(total(Q**2, over=K).element, as_tensor(1).element)  # a tall one has no orthonormal rows
    assert not made.equal(total(Q, over=N).element, as_tensor(1).element)


def test_a_hypothesis_is_needed() -> None:
    unit = states_equal(total(U**2, over=N), 1)
    assert decide([states_equal(norm(U, over=N), 1)], [unit]).status == PROVED
    assert decide([states_equal(norm(A * U, over=N), absolute(A))], [unit]).status == PROVED
    assert decide([states_equal(norm(U, over=N), 1)]).status == REFUTED
    assert decide([states_equal(total(U, over=N), 1)], [unit]).status in (REFUTED, UNDECIDED)


# Proof by cases -------------------------------------------------------------------------------------------------------


def test_each_number_has_a_case_of_its_own() -> None:
    """|u_n| and |a u_m| are about two numbers, though both are the first index of their argument."""
    for left, right in (
        (absolute(U) * absolute(UM * A), U * UM * absolute(A)),
        (absolute(U) * absolute(UM * GAMMA), U * UM * absolute(GAMMA)),
        (absolute(U + A) * absolute(UM * B + A * B), (U + A) * (UM + A) * absolute(B)),
        (total(absolute(U), over=N), absolute(total(U, over=N))),
        (absolute(U) * total(U, over=N), U * total(absolute(U), over=N)),
    ):
        assert shown_different(left, right)
        assert decide([states_equal(left, right)]).status == REFUTED


def test_cases_settle_what_one_normal_form_does_not() -> None:
    assert decide([states_equal(absolute(U - V) ** 2, (U - V) ** 2)]).status == PROVED
    assert decide([states_equal(maximum(U, 0) * minimum(U, 0), 0)]).status == PROVED
    assert decide([states_equal(clip(A, A - 1, A + 1), A)]).status == PROVED
    assert decide([states_equal(maximum(U, 0) * minimum(V, 0), 0)]).status == REFUTED


# What is refused ------------------------------------------------------------------------------------------------------

HARD: dict[str, tuple[Tensor, Tensor]] = {
    "a delta under a root": (sqrt(delta(N, M) * A), delta(N, M) * sqrt(A)),
    "one over a delta": (1 / (1 + delta(N, M)) * (1 + delta(N, M)), as_tensor(1)),
    "nothing over a delta": (A / delta(N, M), A / delta(N, M)),
    "a number that is no single number": (1 / (as_tensor(3) - 1), as_tensor(Fraction(1, 2))),
    "a root under a root": (
        1 / (1 / ((sqrt(total(GAMMA**2, over=N) + EPS) + GAMMA) * N.size + B) + B),
        1 / (1 / ((sqrt(N.size * GAMMA**2 + EPS) + GAMMA) * N.size + B) + B),
    ),
    "a division by what vanishes": (A / (U - U), A),
    "a cube root": (A ** Fraction(1, 3), A),
}


@pytest.mark.parametrize("name", HARD)
def test_what_is_hard_gets_a_verdict_all_the_same(name: str) -> None:
    """No error but a verdict, and no proof of what is false at a point."""
    left, right = HARD[name]
    verdict = decide([states_equal(left, right)])
    assert verdict.status in (PROVED, REFUTED, UNDECIDED)
    assert verdict.status != PROVED or not shown_different(left, right)


@contextmanager
def counting_calls() -> Iterator[Counter[str]]:
    """How often functions are called in the body: work, told without a clock."""
    calls: Counter[str] = Counter()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, _: calls.update((event,)))
    try:
        yield calls
    finally:
        sys.setprofile(before)


def test_a_radicand_of_many_terms_is_no_square_at_once() -> None:
    """Written out at fixed sizes a radicand has hundreds of terms; whether it is a square must not take minutes."""
    terms = [scalar(f"z_{k}") for k in range(16)]
    whole = sum(terms[1:], terms[0])
    for radicand, is_square in ((whole**2, True), (whole**2 + terms[0] * terms[1], False)):
        made = solver(radicand)
        (poly,) = made.read(radicand.element)
        with counting_calls() as calls:
            assert (square_root(made.context, poly) is not None) is is_square
        assert calls["call"] < 300_000
