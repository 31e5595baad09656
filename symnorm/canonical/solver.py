"""One question's normal forms: read, resolve, reduce, and ask whether anything is left."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import sympy as sp

from symnorm.canonical.content import quotient, split
from symnorm.canonical.context import Context
from symnorm.canonical.reader import Reader
from symnorm.canonical.resolve import Resolver
from symnorm.canonical.rules import Rewriter, component_rule, matches
from symnorm.canonical.skeletons import simplified
from symnorm.canonical.terms import Component, Monomial, Poly, add, as_term, monomial_power, scale
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
        self.oriented: list[Component | None] = []  # what each relation was solved for, for a proof's record
        self.unsolved: list[Poly] = []  # relations that could be solved for nothing
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
        """The polynomial times its common denominator."""
        return self.resolver.over_divisors(poly)[0]

    def vanishes(self, expr: sp.Expr) -> bool:
        """Whether the normal form is zero: then the expression is, at every size where nothing divides by zero."""
        return self.is_zero(self.read(expr)[0])

    def equal(self, left: sp.Expr, right: sp.Expr) -> bool:
        """Whether two expressions have one normal form, in the cases that are settled."""
        raw = [self.reader.read(left), self.reader.read(right)]
        with self.resolver.cases.of(raw):
            (difference,) = self.settle([add(raw[0], scale(raw[1], -1))])  # what both sides share is not reduced
        return self.is_zero(difference)

    def is_zero(self, poly: Poly) -> bool:
        """Whether a normal form has the value zero: it is empty without its denominator, whatever signs stand in it."""
        numerator = self.numerator(poly)
        if not numerator or self._zero_for_each_sign(numerator) or self._zero_under_sums(numerator):
            return True
        return any(self._is_multiple(numerator, self.rewriter.reduce(relation)) for relation in self.unsolved)

    def _is_multiple(self, poly: Poly, relation: Poly) -> bool:
        """Whether a polynomial is one that is assumed to be zero times another."""
        if not any(relation):  # nothing, or a number: what contradicts itself proves nothing
            return False
        _, shared, primitive = split(relation)
        holds_it = all(dict(m).get(c, 0) >= e for m in poly for c, e in shared)
        return holds_it and quotient(self.context, poly, primitive) is not None

    def _zero_under_sums(self, poly: Poly) -> bool:
        """Whether reciprocals under sums cancel, once equal skeletons are added."""
        shorter = simplified(self.resolver, poly)
        if shorter == poly:
            return False
        numerator = self.numerator(shorter)
        return not numerator or self._zero_for_each_sign(numerator)

    def _zero_for_each_sign(self, poly: Poly) -> bool:
        """``a + b sgn(p) + c sgn(p)^2`` is zero if ``a + c = b = 0`` and a is zero where p is."""
        sign = next((c for m in poly for c, _ in m if c.is_atom and c.head.kind == "sign"), None)
        if sign is None:
            return False
        parts: list[Poly] = [{}, {}, {}]
        for monomial, coefficient in poly.items():
            exponent = dict(monomial).get(sign, 0)
            parts[exponent][monomial - {(sign, exponent)}] = coefficient
        head, slots, _ = sign.atoms[0]
        places = {self.context.slot(i): index for i, index in enumerate(slots)}
        argument = self.rewriter.reduce(self.context.renamed(head.keys[0], places))
        if not (self.is_zero(parts[1]) and self.is_zero(add(parts[0], parts[2]))):
            return False
        return head.nonzero or self._vanishes_with(argument, parts[0])

    def _vanishes_with(self, factor: Poly, poly: Poly) -> bool:
        """Whether a polynomial is visibly zero where a factor is, by being a multiple of it."""
        term = as_term(factor)
        if not poly or term is None:
            return not poly or (bool(factor) and quotient(self.context, poly, factor) is not None)
        return all(component in dict(monomial) for monomial in poly for component, _ in term[0])

    def assume(self, left: sp.Expr, right: sp.Expr, leftwards: bool = False) -> bool:
        """Take ``left == right`` as a relation of what is read from here on; whether it could be oriented.

        With ``leftwards`` it is solved for a component of its left side, as the defining relations of a system are:
        the matrix is eliminated, ``Sigma -> V diag(l) V^T``, and what is left is free but for ``V^T V = I``.
        """
        a, b = self.read(left, right)
        first = frozenset(c for m in a for c, _ in m) if leftwards else frozenset()
        return self.orient(self.resolver.cleared(add(a, scale(b, -1))), "assumed", first=first)

    def orient(
        self, relation: Poly, reason: str, divide_by_any: bool = False, first: frozenset[Component] = frozenset()
    ) -> bool:
        """Make a rule of ``relation == 0``: solved for its largest component that stands alone in a term.

        With ``divide_by_any`` an atom beside it need not be known to differ from zero: for what is proved afterwards.
        One of ``first`` is taken before all others.
        """
        found = max(
            ((c, m) for m in relation for c, e in m if e == 1 and self._alone(c, m, relation, divide_by_any)),
            key=lambda pair: (pair[0] in first, len(pair[0].colours), _degree(pair[0]), -pair[0].number),
            default=None,
        )
        if found is None:
            self.oriented.append(None)
            self.unsolved.append(relation)
            return not relation
        component, monomial = found
        self.oriented.append(component)
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
        near = [(c, e) for c, e in monomial if c is not component]
        beside = [c for c, _ in near]
        others = [c for m in relation if m != monomial for c, _ in m]
        free = frozenset().union(*(c.free for c in [*beside, *others]))
        slots = {token: Context.slot(i) for i, token in enumerate(component.free)}
        pattern = component_rule(component, slots, {}, "")  # nor at other indices: F[n, m] is not led to F[m, n]
        again = any(matches(pattern, c, frozenset(h for h, _, _ in c.atoms)) for c in others)
        # what the relation divides by already is multiplied by
        units = all(c.is_atom and (e < 0 or divide_by_any or c.head.nonzero) for c, e in near)
        return units and not again and free <= component.free and component.head.kind != "delta"


def _degree(component: Component) -> int:
    return sum(e for _, _, e in component.atoms)
