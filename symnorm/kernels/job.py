"""One call of a fast module: blocks through the formulas, those that the guard refuses with all care.

The text below the marker is pasted into every fast module after :mod:`symnorm.kernels.centring`; it stands here as a
module so that it is linted, typed and tested like the rest. Nothing in symnorm imports it. What stands above the marker
is a module's own: tables, and the functions that go through one block.

A block is cut across dimensions that no reduction of the definition runs along, so that its statistics are its own.
Where such a block would be scattered over memory (batch norm's channels come last) or too large for the cache, the data
is cut anywhere and gone through again and again: once for each stage of sums, once for the results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symnorm.kernels.blocks import BLOCK_BYTES, CANON, Cut, Values, Wide, cut, gather, part, run, scattered, widened
from symnorm.kernels.care import Units
from symnorm.kernels.centring import Centring
from symnorm.kernels.guard import in_range, reach, safe
from symnorm.kernels.prelude import Grid
from symnorm.kernels.sums import Room

DATA, OUTPUT = "x", "y"
KEPT: tuple[int, ...] = (0,)
STATISTICS: dict[str, tuple[int, ...]] = {"var": (0,)}
SUMS: dict[str, tuple[int, ...]] = {"sum_1": (1,)}
SUMMED: tuple[str, ...] = ("gamma", "beta")
Stage = tuple[Callable[[Values], None] | None, Callable[..., Values]]
FORWARD: tuple[Stage, ...] = ()
BACKWARD: tuple[Stage, ...] = ()


def forward_small(values: Values) -> None:
    """A module's own."""


def forward_full(values: Values, rows: Any, into: Any, room: Room) -> None:
    """A module's own."""


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


# --- a job: what one call does, block by block ------------------------------------------------------------------------


