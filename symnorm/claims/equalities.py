"""Equations: two sides are equal when their difference has the normal form zero.

In come two tensors and the sorted assumptions; out comes how they are proved equal at every index, or nothing. Called
by the prover, and by :mod:`.inequalities` for the exact identity that an inequality rests on.
"""

from __future__ import annotations

from itertools import product

import sympy as sp

from symnorm.canonical import Solver
from symnorm.claims.assumptions import Assumptions
from symnorm.claims.verdict import Branch, Steps
from symnorm.tensors import Tensor, inputs
from symnorm.tensors.nodes import renamed


def solver_for(assumptions: Assumptions, *tensors: Tensor, cases: tuple[int, ...] = ()) -> Solver:
    """A solver that knows the assumed signs and relations and the declared symmetries."""
    assumed = [r for r in assumptions.constraints if r.relation == "=="]
    sides = [side for r in assumed for side in (r.left, r.right)]
    symmetric = [name for name, leaf in inputs(*tensors, *sides).items() if leaf.data.symmetric]
    solver = Solver(assumptions.facts, symmetric, cases)
    for relation in assumed:
        solver.assume(relation.left.element, relation.right.element, leftwards=relation.system is not None)
    return solver


def equal(left: Tensor, right: Tensor, assumptions: Assumptions) -> Steps | None:
    """Equal at every index; an index of a fixed size is put into the statement as a number, one after the other."""
    steps: Steps = {}
    fixed = [axis for axis in (left - right).axes if axis.size.is_Integer]
    for places in product(*(range(1, int(axis.size) + 1) for axis in fixed)):
        here = {axis.index: sp.Integer(place) for axis, place in zip(fixed, places, strict=True)}
        sides = renamed(left.element, here), renamed(right.element, here)
        found = _equal_by_cases(*sides, assumptions, (left, right))
        if found is None:
            return None
        steps[places] = found
    return steps


def _equal_by_cases(
    left: sp.Expr, right: sp.Expr, assumptions: Assumptions, tensors: tuple[Tensor, Tensor], cases: tuple[int, ...] = ()
) -> Branch | None:
    """Equal as they stand, or in both cases of the first sign that may be split on."""
    solver = solver_for(assumptions, *tensors, cases=cases)
    if solver.equal(left, right):
        return Branch(solver)
    above = _equal_by_cases(left, right, assumptions, tensors, (*cases, 1)) if solver.resolver.cases.open else None
    below = _equal_by_cases(left, right, assumptions, tensors, (*cases, -1)) if above is not None else None
    return Branch(solver, (above, below)) if above is not None and below is not None else None
