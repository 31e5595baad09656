"""Numbers at a point: enclosures hold what they claim to, and definedness is not skipped."""

from __future__ import annotations

from fractions import Fraction as F

import mpmath
import pytest

from symnorm.replay.graph import Rejected
from symnorm.replay.points import PI, error_function, exponential, inverse, power, root, sign, times

TIGHT = F(1, 10**30)


def encloses(ends: tuple[F, F], value: mpmath.mpf) -> bool:
    low, high = (mpmath.mpf(end.numerator) / end.denominator for end in ends)
    return bool(low <= value <= high) and ends[1] - ends[0] < TIGHT


@pytest.mark.parametrize("x", [F(0), F(1), F(-3), F(7, 2), F(1, 3), F(-1, 1000), F(40), F(-40)])
def test_the_exponential_is_enclosed(x: F) -> None:
    with mpmath.workdps(100):
        assert encloses(exponential((x, x)), mpmath.exp(mpmath.mpf(x.numerator) / x.denominator))


@pytest.mark.parametrize("x", [F(0), F(1, 2), F(-1), F(7, 3), F(-5), F(1, 10**9)])
def test_the_error_function_is_enclosed(x: F) -> None:
    with mpmath.workdps(100):
        assert encloses(error_function((x, x)), mpmath.erf(mpmath.mpf(x.numerator) / x.denominator))


@pytest.mark.parametrize("x", [F(2), F(9, 4), F(1, 3), F(0), F(10**12 + 1)])
def test_the_root_is_enclosed(x: F) -> None:
    with mpmath.workdps(100):
        assert encloses(root((x, x)), mpmath.sqrt(mpmath.mpf(x.numerator) / x.denominator))
    assert root((F(9, 4), F(9, 4))) == (F(3, 2), F(3, 2))


def test_pi() -> None:
    with mpmath.workdps(70):
        assert int(mpmath.floor(mpmath.pi * mpmath.mpf(10) ** 50)) == PI


def test_products_and_powers_of_enclosures() -> None:
    assert times((F(-1), F(2)), (F(-3), F(1))) == (F(-6), F(3))
    low, high = power((F(-1), F(2)), (F(2), F(2)))
    assert low <= 0 and high >= 4


def test_what_is_undefined_or_uncertain_is_rejected() -> None:
    for broken in (lambda: inverse((F(0), F(0))), lambda: inverse((F(-1), F(1))), lambda: root((F(-1), F(1)))):
        with pytest.raises(Rejected):
            broken()
    with pytest.raises(Rejected):
        sign((F(-1), F(1)))
