r"""Inequalities between numbers in a box, by subdivision: where ``lo <= s <= hi`` is assumed of every number s in them.

The gap is evaluated with the whole range of each number in its place, by rigorous intervals. What comes out contains
every value that the gap takes there; if that is positive the inequality holds in the whole cell, otherwise the cell is
halved. A box whose cells are all settled is a proof, whatever functions the gap is made of.

In come a relation and the sorted assumptions; out comes how many cells it took. Called by the prover.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import inf, isfinite, nextafter

from symnorm.calculus import jvp
from symnorm.claims.assumptions import Assumptions
from symnorm.claims.lemmas import SMOOTH
from symnorm.claims.verdict import Proof
from symnorm.evaluate import OutsideDomain, Undetermined
from symnorm.evaluate.spans import Formula, Span, span_of
from symnorm.tensors import Relation, Tensor, inputs, walk

MOST_CELLS = 1000
Box = dict[str, Span]

WITH_SLOPES = SMOOTH | {"abs", "maximum", "minimum"}
"""Operations whose derivative is that of their value wherever it is defined; these three's has a sign in it, which is
not defined at a kink."""


def shown(relation: Relation, assumptions: Assumptions) -> Proof | None:
    """How an inequality is proved cell by cell; ``None`` where it is not, or a number in it has no bounds.

    Example:
        >>> from symnorm.claims.assumptions import sort
        >>> from symnorm.tensors import exp, scalar
        >>> a = scalar("a")
        >>> shown(exp(a) > 2 * a, sort([a >= 0, a <= 1]))["cells"]
        1
        >>> shown(exp(a) > 3 * a, sort([a >= 0, a <= 1]))
    """
    if relation.relation not in ("<", "<=", ">", ">=") or relation.gap.axes:
        return None
    box = _box(relation.gap, assumptions)
    if not box:
        return None
    cells = _cells(relation, box)
    return None if cells is None else {"kind": "subdivision", "relation": relation, "cells": cells}


def _box(gap: Tensor, assumptions: Assumptions) -> Box | None:
    """The assumed range of each number in the gap; ``None`` if one has none, or if there is more than numbers."""
    leaves = inputs(gap)
    if {symbol.name for symbol in gap.element.free_symbols} != {*leaves} or any(leaf.axes for leaf in leaves.values()):
        return None
    facts, zero = assumptions.facts, Fraction(0)
    below = dict.fromkeys([*facts.positive, *facts.nonnegative, *_promised(leaves)], zero)
    above = dict.fromkeys([*facts.negative, *facts.nonpositive], zero)
    for relation in assumptions.constraints:
        for side, other, larger in ((relation.left, relation.right, ">"), (relation.right, relation.left, "<")):
            if side.op == "input" and not side.axes and not other.axes and other.expr.is_Rational:
                name, bound = str(side.data.name), Fraction(int(other.expr.p), int(other.expr.q))
                if relation.relation.startswith(larger):
                    below[name] = max(bound, below.get(name, bound))
                elif relation.relation[0] in "<>":
                    above[name] = min(bound, above.get(name, bound))
    if not all(name in below and name in above and below[name] <= above[name] for name in leaves):
        return None
    return {name: span_of(below[name], above[name]) for name in leaves}


def _promised(leaves: Mapping[str, Tensor]) -> list[str]:
    """The numbers that are declared not to be negative."""
    return [name for name, leaf in leaves.items() if leaf.data.positive or leaf.data.nonnegative]


def _cells(relation: Relation, box: Box) -> int | None:
    """How many cells the box falls into, each settled; ``None`` where that was not reached."""
    gap, whole = _Gap(relation.gap, box), {name: high - low for name, (low, high) in box.items()}
    strict = relation.relation in ("<", ">")
    waiting, settled = [box], 0
    while waiting:
        cell = waiting.pop()
        least = gap.least(cell)
        if least > 0 or (least == 0 and not strict):
            settled += 1
        elif gap.is_negative_inside(cell) or settled + len(waiting) >= MOST_CELLS:
            return None
        else:
            waiting += _halves(cell, whole)
    return settled


class _Gap:
    """A formula, evaluated over cells.

    Where it is differentiable its slopes over a cell help: along a number whose slope keeps its sign, the smallest
    value is at an end; along the others the mean value theorem bounds it from the middle.
    """

    def __init__(self, gap: Tensor, box: Box) -> None:
        self.value = Formula(gap.element)
        smooth = all(node.op in WITH_SLOPES for node in walk(gap))
        self.slopes = {name: Formula(jvp(gap, {name: 1}).element) for name in box} if smooth else {}

    def is_negative_inside(self, cell: Box) -> bool:
        """Whether it certainly is in the middle."""
        return _range(self.value, {name: _point(side) for name, side in cell.items()})[1] < 0

    def least(self, cell: Box) -> float:
        """A lower bound; minus infinity where the formula is not known to be defined in all of the cell."""
        plain, _ = _range(self.value, cell)
        if plain in (-inf, 0) or plain > 0 or not self.slopes:
            return plain
        start, rest = {}, 0.0
        for name, (low, high) in cell.items():
            least, most = _range(self.slopes[name], cell)
            start[name] = (low, low) if least >= 0 else (high, high) if most <= 0 else _point((low, high))
            if least < 0 < most:
                ((from_middle, _),) = (start[name],)
                reach = nextafter(max(high - from_middle, from_middle - low), inf)
                rest = nextafter(rest + nextafter(max(-least, most) * reach, inf), inf)
        lowest, _ = _range(self.value, start)
        return max(plain, nextafter(lowest - rest, -inf)) if isfinite(rest) else plain


def _range(formula: Formula, cell: Box) -> Span:
    try:
        return formula.over(cell)
    except (OutsideDomain, Undetermined):
        return -inf, inf


def _point(side: Span) -> Span:
    """The middle of a side, or a number near it."""
    middle = min(max(side[0] / 2 + side[1] / 2, side[0]), side[1])
    return middle, middle


def _halves(cell: Box, whole: Mapping[str, float]) -> tuple[Box, Box]:
    """The cell cut across its longest side, as a part of the whole box's."""
    name = max(cell, key=lambda name: (cell[name][1] - cell[name][0]) / (whole[name] or inf))
    (low, high), (middle, _) = cell[name], _point(cell[name])
    return {**cell, name: (low, middle)}, {**cell, name: (middle, high)}
