"""Random index expressions, other ways to write them, slips in them, and points to compare them at.

Everything is a :class:`Tensor` graph. :func:`expressions` draws one; :func:`rewritten` writes the same one otherwise, by
identities that a reader would not call a change; :func:`slipped` changes it at one place, by what people get wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from symnorm.canonical import Facts, Solver
from symnorm.canonical.terms import Undefined
from symnorm.canonical.terms import Poly, TooLarge
from symnorm.errors import SymnormError
from symnorm.evaluate import ConcreteLoss, Model, Number, OutsideDomain, Undetermined, element_array
from symnorm.tensors import (
    Axis,
    Loss,
    Tensor,
    absolute,
    as_tensor,
    axes,
    delta,
    inputs,
    mean,
    scalar,
    sign,
    sqrt,
    tensor,
    total,
    union,
    walk,
)

N, C = axes("N C")
M = N.copy("M")
L = Loss("L")

X = tensor("x", N, C)
W = tensor("w", N)
GAMMA = tensor("gamma", C)
S = tensor("S", N, M, symmetric=True)
A, B = scalar("a"), scalar("b")
P = scalar("p", positive=True)
Q = scalar("q", nonnegative=True)
EPS = scalar("eps", positive=True)

LEAVES = (X, X, W, GAMMA, A, B)
SIGNED = (P, Q, EPS, N.size, C.size, N.size - 1)

Unary = Callable[[Tensor], Tensor]
Binary = Callable[[Tensor, Tensor], Tensor]


def renamed(x: Tensor, old: Axis, new: Axis) -> Tensor:
    """The same numbers along another axis, where that is possible."""
    return x.rename({old: new}) if old in x.axes and new not in x.axes else x


def diagonal(x: Tensor) -> Tensor:
    """The entries at n = m."""
    return total(delta(N, M) * x, over=M) if M in x.axes and N in x.axes else x


def of_squares(x: Tensor, over: Axis) -> Tensor:
    """A root as normalizers have it."""
    return sqrt(total(x**2, over=over) + EPS)


POLYNOMIAL: dict[str, Unary] = {
    "total N": lambda x: total(x, over=N),
    "total C": lambda x: total(x, over=C),
    "total NC": lambda x: total(x, over=(N, C)),
    "total M": lambda x: total(x, over=M),
    "mean N": lambda x: mean(x, over=N),
    "mean C": lambda x: mean(x, over=C),
    "centred": lambda x: x - mean(x, over=N),
    "square": lambda x: x**2,
    "neg": lambda x: -x,
    "copy": lambda x: renamed(x, N, M),
    "back": lambda x: renamed(x, M, N),
    "pick": lambda x: x * delta(N, M),
    "diagonal": diagonal,
}
ROOTS: dict[str, Unary] = {
    "length N": lambda x: of_squares(x, N),
    "length C": lambda x: of_squares(x, C),
    "per length": lambda x: x / of_squares(x, N),
    "deviation": lambda x: sqrt(mean((x - mean(x, over=N)) ** 2, over=N) + EPS),
    "standard": lambda x: (x - mean(x, over=N)) / sqrt(mean((x - mean(x, over=N)) ** 2, over=N) + EPS),
}
SIGNS: dict[str, Unary] = {
    "abs": absolute,
    "sign": sign,
    "root of square": lambda x: sqrt(x**2),
    "root with content": lambda x: sqrt(x**2 * P),
    "root": sqrt,
    "root of sum": lambda x: sqrt(x + A),
    "inverse": lambda x: 1 / x,
    "inverse of sum": lambda x: 1 / (x + B),
    "odd root": lambda x: sqrt(x**3),
    "gap": lambda x: x - renamed(x, N, M),
}
BINARY: dict[str, Binary] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
}


@st.composite
def expressions(draw: st.DrawFn, *, steps: int = 5, roots: bool = True, signs: bool = True) -> Tensor:
    """An expression in which any part may be used again; the latest part always is, so that it gets deep."""
    one = {**POLYNOMIAL, **(ROOTS if roots else {}), **(SIGNS if signs else {})}
    two = {**BINARY, **({"div": lambda a, b: a / b} if signs else {})}
    pool = [draw(st.sampled_from(LEAVES))]
    names = sorted(two) * 4 + sorted(one) + (sorted(SIGNS) if signs else [])
    for _ in range(draw(st.integers(1, steps))):
        op = draw(st.sampled_from(names))
        if op in two:
            other = draw(st.sampled_from([*pool, *LEAVES, *SIGNED, S, 2]))
            pool.append(two[op](pool[-1], as_tensor(other)))
        else:
            pool.append(one[op](pool[-1]))
    return pool[-1]


# The same, written otherwise -------------------------------------------------------------------------------------------

Way = Callable[[Tensor, tuple[Tensor, ...], random.Random], "Tensor | None"]


def _swap(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor | None:
    return {"add": lambda a, b: b + a, "mul": lambda a, b: b * a}[node.op](*args)


def _regroup(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor | None:
    left, right = args
    if left.op != node.op:
        return None
    first, second = left.args
    return first + (second + right) if node.op == "add" else first * (second * right)


def _distribute(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor | None:
    for factor, other in (args, args[::-1]):
        if other.op == "add":
            return factor * other.args[0] + factor * other.args[1]
        if other.op == "sub":
            return factor * other.args[0] - factor * other.args[1]
    return None


def _square_of_sum(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor | None:
    base, exponent = args
    if exponent.op != "const" or exponent.data != 2:
        return None
    if base.op in ("add", "sub"):
        a, b = base.args
        cross = 2 * a * b
        return (a * a + cross if base.op == "add" else a * a - cross) + b**2
    return base * base


def _unit_power(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor | None:
    base, exponent = args
    if exponent.op != "const" or not exponent.data.is_Integer or exponent.data < 1:
        return None
    result = base
    for _ in range(int(exponent.data) - 1):
        result = base * result
    return result


def _reduced(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor:
    return (mean if node.op == "mean" else total)(args[0], over=node.data)


def _one_by_one(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor | None:
    over = list(node.data)
    if len(over) < 2:
        return None
    dice.shuffle(over)
    value = args[0]
    for axis in over:
        value = (mean if node.op == "mean" else total)(value, over=axis)
    return value


def _other_index(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor | None:
    """The sum over a copy of its axis."""
    (value,), over = args, node.data
    taken = {axis.name for inner in walk(value) for axis in (*inner.axes, *(inner.data if inner.op in REDUCE else ()))}
    fresh = {axis: axis.copy(f"{axis.name}{len(taken)}z") for axis in over if axis in value.axes}
    if not fresh:
        return None
    gone = tuple(fresh.get(axis, axis) for axis in over)
    return (mean if node.op == "mean" else total)(value.rename(fresh), over=gone)


def _linear(node: Tensor, args: tuple[Tensor, ...], dice: random.Random) -> Tensor | None:
    """The sum of a sum, and what the index does not touch taken out."""
    (value,), over = args, node.data
    reduce = mean if node.op == "mean" else total
    if value.op in ("add", "sub"):
        a, b = (reduce(arg, over=over) for arg in value.args)
        return a + b if value.op == "add" else a - b
    if value.op == "mul":
        for factor, other in (value.args, value.args[::-1]):
            if not set(factor.axes) & set(over):
                return factor * reduce(other, over=over)
    return None


REDUCE = ("total", "mean")

WAYS: dict[str, tuple[Way, ...]] = {
    "add": (_swap, _swap, _regroup),
    "mul": (_swap, _swap, _regroup, _distribute, _distribute),
    "sub": (lambda n, a, d: a[0] + -a[1], lambda n, a, d: -(a[1] - a[0])),
    "neg": (lambda n, a, d: -1 * a[0], lambda n, a, d: 0 - a[0]),
    "div": (lambda n, a, d: a[0] * a[1] ** -1, lambda n, a, d: a[0] * (1 / a[1])),
    "pow": (_square_of_sum, _unit_power),
    "sqrt": (lambda n, a, d: a[0] ** Fraction(1, 2), lambda n, a, d: sqrt(4 * a[0]) / 2),
    "abs": (lambda n, a, d: absolute(-a[0]),),
    "sign": (lambda n, a, d: -sign(-a[0]), lambda n, a, d: sign(3 * a[0])),
    "total": (_one_by_one, _other_index, _other_index, _linear),
    "mean": (
        _one_by_one,
        _other_index,
        _linear,
        lambda n, a, d: total(a[0], over=n.data) / as_tensor(sp.Mul(*[axis.size for axis in n.data])),
    ),
    "rename": (),
}
"""Ways to write each operation that change nothing."""


def rewritten(root: Tensor, seed: int, ways: dict[str, tuple[Way, ...]] = WAYS) -> Tensor:
    """The same expression written otherwise; nodes that were shared may be written in two ways."""
    dice = random.Random(seed)

    def visit(node: Tensor) -> Tensor:
        args = tuple(visit(arg) for arg in node.args)
        choices = ways.get(node.op, ())
        if choices and dice.random() < 0.7:
            found = dice.choice(choices)(node, args, dice)
            if found is not None:
                return found
        return same(node, args)

    return visit(root)


def same(node: Tensor, args: tuple[Tensor, ...]) -> Tensor:
    """The node's own operation on other arguments of the same value."""
    if not args:
        return node
    if node.op == "rename":
        return args[0].rename({old: new for old, new in node.data if old in args[0].axes})
    if node.op in REDUCE:
        return _reduced(node, args, random.Random(0))
    at = node.axes if node.op == "cotangent" else union(*(arg.axes for arg in args))
    return Tensor(node.op, args, at, node.data)


