"""Compare a user's kernel with the exact values of a normalizer, and say what is wrong with it.

:func:`assert_kernel_matches` is what a test calls. It needs no test framework: a :class:`KernelMismatch` is an
``AssertionError`` that says where the worst error is and which bug would give the same numbers.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from symnorm.check.families import Family
from symnorm.check.stress import Stress
from symnorm.errors import NameUnknown, ShapeError, SymnormError
from symnorm.facade import Loaded, chosen
from symnorm.kernels import Plan, plan
from symnorm.normalizers import Normalizer
from symnorm.testing.calling import Calls, Function
from symnorm.testing.suspects import OTHER, Answered, Suspect, in_words, lost, nearest, suspects, without_overflow
from symnorm.testing.trials import ULP, Trial, battery, dtype_name, trials, without_answer


@dataclass(frozen=True)
class Worst:
    """Where one result is off most.

    Attributes:
        output: ``y``, ``dx``, ``dgamma``, ``running_mean``, ...
        family: of the inputs.
        seed: that they were drawn with.
        shape: of the first input.
        index: of the element.
        value: what came.
        expected: the exact value.
        ulp: the error in units in the last place of the row's largest exact term.
        allowed: how many were.
    """

    output: str
    family: str
    seed: int
    shape: tuple[int, ...]
    index: tuple[int, ...]
    value: float
    expected: float
    ulp: float
    allowed: float

    @property
    def share(self) -> float:
        """The error as a fraction of what is allowed."""
        return self.ulp / self.allowed

    def __str__(self) -> str:
        at = f"{self.output}{list(self.index)}" if self.index else self.output
        return (
            f"{at} is {self.value!r}, expected {self.expected!r}: off by {self.ulp:.4g} ULP, {self.allowed:.4g} "
            f"allowed (family {self.family!r}, seed {self.seed}, shape {self.shape})"
        )


@dataclass(frozen=True)
class Match:
    """What a comparison found.

    Attributes:
        name: the normalizer's dotted name, with its convention.
        dtype: of the arrays.
        worst: by result, where it is off most.
        families: the families that were tried.
        seeds: the seeds.
        suspected: which bugs give the numbers that came, if any result is wrong.
        problem: what a function raised, or returned in the wrong shape.
        nearest: the definition, as it is or with the bug that comes closest, where none gives all of the numbers;
            empty where none gives most.
        lost: the wrong results that only lack digits or range, each with the families where they do.
    """

    name: str
    dtype: str
    worst: Mapping[str, Worst]
    families: tuple[str, ...]
    seeds: tuple[int, ...]
    suspected: tuple[Suspect, ...] = ()
    problem: str = ""
    nearest: str = ""
    lost: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every result is within what is allowed."""
        return not self.problem and all(one.share <= 1 for one in self.worst.values())

    @property
    def wrong(self) -> tuple[str, ...]:
        """The results that are not."""
        return tuple(name for name, one in self.worst.items() if one.share > 1)

    def __str__(self) -> str:
        if self.problem:
            return f"{self.name}, {self.dtype}: {self.problem}"
        lines = [f"{self.name}, {self.dtype}, seeds {', '.join(map(str, self.seeds))}"]
        right = [name for name in self.worst if name not in self.wrong]
        lines += [f"  {self.worst[name]}" for name in self.wrong]
        lines += [f"  right: {', '.join(right)}"] if right else []
        if self.wrong:
            lines += [f"  suspected bug: {self.suspicion}"]
        return "\n".join(lines)

    @property
    def suspicion(self) -> str:
        """The suspected bugs in words."""
        shown = [f"{one.name} (gives the same {', '.join(one.explains)})" for one in self.suspected[:3]]
        parts = [" or ".join(shown)] if shown else []
        if not shown and set(self.lost) != set(self.wrong):
            near = f"; nearest: {self.nearest}" if self.nearest else ""
            parts = [f"none of the planted ones gives these numbers{near}"]
        if self.lost:
            names, families = ", ".join(self.lost), dict.fromkeys(sum(self.lost.values(), ()))
            where = ", ".join(map(repr, families))
            parts = parts or ["none"]
            parts += [f"the formulas of {names} are right, but digits or range are lost in {where}"]
        return "; ".join(parts)


class KernelMismatch(AssertionError):
    """A kernel that does not match; ``match`` has all that is known."""

    def __init__(self, match: Match) -> None:
        super().__init__(f"the kernel does not match {match}")
        self.match = match


