"""Recursions: what a claim about the course of an iteration speaks of, as data.

A claim *along* a recursion says that its relations hold for every t = 0, 1, 2, ... Proved, it is an induction: a base
case with the start values put in, and a step in which the relations at t are assumed and those at t + 1, with the next
values put in, are shown. In the step every state, parameter and loss is a symbol, so a parameter or a loss that is
*varying* may be another one at each step. Refuted, it is a rollout: after a fixed number of steps the claim is an
ordinary relation between start values (:meth:`Recursion.after`), and a point refutes that.

What is assumed of a state is assumed at each step, not only at the start.

A loss that is known only to be invariant to the scale of w is written ``l.cotangent`` through ``w/||w||``: L(cw) = L(w)
for every c > 0 says exactly that L is a function of the direction alone. That its gradient scales as 1/c and is
orthogonal to w are consequences, not assumptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from symnorm.errors import SymnormError
from symnorm.evaluate import Model, element_array
from symnorm.tensors import Loss, Relation, Tensor, inputs, rebuild, substitute, walk


@dataclass(frozen=True, eq=False)
class Recursion:
    """Named states, their values at t = 0, and their values at t + 1 in terms of those at t.

    Attributes:
        clock: t, a scalar that is declared ``integer`` and ``nonnegative``.
        start: the states' values at t = 0 by name.
        step: the states' next values by name; they may contain t, states, parameters and gradients of losses.
        states: the states by name.
        varying: names of inputs and losses that are other ones at each step.
    """

    clock: Tensor
    start: Mapping[str, Tensor]
    step: Mapping[str, Tensor]
    states: Mapping[str, Tensor]
    varying: frozenset[str]

    def at_start(self, relation: Relation) -> Relation:
        """The relation at t = 0."""
        return self._with(relation, {**self.start, self._t: 0})

    def put_in_start(self, tensor: Tensor) -> Tensor:
        """A tensor at t = 0."""
        return substitute((tensor,), {**self.start, self._t: 0})[0]

    def next(self, relation: Relation) -> Relation:
        """The relation at t + 1, in terms of what there is at t."""
        return self._with(relation, {**self.step, self._t: self.clock + 1})

    def after(self, steps: int, relation: Relation) -> Relation:
        """The relation after a number of steps, in terms of the start values and each step's parameters."""
        values: dict[str, Tensor] = dict(self.start)
        for number in range(steps):
            now = self._of_step(number, tuple(self.step.values()))
            found = substitute(now, {**values, self._t: number})
            values = dict(zip(self.step, found, strict=True))
        return self._with(relation, {**values, self._t: steps})

    def assumed_at(self, steps: int, given: Iterable[Relation]) -> list[Relation]:
        """Assumptions at each of a number of steps: what varies is named by its step, what moves has its value."""
        found = []
        for relation in given:
            for number in range(steps) if self.moves(relation) or self._varies(relation) else [0]:
                left, right = self._of_step(number, (relation.left, relation.right))
                renamed = Relation(left, relation.relation, right)
                found.append(self.after(number, renamed) if self.moves(relation) else renamed)
        return found

    def moves(self, relation: Relation) -> bool:
        """Whether a relation speaks of a state or of t: as an assumption it is one at each step."""
        return not {*self.states, self._t}.isdisjoint(inputs(relation.left, relation.right))

    def started(self, model: Model | None) -> Model | None:
        """A model of the start values together with t = 0 and the states' values there."""
        if model is None:
            return None
        scalars, tensors = {**model.scalars, self._t: 0}, dict(model.tensors)
        for name, value in self.start.items():
            axes = self.states[name].axes
            entries = element_array(value.element, [a.index for a in axes], [a.size for a in axes], model)
            if axes:
                tensors[name] = entries
            else:
                scalars[name] = entries[()]
        return replace(model, scalars=scalars, tensors=tensors)

    def check(self, stated: Iterable[Relation]) -> None:
        """Whether a claim may be proved along it.

        Raises:
            SymnormError: something is stated of what varies.
        """
        for relation in stated:
            if self._varies(relation):
                raise SymnormError(f"{relation!r} speaks of {sorted(self.varying)}, which are others at each step")

    @property
    def _t(self) -> str:
        return str(self.clock.data.name)

    def _with(self, relation: Relation, values: Mapping[str, object]) -> Relation:
        left, right = substitute((relation.left, relation.right), values)
        return Relation(left, relation.relation, right)

    def _varies(self, relation: Relation) -> bool:
        nodes = list(walk(relation.left, relation.right))
        losses = {node.data for node in nodes if node.op in ("cotangent", "curvature")}
        return not self.varying.isdisjoint({*losses, *inputs(relation.left, relation.right)})

    def _of_step(self, number: int, roots: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """What varies under the name that it has at one step."""

        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            if node.op == "input" and node.data.name in self.varying:
                promises = {
                    key: True for key in (*node.data.assumptions, "symmetric") if getattr(node.data, key, False)
                }
                return Tensor("input", (), node.axes, type(node.data)(f"{node.data.name}_{number}", **promises))
            if node.op in ("cotangent", "curvature") and node.data in self.varying:
                return Tensor(node.op, args, node.axes, f"{node.data}_{number}")
            return None

        return rebuild(roots, change)


def recursion(
    clock: Tensor, start: Mapping[Tensor, object], step: Mapping[Tensor, object], varying: Iterable[Tensor | Loss] = ()
) -> Recursion:
    """A recursion for :func:`symnorm.claim`'s ``along``.

    Args:
        clock: t, ``scalar("t", integer=True, nonnegative=True)``.
        start: each state's value at t = 0.
        step: each state's value at t + 1 in terms of those at t.
        varying: parameters and losses that are other ones at each step.

    Raises:
        SymnormError: start and step give values to different states; a state or t is no input; t is not declared an
            integer that is not negative; a state is declared to have a sign; a start value contains what has none.

    Example:
        >>> from symnorm.tensors import equal, scalar
        >>> t, w, w0, a = scalar("t", integer=True, nonnegative=True), scalar("w"), scalar("w0"), scalar("a")
        >>> halving = recursion(t, start={w: w0}, step={w: a * w})
        >>> halving.after(2, equal(w, a**t * w0))
        a*a*w0 == a**2*w0
    """
    if clock.op != "input" or not (clock.data.integer and clock.data.nonnegative):
        raise SymnormError(f"a recursion counts t = 0, 1, 2, ...: declare {clock!r} integer and nonnegative")
    if set(start) != set(step) or any(state.op != "input" for state in step):
        raise SymnormError(f"start and step give values to the same inputs, not to {list(start)} and {list(step)}")
    if promising := [state for state in step if len(state.data.assumptions) > 1 or state.data.symmetric]:
        raise SymnormError(f"what is declared of {promising} has to be claimed at each step, and proved")
    states = {str(state.data.name): state for state in step}
    names = frozenset(one.name if isinstance(one, Loss) else str(one.data.name) for one in varying)
    first = {str(state.data.name): _value(value, state) for state, value in start.items()}
    if unset := {*states, str(clock.data.name), *names}.intersection(inputs(*first.values())):
        raise SymnormError(f"the start values contain {sorted(unset)}, which have no value yet")
    return Recursion(clock, first, {str(s.data.name): _value(v, s) for s, v in step.items()}, states, names)


def _value(value: object, state: Tensor) -> Tensor:
    (found,) = substitute((state,), {str(state.data.name): value})
    return found
