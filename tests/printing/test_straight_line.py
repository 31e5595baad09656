"""Straight-line programs: what is shared, what is named, and that NumPy gets the numbers of the paper's formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symnorm.errors import SymnormError, Unsupported
from symnorm.normalizers import REGISTRY, Normalizer, batch_norm, find, weight_norm
from symnorm.printing import Assignment, Layout, straight_line, text
from symnorm.tensors import (
    Axis,
    Loss,
    Tensor,
    as_tensor,
    axes,
    bare,
    mean,
    scalar,
    sqrt,
    stop_gradient,
    tensor,
    total,
    walk,
)

N, C = axes("N C")
M = N.copy("M")
x, g = tensor("x", N, C), tensor("g", C)
a, b = scalar("a"), scalar("b")
LAYOUT = Layout({N: (0,), C: (1,)}, {"N": "count_N", "C": "count_C"})
BN = batch_norm.instance()
DY = Loss().cotangent(BN.y)


def lines(roots: dict[str, Tensor], **options: Any) -> list[str]:
    return [str(line) for line in straight_line(roots, LAYOUT, **options)]


def run(program: list[Assignment], scope: dict[str, Any]) -> dict[str, Any]:
    found = {"xp": np, **scope}
    for line in program:
        assert line.name not in found, f"{line.name} is assigned twice"
        exec(str(line), {"__builtins__": {"range": range}}, found)
    return found


class TestNaming:
    def test_a_value_used_twice_gets_a_line(self) -> None:
        assert lines({"y": (x - g) / sqrt((x - g) ** 2 + a)}) == [
            "x_minus_g = x - g",
            "y = x_minus_g/xp.sqrt(x_minus_g**2 + a)",
        ]

    def test_equal_values_are_one_value(self) -> None:
        first, second = x - mean(x, over=N), x - mean(x, over=N)
        assert first is not second
        assert lines({"y": first * second}) == lines({"y": first * first})

    def test_values_that_differ_in_order_or_axes_are_two(self) -> None:
        assert lines({"y": (a - b) * x + (b - a) * x}) == ["y = (a - b)*x + (b - a)*x"]
        assert lines({"y": mean(x, over=N) * mean(x, over=C)}) == [
            "mean_x = xp.mean(x, axis=(0,), keepdims=True)",
            "mean_x_2 = xp.mean(x, axis=(1,), keepdims=True)",
            "y = mean_x*mean_x_2",
        ]

    def test_leaves_and_numbers_never_get_a_line(self) -> None:
        assert lines({"y": -a * x + -a + (1 - b) * x + (1 - b)}) == ["y = -a*x - a + (1 - b)*x + (1 - b)"]
        assert lines({"y": DY / -a * (DY / -a)}) == [
            "dy_over_minus_a = dy/(-a)",
            "y = dy_over_minus_a*dy_over_minus_a",
        ]
        assert lines({"one": as_tensor(1), "y": x + 1}) == ["y = x + 1", "one = 1"]

    def test_a_reduction_among_other_terms_gets_a_line(self) -> None:
        assert lines({"y": x - mean(x, over=N)})[0] == "mean_x = xp.mean(x, axis=(0,), keepdims=True)"
        assert lines({"y": sqrt(total(x**2, over=N))}) == ["y = xp.sqrt(xp.sum(x**2, axis=(0,), keepdims=True))"]

    def test_long_formulas_get_a_number(self) -> None:
        long = x * b * x * g * a * b * x * g * a * b * x * g * a * b * x
        assert [line.split(" = ")[0] for line in lines({"y": long**2 - long})] == ["t", "y"]

    def test_stop_gradient_leaves_no_trace(self) -> None:
        assert lines({"y": stop_gradient(x - g) * (x - g)}) == ["x_minus_g = x - g", "y = x_minus_g*x_minus_g"]

    def test_named_equations_keep_their_names(self) -> None:
        assert [line.split(" = ")[0] for line in lines({"y": BN.y})] == ["mu", "x_minus_mu", "var", "x_hat", "y"]

    def test_an_equation_and_its_written_out_form_are_one_value(self) -> None:
        assert lines({"y": BN.mu + mean(x, over=N)})[-1] == "y = mu + mu"

    def test_equations_of_one_name_are_told_apart(self) -> None:
        names = [line.split(" = ")[0] for line in lines({"out": batch_norm(a * x) - batch_norm(x)})]
        assert {"y", "y_2", "mu", "mu_2", "out"} <= set(names)
        assert len(set(names)) == len(names)

    def test_an_invented_name_avoids_those_in_use(self) -> None:
        assert lines({"y": tensor("mean_x", C) - mean(x, over=N)}) == [
            "mean_x_2 = xp.mean(x, axis=(0,), keepdims=True)",
            "y = mean_x - mean_x_2",
        ]

    def test_two_roots_of_one_value(self) -> None:
        assert lines({"p": x - g, "q": x - g, "r": x}) == ["p = x - g", "q = p", "r = x"]

    def test_a_root_that_is_part_of_another(self) -> None:
        assert lines({"y": (x - g) ** 2, "d": x - g}) == ["d = x - g", "y = d**2"]


class TestGiven:
    def test_what_is_given_is_not_computed(self) -> None:
        dx = DY - mean(DY, over=N) - BN.x_hat * mean(DY * BN.x_hat, over=N)
        roots = {"dx": dx, "dgamma": total(DY * BN.x_hat, over=N)}
        assert lines(roots, given={BN.x_hat: "saved_x_hat"}) == [
            "mean_dy = xp.mean(dy, axis=(0,), keepdims=True)",
            "dy_saved_x_hat = dy*saved_x_hat",
            "mean_dy_saved_x_hat = xp.mean(dy_saved_x_hat, axis=(0,), keepdims=True)",
            "dx = dy - mean_dy - saved_x_hat*mean_dy_saved_x_hat",
            "dgamma = xp.sum(dy_saved_x_hat, axis=(0,), keepdims=True)",
        ]

    def test_given_values_count_wherever_they_stand(self) -> None:
        assert lines({"y": x - mean(x, over=N)}, given={BN.mu: "mu"}) == ["y = x - mu"]

    def test_a_root_that_is_given(self) -> None:
        assert lines({"x": x}) == []
        assert lines({"mu": BN.mu}, given={BN.mu: "mu"}) == []


class TestRefused:
    @pytest.mark.parametrize("name", ["x", "xp", "count_N", "lambda", "1st"])
    def test_a_root_whose_name_is_taken(self, name: str) -> None:
        with pytest.raises(SymnormError, match=f"'{name}'"):
            straight_line({name: x - g}, LAYOUT)

    def test_two_inputs_of_one_name(self) -> None:
        with pytest.raises(SymnormError, match="'u'"):
            straight_line({"y": tensor("u", N) - tensor("u", C)}, LAYOUT)

    def test_the_cotangent_of_an_unnamed_output(self) -> None:
        cotangent = Loss().cotangent(x - g)
        with pytest.raises(Unsupported, match=r"dL\(x - g\)"):
            straight_line({"y": cotangent * 2}, LAYOUT)
        assert lines({"y": cotangent * 2}, given={cotangent: "dy"}) == ["y = dy*2"]

    def test_an_axis_without_dimensions(self) -> None:
        with pytest.raises(Unsupported, match="axis M"):
            straight_line({"y": mean(tensor("u", M), over=M)}, LAYOUT)


def definitions() -> list[Normalizer]:
    return [mode for one in REGISTRY.values() for mode in (one, *one.modes.values())]


def arrays(normalizer: Normalizer, rng: np.random.Generator) -> dict[str, Any]:
    """Random inputs, positive where declared so, each over the full dimensions of the first."""
    full, sizes = full_axes(normalizer), sizes_of(normalizer)
    found: dict[str, Any] = {}
    for name, node in normalizer.inputs.items():
        values = rng.normal(size=[sizes[axis.name] if axis in node.axes else 1 for axis in full])
        found[name] = (np.abs(values) + 0.5 if node.data.positive or node.data.nonnegative else values)[
            ... if node.axes else (0,) * len(full)
        ]
    return found


def affine(v: dict[str, Any], mean: Any, std: Any) -> Any:
    return v["gamma"] * (v["x"] - mean) / std + v["beta"]


def standardized(v: dict[str, Any], axis: int) -> Any:
    spread = v["x"].var(axis=axis, keepdims=True) + v["eps"]
    return affine(v, v["x"].mean(axis=axis, keepdims=True), np.sqrt(spread))


def renormalized(v: dict[str, Any], clipped: bool) -> Any:
    if not clipped:
        return affine(v, v["running_mean"], v["running_std"])
    mu, sigma = v["x"].mean(axis=0, keepdims=True), np.sqrt(v["x"].var(axis=0, keepdims=True) + v["eps"])
    r = np.clip(sigma / v["running_std"], 1 / v["r_max"], v["r_max"])
    d = np.clip((mu - v["running_mean"]) / v["running_std"], -v["d_max"], v["d_max"])
    return v["gamma"] * ((v["x"] - mu) / sigma * r + d) + v["beta"]


def spread(v: dict[str, Any], axis: Any, eps: Any = 0.0) -> Any:
    return (v["x"] - v["x"].mean(axis=axis, keepdims=True)) / np.sqrt(v["x"].var(axis=axis, keepdims=True) + eps)


def centered_weights(v: np.ndarray) -> np.ndarray:
    return v - np.average(v, axis=1)[:, None]


def vectors(v: dict[str, Any]) -> Any:
    return v["V"].reshape(len(v["V"][0]), -1)


def rotated(v: dict[str, Any]) -> Any:
    x = v["x"].reshape(len(v["x"]), -1)
    return (x - np.average(x, axis=0)) @ vectors(v)


def turned(v: dict[str, Any]) -> Any:
    x = v["x"].reshape(len(v["x"]), -1)
    return (x - np.average(x, axis=0)) / np.std(x, axis=0) @ vectors(v)


def by_factor(v: dict[str, Any]) -> Any:
    x = v["x"].reshape(len(v["x"]), -1)
    size = x.shape[1]
    return ((x - np.average(x, axis=0)) @ v["R"].reshape(size, size))[..., None]


def one_step(w: np.ndarray, u: np.ndarray) -> np.ndarray:
    back = w.T @ u
    return back / np.linalg.norm(back)


def deviation(x: np.ndarray) -> np.ndarray:
    return np.linalg.norm(x - x.mean(axis=0), ord=1, axis=0, keepdims=True) / len(x)


def softmax(v: dict[str, Any], name: str) -> list[float]:
    logits = np.array([v[f"{name}_{statistic}"] for statistic in ("in", "ln", "bn")])
    powers = np.exp(logits - logits.max())
    return [*(powers / powers.sum())]


def switched(v: dict[str, Any]) -> Any:
    places = (2, (1, 2), (0, 2))
    mu = sum(w * v["x"].mean(axis=axis, keepdims=True) for w, axis in zip(softmax(v, "lambda"), places, strict=True))
    var = sum(w * v["x"].var(axis=axis, keepdims=True) for w, axis in zip(softmax(v, "kappa"), places, strict=True))
    return affine(v, mu, np.sqrt(var + v["eps"]))


def gated(v: dict[str, Any]) -> Any:
    mixed = v["rho"] * spread(v, (0, 2), v["eps"]) + (1 - v["rho"]) * spread(v, 2, v["eps"])
    return v["gamma"] * mixed + v["beta"]


def centred_products(v: dict[str, Any]) -> Any:
    """x over (N, K, 1), the others over (1, K, C)."""
    x, weights = v["x"][:, :, 0], v["v"][0] / np.linalg.norm(v["v"][0], axis=0) * v["g"][0]
    return ((x - np.average(x, axis=0)) @ weights)[:, None] + v["b"]


def part_rms(v: dict[str, Any]) -> Any:
    keep = np.broadcast_to(v["keep"], v["x"].shape)
    return np.sqrt(np.average(v["x"] ** 2, axis=1, weights=keep)[:, None] + v["eps"])


# The output of each definition, written a second time and otherwise: with var, clip and linalg of NumPy.
DIRECT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "batch_norm": lambda v: standardized(v, axis=0),
    "batch_norm.inference": lambda v: affine(v, v["running_mean"], (v["running_var"] + v["eps"]) ** 0.5),
    "batch_renorm": lambda v: renormalized(v, clipped=True),
    "batch_renorm.unclipped": lambda v: renormalized(v, clipped=False),
    "batch_renorm.inference": lambda v: affine(v, v["running_mean"], v["running_std"]),
    "layer_norm": lambda v: standardized(v, axis=1),
    "weight_norm": lambda v: v["g"] / np.linalg.norm(v["v"], axis=1, keepdims=True) * v["v"],
    "group_norm": lambda v: v["gamma"] * spread(v, (2, 3), v["eps"]) + v["beta"],
    "instance_norm": lambda v: v["gamma"] * spread(v, 2, v["eps"]) + v["beta"],
    "instance_norm.tracking": lambda v: v["gamma"] * spread(v, 2, v["eps"]) + v["beta"],
    "instance_norm.inference": lambda v: affine(v, v["running_mean"], (v["running_var"] + v["eps"]) ** 0.5),
    "adaptive_instance_norm": lambda v: v["style_std"] * spread(v, 2, v["eps"]) + v["style_mean"],
    "rms_norm": lambda v: v["gamma"] * v["x"] * (np.einsum("ij,ij->i", v["x"], v["x"])[:, None] / 5 + v["eps"]) ** -0.5,
    "scale_norm": lambda v: v["g"] * v["x"] / np.linalg.norm(v["x"], axis=1, keepdims=True),
    "centering": lambda v: v["x"] - np.average(v["x"], axis=0),
    "z_score": lambda v: spread(v, 0),
    "z_score.unbiased": lambda v: (v["x"] - np.average(v["x"], axis=0)) / np.std(v["x"], axis=0, ddof=1),
    "unit_length": lambda v: v["x"] / np.linalg.norm(v["x"], axis=1, keepdims=True),
    "unit_length.l1": lambda v: v["x"] / np.linalg.norm(v["x"], ord=1, axis=1, keepdims=True),
    "unit_length.lp": lambda v: v["x"] / (np.abs(v["x"]) ** v["p"]).sum(axis=1, keepdims=True) ** (1 / v["p"]),
    "unit_length.linf": lambda v: v["x"] / np.linalg.norm(v["x"], ord=np.inf, axis=1, keepdims=True),
    "min_max": lambda v: (v["x"] - v["x"].min(axis=0)) / np.ptp(v["x"], axis=0),
    "min_max.between": lambda v: (
        (v["upper"] * (v["x"] - v["x"].min(axis=0)) + v["lower"] * (v["x"].max(axis=0) - v["x"]))
        / np.ptp(v["x"], axis=0)
    ),
    "min_max.symmetric": lambda v: (2 * v["x"] - v["x"].min(axis=0) - v["x"].max(axis=0)) / np.ptp(v["x"], axis=0),
    "mean_range": lambda v: (v["x"] - np.average(v["x"], axis=0)) / np.ptp(v["x"], axis=0),
    "linf_batch_norm": lambda v: affine(
        v,
        v["x"].mean(axis=0),
        v["k"] * np.linalg.norm(v["x"] - v["x"].mean(axis=0), ord=np.inf, axis=0, keepdims=True) + v["eps"],
    ),
    "selu": lambda v: v["scale"] * np.where(v["x"] > 0, v["x"], v["alpha"] * np.expm1(v["x"])),
    "mean_only_batch_norm": lambda v: v["x"] - np.average(v["x"], axis=0) + v["beta"],
    "l1_batch_norm": lambda v: affine(v, v["x"].mean(axis=0), math.sqrt(math.pi / 2) * deviation(v["x"]) + v["eps"]),
    "activation_norm": lambda v: affine(v, v["mu"], v["sigma"]),
    "batch_norm.frozen": lambda v: affine(v, v["running_mean"], (v["running_var"] + v["eps"]) ** 0.5),
    "batch_instance_norm": gated,
    "power_norm": lambda v: affine(v, 0, np.sqrt(np.average(v["x"] ** 2, axis=0) + v["eps"])),
    "recurrent_batch_norm": lambda v: v["gamma"] * spread(v, 1, v["eps"]) + v["beta"],
    "mean_only_weight_norm": centred_products,
    "rms_norm.partial": lambda v: v["gamma"] * v["x"] / part_rms(v),
    "switchable_norm": switched,
    "sync_batch_norm": lambda v: v["gamma"] * spread(v, (0, 1), v["eps"]) + v["beta"],
    "weight_norm.exp": lambda v: np.exp(v["s"]) / np.linalg.norm(v["v"], axis=1, keepdims=True) * v["v"],
    "centered_weight_norm": lambda v: (
        centered_weights(v["v"]) / np.linalg.norm(centered_weights(v["v"]), axis=1, keepdims=True)
    ),
    "decorrelation": lambda v: rotated(v)[..., None],
    "pca_whitening": lambda v: (rotated(v) / np.sqrt(v["lam"].ravel()))[..., None],
    "zca_whitening": lambda v: np.einsum("nk,ck->nc", rotated(v) / np.sqrt(v["lam"].ravel()), vectors(v))[
        ..., None, None
    ],
    "cholesky_whitening": by_factor,
    "zca_cor_whitening": lambda v: (turned(v) / np.sqrt(v["lam"].ravel()) @ vectors(v).T)[..., None, None],
    "decorrelated_batch_norm": lambda v: v["gamma"] * DIRECT["zca_whitening"](v) + v["beta"],
    "spectral_norm": lambda v: np.divide(v["w"], v["sigma"]),
    "spectral_norm.power_iteration": lambda v: v["w"] / np.linalg.norm(v["w"] @ one_step(v["w"], v["u"])),
    "weight_standardization": lambda v: (
        centered_weights(v["v"]) / np.sqrt(np.var(v["v"], axis=1, keepdims=True) + v["eps"])
    ),
}


def sizes_of(normalizer: Normalizer) -> dict[str, int]:
    """Sizes of the first input's axes, all different."""
    full = next(iter(normalizer.inputs.values())).axes
    sizes = {axis.name: size for axis, size in zip(full, (7, 5, 3, 11), strict=False)}
    others = full_axes(normalizer)[len(full) :]
    return sizes | {axis.name: sizes.get(str(axis.size), 2) for axis in others}


