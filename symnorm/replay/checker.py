"""Checks a certificate again and believes nothing in it: Python's standard library only, nothing of symnorm.

A certificate states its claim as a graph of named operations over named axes, unexpanded; derivatives are nodes of that
graph, differentiated in :mod:`.graph`. Its proof is a list of steps, each of which is carried out here or refused:

- the *value* of a node is a polynomial that equals it at every index;
- an *equation* is a polynomial that vanishes: of it, any multiple at any indices may be added to anything;
- a *fact* is a polynomial that is not negative, or not zero.

All of it holds wherever the assumptions and conditions do, at every size. Nothing is searched or chosen: who wrote the
certificate says which multiples to add and which sum of squares to expand. An equation is proved if the difference of
its sides becomes the polynomial 0; an inequality if a fact is its difference. The certificate's point satisfies all
assumptions and conditions, so that nothing is vacuous. A refutation is a point at which the statement fails.

Read :mod:`.graph`, :mod:`.points`, :mod:`.claim`, :mod:`.algebra`, :mod:`.naming`, :mod:`.proof`, then this file.
"""

from __future__ import annotations

from typing import Any

from .claim import Claim, Induction, stated
from .graph import NotCovered, Rejected, need
from .proof import Proof

FORMAT = 3
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError, RecursionError)


def check_steps(claim: Claim, data: Any) -> None:
    """The proof of each statement by itself."""
    need(len(data["proofs"]) == len(claim.states), "each statement needs a proof")
    for state, proof in zip(claim.states, data["proofs"], strict=True):
        if "run" not in proof:
            raise NotCovered(proof.get("why", "a proof without steps"))
        steps = Proof(claim)
        steps.run(proof["run"])
        steps.conclude(state, proof)


def replay(data: Any, steps_alone: bool = False) -> None:
    """Refuses a certificate that does not show what it states; raises Rejected, or NotCovered.

    With ``steps_alone`` a proof's point is not looked at: how the steps are tested by themselves.
    """
    try:
        if data["format"] != FORMAT or data["kind"] not in ("proof", "refutation", "induction"):
            raise NotCovered(f"certificates of the kind {data['kind']}, format {data['format']}")
        whole = Induction(data) if data["kind"] == "induction" else Claim(*stated(data), data)
        if data["kind"] == "refutation" or not steps_alone:
            whole.check_point(data)
        if isinstance(whole, Induction):
            for states, given, part in whole.parts():
                check_steps(Claim(whole.graph, whole.places, states, given, part), part)
        elif data["kind"] == "proof":
            check_steps(whole, data)
    except MALFORMED as error:
        raise Rejected(f"not a well-formed certificate: {type(error).__name__}: {error}") from error
