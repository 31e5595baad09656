"""ONNX's own node test cases, run against the generated kernels under the ``onnx`` convention.

Each case is held to its own tolerances and to a tighter one: 16 units of single precision of the largest entry. A case
that differs would have to be shown wrong by exact arithmetic; of the cases of onnx 1.23 none does.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

from symnorm.kernels import kernel

pytestmark = pytest.mark.onnx

Attributes = dict[str, Any]
STATISTICS = ("x", "gamma", "beta", "running_mean", "running_var")
AFFINE = ("x", "gamma", "beta")


def batch_norm(attributes: Attributes) -> str:
    return "batch_norm@onnx" if attributes.get("training_mode") else "batch_norm.inference@onnx"


def unit_length(attributes: Attributes) -> str:
    return {1: "unit_length.l1@onnx", 2: "unit_length@onnx"}[attributes.get("p", 2)]


OPERATORS: dict[str, tuple[Callable[[Attributes], str], tuple[str, ...], int]] = {
    "BatchNormalization": (batch_norm, STATISTICS, 4),
    "LayerNormalization": (lambda attributes: "layer_norm@onnx", AFFINE, 19),
    "RMSNormalization": (lambda attributes: "rms_norm@onnx", AFFINE[:2], 19),
    "GroupNormalization": (lambda attributes: "group_norm@onnx", AFFINE, 2),
    "InstanceNormalization": (lambda attributes: "instance_norm@onnx", AFFINE, 2),
    "MeanVarianceNormalization": (lambda attributes: "z_score@onnx", AFFINE[:1], 1),
    "LpNormalization": (unit_length, AFFINE[:1], 6),
}
"""Which kernel an operator is, what it calls the inputs, and how many cases there are at least."""

OPTIONS = {"epsilon": "eps", "num_groups": "groups", "axis": "axis", "momentum": "momentum"}
ELSEWHERE = {"training_mode", "p"}
"""Attributes that choose the kernel."""


@cache
def cases() -> dict[str, tuple[Any, Any]]:
    """The cases of one node of our operators, by name, each with its node. Collected once: it takes seconds."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other operators' cases overflow on purpose
        every = collect_testcases(None)
    single = {case.name: (case, case.model.graph.node[0]) for case in every if len(case.model.graph.node) == 1}
    return {name: (case, node) for name, (case, node) in single.items() if node.op_type in OPERATORS}


def computed(node: Any, arrays: list[Any], convention: str = "onnx") -> list[Any]:
    """What our kernel makes of a node's inputs: its outputs in the node's order, as far as the kernel has them."""
    import onnx

    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    name, inputs, _ = OPERATORS[node.op_type]
    options = {OPTIONS[key]: value for key, value in attributes.items() if key not in ELSEWHERE}
    made = kernel(name(attributes).replace("@onnx", f"@{convention}"))
    y, saved = made.forward(**dict(zip(inputs, arrays, strict=True)), **options)
    return [y, *saved.updates.values()]


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_case_of_the_operator_passes(operator: str) -> None:
    ran = 0
    for name, (case, node) in cases().items():
        if node.op_type != operator:
            continue
        for arrays, wanted in case.data_sets:
            for found, want in zip(computed(node, list(arrays)), wanted, strict=False):
                assert found.dtype == want.dtype == np.float32, name
                np.testing.assert_allclose(found, want, rtol=case.rtol, atol=case.atol, err_msg=name)
                assert np.max(np.abs(found - want)) <= 16 * 2.0**-23 * max(1.0, np.max(np.abs(want))), name
            ran += 1
    assert ran >= OPERATORS[operator][2]


def test_the_running_variance_of_the_cases_is_not_torchs() -> None:
    """The cases can fail: momentum 0.9 there is PyTorch's 0.1, but its running variance has divisor N - 1."""
    case, node = cases()["test_batchnorm_example_training_mode"]
    arrays, wanted = case.data_sets[0]
    mine, theirs = computed(node, list(arrays)), computed(node, list(arrays), "torch")
    near = {"rtol": case.rtol, "atol": case.atol}
    agrees = [np.allclose(found, want, **near) for found, want in zip(theirs, wanted, strict=True)]
    assert agrees == [True, True, False]
    assert np.allclose(mine[2], wanted[2], **near)


def test_the_zero_column_of_the_case_is_not_the_papers() -> None:
    case, _ = cases()["test_l2normalization_axis_0"]
    (x,), (wanted,) = case.data_sets[0]
    assert not np.isnan(wanted).any() and np.isnan(kernel("unit_length").forward(np.moveaxis(x, 0, -1))[0]).any()


def test_the_absolute_values_of_the_l1_case_are_needed() -> None:
    """References without |.| pass on the cases' positive numbers; by exact arithmetic they are wrong at (3, -4)."""
    x = [Fraction(3), Fraction(-4)]
    exact = [one / sum(map(abs, x)) for one in x]
    without = [one / sum(x) for one in x]
    found, _ = kernel("unit_length.l1@onnx").forward(np.array([3.0, -4.0]), axis=0)
    assert [Fraction(one).limit_denominator(100) for one in found] == exact == [Fraction(3, 7), Fraction(-4, 7)]
    assert without == [Fraction(-3), Fraction(4)]
