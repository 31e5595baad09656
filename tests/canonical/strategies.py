"""Random index expressions, other ways to write them, slips in them, and points to compare them at.

Everything is a :class:`Tensor` graph. :func:`expressions` draws one; :func:`rewritten` writes the same one otherwise by
identities that a reader would not call a change; :func:`slipped` changes it at one place, by what people get wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from symnorm.canonical import Facts, Solver
from symnorm.canonical.terms import Poly
from symnorm.errors import SymnormError
from symnorm.evaluate import ConcreteLoss, Model, Number, OutsideDomain, Undetermined, element_array
from symnorm.tensors import (
    Axis,
    Loss,
    Tensor,
    absolute,
    amax,
    amin,
    as_tensor,
    at_max,
    at_min,
    axes,
    delta,
    erf,
    exp,
    inputs,
    log,
    maximum,
    mean,
    minimum,
    scalar,
    sign,
    sqrt,
    tensor,
    total,
    union,
    var,
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
T = scalar("t", integer=True, positive=True)
P, Q = scalar("p", positive=True), scalar("q")
SHARES = tuple(scalar(f"rho_{k}", positive=True) for k in (1, 2, 3))

BELOW, NOT_ABOVE, NOT_BELOW, NOT_ZERO = (scalar(name) for name in ("below", "not_above", "not_below", "not_zero"))
FACTS = Facts(
    negative=frozenset({"below"}),
    nonpositive=frozenset({"not_above"}),
    nonnegative=frozenset({"not_below"}),
    nonzero=frozenset({"not_zero"}),
)
"""Signs that nothing declares and that are assumed instead."""

LEAVES = (X, X, W, GAMMA, A, B)
SIGNED = (P, Q, EPS, N.size, C.size, N.size - 1, BELOW, NOT_ABOVE, NOT_BELOW, NOT_ZERO)

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


def standardized(x: Tensor, over: Axis = N) -> Tensor:
    """Centred and divided by the standard deviation."""
    return (x - mean(x, over=over)) / sqrt(var(x, over=over) + EPS)


def switchable(x: Tensor) -> Tensor:
    """The root of a weighted sum of averages of one thing."""
    one, two, three = SHARES
    return sqrt(one * x**2 + two * mean(x**2, over=C) + three * mean(x**2, over=N) + EPS)


def with_cotangent(x: Tensor) -> Tensor:
    """The derivative of a loss of x along x."""
    return total(L.cotangent(x) * x, over=x.axes) if x.axes else x


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
}
DELTAS: dict[str, Unary] = {
    "pick": lambda x: x * delta(N, M),
    "diagonal": diagonal,
}
ROOTS: dict[str, Unary] = {
    "length N": lambda x: of_squares(x, N),
    "length C": lambda x: of_squares(x, C),
    "per length": lambda x: x / of_squares(x, N),
    "deviation": lambda x: sqrt(var(x, over=N) + EPS),
    "standard": standardized,
    "standard C": lambda x: standardized(x, C),
}
SIGNS: dict[str, Unary] = {
    "abs": absolute,
    "sign": sign,
    "root of square": lambda x: sqrt(x**2),
    "root with content": lambda x: sqrt(x**2 * P),
    "root": sqrt,
    "root of sum": lambda x: sqrt(x + A),
    "root of total": lambda x: sqrt(total(x, over=N)),
    "root of product": lambda x: sqrt(x * renamed(x, N, M)),
    "odd root": lambda x: sqrt(x**3),
    "inverse": lambda x: 1 / x,
    "inverse of sum": lambda x: 1 / (x + B),
    "inverse of total": lambda x: 1 / total(x, over=N),
    "gap": lambda x: x - renamed(x, N, M),
    "pair": lambda x: absolute(x * W),
    "sign squared": lambda x: sign(x) ** 2,
    "pairs of signs": lambda x: total(sign(x - renamed(x, N, M)) ** 2, over=M),
    "switchable": switchable,
    "maximum": lambda x: maximum(x, A),
    "minimum": lambda x: minimum(x, W),
    "largest N": lambda x: amax(x, over=N),
    "smallest C": lambda x: amin(x, over=C),
    "largest NC": lambda x: amax(x, over=(N, C)),
    "by largest": lambda x: x / amax(absolute(x), over=N),
    "by range": lambda x: (x - amin(x, over=N)) / (amax(x, over=N) - amin(x, over=N)),
    "at largest": lambda x: at_max(x, over=N),
    "sum at smallest": lambda x: total(x * at_min(x, over=N), over=N),
    "exp": exp,
    "log": log,
    "erf": erf,
    "erf of the negative": lambda x: erf(-x),
    "cotangent": L.cotangent,
    "with cotangent": with_cotangent,
}
BINARY: dict[str, Binary] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
}


@st.composite
def expressions(
    draw: st.DrawFn,
    *,
    steps: int = 5,
    roots: bool = True,
    signs: bool = True,
    deltas: bool = True,
    more: Mapping[str, Unary] | None = None,
) -> Tensor:
    """An expression in which any part may be used again; the latest part always is, so that it gets deep.

    Without ``signs`` it is free: sums and products of tensors, and roots and reciprocals of sums of squares.
    """
    groups = (POLYNOMIAL, DELTAS if deltas else {}, ROOTS if roots else {}, SIGNS if signs else {}, more or {})
    one = {name: op for group in groups for name, op in group.items()}
    two = {**BINARY, **({"div": lambda a, b: a / b} if signs else {})}
    pool = [draw(st.sampled_from(LEAVES))]
    names = sorted(two) * 4 + sorted(one) + sorted(more or {}) * 6
    for _ in range(draw(st.integers(1, steps))):
        op = draw(st.sampled_from(names))
        if op in two:
            other = draw(st.sampled_from([*pool, *LEAVES, *SIGNED, S, 2]))
            pool.append(two[op](pool[-1], as_tensor(other)))
        else:
            pool.append(one[op](pool[-1]))
    return pool[-1]


# The same, written otherwise -----------------------------------------------------------------------------------------

Arguments = tuple[Tensor, ...]
Way = Callable[[Tensor, Arguments, random.Random], "Tensor | None"]

REDUCE = ("total", "mean")


def _reduced(node: Tensor, value: Tensor, over: Sequence[Axis]) -> Tensor:
    return (mean if node.op == "mean" else total)(value, over=tuple(over))


def _swap(node: Tensor, args: Arguments, dice: random.Random) -> Tensor:
    a, b = args
    return b + a if node.op == "add" else b * a


def _regroup(node: Tensor, args: Arguments, dice: random.Random) -> Tensor | None:
    left, right = args
    if left.op != node.op:
        return None
    first, second = left.args
    return first + (second + right) if node.op == "add" else first * (second * right)


def _distribute(node: Tensor, args: Arguments, dice: random.Random) -> Tensor | None:
    for factor, other in (args, args[::-1]):
        if other.op == "add":
            return factor * other.args[0] + factor * other.args[1]
        if other.op == "sub":
            return factor * other.args[0] - factor * other.args[1]
    return None


def _multiplied_out(node: Tensor, args: Arguments, dice: random.Random) -> Tensor | None:
    base, exponent = args
    if exponent.op != "const" or not exponent.data.is_Integer or exponent.data < 1:
        return None
    if base.op in ("add", "sub") and exponent.data == 2:
        a, b = base.args
        return a * a + (2 if base.op == "add" else -2) * a * b + b**2
    result = base
    for _ in range(int(exponent.data) - 1):
        result = base * result
    return result


def _one_by_one(node: Tensor, args: Arguments, dice: random.Random) -> Tensor:
    value, over = args[0], list(node.data)
    dice.shuffle(over)
    for axis in over:
        value = _reduced(node, value, [axis])
    return value


def _other_index(node: Tensor, args: Arguments, dice: random.Random) -> Tensor | None:
    """The sum over a copy of its axis."""
    (value,), over = args, node.data
    taken = len({axis for inner in walk(value) for axis in inner.axes})
    fresh = {axis: axis.copy(f"{axis.name}_{taken}_{dice.randrange(10**6)}") for axis in over if axis in value.axes}
    return _reduced(node, value.rename(fresh), [fresh.get(axis, axis) for axis in over]) if fresh else None


def _linear(node: Tensor, args: Arguments, dice: random.Random) -> Tensor | None:
    """The sum of a sum, and what the index does not touch taken out."""
    (value,), over = args, node.data
    if value.op in ("add", "sub"):
        a, b = (_reduced(node, arg, over) for arg in value.args)
        return a + b if value.op == "add" else a - b
    if value.op == "mul":
        for factor, other in (value.args, value.args[::-1]):
            if not set(factor.axes) & set(over):
                return factor * _reduced(node, other, over)
    return None


def _mean_as_total(node: Tensor, args: Arguments, dice: random.Random) -> Tensor:
    return total(args[0], over=node.data) / as_tensor(sp.Mul(*[axis.size for axis in node.data]))


def _root_without_content(node: Tensor, args: Arguments, dice: random.Random) -> Tensor:
    return sqrt(P**2 * args[0]) / P


WAYS: dict[str, tuple[Way, ...]] = {
    "add": (_swap, _swap, _regroup),
    "mul": (_swap, _swap, _regroup, _distribute, _distribute),
    "sub": (lambda n, a, d: a[0] + -a[1], lambda n, a, d: -(a[1] - a[0])),
    "neg": (lambda n, a, d: -1 * a[0], lambda n, a, d: 0 - a[0]),
    "div": (lambda n, a, d: a[0] * a[1] ** -1, lambda n, a, d: a[0] * (1 / a[1])),
    "pow": (_multiplied_out, _multiplied_out),
    "sqrt": (lambda n, a, d: a[0] ** Fraction(1, 2), lambda n, a, d: sqrt(4 * a[0]) / 2, _root_without_content),
    "total": (_one_by_one, _other_index, _other_index, _linear),
    "mean": (_one_by_one, _other_index, _linear, _mean_as_total),
}
"""Ways to write each operation that change nothing."""


def rewritten(root: Tensor, seed: int) -> Tensor:
    """The same expression written otherwise; what was shared may be written in two ways."""
    dice = random.Random(seed)

    def visit(node: Tensor) -> Tensor:
        args = tuple(visit(arg) for arg in node.args)
        choices = WAYS.get(node.op, ())
        found = dice.choice(choices)(node, args, dice) if choices and dice.random() < 0.7 else None
        return same(node, args) if found is None else found

    return visit(root)


def same(node: Tensor, args: Arguments) -> Tensor:
    """The node's own operation on other arguments of the same value."""
    if not args:
        return node
    if node.op == "rename":
        return args[0].rename({old: new for old, new in node.data if old in args[0].axes})
    if node.op in REDUCE:
        return _reduced(node, args[0], node.data)
    at = node.axes if node.op in LOSSES else union(*(arg.axes for arg in args))
    return Tensor(node.op, args, at, node.data)


