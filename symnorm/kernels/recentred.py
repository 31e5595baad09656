"""Means that are taken twice: what rounding leaves of a mean is subtracted as well, ``x - mu - mean(x - mu)``.

Where the data is less one mean only, it is centred before the formulas see it (:mod:`symnorm.kernels.licence`). Where
it is less several, over different axes, no one shift does that: samples may lie far apart, each with a mean of its own.
Then the formulas do it. ``mean(x - mu)`` is 0 for every x, so that nothing has to be proved. Called by
:mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

from dataclasses import replace

from symnorm.kernels.plan import Plan
from symnorm.tensors import Leaf, Tensor, mean, rebuild, walk


def recentred(plan: Plan) -> Plan:
    """The plan with every mean of the data taken twice, if there are several.

    Example:
        >>> from symnorm.kernels import kernel
        >>> plan = kernel("batch_instance_norm").plan
        >>> [name for name in recentred(plan).equations if name not in plan.equations]
        ['rest_batch', 'rest_inst']
        >>> recentred(kernel("layer_norm").plan).equations.keys()
        dict_keys(['mu', 'var', 'x_hat', 'y'])
    """
    formulas = plan.equations.items()
    means = {name: formula for name, formula in formulas if formula.op == "mean" and _is_data(formula, plan)}
    if len({frozenset(formula.data) for formula in means.values()}) < 2:
        return plan
    subtracted = {_subtracted(node, plan): node.args[1] for node in walk(*plan.formulas) if _subtracted(node, plan)}
    rests = {name: Tensor("input", (), formula.axes, Leaf(_fresh(plan, name))) for name, formula in means.items()}

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        name = _subtracted(node, plan)
        return node - rests[name] if name in rests else None

    equations: dict[str, Tensor] = {}
    for name, formula in plan.equations.items():
        (equations[name],) = rebuild((formula,), change)
        if name in means:
            x = plan.declared[plan.data]
            equations[rests[name].data.name] = mean(x - subtracted.get(name, plan.known[name]), over=formula.data)
    gradients = dict(zip(plan.gradients, rebuild(tuple(plan.gradients.values()), change), strict=True))
    return replace(plan, equations=equations, gradients=gradients)


def differences(plan: Plan) -> list[Tensor]:
    """What the data is less a mean, where that is taken again: it has to be rounded before the rest is subtracted."""
    means = (formula for formula in plan.equations.values() if formula.op == "mean")
    return [formula.args[0] for formula in means if _subtracted(formula.args[0], plan) in plan.equations]


def _is_data(formula: Tensor, plan: Plan) -> bool:
    """Whether a formula's argument is the data itself."""
    return formula.args[0].op == "input" and formula.args[0].data.name == plan.data


def _subtracted(node: Tensor, plan: Plan) -> str:
    """The name that is subtracted from the data."""
    named = node.op == "sub" and _is_data(node, plan) and node.args[1].op == "input"
    return str(node.args[1].data.name) if named else ""


def _fresh(plan: Plan, name: str) -> str:
    """What the rest of a mean is called."""
    rest = f"rest_{name.removeprefix('mu_')}"
    while rest in plan.known:
        rest += "_"
    return rest
