"""What can be seen of a sign before anything is expanded.

A variance is visibly not negative as a sum of squares and no longer so once it is multiplied out; a normalizer's
divisor is visibly positive as ``sqrt(var + eps)`` with eps > 0. In comes a SymPy element as it was written, out comes
what its form and the assumptions say of its sign at every index. One rule a node kind, in :data:`RULES`. ``False``
means "not seen", never "negative". Called by the reader of the normal form and by the collection of side conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symnorm.tensors.nodes import maximum, minimum


@dataclass(frozen=True)
class Facts:
    """Signs that a claim assumes, by the name of a scalar or tensor, and lower bounds of sizes."""

    positive: frozenset[str] = frozenset()
    nonnegative: frozenset[str] = frozenset()
    negative: frozenset[str] = frozenset()
    nonpositive: frozenset[str] = frozenset()
    nonzero: frozenset[str] = frozenset()
    least: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Sign:
    """What is known of a real's sign, at every index."""

    nonnegative: bool = False
    nonpositive: bool = False
    nonzero: bool = False

    @property
    def positive(self) -> bool:
        """Greater than zero."""
        return self.nonnegative and self.nonzero

    def flipped(self) -> Sign:
        """The sign of the negative."""
        return Sign(self.nonpositive, self.nonnegative, self.nonzero)

    def times(self, other: Sign) -> Sign:
        """The sign of a product."""
        return Sign(
            (self.nonnegative and other.nonnegative) or (self.nonpositive and other.nonpositive),
            (self.nonnegative and other.nonpositive) or (self.nonpositive and other.nonnegative),
            self.nonzero and other.nonzero,
        )

    def plus(self, other: Sign) -> Sign:
        """The sign of a sum: numbers of one sign vanish together only if both do."""
        up, down = self.nonnegative and other.nonnegative, self.nonpositive and other.nonpositive
        return Sign(up, down, (up or down) and (self.nonzero or other.nonzero))

    def larger(self, other: Sign) -> Sign:
        """The sign of the larger of two."""
        down = self.nonpositive and other.nonpositive
        positive = self.positive or other.positive
        return Sign(self.nonnegative or other.nonnegative, down, positive or (down and self.nonzero and other.nonzero))


POSITIVE = Sign(nonnegative=True, nonzero=True)
NONNEGATIVE = Sign(nonnegative=True)
UNKNOWN = Sign()


def of_number(value: sp.Expr) -> Sign:
    """The sign of a number."""
    return Sign(bool(value >= 0), bool(value <= 0), bool(value != 0))


class Visible:
    """Signs of SymPy elements under assumptions.

    Example:
        >>> x = sp.Symbol("x", real=True)
        >>> Visible(Facts()).of(1 + x**2).positive
        True
        >>> Visible(Facts()).of(x).nonnegative
        False
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: dict[sp.Basic, Sign] = {}

    def of(self, expr: sp.Expr) -> Sign:
        """The sign of an element, wherever it is defined."""
        found = self._known.get(expr)
        if found is None:
            rule = RULES.get(type(expr))
            if expr.is_Rational:
                found = of_number(expr)
            elif expr.is_NumberSymbol:
                found = POSITIVE
            else:
                found = rule(self, expr) if rule is not None else UNKNOWN
            self._known[expr] = found
        return found

    def declared(self, name: str, symbol: sp.Basic) -> Sign:
        """The sign of an input: what its declaration promises and what is assumed."""
        facts = self.facts
        positive = bool(symbol.is_positive) or name in facts.positive
        negative = name in facts.negative
        return Sign(
            positive or bool(symbol.is_nonnegative) or name in facts.nonnegative,
            negative or name in facts.nonpositive,
            positive or negative or bool(symbol.is_nonzero) or name in facts.nonzero,
        )


def _sum(signs: Visible, expr: sp.Add) -> Sign:
    parts = [signs.of(arg) for arg in expr.args]
    found = parts[0]
    for part in parts[1:]:
        found = found.plus(part)
    if not (found.nonnegative or found.nonpositive) and all(_is_size(symbol) for symbol in expr.free_symbols):
        return _of_sizes(signs, expr)
    return found


def _is_size(symbol: sp.Basic) -> bool:
    return bool(symbol.is_Symbol and symbol.is_integer and symbol.is_positive)


def _of_sizes(signs: Visible, expr: sp.Add) -> Sign:
    """A polynomial in sizes, each counted from its lower bound: ``N = 2 + k`` with k >= 0."""
    sizes = sorted(expr.free_symbols, key=str)
    if not sizes:
        return of_number(sp.Add(*expr.args))
    try:
        moved = sp.Poly(expr.xreplace({size: size + signs.facts.least.get(str(size), 1) for size in sizes}), *sizes)
    except sp.PolynomialError:
        return UNKNOWN
    coefficients = dict(moved.terms())
    constant = of_number(coefficients.get((0,) * len(sizes), sp.Integer(0)))
    if all(c >= 0 for c in coefficients.values()):
        return Sign(nonnegative=True, nonzero=constant.nonzero)
    if all(c <= 0 for c in coefficients.values()):
        return Sign(nonpositive=True, nonzero=constant.nonzero)
    return UNKNOWN


def _product(signs: Visible, expr: sp.Mul) -> Sign:
    found = POSITIVE
    for factor in dict.fromkeys(expr.args):
        sign = signs.of(factor)
        if expr.args.count(factor) % 2 == 0:
            sign = Sign(nonnegative=True, nonzero=sign.nonzero)
        found = found.times(sign)
    return found


def _power(signs: Visible, expr: sp.Pow) -> Sign:
    base, exponent = signs.of(expr.base), expr.exp
    if exponent.is_Integer and exponent % 2 == 0:
        return Sign(nonnegative=True, nonzero=base.nonzero)
    if exponent.is_Integer:
        return base
    if exponent.is_Rational:
        return Sign(nonnegative=True, nonzero=base.positive)  # a root is not negative wherever it is real
    return Sign(nonnegative=base.nonnegative, nonzero=base.positive)


RULES: dict[type, Callable[[Visible, sp.Basic], Sign]] = {
    sp.Symbol: lambda s, e: s.declared(e.name, e),
    sp.Indexed: lambda s, e: s.declared(str(e.base.label), e.base.label),
    sp.Add: _sum,
    sp.Mul: _product,
    sp.Pow: _power,
    sp.Sum: lambda s, e: s.of(e.function).plus(s.of(e.function)),
    sp.Abs: lambda s, e: Sign(nonnegative=True, nonzero=s.of(e.args[0]).nonzero),
    sp.sign: lambda s, e: s.of(e.args[0]),
    sp.exp: lambda s, e: POSITIVE,
    sp.KroneckerDelta: lambda s, e: NONNEGATIVE,
    maximum: lambda s, e: s.of(e.args[0]).larger(s.of(e.args[1])),
    minimum: lambda s, e: s.of(e.args[0]).flipped().larger(s.of(e.args[1]).flipped()).flipped(),
}
"""The sign of each node kind from its arguments' signs, where it is defined."""
