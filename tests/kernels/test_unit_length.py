"""Unit length in Lp against unit length in L1 and L2, also where coordinates are 0: the convention at a kink."""

from __future__ import annotations

import numpy as np
import pytest

from symnorm import kernel

X = np.array([[3.0, 0.0, -4.0, 1.5], [0.0, 0.0, -2.0, 0.0], [1.0, -1.0, 0.25, 8.0]])
DU = np.array([[1.0, 2.0, -3.0, 0.5], [0.5, -1.0, 2.0, 1.0], [-1.0, 0.0, 4.0, 2.0]])


@pytest.mark.parametrize(("p", "mode"), [(1.0, "l1"), (2.0, "training")])
def test_it_is_the_special_one_at_its_exponent(p: float, mode: str) -> None:
    general, special = kernel("unit_length", mode="lp"), kernel("unit_length", mode=mode)
    u, saved = general.forward(X, p=p)
    wanted, known = special.forward(X)
    np.testing.assert_allclose(u, wanted, rtol=1e-15)
    dx = general.backward(DU, saved)["x"]
    np.testing.assert_allclose(dx, special.backward(DU, known)["x"], rtol=1e-14, atol=1e-15)
    other, _ = general.forward(X, p=p + 0.5)
    assert not np.allclose(other, wanted, rtol=1e-3)


@pytest.mark.parametrize("p", [1.0, 1.25, 1.5, 2.0, 3.0, 7.5])
def test_at_a_coordinate_that_is_zero_the_norm_does_not_change(p: float) -> None:
    """There dx is du/norm: of the norm's slopes from left and right 0 lies in the middle."""
    general = kernel("unit_length", mode="lp")
    u, saved = general.forward(X, p=p)
    dx = general.backward(DU, saved)["x"]
    length = (np.abs(X) ** p).sum(axis=-1, keepdims=True) ** (1 / p)
    np.testing.assert_allclose((np.abs(u) ** p).sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(dx[X == 0], (DU / length)[X == 0], rtol=1e-14)
    np.testing.assert_allclose((dx * X).sum(axis=-1), 0, atol=1e-14)


@pytest.mark.parametrize("size", [2.0**900, 2.0**-900])
def test_powers_neither_overflow_nor_vanish(size: float) -> None:
    """|x|^p would do so; that rows may be scaled is proved for every p."""
    general = kernel("unit_length", mode="lp")
    u, saved = general.forward(size * X, p=3.0)
    wanted, known = general.forward(X, p=3.0)
    np.testing.assert_allclose(u, wanted, rtol=1e-14)
    dx = size * general.backward(DU, saved)["x"]
    np.testing.assert_allclose(dx, general.backward(DU, known)["x"], rtol=1e-13, atol=1e-15)
