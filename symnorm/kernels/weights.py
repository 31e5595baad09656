"""How degrees and shifts fit together: a number for each input and equation of a plan, read off its formulas.

Each operation says what the weight of its result is, as a linear form in the unknown weights of inputs, and which forms
have to vanish; :func:`weights_of` solves that. The degree of ``x*y`` is the sum of two; ``x + y`` needs them equal.
Nothing rests on what is read here: :mod:`symnorm.kernels.licence` has it proved, or does without.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symnorm.kernels.plan import Plan
from symnorm.tensors import Tensor, walk

Weight = dict[str, Fraction]
"""A linear form in the unknown weights of inputs; the key '' is the constant."""


@dataclass
class Conditions:
    """What has to hold for the weights to fit.

    Attributes:
        forms: those that have to vanish.
        unknowns: how many weights were made up, of what is neither an input nor an equation.
    """

    forms: list[Weight] = field(default_factory=list)
    unknowns: int = 0

    def zero(self, form: Weight) -> None:
        """This has to vanish."""
        self.forms.append(form)

    def same(self, forms: list[Weight]) -> Weight:
        """The one that all of them have to be."""
        for form in forms[1:]:
            self.zero(_plus(forms[0], form, -1))
        return forms[0]

    def none(self, forms: list[Weight]) -> Weight:
        """Nothing, which all of them have to be."""
        for form in forms:
            self.zero(form)
        return {}

    def unknown(self) -> Weight:
        """A weight of its own."""
        self.unknowns += 1
        return {f"?{self.unknowns}": Fraction(1)}


Rule = Callable[[Tensor, list[Weight], Conditions], Weight | None]
"""The weight of a node from those of its arguments; None where it has none."""


# --- degrees ----------------------------------------------------------------------------------------------------------


def degree(node: Tensor, forms: list[Weight], conditions: Conditions) -> Weight | None:
    """To which power of the factor a node goes when the inputs are scaled."""
    match node.op:
        case "const":
            return {}
        case "add" | "sub" | "maximum" | "minimum":
            return conditions.same(forms)
        case "neg" | "abs" | "total" | "mean" | "stop" | "amax" | "amin":
            return forms[0]
        case "mul":
            return _plus(forms[0], forms[1])
        case "div":
            return _plus(forms[0], forms[1], -1)
        case "sqrt":
            return _times(forms[0], Fraction(1, 2))
        case "pow" if (exponent := _exponent(node.args[1])) is not None:
            conditions.zero(forms[1])
            return _times(forms[0], exponent)
        case "sign" | "at_max" | "at_min":
            return {}
        case "pow" | "exp" | "log":
            return conditions.none(forms)
    return None


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


def reached(plan: Plan, degrees: Mapping[str, int]) -> dict[str, int]:
    """The largest degree of anything that each input goes into, at least 1; 0 where it is not known.

    Example:
        >>> from symnorm.kernels import kernel
        >>> found = reached(kernel("batch_renorm").plan, {"x": 1, "eps": 2, "running_std": 1, "var": 2, "sigma": 1})
        >>> found["x"], found["eps"], found["running_std"]
        (2, 2, 1)
    """
    sources = {name: frozenset({name}) for name in plan.declared}
    formulas = {**plan.equations, **{f"d{name}": form for name, form in plan.gradients.items()}}
    found: dict[str, Fraction | float] = {}
    for name, formula in formulas.items():
        weights: dict[int, Weight] = {}
        of: dict[int, frozenset[str]] = {}
        for node in walk(formula):
            forms = [weights[id(arg)] for arg in node.args]
            if node.op == "input":
                weights[id(node)] = {"": Fraction(_degree_of(node.data.name, plan, degrees))}
                of[id(node)] = sources.get(node.data.name, frozenset())
            else:
                weights[id(node)] = degree(node, forms, Conditions()) or {}
                of[id(node)] = frozenset[str]().union(*(of[id(arg)] for arg in node.args))
            raised = node.op == "pow" and forms[0].get("") and any(part.op == "input" for part in walk(node.args[1]))
            size = math.inf if raised else abs(weights[id(node)].get("", Fraction(0)))
            for source in of[id(node)]:
                found[source] = max(found.get(source, 0), size)
        sources[name] = of[id(formula)]
    return {name: max(1, math.ceil(size)) if size < math.inf else 0 for name, size in found.items()}


def _degree_of(name: str, plan: Plan, degrees: Mapping[str, int]) -> int:
    """The degree of a name; a gradient's is the output's less that of what it is by."""
    if name in plan.known or name == plan.cotangent:
        return degrees.get(name, 0)
    return degrees.get(plan.output, 0) - degrees.get(name[1:], 0)


# --- shifts -----------------------------------------------------------------------------------------------------------


def shift(node: Tensor, forms: list[Weight], conditions: Conditions) -> Weight | None:
    """How many times a node takes up the shift of the data."""
    match node.op:
        case "add" | "sub":
            return _plus(forms[0], forms[1], -1 if node.op == "sub" else 1)
        case "maximum" | "minimum":
            return conditions.same(forms)
        case "neg":
            return _times(forms[0], Fraction(-1))
        case "mean" | "stop" | "amax" | "amin":
            return forms[0]
        case "at_max" | "at_min":
            return {}
        case "const" | "mul" | "div" | "total" | "sqrt" | "pow" | "abs" | "sign" | "exp" | "log":
            return conditions.none(forms)
    return None


def shift_with_shares(node: Tensor, forms: list[Weight], conditions: Conditions) -> Weight | None:
    """The same where what does not move may weigh what does: in ``w*mu + (1 - w)*nu`` each has some share."""
    if node.op == "mul" and sum(not form for form in forms) == 1:
        return conditions.unknown()
    return shift(node, forms, conditions)


# --- weights that fit together ----------------------------------------------------------------------------------------


def weights_of(
    plan: Plan, rule: Rule, liked: Callable[[dict[str, Fraction]], int] = lambda found: 0, still: str = ""
) -> dict[str, int] | None:
    """The weights that are not 0, with 1 for the data and 0 where nothing asks for more; None if no integers fit.

    Where several inputs could take up the weight, those that are liked most do. What is still has 0.
    """
    conditions = Conditions()
    known: dict[str, Weight] = {name: {name: Fraction(1)} for name in plan.declared}
    known[plan.data] = {"": Fraction(1)}
    for name, formula in plan.equations.items():
        found: dict[int, Weight] = {}
        for node in walk(formula):
            forms = [found[id(arg)] for arg in node.args]
            weight = known[node.data.name] if node.op == "input" else rule(node, forms, conditions)
            if weight is None:
                return None
            found[id(node)] = weight
        known[name] = found[id(formula)]
    if still:
        conditions.zero(known[still])
    tried = []
    for first in ("", *plan.declared):
        solved = _solved(conditions.forms, first)
        if solved is None:
            return None
        tried.append({name: sum((c * solved.get(key, 0) if key else c for key, c in form.items()), Fraction(0))
                      for name, form in known.items()})  # fmt: skip
    fit = max(tried, key=liked)
    if any(weight.denominator != 1 for weight in fit.values()):
        return None
    return {name: int(weight) for name, weight in fit.items() if weight}


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
