"""Exact sums of square roots: numbers ``sum of q_d sqrt(d)`` with rational q_d and different square-free integers d.

Square roots of different square-free integers are linearly independent over the rationals, so such a number is zero
only when it has no terms, and ``sqrt(2) sqrt(3) = sqrt(6)`` is decided, not approximated. What would leave this field,
or grow too long, comes back as an :class:`~.interval.Interval`. Called by :mod:`~.numbers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd, isqrt

from symnorm.evaluate.interval import Interval, Rational, root, working_precision

_MOST_TERMS = 32  # a longer sum is enclosed instead
_MOST_TERMS_INVERTED = 8  # three independent roots; each one more squares the length of the coefficients
_LARGEST_TRIAL_DIVISOR = 1000


@dataclass(frozen=True, slots=True)
class Surd:
    """An irrational number ``sum of q sqrt(d)`` over ``terms = {d: q}``; a sum without a root is never a Surd.

    Example:
        >>> root_2, root_3 = square_root(Fraction(2)), square_root(Fraction(3))
        >>> print(root_2 * root_3, root_2 * root_2, 1 / (root_2 + root_3))
        sqrt(6) 2 -sqrt(2) + sqrt(3)
    """

    terms: Mapping[int, Rational]

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def enclosure(self) -> Interval:
        """The interval at the working precision."""
        total = Interval.point(0)
        for radicand, coefficient in self.terms.items():
            total += root(radicand, 2) * coefficient if radicand != 1 else coefficient
        return total

    def sign(self) -> int:
        """-1 or 1. It is not 0, so some precision tells."""
        bits = 64
        while True:
            with working_precision(bits):
                found = self.enclosure().sign()
            if found:
                return found
            bits *= 2

    def __neg__(self) -> Surd:
        return Surd({radicand: -coefficient for radicand, coefficient in self.terms.items()})

    def __add__(self, other: Rational | Surd | Interval) -> Rational | Surd | Interval:
        if isinstance(other, Interval):
            return self.enclosure() + other
        if (added := _terms(other)) is None:
            return NotImplemented
        total = dict(self.terms)
        for radicand, coefficient in added.items():
            total[radicand] = total.get(radicand, 0) + coefficient
        return _number(total)

    __radd__ = __add__

    def __sub__(self, other: Rational | Surd | Interval) -> Rational | Surd | Interval:
        return self + -other

    def __rsub__(self, other: Rational | Interval) -> Rational | Surd | Interval:
        return -self + other

    def __mul__(self, other: Rational | Surd | Interval) -> Rational | Surd | Interval:
        if isinstance(other, Interval):
            return self.enclosure() * other
        if (factors := _terms(other)) is None:
            return NotImplemented
        total: dict[int, Rational] = {}
        for a, p in self.terms.items():
            for b, q in factors.items():
                # sqrt(a) sqrt(b) = g sqrt(a/g b/g); the quotients are square-free and share no prime.
                g = gcd(a, b)
                radicand = (a // g) * (b // g)
                total[radicand] = total.get(radicand, 0) + p * q * g
        return _number(total)

    __rmul__ = __mul__

    def reciprocal(self) -> Surd | Interval:
        """``1/x`` by conjugation: exact for short sums.

        Raises:
            Undetermined: too long for that, and too close to 0 for the working precision.
        """
        if len(self.terms) == 1:
            ((radicand, coefficient),) = self.terms.items()
            return Surd({radicand: Fraction(1) / (coefficient * radicand)})
        if len(self.terms) > _MOST_TERMS_INVERTED:
            return self.enclosure().reciprocal()
        factor = _separating_factor(self)
        conjugate = Surd({d: -q if d % factor == 0 else q for d, q in self.terms.items()})
        norm = self * conjugate  # fixed by the conjugation: no root in it contains the factor
        inverse = norm.reciprocal() if isinstance(norm, Surd | Interval) else Fraction(1) / norm
        result = conjugate * inverse
        assert isinstance(result, Surd | Interval), "the inverse of an irrational number is irrational"
        return result

    def __truediv__(self, other: Rational | Surd | Interval) -> Rational | Surd | Interval:
        match other:
            case int() | Fraction():
                return self * (Fraction(1) / other)
            case Surd() | Interval():
                return self * other.reciprocal()
        return NotImplemented

    def __rtruediv__(self, other: Rational | Interval) -> Rational | Surd | Interval:
        return self.reciprocal() * other

    def __pow__(self, exponent: int) -> Rational | Surd | Interval:
        """A non-negative integer power."""
        result: Rational | Surd | Interval = 1
        for bit in bin(exponent)[2:]:
            result = result * result
            if bit == "1":
                result = result * self
        return result

    def __str__(self) -> str:
        shown = [_term(radicand, coefficient) for radicand, coefficient in sorted(self.terms.items())]
        return " + ".join(shown).replace("+ -", "- ")


def square_root(value: Rational) -> Rational | Surd | None:
    """The exact square root of a rational that is not negative; ``None`` where its square-free part is hard to find.

    Example:
        >>> print(square_root(Fraction(9, 4)), square_root(Fraction(1, 8)))
        3/2 1/4*sqrt(2)
    """
    numerator, denominator = square_part(value.numerator), square_part(value.denominator)
    if numerator is None or denominator is None:
        return None
    # sqrt(a/b) = sqrt(a b)/b, and numerator and denominator share no prime.
    radicand, coefficient = numerator[1] * denominator[1], Fraction(numerator[0], denominator[0] * denominator[1])
    return coefficient if radicand == 1 or not coefficient else Surd({radicand: coefficient})


@lru_cache(maxsize=4096)
def square_part(value: int) -> tuple[int, int] | None:
    """``(s, d)`` with ``value = s^2 d`` and d square-free; ``None`` where trial division does not tell.

    Example:
        >>> square_part(72), square_part(10007**2), square_part(0)
        ((6, 2), (10007, 1), (0, 1))
    """
    whole = isqrt(value)
    if whole * whole == value:
        return whole, 1
    side, free, divisor = 1, 1, 2
    while divisor**3 <= value:
        if divisor > _LARGEST_TRIAL_DIVISOR:
            return None
        while value % (divisor * divisor) == 0:
            value //= divisor * divisor
            side *= divisor
        if value % divisor == 0:
            value //= divisor
            free *= divisor
        divisor += 1
    # No prime below the divisor is left and value < divisor^3: at most two primes, so a square or square-free.
    rest = isqrt(value)
    return (side * rest, free) if rest * rest == value else (side, free * value)


def _separating_factor(number: Surd) -> int:
    """A factor > 1 that divides each radicand or shares nothing with it: changing its root's sign is a conjugation."""
    factor = max(number.terms)
    for radicand in number.terms:
        if (common := gcd(factor, radicand)) > 1:
            factor = common
    return factor


def _terms(value: object) -> Mapping[int, Rational] | None:
    match value:
        case Surd():
            return value.terms
        case int() | Fraction():
            return {1: value}
    return None


def _number(terms: dict[int, Rational]) -> Rational | Surd | Interval:
    kept = {radicand: coefficient for radicand, coefficient in terms.items() if coefficient}
    if not kept:
        return 0
    if kept.keys() == {1}:
        return kept[1]
    return Surd(kept) if len(kept) <= _MOST_TERMS else Surd(kept).enclosure()


def _term(radicand: int, coefficient: Rational) -> str:
    if radicand == 1:
        return str(coefficient)
    sign = "-" if coefficient < 0 else ""
    return f"{sign}sqrt({radicand})" if abs(coefficient) == 1 else f"{coefficient}*sqrt({radicand})"
