"""How many units in the last place a kernel is off, on inputs that textbook formulas lose their digits on.

The exact values come from the plan's formulas in numbers of several hundred digits (mpmath). An error of the output is
measured in units in the last place (ULP) of the row's largest exact value; that of the first input's gradient in those
of the row's largest exact term, since the terms may cancel; that of a parameter's gradient in those of the row's
largest sum of its terms' absolute values. A matrix product inside a formula counts with the sum of its terms' absolute
values, since its factors are rounded before it is taken. A row is what one index of the axes that no reduction runs
over has. Called by the tests and by ``benchmarks/accuracy.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import sympy as sp

from symnorm.check.families import framed
from symnorm.check.oracle import Frame, extremum
from symnorm.errors import Unsupported
from symnorm.kernels import Plan
from symnorm.kernels.degenerate import reductions_of
from symnorm.printing.numpy_source import contracted
from symnorm.tensors import Tensor, inputs, walk
from symnorm.tensors.tensor import OVER_AXES

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True)
class Stress:
    """One way to draw the data.

    Attributes:
        name: what a table calls it.
        center, spread: each row is center (of either sign, the same along the row) plus spread times normal numbers;
            in units of the largest (``huge``) or smallest normal number (``tiny``) of the dtype where it says so.
        unit: ``one``, ``huge`` or ``tiny``.
        eps: the value of eps.
        averaged, kept: how many elements a row has, and how many rows there are.
        change: what else is done to the rows.
        cotangent, slant: dy is this times normal numbers that slant is added to, in units of ``cotangent_unit``.
        raised, apart: dy is scaled by 2 to this part of the dtype's largest exponent, and each of its rows by another
            power between plus and minus that.
        weight: so are the data, and the parameters that are not summed over themselves.
    """

    name: str
    center: float = 0.0
    spread: float = 1.0
    unit: str = "one"
    eps: float = 1e-5
    averaged: int = 24
    kept: int = 5
    change: str = ""
    cotangent: float = 1.0
    slant: float = 0.0
    cotangent_unit: str = "one"
    raised: float = 0.0
    apart: float = 0.0
    weight: float = 0.0


STRESS: tuple[Stress, ...] = (
    Stress("benign"),
    Stress("mean 1e4", center=1e4),
    Stress("mean 1e6", center=1e6),
    Stress("constant rows", center=1e6, spread=0.0),
    Stress("constant, huge", center=0.9, spread=0.0, unit="huge"),
    Stress("small", spread=1e18, unit="tiny", eps=0.0, cotangent=1e-3),
    Stress("tiny", spread=1e8, unit="tiny", eps=0.0, cotangent=1e-12),
    Stress("tiny under eps", spread=1e8, unit="tiny"),
    Stress("squares overflow", spread=3e-20, unit="huge"),
    Stress("sums overflow", center=0.5, spread=0.1, unit="huge"),
    Stress("subnormal", spread=1e-2, unit="tiny", eps=0.0, cotangent=1e-12),
    Stress("tiny batch", averaged=3),
    Stress("pairs far away", center=1e4, averaged=2),
    Stress("one channel", center=1e4, kept=1),
    Stress("outlier", change="outlier"),
    Stress("mixed magnitudes", change="mixed"),
    Stress("alternating signs", spread=1e-3, change="alternating"),
    Stress("cotangents apart", apart=0.85),
    Stress("cotangents overflow", spread=1e3, cotangent=0.1, slant=3.0, cotangent_unit="huge"),
    Stress("cotangents vanish", spread=1e-9, eps=0.0, cotangent=1e-3, cotangent_unit="tiny"),
    Stress("products overflow", raised=0.6, weight=0.6),
    Stress("products vanish", raised=-0.6, weight=-0.6, eps=0.0),
)


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


def _absolute(formula: Tensor, known: Mapping[str, Any], frame: Frame) -> Any:
    """The sum of the absolute values of what a formula adds up, inside its outermost sums too."""
    exact = _values(formula, known, frame)

    def size(node: Tensor) -> Any:
        match node.op:
            case "add" | "sub":
                return size(node.args[0]) + size(node.args[1])
            case "mul":
                return size(node.args[0]) * size(node.args[1])
            case "div":
                return size(node.args[0]) / abs(exact[id(node.args[1])])
            case "neg" | "stop":
                return size(node.args[0])
            case "total" | "mean":
                return _reduced(node, abs(exact[id(node.args[0])]), frame)
        return abs(exact[id(node)])

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


@dataclass(frozen=True)
class Drawn:
    """Inputs of one family for one plan.

    Attributes:
        arrays, scalars, options: what a kernel is called with.
        cotangent: the output's.
        frame: the sizes of the axes.
    """

    arrays: Mapping[str, Any]
    scalars: Mapping[str, float]
    options: Mapping[str, int]
    cotangent: Any
    frame: Frame
    exact: dict[str, Any] = field(default_factory=dict)


def draw(plan: Plan, stress: Stress, dtype: str, seed: int = 0, frame: Frame | None = None) -> Drawn:
    """The inputs of a family: the same seed draws the same; of a frame's sizes where one is given."""
    import numpy as np

    rng = np.random.default_rng([seed, len(stress.name)])
    info = np.finfo(dtype)
    reach, units = float(info.maxexp), {"one": 1.0, "huge": float(info.max), "tiny": float(info.tiny)}
    averaged = {axis.name for over in reductions_of(*plan.equations.values()) for axis in over} or {plan.layout.axes[0]}
    summed = inputs(*(node.args[0] for node in walk(*plan.equations.values()) if node.op in OVER_AXES))
    groups = {True: stress.averaged, False: stress.kept}
    sizes: dict[str, tuple[int, ...]] = {}
    for flag, left in groups.items():
        mine = [axis for axis in plan.layout.axes if (axis in averaged) == flag]
        for axis in mine[:-1]:
            part = 2 if left % 2 == 0 and left > 2 else 1
            sizes[axis], left = (part,), left // part
        if mine:
            sizes[mine[-1]] = (left,)
    options = {"axis": 1} if plan.layout.takes_axis else {}
    split = [word.axes[0] for word in plan.layout.words if len(word.axes) > 1]
    options |= {"groups": sizes[split[0]][0]} if split else {}
    if frame is None:
        frame = framed(plan, plan.layout.shape(sizes), options, {axis: prod(size) for axis, size in sizes.items()})
    options = {name: getattr(frame, name) for name in options}
    arrays: dict[str, Any] = {}
    scalars: dict[str, float] = {}
    for name, node in plan.declared.items():
        axes = tuple(axis.name for axis in node.axes)
        if name == plan.data:
            shape = [frame.sizes[axis] if axis in axes else 1 for axis in plan.layout.axes]
            along = tuple(at for at, axis in enumerate(plan.layout.axes) if axis in averaged)
            flat = _rows(rng, stress, units[stress.unit], dtype, shape, along)
            arrays[name] = frame.unflat(np.asarray(flat * 2.0 ** (stress.weight * reach), dtype), axes)
        elif name not in plan.numbers:
            weight = 2.0 ** (stress.weight * reach) if name in plan.results and name not in summed else 1.0
            arrays[name] = (weight * rng.uniform(0.5, 2, frame.shape_over(axes))).astype(dtype)
        elif name == "eps":
            scalars[name] = stress.eps
        elif name not in plan.defaults:
            scalars[name] = 1.0
    over = tuple(axis.name for axis in plan.known[plan.output].axes)
    noise = np.clip(rng.standard_normal(frame.shape_over(over)), -4, 4) + stress.slant
    drawn = stress.cotangent * noise * units[stress.cotangent_unit]
    if stress.apart or stress.raised:
        rows = [1 if axis in averaged or axis not in over else frame.sizes[axis] for axis in plan.layout.axes]
        evenly = rng.permutation(np.linspace(-1, 1, prod(rows))).reshape(rows)
        powers = reach * (stress.raised + stress.apart * evenly)
        full = [frame.sizes[axis] if axis in over else 1 for axis in plan.layout.axes]
        drawn = drawn * frame.unflat(np.broadcast_to(2.0**powers, full), over)
    cotangent = np.asarray(drawn, dtype)
    return Drawn(arrays, scalars, options, cotangent, frame)


