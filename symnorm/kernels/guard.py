"""The guard: whether the quick formulas may be believed, read off the sums and statistics that a block has anyway.

The text below the marker is pasted into every fast module after :mod:`symnorm.kernels.blocks`; it stands here as a
module so that it is linted, typed and tested like the rest. The tables above the marker are a module's own.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from symnorm.kernels.blocks import Values
from symnorm.kernels.care import safe_range

CENTRE = "mu"
DIVISORS: tuple[str, ...] = ("inverse_1",)
POWERS: tuple[str, ...] = ("sum_1",)
OF_COTANGENT: tuple[str, ...] = ("sum_2",)
COEFFICIENTS: tuple[str, ...] = ("factor_1",)
WEIGHTS: tuple[str, ...] = ("gamma",)
OF_ROWS: tuple[str, ...] = ("sum_2",)
ACROSS: tuple[int, ...] = (1,)

# --- the guard: which blocks need care --------------------------------------------------------------------------------


def tolerance(dtype: Any) -> float:
    """The square of what a mean of centred data may be, in standard deviations: a quarter of a unit in the last."""
    return float(np.finfo(dtype).eps) ** 2 / 16


class Reach(NamedTuple):
    """How far numbers may be from 1, most as powers of two.

    Attributes:
        most: what divides, and sums of powers that only the caller knows.
        end: anything.
        least: the smallest number with all its digits.
        low: a cotangent, at the small end.
        up, down: where products of weights are; those that are 0 are left out.
    """

    most: float
    end: int
    least: int
    low: int
    up: int
    down: int


def reach(values: Values, dtype: Any) -> Reach:
    """How far the numbers of a call may be from 1."""
    info, power = np.finfo(dtype), safe_range(dtype) or (400 if dtype == np.float64 else 40)
    up = down = 0
    for name in WEIGHTS:
        size = np.abs(values[name])
        up += max(0, math.frexp(np.maximum.reduce(size, axis=None))[1])
        down += min(0, math.frexp(np.minimum.reduce(size, axis=None, where=size > 0, initial=1.0))[1])
    return Reach(2.0**power, int(info.maxexp) - 16, int(info.minexp) + 6, -(power * 3 // 2), up, down)


def safe(v: Values, far: Reach) -> tuple[float, float] | None:
    """Whether no power, and no quotient of a weight, can have overflowed or lost digits at the small end; None if not.

    Returns:
        What the largest of a row of a cotangent has to be to keep its digits, and sums of it with rows to prove that.
    """
    small = large = 0
    for name in (*POWERS, *DIVISORS):
        low, high = float(np.minimum.reduce(v[name], axis=None)), float(np.maximum.reduce(v[name], axis=None))
        if low < 0:
            low, high = float(np.minimum.reduce(np.abs(v[name]), axis=None)), max(-low, high)
        if not (1 / far.most <= low and high <= far.most):
            return None
        if name in DIVISORS:
            a, b = math.frexp(low)[1], math.frexp(high)[1]
            if max(-a, b) + far.up > far.end or far.down - max(-a, b) < -far.end:  # of a row as of what divides it
                return None
            small, large = max(small, b), max(large, -a)
    if not DIVISORS and not np.all(np.isfinite(v.get(CENTRE, 0.0)) & np.isfinite(v.get("squares", 0.0))):
        return None
    power = min(max(far.low, far.least + max(2 * large, small) - far.down), 900)
    return 2.0**power, 2.0 ** min(power + large + 12 * bool(large), 1000)


def in_range(v: Values, dy: Any, low: Any) -> bool:
    """Whether sums of a cotangent, and what it is multiplied by, are finite, and no row of it so small as to vanish."""
    for name in COEFFICIENTS:
        if not math.isfinite(np.add.reduce(v[name], axis=None)):
            return False
    for name in OF_COTANGENT:
        if name not in OF_ROWS and not math.isfinite(np.add.reduce(v[name], axis=None)):
            return False
    if OF_ROWS:
        rows = np.abs(v[OF_ROWS[0]])
        for name in OF_ROWS[1:]:
            rows = np.maximum(rows, np.abs(v[name]))
        if not math.isfinite(np.maximum.reduce(rows, axis=None)):
            return False
        if np.minimum.reduce(np.maximum.reduce(rows, axis=ACROSS), axis=None) > low[1]:
            return True
    if not OF_COTANGENT:
        return True
    most = np.maximum.reduce(dy, axis=ACROSS), -np.minimum.reduce(dy, axis=ACROSS)  # sums may cancel: a closer look
    size = np.maximum(*most)
    return not np.any((size > 0) & (size < low[0]))
