"""Self-normalizing networks: the scaled exponential linear unit."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, exp, maximum, minimum, scalar, tensor

N, C = axes("N C")


@normalizer(
    title="Scaled exponential linear unit",
    source="Klambauer et al. 2017 (arXiv:1706.02515), equation 2",
    layout="N* C*",
    constants=("alpha", "scale"),
    defaults={"alpha": 1.6732632423543772, "scale": 1.0507009873554805},
)
def selu(
    x: Tensor = tensor("x", N, C),
    alpha: Tensor = scalar("alpha", positive=True),
    scale: Tensor = scalar("scale", positive=True),
) -> Equations:
    """The defaults keep mean 0 and variance 1 of a Gaussian; at x = 0 the mean of the two slopes is taken."""
    decay = exp(minimum(x, 0))
    y = scale * (maximum(x, 0) + alpha * (decay - 1))
    return equations(decay=decay, y=y)
