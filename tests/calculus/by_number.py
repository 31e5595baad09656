"""What a tensor means, as numbers that carry a derivative; written without a look at the package's own rules.

:func:`evaluate` walks a graph over NumPy object arrays. Over :class:`Dual` numbers of fractions the derivative is
exact; over complex mpmath numbers the imaginary part of a tiny step is the derivative to some fifty digits. An unknown
loss becomes the concrete :func:`loss_first` and :func:`loss_second`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symnorm.tensors import IMPLICIT, Axis, Tensor

mp = mpmath.mp.clone()
mp.dps = 80
STEP = mp.mpf(10) ** -35


class Kink(ArithmeticError):
    """No derivative here: the sign of zero, a tie."""


@dataclass(frozen=True)
class Dual:
    """``value + slope * e`` with ``e * e = 0``."""

    value: Fraction
    slope: Fraction = Fraction(0)

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Dual) -> Dual:
        return Dual(self.value - other.value, self.slope - other.slope)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __truediv__(self, other: Dual) -> Dual:
        # The quotient q solves q * other = self.
        quotient = self.value / other.value
        return Dual(quotient, (self.slope - quotient * other.slope) / other.value)


class Exact:
    """Arithmetic on duals of fractions: polynomials and quotients."""

    @staticmethod
    def number(value: Fraction, slope: Any = 0) -> Dual:
        return Dual(Fraction(value), Fraction(slope))

    @staticmethod
    def real(x: Dual) -> Fraction:
        return x.value

    @staticmethod
    def slope(x: Dual) -> Fraction:
        return x.slope

    @staticmethod
    def power(base: Dual, exponent: Dual) -> Dual:
        assert exponent.slope == 0 and exponent.value.denominator == 1
        factor = base if exponent.value > 0 else Dual(Fraction(1)) / base if exponent.value else base
        result = Dual(Fraction(1))
        for _ in range(abs(int(exponent.value))):
            result = result * factor
        return result

    @staticmethod
    def close(a: Fraction, b: Fraction) -> bool:
        return a == b


def decimal(value: Fraction) -> Any:
    """A fraction to eighty digits."""
    return mp.mpf(value.numerator) / value.denominator


class Complex:
    """Arithmetic on complex numbers with a tiny imaginary part: everything else."""

    @staticmethod
    def number(value: Fraction, slope: Any = 0) -> Any:
        return mp.mpc(decimal(value), STEP * decimal(Fraction(slope)))

    @staticmethod
    def real(x: Any) -> Any:
        return x.real

    @staticmethod
    def slope(x: Any) -> Any:
        return x.imag / STEP

    @staticmethod
    def power(base: Any, exponent: Any) -> Any:
        return base**exponent

    @staticmethod
    def close(a: Any, b: Any) -> bool:
        return abs(a - b) <= mp.mpf(10) ** -45 * max(1, abs(a), abs(b))

    sqrt, exp, log, erf = mp.sqrt, mp.exp, mp.log, mp.erf


Algebra = type[Exact] | type[Complex]


def length(axis: Axis, sizes: Mapping[str, int]) -> int:
    """The number of elements along an axis."""
    return int(rational(axis.size, sizes))


def at_sizes(value: sp.Expr, sizes: Mapping[str, int]) -> sp.Expr:
    """A constant of the graph as a number."""
    return value.xreplace({symbol: sp.Integer(sizes[symbol.name]) for symbol in value.free_symbols})


def rational(value: sp.Expr, sizes: Mapping[str, int]) -> Fraction:
    """A constant of the graph as a fraction."""
    number = at_sizes(value, sizes)
    assert number.is_Rational, f"{number} is no fraction"
    return Fraction(int(number.p), int(number.q))


def irrational(value: sp.Expr, sizes: Mapping[str, int]) -> Any:
    """A constant of the graph, such as sqrt(pi/2), to a hundred digits of SymPy's own."""
    return mp.mpc(mp.mpf(str(at_sizes(value, sizes).evalf(100))), 0)


