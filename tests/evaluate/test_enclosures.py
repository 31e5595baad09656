"""Every enclosure contains the true value. The truth is mpmath's, at many more digits than the working precision."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symnorm.errors import SymnormError
from symnorm.evaluate import Interval, OutsideDomain, Undetermined, interval, numbers, series, working_precision
from symnorm.evaluate.interval import DEFAULT_BITS, integer_root, root
from symnorm.evaluate.numbers import Number, enclosure

DIGITS = 160  # 256 bits are 77 digits
rationals = st.fractions(min_value=-40, max_value=40, max_denominator=1000)


def exactly(value: mpmath.mpf) -> Fraction:
    return Fraction(*[int(part) for part in mpmath.libmp.to_rational(value._mpf_)])


def as_mpf(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


def check_contains(number: Number, truth: mpmath.mpf) -> None:
    """The enclosure holds the true value, up to mpmath's own error, far below the last bit of the enclosure."""
    inside, value = enclosure(number), exactly(truth)
    slack = (1 + abs(value)) / Fraction(10) ** 110
    assert inside.lo - slack <= value <= inside.hi + slack


UNARY = {
    "erf": (numbers.erf, mpmath.erf),
    "exp": (numbers.exp, mpmath.exp),
    "log": (numbers.log, mpmath.log),
    "sqrt": (numbers.sqrt, mpmath.sqrt),
    "cube root": (lambda a: numbers.nth_root(a, 3), mpmath.cbrt),
    "fourth root": (lambda a: numbers.nth_root(a, 4), lambda a: mpmath.root(a, 4)),
    "absolute": (numbers.absolute, abs),
    "negate": (lambda a: -a, lambda a: -a),
    "square": (lambda a: numbers.power(a, 2), lambda a: a**2),
    "cube": (lambda a: numbers.power(a, 3), lambda a: a**3),
    "reciprocal": (numbers.reciprocal, lambda a: 1 / a),
    "power 3/2": (lambda a: numbers.power(a, Fraction(3, 2)), lambda a: mpmath.sqrt(a) ** 3),
    "power -2/3": (lambda a: numbers.power(a, Fraction(-2, 3)), lambda a: 1 / mpmath.cbrt(a) ** 2),
}
BINARY = {
    "add": (lambda a, b: a + b, lambda a, b: a + b),
    "subtract": (lambda a, b: a - b, lambda a, b: a - b),
    "multiply": (lambda a, b: a * b, lambda a, b: a * b),
    "divide": (numbers.divide, lambda a, b: a / b),
    "maximum": (numbers.maximum, max),
    "minimum": (numbers.minimum, min),
}

trees = st.recursive(
    rationals,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(sorted(UNARY)), inner),
        st.tuples(st.sampled_from(sorted(BINARY)), inner, inner),
    ),
    max_leaves=8,
)


def ours(tree) -> Number:
    if isinstance(tree, Fraction):
        return tree
    name, *args = tree
    values = [ours(arg) for arg in args]
    assume(all(Fraction(1, 10**9) < enclosure(value).size < 50 or enclosure(value).size == 0 for value in values))
    return (UNARY | BINARY)[name][0](*values)


def theirs(tree) -> mpmath.mpf:
    if isinstance(tree, Fraction):
        return as_mpf(tree)
    name, *args = tree
    return (UNARY | BINARY)[name][1](*[theirs(arg) for arg in args])


@given(tree=trees, bits=st.sampled_from([24, 64, 256]))
def test_random_calculations_are_enclosed(tree, bits):
    with working_precision(bits), mpmath.workdps(DIGITS):
        try:
            found = ours(tree)
        except (OutsideDomain, Undetermined):
            assume(False)
        check_contains(found, theirs(tree))


@pytest.mark.parametrize("name", sorted(UNARY))
@given(bits=st.sampled_from([2, 24, 256]), value=rationals, radius=st.fractions(0, 3))
def test_an_operation_on_an_interval_encloses_it_on_each_number_inside(name, bits, value, radius):
    around = Interval(value - radius, value + radius)
    with working_precision(bits), mpmath.workdps(DIGITS):
        try:
            found = UNARY[name][0](around)
        except (OutsideDomain, Undetermined):
            assume(False)
        for inside in (around.lo, value, (value + around.hi) / 2, around.hi):
            check_contains(found, UNARY[name][1](as_mpf(inside)))


@pytest.mark.parametrize("name", sorted(BINARY))
@given(
    a=rationals,
    b=rationals,
    wide=st.fractions(0, 3, max_denominator=50),
    left=st.fractions(-1, 1, max_denominator=9),
    right=st.fractions(-1, 1, max_denominator=9),
)
def test_an_operation_on_two_intervals_encloses_it_on_each_pair_inside(name, a, b, wide, left, right):
    exact, mixed = BINARY[name][0], [(Interval(a - wide, a + wide), a + left * wide), (a, a)]
    for first, inside_first in mixed:
        second, inside_second = Interval(b - wide, b + wide), b + right * wide
        try:
            found, value = exact(first, second), exact(inside_first, inside_second)
        except (OutsideDomain, Undetermined):
            assume(False)
        assert enclosure(found).lo <= value <= enclosure(found).hi


@given(exponent=st.integers(-5, 5), lo=rationals, width=st.fractions(0, 5), at=st.fractions(0, 1))
def test_integer_powers_of_an_interval(exponent, lo, width, at):
    base, inside = Interval(lo, lo + width), lo + at * width
    assume(exponent >= 0 or base.sign())
    found = base**exponent
    assert found.lo <= inside**exponent <= found.hi
    if exponent > 0 and exponent % 2 == 0:
        assert found.lo >= 0


