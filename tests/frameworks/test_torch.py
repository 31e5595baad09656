"""Kernels under the ``torch`` convention against PyTorch's own functions: outputs, running statistics, every gradient.

In double precision, where what is left between two right implementations is rounding: 1e-12 of the result's scale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import symnorm as sn
from symnorm.kernels import kernel

Array = NDArray[np.float64]
pytestmark = pytest.mark.frameworks
TOLERANCE = 1e-12


def functional() -> Any:
    import torch

    return torch.nn.functional


def weight_norm(v: Any, g: Any, dim: int = 0) -> Any:
    """torch.nn.utils.parametrizations.weight_norm of a linear layer whose weight is v, its lengths g."""
    import torch

    layer = torch.nn.Linear(v.shape[1], v.shape[0], bias=False, dtype=torch.float64)
    layer = torch.nn.utils.parametrizations.weight_norm(layer, dim=dim)
    lengths = g.reshape([-1 if dimension == dim % 2 else 1 for dimension in range(2)])
    replaced = {"parametrizations.weight.original0": lengths, "parametrizations.weight.original1": v}
    eye = torch.eye(v.shape[1], dtype=torch.float64)
    return torch.func.functional_call(layer, replaced, (eye,)).T


def spectral_norm(w: Any, u: Any, eps: float = 1e-12) -> Any:
    """torch.nn.utils.spectral_norm, in training: one step from the u that it kept."""
    import torch

    spectral = torch.nn.utils.spectral_norm
    layer = spectral(torch.nn.Linear(w.shape[1], w.shape[0], bias=False, dtype=torch.float64), eps=eps)
    del layer._parameters["weight_orig"]
    layer.weight_orig, layer.weight_u = w, u.detach().clone()
    return layer(torch.eye(w.shape[1], dtype=torch.float64)).T


def mean_only_weight_norm(x: Any, v: Any, g: Any, b: Any) -> Any:
    """A linear layer with torch's weight norm, centred over the batch by torch's own mean."""
    t = functional().linear(x, weight_norm(v, g))
    return t - t.mean(dim=0) + b


CASES: dict[str, tuple[str, dict[str, tuple[int, ...]], dict[str, Any], Callable[..., Any]]] = {
    "batch norm": (
        "batch_norm@torch",
        {"x": (7, 5), "gamma": (5,), "beta": (5,)},
        {"eps": 0.3},
        lambda x, gamma, beta: functional().batch_norm(x, None, None, gamma, beta, training=True, eps=0.3),
    ),
    "batch norm of images": (
        "batch_norm@torch",
        {"x": (3, 4, 5, 2), "gamma": (4,), "beta": (4,)},
        {},
        lambda x, gamma, beta: functional().batch_norm(x, None, None, gamma, beta, training=True),
    ),
    "layer norm over one dimension": (
        "layer_norm@torch",
        {"x": (4, 3, 5), "gamma": (5,), "beta": (5,)},
        {},
        lambda x, gamma, beta: functional().layer_norm(x, (5,), gamma, beta),
    ),
    "layer norm over two dimensions": (
        "layer_norm@torch",
        {"x": (4, 3, 5), "gamma": (3, 5), "beta": (3, 5)},
        {"axis": 1, "eps": 0.3},
        lambda x, gamma, beta: functional().layer_norm(x, (3, 5), gamma, beta, eps=0.3),
    ),
    "rms norm": (
        "rms_norm@torch",
        {"x": (4, 3, 5), "gamma": (3, 5)},
        {"axis": 1, "eps": 0.3},
        lambda x, gamma: functional().rms_norm(x, (3, 5), gamma, eps=0.3),
    ),
    "group norm": (
        "group_norm@torch",
        {"x": (3, 6, 2, 3), "gamma": (6,), "beta": (6,)},
        {"groups": 3},
        lambda x, gamma, beta: functional().group_norm(x, 3, gamma, beta),
    ),
    "instance norm": (
        "instance_norm@torch",
        {"x": (3, 4, 5, 2), "gamma": (4,), "beta": (4,)},
        {},
        lambda x, gamma, beta: functional().instance_norm(x, weight=gamma, bias=beta),
    ),
    "unit length along dimension 1": ("unit_length@torch", {"x": (3, 4, 5)}, {}, lambda x: functional().normalize(x)),
    "unit length along the last": (
        "unit_length@torch",
        {"x": (3, 4)},
        {"axis": -1, "eps": 2.0},  # some rows are longer than eps and some are not
        lambda x: functional().normalize(x, dim=-1, eps=2.0),
    ),
    "unit length in L1": (
        "unit_length.l1@torch",
        {"x": (6, 4, 2)},
        {"eps": 3.0},
        lambda x: functional().normalize(x, p=1, eps=3.0),
    ),
    "unit length in L3": (
        "unit_length.lp@torch",
        {"x": (6, 4, 2)},
        {"p": 3.0, "eps": 1.3},
        lambda x: functional().normalize(x, p=3, eps=1.3),
    ),
    "unit length in L-infinity": (
        "unit_length.linf@torch",
        {"x": (6, 4, 2)},
        {"eps": 0.9},
        lambda x: functional().normalize(x, p=float("inf"), eps=0.9),
    ),
    "selu": ("selu@torch", {"x": (5, 4)}, {}, lambda x: functional().selu(x)),
    "spectral norm": ("spectral_norm.power_iteration@torch", {"w": (4, 6), "u": (4,)}, {}, spectral_norm),
    "spectral norm of weights below eps": (
        "spectral_norm.power_iteration@torch",
        {"w": (3, 2), "u": (3,)},
        {"eps": 7.5},
        lambda w, u: spectral_norm(w, u, 7.5),
    ),
    "weight norm with mean-only batch norm": (
        "mean_only_weight_norm",
        {"x": (7, 6), "v": (4, 6), "g": (4,), "b": (4,)},
        {},
        mean_only_weight_norm,
    ),
    "weight norm": ("weight_norm@torch", {"v": (4, 6), "g": (4,)}, {}, weight_norm),
    "weight norm along dimension 1": (
        "weight_norm@torch",
        {"v": (4, 6), "g": (6,)},
        {"axis": 1},
        lambda v, g: weight_norm(v, g, dim=1),
    ),
}


def close(found: Array, wanted: Array) -> None:
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    assert np.max(np.abs(found - wanted)) <= TOLERANCE * max(1.0, np.max(np.abs(wanted)))


@pytest.mark.parametrize("name", CASES)
def test_forward_and_backward_are_torchs(name: str) -> None:
    import torch

    kernel_name, shapes, options, theirs = CASES[name]
    rng = np.random.default_rng(len(name))
    arrays = {key: rng.standard_normal(shape) + 0.3 for key, shape in shapes.items()}
    made = kernel(kernel_name)
    y, saved = made.forward(**arrays, **options)
    tensors = {key: torch.tensor(value, requires_grad=True) for key, value in arrays.items()}
    wanted = theirs(**tensors)
    close(y, wanted.detach().numpy())
    dy = rng.standard_normal(y.shape)
    wanted.backward(torch.tensor(dy))
    for key, gradient in made.backward(dy, saved).items():
        close(gradient, tensors[key].grad.numpy())


@pytest.mark.parametrize("style", ["reference", "fast"])
@pytest.mark.parametrize(("name", "p"), [("unit_length", 2), ("unit_length.l1", 1), ("unit_length.linf", float("inf"))])
def test_the_gradient_at_a_zero_vector_is_torchs(name: str, p: float, style: str) -> None:
    """The floor lies under the root: nothing divides by a length of 0."""
    import torch

    x = np.random.default_rng(5).standard_normal((4, 6))
    x[1] = 0
    du = np.random.default_rng(6).standard_normal(x.shape)
    made = kernel(f"{name}@torch", style=style)
    _, saved = made.forward(x, eps=0.25)
    theirs = torch.tensor(x, requires_grad=True)
    functional().normalize(theirs, p=p, eps=0.25).backward(torch.tensor(du))
    close(made.backward(du, saved)["x"], theirs.grad.numpy())
    assert np.array_equal(made.backward(du, saved)["x"][1], 4 * du[1])


@pytest.mark.parametrize("shape", [(7, 5), (3, 5, 2, 2), (2, 5)])
@pytest.mark.parametrize("options", [{}, {"momentum": 0.25, "eps": 0.3}])
def test_running_statistics_and_inference_are_torchs(shape: tuple[int, ...], options: dict[str, float]) -> None:
    """Three steps of training, then inference with what has been gathered."""
    import torch

    rng = np.random.default_rng(3)
    layer = torch.nn.BatchNorm2d(5, dtype=torch.float64, **options) if len(shape) == 4 else torch.nn.BatchNorm1d(
        5, dtype=torch.float64, **options)  # fmt: skip
    parameters = {"gamma": rng.standard_normal(5), "beta": rng.standard_normal(5)}
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(parameters["gamma"]))
        layer.bias.copy_(torch.tensor(parameters["beta"]))
    running = {"running_mean": np.zeros(5), "running_var": np.ones(5)}
    training, inference = kernel("batch_norm@torch"), kernel("batch_norm.inference@torch")
    for _ in range(3):
        x = 2 * rng.standard_normal(shape) + 1
        y, saved = training.forward(x, **parameters, **running, **options)
        running = dict(saved.updates)
        close(y, layer(torch.tensor(x)).detach().numpy())
        close(running["running_mean"], layer.running_mean.numpy())
        close(running["running_var"], layer.running_var.numpy())
    layer.eval()
    known = {key: value for key, value in options.items() if key == "eps"}
    x = rng.standard_normal(shape)
    close(inference.forward(x, **parameters, **running, **known)[0], layer(torch.tensor(x)).detach().numpy())


@pytest.mark.parametrize("style", ["reference", "fast"])
@pytest.mark.parametrize("shape", [(7, 5, 3), (3, 5, 2, 2), (1, 5, 4)])
@pytest.mark.parametrize("options", [{}, {"momentum": 0.25, "eps": 0.3}])
def test_instance_norm_that_tracks_running_statistics_is_torchs(
    shape: tuple[int, ...], options: dict[str, float], style: str
) -> None:
    import torch

    rng = np.random.default_rng(7)
    make = torch.nn.InstanceNorm2d if len(shape) == 4 else torch.nn.InstanceNorm1d
    layer = make(5, affine=True, track_running_stats=True, dtype=torch.float64, **options)
    parameters = {"gamma": rng.standard_normal(5), "beta": rng.standard_normal(5)}
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(parameters["gamma"]))
        layer.bias.copy_(torch.tensor(parameters["beta"]))
    running = {"running_mean": np.zeros(5), "running_var": np.ones(5)}
    training = kernel("instance_norm.tracking@torch", style=style)
    inference = kernel("instance_norm.inference@torch", style=style)
    for _ in range(3):
        x = 2 * rng.standard_normal(shape) + 1
        y, saved = training.forward(x, **parameters, **running, **options)
        running = dict(saved.updates)
        close(y, layer(torch.tensor(x)).detach().numpy())
        close(running["running_mean"], layer.running_mean.numpy())
        close(running["running_var"], layer.running_var.numpy())
    layer.eval()
    known = {key: value for key, value in options.items() if key == "eps"}
    x = rng.standard_normal(shape)
    close(inference.forward(x, **parameters, **running, **known)[0], layer(torch.tensor(x)).detach().numpy())


@pytest.mark.parametrize("other", ["batch_norm@onnx", "batch_norm@keras", "batch_norm@flax"])
def test_no_other_convention_has_torchs_running_statistics(other: str) -> None:
    import torch

    rng = np.random.default_rng(4)
    x = rng.standard_normal((6, 5))
    layer = torch.nn.BatchNorm1d(5, dtype=torch.float64)
    layer(torch.tensor(x))
    running = {"running_mean": np.zeros(5), "running_var": np.ones(5)}
    _, saved = kernel(other).forward(x, gamma=np.ones(5), beta=np.zeros(5), **running)
    assert np.max(np.abs(saved.updates["running_var"] - layer.running_var.numpy())) > 1e-3
    _, saved = kernel("batch_norm@torch").forward(x, gamma=np.ones(5), beta=np.zeros(5), **running)
    close(saved.updates["running_var"], layer.running_var.numpy())


def test_the_annotated_transformer_is_neither_torch_nor_the_paper() -> None:
    """The layer norm of that text, written out in PyTorch."""
    import torch

    rng = np.random.default_rng(6)
    arrays = {"x": rng.standard_normal((4, 5)), "gamma": rng.standard_normal(5), "beta": rng.standard_normal(5)}
    x, gamma, beta = (torch.tensor(value) for value in arrays.values())
    wanted = (gamma * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 0.1) + beta).numpy()
    close(kernel("layer_norm@annotated").forward(**arrays, eps=0.1)[0], wanted)
    for other in ("layer_norm", "layer_norm@torch"):
        assert np.max(np.abs(kernel(other).forward(**arrays, eps=0.1)[0] - wanted)) > 1e-2


SECOND = {
    "batch norm": ("batch_norm", (7, 5), (5,), lambda x, g: functional().batch_norm(x, None, None, g, None, True)),
    "batch norm of images": (
        "batch_norm",
        (3, 4, 5, 2),
        (4,),
        lambda x, g: functional().batch_norm(x, None, None, g, None, True),
    ),
    "layer norm": ("layer_norm", (4, 3, 5), (5,), lambda x, g: functional().layer_norm(x, (5,), g)),
    "rms norm": ("rms_norm", (4, 5), (5,), lambda x, g: functional().rms_norm(x, (5,), g, eps=1e-5)),
    "instance norm": ("instance_norm", (3, 4, 6), (4,), lambda x, g: functional().instance_norm(x, weight=g)),
}


@pytest.mark.parametrize("name", SECOND)
def test_the_double_backward_is_torchs(name: str) -> None:
    """The gradients of <dx, v> by x, gamma and dy, which PyTorch has by differentiating its backward pass."""
    import torch

    kernel_name, shape, of_gamma, theirs = SECOND[name]
    rng = np.random.default_rng(len(name))
    x, dy, v = (rng.standard_normal(shape) for _ in range(3))
    gamma = rng.standard_normal(of_gamma)
    made = sn.kernel(kernel_name, convention="torch", second_order=True)
    options = {"eps": 1e-5} if kernel_name == "rms_norm" else {}
    back, saved = made.forward(x, gamma=gamma, dy=dy, **options)
    leaves = {key: torch.tensor(value, requires_grad=True) for key, value in {"x": x, "gamma": gamma, "dy": dy}.items()}
    y = theirs(leaves["x"], leaves["gamma"])
    (dx,) = torch.autograd.grad(y, leaves["x"], leaves["dy"], create_graph=True)
    close(back, dx.detach().numpy())
    wanted = torch.autograd.grad(dx, list(leaves.values()), torch.tensor(v))
    found = made.backward(v, saved)
    for key, value in zip(leaves, wanted, strict=True):
        close(found[key], value.numpy())
