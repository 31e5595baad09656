"""What a fast module does around its formulas: blocks that fit the cache, buffers, sums, threads, and the guard.

The text below the marker is pasted into every fast module after the care; it stands here as a module so that it is
linted, typed and tested like the rest. Nothing in symnorm imports it. What stands above the marker is a module's own:
tables, and the functions that go through one block.

A block is cut across dimensions that no reduction of the definition runs along, so that its statistics are its own.
Where such a block would be scattered over memory (batch norm's channels come last), the data is cut anywhere and gone
through twice: once for the sums, once for the results. The cut and the order in which sums of blocks are added depend
on the shape only, never on the number of threads.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from symnorm.kernels.care import Units, safe_range
from symnorm.kernels.prelude import Grid

Values = dict[str, Any]
AXES: dict[str, tuple[str, ...]] = {"x": ("N", "C"), "gamma": ("C",)}
DATA, OUTPUT, CENTRE = "x", "y", "mu"
CANON: tuple[str, ...] = ("N", "C")
STAR: int | None = None
KEPT: tuple[int, ...] = (0,)
ALONG: tuple[int, ...] = (1,)
STATISTICS: dict[str, tuple[int, ...]] = {"var": (0,)}
SHIFTED: tuple[str, ...] = ()
TWO_SWEEPS = True
SUMS: dict[str, tuple[int, ...]] = {"sum_1": (1,)}
SUMMED: tuple[str, ...] = ("gamma", "beta")
DIVISORS: tuple[str, ...] = ("inverse_1",)
SHIFTS: dict[str, int] = {"x": 1, "mu": 1}


def forward_sums(values: Values, rows: Any, room: Room) -> Values:
    """A module's own."""
    return {}


def forward_small(values: Values) -> None:
    """A module's own."""


def forward_full(values: Values, rows: Any, into: Any, room: Room) -> None:
    """A module's own."""


def backward_sums(values: Values, rows: Any, back: Any, room: Room) -> Values:
    """A module's own."""
    return {}


def backward_small(values: Values) -> Values:
    """A module's own."""
    return {}


def backward_full(values: Values, rows: Any, back: Any, outs: Values, room: Room) -> None:
    """A module's own."""


def careful_forward(values: Values, grid: Grid) -> tuple[Values, Units, Values]:
    """A module's own."""
    return {}, Units(), {}


def careful_backward(values: Values, back: Any, grid: Grid) -> Values:
    """A module's own."""
    return {}


# --- blocks: what fits the cache, sums over it, threads ---------------------------------------------------------------

BLOCK_BYTES = 2**20
STRANDS = 16


class Room:
    """Buffers of one thread, aligned to cache lines and used again from block to block and from call to call."""

    def __init__(self) -> None:
        self.buffers: dict[int, Any] = {}
        self.views: dict[tuple[int, tuple[int, ...], str], Any] = {}

    def __call__(self, number: int, like: Any) -> Any:
        """Buffer ``number`` in the shape and the dtype of an array."""
        key = (number, like.shape, like.dtype.char)
        if key not in self.views:
            if len(self.views) > 64:
                self.views.clear()
            needed = like.size * like.itemsize
            if number not in self.buffers or self.buffers[number].nbytes < needed:
                raw = np.empty(needed + 64, np.uint8)
                start = -raw.ctypes.data % 64
                self.buffers[number] = raw[start : start + needed]
                self.views.clear()
            self.views[key] = self.buffers[number][:needed].view(like.dtype).reshape(like.shape)
        return self.views[key]

    def trim(self, most: int = 2**23) -> None:
        """Give up buffers that are larger than a thread shall keep."""
        if sum(buffer.nbytes for buffer in self.buffers.values()) > most:
            self.buffers.clear()
            self.views.clear()


_ROOMS: list[Room] = []


@lru_cache(maxsize=8)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


