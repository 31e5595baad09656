"""Certificates of a run: each verdict's is made, compared with the claim's own statement, replayed, and written.

In come a claim and its verdict, out comes a :class:`~symnorm.report.outcomes.Replay`. The replayer
(:mod:`symnorm.replay`) shares nothing with who made the certificate. Files are written whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from symnorm.claims import PROVED, REFUTED, Claim, Verdict
from symnorm.claims.certificate import certificate, states_the_claim
from symnorm.errors import SymnormError, Unsupported
from symnorm.replay import Contradicted, NotCovered, Rejected, replay
from symnorm.report import parallel
from symnorm.report.outcomes import ACCEPTED, CONTRADICTED, NOT_COVERED, REJECTED, Outcome, Replay
from symnorm.report.output import deliver


def replayed(claim: Claim, verdict: Verdict) -> Replay | None:
    """The verdict's certificate and what the replayer says of it; ``None`` for a verdict that has none."""
    if verdict.status not in (PROVED, REFUTED):
        return None
    try:
        # through JSON text, as it will be read: what the replayer sees is what is written
        data = json.loads(json.dumps(certificate(claim.name, verdict)))
    except Unsupported as error:
        return Replay(NOT_COVERED, str(error))
    if not states_the_claim(data, claim):
        return Replay(CONTRADICTED, "the certificate's statement is not the claim's", data)
    return checked(data)


def checked(data: Any) -> Replay:
    """What the replayer says of a certificate."""
    try:
        replay(data)
    except Contradicted as error:
        return Replay(CONTRADICTED, str(error), data)
    except Rejected as error:
        return Replay(REJECTED, str(error), data)
    except NotCovered as error:
        return Replay(NOT_COVERED, str(error), data)
    return Replay(ACCEPTED, "", data)


def all_checked(read: Mapping[str, Any], jobs: int, tell: Callable[[str], None]) -> dict[str, Replay]:
    """What the replayer says of certificates, by path, shared between processes."""

    def task(data: Any) -> tuple[str, str]:
        one = checked(data)
        return one.status, one.reason

    found = parallel.done([(path, partial(task, data)) for path, data in read.items()], jobs, tell)
    return {path: Replay(status, reason, read[path]) for path, (status, reason) in zip(read, found, strict=True)}


def write(replay: Replay, name: str, directory: Path) -> None:
    """Write a claim's certificate as ``NAME.json``, whole or not at all, if it has one.

    Raises:
        SymnormError: it cannot be written.
    """
    if replay.certificate is None:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SymnormError(f"cannot make the directory {directory}: {error.strerror or error}") from error
    deliver(json.dumps(replay.certificate, ensure_ascii=False), str(directory / f"{name}.json"))


def deliver_one(outcome: Outcome, target: str) -> None:
    """Write the certificate of one verdict to a file or standard output.

    Raises:
        SymnormError: it has none, or cannot be written.
    """
    if outcome.replay is None or outcome.replay.certificate is None:
        why = outcome.replay.reason if outcome.replay is not None else f"it is {outcome.verdict.status}"
        raise SymnormError(f"{outcome.claim.name} has no certificate: {why}")
    deliver(json.dumps(outcome.replay.certificate, ensure_ascii=False), target)


def read(paths: Iterable[str]) -> dict[str, Any]:
    """Certificates by path, of files and of directories with them.

    Raises:
        SymnormError: a path that is neither, a file that is no JSON, or no certificate at all.
    """
    found: dict[str, Any] = {}
    for name in paths:
        path = Path(name)
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        for file in files:
            try:
                found[str(file)] = json.loads(file.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise SymnormError(f"{file} cannot be read as a certificate: {error}") from error
        if not files:
            raise SymnormError(f"there is no certificate in {path}: a certificate is a file NAME.json")
    return found
