"""Roots: content and signs, pivots, several roots at once, roots without a pivot, and what must never come out.

Each equation below is true or false for a reason that its name says. A true one has to have one normal form; a false
one has to have two, and a point at which exact arithmetic tells its sides apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from symnorm.canonical import Facts
from symnorm.claims import PROVED, REFUTED, UNDECIDED, decide, re_evaluated
from symnorm.errors import SymnormError
from symnorm.evaluate import Model, provably_differ
from symnorm.normalizers.batch_norm import batch_norm
from symnorm.normalizers.layer_norm import layer_norm
from symnorm.tensors import (
    Tensor,
    absolute,
    as_tensor,
    axes,
    mean,
    norm,
    scalar,
    sign,
    sqrt,
    tensor,
    total,
    unequal,
    var,
    with_sizes,
)
from symnorm.tensors import equal as states_equal
from tests.canonical.strategies import equal, normal_form, point, values
from tests.canonical.test_normal_form import difference, misread

N, C, K = axes("N C K")
M, D = N.copy("M"), C.copy("D")

X = tensor("x", N, C)
U, V = tensor("u", N), tensor("v", N)
(U_AT_TWO,) = with_sizes((U,), {"N": 2})
GAMMA = tensor("gamma", C)
A, B, G = scalar("a"), scalar("b"), scalar("g")
P, R = scalar("p", positive=True), scalar("r", positive=True)
Q = scalar("q", nonnegative=True)
EPS, LATER = scalar("eps", positive=True), scalar("eps_2", positive=True)
RHO = [scalar(f"rho_{k}", positive=True) for k in (1, 2, 3)]

NUMBERS = [[Fraction(n) for n in (-3, -2, -1, 0, 1, 2, 3)] + [Fraction(1, 2), Fraction(-3, 2)]]


def shown_different(left: Tensor, right: Tensor) -> str:
    """A point at which both sides have values everywhere and differ."""
    found = (difference(left, right, point((left, right), seed, numbers=NUMBERS)) for seed in range(60))
    return next(filter(None, found), "")


def checked(x: Tensor, count: int = 12, **options: object) -> Iterator[str]:
    """What is wrong with the normal form at a few points at which there is something to check."""
    for seed in range(count):
        model = point((x,), seed, **{"numbers": NUMBERS, **options})  # type: ignore[arg-type]
        if values(x, model) is not None:
            yield misread(x, model)


# Content and signs ----------------------------------------------------------------------------------------------------

SQUARES = total(X**2, over=N) + EPS
ROOT = sqrt(SQUARES)

TRUE: dict[str, tuple[Tensor, Tensor]] = {
    "a root of a square is an absolute value": (sqrt(A**2), absolute(A)),
    "of a product with itself, too": (sqrt(A * A), absolute(A)),
    "of a sum's square": (sqrt((A - B) ** 2), absolute(A - B)),
    "of a square that is multiplied out": (sqrt(A**2 - 2 * A * B + B**2), absolute(B - A)),
    "of the square of a sum over an axis": (sqrt(total(U, over=N) ** 2), absolute(total(U, over=N))),
    "of a sum over pairs": (sqrt(total(U * U.rename({N: M}), over=(N, M))), absolute(total(U, over=N))),
    "of a fourth power": (sqrt(A**4), A**2),
    "of a sixth power": (sqrt(A**6), absolute(A) ** 3),
    "a root of a root of a fourth power": (sqrt(sqrt(A**4)), absolute(A)),
    "content comes out with its absolute value": (sqrt(A**2 * SQUARES), absolute(A) * ROOT),
    "a positive factor as it is": (sqrt(P**2 * SQUARES), P * ROOT),
    "half of an odd power": (sqrt(P**3), P * sqrt(P)),
    "a factor that is not negative splits off": (sqrt(Q * SQUARES), sqrt(Q) * ROOT),
    "an entry's absolute value under a sum": (total(sqrt(X**2), over=N), total(absolute(X), over=N)),
    "numbers": (sqrt(as_tensor(72)), 6 * sqrt(as_tensor(2))),
    "roots of primes multiply": (sqrt(as_tensor(6)) * sqrt(as_tensor(10)), 2 * sqrt(as_tensor(15))),
    "a fraction": (sqrt(as_tensor(Fraction(3, 8))), sqrt(as_tensor(6)) / 4),
    "sizes": (sqrt(as_tensor(N)) / N.size, 1 / sqrt(as_tensor(N))),
    "sizes multiply": (sqrt(N.size * as_tensor(C)), sqrt(as_tensor(N)) * sqrt(as_tensor(C))),
    "a root's square": (ROOT**2, SQUARES),
    "a root's reciprocal": (1 / ROOT, ROOT / SQUARES),
    "of a reciprocal": (sqrt(1 / SQUARES), 1 / ROOT),
    "of an unknown reciprocal's square": (sqrt(1 / (A - B) ** 2), 1 / absolute(A - B)),
    "a reciprocal's absolute value": (absolute(1 / (A - B)), 1 / absolute(B - A)),
    "a reciprocal's sign": (absolute(1 / (A - B)), sign(A - B) / (A - B)),
    "a square over itself": (sqrt((U - A) ** 2 / (U - A) ** 2), as_tensor(1)),
    "a sum's square over itself": (total(U, over=N) ** 2 / total(U, over=N) ** 2, as_tensor(1)),
    "a minus in a divisor": (1 / (A - B) + 1 / (B - A), as_tensor(0)),
    "a minus in a divisor under a sum": (total(1 / (U - A) ** 3 + 1 / (A - U) ** 3, over=N), as_tensor(0)),
    "an absolute value squared": (absolute(U - V) ** 2, (U - V) ** 2),
    "an absolute value squared under a sum": (total(absolute(U - V) ** 2, over=N), total((U - V) ** 2, over=N)),
    "a length is not negative": (absolute(norm(U, over=N)), norm(U, over=N)),
    "nor is a deviation": (absolute(sqrt(var(X, over=N) + EPS)), sqrt(var(X, over=N) + EPS)),
    "the length of a multiple": (norm(A * U, over=N), absolute(A) * norm(U, over=N)),
}

FALSE: dict[str, tuple[Tensor, Tensor]] = {
    "the root forgets the sign": (sqrt(A**2), A),
    "of a product with itself": (sqrt(X * X), X),
    "of a difference": (sqrt((A - B) ** 2), A - B),
    "content without its absolute value": (sqrt(A**2 * SQUARES), A * ROOT),
    "content under a sum": (total(sqrt(X**2 * P), over=N), sqrt(P) * total(X, over=N)),
    "an odd power": (sqrt(A**6), A**3),
    "a sum of absolute values": (absolute(total(U, over=N)), total(absolute(U), over=N)),
    "a root of a sum": (sqrt(P + R), sqrt(P) + sqrt(R)),
    "a root of a sum over an axis": (norm(U, over=N), total(absolute(U), over=N)),
    "a reciprocal's absolute value": (absolute(1 / (A - B)), 1 / (A - B)),
    "a reciprocal's root": (sqrt(1 / (A - B) ** 2), 1 / (A - B)),
    "roots of different sums": (sqrt(total(X**2, over=N) + EPS), sqrt(total(X**2, over=N) + P)),
    "a minus in a divisor's square": (1 / (A - B) ** 2 + 1 / (B - A) ** 2, as_tensor(0)),
    "the length of a multiple": (norm(A * U, over=N), A * norm(U, over=N)),
    "a product of lengths": (norm(U, over=N) * norm(V, over=N), absolute(total(U * V, over=N))),
    "a root of a cube": (sqrt(A**3) * sqrt(A**3), absolute(A)),
    "the wrong size": (sqrt(as_tensor(N)) * sqrt(as_tensor(C)), as_tensor(N)),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_of_roots(name: str) -> None:
    left, right = TRUE[name]
    assert equal(left, right)
    assert not shown_different(left, right)


@pytest.mark.parametrize("name", FALSE)
def test_false_of_roots(name: str) -> None:
    left, right = FALSE[name]
    assert not equal(left, right)
    assert shown_different(left, right)


SIGNS = {
    "positive": (Facts(positive=frozenset("a")), A),
    "nonnegative": (Facts(nonnegative=frozenset("a")), A),
    "negative": (Facts(negative=frozenset("a")), -A),
    "nonpositive": (Facts(nonpositive=frozenset("a")), -A),
}


@pytest.mark.parametrize("assumed", SIGNS)
def test_assumed_signs_decide_the_root_of_a_square(assumed: str) -> None:
    facts, value = SIGNS[assumed]
    assert equal(sqrt(A**2 * SQUARES), value * ROOT, facts)
    assert not equal(sqrt(A**2 * SQUARES), -value * ROOT, facts)
    assert equal(absolute(A * B), value * absolute(B), facts)


def test_a_factor_known_to_differ_from_zero_still_has_a_sign() -> None:
    facts = Facts(nonzero=frozenset("a"))
    assert not equal(sqrt(A**2), A, facts)
    assert not equal(sqrt(A**2), -A, facts)
    assert equal(sign(A) ** 2, 1, facts)


@pytest.mark.parametrize("known", [True, False])
def test_the_sign_of_a_divisor_is_never_taken_from_its_name(known: bool) -> None:
    """1/(u - v) is written with a formal root of u - v; where it may be negative that root proves nothing."""
    gap = U - V if not known else U**2 + EPS
    inverse = 1 / gap
    assert equal(absolute(inverse), inverse) is known
    assert equal(sqrt(inverse**2), inverse) is known
    assert equal(sign(inverse), 1) is known
    assert equal(total(absolute(inverse), over=N), total(inverse, over=N)) is known
    assert equal(absolute(inverse) * gap, sign(gap) * gap * inverse)


# Pivots ---------------------------------------------------------------------------------------------------------------

x_hat = (X - mean(X, over=N)) / sqrt(var(X, over=N) + EPS)


def test_statistics_of_what_is_standardized() -> None:
    assert equal(mean(x_hat, over=N), 0)
    assert equal(mean(x_hat**2, over=N), var(X, over=N) / (var(X, over=N) + EPS))
    assert equal(var(x_hat, over=N), 1 - EPS / (var(X, over=N) + EPS))
    assert not equal(var(x_hat, over=N), 1)
    assert not equal(mean(x_hat**3, over=N), 0)


def test_a_pivot_is_eliminated_at_every_index() -> None:
    """s_c and s_d are entries of one tensor; their product is summed over pairs."""
    s = sqrt(total(X**2, over=N) + EPS)
    pairs = total(s * s.rename({C: D}), over=(C, D))
    assert equal(total(s, over=C) ** 2, pairs)
    assert equal(total(s**2, over=C), total(X**2, over=(N, C)) + C.size * EPS)
    assert not equal(total(s, over=C) ** 2, total(s**2, over=C))
    assert set(checked(total(s, over=C) ** 2 + pairs * s)) == {""}


def test_several_instances_keep_their_own_roots() -> None:
    Z = tensor("z", N, C)
    first, second = batch_norm(X), batch_norm(Z)
    assert not equal(first, second)
    assert equal(first * second, second * first)
    assert equal(total(first.rename({N: M}) - batch_norm(X.rename({N: M}).rename({M: N})).rename({N: M}), over=M), 0)
    assert equal(total(batch_norm(X + Z, beta=0), over=N), 0)
    assert not equal(batch_norm(X + Z), first + second)


def test_instance_batch_and_layer_statistics_in_one_formula() -> None:
    T = tensor("t", N, C, K)
    roots = [sqrt(var(T, over=over) + EPS) for over in (K, (N, K), (C, K))]
    product = roots[0] * roots[1] * roots[2]
    assert equal(mean(T**2, over=K) - mean(T, over=K) ** 2, roots[0] ** 2 - EPS)
    assert equal(mean(product**2, over=K), (roots[0] * roots[1] * roots[2]) ** 2)
    for permuted in ((2, 0, 1), (1, 2, 0)):
        one, two, three = (roots[i] for i in permuted)
        assert equal(two**2 * three**2 / one, product**2 / one**3)
    assert not equal(mean(roots[0] ** 2, over=C), roots[2] ** 2)  # the variance of the means is missing
    gap = roots[2] ** 2 - mean(roots[0] ** 2, over=C)
    assert equal(gap, var(mean(T, over=K), over=C))


def mixed(x: Tensor, eps: Tensor) -> Tensor:
    """Switchable normalization's root: instance, layer and batch variance with learned weights."""
    one, two, three = RHO
    weighted = one * var(x, over=K) + two * var(x, over=(C, K)) + three * var(x, over=(N, K))
    return sqrt(weighted + eps)


