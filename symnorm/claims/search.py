"""Points to try: concrete sizes and small rationals that satisfy the assumptions.

A refutation is such a point at which two sides provably differ; a proof needs one at which everything is defined, so
that it is not vacuous. Sizes start small but past two (two numbers always standardize to -1 and 1) and all different.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice, product
from typing import Any

import sympy as sp

from symnorm.canonical import Facts
from symnorm.claims import solutions
from symnorm.claims.assumptions import Assumptions
from symnorm.claims.verdict import Witness
from symnorm.errors import SymnormError
from symnorm.evaluate import (
    ConcreteLoss,
    Model,
    OutsideDomain,
    Undetermined,
    element_array,
    evaluate,
    provably_differ,
    sign_of,
)
from symnorm.evaluate.numbers import sqrt
from symnorm.tensors import Leaf, Relation, Tensor, inputs, walk
from symnorm.tensors.tensor import OVER_AXES

SEED = 20_260_101

SIZES = ((3, 4, 5, 6), (4, 3, 5, 6), (2, 3, 4, 5), (3, 2, 4, 5), (5, 3, 4, 2), (1, 3, 4, 5), (3, 1, 2, 4), (2, 1, 3, 4))
"""Sizes to try in turn, given to the size symbols in alphabetical order."""

SMALL = ((2, 3, 2, 3), (2, 2, 2, 2), (3, 2, 3, 2), (1, 2, 2, 2), *SIZES)
"""Sizes for the point that shows that a proof is not vacuous: any will do, and small ones are quick."""

NUMBERS = tuple(Fraction(n, 2) for n in (-6, -4, -2, -1, 0, 1, 2, 3, 4, 6))

FEW_SIZES, FEW_NUMBERS = ((1, 2, 2, 2), (2, 1, 2, 2), (2, 2, 2, 2)), (Fraction(-1), Fraction(0), Fraction(1))
SPOT_SIZES = ((9, 2, 2, 2), (2, 9, 2, 2))
"""For points at which much is 0, the same, or opposite: where inequalities fail that hold nearly everywhere."""

ANY, SAME, NONE, SPOT = range(4)
"""Plain points have any numbers; or the same in all tensors, but for signs; or tensors of 0; or 0 but at one place."""

HOLDS = {
    "==": lambda s: s == 0,
    "!=": lambda s: s != 0,
    ">=": lambda s: s >= 0,
    ">": lambda s: s > 0,
    "<=": lambda s: s <= 0,
    "<": lambda s: s < 0,
}


Example = Mapping[str, Any]
"""Values for some sizes (integers), scalars (rationals) and tensors (nested lists of rationals) by name."""

OF_EACH_EXAMPLE = 4
"""How often what an example leaves open is drawn."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What a point has to give values to, and values that a claim proposes: they are checked like any others."""

    sizes: tuple[str, ...]
    leaves: tuple[Tensor, ...]
    losses: tuple[str, ...]
    examples: tuple[Example, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose."""
        return not (self.sizes or self.leaves or self.losses)

    @classmethod
    def of(cls, tensors: Iterable[Tensor]) -> Ground:
        """Everything that the tensors mention."""
        roots = tuple(tensors)
        sizes: set[str] = set()
        losses: dict[str, list[sp.Expr]] = {}
        for node in walk(*roots):
            extents = [axis.size for axis in node.axes]
            if node.op in OVER_AXES:
                extents += [axis.size for axis in node.data]
            if node.op == "const":
                extents.append(node.data)
            if node.op in ("cotangent", "curvature"):
                own = node.axes if node.op == "cotangent" else node.axes[: len(node.axes) // 2]
                shape = [axis.size for axis in sorted(own, key=lambda axis: axis.name)]
                if losses.setdefault(str(node.data), shape) != shape:
                    raise SymnormError(
                        f"the loss {node.data} is a function of outputs of shape {losses[str(node.data)]} and of"
                        f" {shape}; these are two losses, give them two names"
                    )
            sizes.update(str(symbol) for extent in extents for symbol in extent.free_symbols)
        leaves = inputs(*roots)
        if both := sizes.intersection(leaves):
            raise SymnormError(f"{sorted(both)} name a size and an input; call one of each pair something else")
        return cls(tuple(sorted(sizes)), tuple(leaves.values()), tuple(sorted(losses)))


def points(
    ground: Ground,
    assumptions: Assumptions,
    attempts: int,
    patterns: Sequence[Sequence[int]] = SIZES,
    seed: int = SEED,
    plain: bool = False,
) -> Iterator[Model]:
    """Points that satisfy the signs and least sizes of the assumptions, always the same ones for a seed.

    Those that have a proposed example's values come first. ``plain`` ones are those of each kind in turn.
    """
    patterns, kinds = (FEW_SIZES, 4) if plain else (patterns, 1)
    proposed = [example for example in ground.examples for _ in range(OF_EACH_EXAMPLE)]
    for attempt, example in enumerate([*proposed, *({} for _ in range(attempts))]):
        draw = random.Random(f"{seed}:{attempt - len(proposed)}")
        kind = attempt % kinds
        turn = SPOT_SIZES if kind == SPOT else patterns
        pattern = turn[attempt // kinds % len(turn)]
        sizes = {
            name: max(pattern[i % len(pattern)], assumptions.least.get(name, 1)) for i, name in enumerate(ground.sizes)
        }
        sizes = solutions.fitted(assumptions.systems, sizes, assumptions.least)
        sizes |= {name: int(example[name]) for name in ground.sizes if name in example}
        scalars: dict[str, Fraction] = {}
        tensors: dict[str, dict[tuple[int, ...], Fraction]] = {}
        shared: dict[tuple[int, ...], Fraction] = {}
        for leaf in ground.leaves:
            allowed = _allowed(leaf.data, assumptions.facts)
            choices = list(filter(allowed, NUMBERS if kind == ANY else FEW_NUMBERS)) or list(filter(allowed, NUMBERS))
            if not choices:
                return
            value = partial(draw.choice, choices)
            if not leaf.axes:
                scalars[leaf.data.name] = Fraction(example[leaf.data.name]) if leaf.data.name in example else value()
                continue
            ranges = [range(1, _extent(axis.size, sizes) + 1) for axis in leaf.axes]
            if leaf.data.name in example:
                tensors[leaf.data.name] = _entries(example[leaf.data.name], ranges)
                continue
            entries = {at: value() for at in product(*ranges)}
            if kind != ANY:
                chosen = _of_kind(kind, entries, shared, draw)
                entries = {at: chosen[at] if allowed(chosen[at]) else entry for at, entry in entries.items()}
            if leaf.data.symmetric:
                entries = {at: entries[min(at, at[::-1])] for at in entries}
            tensors[leaf.data.name] = entries
        if any(not _keeps(leaf.data, assumptions.facts, example) for leaf in ground.leaves):
            continue
        losses = {name: ConcreteLoss(draw.randrange(10**6)) for name in ground.losses}
        model = Model(sizes, scalars, tensors, losses)
        for system in assumptions.systems:
            if not solutions.unknowns(system) & example.keys():
                solutions.solve(system, model, draw)
        yield model


def _of_kind(
    kind: int,
    entries: Mapping[tuple[int, ...], Fraction],
    shared: dict[tuple[int, ...], Fraction],
    draw: random.Random,
) -> dict[tuple[int, ...], Fraction]:
    """The entries of a tensor at a plain point, made of random ones; ``shared`` has those that all tensors have."""
    side = draw.choice((1, -1) if kind == SAME else (1, 0))
    if kind == SAME:
        return {at: side * shared.setdefault(at, entry) for at, entry in entries.items()}
    if kind == NONE:
        return {at: side * entry for at, entry in entries.items()}
    return {at: Fraction(side * all(i == 1 for i in at)) for at in entries}


def _extent(size: sp.Expr, sizes: dict[str, int]) -> int:
    return int(size.xreplace({symbol: sp.Integer(sizes[str(symbol)]) for symbol in size.free_symbols}))


def _entries(values: Any, ranges: Sequence[range]) -> dict[tuple[int, ...], Fraction]:
    """Nested lists as entries by their indices, counted from 1.

    Raises:
        SymnormError: the lists are not as long as the axes.
    """
    if not ranges:
        return {(): Fraction(values)}
    if len(values) != len(ranges[0]):
        raise SymnormError(f"an example gives {len(values)} entries along an axis of {len(ranges[0])}: {values}")
    below = [_entries(value, ranges[1:]) for value in values]
    return {(first, *rest): entry for first, found in enumerate(below, 1) for rest, entry in found.items()}


def _keeps(leaf: Leaf, facts: Facts, example: Example) -> bool:
    """Whether an example's values for an input keep to its declaration and assumed signs."""
    return all(map(_allowed(leaf, facts), _flat(example.get(leaf.name, []))))


def _flat(values: Any) -> Iterator[Fraction]:
    if isinstance(values, list | tuple):
        for value in values:
            yield from _flat(value)
    else:
        yield Fraction(values)


def _allowed(leaf: Leaf, facts: Facts) -> Callable[[Fraction], bool]:
    """Whether a value keeps to an input's declaration and assumed signs."""
    name = leaf.name
    positive = leaf.positive or name in facts.positive
    nonnegative = leaf.nonnegative or name in facts.nonnegative
    nonzero = leaf.nonzero or name in facts.nonzero

    def allowed(value: Fraction) -> bool:
        return not (
            (positive and value <= 0)
            or (nonnegative and value < 0)
            or (name in facts.negative and value >= 0)
            or (name in facts.nonpositive and value > 0)
            or (nonzero and value == 0)
            or (leaf.integer and value.denominator != 1)
        )

    return allowed


def satisfy(equation: Relation, model: Model, facts: Facts, settled: frozenset[str] = frozenset()) -> None:
    """Change entries of a point so that an assumed equation holds: it is affine in one of them, or has a rational root.

    One entry an index of the equation, each only once, never against its sign and never of an input named in
    ``settled``; whether it worked is for the caller to check.
    """
    gap = equation.left - equation.right
    changed: set[tuple[str, tuple[int, ...]]] = set()
    extents = [range(1, _extent(axis.size, dict(model.sizes)) + 1) for axis in gap.axes]
    for at in product(*extents):
        indices = {axis.index: i for axis, i in zip(gap.axes, at, strict=True)}
        _solve_at(gap, model, facts, indices, changed, settled)


def _solve_at(
    gap: Tensor,
    model: Model,
    facts: Facts,
    indices: dict[sp.Symbol, int],
    changed: set[tuple[str, tuple[int, ...]]],
    settled: frozenset[str],
) -> None:
    leaves = [node.data for name, node in inputs(gap).items() if name not in settled]
    for degree, leaf in product((1, 2), leaves):
        entries = model.tensors.get(leaf.name)
        for place in reversed(list(entries) if entries is not None else [()]):
            if (leaf.name, place) in changed:
                continue
            for solution in filter(_allowed(leaf, facts), _solutions(gap, model, leaf, place, indices, degree)):
                _put(model, leaf, place, solution)
                changed |= {(leaf.name, place), (leaf.name, place[::-1] if leaf.symmetric else place)}
                return


def _solutions(
    gap: Tensor, model: Model, leaf: Leaf, place: tuple[int, ...], indices: dict[sp.Symbol, int], degree: int
) -> list[Fraction]:
    """What an entry has to be where a gap is of first or second degree in it; of two roots the nearest first."""
    at_0, at_1, at_2 = (_with_entry(gap, model, leaf, place, Fraction(k), indices) for k in range(3))
    slope, bend = at_1 - at_0, at_2 - 2 * at_1 + at_0
    if degree == 1:
        found = [-at_0 / slope] if bend == 0 and slope != 0 else []
        return [Fraction(one) for one in found if isinstance(one, int | Fraction)]
    if bend == 0 or not all(isinstance(one, int | Fraction) for one in (at_0, slope, bend)):
        return []
    middle = Fraction(1, 2) - Fraction(slope) / bend
    square = middle**2 - 2 * Fraction(at_0) / bend
    side = sqrt(square) if square >= 0 else None
    if not isinstance(side, int | Fraction):
        return []
    held = model.tensors[leaf.name][place] if place else model.scalars[leaf.name]
    found = sorted((middle - side, middle + side), key=lambda one: abs(one - held))
    return [one for one in found if _with_entry(gap, model, leaf, place, one, indices) == 0]


def _put(model: Model, leaf: Leaf, place: tuple[int, ...], value: Fraction) -> None:
    """Set an entry, of a symmetric matrix together with its mirror image."""
    table: Any = model.tensors[leaf.name] if place else model.scalars
    table[place if place else leaf.name] = value
    if leaf.symmetric:
        table[place[::-1]] = value


def _with_entry(
    gap: Tensor, model: Model, leaf: Leaf, place: tuple[int, ...], value: Fraction, indices: dict[sp.Symbol, int]
) -> Any:
    before: Any = model.tensors[leaf.name][place] if place else model.scalars[leaf.name]
    _put(model, leaf, place, value)
    try:
        return evaluate(gap.element, model, indices)
    except (OutsideDomain, Undetermined):
        return Fraction(0)
    finally:
        _put(model, leaf, place, before)


def holds(relation: Relation, model: Model) -> bool | None:
    """Whether a relation holds at every index of a point; ``None`` if arithmetic cannot tell."""
    gap = relation.left - relation.right
    try:
        values = element_array(gap.element, [a.index for a in gap.axes], [a.size for a in gap.axes], model)
    except (OutsideDomain, Undetermined):
        return None
    answers = [sign_of(value) for value in values.values()]
    if any(answer is not None and not HOLDS[relation.relation](answer) for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def satisfying(
    ground: Ground,
    assumptions: Assumptions,
    conditions: Sequence[Relation],
    attempts: int = 48,
    patterns: Sequence[Sequence[int]] = SIZES,
    plain: bool = False,
) -> Iterator[Model]:
    """Points at which all constraints and conditions hold for certain."""
    required = [*assumptions.constraints, *conditions]
    equations = [r for r in assumptions.constraints if r.relation == "==" and r.system is None]
    settled = frozenset(name for system in assumptions.systems for r in system.relations for name in inputs(r.gap))
    for model in points(ground, assumptions, attempts, patterns, plain=plain):
        for equation in equations:
            satisfy(equation, model, assumptions.facts, settled)
        if all(holds(relation, model) for relation in required):
            yield model


def fails_at(relation: Relation, model: Model, places: int | None = None) -> Witness | None:
    """The first index at which a relation is false at a point, for certain; at most ``places`` indices are tried."""
    axes = (relation.left - relation.right).axes
    extents = [_extent(axis.size, dict(model.sizes)) for axis in axes]
    for at in islice(product(*(range(1, extent + 1) for extent in extents)), places):
        indices = {axis.index: i for axis, i in zip(axes, at, strict=True)}
        try:
            a, b = evaluate(relation.left.element, model, indices), evaluate(relation.right.element, model, indices)
        except (OutsideDomain, Undetermined):
            continue
        if relation.relation == "==":
            false = provably_differ(a, b)
        else:
            answer = sign_of(a - b)
            false = answer is not None and not HOLDS[relation.relation](answer)
        if false:
            return Witness(relation, model, {axis.name: i for axis, i in zip(axes, at, strict=True)}, a, b)
    return None
