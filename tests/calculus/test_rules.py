"""Every rule of both tables against derivatives by number, and every wrong rule caught by that same check."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
import sympy as sp

from symnorm.calculus import JVP, VJP, Rule, jvp, reverse, vjp
from symnorm.errors import Unsupported
from symnorm.tensors import (
    Loss,
    Tensor,
    inputs,
    maximum,
    mean,
    minimum,
    scalar,
    sign,
    sqrt,
    stop_gradient,
    tensor,
    total,
    walk,
)
from symnorm.tensors.tensor import ELEMENT, IMPLICIT
from tests.calculus.battery import disagreements
from tests.calculus.samples import HELD, SAMPLES, C, N, P, W, X

LEFT, RIGHT = scalar("left"), scalar("right")
TABLES = {"vjp": VJP, "jvp": JVP}
EXPLICIT = sorted(VJP.keys() - {*IMPLICIT})
"""Operations whose value follows from their arguments; the others are solved for in test_implicit."""
PLACES = [(mode, op, place) for mode, table in TABLES.items() for op in EXPLICIT for place in range(len(table[op]))]


def battery(op: str) -> list[str]:
    """Everything that is wrong with an operation's samples."""
    found = []
    for sample in SAMPLES[op]:
        assert op in {node.op for node in walk(sample)}
        wrt = [node for name, node in inputs(sample).items() if name not in HELD.get(op, ())]
        found += disagreements(sample, wrt)
    return found


def test_every_operation_has_one_rule_an_argument_in_both_tables() -> None:
    assert VJP.keys() == JVP.keys() == ELEMENT.keys()
    for op, samples in SAMPLES.items():
        for node in walk(*samples):
            assert len(VJP[node.op]) == len(JVP[node.op]) == len(node.args), op


@pytest.mark.parametrize("op", EXPLICIT)
def test_rules_agree_with_derivatives_by_number(op: str) -> None:
    assert battery(op) == []


def test_names_read_as_words() -> None:
    rules = [rule for table in TABLES.values() for rules in table.values() for rule in rules]
    assert all(re.fullmatch(r"[A-Za-z ,'-]+", rule.name) for rule in rules)


# --- the check can fail -----------------------------------------------------------------------------------------------

WRONG = {
    "twice": lambda right, *args: 2 * right(*args),
    "negated": lambda right, *args: -right(*args),
    "nothing": lambda right, *args: 0 * right(*args),
    "squared change": lambda right, change, *args: right(change * change, *args),
}
VARYING = [(mode, op, place) for mode, op, place in PLACES if TABLES[mode][op][place].apply and op != "curvature"]
CONSTANT = [(mode, op, place) for mode, op, place in PLACES if not TABLES[mode][op][place].apply]


def planted(monkeypatch: pytest.MonkeyPatch, mode: str, op: str, place: int, apply: object) -> None:
    """Put a rule of one's own into a table."""
    rules = list(TABLES[mode][op])
    rules[place] = Rule("planted", apply)  # type: ignore[arg-type]
    monkeypatch.setitem(TABLES[mode], op, tuple(rules))


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("mode", "op", "place"), VARYING)
def test_a_wrong_rule_is_caught(monkeypatch: pytest.MonkeyPatch, mode: str, op: str, place: int, wrong: str) -> None:
    right = TABLES[mode][op][place].apply
    planted(monkeypatch, mode, op, place, lambda *args: WRONG[wrong](right, *args))
    assert battery(op) != []


@pytest.mark.parametrize(("mode", "op", "place"), CONSTANT)
def test_a_change_through_a_constant_is_caught(monkeypatch: pytest.MonkeyPatch, mode: str, op: str, place: int) -> None:
    planted(monkeypatch, mode, op, place, lambda change, node, *args: change)
    assert battery(op) != []


def test_operations_that_are_constant() -> None:
    assert {op for _, op, _ in CONSTANT} == {"sign", "stop", "at_max", "at_min"}


SABOTAGE = {
    "sqrt without the 2": ("vjp", "sqrt", 0, lambda g, y, x: g / y),
    "mean without 1/N": ("vjp", "mean", 0, lambda g, y, x: g),
    "mean divided by axes that it does not average over": (
        "vjp",
        "mean",
        0,
        lambda g, y, x: g / sp.Mul(*[axis.size for axis in y.data]),
    ),
    "sum that forgets the axes that its argument lacks": ("vjp", "total", 0, lambda g, y, x: g),
    "quotient rule with the wrong sign": ("vjp", "div", 1, lambda g, y, a, b: g * a / b**2),
    "quotient rule without the square": ("vjp", "div", 1, lambda g, y, a, b: -g * a / b),
    "difference rule without the sign": ("vjp", "sub", 1, lambda g, y, a, b: g),
    "product rule with the wrong factor": ("vjp", "mul", 0, lambda g, y, a, b: g * a),
    "power rule with the old exponent": ("vjp", "pow", 0, lambda g, y, a, p: g * p * a**p),
    "power rule without the factor": ("vjp", "pow", 0, lambda g, y, a, p: g * a ** (p - 1)),
    "exponential rule without the logarithm": ("vjp", "pow", 1, lambda g, y, a, p: g * y),
    "absolute value as the identity": ("vjp", "abs", 0, lambda g, y, x: g),
    "maximum as minimum": ("vjp", "maximum", 0, lambda g, y, a, b: g * Fraction(1, 2) * (1 - sign(a - b))),
    "stop-gradient let through": ("vjp", "stop", 0, lambda g, y, x: g),
    "stop-gradient let through forwards": ("jvp", "stop", 0, lambda t, y, x: t),
    "rename forgotten on the way back": ("vjp", "rename", 0, lambda g, y, x: g),
    "loss's derivative held fixed": ("vjp", "cotangent", 0, lambda g, y, x: 0 * g),
    "loss's derivative with the diagonal of its curvature": ("vjp", "cotangent", 0, lambda g, y, x: g * x),
    "forward mean as a sum": ("jvp", "mean", 0, lambda t, y, x: total(t, over=y.data)),
}


