"""A tensor's formula as one NumPy expression.

Every tensor is an array over one full list of dimensions, of size 1 where it lacks the axis, so that elementwise
operations are plain operators and a reduction keeps its dimensions. Scalars may also be plain numbers. A
:class:`Layout` says which dimensions an axis stands for and how a size is written. Parentheses follow the graph: the
program computes in the order of the formula. Used by :mod:`symnorm.printing.straight_line`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword

import sympy as sp
from sympy.printing.str import StrPrinter

from symnorm.errors import SymnormError, Unsupported
from symnorm.printing.precedence import PROGRAM, OperatorPrinter, Piece, constant, infix
from symnorm.printing.sharing import Keys, called, visible
from symnorm.tensors import IMPLICIT, Axis, Tensor, amax, amin, sign, total
from symnorm.tensors.tensor import EXTREMA, INDICATORS

TRANSPARENT = ("stop", "let", *IMPLICIT)  # a program knows no derivative, and a name is put on the value itself

_SIMPLE = re.compile(r"[\w.]+(\[\w+\]|\(\w*\))?\Z")


@dataclass(frozen=True)
class Layout:
    """How axes lie in arrays.

    Attributes:
        dims: the dimensions of each axis: their numbers, or a Python expression that is a tuple of them.
        sizes: a Python expression for each size symbol, by the symbol's name.
        module: what NumPy is called.
        like: an array whose precision the identity matrix takes; double precision without one.
        contraction: a function that sums a product over dimensions without making it, if the program has one.
        erf: the error function, if the program has one; NumPy has none.

    Example:
        >>> from symnorm.tensors import axes
        >>> N, C = axes("N C")
        >>> Layout({N: (0, 2, 3), C: (1,)}).over((N, C)), Layout({N: "over_N", C: (1,)}).over((N, C))
        ('(0, 1, 2, 3)', '(*over_N, 1)')
    """

    dims: Mapping[Axis, str | tuple[int, ...]]
    sizes: Mapping[str, str] = field(default_factory=dict)
    module: str = "xp"
    like: str = ""
    contraction: str = ""
    erf: str = ""

    def over(self, axes: tuple[Axis, ...]) -> str:
        """The dimensions of several axes as one Python expression.

        Raises:
            Unsupported: an axis has no dimensions here.
        """
        found = [self._dims(axis) for axis in axes]
        if len(found) == 1 and isinstance(found[0], str):
            return found[0]
        numbers = sorted(dim for dims in found if not isinstance(dims, str) for dim in dims)
        parts = [f"*{dims}" for dims in found if isinstance(dims, str)] + [str(dim) for dim in numbers]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"

    def one(self, axis: Axis) -> int:
        """The only dimension of an axis, by its number.

        Raises:
            Unsupported: it has several, or they are not known by number.
        """
        dims = self._dims(axis)
        if isinstance(dims, str) or len(dims) != 1:
            raise Unsupported(f"axis {axis} would have to be one numbered dimension to be renamed, not {dims}")
        return dims[0]

    def size(self, value: sp.Expr) -> Piece:
        """A number or an expression in sizes.

        Raises:
            Unsupported: anything but arithmetic on numbers and sizes that have an expression here.
        """
        for part in sp.preorder_traversal(value):
            if not (isinstance(part, sp.Add | sp.Mul | sp.Pow | sp.Rational | sp.Symbol) or part in (sp.pi, sp.E)):
                raise Unsupported(f"cannot write {value} in a program: {part} is neither a number nor a size")
            if isinstance(part, sp.Symbol) and part.name not in self.sizes:
                known = ", ".join(self.sizes) or "no size"
                raise Unsupported(f"cannot write {value} in a program: an expression is given for {known}, not {part}")
        return constant(value, _SizePrinter(self.sizes, self.module).doprint(value))

    def identifiers(self) -> set[str]:
        """Every name that the layout's expressions use."""
        texts = [self.module, *self.sizes.values(), *(dims for dims in self.dims.values() if isinstance(dims, str))]
        return {word for text in texts for word in re.findall(r"[^\W\d]\w*", text)}

    def _dims(self, axis: Axis) -> str | tuple[int, ...]:
        if axis not in self.dims:
            raise Unsupported(f"no dimensions are given for axis {axis} (only for {', '.join(map(str, self.dims))})")
        return self.dims[axis]


