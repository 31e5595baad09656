"""Steps by hand: each rule is carried out where it holds, and refused where it concludes too much."""

from __future__ import annotations

from fractions import Fraction
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


def values(*nodes: int) -> list[Any]:
    return [value(node) for node in nodes]


def entry(name: str, *indices: str, power: int = 1) -> Any:
    return [["1", [], [[name, [*indices], power]]]]


SQUARE = [A, ["mul", [0, 0], None], ZERO]
ROOT = [A, ["mul", [0, 0], None], ["sqrt", [1], None]]
INVERSE = [A, ONE, ["div", [1, 0], None], ["mul", [2, 0], None]]
SUM = [N, X, ["total", [1], ["", [["N", 0]]]], ZERO]
MEAN = [N, X, ["mean", [1], ["", [["N", 0]]]], ["total", [1], ["", [["N", 0]]]]]
A_SQUARED = ["fact", "sum", [["1", [], [["a", [], 2]]]], [], [["1", [], [["square", entry("a")]]]], []]
A_ITSELF = ["fact", "sum", entry("a"), [], [["1", [], [["any", entry("a")]]]], []]

ONE_POLY = [["1", [], []]]
LESS_ONE = [["1", [], [["N", [], 1]]], ["-1", [], []]]
EXP = ["fact", "sum", entry("#constant:E"), [], [["1", [], [["entry", "#constant:E", [], 1]]]], []]

GOOD = {
    "a square is not negative": proof(SQUARE, [1, ">=", 2], [value(0), value(1), value(2), A_SQUARED], 0),
    "a sum over an axis": proof(SUM, [2, "==", 2], [value(0), value(1), value(2)]),
    "an inverse of what is not zero": proof(
        INVERSE, [3, "==", 1],
        [value(0), value(1), ["fact", "given", 0], value(2, [entry("a", power=-1), []]), value(3)],
        conditions=[[0, "!="]],
    ),
}  # fmt: skip