def plan_of(name: str | Normalizer | Loaded, mode: str = "training", convention: str = "") -> tuple[Plan, Normalizer]:
    """The formulas of a normalizer by name, ``.norm`` file or itself."""
    from symnorm.closed_form import gradients

    definition = chosen(name, mode, convention)
    return plan(definition, {key: form.tensor for key, form in gradients(definition).items()}), definition


def match_kernel(
    forward: Function,
    backward: Function | None,
    name: str | Normalizer | Loaded,
    *,
    mode: str = "training",
    convention: str = "",
    dtype: str = "float32",
    families: str | Iterable[str] = "bugs",
    seeds: Sequence[int] = (0,),
    shapes: Sequence[tuple[int, ...]] = (),
    options: Mapping[str, int] | None = None,
    fixed: Mapping[str, float] | None = None,
    wrt: Sequence[str] = (),
    ulp: float = ULP,
    conditioning: bool = True,
    explain: bool = True,
) -> Match:
    """Compare and report; the arguments are those of :func:`assert_kernel_matches`.

    Without ``explain`` no bug is looked for.
    """
    if not ulp > 0:
        raise ShapeError(f"ulp is {ulp!r}; it has to be above 0")
    dtype = dtype_name(dtype)
    truth, definition = plan_of(name, mode, convention)
    calls = Calls(truth, forward, backward, fixed or {}, tuple(wrt))
    chosen_families, told = _fitting(battery(families), calls), calls.told
    every = trials(truth, chosen_families, dtype, seeds, shapes, options, fixed, conditioning, told)
    worst: dict[str, Worst] = {}
    told_apart: set[str] = set()
    answered: list[Answered] = []
    failing: dict[str, list[str]] = {}
    tried = tuple(dict.fromkeys(trial.family.name for trial in every))

    def found(problem: str = "") -> Match:
        return Match(definition.name, dtype, worst, tried, tuple(seeds), problem=problem)

    if not every:
        raise SymnormError(f"no family of inputs suits {definition.name}; name others")
    for trial in every:
        where = f"family {trial.family.name!r}, seed {trial.seed}, shape {trial.shape}"
        try:
            results = calls.call(trial.inputs, trial.drawn.cotangent)
            for result, value in results.items():
                one = _worst(trial, result, value, ulp)
                if result not in told_apart and trial.tells_apart(result, ulp):
                    told_apart.add(result)
                if one.share > 1:
                    failing.setdefault(result, []).append(trial.family.name)
                if result not in worst or one.share > worst[result].share:
                    worst[result] = one
        except ShapeError as error:
            return found(f"{error} ({where})")
        except Exception as error:  # the user's functions may fail in any way
            return found(f"{type(error).__name__}: {error} ({where}); shapes= says which shapes it can take")
        answered.append(Answered(trial, results))
    wrong = found().wrong
    if not wrong:
        return found(without_answer([result for result in worst if result not in told_apart], every))
    if not explain:
        return found()

    def allowed(trial: Trial, result: str) -> Any:
        return ulp + 2 * trial.forgiven(result)

    ordinary = without_overflow(answered)
    short = {one: tuple(dict.fromkeys(failing[one])) for one in lost(ordinary, wrong, allowed)}
    unexplained = [one for one in wrong if one not in short]
    if not unexplained:
        return replace(found(), lost=short)
    suspected = suspects(ordinary, unexplained, allowed, definition)
    if not suspected:
        same = {"dtype": dtype, "families": families, "seeds": seeds, "shapes": shapes, "options": options,
                "fixed": fixed, "wrt": wrt, "ulp": ulp, "conditioning": conditioning}  # fmt: skip
        suspected = _of_another_layout(forward, backward, definition, unexplained, same)
    if suspected:
        return replace(found(), suspected=tuple(suspected), lost=short)
    near = nearest(ordinary, unexplained, allowed, definition)
    return replace(found(), nearest="" if near.is_far else f"{in_words(definition, near.name)} ({near})", lost=short)


