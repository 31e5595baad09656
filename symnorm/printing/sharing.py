"""Which nodes of a formula are the same, and what each is called on the page.

Printers ask :class:`Keys` whether two nodes are built alike, and :class:`Names` for a name that no different quantity
of the same formula shares: ``batch_norm(a*x)`` and ``batch_norm(x)`` both call their output y, and their difference
must not be printed as ``y - y``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from symnorm.tensors import IMPLICIT, Tensor

NAMED = ("input", "let")


class Keys:
    """A number for each node, the same exactly where operation, arguments, data and axes are the same.

    Args:
        transparent: operations without a value of their own; their nodes get the number of their argument.

    Example:
        >>> from symnorm.tensors import scalar
        >>> a, b, keys = scalar("a"), scalar("b"), Keys()
        >>> keys(a - b) == keys(scalar("a") - b), keys(a - b) == keys(b - a)
        (True, False)
    """

    def __init__(self, transparent: tuple[str, ...] = ()) -> None:
        self._transparent = transparent
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._seen: dict[int, tuple[Tensor, int]] = {}  # the node itself is held: a freed one's id would be used again

    def __call__(self, node: Tensor) -> int:
        """The node's number."""
        waiting = [node]
        while waiting:  # arguments first; what has a number is not entered again
            part = waiting[-1]
            if id(part) in self._seen:
                waiting.pop()
            elif new := [arg for arg in part.args if id(arg) not in self._seen]:
                waiting.extend(reversed(new))
            else:
                self._seen[id(part)] = (part, self._number(part))
        return self._seen[id(node)][1]

    def _number(self, node: Tensor) -> int:
        args = tuple(self._seen[id(arg)][1] for arg in node.args)
        if node.op in self._transparent:
            return args[0]
        data = str(node.data) if node.op == "let" else node.data
        return self._numbers.setdefault((node.op, args, data, node.axes), len(self._numbers))


def visible(roots: Iterable[Tensor], ends: Callable[[Tensor], bool]) -> Iterator[Tensor]:
    """The nodes that a printer meets, each once and from the left: nothing below a node at which it ``ends``."""
    seen: set[int] = set()
    stack = [*roots][::-1]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            below = node.args[:1] if node.op in IMPLICIT else node.args  # the others are not on the page
            stack.extend(() if ends(node) else reversed(below))


class Names:
    """What inputs and named equations are called in one formula.

    A second quantity of the same name gets a prime. An input that is declared over other axes of the same sizes is the
    same tensor at other indices, and keeps its name.

    Args:
        nodes: every node on the page.
        given: names that the caller has chosen, for nodes of any kind.

    Attributes:
        taken: every name on the page.
    """

    def __init__(self, nodes: Iterable[Tensor], given: Mapping[Tensor, str] | None = None) -> None:
        self.keys = Keys()
        self._given = {self.keys(node): name for node, name in (given or {}).items()}
        self._names: dict[Any, str] = {}
        self._axes: dict[Any, set[Any]] = {}
        self.taken = set(self._given.values())
        for node in nodes:
            if node.op in NAMED and self.keys(node) not in self._given:
                who = self._identity(node)
                if who not in self._names:
                    name = called(node)
                    while name in self.taken:
                        name += "'"
                    self.taken.add(name)
                    self._names[who] = name
                self._axes.setdefault(who, set()).add(node.axes)

    def _identity(self, node: Tensor) -> Any:
        if node.op == "input":
            return node.data, tuple(axis.size for axis in node.axes)
        return self.keys(node)

    def given(self, node: Tensor) -> str | None:
        """The caller's name for a node, if there is one."""
        return self._given.get(self.keys(node))

    def of(self, node: Tensor) -> str:
        """The name of an input or a named equation."""
        return self.given(node) or self._names[self._identity(node)]

    def repeated(self, node: Tensor) -> bool:
        """Whether the input also stands at other indices on the page."""
        return node.op == "input" and self.given(node) is None and len(self._axes[self._identity(node)]) > 1


def called(node: Tensor) -> str:
    """The name that an input or a named equation was declared under."""
    return str(node.data.name) if node.op == "input" else str(node.data)
