"""What a certificate states and assumes, its point, and the two claims that an induction consists of."""

from collections.abc import Iterable
from typing import Any

from .graph import IMPLICIT, Contradicted, Graph, need
from .points import Point

Relation = tuple[int, str, int]  # left node, relation, right node


def stated(data: Any) -> tuple[Graph, list[int], list[Relation], list[Relation]]:
    """The graph of a certificate, the nodes of its rows, what it states and what it assumes."""
    graph = Graph()
    places = graph.read(data["graph"])
    states, given = ([(places[a], r, places[b]) for a, r, b in data[key]] for key in ("states", "given"))
    return graph, places, states, given


def sides(relations: Iterable[Relation]) -> list[int]:
    """The nodes that relations are between."""
    return [node for a, _, b in relations for node in (a, b)]


class Claim:
    """What is stated and assumed; ``data`` says what is put in place of inputs and which conditions have to hold."""

    def __init__(self, graph: Graph, places: list[int], states: Any, given: list[Relation], data: Any) -> None:
        self.graph, self.states = graph, states
        self.known = [*given, *[(places[node], relation, graph.number(0)) for node, relation in data["conditions"]]]
        need(all(relation != "==" for _, relation in data["conditions"]), "a condition is no equation")
        self.put: dict[str, int] = {}
        for number, side in data["put"]:
            left, relation, right = given[number]
            target, value = (left, right) if side == "left" else (right, left)
            op, _, name = graph.nodes[target]
            name = name[0] if op == "input" else name
            once = op in ("input", "size") and name not in self.put
            need(relation == "==" and once, f"what is put in the place of {name}, which is no input or has a value")
            need(graph.axes[value].items() <= graph.axes[target].items(), "what is put in has an axis too many")
            self.put[name] = value
        valued = dict.fromkeys(IMPLICIT, slice(1))  # a solution is evaluated, not the matrix that it is of
        self.assumed = {node for side in sides(self.known) for node in graph.below(side, valued)}
        self.leaves: dict[str, Any] = {f"#constant:{c}": ("constant", [], ("positive",)) for c in ("pi", "E")}
        self.axes: dict[str, set[int]] = {}
        for (op, _, entry), own in zip(graph.nodes, graph.axes, strict=True):
            for axis, size in own.items():
                need(not set(axis) & set("*~:#"), f"an axis is called {axis}")
                self.axes.setdefault(axis, set()).add(size)
            if op in ("input", "size"):
                name, axes, flags = entry if op == "input" else (entry, (), ("positive",))
                says = op, [axis for axis, _ in axes], flags
                need(self.leaves.setdefault(name, says) == says and name[0] != "#", f"{name} is declared twice")

    def check_point(self, data: Any) -> None:
        """The point satisfies declarations, assumptions and conditions; there the statement holds, or is refuted."""
        point, refuting = Point(self.graph, data["point"], self.put), data["kind"] == "refutation"
        for name, (_, _, flags) in self.leaves.items():
            point.check_entries(name, flags)
        unfit = {False, None} if refuting else {False}
        for one in self.known:
            fits = unfit.isdisjoint(point.everywhere(*one))
            need(fits, f"the certificate's point does not satisfy an assumption: {one[1]}", Contradicted)
        if refuting:
            left, relation, right = self.states[data["fails"]]
            need(point.holds(left, relation, right, data["index"]) is False, "it does not fail there", Contradicted)
        else:
            holds = [one for state in self.states for one in point.everywhere(*state)]
            need(False not in holds, "the statement is false at the certificate's own point", Contradicted)


class Induction:
    """A claim at every step t = 0, 1, 2, ... of a recursion: at t = 0, and at t + 1 where it is assumed at t."""

    def __init__(self, data: Any) -> None:
        self.graph, self.places, self.states, self.given = graph, places, states, _ = stated(data)
        self.data, along = data, data["along"]
        op, _, (self.clock, axes, flags) = graph.nodes[clock := places[along["clock"]]]
        first, later = self.values(along["start"]), self.values(along["step"])
        counts = op == "input" and not axes and {"integer", "nonnegative"} <= set(flags)
        need(counts and first.keys() == later.keys(), "t is 0, 1, 2, ..., and each state has a value at 0 and at t + 1")
        self.moving, varying = {*first, self.clock}, set(along["varying"])
        fixed = varying.isdisjoint(graph.names(*sides(states)))
        fixed = fixed and (varying | self.moving).isdisjoint(graph.names(*first.values()))
        need(fixed, "what is claimed or started with is another one at each step")
        self.first = {**first, self.clock: graph.number(0)}
        self.later = {**later, self.clock: graph.node("add", (clock, graph.number(1)))}
        asked = [places[node] for key in ("base", "step") for node, _ in data[key]["conditions"]]
        need(self.clock not in graph.names(*asked), "a condition on t is looked at where t = 0")
        self.always = [one for one in self.given if self.moving.isdisjoint(graph.names(*sides([one])))]

    def values(self, rows: Any) -> dict[str, int]:
        """The states' values by name; a state has no sign of its own, which would have to be shown at each step."""
        states = [(*self.graph.nodes[self.places[state]], self.places[value]) for state, value in rows]
        found = {entry[0]: value for _, _, entry, value in states}
        free = all(op == "input" and not entry[2] for op, _, entry, _ in states) and len(found) == len(states)
        need(free, "a state is an input without a sign")
        return found

    def at(self, relations: Iterable[Relation], values: dict[str, int]) -> list[Relation]:
        """Relations with other values of states and t."""
        put = self.graph.substituted
        return [(put(a, values), relation, put(b, values)) for a, relation, b in relations]

    def parts(self) -> list[tuple[list[Relation], list[Relation], Any]]:
        """What is stated and assumed in the base case and in the step, and what the certificate says of each."""
        start, later = self.at(self.states, self.first), self.at(self.states, self.later)
        return [(start, self.always, self.data["base"]), (later, [*self.given, *self.states], self.data["step"])]

    def check_point(self, data: Any) -> None:
        """The point satisfies, at t = 0, what the base case and the step assume, and what is stated."""
        (start, always, base), (_, _, step) = self.parts()
        known = [one for one in self.given if one not in always]
        known += [(self.places[node], relation, self.graph.number(0)) for node, relation in step["conditions"]]
        given = [*always, *self.at(known, self.first)]
        Claim(self.graph, self.places, start, given, base).check_point({"kind": "proof", "point": data["point"]})
