"""Instance normalization: each channel of each sample standardized over its positions."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import UNDER, corrected, moved, root
from symnorm.tensors import Tensor, axes, mean, scalar, tensor

N, C, S = axes("N C S")

X = tensor("x", N, C, S)
GAMMA = tensor("gamma", C)
BETA = tensor("beta", C)
EPS = scalar("eps", positive=True)
RUNNING_MEAN = tensor("running_mean", C)
RUNNING_VAR = tensor("running_var", C, nonnegative=True)
MOMENTUM = scalar("momentum")


@normalizer(
    title="Instance normalization",
    source="Ulyanov, Vedaldi & Lempitsky 2016 (arXiv:1607.08022), equation 4",
    layout="N C S*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def instance_norm(
    x: Tensor = X,
    gamma: Tensor = GAMMA,
    beta: Tensor = BETA,
    eps: Tensor = EPS,
    *,
    eps_at: str = UNDER,
    ddof: int = 0,
) -> Equations:
    """The contrast of each channel of each image is removed; S runs over the positions."""
    mu = mean(x, over=S)
    var = mean((x - mu) ** 2, over=S, ddof=ddof)
    x_hat = (x - mu) / root(var, eps, eps_at)
    y = gamma * x_hat + beta
    return equations(mu=mu, var=var, x_hat=x_hat, y=y)


@normalizer(
    title="Instance normalization with running statistics",
    source="torch.nn.InstanceNorm2d with track_running_stats=True, PyTorch 2 documentation",
    layout="N C S*",
    constants=("eps", "running_mean", "running_var", "momentum"),
    defaults={"eps": 1e-5, "momentum": 0.1},
    inverts={"x_hat": "x"},
    mode_of=instance_norm,
)
def instance_norm_tracking(
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
) -> Equations:
    """Training as ever; the running statistics take in what the images have on average, the variance with S - 1."""
    mu = mean(x, over=S)
    var = mean((x - mu) ** 2, over=S, ddof=ddof)
    x_hat = (x - mu) / root(var, eps, eps_at)
    y = gamma * x_hat + beta
    return equations(mu=mu, var=var, x_hat=x_hat, y=y).updating(
        running_mean=moved(running_mean, mean(mu, over=N), momentum),
        running_var=moved(running_var, mean(corrected(var, over=S, ddof=1), over=N), momentum),
    )


@normalizer(
    title="Instance normalization at inference with running statistics",
    source="torch.nn.InstanceNorm2d with track_running_stats=True, PyTorch 2 documentation",
    layout="N C S*",
    constants=("eps", "running_mean", "running_var"),
    defaults={"eps": 1e-5},
    mode_of=instance_norm,
)
def instance_norm_inference(
    x: Tensor = X,
    gamma: Tensor = GAMMA,
    beta: Tensor = BETA,
    eps: Tensor = EPS,
    running_mean: Tensor = RUNNING_MEAN,
    running_var: Tensor = RUNNING_VAR,
    *,
    eps_at: str = UNDER,
) -> Equations:
    """Fixed statistics, the same for all images: an affine map of each channel, and that of batch normalization."""
    x_hat = (x - running_mean) / root(running_var, eps, eps_at)
    y = gamma * x_hat + beta
    return equations(x_hat=x_hat, y=y)


@normalizer(
    title="Adaptive instance normalization",
    source="Huang & Belongie 2017 (arXiv:1703.06868), equation 8",
    layout="N C S*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def adaptive_instance_norm(
    x: Tensor = X,
    style_mean: Tensor = tensor("style_mean", N, C),
    style_std: Tensor = tensor("style_std", N, C),
    eps: Tensor = EPS,
    *,
    eps_at: str = UNDER,
    ddof: int = 0,
) -> Equations:
    """The statistics of a style image in place of learned ones; they have gradients like any input."""
    mu = mean(x, over=S)
    var = mean((x - mu) ** 2, over=S, ddof=ddof)
    x_hat = (x - mu) / root(var, eps, eps_at)
    y = style_std * x_hat + style_mean
    return equations(mu=mu, var=var, x_hat=x_hat, y=y)
