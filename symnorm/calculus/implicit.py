r"""Derivatives of quantities that are known only through relations: the relation is differentiated, not the solver.

**A singular value.** From ``W v = sigma u`` follows ``dW v + W dv = dsigma u + sigma du``; along u this is
``u^T dW v + sigma v^T dv = dsigma + sigma u^T du``, and unit vectors change at right angles to themselves, so that
``dsigma = u^T dW v``. The singular value has to be a simple one.

**An inverse square root.** ``S = Sigma^(1/2)`` is known by ``S S = Sigma``, so ``dS S + S dS = dSigma``. In the
eigenbasis, with r = sqrt(l), this reads ``(r_i + r_j) (V^T dS V)_ij = (V^T dSigma V)_ij``; and ``R = S^-1`` changes by
``-R dS R``: ``(V^T dR V)_ij = -(V^T dSigma V)_ij/(r_i r_j (r_i + r_j))``. No eigenvector is differentiated, and equal
eigenvalues are no exception. The map is its own transpose, so one line serves both modes.

**Eigenvectors and eigenvalues** of ``Sigma V = V diag(l)``, where no two eigenvalues are equal: ``dl_k = (V^T dSigma
V)_kk`` and ``dV = V A`` with ``A_jk = (V^T dSigma V)_jk/(l_k - l_j)`` off the diagonal and 0 on it.

**The inverse of a triangular factor** of ``Sigma = L L^T``: with R = L^-1, ``R dSigma R^T = R dL + (R dL)^T``, and R dL
is lower triangular, so that it is ``Phi(R dSigma R^T)``, Phi the lower triangle with half of the diagonal; then ``dR =
-R dL R = -Phi(R dSigma R^T) R``. By places o in an order, Phi is the product with ``(1 + sign(o_k - o_j))/2``.

Each function is called like any other rule, as ``(change, node, *node.args)``. What it gives out speaks of nodes that
depend on the matrix, never of the inputs behind them, so that it can be differentiated again.
"""

from __future__ import annotations

from symnorm.errors import Unsupported
from symnorm.tensors import Axis, Tensor, delta, sign, sqrt, total


