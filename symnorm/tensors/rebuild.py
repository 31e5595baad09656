"""Rebuilding a tensor with other inputs or other axes: how a definition is called, a size fixed, an axis split.

Always through the graph, so that what a formula divides by is collected again from the changed statement. A bound index
is made anew by each rebuilt sum: substitution cannot capture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sympy as sp

from symnorm.errors import AxisError, SymnormError
from symnorm.tensors.axis import Axis, union
from symnorm.tensors.tensor import (
    EXTREMA,
    IMPLICIT,
    INDICATORS,
    OPERATORS,
    OVER_AXES,
    REDUCTIONS,
    Leaf,
    Tensor,
    as_tensor,
    binary,
    over_carried,
)


def walk(*roots: Tensor) -> Iterator[Tensor]:
    """Every node below the roots once, arguments before what is made of them."""
    seen: set[int] = set()
    stack: list[tuple[Tensor, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, done = stack.pop()
        if done:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))


def inputs(*roots: Tensor) -> dict[str, Tensor]:
    """The inputs below the roots by name, in order of appearance.

    Raises:
        AxisError: one name is declared over different axes.
        SymnormError: one name is declared with different promises.
    """
    found: dict[str, Tensor] = {}
    for node in walk(*roots):
        if node.op != "input":
            continue
        first = found.setdefault(node.data.name, node)
        if first.axes != node.axes:
            raise AxisError(
                f"{node.data.name} is declared over {first.axes} and over {node.axes};"
                " rename one, or call it something else"
            )
        if first.data != node.data:
            raise SymnormError(
                f"{node.data.name} is declared {_promised(first)} at one place and {_promised(node)} at another;"
                " declare it alike, or call one of them something else"
            )
    return found


def _promised(node: Tensor) -> str:
    declared: Leaf = node.data
    return " ".join((*declared.assumptions, *["symmetric"] * declared.symmetric))


def rebuild(
    roots: tuple[Tensor, ...], change: Callable[[Tensor, tuple[Tensor, ...]], Tensor | None]
) -> tuple[Tensor, ...]:
    """The roots with ``change(node, new_args)`` in place of each node; ``None`` keeps the node's own operation."""
    new: dict[int, Tensor] = {}
    for node in walk(*roots):
        args = tuple(new[id(arg)] for arg in node.args)
        changed = change(node, args)
        if changed is None:
            changed = node if all(a is b for a, b in zip(args, node.args, strict=True)) else reapply(node, args)
        new[id(node)] = changed
    return tuple(new[id(root)] for root in roots)


def reapply(node: Tensor, args: tuple[Tensor, ...]) -> Tensor:
    """The node's operation on other arguments, its axes found anew."""
    if node.op in ("total", "mean"):
        gone = node.data
        return Tensor(node.op, args, tuple(a for a in args[0].axes if a not in gone), gone)
    if node.op in (*EXTREMA, *INDICATORS):
        return over_carried(node.op, args[0], node.data)
    if node.op == "rename":
        present = {old: new for old, new in node.data if old in args[0].axes}
        return args[0].rename(present) if present else args[0]
    if node.op in ("cotangent", "curvature"):
        # the loss stays a function of the declared output, also when the new one is constant along an axis of it
        if extra := [axis for axis in args[0].axes if axis not in node.axes]:
            raise AxisError(f"a loss of an output over {node.axes} cannot take one with {extra}")
        return Tensor(node.op, args, node.axes, node.data)
    if node.op in IMPLICIT:
        return Tensor(node.op, args, args[0].axes, node.data)
    if node.op in ("input", "const", "delta"):
        return node
    if len(args) == 2 and node.op in OPERATORS:
        return binary(node.op, *args)
    return Tensor(node.op, args, union(*(arg.axes for arg in args)), node.data)


def bare(*roots: Tensor) -> tuple[Tensor, ...]:
    """The roots without the record of what their implicit quantities depend on: for printing and computing only."""
    return rebuild(roots, lambda node, args: args[0] if node.op in IMPLICIT else None)