def _rows(
    rng: Generator, stress: Stress, unit: float, dtype: str, shape: list[int], along: tuple[int, ...]
) -> Array:
    import numpy as np

    rows = [1 if at in along else size for at, size in enumerate(shape)]
    sign = np.where(rng.random(rows) < 0.5, -1.0, 1.0)
    noise = np.clip(rng.standard_normal(shape), -4, 4)
    if stress.change == "mixed":
        noise *= 10.0 ** rng.uniform(-8, 8, shape)
    if stress.change == "alternating":
        noise += (np.indices(shape).sum(axis=0) % 2 * 2 - 1) * 1e6
    found = np.asarray(stress.center * sign + stress.spread * noise)
    if stress.change == "outlier":
        flat = np.moveaxis(found, along, range(len(along))).reshape(-1, int(np.prod(rows)))
        flat[rng.integers(len(flat))] = 1e6
        found = np.moveaxis(
            flat.reshape([shape[at] for at in along] + [size for at, size in enumerate(shape) if at not in along]),
            range(len(along)), along,
        )  # fmt: skip
    return (found * unit).astype(dtype)


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
        name: _absolute(form, known, drawn.frame)
        for name, form in plan.equations.items()
        if form.op in ("total", "mean") and contracted(form.args[0])
    }
    summed = {plan.output: plan.equations[plan.output], f"d{plan.data}": plan.gradients[plan.data]}
    for name, form in plan.updates.items():
        known[f"new {name}"] = _value(form, known, drawn.frame)
        summed[f"new {name}"] = form
    for name, form in {**summed, **{f"d{name}": form for name, form in plan.gradients.items()}}.items():
        if name in summed:
            parts = [_term(term, {**known, **products}, drawn.frame) for term in terms(form)]
            scale = parts[0]
            for part in parts[1:]:
                scale = np.maximum(*np.broadcast_arrays(scale, part))
        else:
            scale = _absolute(form, known, drawn.frame)
        known[f"{name} scale"] = scale
    return known


def _term(term: Tensor, known: Mapping[str, Any], frame: Frame) -> Any:
    """The absolute value of a term, or of what it adds up if that is a matrix product."""
    sums = [node for node in walk(term) if node.op in ("total", "mean")]
    if any(contracted(node.args[0]) for node in sums):
        return _absolute(term, known, frame)
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