def singular_value_back(g: Tensor, node: Tensor, sigma: Tensor, w: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """``g u v^T``."""
    return g * u * v


def singular_value_forth(t: Tensor, node: Tensor, sigma: Tensor, w: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """``u^T dW v``."""
    return total(total(t * v, over=v.axes) * u, over=u.axes)


def no_singular_vector(change: Tensor, node: Tensor, *args: Tensor) -> Tensor:
    """No rule: the derivative of a singular vector takes all others."""
    raise Unsupported("the derivative of a singular vector needs all the others; only the singular value's has a rule")


def inverse_root(change: Tensor, node: Tensor, value: Tensor, matrix: Tensor, V: Tensor, l: Tensor) -> Tensor:
    """``-V (F / (r_i r_j (r_i + r_j))) V^T`` for ``F = V^T sym(change) V``."""
    row, column, k, j = _axes(value, V, l)
    r = sqrt(l)
    r_j = r.rename({k: j})
    inner = _in_basis(_symmetric(change, row, column), V, row, column, k, j)
    return -_from_basis(inner / (r * r_j * (r + r_j)), V, row, column, k, j)


def eigenvalues_back(g: Tensor, node: Tensor, l: Tensor, matrix: Tensor, V: Tensor) -> Tensor:
    """``V diag(g) V^T``."""
    (k,) = l.axes
    row, column = _sides(matrix, V, k)
    return total(V * g * V.rename({row: column}), over=k)


def eigenvalues_forth(t: Tensor, node: Tensor, l: Tensor, matrix: Tensor, V: Tensor) -> Tensor:
    """The diagonal of ``V^T dSigma V``."""
    (k,) = l.axes
    row, column = _sides(matrix, V, k)
    return total(total(t * V, over=row) * V.rename({row: column}), over=column)


def eigenvectors_back(g: Tensor, node: Tensor, V: Tensor, matrix: Tensor, l: Tensor) -> Tensor:
    """``sym(V ((V^T g) / (l_k - l_j)) V^T)``, the diagonal left out."""
    row, column, k, j = _axes(matrix, V, l)
    inner = total(node.rename({k: j}) * g, over=row) * _gaps(_values(l, matrix, node), k, j)
    return _symmetric(_from_basis(inner, node, column, row, k, j), row, column)


def eigenvectors_forth(t: Tensor, node: Tensor, V: Tensor, matrix: Tensor, l: Tensor) -> Tensor:
    """``V ((V^T dSigma V) / (l_k - l_j))``, the diagonal left out."""
    row, column, k, j = _axes(matrix, V, l)
    inner = _in_basis(_symmetric(t, row, column), node, column, row, k, j) * _gaps(_values(l, matrix, node), k, j)
    return total(node.rename({k: j}) * inner, over=j)


def inverse_factor_back(g: Tensor, node: Tensor, R: Tensor, matrix: Tensor, L: Tensor, place: Tensor) -> Tensor:
    """``-sym(R^T Phi(g R^T) R)``."""
    row, column, k, j, half = _triangle(node, matrix, place)
    other = node.rename({k: j})
    inner = total(g * other, over=row) * half
    back = total(node * total(inner * other.rename({row: column}), over=j), over=k)
    return -_symmetric(back, row, column)


def inverse_factor_forth(t: Tensor, node: Tensor, R: Tensor, matrix: Tensor, L: Tensor, place: Tensor) -> Tensor:
    """``-Phi(R sym(dSigma) R^T) R``."""
    row, column, k, j, half = _triangle(node, matrix, place)
    other = node.rename({k: j})
    change = _symmetric(t, row, column)
    inner = total(total(change * node, over=row) * other.rename({row: column}), over=column)
    return -total(half * inner * other, over=j)


def _triangle(node: Tensor, matrix: Tensor, place: Tensor) -> tuple[Axis, Axis, Axis, Axis, Tensor]:
    """The axes, and 1 below the diagonal, 1/2 on it, 0 above."""
    (row,) = place.axes
    (column,) = (axis for axis in matrix.axes if axis != row)
    (k,) = (axis for axis in node.axes if axis != row)
    j = k.copy(k.name + "'")
    return row, column, k, j, (1 + sign(place.rename({row: k}) - place.rename({row: j}))) / 2


def _values(l: Tensor, matrix: Tensor, vectors: Tensor) -> Tensor:
    return Tensor("eigenvalues", (l, matrix, vectors), l.axes)


def _gaps(l: Tensor, k: Axis, j: Axis) -> Tensor:
    """``1/(l_k - l_j)`` off the diagonal, 0 on it."""
    same = delta(k, j)
    return (1 - same) / (l - l.rename({k: j}) + same)


def _in_basis(F: Tensor, V: Tensor, row: Axis, column: Axis, k: Axis, j: Axis) -> Tensor:
    """``sum_cd V_ck F_cd V_dj``: the row's side by k, the column's by j."""
    own = V if row in V.axes else V.rename({column: row})
    other = own.rename({row: column, k: j})
    return total(total(F * own, over=row) * other, over=column)


def _from_basis(A: Tensor, V: Tensor, row: Axis, column: Axis, k: Axis, j: Axis) -> Tensor:
    """``sum_kj V_ck A_kj V_dj``."""
    own = V if row in V.axes else V.rename({column: row})
    other = own.rename({row: column, k: j})
    return total(own * total(A * other, over=j), over=k)


def _symmetric(F: Tensor, row: Axis, column: Axis) -> Tensor:
    swapped = {old: new for old, new in ((row, column), (column, row)) if old in F.axes}
    return (F + F.rename(swapped)) / 2 if swapped else F


def _axes(matrix: Tensor, V: Tensor, l: Tensor) -> tuple[Axis, Axis, Axis, Axis]:
    (k,) = l.axes
    row, column = _sides(matrix, V, k)
    return row, column, k, k.copy(k.name + "'")


def _sides(matrix: Tensor, V: Tensor, k: Axis) -> tuple[Axis, Axis]:
    (row,) = (axis for axis in V.axes if axis != k)
    (column,) = (axis for axis in matrix.axes if axis != row)
    return row, column
