"""What a run found: verdicts beside what was expected, kernels beside autograd, and what a shell is told of both.

Made by :mod:`symnorm.report.verification`, shown by :mod:`symnorm.report.terminal` and :mod:`symnorm.report.data`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symnorm.claims import EMPIRICAL, PROVED, REFUTED, UNDECIDED, Claim, Verdict

if TYPE_CHECKING:
    from symnorm.check import KernelCheck

FINE, DISAGREES, BAD_INPUT, OPEN, TOOL_MISSING = range(5)
"""The exit codes of every command: proved or as expected; refuted or disagreeing; bad input; undecided; no tool."""

STATUSES = (PROVED, REFUTED, UNDECIDED, EMPIRICAL)


ACCEPTED, REJECTED, NOT_COVERED, CONTRADICTED = "accepted", "rejected", "not covered", "contradicted"


@dataclass(frozen=True)
class Replay:
    """What the replayer says of a verdict's certificate.

    Attributes:
        status: accepted, rejected (the steps do not convince it), not covered by any replayer, or contradicted (its
            point shows the contrary, or it states something else than the claim).
        reason: why it was not accepted.
        certificate: plain data; ``None`` where none can be written.
    """

    status: str
    reason: str = ""
    certificate: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """A claim, the verdict on it, and what the replayer says of its certificate, if it has one.

    Attributes:
        claim: the claim.
        verdict: the verdict on it.
        replay: of a proof or a refutation.
        shown: what JSON shows of it, if another process has written that out.
        remembered: whether the verdict is that of an earlier run, its certificate replayed in this one.
    """

    claim: Claim
    verdict: Verdict
    replay: Replay | None = None
    shown: Mapping[str, Any] | None = None
    remembered: bool = False

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the claim expects."""
        return self.verdict.status == self.claim.expected


@dataclass(frozen=True)
class Run:
    """All verdicts and comparisons of a run.

    Attributes:
        outcomes: a verdict for each claim.
        kernels: a comparison for each kernel.
        seconds: how long everything took.
    """

    outcomes: tuple[Outcome, ...] = ()
    kernels: tuple[KernelCheck, ...] = ()
    seconds: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict."""
        found = Counter(outcome.verdict.status for outcome in self.outcomes)
        return {status: found[status] for status in STATUSES}

    @property
    def with_certificate(self) -> tuple[Outcome, ...]:
        """The claims whose verdict is to be replayed."""
        return tuple(outcome for outcome in self.outcomes if outcome.replay is not None)

    @property
    def not_replayed(self) -> tuple[Outcome, ...]:
        """The claims whose verdict no replayer confirms."""
        return tuple(one for one in self.with_certificate if one.replay is None or one.replay.status != ACCEPTED)

    @property
    def unexpected(self) -> tuple[Outcome, ...]:
        """The claims whose verdict is another than expected."""
        return tuple(outcome for outcome in self.outcomes if not outcome.as_expected)

    @property
    def exit_code(self) -> int:
        """Fine only if every verdict is the expected one, no certificate contradicts one, and every kernel agrees.

        Open if all that deviates is a question without an answer; anything else contradicts.
        """
        contradicted = any(one.replay is not None and one.replay.status == CONTRADICTED for one in self.outcomes)
        if contradicted or not all(kernel.ok for kernel in self.kernels):
            return DISAGREES
        deviating = {outcome.verdict.status for outcome in self.unexpected}
        if not deviating:
            return FINE
        return OPEN if deviating == {UNDECIDED} else DISAGREES


def truth(outcomes: Iterable[Outcome]) -> int:
    """The exit code for someone who asks whether claims are true, whatever was expected of them."""
    return worst(outcome.verdict.status for outcome in outcomes)


def worst(statuses: Iterable[str]) -> int:
    """The exit code of several answers: refuted before undecided before proved.

    Example:
        >>> worst([PROVED, PROVED]), worst([PROVED, UNDECIDED]), worst([UNDECIDED, REFUTED])
        (0, 3, 1)
    """
    found = set(statuses)
    if REFUTED in found:
        return DISAGREES
    return FINE if found <= {PROVED} else OPEN
