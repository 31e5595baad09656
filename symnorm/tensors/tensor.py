"""Tensors with named axes: a record of how each was built, over an ordinary SymPy expression for its element.

A :class:`Tensor` is one node of a directed acyclic graph: an operation, its arguments, its axes. ``tensor.expr`` is the
element as SymPy, at the axes' indices; every sum in it has a bound index of its own (a fresh ``Dummy``), so nothing can
be captured. The graph is kept because SymPy's constructors cancel (``gamma/gamma`` is 1 before anyone can ask whether
gamma may vanish) and forget how a formula was written; what is decided is decided on ``tensor.element``, the same SymPy
tree as it was written.

The operations stand in :data:`ELEMENT`, one line each. Derivative rules, printers and domains are tables over the same
names in later stages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp

from symnorm.errors import AxisError, SymnormError
from symnorm.tensors.axis import Axis, Index, union
from symnorm.tensors.nodes import (
    Cotangent,
    Curvature,
    attains,
    evaluated,
    largest,
    maximum,
    minimum,
    plus,
    power,
    renamed,
    summed,
    times,
)
from symnorm.tensors.shown import Shown

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
        origin: for a derivative what was differentiated, ``("vjp", (output, cotangent, variable))`` or ``("jvp",
            (output, variable, tangent, ...))``. No verdict reads it; it is what a proof's certificate states.

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
    origin: tuple[str, tuple[Tensor, ...]] | None = None

    @cached_property
    def element(self) -> sp.Expr:
        """The element at the axes' indices as SymPy, just as it was written: nothing cancels. What verdicts read."""
        return ELEMENT[self.op](self)

    @cached_property
    def expr(self) -> sp.Expr:
        """The element at the axes' indices as an ordinary SymPy expression, every named equation written out."""
        return evaluated(self.element)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {sp.latex(self.expr)}$"

    def __repr__(self) -> str:
        (text,) = Shown.texts(self)
        return text

    # arithmetic ---------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Tensor:
        return binary("add", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return binary("add", other, self)

    def __sub__(self, other: Any) -> Tensor:
        return binary("sub", self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return binary("sub", other, self)

    def __mul__(self, other: Any) -> Tensor:
        return binary("mul", self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return binary("mul", other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return binary("div", self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return binary("div", other, self)

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

        A renaming of a renaming is one: there and back again is the tensor itself.

        Raises:
            AxisError: an axis is missing, sizes differ, or two axes would fall together.

        Example:
            >>> from symnorm.tensors import axes, tensor
            >>> (C,) = axes("C")
            >>> D, x = C.copy("D"), tensor("x", C)
            >>> x.rename({C: D}).rename({D: C}) is x
            True
        """
        for old, new in renaming.items():
            if old not in self.axes:
                raise AxisError(f"cannot rename {old}: the tensor has axes {self.axes}")
            if old.size != new.size:
                raise AxisError(f"cannot rename {old} of size {old.size} to {new} of size {new.size}")
        target = tuple(renaming.get(axis, axis) for axis in self.axes)
        if len(set(target)) != len(target):
            raise AxisError(f"renaming {self.axes} to {target} would make two axes one; use a Kronecker delta")
        if self.op != "rename":
            return Tensor("rename", (self,), target, tuple(renaming.items()))
        (first,), names = self.args, zip(self.args[0].axes, target, strict=True)
        both = tuple((old, new) for old, new in names if old != new)
        return Tensor("rename", (first,), target, both) if both else first

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
    if isinstance(value, sp.Expr) and not value.has(sp.Indexed, sp.Sum, sp.Float, Index):
        return Tensor("const", (), (), value)
    raise SymnormError(f"cannot use {value!r} of type {type(value).__name__} as a tensor")


NEUTRAL = {("add", 0, 0), ("add", 1, 0), ("sub", 1, 0), ("mul", 0, 1), ("mul", 1, 1), ("div", 1, 1)}
"""Operation, argument, number: that argument being that number leaves the other as it is, whatever its domain."""


OPERATORS = ("add", "sub", "mul", "div")

EXTREMA = ("amax", "amin")
"""Reductions over axes that their argument carries: along any other, all of its elements are the same."""

INDICATORS = ("at_max", "at_min")
"""Where an extremum is attained; over the argument's own axes."""

REDUCTIONS = ("total", "mean", *EXTREMA)
"""Operations that take the axes of ``data`` away."""

OVER_AXES = (*REDUCTIONS, *INDICATORS)
"""Operations whose ``data`` is axes that they bind an index of."""


def binary(op: str, left: Any, right: Any) -> Tensor:
    """One of the :data:`OPERATORS` applied to anything that can be a tensor."""
    a, b = as_tensor(left), as_tensor(right)
    for position, (number, other) in enumerate(((a, b), (b, a))):
        if number.op == "const" and number.data.is_Integer and (op, position, int(number.data)) in NEUTRAL:
            return other
    return Tensor(op, (a, b), union(a.axes, b.axes))


def over_carried(op: str, x: Tensor, over: tuple[Axis, ...]) -> Tensor:
    """One of :data:`EXTREMA` or :data:`INDICATORS` over those of the axes that its argument carries."""
    carried = tuple(axis for axis in over if axis in x.axes)
    absent = sp.Mul(*[axis.size for axis in over if axis not in x.axes])
    if op in EXTREMA:
        return Tensor(op, (x,), tuple(axis for axis in x.axes if axis not in carried), carried) if carried else x
    if not carried:
        return as_tensor(1 / absent)
    share = Tensor(op, (x,), x.axes, carried)
    return share if absent == 1 else share / as_tensor(absent)


def _at(tensor: Tensor) -> tuple[sp.Symbol, ...]:
    return tuple(axis.index for axis in tensor.axes)


def _leaf_element(tensor: Tensor) -> sp.Expr:
    leaf: Leaf = tensor.data
    if not tensor.axes:
        return sp.Symbol(leaf.name, **leaf.assumptions)
    return sp.IndexedBase(leaf.name, **leaf.assumptions)[_at(tensor)]


def _bound(tensor: Tensor) -> sp.Expr:
    """A sum; an axis that the argument does not carry contributes its size."""
    (argument,) = tensor.args
    element = argument.element
    for axis in tensor.data:
        if axis in argument.axes:
            index = sp.Dummy(axis.index.name, integer=True)
            element = summed(renamed(element, {axis.index: index}), index, axis.size)
        else:
            element = times(axis.size, element)
    return element


def _mean(tensor: Tensor) -> sp.Expr:
    return times(power(sp.Mul(*[axis.size for axis in tensor.data]), sp.Integer(-1)), _bound(tensor))


def _negative(element: sp.Expr) -> sp.Expr:
    return times(sp.Integer(-1), element)


def _largest(element: sp.Expr, axes: tuple[Axis, ...]) -> sp.Expr:
    """The largest over the axes, which every element carries; the axes in the order of their names."""
    ordered = sorted(axes, key=lambda axis: axis.name)
    slots = {axis.index: sp.Dummy(axis.index.name, integer=True) for axis in ordered}
    body = renamed(element, dict(slots))
    return largest(body, *(sp.Tuple(slots[axis.index], axis.size) for axis in ordered))


def _attains(element: sp.Expr, axes: tuple[Axis, ...]) -> sp.Expr:
    return attains(_largest(element, axes), [axis.index for axis in sorted(axes, key=lambda axis: axis.name)])


def _of_loss(node: type[Cotangent] | type[Curvature]) -> Callable[[Tensor], sp.Expr]:
    orders = 1 if node is Cotangent else 2

    def element(tensor: Tensor) -> sp.Expr:
        """The output's axes in the order of their names: a loss does not care which was written first."""
        count = len(tensor.axes) // orders
        order = sorted(range(count), key=lambda i: tensor.axes[i].name)
        places = _at(tensor)
        declared = [places[i] for i in order]
        slots = [sp.Dummy(index.name, integer=True) for index in declared]
        body = renamed(tensor.args[0].element, dict(zip(declared, slots, strict=True)))
        indices = [places[half * count + i] for half in range(orders) for i in order]
        return node(sp.Symbol(tensor.data), slots, body, indices)

    return element


def _of(function: Callable[..., sp.Expr]) -> Callable[[Tensor], sp.Expr]:
    return lambda tensor: function(*(arg.element for arg in tensor.args))


IMPLICIT = ("singular_value", "singular_vector", "eigenvalues", "eigenvectors", "inverse_root", "inverse_factor")
"""Quantities that are known only through relations (:mod:`symnorm.tensors.systems`): the first argument is the value,
the others say what it depends on."""

ELEMENT: dict[str, Callable[[Tensor], sp.Expr]] = {
    "input": _leaf_element,
    "const": lambda t: t.data,
    "add": _of(plus),
    "sub": _of(lambda a, b: plus(a, times(sp.Integer(-1), b))),
    "mul": _of(times),
    "div": _of(lambda a, b: times(a, power(b, sp.Integer(-1)))),
    "neg": _of(lambda a: times(sp.Integer(-1), a)),
    "pow": _of(power),
    "sqrt": _of(lambda a: power(a, sp.Rational(1, 2))),
    "total": _bound,
    "mean": _mean,
    "abs": _of(lambda a: sp.Abs(a, evaluate=False)),
    "sign": _of(lambda a: sp.sign(a, evaluate=False)),
    "exp": _of(lambda a: sp.exp(a, evaluate=False)),
    "log": _of(lambda a: sp.log(a, evaluate=False)),
    "erf": _of(lambda a: sp.erf(a, evaluate=False)),
    "maximum": _of(maximum),
    "minimum": _of(minimum),
    "amax": lambda t: _largest(t.args[0].element, t.data),
    "amin": lambda t: _negative(_largest(_negative(t.args[0].element), t.data)),
    "at_max": lambda t: _attains(t.args[0].element, t.data),
    "at_min": lambda t: _attains(_negative(t.args[0].element), t.data),
    "delta": lambda t: sp.KroneckerDelta(*_at(t)),
    "stop": _of(lambda a: a),
    "rename": lambda t: renamed(t.args[0].element, {old.index: new.index for old, new in t.data}),
    "let": _of(lambda a: a),
    "cotangent": _of_loss(Cotangent),
    "curvature": _of_loss(Curvature),
    **dict.fromkeys(IMPLICIT, _of(lambda value, *others: value)),
}
"""The element of each operation. ``stop`` is erased here, and only here: a derivative works on the graph."""
