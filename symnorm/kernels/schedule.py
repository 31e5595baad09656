"""From formulas to assignments: each distinct reduction is computed once.

Batch norm's ``dbeta = sum(dy)`` and ``dgamma = sum(dy*x_hat)`` are the two reductions that dx needs: they come first,
and ``mean(dy)`` becomes ``dbeta/N``. A reduction that stands in several places and is nobody's gradient gets a name of
its own, and so does a value under stop-gradient. Reductions are compared up to the order of factors and terms; two
that are equal for a deeper reason are computed twice, which costs time and not correctness. Called by
:mod:`symnorm.kernels.bodies`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from symnorm.errors import SymnormError
from symnorm.tensors import Leaf, Tensor, amax, amin, as_tensor, inputs, rebuild, sign, total, walk
from symnorm.tensors.rebuild import reapply
from symnorm.tensors.tensor import INDICATORS

Component = tuple[Any, ...]


@dataclass(frozen=True)
class Line:
    """One assignment.

    Attributes:
        name: what is assigned.
        formula: the right-hand side as a book has it, for the comment; None repeats what the code says.
        code: the right-hand side as it is computed, over names assigned before.
        held: whether the value is held constant under every derivative.
    """

    name: str
    formula: Tensor | None
    code: Tensor
    held: bool = False


def forward_lines(equations: Mapping[str, Tensor]) -> list[Line]:
    """The equations in order; a value under stop-gradient that is no equation of its own comes before its user.

    Example:
        >>> from symnorm.tensors import scalar, stop_gradient
        >>> a, b = scalar("a"), scalar("b")
        >>> [(line.name, line.held) for line in forward_lines({"r": stop_gradient(a), "y": b * stop_gradient(a * b)})]
        [('r', True), ('held_1', True), ('y', False)]
    """
    lines: list[Line] = []
    fresh = _Fresh(equations.values(), equations)
    for name, formula in equations.items():
        held = formula.op == "stop"
        inner = formula.args[0] if held else formula

        def lift(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            if node.op != "stop":
                return None
            lines.append(Line(fresh("held"), None, args[0], held=True))
            return _named(lines[-1].name, args[0])

        (code,) = rebuild((inner,), lift)
        lines.append(Line(name, formula if held else None, code, held))
    return lines


def backward_lines(gradients: Mapping[str, Tensor]) -> list[Line]:
    """The gradients as ``d`` + input, those that are reductions before the ones that need them.

    Example:
        >>> from symnorm.tensors import axes, mean, tensor, total
        >>> N, C = axes("N C")
        >>> dy = tensor("dy", N, C)
        >>> [(line.name, line.code) for line in backward_lines({"x": dy - mean(dy, over=N), "beta": total(dy, over=N)})]
        [('dbeta', sum(dy)), ('dx', dy - dbeta/N)]
    """
    gradients, places = _with_places(gradients)
    whole = {component(form): f"d{name}" for name, form in gradients.items() if form.op == "total"}
    fresh = _Fresh(gradients.values(), whole.values())
    counts = Counter(component(node) for form in gradients.values() for node in walk(form) if _reduces(node))
    as_total = {component(node) for form in gradients.values() for node in walk(form) if node.op == "total"}
    shared: dict[Component, Line] = {}

    def share(own: str) -> Callable[[Tensor, tuple[Tensor, ...]], Tensor | None]:
        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            if not _reduces(node) or whole.get(found := component(node)) == own:
                return None
            if found in whole:
                return _from_total(node, _named(whole[found], node))
            if counts[found] < 2:
                return None
            if found not in shared:
                word = "sum" if found in as_total else "mean"
                code = total(args[0], node.data) if word == "sum" else Tensor("mean", args, node.axes, node.data)
                shared[found] = Line(fresh(word), None, code)
            known = _named(shared[found].name, node)
            return _from_total(node, known) if found in as_total else known

        return change

    lines = []
    for name, form in gradients.items():
        (code,) = rebuild((form,), share(f"d{name}"))
        lines.append(Line(f"d{name}", form, code))
    return _in_order([*places, *shared.values(), *lines])


def _with_places(gradients: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[Line]]:
    """The gradients with a name for each place of an extremum, and the lines that find it.

    ``hit`` is 1 where an array attains its extremum and 0 elsewhere, in the array's own precision; where several
    elements tie, each has an equal share.
    """
    fresh = _Fresh(gradients.values(), [f"d{name}" for name in gradients])
    lines: dict[Component, tuple[Line, Line]] = {}

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if node.op not in INDICATORS:
            return None
        key = component(node)
        if key not in lines:
            gap = amax(args[0], node.data) - args[0] if node.op == "at_max" else args[0] - amin(args[0], node.data)
            hit = Line(fresh("hit"), None, 1 - sign(gap))
            named = _named(hit.name, hit.code)
            lines[key] = (hit, Line(fresh(node.op), node, named / total(named, node.data)))
        return _named(lines[key][1].name, node)

    forms = rebuild(tuple(gradients.values()), change)
    return dict(zip(gradients, forms, strict=True)), [line for pair in lines.values() for line in pair]


def spread(line: Line, others: Iterable[Line]) -> list[Line]:
    """The line with its outermost reductions on lines of their own before it.

    Args:
        line: what to take apart.
        others: the lines of the same program, whose names are taken.
    """
    fresh = _Fresh([other.code for other in others], [other.name for other in others])
    inner = {id(node) for part in walk(line.code) if _reduces(part) for node in walk(*part.args)}
    found: dict[Component, Line] = {}

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if not _reduces(node) or node is line.code or id(node) in inner:
            return None
        key = (node.op, component(node))
        if key not in found:
            found[key] = Line(fresh("sum" if node.op == "total" else "mean"), None, node)
        return _named(found[key].name, node)

    (code,) = rebuild((line.code,), change)
    return [*found.values(), replace(line, formula=line.formula or line.code, code=code)]


def shared_parts(formulas: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The formulas in order, before each the parts that it has in common with another place under names of their own.

    Example:
        >>> from symnorm.tensors import scalar
        >>> a, b = scalar("a"), scalar("b")
        >>> shared_parts({"s": a / b - 1, "t": a / b + 1})
        {'part_1': a/b, 's': part_1 - 1, 't': part_1 + 1}
    """
    keys: dict[int, int] = {}
    known: dict[Component, int] = {}
    uses: Counter[int] = Counter(())
    for node in walk(*formulas.values()):
        written = (node.op, node.axes, node.data, tuple(keys[id(arg)] for arg in node.args))
        if written not in known:
            known[written] = len(known)
            uses.update(keys[id(arg)] for arg in node.args)
        keys[id(node)] = known[written]
    fresh, names = _Fresh(formulas.values(), formulas), dict[int, str]()
    found: dict[str, Tensor] = {}

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        key = keys[id(node)]
        if uses[key] < 2 or not node.args or node.op == "const":
            return None
        if key not in names:
            names[key] = fresh("part")
            found[names[key]] = _own(args, node)
        return _named(names[key], node)

    for name, formula in formulas.items():
        found[name] = formula if not formula.args else _own(rebuild(formula.args, change), formula)
        names.setdefault(keys[id(formula)], name)
    return found


