"""What a kernel may do to its inputs before the formulas see them: scale by powers of two, and centre once more.

All are licensed by claims about the very formulas of the plan, put to the prover for any normalizer, a user's own too:

- homogeneity: ``e(a x; a^2 eps) = a^k e(x; eps)`` for every equation e, and likewise for every gradient. ``a`` is one
  positive number for each index that no reduction of the definition runs over: one a row in layer norm. Then rows may
  be scaled by exact powers of two, so that no square overflows or vanishes.
- shift invariance: ``e(x + b) = e(x) + w b``. Then x may be replaced by x less (nearly) its mean, which loses no digits
  where the mean is far from zero.
- linearity, row by row: ``dx`` of ``c dy`` is ``c dx``, where c is one positive number for each index that no reduction
  of the definition runs over. Then rows of a cotangent may be scaled apart: a gradient of rows of many magnitudes loses
  none of them.

The degrees k and the weights w are read off the graph by solving linear equations, one or two for each operation;
nothing rests on that reading, since the claims are then proved or the licence is not given. Called by
:mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symnorm.canonical.terms import TooLarge, Undefined
from symnorm.claims.assumptions import sort
from symnorm.claims.equalities import equal
from symnorm.errors import Unsupported
from symnorm.kernels.plan import Plan
from symnorm.tensors import Axis, Tensor, inputs, rebuild, tensor, walk
from symnorm.tensors.tensor import EXTREMA, INDICATORS

Weight = dict[str, Fraction]
"""A linear form in the unknown weights of inputs; the key '' is the constant."""


@dataclass(frozen=True)
class Licence:
    """What was proved.

    Attributes:
        degrees: input or equation to its degree, those of degree 0 left out; empty without homogeneity.
        scaled: the axes along which the factor may vary.
        shifts: input or equation to how many times it takes up a shift of the data; empty without invariance.
        centred: the axes that the mean runs over which is subtracted.
        apart: sets of axes along which a cotangent may be scaled, for the gradients that have them.
        claims: what was proved, in words.
        highest: the largest degree of anything on the way, such as 4 where fourth powers are added up: the higher, the
            sooner numbers overflow. 0 where it is that of an exponent that only the caller knows.
    """

    degrees: Mapping[str, int] = field(default_factory=dict)
    scaled: tuple[str, ...] = ()
    shifts: Mapping[str, int] = field(default_factory=dict)
    centred: tuple[str, ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    claims: tuple[str, ...] = ()
    highest: int = 2


_KNOWN: dict[Hashable, Licence] = {}


def licence(plan: Plan) -> Licence:
    """The transformations that are proved to be harmless for a plan.

    Example:
        >>> from symnorm.kernels import kernel
        >>> found = licence(kernel("layer_norm").plan)
        >>> found.degrees["x"], found.degrees["eps"], found.scaled, found.shifts["x"], found.centred
        (1, 2, ('N',), 1, ('C',))
    """
    if plan.systems:  # quantities that are known only through relations have no degree
        return Licence()
    formulas = {**plan.equations, **{f"d{name}": form for name, form in plan.gradients.items()}}
    leaves = tuple((name, node.axes, node.data) for name, node in plan.declared.items())
    written = tuple((name, _written(formula)) for name, formula in formulas.items())
    key = (plan.data, plan.output, plan.cotangent, leaves, written)
    if key not in _KNOWN:
        expanded = _Expanded(plan)
        degrees, scaled, homogeneous = _homogeneity(plan, expanded)
        shifts, centred, invariant = _invariance(plan, expanded)
        apart, linear = _linearity(plan, expanded)
        claims = (*homogeneous, *invariant, *linear)
        _KNOWN[key] = Licence(degrees, scaled, shifts, centred, apart, claims, _highest(plan, degrees))
    return _KNOWN[key]


def _written(formula: Tensor) -> Hashable:
    """All of a formula, node by node: two that differ in anything, such as a mean and a sum, differ here."""
    place: dict[int, int] = {}
    rows = []
    for node in walk(formula):
        rows.append((node.op, node.axes, node.data, tuple(place[id(arg)] for arg in node.args)))
        place[id(node)] = len(place)
    return tuple(rows)


# --- homogeneity ------------------------------------------------------------------------------------------------------

Found = tuple[Mapping[str, int], tuple[str, ...], tuple[str, ...]]
NOTHING: Found = ({}, (), ())


def _homogeneity(plan: Plan, expanded: _Expanded) -> Found:
    weights = _weights(plan, _DEGREES, lambda found: all(found[name] >= 0 for name in plan.declared))
    if weights is None or any(weight.denominator != 1 for weight in weights.values()):
        return NOTHING
    degrees = {name: int(weight) for name, weight in weights.items() if weight}
    over = _kept(plan)
    if over == plan.known[plan.data].axes:
        return NOTHING  # element by element nothing is added up that could overflow
    output = degrees.get(plan.output, 0)
    outside = (name for name in plan.results if not set(over) <= set(plan.declared[name].axes))
    if any(degrees.get(name, 0) != output for name in outside):
        return NOTHING
    a = tensor(_fresh(plan, "a"), *over, positive=True)

    def scaled(name: str, value: Tensor) -> Tensor:
        wrt = name[1:] if name not in plan.known and name != plan.cotangent else ""
        return value * a ** (output - degrees.get(wrt, 0) if wrt else degrees.get(name, 0))

    if not expanded.all_become(scaled):
        return NOTHING
    inside = ", ".join(_power("a", degrees.get(name, 0)) + name for name in plan.declared if name in degrees)
    words = f"{plan.output}({inside}) = {_power('a', output)}{plan.output}"
    change = _power("a", output - degrees[plan.data])
    wrt = f"d{plan.data} then {f'is {change}d{plan.data}' if change else 'stays'}"
    return degrees, tuple(axis.name for axis in over), (f"{words} and {wrt} for a > 0",)


def _highest(plan: Plan, degrees: Mapping[str, int]) -> int:
    """The largest degree of anything that the formulas compute on the way, at least 2; 0 where it is not known."""
    output = degrees.get(plan.output, 0)
    found: dict[int, Weight] = {}
    for node in walk(*plan.equations.values(), *plan.gradients.values()):
        forms = [found[id(arg)] for arg in node.args]
        if node.op == "pow" and degrees and forms[0].get("") and any(part.op == "input" for part in walk(node.args[1])):
            return 0
        if node.op == "input":
            name = node.data.name
            wrt = name[1:] if name not in plan.known and name != plan.cotangent else ""
            own = output - degrees.get(wrt, 0) if wrt else degrees.get(name, 0)
            found[id(node)] = {"": Fraction(own)}
        else:
            found[id(node)] = _degree(node, forms, lambda form: None) or {}
    return max([2, *(math.ceil(abs(weight.get("", Fraction(0)))) for weight in found.values())])


def _power(base: str, exponent: int) -> str:
    return {0: "", 1: f"{base}*"}.get(exponent, f"{base}**{exponent}*")


# --- shift invariance -------------------------------------------------------------------------------------------------


def _invariance(plan: Plan, expanded: _Expanded) -> Found:
    """The shift is constant along the axes of an equation that is a mean of the data alone, or of a mean of means.

    Where there is none, along those of any mean, and what neither backward nor the caller sees may then change: in
    ``t = sum[K](w*x)``, ``y = t - mean[N](t)`` it is t.
    """
    pilots: list[tuple[Axis, ...]] = []
    averaged = {plan.data: tuple[Axis, ...]()}  # means of the data, over which axes
    for name, formula in plan.equations.items():
        if formula.op == "mean" and formula.args[0].op == "input" and formula.args[0].data.name in averaged:
            averaged[name] = (*averaged[formula.args[0].data.name], *formula.data)
            pilots.append(averaged[name])
    data = set(plan.known[plan.data].axes)
    means = {node.data: None for node in walk(*plan.equations.values()) if node.op == "mean"}
    if pilots:
        return next((found for over in pilots if (found := _shifted(plan, expanded, over))[0]), NOTHING)
    tried = (_shifted_data(plan, expanded, over) for over in means if set(over) < data)
    return next((found for found in tried if found[0]), NOTHING)


def _shifted_data(plan: Plan, expanded: _Expanded, over: tuple[Axis, ...]) -> Found:
    """The licence to shift the data where every quantity that is seen stays as it is."""
    b = tensor(_fresh(plan, "b"), *(axis for axis in plan.known[plan.data].axes if axis not in over))
    hidden = frozenset(plan.equations) - frozenset(plan.returned)
    if not expanded.all_become(lambda name, value: value + b if name == plan.data else value, hidden):
        return NOTHING
    words = f"{plan.output}({plan.data} + b) = {plan.output} and d{plan.data} stays"
    return {plan.data: 1}, tuple(axis.name for axis in over), (words,)


def _shifted(plan: Plan, expanded: _Expanded, over: tuple[Axis, ...]) -> Found:
    """The licence to shift the data by something constant along these axes."""
    weights = _weights(plan, _SHIFTS)
    if weights is None or any(weight.denominator != 1 for weight in weights.values()) or weights.get(plan.output):
        return NOTHING
    shifts = {name: int(weight) for name, weight in weights.items() if weight}
    b = tensor(_fresh(plan, "b"), *(axis for axis in plan.known[plan.data].axes if axis not in over))
    if any(not set(b.axes) <= set(plan.known[name].axes) for name in shifts):
        return NOTHING
    if not expanded.all_become(lambda name, value: value + shifts[name] * b if name in shifts else value):
        return NOTHING
    inside = ", ".join(f"{name} + b" for name in plan.declared if name in shifts)
    words = f"{plan.output}({inside}) = {plan.output} and d{plan.data} stays"
    return shifts, tuple(axis.name for axis in over), (words,)


# --- linearity --------------------------------------------------------------------------------------------------------


def _linearity(plan: Plan, expanded: _Expanded) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The sets of axes along which a cotangent may be scaled, few axes first, and what was proved of that.

    A gradient may have fewer axes than rows have: instance norm's dgamma adds up the samples.
    """
    over = _kept(plan, plan.output)
    own = [tuple(axis for axis in over if axis in plan.known[name].axes) for name in plan.results]
    found, claims = list[tuple[str, ...]](), list[str]()
    for axes in sorted(dict.fromkeys(own), key=len):
        if not axes:
            continue
        c = tensor(_fresh(plan, "c"), *axes, positive=True)
        linear = {f"d{name}" for name in plan.gradients if set(axes) <= set(plan.known[name].axes)} | {plan.cotangent}
        hidden = frozenset(f"d{name}" for name in plan.gradients) - linear
        if expanded.all_become(_times_if(c, linear), hidden):
            names = [axis.name for axis in axes]
            found.append(tuple(names))
            done = [f"d{name}" for name, mine in zip(plan.results, own, strict=True) if mine == axes]
            word = "is c times that" if len(done) == 1 else "are c times those"
            claim = f"{', '.join(done)} of c*{plan.cotangent} {word} of {plan.cotangent}"
            claims.append(f"{claim} for c > 0 over ({', '.join(names)})")
    return tuple(found), tuple(claims)


