"""Batch normalization with the mean absolute deviation in place of the standard deviation."""

import sympy as sp

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, absolute, axes, mean, scalar, tensor

N, C = axes("N C")

GAUSSIAN = sp.sqrt(sp.pi / 2)
"""``sigma / E|x - mu|`` of a Gaussian."""


@normalizer(
    title="L1 batch normalization",
    source="Hoffer et al. 2018 (arXiv:1803.01814), section 4",
    layout="N C N*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def l1_batch_norm(
    x: Tensor = tensor("x", N, C),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = scalar("eps", positive=True),
) -> Equations:
    """No square and no root; at x = mu the sign counts as 0."""
    mu = mean(x, over=N)
    s = GAUSSIAN * mean(absolute(x - mu), over=N) + eps
    x_hat = (x - mu) / s
    y = gamma * x_hat + beta
    return equations(mu=mu, s=s, x_hat=x_hat, y=y)
