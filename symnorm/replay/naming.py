"""What a certificate's names stand for: indices of axes, generators, atoms, polynomials."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from .algebra import ONE, Algebra, Atom, Generator, Poly, plus, renumbered
from .claim import Claim
from .graph import need

SIGNS = {">": (1, True, True), ">=": (1, True, False), "!=": (1, False, True), "<": (-1, True, True)}
SIGNS |= {"<=": (-1, True, False), "==": (1, False, False)}
SIGNS |= {"positive": SIGNS[">"], "nonnegative": SIGNS[">="], "nonzero": SIGNS["!="]}


class Naming(Algebra):
    """Names under what a claim declares; each axis has the size that the value of its node says."""

    def __init__(self, claim: Claim) -> None:
        super().__init__()
        self.claim, self.graph = claim, claim.graph
        self.values: dict[int, Poly] = {self.graph.number(0): {}}
        self.names: dict[str, int] = {}
        self.colours: dict[str, int] = {}  # of the indices of each axis, once it has any

    def index(self, name: str) -> int:
        """``N`` is any index of the axis N, ``N~1`` another, ``N*`` a certain one, ``N:2`` the second."""
        axis, _, position = name.partition(":")
        axis = axis.rstrip("*").partition("~")[0]
        colour, *others = {self.colour(self.values[size]) for size in self.claim.axes[axis]}
        need(not others and self.colours.setdefault(axis, colour) == colour, f"the axis {axis} has two sizes")
        size, k = self.sizes[colour], int(position or 0)
        need(not position or (set(size) == {ONE} and 1 <= k <= size[ONE]), f"{name} may not be a position")
        return self.token(name, colour, k)

    def generator(self, name: str) -> Generator:
        """The generator of a name: declared by a step, an input, a size, a constant, or the delta of an axis."""
        leaf, (kind, _, axis) = self.claim.leaves.get(name, ()), name.partition(":")
        if kind == "#delta":  # one for all axes of a size
            name, leaf = f"#delta:{self.tokens[-1 - self.index(axis)][1]}", ("delta", [axis, axis], ("symmetric",))
        if name not in self.names:
            kind, axes, flags = leaf
            slots = tuple([self.index(axis) for axis in axes])
            signs = [SIGNS[flag] for flag in flags if flag in SIGNS]
            square = "symmetric" in flags and len(slots) == 2 and len({self.tokens[-1 - i][1] for i in slots}) == 1
            up, off = any(sign[1] for sign in signs), any(sign[2] for sign in signs)
            self.add(name, kind, "", slots, {}, up, off, [(0, 1), (1, 0)] if square else [])
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
