"""Exact rational points of the systems that define implicit quantities: orthogonal matrices, singular pairs.

Entries drawn one by one satisfy ``V^T V = I`` nowhere, so a proof under it would seem vacuous and a false claim would
stay unrefuted. Here the unknowns are drawn first (rotations by Cayley's transform, unit vectors by reflecting a
coordinate axis, eigenvalues whose roots are rational) and the matrix is built of them; a matrix that is a covariance
gets the data that have it. Called by :mod:`symnorm.claims.search`, which checks every relation at the point: whatever
this leaves unsolved is no point.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import isqrt
from typing import Any

from symnorm.evaluate import Model
from symnorm.tensors import Axis, System, Tensor, inputs, walk

Vector = list[Fraction]
Matrix = list[Vector]

SMALL = tuple(Fraction(n, d) for n in (-3, -2, -1, 1, 2, 3) for d in (1, 2))
FAR = tuple(Fraction(n) for n in (-40, 40)) * 4
"""Means by which all samples have one sign, as a change of their scales alone leaves it."""

VALUES = tuple(Fraction(n, 2) for n in (1, 2, 3, 4, 5, 6, 7, 8))


# rational orthogonality -----------------------------------------------------------------------------------------------


def rotation(size: int, draw: random.Random) -> Matrix:
    """An orthogonal matrix: Cayley's ``(I + A)^-1 (I - A)`` of an antisymmetric A, its columns with signs.

    Example:
        >>> Q = rotation(3, random.Random(1))
        >>> all(sum(row[i] * row[j] for row in Q) == (i == j) for i in range(3) for j in range(3))
        True
    """
    A = [[Fraction(0)] * size for _ in range(size)]
    for i in range(size):
        for j in range(i):
            A[i][j] = draw.choice(SMALL)
            A[j][i] = -A[i][j]
    plus = [[A[i][j] + (i == j) for j in range(size)] for i in range(size)]
    minus = [[(i == j) - A[i][j] for j in range(size)] for i in range(size)]
    signs = [draw.choice((-1, 1)) for _ in range(size)]
    return [[entry * sign for entry, sign in zip(row, signs, strict=True)] for row in _solved(plus, minus)]


def _solved(A: Matrix, B: Matrix) -> Matrix:
    """``A^-1 B`` by elimination."""
    rows = [[*map(Fraction, a), *map(Fraction, b)] for a, b in zip(A, B, strict=True)]
    size = len(A)
    for i in range(size):
        pivot = next(r for r in range(i, size) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [entry / rows[i][i] for entry in rows[i]]
        for r in range(size):
            if r != i and rows[r][i]:
                factor = rows[r][i]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [row[size:] for row in rows]


def unit_vector(size: int, draw: random.Random) -> Vector:
    """A vector of length 1: a coordinate axis reflected at a hyperplane; a number alone is 1 or -1."""
    if size == 1:
        return [Fraction(draw.choice((-1, 1)))]
    a = [draw.choice(SMALL) for _ in range(size)]
    scale = 2 * a[0] / sum(entry * entry for entry in a)
    return [(i == 0) - scale * entry for i, entry in enumerate(a)]


def centred_columns(root: int, count: int, draw: random.Random) -> Matrix:
    """``root^2`` rows with ``count`` orthonormal columns, each of sum 0: a reflection that carries 1 to an axis."""
    size = root * root
    w = [Fraction(-1, root) + (i == 0) for i in range(size)]
    square = sum(entry * entry for entry in w)
    others = [[(i == j) - 2 * w[i] * w[j] / square for j in range(1, size)] for i in range(size)]
    return _times(others, [row[:count] for row in rotation(size - 1, draw)])


def _times(A: Matrix, B: Matrix) -> Matrix:
    columns = _transposed(B)
    return [[sum((a * b for a, b in zip(row, c, strict=True)), Fraction(0)) for c in columns] for row in A]


def _transposed(A: Matrix) -> Matrix:
    return [list(column) for column in zip(*A, strict=True)]


# systems --------------------------------------------------------------------------------------------------------------


def fitted(systems: Sequence[System], sizes: Mapping[str, int], least: Mapping[str, int]) -> dict[str, int]:
    """Sizes at which systems have rational points: a covariance wants a square number of samples, fewer features."""
    found = dict(sizes)
    for system in systems:
        data = _data(system) if system.kind in ("cholesky", "eigenbasis") else None
        if data is None:
            continue
        (feature,) = (axis for axis in data.axes if axis in system.rows)
        (sample,) = (axis for axis in data.axes if axis not in system.rows)
        if str(sample.size) in found:
            standardized = _standardized(system)
            root = 3 if standardized else 2
            while root * root < least.get(str(sample.size), 1):
                root += 1
            found[str(sample.size)] = root * root
            if str(feature.size) in found:
                found[str(feature.size)] = 4 if standardized else min(found[str(feature.size)], root * root - 1)
    return found


def unknowns(system: System) -> set[str]:
    """The names of what a system solves for."""
    return {_name(unknown) for unknown in system.unknowns}


def solve(system: System, model: Model, draw: random.Random) -> None:
    """Put a solution of a system into a point, as far as its inputs stand in it."""
    SOLVE[system.kind](system, model, draw)


def _singular_pair(system: System, model: Model, draw: random.Random) -> None:
    u, sigma, v = (_name(unknown) for unknown in system.unknowns)
    matrix = _name(system.of)
    if not {matrix, u, v} <= model.tensors.keys() or sigma not in model.scalars:
        return
    rows, columns = [*model.tensors[u]], [*model.tensors[v]]
    left, right, value = unit_vector(len(rows), draw), unit_vector(len(columns), draw), draw.choice(VALUES)
    A = [[draw.choice(SMALL) for _ in columns] for _ in rows]
    A = _times(_without(left), _times(A, _without(right)))
    length = sum(entry * entry for row in A for entry in row)
    shrink = value / (1 + isqrt(int(length) + 1))  # so that this singular value is the largest
    scalars: Any = model.scalars
    scalars[sigma] = value
    _fill(model, u, {at: left[i] for i, at in enumerate(rows)})
    _fill(model, v, {at: right[i] for i, at in enumerate(columns)})
    entries = {}
    for (i, row), (j, column) in product(enumerate(rows), enumerate(columns)):
        place = dict(zip((*system.rows, *system.columns), (*row, *column), strict=True))
        entries[tuple(place[axis] for axis in system.of.axes)] = value * left[i] * right[j] + shrink * A[i][j]
    _fill(model, matrix, entries)


def _without(direction: Vector) -> Matrix:
    """The projection onto what is at right angles to a unit vector."""
    return [[(i == j) - a * b for j, b in enumerate(direction)] for i, a in enumerate(direction)]


def _eigenbasis(system: System, model: Model, draw: random.Random) -> None:
    """``x = 1 mu^T + sqrt(N) Q diag(t) V^T`` has the covariance ``V diag(t^2) V^T``; beside eps, l = t^2 + eps."""
    values, vectors = (_name(unknown) for unknown in system.unknowns)
    if not {values, vectors} <= model.tensors.keys():
        return
    size = len(model.tensors[values])
    V = rotation(size, draw)
    ridge = _ridge(system, model)
    t = [draw.choice(VALUES) for _ in range(size)]
    scales = [Fraction(1)] * size
    if _standardized(system):
        if size not in (1, 4):
            return
        V, t = _of_correlations(draw) if size == 4 else (V, [Fraction(1)])
        scales = [draw.choice(VALUES) for _ in range(size)]
    if ridge:  # t^2 + eps is a square again
        t = [ridge / (2 * p) - p / 2 for p in t]
    order = _places(system.unknowns[1], system.rows)
    _fill(model, values, {(k + 1,): t[k] ** 2 + ridge for k in range(size)})
    _fill(model, vectors, {order(c + 1, k + 1): V[c][k] for c in range(size) for k in range(size)})
    _fill_data(system, model, [[t[k] * V[c][k] for c in range(size)] for k in range(size)], scales, draw)


def _cholesky(system: System, model: Model, draw: random.Random) -> None:
    """``x = 1 mu^T + sqrt(N) Q L^T`` with orthonormal centred columns Q has the covariance ``L L^T``."""
    names = [_name(unknown) for unknown in system.unknowns]
    if not {*names} <= model.tensors.keys():
        return
    size = isqrt(len(model.tensors[names[0]]))
    L = [[draw.choice(SMALL) if j < i else Fraction(0) for j in range(size)] for i in range(size)]
    for i in range(size):
        L[i][i] = draw.choice(VALUES)
    R = _transposed(_solved(L, [[Fraction(i == j) for j in range(size)] for i in range(size)]))
    _fill(model, names[2], {(i + 1,): Fraction(i + 1) for i in range(size)})
    for name, unknown, matrix in zip(names[:2], system.unknowns[:2], (L, R), strict=True):
        order = _places(unknown, system.rows)
        _fill(model, name, {order(i + 1, j + 1): matrix[i][j] for i in range(size) for j in range(size)})
    if _name(system.of) in model.tensors:
        S = _times(L, _transposed(L))
        _fill(model, _name(system.of), {(i + 1, j + 1): S[i][j] for i in range(size) for j in range(size)})
    _fill_data(system, model, _transposed(L), [Fraction(1)] * size, draw)


def _fill_data(system: System, model: Model, factor: Matrix, scales: Vector, draw: random.Random) -> None:
    """``x = 1 mu^T + sqrt(N) Q factor``, its columns scaled, where a square number of samples allows it."""
    data, size = _data(system), len(factor)
    if data is None or _name(data) not in model.tensors:
        return
    samples = len(model.tensors[_name(data)]) // size
    root = isqrt(samples)
    if root * root != samples or root < 2 or size >= samples:
        return
    X = _times([[root * q for q in row] for row in centred_columns(root, size, draw)], factor)
    mu = [draw.choice((*SMALL, *FAR)) for _ in range(size)]
    order = _places(data, system.rows)
    _fill(
        model,
        _name(data),
        {order(c + 1, n + 1): mu[c] + scales[c] * X[n][c] for n in range(samples) for c in range(size)},
    )


def _standardized(system: System) -> bool:
    """Whether the matrix is one of correlations, with ones on its diagonal."""
    return any(node.op == "sqrt" for node in walk(system.of))


def _of_correlations(draw: random.Random) -> tuple[Matrix, Vector]:
    """Eigenvectors whose entries all have the square 1/4, and roots of four eigenvalues that add up to 4."""
    columns = [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    draw.shuffle(columns)
    signs = [draw.choice((-1, 1)) for _ in columns]
    t = [Fraction(0)]
    while not all(t):
        t = [2 * entry for entry in unit_vector(4, draw)]
    return _transposed([[Fraction(sign * a, 2) for a in c] for sign, c in zip(signs, columns, strict=True)]), t


def _places(tensor: Tensor, rows: tuple[Axis, ...]) -> Callable[[int, int], tuple[int, int]]:
    """From a place along the rows and one along the other axis to the entry's."""
    return (lambda row, other: (row, other)) if tensor.axes[0] in rows else (lambda row, other: (other, row))


