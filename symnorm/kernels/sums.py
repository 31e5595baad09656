"""Buffers, and sums over a block, each the way that is fastest for its layout.

The text below the marker is pasted into every fast module after the care; it stands here as a module so that it is
linted, typed and tested like the rest. :mod:`symnorm.kernels.blocks` and :mod:`symnorm.kernels.job` follow it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

# --- sums over a block: buffers that are used again, and the reduction that fits the layout ---------------------------


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


SHORT = 64
"""So few numbers are added up in a wider precision: BLAS takes them one by one."""

LONG = 2**15
"""So much of a row is added up in an array's own precision: beyond, single precision loses digits."""


def _lengths(count: int) -> list[slice]:
    """A long row in parts."""
    return [slice(start, min(start + LONG, count)) for start in range(0, count, LONG)]


def _stripe(count: int) -> int:
    """So many rows are added up in an array's own precision, and what they give in double precision."""
    return 64 if count > 1024 else 16


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
    """The sum along dimensions, which stay with size 1, in double precision or a wider one."""
    flat, kind, count, gone, left = _sum_plan(a.shape, axes, a.flags.c_contiguous)
    if count <= SHORT and kind != "any" and (a.dtype.char == "d" or kind == "columns"):
        return np.add.reduce(a, axis=axes, dtype=np.longdouble if a.dtype.char == "d" else np.float64, keepdims=True)
    found = a.reshape(flat)
    if kind == "rows" and count > LONG:
        parts = (found[..., one] @ _ones(one.stop - one.start, a.dtype.char) for one in _lengths(count))
        found = sum(one.astype(np.float64) for one in parts)
    elif kind == "rows":
        found = np.dot(found, _ones(count, a.dtype.char))  # unlike matmul, it always lets other threads run
    elif kind == "columns":
        stripe = _stripe(count)
        whole = count - count % stripe
        rest = _ones(count - whole, a.dtype.char) @ found[whole:]
        found = _ones(stripe, a.dtype.char) @ found[:whole].reshape(-1, stripe, *flat[1:])
        return (np.add.reduce(found, axis=0, dtype=np.float64) + rest).reshape(left)
    return (np.add.reduce(found, axis=gone, dtype=np.float64) if gone else found.astype(np.float64)).reshape(left)


def _parts(rows: int, length: int) -> int:
    """In how many parts rows are summed: NumPy lets other threads run beside more than 500 dot products only."""
    least = -(-501 // rows)
    return next((count for count in range(least, 2 * least + 8) if length % count == 0 and length >= 64 * count), 1)


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
    rows, length = math.prod(shape[:inner]), math.prod(shape[inner:])
    parts = _parts(rows, length) if joined else 1
    if parts > 1:
        return (*shape[:inner], parts, length // parts), (*rest, inner), left
    return (*shape[:inner], length), rest, left


def sum_of_product(a: Any, b: Any, axes: tuple[int, ...], room: Room) -> Any:
    """The sum of a product along dimensions; it is not written down along rows, or down columns that are wide."""
    joined = a.flags.c_contiguous and b.flags.c_contiguous
    flat, rest, left = _dot_plan(a.shape, axes, joined)
    if a.dtype.char == "d" and (a.shape[axes[-1]] if flat is None else flat[-1]) <= SHORT:
        return sum_over(np.multiply(a, b, out=room(99, a)), axes)
    if flat is not None:
        a, b = a.reshape(flat), b.reshape(flat)
        if flat[-1] > LONG:
            dots = sum(row_dots(a[..., one], b[..., one]).astype(np.float64) for one in _lengths(flat[-1]))
        else:
            dots = row_dots(a, b)
        return (np.add.reduce(dots, axis=rest, dtype=np.float64) if rest else dots.astype(np.float64)).reshape(left)
    flat, kind, count, _, left = _sum_plan(a.shape, axes, joined)
    if kind != "columns" or flat[1] < 16 or count <= SHORT:
        return sum_over(np.multiply(a, b, out=room(99, a)), axes)
    a, b = a.reshape(flat), b.reshape(flat)
    stripe = _stripe(count)
    whole = count - count % stripe
    stripes = (-1, stripe, *flat[1:])
    found = np.einsum("kij,kij->kj", a[:whole].reshape(stripes), b[:whole].reshape(stripes))
    found = np.add.reduce(found, axis=0, dtype=np.float64)
    return (found + np.einsum("ij,ij->j", a[whole:], b[whole:]) if whole < count else found).reshape(left)


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
        a, w = a.reshape(-1, w.size), w.ravel()
        return sum((a[:, one] @ w[one]).astype(np.float64) for one in _lengths(w.size)).reshape(shape)
    if plain and math.prod(a.shape[:first]) == 1:
        a, w = a.reshape(w.size, -1), w.ravel()
        return sum((w[one] @ a[one]).astype(np.float64) for one in _lengths(w.size)).reshape(shape)
    return sum_over(np.multiply(a, w, out=room(99, a)), axes)