def switched(x: Tensor, eps: Tensor) -> Tensor:
    one, two, three = RHO
    centre = one * mean(x, over=K) + two * mean(x, over=(C, K)) + three * mean(x, over=(N, K))
    return (x - centre) / mixed(x, eps)


def test_a_mixed_root_is_solved_for_its_pivot_under_every_average() -> None:
    T = tensor("t", N, C, K)
    s = mixed(T, EPS)
    made, _ = normal_form(s)
    assert made.resolver.pivots
    one, two, three = RHO
    instance = var(T, over=K)
    # the pivot is gone from the normal form, and averages of the relation still hold
    assert equal(one * instance + two * var(T, over=(C, K)) + three * var(T, over=(N, K)), s**2 - EPS)
    assert equal(
        mean(one * instance, over=(N, C))
        + two * mean(var(T, over=(C, K)), over=N)
        + three * mean(var(T, over=(N, K)), over=C),
        mean(s**2, over=(N, C)) - EPS,
    )
    assert not equal(one * instance + two * var(T, over=(C, K)), s**2 - EPS)


def test_switchable_normalization_is_scale_equivariant_exactly_with_a_scaled_eps() -> None:
    T = tensor("t", N, C, K)
    exact = decide([states_equal(switched(A * T, A**2 * EPS), switched(T, EPS))], [A > 0])
    assert exact.status == PROVED
    flipped = decide([states_equal(switched(A * T, A**2 * EPS), -switched(T, EPS))], [A < 0])
    assert flipped.status == PROVED
    assert not equal(switched(A * T, EPS), switched(T, EPS), Facts(positive=frozenset("a")))
    assert decide([states_equal(switched(A * T, EPS), switched(T, EPS))], [A > 0]).status in (REFUTED, UNDECIDED)
    assert decide([states_equal(switched(A * T, A**2 * EPS), switched(T, EPS))]).status in (REFUTED, UNDECIDED)


