"""What concludes too much from a sign is rejected: certificates without a point, whose statements are false."""

from __future__ import annotations

from typing import Any

import pytest

from tests.replay.certificates import STEPS, check, proof, refused

N: list[Any] = ["size", [], "N"]
ZERO: list[Any] = ["number", [], "0"]
ENTRIES: list[Any] = ["input", [], ["x", [["N", 0]], []]]
NON_ZERO: list[Any] = ["input", [], ["x", [["N", 0]], ["nonzero"]]]
SUM: list[Any] = ["total", [1], ["", [["N", 0]]]]


def test_numbers_that_are_not_zero_may_cancel() -> None:
    """``x_n != 0`` says nothing of their sum."""
    refused(proof([2, "!=", 3], [N, NON_ZERO, SUM, ZERO]))
    refused(proof([3, ">", 4], [N, NON_ZERO, SUM, ["mul", [2, 2], None], ZERO]))
    refused(proof([3, "==", 4], [N, NON_ZERO, SUM, ["div", [2, 2], None], ["number", [], "1"]]))
    positive: list[Any] = ["input", [], ["x", [["N", 0]], ["positive"]]]
    check(proof([2, "!=", 3], [N, positive, SUM, ZERO]))


@pytest.mark.parametrize("square", [True, False])
def test_a_product_that_is_not_negative_says_nothing_where_a_factor_is_zero(square: bool) -> None:
    """``a^2 b >= 0`` leaves b < 0 at a = 0; ``a^2 b > 0`` does not."""
    graph = [
        ["input", [], ["a", [], []]],
        ["input", [], ["b", [], []]],
        ["mul", [0, 0], None],
        ["mul", [2, 1], None],
        ["abs", [1], None],
    ]
    if square:
        refused(proof([4, "==", 1], graph, conditions=[[3, ">="]]))
    else:
        check(proof([4, "==", 1], graph, conditions=[[3, ">"]]))


@pytest.mark.parametrize("place", ["N", "N*"])
def test_not_all_entries_have_one_sign(place: str) -> None:
    """``(sum |x_n + 1|)^2 = (sum (x_n + 1))^2`` if all have the same sign, which is no case of two."""
    graph = [
        N, ENTRIES, ["number", [], "1"], ["add", [1, 2], None], ["abs", [3], None],
        ["total", [4], ["", [["N", 0]]]], ["total", [3], ["", [["N", 0]]]],
        ["mul", [5, 5], None], ["mul", [6, 6], None],
    ]  # fmt: skip
    split = [[], [["1", [[["x", [-1]], 1]]], ["1", []]], [place]]
    refused(proof([7, "==", 8], graph, steps={"split": split, "plus": STEPS, "minus": STEPS}))


def test_a_case_holds_at_its_own_index() -> None:
    """``|x_n + 1|^2 = (x_n + 1) |x_n + 1| s`` in both cases of the sign s: the split itself is sound."""
    graph = [
        N, ENTRIES, ["number", [], "1"], ["add", [1, 2], None], ["abs", [3], None],
        ["mul", [4, 4], None], ["mul", [3, 3], None],
    ]  # fmt: skip
    split = [[], [["1", [[["x", [-1]], 1]]], ["1", []]], ["N*"]]
    check(proof([5, "==", 6], graph, steps={"split": split, "plus": STEPS, "minus": STEPS}))
    for steps in ({"split": split, "plus": STEPS, "minus": STEPS}, STEPS):
        refused(proof([4, "==", 3], graph, steps=steps))


def test_what_is_assumed_is_defined() -> None:
    """``y = 1/b`` is assumed, so b is not zero; without that, ``y b = 1`` divides by what no condition covers."""
    graph = [
        ["input", [], ["b", [], []]], ["number", [], "1"], ["div", [1, 0], None], ["input", [], ["y", [], []]],
        ["mul", [3, 0], None], ["mul", [2, 0], None],
    ]  # fmt: skip
    data = proof([4, "==", 1], graph)
    data["given"], data["put"] = [[3, "==", 2]], [[0, "left"]]
    check(data)
    refused(proof([5, "==", 1], graph))


def test_a_declaration_holds_of_what_is_put_in_its_place() -> None:
    """``p = q + 1`` for p > 0 gives ``|q + 1| = q + 1``; ``p = 0`` stands for a limit and gives no sign."""
    graph = [
        ["input", [], ["p", [], ["positive"]]], ["input", [], ["q", [], []]], ["number", [], "1"],
        ["add", [1, 2], None], ["abs", [0], None], ["number", [], "0"], ["div", [0, 0], None],
    ]  # fmt: skip
    data = proof([4, "==", 0], graph)
    data["given"], data["put"] = [[0, "==", 3]], [[0, "left"]]
    check(data)
    limit = proof([6, "==", 2], graph)
    limit["given"], limit["put"] = [[0, "==", 5]], [[0, "left"]]
    refused(limit)
