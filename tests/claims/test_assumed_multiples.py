"""What is assumed to be zero, times anything, is zero; divided by what may be zero, it need not be."""

from __future__ import annotations

import pytest

from symnorm.claims import PROVED, REFUTED, decide
from symnorm.tensors import Relation, absolute, axes, delta, equal, scalar, sign, tensor, total

a, b, c = scalar("a"), scalar("b"), scalar("c")
(C,) = axes("C")
K = C.copy("K")
L, p, v = tensor("L", C, K), tensor("p", C), tensor("v", C)
triangular = equal(L * sign(p - p.rename({C: K})), L * (1 - delta(C, K)))
factored = equal(a * b * (a - b), 0)

STATEMENTS: list[tuple[Relation, Relation, str]] = [
    (equal(a * b * c, 0), equal(a * b, 0), PROVED),
    (equal(a, 0), equal(a * b, 0), REFUTED),
    (equal(a * c, 0), equal(a * b, 0), REFUTED),
    (equal(c * a * b * (a - b), 0), factored, PROVED),
    (equal(a * (a - b), 0), factored, REFUTED),
    (equal(b * (a - b) * c, 0), factored, REFUTED),
    (equal(a * c, b * c), factored, REFUTED),
    (equal(a**2 / b, a), equal(a * (a - b), 0), PROVED),
    (equal(a / b, 1), equal(a * (a - b), 0), REFUTED),
    (equal(a**3, a * b**2), equal(a * (a - b), 0), PROVED),
    (equal(a, b), equal(a**2, a * b), REFUTED),
    (equal(absolute(a) * a, a**2), equal(a * (absolute(a) - a), 0), PROVED),
    (equal(absolute(a), -a), equal(a * (absolute(a) - a), 0), REFUTED),
    (triangular, triangular, PROVED),
    (equal(c * L * sign(p - p.rename({C: K})), c * L * (1 - delta(C, K))), triangular, PROVED),
    (equal(L * sign(p - p.rename({C: K})), L), triangular, REFUTED),
    (equal(v * total(v, over=C), v), equal(v * total(v, over=C), v), PROVED),
    (equal(total(v, over=C), 1), equal(v * total(v, over=C), v), REFUTED),
]


@pytest.mark.parametrize(("stated", "given", "expected"), STATEMENTS, ids=repr)
def test_multiples_of_what_is_assumed(stated: Relation, given: Relation, expected: str) -> None:
    assert decide([stated], [given]).status == expected
