"""Formulas as a flow through one block: sums over it, small arithmetic between them, and passes over its elements.

A tensor with all axes of the data is *full*: it is as large as the data and is computed block by block, in place where
that is possible. Everything else is *small*. :class:`Flow` takes formulas and finds

- the sums over full products that they need, each once (a weight that varies along the sum goes into the product);
- the small formulas between, in which those sums have names, and the coefficients that the passes multiply by;
- for each full result the passes over the block, as few as its sums of products allow.

Nothing is expanded: ``(x - mu)/s`` subtracts before it divides, as the definition does. Factors of a product are only
collected, so that ``gamma`` and ``1/s`` are one factor if both stand for channels. Called by
:mod:`symnorm.kernels.fast`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from symnorm.errors import Unsupported
from symnorm.kernels.schedule import Component, component
from symnorm.tensors import Axis, Leaf, Tensor, as_tensor, rebuild, total

UFUNC = {
    "abs": "absolute",
    "sign": "sign",
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "maximum": "maximum",
    "minimum": "minimum",
    "div": "divide",
}
"""Operations on full tensors that are no sum and no product, by NumPy's name."""


@dataclass(frozen=True)
class Product:
    """A product: small coefficients times full atoms."""

    coefficients: tuple[Tensor, ...]
    atoms: tuple[Tensor, ...]


@dataclass(frozen=True)
class SumOver:
    """A sum over a block.

    Attributes:
        name: of the sum.
        atoms: the full factors.
        weight: a factor that varies along the sum only.
        axes: what is summed over.
    """

    name: str
    atoms: tuple[Tensor, ...]
    weight: Tensor | None
    axes: tuple[Axis, ...]


@dataclass
class Op:
    """One pass: a ufunc on operands, a name or the number of an earlier pass each."""

    ufunc: str
    args: tuple[str | int, ...]


@dataclass
class Flow:
    """The flow of some formulas.

    Attributes:
        full: the axes of the data.
        known: the full names that stand for arrays, ``x`` and ``dy``.
        sums: the sums that are needed, by key.
        small: the small formulas in order, by name.
        divisors: names of reciprocals, whose size tells whether a block is safe.
        sums_known: a sum that the driver computes itself, by key.
    """

    full: frozenset[Axis]
    known: frozenset[str]
    given: Mapping[Component, str] = field(default_factory=dict)
    sums: dict[Component, SumOver] = field(default_factory=dict)
    small: dict[str, Tensor] = field(default_factory=dict)
    divisors: list[str] = field(default_factory=list)
    names: dict[Component, str] = field(default_factory=dict)
    written: dict[str, Tensor] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    # --- what stands in a formula -------------------------------------------------------------------------------------

    def add(self, name: str, formula: Tensor) -> None:
        """A formula under a name: a full one is written out where it is used, a small one gets a line."""
        written = self._inlined(_sums_for_means(formula))
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
            if old.op == "div" and args[1].op != "const" and not self.is_full(old):
                return args[0] * self.reciprocal(args[1])
            return None

        (found,) = rebuild((node,), change) if not self.is_full(node) else (node,)
        return found

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
            case "pow" if _small_integer(node):
                a = self.product(node.args[0])
                return Product(a.coefficients * _small_integer(node), a.atoms * _small_integer(node))
            case "total":
                raise Unsupported(f"the fast style has no sum with all axes of the data: {node!r}")
        return Product((), (node,))

    def terms(self, node: Tensor, sign: int = 1) -> list[tuple[int, Tensor]]:
        """The node's terms with their signs."""
        match node.op:
            case "add" | "sub":
                second = -sign if node.op == "sub" else sign
                return [*self.terms(node.args[0], sign), *self.terms(node.args[1], second)]
            case "neg":
                return self.terms(node.args[0], -sign)
            case "stop":
                return self.terms(node.args[0], sign)
        return [(sign, node)]

    def reciprocal(self, node: Tensor) -> Tensor:
        """One over a small tensor, under a name."""
        if node.op == "const":
            return as_tensor(1 / node.data)
        name = self.named("inverse", 1 / node)
        if name not in self.divisors:
            self.divisors.append(name)
        return _leaf(name, node)

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
        outside = [c for c in found.coefficients if not set(c.axes) & set(over)]
        inside = [c for c in found.coefficients if set(c.axes) & set(over)]
        weighted = {axis for c in inside for axis in c.axes}
        first = [axis for axis in over if axis not in weighted]
        if inside and first and len(first) < len(over):  # the plain axes first; the rest is small
            partial = self._base(found.atoms, None, first)
            for c in inside:
                partial = partial * c
            result = total(partial, [axis for axis in over if axis not in first])
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

    def _base(self, atoms: tuple[Tensor, ...], weight: Tensor | None, axes: list[Axis]) -> Tensor:
        """The name of a sum over a block."""
        keys = tuple(sorted((component(atom) for atom in atoms), key=repr))
        key = (keys, component(weight) if weight is not None else (), tuple(sorted(axis.name for axis in axes)))
        kept = tuple(axis for axis in atoms[0].axes if axis not in axes)
        if key in self.given:
            return Tensor("input", (), kept, Leaf(self.given[key]))
        if key not in self.sums:
            if weight is not None and weight.op != "input":
                weight = _leaf(self.named("weight", weight), weight)
            self.sums[key] = SumOver(self.fresh("sum"), atoms, weight, tuple(axes))
        return Tensor("input", (), kept, Leaf(self.sums[key].name))

    def _inlined(self, formula: Tensor) -> Tensor:
        """The formula with full names written out."""

        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            return self.written.get(node.data.name) if node.op == "input" else None

        return rebuild((formula,), change)[0]


