"""Points that satisfy the relations of a system exactly, and the errors of systems whose axes do not fit."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from symnorm.claims import decide
from symnorm.claims.assumptions import sort
from symnorm.claims.search import Ground, holds, points, satisfying
from symnorm.claims.solutions import centred_columns, rotation, unit_vector
from symnorm.claims.verdict import PROVED, REFUTED, UNDECIDED
from symnorm.errors import AxisError
from symnorm.evaluate import Model
from symnorm.normalizers import find
from symnorm.tensors import (
    Relation,
    axes,
    cholesky,
    eigenbasis,
    equal,
    mean,
    orthogonal,
    scalar,
    singular_pair,
    tensor,
    total,
)

N, C, K = axes("N C K")
D, E = C.copy("D"), C.copy("E")
Q = tensor("Q", C, D)
SYSTEMS = {
    "orthogonal": orthogonal(Q),
    "eigenbasis": eigenbasis(
        tensor("S", C, D, symmetric=True), tensor("lam", E, positive=True), tensor("V", C, E)
    ).given,
    "cholesky": cholesky(
        tensor("S", C, D, symmetric=True), tensor("L", C, E), tensor("R", E, C), tensor("place", C)
    ).given,
    **{
        name: find(name).instance().given
        for name in (
            "spectral_norm",
            "decorrelation",
            "cholesky_whitening",
            "zca_whitening",
            "zca_cor_whitening",
            "decorrelated_batch_norm",
        )
    },
}


@pytest.mark.parametrize("size", range(1, 6))
def test_rotations_and_unit_vectors_are_exact(size: int) -> None:
    draw = random.Random(size)
    V, u = rotation(size, draw), unit_vector(size, draw)
    gram = [[sum(row[i] * row[j] for row in V) for j in range(size)] for i in range(size)]
    assert gram == [[i == j for j in range(size)] for i in range(size)]
    assert sum(entry * entry for entry in u) == 1 and all(isinstance(entry, int | Fraction) for entry in u)


def test_centred_columns_are_orthonormal_and_sum_to_zero() -> None:
    X = centred_columns(3, 4, random.Random(0))
    assert len(X) == 9 and [sum(row[i] for row in X) for i in range(4)] == [0] * 4
    assert all(sum(row[i] * row[j] for row in X) == (i == j) for i in range(4) for j in range(4))


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_point_is_a_solution(name: str) -> None:
    given = SYSTEMS[name]
    assumptions = sort(given)
    ground = Ground.of([side for r in (*given, *assumptions.constraints) for side in (r.left, r.right)])
    found = list(points(ground, assumptions, 4))
    assert len(found) == 4
    for model in found:
        assert all(holds(relation, model) for relation in assumptions.constraints)
    assert found[0].sizes != found[2].sizes or found[0].tensors != found[2].tensors


def test_only_a_system_gives_rotations() -> None:
    plain = [Relation(r.left, r.relation, r.right) for r in orthogonal(Q)]
    ground = Ground.of([side for r in plain for side in (r.left, r.right)])

    def is_permutation(model: Model) -> bool:
        """Up to signs: entry by entry, no other orthogonal matrix is met."""
        return {abs(entry) for entry in model.tensors["Q"].values()} <= {0, 1}

    assert all(map(is_permutation, satisfying(ground, sort(plain), [])))
    assert not all(map(is_permutation, satisfying(ground, sort(orthogonal(Q)), [])))


def test_an_assumption_beside_a_system_is_met_without_breaking_it() -> None:
    u, v, w, t = tensor("u", C), tensor("v", K), tensor("w", C, K), tensor("t", C)
    pair = singular_pair(w, u, scalar("sigma", positive=True), v)
    given = [*pair.given, equal(total(u * t, over=C), 0)]
    assert decide([equal(total(u * (t + u), over=C), 1)], given).status == PROVED
    assert decide([equal(total(u * (t + u), over=C), 2)], given).status == REFUTED


def test_samples_more_than_a_bound_are_still_a_square_number() -> None:
    made = find("zca_whitening").instance()
    verdict = decide([equal(mean(made.y, over=N), 0)], [*made.given, N >= 5])
    assert verdict.status == PROVED and verdict.model is not None and verdict.model.sizes["N"] == 9


def test_an_instance_that_no_point_satisfies_is_left_undecided() -> None:
    zca = find("zca_whitening")
    x, lam, V = zca.inputs.values()
    other = zca.instance(2 * x, lam, V)
    assert decide([equal(mean(other.y, over=N), 0)], [*zca.instance().given, *other.given]).status == UNDECIDED


def test_axes_that_make_no_system() -> None:
    u, v, w, sigma = tensor("u", C), tensor("v", K), tensor("w", C, K), scalar("sigma", positive=True)
    with pytest.raises(AxisError, match="singular pair"):
        singular_pair(w, v, sigma, v)
    with pytest.raises(AxisError, match="singular pair"):
        singular_pair(tensor("w", N, C, K), u, sigma, v)
    with pytest.raises(AxisError, match="eigenvalues"):
        eigenbasis(w, tensor("lam", K), tensor("V", C, K))
    with pytest.raises(AxisError, match="triangular"):
        cholesky(tensor("S", C, D), tensor("L", C, E), tensor("R", E, C), tensor("place", E))
    with pytest.raises(AxisError, match="triangular"):
        cholesky(tensor("S", C, D), tensor("L", C, D), tensor("R", D, C), tensor("place", C))
    with pytest.raises(AxisError, match="orthogonal"):
        orthogonal(w)