# Slips ----------------------------------------------------------------------------------------------------------------

SLIPS: dict[str, tuple[Callable[[Tensor, tuple[Tensor, ...]], Tensor], ...]] = {
    "abs": (lambda n, a: a[0], lambda n, a: -a[0], lambda n, a: sign(a[0]) ** 2 * a[0]),
    "sign": (lambda n, a: as_tensor(1), lambda n, a: sign(a[0]) ** 3, lambda n, a: sign(a[0]) ** 2),
    "sqrt": (
        lambda n, a: sqrt(abs(a[0])),
        lambda n, a: abs(a[0]) / sqrt(a[0]),
        lambda n, a: sqrt(a[0]) * sign(a[0]),
        lambda n, a: a[0].args[0] if a[0].op == "pow" else -sqrt(a[0]),
    ),
    "add": (lambda n, a: a[0] - a[1], lambda n, a: a[0], lambda n, a: abs(a[0]) + a[1]),
    "sub": (lambda n, a: a[1] - a[0], lambda n, a: abs(a[0] - a[1]), lambda n, a: a[0] + a[1]),
    "mul": (
        lambda n, a: a[0] * abs(a[1]),
        lambda n, a: abs(a[0]) * abs(a[1]),
        lambda n, a: a[0] * a[1] * sign(a[1]) ** 2,
        lambda n, a: a[0] * sqrt(a[1] ** 2),
        lambda n, a: a[0] * a[1] * sign(a[0] ** 2),
    ),
    "div": (lambda n, a: a[1] / a[0], lambda n, a: a[0] / abs(a[1]), lambda n, a: a[0] * sign(a[1]) / abs(a[1])),
    "neg": (lambda n, a: a[0], lambda n, a: abs(a[0])),
    "pow": (lambda n, a: abs(a[0]) ** 2, lambda n, a: abs(a[0] ** 2), lambda n, a: a[0] * abs(a[0])),
    "total": (
        lambda n, a: n.data[0].size * a[0] if not set(n.data) & set(a[0].axes) else mean(a[0], over=n.data),
        lambda n, a: abs(total(a[0], over=n.data)),
        lambda n, a: total(abs(a[0]), over=n.data),
        lambda n, a: total(a[0] * sign(a[0]) ** 2, over=n.data),
    ),
    "mean": (lambda n, a: abs(mean(a[0], over=n.data)), lambda n, a: total(a[0], over=n.data) / (n.data[0].size)),
    "input": (lambda n, a: abs(n), lambda n, a: n * sign(n) ** 2, lambda n, a: n / n * n),
}
"""What is easily taken for the same: some are the same, and exact arithmetic says which."""