def full_axes(normalizer: Normalizer) -> tuple[Axis, ...]:
    """The first input's axes, then the copies of them that matrices have and the axes of other inputs."""
    first = next(iter(normalizer.inputs.values())).axes
    nodes = walk(*bare(normalizer()))
    copies = {axis for node in nodes for axis in node.axes if axis not in first}
    return (*first, *sorted(copies, key=str))


def forward(normalizer: Normalizer, values: dict[str, Any]) -> dict[str, Any]:
    equations = normalizer.instance()
    roots = {"out": equations.output, **{f"new_{name}": new for name, new in equations.updates.items()}}
    full = full_axes(normalizer)
    layout = Layout({axis: (place,) for place, axis in enumerate(full)}, {axis.name: f"count_{axis}" for axis in full})
    counts = {f"count_{name}": size for name, size in sizes_of(normalizer).items()}
    return run(straight_line(roots, layout), {**values, **counts})


def test_every_definition_is_written_a_second_time() -> None:
    assert {one.name for one in definitions()} == {*DIRECT}


@pytest.mark.parametrize("name", DIRECT)
def test_numpy_agrees_with_a_second_implementation(name: str) -> None:
    normalizer = find(name)
    values = arrays(normalizer, np.random.default_rng(5))
    found, expected = forward(normalizer, values)["out"], DIRECT[name](values)
    assert found.shape == expected.shape
    assert np.max(np.abs(found - expected)) <= 1e-13 * np.max(np.abs(expected))


