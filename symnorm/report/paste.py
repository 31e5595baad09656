"""A refutation to paste into Python: a witness as a few lines of plain NumPy.

In comes a :class:`~symnorm.claims.Witness`, out comes a program that needs NumPy alone: the sizes, the arrays as float
literals, both sides of the statement line by line, and the two values at the index where they differ. Every array lies
over one list of axes and has size 1 along those that it lacks. What stood there as the derivative of an unknown loss is
the derivative of the loss that the witness chose, ``c + q*y + t*y**2/2``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise, product
from keyword import iskeyword
from unicodedata import normalize

import sympy as sp

from symnorm.claims import Witness
from symnorm.errors import Unsupported
from symnorm.evaluate import ConcreteLoss, Model, Number
from symnorm.printing import Layout, straight_line, texts
from symnorm.printing.sharing import Keys
from symnorm.report.numbers import approximately, nested
from symnorm.tensors import Axis, Tensor, delta, rebuild, tensor, walk
from symnorm.tensors.tensor import OVER_AXES

RESERVED = ("np", "math", "erf", "left", "right", "shape", "at", "print")
COEFFICIENTS = "cqt"
_WIDEST = 100


def snippet(witness: Witness) -> str:
    """The program.

    Raises:
        Unsupported: the statement has a node that arrays cannot express, or the point a number that floats cannot.

    Example:
        >>> from symnorm.tensors import equal, scalar, sqrt
        >>> a = scalar("a")
        >>> print(snippet(Witness(equal(sqrt(a**2), a), Model(scalars={"a": -3}), {}, 3, -3)))
        import numpy as np
        <BLANKLINE>
        a = -3.0
        <BLANKLINE>
        # sqrt(a**2) == a is false here
        left = np.sqrt(a**2)
        right = a
        <BLANKLINE>
        print("left: ", left)
        print("right:", right)
        <BLANKLINE>
    """
    relation = witness.relation
    losses = _Losses({node.data.name for node in walk(relation.left, relation.right) if node.op == "input"})
    sides = rebuild((relation.left, relation.right), losses.written_out)
    sides = rebuild(sides, _plain)
    world = _World(witness.model, losses.coefficients, sides, (relation.left - relation.right).axes)
    stated = f" {relation.relation} ".join(texts(relation.left, relation.right))
    lines = straight_line({"left": sides[0], "right": sides[1]}, world.layout, world.given)
    parts = [
        _imports(lines),
        world.definitions(),
        [f"# {' '.join(stated.split())} is false here", *map(str, lines)],
        _printed(witness, sides, world),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _imports(lines: Iterable[object]) -> list[str]:
    """NumPy, and the error function that it lacks where it is used."""
    if not any("erf(" in str(line) for line in lines):
        return ["import numpy as np"]
    return ["import math", "", "import numpy as np", "", "erf = np.vectorize(math.erf)"]


# what the statement becomes before it is printed ----------------------------------------------------------------------


class _Losses:
    """Derivatives of unknown losses, written out for the loss that the witness chose.

    Attributes:
        coefficients: each coefficient array by its name, with the loss that it belongs to and which of its three it is.
    """

    def __init__(self, taken: set[str]) -> None:
        self.coefficients: dict[str, tuple[str, int]] = {}
        self._taken = taken
        self._made: dict[tuple[str, tuple[Axis, ...]], tuple[Tensor, ...]] = {}

    def written_out(self, node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        """``c + q y + t y^2/2`` for the slope at y; ``q + t y`` on the diagonal for the curvature."""
        if node.op not in ("cotangent", "curvature"):
            return None
        (y,) = args
        over = node.axes if node.op == "cotangent" else node.axes[: len(node.axes) // 2]
        c, q, t = self._of(node, over)
        if node.op == "cotangent":
            return c + q * y + t * y**2 / 2
        found = q + t * y
        for first, second in zip(over, node.axes[len(over) :], strict=True):
            found = found * delta(first, second)
        return found

    def _of(self, node: Tensor, over: tuple[Axis, ...]) -> tuple[Tensor, ...]:
        """The three arrays, with their axes in the order in which the loss counts its indices."""
        by_index = {axis.index: axis for axis in over}
        counted = tuple(by_index[index] for index in node.element.indices[: len(over)])
        key = str(node.data), counted
        if key not in self._made:
            names = [self._name(f"{letter} of {node.data}") for letter in COEFFICIENTS]
            self.coefficients.update({name: (str(node.data), which) for which, name in enumerate(names)})
            self._made[key] = tuple(tensor(name, *counted) for name in names)
        return self._made[key]

    def _name(self, name: str) -> str:
        """A name that no other tensor has, or the two would be taken for one."""
        while name in self._taken:
            name += "'"
        self._taken.add(name)
        return name


def _plain(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
    """Names that a program cannot use are left out; several axes are renamed one after the other.

    A constant such as ``erf(1)``, for which NumPy has no word, is written as a fraction.
    """
    if node.op == "const" and node.data.is_number and node.data.has(sp.erf):
        return Tensor("const", (), (), sp.Rational(str(sp.N(node.data, 18))))
    if node.op == "let" and not _usable(str(node.data)):
        return args[0]
    if node.op != "rename":
        return None
    moves = {old: new for old, new in node.data if old != new and old in args[0].axes}
    found = args[0]
    while moves:
        free = [old for old, new in moves.items() if new not in found.axes]
        if not free:
            return found.rename(moves)  # an exchange, or more than a program can do: the printer knows
        found = found.rename({free[0]: moves.pop(free[0])})
    return found


def _usable(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not iskeyword(name) and name not in RESERVED


# the world in which it is computed ------------------------------------------------------------------------------------


class _World:
    """Where the axes lie, what everything is called, and the lines that define it."""

    def __init__(
        self,
        model: Model,
        coefficients: Mapping[str, tuple[str, int]],
        sides: tuple[Tensor, ...],
        free: tuple[Axis, ...],
    ) -> None:
        self.model = model
        self.free = free
        self._coefficients = coefficients
        declared = [node for node in walk(*sides) if node.op == "input" and self._role(node) is None]
        self.axes = _in_order(sides, declared)
        self._taken = set(RESERVED)
        self.sizes = {name: self._fresh(name) for name in model.sizes}
        self.layout = Layout({axis: (at,) for at, axis in enumerate(self.axes)}, self.sizes, "np", erf="erf")
        self.given: dict[Tensor, str] = {}
        keys, seen = Keys(), set[int]()
        for node in walk(*sides):
            if node.op in ("input", "delta") and keys(node) not in seen:
                seen.add(keys(node))
                self.given[node] = self._fresh(self._wish(node))

    def extent(self, axis: Axis) -> int:
        """The number of elements of an axis at this point."""
        sizes = {symbol: sp.Integer(self.model.sizes[symbol.name]) for symbol in axis.size.free_symbols}
        return int(axis.size.xreplace(sizes))

    def definitions(self) -> list[str]:
        """The sizes, the scalars and the arrays."""
        values = [str(size) for size in self.model.sizes.values()]
        lines = [f"{', '.join(self.sizes.values())} = {', '.join(values)}"] if values else []
        if self.axes:
            lines.append(f"# dimensions: {', '.join(axis.name for axis in self.axes)}")
        for loss in dict.fromkeys(loss for loss, _ in self._coefficients.values()):
            named = {self._role(node): name for node, name in self.given.items()}
            c, q, t = (named.get((loss, which), letter) for which, letter in enumerate(COEFFICIENTS))
            shown = " ".join(loss.split())
            lines.append(f"# the unknown loss is taken to be {shown}(y) = sum({c}*y + {q}*y**2/2 + {t}*y**3/6)")
        return lines + [f"{name} = {self._literal(node)}" for node, name in self.given.items()]

    def _role(self, node: Tensor) -> tuple[str, int] | None:
        """The loss whose coefficient a node is, and which."""
        return self._coefficients.get(node.data.name) if node.op == "input" else None

    def _wish(self, node: Tensor) -> str:
        role = self._role(node)
        if role is not None:
            return COEFFICIENTS[role[1]]
        return str(node.data.name) if node.op == "input" else "delta"

    def _literal(self, node: Tensor) -> str:
        value = self._values(node)
        if not node.axes:
            return repr(_float(value(())))
        order = [axis for axis in self.axes if axis in node.axes]
        ranges = [range(1, self.extent(axis) + 1 if axis in order else 2) for axis in self.axes]
        entries: dict[tuple[int, ...], Number] = {}
        for place in product(*ranges):
            here = dict(zip(self.axes, place, strict=True))
            entries[place] = value(tuple(here[axis] for axis in node.axes))
        return f"np.array({_wrapped(nested(entries, _float))})"

    def _values(self, node: Tensor) -> Callable[[tuple[int, ...]], Number]:
        """An entry by its index tuple, in the order of the node's axes."""
        if node.op == "delta":
            return lambda at: int(at[0] == at[1])
        role = self._role(node)
        if role is not None:
            loss: ConcreteLoss = self.model.losses[role[0]]
            return lambda at: loss.coefficients(at)[role[1]]
        name = node.data.name
        return lambda at: self.model.tensors[name][at] if at else self.model.scalars[name]

    def _fresh(self, wish: str) -> str:
        base = re.sub(r"\W", "_", normalize("NFKC", wish))
        base = base if base.isidentifier() and not base.startswith("_") else f"v{base}"
        name, count = base, 1
        while name in self._taken or iskeyword(name):
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name


