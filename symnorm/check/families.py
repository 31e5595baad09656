"""The inputs on which kernels are compared: named stress families, each with the bug that it is there for.

No family catches every bug, and the usual one, a large standard normal array, catches few: there eps, ddof and most
mean terms are lost below any loose tolerance. Sizes are small and uneven, so that a mean of 1/3 is seen. The families
stay where the answer is well conditioned (gradients that vanish in exact arithmetic have no relative error). Called by
:mod:`symnorm.check.crosscheck`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any

from symnorm.check.oracle import Frame, evaluate
from symnorm.kernels import Plan
from symnorm.kernels.degenerate import reductions_of
from symnorm.tensors import Tensor

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Array = NDArray[Any]

Fill = Callable[["Generator", tuple[int, ...]], "Array"]
Cotangent = Callable[["Generator", "Array"], "Array"]


def normal(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Standard normal numbers."""
    return rng.standard_normal(shape)


def _nonuniform(rng: Generator, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape) * 10.0 ** rng.uniform(-3, 3, shape)


def _mixed(rng: Generator, shape: tuple[int, ...]) -> Array:
    scales = 10.0 ** rng.uniform(-2, 2, [1, *shape[1:]] if len(shape) > 1 else shape)
    return (rng.standard_normal(shape) + 0.5) * scales


def _tied(rng: Generator, shape: tuple[int, ...]) -> Array:
    import numpy as np

    return np.asarray(np.clip(rng.standard_normal(shape), -0.5, 0.5))


@dataclass(frozen=True)
class Family:
    """One way to draw inputs.

    Attributes:
        name: what reports call it.
        why: the bugs that it is there for.
        averaged: sizes of the axes that the definition averages over; more than one are spatial dimensions.
        kept: sizes of the other axes.
        data: the first input.
        cotangent: the output's cotangent, from the generator and the output's direction (``x_hat``, or the output).
        scalars: values in place of the declared defaults.
        uneven: whether a covariance of the data is ill-conditioned, so that rounding errors move its eigenvectors.
    """

    name: str
    why: str
    averaged: tuple[int, ...] = (7,)
    kept: tuple[int, ...] = (5,)
    data: Fill = normal
    cotangent: Cotangent = lambda rng, direction: normal(rng, direction.shape)
    scalars: Mapping[str, float] = field(default_factory=dict)
    uneven: bool = False

    def suits(self, truth: Plan) -> bool:
        """Whether a kernel can be compared on it to many digits."""
        return not (self.uneven and truth.copies)


FAMILIES: tuple[Family, ...] = (
    Family("standard normal", "the plain case"),
    Family("spatial", "dimensions given to the wrong axis", averaged=(2, 3, 2), kept=(3,)),
    Family("many kept dimensions", "parameters laid along the wrong dimension", averaged=(5,), kept=(2, 3)),
    Family("tiny batch", "ddof, mean terms", averaged=(3,), kept=(4,)),
    Family("pairs", "mean terms at the smallest size with a variance", (2,), (3,), scalars={"eps": 0.3}),
    Family("one channel", "axes of size 1 that broadcast by accident", averaged=(6,), kept=(1,)),
    Family("mean far from zero", "uncentred moments", data=lambda rng, s: 1e3 + normal(rng, s), uneven=True),
    Family("std near eps", "the value and the place of eps", data=lambda rng, s: 3e-3 * normal(rng, s)),
    Family("mixed scales", "terms lost beside larger ones, clips", data=_mixed, uneven=True),
    Family("other scalars", "constants baked in", scalars={"eps": 0.7, "momentum": 0.35, "r_max": 1.2, "d_max": 0.3}),
    Family("dy biased", "the mean term", cotangent=lambda rng, d: 3 + normal(rng, d.shape)),
    Family("dy along the output", "the x_hat term", cotangent=lambda rng, d: d + 0.1 * normal(rng, d.shape)),
    Family("dy non-uniform", "gradients averaged over elements", cotangent=lambda rng, d: _nonuniform(rng, d.shape)),
    Family("ties", "an extremum taken to be attained once", data=_tied),
)


