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

There are two parts, neither above 500 lines of code. What operations mean: :mod:`.graph`, with their derivatives,
:mod:`.points`, at a point, and :mod:`.values`, as polynomials. What follows, by algebra, squares and induction:
:mod:`.claim`, :mod:`.algebra`, :mod:`.naming`, :mod:`.facts`, then this file. A proof that needs an integral, a lemma,
the subdivision of an interval or the derivative of an eigenvector is not covered by either, and is counted as such.
"""

from collections.abc import Iterable
from copy import copy
from itertools import product
from typing import Any

from .algebra import ONE, Poly, plus
from .claim import Claim, Induction, Relation, stated
from .facts import Fact
from .graph import NotCovered, Rejected, need
from .values import Values

FORMAT = 3
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError, RecursionError)


class Proof(Values):
    """The steps of a certificate, carried out one by one, and what they show."""

    def run(self, steps: Iterable[Any]) -> None:
        """Each step in its order."""
        rules: dict[str, Any] = {"value": self.value, "generator": self.declare, "lemma": self.lemma, "fact": self.fact}
        for rule, *data in steps:
            rules[rule](*data)

    def conclude(self, state: Relation, proof: Any) -> None:
        """Carries out the steps; then both sides' difference vanishes at every index, or a fact says its sign."""
        self.run(proof["run"])
        left, relation, right = state
        wanted = self.said(*state)
        if relation != "==":
            fact = self.facts[proof["fact"]]
            says = fact.poly == wanted.poly and fact.up >= wanted.up and fact.off >= wanted.off
            need(says, "a fact about something else, or that says too little")
            return
        axes = {**self.graph.axes[left], **self.graph.axes[right]}
        fixed = {a: int(v[ONE]) for a, size in axes.items() if set(v := self.values[size]) == {ONE}}
        for at in product(*[range(1, extent + 1) for extent in fixed.values()]):
            move = {self.index(axis): self.index(f"{axis}:{k}") for axis, k in zip(fixed, at, strict=True)}
            self.settle(self.put(wanted.poly, move), proof["ends"][",".join(map(str, at))])

    def settle(self, gap: Poly, proof: Any) -> None:
        """A difference vanishes; or it does in either case of a sign, at a certain index of each axis."""
        if "split" not in proof:
            self.vanishes(gap, proof["steps"])
            return
        split = self.poly(proof["split"])
        need(not any(self.generic(self.free(split))), "a case speaks of many numbers, which may have many signs")
        stars = {i: self.index(self.tokens[-1 - i][0] + "*") for i in self.generic(self.free(gap))}
        for side, way in (("plus", 1), ("minus", -1)):
            before = {name: copy(held) for name, held in vars(self).items() if isinstance(held, (dict, list))}
            self.facts.append(Fact(plus({}, split, way), True, False))
            self.run(proof[side]["run"])
            self.settle(self.put(gap, stars), proof[side])
            vars(self).update(before)  # what holds in one case is forgotten


def check_steps(claim: Claim, data: Any) -> None:
    """The proof of each statement by itself."""
    for state, proof in zip(claim.states, data["proofs"], strict=True):
        need("run" in proof, proof.get("why", "a proof without steps"), NotCovered)
        Proof(claim).conclude(state, proof)


def replay(data: Any, steps_alone: bool = False) -> None:
    """Refuses a certificate that does not show what it states; raises Rejected, or NotCovered.

    With ``steps_alone`` a proof's point is not looked at: how the steps are tested by themselves.
    """
    try:
        covered = data["format"] == FORMAT and data["kind"] in ("proof", "refutation", "induction")
        need(covered, f"certificates of the kind {data['kind']}, format {data['format']}", NotCovered)
        whole = Induction(data) if data["kind"] == "induction" else Claim(*stated(data), data)
        if data["kind"] == "refutation" or not steps_alone:
            whole.check_point(data)
        if isinstance(whole, Induction):
            for states, given, part in whole.parts():
                check_steps(Claim(whole.graph, whole.places, states, given, part), part)
        elif data["kind"] == "proof":
            check_steps(whole, data)
    except MALFORMED as error:
        raise Rejected(f"not a well-formed certificate: {type(error).__name__}: {error}") from error
