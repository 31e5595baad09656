"""Mean-only batch normalization, where nothing is divided, and weight normalization beside it."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, dot, mean, norm, tensor

N, C, K = axes("N C K")


@normalizer(
    title="Mean-only batch normalization",
    source="Salimans & Kingma 2016 (arXiv:1602.07868), section 4",
    layout="N C N*",
)
def mean_only_batch_norm(x: Tensor = tensor("x", N, C), beta: Tensor = tensor("beta", C)) -> Equations:
    """The batch's mean subtracted from each channel, a bias added."""
    mu = mean(x, over=N)
    y = x - mu + beta
    return equations(mu=mu, y=y)


@normalizer(
    title="Weight normalization with mean-only batch normalization",
    source="Salimans & Kingma 2016 (arXiv:1602.07868), section 4",
    layout="N K",
    reuses=("t", "w", "g"),
)
def mean_only_weight_norm(
    x: Tensor = tensor("x", N, K),
    v: Tensor = tensor("v", C, K),
    g: Tensor = tensor("g", C),
    b: Tensor = tensor("b", C),
) -> Equations:
    """Pre-activations t = w x of normalized weights, centred over the batch; K runs over what feeds a unit."""
    length = norm(v, over=K)
    w = g * v / length
    t = dot(x, w, over=K)
    mu = mean(t, over=N)
    y = t - mu + b
    return equations(norm=length, w=w, t=t, mu=mu, y=y)
