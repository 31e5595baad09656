"""False inequalities and false claims along recursions, each as a development that leaves it to Coq to refuse it.

A proved inequality gets another relation or half of its larger side; a recursion that a claim is true along goes on or
starts otherwise; and what the catalogue refutes of a recursion is said to be proved. That each is false is not guessed:
the prover refutes it, with a point. Called by :mod:`.falsehoods`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from symnorm.claims import PROVED, REFUTED, Claim, decide, prove
from symnorm.claims.certificate import Graph, along_rows, certificate, statement
from symnorm.coq import Development, NotExpressible, development
from symnorm.elaboration.claim import NOTHING
from symnorm.errors import Unsupported
from symnorm.tensors import Relation

OTHER_RELATIONS = {"<=": (">=", "<", "=="), ">=": ("<=", ">", "=="), "<": (">=", "=="), ">": ("<=", "==")}


def wrong_inequalities(claims: Iterable[Claim]) -> Iterator[Development]:
    """Proved inequalities with another relation, or with half of the larger side, where that is refuted."""
    for claim in claims:
        if claim.along is not None or not any(one.relation in OTHER_RELATIONS for one in claim.relations()):
            continue
        verdict = prove(claim)
        if verdict.status != PROVED:
            continue
        with suppress(Unsupported):
            data = json.loads(json.dumps(certificate(claim.name, verdict)))
            for place, stated in enumerate(claim.relations()):
                for name, wrong, change in changes(stated, data, place):
                    if decide([wrong], claim.given).status == REFUTED:
                        with suppress(NotExpressible):
                            yield development(f"{claim.name}, {name} {place}", change, forced=True)


def changes(stated: Relation, data: Any, place: int) -> Iterator[tuple[str, Relation, Any]]:
    """Other relations in place of one, each with the certificate that says so."""
    left, relation, right = data["states"][place]

    def saying(one: list[Any], *more: Any) -> Any:
        before, after = data["states"][:place], data["states"][place + 1 :]
        return {**data, "graph": [*data["graph"], *more], "states": [*before, one, *after]}

    for other in OTHER_RELATIONS.get(relation, ()):
        yield other, Relation(stated.left, other, stated.right), saying([left, other, right])
    rows = len(data["graph"])
    if relation in ("<=", "<"):
        half = [["number", [], "1/2"], ["mul", [right, rows], None]]
        yield "half", Relation(stated.left, relation, stated.right / 2), saying([left, relation, rows + 1], *half)
    elif relation in OTHER_RELATIONS:
        half = [["number", [], "1/2"], ["mul", [left, rows], None]]
        yield "half", Relation(stated.left / 2, relation, stated.right), saying([rows + 1, relation, right], *half)


def wrong_recursions(claims: Iterable[Claim]) -> Iterator[Development]:
    """What is refuted of a recursion, and proved claims along recursions that go on or start otherwise."""
    for claim in claims:
        if claim.along is None:
            continue
        verdict = prove(claim)
        with suppress(NotExpressible, Unsupported):
            if verdict.status == REFUTED:
                yield development(claim.name, said_to_be_proved(claim), forced=True)
            if verdict.status == PROVED:
                yield from gone_wrong(claim, json.loads(json.dumps(certificate(claim.name, verdict))))


def gone_wrong(claim: Claim, data: Any) -> Iterator[Development]:
    """A proved claim along recursions of which one state goes on, or starts, at another value."""
    assert claim.along is not None
    along, rows = claim.along(), data["graph"]
    one, two = len(rows), len(rows) + 1
    for key, values in (("step", along.step), ("start", along.start)):
        for place, (name, value) in enumerate(values.items()):
            state, row = data["along"][key][place]
            for change, other, made in (
                ("twice", 2 * value, ["mul", [row, two], None]),
                ("one more", value + 1, ["add", [row, one], None]),
            ):
                table = {**values, name: other}
                wrong = replace(along, step=table) if key == "step" else replace(along, start=table)
                if decide(claim.relations(), claim.given, along=wrong).status != REFUTED:
                    continue
                pairs = [*data["along"][key]]
                pairs[place] = [state, two + 1]
                graph = [*rows, ["number", [], "1"], ["number", [], "2"], made]
                said = {**data, "graph": graph, "along": {**data["along"], key: pairs}}
                with suppress(NotExpressible):
                    yield development(f"{claim.name}, {key} of {name} {change}", said, forced=True)


def said_to_be_proved(claim: Claim) -> Any:
    """A certificate by induction for a claim, with a proof of no choices."""
    assert claim.along is not None
    graph = Graph()
    relations = claim.relations()
    data = statement(graph, relations, claim.given)
    data["along"] = along_rows(graph, claim.along())
    nothing = {"put": [], "conditions": [], "proofs": [{"at": {"": NOTHING}}] * len(relations)}
    return json.loads(json.dumps({"kind": "induction", **data, "base": nothing, "step": nothing, "graph": graph.rows}))
