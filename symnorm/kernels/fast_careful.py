"""The functions that take a block through the reference bodies with all care, as text.

A block whose statistics are out of a safe range goes this way: inputs as the formulas shall see them, the bodies on
them, results in their units. In come the plan and the bodies, out come two functions. Called by
:mod:`symnorm.kernels.fast`.
"""

from __future__ import annotations

from symnorm.kernels.bodies import Bodies, Body
from symnorm.kernels.licence import Licence
from symnorm.kernels.lines import called
from symnorm.kernels.plan import Plan


def careful_functions(plan: Plan, bodies: Bodies, granted: Licence) -> list[list[str]]:
    """``careful_forward`` and ``careful_backward``."""
    prepared = [name for name in plan.declared if name in {*granted.degrees, *granted.shifts} &
                {*plan.used_by_equations, *plan.kept}]  # fmt: skip
    weights = ", ".join(f'values["{name}"]' for name in bodies.weights)
    return [_forward(plan, bodies.forward, prepared, weights), _backward(plan, bodies.backward, prepared, weights)]


def _forward(plan: Plan, body: Body, prepared: list[str], weights: str) -> list[str]:
    items = [f'"{name}": values["{name}"]' for name in prepared]
    prepare = called("given, units = prepared({", items, f"}}, [{weights}], grid, np)", "    ")
    if not items:
        prepare = ["    given: Values = {}", "    units = Units()"]
    arguments = [f'given["{name}"]' if name in prepared else f'values["{name}"]' for name in body.inputs]
    names = ", ".join(plan.returned)
    found = [f'"{name}": {name}' for name in plan.returned]
    return [
        "def careful_forward(values: Values, grid: Grid) -> tuple[Values, Units, Values]:",
        '    """The definition on one block with all care: inputs as the formulas see them, units, results."""',
        *prepare,
        *called(f"{names} = forward_body(", [*arguments, *grid_arguments(body), "xp=CAREFUL"], ")", "    "),
        *called("return given, units, {", found, "}", "    "),
    ]


def _backward(plan: Plan, body: Body, prepared: list[str], weights: str) -> list[str]:
    dy, arguments = plan.cotangent, []
    for name in body.inputs:
        home = "found" if name in plan.equations else "given" if name in prepared else "values"
        arguments.append(dy if name == dy else f'{home}["{name}"]')
    homes = {argument.partition("[")[0] for argument in arguments} | {"units"}
    pulled = ["body", f'"{plan.output}"', dy, f"[{weights}]", "units", "grid", "np"]
    unpacked = [home if home in homes else f"_{home}" for home in ("given", "units", "found")]
    return [
        *called("def careful_backward(", ["values: Values", f"{dy}: Array", "grid: Grid"], ") -> Values:"),
        '    """The gradients on one block with all care."""',
        f"    {', '.join(unpacked)} = careful_forward(values, grid)",
        "",
        f"    def body({dy}: Array) -> Values:",
        '        """The gradients of a cotangent."""',
        *called("return backward_body(", [*arguments, *grid_arguments(body), "xp=CAREFUL"], ")", "        "),
        "",
        *called("return pulled_back(", pulled, ")", "    "),
    ]


def grid_arguments(body: Body) -> list[str]:
    """The dimensions and sizes that a body takes, as arguments of a call."""
    axes = {word: word.removeprefix("over_") for word in body.grid}
    return [f'{word}=grid.{"size" if word == axis else "over"}("{axis}")' for word, axis in axes.items()]
