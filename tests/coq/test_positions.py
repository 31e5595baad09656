"""Proofs about sizes that are put in, and at each position of an axis of fixed size; Coq itself is not asked."""

from __future__ import annotations

import pytest

from symnorm.claims import catalogue, prove
from symnorm.coq import Development, NotExpressible, developments
from symnorm.coq.positions import everywhere
from symnorm.report import rechecking, replays


def made(name: str) -> Development:
    ((_, one, reason, _),) = rechecking.developments([catalogue.find(name)], 1, lambda told: None)
    assert one is not None, reason
    return one


def test_a_size_that_is_put_in_is_shown_to_be_that_number() -> None:
    one = made("batch_norm.batch1_output")
    assert "(INR N) = 1" in one.statement
    assert "destruct (Nat.eq_dec N 1) as [-> | E']" in one.proof
    assert "Variable N : nat" not in one.proof


def test_a_proof_about_symbols_puts_nothing_in() -> None:
    assert "Nat.eq_dec" not in made("batch_norm.zero_mean").proof.partition("Theorem proved")[2]


def test_every_position_of_fixed_axes_has_its_lemma() -> None:
    lemmas = {f"{i},{j}": f"L{i}{j}" for i in (1, 2) for j in (1, 2, 3)}
    tactic = everywhere({"A": "a", "B": "b", "C": "c"}, {"A": 2, "B": 3}, lemmas)
    assert [tactic.count(f"exact ({lemma} c H'c)") for lemma in lemmas.values()] == [1] * 6
    assert tactic.count("exfalso; lia") == 3


def test_a_proof_that_is_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = catalogue.find("batch_norm.batch1_output")
    replay = replays.replayed(claim, prove(claim))
    assert replay is not None
    monkeypatch.setattr(developments, "LONG", 100)
    with pytest.raises(NotExpressible, match="too long to compile"):
        developments.development(claim.name, replay.certificate)


def test_what_is_said_of_the_error_function_is_said_of_every_odd_function() -> None:
    one = made("gaussian.rectified")
    assert "(erf : R -> R)" in one.statement
    assert "forall t : R, erf (- t) = - erf t" in one.statement