# Slips ----------------------------------------------------------------------------------------------------------------

Slip = Callable[[Tensor, Arguments], Tensor]

SLIPS: dict[str, tuple[Slip, ...]] = {
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
        lambda n, a: mean(a[0], over=n.data),
        lambda n, a: abs(total(a[0], over=n.data)),
        lambda n, a: total(abs(a[0]), over=n.data),
        lambda n, a: total(a[0] * sign(a[0]) ** 2, over=n.data),
    ),
    "mean": (lambda n, a: abs(mean(a[0], over=n.data)), lambda n, a: total(a[0], over=n.data) / n.data[0].size),
    "rename": (lambda n, a: a[0],),
    "amax": (
        lambda n, a: amin(a[0], over=n.data),
        lambda n, a: -amin(-a[0], over=n.data),
        lambda n, a: abs(amax(a[0], over=n.data)),
        lambda n, a: amax(abs(a[0]), over=n.data),
        lambda n, a: total(at_max(a[0], over=n.data) * a[0], over=n.data),
        lambda n, a: amax(a[0] * A, over=n.data) / A,
        lambda n, a: amax(a[0] * absolute(A), over=n.data) / absolute(A),
        lambda n, a: amax(a[0] + A, over=n.data) - A,
    ),
    "amin": (lambda n, a: -amax(-a[0], over=n.data), lambda n, a: amin(a[0] * A, over=n.data) / A),
    "at_max": (
        lambda n, a: at_min(-a[0], over=n.data),
        lambda n, a: at_max(a[0], over=n.data) ** 2,
        lambda n, a: at_max(A * a[0], over=n.data),
        lambda n, a: at_max(A**2 * a[0] + A, over=n.data),
        lambda n, a: at_max(a[0] ** 2, over=n.data),
    ),
    "maximum": (lambda n, a: maximum(a[1], a[0]), lambda n, a: (a[0] + a[1] + abs(a[0] - a[1])) / 2),
    "cotangent": (lambda n, a: L.cotangent(a[0] * A / A), lambda n, a: L.cotangent(-a[0]), lambda n, a: a[0]),
    "input": (lambda n, a: abs(n), lambda n, a: n * sign(n) ** 2, lambda n, a: n / n * n),
}
"""What is easily taken for the same: some are the same, and exact arithmetic says which."""

