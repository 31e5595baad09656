"""From a verdict to its certificate: plain data for :mod:`symnorm.replay`, which believes nothing of it.

A certificate holds the statement as it was made (a graph of operations over named axes, derivatives as nodes of their
own), the assumptions, the choices that the prover made and that a checker cannot easily find again (which component a
root's relation or a hypothesis was solved for, which square came out of a root, which sign was split on), the
conditions, and a point that satisfies everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from symnorm.canonical import Solver
from symnorm.canonical.terms import SLOTS, Component, Head, Poly
from symnorm.claims.assumptions import Assumptions, sort
from symnorm.claims.claim import Claim
from symnorm.claims.prover import MOST_STEPS
from symnorm.claims.recursion import Recursion
from symnorm.claims.verdict import PROVED, REFUTED, Branch, Proof, Record, Verdict
from symnorm.elaboration import elaborated
from symnorm.errors import SymnormError, Unsupported
from symnorm.evaluate import ConcreteLoss, Model
from symnorm.tensors import Axis, Relation, Tensor

FORMAT = 3
Data = dict[str, Any]


def certificate(name: str, verdict: Verdict) -> Data:
    """The certificate of a proof or a refutation.

    Raises:
        SymnormError: the verdict is neither.
        Unsupported: something in it has no form in a certificate.

    Example:
        >>> from symnorm.claims import decide
        >>> from symnorm.tensors import equal, scalar, sqrt
        >>> a = scalar("a")
        >>> certificate("roots.absolute", decide([equal(sqrt(a**2), abs(a))]))["states"]
        [[3, '==', 4]]
    """
    data: Data = json.loads(json.dumps(choices(name, verdict)))
    return elaborated(data)


def choices(name: str, verdict: Verdict) -> Data:
    """A certificate without its steps: the statement, what the prover chose, and a point."""
    record = verdict.record
    if record is None or verdict.status not in (PROVED, REFUTED):
        raise SymnormError(f"{name} is {verdict.status}; only a proof or a refutation has a certificate")
    graph = Graph()
    if verdict.status == PROVED and verdict.proof and verdict.proof[0]["kind"] == "induction":
        return {"format": FORMAT, "kind": "induction", "claim": name, **_induction(verdict, record, graph)}
    data = {"format": FORMAT, "kind": "proof", "claim": name, **statement(graph, record.stated, record.given)}
    if verdict.status == PROVED and verdict.model is not None:
        data |= _steps(record.given, record.assumptions, record.conditions, verdict.proof, graph)
        data["point"] = _point(verdict.model, graph)
    elif verdict.witness is not None:
        witness = verdict.witness
        data |= {"kind": "refutation", "fails": record.fails, "index": dict(witness.index)}
        data |= _steps(record.given, record.assumptions, record.conditions, (), graph)
        data["point"] = _point(witness.model, graph)
    data["graph"] = graph.rows
    return data


def statement(graph: Graph, stated: Iterable[Relation], given: Iterable[Relation]) -> Data:
    """The statement and what it assumes: the part of a certificate that has to be the claim's own."""
    return {
        "states": [graph.relation(one) for one in stated],
        "given": [graph.relation(one) for one in given],
    }


def _steps(
    given: Sequence[Relation],
    assumptions: Assumptions,
    conditions: Iterable[Relation],
    proofs: Iterable[Proof],
    graph: Graph,
) -> Data:
    """What is put in, what has to hold beside the assumptions, and how each relation was proved."""
    put = _put(given, assumptions)
    taken = {number for number, _ in put}
    assumed = [i for i, one in enumerate(given) if one.relation == "==" and i not in taken]
    return {
        "put": put,
        "conditions": [[graph.node(one.left), one.relation] for one in conditions],
        "proofs": [_proof(proof, graph, assumed) for proof in proofs],
    }


