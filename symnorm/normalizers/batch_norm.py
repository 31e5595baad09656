"""Batch normalization: each channel standardized with the statistics of the batch.

Axis N stands for the batch together with all spatial positions: they are averaged alike.
"""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import UNDER, corrected, moved, root
from symnorm.tensors import Tensor, axes, mean, scalar, tensor

N, C = axes("N C")

X = tensor("x", N, C)
GAMMA = tensor("gamma", C)
BETA = tensor("beta", C)
EPS = scalar("eps", positive=True)
RUNNING_MEAN = tensor("running_mean", C)
RUNNING_VAR = tensor("running_var", C, nonnegative=True)
MOMENTUM = scalar("momentum")


@normalizer(
    title="Batch normalization",
    source="Ioffe & Szegedy 2015 (arXiv:1502.03167), Algorithm 1",
    layout="N C N*",
    constants=("eps", "running_mean", "running_var", "momentum"),
    defaults={"eps": 1e-5, "momentum": 0.1},
    inverts={"x_hat": "x"},
)
def batch_norm(
    x: Tensor = X,
    gamma: Tensor = GAMMA,
    beta: Tensor = BETA,
    eps: Tensor = EPS,
    running_mean: Tensor = RUNNING_MEAN,
    running_var: Tensor = RUNNING_VAR,
    momentum: Tensor = MOMENTUM,
    *,
    eps_at: str = UNDER,
    ddof: int = 0,
    running_ddof: int = 1,
    momentum_keeps: bool = False,
) -> Equations:
    """Training: the batch's own statistics; the running ones take in the unbiased variance."""
    mu = mean(x, over=N)
    var = mean((x - mu) ** 2, over=N, ddof=ddof)
    x_hat = (x - mu) / root(var, eps, eps_at)
    y = gamma * x_hat + beta
    return equations(mu=mu, var=var, x_hat=x_hat, y=y).updating(
        running_mean=moved(running_mean, mu, momentum, momentum_keeps),
        running_var=moved(running_var, corrected(var, over=N, ddof=running_ddof), momentum, momentum_keeps),
    )


@normalizer(
    title="Batch normalization at inference",
    source="Ioffe & Szegedy 2015 (arXiv:1502.03167), Algorithm 2, step 11",
    layout="N C N*",
    constants=("eps", "running_mean", "running_var"),
    defaults={"eps": 1e-5},
    mode_of=batch_norm,
)
def batch_norm_inference(
    x: Tensor = X,
    gamma: Tensor = GAMMA,
    beta: Tensor = BETA,
    eps: Tensor = EPS,
    running_mean: Tensor = RUNNING_MEAN,
    running_var: Tensor = RUNNING_VAR,
    *,
    eps_at: str = UNDER,
) -> Equations:
    """Inference: fixed statistics, so the whole is an affine map of each channel."""
    x_hat = (x - running_mean) / root(running_var, eps, eps_at)
    y = gamma * x_hat + beta
    return equations(x_hat=x_hat, y=y)


@normalizer(
    title="Frozen batch normalization",
    source="Ioffe & Szegedy 2015 (arXiv:1502.03167), Algorithm 2, step 11, as it is used in fine-tuning",
    layout="N C N*",
    constants=("gamma", "beta", "eps", "running_mean", "running_var"),
    defaults={"eps": 1e-5},
    mode_of=batch_norm,
)
def batch_norm_frozen(
    x: Tensor = X,
    gamma: Tensor = GAMMA,
    beta: Tensor = BETA,
    eps: Tensor = EPS,
    running_mean: Tensor = RUNNING_MEAN,
    running_var: Tensor = RUNNING_VAR,
    *,
    eps_at: str = UNDER,
) -> Equations:
    """Fine-tuning with everything of the layer fixed, gamma and beta too; only x has a gradient."""
    x_hat = (x - running_mean) / root(running_var, eps, eps_at)
    y = gamma * x_hat + beta
    return equations(x_hat=x_hat, y=y)
