"""LaTeX: what a paper prints, and, read as mathematics with its indices and scopes, the value of the graph."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from itertools import product

import pytest
from hypothesis import given

from symnorm.errors import Unsupported
from symnorm.normalizers import REGISTRY, batch_norm, find
from symnorm.printing import equation_latex, latex, latexes
from symnorm.printing.latex import _TABLE
from symnorm.printing.latex_names import index_latex, name_latex
from symnorm.printing.precedence import ADD, Piece
from symnorm.tensors import (
    Loss,
    Tensor,
    amax,
    amin,
    at_max,
    at_min,
    axes,
    delta,
    exp,
    maximum,
    mean,
    scalar,
    sqrt,
    tensor,
    total,
)
from tests.printing.latex_reader import read
from tests.printing.meaning import elements, graphs

N, C = axes("N C")
M = N.copy("M")
x, g, m = tensor("x", N, C), tensor("g", C), tensor("m", N)
a, b, c = (scalar(name) for name in "abc")
BN = batch_norm.instance()
DY = Loss().cotangent(BN.y)


@given(graph=graphs)
def test_latex_means_the_graph(graph: Tensor) -> None:
    assert read(latex(graph), graph.axes) == elements(graph), latex(graph)


INNER = {
    "sum": total(m, over=N),
    "mean": mean(m * a, over=N),
    "plus": a + b,
    "minus": -a,
    "minus first": -a + b,
    "times sum": a * total(m, over=N),
    "minus sum": -total(m, over=N),
    "sum plus": total(m, over=N) + a,
    "quotient": a / b,
    "power": a**2,
    "function": exp(a),
    "number": a - a + 3,
}
OUTER = {
    "plus": lambda t: t + b,
    "right of plus": lambda t: b + t,
    "minus": lambda t: b - t,
    "times": lambda t: t * b,
    "right of times": lambda t: b * t,
    "between": lambda t: b * t * m,
    "number times": lambda t: 2 * t,
    "times number": lambda t: t * 2,
    "squared": lambda t: t**2,
    "negated": lambda t: -t,
    "times a sum": lambda t: t * total(m, over=N),
    "summed": lambda t: total(t * m, over=N),
    "summed twice": lambda t: total(m * total(t * m, over=N), over=N),
    "summed first": lambda t: total(t, over=N) * m,
}


@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("inner", INNER)
def test_every_operation_inside_every_other(outer: str, inner: str) -> None:
    graph = OUTER[outer](INNER[inner])
    assert read(latex(graph), graph.axes) == elements(graph), latex(graph)


def _read_wrongly() -> list[str]:
    """What the reader understands otherwise, or not at all."""
    wrong = []
    for outer, inner in product(OUTER.values(), INNER.values()):
        graph = outer(inner)
        try:
            same = read(latex(graph), graph.axes) == elements(graph)
        except AssertionError:
            same = False
        wrong += [] if same else [latex(graph)]
    return wrong


@pytest.mark.parametrize(("op", "operand"), [("sub", "right"), ("mul", "left"), ("mul", "right"), ("neg", "right")])
def test_missing_parentheses_are_caught(monkeypatch: pytest.MonkeyPatch, op: str, operand: str) -> None:
    assert not _read_wrongly()
    monkeypatch.setitem(_TABLE, op, replace(_TABLE[op], **{operand: ADD}))
    assert _read_wrongly()


def test_a_sum_that_swallows_the_factor_behind_it_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("symnorm.printing.latex")  # the package's attribute of that name is the function
    monkeypatch.setattr(module, "Piece", lambda text, level=5, open=False: Piece(text, level))
    assert _read_wrongly()


def test_a_captured_index_is_caught() -> None:
    centred = x - mean(x, over=N)
    assert read(latex(centred), centred.axes) == elements(centred)
    with pytest.raises(AssertionError, match="n is in use"):
        read(latex(centred).replace("n'", "n"), centred.axes)


EQUATIONS = {
    "batch_norm": [
        r"\mu_{c} = \frac{1}{N}\sum_{n=1}^{N} x_{n c}",
        r"\mathrm{Var}_{c} = \frac{1}{N}\sum_{n=1}^{N} \left(x_{n c} - \mu_{c}\right)^{2}",
        r"\hat{x}_{n c} = \frac{x_{n c} - \mu_{c}}{\sqrt{\mathrm{Var}_{c} + \varepsilon}}",
        r"y_{n c} = \gamma_{c} \hat{x}_{n c} + \beta_{c}",
    ],
    "weight_norm": [
        r"\mathrm{norm}_{c} = \sqrt{\sum_{k=1}^{K} v_{c k}^{2}}",
        r"w_{c k} = \frac{g_{c} v_{c k}}{\mathrm{norm}_{c}}",
    ],
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_definitions_read_like_the_paper(name: str) -> None:
    named = find(name).instance().named
    assert [equation_latex(let.data.name, let.axes, let.args[0]) for let in named.values()] == EQUATIONS[name]


@pytest.mark.parametrize("name", REGISTRY)
def test_every_normalizer_has_balanced_latex(name: str) -> None:
    for let in find(name).instance().named.values():
        shown = equation_latex(str(let.data), let.axes, let.args[0])
        assert shown.count("{") == shown.count("}")
        assert shown.count(r"\left") == shown.count(r"\right")


def test_batch_norms_gradient() -> None:
    gamma, eps = batch_norm.inputs["gamma"], batch_norm.inputs["eps"]
    dx = gamma / sqrt(BN.var + eps) * (DY - mean(DY, over=N) - BN.x_hat * mean(DY * BN.x_hat, over=N))
    assert equation_latex("dx", (N, C), dx) == (
        r"\mathrm{d}x_{n c} = \frac{\gamma_{c}}{\sqrt{\mathrm{Var}_{c} + \varepsilon}} \left(\mathrm{d}y_{n c}"
        r" - \frac{1}{N}\sum_{n'=1}^{N} \mathrm{d}y_{n' c}"
        r" - \hat{x}_{n c} \frac{1}{N}\sum_{n'=1}^{N} \mathrm{d}y_{n' c} \hat{x}_{n' c}\right)"
    )


FORMS = [
    (delta(N, M), r"\delta_{n m}"),
    (abs(a), r"\left|a\right|"),
    (amax(x * g, over=N) * a, r"\left(\max_{n} \left(x_{n c} g_{c}\right)\right) a"),
    (x - amin(x, over=N), r"x_{n c} - \min_{n'} \left(x_{n' c}\right)"),
    (at_max(x, over=N), r"\mathbf{1}_{n = \arg\max_{n'} \left(x_{n' c}\right)}"),
    (at_min(x, over=(N, C)), r"\mathbf{1}_{n c = \arg\min_{n' c'} \left(x_{n' c'}\right)}"),
    (maximum(a, b), r"\max\left(a, b\right)"),
    (DY**2, r"\left(\mathrm{d}y_{n c}\right)^{2}"),
    (Loss().cotangent(x * g), r"\frac{\partial L}{\partial \left(x_{n c} g_{c}\right)}"),
    (Loss().curvature(BN.y, (M, C.copy("K"))), r"\frac{\partial^{2} L}{\partial y_{n c} \partial y_{m k}}"),
    (total(x, over=(N, C)), r"\sum_{n=1}^{N}\sum_{c=1}^{C} x_{n c}"),
    (mean(x, over=(N, C)), r"\frac{1}{N C}\sum_{n=1}^{N}\sum_{c=1}^{C} x_{n c}"),
    (mean(tensor("u", N.fixed(3)), over=N.fixed(3)), r"\frac{1}{3}\sum_{n=1}^{3} u_{n}"),
    (total(mean(x, over=N) * x, over=N), r"\sum_{n=1}^{N} \left(\frac{1}{N}\sum_{n'=1}^{N} x_{n' c}\right) x_{n c}"),
    (a * Fraction(-1, 2), r"a \left(-\frac{1}{2}\right)"),
    (a + Fraction(-1, 2), r"a - \frac{1}{2}"),
    (a * (N.size - 1), r"a \left(N - 1\right)"),
]


@pytest.mark.parametrize(("graph", "printed"), FORMS, ids=[printed for _, printed in FORMS])
def test_forms(graph: Tensor, printed: str) -> None:
    assert latex(graph) == printed


NAMES = [
    ("x", ("n", "c"), "x_{n c}"),
    ("x_hat", ("n",), r"\hat{x}_{n}"),
    ("eps", (), r"\varepsilon"),
    ("gamma", ("c",), r"\gamma_{c}"),
    ("mu_b", ("c",), r"\mu_{b, c}"),
    ("w1", (), "w_{1}"),
    ("r_max", (), r"r_{\mathrm{max}}"),
    ("running_mean", ("c",), r"\mathrm{running\_mean}_{c}"),
    ("delta", (), r"\delta"),
    ("dbeta", ("c",), r"\mathrm{d}\beta_{c}"),
    ("dx_hat", ("n", "c"), r"\mathrm{d}\hat{x}_{n c}"),
    ("d", ("c",), "d_{c}"),
    ("d_max", (), r"d_{\mathrm{max}}"),
    ("dot", (), r"\mathrm{dot}"),
    ("y'", ("n",), "y'_{n}"),
    ("w", ("cout", "k"), r"w_{\mathit{cout}, k}"),
]


@pytest.mark.parametrize(("name", "places", "printed"), NAMES)
def test_names(name: str, places: tuple[str, ...], printed: str) -> None:
    assert name_latex(name, places) == printed


@pytest.mark.parametrize(("index", "printed"), [("n'", "n'"), ("k1", "k_{1}"), ("k1'", "k'_{1}"), ("i_n", "i_{n}")])
def test_indices(index: str, printed: str) -> None:
    assert index_latex(index) == printed


def test_sides_of_an_equation_share_their_names() -> None:
    assert latexes(batch_norm(a * x), batch_norm(x)) == ("y_{n c}", "y'_{n c}")


def test_a_sum_does_not_take_the_letter_of_a_scalar() -> None:
    assert latex(total(m * scalar("n"), over=N)) == r"\sum_{n'=1}^{N} m_{n'} n"


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(Unsupported, match="'wavelet'"):
        latex(Tensor("wavelet", (x,), (N, C)))
