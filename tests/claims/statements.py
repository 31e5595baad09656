"""Random small statements under random assumptions, many of them true: what a user may type at a prompt."""

from __future__ import annotations

import random
from collections.abc import Callable

from symnorm.errors import SymnormError
from symnorm.tensors import (
    Relation,
    Tensor,
    absolute,
    as_tensor,
    axes,
    equal,
    maximum,
    mean,
    scalar,
    sign,
    sqrt,
    tensor,
    total,
    unequal,
)

N, C = axes("N C")
M = N.copy("M")
a, b, c = scalar("a"), scalar("b"), scalar("c")
p, q = scalar("p", positive=True), scalar("q", nonnegative=True)
z, k = scalar("z", nonzero=True), scalar("k", integer=True)
v, w, x, t = tensor("v", N), tensor("w", C), tensor("x", N, C), tensor("t", N, positive=True)

LEAVES = (a, a, b, b, c, p, q, z, k, v, w, x, t)

ONE: tuple[Callable[[Tensor], Tensor], ...] = (
    lambda e: e**2,
    lambda e: e**3,
    lambda e: e**-1,
    lambda e: -e,
    absolute,
    sign,
    sqrt,
    lambda e: sqrt(e**2),
    lambda e: sqrt(e**2 + p),
    lambda e: total(e, over=N),
    lambda e: mean(e, over=C),
    lambda e: e.rename({N: M}) if N in e.axes and M not in e.axes else e,
)
TWO: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (
    lambda e, f: e + f,
    lambda e, f: e - f,
    lambda e, f: e * f,
    lambda e, f: e / f,
    maximum,
)
PERHAPS_EQUAL: tuple[Callable[[Tensor], Tensor], ...] = (
    lambda e: sqrt(e**2),
    absolute,
    lambda e: e**2 / e,
    lambda e: mean(e, over=N),
    lambda e: sign(e) * absolute(e),
    lambda e: total(e, over=N) / N.size,
    lambda e: (e + a) - a,
    lambda e: maximum(e, 0),
    lambda e: 0 * e,
)
ABOUT_SIZES = (
    N >= 2,
    N >= 3,
    C >= 2,
    N <= 2,
    N > C,
    equal(N, 1),
    equal(N, 2),
    equal(C, 1),
    equal(N, C),
    equal(C, N),
    unequal(N, 1),
)
EQUATIONS = (
    equal(a + b, 1),
    equal(a * b, 1),
    equal(a**2, b),
    equal(absolute(a), b),
    equal(a * p, b * p),
    equal(total(v, over=N), 0),
    equal(mean(x, over=N), 0),
    equal(total(t, over=N), 1),
    equal(v, t),
    equal(p, a),
    equal(a, b),
    equal(b, a**2),
    equal(q, a - b),
    equal(z, absolute(a)),
    equal(x, w),
    equal(x, 0),
    equal(a, 0),
    equal(b, -1),
    equal(p, 0),
    a > b,
)


def expression(draw: random.Random, depth: int) -> Tensor:
    """A formula of at most this depth."""
    if depth == 0 or draw.random() < 0.25:
        return draw.choice([*LEAVES, *map(as_tensor, (0, 1, 2, -1, 3, N, C))])
    inner = expression(draw, depth - 1)
    if draw.random() < 0.5:
        return draw.choice(ONE)(inner)
    return draw.choice(TWO)(inner, expression(draw, depth - 1))


def statement(draw: random.Random) -> Relation:
    """Two sides that are equal perhaps, two sides at random, or an inequality."""
    left, kind = expression(draw, 2), draw.random()
    if kind < 0.35:
        return equal(left, draw.choice(PERHAPS_EQUAL)(left))
    if kind < 0.6:
        return equal(left, expression(draw, 1))
    return Relation.of(left, draw.choice([">=", ">", "<=", "<", "!="]), draw.choice([0, expression(draw, 1)]))


def assumption(draw: random.Random) -> Relation:
    """A sign, a bound, an equation."""
    kind = draw.random()
    if kind < 0.45:
        relation = draw.choice([">", ">=", "<", "<=", "!="])
        return Relation.of(draw.choice(LEAVES), relation, draw.choice([0, 0, 0, 1, -1, b]))
    return draw.choice(ABOUT_SIZES if kind < 0.65 else EQUATIONS)


def question(seed: str) -> tuple[tuple[Relation, ...], tuple[Relation, ...]]:
    """What is stated and what is assumed."""
    draw = random.Random(seed)
    while True:
        try:
            stated = tuple(statement(draw) for _ in range(draw.choice([1, 1, 1, 1, 2])))
            return stated, tuple(assumption(draw) for _ in range(draw.choice([0, 0, 1, 1, 2, 3])))
        except SymnormError:
            continue  # an axis that stands there already
