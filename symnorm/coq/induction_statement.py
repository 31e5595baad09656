"""The statement of a claim along a recursion in Coq: for all sequences that start and go on as it says, at every step.

A state, and what is another one at each step, is a function of the step t = 0, 1, 2, ...: ``w O i`` is the start value,
``w (S t) i`` the next value in terms of those at t, and for every t the claim holds at t. What is assumed of a state is
assumed at each step. As in :mod:`.statement`, this is the part that Coq cannot check, and it knows nothing of proofs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from symnorm.coq.names import spelled
from symnorm.coq.statement import Definition, Printer, Relation, Statement, loss, nodes_of
from symnorm.replay.claim import Induction
from symnorm.replay.graph import OF_LOSS, Graph

TIME = "t'"  # no name of a statement ends in an apostrophe


class AtStep(Printer):
    """Writes nodes whose inputs and losses may be others at each step.

    Args:
        graph, roots: as any printer's.
        moving: names of states, and of inputs and losses that vary.
        clock: the name of t.
    """

    def __init__(self, graph: Graph, roots: Iterable[int], moving: Iterable[str], clock: str) -> None:
        super().__init__(graph, roots)
        self.moving, self.clock, self.time = frozenset(moving), clock, TIME

    def depends(self, node: int) -> bool:
        """Whether a node has other values at other steps."""
        return not {*self.moving, self.clock}.isdisjoint(self.graph.names(node))

    def named(self, node: int) -> str:
        """A shared value, a function of the step if it depends on that."""
        return f"({self.shared[node]} {self.time})" if self.depends(node) else self.shared[node]

    def input(self, name: str) -> str:
        """An input; t itself is a natural number that is read as a real one."""
        if name == self.clock:
            return f"(INR {self.time})"
        return f"({spelled(name)} {self.time})" if name in self.moving else spelled(name)

    def function(self, op: str, name: str) -> str:
        """The derivative of a loss, which may be another one at each step."""
        return f"({loss(op, name)} {self.time})" if name in self.moving else loss(op, name)

    def definitions(self) -> list[Definition]:
        """The shared nodes, in order; their first parameter is the step if they depend on it."""
        found = []
        for node in sorted(self.shared):
            at = self.own(node)
            step = (self.time,) if self.depends(node) else ()
            found.append(Definition(self.shared[node], (*step, *at.values()), self.body(node, at)))
        return found

    def variables(self) -> tuple[dict[str, str], dict[str, str]]:
        """Sequences have one more argument, and what is declared of them holds at each step; t is bound later."""
        kinds, says = super().variables()
        own = {spelled(name) for name in self.moving} | {loss(op, name) for op in OF_LOSS for name in self.moving}
        clock = spelled(self.clock)
        return (
            {name: f"nat -> {kind}" if name in own else kind for name, kind in kinds.items() if name != clock},
            {self.always(text) if name in own else text: name for text, name in says.items() if name != clock},
        )

    def always(self, text: str) -> str:
        """Something at each step."""
        return f"forall {self.time} : nat, {text}"

    def relation(self, one: Relation) -> str:
        """A relation at all positions, and at each step if it depends on that."""
        text = super().relation(one)
        return self.always(text) if self.depends_on(one) else text

    def depends_on(self, one: Relation) -> bool:
        """Whether a relation is another one at other steps."""
        return self.depends(one[0]) or self.depends(one[2])

    def at_step(self, time: str, one: Relation) -> str:
        """A relation at one step."""
        self.time = time
        text = super().relation(one)
        self.time = TIME
        return text

    def becomes(self, state: int, time: str, value: int) -> str:
        """The value of a state at some step."""
        at = self.own(state)
        self.time = time
        left = self.text(state, at)
        self.time = TIME
        return self.bounded(self.graph.axes[state], f"{left} = {self.text(value, at)}")


class Course:
    """What a certificate by induction states, part by part.

    Attributes:
        induction: the certificate's parts as the replayer reads them.
        clock: the node of t.
        start, step: each state with its value at t = 0, and at t + 1.
        first, needs: what has to hold at the start and at each step for divisors and roots.
        printer: writes all this.
    """

    def __init__(self, data: Any) -> None:
        one = Induction(data)
        zero = one.graph.number(0)
        self.induction, self.graph = one, one.graph
        self.clock: int = one.places[data["along"]["clock"]]
        self.start, self.step = (
            [(one.places[state], one.places[value]) for state, value in data["along"][key]] for key in ("start", "step")
        )
        self.first, self.needs = (
            [(one.places[node], sign, zero) for node, sign in data[key]["conditions"]] for key in ("base", "step")
        )
        values = [node for pair in (*self.start, *self.step) for node in pair]
        roots = [*nodes_of([*one.states, *one.given, *self.first, *self.needs]), *values]
        moving = {self.graph.nodes[state][2][0] for state, _ in self.start} | set(data["along"]["varying"])
        self.printer = AtStep(self.graph, roots, moving, one.clock)

    def statement(self) -> Statement:
        """The proposition."""
        variables, declared = self.printer.variables()
        claimed = " /\\ ".join(f"({self.printer.at_step(TIME, relation)})" for relation in self.induction.states)
        return Statement(
            tuple(variables.items()),
            tuple(declared),
            tuple(self.printer.definitions()),
            (*self.given(), *self.starts(), *self.goes_on(), *self.firsts(), *self.always_needed()),
            (self.printer.always(claimed),),
        )

    def given(self) -> list[str]:
        """What is assumed, at each step."""
        return [self.printer.relation(one) for one in self.induction.given]

    def starts(self) -> list[str]:
        """The values at t = 0."""
        return [self.printer.becomes(state, "O", value) for state, value in self.start]

    def goes_on(self) -> list[str]:
        """The values at t + 1."""
        return [self.printer.always(self.printer.becomes(state, f"(S {TIME})", value)) for state, value in self.step]

    def firsts(self) -> list[str]:
        """What has to hold at the start."""
        return [self.printer.at_step("O", one) for one in self.first]

    def always_needed(self) -> list[str]:
        """What has to hold at each step."""
        return [self.printer.relation(one) for one in self.needs]
