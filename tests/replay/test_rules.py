"""A rule says no more than the relation that it is made of."""

from __future__ import annotations

import json
from typing import Any

import pytest

import symnorm as sn
from symnorm.claims import PROVED, decide
from symnorm.claims.certificate import certificate
from symnorm.replay import Rejected, replay
from tests.replay.certificates import STEPS, proof, refused

NUMBER, ROW = ["number", [], "3"], ["number", [], "2"]


def test_what_holds_at_one_position_is_no_rule_for_all() -> None:
    """``sum_n w_n x_n = 3`` for n = 1, 2 and w = (1, 0) says nothing of x_2."""
    graph = [
        ROW,
        ["input", [], ["x", [["N", 0]], []]],
        NUMBER,
        ["delta", [], ["", [["N", 0], ["M", 0]]]],
        ["rename", [1], [["N", "M"]]],
        ["mul", [3, 4], None],
        ["total", [5], ["", [["M", 0]]]],
    ]
    refused(proof([1, "==", 2], graph, [[6, "==", 2]], steps={**STEPS, "rules": [[0, ["x", [1]]]]}))


@pytest.mark.parametrize("component", [["x", ["N"]], ["y", ["N"]], [[0], [["x", [0], 1]]], ["x", []], ["z", ["N"]]])
def test_a_relation_is_solved_only_for_what_stands_alone_in_it(component: Any) -> None:
    """``x_n y_n = 3`` gives neither x nor y, since the other may vanish."""
    graph = [
        ["size", [], "N"],
        ["input", [], ["x", [["N", 0]], []]],
        ["input", [], ["y", [["N", 0]], []]],
        ["mul", [1, 2], None],
        NUMBER,
    ]
    refused(proof([1, "==", 4], graph, [[3, "==", 4]], steps={**STEPS, "rules": [[0, component]]}))


def test_a_hypothesis_that_was_used_is_needed() -> None:
    (N, K) = sn.axes("N K")
    x, w, y = sn.tensor("x", N, K), sn.tensor("w", K), sn.tensor("y", N)
    z = sn.dot(x, w, over=K)
    verdict = decide([sn.equal(sn.total(z**2, over=N), sn.total(y**2, over=N))], [sn.equal(z, y)])
    assert verdict.status == PROVED
    data = json.loads(json.dumps(certificate("a.b", verdict)))
    replay(data)
    (relation,) = data["given"]
    relation[1] = ">="
    with pytest.raises(Rejected):
        replay(data, steps_alone=True)
