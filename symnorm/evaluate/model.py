"""A concrete world for a symbolic statement: numbers for its sizes, scalars and tensors, a function for each loss.

Made by tests and by the search for counterexamples, read by the interpreter. Indices count from 1, as in formulas.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from symnorm.errors import SymnormError
from symnorm.evaluate.numbers import Number

Index = tuple[int, ...]


@dataclass(frozen=True)
class ConcreteLoss:
    """A loss to stand for "every smooth loss": ``L(y) = sum_i (c_i y_i + q_i y_i^2 / 2 + t_i y_i^3 / 6)``.

    The coefficients are small integers, none of them 0, drawn for each index tuple from the seed: the same seed gives
    the same loss in every process. The slope at y_i depends on y_i, so two instances with different outputs have
    different cotangents. The loss has no mixed derivatives: it can refute a claim about every loss, never prove one.

    Example:
        >>> loss = ConcreteLoss(seed=1)
        >>> c, q, t = loss.coefficients((2, 1))
        >>> loss.derivative(1, [(2, 1)], 10) == c + 10 * q + 50 * t
        True
    """

    seed: int

    def coefficients(self, index: Index) -> tuple[int, int, int]:
        """``(c, q, t)`` at an index tuple."""
        return _drawn(self.seed, index)

    def value(self, outputs: Mapping[Index, Number]) -> Number:
        """``L(y)`` for the output's entries."""
        total: Number = 0
        for index, y in outputs.items():
            c, q, t = self.coefficients(index)
            total = total + y * c + y * y * Fraction(q, 2) + y * y * y * Fraction(t, 6)
        return total

    def derivative(self, order: int, index_tuples: Sequence[Index], y: Number) -> Number:
        """The derivative by the entries at ``index_tuples``, one for each order, where the first has the value ``y``.

        Raises:
            SymnormError: an order other than 1, 2, 3, or not as many index tuples.
        """
        if order not in (1, 2, 3) or len(index_tuples) != order:
            raise SymnormError(
                f"a loss has derivatives of order 1, 2 and 3 with an index tuple for each, "
                f"not order {order} at {list(index_tuples)}"
            )
        if any(other != index_tuples[0] for other in index_tuples):
            return 0
        c, q, t = self.coefficients(index_tuples[0])
        if order == 1:
            return y * y * Fraction(t, 2) + y * q + c
        return y * t + q if order == 2 else t


@cache
def _drawn(seed: int, index: Index) -> tuple[int, int, int]:
    draw = random.Random(f"{seed}:{index}")
    c, q, t = (draw.choice((-3, -2, -1, 1, 2, 3)) for _ in range(3))
    return c, q, t


@dataclass(frozen=True)
class Model:
    """Values by name for everything that an expression may mention.

    Attributes:
        sizes: axis sizes.
        scalars: rank-0 inputs.
        tensors: entries by 1-based index tuple.
        losses: what the abstract losses are.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    scalars: Mapping[str, Number] = field(default_factory=dict)
    tensors: Mapping[str, Mapping[Index, Number]] = field(default_factory=dict)
    losses: Mapping[str, ConcreteLoss] = field(default_factory=dict)
