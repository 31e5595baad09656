"""Forged certificates: does the replayer ever accept one whose statement is false?

In come certificates of true verdicts, out comes a count. Each round changes a certificate in one or two places (a
coefficient, a sign, an operation, an argument, a choice, an assumption, a condition, an entry of the point) and has it
replayed, whole and by its steps alone, since a point that shows a falsehood would hide a step that does not. What is
accepted is read back into tensors and judged by the interpreter (:mod:`symnorm.check.exact`): a proof's statement has
to hold at points of its own that satisfy assumptions and conditions, a refutation's to fail at its own. Called by the
tests and by :mod:`symnorm.check.soundness`.
"""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import Any

import sympy as sp

from symnorm.calculus import jvp, vjp
from symnorm.check.alarm import GivenUp, alarm
from symnorm.check.exact import answers, points
from symnorm.claims import PROVED, REFUTED, catalogue, prove
from symnorm.claims.certificate import certificate
from symnorm.claims.search import Ground
from symnorm.elaboration import elaborated
from symnorm.errors import SymnormError
from symnorm.replay import NotCovered, Rejected, replay
from symnorm.tensors import Axis, Loss, Relation, Tensor, as_tensor, maximum, minimum
from symnorm.tensors.ops import absolute, delta, erf, exp, log, mean, sign, sqrt, stop_gradient, tensor, total
from symnorm.tensors.tensor import OPERATORS, binary

Data = dict[str, Any]
POINTS = 4
SWAPS = {"add": "sub", "sub": "add", "mul": "div", "div": "mul", "total": "mean", "mean": "total", "sqrt": "abs"}
SWAPS |= {"maximum": "minimum", "minimum": "maximum", "abs": "sign", "sign": "abs", "neg": "let", "stop": "let"}
STEPS = ("run", "ends", "fact")
FLAGS = ("positive", "nonnegative", "nonzero", "symmetric")


@dataclass
class Forgeries:
    """What a run found.

    Attributes:
        counts: how many were rejected, were not covered, or were accepted and judged right.
        problems: each accepted certificate whose statement is false.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return f"{self.counts.total()} forged certificates: {told}; {len(self.problems)} false ones accepted"


def accepted_certificates(names: Sequence[str] = (), kind: str = "proof") -> list[Data]:
    """The certificates of the catalogue's claims (of some normalizers) that the replayer accepts."""
    found = []
    for claim in catalogue.select(names):
        if claim.expected != (PROVED if kind == "proof" else REFUTED) or claim.along is not None:
            continue
        try:
            data = json.loads(json.dumps(certificate(claim.name, prove(claim))))
            replay(data)
            statement(data)
        except (SymnormError, Rejected, NotCovered):
            continue
        found.append(data)
    return found


def forge(certificates: Sequence[Data], rounds: int, seed: int = 1, seconds: float = 20.0) -> Forgeries:
    """Change the certificates in turn and judge what the replayer accepts; round i draws from ``f"{seed}:{i}"``.

    A round that takes longer than ``seconds`` is given up, and counted.
    """
    found = Forgeries()
    for number in range(rounds):
        draw = random.Random(f"{seed}:{number}")
        data = copy.deepcopy(certificates[number % len(certificates)])
        told = " and ".join(_changed(data, draw) for _ in range(draw.choice((1, 1, 2))))
        stage = "given up while it was replayed"
        try:
            with alarm(seconds):
                if draw.random() < 0.75 and not told.startswith("step"):
                    data = _with_steps(data)
                accepted = _accepted(data, steps_alone=False), _accepted(data, steps_alone=True)
                if "accepted" not in accepted:
                    found.counts[accepted[1]] += 1
                    continue
                stage = "accepted, given up while it was judged"
                problem = _judged(data, draw, whole=accepted[0] == "accepted")
        except GivenUp:
            found.counts[stage] += 1
            continue
        except (SymnormError, KeyError, TypeError, ValueError, AttributeError):
            found.counts["accepted, but no statement"] += 1  # a node that nothing stated uses
            continue
        found.counts["accepted, rightly" if not problem else "accepted, wrongly"] += 1
        if problem:
            found.problems.append(f"seed {seed}:{number}, {data['claim']}: {told}: {problem}")
    return found


