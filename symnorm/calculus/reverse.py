"""Reverse mode: from a cotangent of an output to the derivatives with respect to inputs and named quantities.

In comes the graph of a :class:`~symnorm.tensors.Tensor`; out comes a graph again, so that a derivative can be printed,
put into normal form, turned into a kernel or differentiated once more. The adjoint of a node carries no axis that the
node does not: what an operation broadcast is summed back at once, so a summed index never stands free in an adjoint and
nothing can be captured.

The adjoint of each named quantity on the way is a named quantity itself: ``x_hat`` has ``dx_hat``. These are the steps
of the derivation (:mod:`symnorm.calculus.steps`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import add
from typing import Any

from symnorm.calculus.activity import Key, check_variable, dependent, key, order
from symnorm.calculus.rules import BROADCASTING, VJP
from symnorm.calculus.steps import Application, Steps, steps
from symnorm.errors import AxisError, SymnormError
from symnorm.normalizers.naming import LetName
from symnorm.tensors import Axis, Loss, Relation, Tensor, as_tensor, total, walk


@dataclass(frozen=True, eq=False)
class Adjoints:
    """What :func:`vjp` found.

    Attributes:
        output: the tensor that was differentiated.
        cotangent: its own adjoint.
        wrt: the variables asked for.
        named: the adjoints of those and of every named quantity on the way, in the order of the derivation.
        applications: every application of a rule, consumers before arguments.
    """

    output: Tensor
    cotangent: Tensor
    wrt: tuple[Tensor, ...]
    named: dict[Key, Tensor]
    applications: tuple[Application, ...]

    def of(self, variable: Tensor) -> Tensor:
        """The adjoint of one of the variables, over axes of that variable in any order; a plain 0 if unused.

        Raises:
            SymnormError: it was not asked for.
        """
        if key(variable) not in map(key, self.wrt):
            raise SymnormError(f"the derivative by {variable!r} was not asked for, only by {list(self.wrt)}")
        if key(variable) in self.named:
            return self.named[key(variable)]
        return replace(as_tensor(0), origin=("vjp", (self.output, self.cotangent, variable)))

    @cached_property
    def steps(self) -> Steps:
        """The derivation: one step for each named adjoint, in the order in which they are computed."""
        return steps(self.output, self.applications, self.named)

    @cached_property
    def conditions(self) -> tuple[Relation, ...]:
        """Where the operations on the way have derivatives; elsewhere a convention of the rules holds."""
        found: dict[tuple[Tensor, str], Relation] = {}
        for step in self.applications:
            condition = step.rule.smooth_at(step.node)
            if condition is not None:
                found[step.node, condition.relation] = condition
        return tuple(found.values())


class _Names:
    """Names for adjoints, none of them taken."""

    def __init__(self, output: Tensor, cotangent: Tensor, *wrt: Tensor) -> None:
        self.differentiated = output, cotangent
        self.taken = {str(node.data.name) for node in walk(output, cotangent, *wrt) if node.op in ("input", "let")}

    def adjoint(self, variable: Tensor, value: Tensor) -> Tensor:
        """``value`` as a quantity named ``dname``, or ``dname_2``, ... where that is something else already."""
        name = variable.data.name
        free, tries = f"d{name}", 1
        while free in self.taken:
            tries += 1
            free = f"d{name}_{tries}"
        self.taken.add(free)
        origin = ("vjp", (*self.differentiated, variable))
        return Tensor("let", (value,), value.axes, LetName(free, value), origin)


def _broadcast_axes(node: Tensor, arg: Tensor) -> tuple[Axis, ...]:
    return tuple(axis for axis in node.axes if axis not in arg.axes) if node.op in BROADCASTING else ()


def vjp(output: Tensor, cotangent: Any, wrt: Sequence[Tensor]) -> Adjoints:
    """The vector-Jacobian product ``sum_i cotangent_i d output_i / d wrt_j`` for each of ``wrt``.

    Args:
        output: the tensor to differentiate.
        cotangent: over axes of the output; along an axis that it lacks it is constant.
        wrt: inputs of the output, or named quantities in it (its own ``let`` nodes).

    Raises:
        AxisError: the cotangent has an axis that the output does not have.
        SymnormError: one of ``wrt`` is an expression, or the output means something else by its name.
        Unsupported: the second derivative of an unknown loss depends on ``wrt``.

    Example:
        >>> from symnorm.tensors import axes, tensor
        >>> N, C = axes("N C")
        >>> x, gamma, dy = tensor("x", N, C), tensor("gamma", C), tensor("dy", N, C)
        >>> found = vjp(gamma * x, dy, [x, gamma])
        >>> found.of(x).expr
        dy[n, c]*gamma[c]
        >>> found.of(gamma).axes
        (C,)
    """
    cotangent, nodes = as_tensor(cotangent), order(output)
    if extra := [axis for axis in cotangent.axes if axis not in output.axes]:
        raise AxisError(f"a cotangent has no axes but its output's {output.axes}; {cotangent!r} also has {extra}")
    for variable in wrt:
        check_variable(variable, nodes)
    names, active = _Names(output, cotangent, *wrt), dependent(nodes, set(map(key, wrt)), VJP)
    shares: dict[Key, list[Tensor]] = defaultdict(list, {key(output): [cotangent]})
    by_name = {id(node.args[0]): node for node in nodes if node.op == "let"}
    named: dict[Key, Tensor] = {}
    applications: list[Application] = []

    for node in reversed(nodes):
        if id(node) not in active or node.op == "input" or not shares[key(node)]:
            continue  # an input can stand in several places: its shares are added at the end
        adjoint = reduce(add, shares[key(node)])
        if node.op == "let":
            # A cotangent that came with a name keeps it.
            given = adjoint is cotangent and cotangent.op in ("input", "let", "const")
            adjoint = named[key(node)] = adjoint if given else names.adjoint(node, adjoint)
        # A rule that speaks of the operation's own value says it by name: dsigma/(2*sigma).
        value = by_name.get(id(node), node) if node.data is None else node
        for rule, arg in zip(VJP[node.op], node.args, strict=True):
            if id(arg) not in active or rule.cuts:
                continue
            summed, share = _broadcast_axes(node, arg), None
            if rule.apply is not None:
                share = rule.apply(adjoint, value, *node.args)
                share = total(share, summed) if summed else share
                shares[key(arg)].append(share)
            applications.append(Application(node, arg, rule, summed, share))

    for variable in {key(variable): variable for variable in wrt}.values():
        if variable.op == "input" and shares[key(variable)]:
            named[key(variable)] = names.adjoint(variable, reduce(add, shares[key(variable)]))
    return Adjoints(output, cotangent, tuple(wrt), named, tuple(applications))


def gradient(loss: Loss, output: Tensor, wrt: Tensor) -> Tensor:
    """``dL/dwrt`` of an unknown loss L of the output.

    Raises:
        SymnormError: as :func:`vjp`.

    Example:
        >>> from symnorm.tensors import axes, tensor
        >>> (N,) = axes("N")
        >>> x = tensor("x", N)
        >>> gradient(Loss("L"), 3 * x, x).expr
        3*dL[n]
    """
    return vjp(output, loss.cotangent(output), [wrt]).of(wrt)
