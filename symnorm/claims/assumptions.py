"""What a claim assumes, made ready for the prover: values to put in, signs of inputs, least sizes, and the rest.

``eps == 0`` and ``N == 1`` are put into the *statement* (never into a finished normal form), ``a > 0`` becomes a sign,
``N >= 2`` a bound. Any other equation is a relation that the normal form rewrites by, any other inequality a constraint
that a point has to satisfy. An input that is declared positive may be assumed to be zero: the limit that papers mean by
``eps = 0``; every other assumption against a declaration is a contradiction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from symnorm.canonical import Facts
from symnorm.canonical.visible import NONNEGATIVE, POSITIVE, Sign, pattern
from symnorm.errors import Contradiction
from symnorm.tensors import Relation, System, Tensor, inputs, substitute, with_sizes

FLIPPED = {"==": "==", "!=": "!=", ">=": "<=", ">": "<", "<=": ">=", "<": ">"}
SIGN_OF = {">": "positive", ">=": "nonnegative", "<": "negative", "<=": "nonpositive", "!=": "nonzero"}
EXCLUDES = {
    "positive": {"negative", "nonpositive"},
    "nonnegative": {"negative"},
    "negative": {"positive", "nonnegative"},
    "nonpositive": {"positive"},
}


@dataclass(frozen=True, eq=False)
class Assumptions:
    """Assumptions by what they are good for.

    Attributes:
        values: inputs to put in by name, ``eps == 0``.
        sizes: sizes to put in by name, ``N == 1``.
        facts: signs of inputs.
        least: lower bounds of sizes.
        constraints: relations that only a model can check, after the values are put in.
    """

    values: Mapping[str, Tensor] = field(default_factory=dict)
    sizes: Mapping[str, sp.Expr] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    least: Mapping[str, int] = field(default_factory=dict)
    constraints: tuple[Relation, ...] = ()

    @property
    def systems(self) -> tuple[System, ...]:
        """The systems whose relations are assumed."""
        return tuple({id(r.system): r.system for r in self.constraints if r.system is not None}.values())

    def applied(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """The tensors with the values and sizes put in."""
        if not self.sizes:
            return substitute(tensors, self.values) if self.values else tensors
        values = dict(zip(self.values, with_sizes(tuple(self.values.values()), self.sizes), strict=True))
        return substitute(with_sizes(tensors, self.sizes), values)

    def applied_to(self, relations: Iterable[Relation]) -> tuple[Relation, ...]:
        """The relations with the values and sizes put in, all at once."""
        listed = list(relations)
        sides = self.applied(*(side for r in listed for side in (r.left, r.right)))
        return tuple(replace(r, left=sides[2 * i], right=sides[2 * i + 1]) for i, r in enumerate(listed))

    def where(self, conditions: Iterable[Relation]) -> Assumptions:
        """The assumptions together with conditions that a verdict lists: their signs are known too."""
        written = {**_as_written(conditions), **self.facts.written}
        return replace(self, facts=replace(self.facts, written=written))


def sort(given: Iterable[Relation]) -> Assumptions:
    """Sort assumptions by what they are good for.

    Raises:
        Contradiction: two of them exclude each other.
    """
    stated = [_leaf_first(relation) for relation in given]
    for relation in stated:
        _check_declaration(relation)
    equalities = [relation for relation in stated if relation.relation == "=="]
    put_in = Assumptions()
    constraints: list[Relation] = []
    for relation in equalities:
        put_in = _with_equality(put_in, relation, constraints)
    values, sizes = dict(put_in.values), dict(put_in.sizes)
    signs: dict[str, set[str]] = {}
    least: dict[str, int] = {}
    for relation in stated:
        name, bound = _name(relation.left), _integer(relation.right)
        if relation.relation == "==":
            continue
        if relation.relation in (">=", ">") and _is_size(relation.left) and bound is not None:
            size, bound = str(relation.left.data), bound + (relation.relation == ">")
            if size not in sizes or sizes[size].is_Symbol:
                size = str(sizes.get(size, relation.left.data))
                least[size] = max(bound, least.get(size, 1))
            elif sizes[size].is_Integer and sizes[size] < bound:
                raise Contradiction(f"{size} cannot be {sizes[size]} and at least {bound}")
            else:
                constraints.append(relation)
        elif name is not None and relation.relation in SIGN_OF and bound == 0:
            signs.setdefault(name, set()).add(SIGN_OF[relation.relation])
        else:
            constraints.append(relation)
    for name, found in signs.items():
        for sign in found:
            if clash := EXCLUDES.get(sign, set()) & found:
                raise Contradiction(f"{name} cannot be {sign} and {' and '.join(sorted(clash))}")
        if {"nonnegative", "nonpositive", "nonzero"} <= found:
            raise Contradiction(f"{name} cannot be at least 0, at most 0 and not 0")
        if name in values:
            value = _number(values[name])
            if value is not None and not all(_fits(value, sign) for sign in found):
                raise Contradiction(f"{name} cannot be {value} and {' and '.join(sorted(found))}")
            constraints += [r for r in stated if _name(r.left) == name and r.relation != "=="]
    by_sign: dict[str, Any] = {
        sign: frozenset(n for n, found in signs.items() if sign in found and n not in values)
        for sign in ("positive", "nonnegative", "negative", "nonpositive", "nonzero")
    }
    sorted_out = Assumptions(values, sizes, Facts(**by_sign, least=least), least)
    rest = sorted_out.applied_to(constraints)
    return Assumptions(values, sizes, Facts(**by_sign, least=least, written=_as_written(rest)), least, rest)


WRITTEN = {"!=": Sign(nonzero=True), ">=": NONNEGATIVE, "<=": NONNEGATIVE, ">": POSITIVE, "<": POSITIVE}
"""The sign of a relation's gap."""


