"""Inputs that textbook formulas lose their digits on, for any plan: far from 0, huge, tiny, apart, nearly constant.

In come a plan, a family and a seed, out come arrays, scalars and a cotangent; the same seed draws the same. Called by
whatever measures a kernel with :mod:`symnorm.check.accuracy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from symnorm.check.families import framed
from symnorm.check.oracle import Frame
from symnorm.kernels import Plan
from symnorm.kernels.degenerate import reductions_of
from symnorm.tensors import inputs, walk
from symnorm.tensors.tensor import OVER_AXES

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True)
class Stress:
    """One way to draw the data.

    Attributes:
        name: what a table calls it.
        center, spread: each row is center (of either sign, the same along the row) plus spread times normal numbers;
            in units of the largest (``huge``) or smallest normal number (``tiny``) of the dtype where it says so.
        unit: ``one``, ``huge`` or ``tiny``.
        eps: the value of eps.
        averaged, kept: how many elements a row has, and how many rows there are.
        change: what else is done to the rows.
        cotangent, slant: dy is this times normal numbers that slant is added to, in units of ``cotangent_unit``.
        raised, apart: dy is scaled by 2 to this part of the dtype's largest exponent, and each of its rows by another
            power between plus and minus that.
        weight: so are the data, and the parameters that are not summed over themselves.
    """

    name: str
    center: float = 0.0
    spread: float = 1.0
    unit: str = "one"
    eps: float = 1e-5
    averaged: int = 24
    kept: int = 5
    change: str = ""
    cotangent: float = 1.0
    slant: float = 0.0
    cotangent_unit: str = "one"
    raised: float = 0.0
    apart: float = 0.0
    weight: float = 0.0


STRESS: tuple[Stress, ...] = (
    Stress("benign"),
    Stress("mean 1e4", center=1e4),
    Stress("mean 1e6", center=1e6),
    Stress("constant rows", center=1e6, spread=0.0),
    Stress("constant, huge", center=0.9, spread=0.0, unit="huge"),
    Stress("small", spread=1e18, unit="tiny", eps=0.0, cotangent=1e-3),
    Stress("tiny", spread=1e8, unit="tiny", eps=0.0, cotangent=1e-12),
    Stress("tiny under eps", spread=1e8, unit="tiny"),
    Stress("squares overflow", spread=3e-20, unit="huge"),
    Stress("sums overflow", center=0.5, spread=0.1, unit="huge"),
    Stress("subnormal", spread=1e-2, unit="tiny", eps=0.0, cotangent=1e-12),
    Stress("tiny batch", averaged=3),
    Stress("pairs far away", center=1e4, averaged=2),
    Stress("one channel", center=1e4, kept=1),
    Stress("outlier", change="outlier"),
    Stress("mixed magnitudes", change="mixed"),
    Stress("alternating signs", spread=1e-3, change="alternating"),
    Stress("cotangents apart", apart=0.85),
    Stress("cotangents overflow", spread=1e3, cotangent=0.1, slant=3.0, cotangent_unit="huge"),
    Stress("cotangents vanish", spread=1e-9, eps=0.0, cotangent=1e-3, cotangent_unit="tiny"),
    Stress("products overflow", raised=0.6, weight=0.6),
    Stress("products vanish", raised=-0.6, weight=-0.6, eps=0.0),
)


@dataclass(frozen=True)
class Drawn:
    """Inputs of one family for one plan.

    Attributes:
        arrays, scalars, options: what a kernel is called with.
        cotangent: the output's.
        frame: the sizes of the axes.
    """

    arrays: Mapping[str, Any]
    scalars: Mapping[str, float]
    options: Mapping[str, int]
    cotangent: Any
    frame: Frame
    exact: dict[str, Any] = field(default_factory=dict)


def draw(plan: Plan, stress: Stress, dtype: str, seed: int = 0, frame: Frame | None = None) -> Drawn:
    """The inputs of a family: the same seed draws the same; of a frame's sizes where one is given."""
    import numpy as np

    rng = np.random.default_rng([seed, len(stress.name)])
    info = np.finfo(dtype)
    reach, units = float(info.maxexp), {"one": 1.0, "huge": float(info.max), "tiny": float(info.tiny)}
    averaged = {axis.name for over in reductions_of(*plan.equations.values()) for axis in over} or {plan.layout.axes[0]}
    summed = inputs(*(node.args[0] for node in walk(*plan.equations.values()) if node.op in OVER_AXES))
    groups = {True: stress.averaged, False: stress.kept}
    sizes: dict[str, tuple[int, ...]] = {}
    for flag, left in groups.items():
        mine = [axis for axis in plan.layout.axes if (axis in averaged) == flag]
        for axis in mine[:-1]:
            part = 2 if left % 2 == 0 and left > 2 else 1
            sizes[axis], left = (part,), left // part
        if mine:
            sizes[mine[-1]] = (left,)
    options = {"axis": 1} if plan.layout.takes_axis else {}
    split = [word.axes[0] for word in plan.layout.words if len(word.axes) > 1]
    options |= {"groups": sizes[split[0]][0]} if split else {}
    if frame is None:
        frame = framed(plan, plan.layout.shape(sizes), options, {axis: prod(size) for axis, size in sizes.items()})
    options = {name: getattr(frame, name) for name in options}
    arrays: dict[str, Any] = {}
    scalars: dict[str, float] = {}
    for name, node in plan.declared.items():
        axes = tuple(axis.name for axis in node.axes)
        if name == plan.data:
            shape = [frame.sizes[axis] if axis in axes else 1 for axis in plan.layout.axes]
            along = tuple(at for at, axis in enumerate(plan.layout.axes) if axis in averaged)
            flat = _rows(rng, stress, units[stress.unit], dtype, shape, along)
            arrays[name] = frame.unflat(np.asarray(flat * 2.0 ** (stress.weight * reach), dtype), axes)
        elif name not in plan.numbers:
            weight = 2.0 ** (stress.weight * reach) if name in plan.results and name not in summed else 1.0
            arrays[name] = (weight * rng.uniform(0.5, 2, frame.shape_over(axes))).astype(dtype)
        elif name == "eps":
            scalars[name] = stress.eps
        elif name not in plan.defaults:
            scalars[name] = 1.0
    over = tuple(axis.name for axis in plan.known[plan.output].axes)
    noise = np.clip(rng.standard_normal(frame.shape_over(over)), -4, 4) + stress.slant
    drawn = stress.cotangent * noise * units[stress.cotangent_unit]
    if stress.apart or stress.raised:
        rows = [1 if axis in averaged or axis not in over else frame.sizes[axis] for axis in plan.layout.axes]
        evenly = rng.permutation(np.linspace(-1, 1, prod(rows))).reshape(rows)
        powers = reach * (stress.raised + stress.apart * evenly)
        full = [frame.sizes[axis] if axis in over else 1 for axis in plan.layout.axes]
        drawn = drawn * frame.unflat(np.broadcast_to(2.0**powers, full), over)
    cotangent = np.asarray(drawn, dtype)
    return Drawn(arrays, scalars, options, cotangent, frame)


def _rows(
    rng: Generator, stress: Stress, unit: float, dtype: str, shape: list[int], along: tuple[int, ...]
) -> Array:
    import numpy as np

    rows = [1 if at in along else size for at, size in enumerate(shape)]
    sign = np.where(rng.random(rows) < 0.5, -1.0, 1.0)
    noise = np.clip(rng.standard_normal(shape), -4, 4)
    if stress.change == "mixed":
        noise *= 10.0 ** rng.uniform(-8, 8, shape)
    if stress.change == "alternating":
        noise += (np.indices(shape).sum(axis=0) % 2 * 2 - 1) * 1e6
    found = np.asarray(stress.center * sign + stress.spread * noise)
    if stress.change == "outlier":
        flat = np.moveaxis(found, along, range(len(along))).reshape(-1, int(np.prod(rows)))
        flat[rng.integers(len(flat))] = 1e6
        found = np.moveaxis(
            flat.reshape([shape[at] for at in along] + [size for at, size in enumerate(shape) if at not in along]),
            range(len(along)), along,
        )  # fmt: skip
    return (found * unit).astype(dtype)