@pytest.mark.parametrize("weights", [(1, 2, 3), (1, 1, 1), (2, 1, 0)])
def test_the_elimination_of_a_mixed_root_keeps_values(weights: tuple[int, int, int]) -> None:
    one, two, three = weights
    square = X**2
    s = sqrt(one * square + two * mean(square, over=C) + three * mean(square, over=N) + EPS)
    for x in (s + square, s * total(square, over=N), mean(s**2, over=C) + X * mean(square, over=(N, C))):
        assert set(checked(x, 6)) == {""}


def test_an_average_is_not_mistaken_for_a_diagonal() -> None:
    """sum_mc x_mc^2 is no average over n of sum_c x_nc sum_m x_mc, though both are made of x twice."""
    pairs = total(X * total(X, over=N), over=C)
    s = sqrt(pairs + total(X**2, over=(N, C)) + EPS)
    found = list(checked(s + pairs, 60))
    assert found and set(found) == {""}
    averages = mean(s**2, over=N)
    wrong = s + s**2 - averages + (averages - EPS) / (1 + as_tensor(N))
    assert not equal(pairs + s, wrong)


def test_a_weight_that_may_vanish_is_no_divisor() -> None:
    """At rho = 0 the root says nothing about the average, so no equation may use it there."""
    weight, average = scalar("rho"), mean(X**2, over=(N, C))
    s = sqrt(P * (mean(X**2, over=N) - average) + weight * average)
    left, right = s + sign(weight) ** 2 * average, s + average
    here = Model({"N": 1, "C": 1}, {"p": Fraction(1), "rho": Fraction(0)}, {"x": {(1, 1): Fraction(1)}})
    assert difference(left, right, here)
    assert not equal(left, right)
    assert decide([states_equal(left, right)]).status != PROVED


