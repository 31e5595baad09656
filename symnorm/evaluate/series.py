"""Enclosures of exp, log, erf and pi: series in integer arithmetic, each step rounded to its side, each tail bounded.

In come rationals and intervals, out come intervals at the working precision. An integer pair ``(below, above)`` with a
``scale`` stands for a number between ``below / 2^scale`` and ``above / 2^scale``. Called by :mod:`~.numbers`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from symnorm.evaluate.interval import Interval, OutsideDomain, Rational, Undetermined, root, working_bits

_GUARD_BITS = 32  # more than the steps of any series here can lose
_LARGEST_ERF = 64  # of more the series would take thousands of terms
_LARGEST_EXPONENT = 1 << 20  # exp of more would fill the memory with digits


def exp_enclosure(value: Rational | Interval) -> Interval:
    """The enclosure of ``e^x``.

    Raises:
        Undetermined: x is so large that its exponential would not fit into memory.
    """
    inside = value if isinstance(value, Interval) else Interval.point(value)
    if inside.size > _LARGEST_EXPONENT:
        raise Undetermined("the exponential of", value)
    lower = _exp_of_rational(inside.lo)
    upper = lower if inside.lo == inside.hi else _exp_of_rational(inside.hi)
    return Interval(lower.lo, upper.hi)


def log_enclosure(value: Rational | Interval) -> Interval:
    """The enclosure of the natural logarithm.

    Raises:
        OutsideDomain: the value is negative or 0.
        Undetermined: the value may be negative or 0.
    """
    inside = value if isinstance(value, Interval) else Interval.point(value)
    if inside.hi <= 0:
        raise OutsideDomain("the logarithm of", value)
    if inside.lo <= 0:
        raise Undetermined("the logarithm of", value)
    lower = _log_of_rational(inside.lo)
    upper = lower if inside.lo == inside.hi else _log_of_rational(inside.hi)
    return Interval(lower.lo, upper.hi)


def erf_enclosure(value: Rational | Interval) -> Interval:
    """The enclosure of the error function, which grows.

    Raises:
        Undetermined: x is so large that the series needs too many terms.
    """
    inside = value if isinstance(value, Interval) else Interval.point(value)
    if inside.size > _LARGEST_ERF:
        raise Undetermined("the error function of", value)
    lower = _erf_of_rational(inside.lo)
    upper = lower if inside.lo == inside.hi else _erf_of_rational(inside.hi)
    return Interval(lower.lo, upper.hi)


def pi_enclosure() -> Interval:
    """The enclosure of pi, by Machin's formula ``pi = 16 arctan(1/5) - 4 arctan(1/239)``."""
    return _pi(working_bits())


@lru_cache(maxsize=16)
def _pi(bits: int) -> Interval:
    """The argument keys the cache by the working precision, as for the two below."""
    scale = bits + _GUARD_BITS
    arctan_5, arctan_239 = (_arctan_series(Fraction(1, n), scale, alternating=True) for n in (5, 239))
    return arctan_5 * 16 - arctan_239 * 4


@lru_cache(maxsize=16)
def _two_over_root_of_pi(bits: int) -> Interval:
    return root(_pi(bits), 2).reciprocal() * 2


def _erf_of_rational(x: Fraction) -> Interval:
    """``2/sqrt(pi) e^(-x^2) (x + 2 x^3/3 + 4 x^5/15 + ...)``, each term ``2 x^2/(2 k + 1)`` times the last.

    All terms have one sign, so nothing cancels.
    """
    if x < 0:
        return -_erf_of_rational(-x)
    if x == 0:
        return Interval.point(0)
    scale = working_bits() + _GUARD_BITS
    square_below, square_above = _fixed(2 * x * x, scale)
    term_below, term_above = _fixed(x, scale)
    sum_below, sum_above, odd = term_below, term_above, 1
    # the tail is at most the last term once the ratio 2 x^2/(2 k + 1) is at most 1/2
    while term_above > 1 or 2 * square_above > odd << scale:
        odd += 2
        term_below = term_below * square_below // (odd << scale)
        term_above = _divided_up(term_above * square_above, odd << scale)
        sum_below, sum_above = sum_below + term_below, sum_above + term_above
    series = _interval(sum_below, sum_above + term_above, scale)
    return series * exp_enclosure(-x * x) * _two_over_root_of_pi(working_bits())


