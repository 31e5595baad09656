"""The largest over an axis and the shares of those that attain it: opaque heads, their argument made canonical.

``max(c u + b) = c max(u) + b`` for c >= 0 and for b and c without the reduced index; a factor of unknown sign leaves
its sign behind, ``max(g u) = |g| max(sgn(g) u)``. The share ``A_n(u)`` of index n (1/k where u is the largest at k
places, else 0) does not change under ``c u + b`` for c > 0, and it has two relations, which hold at ties too:
``sum_n A_n = 1`` and ``A_n u_n = A_n max(u)``. Called by :mod:`.resolve`; a smallest is the negative of a largest from
the start.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from symnorm.canonical.content import order, split
from symnorm.canonical.naming import Namer
from symnorm.canonical.rules import Rule, component_rule
from symnorm.canonical.terms import Component, Head, Monomial, Poly, add, as_term, constant, monomial_power, scale

Sign = Callable[[Component, int], Poly]


class Extrema:
    """Names extrema and their shares, with rules for a share's relations."""

    def __init__(self, namer: Namer, sign_of_power: Sign) -> None:
        self.namer = namer
        self.context = namer.context
        self.sign_of_power = sign_of_power
        self._related: set[Head] = set()

    def largest(self, head: Head, argument: Poly) -> Poly:
        """The largest over an argument's first slots; in slots for what else is free in it."""
        own = colours_of(head)
        value, slot = self._largest(head.name, argument, len(own)), self.context.slot
        return self.context.renamed(value, {slot(len(own) + i): slot(i) for i in range(head.arity)})

    def _largest(self, name: str, argument: Poly, own: int) -> Poly:
        outside, factor, inside = self._apart(argument, own, any_factor=True)
        if not inside:
            return outside
        value = self.namer.keyed("largest", name, inside, own)
        for monomial in value:
            for component, _ in monomial:
                component.head.nonnegative |= self.namer.signs.visibly_nonnegative(inside)
        return add(outside, self.context.times(factor, value))

    def share(self, head: Head, argument: Poly) -> Poly:
        """The share of an index: first the slots of the index, then those of what else is free in the argument."""
        colours, slot = colours_of(head), self.context.slot
        own, others = len(colours), head.arity - len(colours)
        _, _, inside = self._apart(argument, own, any_factor=False)
        if not inside:
            sizes = [self.context.sizes[colour] for colour in colours]
            return self.namer.reciprocal(self.context.times(constant(1), *sizes))
        places = tuple(slot(own + others + i) for i in range(own))
        value = self.namer.keyed("share", head.name, inside, own, places)
        (final,) = (component.head for monomial in value for component, _ in monomial)
        if final not in self._related:
            self._related.add(final)
            self._relate(final, colours)
        return self.context.renamed(value, {place: slot(i) for i, place in enumerate(places)})

    # taking out ---------------------------------------------------------------------------------------------------

    def _apart(self, argument: Poly, own: int, any_factor: bool) -> tuple[Poly, Poly, Poly]:
        """``outside + factor * inside``, the factor not negative and, unless any will do, not zero."""
        mine = frozenset(self.context.slot(i) for i in range(own))
        outside = {m: c for m, c in argument.items() if all(mine.isdisjoint(g.free) for g, _ in m)}
        rest = {m: c for m, c in argument.items() if m not in outside}
        if not rest:
            return outside, constant(1), {}
        number, monomial, primitive = split(rest)
        factor, inside = constant(number if number > 0 else -number), constant(1 if number > 0 else -1)
        left = dict(monomial)
        for component, exponent in monomial:
            if not mine.isdisjoint(component.free) or not self._may_leave(component, exponent, any_factor):
                continue
            del left[component]
            sign = self.sign_of_power(component, exponent) if self._has_sign(component, exponent) else constant(1)
            factor = self.context.times(factor, {frozenset([(component, exponent)]): 1}, sign)
            inside = self.context.times(inside, self._sign_left(sign, left))
        return outside, factor, self.context.times({frozenset(left.items()): 1}, inside, primitive)

    def _may_leave(self, component: Component, exponent: int, any_factor: bool) -> bool:
        if component.head.kind == "sign" and component.is_atom:
            return False  # what a factor left behind
        if not component.is_atom:
            return any_factor and self.namer.signs.nonnegative(component)
        unit = component.head.nonzero or exponent < 0  # a divisor is not zero where all of it is defined
        return not self.namer.signs.formal(component) and (any_factor or unit)

    def _has_sign(self, component: Component, exponent: int) -> bool:
        return exponent % 2 == 1 and not self.namer.signs.nonnegative(component)

    def _sign_left(self, sign: Poly, left: dict[Component, int]) -> Poly:
        """The sign that stays; beside the same sign it is 1, for where it is 0 the factor outside is 0 as well."""
        term = as_term(sign)
        if term is None or not term[0]:
            return sign
        ((atom, _),) = term[0]
        power = left.pop(atom, 0) + 1
        return constant(term[1]) if power % 2 == 0 else sign

    # relations ----------------------------------------------------------------------------------------------------

    def _relate(self, head: Head, colours: tuple[str, ...]) -> None:
        """The rules ``sum A = 1`` and ``A u = A max(u)``, the latter solved for the leading term of u."""
        head.nonnegative = True
        context, argument = self.context, head.keys[0]
        slots = tuple(context.slot(i) for i in range(head.arity))
        atom = context.atom(head, slots)
        whole = atom
        for number, colour in enumerate(colours):
            whole = context.bind(whole, slots[number], colour)
        summed = as_term(whole)
        if summed is not None and len(summed[0]) == 1 and summed[1] == 1:
            ((component, _),) = summed[0]
            if not component.is_atom:
                self.namer.rewriter.add(component_rule(component, {}, constant(1), "shares add up to 1"))
        mine = frozenset(slots[: len(colours)])
        own = {m: frozenset((g, e) for g, e in m if not mine.isdisjoint(g.free)) for m in argument}
        leading = [m for m in argument if all(e > 0 for _, e in own[m]) and _are_units(m - own[m])]
        if not leading:
            return
        lead = max(leading, key=order)
        inverse: Poly = {monomial_power(lead - own[lead], -1): Fraction(1) / Fraction(argument[lead])}
        rest = {m: c for m, c in argument.items() if m != lead}
        gap = add(self._largest(head.name, argument, len(colours)), scale(rest, -1))
        bound: list[str] = []
        atoms = ((head, slots, 1), *context.spread(own[lead], bound))
        value = context.times(atom, gap, inverse)
        self.namer.rewriter.add(Rule(atoms, tuple(bound), value, "where an extremum is attained"))


def _are_units(monomial: Monomial) -> bool:
    """Whether it may be divided by."""
    return all(component.is_atom and component.head.nonzero for component, _ in monomial)


def colours_of(head: Head) -> tuple[str, ...]:
    """The sizes of the indices that an extremum runs over."""
    return tuple(head.name.split("|"))


__all__ = ["Extrema", "colours_of"]
