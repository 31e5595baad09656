"""The reals that verdicts are read from: exact where possible, rigorously enclosed elsewhere.

A :data:`Number` is an ``int`` or ``Fraction``, a :class:`~.surd.Surd` (an exact sum of square roots) or an
:class:`~.interval.Interval`. ``+``, ``-`` and ``*`` work between all of them; the other operations are the functions
here, because Python's ``/`` and ``**`` would leave the exact integers for floats. Called by the interpreter and by
whoever compares two values.

Every operation is either exact or encloses the exact result. Where an enclosure is too wide to go on,
:class:`~.interval.Undetermined` is raised, and the caller raises the working precision or gives up; where there is no
real result, :class:`~.interval.OutsideDomain`.
"""

from __future__ import annotations

from fractions import Fraction

from symnorm.evaluate.interval import (
    Interval,
    OutsideDomain,
    Rational,
    Undetermined,
    integer_root,
    root,
    working_bits,
)
from symnorm.evaluate.series import erf_enclosure, exp_enclosure, log_enclosure, pi_enclosure
from symnorm.evaluate.surd import Surd, square_root

Exact = Rational | Surd
Number = Rational | Surd | Interval

MOST_BITS = 200_000
"""A power of more bits has no value here: a point where one stands decides nothing."""


def enclosure(value: Number) -> Interval:
    """The number as an interval at the working precision."""
    if isinstance(value, Interval):
        return value
    return value.enclosure() if isinstance(value, Surd) else Interval.point(value)


def pi() -> Interval:
    """The circle's number."""
    return pi_enclosure()


def reciprocal(value: Number) -> Number:
    """``1/x``.

    Raises:
        OutsideDomain: x is 0.
        Undetermined: x may be 0.
    """
    if isinstance(value, Surd | Interval):
        return value.reciprocal()
    if value == 0:
        raise OutsideDomain("one over", value)
    return Fraction(1, value) if isinstance(value, int) else 1 / value


def divide(a: Number, b: Number) -> Number:
    """``a/b``; raises as :func:`reciprocal` does.

    Example:
        >>> divide(1, 3)
        Fraction(1, 3)
    """
    return a * reciprocal(b)


def power(base: Number, exponent: Number) -> Number:
    """``base^exponent`` over the reals, with ``0^0 = 1``.

    Raises:
        OutsideDomain: a negative power of 0, a fractional power of a negative number, an irrational power of a number
            that is not positive.
        Undetermined: the base may be one of those.

    Example:
        >>> power(Fraction(4, 9), Fraction(-3, 2))
        Fraction(27, 8)
    """
    if isinstance(exponent, int | Fraction):
        if exponent < 0:
            return reciprocal(power(base, -exponent))
        base = nth_root(base, exponent.denominator)
        if _bits(base) * exponent.numerator > MOST_BITS:
            raise Undetermined(f"a power of more than {MOST_BITS} bits, of", base)
        result: Number = base**exponent.numerator
        return result
    return exp(log(base) * exponent)


def _bits(value: Number) -> int:
    """About how many bits each further factor adds to a power."""
    if isinstance(value, int | Fraction):
        return 0 if abs(value) in (0, 1) else value.numerator.bit_length() + value.denominator.bit_length()
    return 64


def sqrt(value: Number) -> Number:
    """The square root; raises as :func:`nth_root` does.

    Example:
        >>> print(sqrt(Fraction(9, 4)), sqrt(8), sqrt(2) * sqrt(8))
        3/2 2*sqrt(2) 4
    """
    return nth_root(value, 2)


