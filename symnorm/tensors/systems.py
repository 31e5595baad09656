"""Quantities that are known only through relations: a top singular pair, the eigenvectors and eigenvalues of a matrix.

A definition declares them as inputs and says in one line what they solve::

    pair = singular_pair(w, u, sigma, v)          # W v = sigma u, W^T u = sigma v, |u| = |v| = 1
    return equations(w_bar=w / pair.sigma).where(pair)

A :class:`System` holds the relations as the book writes them, and hands out its quantities as nodes that know which
matrix they come from: their element is the input's own, their derivative is that of the relations
(:mod:`symnorm.calculus.implicit`). The prover rewrites by the relations, the search for points solves them over the
rationals, a kernel calls a solver of linear algebra.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from symnorm.errors import AxisError
from symnorm.tensors.axis import Axis
from symnorm.tensors.ops import delta, dot, sqrt, total
from symnorm.tensors.relation import Relation, equal
from symnorm.tensors.tensor import Tensor


@dataclass(frozen=True, eq=False)
class System:
    """Unknowns and the relations that define them.

    Attributes:
        kind: which system, a key of the tables of samplers and solvers.
        of: the matrix.
        rows, columns: the axes of the matrix that the system's first and second side carry.
        unknowns: what is solved for, in the order in which a solver returns it.
        relations: what defines them, matrix on the left.
    """

    kind: str
    of: Tensor
    rows: tuple[Axis, ...]
    columns: tuple[Axis, ...]
    unknowns: tuple[Tensor, ...]
    relations: tuple[Relation, ...]

    @property
    def given(self) -> tuple[Relation, ...]:
        """The relations as assumptions: a point that satisfies them is made by the system, not searched for."""
        return tuple(replace(relation, system=self) for relation in self.relations)


@dataclass(frozen=True, eq=False)
class SingularPair(System):
    """A singular value with its vectors; see :func:`singular_pair`."""

    @property
    def sigma(self) -> Tensor:
        """The singular value."""
        _, sigma, _ = self.unknowns
        return Tensor("singular_value", (sigma, self.of, self.u, self.v), sigma.axes)

    @property
    def u(self) -> Tensor:
        """The left singular vector."""
        return Tensor("singular_vector", (self.unknowns[0], self.of), self.unknowns[0].axes)

    @property
    def v(self) -> Tensor:
        """The right singular vector."""
        return Tensor("singular_vector", (self.unknowns[2], self.of), self.unknowns[2].axes)


def singular_pair(w: Tensor, u: Tensor, sigma: Tensor, v: Tensor) -> SingularPair:
    """A singular value of a matrix with its two unit vectors: ``W v = sigma u, W^T u = sigma v, |u| = |v| = 1``.

    A kernel takes the largest one.

    Args:
        w: the matrix, over the axes of u and those of v.
        u: the left vector.
        sigma: the value, declared positive.
        v: the right vector.

    Raises:
        AxisError: the axes do not make a matrix.

    Example:
        >>> from symnorm.tensors import axes, scalar, tensor
        >>> C, K = axes("C K")
        >>> w, u, v = tensor("w", C, K), tensor("u", C), tensor("v", K)
        >>> singular_pair(w, u, scalar("sigma", positive=True), v).relations[0]
        sum[K](w*v) == sigma*u
    """
    rows, columns = u.axes, v.axes
    if not rows or not columns or {*w.axes} != {*rows, *columns} or {*rows} & {*columns} or sigma.axes:
        raise AxisError(f"a singular pair of a matrix over {w.axes} cannot be over {rows}, {sigma.axes} and {columns}")
    relations = (
        equal(dot(w, v, over=columns), sigma * u),
        equal(dot(w, u, over=rows), sigma * v),
        equal(total(u**2, over=rows), 1),
        equal(total(v**2, over=columns), 1),
    )
    return SingularPair("singular_pair", w, rows, columns, (u, sigma, v), relations)


@dataclass(frozen=True, eq=False)
class EigenBasis(System):
    """Eigenvectors and eigenvalues of a symmetric matrix; see :func:`eigenbasis`."""

    @property
    def values(self) -> Tensor:
        """The eigenvalues."""
        l, _ = self.unknowns
        return Tensor("eigenvalues", (l, self.of, self.vectors), l.axes)

    @property
    def vectors(self) -> Tensor:
        """The eigenvectors as the columns of a matrix."""
        l, V = self.unknowns
        return Tensor("eigenvectors", (V, self.of, l), V.axes)

    @property
    def inverse_root(self) -> Tensor:
        """``V diag(l)^(-1/2) V^T``, the symmetric matrix whose square is the inverse."""
        l, V = self.unknowns
        (row,), (column,) = self.rows, self.columns
        value = total(V / sqrt(l) * V.rename({row: column}), over=l.axes)
        return Tensor("inverse_root", (value, self.of, self.vectors, self.values), value.axes)


def eigenbasis(matrix: Tensor, l: Tensor, V: Tensor) -> EigenBasis:
    """``Sigma = V diag(l) V^T`` with ``V^T V = V V^T = I`` over one size.

    Args:
        matrix: a symmetric matrix over an axis and its copy.
        l: the eigenvalues, over a second copy.
        V: the eigenvectors, over the matrix's first axis and that of the eigenvalues.

    Raises:
        AxisError: the axes do not fit.

    Example:
        >>> from symnorm.tensors import axes, tensor
        >>> (C,) = axes("C")
        >>> D, K = C.copy("D"), C.copy("K")
        >>> S, l, V = tensor("S", C, D, symmetric=True), tensor("l", K, positive=True), tensor("V", C, K)
        >>> eigenbasis(S, l, V).relations[0]
        S == sum[K](V*l*V[C->D])
    """
    fits = len(l.axes) == 1 and len(V.axes) == 2 and len(matrix.axes) == 2 and l.axes[0] in V.axes
    rows = tuple(axis for axis in V.axes if axis not in l.axes)
    columns = tuple(axis for axis in matrix.axes if axis not in rows)
    sizes = {axis.size for axis in (*matrix.axes, *V.axes)}
    if not fits or len(columns) != 1 or {*columns} & {*l.axes} or len(sizes) != 1:
        raise AxisError(f"a matrix over {matrix.axes} cannot have eigenvalues over {l.axes} and vectors over {V.axes}")
    (row,), (column,), (k,) = rows, columns, l.axes
    other, j = V.rename({row: column}), k.copy(k.name + "'")
    relations = (
        equal(matrix, total(V * l * other, over=k)),
        equal(total(V * V.rename({k: j}), over=row), delta(k, j)),
        equal(total(V * other, over=k), delta(row, column)),
    )
    return EigenBasis("eigenbasis", matrix, rows, columns, (l, V), relations)


def orthogonal(Q: Tensor) -> tuple[Relation, ...]:
    """``Q Q^T = Q^T Q = I`` as assumptions on a square matrix.

    Raises:
        AxisError: not two axes of one size.

    Example:
        >>> from symnorm.tensors import axes, tensor
        >>> (C,) = axes("C")
        >>> orthogonal(tensor("Q", C, C.copy("D")))[0]
        sum[C](Q*Q[D->D']) == delta(d, d')
    """
    if len(Q.axes) != 2 or Q.axes[0].size != Q.axes[1].size:
        raise AxisError(f"an orthogonal matrix has two axes of one size, not {Q.axes}")
    relations = []
    for over, other in (Q.axes, Q.axes[::-1]):
        copy = other.copy(other.name + "'")
        relations.append(equal(total(Q * Q.rename({other: copy}), over=over), delta(other, copy)))
    system = System("orthogonal", Q, Q.axes[:1], Q.axes[1:], (Q,), tuple(relations))
    return system.given
