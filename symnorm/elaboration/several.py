"""Facts about polynomials of several terms: squares, sides of absolute values, sizes counted from a bound."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

from symnorm.elaboration.algebra import ONE, UNIT, Generator, Monomial, Poly, joined, plus, scaled
from symnorm.elaboration.products import Factor, Known, Products, Term


class Several(Products):
    """Sums of products of facts."""

    def of_terms(self, primitive: Poly, up: bool, off: bool) -> Known | None:
        """A polynomial of several terms, each of which is not negative."""
        found = self.one_side(primitive, up, off) or self.square_of(primitive, off) or self.side_of(primitive, up)
        if found is not None:
            return found
        terms: list[Term] = []
        for monomial, coefficient in primitive.items():
            parts = self.factored({monomial: coefficient}, True, False) if coefficient > 0 else None
            if parts is None:
                terms = []
                break
            terms.append((parts[0], {}, parts[1]))
        if terms:
            found = self.summed_up(primitive, [], terms, up, off)
            if found is not None:
                return found
        return self.counted(primitive, up, off) or self.by_division(primitive, up, off)

    def square_of(self, poly: Poly, off: bool) -> Known | None:
        """A square that the prover recognised."""
        free = sorted(self.free(poly), reverse=True)
        for square, known in self.squares if not off else ():
            own = sorted(self.free(square), reverse=True)
            for order in permutations(free) if len(own) == len(free) <= 5 else ():
                move = dict(zip(own, order, strict=True))
                if self.moved(square, move) == poly:
                    side = self.moved(known, move)
                    factor = Factor(["square", self.poly(side)], self.power(side, 2), True, False)
                    return self.summed_up(poly, [], [(Fraction(1), {}, [factor])], True, False)
        return None

    def side_of(self, poly: Poly, up: bool) -> Known | None:
        """What is not zero since its square is not."""
        free = sorted(self.free(poly), reverse=True)
        for square, known in self.squares if not up else ():
            own = sorted(self.free(known), reverse=True)
            for order in permutations(free) if len(own) == len(free) <= 5 else ():
                move = dict(zip(own, order, strict=True))
                side = self.moved(known, move)
                fits = side in (poly, scaled(poly, -1))
                over = self.evidence(self.moved(square, move), False, True) if fits else None
                if over is not None:
                    beside = Factor(["any", self.poly(poly)], poly, False, False)
                    return self.summed_up(poly, [beside], [(Fraction(1), {}, [self.factor(over)])], False, True)
        return None

    def one_side(self, primitive: Poly, up: bool, off: bool) -> Known | None:
        """``sgn(u) u + u`` and ``sgn(u) u - u`` are not negative."""
        signs = {c for m in primitive for c, e in m if e == 1 and not self.components[c][0] and self.kind(c) == "sign"}
        for c in signs if not off else ():
            generator, of = self.definition(c)
            for way in (1, -1):
                poly = self.times(plus({frozenset([(c, 1)]): 1}, scaled(UNIT, way)), of)
                n, m, rest = self.split(poly)
                if rest == primitive and m == ONE and n > 0:
                    data = ["side", self.label(generator), self.indices(c), 1, way]
                    return self.summed_up(primitive, [], [(1 / n, {}, [Factor(data, poly, True, False)])], up, off)
        return None

    def of_sign(self, generator: Generator, e: int, slots: tuple[int, ...]) -> list[tuple[tuple[Any, ...], int]]:
        """Also ``sgn(u) u = u`` where u is not negative."""
        if e == 1 and generator.of is not None and not self.busy:
            key = (generator.number, len(self.known))
            if key not in self.rising:
                self.rising[key] = None
                for way in (1, -1):
                    found = self.evidence(scaled(generator.of, way), True, False)
                    if found is not None:
                        self.rising[key] = found.number, way
            if self.rising[key] is not None:
                fact, way = self.rising[key]
                return [((generator.number, fact), way)]
            placed = {-1 - i: slot for i, slot in enumerate(slots)}
            here = self.moved(generator.of, placed) if max(slots, default=-1) < 0 else {}
            for way in (1, -1) if here else ():
                known = self.exactly(scaled(here, way), True, False)
                if known is not None:
                    return [((generator.number, known.number, tuple(placed.items())), way)]
        return super().of_sign(generator, e, slots)

    def counted(self, poly: Poly, up: bool, off: bool) -> Known | None:
        """``N = 1 + (N - 1)``, or from a larger bound: the terms in N - 1 are not negative."""
        sizes = sorted({c for m in poly for c, _ in m if self.is_size(c)})
        if not sizes:
            return None
        least = {c: self.bound_of(c) for c in sizes}
        less = {c: plus({frozenset([(c, 1)]): 1}, scaled(UNIT, -least[c][0])) for c in sizes}
        grouped: dict[tuple[Any, ...], Any] = {}
        for monomial, coefficient in poly.items():
            parts: list[tuple[Any, dict[int, int], Monomial]] = [(Fraction(coefficient), {}, ONE)]
            for c, e in monomial:
                if c not in sizes or e < 0:
                    parts = [(n, powers, joined(rest, [(c, e)])) for n, powers, rest in parts]
                    continue
                made = []
                for n, powers, rest in parts:
                    choose = 1
                    for k in range(e + 1):
                        made.append((n * choose * least[c][0] ** (e - k), {**powers, c: k}, rest))
                        choose = choose * (e - k) // (k + 1)
                parts = made
            for n, powers, rest in parts:
                key = (tuple(sorted((c, k) for c, k in powers.items() if k)), rest)
                grouped[key] = grouped.get(key, 0) + n
        terms: list[Term] = []
        for (powers, rest), n in grouped.items():
            if not n:
                continue
            found = self.factored({rest: 1}, True, False) if rest else (Fraction(1), [])
            if found is None or n < 0:
                return None
            beside = []
            for c, k in powers:
                beside += [Factor(least[c][1], less[c], True, False)] * k
            terms.append((Fraction(n) * found[0], {}, [*found[1], *beside]))
        return self.summed_up(poly, [], terms, up, off)

    def bound_of(self, c: int) -> tuple[Fraction, list[Any]]:
        """The largest number that a size is known to be at least, and the fact."""
        data: list[Any] = ["size", self.label(self.generators[self.components[c][1][0][0]])]
        found = Fraction(1), data
        for one in self.known:
            bound = -Fraction(one.poly.get(ONE, 0))
            if one.up and bound > found[0] and plus(one.poly, {ONE: bound}) == {frozenset([(c, 1)]): 1}:
                found = bound, ["fact", one.number, []]
        return found

    def is_size(self, c: int) -> bool:
        """Whether a component is a size."""
        over, ((g, *_), *_), _ = self.components[c]
        return not over and self.generators[g].least > 0
