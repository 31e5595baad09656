"""What a caller relies on: shapes, dtypes, running statistics, ``out``, tracing, and the answers at the edges."""

from __future__ import annotations

import math
import warnings
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from symnorm.kernels import Kernel, kernel
from tests.kernels.group_norm import group_norm_kernel
from tests.kernels.textbook import FORMS, kernel_of

Array = np.ndarray[Any, np.dtype[Any]]

BN, LN, WN, RENORM, GN = (
    *(kernel_of(name) for name in ("batch_norm", "layer_norm", "weight_norm", "batch_renorm")),
    group_norm_kernel(),
)


@pytest.fixture(autouse=True)
def no_warning() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def inputs(name: str, dtype: str = "float64") -> tuple[Kernel, dict[str, Array]]:
    """A kernel, and arrays for its first input of three dimensions and its parameters."""
    made = kernel_of(name)
    shape = (4, 3, 5)
    found = {made.plan.data: rng().standard_normal(shape)}
    for declared, node in made.plan.declared.items():
        if node.axes and declared != made.plan.data:
            size = {"N C N*": 3, "N* C*": 5, "C K*": 4}[made.plan.layout.text]
            found[declared] = rng(1).uniform(0.5, 2, size)
    return made, {key: value.astype(dtype) for key, value in found.items()}


# --- shapes and dtypes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_and_the_shapes_follow_the_inputs(name: str, dtype: str) -> None:
    made, arrays = inputs(name, dtype)
    y, saved = made.forward(**arrays)
    assert (y.dtype, y.shape) == (np.dtype(dtype), arrays[made.plan.data].shape)
    for key, gradient in made.backward(y, saved).items():
        assert (gradient.dtype, gradient.shape) == (np.dtype(dtype), arrays[key].shape)
    for key, new in saved.updates.items():
        assert (new.dtype, new.shape) == (np.dtype(dtype), arrays[key].shape)


@pytest.mark.parametrize("name", FORMS)
def test_half_precision_is_single_precision_rounded_once(name: str) -> None:
    made, half = inputs(name, "float16")
    y16, saved16 = made.forward(**half)
    y32, saved32 = made.forward(**{key: value.astype("float32") for key, value in half.items()})
    assert np.array_equal(y16, y32.astype("float16"))
    dy = rng(2).standard_normal(y16.shape).astype("float16")
    for key, gradient in made.backward(dy, saved16).items():
        assert np.array_equal(gradient, made.backward(dy.astype("float32"), saved32)[key].astype("float16"))


def test_a_parameter_gradient_beyond_half_precision_does_not_spoil_dx() -> None:
    x = rng().standard_normal((3000, 2)).astype("float16")
    one = np.ones(2, "float16")
    _, saved = BN.forward(x, one, one)
    found = BN.backward(np.full(x.shape, 100, "float16"), saved)
    assert np.all(np.isinf(found["beta"])) and np.all(np.isfinite(found["x"]))


@pytest.mark.parametrize("shape", [(6, 3), (6, 3, 1), (2, 3, 4), (2, 3, 2, 5), (2, 3, 2, 2, 2)])
def test_batch_norm_averages_positions_like_samples(shape: tuple[int, ...]) -> None:
    x, gamma, beta = rng().standard_normal(shape), rng(1).standard_normal(3), rng(2).standard_normal(3)
    dy = rng(3).standard_normal(shape)
    y, saved = BN.forward(x, gamma, beta)
    grads = BN.backward(dy, saved)
    flat = [np.moveaxis(a, 1, -1).reshape(-1, 3) for a in (x, dy, y, grads["x"])]
    y2, saved2 = BN.forward(flat[0], gamma, beta)
    grads2 = BN.backward(flat[1], saved2)
    assert np.allclose(flat[2], y2, rtol=1e-13, atol=1e-15)
    assert np.allclose(flat[3], grads2["x"], rtol=1e-12, atol=1e-14)
    for key in ("gamma", "beta"):
        assert np.allclose(grads[key], grads2[key], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("axis", [-1, 2, 1, -2, 0, -3])
def test_layer_norm_takes_axis_as_onnx_does(axis: int) -> None:
    x = rng().standard_normal((2, 3, 4))
    gamma, beta = rng(1).standard_normal(x.shape[axis:]), rng(2).standard_normal(x.shape[axis:])
    y, saved = LN.forward(x, gamma, beta, axis=axis)
    rows = x.reshape(math.prod(x.shape[: axis % 3]), -1)
    centred = rows - rows.mean(1, keepdims=True)
    wanted = (centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5)).reshape(x.shape) * gamma + beta
    assert np.allclose(y, wanted, rtol=1e-13, atol=1e-14)
    grads = LN.backward(y, saved)
    assert grads["gamma"].shape == gamma.shape and grads["x"].shape == x.shape


