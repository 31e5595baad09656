"""One call of a user's functions on one family of inputs, measured against exact values.

In come a plan, a family and a seed; out comes a :class:`Trial` with the inputs in the wanted dtype, the exact results
and how far each result may be off. The exact results come from the plan's formulas in mpmath numbers of several hundred
digits; beyond :data:`LARGE` elements, and for eigenvectors and singular pairs, from extended or double precision.

An error is counted in units in the last place (ULP) of the row's largest exact term, as :mod:`symnorm.check.accuracy`
counts it. What half a unit in the inputs and in the result of each operation does to a result is forgiven besides,
since a plain kernel does no better: in ``mean 1e6`` a textbook layer norm loses five digits, and that is no bug.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from typing import TYPE_CHECKING, Any

from symnorm.check.accuracy import exact_results, row_dimensions
from symnorm.check.families import FAMILIES, Family, case, framed
from symnorm.check.oracle import Frame, evaluate
from symnorm.check.stress import STRESS, Drawn, Stress, draw
from symnorm.errors import NameUnknown, ShapeError
from symnorm.kernels import Plan
from symnorm.tensors import walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

ULP = 32.0
"""How many units in the last place a result may be off besides what its inputs' own last half units do to it."""

LARGE = 4096
"""From so many elements on the oracle computes in extended precision."""

Battery = dict[str, tuple[Family | Stress, ...]]
BATTERIES: Battery = {"bugs": FAMILIES, "accuracy": STRESS, "all": (*FAMILIES, *STRESS)}
NO_NUMBERS = "ObcUSmM"
"""NumPy's letters for what an error cannot be counted in: objects, truth values, complex numbers, texts, times."""

DTYPES = ("float16", "float32", "float64")


def battery(families: str | Iterable[str]) -> tuple[Family | Stress, ...]:
    """The families of a battery (``bugs``, ``accuracy``, ``all``), or those of some names.

    Raises:
        NameUnknown: no battery or family of that name.

    Example:
        >>> [family.name for family in battery(["tiny batch", "mean 1e6"])]
        ['tiny batch', 'mean 1e6']
    """
    if isinstance(families, str) and families in BATTERIES:
        return BATTERIES[families]
    names = [families] if isinstance(families, str) else list(families)
    known = {family.name: family for family in reversed(BATTERIES["all"])}
    for name in names:
        if name not in known:
            raise NameUnknown("family of inputs or battery", name, [*known, *BATTERIES])
    return tuple(known[name] for name in names)