@pytest.mark.parametrize("bug", SABOTAGE)
def test_a_usual_bug_is_caught(monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    mode, op, place, apply = SABOTAGE[bug]
    planted(monkeypatch, mode, op, place, apply)
    assert battery(op) != []


@pytest.mark.parametrize("op", sorted(reverse.BROADCASTING))
def test_a_missing_sum_over_broadcast_axes_is_caught(monkeypatch: pytest.MonkeyPatch, op: str) -> None:
    monkeypatch.setattr(reverse, "BROADCASTING", reverse.BROADCASTING - {op})
    assert battery(op) != []


def test_a_sum_over_only_those_axes_that_a_cotangent_carries_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def carried_only(x: object, over: object) -> object:
        carried = tuple(axis for axis in over if axis in x.axes)  # type: ignore[attr-defined]
        return total(x, carried) if carried else x

    monkeypatch.setattr(reverse, "total", carried_only)
    assert battery("add") != []


# --- conventions and limits -------------------------------------------------------------------------------------------


def test_a_third_derivative_of_an_unknown_loss_is_refused() -> None:
    curved = Loss("L").curvature(W, (C.copy("C'"),))
    with pytest.raises(Unsupported, match="third derivatives"):
        vjp(curved * W, tensor("g", C), [W])
    with pytest.raises(Unsupported, match="third derivatives"):
        jvp(curved * W, {"w": W})


def test_a_missing_third_derivative_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, "vjp", "curvature", 0, lambda g, y, x: 0 * total(g, over=y.axes[1:]))
    planted(monkeypatch, "jvp", "curvature", 0, lambda t, y, x: 0 * t)
    assert disagreements(Loss("L").curvature(W, (C.copy("C'"),)), [W]) != []


@pytest.mark.parametrize(
    ("output", "slopes"),
    [
        (abs(LEFT), (0, 0)),
        (abs(LEFT - RIGHT) * LEFT, (0, 0)),
        (sign(LEFT), (0, 0)),
        (maximum(LEFT, RIGHT), (Fraction(1, 2), Fraction(1, 2))),
        (minimum(LEFT, 2 * RIGHT), (Fraction(1, 2), 1)),
    ],
    ids=str,
)
def test_conventions_at_a_kink(output: Tensor, slopes: tuple[Fraction, Fraction]) -> None:
    kink = {LEFT.expr: sp.Integer(0), RIGHT.expr: sp.Integer(0)}
    found = vjp(output, 1, [LEFT, RIGHT])
    for variable, slope in zip((LEFT, RIGHT), slopes, strict=True):
        assert found.of(variable).expr.xreplace(kink) == sp.Rational(slope)
        assert jvp(output, {variable.data.name: 1}).expr.xreplace(kink) == sp.Rational(slope)


@pytest.mark.parametrize(
    ("output", "conditions"),
    [
        (X * W / (X + 1), []),
        (abs(X), ["x != 0"]),
        (sign(X) * X, ["x != 0"]),
        (sign(W) * X, []),  # w does not change
        (maximum(X, W), ["x != w"]),
        (minimum(W, X * 2), ["w != x*2"]),
        (sqrt(X + 1), ["x + 1 > 0"]),
        (X**3, []),
        (X**-1, []),
        (X ** scalar("k", integer=True), ["x != 0"]),  # 0 * x**-1 at k = 0
        (X**N.size, ["x != 0"]),
        (X ** Fraction(1, 2), ["x > 0"]),
        (P ** mean(X, over=(N, C)), ["p > 0"]),
        (stop_gradient(abs(X)) * X, []),
    ],
    ids=str,
)
def test_a_derivative_says_where_it_exists(output: Tensor, conditions: list[str]) -> None:
    assert [str(condition) for condition in vjp(output, 1, [X]).conditions] == conditions


def test_a_symmetric_input_is_differentiated_entry_by_entry() -> None:
    square = tensor("k", N, N.copy("M"), symmetric=True)
    assert disagreements(square * X, [square, X]) == []
