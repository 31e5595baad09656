"""What a shell is told: each deviation from what is expected, by itself and beside others."""

from __future__ import annotations

import math

import pytest

from symnorm.check import KernelCheck
from symnorm.claims import Claim, Verdict
from symnorm.report.outcomes import DISAGREES, FINE, OPEN, Outcome, Run, truth

GOOD = KernelCheck("good", True, 1e-16, "standard normal", "y", ((2, 3),), 0)
BAD = KernelCheck("bad", False, math.inf, "standard normal", "y", ((2, 3),), 0)


def outcome(status: str, expected: str) -> Outcome:
    return Outcome(Claim("a.b", "a sentence", None, expected=expected), Verdict(status))


@pytest.mark.parametrize("status", ["proved", "refuted", "undecided", "empirical"])
def test_all_as_expected(status: str) -> None:
    assert Run((outcome(status, status),), (GOOD,)).exit_code == FINE


@pytest.mark.parametrize(
    ("status", "expected", "code"),
    [
        ("proved", "refuted", DISAGREES),
        ("refuted", "proved", DISAGREES),
        ("proved", "undecided", DISAGREES),
        ("refuted", "undecided", DISAGREES),
        ("undecided", "proved", OPEN),
        ("undecided", "refuted", OPEN),
    ],
)
def test_a_deviation(status: str, expected: str, code: int) -> None:
    deviating = outcome(status, expected)
    assert Run((outcome("proved", "proved"), deviating), (GOOD,)).exit_code == code
    assert Run((deviating, outcome("refuted", "proved"))).exit_code == DISAGREES
    assert Run((deviating,)).unexpected == (deviating,)


def test_a_kernel_that_disagrees_outweighs_everything() -> None:
    assert Run((outcome("proved", "proved"),), (GOOD, BAD)).exit_code == DISAGREES
    assert Run((outcome("undecided", "proved"),), (BAD,)).exit_code == DISAGREES


def test_whether_claims_are_true_whatever_is_expected() -> None:
    proved, refuted, undecided = (outcome(status, "refuted") for status in ("proved", "refuted", "undecided"))
    assert truth([proved]) == FINE
    assert truth([proved, refuted, undecided]) == DISAGREES
    assert truth([proved, undecided]) == OPEN
    assert truth([outcome("empirical", "empirical")]) == OPEN


def test_counts_name_every_verdict() -> None:
    run = Run((outcome("proved", "proved"), outcome("proved", "refuted"), outcome("undecided", "proved")))
    assert run.counts == {"proved": 2, "refuted": 0, "undecided": 1, "empirical": 0}