def test_layer_norm_of_one_row_without_a_batch_dimension() -> None:
    x = np.array([1.0, 2.0, 6.0])
    y, saved = LN.forward(x, np.ones(3), np.zeros(3), eps=0.0)
    assert np.allclose(y, (x - 3) / math.sqrt(14 / 3), rtol=1e-14)
    assert np.array_equal(LN.backward(np.ones(3), saved)["beta"], np.ones(3))


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 5), (4, 6, 3, 2)])
@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_group_norm_cuts_a_dimension(shape: tuple[int, ...], groups: int) -> None:
    x, gamma, beta = rng().standard_normal(shape), rng(1).standard_normal(6), rng(2).standard_normal(6)
    y, saved = GN.forward(x, gamma, beta, groups=groups, eps=0.1)
    rows = x.reshape(4 * groups, -1)
    centred = rows - rows.mean(1, keepdims=True)
    x_hat = (centred / np.sqrt((centred**2).mean(1, keepdims=True) + 0.1)).reshape(shape)
    per = (6, *[1] * (len(shape) - 2))
    assert np.allclose(y, x_hat * gamma.reshape(per) + beta.reshape(per), rtol=1e-13, atol=1e-14)
    grads = GN.backward(x, saved)
    summed = tuple(dim for dim in range(len(shape)) if dim != 1)
    assert np.allclose(grads["gamma"], np.sum(x * x_hat, axis=summed), rtol=1e-12)
    assert grads["x"].shape == shape


# --- running statistics -----------------------------------------------------------------------------------------------


def test_running_statistics_are_replaced_and_never_changed_in_place() -> None:
    x = rng().standard_normal((5, 3))
    mean, var = np.zeros(3), np.ones(3)
    old = mean.copy(), var.copy()
    _, saved = BN.forward(x, np.ones(3), np.zeros(3), mean, var, momentum=0.25)
    assert np.array_equal(mean, old[0]) and np.array_equal(var, old[1])
    assert np.allclose(saved.updates["running_mean"], 0.25 * x.mean(0), rtol=1e-14)
    assert np.allclose(saved.updates["running_var"], 0.75 + 0.25 * x.var(0, ddof=1), rtol=1e-14)
    with pytest.raises(TypeError):
        saved.updates["running_mean"] = mean
    with pytest.raises(AttributeError):
        saved.updates = {}


def test_without_running_statistics_there_are_no_new_ones() -> None:
    _, saved = BN.forward(np.eye(3), np.ones(3), np.zeros(3))
    assert dict(saved.updates) == {}
    _, saved = BN.forward(np.eye(3), np.ones(3), np.zeros(3), np.ones(3), np.ones(3), momentum=None)
    assert dict(saved.updates) == {}


def test_renorm_updates_with_its_own_rule() -> None:
    x, mean, std = rng().standard_normal((5, 3)), np.full(3, 0.5), np.full(3, 2.0)
    _, saved = RENORM.forward(x, np.ones(3), np.zeros(3), mean, std, eps=1e-3, momentum=0.1)
    assert np.allclose(saved.updates["running_mean"], 0.5 + 0.1 * (x.mean(0) - 0.5), rtol=1e-14)
    assert np.allclose(saved.updates["running_std"], 2 + 0.1 * (np.sqrt(x.var(0) + 1e-3) - 2), rtol=1e-14)