def along_rows(graph: Graph, along: Recursion) -> Data:
    """A recursion: its clock, each state's first and next value, and what is another one at each step."""
    values = {"start": along.start, "step": along.step}
    found = {
        key: [[graph.node(along.states[name]), graph.node(value)] for name, value in table.items()]
        for key, table in values.items()
    }
    return {"clock": graph.node(along.clock), **found, "varying": sorted(along.varying)}


def _induction(verdict: Verdict, record: Record, graph: Graph) -> Data:
    """The claim at every step, the recursion, the proofs of the base case and of the step; the point is the start."""
    (proof,) = verdict.proof
    stated: Any = proof["hypotheses"]
    given: Any = proof["given"]
    along: Any = proof["along"]
    base: Any = proof["base"]
    step: Any = proof["step"]
    needs: Any = proof["needs"]
    data = {**statement(graph, stated, given), "along": along_rows(graph, along)}
    known = (*given, *stated)
    data["base"] = _steps(record.given, record.assumptions, record.conditions, base, graph)
    data["step"] = _steps(known, sort(known), needs, step, graph)
    if verdict.model is not None:
        data["point"] = _point(verdict.model, graph)
    return {**data, "graph": graph.rows}


def states_the_claim(data: Data, claim: Claim) -> bool:
    """Whether a certificate's statement and assumptions are the claim's own, read from the claim anew.

    What is refuted of a recursion is the claim after a number of steps.
    """
    if claim.along is None or data["kind"] != "refutation":
        questions = [(tuple(claim.relations()), tuple(claim.given))]
    else:
        along = claim.along()
        questions = [
            (tuple(along.after(n, r) for r in claim.relations()), tuple(along.assumed_at(n, claim.given)))
            for n in range(MOST_STEPS + 1)
        ]
    for stated, given in questions:
        graph = Graph()
        own = statement(graph, stated, given)
        if claim.along is not None and data["kind"] == "induction":
            own["along"] = along_rows(graph, claim.along())
        if {key: data[key] for key in own} == own and data["graph"][: len(graph.rows)] == graph.rows:
            return True
    return False


