"""Checks a certificate again and believes nothing in it: Python's standard library only, nothing of symnorm.

A certificate states its claim as a graph of named operations over named axes, unexpanded; derivatives are nodes of that
graph, differentiated in :mod:`.graph`. Its proof is a list of steps, each of which is carried out here or refused:

- the *value* of a node is a polynomial that equals it at every index;
- an *equation* is a polynomial that vanishes: of it, any multiple at any indices may be added to anything;
- a *fact* is a polynomial that is not negative, or not zero.

All of it holds wherever the assumptions and conditions do, at every size. Nothing is searched or chosen: who wrote the
certificate says which multiples to add and which sum of squares to expand. An equation is proved if the difference of
its sides becomes the polynomial 0; an inequality if a fact is its difference. The certificate's point satisfies all
assumptions and conditions, so that nothing is vacuous. A refutation is a point at which the statement fails.

Read :mod:`.graph`, :mod:`.points`, :mod:`.claim`, :mod:`.algebra`, :mod:`.naming`, :mod:`.proof`, then this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .claim import Claim, Relation, need
from .graph import Graph, NotCovered, Rejected
from .proof import Proof

FORMAT = 2


def check_steps(claim: Claim, data: Any) -> None:
    """The proof of each statement by itself."""
    need(len(data["proofs"]) == len(claim.states), "each statement needs a proof")
    for state, proof in zip(claim.states, data["proofs"], strict=True):
        if "run" not in proof:
            raise NotCovered(proof.get("why", "a proof without steps"))
        steps = Proof(claim)
        steps.run(proof["run"])
        steps.conclude(state, proof)


def stated(data: Any) -> tuple[Graph, list[int], list[Relation], list[Relation]]:
    """The graph of a certificate, the nodes of its rows, what it states and what it assumes."""
    graph = Graph()
    places = graph.read(data["graph"])
    states, given = ([(places[a], r, places[b]) for a, r, b in data[key]] for key in ("states", "given"))
    return graph, places, states, given


class Induction:
    """A claim at every step t = 0, 1, 2, ... of a recursion: at t = 0, and at t + 1 where it is assumed at t."""

    def __init__(self, data: Any) -> None:
        self.graph, self.places, self.states, self.given = graph, places, states, given = stated(data)
        self.data, along, clock = data, data["along"], places[data["along"]["clock"]]
        first, later = self.values(along["start"]), self.values(along["step"])
        op, _, (self.clock, axes, flags) = graph.nodes[clock]
        counts = op == "input" and not axes and {"integer", "nonnegative"} <= set(flags)
        need(counts and first.keys() == later.keys(), "t is 0, 1, 2, ..., and each state has a value at 0 and at t + 1")
        self.moving, varying = {*first, self.clock}, set(along["varying"])
        spoken = {name for a, _, b in states for node in (a, b) for name in graph.names(node)}
        started = {name for value in first.values() for name in graph.names(value)}
        fixed = varying.isdisjoint(spoken) and (varying | self.moving).isdisjoint(started)
        need(fixed, "what is claimed or started with is another one at each step")
        self.first = {**first, self.clock: graph.number(0)}
        self.later = {**later, self.clock: graph.node("add", (clock, graph.number(1)))}
        asked = [places[node] for key in ("base", "step") for node, _ in data[key]["conditions"]]
        need(not any(self.clock in graph.names(node) for node in asked), "a condition on t is looked at where t = 0")
        self.moved = [not self.moving.isdisjoint(graph.names(a) | graph.names(b)) for a, _, b in given]

    def values(self, rows: Any) -> dict[str, int]:
        """The states' values by name; a state has no sign of its own, which would have to be shown at each step."""
        found: dict[str, int] = {}
        for state, value in rows:
            op, _, entry = self.graph.nodes[self.places[state]]
            need(op == "input" and not entry[2] and entry[0] not in found, "a state is an input without a sign")
            found[entry[0]] = self.places[value]
        return found

    def at(self, relations: Iterable[Relation], values: dict[str, int]) -> list[Relation]:
        """Relations with other values of states and t."""
        put = self.graph.substituted
        return [(put(a, values), relation, put(b, values)) for a, relation, b in relations]

    def parts(self) -> tuple[tuple[list[Relation], list[Relation]], tuple[list[Relation], list[Relation]]]:
        """What is stated and assumed in the base case and in the step."""
        always = [one for one, moved in zip(self.given, self.moved, strict=True) if not moved]
        start, later = self.at(self.states, self.first), self.at(self.states, self.later)
        return (start, always), (later, [*self.given, *self.states])

    def check(self, steps_alone: bool) -> None:
        """Refuses an induction whose base case or step does not hold."""
        base, step = self.parts()
        zero, (start, always) = self.graph.number(0), base
        if not steps_alone:
            known = [one for one, moved in zip(self.given, self.moved, strict=True) if moved]
            known += [(self.places[node], relation, zero) for node, relation in self.data["step"]["conditions"]]
            point, needed = {"kind": "proof", "point": self.data["point"]}, self.at(known, self.first)
            Claim(self.graph, self.places, start, [*always, *needed], self.data["base"]).check_point(point)
        for (states, given), data in ((base, self.data["base"]), (step, self.data["step"])):
            check_steps(Claim(self.graph, self.places, states, given, data), data)


def replay(data: Any, steps_alone: bool = False) -> None:
    """Refuses a certificate that does not show what it states; raises Rejected, or NotCovered.

    With ``steps_alone`` a proof's point is not looked at: how the steps are tested by themselves.
    """
    try:
        if data["format"] != FORMAT or data["kind"] not in ("proof", "refutation", "induction"):
            raise NotCovered(f"certificates of the kind {data['kind']}, format {data['format']}")
        if data["kind"] == "induction":
            Induction(data).check(steps_alone)
            return
        claim = Claim(*stated(data), data)
        if data["kind"] == "refutation" or not steps_alone:
            claim.check_point(data)
        if data["kind"] == "proof":
            check_steps(claim, data)
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError, ArithmeticError, MemoryError) as error:
        raise Rejected(f"not a well-formed certificate: {type(error).__name__}: {error}") from error
    except RecursionError as error:
        raise Rejected("nested too deeply") from error
