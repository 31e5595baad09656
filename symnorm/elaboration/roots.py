"""Roots and signs of polynomials: factors are taken out first, so that equal ones are written alike."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

from symnorm.elaboration.algebra import ONE, UNIT, Poly, scaled
from symnorm.elaboration.signs import Signs, Statement
from symnorm.elaboration.triples import SIGNS
from symnorm.replay.graph import Rejected


class Roots(Signs):
    """The root, the sign and the absolute value of a polynomial."""

    def __init__(self, claim: Statement) -> None:
        super().__init__(claim)
        self.squares: list[tuple[Any, Poly]] = []  # squares that the certificate names, with what they are of

    def factor_sign(self, component: int) -> Poly:
        """The sign of a component."""
        up, down, off = self.component_sign(component)
        if off and (up or down):
            return UNIT if up else scaled(UNIT, -1)
        if self.kind(component) == "root" and not up:
            raise Rejected("the sign of a root of something that may be negative")
        return self.named("sign", "", {frozenset([(component, 1)]): 1})[1]

    def sign_of_definition(self, root: int) -> Poly:
        """The sign of what a root is the root of, as the certificate wrote it."""
        generator, definition = self.definition(root)
        if generator.kind != "root" or self.components[root][0]:
            raise Rejected("the sign of a sum of roots")
        return self.sign_value(definition)

    def sign_value(self, poly: Poly, absolute: bool = False) -> Poly:
        """The sign of a polynomial, or its absolute value."""
        if not poly:
            return {}
        number, monomial, primitive = self.split(poly)
        result: Poly = {ONE: abs(number) if absolute else (1 if number > 0 else -1)}
        for c, e in monomial:
            if e % 2 == 0 and self.kind(c) == "root" and not self.component_sign(c)[0]:  # P^(e/2) for s^2 = P
                sign = self.power(self.sign_of_definition(c), 2 - (e // 2) % 2)
                sign = UNIT if absolute and e % 4 == 0 else sign
                result = self.times(result, sign, {frozenset([(c, e)]): 1} if absolute else UNIT)
                continue
            sign = UNIT if self.component_sign(c, e)[0] and absolute else self.power(self.factor_sign(c), 2 - e % 2)
            result = self.times(result, sign, {frozenset([(c, e)]): 1} if absolute else UNIT)
        if primitive != UNIT:
            up, down, off = self.sign_of_several(primitive)
            if (up or down) and (off or absolute):
                sign = UNIT if up else scaled(UNIT, -1)
            else:
                sign = self.named("sign", "", primitive)[1]
            result = self.times(result, sign, primitive if absolute else UNIT)
        return self.reduced(result)

    def absolute(self, poly: Poly) -> Poly:
        """The absolute value."""
        return self.sign_value(poly, absolute=True)

    def root(self, poly: Poly) -> Poly:
        """The square root of what is not negative."""
        if not poly:
            return {}
        number, monomial, inside = self.split(poly)
        number, inside = abs(number), scaled(inside, 1 if number > 0 else -1)
        radicand, outside, divisor = number.numerator * number.denominator, 1, 2
        value: Poly = {ONE: Fraction(1, number.denominator)}
        while divisor * divisor <= radicand:
            if radicand % divisor**2 == 0:
                radicand, outside = radicand // divisor**2, outside * divisor
            elif radicand % divisor == 0:
                radicand, value = radicand // divisor, self.times(value, self.root_of({ONE: divisor}))
            else:
                divisor += 1
        value = scaled(self.times(value, self.root_of({ONE: radicand})), outside)
        for c, e in monomial:
            one: Poly = {frozenset([(c, 1)]): 1}
            if e % 2 and self.kind(c) == "reciprocal":  # sqrt(r^e) = sqrt(q) r^((e + 1)/2) where r q = 1
                base = self.definition(c)[1]
                e, up = e + 1, self.sign(base)[0]
                value = self.times(value, self.root_of(base) if up else UNIT)
                inside = inside if up else self.times(inside, base)
            if e % 2 and self.component_sign(c)[0] and not self.components[c][0]:
                value = self.times(value, self.power(self.root_of(one), e))
            else:
                inside = self.times(inside, one) if e % 2 else inside
                value = self.times(value, self.absolute({frozenset([(c, e // 2)]): 1}) if e // 2 else UNIT)
        for square, known in self.squares:
            tokens = sorted(self.free(inside), reverse=True)
            for order in permutations(tokens):
                move = {-1 - i: token for i, token in enumerate(order)}
                if self.moved(square, move) == inside:
                    side = self.moved(known, move)
                    if self.sign(inside)[2]:
                        self.assume(side, SIGNS["!="])
                    return self.times(value, self.absolute(side))
        return self.times(value, self.root_of(inside))

    def root_of(self, poly: Poly) -> Poly:
        """The root of what no factor is taken out of."""
        if poly == UNIT:
            return UNIT
        return self.named("root", "", poly)[1]