def slipped(root: Tensor, seed: int) -> Tensor:
    """The expression with one slip, or two."""
    dice = random.Random(seed)
    nodes = [node for node in walk(root) if node.op in SLIPS]
    if not nodes:
        return root
    chosen = {id(dice.choice(nodes)) for _ in range(dice.choice((1, 1, 2)))}
    made: dict[int, Tensor] = {}
    for node in walk(root):
        args = tuple(made[id(arg)] for arg in node.args)
        value = same(node, args)
        if id(node) in chosen:
            slip = dice.choice(SLIPS[node.op])(value, args)
            value = slip if set(slip.axes) <= set(node.axes) else value
        made[id(node)] = value
    return made[id(root)]


# Points ---------------------------------------------------------------------------------------------------------------

SIZES = ((2, 3), (1, 2), (2, 1), (3, 2), (1, 1), (2, 2), (3, 3))
COARSE = tuple(Fraction(n) for n in (-1, 0, 1))
FINE = tuple(Fraction(n) for n in (-3, -2, -1, 1, 2, 3)) + (Fraction(0), Fraction(1, 2), Fraction(-3, 2))


def point(roots: tuple[Tensor, ...], seed: int, sizes: tuple[int, int] | None = None, zeros: bool = True) -> Model:
    """Values for everything that the roots mention; few different ones, so that ties and zeros are met."""
    dice = random.Random(seed)
    n, c = sizes or dice.choice(SIZES)
    extent = {"N": n, "C": c}
    choices = dice.choice((COARSE, FINE)) if zeros else FINE
    scalars: dict[str, Number] = {}
    tensors: dict[str, dict[tuple[int, ...], Number]] = {}
    for name, leaf in inputs(*roots).items():
        allowed = [v for v in choices if not (leaf.data.positive and v <= 0) and not (leaf.data.nonnegative and v < 0)]
        allowed = [v for v in allowed if zeros or v != 0]
        allowed = [v for v in allowed if v.denominator == 1 or not leaf.data.integer]
        if not leaf.axes:
            scalars[name] = dice.choice(allowed)
            continue
        ranges = [range(1, int(axis.size.xreplace(_sizes(extent))) + 1) for axis in leaf.axes]
        entries = {at: dice.choice(allowed) for at in product(*ranges)}
        tensors[name] = {at: entries[min(at, at[::-1])] if leaf.data.symmetric else entries[at] for at in entries}
    losses = {node.data: ConcreteLoss(dice.randrange(1000)) for node in walk(*roots) if node.op in LOSSES}
    return Model(extent, scalars, tensors, losses)


