"""Multiples of equations: why one polynomial equals another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from symnorm.elaboration.algebra import Algebra, Atom, Poly, renumbered


class Row(NamedTuple):
    """``factor sum_over left equation``, the equation at the indices ``placed``."""

    factor: Fraction
    over: tuple[int, ...]
    left: tuple[Atom, ...]
    ref: tuple[Any, ...]
    placed: tuple[tuple[int, int], ...]


Rows = list[Row]


def times_number(rows: Iterable[Row], number: Any) -> Rows:
    """A number times each."""
    return [row._replace(factor=row.factor * Fraction(number)) for row in rows]


def replaced(rows: Iterable[Row], move: Mapping[int, int], bound: tuple[int, ...] = ()) -> Rows:
    """Other indices in place of free ones, then summed over 0, 1, ... of the colours ``bound``."""
    found = []
    for row in rows:
        shift = {**move, **{i: i + len(bound) for i in range(len(row.over))}}
        left = tuple([(g, renumbered(slots, shift), e) for g, slots, e in row.left])
        placed = tuple([(slot, shift.get(i, i)) for slot, i in row.placed])
        found.append(Row(row.factor, (*bound, *row.over), left, row.ref, placed))
    return found


def multiplied(algebra: Algebra, rows: Iterable[Row], poly: Poly) -> Rows:
    """Rows times a polynomial."""
    found = []
    for row in rows:
        for monomial, coefficient in poly.items():
            over = list(row.over)
            atoms = algebra.spread(monomial, over)
            left = (*row.left, *atoms)
            found.append(Row(row.factor * Fraction(coefficient), tuple(over), left, row.ref, row.placed))
    return found
