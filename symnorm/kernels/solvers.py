"""What computes quantities that are known only through relations: calls to linear algebra, one function a system.

The text below the marker is pasted into the generated modules that need it, like :mod:`symnorm.kernels.prelude`. Each
function takes an array in the dimensions that broadcast, and those of the matrix's rows and columns.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from symnorm.kernels.prelude import BadInput

# --- quantities that are known only through relations -----------------------------------------------------------------


class Singular(BadInput):
    """A matrix without an inverse, where one is needed."""

    def __init__(self, size: int, more: str = "") -> None:
        super().__init__(f"the {size} x {size} covariance is singular: more samples than features are needed{more}")


def as_matrix(array: Any, rows: tuple[int, ...], columns: tuple[int, ...], xp: Any) -> Any:
    """The array as a matrix; it has one element along every other dimension."""
    others = [at for at in range(array.ndim) if at not in rows and at not in columns]
    shape = (math.prod(array.shape[at] for at in rows), math.prod(array.shape[at] for at in columns))
    return xp.reshape(xp.transpose(array, (*rows, *columns, *others)), shape)


def along(vector: Any, array: Any, dimensions: tuple[int, ...], xp: Any) -> Any:
    """A vector along some of an array's dimensions."""
    return xp.reshape(vector, tuple(size if at in dimensions else 1 for at, size in enumerate(array.shape)))


def singular_pair(w: Any, rows: tuple[int, ...], columns: tuple[int, ...], xp: Any) -> Any:
    """u, sigma and v with w v = sigma u, the transposed w u = sigma v, and |u| = |v| = 1, sigma the largest."""
    left, values, right = xp.linalg.svd(as_matrix(w, rows, columns, xp), full_matrices=False)
    return along(left[:, 0], w, rows, xp), values[0], along(right[0], w, columns, xp)


def cholesky(matrix: Any, row: int, column: int, k: int, xp: Any) -> Any:
    """L along the row's dimension and k, its inverse R along k and the row's, the row's places: L L^T = matrix."""
    square_matrix, size = as_matrix(matrix, (row,), (column,), xp), matrix.shape[row]
    try:
        factor = xp.linalg.cholesky(square_matrix)
        # the part of a feature's variance that those before it do not explain
        left_over = xp.min(xp.diagonal(factor) ** 2 / xp.diagonal(square_matrix))
    except np.linalg.LinAlgError:
        left_over = 0
    if not left_over > size * np.finfo(matrix.dtype).eps:
        raise Singular(size)
    inverse = xp.linalg.solve(factor, xp.eye(size, dtype=matrix.dtype))
    square = tuple(size if at in (row, k) else 1 for at in range(matrix.ndim))
    lower, upper = (factor, inverse.T) if row < k else (factor.T, inverse)
    place = along(xp.arange(size, dtype=matrix.dtype), matrix, (row,), xp)
    return xp.reshape(lower, square), xp.reshape(upper, square), place


def eigenbasis(matrix: Any, row: int, column: int, k: int, xp: Any, on_diagonal: float | None = None) -> Any:
    """Eigenvalues along dimension k, eigenvectors along the row's and k: V diag(l) V^T is the matrix.

    Where they are divided by, ``on_diagonal`` is what the definition adds to them, and so the least that they can be.
    """
    values, vectors = xp.linalg.eigh(as_matrix(matrix, (row,), (column,), xp))
    size = len(values)
    if on_diagonal is not None:
        rounding = 10 * np.finfo(matrix.dtype).eps * values[-1]
        if values[0] <= (on_diagonal / 2 or rounding):
            raise Singular(size, ", or eps > 0 on its diagonal")
    shape = tuple(size if at == k else 1 for at in range(matrix.ndim))
    square = tuple(size if at in (row, k) else 1 for at in range(matrix.ndim))
    return xp.reshape(values, shape), xp.reshape(vectors if row < k else vectors.T, square)
