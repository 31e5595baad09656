"""One question's normal forms: read, resolve, reduce, and ask whether anything is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp

from symnorm.canonical.reader import Facts, Reader
from symnorm.canonical.resolve import Resolver
from symnorm.canonical.rules import Rewriter
from symnorm.canonical.terms import Context, Poly, add, scale


class Solver:
    """Normal forms of SymPy index expressions within one question.

    Args:
        facts: signs that are assumed.
        symmetric: names of symmetric matrices.

    Example:
        >>> from symnorm.tensors import axes, mean, tensor, total
        >>> N, C = axes("N C")
        >>> x = tensor("x", N, C)
        >>> Solver().vanishes(total(x - mean(x, over=N), over=N).expr)
        True
    """

    def __init__(self, facts: Facts | None = None, symmetric: Iterable[str] = ()) -> None:
        self.context = Context()
        self.reader = Reader(self.context, facts)
        self.rewriter = Rewriter(self.context)
        self.resolver = Resolver(self.context, self.rewriter, self.reader.genuine)
        for name in symmetric:
            self.reader.symmetric(name)

    def read(self, *exprs: sp.Expr) -> list[Poly]:
        """The expressions' normal forms, all roots of all of them named together."""
        raw = [self.reader.read(expr) for expr in exprs]
        return self.settle(raw)

    def settle(self, polys: list[Poly]) -> list[Poly]:
        """Normal forms of polynomials that may hold provisional heads."""
        self.resolver.resolve()
        return [self.rewriter.reduce(poly) for poly in polys]

    def numerator(self, poly: Poly) -> Poly:
        """The polynomial without its common denominator."""
        return self.resolver.fraction(poly)[0]

    def vanishes(self, expr: sp.Expr) -> bool:
        """Whether the normal form is zero: then the expression is, at every size where nothing divides by zero."""
        return not self.numerator(self.read(expr)[0])

    def equal(self, left: sp.Expr, right: sp.Expr) -> bool:
        """Whether two expressions have one normal form."""
        a, b = self.read(left, right)
        return not self.numerator(add(a, scale(b, -1)))

    def positions(self, poly: Poly, places: Mapping[sp.Symbol, int]) -> Poly:
        """The polynomial at positions in place of free indices."""
        token = self.context.token
        return self.context.renamed(poly, {token(symbol): token(place) for symbol, place in places.items()})
