"""Batch normalization in a recurrent net: every time step has statistics of its own, the gain and bias are shared."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, mean, scalar, sqrt, tensor

T, N, C = axes("T N C")


@normalizer(
    title="Recurrent batch normalization",
    source="Cooijmans et al. 2016 (arXiv:1603.09025), section 3",
    layout="T N C",
    constants=("eps", "running_mean", "running_var", "momentum"),
    defaults={"eps": 1e-5, "momentum": 0.1},
    inverts={"x_hat": "x"},
)
def recurrent_batch_norm(
    x: Tensor = tensor("x", T, N, C),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = scalar("eps", positive=True),
    running_mean: Tensor = tensor("running_mean", T, C),
    running_var: Tensor = tensor("running_var", T, C, nonnegative=True),
    momentum: Tensor = scalar("momentum"),
) -> Equations:
    """T time steps; beyond the longest sequence of training, the paper takes the last step's running statistics."""
    mu = mean(x, over=N)
    var = mean((x - mu) ** 2, over=N)
    x_hat = (x - mu) / sqrt(var + eps)
    y = gamma * x_hat + beta
    return equations(mu=mu, var=var, x_hat=x_hat, y=y).updating(
        running_mean=(1 - momentum) * running_mean + momentum * mu,
        running_var=(1 - momentum) * running_var + momentum * N.size / (N.size - 1) * var,
    )