def _with_steps(data: Data) -> Data:
    """What was changed, with steps made for it, as far as there are any: the best that a forger can do."""
    try:
        return elaborated(data)
    except (Rejected, NotCovered, KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError):
        return data


def _accepted(data: Data, steps_alone: bool) -> str:
    try:
        replay(data, steps_alone)
    except Rejected:
        return "rejected"
    except NotCovered:
        return "not covered"
    return "accepted"


# changes --------------------------------------------------------------------------------------------------------------


def _changed(data: Data, draw: random.Random) -> str:
    """One change, made in place, in words."""
    kinds = ["row", "row", "row", "state", "given", "condition", "choice", "put", "point", "step", "step", "step"]
    while True:
        kind = draw.choice(kinds)
        changes = {"row": _row, "state": _state, "given": _given, "put": _put, "point": _point, "step": _step}
        told = changes.get(kind, _other)(data, draw)
        if told:
            return f"{kind}: {told}"


def _row(data: Data, draw: random.Random) -> str:
    number = draw.randrange(len(data["graph"]))
    row = data["graph"][number]
    before = copy.deepcopy(row)
    choice = draw.random()
    if choice < 0.35 and row[0] in SWAPS:
        row[0] = SWAPS[row[0]]
    elif choice < 0.7 and row[1]:
        row[1][draw.randrange(len(row[1]))] = draw.randrange(number)
    elif row[0] == "number":
        row[2] = str(Fraction(row[2]) + draw.choice((-2, -1, 1, 2, Fraction(1, 2))))
    elif row[0] == "input":
        flag = draw.choice(FLAGS)
        row[2][2] = [f for f in row[2][2] if f != flag] if flag in row[2][2] else [*row[2][2], flag]
    elif row[1]:
        row[1].reverse()
    return f"{before} -> {row}" if row != before else ""


def _state(data: Data, draw: random.Random) -> str:
    state = draw.choice(data["states"])
    before = list(state)
    place = draw.randrange(3)
    state[place] = draw.choice(["==", ">=", ">", "!="]) if place == 1 else draw.randrange(len(data["graph"]))
    return f"{before} -> {state}" if state != before else ""


def _given(data: Data, draw: random.Random) -> str:
    if not data["given"]:
        return ""
    number = draw.randrange(len(data["given"]))
    if draw.random() < 0.4:
        data["put"] = [[n - (n > number), side] for n, side in data["put"] if n != number]
        return f"without {data['given'].pop(number)}"
    data["given"][number][1] = draw.choice(["==", ">=", ">", "!=", "<", "<="])
    return f"{data['given'][number]}"


def _put(data: Data, draw: random.Random) -> str:
    if not data["put"]:
        return ""
    return f"not put in: {data['put'].pop(draw.randrange(len(data['put'])))}"


def _point(data: Data, draw: random.Random) -> str:
    tables = [table for table in (*data["point"]["inputs"].values(), data["point"]["sizes"]) if table]
    if not tables:
        return ""
    table = draw.choice(tables)
    place = draw.choice(sorted(table))
    table[place] = draw.choice((1, 2, 3)) if table is data["point"]["sizes"] else str(draw.choice((-2, -1, 0, 1, 2)))
    return f"{place} = {table[place]}"


def _other(data: Data, draw: random.Random) -> str:
    """A condition dropped, or any number, sign or list inside of the choices."""
    if data["conditions"] and draw.random() < 0.4:
        return f"without the condition {data['conditions'].pop(draw.randrange(len(data['conditions'])))}"
    return _leaf([{k: v for k, v in proof.items() if k not in STEPS} for proof in data.get("proofs", [])], draw)


def _step(data: Data, draw: random.Random) -> str:
    """Any number, name or list inside of the steps."""
    return _leaf([{k: v for k, v in proof.items() if k in STEPS} for proof in data.get("proofs", [])], draw)


def _leaf(data: Any, draw: random.Random) -> str:
    places = [*_leaves(data)]
    if not places:
        return ""
    holder, key = draw.choice(places)
    before = holder[key]
    if isinstance(before, list):
        holder[key] = before[:-1] if draw.random() < 0.5 else before[::-1]
    elif isinstance(before, bool):
        holder[key] = not before
    elif isinstance(before, int):
        holder[key] = before + draw.choice((-1, 1))
    elif isinstance(before, str) and before.lstrip("-").isdigit():
        holder[key] = str(int(before) + draw.choice((-2, -1, 1)))
    elif isinstance(before, str):
        words = ["root", "sign", "reciprocal", "name", "square", "entry", "fact", "any", "#1", "#2", "x", "y", "N", "C"]
        holder[key] = draw.choice(words)
    else:
        holder[key] = draw.choice([0, [], None])
    return f"{before} -> {holder[key]}" if holder[key] != before else ""


