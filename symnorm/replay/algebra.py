"""Polynomials over components, with exact coefficients: what values, equations and facts are made of.

A *component* is a product of atoms ``x[n, c]^e`` held together by summed indices, numbered canonically so that equal
ones are one. Indices that are not summed are *tokens*: any index of an axis, a certain one, or a position.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import permutations, product
from math import factorial, prod
from typing import Any, NamedTuple

from .graph import need

TERMS, ORDERS = 50_000, 5_040
Monomial = frozenset[tuple[int, int]]  # component number, exponent
Poly = dict[Monomial, Fraction]
Atom = tuple[int, tuple[int, ...], int]  # generator, indices (>= 0 summed, < 0 tokens), exponent
ONE: Monomial = frozenset()
UNIT: Poly = {ONE: Fraction(1)}


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


def gathered(pairs: Iterable[tuple[Any, Any]], start: Mapping[Any, Any] | Monomial) -> dict[Any, Any]:
    """The sum of the numbers of each key, but for those that are 0, with those that there are at the start."""
    found = dict(start)
    for key, number in pairs:
        found[key] = found[key] + number if key in found else number
        if not found[key]:
            del found[key]
    return found


def plus(a: Poly, b: Poly, factor: int | Fraction = 1) -> Poly:
    """``a + factor b``."""
    return gathered([(monomial, coefficient * factor) for monomial, coefficient in b.items()], a)


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
        merged = gathered([((g, self.least(g, slots)), e) for g, slots, e in atoms], {})
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
        monomial: list[tuple[int, int]] = []
        groups: list[tuple[set[int], list[Atom]]] = []
        for (g, slots), e in merged.items():
            held, group = {i for i in slots if i >= 0}, [(g, slots, e)]
            if not held:
                monomial.append((self.component((), ((g, slots, 1),)), e))
                continue
            for other in [other for other in groups if not held.isdisjoint(other[0])]:
                held, group = held | other[0], group + other[1]
                groups.remove(other)
            groups.append((held, group))
        monomial += [(self.component(*self.numbered(held, group, over)), 1) for held, group in groups]
        unused = set(range(len(over))).difference(*[held for held, _ in groups])
        made = {frozenset(gathered(monomial, {}).items()): Fraction(1)}
        return self.times(made, *[self.sizes[over[v]] for v in unused])

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
        ways = []
        for choice in product(*[permutations(cell) for cell in cells]):
            vertices = [v for cell in choice for v in cell]
            move = {v: i for i, v in enumerate(vertices)}
            ways.append((tuple(sorted([(g, self.least(g, s), e) for g, s, e in renumbered(atoms, move)])), vertices))
        written, vertices = min(ways)
        return tuple(over[v] for v in vertices), written

    def times(self, *polys: Poly) -> Poly:
        """The product."""
        result = polys[0]
        for poly in polys[1:]:
            need(len(result) * len(poly) <= TERMS, "a product outgrows the limit")
            terms = [(a, b, c * d) for a, c in result.items() for b, d in poly.items()]
            result = gathered([(frozenset(gathered(b, a).items()), number) for a, b, number in terms], {})
        return result

    def power(self, poly: Poly, exponent: int) -> Poly:
        """A power that is not negative."""
        need(isinstance(exponent, int) and exponent >= 0, "a power of several terms")
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