def _data(system: System) -> Tensor | None:
    """The data whose covariance the matrix is."""
    unknowns = {_name(unknown) for unknown in system.unknowns}
    leaves = [leaf for name, leaf in inputs(system.of).items() if len(leaf.axes) == 2 and name not in unknowns]
    fits = [leaf for leaf in leaves if sum(axis in system.rows for axis in leaf.axes) == 1 and leaf is not system.of]
    return fits[0] if len(fits) == 1 else None


def _ridge(system: System, model: Model) -> Fraction:
    """What is added to the diagonal of a covariance."""
    scalars = [name for name, leaf in inputs(system.of).items() if not leaf.axes]
    return sum((Fraction(model.scalars.get(name, 0)) for name in scalars), Fraction(0))  # type: ignore[arg-type]


def _name(tensor: Tensor) -> str:
    return str(tensor.data.name) if tensor.op == "input" else ""


def _fill(model: Model, name: str, entries: Mapping[tuple[int, ...], Fraction]) -> None:
    table: Any = model.tensors[name]
    table.update(entries)


def _orthogonal(system: System, model: Model, draw: random.Random) -> None:
    name = _name(system.of)
    if name in model.tensors:
        size = isqrt(len(model.tensors[name]))
        Q = rotation(size, draw)
        _fill(model, name, {(i + 1, j + 1): Q[i][j] for i in range(size) for j in range(size)})


SOLVE: dict[str, Callable[[System, Model, random.Random], None]] = {
    "singular_pair": _singular_pair,
    "cholesky": _cholesky,
    "eigenbasis": _eigenbasis,
    "orthogonal": _orthogonal,
}
"""How each kind of system is solved over the rationals."""
