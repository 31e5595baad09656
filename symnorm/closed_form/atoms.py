"""Atoms of a normal form by their names: an entry of a tensor, a root, an exponential, with its place in a product.

What a head is called stands in the :class:`Vocabulary`; the argument of a root is written like any other polynomial.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from symnorm.canonical.context import Context
from symnorm.canonical.powers import sized
from symnorm.canonical.terms import Head, Poly, as_term
from symnorm.closed_form.products import Factor, Rank
from symnorm.errors import Unsupported
from symnorm.tensors import Axis, Tensor, absolute, as_tensor, delta, erf, exp, log, scalar, sign, sqrt

COTANGENT, PARAMETER, GRADIENT, QUANTITY = range(4)

NUMBERS = {"pi": sp.pi, "E": sp.E}


@dataclass(frozen=True)
class Vocabulary:
    """What the heads of a polynomial are called.

    Attributes:
        tensors: every tensor that may occur, by name, over its declared axes.
        roles: by name, where it stands in a product; see the constants of this module.
        axes: the free axes of the result.
    """

    tensors: Mapping[str, Tensor]
    roles: Mapping[str, int] = field(default_factory=dict)
    axes: tuple[Axis, ...] = ()


class Atoms(ABC):
    """Writes the atoms of one context."""

    def __init__(self, context: Context, vocabulary: Vocabulary) -> None:
        self.context = context
        self.vocabulary = vocabulary
        self.axis_of = {context.token(axis.index): axis for axis in vocabulary.axes}
        self._entries: dict[tuple[Head, tuple[Axis, ...]], Tensor] = {}

    @abstractmethod
    def write(self, poly: Poly) -> Tensor:
        """The polynomial as a tensor."""

    @abstractmethod
    def over(self, axes: tuple[Axis, ...]) -> Atoms:
        """The same with other free axes, for arguments."""

    def _entry_power(self, head: Head, axes: tuple[Axis, ...], exponent: int) -> Factor:
        rank = self._rank(head, len(set(axes)))
        if head.kind == "root" and exponent % 2 == 0:
            return Factor(self._argument(head, axes), exponent // 2, rank)
        if head.kind == "reciprocal":
            return Factor(self._argument(head, axes), -exponent, rank)
        if head.kind == "power":
            return self._symbolic_power(head, axes, exponent, rank)
        return Factor(self._entry(head, axes), exponent, rank)

    def _symbolic_power(self, head: Head, axes: tuple[Axis, ...], times: int, rank: Rank) -> Factor:
        """``(b^p)^2`` as it is, that of a root as ``b^p`` of what it is the root of."""
        exponent, inner = self._exponent(head), self._atom_in(head.keys[0], axes)
        if inner is not None and inner[0].kind == "root" and times % 2 == 0:
            return Factor(self._argument(*inner) ** exponent, times // 2, rank)
        return Factor(self._size(head, axes) ** exponent, times, rank)

    def _exponent(self, head: Head) -> Tensor:
        return self.write({self.context.exponents[head.name]: 1})

    @staticmethod
    def _atom_in(key: Poly, axes: tuple[Axis, ...]) -> tuple[Head, tuple[Axis, ...]] | None:
        """The atom that a key is, with axes in its places."""
        term = as_term(key)
        if term is None or term[1] != 1 or [e for _, e in term[0]] != [1]:
            return None
        ((component, _),) = term[0]
        head, slots, _ = component.atoms[0]
        return (head, tuple(axes[-1 - i] for i in slots)) if component.is_atom else None

    def _size(self, head: Head, axes: tuple[Axis, ...]) -> Tensor:
        """The base of a power, ``sgn(g) g`` as |g|."""
        absolute_of = sized(self.context, head.keys[0])
        if absolute_of is None:
            return self._argument(head, axes)
        return absolute(self._written(absolute_of, axes))

    def _rank(self, head: Head, count: int) -> Rank:
        names = list(self.vocabulary.tensors)
        place = names.index(head.name) if head.kind == "tensor" and head.name in names else len(names)
        role = self.vocabulary.roles.get(head.name, QUANTITY) if head.kind == "tensor" else QUANTITY
        return (count, role, place, head.name)

    def _free_axis(self, token: int) -> Axis:
        if token not in self.axis_of:
            raise Unsupported(f"no axis is known for the index {self.context.token_names.get(token, token)}")
        return self.axis_of[token]

    def _entry(self, head: Head, axes: tuple[Axis, ...]) -> Tensor:
        found = self._entries.get((head, axes))
        if found is None:
            found = self._entries[head, axes] = self._named_entry(head, axes)
        return found

    def _named_entry(self, head: Head, axes: tuple[Axis, ...]) -> Tensor:
        if head.kind == "tensor":
            declared = self.vocabulary.tensors.get(head.name)
            if declared is None:
                if axes:
                    raise Unsupported(f"nothing is known about the tensor {head.name}")
                return _scalar_or_size(head)
            return _placed(declared, axes)
        if head.kind == "delta":
            return delta(*axes)
        if head.kind == "number":
            return as_tensor(NUMBERS[head.name])
        inner = self._argument(head, axes)
        if head.kind == "root":
            return sqrt(inner)
        if head.kind == "reciprocal":
            return 1 / inner
        if head.kind == "sign":
            return sign(inner)
        if head.kind == "opaque":
            if head.name not in ("exp", "log", "erf"):
                raise Unsupported(f"no short form for {head.name}")
            return {"exp": exp, "log": log, "erf": erf}[head.name](inner)
        if head.kind == "absolute":
            return absolute(inner)
        raise Unsupported(f"no short form for {head.kind} {head.name}")

    def _argument(self, head: Head, axes: tuple[Axis, ...]) -> Tensor:
        return self._written(head.keys[0], axes, f"{head.kind} {head.name}")

    def _written(self, key: Poly, axes: tuple[Axis, ...], called: str = "a power") -> Tensor:
        if len(set(axes)) != len(axes):
            raise Unsupported(f"the diagonal of {called}")
        tokens = {self.context.slot(i): self.context.token(axis.index) for i, axis in enumerate(axes)}
        writer = self.over(axes)
        return writer.write(self.context.renamed(key, tokens))


def _scalar_or_size(head: Head) -> Tensor:
    symbol = sp.Symbol(head.name, integer=True, positive=True)
    if head.name[:1].isupper():
        return as_tensor(symbol)
    return scalar(head.name)


def _placed(declared: Tensor, axes: tuple[Axis, ...]) -> Tensor:
    if len(set(axes)) != len(axes):
        raise Unsupported(f"the diagonal of {declared!r}")
    renaming = {old: new for old, new in zip(declared.axes, axes, strict=True) if old != new}
    return declared.rename(renaming) if renaming else declared
