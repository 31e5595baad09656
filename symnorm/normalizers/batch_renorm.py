"""Batch renormalization: batch norm corrected towards the running statistics by r and d, which have no gradient."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, clip, mean, scalar, sqrt, stop_gradient, tensor

N, C = axes("N C")

X = tensor("x", N, C)
GAMMA = tensor("gamma", C)
BETA = tensor("beta", C)
EPS = scalar("eps", positive=True)
RUNNING_MEAN = tensor("running_mean", C)
RUNNING_STD = tensor("running_std", C, positive=True)
R_MAX = scalar("r_max", positive=True)
D_MAX = scalar("d_max", nonnegative=True)
MOMENTUM = scalar("momentum")

SOURCE = "Ioffe 2017 (arXiv:1702.03275), Algorithm 1"


@normalizer(
    title="Batch renormalization",
    source=SOURCE,
    layout="N C N*",
    constants=("eps", "running_mean", "running_std", "r_max", "d_max", "momentum"),
    defaults={"eps": 1e-5, "r_max": 3.0, "d_max": 5.0, "momentum": 0.01},
    inverts={"x_hat": "x"},
)
def batch_renorm(
    x: Tensor = X,
    gamma: Tensor = GAMMA,
    beta: Tensor = BETA,
    eps: Tensor = EPS,
    running_mean: Tensor = RUNNING_MEAN,
    running_std: Tensor = RUNNING_STD,
    r_max: Tensor = R_MAX,
    d_max: Tensor = D_MAX,
    momentum: Tensor = MOMENTUM,
) -> Equations:
    """Training, with r held in [1/r_max, r_max] and d in [-d_max, d_max]."""
    mu = mean(x, over=N)
    var = mean((x - mu) ** 2, over=N)
    sigma = sqrt(var + eps)
    r = stop_gradient(clip(sigma / running_std, 1 / r_max, r_max))
    d = stop_gradient(clip((mu - running_mean) / running_std, -d_max, d_max))
    x_hat = (x - mu) / sigma
    x_renorm = r * x_hat + d
    y = gamma * x_renorm + beta
    return equations(mu=mu, var=var, sigma=sigma, r=r, d=d, x_hat=x_hat, x_renorm=x_renorm, y=y).updating(
        running_mean=running_mean + momentum * (mu - running_mean),
        running_std=running_std + momentum * (sigma - running_std),
    )


@normalizer(
    title="Batch renormalization without clipping",
    source=SOURCE,
    layout="N C N*",
    constants=("eps", "running_mean", "running_std", "momentum"),
    defaults={"eps": 1e-5, "momentum": 0.01},
    inverts={"x_hat": "x"},
    mode_of=batch_renorm,
)
def batch_renorm_unclipped(
    x: Tensor = X,
    gamma: Tensor = GAMMA,
    beta: Tensor = BETA,
    eps: Tensor = EPS,
    running_mean: Tensor = RUNNING_MEAN,
    running_std: Tensor = RUNNING_STD,
    momentum: Tensor = MOMENTUM,
) -> Equations:
    """Training with r and d as they come: the output is the one of inference, the gradient is not."""
    mu = mean(x, over=N)
    var = mean((x - mu) ** 2, over=N)
    sigma = sqrt(var + eps)
    r = stop_gradient(sigma / running_std)
    d = stop_gradient((mu - running_mean) / running_std)
    x_hat = (x - mu) / sigma
    x_renorm = r * x_hat + d
    y = gamma * x_renorm + beta
    return equations(mu=mu, var=var, sigma=sigma, r=r, d=d, x_hat=x_hat, x_renorm=x_renorm, y=y).updating(
        running_mean=running_mean + momentum * (mu - running_mean),
        running_std=running_std + momentum * (sigma - running_std),
    )


@normalizer(
    title="Batch renormalization at inference",
    source=SOURCE,
    layout="N C N*",
    constants=("running_mean", "running_std"),
    mode_of=batch_renorm,
)
def batch_renorm_inference(
    x: Tensor = X,
    gamma: Tensor = GAMMA,
    beta: Tensor = BETA,
    running_mean: Tensor = RUNNING_MEAN,
    running_std: Tensor = RUNNING_STD,
) -> Equations:
    """Inference: the running mean and standard deviation in place of the batch's."""
    x_hat = (x - running_mean) / running_std
    y = gamma * x_hat + beta
    return equations(x_hat=x_hat, y=y)


def clipping_schedule(step: Tensor) -> tuple[Tensor, Tensor]:
    """The paper's ``r_max`` and ``d_max`` at a step of training (section 4).

    Batch norm (1 and 0) for 5000 steps, then ``r_max`` goes to 3 by step 40000 and ``d_max`` to 5 by step 25000. The
    paper says "gradually"; a straight line is this function's choice.

    Args:
        step: the number of steps so far.

    Example:
        >>> from symnorm.tensors import as_tensor
        >>> r_max, d_max = clipping_schedule(as_tensor(15000))
        >>> r_max.expr, d_max.expr
        (minimum(maximum(11/7, 1), 3), minimum(maximum(5/2, 0), 5))
        >>> y = batch_renorm(r_max=r_max, d_max=d_max)
    """
    r_max = clip(1 + 2 * (step - 5000) / 35000, 1, 3)
    d_max = clip(5 * (step - 5000) / 20000, 0, 5)
    return r_max, d_max
