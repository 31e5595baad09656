"""The check that every rule has to pass: derivatives by the package against derivatives by number, element by element.

:func:`disagreements` lists what differs, so that a test of the package asserts an empty list and a test of the check
itself plants a wrong rule and asserts that the list is not.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import numpy as np

from symnorm.calculus import jvp, vjp
from symnorm.tensors import Axis, Tensor, inputs, tensor, walk
from tests.calculus.by_number import Algebra, Complex, Exact, evaluate, full, length


class Sizes(dict[str, int]):
    """Sizes by name, 2 for an axis that is not named."""

    def __missing__(self, name: str) -> int:
        return 2


SIZES = Sizes(N=3)  # two samples lie at one distance from their mean: a tie
TRANSCENDENTAL = {"sqrt", "exp", "log", "erf"}

Point = Mapping[str, np.ndarray]


def point(nodes: Iterable[Tensor], seed: int, sizes: Mapping[str, int] = SIZES) -> dict[str, np.ndarray]:
    """Random fractions for inputs, all different in absolute value: no zero and no tie among them by chance."""
    rng = random.Random(seed)
    found = {}
    for node in nodes:
        shape = [length(axis, sizes) for axis in node.axes]
        magnitudes = rng.sample(range(3, 90), int(np.prod(shape)))
        signs = [1 if node.data.positive or node.data.nonnegative else rng.choice((-1, 1)) for _ in magnitudes]
        array = np.empty(len(magnitudes), dtype=object)
        array[:] = [Fraction(a * b, 30) for a, b in zip(signs, magnitudes, strict=True)]
        found[node.data.name] = array.reshape(shape)
    return found


def numbers(values: Point, slopes: Point, algebra: Algebra) -> dict[str, np.ndarray]:
    """The inputs in an algebra, those in ``slopes`` moving."""
    found = {}
    for name, array in values.items():
        moved = slopes.get(name)
        result = np.empty(array.shape, dtype=object)
        for place in np.ndindex(array.shape):
            result[place] = algebra.number(array[place], 0 if moved is None else moved[place])
        found[name] = result
    return found


def algebra_of(*roots: Tensor) -> Algebra:
    """Exact fractions where the graph is rational."""

    def rational(node: Tensor) -> bool:
        if node.op == "pow":
            power = node.args[1]
            return power.op == "const" and bool(power.data.is_Integer)
        if node.op == "const":
            return node.data.is_rational is True
        return node.op not in TRANSCENDENTAL

    return Exact if all(map(rational, walk(*roots))) else Complex


def moved(
    output: Tensor, values: Point, slopes: Point, algebra: Algebra, sizes: Mapping[str, int] = SIZES
) -> np.ndarray:
    """The derivative of the output along a direction, by number."""
    found = evaluate(output, numbers(values, slopes, algebra), sizes, algebra)
    return mapped(algebra.slope, found)


def plain(output: Tensor, values: Point, algebra: Algebra, sizes: Mapping[str, int] = SIZES) -> np.ndarray:
    """The value of a graph."""
    return mapped(algebra.real, evaluate(output, numbers(values, {}, algebra), sizes, algebra))


def along(
    axes: tuple[Axis, ...], found: Tensor, values: Point, algebra: Algebra, sizes: Mapping[str, int] = SIZES
) -> np.ndarray:
    """The value of a graph with the given axes in the given order, repeated along those that it lacks."""
    return full(plain(found, values, algebra, sizes), found.axes, axes, sizes)


def mapped(function: Any, array: np.ndarray) -> np.ndarray:
    """A function of each element."""
    found = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        found[place] = function(array[place])
    return found


def subsets(axes: tuple[Axis, ...]) -> list[tuple[Axis, ...]]:
    """All axes first, none last."""
    return list(chain.from_iterable(combinations(axes, size) for size in range(len(axes), -1, -1)))


def disagreements(output: Tensor, wrt: list[Tensor], seed: int = 0, values: Point | None = None) -> list[str]:
    """Where reverse or forward mode differs from the derivative by number, over every kind of cotangent and tangent."""
    values = dict(values or point(inputs(output).values(), seed))
    algebra = algebra_of(output)
    assert wrt, "nothing to differentiate by"
    jacobian = {t.data.name: _jacobian(output, t, values, algebra) for t in wrt}
    return [
        *_reverse(output, wrt, values, algebra, jacobian, seed),
        *_forward(output, wrt, values, algebra, jacobian, seed),
    ]


def _jacobian(output: Tensor, t: Tensor, values: Point, algebra: Algebra) -> dict[tuple[int, ...], np.ndarray]:
    found = {}
    for place in np.ndindex(values[t.data.name].shape):
        unit = np.full(values[t.data.name].shape, Fraction(0), dtype=object)
        unit[place] = Fraction(1)
        found[place] = moved(output, values, {t.data.name: unit}, algebra)
    return found


def _reverse(
    output: Tensor, wrt: list[Tensor], values: dict[str, np.ndarray], algebra: Algebra, jacobian: Any, seed: int
) -> Iterable[str]:
    for carried in subsets(output.axes):
        cotangent = tensor("cotangent_", *carried)
        weights = point([cotangent], seed + 1)
        found = vjp(output, cotangent, wrt)
        weight = along(output.axes, cotangent, weights, algebra)
        for t in wrt:
            adjoint = found.of(t)
            if not set(adjoint.axes) <= set(t.axes):
                yield f"reverse: the adjoint of {t.data.name} over {t.axes} has axes {adjoint.axes}"
                continue
            got = along(t.axes, adjoint, values | weights, algebra)
            for place, column in jacobian[t.data.name].items():
                expected = (weight * column).sum() if weight.shape else weight[()] * column[()]
                if not algebra.close(got[place], expected):
                    yield f"reverse: cotangent over {carried}, d{t.data.name}{place} = {got[place]}, not {expected}"


def _forward(
    output: Tensor, wrt: list[Tensor], values: dict[str, np.ndarray], algebra: Algebra, jacobian: Any, seed: int
) -> Iterable[str]:
    for t in wrt:
        for carried in subsets(t.axes):
            tangent = tensor("tangent_", *carried)
            weights = point([tangent], seed + 2)
            change = jvp(output, {t.data.name: tangent})
            if not set(change.axes) <= set(output.axes):
                yield f"forward: the tangent of an output over {output.axes} has axes {change.axes}"
                continue
            got = along(output.axes, change, values | weights, algebra)
            weight = along(t.axes, tangent, weights, algebra)
            expected = sum(weight[place] * column for place, column in jacobian[t.data.name].items())
            for place in np.ndindex(got.shape):
                if not algebra.close(got[place], np.asarray(expected, dtype=object)[place]):
                    yield f"forward: tangent of {t.data.name} over {carried}: {got[place]} at {place}"
