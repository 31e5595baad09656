"""Checks a certificate again and believes nothing in it: Python's standard library only, nothing of symnorm.

A certificate states its claim as a graph of named operations over named axes, unexpanded; derivatives are nodes of that
graph, differentiated in :mod:`.statement`. Its proof is a list of steps, each of which is carried out here or refused:

- the *value* of a node is a polynomial that equals it at every index;
- an *equation* is a polynomial that vanishes: of it, any multiple at any indices may be added to anything;
- a *fact* is a polynomial that is not negative, or not zero.

All of it holds wherever the assumptions and conditions do, at every size. Nothing is searched or chosen: who wrote the
certificate says which multiples to add and which sum of squares to expand. An equation is proved if the difference of
its sides becomes the polynomial 0; an inequality if a fact is its difference. The certificate's point satisfies all
assumptions and conditions, so that nothing is vacuous. A refutation is a point at which the statement fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import permutations, product
from math import factorial, prod
from typing import Any, NamedTuple

from .claim import Claim, Relation, need
from .graph import IMPLICIT, Graph, NotCovered, Rejected
from .points import Point

FORMAT, TERMS, ORDERS, WRITTEN_OUT = 2, 50_000, 5_040, 8
Monomial = frozenset[tuple[int, int]]  # component number, exponent
Poly = dict[Monomial, Fraction]
Atom = tuple[int, tuple[int, ...], int]  # generator, indices (>= 0 summed, < 0 tokens), exponent
ONE: Monomial = frozenset()
UNIT: Poly = {ONE: Fraction(1)}
SIGNS = {">": (1, True, True), ">=": (1, True, False), "!=": (1, False, True), "<": (-1, True, True)}
SIGNS |= {"<=": (-1, True, False), "positive": SIGNS[">"], "nonnegative": SIGNS[">="], "nonzero": SIGNS["!="]}


class Generator(NamedTuple):
    """What an atom is an entry of: an input, a size, or what an equation defines in terms of ``slots``."""

    number: int
    kind: str
    label: Any
    slots: tuple[int, ...]
    colours: tuple[int, ...]
    of: Poly
    up: bool  # not negative, at every index
    off: bool  # not zero, at every index
    orders: list[tuple[int, ...]]  # of its indices, that give the same entry


class Fact(NamedTuple):
    """A polynomial that is not negative, or not zero, at every index."""

    poly: Poly
    up: bool
    off: bool


def plus(a: Poly, b: Poly, factor: int | Fraction = 1) -> Poly:
    """``a + factor b``."""
    result = dict(a)
    for monomial, coefficient in b.items():
        if total := result.get(monomial, 0) + coefficient * factor:
            result[monomial] = total
        else:
            result.pop(monomial, None)
    return result


def signed(poly: Poly, relation: str) -> Fact:
    """What a relation to zero says."""
    way, up, off = SIGNS[relation]
    return Fact(plus({}, poly, way), up, off)


class Algebra:
    """Polynomials over components: products of atoms, held together by summed indices that are numbered canonically."""

    def __init__(self) -> None:
        self.generators: list[Generator] = []
        self.components: list[tuple[tuple[int, ...], tuple[Atom, ...], frozenset[int]]] = []
        self.tokens: list[tuple[str, int, int]] = []  # name, colour, position if it is one, else 0
        self.sizes: list[Poly] = []  # of each colour
        self.numbers: dict[Any, int] = {}

    def number(self, key: Any, into: list[Any], entry: Any) -> int:
        """The place of an entry, made when it is first asked for."""
        if key not in self.numbers:
            self.numbers[key] = len(into)
            into.append(entry)
        return self.numbers[key]

    def colour(self, size: Poly) -> int:
        """The number of the indices that run over an axis of this size."""
        return self.number(("colour", frozenset(size.items())), self.sizes, size)

    def token(self, name: str, colour: int, position: int = 0) -> int:
        """A free index: any of its colour, a certain one (with a star), or a position."""
        return -1 - self.number(("token", position or name, colour), self.tokens, (name, colour, position))

    def generic(self, indices: Iterable[int]) -> Iterator[int]:
        """Those free indices that stand for every index."""
        return (i for i in indices if not (self.tokens[-1 - i][2] or self.tokens[-1 - i][0].endswith("*")))

    def least(self, g: int, slots: tuple[int, ...]) -> tuple[int, ...]:
        """The indices of an entry in the least order that its symmetries allow."""
        orders = self.generators[g].orders
        return min(tuple([slots[i] for i in order]) for order in orders) if orders else slots

    def product_of(self, atoms: Iterable[Atom], over: Sequence[int]) -> Poly:
        """A product of atoms, summed over the indices 0, 1, ... of the colours ``over``; deltas are carried out."""
        merged: dict[tuple[int, tuple[int, ...]], int] = {}
        for g, slots, e in atoms:
            key = (g, self.least(g, slots))
            merged[key] = merged.get(key, 0) + e
        for (g, slots), e in merged.items():
            if self.generators[g].kind != "delta":
                continue
            gone, kept = sorted(slots, key=lambda i: (i < 0, i < 0 and self.tokens[-1 - i][2] > 0, -i))
            rest = [(h, s, f) for (h, s), f in merged.items() if (h, s) != (g, slots)]
            if gone == kept:
                return self.product_of(rest, over)
            if gone < 0 and self.tokens[-1 - gone][2]:
                return {}
            if gone >= 0 or e > 1 or any(gone in s for _, s, _ in rest):
                move = {gone: kept} | {i: i - 1 for i in range(gone + 1, len(over)) if gone >= 0}
                move[gone] = move.get(kept, kept)
                rest = renumbered(rest, move) + ([(g, slots, 1)] if gone < 0 else [])
                return self.product_of(rest, [c for i, c in enumerate(over) if i != gone])
        monomial: dict[int, int] = {}
        groups: list[tuple[set[int], list[Atom]]] = []
        for (g, slots), e in merged.items():
            held, group = {i for i in slots if i >= 0}, [(g, slots, e)]
            if e and not held:
                monomial[self.component((), ((g, slots, 1),))] = e
            elif e:
                for other in [other for other in groups if not held.isdisjoint(other[0])]:
                    held, group = held | other[0], group + other[1]
                    groups.remove(other)
                groups.append((held, group))
        for held, group in groups:
            number = self.component(*self.numbered(held, group, over))
            monomial[number] = monomial.get(number, 0) + 1
        unused = set(range(len(over))).difference(*[held for held, _ in groups])
        return self.times({frozenset(monomial.items()): Fraction(1)}, *[self.sizes[over[v]] for v in unused])

    def component(self, over: tuple[int, ...], atoms: tuple[Atom, ...]) -> int:
        """The number of a component."""
        free = frozenset(i for _, slots, _ in atoms for i in slots if i < 0)
        return self.number(("component", over, atoms), self.components, (over, atoms, free))

    def numbered(self, held: set[int], atoms: list[Atom], over: Sequence[int]) -> Any:
        """Colours and atoms of a component, its summed indices numbered as every renaming of it would be."""
        rank: dict[int, Any] = {v: over[v] for v in held}
        for _ in held:  # indices are told apart by the atoms that they stand in
            seen: dict[int, list[Any]] = {v: [] for v in held}
            for g, slots, e in atoms:
                for order in self.generators[g].orders or [tuple(range(len(slots)))]:
                    row = [rank.get(i, i) for i in (slots[k] for k in order)]
                    for place, i in enumerate(order):
                        if slots[i] >= 0:
                            seen[slots[i]].append((g, e, place, row))
            keys = {v: (rank[v], sorted(seen[v])) for v in held}
            places = sorted(keys.values())
            rank = {v: places.index(keys[v]) for v in held}
        cells = [sorted(v for v in held if rank[v] == r) for r in sorted(set(rank.values()))]
        need(prod(factorial(len(cell)) for cell in cells) <= ORDERS, "too many summed indices that are alike")
        best: Any = None
        for choice in product(*[permutations(cell) for cell in cells]):
            vertices = [v for cell in choice for v in cell]
            move = {v: i for i, v in enumerate(vertices)}
            written = tuple(sorted([(g, self.least(g, s), e) for g, s, e in renumbered(atoms, move)]))
            best = min(best or (written, vertices), (written, vertices))
        return tuple(over[v] for v in best[1]), best[0]

    def times(self, *polys: Poly) -> Poly:
        """The product."""
        result = polys[0]
        for poly in polys[1:]:
            need(len(result) * len(poly) <= TERMS, "a product outgrows the limit")
            made: Poly = {}
            for a, c in result.items():
                for b, d in poly.items():
                    merged = dict(a)
                    for component, exponent in b:
                        merged[component] = merged.get(component, 0) + exponent
                    monomial = frozenset([pair for pair in merged.items() if pair[1]])
                    made[monomial] = made.get(monomial, 0) + c * d
            result = {m: c for m, c in made.items() if c}
        return result

    def power(self, poly: Poly, exponent: int) -> Poly:
        """A power that is not negative."""
        return self.times(UNIT, *[poly] * exponent)

    def put(self, poly: Poly, move: Mapping[int, int], over: Sequence[int] = (), left: Sequence[Atom] = ()) -> Poly:
        """Other indices in place of free ones, all at once, times atoms; summed over 0, 1, ... of some colours."""
        result: Poly = {}
        for monomial, coefficient in poly.items():
            touched = [pair for pair in monomial if not self.components[pair[0]][2].isdisjoint(move)]
            bound, atoms = list(over), list(left)
            for number, exponent in touched:
                own, inside, _ = self.components[number]
                for _ in range(exponent if own else 1):
                    moved = renumbered(inside, {**move, **{i: i + len(bound) for i in range(len(own))}})
                    atoms += moved if own else [(g, slots, exponent) for g, slots, _ in moved]
                    bound += own
            left_over = {monomial.difference(touched): coefficient}
            result = plus(result, self.times(left_over, self.product_of(atoms, bound)))
        return result

    def free(self, poly: Poly) -> frozenset[int]:
        """The free indices."""
        return frozenset().union(*[self.components[c][2] for monomial in poly for c, _ in monomial])


def renumbered(atoms: Iterable[Atom], move: Mapping[int, int]) -> list[Atom]:
    """Atoms with other indices in place of some."""
    return [(g, tuple([move.get(i, i) for i in slots]), e) for g, slots, e in atoms]


class Proof(Algebra):
    """The steps of a certificate, carried out under what a claim assumes."""

    def __init__(self, claim: Claim) -> None:
        super().__init__()
        self.claim, self.graph = claim, claim.graph
        self.values: dict[int, Poly] = {}
        self.names: dict[str, int] = {}
        self.lemmas: list[Poly] = []
        self.facts: list[Fact] = []
        self.losses: dict[str, tuple[int, ...]] = {}

    def run(self, steps: Iterable[Any]) -> None:
        """Each step in its order."""
        rules: dict[str, Any] = {"value": self.value, "generator": self.declare, "lemma": self.lemma, "fact": self.fact}
        for rule, *data in steps:
            need(rule in rules, f"no step is called {rule}")
            rules[rule](*data)

    # what a certificate names -----------------------------------------------------------------------------------------

    def index(self, name: str) -> int:
        """``N`` is any index of the axis N, ``N~1`` another, ``N*`` a certain one, ``N:2`` the second."""
        axis, _, position = name.partition(":")
        axis = axis.rstrip("*").partition("~")[0]
        colour, *others = {self.colour(self.values[size]) for size in self.claim.axes[axis]}
        need(not others, f"the axis {axis} has two sizes")
        return self.token(name, colour, int(position or 0))

    def generator(self, name: str) -> Generator:
        """The generator of a name: declared by a step, an input, a size, a constant, or the delta of an axis."""
        if name not in self.names:
            kind, _, axis = name.partition(":")
            slots: tuple[int, ...] = ()
            up, off, orders = False, False, list[tuple[int, ...]]()
            if kind == "#delta":
                i = self.index(axis)
                kind, slots, orders = "delta", (i, i), [(0, 1), (1, 0)]
                name = f"#delta:{self.tokens[-1 - i][1]}"
            elif kind == "#constant":
                need(axis in ("pi", "E"), f"the constant {axis}")
                up = off = True
            else:
                kind, axes, flags = self.claim.leaves[name]
                slots = tuple([self.index(axis) for axis in axes])
                signs = [SIGNS[flag] for flag in flags if flag in SIGNS] + [SIGNS[">"]] * (kind == "size")
                up, off = any(sign[1] for sign in signs), any(sign[2] for sign in signs)
                orders = [(0, 1), (1, 0)] if "symmetric" in flags else []
            if name not in self.names:
                self.add(name, kind, axis, slots, {}, up, off, orders)
        return self.generators[self.names[name]]

    def add(self, name: str, kind: str, label: Any, slots: tuple[int, ...], *more: Any) -> None:
        """One more generator."""
        colours = tuple([self.tokens[-1 - i][1] for i in slots])
        self.names[name] = len(self.generators)
        self.generators.append(Generator(len(self.generators), kind, label, slots, colours, *more))

    def atoms(self, rows: Any) -> list[Atom]:
        """``[name, indices, exponent]`` of each atom; a negative exponent only of what is never zero."""
        found = []
        for name, indices, exponent in rows:
            one, slots = self.generator(name), tuple([self.index(i) for i in indices])
            need(one.colours == tuple([self.tokens[-1 - i][1] for i in slots]), f"indices that {name} does not have")
            need(isinstance(exponent, int) and (exponent > 0 or one.off), f"{name} is divided by and may vanish")
            found.append((one.number, slots, exponent))
        return found

    def entry(self, name: str, indices: Any, *kinds: str) -> tuple[Generator, Poly, Poly]:
        """A generator of some kinds, its entry at some indices, and what it is defined by there."""
        one, atoms = self.generator(name), self.atoms([[name, indices, 1]])
        need(not kinds or one.kind in kinds, f"{name} is of another kind")
        return one, self.product_of(atoms, []), self.put(one.of, dict(zip(one.slots, atoms[0][1], strict=True)))

    def bound(self, names: Iterable[str]) -> tuple[dict[int, int], list[int]]:
        """Free indices that become summed ones, and their colours."""
        indices = [self.index(name) for name in names]
        need(list(self.generic(indices)) == indices and len(set(indices)) == len(indices), "a sum over no index")
        return {i: place for place, i in enumerate(indices)}, [self.tokens[-1 - i][1] for i in indices]

    def poly(self, data: Any) -> Poly:
        """``[coefficient, summed indices, atoms]`` of each term."""
        result: Poly = {}
        for coefficient, summed, rows in data:
            move, over = self.bound(summed)
            result = plus(result, self.product_of(renumbered(self.atoms(rows), move), over), Fraction(coefficient))
        return result

    def placing(self, pairs: Any) -> dict[int, int]:
        """Indices for those that stand for every index of their colour."""
        move = {self.index(old): self.index(new) for old, new in pairs}
        need(len([*self.generic(move)]) == len(pairs), "a certain index is not any")
        need(all(self.tokens[-1 - a][1] == self.tokens[-1 - b][1] for a, b in move.items()), "indices of two axes")
        return move

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
            left, relation, right = self.claim.given[data[0]]
            need(relation == "==", "what is assumed is no equation")
            return plus(self.values[left], self.values[right], -1)
        one = self.generator(name)
        entry, of = self.product_of([(one.number, one.slots, 1)], []), one.of
        if one.kind == "root":
            return plus(self.power(entry, 2), of, -1)
        if one.kind == "reciprocal":
            return plus(self.times(entry, of), UNIT, -1)
        if one.kind == "name":
            return plus(entry, of, -1)
        need(one.kind == "sign", f"no equation defines {name}")
        if not data:
            return plus(self.times(entry, entry, of), of, -1)
        if data[0] == "cube":
            return plus(self.power(entry, 3), entry, -1)
        fact: Fact = self.facts[data[0]]
        move = self.placing(data[1] if len(data) > 1 else ())
        entry, of = self.put(entry, move), self.put(of, move)
        way = 1 if fact.poly == of else -1
        need(fact.poly == plus({}, of, way), "a fact about something else")
        if not fact.up:
            return plus(self.power(entry, 2), UNIT, -1)
        return self.times(plus(entry, UNIT, -way), UNIT if fact.off else of)

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
                left, relation, right = claim.given[number]
                found = signed(plus(value[left], value[right], -1), relation)
            case "condition", (number,):
                found = signed(value[claim.conditions[number][0]], claim.conditions[number][1])
            case "declared", (name, flag):  # a number need not be what it is put in place of: it stands for a limit
                found = signed(value[claim.put[name]], flag)
                need(flag in claim.leaves[name][2] and not set(found.poly) <= {ONE}, f"{name} is not declared {flag}")
            case "defined", (node,):  # where what is assumed holds, its operations are defined
                op, args, _ = self.graph.nodes[node]
                need(node in claim.assumed and op in ("sqrt", "div", "log"), "nothing is assumed of this operation")
                found = Fact(value[args[-1]], op != "div", op != "sqrt")
            case "number", (node,):
                low, high = Point(self.graph, {"sizes": {}, "inputs": {}, "losses": {}}, {}).value(node, {})
                found = Fact(value[node], low >= 0, low > 0 or high < 0)
            case _:
                raise Rejected(f"no fact is by {rule}")
        self.facts.append(found)
        for number in [c for m in found.poly for c, e in m if e == 1 and m == {(c, 1)} and len(found.poly) == 1]:
            over, ((g, slots, e), *_), _ = self.components[number]
            one, up = self.generators[g], found.up and found.poly[frozenset({(number, 1)})] > 0
            if not over and e == 1 and len({*self.generic(slots)}) == len(slots):  # of an entry at every index
                self.generators[g] = one._replace(up=one.up or up, off=one.off or found.off)

    def sum(self, poly: Any, times: Any, terms: Any, steps: Any) -> Fact:
        """What is a sum of products of facts ``[coefficient, summed indices, facts]``, once multiplied by facts."""
        target, total = self.poly(poly), dict[Monomial, Fraction]()
        whole, grow, off = self.poly(poly), True, False
        beside = [self.factor(factor) for factor in times]
        for one in beside:
            target = self.times(target, one.poly)
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
        if kind == "square":
            return Fact(self.power(self.poly(rest[0]), 2), True, False)
        if kind == "any":
            return Fact(self.poly(rest[0]), False, False)
        if kind == "size":
            need(self.generator(rest[0]).kind == "size", "a size that is none")
            return Fact(plus(self.product_of(self.atoms([[rest[0], [], 1]]), []), UNIT, -1), True, False)
        one, entry = self.generator(rest[0]), self.product_of(self.atoms([rest[:3]]), [])
        if kind == "entry":
            return Fact(entry, one.up or rest[2] % 2 == 0, one.off)
        need(kind == "side" and one.kind == "sign" and rest[2] == 1 and rest[3] in (-1, 0, 1), "no such fact")
        of = self.put(one.of, dict(zip(one.slots, [self.index(i) for i in rest[1]], strict=True)))
        return Fact(self.times(plus(entry, UNIT, rest[3]), of), True, False)

    # values -----------------------------------------------------------------------------------------------------------

    def declare(self, name: str, kind: str, label: Any, slots: Any, poly: Any, fact: int | None) -> None:
        """A function of a polynomial, or the derivative of a loss by an entry of what it is a function of."""
        indices, of = tuple([self.index(i) for i in slots]), self.poly(poly)
        known = Fact(of, False, False) if fact is None else self.facts[fact]
        own = len(indices) // 2 if kind == "curvature" else len(indices)
        need(name not in self.names and name[0] == "#" and known.poly == of, f"{name} cannot be declared")
        need([*self.generic(indices)] == [*dict.fromkeys(indices)] == [*indices], "indices that are not any")
        need(set(self.generic(self.free(of))) <= {*indices[:own]}, f"{name} has more indices")
        up, off, swap = known.up, known.off, list[tuple[int, ...]]()
        match kind:
            case "root":
                need(up, "a root of what may be negative")
                up = True
            case "reciprocal":
                need(off, "a divisor that may vanish")
            case "log" | "power":
                need(up and off, "a power or logarithm of what may not be positive")
                label, up, off = self.poly(label or []), kind == "power", kind == "power"
            case "cotangent" | "curvature":
                shape = tuple([self.tokens[-1 - i][1] for i in indices])
                need(self.losses.setdefault(label, shape[:own]) == shape[:own], f"the loss {label} of two shapes")
                need(shape[own:] in ((), shape[:own]), "a second derivative of another shape")
                if kind == "curvature":
                    swap = [tuple(range(2 * own)), (*range(own, 2 * own), *range(own))]
            case _:
                need(kind in ("sign", "erf", "name"), f"nothing is called {kind}")
                up, off = up and kind == "name", off and kind == "name"
        self.add(name, kind, label, indices, of, up, off, swap)

    def value(self, node: int, data: Any, steps: Any) -> None:
        """The value of a node by its operation, its arguments' values and what the certificate adds, then equations."""
        op, args, extra = self.graph.nodes[node]
        at = {axis: self.index(axis) for axis in self.graph.axes[node]}
        self.values[node] = self.added(self.meaning(op, args, extra, at, data), steps)

    def meaning(self, op: str, args: Any, extra: Any, at: dict[str, int], data: Any) -> Poly:
        """The value of an operation; ``at`` says which index each of its axes is."""
        values = [self.values[arg] for arg in args]
        a, b = (values[0], values[-1]) if values else (UNIT, UNIT)
        match op:
            case "number":
                return plus({}, UNIT, Fraction(extra))
            case "input" | "size" | "constant" | "delta":
                name = {"input": extra[0], "size": extra}.get(op, f"#{op}:{next(iter(at), extra)}")
                if name in self.claim.put:
                    return self.values[self.claim.put[name]]
                return self.product_of([(self.generator(name).number, tuple(at.values()), 1)], [])
            case "total":
                return self.summed(args[0], extra[1], a)
            case "mean":
                count = self.times(UNIT, *[self.values[size] for _, size in extra[1]])
                return self.times(self.summed(args[0], extra[1], a), self.root(count, -1, 1, *data))
            case "rename":
                new = dict(extra)
                return self.put(a, {self.index(old): at[new.get(old, old)] for old in self.graph.axes[args[0]]})
            case "add" | "sub":
                return plus(a, b, 1 if op == "add" else -1)
            case "neg":
                return plus({}, a, -1)
            case "mul":
                return self.times(a, b)
            case "div":
                return self.times(a, self.root(b, -1, 1, *data))
            case "sqrt":
                return self.root(a, 1, 2, *data)
            case "pow":
                return self.raised(a, b, *data)
            case "exp":
                return self.raised(self.meaning("constant", (), "E", {}, None), a, *data)
            case "sign" | "abs":
                return self.signed(a, *data)[op == "abs"]
            case "maximum" | "minimum":
                gap = self.signed(plus(a, b, -1), *data)[1]
                return plus({}, plus(plus(a, b), gap, 1 if op == "maximum" else -1), Fraction(1, 2))
            case "log" | "erf" if data is None:
                need(a == (UNIT if op == "log" else {}), f"{op} of something is said to be zero")
                return {}
            case "log" | "erf":
                (name, indices, way) = data
                _, entry, of = self.entry(name, indices, op)
                need(way in (1, -1 if op == "erf" else 1) and of == plus({}, a, way), f"{name} of something else")
                return plus({}, entry, way)
            case "cotangent" | "curvature":
                axes = sorted(dict(extra[1]))
                copies = [dict(zip(dict(extra[1]), extra[2], strict=True))[axis] for axis in axes if op == "curvature"]
                one, entry, of = self.entry(data, [*axes, *copies], op)
                need(one.label == extra[0] and of == a, "the derivative of another loss, or elsewhere")
                return self.put(entry, {self.index(axis): i for axis, i in at.items()})
        need(op in IMPLICIT or op in ("let", "stop"), f"an operation {op}")
        return a

    def summed(self, body: int, axes: Any, poly: Poly) -> Poly:
        """A sum, written out over a short axis of fixed size."""
        for axis, size in axes:
            extent = self.values[size]
            if axis not in self.graph.axes[body]:
                poly = self.times(poly, extent)
            elif set(extent) == {ONE} and extent[ONE] <= WRITTEN_OUT:
                whole, poly = poly, {}
                for k in range(1, int(extent[ONE]) + 1):
                    poly = plus(poly, self.put(whole, {self.index(axis): self.index(f"{axis}:{k}")}))
            else:
                poly = self.put(poly, {self.index(axis): 0}, [self.colour(extent)])
        return poly

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
        whole = q >= 0 and q.denominator == 1
        value = self.power(a, int(q)) if whole else self.root(a, q.numerator, q.denominator, *data)
        for name, indices, times in pieces:
            one, _, of = self.entry(name, indices, "power")
            need(of == a, "a power of something else")
            here = dict(zip(one.slots, map(self.index, indices), strict=True))
            exponent = plus(exponent, self.put(one.label, here), -times)
            value = self.times(value, self.product_of(self.atoms([[name, indices, times]]), []))
        need(not exponent, "an exponent that is another one")
        return value

    def signed(self, a: Poly, number: str, factors: Any, steps: Any) -> tuple[Poly, Poly]:
        """The sign and the absolute value of a product, each factor of which has a known or a named sign."""
        c = Fraction(number)
        whole, size, sign = plus({}, UNIT, c), plus({}, UNIT, abs(c)), plus({}, UNIT, (c > 0) - (c < 0))
        for data, e, name, *indices in factors:
            if name is None:
                factor, one = self.facts[data].poly, UNIT
                need(self.facts[data].up and self.facts[data].off, "a sign that no fact shows")
            else:
                (_, one, factor) = self.entry(name, indices, "sign")
            whole = self.times(whole, self.power(factor, e))
            size = self.times(size, self.power(factor, e), self.power(one, e % 2))
            sign = self.times(sign, self.power(one, 2 - e % 2))
        self.vanishes(plus(whole, a, -1), steps)
        return sign, size

    # conclusions ------------------------------------------------------------------------------------------------------

    def conclude(self, state: Relation, proof: Any) -> None:
        """The difference of both sides vanishes at every index, or a fact says its sign."""
        left, relation, right = state
        if proof.get("number"):  # no input in it
            point = Point(self.graph, {"sizes": {}, "inputs": {}, "losses": {}}, {})
            need(point.holds(left, relation, right, {}), "two numbers that do not compare so")
            return
        gap = plus(self.values[left], self.values[right], -1)
        if relation != "==":
            (way, up, off), fact = SIGNS[relation], self.facts[proof["fact"]]
            need(fact.poly == plus({}, gap, way) or (not up and fact.poly == gap), "a fact about something else")
            need(fact.up >= up and fact.off >= off, "a fact that says too little")
            return
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
        before = self.names, self.values, self.lemmas, self.facts, self.losses, [*self.generators]
        for side, way in (("plus", 1), ("minus", -1)):
            self.names, self.values, self.losses = dict(self.names), dict(self.values), dict(self.losses)
            self.lemmas, self.facts = [*self.lemmas], [*self.facts, Fact(plus({}, split, way), True, False)]
            self.run(proof[side]["run"])
            self.settle(self.put(gap, stars), proof[side])
            self.names, self.values, self.lemmas, self.facts, self.losses, generators = before
            self.generators[: len(generators)] = generators  # what is known of them; a number is given once


