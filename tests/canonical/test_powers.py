"""Powers with a symbolic exponent: what comes out of a base, and what must not."""

from __future__ import annotations

import pytest

from symnorm.canonical import Solver
from symnorm.canonical.powers import Powers, _Factor, factors
from symnorm.canonical.terms import Component, Monomial
from symnorm.claims.prover import decide
from symnorm.normalizers import unit_length
from symnorm.tensors import Relation, absolute, as_tensor, axes, equal, scalar, sign, sqrt, tensor, total, var

N, C = axes("N C")
x = tensor("x", N, C)
a, b, r = scalar("a"), scalar("b"), scalar("r")
c, p, q = (scalar(name, positive=True) for name in "cpq")
size = total(absolute(x) ** p, over=C)
length = size ** (1 / p)

TRUE: dict[str, Relation] = {
    "a positive factor": equal((c * b) ** p, c**p * b**p),
    "absolute values": equal(absolute(a * b) ** p, absolute(a) ** p * absolute(b) ** p),
    "a sign and its number": equal((sign(a) * a) ** p, absolute(a) ** p),
    "of a square": equal((a**2) ** p, absolute(a) ** (2 * p)),
    "of a root": equal(sqrt(var(x, over=C)) ** (2 * p), var(x, over=C) ** p),
    "of a scaled variance": equal(var(a * x, over=C) ** p, absolute(a) ** (2 * p) * var(x, over=C) ** p),
    "of a power": equal((absolute(a) ** r) ** q, absolute(a) ** (r * q)),
    "of the inverse power": equal((absolute(a) ** (1 / p)) ** p, absolute(a)),
    "of a norm": equal(length**p, size),
    "sums of exponents": equal(absolute(a) ** (p + q), absolute(a) ** p * absolute(a) ** q),
    "less one": equal(absolute(a) ** (p - 1) * a, absolute(a) ** p * sign(a)),
    "a half more": equal(c ** (p + as_tensor(1) / 2), c**p * sqrt(c)),
    "numbers": equal((6 * c) ** p, as_tensor(2) ** p * as_tensor(3) ** p * c**p),
    "quotients of numbers": equal((c / 2) ** p, c**p / as_tensor(2) ** p),
    "one": equal((c / c) ** p, 1),
    "zero": equal((a - a) ** p, 0),
    "a sign squared beside its power": equal(sign(a) ** 2 * absolute(a) ** p, absolute(a) ** p),
    "unit length": equal(total(absolute(x / length) ** p, over=C), 1),
}

FALSE: dict[str, Relation] = {
    "a sum": equal((c + absolute(b)) ** p, c**p + absolute(b) ** p),
    "an absolute value left out": equal(absolute(a) ** p * sign(a), absolute(a) ** p),
    "exponents multiplied": equal(c ** (p + q), c ** (p * q)),
    "another exponent": equal(length**q, size),
    "numbers added": equal((6 * c) ** p, 6 * c**p),
    "the root of a square": equal((a**2) ** (as_tensor(1) / 2), a),
    "a sum of signs": equal(absolute(a + b) ** p, (absolute(a) + absolute(b)) ** p),
    "unit length without the size": equal(total((x / length) ** 2, over=C), 1),
    "sign squared": equal(sign(a) ** 2 + absolute(a) ** p, 1 + absolute(a) ** p),
}

NOWHERE_REAL: dict[str, Relation] = {
    "both negative": equal((a * b) ** p, a**p * b**p),
    "a square": equal((a**2) ** p, a ** (2 * p)),
}
"""True only where a base is not negative: the solver may not equate the two sides."""


@pytest.mark.parametrize("name", TRUE)
def test_what_comes_out_of_a_base(name: str) -> None:
    assert decide([TRUE[name]]).status == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_false_twins_are_refuted(name: str) -> None:
    assert decide([FALSE[name]]).status == "refuted"


@pytest.mark.parametrize("name", NOWHERE_REAL)
def test_nothing_of_unknown_sign_comes_out(name: str) -> None:
    """At p = 2 the powers exist for negative bases and at p = 1/2 they do not: ``(-1 -1)^p`` is no product."""
    sides = NOWHERE_REAL[name]
    assert not Solver().equal(sides.left.element, sides.right.element)


def test_conditions_keep_bases_off_zero_for_lower_exponents() -> None:
    """``|a|^p`` has a value at 0, ``|a|^(p - 1)`` need not."""
    assert decide([TRUE["absolute values"]]).conditions == ()
    assert decide([TRUE["less one"]]).conditions == ("a != 0",)


def test_a_sloppy_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every factor let out of a base, a statement is equated that the tests above hold apart."""
    sides = NOWHERE_REAL["both negative"]
    right = Powers._factor

    def sloppy(self: Powers, component: Component, exponent: int, monomial: Monomial) -> _Factor | None:
        own = frozenset([(component, exponent)])
        return right(self, component, exponent, monomial) or _Factor(
            {frozenset([(component, 1)]): 1}, exponent, own, True
        )

    monkeypatch.setattr(Powers, "_factor", sloppy)
    assert Solver().equal(sides.left.element, sides.right.element)


@pytest.mark.parametrize("number", [1, 2, 97, 360, 2**10 * 3**4])
def test_factors_multiply_to_the_number(number: int) -> None:
    result = 1
    for prime, count in factors(number).items():
        result *= prime**count
    assert result == number


def test_instances_at_one_and_two() -> None:
    general, l1 = unit_length.mode("lp"), unit_length.mode("l1")
    assert decide([equal(general(x, p=2), unit_length(x)), equal(general(x, p=1), l1(x))]).status == "proved"
    assert decide([equal(general(x, p=1), unit_length(x))]).status == "refuted"
