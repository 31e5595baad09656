"""A straight-line NumPy program for several tensors: one assignment after the other, nothing computed twice.

A value gets a variable of its own where it is asked for, where it is a named equation or used more than once, and where
it is a reduction among other terms (``sqrt(sum(v**2))`` is one line). Leaves and the like get none. Structurally equal
values are one value; ``stop_gradient`` leaves no trace. The generator of kernels prints a formula above each
assignment; a witness prints the assignments alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import NamedTuple

from symnorm.errors import SymnormError
from symnorm.printing.numpy_source import TRANSPARENT, Layout, NumPyPrinter, leaf_names
from symnorm.printing.sharing import Keys
from symnorm.printing.text import text
from symnorm.tensors import IMPLICIT, Tensor
from symnorm.tensors.tensor import OVER_AXES

_WORDS = {" - ": "_minus_", "-": "_minus_", " + ": "_plus_", "**2": "_squared", "/": "_over_"}
_LONGEST = 28


class Assignment(NamedTuple):
    """One line of a program.

    Attributes:
        name: the variable.
        source: the NumPy expression.
        tensor: what the expression computes, without the name: ``text(tensor)`` is the formula of the line.
    """

    name: str
    source: str
    tensor: Tensor

    def __str__(self) -> str:
        return f"{self.name} = {self.source}"


def straight_line(
    roots: Mapping[str, Tensor], layout: Layout, given: Mapping[Tensor, str] | None = None
) -> list[Assignment]:
    """The assignments that compute the roots, in order.

    Args:
        roots: the tensors that are wanted, by the variable that each is to be assigned to.
        layout: where the axes lie.
        given: values that the program already has, and their variables; inputs and cotangents of named outputs
            (``dy``) are taken as given under their own names.

    Returns:
        The assignments; a root that is given under its own name has none.

    Raises:
        Unsupported: a node that arrays laid out like this cannot express.
        SymnormError: a name that is no Python name, or one that two values would share.

    Example:
        >>> from symnorm.tensors import axes, mean, scalar, sqrt, tensor
        >>> N, C = axes("N C")
        >>> x, eps = tensor("x", N, C), scalar("eps")
        >>> centred = x - mean(x, over=N)
        >>> y = centred / sqrt(mean(centred**2, over=N) + eps)
        >>> for line in straight_line({"y": y}, Layout({N: "over_N"})):
        ...     print(line)
        mean_x = xp.mean(x, axis=over_N, keepdims=True)
        x_minus_mean_x = x - mean_x
        mean_x_minus_mean_x_squared = xp.mean(x_minus_mean_x**2, axis=over_N, keepdims=True)
        y = x_minus_mean_x/xp.sqrt(mean_x_minus_mean_x_squared + eps)
    """
    return _Program(roots, layout, given or {}).assignments()


class _Program:
    """The values of a program by number, and the variable of each that has one."""

    def __init__(self, roots: Mapping[str, Tensor], layout: Layout, given: Mapping[Tensor, str]) -> None:
        self._roots, self._layout = roots, layout
        self._key = Keys(TRANSPARENT)
        had = {self._key(node): name for node, name in given.items()}
        self._reached_nodes = nodes = self._reached(had)
        self._had = leaf_names(nodes, self._key, had, layout, ("input",))
        self._nodes: dict[int, Tensor] = {}
        for node in nodes:
            if node.op not in TRANSPARENT:
                self._nodes.setdefault(self._key(node), node)
        self._names = dict(self._had)
        self._taken = {*self._had.values(), *layout.identifiers(), *roots}
        self._name_roots()
        for node in nodes:
            if node.op == "let" and self._key(node) not in self._names:
                self._name(node, self._fresh(str(node.data)))
        self._shared = self._worth_naming()
        self._printer = NumPyPrinter(layout, lambda node: self._names.get(self._key(node)))

    def _reached(self, had: Mapping[int, str]) -> list[Tensor]:
        """Every node that has to be looked at, arguments first, nothing below a value that is given."""
        found: list[Tensor] = []
        seen: set[int] = set()
        stack = [(root, False) for root in reversed([*self._roots.values()])]
        while stack:
            node, done = stack.pop()
            if done:
                found.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                if self._key(node) not in had and node.op != "cotangent":
                    below = node.args[:1] if node.op in IMPLICIT else node.args
                    stack.extend((arg, False) for arg in reversed(below))
        return found

    def _name_roots(self) -> None:
        owners = {name: key for key, name in self._had.items()}
        for name, root in self._roots.items():
            if not name.isidentifier() or iskeyword(name) or name in self._layout.identifiers():
                raise SymnormError(f"{name!r} cannot name a variable of this program; give the result another name")
            if owners.get(name, self._key(root)) != self._key(root):
                raise SymnormError(f"{name!r} is to be assigned, and is already the name of an input")
            self._name(root, name)

    def _name(self, node: Tensor, name: str) -> None:
        """Give the value its first name; a number stays a number, wherever else it stands."""
        key = self._key(node)
        if key not in self._names and self._nodes[key].op != "const":
            self._names[key] = name

    def _fresh(self, wish: str) -> str:
        """The wished name, numbered where it is taken."""
        name, count = wish, 1
        while name in self._taken or iskeyword(name):
            count += 1
            name = f"{wish}_{count}"
        self._taken.add(name)
        return name

    def _worth_naming(self) -> set[int]:
        computed = {key: node for key, node in self._nodes.items() if key not in self._had}
        used: Counter[int] = Counter()
        wrapped: set[int] = set()
        for node in computed.values():
            args = [self._key(arg) for arg in node.args]
            used.update(args)
            wrapped.update(args if len(args) == 1 else ())
        return {
            key
            for key, node in computed.items()
            if (used[key] > 1 and not self._cheap(node)) or (node.op in OVER_AXES and key not in wrapped)
        }

    def _cheap(self, node: Tensor) -> bool:
        """A leaf, its negative, or one operation on numbers: not worth a line."""
        keys = [self._key(arg) for arg in node.args]
        leaves = all(key in self._had or not self._nodes[key].args for key in keys)
        return not node.args or (leaves and (node.op == "neg" or not node.axes))

    def assignments(self) -> list[Assignment]:
        """The program."""
        found = []
        for key in list(self._nodes):  # arguments stand first
            if key in self._had or (key not in self._names and key not in self._shared):
                continue
            node = self._nodes[key]
            if key not in self._names:
                self._names[key] = self._invented(node)
            found.append(Assignment(self._names[key], self._printer.right_hand_side(node), node))
        assigned = {line.name for line in found} | set(self._had.values())
        found.extend(self._copies(assigned))
        return found

    def _copies(self, assigned: set[str]) -> Iterator[Assignment]:
        """Roots whose value stands under another name: a second name of one value, or an input handed through."""
        for name, root in self._roots.items():
            if name not in assigned:
                yield Assignment(name, self._printer.piece(root).text, root)

    def _invented(self, node: Tensor) -> str:
        """A name that reads like the formula where that is short, otherwise a numbered one."""
        names = {part: self._names[self._key(part)] for part in self._reached_nodes if self._key(part) in self._names}
        wish = text(node, names=names)
        for sign, word in _WORDS.items():
            wish = wish.replace(sign, word)
        wish = re.sub(r"_+", "_", re.sub(r"\W+", "_", wish)).strip("_")
        return self._fresh(wish if len(wish) <= _LONGEST and wish.isidentifier() else "t")
