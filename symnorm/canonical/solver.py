"""One question's normal forms: read, resolve, reduce, and ask whether anything is left."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import sympy as sp

from symnorm.canonical.context import Context
from symnorm.canonical.reader import Reader
from symnorm.canonical.resolve import Resolver
from symnorm.canonical.rules import Rewriter, component_rule, matches
from symnorm.canonical.terms import Component, Monomial, Poly, add, monomial_power, scale
from symnorm.canonical.visible import Facts


class Solver:
    """Normal forms of SymPy index expressions within one question.

    Args:
        facts: signs that are assumed.
        symmetric: names of symmetric matrices.
        cases: signs of the arguments of absolute values, in the order in which they are met.

    Example:
        >>> from symnorm.tensors import axes, mean, tensor, total
        >>> N, C = axes("N C")
        >>> x = tensor("x", N, C)
        >>> Solver().vanishes(total(x - mean(x, over=N), over=N).expr)
        True
    """

    def __init__(self, facts: Facts | None = None, symmetric: Iterable[str] = (), cases: tuple[int, ...] = ()) -> None:
        self.context = Context()
        self.reader = Reader(self.context, facts)
        self.rewriter = Rewriter(self.context)
        self.resolver = Resolver(self.context, self.rewriter, self.reader.genuine, self.reader.positive)
        self.resolver.cases.settled = cases
        for name in symmetric:
            self.reader.symmetric(name)

    def read(self, *exprs: sp.Expr) -> list[Poly]:
        """The expressions' normal forms, all roots of all of them named together."""
        return self.settle([self.reader.read(expr) for expr in exprs])

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
        """Whether two expressions have one normal form, in the cases that are settled."""
        raw = [self.reader.read(left), self.reader.read(right)]
        with self.resolver.cases.of(raw):
            a, b = self.settle(raw)
        return not self.numerator(add(a, scale(b, -1)))

    def assume(self, left: sp.Expr, right: sp.Expr) -> bool:
        """Take ``left == right`` as a relation of what is read from here on; whether it could be oriented."""
        a, b = self.read(left, right)
        return self.orient(self.resolver.cleared(add(a, scale(b, -1))), "assumed")

    def orient(self, relation: Poly, reason: str, divide_by_any: bool = False) -> bool:
        """Make a rule of ``relation == 0``: solved for its largest component that stands alone in a term.

        With ``divide_by_any`` an atom beside it need not be known to differ from zero: for what is proved afterwards.
        """
        found = max(
            ((c, m) for m in relation for c, e in m if e == 1 and self._alone(c, m, relation, divide_by_any)),
            key=lambda pair: (len(pair[0].colours), sum(e for _, _, e in pair[0].atoms), -pair[0].number),
            default=None,
        )
        if found is None:
            return not relation
        component, monomial = found
        context = self.context
        rest = {m: c for m, c in relation.items() if m != monomial}
        beside = monomial - {(component, 1)}
        inverse: Poly = {monomial_power(beside, -1): Fraction(-1) / Fraction(relation[monomial])}
        boundary = {token: context.slot(i) for i, token in enumerate(sorted(component.free, reverse=True))}
        replacement = context.renamed(context.times(rest, inverse), boundary)
        self.rewriter.add(component_rule(component, boundary, replacement, reason))
        return True

    @staticmethod
    def _alone(component: Component, monomial: Monomial, relation: Poly, divide_by_any: bool) -> bool:
        """Beside it only atoms that may be divided by; nothing else of the relation holds it or needs more indices."""
        beside = [c for c, _ in monomial if c is not component]
        others = [c for m in relation if m != monomial for c, _ in m]
        free = frozenset().union(*(c.free for c in [*beside, *others]))
        pattern = component_rule(component, {}, {}, "")
        again = any(matches(pattern, c, frozenset(h for h, _, _ in c.atoms)) for c in others)
        units = all(c.is_atom and (divide_by_any or c.head.nonzero) for c in beside)
        return units and not again and free <= component.free and component.head.kind != "delta"
