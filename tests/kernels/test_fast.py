"""The fast style: what it computes is what the reference computes, whatever the blocks, the threads and the layout."""

from __future__ import annotations

import ast
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symnorm import facade
from symnorm.check.accuracy import errors
from symnorm.check.families import FAMILIES, case, framed
from symnorm.check.stress import draw
from symnorm.errors import NameUnknown, ShapeError, Unsupported
from symnorm.kernels import Kernel, kernel
from symnorm.kernels.blocks import BLOCK_BYTES, Cut, Wide, cut, widened
from symnorm.kernels.kernel import of_plan
from symnorm.kernels.sums import Room as Buffers
from symnorm.kernels.sums import sum_of_product, sum_over, weighted_sum
from symnorm.normalizers import REGISTRY
from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, mean, sqrt, tensor
from tests.kernels.test_accuracy import SMALL, kernels

Array = np.ndarray[Any, np.dtype[Any]]


@cache
def fast(name: str, mode: str = "training") -> Kernel:
    return kernel(name, mode, style="fast")


def covered() -> Iterator[tuple[str, str]]:
    for name, found in REGISTRY.items():
        for mode in ("training", *found.modes):
            try:
                fast(name, mode)
            except Unsupported:
                continue
            yield name, mode


COVERED = list(covered())


def test_all_of_the_zoo_is_covered() -> None:
    wanted = {"batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm", "weight_norm", "batch_renorm"}
    wanted |= {"min_max", "mean_range", "linf_batch_norm", "batch_instance_norm", "sync_batch_norm", "switchable_norm"}
    assert wanted <= {name for name, _ in COVERED} and len(COVERED) >= 47


