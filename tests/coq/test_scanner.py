"""No sentence that could cheat gets past the scanner."""

import pytest

from symnorm.coq.scanner import Refused, scan

HONEST = """Section S. Variable m : nat. Lemma one : m = m.
Proof.
  reflexivity.
Qed. End S. Theorem proved : claim. Proof. exact one. Qed."""


def test_an_honest_proof_passes() -> None:
    scan(HONEST)


@pytest.mark.parametrize(
    "text",
    [
        "Axiom proved : claim.",
        "Parameter proved : claim.",
        "Conjecture proved : claim.",
        "Variable proved : claim.",
        "Hypothesis proved : claim.",
        "Theorem proved : claim. Proof. Admitted.",
        "Theorem proved : claim. Proof. admit. Qed.",
        "Theorem proved : claim. Proof. all: admit. Qed.",
        "Theorem proved : claim. Proof. give_up. Qed.",
        "Theorem proved : claim. Proof. Abort.",
        "Theorem proved : claim. Proof. Unset Guard Checking. exact I. Qed.",
        "Unset Universe Checking.",
        "#[bypass_check(guard)] Fixpoint loop (n : nat) : False := loop n.",
        'Notation "x = y" := True.',
        "Notation claim := True.",
        "Module M. Definition claim := True. End M.",
        'Redirect "file" Print all.',
        "Load other.",
        "Require Import Other.",
        "Declare ML Module other.",
        "Section S. Variable m : nat.",
        "End C0.",
        "Lemma one : 1 = 1.\nProof. reflexivity.",
        "Lemma one : 1 = 1. Proof. reflexivity. (* Qed. *)",
    ],
)
def test_a_proof_that_could_cheat_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        scan(text)


def test_variables_are_of_a_section_that_is_closed() -> None:
    with pytest.raises(Refused):
        scan("Section S. End S. Variable proved : claim.")
