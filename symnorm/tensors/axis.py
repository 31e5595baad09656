"""Named axes: a size symbol and the element index that runs over it.

An axis is a value: ``axes("N C")`` gives equal axes wherever it is called, so a claim and a normalizer that speak of N
speak of the same N.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from symnorm.errors import AxisError

_NAME = re.compile(r"[^\W\d_]\w*'*\Z")


class Index(sp.Symbol):
    """An element index. A type of its own, so that no scalar of the same name is ever taken for it."""


@dataclass(frozen=True)
class Axis:
    """An axis with its size, a positive integer symbol or a number; in arithmetic it stands for its size.

    Args:
        name: a capital letter and what follows it; two axes with the same name and size are the same axis.
        extent: the size; ``None`` for a symbol of the axis's own name.

    Raises:
        AxisError: a name that is none, a size that is no positive integer or size expression.

    Example:
        >>> N = Axis("N")
        >>> N.size, N.index
        (N, n)
        >>> N.copy("M").size
        N
    """

    name: str
    extent: sp.Expr | None = None

    def __post_init__(self) -> None:
        if not _NAME.match(self.name) or not self.name[0].isupper() or len(self.name[0].lower()) != 1:
            raise AxisError(
                f"an axis is named by a capital letter and letters, digits or _ after it, not {self.name!r};"
                " its index is the same name with a small first letter"
            )
        if self.extent is not None:
            if self.extent.is_Number and not (self.extent.is_Integer and self.extent >= 1):
                raise AxisError(f"axis {self.name} needs a size of at least 1, not {self.extent}")
            if self.extent == self._own_size:
                object.__setattr__(self, "extent", None)

    @property
    def _own_size(self) -> sp.Symbol:
        return sp.Symbol(self.name, integer=True, positive=True)

    @cached_property
    def size(self) -> sp.Expr:
        """The number of elements."""
        return self._own_size if self.extent is None else self.extent

    @cached_property
    def index(self) -> Index:
        """The free element index, from 1 to the size."""
        return Index(self.name[0].lower() + self.name[1:], integer=True)

    def copy(self, name: str) -> Axis:
        """A second axis of the same size, for an index of its own."""
        return Axis(name, self.size)

    def fixed(self, size: int) -> Axis:
        """This axis with a number for its size."""
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise AxisError(f"axis {self.name} needs a size of at least 1, not {size!r}")
        return Axis(self.name, sp.Integer(size))

    def __repr__(self) -> str:
        return self.name if self.extent is None else f"{self.name}:{self.extent}"

    def _compare(self, relation: str, other: Any) -> Any:
        from symnorm.tensors.relation import Relation  # a relation is made of tensors, which are made of axes

        return Relation.of(self.size, relation, other)

    def _as_size(self) -> Any:
        from symnorm.tensors.tensor import as_tensor  # a tensor is made of axes

        return as_tensor(self)

    def __add__(self, other: Any) -> Any:
        return self._as_size() + other

    def __radd__(self, other: Any) -> Any:
        return other + self._as_size()

    def __sub__(self, other: Any) -> Any:
        return self._as_size() - other

    def __rsub__(self, other: Any) -> Any:
        return other - self._as_size()

    def __mul__(self, other: Any) -> Any:
        return self._as_size() * other

    def __rmul__(self, other: Any) -> Any:
        return other * self._as_size()

    def __truediv__(self, other: Any) -> Any:
        return self._as_size() / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / self._as_size()

    def __pow__(self, exponent: Any) -> Any:
        return self._as_size() ** exponent

    def __ge__(self, other: Any) -> Any:
        return self._compare(">=", other)

    def __gt__(self, other: Any) -> Any:
        return self._compare(">", other)

    def __le__(self, other: Any) -> Any:
        return self._compare("<=", other)

    def __lt__(self, other: Any) -> Any:
        return self._compare("<", other)


def axes(names: str) -> tuple[Axis, ...]:
    """Axes by name, separated by spaces.

    Example:
        >>> axes("N C")
        (N, C)
    """
    found = tuple(Axis(name) for name in names.split())
    if not found or len(set(found)) != len(found):
        raise AxisError(f"axes needs different names separated by spaces, not {names!r}")
    return found


def union(*groups: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of all groups, in the longest group's order first; two different sizes under one name clash.

    Example:
        >>> union(axes("C"), axes("N C"))
        (N, C)
    """
    found: dict[str, Axis] = {}
    for group in sorted(groups, key=len, reverse=True):
        for axis in group:
            seen = found.setdefault(axis.name, axis)
            if seen != axis:
                raise AxisError(f"axis {axis.name} has size {seen.size} in one tensor and {axis.size} in another")
    return tuple(found.values())
