"""Every claim of the catalogue can be written in the language, read again, and gets the same verdict."""

from __future__ import annotations

import pytest

from symnorm.claims import Claim, catalogue, prove
from symnorm.errors import Unsupported
from symnorm.language import claim_text, parse

CLAIMS = [claim for claim in catalogue.catalogue().values() if claim.states is not None]

NOT_EXPRESSIBLE: frozenset[str] = frozenset()
"""Names of claims that the language has no words for."""


def verdict_of_text(claim: Claim) -> str:
    """The verdict on a claim that went through text."""
    found = parse(claim_text(claim)).claims[claim.name]
    assert found.expected == claim.expected
    return prove(found).status


@pytest.mark.parametrize("normalizer", sorted({claim.normalizer for claim in CLAIMS}))
def test_the_text_gets_the_same_verdict(normalizer: str) -> None:
    wrong = {}
    for claim in CLAIMS:
        if claim.normalizer != normalizer or claim.name in NOT_EXPRESSIBLE:
            continue
        status = verdict_of_text(claim)
        if status != claim.expected:
            wrong[claim.name] = status
    assert not wrong


def test_what_is_listed_as_not_expressible_is_not() -> None:
    claims = {claim.name: claim for claim in CLAIMS}
    for name in NOT_EXPRESSIBLE:
        with pytest.raises(Unsupported):
            claim_text(claims[name])
