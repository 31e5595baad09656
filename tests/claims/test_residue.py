"""What is left of a claim that fails by a term: the book's formula for it, equal to left - right, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from symnorm.calculus import gradient
from symnorm.canonical import Facts, Solver
from symnorm.canonical.terms import Poly
from symnorm.claims import decide, residue
from symnorm.claims.assumptions import sort
from symnorm.closed_form import written_out
from symnorm.closed_form.writer import Writer
from symnorm.evaluate import Model, evaluate, provably_differ
from symnorm.normalizers import batch_norm, batch_renorm, layer_norm, weight_norm
from symnorm.printing import text
from symnorm.tensors import (
    Loss,
    Relation,
    Tensor,
    absolute,
    axes,
    dot,
    equal,
    inputs,
    maximum,
    mean,
    norm,
    scalar,
    sqrt,
    tensor,
    total,
    var,
    walk,
)
from tests.tensors.graphs import extent, point

N, C, K = axes("N C K")
x, A, W = tensor("x", N, C), tensor("A", N, K), tensor("W", K, C)
a, b, eta, eps = scalar("a"), scalar("b"), scalar("eta"), scalar("eps", positive=True)
gamma, v, g = batch_norm.inputs["gamma"], weight_norm.inputs["v"], weight_norm.inputs["g"]
L = Loss("L")

BN, LN, WN = batch_norm.instance(), layer_norm.instance(), weight_norm.instance()
LINEAR = batch_norm.instance(dot(A, W, over=K))
UNCLIPPED = batch_renorm.modes["unclipped"].instance()
dW, dx, dx_ln, dv = (
    gradient(L, LINEAR.y, W),
    gradient(L, BN.y, x),
    gradient(L, LN.y, x),
    gradient(L, WN.w, v),
)

# Each by hand, from x_hat = (x - mu)/s, s^2 = var + eps, sum(x_hat) = 0, sum(x_hat^2) = N var/s^2 = N (1 - eps/s^2).
THEORY: dict[str, tuple[Relation, list[Relation], str]] = {
    # dW = A^T dz and <W, A^T dz> = <z, dz>; dz = gamma/s (dy - mean(dy) - x_hat mean(dy x_hat)), z = mu + s x_hat:
    # sum_n z dz = s gamma/s sum(dy x_hat) (1 - mean(x_hat^2)) = gamma eps/s^2 sum(dy x_hat)
    "weights and their gradient, one channel": (
        equal(total(W * dW, over=K), 0),
        [],
        "eps*gamma/(var + eps)*sum[N](dy*x_hat)",
    ),
    "weights and their gradient": (
        equal(total(W * dW, over=(K, C)), 0),
        [],
        "eps*sum[C,N](gamma/(var + eps)*dy*x_hat)",
    ),
    "input and its gradient": (equal(total(x * dx, over=N), 0), [], "eps*gamma/(var + eps)*sum[N](dy*x_hat)"),
    # the same, less the factor s
    "normalized input and the gradient": (
        equal(total(BN.x_hat * dx, over=N), 0),
        [],
        "eps*gamma/sqrt(var + eps)**3*sum[N](dy*x_hat)",
    ),
    "layer norm's input and its gradient": (
        equal(total(x * dx_ln, over=C), 0),
        [],
        "eps/(var + eps)*sum[C](gamma*dy*x_hat)",
    ),
    "second moment": (equal(mean(BN.x_hat**2, over=N), 1), [], "-eps/(var + eps)"),
    "variance": (equal(var(BN.x_hat, over=N), 1), [], "-eps/(var + eps)"),
    "layer norm's second moment": (equal(mean(LN.x_hat**2, over=C), 1), [], "-eps/(var + eps)"),
    "variance of the output": (equal(var(BN.y, over=N), gamma**2), [], "-eps*gamma**2/(var + eps)"),
    "mean of the output": (equal(mean(BN.y, over=N), 0), [], "beta"),
    "sign flip": (equal(batch_norm(-x, eps=0), batch_norm(x, eps=0)), [], "-2*gamma*x_hat"),
    "a bias that has a gradient": (equal(gradient(L, BN.y, batch_norm.inputs["beta"]), 0), [], "sum[N](dy)"),
    "renorm is no constant": (equal(UNCLIPPED.y, batch_renorm.inputs["beta"]), [], "gamma*x_renorm"),
    # |v - eta dv|^2 - |v|^2 = eta^2 |dv|^2, with dv = g/|v| (dw - v <dw, v>/|v|^2)
    "growth of the weights": (
        equal(total((v - eta * dv) ** 2, over=K), total(v**2, over=K)),
        [],
        "eta**2*g**2/norm**2*sum[K](dw**2) - eta**2*g**2/norm**4*sum[K](dw*v)**2",
    ),
    "length of normalized weights": (equal(norm(WN.w, over=K), g), [], "g*sign(g) - g"),
    "root of a square": (equal(sqrt(a**2), a), [], "a*sign(a) - a"),
    "root of a square of a negative number": (equal(sqrt(a**2), a), [a < 0], "-2*a"),
    "larger of two": (equal(maximum(a, 0), a), [], "a*sign(a)/2 - a/2"),
    # mean(x^2) - mean(x)^2 = (N - 1)/N var_1, so what is left is -var_1/N = -(mean(x^2) - mean(x)^2)/(N - 1)
    "unbiased variance": (
        equal(var(x, over=N), var(x, over=N, ddof=1)),
        [],
        "mean[N](x)**2/(N - 1) - mean[N](x**2)/(N - 1)",
    ),
}
every = pytest.mark.parametrize("name", THEORY)


@every
def test_what_is_left_is_what_theory_says(name: str) -> None:
    stated, given, expected = THEORY[name]
    verdict = decide([stated], given)
    assert verdict.status == "refuted"
    assert verdict.residue is not None
    assert text(verdict.residue, plain_reductions=False) == expected
    assert f"; left - right = {verdict.residue!r}" in str(verdict)


def meaning(name: str) -> tuple[Tensor, Tensor]:
    """What is left with its names written out, and left - right."""
    stated, given, _ = THEORY[name]
    left = decide([stated], given).residue
    assert left is not None
    gap = stated.left - stated.right
    values: dict[str, Tensor] = {}
    for node in walk(gap):
        if node.op == "let":
            values[str(node.data)] = node
        if node.op == "cotangent" and node.args[0].op == "let":
            values[f"d{node.args[0].data}"] = node
    return written_out(left, {n: t for n, t in values.items() if n in inputs(left)}), gap


@every
def test_what_is_left_is_proved_equal(name: str) -> None:
    whole, gap = meaning(name)
    assert Solver(sort(THEORY[name][1]).facts).equal(whole.element, gap.element)
    assert not Solver().vanishes(gap.element)


@every
@pytest.mark.parametrize("sizes", [{"N": 3, "C": 2, "K": 2}, {"N": 2, "C": 3, "K": 3}], ids=str)
def test_what_is_left_evaluates_as_left_less_right(name: str, sizes: dict[str, int]) -> None:
    whole, gap = meaning(name)
    model: Model = point(name, sizes, whole, gap, signs={"a": "<", "v": ">", "g": "!="})
    for at in product(*(range(1, extent(axis, sizes) + 1) for axis in gap.axes)):
        here = {axis.index: i for axis, i in zip(gap.axes, at, strict=True)}
        assert not provably_differ(evaluate(whole.element, model, here), evaluate(gap.element, model, here))


# --- nothing is shown that is not proved ------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [lambda t: 2 * t, lambda t: -t, lambda t: t + 1])
def test_a_wrong_formula_is_not_shown(monkeypatch: pytest.MonkeyPatch, wrong: Callable[[Tensor], Tensor]) -> None:
    class Wrong(Writer):
        def write(self, poly: Poly) -> Tensor:
            return wrong(super().write(poly))

    monkeypatch.setattr(residue, "Writer", Wrong)
    for name in ("second moment", "weights and their gradient, one channel", "root of a square"):
        stated, given, _ = THEORY[name]
        verdict = decide([stated], given)
        assert verdict.status == "refuted" and verdict.residue is None
        assert "left - right" not in str(verdict)


def test_a_long_formula_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residue, "LONGEST", 10)
    assert decide([equal(sqrt(a**2), a)]).residue is None


@pytest.mark.parametrize(
    "verdict",
    [
        decide([equal(a, a)]),
        decide([a > 0]),
        decide([absolute(a) < a]),
        decide([equal(a, a)], [a > 1, a < 0]),
    ],
    ids=str,
)
def test_only_an_equation_that_fails_leaves_something(verdict: object) -> None:
    assert verdict.residue is None  # type: ignore[attr-defined]


def test_of_several_relations_the_one_that_fails_leaves_something() -> None:
    verdict = decide([equal(a, a), equal(sqrt(b**2), b)])
    assert repr(verdict.residue) == "b*sign(b) - b"


def test_an_undecided_equation_shows_what_is_left_too() -> None:
    verdict = decide([equal(a, b)], [equal(a + b, 1), equal(a + b, 2)])
    assert verdict.status == "undecided"
    assert repr(verdict.residue) == "a - b" and str(verdict).endswith("; left - right = a - b")


def test_names_are_those_of_the_instance_that_is_met_last() -> None:
    outer = batch_norm.instance(layer_norm(x))
    gap = mean(outer.x_hat**2, over=N) - 1
    left = decide([equal(gap, 0)]).residue
    assert left is not None and inputs(left).keys() <= {"x_hat", "var", "eps"}
    whole = written_out(left, {"x_hat": outer.x_hat, "var": outer.var})
    assert Solver(Facts()).equal(whole.element, gap.element)
