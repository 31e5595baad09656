"""What can be seen of a sign before anything is expanded.

A variance is visibly not negative as a sum of squares and no longer so once it is multiplied out; a normalizer's
divisor is visibly positive as ``sqrt(var + eps)`` with eps > 0. In comes a SymPy element as it was written, out comes
what its form and the assumptions say of its sign at every index. One rule a node kind, in :data:`RULES`. ``False``
means "not seen", never "negative". Called by the reader of the normal form and by the collection of side conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

import sympy as sp

from symnorm.canonical.largest_of import without_pairs
from symnorm.tensors.axis import Index
from symnorm.tensors.nodes import attains, largest, maximum, minimum

POWER_LIMIT, TERMS_LIMIT = 16, 400
"""Of a polynomial in sizes: what is larger is not multiplied out to see its sign."""


@dataclass(frozen=True)
class Facts:
    """Signs that a claim assumes: by the name of a scalar or tensor, of a whole expression, lower bounds of sizes.

    An assumed sign of an expression holds wherever the expression stands as it was written, at other indices too; its
    key is its :func:`pattern`.
    """

    positive: frozenset[str] = frozenset()
    nonnegative: frozenset[str] = frozenset()
    negative: frozenset[str] = frozenset()
    nonpositive: frozenset[str] = frozenset()
    nonzero: frozenset[str] = frozenset()
    least: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[object, Sign] = field(default_factory=dict)


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


def pattern(expr: sp.Basic) -> object:
    """An expression as it is written with its indices, free and bound, numbered in order of appearance.

    Two of one pattern are one expression at different indices.

    Example:
        >>> from symnorm.tensors import axes, tensor
        >>> N, M = axes("N")[0], axes("N")[0].copy("M")
        >>> x = tensor("x", N)
        >>> pattern((1 - x).element) == pattern((1 - x.rename({N: M})).element)
        True
    """
    return _pattern(expr, {})


def _pattern(expr: sp.Basic, numbers: dict[sp.Basic, int]) -> object:
    if isinstance(expr, sp.Dummy | Index):
        return numbers.setdefault(expr, len(numbers))
    return (type(expr), *(_pattern(arg, numbers) for arg in expr.args)) if expr.args else expr


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
            if self.facts.written and (assumed := self.facts.written.get(pattern(expr))) is not None:
                found = assumed
            elif expr.is_Rational:
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
    bounded = {arg: bound for arg in expr.args if (bound := _least(arg)) is not None}
    least = sum(bounded.values())
    if len(bounded) > 1 and least >= 0:  # 1 - sign(x)
        rest = [part for arg, part in zip(expr.args, parts, strict=True) if arg not in bounded]
        parts = [Sign(nonnegative=True, nonzero=bool(least > 0)), *rest]
    found = parts[0]
    for part in parts[1:]:
        found = found.plus(part)
    if not (found.nonnegative or found.nonpositive) and (counted := _counted(expr, signs.facts)) is not None:
        return _of_terms(counted)
    if not found.nonnegative and (unpaired := without_pairs(expr)) is not None:
        left = NONNEGATIVE
        for sign, term in unpaired:
            left = left.plus(signs.of(term) if sign > 0 else signs.of(term).flipped())
        return Sign(nonnegative=left.nonnegative, nonzero=left.positive)
    return found


def _least(expr: sp.Expr) -> sp.Rational | None:
    """The least value of a number, or of ``c sign(...)``."""
    if expr.is_Rational:
        return expr
    number, rest = expr.as_coeff_Mul()
    return -abs(number) if isinstance(rest, sp.sign) and number.is_Rational else None


Terms = dict[tuple[str, ...], Fraction]
"""A polynomial in sizes, each counted from its lower bound: a term's sizes, in order, and its coefficient."""


def _of_terms(terms: Terms) -> Sign:
    """The sign of a polynomial in numbers that are not negative."""
    up, down = all(c >= 0 for c in terms.values()), all(c <= 0 for c in terms.values())
    return Sign(up, down, (up or down) and bool(terms.get(())))


def _counted(expr: sp.Expr, facts: Facts) -> Terms | None:
    """Numbers and sizes multiplied out, ``N = 2 + k`` with k >= 0; ``None`` for anything else.

    By exact arithmetic of our own: SymPy takes ``2 + (-1)*2``, written as it stands, for something that is not 0.
    """
    if expr.is_Rational:
        return {(): Fraction(int(expr.p), int(expr.q))} if expr != 0 else {}
    if expr.is_Symbol:
        if not (expr.is_integer and expr.is_positive):
            return None
        return {(expr.name,): Fraction(1), (): Fraction(facts.least.get(expr.name, 1))}
    if isinstance(expr, sp.Pow):
        exponent = expr.exp
        if not (exponent.is_Integer and 0 <= exponent <= POWER_LIMIT):
            return None
        factors = [expr.base] * int(exponent)
    elif isinstance(expr, sp.Add | sp.Mul):
        factors = list(expr.args)
    else:
        return None
    found: Terms = {} if isinstance(expr, sp.Add) else {(): Fraction(1)}
    for factor in factors:
        other = _counted(factor, facts)
        if other is None or len(found) * len(other) > TERMS_LIMIT:
            return None
        found = _plus(found, other) if isinstance(expr, sp.Add) else _times(found, other)
    return found


def _plus(a: Terms, b: Terms) -> Terms:
    total = {term: a.get(term, Fraction(0)) + b.get(term, Fraction(0)) for term in {**a, **b}}
    return {term: coefficient for term, coefficient in total.items() if coefficient}


def _times(a: Terms, b: Terms) -> Terms:
    found: Terms = {}
    for (left, c), (right, d) in product(a.items(), b.items()):
        found = _plus(found, {tuple(sorted((*left, *right))): c * d})
    return found


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
    sp.erf: lambda s, e: s.of(e.args[0]),
    sp.log: lambda s, e: s.of(sp.Add(e.args[0], sp.Integer(-1), evaluate=False)),
    sp.KroneckerDelta: lambda s, e: NONNEGATIVE,
    largest: lambda s, e: s.of(e.body),  # it is one of them
    attains: lambda s, e: NONNEGATIVE,
    maximum: lambda s, e: s.of(e.args[0]).larger(s.of(e.args[1])),
    minimum: lambda s, e: s.of(e.args[0]).flipped().larger(s.of(e.args[1]).flipped()).flipped(),
}
"""The sign of each node kind from its arguments' signs, where it is defined."""
