"""The proofs of all that a claim states, in one section: of equations by :mod:`.prover`, or by :mod:`.inequalities`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symnorm.coq.inequalities import Gap, inequality
from symnorm.coq.prover import Prover, needed
from symnorm.coq.section import Section
from symnorm.coq.statement import NotExpressible, Printer, nodes_of, parts
from symnorm.replay.checker import NOTHING, Claim


class Parts:
    """The proofs of what a claim states.

    Args:
        claim: what is stated and assumed.
        proofs: the certificate's choices for each statement.
        forced: whether a proof is written although it does not lead to the statement.
        mark: what the names of shared values end in, where several sections share a file.
        numbers: for the names of lemmas, where they do.

    Attributes:
        given: what is assumed, also that divisors and roots are what they have to be.
        section: with the lemmas.
        finals: the last lemma of each statement.

    Raises:
        NotExpressible: with the reason.
    """

    def __init__(
        self, claim: Claim, proofs: Any, forced: bool, mark: str = "", numbers: Iterator[int] | None = None
    ) -> None:
        zero = claim.graph.number(0)
        self.given = [*claim.given, *[(node, sign, zero) for node, sign in claim.conditions]]
        gaps = {
            place: Gap.read(claim, stated, proof)
            for place, (stated, proof) in enumerate(zip(claim.states, proofs, strict=True))
            if stated[1] != "=="
        }
        beside = [node for gap in gaps.values() for node in (gap.larger, gap.gap, gap.shown)]
        printer = Printer(claim.graph, [*nodes_of([*claim.states, *self.given]), *beside], mark=mark)
        whole = parts(printer, claim.states, self.given)
        self.section = Section(whole, printer, len(claim.given), forced, numbers)
        self.finals = []
        for place, (stated, proof, says) in enumerate(zip(claim.states, proofs, whole.states, strict=True)):
            choices = one_piece(proof)
            if place in gaps:
                self.finals.append(inequality(claim, gaps[place], choices, self.section, says))
            else:
                self.finals.append(Prover(claim, choices, self.section).equation(stated[0], stated[2], says))

    def lemmas(self) -> str:
        """What the finals rest on, and they."""
        return "\n".join(needed(self.section.book))


def one_piece(proof: Any) -> Any:
    """The choices of a proof that has no cases and is the same at every position."""
    at = proof["at"]
    if not at:
        return NOTHING
    if set(at) != {""}:
        raise NotExpressible("a proof at each position of an axis of fixed size")
    if "split" in at[""]:
        raise NotExpressible("a proof by cases")
    return at[""]
