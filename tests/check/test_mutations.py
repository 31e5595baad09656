"""The soundness run: mutants of proved claims, judged by exact evaluation; and that the run can fail."""

from __future__ import annotations

import importlib
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from symnorm.canonical import Solver, visible
from symnorm.canonical.resolve import Resolver
from symnorm.canonical.terms import constant
from symnorm.check.mutations import MISTAKES, OF_RELATIONS, Mutant, mutant
from symnorm.check.soundness import Campaign, campaign, judged
from symnorm.claims import PROVED, REFUTED, Claim, Verdict, decide, equalities, prover, search
from symnorm.claims.catalogue import catalogue
from symnorm.closed_form import gradients
from symnorm.errors import SymnormError
from symnorm.evaluate import Model
from symnorm.tensors import (
    Tensor,
    absolute,
    axes,
    clip,
    equal,
    mean,
    norm,
    scalar,
    sqrt,
    stop_gradient,
    tensor,
    total,
    unequal,
)

ROUNDS = int(os.environ.get("SYMNORM_MUTATIONS", "120"))
"""How many mutants; set the variable for a longer run."""

SEED = 1

N, C = axes("N C")
x, y, w, a = tensor("x", N, C), tensor("y", N, C), tensor("w", C), scalar("a")


def proved() -> list[Claim]:
    """The true claims of the catalogue."""
    return [claim for claim in catalogue().values() if claim.expected == PROVED]


def stating(*relations: Any, given: Any = (), by: Callable[[], Tensor] | None = None) -> Claim:
    return Claim("some.claim", "", lambda: relations, tuple(given), by=by)


# --- the run ---------------------------------------------------------------------------------------------------------


def test_no_verdict_on_a_mutant_is_contradicted_by_exact_evaluation() -> None:
    found = campaign(proved(), ROUNDS, SEED, seconds=2)
    print(found)
    print(found.slowest[1])
    assert not found.problems, f"{found}\n" + "\n".join(found.problems)
    assert found.counts.total() == ROUNDS, str(found)
    assert found.counts["not mutated"] <= ROUNDS / 100, str(found)
    assert found.counts["given up"] + found.not_judged <= ROUNDS / 6, str(found)
    # A run in which nearly everything is undecided, or nothing stays true, would show nothing.
    assert found.counts[REFUTED] > ROUNDS / 3 and found.agreed > ROUNDS / 50, str(found)


# --- mutants ---------------------------------------------------------------------------------------------------------

ONE_OF_EACH = [
    stating(
        equal(mean(sqrt(absolute(stop_gradient(x)) + 2 * a) / w, over=N), clip(total(x - y, over=(N, C)) ** 2, a, 1)),
        given=[a > 0],
    )
]


@pytest.mark.parametrize("mistake", [*MISTAKES, *OF_RELATIONS])
def test_every_mistake_changes_the_statement_it_fits(mistake: str) -> None:
    (original,) = ONE_OF_EACH
    changed = mutant(original, random.Random(3), mistake)
    assert changed.mistake == mistake
    before, after = changed.change.split(" -> ", 1)
    assert before != after
    old = [(r.left, r.relation, r.right) for r in (*original.relations(), *original.given)]
    assert [(r.left, r.relation, r.right) for r in (*changed.relations, *changed.given)] != old


def test_a_seed_names_one_mutant() -> None:
    (original,) = ONE_OF_EACH
    assert str(mutant(original, random.Random("1:7"))) == str(mutant(original, random.Random("1:7")))
    assert len({str(mutant(original, random.Random(f"1:{i}"))) for i in range(40)}) > 30


def test_a_mistake_is_planted_at_one_use_or_everywhere() -> None:
    shared = sqrt(x)
    original = stating(equal(shared * w + shared, 0))
    found = {repr(mutant(original, random.Random(i), "a root dropped").relations[0]) for i in range(30)}
    assert found == {"x*w + sqrt(x) == 0", "sqrt(x)*w + x == 0", "x*w + x == 0"}


def test_the_by_of_an_inequality_is_mutated_too() -> None:
    original = stating(mean(x**2, over=N) >= mean(x, over=N) ** 2, by=lambda: mean((x - mean(x, over=N)) ** 2, over=N))
    changed = [mutant(original, random.Random(i), "a sign changed") for i in range(60)]
    assert any(repr(m.by) != "(mean((x - mean(x))**2),)" for m in changed)


def test_a_claim_that_a_mistake_does_not_fit_is_named() -> None:
    with pytest.raises(SymnormError, match=r"a root dropped fits some\.claim in 200 attempts"):
        mutant(stating(equal(x, y)), random.Random(1), "a root dropped")


# --- the judge -------------------------------------------------------------------------------------------------------


def written(*relations: Any, given: Any = ()) -> Mutant:
    return Mutant("some.claim", "nothing", "", tuple(relations), tuple(given))


def point(**scalars: int) -> Model:
    return Model(scalars=scalars)


def test_the_judge_agrees_with_right_verdicts() -> None:
    for relation, given in [(equal(sqrt(a**2), absolute(a)), []), (equal(sqrt(a**2), a), [a > 0]), (a**2 >= 0, [])]:
        verdict = decide([relation], given)
        assert verdict.status == PROVED
        assert judged(written(relation, given=given), verdict, random.Random(1)) == ""
    false = equal(mean(x**2, over=N), mean(x, over=N) ** 2)
    verdict = decide([false])
    assert verdict.status == REFUTED
    assert judged(written(false), verdict, random.Random(1)) == ""


