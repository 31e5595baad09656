"""Checks a certificate again and believes nothing in it: Python's standard library only, nothing of symnorm.

A certificate states its claim as a graph of named operations over named axes, unexpanded; derivatives are nodes of that
graph, differentiated here. It only names choices: which component a root's square or a hypothesis is solved for, what a
perfect square is the square of, which sign is split on. An equation holds if both sides reduce to one polynomial; an
inequality if its difference equals what is visibly not negative. The certificate's point satisfies all assumptions and
conditions, so that nothing is vacuous. A refutation is such a point at which the statement fails.

All rests on this: each step replaces something by what equals it wherever the conditions hold, at every size.

Read :mod:`.graph`, :mod:`.algebra`, :mod:`.meaning`, :mod:`.points`, then this file, which puts them together.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

from .algebra import ONE, plus, scaled
from .graph import Contradicted, Graph, NotCovered, Rejected
from .meaning import Meaning
from .points import Point
from .signs import Relation, Statement
from .triples import SIGNS, either

FORMAT = 1


class Claim(Statement):
    """A statement that can be checked."""

    def check(self, data: Any) -> None:
        """Refuses a certificate that does not show what it states.

        Raises:
            Rejected: it does not.
            NotCovered: its kind is not re-checked here.
        """
        self.check_point(data)
        if data["kind"] == "proof":
            self.check_steps(data)

    @classmethod
    def read(cls, data: Any) -> Claim:
        """What a proof or a refutation states."""
        graph = Graph()
        places = graph.read(data["graph"])
        states, given = ([(places[a], r, places[b]) for a, r, b in data[key]] for key in ("states", "given"))
        return cls(graph, places, states, given, data)

    def check_steps(self, data: Any) -> None:
        """The proof by itself."""
        if len(data["proofs"]) != len(self.states):
            raise Rejected("each statement needs a proof")
        for (left, relation, right), proof in zip(self.states, data["proofs"], strict=True):
            if relation == "==":
                self.equal(left, right, proof["at"])
            else:
                self.ordered(left, relation, right, proof)

    def ordered(self, left: int, relation: str, right: int, proof: Any) -> None:
        """An inequality: the gap between both sides, or between their squares, has visibly the right sign."""
        low, high = (left, right) if relation in ("<", "<=") else (right, left)
        meaning = Meaning(self, NOTHING, [])
        if proof.get("of_squares"):
            if relation == "!=" or not self.has(meaning, high, ">="):
                raise Rejected("squares are compared where the larger side may be negative")
            two = self.graph.number(2)
            low, high = self.graph.node("pow", (low, two)), self.graph.node("pow", (high, two))
        gap = self.graph.node("sub", (high, low))
        shown = self.places[proof["by"]] if "by" in proof else gap
        if shown != gap:
            self.equal(gap, shown, proof["at"])
        if not self.has(meaning, shown, {"<": ">", "<=": ">="}.get(relation, relation)):
            raise Rejected(f"the difference of an inequality {relation} is not visibly so")

    def has(self, meaning: Meaning, node: int, relation: str) -> bool:
        """Whether a relation to zero is visible."""
        seen = either(meaning.visible(node), meaning.sign(meaning.value(node)))
        return not any(want and not have for want, have in zip(SIGNS[relation], seen, strict=True))

    def equal(self, left: int, right: int, proof: Any) -> None:
        """Both sides reduce to one polynomial, at each position of an axis of fixed size and in each case."""
        axes = {**self.graph.axes[left], **self.graph.axes[right]}
        sizes = Meaning(self, NOTHING, [])
        fixed = {name: int(extent[ONE]) for name, size in axes.items() if set(extent := sizes.value(size)) == {ONE}}
        for at in product(*[range(1, extent + 1) for extent in fixed.values()]):
            here = proof.get(",".join(map(str, at)), NOTHING)
            self.in_cases(left, right, here, dict(zip(fixed, at, strict=True)), axes, [])

    def in_cases(self, left: int, right: int, proof: Any, at: dict[str, int], axes: Any, cases: list[Any]) -> None:
        """A proof by itself, or one for each sign of a quantity."""
        if "split" in proof:
            for name, sign in (("plus", 1), ("minus", -1)):
                self.in_cases(left, right, proof[name], at, axes, [*cases, (proof["split"], sign)])
            return
        meaning = Meaning(self, proof, cases)
        own = {name: at.get(name, f"{name}*") for name in axes if name in at or cases}
        env = tuple((name, meaning.token(place)) for name, place in own.items())
        for side in (left, right) if env else ():
            meaning.value(side)  # at every index, before it is read at one
        if not meaning.vanishes(plus(meaning.value(left, env), scaled(meaning.value(right, env), -1))):
            raise Rejected("the two sides do not reduce to one polynomial")
        if not all(meaning.sign(poly)[2] for poly in meaning.divided):
            raise Rejected("the certificate divides by what no condition covers")
        for one, real, divisor in meaning.inside:
            if (real and not one.nonneg) or (divisor and not one.nonzero):
                raise Rejected("the certificate's sums divide, or take roots that may not be real")
        if not all(meaning.component_sign(component)[0] for component in meaning.real):
            raise Rejected("the certificate speaks of a root that may not be real")

    def check_point(self, data: Any) -> None:
        """The point satisfies declarations, assumptions and conditions; there the statement holds, or is refuted."""
        point = Point(self.graph, data["point"], self.put)
        zero = self.graph.number(0)
        for op, _, entry in [*self.graph.nodes]:
            if op == "input" and entry[0] not in self.put:
                point.check_entries(entry)
        for left, relation, right in [*self.given, *[(node, relation, zero) for node, relation in self.conditions]]:
            for at in point.places({**self.graph.axes[left], **self.graph.axes[right]}):
                holds = point.holds(left, relation, right, at)
                if holds is False or (holds is None and data["kind"] == "refutation"):
                    raise Contradicted(f"the certificate's point does not satisfy an assumption: {relation}")
        if data["kind"] == "refutation":
            left, relation, right = self.states[data["fails"]]
            if point.holds(left, relation, right, data["index"]) is not False:
                raise Contradicted("the statement does not fail at the certificate's point")
            return
        for left, relation, right in self.states:
            for at in point.places({**self.graph.axes[left], **self.graph.axes[right]}):
                if point.holds(left, relation, right, at) is False:
                    raise Contradicted("the statement is false at the certificate's own point")


class Induction:
    """A claim at every step t = 0, 1, 2, ... of a recursion: at t = 0, and at t + 1 where it is assumed at t."""

    def __init__(self, data: Any) -> None:
        self.data, self.graph = data, Graph()
        self.places = self.graph.read(data["graph"])
        self.states, self.given = (
            [(self.places[a], r, self.places[b]) for a, r, b in data[key]] for key in ("states", "given")
        )
        clock = self.places[data["along"]["clock"]]
        first, later = self.values("start"), self.values("step")
        op, _, (self.clock, axes, flags) = self.graph.nodes[clock]
        if op != "input" or axes or not {"integer", "nonnegative"} <= set(flags) or first.keys() != later.keys():
            raise Rejected("a recursion gives values at t = 0 and t + 1 to the same states; t is 0, 1, 2, ...")
        self.moving, varying = {*first, self.clock}, set(data["along"]["varying"])
        stated = set().union(*[self.graph.names(node) for a, _, b in self.states for node in (a, b)])
        started = set().union(*[self.graph.names(value) for value in first.values()])
        if not varying.isdisjoint(stated) or not (varying | self.moving).isdisjoint(started):
            raise Rejected("a claim or a start value speaks of what is another one at each step")
        one = self.graph.number(1)
        self.first = {**first, self.clock: self.graph.number(0)}
        self.later = {**later, self.clock: self.graph.node("add", (clock, one))}

    def values(self, key: str) -> dict[str, int]:
        """The states' values by name; a state has no sign of its own, which would have to be shown at each step."""
        found: dict[str, int] = {}
        for state, value in self.data["along"][key]:
            op, _, entry = self.graph.nodes[self.places[state]]
            if op != "input" or entry[2] or entry[0] in found:
                raise Rejected("a state is an input without a sign, and has one value")
            found[entry[0]] = self.places[value]
        return found

    def at(self, relations: list[Relation], values: dict[str, int]) -> list[Relation]:
        """Relations with other values of states and t."""
        put = self.graph.substituted
        return [(put(a, values), relation, put(b, values)) for a, relation, b in relations]

    def check(self, steps_alone: bool) -> None:
        """Refuses an induction whose base case or step does not hold."""
        moves = [not self.moving.isdisjoint(self.graph.names(a) | self.graph.names(b)) for a, _, b in self.given]
        always = [one for one, moved in zip(self.given, moves, strict=True) if not moved]
        at_first = self.at([one for one, moved in zip(self.given, moves, strict=True) if moved], self.first)
        base, step = self.data["base"], self.data["step"]
        start = self.at(self.states, self.first)
        if not steps_alone:
            point = {"kind": "proof", "point": self.data["point"]}
            zero = self.graph.number(0)
            needed = [(self.places[node], relation, zero) for node, relation in step["conditions"]]
            known = [*always, *at_first, *self.at(needed, self.first)]
            Claim(self.graph, self.places, start, known, base).check_point(point)
        Claim(self.graph, self.places, start, always, base).check_steps(base)
        known = [*self.given, *self.states]
        Claim(self.graph, self.places, self.at(self.states, self.later), known, step).check_steps(step)