LOSSES = ("cotangent", "curvature")


def _sizes(extent: dict[str, int]) -> dict[sp.Symbol, sp.Integer]:
    return {sp.Symbol(name, integer=True, positive=True): sp.Integer(size) for name, size in extent.items()}


def values(x: Tensor, model: Model, over: tuple[Axis, ...] | None = None) -> dict[tuple[int, ...], Number] | None:
    """The entries at every index over the given axes, or ``None`` where the expression is not defined at one."""
    found = x.axes if over is None else over
    try:
        return element_array(x.element, [axis.index for axis in found], [axis.size for axis in found], model)
    except (OutsideDomain, Undetermined):
        return None


def points(roots: tuple[Tensor, ...], seed: int, count: int) -> Iterator[Model]:
    """Several points, each of its own seed."""
    return (point(roots, 1000 * seed + number) for number in range(count))


# Reading --------------------------------------------------------------------------------------------------------------

GAVE_UP = (SymnormError,)


def symmetric(*roots: Tensor) -> list[str]:
    return [name for name, leaf in inputs(*roots).items() if leaf.data.symmetric]


def solver(*roots: Tensor, facts: Facts | None = None) -> Solver:
    """A solver that knows the declared symmetries."""
    return Solver(facts, symmetric(*roots))


def equal(left: Any, right: Any, facts: Facts | None = None) -> bool:
    """Whether two tensors have one normal form."""
    left, right = as_tensor(left), as_tensor(right)
    return solver(left, right, facts=facts).equal(left.element, right.element)


def normal_form(x: Tensor) -> tuple[Solver, Poly]:
    """The expression's normal form and the solver that read it."""
    made = solver(x)
    return made, made.read(x.element)[0]
