"""What a flow takes formulas apart into: products, sums over a block, and the names that both are known by.

Used by :mod:`symnorm.kernels.flow` and by what writes its sums and passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp

from symnorm.kernels.schedule import Component
from symnorm.tensors import Axis, Leaf, Tensor, as_tensor, rebuild, total

EXTREMUM = {"amax": "maximum", "amin": "minimum"}
"""What finds an extremum, by NumPy's name."""

WORDS = {"add": "sum", "maximum": "most", "minimum": "least"}
"""What the result of going through a block is called."""

LEFT = "left_of_mean"
"""What a mean of the rows is, where the driver leaves one in them; in double precision."""


ROUNDED = re.compile(r"(factor|inverse|weight)_\d+")
"""Coefficients of the passes: computed in double precision, and rounded once to that of the data."""


@dataclass(frozen=True)
class Product:
    """A product: small coefficients times full atoms."""

    coefficients: tuple[Tensor, ...]
    atoms: tuple[Tensor, ...]


@dataclass(frozen=True)
class SumOver:
    """A sum over a block.

    Attributes:
        name: of the sum.
        atoms: the full factors.
        weight: a factor that varies along the sum only.
        axes: what is summed over.
        ufunc: what is done with the summands: added up, or the largest or smallest of them is taken.
    """

    name: str
    atoms: tuple[Tensor, ...]
    weight: Tensor | None
    axes: tuple[Axis, ...]
    ufunc: str = "add"


def sum_key(atoms: Component, weight: Component, axes: Iterable[Axis], ufunc: str = "add") -> Component:
    """What tells a sum from others."""
    return (ufunc, atoms, weight, tuple(sorted(axis.name for axis in axes)))


def without(node: Tensor) -> tuple[Axis, ...]:
    """The axes that a reduction leaves."""
    return tuple(axis for axis in node.axes if axis not in node.data)


def leaf(name: str, like: Tensor) -> Tensor:
    """A name for a tensor."""
    return Tensor("input", (), like.axes, Leaf(name))


def small_integer(node: Tensor) -> int:
    """The exponent of a power that is a product of a few factors; 0 for any other."""
    power = node.args[1].data if node.args[1].op == "const" else sp.S.Zero
    return int(power) if power.is_Integer and 1 <= power <= 4 else 0


def sums_for_means(formula: Tensor) -> Tensor:
    """Each mean as a sum over a size, so that a part of it can be computed in a block."""

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if node.op != "mean":
            return None
        return total(args[0], node.data) / as_tensor(sp.Mul(*[axis.size for axis in node.data]))

    return rebuild((formula,), change)[0]
