"""Every gradient of the whole registry against autograd, on shapes that are easily got wrong.

Each definition and mode is compared on at least five shapes: odd sizes, spatial dimensions, few of each, a single
element over what is averaged (a batch of one, a layer of one feature), a single one over what is kept, one of each.
Where a definition divides by zero at such a shape, its kernel has to say so; the tables say where, by hand.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from symnorm.check import Family, case, errors
from symnorm.errors import ShapeError
from symnorm.kernels import Kernel, kernel, of_plan
from symnorm.normalizers import REGISTRY, Normalizer

EVERY = [*REGISTRY.values(), *(mode for base in REGISTRY.values() for mode in base.modes.values())]
every = pytest.mark.parametrize("definition", EVERY, ids=lambda d: d.name)
TIGHT, EIGENVECTORS = 1e-13, 1e-12
"""Relative to the largest sum of absolute terms. Eigenvectors lose a digit to the distance of their eigenvalues."""

SHAPES = (
    Family("odd sizes", "", averaged=(7,), kept=(5,)),
    Family("spatial", "", averaged=(3, 5), kept=(3,)),
    Family("few", "", averaged=(3,), kept=(4,)),
    Family("dimensions of one", "", averaged=(2, 3, 1), kept=(1, 3)),
    Family("one channel", "", averaged=(5,), kept=(1,)),
)
ONE, SINGLE = Family("one to average", "", averaged=(1,), kept=(4,)), Family("one", "", averaged=(1,), kept=(1,))

UNDEFINED_AT_ONE = {
    "z_score": "sigma",
    "z_score.unbiased": "N - 1",
    "centered_weight_norm": "norm",
    "min_max": "span",
    "min_max.between": "span",
    "min_max.symmetric": "span",
    "mean_range": "span",
}
"""What is 0 where one element is averaged over, whatever it is."""

UNBIASED_AT_ONE = ("batch_norm", "recurrent_batch_norm", "instance_norm.tracking")
"""Those whose running variance divides by N - 1, or S - 1; without running statistics they are defined."""

UNDEFINED_WITHOUT_EPS = {
    "batch_norm": r"sqrt\(var \+ eps\)",
    "batch_renorm": "sigma",
    "batch_renorm.unclipped": "sigma",
    "instance_norm": r"sqrt\(var \+ eps\)",
    "instance_norm.tracking": r"sqrt\(var \+ eps\)",
    "adaptive_instance_norm": r"sqrt\(var \+ eps\)",
    "layer_norm": r"sqrt\(var \+ eps\)",
    "weight_standardization": r"sqrt\(var \+ eps\)",
    "l1_batch_norm": "s",
    "linf_batch_norm": "s",
    "recurrent_batch_norm": r"sqrt\(var \+ eps\)",
}
"""What is 0 where one element is averaged over and eps is 0; others average over more than one axis, or no mean."""


def largest_error(made: Kernel, shape: Family, seed: int) -> float:
    """Of the output, the running statistics and all gradients."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return max(errors(made, made.plan, case(shape, made.plan, seed)).values())


@every
def test_every_gradient_agrees_with_autograd(definition: Normalizer) -> None:
    made = kernel(definition)
    for seed, shape in enumerate(SHAPES):
        assert largest_error(made, shape, seed) <= (EIGENVECTORS if made.plan.copies else TIGHT), shape
    shapes = {case(shape, made.plan, 0).frame.shape for shape in SHAPES}
    assert len(shapes) == len(SHAPES)


@every
@pytest.mark.parametrize("shape", [ONE, SINGLE], ids=lambda shape: shape.name)
def test_one_element_to_average_is_right_or_refused(definition: Normalizer, shape: Family) -> None:
    made = kernel(definition)
    if definition.name in UNDEFINED_AT_ONE:
        with pytest.raises(ValueError, match=f"one element over ., where {UNDEFINED_AT_ONE[definition.name]} is 0$"):
            largest_error(made, shape, 5)
    elif definition.name in UNBIASED_AT_ONE:
        with pytest.raises(ValueError, match=r"over (.), where \1 - 1 is 0; the new running statistics divide"):
            largest_error(made, shape, 5)
        drawn = case(shape, made.plan, 5)
        drawn = replace(drawn, arrays={n: a for n, a in drawn.arrays.items() if not n.startswith("running")})
        assert max(errors(made, replace(made.plan, updates={}), drawn).values()) <= TIGHT
    else:
        assert largest_error(made, shape, 5) <= TIGHT


@pytest.mark.parametrize("definition", [d for d in EVERY if "eps" in d.inputs], ids=lambda d: d.name)
def test_without_eps_one_element_is_right_or_refused(definition: Normalizer) -> None:
    made = kernel(definition)
    shape = replace(ONE, scalars={"eps": 0.0})
    if definition.name in UNDEFINED_WITHOUT_EPS:
        divisor = UNDEFINED_WITHOUT_EPS[definition.name]
        with pytest.raises(ValueError, match=f"one element over ., where {divisor} is 0 at eps = 0"):
            largest_error(made, shape, 5)
    else:
        assert largest_error(made, shape, 5) <= TIGHT