@dataclass(frozen=True, eq=False)
class Trial:
    """One set of inputs of a family.

    Attributes:
        plan: the formulas that are right.
        family: how the inputs are drawn.
        seed: of the random generator.
        dtype: of all arrays.
        drawn: the inputs.
        fixed: numbers in place of inputs.
        conditioning: whether the forgiveness of badly conditioned results is given.
    """

    plan: Plan
    family: Family | Stress
    seed: int
    dtype: str
    drawn: Drawn
    conditioning: bool = True
    _memory: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def inputs(self) -> dict[str, Any]:
        """What is drawn for forward, by name; a number that is not among them has its default."""
        return {**self.drawn.arrays, **self.drawn.scalars, **self.drawn.options}

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the first input."""
        return self.drawn.frame.shape

    def axes(self, name: str) -> tuple[str, ...]:
        """The axes of a result: ``y``, ``running_mean``, ``dx``."""
        known = self.plan.known
        node = known[name] if name in known else known[name.removeprefix("d")]
        return tuple(axis.name for axis in node.axes)

    @cached_property
    def exact(self) -> dict[str, Any]:
        """Every quantity, gradient and scale: flat arrays of mpmath numbers or of floats."""
        import mpmath
        import numpy as np

        if not self.is_exact:
            return self._extended()
        with mpmath.workprec(2400 if self.dtype == "float64" else 700), np.errstate(all="ignore"):
            return exact_results(self.plan, self.drawn)

    @property
    def is_exact(self) -> bool:
        """Whether the exact values are computed with several hundred digits."""
        matrices = any(node.op in ("rename", "delta") for node in walk(*self.plan.formulas))
        return not self.plan.systems and not matrices and math.prod(self.shape) <= LARGE

    def _extended(self) -> dict[str, Any]:
        import numpy as np

        wide = np.float64 if self.plan.systems else np.longdouble  # NumPy's linear algebra has nothing longer
        found = values_of(self.plan, self, dtype=wide)
        scales = _magnitudes(self.plan, self)
        return found | {f"{name} scale": scales.get(name, found[name]) for name in self._names}

    @property
    def _names(self) -> list[str]:
        plan = self.plan
        return [plan.output, *(f"new {name}" for name in plan.updates), *(f"d{name}" for name in plan.gradients)]

    def wanted(self, name: str) -> Array:
        """The exact values of a result in the user's dimensions, as mpmath numbers or floats."""
        return self.drawn.frame.unflat(self.exact[self._key(name)], self.axes(name))

    def _key(self, name: str) -> str:
        return f"new {name}" if name in self.plan.updates else name

    def ulp(self, name: str) -> Array:
        """The size of a unit in the last place for each element of a result."""
        import numpy as np

        if name not in self._memory:
            scale = np.abs(np.asarray(self.exact[f"{self._key(name)} scale"], object))
            frame, rows = self.drawn.frame, row_dimensions(self.plan)
            with np.errstate(invalid="ignore"):  # NaN where there is no answer
                scale = np.max(scale, axis=rows, keepdims=True) if rows else scale
                units = np.frompyfunc(lambda value: unit_of(value, self.dtype), 1, 1)(scale)
            self._memory[name] = frame.unflat(np.asarray(units, object), self.axes(name))
        return self._memory[name]  # type: ignore[no-any-return]

    def errors(self, name: str, found: Any) -> Array:
        """The error of each element in ULP; infinite where a number is wanted and none came.

        Raises:
            ShapeError: a result of another shape, or one that holds no real numbers; their precision may be any.
        """
        import mpmath
        import numpy as np

        wanted, unit = self.wanted(name), self.ulp(name)
        found = np.asarray(found)
        if found.dtype.kind in NO_NUMBERS:
            raise ShapeError(f"{name} is of dtype {found.dtype}; {self.dtype} {wanted.shape} is right")
        if found.shape != wanted.shape:
            raise ShapeError(f"{name} has shape {found.shape}; {wanted.shape} is right for {self._inputs_in_words()}")
        largest = float(np.finfo(self.dtype).max)

        def one(mine: Any, true: Any, ulp: Any) -> float:
            if not abs(true) <= largest or not ulp > 0:
                return 0.0  # no number of the dtype
            if not np.isfinite(mine):
                return math.inf
            return float(abs(mpmath.mpf(float(mine)) - _mpf(true)) / ulp)

        with mpmath.workprec(2400 if self.dtype == "float64" else 700), np.errstate(invalid="ignore"):
            return np.asarray(np.frompyfunc(one, 3, 1)(found, wanted, unit), float)

    def _inputs_in_words(self) -> str:
        return ", ".join(f"{name} of shape {array.shape}" for name, array in self.drawn.arrays.items())

    def forgiven(self, name: str) -> Array:
        """What half a unit at each step of the formulas does to each element of a result, in ULP."""
        import numpy as np

        if not self.conditioning or self.plan.stops:
            return np.zeros(self.wanted(name).shape)
        if "moved" not in self._memory:
            self._memory["moved"] = [values_of(self.plan, self, nudge=seed) for seed in (1, 2)]
        with np.errstate(all="ignore"):
            here = np.asarray(self.exact[self._key(name)], float)
            moved = [np.abs(values[self._key(name)] - here) for values in self._memory["moved"]]
            change = np.max(np.broadcast_arrays(*moved), axis=0)
            rows = row_dimensions(self.plan)
            change = np.max(change, axis=rows, keepdims=True) if rows else change
            flat = self.drawn.frame.unflat(change, self.axes(name))
            found = flat / np.asarray(self.ulp(name), float)
        return np.where(np.isfinite(found), found, 0.0)


    def tells_apart(self, name: str, ulp: float) -> bool:
        """Whether some element is known, to so many ULP, to less than the largest: any numbers would pass otherwise."""
        import numpy as np

        values, units = (np.asarray(found, float) for found in (self.wanted(name), self.ulp(name)))
        tolerance = units * (ulp + 2 * self.forgiven(name))
        numbers = np.abs(values) <= float(np.finfo(self.dtype).max)
        largest = np.max(np.abs(values), initial=0, where=numbers) or 1
        return bool(np.any(numbers & (tolerance > 0) & (tolerance < largest)))


