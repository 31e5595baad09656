r"""Quantities that are visibly not negative, of which the gap of an inequality may be made up.

In come gaps, out come candidates, each with how many elements it is a mean over. What a statement averages gives

- spreads ``mean((u - mean(u))^2)``, squares over pairs ``mean((u_n v_m - u_m v_n)^2)``, products of different places;
- parts above zero ``|u| (1 + sign u)^2``, and what absolute values add up to more than that of the sum;
- distances from the largest and from the least, products of them, and both where another extremum is attained.

Of numbers come the parts above zero of what absolute values are taken of; of two lengths, how far their directions are
apart. Nothing here is believed by anyone: see :mod:`symnorm.claims.guesses`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import sympy as sp

from symnorm.tensors import (
    Axis,
    Tensor,
    absolute,
    amax,
    amin,
    as_tensor,
    at_max,
    at_min,
    delta,
    inputs,
    mean,
    sign,
    total,
    walk,
)
from symnorm.tensors.tensor import OVER_AXES

MOST_VECTORS = 4
ONE = as_tensor(1)
EXTREMA = {"amax", "amin"}


def averaged(gap: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Quantities that are visibly not negative, of what a gap averages, as means; and how many elements they are of."""
    seen, there_are = set(), {node.op for node in walk(gap)}
    for node in walk(gap):
        if node.op not in OVER_AXES:
            continue
        candidates = [*inputs(node).values(), node.args[0]]
        vectors = {repr(one): one for one in candidates if set(node.data) <= set(one.axes)}
        key = (node.data, *vectors)
        if vectors and key not in seen:
            seen.add(key)
            size = as_tensor(sp.Mul(*[axis.size for axis in node.data]))
            yield from ((block, size) for block in _over(node.data, [*vectors.values()][:MOST_VECTORS]))
            own = [one for one in vectors.values() if one.op == "input"][:MOST_VECTORS]
            if "abs" in there_are:
                yield from ((block, size) for block in _of_sizes(node.data, own))
            if there_are & EXTREMA:
                yield from ((block, size) for block in _between_extrema(node.data, own))
                yield from ((block, size) for block in _of_sums(node.data, own, "abs" in there_are))
            if there_are & EXTREMA and "abs" in there_are:
                yield from ((block, size) for block in _inside_largest_size(node.data, own))