def test_reciprocals_keep_their_indices() -> None:
    """Two indices of one reciprocal may be put in another order for its key; they come back in their own."""
    inner = 1 / (1 / (X - mean(X, over=N) + B) + B)
    found = list(checked(inner - mean(inner, over=N), 40))
    assert found and set(found) == {""}


# No pivot -------------------------------------------------------------------------------------------------------------


def test_batch_norm_of_batch_norm() -> None:
    """Nothing is left to solve for: the second root is a root of 1 + eps_2 - eps/s^2."""
    variance = var(X, over=N)
    first = batch_norm(X, gamma=1, beta=0)
    deviation = sqrt(var(first, over=N) + LATER)
    assert equal(deviation, sqrt(variance * (1 + LATER) + EPS * LATER) / sqrt(variance + EPS))
    twice = batch_norm(first, gamma=1, beta=0, eps=LATER)
    assert equal(twice, (X - mean(X, over=N)) / sqrt(variance * (1 + LATER) + EPS * LATER))
    assert not equal(twice, first)
    assert not equal(deviation, sqrt(variance * (1 + LATER) + EPS) / sqrt(variance + EPS))
    assert set(checked(twice + first, 8)) == {""}


def test_batch_norm_of_batch_norm_without_eps_is_batch_norm() -> None:
    first = batch_norm(X, gamma=1, beta=0)
    twice = batch_norm(first, gamma=1, beta=0)
    idempotent = decide([states_equal(twice, first)], [states_equal(EPS, 0)])
    assert idempotent.status == PROVED
    assert idempotent.conditions
    refuted = decide([states_equal(twice, first)])
    assert refuted.status == REFUTED
    assert refuted.witness is not None and re_evaluated(refuted.witness)


