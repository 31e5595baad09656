"""The guard: whether the quick formulas may be believed, read off the sums and statistics that a block has anyway.

The text below the marker is pasted into every fast module after :mod:`symnorm.kernels.blocks`; it stands here as a
module so that it is linted, typed and tested like the rest. The tables above the marker are a module's own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from symnorm.kernels.blocks import Values
from symnorm.kernels.care import safe_range

CENTRE = "mu"
DIVISORS: tuple[str, ...] = ("inverse_1",)
POWERS: tuple[str, ...] = ("sum_1",)
OF_COTANGENT: tuple[str, ...] = ("sum_2",)
COEFFICIENTS: tuple[str, ...] = ("factor_1",)
WEIGHTS: tuple[str, ...] = ("gamma",)
SUMS: dict[str, tuple[int, ...]] = {"sum_2": (1,)}
ACROSS: tuple[int, ...] = (1,)

# --- the guard: which blocks need care --------------------------------------------------------------------------------


def tolerance(dtype: Any) -> float:
    """The square of what a mean of centred data may be, in standard deviations: a quarter of a unit in the last."""
    return float(np.finfo(dtype).eps) ** 2 / 16


def reach(dtype: Any) -> int:
    """The power of two up to which numbers are safe, besides sums of powers that only the caller knows."""
    return safe_range(dtype) or (400 if dtype == np.float64 else 40)


def weighed(values: Values) -> tuple[int, int]:
    """The powers of two between which the products of weights are, those that are 0 left out."""
    up = down = 0
    for name in WEIGHTS:
        size = np.abs(values[name])
        up += max(0, math.frexp(np.maximum.reduce(size, axis=None))[1])
        down += min(0, math.frexp(np.minimum.reduce(size, axis=None, where=size > 0, initial=1.0))[1])
    return up, down


def safe(v: Values, dtype: Any, weights: tuple[int, int]) -> bool:
    """Whether no power, and no quotient of a weight, can have overflowed or lost digits at the small end."""
    most, end = 2.0 ** reach(dtype), int(np.finfo(dtype).maxexp) - 16
    for name in POWERS:
        if not (1 / most <= np.minimum.reduce(v[name], axis=None) and np.maximum.reduce(v[name], axis=None) <= most):
            return False
    up, down = weights
    for name in DIVISORS:
        low, high = np.minimum.reduce(v[name], axis=None), np.maximum.reduce(v[name], axis=None)
        if low < 0:
            low, high = np.minimum.reduce(np.abs(v[name]), axis=None), max(-low, high)
        if not (1 / most <= low and high <= most):
            return False
        far = max(abs(math.frexp(low)[1]), abs(math.frexp(high)[1]))  # of a row as much as of what divides it
        if far + up > end or down - far < -end:
            return False
    return bool(DIVISORS) or bool(np.all(np.isfinite(v.get(CENTRE, 0.0)) & np.isfinite(v.get("squares", 0.0))))


def lowest(v: Values, dtype: Any, weights: tuple[int, int]) -> tuple[float, float]:
    """What the largest of a row of a cotangent has to be to keep its digits, and sums of it with rows to prove that."""
    ends = [math.frexp(ufunc(np.abs(v[name]), axis=None))[1] for name in DIVISORS
            for ufunc in (np.minimum.reduce, np.maximum.reduce)]  # fmt: skip
    large, small = max([0, *(-end for end in ends)]), max([0, *ends])  # of what divides
    power = int(np.finfo(dtype).minexp) + 6 + max(2 * large, small) - weights[1]
    power = min(max(-(reach(dtype) * 3 // 2), power), 900)
    return 2.0**power, 2.0 ** min(power + large + 12 * bool(large), 1000)


def in_range(v: Values, dy: Any, low: Any) -> bool:
    """Whether sums of a cotangent, and what it is multiplied by, are finite, and no row of it so small as to vanish."""
    for name in COEFFICIENTS:
        if not math.isfinite(np.add.reduce(v[name], axis=None)):
            return False
    rows: Any = 0.0
    for name in OF_COTANGENT:
        size = np.abs(v[name])
        if not math.isfinite(np.add.reduce(size, axis=None)):
            return False
        if set(SUMS[name]) <= set(ACROSS):
            rows = np.maximum(rows, np.maximum.reduce(size, axis=ACROSS, keepdims=True))
    if np.minimum.reduce(rows, axis=None) > low[1]:
        return True
    most = np.maximum.reduce(dy, axis=ACROSS), -np.minimum.reduce(dy, axis=ACROSS)  # sums may cancel: a closer look
    size = np.maximum(*most)
    return not np.any((size > 0) & (size < low[0]))
