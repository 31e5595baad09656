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

The degrees k and the weights w are read off the graph (:mod:`symnorm.kernels.weights`); nothing rests on that reading,
since the claims are then proved (:mod:`symnorm.kernels.becoming`) or the licence is not given. Called by
:mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symnorm.kernels.becoming import Expanded
from symnorm.kernels.plan import Plan
from symnorm.kernels.weights import degree, reached, shift, shift_with_shares, weights_of
from symnorm.tensors import Axis, Tensor, tensor, walk
from symnorm.tensors.tensor import EXTREMA, INDICATORS


@dataclass(frozen=True)
class Licence:
    """What was proved.

    Attributes:
        degrees: input or equation to its degree, those of degree 0 left out; empty without homogeneity.
        scaled: the axes along which the factor may vary.
        shifts: input or equation to how many times it takes up a shift of the data; empty without invariance.
        centred: the axes that the mean runs over which is subtracted.
        middle: whether several means are subtracted from the data, so that it should be less none of them.
        apart: sets of axes along which a cotangent may be scaled, for the gradients that have them.
        claims: what was proved, in words.
        highest: the largest degree of anything on the way, such as 4 where fourth powers are added up: the higher, the
            sooner numbers overflow. 0 where it is that of an exponent that only the caller knows.
        reaches: an input beside the data to the largest degree of anything on the way that it goes into.
    """

    degrees: Mapping[str, int] = field(default_factory=dict)
    scaled: tuple[str, ...] = ()
    shifts: Mapping[str, int] = field(default_factory=dict)
    centred: tuple[str, ...] = ()
    middle: bool = False
    apart: tuple[tuple[str, ...], ...] = ()
    claims: tuple[str, ...] = ()
    highest: int = 2
    reaches: Mapping[str, int] = field(default_factory=dict)


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
        expanded = Expanded(plan)
        degrees, scaled, homogeneous = _homogeneity(plan, expanded)
        direct, pilots = _means(plan)
        shifts, centred, invariant = _invariance(plan, expanded, pilots)
        middle = bool(centred) and bool(pilots) and (len(direct) > 1 or frozenset(centred) not in pilots)
        apart, linear = _linearity(plan, expanded)
        claims = (*homogeneous, *invariant, *linear)
        reaches = reached(plan, degrees)
        highest = max(2, *reaches.values()) if all(reaches.values()) else 0
        _KNOWN[key] = Licence(degrees, scaled, shifts, centred, middle, apart, claims, highest, reaches)
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


def _homogeneity(plan: Plan, expanded: Expanded) -> Found:
    degrees = weights_of(plan, degree, lambda found: _worth(plan, found))
    if degrees is None:
        return NOTHING
    over = _kept(plan)
    if over == plan.known[plan.data].axes:  # element by element; a gradient may add up, of what has one factor
        over = tuple(axis for axis in over if all(axis in plan.declared[name].axes for name in plan.results))
    output = degrees.get(plan.output, 0)
    outside = (name for name in plan.results if not set(over) <= set(plan.declared[name].axes))
    if any(degrees.get(name, 0) != output for name in outside):
        return NOTHING
    a = tensor(expanded.fresh("a"), *over, positive=True)

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


def _worth(plan: Plan, degrees: Mapping[str, Fraction]) -> int:
    """How good degrees are: no input shall be divided by the factor; an output that scales may be as large as x/s."""
    if any(degrees[name] < 0 for name in plan.declared):
        return 0
    return 2 if degrees[plan.output] > 0 else 1


def _power(base: str, exponent: int) -> str:
    return {0: "", 1: f"{base}*"}.get(exponent, f"{base}**{exponent}*")


# --- shift invariance -------------------------------------------------------------------------------------------------


