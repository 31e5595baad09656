"""What stands in front of the pasted files of a fast module: imports, and the tables that they read.

In come the functions that go through one block, out come lines. Called by :mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

from symnorm.kernels.fast import Blockwise
from symnorm.kernels.flow import LEFT
from symnorm.kernels.lines import called, dimensions, quote, tuple_of
from symnorm.tensors import inputs


def imports(head: list[str]) -> list[str]:
    """The head of the module with what the driver imports."""
    more = {
        "import math": ["import math", "from collections import deque"],
        "from collections.abc import Mapping": ["from collections.abc import Callable, Mapping, Sequence",
                                                "from concurrent.futures import ThreadPoolExecutor"],
        "from functools import partial": ["from functools import lru_cache, partial",
                                          "from itertools import product"],
    }  # fmt: skip
    return [row for line in head for row in more.get(line, [line])]


def tables(blockwise: Blockwise) -> list[str]:
    """What the driver has to know."""
    plan = blockwise.plan
    stats = dict.fromkeys(name for name in (*_statistics(blockwise), *plan.used_by_updates) if name in plan.equations)
    axes = {name: plan.known[name].axes for name in stats}
    items = [f'"{name}": {dimensions([at for axis in axes[name] for at in blockwise.dims[axis]])}' for name in stats]
    sums = [f'"{one.name}": {dimensions([at for axis in one.axes for at in blockwise.dims[axis]])}'
            for flow in (blockwise.forward, blockwise.backward) for one in flow.sums.values()]  # fmt: skip
    star = next((at for at, word in enumerate(plan.layout.words) if word.starred), None)
    split = next((at for at, word in enumerate(plan.layout.words) if len(word.axes) > 1), None)
    star = star + 1 if star is not None and split is not None and split < star else star
    leaves = [inputs(*one.atoms) for one in blockwise.forward.sums.values()]
    plain = all(set(found) <= {"rows"} for found in leaves) and all(
        one.weight is None for one in blockwise.forward.sums.values()
    )
    sweeps = bool(blockwise.along and not blockwise.forward.sums) or bool(not blockwise.along and plain)
    shifted = [name for name in blockwise.granted.shifts if name in plan.declared and name != plan.data]
    return [
        "Values = dict[str, Any]",
        f'DATA, OUTPUT, CENTRE = "{plan.data}", "{plan.output}", "{blockwise.centre if blockwise.along else ""}"',
        f"CANON: tuple[str, ...] = {tuple_of([quote(name) for name in blockwise.canon])}",
        f"STAR: int | None = {-1 if plan.layout.takes_axis else star}",
        f"KEPT: tuple[int, ...] = {dimensions(blockwise.kept)}",
        f"ALONG: tuple[int, ...] = {dimensions(blockwise.along)}",
        *called("STATISTICS: dict[str, tuple[int, ...]] = {", items, "}"),
        f"SHIFTED: tuple[str, ...] = {_names(shifted) if blockwise.along else '()'}",
        f'TWO_SWEEPS, LEAVES_MEAN, LEFT = {sweeps}, {blockwise.leaves_mean}, "{LEFT}"',
        *called("SUMS: dict[str, tuple[int, ...]] = {", sums, "}"),
        f"SUMMED: tuple[str, ...] = {_names(blockwise.summed)}",
        f"DIVISORS: tuple[str, ...] = {_names(blockwise.forward.divisors)}",
    ]


def _statistics(blockwise: Blockwise) -> list[str]:
    """The small quantities of the definition that the gradients use."""
    back = blockwise.backward
    leaves = [*back.small.values(), *back.written.values()]
    return [name for name in inputs(*leaves) if name in blockwise.plan.equations and name not in back.written]


def _names(found: list[str]) -> str:
    return tuple_of([quote(name) for name in found]) if found else "()"
