"""Claims in Coq: a second opinion by a kernel that shares nothing with the prover, for all sizes.

:mod:`.statement` prints what a claim states, :mod:`.compile` asks the Coq compiler whether a proof is one of it and
rests on nothing but the real numbers, :mod:`.scanner` refuses proofs that could cheat. ``Support.v`` holds finite sums
of any length and what is true of them. How a proof is made needs no trust.
"""

from symnorm.coq.compile import CoqMissing, Development, Outcome, compiled, compiler
from symnorm.coq.developments import development
from symnorm.coq.gradients import gradient
from symnorm.coq.statement import NotExpressible, statement

__all__ = [
    "CoqMissing",
    "Development",
    "NotExpressible",
    "Outcome",
    "compiled",
    "compiler",
    "development",
    "gradient",
    "statement",
]