def _in_order(sides: Iterable[Tensor], declared: Iterable[Tensor]) -> tuple[Axis, ...]:
    """All axes, as far as possible so that every input has its own in the order of its declaration."""
    left: dict[Axis, set[Axis]] = {}
    for node in walk(*sides):
        for axis in (*node.axes, *(node.data if node.op in OVER_AXES else ())):
            left.setdefault(axis, set())
    for node in declared:
        for before, after in pairwise(node.axes):
            left[after].add(before)
    found: list[Axis] = []
    while left:
        following = next((axis for axis, before in left.items() if before <= {*found}), next(iter(left)))
        found.append(following)
        del left[following]
    return tuple(found)


def _float(value: Number) -> float:
    found = approximately(value)
    if not math.isfinite(found):
        raise Unsupported(f"{value} is beyond the range of floats")
    return found


def _wrapped(value: list[object]) -> str:
    """A nested list on one line, or with a line for each row."""
    line = repr(value)
    return line if len(line) <= _WIDEST else "[\n" + "".join(f"    {row!r},\n" for row in value) + "]"


def _printed(witness: Witness, sides: tuple[Tensor, ...], world: _World) -> list[str]:
    if not world.axes:
        return ['print("left: ", left)', 'print("right:", right)']
    shape = tuple(world.extent(axis) if axis in world.free else 1 for axis in world.axes)
    at = tuple(witness.index[axis.name] - 1 if axis in world.free else 0 for axis in world.axes)
    place = ", ".join(f"{axis.index.name} = {witness.index[axis.name]}" for axis in world.free)
    return [
        f"shape, at = {shape}, {at}" + (f"  # {place}, counted from 1" if place else ""),
        'print("left: ", np.broadcast_to(left, shape)[at])',
        'print("right:", np.broadcast_to(right, shape)[at])',
    ]
