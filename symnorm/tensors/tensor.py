"""Tensors with named axes: a record of how each was built, over an ordinary SymPy expression for its element.

A :class:`Tensor` is one node of a directed acyclic graph: an operation, its arguments, its axes. ``tensor.expr`` is the
element as SymPy, at the axes' indices; every sum in it has a bound index of its own (a fresh ``Dummy``), so nothing can
be captured. The graph is kept because SymPy cancels at once (``gamma/gamma`` is 1 before anyone can ask whether gamma
may vanish) and forgets how a formula was written; what is decided is decided on the SymPy expression.

The operations stand in :data:`ELEMENT`, one line each. Derivative rules, printers and domains are tables over the same
names in later stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp

from symnorm.errors import AxisError, SymnormError
from symnorm.tensors.axis import Axis, union
from symnorm.tensors.nodes import Cotangent, Curvature, maximum, minimum

Number = int | Fraction


@dataclass(frozen=True)
class Leaf:
    """What an input is: its name and the signs that its declaration promises."""

    name: str
    positive: bool = False
    nonnegative: bool = False
    nonzero: bool = False
    integer: bool = False
    symmetric: bool = False

    @property
    def assumptions(self) -> dict[str, bool]:
        """The declaration as SymPy assumptions."""
        signs = ("positive", "nonnegative", "nonzero", "integer")
        found = {sign: True for sign in signs if getattr(self, sign)}
        return {"real": True, **found}


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor over named axes; made by the functions of :mod:`symnorm.tensors`, not by hand.

    Attributes:
        op: the operation's name, a key of :data:`ELEMENT`.
        args: the tensors that it was applied to.
        axes: its free axes.
        data: what else the operation needs (a name, an exponent, the axes of a sum).

    Example:
        >>> from symnorm.tensors import axes, mean, tensor
        >>> N, C = axes("N C")
        >>> x = tensor("x", N, C)
        >>> (x - mean(x, over=N)).axes
        (N, C)
    """

    op: str
    args: tuple[Tensor, ...]
    axes: tuple[Axis, ...]
    data: Any = None

    @cached_property
    def expr(self) -> sp.Expr:
        """The element at the axes' indices as SymPy, every named equation written out."""
        return ELEMENT[self.op](self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {sp.latex(self.expr)}$"

    def __repr__(self) -> str:
        from symnorm.printing.text import text  # printing reads tensors; a repr is the one place that looks ahead

        return text(self)

    # arithmetic ---------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Tensor:
        return _binary("add", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return _binary("add", other, self)

    def __sub__(self, other: Any) -> Tensor:
        return _binary("sub", self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return _binary("sub", other, self)

    def __mul__(self, other: Any) -> Tensor:
        return _binary("mul", self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return _binary("mul", other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return _binary("div", self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return _binary("div", other, self)

    def __neg__(self) -> Tensor:
        return Tensor("neg", (self,), self.axes)

    def __pow__(self, exponent: Any) -> Tensor:
        power = as_tensor(exponent)
        if power.axes:
            raise AxisError(f"an exponent has no axes; {exponent!r} has {power.axes}")
        return Tensor("pow", (self, power), self.axes)

    def __abs__(self) -> Tensor:
        return Tensor("abs", (self,), self.axes)

    def __gt__(self, other: Any) -> Any:
        return self._compare(">", other)

    def __ge__(self, other: Any) -> Any:
        return self._compare(">=", other)

    def __lt__(self, other: Any) -> Any:
        return self._compare("<", other)

    def __le__(self, other: Any) -> Any:
        return self._compare("<=", other)

    def _compare(self, relation: str, other: Any) -> Any:
        from symnorm.tensors.relation import Relation  # a relation is made of tensors

        return Relation.of(self, relation, other)

    # axes ---------------------------------------------------------------------------------------------------------

    def rename(self, renaming: dict[Axis, Axis]) -> Tensor:
        """The same numbers under other axes of the same sizes, for a second copy in one formula.

        Raises:
            AxisError: an axis is missing, sizes differ, or two axes would fall together.
        """
        for old, new in renaming.items():
            if old not in self.axes:
                raise AxisError(f"cannot rename {old}: the tensor has axes {self.axes}")
            if old.size != new.size:
                raise AxisError(f"cannot rename {old} of size {old.size} to {new} of size {new.size}")
        target = tuple(renaming.get(axis, axis) for axis in self.axes)
        if len(set(target)) != len(target):
            raise AxisError(f"renaming {self.axes} to {target} would make two axes one; use a Kronecker delta")
        return Tensor("rename", (self,), target, tuple(renaming.items()))

    def __iter__(self) -> Any:
        raise TypeError("a tensor of symbolic size cannot be iterated")


def as_tensor(value: Any) -> Tensor:
    """A number, a size, an axis (its size) or a scalar SymPy expression as a tensor without axes.

    Raises:
        SymnormError: a float (0.1 is not one tenth: write Fraction(1, 10)) or anything else.
    """
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Axis):
        return Tensor("const", (), (), value.size)
    if isinstance(value, bool | float | complex):
        raise SymnormError(f"{value!r} is not exact; write an int or a Fraction")
    if isinstance(value, int):
        return Tensor("const", (), (), sp.Integer(value))
    if isinstance(value, Fraction):
        return Tensor("const", (), (), sp.Rational(value.numerator, value.denominator))
    if isinstance(value, sp.Expr) and not value.has(sp.Indexed, sp.Sum, sp.Float):
        return Tensor("const", (), (), value)
    raise SymnormError(f"cannot use {value!r} of type {type(value).__name__} as a tensor")


def _binary(op: str, left: Any, right: Any) -> Tensor:
    a, b = as_tensor(left), as_tensor(right)
    return Tensor(op, (a, b), union(a.axes, b.axes))


def _at(tensor: Tensor) -> tuple[sp.Symbol, ...]:
    return tuple(axis.index for axis in tensor.axes)


def _leaf_element(tensor: Tensor) -> sp.Expr:
    leaf: Leaf = tensor.data
    if not tensor.axes:
        return sp.Symbol(leaf.name, **leaf.assumptions)
    return sp.IndexedBase(leaf.name, **leaf.assumptions)[_at(tensor)]


def bind(element: sp.Expr, over: Iterable[Axis], held: Iterable[Axis]) -> sp.Expr:
    """``element`` summed over ``over``; an axis that the element does not carry contributes its size."""
    present = set(held)
    for axis in over:
        if axis in present:
            bound = sp.Dummy(axis.index.name, integer=True)
            element = sp.Sum(element.xreplace({axis.index: bound}), (bound, 1, axis.size))
        else:
            element = axis.size * element
    return element


def _count(over: tuple[Axis, ...]) -> sp.Expr:
    return sp.Mul(*[axis.size for axis in over])


def _rename_element(tensor: Tensor) -> sp.Expr:
    return tensor.args[0].expr.xreplace({old.index: new.index for old, new in tensor.data})


def _of_loss(node: type[Cotangent] | type[Curvature]) -> Callable[[Tensor], sp.Expr]:
    def element(tensor: Tensor) -> sp.Expr:
        (output,) = tensor.args
        slots = [sp.Dummy(axis.index.name, integer=True) for axis in output.axes]
        body = output.expr.xreplace(dict(zip(_at(output), slots, strict=True)))
        return node(sp.Symbol(tensor.data), slots, body, _at(tensor))

    return element


ELEMENT: dict[str, Callable[[Tensor], sp.Expr]] = {
    "input": _leaf_element,
    "const": lambda t: t.data,
    "add": lambda t: t.args[0].expr + t.args[1].expr,
    "sub": lambda t: t.args[0].expr - t.args[1].expr,
    "mul": lambda t: t.args[0].expr * t.args[1].expr,
    "div": lambda t: t.args[0].expr / t.args[1].expr,
    "neg": lambda t: -t.args[0].expr,
    "pow": lambda t: t.args[0].expr ** t.args[1].expr,
    "sqrt": lambda t: sp.sqrt(t.args[0].expr),
    "total": lambda t: bind(t.args[0].expr, t.data, t.args[0].axes),
    "mean": lambda t: bind(t.args[0].expr, t.data, t.args[0].axes) / _count(t.data),
    "abs": lambda t: sp.Abs(t.args[0].expr),
    "sign": lambda t: sp.sign(t.args[0].expr),
    "exp": lambda t: sp.exp(t.args[0].expr),
    "log": lambda t: sp.log(t.args[0].expr),
    "maximum": lambda t: maximum(t.args[0].expr, t.args[1].expr),
    "minimum": lambda t: minimum(t.args[0].expr, t.args[1].expr),
    "delta": lambda t: sp.KroneckerDelta(*_at(t)),
    "stop": lambda t: t.args[0].expr,
    "rename": _rename_element,
    "let": lambda t: t.args[0].expr,
    "cotangent": _of_loss(Cotangent),
    "curvature": _of_loss(Curvature),
}
"""The element of each operation. ``stop`` is erased here, and only here: a derivative works on the graph."""
