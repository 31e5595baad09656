"""Whether the cross-check can fail: it is run on kernels with a bug in them, and has to say no.

In comes the plan of a correct kernel; each bug of :mod:`symnorm.check.bugs` that makes sense for it is put in, printed
as a kernel, and compared with the correct formulas. A bug that no family of inputs catches is a hole in the battery.
Called by the tests and by the report.
"""

from __future__ import annotations

from collections.abc import Iterable

from symnorm.check.bugs import BUGS
from symnorm.check.crosscheck import TOLERANCE, KernelCheck, crosscheck
from symnorm.check.families import FAMILIES, Family
from symnorm.kernels import Kernel, Plan, of_plan


def planted(name: str, truth: Plan) -> Plan | None:
    """The plan with a bug in it; None where the bug makes no sense.

    Example:
        >>> from symnorm.kernels import kernel
        >>> planted("missing 1/N", kernel("weight_norm").plan) is None
        True
    """
    found = BUGS[name](truth)
    return None if found is truth else found


def wrong_kernels(truth: Plan) -> dict[str, Kernel]:
    """A kernel for each bug that makes sense."""
    plans = {name: planted(name, truth) for name in BUGS}
    return {name: of_plan(wrong) for name, wrong in plans.items() if wrong is not None}


def check_planted(
    truth: Plan, families: Iterable[Family] = FAMILIES, tolerance: float = TOLERANCE, seed: int = 0
) -> dict[str, KernelCheck]:
    """What the battery says of each bug that makes sense; none of them may be ``ok``."""
    drawn = tuple(families)
    return {name: crosscheck(kernel, truth, drawn, seed, tolerance) for name, kernel in wrong_kernels(truth).items()}


def matrix(
    truth: Plan, families: Iterable[Family] = FAMILIES, tolerance: float = TOLERANCE, seed: int = 0
) -> dict[str, dict[str, bool]]:
    """Which family of inputs catches which bug.

    Returns:
        Bug to family to whether its error there is above the tolerance.

    Example:
        >>> from symnorm.kernels import kernel
        >>> found = matrix(kernel("layer_norm").plan, tolerance=1e-2)
        >>> found["eps outside the root"]["standard normal"], found["eps outside the root"]["std near eps"]
        (False, True)
    """
    columns = tuple(families)
    return {
        name: {
            family.name: family.suits(truth) and not crosscheck(kernel, truth, [family], seed, tolerance).ok
            for family in columns
        }
        for name, kernel in wrong_kernels(truth).items()
    }
