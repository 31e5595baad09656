"""Lemmas: what they bring in proves and is named, and neither refutes nor stands in the claim."""

from __future__ import annotations

import pytest

from symnorm.claims import decide, lemmas
from symnorm.errors import SymnormError
from symnorm.tensors import absolute, axes, delta, exp, scalar, sqrt, tensor, total

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


# Growth ---------------------------------------------------------------------------------------------------------------

t, u = scalar("t", nonnegative=True), scalar("u")
BELOW_EXP = lemmas.growth(exp(t) - 1 - t, t, exp(t) - 1, after=[lemmas.growth(exp(t) - 1, t, exp(t))])


def test_growth_proves_what_integration_does() -> None:
    verdict = decide([exp(t) >= 1 + t], by=exp(t) - 1 - t, using=[BELOW_EXP])
    assert verdict.status == "proved" and verdict.reason == "given the mean value theorem", str(verdict)
    assert decide([exp(t) >= 1 + t], by=exp(t) - 1 - t).status == "undecided"
    assert decide([exp(t) >= 1 + 2 * t], using=[BELOW_EXP]).status == "refuted"


@pytest.mark.parametrize(
    ("apply", "message"),
    [
        (lambda: lemmas.growth(exp(u) - 1, u, exp(u)), "declared nonnegative"),
        (lambda: lemmas.growth(exp(scalar("t")) - 1, t, exp(scalar("t"))), "declared in .* otherwise"),
        (lambda: lemmas.growth(exp(t) - 1, t, exp(t), after=[spectrum]), "after growth"),
        (lambda: lemmas.growth(exp(t), t, exp(t)), "to be 0 at t = 0"),
        (lambda: lemmas.growth(exp(t) - 1, t, exp(t) / 2), "not seen to equal"),
        (lambda: lemmas.growth(t - exp(t) + 1, t, 1 - exp(t)), "not visibly >= 0"),
        (lambda: lemmas.growth(exp(t) - 1 - t, t, exp(t) - 1), "not visibly >= 0"),
        (lambda: lemmas.growth(absolute(t - 1) - 1, t, (exp(t) - exp(t) + 1) ** 2), "without kinks"),
        (lambda: lemmas.growth(1 / (1 - t) - 1, t, 1 / (1 - t) ** 2), "not seen for all t >= 0"),
        (lambda: lemmas.growth(sqrt(t), t, 1 / (2 * sqrt(t))), "not seen for all t >= 0"),
    ],
)
def test_growth_is_along_what_is_smooth_from_zero_on(apply: object, message: str) -> None:
    """1/(1 - t) - 1 grows from 0 and is negative beyond its pole: a slope alone proves nothing."""
    assert callable(apply)
    with pytest.raises(SymnormError, match=message):
        apply()
