"""The bugs that people really make in normalizers, as changes of a kernel's formulas before they are printed.

:data:`BUGS` is a table, one line each. A bug takes a plan and returns it changed, or the same object where it makes no
sense: inference has no mean to drop. Used by :mod:`symnorm.check.planted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from symnorm.errors import AxisError
from symnorm.kernels import Plan
from symnorm.tensors import Tensor, as_tensor, inputs, mean, rebuild, sqrt, total, walk

Change = Callable[[Tensor, tuple[Tensor, ...]], Tensor | None]
Bug = Callable[[Plan], Plan]

# --- where a bug goes -------------------------------------------------------------------------------------------------


def _rebuilt(plan: Plan, part: str, change: Change, only: Callable[[str], bool]) -> Plan:
    """The plan with the formulas of a part rebuilt; the plan itself where nothing changed."""
    formulas: Mapping[str, Tensor] = getattr(plan, part)
    names = [name for name in formulas if only(name)]
    new = dict(zip(names, rebuild(tuple(formulas[name] for name in names), change), strict=True))
    if all(new[name] is formulas[name] for name in names):
        return plan
    changed: dict[str, Any] = {part: {**formulas, **new}}
    return replace(plan, **changed)


def in_forward(change: Change, *only: str) -> Bug:
    """In the equations, or only in some."""
    return lambda plan: _rebuilt(plan, "equations", change, lambda name: not only or name in only)


def in_backward(change: Change) -> Bug:
    """In the gradient of the first input."""
    return lambda plan: _rebuilt(plan, "gradients", change, lambda name: name == plan.data)


def in_parameters(change: Change) -> Bug:
    """In the gradients of all other inputs."""
    return lambda plan: _rebuilt(plan, "gradients", change, lambda name: name != plan.data)


def in_updates(change: Change) -> Bug:
    """In the new running statistics."""
    return lambda plan: _rebuilt(plan, "updates", change, lambda name: True)


# --- what is found in a formula ---------------------------------------------------------------------------------------


def _is(node: Tensor, *names: str) -> bool:
    return node.op == "input" and node.data.name in names


def _reduces(node: Tensor) -> bool:
    return node.op in ("total", "mean")


def _along_output(node: Tensor) -> bool:
    """A reduction of the cotangent times the output's direction, or the gradient that is one: the x_hat term."""
    return (_reduces(node) and bool(inputs(node).keys() & {"x_hat", "v"})) or _is(node, "dg")


def _of_cotangent(node: Tensor) -> bool:
    """A reduction of the cotangent alone: the mean term."""
    return _reduces(node) and not _along_output(node)


# --- what is put in its place -----------------------------------------------------------------------------------------


def times(factor: int, found: Callable[[Tensor], bool]) -> Change:
    """What is found, multiplied."""
    return lambda node, args: factor * node if found(node) else None


def named(**new: Any) -> Change:
    """Numbers or other names in place of names."""

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if not _is(node, *new):
            return None
        value = new[node.data.name]
        return replace(node, data=replace(node.data, name=value)) if isinstance(value, str) else as_tensor(value)

    return change


def operation(new: Callable[..., Tensor], *ops: str) -> Change:
    """Another operation on the same arguments."""
    return lambda node, args: new(*args) if node.op in ops else None