def check_steps(claim: Claim, data: Any) -> None:
    """The proof of each statement by itself."""
    need(len(data["proofs"]) == len(claim.states), "each statement needs a proof")
    for state, proof in zip(claim.states, data["proofs"], strict=True):
        if "run" not in proof:
            raise NotCovered(proof.get("why", "a proof without steps"))
        steps = Proof(claim)
        steps.run(proof["run"])
        steps.conclude(state, proof)


def stated(data: Any) -> tuple[Graph, list[int], list[Relation], list[Relation]]:
    """The graph of a certificate, the nodes of its rows, what it states and what it assumes."""
    graph = Graph()
    places = graph.read(data["graph"])
    states, given = ([(places[a], r, places[b]) for a, r, b in data[key]] for key in ("states", "given"))
    return graph, places, states, given


class Induction:
    """A claim at every step t = 0, 1, 2, ... of a recursion: at t = 0, and at t + 1 where it is assumed at t."""

    def __init__(self, data: Any) -> None:
        self.graph, self.places, self.states, self.given = graph, places, states, given = stated(data)
        self.data, along, clock = data, data["along"], places[data["along"]["clock"]]
        first, later = self.values(along["start"]), self.values(along["step"])
        op, _, (self.clock, axes, flags) = graph.nodes[clock]
        counts = op == "input" and not axes and {"integer", "nonnegative"} <= set(flags)
        need(counts and first.keys() == later.keys(), "t is 0, 1, 2, ..., and each state has a value at 0 and at t + 1")
        self.moving, varying = {*first, self.clock}, set(along["varying"])
        spoken = {name for a, _, b in states for node in (a, b) for name in graph.names(node)}
        started = {name for value in first.values() for name in graph.names(value)}
        fixed = varying.isdisjoint(spoken) and (varying | self.moving).isdisjoint(started)
        need(fixed, "what is claimed or started with is another one at each step")
        self.first = {**first, self.clock: graph.number(0)}
        self.later = {**later, self.clock: graph.node("add", (clock, graph.number(1)))}
        self.moved = [not self.moving.isdisjoint(graph.names(a) | graph.names(b)) for a, _, b in given]

    def values(self, rows: Any) -> dict[str, int]:
        """The states' values by name; a state has no sign of its own, which would have to be shown at each step."""
        found: dict[str, int] = {}
        for state, value in rows:
            op, _, entry = self.graph.nodes[self.places[state]]
            need(op == "input" and not entry[2] and entry[0] not in found, "a state is an input without a sign")
            found[entry[0]] = self.places[value]
        return found

    def at(self, relations: Iterable[Relation], values: dict[str, int]) -> list[Relation]:
        """Relations with other values of states and t."""
        put = self.graph.substituted
        return [(put(a, values), relation, put(b, values)) for a, relation, b in relations]

    def parts(self) -> tuple[tuple[list[Relation], list[Relation]], tuple[list[Relation], list[Relation]]]:
        """What is stated and assumed in the base case and in the step."""
        always = [one for one, moved in zip(self.given, self.moved, strict=True) if not moved]
        start, later = self.at(self.states, self.first), self.at(self.states, self.later)
        return (start, always), (later, [*self.given, *self.states])

    def check(self, steps_alone: bool) -> None:
        """Refuses an induction whose base case or step does not hold."""
        base, step = self.parts()
        zero, (start, always) = self.graph.number(0), base
        if not steps_alone:
            known = [one for one, moved in zip(self.given, self.moved, strict=True) if moved]
            known += [(self.places[node], relation, zero) for node, relation in self.data["step"]["conditions"]]
            point, needed = {"kind": "proof", "point": self.data["point"]}, self.at(known, self.first)
            Claim(self.graph, self.places, start, [*always, *needed], self.data["base"]).check_point(point)
        for (states, given), data in ((base, self.data["base"]), (step, self.data["step"])):
            check_steps(Claim(self.graph, self.places, states, given, data), data)


def replay(data: Any, steps_alone: bool = False) -> None:
    """Refuses a certificate that does not show what it states; raises Rejected, or NotCovered.

    With ``steps_alone`` a proof's point is not looked at: how the steps are tested by themselves.
    """
    try:
        if data["format"] != FORMAT or data["kind"] not in ("proof", "refutation", "induction"):
            raise NotCovered(f"certificates of the kind {data['kind']}, format {data['format']}")
        if data["kind"] == "induction":
            Induction(data).check(steps_alone)
            return
        claim = Claim(*stated(data), data)
        if data["kind"] == "refutation" or not steps_alone:
            claim.check_point(data)
        if data["kind"] == "proof":
            check_steps(claim, data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AssertionError, ArithmeticError) as error:
        raise Rejected(f"not a well-formed certificate: {type(error).__name__}: {error}") from error
    except RecursionError as error:
        raise Rejected("nested too deeply") from error
