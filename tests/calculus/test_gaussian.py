"""Exact integrals over a normal number, against quadrature, and against what they cannot do."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest

from symnorm.calculus import gaussian, gaussian_mean, normal_cdf, pi
from symnorm.errors import Unsupported
from symnorm.evaluate import Model, evaluate
from symnorm.evaluate.numbers import enclosure
from symnorm.tensors import Tensor, absolute, exp, maximum, minimum, scalar, sign, sqrt

z, a = scalar("z"), scalar("a")

FORMULAS: dict[str, tuple[Tensor, Callable[[mpmath.mpf], mpmath.mpf]]] = {
    "constant": (0 * z + 3, lambda u: 3),
    "third power": ((1 + z) ** 3, lambda u: (1 + u) ** 3),
    "sixth power": (z**6, lambda u: u**6),
    "absolute value": (absolute(-2 * z), lambda u: abs(2 * u)),
    "cube of one": (absolute(z) ** 3, lambda u: abs(u) ** 3),
    "sign": (sign(z) * z**3, lambda u: mpmath.sign(u) * u**3),
    "rectified": (maximum(z, 0) ** 2, lambda u: max(u, 0) ** 2),
    "lower half": (minimum(3 * z, 0) * (z + 1), lambda u: min(3 * u, 0) * (u + 1)),
    "leaky": (maximum(z, z / 10), lambda u: max(u, u / 10)),
    "exponential": (exp(z / 2 - 1), lambda u: mpmath.exp(u / 2 - 1)),
    "moment of it": (z**3 * exp(-2 * z), lambda u: u**3 * mpmath.exp(-2 * u)),
    "half of it": (z * exp(minimum(z, 0)), lambda u: u * mpmath.exp(min(u, 0))),
    "square of it": ((exp(minimum(z, 0)) - 1) ** 2, lambda u: (mpmath.exp(min(u, 0)) - 1) ** 2),
    "another parameter": ((z + a) ** 2 / a, lambda u: (u + mpmath.mpf(3) / 2) ** 2 / (mpmath.mpf(3) / 2)),
}


m, s = scalar("m"), scalar("s", positive=True)
NORMALS = [(Fraction(0), Fraction(1)), (Fraction(1, 3), Fraction(1)), (Fraction(-1, 2), Fraction(5, 4))]


def off(
    formula: Tensor,
    by_hand: Callable[[mpmath.mpf], mpmath.mpf],
    mean: Fraction = Fraction(0),
    deviation: Fraction = Fraction(1),
) -> float:
    """By how much the closed form misses the quadrature."""
    values = {"a": Fraction(3, 2), "m": mean, "s": deviation}
    integral = gaussian_mean(formula, z, m, s) if (mean, deviation) != (0, 1) else gaussian_mean(formula, z)
    found = enclosure(evaluate(integral.element, Model(scalars=values)))
    exact = mpmath.mpf(found.lo.numerator) / found.lo.denominator
    center, width = (mpmath.mpf(value.numerator) / value.denominator for value in (mean, deviation))
    quadrature = mpmath.quad(lambda u: by_hand(u) * mpmath.npdf(u, center, width), [-16, -4, 0, 4, 16])
    return float(abs(exact - quadrature) / (1 + abs(quadrature)))


@pytest.mark.parametrize("normal", NORMALS, ids=str)
@pytest.mark.parametrize("name", FORMULAS)
def test_an_integral_is_what_quadrature_finds(name: str, normal: tuple[Fraction, Fraction]) -> None:
    assert off(*FORMULAS[name], *normal) < 1e-11


@pytest.mark.parametrize("at", [-2, -1, Fraction(-1, 3), 0, 1, 3])
def test_the_distribution_is_what_mpmath_finds(at: int | Fraction) -> None:
    found = enclosure(evaluate(normal_cdf(at).element, Model()))
    assert (
        abs(float(found.lo) - float(mpmath.ncdf(mpmath.mpf(Fraction(at).numerator) / Fraction(at).denominator))) < 1e-14
    )


def test_pi() -> None:
    assert abs(float(enclosure(evaluate(pi.element, Model())).lo) - float(mpmath.pi)) < 1e-15


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (maximum(z, 1), "the sign of more than one term"),
        (absolute(a * z), "needs numbers for coefficients"),
        (exp(z**2 / 4), "is not linear"),
        (exp(a * z), "needs numbers for coefficients"),
        (sqrt(absolute(z)), "no rule integrates sqrt"),
        (1 / (1 + z**2), "no rule integrates div"),
    ],
)
def test_what_has_no_such_form_is_refused(formula: Tensor, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        gaussian_mean(formula, z)


def test_only_a_scalar_input_is_integrated_over() -> None:
    with pytest.raises(Unsupported, match="over a scalar input"):
        gaussian_mean(z + a, z + a)


@pytest.mark.parametrize(
    ("name", "replacement"),
    [
        ("_half_line", lambda power, *_: gaussian.as_tensor(int(power == 0)) / 2),
        ("_sign", lambda pieces, node, half: 1),
        ("_product", lambda a, b: a),
    ],
)
def test_a_wrong_rule_is_seen(monkeypatch: pytest.MonkeyPatch, name: str, replacement: object) -> None:
    monkeypatch.setattr(gaussian, name, replacement)
    assert any(off(*case) > 1e-6 for case in FORMULAS.values())
