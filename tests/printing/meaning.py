"""What a graph means, element by element and exactly: the yardstick for every printed form.

Roots and exponentials are replaced by rational functions of no particular meaning. A printer must not know what a
function computes, so what it prints has to agree under these as well, and the comparison needs no tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from symnorm.tensors import (
    Axis,
    Tensor,
    absolute,
    as_tensor,
    axes,
    exp,
    log,
    maximum,
    mean,
    minimum,
    scalar,
    sign,
    sqrt,
    stop_gradient,
    tensor,
    total,
)

N, C = axes("N C")
M = N.copy("M")
SIZES = {"N": 2, "C": 3, "M": 2}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": lambda v: 2 * v + 1,
    "exp": lambda v: 3 * v + 2,
    "log": lambda v: 5 * v - 1,
    "erf": lambda v: 7 * v - 2,
    "abs": abs,
    "sign": lambda v: (v > 0) - (v < 0),
    "maximum": max,
    "minimum": min,
    "stop": lambda v: v,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
}

EXTREMES: dict[str, Callable[..., Any]] = {"amax": max, "amin": min, "at_max": max, "at_min": min}

Values = Mapping[str, Mapping[tuple[int, ...], Fraction]]

VALUES: dict[str, dict[tuple[int, ...], Fraction]] = {
    "x": {(n, c): Fraction((7 * n + 3 * c * c - 4) % 11 - 4, 2) for n in range(2) for c in range(3)},
    "g": {(c,): Fraction(2 * c - 3, 5) for c in range(3)},
    "m": {(n,): Fraction(7 - 3 * n, 4) for n in range(2)},
    "a": {(): Fraction(3, 7)},
    "b": {(): Fraction(-5, 3)},
    "c": {(): Fraction(11, 2)},
}


def size(value: sp.Expr) -> Fraction:
    """A constant of a graph at SIZES."""
    found = value.xreplace({sp.Symbol(name, integer=True, positive=True): sp.Integer(n) for name, n in SIZES.items()})
    return Fraction(int(found.p), int(found.q))


def indices(over: tuple[Axis, ...]) -> Iterator[dict[Axis, int]]:
    """Every combination of index values."""
    for places in product(*(range(int(size(axis.size))) for axis in over)):
        yield dict(zip(over, places, strict=True))


def element(node: Tensor, at: Mapping[Axis, int], values: Values = VALUES) -> Fraction:
    """One element of a tensor; ZeroDivisionError where it is undefined."""
    if node.op == "input":
        return values[node.data.name][tuple(at[axis] for axis in node.axes)]
    if node.op == "const":
        return size(node.data)
    if node.op in ("total", "mean"):
        summands = [element(node.args[0], {**at, **inner}, values) for inner in indices(node.data)]
        return sum(summands, Fraction(0)) / (len(summands) if node.op == "mean" else 1)
    if node.op in EXTREMES:
        at_all = {tuple(inner.values()): element(node.args[0], {**at, **inner}, values) for inner in indices(node.data)}
        top = EXTREMES[node.op](at_all.values())
        if node.op in ("amax", "amin"):
            return Fraction(top)
        here = at_all[tuple(at[axis] for axis in node.data)]
        return Fraction(int(here == top), list(at_all.values()).count(top))
    if node.op == "rename":
        return element(node.args[0], {**at, **{old: at[new] for old, new in node.data}}, values)
    if node.op == "let":
        return element(node.args[0], at, values)
    args = [element(arg, at, values) for arg in node.args]
    if node.op == "neg":
        return -args[0]
    return (BINARY.get(node.op) or FUNCTIONS[node.op])(*args)


def elements(node: Tensor, values: Values = VALUES) -> list[Fraction] | str:
    """All elements in the order of the indices, or "undefined" where a division by zero stands in one."""
    return outcome(lambda: [element(node, at, values) for at in indices(node.axes)])


def outcome(compute: Callable[[], Any]) -> Any:
    """The result, or "undefined" after a division by zero."""
    try:
        return compute()
    except ZeroDivisionError:
        return "undefined"


NUMBERS = st.sampled_from([0, 1, 2, -1, -3, Fraction(1, 2), Fraction(-2, 3)])
SCALARS = st.sampled_from([scalar("a"), scalar("b"), scalar("c")])
EXPONENTS = st.sampled_from([-2, -1, 2, 3])
UNARY: list[Callable[[Tensor], Tensor]] = [absolute, sign, sqrt, exp, log, stop_gradient, lambda t: -t]


def grown(inner: st.SearchStrategy[Tensor]) -> st.SearchStrategy[Tensor]:
    """One more operation without axes on smaller graphs."""
    infixes = st.sampled_from(["add", "sub", "mul", "div"])
    joined = st.builds(lambda op, a, b: BINARY[op](a, b), infixes, inner, inner)
    extremes = st.builds(lambda op, a, b: op(a, b), st.sampled_from([maximum, minimum]), inner, inner)
    unary = st.builds(lambda op, a: op(a), st.sampled_from(UNARY), inner)
    powers = st.builds(lambda a, e: a**e, inner, EXPONENTS)
    return joined | joined | unary | powers | extremes


def reduced(inner: st.SearchStrategy[Tensor]) -> st.SearchStrategy[Tensor]:
    """One more operation, which may also sum, average or rename."""
    over = st.sampled_from([(N,), (C,), (N, C), (M,)])
    reductions = st.builds(lambda op, a, axes: op(a, axes), st.sampled_from([total, mean]), inner, over)
    return grown(inner) | reductions | inner.map(other_row)


def other_row(node: Tensor) -> Tensor:
    """The node with N and M exchanged, or one in the other's place."""
    moves = {old: new for old, new in ((N, M), (M, N)) if old in node.axes}
    return node.rename(moves) if moves else node


scalar_graphs = st.recursive(SCALARS | NUMBERS.map(as_tensor), grown, max_leaves=8)
ROWS = st.sampled_from([tensor("x", N, C), tensor("g", C), tensor("m", N), scalar("a"), scalar("b")])
graphs = st.recursive(ROWS | NUMBERS.map(as_tensor) | st.sampled_from([as_tensor(N.size - 1)]), reduced, max_leaves=6)
