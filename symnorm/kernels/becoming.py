"""Whether every formula of a plan becomes what it should when the inputs change, by the prover's normal form.

In come a plan and what its names shall become, out comes yes or no. Called by :mod:`symnorm.kernels.licence`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symnorm.canonical.terms import TooLarge, Undefined
from symnorm.claims.assumptions import sort
from symnorm.claims.equalities import equal
from symnorm.errors import Unsupported
from symnorm.kernels.plan import Plan
from symnorm.tensors import Tensor, inputs, rebuild, tensor


class Expanded:
    """Every equation and gradient of a plan over its inputs and the cotangent."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        dy = tensor(plan.cotangent, *plan.known[plan.output].axes)
        self.declared = {**plan.declared, plan.cotangent: dy}
        self.formulas = {**plan.equations, **{f"d{name}": form for name, form in plan.gradients.items()}}
        self.known = self.with_inputs({})

    def fresh(self, name: str) -> str:
        """A name that no formula uses."""
        while name in {*self.declared, *self.formulas}:
            name += "_"
        return name

    def with_inputs(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """All of them with other expressions in place of inputs."""
        known = {**self.declared, **given}

        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            return known[node.data.name] if node.op == "input" else None

        left = {**self.formulas}
        while left:  # a gradient may use another one
            ready = [name for name, formula in left.items() if set(inputs(formula)) <= set(known)]
            for name in ready or [next(iter(left))]:
                (known[name],) = rebuild((left.pop(name),), change)
        return known

    def all_become(self, new: Callable[[str, Tensor], Tensor], hidden: frozenset[str] = frozenset()) -> bool:
        """Whether every formula becomes ``new(name, value)`` when the inputs do.

        Step by step where that is enough (the names that a formula uses become what they are to become), else written
        out over the inputs: ``x - mu`` keeps its value because of what mu is. What is hidden may become anything, and
        so may the gradient of a named equation, which is only there to be used.
        """
        steps = {f"d{name}" for name in self.plan.gradients if name not in self.plan.results}
        given = {name: new(name, node) for name, node in self.declared.items()}
        changed: dict[str, Tensor] | None = None
        for name, formula in self.formulas.items():
            if name in hidden:
                continue
            (step,) = rebuild((formula,), lambda old, _: new(old.data.name, old) if old.op == "input" else None)
            if not hidden & set(inputs(formula)) and _holds(step, new(name, formula)):
                continue
            changed = changed or self.with_inputs(given)
            if _holds(changed[name], new(name, self.known[name])):
                continue
            if name not in steps:
                return False
            hidden |= {name}
        return True


def _holds(left: Tensor, right: Tensor) -> bool:
    """Whether two tensors are equal by the normal form, at every size; a witness against it is not looked for."""
    try:
        return equal(left, right, sort(())) is not None
    except (TooLarge, Undefined, Unsupported, RecursionError):
        return False
