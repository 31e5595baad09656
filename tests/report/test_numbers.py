"""Exact numbers as text, floats and lists."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from symnorm.evaluate import Number
from symnorm.evaluate.numbers import exp, sqrt
from symnorm.report.numbers import approximately, exact_text, nested


@pytest.mark.parametrize("value", [0, -3, Fraction(3, 2), Fraction(-1, 7)])
def test_rationals_are_read_back_from_their_text(value: Number) -> None:
    assert Fraction(exact_text(value)) == value


def test_floats_are_the_nearest() -> None:
    assert approximately(Fraction(1, 3)) == 1 / 3
    assert approximately(sqrt(2)) == math.sqrt(2)
    assert approximately(exp(1)) == pytest.approx(math.e, rel=1e-15)


def test_numbers_beyond_the_range_of_floats_are_infinite() -> None:
    assert approximately(10**400) == math.inf
    assert approximately(Fraction(-(10**400), 3)) == -math.inf


def test_lists_follow_the_indices_whatever_the_order_of_the_entries() -> None:
    entries: dict[tuple[int, ...], Number] = {(2, 1): 3, (1, 2): 2, (2, 2): 4, (1, 1): 1}
    assert nested(entries, str) == [["1", "2"], ["3", "4"]]
    assert nested({(): Fraction(1, 2)}, str) == "1/2"
