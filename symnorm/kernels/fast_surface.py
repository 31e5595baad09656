"""``Saved``, ``forward`` and ``backward`` of a fast module: the same checks as in the reference, then a job of blocks.

In come the plan and the functions that go through one block, out comes text. What a block needs is kept in the job,
which is all that ``Saved`` refers to. Called by :mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

from symnorm.kernels.bodies import Bodies
from symnorm.kernels.fast import Blockwise
from symnorm.kernels.fast_careful import grid_arguments
from symnorm.kernels.licence import Licence
from symnorm.kernels.lines import called, quote, tuple_of
from symnorm.kernels.plan import Plan
from symnorm.kernels.surface import Surface


class FastSurface(Surface):
    """Writes ``Saved``, ``forward`` and ``backward`` of a fast module."""

    threads = "at most so many; the results are the same, to the bit, for every number"

    def __init__(self, plan: Plan, bodies: Bodies, granted: Licence, blockwise: Blockwise) -> None:
        super().__init__(plan, bodies, granted)
        self.blockwise = blockwise

    def saved(self) -> list[str]:
        """The class of what forward keeps for backward."""
        return [
            "class Saved(NamedTuple):",
            '    """What backward needs of forward: it refers to the inputs, and to small statistics."""',
            "",
            "    job: Job",
            "    grid: Grid",
            "    dtype: str",
            "    updates: Mapping[str, Array] = MappingProxyType({})",
        ]

    def forward(self) -> list[str]:
        """``forward``: signature, documentation, checks, blocks."""
        plan, y = self.plan, self.plan.output
        used = [name for name in plan.declared if name not in plan.only_updates]
        arrays = [f'"{name}": {name if name in plan.numbers else self._folded(name)}' for name in used]
        lengths = [f'"{axis.name}": grid.size("{axis.name}")' for axis in plan.layout_axes]
        inputs_ = [name for name in used if name not in plan.numbers]
        after = ["job", "grid", "dtype"]
        updates = []
        if plan.updates and self.bodies.updates is not None:
            after.append("MappingProxyType(delivered(updates, grid, dtype, {}, np))")
            body = self.bodies.updates
            given = [f"{name}={self._natural(name)}" for name in body.inputs if name not in plan.only_updates]
            arguments = ["**statistics", *given, *grid_arguments(body)]
            updates = ["    with np.errstate(all=\"ignore\"):",
                       *called("updates = update_body(", arguments, ") if updating else {}", "        ")]
        return [
            *called("def forward(", self._parameters()[:-1], ") -> tuple[Array, Saved]:"),
            *[row for row in self._forward_docstring() if not row.startswith("        xp: ")],
            "    check_threads(threads)",
            f'    {plan.data} = as_array("{plan.data}", {plan.data}, np)',
            f"    shape, dtype = {plan.data}.shape, {plan.data}.dtype.name",
            f"    grid = layout({', '.join(['shape', *self.options])})",
            "    fit = partial(laid, grid=grid, dtype=dtype, check_finite=check_finite, xp=np)",
            *(f"    {name} = {self._checked(name)}" for name in used),
            *(row for rule in plan.rules for row in self._rule(rule)),
            *self._updating(),
            *called("named = checked_out(", ["out", f'("{y}",)', "grid", "dtype", tuple_of(inputs_)], ")", "    "),
            "    sizes = folded(grid)",
            *called("job = Job({", arrays, "}, sizes, {" + ", ".join(lengths) + "}, threads)", "    "),
            f'    {y} = named["{y}"] if "{y}" in named else np.empty(grid.shape("{y}"), dtype)',
            f"    into = viewed({y}, sizes, job.dtype)",
            "    job.forward(into)",
            f"    handed({y}, into)",
            *updates,
            f"    return {y}, Saved({', '.join(after)})",
        ]

    def _folded(self, name: str) -> str:
        return f'fold("{name}", {name}, sizes)'

    def _natural(self, name: str) -> str:
        if name in self.plan.equations:
            return f'job.statistic("{name}", grid)'
        return name

    def backward(self) -> list[str]:
        """``backward``: the same for the gradients."""
        plan, dy = self.plan, self.plan.cotangent
        rows = super().backward()
        start = next(at for at, row in enumerate(rows) if row.startswith("    check_threads"))
        names = [name for name in plan.declared if name in plan.gradients]
        head = [f"{dy}: Array", "saved: Saved", "out: Any = None", "threads: int = 1", "check_finite: bool = False"]
        opening = next(at for at, row in enumerate(rows) if row.startswith('    """'))
        return [
            *called("def backward(", head, ") -> dict[str, Array]:"),
            *[row for row in rows[opening:start] if not row.startswith("        xp: ")],
            "    check_threads(threads)",
            "    if not isinstance(saved, Saved):",
            '        raise BadInput(f"saved is of type {type(saved).__name__}; it has to be what forward returned")',
            "    grid, dtype, job = saved.grid, saved.dtype, saved.job",
            f'    {dy} = laid("{dy}", {dy}, grid, dtype, check_finite, np)',
            "    inputs = [value for value in job.arrays.values() if isinstance(value, np.ndarray)]",
            *called("names = (", [quote(name) for name in names], ",)" if len(names) == 1 else ")", "    "),
            f"    named = checked_out(out, names, grid, dtype, ({dy}, *inputs))",
            "    found = {name: named[name] if name in named else np.empty(grid.shape(name), dtype) for name in names}",
            "    sizes = job.sizes",
            "    outs = {name: viewed(array, folded_shape(name, sizes), job.dtype) for name, array in found.items()}",
            f'    job.backward(fold("{dy}", {dy}, sizes), outs, threads)',
            "    for name, array in found.items():",
            "        handed(array, outs[name])",
            "    return found",
        ]