def test_the_tables_name_what_there_is() -> None:
    assert {*UNDEFINED_AT_ONE, *UNBIASED_AT_ONE, *UNDEFINED_WITHOUT_EPS} <= {definition.name for definition in EVERY}


WHITENING = (
    "decorrelation",
    "pca_whitening",
    "cholesky_whitening",
    "zca_whitening",
    "zca_cor_whitening",
    "decorrelated_batch_norm",
)
"""Their covariance has to be invertible, so that the shapes above have more samples than features."""


@pytest.mark.parametrize("name", WHITENING)
def test_a_batch_of_one_has_no_eigenvectors(name: str) -> None:
    """Its covariance is 0: refused where that is divided by, 0 where eps keeps it from being singular."""
    made, x = kernel(name), np.array([[0.3, -2.0, 5.0]])
    own = {key: np.full(3, 0.5) for key in ("gamma", "beta") if key in made.plan.declared}
    if name == "zca_cor_whitening":
        with pytest.raises(ShapeError, match="one element over N, where sigma is 0"):
            made.forward(x)
        return
    if name in ("cholesky_whitening", "pca_whitening", "zca_whitening"):
        with pytest.raises(ShapeError, match=r"x has shape \(1, 3\): the 3 x 3 covariance is singular"):
            made.forward(x)
        return
    with np.errstate(all="ignore"):
        y, saved = made.forward(x, **own)
        dx = made.backward(np.ones_like(x), saved)["x"]
    if name == "decorrelated_batch_norm":
        assert np.array_equal(y, own["beta"][None]) and np.allclose(dx, 0, rtol=0, atol=1e-12)
    else:
        assert np.array_equal(y, 0 * x) and np.isnan(dx).all()  # equal eigenvalues: the vectors have no derivative


DIVIDING = tuple(name for name in WHITENING if name != "decorrelation")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(2, 3), (3, 3), (4, 4), (5, 8), (40, 64)])
@pytest.mark.parametrize("name", DIVIDING)
def test_no_more_samples_than_features_are_refused(name: str, shape: tuple[int, int], dtype: str) -> None:
    """The centred data have rank N - 1 at most, so that the covariance has an eigenvalue 0; eps lifts it."""
    made, x = kernel(name), np.random.default_rng(8).standard_normal(shape).astype(dtype)
    own = {key: np.ones(shape[1], dtype) for key in ("gamma", "beta") if key in made.plan.declared}
    without = {"eps": 0.0} if "eps" in made.plan.declared else {}
    says = rf"x has shape \({shape[0]}, {shape[1]}\): the {shape[1]} x {shape[1]} covariance is singular"
    with pytest.raises(ShapeError, match=says) as caught:
        made.forward(x, **own, **without)
    assert "more samples than features are needed" in str(caught.value)
    if without:
        y, saved = made.forward(x, **own, eps=1e-2)
        assert np.isfinite(y).all() and np.isfinite(made.backward(np.ones_like(y), saved)["x"]).all()


@pytest.mark.parametrize("name", DIVIDING)
def test_a_feature_that_others_determine_is_refused(name: str) -> None:
    made, x = kernel(name), np.random.default_rng(9).standard_normal((20, 3))
    x[:, 2] = x[:, 0] - 2 * x[:, 1]
    own = {key: np.ones(3) for key in ("gamma", "beta", "eps") if key in made.plan.declared}
    own |= {"eps": 0.0} if "eps" in own else {}
    with pytest.raises(ShapeError, match="the 3 x 3 covariance is singular"):
        made.forward(x, **own)


@pytest.mark.parametrize("name", DIVIDING)
def test_a_covariance_that_is_only_ill_conditioned_is_not_refused(name: str) -> None:
    made, x = kernel(name), np.random.default_rng(9).standard_normal((20, 3))
    x[:, 2] = x[:, 0] + 1e-4 * x[:, 2]
    own = {key: np.ones(3) for key in ("gamma", "beta") if key in made.plan.declared}
    own |= {"eps": 0.0} if "eps" in made.plan.declared else {}
    y, _ = made.forward(x, **own)
    centred = y - y.mean(axis=0)
    assert np.allclose(centred.T @ centred / 20, np.eye(3), rtol=0, atol=1e-6)


@every
def test_an_error_of_one_in_a_hundred_million_is_seen(definition: Normalizer) -> None:
    plan = kernel(definition).plan
    off = {name: form + form / 10**8 for name, form in plan.gradients.items()}
    wrong = of_plan(replace(plan, gradients=off))
    found = errors(wrong, plan, case(SHAPES[0], plan, 0))
    assert all(found[f"d{name}"] > 10 * TIGHT for name in plan.results), found
