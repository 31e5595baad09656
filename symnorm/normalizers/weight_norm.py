"""Weight normalization: a weight vector's length and direction as separate parameters."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, norm, tensor

C, K = axes("C K")


@normalizer(
    title="Weight normalization",
    source="Salimans & Kingma 2016 (arXiv:1602.07868), equation 2",
    layout="C K*",
    reuses=("g",),
)
def weight_norm(v: Tensor = tensor("v", C, K), g: Tensor = tensor("g", C)) -> Equations:
    """Each output unit's weights w = g v / ||v||; K runs over everything that feeds the unit."""
    length = norm(v, over=K)
    w = g * v / length
    return equations(norm=length, w=w)
