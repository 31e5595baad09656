"""Batch normalization with the largest absolute deviation in place of the standard deviation."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, absolute, amax, axes, mean, scalar, tensor

N, C = axes("N C")


@normalizer(
    title="L-infinity batch normalization",
    source="Hoffer et al. 2018 (arXiv:1803.01814), section 3.2",
    layout="N C N*",
    constants=("k", "eps"),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def linf_batch_norm(
    x: Tensor = tensor("x", N, C),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    k: Tensor = scalar("k", positive=True),
    eps: Tensor = scalar("eps", positive=True),
) -> Equations:
    """Samples that tie for the largest deviation have equal shares of its derivative.

    With k = (1 + sqrt(pi log 4))/(2 sqrt(2 log N)), s is close to sigma for a Gaussian batch.
    """
    mu = mean(x, over=N)
    s = k * amax(absolute(x - mu), over=N) + eps
    x_hat = (x - mu) / s
    y = gamma * x_hat + beta
    return equations(mu=mu, s=s, x_hat=x_hat, y=y)
