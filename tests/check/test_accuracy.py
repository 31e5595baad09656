"""What an error is measured by: terms that cancel count, whether they stand in a formula or in one that it names."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symnorm.check.accuracy import errors, exact_results
from symnorm.check.stress import STRESS, draw
from symnorm.kernels import kernel


def test_a_gradient_that_another_is_written_with_counts_with_what_it_adds_up() -> None:
    """``ds = dg*g`` after ``dg = sum(dw*v)/norm``, which may cancel."""
    plan = kernel("weight_norm", "exp").plan
    drawn = draw(plan, STRESS[0], "float64")
    known = exact_results(plan, drawn)
    dw, v = (np.asarray(drawn.frame.flat(a, ("C", "K"))) for a in (drawn.cotangent, drawn.arrays["v"]))
    added = np.sum(np.abs(dw * v), axis=-1, keepdims=True) / np.sqrt(np.sum(v**2, axis=-1, keepdims=True))
    scale = np.asarray(known["ds scale"], float)
    assert np.allclose(scale.ravel(), (np.exp(drawn.arrays["s"]) * added.ravel()), rtol=1e-12)
    assert np.min(np.abs(np.asarray(known["ds"], float)) / scale) < 0.2


def test_a_matrix_product_counts_with_what_its_factors_add_up() -> None:
    """``dx = sum[C](dt*w)`` after ``dt = dy - mean[N](dy)``."""
    plan = kernel("mean_only_weight_norm").plan
    drawn = draw(plan, STRESS[0], "float64")
    known = exact_results(plan, drawn)
    dy, w = drawn.cotangent, np.asarray(known["w"], float).reshape(drawn.arrays["v"].shape)
    wanted = (np.abs(dy) + np.mean(np.abs(dy), axis=0)) @ np.abs(w)
    assert np.allclose(np.asarray(known["dx scale"], float).ravel(), wanted.ravel(), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "mode", "of"), [("weight_norm", "exp", "s"), ("mean_only_weight_norm", "training", "x")]
)
def test_five_units_too_much_are_five_units(name: str, mode: str, of: str) -> None:
    made = kernel(name, mode)
    drawn = draw(made.plan, STRESS[0], "float64")
    y, saved = made.forward(**drawn.arrays, **drawn.scalars, **drawn.options)
    gradients = made.backward(drawn.cotangent, saved)
    before = errors(made.plan, drawn, y, gradients)[f"d{of}"]
    scale = np.max(np.asarray(drawn.exact[f"d{of} scale"], float))
    at = np.unravel_index(np.argmax(np.abs(gradients[of])), gradients[of].shape)
    gradients[of][at] += 8 * np.ldexp(1.0, int(mpmath.frexp(scale)[1]) - 53)
    assert before < 4 < errors(made.plan, drawn, y, gradients)[f"d{of}"]
