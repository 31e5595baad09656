"""How many units in the last place a kernel is off, on inputs that textbook formulas lose their digits on.

The exact values come from the plan's formulas in numbers of several hundred digits (mpmath). An error of the output is
measured in units in the last place (ULP) of the row's largest exact value; that of the first input's gradient in those
of the row's largest exact term, since the terms may cancel; that of a parameter's gradient in those of the row's
largest sum of its terms' absolute values. A matrix product inside a formula counts with the sum of its terms' absolute
values, since its factors are rounded before it is taken; so does a gradient that a parameter's or a matrix product is
written with: in ``ds = dg*g`` and ``dx = sum(dt*w)``, ``dt = dy - mean(dy)``, terms cancel before g or w is seen. A row
is what one index of the axes that no reduction runs over has. Inputs come from :mod:`symnorm.check.stress`. Called by
the tests and by ``benchmarks/accuracy.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import sympy as sp

from symnorm.check.oracle import Frame, extremum
from symnorm.check.stress import Drawn
from symnorm.errors import Unsupported
from symnorm.kernels import Plan
from symnorm.kernels.degenerate import reductions_of
from symnorm.printing.numpy_source import contracted
from symnorm.tensors import Tensor, walk
from symnorm.tensors.tensor import OVER_AXES


def exact_plan_values(plan: Plan, given: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    """Every equation, gradient and term scale of a plan on flat arrays of mpmath numbers."""
    known = dict(given)
    for name, formula in plan.equations.items():
        known[name] = _value(formula, known, frame)
    left = dict(plan.gradients)
    while left:
        name = next(key for key, form in left.items() if all(leaf in known for leaf in _leaves(form)))
        known[f"d{name}"] = _value(left.pop(name), known, frame)
    return known


def _leaves(form: Tensor) -> Iterable[str]:
    return (node.data.name for node in walk(form) if node.op == "input")


def _value(formula: Tensor, known: Mapping[str, Any], frame: Frame) -> Any:
    """A formula's value."""
    return _values(formula, known, frame)[id(formula)]


def _values(formula: Tensor, known: Mapping[str, Any], frame: Frame) -> dict[int, Any]:
    """The values of a formula and of all its parts."""
    import mpmath
    import numpy as np

    mp = mpmath.mp
    found: dict[int, Any] = {}
    unary = {"sqrt": mp.sqrt, "abs": abs, "sign": mp.sign, "exp": mp.exp, "log": mp.log, "neg": lambda v: -v}
    for node in walk(formula):
        args = [found[id(arg)] for arg in node.args]
        match node.op:
            case "input":
                value = known[node.data.name]
            case "const":
                sizes = {symbol: sp.Integer(frame.sizes[symbol.name]) for symbol in node.data.free_symbols}
                value = mp.mpf(str(node.data.xreplace(sizes).evalf(mp.dps)))
            case "total" | "mean":
                value = _reduced(node, args[0], frame)
            case "add":
                value = args[0] + args[1]
            case "sub":
                value = args[0] - args[1]
            case "mul":
                value = args[0] * args[1]
            case "div":
                value = np.frompyfunc(_quotient, 2, 1)(*args)
            case "pow":
                value = np.frompyfunc(_power, 2, 1)(*args)
            case "maximum" | "minimum":
                value = np.where(args[0] >= args[1], args[0], args[1])
                value = value if node.op == "maximum" else args[0] + args[1] - value
            case "stop":
                value = args[0]
            case op if op in OVER_AXES:
                value = extremum(op, args[0], tuple(frame.flat_axes.index(axis.name) for axis in node.data))
            case op if op in unary:
                value = np.frompyfunc(unary[op], 1, 1)(args[0])
            case _:
                raise Unsupported(f"the exact oracle has no meaning for the operation {node.op!r}")
        found[id(node)] = np.asarray(value, object)
    return found


def _reduced(node: Tensor, value: Any, frame: Frame) -> Any:
    """The sum or mean of values."""
    import numpy as np

    for axis in node.data:
        at = frame.flat_axes.index(axis.name)
        carried = axis in node.args[0].axes
        value = np.sum(value, axis=at, keepdims=True) if carried else value * frame.sizes[axis.name]
        value = value / frame.sizes[axis.name] if node.op == "mean" else value
    return value


def _absolute(formula: Tensor, known: Mapping[str, Any], frame: Frame, sums: Mapping[str, Any]) -> Any:
    """The sum of the absolute values of what a formula adds up, inside its outermost sums too.

    ``sums`` is that of what has a name.
    """
    import numpy as np

    exact = _values(formula, known, frame)

    def alone(node: Tensor) -> Any:
        """The absolute value, where a factor has none of a sum's."""
        if node.op == "mul":
            return alone(node.args[0]) * alone(node.args[1])
        return sums[node.data.name] if node.op == "input" and node.data.name in sums else abs(exact[id(node)])

    def size(node: Tensor) -> Any:
        match node.op:
            case "add" | "sub":
                return size(node.args[0]) + size(node.args[1])
            case "mul":
                return size(node.args[0]) * size(node.args[1])
            case "div":
                return np.frompyfunc(_quotient, 2, 1)(size(node.args[0]), abs(exact[id(node.args[1])]))
            case "neg" | "stop":
                return size(node.args[0])
            case "total" | "mean":
                return _reduced(node, alone(node.args[0]), frame)
        return alone(node)

    return size(formula)


def _quotient(a: Any, b: Any) -> Any:
    return a / b if b != 0 else a * float("nan")


