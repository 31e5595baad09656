"""Triangular factors, known through relations: ``Sigma = L L^T`` with L lower triangular, and the inverse of L.

What *lower triangular* says needs an order of the features. It is data as well: a place o_c for each, and ``L_ck`` is
0 unless o_c > o_k or c = k: ``L sign(o_c - o_k) = L (1 - delta)``. So what is proved holds for the factors by any
order; a kernel takes the one in which the features are stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from symnorm.errors import AxisError
from symnorm.tensors.ops import delta, sign, total
from symnorm.tensors.relation import equal
from symnorm.tensors.systems import System
from symnorm.tensors.tensor import Tensor


@dataclass(frozen=True, eq=False)
class Cholesky(System):
    """A triangular factor, its inverse and the order of the features; see :func:`cholesky`."""

    @property
    def inverse_factor(self) -> Tensor:
        """``R = L^-1``; lower triangular, as L is."""
        L, R, place = self.unknowns
        return Tensor("inverse_factor", (R, self.of, L, place), R.axes)


def cholesky(matrix: Tensor, L: Tensor, R: Tensor, place: Tensor) -> Cholesky:
    """``Sigma = L L^T`` with lower triangular L, and ``R = L^-1``. A kernel's L has a positive diagonal.

    Args:
        matrix: a symmetric matrix over an axis C and its copy.
        L: the factor, over C and a second copy K.
        R: its inverse, over C and K, its columns along C.
        place: where in the order each feature stands, over C.

    Raises:
        AxisError: the axes do not fit.

    Example:
        >>> from symnorm.tensors import axes, tensor
        >>> (C,) = axes("C")
        >>> D, K = C.copy("D"), C.copy("K")
        >>> S = tensor("S", C, D, symmetric=True)
        >>> cholesky(S, tensor("L", C, K), tensor("R", K, C), tensor("o", C)).relations[0]
        S == sum[K](L*L[C->D])
    """
    sizes = {axis.size for axis in (*matrix.axes, *L.axes)}
    same = len(L.axes) == 2 and {*L.axes} == {*R.axes}
    shared = [axis for axis in matrix.axes if axis in L.axes]
    if not same or len(matrix.axes) != 2 or place.axes != tuple(shared) or len(sizes) != 1:
        raise AxisError(
            f"a matrix over {matrix.axes} cannot have a triangular factor over {L.axes}, its inverse over {R.axes}"
            f" and an order of {place.axes}"
        )
    (row,) = shared
    (column,) = (axis for axis in matrix.axes if axis != row)
    (k,) = (axis for axis in L.axes if axis != row)
    j = k.copy(k.name + "'")
    relations = (
        equal(matrix, total(L * L.rename({row: column}), over=k)),
        equal(total(L * R.rename({row: column}), over=k), delta(row, column)),
        equal(total(R * L.rename({k: j}), over=row), delta(k, j)),
        equal(L * sign(place - place.rename({row: k})), L * (1 - delta(row, k))),
    )
    return Cholesky("cholesky", matrix, (row,), (column,), (L, R, place), relations)
