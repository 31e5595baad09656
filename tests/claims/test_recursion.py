"""Claims along a recursion: induction, rollouts that refute, and what makes an induction invalid."""

from __future__ import annotations

from typing import Any

import pytest

from symnorm.calculus import direction_gradient
from symnorm.claims import Recursion, decide, re_evaluated, recursion
from symnorm.errors import SymnormError
from symnorm.evaluate import agree, evaluate
from symnorm.tensors import Loss, Relation, Tensor, axes, equal, scalar, tensor, total

(K,) = axes("K")
t = scalar("t", integer=True, nonnegative=True)
a, b, w, w0, v, v0 = (scalar(name) for name in ("a", "b", "w", "w0", "v", "v0"))
eta, lam = scalar("eta", positive=True), scalar("lam", positive=True)
p, q, start = tensor("p", K), tensor("q", K), tensor("start", K)
L = Loss("L")


def slope(weights: Tensor) -> Tensor:
    """The gradient of a loss that knows only the direction of its weights."""
    return direction_gradient(L, weights, over=K)


def decay(shrink: Tensor, growth: Tensor) -> Recursion:
    """Gradient descent with weight decay on p, without it and with a growing learning rate on q."""
    return recursion(
        t,
        start={p: start, q: start},
        step={p: shrink * p - eta * slope(p), q: q - eta * growth * slope(q)},
        varying=[L],
    )


factor = 1 - eta * lam
BELOW_1 = [eta * lam < 1]

TRUE: list[tuple[list[Relation], list[Relation], Recursion, Any]] = [
    ([equal(w, a**t * w0)], [], recursion(t, {w: w0}, {w: a * w}), ()),
    ([equal(w, w0 + a * t)], [], recursion(t, {w: w0}, {w: w + a}), ()),
    ([equal(2 * w, t * (t + 1))], [], recursion(t, {w: 0}, {w: w + t + 1}), ()),
    # two states, one in terms of the other; a parameter that is another one at each step
    ([equal(w, a * v)], [], recursion(t, {w: a * v0, v: v0}, {w: w + a * b, v: v + b}, varying=[b]), ()),
    # the invariant that the claim needs is claimed with it
    ([w >= 1], [w0 >= 1], recursion(t, {w: w0}, {w: w**2}), [(w - 1) * ((w - 1) + 2)]),
    ([equal(p, factor**t * q)], BELOW_1, decay(factor, factor ** (-2 * t - 1)), ()),
]


@pytest.mark.parametrize(("stated", "given", "along", "by"), TRUE, ids=lambda case: "")
def test_induction(stated: list[Relation], given: list[Relation], along: Recursion, by: Any) -> None:
    verdict = decide(stated, given, by, along=along)
    assert verdict.status == "proved", str(verdict)
    (proof,) = verdict.proof
    assert proof["kind"] == "induction" and proof["along"] is along
    assert verdict.model is not None
    for relation in stated:  # the model is the start
        left, right = (evaluate(side.element, verdict.model, {K.index: 1}) for side in (relation.left, relation.right))
        assert relation.relation == ">=" or agree(left, right)


FALSE: list[tuple[list[Relation], list[Relation], Recursion, int]] = [
    ([equal(w, a**t * w0)], [], recursion(t, {w: w0}, {w: -a * w}), 1),
    ([equal(w, v)], [], recursion(t, {w: w0, v: v0}, {w: a * w, v: a * v}), 0),  # the step holds, the start does not
    ([equal(w, w0 * (1 + t * (t - 1)))], [], recursion(t, {w: w0}, {w: w}), 2),
    ([equal(w, v + t * (t - 1) * (t - 2))], [], recursion(t, {w: w0, v: w0}, {w: w, v: v}), 3),
    ([equal(w, a * v)], [], recursion(t, {w: w0, v: v0}, {w: w + a * b, v: v + b}, varying=[b]), 0),
    ([equal(w, w0 + t * b)], [], recursion(t, {w: w0}, {w: w + b}), -1),  # true: b is the same at each step
    ([equal(p, factor**t * q)], BELOW_1, decay(factor, factor ** (-t)), 1),
    ([w >= 1], [], recursion(t, {w: w0}, {w: w**2}), 0),
]


