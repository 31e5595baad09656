"""Polynomials over components.

A *component* is a product of atoms ``x[n, c]^e`` held together by summed indices, numbered canonically so that equal
ones are one. A *generator* is what an atom is an entry of: an input, a size, or a quantity with a definition: a root
(``s^2 = P``, the principal one, real where P >= 0), a reciprocal (``r P = 1``), a sign, an unknown function of its
argument.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import permutations
from math import gcd, lcm
from typing import Any

from symnorm.elaboration.triples import Sign
from symnorm.replay.graph import Rejected

Monomial = frozenset[tuple[int, int]]  # component number, exponent
Poly = dict[Monomial, Any]
Atom = tuple[int, tuple[int, ...], int]  # generator, indices (>= 0 summed; -1.. -64 slots, below those free), exponent
ONE: Monomial = frozenset()
UNIT: Poly = {ONE: 1}
ODD = ("reciprocal", "sign", "erf")  # functions f(-u) = -f(u) that have the sign of u
SLOTS, TERMS = 64, 20_000


def plus(*polys: Poly) -> Poly:
    """The sum."""
    result = dict(polys[0])
    for poly in polys[1:]:
        for monomial, coefficient in poly.items():
            if total := result.get(monomial, 0) + coefficient:
                result[monomial] = total
            else:
                del result[monomial]
    return result


def scaled(poly: Poly, factor: Any) -> Poly:
    """A number times a polynomial."""
    return {m: c * factor for m, c in poly.items()} if factor else {}


def joined(a: Monomial, b: Iterable[tuple[int, int]], times: int = 1) -> Monomial:
    """A monomial times a power of another."""
    merged = dict(a)
    for component, exponent in b:
        merged[component] = merged.get(component, 0) + times * exponent
    return frozenset([pair for pair in merged.items() if pair[1]])


class Generator:
    """What an atom is an entry of: its definition in slots if it has one, and what is known of its sign everywhere."""

    def __init__(self, number: int, kind: str, arity: int, of: Poly | None) -> None:
        self.number, self.kind, self.arity, self.of = number, kind, arity, of
        self.nonneg = self.nonpos = self.nonzero = self.solved = False
        self.least = 0  # a size's lower bound
        self.places = 0  # of a share: how many indices, the first ones, it is a share of
        self.extents: tuple[int, ...] = ()  # of an input: the colour of each index
        self.orders: list[tuple[int, ...]] = [(0, 1), (1, 0)] if kind == "delta" else []  # that are the same


class Algebra:
    """Generators, components and the arithmetic of polynomials in them."""

    def __init__(self) -> None:
        self.generators: list[Generator] = []
        self.numbers: dict[Any, Any] = {}
        self.components: list[tuple[tuple[int, ...], tuple[Atom, ...], frozenset[int]]] = []
        self.sizes: list[Poly] = []
        self.positions: set[int] = set()
        self.kept: set[int] = set()  # free indices that a definition keeps
        self.delta = self.generator("delta", "", 2)

    def generator(self, kind: str, name: str, arity: int, of: Poly | None = None) -> Generator:
        """The one generator of a kind, name and definition."""
        key = (kind, name, arity, None if of is None else frozenset(of.items()))
        if key not in self.numbers:
            self.numbers[key] = Generator(len(self.generators), kind, arity, of)
            self.generators.append(self.numbers[key])
        found: Generator = self.numbers[key]
        return found

    def token(self, name: str | int) -> int:
        """The number of a free index: an axis by its name, or a position on one."""
        found: int = self.numbers.setdefault(("token", name), -1 - SLOTS - len(self.numbers))
        if isinstance(name, int):
            self.positions.add(found)
        return found

    def colour(self, size: Poly) -> int:
        """The number of the indices that run over an axis of this size."""
        key = ("colour", frozenset(size.items()))
        if key not in self.numbers:
            self.numbers[key] = len(self.sizes)
            self.sizes.append(size)
        return int(self.numbers[key])

    def atom(self, generator: Generator, slots: tuple[int, ...] = (), exponent: int = 1) -> Poly:
        """An entry of a generator."""
        return self.product_of([(generator.number, slots, exponent)], [])

    def least_order(self, g: int, slots: tuple[int, ...]) -> tuple[int, ...]:
        """The indices of an entry in the least order that the generator's symmetries allow."""
        orders = self.generators[g].orders
        return min(tuple([slots[i] for i in order]) for order in orders) if orders else slots

    def product_of(self, atoms: list[Atom], over: list[int]) -> Poly:
        """A product of atoms, summed over the indices 0, 1, ... of the colours ``over``."""
        merged: dict[tuple[int, tuple[int, ...]], int] = {}
        for g, slots, e in atoms:
            key = (g, self.least_order(g, slots))
            merged[key] = merged.get(key, 0) + e
        for (g, slots), e in merged.items():
            if g == self.delta.number and e:
                low, high = min(slots), max(slots)
                if e < 0 or ({low, high} <= self.positions and low != high):
                    return {} if e > 0 else self.power({}, -1)
                if high < 0 and low != high:
                    merged[g, slots] = 1
                    continue
                left = [(h, s, f) for (h, s), f in merged.items() if (h, s) != (g, slots)]
                if low == high:
                    return self.product_of(left, over)
                move = {high: low, **{i: i - 1 for i in range(high + 1, len(over))}}
                left = [(h, renumbered(s, move), f) for h, s, f in left]
                return self.product_of(left, over[:high] + over[high + 1 :])
        monomial: dict[int, int] = {}
        groups: list[tuple[set[int], list[Atom]]] = []
        for (g, slots), e in merged.items():
            held = {i for i in slots if i >= 0}
            if e and not held:
                monomial[self.component((), ((g, slots, 1),))] = e
            elif e:
                group = [(g, slots, e)]
                for other in [other for other in groups if not held.isdisjoint(other[0])]:
                    held, group = held | other[0], group + other[1]
                    groups.remove(other)
                groups.append((held, group))
        for held, group in groups:
            number = self.component(*self.numbered(sorted(held), group, over))
            monomial[number] = monomial.get(number, 0) + 1
        unused = set(range(len(over))).difference(*[held for held, _ in groups])
        return self.times({frozenset(monomial.items()): 1}, *[self.sizes[over[v]] for v in unused])

    def component(self, over: tuple[int, ...], atoms: tuple[Atom, ...]) -> int:
        """The number of a component whose indices are numbered canonically."""
        key = ("component", over, atoms)
        if key not in self.numbers:
            self.numbers[key] = len(self.components)
            self.components.append((over, atoms, frozenset(i for _, slots, _ in atoms for i in slots if i < 0)))
        return int(self.numbers[key])

    def numbered(self, vertices: list[int], atoms: list[Atom], over: list[int]) -> Any:
        """Colours and atoms of a component, its summed indices numbered as every renaming of it would be."""

        def written(move: dict[int, int]) -> tuple[Atom, ...]:
            return tuple(sorted([(g, self.least_order(g, renumbered(s, move)), e) for g, s, e in atoms]))

        def refined(rank: dict[int, int]) -> dict[int, int]:
            """Indices are told apart by the atoms that they stand in, until that says no more."""
            while len(set(rank.values())) < len(rank):
                seen: dict[int, list[Any]] = {v: [] for v in rank}
                for g, slots, e in atoms:
                    for order in self.generators[g].orders or [tuple(range(len(slots)))]:
                        row = renumbered(tuple([slots[i] for i in order]), rank)
                        for place, i in enumerate(order):
                            if slots[i] >= 0:
                                seen[slots[i]].append((g, e, place, row))
                keys = {v: (rank[v], tuple(sorted(seen[v]))) for v in rank}
                places = {key: i for i, key in enumerate(sorted(set(keys.values())))}
                if len(places) == len(set(rank.values())):
                    return {v: places[keys[v]] for v in rank}
                rank = {v: places[keys[v]] for v in rank}
            return rank

        def least(rank: dict[int, int]) -> tuple[tuple[Atom, ...], list[int]]:
            rank = refined(rank)
            order = sorted(vertices, key=lambda v: rank[v])
            cell = next((c for v in order if len(c := [u for u in order if rank[u] == rank[v]]) > 1), [])
            if not cell:
                return written({v: i for i, v in enumerate(order)}), order
            tried: list[int] = []
            for v in cell:
                if not any(written({u: v, v: u}) == written({}) for u in tried):
                    tried.append(v)
            return min(least({u: 2 * r + (u != v) for u, r in rank.items()}) for v in tried)

        made, order = least({v: over[v] for v in vertices})
        return tuple([over[v] for v in order]), made

    def times(self, *polys: Poly) -> Poly:
        """The product."""
        result = polys[0]
        for poly in polys[1:]:
            if len(result) * len(poly) > TERMS:
                raise Rejected("a product outgrows the limit")
            made: Poly = {}
            for m1, c1 in result.items():
                for m2, c2 in poly.items():
                    monomial = joined(m1, m2)
                    made[monomial] = made.get(monomial, 0) + c1 * c2
            result = {m: c for m, c in made.items() if c}
        return result

    def power(self, poly: Poly, exponent: int) -> Poly:
        """A power; a negative one only of one term of atoms."""
        if exponent >= 0:
            return self.times(UNIT, *[poly] * exponent)
        if len(poly) != 1 or any(self.components[c][0] for m in poly for c, _ in m):
            raise Rejected("something is divided by that is zero, or a sum without a name")
        return {joined(ONE, m, exponent): Fraction(c) ** exponent for m, c in poly.items()}

    def spread(self, monomial: Iterable[tuple[int, int]], over: list[int]) -> list[Atom]:
        """The atoms of a monomial, summed indices numbered on from ``over``, which grows by their colours."""
        atoms: list[Atom] = []
        for number, exponent in monomial:
            own, inside, _ = self.components[number]
            if not own:
                atoms.append((inside[0][0], inside[0][1], exponent))
            elif exponent < 0:
                raise Rejected("a sum is divided by without a name")
            for _ in range(exponent if own else 0):
                move = {i: i + len(over) for i in range(len(own))}
                over.extend(own)
                atoms += [(g, renumbered(s, move), e) for g, s, e in inside]
        return atoms

    def moved(self, poly: Poly, move: dict[int, int], bound: tuple[int, ...] = ()) -> Poly:
        """Other indices in place of free ones, all at once; then summed over 0, 1, ... of the colours ``bound``."""
        result: Poly = {}
        for monomial, coefficient in poly.items():
            touched = [pair for pair in monomial if not self.components[pair[0]][2].isdisjoint(move)]
            term = {monomial.difference(touched): coefficient}
            if touched or bound:
                over = list(bound)
                atoms = [(g, renumbered(s, move), e) for g, s, e in self.spread(touched, over)]
                term = self.times(term, self.product_of(atoms, over))
            result = plus(result, term)
        return result

    def free(self, poly: Poly) -> frozenset[int]:
        """The free indices."""
        return frozenset().union(*[self.components[c][2] for monomial in poly for c, _ in monomial])

    def definition(self, component: int) -> tuple[Generator, Poly]:
        """The generator of an atom, and its definition at the atom's indices."""
        _, ((g, slots, _), *_), _ = self.components[component]
        generator = self.generators[g]
        return generator, self.moved(generator.of or {}, {-1 - i: slot for i, slot in enumerate(slots)})

    def named(self, kind: str, name: str, poly: Poly) -> tuple[Generator, Poly]:
        """The generator with this definition, whatever the order of its free indices, and its entry here."""
        tokens = sorted(self.free(poly) - self.kept, reverse=True)
        orders = list(permutations(tokens)) if len(tokens) <= 4 else [tuple(tokens)]
        keys = [self.moved(poly, {token: -1 - i for i, token in enumerate(order)}) for order in orders]
        ranks = [sorted((sorted(m), Fraction(c)) for m, c in key.items()) for key in keys]
        best = ranks.index(min(ranks))
        flip = -1 if kind in ODD and self.split(keys[best])[0] < 0 else 1
        found = self.generator(kind, name, len(tokens), scaled(keys[best], flip))
        same = [order for order, rank in zip(orders, ranks, strict=True) if rank == ranks[best]]
        if len(same) > 1 and not found.orders:
            found.orders = [tuple(orders[best].index(token) for token in order) for order in same]
        entry = self.atom(found, orders[best])
        if kind in ("root", *ODD):
            up, down, off = self.sign(poly)
            up, down = (down, up) if flip < 0 else (up, down)
            ((component, _),) = next(iter(entry))
            self.mark(component, (up, down and kind != "root", off or kind == "reciprocal"))
        return found, scaled(entry, flip)

    def sign(self, poly: Poly) -> Sign:
        """What is known of a sign."""
        raise NotImplementedError

    def mark(self, component: int, known: Sign) -> None:
        """More is known of a sign."""
        raise NotImplementedError

    def split(self, poly: Poly) -> tuple[Fraction, Monomial, Poly]:
        """Number, monomial and primitive part: coprime integer coefficients, the leading one positive."""
        values = [Fraction(c) for c in poly.values()]
        number = Fraction(gcd(*[v.numerator for v in values]), lcm(*[v.denominator for v in values]))
        exponents = [dict(m) for m in poly]
        shared = joined(ONE, {c: min(e.get(c, 0) for e in exponents) for c in set().union(*exponents)}.items())
        rest = {joined(m, shared, -1): c / number for m, c in poly.items()}
        if rest[max(rest, key=lambda m: sorted(m, reverse=True))] < 0:
            number, rest = -number, scaled(rest, -1)
        return number, shared, {m: int(c) for m, c in rest.items()}

    def kind(self, component: int) -> str:
        """The kind of a component's first generator."""
        return self.generators[self.components[component][1][0][0]].kind


def renumbered(slots: tuple[int, ...], move: dict[int, int]) -> tuple[int, ...]:
    """Other indices in place of some."""
    return tuple([move.get(i, i) for i in slots])
