"""Functions of a few lines that go through slabs of the data: what the fast style does where a formula has matrices.

The text below the marker is pasted into such fast modules after :mod:`symnorm.kernels.blocks`; it stands here as a
module so that it is linted, typed and tested like the rest. Nothing in symnorm imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symnorm.kernels.blocks import BLOCK_BYTES, Values, run
from symnorm.kernels.sums import Room

# --- slabs: lines of formulas, a few rows of the data at a time -------------------------------------------------------

Lines = Callable[..., tuple[list[Any], list[Any]]]


def in_slabs(lines: Lines, arrays: Sequence[Any], at: int, threads: int) -> tuple[list[Any], list[Any]]:
    """What some lines make of slabs of arrays, cut across dimension ``at``: arrays put together, and sums added up."""
    size = max(array.shape[at] for array in arrays)
    bytes_a_row = max(array.size * array.itemsize // array.shape[at] for array in arrays)
    step = -(-size // max(1, -(-size * bytes_a_row // BLOCK_BYTES)))
    before = (slice(None),) * at
    cuts = [(*before, slice(start, min(start + step, size))) for start in range(0, size, step)]

    def slab(array: Any, one: tuple[slice, ...]) -> Any:
        return array[one] if array.shape[at] > 1 else array

    parts, first = lines(*(slab(array, cuts[0]) for array in arrays))
    wholes = [np.empty((*part.shape[:at], size, *part.shape[at + 1 :]), part.dtype) for part in parts]
    for whole, part in zip(wholes, parts, strict=True):
        whole[cuts[0]] = part

    def work(_: int, one: tuple[slice, ...], room: Room, sums: Values) -> None:
        found, added = lines(*(slab(array, one) for array in arrays))
        for whole, part in zip(wholes, found, strict=True):
            whole[one] = part
        for number, value in enumerate(added):
            sums[str(number)] = sums.get(str(number), 0.0) + value.astype(np.float64)

    rest = run(work, cuts[1:], threads) if len(cuts) > 1 else {}
    dtype = arrays[0].dtype
    return wholes, [(value + rest.get(str(number), 0.0)).astype(dtype) for number, value in enumerate(first)]
