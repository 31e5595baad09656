"""The proofs of all that a claim states, in one section: of equations by :mod:`.prover`, or by :mod:`.inequalities`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from symnorm.coq.inequalities import Gap, inequality
from symnorm.coq.names import index
from symnorm.coq.positions import everywhere, fixed_axes, put_in, stated_at
from symnorm.coq.prover import Prover, needed
from symnorm.coq.section import Section, below
from symnorm.coq.statement import NotExpressible, Printer, nodes_of, parts
from symnorm.elaboration.claim import NOTHING, Claim


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
        sizes = {} if mark else put_in(claim)
        printer = Printer(claim.graph, [*nodes_of([*claim.states, *self.given]), *beside], sizes, mark)
        whole = parts(printer, claim.states, self.given)
        self.section = Section(whole, printer, len(claim.given), forced, numbers)
        self.finals = []
        for place, (stated, proof, says) in enumerate(zip(claim.states, proofs, whole.states, strict=True)):
            axes = {**claim.graph.axes[stated[0]], **claim.graph.axes[stated[2]]}
            fixed = fixed_axes(printer, axes)
            if place in gaps:
                self.finals.append(inequality(claim, gaps[place], one_piece(proof), self.section, says))
            elif not fixed:
                self.finals.append(Prover(claim, one_piece(proof), self.section).equation(stated[0], stated[2], says))
            else:
                self.finals.append(self.at_positions(claim, stated, proof, says, fixed))

    def at_positions(
        self, claim: Claim, stated: tuple[int, str, int], proof: Any, says: str, fixed: dict[str, int]
    ) -> str:
        """An equation at each position of the axes of fixed size, and so at all of them."""
        lemmas = {}
        for places in product(*[range(1, size + 1) for size in fixed.values()]):
            key = ",".join(map(str, places))
            choices = one_piece({"at": {"": proof["at"][key]} if key in proof["at"] else {}})
            prover = Prover(claim, choices, self.section)
            at = dict(zip(fixed, places, strict=True))
            lemmas[key] = prover.equation(stated[0], stated[2], stated_at(self.section.printer, stated, at), at)
        binders = {axis: index(axis) for axis in {**claim.graph.axes[stated[0]], **claim.graph.axes[stated[2]]}}
        name = self.section.fresh("T")
        intros = f"intros {' '.join([*binders.values(), *map(below, binders.values())])}.\n"
        tactic = everywhere(binders, fixed, lemmas)
        self.section.book.append(f"Lemma {name} : {says}.\nProof using All.\n{intros}{tactic}.\nQed.\n")
        return name

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
