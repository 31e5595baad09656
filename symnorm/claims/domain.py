"""Where a formula is defined: what it divides by and takes roots of, read from the definition before anything cancels.

Each operation's needs stand in :data:`NEEDS`, one line each, and each one's sign rule in :data:`SIGNS`; a need that the
signs settle is discharged, every other one is a condition that is listed with the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp

from symnorm.canonical import Facts
from symnorm.tensors import Relation, Tensor, as_tensor, walk


@dataclass(frozen=True)
class Sign:
    """What is known of a real's sign, at every index."""

    nonnegative: bool = False
    nonpositive: bool = False
    nonzero: bool = False

    @property
    def positive(self) -> bool:
        """Greater than zero."""
        return self.nonnegative and self.nonzero

    def flipped(self) -> Sign:
        """The sign of the negative."""
        return Sign(self.nonpositive, self.nonnegative, self.nonzero)


POSITIVE = Sign(nonnegative=True, nonzero=True)
NONNEGATIVE = Sign(nonnegative=True)
UNKNOWN = Sign()


class Signs:
    """Signs of tensors under a claim's assumptions.

    Args:
        facts: signs of inputs by name.
        least: lower bounds of sizes by name, 1 where none is given.
    """

    def __init__(self, facts: Facts, least: Mapping[str, int]) -> None:
        self.facts = facts
        self.least = least
        self._known: dict[Tensor, Sign] = {}

    def of(self, tensor: Tensor) -> Sign:
        """The sign of a tensor, at every index."""
        for node in walk(tensor):
            if node not in self._known:
                rule = SIGNS.get(node.op)
                self._known[node] = rule(self, node) if rule else UNKNOWN
        return self._known[tensor]

    def __getitem__(self, tensor: Tensor) -> Sign:
        return self._known[tensor]

    def of_number(self, value: sp.Expr) -> Sign:
        """The sign of a number or size expression: each size shifted by its lower bound, ``N = 2 + k`` with k >= 0."""
        if value.is_Number:
            return Sign(bool(value >= 0), bool(value <= 0), value != 0)
        if value.is_NumberSymbol:
            return POSITIVE
        try:
            shifted = [self._shifted(part) for part in value.as_numer_denom()]
        except sp.PolynomialError:
            return UNKNOWN
        return _product(shifted[0], shifted[1])

    def _shifted(self, value: sp.Expr) -> Sign:
        sizes = sorted(value.free_symbols, key=str)
        if not sizes:
            return Sign(bool(value >= 0), bool(value <= 0), value != 0)
        moved = value.xreplace({size: size + self.least.get(str(size), 1) for size in sizes})
        coefficients = dict(sp.Poly(moved, *sizes).terms())
        constant = coefficients.get((0,) * len(sizes), 0)
        if all(c >= 0 for c in coefficients.values()):
            return Sign(nonnegative=True, nonzero=bool(constant > 0))
        if all(c <= 0 for c in coefficients.values()):
            return Sign(nonpositive=True, nonzero=bool(constant < 0))
        return UNKNOWN


def _product(a: Sign, b: Sign) -> Sign:
    return Sign(
        (a.nonnegative and b.nonnegative) or (a.nonpositive and b.nonpositive),
        (a.nonnegative and b.nonpositive) or (a.nonpositive and b.nonnegative),
        a.nonzero and b.nonzero,
    )


def _sum(a: Sign, b: Sign) -> Sign:
    up, down = a.nonnegative and b.nonnegative, a.nonpositive and b.nonpositive
    return Sign(up, down, (up or down) and (a.nonzero or b.nonzero))


def _input(signs: Signs, node: Tensor) -> Sign:
    leaf, facts = node.data, signs.facts
    positive = leaf.positive or leaf.name in facts.positive
    negative = leaf.name in facts.negative
    nonnegative = positive or leaf.nonnegative or leaf.name in facts.nonnegative
    return Sign(nonnegative, negative, positive or negative or leaf.nonzero or leaf.name in facts.nonzero)


def _times(signs: Signs, node: Tensor) -> Sign:
    a, b = node.args
    found = _product(signs[a], signs[b])
    return Sign(True, False, signs[a].nonzero) if a is b else found


def _power(signs: Signs, node: Tensor) -> Sign:
    base, exponent = signs[node.args[0]], node.args[1].expr
    if exponent.is_Integer and exponent % 2 == 0:
        return Sign(nonnegative=True, nonzero=base.nonzero)
    if exponent.is_Integer:
        return base
    return Sign(nonnegative=base.nonnegative, nonzero=base.positive)