# --- out --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_results_are_written_into_out(name: str) -> None:
    made, arrays = inputs(name)
    y, saved = made.forward(**arrays)
    room = np.empty_like(y)
    again, _ = made.forward(**arrays, out=room)
    assert again is room and np.array_equal(room, y)
    again, _ = made.forward(**arrays, out={made.plan.output: room})
    assert again is room
    dy = rng(4).standard_normal(y.shape)
    wanted = made.backward(dy, saved)
    rooms = {key: np.empty_like(value) for key, value in wanted.items()}
    found = made.backward(dy, saved, out=rooms)
    for key, value in wanted.items():
        assert found[key] is rooms[key] and np.array_equal(rooms[key], value)
    some = made.backward(dy, saved, out={"x" if "x" in wanted else "v": rooms["x" if "x" in wanted else "v"]})
    assert set(some) == set(wanted)


def test_the_output_may_take_the_place_of_an_input_that_is_not_needed_again() -> None:
    x, dy = rng().standard_normal((5, 3)), rng(1).standard_normal((5, 3))
    gamma, beta = np.ones(3), np.zeros(3)
    wanted, saved = BN.forward(x, gamma, beta)
    gradient = BN.backward(dy, saved)["x"]
    y, saved = BN.forward(x, gamma, beta, out=x)
    assert y is x and np.array_equal(x, wanted)
    assert BN.backward(dy, saved, out={"x": dy})["x"] is dy
    assert np.array_equal(dy, gradient)


# --- tracing ----------------------------------------------------------------------------------------------------------


def test_autograd_goes_through_forward_and_through_backward() -> None:
    x, dy = rng().standard_normal((5, 3)), rng(1).standard_normal((5, 3))
    gamma, beta = np.array([1.0, -2, 0.5]), np.ones(3)

    def loss(x: Any, gamma: Any) -> Any:
        return anp.sum(dy * BN.forward(x, gamma, beta, xp=anp)[0])

    _, saved = BN.forward(x, gamma, beta)
    mine = BN.backward(dy, saved)
    for at, key in enumerate(("x", "gamma")):
        assert np.allclose(autograd.grad(loss, at)(x, gamma), mine[key], rtol=1e-12, atol=1e-14)

    def step(gamma: Any) -> Any:
        _, kept = BN.forward(x, gamma, beta, xp=anp)
        return anp.sum(dy * BN.backward(dy, kept, xp=anp)["x"])

    assert np.allclose(autograd.grad(step)(gamma) @ gamma, step(gamma), rtol=1e-12)  # dx is linear in gamma


def test_no_gradient_passes_through_r_and_d() -> None:
    x, dy = rng().standard_normal((6, 2)), rng(1).standard_normal((6, 2))
    fixed = {"gamma": np.ones(2), "beta": np.zeros(2), "running_mean": np.zeros(2), "running_std": np.ones(2)}
    unclipped = kernel_of("batch_renorm.unclipped")

    def loss(x: Any) -> Any:
        return anp.sum(dy * unclipped.forward(x, **fixed, xp=anp)[0])

    _, saved = unclipped.forward(x, **fixed)
    found = autograd.grad(loss)(x)
    assert np.allclose(found, unclipped.backward(dy, saved)["x"], rtol=1e-12, atol=1e-14)
    assert not np.allclose(found, dy, atol=0.1)  # with a gradient through r and d the output is x itself
    assert np.all(np.isfinite(autograd.hessian_vector_product(loss)(x, dy)))


# --- the edges --------------------------------------------------------------------------------------------------------


def test_a_batch_of_one_gives_exactly_beta() -> None:
    beta = np.array([0.1, -3.0, 1e-300])
    y, saved = BN.forward(np.array([[1e8, -1 / 3, 7.0]]), np.array([2.0, 1e5, -1.0]), beta)
    assert np.array_equal(y[0], beta)
    grads = BN.backward(np.array([[5.0, 1.0, 2.0]]), saved)
    assert np.array_equal(grads["x"], np.zeros((1, 3))) and np.array_equal(grads["beta"], [5, 1, 2])


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm", "batch_renorm"])
def test_a_constant_channel_without_eps_is_nan_there_and_nowhere_else(name: str) -> None:
    made, arrays = inputs(name)
    x = arrays["x"]
    where = (slice(None), 1) if name != "layer_norm" else (1, 2)
    x[where] = 0.5  # a number whose mean is exact; at 0.7 the mean may be off by a rounding
    expected = np.zeros(x.shape, bool)
    expected[where] = True
    y, saved = made.forward(**arrays, eps=0.0)
    assert np.array_equal(np.isnan(y), expected)
    assert np.array_equal(np.isnan(made.backward(np.ones_like(y), saved)["x"]), expected)