@lru_cache(maxsize=64)
def _ones(count: int, dtype: str) -> Any:
    """A vector of ones; a matrix times it is a sum along rows at the speed of memory."""
    return np.ones(count, dtype)


@lru_cache(maxsize=512)
def _sum_plan(shape: tuple[int, ...], axes: tuple[int, ...], joined: bool) -> tuple[Any, ...]:
    """How a sum is taken: the shape with neighbours joined, which of its dimensions go, and the shape of the result."""
    merged: list[tuple[int, bool]] = []
    for at, size in enumerate(shape):
        gone = at in axes
        if size > 1 and merged and merged[-1][1] == gone and joined:
            merged[-1] = (merged[-1][0] * size, gone)
        elif size > 1:
            merged.append((size, gone))
    left = tuple(1 if at in axes else size for at, size in enumerate(shape))
    gone_at = tuple(at for at, (_, gone) in enumerate(merged) if gone)
    flat = tuple(size for size, _ in merged)
    if gone_at and gone_at[-1] == len(flat) - 1:
        return flat, "rows", flat[-1], gone_at[:-1], left
    return flat, "columns" if len(flat) == 2 and gone_at == (0,) else "any", flat[0] if flat else 1, gone_at, left


def sum_over(a: Any, axes: tuple[int, ...]) -> Any:
    """The sum along dimensions, which stay with size 1, in double precision."""
    flat, kind, count, gone, left = _sum_plan(a.shape, axes, a.flags.c_contiguous)
    found = a.reshape(flat)
    if kind == "rows":
        found = found @ _ones(count, a.dtype.char)
    elif kind == "columns":
        found = _ones(count, a.dtype.char) @ found
        gone = ()
    return (np.add.reduce(found, axis=gone, dtype=np.float64) if gone else found.astype(np.float64)).reshape(left)


@lru_cache(maxsize=512)
def _dot_plan(shape: tuple[int, ...], axes: tuple[int, ...], joined: bool) -> tuple[Any, ...]:
    """The shape whose last dimension is summed first, the dimensions summed then, and the shape of the result."""
    last = [at for at, size in enumerate(shape) if size > 1][-1:]
    left = tuple(1 if at in axes else size for at, size in enumerate(shape))
    if not last or last[0] not in axes:
        return None, (), left
    inner = len(shape) - 1
    while inner > 0 and (shape[inner - 1] == 1 or inner - 1 in axes):
        inner -= 1
    inner = inner if joined else max(inner, last[0])
    rest = tuple(at for at in range(inner) if at in axes)
    return (*shape[:inner], math.prod(shape[inner:])), rest, left


def sum_of_product(a: Any, b: Any, axes: tuple[int, ...], room: Room) -> Any:
    """The sum of a product along dimensions; it is not written down where they come last."""
    flat, rest, left = _dot_plan(a.shape, axes, a.flags.c_contiguous and b.flags.c_contiguous)
    if flat is None:
        return sum_over(np.multiply(a, b, out=room(99, a)), axes)
    dots = row_dots(a.reshape(flat), b.reshape(flat))
    return (np.add.reduce(dots, axis=rest, dtype=np.float64) if rest else dots.astype(np.float64)).reshape(left)


def row_dots(a: Any, b: Any) -> Any:
    """The dot products of rows."""
    return np.vecdot(a, b) if hasattr(np, "vecdot") else np.einsum("...i,...i->...", a, b)


def weighted_sum(a: Any, weight: Any, axes: tuple[int, ...], room: Room) -> Any:
    """The sum along dimensions with a weight that varies along them only."""
    w = np.ascontiguousarray(weight, a.dtype)
    shape = tuple(1 if at in axes else size for at, size in enumerate(a.shape))
    first, last = axes[0], axes[-1]
    plain = a.flags.c_contiguous and w.size == math.prod(a.shape[first : last + 1]) and last - first + 1 == len(axes)
    if plain and math.prod(a.shape[last + 1 :]) == 1:
        return (a.reshape(-1, w.size) @ w.ravel()).astype(np.float64).reshape(shape)
    if plain and math.prod(a.shape[:first]) == 1:
        return (w.ravel() @ a.reshape(w.size, -1)).astype(np.float64).reshape(shape)
    return sum_over(np.multiply(a, w, out=room(99, a)), axes)