def _own(args: tuple[Tensor, ...], node: Tensor) -> Tensor:
    """The node's operation on what its arguments became."""
    return node if all(a is b for a, b in zip(args, node.args, strict=True)) else reapply(node, args)


def component(node: Tensor) -> Component:
    """What a reduction sums over what, the same for a sum and a mean and for any order of factors and terms."""
    known: dict[int, Component] = {}
    for part in walk(node):
        args = [known[id(arg)] for arg in part.args]
        if part.op in ("add", "mul"):
            flat = [item for arg in args for item in (arg[1] if arg[0] == part.op else (arg,))]
            known[id(part)] = (part.op, tuple(sorted(flat, key=repr)))
        elif part.op in ("total", "mean"):
            word = "reduced" if part is node else part.op
            known[id(part)] = (word, tuple(args), tuple(sorted(axis.name for axis in part.data)))
        else:
            data = part.data.name if part.op == "input" else str(part.data)
            known[id(part)] = (part.op, tuple(args), data, tuple(axis.name for axis in part.axes))
    return known[id(node)]


def _reduces(node: Tensor) -> bool:
    return node.op in ("total", "mean")


def _named(name: str, like: Tensor) -> Tensor:
    return Tensor("input", (), like.axes, Leaf(name))


def _from_total(node: Tensor, known: Tensor) -> Tensor:
    return known if node.op == "total" else known / as_tensor(sp.Mul(*[axis.size for axis in node.data]))


def _in_order(lines: list[Line]) -> list[Line]:
    """Each line after the ones that it uses, otherwise as they came."""
    left, done = list(lines), set[str]()
    names = {line.name for line in lines}
    found = []
    while left:
        ready = next((line for line in left if not (set(inputs(line.code)) & names) - done), None)
        if ready is None:
            raise SymnormError(f"{', '.join(line.name for line in left)} are each given in terms of another")
        left.remove(ready)
        done.add(ready.name)
        found.append(ready)
    return found


class _Fresh:
    """Names that no formula uses."""

    def __init__(self, formulas: Iterable[Tensor], taken: Iterable[str]) -> None:
        self.taken = {*taken, *inputs(*formulas)}

    def __call__(self, word: str) -> str:
        number = 1
        while f"{word}_{number}" in self.taken:
            number += 1
        self.taken.add(f"{word}_{number}")
        return f"{word}_{number}"
