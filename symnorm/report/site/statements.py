"""What stands on the page of a claim.

In comes an :class:`~symnorm.report.outcomes.Outcome`, out comes a dictionary of strings, rows and safe HTML for
``claim.html``. No times: the same claims give the same pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from symnorm.claims import PROVED, UNDECIDED, Claim, Verdict
from symnorm.errors import SymnormError
from symnorm.language import claim_text
from symnorm.printing import latex, latexes, texts
from symnorm.report import words
from symnorm.report.latex import RELATIONS
from symnorm.report.outcomes import Outcome
from symnorm.report.site.typeset import formula
from symnorm.tensors import Relation, Tensor, walk

Content = dict[str, Any]

MOST_SHOWN = 200
KINDS = {
    "identity": "{relation}: both sides have the same normal form, whatever the sizes are",
    "subdivision": "{relation}: rigorous enclosures of left - right in each cell of the box that is assumed",
    "arithmetic": "{relation}: arithmetic of numbers and sizes",
    "inequality": "{relation}: left - right equals an expression whose every term is visibly not negative",
    "induction": "by induction over the steps: it holds at the start, and where it holds it holds one step later",
    "lemma": "with the lemma {lemma}",
}
"""How a relation was proved, by the kind of its proof."""


def content(one: Outcome) -> Content:
    """Everything about a claim and its verdict."""
    claim, verdict = one.claim, one.verdict
    stated = claim.relations()
    return {
        "name": claim.name,
        "also": claim.also,
        "normalizer": claim.normalizer,
        "sentence": claim.sentence,
        "topic": claim.topic,
        "kind": claim.kind,
        "source": claim.source,
        "note": claim.note,
        "status": verdict.status,
        "expected": claim.expected,
        "scope": words.scope(verdict),
        "states": [_relation(relation) for relation in stated],
        "named": _named_quantities((*stated, *claim.given)),
        "given": [_relation(relation) for relation in claim.given],
        "by": [formula(latex(part), partial(repr, part)) for part in claim.certificates()],
        "why": words.once(words.grounds(verdict)),
        "point": _point(verdict),
        "residue": _residue(verdict),
        "program_text": words.program(verdict.witness) if verdict.witness is not None else "",
        "record": _record(verdict),
        "replay": one.replay,
        "text": _text(claim),
    }


def _relation(relation: Relation) -> Any:
    left, right = latexes(relation.left, relation.right)
    return formula(f"{left} {RELATIONS[relation.relation]} {right}", partial(repr, relation))


def _named_quantities(relations: Iterable[Relation]) -> list[Any]:
    """What the names in a statement stand for, in the order in which they are computed."""
    lets = [node for node in walk(*(side for one in relations for side in (one.left, one.right))) if node.op == "let"]
    bodies = [let.args[0] for let in lets]
    shown = latexes(*lets, *bodies)
    found = []
    for let, body, name, value in zip(lets, bodies, shown[: len(lets)], shown[len(lets) :], strict=True):
        if name != value:
            found.append(formula(f"{name} = {value}", partial(_in_words, let, body)))
    return found


def _in_words(let: Tensor, body: Tensor) -> str:
    return " = ".join(texts(let, body))


def _point(verdict: Verdict) -> list[str]:
    """All values at which a statement fails; those of a proof's example stand among its grounds."""
    return words.point(verdict.witness.model) if verdict.witness is not None else []


def _residue(verdict: Verdict) -> Any:
    """What is left of an open question; of a refutation the point says enough."""
    if verdict.status != UNDECIDED or verdict.residue is None:
        return ""
    return formula(rf"\text{{left}} - \text{{right}} = {latex(verdict.residue)}", partial(repr, verdict.residue))


def _record(verdict: Verdict) -> list[str]:
    """What was put in, and how each relation was proved, in words."""
    if verdict.record is None or verdict.status != PROVED:
        return []
    assumed = verdict.record.assumptions
    lines = [f"put in: {name} = {value!r}" for name, value in assumed.values.items()]
    lines += [f"put in: {name} = {size}" for name, size in assumed.sizes.items()]
    lines += [f"a rule: {one!r}" for one in assumed.constraints if one.relation == "=="]
    return lines + [KINDS[str(proof["kind"])].format_map(_named(proof)) for proof in verdict.proof]


def _named(proof: Mapping[str, Any]) -> dict[str, str]:
    shown = repr(proof["relation"]) if "relation" in proof else ""
    return {"relation": shown if len(shown) <= MOST_SHOWN else "the statement", "lemma": str(proof.get("lemma", ""))}


def _text(claim: Claim) -> str:
    """The claim in the text language, or why the language cannot say it."""
    if claim.states is None:
        return ""
    try:
        return claim_text(claim)
    except SymnormError as error:
        return f"# {' '.join(str(error).split())}"