FREE_SLIPS: dict[str, tuple[Slip, ...]] = {
    "add": (lambda n, a: a[0] - a[1], lambda n, a: a[0], lambda n, a: 2 * a[0] + a[1]),
    "sub": (lambda n, a: a[0] + a[1], lambda n, a: a[1] - a[0]),
    "mul": (lambda n, a: a[0] * a[1] ** 2, lambda n, a: a[0], lambda n, a: a[0] * a[1] * N.size / C.size),
    "pow": (lambda n, a: a[0] ** 4, lambda n, a: 2 * a[0] ** 2),
    "total": (
        lambda n, a: mean(a[0], over=n.data),
        lambda n, a: total(a[0], over=n.data) * (n.data[0].size - 1) / n.data[0].size,
        lambda n, a: total(mean(a[0], over=n.data) ** 2, over=n.data),
        lambda n, a: total(a[0] ** 2, over=n.data),
    ),
    "mean": (lambda n, a: mean(a[0] ** 2, over=n.data), lambda n, a: mean(a[0], over=n.data) ** 2),
    "input": (
        lambda n, a: -n,
        lambda n, a: mean(n, over=N) if N in n.axes else 2 * n,
        lambda n, a: mean(n, over=C) if C in n.axes else n + 1,
    ),
}
"""Slips that leave a free expression free."""


