r"""Expectations over a standard normal number, in closed form: exact integrals of what is piecewise elementary.

In come a formula and the scalar z in it; out comes the formula's mean over z ~ N(0, 1). On each of the half-lines
z > 0 and z < 0 the formula has to be a sum of terms ``c z^k e^(a z)`` with c free of z and a a number; absolute values,
signs and extrema of such terms are resolved by the half-line. Then

    I_k(a) = int_0^oo z^k e^(a z) phi(z) dz,
    I_0 = e^(a^2/2) (1 + erf(a/sqrt 2))/2,  I_1 = a I_0 + phi(0),  I_k = a I_(k-1) + (k - 1) I_(k-2)

(complete the square; then integrate by parts, with phi'(z) = -z phi(z)), and on the other half-line
``(-1)^k I_k(-a)``. Called by claims on activations of Gaussian inputs.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symnorm.errors import Unsupported
from symnorm.tensors import Tensor, as_tensor, exp, inputs, walk
from symnorm.tensors.tensor import Number

pi = as_tensor(sp.pi)
"""The circle's number."""

Pieces = dict[tuple[int, sp.Expr], Tensor]
"""Coefficients by the power of z and the rate of its exponential."""


def gaussian_mean(formula: Tensor, z: Tensor) -> Tensor:
    """The mean of a formula over a standard normal z.

    Args:
        formula: a scalar or tensor that contains z.
        z: an input without axes.

    Raises:
        Unsupported: what is not of the form above on each half-line.

    Example:
        >>> from symnorm.tensors import scalar
        >>> z = scalar("z")
        >>> sp.simplify(gaussian_mean(z**4, z).expr), sp.simplify(gaussian_mean(abs(z), z).expr)
        (3, sqrt(2)/sqrt(pi))
    """
    if z.op != "input" or z.axes:
        raise Unsupported(f"an expectation is taken over a scalar input, not over {z!r}")
    name, mean = str(z.data.name), as_tensor(0)
    for half in (1, -1):
        for (power, rate), coefficient in _pieces(formula, name, half).items():
            integral = _half_line(power, rate * half) * half**power
            mean = mean + coefficient * as_tensor(integral)
    return mean


def normal_cdf(at: Number) -> Tensor:
    """The probability that a standard normal number is at most a rational one.

    Example:
        >>> normal_cdf(0).expr
        1/2
    """
    return as_tensor((1 + sp.erf(as_tensor(at).expr / sp.sqrt(2))) / 2)


def _half_line(power: int, rate: sp.Expr) -> sp.Expr:
    """``I_k(a)``."""
    before = sp.exp(rate**2 / 2) * (1 + sp.erf(rate / sp.sqrt(2))) / 2
    if power == 0:
        return before
    now = rate * before + 1 / sp.sqrt(2 * sp.pi)
    for order in range(2, power + 1):
        before, now = now, rate * now + (order - 1) * before
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
