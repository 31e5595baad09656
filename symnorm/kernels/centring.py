"""What the data of a call is less before its squares are summed: its mean, or as much of it as digits ask for.

The text below the marker is pasted into every fast module after :mod:`symnorm.kernels.guard`; it stands here as a
module so that it is linted, typed and tested like the rest. The tables above the marker are a module's own.

A mean is subtracted in up to three parts. ``center`` and ``rest`` are in the precision of the data and are subtracted
element by element; ``left``, in double precision, is small beside the standard deviation and is left to the formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from symnorm.kernels.blocks import Values, gather, part, run
from symnorm.kernels.guard import CENTRE, tolerance
from symnorm.kernels.sums import Room, sum_of_product, sum_over

ALONG: tuple[int, ...] = (1,)
SHIFTED: tuple[str, ...] = ()
LEAVES_MEAN, LEFT = False, "left_of_mean"
SHIFTS: dict[str, int] = {"x": 1, "mu": 1}

# --- centring: what rows are less -------------------------------------------------------------------------------------

SAMPLE = 64  # elements that tell about where a mean is


class Centring:
    """The parts of the mean that the data is less, for each row; and how many of them each block is less."""

    def __init__(self, data: Any, blocks: int, small: Any) -> None:
        self.data, self.dtype, self.small = data, data.dtype, small
        self.count = math.prod(data.shape[at] for at in ALONG)
        self.tolerance = tolerance(self.dtype) / self.count
        self.shape = tuple(1 if at in ALONG else size for at, size in enumerate(data.shape))
        self._none = np.zeros((), self.dtype)
        self.reset(blocks)

    def reset(self, blocks: int) -> None:
        """Nothing is subtracted yet."""
        if ALONG:
            self.center, self.rest = np.zeros(self.shape, self.dtype), np.zeros(self.shape, self.dtype)
            self.left = np.zeros(self.shape)
        self.moved = np.zeros(blocks, np.int8)

    def near(self, mean: Any, squares: Any) -> Any:
        """Whether a mean of rows is so small beside their standard deviation that it may be left in them."""
        return (8 * self.count * mean * mean <= squares).all()

    def shift(self, v: Values, center: Any, rest: Any, left: Any) -> None:
        """What is left of the mean, and inputs that move with the data."""
        v[LEFT] = left
        for name in SHIFTED:
            v[name] = v[name] - SHIFTS[name] * center.astype(np.float64) - SHIFTS[name] * (rest + left)

    def shift_again(self, v: Values, block: tuple[slice, ...] = ()) -> None:
        """The same for the formulas of backward, from what forward found; everything, or a block of whole rows."""
        if ALONG:
            self.shift(v, self.center[block], self.rest[block], self.left[block])

    def again(self, block: tuple[slice, ...], room: Room, moved: int) -> Any:
        """The data of a block, moved as forward did it."""
        x = self.data[block]
        if not moved:
            return x
        c = np.subtract(x, part(self.center, block), out=room(0, x))
        return np.subtract(c, part(self.rest, block), out=c) if moved > 1 else c

    def rows(self, at: int, v: Values, block: tuple[slice, ...], room: Room, mine: Values) -> Any:
        """A block of whole rows less their mean, or less so much of it that the formulas may subtract the rest.

        ``mine`` remembers for the next block whether squares of the data as it comes say something of the variance.
        """
        x = self.data[block]
        if not ALONG:
            return x
        mean = sum_over(x, ALONG) / self.count
        center, rest, left, squares = self._none, self._none, mean, None
        if not mine.get("far"):
            squares = sum_of_product(x, x, ALONG, room)
            if not self.near(mean, squares):
                squares = None
        if squares is None or not LEAVES_MEAN:
            center = mean.astype(self.dtype)
            x = np.subtract(x, center, out=room(0, x))
            self.moved[at] = 1
        if squares is None:
            left, squares = sum_over(x, ALONG) / self.count, sum_of_product(x, x, ALONG, room)
            mine["far"] = not self.near(mean, squares)
            if not (self.near(left, squares) if LEAVES_MEAN else (left * left <= self.tolerance * squares).all()):
                rest = left.astype(self.dtype)
                np.subtract(x, rest, out=x)
                self.moved[at] = 2
                left, squares = sum_over(x, ALONG) / self.count, sum_of_product(x, x, ALONG, room)
        v["squares"] = squares.astype(self.small) - self.count * left * left
        left = left if LEAVES_MEAN else self._none
        for array, value in ((self.center, center), (self.rest, rest), (self.left, left)):
            if value is not self._none:
                array[block] = value
        self.shift(v, center, rest, left)
        v[CENTRE] = center.astype(np.float64) + rest + left if self.moved[at] else mean
        return x

    def everything(self, v: Values, blocks: Sequence[tuple[slice, ...]], threads: int) -> bool:
        """The mean of all rows from a sweep or two over blocks that cut them; False where that is not to be had."""
        if not ALONG:
            return True
        pilot = self.center
        pilot[...] = self._pilot()

        def work(at: int, block: tuple[slice, ...], room: Room, found: Values) -> None:
            x = self.data[block]
            c = np.subtract(x, part(pilot, block), out=room(0, x)) if pilot.any() else x
            gather(found, "offset", sum_over(c, ALONG), block, self.shape)
            gather(found, "squares", sum_of_product(c, c, ALONG, room), block, self.shape)

        found = run(work, blocks, threads)
        if self._far(found):  # the first rows say too little about the mean; what they gave says enough
            pilot += (found["offset"] / self.count).astype(self.dtype)
            found = run(work, blocks, threads)
        if self._far(found):
            return False
        offset = found["offset"] / self.count
        v["squares"] = found["squares"].astype(self.small) - self.count * offset * offset
        mean = pilot.astype(np.float64) + offset
        if LEAVES_MEAN:
            self.left = offset
        else:
            self.center = mean.astype(self.dtype)
            near = np.all(mean * mean * self.count <= 4 * v["squares"])
            self.rest[...] = 0 if near else mean - self.center
        self.moved[:] = 0 if not np.any(self.center) else 2 if np.any(self.rest) else 1
        self.shift(v, self.center, self.rest, self.left)
        v[CENTRE] = mean
        return True

    def _pilot(self) -> Any:
        """About the mean, from a few rows; 0, which costs nothing to subtract, where the mean may well be small."""
        sizes = self.data.shape
        picked, wanted = [slice(None)] * len(sizes), SAMPLE
        for at in reversed(ALONG):
            taken = min(sizes[at], wanted if at == ALONG[0] else math.isqrt(SAMPLE) * 2)
            picked[at], wanted = slice(None, None, sizes[at] // taken), -(-wanted // taken)
        few = self.data[tuple(picked)].astype(np.float64)
        with np.errstate(all="ignore"):
            mean = few.mean(axis=ALONG, keepdims=True)
            near = np.all(4 * mean * mean <= np.square(few, out=few).mean(axis=ALONG, keepdims=True))
        return 0 if near else mean

    def _far(self, found: Values) -> bool:
        """Whether squares of differences from the pilot have too little to do with the variance."""
        return not self.near(found["offset"] / self.count, found["squares"])
