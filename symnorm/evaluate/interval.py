"""Rigorous enclosures: a real number known to lie between two rationals.

In come rationals and intervals, out come intervals that contain the exact result, whatever the working precision: each
end point is computed exactly and then rounded outward to :func:`working_bits` significant bits. :mod:`~.series` and
:mod:`~.surd` build on this file; everyone else calls :mod:`~.numbers`.

The working precision is a property of the calculation, not of a number, so it stands in a context variable::

    with working_precision(512):
        ...
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from math import isqrt

from symnorm.errors import SymnormError

Rational = int | Fraction

DEFAULT_BITS = 256
_BITS: ContextVar[int] = ContextVar("working_bits", default=DEFAULT_BITS)


def _told(value: object) -> str:
    """A value in a message."""
    try:
        return str(value)
    except ValueError:  # Python writes no integer of thousands of digits
        return "a number of thousands of digits"


class Undetermined(SymnormError):
    """An enclosure too wide to go on with; a higher working precision may help, or the value may be a singular one."""

    def __init__(self, operation: str, value: object) -> None:
        at = f"at {working_bits()} bits; raise the working precision"
        super().__init__(f"{operation} {_told(value)} is undetermined {at}")
        self.value = value


class OutsideDomain(SymnormError):
    """An operation that has no real value at its argument: a division by 0, a root of a negative number."""

    def __init__(self, operation: str, value: object) -> None:
        super().__init__(f"{operation} {_told(value)} is no real number")
        self.value = value


def working_bits() -> int:
    """Significant bits that the end points of intervals are rounded to."""
    return _BITS.get()


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """Calculate with ``bits`` significant bits.

    Example:
        >>> with working_precision(4):
        ...     print(root(Fraction(2), 2).lo)
        11/8
    """
    if bits < 2:
        raise SymnormError(f"the working precision is a number of bits of at least 2, not {bits}")
    token = _BITS.set(bits)
    try:
        yield
    finally:
        _BITS.reset(token)


def rounded_down(value: Fraction) -> Fraction:
    """A dyadic rational with the working precision, at most ``value`` and of the same sign."""
    numerator, denominator = value.numerator, value.denominator
    shift = working_bits() - numerator.bit_length() + denominator.bit_length()
    if shift >= 0:
        return Fraction((numerator << shift) // denominator, 1 << shift)
    return Fraction(numerator // (denominator << -shift) << -shift)


def rounded_up(value: Fraction) -> Fraction:
    """A dyadic rational with the working precision, at least ``value`` and of the same sign."""
    return -rounded_down(-value)


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Some real number between ``lo`` and ``hi``.

    ``==`` is identity: two enclosures with equal end points need not enclose equal numbers. Compare with
    ``provably_differ`` and ``agree``.

    Raises:
        SymnormError: ``lo`` is larger than ``hi``.

    Example:
        >>> print(Interval(Fraction(1), Fraction(2)) * Interval(Fraction(-3), Fraction(5)))
        [-6, 10]
    """

    lo: Fraction
    hi: Fraction

    def __post_init__(self) -> None:
        if self.lo > self.hi:
            raise SymnormError(f"an interval goes from its smaller end to its larger, not from {self.lo} to {self.hi}")

    @classmethod
    def point(cls, value: Rational) -> Interval:
        """The interval of one rational, exact."""
        return cls(Fraction(value), Fraction(value))

    @property
    def width(self) -> Fraction:
        """Distance of the end points."""
        return self.hi - self.lo

    @property
    def size(self) -> Fraction:
        """The largest absolute value inside."""
        return max(abs(self.lo), abs(self.hi))

    def sign(self) -> int | None:
        """-1, 0 or 1 where every number inside has that sign, else ``None``."""
        if self.lo > 0:
            return 1
        if self.hi < 0:
            return -1
        return 0 if self.lo == self.hi else None

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __abs__(self) -> Interval:
        if self.lo >= 0:
            return self
        return -self if self.hi <= 0 else Interval(Fraction(0), self.size)

    def __add__(self, other: Rational | Interval) -> Interval:
        match other:
            case Interval():
                return _outward(self.lo + other.lo, self.hi + other.hi)
            case int() | Fraction():
                return _outward(self.lo + other, self.hi + other)
        return NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Rational | Interval) -> Interval:
        return self + -other if isinstance(other, Rational | Interval) else NotImplemented

    def __rsub__(self, other: Rational) -> Interval:
        return -self + other

    def __mul__(self, other: Rational | Interval) -> Interval:
        match other:
            case Interval():
                ends = (self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi)
                return _outward(min(ends), max(ends))
            case int() | Fraction():
                lo, hi = self.lo * other, self.hi * other
                return _outward(min(lo, hi), max(lo, hi))
        return NotImplemented

    __rmul__ = __mul__

    def reciprocal(self) -> Interval:
        """The enclosure of ``1/x``.

        Raises:
            OutsideDomain: x is exactly 0.
            Undetermined: x may be 0.
        """
        match self.sign():
            case 0:
                raise OutsideDomain("one over", self)
            case None:
                raise Undetermined("one over", self)
        return _outward(1 / self.hi, 1 / self.lo)

    def __truediv__(self, other: Rational | Interval) -> Interval:
        match other:
            case Interval():
                return self * other.reciprocal()
            case int() | Fraction():
                return self * Interval.point(other).reciprocal()
        return NotImplemented

    def __rtruediv__(self, other: Rational) -> Interval:
        return self.reciprocal() * other

    def __pow__(self, exponent: int) -> Interval:
        """An integer power; an even one of an interval around 0 starts at 0."""
        if exponent < 0:
            return (self**-exponent).reciprocal()
        magnitude, result = abs(self), Interval.point(1)
        for bit in bin(exponent)[2:]:
            result = result * result
            if bit == "1":
                result = result * magnitude
        if exponent % 2 == 0 or self.lo >= 0:
            return result
        if self.hi <= 0:
            return -result
        return Interval(-(Interval.point(-self.lo) ** exponent).hi, (Interval.point(self.hi) ** exponent).hi)

    def __str__(self) -> str:
        return f"[{_decimal(self.lo)}, {_decimal(self.hi)}]"


