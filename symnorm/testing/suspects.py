"""Which bug a wrong kernel has: the planted bug or other convention that computes the very numbers that came out.

In come trials with the results of a user's functions, out come :class:`Suspect`s. Every bug of
:mod:`symnorm.check.bugs`, some values that people bake in for eps, and every other convention and mode of the
normalizer is evaluated on the same inputs. One that gives what the user's functions gave, where the right formulas do
not, is suspected. A bug in the definition is looked for in three ways in the gradients: carried into the right
formulas, differentiated with all else (as autograd would), and together with a bug of the backward pass.
Called by :mod:`symnorm.testing.matching` and :mod:`symnorm.testing.diagnosis`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from symnorm.check.bugs import BUGS, in_backward, in_forward, named
from symnorm.check.oracle import evaluate
from symnorm.errors import SymnormError
from symnorm.kernels import Plan, plan
from symnorm.normalizers import Normalizer
from symnorm.testing.trials import Trial, values_of

BAKED_IN = {
    f"eps = {text} whatever is given": Fraction(text)
    for text in ("1e-3", "1e-4", "1e-5", "1e-6", "1e-7", "1e-8", "1e-10", "1e-12")
}
"""Values of eps that stand in somebody's source."""

DEFAULTS = {
    f"{name} {text} by default": {name: float(text)}
    for name, texts in {
        "eps": ("1e-3", "1e-5", "1e-6", "1e-8", "1e-12"),
        "momentum": ("0.01", "0.1", "0.9", "0.99", "0.999"),
    }.items()
    for text in texts
}
"""Values that a number has where it is left out."""

OTHER = "it is "
"""Stands in front of another convention or mode of the same normalizer."""

PERHAPS = 1e5
"""A candidate that is off by more times what is allowed is not looked at again."""

FORGIVEN = 4.0
"""How many times what a change of the inputs by half a unit does to a candidate's answer is forgiven."""


@dataclass(frozen=True)
class Answered:
    """A trial, and what the user's functions gave there."""

    trial: Trial
    results: Mapping[str, Any]


@dataclass(frozen=True)
class Suspect:
    """A bug that reproduces results.

    Attributes:
        name: the bug or convention.
        explains: the results that it reproduces and that the right formulas do not give.
        error: how far it is off at most, as a fraction of what is allowed.
    """

    name: str
    explains: tuple[str, ...]
    error: float


@dataclass(frozen=True)
class Candidate:
    """One way to be wrong.

    Attributes:
        name: what a message calls it.
        plan: the wrong formulas.
        differentiated: whether the gradients are those of the wrong definition, and not the formulas'.
    """

    name: str
    plan: Plan
    differentiated: bool = False


def candidates(truth: Plan, definition: Normalizer | None = None) -> Iterator[Candidate]:
    """Everything that a kernel of a plan is compared with, the likely first."""
    planted = dict(_changed(truth, _all_bugs()))
    forward = {name: wrong for name, wrong in planted.items() if _definition_of(wrong) != _definition_of(truth)}
    for name, wrong in planted.items():
        yield Candidate(name, wrong)
    for name, wrong in forward.items():
        if not wrong.systems:  # autograd sees formulas only
            yield Candidate(name, wrong, differentiated=True)
    if definition is not None:
        yield from _relatives(truth, definition)


def pairs(truth: Plan, forward: Iterable[str]) -> Iterator[Candidate]:
    """Bugs of the definition, each together with one of the gradients."""
    bugs = _all_bugs()
    planted = dict(_changed(truth, bugs))
    alone = {name: bugs[name] for name, wrong in planted.items() if _definition_of(wrong) == _definition_of(truth)}
    for name in forward:
        if name in planted and name not in alone:
            for other, both in _changed(planted[name], alone):
                yield Candidate(f"{name}; {other}", both)


def _all_bugs() -> dict[str, Callable[[Plan], Plan]]:
    baked = {name: _everywhere(eps=value) for name, value in BAKED_IN.items()}
    defaults = {name: _by_default(**value) for name, value in DEFAULTS.items()}
    return {**BUGS, **defaults, **baked}


def _by_default(**values: float) -> Callable[[Plan], Plan]:
    def plant(found: Plan) -> Plan:
        if any(found.defaults.get(name, value) == value for name, value in values.items()):
            return found
        return replace(found, defaults={**found.defaults, **values})

    return plant


def _everywhere(**values: Fraction) -> Callable[[Plan], Plan]:
    def plant(found: Plan) -> Plan:
        if not any(name in found.numbers for name in values):
            return found
        return in_backward(named(**values))(in_forward(named(**values))(found))

    return plant


def _changed(truth: Plan, bugs: Mapping[str, Callable[[Plan], Plan]]) -> Iterator[tuple[str, Plan]]:
    for name, bug in bugs.items():
        found = bug(truth)
        if found is not truth:
            yield name, found


def _definition_of(found: Plan) -> list[int]:
    return [id(formula) for formula in found.equations.values()]


