"""Gradients of normalizers with an extremum in them: what they do not see, and how places that tie share one."""

from __future__ import annotations

import pytest

from symnorm.calculus import vjp
from symnorm.claims import decide
from symnorm.normalizers import find
from symnorm.tensors import at_max, axes, equal, scalar, tensor, total, unequal

N, C = axes("N C")
x, g = tensor("x", N, C), tensor("dy", N, C)


@pytest.mark.parametrize("name", ["min_max", "min_max.symmetric", "mean_range"])
def test_gradients_of_rescaling_see_neither_shift_nor_scale(name: str) -> None:
    made = find(name).instance()
    derived = vjp(made.output, g, [x]).of(x)
    for direction in (1, x):
        assert decide([equal(total(derived * direction, over=N), 0)]).status == "proved"
    assert decide([equal(total(derived * x**2, over=N), 0)]).status == "refuted"


def test_places_that_tie_share_what_is_one() -> None:
    share = at_max(x, over=N)
    assert decide([equal(total(share, over=N), 1)]).status == "proved"
    assert decide([equal(share**2, share)]).status == "refuted"  # where two tie
    assert decide([equal(at_max(scalar("a") * x, over=N), share)], [scalar("a") > 0]).status == "proved"
    assert decide([equal(at_max(scalar("a") * x, over=N), share)], [unequal(scalar("a"), 0)]).status == "refuted"
