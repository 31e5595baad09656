"""What is printed of a claim along a recursion has the claim's value at each step, whatever the sequences are."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from symnorm.claims import Claim, catalogue
from symnorm.claims.certificate import Graph, statement
from symnorm.coq.induction_statement import AtStep, Course
from symnorm.coq.names import spelled
from symnorm.coq.statement import Relation as Numbered
from symnorm.coq.statement import loss
from symnorm.evaluate import Model
from symnorm.tensors import Relation, inputs, walk
from tests.coq.printed import STEPS, Proposition
from tests.coq.test_statement import agree, drawn, expected, world

CLAIMS = [claim for claim in catalogue.catalogue().values() if claim.states is not None and claim.along is not None]
Triple = tuple[float, str, float]


def as_data(claim: Claim) -> Any:
    """The statement's part of a certificate."""
    assert claim.along is not None
    graph, along = Graph(), claim.along()
    data = statement(graph, claim.relations(), claim.given)
    values = {"start": along.start, "step": along.step}
    rows = {key: [[graph.node(along.states[n]), graph.node(v)] for n, v in values[key].items()] for key in values}
    data["along"] = {"clock": graph.node(along.clock), **rows, "varying": sorted(along.varying)}
    return json.loads(json.dumps({**data, "graph": graph.rows, "base": {"conditions": []}, "step": {"conditions": []}}))


def models(data: Any, claim: Claim) -> list[Model]:
    """What there is at each step: states and what varies have any values, all else is the same."""
    assert claim.along is not None
    along, first = claim.along(), drawn(data)
    moving = {*along.states, *along.varying}
    found = []
    for step in range(STEPS + 1):
        own = drawn(data, step)

        def mixed(of: str, own: Model = own) -> dict[str, Any]:
            return {**getattr(first, of), **{n: v for n, v in getattr(own, of).items() if n in moving}}

        scalars = {**mixed("scalars"), str(along.clock.data.name): step}
        found.append(replace(first, scalars=scalars, tensors=mixed("tensors"), losses=mixed("losses")))
    return found


def sequences(data: Any, claim: Claim, at: list[Model]) -> dict[str, Any]:
    """The same numbers for what is printed."""
    assert claim.along is not None
    along = claim.along()
    worlds = [world(data, model) for model in at]
    found = dict(worlds[0])
    for name in {*along.states, *along.varying}:
        for own in (spelled(name), loss("cotangent", name), loss("curvature", name)):
            if own in found:
                found[own] = lambda t, own=own: worlds[t][own]
    return found


def wanted(claim: Claim, at: list[Model]) -> list[Triple]:
    """What is assumed and stated, by the exact interpreter."""
    assert claim.along is not None
    along = claim.along()

    def varies(one: Relation) -> bool:
        names = {*inputs(one.left, one.right), *[n.data for n in walk(one.left, one.right) if n.op == "cotangent"]}
        return not names.isdisjoint({*along.states, *along.varying, str(along.clock.data.name)})

    found: list[Triple] = []
    for one in claim.given:
        for model in at[:STEPS] if varies(one) else at[:1]:
            found += expected([one], model)
    for name, value in along.start.items():
        found += expected([Relation(along.states[name], "==", value)], at[0])
    for step in range(STEPS):
        for name, value in along.step.items():
            becomes = Relation(along.states[name], "==", value)
            left, right = expected([becomes], at[step + 1]), expected([becomes], at[step])
            found += [(a, sign, b) for (a, sign, _), (_, _, b) in zip(left, right, strict=True)]
        found += expected(list(claim.relations()), at[step])
    return found


def compared(claim: Claim) -> None:
    data = as_data(claim)
    at = models(data, claim)
    text = Course(data).statement().proposition()
    found = list(Proposition(text).sides(sequences(data, claim, at)))
    own = wanted(claim, at)
    agree(found[len(found) - len(own) :], own)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_what_is_printed_has_the_claims_value(claim: Claim) -> None:
    compared(claim)


def test_a_state_that_does_not_move_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    true_becomes = AtStep.becomes

    def stays(self: AtStep, state: int, time: str, value: int) -> str:
        return true_becomes(self, state, time.removeprefix("(S ").removesuffix(")"), value)

    monkeypatch.setattr(AtStep, "becomes", stays)
    with pytest.raises(AssertionError):
        compared(catalogue.find("stats.welford"))


def test_a_start_at_another_step_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    true_becomes = AtStep.becomes
    late = {"O": "(S O)"}
    monkeypatch.setattr(
        AtStep, "becomes", lambda self, state, time, value: true_becomes(self, state, late.get(time, time), value)
    )
    with pytest.raises(AssertionError):
        compared(catalogue.find("stats.welford"))


def test_a_claim_at_the_start_alone_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    true_at_step = AtStep.at_step

    def first(self: AtStep, time: str, one: Numbered) -> str:
        return true_at_step(self, "O", one)

    monkeypatch.setattr(AtStep, "at_step", first)
    with pytest.raises(AssertionError):
        compared(catalogue.find("scale_inv.norm_sum"))


def test_one_loss_for_all_steps_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AtStep, "function", lambda self, op, name: f"({loss(op, name)} O)")
    with pytest.raises(AssertionError):
        compared(catalogue.find("scale_inv.norm_sum"))
