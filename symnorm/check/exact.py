"""Statements and assumptions as they were written, at concrete points, by the interpreter alone.

In come relations and a :class:`~symnorm.evaluate.Model`, out comes where they hold; or points come out at which all
assumptions do. Nothing here sorts, substitutes or simplifies, and the points are not those of the prover's search: this
is what its verdicts are judged by in :mod:`symnorm.check.soundness`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import product
from types import MappingProxyType

import sympy as sp

from symnorm.canonical import Facts
from symnorm.claims.search import HOLDS, Ground, satisfy
from symnorm.errors import NameUnknown, SymnormError
from symnorm.evaluate import (
    ConcreteLoss,
    Model,
    Number,
    OutsideDomain,
    Undetermined,
    agree,
    element_array,
    evaluate,
    provably_differ,
    sign_of,
)
from symnorm.evaluate.model import Index
from symnorm.tensors import Relation, Tensor, inputs

TRIES = 200
"""How many points are drawn; at some of them the assumptions do not hold."""

VALUES = (*map(Fraction, (-3, -2, -1, 0, 1, 2, 3, 5)), Fraction(-1, 2), Fraction(1, 2), Fraction(4, 3))

SIZES, LARGER = (1, 2, 2, 3, 3, 4), (2, 3, 4, 5, 6, 7)
"""Sizes to draw from; the larger ones where the small ones did not do, as for ``N >= 5``."""

Place = frozenset[tuple[str, int]]
"""Where in an array: axis names with positions from 1."""


def answers(
    relation: Relation, model: Model, index: Mapping[str, int] = MappingProxyType({})
) -> dict[Place, bool | None]:
    """Whether a relation holds, by the position of each index; ``None`` where it is undefined or cannot be told.

    Args:
        relation: the statement.
        model: the point.
        index: positions of some axes, to look at no others.
    """
    axes = (relation.left - relation.right).axes
    positions = [[index[a.name]] if a.name in index else range(1, _integer(a.size, model) + 1) for a in axes]
    found: dict[Place, bool | None] = {}
    for at in product(*positions):
        indices = {axis.index: position for axis, position in zip(axes, at, strict=True)}
        place = frozenset((axis.name, position) for axis, position in zip(axes, at, strict=True))
        try:
            a, b = (evaluate(side.element, model, indices) for side in (relation.left, relation.right))
        except (OutsideDomain, Undetermined):
            found[place] = None
            continue
        if relation.relation == "==":
            found[place] = False if provably_differ(a, b) else True if agree(a, b, scale=1) else None
        else:
            sign = sign_of(a - b)
            found[place] = None if sign is None else HOLDS[relation.relation](sign)
    return found


def broken(point: Model, ground: Ground, given: Iterable[Relation]) -> str:
    """The first assumption, or promise of a declaration, that a point breaks for certain; nothing if it breaks none."""
    assumed = list(given)
    model = completed(point, assumed)
    for relation in assumed:
        try:
            holds = answers(relation, model)
        except NameUnknown:
            continue  # about something that the statement does not mention, and the prover's points do not have
        if False in holds.values():
            return repr(relation)
    zero = _set_to_zero(assumed)
    for leaf in ground.leaves:
        name = leaf.data.name
        entries = dict(model.tensors.get(name, {}))
        if name in model.scalars:
            entries = {(): model.scalars[name]}
        # what an assumption sets to 0 may be declared positive: eps == 0
        if not all(_promised(leaf, value) or (name in zero and value == 0) for value in entries.values()):
            return f"the declaration of {name}"
        if leaf.data.symmetric and any(entries[at] != entries[at[::-1]] for at in entries):
            return f"the symmetry of {name}"
    return ""


def _set_to_zero(given: Iterable[Relation]) -> set[str]:
    """The inputs that the assumptions say are 0, also by way of another's name."""
    sides = [(r.left, r.right) for r in given if r.relation == "=="]
    equations = [pair for left, right in sides for pair in ((left, right), (right, left)) if pair[0].op == "input"]
    found = {str(one.data.name) for one, other in equations if not inputs(other) and other.expr == 0}
    for _ in equations:
        found |= {str(a.data.name) for a, b in equations if b.op == "input" and b.data.name in found}
    return found


