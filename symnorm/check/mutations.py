"""Mutants: a claim with one small mistake planted in what it states or assumes.

In come a claim and a source of chance, out comes a :class:`Mutant`: the same statement with a sign, a factor, an
index, an axis, an exponent, a term or an assumption changed, as people change them when they write a formula down. Most
mutants are false and some happen to stay true; :mod:`symnorm.check.soundness` asks which, and whether the prover knows.

The mistakes stand in :data:`MISTAKES`, one line each: what an operation may be mistaken for.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import sympy as sp

from symnorm.claims import Claim
from symnorm.errors import SymnormError
from symnorm.printing import texts
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
    rebuild,
    total,
    walk,
)
from symnorm.tensors.rebuild import reapply

ATTEMPTS = 200
"""How often a mistake is drawn that does not fit before the claim counts as one that cannot be mutated."""


@dataclass(frozen=True, eq=False)
class Mutant:
    """A statement with a mistake in it.

    Attributes:
        claim: the name of the claim that it was made of.
        mistake: the kind, a key of :data:`MISTAKES` or :data:`OF_RELATIONS`.
        change: what became what, as text.
        relations: what is stated, together.
        given: what is assumed.
        by: for an inequality, what the difference is said to equal.
    """

    claim: str
    mistake: str
    change: str
    relations: tuple[Relation, ...]
    given: tuple[Relation, ...]
    by: Tensor | None = None

    def __str__(self) -> str:
        stated = " and ".join(map(repr, self.relations))
        assumed = f" given {', '.join(map(repr, self.given))}" if self.given else ""
        by = f" by {self.by!r}" if self.by is not None else ""
        return f"{self.claim} with {self.mistake} ({self.change}): {stated}{assumed}{by}"


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


# planting -------------------------------------------------------------------------------------------------------------


def mutant(claim: Claim, draw: random.Random, mistake: str | None = None) -> Mutant:
    """The claim with one mistake.

    Args:
        claim: one that states something.
        draw: the source of chance; the same seed gives the same mutant in every process.
        mistake: the kind; drawn too if it is left out.

    Raises:
        SymnormError: no mistake (of that kind) fits the claim.

    Example:
        >>> from symnorm.claims import Claim
        >>> from symnorm.tensors import axes, equal, mean, tensor
        >>> (N,) = axes("N")
        >>> x = tensor("x", N)
        >>> centred = Claim("x.centred", "", lambda: equal(mean(x - mean(x, over=N), over=N), 0))
        >>> mutant(centred, random.Random(1), "one less counted").relations
        (sum(x - mean(x))/(N - 1) == 0,)
    """
    relations, given = claim.relations(), claim.given
    by = claim.by() if claim.by is not None else None
    sides = [side for relation in (*relations, *given) for side in (relation.left, relation.right)]
    roots = [*sides, by] if by is not None else sides
    scene = Scene.of(*roots)
    kinds = [*MISTAKES, *OF_RELATIONS] if mistake is None else [mistake]
    for _ in range(ATTEMPTS):
        kind = draw.choice(kinds)
        if kind in OF_RELATIONS:
            of_given = kind != "another relation"
            old = given if of_given else relations
            if old:
                new = OF_RELATIONS[kind](old, draw)
                change = f"{_listed(old)} -> {_listed(new)}"
                return Mutant(claim.name, kind, change, relations if of_given else new, new if of_given else given, by)
            continue
        chosen = draw.randrange(len(roots))
        planted = _planted(roots[chosen], kind, scene, draw)
        if planted is not None:
            change, root = planted
            changed = [*roots[:chosen], root, *roots[chosen + 1 :]]
            pairs = [
                Relation(changed[2 * i], r.relation, changed[2 * i + 1]) for i, r in enumerate((*relations, *given))
            ]
            stated, assumed = tuple(pairs[: len(relations)]), tuple(pairs[len(relations) :])
            return Mutant(claim.name, kind, change, stated, assumed, changed[-1] if by is not None else None)
    raise SymnormError(f"{mistake or 'no mistake'} fits {claim.name} in {ATTEMPTS} attempts")


def _listed(relations: tuple[Relation, ...]) -> str:
    return ", ".join(map(repr, relations)) or "nothing"


def _planted(root: Tensor, kind: str, scene: Scene, draw: random.Random) -> tuple[str, Tensor] | None:
    """What changed, and the root with a mistake at one node: at one use of it, or wherever it is used."""
    fitting = [(node, found) for node in walk(root) if (found := _alternatives(node, kind, scene))]
    if not fitting:
        return None
    node, alternatives = draw.choice(fitting)
    new, once = draw.choice(alternatives), draw.random() < 0.5
    try:
        changed = _at_one_use(root, node, new, draw) if once else _everywhere(root, node, new)
    except SymnormError:
        return None  # an axis that does not fit what stands around it
    before, after = texts(node, new, plain_reductions=False)
    return f"{before} -> {after}{' once' if once else ''}", changed


def _alternatives(node: Tensor, kind: str, scene: Scene) -> list[Tensor]:
    try:
        return MISTAKES[kind](node, scene)
    except SymnormError:
        return []  # two sizes under one name meet


def _everywhere(root: Tensor, node: Tensor, new: Tensor) -> Tensor:
    return rebuild((root,), lambda old, args: new if old is node else None)[0]


def _at_one_use(root: Tensor, node: Tensor, new: Tensor, draw: random.Random) -> Tensor:
    """The root with ``new`` at one of the places where ``node`` is used; every other use of it stays."""
    users: dict[Tensor, list[tuple[Tensor, int]]] = {}
    for user in walk(root):
        for position, arg in enumerate(user.args):
            users.setdefault(arg, []).append((user, position))
    while node is not root:
        user, position = draw.choice(users[node])
        new = reapply(user, tuple(new if i == position else arg for i, arg in enumerate(user.args)))
        node = user
    return new


__all__ = ["MISTAKES", "OF_RELATIONS", "Mutant", "Scene", "mutant"]
