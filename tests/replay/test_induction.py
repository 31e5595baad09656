"""Inductions are replayed with the recursion's values put in by the replayer; each way to cheat is rejected."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

import symnorm as sn
from symnorm.claims import PROVED, catalogue, decide, prove
from symnorm.claims.certificate import certificate, states_the_claim
from symnorm.claims.recursion import recursion
from symnorm.replay import Rejected, replay

t = sn.scalar("t", integer=True, nonnegative=True)
w, w0, rate = sn.scalar("w"), sn.scalar("w0"), sn.scalar("rate", positive=True)


@pytest.fixture(scope="module")
def halving() -> Any:
    """``w_t = rate^t w_0`` along ``w -> rate w``."""
    along = recursion(t, start={w: w0}, step={w: rate * w})
    verdict = decide([sn.equal(w, rate**t * w0)], along=along)
    assert verdict.status == PROVED
    data = json.loads(json.dumps(certificate("powers.decay", verdict)))
    replay(data)
    return data


@pytest.mark.parametrize("name", [c.name for c in catalogue.select(["exp_lr"]) if c.expected == PROVED and c.along])
def test_the_catalogues_inductions(name: str) -> None:
    claim = catalogue.find(name)
    data = json.loads(json.dumps(certificate(name, prove(claim))))
    assert data["kind"] == "induction" and states_the_claim(data, claim)
    replay(data)


def test_a_false_start_is_rejected(halving: Any) -> None:
    data = copy.deepcopy(halving)
    state, _ = data["along"]["start"][0]
    data["graph"].append(["number", [], "7"])
    data["along"]["start"][0] = [state, len(data["graph"]) - 1]
    with pytest.raises(Rejected):
        replay(data, steps_alone=True)


def test_another_step_is_rejected(halving: Any) -> None:
    data = copy.deepcopy(halving)
    state, value = data["along"]["step"][0]
    data["graph"].append(["add", [value, value], None])  # w -> 2 rate w
    data["along"]["step"][0] = [state, len(data["graph"]) - 1]
    with pytest.raises(Rejected):
        replay(data, steps_alone=True)


def test_what_varies_may_not_be_claimed(halving: Any) -> None:
    data = copy.deepcopy(halving)
    data["along"]["varying"] = ["rate"]
    with pytest.raises(Rejected, match="another one at each step"):
        replay(data)


def test_the_clock_counts_from_zero(halving: Any) -> None:
    data = copy.deepcopy(halving)
    for row in data["graph"]:
        if row[0] == "input" and row[2][0] == "t":
            row[2][2] = []
    with pytest.raises(Rejected, match="t is 0, 1, 2"):
        replay(data)


def test_a_hypothesis_is_not_taken_for_the_base_case(halving: Any) -> None:
    data = copy.deepcopy(halving)
    data["base"] = data["step"]
    with pytest.raises(Rejected):
        replay(data, steps_alone=True)


def test_a_condition_does_not_speak_of_the_clock(halving: Any) -> None:
    """The point shows conditions at t = 0 alone: ``(t - 1)^2 > 0`` would leave a gap at t = 1."""
    data = copy.deepcopy(halving)
    data["step"]["conditions"].append([data["along"]["clock"], ">="])
    with pytest.raises(Rejected, match="a condition on t"):
        replay(data, steps_alone=True)
