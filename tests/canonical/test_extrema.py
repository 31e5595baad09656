"""Extrema over an axis: what comes out of them, what must not, and what is known of their signs."""

from __future__ import annotations

import pytest

from symnorm.claims import decide
from symnorm.tensors import Relation, absolute, amax, amin, at_max, axes, equal, scalar, sign, tensor, total

N, C = axes("N C")
M = N.copy("M")
x, b, p = tensor("x", N, C), tensor("b", C), tensor("p", N, positive=True)
a, q = scalar("a"), scalar("q", positive=True)
G = tensor("G", N, M)

TRUE = {
    "affine": equal(amax(q * x + b, over=N), q * amax(x, over=N) + b),
    "smallest of the negative": equal(amin(-x, over=N), -amax(x, over=N)),
    "factor of any sign": equal(amax(absolute(a * x), over=N), absolute(a) * amax(absolute(x), over=N)),
    "where it is attained": equal(total(at_max(x, over=N) * x * b, over=N), b * amax(x, over=N)),
    "at least each": amax(x, over=N) - x >= 0,
    "a range": amax(x, over=N) - amin(x, over=N) >= 0,
    "of one sign": equal(absolute(amax(p, over=N)), amax(p, over=N)),
}
FALSE = {
    "factor of any sign": equal(amax(a * x, over=N), absolute(a) * amax(x, over=N)),
    "a range is not zero": equal(sign(amax(p, over=N) - amin(p, over=N)), 1),
    "at most each": amin(x, over=N) - x >= 0,
    "sum of the largest": equal(amax(x + x**2, over=N), amax(x, over=N) + amax(x**2, over=N)),
    "a share squared": equal(total(at_max(x, over=N) ** 2, over=N), 1),
    "another row's": amax(x, over=N) - amax(x, over=C) >= 0,
    "of a sum of squares": amax(total(G, over=M), over=N) - total(G * G, over=(N, M)) >= 0,
}


@pytest.mark.parametrize("name", TRUE)
def test_true_statements_are_proved(name: str) -> None:
    assert decide([TRUE[name]]).status == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_false_statements_are_refuted(name: str) -> None:
    found: Relation = FALSE[name]
    assert decide([found]).status == "refuted"