class _SizePrinter(StrPrinter):
    """SymPy's own text, with the caller's expressions for symbols and every root a power."""

    def __init__(self, sizes: Mapping[str, str], module: str) -> None:
        super().__init__()
        self._sizes = sizes
        self._module = module

    def _print_Pi(self, number: sp.Expr) -> str:
        return f"{self._module}.pi"

    def _print_Exp1(self, number: sp.Expr) -> str:
        return f"{self._module}.e"

    def _print_Symbol(self, symbol: sp.Symbol) -> str:
        shown = self._sizes[symbol.name]
        return shown if _SIMPLE.match(shown) else f"({shown})"

    def _print_Pow(self, power: sp.Pow, rational: bool = False) -> str:
        shown: str = super()._print_Pow(power, rational=True)
        return shown


def numpy_expression(node: Tensor, layout: Layout, names: Mapping[Tensor, str] | None = None) -> str:
    """The formula as one expression; inputs and named equations by their names, ``dy`` for the cotangent of y.

    Args:
        node: what to print.
        layout: where the axes lie.
        names: other names for nodes, which are then not written out.

    Raises:
        Unsupported: a node that arrays laid out like this cannot express.
        SymnormError: a name that is no Python name, or that two different tensors share.

    Example:
        >>> from symnorm.tensors import axes, mean, tensor
        >>> N, C = axes("N C")
        >>> x = tensor("x", N, C)
        >>> numpy_expression(x - mean(x, over=N), Layout({N: "over_N"}))
        'x - xp.mean(x, axis=over_N, keepdims=True)'
    """
    keys = Keys()
    given = {keys(named): name for named, name in (names or {}).items()}
    nodes = list(visible((node,), lambda part: part.op == "let" or keys(part) in given))
    found = leaf_names(nodes, keys, given, layout, ("input", "let"))
    return NumPyPrinter(layout, lambda part: found.get(keys(part))).piece(node).text


class NumPyPrinter(OperatorPrinter):
    """Prints nodes, those with a name by their name; ``right_hand_side`` writes a named node out."""

    infixes = PROGRAM

    def __init__(self, layout: Layout, named: Callable[[Tensor], str | None]) -> None:
        super().__init__()
        self._layout = layout
        self._named = named
        functions = ("sqrt", "abs", "sign", "exp", "log", "maximum", "minimum")
        self.calls = {name: f"{layout.module}.{name}" for name in functions}
        if layout.erf:
            self.calls["erf"] = layout.erf

    def name(self, node: Tensor) -> Piece | None:
        """The name that stands for the node, if one does."""
        found = self._named(node)
        return Piece(found) if found else None

    def right_hand_side(self, node: Tensor) -> str:
        """The node written out once, whatever its name."""
        while node.op in TRANSPARENT:
            node = node.args[0]
        return self.operation(node).text

    def other(self, node: Tensor) -> Piece:
        """Reductions, constants, and what leaves no trace in a program."""
        if node.op in TRANSPARENT:
            return self.piece(node.args[0])
        if node.op == "const":
            return self._layout.size(node.data)
        if node.op in ("total", "mean"):
            return self._reduction(node)
        if node.op in EXTREMA:
            function, over = f"{self._layout.module}.{node.op[1:]}", self._layout.over(node.data)
            return Piece(f"{function}({self.piece(node.args[0]).text}, axis={over}, keepdims=True)")
        if node.op in INDICATORS:
            return self.piece(in_signs(node))
        if node.op == "rename":
            return self._moved(node)
        if node.op == "delta":
            return self._delta(node)
        raise Unsupported(f"no NumPy is known for {node!r} ({node.op}); give it a name that the program already has")

    def _reduction(self, node: Tensor) -> Piece:
        """A reduction over an axis that the argument lacks counts its elements, which a mean divides by again."""
        (arg,) = node.args
        present = tuple(axis for axis in node.data if axis in arg.axes)
        factors = contracted(arg) if self._layout.contraction and present else ()
        if factors:
            return self._contraction(node, factors)
        piece = self.piece(arg)
        if present:
            function = f"{self._layout.module}.{'mean' if node.op == 'mean' else 'sum'}"
            piece = Piece(f"{function}({piece.text}, axis={self._layout.over(present)}, keepdims=True)")
        for axis in node.data:
            if axis not in present and node.op == "total":
                piece = infix(self.infixes, "mul", piece, self._layout.size(axis.size))
        return piece

    def _contraction(self, node: Tensor, factors: Sequence[Tensor]) -> Piece:
        """A matrix product, and what is like one: its factors are never multiplied out."""
        over = self._layout.over(tuple(axis for axis in node.data if axis in node.args[0].axes))
        words = [over, *(self.piece(factor).text for factor in factors), f"xp={self._layout.module}"]
        piece = Piece(f"{self._layout.contraction}({', '.join(words)})")
        for axis in node.data:
            if (axis in node.args[0].axes) == (node.op == "mean"):
                operation = "div" if node.op == "mean" else "mul"
                piece = infix(self.infixes, operation, piece, self._layout.size(axis.size))
        return piece

    def _moved(self, node: Tensor) -> Piece:
        """Axes in the places of others, one exchange after the other; a place is of size 1 where it was free."""
        found = self.piece(node.args[0])
        place = {old: old for old, _ in node.data}
        for old, new in node.data:
            here = place[old]
            if here != new:
                dims = f"{self._layout.one(here)}, {self._layout.one(new)}"
                found = Piece(f"{self._layout.module}.swapaxes({found.text}, {dims})")
                place = {axis: here if at == new else at for axis, at in place.items()} | {old: new}
        return found

    def _delta(self, node: Tensor) -> Piece:
        """The identity matrix along two numbered dimensions."""
        dims, size = [self._layout.one(axis) for axis in node.axes], self._layout.size(node.axes[0].size).text
        rank = 1 + max(dim for places in self._layout.dims.values() if not isinstance(places, str) for dim in places)
        shape = ", ".join(size if at in dims else "1" for at in range(rank))
        size += f", dtype={self._layout.like}.dtype" if self._layout.like else ""
        return Piece(f"{self._layout.module}.reshape({self._layout.module}.eye({size}), ({shape}))")