def test_a_zero_vector_has_no_direction() -> None:
    v = np.array([[0.0, 0, 0], [3, 0, 4]])
    w, saved = WN.forward(v, np.array([1.0, 5.0]))
    assert np.all(np.isnan(w[0])) and np.array_equal(w[1], [3, 0, 4])
    assert np.all(np.isnan(WN.backward(np.ones_like(v), saved)["v"][0]))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_bad_number_stays_in_its_own_reduction(bad: float) -> None:
    x = rng().standard_normal((4, 3, 2))
    clean, _ = BN.forward(x, np.ones(3), np.zeros(3))
    x[2, 1, 0] = bad
    y, saved = BN.forward(x, np.ones(3), np.zeros(3))
    assert np.array_equal(y[:, [0, 2]], clean[:, [0, 2]]) and not np.any(np.isfinite(y[:, 1]))
    grads = BN.backward(np.ones_like(x), saved)
    assert np.all(np.isfinite(grads["x"][:, [0, 2]])) and np.all(np.isfinite(grads["gamma"][[0, 2]]))
    assert not np.any(np.isfinite(grads["x"][:, 1]))
    rows, _ = LN.forward(x, np.ones(2), np.zeros(2))
    assert not np.any(np.isfinite(rows[2, 1])) and np.isfinite(rows).sum() == x.size - 2


def test_the_default_of_a_scalar_is_the_definition_s() -> None:
    x, gamma, beta = 1e-3 * rng().standard_normal((4, 3)), np.ones(3), np.zeros(3)
    assert np.array_equal(BN.forward(x, gamma, beta)[0], BN.forward(x, gamma, beta, eps=1e-5)[0])
    assert not np.allclose(BN.forward(x, gamma, beta)[0], BN.forward(x, gamma, beta, eps=1e-4)[0])


@pytest.mark.parametrize("scalar", [np.float64(0.1), np.float32(0.1), np.array(0.1), 0.1])
def test_a_scalar_of_another_dtype_does_not_change_the_result_s(scalar: Any) -> None:
    x = rng().standard_normal((4, 3)).astype("float32")
    one = np.ones(3, "float32")
    assert BN.forward(x, one, one, eps=scalar)[0].dtype == np.float32


def test_lists_are_arrays_of_double_precision() -> None:
    y, saved = LN.forward([[1.0, 3.0]], [1.0, 1.0], [0.0, 0.0], eps=0)
    assert y.dtype == np.float64 and np.array_equal(y, [[-1, 1]])
    assert LN.backward([[1.0, 2.0]], saved)["x"].dtype == np.float64


def test_inputs_in_any_memory_order() -> None:
    x, dy = rng().standard_normal((3, 6)).T, rng(1).standard_normal((12, 6))[::2, ::-2]
    y, saved = BN.forward(x, np.ones(3), np.zeros(3))
    wanted, kept = BN.forward(np.ascontiguousarray(x), np.ones(3), np.zeros(3))
    assert np.allclose(y, wanted, rtol=1e-14, atol=1e-15)
    mine, theirs = BN.backward(dy, saved), BN.backward(np.ascontiguousarray(dy), kept)
    assert all(np.allclose(mine[key], theirs[key], rtol=1e-12, atol=1e-14) for key in mine)


def test_a_mode_is_a_kernel_of_its_own() -> None:
    x, stats = rng().standard_normal((4, 3)), {"running_mean": np.full(3, 0.5), "running_var": np.full(3, 4.0)}
    y, _ = kernel("batch_norm", mode="inference").forward(x, np.ones(3), np.zeros(3), **stats, eps=0)
    assert np.allclose(y, (x - 0.5) / 2, rtol=1e-15)
    assert kernel("batch_norm", mode="training").source == kernel("batch_norm").source
