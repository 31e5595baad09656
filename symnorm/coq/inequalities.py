"""Inequalities in Coq: the difference of both sides, or of their squares, equals what visibly has the right sign.

That it equals it is an equation, proved as any other one by :mod:`.prover`; that the sign shows is a lemma for each
value by :mod:`.positivity`. Called by :mod:`.developments`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symnorm.coq.names import index
from symnorm.coq.positivity import Positivity
from symnorm.coq.prover import Prover
from symnorm.coq.section import Section, below
from symnorm.coq.statement import NotExpressible, Relation
from symnorm.elaboration.claim import Claim

BY = {"<=": ("le_by", ">="), "<": ("lt_by", ">"), ">=": ("ge_by", ">="), ">": ("gt_by", ">"), "!=": ("ne_by", "!=")}


@dataclass(frozen=True)
class Gap:
    """What an inequality is proved by.

    Attributes:
        stated: the inequality.
        larger: its larger side.
        gap: the difference of both sides or of their squares, not negative.
        shown: what the certificate says that it equals, and shows its sign.
        of_squares: whether squares are compared.
    """

    stated: Relation
    larger: int
    gap: int
    shown: int
    of_squares: bool

    @classmethod
    def read(cls, claim: Claim, stated: Relation, proof: Any) -> Gap:
        """What a certificate says of one."""
        left, relation, right = stated
        graph, of_squares = claim.graph, bool(proof.get("of_squares"))
        low, high = (left, right) if relation in ("<", "<=") else (right, left)
        larger = high
        if of_squares:
            two = graph.number(2)
            low, high = graph.node("pow", (low, two)), graph.node("pow", (high, two))
        gap = graph.node("sub", (high, low))
        return cls(stated, larger, gap, claim.places[proof["by"]] if "by" in proof else gap, of_squares)


def inequality(claim: Claim, one: Gap, choices: Any, section: Section, says: str) -> str:
    """The last lemma of an inequality.

    Args:
        claim: what is assumed.
        one: what the inequality is proved by.
        choices: how the certificate proves that the difference is what it says.
        section: where lemmas go.
        says: the inequality as Coq writes it.

    Raises:
        NotExpressible: with the reason.
    """
    left, relation, right = one.stated
    graph, signs = claim.graph, Positivity(claim, section)
    axes = {**graph.axes[left], **graph.axes[right]}
    places = [index(axis) for axis in axes]
    lemma, wanted = BY[relation]
    arguments = []
    if one.of_squares:
        if relation == "!=":
            raise NotExpressible("squares that differ")
        lemma += "_squares"
        arguments.append(signs.shown(one.larger, ">="))
    if one.shown == one.gap:
        arguments.append("eq_refl")
    else:
        equation = section.printer.relation((one.gap, "==", one.shown))
        name = Prover(claim, choices, section).equation(one.gap, one.shown, equation)
        own = [index(axis) for axis in {**graph.axes[one.gap], **graph.axes[one.shown]}]
        arguments.append(f"({name} {' '.join([*own, *map(below, own)])})" if own else name)
    arguments.append(signs.shown(one.shown, wanted))
    intros = f"intros {' '.join([*places, *map(below, places)])}.\n" if places else ""
    final = section.fresh("T")
    section.book.append(
        f"Lemma {final} : {says}.\nProof using All.\n{intros}exact ({lemma} {' '.join(arguments)}).\nQed.\n"
    )
    return final
