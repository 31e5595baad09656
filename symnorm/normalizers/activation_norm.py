"""Activation normalization in general: a target mean and deviation before a non-linearity, the statistics as inputs."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, tensor

N, C = axes("N C")


@normalizer(
    title="Activation normalization",
    source="the map that Ioffe & Szegedy 2015 (arXiv:1502.03167), section 3, and its successors share",
    layout="N C N*",
    inverts={"x_hat": "x"},
)
def activation_norm(
    x: Tensor = tensor("x", N, C),
    mu: Tensor = tensor("mu", C),
    sigma: Tensor = tensor("sigma", C, positive=True),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
) -> Equations:
    """Learned deviation gamma and mean beta; which mu and sigma are taken is what tells one normalizer from another."""
    x_hat = (x - mu) / sigma
    y = gamma * x_hat + beta
    return equations(x_hat=x_hat, y=y)