def contracted(arg: Tensor) -> list[Tensor]:
    """The factors of a product that stands over more axes than any of them; none if it does not.

    Factors whose axes another one has are multiplied into it.

    Example:
        >>> from symnorm.tensors import axes, tensor
        >>> N, C, K = axes("N C K")
        >>> x, w, s = tensor("x", N, K), tensor("w", C, K), tensor("s", C)
        >>> contracted(s * (w * x)), contracted(x * (x + 1))
        ([s*w, x], [])
    """
    flat, left = list[Tensor](), [arg]
    while left:
        node = left.pop()
        if node.op == "mul":
            left += reversed(node.args)
        else:
            flat.append(node)
    found = list[Tensor]()
    for factor in sorted(flat, key=lambda factor: -len(factor.axes)):
        at = next((at for at, wide in enumerate(found) if set(factor.axes) <= set(wide.axes)), None)
        if at is None:
            found.append(factor)
        else:
            found[at] = factor * found[at]
    return found if len(found) > 1 else []


def in_signs(node: Tensor) -> Tensor:
    """The indicator of an extremum by operations on arrays: ``hit/sum(hit)`` with ``hit = 1 - sign(max(x) - x)``.

    A comparison would lose the array's precision: a sign keeps it.

    Example:
        >>> from symnorm.tensors import at_max, axes, tensor
        >>> (N,) = axes("N")
        >>> in_signs(at_max(tensor("x", N), over=N))
        (1 - sign(max(x) - x))/sum(1 - sign(max(x) - x))
    """
    (x,) = node.args
    gap = amax(x, node.data) - x if node.op == "at_max" else x - amin(x, node.data)
    hit = 1 - sign(gap)
    return hit / total(hit, node.data)


def leaf_names(
    nodes: list[Tensor], keys: Keys, given: Mapping[int, str], layout: Layout, named: tuple[str, ...]
) -> dict[int, str]:
    """A name for each node that a program already has: the given ones, ``named`` operations, cotangents of named ones.

    Raises:
        Unsupported: the cotangent of an output without a name.
        SymnormError: a name that is no Python name, that the layout uses, or that two different tensors share.
    """
    found = dict(given)
    for node in nodes:
        if node.op in named:
            found.setdefault(keys(node), called(node))
        elif node.op == "cotangent" and keys(node) not in found:
            if node.args[0].op not in ("input", "let"):
                raise Unsupported(f"a program is given dL/dy of a named y; {node!r} needs a name")
            found[keys(node)] = f"d{called(node.args[0])}"
    reserved, owners = layout.identifiers(), set[str]()
    for name in found.values():
        if not name.isidentifier() or iskeyword(name):
            raise SymnormError(f"{name!r} cannot name a variable of a program; give the tensor another name")
        if name in reserved:
            raise SymnormError(f"{name!r} names a tensor, and the layout uses it too; rename one of them")
        if name in owners:
            raise SymnormError(f"two different tensors are called {name!r} in one program; give one another name")
        owners.add(name)
    return found
