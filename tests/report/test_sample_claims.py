"""The sample claims have the verdicts that the other tests of this directory rely on."""

from __future__ import annotations

import pytest

from symnorm.claims import Verdict
from tests.report.samples import CLAIMS, VERDICTS


@pytest.mark.parametrize("name", CLAIMS)
def test_every_sample_has_its_verdict(name: str) -> None:
    verdict: Verdict = VERDICTS[name]
    assert verdict.status == CLAIMS[name].expected


def test_every_verdict_is_among_them() -> None:
    assert {verdict.status for verdict in VERDICTS.values()} == {"proved", "refuted", "undecided", "empirical"}
