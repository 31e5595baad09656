"""The clipping schedule of batch renormalization: batch norm for 5000 steps, then towards r_max = 3 and d_max = 5."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symnorm.claims import decide
from symnorm.normalizers import batch_norm, batch_renorm
from symnorm.normalizers.batch_renorm import clipping_schedule
from symnorm.tensors import as_tensor, clip, equal, scalar


@pytest.mark.parametrize(
    ("step", "r_max", "d_max"),
    [
        (0, 1, 0),
        (5000, 1, 0),
        (15000, Fraction(11, 7), Fraction(5, 2)),
        (25000, Fraction(15, 7), 5),
        (40000, 3, 5),
        (10**6, 3, 5),
    ],
)
def test_values_on_the_way(step: int, r_max: Fraction, d_max: Fraction) -> None:
    for found, wanted in zip(clipping_schedule(as_tensor(step)), (r_max, d_max), strict=True):
        assert decide([equal(found, wanted)]).status == "proved"
        assert decide([equal(found, wanted + Fraction(1, 1000))]).status == "refuted"


def test_both_stay_in_their_ranges() -> None:
    step = scalar("step")
    r_max, d_max = clipping_schedule(step)
    assert decide([r_max >= 1], by=clip(2 * (step - 5000) / 35000, 0, 2)).status == "proved"
    assert decide([d_max >= 0], by=d_max).status == "proved"
    assert decide([r_max >= 2]).status == "refuted"
    assert decide([d_max >= 1]).status == "refuted"


@pytest.mark.parametrize(("step", "status"), [(0, "proved"), (5000, "proved"), (25000, "refuted")])
def test_it_begins_with_batch_norm(step: int, status: str) -> None:
    r_max, d_max = clipping_schedule(as_tensor(step))
    assert decide([equal(batch_renorm(r_max=r_max, d_max=d_max), batch_norm())]).status == status