def _matters(candidate: Candidate, truth: Plan, names: Iterable[str]) -> bool:
    """Whether a candidate may give other numbers than the right formulas for some results."""
    wrong = candidate.plan
    if candidate.differentiated and not any(name.removeprefix("d") in truth.gradients for name in names):
        return False  # it differs in gradients only
    if wrong.defaults != truth.defaults or _definition_of(wrong) != _definition_of(truth):
        return True
    return any(
        wrong.updates.get(name) is not truth.updates.get(name)
        or wrong.gradients.get(name.removeprefix("d")) is not truth.gradients.get(name.removeprefix("d"))
        for name in names
    )


def _relatives(truth: Plan, definition: Normalizer) -> Iterator[Candidate]:
    """Other conventions of the same normalizer, and its other modes, over the same inputs."""
    from symnorm.closed_form import gradients

    paper = definition.papers or definition
    others = [paper, *(paper.convention(name) for name in paper.conventions), *definition.modes.values()]
    for other in others:
        if other.name == definition.name:
            continue
        try:
            found = plan(other, {key: form.tensor for key, form in gradients(other).items()})
        except SymnormError:
            continue  # no kernel of it
        arrays = {name: node.axes for name, node in found.declared.items() if name not in found.numbers}
        mine = {name: node.axes for name, node in truth.declared.items()}
        alike = all(mine.get(name) == over for name, over in arrays.items())
        numbers = all(name in truth.declared or name in found.defaults for name in found.numbers)
        if alike and numbers and found.layout.text == truth.layout.text and found.output == truth.output:
            yield Candidate(f"{OTHER}{other.name}", found)


def results_of(candidate: Candidate, trial: Trial, nudge: int = 0) -> dict[str, Any]:
    """What a candidate gives on the inputs of a trial: results by name in double precision, in the user's dimensions.

    With ``nudge`` the inputs are changed by half a unit, which shows how well the candidate's answer is conditioned.
    """
    wrong = candidate.plan
    values = values_of(wrong, trial, nudge)
    if candidate.differentiated:
        values |= _differentiated(wrong, trial)
    names = [wrong.output, *wrong.updates, *(f"d{name}" for name in wrong.results)]
    flat = {name: values[f"new {name}" if name in wrong.updates else name] for name in names}
    known = {name: trial.axes(name) for name in names if _known(trial.plan, name)}
    return {name: trial.drawn.frame.unflat(flat[name], over) for name, over in known.items()}


def _known(truth: Plan, name: str) -> bool:
    return name in truth.known or name.removeprefix("d") in truth.known


def _differentiated(wrong: Plan, trial: Trial) -> dict[str, Any]:
    """The gradients of the wrong definition itself, by autograd."""
    import autograd.numpy as traced_numpy
    import numpy as np
    from autograd import make_vjp

    drawn = trial.drawn
    axes = {name: tuple(axis.name for axis in node.axes) for name, node in wrong.known.items()}
    flat = {name: drawn.frame.flat(array.astype(float), axes[name]) for name, array in drawn.arrays.items()}
    numbers = {**wrong.defaults, **drawn.scalars}

    def forward(*values: Any) -> Any:
        given = {**numbers, **flat, **dict(zip(wrong.results, values, strict=True))}
        return evaluate(wrong.equations, given, drawn.frame, xp=traced_numpy)[wrong.output]

    with np.errstate(all="ignore"):
        vjp, y = make_vjp(forward, tuple(range(len(wrong.results))))(*(flat[name] for name in wrong.results))
        cotangent = drawn.frame.flat(drawn.cotangent.astype(float), axes[wrong.output])
        found = vjp(np.broadcast_to(cotangent, np.shape(y)))
    return {f"d{name}": value for name, value in zip(wrong.results, found, strict=True)}


def suspects(
    answered: Sequence[Answered],
    wrong: Iterable[str],
    allowed: Callable[[Trial, str], Any],
    definition: Normalizer | None = None,
) -> list[Suspect]:
    """The candidates that reproduce wrong results, those that explain most first.

    Args:
        answered: trials with what the user's functions gave.
        wrong: the names of the results that the right formulas do not give.
        allowed: how many ULP each element of a result may be off in a trial.
        definition: for its other conventions and modes.
    """
    names, truth = tuple(wrong), answered[0].trial.plan

    def explaining(chosen: Iterable[Candidate]) -> list[Suspect]:
        found: dict[str, Suspect] = {}
        for candidate in (one for one in chosen if _matters(one, truth, names)):
            shares = reproduced(candidate, answered, names, allowed)
            explained = tuple(name for name in names if shares[name] <= 1)
            one = Suspect(candidate.name, explained, max((shares[name] for name in explained), default=math.inf))
            if explained and len(explained) > len(found[one.name].explains if one.name in found else ()):
                found[one.name] = one
        best = max((len(one.explains) for one in found.values()), default=0)
        return [one for one in found.values() if len(one.explains) == best]

    single = explaining(candidates(truth, definition))
    if single and len(single[0].explains) < len(names):
        double = explaining(pairs(truth, [one.name for one in single if truth.output in one.explains]))
        single = max(single, double, key=lambda found: len(found[0].explains) if found else 0)
    return single