def _leaves(data: Any) -> Any:
    for key, value in list(data.items()) if isinstance(data, dict) else list(enumerate(data)):
        if isinstance(value, dict | list):
            yield from _leaves(value)
        if not isinstance(value, dict) and value != []:
            yield data, key


# judging --------------------------------------------------------------------------------------------------------------


def _judged(data: Data, draw: random.Random, whole: bool) -> str:
    """What is wrong with an accepted certificate; nothing if its statement is right."""
    stated, given = statement(data)
    ground = Ground.of(side for relation in (*stated, *given) for side in (relation.left, relation.right))
    if data["kind"] == "refutation":
        return ""  # the replayer evaluated it at its own point, and shares nothing with who found it
    for model in islice(points(ground, given, draw), POINTS):
        if any(False in answers(relation, model).values() for relation in stated):
            return f"false at {model}" + ("" if whole else " (the point shows it, the steps do not)")
    return ""


def statement(data: Data) -> tuple[list[Relation], list[Relation]]:
    """What a certificate states, and its assumptions and conditions, as tensors again."""
    nodes: list[Tensor] = []
    for op, args, extra in data["graph"]:
        nodes.append(_read(op, [nodes[arg] for arg in args], extra, nodes))
    zero = as_tensor(0)
    given = [Relation(nodes[a], r, nodes[b]) for a, r, b in data["given"]]
    given += [Relation(nodes[node], relation, zero) for node, relation in data["conditions"]]
    return [Relation(nodes[a], r, nodes[b]) for a, r, b in data["states"]], given


UNARY = {"sqrt": sqrt, "abs": absolute, "sign": sign, "exp": exp, "log": log, "erf": erf, "stop": stop_gradient}


def _read(op: str, args: list[Tensor], data: Any, nodes: list[Tensor]) -> Tensor:
    def axes(pairs: Any) -> tuple[Axis, ...]:
        return tuple(Axis(name, nodes[size].expr) for name, size in pairs)

    if op in OPERATORS:
        return binary(op, *args)
    if op in UNARY:
        return UNARY[op](*args)
    match op:
        case "number":
            return as_tensor(Fraction(data))
        case "size":
            return as_tensor(sp.Symbol(data, integer=True, positive=True))
        case "constant":
            return as_tensor({"pi": sp.pi}[data])
        case "input":
            return tensor(data[0], *axes(data[1]), **dict.fromkeys(data[2], True))
        case "total":
            return total(args[0], over=axes(data[1]))
        case "mean":
            return mean(args[0], over=axes(data[1]))
        case "delta":
            return delta(*axes(data[1]))
        case "neg":
            return -args[0]
        case "pow":
            return Tensor("pow", (args[0], args[1]), args[0].axes)
        case "maximum":
            return maximum(*args)
        case "minimum":
            return minimum(*args)
        case "let":
            return Tensor("let", (args[0],), args[0].axes, _Name(str(data)))
        case "rename":
            by_name = {axis.name: axis for axis in args[0].axes}
            return args[0].rename({by_name[old]: by_name[old].copy(new) for old, new in data if old in by_name})
        case "cotangent":
            return Tensor("cotangent", (args[0],), axes(data[1]), data[0])
        case "curvature":
            first = axes(data[1])
            return Loss(data[0]).curvature(args[0], [a.copy(n) for a, n in zip(first, data[2], strict=True)])
        case "vjp":
            return vjp(args[0], args[1], [args[2]]).of(args[2])
        case "jvp":
            pairs = zip(args[1::2], args[2::2], strict=True)
            return jvp(args[0], {str(variable.data.name): change for variable, change in pairs})
    raise SymnormError(f"no tensor is made by {op}")


@dataclass(eq=False)
class _Name:
    """A quantity's name."""

    name: str
    raw: Tensor | None = None
    owner: str = ""
    is_output: bool = False
    solved_for: Tensor | None = None

    def __str__(self) -> str:
        return self.name
