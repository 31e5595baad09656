"""What a claim assumes, made ready for the prover: values to put in, signs of inputs, least sizes, and the rest.

``eps == 0`` and ``N == 1`` are put into the *statement* (never into a finished normal form), ``a > 0`` becomes a sign,
``N >= 2`` a bound. What is none of these is a constraint that a witness has to satisfy and a proof cannot use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symnorm.canonical import Facts
from symnorm.errors import Contradiction
from symnorm.tensors import Relation, Tensor, inputs, substitute, with_sizes

FLIPPED = {"==": "==", "!=": "!=", ">=": "<=", ">": "<", "<=": ">=", "<": ">"}
SIGN_OF = {">": "positive", ">=": "nonnegative", "<": "negative", "!=": "nonzero"}


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

    def applied(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """The tensors with the values and sizes put in."""
        found = substitute(tensors, self.values) if self.values else tensors
        return with_sizes(found, self.sizes) if self.sizes else found


def sort(given: Iterable[Relation]) -> Assumptions:
    """Sort assumptions by what they are good for.

    Raises:
        Contradiction: two of them exclude each other.
    """
    values: dict[str, Tensor] = {}
    sizes: dict[str, sp.Expr] = {}
    signs: dict[str, set[str]] = {}
    least: dict[str, int] = {}
    constraints: list[Relation] = []
    stated = [_leaf_first(relation) for relation in given]
    for relation in stated:
        name = _name(relation.left)
        if relation.relation == "==" and name is not None and name not in inputs(relation.right):
            if repr(values.setdefault(name, relation.right)) != repr(relation.right):
                raise Contradiction(f"{name} cannot be both {values[name]!r} and {relation.right!r}")
        elif relation.relation == "==" and _is_size(relation.left) and relation.right.op == "const":
            known = sizes.setdefault(str(relation.left.data), relation.right.data)
            if known != relation.right.data:
                raise Contradiction(f"{relation.left.data} cannot be both {known} and {relation.right.data}")
        elif relation.relation in (">=", ">") and _is_size(relation.left) and _integer(relation.right) is not None:
            bound = (_integer(relation.right) or 0) + (relation.relation == ">")
            least[str(relation.left.data)] = max(bound, least.get(str(relation.left.data), 1))
        elif name is not None and relation.relation in SIGN_OF and _integer(relation.right) == 0:
            signs.setdefault(name, set()).add(SIGN_OF[relation.relation])
        else:
            constraints.append(relation)
    for name, found in signs.items():
        if "negative" in found and found & {"positive", "nonnegative"}:
            raise Contradiction(f"{name} cannot be negative and {' and '.join(sorted(found - {'negative'}))}")
        if name in values:
            constraints += [r for r in stated if _name(r.left) == name and r.relation != "=="]
    for name, size in sizes.items():
        if size.is_Integer and size < least.get(name, 1):
            raise Contradiction(f"{name} cannot be {size} and at least {least[name]}")
    by_sign = {
        sign: frozenset(n for n, found in signs.items() if sign in found and n not in values)
        for sign in ("positive", "nonnegative", "negative", "nonzero")
    }
    sorted_out = Assumptions(values, sizes, Facts(**by_sign, least=least), least)
    pairs = sorted_out.applied(*(side for r in constraints for side in (r.left, r.right)))
    rest = tuple(Relation(pairs[2 * i], r.relation, pairs[2 * i + 1]) for i, r in enumerate(constraints))
    return Assumptions(values, sizes, sorted_out.facts, least, rest)


def _leaf_first(relation: Relation) -> Relation:
    if (
        _name(relation.left) is None
        and not _is_size(relation.left)
        and (_name(relation.right) or _is_size(relation.right))
    ):
        return Relation(relation.right, FLIPPED[relation.relation], relation.left)
    return relation


def _name(tensor: Tensor) -> str | None:
    return str(tensor.data.name) if tensor.op == "input" else None


def _is_size(tensor: Tensor) -> bool:
    return tensor.op == "const" and tensor.data.is_Symbol


def _integer(tensor: Tensor) -> int | None:
    return int(tensor.data) if tensor.op == "const" and tensor.data.is_Integer else None
