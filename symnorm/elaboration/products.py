"""Products of facts: why a polynomial is not negative, or not zero, as a sum of products that a checker can expand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from symnorm.elaboration.algebra import SLOTS, UNIT, Monomial, Poly, joined, plus, scaled
from symnorm.elaboration.writing import Writing
from symnorm.replay.graph import Rejected


class Known(NamedTuple):
    """A fact of the checker."""

    poly: Poly
    up: bool
    off: bool
    number: int


class Factor(NamedTuple):
    """One factor of a product: as it is written, and what it is."""

    data: list[Any]
    poly: Poly
    up: bool
    off: bool


Term = tuple[Fraction, dict[int, int], list[Factor]]  # coefficient, free indices that are summed with their colours


class Products(Writing):
    """Facts, and products of them."""

    def prepare(self) -> None:
        """Nothing is known yet."""
        super().prepare()
        self.known: list[Known] = []
        self.node_facts: dict[int, Known | None] = {}
        self.asked: set[Any] = set()
        self.busy: set[Any] = set()
        self.put_in: set[int] = set()
        self.rising: dict[Any, Any] = {}
        self.marked: dict[int, tuple[bool, bool]] = {}
        self.forms: dict[Any, list[tuple[Poly, list[int]]]] = {}

    declared_flags: dict[int, tuple[bool, bool]]

    def learn(self, poly: Poly, up: bool, off: bool, *rule: Any) -> Known:
        """One more fact, by a rule."""
        self.emit("fact", *rule)
        self.known.append(Known(poly, up, off, len(self.known)))
        for m, n in poly.items() if len(poly) == 1 else ():
            for c, e in m if len(m) == 1 else ():
                over, ((g, slots, _), *_), _ = self.components[c]
                if not over and e == 1 and all(map(self.is_generic, slots)) and len(set(slots)) == len(slots):
                    known = self.marked.get(g, (False, False))
                    self.marked[g] = known[0] or (up and n > 0), known[1] or off
        return self.known[-1]

    def exactly(self, poly: Poly, up: bool, off: bool) -> Known | None:
        """A fact about this very polynomial."""
        return next((one for one in self.known if one.poly == poly and one.up >= up and one.off >= off), None)

    def summed_up(self, poly: Poly, times: list[Factor], terms: list[Term], up: bool, off: bool) -> Known | None:
        """The fact that a polynomial, times facts, is a sum of products of facts."""
        target, total = self.times(poly, *[one.poly for one in times]), dict[Monomial, Any]()
        rising, sure = True, False
        for coefficient, over, factors in terms:
            term = self.times(UNIT, *[one.poly for one in factors])
            if over:
                move = {token: place for place, token in enumerate(over)}
                term = self.moved(term, move, tuple(over.values()))
            total = plus(total, scaled(term, coefficient))
            grows = coefficient > 0 and all(one.up for one in factors)
            rising = rising and grows
            sure = sure or (all(one.off for one in factors) and (grows or (len(terms) == 1 and not over)))
        sure = sure and (rising or len(terms) == 1)
        rising = rising and all(one.up and (one.off or sure) for one in times)
        if rising < up or sure < off:
            return None
        try:
            rows = self.vanish(plus(target, scaled(total, -1)))
        except Rejected:
            return None
        context = self.context(poly, *[one.poly for _, _, factors in terms for one in factors])
        written = [
            [str(c), [self.name(i, colour) for i, colour in over.items()], [one.data for one in factors]]
            for c, over, factors in terms
        ]
        steps = self.multiples(rows)
        data = ["sum", self.poly(poly, context), [one.data for one in times], written, steps]
        return self.learn(poly, rising, sure, *data)

    def factored(self, poly: Poly, up: bool, off: bool) -> tuple[Fraction, list[Factor]] | None:
        """A number and factors with known signs, whose product is the polynomial."""
        number, monomial, primitive = self.split(poly)
        left, factors = dict(monomial), list[Factor]()
        for c, e in monomial:
            if not self.components[c][0] and self.kind(c) == "sign" and e % 2 and left.get(c) == e:
                generator, of = self.definition(c)
                n, m, rest = self.split(of)
                turned = rest == scaled(primitive, -1) != primitive
                fits = rest in (UNIT, primitive) or turned
                if fits and all(left.get(k, 0) >= f > 0 or left.get(k, 0) <= f < 0 for k, f in m):
                    data = ["side", self.label(generator), self.indices(c), 1, 0]
                    factors.append(Factor(data, self.times({frozenset([(c, 1)]): 1}, of), True, False))
                    number /= -n if turned else n
                    primitive = UNIT if rest == primitive or turned else primitive
                    left = dict(joined(joined(frozenset(left.items()), m, -1), [(c, 1)], -1))
        for c, e in left.items():
            found = self.of_component(c, e, up, off)
            if found is None and e > 0 and not self.components[c][0]:  # what is negative
                less = self.exactly({frozenset([(c, 1)]): -1}, up, off)
                found, number = (None, number) if less is None else ([self.factor(less)] * e, number * (-1) ** e)
            if found is None:
                return None
            factors += found
        if primitive != UNIT:
            one = self.exactly(primitive, up, off) or self.of_terms(primitive, up, off)
            if one is None:
                return None
            factors.append(self.factor(one))
        if up and number < 0:
            return None
        return Fraction(number), factors

    def indices(self, component: int) -> list[str]:
        """The indices of an entry by name."""
        ((g, slots, _),) = self.components[component][1]
        return [self.name(i, colour) for i, colour in zip(slots, self.colours(self.generators[g]), strict=True)]

    def of_component(self, c: int, e: int, up: bool, off: bool) -> list[Factor] | None:
        """Factors for a component's power."""
        over, atoms, _ = self.components[c]
        one: Poly = {frozenset([(c, 1)]): 1}
        if not over:
            generator = self.generators[atoms[0][0]]
            known = self.flags(generator)
            written = e // 2 if generator.number in self.squared else e
            if (known[0] or not up or written % 2 == 0) and (known[1] or not off):
                if generator is self.delta:
                    return None
                data = ["entry", self.label(generator), self.indices(c), written]
                return [Factor(data, self.power(one, e), known[0] or written % 2 == 0, known[1])]
            if written != e:
                found = self.exactly(self.power(one, 2), up, off) or self.by_division(self.power(one, 2), up, off)
                return None if found is None or written < 0 else [self.factor(found)] * written
            if e < 0:
                return None
        if e % 2 == 0 and not off:
            half = self.power(one, e // 2)
            return [Factor(["square", self.poly(half)], self.power(half, 2), True, False)]
        found = self.exactly(one, up, off) or (self.inner_sum(c, up, off) if over else None)
        found = found or self.by_division(one, up, off)
        return None if found is None else [self.factor(found)] * e

    def flags(self, generator: Any) -> tuple[bool, bool]:
        """What the checker knows of a generator: not negative, not zero."""
        known = self.marked.get(generator.number, (False, False))
        own = self.flags_by_kind(generator)
        return known[0] or own[0], known[1] or own[1]

    def flags_by_kind(self, generator: Any) -> tuple[bool, bool]:
        """The same, by how it was declared."""
        if generator.kind in ("exp", "power", "constant"):
            return True, True
        if generator.kind in ("root", "reciprocal"):
            self.label(generator)
            if generator.number in self.squared:
                return False, generator.number in self.facts_of
            known = next(one for one in self.known if one.number == self.facts_of[generator.number])
            return (True, known.off) if generator.kind == "root" else (known.up, True)
        if generator.kind == "share":
            return True, False
        if generator.kind == "input":
            return self.declared_flags[generator.number]
        return False, False

    def inner_sum(self, c: int, up: bool, off: bool) -> Known | None:
        """A sum whose terms are not negative."""
        over, atoms, _ = self.components[c]
        bound = {i: -SLOTS + i for i in range(len(over))}  # slots that nothing else uses
        opened = self.product_of([(g, tuple(bound.get(i, i) for i in s), e) for g, s, e in atoms], [])
        parts = self.factored(opened, True, off)
        if parts is None:
            return None
        term = (parts[0], {bound[i]: colour for i, colour in enumerate(over)}, parts[1])
        return self.summed_up({frozenset([(c, 1)]): 1}, [], [term], up, off)

    def factor(self, one: Known, move: dict[int, int] | None = None) -> Factor:
        """A fact at other indices."""
        context = self.context(one.poly)
        pairs = [[self.name(a, context[a]), self.name(b, context[a])] for a, b in (move or {}).items() if a != b]
        poly = self.moved(one.poly, move) if move else one.poly
        return Factor(["fact", one.number, pairs], poly, one.up, one.off)

    def is_generic(self, i: int) -> bool:
        """Whether a free index stands for every index."""
        name = self.token_name(i)
        return name is None or (isinstance(name, str) and not name.endswith("*"))

    def evidence(self, poly: Poly, up: bool, off: bool) -> Known | None:
        """A fact about a polynomial, found or made."""
        raise NotImplementedError

    def of_terms(self, primitive: Poly, up: bool, off: bool) -> Known | None:
        """A fact about a polynomial of several terms."""
        raise NotImplementedError

    def by_division(self, wanted: Poly, up: bool, off: bool) -> Known | None:
        """A factor of a known fact."""
        raise NotImplementedError