class Graph:
    """Rows ``[operation, arguments, data]``, each node once, arguments first."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self._places: dict[Any, int] = {}
        self._nodes: dict[Tensor, int] = {}

    def relation(self, one: Relation) -> list[Any]:
        """``[left, relation, right]``."""
        return [self.node(one.left), one.relation, self.node(one.right)]

    def node(self, tensor: Tensor) -> int:
        """The row of a tensor."""
        stack = [tensor]
        while stack:
            one = stack[-1]
            below = self._below(one)
            missing = [arg for arg in below if arg not in self._nodes]
            if not missing:
                self._nodes[one] = self._made(one, [self._nodes[arg] for arg in below])
                stack.pop()
            stack += missing
        return self._nodes[tensor]

    @staticmethod
    def _below(one: Tensor) -> tuple[Tensor, ...]:
        return one.origin[1] if one.origin is not None else one.args

    def _made(self, one: Tensor, args: list[int]) -> int:
        if one.origin is not None:
            return self._row(one.origin[0], args, None)
        if one.op == "const":
            return self.size(one.data)
        if one.op == "input":
            flags = [
                flag
                for flag in ("positive", "nonnegative", "nonzero", "integer", "symmetric")
                if getattr(one.data, flag)
            ]
            return self._row("input", [], [one.data.name, self._axes(one.axes), flags])
        if one.op in ("total", "mean", "amax", "amin", "at_max", "at_min"):
            return self._row(one.op, args, ["", self._axes(one.data)])
        if one.op == "delta":
            return self._row(one.op, args, ["", self._axes(one.axes)])
        if one.op == "rename":
            return self._row(one.op, args, [[old.name, new.name] for old, new in one.data])
        if one.op == "cotangent":
            return self._row(one.op, args, [one.data, self._axes(one.axes)])
        if one.op == "curvature":
            half = len(one.axes) // 2
            copies = [axis.name for axis in one.axes[half:]]
            return self._row(one.op, args, [one.data, self._axes(one.axes[:half]), copies])
        return self._row(one.op, args, str(one.data) if one.op == "let" else None)

    def _axes(self, axes: Iterable[Axis]) -> list[list[Any]]:
        return [[axis.name, self.size(axis.size)] for axis in axes]

    def size(self, value: sp.Expr) -> int:
        """The row of a number, a size, or an expression of sizes."""
        if value.is_Rational:
            return self._row("number", [], str(Fraction(int(value.p), int(value.q))))
        if value.is_Symbol:
            if value.is_integer and value.is_positive:
                return self._row("size", [], value.name)
            flags = [flag for flag in ("positive", "nonnegative", "nonzero", "integer") if getattr(value, f"is_{flag}")]
            return self._row("input", [], [value.name, [], flags])
        if value.is_NumberSymbol:
            return self._row("constant", [], str(value))
        ops: Mapping[type, str] = {sp.Add: "add", sp.Mul: "mul", sp.Pow: "pow"}
        if type(value) not in ops:
            raise Unsupported(f"no row of a certificate is {value}")
        first, *rest = [self.size(arg) for arg in value.args]
        for other in rest:
            first = self._row(ops[type(value)], [first, other], None)
        return first

    def _row(self, op: str, args: list[int], data: Any) -> int:
        key = (op, tuple(args), str(data))
        if key not in self._places:
            self._places[key] = len(self.rows)
            self.rows.append([op, args, data])
        return self._places[key]


# the choices of a proof -----------------------------------------------------------------------------------------------


def _put(given: Iterable[Relation], assumptions: Assumptions) -> list[list[Any]]:
    """Which sides of assumed equations have something put in their place."""
    left_to_put = {*assumptions.values, *assumptions.sizes}
    found: list[list[Any]] = []
    for number, relation in enumerate(given):
        for side, tensor in (("left", relation.left), ("right", relation.right)):
            name = str(tensor.data.name) if tensor.op == "input" else str(tensor.data) if tensor.op == "const" else ""
            if relation.relation == "==" and name in left_to_put:
                left_to_put.remove(name)
                found.append([number, side])
                break
    return found


def _proof(proof: Proof, graph: Graph, assumed: list[int]) -> Data:
    """How a relation was proved: what the gap equals if it is an inequality, and the choices at each position."""
    if proof["kind"] not in ("identity", "inequality", "arithmetic"):
        raise Unsupported(f"no certificate speaks of a proof by {proof['kind']} yet")
    steps, squares = proof.get("steps"), proof.get("squares")
    found: Data = {"at": {}}
    for at, branch in steps.items() if isinstance(steps, dict) else ():
        found["at"][",".join(map(str, at))] = _branch(branch, graph, (), assumed)
    if isinstance(squares, Tensor) and found["at"]:
        found |= {"by": graph.node(squares), "of_squares": bool(proof.get("of_squares"))}
    return found


def _branch(branch: Branch, graph: Graph, settled: tuple[int, ...], assumed: list[int]) -> Data:
    if branch.cases is None:
        return _Writer(branch.solver, graph).proof(assumed)
    writer = _Writer(branch.solver, graph)
    argument = branch.solver.resolver.cases.argument(len(settled))
    tokens = sorted({i for m in argument for c, _ in m for i in c.free}, reverse=True)
    slots = {token: -1 - i for i, token in enumerate(tokens)}
    poly = writer.poly(branch.solver.context.renamed(argument, slots))
    places = [f"{place}*" if isinstance(place := writer.index(token), str) else place for token in tokens]
    above = _branch(branch.cases[0], graph, (*settled, 1), assumed)
    below = _branch(branch.cases[1], graph, (*settled, -1), assumed)
    return {"split": [writer.generators, poly, places], "plus": above, "minus": below}


class _Writer:
    """Polynomials of one solver as data; what they are made of is declared in :attr:`generators`."""

    def __init__(self, solver: Solver, graph: Graph) -> None:
        self.solver, self.graph = solver, graph
        self.generators: list[list[Any]] = []
        self._names: dict[Head, str] = {}

    def proof(self, assumed: list[int]) -> Data:
        """Everything that was chosen; ``assumed`` are the numbers of the equations that became rules."""
        resolver, rewriter = self.solver.resolver, self.solver.rewriter
        solve = [[self.name(head), [self.component(one) for one in chain]] for head, chain in resolver.pivots]
        rules = [
            [number, self.component(component)]
            for number, component in zip(assumed, self.solver.oriented, strict=False)
            if component is not None
        ]
        squares = [self.poly(rewriter.reduce(poly)) for poly in resolver.perfect]
        return {"generators": self.generators, "solve": solve, "rules": rules, "squares": squares}

    def index(self, token: int) -> str | int:
        """A free index of the statement: the name of its axis, or a position."""
        name = self.solver.context.token_names[token]
        if isinstance(name, int):
            return name
        return f"{str(name)[0].upper()}{str(name)[1:]}"

    def poly(self, poly: Poly) -> list[Any]:
        """``[[coefficient, [[component, exponent], ...]], ...]``."""
        return [[str(c), [[self.component(g), e] for g, e in monomial]] for monomial, c in poly.items()]

    def component(self, component: Component) -> list[Any]:
        """``[name, slots]`` or ``[sizes, [[name, slots, exponent], ...]]``."""
        atoms = [
            [self.name(head), [i if i >= -SLOTS else self.index(i) for i in slots], exponent]
            for head, slots, exponent in component.atoms
        ]
        if component.is_atom:
            return atoms[0][:2]
        return [[self._size(colour) for colour in component.colours], atoms]

    def _size(self, colour: str) -> int:
        return self.graph.size(self.solver.context.extents[colour])

    def name(self, head: Head) -> str:
        """The name of a generator, which is declared if it has a definition."""
        if head.kind == "delta":
            return "#delta"  # an input may be called delta
        if head.kind == "tensor":
            return head.name
        if head not in self._names:
            kind = head.name if head.kind == "opaque" else "constant" if head.kind == "number" else head.kind
            of_loss = head.kind in ("cotangent", "curvature")
            if kind == "power" or head.kind.startswith("?") or (of_loss and self._more(head)):
                raise Unsupported(f"no certificate speaks of {head.kind} {head.name}")
            poly = self.poly(head.keys[0]) if head.keys else []
            self._names[head] = f"#{len(self._names) + 1}"
            label = head.name if kind in ("cotangent", "curvature", "constant") else ""
            self.generators.append([self._names[head], kind, label, head.arity, poly])
        return self._names[head]

    @staticmethod
    def _more(head: Head) -> bool:
        own = int(head.name.rpartition("/")[2])
        return head.arity != own * (2 if head.kind == "curvature" else 1)


# points ---------------------------------------------------------------------------------------------------------------


def _point(model: Model, graph: Graph) -> Data:
    """Sizes, entries of inputs and coefficients of losses; what a loss is a function of is read from the graph."""
    entries: Data = {name: {"": str(value)} for name, value in model.scalars.items()}
    for name, table in model.tensors.items():
        entries[name] = {",".join(map(str, at)): str(value) for at, value in table.items()}
    return {"sizes": dict(model.sizes), "inputs": entries, "losses": _losses(model, graph)}


def _losses(model: Model, graph: Graph) -> Data:
    largest = max([*model.sizes.values(), *_numbers(graph)], default=1)
    ranks = {row[2][0]: len(row[2][1]) for row in graph.rows if row[0] in ("cotangent", "curvature")}
    found: Data = {}
    for name, rank in ranks.items():
        loss = model.losses.get(name, ConcreteLoss(0))
        places = product(range(1, largest + 1), repeat=rank)
        found[name] = {",".join(map(str, at)): list(loss.coefficients(at)) for at in places}
    return found


def _numbers(graph: Graph) -> list[int]:
    return [int(row[2]) for row in graph.rows if row[0] == "number" and row[2].isdigit() and int(row[2]) <= 12]