NOTHING: dict[str, list[Any]] = {"generators": [], "solve": [], "rules": [], "squares": []}


def replay(data: Any, steps_alone: bool = False) -> None:
    """Refuses a certificate that does not show what it states; raises Rejected, or NotCovered.

    With ``steps_alone`` a proof's point is not looked at: how the steps are tested by themselves.
    """
    try:
        if data["format"] != FORMAT:
            raise NotCovered(f"certificates of the format {data['format']}")
        if data["kind"] == "induction":
            Induction(data).check(steps_alone)
        elif data["kind"] not in ("proof", "refutation"):
            raise NotCovered(f"certificates of the kind {data['kind']}")
        elif steps_alone and data["kind"] == "proof":
            Claim.read(data).check_steps(data)
        else:
            Claim.read(data).check(data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AssertionError, ArithmeticError) as error:
        raise Rejected(f"not a well-formed certificate: {type(error).__name__}: {error}") from error
    except RecursionError as error:
        raise Rejected("nested too deeply") from error


def main(paths: list[str]) -> int:
    """A line for each certificate; 0 if all are accepted."""
    accepted = True
    for path in paths:
        try:
            replay(json.loads(Path(path).read_text(encoding="utf-8")))
            print(f"accepted  {path}")
        except (Rejected, NotCovered, OSError, ValueError) as error:
            accepted = False
            print(f"{'not covered' if isinstance(error, NotCovered) else 'rejected'}  {path}: {error}")
    return 0 if accepted else 1
