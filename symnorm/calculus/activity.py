"""Which nodes of a graph depend on the variables of a derivative, and what may be such a variable.

A variable is an input, the same wherever it is declared, or a named quantity: the very ``let`` node. Both modes visit
only nodes that depend on a variable, so an operation without a rule is no obstacle where nothing depends on one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from symnorm.calculus.rules import Rule
from symnorm.errors import SymnormError
from symnorm.tensors import Tensor, walk

Key = str | int


def key(node: Tensor) -> Key:
    """What makes two nodes the same variable: the name of an input, else the node itself."""
    if node.op == "input":
        name: str = node.data.name
        return name
    return id(node)


def order(output: Tensor) -> tuple[Tensor, ...]:
    """The nodes below the output, arguments first, and each named quantity with all of its own before the next.

    So reverse mode, which goes through them backwards, finishes with an equation before it enters an earlier one.
    """
    lets = [node for node in walk(output) if node.op == "let"]
    return tuple(walk(*lets, output))


def check_variable(variable: Tensor, nodes: Iterable[Tensor]) -> None:
    """Refuse a variable whose derivative would be silently wrong.

    Raises:
        SymnormError: it is an expression, or one of the nodes means something else by its name.
    """
    if variable.op not in ("input", "let"):
        raise SymnormError(f"a derivative is taken by an input or a named quantity; name {variable!r} first")
    name = variable.data.name
    alike = [node for node in nodes if node.op in ("input", "let") and node.data.name == name]
    if variable.op == "let":
        if alike and not any(node is variable for node in alike):
            raise SymnormError(f"{name} in this output is another quantity than the {name} to differentiate by")
        return
    for node in alike:
        if node.op == "input" and (node.axes, node.data) != (variable.axes, variable.data):
            raise SymnormError(
                f"two inputs are called {name}: one over {node.axes} with {node.data.assumptions}, "
                f"one over {variable.axes} with {variable.data.assumptions}"
            )


def dependent(
    nodes: Sequence[Tensor], variables: Collection[Key], rules: Mapping[str, tuple[Rule, ...]]
) -> frozenset[int]:
    """The nodes (by ``id``, arguments first in ``nodes``) that are a variable or depend on one."""
    found: set[int] = set()
    for node in nodes:
        through = (id(arg) in found and not rule.cuts for rule, arg in zip(rules[node.op], node.args, strict=True))
        if key(node) in variables or any(through):
            found.add(id(node))
    return frozenset(found)