def _as_written(constraints: Iterable[Relation]) -> dict[object, Sign]:
    """The assumed sign of each inequality's gap, by its pattern.

    Only where an entry of a tensor carries each free index: it tells which axis another index in its place runs over.
    """
    found: dict[object, Sign] = {}
    for relation in constraints:
        element = relation.gap.element
        carried = {index for entry in element.atoms(sp.Indexed) for index in entry.indices}
        if relation.relation != "==" and all(axis.index in carried for axis in relation.gap.axes):
            key, sign = pattern(element), WRITTEN[relation.relation]
            older = found.get(key, Sign())
            found[key] = Sign(sign.nonnegative or older.nonnegative, False, sign.nonzero or older.nonzero)
    return found


def _with_equality(known: Assumptions, relation: Relation, constraints: list[Relation]) -> Assumptions:
    """One more equation to put in, after those before it have been; what cannot be put in becomes a constraint.

    Raises:
        Contradiction: it gives a second value to something.
    """
    left, right = known.applied(relation.left, relation.right)
    for side, other in ((left, right), (right, left)):
        _check_declaration(Relation(side, "==", other))  # the value may come by way of another name
    for target, value in ((left, right), (right, left)):
        name, number = _name(target), _number(value)
        if name is not None and name not in inputs(value) and set(value.axes) <= set(target.axes):
            if number is None and target.data.integer and not (_name(value) is not None and value.data.integer):
                continue  # no constraint can say that the value is a whole number
            if number is None and _promises(target) and _name(value) is not None and not _promises(value):
                continue  # the declared one stands for both
            if number is None:
                constraints += _kept_promises(target, value)
            new = {name: value}
            older = {key: substitute((old,), new)[0] for key, old in known.values.items()}
            return Assumptions({**older, **new}, known.sizes)
        if _is_size(target) and value.op == "const" and target.data not in value.data.free_symbols:
            if value.data.is_Number and not (value.data.is_Integer and value.data >= 1):
                raise Contradiction(f"{target.data} is a size, a whole number of at least 1; it cannot be {value.data}")
            resized = {str(key): size.xreplace({target.data: value.data}) for key, size in known.sizes.items()}
            return Assumptions(known.values, {**resized, str(target.data): value.data})
    if left.op == right.op == "const" and left.data.is_Number and right.data.is_Number:
        if left.data != right.data:
            raise Contradiction(f"{relation.left!r} cannot be both {left.data} and {right.data}")
    elif repr(left) != repr(right):
        constraints.append(replace(relation, left=left, right=right))
    return known


def _promises(leaf: Tensor) -> bool:
    declared = leaf.data
    return bool(declared.positive or declared.nonnegative or declared.nonzero or declared.integer or declared.symmetric)


def _kept_promises(target: Tensor, value: Tensor) -> list[Relation]:
    """What the declaration of an input says of the expression that takes its place."""
    declared, zero = target.data, Tensor("const", (), (), sp.Integer(0))
    relations = {">": declared.positive, ">=": declared.nonnegative, "!=": declared.nonzero and not declared.positive}
    found = [Relation(value, relation, zero) for relation, promised in relations.items() if promised]
    if declared.symmetric and value.axes:
        first, second = target.axes
        turned = {old: new for old, new in ((first, second), (second, first)) if old in value.axes}
        found.append(Relation(value, "==", value.rename(turned)))
    return found


def _leaf_first(relation: Relation) -> Relation:
    if (
        _name(relation.left) is None
        and not _is_size(relation.left)
        and (_name(relation.right) or _is_size(relation.right))
    ):
        return Relation(relation.right, FLIPPED[relation.relation], relation.left)
    return relation


def _fits(value: sp.Expr, sign: str) -> bool:
    holds = {">": value > 0, ">=": value >= 0, "<": value < 0, "<=": value <= 0, "!=": value != 0}
    return bool(next(holds[relation] for relation, name in SIGN_OF.items() if name == sign))


def _check_declaration(relation: Relation) -> None:
    """An assumption about one input against what its declaration promises."""
    name, value = _name(relation.left), _number(relation.right)
    if name is None or value is None:
        return
    declared = relation.left.data
    below = relation.relation in ("<", "<=", "==") and (value < 0 or (value == 0 and relation.relation == "<"))
    if declared.integer and relation.relation == "==" and not value.is_Integer:
        raise Contradiction(f"{name} is declared an integer, not {relation!r}")
    if declared.nonzero and relation.relation == "==" and value == 0:
        raise Contradiction(f"{name} is declared nonzero, not {relation!r}")
    if below and (declared.positive or declared.nonnegative):
        raise Contradiction(
            f"{name} is declared {'positive' if declared.positive else 'nonnegative'}, not {relation!r}"
        )


def _number(tensor: Tensor) -> sp.Expr | None:
    return tensor.expr if not tensor.axes and tensor.expr.is_Rational else None


def _name(tensor: Tensor) -> str | None:
    return str(tensor.data.name) if tensor.op == "input" else None


def _is_size(tensor: Tensor) -> bool:
    return tensor.op == "const" and tensor.data.is_Symbol


def _integer(tensor: Tensor) -> int | None:
    return int(tensor.data) if tensor.op == "const" and tensor.data.is_Integer else None
