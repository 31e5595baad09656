"""What the formulas of a generated kernel take for granted: shapes, dtypes, ``out=``.

The text below the marker is pasted into every generated module, which must not import symnorm; it stands here as a
module so that it is linted, typed and tested like the rest. Nothing in symnorm imports it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
AXES: dict[str, tuple[str, ...]] = {"x": ("N", "C"), "gamma": ("C",)}  # a generated module has its own table

# --- shapes, dtypes, out=: what the formulas take for granted ---------------------------------------------------------

KINDS = {"float16": "e", "float32": "f", "float64": "d"}
"""NumPy's letters for the dtypes that there are formulas for."""


class BadInput(ValueError):
    """An argument that does not fit; the message names it, its shape and the rule."""


class Grid(NamedTuple):
    """Which axis each dimension belongs to; a dimension that is split counts as its parts."""

    axes: tuple[str, ...]
    sizes: tuple[int, ...]
    dimensions: tuple[int, ...]

    def beside(self, axis: str, size: int, at: int) -> Grid:
        """The grid with a dimension that the first input lacks."""
        dimensions = (*self.dimensions[:at], len(self.axes), *self.dimensions[at:])
        return Grid((*self.axes[:at], axis, *self.axes[at:]), (*self.sizes[:at], size, *self.sizes[at:]), dimensions)

    def over(self, *axes: str) -> tuple[int, ...]:
        """The dimensions that a reduction over axes runs along."""
        return tuple(at for at, axis in enumerate(self.axes) if axis in axes)

    def size(self, *axes: str) -> int:
        """The number of elements that a reduction over axes runs along."""
        return math.prod(self.sizes[at] for at in self.over(*axes))

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of an array."""
        found: dict[int, int] = {}
        for axis, size, dimension in zip(self.axes, self.sizes, self.dimensions, strict=True):
            if axis in AXES[name]:
                found[dimension] = found.get(dimension, 1) * size
        return tuple(found.values())

    def per(self, name: str) -> tuple[int, ...]:
        """The same with 1 for every axis that the array lacks, so that arrays broadcast by the axes that they share."""
        return tuple(size if axis in AXES[name] else 1 for axis, size in zip(self.axes, self.sizes, strict=True))


def as_array(name: str, value: Any, xp: Any) -> Any:
    """An array of floats, unchanged; a tracing namespace brings arrays of its own."""
    if value is None:
        raise BadInput(f"{name} is missing")
    if isinstance(value, np.ma.MaskedArray):
        raise BadInput(f"{name} is a masked array, whose mask would be lost")
    try:
        array = np.asarray(value) if xp is np or not hasattr(value, "dtype") else value
    except ValueError as error:
        raise BadInput(f"{name} is of type {type(value).__name__} and no array: {error}") from None
    if array.dtype.char not in KINDS.values():
        raise BadInput(f"{name} has shape {array.shape} and dtype {array.dtype}, not float16, float32 or float64")
    if array.size == 0:
        raise BadInput(f"{name} has shape {array.shape}; it needs at least one element along every dimension")
    return array


def size_along(name: str, value: Any, at: int, xp: Any) -> int:
    """The size of an array's dimension."""
    array = as_array(name, value, xp)
    if not -array.ndim <= at < array.ndim:
        raise BadInput(f"{name} has shape {array.shape}; it needs a dimension for each of {', '.join(AXES[name])}")
    return int(array.shape[at])


def contraction(over: tuple[int, ...], *factors: Any, xp: Any) -> Any:
    """The sum over some dimensions of a product, as matrix products where the factors allow it."""
    shapes = [factor.shape for factor in factors]
    full = tuple(max(sizes) for sizes in zip(*shapes, strict=True))
    names = [[at for at, size in enumerate(shape) if size > 1] for shape in shapes]
    kept = [at for at, size in enumerate(full) if size > 1 and at not in over]
    spelled = ["".join(chr(97 + at) for at in dims) for dims in (*names, kept)]
    flat = [xp.reshape(factor, [shape[at] for at in dims])
            for factor, shape, dims in zip(factors, shapes, names, strict=True)]  # fmt: skip
    found = xp.einsum(f"{','.join(spelled[:-1])}->{spelled[-1]}", *flat, optimize=len(flat) > 1)
    return xp.reshape(found, tuple(1 if at in over else size for at, size in enumerate(full)))


