"""Weight normalization: a weight vector's length and direction as separate parameters."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import UNDER, euclidean, root
from symnorm.tensors import Tensor, axes, exp, mean, norm, scalar, tensor

C, K = axes("C K")


@normalizer(
    title="Weight normalization",
    source="Salimans & Kingma 2016 (arXiv:1602.07868), equation 2",
    layout="C K*",
    reuses=("g",),
)
def weight_norm(
    v: Tensor = tensor("v", C, K), g: Tensor = tensor("g", C), *, eps: Tensor | None = None, eps_at: str = UNDER
) -> Equations:
    """Each output unit's weights w = g v / ||v||; K runs over everything that feeds the unit."""
    length = euclidean(v, over=K, eps=eps, eps_at=eps_at)
    w = g * v / length
    return equations(norm=length, w=w)


@normalizer(
    title="Weight normalization with an exponential length",
    source="Salimans & Kingma 2016 (arXiv:1602.07868), section 2, g = exp(s)",
    layout="C K*",
    reuses=("g",),
    mode_of=weight_norm,
)
def weight_norm_exp(v: Tensor = tensor("v", C, K), s: Tensor = tensor("s", C)) -> Equations:
    """The length is learned on a logarithmic scale and cannot become zero or negative."""
    length = norm(v, over=K)
    g = exp(s)
    w = g * v / length
    return equations(norm=length, g=g, w=w)


@normalizer(
    title="Centered weight normalization",
    source="Huang et al. 2017 (ICCV), equation 4",
    layout="C K*",
    inverts={"w": "v"},
)
def centered_weight_norm(v: Tensor = tensor("v", C, K)) -> Equations:
    """Each output unit's weights with mean 0 and length 1."""
    mu = mean(v, over=K)
    length = norm(v - mu, over=K)
    w = (v - mu) / length
    return equations(mu=mu, norm=length, w=w)


@normalizer(
    title="Weight standardization",
    source="Qiao et al. 2019 (arXiv:1903.10520), equation 5",
    layout="C K*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"w": "v"},
)
def weight_standardization(
    v: Tensor = tensor("v", C, K),
    eps: Tensor = scalar("eps", positive=True),
    *,
    eps_at: str = UNDER,
    ddof: int = 0,
) -> Equations:
    """Each output unit's weights standardized over what feeds it."""
    mu = mean(v, over=K)
    var = mean((v - mu) ** 2, over=K, ddof=ddof)
    w = (v - mu) / root(var, eps, eps_at)
    return equations(mu=mu, var=var, w=w)