def _times_if(c: Tensor, names: set[str]) -> Callable[[str, Tensor], Tensor]:
    return lambda name, value: value * c if name in names else value


# --- the claims -------------------------------------------------------------------------------------------------------


class _Expanded:
    """Every equation and gradient of a plan over its inputs and the cotangent."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        dy = tensor(plan.cotangent, *plan.known[plan.output].axes)
        self.declared = {**plan.declared, plan.cotangent: dy}
        self.formulas = {**plan.equations, **{f"d{name}": form for name, form in plan.gradients.items()}}
        self.known = self.with_inputs({})

    def with_inputs(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """All of them with other expressions in place of inputs."""
        known = {**self.declared, **given}

        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            return known[node.data.name] if node.op == "input" else None

        left = {**self.formulas}
        while left:  # a gradient may use another one
            ready = [name for name, formula in left.items() if set(inputs(formula)) <= set(known)]
            for name in ready or [next(iter(left))]:
                (known[name],) = rebuild((left.pop(name),), change)
        return known

    def all_become(self, new: Callable[[str, Tensor], Tensor], hidden: frozenset[str] = frozenset()) -> bool:
        """Whether every formula becomes ``new(name, value)`` when the inputs do.

        Step by step where that is enough (the names that a formula uses become what they are to become), else written
        out over the inputs: ``x - mu`` keeps its value because of what mu is. What is hidden may become anything.
        """
        given = {name: new(name, node) for name, node in self.declared.items()}
        changed: dict[str, Tensor] | None = None
        for name, formula in self.formulas.items():
            if name in hidden:
                continue
            (step,) = rebuild((formula,), lambda old, _: new(old.data.name, old) if old.op == "input" else None)
            if not hidden & set(inputs(formula)) and _holds(step, new(name, formula)):
                continue
            changed = changed or self.with_inputs(given)
            if not _holds(changed[name], new(name, self.known[name])):
                return False
        return True


def _holds(left: Tensor, right: Tensor) -> bool:
    """Whether two tensors are equal by the normal form, at every size; a witness against it is not looked for."""
    try:
        return equal(left, right, sort(())) is not None
    except (TooLarge, Undefined, Unsupported, RecursionError):
        return False


def _fresh(plan: Plan, name: str) -> str:
    taken = {*plan.known, plan.cotangent, *(f"d{wrt}" for wrt in plan.gradients)}
    while name in taken:
        name += "_"
    return name


def _kept(plan: Plan, name: str = "") -> tuple[Axis, ...]:
    """The axes of the data, or of something else, that no reduction of the definition runs over."""
    gone = {axis for node in walk(*plan.equations.values()) if node.op in REDUCTIONS for axis in node.data}
    return tuple(axis for axis in plan.known[name or plan.data].axes if axis not in gone)


REDUCTIONS = ("total", "mean", *EXTREMA, *INDICATORS)


# --- weights that fit together ----------------------------------------------------------------------------------------


def _same(forms: list[Weight], zero: Callable[[Weight], None]) -> Weight:
    for form in forms[1:]:
        zero(_plus(forms[0], form, -1))
    return forms[0]


def _none(forms: list[Weight], zero: Callable[[Weight], None]) -> Weight:
    for form in forms:
        zero(form)
    return {}


TRIED = Fraction(17, 7)
"""What an exponent's scalars are taken for when degrees are read: what is read is proved for all of them."""


