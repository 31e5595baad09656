"""The gradients beside a complex step: a derivative of the forward body that no difference of nearby numbers spoils."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from symnorm.check.families import FAMILIES, Case, case
from symnorm.errors import Unsupported
from symnorm.kernels import Kernel, kernel
from symnorm.normalizers import REGISTRY
from symnorm.tensors import walk

STEP = 1e-150  # its square vanishes beside 1, and nothing is subtracted
NOT_ANALYTIC = {"abs", "sign", "maximum", "minimum", "amax", "amin", "at_max", "at_min", "stop"}


def analytic() -> Iterator[str]:
    for name in REGISTRY:
        plan = kernel(name).plan
        ops = {node.op for node in walk(*plan.equations.values())}
        if not ops & NOT_ANALYTIC and not plan.systems and not plan.copies:
            yield name


def stepped(made: Kernel, drawn: Case, directions: Mapping[str, Any]) -> Any:
    """The derivative of the output along directions of the arrays."""
    module: Any = made.module
    options = [value for value in (*drawn.options.values(), *drawn.frame.elsewhere.values()) if value is not None]
    grid = module.layout(drawn.arrays[made.plan.data].shape, *options)
    given: dict[str, Any] = {}
    for name in inspect.signature(module.forward_body).parameters:
        if name in drawn.arrays:
            moved = drawn.arrays[name] + 1j * STEP * directions.get(name, 0)
            given[name] = moved.reshape(grid.per(name))
        elif name in made.plan.declared:
            given[name] = drawn.scalars.get(name, inspect.signature(module.forward).parameters[name].default)
        elif name != "xp":
            given[name] = grid.over(name.removeprefix("over_")) if name.startswith("over_") else grid.size(name)
    found = module.forward_body(**given, xp=np)
    y = found[made.plan.returned.index(made.plan.output)] if isinstance(found, tuple) else found
    return y.imag.reshape(drawn.cotangent.shape) / STEP


def far(name: str, style: str, wrong: float = 0.0) -> float:
    """How far the gradients along a direction are from the complex step, relative to their terms."""
    made = kernel(name, style=style)
    drawn, rng = case(FAMILIES[0], made.plan, 11), np.random.default_rng(5)
    _, saved = made.forward(**drawn.arrays, **drawn.scalars, **drawn.options)
    worst = 0.0
    for key, gradient in made.backward(drawn.cotangent, saved).items():
        direction = rng.standard_normal(gradient.shape)
        exact = float(np.sum(drawn.cotangent * stepped(kernel(name), drawn, {key: direction})))
        products = (1 + wrong) * gradient * direction
        worst = max(worst, abs(float(np.sum(products)) - exact) / float(np.sum(np.abs(products))))
    return worst


@pytest.mark.parametrize("style", ["reference", "fast"])
@pytest.mark.parametrize("name", list(analytic()))
def test_gradients_agree_with_a_complex_step(name: str, style: str) -> None:
    try:
        kernel(name, style=style)
    except Unsupported:
        assert style == "fast"
        return
    assert far(name, style) < 1e-12


def test_a_slightly_wrong_gradient_does_not() -> None:
    assert far("layer_norm", "reference", wrong=1e-9) > 1e-12