@pytest.fixture(params=[128, BLOCK_BYTES])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Blocks of a few numbers, so that small arrays are cut; and one block for all."""
    for name, mode in COVERED:
        monkeypatch.setattr(fast(name, mode).module, "BLOCK_BYTES", request.param)
    return int(request.param)


def close(found: Array, wanted: Array, scale: float, most: float = 1e-12) -> bool:
    same = found.shape == wanted.shape and found.dtype == wanted.dtype
    return same and float(np.max(np.abs(found - wanted))) <= most * max(float(np.max(np.abs(wanted))), scale)


@pytest.mark.parametrize(("name", "mode"), COVERED)
def test_it_agrees_with_the_reference_on_every_family(name: str, mode: str, block: int) -> None:
    made, reference = fast(name, mode), kernel(name, mode)
    for seed, family in enumerate(FAMILIES):
        drawn = case(family, reference.plan, seed)
        given = {**drawn.arrays, **drawn.scalars, **drawn.options}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            y, saved = made.forward(**given)
            gradients = made.backward(drawn.cotangent, saved)
        wanted, kept = reference.forward(**given)
        assert close(y, wanted, 0), family.name
        assert set(saved.updates) == set(kept.updates)
        for key, new in kept.updates.items():
            assert close(saved.updates[key], new, 0), (family.name, key)
        terms = float(np.max(np.abs(drawn.cotangent))) * 1e3  # at eps = 0 a pair's gradient is exactly 0
        most = 1e-12 if made.module.CENTRED else 1e-11  # what is not centred loses the digits of the mean in both
        for key, gradient in reference.backward(drawn.cotangent, kept).items():
            assert close(gradients[key], gradient, terms if family.name == "pairs" else 0, most), (family.name, key)


def of_each_layout() -> dict[str, str]:
    """A definition for each layout that the zoo or a convention of it has."""
    named = ((f"{name}@{convention}", found.convention(convention))
             for name, found in REGISTRY.items() for convention in found.conventions)  # fmt: skip
    return {definition.layout: name for name, definition in named}


@pytest.mark.parametrize(("layout", "name"), of_each_layout().items())
def test_it_agrees_with_the_reference_in_the_layouts_of_conventions(layout: str, name: str) -> None:
    made, reference = facade.kernel(name, style="fast"), facade.kernel(name)
    frames: list[Any] = [None]
    if made.plan.layout.takes_axis:
        frames = [framed(reference.plan, (4, 3, 5), {"axis": axis}) for axis in range(3)]
    for frame in frames:
        one = case(FAMILIES[0], reference.plan, 0, frame)
        given = {**one.arrays, **one.scalars, **one.options}
        (y, saved), (wanted, kept) = made.forward(**given), reference.forward(**given)
        assert close(y, wanted, 0), layout
        for key, gradient in reference.backward(one.cotangent, kept).items():
            assert close(made.backward(one.cotangent, saved)[key], gradient, 0), (layout, key)


@pytest.mark.parametrize(("name", "mode"), COVERED)
def test_the_number_of_threads_does_not_change_a_bit(name: str, mode: str, block: int) -> None:
    made = fast(name, mode)
    drawn = case(FAMILIES[0], made.plan, 3)
    given = {**drawn.arrays, **drawn.scalars, **drawn.options}
    runs = []
    for threads in (1, 2, 5):
        y, saved = made.forward(**given, threads=threads)
        runs.append([y, *made.backward(drawn.cotangent, saved, threads=threads).values()])
    for other in runs[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(runs[0], other, strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in kernels() if (name, "training") in COVERED])
def test_every_stress_family_is_right_to_four_units(name: str, dtype: str, block: int) -> None:
    made = fast(name)
    for stress in SMALL:
        drawn = draw(made.plan, stress, dtype)
        y, saved = made.forward(**drawn.arrays, **drawn.scalars, **drawn.options)
        found = errors(made.plan, drawn, y, made.backward(drawn.cotangent, saved))
        assert max(found.values()) <= (32 if stress.name == "subnormal" else 4), (stress.name, found)


def test_a_mean_that_is_written_out_is_the_mean() -> None:
    made = fast("z_score", "unbiased")
    assert "squares" in made.source and made.module.ALONG


def test_sums_of_the_same_along_more_axes_go_on_from_those_along_fewer() -> None:
    source = fast("group_norm").source
    assert source.count("sum_over(dy, ") == 1 and "np.add.reduce(sum_" in source


@pytest.mark.parametrize("name", ["instance_norm", "layer_norm", "batch_norm"])
def test_rows_of_a_million_keep_their_digits(name: str) -> None:
    made, size = fast(name), 2**20 + 5
    shape, over = {"instance_norm": ((1, 2, size), 2), "layer_norm": ((1, size), 1), "batch_norm": ((size, 1), 0)}[name]
    x = np.random.default_rng(0).standard_normal(shape).astype("float32") + np.float32(0.25)
    one = np.ones(size if name == "layer_norm" else shape[1], "float32")
    y, saved = made.forward(x, one, 0 * one)
    dx = made.backward(x[::-1] + y, saved)["x"]
    wide, dy = x.astype(float), (x[::-1] + y).astype(float)
    s = np.sqrt(wide.var(axis=over, keepdims=True) + 1e-5)
    x_hat = (wide - wide.mean(axis=over, keepdims=True)) / s
    along = x_hat * np.mean(dy * x_hat, axis=over, keepdims=True)
    wanted = (dy - dy.mean(axis=over, keepdims=True) - along) / s
    for found, exact, scale in ((y, x_hat, np.max(np.abs(x_hat))), (dx, wanted, np.max(np.abs(dy)))):
        assert np.max(np.abs(found - exact)) < 4 * np.spacing(np.float32(scale))


def test_without_the_guard_the_same_inputs_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Kernel(fast("layer_norm").plan, fast("layer_norm").source)
    monkeypatch.setattr(made.module, "safe", lambda values, far: (0.0, 0.0))
    (stress,) = [stress for stress in SMALL if stress.name == "squares overflow"]
    drawn = draw(made.plan, stress, "float32")
    y, saved = made.forward(**drawn.arrays, **drawn.scalars)
    assert max(errors(made.plan, drawn, y, made.backward(drawn.cotangent, saved)).values()) > 100


def test_a_bad_row_costs_its_block_only(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Kernel(fast("layer_norm").plan, fast("layer_norm").source)
    monkeypatch.setattr(made.module, "BLOCK_BYTES", 4 * 64 * 8)
    x = np.random.default_rng(0).standard_normal((64, 64)).astype("float32")
    x[17] *= 1e30
    _, saved = made.forward(x, np.ones(64, "float32"), np.zeros(64, "float32"))
    assert saved.job.bad.tolist() == [at == 17 // 8 for at in range(8)]


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_rows_of_a_cotangent_that_are_zero_are_not_rows_that_vanish(scale: float) -> None:
    made, rng = fast("layer_norm"), np.random.default_rng(0)
    x, dy = (rng.standard_normal((8, 64)).astype("float32") for _ in range(2))
    _, saved = made.forward(x, np.ones(64, "float32"), np.zeros(64, "float32"))
    dy[3] = 0
    calls: list[Any] = []
    plain = made.module.careful_backward
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made.module, "careful_backward", lambda *args: calls.append(args) or plain(*args))
        made.backward(dy, saved)
        assert not calls
        dy[5] *= np.float32(scale)
        made.backward(dy, saved)
        assert bool(calls) == (scale < 1)


def test_weights_that_are_far_from_one_take_all_care() -> None:
    made = fast("layer_norm")
    x = np.random.default_rng(0).standard_normal((8, 64)).astype("float32")
    for weight, bad in ((0.0, False), (1e-3, False), (1e38, True), (1e-38, True)):
        gamma = np.full(64, weight, "float32")
        gamma[7] = 1
        _, saved = made.forward(x, gamma, np.zeros(64, "float32"))
        assert saved.job.bad.all() == bad, weight


# --- layouts ----------------------------------------------------------------------------------------------------------


ALONG = {"batch_norm": (0, 2, 3, 4), "group_norm": (2,), "instance_norm": (2, 3, 4), "layer_norm": (1, 2, 3, 4)}


def terms(name: str, x: Array, gamma: Array, beta: Array, dy: Array) -> dict[str, Array]:
    """The terms whose sums are the results, in double precision; a group norm has two groups. First axis: the term."""
    shape, per_place = x.shape, name == "layer_norm"
    wide, back = x.astype(float), dy.astype(float)
    weight, move = ((p if per_place else p.reshape(-1, *[1] * (x.ndim - 2))).astype(float) for p in (gamma, beta))
    rows = wide.reshape(shape[0], 2, -1) if name == "group_norm" else wide
    over = tuple(at for at in ALONG[name] if at < rows.ndim)
    inverse = 1 / np.sqrt(rows.var(axis=over, keepdims=True) + 1e-5)
    x_hat = (rows - rows.mean(axis=over, keepdims=True)) * inverse
    d = (weight * back).reshape(rows.shape)
    mean = np.broadcast_to(d.mean(axis=over, keepdims=True), d.shape)
    along = x_hat * np.mean(d * x_hat, axis=over, keepdims=True)
    x_hat = x_hat.reshape(shape)
    summed = tuple(at for at in range(x.ndim) if at == 0 or (at > 1 and not per_place))
    return {
        "y": np.stack([weight * x_hat, np.broadcast_to(move, shape)]),
        "x": np.stack([(one * inverse).reshape(shape) for one in (d, -mean, -along)]),
        "gamma": np.sum(np.abs(back * x_hat), axis=summed)[None],
        "beta": np.sum(np.abs(back), axis=summed)[None],
    }


def units(found: Array, wanted: Array, parts: Array) -> float:
    """The largest difference in units in the last place of the largest term."""
    last = np.spacing(np.max(np.abs(parts)).astype(found.dtype)).astype(float)
    return float(np.max(np.abs(found.astype(float) - wanted.astype(float))) / last)


@pytest.mark.parametrize("shape", [(6, 4), (6, 4, 5), (6, 4, 3, 5), (3, 4, 2, 3, 2)])
@pytest.mark.parametrize("name", ["batch_norm", "group_norm", "instance_norm", "layer_norm"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_any_number_of_spatial_axes_and_strides(name: str, shape: tuple[int, ...], dtype: str, block: int) -> None:
    if name == "instance_norm" and len(shape) < 3:
        shape = (*shape, 2)
    rng, made, reference = np.random.default_rng(0), fast(name), kernel(name)
    options = {"group_norm": {"groups": 2}, "layer_norm": {"axis": 1}}.get(name, {})
    parameter = shape[1:] if name == "layer_norm" else shape[1:2]
    wide = rng.standard_normal((*shape[:-1], 2 * shape[-1])).astype(dtype)
    most = 1 if dtype == "float16" else 4  # half precision is rounded once, at the end
    for x in (wide[..., ::2], np.asfortranarray(wide[..., 1::2]), np.swapaxes(np.swapaxes(wide, 0, 1).copy(), 0, 1)):
        x = x[..., : shape[-1]]
        fitting = np.ascontiguousarray(x)
        gamma, beta = (rng.uniform(0.5, 2, parameter).astype(dtype) for _ in range(2))
        dy = rng.standard_normal(wide.shape).astype(dtype)[..., ::2]
        out = np.full(wide.shape, np.nan, dtype)[..., ::2]
        y, saved = made.forward(x, gamma, beta, **options, out=out)
        wanted, kept = reference.forward(fitting, gamma, beta, **options)
        parts = terms(name, fitting, gamma, beta, dy)
        assert y is out and units(y, wanted, parts["y"]) <= most
        into = {"x": np.full(wide.shape, np.nan, dtype)[..., ::2]}
        found = made.backward(dy, saved, out=into)
        assert found["x"] is into["x"]
        for key, gradient in reference.backward(np.ascontiguousarray(dy), kept).items():
            assert found[key].dtype == np.dtype(dtype) and units(found[key], gradient, parts[key]) <= most, key


@pytest.mark.parametrize("name", ["batch_norm", "group_norm", "instance_norm", "layer_norm"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_so_few_units_tell_wrong_terms_and_another_eps(name: str, dtype: str) -> None:
    rng, made = np.random.default_rng(0), fast(name)
    options = {"group_norm": {"groups": 2}, "layer_norm": {"axis": 1}}.get(name, {})
    x, dy = (rng.standard_normal((6, 4, 5)).astype(dtype) for _ in range(2))
    gamma, beta = (rng.uniform(0.5, 2, x.shape[1:] if name == "layer_norm" else 4).astype(dtype) for _ in range(2))
    parts = terms(name, x, gamma, beta, dy)
    most = 1 if dtype == "float16" else 4
    y, saved = made.forward(x, gamma, beta, **options)
    dx = made.backward(dy, saved)["x"]
    right = np.sum(parts["x"], axis=0)
    assert units(y, np.sum(parts["y"], axis=0), parts["y"]) <= most and units(dx, right, parts["x"]) <= most
    for term in parts["x"]:  # left out, or doubled
        assert units(dx, right - term, parts["x"]) > 10 * most and units(dx, right + term, parts["x"]) > 10 * most
    other, kept = made.forward(x, gamma, beta, **options, eps=1.1e-5)
    if dtype == "float64":  # in single precision this is below a unit or two
        assert units(other, y, parts["y"]) > 1e6 and units(made.backward(dy, kept)["x"], dx, parts["x"]) > 1e6


@pytest.mark.parametrize("block_bytes", [4096, 40_000])
@pytest.mark.parametrize("shape", [(700, 33), (1, 5), (2, 1), (4097, 2)])
def test_channels_that_come_last_take_two_sweeps(
    shape: tuple[int, ...], block_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, plain, rng = fast("batch_norm"), kernel("batch_norm"), np.random.default_rng(1)
    monkeypatch.setattr(made.module, "BLOCK_BYTES", block_bytes)
    gamma, beta = rng.uniform(1, 2, shape[1]), rng.standard_normal(shape[1])
    for center in (0.0, 1e5):
        x = rng.standard_normal(shape) + center
        x[0] += 50  # a first row that is far from the mean
        y, saved = made.forward(x, gamma, beta)
        wanted, kept = plain.forward(x, gamma, beta)
        assert saved.job.sweeps == (shape[0] > 500)
        dy = rng.standard_normal(shape)
        parts = terms("batch_norm", x, gamma, beta, dy)
        assert units(y, wanted, parts["y"]) <= 8  # either is held to 4 units of the exact result
        reference = plain.backward(dy, kept)
        for key, value in made.backward(dy, saved).items():
            assert units(value, reference[key], parts[key]) <= 8, key


# --- blocks and sums --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("elements", [1, 7, 24, 1000])
@pytest.mark.parametrize("dimensions", [(0,), (1,), (0, 1), (0, 1, 2), ()])
def test_blocks_cover_each_element_once(dimensions: tuple[int, ...], elements: int) -> None:
    seen = np.zeros((5, 3, 4), int)
    for one in cut(seen.shape, dimensions, elements):
        assert all(part == slice(0, size) for at, (part, size) in enumerate(zip(one, seen.shape, strict=True))
                   if at not in dimensions)  # fmt: skip
        seen[one] += 1
    assert np.all(seen == 1)


@pytest.mark.parametrize(
    ("rows", "length", "longest"),
    [(70, 33, 62 * 33), (62, 33, 62 * 33), (61, 33, 33), (3, 2048, 2048), (5, 1, 1), (2, 5000, 5000)],
)
def test_short_rows_become_long_ones(rows: int, length: int, longest: int) -> None:
    x, scale = np.arange(float(rows * length)).reshape(rows, length), np.arange(1.0, 1 + length).reshape(1, length)
    values = Cut({"scale": scale, "eps": 1.0}, [(slice(0, rows), slice(0, length))])
    out = np.zeros_like(x)
    parts = widened(values.fixed, Wide(values, x.shape), x, out)
    for mine, (a, b) in parts:
        np.multiply(a, mine["scale"], out=b)
    assert np.array_equal(out, x * scale)
    assert max(a.shape[-1] for _, (a, _) in parts) == longest
    rest = np.arange(3.0).reshape(3, 1)  # differs from row to row
    assert Wide(Cut({"rest": rest}, [(slice(0, 3), slice(0, 4))]), (3, 4)).rows == 1


def test_a_mean_that_is_small_is_not_subtracted_and_one_that_is_large_is() -> None:
    x = np.random.default_rng(0).standard_normal((16, 16, 500))
    one, zero = np.ones(16), np.zeros(16)
    for name in ("instance_norm", "batch_norm", "layer_norm"):
        made, plain = fast(name), kernel(name)
        given = (one, zero) if name != "layer_norm" else (np.ones(500), np.zeros(500))
        for middle, moved in ((0.0, name == "layer_norm"), (0.1, name == "layer_norm"), (7.0, True)):
            y, saved = made.forward(x + middle, *given)
            assert bool(np.any(saved.job.centring.center)) == moved, (name, middle)
            wanted, kept = plain.forward(x + middle, *given)
            assert close(y, wanted, 0)
            dx, exact = made.backward(x[::-1], saved)["x"], plain.backward(x[::-1], kept)["x"]
            assert close(dx, exact, 0)


@pytest.mark.parametrize("over", [(0,), (1,), (2,), (0, 2), (1, 2), (0, 1), (0, 1, 2)])
@pytest.mark.parametrize(
    "shape", [(4, 3, 5), (133, 1, 20), (64, 1, 16), (1, 3, 5), (4, 3, 1), (4, 1, 5), (1, 1, 1), (1, 3, 1)]
)
def test_sums_over_a_block(shape: tuple[int, ...], over: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    wide = rng.integers(-9, 9, (*shape[:2], 2 * shape[2])).astype("float32")
    b = rng.integers(-9, 9, shape).astype("float32")
    weight = rng.integers(1, 5, [size if at in over else 1 for at, size in enumerate(shape)]).astype("float32")
    for a in (wide[..., ::2], wide[..., : shape[2]], np.ascontiguousarray(wide[..., ::2])):
        a = a[..., : shape[2]]
        assert np.array_equal(sum_over(a, over), a.sum(axis=over, keepdims=True))
        assert np.array_equal(sum_of_product(a, b, over, Buffers()), (a * b).sum(axis=over, keepdims=True))
        assert np.array_equal(weighted_sum(a, weight, over, Buffers()), (a * weight).sum(axis=over, keepdims=True))


@pytest.mark.parametrize("rows", [8, 24, 63, 64, 65, 130, 1000, 1030])
@pytest.mark.parametrize("columns", [5, 512])
def test_sums_down_columns_of_single_precision_lose_no_unit(rows: int, columns: int) -> None:
    """In terms of the sum of absolute terms."""
    rng = np.random.default_rng(rows)
    a, b = (rng.standard_normal((rows, columns)).astype(np.float32) for _ in range(2))
    for found, terms in (
        (sum_over(a, (0,)), a.astype(np.float64)),
        (sum_of_product(a, b, (0,), Buffers()), a.astype(np.float64) * b),
    ):
        assert np.max(np.abs(found[0] - terms.sum(0)) / np.abs(terms).sum(0)) < 2.0**-23


# --- bad input --------------------------------------------------------------------------------------------------------

X, ONE = np.arange(12.0).reshape(4, 3), np.ones(3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.ones((0, 3))}, r"x has shape \(0, 3\); it needs at least one element"),
        ({"x": np.ones((4, 3), int)}, r"x has shape \(4, 3\) and dtype int64"),
        ({"x": np.ones((4, 3), object)}, "x has shape .* and dtype object"),
        ({"gamma": np.ones(4)}, r"gamma has shape \(4,\); over \(C\) it has to be \(3,\)"),
        ({"gamma": np.ones(3, "float32")}, r"gamma has shape \(3,\) and dtype float32; all arrays have to be float64"),
        ({"threads": 0}, "threads is 0"),
        ({"eps": -1.0}, "eps is -1.0; it has to be at least 0"),
        ({"out": X}, "out for y shares memory"),
        ({"out": X[::-1]}, "out for y shares memory"),
        ({"out": np.zeros((3, 4)).T[:, :2]}, r"out for y is float64 \(4, 2\)"),
        ({"out": np.zeros((4, 3), "float32")}, r"out for y is float32 \(4, 3\)"),
        ({"out": np.broadcast_to(1.0, (4, 3))}, "out for y .* read-only"),
    ],
)
def test_forward_says_what_does_not_fit(change: dict[str, Any], message: str) -> None:
    before = X.copy()
    with pytest.raises(ShapeError, match=message):
        fast("batch_norm").forward(**{"x": X, "gamma": ONE, "beta": ONE, **change})
    assert np.array_equal(X, before)


def test_backward_says_what_does_not_fit_before_it_writes() -> None:
    y, saved = fast("batch_norm").forward(X, ONE, ONE)
    room = {"x": np.full((4, 3), 7.0), "gamma": np.full(2, 7.0)}
    for out, message in (
        (room, r"out for gamma is float64 \(2,\)"),
        ({"x": y}, "out for x shares memory"),
        ({"x": X}, "out for x shares memory"),
        ({"x": room["x"], "gamma": room["x"][0]}, "shares memory"),
        ({"x": room["x"], "gamma": np.zeros(3, "float16")}, r"out for gamma is float16 \(3,\)"),
        ({"x": room["x"], "beta": np.broadcast_to(1.0, 3)}, "out for beta .* read-only"),
        ({"z": room["x"]}, "out has 'z'"),
    ):
        with pytest.raises(ShapeError, match=message):
            fast("batch_norm").backward(y, saved, out=out)
    with pytest.raises(ShapeError, match="dy has shape"):
        fast("batch_norm").backward(y[:2], saved, out={"x": room["x"]})
    assert np.all(room["x"] == 7)


def test_an_unknown_style_is_named() -> None:
    with pytest.raises(NameUnknown, match="style"):
        kernel("batch_norm", style="quick")


N, C = axes("N C")


def test_what_the_fast_style_does_not_cover_is_an_error() -> None:
    def body(x: Tensor = tensor("x", N, C), z: Tensor = tensor("z", N, C)) -> Equations:
        return equations(y=z * x / sqrt(mean(x**2, over=C)))

    made = normalizer(title="Gated", source="none", layout="N* C*", register=False)(body)
    kernel(made)
    with pytest.raises(Unsupported, match="no second input over all axes, such as z"):
        kernel(made, style="fast")


def twice(x: Tensor = tensor("x", N, C)) -> Equations:
    first = x / sqrt(mean(x**2, over=C))
    return equations(first=first, y=first * mean(abs(first - mean(first, over=C)), over=C))


TWICE = normalizer(title="Twice", source="none", layout="N* C*", register=False)(twice)


@pytest.mark.parametrize(
    ("made", "stages", "shape", "options"),
    [
        (kernel(TWICE, style="fast"), (2, 1), (2, 4000), {"axis": 1}),
        (fast("sync_batch_norm"), (2, 1), (500, 7), {"groups": 4}),
        (fast("min_max"), (1, 1), (500, 7), {}),
        (fast("mean_range"), (1, 1), (500, 7), {}),
        (fast("linf_batch_norm"), (1, 1), (500, 7), {}),
        (fast("batch_instance_norm"), (3, 1), (60, 7, 5), {}),
        (fast("switchable_norm"), (2, 1), (6, 7, 80), {}),
        (fast("spectral_norm", "power_iteration"), (2, 1), (60, 70), {}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_sums_that_need_sums_take_a_sweep_for_each_stage(
    made: Kernel, stages: tuple[int, int], shape: tuple[int, ...], options: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert (len(made.module.FORWARD), len(made.module.BACKWARD)) == stages
    monkeypatch.setattr(made.module, "BLOCK_BYTES", 4096)
    reference, drawn = of_plan(made.plan), case(FAMILIES[0], made.plan, 5, framed(made.plan, shape, options))
    given = {**drawn.arrays, **drawn.scalars, **drawn.options}
    y, saved = made.forward(**given, threads=2)
    wanted, kept = reference.forward(**given)
    assert saved.job.sweeps and close(y, wanted, 0)
    found = made.backward(drawn.cotangent, saved, threads=2)
    for key, gradient in reference.backward(drawn.cotangent, kept).items():
        assert close(found[key], gradient, 0), key
    for key, new in kept.updates.items():
        assert close(saved.updates[key], new, 0), key


# --- the text ---------------------------------------------------------------------------------------------------------


def test_the_text_needs_numpy_only(tmp_path: Path) -> None:
    fast("layer_norm").write(tmp_path / "layer_norm.py")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import layer_norm; print('symnorm' in sys.modules)"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize(("name", "mode"), COVERED)
def test_every_line_is_short_and_every_name_is_used(name: str, mode: str) -> None:
    source = fast(name, mode).source
    assert max(map(len, source.splitlines())) <= 120
    for function in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)):
        parts = list(ast.walk(function))
        names = [node for node in parts if isinstance(node, ast.Name)]
        in_place = {ast.unparse(node.target) for node in parts if isinstance(node, ast.AugAssign)}
        assigned = {node.id for node in names if isinstance(node.ctx, ast.Store) and not node.id.startswith("_")}
        assert assigned <= in_place | {node.id for node in names if isinstance(node.ctx, ast.Load)}, function.name


def test_generating_again_gives_the_same_source() -> None:
    assert kernel("batch_norm", style="fast").source == fast("batch_norm").source


@pytest.mark.parametrize(("rows", "scale"), [(2048, 1.0), (512, 1e30)], ids=["quick", "with all care"])
def test_memory_is_the_outputs_and_a_few_blocks(rows: int, scale: float) -> None:
    x = (scale * np.random.default_rng(0).standard_normal((rows, 4096))).astype("float32")  # 32 MiB, 8 MiB
    one = np.ones(4096, "float32")
    made = Kernel(fast("layer_norm").plan, fast("layer_norm").source)
    y, dx = np.empty_like(x), np.empty_like(x)
    tracemalloc.start()
    _, saved = made.forward(x, one, one, out=y)
    made.backward(x, saved, out={"x": dx})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bool(saved.job.bad.any()) == (scale > 1)
    assert peak < 8 * 2**20
