"""Products in the order that the literature writes them: numbers, parameters, quantities, sums; divisors soon.

In come factors with their rank, out comes one tensor. Called by :mod:`.writer` and by what writes reductions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import mul

from symnorm.tensors import Tensor, as_tensor

LAST = 99
"""The rank of what is summed: it follows what is not."""

Rank = tuple[int, int, int, str]
"""Number of axes, role, place among the names, name."""


@dataclass(frozen=True)
class Factor:
    """A tensor to a power, and its place in a product."""

    tensor: Tensor
    exponent: int
    rank: Rank


def multiplied(number: Fraction, factors: list[Factor]) -> Tensor:
    """``2*gamma/sqrt(v)*x``: in order of rank, a divisor as soon as all factors of no more axes stand before it."""
    above = sorted((f for f in factors if f.exponent > 0), key=lambda f: f.rank)
    below = sorted((f for f in factors if f.exponent < 0), key=lambda f: f.rank)
    value: Tensor | None = None if number.numerator == 1 and above else as_tensor(number.numerator)
    for factor in above:
        while value is not None and below and below[0].rank[0] < factor.rank[0]:
            value = divided(value, [below.pop(0)])
        power = factor.tensor if factor.exponent == 1 else factor.tensor**factor.exponent
        value = power if value is None else value * power
    assert value is not None
    value = divided(value, below)
    return value if number.denominator == 1 else value / number.denominator


def divided(value: Tensor, below: list[Factor]) -> Tensor:
    """A value over the product of some factors, whose exponents are negative."""
    if not below:
        return value
    powers = [f.tensor if f.exponent == -1 else f.tensor ** (-f.exponent) for f in below]
    return value / reduce(mul, powers)