def align(array: np.ndarray, old: tuple[Axis, ...], new: tuple[Axis, ...]) -> np.ndarray:
    """An array over axes ``old`` with its dimensions in the order of ``new``, of length 1 where it lacks one."""
    assert set(old) <= set(new), f"{old} is not among {new}"
    order = [old.index(axis) for axis in new if axis in old]
    return array.transpose(order).reshape([array.shape[old.index(axis)] if axis in old else 1 for axis in new])


def full(array: np.ndarray, old: tuple[Axis, ...], new: tuple[Axis, ...], sizes: Mapping[str, int]) -> np.ndarray:
    """The same, repeated along the axes that it lacks."""
    return np.broadcast_to(align(array, old, new), [length(axis, sizes) for axis in new])


def loss_first(y: np.ndarray, number: Callable[..., Any]) -> np.ndarray:
    """The gradient of ``L(y) = s^3 + sum k_i y_i^3`` with ``s = sum k_i y_i`` and ``k_i = 1, 2, ...``."""
    flat = y.ravel()
    k = [number(Fraction(i + 1)) for i in range(flat.size)]
    three, s = number(Fraction(3)), sum_of([a * b for a, b in zip(k, flat, strict=True)], number)
    found = [three * a * (s * s + b * b) for a, b in zip(k, flat, strict=True)]
    return np.array(found, dtype=object).reshape(y.shape)


def loss_second(y: np.ndarray, number: Callable[..., Any]) -> np.ndarray:
    """The Hessian of the same loss, the axes of y twice."""
    flat = y.ravel()
    k = [number(Fraction(i + 1)) for i in range(flat.size)]
    six, s = number(Fraction(6)), sum_of([a * b for a, b in zip(k, flat, strict=True)], number)
    found = np.empty((flat.size, flat.size), dtype=object)
    for i in range(flat.size):
        for j in range(flat.size):
            found[i, j] = six * s * k[i] * k[j] + (six * k[i] * flat[i] if i == j else number(Fraction(0)))
    return found.reshape(y.shape * 2)


def sum_of(numbers: list[Any], number: Callable[..., Any]) -> Any:
    """A sum that starts from the algebra's own zero."""
    result = number(Fraction(0))
    for term in numbers:
        result = result + term
    return result