def nth_root(value: Number, degree: int) -> Number:
    """The non-negative root: exact for perfect powers, and for square roots of rationals with small factors.

    Raises:
        OutsideDomain: the value is negative; an odd root of one is complex in SymPy, so it has no place here.
        Undetermined: the value may be negative.
    """
    if degree == 1:
        return value
    if sign_of(value) == -1:
        raise OutsideDomain(f"the root of degree {degree} of", value)
    if isinstance(value, int | Fraction):
        exact = _rational_root(value, degree)
        if exact is not None:
            return exact
        if degree == 2:
            surd = square_root(value)
            return root(value, 2) if surd is None else surd
        if degree % 2 == 0 and (half := _rational_root(value, 2)) is not None:
            return nth_root(half, degree // 2)
    return root(enclosure(value), degree)


def _rational_root(value: Rational, degree: int) -> Rational | None:
    """The root where it is rational; the value is not negative."""
    above, below = (integer_root(part, degree) for part in (value.numerator, value.denominator))
    if above**degree != value.numerator or below**degree != value.denominator:
        return None
    return above if below == 1 else Fraction(above, below)


def exp(value: Number) -> Number:
    """``e^x``; exact at 0."""
    return exp_enclosure(enclosure(value)) if not _is_exactly(value, 0) else 1


def erf(value: Number) -> Number:
    """The error function ``2/sqrt(pi)`` times the integral of ``e^(-u^2)`` from 0 to x; exact at 0."""
    return erf_enclosure(enclosure(value)) if not _is_exactly(value, 0) else 0


def log(value: Number) -> Number:
    """The natural logarithm; exact at 1.

    Raises:
        OutsideDomain: x is not positive.
        Undetermined: x may not be positive.
    """
    if sign_of(value) in (-1, 0):
        raise OutsideDomain("the logarithm of", value)
    return log_enclosure(enclosure(value)) if not _is_exactly(value, 1) else 0


def absolute(value: Number) -> Number:
    """``|x|``."""
    if isinstance(value, Interval):
        return abs(value)
    return -value if sign_of(value) == -1 else value


def sign(value: Number) -> int:
    """-1, 0 or 1.

    Raises:
        Undetermined: an enclosure that holds more than one sign.
    """
    found = sign_of(value)
    if found is None:
        raise Undetermined("the sign of", value)
    return found


def maximum(a: Number, b: Number) -> Number:
    """The larger of two; of two that cannot be told apart, the enclosure."""
    order = sign_of(a - b)
    if order is not None:
        return a if order >= 0 else b
    left, right = enclosure(a), enclosure(b)
    return Interval(max(left.lo, right.lo), max(left.hi, right.hi))


def minimum(a: Number, b: Number) -> Number:
    """The smaller of two; of two that cannot be told apart, the enclosure."""
    return -maximum(-a, -b)


def sign_of(value: Number) -> int | None:
    """-1, 0, 1, or ``None`` where an enclosure does not tell.

    Example:
        >>> sign_of(sqrt(2) * sqrt(3) - sqrt(6)), sign_of(exp(1) - exp(1))
        (0, None)
    """
    if isinstance(value, Surd | Interval):
        return value.sign()
    return (value > 0) - (value < 0)


def provably_differ(a: Number, b: Number) -> bool:
    """Whether the two are certainly different numbers. ``False`` means equal or not known.

    Example:
        >>> provably_differ(sqrt(2) * sqrt(3), sqrt(6)), provably_differ(exp(1), Fraction(271, 100))
        (False, True)
    """
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return a != b  # exact forms are unique
    left, right = enclosure(a), enclosure(b)
    return left.hi < right.lo or right.hi < left.lo


def agree(a: Number, b: Number, scale: Rational = 0) -> bool:
    """Whether the two are equal as far as can be told. For enclosures this is evidence and never a proof.

    Exact numbers agree when they are equal. Enclosures agree when they overlap and both are narrower than
    ``2^-(bits/2)`` of their size, or of a positive ``scale``: the size of what was added up to reach them, without
    which an enclosure around 0 agrees with nothing.

    Example:
        >>> agree(exp(1) * exp(2), exp(3)), agree(exp(1) - exp(1), 0), agree(exp(1) - exp(1), 0, scale=1)
        (True, False, True)
    """
    if not isinstance(a, Interval) and not isinstance(b, Interval):
        return a == b
    if provably_differ(a, b):
        return False
    left, right = enclosure(a), enclosure(b)
    allowed = Fraction(max(left.size, right.size, scale)) / (1 << working_bits() // 2)
    return left.width <= allowed and right.width <= allowed


def _is_exactly(value: Number, integer: int) -> bool:
    return isinstance(value, int | Fraction) and value == integer
