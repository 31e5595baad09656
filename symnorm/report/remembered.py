"""Verdicts of earlier runs, kept by what they are about: the statement, the assumptions, and the engine itself.

An entry holds a certificate. It counts only after the replayer has accepted it again and its statement has been
compared with the claim's; anything else is decided afresh. Files lie in
``$SYMNORM_CACHE``, else in the user's cache directory.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

import symnorm.errors
from symnorm.claims import PROVED, REFUTED, Claim, Verdict
from symnorm.claims.certificate import Graph, statement, states_the_claim
from symnorm.errors import SymnormError
from symnorm.report.outcomes import ACCEPTED, Outcome, Replay
from symnorm.report.output import deliver
from symnorm.report.replays import checked

STATUS = {"proof": PROVED, "induction": PROVED, "refutation": REFUTED}


def directory() -> Path:
    """Where entries are kept."""
    if named := os.environ.get("SYMNORM_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "symnorm"


@cache
def engine() -> str:
    """A digest of the engine's sources: another engine remembers nothing of this one."""
    root = Path(symnorm.errors.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def key(claim: Claim) -> str:
    """What a verdict on the claim depends on."""
    graph = Graph()
    stated = statement(graph, claim.relations(), claim.given)
    extra = [claim.expected == "refuted", bool(claim.along), [repr(part) for part in claim.certificates()]]
    text = json.dumps([engine(), claim.name, stated, graph.rows, extra])
    return hashlib.sha256(text.encode()).hexdigest()


def recalled(claim: Claim) -> Outcome | None:
    """The outcome of an earlier run, replayed anew; ``None`` if there is none or it is not accepted."""
    start = time.perf_counter()
    try:
        entry = json.loads(_path(claim).read_text(encoding="utf-8"))
        data, conditions = entry["certificate"], entry["conditions"]
        status = STATUS[data["kind"]]
        if not states_the_claim(data, claim):
            return None
        replay = checked(data)
    except (OSError, ValueError, KeyError, TypeError, IndexError, SymnormError):
        return None  # an entry that is missing or damaged is no entry
    if replay.status != ACCEPTED:
        return None
    fixed = {str(name): int(size) for name, size in dict(entry.get("fixed", {})).items()}
    reason = str(entry.get("reason", ""))
    seconds = time.perf_counter() - start
    verdict = Verdict(status, tuple(map(str, conditions)), reason=reason, fixed=fixed, seconds=seconds)
    return Outcome(claim, verdict, replay, remembered=True)


def keep(outcome: Outcome) -> None:
    """Remember an outcome whose certificate was accepted; a directory that cannot be written remembers nothing."""
    replay: Replay | None = outcome.replay
    if replay is None or replay.status != ACCEPTED:
        return
    verdict = outcome.verdict
    entry: dict[str, Any] = {
        "certificate": replay.certificate,
        "conditions": list(verdict.conditions),
        "fixed": dict(verdict.fixed),
        "reason": verdict.reason,
    }
    try:
        path = _path(outcome.claim)
        path.parent.mkdir(parents=True, exist_ok=True)
        deliver(json.dumps(entry, ensure_ascii=False), str(path))
    except (OSError, SymnormError):
        return


def _path(claim: Claim) -> Path:
    return directory() / f"{key(claim)}.json"