@given(value=st.fractions(min_value=0), degree=st.integers(2, 7))
def test_a_root_is_enclosed_tightly(value, degree):
    found = root(value, degree)
    assert found.lo**degree <= value <= found.hi**degree
    assert found.width <= found.hi / 2**250


@given(value=st.integers(0, 10**60), degree=st.integers(2, 9))
def test_integer_root(value, degree):
    found = integer_root(value, degree)
    assert found**degree <= value < (found + 1) ** degree


@given(value=st.fractions(), bits=st.sampled_from([2, 10, 53, 256, 400]))
def test_rounding_keeps_the_side_the_sign_and_the_precision(bits, value):
    with working_precision(bits):
        below, above = interval.rounded_down(value), interval.rounded_up(value)
    assert below <= value <= above
    assert above - below <= abs(value) / 2 ** (bits - 1)
    assert (below > 0) == (above > 0) == (value > 0)


CONSTANTS = {
    "pi": (numbers.pi, lambda: +mpmath.pi),
    "e": (lambda: numbers.exp(1), lambda: +mpmath.e),
    "log 2": (lambda: numbers.log(2), lambda: +mpmath.ln2),
    "exp(-40)": (lambda: numbers.exp(-40), lambda: mpmath.exp(-40)),
    "exp(1000)": (lambda: numbers.exp(1000) * numbers.exp(-990), lambda: mpmath.exp(10)),
    "exp near 0": (lambda: numbers.exp(Fraction(1, 2**200)), lambda: mpmath.exp(mpmath.mpf(2) ** -200)),
    "log near 1": (lambda: numbers.log(1 + Fraction(1, 2**200)), lambda: mpmath.log(1 + mpmath.mpf(2) ** -200)),
    "log below 1": (lambda: numbers.log(Fraction(1, 10**30)), lambda: -30 * mpmath.log(10)),
    "2^pi": (lambda: numbers.power(2, numbers.pi()), lambda: mpmath.mpf(2) ** mpmath.pi),
    "3^sqrt 2": (lambda: numbers.power(3, numbers.sqrt(2)), lambda: mpmath.mpf(3) ** mpmath.sqrt(2)),
}


@pytest.mark.parametrize("bits", [24, 256])
@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_constants_and_far_arguments(name, bits):
    calculate, truth = CONSTANTS[name]
    with working_precision(bits), mpmath.workdps(DIGITS):
        found = enclosure(calculate())
        check_contains(found, truth())
        assert 0 < found.width <= found.size / 2 ** (bits - 4)


@pytest.mark.parametrize("guard_bits", [-20, 0, 32])
@pytest.mark.parametrize("name", ["e", "pi", "log 2", "log near 1", "exp(-40)"])
def test_series_stay_rigorous_without_guard_bits(monkeypatch, name, guard_bits):
    monkeypatch.setattr(series, "_GUARD_BITS", guard_bits)
    series._log_2.cache_clear()
    with working_precision(64), mpmath.workdps(DIGITS):
        check_contains(CONSTANTS[name][0](), CONSTANTS[name][1]())
    series._log_2.cache_clear()


@pytest.mark.parametrize("scale", range(1, 12))
@pytest.mark.parametrize("x", [Fraction(1, 2), Fraction(1, 3), Fraction(1, 4), Fraction(1, 5), Fraction(1, 64)])
def test_what_a_series_leaves_out_is_bounded(x, scale):
    below, above = series._exp_series(x, scale)
    with mpmath.workdps(DIGITS):
        check_contains(Interval(Fraction(below, 2**scale), Fraction(above, 2**scale)), mpmath.exp(as_mpf(x)))
        check_contains(series._arctan_series(x, scale, alternating=True), mpmath.atan(as_mpf(x)))
        check_contains(series._arctan_series(x, scale, alternating=False), mpmath.atanh(as_mpf(x)))


# --- the checks above can fail ---------------------------------------------------------------------------------------


def round_inward(monkeypatch):
    right = interval.rounded_down
    monkeypatch.setattr(interval, "rounded_down", lambda value: -right(-value))


def root_rounded_down_on_both_sides(monkeypatch):
    monkeypatch.setattr(interval, "_root_up", interval._root_down)


def series_rounded_down_on_both_sides(monkeypatch):
    monkeypatch.setattr(series, "_GUARD_BITS", -20)
    monkeypatch.setattr(series, "_divided_up", lambda numerator, denominator: numerator // denominator)


@pytest.mark.parametrize(
    ("sabotage", "calculate", "truth"),
    [
        (round_inward, lambda: Interval.point(1) / 3, lambda: mpmath.mpf(1) / 3),
        (round_inward, lambda: Interval.point(1) * Fraction(1, 7), lambda: mpmath.mpf(1) / 7),
        (round_inward, lambda: series._pi.__wrapped__(DEFAULT_BITS), lambda: +mpmath.pi),
        (root_rounded_down_on_both_sides, lambda: root(2, 2), lambda: mpmath.sqrt(2)),
        (root_rounded_down_on_both_sides, lambda: numbers.nth_root(5, 3), lambda: mpmath.cbrt(5)),
        (series_rounded_down_on_both_sides, lambda: numbers.exp(1), lambda: +mpmath.e),
    ],
)
def test_wrong_rounding_is_caught(monkeypatch, sabotage, calculate, truth):
    with mpmath.workdps(DIGITS):
        check_contains(calculate(), truth())
        sabotage(monkeypatch)
        with pytest.raises((AssertionError, SymnormError)):  # an inside-out interval is refused at once
            check_contains(calculate(), truth())
