r"""Inequalities: an exact identity between the gap and something that is visibly not negative.

The gap of ``left >= right`` is ``left - right``. It is shown to be not negative

- as it stands, when its form shows its sign (a square, a sum of squares, an assumed inequality's gap);
- by a certificate that it equals: a sum of squares, also over pairs of indices (Lagrange's identity), of products of
  visibly non-negative factors, among them the gaps of assumed inequalities, over visibly positive divisors;
- by its normal form, where every term that is left is visibly not negative;
- or, where the larger side is visibly not negative, by the gap between the *squares* of both sides:
  ``a^2 <= b^2`` and ``0 <= b`` give ``a <= |a| <= b``.

In come a relation, the sorted assumptions and the certificate; out comes which way succeeded. Called by the prover.
"""

from __future__ import annotations

from symnorm.canonical.visible import Sign, Visible
from symnorm.claims.assumptions import Assumptions
from symnorm.claims.equalities import equal, solver_for
from symnorm.claims.verdict import Proof
from symnorm.tensors import Relation, Tensor, as_tensor


def shown(relation: Relation, assumptions: Assumptions, signs: Visible, by: Tensor | None) -> Proof | None:
    """How an inequality (or ``!=``) is proved, ``None`` if it is not."""
    if _suffices(signs.of(relation.gap.element), relation.relation):
        return {"kind": "inequality", "relation": relation, "squares": relation.gap}
    squared = _of_squares(relation, signs)
    ways = [(relation, False)] if squared is None else [(relation, False), (squared, True)]
    for target, of_squares in ways:
        certificate = by
        if certificate is None and relation.relation in ("<=", ">="):
            certificate = as_tensor(0)  # equal sides
        if certificate is None and _suffices(signs.of(target.gap.element), relation.relation):
            certificate = target.gap
        if certificate is None or not _suffices(signs.of(certificate.element), relation.relation):
            continue
        steps = equal(target.gap, certificate, assumptions)
        if steps is not None:
            found = {"kind": "inequality", "relation": relation, "squares": certificate, "of_squares": of_squares}
            return {**found, "steps": steps}
    if by is None and _suffices(_expanded(relation.gap, assumptions), relation.relation):
        return {"kind": "inequality", "relation": relation, "squares": relation.gap, "expanded": True}
    return None


def _expanded(gap: Tensor, assumptions: Assumptions) -> Sign:
    """The sign that shows when everything has cancelled: that of ``(a - b)^2 + 2 a b``."""
    solver = solver_for(assumptions, gap)
    (poly,) = solver.read(gap.element)
    signs = solver.resolver.signs
    return Sign(nonnegative=signs.visibly_nonnegative(poly), nonzero=signs.visibly_nonzero(poly))


def _of_squares(relation: Relation, signs: Visible) -> Relation | None:
    """The relation between the squares of both sides, where it implies this one."""
    if relation.relation not in ("<=", "<", ">=", ">"):
        return None
    larger = relation.right if relation.relation in ("<=", "<") else relation.left
    if not signs.of(larger.element).nonnegative:
        return None
    return Relation(relation.left**2, relation.relation, relation.right**2)


def _suffices(sign: Sign, relation: str) -> bool:
    return {">=": sign.nonnegative, "<=": sign.nonnegative, ">": sign.positive, "<": sign.positive}.get(
        relation, sign.nonzero
    )