def of_absolute_values(gap: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Parts above zero of what absolute values are taken of, and of products of two of them."""
    found = {repr(node.args[0]): node.args[0] for node in walk(gap) if node.op == "abs" and not node.axes}
    some = [*found.values()][:MOST_VECTORS]
    for u in some:
        yield from ((absolute(u) * (1 + one) ** 2, ONE) for one in (sign(u), -sign(u)))
    for u, v in combinations(some, 2):
        yield from ((absolute(u) * absolute(v) * (sign(u) + other) ** 2, ONE) for other in (sign(v), -sign(v)))


def between_directions(gap: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """``sum (|v| u - |u| v)^2 / (|u| |v|)``, which is twice ``|u| |v| - u v``, for the vectors that lengths are of."""
    lengths = {}
    for node in walk(gap):
        square = node.args[0].args[0] if node.op == "sqrt" and node.args[0].op == "total" else None
        if square is not None and square.op == "pow" and set(node.args[0].data) == set(square.axes):
            lengths[repr(node)] = (node, square.args[0])
    for (r, u), (s, v) in combinations([*lengths.values()][:MOST_VECTORS], 2):
        if u.axes == v.axes:
            yield total((s * u - r * v) ** 2, u.axes) / (r * s), ONE


def _over(axes: tuple[Axis, ...], vectors: Sequence[Tensor]) -> Iterator[Tensor]:
    """The blocks of some vectors."""
    others, both = _elsewhere(axes, vectors)
    for u in vectors:
        there = u.rename(others)
        yield mean((u - mean(u, axes)) ** 2, axes)
        yield from (mean(amax(u, axes) - u, axes), mean(u - amin(u, axes), axes))
        for one, other in ((sign(u), sign(there)), (-sign(u), -sign(there))):
            yield mean(absolute(u) * (1 + one) ** 2, axes)
            yield mean(absolute(u) * absolute(there) * (sign(u) + other) ** 2, both)
        yield from (mean(u**2, axes), mean(u, axes) ** 2)
    for u, v in combinations(vectors, 2):
        yield mean((u * v.rename(others) - u.rename(others) * v) ** 2, both)
        for w in (u - v, u + v):
            yield from (mean(w**2, axes), mean((w - mean(w, axes)) ** 2, axes))


def _of_sizes(axes: tuple[Axis, ...], vectors: Sequence[Tensor]) -> Iterator[Tensor]:
    """Blocks of absolute values: what they are more than others, and products of those at different places."""
    others, both = _elsewhere(axes, vectors)
    for u in vectors:
        size, largest = absolute(u), amax(absolute(u), axes)
        away = size.rename(others)
        yield mean(_more_than_of_sum(u, -mean(u, axes)), axes)
        yield mean(size * _unlike(sign(u), sign(mean(u, axes))), axes)
        yield from (mean(size * (largest - size), axes), mean((largest - size) * (largest + size), axes))
        if len(axes) == 1:
            apart = (1 - delta(*both)) ** 2
            yield from (mean(size * away * apart, both), mean(at_max(size, axes) * away * apart, both))
    for u, v in combinations(vectors, 2):
        yield from (mean(_more_than_of_sum(u, other), axes) for other in (v, -v))
        size, other_size = absolute(u), absolute(v)
        yield mean((size * other_size.rename(others) - size.rename(others) * other_size) ** 2, both)
        yield from (mean(size * other_size * (sign(u) + other) ** 2, axes) for other in (sign(v), -sign(v)))
        for one, two in ((size, other_size), (other_size, size)):
            yield mean(one * (amax(two, axes) - two), axes)


def _between_extrema(axes: tuple[Axis, ...], vectors: Sequence[Tensor]) -> Iterator[Tensor]:
    """How far inside the range vectors are: each element, and the mean from the middle."""
    for u in vectors:
        most, least = amax(u, axes), amin(u, axes)
        yield from (mean((most - u) * (u - least), axes), (most + least - 2 * mean(u, axes)) ** 2)


def _inside_largest_size(axes: tuple[Axis, ...], vectors: Sequence[Tensor]) -> Iterator[Tensor]:
    """How far extrema are from the largest absolute value, on either side, and the products of both distances."""
    for u in vectors:
        size, size_of_all = absolute(u), amax(absolute(u), axes)
        for place in (at_max(u, axes), at_min(u, axes)):
            inside = mean(place * (size_of_all - size), axes)
            below, above = (inside + mean(place * size * (1 + side) ** 2, axes) / 2 for side in (-sign(u), sign(u)))
            yield from (below, above, below * above)


def _of_sums(axes: tuple[Axis, ...], vectors: Sequence[Tensor], of_sizes: bool) -> Iterator[Tensor]:
    """What the extrema of two vectors are more than that of their sum: what they lack where the sum attains its own."""
    for u, v in ((one, other) for one, two in combinations(vectors, 2) for other in (two, -two)):
        most, least = at_max(u + v, axes), at_min(u + v, axes)
        yield mean(most * (amax(u, axes) - u), axes) + mean(most * (amax(v, axes) - v), axes)
        yield mean(least * (u - amin(u, axes)), axes) + mean(least * (v - amin(v, axes)), axes)
        if of_sizes:
            most, sizes = at_max(absolute(u + v), axes), (absolute(u), absolute(v))
            one, other = (mean(most * (amax(size, axes) - size), axes) for size in sizes)
            yield one + other + mean(most * _more_than_of_sum(u, v), axes) / 2


def _more_than_of_sum(u: Tensor, v: Tensor) -> Tensor:
    """``2 (|u| + |v| - |u + v|)``, with its sign visible."""
    return absolute(u) * _unlike(sign(u), sign(u + v)) + absolute(v) * _unlike(sign(v), sign(u + v))


def _unlike(one: Tensor, other: Tensor) -> Tensor:
    """``2 (1 - one other)`` for two signs of which the first is not 0."""
    return (one - other) ** 2 + (1 - other**2) ** 2


def _elsewhere(axes: tuple[Axis, ...], vectors: Sequence[Tensor]) -> tuple[dict[Axis, Axis], list[Axis]]:
    """Axes of the same sizes, and both."""
    taken = {axis.name for vector in vectors for axis in vector.axes}
    others = {axis: axis.copy(_fresh(axis.name, taken)) for axis in axes}
    return others, [*axes, *others.values()]


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    taken.add(name)
    return name
