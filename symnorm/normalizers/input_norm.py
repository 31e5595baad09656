"""Normalization of a data set's features, and of each sample's length."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import FLOOR, UNDER, euclidean, guarded, root
from symnorm.tensors import Tensor, absolute, amax, axes, mean, scalar, tensor, total, var

N, C = axes("N C")
X = tensor("x", N, C)


@normalizer(title="Centering", source="LeCun et al. 1998, Efficient BackProp, section 4.3", layout="N C N*")
def centering(x: Tensor = X) -> Equations:
    """Each feature's mean subtracted; also called mean normalization."""
    mu = mean(x, over=N)
    y = x - mu
    return equations(mu=mu, y=y)


@normalizer(
    title="Standardization (z-score)",
    source="LeCun et al. 1998, Efficient BackProp, section 4.3",
    layout="N C N*",
    inverts={"z": "x"},
)
def z_score(x: Tensor = X, *, eps: Tensor | None = None, eps_at: str = UNDER, ddof: int = 0) -> Equations:
    """Mean 0 and population variance 1 for each feature."""
    mu = mean(x, over=N)
    sigma = root(mean((x - mu) ** 2, over=N, ddof=ddof), eps, eps_at)
    z = (x - mu) / sigma
    return equations(mu=mu, sigma=sigma, z=z)


@normalizer(
    title="Standardization with the sample standard deviation",
    source="the unbiased variance, ddof = 1",
    layout="N C N*",
    inverts={"z": "x"},
    mode_of=z_score,
)
def z_score_unbiased(x: Tensor = X, *, eps: Tensor | None = None, eps_at: str = UNDER) -> Equations:
    """The sum of squares divided by N - 1."""
    mu = mean(x, over=N)
    sigma = root(var(x, over=N, ddof=1), eps, eps_at)
    z = (x - mu) / sigma
    return equations(mu=mu, sigma=sigma, z=z)


@normalizer(title="Unit length", source="the Euclidean norm of each sample", layout="N* C*", inverts={"u": "x"})
def unit_length(x: Tensor = X, *, eps: Tensor | None = None, eps_at: str = UNDER) -> Equations:
    """Each sample divided by its Euclidean length."""
    length = euclidean(x, over=C, eps=eps, eps_at=eps_at)
    u = x / length
    return equations(norm=length, u=u)


@normalizer(
    title="Unit length in L1",
    source="the sum of absolute values of each sample",
    layout="N* C*",
    inverts={"u": "x"},
    mode_of=unit_length,
)
def unit_length_l1(x: Tensor = X, *, eps: Tensor | None = None, eps_at: str = FLOOR) -> Equations:
    """Each sample divided by the sum of its absolute values; where a coordinate is 0, its sign counts as 0."""
    length = guarded(total(absolute(x), over=C), eps, eps_at)
    u = x / length
    return equations(norm=length, u=u)


@normalizer(
    title="Unit length in Lp",
    source="the p-norm of each sample",
    layout="N* C*",
    constants=("p",),
    defaults={"p": 3.0},
    inverts={"u": "x"},
    mode_of=unit_length,
)
def unit_length_lp(
    x: Tensor = X, p: Tensor = scalar("p", positive=True), *, eps: Tensor | None = None, eps_at: str = FLOOR
) -> Equations:
    """Each sample divided by its p-norm, p >= 1; where a coordinate is 0, its sign counts as 0 and 0^0 as 1."""
    length = guarded(total(absolute(x) ** p, over=C) ** (1 / p), eps, eps_at)
    u = x / length
    return equations(norm=length, u=u)


@normalizer(
    title="Unit length in L-infinity",
    source="the largest absolute value of each sample",
    layout="N* C*",
    inverts={"u": "x"},
    mode_of=unit_length,
)
def unit_length_linf(x: Tensor = X, *, eps: Tensor | None = None, eps_at: str = FLOOR) -> Equations:
    """Each sample divided by its largest absolute value; coordinates that tie for it have equal shares."""
    length = guarded(amax(absolute(x), over=C), eps, eps_at)
    u = x / length
    return equations(norm=length, u=u)