@dataclass(frozen=True)
class Case:
    """Concrete inputs: arrays and scalars by name, options of the layout, and the output's cotangent."""

    family: str
    frame: Frame
    arrays: Mapping[str, Array]
    scalars: Mapping[str, float]
    options: Mapping[str, int]
    cotangent: Array

    def flat(self, declared: Mapping[str, Tensor], defaults: Mapping[str, Any]) -> dict[str, Any]:
        """All inputs for the oracle, with the declared defaults where a scalar is left to the kernel."""
        names = {name: tuple(axis.name for axis in declared[name].axes) for name in self.arrays}
        flat = {name: self.frame.flat(array, names[name]) for name, array in self.arrays.items()}
        return {**defaults, **self.scalars, **flat}


def case(family: Family, truth: Plan, seed: int, frame: Frame | None = None) -> Case:
    """Draw the inputs of a family for a kernel; the same seed draws the same.

    Args:
        family: how to draw.
        truth: the formulas that say which inputs there are, and what the output's direction is.
        seed: of the random generator.
        frame: the sizes, where the family's own are not wanted.
    """
    import numpy as np

    rng = np.random.default_rng([seed, FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)])
    sizes, options = _sizes(truth, family)
    frame = frame or framed(truth, truth.layout.shape(sizes), options, {a: prod(size) for a, size in sizes.items()})
    options = {name: getattr(frame, name) for name in options}
    arrays: dict[str, Array] = {}
    scalars: dict[str, float] = {}
    for name, node in truth.declared.items():
        if name not in truth.numbers:
            shape = frame.shape_over(tuple(axis.name for axis in node.axes))
            arrays[name] = family.data(rng, shape) if name == truth.data else _parameter(rng, shape, node)
        elif name in family.scalars or name not in truth.defaults:
            scalars[name] = family.scalars.get(name, float(rng.uniform(0.5, 2)))
    drawn = Case(family.name, frame, arrays, scalars, options, np.zeros(()))
    named = evaluate(truth.equations, drawn.flat(truth.declared, truth.defaults), frame, systems=truth.systems)
    output = tuple(axis.name for axis in truth.known[truth.output].axes)
    alike = "x_hat" in truth.equations and set(truth.known["x_hat"].axes) == set(truth.known[truth.output].axes)
    direction = frame.unflat(named["x_hat" if alike else truth.output], output)
    return replace(drawn, cotangent=family.cotangent(rng, direction))


def framed(
    truth: Plan, shape: tuple[int, ...], options: Mapping[str, int], sizes: Mapping[str, int] | None = None
) -> Frame:
    """The frame of a plan's data of a shape; axes that the data lacks have the sizes given, or a few elements."""
    elsewhere = {axis: (sizes or {}).get(axis, FEW) for axis in truth.layout.elsewhere}
    copies = {axis.name: name for axis, name in truth.copies.items()}
    return Frame(truth.layout, shape, **options, copies=copies, elsewhere=elsewhere)


FEW = 3


def _parameter(rng: Generator, shape: tuple[int, ...], node: Tensor) -> Array:
    """Numbers away from zero, of both signs unless the input is declared to have one."""
    import numpy as np

    size = np.asarray(rng.uniform(0.5, 2, shape))
    one_sign = node.data.positive or node.data.nonnegative
    return size if one_sign else size * np.where(rng.random(shape) < 0.5, -1.0, 1.0)


def _sizes(truth: Plan, family: Family) -> tuple[dict[str, tuple[int, ...]], dict[str, int]]:
    """Sizes for each axis of the layout, and what the kernel has to be told of them."""
    layout = truth.layout
    averaged = {axis.name for over in reductions_of(*truth.equations.values()) for axis in over}
    averaged = averaged or {layout.own[0].axes[0]}
    starred = {word.axes[0] for word in layout.words if word.starred}
    sizes: dict[str, tuple[int, ...]] = {}
    for wanted, group in ((family.averaged, averaged), (family.kept, set(layout.axes) - averaged)):
        for more, axis in enumerate(axis for axis in layout.axes if axis in group):
            sizes[axis] = (wanted[0] + more, *wanted[1:]) if axis in starred else (prod(wanted) + more,)
    for axis in truth.copies.values():  # a covariance is invertible, and has no eigenvalue twice, with more samples
        for other in averaged - {axis, *(copy.name for copy in truth.copies)}:
            sizes[other] = (max(prod(sizes[other]), 3 * prod(sizes[axis]) + 1),)
    options = {"axis": len(sizes[layout.own[0].axes[0]])} if layout.takes_axis else {}
    split = [word.axes[0] for word in layout.words if len(word.axes) > 1]
    return sizes, options | ({"groups": sizes[split[0]][0]} if split else {})
