"""Instance normalization: each channel of each sample standardized over its positions."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import UNDER, root
from symnorm.tensors import Tensor, axes, mean, scalar, tensor

N, C, S = axes("N C S")


@normalizer(
    title="Instance normalization",
    source="Ulyanov, Vedaldi & Lempitsky 2016 (arXiv:1607.08022), equation 4",
    layout="N C S*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def instance_norm(
    x: Tensor = tensor("x", N, C, S),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = scalar("eps", positive=True),
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
    title="Adaptive instance normalization",
    source="Huang & Belongie 2017 (arXiv:1703.06868), equation 8",
    layout="N C S*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def adaptive_instance_norm(
    x: Tensor = tensor("x", N, C, S),
    style_mean: Tensor = tensor("style_mean", N, C),
    style_std: Tensor = tensor("style_std", N, C),
    eps: Tensor = scalar("eps", positive=True),
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
