"""The concrete loss: reproducible, and its derivatives are those of its value."""

from __future__ import annotations

import itertools
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnorm import evaluate
from symnorm.errors import SymnormError
from symnorm.evaluate import ConcreteLoss

INDICES = list(itertools.product((1, 2, 3), (1, 2)))
outputs = st.lists(st.fractions(-5, 5, max_denominator=12), min_size=6, max_size=6).map(
    lambda values: dict(zip(INDICES, values, strict=True))
)


def slope(function, h=Fraction(1, 3)):
    """The derivative at 0, exact for polynomials up to degree 4."""
    return (8 * (function(h) - function(-h)) - (function(2 * h) - function(-2 * h))) / (12 * h)


@given(ys=outputs, seed=st.integers(0, 50), at=st.sampled_from(INDICES), other=st.sampled_from(INDICES))
def test_derivatives_are_those_of_the_value(ys, seed, at, other):
    loss = ConcreteLoss(seed)

    def moved(index, step):
        return {**ys, index: ys[index] + step}

    assert loss.derivative(1, [at], ys[at]) == slope(lambda step: loss.value(moved(at, step)))
    second = slope(lambda step: loss.derivative(1, [at], moved(other, step)[at]))
    assert loss.derivative(2, [at, other], ys[at]) == second
    third = slope(lambda step: loss.derivative(2, [at, at], moved(other, step)[at]))
    assert loss.derivative(3, [at, at, other], ys[at]) == third


def test_a_loss_is_the_same_in_every_process():
    code = (
        "from symnorm.evaluate import ConcreteLoss; "
        "print([ConcreteLoss(5).coefficients((i, j)) for i in (1, 2) for j in (1, 2)])"
    )
    root = Path(evaluate.__file__).parents[2]
    fresh = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert fresh.stdout.strip() == str([ConcreteLoss(5).coefficients((i, j)) for i in (1, 2) for j in (1, 2)])


def test_coefficients_vary_with_seed_and_place_and_are_never_zero():
    drawn = [ConcreteLoss(seed).coefficients(at) for seed in range(20) for at in INDICES]
    assert len(set(drawn)) > 50
    assert all(coefficient != 0 for three in drawn for coefficient in three)


@pytest.mark.parametrize(("order", "places"), [(0, []), (4, [(1,)] * 4), (2, [(1,)]), (1, [(1,), (2,)])])
def test_a_derivative_without_its_places_is_refused(order, places):
    with pytest.raises(SymnormError, match=f"order {order} at"):
        ConcreteLoss(1).derivative(order, places, 1)
