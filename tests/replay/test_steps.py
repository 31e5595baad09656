"""Steps by hand: each rule is carried out where it holds, and refused where it concludes too much."""

from __future__ import annotations

from typing import Any

import pytest

from symnorm.replay import NotCovered, Rejected, replay
from symnorm.replay.checker import FORMAT

N: list[Any] = ["size", [], "N"]
M: list[Any] = ["size", [], "M"]
X: list[Any] = ["input", [], ["x", [["N", 0]], []]]
A: list[Any] = ["input", [], ["a", [], []]]
ONE: list[Any] = ["number", [], "1"]
ZERO: list[Any] = ["number", [], "0"]


def proof(graph: Any, state: Any, run: Any, steps: Any = (), given: Any = (), conditions: Any = ()) -> Any:
    """A certificate with these steps, without a point; the statement's axes are of any size."""
    shown: dict[str, Any] = {"run": [*run]}
    shown |= {"fact": steps} if isinstance(steps, int) else {"ends": {"": {"steps": [*steps]}}}
    return {
        "format": FORMAT, "kind": "proof", "claim": "a.b", "graph": graph, "states": [state], "given": [*given],
        "put": [], "conditions": [*conditions], "proofs": [shown],
    }  # fmt: skip


def value(node: int, data: Any = None, steps: Any = ()) -> Any:
    return ["value", node, data, [*steps]]


def entry(name: str, *indices: str, power: int = 1) -> Any:
    return [["1", [], [[name, [*indices], power]]]]


SQUARE = [A, ["mul", [0, 0], None], ZERO]
ROOT = [A, ["mul", [0, 0], None], ["sqrt", [1], None]]
INVERSE = [A, ONE, ["div", [1, 0], None], ["mul", [2, 0], None]]
SUM = [N, X, ["total", [1], ["", [["N", 0]]]], ZERO]
MEAN = [N, X, ["mean", [1], ["", [["N", 0]]]], ["total", [1], ["", [["N", 0]]]]]
A_SQUARED = ["fact", "sum", [["1", [], [["a", [], 2]]]], [], [["1", [], [["square", entry("a")]]]], []]
A_ITSELF = ["fact", "sum", entry("a"), [], [["1", [], [["any", entry("a")]]]], []]

LESS_ONE = [["1", [], [["N", [], 1]]], ["-1", [], []]]
EXP = ["fact", "sum", entry("#constant:E"), [], [["1", [], [["entry", "#constant:E", [], 1]]]], []]

GOOD = {
    "a square is not negative": proof(SQUARE, [1, ">=", 2], [value(0), value(1), value(2), A_SQUARED], 0),
    "a sum over an axis": proof(SUM, [2, "==", 2], [value(0), value(1), value(2)]),
    "an inverse of what is not zero": proof(
        INVERSE, [3, "==", 1],
        [value(0), value(1), ["fact", "condition", 0], value(2, [entry("a", power=-1), []]), value(3)],
        conditions=[[0, "!="]],
    ),
}  # fmt: skip

