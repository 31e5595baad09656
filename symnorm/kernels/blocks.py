"""Cutting the data into blocks that fit the cache, handing them to threads, and adding up what they find.

The text below the marker is pasted into every fast module after :mod:`symnorm.kernels.helpers`; it stands here as a
module so that it is linted, typed and tested like the rest. The tables above the marker are a module's own. The cut and
the order in which sums of blocks are added depend on the shape only, never on the number of threads.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from symnorm.kernels.helpers import helped
from symnorm.kernels.prelude import Grid
from symnorm.kernels.sums import Room

Values = dict[str, Any]
AXES: dict[str, tuple[str, ...]] = {"x": ("N", "C"), "gamma": ("C",)}
CANON: tuple[str, ...] = ("N", "C")
EXTREMA: dict[str, Any] = {"most_1": np.maximum}

# --- blocks: what fits the cache, and threads -------------------------------------------------------------------------

BLOCK_BYTES = 2**21
STRANDS = 16
_ROOMS: list[Room] = []


@lru_cache(maxsize=64)
def cut(sizes: tuple[int, ...], dimensions: tuple[int, ...], elements: int) -> tuple[tuple[slice, ...], ...]:
    """Blocks of about so many elements, cut across some dimensions, the last ones least."""
    left = max(1, elements // math.prod(size for at, size in enumerate(sizes) if at not in dimensions))
    ranges = [[slice(0, size)] for size in sizes]
    for at in reversed(dimensions):
        count = -(-sizes[at] // min(sizes[at], left))
        step = -(-sizes[at] // count)
        ranges[at] = [slice(start, min(start + step, sizes[at])) for start in range(0, sizes[at], step)]
        left = max(1, left // step)
    return tuple(product(*ranges))


WHOLE = slice(None)


def part(array: Any, block: tuple[slice, ...]) -> Any:
    """A block of an array that has size 1 along the dimensions that it lacks."""
    return array[tuple([one if size > 1 else WHOLE for one, size in zip(block, array.shape, strict=False)])]


class Cut:
    """Values by name, of which a block takes its part; those that no cut goes through are looked at once."""

    def __init__(self, values: Values, blocks: Sequence[tuple[slice, ...]]) -> None:
        moving = {at for at in range(len(CANON)) if blocks[0][at] != blocks[-1][at]}
        self.fixed: Values = {}
        self.varying: list[tuple[str, Any, frozenset[int]]] = []
        for name, value in values.items():
            size = value.shape if isinstance(value, np.ndarray) and value.ndim == len(CANON) else ()
            dimensions = frozenset(at for at in moving if at < len(size) and size[at] > 1)
            if dimensions:
                self.varying.append((name, value, dimensions))
            else:
                self.fixed[name] = value

    def all(self) -> Values:
        """The values of everything."""
        return self.fixed | {name: value for name, value, _ in self.varying}

    def __call__(self, block: tuple[slice, ...]) -> Values:
        """The values of a block."""
        found = dict(self.fixed)
        for name, value, dimensions in self.varying:
            found[name] = value[tuple([one if at in dimensions else WHOLE for at, one in enumerate(block)])]
        return found


class Wide:
    """Several short rows as one long row, where small values differ along the last dimension only."""

    def __init__(self, values: Cut, sizes: tuple[int, ...]) -> None:
        last = max((at for at, size in enumerate(sizes) if size > 1), default=0)
        self.length, self.rows = sizes[last], max(1, 2048 // sizes[last])
        arrays = {name: one for name, one in values.fixed.items() if isinstance(one, np.ndarray) and one.size > 1}
        if values.varying or any(value.shape[last] != value.size for value in arrays.values()):
            self.rows = 1
        self.values = values.fixed
        if self.rows > 1:
            self.values = self.values | {name: np.tile(value.ravel(), self.rows) for name, value in arrays.items()}


def widened(values: Values, wide: Wide, *arrays: Any) -> list[tuple[Values, list[Any]]]:
    """A block as long rows, and what is left of it."""
    many = arrays[0].size // wide.length // wide.rows
    if wide.rows == 1 or not many or not all(array.flags.c_contiguous for array in arrays):
        return [(values, list(arrays))]
    end, width = many * wide.rows, wide.rows * wide.length
    flat = [array.reshape(-1, wide.length) for array in arrays]
    found = [(wide.values, [array[:end].reshape(many, width) for array in flat])]
    if arrays[0].size > many * width:
        narrow = {name: value.ravel() if isinstance(value, np.ndarray) else value for name, value in values.items()}
        found.append((narrow, [array[end:] for array in flat]))
    return found


def scattered(sizes: tuple[int, ...], blocks: Sequence[tuple[slice, ...]], itemsize: int) -> bool:
    """Whether blocks of whole rows would be read in short pieces, or do not fit the cache by far."""
    lengths = [one.stop - one.start for one in blocks[0]]
    run = itemsize
    for at in reversed(range(len(sizes))):
        run *= lengths[at]
        if lengths[at] < sizes[at]:
            break
    return (len(blocks) > 1 and run < 2048) or math.prod(lengths) * itemsize > 2 * BLOCK_BYTES


def run(work: Callable[[int, tuple[slice, ...], Room, Values], None], blocks: Sequence[Any], threads: int) -> Values:
    """Go through all blocks and add up what each puts into its strand's sums, in an order that the shape decides."""
    count = min(STRANDS, len(blocks))
    bounds = [len(blocks) * at // count for at in range(count + 1)]
    strands: list[Values] = [{} for _ in range(count)]
    waiting = deque(range(count))

    def worker() -> None:
        try:
            room = _ROOMS.pop()
        except IndexError:  # all are in use, also where another caller was quicker
            room = Room()
        before = np.setbufsize(512)  # a broadcast row is then not copied first
        try:
            with np.errstate(all="ignore"):
                while waiting:
                    try:
                        strand = waiting.popleft()
                    except IndexError:
                        break
                    for at in range(bounds[strand], bounds[strand + 1]):
                        work(at, blocks[at], room, strands[strand])
        finally:
            np.setbufsize(before)
            room.trim()
            _ROOMS.append(room)

    with helped(worker, min(threads, count) - 1):
        try:
            worker()
        finally:
            waiting.clear()  # a helper that has not begun by now is not waited for
    merged: Values = {}
    for strand_sums in strands:
        for name, value in strand_sums.items():
            merged[name] = EXTREMA.get(name, np.add)(merged[name], value) if name in merged else value
    return merged


def gather(sums: Values, name: str, value: Any, block: tuple[slice, ...], shape: tuple[int, ...]) -> None:
    """Join the sum of a block to those of its strand, which have a shape; an extremum likewise."""
    ufunc = EXTREMA.get(name, np.add)
    if name not in sums and value.shape == shape:
        sums[name] = value.astype(np.float64)  # a copy, which the next block is added to
        return
    if name not in sums:
        sums[name] = np.full(shape, {np.maximum: -math.inf, np.minimum: math.inf}.get(ufunc, 0.0))
    held = part(sums[name], block)
    ufunc(held, value, out=held)


def folded(grid: Grid) -> tuple[int, ...]:
    """The sizes with the dimensions of one word of the layout as one, which is 1 where it has none."""
    found, at = [], 0
    for axis in CANON:
        start = at
        while at < len(grid.axes) and grid.axes[at] == axis:
            at += 1
        found.append(math.prod(grid.sizes[start:at]))
    return tuple(found)


def fold(name: str, array: Any, sizes: tuple[int, ...]) -> Any:
    """An array with one dimension for each word of the layout, of size 1 where it lacks the axis."""
    return array.reshape(folded_shape(name, sizes))


def folded_shape(name: str, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an array with one dimension for each word of the layout."""
    return tuple(size if axis in AXES[name] else 1 for axis, size in zip(CANON, sizes, strict=True))


def viewed(array: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """What is written into for an array, in another shape: its own memory where its strides and dtype allow that."""
    found = array.reshape(shape)
    return found if array.dtype == dtype and np.may_share_memory(found, array) else np.empty(shape, dtype)


def handed(array: Any, written: Any) -> None:
    """What was written, in the array that it was meant for."""
    if not np.may_share_memory(array, written):
        with np.errstate(over="ignore"):
            array[...] = written.reshape(array.shape)
