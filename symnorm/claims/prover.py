"""The prover: from a claim to a verdict.

An equation is proved when the normal form of the difference is zero; an inequality when the difference equals an
expression that is visibly not negative. Every proof names what has to hold for the formulas to be defined, and carries
a point at which all of it does hold and at which the two sides were evaluated and agreed. What is not proved is refuted
only by a point at which the sides provably differ. Everything else is undecided.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import sympy as sp

from symnorm.canonical import Solver
from symnorm.canonical.terms import TooLarge, Undefined
from symnorm.canonical.visible import Visible
from symnorm.claims.assumptions import Assumptions, sort
from symnorm.claims.claim import Claim
from symnorm.claims.domain import conditions, distinct, in_words, needs
from symnorm.claims.residue import residue
from symnorm.claims.search import SMALL, Ground, fails_at, satisfying
from symnorm.claims.verdict import EMPIRICAL, PROVED, REFUTED, UNDECIDED, Verdict, Witness
from symnorm.errors import SymnormError, Unsupported
from symnorm.evaluate import Model
from symnorm.tensors import Relation, Tensor, inputs
from symnorm.tensors.nodes import renamed

POINTS = 24
"""How many points are tried for a refutation."""


class Unsound(SymnormError):
    """A normal form says that two sides are equal and exact arithmetic that they are not: a defect of symnorm."""


def prove(claim: Claim) -> Verdict:
    """The verdict on a claim.

    Raises:
        Contradiction: the assumptions exclude each other.
        SymnormError: what is stated is not well formed.
    """
    start = time.perf_counter()
    if claim.states is None:
        return Verdict(EMPIRICAL, reason=claim.note)
    by = claim.by() if claim.by is not None else None
    return replace(decide(claim.relations(), claim.given, by), seconds=time.perf_counter() - start)


def decide(stated: Sequence[Relation], given: Iterable[Relation] = (), by: Tensor | None = None) -> Verdict:
    """The verdict on relations that are claimed to hold together under assumptions.

    Example:
        >>> from symnorm.tensors import absolute, equal, scalar, sqrt
        >>> a = scalar("a")
        >>> decide([equal(sqrt(a**2), absolute(a))]).status
        'proved'
        >>> decide([equal(sqrt(a**2), a)]).witness.model.scalars["a"] < 0
        True
    """
    start = time.perf_counter()
    return replace(_decided(stated, sort(given), by), seconds=time.perf_counter() - start)


def _decided(stated: Sequence[Relation], assumptions: Assumptions, by: Tensor | None) -> Verdict:
    pairs = assumptions.applied(*(side for r in stated for side in (r.left, r.right)))
    relations = [Relation(pairs[2 * i], r.relation, pairs[2 * i + 1]) for i, r in enumerate(stated)]
    (certificate,) = assumptions.applied(by) if by is not None else (None,)
    sides = [side for r in relations for side in (r.left, r.right)]
    signs = Visible(assumptions.facts)
    stated_in = [*sides, certificate] if certificate is not None else sides
    open_needs = conditions(needs(*stated_in), signs)
    ground = Ground.of([*sides, *(s for r in (*assumptions.constraints, *open_needs) for s in (r.left, r.right))])
    reason = ""
    try:
        shown = all(_proved(relation, assumptions, signs, certificate) for relation in relations)
    except (TooLarge, Unsupported, Undefined) as error:
        shown, reason = False, str(error)
    except RecursionError:
        shown, reason = False, "the statement is nested too deeply"
    if shown:
        return _with_model(relations, assumptions, open_needs, ground)
    witness = _refuted(relations, assumptions, open_needs, ground)
    left = partial(_left_over, relations, witness, assumptions)
    if witness is not None:
        return Verdict(REFUTED, witness=witness, left_over=left)
    reason = reason or "no proof was found, and no point at which it fails"
    return Verdict(UNDECIDED, left_over=left, reason=reason, conditions=in_words(open_needs))


def _left_over(relations: Sequence[Relation], witness: Witness | None, assumptions: Assumptions) -> Tensor | None:
    """What is left of ``left - right`` in the relation that fails, or in the only one."""
    chosen = witness.relation if witness is not None else relations[0] if len(relations) == 1 else None
    if chosen is None or chosen.relation != "==":
        return None
    return residue(chosen.left, chosen.right, assumptions.facts)


# proofs ---------------------------------------------------------------------------------------------------------------


def _proved(relation: Relation, assumptions: Assumptions, signs: Visible, by: Tensor | None) -> bool:
    if relation.relation == "==":
        return _equal(relation.left, relation.right, assumptions)
    gap = relation.left - relation.right
    if relation.relation in ("<=", "<"):
        gap = relation.right - relation.left
    if by is not None and not _equal(gap, by, assumptions):
        return False
    sign = signs.of((by if by is not None else gap).element)
    return {">=": sign.nonnegative, "<=": sign.nonnegative, ">": sign.positive, "<": sign.positive}.get(
        relation.relation, sign.nonzero
    )


def solver_for(assumptions: Assumptions, *tensors: Tensor, cases: tuple[int, ...] = ()) -> Solver:
    """A solver that knows the assumed signs and relations and the declared symmetries."""
    assumed = [r for r in assumptions.constraints if r.relation == "=="]
    sides = [side for r in assumed for side in (r.left, r.right)]
    symmetric = [name for name, leaf in inputs(*tensors, *sides).items() if leaf.data.symmetric]
    solver = Solver(assumptions.facts, symmetric, cases)
    for relation in assumed:
        solver.assume(relation.left.element, relation.right.element)
    return solver


def _equal(left: Tensor, right: Tensor, assumptions: Assumptions) -> bool:
    """Equal at every index; an index of a fixed size is put into the statement as a number, one after the other."""
    fixed = [axis for axis in (left - right).axes if axis.size.is_Integer]
    for places in product(*(range(1, int(axis.size) + 1) for axis in fixed)):
        here = {axis.index: sp.Integer(place) for axis, place in zip(fixed, places, strict=True)}
        if not _equal_by_cases(renamed(left.element, here), renamed(right.element, here), assumptions, (left, right)):
            return False
    return True


def _equal_by_cases(
    left: sp.Expr, right: sp.Expr, assumptions: Assumptions, tensors: tuple[Tensor, Tensor], cases: tuple[int, ...] = ()
) -> bool:
    """Equal as they stand, or in both cases of the first sign that may be split on."""
    solver = solver_for(assumptions, *tensors, cases=cases)
    if solver.equal(left, right):
        return True
    return solver.resolver.cases.open and all(
        _equal_by_cases(left, right, assumptions, tensors, (*cases, sign)) for sign in (1, -1)
    )


def _with_model(
    relations: Sequence[Relation], assumptions: Assumptions, open_needs: list[Relation], ground: Ground
) -> Verdict:
    """A proof with the point that shows that it says something, and that the interpreter agrees with it."""
    sides = [side for r in relations for side in (r.left, r.right)]
    listed = in_words(distinct(open_needs, solver_for(assumptions, *sides)))
    fixed = {name: int(size) for name, size in assumptions.sizes.items() if size.is_Integer}
    for model in satisfying(ground, assumptions, open_needs, patterns=SMALL):
        if any(fails_at(relation, model, places=1) is not None for relation in relations):
            raise Unsound(f"{relations} was proved and is false at {model}")
        return Verdict(PROVED, conditions=listed, model=model, fixed=fixed)
    return Verdict(UNDECIDED, conditions=listed, reason="possibly vacuous: no point satisfies all conditions")


# refutations ----------------------------------------------------------------------------------------------------------


def _refuted(
    relations: Sequence[Relation], assumptions: Assumptions, open_needs: list[Relation], ground: Ground
) -> Witness | None:
    for model in satisfying(ground, assumptions, open_needs, POINTS):
        for relation in relations:
            witness = fails_at(relation, model)
            if witness is not None:
                return witness
    return None


def re_evaluated(witness: Witness) -> bool:
    """Whether a witness still refutes its relation when everything is computed again.

    Example:
        >>> from symnorm.tensors import equal, scalar, sqrt
        >>> a = scalar("a")
        >>> re_evaluated(decide([equal(sqrt(a**2), a)]).witness)
        True
    """
    return fails_at(witness.relation, witness.model) is not None


__all__ = ["Model", "Unsound", "decide", "prove", "re_evaluated"]
