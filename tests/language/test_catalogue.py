"""Every claim of the catalogue can be written in the language, read again, and gets the same verdict."""

from __future__ import annotations

import pytest

from symnorm.claims import Claim, catalogue, prove
from symnorm.errors import Unsupported
from symnorm.language import claim_text, parse

CLAIMS = [claim for claim in catalogue.catalogue().values() if claim.states is not None]


def expressible(claim: Claim) -> bool:
    """The language has no words for inductions, lemmas, proposed points and integrals; all else it can say."""
    return not (claim.along or claim.using or claim.examples or claim.kind == "probabilistic")


def verdict_of_text(claim: Claim) -> str:
    """The verdict on a claim that went through text."""
    found = parse(claim_text(claim)).claims[claim.name]
    assert found.expected == claim.expected
    return prove(found).status


@pytest.mark.parametrize("normalizer", sorted({claim.normalizer for claim in CLAIMS}))
def test_the_text_gets_the_same_verdict(normalizer: str) -> None:
    wrong = {}
    for claim in CLAIMS:
        if claim.normalizer != normalizer or not expressible(claim):
            continue
        status = verdict_of_text(claim)
        if status != claim.expected:
            wrong[claim.name] = status
    assert not wrong


def test_what_is_not_expressible_is_refused_or_keeps_its_verdict() -> None:
    others = [claim for claim in CLAIMS if not expressible(claim)]
    assert {claim.kind for claim in others} <= {"dynamics", "probabilistic", "inequality", "identity", "loose"}
    refused = 0
    for claim in others:
        try:
            assert verdict_of_text(claim) == claim.expected
        except Unsupported:
            refused += 1
    assert refused > 10
