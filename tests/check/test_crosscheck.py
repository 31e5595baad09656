"""The cross-check says yes to the kernels, the same every time, and no to a kernel that is wrong in any way."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnorm.check import FAMILIES, TOLERANCE, case, crosscheck, errors, relative_error
from symnorm.check.oracle import Frame, evaluate
from symnorm.errors import Unsupported
from symnorm.kernels import Kernel, Layout, kernel
from symnorm.tensors import Axis, Loss, axes, mean, tensor, total
from tests.kernels.group_norm import group_norm_kernel
from tests.kernels.textbook import FORMS, kernel_of

KERNELS = {name: kernel_of(name) for name in FORMS} | {"group_norm": group_norm_kernel()}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_agrees_with_its_definition_and_with_autograd(name: str, seed: int) -> None:
    found = crosscheck(KERNELS[name], seed=seed)
    assert found.ok, found
    assert found.max_relative_error <= TOLERANCE <= 1e-10
    assert (found.name, found.seed, found.problem) == (KERNELS[name].name, seed, "")
    assert len(found.shapes) == len(FAMILIES) and any(len(shape) > 3 for shape in found.shapes)


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm", "weight_norm", "batch_renorm"])
def test_the_derived_kernels_agree_too(name: str) -> None:
    made = kernel(name)
    assert crosscheck(made).ok
    for mode in ("inference", "unclipped"):
        if f"{name}.{mode}" in FORMS:
            assert crosscheck(kernel(name, mode)).ok


@pytest.mark.parametrize("name", KERNELS)
def test_everything_that_a_kernel_returns_is_compared(name: str) -> None:
    made = KERNELS[name]
    found = errors(made, made.plan, case(FAMILIES[0], made.plan, 0))
    assert set(found) == {made.plan.output, *made.plan.updates, *(f"d{wrt}" for wrt in made.plan.results)}


def test_the_same_seed_draws_the_same_inputs() -> None:
    plan = KERNELS["batch_renorm"].plan
    for family in FAMILIES:
        one, two, other = case(family, plan, 7), case(family, plan, 7), case(family, plan, 8)
        assert all(np.array_equal(one.arrays[key], two.arrays[key]) for key in one.arrays)
        assert np.array_equal(one.cotangent, two.cotangent) and one.scalars == two.scalars
        assert not np.array_equal(one.arrays["x"], other.arrays["x"])
        assert one.cotangent.shape == one.arrays["x"].shape


def test_names_of_families_are_different_and_each_says_why() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    assert all(family.why for family in FAMILIES)


# --- wrong text, which no change of a formula would give --------------------------------------------------------------


def edited(name: str, old: str, new: str) -> Kernel:
    made = KERNELS[name]
    assert old in made.source
    return replace(made, source=made.source.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "family"),
    [
        ("batch_norm", 'axes = ("N", "C", *("N",)*rest)', 'axes = ("N", "C", *("C",)*rest)', "spatial"),
        ("layer_norm", "before = axis % len(shape)", "before = len(shape) - 1", "spatial"),
        ("weight_norm", '"g": ("C",)', '"g": ("K",)', "standard normal"),
        ("batch_norm", "dbeta = xp.sum(dy,", "dbeta = np.full_like(dy[:1], np.nan) + xp.sum(dy,", "standard normal"),
        ("batch_norm", 'return {"x": dx, ', 'return {"z": dx, ', "standard normal"),
        ("batch_norm", 'return {"x": dx, "gamma": dgamma, ', 'return {"x": dx, "gamma": dbeta, ', "standard normal"),
        ("batch_norm", '"running_mean": new_running_mean, ', "", "standard normal"),
        ("weight_norm", "found[name] = array if", 'found[name] = array.astype("float32") if', "standard normal"),
    ],
)
def test_a_wrong_text_is_seen(name: str, old: str, new: str, family: str) -> None:
    wrong = edited(name, old, new)
    assert not crosscheck(wrong).ok
    assert not crosscheck(wrong, families=[known for known in FAMILIES if known.name == family]).ok


def test_a_kernel_that_fails_is_reported_with_what_it_raised() -> None:
    found = crosscheck(edited("weight_norm", "dg = ", "dg = undefined*"))
    assert not found.ok and found.max_relative_error == math.inf
    assert found.problem == "NameError: name 'undefined' is not defined"
    assert found.worst_family == FAMILIES[0].name


def test_no_family_is_no_success() -> None:
    assert not crosscheck(KERNELS["batch_norm"], families=[]).ok


# --- the measure ------------------------------------------------------------------------------------------------------


def test_an_error_is_relative_to_the_scale_of_the_result() -> None:
    wanted = np.array([1e-30, -2e-30])
    assert relative_error(wanted * (1 + 1e-3), wanted) == pytest.approx(1e-3)
    assert relative_error(wanted + np.array([1e-31, 0]), wanted) == pytest.approx(0.05)
    assert relative_error(wanted, wanted) == 0


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (np.zeros((2, 1)), np.zeros(2)),
        (np.zeros(2, "float32"), np.zeros(2)),
        (np.array([np.nan]), np.array([np.nan])),
        (np.array([1.0]), np.array([np.inf])),
        (np.array([1e-300]), np.array([0.0])),
    ],
)
def test_unlike_in_kind_is_infinitely_wrong(found: np.ndarray, wanted: np.ndarray) -> None:
    assert relative_error(found, wanted) == math.inf


def test_nothing_wanted_and_nothing_found_agree() -> None:
    assert relative_error(np.zeros(3), np.zeros(3)) == 0


# --- the oracle -------------------------------------------------------------------------------------------------------

SHAPES = st.lists(st.integers(1, 4), min_size=2, max_size=5).map(tuple)


@given(SHAPES, st.sampled_from(["N C N*", "N* C*", "C K*", "N S* C", "N (G K) S*"]), st.integers(0, 4))
def test_flat_and_back(shape: tuple[int, ...], text: str, axis: int) -> None:
    layout = Layout(text)
    if layout.takes_groups:
        shape = (shape[0], 2 * shape[1], *shape[2:])
    frame = Frame(layout, shape, axis % len(shape), 2)
    for over in ((), layout.axes[:1], layout.axes[1:], layout.axes):
        own = frame.shape_over(over)
        array = np.arange(math.prod(own), dtype=float).reshape(own)
        flat = frame.flat(array, over)
        assert flat.shape == tuple(frame.sizes[a] if a in over else 1 for a in layout.axes)
        assert np.array_equal(frame.unflat(flat, over), array)


def test_flat_keeps_the_elements_of_an_axis_together() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    flat = Frame(Layout("N C N*"), x.shape).flat(x, ("N", "C"))
    assert np.array_equal(flat, np.moveaxis(x, 1, 2).reshape(8, 3))


def test_the_oracle_counts_what_a_reduction_repeats() -> None:
    N, C = axes("N C")
    c = tensor("c", C)
    frame = Frame(Layout("N C"), (4, 3))
    values = {"c": frame.flat(np.array([1.0, 2, 3]), ("C",))}
    formulas = {"s": total(c, over=N), "m": mean(c, over=N), "n": total(tensor("m", C), over=(N, C))}
    found = evaluate(formulas, values, frame)
    assert np.array_equal(found["s"], [[4, 8, 12]])
    assert np.array_equal(found["m"], [[1, 2, 3]])
    assert found["n"].item() == 24


def test_an_operation_without_a_meaning_is_named() -> None:
    N = Axis("N")
    with pytest.raises(Unsupported, match="'cotangent'"):
        evaluate({"d": Loss("L").cotangent(tensor("y", N))}, {"y": 0}, Frame(Layout("N"), (2,)))


def test_numpy_and_autograd_are_imported_late() -> None:
    code = "import sys, symnorm.kernels, symnorm.check; print([m for m in ('numpy', 'autograd') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
