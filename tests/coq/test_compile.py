"""The compiler's word: what holds passes, what does not fails, whatever a proof says of itself."""

import pytest

from symnorm.coq import compile as runner
from symnorm.coq.compile import Development, beyond, compiled

pytestmark = pytest.mark.coq

TRUE = "Definition claim : Prop := forall m, (1 <= m)%nat -> INR m <> 0."
FALSE = "Definition claim : Prop := 1 = 0."


def theorem(tactics: str) -> str:
    return f"Theorem proved : claim.\nProof.\n{tactics}\nQed."


def test_each_development_is_told_apart() -> None:
    found = compiled(
        [
            Development("first", TRUE, theorem("exact INR_nonzero.")),
            Development("open", FALSE, theorem("unfold claim. lra.")),
            Development("declared", FALSE, "Axiom proved : claim."),
            Development("another claim", FALSE, "Definition claim : Prop := True.\n" + theorem("exact I.")),
            Development("last", TRUE, theorem("exact INR_nonzero.")),
        ]
    )
    assert {name for name, outcome in found.items() if not outcome.error} == {"first", "last"}
    assert all(outcome.error for name, outcome in found.items() if name not in ("first", "last"))


def test_a_variable_of_a_section_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Section S. Variable given : claim. Theorem proved : claim. Proof. exact given. Qed. End S."
    (outcome,) = compiled([Development("assumed", FALSE, text)]).values()
    assert outcome.error


def test_an_axiom_that_gets_past_the_scanner_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "scan", lambda proof: None)
    (outcome,) = compiled([Development("declared", FALSE, "Axiom proved : claim.")]).values()
    assert "rests on" in outcome.error


def test_what_proofs_may_rest_on() -> None:
    assert not beyond("Closed under the global context\n")
    assert not beyond("Axioms:\nClassicalDedekindReals.sig_forall_dec\n  : forall P : nat -> Prop,\n")
    assert beyond("Axioms:\nC0.proved : C0.claim\n") == "the proof rests on C0.proved"
    assert beyond("")