class Job:
    """One call: the arrays with one dimension for each word of the layout, and where the blocks are."""

    def __init__(self, arrays: Values, sizes: tuple[int, ...], lengths: Values, threads: int) -> None:
        self.arrays = arrays
        self.sizes = sizes
        self.lengths = lengths
        self.threads = threads
        self.data = arrays[DATA]
        self.dtype = self.data.dtype
        self.small = np.longdouble if self.dtype == np.float64 else np.float64  # what small quantities are computed in
        elements = BLOCK_BYTES // self.data.itemsize
        self.rows = cut(sizes, KEPT, elements)
        self.anywhere = cut(sizes, tuple(range(len(sizes))), elements)
        self.sweeps = scattered(sizes, self.rows, self.data.itemsize)
        self.reach = reach(arrays, self.dtype)
        self.low = np.zeros((len(self.rows), 2))  # what a cotangent, and its sums, have to be at least
        self.bad = np.zeros(len(self.rows), bool)
        self.centring = Centring(self.data, len(self.rows), self.small)
        self.statistics: Values = {}

    def values(self, blocks: Sequence[tuple[slice, ...]]) -> Cut:
        """What the formulas of a block know by name."""
        small = {name: value for name, value in self.arrays.items() if name != DATA}
        return Cut({**small, **self.lengths, "dtype": self.dtype, **self.statistics}, blocks)

    def _as_small(self, sums: Values) -> Values:
        """Sums in the precision that goes on from there."""
        if self.small is np.float64:
            return sums
        return {name: value.astype(self.small) for name, value in sums.items()}

    def _sum_shape(self, name: str) -> tuple[int, ...]:
        return tuple(1 if at in SUMS[name] else size for at, size in enumerate(self.sizes))

    def statistic(self, name: str, grid: Grid) -> Any:
        """A statistic in the dimensions of the arrays."""
        axes = [CANON[at] for at in STATISTICS[name]]
        shape = [size if axis in axes else 1 for axis, size in zip(grid.axes, grid.sizes, strict=True)]
        return self.statistics[name].reshape(shape)

    def grid(self, block: tuple[slice, ...]) -> Grid:
        """The axes of a block."""
        return Grid(CANON, tuple(one.stop - one.start for one in block), tuple(range(len(CANON))))

    # --- forward ------------------------------------------------------------------------------------------------------

    def forward(self, y: Any) -> None:
        """The output, and the statistics."""
        self.statistics = {}
        held = {name: np.empty([size if at in dims else 1 for at, size in enumerate(self.sizes)], self.small)
                for name, dims in STATISTICS.items()}  # fmt: skip
        if self.sweeps and self._in_sweeps(y, held):
            self.statistics = held
            return
        if self.sweeps:
            self.centring.reset(len(self.rows))
        self.sweeps = False
        values = self.values(self.rows)
        run(
            lambda at, block, room, mine: self._forward_rows(at, block, room, mine, y, held, values),
            self.rows,
            self.threads,
        )
        self.statistics = held

    def _forward_rows(
        self, at: int, block: tuple[slice, ...], room: Room, mine: Values, y: Any, held: Values, values: Cut
    ) -> None:
        """A block of whole rows; ``mine`` remembers for the next one of the strand."""
        v = values(block)
        c = self.centring.rows(at, v, block, room, mine)
        for before, sums in FORWARD:
            if before is not None:
                before(v)
            v.update(self._as_small(sums(v, c, room)))
        forward_small(v)
        for name, array in held.items():
            part(array, block)[...] = v[name]
        low = safe(v, self.reach)
        if low is not None:
            self.low[at] = low
            forward_full(v, c, y[block], room)
        else:
            self.bad[at] = True
            for piece, given in self._pieces(block):
                _, units, found = careful_forward(given, self.grid(piece))
                y[piece] = units.restored(OUTPUT, found[OUTPUT])
                for name in held.keys() & found.keys():
                    part(held[name], piece)[...] = units.restored(name, found[name])

    def _pieces(self, block: tuple[slice, ...]) -> list[tuple[tuple[slice, ...], Values]]:
        """A block in pieces, and their values: formulas with all care need many times the room."""
        lengths = tuple(one.stop - one.start for one in block)
        cuts = cut(lengths, KEPT, BLOCK_BYTES // self.data.itemsize // 8)
        pieces = [tuple(slice(outer.start + one.start, outer.start + one.stop)
                        for outer, one in zip(block, inner, strict=True)) for inner in cuts]  # fmt: skip
        values = self.values([pieces[0], tuple(slice(0, size) for size in self.sizes)])
        return [(piece, values(piece) | {DATA: self.data[piece]}) for piece in pieces]

    def _in_sweeps(self, y: Any, held: Values) -> bool:
        """The sums of all blocks, one stage after the other, then the output; False where something is out of range."""
        v = self.values(self.anywhere).all()
        with np.errstate(all="ignore"):
            if not self.centring.everything(v, self.anywhere, self.threads):
                return False
            self._summed(v, FORWARD)
            forward_small(v)
            low = safe(v, self.reach)
            if low is None:
                return False
            self.low[:] = low
        for name, array in held.items():
            array[...] = v[name]
        ready = Cut(v, self.anywhere)
        wide = Wide(ready, self.sizes)

        def full(at: int, block: tuple[slice, ...], room: Room, _: Values) -> None:
            rows, into = self.centring.again(block, room, self.centring.moved[0]), y[block]
            for mine, (a, b) in widened(ready(block), wide, rows, into):
                forward_full(mine, a, b, room)

        run(full, self.anywhere, self.threads)
        return True

    def _summed(self, v: Values, stages: Sequence[Stage], *more: Any) -> None:
        """One sweep a stage: the sums of all blocks go to the values."""
        for before, sums in stages:
            if before is not None:
                before(v)
            v.update(self._as_small(self._swept(sums, Cut(v, self.anywhere), more)))

    def _swept(self, sums: Callable[..., Values], values: Cut, more: Sequence[Any]) -> Values:
        """The sums of all blocks."""

        def work(at: int, block: tuple[slice, ...], room: Room, found: Values) -> None:
            rows = self.centring.again(block, room, self.centring.moved[0])
            for name, value in sums(values(block), rows, *(one[block] for one in more), room).items():
                gather(found, name, value, block, self._sum_shape(name))

        return run(work, self.anywhere, self.threads)

    # --- backward -----------------------------------------------------------------------------------------------------

    def backward(self, dy: Any, outs: Values, threads: int) -> None:
        """The gradients into their arrays."""
        self.threads = threads
        if self.sweeps and self._back_in_sweeps(dy, outs):
            return
        values, full = self.values(self.rows), [name for name, out in outs.items() if out.shape == self.sizes]
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
        good = not self.bad[at]
        if good:
            c = self.centring.again(block, room, self.centring.moved[at])
            self.centring.shift_again(v, block)
            for before, sums in BACKWARD:
                if before is not None:
                    before(v)
                v.update(self._as_small(sums(v, c, mine, room)))
            gradients = backward_small(v)
            good = in_range(v, mine, self.low[at])
        if good:
            backward_full(v, c, mine, {name: outs[name][block] for name in full}, room)
            self._deliver(gradients, block, found, outs)
            return
        for piece, given in self._pieces(block):
            self._deliver(careful_backward(given, dy[piece], self.grid(piece)), piece, found, outs)

    def _deliver(self, gradients: Values, block: tuple[slice, ...], found: Values, outs: Values) -> None:
        """Gradients of a block where they belong, or to the sums of the strand."""
        for name, value in gradients.items():
            if name in SUMMED:
                gather(found, name, value, block, outs[name].shape)
            else:
                part(outs[name], block)[...] = value

    def _back_in_sweeps(self, dy: Any, outs: Values) -> bool:
        v = self.values(self.anywhere).all()
        self.centring.shift_again(v)
        with np.errstate(all="ignore"):
            self._summed(v, BACKWARD, dy)
            gradients = backward_small(v)
            if not in_range(v, dy, self.low[0]):
                return False
        for name, value in gradients.items():
            outs[name][...] = value

        after, names = Cut(v, self.anywhere), [name for name, out in outs.items() if out.shape == self.sizes]
        wide = Wide(after, self.sizes)

        def full(at: int, block: tuple[slice, ...], room: Room, _: Values) -> None:
            rows = self.centring.again(block, room, self.centring.moved[0])
            into = [outs[name][block] for name in names]
            for mine, (a, b, *found) in widened(after(block), wide, rows, dy[block], *into):
                backward_full(mine, a, b, dict(zip(names, found, strict=True)), room)

        run(full, self.anywhere, self.threads)
        return True