def _exponent(node: Tensor) -> Fraction | None:
    """The number that a power is raised to, its scalars taken for one; None for anything but sums and quotients."""
    values: dict[int, Fraction] = {}
    for part in walk(node):
        args = [values[id(arg)] for arg in part.args]
        match part.op:
            case "const" if part.data.is_Rational:
                value = Fraction(int(part.data.p), int(part.data.q))
            case "input" if not part.axes:
                value = TRIED
            case "add" | "sub":
                value = args[0] + (args[1] if part.op == "add" else -args[1])
            case "neg":
                value = -args[0]
            case "mul":
                value = args[0] * args[1]
            case "div" if args[1]:
                value = args[0] / args[1]
            case _:
                return None
        values[id(part)] = value
    return values[id(node)]


def _degree(node: Tensor, forms: list[Weight], zero: Callable[[Weight], None]) -> Weight | None:
    """The degree of a node from those of its arguments."""
    match node.op:
        case "const":
            return {}
        case "add" | "sub" | "maximum" | "minimum":
            return _same(forms, zero)
        case "neg" | "abs" | "total" | "mean" | "stop" | "amax" | "amin":
            return forms[0]
        case "mul":
            return _plus(forms[0], forms[1])
        case "div":
            return _plus(forms[0], forms[1], -1)
        case "sqrt":
            return _times(forms[0], Fraction(1, 2))
        case "pow" if (exponent := _exponent(node.args[1])) is not None:
            zero(forms[1])
            return _times(forms[0], exponent)
        case "sign" | "at_max" | "at_min":
            return {}
        case "pow" | "exp" | "log":
            return _none(forms, zero)
    return None


