"""Relations between tensors: what a claim states and what it assumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from symnorm.errors import SymnormError
from symnorm.tensors.shown import Shown
from symnorm.tensors.tensor import Tensor, as_tensor

RELATIONS = ("==", "!=", ">=", ">", "<=", "<")


@dataclass(frozen=True, eq=False)
class Relation:
    """``left relation right``, at every index.

    Attributes:
        left, relation, right: what is said.
        system: the :class:`~symnorm.tensors.systems.System` that it is one of the relations of, if it is.

    Example:
        >>> from symnorm.tensors import scalar
        >>> scalar("a") > 0
        a > 0
    """

    left: Tensor
    relation: str
    right: Tensor
    system: Any = field(default=None, repr=False)

    @classmethod
    def of(cls, left: Any, relation: str, right: Any) -> Relation:
        """A relation of anything that can be a tensor."""
        if relation not in RELATIONS:
            raise SymnormError(f"a relation is one of {' '.join(RELATIONS)}, not {relation!r}")
        return cls(as_tensor(left), relation, as_tensor(right))

    @property
    def gap(self) -> Tensor:
        """What the relation compares with zero: ``right - left`` for ``<=`` and ``<``, else ``left - right``."""
        return self.right - self.left if self.relation in ("<=", "<") else self.left - self.right

    def __repr__(self) -> str:
        left, right = Shown.texts(self.left, self.right, plain_reductions=False)
        return f"{left} {self.relation} {right}"

    def __bool__(self) -> bool:
        raise SymnormError(f"{self!r} is a statement, not True or False; prove it")


def equal(left: Any, right: Any) -> Relation:
    """The statement ``left == right`` at every index.

    Example:
        >>> from symnorm.tensors import scalar
        >>> equal(scalar("eps"), 0)
        eps == 0
    """
    return Relation.of(left, "==", right)


def unequal(left: Any, right: Any) -> Relation:
    """The statement ``left != right`` at every index."""
    return Relation.of(left, "!=", right)