def test_a_root_of_one_scalar_keeps_exponents_zero_and_one() -> None:
    assert equal(sqrt(P) ** 3, P * sqrt(P))
    assert equal(sqrt(P) ** -3, sqrt(P) / P**2)
    assert equal((sqrt(P) + 1) * (sqrt(P) - 1), P - 1)
    assert not equal(sqrt(P), P)


def test_roots_of_roots() -> None:
    inner = sqrt(total(X**2, over=N) + EPS)
    outer = sqrt(inner + LATER)
    assert equal(outer**2, inner + LATER)
    assert equal((outer**2 - LATER) ** 2, total(X**2, over=N) + EPS)
    assert not equal(outer**4, total(X**2, over=N) + EPS + LATER**2)
    assert set(checked(outer * inner + outer**4, 8)) == {""}


def test_a_pivot_under_an_earlier_root_does_not_run_in_circles() -> None:
    """gamma could be solved for in the second root, but the square of the first still holds it."""
    inner = sqrt(GAMMA**2 + EPS)
    outer = sqrt(inner + GAMMA)
    assert equal(outer**2 + inner**2, inner + GAMMA + GAMMA**2 + EPS)
    assert set(checked(outer + inner**2 * GAMMA, 8)) == {""}


def test_two_samples_standardize_to_plus_and_minus_one() -> None:
    """At N = 2 and eps = 0 the radicand is a perfect square: a non-zero normal form refutes nothing there."""
    standard = batch_norm(X, gamma=1, beta=0)
    squared = states_equal(standard**2, 1)
    assert decide([squared], [states_equal(EPS, 0)]).status == REFUTED
    at_two = decide([squared], [states_equal(EPS, 0), states_equal(as_tensor(N), 2)])
    assert at_two.status in (PROVED, UNDECIDED)
    deviation, others = with_sizes((sqrt(var(U, over=N)), total(U, over=N) - U), {"N": 2})
    assert not shown_different(2 * deviation, absolute(U_AT_TWO - others))
    assert set(checked(2 * deviation + absolute(U_AT_TWO - others), 12, sizes=[(2, 1)])) == {""}


