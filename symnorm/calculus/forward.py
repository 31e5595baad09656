"""Forward mode: from tangents of inputs to the tangent of an output, graph to graph.

The tangent of a node carries no axis that the node does not. Together with :mod:`symnorm.calculus.reverse` it gives
second derivatives: the ``jvp`` of a gradient is a Hessian-vector product.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

from symnorm.calculus.activity import check_variable, dependent
from symnorm.calculus.rules import JVP
from symnorm.errors import AxisError
from symnorm.tensors import Tensor, as_tensor, walk


def jvp(output: Tensor, tangents: Mapping[str, Any]) -> Tensor:
    """The Jacobian-vector product ``sum_j d output_i / d input_j tangent_j``, summed over the inputs named.

    Args:
        output: the tensor to differentiate.
        tangents: an input's name to its change, over axes of the input; along an axis that it lacks it is constant.
            Inputs that are not named do not change; a name that is no input of the output contributes nothing.

    Returns:
        The change of the output, over axes of the output; a plain 0 if it does not change.

    Raises:
        AxisError: a tangent has an axis that its input does not have.
        SymnormError: two inputs have one name that changes.
        Unsupported: the second derivative of an unknown loss changes.

    Example:
        >>> from symnorm.tensors import axes, tensor, total
        >>> (N,) = axes("N")
        >>> x, v = tensor("x", N), tensor("v", N)
        >>> jvp(total(x**2, over=N), {"x": v}).axes
        ()
    """
    nodes = tuple(walk(output))
    changes = {name: as_tensor(change) for name, change in tangents.items()}
    for node in nodes:
        if node.op == "input" and node.data.name in changes:
            check_variable(node, nodes)
    active = dependent(nodes, changes.keys(), JVP) & _asked_for(output)
    tangent: dict[int, Tensor] = {}
    for node in nodes:
        if id(node) not in active:
            continue
        if node.op == "input":
            tangent[id(node)] = _change(node, changes[node.data.name])
            continue
        terms = [
            rule.apply(tangent[id(arg)], node, *node.args)
            for rule, arg in zip(JVP[node.op], node.args, strict=True)
            if rule.apply is not None and id(arg) in tangent
        ]
        if terms:
            tangent[id(node)] = reduce(add, terms)
    varied = [node for node in nodes if node.op == "input" and node.data.name in changes]
    origin = (output, *(part for node in varied for part in (node, changes[node.data.name])))
    return replace(tangent.get(id(output), as_tensor(0)), origin=("jvp", origin))


def _asked_for(output: Tensor) -> set[int]:
    """The nodes (by ``id``) whose change some rule on the way to the output asks for."""
    found, stack = set[int](), [output]
    while stack:
        node = stack.pop()
        if id(node) not in found:
            found.add(id(node))
            stack += [arg for rule, arg in zip(JVP[node.op], node.args, strict=True) if rule.apply is not None]
    return found


def _change(node: Tensor, change: Tensor) -> Tensor:
    if extra := [axis for axis in change.axes if axis not in node.axes]:
        raise AxisError(f"{node.data.name} has axes {node.axes}; its tangent {change!r} also has {extra}")
    return change
