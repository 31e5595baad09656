"""A proof's steps, carried out one by one: values of nodes, equations, facts, and the conclusion.

All of it holds wherever the assumptions and conditions of the claim do, at every index and every size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from .algebra import ONE, UNIT, Generator, Monomial, Poly, plus, renumbered
from .claim import Claim, Relation
from .graph import ATTAINING, EXTREMA, IMPLICIT, OF_LOSS, Rejected, need
from .naming import SIGNS, Naming
from .points import Point

WRITTEN_OUT = 8  # a sum over a fixed axis of at most this size is written out


class Fact(NamedTuple):
    """A polynomial that is not negative, or not zero, at every index."""

    poly: Poly
    up: bool
    off: bool


# whether what a generator is of must not be negative, and not be zero
ASKED = {"root": (True, False), "reciprocal": (False, True), "log": (True, True), "power": (True, True)}
# whether an entry is known not to be negative, and not zero; None: as what it is of
OWN = {"root": (True, None), "reciprocal": (None, True), "power": (True, True), "share": (True, False)}
OWN |= dict.fromkeys(("name", "sign", "erf"), (None, None)) | dict.fromkeys(("log", *OF_LOSS), (False, False))


class Proof(Naming):
    """The steps of a certificate, carried out under what a claim assumes."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim)
        self.lemmas: list[Poly] = []
        self.facts: list[Fact] = []

    def run(self, steps: Iterable[Any]) -> None:
        """Each step in its order."""
        rules: dict[str, Any] = {"value": self.value, "generator": self.declare, "lemma": self.lemma, "fact": self.fact}
        for rule, *data in steps:
            rules[rule](*data)

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
            found: Poly = self.lemmas[data[0]]
            return found
        if name == "given":
            left, relation, right = self.claim.known[data[0]]
            need(relation == "==", "what is assumed is no equation")
            return plus(self.values[left], self.values[right], -1)
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
        """What an inequality between two nodes says."""
        way, up, off = SIGNS[relation]
        return Fact(plus({}, plus(self.values[left], self.values[right], -1), way), up, off)

    # facts ------------------------------------------------------------------------------------------------------------

    def fact(self, rule: str, *data: Any) -> None:
        """One more fact: assumed, visible in the value of a number, or one that follows from others."""
        claim, value = self.claim, self.values
        match rule, data:
            case "sum", _:
                found = self.sum(*data)
            case "squares", (high, low, gap):  # b - a >= 0 since b >= 0 and b^2 - a^2 >= 0
                a, b, over = self.poly(low), self.facts[high], self.facts[gap]
                same = plus(self.power(b.poly, 2), self.power(a, 2), -1) == over.poly
                need(b.up and over.up and same, "squares that are not compared")
                found = Fact(plus(b.poly, a, -1), True, over.off)
            case "given", (number,):
                found = self.said(*claim.known[number])
            case "declared", (name, flag):  # a number need not be what it is put in place of: it stands for a limit
                found = self.said(claim.put[name], flag, self.graph.number(0))
                need(flag in claim.leaves[name][2] and not set(found.poly) <= {ONE}, f"{name} is not declared {flag}")
            case "largest", (name,):
                found = Fact(self.below(self.generator(name)), True, False)
            case "defined", (node,):  # where what is assumed holds, its operations are defined
                op, args, _ = self.graph.nodes[node]
                need(node in claim.assumed and op in ("sqrt", "div", "log"), "nothing is assumed of this operation")
                found = Fact(value[args[-1]], op != "div", op != "sqrt")
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
        whole, total, grow, off = self.poly(poly), dict[Monomial, Fraction](), True, False
        beside = [self.factor(factor) for factor in times]
        target = self.times(whole, *[one.poly for one in beside])
        for coefficient, summed, factors in terms:
            facts = [self.factor(factor) for factor in factors]
            move, over = self.bound(summed)
            term = self.times(UNIT, *[one.poly for one in facts])
            total = plus(total, self.put(term, move, over) if over else term, Fraction(coefficient))
            rising = Fraction(coefficient) > 0 and all(one.up for one in facts)
            grow, sure = grow and rising, all(one.off for one in facts) and Fraction(coefficient) != 0
            off = off or (sure and (rising or (len(terms) == 1 and not over)))
        need(not self.added(plus(target, total, -1), steps), "a sum of facts is another one")
        off = off and (grow or len(terms) == 1)
        up = grow and all(one.up and (one.off or off) for one in beside)
        return Fact(whole, up, off)

    def factor(self, data: Any) -> Fact:
        """A fact at some indices, a square, an entry's power, ``sgn(u) u + k u`` for -1 <= k <= 1, or ``N - 1``."""
        kind, *rest = data
        if kind == "fact":
            known: Fact = self.facts[rest[0]]
            return known._replace(poly=self.put(known.poly, self.placing(rest[1])))
        if kind in ("square", "any"):
            return Fact(self.power(self.poly(rest[0]), 2 if kind == "square" else 1), kind == "square", False)
        if kind == "size":
            need(self.generator(rest[0]).kind == "size", "a size that is none")
            return Fact(plus(self.product_of(self.atoms([[rest[0], [], 1]]), []), UNIT, -1), True, False)
        one, entry = self.generator(rest[0]), self.product_of(self.atoms([rest[:3]]), [])
        if kind == "entry":
            return Fact(entry, one.up or rest[2] % 2 == 0, one.off)
        need(kind == "side" and one.kind == "sign" and rest[2] == 1 and rest[3] in (-1, 0, 1), "no such fact")
        of = self.put(one.of, dict(zip(one.slots, [self.index(i) for i in rest[1]], strict=True)))
        return Fact(self.times(plus(entry, UNIT, int(rest[3])), of), True, False)

    # values -----------------------------------------------------------------------------------------------------------

    def declare(self, name: str, kind: str, label: Any, slots: Any, poly: Any, fact: int | None) -> None:
        """A function of a polynomial, or the derivative of a loss by an entry of what it is a function of."""
        indices, of = tuple([self.index(i) for i in slots]), self.poly(poly)
        known = Fact(of, False, False) if fact is None else self.facts[fact]
        own = len(indices) // 2 if kind == "curvature" else len(indices)
        need(name not in self.names and name[0] == "#" and ":" not in name, f"{name} cannot be declared")
        need([*self.generic(indices)] == [*dict.fromkeys(indices)] == [*indices], "indices that are not any")
        need(set(self.generic(self.free(of))) <= {*indices[:own]}, f"{name} has more indices")
        asked, swap = ASKED.get(kind, (False, False)), list[tuple[int, ...]]()
        shown = known.poly == of and known.up >= asked[0] and known.off >= asked[1]
        need(shown, f"a {kind} of what it is not known to be defined of")
        up, off = (have if flag is None else flag for have, flag in zip(known[1:], OWN[kind], strict=True))
        if kind == "power":
            label = self.poly(label)
            need(set(self.generic(self.free(label))) <= {*indices}, f"{name} has more indices")
        elif kind == "share":
            need(isinstance(label, int) and 0 <= label <= own, "a share of no place")
        elif kind in OF_LOSS:
            shape = tuple([self.tokens[-1 - i][1] for i in indices])
            need(shape[own:] in ((), shape[:own]), "a second derivative of another shape")
            swap = [tuple(range(2 * own)), (*range(own, 2 * own), *range(own))] if kind == "curvature" else []
        self.add(name, kind, label, indices, of, up, off, swap)

    def value(self, node: int, data: Any, steps: Any) -> None:
        """The value of a node by its operation, its arguments' values and what the certificate adds, then equations."""
        op, args, extra = self.graph.nodes[node]
        self.values[node] = self.added(self.meaning(op, args, extra, [*self.graph.axes[node]], data), steps)

    def meaning(self, op: str, args: Any, extra: Any, axes: list[str], data: Any) -> Poly:
        """The value of an operation, which has these axes."""
        inside = [self.graph.axes[arg] for arg in args]
        values = [self.values[arg] for arg in args]
        a, b = (values[0], values[-1]) if values else (UNIT, UNIT)
        rules: dict[str, Callable[[], Poly]] = {
            "number": lambda: plus({}, UNIT, Fraction(extra)),
            "input": lambda: self.leaf(extra[0], axes),
            "size": lambda: self.leaf(extra, axes),
            "constant": lambda: self.leaf(f"#constant:{extra}", axes),
            "delta": lambda: self.leaf(f"#delta:{axes[0]}", axes),
            "add": lambda: plus(a, b),
            "sub": lambda: plus(a, b, -1),
            "neg": lambda: plus({}, a, -1),
            "mul": lambda: self.times(a, b),
            "div": lambda: self.times(a, self.root(b, -1, 1, *data)),
            "sqrt": lambda: self.root(a, 1, 2, *data),
            "pow": lambda: self.raised(a, b, *data),
            "exp": lambda: self.raised(self.leaf("#constant:E", []), a, *data),
            "log": lambda: self.function(op, a, UNIT, data),
            "erf": lambda: self.function(op, a, {}, data),
            "sign": lambda: self.signed(a, *data),
            "abs": lambda: self.times(a, self.signed(a, *data)),
            "maximum": lambda: self.middle(a, b, Fraction(1, 2), *data),
            "minimum": lambda: self.middle(a, b, Fraction(-1, 2), *data),
            "total": lambda: self.summed(a, extra[1], inside[0]),
            "mean": lambda: self.times(self.summed(a, extra[1], inside[0]), self.share(extra[1], *data)),
            "rename": lambda: self.put(a, {self.index(i): self.index(dict(extra).get(i, i)) for i in inside[0]}),
        }
        rules |= dict.fromkeys(OF_LOSS, lambda: self.of_loss(op, a, extra, data))
        rules |= dict.fromkeys(EXTREMA, lambda: self.extremum(op, a, extra[1], inside[0], data))
        rules |= dict.fromkeys((*IMPLICIT, "let", "stop"), lambda: a)
        return rules[op]()

    def leaf(self, name: str, axes: Iterable[str]) -> Poly:
        """An input, a size, a constant or a delta; or what is put in its place."""
        if name in self.claim.put:
            return self.values[self.claim.put[name]]
        return self.product_of([(self.generator(name).number, tuple(map(self.index, axes)), 1)], [])

    def of_loss(self, op: str, output: Poly, of: Any, name: str) -> Poly:
        """The derivative of a loss at its output, by an entry or by two."""
        loss, axes, *copies = of
        order = sorted(range(len(axes)), key=lambda place: axes[place])
        indices = [axes[place][0] for place in order] + [copied[place] for copied in copies for place in order]
        one, entry, at = self.entry(name, indices, op)
        need(one.label == loss and at == output, "the derivative of another loss, or elsewhere")
        return entry

    def function(self, op: str, a: Poly, zero: Poly, data: Any) -> Poly:
        """A function that has no equation but for where it is zero; ``erf(-u) = -erf(u)``."""
        if data is None:
            need(a == zero, f"{op} of something is said to be zero")
            return {}
        name, indices, way = data
        _, entry, of = self.entry(name, indices, op)
        need(way in (1, -1 if op == "erf" else 1) and of == plus({}, a, int(way)), f"{name} of something else")
        return plus({}, entry, int(way))

    def middle(self, a: Poly, b: Poly, half: Fraction, *data: Any) -> Poly:
        """``(a + b)/2 + |a - b|/2``, or less."""
        gap = plus(a, b, -1)
        return plus(plus({}, plus(a, b), Fraction(1, 2)), self.times(gap, self.signed(gap, *data)), half)

    def share(self, axes: Any, *data: Any) -> Poly:
        """One over the number of places of some axes."""
        return self.root(self.times(UNIT, *[self.values[size] for _, size in axes]), -1, 1, *data)

    def summed(self, poly: Poly, axes: Any, inside: Iterable[str]) -> Poly:
        """A sum, written out over a short axis of fixed size."""
        for axis, size in axes:
            extent = self.values[size]
            if axis not in inside:
                poly = self.times(poly, extent)
            elif set(extent) == {ONE} and extent[ONE] <= WRITTEN_OUT:
                whole, poly = poly, {}
                for k in range(1, int(extent[ONE]) + 1):
                    poly = plus(poly, self.put(whole, {self.index(axis): self.index(f"{axis}:{k}")}))
            else:
                poly = self.put(poly, *self.bound([axis]))
        return poly

    def below(self, one: Generator) -> Poly:
        """By how much each value is below the largest, which is the mean of all by their shares."""
        need(one.kind == "share", "what is not over an axis has no largest")
        return plus(self.whole(one, one.of), one.of, -1)

    def whole(self, one: Generator, poly: Poly) -> Poly:
        """``sum_n A_n P_n`` for shares A, over all places that they are of."""
        move = {i: place for place, i in enumerate(one.slots[: one.label])}
        return self.put(poly, move, one.colours[: one.label], renumbered([(one.number, one.slots, 1)], move))

    def extremum(self, op: str, a: Poly, axes: Any, inside: Any, data: Any) -> Poly:
        """``max(f P + r) = f max(P) + r``, or the share of each place; ``min(P) = -max(-P)``."""
        share, fact, outside, steps = data
        way = -1 if op in ("amin", "at_min") else 1
        one, entry, of = self.entry(*share, "share")
        factor, rest, indices = self.facts[fact], self.poly(outside), [self.index(i) for i in share[1]]
        own, others = indices[: one.label], {*indices[one.label :], *self.free(factor.poly), *self.free(rest)}
        need(sorted(own) == sorted([self.index(axis) for axis, _ in axes if axis in inside]), "another extremum")
        need(others.isdisjoint(own), "an index that an extremum is over is left")
        need(factor.up and (factor.off or op in ATTAINING), "a factor is taken out that may be negative or vanish")
        self.vanishes(plus(plus(self.times(factor.poly, of), rest), a, -way), steps)
        largest = self.put(self.whole(one, one.of), dict(zip(one.slots, indices, strict=True)))
        return plus({}, plus(self.times(factor.poly, largest), rest), way) if op in ATTAINING else entry

    def root(self, a: Poly, n: int, d: int, value: Any, steps: Any, fact: int | None = None) -> Poly:
        """``a^(n/d)`` is what the certificate says if its d-th power is ``a^n``, and it is not negative if d = 2."""
        found, side = self.poly(value), self.power(a, abs(n))
        shown = self.facts[fact].poly == found and self.facts[fact].up if fact is not None else False
        need(d == 1 or (d == 2 and shown), "a root that may be negative")
        power = self.power(found, d)
        self.vanishes(plus(power, side, -1) if n >= 0 else plus(self.times(power, side), UNIT, -1), steps)
        return found

    def raised(self, a: Poly, exponent: Poly, pieces: Any, number: str, *data: Any) -> Poly:
        """A power, whose exponent is a number and whole multiples of exponents of generators."""
        q, exponent = Fraction(number), plus(exponent, UNIT, -Fraction(number))
        value = self.root(a, q.numerator, q.denominator, *data)
        for name, indices, times in pieces:
            one, _, of = self.entry(name, indices, "power")
            need(of == a, "a power of something else")
            here = dict(zip(one.slots, map(self.index, indices), strict=True))
            exponent = plus(exponent, self.put(one.label, here), -times)
            value = self.times(value, self.product_of(self.atoms([[name, indices, times]]), []))
        need(not exponent, "an exponent that is another one")
        return value

    def signed(self, a: Poly, number: str, factors: Any, steps: Any) -> Poly:
        """The sign of a product, each factor of which has a known or a named sign."""
        c = Fraction(number)
        whole, sign = plus({}, UNIT, c), plus({}, UNIT, (c > 0) - (c < 0))
        for data, e, name, *indices in factors:
            if name is None:
                one, (factor, *known) = UNIT, self.facts[data]
            else:
                (_, one, factor), known = self.entry(name, indices, "sign"), [True, True]
            need(e > 0 and all(known), "a factor that is none, or whose sign no fact shows")
            whole = self.times(whole, self.power(factor, e))
            sign = self.times(sign, self.power(one, 2 - e % 2))
        self.vanishes(plus(whole, a, -1), steps)
        return sign

    # conclusions ------------------------------------------------------------------------------------------------------

    def conclude(self, state: Relation, proof: Any) -> None:
        """The difference of both sides vanishes at every index, or a fact says its sign."""
        left, relation, right = state
        if relation != "==":
            wanted, fact = self.said(*state), self.facts[proof["fact"]]
            need(fact.poly == wanted.poly, "a fact about something else")
            need(fact.up >= wanted.up and fact.off >= wanted.off, "a fact that says too little")
            return
        gap = plus(self.values[left], self.values[right], -1)
        axes = {**self.graph.axes[left], **self.graph.axes[right]}
        fixed = {a: int(v[ONE]) for a, size in axes.items() if set(v := self.values[size]) == {ONE}}
        for at in product(*[range(1, extent + 1) for extent in fixed.values()]):
            move = {self.index(axis): self.index(f"{axis}:{k}") for axis, k in zip(fixed, at, strict=True)}
            self.settle(self.put(gap, move), proof["ends"][",".join(map(str, at))])

    def settle(self, gap: Poly, proof: Any) -> None:
        """A difference vanishes; or it does in either case of a sign, at a certain index of each axis."""
        if "split" not in proof:
            self.vanishes(gap, proof["steps"])
            return
        split = self.poly(proof["split"])
        need(not any(self.generic(self.free(split))), "a case speaks of many numbers, which may have many signs")
        stars = {i: self.index(self.tokens[-1 - i][0] + "*") for i in self.generic(self.free(gap))}
        for side, way in (("plus", 1), ("minus", -1)):
            before = {name: copy(held) for name, held in vars(self).items() if isinstance(held, (dict, list))}
            self.facts.append(Fact(plus({}, split, way), True, False))
            self.run(proof[side]["run"])
            self.settle(self.put(gap, stars), proof[side])
            vars(self).update(before)  # what holds in one case is forgotten
