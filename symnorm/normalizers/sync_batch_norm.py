"""Synchronized batch normalization: the batch lies in shards, whose statistics are merged into those of the whole."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import corrected, moved
from symnorm.tensors import Tensor, axes, mean, scalar, sqrt, tensor

D, M, C = axes("D M C")


@normalizer(
    title="Synchronized batch normalization",
    source="Peng et al. 2018 (MegDet, arXiv:1711.07240), cross-GPU batch normalization",
    layout="(D M) C M*",
    constants=("eps", "running_mean", "running_var", "momentum"),
    defaults={"eps": 1e-5, "momentum": 0.1},
    inverts={"x_hat": "x"},
)
def sync_batch_norm(
    x: Tensor = tensor("x", D, M, C),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = scalar("eps", positive=True),
    running_mean: Tensor = tensor("running_mean", C),
    running_var: Tensor = tensor("running_var", C, nonnegative=True),
    momentum: Tensor = scalar("momentum"),
    *,
    running_ddof: int = 1,
    momentum_keeps: bool = False,
) -> Equations:
    """D shards of M samples each. Backward, a shard needs two sums of the others: those of dy and of dy x_hat."""
    shard_mean = mean(x, over=M)
    shard_var = mean((x - shard_mean) ** 2, over=M)
    mu = mean(shard_mean, over=D)
    var = mean(shard_var + (shard_mean - mu) ** 2, over=D)
    x_hat = (x - mu) / sqrt(var + eps)
    y = gamma * x_hat + beta
    return equations(shard_mean=shard_mean, shard_var=shard_var, mu=mu, var=var, x_hat=x_hat, y=y).updating(
        running_mean=moved(running_mean, mu, momentum, momentum_keeps),
        running_var=moved(running_var, corrected(var, over=(D, M), ddof=running_ddof), momentum, momentum_keeps),
    )
