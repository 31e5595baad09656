"""Power normalization: each channel divided by its quadratic mean over the batch; nothing is subtracted."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, mean, scalar, sqrt, tensor

N, C = axes("N C")


@normalizer(
    title="Power normalization (PN-V)",
    source="Shen et al. 2020 (arXiv:2003.07845), section 4.1",
    layout="N C N*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def power_norm(
    x: Tensor = tensor("x", N, C),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = scalar("eps", positive=True),
) -> Equations:
    """The variant with the batch's own quadratic mean and the exact gradient, before the paper's approximation."""
    psi = sqrt(mean(x**2, over=N) + eps)
    x_hat = x / psi
    y = gamma * x_hat + beta
    return equations(psi=psi, x_hat=x_hat, y=y)
