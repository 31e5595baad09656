r"""A claim's statement in Coq: from a certificate's graph to one closed proposition, and nothing else.

This is the part that Coq cannot check, so it is small, knows nothing of proofs, and is tested by evaluating what it
prints. Read as mathematics: sizes are natural numbers of at least 1, a tensor is a function of its positions 0, 1, ...
below the sizes of its axes, what is assumed stands before the arrows, also that the divisors and roots which the
certificate lists are what they have to be. A derivative of a loss is an unknown function of the whole output. Coq's
standard library has no error function: what is stated of it is stated of every odd function.

In comes a certificate (JSON data of :mod:`symnorm.claims.certificate`), out comes a :class:`Statement`. Derivatives of
the statement's own expressions are written out by the rules of :mod:`symnorm.replay.graph`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symnorm.coq.names import index, spelled
from symnorm.replay.graph import ELEMENTWISE, IMPLICIT, Axes, Graph

Relation = tuple[int, str, int]
SIGNS = {"==": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
CALLS = {"sqrt": "sqrt", "abs": "Rabs", "sign": "sgn", "exp": "exp", "log": "ln", "maximum": "Rmax", "minimum": "Rmin"}
CALLS |= {"erf": "erf"}
ODD = "forall t : R, erf (- t) = - erf t"
FLAGS = {"positive": "0 < {}", "nonnegative": "0 <= {}", "nonzero": "{} <> 0", "integer": "exists k, {} = IZR k"}
PLAIN = ("number", "size", "constant", "input", "delta", "rename")


class NotExpressible(Exception):
    """A claim that has no statement, or whose proof has a step that has no proof, in Coq; the message says which."""


@dataclass(frozen=True)
class Definition:
    """A named value of the statement: ``name := fun parameters => body``."""

    name: str
    parameters: tuple[str, ...]
    body: str


@dataclass(frozen=True)
class Statement:
    """A proposition in parts, in the order in which they depend on one another.

    Attributes:
        variables: names with their types.
        declared: what is assumed of them from their declarations.
        definitions: values with a name.
        given: what is assumed about those.
        states: what is stated.
    """

    variables: tuple[tuple[str, str], ...]
    declared: tuple[str, ...]
    definitions: tuple[Definition, ...]
    given: tuple[str, ...]
    states: tuple[str, ...]

    def proposition(self, name: str = "claim") -> str:
        """The whole as one definition."""
        binders = " ".join(f"({variable} : {kind})" for variable, kind in self.variables)
        lines = [f"Definition {name} : Prop :=", f"  forall {binders}," if binders else ""]
        lines += [f"  ({one}) ->" for one in self.declared]
        for one in self.definitions:
            bound = f"fun ({' '.join(one.parameters)} : nat) => " if one.parameters else ""
            lines.append(f"  let {one.name} := {bound}{one.body} in")
        lines += [f"  ({one}) ->" for one in self.given]
        lines.append("  " + " /\\\n  ".join(f"({one})" for one in self.states) + ".")
        return "\n".join(line for line in lines if line) + "\n"


class Printer:
    """Writes nodes of a graph.

    Args:
        graph: where the nodes stand.
        roots: the nodes that are going to be written; what they share gets a name.
        sizes: other natural numbers in place of sizes, as Coq writes them.
        mark: what the names of shared values end in, where several statements share a file.
    """

    def __init__(
        self, graph: Graph, roots: Iterable[int], sizes: Mapping[str, str] | None = None, mark: str = ""
    ) -> None:
        self.graph, self.sizes = graph, dict(sizes or {})
        self.below = sorted(set().union(*[graph.below(root) for root in roots]))
        uses = Counter(arg for node in self.below for arg in set(self.arguments(node)))
        self.shared: dict[int, str] = {}
        for node in self.below:
            op, _, data = graph.nodes[node]
            if op == "let" or (uses[node] > 1 and op not in (*PLAIN, *IMPLICIT)):
                self.shared[node] = f"{spelled(data) if op == 'let' and data else 'v'}'{node}{mark}"

    def arguments(self, node: int) -> tuple[int, ...]:
        """What is written of a node's arguments; of what solves an assumed system, the solution alone."""
        op, args, _ = self.graph.nodes[node]
        return args[:1] if op in IMPLICIT else args

    # expressions ------------------------------------------------------------------------------------------------------

    def own(self, node: int) -> dict[str, str]:
        """A node's axes, each with its own variable."""
        return {axis: index(axis) for axis in self.graph.axes[node]}

    def text(self, node: int, at: Mapping[str, str]) -> str:
        """A node's value where its axes have the positions ``at``."""
        if node in self.shared:
            return self.applied(self.named(node), [at[axis] for axis in self.graph.axes[node]])
        return self.body(node, at)

    def named(self, node: int) -> str:
        """A shared value."""
        return self.shared[node]

    def input(self, name: str) -> str:
        """An input."""
        return spelled(name)

    def function(self, op: str, name: str) -> str:
        """The derivative of a loss."""
        return loss(op, name)

    @staticmethod
    def applied(name: str, places: Iterable[str]) -> str:
        """A function of positions at some of them."""
        places = list(places)
        return f"({name} {' '.join(places)})" if places else name

    def body(self, node: int, at: Mapping[str, str]) -> str:
        """The operation of a node, its arguments below it."""
        op, args, data = self.graph.nodes[node]
        if op == "number":
            return number(Fraction(data))
        if op == "constant":
            return {"pi": "PI", "E": "(exp 1)"}[data]
        if op == "size":
            return f"(INR {self.sizes.get(data, spelled(data))})"
        if op == "input":
            return self.applied(self.input(data[0]), [at[axis] for axis, _ in data[1]])
        if op == "delta":
            return self.applied("dl", [at[axis] for axis, _ in data[1]])
        if op in ("total", "mean"):
            return self.summed(op, args[0], data[1], at)
        if op == "rename":
            new = dict(data)
            return self.text(args[0], {old: at[new.get(old, old)] for old in self.graph.axes[args[0]]})
        if op in IMPLICIT:
            return self.text(args[0], at)
        if op in ("cotangent", "curvature"):
            return self.derivative(op, args[0], data, at)
        if op == "pow":
            return self.power(args, at)
        if op not in ELEMENTWISE:
            raise NotExpressible(f"the operation {op} has no form in Coq")
        parts = [self.text(arg, at) for arg in args]
        if op in ("let", "stop"):
            return parts[0]
        if op == "neg":
            return f"(- {parts[0]})"
        if op in INFIX:
            return f"({parts[0]} {INFIX[op]} {parts[1]})"
        return self.applied(CALLS[op], parts)

    def summed(self, op: str, body: int, axes: Any, at: Mapping[str, str]) -> str:
        """A sum over axes, divided by their sizes if it is a mean."""
        inner, bound, factors = dict(at), [], []
        for axis, size in axes:
            extent = f"(INR {self.natural(size)})"
            if op == "mean":
                factors.append(f" / {extent}")
            if axis not in self.graph.axes[body]:
                factors.append(f" * {extent}")
                continue
            variable = index(axis)
            while variable in (*at.values(), *inner.values()):
                variable += "'"
            inner[axis] = variable
            bound.append((variable, self.natural(size)))
        text = self.text(body, inner)
        for variable, extent in reversed(bound):
            text = f"(Sg {extent} (fun {variable} : nat => {text}))"
        return f"({text}{''.join(factors)})" if factors else text

    def power(self, args: tuple[int, ...], at: Mapping[str, str]) -> str:
        """A power: by repeated multiplication, by roots, or of a positive base with any exponent."""
        op, _, data = self.graph.nodes[args[1]]
        base = self.text(args[0], at)
        if op != "number":
            return f"(Rpower {base} {self.text(args[1], at)})"
        exponent = Fraction(data)
        if exponent.denominator > 2:
            return f"(Rpower {base} {number(exponent)})"
        if exponent.denominator == 2:
            base, exponent = f"(sqrt {base})", 2 * exponent
        power = f"({base} ^ {abs(exponent.numerator)})" if abs(exponent) != 1 else base
        return f"(/ {power})" if exponent < 0 else power

    def derivative(self, op: str, output: int, data: Any, at: Mapping[str, str]) -> str:
        """The first or second derivative of a loss, a function of its whole output."""
        axes = dict(data[1])
        names = sorted(axes)
        if not set(self.graph.axes[output]) <= set(names):
            raise NotExpressible("the output of a loss has an index that the loss is not a function of")
        fresh = {name: f"{index(name)}'" for name in names}
        inside = self.text(output, fresh)
        whole = f"(fun {' '.join(fresh[name] for name in names)} : nat => {inside})" if names else inside
        copies = dict(zip(axes, data[2], strict=True)) if op == "curvature" else {}
        places = [at[name] for name in names] + [at[copies[name]] for name in names if copies]
        return self.applied(self.function(op, data[0]), [whole, *places])

    def natural(self, size: int) -> str:
        """A size as a natural number."""
        op, args, data = self.graph.nodes[size]
        if op == "size":
            return self.sizes.get(data, spelled(data))
        if op == "number" and Fraction(data).denominator == 1 and Fraction(data) >= 1:
            return str(data)
        if op in ("add", "mul"):
            return f"({self.natural(args[0])} {INFIX[op]} {self.natural(args[1])})"
        raise NotExpressible("the size of an axis is not a sum or product of sizes")

    # propositions -----------------------------------------------------------------------------------------------------

    def bounded(self, axes: Axes, body: str) -> str:
        """Something at all positions of some axes."""
        if not axes:
            return body
        bounds = "".join(f"({index(axis)} < {self.natural(size)})%nat -> " for axis, size in axes.items())
        return f"forall {' '.join(index(axis) for axis in axes)} : nat, {bounds}{body}"

    def relation(self, one: Relation) -> str:
        """A relation at all positions."""
        left, sign, right = one
        axes = {**self.graph.axes[left], **self.graph.axes[right]}
        at = {axis: index(axis) for axis in axes}
        return self.bounded(axes, f"{self.text(left, at)} {SIGNS[sign]} {self.text(right, at)}")

    def definitions(self) -> list[Definition]:
        """The shared nodes, in order."""
        found = []
        for node, name in self.shared.items():
            at = self.own(node)
            found.append(Definition(name, tuple(at.values()), self.body(node, at)))
        return found

    def variables(self) -> tuple[dict[str, str], dict[str, str]]:
        """Sizes, inputs and losses with their types; what their declarations say, and of which of them."""
        kinds: dict[str, str] = {}
        says: dict[str, str] = {}
        sizes = [size for node in self.below for _, size in self.graph.axes[node].items()]
        for node in sorted({*self.below, *[below for size in sizes for below in self.graph.below(size)]}):
            op, _, data = self.graph.nodes[node]
            if op == "size" and data not in self.sizes:
                kinds[spelled(data)] = "nat"
                says[f"(1 <= {spelled(data)})%nat"] = spelled(data)
        for node in self.below:
            op, _, data = self.graph.nodes[node]
            if op == "input":
                kinds[spelled(data[0])] = "nat -> " * len(data[1]) + "R"
                says |= dict.fromkeys(self.of_input(node, data), spelled(data[0]))
            elif op in ("cotangent", "curvature"):
                kinds[loss(op, data[0])] = loss_type(op, len(data[1]))
                says |= dict.fromkeys(self.of_loss(op, data), loss(op, data[0]))
            elif op == "erf":
                kinds["erf"] = "R -> R"
                says[ODD] = "erf"
        return kinds, says

    def of_input(self, node: int, data: Any) -> list[str]:
        """What the declaration of an input says at all positions."""
        value = self.text(node, self.own(node))
        says = [self.bounded(dict(data[1]), FLAGS[flag].format(value)) for flag in data[2] if flag in FLAGS]
        if "symmetric" in data[2]:
            turned = self.applied(self.input(data[0]), reversed(list(self.own(node).values())))
            says.append(self.bounded(dict(data[1]), f"{value} = {turned}"))
        return says

    def of_loss(self, op: str, data: Any) -> list[str]:
        """A loss is a function of the entries of its output; its second derivative is symmetric."""
        name, axes = self.function(op, data[0]), dict(sorted(data[1]))
        if not axes:
            return []
        places = [index(axis) for axis in axes]
        others = [f"{place}'" for place in places] if op == "curvature" else []
        extents = [self.natural(size) for size in axes.values()]
        bounds = [f"({place} < {extent})%nat -> " for place, extent in zip(places, extents, strict=True)]
        more = [f"({place} < {extent})%nat -> " for place, extent in zip(others, extents, strict=False)]
        same = f"(forall {' '.join(places)} : nat, {''.join(bounds)}f {' '.join(places)} = g {' '.join(places)})"
        everywhere = f"forall {' '.join(places + others)} : nat, {''.join(bounds + more)}"
        entry = " ".join(places + others)
        outputs = f"forall f g : {loss_type('output', len(axes))}, {same} -> "
        found = [f"{outputs}{everywhere}{name} f {entry} = {name} g {entry}"]
        if others:
            turned = " ".join(others + places)
            found.append(f"forall f, {everywhere}{name} f {entry} = {name} f {turned}")
        return found


