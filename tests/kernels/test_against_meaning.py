"""Kernels against the exact interpreter: they compute what the definition and its raw adjoint say, to rounding.

The gradients here are the ones by hand; the adjoint comes from the rules of differentiation alone. Neither autograd nor
a closed form that was derived has a part in it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symnorm.calculus import vjp
from symnorm.evaluate import Model, element_array
from symnorm.evaluate.numbers import Number, enclosure
from symnorm.normalizers import find
from symnorm.tensors import Tensor, tensor
from tests.kernels.textbook import FORMS, kernel_of

SIZES = {"N": 3, "C": 2, "K": 4}
Entries = Mapping[tuple[int, ...], Number]


def array(entries: Entries) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The nearest floats."""
    found = np.empty(max(entries))
    for at, value in entries.items():
        exact = enclosure(value)
        found[tuple(i - 1 for i in at)] = float((exact.lo + exact.hi) / 2)
    return found


def meaning(node: Tensor, model: Model) -> np.ndarray[Any, np.dtype[np.float64]]:
    return array(element_array(node.expr, [a.index for a in node.axes], [SIZES[a.name] for a in node.axes], model))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FORMS)
def test_forward_backward_and_updates_are_the_definition(name: str, seed: int) -> None:
    normalizer, made, draw = find(name), kernel_of(name), random.Random(seed)
    instance = normalizer.instance()
    dy = tensor(made.plan.cotangent, *instance.output.axes)
    tensors: dict[str, dict[tuple[int, ...], Fraction]] = {}
    scalars: dict[str, Fraction] = {}
    for key, node in {**normalizer.inputs, made.plan.cotangent: dy}.items():
        low = Fraction(1, 4) if node.data.positive or node.data.nonnegative else Fraction(-2)
        shape = tuple(SIZES[axis.name] for axis in node.axes)
        entries = {tuple(i + 1 for i in at): low + Fraction(draw.randint(0, 64), 16) for at in np.ndindex(*shape)}
        if node.axes:
            tensors[key] = entries
        else:
            scalars[key] = Fraction(1, 8) if key == "eps" else entries[()]
    model = Model(sizes=SIZES, scalars=scalars, tensors=tensors)

    arrays = {key: array(entries) for key, entries in tensors.items()}
    cotangent = arrays.pop(made.plan.cotangent)
    y, saved = made.forward(**arrays, **{key: float(value) for key, value in scalars.items()})
    wrt = [normalizer.inputs[key] for key in normalizer.differentiable]
    adjoints = vjp(instance.output, dy, wrt)
    wanted = {made.plan.output: instance.output, **instance.updates}
    wanted |= {f"d{node.data.name}": adjoints.of(node) for node in wrt}
    found = {made.plan.output: y, **saved.updates}
    found |= {f"d{key}": gradient for key, gradient in made.backward(cotangent, saved).items()}
    assert set(found) == set(wanted)
    for key, node in wanted.items():
        exact = meaning(node, model)
        assert found[key].shape == exact.shape
        assert np.max(np.abs(found[key] - exact)) <= 1e-13 * np.max(np.abs(exact)), key
