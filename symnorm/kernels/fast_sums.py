"""The functions of a fast module that take sums over a block, stage by stage.

In come the functions' writer and a flow, out come for each stage its text: the small quantities that its passes read,
if there are any, and the sums. Called by :mod:`symnorm.kernels.fast`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from symnorm.kernels.flow import Flow
from symnorm.kernels.lines import called, dimensions
from symnorm.kernels.passes import Passes, placed
from symnorm.kernels.pieces import SumOver
from symnorm.kernels.schedule import Component, component
from symnorm.kernels.stages import stages
from symnorm.tensors import inputs, walk

if TYPE_CHECKING:
    from symnorm.kernels.fast import Blockwise


@dataclass(frozen=True)
class Sweeps:
    """The stages of one direction: the functions' text, and the table of their names."""

    functions: list[list[str]]
    table: list[str]


def sweeps(blockwise: Blockwise, head: str, about: str, flow: Flow, more: tuple[str, ...]) -> Sweeps:
    """The functions of all stages; ``head`` is ``forward`` or ``backward``."""
    functions, pairs = list[list[str]](), list[str]()
    for at, sums in enumerate(stages(flow), 1):
        text = _sums(blockwise, f"{head}_sums_{at}", about, flow, sums, more)
        words = set(re.findall(r"\bvalues\[\"(\w+)\"\]", "\n".join(text)))
        needed = {name for name in words if name in flow.small}
        before = "None"
        if needed:
            before = f"{head}_before_{at}"
            functions.append(blockwise.small(before, "The small quantities that these sums read.", flow, (), needed))
        functions.append(text)
        pairs.append(f"({before}, {head}_sums_{at})")
    table = called(f"{head.upper()}: tuple[Stage, ...] = (", pairs, ",)" if len(pairs) == 1 else ")")
    return Sweeps(functions, table)


def _sums(
    blockwise: Blockwise, head: str, about: str, flow: Flow, sums: list[SumOver], more: tuple[str, ...]
) -> list[str]:
    """The function of some sums, with the passes that they take."""
    passes = Passes(flow)
    counts: dict[str, int] = {}
    for one in sums:
        key = repr([component(atom) for atom in one.atoms])
        counts[key] = counts.get(key, 0) + 1
    places: dict[str, tuple[str | int, ...]] = {}
    for one in sums:
        pair = len(one.atoms) == 2 and one.weight is None
        alone = pair and counts[repr([component(atom) for atom in one.atoms])] == 1
        places[one.name] = tuple(map(passes.value, one.atoms)) if alone else (passes.atoms(one.atoms),)
    lasting = {place: f"p_{place}" for found in places.values() for place in found if isinstance(place, int)}
    lines = [f"{name} = room({place + 20}, rows)" for place, name in lasting.items()]
    lines += placed(passes.ops, lasting, (), "rows")
    items = []
    for one in sums:
        over = dimensions([at for axis in one.axes for at in blockwise.dims[axis]])
        args = [lasting[place] if isinstance(place, int) else place for place in places[one.name]]
        if one.ufunc != "add":
            call = f"np.{one.ufunc}.reduce({args[0]}, axis={over}, keepdims=True).astype(np.float64)"
        elif one.weight is not None:
            call = f"weighted_sum({args[0]}, {one.weight.data.name}, {over}, room)"
        elif len(args) == 2:
            call = f"sum_of_product({args[0]}, {args[1]}, {over}, room)"
        else:
            call = f"sum_over({args[0]}, {over})"
        items.append(f'"{one.name}": {call}')
    items, shared = _shared(blockwise, sums, items)
    body = [f"    {line}" for line in (*lines, *shared)]
    return [
        *called(f"def {head}(", ["values: Values", "rows: Array", *more, "room: Room"], ") -> Values:"),
        f'    """{about}"""',
        *blockwise.unpacked(" ".join([*body, *items]), set(), set(flow.small)),
        *body,
        *called("return {", items, "}", "    "),
    ]


def _shared(blockwise: Blockwise, sums: list[SumOver], items: list[str]) -> tuple[list[str], list[str]]:
    """Sums whose summands were added up along fewer axes already go on from there; those get lines of their own."""
    found, lines = list(items), list[str]()
    for at, one in enumerate(sums):
        fewer = [other for other in sums if {*other.axes} < {*one.axes} and one.ufunc == other.ufunc == "add"
                 and one.weight is other.weight is None and repr(_summed(one)) == repr(_summed(other))]  # fmt: skip
        if fewer:
            start = max(fewer, key=lambda other: len(other.axes))
            over = dimensions([dim for axis in one.axes if axis not in start.axes for dim in blockwise.dims[axis]])
            found[at] = f'"{one.name}": np.add.reduce({start.name}, axis={over}, keepdims=True)'
            line = items[sums.index(start)].replace(f'"{start.name}": ', f"{start.name} = ")
            found[sums.index(start)] = f'"{start.name}": {start.name}'
            lines += [line] if line not in lines else []
    return found, lines


def _summed(one: SumOver) -> list[Component]:
    """What is added up, so that two sums of the same can be told."""
    return [component(atom) for atom in one.atoms]


def of_cotangent(flow: Flow, cotangent: str) -> list[str]:
    """The sums that a cotangent goes into: they vanish where it does."""
    return [one.name for one in flow.sums.values() if cotangent in inputs(*one.atoms)]


def with_power(flow: Flow) -> list[str]:
    """The sums of powers whose exponent only the caller knows."""
    return [one.name for one in flow.sums.values()
            if any(node.op == "pow" and inputs(node.args[1]) for atom in one.atoms for node in walk(atom))]  # fmt: skip