@pytest.mark.parametrize(
    ("statement", "verdict", "problem"),
    [
        (written(equal(sqrt(a**2), a)), Verdict(PROVED, model=point(a=1)), "false at"),
        (written(equal(x, x.rename({N: N.copy("M")}))), Verdict(PROVED, model=Model({"N": 1, "C": 1})), "false at"),
        (written(equal(a, a)), Verdict(PROVED), "not vacuous"),
        (written(equal(a, a), given=[a > 0]), Verdict(PROVED, model=point(a=-1)), "breaks a > 0"),
        (written(equal(a, a), given=[a > 0, a < 0]), Verdict(PROVED, model=point(a=1)), "breaks a < 0"),
        (
            written(equal(scalar("p", positive=True), 1)),
            Verdict(PROVED, model=point(p=0)),
            "breaks the declaration of p",
        ),
        (written(equal(1 / (a - a), 1 / (a - a))), Verdict(PROVED, model=point(a=1)), "only 0 points"),
    ],
)
def test_the_judge_sees_wrong_proofs(statement: Mutant, verdict: Verdict, problem: str) -> None:
    assert problem in judged(statement, verdict, random.Random(1))


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (written(equal(absolute(a), a), given=[a > 0]), "the witness breaks a > 0"),
        (written(equal(absolute(a), -a)), "does not refute"),
        (written(unequal(a, -1), given=[equal(a, 1)]), "does not refute"),
    ],
)
def test_the_judge_sees_wrong_refutations(statement: Mutant, problem: str) -> None:
    right = decide([equal(absolute(a), a)])
    assert right.witness is not None and right.witness.model.scalars["a"] < 0
    assert problem in judged(statement, right, random.Random(1))


# --- the run can fail ------------------------------------------------------------------------------------------------

SIGNED = [
    stating(equal(sqrt(a**2 * w**2), absolute(a) * absolute(w))),
    stating(equal(sqrt(a**2) * w, a * w), given=[a > 0]),
    stating(equal(x / norm(x, over=N), -(a * x) / norm(a * x, over=N)), given=[a < 0]),
]


def few() -> list[Claim]:
    """Quick claims that need every part of the prover."""
    return [*SIGNED, *(claim for claim in proved() if claim.normalizer == "weight_norm" and not claim.given)][:18]


def test_without_sabotage_nothing_is_found() -> None:
    found = campaign(few(), 60, SEED)
    assert not found.problems and found.counts[REFUTED] > 15, "\n".join([str(found), *found.problems])


def forget_what_is_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Solver, "numerator", lambda self, poly: {})


def forget_signs_of_roots(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Resolver, "_sign_of_power", lambda self, component, exponent: constant(1))


def believe_in_every_sign(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(visible.Visible, "of", lambda self, expr: visible.POSITIVE)


def refute_what_is_equal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "provably_differ", lambda a, b: True)
    patch.setattr(equalities, "equal", lambda *_: None)


def search_anywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "_allowed", lambda leaf, facts: lambda value: True)


def crash(patch: pytest.MonkeyPatch) -> None:
    def fall(*_: object) -> None:
        raise KeyError("planted")

    patch.setattr(prover, "_refuted", fall)


@pytest.mark.parametrize(
    "sabotage",
    [forget_what_is_left, forget_signs_of_roots, believe_in_every_sign, refute_what_is_equal, search_anywhere, crash],
)
def test_a_sabotaged_prover_is_found_out(monkeypatch: pytest.MonkeyPatch, sabotage: Callable[..., None]) -> None:
    sabotage(monkeypatch)
    found = campaign(few(), 60, SEED)
    assert found.problems
    assert all(problem.startswith(f"seed {SEED}:") for problem in found.problems)


# --- mistakes in a definition, made before it is differentiated ------------------------------------------------------

SLIPS = {
    "batch norm without the root": ("batch_norm", "root", lambda v, eps, at: v + eps),
    "batch norm with sums for means": ("batch_norm", "mean", lambda v, over, ddof=0: total(v, over)),
    "batch norm with N - 1": ("batch_norm", "mean", lambda v, over, ddof=0: total(v, over) / (N.size - 1)),
    "layer norm over the wrong axis": ("layer_norm", "mean", lambda v, over, ddof=0: mean(v, over=N)),
    "weight norm by the squared length": ("weight_norm", "euclidean", lambda v, over, **_: total(v**2, over)),
    "renorm that differentiates r and d": ("batch_renorm", "stop_gradient", lambda v: v),
    "renorm that clips nothing": ("batch_renorm", "clip", lambda v, low, high: v),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_mistake_in_a_definition_is_never_proved_away(monkeypatch: pytest.MonkeyPatch, slip: str) -> None:
    name, function, replacement = SLIPS[slip]
    # the package of definitions exports each normalizer under its module's name
    monkeypatch.setattr(importlib.import_module(f"symnorm.normalizers.{name}"), function, replacement)
    gradients.cache_clear()
    try:
        found = Campaign()
        for original in proved():
            if original.normalizer == name:
                statement = Mutant(original.name, slip, "", original.relations(), original.given)
                verdict = decide(statement.relations, statement.given, original.certificates())
                found.counts[verdict.status] += 1
                problem = judged(statement, verdict, random.Random(SEED))
                assert problem == "" or problem.startswith("only"), statement
        assert found.counts[REFUTED], f"{slip} changes no claim about {name}: {found}"
    finally:
        gradients.cache_clear()
