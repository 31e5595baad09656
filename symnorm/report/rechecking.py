"""Proved claims by another kernel: each claim's certificate becomes a Coq development, which the Coq compiler judges.

In come claims, out comes a :class:`Recheck` for each; nothing is believed but what the compiler accepts. What was
rechecked can be recorded in a file by the digest of the claim's statement, so that an index of the catalogue shows
nothing that was not run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from symnorm.claims import PROVED, Claim, prove
from symnorm.claims.certificate import Graph, statement
from symnorm.coq import Development, NotExpressible, compiled, compiler, development
from symnorm.coq.compile import SUPPORT, Outcome, opening, support
from symnorm.errors import SymnormError
from symnorm.report import parallel, remembered, replays
from symnorm.report.outcomes import DISAGREES, FINE, OPEN
from symnorm.report.output import deliver

RECHECKED, NOT_EXPRESSIBLE, FAILED = "rechecked", "not expressible", "failed"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Recheck:
    """What Coq says of a claim.

    Attributes:
        claim: the claim.
        status: rechecked; not expressible, which is known before anything is compiled; or failed.
        reason: why it was not rechecked.
        seconds: the compiler's share of time.
    """

    claim: Claim
    status: str
    reason: str = ""
    seconds: float = 0.0


def digest(claim: Claim) -> str:
    """A digest of what a claim states and assumes."""
    graph = Graph()
    stated = statement(graph, claim.relations(), claim.given)
    text = json.dumps([stated, graph.rows, claim.along is not None])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def developed(claim: Claim) -> dict[str, str]:
    """A claim's statement and proof in Coq as plain data, or the reason why there is none."""
    outcome = remembered.recalled(claim)
    if outcome is not None:
        certificate = outcome.replay.certificate if outcome.replay is not None else None
        status = outcome.verdict.status
    else:
        verdict = prove(claim)
        replay, status = replays.replayed(claim, verdict), verdict.status
        certificate = replay.certificate if replay is not None else None
    if status != PROVED:
        return {"reason": f"it is {status}"}
    if certificate is None:
        return {"reason": "its proof has no certificate"}
    try:
        made = development(claim.name, certificate)
    except NotExpressible as reason:
        return {"reason": str(reason)}
    return {"statement": made.statement, "proof": made.proof}


def developments(claims: Sequence[Claim], jobs: int, tell: Tell) -> list[tuple[Claim, Development | None, str]]:
    """Each claim with its development, or with the reason why it has none."""
    found = parallel.done([(claim.name, partial(developed, claim)) for claim in claims], jobs, tell)
    return [
        (
            claim,
            Development(claim.name, one["statement"], one["proof"]) if "proof" in one else None,
            one.get("reason", ""),
        )
        for claim, one in zip(claims, found, strict=True)
    ]


def recheck(claims: Iterable[Claim], jobs: int, tell: Tell) -> list[Recheck]:
    """What Coq says of each claim that is expected to be proved.

    Raises:
        CoqMissing: there is no compiler.
    """
    compiler()
    made = developments([claim for claim in claims if claim.expected == "proved"], jobs, tell)
    judged = compiled([one for _, one, _ in made if one is not None], jobs, lambda outcome: tell(outcome.name))
    return [_told(claim, one, reason, judged) for claim, one, reason in made]


def _told(claim: Claim, one: Development | None, reason: str, judged: Mapping[str, Outcome]) -> Recheck:
    if one is None:
        return Recheck(claim, NOT_EXPRESSIBLE, reason)
    outcome = judged[one.name]
    return Recheck(claim, FAILED if outcome.error else RECHECKED, outcome.error, outcome.seconds)


def exit_code(found: Iterable[Recheck]) -> int:
    """1 if something failed, 3 if something has no form in Coq."""
    statuses = {one.status for one in found}
    return DISAGREES if FAILED in statuses else OPEN if NOT_EXPRESSIBLE in statuses else FINE


def export(claims: Iterable[Claim], directory: Path, jobs: int, tell: Tell) -> tuple[list[str], list[tuple[str, str]]]:
    """Writes the support file and a file for each claim; the names written, and the others with the reason.

    Raises:
        SymnormError: something cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SymnormError(f"cannot make the directory {directory}: {error.strerror or error}") from error
    deliver(support(), str(directory / f"{SUPPORT}.v"))
    written, others = [], []
    for claim, one, reason in developments([c for c in claims if c.expected == "proved"], jobs, tell):
        if one is None:
            others.append((claim.name, reason))
            continue
        name = "".join(c if c.isascii() and c.isalnum() else "_" for c in claim.name)
        deliver(f"(* {claim.name} *)\n{opening()}\n{one.statement}\n{one.proof}", str(directory / f"{name}.v"))
        written.append(name)
    everything = "\n".join(['-R . ""', f"{SUPPORT}.v", *[f"{name}.v" for name in written]])
    deliver(everything, str(directory / "_CoqProject"))
    return written, others


def as_data(found: Iterable[Recheck]) -> dict[str, Any]:
    """What JSON shows."""
    rows = [
        {"name": one.claim.name, "status": one.status, "reason": one.reason, "seconds": round(one.seconds, 3)}
        for one in found
    ]
    return {"rechecks": rows}


def record(found: Iterable[Recheck], path: Path) -> None:
    """Keep, by the digest of its statement, what was rechecked; what is recorded of other claims stays.

    Raises:
        SymnormError: the file cannot be read or written.
    """
    known = recorded(path)
    for one in found:
        known.pop(one.claim.name, None)
        if one.status == RECHECKED:
            known[one.claim.name] = digest(one.claim)
    deliver(json.dumps(dict(sorted(known.items())), indent=0, ensure_ascii=False), str(path))


def recorded(path: Path) -> dict[str, str]:
    """Names of claims and digests of their statements, as they were when Coq accepted them.

    Raises:
        SymnormError: the file cannot be read.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise SymnormError(f"{path} cannot be read: {error}") from error
