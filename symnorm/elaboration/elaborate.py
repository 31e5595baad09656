"""From a certificate with the prover's choices to one with every step."""

from __future__ import annotations

from itertools import product
from typing import Any

from symnorm.elaboration.algebra import ONE, UNIT, Poly, plus, scaled
from symnorm.elaboration.claim import NOTHING, Claim
from symnorm.elaboration.recorder import Recorder
from symnorm.elaboration.signs import Relation
from symnorm.replay.claim import Induction
from symnorm.replay.graph import OF_LOSS, NotCovered, Rejected

Data = dict[str, Any]


def elaborated(data: Data) -> Data:
    """The certificate with every step, or with why there are none.

    Raises:
        Rejected: a certificate that is none.
    """
    if data["kind"] == "refutation":
        return data
    try:
        if data["kind"] == "proof":
            return {**data, "proofs": proofs(Claim.read(data), data["proofs"])}
        along = Induction(data)
    except NotCovered:
        return data
    found = dict(data)
    for key, (states, given, part) in zip(("base", "step"), along.parts(), strict=True):
        claim = Claim(along.graph, along.places, states, given, part)
        found[key] = {**part, "proofs": proofs(claim, part["proofs"])}
    return found


def proofs(claim: Claim, choices: list[Any]) -> list[Data]:
    """The proof of each statement."""
    if len(choices) != len(claim.states):
        raise Rejected("each statement needs a proof")
    found = []
    for state, choice in zip(claim.states, choices, strict=True):
        try:
            found.append({**choice, **one(claim, state, choice)})
        except (Rejected, NotCovered) as reason:
            found.append({**choice, "why": str(reason)})
    return found


def one(claim: Claim, state: Relation, choice: Any) -> Data:
    """The proof of one."""
    left, relation, right = state
    at = choice["at"]
    own = next(iter(at.values()), NOTHING)
    while "split" in own:
        own = own["plus"]
    below = {claim.graph.nodes[n][0] for side in (left, right) for n in claim.graph.below(side)}
    recorder = Recorder(claim, own)
    if relation != "==" and below.isdisjoint(("input", "size", *OF_LOSS)):
        gap = plus(recorder.value(left), scaled(recorder.value(right), -1))
        sign = relation != "!=", relation in ("<", ">", "!=")
        fact = recorder.learn(scaled(gap, -1 if relation in ("<", "<=") else 1), *sign, "number", *state)
        return {"run": recorder.tape, "fact": fact.number}
    if relation != "==":
        return inequality(recorder, claim, state, choice)
    gap = plus(recorder.value(left), scaled(recorder.value(right), -1))
    axes = {**claim.graph.axes[left], **claim.graph.axes[right]}
    fixed = {name: int(v[ONE]) for name, size in axes.items() if set(v := recorder.value(size)) == {ONE}}
    found = {}
    for places in product(*[range(1, extent + 1) for extent in fixed.values()]):
        move = {recorder.axis(name): recorder.token(k) for name, k in zip(fixed, places, strict=True)}
        here = recorder.moved(gap, move) if move else gap
        found[",".join(map(str, places))] = settled(recorder, here, at.get(",".join(map(str, places)), NOTHING))
    return {"run": recorder.tape, "ends": found}


def settled(recorder: Recorder, gap: Poly, choice: Any) -> Data:
    """Why a difference vanishes, in each case of a sign if the prover split on one."""
    if "split" not in choice:
        return {"steps": recorder.multiples(recorder.vanish(gap))}
    generators, written, tokens = choice["split"]
    at = {-1 - i: recorder.token(token) for i, token in enumerate(tokens)}
    split = recorder.reduced(recorder.moved(recorder.read(written, recorder.declared(generators)), at))
    stars = {i: recorder.token(f"{recorder.token_name(i)}*") for i in recorder.free(gap) if recorder.is_generic(i)}
    found: Data = {"split": recorder.poly(split)}
    for side, way in (("plus", 1), ("minus", -1)):
        with recorder.case(scaled(split, way)) as run:
            found[side] = {**settled(recorder, recorder.moved(gap, stars), choice[side]), "run": run}
    return found


def inequality(recorder: Recorder, claim: Claim, state: Relation, choice: Any) -> Data:
    """The difference of the sides, or of their squares, is a sum of squares."""
    left, relation, right = state
    way = -1 if relation in ("<", "<=") else 1
    up, off = relation != "!=", relation in ("<", ">", "!=")
    low, high = (left, right) if way < 0 else (right, left)
    a, b = recorder.value(low), recorder.value(high)
    gap = plus(b, scaled(a, -1))
    squares = choice.get("of_squares")
    target = plus(recorder.power(b, 2), scaled(recorder.power(a, 2), -1)) if squares else gap
    shown = claim.places[choice["by"]] if "by" in choice else None
    fact = None
    if shown is not None:
        known = recorder.of_node(shown, up, off)
        if known is not None:
            fact = recorder.summed_up(target, [], [(UNIT[ONE], {}, [recorder.factor(known)])], up, off)
    else:
        sides = [n for n in (high, low) if recorder.value(n)]
        if sides == [high]:
            known = recorder.of_node(high, up, off)
            fact = known
        else:
            fact = recorder.evidence(target, up, off)
    if fact is not None and squares:
        larger = recorder.of_node(high, True, False)
        if larger is not None:
            fact = recorder.learn(gap, True, off, "squares", larger.number, recorder.poly(a), fact.number)
    if fact is None:
        raise NotCovered("no sum of squares shows an inequality")
    return {"run": recorder.tape, "fact": fact.number}