def _eps_outside(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
    if node.op == "sqrt" and args[0].op == "add" and _is(args[0].args[1], "eps"):
        return sqrt(args[0].args[0]) + args[0].args[1]
    return None


def _summed(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
    return total(args[0], node.data) if node.op == "mean" else None


def _averaged(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
    return mean(args[0], node.data) if node.op == "total" else None


def _less_one(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
    """The mean of a square, or the x_hat term, divided by N - 1."""
    if node.op != "mean" or not (args[0].op == "pow" or _along_output(node)):
        return None
    return total(args[0], node.data) / as_tensor(sp.Mul(*[axis.size for axis in node.data]) - 1)


def _biased(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
    """N/(N - 1) taken for 1."""
    if node.op == "div" and args[1].op == "const" and args[1].data.is_Add:
        return args[0] / as_tensor(args[1].data + 1)
    return None


def _last_sign(plan: Plan) -> Plan:
    """The last term of the first input's gradient added, not subtracted."""
    last = [node for node in walk(plan.gradients[plan.data]) if node.op == "sub"][-1:]
    return in_backward(lambda node, args: args[0] + args[1] if node in last else None)(plan)


def _over(place: Callable[[Change], Bug], beside: bool) -> Bug:
    """Every reduction over the axes that it ought to leave alone, beside its own or in their place."""

    def plant(plan: Plan) -> Plan:
        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            if not _reduces(node):
                return None
            others = tuple(axis for axis in plan.layout_axes if axis not in node.data)
            if not others:
                return None  # no axis is left alone
            over = plan.layout_axes if beside else others
            return (mean if node.op == "mean" else total)(args[0], over)

        try:
            return place(change)(plan)
        except AxisError:
            return plan  # an axis and its copy would become one

    return plant


def _constant_statistics(plan: Plan) -> Plan:
    """Neither the mean term nor the x_hat term, as where statistics are detached."""
    alone = (in_backward(times(0, _of_cotangent)), in_backward(times(0, _along_output)))
    if any(term(plan) is plan for term in alone):
        return plan  # it has one of them, and another bug drops that
    return in_backward(times(0, _reduces))(plan)


def _exchanged_gradients(plan: Plan) -> Plan:
    """The gradients of gain and bias, returned in the other order."""
    if not {"gamma", "beta"} <= plan.gradients.keys():
        return plan
    gain, bias = plan.gradients["gamma"], plan.gradients["beta"]
    return replace(plan, gradients={**plan.gradients, "gamma": bias, "beta": gain})


def _exchanged_inputs(plan: Plan) -> Plan:
    """Gain and bias, taken in the other order."""
    if not {"gamma", "beta"} <= plan.declared.keys():
        return plan
    return in_forward(named(gamma="beta", beta="gamma"))(plan)


def _stale(place: Callable[[Change], Bug]) -> Bug:
    """Running statistics where the batch's own belong."""

    def plant(plan: Plan) -> Plan:
        old = {"mu": "running_mean", "var": "running_var", "sigma": "running_std"}
        return place(named(**{mine: plan.declared[name] for mine, name in old.items() if name in plan.declared}))(plan)

    return plant


def _gain_late(plan: Plan) -> Plan:
    """gamma taken out of means that run over its own axis."""
    form = plan.gradients[plan.data]
    if not any(_reduces(node) and "gamma" in inputs(node) for node in walk(form)):
        return plan
    bare = in_backward(named(gamma=1))(plan).gradients[plan.data]
    return replace(plan, gradients={**plan.gradients, plan.data: plan.declared["gamma"] * bare})


def _other_default(plan: Plan) -> Plan:
    return replace(plan, defaults={**plan.defaults, "eps": 1e-3}) if "eps" in plan.defaults else plan


EPS = Fraction(1, 1000)

BUGS: dict[str, Bug] = {
    # the gradient of the first input
    "mean term dropped": in_backward(times(0, _of_cotangent)),
    "mean term doubled": in_backward(times(2, _of_cotangent)),
    "statistics taken for constants": _constant_statistics,
    "x_hat term missing": in_backward(times(0, _along_output)),
    "x_hat term doubled": in_backward(times(2, _along_output)),
    "sign of the last term": _last_sign,
    "missing 1/N": in_backward(_summed),
    "wrong axis in backward": _over(in_backward, beside=False),
    "ddof = 1 in backward": in_backward(_less_one),
    "eps 1e-3 in backward": in_backward(named(eps=EPS)),
    "eps forgotten in backward": in_backward(named(eps=0)),
    "eps outside the root in backward": in_backward(_eps_outside),
    "root forgotten in backward": in_backward(operation(lambda a: a, "sqrt")),
    "length not squared": in_backward(operation(lambda base, exponent: base, "pow")),
    "gain missing in dx": in_backward(named(gamma=1, g=1)),
    "gain applied late": _gain_late,
    "correction r missing in dx": in_backward(named(r=1)),
    "stale statistics in backward": _stale(in_backward),
    # the gradients of the parameters
    "parameter gradients averaged": in_parameters(_averaged),
    "direction missing in dgamma": in_parameters(named(x_hat=1, x_renorm=1, v=1)),
    "gradients of gain and bias exchanged": _exchanged_gradients,
    # the definition
    "ddof = 1": in_forward(_less_one),
    "eps 1e-3": in_forward(named(eps=EPS)),
    "eps 1e-3 by default": _other_default,
    "eps forgotten": in_forward(named(eps=0)),
    "eps outside the root": in_forward(_eps_outside),
    "root forgotten": in_forward(operation(lambda a: a, "sqrt")),
    "sums for means": in_forward(_summed),
    "means for sums": in_forward(_averaged),
    "over all axes": _over(in_forward, beside=True),
    "wrong axis": _over(in_forward, beside=False),
    "not centred": in_forward(named(mu=0, running_mean=0), "x_hat"),
    "squares not centred": in_forward(named(mu=0), "var"),
    "stale statistics": _stale(lambda change: in_forward(change, "x_hat")),
    "gain missing": in_forward(named(gamma=1, g=1)),
    "bias missing": in_forward(named(beta=0)),
    "gain counted from 1": in_forward(lambda node, args: 1 + node if _is(node, "gamma") else None),
    "gain and bias exchanged": _exchanged_inputs,
    "gradient through r and d": in_forward(operation(lambda a: a, "stop")),
    "clip forgotten": in_forward(operation(lambda a, bound: a, "maximum", "minimum")),
    # the running statistics
    "momentum reversed": in_updates(lambda node, args: 1 - node if _is(node, "momentum") else None),
    "running variance biased": in_updates(_biased),
    "running statistics not updated": in_updates(named(momentum=0)),
}
"""Name to bug, in the order of a report."""
