"""Proved claims by another kernel: each claim's certificate becomes a Coq development, which the Coq compiler judges.

In come claims, out comes a :class:`Recheck` for each; nothing is believed but what the compiler accepts. What was
rechecked can be recorded in a file by the digest of the claim's statement, so that an index of the catalogue shows
nothing that was not run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from symnorm.claims import PROVED, REFUTED, Claim, catalogue, prove
from symnorm.claims.gradients import GRADIENT, select_gradients
from symnorm.coq import Development, NotExpressible, compiled, compiler, development, gradient
from symnorm.coq.compile import SUPPORT, opening, support
from symnorm.coq.compile import Outcome as Judged
from symnorm.errors import SymnormError
from symnorm.report import parallel, remembered, replays
from symnorm.report.checked import keep
from symnorm.report.outcomes import ACCEPTED, DISAGREES, FINE, OPEN, Outcome
from symnorm.report.output import deliver

RECHECKED, NOT_EXPRESSIBLE, FAILED = "rechecked", "not expressible", "failed"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Recheck:
    """What Coq says of a claim.

    Attributes:
        claim: the claim.
        status: refuted, which needs no proof; rechecked; not expressible, known before anything is compiled; or failed.
        reason: why it was not rechecked.
        seconds: the compiler's share of time.
        replayed: whether the replayer accepts the certificate.
    """

    claim: Claim
    status: str
    reason: str = ""
    seconds: float = 0.0
    replayed: bool = False


def chosen(names: Sequence[str], gradients: bool) -> list[Claim]:
    """The claims of these names, ``gradient.NORMALIZER.INPUT`` among them; all of the catalogue if nothing is named.

    Args:
        names: of claims, normalizers, files and gradients.
        gradients: whether the closed-form gradients are meant and nothing else.

    Raises:
        NameUnknown: a name that is none of these.
    """
    if gradients:
        return select_gradients(names)
    own = [name for name in names if name.startswith(f"{GRADIENT}.")]
    others = [name for name in names if name not in own]
    claims = catalogue.select(others) if others or not names else []
    return [*claims, *(select_gradients(own) if own else [])]


def developed(claim: Claim) -> dict[str, str]:
    """A claim's statement and proof in Coq as plain data, or the reason why there is none."""
    outcome = remembered.recalled(claim)
    if outcome is None:
        verdict = prove(claim)
        outcome = Outcome(claim, verdict, replays.replayed(claim, verdict))
    replay = outcome.replay
    found = {"replay": replay.status if replay is not None else ""}
    if outcome.verdict.status != PROVED:
        return {**found, "reason": f"it is {outcome.verdict.status}"}
    if replay is None or replay.certificate is None:
        return {**found, "reason": "its proof has no certificate"}
    try:
        make = gradient if claim.kind == GRADIENT else development
        made = make(claim.name, replay.certificate)
    except NotExpressible as reason:
        return {**found, "reason": str(reason)}
    return {**found, "statement": made.statement, "proof": made.proof}


def developments(claims: Sequence[Claim], jobs: int, tell: Tell) -> list[tuple[Claim, Development | None, str, bool]]:
    """Each claim with its development, or with the reason why it has none, and whether it was replayed."""
    found = parallel.done([(claim.name, partial(developed, claim)) for claim in claims], jobs, tell)
    return [
        (
            claim,
            Development(claim.name, one["statement"], one["proof"]) if "proof" in one else None,
            one.get("reason", ""),
            one["replay"] == ACCEPTED,
        )
        for claim, one in zip(claims, found, strict=True)
    ]


def recheck(claims: Iterable[Claim], jobs: int, tell: Tell) -> list[Recheck]:
    """What Coq says of each claim that is expected to be proved; what is to be refuted is only replayed.

    Raises:
        CoqMissing: there is no compiler.
    """
    compiler()
    made = developments([claim for claim in claims if claim.expected in (PROVED, REFUTED)], jobs, tell)
    judged = compiled([one for _, one, _, _ in made if one is not None], jobs, lambda outcome: tell(outcome.name))
    return [_told(claim, one, reason, replayed, judged) for claim, one, reason, replayed in made]


def _told(claim: Claim, one: Development | None, reason: str, replayed: bool, judged: Mapping[str, Judged]) -> Recheck:
    if one is None:
        status = REFUTED if claim.expected == REFUTED else NOT_EXPRESSIBLE
        return Recheck(claim, status, reason, replayed=replayed)
    outcome = judged[one.name]
    return Recheck(claim, FAILED if outcome.error else RECHECKED, outcome.error, outcome.seconds, replayed)


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
    for claim, one, reason, _ in developments([c for c in claims if c.expected == PROVED], jobs, tell):
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
    """Keep who accepted which statement.

    Raises:
        SymnormError: the file cannot be read or written.
    """
    keep(
        path,
        {
            one.claim: ({"replayer": "accepted"} if one.replayed else {})
            | ({"coq": "accepted"} if one.status == RECHECKED else {})
            for one in found
        },
    )
