"""In which order the sums over a block can be taken: each stage needs the results of those before it.

A variance over one set of elements and one over another, a matrix times the result of a product with that matrix: the
second sum cannot begin before the first is known. :func:`stages` reads that off the passes that each sum needs. Called
by :mod:`symnorm.kernels.fast`.
"""

from __future__ import annotations

from symnorm.errors import Unsupported
from symnorm.kernels.flow import Flow
from symnorm.kernels.passes import Passes
from symnorm.kernels.pieces import SumOver
from symnorm.tensors import inputs


def stages(flow: Flow) -> list[list[SumOver]]:
    """The sums of a flow, those that need no other one first.

    Raises:
        Unsupported: a sum that needs itself.
    """
    needed: dict[str, set[str]] = {}
    while len(needed) < len(flow.sums):  # the passes of one sum may ask for another
        for one in [*flow.sums.values()]:
            needed.setdefault(one.name, used(flow, one))
    levels: dict[str, int] = {}

    def level(name: str, above: tuple[str, ...] = ()) -> int:
        if name in above:
            raise Unsupported(f"the fast style has no sum of its own result: {name}")
        if name not in levels:
            below = needed[name] if name in needed else set(inputs(flow.small[name])) if name in flow.small else set()
            own = 1 if name in needed else 0
            levels[name] = own + max((level(other, (*above, name)) for other in below), default=0)
        return levels[name]

    found: dict[int, list[SumOver]] = {}
    for one in flow.sums.values():
        found.setdefault(level(one.name), []).append(one)
    return [found[at] for at in sorted(found)]


def used(flow: Flow, one: SumOver) -> set[str]:
    """The names that the passes before a sum read, and that of its weight."""
    passes = Passes(flow)
    places = [passes.value(atom) for atom in one.atoms]
    names = {arg for op in passes.ops for arg in op.args if isinstance(arg, str)}
    names |= {place for place in places if isinstance(place, str)}
    return names | ({str(one.weight.data.name)} if one.weight is not None else set())
