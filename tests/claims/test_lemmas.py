"""Lemmas: what they bring in proves and is named, and neither refutes nor stands in the claim."""

from __future__ import annotations

import pytest

from symnorm.claims import decide, lemmas
from symnorm.errors import SymnormError
from symnorm.tensors import axes, delta, scalar, tensor, total

N, D, R = axes("N D R")
E, K = D.copy("E"), D.copy("K")
J = K.copy("J")
S = tensor("S", D, E, symmetric=True)
V, values = tensor("V", D, K), tensor("l", K)
spectrum = lemmas.spectral(S, V, values)
trace = total(S * delta(D, E), over=(D, E))
stated = trace**2 <= D.size * total(S**2, over=(D, E))
by = total((values - values.rename({K: J})) ** 2, over=(K, J)) / 2


def test_a_proof_names_the_lemma_that_it_rests_on() -> None:
    verdict = decide([stated], by=by, using=[spectrum])
    assert verdict.status == "proved" and verdict.reason == "given the spectral theorem", str(verdict)
    assert str(verdict) == "proved for all sizes (given the spectral theorem)"
    assert verdict.proof[0]["kind"] == "lemma"
    assert verdict.model is not None and not {"V", "l"} & set(verdict.model.tensors), "the claim knows nothing of them"


def test_without_the_lemma_nothing_is_known_of_what_it_brings_in() -> None:
    assert decide([stated], by=by).status == "undecided"


def test_what_is_false_is_refuted_with_a_lemma_too() -> None:
    verdict = decide([trace**2 <= total(S**2, over=(D, E))], by=by, using=[spectrum])
    assert verdict.status == "refuted"


def test_a_proof_may_not_divide_by_what_a_lemma_brings_in() -> None:
    divided = by * total(values**2, over=K) / total(values**2, over=K)
    assert decide([stated], by=divided, using=[spectrum]).status == "undecided"


@pytest.mark.parametrize(
    ("apply", "message"),
    [
        (lambda: lemmas.spectral(tensor("F", D, E), V, values), "declared symmetric"),
        (lambda: lemmas.spectral(S, tensor("V", D, R), tensor("l", R)), "as many eigenvectors as rows"),
        (lambda: lemmas.spectral(S, 2 * V, values), "brings in symbols"),
        (
            lambda: lemmas.singular_values(tensor("W", N, D), tensor("U", N, R), tensor("s", R), tensor("V", D, R)),
            "declared nonnegative",
        ),
        (lambda: decide([scalar("l") * stated.left >= 0], using=[spectrum]), "mean something already"),
    ],
)
def test_a_lemma_is_applied_as_it_reads(apply: object, message: str) -> None:
    assert callable(apply)
    with pytest.raises(SymnormError, match=message):
        apply()
