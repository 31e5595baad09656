"""Normalization by the root mean square, and by the length, of each sample's features: nothing is subtracted."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import FLOOR, UNDER, euclidean, root
from symnorm.tensors import Tensor, axes, mean, scalar, sqrt, tensor, total

N, C = axes("N C")


@normalizer(
    title="Root mean square normalization",
    source="Zhang & Sennrich 2019 (arXiv:1910.07467), equation 4",
    layout="N* C*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
)
def rms_norm(
    x: Tensor = tensor("x", N, C),
    gamma: Tensor = tensor("gamma", C),
    eps: Tensor = scalar("eps", positive=True),
    *,
    eps_at: str = UNDER,
) -> Equations:
    """Layer norm without the mean and the bias."""
    rms = root(mean(x**2, over=C), eps, eps_at)
    x_hat = x / rms
    y = gamma * x_hat
    return equations(rms=rms, x_hat=x_hat, y=y)


@normalizer(
    title="Partial root mean square normalization",
    source="Zhang & Sennrich 2019 (arXiv:1910.07467), section 3.2, pRMSNorm",
    layout="N* C*",
    constants=("keep", "eps"),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
    mode_of=rms_norm,
)
def rms_norm_partial(
    x: Tensor = tensor("x", N, C),
    gamma: Tensor = tensor("gamma", C),
    keep: Tensor = tensor("keep", C, nonnegative=True),
    eps: Tensor = scalar("eps", positive=True),
) -> Equations:
    """The statistic of a part of the features: keep is 1 there (the paper takes the first ones) and 0 elsewhere."""
    kept = total(keep, over=C)
    rms = sqrt(total(keep * x**2, over=C) / kept + eps)
    x_hat = x / rms
    y = gamma * x_hat
    return equations(kept=kept, rms=rms, x_hat=x_hat, y=y)


@normalizer(
    title="Scale normalization",
    source="Nguyen & Salazar 2019 (arXiv:1910.05895), equation 5",
    layout="N* C*",
    inverts={"x_hat": "x"},
)
def scale_norm(
    x: Tensor = tensor("x", N, C), g: Tensor = scalar("g"), *, eps: Tensor | None = None, eps_at: str = FLOOR
) -> Equations:
    """Each sample brought to the one learned length g."""
    length = euclidean(x, over=C, eps=eps, eps_at=eps_at)
    x_hat = x / length
    y = g * x_hat
    return equations(norm=length, x_hat=x_hat, y=y)
