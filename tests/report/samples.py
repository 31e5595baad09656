"""The sample claims with their verdicts, decided once."""

from __future__ import annotations

from pathlib import Path

from symnorm.claims import Verdict, catalogue, prove
from symnorm.report.outcomes import Outcome

FILE = Path(__file__).with_name("sample_claims.py")
CLAIMS = catalogue.read(FILE)
VERDICTS: dict[str, Verdict] = {name: prove(claim) for name, claim in CLAIMS.items()}
OUTCOMES = {name: Outcome(claim, VERDICTS[name]) for name, claim in CLAIMS.items()}
REFUTED = [name for name, verdict in VERDICTS.items() if verdict.status == "refuted"]