def _promised(leaf: Tensor, value: Number) -> bool:
    sign, data = sign_of(value), leaf.data
    return not (
        (data.positive and sign != 1)
        or (data.nonnegative and sign == -1)
        or (data.nonzero and sign == 0)
        or (data.integer and not (isinstance(value, int | Fraction) and value.denominator == 1))
    )


def points(ground: Ground, given: Sequence[Relation], draw: random.Random) -> Iterator[Model]:
    """Points at which every assumption holds, read as it was written."""
    about_sizes = [r for r in given if not inputs(r.left, r.right)]
    for attempt in range(TRIES):
        sizes = {name: draw.choice(SIZES if 2 * attempt < TRIES else LARGER) for name in ground.sizes}
        sizes = dict(completed(Model(sizes), about_sizes).sizes)
        if not all(answer for relation in about_sizes for answer in answers(relation, Model(sizes)).values()):
            continue
        scalars: dict[str, Fraction] = {}
        tensors: dict[str, dict[Index, Fraction]] = {}
        for leaf in ground.leaves:
            values = _allowed(leaf, given)
            if not values:
                return
            if not leaf.axes:
                scalars[leaf.data.name] = draw.choice(values)
                continue
            extents = [range(1, _integer(axis.size, Model(sizes)) + 1) for axis in leaf.axes]
            entries = {at: draw.choice(values) for at in product(*extents)}
            if leaf.data.symmetric:
                entries = {at: entries[min(at, at[::-1])] for at in entries}
            tensors[leaf.data.name] = entries
        losses = {name: ConcreteLoss(draw.randrange(10**6)) for name in ground.losses}
        model = Model(sizes, scalars, tensors, losses)
        for relation in given:
            if relation.relation == "==" and relation.left.op not in ("input", "const"):
                satisfy(relation, model, Facts())
        whole = completed(model, given)
        known = all(answer for relation in given for answer in answers(relation, whole).values())
        if known and not broken(model, ground, given):
            yield whole


def completed(model: Model, given: Iterable[Relation]) -> Model:
    """The point with the values that the assumptions state outright: ``eps == 0``, ``N == 1``, ``a == b``."""
    sizes, scalars = dict(model.sizes), dict(model.scalars)
    tensors: dict[str, dict[Index, Number]] = {name: dict(entries) for name, entries in model.tensors.items()}
    found = Model(sizes, scalars, tensors, model.losses)
    equalities = [relation for relation in given if relation.relation == "=="]
    for relation in (*equalities, *equalities):  # twice: an equation may need what a later one states
        for target, value in ((relation.left, relation.right), (relation.right, relation.left)):
            with suppress(SymnormError):  # the value is not known at this point, but perhaps the target's is
                if target.op == "const" and target.data.is_Symbol and value.op == "const":
                    sizes[str(target.data)] = _integer(value.data, found)
                elif target.op == "input" and target.axes:
                    tensors[target.data.name] = dict(_entries(target, value, found))
                elif target.op == "input":
                    scalars[target.data.name] = _entries(target, value, found)[()]
                else:
                    continue
                break
    return found


def _entries(target: Tensor, value: Tensor, model: Model) -> Mapping[Index, Number]:
    """What an assumed equation says an input's entries are."""
    indices, sizes = [axis.index for axis in target.axes], [axis.size for axis in target.axes]
    return element_array(value.element, indices, sizes, model)


def _allowed(leaf: Tensor, given: Iterable[Relation]) -> list[Fraction]:
    """The values that a leaf's declaration and the assumptions that compare it with a number leave."""
    bounds = [(r.relation, r.right.data) for r in given if r.left.op == "input" and r.left.data.name == leaf.data.name
              and r.right.op == "const" and r.right.data.is_Rational and r.relation != "=="]  # fmt: skip
    found = [value for value in VALUES if _promised(leaf, value)]
    if leaf.data.integer:
        found = [value for value in found if value.denominator == 1]
    return [v for v in found if all(HOLDS[how](v - Fraction(int(b.p), int(b.q))) for how, b in bounds)]


def _integer(size: sp.Expr, model: Model) -> int:
    found = evaluate(size, model)
    if not isinstance(found, int):
        raise SymnormError(f"the size {size} is {found} at {model.sizes}")
    return found
