"""Layer normalization: each sample standardized with the statistics of its own features."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import UNDER, root
from symnorm.tensors import Tensor, axes, mean, scalar, tensor

N, C = axes("N C")


@normalizer(
    title="Layer normalization",
    source="Ba, Kiros & Hinton 2016 (arXiv:1607.06450), equation 3",
    layout="N* C*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def layer_norm(
    x: Tensor = tensor("x", N, C),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = scalar("eps", positive=True),
    *,
    eps_at: str = UNDER,
    ddof: int = 0,
) -> Equations:
    """Batch norm's formulas with the axes exchanged; the gain and bias belong to the features."""
    mu = mean(x, over=C)
    var = mean((x - mu) ** 2, over=C, ddof=ddof)
    x_hat = (x - mu) / root(var, eps, eps_at)
    y = gamma * x_hat + beta
    return equations(mu=mu, var=var, x_hat=x_hat, y=y)
