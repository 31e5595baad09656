"""Rational coefficients under sums: equal skeletons add, and no more than that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symnorm.canonical import Solver
from symnorm.claims import decide
from symnorm.claims.verdict import PROVED, REFUTED
from symnorm.evaluate import agree, evaluate
from symnorm.tensors import Tensor, axes, delta, equal, sign, tensor, total
from tests.tensors.graphs import point

N, C = axes("N C")
D, E = C.copy("D"), C.copy("E")
G, H = tensor("G", C, D, symmetric=True), tensor("H", C, D)
r, p, x = tensor("r", C, positive=True), tensor("p", C), tensor("x", N, C)
s = r.rename({C: D})
ALL = (C, D)

TRUE = {
    "the mean of both orders": (total(G * r / (r + s), over=ALL), total(G, over=ALL) / 2),
    "two halves of any matrix": (total(H * r / (r + s) + H * s / (r + s), over=ALL), total(H, over=ALL)),
    "no matrix at all": (total(r / (r + s), over=ALL), C * C / 2),
    "a difference of squares": (total(H * (r**2 - s**2) / (r + s), over=ALL), total(H * (r - s), over=ALL)),
    "an antisymmetric coefficient": (total(G * (r - s) / (r + s), over=ALL), 0 * total(r, over=C)),
    "the skeleton falls apart": (
        total(p * p.rename({C: D}) * r / (r + s), over=ALL),
        total(p, over=C) ** 2 / 2,
    ),
    "a Gram matrix is symmetric": (
        total(x * x.rename({C: D}) * r / (r + s), over=(N, C, D)),
        total(total(x, over=C) ** 2, over=N) / 2,
    ),
    "one index is free": (
        total(H * r / (r + s) + H * s / (r + s), over=C),
        total(H, over=C),
    ),
    "a cycle of three": (
        total(
            G * G.rename({C: D, D: E}) * G.rename({D: E}) * r / (r + s + r.rename({C: E})),
            over=(C, D, E),
        ),
        total(G * G.rename({C: D, D: E}) * G.rename({D: E}), over=(C, D, E)) / 3,
    ),
}
SIGN = sign(p - p.rename({C: D}))
TRUE |= {
    "a sign that exchange turns round": (total(G * SIGN, over=ALL), 0 * total(r, over=C)),
    "half of a symmetric matrix": (total(G * r * s * (1 + SIGN) / 2, over=ALL), total(G * r * s, over=ALL) / 2),
    "a matrix and its transposed": (
        total(H * (1 + SIGN) + H.rename({C: D, D: C}) * (1 + SIGN), over=ALL),
        2 * total(H, over=ALL),
    ),
    "on the diagonal it is 0": (total(H * delta(C, D) * (1 + SIGN), over=ALL), total(H * delta(C, D), over=ALL)),
}
FALSE = {
    "a sign beside any matrix": (total(H * SIGN, over=ALL), 0 * total(r, over=C)),
    "a sign that does not turn round": (
        total(G * sign(p + p.rename({C: D})), over=ALL),
        0 * total(r, over=C),
    ),
    "a sign beside one vector": (total(G * r * SIGN, over=ALL), 0 * total(r, over=C)),
    "half on the diagonal": (
        total(H * (1 + SIGN) / 2 + H.rename({C: D, D: C}) * (1 + SIGN) / 2, over=ALL),
        total(H, over=ALL) + total(H * delta(C, D), over=ALL),
    ),
    "any matrix": (total(H * r / (r + s), over=ALL), total(H, over=ALL) / 2),
    "a coefficient that is not symmetric": (total(G * r**2 / (r + s), over=ALL), total(G * r, over=ALL) / 2),
    "one index is free": (total(G * r / (r + s), over=C), total(G, over=C) / 2),
    "two samples": (
        total(x * p.rename({C: D}) * r / (r + s), over=(N, C, D)),
        total(x * p.rename({C: D}), over=(N, C, D)) / 2,
    ),
    "a path of three is no cycle": (
        total(G * G.rename({C: D, D: E}) * r / (r + s + r.rename({C: E})), over=(C, D, E)),
        total(G * G.rename({C: D, D: E}), over=(C, D, E)) / 3,
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_equal_skeletons_add(name: str) -> None:
    assert decide([equal(*TRUE[name])]).status == PROVED


@pytest.mark.parametrize("name", FALSE)
def test_different_skeletons_do_not(name: str) -> None:
    assert decide([equal(*FALSE[name])]).status == REFUTED


EDGES = {"G": G, "H": H, "H^T": H.rename({C: D, D: C}), "x": total(x * x.rename({C: D}), over=N), "1": G * 0 + 1}
LOCAL = {"r": r, "s": s, "r s": r * s, "r^2": r**2, "s^2": s**2, "1": r**0, "p": p, "p'": p.rename({C: D})}
LOCAL |= {"sgn": SIGN, "sgn'": sign(p.rename({C: D}) - p), "sgn+": sign(p + p.rename({C: D}))}
terms = st.tuples(st.sampled_from([*EDGES]), st.sampled_from([*LOCAL]), st.sampled_from((-2, -1, 1, 2)), st.booleans())


def built(drawn: list[tuple[str, str, int, bool]]) -> Tensor:
    parts = [number * EDGES[edge] * LOCAL[local] / (r + s if over else 1) for edge, local, number, over in drawn]
    return total(sum(parts[1:], parts[0]), over=ALL)


@settings(max_examples=120)
@given(st.lists(terms, min_size=1, max_size=4), st.lists(terms, min_size=1, max_size=4))
def test_what_is_called_equal_is(
    left: list[tuple[str, str, int, bool]], right: list[tuple[str, str, int, bool]]
) -> None:
    a, b = built(left), built(right)
    if Solver(symmetric=["G"]).equal(a.element, b.element):
        model = point(3, {"N": 2, "C": 3}, a, b)
        assert agree(evaluate(a.element, model, {}), evaluate(b.element, model, {}))
