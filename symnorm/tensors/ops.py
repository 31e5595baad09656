"""The functions that a definition is written with. Named axes: nobody writes ``keepdims``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from symnorm.errors import AxisError, SymnormError
from symnorm.tensors.axis import Axis, union
from symnorm.tensors.tensor import Leaf, Tensor, as_tensor, over_carried

Over = Axis | Iterable[Axis]


def tensor(name: str, *axes: Axis, **assumptions: bool) -> Tensor:
    """An input with one element for each combination of the axes' indices.

    Args:
        name: its name in formulas and kernels.
        axes: its axes in the order of the array's dimensions.
        assumptions: ``positive``, ``nonnegative``, ``nonzero`` or ``symmetric`` (two axes of one size).

    Example:
        >>> from symnorm.tensors import axes
        >>> N, C = axes("N C")
        >>> tensor("x", N, C).expr
        x[n, c]
    """
    if len(set(axes)) != len(axes):
        raise AxisError(f"tensor {name} names an axis twice: {axes}; make a second one with copy()")
    if assumptions.get("symmetric") and (len(axes) != 2 or axes[0].size != axes[1].size):
        raise AxisError(f"a symmetric tensor has two axes of one size; {name} has {axes}")
    try:
        leaf = Leaf(name, **assumptions)
    except TypeError:
        raise SymnormError(f"{name} cannot be assumed {', '.join(assumptions)}") from None
    return Tensor("input", (), axes, leaf)


def scalar(name: str, **assumptions: bool) -> Tensor:
    """A real number as a symbol; assumptions as for :func:`tensor`, and ``integer``.

    Example:
        >>> scalar("eps", positive=True).expr.is_positive
        True
    """
    return tensor(name, **assumptions)


def _axes(over: Over) -> tuple[Axis, ...]:
    found = (over,) if isinstance(over, Axis) else tuple(over)
    if not found or len(set(found)) != len(found):
        raise AxisError(f"a reduction needs one or more different axes, not {found}")
    return found


def _reduce(op: str, x: Any, over: Over) -> Tensor:
    x, gone = as_tensor(x), _axes(over)
    union(x.axes, gone)
    return Tensor(op, (x,), tuple(axis for axis in x.axes if axis not in gone), gone)


def total(x: Any, over: Over) -> Tensor:
    """Sum over axes; an axis that x does not carry contributes its size.

    Example:
        >>> from symnorm.tensors import axes
        >>> N, C = axes("N C")
        >>> total(tensor("x", N, C), over=N).axes
        (C,)
    """
    return _reduce("total", x, over)


def mean(x: Any, over: Over, ddof: int = 0) -> Tensor:
    """Mean over axes: the sum over their indices divided by their number m, or by m - ddof."""
    if ddof == 0:
        return _reduce("mean", x, over)
    return total(x, over) / as_tensor(sp.Mul(*[axis.size for axis in _axes(over)]) - ddof)


def var(x: Any, over: Over, ddof: int = 0) -> Tensor:
    """Variance ``sum((x - mean(x))^2) / (m - ddof)`` with m the number of elements averaged over."""
    x = as_tensor(x)
    return mean((x - mean(x, over)) ** 2, over, ddof)


def norm(x: Any, over: Over) -> Tensor:
    """Euclidean length ``sqrt(sum(x^2))``."""
    return sqrt(total(as_tensor(x) ** 2, over))


def dot(a: Any, b: Any, over: Over) -> Tensor:
    """Contraction ``sum(a * b)`` over axes that both carry.

    Raises:
        AxisError: one of the two lacks an axis.
    """
    a, b = as_tensor(a), as_tensor(b)
    for axis in _axes(over):
        if axis not in a.axes or axis not in b.axes:
            raise AxisError(f"a contraction over {axis} needs it on both sides; they have {a.axes} and {b.axes}")
    return total(a * b, over)


def amax(x: Any, over: Over) -> Tensor:
    """The largest over axes. Along an axis that x does not carry all its elements are one.

    Its derivative is :func:`at_max`: where the largest is attained more than once, each place has an equal share.

    Example:
        >>> from symnorm.tensors import axes
        >>> N, C = axes("N C")
        >>> amax(tensor("x", N, C), over=N).axes
        (C,)
    """
    return _extremum("amax", x, over)


def amin(x: Any, over: Over) -> Tensor:
    """The smallest over axes, as :func:`amax`."""
    return _extremum("amin", x, over)


def at_max(x: Any, over: Over) -> Tensor:
    """1 where x is the largest over axes, else 0; k places that tie have 1/k each. Over the axes of x."""
    return _extremum("at_max", x, over)


def at_min(x: Any, over: Over) -> Tensor:
    """1 where x is the smallest over axes, else 0; k places that tie have 1/k each. Over the axes of x.

    Example:
        >>> from symnorm.tensors import axes
        >>> N, C = axes("N C")
        >>> at_min(tensor("x", N, C), over=N).axes
        (N, C)
    """
    return _extremum("at_min", x, over)


def _extremum(op: str, x: Any, over: Over) -> Tensor:
    x, bound = as_tensor(x), _axes(over)
    union(x.axes, bound)
    return over_carried(op, x, bound)


def sqrt(x: Any) -> Tensor:
    """Square root."""
    x = as_tensor(x)
    return Tensor("sqrt", (x,), x.axes)


def absolute(x: Any) -> Tensor:
    """Absolute value."""
    return abs(as_tensor(x))


def sign(x: Any) -> Tensor:
    """Sign: -1, 0 or 1."""
    x = as_tensor(x)
    return Tensor("sign", (x,), x.axes)


def exp(x: Any) -> Tensor:
    """Exponential."""
    x = as_tensor(x)
    return Tensor("exp", (x,), x.axes)


def log(x: Any) -> Tensor:
    """Natural logarithm."""
    x = as_tensor(x)
    return Tensor("log", (x,), x.axes)


def erf(x: Any) -> Tensor:
    """The error function: ``2/sqrt(pi)`` times the integral of ``e^(-u^2)`` from 0 to x."""
    x = as_tensor(x)
    return Tensor("erf", (x,), x.axes)


def maximum(a: Any, b: Any) -> Tensor:
    """The larger of two, element by element."""
    a, b = as_tensor(a), as_tensor(b)
    return Tensor("maximum", (a, b), union(a.axes, b.axes))


def minimum(a: Any, b: Any) -> Tensor:
    """The smaller of two, element by element."""
    a, b = as_tensor(a), as_tensor(b)
    return Tensor("minimum", (a, b), union(a.axes, b.axes))


def clip(x: Any, low: Any, high: Any) -> Tensor:
    """``x`` held between two bounds."""
    return minimum(maximum(x, low), high)


def delta(first: Axis, second: Axis) -> Tensor:
    """Kronecker delta over two axes of one size: 1 where the indices agree, else 0."""
    if first.size != second.size or first == second:
        raise AxisError(f"a Kronecker delta needs two different axes of one size, not {first} and {second}")
    return Tensor("delta", (), (first, second))


def stop_gradient(x: Any) -> Tensor:
    """The value of x, held constant under every derivative."""
    x = as_tensor(x)
    return Tensor("stop", (x,), x.axes)


class Loss:
    """An unknown smooth scalar function of a tensor: what a claim means by "for every loss".

    Its derivative is an opaque function of the whole output, so two instances share one only when their outputs are
    equal.

    Example:
        >>> from symnorm.tensors import axes
        >>> (N,) = axes("N")
        >>> Loss("L").cotangent(tensor("y", N)).axes
        (N,)
    """

    def __init__(self, name: str = "L") -> None:
        self.name = name

    def cotangent(self, output: Any) -> Tensor:
        """dL/doutput."""
        output = as_tensor(output)
        return Tensor("cotangent", (output,), output.axes, self.name)

    def curvature(self, output: Any, second: Iterable[Axis]) -> Tensor:
        """d2L/doutput doutput', the second factor's axes given as copies.

        Raises:
            AxisError: they are not copies of the output's axes, one each in order.
        """
        output, copies = as_tensor(output), tuple(second)
        fits = [axis.size for axis in copies] == [axis.size for axis in output.axes]
        if not fits or len({*copies, *output.axes}) != 2 * len(output.axes):
            raise AxisError(f"a curvature needs a copy of each axis of {output.axes}, not {copies}")
        return Tensor("curvature", (output,), (*output.axes, *copies), self.name)