def slipped(root: Tensor, seed: int, slips: Mapping[str, tuple[Slip, ...]] = SLIPS) -> Tensor:
    """The expression with one slip, or two."""
    dice = random.Random(seed)
    nodes = [node for node in walk(root) if node.op in slips]
    chosen = {id(dice.choice(nodes)) for _ in range(dice.choice((1, 1, 2)))} if nodes else set()
    made: dict[int, Tensor] = {}
    for node in walk(root):
        args = tuple(made[id(arg)] for arg in node.args)
        value = same(node, args)
        if id(node) in chosen:
            slip = dice.choice(slips[node.op])(value, args)
            value = slip if set(slip.axes) <= set(node.axes) else value
        made[id(node)] = value
    return made[id(root)]


# Points ---------------------------------------------------------------------------------------------------------------

SIZES = ((2, 3), (1, 2), (2, 1), (3, 2), (1, 1), (2, 2), (3, 3))
COARSE = tuple(Fraction(n) for n in (-1, 0, 1))
FINE = tuple(Fraction(n, 2) for n in (-6, -4, -3, -2, 0, 1, 2, 4, 6))
WIDE = tuple(Fraction(n, d) for n in range(-60, 61) for d in (1, 7))

LOSSES = ("cotangent", "curvature")


def _allowed(leaf: Any, value: Fraction, facts: Facts) -> bool:
    name = leaf.name
    return not (
        ((leaf.positive or name in facts.positive) and value <= 0)
        or ((leaf.nonnegative or name in facts.nonnegative) and value < 0)
        or (name in facts.negative and value >= 0)
        or (name in facts.nonpositive and value > 0)
        or ((leaf.nonzero or name in facts.nonzero) and value == 0)
        or (leaf.integer and value.denominator != 1)
    )


