"""Roots, powers, exponentials and signs, each with what the checker has to be told of it: left in ``extra``."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symnorm.elaboration.algebra import ONE, UNIT, Poly, plus, scaled
from symnorm.elaboration.extrema import Extrema
from symnorm.elaboration.rows import Rows, multiplied
from symnorm.replay.graph import NotCovered


class Operations(Extrema):
    """The values of operations that are more than sums and products."""

    def rooted(self, node: int, radicand: Poly, power: int) -> Poly:
        """An odd power of a root, and why it is one."""
        if power < 0:
            inverse, _ = self.inverted(radicand)
            found = self.root(inverse)
            value = self.power(found, -power)
            side = self.power(radicand, -power)
            rows = self.vanish(plus(self.times(self.power(value, 2), side), scaled(UNIT, -1)))
        else:
            value = self.power(self.root(radicand), power)
            rows = self.vanish(plus(self.power(value, 2), scaled(self.power(radicand, power), -1)))
        fact = self.fact_that(value, True, False)
        self.extra = [self.poly(value), self.multiples(rows), fact]
        return value

    def powers(self, base: int, a: Poly, exponent: Poly) -> Poly:
        """A power, whose exponent is a number and whole multiples of products of symbols."""
        number = Fraction(exponent.get(ONE, 0))
        result, data = UNIT, list[Any]()
        if number.denominator == 2 and abs(number) <= 64:
            result = self.rooted(base, a, number.numerator)
            data = self.extra
        elif number.denominator != 1:
            raise NotCovered(f"the power {number}")
        elif number >= 0:
            result = self.power(a, int(number))
            data = [self.poly(result), []]
        else:
            inverse, why = self.inverted(a)
            result, product, rows = self.power(inverse, -int(number)), UNIT, Rows()
            for _ in range(-int(number)):
                rows += multiplied(self, why, product)
                product = self.times(product, a, inverse)
            data = [self.poly(result), self.multiples(rows)]
        pieces = []
        for monomial, coefficient in exponent.items():
            twice = 2 * Fraction(coefficient)
            if monomial and (twice.denominator > 1 or twice % 2):
                raise NotCovered(f"the power {coefficient}")
            if monomial:
                found, entry = self.named("power", str(sorted(monomial)), a)
                found.nonneg = found.nonzero = True
                self.labelled[found.number] = {monomial: 1}
                ((component, _),) = next(iter(entry))
                pieces.append([self.label(found), self.indices(component), int(coefficient)])
                result = self.times(result, self.power(entry, int(coefficient)))
        self.extra = [pieces, str(number), *data]
        return result

    def exponentials(self, poly: Poly) -> Poly:
        """``exp(a + 2b) = exp(a) exp(b)^2``; terms that differ in signs only stay together."""
        pieces: dict[Any, list[Any]] = {}
        for monomial, coefficient in poly.items():
            signs = frozenset(pair for pair in monomial if self.kind(pair[0]) == "sign")
            pieces.setdefault(monomial - signs, []).append((len(signs), monomial, Fraction(coefficient)))
        value, written = UNIT, []
        for piece in pieces.values():
            times = min(piece, key=lambda term: term[0])[2].numerator
            found, entry = self.named("exp", "", {monomial: c / times for _, monomial, c in piece})
            found.nonneg = found.nonzero = True
            ((component, _),) = next(iter(entry))
            written.append([self.label(found), self.indices(component), times])
            value = self.times(value, self.power(entry, times))
        self.extra = [written, "0", self.poly(UNIT), []]
        return value

    def signs_of(self, poly: Poly) -> Poly:
        """The sign of a product, and what shows it."""
        if not poly:
            self.extra = ["0", [], []]
            return {}
        number, monomial, primitive = self.split(poly)
        sign: Poly = {ONE: 1 if number > 0 else -1}
        factors: list[Any] = []
        twice = {c: 2 if self.components[c][1][0][0] in self.squared else 1 for c, _ in monomial}
        parts: list[tuple[Poly, int]] = [({frozenset([(c, twice[c])]): 1}, e // twice[c]) for c, e in monomial]
        for part, e in [*parts, *([(primitive, 1)] if primitive != UNIT else [])]:
            if e < 0:
                inverse, _ = self.inverted(part)
                part, e = inverse, -e
            way, found = 1, self.evidence(part, True, True)
            if found is None:
                found = self.evidence(scaled(part, -1), True, True)
                way = -1 if found is not None else 1
            if found is not None:
                factors.append([found.number, e, None])
                number = number * way**e
                sign = scaled(sign, way**e)
                continue
            generator, entry = self.named("sign", "", part)
            ((component, way),) = [(c, k) for m, k in entry.items() for c, _ in m]
            factors.append([None, e, self.label(generator), *self.indices(component)])
            number = number * way**e
            sign = scaled(self.times(sign, self.power({frozenset([(component, 1)]): 1}, 2 - e % 2)), way**e)
        self.extra = [str(number), factors, []]
        return sign

    def absolute(self, poly: Poly) -> Poly:
        """The absolute value, in the middle of something else."""
        kept = self.extra
        found = self.reduced(self.times(poly, self.signs_of(poly)))
        self.extra = kept
        return found
