"""Rescaling of each feature by its range: min-max to given bounds, and mean normalization.

Where several samples tie for a minimum or maximum, each has an equal share of its derivative, a subgradient.
"""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import FLOOR, guarded
from symnorm.tensors import Tensor, amax, amin, axes, mean, scalar, tensor

N, C = axes("N C")
X = tensor("x", N, C)

SOURCE = "Han, Kamber & Pei 2012, Data Mining, section 3.5.2"


@normalizer(title="Min-max scaling to [0, 1]", source=SOURCE, layout="N C N*", inverts={"y": "x"})
def min_max(x: Tensor = X, *, eps_at: str = FLOOR) -> Equations:
    """Each feature's smallest value becomes 0, its largest 1."""
    low, high = amin(x, over=N), amax(x, over=N)
    span = high - low
    y = (x - low) / guarded(span, eps_at=eps_at, called="")
    return equations(low=low, span=span, y=y)


@normalizer(
    title="Min-max scaling to [lower, upper]",
    source=SOURCE,
    layout="N C N*",
    inverts={"x_hat": "x"},
    mode_of=min_max,
)
def min_max_between(
    x: Tensor = X,
    lower: Tensor = scalar("lower"),
    upper: Tensor = scalar("upper"),
    *,
    eps_at: str = FLOOR,
) -> Equations:
    """Each feature's smallest value becomes lower, its largest upper."""
    low, high = amin(x, over=N), amax(x, over=N)
    span = high - low
    x_hat = (x - low) / guarded(span, eps_at=eps_at, called="")
    width = upper - lower
    y = lower + width * x_hat
    return equations(low=low, span=span, x_hat=x_hat, width=width, y=y)


@normalizer(
    title="Min-max scaling to [-1, 1]",
    source=SOURCE,
    layout="N C N*",
    inverts={"x_hat": "x"},
    mode_of=min_max,
)
def min_max_symmetric(x: Tensor = X, *, eps_at: str = FLOOR) -> Equations:
    """Each feature's smallest value becomes -1, its largest 1."""
    low, high = amin(x, over=N), amax(x, over=N)
    span = high - low
    x_hat = (x - low) / guarded(span, eps_at=eps_at, called="")
    y = 2 * x_hat - 1
    return equations(low=low, span=span, x_hat=x_hat, y=y)


@normalizer(
    title="Mean normalization by the range",
    source="the centred data divided by max - min",
    layout="N C N*",
    inverts={"y": "x"},
)
def mean_range(x: Tensor = X) -> Equations:
    """Mean 0 and range 1 for each feature; centering alone is also called mean normalization."""
    mu = mean(x, over=N)
    span = amax(x, over=N) - amin(x, over=N)
    y = (x - mu) / span
    return equations(mu=mu, span=span, y=y)
