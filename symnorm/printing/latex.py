r"""A tensor's formula as LaTeX, the way a paper prints it: an element at its indices, sums with their bounds.

Axis N has the index n; a sum over N takes n too, or n' where n is already in use around it. Quotients are fractions,
a mean is ``\frac{1}{N}\sum_{n=1}^{N}``, the cotangent of y is ``\mathrm{d}y``. Names follow
:mod:`symnorm.printing.latex_names`. Used by notebooks and reports.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symnorm.errors import Unsupported
from symnorm.printing.latex_names import index_latex, is_gradient, letter, name_latex
from symnorm.printing.precedence import (
    ADD,
    ATOM,
    BOOK,
    DIV,
    MUL,
    POW,
    Infix,
    Piece,
    constant,
    infix,
    negated,
)
from symnorm.printing.sharing import NAMED, Names, visible
from symnorm.tensors import IMPLICIT, Axis, Tensor
from symnorm.tensors.tensor import OVER_AXES

Indices = Mapping[Axis, str]

_TABLE = {**BOOK, "mul": Infix(" ", MUL, DIV, MUL), "times": Infix(r" \cdot ", MUL, DIV, MUL)}
_FUNCTIONS = {
    "sign": r"\operatorname{sign}",
    "exp": r"\exp",
    "erf": r"\operatorname{erf}",
    "log": r"\log",
    "maximum": r"\max",
    "minimum": r"\min",
    "stop": r"\operatorname{stop}",
}


def latex(tensor: Tensor, *, names: Mapping[Tensor, str] | None = None) -> str:
    r"""The formula at the axes' indices; named equations by their names.

    Args:
        tensor: what to print.
        names: other names for nodes, which are then not written out.

    Example:
        >>> from symnorm.tensors import axes, mean, tensor
        >>> N, C = axes("N C")
        >>> x = tensor("x", N, C)
        >>> print(latex(x - mean(x, over=N)))
        x_{n c} - \frac{1}{N}\sum_{n'=1}^{N} x_{n' c}
    """
    return latexes(tensor, names=names)[0]


def latexes(*tensors: Tensor, names: Mapping[Tensor, str] | None = None) -> tuple[str, ...]:
    """Formulas that are read together, such as the two sides of an equation: a name means one thing in all of them."""
    printer = _Latex(tensors, names or {})
    return tuple(printer.piece(tensor, {axis: letter(axis) for axis in tensor.axes}).text for tensor in tensors)


def equation_latex(
    name: str, tensor_axes: tuple[Axis, ...], rhs: Tensor, *, names: Mapping[Tensor, str] | None = None
) -> str:
    r"""``name = rhs``, the name with the indices of its axes.

    Example:
        >>> from symnorm.tensors import axes, sqrt, tensor
        >>> N, C = axes("N C")
        >>> print(equation_latex("x_hat", (N, C), tensor("x", N, C) / sqrt(tensor("var", C))))
        \hat{x}_{n c} = \frac{x_{n c}}{\sqrt{\mathrm{Var}_{c}}}
    """
    return f"{name_latex(name, [letter(axis) for axis in tensor_axes])} = {latex(rhs, names=names)}"


def fence(inner: str) -> str:
    """Parentheses that grow with what they hold."""
    return rf"\left({inner}\right)"


class _Latex:
    """A node is printed at indices: a letter for each of its axes; every letter in ``indices`` is in use around it."""

    def __init__(self, roots: tuple[Tensor, ...], given: Mapping[Tensor, str]) -> None:
        reserved = Names((), given)
        nodes = list(visible(roots, lambda node: node.op == "let" or reserved.given(node) is not None))
        self.names = Names(nodes, given)
        self.losses = {node.data for node in nodes if node.op in ("cotangent", "curvature")}
        self.free = {letter(axis) for root in roots for axis in root.axes}

    def piece(self, node: Tensor, at: Indices, bound: frozenset[str] = frozenset()) -> Piece:
        """The node at the letters ``at``, inside sums over the letters ``bound``."""
        name = self.name(node)
        if name is not None:
            shown = name_latex(name, [at[axis] for axis in node.axes])
            return Piece(shown, POW if is_gradient(name) or "'" in name else ATOM)
        if node.op in IMPLICIT:
            return self.piece(node.args[0], at, bound)
        if node.op in ("total", "mean"):
            return self.reduction(node, at, bound)
        if node.op in OVER_AXES:
            return self.extremum(node, at, bound)
        if node.op == "rename":
            moved = {old: at[new] for old, new in node.data}
            kept = {axis: at[axis] for axis in node.args[0].axes if axis not in moved}
            return self.piece(node.args[0], {**kept, **moved}, bound)
        if node.op in ("cotangent", "curvature"):
            return self.derivative(node, at, bound)
        if node.op == "const":
            return _constant(node.data)
        if node.op == "delta":
            return Piece(rf"\delta_{{{' '.join(index_latex(at[axis]) for axis in node.axes)}}}")
        return self.operation(node, [self.piece(arg, at, bound) for arg in node.args])

    def name(self, node: Tensor) -> str | None:
        """The name that stands for the node, if one does."""
        return self.names.given(node) or (self.names.of(node) if node.op in NAMED else None)

    def operation(self, node: Tensor, args: list[Piece]) -> Piece:
        """What needs to know nothing of indices."""
        left, right = args[0], args[-1]
        match node.op:
            case "neg":
                return negated(_TABLE, left, fence)
            case "div":
                return Piece(rf"\frac{{{left.text}}}{{{right.text}}}", MUL)
            case "mul" if right.text[0].isdigit():
                return infix(_TABLE, "times", left, right, fence)
            case "add" | "sub" | "mul":
                return infix(_TABLE, node.op, left, right, fence)
            case "pow":
                base = left.text if left.level == ATOM else fence(left.text)
                return Piece(f"{base}^{{{right.text}}}", POW)
            case "sqrt":
                return Piece(rf"\sqrt{{{left.text}}}")
            case "abs":
                return Piece(rf"\left|{left.text}\right|")
            case op if op in _FUNCTIONS:
                return Piece(f"{_FUNCTIONS[op]}{fence(', '.join(arg.text for arg in args))}", POW)
        raise Unsupported(f"no LaTeX is known for the operation {node.op!r}")

    def reduction(self, node: Tensor, at: Indices, bound: frozenset[str]) -> Piece:
        """A sum or mean with an index of its own for each axis."""
        inner, bound = self.bind(node, at, bound)
        signs = [rf"\sum_{{{index_latex(inner[axis])}=1}}^{{{sp.latex(axis.size)}}}" for axis in node.data]
        body = self.piece(node.args[0], inner, bound)
        summand = body.text if body.level > ADD and not body.signed else fence(body.text)
        count = " ".join(_factor(axis.size) for axis in node.data)
        factor = rf"\frac{{1}}{{{count}}}" if node.op == "mean" else ""
        return Piece(f"{factor}{''.join(signs)} {summand}", MUL, open=True)

    def extremum(self, node: Tensor, at: Indices, bound: frozenset[str]) -> Piece:
        """A largest or smallest with indices of its own, or the indicator that the indices are where it is attained."""
        inner, bound = self.bind(node, at, bound)
        below = " ".join(index_latex(inner[axis]) for axis in node.data)
        body = fence(self.piece(node.args[0], inner, bound).text)
        if node.op in ("amax", "amin"):
            return Piece(rf"\{node.op[1:]}_{{{below}}} {body}", MUL, open=True)
        places = " ".join(index_latex(at[axis]) for axis in node.data)
        return Piece(rf"\mathbf{{1}}_{{{places} = \arg\{node.op[3:]}_{{{below}}} {body}}}")

    def bind(self, node: Tensor, at: Indices, bound: frozenset[str]) -> tuple[dict[Axis, str], frozenset[str]]:
        """Letters for the axes that a node binds, none of them in use, and all letters that are bound inside."""
        inner = dict(at)
        for axis in node.data:
            index = letter(axis)
            while index in bound or index in self.free or index in self.names.taken or index in at.values():
                index += "'"
            bound |= {index}
            inner[axis] = index
        return inner, bound

    def derivative(self, node: Tensor, at: Indices, bound: frozenset[str]) -> Piece:
        """A derivative of an unknown loss by the output's elements."""
        (output,) = node.args
        first = {axis: at[axis] for axis in output.axes}
        name = self.name(output)
        if node.op == "cotangent" and name and len(self.losses) == 1 and f"d{name}" not in self.names.taken:
            return Piece(rf"\mathrm{{d}}{self.piece(output, first, bound).text}", POW)
        loss = name_latex(node.data)
        by = [self.by(output, first, bound)]
        if node.op == "curvature":
            second = node.axes[len(output.axes) :]
            by.append(self.by(output, {a: at[b] for a, b in zip(output.axes, second, strict=True)}, bound))
        order = "" if len(by) == 1 else f"^{{{len(by)}}}"
        below = " ".join(rf"\partial {part}" for part in by)
        return Piece(rf"\frac{{\partial{order} {loss}}}{{{below}}}", MUL)

    def by(self, output: Tensor, at: Indices, bound: frozenset[str]) -> str:
        """An output's element below the fraction bar of a derivative."""
        shown = self.piece(output, at, bound)
        return shown.text if shown.level == ATOM else fence(shown.text)


def _constant(value: sp.Expr) -> Piece:
    shown = sp.latex(value)
    if shown.startswith("- "):  # SymPy sets a space here, and none before a numeral
        shown = f"-{shown[2:]}"
    if value.is_Rational and not value.is_Integer:
        return Piece(shown, MUL)
    return constant(value, shown)


def _factor(size: sp.Expr) -> str:
    shown: str = sp.latex(size)
    return fence(shown) if size.is_Add else shown