def without_answer(results: Sequence[str], every: Sequence[Trial]) -> str:
    """What to say of results of which nothing is known; empty if there are none.

    Any numbers would pass for them: for a whitening of fewer samples than features, or a batch of one without eps.
    """
    if not results:
        return ""
    sizes = ", ".join(dict.fromkeys(str(trial.shape) for trial in every))
    return (
        f"nothing is known of {', '.join(results)}: the exact value is no number, or rounding the input changes all of"
        f" it, at each of these shapes: {sizes}"
    )


def _mpf(value: Any) -> Any:
    import mpmath

    if isinstance(value, mpmath.mpf):
        return value
    high = float(value)
    return mpmath.mpf(high) + mpmath.mpf(float(value - high))


def unit_of(value: Any, dtype: str) -> Any:
    """A unit in the last place of a number in a dtype.

    Example:
        >>> float(unit_of(1.5, "float32")) == 2.0**-23
        True
    """
    import mpmath
    import numpy as np

    info = np.finfo(dtype)
    number = _mpf(value)
    if not mpmath.isfinite(number):
        return mpmath.mpf(0)
    exponent = mpmath.frexp(number)[1] - (info.nmant + 1) if number else int(info.minexp) - info.nmant
    return max(mpmath.ldexp(mpmath.mpf(1), exponent), mpmath.mpf(float(info.smallest_subnormal)))


def trials(
    plan: Plan,
    families: Sequence[Family | Stress],
    dtype: str,
    seeds: Sequence[int],
    shapes: Sequence[tuple[int, ...]] = (),
    options: Mapping[str, int] | None = None,
    fixed: Mapping[str, float] | None = None,
    conditioning: bool = True,
    told: Mapping[str, float] | None = None,
) -> list[Trial]:
    """Trials of every family with every seed, at every shape where shapes are given.

    ``fixed`` are numbers in place of inputs, ``told`` numbers that are given where a family has none.

    Raises:
        ShapeError: a dtype that there is no kernel for, a shape that does not fit the layout.
    """
    dtype = dtype_name(dtype)
    if isinstance(seeds, Integral) or not all(isinstance(seed, Integral) and seed >= 0 for seed in seeds):
        raise ShapeError(f"seeds is {seeds!r}; a list of whole numbers of at least 0 is needed, such as [0, 1]")
    if any(isinstance(shape, int) for shape in shapes):
        raise ShapeError(f"shapes is {shapes!r}; a list of shapes is needed, such as [(8, 64)]")
    found = []
    for family in families:
        if isinstance(family, Family) and not family.suits(plan):
            continue
        for seed in seeds:
            for frame in _frames(plan, shapes, options or {}):
                drawn = _drawn(plan, family, dtype, seed, frame)
                found.append(Trial(plan, family, seed, dtype, _held(drawn, fixed or {}, told or {}), conditioning))
    return found


def dtype_name(dtype: Any) -> str:
    """A dtype by its name, whether it comes as that or as NumPy's.

    Raises:
        ShapeError: a dtype that there is no kernel for.
    """
    name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", getattr(dtype, "name", ""))
    if name not in DTYPES:
        raise ShapeError(f"dtype is {dtype!r}; one of {', '.join(DTYPES)} is needed")
    return str(name)


def _frames(plan: Plan, shapes: Sequence[tuple[int, ...]], options: Mapping[str, int]) -> Iterable[Frame | None]:
    if not shapes:
        return [None]
    frames = []
    for shape in shapes:
        if plan.layout.takes_groups and "groups" not in options:
            raise ShapeError(f"{plan.name} cuts a dimension into groups; say how many with options={{'groups': ...}}")
        defaults = {"axis": int(plan.defaults.get("axis", -1))} if plan.layout.takes_axis else {}
        elsewhere = {name: size for name, size in options.items() if name in plan.layout.elsewhere}
        others = {name: size for name, size in options.items() if name not in elsewhere}
        frame = framed(plan, tuple(shape), {**defaults, **others}, elsewhere)
        owners = frame.layout.owners(len(frame.shape), frame.axis)
        for size, owner in zip(frame.shape, owners, strict=True):
            parts = frame.groups if len(owner) > 1 else 1
            if size < 1:
                raise ShapeError(f"shape {frame.shape}: every dimension needs at least one element")
            if parts < 1 or size % parts:
                raise ShapeError(f"shape {frame.shape}: a dimension of {size} cannot be cut into {parts} groups")
        frames.append(frame)
    return frames


