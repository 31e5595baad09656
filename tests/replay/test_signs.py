"""Random statements about signs, without a proof: what is accepted is defined and holds at every point of a grid.

The points are where signs go wrong: zeros of inputs, entries that cancel, axes of one entry.
"""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest

from symnorm.replay import NotCovered, Rejected
from symnorm.replay.graph import Graph
from symnorm.replay.points import Point
from tests.replay.certificates import check, proof

FLAGS = ([], [], ["positive"], ["nonnegative"], ["nonzero"])
BINARY = ("add", "sub", "mul", "mul", "mul", "div", "maximum", "minimum")
REDUCING = ("total", "amax", "amin")
SHARES = ("at_max", "at_min")
OPERATIONS = (*BINARY, "abs", "sqrt", "sign", "neg", "total", *REDUCING, *SHARES)
GRID = (-2, -1, 0, 1, 2)


class Rows:
    """The rows of a random graph over scalars a and b and a vector x."""

    def __init__(self, draw: random.Random) -> None:
        self.draw, self.rows = draw, list[Any]()
        self.long = set[int]()  # rows with an entry for each place of the axis
        self.size, self.zero, self.one = (
            self.row("size", [], "N"),
            self.row("number", [], "0"),
            self.row("number", [], "1"),
        )
        self.flags = {name: draw.choice(FLAGS) for name in ("a", "b", "x")}
        for name, flags in self.flags.items():
            self.row("input", [], [name, [["N", self.size]] if name == "x" else [], flags])
        for _ in range(draw.randrange(1, 6)):
            self.operation(draw.choice(OPERATIONS))

    def row(self, op: str, args: list[int], data: Any = None) -> int:
        if op not in REDUCING and (not self.long.isdisjoint(args) or (op == "input" and data[0] == "x")):
            self.long.add(len(self.rows))
        self.rows.append([op, args, data])
        return len(self.rows) - 1

    def some(self) -> int:
        """An input, or something made of them."""
        return self.draw.randrange(3, 6 if self.draw.random() < 0.4 else len(self.rows))

    def operation(self, op: str) -> int:
        u = self.some()
        if op in BINARY:
            return self.row(op, [u, u if self.draw.random() < 0.3 else self.some()])
        if op in SHARES and u not in self.long:
            op = "neg"
        return self.over(op, u) if op in (*REDUCING, *SHARES) else self.row(op, [u])

    def over(self, op: str, u: int) -> int:
        return self.row(op, [u], ["", [["N", self.size]]])

    def statement(self) -> list[Any]:
        """A relation that holds under some assumptions on signs."""
        u, v = self.some(), self.some()
        made = self.row
        match self.draw.randrange(15):
            case 11:
                return [self.over("amax", u), self.draw.choice((">=", ">", "==")), v]
            case 12:
                return [self.over("amax", made("mul", [u, v])), "==", made("mul", [u, self.over("amax", v)])]
            case 13:
                return [self.over("amin", made("sub", [u, v])), "==", made("sub", [self.over("amin", u), v])]
            case 14 if {u, v} <= self.long:
                return [self.over("at_max", u), "==", self.over("at_max", made("mul", [u, self.draw.choice((v, 3))]))]
            case 0 | 1:
                return [u, self.draw.choice((">", ">=", "!=", "<=")), self.zero]
            case 2:
                return [made("abs", [u]), "==", u]
            case 3:
                return [made("sqrt", [made("mul", [u, u])]), "==", self.draw.choice((u, made("abs", [u])))]
            case 4:
                return [made("mul", [made("sqrt", [u]), made("sqrt", [v])]), "==", made("sqrt", [made("mul", [u, v])])]
            case 5:
                return [made("mul", [made("sign", [u]), made("sign", [u])]), "==", self.one]
            case 6:
                return [made("sign", [u]), "==", self.one]
            case 7:
                return [made("div", [u, u]), "==", self.one]
            case 8:
                return [made("maximum", [u, v]), "==", u]
            case 9:
                return [made("abs", [made("mul", [u, v])]), "==", made("mul", [u, made("abs", [v])])]
            case _:
                root = made("sqrt", [u])
                return [made("mul", [root, root]), "==", u]


def wrong(data: Any, flags: dict[str, list[str]]) -> str:
    """A point that satisfies declarations and conditions, at which the statement is false or not defined."""
    graph = Graph()
    places = graph.read(data["graph"])
    zero = graph.number(0)
    ((left, relation, right),) = data["states"]
    axes = {**graph.axes[places[left]], **graph.axes[places[right]]}
    allowed = {
        name: [n for n in GRID if all({"positive": n > 0, "nonnegative": n >= 0, "nonzero": n}[flag] for flag in own)]
        for name, own in flags.items()
    }
    for size in (1, 2):
        for a, b, *x in product(allowed["a"], allowed["b"], *[allowed["x"]] * size):
            entries = {"a": {"": a}, "b": {"": b}, "x": {str(i + 1): n for i, n in enumerate(x)}}
            point = Point(graph, {"sizes": {"N": size}, "inputs": entries, "losses": {}}, {})
            try:
                if not all(
                    point.holds(places[node], assumed, zero, at)
                    for node, assumed in data["conditions"]
                    for at in point.places(graph.axes[places[node]])
                ):
                    continue
            except (Rejected, NotCovered):
                continue  # a condition that is not defined does not hold
            try:
                if any(point.holds(places[left], relation, places[right], at) is False for at in point.places(axes)):
                    return f"false at a={a} b={b} x={x}"
            except Rejected as error:
                return f"{error} at a={a} b={b} x={x}"
    return ""


def found(seeds: range) -> tuple[int, list[str]]:
    """How many statements were accepted, and what is wrong with some."""
    accepted, problems = 0, []
    for seed in seeds:
        draw = random.Random(f"signs:{seed}")
        rows = Rows(draw)
        made = range(6, len(rows.rows))
        conditions = [[draw.choice(made), draw.choice((">", ">=", "!="))] for _ in range(draw.randrange(3))]
        state = rows.statement()
        data = proof(state, rows.rows, conditions=conditions)
        try:
            check(data)
        except (Rejected, NotCovered):
            continue
        accepted += 1
        if problem := wrong(data, rows.flags):
            problems.append(f"seed {seed}: {problem}: {rows.rows} {conditions} {state}")
    return accepted, problems


@pytest.mark.parametrize("part", range(4))
def test_what_is_accepted_holds_at_every_point(part: int) -> None:
    accepted, problems = found(range(200 * part, 200 * (part + 1)))
    assert not problems, problems
    assert accepted > 25
