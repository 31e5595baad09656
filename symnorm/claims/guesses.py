r"""What the gap of an inequality may equal: guessed from numbers, for the prover to prove or to drop.

In come inequalities that nothing proved and no point refuted, out come certificates such as a claim may bring itself.
None is believed: the prover shows the identity for all sizes, and the sign, or takes no notice. Two ways of guessing:

- *completed squares*: a gap in numbers only is read off as a quadratic form at a few points and brought to
  ``sum d_i l_i^2`` (Lagrange's reduction);
- *blocks*: quantities that are visibly not negative, made of what the statement averages
  (:mod:`symnorm.claims.candidates`); which one or two of them, in which multiples, is solved for at points of different
  sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from operator import mul

import numpy as np
import numpy.typing as npt
import sympy as sp

from symnorm.claims.candidates import ONE, averaged, between_directions, of_absolute_values
from symnorm.evaluate import Model, OutsideDomain, Undetermined, evaluate
from symnorm.evaluate.numbers import enclosure
from symnorm.tensors import Relation, Tensor, as_tensor, inputs, walk

MOST_NUMBERS = 6
NEAREST, NEAR = 720, 1e-9
"""Multiples of blocks are fractions with a denominator up to this; how near a fit has to be, squared."""

Values = npt.NDArray[np.float64]


def guesses(relation: Relation, points: Sequence[Model]) -> Iterator[Tensor]:
    """Certificates to try for an inequality, or for that between the squares of its sides.

    Args:
        relation: the inequality.
        points: some that satisfy what is assumed, of different sizes.

    Example:
        >>> from symnorm.tensors import scalar
        >>> a, b = scalar("a"), scalar("b")
        >>> [*guesses(a**2 + b**2 >= 2*a*b, [])]
        [(a - b)**2]
    """
    if relation.relation not in ("<", "<=", ">", ">="):
        return
    squared = Relation(relation.left**2, relation.relation, relation.right**2)
    targets = (relation.gap, squared.gap)
    for target in targets:
        leaves = inputs(target)
        if any(leaf.axes for leaf in leaves.values()):
            yield from _of_blocks(target, averaged(target), points)
        elif {symbol.name for symbol in target.element.free_symbols} <= {*leaves}:
            yield from _completed(target, [*leaves.values()])
            yield from _of_blocks(target, of_absolute_values(target), points)
    for target in targets:  # last, since these divide by lengths
        yield from _of_blocks(target, between_directions(target), points)


# completed squares ----------------------------------------------------------------------------------------------------


def _completed(gap: Tensor, numbers: Sequence[Tensor]) -> Iterator[Tensor]:
    """A gap that is quadratic in its numbers, or is once denominators are cleared, as squares of linear forms."""
    below = {repr(node.args[1]): node.args[1] for node in walk(gap) if node.op == "div" and inputs(node.args[1])}
    for divisor in dict.fromkeys([None, reduce(mul, below.values())] if below else [None]):
        form = _quadratic(gap if divisor is None else gap * divisor, numbers)
        found = None if form is None else _sum_of_squares(form, [*numbers, as_tensor(1)])
        if found is not None:
            yield found if divisor is None else found / divisor


def _quadratic(gap: Tensor, numbers: Sequence[Tensor]) -> list[list[Fraction]] | None:
    """The matrix of a quadratic form in some numbers and 1, from its values where all of them are 1, 2 or 3."""
    count = len(numbers)

    def at(*more: int) -> Fraction:
        values = {str(number.data.name): Fraction(1 + more.count(i)) for i, number in enumerate(numbers)}
        found = evaluate(gap.element, Model(scalars=values))
        if not isinstance(found, int | Fraction):
            raise Undetermined("a quadratic form", found)
        return Fraction(found)

    try:
        if count > MOST_NUMBERS:
            return None
        whole = at()
        first = [at(i) for i in range(count)]
        form = [[(at(i, j) - first[i] - first[j] + whole) / 2 for j in range(count)] for i in range(count)]
    except (OutsideDomain, Undetermined):
        return None
    slope = [first[i] - whole - form[i][i] for i in range(count)]  # twice the linear part, from 1 on
    linear = [slope[i] / 2 - sum(form[i], start=Fraction(0)) for i in range(count)]
    constant = whole - sum(slope, start=Fraction(0)) + sum(map(sum, form), start=Fraction(0))
    return [[*row, side] for row, side in zip(form, linear, strict=True)] + [[*linear, constant]]


def _sum_of_squares(matrix: list[list[Fraction]], basis: Sequence[Tensor]) -> Tensor | None:
    """A quadratic form as squares of linear forms in a basis; ``None`` if it takes a negative value."""
    result: Tensor | None = None
    count = len(basis)
    for i in range(count):
        pivot, row = matrix[i][i], matrix[i][:]
        if pivot < 0 or (pivot == 0 and any(row)):
            return None
        if pivot == 0:
            continue
        line = _combined([(row[j] / pivot, basis[j]) for j in range(count)])
        result = _plus(result, pivot, line**2)
        matrix = [[matrix[j][k] - row[j] * row[k] / pivot for k in range(count)] for j in range(count)]
    return result


def _combined(terms: Sequence[tuple[Fraction, Tensor]]) -> Tensor:
    result: Tensor | None = None
    for factor, term in terms:
        if factor:
            result = _plus(result, factor, term)
    return result if result is not None else as_tensor(0)


def _plus(before: Tensor | None, factor: Fraction, term: Tensor) -> Tensor:
    """A sum so far, or nothing yet, and a multiple."""
    size = abs(factor)
    more = term if size == 1 else as_tensor(sp.Rational(size.numerator, size.denominator)) * term
    if before is None:
        return more if factor > 0 else -more
    return before + more if factor > 0 else before - more


# blocks ---------------------------------------------------------------------------------------------------------------


def _of_blocks(gap: Tensor, candidates: Iterator[tuple[Tensor, Tensor]], points: Sequence[Model]) -> Iterator[Tensor]:
    """One block, or two, of which a multiple that is not negative fits the gap at every point."""
    wanted = _values(gap, points)
    if wanted is None or not wanted.any():
        return
    blocks: list[tuple[Tensor, Values]] = []
    for block, size in candidates:
        values, sizes = _values(block, points), _values(size, points)
        if values is not None and sizes is not None and values.any():
            multiples = ((ONE, 1), (size, sizes), (size**2, sizes**2), (size - 1, sizes - 1))
            blocks += [(factor * block, numbers * values) for factor, numbers in multiples if np.any(numbers)]
    for fit in _fits(np.array([values for _, values in blocks]), wanted) if blocks else ():
        yield _combined([(Fraction(factor).limit_denominator(NEAREST), blocks[at][0]) for at, factor in fit])


def _fits(blocks: Values, wanted: Values) -> Iterator[list[tuple[int, float]]]:
    """Which rows, one or two, have a positive combination that is what is wanted, about; by the normal equations."""
    gram, side, most = blocks @ blocks.T, blocks @ wanted, NEAR * float(wanted @ wanted)
    own = np.diag(gram)
    factor = side / own
    for at in np.nonzero((factor > 0) & (wanted @ wanted - factor * side < most))[0]:
        yield [(int(at), float(factor[at]))]
    first, second = np.triu_indices(len(own), 1)
    across, a, b = gram[first, second], side[first], side[second]
    det = own[first] * own[second] - across**2
    with np.errstate(all="ignore"):
        one, other = (own[second] * a - across * b) / det, (own[first] * b - across * a) / det
        good = (det > NEAR * own[first] * own[second]) & (one > 0) & (other > 0)
        good &= np.abs(wanted @ wanted - one * a - other * b) < most
    for at in np.nonzero(good)[0]:
        yield [(int(first[at]), float(one[at])), (int(second[at]), float(other[at]))]


def _values(quantity: Tensor, points: Sequence[Model]) -> Values | None:
    """A quantity at the points, about, and at the first of each axis; ``None`` where it has no value at one of them."""
    first: dict[sp.Symbol, int] = {axis.index: 1 for axis in quantity.axes}
    try:
        return np.array([float(enclosure(evaluate(quantity.element, model, first)).lo) for model in points])
    except (OutsideDomain, Undetermined, OverflowError):
        return None
