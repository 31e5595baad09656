r"""What the gap of an inequality may equal: guessed from numbers, for the prover to prove or to drop.

In come inequalities that nothing proved and no point refuted, out come certificates such as a claim may bring itself.
None is believed: the prover shows the identity for all sizes, and the sign, or takes no notice. Two ways of guessing:

- *completed squares*: a gap in numbers only is read off as a quadratic form at a few points and brought to
  ``sum d_i l_i^2`` (Lagrange's reduction);
- *blocks*: quantities that are visibly not negative, made of what the statement averages (spreads ``mean((u -
  mean(u))^2)``, squares over pairs ``mean((u_n v_m - u_m v_n)^2)``, distances from the largest, parts above zero as
  ``|u| (1 + sign u)^2``);
  which one or two of them, in which multiples, is solved for at points of different sizes. Of numbers, the parts above
  zero of what absolute values are taken of; of two lengths, how far the directions are apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from itertools import combinations
from operator import mul

import numpy as np
import numpy.typing as npt
import sympy as sp

from symnorm.evaluate import Model, OutsideDomain, Undetermined, evaluate
from symnorm.evaluate.numbers import enclosure
from symnorm.tensors import Axis, Relation, Tensor, absolute, amax, amin, as_tensor, inputs, mean, sign, total, walk
from symnorm.tensors.tensor import OVER_AXES

MOST_NUMBERS, MOST_VECTORS = 6, 4
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
            yield from _of_blocks(target, _blocks(target), points)
        elif {symbol.name for symbol in target.element.free_symbols} <= {*leaves}:
            yield from _completed(target, [*leaves.values()])
            yield from _of_blocks(target, _of_absolute_values(target), points)
    for target in targets:  # last, since these divide by lengths
        yield from _of_blocks(target, _between_directions(target), points)


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
            blocks += [(block, values), (size * block, sizes * values), (size**2 * block, sizes**2 * values)]
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


def _blocks(gap: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Quantities that are visibly not negative, of what a gap averages, as means; and how many elements they are of."""
    seen = set()
    for node in walk(gap):
        if node.op not in OVER_AXES:
            continue
        candidates = [*inputs(node).values(), node.args[0]]
        vectors = {repr(one): one for one in candidates if set(node.data) <= set(one.axes)}
        key = (node.data, *vectors)
        if vectors and key not in seen:
            seen.add(key)
            size = as_tensor(sp.Mul(*[axis.size for axis in node.data]))
            yield from ((block, size) for block in _over(node.data, [*vectors.values()][:MOST_VECTORS]))


ONE = as_tensor(1)


def _of_absolute_values(gap: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Parts above zero of what absolute values are taken of, and of products of two of them."""
    found = {repr(node.args[0]): node.args[0] for node in walk(gap) if node.op == "abs" and not node.axes}
    some = [*found.values()][:MOST_VECTORS]
    for u in some:
        yield from ((absolute(u) * (1 + one) ** 2, ONE) for one in (sign(u), -sign(u)))
    for u, v in combinations(some, 2):
        yield from ((absolute(u) * absolute(v) * (sign(u) + other) ** 2, ONE) for other in (sign(v), -sign(v)))


def _between_directions(gap: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """``sum (|v| u - |u| v)^2 / (|u| |v|)``, which is twice ``|u| |v| - u v``, for the vectors that lengths are of."""
    lengths = {}
    for node in walk(gap):
        square = node.args[0].args[0] if node.op == "sqrt" and node.args[0].op == "total" else None
        if square is not None and square.op == "pow" and set(node.args[0].data) == set(square.axes):
            lengths[repr(node)] = (node, square.args[0])
    for (r, u), (s, v) in combinations([*lengths.values()][:MOST_VECTORS], 2):
        if u.axes == v.axes:
            yield total((s * u - r * v) ** 2, u.axes) / (r * s), ONE


def _over(axes: tuple[Axis, ...], vectors: Sequence[Tensor]) -> Iterator[Tensor]:
    """The blocks of some vectors."""
    taken = {axis.name for vector in vectors for axis in vector.axes}
    others = {axis: axis.copy(_fresh(axis.name, taken)) for axis in axes}
    both = [*axes, *others.values()]
    for u in vectors:
        there = u.rename(others)
        yield mean((u - mean(u, axes)) ** 2, axes)
        yield from (mean(amax(u, axes) - u, axes), mean(u - amin(u, axes), axes))
        for one, other in ((sign(u), sign(there)), (-sign(u), -sign(there))):
            yield mean(absolute(u) * (1 + one) ** 2, axes)
            yield mean(absolute(u) * absolute(there) * (sign(u) + other) ** 2, both)
        yield from (mean(u**2, axes), mean(u, axes) ** 2)
    for u, v in combinations(vectors, 2):
        yield mean((u * v.rename(others) - u.rename(others) * v) ** 2, both)
        for w in (u - v, u + v):
            yield from (mean(w**2, axes), mean((w - mean(w, axes)) ** 2, axes))


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    taken.add(name)
    return name
