"""Claims: statements as data, the prover that decides them, and the points that refute them."""

from symnorm.claims import catalogue
from symnorm.claims.claim import Claim, Collection, as_mapping, claim, collecting
from symnorm.claims.prover import decide, prove, re_evaluated
from symnorm.claims.verdict import EMPIRICAL, PROVED, REFUTED, UNDECIDED, Verdict, Witness

__all__ = [
    "EMPIRICAL",
    "PROVED",
    "REFUTED",
    "UNDECIDED",
    "Claim",
    "Collection",
    "Verdict",
    "Witness",
    "as_mapping",
    "catalogue",
    "claim",
    "collecting",
    "decide",
    "prove",
    "re_evaluated",
]
