"""A kernel against two others: the definition evaluated node by node, and autograd through the kernel's own forward.

``y`` and the running statistics are compared with :mod:`symnorm.check.oracle`; the gradients with autograd, which
traces the very lines that ship by being passed as their namespace. Everything is in float64 on the named stress
families, and an error is relative to the scale of the result: the largest difference over the largest wanted entry,
for a gradient over its largest sum of absolute terms, since the terms of an exact zero (a batch of two at eps = 0)
leave rounding errors. There is no absolute tolerance, below which a wrong gradient of small scale would pass. Called by
``symnorm verify``, and by :mod:`symnorm.check.planted`, which shows that it can fail.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symnorm.check.families import FAMILIES, Case, Family, case
from symnorm.check.oracle import evaluate
from symnorm.kernels import Kernel, Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

TOLERANCE = 1e-12


@dataclass(frozen=True)
class KernelCheck:
    """What a comparison found.

    Attributes:
        name: the kernel's name.
        ok: whether every error is within the tolerance.
        max_relative_error: the largest one; infinite where a shape, a dtype or a NaN differs, or the kernel failed.
        worst_family: where it is.
        worst_output: ``y``, ``dx``, ...
        shapes: the shapes of the first input that were tried.
        seed: of the random inputs.
        problem: what the kernel raised, if it did.
    """

    name: str
    ok: bool
    max_relative_error: float
    worst_family: str
    worst_output: str
    shapes: tuple[tuple[int, ...], ...]
    seed: int
    problem: str = ""


def crosscheck(
    kernel: Kernel,
    truth: Plan | None = None,
    families: Iterable[Family] = FAMILIES,
    seed: int = 0,
    tolerance: float = TOLERANCE,
) -> KernelCheck:
    """Compare a kernel on all families.

    Args:
        kernel: what to check.
        truth: the formulas that it ought to compute; the ones that it was made of, if left out.
        families: the inputs; uneven ones are left out where eigenvectors are computed.
        seed: of the random generator.
        tolerance: the largest relative error that passes.

    Example:
        >>> from symnorm.kernels import kernel
        >>> found = crosscheck(kernel("batch_norm"))
        >>> found.ok, found.max_relative_error < 1e-12
        (True, True)
    """
    truth = truth or kernel.plan
    worst, where, shapes = -1.0, ("", ""), []
    for family in families:
        if not family.suits(truth):
            continue
        drawn = case(family, truth, seed)
        shapes.append(drawn.frame.shape)
        try:
            found = errors(kernel, truth, drawn)
        except Exception as error:  # a kernel that is being checked may fail in any way
            problem = f"{type(error).__name__}: {error}"
            return KernelCheck(kernel.name, False, math.inf, family.name, "", tuple(shapes), seed, problem)
        output, largest = max(found.items(), key=lambda item: item[1])
        if largest > worst:
            worst, where = largest, (family.name, output)
    return KernelCheck(kernel.name, 0 <= worst <= tolerance, worst, *where, tuple(shapes), seed)


def errors(kernel: Kernel, truth: Plan, drawn: Case) -> dict[str, float]:
    """The relative error of each result on one set of inputs: ``y``, new running statistics, gradients."""
    inputs = {**drawn.arrays, **drawn.scalars, **drawn.options}
    y, saved = kernel.module.forward(**inputs)
    gradients = kernel.module.backward(drawn.cotangent, saved)
    wanted = _by_definition(truth, drawn)
    found = {truth.output: y, **saved.updates}
    traced = {f"d{name}": value for name, value in _by_autograd(kernel, drawn).items()}
    mine = {f"d{name}": value for name, value in gradients.items()}
    return _compared(found, wanted) | _compared(mine, traced, _term_scales(truth, drawn))


def relative_error(found: Array, wanted: Array, scale: float = 0.0) -> float:
    """The largest difference over the largest wanted entry, 0 for equal arrays, infinite for arrays unlike in kind.

    ``scale`` takes the place of the largest entry where it is larger.

    Example:
        >>> import numpy as np
        >>> relative_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        0.5
        >>> relative_error(np.array([1e-30]), np.array([0.0]))
        inf
    """
    import numpy as np

    if found.shape != wanted.shape or found.dtype != wanted.dtype or not np.all(np.isfinite(found)):
        return math.inf
    difference, scale = float(np.max(np.abs(found - wanted))), max(scale, float(np.max(np.abs(wanted))))
    if difference == 0:
        return 0.0
    return difference / scale if 0 < scale < math.inf else math.inf


def _term_scales(truth: Plan, drawn: Case) -> dict[str, float]:
    """For each gradient the largest sum of its terms' absolute values."""
    import numpy as np

    values = drawn.flat(truth.declared, truth.defaults)
    values |= evaluate(truth.equations, values, drawn.frame, systems=truth.systems)
    output = tuple(axis.name for axis in truth.known[truth.output].axes)
    values[f"d{truth.output}"] = drawn.frame.flat(drawn.cotangent, output)
    formulas = {f"d{name}": form for name, form in truth.gradients.items()}
    return {name: float(np.max(found)) for name, found in evaluate(formulas, values, drawn.frame, True).items()}


def _compared(
    found: Mapping[str, Array], wanted: Mapping[str, Array], scales: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Errors by name; a result that only one side has is infinitely wrong."""
    names = [*wanted, *(name for name in found if name not in wanted)]
    both = {name: name in found and name in wanted for name in names}
    known = scales or {}
    return {
        name: relative_error(found[name], wanted[name], known.get(name, 0.0)) if both[name] else math.inf
        for name in names
    }


def _by_definition(truth: Plan, drawn: Case) -> dict[str, Array]:
    values = drawn.flat(truth.declared, truth.defaults)
    formulas = {**truth.equations, **{f"new {name}": new for name, new in truth.updates.items()}}
    flat = evaluate(formulas, values, drawn.frame, systems=truth.systems)
    wanted = {truth.output: truth.output, **{name: f"new {name}" for name in truth.updates}}
    axes = {name: tuple(axis.name for axis in truth.known[name].axes) for name in wanted}
    return {name: drawn.frame.unflat(flat[key], axes[name]) for name, key in wanted.items()}


def _by_autograd(kernel: Kernel, drawn: Case) -> dict[str, Array]:
    """The vector-Jacobian products of the kernel's own forward pass."""
    import autograd.numpy as traced_numpy
    from autograd import make_vjp

    names = kernel.plan.results
    fixed = {name: value for name, value in drawn.arrays.items() if name not in names}

    def forward(*values: Any) -> Any:
        tensors = dict(zip(names, values, strict=True))
        return kernel.module.forward(**tensors, **fixed, **drawn.scalars, **drawn.options, xp=traced_numpy)[0]

    vjp, _ = make_vjp(forward, tuple(range(len(names))))(*(drawn.arrays[name] for name in names))
    return dict(zip(names, vjp(drawn.cotangent), strict=True))
