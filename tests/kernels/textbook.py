"""Gradients in closed form by hand from the literature: kernels are tested without the code that derives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symnorm.kernels import Kernel, of_plan, plan
from symnorm.normalizers import find
from symnorm.tensors import Tensor, axes, mean, scalar, sqrt, tensor, total

N, C, K = axes("N C K")
eps = scalar("eps", positive=True)
gamma, g = tensor("gamma", C), tensor("g", C)
x_hat, dy, dw, v = tensor("x_hat", N, C), tensor("dy", N, C), tensor("dw", C, K), tensor("v", C, K)

Forms = Mapping[str, Tensor]


def batch_norm() -> Forms:
    """Ioffe & Szegedy 2015, section 3, collected as in every course on back-propagation."""
    s = sqrt(tensor("var", C) + eps)
    dx = gamma / s * (dy - mean(dy, over=N) - x_hat * mean(dy * x_hat, over=N))
    return {"x": dx, "gamma": total(dy * x_hat, over=N), "beta": total(dy, over=N)}


def batch_norm_inference() -> Forms:
    """An affine map of each channel."""
    s = sqrt(tensor("running_var", C, nonnegative=True) + eps)
    return {"x": gamma / s * dy, "gamma": total(dy * x_hat, over=N), "beta": total(dy, over=N)}


def layer_norm() -> Forms:
    """The same with means over features, where gamma does not come out of them."""
    s, u = sqrt(tensor("var", N) + eps), gamma * dy
    dx = (u - mean(u, over=C) - x_hat * mean(u * x_hat, over=C)) / s
    return {"x": dx, "gamma": total(dy * x_hat, over=N), "beta": total(dy, over=N)}


def weight_norm() -> Forms:
    """Salimans & Kingma 2016, equation 3."""
    norm, dg = tensor("norm", C), tensor("dg", C)
    return {"g": total(dw * v, over=K) / norm, "v": g / norm * dw - g * dg / norm**2 * v}


def batch_renorm() -> Forms:
    """Ioffe 2017, section 3, with r and d held constant."""
    r, d, sigma = tensor("r", C), tensor("d", C), tensor("sigma", C)
    dx = gamma * r / sigma * (dy - mean(dy, over=N) - x_hat * mean(dy * x_hat, over=N))
    return {"x": dx, "gamma": total(dy * (r * x_hat + d), over=N), "beta": total(dy, over=N)}


def batch_renorm_inference() -> Forms:
    """An affine map of each channel."""
    s = tensor("running_std", C, positive=True)
    return {"x": gamma / s * dy, "gamma": total(dy * x_hat, over=N), "beta": total(dy, over=N)}


FORMS: dict[str, Callable[[], Forms]] = {
    "batch_norm": batch_norm,
    "batch_norm.inference": batch_norm_inference,
    "layer_norm": layer_norm,
    "weight_norm": weight_norm,
    "batch_renorm": batch_renorm,
    "batch_renorm.unclipped": batch_renorm,
    "batch_renorm.inference": batch_renorm_inference,
}


def kernel_of(name: str) -> Kernel:
    """The kernel of a registered normalizer with these gradients."""
    return of_plan(plan(find(name), FORMS[name]()))
