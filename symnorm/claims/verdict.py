"""Verdicts: proved, refuted with a witness, or undecided with what is left. There is no fourth answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from symnorm.canonical import Solver
from symnorm.claims.assumptions import Assumptions
from symnorm.evaluate import Model, Number
from symnorm.tensors import Relation, Tensor

Proof = Mapping[str, object]
"""How one relation was proved: its ``kind`` and what that kind of proof chose, so that others can follow it."""

PROVED, REFUTED, UNDECIDED, EMPIRICAL = "proved", "refuted", "undecided", "empirical"


@dataclass(frozen=True)
class Witness:
    """A point at which a statement is false, by exact arithmetic.

    Attributes:
        relation: the statement that fails there.
        model: sizes, scalars, tensors and losses.
        index: the free axes' positions, from 1.
        left, right: the two sides' values there, exact or enclosed.
    """

    relation: Relation
    model: Model
    index: Mapping[str, int]
    left: Number
    right: Number

    def __str__(self) -> str:
        """``left == right is false for C = 3, N = 4, a = -1 at n = 1, c = 2``."""
        values = ", ".join(
            f"{name} = {value}" for name, value in (*self.model.sizes.items(), *self.model.scalars.items())
        )
        place = ", ".join(f"{axis[0].lower()}{axis[1:]} = {position}" for axis, position in self.index.items())
        where = (f" for {values}" if values else "") + (f" at {place}" if place else "")
        return f"{self.left} {self.relation.relation} {self.right} is false{where}"


@dataclass(frozen=True, eq=False)
class Branch:
    """A proof that two sides have one normal form, or a proof in both cases of a sign.

    Attributes:
        solver: with the normal forms; of a split one that knows which sign is split on.
        cases: where the sign is 1, and where it is -1.
    """

    solver: Solver
    cases: tuple[Branch, Branch] | None = None


Steps = dict[tuple[int, ...], Branch]
"""A proof of an equation at each position of the axes of fixed size; at the one position ``()`` if there are none."""


@dataclass(frozen=True, eq=False)
class Record:
    """What a verdict was given on: with the proof or the witness all that a certificate is written from.

    Attributes:
        stated, given: the statement, as it was made.
        assumptions: the given relations by what they are good for.
        conditions: what has to hold beside them.
        fails: the number of the statement that a witness refutes.
    """

    stated: tuple[Relation, ...]
    given: tuple[Relation, ...]
    assumptions: Assumptions
    conditions: tuple[Relation, ...]
    fails: int = 0


@dataclass(frozen=True)
class Verdict:
    """The answer to a claim.

    Attributes:
        status: proved, refuted, undecided or empirical.
        conditions: for a proof, what has to hold beside the assumptions, "where var != 0".
        model: for a proof, sizes and values that satisfy assumptions and conditions, so that it is not vacuous.
        witness: for a refutation.
        reason: why a question stays undecided, or what a proof rests on.
        seconds: how long it took, the derivation of what it needs included.
        fixed: sizes that the statement itself fixes to numbers; every other size is a symbol.
        record: for a proof or a refutation, what it was given on.
        proof: for a proof, how each relation was proved, in order.
    """

    status: str
    conditions: tuple[str, ...] = ()
    model: Model | None = None
    witness: Witness | None = None
    reason: str = ""
    seconds: float = 0.0
    fixed: Mapping[str, int] = field(default_factory=dict)
    record: Record | None = field(default=None, repr=False, compare=False)
    proof: tuple[Proof, ...] = field(default=(), repr=False, compare=False)
    left_over: Callable[[], Tensor | None] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def residue(self) -> Tensor | None:
        """What is left of ``left - right`` in textbook form, if it has a short one; found when it is asked for."""
        return self.left_over() if self.left_over is not None else None

    def __bool__(self) -> bool:
        raise TypeError("a verdict has three values; compare verdict.status with 'proved', 'refuted' or 'undecided'")

    def __str__(self) -> str:
        if self.status == PROVED:
            scope = "for all sizes" if not self.fixed else f"at {_sizes(self.fixed)}, all other sizes free"
            where = f" where {' and '.join(self.conditions)}" if self.conditions else ""
            return f"proved {scope}{where}" + (f" ({self.reason})" if self.reason else "")
        if self.status == REFUTED:
            left = f"; left - right = {self.residue!r}" if self.residue is not None else ""
            return f"refuted: {self.witness}{left}"
        if self.status == UNDECIDED:
            left = f"; left - right = {self.residue!r}" if self.residue is not None else ""
            return f"undecided: {self.reason}{left}"
        return f"empirical: {self.reason}"

    def __repr__(self) -> str:
        return f"<{self}>"


def _sizes(fixed: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {size}" for name, size in fixed.items())