# --- passes over a block ----------------------------------------------------------------------------------------------


@dataclass
class Passes:
    """The passes of one function over a block, each full value computed once."""

    flow: Flow
    ops: list[Op] = field(default_factory=list)
    values: dict[Component, str | int] = field(default_factory=dict)

    def value(self, node: Tensor) -> str | int:
        """Where a full tensor is found: a name, or the number of a pass."""
        key = component(node)
        if key not in self.values:
            self.values[key] = self._computed(node)
        return self.values[key]

    def atoms(self, atoms: tuple[Tensor, ...]) -> str | int:
        """The product of atoms."""
        ordered = sorted(atoms, key=lambda atom: repr(component(atom)))
        key: Component = ("atoms", tuple(map(component, ordered)))
        if len(ordered) == 1:
            return self.value(ordered[0])
        if key not in self.values:
            found = self.value(ordered[0])
            for atom in ordered[1:]:
                found = self._op("multiply", found, self.value(atom))
            self.values[key] = found
        return self.values[key]

    def _computed(self, node: Tensor) -> str | int:
        if node.op == "input":
            if node.data.name not in self.flow.known:
                raise Unsupported(f"the fast style does not know {node.data.name} element by element")
            return str(node.data.name)
        if node.op in ("add", "sub"):
            return self._added(node)
        found = self.flow.product(node)
        if found.atoms != (node,):
            return self._multiplied(found)
        if node.op == "pow":
            raise Unsupported(f"the fast style has no power element by element: {node!r}")
        if node.op not in UFUNC:
            raise Unsupported(f"the fast style has no {node.op!r} element by element: {node!r}")
        return self._op(UFUNC[node.op], *(self.operand(arg) for arg in node.args))

    def operand(self, node: Tensor) -> str | int:
        """A full tensor's place, or a small one's name."""
        return self.value(node) if self.flow.is_full(node) else self._small(self.flow.lower(node))

    def _distributed(self, found: Product) -> Tensor | None:
        """A coefficient times a sum, as a sum, if each term of it has a coefficient that takes it in for nothing."""
        if len(found.atoms) != 1 or found.atoms[0].op not in ("add", "sub") or not found.coefficients:
            return None
        outer = self.flow.coefficients(found.coefficients)
        result: Tensor | None = None
        for sign, term in self.flow.terms(found.atoms[0]):
            inner = self.flow.product(term)
            own = self.flow.coefficients(inner.coefficients)
            if not own or len(outer) != 1 or not all(self.flow.small_together(outer[0], one) for one in own):
                return None
            term = outer[0] * term
            result = (term if sign > 0 else -term) if result is None else result + term if sign > 0 else result - term
        return result

    def _multiplied(self, found: Product) -> str | int:
        if not found.atoms:
            raise Unsupported("the fast style needs a factor with all axes in each term")
        sum_ = self._distributed(found)
        if sum_ is not None:
            return self.value(sum_)
        groups = self.flow.coefficients(found.coefficients)
        result = self.atoms(found.atoms)
        for group in groups:
            result = self._op("multiply", result, self._small(group))
        return result

    def _added(self, node: Tensor) -> int:
        """The terms one after the other, small ones with the same axes at once."""
        full: list[tuple[int, Tensor]] = []
        small: list[tuple[int, Tensor]] = []
        for sign, term in self.flow.terms(node):
            (full if self.flow.is_full(term) else small).append((sign, term))
        full.sort(key=lambda item: item[0] < 0)
        if not full:
            raise Unsupported(f"the fast style needs a term with all axes: {node!r}")
        first, result = full[0][0], self.value(full[0][1])
        if first < 0:
            result = self._op("negative", result)
        for sign, term in full[1:]:
            result = self._op("add" if sign > 0 else "subtract", result, self.value(term))
        groups: list[tuple[int, Tensor]] = []
        for sign, term in small:
            low = self.flow.lower(term)
            home = next((at for at, (_, group) in enumerate(groups) if self.flow.small_together(low, group)), None)
            if home is None:
                groups.append((sign, low))
            else:
                mine, group = groups[home]
                groups[home] = (mine, group + low if sign == mine else group - low)
        for sign, group in groups:
            result = self._op("add" if sign > 0 else "subtract", result, self._small(group))
        if isinstance(result, str):
            raise Unsupported(f"the fast style needs an operation: {node!r}")
        return result

    def _small(self, node: Tensor) -> str:
        """A coefficient's name."""
        if node.op == "input":
            return str(node.data.name)
        return self.flow.named("factor", node)

    def _op(self, ufunc: str, *args: str | int) -> int:
        self.ops.append(Op(ufunc, args))
        return len(self.ops) - 1


