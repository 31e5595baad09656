"""What normalizers are blind to, against the table that a paper prints, and against what must not be found."""

from __future__ import annotations

import pytest

from symnorm.claims import PROVED, REFUTED, invariances, re_evaluated
from symnorm.claims.invariances import EQUIVARIANT, INVARIANT, NEITHER, OPEN, Answer, answers
from symnorm.normalizers import REGISTRY, Normalizer
from tests.claims.invariant import answered

# Ba, Kiros & Hinton 2016 (arXiv:1607.06450), Table 1. For weight norm "invariant" of the data is no: it passes it on.
COLUMNS = (
    ("weight matrix", "a*W, a > 0"),
    ("weight matrix", "W + b_k for all units"),
    ("weight vector", "a_(c)*W, a_(c) > 0"),
    ("data set", "a*A, a > 0"),
    ("data set", "A + b_k for all cases"),
    ("single case", "a_n*A, a_n > 0"),
)
TABLE = {
    "batch_norm": (True, False, True, True, True, False),
    "layer_norm": (True, True, False, True, False, True),
}
WEIGHT_NORM = {
    ("weights", "a*v, a > 0"): True,
    ("weights", "v + b_k"): False,
    ("weights", "a_c*v, a_c > 0"): True,
    ("data set", "a*A, a > 0"): False,
    ("data set", "A + b_k for all cases"): False,
    ("single case", "a_n*A, a_n > 0"): False,
}


def by_change(name: str) -> dict[tuple[str, str], Answer]:
    found = answers(REGISTRY[name])
    return {(answer.transformation.of, answer.transformation.change): answer for answer in found}


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_ba_kiros_and_hinton(name: str) -> None:
    found = by_change(name)
    assert tuple(found[column].status == INVARIANT for column in COLUMNS) == TABLE[name]
    assert all(found[column].under in ("", "eps == 0") for column in COLUMNS)


def test_the_row_of_weight_norm() -> None:
    found = by_change("weight_norm")
    assert {column: found[column].status == INVARIANT for column in WEIGHT_NORM} == WEIGHT_NORM
    assert found["data set", "a*A, a > 0"].factor == "a*y"


@pytest.mark.parametrize("one", REGISTRY.values(), ids=lambda one: one.name)
def test_every_answer_rests_on_a_verdict(one: Normalizer) -> None:
    found = answered(one)
    assert found
    for answer in found:
        if answer.status in (INVARIANT, EQUIVARIANT) and answer.transformation.of != "order":
            assert answer.verdict is not None and answer.verdict.status == PROVED
        elif answer.status == NEITHER:
            assert answer.verdict is not None and answer.verdict.status == REFUTED
            assert answer.verdict.witness is not None and re_evaluated(answer.verdict.witness)
    assert [answer.transformation.change for answer in found if answer.status == OPEN] == []


def test_signs_and_factors() -> None:
    found = by_change("batch_norm")
    turned = found["input", "-a*x, a > 0"]
    assert (turned.factor, turned.under) == ("-y", "beta == 0 and eps == 0")
    found = by_change("centering")
    assert found["input", "-a*x, a > 0"].factor == "-a*y"
    assert found["input", "x + b_c"].status == INVARIANT and found["input", "x + b_n"].status == NEITHER
    found = by_change("mean_only_batch_norm")
    assert (found["input", "a*x, a > 0"].factor, found["input", "a*x, a > 0"].under) == ("a*y", "beta == 0")


def test_names_of_the_definition_are_left_alone() -> None:
    changes = {change for _, change in by_change("mean_only_weight_norm")}
    assert "b" in REGISTRY["mean_only_weight_norm"].inputs
    assert "x + t" in changes and "x + b" not in changes


def test_a_prover_that_believes_everything_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from symnorm.claims.verdict import Verdict

    monkeypatch.setattr(invariances, "decide", lambda *_: Verdict(PROVED))
    found = by_change("batch_norm")
    assert tuple(found[column].status == INVARIANT for column in COLUMNS) != TABLE["batch_norm"]
