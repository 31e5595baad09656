"""Mean-only batch normalization: the batch's mean subtracted, nothing divided."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, mean, tensor

N, C = axes("N C")


@normalizer(
    title="Mean-only batch normalization",
    source="Salimans & Kingma 2016 (arXiv:1602.07868), section 4",
    layout="N C N*",
)
def mean_only_batch_norm(x: Tensor = tensor("x", N, C), beta: Tensor = tensor("beta", C)) -> Equations:
    """Beside weight normalization, which fixes the scale."""
    mu = mean(x, over=N)
    y = x - mu + beta
    return equations(mu=mu, y=y)
