"""Spectral normalization: a weight matrix divided by its largest singular value."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.normalizers.parts import FLOOR, unit
from symnorm.tensors import Tensor, axes, dot, scalar, singular_pair, stop_gradient, tensor

C, K = axes("C K")
W = tensor("w", C, K)
U = tensor("u", C)


@normalizer(
    title="Spectral normalization",
    source="Miyato et al. 2018 (arXiv:1802.05957), equation 8",
    layout="C K*",
    inverts={"w_bar": "w"},
)
def spectral_norm(
    w: Tensor = W, u: Tensor = U, sigma: Tensor = scalar("sigma", positive=True), v: Tensor = tensor("v", K)
) -> Equations:
    """Weights of spectral norm 1; K runs over everything that feeds a unit, so a convolution's kernel is a matrix.

    Differentiable where the largest singular value is a simple one; elsewhere the solver's pair is taken.
    """
    pair = singular_pair(w, u, sigma, v)
    w_bar = w / pair.sigma
    return equations(w_bar=w_bar).where(pair)


@normalizer(
    title="Spectral normalization with one step of the power iteration",
    source="Miyato et al. 2018 (arXiv:1802.05957), Algorithm 1",
    layout="C K*",
    constants=("u",),
    mode_of=spectral_norm,
)
def spectral_norm_power_iteration(
    w: Tensor = W, u: Tensor = U, *, eps: Tensor | None = None, eps_at: str = FLOOR
) -> Equations:
    """As in training: one step from the last u, which is kept; the vectors have no gradient."""
    v_hat = stop_gradient(unit(dot(w, u, over=C), over=K, eps=eps, eps_at=eps_at, called="v_length"))
    u_hat = stop_gradient(unit(dot(w, v_hat, over=K), over=C, eps=eps, eps_at=eps_at, called="u_length"))
    sigma_hat = dot(u_hat, dot(w, v_hat, over=K), over=C)
    w_bar = w / sigma_hat
    return equations(v_hat=v_hat, u_hat=u_hat, sigma_hat=sigma_hat, w_bar=w_bar).updating(u=u_hat)
