"""Forged certificates: none that states a falsehood is accepted, and a credulous replayer is caught."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from symnorm.check import forgeries
from symnorm.check.forgeries import accepted_certificates, forge
from symnorm.replay import Rejected, replay
from symnorm.replay.algebra import Algebra
from symnorm.replay.checker import Claim
from symnorm.replay.meaning import Meaning
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


@pytest.mark.parametrize(
    ("where", "name", "credulous"),
    [
        (Meaning, "vanishes", lambda self, poly: True),  # any two sides are equal
        (Algebra, "split", lambda self, poly: (1, frozenset(), {frozenset(): 1})),  # every divisor is 1
    ],
    ids=["every difference is zero", "every divisor is one"],
)
def test_a_credulous_replayer_is_caught(
    where: Any, name: str, credulous: Any, certificates: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, credulous)
    monkeypatch.setattr(forgeries, "POINTS", 2)
    assert forge(certificates, rounds=60, seed=5).problems


def test_a_point_that_is_not_looked_at_is_missed(certificates: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The point alone rejects a statement that is false there, whatever the steps say."""
    data = copy.deepcopy(next(c for c in certificates if not c["given"] and c["states"][0][1] == "=="))
    data["states"][0][1] = ">"
    monkeypatch.setattr(Claim, "check_steps", lambda self, data: None)
    with pytest.raises(Rejected):
        replay(data)
    monkeypatch.setattr(Point, "holds", lambda *_: True)
    replay(data)
