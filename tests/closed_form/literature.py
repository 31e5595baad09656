"""What the tables of the tests on the literature's formulas are made of.

Each entry holds a gradient as the calculus derives it, the formula as it is printed, a false twin of the formula (one
sign, factor, power, mean or place changed), and what both are stated under. The modules ``test_literature_*.py`` hold
one entry for each printed line and prove, or refute, all of them for all sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from symnorm.claims import decide
from symnorm.tensors import Axis, Relation, Tensor, equal, mean, sqrt


class Entry(NamedTuple):
    """One printed line: what was derived, what is printed, what would be wrong."""

    derived: Tensor
    printed: Tensor | int
    twin: Tensor | int
    given: tuple[Relation, ...] = ()


Table = dict[str, Callable[[], Entry]]


def line(table: Table, printed: str) -> Callable[[Callable[[], Entry]], Callable[[], Entry]]:
    """Enter a line under what it says."""

    def enter(entry: Callable[[], Entry]) -> Callable[[], Entry]:
        assert printed not in table, printed
        table[printed] = entry
        return entry

    return enter


def statuses(entry: Entry) -> tuple[str, str]:
    """The verdicts on the formula and on its twin."""
    right, wrong = (decide([equal(entry.derived, side)], entry.given) for side in (entry.printed, entry.twin))
    return right.status, wrong.status


def standardized_back(g: Tensor, x_hat: Tensor, s: Tensor, over: Axis | Iterable[Axis]) -> Tensor:
    """``(g - mean(g) - x_hat mean(g x_hat))/s``, the backward of every standardization."""
    return (g - mean(g, over) - x_hat * mean(g * x_hat, over)) / s


def scaled_only(g: Tensor, x_hat: Tensor, s: Tensor, over: Axis | Iterable[Axis]) -> Tensor:
    """The same with its mean forgotten: a false twin."""
    return (g - x_hat * mean(g * x_hat, over)) / s


def centred_only(g: Tensor, x_hat: Tensor, s: Tensor, over: Axis | Iterable[Axis]) -> Tensor:
    """The same with its term along x_hat forgotten: a false twin."""
    return (g - mean(g, over)) / s


def moments(x: Tensor, over: Axis | Iterable[Axis], eps: Tensor | int) -> tuple[Tensor, Tensor, Tensor]:
    """``mu``, ``s = sqrt(var + eps)`` and ``(x - mu)/s``, written out."""
    mu = mean(x, over)
    s = sqrt(mean((x - mu) ** 2, over) + eps)
    return mu, s, (x - mu) / s
