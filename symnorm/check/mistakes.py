"""Mistakes: what an operation, a relation or an assumption may be mistaken for when a formula is written down.

In come a node of a statement and what else stands there, out come the nodes that somebody might have written instead.
One line a kind in :data:`MISTAKES` and :data:`OF_RELATIONS`; planted by :mod:`symnorm.check.mutations`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import sympy as sp

from symnorm.tensors import (
    Axis,
    Relation,
    Tensor,
    absolute,
    as_tensor,
    inputs,
    maximum,
    mean,
    minimum,
    total,
    walk,
)


@dataclass(frozen=True, eq=False)
class Scene:
    """What else stands in a statement: what an input or an axis may be confused with."""

    inputs: tuple[Tensor, ...]
    axes: tuple[Axis, ...]

    @classmethod
    def of(cls, *roots: Tensor) -> Scene:
        """Everything below the roots."""
        found = {axis: None for node in walk(*roots) for axis in (*node.axes, *_over(node))}
        return cls(tuple(inputs(*roots).values()), tuple(found))


def _over(node: Tensor) -> tuple[Axis, ...]:
    return tuple(node.data) if node.op in ("total", "mean") else ()


# what an operation may be mistaken for --------------------------------------------------------------------------------


def _signs(node: Tensor, scene: Scene) -> list[Tensor]:
    match node.op:
        case "add":
            return [node.args[0] - node.args[1], -node]
        case "sub":
            return [node.args[0] + node.args[1], node.args[1] - node.args[0]]
        case "neg":
            return [node.args[0]]
    return [-node]


def _exponents(node: Tensor, scene: Scene) -> list[Tensor]:
    if node.op == "pow" and node.args[1].op == "const" and node.args[1].data.is_Integer:
        base, exponent = node.args[0], int(node.args[1].data)
        return [base**other for other in {exponent + 1, exponent - 1, -exponent, 2 * exponent} - {exponent}]
    if node.op == "sqrt":
        return [node.args[0] ** Fraction(3, 2), node.args[0] ** Fraction(-1, 2)]
    return [node**2]


def _without_a_term(node: Tensor, scene: Scene) -> list[Tensor]:
    return [*node.args] if node.op in ("add", "sub") else []


def _without_a_factor(node: Tensor, scene: Scene) -> list[Tensor]:
    return [*node.args] if node.op in ("mul", "div") else []


def _inverted(node: Tensor, scene: Scene) -> list[Tensor]:
    a, b = node.args if len(node.args) == 2 else (node, node)
    return {"div": [b / a, a * b], "mul": [a / b, b / a]}.get(node.op, [])


def _other_reductions(node: Tensor, scene: Scene) -> list[Tensor]:
    if not _over(node):
        return []
    (x,), over = node.args, _over(node)
    reduce = total if node.op == "total" else mean
    others = [axis for axis in scene.axes if axis not in over]
    found = [reduce(x, tuple(other if a == axis else a for a in over)) for axis in over for other in others]
    found += [reduce(x, (*over, other)) for other in others]
    found += [reduce(x, tuple(a for a in over if a != axis)) for axis in over if len(over) > 1]
    return [*found, x, (mean if node.op == "total" else total)(x, over)]


def _other_indices(node: Tensor, scene: Scene) -> list[Tensor]:
    """Another axis of the same size: one that stands elsewhere, one that stands nowhere, two exchanged."""
    found = []
    for axis in node.axes:
        alike = [other for other in scene.axes if other.size == axis.size and other not in node.axes]
        found += [node.rename({axis: other}) for other in (*alike, axis.copy(f"{axis.name}_other"))]
    pairs = [(a, b) for a, b in combinations(node.axes, 2) if a.size == b.size]
    return [*found, *(node.rename({a: b, b: a}) for a, b in pairs)]


def _averaged(node: Tensor, scene: Scene) -> list[Tensor]:
    return [mean(node, axis) for axis in node.axes]


def _one_less(node: Tensor, scene: Scene) -> list[Tensor]:
    """The divisor ``m - 1`` of an unbiased estimate where the mean has ``m``."""
    if node.op != "mean":
        return []
    count = sp.Mul(*[axis.size for axis in _over(node)])
    return [total(node.args[0], _over(node)) / as_tensor(count - 1)]


def _other_inputs(node: Tensor, scene: Scene) -> list[Tensor]:
    if node.op != "input":
        return []
    return [other for other in scene.inputs if other is not node and set(other.axes) <= set(node.axes)]


def _other_constants(node: Tensor, scene: Scene) -> list[Tensor]:
    if node.op != "const":
        return []
    if node.data.is_Integer:
        return [as_tensor(int(node.data) + step) for step in (-1, 1)]
    return [as_tensor(axis.size) for axis in scene.axes if axis.size != node.data]


def _gone(node: Tensor, scene: Scene) -> list[Tensor]:
    return [as_tensor(0)] if node.op == "input" and not node.axes else []


MISTAKES: dict[str, Callable[[Tensor, Scene], list[Tensor]]] = {
    "a sign changed": _signs,
    "a factor of two": lambda n, _: [2 * n, n / 2],
    "another exponent": _exponents,
    "a term dropped": _without_a_term,
    "a factor dropped": _without_a_factor,
    "a quotient inverted": _inverted,
    "another reduction": _other_reductions,
    "another index": _other_indices,
    "an index averaged away": _averaged,
    "one less counted": _one_less,
    "a root dropped": lambda n, _: [n.args[0]] if n.op == "sqrt" else [],
    "an absolute value dropped": lambda n, _: [n.args[0]] if n.op in ("abs", "sign") else [],
    "an absolute value taken": lambda n, _: [absolute(n)],
    "a bound exchanged": lambda n, _: {"maximum": [minimum(*n.args)], "minimum": [maximum(*n.args)]}.get(n.op, [])
    if len(n.args) == 2
    else [],
    "a stopped gradient let through": lambda n, _: [n.args[0]] if n.op == "stop" else [],
    "another input": _other_inputs,
    "another constant": _other_constants,
    "a scalar left out": _gone,
}
"""By kind: everything that a node may be mistaken for."""


# what a relation or an assumption may be mistaken for -----------------------------------------------------------------

STRICTER = {"==": ("!=",), "!=": ("==",), ">=": (">", "<="), ">": (">=", "<"), "<=": ("<", ">="), "<": ("<=", ">")}


def _other_relation(relations: tuple[Relation, ...], draw: random.Random) -> tuple[Relation, ...]:
    chosen = draw.randrange(len(relations))
    old = relations[chosen]
    new = Relation(old.left, draw.choice(STRICTER[old.relation]), old.right)
    return (*relations[:chosen], new, *relations[chosen + 1 :])


def _one_dropped(relations: tuple[Relation, ...], draw: random.Random) -> tuple[Relation, ...]:
    chosen = draw.randrange(len(relations))
    return relations[:chosen] + relations[chosen + 1 :]


OF_RELATIONS: dict[str, Callable[[tuple[Relation, ...], random.Random], tuple[Relation, ...]]] = {
    "an assumption dropped": _one_dropped,
    "another assumption": _other_relation,
    "another relation": _other_relation,
}
