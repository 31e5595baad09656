"""Verdicts on random statements, judged by exact evaluation of what was written, at points of its own."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress

import pytest

from symnorm.canonical import visible
from symnorm.check.mutations import Mutant
from symnorm.check.soundness import judged
from symnorm.claims import assumptions, decide, equalities, search
from symnorm.claims.lemmas import spectral
from symnorm.claims.prover import Unsound
from symnorm.errors import Contradiction, SymnormError
from symnorm.tensors import (
    Relation,
    absolute,
    as_tensor,
    axes,
    delta,
    equal,
    exp,
    maximum,
    minimum,
    scalar,
    sign,
    sqrt,
    tensor,
    total,
)
from tests.claims.statements import question

a = scalar("a")
N, C = axes("N C")


def wrong(seed: str, counts: Counter[str]) -> str:
    """What is wrong with the verdict on a random question; nothing if the text is empty."""
    stated, given = question(seed)
    written = Mutant("random.statement", "nothing", "", stated, given)
    try:
        verdict = decide(stated, given)
    except Unsound as error:
        return f"{seed}: unsound: {error}"
    except SymnormError:
        counts["refused"] += 1
        return ""
    counts[verdict.status] += 1
    problem = judged(written, verdict, random.Random(seed))
    # of some assumptions the judge's own points satisfy too few
    return "" if not problem or problem.startswith("only") else f"{seed}: {verdict.status}: {problem}\n    {written}"


@pytest.mark.parametrize("block", range(5))
def test_no_verdict_on_a_random_statement_is_contradicted(block: int) -> None:
    counts: Counter[str] = Counter()
    problems = list(filter(None, (wrong(f"{block}:{i}", counts) for i in range(150))))
    assert not problems, "\n".join(problems)
    assert counts["proved"] > 10 and counts["refuted"] > 50, counts


SABOTAGES = {
    "values put in without their signs": (assumptions, "_kept_promises", lambda target, value: []),
    "a prover that believes everything": (equalities, "equal", lambda *_: True),
    "points of any sign": (search, "_allowed", lambda leaf, facts: lambda value: True),
    "signs of sums": (visible.Sign, "plus", lambda self, other: visible.POSITIVE),
}


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_the_judge_shows_a_sabotaged_prover(monkeypatch: pytest.MonkeyPatch, sabotage: str) -> None:
    owner, name, replacement = SABOTAGES[sabotage]
    monkeypatch.setattr(owner, name, replacement)
    counts: Counter[str] = Counter()
    assert any(wrong(f"0:{i}", counts) for i in range(400))


# --- what such statements have found ---------------------------------------------------------------------------------

v = tensor("v", N)
SQUARES = total((v - total(v, over=N) / N.size) ** 2, over=N)


@pytest.mark.parametrize(
    ("stated", "given"),
    [
        (as_tensor(2) > 2, []),
        (sign(as_tensor(3) - 3) > 0, []),
        (equal(sign(sqrt(2) * sqrt(2) - 2), 1), []),
        (equal(0 * a / (as_tensor(2) - 2), 0), []),
        (equal(SQUARES / (as_tensor(N) - 1) * (as_tensor(N) - 1), SQUARES), [equal(N, 1)]),
        (equal(0 * a / (as_tensor(N) - 2), 0 * a), [equal(N, 2)]),
    ],
    ids=repr,
)
def test_a_difference_of_equal_numbers_is_not_taken_for_something_else_than_zero(
    stated: Relation, given: list[Relation]
) -> None:
    assert decide([stated], given).status in ("refuted", "undecided")


@pytest.mark.parametrize(
    ("stated", "given"),
    [
        (scalar("p", positive=True) > 0, [equal(a, -1), equal(scalar("p", positive=True), a)]),
        (scalar("p", positive=True) > 0, [equal(scalar("p", positive=True), a), equal(a, -1)]),
        (equal(scalar("z", nonzero=True), 1), [equal(a, 0), equal(scalar("z", nonzero=True), a)]),
    ],
    ids=repr,
)
def test_a_value_that_comes_by_way_of_another_name_is_held_against_the_declaration(
    stated: Relation, given: list[Relation]
) -> None:
    with suppress(SymnormError):  # a contradiction, said so
        assert decide([stated], given).status == "undecided"


def test_a_whole_number_stays_one() -> None:
    k = scalar("k", integer=True)
    verdict = decide([equal(sign(2 * a - 1) ** 2, 1)], [equal(k, a)])  # 2 k - 1 is odd, so not 0
    assert verdict.status != "refuted"


s, M = tensor("s", N, positive=True), N.copy("M")
DEEP = minimum(3 * N.size, minimum(scalar("p", positive=True), tensor("F", N, M))) ** -2
"""Written out its reciprocal has more terms than Python has frames."""


@pytest.mark.parametrize(
    ("stated", "given", "status"),
    [
        (exp(a) - 1 >= 0, [equal(a, 0)], "proved"),
        (maximum(absolute(a), 0) > absolute(a), [equal(a, 0)], "refuted"),
        (equal(1 / sqrt(s + 1), 1 / sqrt(s)), [], "refuted"),
        (equal(v, total(v, over=N) / C.size), [equal(N, C.size + 1)], "refuted"),
        (equal(DEEP, DEEP.rename({N: M, M: N})), [], "refuted"),
    ],
    ids=repr,
)
def test_a_verdict_is_given_and_printed(stated: Relation, given: list[Relation], status: str) -> None:
    verdict = decide([stated], given)
    assert verdict.status in (status, "undecided") and str(verdict).startswith(verdict.status)


# --- what else was found by reading ----------------------------------------------------------------------------------

k = scalar("k", integer=True)
J = N.copy("J")
S, F = tensor("S", N, M, symmetric=True), tensor("F", N, M)
TRANSPOSED = F.rename({N: J}).rename({M: N}).rename({J: M})
q = scalar("q", positive=True)


@pytest.mark.parametrize(
    ("stated", "given"),
    [(equal(sign(2 * k - 1) ** 2, 1), [equal(k, a / 3)]), (equal(F, TRANSPOSED), [equal(S, 2 * F)])],
    ids=repr,
)
def test_what_takes_the_place_of_an_input_keeps_its_promises(stated: Relation, given: list[Relation]) -> None:
    assert decide([stated], given).status != "refuted"


def test_half_a_whole_number_is_a_contradiction() -> None:
    with pytest.raises(Contradiction, match="k is declared an integer, not k == 1/2"):
        decide([equal(k, k)], [equal(2 * k, 1), equal(k, as_tensor(1) / 2)])


def test_a_name_is_declared_one_way() -> None:
    with pytest.raises(SymnormError, match="p is declared real at one place and real positive at another"):
        decide([equal(sqrt(scalar("p") ** 2), scalar("p", positive=True))])


def test_exponents_are_told_apart_by_what_they_are_not_by_how_they_print() -> None:
    """Both sums print as a double sum over an index called n."""
    one = total(total(F * v, over=N).rename({M: N}), over=N)
    other = total(total(F * v.rename({N: M}), over=N).rename({M: N}), over=N)
    assert decide([equal(q**one, q**other)]).status == "refuted"


def test_an_assumed_size_is_put_into_assumed_values_too() -> None:
    three = decide([equal(3 + v, 0)], [equal(N, 2), equal(v, tensor("t", N, positive=True))])
    assert three.status == "refuted"


@pytest.mark.parametrize("stated", [sqrt(2) > 1, sqrt(2) - 1 > 0, exp(0) >= 1, (a - k) ** 2 + 2 * a * k >= 0], ids=repr)
def test_an_inequality_of_numbers_or_of_what_is_left_of_a_gap(stated: Relation) -> None:
    assert decide([stated]).status == "proved"
    flipped = Relation(stated.left, "<" if stated.relation == ">=" else "<=", stated.right)
    assert decide([flipped]).status == "refuted"


def test_nothing_is_assumed_of_what_a_lemma_brings_in() -> None:
    """With l == 1 of the eigenvalues every symmetric matrix would be the identity."""
    axis, across = S.axes[0], N.copy("K")
    vectors, values = tensor("V", axis, across), tensor("l", across)
    spectrum = spectral(S, vectors, values)
    for assumed in (equal(values, 1), values > 0, equal(total(vectors, over=axis), 0)):
        with pytest.raises(SymnormError, match="which mean something already"):
            decide([equal(S, delta(*S.axes))], [assumed], using=[spectrum])
