"""Formulas of a few numbers, evaluated over ranges of them again and again: rigorous enclosures with floats for ends.

In comes a SymPy expression, once, and ranges for its symbols, many times; out comes a range that contains every value
that the expression takes there. The four operations and the square root of floats are rounded to nearest, so the next
float outward is beyond the exact result; exponentials and the like are those of :mod:`.numbers`, rounded outward.
Called by the proof by subdivision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import inf, isfinite, nextafter, sqrt

import sympy as sp

from symnorm.errors import Unsupported
from symnorm.evaluate import numbers
from symnorm.evaluate.interpreter import evaluate
from symnorm.evaluate.interval import Undetermined, working_precision
from symnorm.evaluate.model import Model
from symnorm.tensors.nodes import maximum, minimum

Span = tuple[float, float]
BITS = 64


MOST_TIMES = 64
LARGEST_ARGUMENT = 700.0  # the exponential of more is no float


class Formula:
    """An expression as a list of steps, each over the results of those before it.

    Raises:
        Unsupported: a node that has no rule here.

    Example:
        >>> a = sp.Symbol("a", real=True)
        >>> Formula(a**2 - a).over({"a": (2.0, 3.0)})
        (0.999999999999999, 7.000000000000003)
    """

    def __init__(self, expr: sp.Expr) -> None:
        self.steps: list[tuple[Callable[..., Span], Sequence[int]]] = []
        self.names: dict[str, int] = {}
        self._places: dict[sp.Basic, int] = {}
        self._place(expr)

    def over(self, box: Mapping[str, Span]) -> Span:
        """What contains the values.

        Raises:
            OutsideDomain, Undetermined: it is not known to be defined in all of the box.
        """
        read = {place: box[name] for name, place in self.names.items()}
        found: list[Span] = []
        for place, (rule, args) in enumerate(self.steps):
            low, high = read[place] if place in read else rule(*[found[arg] for arg in args])
            if not low <= high:  # a NaN among them
                raise Undetermined("a step that gave", (low, high))
            found.append((low, high))
        return found[-1]

    def _place(self, expr: sp.Basic) -> int:
        if expr not in self._places:
            rule, args = self._rule(expr)
            below = [self._place(arg) for arg in args]
            self._places[expr] = len(self.steps)
            if isinstance(expr, sp.Symbol):
                self.names[expr.name] = len(self.steps)
            self.steps.append((rule, below))
        return self._places[expr]

    def _rule(self, expr: sp.Basic) -> tuple[Callable[..., Span], Sequence[sp.Basic]]:
        if not expr.free_symbols:
            value = _number(expr)
            return lambda: value, ()
        if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
            power = Fraction(int(expr.exp.p), int(expr.exp.q))
            if power.denominator in (1, 2) and 0 < abs(power.numerator) <= MOST_TIMES:
                return lambda base: _power(base, power), (expr.base,)
        rule = RULES.get(type(expr))
        if rule is None:
            raise Unsupported(f"no enclosure of {type(expr).__name__} in {expr}")
        return rule, expr.args


def _outward(low: float, high: float) -> Span:
    return nextafter(low, -inf), nextafter(high, inf)


def _sum(*terms: Span) -> Span:
    low, high = terms[0]
    for other in terms[1:]:
        low, high = _outward(low + other[0], high + other[1])
    return low, high


def _product(*factors: Span) -> Span:
    found = factors[0]
    for other in factors[1:]:
        ends = [a * b for a in found for b in other]
        if not all(map(isfinite, ends)):
            raise Undetermined("a product over", factors)
        found = _outward(min(ends), max(ends))
    return found


def _power(base: Span, power: Fraction) -> Span:
    if power < 0:
        low, high = _power(base, -power)
        if low <= 0 <= high:
            raise Undetermined("one over", (low, high))
        return _outward(1 / high, 1 / low)
    if power.denominator == 2:
        if base[0] < 0:
            raise Undetermined("the root of", base)
        base = max(0.0, nextafter(sqrt(base[0]), -inf)), nextafter(sqrt(base[1]), inf)
    times = power.numerator
    if times % 2 == 0 and base[0] <= 0 <= base[1]:
        top = max(-base[0], base[1])
        return 0.0, _product(*[(top, top)] * times)[1]
    ends = [_product(*[(end, end)] * times) for end in base]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _absolute(span: Span) -> Span:
    low, high = span
    return (low, high) if low >= 0 else (-high, -low) if high <= 0 else (0.0, max(-low, high))


def _sign(span: Span) -> Span:
    """A sign that is the same in all of the range, and not 0."""
    if span[0] <= 0 <= span[1]:
        raise Undetermined("the sign of", span)
    return (1.0, 1.0) if span[0] > 0 else (-1.0, -1.0)


def _rising(function: Callable[[Fraction], numbers.Number]) -> Callable[[Span], Span]:
    """The rule of an increasing function."""

    @lru_cache(maxsize=1 << 14)
    def at(value: float) -> Span:
        if abs(value) > LARGEST_ARGUMENT:
            raise Undetermined("a function of", value)
        with working_precision(BITS):
            return _floats(function(Fraction(value)))

    return lambda span: (at(span[0])[0], at(span[1])[1])


def _number(expr: sp.Basic) -> Span:
    return _floats(evaluate(expr, Model()))


def _floats(value: numbers.Number) -> Span:
    exact = numbers.enclosure(value)
    return span_of(exact.lo, exact.hi)


def span_of(low: Fraction, high: Fraction) -> Span:
    """The narrowest range of floats with both numbers in it, or one a float wider.

    Example:
        >>> span_of(Fraction(1, 2), Fraction(1))
        (0.5, 1.0)
    """
    try:
        below, above = float(low), float(high)
    except OverflowError as error:
        raise Undetermined("a float for", low) from error
    if Fraction(below) == low and Fraction(above) == high:
        return below, above
    return _outward(below, above)


RULES: Mapping[type, Callable[..., Span]] = {
    sp.Symbol: lambda: (0.0, 0.0),  # read from the box
    sp.Add: _sum,
    sp.Mul: _product,
    sp.exp: _rising(numbers.exp),
    sp.erf: _rising(numbers.erf),
    sp.log: _rising(numbers.log),
    sp.Abs: _absolute,
    sp.sign: _sign,
    maximum: lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    minimum: lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
}