@pytest.mark.parametrize(("stated", "given", "along", "steps"), FALSE, ids=lambda case: "")
def test_a_rollout_refutes(stated: list[Relation], given: list[Relation], along: Recursion, steps: int) -> None:
    verdict = decide(stated, given, along=along)
    if steps < 0:
        assert verdict.status == "proved"
        return
    assert verdict.status == "refuted", str(verdict)
    assert verdict.witness is not None and re_evaluated(verdict.witness)
    assert verdict.reason == f"after {steps} steps"


def test_the_hypothesis_is_not_enough_without_the_start() -> None:
    """``w = 0`` follows from itself at each step, but the start is free."""
    assert decide([equal(w, 0)], along=recursion(t, {w: w0}, {w: a * w})).status == "refuted"
    assert decide([equal(w, 0)], along=recursion(t, {w: 0}, {w: a * w})).status == "proved"


def test_what_is_true_but_not_inductive_is_undecided() -> None:
    """``w >= 0`` holds along ``w -> w + v``, v >= 0 constant; without what is known of v the step does not show it."""
    along = recursion(t, {w: 0, v: a**2}, {w: w + v, v: v})
    assert decide([w >= 0], along=along).status == "undecided"
    assert decide([w >= 0, v >= 0], by=[w + v], along=along).status == "proved"


def test_a_parameter_that_varies_is_another_one_at_each_step() -> None:
    linear = [equal(w, w0 + t * b)]
    with pytest.raises(SymnormError, match="others at each step"):
        decide(linear, along=recursion(t, {w: w0}, {w: w + b}, varying=[b]))
    unequal_steps = recursion(t, {w: 0, v: 0}, {w: w + b, v: b}, varying=[b])
    assert decide([equal(w, t * v)], along=unequal_steps).status == "refuted"
    same_steps = recursion(t, {w: 0, v: b}, {w: w + b, v: b})
    assert decide([equal(w, t * v)], along=same_steps).status == "undecided", "the step does not know v"
    assert decide([equal(w, t * v), equal(v, b)], along=same_steps).status == "proved"


def test_what_is_assumed_of_a_state_is_assumed_at_each_step() -> None:
    along = recursion(t, {w: w0, v: v0}, {w: w * v, v: a * v})
    assert decide([w > 0], [w0 > 0, v > 0], by=[w * v], along=along).status == "proved"
    assert decide([w > 0], [w0 > 0], along=along).status == "refuted"
    only_at_first = decide([w > 0], [w0 > 0, v0 > 0], along=along)
    assert only_at_first.status == "refuted" and only_at_first.reason == "after 2 steps"
    contradictory = recursion(t, {w: w0, v: 1}, {w: w, v: -v})
    verdict = decide([equal(w, w0)], [v > 0], along=contradictory)
    assert verdict.status == "proved", "v > 0 holds at the start"


def test_a_loss_of_the_direction_scales_and_is_orthogonal() -> None:
    assert decide([equal(slope(a * p), slope(p) / a)], [a > 0]).status == "proved"
    assert decide([equal(total(p * slope(p), over=K), 0)]).status == "proved"
    for wrong in (slope(p), slope(p) * a, slope(p) / a**2):
        assert decide([equal(slope(a * p), wrong)], [a > 0]).status == "refuted"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: recursion(a, {w: w0}, {w: w}), "declare a integer and nonnegative"),
        (lambda: recursion(t, {w: w0}, {v: w}), "start and step give values to the same inputs"),
        (lambda: recursion(t, {eta: w0}, {eta: w}), "has to be claimed at each step"),
        (lambda: recursion(t, {w: v, v: w0}, {w: w, v: v}), "which have no value yet"),
        (lambda: recursion(t, {w: t}, {w: w}), "which have no value yet"),
    ],
)
def test_an_invalid_recursion_is_refused(make: Any, message: str) -> None:
    with pytest.raises(SymnormError, match=message):
        make()
