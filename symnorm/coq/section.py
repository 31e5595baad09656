"""What the lemmas about one statement share: its variables, hypotheses and definitions, and the lemmas so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from symnorm.coq.names import spelled
from symnorm.coq.nests import Binder
from symnorm.coq.statement import NotExpressible, Printer, Statement


class Lemma:
    """A lemma: its name and what it is about; used by naming the positions."""

    def __init__(self, name: str, over: list[Binder]) -> None:
        self.name, self.over = name, over

    def at(self, places: Mapping[str, str] | None = None) -> str:
        """The lemma at some positions, its own by default."""
        if not self.over:
            return self.name
        chosen = [(places or {}).get(v, v) for v, _ in self.over]
        return f"({self.name} {' '.join(chosen)} {' '.join(map(below, chosen))})"


def below(place: str) -> str:
    """Why a position is below its axis's size."""
    return "ltac:(lia)" if place[0].isdigit() else f"H'{place}"


class Section:
    """What the lemmas about one statement share.

    Attributes:
        printer: writes the statement's values.
        hypotheses: what is assumed, with the names of the hypotheses.
        given_names: those of the assumed relations, in their order.
        book: the lemmas so far.
        count: numbers for names, shared by the sections of one file.
        forced: whether a proof is written although both sides are not one polynomial.
    """

    def __init__(
        self,
        statement: Statement,
        printer: Printer,
        given: int,
        forced: bool = False,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.statement, self.printer, self.forced = statement, printer, forced
        every = [*statement.declared, *statement.given]
        self.hypotheses = {says: f"A'{number}" for number, says in reversed(list(enumerate(every)))}
        start = len(statement.declared)
        self.given_names = [f"A'{start + number}" for number in range(given)]
        self.book: list[str] = []
        self.count = numbers or count(1)

    def fresh(self, prefix: str) -> str:
        """A name that nothing has yet."""
        return f"{prefix}'{next(self.count)}"

    def opening(self) -> str:
        """Variables, hypotheses and definitions."""
        one = self.statement
        lines = ["Section Proof."]
        lines += [f"Variable {name} : {kind}." for name, kind in one.variables]
        lines += [f"Hypothesis A'{number} : {says}." for number, says in enumerate(one.declared)]
        for value in one.definitions:
            binder = f" ({' '.join(value.parameters)} : nat)" if value.parameters else ""
            lines.append(f"Definition {value.name}{binder} : R := {value.body}.")
        start = len(one.declared)
        lines += [f"Hypothesis A'{start + number} : {says}." for number, says in enumerate(one.given)]
        applied = [
            f"apply {'Rge_le, ' if ' >= ' in says else ''}{name}; assumption" for says, name in self.hypotheses.items()
        ]
        unfolded = [f"progress unfold {value.name}" for value in reversed(one.definitions)]
        lines.append(f"Ltac known := first [{' | '.join(['assumption', *applied])}].")
        lines.append(f"Ltac opened := first [{' | '.join([*unfolded, 'fail'])}].")
        return "\n".join(lines) + "\n"

    def closing(self, finals: list[str], whole: Statement | None = None) -> str:
        """The theorem from what was shown of each part; of the whole statement, where other sizes are put in here."""
        one, whole = self.statement, whole or self.statement
        gone = {f"(1 <= {spelled(size)})%nat" for size in self.printer.sizes}
        declared = [f"A'{number}" for number, says in enumerate(whole.declared) if says not in gone]
        if len(declared) != len(one.declared):
            raise NotExpressible("sizes that make one declaration of two")
        given = [f"A'{len(whole.declared) + number}" for number in range(len(one.given))]
        arguments = " ".join([*[name for name, _ in one.variables], *declared, *given])
        proofs = [f"({final} {arguments})" if arguments else final for final in finals]
        proof = proofs[-1]
        for part in reversed(proofs[:-1]):
            proof = f"(conj {part} {proof})"
        if not self.printer.sizes:
            term = f"(fun {arguments} => {proof})" if arguments else proof
            return f"End Proof.\nTheorem proved : claim.\nProof.\nexact {term}.\nQed.\n"
        every = [*[name for name, _ in whole.variables], *[f"A'{number}" for number in range(len(whole.declared))]]
        put = "".join(
            f"destruct (Nat.eq_dec {spelled(size)} {value}) as [-> | E'];\n"
            "[ | intros; exfalso; apply E', INR_eq; rewrite ?mult_INR, ?plus_INR; simpl INR in *; lra].\n"
            for size, value in self.printer.sizes.items()
        )
        term = f"(fun {' '.join(given)} => {proof})"
        return f"End Proof.\nTheorem proved : claim.\nProof.\nintros {' '.join(every)}.\n{put}exact {term}.\nQed.\n"
