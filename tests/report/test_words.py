"""Verdicts in words: everything that was found stands on the page, and a claim's own text stays as it is."""

from __future__ import annotations

import pytest

from symnorm.claims import Claim, Witness, prove
from symnorm.evaluate import Model
from symnorm.report import words
from symnorm.report.outcomes import Outcome, Run
from symnorm.report.terminal import in_full
from symnorm.tensors import Relation, axes, equal, mean, scalar, tensor
from tests.report.samples import OUTCOMES, VERDICTS

N, C = axes("N C")
X = tensor("x", N, C)


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_outcome_is_told_in_full(name: str) -> None:
    outcome = OUTCOMES[name]
    text = words.in_full(outcome)
    claim, verdict = outcome.claim, outcome.verdict
    assert text.startswith(f"{name}\n  {claim.sentence}\n")
    assert f"  {verdict.status}" in text and "as expected" in text and claim.source in text
    assert all(repr(relation) in text for relation in claim.given)
    assert all(condition in text for condition in verdict.conditions)
    assert in_full(outcome).plain == text


def test_a_proof_shows_its_scope_its_conditions_and_its_model() -> None:
    text = words.in_full(OUTCOMES["batch_norm.orthogonal"])
    assert "for all sizes" in text and "where" in text and "var > 0" in text and "holds at" in text
    assert "at N = 1 and for all other sizes" in words.in_full(OUTCOMES["batch_norm.one_sample"])


def test_a_refutation_shows_the_point_both_sides_and_a_program() -> None:
    text = words.in_full(OUTCOMES["means.squares"])
    witness = VERDICTS["means.squares"].witness
    assert witness is not None
    assert f"N = {witness.model.sizes['N']}" in text and f"c = {witness.index['C']}" in text
    assert str(witness.left) in text and str(witness.right) in text and "import numpy as np" in text
    assert "left - right = eps*gamma/(var + eps)*sum(dy*x_hat)" in words.in_full(
        OUTCOMES["batch_norm.orthogonal_with_eps"]
    )


def test_an_open_question_shows_its_reason() -> None:
    outcome = OUTCOMES["cubes.fermat"]
    assert outcome.verdict.reason and outcome.verdict.reason in words.in_full(outcome)


def test_a_deviation_names_what_was_expected() -> None:
    claim = Claim("a.b", "s", lambda: equal(X, X + 1), source="s", expected="proved")
    assert "expected: proved" in words.in_full(Outcome(claim, prove(claim)))


def test_two_instances_have_two_names_and_every_quantity_is_written_out() -> None:
    text = words.in_full(OUTCOMES["batch_norm.scale"])
    assert "y == y'" in text and "mu = mean[N](a*x)" in text and "mu' = mean[N](x)" in text
    assert "mu =" not in words.in_full(OUTCOMES["batch_norm.scale"], definitions=False)


def test_a_statement_without_a_program_shows_the_point_instead() -> None:
    witness = Witness(equal(scalar("a"), 0), Model(scalars={"a": 10**400}), {}, 10**400, 0)
    program = words.program(witness)
    assert program.startswith("# no program:") and "# a = 1000" in program
    assert all(line.startswith("#") for line in program.splitlines())


def test_the_summary_counts_everything() -> None:
    outcomes = tuple(OUTCOMES.values())
    text = words.summary(Run(outcomes, (), 1.25))
    statuses = [outcome.verdict.status for outcome in outcomes]
    for status in ("proved", "refuted", "undecided", "empirical"):
        assert f"{statuses.count(status)} {status}" in text
    assert text.startswith(f"{len(outcomes)} claims") and f"{len(outcomes)} as expected" in text and "1.2 s" in text


def test_a_relation_that_is_an_inequality_is_stated_as_one() -> None:
    claim = Claim("a.b", "s", lambda: Relation.of(mean(X, over=N) ** 2, ">=", 0), source="s")
    assert "mean[N](x)**2 >= 0" in words.in_full(Outcome(claim, prove(claim)))
