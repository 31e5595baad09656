"""The prover: three verdicts, each with its evidence, and no fourth answer."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from symnorm.calculus import gradient
from symnorm.check.exact import answers, completed
from symnorm.claims import Claim, Verdict, catalogue, decide, equalities, prove, prover, re_evaluated
from symnorm.claims.prover import Unsound
from symnorm.claims.search import holds
from symnorm.errors import Contradiction, SymnormError
from symnorm.normalizers import batch_norm, layer_norm, weight_norm
from symnorm.tensors import (
    Loss,
    Relation,
    Tensor,
    absolute,
    as_tensor,
    axes,
    clip,
    delta,
    equal,
    exp,
    log,
    maximum,
    mean,
    minimum,
    norm,
    scalar,
    sign,
    sqrt,
    tensor,
    total,
    unequal,
    var,
)

N, C, K = axes("N C K")
M = N.copy("M")
x, v, w, u = tensor("x", N, C), tensor("v", N), tensor("w", C), tensor("u", N)
A, W = tensor("A", N, K), tensor("W", K, C)
a, b, c = scalar("a"), scalar("b"), scalar("c")
p, q, eps = scalar("p", positive=True), scalar("q", nonnegative=True), scalar("eps", positive=True)
L = Loss("L")


def centred(t: Tensor) -> Tensor:
    return t - mean(t, over=N)


# --- proved ----------------------------------------------------------------------------------------------------------

TRUE: list[tuple[Sequence[Relation], Sequence[Relation]]] = [
    ([equal(total(centred(x), over=N), 0)], []),
    ([equal(mean(centred(x) ** 2, over=N), mean(x**2, over=N) - mean(x, over=N) ** 2)], []),
    ([equal(sqrt(a**2), absolute(a))], []),
    ([equal(sqrt(a**2), a)], [a > 0]),
    ([equal(sqrt(a**2), a)], [a >= 0]),
    ([equal(sqrt(a**2), -a)], [a < 0]),
    ([equal(sqrt(a**2 * v**2), a * absolute(v))], [a > 0]),
    ([equal(maximum(a, b) + minimum(a, b), a + b)], []),
    ([equal(clip(clip(a, -1, 1), -1, 1), clip(a, -1, 1))], []),
    ([equal(sign(a) * absolute(a), a)], []),
    ([equal(exp(a) / exp(a), 1)], []),
    ([equal(total(delta(N, M) * v, over=N), v.rename({N: M}))], []),
    ([equal(var(x, over=N, ddof=1), var(x, over=N) * N.size / (N.size - 1))], [N >= 2]),
    ([equal(v, mean(v, over=N))], [equal(N, 1)]),
    ([equal(centred(v) ** 2, var(v, over=N))], [equal(N, 2)]),
    ([equal(L.cotangent(a * v), L.cotangent(sqrt(a**2) * v))], [a > 0]),
    ([equal(a, a), equal(b, b), a**2 + 1 > 0], []),
    ([equal(gradient(L, batch_norm(x + w), w), 0)], []),
]


@pytest.mark.parametrize(("stated", "given"), TRUE, ids=repr)
def test_what_is_true_is_proved_with_a_point_at_which_it_says_something(
    stated: list[Relation], given: list[Relation]
) -> None:
    verdict = decide(stated, given)
    assert verdict.status == "proved", str(verdict)
    assert verdict.witness is None and verdict.residue is None and verdict.seconds > 0
    assert verdict.model is not None
    model = completed(verdict.model, given)
    assert all(False not in answers(relation, model).values() for relation in (*stated, *given))
    assert any(True in answers(relation, model).values() for relation in stated)


def test_a_proof_says_for_which_sizes() -> None:
    assert str(decide([equal(total(centred(x), over=N), 0)])) == "proved for all sizes"
    fixed = decide([equal(v, mean(v, over=N))], [equal(N, 1)])
    assert fixed.fixed == {"N": 1} and str(fixed) == "proved at N = 1, all other sizes free"
    assert decide([equal(centred(x) ** 2, var(x, over=N))], [equal(N, 2)]).fixed == {"N": 2}


def test_a_proof_lists_where_its_formulas_are_defined() -> None:
    verdict = decide([equal(batch_norm(p * x, eps=0), batch_norm(x, eps=0))])
    assert verdict.status == "proved" and verdict.conditions == ("var > 0",)
    assert str(verdict) == "proved for all sizes where var > 0"
    assert decide([equal(w / w, 1)]).conditions == ("w != 0",)
    assert decide([equal((a**2 - a) / a, a - 1)]).conditions == ("a != 0",)
    assert decide([equal(norm(weight_norm(), over=K), absolute(weight_norm.inputs["g"]))]).conditions == (
        "sum[K](v**2) > 0",
    )
    assert decide([equal(w / w, 1)], [unequal(w, 0)]).conditions == ()


def test_the_root_of_what_vanishes_is_zero() -> None:
    assert decide([equal(sqrt(p), 0)], [equal(p, 0)]).status == "proved"
    assert decide([equal(sqrt(var(v, over=N)), 0)], [equal(N, 1)]).status == "proved"


# --- refuted ---------------------------------------------------------------------------------------------------------

FALSE: list[tuple[Sequence[Relation], Sequence[Relation]]] = [
    ([equal(sqrt(a**2), a)], []),
    ([equal(sqrt(a**2 * p), a * sqrt(p))], []),
    ([equal(weight_norm(-weight_norm.inputs["v"]), weight_norm())], []),
    ([equal(total(v**2, over=N), total(v, over=N) ** 2)], []),
    ([equal((N.size - C.size) * total(x, over=(N, C)), 0)], []),  # true where N = C
    ([equal(centred(v) ** 2, var(v, over=N))], []),  # true at N = 2
    ([equal(v * total(v**2, over=N), total(v**3, over=N))], []),  # a captured index makes them one
    ([equal(total(sign(v - v.rename({N: M})) ** 2, over=(N, M)), N.size**2)], []),
    ([equal(absolute(a + b), absolute(a) + absolute(b))], []),
    ([equal(maximum(a, b), a)], []),
    ([equal(L.cotangent(v), L.cotangent(-v))], []),
    ([equal(gradient(L, layer_norm(-2 * x), x), gradient(L, layer_norm(x), x) / -2)], [equal(eps, 0)]),
    ([a > 0], []),
    ([a**2 > 0], []),
    ([unequal(a, 0)], []),
    ([as_tensor(N) >= 2], []),
    ([a <= b, a >= b], []),
    ([equal(a, a), equal(a, b)], []),
    ([equal(v, mean(v, over=N))], [N >= 2]),
    ([equal(log(1 + a**2), a)], []),
]


@pytest.mark.parametrize(("stated", "given"), FALSE, ids=repr)
def test_what_is_false_is_refuted_by_a_point(stated: list[Relation], given: list[Relation]) -> None:
    verdict = decide(stated, given)
    assert verdict.status == "refuted", str(verdict)
    witness = verdict.witness
    assert witness is not None and re_evaluated(witness)
    assert verdict.model is None and verdict.conditions == ()
    assert all(holds(relation, witness.model) is not False for relation in given if relation.relation != "==")
    assert not re_evaluated(
        type(witness)(equal(a, a), witness.model, {}, 0, 0)
        if "a" in witness.model.scalars
        else type(witness)(equal(as_tensor(1), 1), witness.model, {}, 1, 1)
    )


def test_a_witness_goes_past_two_and_has_different_sizes() -> None:
    witness = decide([equal(mean(batch_norm.instance().x_hat ** 4, over=N), 1)], [equal(eps, 0)]).witness
    assert witness is not None and witness.model.sizes["N"] > 2
    witness = decide([equal((N.size - C.size) * total(x, over=(N, C)), 0)]).witness
    assert witness is not None and witness.model.sizes["N"] != witness.model.sizes["C"]


def test_a_witness_prints_what_came_where() -> None:
    witness = decide([equal(sqrt(a**2), a)]).witness
    assert witness is not None
    value = witness.model.scalars["a"]
    assert str(witness) == f"{-value} == {value} is false for a = {value}"
    other = decide([equal(v, mean(v, over=N))], [N >= 2]).witness
    assert other is not None
    assert str(other) == f"{other.left} == {other.right} is false for N = {other.model.sizes['N']} at n = 1"


def test_a_refutation_names_the_relation_that_fails() -> None:
    verdict = decide([equal(a, a), equal(sqrt(b**2), b), a**2 >= 0])
    assert verdict.witness is not None and repr(verdict.witness.relation) == "sqrt(b**2) == b"


def test_what_a_point_shows_is_exact() -> None:
    # 10^-9 beside 1: no float tolerance would see it at float32
    verdict = decide([equal(a + Fraction(1, 10**9), a)])
    assert verdict.status == "refuted" and verdict.witness is not None
    assert verdict.witness.left - verdict.witness.right == Fraction(1, 10**9)


# --- undecided -------------------------------------------------------------------------------------------------------


def test_what_is_neither_is_undecided_with_a_reason() -> None:
    verdict = decide([as_tensor(N) ** 2 - 3 * as_tensor(N) + 2 >= 0])  # true, but not visibly
    assert verdict.status == "undecided"
    assert str(verdict).startswith("undecided: no proof was found, and no point at which it fails")
    assert verdict.model is None and verdict.witness is None


def test_an_operation_that_cannot_be_decided_is_the_reason() -> None:
    verdict = decide([equal((q + 1) ** Fraction(1, 3) - (q + 1) ** Fraction(1, 3), 0)])
    assert verdict.status == "undecided" and "only whole and half powers are decided" in verdict.reason


@pytest.mark.parametrize(
    ("stated", "given"),
    [
        (equal(batch_norm(x, eps=0), 5), [equal(N, 1)]),  # a batch of one has no variance
        (equal(1 / (a - a), 1), []),
        (equal(log(-(a**2)), 0), []),
        (equal(sqrt(-p), 1), []),
        (equal(a, a), [a > 1, a < 0]),
        (equal(1 / v, 1 / v), [equal(v, 0)]),
    ],
    ids=repr,
)
def test_a_statement_about_nothing_is_neither_proved_nor_refuted(stated: Relation, given: list[Relation]) -> None:
    assert decide([stated], given).status == "undecided"


def test_vacuity_is_said() -> None:
    verdict = decide([equal(1 / (a - a), 1 / (a - a))])
    assert verdict.status == "undecided" and "vacuous" in verdict.reason + " possibly vacuous"
    verdict = decide([equal(a, a)], [a > 1, a < 0])
    assert verdict.reason == "possibly vacuous: no point satisfies all conditions"


def test_contradictory_assumptions_raise() -> None:
    with pytest.raises(Contradiction, match="a cannot be"):
        decide([equal(a, a)], [a > 0, a < 0])


# --- inequalities ----------------------------------------------------------------------------------------------------

CAUCHY = total(v**2, over=N) * total(u**2, over=N) - total(v * u, over=N) ** 2
LAGRANGE = total((v * u.rename({N: M}) - v.rename({N: M}) * u) ** 2, over=(N, M)) / 2


@pytest.mark.parametrize(
    ("stated", "given"),
    [
        (a**2 >= 0, []),
        (a**2 + 1 > 0, []),
        (unequal(a**2 + 1, 0), []),
        (-(a**2) <= 0, []),
        (-(a**2) - p < 0, []),
        (0 - absolute(v) <= 0, []),
        (a * b >= 0, [a > 0, b > 0]),
        (a * b > 0, [a < 0, b < 0]),
        (mean(x**2, over=N) >= 0, []),
        (as_tensor(N) >= 2, [N >= 2]),
        (as_tensor(N) > 1, [N >= 2]),
        (as_tensor(N) >= 1, []),
        (maximum(a, 0) >= 0, []),
    ],
    ids=repr,
)
def test_an_inequality_is_proved_where_the_sign_is_visible(stated: Relation, given: list[Relation]) -> None:
    assert decide([stated], given).status == "proved"


def test_an_inequality_is_proved_by_what_the_difference_equals() -> None:
    stated = a**2 / p + p * b**2 >= 2 * a * b
    assert decide([stated]).status == "undecided"
    assert decide([stated], by=(a - p * b) ** 2 / p).status == "proved"
    turned = total(v * u, over=N) ** 2 <= total(v**2, over=N) * total(u**2, over=N)
    assert decide([turned], by=LAGRANGE).status == "proved"


@pytest.mark.parametrize(
    ("stated", "by", "status"),
    [
        (a**2 + b**2 >= 2 * a * b, (a - b) ** 2, "proved"),
        (a**2 + b**2 >= 2 * a * b, (a + b) ** 2, "undecided"),  # does not equal the difference
        (a**2 > -2 * a - 1, (a + 1) ** 2, "refuted"),  # not strict: a = -1
        (a**2 + b**2 + 1 > 2 * a * b, (a - b) ** 2 + 1, "proved"),
        (a**2 + b**2 >= 3 * a * b, a**2 + b**2 - 3 * a * b, "refuted"),  # equal, but not visibly positive
        (unequal(a**2 + b**2 + 1, 2 * a * b), (a - b) ** 2 + 1, "proved"),
        (2 * a * b <= a**2 + b**2, (a - b) ** 2, "proved"),
        (2 * a * b < a**2 + b**2 + p, (a - b) ** 2 + p, "proved"),
    ],
    ids=repr,
)
def test_what_the_difference_is_said_to_equal_is_checked(stated: Relation, by: Tensor, status: str) -> None:
    assert decide([stated], by=by).status == status


def test_an_inequality_by_something_undefined_lists_it() -> None:
    verdict = decide([a**2 >= 2 * a * p - p**2], by=(a - p) ** 2 * b**2 / b**2)
    assert verdict.status == "proved" and verdict.conditions == ("b != 0",)


def test_strict_and_not_strict_are_told_apart() -> None:
    cauchy = total(v**2, over=N) * total(u**2, over=N) > total(v * u, over=N) ** 2
    verdict = decide([cauchy], by=LAGRANGE)
    assert verdict.status == "refuted", "equality holds for parallel vectors, and at N = 1"


# --- several relations, fixed sizes ----------------------------------------------------------------------------------


def test_several_relations_hold_together_or_not_at_all() -> None:
    true, false = equal(total(centred(v), over=N), 0), equal(sqrt(a**2), a)
    assert decide([true, true]).status == "proved"
    for stated in ([true, false], [false, true]):
        verdict = decide(stated)
        assert verdict.status == "refuted" and verdict.witness is not None
        assert repr(verdict.witness.relation) == repr(false)


def test_one_undecided_relation_keeps_all_from_being_proved() -> None:
    open_ = as_tensor(N) ** 2 - 3 * as_tensor(N) + 2 >= 0
    assert decide([equal(a, a), open_]).status == "undecided"


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_fixed_size_is_put_in_before_anything_is_decided(size: int) -> None:
    squares = decide([equal(centred(v) ** 2, var(v, over=N))], [equal(N, size)])
    assert squares.status == ("proved" if size <= 2 else "refuted")
    third = decide([equal(total(centred(v) ** 3, over=N), 0)], [equal(N, size)])
    assert third.status == ("proved" if size <= 2 else "refuted")


def test_a_fixed_size_may_be_another_size() -> None:
    assert decide([equal(mean(x, over=N), total(x, over=N) / C.size)], [equal(N, C)]).status == "proved"


def test_each_position_of_a_fixed_axis_is_decided() -> None:
    stated = equal(total(delta(N, M) * v, over=M), v * total(delta(N, M), over=M))
    assert decide([stated], [equal(N, 3)]).status == "proved"


# --- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["proved", "refuted", "undecided", "empirical"])
def test_a_verdict_is_no_truth_value(status: str) -> None:
    with pytest.raises(TypeError, match=r"a verdict has three values; compare verdict\.status"):
        bool(Verdict(status))


def test_a_verdict_prints_as_itself() -> None:
    assert repr(decide([equal(a, a)])) == "<proved for all sizes>"
    assert str(Verdict("empirical", reason="about training")) == "empirical: about training"


def test_a_claims_time_is_that_of_everything_it_needs() -> None:
    verdict = prove(Claim("some.claim", "", lambda: equal(gradient(L, batch_norm(x + w), w), 0)))
    assert verdict.status == "proved" and 0 < verdict.seconds < 5


def test_a_proof_that_exact_arithmetic_contradicts_is_an_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equalities, "equal", lambda *_: True)
    with pytest.raises(Unsound, match="was proved and is false at"):
        decide([equal(a, a + 1)])


def test_a_refutation_rests_on_its_point_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # a prover that proves nothing refutes nothing that is true
    monkeypatch.setattr(equalities, "equal", lambda *_: None)
    for stated, given in TRUE[:12]:
        assert decide(stated, given).status == "undecided"


def test_no_true_claim_is_refuted_by_a_prover_that_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prover, "_one_shown", lambda *_: None)
    claims = [claim for claim in catalogue.select(["weight_norm"]) if claim.expected == "proved"][:6]
    assert claims and {prove(claim).status for claim in claims} == {"undecided"}


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (equal(v, tensor("v", C)), "v is declared over"),
        (equal(L.cotangent(v), L.cotangent(w)), "the loss L is a function of outputs of shape"),
        (equal(v * scalar("N"), v), "name a size and an input"),
        (equal(v, tensor("t", N.fixed(3))), "axis N has size"),
    ],
    ids=lambda p: p if isinstance(p, str) else "",
)
def test_what_is_not_well_formed_is_an_error(stated: Relation, message: str) -> None:
    with pytest.raises(SymnormError, match=message):
        decide([stated])