def test_the_comparison_notices_a_wrong_formula() -> None:
    values = arrays(batch_norm, np.random.default_rng(5))
    expected = DIRECT["layer_norm"](values)
    found = forward(batch_norm, values)["out"]
    assert np.max(np.abs(found - expected)) > 1e-3 * np.max(np.abs(expected))


def test_running_statistics() -> None:
    values = arrays(batch_norm, np.random.default_rng(6))
    found = forward(batch_norm, values)
    rate, unbiased = values["momentum"], values["x"].var(axis=0, keepdims=True, ddof=1)
    expected = values["running_var"] + rate * (unbiased - values["running_var"])
    assert np.allclose(found["new_running_var"], expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize("normalizer", definitions(), ids=lambda one: one.name)
def test_every_definition_becomes_a_program_that_keeps_float32(normalizer: Normalizer) -> None:
    values = {
        name: float(value) if name in normalizer.constants and not np.ndim(value) else np.float32(value)
        for name, value in arrays(normalizer, np.random.default_rng(7)).items()
    }
    assert forward(normalizer, values)["out"].dtype == np.float32


def test_spatial_axes_and_names_for_dimensions() -> None:
    layout = Layout({N: "over_N", C: (1,)}, {"N": "count_N"})
    values = np.random.default_rng(8).normal(size=(4, 3, 2, 5))
    scope = {"x": values, "gamma": 1.0, "beta": 0.0, "eps": 1e-5, "over_N": (0, *range(2, values.ndim))}
    found = run(straight_line({"y": BN.y}, layout), scope)
    flat = np.moveaxis(values, 1, -1).reshape(-1, 3)
    expected = (flat - flat.mean(axis=0)) / np.sqrt(flat.var(axis=0) + 1e-5)
    assert np.allclose(np.moveaxis(found["y"], 1, -1).reshape(-1, 3), expected, rtol=1e-12, atol=1e-13)


def test_each_line_knows_its_formula() -> None:
    program = straight_line({"w": weight_norm.instance().w}, Layout(dict.fromkeys(axes("C K"), (0,))))
    assert [f"{line.name} = {text(line.tensor)}" for line in program] == ["norm = sqrt(sum(v**2))", "w = g*v/norm"]
