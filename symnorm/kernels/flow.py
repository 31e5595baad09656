"""Formulas as a flow through one block: sums over it, small arithmetic between them, and passes over its elements.

A tensor with all axes of the data is *full*: it is as large as the data and is computed block by block, in place where
that is possible. Everything else is *small*. :class:`Flow` takes formulas and finds

- the sums over full products that they need, each once (a weight that varies along the sum goes into the product);
- the small formulas between, in which those sums have names, and the coefficients that the passes multiply by;
- for each full result the passes over the block, as few as its sums of products allow.

Nothing is expanded: ``(x - mu)/s`` subtracts before it divides, as the definition does. Factors of a product are only
collected, so that ``gamma`` and ``1/s`` are one factor if both stand for channels. The exception is what is *left* of a
mean, which the driver keeps small beside the standard deviation: ``f*(rows - left)`` is ``f*rows - f*left``, where the
second term is small arithmetic, and so it is inside a sum of products. Called by :mod:`symnorm.kernels.fast`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import mul

from symnorm.errors import Unsupported
from symnorm.kernels.pieces import (
    EXTREMUM,
    WORDS,
    Product,
    SumOver,
    leaf,
    small_integer,
    sum_key,
    sums_for_means,
    without,
)
from symnorm.kernels.schedule import Component, component
from symnorm.tensors import Axis, Leaf, Tensor, as_tensor, inputs, rebuild, total


@dataclass
class Flow:
    """The flow of some formulas.

    Attributes:
        full: the axes of the data.
        known: the full names that stand for arrays, ``x`` and ``dy``.
        arrays: the small names that stand for what the caller gave, in the data's precision.
        sums: the sums that are needed, by key.
        small: the small formulas in order, by name.
        divisors: names of reciprocals, whose size tells whether a block is safe.
        given: a sum that the driver computes itself, by key.
        centred: the data less what is left of its mean, if that may be expanded.
        whole: differences that are rounded before anything else is added to them.
    """

    full: frozenset[Axis]
    known: frozenset[str]
    arrays: frozenset[str] = frozenset()
    given: Mapping[Component, str] = field(default_factory=dict)
    sums: dict[Component, SumOver] = field(default_factory=dict)
    small: dict[str, Tensor] = field(default_factory=dict)
    divisors: list[str] = field(default_factory=list)
    names: dict[Component, str] = field(default_factory=dict)
    written: dict[str, Tensor] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    centred: Tensor | None = None
    whole: frozenset[Component] = frozenset()

    # --- what stands in a formula -------------------------------------------------------------------------------------

    def add(self, name: str, formula: Tensor) -> None:
        """A formula under a name: a full one is written out where it is used, a small one gets a line."""
        written = self._inlined(sums_for_means(formula))
        if self.is_full(written):
            self.written[name] = written
        else:
            self.small[name] = self.lower(written)

    def is_full(self, node: Tensor) -> bool:
        """Whether a node has all axes of the data."""
        return frozenset(node.axes) == self.full

    def lower(self, node: Tensor) -> Tensor:
        """A small node with every sum over something full by its name."""

        def change(old: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            if old.op == "total" and self.is_full(old.args[0]):
                return self._sum(old)
            if old.op in EXTREMUM and self.is_full(old.args[0]):
                return self._base(old.args, None, list(old.data), EXTREMUM[old.op])
            if old.op == "div" and args[1].op != "const" and not self.is_full(old):
                return args[0] * self.reciprocal(args[1])
            if old.op == "pow" and not self.is_full(old) and old.args[1].op == "div" and inputs(old.args[1]):
                return self._root(args[0] ** args[1], args[0], old.args[1].args[1])
            return None

        (found,) = rebuild((node,), change) if not self.is_full(node) else (node,)
        return found

    def _root(self, node: Tensor, base: Tensor, index: Tensor) -> Tensor:
        """A root whose index only the caller knows, with a step of Newton: a rounded ``1/p`` tells at large bases."""
        near = leaf(self.named("root", node), node)
        return near - near * (near**index / base - 1) / index

    def product(self, node: Tensor) -> Product:
        """The node's factors."""
        if not self.is_full(node):
            return Product((self.lower(node),), ())
        match node.op:
            case "mul":
                a, b = map(self.product, node.args)
                return Product(a.coefficients + b.coefficients, a.atoms + b.atoms)
            case "div" if not self.is_full(node.args[1]):
                a = self.product(node.args[0])
                return Product((*a.coefficients, self.reciprocal(self.lower(node.args[1]))), a.atoms)
            case "neg":
                a = self.product(node.args[0])
                return Product((as_tensor(-1), *a.coefficients), a.atoms)
            case "stop":
                return self.product(node.args[0])
            case "pow" if small_integer(node):
                a = self.product(node.args[0])
                return Product(a.coefficients * small_integer(node), a.atoms * small_integer(node))
            case "at_max" | "at_min":  # an equal share for each element that attains it
                found = Tensor("amax" if node.op == "at_max" else "amin", node.args, without(node), node.data)
                hit = Tensor("equal", (node.args[0], found), node.axes)
                return Product((self.reciprocal(self.lower(total(hit, node.data))),), (hit,))
            case "total":
                raise Unsupported(f"the fast style has no sum with all axes of the data: {node!r}")
        return Product((), (node,))

    def terms(self, node: Tensor, sign: int = 1, inner: bool = False) -> list[tuple[int, Tensor]]:
        """The node's terms with their signs; a part that is to be rounded by itself is one."""
        if inner and self.whole and component(node) in self.whole:
            return [(sign, node)]
        match node.op:
            case "add" | "sub":
                second = -sign if node.op == "sub" else sign
                return [*self.terms(node.args[0], sign, True), *self.terms(node.args[1], second, True)]
            case "neg":
                return self.terms(node.args[0], -sign, True)
            case "stop":
                return self.terms(node.args[0], sign, True)
        expanded = self.expanded(node)
        return [(sign, node)] if expanded is None else [(sign, expanded.args[0]), (-sign, expanded.args[1])]

    def expanded(self, node: Tensor) -> Tensor | None:
        """A factor times the centred data, as the factor times the rows less something small."""
        if self.centred is None or not self.is_full(node) or node.op not in ("mul", "div", "neg"):
            return None
        found = self.product(node)
        groups = self.coefficients(found.coefficients)
        if len(found.atoms) != 1 or len(groups) != 1 or not self.is_centred(found.atoms[0]):
            return None
        rows, left = self.centred.args
        return groups[0] * rows - groups[0] * left if self.small_together(groups[0], left) else None

    def is_centred(self, node: Tensor) -> bool:
        """Whether a node is the data less what is left of its mean."""
        return self.centred is not None and component(node) == component(self.centred)

    def reciprocal(self, node: Tensor) -> Tensor:
        """One over a small tensor, under a name."""
        if node.op == "const":
            return as_tensor(1 / node.data)
        if node.op == "pow" and small_integer(node) > 1:
            return reduce(mul, [self.reciprocal(node.args[0])] * small_integer(node))
        name = self.named("inverse", 1 / node)
        if name not in self.divisors:
            self.divisors.append(name)
        return leaf(name, node)

    def named(self, word: str, node: Tensor) -> str:
        """The name of a small tensor, a new line if it has none yet."""
        key = (word, *component(node))
        if key not in self.names:
            self.names[key] = self.fresh(word)
            self.small[self.names[key]] = node
        return self.names[key]

    def fresh(self, word: str) -> str:
        """A name that nothing has yet."""
        self.counters[word] = self.counters.get(word, 0) + 1
        return f"{word}_{self.counters[word]}"

    def coefficients(self, found: tuple[Tensor, ...]) -> list[Tensor]:
        """Factors collected as long as their product is not full."""
        groups: list[Tensor] = []
        for one in sorted(found, key=lambda node: -len(node.axes)):
            home = next((at for at, group in enumerate(groups) if self.small_together(group, one)), None)
            if home is None:
                groups.append(one)
            else:
                groups[home] = groups[home] * one
        return groups

    def small_together(self, a: Tensor, b: Tensor) -> bool:
        """Whether a product or a sum of two small tensors is small."""
        union = {*a.axes, *b.axes}
        return union != self.full or union in (set(a.axes), set(b.axes))

    def _sum(self, node: Tensor) -> Tensor:
        """A sum over something full: by name, times what can be taken out, weighted by what cannot."""
        found = self.product(node.args[0])
        over = [axis for axis in node.data if axis in node.args[0].axes]
        if len(found.atoms) == 2 and self.centred is not None and sum(map(self.is_centred, found.atoms)) == 1:
            (other,) = (atom for atom in found.atoms if not self.is_centred(atom))
            rows, left = self.centred.args
            for c in found.coefficients:
                other = other * c
            difference = self._sum(total(rows * other, over)) - self._sum(total(other * left, over))
            return leaf(self.named("total", difference), difference)
        outside = [c for c in found.coefficients if not set(c.axes) & set(over)]
        inside = [c for c in found.coefficients if set(c.axes) & set(over)]
        weighted = {axis for c in inside for axis in c.axes}
        first = [axis for axis in over if axis not in weighted]
        if inside and first and len(first) < len(over):  # the plain axes first; the rest is small
            partial = self._base(found.atoms, None, first)
            for c in inside:
                partial = partial * c
            result = total(partial, [axis for axis in over if axis not in first])
            result = leaf(self.named("total", result), result)
        elif inside and weighted <= set(over):
            weight = inside[0]
            for c in inside[1:]:
                weight = weight * c
            result = self._base(found.atoms, weight, over)
        elif inside:
            raise Unsupported(f"the fast style cannot weigh this sum: {node!r}")
        else:
            result = self._base(found.atoms, None, over)
        for c in outside:
            result = result * c
        return result

    def _base(self, atoms: tuple[Tensor, ...], weight: Tensor | None, axes: list[Axis], ufunc: str = "add") -> Tensor:
        """The name of a sum over a block, or of the largest or smallest of a block."""
        keys = tuple(sorted((component(atom) for atom in atoms), key=repr))
        key = sum_key(keys, component(weight) if weight is not None else (), axes, ufunc)
        kept = tuple(axis for axis in atoms[0].axes if axis not in axes)
        if key in self.given:
            return Tensor("input", (), kept, Leaf(self.given[key]))
        if key not in self.sums:
            if weight is not None and weight.op != "input":
                weight = leaf(self.named("weight", weight), weight)
            self.sums[key] = SumOver(self.fresh(WORDS[ufunc]), atoms, weight, tuple(axes), ufunc)
        return Tensor("input", (), kept, Leaf(self.sums[key].name))

    def _inlined(self, formula: Tensor) -> Tensor:
        """The formula with full names written out."""

        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            return self.written.get(node.data.name) if node.op == "input" else None

        return rebuild((formula,), change)[0]
