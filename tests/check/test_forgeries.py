"""Forged certificates: none that states a falsehood is accepted, and a credulous replayer is caught."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from symnorm.check import forgeries
from symnorm.check.forgeries import accepted_certificates, forge
from symnorm.replay import Rejected, checker, replay
from symnorm.replay.checker import Proof
from symnorm.replay.points import Point

NAMES = ("weight_norm", "rms_norm")


@pytest.fixture(scope="module")
def certificates() -> list[Any]:
    found = accepted_certificates(NAMES)
    assert len(found) > 20
    return found


def test_no_false_certificate_is_accepted(certificates: list[Any]) -> None:
    found = forge(certificates, rounds=150, seed=3)
    assert not found.problems, found.problems
    assert found.counts["rejected"] > 75 and found.counts["accepted, rightly"] > 5
    assert found.counts.total() == 150


def test_a_credulous_replayer_is_caught(certificates: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """One for which every difference is zero."""
    monkeypatch.setattr(Proof, "vanishes", lambda self, poly, steps: None)
    monkeypatch.setattr(forgeries, "POINTS", 2)
    assert forge(certificates, rounds=60, seed=5).problems


def test_a_point_that_is_not_looked_at_is_missed(certificates: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The point alone rejects a statement that is false there, whatever the steps say."""
    data = copy.deepcopy(next(c for c in certificates if not c["given"] and c["states"][0][1] == "=="))
    data["states"][0][1] = ">"
    monkeypatch.setattr(checker, "check_steps", lambda claim, data: None)
    with pytest.raises(Rejected):
        replay(data)
    monkeypatch.setattr(Point, "holds", lambda *_: True)
    replay(data)
