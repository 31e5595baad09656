"""Random tensor graphs and random points, for properties that hold of every formula."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import strategies as st

from symnorm.evaluate import ConcreteLoss, Model
from symnorm.normalizers.naming import LetName
from symnorm.tensors import (
    Axis,
    Loss,
    Tensor,
    absolute,
    axes,
    clip,
    delta,
    inputs,
    maximum,
    mean,
    minimum,
    scalar,
    sign,
    sqrt,
    stop_gradient,
    tensor,
    total,
    walk,
)

N, C = axes("N C")
M = N.copy("M")

INPUTS = (
    tensor("x", N, C),
    tensor("w", C),
    tensor("v", N),
    scalar("s"),
    scalar("p", positive=True),
    tensor("q", C, nonnegative=True),
    tensor("z", N, nonzero=True),
)


def named(value: Tensor) -> Tensor:
    """A named quantity."""
    return Tensor("let", (value,), value.axes, LetName("named", value))


def other(x: Tensor) -> Tensor:
    """The same numbers over the copy of N, or back, or with both exchanged."""
    renaming = {old: new for old, new in ((N, M), (M, N)) if old in x.axes}
    return x.rename(renaming) if renaming else x


TWO: dict[str, Any] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "maximum": maximum,
    "minimum": minimum,
    "clip": lambda a, b: clip(a, -1, b),
}
ONE: dict[str, Any] = {
    "neg": lambda x: -x,
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "reciprocal": lambda x: x**-1,
    "zeroth power": lambda x: x**0,
    "plus one": lambda x: x + 1,
    "less one": lambda x: x - 1,
    "sqrt": lambda x: sqrt(absolute(x)),
    "half power": lambda x: (x**2 + 1) ** Fraction(-1, 2),
    "abs": absolute,
    "sign": sign,
    "total N": lambda x: total(x, over=N),
    "total NC": lambda x: total(x, over=(N, C)),
    "mean C": lambda x: mean(x, over=C),
    "mean N": lambda x: mean(x, over=N),
    "centred": lambda x: x - mean(x, over=N),
    "twice": lambda x: x * x,
    "less itself": lambda x: x - x,
    "by itself": lambda x: x / x,
    "size": lambda x: x * N.size,
    "sizes": lambda x: x * (N.size * C.size - 2),
    "stop": stop_gradient,
    "let": named,
    "other": other,
    "pick": lambda x: delta(N, M) * x,
    "diagonal": lambda x: total(delta(N, M) * x, over=M),
    "loss": lambda x: Loss("L").cotangent(x) if x.axes == (N, C) else x,
}


@st.composite
def graphs(draw: st.DrawFn, steps: int = 6, one: Iterable[str] = tuple(ONE), two: Iterable[str] = tuple(TWO)) -> Tensor:
    """A graph in which any node may be used again."""
    unary, binary = list(one), list(two)
    pool: list[Tensor] = [draw(st.sampled_from(INPUTS))]
    for _ in range(draw(st.integers(1, steps))):
        op = draw(st.sampled_from([*binary, *binary, *unary]))
        latest = pool[-1]
        pool.append(TWO[op](latest, draw(st.sampled_from([*INPUTS, *pool]))) if op in TWO else ONE[op](latest))
    return pool[-1]


def extent(axis: Axis, sizes: Mapping[str, int]) -> int:
    """The number of elements along an axis."""
    return int(axis.size.xreplace({symbol: sizes[str(symbol)] for symbol in axis.size.free_symbols}))


VALUES = [Fraction(n, 2) for n in (-6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6)]


def point(seed: object, sizes: Mapping[str, int], *roots: Tensor, signs: Mapping[str, str] | None = None) -> Model:
    """Random numbers of the declared signs for all inputs of the roots; ``signs`` narrows them, ``{"v": ">"}``."""
    draw = random.Random(str(seed))
    scalars: dict[str, Fraction] = {}
    tensors: dict[str, dict[tuple[int, ...], Fraction]] = {}
    for name, leaf in inputs(*roots).items():
        values = [value for value in VALUES if _fits(leaf, value) and _has((signs or {}).get(name, ""), value)]
        if not leaf.axes:
            scalars[name] = draw.choice(values)
            continue
        places = product(*(range(1, extent(axis, sizes) + 1) for axis in leaf.axes))
        tensors[name] = {at: draw.choice(values) for at in places}
        if leaf.data.symmetric:
            tensors[name] = {at: tensors[name][min(at, at[::-1])] for at in tensors[name]}
    losses = {node.data: ConcreteLoss(draw.randrange(1000)) for node in walk(*roots) if node.op == "cotangent"}
    return Model(dict(sizes), scalars, tensors, losses)


def _fits(leaf: Tensor, value: Fraction) -> bool:
    data = leaf.data
    return (
        (not data.positive or value > 0)
        and (not data.nonnegative or value >= 0)
        and (not data.nonzero or value != 0)
        and (not data.integer or value.denominator == 1)
    )


def _has(sign: str, value: Fraction) -> bool:
    return {"": True, ">": value > 0, ">=": value >= 0, "<": value < 0, "!=": value != 0}[sign]
