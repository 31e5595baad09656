"""Group normalization: each sample's groups of channels standardized with their own statistics."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import UNDER, root
from symnorm.tensors import Tensor, axes, mean, scalar, tensor

N, G, K, S = axes("N G K S")


@normalizer(
    title="Group normalization",
    source="Wu & He 2018 (arXiv:1803.08494), equations 1, 2, 6 and 7",
    layout="N (G K) S*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def group_norm(
    x: Tensor = tensor("x", N, G, K, S),
    gamma: Tensor = tensor("gamma", G, K),
    beta: Tensor = tensor("beta", G, K),
    eps: Tensor = scalar("eps", positive=True),
    *,
    eps_at: str = UNDER,
    ddof: int = 0,
) -> Equations:
    """C = G K channels in G groups; S runs over the positions. G = 1 is layer norm, K = 1 is instance norm."""
    mu = mean(x, over=(K, S))
    var = mean((x - mu) ** 2, over=(K, S), ddof=ddof)
    x_hat = (x - mu) / root(var, eps, eps_at)
    y = gamma * x_hat + beta
    return equations(mu=mu, var=var, x_hat=x_hat, y=y)
