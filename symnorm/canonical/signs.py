"""What is known of signs: which generators are not negative, which polynomials are visibly positive.

Asked by the naming of roots (may this be taken out of a root, may its sign be dropped); an answer of ``False`` means
"not known", never "negative".
"""

from __future__ import annotations

from fractions import Fraction

from symnorm.canonical.content import quotient, split
from symnorm.canonical.context import Context
from symnorm.canonical.terms import (
    ONE,
    Component,
    Head,
    Poly,
    add,
    as_term,
    constant,
    monomial_power,
    monomial_times,
    scale,
)

LOWERED_UP_TO = 4
"""An absolute value among more signs than these is not lowered: each can be lowered in two ways."""


class Signs:
    """Signs of generators and polynomials of one context."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def nonnegative(self, component: Component) -> bool:
        """Whether every atom is known to be, or stands squared."""
        return all(head.nonnegative or (e % 2 == 0 and head.kind != "root") for head, _, e in component.atoms)

    @staticmethod
    def formal(component: Component) -> bool:
        """A root that stands for the root of something negative, perhaps: named only to divide by its square."""
        return component.is_atom and component.head.kind == "root" and not component.head.nonnegative

    def positive(self, component: Component) -> bool:
        """Whether it is an atom that is known to be greater than zero."""
        return component.is_atom and component.head.positive

    def visibly_nonnegative(self, poly: Poly) -> bool:
        """Only positive coefficients on non-negative generators, sizes counted from their bounds, extrema as ranges.

        Or a single absolute value; or what is not negative when an absolute value |q| in it is lowered to q or -q.
        """
        return self._by_terms(self._shown(poly)) or self._is_absolute(poly) or self._when_lowered(poly)

    def _when_lowered(self, poly: Poly) -> bool:
        """``|q| + r`` is not negative if ``q + r`` or ``-q + r`` is not."""
        signs = sorted({g for m in poly for g, e in m if g.is_atom and g.head.kind == "sign" and e == 1}, key=hash)
        for sign in signs if len(signs) <= LOWERED_UP_TO else []:
            beside: Poly = {m - {(sign, 1)}: c for m, c in poly.items() if (sign, 1) in m}
            factor = self._divided(beside, self._argument(sign))
            if factor is None or not self._by_terms(factor):
                continue
            rest = {m: c for m, c in poly.items() if (sign, 1) not in m}
            if any(self.visibly_nonnegative(add(rest, scale(beside, way))) for way in (1, -1)):
                return True
        return False

    def visibly_positive(self, poly: Poly) -> bool:
        """Visibly not negative, and one of the terms is positive."""
        shown = self._shown(poly)
        return self._by_terms(shown) and any(all(self.positive(g) for g, _ in m) for m in shown)

    def visibly_nonzero(self, poly: Poly) -> bool:
        """A product of generators known not to vanish, or of one sign throughout."""
        term = as_term(poly)
        if term is not None:
            return all(component.is_atom and component.head.nonzero for component, _ in term[0])
        return bool(poly) and (self.visibly_positive(poly) or self.visibly_positive(scale(poly, -1)))

    def _shown(self, poly: Poly) -> Poly:
        return self._with_ranges(self._counted_from_bounds(poly))

    def _by_terms(self, poly: Poly) -> bool:
        return all(
            c > 0 and all(self.nonnegative(g) or (e % 2 == 0 and not self.formal(g)) for g, e in m)
            for m, c in poly.items()
        )

    def _is_absolute(self, poly: Poly) -> bool:
        """Whether each factor of unknown sign stands beside its sign: ``sgn(p) p`` is |p|."""
        if not poly:
            return True
        number, monomial, primitive = split(poly)
        powers = dict(monomial)
        signs = [g for g, e in monomial if g.is_atom and g.head.kind == "sign" and e == 1]
        unknown: list[Poly] = [
            {frozenset([(g, 1)]): 1}
            for g, e in monomial
            if g not in signs and not self.nonnegative(g) and not (e % 2 == 0 and not self.formal(g))
        ]
        odd = all(powers[g] % 2 for m in unknown for g, _ in next(iter(m)))
        unknown += [] if self._by_terms(primitive) else [primitive]
        arguments = [self._argument(sign) for sign in signs]
        return number > 0 and odd and len(arguments) == len(unknown) and all(p in arguments for p in unknown)

    def _divided(self, poly: Poly, divisor: Poly) -> Poly | None:
        """The quotient by a sign's argument, one generator or a primitive sum, if it comes out even."""
        term = as_term(divisor)
        if term is None:
            return quotient(self.context, poly, divisor)
        monomial, number = term
        if not all(dict(m).get(g, 0) >= e for m in poly for g, e in monomial):
            return None
        inverse = monomial_power(monomial, -1)
        return {monomial_times(m, inverse): c / Fraction(number) for m, c in poly.items()}

    def _argument(self, sign: Component) -> Poly:
        head, slots, _ = sign.atoms[0]
        return self.context.renamed(head.keys[0], {self.context.slot(i): index for i, index in enumerate(slots)})

    def _counted_from_bounds(self, poly: Poly) -> Poly:
        """``N - 1`` as ``k`` with ``N = k + 1``: what is known of a size's sign is that it is at least its bound."""
        if all(c > 0 for c in poly.values()):
            return poly
        result: Poly = {}
        for monomial, coefficient in poly.items():
            term: Poly = {ONE: coefficient}
            for component, exponent in monomial:
                least = component.head.least if component.is_atom and exponent > 0 else None
                if least is not None:
                    counted = add(self.context.atom(self._excess(component.head)), constant(least))
                    term = self.context.times(term, self.context.power(counted, exponent))
                else:
                    term = self.context.times(term, {frozenset([(component, exponent)]): 1})
            result = add(result, term)
        return result

    def _with_ranges(self, poly: Poly) -> Poly:
        """``max(-u)`` as ``r - max(u)`` with a range r >= 0, where both stand."""
        extrema = sorted({g for m in poly for g, _ in m if g.is_atom and g.head.kind == "largest"}, key=hash)
        for number, first in enumerate(extrema):
            for second in extrema[number + 1 :]:
                if opposite(first, second) and all(dict(m).get(second, 0) in (0, 1) for m in poly):
                    (_, slots, _) = second.atoms[0]
                    head = self.context.head("tensor", f"range {second.number}", len(slots))
                    head.nonnegative = True
                    counted = add(self.context.atom(head, slots), {frozenset([(first, 1)]): -1})
                    held = {m: c for m, c in poly.items() if second in dict(m)}
                    moved = [self.context.times({m - {(second, 1)}: c}, counted) for m, c in held.items()]
                    poly = add({m: c for m, c in poly.items() if m not in held}, *moved)
        return poly

    def _excess(self, size: Head) -> Head:
        head = self.context.head("excess", f"{size.name} - {size.least}", 0)
        head.nonnegative = True
        return head


def opposite(first: Component, second: Component) -> bool:
    """Whether two atoms are the largest of some u and of -u."""
    (one, here, _), (other, there, _) = first.atoms[0], second.atoms[0]
    alike = one.kind == other.kind == "largest" and one.name == other.name and here == there
    return alike and scale(one.keys[0], -1) == other.keys[0]