BAD = {
    "a square is not positive": proof(SQUARE, [1, ">", 2], [value(0), value(1), value(2), A_SQUARED], 0),
    "an entry has no sign": proof([A, ZERO], [0, ">=", 1], [value(0), value(1), A_ITSELF], 0),
    "a negative multiple of a square": proof(
        SQUARE, [2, ">=", 1],
        [value(0), value(1), value(2), ["fact", "sum", [["-1", [], [["a", [], 2]]]], [],
         [["-1", [], [["square", entry("a")]]]], []]], 0,
    ),
    "a divisor that may vanish": proof(
        INVERSE, [3, "==", 1], [value(0), value(1), value(2, [entry("a", power=-1), []]), value(3)]
    ),
    "an inverse that is none": proof(INVERSE, [2, "==", 0], [value(0), value(1), value(2, [entry("a"), []])]),
    "the root of a square is not what is squared": proof(
        ROOT, [2, "==", 0], [value(0), value(1), A_ITSELF, value(2, [entry("a"), [], 0])]
    ),
    "a root without a sign": proof(ROOT, [2, "==", 0], [value(0), value(1), value(2, [entry("a"), []])]),
    "a mean is no sum": proof(MEAN, [2, "==", 3], [value(0), value(1), value(2), value(3)]),
    "a value that no step gives": proof(SUM, [2, "==", 3], [value(0), value(1), value(2)]),
    "a sum is not zero": proof(SUM, [2, "==", 3], [value(0), value(1), value(2), value(3)]),
    "what is assumed as an inequality is no equation": proof(
        [A, ZERO], [0, "==", 1], [value(0), value(1)], [["-1", [], [], ["given", 0], []]], given=[[0, ">=", 1]]
    ),
    "an index of another axis": proof(
        [N, M, X, ["input", [], ["y", [["M", 1]], []]], ZERO], [2, "==", 4],
        [value(0), value(1), value(2), value(3), value(4)],
        [["-1", [], [], ["given", 0], [["M", "N"]]]], given=[[3, "==", 4]],
    ),
    "a position is not any index": proof(
        [["number", [], "2"], X, ZERO], [1, "==", 2], [value(0), value(1), value(2), ["lemma", entry("x", "N:1"), []]]
    ),
    "a lemma is shown": proof([A, ZERO], [0, "==", 1], [value(0), value(1), ["lemma", entry("a"), []]]),
    "a generator is defined where its fact says": proof(
        [A, ZERO], [0, "==", 1], [value(0), value(1), ["generator", "#1", "root", None, [], entry("a"), None]]
    ),
    "a name is given once": proof(
        [A, ZERO], [0, "==", 1], [value(0), value(1), ["generator", "a", "name", None, [], [], None]]
    ),
    "an unknown rule": proof([A, ZERO], [0, "==", 1], [value(0), value(1), ["believe", 0]]),
    "a size is at least one, not two": proof(
        [N, ONE, ZERO], [0, ">", 1],
        [value(0), value(1), ["fact", "sum", LESS_ONE, [], [["1", [], [["size", "N"]]]], []]], 0,
    ),
    "a position that may not be there": proof(
        [N, X, ["input", [], ["b", [], []]], ZERO], [2, "==", 3], [value(0), value(1), value(2), value(3)],
        [["-1", [], [], ["given", 0], [["N", "N:2"]]]], given=[[2, "==", 3]],
    ),
    "a fact that says nothing": proof(
        [A, ["sign", [0], None], ["mul", [1, 1], None], ONE], [2, "==", 3],
        [value(0), ["generator", "#1", "sign", None, [], entry("a"), None],
         value(1, ["1", [[None, 1, "#1"]], []]), value(2), value(3), A_ITSELF],
        [["-1", [], [], ["#1", 0], []]],
    ),
    "the sign of what a factor is divided by": proof(
        [A, ["sign", [3], None], ["mul", [1, 1], None], ONE], [1, "==", 3],
        [value(0), value(3), ["generator", "#1", "sign", None, [], entry("a"), None],
         value(1, ["1", [[None, -1, "#1"]], []])],
    ),
    "a delta is not declared": proof(
        [N, ["delta", [], ["", [["N", 0], ["K", 0]]]], ZERO], [1, "==", 2],
        [value(0), ["generator", "#delta:N", "name", None, ["N~1", "N~2"], [], None], value(1), value(2)],
        [["-1", [], [], ["#delta:N"], [["N~1", "N"], ["N~2", "K"]]]],
    ),
    "an exponent with an index that the power does not have": proof(
        [N, X, ["exp", [1], None], ["total", [2], ["", [["N", 0]]]], ["mul", [0, 2], None]], [3, "==", 4],
        [value(0), value(1), EXP, ["generator", "#1", "power", entry("x", "N"), [], entry("#constant:E"), 0],
         value(2, [[["#1", [], 1]], "0"]), value(3), value(4)],
    ),
    "a sign to the power 0": proof(
        [A, ["sign", [0], None], ["mul", [1, 1], None], ONE, ["sign", [3], None]], [4, "==", 2],
        [value(0), ["generator", "#1", "sign", None, [], entry("a"), None],
         value(1, ["1", [[None, 1, "#1"]], []]), value(2), value(3), value(4, ["1", [[None, 0, "#1"]], []])],
    ),
    "a size with another value, once it has indices": proof(
        [N, M, X, ["total", [2], ["", [["N", 0]]]], ["mul", [1, 2], None]], [3, "==", 4],
        [value(0), value(1), value(2), value(0, None, [["-1", [], [], ["given", 0], []]]), value(3), value(4)],
        given=[[0, "==", 1]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_follows_is_accepted(name: str) -> None:
    replay(GOOD[name], steps_alone=True)


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_follow_is_rejected(name: str) -> None:
    with pytest.raises((Rejected, NotCovered)):
        replay(BAD[name], steps_alone=True)