def point(
    roots: Sequence[Tensor],
    seed: int,
    *,
    sizes: Sequence[tuple[int, int]] = SIZES,
    numbers: Sequence[Sequence[Fraction]] = (COARSE, FINE),
    facts: Facts = FACTS,
) -> Model:
    """Values for everything that the roots mention; few different ones, so that ties and zeros are met."""
    dice = random.Random(seed)
    n, c = dice.choice(sizes)
    extent, choices = {"N": n, "C": c}, dice.choice(numbers)
    symbols = {sp.Symbol(name, integer=True, positive=True): sp.Integer(size) for name, size in extent.items()}
    scalars: dict[str, Number] = {}
    tensors: dict[str, dict[tuple[int, ...], Number]] = {}
    for name, leaf in inputs(*roots).items():
        allowed = [value for value in choices if _allowed(leaf.data, value, facts)]
        if not leaf.axes:
            scalars[name] = dice.choice(allowed)
            continue
        ranges = [range(1, int(axis.size.xreplace(symbols)) + 1) for axis in leaf.axes]
        entries = {at: dice.choice(allowed) for at in product(*ranges)}
        tensors[name] = {at: entries[min(at, at[::-1])] if leaf.data.symmetric else entries[at] for at in entries}
    losses = {node.data: ConcreteLoss(dice.randrange(1000)) for node in walk(*roots) if node.op in LOSSES}
    return Model(extent, scalars, tensors, losses)


def points(roots: Sequence[Tensor], seed: int, count: int, **options: Any) -> Iterator[Model]:
    """Several points, each of its own seed."""
    return (point(roots, 1000 * seed + number, **options) for number in range(count))


def values(x: Tensor, model: Model, over: Sequence[Axis] | None = None) -> dict[tuple[int, ...], Number] | None:
    """The entries at every index over the given axes, or ``None`` where the expression is not defined at one."""
    found = x.axes if over is None else over
    try:
        return element_array(x.element, [axis.index for axis in found], [axis.size for axis in found], model)
    except (OutsideDomain, Undetermined):
        return None


# Reading --------------------------------------------------------------------------------------------------------------

GAVE_UP = (SymnormError,)
"""What a reading may end with instead of an answer: too large, undefined, not supported."""


def solver(*roots: Tensor, facts: Facts = FACTS) -> Solver:
    """A solver that knows the declared symmetries."""
    return Solver(facts, [name for name, leaf in inputs(*roots).items() if leaf.data.symmetric])


def equal(left: Any, right: Any, facts: Facts = FACTS) -> bool:
    """Whether two tensors have one normal form."""
    left, right = as_tensor(left), as_tensor(right)
    return solver(left, right, facts=facts).equal(left.element, right.element)


def normal_form(x: Tensor) -> tuple[Solver, Poly]:
    """The expression's normal form and the solver that read it."""
    made = solver(x)
    return made, made.read(x.element)[0]
