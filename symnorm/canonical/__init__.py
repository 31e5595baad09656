r"""The normal form of an index expression: the one decision procedure.

**What it is.** An expression built from tensor entries, scalars, sizes, ``+``, ``*``, integer powers and sums over
whole axes is a sum of terms. A term is a rational number times powers of *components*: products of atoms ``T[i,
j]^e`` held together by bound indices. A component is a labelled hypergraph, its bound indices the vertices, its atoms
the edges, its free indices named vertices; it is labelled canonically (:mod:`.labelling`), so equal components are
one object. Sizes and scalars are components without an index and may have negative exponents; a sum of them that is
divided by becomes an atom of its own, the reciprocal, and is cleared before a difference is compared with zero.

**Roots.** ``s = sqrt(P)`` is a new tensor with the relation ``s^2 = P``. Content is taken out of P first (``sqrt(a^2
v) = |a| sqrt(v)``, never ``a sqrt(v)`` without ``a > 0``), then the relation is solved for a *pivot*, a component
that stands alone in its term, carries every free index of the root and occurs nowhere else in P (:mod:`.pivots`):
``sum_n x_nc^2 -> N (s_c^2 + mu_c^2 - eps)``. After that s has no relation left. A root without a pivot keeps the
exponents 0 and 1. The reciprocal of a sum is the same thing: it is ``s^-2``, and s is then a formal square root whose
square may be negative, so nothing is ever concluded from ``s^2 >= 0`` unless the expression takes that root itself.

**Powers with a symbolic exponent.** ``b^p`` is an opaque generator for each base and product of scalars in the
exponent; what may leave the base does (:mod:`.powers`), so that ``(|a| v)^p = |a|^p v^p`` and ``(S^(1/p))^p = S``.

**Why zero means equal.** Every step (expanding, renaming a bound index, contracting a delta, replacing a component by
what a relation says it equals, clearing a denominator) keeps the value wherever nothing divides by zero, at every
size. So two expressions with one normal form are equal at every size and every point at which the statement is
defined; the statement's own divisors and roots are collected by :mod:`symnorm.claims.domain` before anything cancels.

**Why different means different, and where.** Split each sum by which of its bound and free indices coincide: the
change from sums over all index values to sums over *distinct* ones is unitriangular (each component is the sum over
the partitions of its indices of the injective sums of the quotients, and the finest partition is the component
itself). Once each axis is at least as large as the number of indices that run over it, the injective sums of non-
isomorphic quotients are polynomials without a common monomial: from a monomial one reads off the atoms, the atoms'
index pattern, and so the hypergraph up to renaming. So distinct canonical components are linearly independent, and
since a product of components is a disjoint union of hypergraphs, and disjoint unions are distinguished in the same
way, they are algebraically independent (Lovasz 1967; Erdos, Lovasz and Spencer 1979 for the case of graphs). A non-
zero normal form is then a non-zero polynomial with coefficients in Q(sizes, scalars), false at almost every point of
all large enough sizes at which no coefficient vanishes: sizes are to be chosen pairwise different, as ``(N - C) sum
x`` shows.

*Hypotheses of this second half*: free tensors (no assumed relations), pivoted roots, sizes that are symbols. With
fixed sizes (at N = 2 a standardized value squares to 1), roots without a pivot, opaque functions, signs, or a
radicand that is a perfect square at some size, a non-zero normal form may still vanish. The first half needs none of
them. A claim is therefore *proved* by a zero and never *refuted* by a non-zero: a refutation is a point.

**Exponentials.** ``exp`` of a sum is the product of the exponentials of its terms (:mod:`.exponentials`).

Modules, in the order in which they run: :mod:`.reader` (SymPy to terms), :mod:`.terms`, :mod:`.labelling`,
:mod:`.rules` (rewriting), :mod:`.content`, :mod:`.pivots`, :mod:`.powers`, :mod:`.resolve` (what each root, sign and
loss derivative is), :mod:`.solver`.
"""

from symnorm.canonical.solver import Solver
from symnorm.canonical.visible import Facts

__all__ = ["Facts", "Solver"]
