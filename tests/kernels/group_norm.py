"""A normalizer with a split dimension, to hold the generator to layouts that the zoo does not have yet."""

from __future__ import annotations

from symnorm.kernels import Kernel, of_plan, plan
from symnorm.normalizers.definition import Equations, normalizer
from symnorm.normalizers.definition import equations as name_equations
from symnorm.tensors import Tensor, axes, mean, scalar, sqrt, tensor, total

N, G, K, S = axes("N G K S")


@normalizer(
    title="Group normalization",
    source="Wu & He 2018 (arXiv:1803.08494), equation 7",
    layout="N (G K) S*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    register=False,
)
def group_norm(
    x: Tensor = tensor("x", N, G, K, S),
    gamma: Tensor = tensor("gamma", G, K),
    beta: Tensor = tensor("beta", G, K),
    eps: Tensor = scalar("eps", positive=True),
) -> Equations:
    """Each sample's groups of channels standardized."""
    mu = mean(x, over=(K, S))
    var = mean((x - mu) ** 2, over=(K, S))
    x_hat = (x - mu) / sqrt(var + eps)
    y = gamma * x_hat + beta
    return name_equations(mu=mu, var=var, x_hat=x_hat, y=y)


def group_norm_kernel() -> Kernel:
    """Its kernel with the gradient of Wu & He's definition, by hand."""
    dy, x_hat, gamma = tensor("dy", N, G, K, S), tensor("x_hat", N, G, K, S), tensor("gamma", G, K)
    u, over = gamma * dy, (K, S)
    dx = (u - mean(u, over) - x_hat * mean(u * x_hat, over)) / sqrt(tensor("var", N, G) + scalar("eps", positive=True))
    forms = {"x": dx, "gamma": total(dy * x_hat, over=(N, S)), "beta": total(dy, over=(N, S))}
    return of_plan(plan(group_norm, forms))