def _exp_of_rational(x: Fraction) -> Interval:
    if x < 0:
        return _exp_of_rational(-x).reciprocal()
    # e^x = (e^r)^(2^halvings) with r = x / 2^halvings < 2^-8; each squaring doubles the relative error.
    halvings = (x.numerator // x.denominator).bit_length() + 8
    scale = working_bits() + 2 * halvings + _GUARD_BITS
    sum_below, sum_above = _exp_series(x / (1 << halvings), scale)
    for _ in range(halvings):
        sum_below = sum_below * sum_below >> scale
        sum_above = _divided_up(sum_above * sum_above, 1 << scale)
    return _interval(sum_below, sum_above, scale)


def _exp_series(r: Fraction, scale: int) -> tuple[int, int]:
    """``1 + r + r^2/2 + r^3/6 + ...`` for ``0 <= r <= 1/2``."""
    below, above = _fixed(r, scale)
    sum_below = sum_above = term_below = term_above = 1 << scale
    order = 0
    while term_above > 1:
        order += 1
        term_below = term_below * below // (order << scale)
        term_above = _divided_up(term_above * above, order << scale)
        sum_below += term_below
        sum_above += term_above
    return sum_below, sum_above + term_above  # the tail: each further term is less than half the one before


def _log_of_rational(x: Fraction) -> Interval:
    if x == 1:
        return Interval.point(0)
    # log x = k log 2 + 2 artanh z with x = 2^k m, z = (m - 1)/(m + 1), and m between 2/3 and 4/3, so |z| <= 1/5.
    k = x.numerator.bit_length() - x.denominator.bit_length()
    mantissa = x / Fraction(2) ** k
    while mantissa > Fraction(4, 3):
        mantissa, k = mantissa / 2, k + 1
    while mantissa < Fraction(2, 3):
        mantissa, k = mantissa * 2, k - 1
    result = _log_2(working_bits()) * k
    if mantissa != 1:
        z = (mantissa - 1) / (mantissa + 1)
        # A small z needs as many more places as it has zeros after its binary point.
        zeros = z.denominator.bit_length() - z.numerator.bit_length()
        half = _arctan_series(abs(z), working_bits() + zeros + _GUARD_BITS, alternating=False)
        result = result + half * (2 if z > 0 else -2)
    return result


@lru_cache(maxsize=16)
def _log_2(bits: int) -> Interval:
    """``log 2 = 2 artanh(1/3)``."""
    return _arctan_series(Fraction(1, 3), bits + _GUARD_BITS, alternating=False) * 2


def _arctan_series(z: Fraction, scale: int, *, alternating: bool) -> Interval:
    """``z -+ z^3/3 + z^5/5 -+ ...`` for ``0 < z <= 1/2``: arctan where alternating, artanh where not."""
    power_below, power_above = _fixed(z, scale)
    square_below, square_above = _fixed(z * z, scale)
    sum_below = sum_above = 0
    odd, sign = 1, 1
    while power_above > 1:
        term_below, term_above = power_below // odd, _divided_up(power_above, odd)
        sum_below += term_below if sign > 0 else -term_above
        sum_above += term_above if sign > 0 else -term_below
        power_below = power_below * square_below >> scale
        power_above = _divided_up(power_above * square_above, 1 << scale)
        odd, sign = odd + 2, -sign if alternating else sign
    # The tail: a geometric series with ratio at most 1/4, of either sign where alternating.
    return _interval(sum_below - (2 * power_above if alternating else 0), sum_above + 2 * power_above, scale)


def _fixed(x: Fraction, scale: int) -> tuple[int, int]:
    numerator = x.numerator << scale
    return numerator // x.denominator, _divided_up(numerator, x.denominator)


def _divided_up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def _interval(below: int, above: int, scale: int) -> Interval:
    """The pair as an interval; the sum with 0 rounds it outward to the working precision."""
    return Interval(Fraction(below, 1 << scale), Fraction(above, 1 << scale)) + 0
