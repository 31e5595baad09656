"""Batch-instance normalization: each channel between batch and instance norm, by a learned gate."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, mean, scalar, sqrt, tensor

N, C, S = axes("N C S")


@normalizer(
    title="Batch-instance normalization",
    source="Nam & Kim 2018 (arXiv:1805.07925), equations 1 to 3",
    layout="N C S*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_batch": "x", "x_inst": "x"},
    reuses=("x_batch", "x_inst"),
)
def batch_instance_norm(
    x: Tensor = tensor("x", N, C, S),
    rho: Tensor = tensor("rho", C),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = scalar("eps", positive=True),
) -> Equations:
    """The paper holds rho in [0, 1] by clipping it after each step of the optimizer; nothing here needs that."""
    mu_batch = mean(x, over=(N, S))
    var_batch = mean((x - mu_batch) ** 2, over=(N, S))
    x_batch = (x - mu_batch) / sqrt(var_batch + eps)
    mu_inst = mean(x, over=S)
    var_inst = mean((x - mu_inst) ** 2, over=S)
    x_inst = (x - mu_inst) / sqrt(var_inst + eps)
    y = gamma * (rho * x_batch + (1 - rho) * x_inst) + beta
    return equations(
        mu_batch=mu_batch,
        var_batch=var_batch,
        x_batch=x_batch,
        mu_inst=mu_inst,
        var_inst=var_inst,
        x_inst=x_inst,
        y=y,
    )
