"""Facts that follow from others by division: a factor of what is known, if its other factors are known."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from typing import Any

from symnorm.elaboration.algebra import UNIT, Monomial, Poly, joined, plus
from symnorm.elaboration.products import Factor, Known
from symnorm.elaboration.several import Several

TERMS = 8  # an entry is not looked for as a factor of facts with more terms


class Division(Several):
    """Factors of facts."""

    def by_division(self, wanted: Poly, up: bool, off: bool) -> Known | None:
        """A factor of a known fact, whose other factors are known."""
        key = (frozenset(wanted.items()), up, off)
        if key in self.busy:
            return None
        self.busy.add(key)
        try:
            return self.divided_out(wanted, up, off)
        finally:
            self.busy.remove(key)

    def divided_out(self, wanted: Poly, up: bool, off: bool) -> Known | None:
        """The same."""
        if not wanted:
            return None
        where = self.context(wanted)
        for one in [*self.known]:
            if one.off < off or one.up < up:
                continue
            for form, cleared in self.forms_of(one):
                if len(form) != len(wanted) > 1 or len(form) > max(len(wanted), TERMS):
                    continue
                for move in self.placings(form, where):
                    shown = self.divided_by(wanted, one, (form, cleared), move, up, off)
                    if shown is not None:
                        return shown
        return None

    def divided_by(
        self, wanted: Poly, one: Known, form: tuple[Poly, list[int]], move: dict[int, int], up: bool, off: bool
    ) -> Known | None:
        """``wanted rest = number fact``, with known factors in the rest."""
        number, monomial, primitive = self.split(wanted)
        here = self.moved(form[0], move) if move else form[0]
        if not here:
            return None
        n, m, p = self.split(here)
        way, rest = Fraction(number) / n, joined(m, monomial, -1)
        held = all(dict(m).get(c, 0) >= e > 0 or dict(m).get(c, 0) <= e < 0 for c, e in monomial)
        if not (p == primitive if primitive != UNIT else held) or (up and way < 0):
            return None
        factors = list[Factor]()
        for c, e in rest:
            found = self.of_component(c, e, up, up and not off)
            if found is None:
                return None
            factors += found
        if primitive == UNIT and p != UNIT:
            more = self.exactly(p, True, True)
            if more is None:
                return None
            factors.append(self.factor(more))
        beside = [self.factor(one, move), *[self.cleared_factor(c, move) for c in form[1]]]
        return self.summed_up(wanted, factors, [(way, {}, beside)], up, off)

    def forms_of(self, one: Known) -> list[tuple[Poly, list[int]]]:
        """What a fact says, reduced; and cleared of reciprocals, with those that it was cleared of."""
        key = (one.number, len(self.rules))
        if key not in self.forms:
            poly = self.reduced(one.poly) or one.poly
            self.forms[key] = [(poly, []), *self.cleared(poly)] if poly else []
        return self.forms[key]

    def cleared(self, poly: Poly) -> list[tuple[Poly, list[int]]]:
        """A polynomial times what its reciprocals are reciprocals of, if it has any."""
        cleared = list[int]()
        while (found := self.reciprocals(poly)) and len(poly) > 1:
            c, made = found[0], dict[Monomial, Any]()
            top = max(dict(m).get(c, 0) for m in poly)
            if not self.flags(self.definition(c)[0])[0]:
                break
            for m, n in poly.items():
                e = dict(m).get(c, 0)
                made = plus(made, self.times({m - {(c, e)}: n}, self.power(self.definition(c)[1], top - e)))
            poly = self.reduced(made)
            cleared += [c] * top
        return [(poly, cleared)] if cleared else []

    def cleared_factor(self, c: int, move: dict[int, int]) -> Factor:
        """What a reciprocal is the reciprocal of, as a fact."""
        (generator, _), slots = self.definition(c), self.components[c][1][0][1]
        self.label(generator)
        known = next(one for one in self.known if one.number == self.facts_of[generator.number])
        return self.factor(known, {-1 - i: move.get(slot, slot) for i, slot in enumerate(slots)})

    def placings(self, poly: Poly, where: dict[int, int]) -> Iterator[dict[int, int]]:
        """Ways to put free indices in place of a fact's own, each of its colour."""
        own = {i: colour for i, colour in self.context(poly).items() if self.is_generic(i)}
        if len(own) > len(where):
            return
        for chosen in permutations(sorted(where), len(own)):
            if all(where[i] == colour for i, colour in zip(chosen, own.values(), strict=True)):
                yield dict(zip(own, chosen, strict=True))