def evaluate(root: Tensor, values: Mapping[str, np.ndarray], sizes: Mapping[str, int], algebra: Algebra) -> np.ndarray:
    """The value of a graph as an object array over ``root.axes``; ``values`` holds the inputs in declared order."""
    done: dict[int, np.ndarray] = {}

    def value(node: Tensor) -> np.ndarray:
        if id(node) not in done:
            done[id(node)] = compute(node)
        return done[id(node)]

    def each(function: Callable[..., Any], node: Tensor) -> np.ndarray:
        args = [full(value(arg), arg.axes, node.axes, sizes) for arg in node.args]
        found = np.empty([length(axis, sizes) for axis in node.axes], dtype=object)
        for place in np.ndindex(found.shape):
            found[place] = function(*(arg[place] for arg in args))
        return found

    def larger(a: Any, b: Any, factor: int) -> Any:
        difference = algebra.real(a) - algebra.real(b)
        if difference == 0 and a != b:  # equal values with equal slopes are one number
            raise Kink
        return a if factor * difference > 0 else b

    def sign(x: Any) -> int:
        if x == 0:  # also its slope
            return 0
        if algebra.real(x) == 0:
            raise Kink
        return 1 if algebra.real(x) > 0 else -1

    def over(node: Tensor, present: bool) -> list[Axis]:
        return [axis for axis in node.data if (axis in node.args[0].axes) is present]

    def count(axes: list[Axis]) -> Any:
        return algebra.number(Fraction(int(np.prod([length(axis, sizes) for axis in axes]))))

    def summed(node: Tensor) -> np.ndarray:
        (x,) = node.args
        left = [axis for axis in x.axes if axis not in node.data]
        array = align(value(x), x.axes, (*left, *over(node, True)))
        found = np.empty(array.shape[: len(left)], dtype=object)
        for place in np.ndindex(found.shape):
            found[place] = sum_of(list(np.asarray(array[place], dtype=object).ravel()), algebra.number)
        return align(found, tuple(left), node.axes)

    def extremes(node: Tensor) -> np.ndarray:
        """Reductions to the extremum and its indicator; a tie is a kink."""
        (x,) = node.args
        factor = -1 if node.op.endswith("min") else 1
        left = [axis for axis in x.axes if axis not in node.data]
        array = align(value(x), x.axes, (*left, *node.data))
        found = np.empty(array.shape[: len(left)], dtype=object)
        hits = np.empty(array.shape, dtype=object)
        for place in np.ndindex(found.shape):
            row = np.asarray(array[place], dtype=object)
            ordered = sorted(np.ndindex(row.shape), key=lambda at, row=row: factor * algebra.real(row[at]))
            if len(ordered) > 1 and algebra.real(row[ordered[-1]]) == algebra.real(row[ordered[-2]]):
                raise Kink
            found[place] = row[ordered[-1]]
            for at in ordered:
                hits[(*place, *at)] = algebra.number(Fraction(int(at == ordered[-1])))
        if node.op in ("at_max", "at_min"):
            return align(hits, (*left, *node.data), node.axes)
        return align(found, tuple(left), node.axes)

    def constant(x: Any) -> Any:
        return algebra.number(algebra.real(x)) if algebra is Exact else mp.mpc(x.real, 0)

    def single(x: Any) -> np.ndarray:
        found = np.empty((), dtype=object)
        found[()] = x
        return found

    def compute(node: Tensor) -> np.ndarray:
        match node.op:
            case "input":
                return values[node.data.name]
            case "const":
                if at_sizes(node.data, sizes).is_Rational:
                    return single(algebra.number(rational(node.data, sizes)))
                assert algebra is Complex, f"{node.data} is no fraction"
                return single(irrational(node.data, sizes))
            case "delta":
                size = length(node.axes[0], sizes)
                found = np.empty((size, size), dtype=object)
                for i, j in np.ndindex(size, size):
                    found[i, j] = algebra.number(Fraction(int(i == j)))
                return found
            case "total":
                found, times = summed(node), count(over(node, False))
                return np.frompyfunc(lambda x: x * times, 1, 1)(found) if found.shape else single(found[()] * times)
            case "mean":
                found, number = summed(node), count(over(node, True))
                return np.frompyfunc(lambda x: x / number, 1, 1)(found) if found.shape else single(found[()] / number)
            case "amax" | "amin" | "at_max" | "at_min":
                return extremes(node)
            case "rename":
                renaming, (x,) = dict(node.data), node.args
                return align(value(x), tuple(renaming.get(axis, axis) for axis in x.axes), node.axes)
            case op if op in IMPLICIT:  # the point holds a solution; test_implicit moves it
                return align(value(node.args[0]), node.args[0].axes, node.axes)
            case "cotangent":
                return loss_first(value(node.args[0]), algebra.number)
            case "curvature":
                return loss_second(value(node.args[0]), algebra.number)
        return each(
            {
                "add": lambda a, b: a + b,
                "sub": lambda a, b: a - b,
                "mul": lambda a, b: a * b,
                "div": lambda a, b: a / b,
                "neg": lambda x: -x,
                "let": lambda x: x,
                "stop": constant,
                "pow": algebra.power,
                "abs": lambda x: x if sign(x) > 0 else -x,
                "sign": lambda x: algebra.number(Fraction(sign(x))),
                "maximum": lambda a, b: larger(a, b, 1),
                "minimum": lambda a, b: larger(a, b, -1),
                "sqrt": getattr(algebra, "sqrt", None),
                "exp": getattr(algebra, "exp", None),
                "log": getattr(algebra, "log", None),
                "erf": getattr(algebra, "erf", None),
            }[node.op],
            node,
        )

    return value(root)
