"""Claims: statements as data, the prover that decides them, and the points that refute them."""

from symnorm.claims import catalogue, lemmas
from symnorm.claims.claim import Claim, Collection, about, as_mapping, claim, collecting
from symnorm.claims.compare import Compared, Comparison, compare
from symnorm.claims.prover import decide, prove, re_evaluated
from symnorm.claims.recursion import Recursion, recursion
from symnorm.claims.verdict import EMPIRICAL, PROVED, REFUTED, UNDECIDED, Verdict, Witness

__all__ = [
    "EMPIRICAL",
    "PROVED",
    "REFUTED",
    "UNDECIDED",
    "Claim",
    "Collection",
    "Compared",
    "Comparison",
    "Recursion",
    "Verdict",
    "Witness",
    "about",
    "as_mapping",
    "catalogue",
    "claim",
    "collecting",
    "compare",
    "decide",
    "lemmas",
    "prove",
    "re_evaluated",
    "recursion",
]
