r"""Expectations over a normal number, in closed form: exact integrals of what is piecewise elementary.

In come a formula and the scalar z in it; out comes the formula's mean over z ~ N(m, s^2). On each of the half-lines
z > 0 and z < 0 the formula has to be a sum of terms ``c z^k e^(a z)`` with c free of z and a a number; absolute values,
signs and extrema of such terms are resolved by the half-line. With phi and Phi the standard normal density and
distribution

    I_k(a, m) = int_0^oo z^k e^(a z) phi((z - m)/s)/s dz,  n = m + a s^2,
    I_0 = e^(a m + a^2 s^2/2) Phi(n/s),  I_1 = n I_0 + s phi(m/s),  I_k = n I_(k-1) + (k - 1) s^2 I_(k-2)

(complete the square; then integrate by parts), and on the other half-line ``(-1)^k I_k(-a, -m)``. Called by claims on
activations of Gaussian inputs.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symnorm.errors import Unsupported
from symnorm.tensors import Tensor, as_tensor, erf, exp, inputs, sqrt, walk
from symnorm.tensors.tensor import Number

pi = as_tensor(sp.pi)
"""The circle's number."""

Pieces = dict[tuple[int, sp.Expr], Tensor]
"""Coefficients by the power of z and the rate of its exponential."""


def gaussian_mean(formula: Tensor, z: Tensor, mean: Number | Tensor = 0, deviation: Number | Tensor = 1) -> Tensor:
    """The mean of a formula over a normal z.

    Args:
        formula: a scalar or tensor that contains z.
        z: an input without axes.
        mean: the mean of z.
        deviation: the standard deviation of z, which is positive.

    Raises:
        Unsupported: what is not of the form above on each half-line.

    Example:
        >>> from symnorm.tensors import scalar
        >>> z = scalar("z")
        >>> sp.expand(gaussian_mean(z**4, z).expr), sp.expand(gaussian_mean(abs(z), z).expr)
        (3, sqrt(2)/sqrt(pi))
        >>> m, s = scalar("m"), scalar("s", positive=True)
        >>> sp.expand(gaussian_mean(z**2, z, m, s).expr)
        m**2 + s**2
    """
    if z.op != "input" or z.axes:
        raise Unsupported(f"an expectation is taken over a scalar input, not over {z!r}")
    name, found = str(z.data.name), as_tensor(0)
    for half in (1, -1):
        for (power, rate), coefficient in _pieces(formula, name, half).items():
            integral = _half_line(power, as_tensor(rate * half), as_tensor(mean) * half, as_tensor(deviation))
            found = found + coefficient * integral * half**power
    return found


def normal_cdf(at: Number | Tensor) -> Tensor:
    """The probability that a standard normal number is at most this one.

    Example:
        >>> normal_cdf(0).expr
        1/2
    """
    return (1 + erf(as_tensor(at) / sqrt(2))) / 2


def _half_line(power: int, rate: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
    """``I_k(a, m)``."""
    centre = mean + rate * deviation**2
    before = exp(rate * mean + rate**2 * deviation**2 / 2) * normal_cdf(centre / deviation)
    if power == 0:
        return before
    now = centre * before + deviation * exp(-((mean / deviation) ** 2) / 2) / sqrt(2 * pi)
    for order in range(2, power + 1):
        before, now = now, centre * now + (order - 1) * deviation**2 * before
    return now


def _pieces(formula: Tensor, name: str, half: int) -> Pieces:
    """The formula on one half-line."""
    found: dict[int, Pieces] = {}
    for node in walk(formula):
        args = [found[id(arg)] for arg in node.args]
        found[id(node)] = _piece(node, args, name, half)
    return found[id(formula)]


def _piece(node: Tensor, args: list[Pieces], name: str, half: int) -> Pieces:
    if name not in inputs(node):
        return {(0, sp.Integer(0)): node}
    match node.op:
        case "input":
            return {(1, sp.Integer(0)): as_tensor(1)}
        case "let":
            return args[0]
        case "add":
            return _sum(args[0], args[1])
        case "sub":
            return _sum(args[0], _scaled(args[1], as_tensor(-1)))
        case "neg":
            return _scaled(args[0], as_tensor(-1))
        case "mul":
            return _product(args[0], args[1])
        case "div" if name not in inputs(node.args[1]):
            return _scaled(args[0], 1 / node.args[1])
        case "pow" if node.args[1].expr.is_Integer and node.args[1].expr >= 0:
            result: Pieces = {(0, sp.Integer(0)): as_tensor(1)}
            for _ in range(int(node.args[1].expr)):
                result = _product(result, args[0])
            return result
        case "abs":
            return _scaled(args[0], as_tensor(_sign(args[0], node, half)))
        case "sign":
            return {(0, sp.Integer(0)): as_tensor(_sign(args[0], node, half))}
        case "maximum" | "minimum":
            larger = _sign(_sum(args[0], _scaled(args[1], as_tensor(-1))), node, half) >= 0
            return args[0] if larger == (node.op == "maximum") else args[1]
        case "exp":
            return _exponential(args[0], node)
    raise Unsupported(f"no rule integrates {node.op} in {node!r}")


def _sum(a: Pieces, b: Pieces) -> Pieces:
    return {**a, **b, **{key: a[key] + b[key] for key in a.keys() & b.keys()}}


def _scaled(a: Pieces, factor: Tensor) -> Pieces:
    return {key: coefficient * factor for key, coefficient in a.items()}


def _product(a: Pieces, b: Pieces) -> Pieces:
    result: Pieces = {}
    for (power, rate), left in a.items():
        for (other, more), right in b.items():
            result = _sum(result, {(power + other, rate + more): left * right})
    return result


def _numbers(pieces: Pieces, node: Tensor) -> Mapping[tuple[int, sp.Expr], sp.Expr]:
    """The coefficients as rationals, without those that are 0."""
    found = {key: coefficient.expr for key, coefficient in pieces.items()}
    if not all(value.is_Rational for value in found.values()):
        raise Unsupported(f"on a half-line {node!r} needs numbers for coefficients")
    return {key: value for key, value in found.items() if value != 0}


def _sign(pieces: Pieces, node: Tensor, half: int) -> int:
    """The sign of a single term on a half-line."""
    terms = _numbers(pieces, node)
    if len(terms) > 1:
        raise Unsupported(f"the sign of more than one term on a half-line, in {node!r}")
    return next((int(sp.sign(value)) * half**power for (power, _), value in terms.items()), 0)


def _exponential(pieces: Pieces, node: Tensor) -> Pieces:
    """``e^(a z + b)``."""
    linear = {key: value for key, value in pieces.items() if key != (0, sp.Integer(0))}
    if any(key != (1, sp.Integer(0)) for key in linear):
        raise Unsupported(f"the exponent of {node!r} is not linear")
    slopes = _numbers(linear, node)
    constant = pieces.get((0, sp.Integer(0)))
    factor = exp(constant) if constant is not None and constant.expr != 0 else as_tensor(1)
    return {(0, slopes.get((1, sp.Integer(0)), sp.Integer(0))): factor}