def substitute(roots: tuple[Tensor, ...], values: Mapping[str, Any]) -> tuple[Tensor, ...]:
    """Other expressions in place of inputs, by name.

    Raises:
        AxisError: an expression carries an axis that the input does not.
    """
    wanted = {name: as_tensor(value) for name, value in values.items()}

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if node.op != "input" or node.data.name not in wanted:
            return None
        value = wanted[node.data.name]
        extra = [axis for axis in value.axes if axis not in node.axes]
        if extra:
            raise AxisError(
                f"{node.data.name} is declared over {node.axes}; the expression {value!r} has axes {value.axes}"
            )
        return value

    return rebuild(roots, change)


def with_sizes(roots: tuple[Tensor, ...], sizes: Mapping[str, Any]) -> tuple[Tensor, ...]:
    """Numbers or other sizes in place of size symbols, by the symbol's name: ``N = 1``, ``G = C``.

    Raises:
        AxisError: a size that is no positive integer or size expression.
    """
    renaming: dict[sp.Symbol, sp.Expr] = {}
    for name, size in sizes.items():
        value = size if isinstance(size, sp.Expr) else as_tensor(size).data
        if not isinstance(value, sp.Expr):
            raise AxisError(f"size {name} must be a number or a size, not {size!r}")
        if value.is_Number and not (value.is_Integer and value >= 1):
            raise AxisError(f"size {name} must be an integer of at least 1, not {value}")
        renaming[sp.Symbol(name, integer=True, positive=True)] = value

    def resized(axis: Axis) -> Axis:
        size = axis.size.xreplace(renaming)
        return axis if size == axis.size else Axis(axis.name, size)

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if node.op == "const":
            data = node.data.xreplace(renaming)
            return node if data == node.data else Tensor("const", (), (), data)
        data = node.data
        if node.op in OVER_AXES:
            data = tuple(resized(axis) for axis in data)
        elif node.op == "rename":
            data = tuple((resized(old), resized(new)) for old, new in data)
        axes = tuple(resized(axis) for axis in node.axes)
        if not node.args:
            return node if axes == node.axes else Tensor(node.op, (), axes, data)
        return Tensor(node.op, args, axes, data)

    return rebuild(roots, change)


def split(x: Tensor, axis: Axis, parts: tuple[Axis, ...]) -> Tensor:
    """``axis`` cut into ``parts`` in every input that carries it: ``C -> G K`` with C = G K.

    Raises:
        AxisError: the axis is renamed or has a copy inside x, whose parts would have to be named too, or a part is an
            axis that x has already.
    """
    for node in walk(x):
        used = {*node.axes, *(node.data if node.op in OVER_AXES else ())}
        copies = [a for a in used if a != axis and a.size == axis.size]
        if copies or (node.op == "rename" and any(axis in pair for pair in node.data)):
            raise AxisError(f"cannot split {axis} where it has a copy: {copies or node.data}")
        if clash := used.intersection(parts):
            raise AxisError(f"cannot split {axis} into {parts}: {sorted(a.name for a in clash)} stands there already")

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if node.op == "input" and axis in node.axes:
            cut = tuple(part for a in node.axes for part in (parts if a == axis else (a,)))
            return Tensor("input", (), cut, node.data)
        if node.op in OVER_AXES and axis in node.data:
            over = tuple(part for a in node.data for part in (parts if a == axis else (a,)))
            kept = tuple(a for a in args[0].axes if a not in over) if node.op in REDUCTIONS else args[0].axes
            return Tensor(node.op, args, kept, over)
        if node.op == "cotangent" and axis in node.axes:
            cut = tuple(part for a in node.axes for part in (parts if a == axis else (a,)))
            return Tensor(node.op, args, cut, node.data)
        if node.op == "const":
            return Tensor("const", (), (), node.data.xreplace({axis.size: sp.Mul(*[part.size for part in parts])}))
        return None

    return rebuild((x,), change)[0]


def leaf(node: Tensor) -> Leaf:
    """What an input declares."""
    found: Leaf = node.data
    return found