def test_nothing_is_divided_by_zero() -> None:
    for zero in (A - A, total(U - mean(U, over=N), over=N), var(as_tensor(A), over=N)):
        verdict = decide([states_equal(1 / zero * B, B)])
        assert verdict.status == UNDECIDED
        with pytest.raises(SymnormError):
            equal(1 / zero, 1)


# At verdict level -----------------------------------------------------------------------------------------------------


def test_weight_norm_at_g_zero() -> None:
    """||w|| = |g| holds at g = 0; ||w|| = g only for g >= 0; w/g is v/||v|| only where g differs from 0."""
    length = norm(U, over=N)
    w = G * U / length
    assert decide([states_equal(norm(w, over=N), absolute(G))]).status == PROVED
    assert decide([states_equal(norm(w, over=N), G)], [G >= 0]).status == PROVED
    signless = decide([states_equal(norm(w, over=N), G)])
    assert signless.status == REFUTED
    assert signless.witness is not None and signless.witness.model.scalars["g"] < 0
    divided = decide([states_equal(w / G, U / length)])
    assert divided.status == PROVED and "g != 0" in divided.conditions
    at_zero = decide([states_equal(w / G, U / length)], [states_equal(G, 0)])
    assert at_zero.status == UNDECIDED
    unit = decide([states_equal(norm(w, over=N) / absolute(G), 1)], [unequal(G, 0)])
    assert unit.status == PROVED and "g != 0" not in unit.conditions


def test_the_sign_of_a_scale_comes_out_of_batch_norm() -> None:
    plain = batch_norm(X, beta=0)
    scaled = batch_norm(A * X, beta=0, eps=A**2 * EPS)
    assert decide([states_equal(scaled, plain)], [A > 0]).status == PROVED
    assert decide([states_equal(scaled, -plain)], [A < 0]).status == PROVED
    assert decide([states_equal(scaled, sign(A) * plain)], [unequal(A, 0)]).status == PROVED
    assert decide([states_equal(scaled, plain)]).status == REFUTED
    assert decide([states_equal(batch_norm(A * X, beta=0), plain)], [A > 0]).status == REFUTED


def test_layer_norm_and_batch_norm_are_one_formula_with_the_axes_exchanged() -> None:
    square = tensor("x", N, C)
    batch, layer = batch_norm(square, gamma=1, beta=0), layer_norm(square, gamma=1, beta=0)
    assert not equal(batch, layer)
    assert shown_different(batch, layer)
    assert equal(mean(layer, over=C) + mean(batch, over=N), 0)


def test_a_point_that_tells_the_sides_apart_is_found_for_each_false_equation() -> None:
    for left, right in FALSE.values():
        verdict = decide([states_equal(left, right)])
        assert verdict.status == REFUTED
        assert provably_differ(verdict.witness.left, verdict.witness.right)  # type: ignore[union-attr]
