"""A claim in Coq, from its certificate: the statement, and a proof that is not believed.

Read :mod:`.statement`, :mod:`.parts`, :mod:`.inductions`, then this file. Called by :mod:`symnorm.report.rechecking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from symnorm.coq.compile import Development
from symnorm.coq.inductions import induction
from symnorm.coq.parts import Parts
from symnorm.coq.statement import NotExpressible, Printer, nodes_of, parts
from symnorm.elaboration.claim import Claim
from symnorm.replay.graph import NotCovered, Rejected

LONG = 1_000_000  # a proof of so many characters takes Coq about 20 seconds


def development(name: str, data: Any, forced: bool = False) -> Development:
    """A claim in Coq, from its certificate; ``forced`` goes on where the proof does not lead to the statement.

    Raises:
        NotExpressible: with the reason.
    """
    if data["kind"] not in ("proof", "induction"):
        raise NotExpressible(f"a proof by {data['kind']}")
    with reasons():
        if data["kind"] == "induction":
            return Development(name, *induction(data, forced))
        claim = Claim.read(data)
        proof = Parts(claim, data["proofs"], forced)
        printer = Printer(claim.graph, nodes_of([*claim.states, *proof.given]))
        statement = parts(printer, claim.states, proof.given)
        text = proof.section.opening() + proof.lemmas() + proof.section.closing(proof.finals, statement)
        if len(text) > LONG:
            raise NotExpressible(f"a proof of {len(text) // 1000} thousand characters, which takes too long to compile")
        return Development(name, statement.proposition(), text)


@contextmanager
def reasons() -> Iterator[None]:
    """What the replayer does not accept as a reason why there is no proof."""
    try:
        yield
    except (NotCovered, Rejected) as reason:
        raise NotExpressible(str(reason)) from reason
