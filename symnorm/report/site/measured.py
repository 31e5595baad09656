"""How exact and how fast a normalizer's kernels are here and now, for its page; only if that is asked for.

The error is that of ``symnorm check``; a time is the median of a few runs in float64 at one size.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from symnorm.errors import SymnormError
from symnorm.normalizers import Normalizer
from symnorm.report.verification import compare
from symnorm.report.words import milliseconds

Measured = list[tuple[str, str]]

AVERAGED, KEPT = (128,), (64,)
REPEATS = 5


def measured(one: Normalizer) -> Measured:
    """Labelled lines: the largest error, and the times of both passes in each style.

    Raises:
        ModuleNotFoundError: autograd or NumPy is missing.
    """
    check = compare(one)
    if check.problem:
        return [("comparison with autograd", check.problem)]
    agrees = "agrees" if check.ok else "disagrees"
    where = f"{check.worst_output}, {check.worst_family}"
    error = f"{agrees}; largest relative error {check.max_relative_error:.1e} ({where})"
    return [("comparison with autograd", error), *_times(one, "reference"), *_times(one, "fast")]


def _times(one: Normalizer, style: str) -> Measured:
    """How long both passes take; nothing where the style does not cover the normalizer."""
    from symnorm.check.families import Family, case
    from symnorm.kernels import kernel

    try:
        made = kernel(one, style=style)
    except SymnormError:
        return []
    drawn = case(Family("timing", "a size to take times at", AVERAGED, KEPT), made.plan, 0)
    inputs = {**drawn.arrays, **drawn.scalars, **drawn.options}
    _, saved = made.module.forward(**inputs)
    forward = _median(lambda: made.module.forward(**inputs))
    backward = _median(lambda: made.module.backward(drawn.cotangent, saved))
    shape = " x ".join(map(str, drawn.frame.shape))
    return [(f"{style} style, {shape}", f"forward {milliseconds(forward)}, backward {milliseconds(backward)}")]


def _median(run: Callable[[], Any]) -> float:
    run()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return median(times)
