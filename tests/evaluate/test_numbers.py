"""Exactness where it can be had, honest refusals elsewhere, and comparisons that never claim too much."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import prod

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

from symnorm.evaluate import (
    Interval,
    OutsideDomain,
    Surd,
    Undetermined,
    agree,
    numbers,
    provably_differ,
    sign_of,
    working_precision,
)
from symnorm.evaluate.numbers import absolute, divide, exp, log, maximum, minimum, nth_root, pi, power, reciprocal, sqrt
from symnorm.evaluate.surd import square_part

rationals = st.fractions(min_value=-20, max_value=20, max_denominator=60)
surds = st.dictionaries(
    st.sampled_from([prod(some) for count in range(4) for some in itertools.combinations((2, 3, 7), count)]),
    rationals,
    max_size=4,
).map(lambda terms: sum((sqrt(radicand) * factor for radicand, factor in terms.items()), start=0))


def around(lo, hi):
    return Interval(Fraction(lo), Fraction(hi))


# --- exactness -------------------------------------------------------------------------------------------------------


@given(value=st.fractions(min_value=0), degree=st.integers(2, 6), exponent=st.integers(1, 4))
def test_powers_undone_by_roots_are_exact(value, degree, exponent):
    assert nth_root(value**degree, degree) == value
    assert power(value**degree, Fraction(exponent, degree)) == value**exponent


def test_perfect_powers_are_rational_numbers():
    assert sqrt(Fraction(9, 4)) == Fraction(3, 2)
    assert power(Fraction(8, 27), Fraction(-2, 3)) == Fraction(9, 4)
    assert power(Fraction(1, 10**40), Fraction(1, 4)) == Fraction(1, 10**10)
    assert power(4, Fraction(1, 4)) == sqrt(2)
    assert (exp(0), log(1), power(0, 0), power(0, Fraction(1, 2))) == (1, 0, 1, 0)


def test_whole_numbers_stay_integers():
    assert [type(number) for number in (sqrt(49), power(3, 4), absolute(-2), maximum(1, 2))] == [int] * 4
    assert divide(7, 2) == Fraction(7, 2)  # and not a float


@given(a=surds, b=surds, c=surds)
def test_sums_of_roots_form_a_field(a, b, c):
    assert a * (b + c) == a * b + a * c
    assert (a * b) * c == a * (b * c)
    assert a - a == 0
    assert (a + b) - b == a
    if a != 0:
        assert a * reciprocal(a) == 1
        assert divide(a * b, a) == b


@given(a=surds, b=surds)
def test_sums_of_roots_agree_with_mpmath(a, b):
    def value(number):
        terms = number.terms if isinstance(number, Surd) else {1: number}
        return mpmath.fsum(mpmath.sqrt(d) * q.numerator / q.denominator for d, q in terms.items())

    with mpmath.workdps(80):
        left, right = value(a), value(b)
        assert sign_of(a - b) == (0 if mpmath.almosteq(left, right, abs_eps=1e-60) else mpmath.sign(left - right))
        assert mpmath.almosteq(value(a * b), left * right, rel_eps=1e-60, abs_eps=1e-60)
        assert mpmath.almosteq(value(maximum(a, b)), max(left, right), rel_eps=1e-60, abs_eps=1e-60)
        assert mpmath.almosteq(value(absolute(a)), abs(left), rel_eps=1e-60, abs_eps=1e-60)


def test_the_sign_of_a_sum_of_roots_is_found_however_close_to_zero():
    p, q = 1, 1
    for _ in range(400):  # convergents of sqrt 2, in turn above and below it
        p, q = p + 2 * q, p + q
        assert sign_of(sqrt(2) - Fraction(p, q)) == (1 if p * p < 2 * q * q else -1)
    assert not provably_differ(numbers.enclosure(sqrt(2)), Fraction(p, q))  # what 256 bits alone would say


@given(value=st.integers(1, 10**12))
def test_square_part(value):
    found = square_part(value)
    if found is None:
        assert value > 1000**3
    else:
        side, free = found
        assert side**2 * free == value
        assert all(multiplicity == 1 for multiplicity in sp.factorint(free).values())


def test_numbers_that_are_hard_to_factor_are_enclosed():
    hard = 1000003**2 * 1000033
    assert square_part(hard) is None
    found = sqrt(hard)
    assert isinstance(found, Interval)
    assert found.lo**2 <= hard <= found.hi**2
    assert not provably_differ(found, 1000003 * sqrt(1000033))


def test_long_sums_of_roots_are_enclosed():
    primes = list(sp.primerange(200))
    total = sum((sqrt(prime) for prime in primes), start=0)
    assert isinstance(total, Interval)
    with mpmath.workdps(80):
        truth = mpmath.fsum(mpmath.sqrt(prime) for prime in primes)
        assert agree(total, Fraction(str(truth)), scale=1)
    nine = sum((sqrt(prime) for prime in primes[:9]), start=0)
    assert isinstance(nine, Surd)
    inverse = reciprocal(nine)
    assert isinstance(inverse, Interval)
    assert agree(inverse * nine, 1)


def test_a_product_with_roots_prints_as_one_writes_it():
    assert str((sqrt(2) - 1) * (sqrt(3) + Fraction(1, 2))) == "-1/2 + 1/2*sqrt(2) - sqrt(3) + sqrt(6)"


# --- refusals --------------------------------------------------------------------------------------------------------

ZERO, BELOW, STRADDLING, TOUCHING = around(0, 0), around(-2, -1), around(-1, 2), around(0, 1)


@pytest.mark.parametrize(
    ("calculate", "value"),
    [
        (lambda: divide(1, 0), "0"),
        (lambda: divide(sqrt(2), sqrt(2) - sqrt(2)), "0"),
        (lambda: divide(1, ZERO), "[0, 0]"),
        (lambda: around(1, 2) / 0, "[0, 0]"),
        (lambda: power(0, -1), "0"),
        (lambda: power(Fraction(0), Fraction(-1, 2)), "0"),
        (lambda: sqrt(-4), "-4"),
        (lambda: sqrt(Fraction(-1, 3)), "-1/3"),
        (lambda: sqrt(1 - sqrt(2)), "1 - sqrt(2)"),
        (lambda: sqrt(BELOW), "[-2, -1]"),
        (lambda: nth_root(-8, 3), "-8"),
        (lambda: power(-2, Fraction(1, 3)), "-2"),
        (lambda: log(0), "0"),
        (lambda: log(-3), "-3"),
        (lambda: log(BELOW), "[-2, -1]"),
        (lambda: power(-2, sqrt(2)), "-2"),
    ],
)
def test_outside_the_domain(calculate, value):
    with pytest.raises(OutsideDomain) as caught:
        calculate()
    assert value in str(caught.value)


@pytest.mark.parametrize(
    "calculate",
    [
        lambda: divide(1, STRADDLING),
        lambda: divide(1, TOUCHING),
        lambda: power(STRADDLING, -2),
        lambda: numbers.sign(STRADDLING),
        lambda: numbers.sign(TOUCHING),
        lambda: sqrt(STRADDLING),
        lambda: sqrt(around(-1, 0)),
        lambda: log(TOUCHING),
        lambda: exp(10**9),
        lambda: divide(1, exp(1) - exp(1)),
    ],
)
def test_too_wide_to_go_on(calculate):
    with pytest.raises(Undetermined, match="256 bits"):
        calculate()


def test_numbers_too_long_to_be_written_are_told_in_words():
    long = Fraction(3**20_000, 2)
    with pytest.raises(Undetermined, match="thousands of digits"):
        power(long, 100)
    with pytest.raises(OutsideDomain, match="thousands of digits"):
        sqrt(-long)


def test_a_root_of_an_interval_that_touches_zero_is_no_problem():
    found = sqrt(around(0, 4))
    assert (found.lo, found.hi) == (0, 2)


def test_more_precision_settles_what_less_cannot():
    def difference():
        return exp(1) - Fraction(2718281828459045235360287471352662497757, 10**39)

    with working_precision(64):
        assert sign_of(difference()) is None
        with pytest.raises(Undetermined, match="64 bits"):
            numbers.sign(difference())
    with working_precision(256):
        assert sign_of(difference()) == 1


# --- comparisons -----------------------------------------------------------------------------------------------------

EQUAL_IN_DIFFERENT_FORMS = [
    (lambda: sqrt(2) * sqrt(3), lambda: sqrt(6)),
    (lambda: divide(1, sqrt(2)), lambda: sqrt(2) * Fraction(1, 2)),
    (lambda: divide(1, 1 + sqrt(2)), lambda: sqrt(2) - 1),
    (lambda: sqrt(2) + sqrt(3), lambda: sqrt(5 + 2 * sqrt(6))),
    (lambda: exp(1) * exp(2), lambda: exp(3)),
    (lambda: log(6), lambda: log(2) + log(3)),
    (lambda: nth_root(2, 3) * nth_root(4, 3), lambda: 2),
    (lambda: exp(log(5)), lambda: Fraction(5)),
    (lambda: sqrt(7) * sqrt(7), lambda: 7),
    (lambda: around(3, 3), lambda: 3),
]
DIFFERENT = [
    (lambda: sqrt(2) * sqrt(3), lambda: sqrt(5)),
    (lambda: sqrt(2), lambda: Fraction(141421356237309504880168872420969807, 10**35)),
    (lambda: exp(1), lambda: Fraction(2718281828459045235360287471352662497757, 10**39)),
    (lambda: log(2), lambda: Fraction(693147, 10**6)),
    (lambda: nth_root(2, 3), lambda: nth_root(3, 3)),
    (lambda: Fraction(1, 3), lambda: Fraction(1, 3) + Fraction(1, 10**500)),
    (pi, lambda: Fraction(22, 7)),
    (lambda: 0, lambda: sqrt(2)),
]


@pytest.mark.parametrize(("a", "b"), EQUAL_IN_DIFFERENT_FORMS)
def test_equal_numbers_agree_and_never_provably_differ(a, b):
    assert not provably_differ(a(), b())
    assert not provably_differ(b(), a())
    assert agree(a(), b())


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different_numbers_provably_differ_and_do_not_agree(a, b):
    assert provably_differ(a(), b())
    assert provably_differ(b(), a())
    assert not agree(a(), b())


def test_wide_enclosures_neither_differ_nor_agree():
    assert not provably_differ(around(0, 2), around(1, 3))
    assert not agree(around(0, 2), around(1, 3))
    assert not agree(around(1, 2), around(1, 2))


def test_agreement_of_enclosures_is_no_proof():
    almost = exp(1) + Fraction(1, 2**1000)
    assert agree(exp(1), almost)
    with working_precision(1200):
        assert provably_differ(exp(1), exp(1) + Fraction(1, 2**1000))


def test_around_zero_agreement_needs_a_scale():
    rest = log(6) - log(2) - log(3)
    assert not provably_differ(rest, 0)
    assert not agree(rest, 0)
    assert agree(rest, 0, scale=1)
    assert not agree(rest, 0, scale=Fraction(1, 2**300))
    assert not agree(Fraction(1, 2**300), rest + 1, scale=1)


def test_equal_end_points_are_not_taken_for_equal_numbers():
    assert around(1, 2) != around(1, 2)


@pytest.mark.parametrize(
    ("value", "sign"),
    [(0, 0), (-3, -1), (Fraction(1, 9), 1), (around(1, 2), 1), (BELOW, -1), (ZERO, 0), (STRADDLING, None)],
)
def test_sign_of(value, sign):
    assert sign_of(value) == sign
    assert sign_of(-value) == (None if sign is None else -sign)


@given(ends=st.lists(rationals, min_size=4, max_size=4), at=st.fractions(0, 1))
def test_extrema_of_overlapping_enclosures(ends, at):
    a, b = around(*sorted(ends[:2])), around(*sorted(ends[2:]))
    inside_a, inside_b = a.lo + at * a.width, b.hi - at * b.width
    larger, smaller = numbers.enclosure(maximum(a, b)), numbers.enclosure(minimum(a, b))
    assert larger.lo <= max(inside_a, inside_b) <= larger.hi
    assert smaller.lo <= min(inside_a, inside_b) <= smaller.hi


def test_extrema_of_overlapping_enclosures_are_tight():
    larger, smaller = maximum(around(0, 2), around(1, 3)), minimum(around(0, 2), around(1, 3))
    assert [larger.lo, larger.hi, smaller.lo, smaller.hi] == [1, 3, 0, 2]


@given(a=surds, b=surds)
def test_equal_surds_hash_equally(a, b):
    assume(b != 0)
    same = divide(a * b, b)
    assert same == a
    assert hash(same) == hash(a)