def cut(sizes: tuple[int, ...], dimensions: tuple[int, ...], elements: int) -> list[tuple[slice, ...]]:
    """Blocks of about so many elements, cut across some dimensions, the last ones least."""
    left = max(1, elements // math.prod(size for at, size in enumerate(sizes) if at not in dimensions))
    ranges = [[slice(0, size)] for size in sizes]
    for at in reversed(dimensions):
        count = -(-sizes[at] // min(sizes[at], left))
        step = -(-sizes[at] // count)
        ranges[at] = [slice(start, min(start + step, sizes[at])) for start in range(0, sizes[at], step)]
        left = max(1, left // step)
    return list(product(*ranges))


WHOLE = slice(None)


def part(array: Any, block: tuple[slice, ...]) -> Any:
    """A block of an array that has size 1 along the dimensions that it lacks."""
    return array[tuple([one if size > 1 else WHOLE for one, size in zip(block, array.shape, strict=True)])]


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


def scattered(sizes: tuple[int, ...], blocks: Sequence[tuple[slice, ...]], itemsize: int) -> bool:
    """Whether blocks of whole rows would be read in short pieces, or do not fit the cache by far."""
    lengths = [one.stop - one.start for one in blocks[0]]
    run = itemsize
    for at in reversed(range(len(sizes))):
        run *= lengths[at]
        if lengths[at] < sizes[at]:
            break
    return (len(blocks) > 1 and run < 2048) or math.prod(lengths) * itemsize > 8 * BLOCK_BYTES


def run(work: Callable[[int, tuple[slice, ...], Room, Values], None], blocks: Sequence[Any], threads: int) -> Values:
    """Go through all blocks and add up what each puts into its strand's sums, in an order that the shape decides."""
    count = min(STRANDS, len(blocks))
    bounds = [len(blocks) * at // count for at in range(count + 1)]
    strands: list[Values] = [{} for _ in range(count)]
    waiting = deque(range(count))

    def worker() -> None:
        room = _ROOMS.pop() if _ROOMS else Room()
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

    helpers = [_pool(threads - 1).submit(worker) for _ in range(min(threads, count) - 1)]
    try:
        worker()
    finally:
        waiting.clear()
        for helper in helpers:
            helper.result()
    merged: Values = {}
    for strand_sums in strands:
        for name, value in strand_sums.items():
            merged[name] = merged[name] + value if name in merged else value
    return merged


def gather(sums: Values, name: str, value: Any, block: tuple[slice, ...], shape: tuple[int, ...]) -> None:
    """Add the sum of a block to those of its strand, which have a shape."""
    if name not in sums:
        sums[name] = np.zeros(shape)
    held = part(sums[name], block)
    held += value


def folded(grid: Grid) -> tuple[int, ...]:
    """The sizes with the dimensions of one word of the layout as one."""
    if STAR is None:
        return grid.sizes
    if STAR < 0:  # two starred words
        return tuple(grid.size(axis) for axis in CANON)
    after = len(CANON) - STAR - 1
    end = len(grid.sizes) - after
    return (*grid.sizes[:STAR], math.prod(grid.sizes[STAR:end]), *grid.sizes[end:])


def fold(name: str, array: Any, sizes: tuple[int, ...]) -> Any:
    """An array with one dimension for each word of the layout, of size 1 where it lacks the axis."""
    return array.reshape(folded_shape(name, sizes))


class Job:
    """One call: the arrays with one dimension for each word of the layout, and where the blocks are."""

    def __init__(self, arrays: Values, sizes: tuple[int, ...], lengths: Values, threads: int) -> None:
        self.arrays = arrays
        self.sizes = sizes
        self.lengths = lengths
        self.threads = threads
        self.data = arrays[DATA]
        self.dtype = self.data.dtype
        elements = BLOCK_BYTES // self.data.itemsize
        self.rows = cut(sizes, KEPT, elements)
        self.anywhere = cut(sizes, tuple(range(len(sizes))), elements)
        self.sweeps = TWO_SWEEPS and scattered(sizes, self.rows, self.data.itemsize)
        self.count = math.prod(sizes[at] for at in ALONG)
        self.tolerance = _tolerance(self.dtype) / self.count
        self.low = 2.0 ** -(safe_range(self.dtype) * 3 // 2)
        self.bad = np.zeros(len(self.rows), bool)
        self.statistics: Values = {}
        self.resting = False
        self.center: Any = None
        self.rest: Any = None
        self.center_shape = tuple(1 if at in ALONG else size for at, size in enumerate(sizes))

    def values(self, blocks: Sequence[tuple[slice, ...]], more: Values) -> Cut:
        """What the formulas of a block know by name."""
        small = {name: value for name, value in self.arrays.items() if name != DATA}
        return Cut({**small, **self.lengths, "dtype": self.dtype, **self.statistics, **more}, blocks)

    def _sum_shape(self, name: str) -> tuple[int, ...]:
        return tuple(1 if at in SUMS[name] else size for at, size in enumerate(self.sizes))

    def statistic(self, name: str, grid: Grid) -> Any:
        """A statistic in the dimensions of the arrays."""
        axes = [CANON[at] for at in STATISTICS[name]]
        shape = [size if axis in axes else 1 for axis, size in zip(grid.axes, grid.sizes, strict=True)]
        return self.statistics[name].reshape(shape)

    def shift(self, v: Values, center: Any, rest: Any) -> None:
        """Inputs that move with the data."""
        for name in SHIFTED:
            v[name] = v[name] - SHIFTS[name] * center.astype(np.float64) - SHIFTS[name] * rest

    def grid(self, block: tuple[slice, ...]) -> Grid:
        """The axes of a block."""
        return Grid(CANON, tuple(one.stop - one.start for one in block), tuple(range(len(CANON))))

    # --- forward ------------------------------------------------------------------------------------------------------

    def forward(self, y: Any) -> None:
        """The output, and the statistics."""
        self.statistics = {}
        held = {name: np.empty([size if at in dims else 1 for at, size in enumerate(self.sizes)])
                for name, dims in STATISTICS.items()}  # fmt: skip
        if ALONG:
            self.center, self.rest = np.zeros(self.center_shape, self.dtype), np.zeros(self.center_shape, self.dtype)
        if self.sweeps and self._in_two_sweeps(y, held):
            self.statistics = held
            return
        self.sweeps = False
        values = self.values(self.rows, {})
        run(lambda at, block, room, _: self._forward_rows(at, block, room, y, held, values), self.rows, self.threads)
        self.statistics = held

    def _forward_rows(
        self, at: int, block: tuple[slice, ...], room: Room, y: Any, held: Values, values: Cut
    ) -> None:
        """A block of whole rows."""
        x, v = self.data[block], values(block)
        c = self._centred(x, v, block, room) if ALONG else x
        v.update(forward_sums(v, c, room))
        forward_small(v)
        if safe(v, self.dtype):
            forward_full(v, c, y[block], room)
        else:
            self.bad[at] = True
            v[DATA] = x
            given = {**v, **{name: part(self.arrays[name], block) for name in SHIFTED}}
            _, units, found = careful_forward(given, self.grid(block))
            v.update({name: units.restored(name, value) for name, value in found.items()})
            y[block] = v[OUTPUT]
        for name, array in held.items():
            part(array, block)[...] = v[name]

    def _centred(self, x: Any, v: Values, block: tuple[slice, ...], room: Room) -> Any:
        """The data less its mean, and once more less the mean of that where it is more than a rounding error."""
        center = (sum_over(x, ALONG) / self.count).astype(self.dtype)
        c = np.subtract(x, center, out=room(0, x))
        rest = sum_over(c, ALONG) / self.count
        squares = sum_of_product(c, c, ALONG, room)
        if not (rest * rest <= self.tolerance * squares).all():
            rest = rest.astype(self.dtype)
            np.subtract(c, rest, out=c)
            squares = sum_of_product(c, c, ALONG, room)
            part(self.rest, block)[...] = rest
        else:
            rest = np.zeros((), self.dtype)
        part(self.center, block)[...] = center
        self.shift(v, center, rest)
        v["squares"] = squares
        v[CENTRE] = center.astype(np.float64) + rest
        return c

    def _in_two_sweeps(self, y: Any, held: Values) -> bool:
        """The sums of all blocks, then the output; False where a statistic is out of range."""
        values = self.values(self.anywhere, {})
        v = values.all()
        pilot = self.center
        if ALONG:
            first = part(self.data, tuple(slice(0, max(1, size // 64) if at in ALONG else size)
                                          for at, size in enumerate(self.sizes)))  # fmt: skip
            with np.errstate(all="ignore"):
                few = math.prod(first.shape[at] for at in ALONG)
                pilot[...] = (np.add.reduce(first, axis=ALONG, keepdims=True, dtype=np.float64) / few)

        def sums(at: int, block: tuple[slice, ...], room: Room, found: Values) -> None:
            x, mine = self.data[block], values(block)
            c = np.subtract(x, part(pilot, block), out=room(0, x)) if ALONG else x
            if ALONG:
                gather(found, "offset", sum_over(c, ALONG), block, self.center_shape)
                gather(found, "squares", sum_of_product(c, c, ALONG, room), block, self.center_shape)
            for name, value in forward_sums(mine, c, room).items():
                gather(found, name, value, block, self._sum_shape(name))

        with np.errstate(all="ignore"):
            found = run(sums, self.anywhere, self.threads)
            if ALONG:
                if self._far(found):  # the first rows say too little about the mean; what they gave says enough
                    pilot += (found["offset"] / self.count).astype(self.dtype)
                    found = run(sums, self.anywhere, self.threads)
                if self._far(found):
                    return False
                offset = found.pop("offset") / self.count
                found["squares"] = found["squares"] - self.count * offset * offset
                mean = pilot.astype(np.float64) + offset
                self.center = mean.astype(self.dtype)
                near = np.all(mean * mean * self.count <= 4 * found["squares"])
                self.rest[...] = 0 if near else mean - self.center
                self.shift(v, self.center, self.rest)
                v[CENTRE] = mean
            v.update(found)
            forward_small(v)
            if not safe(v, self.dtype):
                return False
        for name, array in held.items():
            array[...] = v[name]
        resting, ready = bool(ALONG) and bool(np.any(self.rest)), Cut(v, self.anywhere)

        def full(at: int, block: tuple[slice, ...], room: Room, _: Values) -> None:
            forward_full(ready(block), self._again(block, room, resting), y[block], room)

        run(full, self.anywhere, self.threads)
        return True

    def _far(self, found: Values) -> bool:
        """Whether squares of differences from the pilot have too little to do with the variance."""
        offset = found["offset"] / self.count
        return not np.all(8 * self.count * offset * offset <= found["squares"])

    def _again(self, block: tuple[slice, ...], room: Room, resting: bool) -> Any:
        """The data of a block, centred as forward did it."""
        x = self.data[block]
        if not ALONG:
            return x
        c = np.subtract(x, part(self.center, block), out=room(0, x))
        return np.subtract(c, part(self.rest, block), out=c) if resting else c

    # --- backward -----------------------------------------------------------------------------------------------------

    def backward(self, dy: Any, outs: Values, threads: int) -> None:
        """The gradients into their arrays."""
        self.threads = threads
        if self.sweeps and self._back_in_two_sweeps(dy, outs):
            return
        self.resting = bool(ALONG) and bool(self.rest.any())
        values, full = self.values(self.rows, {}), [name for name, out in outs.items() if out.shape == self.sizes]
        found = run(
            lambda at, block, room, sums: self._backward_rows(at, block, room, sums, dy, outs, values, full),
            self.rows,
            self.threads,
        )
        for name, value in found.items():
            outs[name][...] = value

    def _backward_rows(
        self, at: int, block: tuple[slice, ...], room: Room, found: Values, dy: Any, outs: Values, values: Cut,
        full: Sequence[str],
    ) -> None:  # fmt: skip
        """A block of whole rows."""
        v, mine = values(block), dy[block]
        gradients: Values = {}
        good = not self.bad[at]
        if good:
            c = self._again(block, room, self.resting and bool(part(self.rest, block).any()))
            if ALONG:
                self.shift(v, part(self.center, block), part(self.rest, block))
            sums = backward_sums(v, c, mine, room)
            v.update(sums)
            gradients = backward_small(v)
            good = in_range(sums, mine, self.low)
        if good:
            backward_full(v, c, mine, {name: outs[name][block] for name in full}, room)
        else:
            v = values(block) | {DATA: self.data[block]}
            gradients = careful_backward(v, mine, self.grid(block))
        for name, value in gradients.items():
            if name in SUMMED:
                gather(found, name, value, block, outs[name].shape)
            else:
                part(outs[name], block)[...] = value

    def _back_in_two_sweeps(self, dy: Any, outs: Values) -> bool:
        v = self.values(self.anywhere, {}).all()
        resting = bool(ALONG) and bool(np.any(self.rest))
        if ALONG:
            self.shift(v, self.center, self.rest)
        before = Cut(v, self.anywhere)

        def sums(at: int, block: tuple[slice, ...], room: Room, found: Values) -> None:
            c = self._again(block, room, resting)
            for name, value in backward_sums(before(block), c, dy[block], room).items():
                gather(found, name, value, block, self._sum_shape(name))

        found = run(sums, self.anywhere, self.threads)
        with np.errstate(all="ignore"):
            v.update(found)
            gradients = backward_small(v)
            if not in_range(found, dy, self.low):
                return False
        for name, value in gradients.items():
            outs[name][...] = value

        after, names = Cut(v, self.anywhere), [name for name, out in outs.items() if out.shape == self.sizes]

        def full(at: int, block: tuple[slice, ...], room: Room, _: Values) -> None:
            into = {name: outs[name][block] for name in names}
            backward_full(after(block), self._again(block, room, resting), dy[block], into, room)

        run(full, self.anywhere, self.threads)
        return True


def _tolerance(dtype: Any) -> float:
    """The square of what a mean of centred data may be, in standard deviations: a quarter of a unit in the last."""
    return float(np.finfo(dtype).eps) ** 2 / 16


def safe(v: Values, dtype: Any) -> bool:
    """Whether no square can have overflowed or lost digits at the small end."""
    most = 2.0 ** safe_range(dtype)
    for name in DIVISORS:
        size = np.abs(v[name])
        if not (1 / most <= size.min() and size.max() <= most):
            return False
    return bool(DIVISORS) or bool(np.all(np.isfinite(v.get(CENTRE, 0.0)) & np.isfinite(v.get("squares", 0.0))))


def in_range(sums: Values, dy: Any, low: float) -> bool:
    """Whether the sums of a cotangent neither overflowed nor lost their digits at the small end."""
    largest = [np.abs(value).max() for value in sums.values()]
    if not all(map(math.isfinite, largest)):
        return False
    return not sums or max(largest) > low or float(np.max(np.abs(dy))) > low


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
