"""The findings as JSON: strict, complete, and exact numbers as text."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import pytest

from symnorm.check import KernelCheck
from symnorm.closed_form import gradients
from symnorm.normalizers import REGISTRY
from symnorm.report import data
from symnorm.report.outcomes import Run
from symnorm.report.sheet import wanted_gradients
from tests.report.samples import CLAIMS, OUTCOMES, VERDICTS

CHECK = KernelCheck("batch_norm", False, math.inf, "pairs", "dx", ((2, 3), (4, 5, 6)), 0, "ValueError: no")
KEYS = """
name normalizer kind verdict expected as_expected seconds source sentence note given conditions witness residue reason
model
"""


def read(text: str) -> Any:
    """JSON as a strict reader takes it: no NaN, no infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture(scope="module")
def found() -> Any:
    return read(data.as_json(data.run(Run(tuple(OUTCOMES.values()), (CHECK,), 0.5))))


def test_every_claim_has_every_key(found: Any) -> None:
    assert found["schema"] == 1
    assert [one["name"] for one in found["claims"]] == [*CLAIMS]
    for one in found["claims"]:
        assert {*KEYS.split()} <= {*one}
        assert one["verdict"] == one["expected"] and one["as_expected"] is True
        assert (one["witness"] is not None) == (one["verdict"] == "refuted")
        assert (one["model"] is not None) == (one["verdict"] == "proved")


def test_a_witness_is_read_back_exactly(found: Any) -> None:
    (one,) = [one for one in found["claims"] if one["name"] == "means.squares"]
    mine, theirs = VERDICTS["means.squares"].witness, one["witness"]
    assert mine is not None
    assert Fraction(theirs["left"]) == mine.left and Fraction(theirs["right"]) == mine.right
    assert theirs["index"] == dict(mine.index) and theirs["model"]["sizes"] == dict(mine.model.sizes)
    rows = theirs["model"]["tensors"]["x"]
    read_back = {(n, c): Fraction(value) for n, row in enumerate(rows, 1) for c, value in enumerate(row, 1)}
    assert read_back == mine.model.tensors["x"]
    assert "import numpy" in theirs["numpy"] and theirs["left_float"] == pytest.approx(float(Fraction(theirs["left"])))


def test_losses_are_named_with_their_seeds(found: Any) -> None:
    (one,) = [one for one in found["claims"] if one["name"] == "copies.curvature"]
    witness = VERDICTS["copies.curvature"].witness
    assert witness is not None
    assert one["witness"]["model"]["losses"] == {"L": {"seed": witness.model.losses["L"].seed}}


def test_infinity_is_null_and_the_problem_is_told(found: Any) -> None:
    (kernel,) = found["kernels"]
    assert kernel["name"] == "batch_norm" and kernel["ok"] is False and kernel["max_relative_error"] is None
    assert kernel["problem"] == "ValueError: no" and kernel["shapes"] == [[2, 3], [4, 5, 6]]


def test_the_summary_adds_up(found: Any) -> None:
    summary = found["summary"]
    assert summary["claims"] == sum(summary[status] for status in ("proved", "refuted", "undecided", "empirical"))
    assert summary["as_expected"] == summary["claims"] and summary["seconds"] == 0.5
    assert (summary["kernels"], summary["kernels_ok"], summary["exit_code"]) == (1, 0, 1)


@pytest.mark.parametrize("name", REGISTRY)
def test_a_normalizer_and_its_derivation(name: str) -> None:
    one = REGISTRY[name]
    shown = read(data.as_json({"normalizer": data.normalizer(one, [])}))["normalizer"]
    assert [row["name"] for row in shown["inputs"]] == [*one.inputs]
    assert {row["input"]: row["formula"] for row in shown["gradients"]} == {
        k: str(f) for k, f in gradients(one).items()
    }
    derived = read(data.as_json(data.derivation(one, wanted_gradients(one))))
    assert {row["name"] for row in derived["gradients"]} <= {step["name"] for step in derived["steps"]}


def test_planted_bugs_name_the_families_that_catch_them() -> None:
    found = data.checks([CHECK], {"k": {"caught": {"a": True, "b": False}, "missed": {"a": False, "b": False}}})
    assert found["bugs"] == [
        {"kernel": "k", "bug": "caught", "caught": True, "families": ["a"]},
        {"kernel": "k", "bug": "missed", "caught": False, "families": []},
    ]
