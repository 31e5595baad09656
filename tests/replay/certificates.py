"""Certificates by hand: a statement and choices, from which the steps are made."""

from __future__ import annotations

from typing import Any

import pytest

from symnorm.elaboration import elaborated
from symnorm.replay import NotCovered, Rejected, replay
from symnorm.replay.checker import FORMAT

STEPS: dict[str, list[Any]] = {"generators": [], "solve": [], "rules": [], "squares": []}


def proof(state: Any, graph: Any, given: Any = (), conditions: Any = (), steps: Any = STEPS) -> Any:
    """A certificate of one statement, without a point."""
    return {
        "format": FORMAT, "kind": "proof", "claim": "a.b", "graph": graph, "states": [state], "given": [*given],
        "put": [], "conditions": [*conditions], "proofs": [{"at": {"": steps, "1": steps, "2": steps}}],
    }  # fmt: skip


def check(data: Any) -> None:
    """Makes the steps of a certificate and has them checked; its point is not looked at."""
    replay(elaborated(data), steps_alone=True)


def refused(data: Any) -> None:
    """No steps show it, or none that are accepted."""
    with pytest.raises((Rejected, NotCovered)):
        check(data)
