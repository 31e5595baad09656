"""The passes over a block that compute full results: one ufunc each, in place where that is possible.

In come the full formulas of a :class:`~symnorm.kernels.flow.Flow`, out come the lines of a function: each value is
computed once, its result goes where an operand was that nothing reads any more, or into a buffer. Coefficients that the
passes multiply by are asked of the flow, which names them. Called by :mod:`symnorm.kernels.fast`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import mul

from symnorm.errors import Unsupported
from symnorm.kernels.flow import Flow
from symnorm.kernels.pieces import ROUNDED, Product
from symnorm.kernels.schedule import Component, component
from symnorm.tensors import Tensor

UFUNC = {
    "abs": "absolute",
    "sign": "sign",
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "maximum": "maximum",
    "minimum": "minimum",
    "div": "divide",
    "pow": "power",
    "equal": "equal",
}
"""Operations on full tensors that are no sum and no product, by NumPy's name."""


@dataclass
class Op:
    """One pass: a ufunc on operands, a name or the number of an earlier pass each."""

    ufunc: str
    args: tuple[str | int, ...]


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
            return self._multiplied(found, node)
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
            result = signed_sum(result, sign, term)
        return result

    def _multiplied(self, found: Product, node: Tensor) -> str | int:
        if not found.atoms:
            return self._outer(found)
        sum_ = self._distributed(found)
        if sum_ is not None:
            return self.value(sum_)
        expanded = self.flow.expanded(node)
        if expanded is not None:
            return self.value(expanded)
        groups = self.flow.coefficients(found.coefficients)
        result = self.atoms(found.atoms)
        for group in groups:
            result = self._op("multiply", result, self._small(group))
        return result

    def _outer(self, found: Product) -> str | int:
        """Small factors that have all axes between them."""
        first, second, *more = map(self._small, self.flow.coefficients(found.coefficients))
        result = self._op("multiply", first, second)
        for one in more:
            result = self._op("multiply", result, one)
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
        factored = self._factored(full) if not small else None
        if factored is not None:
            return factored
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

    def _factored(self, full: list[tuple[int, Tensor]]) -> int | None:
        """A factor of all terms that is the whole of one's, taken out: as many passes, one of them less in a buffer."""
        products = [(sign, self.flow.product(term)) for sign, term in full]
        found = [(sign, Product(tuple(f for c in one.coefficients for f in factors(c)), one.atoms))
                 for sign, one in products]  # fmt: skip
        shared = min((one.coefficients for _, one in found), key=len)
        if len(full) < 2 or not all(len(self.flow.coefficients(one.coefficients)) == 1 for _, one in found):
            return None
        result: Tensor | None = None
        for sign, one in found:
            left = {component(c): c for c in one.coefficients}
            counts = Counter(map(component, one.coefficients))
            counts.subtract(map(component, shared))
            if min(counts.values()) < 0:
                return None
            term = reduce(mul, [*one.atoms, *(left[key] for key in counts.elements())])
            result = signed_sum(result, sign, term)
        assert result is not None
        return self._op("multiply", self.value(result), self._small(self.flow.coefficients(shared)[0]))

    def _small(self, node: Tensor) -> str:
        """A coefficient's name, of an array in the precision of the data."""
        if node.op == "input" and (node.data.name in self.flow.arrays or ROUNDED.fullmatch(node.data.name)):
            return str(node.data.name)
        return self.flow.named("factor", node)

    def _op(self, ufunc: str, *args: str | int) -> int:
        self.ops.append(Op(ufunc, args))
        return len(self.ops) - 1


def factors(node: Tensor) -> list[Tensor]:
    """The factors of a product, of products too."""
    return [one for arg in node.args for one in factors(arg)] if node.op == "mul" else [node]


def signed_sum(before: Tensor | None, sign: int, term: Tensor) -> Tensor:
    """A sum, or nothing yet, with one more term."""
    if before is None:
        return term if sign > 0 else -term
    return before + term if sign > 0 else before - term


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