def _outward(lo: Fraction, hi: Fraction) -> Interval:
    """The interval from lo to hi with short end points."""
    return Interval(rounded_down(lo), rounded_up(hi))


def _decimal(value: Fraction) -> str:
    """Some digits to read, without a float's range."""
    with localcontext(Context(prec=12, Emax=MAX_EMAX, Emin=MIN_EMIN)):
        return str(Decimal(value.numerator) / Decimal(value.denominator))


def integer_root(value: int, degree: int) -> int:
    """The largest integer whose power of ``degree`` is at most ``value``, which is not negative.

    Example:
        >>> integer_root(80, 4), integer_root(81, 4)
        (2, 3)
    """
    if degree == 2 or value == 0:
        return isqrt(value)
    # Newton's method from above falls strictly until it reaches the floor.
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better


def root(value: Rational | Interval, degree: int) -> Interval:
    """The enclosure of the non-negative real root of a degree of at least 2.

    Raises:
        OutsideDomain: the value is negative.
        Undetermined: the value may be negative.
    """
    inside = value if isinstance(value, Interval) else Interval.point(value)
    if inside.hi < 0:
        raise OutsideDomain(f"the root of degree {degree} of", value)
    if inside.lo < 0:
        raise Undetermined(f"the root of degree {degree} of", value)
    return Interval(_root_down(inside.lo, degree), _root_up(inside.hi, degree))


def _root_down(value: Fraction, degree: int) -> Fraction:
    """A rational at most the root, with the working precision."""
    shift = _root_shift(value, degree)
    scaled = (value.numerator << degree * shift) // value.denominator
    return Fraction(integer_root(scaled, degree), 1 << shift)


def _root_up(value: Fraction, degree: int) -> Fraction:
    """A rational at least the root, with the working precision."""
    shift = _root_shift(value, degree)
    scaled = -(-(value.numerator << degree * shift) // value.denominator)
    found = integer_root(scaled, degree)
    return Fraction(found + (found**degree < scaled), 1 << shift)


def _root_shift(value: Fraction, degree: int) -> int:
    """The shift that gives the root the working precision before its binary point."""
    length = value.numerator.bit_length() - value.denominator.bit_length()
    return max(0, working_bits() - length // degree)