def laid(name: str, value: Any, grid: Grid, dtype: str, check_finite: bool, xp: Any) -> Any:
    """An array in the shape that broadcasts, its own shape and dtype checked. Half precision is computed in single."""
    array = as_array(name, np.asarray(value, dtype) if isinstance(value, int | float) else value, xp)
    if array.shape != grid.shape(name):
        over = ", ".join(AXES[name])
        raise BadInput(f"{name} has shape {array.shape}; over ({over}) it has to be {grid.shape(name)}")
    if array.dtype.char != KINDS[dtype]:
        raise BadInput(f"{name} has shape {array.shape} and dtype {array.dtype}; all arrays have to be {dtype} here")
    if check_finite and not np.all(np.isfinite(array)):
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise BadInput(f"{name} has shape {array.shape} and {array[at]} at {at}, and check_finite is set")
    return xp.reshape(array.astype("float32") if dtype == "float16" else array, grid.per(name))


def as_number(
    name: str, value: Any, *, least: float = -math.inf, above: float = -math.inf, check_finite: bool = False
) -> float:
    """A real number of at least ``least`` and above ``above``."""
    try:
        number = None if isinstance(value, bool | str | bytes) or np.shape(value) else float(value)
    except (TypeError, ValueError):
        number = None
    if number is None:
        raise BadInput(f"{name} is {value!r}; it has to be one real number")
    if number < least or number <= above:
        raise BadInput(f"{name} is {number}; it has to be {f'above {above}' if above > least else f'at least {least}'}")
    if check_finite and not math.isfinite(number):
        raise BadInput(f"{name} is {number}, and check_finite is set")
    return number


def checked_out(out: Any, results: tuple[str, ...], grid: Grid, dtype: str, kept: tuple[Any, ...]) -> dict[str, Any]:
    """``out`` by name, once everything was looked at that could go wrong when results are written."""
    if out is not None and not isinstance(out, Mapping) and len(results) > 1:
        raise BadInput(f"out is of type {type(out).__name__}; it has to be a dict of arrays for {', '.join(results)}")
    named = {} if out is None else dict(out) if isinstance(out, Mapping) else {results[0]: out}
    for name, array in named.items():
        if name not in results:
            raise BadInput(f"out has {name!r}; the results are {', '.join(results)}")
        if not isinstance(array, np.ndarray) or array.shape != grid.shape(name) or array.dtype.char != KINDS[dtype]:
            came = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            raise BadInput(f"out for {name} is {came}; it has to be an array of {dtype} {grid.shape(name)}")
        if not array.flags.writeable:
            raise BadInput(f"out for {name} has shape {array.shape} and is read-only")
        if overlaps_itself(array):
            raise BadInput(f"out for {name} has strides {array.strides}: elements of its own share memory")
        others = (*kept, *(other for key, other in named.items() if key != name))
        if any(isinstance(other, np.ndarray) and np.shares_memory(array, other) for other in others):
            raise BadInput(f"out for {name} shares memory with another result or with what backward needs")
    return named


def overlaps_itself(array: Any) -> bool:
    """Whether elements of an array share memory: a stride that does not step over what lies inside."""
    reach = array.itemsize
    for stride, size in sorted((abs(stride), size) for stride, size in zip(array.strides, array.shape, strict=True)):
        if size > 1 and stride < reach:
            return True
        reach += stride * (size - 1)
    return False


def check_threads(threads: Any) -> None:
    """At most so many threads; these formulas use one."""
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer) or threads < 1:
        raise BadInput(f"threads is {threads!r}; it has to be a positive integer")


def delivered(results: Mapping[str, Any], grid: Grid, dtype: str, out: Mapping[str, Any], xp: Any) -> dict[str, Any]:
    """The results in the shapes and the dtype of what came, written into the arrays of out where it has them."""
    found = {}
    for name, value in results.items():
        full = value if np.shape(value) == grid.per(name) else xp.array(xp.broadcast_to(value, grid.per(name)))
        array = xp.reshape(full, grid.shape(name))
        with np.errstate(over="ignore"):  # beyond half precision's largest number is infinity
            found[name] = array if array.dtype.char == KINDS[dtype] else array.astype(dtype)
    for name, array in out.items():
        array[...] = found[name]
    return {**found, **out}