def _drawn(plan: Plan, family: Family | Stress, dtype: str, seed: int, frame: Frame | None) -> Drawn:
    import numpy as np

    with np.errstate(all="ignore"):
        if isinstance(family, Stress):
            return draw(plan, family, dtype, seed, frame)
        made = case(family, plan, seed, frame)
    arrays = {name: array.astype(dtype) for name, array in made.arrays.items()}
    return Drawn(arrays, made.scalars, made.options, made.cotangent.astype(dtype), made.frame)


def _held(drawn: Drawn, fixed: Mapping[str, float], told: Mapping[str, float]) -> Drawn:
    """The inputs with numbers in place of some, and with those that are told."""
    import numpy as np

    arrays = {name: np.full_like(a, fixed[name]) if name in fixed else a for name, a in drawn.arrays.items()}
    scalars = {**told, **drawn.scalars, **{name: float(value) for name, value in fixed.items() if name not in arrays}}
    return Drawn(arrays, scalars, drawn.options, drawn.cotangent, drawn.frame)


# --- formulas in floating point ---------------------------------------------------------------------------------------


def values_of(plan: Plan, trial: Trial, nudge: int = 0, dtype: Any = float) -> dict[str, Any]:
    """Every quantity and gradient of a plan on the inputs of a trial, flat, node by node in double or long precision.

    With ``nudge`` each input element and the result of each operation is changed by half a unit of the trial's dtype,
    up or down; equal numbers alike, so that ties stay ties.
    """
    import numpy as np

    drawn, half = trial.drawn, float(np.finfo(trial.dtype).eps) / 2

    def rounding(value: Any) -> Any:
        if not nudge:
            return value
        bits = np.array(value, float).view(np.uint64)
        with np.errstate(over="ignore"):
            mixed = (bits + np.uint64(nudge)) * np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        return value * np.where(mixed >> np.uint64(63), 1 + half, 1 - half)

    def prepared(name: str, array: Array, over: tuple[str, ...]) -> Any:
        return drawn.frame.flat(rounding(array.astype(dtype)), over)

    values: dict[str, Any] = {**trial.plan.defaults, **plan.defaults, **drawn.scalars}
    for name, array in drawn.arrays.items():
        values[name] = prepared(name, array, tuple(axis.name for axis in plan.declared[name].axes))
    over = tuple(axis.name for axis in plan.known[plan.output].axes)
    values[plan.cotangent] = drawn.frame.flat(drawn.cotangent.astype(dtype), over)
    formulas = {**plan.equations, **{f"new {name}": new for name, new in plan.updates.items()}, **_gradients(plan)}
    with np.errstate(all="ignore"):
        return evaluate(formulas, values, drawn.frame, systems=plan.systems, rounding=rounding)


def _gradients(plan: Plan) -> dict[str, Any]:
    return {f"d{name}": form for name, form in plan.gradients.items()}


def _magnitudes(plan: Plan, trial: Trial) -> dict[str, Any]:
    import numpy as np

    known = values_of(plan, trial)
    values: dict[str, Any] = {**plan.defaults, **trial.drawn.scalars, **known}
    for name, array in trial.drawn.arrays.items():
        values[name] = trial.drawn.frame.flat(array.astype(float), tuple(a.name for a in plan.declared[name].axes))
    over = tuple(axis.name for axis in plan.known[plan.output].axes)
    values[plan.cotangent] = trial.drawn.frame.flat(trial.drawn.cotangent.astype(float), over)
    last = {plan.output: plan.equations[plan.output], **{f"new {n}": new for n, new in plan.updates.items()}}
    formulas = {**last, **_gradients(plan)}
    given = {name: value for name, value in values.items() if name not in formulas}
    with np.errstate(all="ignore"):
        return evaluate(formulas, given, trial.drawn.frame, magnitudes=True)
