"""What a proof knows: equations, which are polynomials that vanish, and facts, which are not negative or not zero.

All of it holds wherever the assumptions and conditions of the claim do, at every index and every size. A fact is
assumed, visible, or a sum of products of facts: of squares above all.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from .algebra import ONE, UNIT, Generator, Poly, plus, renumbered
from .claim import Claim
from .graph import Rejected, need
from .naming import SIGNS, Naming
from .points import Point


class Fact(NamedTuple):
    """A polynomial that is not negative, or not zero, at every index."""

    poly: Poly
    up: bool
    off: bool


class Facts(Naming):
    """Equations and facts, under what a claim assumes."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim)
        self.lemmas: list[Poly] = []
        self.facts: list[Fact] = []

    # equations --------------------------------------------------------------------------------------------------------

    def added(self, poly: Poly, steps: Any) -> Poly:
        """A polynomial plus multiples of equations: ``[coefficient, summed indices, atoms, equation, its indices]``."""
        for coefficient, summed, rows, ref, pairs in steps:
            bind, over = self.bound(summed)
            move = {old: bind.get(new, new) for old, new in self.placing(pairs).items()}
            multiple = self.put(self.equation(*ref), move, over, renumbered(self.atoms(rows), bind))
            poly = plus(poly, multiple, Fraction(coefficient))
        deltas = [c for m in poly for c, _ in m if self.generators[self.components[c][1][0][0]].kind == "delta"]
        return self.put(poly, {i: i for c in deltas for i in self.components[c][2]}) if deltas else poly

    def vanishes(self, poly: Poly, steps: Any) -> None:
        """Refuses unless the polynomial plus multiples of equations is the polynomial 0."""
        need(not self.added(poly, steps), "two polynomials differ")

    def lemma(self, poly: Any, steps: Any) -> None:
        """An equation that follows from others."""
        self.vanishes(self.poly(poly), steps)
        self.lemmas.append(self.poly(poly))

    def equation(self, name: str, *data: Any) -> Poly:
        """An assumed equation, a lemma, or what defines a generator: ``s^2 = P``, ``r P = 1``, ``sgn(P)^2 P = P``."""
        if name == "lemma":
            return self.lemmas[int(data[0])]
        if name == "given":
            need(self.claim.known[data[0]][1] == "==", "what is assumed is no equation")
            return self.said(*self.claim.known[data[0]]).poly
        if name == "sign":
            return self.known_sign(*data)
        one = self.generator(name)
        entry, of = self.product_of([(one.number, one.slots, 1)], []), one.of
        rules: dict[tuple[str, ...], Callable[[], Poly]] = {
            ("name",): lambda: plus(entry, of, -1),
            ("root",): lambda: plus(self.power(entry, 2), of, -1),
            ("reciprocal",): lambda: plus(self.times(entry, of), UNIT, -1),
            ("sign",): lambda: plus(self.times(entry, entry, of), of, -1),
            ("sign", "cube"): lambda: plus(self.power(entry, 3), entry, -1),
            ("share",): lambda: plus(self.whole(one, UNIT), UNIT, -1),
            ("share", "attained"): lambda: self.times(entry, self.below(one)),
        }
        return rules[one.kind, *data]()

    def known_sign(self, number: int, name: str, indices: Any) -> Poly:
        """What a fact about u says of its sign s: ``s = 1``, or ``s u = u`` if u may vanish, or ``s^2 = 1``."""
        fact, (_, entry, of) = self.facts[number], self.entry(name, indices, "sign")
        way = 1 if fact.poly == of else -1
        need(fact.poly == plus({}, of, way) and (fact.up or fact.off), "a fact about something else")
        if not fact.up:
            return plus(self.power(entry, 2), UNIT, -1)
        return self.times(plus(entry, UNIT, -way), UNIT if fact.off else of)

    def said(self, left: int, relation: str, right: int) -> Fact:
        """What a relation between two nodes says: of an equation, no more than what vanishes."""
        way, up, off = SIGNS[relation]
        return Fact(plus({}, plus(self.values[left], self.values[right], -1), way), up, off)

    def below(self, one: Generator) -> Poly:
        """By how much each value is below the largest, which is the mean of all by their shares."""
        need(one.kind == "share", "what is not over an axis has no largest")
        return plus(self.whole(one, one.of), one.of, -1)

    def whole(self, one: Generator, poly: Poly) -> Poly:
        """``sum_n A_n P_n`` for shares A, over all places that they are of."""
        move = {i: place for place, i in enumerate(one.slots[: one.label])}
        return self.put(poly, move, one.colours[: one.label], renumbered([(one.number, one.slots, 1)], move))

    # facts ------------------------------------------------------------------------------------------------------------

    def fact(self, rule: str, *data: Any) -> None:
        """One more fact: assumed, visible in the value of a number, or one that follows from others."""
        match rule, data:
            case "sum", _:
                found = self.sum(*data)
            case "squares", (high, low, gap):  # b - a >= 0 since b >= 0 and b^2 - a^2 >= 0
                a, b, over = self.poly(low), self.facts[high], self.facts[gap]
                same = plus(self.power(b.poly, 2), self.power(a, 2), -1) == over.poly
                need(b.up and over.up and same, "squares that are not compared")
                found = Fact(plus(b.poly, a, -1), True, over.off)
            case "given", (number,):
                found = self.said(*self.claim.known[number])
            case "declared", (name, flag):  # a number need not be what it is put in place of: it stands for a limit
                found = self.said(self.claim.put[name], flag, self.graph.number(0))
                need(flag in self.claim.leaves[name][2] and not set(found.poly) <= {ONE}, f"{name} is not {flag}")
            case "largest", (name,):
                found = Fact(self.below(self.generator(name)), True, False)
            case "defined", (node,):  # where what is assumed holds, its operations are defined
                op, args, _ = self.graph.nodes[node]
                need(node in self.claim.assumed and op in ("sqrt", "div", "log"), "nothing is assumed of such a node")
                found = Fact(self.values[args[-1]], op != "div", op != "sqrt")
            case "number", (left, relation, right):  # no input in them
                need(Point(self.graph).holds(left, relation, right, {}), "two numbers that do not compare so")
                found = self.said(left, relation, right)
            case _:
                raise Rejected(f"no fact is by {rule}")
        self.facts.append(found)
        if len(found.poly) == 1 and [e for m in found.poly for _, e in m] == [1]:
            (((number, _),), coefficient), *_ = found.poly.items()
            over, ((g, slots, e), *_), _ = self.components[number]
            if not over and e == 1 and len({*self.generic(slots)}) == len(slots):  # of an entry at every index
                one, up = self.generators[g], found.up and coefficient > 0
                self.generators[g] = one._replace(up=one.up or up, off=one.off or found.off)

    def sum(self, poly: Any, times: Any, terms: Any, steps: Any) -> Fact:
        """What is a sum of products of facts ``[coefficient, summed indices, facts]``, once multiplied by facts."""
        whole, beside = self.poly(poly), [self.factor(factor) for factor in times]
        gap, up, off = self.times(whole, *[one.poly for one in beside]), True, False
        for coefficient, summed, factors in terms:
            facts, number = [self.factor(factor) for factor in factors], Fraction(coefficient)
            move, over = self.bound(summed)
            term = self.times(UNIT, *[one.poly for one in facts])
            gap = plus(gap, self.put(term, move, over) if over else term, -number)
            up = up and number > 0 and all(one.up for one in facts)
            off = off or (number != 0 and all(one.off for one in facts))
        self.vanishes(gap, steps)
        off = off and (up or (len(terms) == 1 and not terms[0][1]))  # else terms may cancel
        return Fact(whole, up and all(one.up and (one.off or off) for one in beside), off)

    def factor(self, data: Any) -> Fact:
        """A fact at some indices, a square, an entry's power, ``sgn(u) u + k u`` for -1 <= k <= 1, or ``N - 1``."""
        kind, *rest = data
        if kind == "fact":
            known: Fact = self.facts[rest[0]]
            return known._replace(poly=self.put(known.poly, self.placing(rest[1])))
        if kind in ("square", "any"):
            return Fact(self.power(self.poly(rest[0]), 2 if kind == "square" else 1), kind == "square", False)
        if kind == "entry":
            one = self.generator(rest[0])
            return Fact(self.product_of(self.atoms([rest]), []), one.up or rest[2] % 2 == 0, one.off)
        if kind == "size":
            return Fact(plus(self.entry(rest[0], [], "size")[1], UNIT, -1), True, False)
        need(kind == "side" and rest[2] == 1 and rest[3] in (-1, 0, 1), "no such fact")
        _, entry, of = self.entry(rest[0], rest[1], "sign")
        return Fact(self.times(plus(entry, UNIT, int(rest[3])), of), True, False)
