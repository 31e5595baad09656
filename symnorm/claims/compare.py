"""Two definitions side by side: which of their quantities are equal, and if not, by which exact factor or difference.

In come two normalizers (or two conventions of one) with inputs of the same names; out comes a :class:`Comparison`, one
line for each quantity that both have. Every line is a verdict of the prover: equal for all sizes, or a point at which
the two differ. Called by the facade and by ``symnorm compare``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from symnorm.claims.assumptions import sort
from symnorm.claims.prover import decide
from symnorm.claims.residue import ratio
from symnorm.claims.verdict import PROVED, REFUTED, UNDECIDED, Verdict
from symnorm.errors import AxisError, SymnormError
from symnorm.normalizers import Equations, Normalizer
from symnorm.tensors import Relation, Tensor, equal, inputs


@dataclass(frozen=True, eq=False)
class Compared:
    """One quantity of both definitions.

    Attributes:
        name: what it is called; ``y and z`` where the outputs have two names.
        left, right: it in either definition, assumptions put in.
        verdict: on their equality.
        given: what was assumed.
    """

    name: str
    left: Tensor
    right: Tensor
    verdict: Verdict
    given: tuple[Relation, ...] = ()

    @cached_property
    def ratio(self) -> Tensor | None:
        """``left/right``, where it is simpler than both; proved, in the names of the second definition."""
        return ratio(self.left, self.right, sort(self.given).facts)

    @cached_property
    def inverse_ratio(self) -> Tensor | None:
        """``right/left`` likewise, in the names of the first definition."""
        return ratio(self.right, self.left, sort(self.given).facts)

    @property
    def residue(self) -> Tensor | None:
        """``left - right`` in textbook form, where it has a short one."""
        return self.verdict.residue

    def __str__(self) -> str:
        if self.verdict.status == PROVED:
            return f"{self.name}: equal, {self.verdict}"
        found = [("left/right", self.ratio), ("right/left", self.inverse_ratio), ("left - right", self.residue)]
        told = [f"{what} = {value!r}" for what, value in found if value is not None]
        shortest = min(told, key=len) if told else ""
        word = "differs" if self.verdict.status == REFUTED else "undecided"
        point = f"{self.verdict.witness}" if self.verdict.witness is not None else self.verdict.reason
        return f"{self.name}: {word}, {'; '.join(filter(None, [shortest, point]))}"


@dataclass(frozen=True, eq=False)
class Comparison(Mapping[str, Compared]):
    """What a comparison found, by name, the output last.

    Attributes:
        left, right: the names of the two definitions.
        lines: one for each quantity.
        seconds: how long it took.
    """

    left: str
    right: str
    lines: tuple[Compared, ...]
    seconds: float

    @property
    def status(self) -> str:
        """Proved if all is equal, refuted if something differs, otherwise undecided."""
        found = [line.verdict.status for line in self.lines]
        return REFUTED if REFUTED in found else UNDECIDED if UNDECIDED in found else PROVED

    def __getitem__(self, name: str) -> Compared:
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (line.name for line in self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __repr__(self) -> str:
        return "\n".join([f"{self.left} (left) and {self.right} (right)", *(f"  {line}" for line in self.lines)])


def compare(left: Normalizer, right: Normalizer, given: Iterable[Relation] = ()) -> Comparison:
    """Compare what two definitions with inputs of the same names compute.

    Where an input has fewer axes in one of them (one scale for a group, not for each channel), the other takes it so.
    Quantities that are known only through relations (eigenvectors) are shared where both are those of one matrix; the
    relations are assumed.

    Raises:
        AxisError: an input, or the outputs, lie over axes of which neither has all of the other's.
        SymnormError: no input is common to both.

    Example:
        >>> from symnorm.normalizers import batch_norm
        >>> found = compare(batch_norm, batch_norm.convention("onnx"))
        >>> found["y"].verdict.status, found["new running_var"].verdict.status
        ('proved', 'refuted')
    """
    start = time.perf_counter()
    assumed = tuple(given)
    lefts, rights = _instances(left, right, assumed)
    lines = []
    for name, (one, other) in _common(lefts, rights).items():
        spoken = inputs(one, other).keys()
        systems = [system for system in (*lefts.systems, *rights.systems) if spoken & inputs(*system.unknowns).keys()]
        here = (*assumed, *(relation for system in systems for relation in system.given))
        verdict = decide([equal(one, other)], here)
        one, other = sort(here).applied(one, other)
        lines.append(Compared(name, one, other, verdict, here))
    return Comparison(left.name, right.name, tuple(lines), time.perf_counter() - start)


def _instances(left: Normalizer, right: Normalizer, given: tuple[Relation, ...]) -> tuple[Equations, Equations]:
    """Both with the inputs that they share, each over the axes of whichever declares fewer."""
    shared = [name for name in left.inputs if name in right.inputs]
    if not shared:
        raise SymnormError(
            f"{left.name}({', '.join(left.inputs)}) and {right.name}({', '.join(right.inputs)}) share no input;"
            " state their equality with sn.equal() and prove it"
        )
    chosen = {}
    for name in shared:
        fewer, more = sorted((left.inputs[name], right.inputs[name]), key=lambda node: len(node.axes))
        if not set(fewer.axes) <= set(more.axes):
            raise AxisError(
                f"{name} lies over {more.axes} in one of {left.name} and {right.name}, over {fewer.axes} in the other"
            )
        chosen[name] = fewer
    lefts, rights = left.instance(**chosen), right.instance(**chosen)
    own = {name: _another(chosen[name]) for name in left.auxiliary if name in right.auxiliary}
    if not own:
        return lefts, rights
    if _same_systems(lefts, rights, given):
        return lefts, Equations(rights.named, rights.updates)  # the left one's relations say it all
    return lefts, right.instance(**{**chosen, **own})


def _same_systems(left: Equations, right: Equations, given: tuple[Relation, ...]) -> bool:
    """Whether both solve the same systems of the same matrices."""
    if [system.kind for system in left.systems] != [system.kind for system in right.systems]:
        return False
    pairs = zip(left.systems, right.systems, strict=True)
    return all(decide([equal(one.of, other.of)], given).status == PROVED for one, other in pairs)


def _another(leaf: Tensor) -> Tensor:
    """Another quantity of the same kind: of the right definition."""
    return replace(leaf, data=replace(leaf.data, name=f"{leaf.data.name}_right"))


def _common(left: Equations, right: Equations) -> dict[str, tuple[Tensor, Tensor]]:
    """The quantities of both, running statistics, and last the outputs."""
    outputs = left.output, right.output
    if set(outputs[0].axes) != set(outputs[1].axes):
        raise AxisError(f"the outputs lie over {outputs[0].axes} and {outputs[1].axes}; only like can be compared")
    found = {
        name: (let, right.named[name])
        for name, let in left.named.items()
        if name in right.named and let is not outputs[0] and right.named[name] is not outputs[1]
    }
    found |= {f"new {name}": (new, right.updates[name]) for name, new in left.updates.items() if name in right.updates}
    names = dict.fromkeys(str(output.data) for output in outputs)
    return {name: pair for name, pair in found.items() if set(pair[0].axes) == set(pair[1].axes)} | {
        " and ".join(names): outputs
    }
