"""Closed-form gradients in Coq: right ones are accepted, wrong ones are not, whatever their certificates say."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from typing import Any

import pytest

from symnorm.check.falsehoods import OTHERS, wrong_gradients
from symnorm.claims import decide
from symnorm.claims.certificate import certificate
from symnorm.claims.gradients import gradient_claim, select_gradients
from symnorm.coq import NotExpressible, compiled
from symnorm.coq.gradient_statement import Change
from symnorm.coq.gradients import gradient
from symnorm.normalizers import find
from symnorm.replay.graph import NotCovered
from tests.coq.printed import Proposition
from tests.coq.test_statement import as_data, drawn, world

SAMPLE = ["centering.x", "rms_norm.x", "weight_norm.v", "scale_norm.g"]


@cache
def certified(name: str) -> Any:
    normalizer, _, variable = name.partition(".")
    return json.loads(json.dumps(certificate(name, decide(gradient_claim(find(normalizer), variable).relations()))))


@pytest.mark.coq
def test_right_gradients_are_accepted() -> None:
    found = compiled([gradient(name, certified(name)) for name in SAMPLE])
    assert {name: outcome.error for name, outcome in found.items()} == dict.fromkeys(SAMPLE, "")


@pytest.mark.coq
def test_wrong_gradients_are_rejected() -> None:
    wrong = list(wrong_gradients(select_gradients(["gradient.centering.x", "gradient.unit_length.x"])))
    assert len(wrong) >= 5
    found = compiled(wrong, batch=1)
    assert [name for name, outcome in found.items() if not outcome.error] == []


def test_what_is_printed_is_the_slope() -> None:
    """The printed function's slope by differences is the printed sum, wherever both can be printed."""
    compared = set()
    for claim in select_gradients([]):
        with suppress(NotExpressible, NotCovered):
            left, right = slopes(as_data(claim))
            assert left == pytest.approx(right, rel=1e-6, abs=1e-6), claim.name
            compared.add(claim.name.split(".")[1])
    assert len(compared) >= 20


def slopes(data: Any) -> tuple[float, float]:
    """Both sides of a gradient's statement at a point."""
    text = Change({**data, "put": []}).statement().proposition()
    return [(left, right) for left, _, right in Proposition(text).sides(world(data, drawn(data)))][-1]


def test_a_wrong_closed_form_is_not_the_slope() -> None:
    data = as_data(gradient_claim(find("batch_norm"), "x"))
    for place in range(data["states"][0][0] + 1, len(data["graph"]) - 2):
        op, args, value = data["graph"][place]
        if op in OTHERS:
            wrong = {**data, "graph": [*data["graph"][:place], [OTHERS[op], args, value], *data["graph"][place + 1 :]]}
            left, right = slopes(wrong)
            assert left != pytest.approx(right, rel=1e-3, abs=1e-3)


def test_a_statement_is_about_a_limit_and_knows_no_rule() -> None:
    text = gradient("gradient", certified("rms_norm.x")).statement
    assert text.count("derivable_pt_lim") == 1
    assert "dual" not in text and "L''" not in text


def test_what_is_not_smooth_has_no_form() -> None:
    with pytest.raises(NotExpressible, match="the derivative of m"):
        gradient("gradient", certified("selu.x"))
