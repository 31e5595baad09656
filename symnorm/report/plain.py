"""Outcomes as plain data and back, for processes that share the work of a run.

What comes back is what a table needs: the status, the conditions, the replay. With ``full`` also what JSON shows of the
claim, which the process that found it has written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from symnorm.claims import Claim, Verdict
from symnorm.report.outcomes import Outcome, Replay

if TYPE_CHECKING:
    from symnorm.check import KernelCheck

Data = dict[str, Any]


def outcome(one: Outcome, full: bool) -> Data:
    """An outcome."""
    from symnorm.report.data import claims

    verdict, replay = one.verdict, one.replay
    found: Data = {
        "status": verdict.status,
        "conditions": list(verdict.conditions),
        "reason": verdict.reason,
        "seconds": verdict.seconds,
        "fixed": dict(verdict.fixed),
        "remembered": one.remembered,
        "replay": None if replay is None else [replay.status, replay.reason, replay.certificate],
    }
    return {**found, "shown": claims([one])[0]} if full else found


def read_outcome(claim: Claim, data: Mapping[str, Any]) -> Outcome:
    """An outcome from what a process sent."""
    verdict = Verdict(
        data["status"], tuple(data["conditions"]), reason=data["reason"], seconds=data["seconds"], fixed=data["fixed"]
    )
    replay = None if data["replay"] is None else Replay(*data["replay"])
    return Outcome(claim, verdict, replay, data.get("shown"), data["remembered"])


def kernel(one: KernelCheck) -> Data:
    """A comparison; infinities by name, since JSON has none."""
    return {key: str(value) if isinstance(value, float) else value for key, value in asdict(one).items()}


def read_kernel(data: Mapping[str, Any]) -> Data:
    """The arguments of a comparison from what a process sent."""
    found = {**data, "shapes": tuple(map(tuple, data["shapes"]))}
    found["max_relative_error"] = float(found["max_relative_error"])
    return found
