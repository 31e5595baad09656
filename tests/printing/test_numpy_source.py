"""NumPy expressions and programs: run on arrays of fractions they equal the graph, element by element."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given

from symnorm.errors import SymnormError, Unsupported
from symnorm.normalizers import batch_norm
from symnorm.printing import Layout, numpy_expression, straight_line
from symnorm.tensors import (
    Axis,
    Loss,
    Tensor,
    as_tensor,
    axes,
    mean,
    scalar,
    sqrt,
    stop_gradient,
    tensor,
    total,
)
from tests.printing.meaning import FUNCTIONS, SIZES, VALUES, C, M, N, elements, graphs, indices, outcome

K = C.copy("K")
x, g, m = tensor("x", N, C), tensor("g", C), tensor("m", N)
a, b = scalar("a"), scalar("b")
DIMS: dict[Axis, tuple[int, ...]] = {N: (0,), C: (1,), M: (2,)}
COUNTS = {name: f"count_{name}" for name in SIZES}
LAYOUT = Layout(DIMS, COUNTS)


def array(node: Tensor) -> Any:
    """An input as an array over N, C, M with 1 where it lacks an axis."""
    found = np.empty([SIZES[axis.name] if axis in node.axes else 1 for axis in DIMS], dtype=object)
    for at in indices(node.axes):
        found[tuple(at.get(axis, 0) for axis in DIMS)] = VALUES[node.data.name][tuple(at.values())]
    return found


def _mean(values: Any, axis: Any, keepdims: bool) -> Any:
    summed = np.sum(values, axis=axis, keepdims=keepdims)
    return summed / Fraction(values.size, summed.size)


def _elementwise(function: Callable[..., Any], *args: Any) -> Any:
    return np.frompyfunc(lambda *values: Fraction(function(*values)), len(args), 1)(*args)


# What a program calls, exact: NumPy's own on objects, the functions without a meaning, and no float anywhere.
EXACT = SimpleNamespace(
    sum=np.sum,
    mean=_mean,
    swapaxes=np.swapaxes,
    **{name: partial(_elementwise, function) for name, function in FUNCTIONS.items()},
)
SCOPE = {
    "xp": EXACT,
    "Fraction": Fraction,
    **{f"count_{name}": Fraction(count) for name, count in SIZES.items()},
    **{node.data.name: array(node) for node in (x, g, m, a, b)},
}


class _Exact(ast.NodeTransformer):
    """Numbers that are calculated with become fractions; those that name dimensions stay."""

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        assert isinstance(node.func, ast.Attribute)
        kept = node.args[1:] if node.func.attr == "swapaxes" else []
        changed = [self.visit(arg) for arg in (node.args[:1] if kept else node.args)]
        return ast.Call(node.func, [*changed, *kept], node.keywords)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Call(ast.Name("Fraction", ast.Load()), [node], []) if isinstance(node.value, int) else node


def run(lines: Mapping[str, str] | list[tuple[str, str]], scope: Mapping[str, Any] = SCOPE) -> dict[str, Any]:
    """The variables after a program, its numbers exact."""
    names = dict(scope)
    for name, source in dict(lines).items():
        tree = ast.fix_missing_locations(_Exact().visit(ast.parse(source, mode="eval")))
        names[name] = eval(compile(tree, source, "eval"), names)
    return names


def listed(found: Any, node: Tensor) -> list[Fraction]:
    """A result's elements in the order of the node's indices."""
    found = np.asarray(found, dtype=object)
    if found.shape == ():
        found = found.reshape([1] * len(DIMS))
    expected = tuple(SIZES[axis.name] if axis in node.axes else 1 for axis in DIMS)
    assert found.shape == expected, f"shape {found.shape} for axes {node.axes}"
    return [found[tuple(at.get(axis, 0) for axis in DIMS)] for at in indices(node.axes)]


@given(graph=graphs)
def test_an_expression_computes_the_graph(graph: Tensor) -> None:
    source = numpy_expression(graph, LAYOUT)
    assert outcome(lambda: listed(run({"out": source})["out"], graph)) == elements(graph), source


@given(first=graphs, second=graphs)
def test_a_program_computes_its_roots(first: Tensor, second: Tensor) -> None:
    roots = {"first": first, "second": second, "both": first * second, "again": first}
    lines = [(line.name, line.source) for line in straight_line(roots, LAYOUT)]
    found = outcome(lambda: {name: listed(run(lines)[name], node) for name, node in roots.items()})
    expected = {name: elements(node) for name, node in roots.items()}
    assert found == ("undefined" if "undefined" in expected.values() else expected), lines


@pytest.mark.parametrize(
    "broken",
    [{N: (1,), C: (0,), M: (2,)}, {N: (0, 1), C: (1,), M: (2,)}],
    ids=["exchanged", "too many"],
)
def test_a_wrong_layout_is_caught(broken: dict[Axis, tuple[int, ...]]) -> None:
    graph = x - mean(x, over=N)
    assert listed(run({"out": numpy_expression(graph, LAYOUT)})["out"], graph) == elements(graph)
    wrong = numpy_expression(graph, Layout(broken, COUNTS))
    assert listed(run({"out": wrong})["out"], graph) != elements(graph)


FORMS = [
    (x - mean(x, over=N), "x - xp.mean(x, axis=(0,), keepdims=True)"),
    (mean(x, over=(C, N)), "xp.mean(x, axis=(0, 1), keepdims=True)"),
    (total(x * g, over=C), "xp.sum(x*g, axis=(1,), keepdims=True)"),
    (total(g, over=N), "g*count_N"),
    (total(a + g, over=(N, C)), "xp.sum(a + g, axis=(1,), keepdims=True)*count_N"),
    (mean(g, over=N), "g"),
    (mean(g, over=(N, C)), "xp.mean(g, axis=(1,), keepdims=True)"),
    (a * (N.size / (N.size - 1)), "a*(count_N/(count_N - 1))"),
    (a * (b * x), "a*(b*x)"),
    (a + (b - x), "a + (b - x)"),
    (a + -b * x, "a - b*x"),
    (stop_gradient(sqrt(x**2)) + abs(a), "xp.sqrt(x**2) + xp.abs(a)"),
    (a ** Fraction(1, 2), "a**(1/2)"),
    (as_tensor(N.size) ** Fraction(1, 2), "count_N**(1/2)"),
    (a * as_tensor(sp.sqrt(N.size)), "a*(count_N**(1/2))"),
    (x.rename({N: M}), "xp.swapaxes(x, 0, 2)"),
    (batch_norm(x) - Loss().cotangent(batch_norm(x)), "y - dy"),
]


@pytest.mark.parametrize(("graph", "printed"), FORMS, ids=[printed for _, printed in FORMS])
def test_forms(graph: Tensor, printed: str) -> None:
    assert numpy_expression(graph, LAYOUT) == printed


def test_a_layout_joins_numbers_and_names() -> None:
    layout = Layout({N: "over_N", C: (3, 1), M: "(2, *range(4, x.ndim))"}, {"N": "x.size//x.shape[1]"}, module="np")
    assert layout.over((N,)) == "over_N"
    assert layout.over((C,)) == "(1, 3)"
    assert layout.over((N, M)) == "(*over_N, *(2, *range(4, x.ndim)))"
    assert layout.over((N, C)) == "(*over_N, 1, 3)"
    assert numpy_expression(total(sqrt(g), over=N), layout) == "np.sqrt(g)*(x.size//x.shape[1])"


def test_a_callers_name_stands_for_every_equal_node() -> None:
    assert numpy_expression((x - g) / (x - g) ** 2, LAYOUT, {x - g: "d"}) == "d/d**2"


L = axes("L")[0]
REFUSED = [
    (tensor("u", L) + mean(tensor("u", L), over=L), LAYOUT, Unsupported, "axis L"),
    (total(g, over=N), Layout(DIMS), Unsupported, "N"),
    (a * sp.log(2), LAYOUT, Unsupported, r"log\(2\)"),
    (Loss().cotangent(x - 1), LAYOUT, Unsupported, r"dL\(x - 1\)"),
    (Loss().curvature(x, (M, K)), LAYOUT, Unsupported, r"d2L\(x\)"),
    (x.rename({N: M}), Layout({N: "over_N", C: (1,), M: (2,)}), Unsupported, "axis N"),
    (x.rename({N: M}), Layout({N: (0, 2), C: (1,), M: (3,)}), Unsupported, "axis N"),
    (tensor("u", N) - tensor("u", M), LAYOUT, SymnormError, "'u'"),
    (scalar("lambda") * x, LAYOUT, SymnormError, "'lambda'"),
    (scalar("xp") * x, LAYOUT, SymnormError, "'xp'"),
    (scalar("count_N") * x, LAYOUT, SymnormError, "'count_N'"),
    (batch_norm(a * x) - batch_norm(x), LAYOUT, SymnormError, "'y'"),
]


@pytest.mark.parametrize(("graph", "layout", "error", "named"), REFUSED, ids=[repr(row[0]) for row in REFUSED])
def test_what_cannot_be_written_is_refused(graph: Tensor, layout: Layout, error: type[Exception], named: str) -> None:
    with pytest.raises(error, match=named):
        numpy_expression(graph, layout)
