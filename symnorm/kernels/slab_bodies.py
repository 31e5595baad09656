"""The bodies of a fast module with matrices: the lines of the reference, slab by slab of the data.

A line over the axis that the data is cut across is computed for a few rows at a time; what it adds up along that axis
is taken out first, so that the sums of the slabs can be added. Lines that need nothing but what is there already share
a function. Solvers see whole matrices, as in the reference. Called by :mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import sympy as sp

from symnorm.errors import Unsupported
from symnorm.kernels.bodies import Bodies, Body, named
from symnorm.kernels.licence import Licence
from symnorm.kernels.lines import assigned, called, tuple_of, wrap
from symnorm.kernels.plan import Plan
from symnorm.kernels.schedule import Line, backward_lines, forward_lines
from symnorm.printing.numpy_source import contracted
from symnorm.tensors import Axis, Leaf, System, Tensor, as_tensor, inputs, rebuild, total
from symnorm.tensors.tensor import EXTREMA, INDICATORS


@dataclass
class Slab:
    """The lines of one function, and what is added up in it."""

    lines: list[Line] = field(default_factory=list)
    sums: list[Line] = field(default_factory=list)

    @property
    def made(self) -> set[str]:
        """The names that it gives values."""
        return {line.name for line in (*self.lines, *self.sums)}


class SlabBodies(Bodies):
    """Bodies whose lines go through slabs.

    Raises:
        Unsupported: data and output share no axis of which there is one alone; an extremum along the one they share.
    """

    more = ("threads: int = 1",)

    def __init__(self, plan: Plan, granted: Licence) -> None:
        self.sums: list[Line] = []
        alone = [axis for axis in plan.known[plan.data].axes if axis.name not in plan.copies.values()]
        shared = [axis for axis in alone if axis in plan.known[plan.output].axes]
        if not shared:
            raise Unsupported(f"{plan.name}: the fast style needs an axis that data and output share, without a copy")
        self.cut: Axis = shared[0]
        super().__init__(plan, granted)

    def _forward(self) -> Body:
        self.layout = replace(self.layout, like=self.plan.data)
        plan, steps, waiting = self.plan, list[Line | System](), [*self.plan.systems]
        for line in forward_lines(plan.equations):
            for system in [s for s in waiting if inputs(line.code).keys() & inputs(*s.unknowns).keys()]:
                waiting.remove(system)
                steps.append(system)
            steps.append(line)
        rows = ['    """The definition, on arrays that broadcast."""', *self._program(steps, set(plan.returned))]
        rows += [f"    return {', '.join(plan.returned)}"]
        returns = "Any" if len(plan.returned) == 1 else "tuple[Array, ...]"
        return self._body("forward_body", plan.used_by_equations, plan.returned, rows, rows, returns)

    def _backward(self) -> Body:
        self.layout = replace(self.layout, like=self.plan.cotangent)
        plan, lines = self.plan, self._short(backward_lines(self.plan.gradients))
        rows = ['    """The gradients, on arrays that broadcast."""']
        rows += self._program(lines, {f"d{name}" for name in plan.results})
        rows += called("return {", [f'"{name}": d{name}' for name in plan.results], "}", "    ")
        return self._body("backward_body", (plan.cotangent, *plan.kept), plan.results, rows, rows)

    def _body(
        self, name: str, inputs: tuple[str, ...], results: tuple[str, ...], codes: Iterable[str], rows: Sequence[str],
        returns: str = "dict[str, Any]",
    ) -> Body:  # fmt: skip
        codes = [row for row in codes if not row.lstrip().startswith("#")]
        return super()._body(name, inputs, results, codes, rows, returns)

    # --- lines as slabs -----------------------------------------------------------------------------------------------

    def _program(self, steps: Sequence[Line | System], wanted: set[str]) -> list[str]:
        """The text of all steps; ``wanted`` is what has to be there in the end."""
        self._numbers, self._functions = count(1), count(1)
        split: list[Line | System] = []
        for step in steps:
            split += [step] if isinstance(step, System) else self._taken_apart(step)
        rows, slab = list[str](), Slab()
        for at, step in enumerate(split):
            read = set(inputs(step.of if isinstance(step, System) else step.code))
            large = isinstance(step, Line) and (self._is_large(step.code) or step in self.sums)
            ready = {line.name for line in slab.lines} if large else set[str]()
            if read & (slab.made - ready):
                rows += self._written(slab, split[at:], wanted)
                slab = Slab()
            if isinstance(step, System):
                code = self._solver(step)
                rows += [*self._relations(step), *assigned(named(step, {*self._read(split[at:]), *wanted}), code)]
            elif large:
                (slab.sums if step in self.sums else slab.lines).append(step)
            else:
                rows += self._assignment(step)
        return rows + self._written(slab, [], wanted)

    def _taken_apart(self, line: Line) -> list[Line]:
        """The line after the sums along the cut axis that it needs."""
        found: list[Line] = []

        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            if node.op in (*EXTREMA, *INDICATORS) and self.cut in node.data:
                raise Unsupported(f"{self.plan.name}: the fast style has no extremum over {self.cut} beside matrices")
            if node.op not in ("total", "mean") or self.cut not in node.data or not self._is_large(args[0]):
                return None
            whole = total(args[0], node.data)
            name = f"added_{next(self._numbers)}"
            if name in self.plan.known:
                raise Unsupported(f"{self.plan.name}: {name!r} has another meaning in a fast kernel; rename it")
            found.append(Line(name, None, whole))
            leaf = Tensor("input", (), whole.axes, Leaf(name))
            return leaf / as_tensor(sp.Mul(*[axis.size for axis in node.data])) if node.op == "mean" else leaf

        (code,) = rebuild((line.code,), change)
        self.sums += found
        return [*found, replace(line, formula=line.formula or line.code, code=code)]

    def _is_large(self, node: Tensor) -> bool:
        return self.cut in node.axes

    def _written(self, slab: Slab, later: Sequence[Line | System], wanted: set[str]) -> list[str]:
        """The function of a slab, and its call."""
        if not slab.made:
            return []
        own = {line.name for line in slab.lines}
        leaves = inputs(*(line.code for line in (*slab.lines, *slab.sums)))
        parameters = [name for name, node in leaves.items() if self._is_large(node) and name not in own]
        kept = [line.name for line in slab.lines if line.name in {*self._read(later), *wanted}]
        name = f"slab_{next(self._functions)}"
        arguments = [f"{one}: Array" for one in parameters]
        rows = ["", *called(f"def {name}(", arguments, ") -> tuple[list[Any], list[Any]]:", "    ")]
        rows.append('        """A few rows: what they become, and what they add to sums."""')
        for line in slab.lines:
            rows += [*self._comment(line), *assigned(line.name, self._code(line.code), "        ")]
        for line in slab.sums:
            rows += [*self._comment(line), *assigned(line.name, self._added(line.code), "        ")]
        sums = [line.name for line in slab.sums]
        rows += [f"        return [{', '.join(kept)}], [{', '.join(sums)}]", ""]
        results = ", ".join(tuple_of(names) if names else "_" for names in (kept, sums))
        return [*rows, f"    {results} = in_slabs({name}, [{', '.join(parameters)}], {self._place()}, threads)"]

    def _comment(self, line: Line) -> list[str]:
        formula = self._formula(line.name, line.code if line.formula is None else line.formula)
        return wrap(formula, "        # ", "        #     ")

    def _added(self, node: Tensor) -> str:
        """A sum over a slab: a matrix product, or one in double precision."""
        if contracted(node.args[0]):
            return self._code(node)
        return f"sum_over({self._code(node.args[0])}, {self.layout.over(node.data)})"

    def _place(self) -> str:
        """The dimension that the data is cut across."""
        found = self.layout.dims[self.cut]
        return f"{found}[0]" if isinstance(found, str) else str(found[0])

    @staticmethod
    def _read(steps: Sequence[Line | System]) -> set[str]:
        """The names that some steps read."""
        return set(inputs(*(step.of if isinstance(step, System) else step.code for step in steps)))
