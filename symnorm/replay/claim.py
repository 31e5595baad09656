"""What a certificate states and assumes, and its point."""

from __future__ import annotations

from typing import Any

from .graph import IMPLICIT, Contradicted, Graph, Rejected
from .points import Point

Relation = tuple[int, str, int]  # left node, relation, right node


def need(holds: Any, why: str) -> None:
    """Refuses what does not follow."""
    if not holds:
        raise Rejected(why)


class Claim:
    """What is stated and assumed; ``data`` says what is put in place of inputs and which conditions have to hold."""

    def __init__(self, graph: Graph, places: list[int], states: Any, given: list[Relation], data: Any) -> None:
        self.graph, self.states = graph, states
        conditions = [(places[node], relation, graph.number(0)) for node, relation in data["conditions"]]
        self.known = [*given, *conditions]
        self.put: dict[str, int] = {}
        for number, side in data["put"]:
            left, relation, right = given[number]
            target, value = (left, right) if side == "left" else (right, left)
            op, _, name = graph.nodes[target]
            name = name[0] if op == "input" else name
            need(relation == "==" and op in ("input", "size"), "what is put in no input's place")
            need(name not in self.put, f"two things are put in the place of {name}")
            need(graph.axes[value].items() <= graph.axes[target].items(), "what is put in has an axis too many")
            self.put[name] = value
        sides = [node for a, _, b in self.known for node in (a, b)]
        self.assumed: set[int] = set()  # what is evaluated where it holds
        while sides:
            op, args, _ = graph.nodes[node := sides.pop()]
            if node not in self.assumed:
                self.assumed.add(node)
                sides += args[:1] if op in IMPLICIT else args
        self.leaves: dict[str, Any] = {}
        self.axes: dict[str, set[int]] = {}
        for (op, _, entry), own in zip(graph.nodes, graph.axes, strict=True):
            for axis, size in own.items():
                need(not set(axis) & set("*~:#"), f"an axis is called {axis}")
                self.axes.setdefault(axis, set()).add(size)
            if op in ("input", "size"):
                name, axes, flags = entry if op == "input" else (entry, (), ())
                says = op, [axis for axis, _ in axes], flags
                need(self.leaves.setdefault(name, says) == says and name[0] != "#", f"{name} is declared twice")

    def check_point(self, data: Any) -> None:
        """The point satisfies declarations, assumptions and conditions; there the statement holds, or is refuted."""
        point = Point(self.graph, data["point"], self.put)
        refuting = data["kind"] == "refutation"
        for op, _, entry in [*self.graph.nodes]:
            if op == "input" and entry[0] not in self.put:
                point.check_entries(entry)
        for left, relation, right in self.known:
            for at in point.places({**self.graph.axes[left], **self.graph.axes[right]}):
                holds = point.holds(left, relation, right, at)
                if holds is False or (holds is None and refuting):
                    raise Contradicted(f"the certificate's point does not satisfy an assumption: {relation}")
        if refuting:
            left, relation, right = self.states[data["fails"]]
            if point.holds(left, relation, right, data["index"]) is not False:
                raise Contradicted("the statement does not fail at the certificate's point")
        for left, relation, right in self.states if not refuting else ():
            for at in point.places({**self.graph.axes[left], **self.graph.axes[right]}):
                if point.holds(left, relation, right, at) is False:
                    raise Contradicted("the statement is false at the certificate's own point")