def _of_another_layout(
    forward: Function, backward: Function | None, asked: Normalizer, wrong: Sequence[str], options: dict[str, Any]
) -> list[Suspect]:
    """The conventions that the functions match whose arrays are laid out otherwise: features last, or second."""
    found = []
    paper = asked.papers or asked
    for other in (paper, *(paper.convention(name) for name in paper.conventions)):
        if other.layout == asked.layout:
            continue  # suspects() has looked at it
        try:
            match = match_kernel(forward, backward, other, explain=False, **options)
        except SymnormError:
            continue  # it has other inputs
        if match.ok:
            found.append(Suspect(f"{OTHER}{other.name}", tuple(wrong), max(one.share for one in match.worst.values())))
    return found


def _fitting(families: Sequence[Family | Stress], calls: Calls) -> list[Family | Stress]:
    """The families without values for numbers that forward is not told."""

    def told(family: Family | Stress) -> Family | Stress:
        if isinstance(family, Family):
            return _with_scalars(family, {n: v for n, v in family.scalars.items() if calls.takes(n)})
        return family

    return [told(family) for family in families if isinstance(family, Family) or calls.takes("eps") or family.eps > 0]


def _with_scalars(family: Family, scalars: Mapping[str, float]) -> Family:
    return family if dict(scalars) == dict(family.scalars) else replace(family, scalars=scalars)


def _worst(trial: Trial, result: str, value: Any, ulp: float) -> Worst:
    import numpy as np

    errors, allowed = trial.errors(result, value), ulp + 2 * trial.forgiven(result)
    with np.errstate(all="ignore"):
        share = np.atleast_1d(errors / allowed)
    at = np.unravel_index(int(np.argmax(share)), share.shape) if errors.ndim else ()
    index = tuple(int(i) for i in at)
    expected, mine = float(trial.wanted(result)[index]), float(np.asarray(value)[index])
    where = (trial.family.name, trial.seed, trial.shape, index, mine, expected)
    return Worst(result, *where, float(errors[index]), float(np.broadcast_to(allowed, errors.shape)[index]))


def assert_kernel_matches(
    forward: Function,
    backward: Function | None,
    name: str | Normalizer | Loaded,
    **options: Any,
) -> None:
    """Fail unless a kernel computes a normalizer, on inputs that show the bugs which people make.

    Args:
        forward: called with the inputs that its parameters name (``x``, ``gamma``, ``eps``, ...). Returns the output;
            or a tuple of the output and whatever backward needs; or a dict, in which new running statistics may be.
        backward: called with what its parameters name: the cotangent ``dy``, ``saved``, the output and inputs again.
            Returns gradients as a dict (``"dx"`` or ``"x"``), or in order; None where there is none to test.
        name: a normalizer by name (``layer_norm``, ``batch_norm@torch``), ``.norm`` file, or itself.
        options: ``mode``, ``convention``; ``dtype`` (float32); ``families``, a battery (``bugs``, ``accuracy``,
            ``all``) or names; ``seeds``; ``shapes`` of the first input where not every shape can be taken, with
            ``options={"axis": ..., "groups": ...}``; ``fixed``, numbers for inputs that forward does not take;
            ``wrt``, the inputs that backward differentiates by; ``ulp``, the largest error; ``conditioning=False``
            forgives nothing for ill-conditioned inputs.

    Raises:
        KernelMismatch: a result is wrong, with family, seed, index, value, expected value and suspected bug.
        SymnormError: parameters that are none of the normalizer's, an unknown name.

    Example:
        >>> import numpy as np
        >>> def forward(x, gamma, beta, eps):
        ...     mu = x.mean(-1, keepdims=True)
        ...     s = np.sqrt(x.var(-1, keepdims=True) + x.dtype.type(eps))
        ...     return gamma * (x - mu) / s + beta
        >>> assert_kernel_matches(forward, None, "layer_norm", shapes=[(3, 4)])
        >>> def no_bias(x, gamma, beta, eps): return forward(x, gamma, 0*beta, eps)
        >>> try:
        ...     assert_kernel_matches(no_bias, None, "layer_norm", shapes=[(3, 4)])
        ... except KernelMismatch as error:
        ...     print(error.match.suspicion)
        bias missing (gives the same y)
    """
    known = inspect.signature(match_kernel).parameters
    for option in options:
        if option not in known:
            raise NameUnknown("option of assert_kernel_matches", option, [one for one in known if one != "explain"][3:])
    found = match_kernel(forward, backward, name, **options)
    if not found.ok:
        raise KernelMismatch(found)


__all__ = ["ULP", "KernelMismatch", "Match", "Worst", "assert_kernel_matches", "match_kernel", "plan_of"]