def _shift(node: Tensor, forms: list[Weight], zero: Callable[[Weight], None]) -> Weight | None:
    """How many times a node takes up the shift."""
    match node.op:
        case "add" | "sub":
            return _plus(forms[0], forms[1], -1 if node.op == "sub" else 1)
        case "maximum" | "minimum":
            return _same(forms, zero)
        case "neg":
            return _times(forms[0], Fraction(-1))
        case "mean" | "stop" | "amax" | "amin":
            return forms[0]
        case "at_max" | "at_min":
            return {}
        case "const" | "mul" | "div" | "total" | "sqrt" | "pow" | "abs" | "sign" | "exp" | "log":
            return _none(forms, zero)
    return None


Rule = Callable[[Tensor, list[Weight], Callable[[Weight], None]], Weight | None]
_DEGREES: Rule = _degree
_SHIFTS: Rule = _shift


def _weights(
    plan: Plan, rule: Rule, liked: Callable[[dict[str, Fraction]], bool] = lambda found: True
) -> dict[str, Fraction] | None:
    """A weight for each input and equation with 1 for the data and 0 where nothing asks for more; None if none fit.

    Where several inputs could take up the weight, those are tried until the weights are liked.
    """
    system: list[Weight] = []
    known: dict[str, Weight] = {name: {name: Fraction(1)} for name in plan.declared}
    known[plan.data] = {"": Fraction(1)}
    for name, formula in plan.equations.items():
        found: dict[int, Weight] = {}
        for node in walk(formula):
            forms = [found[id(arg)] for arg in node.args]
            weight = known[node.data.name] if node.op == "input" else rule(node, forms, system.append)
            if weight is None:
                return None
            found[id(node)] = weight
        known[name] = found[id(formula)]
    tried = []
    for first in ("", *plan.declared):
        solved = _solved(system, first)
        if solved is None:
            return None
        tried.append({name: sum((c * solved.get(key, 0) if key else c for key, c in form.items()), Fraction(0))
                      for name, form in known.items()})  # fmt: skip
        if liked(tried[-1]):
            return tried[-1]
    return tried[0]


def _solved(system: Iterable[Weight], first: str = "") -> dict[str, Fraction] | None:
    """A solution of linear equations ``form = 0`` with 0 for what is left free; None if there is none.

    Each equation is solved for the unknown ``first`` if it has it.
    """
    rows: dict[str, Weight] = {}
    for form in system:
        for pivot, row in rows.items():
            form = _plus(form, row, -form.get(pivot, Fraction(0)))
        pivot = first if first in form and first else max((key for key in form if key), default="")
        if pivot:
            form = _times(form, 1 / form[pivot])
            rows = {key: _plus(row, form, -row.get(pivot, Fraction(0))) for key, row in rows.items()}
            rows[pivot] = form
        elif form:
            return None
    return {pivot: -row.get("", Fraction(0)) for pivot, row in rows.items()}


def _plus(a: Weight, b: Weight, factor: Fraction | int = 1) -> Weight:
    found = {key: a.get(key, Fraction(0)) + factor * b.get(key, Fraction(0)) for key in {**a, **b}}
    return {key: value for key, value in found.items() if value}


def _times(a: Weight, factor: Fraction) -> Weight:
    return {key: factor * value for key, value in a.items()}