def _invariance(plan: Plan, expanded: Expanded, pilots: Mapping[frozenset[str], tuple[Axis, ...]]) -> Found:
    """The shift is constant along the axes of an equation that is a mean of the data alone, or of a mean of means.

    Where there are several, that may be all their axes together. Where there is none, along those of any mean, and
    what neither backward nor the caller sees may then change: in ``t = sum[K](w*x)``, ``y = t - mean[N](t)`` it is t.
    """
    if pilots:
        together = tuple(dict.fromkeys(axis for over in pilots.values() for axis in over))
        shifts = weights_of(plan, shift) or weights_of(plan, shift_with_shares, still=plan.output) or {}
        tried = (_shifted(plan, expanded, over, shifts) for over in (*pilots.values(), together))
    else:
        data = set(plan.known[plan.data].axes)
        means = {node.data: None for node in walk(*plan.equations.values()) if node.op == "mean"}
        tried = (_shifted_data(plan, expanded, over) for over in means if set(over) < data)
    return next((found for found in tried if found[0]), NOTHING)


Axes = dict[frozenset[str], tuple[Axis, ...]]


def _means(plan: Plan) -> tuple[Axes, Axes]:
    """Over which axes an equation is a mean of the data, and over which it is that or a mean of such means."""
    averaged = {plan.data: tuple[Axis, ...]()}
    direct, pilots = Axes(), Axes()
    for name, formula in plan.equations.items():
        if formula.op == "mean" and formula.args[0].op == "input" and formula.args[0].data.name in averaged:
            of = formula.args[0].data.name
            averaged[name] = (*averaged[of], *formula.data)
            key = frozenset(axis.name for axis in averaged[name])
            pilots.setdefault(key, averaged[name])
            if of == plan.data:
                direct.setdefault(key, averaged[name])
    return direct, pilots


def _shifted_data(plan: Plan, expanded: Expanded, over: tuple[Axis, ...]) -> Found:
    """The licence to shift the data where every quantity that is seen stays as it is."""
    b = tensor(expanded.fresh("b"), *(axis for axis in plan.known[plan.data].axes if axis not in over))
    hidden = frozenset(plan.equations) - frozenset(plan.returned)
    if not expanded.all_become(lambda name, value: value + b if name == plan.data else value, hidden):
        return NOTHING
    words = f"{plan.output}({plan.data} + b) = {plan.output} and d{plan.data} stays"
    return {plan.data: 1}, tuple(axis.name for axis in over), (words,)


def _shifted(plan: Plan, expanded: Expanded, over: tuple[Axis, ...], shifts: Mapping[str, int]) -> Found:
    """The licence to shift the data by something constant along these axes, and other names as often as that says."""
    if not shifts or plan.output in shifts:
        return NOTHING
    b = tensor(expanded.fresh("b"), *(axis for axis in plan.known[plan.data].axes if axis not in over))
    if any(not set(b.axes) <= set(plan.known[name].axes) for name in shifts):
        return NOTHING
    if not expanded.all_become(lambda name, value: value + shifts[name] * b if name in shifts else value):
        return NOTHING
    inside = ", ".join(f"{name} + b" for name in plan.declared if name in shifts)
    words = f"{plan.output}({inside}) = {plan.output} and d{plan.data} stays"
    return shifts, tuple(axis.name for axis in over), (words,)


# --- linearity --------------------------------------------------------------------------------------------------------


def _linearity(plan: Plan, expanded: Expanded) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The sets of axes along which a cotangent may be scaled, few axes first, and what was proved of that.

    A gradient may have fewer axes than rows have: instance norm's dgamma adds up the samples.
    """
    over = _kept(plan, plan.output)
    own = [tuple(axis for axis in over if axis in plan.known[name].axes) for name in plan.results]
    found, claims = list[tuple[str, ...]](), list[str]()
    for axes in sorted(dict.fromkeys(own), key=len):
        if not axes:
            continue
        c = tensor(expanded.fresh("c"), *axes, positive=True)
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


# --- the axes ---------------------------------------------------------------------------------------------------------


def _kept(plan: Plan, name: str = "") -> tuple[Axis, ...]:
    """The axes of the data, or of something else, that no reduction of the definition runs over."""
    gone = {axis for node in walk(*plan.equations.values()) if node.op in REDUCTIONS for axis in node.data}
    return tuple(axis for axis in plan.known[name or plan.data].axes if axis not in gone)


REDUCTIONS = ("total", "mean", *EXTREMA, *INDICATORS)
