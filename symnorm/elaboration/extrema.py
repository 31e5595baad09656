"""The largest value over an axis, as a certificate writes it: the shares A of the places where it is attained.

``sum_n A_n = 1`` and ``A_n P_n = A_n V`` for ``V = sum_n A_n P_n``, which has a name; ``V - P_n >= 0``. What is not
negative and has no index that the extremum is taken over is pulled out first: ``max(f Q + r) = f max(Q) + r``.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

from symnorm.elaboration.algebra import ONE, UNIT, Atom, Generator, Monomial, Poly, plus, scaled
from symnorm.elaboration.evidence import Evidence
from symnorm.elaboration.products import Known, Term
from symnorm.elaboration.rows import Row, Rows, multiplied, times_number
from symnorm.replay.graph import ATTAINING, NotCovered


class Extrema(Evidence):
    """Values of extrema and shares, with the rules that come with them."""

    extra: Any
    lemma_polys: list[Poly]

    def extremum(self, op: str, body: Poly, over: dict[int, int]) -> Poly:
        """The value of an operation over free indices with their colours."""
        way = 1 if op in ("amax", "at_max") else -1
        factor, inside, outside = self.apart(scaled(body, way), set(over), op in ATTAINING.values())
        others = sorted(self.free(inside) - set(over) - self.positions, reverse=True)
        orders = [(*a, *b) for a in permutations(over) for b in permutations(others)]
        slots = [{token: -1 - i for i, token in enumerate(order)} for order in orders]
        ranks = [sorted((sorted(m), Fraction(c)) for m, c in self.moved(inside, move).items()) for move in slots]
        order, move = orders[best := ranks.index(min(ranks))], slots[best]
        share = self.generator("share", str(len(over)), len(order), self.moved(inside, move))
        if not share.extents:
            context = self.context(inside)
            share.places = len(over)
            share.extents = tuple([over[i] if i in over else context[i] for i in order])
            self.relate(share)
        _, rows = self.traced(plus(scaled(body, way), scaled(plus(self.times(factor.poly, inside), outside), -1)))
        names = [self.name(i, colour) for i, colour in zip(order, share.extents, strict=True)]
        self.extra = [[self.label(share), names], factor.number, self.poly(outside), self.multiples(rows)]
        if op in ATTAINING.values():
            return self.atom(share, order)
        bound = {token: place for place, token in enumerate(order[: len(over)])}
        largest = self.moved(self.times(self.atom(share, order), inside), bound, share.extents[: len(over)])
        return scaled(plus(self.times(factor.poly, largest), outside), way)

    def apart(self, poly: Poly, own: set[int], strict: bool) -> tuple[Known, Poly, Poly]:
        """``factor inside + outside``: the factor a fact, not negative (nor zero, if strict)."""
        outside = {m: c for m, c in poly.items() if own.isdisjoint(self.free({m: c}))}
        rest = {m: c for m, c in poly.items() if m not in outside}
        number, monomial, primitive = self.split(rest) if rest else (Fraction(1), ONE, dict[Any, Any]())
        factor: Poly = {ONE: abs(number)}
        inside = scaled(primitive, 1 if number > 0 else -1)
        for component, e in monomial:
            part: Poly = {frozenset([(component, e)]): 1}
            for sign in self.signs_taken(part, strict) if own.isdisjoint(self.components[component][2]) else ():
                factor, inside = self.times(factor, part, sign), self.times(inside, sign)
                break
            else:
                inside = self.times(inside, part)
        known = self.evidence(factor, True, strict)
        if known is None:
            raise NotCovered("a factor that is taken out of an extremum has no sign")
        return known, self.reduced(inside), outside

    def signs_taken(self, part: Poly, strict: bool) -> list[Poly]:
        """The sign that a factor leaves behind, if it may leave."""
        for way in (UNIT, scaled(UNIT, -1)):
            if self.evidence(self.times(part, way), True, strict) is not None:
                return [way]
        ((monomial, _),) = part.items()
        ((component, e),) = monomial
        if strict or e % 2 == 0 or self.components[component][0] or self.kind(component) == "sign":
            return []
        return [self.named("sign", "", {frozenset([(component, 1)]): 1})[1]]

    def largest(self, share: Generator) -> Generator:
        """The name of ``sum_n A_n P_n``."""
        own = share.places
        move = {-1 - i: i if i < own else own - 1 - i for i in range(share.arity)}
        of = self.moved(self.times(self.itself(share), share.of or {}), move, share.extents[:own])
        found = self.generator("name", "largest", share.arity - own, of)
        found.extents = share.extents[own:]
        return found

    def relate(self, share: Generator) -> None:
        """The rules of a share, and what is known of what is largest, in slots of the share."""
        own, share.nonneg = share.places, True
        entry, of, slots = self.itself(share), share.of or {}, range(-1, -1 - share.arity, -1)
        name = self.largest(share)
        largest = self.atom(name, tuple(slots[own:]))
        bound = {slot: place for place, slot in enumerate(slots[:own])}
        itself = tuple([(slot, slot) for slot in slots])
        whole = self.moved(entry, bound, share.extents[:own])
        ((component, _),) = [pair for monomial in whole for pair in monomial]
        self.solved(plus(whole, scaled(UNIT, -1)), [Row(Fraction(1), (), (), (share.number,), itself[own:])], component)
        placed = tuple([(-1 - i, slot) for i, slot in enumerate(slots[own:])])
        named = Row(Fraction(1), (), (), (name.number,), placed)
        attained = Row(Fraction(1), (), (), (share.number, "attained"), itself)
        self.attained(entry, largest, of, set(bound), [attained, *multiplied(self, [named], entry)])
        gap = plus(self.moved(self.times(entry, of), bound, share.extents[:own]), scaled(of, -1))
        raw = self.learn(gap, True, False, "largest", self.label(share))
        above = self.summed_up(plus(largest, scaled(of, -1)), [], [(Fraction(1), {}, [self.factor(raw)])], True, False)
        below = self.evidence(of, True, False) if above is not None else None
        if above is not None and below is not None:
            name.nonneg = True
            terms: list[Term] = [(Fraction(1), {}, [self.factor(one)]) for one in (above, below)]
            self.summed_up(largest, [], terms, True, False)

    def attained(self, entry: Poly, largest: Poly, of: Poly, own: set[int], why: Rows) -> None:
        """The rule ``A_n P_n = A_n V``, solved for the leading term of P."""
        parts = {m: frozenset([(c, e) for c, e in m if not own.isdisjoint(self.components[c][2])]) for m in of}
        leading = [m for m, part in parts.items() if part and all(e > 0 for _, e in part) and self.units(m - part)]
        if not leading:
            return
        lead = max(leading, key=lambda m: (sum(e for _, e in parts[m]), sorted(parts[m])))
        inverse = self.power({lead - parts[lead]: of[lead]}, -1)
        one = self.times(entry, {parts[lead]: 1})
        rest = plus(largest, scaled({m: c for m, c in of.items() if m != lead}, -1))
        value, lost = self.traced(self.times(entry, rest, inverse))
        over: list[int] = []
        ((monomial, _),) = one.items()
        atoms = tuple(self.spread(monomial, over))
        rows = [*times_number(multiplied(self, why, inverse), -1), *lost]
        self.ruled(atoms, tuple(over), value, plus(one, scaled(value, -1)), rows)

    def ruled(self, atoms: tuple[Atom, ...], over: tuple[int, ...], value: Poly, lemma: Poly, rows: Rows) -> None:
        """One more rule ``atoms = value``, once its difference is a lemma."""
        self.emit("lemma", self.poly(lemma), self.multiples(rows))
        self.lemma_polys.append(lemma)
        self.lemmas.append((len(self.lemma_polys) - 1, lemma))
        self.rules.append((atoms, over, value))
        self.steps.clear()

    def units(self, monomial: Monomial) -> bool:
        """Whether it may be divided by."""
        return all(
            not self.components[c][0] and self.generators[self.components[c][1][0][0]].nonzero for c, _ in monomial
        )

    def solved(self, relation: Poly, why: Rows, component: int) -> None:
        """The rule that ``relation = why`` gives, as a lemma."""
        raise NotImplementedError
