"""What stands in front of the pasted files of a fast module: imports, and the tables that they read.

In come the functions that go through one block, out come lines. Called by :mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

from symnorm.kernels.fast import Blockwise
from symnorm.kernels.fast_sums import of_cotangent, with_power
from symnorm.kernels.lines import called, dimensions, quote, tuple_of
from symnorm.kernels.pieces import LEFT
from symnorm.tensors import Axis, inputs


def imports(head: list[str]) -> list[str]:
    """The head of the module with what the driver imports."""
    more = {
        "import math": [
            "import ctypes",
            "import math",
            "import os",
            "import threading",
            "from collections import deque",
        ],
        "from collections.abc import Callable, Mapping, Sequence": [
            "from collections.abc import Callable, Iterator, Mapping, Sequence",
            "from concurrent.futures import ThreadPoolExecutor",
            "from contextlib import contextmanager, suppress",
        ],
        "from functools import partial": ["from functools import lru_cache, partial",
                                          "from itertools import product"],
    }  # fmt: skip
    return [row for line in head for row in more.get(line, [line])]


def tables(blockwise: Blockwise) -> list[str]:
    """What the driver has to know."""
    plan = blockwise.plan
    axes = _statistics(blockwise)
    items = [f'"{name}": {dimensions([at for axis in axes[name] for at in blockwise.dims[axis]])}' for name in axes]
    coefficients = [quote(name) for name in blockwise.coefficients]
    flows = (blockwise.forward, blockwise.backward)
    extrema = [f'"{one.name}": np.{one.ufunc}' for flow in flows for one in flow.sums.values() if one.ufunc != "add"]
    sums = [f'"{one.name}": {dimensions([at for axis in one.axes for at in blockwise.dims[axis]])}'
            for flow in flows for one in flow.sums.values()]  # fmt: skip
    across = [at for at in range(len(blockwise.canon)) if at not in blockwise.kept]
    of_rows = _of_rows(blockwise, set(across))
    shifted = [name for name in blockwise.granted.shifts if name in plan.declared and name != plan.data]
    return [
        "Values = dict[str, Any]",
        f'DATA, OUTPUT, CENTRE = "{plan.data}", "{plan.output}", "{blockwise.centre}"',
        f"CANON: tuple[str, ...] = {tuple_of([quote(name) for name in blockwise.canon])}",
        f"KEPT: tuple[int, ...] = {dimensions(blockwise.kept)}",
        f"ACROSS: tuple[int, ...] = {dimensions(across or range(len(blockwise.canon)))}",
        f"ALONG: tuple[int, ...] = {dimensions(blockwise.along)}",
        *called("STATISTICS: dict[str, tuple[int, ...]] = {", items, "}"),
        f"SHIFTED: tuple[str, ...] = {_names(shifted) if blockwise.along else '()'}",
        f'LEAVES_MEAN, LEFT = {blockwise.leaves_mean}, "{LEFT}"',
        *called("SUMS: dict[str, tuple[int, ...]] = {", sums, "}"),
        *called("EXTREMA: dict[str, Any] = {", extrema, "}"),
        f"OF_COTANGENT: tuple[str, ...] = {_names(of_cotangent(blockwise.backward, plan.cotangent))}",
        *called("COEFFICIENTS: tuple[str, ...] = (", coefficients, ",)" if len(coefficients) == 1 else ")"),
        f"WEIGHTS: tuple[str, ...] = {_names(blockwise.bodies.weights)}",
        f"OF_ROWS: tuple[str, ...] = {_names(of_rows)}",
        f"POWERS: tuple[str, ...] = {_names(with_power(blockwise.forward))}",
        f"SUMMED: tuple[str, ...] = {_names(blockwise.summed)}",
        f"DIVISORS: tuple[str, ...] = {_names(blockwise.forward.divisors)}",
    ]


def _statistics(blockwise: Blockwise) -> dict[str, tuple[Axis, ...]]:
    """The small quantities of forward that the gradients, or the new running statistics, use; with their axes."""
    plan, back = blockwise.plan, blockwise.backward
    leaves = inputs(*back.small.values(), *back.written.values())
    own = {one.name: tuple(axis for axis in blockwise.full if axis not in one.axes)
           for one in blockwise.forward.sums.values()}  # fmt: skip
    named = {name: plan.known[name].axes for name in plan.equations if name not in back.written}
    used = dict.fromkeys((*leaves, *plan.used_by_updates))
    return {name: {**own, **named}[name] for name in used if name in own or name in named}


def _of_rows(blockwise: Blockwise, across: set[int]) -> list[str]:
    """The sums of a cotangent along rows, or along the same parts of them; those where a row is one element."""
    dims = {one.name: {at for axis in one.axes for at in blockwise.dims[axis]}
            for one in blockwise.backward.sums.values()}  # fmt: skip
    names = of_cotangent(blockwise.backward, blockwise.plan.cotangent)
    within = [dims[name] for name in names if dims[name] <= across or not across]
    wanted = max(within, key=len, default=set())
    return [name for name in names if dims[name] == wanted]


def _names(found: list[str]) -> str:
    return tuple_of([quote(name) for name in found]) if found else "()"