def number(value: Fraction) -> str:
    """A rational number."""
    text = str(abs(value.numerator)) if value.denominator == 1 else f"({abs(value.numerator)} / {value.denominator})"
    return f"(- {text})" if value < 0 else text


def loss(op: str, name: str) -> str:
    """The derivative of a loss."""
    return f"d'{spelled(name)}" if op == "cotangent" else f"dd'{spelled(name)}"


def loss_type(op: str, rank: int) -> str:
    """Of an output of some axes, or of a derivative by it."""
    output = "nat -> " * rank + "R"
    places = {"output": 0, "cotangent": rank, "curvature": 2 * rank}[op]
    if op == "output":
        return output
    return f"({output}) -> " + "nat -> " * places + "R"


def statement(data: Any) -> Statement:
    """The statement of a certificate of a proof.

    Raises:
        NotExpressible: something in it has no form in Coq.
    """
    graph = Graph()
    places = graph.read(data["graph"])
    states, given = ([(places[a], sign, places[b]) for a, sign, b in data[key]] for key in ("states", "given"))
    zero = graph.number(0)
    conditions = [(places[node], sign, zero) for node, sign in data["conditions"]]
    return parts(Printer(graph, nodes_of([*states, *given, *conditions])), states, [*given, *conditions])


def nodes_of(relations: Iterable[Relation]) -> list[int]:
    """Both sides of relations."""
    return [node for left, _, right in relations for node in (left, right)]


def parts(printer: Printer, states: Iterable[Relation], given: Iterable[Relation]) -> Statement:
    """What a printer writes of relations that it knows."""
    variables, declared = printer.variables()
    return Statement(
        tuple(variables.items()),
        tuple(declared),
        tuple(printer.definitions()),
        tuple(printer.relation(one) for one in given),
        tuple(printer.relation(one) for one in states),
    )