def placed(ops: list[Op], kept: Mapping[int, str], spare: tuple[str, ...], room: str) -> list[str]:
    """The passes as lines, each result in the place of an operand that is not needed again, or in a buffer.

    The array of a result serves as the first buffer, which saves one, unless something else in it would be lost.

    Args:
        ops: the passes in order.
        kept: the passes whose results have a name that lasts: an output's array, or one that a later line reads.
        spare: arrays that may be overwritten once they are not needed again.
        room: the array whose shape a buffer takes.
    """
    early = _placed(ops, kept, spare, room, list(kept.values()))
    found = early if early is not None else _placed(ops, kept, spare, room, [])
    if found is None:
        raise Unsupported("the fast style has no place for a result")
    return found


def _placed(
    ops: list[Op], kept: Mapping[int, str], spare: tuple[str, ...], room: str, free: list[str]
) -> list[str] | None:
    """The lines with some places free at first; None if a result's array is still in use when the result comes."""
    last: dict[str | int, int] = {}
    for at, op in enumerate(ops):
        for arg in op.args:
            last[arg] = at
    last |= {at: len(ops) for at in kept}
    where: dict[str | int, str] = {}
    lines: list[str] = []
    buffers = 0
    for at, op in enumerate(ops):
        args = [where[arg] if isinstance(arg, int) else arg for arg in op.args]
        dying = [
            place for arg, place in zip(op.args, args, strict=True)
            if last[arg] == at and ((isinstance(arg, int) and arg not in kept) or arg in spare)
        ]  # fmt: skip
        if at in kept:
            target = kept[at]
            alive = {where[value] for value in where if last[value] > at}
            if target in alive:
                return None
        elif dying:
            target = dying[0]
        elif free:
            target = free.pop(0)
        else:
            buffers += 1
            target = f"b_{buffers}"
            lines.append(f"{target} = room({buffers}, {room})")
        free = [place for place in (*free, *dict.fromkeys(dying)) if place != target]
        where[at] = target
        lines.append(f"np.{op.ufunc}({', '.join(args)}, out={target})")
    return lines


def _leaf(name: str, like: Tensor) -> Tensor:
    return Tensor("input", (), like.axes, Leaf(name))


def _small_integer(node: Tensor) -> int:
    """The exponent of a power that is a product of a few factors; 0 for any other."""
    power = node.args[1].data if node.args[1].op == "const" else sp.S.Zero
    return int(power) if power.is_Integer and 1 <= power <= 4 else 0


def _sums_for_means(formula: Tensor) -> Tensor:
    """Each mean as a sum over a size, so that a part of it can be computed in a block."""

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if node.op != "mean":
            return None
        return total(args[0], node.data) / as_tensor(sp.Mul(*[axis.size for axis in node.data]))

    return rebuild((formula,), change)[0]
