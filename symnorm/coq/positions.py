"""Sizes that are put in place of others, and statements at each position of an axis of fixed size.

Where a claim assumes an equation for a size, its proof is about the statement with that size put in; the theorem
follows since a natural number is what its real number is. On an axis of fixed size a statement holds at every position
if it holds at each. Called by :mod:`.parts`.
"""

from __future__ import annotations

from collections.abc import Mapping

from symnorm.coq.names import index
from symnorm.coq.section import below
from symnorm.coq.statement import SIGNS, NotExpressible, Printer
from symnorm.elaboration.claim import Claim


def put_in(claim: Claim) -> dict[str, str]:
    """For each size that an assumed equation gives a value: that value as a natural number, later ones put in too."""
    found: dict[str, str] = {}
    pending = {name: value for name, value in claim.put.items() if ("size", (), name) in claim.graph.nodes}
    while pending:
        ready = [name for name, value in pending.items() if names_of(claim, value).isdisjoint(pending)]
        if not ready:
            raise NotExpressible("sizes that are given in terms of one another")
        printer = Printer(claim.graph, [], found)
        found |= {name: printer.natural(pending.pop(name)) for name in ready}
    return found


def names_of(claim: Claim, node: int) -> set[str]:
    """The sizes in a value."""
    nodes = [claim.graph.nodes[below_] for below_ in claim.graph.below(node)]
    return {data for op, _, data in nodes if op == "size"}


def fixed_axes(printer: Printer, axes: Mapping[str, int]) -> dict[str, int]:
    """The axes whose size is a number."""
    sizes = {name: printer.natural(size) for name, size in axes.items()}
    return {name: int(size) for name, size in sizes.items() if size.isdigit()}


def stated_at(printer: Printer, one: tuple[int, str, int], at: Mapping[str, int]) -> str:
    """A relation where some axes are at certain positions."""
    left, sign, right = one
    axes = {**printer.graph.axes[left], **printer.graph.axes[right]}
    place = {axis: f"{at[axis] - 1}%nat" if axis in at else index(axis) for axis in axes}
    body = f"{printer.text(left, place)} {SIGNS[sign]} {printer.text(right, place)}"
    return printer.bounded({axis: size for axis, size in axes.items() if axis not in at}, body)


def everywhere(binders: Mapping[str, str], fixed: Mapping[str, int], lemmas: Mapping[str, str], at: str = "") -> str:
    """A tactic for a statement at all positions, from lemmas at each of the fixed axes' ones.

    Args:
        binders: the variable of each axis.
        fixed: the sizes of the fixed ones.
        lemmas: by the positions, as a certificate writes them.
        at: the positions so far.
    """
    places = at.split(",") if at else []
    if len(places) == len(fixed):
        others = [variable for axis, variable in binders.items() if axis not in fixed]
        return f"exact ({' '.join([lemmas[at], *others, *map(below, others)])})"
    axis, size = list(fixed.items())[len(places)]
    tactic = "exfalso; lia"
    for place in range(size, 0, -1):
        here = everywhere(binders, fixed, lemmas, ",".join([*places, str(place)]))
        tactic = f"destruct {binders[axis]} as [ | {binders[axis]}]; [{here} | {tactic}]"
    return tactic