def _extreme(signs: Signs, node: Tensor) -> Sign:
    a, b = (signs[arg] for arg in node.args)
    if node.op == "minimum":
        return _largest(a.flipped(), b.flipped()).flipped()
    return _largest(a, b)


def _largest(a: Sign, b: Sign) -> Sign:
    positive = a.positive or b.positive
    both_down = a.nonpositive and b.nonpositive
    return Sign(a.nonnegative or b.nonnegative, both_down, positive or (both_down and a.nonzero and b.nonzero))


def _same(signs: Signs, node: Tensor) -> Sign:
    return signs[node.args[0]]


SIGNS: dict[str, Callable[[Signs, Tensor], Sign]] = {
    "input": _input,
    "const": lambda s, n: s.of_number(n.data),
    "add": lambda s, n: _sum(s[n.args[0]], s[n.args[1]]),
    "sub": lambda s, n: _sum(s[n.args[0]], s[n.args[1]].flipped()),
    "neg": lambda s, n: s[n.args[0]].flipped(),
    "mul": _times,
    "div": lambda s, n: _product(s[n.args[0]], s[n.args[1]]),
    "pow": _power,
    "sqrt": lambda s, n: Sign(nonnegative=True, nonzero=s[n.args[0]].positive),
    # a sum of numbers of one sign vanishes only if all do; a sum of numbers that differ from zero may vanish
    "total": lambda s, n: _sum(s[n.args[0]], s[n.args[0]]),
    "mean": lambda s, n: _sum(s[n.args[0]], s[n.args[0]]),
    "abs": lambda s, n: Sign(nonnegative=True, nonzero=s[n.args[0]].nonzero),
    "sign": _same,
    "exp": lambda s, n: POSITIVE,
    "maximum": _extreme,
    "minimum": _extreme,
    "delta": lambda s, n: NONNEGATIVE,
    "stop": _same,
    "rename": _same,
    "let": _same,
}
"""The sign of each operation from its arguments' signs, where it is defined."""


def _base_of_power(node: Tensor) -> list[Relation]:
    base, exponent = node.args[0], node.args[1].expr
    if exponent.is_Integer:
        return [Relation(base, "!=", as_tensor(0))] if exponent < 0 else []
    if exponent.is_Rational:
        return [Relation(base, ">" if exponent < 0 else ">=", as_tensor(0))]
    return [Relation(base, ">", as_tensor(0))]


NEEDS: dict[str, Callable[[Tensor], list[Relation]]] = {
    "div": lambda n: [Relation(n.args[1], "!=", as_tensor(0))],
    "sqrt": lambda n: [Relation(n.args[0], ">=", as_tensor(0))],
    "pow": _base_of_power,
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


def settled(relation: Relation, signs: Signs) -> bool:
    """Whether the signs show that ``relation`` with zero on its right holds everywhere."""
    sign = signs.of(relation.left)
    return {"!=": sign.nonzero, ">=": sign.nonnegative, ">": sign.positive}[relation.relation]


def conditions(relations: list[Relation], signs: Signs) -> list[Relation]:
    """The needs that the assumptions do not settle, in their strongest and simplest form."""
    left: dict[str, Relation] = {}
    for relation in relations:
        if settled(relation, signs):
            continue
        reduced = _simplified(relation, signs)
        left.setdefault(repr(reduced), reduced)
    return list(left.values())


def _simplified(relation: Relation, signs: Signs) -> Relation:
    """``sqrt(v) != 0`` as ``v > 0``, ``a*b != 0`` as what of it is not known, ``var != 0`` as ``var > 0``."""
    node = relation.left
    if relation.relation == "!=":
        if node.op in ("sqrt", "neg", "abs"):
            return _simplified(Relation(node.args[0], "!=", relation.right), signs)
        if node.op == "pow" and node.args[1].expr.is_Integer:
            return _simplified(Relation(node.args[0], "!=", relation.right), signs)
        if node.op == "mul":
            unknown = [arg for arg in node.args if not signs.of(arg).nonzero]
            if len(unknown) == 1 or (len(unknown) == 2 and unknown[0] is unknown[1]):
                return _simplified(Relation(unknown[0], "!=", relation.right), signs)
        if node.op == "let" and node.args[0].op in ("sqrt", "neg", "abs"):
            return _simplified(Relation(node.args[0], "!=", relation.right), signs)
        if signs.of(node).nonnegative:
            return Relation(node, ">", relation.right)
    return relation
