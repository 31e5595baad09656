"""Where definitions and their gradients exist, against lists written by hand; a condition is dropped nowhere."""

from __future__ import annotations

import pytest

from symnorm.claims import catalogue, prove
from symnorm.normalizers import REGISTRY, Normalizer, find
from symnorm.report import sheet, words
from symnorm.report.existence import defined_where, differentiable_where
from symnorm.report.outcomes import Outcome
from symnorm.report.verification import with_modes

EVERY = {one.name: one for one in with_modes(REGISTRY.values())}

DEFINED = {
    "z_score": ["mean((x - mu)**2) > 0"],
    "z_score.unbiased": ["N - 1 > 0", "sum((x - mean(x))**2)/(N - 1) > 0"],
    "unit_length": ["sum(x**2) > 0"],
    "unit_length.l1": ["norm > 0"],
    "unit_length.lp": ["norm > 0"],
    "unit_length.linf": ["norm > 0"],
    "rms_norm.partial": ["kept > 0"],
    "scale_norm": ["sum(x**2) > 0"],
    "weight_norm": ["sum(v**2) > 0"],
    "weight_norm.exp": ["sum(v**2) > 0"],
    "mean_only_weight_norm": ["sum(v**2) > 0"],
    "centered_weight_norm": ["sum((v - mu)**2) > 0"],
    "min_max": ["span > 0"],
    "min_max.between": ["span > 0"],
    "min_max.symmetric": ["span > 0"],
    "mean_range": ["span > 0"],
    "spectral_norm": ["sigma > 0"],
    "spectral_norm.power_iteration": [
        "sum[K](sum[C](w*u)**2) > 0",
        "sum[C](sum[K](w*v_hat)**2) > 0",
        "sigma_hat != 0",
    ],
    "pca_whitening": ["lam > 0"],
    "zca_whitening": ["lam > 0"],
    "cholesky_whitening": ["cov is positive definite"],
    "zca_cor_whitening": ["mean((x - mu)**2) > 0", "lam > 0"],
    "decorrelated_batch_norm": ["lam > 0"],
}
"""All others are defined everywhere that the declared signs of their inputs hold (eps > 0, sigma > 0)."""

SIGN, SHARES = "the sign of 0 counts as 0", "places that tie have equal shares"
MIN_MAX = {"max(x) is attained once": SHARES, "min(x) is attained once": SHARES}
EIGENVECTORS = {"no two of the eigenvalues lam of cov are equal": "the gradient does not exist (0/0)"}

SMOOTH = {
    "unit_length.l1": {"x != 0": SIGN},
    "unit_length.lp": {"sum(abs(x)**p) > 0": "", "x != 0": SIGN},
    "unit_length.linf": {"max(abs(x)) is attained once": SHARES, "x != 0": SIGN},
    "l1_batch_norm": {"x - mu != 0": SIGN},
    "linf_batch_norm": {"max(abs(x - mu)) is attained once": SHARES, "x - mu != 0": SIGN},
    "min_max": MIN_MAX,
    "min_max.between": MIN_MAX,
    "min_max.symmetric": MIN_MAX,
    "mean_range": MIN_MAX,
    "selu": {"x != 0": "at a tie each of the two counts half"},
    "spectral_norm": {
        "sigma is a simple singular value of w": "the derivative of the pair that the solver found is taken"
    },
    "decorrelation": EIGENVECTORS,
    "pca_whitening": EIGENVECTORS,
}
"""All others are differentiable wherever they are defined: ZCA whitening at equal eigenvalues, too."""


@pytest.mark.parametrize("one", EVERY.values(), ids=lambda one: one.name)
def test_conditions_are_those_of_the_table_and_on_the_sheet(one: Normalizer) -> None:
    assert defined_where(one) == DEFINED.get(one.name, [])
    assert differentiable_where(one) == SMOOTH.get(one.name, {})
    shown = sheet.sheet(one, [])
    assert ("defined where" in shown) == (one.name in DEFINED)
    assert ("differentiable where" in shown) == (one.name in SMOOTH)


def test_the_tables_name_what_there_is() -> None:
    assert {*DEFINED, *SMOOTH} <= EVERY.keys()


def test_conventions_have_conditions_of_their_own() -> None:
    floor = find("unit_length").convention("torch")
    assert defined_where(floor) == []
    assert "at a tie each of the two counts half" in differentiable_where(floor).values()


def test_a_derivation_ends_with_them() -> None:
    one = find("min_max")
    shown = sheet.derivation(one, sheet.wanted_gradients(one))
    assert "max(x) is attained once; elsewhere places that tie have equal shares" in shown


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("spectral_norm.gradient", "where sigma is a simple singular value of w; elsewhere the derivative of the pair"),
        ("min_max.gradient_orthogonal", "where max(x) is attained once; elsewhere places that tie have equal shares"),
        ("batch_norm.grad_orthogonal_w", ""),
        ("zca_whitening.gradient_sum_zero", ""),
    ],
)
def test_a_claim_about_gradients_says_where_they_are_ones(name: str, says: str) -> None:
    claim = catalogue.find(name)
    shown = words.in_full(Outcome(claim, prove(claim)))
    assert (f"  gradient  {says}" in shown) if says else ("  gradient  " not in shown)
