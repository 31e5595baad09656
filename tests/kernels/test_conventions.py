"""Kernels under conventions: they agree with autograd and their formulas, say whose they are, are told from others."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest

from symnorm.check import crosscheck
from symnorm.errors import ShapeError
from symnorm.kernels import Layout, kernel
from symnorm.normalizers import REGISTRY, Normalizer, find

BASES = [one for base in REGISTRY.values() for one in (base, *base.modes.values())]
EVERY = [base.convention(name) for base in BASES for name in base.conventions]
OTHERS = [one for one in EVERY if one.under and (one.under.options or one.under.layout)]
"""Those with formulas or a layout of their own."""


@pytest.mark.parametrize("definition", OTHERS, ids=lambda n: n.name)
def test_it_agrees_with_autograd(definition: Normalizer) -> None:
    found = crosscheck(kernel(definition))
    assert found.ok, found


@pytest.mark.parametrize(
    "one, other",
    [
        ("batch_norm@onnx", "batch_norm"),
        ("layer_norm@annotated", "layer_norm"),
        ("weight_standardization@code", "weight_standardization"),
        ("adaptive_instance_norm@code", "adaptive_instance_norm"),
    ],
)
def test_the_check_tells_them_apart(one: str, other: str) -> None:
    wrong, truth = kernel(find(one)), kernel(find(other)).plan
    found = crosscheck(wrong, truth)
    assert not found.ok and not found.problem and crosscheck(kernel(find(one))).ok


@pytest.mark.parametrize("definition", EVERY, ids=lambda n: n.name)
def test_its_docstring_says_whose_it_is(definition: Normalizer) -> None:
    assert definition.under is not None
    doc = " ".join((ast.get_docstring(ast.parse(kernel(definition).source)) or "").split())
    assert f"Convention: {definition.under.name}, from {definition.under.source}." in doc
    assert all(" ".join(remark.split()) in doc for remark in definition.under.remarks)
    assert "Convention: the paper's." in kernel(find(definition.name.partition("@")[0])).source


def test_the_defaults_are_those_of_the_convention() -> None:
    found = {name: inspect.signature(kernel(name).module.forward).parameters for name in
             ("batch_norm@keras", "unit_length@torch", "rms_norm@torch")}  # fmt: skip
    assert found["batch_norm@keras"]["momentum"].default == 0.99
    assert found["unit_length@torch"]["axis"].default == 1
    assert found["rms_norm@torch"]["eps"].default is inspect.Parameter.empty


# --- one dimension between others -------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [-3, -1, 0, 1, 2])
def test_a_layout_with_one_dimension_between_others(axis: int) -> None:
    rng = np.random.default_rng(5)
    x, du = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 3, 4))
    made = kernel("unit_length@keras")
    u, saved = made.forward(x, axis=axis)
    length = np.sqrt((x**2).sum(axis=axis, keepdims=True))
    np.testing.assert_allclose(u, x / length, rtol=1e-14)
    dx = (du - u * (du * u).sum(axis=axis, keepdims=True)) / length
    np.testing.assert_allclose(made.backward(du, saved)["x"], dx, rtol=0, atol=1e-14 * np.abs(dx).max())


def test_an_axis_that_is_none_is_refused() -> None:
    with pytest.raises(ShapeError, match="axis is 3, which is no dimension of x with shape"):
        kernel("unit_length@keras").forward(np.ones((2, 3, 4)), axis=3)


def test_the_layout_in_words() -> None:
    assert Layout("N* C N*").in_words("x") == "dimension axis of x is C, all others are N"
    assert Layout("N* C N*").shape({"N": (4, 5), "C": (3,)}) == (4, 5, 3)


def test_a_zero_vector_stays_zero_where_the_convention_says_so() -> None:
    x = np.array([[0.0, 0.0], [3.0, -4.0]])
    for name in ("unit_length@torch", "unit_length@onnx", "unit_length@keras"):
        u, _ = kernel(name).forward(x, axis=1)
        assert u.tolist() == [[0.0, 0.0], [0.6, -0.8]], name
    assert np.isnan(kernel("unit_length").forward(x)[0][0]).all()