BAD = {
    "a condition is no equation": proof(
        [A, ZERO], [0, "==", 1], values(0, 1), [["-1", [], [], ["given", 0], []]], conditions=[[0, "=="]]
    ),
    "what is assumed not to be negative is not zero": proof(
        [A, ZERO], [0, "==", 1], values(0, 1), [["-1", [], [], ["given", 0], []]], conditions=[[0, ">="]]
    ),
    "what is not zero may be negative": proof(
        [A, ["sign", [0], None], ONE], [1, "==", 2],
        [value(0), ["fact", "given", 0], ["generator", "#1", "sign", None, [], entry("a"), None],
         value(1, ["1", [[None, 1, "#1"]], []]), value(2)],
        [["-1", [], [], ["sign", 0, "#1", []], []]], conditions=[[0, "!="]],
    ),
    "what is not negative may be zero": proof(
        [A, ["sign", [0], None], ONE], [1, "==", 2],
        [value(0), ["fact", "given", 0], ["generator", "#1", "sign", None, [], entry("a"), None],
         value(1, ["1", [[None, 1, "#1"]], []]), value(2)],
        [["-1", [], [], ["sign", 0, "#1", []], []]], conditions=[[0, ">="]],
    ),
    "the sign of another": proof(
        [N, X, ["sign", [1], None], ONE, ["input", [], ["y", [["N", 0]], []]]], [2, "==", 3],
        [*values(0, 1, 4), ["generator", "#1", "sign", None, ["N"], entry("x", "N"), None],
         value(2, ["1", [[None, 1, "#1", "N"]], []]), value(3), ["fact", "given", 0]],
        [["-1", [], [], ["sign", 0, "#1", ["N"]], []]], conditions=[[4, ">"]],
    ),
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
    "a mean is no sum": proof(
        MEAN, [2, "==", 3], [*values(0, 1), value(2, [entry("N", power=-1), []]), value(3)]
    ),
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
        [["-1", [], [], ["sign", 0, "#1", []], []]],
    ),
    "the sign of what a factor is divided by": proof(
        [A, ONE, ["sign", [1], None]], [2, "==", 1],
        [*values(0, 1), ["generator", "#1", "sign", None, [], entry("a"), None],
         value(2, ["1", [[None, -1, "#1"]], []])],
    ),
    "a delta is not declared": proof(
        [N, ["delta", [], ["", [["N", 0], ["K", 0]]]], ZERO], [1, "==", 2],
        [value(0), ["generator", "#delta:N", "name", None, ["N~1", "N~2"], [], None], value(1), value(2)],
        [["-1", [], [], ["#delta:N"], [["N~1", "N"], ["N~2", "K"]]]],
    ),
    "an exponent with an index that the power does not have": proof(
        [N, X, ["exp", [1], None], ["total", [2], ["", [["N", 0]]]], ["mul", [0, 2], None]], [3, "==", 4],
        [value(0), value(1), EXP, ["generator", "#1", "power", entry("x", "N"), [], entry("#constant:E"), 0],
         value(2, [[["#1", [], 1]], "0", ONE_POLY, []]), value(3), value(4)],
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

Y: list[Any] = ["input", [], ["y", [["N", 0]], []]]
Z: list[Any] = ["input", [], ["z", [["N", 0], ["M", 1]], []]]
OVER_N: list[Any] = ["", [["N", 0]]]
LARGEST = [N, X, ["amax", [1], OVER_N], ZERO]
ONE_FACT = ["fact", "sum", [["1", [], []]], [], [["1", [], []]], []]
SHARE = ["generator", "#1", "share", 1, ["N"], entry("x", "N"), None]
ABOVE = ["fact", "largest", "#1"]
PRODUCT = [N, A, X, ["mul", [1, 2], None], ["amax", [3], OVER_N], ["amax", [2], OVER_N], ["mul", [1, 5], None]]
BELOW = [*entry("x", "N"), ["-1", ["N~1"], [["#1", ["N~1"], 1], ["x", ["N~1"], 1]]]]
SHARED = [N, X, ["at_max", [1], OVER_N], ZERO, ONE, ["at_min", [1], OVER_N], ["amin", [1], OVER_N]]


def extremum(node: int, *indices: str, fact: int = 0, outside: Any = (), steps: Any = ()) -> Any:
    return value(node, [["#1", [*indices]], fact, [*outside], [*steps]])


WITH_SHARE = [*values(0, 1), ONE_FACT, SHARE]
GOOD |= {
    "no value is above the largest": proof(LARGEST, [2, ">=", 1], [*WITH_SHARE, extremum(2, "N"), ABOVE], 1),
    "the largest of a multiple": proof(
        PRODUCT, [4, "==", 6],
        [*values(0, 1, 2, 3), ["fact", "given", 0], ONE_FACT, SHARE, extremum(4, "N"), extremum(5, "N", fact=1),
         value(6)], conditions=[[1, ">="]],
    ),
    "shares add up to one": proof(
        [*SHARED[:5], ["total", [2], OVER_N]], [5, "==", 4], [*WITH_SHARE, extremum(2, "N"), *values(4, 5)],
        [["-1", [], [], ["#1"], []]],
    ),
    "no share is negative": proof(
        SHARED, [2, ">=", 3],
        [*WITH_SHARE, extremum(2, "N"), value(3),
         ["fact", "sum", entry("#1", "N"), [], [["1", [], [["entry", "#1", ["N"], 1]]]], []]], 1,
    ),
    "what is below the largest has no share": proof(
        [N, X, ["amax", [1], OVER_N], ["at_max", [1], OVER_N], ["mul", [2, 3], None], ["mul", [1, 3], None]],
        [4, "==", 5], [*WITH_SHARE, extremum(2, "N"), extremum(3, "N"), *values(4, 5)],
        [["-1", [], [], ["#1", "attained"], []]],
    ),
    "the largest of numbers that are alike": proof(
        [N, X, ["sub", [1, 1], None], ONE, ["add", [2, 3], None], ["amax", [4], OVER_N]], [5, "==", 3],
        [*values(0, 1, 2, 3, 4), ONE_FACT, ["generator", "#1", "share", 1, ["N"], [], None],
         extremum(5, "N", outside=[["1", [], []]])],
    ),
}  # fmt: skip
BAD |= {
    "no value is below the largest": proof(
        LARGEST, [1, ">=", 2],
        [*WITH_SHARE, extremum(2, "N"), ABOVE,
         ["fact", "sum", BELOW, [], [["-1", [], [["fact", 1, []]]]], []]], 2,
    ),
    "the largest is not above each": proof(LARGEST, [2, ">", 1], [*WITH_SHARE, extremum(2, "N"), ABOVE], 1),
    "the smallest is not the largest": proof(
        [*SHARED, ["amax", [1], OVER_N]], [6, "==", 7],
        [*WITH_SHARE, extremum(6, "N"), extremum(7, "N")],
    ),
    "where it is smallest is not where it is largest": proof(
        SHARED, [5, "==", 2], [*WITH_SHARE, extremum(2, "N"), extremum(5, "N")]
    ),
    "a share is not positive": proof(
        SHARED, [2, ">", 3],
        [*WITH_SHARE, extremum(2, "N"), value(3),
         ["fact", "sum", entry("#1", "N"), [], [["1", [], [["entry", "#1", ["N"], 1]]]], []]], 1,
    ),
    "a share is not 1": proof(SHARED, [2, "==", 4], [*WITH_SHARE, extremum(2, "N"), value(4)],
                              [["-1", [], [], ["#1"], []]]),
    "the largest of a multiple by what may be negative": proof(
        PRODUCT, [4, "==", 6],
        [*values(0, 1, 2, 3), ["fact", "given", 0], ONE_FACT, SHARE, extremum(4, "N"), extremum(5, "N", fact=1),
         value(6)], conditions=[[1, "!="]],
    ),
    "the largest of a multiple by each its own": proof(
        [N, ["input", [], ["y", [["N", 0]], ["nonnegative"]]], X, ["mul", [1, 2], None], ["amax", [3], OVER_N],
         ["amax", [2], OVER_N], ["mul", [1, 5], None]], [4, "==", 6],
        [*values(0, 1, 2, 3), ["fact", "sum", entry("y", "N"), [], [["1", [], [["entry", "y", ["N"], 1]]]], []],
         ONE_FACT, SHARE, extremum(4, "N"), extremum(5, "N", fact=1), value(6)],
    ),
    "the largest of a sum with each its own": proof(
        [N, Y, X, ["add", [1, 2], None], ["amax", [3], OVER_N], ["amax", [2], OVER_N], ["add", [1, 5], None]],
        [4, "==", 6],
        [*values(0, 1, 2, 3), ONE_FACT, SHARE, extremum(4, "N", outside=entry("y", "N")), extremum(5, "N"), value(6)],
    ),
    "where it is largest, times what may be zero": proof(
        [N, A, X, ["mul", [1, 1], None], ["mul", [3, 2], None], ["at_max", [4], OVER_N], ["at_max", [2], OVER_N]],
        [5, "==", 6],
        [*values(0, 1, 2, 3, 4), A_SQUARED, ONE_FACT, SHARE, extremum(5, "N"), extremum(6, "N", fact=1)],
    ),
    "the largest over another axis": proof(
        [N, M, Z, ["amax", [2], OVER_N], ["amax", [2], ["", [["M", 1]]]]], [3, "==", 4],
        [*values(0, 1, 2), ONE_FACT, ["generator", "#1", "share", 1, ["N", "M"], entry("z", "N", "M"), None],
         extremum(3, "N", "M"), extremum(4, "N", "M")],
    ),
    "the largest over one axis is not that over two": proof(
        [N, M, Z, ["amax", [2], OVER_N], ["amax", [2], ["", [["N", 0], ["M", 1]]]]], [3, "==", 4],
        [*values(0, 1, 2), ONE_FACT, ["generator", "#1", "share", 2, ["N", "M"], entry("z", "N", "M"), None],
         extremum(3, "N", "M"), extremum(4, "N", "M")],
    ),
    "an index that the largest is over, and that it keeps": proof(
        [N, X, ["mul", [1, 1], None], ["amax", [2], OVER_N], ["amax", [1], OVER_N], ["mul", [1, 4], None]],
        [3, "==", 5],
        [*values(0, 1, 2), ONE_FACT,
         ["generator", "#1", "share", 1, ["N", "N~1"], [["1", [], [["x", ["N"], 1], ["x", ["N~1"], 1]]]], None],
         extremum(3, "N", "N")],
    ),
    "a share over no axis": proof(
        LARGEST, [2, "==", 1],
        [*values(0, 1), ONE_FACT, ["generator", "#1", "share", 0, ["N"], entry("x", "N"), None], extremum(2, "N")],
        [["-1", [], [], ["#1", "attained"], []]],
    ),
    "shares over fewer than no axes": proof(
        SHARED, [2, "==", 4],
        [*values(0, 1), ONE_FACT, ["generator", "#1", "share", -1, ["N"], entry("x", "N"), None], extremum(2, "N"),
         value(4)], [["-1", [], [], ["#1"], []]],
    ),
    "a share of a fixed place": proof(
        [["number", [], "2"], X, ["amax", [1], OVER_N], ZERO], [2, "==", 1],
        [*values(0, 1), ONE_FACT, ["generator", "#1", "share", 1, ["N:1"], entry("x", "N:1"), None],
         extremum(2, "N:1"), ABOVE],
    ),
    "a share with more indices": proof(
        [N, M, Z, ["amax", [2], OVER_N], ["amax", [2], ["", [["N", 0], ["M", 1]]]]], [3, "==", 4],
        [*values(0, 1, 2), ONE_FACT, ["generator", "#1", "share", 1, ["N"], entry("z", "N", "M"), None],
         extremum(3, "N"), extremum(4, "N")],
    ),
    "the largest of what is no extremum": proof(
        [A, ZERO], [0, ">=", 1],
        [*values(0, 1), ["generator", "#1", "name", None, [], entry("a"), None], ["fact", "largest", "#1"]], 0,
    ),
    "a derivative has not the sign of what it is taken at": proof(
        [A, ["mul", [0, 0], None], ["cotangent", [1], ["L", []]], ZERO], [2, ">=", 3],
        [*values(0, 1), A_SQUARED, ["generator", "#1", "cotangent", "L", [], [["1", [], [["a", [], 2]]]], 0],
         value(2, "#1"), value(3), ["fact", "sum", entry("#1"), [], [["1", [], [["entry", "#1", [], 1]]]], []]], 1,
    ),
    "a logarithm has not the sign of what it is of": proof(
        [A, ["log", [0], None], ZERO], [1, ">=", 2],
        [value(0), ["fact", "given", 0], ["generator", "#1", "log", None, [], entry("a"), 0],
         value(1, ["#1", [], 1]), value(2),
         ["fact", "sum", entry("#1"), [], [["1", [], [["entry", "#1", [], 1]]]], []]],
        1, conditions=[[0, ">"]],
    ),
    "numbers that compare otherwise": proof(
        [["number", [], "1"], ["number", [], "2"]], [0, ">", 1], [*values(0, 1), ["fact", "number", 0, ">", 1]], 0
    ),
    "an input is no number": proof([A, ZERO], [0, ">=", 1], [*values(0, 1), ["fact", "number", 0, ">=", 1]], 0),
    "a name is no share": proof(
        LARGEST, [2, "==", 1],
        [*values(0, 1), ONE_FACT, ["generator", "#1", "name", None, ["N"], entry("x", "N"), None], extremum(2, "N")],
    ),
}  # fmt: skip

THIRD, LESS = str(Fraction(1 / 3)), 1 - Fraction(1, 1 << 60)  # what a number of double precision is taken for
THIRD_OF_A = [[THIRD, [], [["a", [], 1]]]]
TWO_LOGS = [
    A, ["number", [], "1/3"], ["number", [], THIRD], ["mul", [0, 1], None], ["mul", [0, 2], None],
    ["log", [3], None], ["log", [4], None],
]  # fmt: skip


def logs(way: Any) -> Any:
    """``log(a/3)`` as the logarithm of a times what is nearly a third."""
    third = ["fact", "sum", THIRD_OF_A, [], [[THIRD, [], [["fact", 0, []]]]], []]
    named = ["generator", "#1", "log", None, [], THIRD_OF_A, 1]
    run = [*values(0, 1, 2, 3, 4), ["fact", "given", 0], third, named, value(5, ["#1", [], way])]
    return proof(TWO_LOGS, [5, "==", 6], [*run, value(6, ["#1", [], 1])], conditions=[[0, ">"]])


def side(way: Any, least: Fraction) -> Any:
    """``least |a| + a >= 0``."""
    of = [[str(LESS), [], [["a", [], 1]]]]
    gap = [["1", [], [["a", [], 1]]], [str(least), [], [["#1", [], 1], ["a", [], 1]]]]
    graph = [A, ["number", [], str(least)], ["abs", [0], None], ["mul", [1, 2], None], ["add", [3, 0], None], ZERO]
    times = str(1 if isinstance(way, float) else 1 / LESS)
    run = [
        *values(0, 1), ["generator", "#1", "sign", None, [], of, None],
        value(2, [str(1 / LESS), [[None, 1, "#1"]], []]), *values(3, 4, 5),
        ["fact", "sum", gap, [], [[times, [], [["side", "#1", [], 1, way]]]], []],
    ]  # fmt: skip
    return proof(graph, [4, ">=", 5], run, 0)


GOOD |= {"an absolute value is no less": side(1, Fraction(1))}
BAD |= {
    "the logarithm of what is nearly as large": logs(1.0),
    "the logarithm of another": logs(1),
    "an absolute value is no less, but for rounding": side(1.0, LESS),
}

B: list[Any] = ["input", [], ["b", [], []]]
BOTH_NOT_ZERO = [[0, "!="], [1, "!="]]
ADDED = [["1", [], [["a", [], 1]]], ["1", [], [["b", [], 1]]]]


def given_sum(graph: Any, state: Any, poly: Any, terms: Any, conditions: Any, times: Any = ()) -> Any:
    """What a sum of facts, each one a condition, is concluded to be."""
    taken = [["fact", "given", number] for number in range(len(conditions))]
    run = [*values(*range(len(graph))), *taken, ["fact", "sum", poly, [*times], terms, []]]
    return proof(graph, state, run, len(taken), conditions=conditions)


def multiple(coefficient: str, *facts: int, over: Any = (), at: Any = ()) -> Any:
    return [coefficient, [*over], [["fact", number, [*at]] for number in facts]]


PLUS = [A, B, ["add", [0, 1], None], ZERO]
SUM_OF_X = [N, X, ["total", [1], OVER_N], ZERO]
ALL_OF_X = [["1", ["N"], [["x", ["N"], 1]]]]
GOOD |= {
    "what is positive times something": given_sum(
        [A, B, ["mul", [0, 1], None], ZERO], [0, ">=", 3], entry("a"), [multiple("1", 1)], [[1, ">"], [2, ">="]],
        times=[["fact", 0, []]],
    ),
    "a multiple of what is not zero": given_sum(
        [A, ["neg", [0], None], ZERO], [1, "!=", 2], [["-1", [], [["a", [], 1]]]], [multiple("-1", 0)], [[0, "!="]]
    ),
    "what is not negative and what is positive": given_sum(
        PLUS, [2, ">", 3], ADDED, [multiple("1", 0), multiple("1", 1)], [[0, ">="], [1, ">"]]
    ),
    "a sum of positive entries": given_sum(
        SUM_OF_X, [2, ">", 3], ALL_OF_X, [multiple("1", 0, over=["N"])], [[1, ">"]]
    ),
}  # fmt: skip
TWO_STATES = {**GOOD["a square is not negative"], "states": [[1, ">=", 2], [1, "==", 2]]}
BAD |= {
    "what is not zero may cancel": given_sum(
        PLUS, [2, "!=", 3], ADDED, [multiple("1", 0), multiple("1", 1)], BOTH_NOT_ZERO
    ),
    "entries that are not zero may cancel": given_sum(
        SUM_OF_X, [2, "!=", 3], ALL_OF_X, [multiple("1", 0, over=["N"])], [[1, "!="]]
    ),
    "what is not zero may have the sign of nothing": given_sum(
        [A, ZERO], [0, ">=", 1], entry("a"), [["1", [], [["square", entry("a")]]]], [[0, "!="]],
        times=[["fact", 0, []]],
    ),
    "what a factor may hide by being zero": given_sum(
        [A, B, ["mul", [0, 1], None], ZERO], [0, ">=", 3], entry("a"), [multiple("1", 1)], [[1, ">="], [2, ">="]],
        times=[["fact", 0, []]],
    ),
    "none of a fact": given_sum([A, ZERO], [1, "!=", 1], [], [multiple("0", 0)], [[0, ">"]]),
    "an equation has no sign": proof(
        [A, ["sign", [0], None], ONE, ZERO], [1, "==", 2],
        [*values(0, 3), ["fact", "given", 0], ["generator", "#1", "sign", None, [], entry("a"), None],
         value(1, ["1", [[0, 1, None]], []]), value(2)], given=[[0, "==", 3]],
    ),
    "a number that is no size": proof(
        [A, ONE], [0, ">=", 1],
        [*values(0, 1), ["fact", "sum", [*entry("a"), ["-1", [], []]], [], [["1", [], [["size", "a"]]]], []]], 0,
    ),
    "a side of what is no sign": proof(
        [A, ["mul", [0, 0], None], ["add", [1, 0], None], ZERO], [2, ">=", 3],
        [*values(0, 1, 2, 3), ["generator", "#1", "name", None, [], entry("a"), None],
         ["fact", "sum", [["1", [], [["a", [], 2]]], *entry("a")], [], [["1", [], [["side", "#1", [], 1, 1]]]],
          [["1", [], [["a", [], 1]], ["#1"], []]]]], 0,
    ),
    "a constant that is none": proof(
        [A, ZERO], [0, "==", 1],
        [*values(0, 1), ["fact", "sum", entry("#constant:K"), [], [["1", [], [["entry", "#constant:K", [], 1]]]], []]],
        [["-1", [], [], ["given", 0], []]], given=[[0, "==", 1]],
    ),
    "a statement without a proof": TWO_STATES,
    "a proof of no statement": {**TWO_STATES, "states": []},
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_follows_is_accepted(name: str) -> None:
    replay(GOOD[name], steps_alone=True)


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_follow_is_rejected(name: str) -> None:
    with pytest.raises((Rejected, NotCovered)):
        replay(BAD[name], steps_alone=True)
