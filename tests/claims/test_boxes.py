"""Inequalities by subdivision: what they settle, what they leave alone, and that a false one is never settled."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from symnorm.claims import boxes, decide
from symnorm.claims.assumptions import sort
from symnorm.errors import Unsupported
from symnorm.evaluate import Model, OutsideDomain, Undetermined, evaluate, sign_of, spans
from symnorm.tensors import (
    Relation,
    Tensor,
    absolute,
    axes,
    erf,
    exp,
    log,
    maximum,
    scalar,
    sqrt,
    stop_gradient,
    tensor,
)

a, b, u = scalar("a"), scalar("b"), scalar("u", positive=True)
UNIT = (a >= 0, a <= 1, b >= -1, b <= 1)

TRUE = {
    "touches nothing": exp(a) > 2 * a,
    "both numbers": exp(a + b) + 1 > erf(b) + a,
    "a root": sqrt(a + 2) < 2,
    "a quotient": 1 / (a + 1) > Fraction(2, 5),
    "a kink": absolute(b - a / 3) <= Fraction(7, 5),
    "the larger": maximum(a, b) < Fraction(6, 5),
    "a logarithm": log(a + 2) < Fraction(7, 6),
    "upside down": exp(a) + exp(b) * a - 1 < 5,
}
FALSE = {
    "by little": exp(a) <= Fraction(27, 10),
    "in the middle": a * (1 - a) < Fraction(1, 5),
    "in a corner": exp(a + b) < 7,
    "at a kink": absolute(b) > 0,
    "where both sides meet": a > 0,
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_one_is_settled(name: str) -> None:
    found = boxes.shown(TRUE[name], sort(UNIT))
    assert found is not None and found["kind"] == "subdivision"
    assert decide([TRUE[name]], UNIT).status == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_a_false_one_is_not(name: str) -> None:
    assert boxes.shown(FALSE[name], sort(UNIT)) is None


@pytest.mark.parametrize(
    ("relation", "given"),
    [
        (exp(a) > 0, (a >= 0,)),  # no upper bound
        (exp(a) > 0, (a >= b, a <= b + 1)),  # bounds that move
        (exp(tensor("x", *axes("N"))) > 0, ()),
        (exp(a) > tensor("x", *axes("N")), UNIT),
        (Relation.of(exp(a), "==", exp(a)), UNIT),
    ],
    ids=["no upper bound", "moving bounds", "a tensor", "beside a tensor", "an equation"],
)
def test_what_is_no_inequality_in_a_box_is_left_alone(relation: Relation, given: tuple[Relation, ...]) -> None:
    assert boxes.shown(relation, sort(given)) is None


def test_where_it_is_not_defined_nothing_is_settled() -> None:
    assert boxes.shown(1 / b**2 > -1, sort(UNIT)) is None
    assert boxes.shown(sqrt(b) > -1, sort(UNIT)) is None
    assert boxes.shown(log(a) < 1, sort(UNIT)) is None
    assert boxes.shown(erf(1 / b) < 2, sort(UNIT)) is None
    assert boxes.shown(erf(100 * a) > -2, sort(UNIT)) is None  # its series is not summed that far


def test_a_declared_sign_is_a_bound() -> None:
    assert boxes.shown(exp(u) < 3, sort([u <= 1])) is not None


def test_a_stopped_gradient_has_no_slope() -> None:
    """Its derivative is 0 by decree; the mean value theorem would prove this falsehood from it."""
    falsehood = exp(stop_gradient(a)) < Fraction(5, 2)
    assert boxes.shown(falsehood, sort(UNIT)) is None


def formula(rng: random.Random, depth: int) -> Tensor:
    if depth == 0:
        return rng.choice([a, b, a * 0 + Fraction(rng.randint(-3, 3), 2)])
    first, second = formula(rng, depth - 1), formula(rng, depth - 1)
    return rng.choice(
        [
            lambda: first + second,
            lambda: first - second,
            lambda: first * second,
            lambda: first / (second**2 + 1),
            lambda: erf(first),
            lambda: exp(first / 3),
            lambda: sqrt(first**2 + 1),
            lambda: absolute(first),
            lambda: maximum(first, second),
        ]
    )()


def missed(seed: int) -> bool:
    """Whether points of a box have values outside of the enclosure of a random formula, or below the lower bound."""
    rng = random.Random(seed)
    made = formula(rng, 3)
    box = {"a": (0.25, 1.0), "b": (-1.0, 0.5)}
    try:
        gap = boxes._Gap(made, box)
        low, high = gap.value.over(box)
    except (OutsideDomain, Undetermined):
        return False
    least = gap.least(box)
    for _ in range(12):
        point = {name: Fraction(rng.randint(0, 8), 8) * Fraction(h - l) + Fraction(l) for name, (l, h) in box.items()}
        value = evaluate(made.element, Model(scalars=point))
        outside = (value - Fraction(max(low, least)), Fraction(high) - value)
        if any(sign_of(side) == -1 for side in outside):
            return True
    return False


def test_enclosures_hold_all_values() -> None:
    assert not any(missed(seed) for seed in range(150))


@pytest.mark.parametrize(
    ("module", "name", "wrong"),
    [
        (spans, "_product", lambda *factors: spans._outward(*[min(f[0] for f in factors), factors[-1][1]])),
        (spans, "_outward", lambda low, high: (high, high)),
        (spans, "_absolute", lambda span: (abs(span[0]), abs(span[1]))),
    ],
    ids=["product", "rounding", "absolute value"],
)
def test_a_wrong_rule_is_seen(monkeypatch: pytest.MonkeyPatch, module: object, name: str, wrong: object) -> None:
    rules = dict(spans.RULES)
    for kind, rule in rules.items():
        if rule is getattr(module, name):
            rules[kind] = wrong
    monkeypatch.setattr(module, name, wrong)
    monkeypatch.setattr(spans, "RULES", rules)
    assert any(missed(seed) for seed in range(150))


def test_what_has_no_enclosure_is_refused() -> None:
    with pytest.raises(Unsupported, match="no enclosure of Pow"):
        spans.Formula((u**a).element)
