"""What the printer writes of a claim has the claim's value: both are evaluated at random sizes and entries."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from symnorm.claims import Claim, catalogue
from symnorm.claims.certificate import Graph, statement
from symnorm.coq.names import spelled
from symnorm.coq.statement import NotExpressible, loss
from symnorm.coq.statement import statement as in_coq
from symnorm.errors import SymnormError
from symnorm.evaluate import ConcreteLoss, Model, Number, evaluate
from symnorm.evaluate.numbers import enclosure
from symnorm.replay.graph import NotCovered
from symnorm.tensors import Relation
from tests.coq.printed import Proposition

SIGNS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
CLAIMS = [claim for claim in catalogue.catalogue().values() if claim.states is not None and claim.along is None]


def as_data(claim: Claim) -> Any:
    graph = Graph()
    data = statement(graph, claim.relations(), claim.given)
    return json.loads(json.dumps({**data, "graph": graph.rows, "conditions": []}))


def drawn(data: Any, number: int = 0) -> Model:
    """Small sizes, no two alike, and positive entries: everything printed has a value there."""
    draw = random.Random(json.dumps(data["graph"]) + str(number or ""))
    names = [row[2] for row in data["graph"] if row[0] == "size"]
    sizes = {name: 2 + place % 3 for place, name in enumerate(names)}
    scalars: dict[str, Any] = {}
    tensors: dict[str, Any] = {}
    losses = {}
    for op, _, rest in data["graph"]:
        if op in ("cotangent", "curvature"):
            losses[rest[0]] = ConcreteLoss(seed=number + 1)
        if op != "input":
            continue
        name, axes, flags = rest
        value: Callable[[], Any] = (
            (lambda: draw.randint(1, 3)) if "integer" in flags else (lambda: Fraction(draw.randint(1, 19), 7))
        )
        if not axes:
            scalars[name] = value()
            continue
        extents = [extent(data, size, sizes) for _, size in axes]
        table = {at: value() for at in itertools.product(*[range(1, e + 1) for e in extents])}
        tensors[name] = {at: table[tuple(sorted(at)) if "symmetric" in flags else at] for at in table}
    return Model(sizes, scalars, tensors, losses)


def extent(data: Any, row: int, sizes: dict[str, int]) -> int:
    op, args, value = data["graph"][row]
    if op in ("number", "size"):
        return int(value) if op == "number" else sizes[value]
    parts = [extent(data, arg, sizes) for arg in args]
    return sum(parts) if op == "add" else math.prod(parts)


def world(data: Any, model: Model) -> dict[str, Any]:
    """The same numbers for what is printed: positions count from 0, a loss sees its whole output."""
    found: dict[str, Any] = {spelled(name): size for name, size in model.sizes.items()}
    found |= {spelled(name): float(value) for name, value in model.scalars.items()}
    for name, table in model.tensors.items():
        found[spelled(name)] = lambda *at, table=table: float(table[tuple(i + 1 for i in at)])
    for op, _, rest in data["graph"]:
        if op in ("cotangent", "curvature"):
            axes = [axis for axis, _ in rest[1]]
            order = list(range(len(axes)))  # a loss knows the entries by axes in the order of their names
            one = model.losses[rest[0]]
            for kind, degree in (("cotangent", 1), ("curvature", 2)):
                found[loss(kind, rest[0])] = derivative(one, degree, order)
    return found


def derivative(one: ConcreteLoss, degree: int, order: list[int]) -> Any:
    def slope(output: Any, *places: int) -> float:
        at = [tuple(places[k * len(order) + i] + 1 for i in order) for k in range(degree)]
        y = output(*places[: len(order)]) if order else output
        return float(one.derivative(degree, at, y))

    return slope


def expected(relations: list[Relation], model: Model) -> list[tuple[float, str, float]]:
    """Each relation at all positions with the values of both sides, by the exact interpreter."""
    values = []
    for one in relations:
        axes = {axis.name: axis for side in (one.left, one.right) for axis in side.axes}.values()
        ranges = [range(1, int(evaluate(axis.size, model)) + 1) for axis in axes]
        for at in itertools.product(*ranges):
            env = dict(zip([axis.index for axis in axes], at, strict=True))
            left, right = (as_float(evaluate(side.element, model, env)) for side in (one.left, one.right))
            values.append((left, SIGNS[one.relation], right))
    return values


def as_float(value: Number) -> float:
    """The middle of an exact value's enclosure."""
    around = enclosure(value)
    return float((Fraction(around.lo) + Fraction(around.hi)) / 2)


def compared(claim: Claim) -> int:
    """How many values were compared; 0 where the statement has no form in Coq, or no value at the point."""
    data = as_data(claim)
    try:
        printed = in_coq(data)
    except (NotExpressible, NotCovered):
        return 0
    model = drawn(data)
    try:
        wanted = expected([*claim.given, *claim.relations()], model)
    except (SymnormError, ZeroDivisionError, OverflowError):
        return 0
    found = list(Proposition(printed.proposition()).sides(world(data, model)))
    assumed = len(found) - len(wanted)  # what declarations say, such as eps > 0, stands before
    assert assumed >= 0 and (assumed == 0 or printed.declared)
    agree(found[assumed:], wanted)
    return len(wanted)


def agree(found: list[tuple[float, str, float]], wanted: list[tuple[float, str, float]]) -> None:
    """The same relations of the same values; positions come in any order."""
    for sign in SIGNS.values():
        for side in (0, 2):
            mine, own = (sorted(one[side] for one in some if one[1] == sign) for some in (found, wanted))
            assert mine == pytest.approx(own, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("start", range(4))
def test_what_is_printed_has_the_claims_value(start: int) -> None:
    counts = [compared(claim) for claim in CLAIMS[start::40]]
    assert sum(count > 0 for count in counts) > 0.6 * len(counts)


def test_a_slip_of_the_printer_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from symnorm.coq.statement import Printer

    true_body = Printer.summed

    def without_the_count(self: Printer, op: str, body: int, axes: Any, at: Any) -> str:
        return true_body(self, "total", body, axes, at)

    monkeypatch.setattr(Printer, "summed", without_the_count)
    with pytest.raises(AssertionError):
        for name in ("batch_norm.variance_with_eps", "batch_norm.backward_x"):
            compared(catalogue.find(name))


@pytest.mark.parametrize("right, wrong", [("<=", "<"), ("<=", ">="), (">=", ">"), ("!=", "=="), ("==", "<=")])
def test_a_slip_in_a_relation_is_seen(right: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from symnorm.coq.statement import SIGNS as printed

    names = {"<=": "stats.cauchy_schwarz", ">=": "kohler.minimizer", "!=": "scale_inv.strictly_increasing"}
    claim = catalogue.find(names.get(right, "batch_norm.zero_mean"))
    assert compared(claim)
    monkeypatch.setitem(printed, right, printed[wrong])
    with pytest.raises(AssertionError):
        compared(claim)
