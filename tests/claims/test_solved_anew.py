"""Quantities known through relations: what is said of the changed ones, against linear algebra in floating point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symnorm.claims import PROVED, REFUTED, decide
from symnorm.claims.invariances import EQUIVARIANT, INVARIANT, NEITHER
from symnorm.claims.solved_anew import Moved, moves, refuted, solves
from symnorm.kernels import kernel
from symnorm.normalizers import REGISTRY, Normalizer
from symnorm.tensors import scalar, tensor
from tests.claims.invariant import answered

SOLVED = [one for one in REGISTRY.values() if one.instance().systems]
a, b = scalar("a", positive=True), scalar("b")


def normalized(one: Normalizer, x: Any) -> Any:
    """What the kernel's own solver makes of data, without gain, bias and eps; up to signs where it has none."""
    made = kernel(one)
    plain = {"gamma": np.ones(x.shape[1]), "beta": np.zeros(x.shape[1]), "eps": 0.0}
    u = {"u": np.ones(x.shape[0])} if one.name == "spectral_norm" else {}
    given = {name: value for name, value in plain.items() if name in one.inputs}
    y = made.forward(x, **given, **{name: value for name, value in u.items() if name in made.plan.declared})[0]
    return np.abs(y) if one.name in ("pca_whitening", "decorrelation") else y


def changed(words: str, x: Any) -> tuple[Any, float]:
    """The data after a change, and the factor by name of the change."""
    rows, columns = (np.linspace(0.5, 2, size) for size in x.shape)
    made = {
        "a*": 2.5 * x,
        "-a*": -2.5 * x,
        "+ b": x + 0.75,
        "a_0": rows[:, None] * x,
        "+ b_0": x + rows[:, None] ** 2,
        "a_1": columns * x,
        "+ b_1": x + columns,
    }
    return made[words], 2.5


@pytest.mark.parametrize("one", SOLVED, ids=lambda one: one.name)
def test_the_solver_of_a_kernel_agrees(one: Normalizer) -> None:
    x = np.random.default_rng(5).standard_normal((9, 3) if "x" in one.inputs else (3, 4))
    name, declared = next(iter(one.inputs.items()))
    first, second = (str(axis.index) for axis in declared.axes)
    words = {
        f"a*{name}, a > 0": "a*",
        f"-a*{name}, a > 0": "-a*",
        f"{name} + b": "+ b",
        f"a_{first}*{name}, a_{first} > 0": "a_0",
        f"{name} + b_{first}": "+ b_0",
        f"a_{second}*{name}, a_{second} > 0": "a_1",
        f"{name} + b_{second}": "+ b_1",
    }
    before, seen = normalized(one, x), 0
    for answer in answered(one):
        if answer.transformation.change not in words:
            continue
        data, factor = changed(words[answer.transformation.change], x)
        after = normalized(one, data)
        sign = np.abs if one.name in ("pca_whitening", "decorrelation") else (lambda value: value)
        expected = {"": 1.0, "-y": -1.0, "a*y": factor, "-a*y": -factor, "y/a": 1 / factor, "-y/a": -1 / factor}
        same = np.allclose(after, sign(expected[answer.factor] * before), rtol=1e-8, atol=1e-8)
        assert same == (answer.status in (INVARIANT, EQUIVARIANT)), (answer.transformation.change, answer.status)
        seen += 1
    assert seen == len(words)


@pytest.mark.parametrize("one", SOLVED, ids=lambda one: one.name)
def test_a_refutation_solves_both_inputs(one: Normalizer) -> None:
    for answer in answered(one):
        if answer.status == NEITHER and answer.transformation.of in ("input", "weights"):
            assert answer.verdict is not None and answer.verdict.witness is not None
            model = answer.verdict.witness.model
            unknown = one.auxiliary[0]
            assert {unknown, f"{unknown}'"} <= {*model.tensors, *model.scalars}


def test_a_singular_value_stays_positive() -> None:
    one = REGISTRY["spectral_norm"]
    w = one.inputs["w"]
    found = [*moves(one, w, -a * w, a, True, [])]
    assert {repr(moved.unknowns["sigma"]) for moved in found} == {"a*sigma"}
    assert all(moved.turned == 1 for moved in found)


def test_what_solves_the_old_relations_does_not_solve_the_new_ones() -> None:
    one = REGISTRY["spectral_norm"]
    w = one.inputs["w"]
    assert [*moves(one, w, w + b, None, False, [])] == []
    kept = Moved({name: one.inputs[name] for name in one.auxiliary})
    assert decide(solves(one, a * w, kept), one.instance(w).given).status == REFUTED
    (gone_along,) = moves(one, w, a * w, a, False, [])
    assert decide(solves(one, a * w, gone_along), one.instance(w).given).status == PROVED


def test_nothing_refutes_what_holds() -> None:
    one = REGISTRY["zca_whitening"]
    x = one.inputs["x"]
    assert refuted(one, x, x + b, []) is None
    verdict = refuted(one, x, x + tensor("b", x.axes[0]), [])
    assert verdict is not None and verdict.status == REFUTED
