"""A claim in Coq, from its certificate: the statement, and a proof that is not believed.

Equations are proved by :mod:`.prover`, inequalities by :mod:`.inequalities`, claims along a recursion by
:mod:`.inductions`. Called by :mod:`symnorm.report.rechecking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from symnorm.coq.compile import Development
from symnorm.coq.inequalities import Gap, inequality
from symnorm.coq.prover import Prover, needed
from symnorm.coq.section import Section
from symnorm.coq.statement import NotExpressible, Printer, nodes_of, parts
from symnorm.replay.checker import Claim
from symnorm.replay.graph import NotCovered, Rejected


def development(name: str, data: Any, forced: bool = False) -> Development:
    """A claim in Coq, from its certificate; ``forced`` goes on where the proof does not lead to the statement.

    Raises:
        NotExpressible: with the reason.
    """
    if data["kind"] != "proof":
        raise NotExpressible(f"a proof by {data['kind']}")
    with reasons():
        claim = Claim.read(data)
        proof = Parts(claim, data["proofs"], forced)
        printer = Printer(claim.graph, nodes_of([*claim.states, *proof.given]))
        statement = parts(printer, claim.states, proof.given).proposition()
        text = proof.section.opening() + proof.lemmas() + proof.section.closing(proof.finals)
    return Development(name, statement, text)


class Parts:
    """The proofs of all that a claim states, in one section.

    Attributes:
        given: what is assumed, also that divisors and roots are what they have to be.
        section: with the lemmas.
        finals: the last lemma of each statement.
    """

    def __init__(self, claim: Claim, proofs: Any, forced: bool, mark: str = "") -> None:
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
        self.section = Section(whole, printer, len(claim.given), forced)
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
        return None
    if set(at) != {""}:
        raise NotExpressible("a proof at each position of an axis of fixed size")
    if "split" in at[""]:
        raise NotExpressible("a proof by cases")
    return at[""]


@contextmanager
def reasons() -> Iterator[None]:
    """What the replayer does not accept as a reason why there is no proof."""
    try:
        yield
    except (NotCovered, Rejected) as reason:
        raise NotExpressible(str(reason)) from reason
