"""The printed text, read by Python's own parser, means what the graph means; with one wrong entry it does not."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import Phase, given, settings

from symnorm.printing import Layout, numpy_expression, text
from symnorm.printing.precedence import ADD, BOOK, DIV, MUL, NEG, POW, PROGRAM, Infix
from symnorm.tensors import Tensor, as_tensor, scalar, sqrt
from tests.printing.meaning import BINARY, FUNCTIONS, VALUES, elements, outcome, scalar_graphs

OPERATORS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow"}
NO_AXES = Layout({})


def value(node: ast.expr) -> Fraction:
    """A small reader of arithmetic: nothing but the operators, functions and names that a printer may use."""
    match node:
        case ast.BinOp(left, op, right):
            return BINARY[OPERATORS[type(op)]](value(left), value(right))
        case ast.UnaryOp(ast.USub(), operand):
            return -value(operand)
        case ast.Call(function, args, []):
            name = function.attr if isinstance(function, ast.Attribute) else function.id  # type: ignore[attr-defined]
            return Fraction(FUNCTIONS[name.removesuffix("_gradient")](*map(value, args)))
        case ast.Name(name):
            return VALUES[name][()]
        case ast.Constant(int(number)):
            return Fraction(number)
    raise AssertionError(f"a printer wrote {ast.unparse(node)}")


def read(source: str) -> Fraction | str:
    return outcome(lambda: [value(ast.parse(source, mode="eval").body)])


def program(node: Tensor) -> str:
    return numpy_expression(node, NO_AXES)


PRINTERS = {"text": text, "program": program}


@pytest.mark.parametrize("printer", PRINTERS)
@given(graph=scalar_graphs)
def test_text_means_the_graph(printer: str, graph: Tensor) -> None:
    assert read(PRINTERS[printer](graph)) == elements(graph), PRINTERS[printer](graph)


a, b, c = (scalar(name) for name in "abc")
INNER = {
    "sum": a + b,
    "difference": a - b,
    "minus": -a,
    "minus first": -a + b,
    "product": a * b,
    "minus product": -(a * b),
    "quotient": a / b,
    "quotient first": a / b * c,
    "minus quotient": -(a / b),
    "power": a**2,
    "minus power": -(a**2),
    "inverse": a**-1,
    "root": sqrt(a),
    "number": as_tensor(3),
    "negative": as_tensor(-3),
    "fraction": as_tensor(Fraction(1, 2)),
    "negative fraction": as_tensor(Fraction(-3, 2)),
}
OUTER = {
    "left of +": lambda t: t + c,
    "right of +": lambda t: c + t,
    "left of -": lambda t: t - c,
    "right of -": lambda t: c - t,
    "left of *": lambda t: t * c,
    "right of *": lambda t: c * t,
    "left of /": lambda t: t / c,
    "right of /": lambda t: c / t,
    "base": lambda t: t**3,
    "negated": lambda t: -t,
    "first of three": lambda t: c - (t + b),
    "after a minus": lambda t: c - b * t,
    "after a slash": lambda t: c / (t * b),
}
PAIRS = [outer(inner) for outer, inner in product(OUTER.values(), INNER.values())]


@pytest.mark.parametrize("printer", PRINTERS.values(), ids=PRINTERS)
@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("inner", INNER)
def test_every_operation_inside_every_other(printer, outer: str, inner: str) -> None:
    graph = OUTER[outer](INNER[inner])
    assert read(printer(graph)) == elements(graph), printer(graph)


def order(node: ast.expr | Tensor) -> object:
    """What is computed from what: the tree less its minus signs, which change no rounding."""
    match node:
        case Tensor(op="neg", args=(operand,)) | ast.UnaryOp(ast.USub(), operand):
            return order(operand)
        case Tensor(op=op, args=(left, right)):
            return op.replace("sub", "add"), order(left), order(right)
        case ast.BinOp(left, op, right):
            return OPERATORS[type(op)].replace("sub", "add"), order(left), order(right)
        case Tensor(op="sqrt", args=(arg,)) | ast.Call(ast.Attribute(attr="sqrt"), [arg]):
            return "sqrt", order(arg)
        case Tensor() as leaf:
            return text(leaf).removeprefix("-")
    return ast.unparse(node)


NUMBERLESS = [outer(inner) for outer, inner in product(OUTER.values(), INNER.values()) if inner.op != "const"]


@pytest.mark.parametrize("graph", NUMBERLESS, ids=text)
def test_a_program_keeps_the_order_of_evaluation(graph: Tensor) -> None:
    assert order(ast.parse(program(graph), mode="eval").body) == order(graph), program(graph)


def test_a_regrouped_program_is_caught() -> None:
    graph = a * (b * c)
    assert text(graph) == "a*b*c"  # the book's text leaves the order open
    assert order(ast.parse(text(graph), mode="eval").body) != order(graph)
    assert order(ast.parse(program(graph), mode="eval").body) == order(graph)


SABOTAGE: dict[str, tuple[str, Mapping[str, int]]] = {
    "no parentheses right of -": ("sub", {"right": ADD}),
    "no parentheses right of /": ("div", {"right": DIV}),
    "product right of /": ("div", {"right": MUL}),
    "sum left of *": ("mul", {"left": ADD}),
    "sum right of *": ("mul", {"right": ADD}),
    "sum left of /": ("div", {"left": ADD}),
    "minus sum": ("neg", {"right": ADD}),
    "minus as a base": ("pow", {"left": NEG}),
    "power as a base": ("pow", {"left": POW}),
    "product as a base": ("pow", {"left": MUL}),
    "sum taken for a product": ("add", {"level": MUL}),
    "difference taken for a product": ("sub", {"level": MUL}),
    "quotient taken for an atom": ("div", {"level": NEG}),
    "product taken for an atom": ("mul", {"level": NEG}),
}


@pytest.mark.parametrize("flaw", SABOTAGE)
@pytest.mark.parametrize(("printer", "table"), [(text, BOOK), (program, PROGRAM)], ids=PRINTERS)
def test_a_wrong_table_is_caught(monkeypatch: pytest.MonkeyPatch, printer, table: dict[str, Infix], flaw: str) -> None:
    op, change = SABOTAGE[flaw]
    monkeypatch.setitem(table, op, replace(table[op], **change))
    wrong = [printer(graph) for graph in PAIRS if read(printer(graph)) != elements(graph)]
    assert wrong, f"nothing notices: {flaw}"


@pytest.mark.parametrize("op", ["sub", "div"])
def test_random_graphs_find_missing_parentheses(monkeypatch: pytest.MonkeyPatch, op: str) -> None:
    monkeypatch.setitem(BOOK, op, replace(BOOK[op], right=BOOK[op].level))

    @settings(max_examples=5000, derandomize=True, database=None, phases=[Phase.generate])
    @given(graph=scalar_graphs)
    def means_the_graph(graph: Tensor) -> None:
        assert read(text(graph)) == elements(graph)

    with pytest.raises(AssertionError):
        means_the_graph()
