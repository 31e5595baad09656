"""Derivatives along a line, value by value: a lemma each, by the rule for its operation from those of its arguments.

In come the values of a graph that move with an input, and how each of them changes by the rules of
:mod:`symnorm.replay.graph`; out come lemmas ``dual f v d``: the function f of the time is v at 0, with derivative d.
Called by :mod:`.gradients`. The rules themselves are proved in the support file.
"""

from __future__ import annotations

from collections.abc import Mapping

from symnorm.coq.gradient_statement import TIME, on_line
from symnorm.coq.names import index
from symnorm.coq.nests import Binder
from symnorm.coq.section import Lemma
from symnorm.coq.statement import NotExpressible, Printer

BINARY = ("add", "sub", "mul", "div")
UNARY = ("neg", "sqrt", "exp", "log", "let")
NEEDS = {"div": "{} <> 0", "sqrt": "0 < {}", "log": "0 < {}"}  # of the last argument


class Line(Printer):
    """Writes values at a point of the line: those that move are functions of the time.

    Args:
        still: writes what does not move.
        moving: the values that do, and the input itself.
        variable, direction: the input and its change.
    """

    def __init__(self, still: Printer, moving: list[int], variable: int, direction: int) -> None:
        self.graph, self.sizes, self.shared = still.graph, still.sizes, {}
        self.still, self.variable, self.direction = still, variable, direction
        self.moving = {node: f"L''{node}" for node in moving}

    def text(self, node: int, at: Mapping[str, str]) -> str:
        """A value, at the time."""
        if node not in self.moving:
            return self.still.text(node, at)
        return self.applied(self.moving[node], [TIME, *[at[axis] for axis in self.graph.axes[node]]])

    def definition(self, node: int) -> str:
        """A moving value as a function of the time and of positions."""
        at = self.own(node)
        body = on_line(self.still, node, self.direction, at) if node == self.variable else self.body(node, at)
        places = f" ({' '.join(at.values())} : nat)" if at else ""
        return f"Definition {self.moving[node]} ({TIME} : R){places} : R := {body}.\n"


class Rules:
    """The lemmas along the line, each from those of its arguments.

    Args:
        line: writes the moving values.
        change: how each of them changes.
    """

    def __init__(self, line: Line, change: Mapping[int, int]) -> None:
        self.line, self.still, self.graph, self.change = line, line.still, line.graph, change

    def binders(self, node: int) -> list[Binder]:
        """A value's positions."""
        return [(index(axis), self.still.natural(size)) for axis, size in self.graph.axes[node].items()]

    def lemma(self, node: int) -> Lemma:
        """The lemma about a value."""
        return Lemma(f"D''{node}", self.binders(node))

    def written(self, node: int) -> str:
        """The lemma's statement and proof."""
        over, at = self.binders(node), self.still.own(node)
        bounds = "".join(f"({variable} < {extent})%nat -> " for variable, extent in over)
        every = f"forall {' '.join(at.values())} : nat, {bounds}" if over else ""
        intros = f"intros {' '.join([*at.values(), *[f'H{chr(39)}{variable}' for variable in at.values()]])}.\n"
        value, change = self.still.text(node, at), self.still.text(self.change[node], at)
        return (
            f"Lemma D''{node} : {every}dual (fun {TIME} : R => {self.line.text(node, at)}) {value} {change}.\n"
            f"Proof using All.\n{intros if over else ''}{self.because(node, at)}\nQed.\n"
        )

    def because(self, node: int, at: dict[str, str]) -> str:
        """Tactics for a value's change.

        Raises:
            NotExpressible: its operation has no derivative, or no rule here.
        """
        op, args, data = self.graph.nodes[node]
        if node == self.line.variable:
            return f"exact (dual_line {self.still.text(node, at)} {self.still.text(self.line.direction, at)})."
        lemmas = [self.lemma(arg).at() if arg in self.change else "" for arg in args]
        if op in ("total", "mean"):
            return f"exact {self.summed(node)}."
        if op == "rename":
            new = dict(data)
            places = {index(axis): at[new.get(axis, axis)] for axis in self.graph.axes[args[0]]}
            return f"exact {self.lemma(args[0]).at(places)}."
        if op == "pow" and self.graph.nodes[args[1]] == ("number", (), "2"):
            return f"exact (dual_square _ _ _ {lemmas[0]})."
        if op not in (*BINARY, *UNARY):
            raise NotExpressible(f"the derivative of {op}")
        shown = ""
        if op in NEEDS and args[-1] in self.change:
            needs = NEEDS[op].format(self.still.text(args[-1], at))
            shown = f"assert ({needs}) as E' by shown known opened.\n"
        holes = "_ _ _" if op in UNARY else "_ _ _ _ _ _" if all(lemmas) else "_ _ _ _"
        side = "" if all(lemmas) else "_l" if lemmas[0] else "_r"
        given = " ".join([*(["E'"] if shown else []), *filter(None, lemmas)])
        return f"{shown}exact (dual_{op}{side} {holes} {given})."

    def summed(self, node: int) -> str:
        """A sum's lemma: that of its body under each binder, then what the sum is divided by."""
        op, (body,), data = self.graph.nodes[node]
        if self.graph.axes[body] != self.graph.axes[self.change[body]]:
            raise NotExpressible("the derivative of a sum whose body changes along other axes than its own")
        at, bound, factors = self.still.own(body), [], []
        for axis, size in data[1]:
            extent = f"(INR {self.still.natural(size)})"
            if op == "mean":
                factors.append(("over", extent))
            if axis in self.graph.axes[body]:
                bound.append((index(axis), self.still.natural(size)))
            else:
                factors.append(("mul_l", extent))
        proof = self.lemma(body).at()
        texts = [self.line.text(body, at), self.still.text(body, at), self.still.text(self.change[body], at)]
        for variable, extent in reversed(bound):
            binder = f"fun {variable} : nat =>"
            moving = f"(fun ({TIME} : R) ({variable} : nat) => {texts[0]})"
            below = f"(fun ({variable} : nat) (H'{variable} : ({variable} < {extent})%nat) => {proof})"
            proof = f"(dual_Sg {extent} {moving} ({binder} {texts[1]}) ({binder} {texts[2]}) {below})"
            texts = [f"(Sg {extent} ({binder} {text}))" for text in texts]
        for rule, extent in factors:
            proof = f"(dual_{rule} _ {extent} _ _ {proof})"
        return proof
