"""The slow, obvious meaning of a definition in floating point: one NumPy call for each node of its graph.

An array becomes flat: one dimension for each axis of the layout, of size 1 where the array lacks the axis. Nothing is
shared with the generator, neither the printing of a formula nor the way in which dimensions belong to axes, so that
both would have to be wrong alike. Called by :mod:`symnorm.check.crosscheck`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import sympy as sp

from symnorm.errors import ShapeError, Unsupported
from symnorm.kernels import Layout
from symnorm.tensors import System, Tensor, inputs, walk
from symnorm.tensors.tensor import OVER_AXES

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
        elsewhere: the sizes of the axes that only other arrays have.
        copies: axes beside those of the layout, to the name of the axis that each is a copy of.

    Example:
        >>> Frame(Layout("N C N*"), (4, 3, 5)).sizes
        {'N': 20, 'C': 3}
    """

    layout: Layout
    shape: tuple[int, ...]
    axis: int = -1
    groups: int = 1
    copies: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def parts(self) -> tuple[tuple[tuple[str, int], ...], ...]:
        """Axis and size for each dimension, a split one with its two parts, those of other arrays in their places."""
        found, sizes = [], iter(self.shape)
        for word in self.layout.dimensions(len(self.shape), self.axis):
            size = self.elsewhere[word.axes[0]] if word.elsewhere else next(sizes)
            parts = (size,) if len(word.axes) == 1 else (self.groups, size // self.groups)
            found.append(tuple(zip(word.axes, parts, strict=True)))
        return tuple(found)

    @cached_property
    def dimensions(self) -> tuple[tuple[str, int], ...]:
        """Axis and size of each dimension, a split one as its two parts."""
        return tuple(part for parts in self.parts for part in parts)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Axis to its number of elements."""
        found = dict.fromkeys(self.layout.axes, 1)
        for axis, size in self.dimensions:
            found[axis] *= size
        return found | {copy: found[axis] for copy, axis in self.copies.items()}

    @property
    def flat_axes(self) -> list[str]:
        """What the dimensions of a flat array stand for."""
        return [*self.layout.axes, *self.copies]

    def shape_over(self, axes: tuple[str, ...]) -> tuple[int, ...]:
        """The shape of an array over axes."""
        mine = ([size for axis, size in parts if axis in axes] for parts in self.parts)
        return tuple(prod(sizes) for sizes in mine if sizes)

    def flat(self, array: Array, axes: tuple[str, ...]) -> Array:
        """An array over axes with one dimension for each axis of the layout."""
        sizes, order = self._apart(axes)
        apart = array.reshape(sizes).transpose(order)
        return apart.reshape([self.sizes[axis] if axis in axes else 1 for axis in self.flat_axes])

    def unflat(self, array: Array, axes: tuple[str, ...]) -> Array:
        """The inverse of :meth:`flat`; along an axis that the flat array lacks it is repeated."""
        import numpy as np

        sizes, order = self._apart(axes)
        full = np.broadcast_to(array, [self.sizes[axis] if axis in axes else 1 for axis in self.flat_axes])
        apart = full.reshape([sizes[at] for at in order]).transpose(np.argsort(order) if order else None)
        return apart.reshape(self.shape_over(axes))

    def _apart(self, axes: tuple[str, ...]) -> tuple[list[int], list[int]]:
        """The sizes of the dimensions of an array over axes, and the order that brings those of one axis together."""
        mine = [(axis, size) for axis, size in self.dimensions if axis in axes]
        return [size for _, size in mine], sorted(range(len(mine)), key=lambda at: self.layout.axes.index(mine[at][0]))


def evaluate(
    formulas: Mapping[str, Tensor],
    values: Mapping[str, Any],
    frame: Frame,
    magnitudes: bool = False,
    systems: tuple[System, ...] = (),
    xp: Any = None,
    rounding: Callable[[Any], Any] = lambda value: value,
) -> dict[str, Array]:
    """The values of formulas, each given in the names of inputs and of earlier formulas.

    With ``magnitudes``, what they would be if nothing cancelled: every term's absolute value added up, the scale that
    a rounding error of a sum is measured by.

    Args:
        formulas: name to right-hand side, in order.
        values: flat arrays and numbers for the inputs.
        frame: the sizes of the axes.
        systems: what defines the quantities that are known only through relations; they are among the results.
        xp: the namespace that computes; NumPy unless autograd's is given.
        rounding: what happens to the result of each operation.

    Raises:
        Unsupported: an operation that has no meaning element by element of one array.
    """
    known, waiting = dict(values), list(systems)
    for name, formula in formulas.items():
        for system in [s for s in waiting if inputs(formula).keys() & inputs(*s.unknowns).keys()]:
            waiting.remove(system)
            known |= _solution(system, known, frame)
        known[name] = _value(formula, known, frame, MAGNITUDE if magnitudes else _CALLS, xp, rounding)
    return {name: value for name, value in known.items() if name not in values}


def _solution(system: System, known: Mapping[str, Any], frame: Frame) -> dict[str, Array]:
    """The unknowns of a system, flat."""
    import numpy as np

    names = [str(leaf.data.name) for leaf in system.unknowns]
    (row,), (column,) = ([frame.flat_axes.index(axis.name) for axis in axes] for axes in (system.rows, system.columns))
    full = _value(system.of, known, frame, _CALLS)
    others = [at for at in range(full.ndim) if at not in (row, column)]
    matrix = full.transpose(row, column, *others).reshape(full.shape[row], full.shape[column])
    try:
        arrays = _solved(system.kind, matrix)
    except np.linalg.LinAlgError as error:
        raise ShapeError(
            f"no {system.kind.replace('_', ' ')} of a matrix of {len(matrix)} rows on an input of shape {frame.shape}:"
            f" {error}; are there too few samples for its features?"
        ) from None
    return dict(zip(names, _laid(arrays, system, frame), strict=True))


def _solved(kind: str, matrix: Array) -> Sequence[Any]:
    """The unknowns of a matrix, in the order of their names."""
    import numpy as np

    if kind == "singular_pair":
        u, sigma, v = np.linalg.svd(matrix)
        return u[:, 0], sigma[0], v[0]
    if kind == "cholesky":
        factor = np.linalg.cholesky(matrix)
        return factor, np.linalg.inv(factor), np.arange(len(factor))
    return np.linalg.eigh(matrix)


def _laid(arrays: Iterable[Any], system: System, frame: Frame) -> Iterator[Array]:
    """Solved arrays in the flat dimensions of their axes."""
    import numpy as np

    for array, leaf in zip(arrays, system.unknowns, strict=True):
        at = [frame.flat_axes.index(axis.name) for axis in leaf.axes]
        shape = [np.shape(array)[at.index(place)] if place in at else 1 for place in range(len(frame.flat_axes))]
        yield np.transpose(array, [int(i) for i in np.argsort(at)]).reshape(shape)


def _value(
    formula: Tensor,
    known: Mapping[str, Any],
    frame: Frame,
    calls: Mapping[str, str],
    xp: Any = None,
    rounding: Callable[[Any], Any] = lambda value: value,
) -> Any:
    import numpy

    np = xp or numpy
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
                size, at = frame.sizes[axis.name], frame.flat_axes.index(axis.name)
                args[0] = np.sum(args[0], axis=at, keepdims=True) if axis in node.args[0].axes else args[0] * size
                args[0] = args[0] / size if node.op == "mean" else args[0]
            found[id(node)] = args[0]
        elif node.op == "rename":
            found[id(node)] = args[0].transpose(_moved(node, frame.flat_axes))
        elif node.op == "delta":
            shape = [frame.sizes[axis] if axis in {a.name for a in node.axes} else 1 for axis in frame.flat_axes]
            found[id(node)] = np.eye(max(shape)).reshape(shape)
        elif node.op in OVER_AXES:
            over = tuple(frame.flat_axes.index(axis.name) for axis in node.data)
            found[id(node)] = extremum(node.op, args[0], over)
        elif node.op == "stop" and xp is not None:
            from autograd.tracer import getval

            found[id(node)] = getval(args[0])
        elif node.op in calls:
            found[id(node)] = getattr(np, calls[node.op])(*args)
        else:
            raise Unsupported(f"the floating-point oracle has no meaning for the operation {node.op!r}")
        if node.op not in ("input", "const"):
            found[id(node)] = rounding(found[id(node)])
    return found[id(formula)]


def _moved(node: Tensor, axes: list[str]) -> list[int]:
    """Which dimension comes to each place: the renamed ones to their new names, all others wherever there is room."""
    to = {axes.index(new.name): axes.index(old.name) for old, new in node.data}
    to |= {at: at for at in range(len(axes)) if at not in to and at not in to.values()}
    rest = [at for at in range(len(axes)) if at not in to.values()]
    return [to[at] if at in to else rest.pop(0) for at in range(len(axes))]


def extremum(op: str, values: Array, over: tuple[int, ...]) -> Array:
    """The largest or smallest along dimensions, or 1/k at each of the k places where it is."""
    import numpy as np

    extreme = (np.max if op.endswith("max") else np.min)(values, axis=over, keepdims=True)
    if not op.startswith("at_"):
        return np.asarray(extreme)
    hits = np.asarray(values == extreme, dtype=values.dtype)
    return np.asarray(hits / np.sum(hits, axis=over, keepdims=True))


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
