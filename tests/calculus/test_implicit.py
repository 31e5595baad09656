"""Derivatives of what is known only through relations, against central differences of the solved relations.

The solver here is mpmath's, at 80 digits; a step of 1e-25 leaves some 50 of them. Nothing of a rule is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symnorm.calculus import JVP, VJP, Rule, jvp, vjp
from symnorm.errors import Unsupported
from symnorm.normalizers import REGISTRY, Normalizer
from symnorm.tensors import IMPLICIT, System, Tensor, axes, cholesky, eigenbasis, scalar, singular_pair, tensor, total
from tests.calculus.battery import Sizes, mapped, point
from tests.calculus.by_number import Complex, decimal, evaluate, mp

C, R = axes("C R")
D, K = C.copy("D"), C.copy("K")
SIZES = Sizes(N=4, C=3, K=3, D=3, R=2)
STEP = mp.mpf(10) ** -25
CLOSE = mp.mpf(10) ** -30

W, U, SIGMA, V = tensor("w", C, R), tensor("u", C), scalar("sigma", positive=True), tensor("v", R)
S, VALUES, VECTORS = tensor("S", C, D, symmetric=True), tensor("lam", K, positive=True), tensor("E", C, K)
PAIR, BASIS = singular_pair(W, U, SIGMA, V), eigenbasis(S, VALUES, VECTORS)
FACTOR = cholesky(S, tensor("L", C, K), tensor("Linv", K, C), tensor("place", C))
OTHER, WEIGHT = tensor("a", C, D), tensor("b", K)

Point = Mapping[str, np.ndarray]


def solved(system: System, values: Point) -> dict[str, np.ndarray]:
    """The unknowns of a system, each vector with the sign that makes its largest entry positive."""
    matrix = evaluate(system.of, dict(values), SIZES, Complex)
    order = [*system.of.axes].index(system.rows[0])
    real = mapped(Complex.real, matrix if order == 0 else matrix.T)
    names = [leaf.data.name for leaf in system.unknowns]
    if system.kind == "singular_pair":
        left, sigmas, right = mp.svd_r(mp.matrix(real.tolist()))
        u, v = [left[i, 0] for i in range(left.rows)], [right[0, j] for j in range(right.cols)]
        sign = 1 if max(u, key=abs) > 0 else -1
        found = [[sign * a for a in u], sigmas[0], [sign * a for a in v]]
    elif system.kind == "cholesky":
        lower = mp.cholesky(mp.matrix(((real + real.T) / 2).tolist()))
        size = lower.rows
        found = [lower.tolist(), (lower**-1).tolist(), list(range(size))]
    else:
        l, vectors = mp.eigsy(mp.matrix(((real + real.T) / 2).tolist()))
        columns = [[vectors[i, k] for i in range(vectors.rows)] for k in range(vectors.cols)]
        signs = [1 if max(column, key=abs) > 0 else -1 for column in columns]
        rows = [[columns[k][i] * signs[k] for k in range(len(columns))] for i in range(vectors.rows)]
        found = [
            list(l),
            rows if system.unknowns[1].axes[0] in system.rows else [list(c) for c in zip(*rows, strict=True)],
        ]
    return {name: mapped(mp.mpc, np.array(value, dtype=object)) for name, value in zip(names, found, strict=True)}


def at(values: Point, systems: tuple[System, ...], output: Tensor) -> np.ndarray:
    """An output where all systems are solved."""
    full = dict(values)
    for system in systems:
        full |= solved(system, full)
    return mapped(Complex.real, evaluate(output, full, SIZES, Complex))


def start(leaves: list[Tensor], seed: int) -> dict[str, np.ndarray]:
    """A random point; a symmetric matrix is symmetric there and has eigenvalues above zero."""
    values = point(leaves, seed, SIZES)
    for leaf in leaves:
        if leaf.data.symmetric:
            A = values[leaf.data.name]
            values[leaf.data.name] = A @ A.T + np.eye(len(A), dtype=int) * Fraction(1, 3)
    return {name: mapped(lambda x: mp.mpc(decimal(x), 0), array) for name, array in values.items()}


def disagreements(
    output: Tensor, systems: tuple[System, ...], wrt: Tensor, leaves: list[Tensor], seed: int = 0
) -> list[str]:
    """Where reverse or forward mode differs from differences along random directions."""
    values = start(leaves, seed)
    full = dict(values)
    for system in systems:
        full |= solved(system, full)
    name = wrt.data.name
    direction = start([wrt], seed + 1)[name]
    moved = [at({**values, name: values[name] + sign * STEP * direction}, systems, output) for sign in (1, -1)]
    expected = (moved[0] - moved[1]) / (2 * STEP)
    cotangent = tensor("g_", *output.axes)
    weight = start([cotangent], seed + 2)["g_"]
    everything = {**full, "g_": weight, "t_": direction}

    def plain(found: Tensor, over: Any) -> np.ndarray:
        array = mapped(Complex.real, evaluate(found, everything, SIZES, Complex))
        return np.broadcast_to(
            array.transpose([found.axes.index(a) for a in over if a in found.axes]).reshape(
                [SIZES[a.name] if a in found.axes else 1 for a in over]
            ),
            [SIZES[a.name] for a in over],
        )

    adjoint = plain(vjp(output, cotangent, [wrt]).of(wrt), wrt.axes)
    got = (adjoint * mapped(Complex.real, direction)).sum()
    wanted = (mapped(Complex.real, weight) * expected).sum()
    forward = plain(jvp(output, {name: tensor("t_", *wrt.axes)}), output.axes)
    found = [] if abs(got - wanted) <= CLOSE * (1 + abs(wanted)) else [f"reverse: {got}, not {wanted}"]
    worst = max(abs(forward - expected).ravel(), default=0)
    return found if worst <= CLOSE * (1 + max(abs(expected).ravel())) else [*found, f"forward: off by {worst}"]


SAMPLES: dict[str, tuple[Tensor, System, Tensor]] = {
    "singular_value": (W / PAIR.sigma + PAIR.sigma**2 * W, PAIR, W),
    "eigenvalues": (BASIS.values**2 * WEIGHT, BASIS, S),
    "eigenvectors": (total(OTHER.rename({D: K}) * BASIS.vectors, over=C), BASIS, S),
    "inverse_factor": (total(OTHER.rename({D: K}) * FACTOR.inverse_factor, over=K), FACTOR, S),
    "inverse_root": (total(OTHER * BASIS.inverse_root, over=D) + total(BASIS.inverse_root**2, over=D), BASIS, S),
}


def battery(op: str) -> list[str]:
    output, system, wrt = SAMPLES[op]
    return [line for seed in range(3) for line in disagreements(output, (system,), wrt, [wrt, OTHER, WEIGHT], seed)]


def test_every_operation_with_a_rule_has_a_sample() -> None:
    assert {*SAMPLES} == {*IMPLICIT} - {"singular_vector"}


@pytest.mark.parametrize("op", SAMPLES)
def test_rules_agree_with_differences_of_the_solution(op: str) -> None:
    assert battery(op) == []


@pytest.mark.parametrize("op", SAMPLES)
@pytest.mark.parametrize("table", [VJP, JVP], ids=["vjp", "jvp"])
@pytest.mark.parametrize("factor", [2, -1, 0])
def test_a_wrong_rule_is_caught(monkeypatch: pytest.MonkeyPatch, table: Any, op: str, factor: int) -> None:
    rules = list(table[op])
    right = rules[1].apply
    rules[1] = Rule("planted", lambda *args: factor * right(*args))
    monkeypatch.setitem(table, op, tuple(rules))
    assert battery(op) != []


def test_a_singular_vector_has_no_derivative_here() -> None:
    with pytest.raises(Unsupported, match="singular vector"):
        vjp(PAIR.u, tensor("g", C), [W])
    with pytest.raises(Unsupported, match="singular vector"):
        jvp(PAIR.v, {"w": W})
    assert vjp(PAIR.u, tensor("g", C), [tensor("other", C)]).of(tensor("other", C)).expr == 0


def test_a_second_derivative_knows_that_the_vectors_move() -> None:
    (first,) = [vjp(PAIR.sigma, scalar("g"), [W]).of(W)]
    with pytest.raises(Unsupported, match="singular vector"):
        jvp(first, {"w": W})


def test_the_second_derivative_of_an_eigenvalue() -> None:
    first = vjp(total(BASIS.values * WEIGHT, over=K), scalar("g"), [S]).of(S)
    assert disagreements(first, (BASIS,), S, [S, WEIGHT, scalar("g")]) == []


def test_the_second_derivative_of_an_inverse_root() -> None:
    first = vjp(BASIS.inverse_root, OTHER, [S]).of(S)
    assert disagreements(first, (BASIS,), S, [S, OTHER]) == []


IMPLICIT_NORMALIZERS = [
    mode for one in REGISTRY.values() for mode in (one, *one.modes.values()) if mode.instance().systems
]


@pytest.mark.parametrize("normalizer", IMPLICIT_NORMALIZERS, ids=lambda one: one.name)
def test_every_gradient_by_number(normalizer: Normalizer) -> None:
    made = normalizer.instance()
    leaves = [leaf for name, leaf in normalizer.inputs.items() if name not in normalizer.auxiliary]
    for name in normalizer.differentiable:
        assert disagreements(made.output, made.systems, normalizer.inputs[name], leaves) == []
