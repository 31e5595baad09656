"""Where a formula is defined: what it divides by and takes roots of, read from the definition before anything cancels.

Each operation's needs stand in :data:`NEEDS`, one line each. A need that is visibly met
(:mod:`symnorm.canonical.visible`) is discharged, every other one is a condition that is listed with the verdict.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symnorm.canonical import Facts, Solver
from symnorm.canonical.content import split
from symnorm.canonical.terms import Poly
from symnorm.canonical.visible import Sign, Visible
from symnorm.errors import SymnormError
from symnorm.evaluate import Model, evaluate, sign_of
from symnorm.tensors import Relation, Tensor, as_tensor, rebuild, walk


def _base_of_power(node: Tensor) -> list[Relation]:
    base, exponent = node.args[0], node.args[1].expr
    if exponent.is_Integer:
        return [Relation(base, "!=", as_tensor(0))] if exponent < 0 else []
    if exponent.is_Rational:
        return [Relation(base, ">" if exponent < 0 else ">=", as_tensor(0))]
    return [Relation(base, ">=" if Visible(Facts()).of(exponent).positive else ">", as_tensor(0))]  # 0^p = 0, p > 0


def _inside_a_size(node: Tensor) -> list[Relation]:
    """What a number or size expression divides by and takes roots of."""
    found = []
    for power in node.data.atoms(sp.Pow):
        if power.exp.is_negative or not power.exp.is_Integer:
            relation = "!=" if power.exp.is_Integer else ">" if power.exp.is_negative else ">="
            found.append(Relation(as_tensor(power.base), relation, as_tensor(0)))
    return found


NEEDS: dict[str, Callable[[Tensor], list[Relation]]] = {
    "div": lambda n: [Relation(n.args[1], "!=", as_tensor(0))],
    "sqrt": lambda n: [Relation(n.args[0], ">=", as_tensor(0))],
    "pow": _base_of_power,
    "const": _inside_a_size,
    "log": lambda n: [Relation(n.args[0], ">", as_tensor(0))],
}
"""What each operation needs to be defined."""


def needs(*roots: Tensor) -> list[Relation]:
    """Everything that a formula needs, from the definition before anything cancels."""
    found: dict[tuple[int, str], Relation] = {}
    for node in walk(*roots):
        rule = NEEDS.get(node.op)
        for relation in rule(node) if rule else []:
            found.setdefault((id(relation.left), relation.relation), relation)
    return list(found.values())


def settled(relation: Relation, signs: Visible) -> bool:
    """Whether the signs show that ``relation`` with zero on its right holds everywhere."""
    sign = signs.of(relation.left.element)
    if not relation.left.axes and not relation.left.element.free_symbols:
        sign = _of_number(relation.left)
    return {"!=": sign.nonzero, ">=": sign.nonnegative, ">": sign.positive}[relation.relation]


def _of_number(tensor: Tensor) -> Sign:
    """The sign of an expression of numbers, by arithmetic."""
    try:
        found = sign_of(evaluate(tensor.element, Model()))
    except SymnormError:
        return Sign()
    return Sign(nonnegative=found in (0, 1), nonpositive=found in (0, -1), nonzero=found in (1, -1))


def conditions(relations: list[Relation], signs: Visible) -> list[Relation]:
    """The needs that the assumptions do not settle, in their strongest and simplest form."""
    left: dict[object, Relation] = {}
    for relation in relations:
        if settled(relation, signs):
            continue
        reduced = _simplified(relation, signs)
        left.setdefault((reduced.relation, shape(reduced.left.element)), reduced)
    return list(left.values())


def shape(expr: sp.Basic, bound: dict[sp.Basic, int] | None = None) -> object:
    """An element with its bound indices numbered in order of appearance: equal for copies of one formula."""
    numbers = {} if bound is None else bound
    if isinstance(expr, sp.Dummy):
        return numbers.setdefault(expr, len(numbers))
    return (type(expr), *(shape(arg, numbers) for arg in expr.args)) if expr.args else expr


def distinct(relations: list[Relation], solver: Solver) -> list[Relation]:
    """The conditions that say different things: ``var(a x) > 0`` for a > 0 is ``var(x) > 0``; the shortest is kept."""
    if len(relations) < 2:
        return relations
    found: dict[object, Relation] = {}
    try:
        polys = solver.read(*(r.left.element for r in relations))
    except SymnormError:  # one of them is too large: all are listed
        return relations
    for relation, poly in zip(relations, polys, strict=True):
        key = (relation.relation, _without_units(poly, relation.relation, solver))
        found[key] = min(found.get(key, relation), relation, key=lambda r: len(repr(r)))
    return list(found.values())


def _without_units(poly: Poly, relation: str, solver: Solver) -> object:
    """A polynomial up to factors that do not change whether it is zero, or not negative."""
    if not poly:
        return frozenset()
    number, monomial, primitive = split(poly)
    signs = solver.resolver.signs
    units = {
        (c, e)
        for c, e in monomial
        if c.is_atom and c.head.nonzero and (relation == "!=" or signs.nonnegative(c) or e % 2 == 0)
    }
    sign = 1 if relation == "!=" or number > 0 else -1
    return sign, monomial - units, frozenset(primitive.items())


def in_words(relations: list[Relation]) -> tuple[str, ...]:
    """The conditions as text; a quantity's name stands for it only if no other quantity is called the same."""
    said = [repr(relation) for relation in relations]
    return tuple(
        words
        if said.count(words) == 1
        else repr(Relation(_without_names(relation.left), relation.relation, relation.right))
        for words, relation in zip(said, relations, strict=True)
    )


def _without_names(tensor: Tensor) -> Tensor:
    return rebuild((tensor,), lambda node, args: args[0] if node.op == "let" else None)[0]


def _simplified(relation: Relation, signs: Visible) -> Relation:
    """``sqrt(v) != 0`` as ``v > 0``, ``a*b != 0`` as what of it is not known, ``var != 0`` as ``var > 0``."""
    node = relation.left
    if relation.relation == ">" and node.op == "abs":
        return _simplified(Relation(node.args[0], "!=", relation.right), signs)
    if relation.relation == "!=":
        if node.op in ("sqrt", "neg", "abs"):
            return _simplified(Relation(node.args[0], "!=", relation.right), signs)
        if node.op == "pow" and node.args[1].expr.is_Integer:
            return _simplified(Relation(node.args[0], "!=", relation.right), signs)
        if node.op == "mul":
            unknown = [arg for arg in node.args if not signs.of(arg.element).nonzero]
            if len(unknown) == 1 or (len(unknown) == 2 and unknown[0] is unknown[1]):
                return _simplified(Relation(unknown[0], "!=", relation.right), signs)
        if node.op == "let" and node.args[0].op in ("sqrt", "neg", "abs"):
            return _simplified(Relation(node.args[0], "!=", relation.right), signs)
        if signs.of(node.element).nonnegative:
            return Relation(node, ">", relation.right)
    return relation