def reproduced(
    candidate: Candidate, answered: Sequence[Answered], names: Sequence[str], allowed: Callable[[Trial, str], Any]
) -> dict[str, float]:
    """By result: the largest error of a candidate against what came out, as a fraction of what is allowed."""
    import numpy as np

    worst = dict.fromkeys(names, 0.0)
    for one in answered:
        try:
            values = results_of(candidate, one.trial)
        except (SymnormError, FloatingPointError, ValueError, TypeError, np.linalg.LinAlgError):  # of autograd, too
            return dict.fromkeys(names, math.inf)
        for name in names:
            if name not in values or worst[name] == math.inf:
                worst[name] = math.inf
                continue
            with np.errstate(all="ignore"):
                off = np.abs(np.asarray(one.results[name], float) - values[name])
                scale = np.max(np.abs(values[name]), initial=0.0) * np.finfo(one.trial.dtype).eps
                unit = np.maximum(np.asarray(one.trial.ulp(name), float), scale)  # a bug may make results larger
                bound = unit * allowed(one.trial, name)
                if not candidate.differentiated and 1 < np.max(off / bound, initial=0.0) < PERHAPS:
                    moved = results_of(candidate, one.trial, nudge=1)
                    bound = bound + FORGIVEN * np.max(np.abs(moved[name] - values[name]), initial=0.0)
                share = np.max(off / bound, initial=0.0)
            worst[name] = max(worst[name], math.inf if math.isnan(share) else float(share))
        if min(worst.values()) > 1:
            break  # nothing is left to explain
    return worst


def without_overflow(answered: Sequence[Answered]) -> list[Answered]:
    """The trials that double precision is enough for; all, what overflowed left out, where there are none."""
    return [one for one in answered if one.trial.family.name in ORDINARY] or [_finite(one) for one in answered]


def _finite(one: Answered) -> Answered:
    """With the exact values where no numbers came."""
    import numpy as np

    filled = {
        name: np.where(np.isfinite(value), value, np.asarray(one.trial.wanted(name), float))
        for name, value in one.results.items()
    }
    return Answered(one.trial, filled)


def lost(answered: Sequence[Answered], names: Sequence[str], allowed: Callable[[Trial, str], Any]) -> tuple[str, ...]:
    """The wrong results that the right formulas reproduce: digits were lost, or the range was left, and no more."""
    shares = reproduced(Candidate("", answered[0].trial.plan), answered, names, allowed)
    return tuple(name for name in names if shares[name] <= 1)


def _ordinary() -> frozenset[str]:
    from symnorm.check.families import FAMILIES

    return frozenset(family.name for family in FAMILIES) | {"benign", "tiny batch", "one channel"}


ORDINARY = _ordinary()


@dataclass(frozen=True)
class Near:
    """What comes closest to wrong results.

    Attributes:
        name: the bug or convention; empty for the right formulas.
        trials: in how many trials it was compared.
        misses: the families of those in which it gives other numbers, a family for each.
        error: how far it is off at most, as a multiple of what is allowed.
    """

    name: str
    trials: int
    misses: tuple[str, ...]
    error: float

    @property
    def is_far(self) -> bool:
        """Whether it is another on most inputs, so that its name would mislead."""
        return 2 * len(self.misses) > self.trials

    def __str__(self) -> str:
        families = tuple(dict.fromkeys(self.misses))
        shown = ", ".join(map(repr, families[:3])) + ", ..." * (len(families) > 3)
        same = f"{self.trials - len(self.misses)} of {self.trials} inputs"
        hint = "; shapes= says which dimensions it takes" if families == ("spatial",) else ""
        return f"the same on {same}, but off by up to {self.error:.2g} times what is allowed in {shown}{hint}"


def nearest(
    answered: Sequence[Answered], names: Sequence[str], allowed: Callable[[Trial, str], Any], definition: Normalizer
) -> Near:
    """The candidate that reproduces wrong results in most trials; the right formulas are one."""
    truth = answered[0].trial.plan
    best = Near("", len(answered), tuple(one.trial.family.name for one in answered), math.inf)
    others = (one for one in candidates(truth, definition) if _matters(one, truth, names))
    for candidate in (Candidate("", truth), *others):
        misses: tuple[str, ...] = ()
        error = 0.0
        for one in answered:
            share = max(reproduced(candidate, [one], names, allowed).values())
            misses += (one.trial.family.name,) * (share > 1)
            error = max(error, share)
            if len(misses) > len(best.misses):
                break
        if (len(misses), error) < (len(best.misses), best.error):
            best = Near(candidate.name, len(answered), misses, error)
    return best


def in_words(definition: Normalizer, bug: str) -> str:
    """A definition with a bug, or as it is, or the other convention or mode that a candidate's name says."""
    if bug.startswith(OTHER):
        return bug.removeprefix(OTHER)
    return f"{definition.name} with {bug}" if bug else f"{definition.name} as it is"
