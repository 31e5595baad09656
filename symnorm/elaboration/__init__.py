"""From the choices of a proof to every step of it: what a certificate needs so that a small checker can follow.

The prover says which component a root was solved for, which square came out of a root, which sign was split on. Here
that is carried out once more, and written down: the value of each node, each equation that is used and the multiple of
it, each sum of squares. Nothing here is believed: :mod:`symnorm.replay` carries the steps out by itself.

Read :mod:`.triples`, :mod:`.algebra`, :mod:`.reduction`, :mod:`.signs`, :mod:`.meaning`, :mod:`.claim`, then
:mod:`.rows`, :mod:`.rewriting`, :mod:`.writing`, :mod:`.products`, :mod:`.several`, :mod:`.division`,
:mod:`.evidence`, :mod:`.recorder` and :mod:`.elaborate`.
"""

from symnorm.elaboration.elaborate import elaborated

__all__ = ["elaborated"]
