"""The statement of a gradient in Coq: that a closed form is the derivative, along every line through every point.

In comes the certificate of one equation: how a number L that is made of an input x changes with a change h of x is
``sum(dx*h)``. Out comes the proposition that ``t -> L(x + t h)`` has a derivative at 0, a limit, and that it is that
sum. As in :mod:`.statement`, this is the part that Coq cannot check: it knows no rule of differentiation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from symnorm.coq.names import spelled
from symnorm.coq.statement import NotExpressible, Printer, Statement, nodes_of, parts
from symnorm.elaboration.claim import Claim
from symnorm.replay.graph import IMPLICIT

TIME = "t'"  # no name of a statement ends in an apostrophe


class Change:
    """What a certificate says of a change: of which output, by which input, in which direction.

    Attributes:
        claim: what is stated and assumed.
        given: what is assumed, also that divisors and roots are what they have to be.
        change, form: both sides of the equation.
        output, variable, direction: L, x and h.

    Raises:
        NotExpressible: it does not speak of the change of a number with one input.
    """

    def __init__(self, data: Any) -> None:
        self.claim = Claim.read(data)
        self.graph = self.claim.graph
        op, rows, _ = data["graph"][data["states"][0][0]]
        if len(self.claim.states) != 1 or self.claim.states[0][1] != "==" or op != "jvp" or len(rows) != 3:
            raise NotExpressible("no equation about a change with one input")
        self.change, _, self.form = self.claim.states[0]
        self.output, self.variable, self.direction = (self.claim.places[row] for row in rows)
        if self.graph.axes[self.output] or self.graph.axes[self.direction] != self.graph.axes[self.variable]:
            raise NotExpressible("a change that is not one of a number along all axes of an input")
        for node in self.graph.below(self.output):
            op = self.graph.nodes[node][0]
            if op in ("stop", *IMPLICIT) and self.variable in self.graph.below(node):  # its own function of the time
                raise NotExpressible(f"the derivative of {op}")
        zero = self.graph.number(0)
        self.given = [*self.claim.given, *[(node, sign, zero) for node, sign in self.claim.conditions]]

    def roots(self) -> list[int]:
        """Everything that the statement speaks of."""
        return [self.output, self.direction, self.form, *nodes_of(self.given)]

    def statement(self) -> Statement:
        """The proposition."""
        variables, declared = Printer(self.graph, self.roots()).variables()
        printer = Printer(self.graph, [self.form, *nodes_of(self.given)])
        says = parts(printer, (), self.given)
        return replace(
            says, variables=tuple(variables.items()), declared=tuple(declared), states=(self.limit(printer),)
        )

    def limit(self, printer: Printer) -> str:
        """That the output has a derivative along the line, and that it is the closed form's sum."""
        inner = Printer(self.graph, [self.output])
        at = inner.own(self.variable)
        name = spelled(self.graph.nodes[self.variable][2][0])
        values = [(name, tuple(at.values()), on_line(inner, self.variable, self.direction, at))]
        values += [(one.name, one.parameters, one.body) for one in inner.definitions()]
        lines = [f"(fun {TIME} : R =>"]
        for name, parameters, body in values:
            bound = f"fun ({' '.join(parameters)} : nat) => " if parameters else ""
            lines.append(f"    let {name} := {bound}{body} in")
        lines.append(f"    {inner.text(self.output, {})})")
        return "derivable_pt_lim " + "\n".join(lines) + f" 0 {printer.text(self.form, {})}"


def on_line(printer: Printer, variable: int, direction: int, at: Mapping[str, str]) -> str:
    """An entry of the input at a point of the line."""
    return f"({printer.text(variable, at)} + {TIME} * {printer.text(direction, at)})"
