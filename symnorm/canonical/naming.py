"""Names for what is not a polynomial: the head of an argument, the root of a radicand, the reciprocal of a sum.

An argument is made canonical (its free indices as slots, in the order that gives the least key) before it is looked up,
so that two roots are one when their radicands are. A root is given its relation when it is first named: solved for a
pivot where it has one, else by bounding its exponents. Reciprocals of sums are cleared again by :meth:`Namer.fraction`.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from symnorm.canonical.content import quotient, reciprocals, split
from symnorm.canonical.context import Context
from symnorm.canonical.pivots import Pivot, Solved, candidates, occurs_in
from symnorm.canonical.rules import Rewriter, component_rule
from symnorm.canonical.signs import Signs
from symnorm.canonical.terms import ONE, Component, Head, Poly, add, as_term, constant, free_tokens

SLOT_ORDERS = 4
"""Up to this many free indices, every order of them is tried for the key of an argument."""


class Namer:
    """Gives heads to arguments and relations to roots, by adding rules to a rewriter."""

    def __init__(self, context: Context, rewriter: Rewriter) -> None:
        self.context = context
        self.rewriter = rewriter
        self.signs = Signs(context)
        self.pivots: list[tuple[Head, list[Component]]] = []  # what each root was solved for, its averages first

    # keys ---------------------------------------------------------------------------------------------------------

    def keyed(self, kind: str, name: str, argument: Poly, own: int = 0, places: tuple[int, ...] = ()) -> Poly:
        """An atom of a final head over an argument in slots; ``own`` first slots belong to the function itself."""
        tokens = free_tokens(argument)
        first = [self.context.slot(i) for i in range(own)]
        others = sorted(tokens - set(first), reverse=True)
        orders = list(permutations(others)) if 1 < len(others) <= SLOT_ORDERS else [tuple(others)]
        keys = [self._in_slots(argument, first, order) for order in orders]
        ranked = [_rank(key) for key in keys]
        best = min(range(len(keys)), key=lambda i: ranked[i])
        head = self.context.head(kind, name, len(places) + len(others), (keys[best],))
        same = [orders[i] for i in range(len(keys)) if ranked[i] == ranked[best]]
        if len(same) > 1 and not head.symmetries:
            offset = tuple(range(len(places)))
            head.symmetries = tuple(
                (*offset, *(len(places) + orders[best].index(token) for token in order)) for order in same
            )
        if kind == "sign":
            term = as_term(keys[best])
            head.nonzero = term is not None and all(
                component.is_atom and component.head.nonzero for component, _ in term[0]
            )
        return self.context.atom(head, (*places, *orders[best]))

    def _in_slots(self, argument: Poly, first: list[int], order: tuple[int, ...]) -> Poly:
        renaming = {token: self.context.slot(i) for i, token in enumerate((*first, *order))}
        return self.context.renamed(argument, {old: new for old, new in renaming.items() if old != new})

    # roots --------------------------------------------------------------------------------------------------------

    def named_root(self, radicand: Poly, genuine: bool = False, positive: bool = False) -> Poly:
        """``sqrt(radicand)`` as an atom; genuine if the radicand is known not to be negative."""
        known = len(self.context.heads)
        value = self.keyed("root", "root", radicand)
        (head,) = (component.head for monomial in value for component, _ in monomial)
        head.nonnegative = head.nonnegative or genuine
        head.nonzero = head.nonzero or positive
        if len(self.context.heads) > known:
            self._relate(head, head.keys[0])
        return value

    def _relate(self, head: Head, radicand: Poly) -> None:
        """Give a new root its relation ``head^2 = radicand``: by a pivot, or by bounding its exponents."""
        head.nonzero = head.nonzero or self.signs.visibly_positive(radicand)
        head.nonnegative = head.nonnegative or self.signs.visibly_nonnegative(radicand)
        for pivot in candidates(self.context, radicand, head.arity, self.rewriter.rules):
            if self._solve(head, pivot):
                return
        self._square(head, radicand)

    def _solve(self, head: Head, pivot: Pivot) -> bool:
        if any(occurs_in(pivot.component, square) for square, _ in self.rewriter.squares.values()):
            return False  # that root's square would be rewritten under it
        slots = tuple(self.context.slot(i) for i in range(head.arity))
        solved = Solved(self.context, pivot, self.context.atom(head, slots, 2))
        inverse = {}
        for space, value in solved.eigenvalues().items():
            if not self.signs.visibly_nonzero(value):
                return False
            inverse[space] = self.reciprocal(value)
        replacement = self.rewriter.reduce(solved.replacement(inverse))
        rule = component_rule(pivot.component, {}, replacement, f"solved for root {head.number}")
        self.pivots.append((head, solved.components()))
        self.rewriter.add(rule)
        return True

    def _square(self, head: Head, radicand: Poly) -> None:
        head.square, inverse = radicand, self.reciprocal(radicand)
        self.rewriter.squares[head] = (radicand, inverse)
        term = as_term(inverse)
        if head.nonnegative and term is not None and term[1] > 0 and len(term[0]) == 1:
            ((component, _),) = term[0]  # a radicand is not negative, so neither is its reciprocal
            component.head.nonnegative |= component.is_atom and component.head.kind == "reciprocal"

    def reciprocal(self, poly: Poly) -> Poly:
        """``1/poly``: a monomial where it is one, else an atom that keeps its argument."""
        number, monomial, primitive = split(poly)
        value: Poly = {ONE: Fraction(1) / Fraction(number)}
        for component, exponent in monomial:
            if not component.is_atom:
                root = self.named_root({frozenset([(component, 1)]): 1})
                value = self.context.times(value, self.context.power(root, -2 * exponent))
            else:
                value = self.context.times(value, {frozenset([(component, -exponent)]): 1})
        if primitive != constant(1):
            atom = self.keyed("reciprocal", "reciprocal", primitive)
            (head,) = (component.head for m in atom for component, _ in m)
            head.nonzero = True
            head.nonnegative |= self.signs.visibly_nonnegative(primitive)
            self.rewriter.inverses[head] = head.keys[0]
            value = self.context.times(value, atom)
        return value

    # denominators -------------------------------------------------------------------------------------------------

    def fraction(self, poly: Poly) -> tuple[Poly, Poly]:
        """Numerator and denominator: no reciprocal stands free in either, common factors divided out."""
        numerator, divisors = self.over_divisors(poly)
        denominator = constant(1)
        for divisor in divisors if numerator else []:
            shorter = quotient(self.context, numerator, divisor)
            if shorter is None:
                denominator = self.context.times(denominator, divisor)
            else:
                numerator = shorter
        return numerator, denominator

    def over_divisors(self, poly: Poly) -> tuple[Poly, list[Poly]]:
        """A numerator without free reciprocals and what it is divided by, common factors left in both."""
        numerator, divisors = poly, list[Poly]()
        while (component := next(reciprocals(numerator), None)) is not None:
            head, slots, _ = component.atoms[0]
            places = {self.context.slot(i): index for i, index in enumerate(slots)}
            divisor = self.context.renamed(head.keys[0], places)
            power = max(dict(m).get(component, 0) for m in numerator)
            cleared: Poly = {}
            for monomial, coefficient in numerator.items():
                exponent = dict(monomial).get(component, 0)
                rest = monomial - {(component, exponent)}
                factor = self.context.power(divisor, power - exponent)
                cleared = add(cleared, self.context.times({rest: coefficient}, factor))
            numerator = self.rewriter.reduce(cleared)
            divisors += [divisor] * power
        return numerator, divisors

    def cleared(self, poly: Poly) -> Poly:
        """The same value over one common denominator, so that equal values look alike."""
        if next(reciprocals(poly), None) is None:
            return poly
        numerator, denominator = self.fraction(poly)
        if not numerator or denominator == constant(1):
            return numerator
        return self.context.times(numerator, self.reciprocal(denominator))


def _rank(key: Poly) -> list[tuple[list[tuple[int, int]], Fraction]]:
    """A polynomial as something that can be compared."""
    return sorted((sorted((c.number, e) for c, e in m), Fraction(n)) for m, n in key.items())
