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

# --- the guard: which blocks need care --------------------------------------------------------------------------------


def tolerance(dtype: Any) -> float:
    """The square of what a mean of centred data may be, in standard deviations: a quarter of a unit in the last."""
    return float(np.finfo(dtype).eps) ** 2 / 16


def reach(dtype: Any) -> int:
    """The power of two up to which numbers are safe, besides sums of powers that only the caller knows."""
    return safe_range(dtype) or (400 if dtype == np.float64 else 40)


def safe(v: Values, dtype: Any) -> bool:
    """Whether no power can have overflowed or lost digits at the small end."""
    most = 2.0 ** reach(dtype)
    for name in POWERS:
        if not (1 / most <= np.minimum.reduce(v[name], axis=None) and np.maximum.reduce(v[name], axis=None) <= most):
            return False
    for name in DIVISORS:
        low, high = np.minimum.reduce(v[name], axis=None), np.maximum.reduce(v[name], axis=None)
        if low < 0:
            low, high = np.minimum.reduce(np.abs(v[name]), axis=None), max(-low, high)
        if not (1 / most <= low and high <= most):
            return False
    return bool(DIVISORS) or bool(np.all(np.isfinite(v.get(CENTRE, 0.0)) & np.isfinite(v.get("squares", 0.0))))


def in_range(sums: Values, dy: Any, low: float) -> bool:
    """Whether the sums of a cotangent neither overflowed nor lost their digits at the small end."""
    large = not OF_COTANGENT
    for name in OF_COTANGENT:
        flat = sums[name].ravel()
        squares = float(flat @ flat)  # one call tells the finite from the rest, and the tiny from the rest
        if not math.isfinite(squares):
            return False
        large = large or squares > flat.size * low * low
    return large or float(np.max(np.abs(dy))) > low