def _power(a: Any, b: Any) -> Any:
    return a**b if a != 0 or b > 0 else a * float("nan")


def terms(form: Tensor) -> list[Tensor]:
    """What a formula adds up, each with the factors that stand before the sum.

    Example:
        >>> from symnorm.tensors import scalar
        >>> a, b, c = (scalar(name) for name in "abc")
        >>> terms(a * (b - c) / b)
        [a*b/b, a*c/b]
    """
    match form.op:
        case "add" | "sub":
            return [term for arg in form.args for term in terms(arg)]
        case "mul":
            return [a * b for a, b in product(*map(terms, form.args))]
        case "div":
            return [a / form.args[1] for a in terms(form.args[0])]
        case "neg":
            return terms(form.args[0])
    return [form]


def errors(plan: Plan, drawn: Drawn, y: Any, gradients: Mapping[str, Any]) -> dict[str, float]:
    """Errors in ULP by result; infinite for a NaN or an infinity where the exact value is a number of the dtype."""
    import mpmath
    import numpy as np

    dtype, frame = y.dtype, drawn.frame
    with mpmath.workprec(2400 if dtype == np.float64 else 700), np.errstate(all="ignore"):
        if not drawn.exact:
            drawn.exact.update(exact_results(plan, drawn))
        exact = drawn.exact
        kept = row_dimensions(plan)
        out = plan.output
        found = {out: _ulps(y, exact[out], exact[f"{out} scale"], kept, plan, out, frame, dtype)}
        for name, value in gradients.items():
            found[f"d{name}"] = _ulps(value, exact[f"d{name}"], exact[f"d{name} scale"], kept, plan, name, frame, dtype)
    return found


def exact_results(plan: Plan, drawn: Drawn) -> dict[str, Any]:
    """Every quantity and gradient of a plan on drawn inputs, and under ``"y scale"``, ``"dx scale"``, ... their scales.

    Flat arrays of mpmath numbers, in the precision that is set; ``"new running_mean"`` is a new running statistic.
    """
    import mpmath
    import numpy as np

    lift = np.frompyfunc(lambda value: mpmath.mpf(float(value)), 1, 1)
    numbers = {**plan.defaults, **drawn.scalars}
    given: dict[str, Any] = {name: np.array(mpmath.mpf(value), object) for name, value in numbers.items()}
    for name, array in {**drawn.arrays, plan.cotangent: drawn.cotangent}.items():
        over = plan.known[plan.output if name == plan.cotangent else name].axes
        given[name] = np.asarray(lift(drawn.frame.flat(array, tuple(axis.name for axis in over))), object)
    known = exact_plan_values(plan, given, drawn.frame)
    products = {
        name: _absolute(form, known, drawn.frame, {})
        for name, form in plan.equations.items()
        if form.op in ("total", "mean") and contracted(form.args[0])
    }
    sums: dict[str, Any] = {}
    for name, form in plan.gradients.items():  # each after those that it is written with
        if name != plan.data:
            sums[f"d{name}"] = _absolute(form, known, drawn.frame, sums)
    summed = {plan.output: plan.equations[plan.output], f"d{plan.data}": plan.gradients[plan.data]}
    for name, form in plan.updates.items():
        known[f"new {name}"] = _value(form, known, drawn.frame)
        summed[f"new {name}"] = form
    for name, form in summed.items():
        parts = [_term(term, {**known, **products}, drawn.frame, sums) for term in terms(form)]
        scale = parts[0]
        for part in parts[1:]:
            scale = np.maximum(*np.broadcast_arrays(scale, part))
        sums[name] = scale
    return known | {f"{name} scale": scale for name, scale in sums.items()}


def _term(term: Tensor, known: Mapping[str, Any], frame: Frame, sums: Mapping[str, Any]) -> Any:
    """The absolute value of a term, or of what it adds up if that is a matrix product."""
    products = [node for node in walk(term) if node.op in ("total", "mean")]
    if any(contracted(node.args[0]) for node in products):
        return _absolute(term, known, frame, sums)
    return abs(_value(term, known, frame))


def row_dimensions(plan: Plan) -> tuple[int, ...]:
    """The dimensions of a flat array that a row runs along."""
    gone = {axis.name for over in reductions_of(*plan.equations.values()) for axis in over}
    return tuple(at for at, axis in enumerate(plan.layout.axes) if axis in gone)


def _ulps(
    value: Any, exact: Any, scale: Any, rows: tuple[int, ...], plan: Plan, name: str, frame: Frame, dtype: Any
) -> float:
    import mpmath
    import numpy as np

    flat = frame.flat(value, tuple(axis.name for axis in plan.known[name].axes))
    info = np.finfo(dtype)
    largest, smallest = mpmath.mpf(float(info.max)), mpmath.mpf(float(info.smallest_subnormal))
    exact, scale = np.broadcast_to(exact, flat.shape), np.broadcast_to(abs(scale), flat.shape)
    if rows:
        scale = np.broadcast_to(np.max(scale, axis=rows, keepdims=True), flat.shape)
    worst = 0.0
    for mine, true, size in zip(flat.ravel(), exact.ravel(), scale.ravel(), strict=True):
        if not abs(true) <= largest:
            continue  # no number of the dtype, or none at all
        if not np.isfinite(mine):
            return float("inf")
        if not size <= largest:
            continue
        exponent = mpmath.frexp(size)[1] - (info.nmant + 1)
        ulp = max(mpmath.ldexp(mpmath.mpf(1), exponent), smallest)
        worst = max(worst, float(abs(mpmath.mpf(float(mine)) - true) / ulp))
    return worst
