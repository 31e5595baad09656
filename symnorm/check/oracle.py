"""The slow, obvious meaning of a definition in floating point: one NumPy call for each node of its graph.

An array becomes flat: one dimension for each axis of the layout, of size 1 where the array lacks the axis. Nothing is
shared with the generator, neither the printing of a formula nor the way in which dimensions belong to axes, so that
both would have to be wrong alike. Called by :mod:`symnorm.check.crosscheck`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp

from symnorm.errors import Unsupported
from symnorm.kernels import Layout
from symnorm.tensors import Tensor, walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True)
class Frame:
    """The axes of one concrete array.

    Args:
        layout: what its dimensions stand for.
        shape: its shape.
        axis: where a layout of two starred names is cut.
        groups: into how many parts a split dimension is cut.

    Example:
        >>> Frame(Layout("N C N*"), (4, 3, 5)).sizes
        {'N': 20, 'C': 3}
    """

    layout: Layout
    shape: tuple[int, ...]
    axis: int = -1
    groups: int = 1

    @cached_property
    def dimensions(self) -> tuple[tuple[str, int], ...]:
        """Axis and size of each dimension, a split one as its two parts."""
        found: list[tuple[str, int]] = []
        for size, owner in zip(self.shape, self.layout.owners(len(self.shape), self.axis), strict=True):
            sizes = (size,) if len(owner) == 1 else (self.groups, size // self.groups)
            found += zip(owner, sizes, strict=True)
        return tuple(found)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Axis to its number of elements."""
        found = dict.fromkeys(self.layout.axes, 1)
        for axis, size in self.dimensions:
            found[axis] *= size
        return found

    def shape_over(self, axes: tuple[str, ...]) -> tuple[int, ...]:
        """The shape of an array over axes."""
        owners = self.layout.owners(len(self.shape), self.axis)
        found = []
        for size, owner in zip(self.shape, owners, strict=True):
            parts = dict(zip(owner, (size,) if len(owner) == 1 else (self.groups, size // self.groups), strict=True))
            mine = [part for axis, part in parts.items() if axis in axes]
            if mine:
                found.append(int(sp.prod(mine)))
        return tuple(found)

    def flat(self, array: Array, axes: tuple[str, ...]) -> Array:
        """An array over axes with one dimension for each axis of the layout."""
        sizes, order = self._apart(axes)
        apart = array.reshape(sizes).transpose(order)
        return apart.reshape([self.sizes[axis] if axis in axes else 1 for axis in self.layout.axes])

    def unflat(self, array: Array, axes: tuple[str, ...]) -> Array:
        """The inverse of :meth:`flat`; along an axis that the flat array lacks it is repeated."""
        import numpy as np

        sizes, order = self._apart(axes)
        full = np.broadcast_to(array, [self.sizes[axis] if axis in axes else 1 for axis in self.layout.axes])
        apart = full.reshape([sizes[at] for at in order]).transpose(np.argsort(order) if order else None)
        return apart.reshape(self.shape_over(axes))

    def _apart(self, axes: tuple[str, ...]) -> tuple[list[int], list[int]]:
        """The sizes of the dimensions of an array over axes, and the order that brings those of one axis together."""
        mine = [(axis, size) for axis, size in self.dimensions if axis in axes]
        return [size for _, size in mine], sorted(range(len(mine)), key=lambda at: self.layout.axes.index(mine[at][0]))


def evaluate(
    formulas: Mapping[str, Tensor], values: Mapping[str, Any], frame: Frame, magnitudes: bool = False
) -> dict[str, Array]:
    """The values of formulas, each given in the names of inputs and of earlier formulas.

    With ``magnitudes``, what they would be if nothing cancelled: every term's absolute value added up, the scale that
    a rounding error of a sum is measured by.

    Args:
        formulas: name to right-hand side, in order.
        values: flat arrays and numbers for the inputs.
        frame: the sizes of the axes.

    Raises:
        Unsupported: an operation that has no meaning element by element of one array.
    """
    known = dict(values)
    for name, formula in formulas.items():
        known[name] = _value(formula, known, frame, MAGNITUDE if magnitudes else _CALLS)
    return {name: known[name] for name in formulas}


def _value(formula: Tensor, known: Mapping[str, Any], frame: Frame, calls: Mapping[str, str]) -> Any:
    import numpy as np

    found: dict[int, Any] = {}
    for node in walk(formula):
        args = [found[id(arg)] for arg in node.args]
        if node.op == "input":
            found[id(node)] = np.abs(known[node.data.name]) if calls is MAGNITUDE else known[node.data.name]
        elif node.op == "const":
            sizes = {symbol: sp.Integer(frame.sizes[symbol.name]) for symbol in node.data.free_symbols}
            found[id(node)] = float(node.data.xreplace(sizes))
        elif node.op in ("total", "mean"):
            for axis in node.data:
                size, at = frame.sizes[axis.name], frame.layout.axes.index(axis.name)
                args[0] = np.sum(args[0], axis=at, keepdims=True) if axis in node.args[0].axes else args[0] * size
                args[0] = args[0] / size if node.op == "mean" else args[0]
            found[id(node)] = args[0]
        elif node.op in calls:
            found[id(node)] = getattr(np, calls[node.op])(*args)
        else:
            raise Unsupported(f"the floating-point oracle has no meaning for the operation {node.op!r}")
    return found[id(formula)]


_CALLS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "neg": "negative",
    "pow": "power",
    "sqrt": "sqrt",
    "abs": "abs",
    "sign": "sign",
    "exp": "exp",
    "log": "log",
    "maximum": "maximum",
    "minimum": "minimum",
    "stop": "positive",
}
"""Operation to NumPy function; by name, since NumPy is imported late."""

MAGNITUDE = {**_CALLS, "sub": "add", "neg": "positive", "sign": "ones_like", "minimum": "maximum"}
"""The same with nothing cancelling."""
