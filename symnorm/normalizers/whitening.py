"""Transformations of a design matrix by the eigenvectors of its covariance: decorrelation, PCA and ZCA whitening.

``Sigma = V diag(lam) V^T`` is known through its relations only. C runs over the features, D over a copy of them, K over
the eigenvectors.
"""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, cholesky, delta, dot, eigenbasis, mean, scalar, sqrt, tensor, total

N, C = axes("N C")
D, K = C.copy("D"), C.copy("K")

X = tensor("x", N, C)
LAM = tensor("lam", K, positive=True)
V = tensor("V", C, K)
EPS = scalar("eps", positive=True)

KESSY = "Kessy, Lewin & Strimmer 2018 (arXiv:1512.00809)"


@normalizer(title="Decorrelation", source=f"{KESSY}, PCA's rotation", layout="N C", reuses=("cov", "x_c"))
def decorrelation(x: Tensor = X, lam: Tensor = LAM, V: Tensor = V) -> Equations:
    """The centred data in the basis of the eigenvectors; column c of z belongs to the c-th of them."""
    mu = mean(x, over=N)
    x_c = x - mu
    cov = mean(x_c * x_c.rename({C: D}), over=N)
    basis = eigenbasis(cov, lam, V)
    z = dot(x_c, basis.vectors, over=C).rename({K: C})
    return equations(mu=mu, x_c=x_c, cov=cov, z=z).where(basis)


@normalizer(title="PCA whitening", source=f"{KESSY}, PCA whitening", layout="N C", reuses=("cov", "x_c"))
def pca_whitening(x: Tensor = X, lam: Tensor = LAM, V: Tensor = V, *, ddof: int = 0) -> Equations:
    """Decorrelated data divided by their standard deviations, the roots of the eigenvalues."""
    mu = mean(x, over=N)
    x_c = x - mu
    cov = mean(x_c * x_c.rename({C: D}), over=N, ddof=ddof)
    basis = eigenbasis(cov, lam, V)
    z = (dot(x_c, basis.vectors, over=C) / sqrt(basis.values)).rename({K: C})
    return equations(mu=mu, x_c=x_c, cov=cov, z=z).where(basis)


@normalizer(title="ZCA whitening", source=f"{KESSY}, ZCA whitening", layout="N C", reuses=("W", "cov", "x_c"))
def zca_whitening(x: Tensor = X, lam: Tensor = LAM, V: Tensor = V) -> Equations:
    """The centred data times the inverse square root of their covariance."""
    mu = mean(x, over=N)
    x_c = x - mu
    cov = mean(x_c * x_c.rename({C: D}), over=N)
    basis = eigenbasis(cov, lam, V)
    W = basis.inverse_root
    y = total(x_c.rename({C: D}) * W, over=D)
    return equations(mu=mu, x_c=x_c, cov=cov, W=W, y=y).where(basis)


@normalizer(
    title="Cholesky whitening",
    source=f"{KESSY}, Cholesky whitening, of the covariance itself: Siarohin et al. 2019 (arXiv:1806.00420)",
    layout="N C",
    reuses=("cov", "x_c"),
)
def cholesky_whitening(
    x: Tensor = X, L: Tensor = tensor("L", C, K), R: Tensor = tensor("R", K, C), place: Tensor = tensor("place", C)
) -> Equations:
    """The centred data times the inverse R of the covariance's triangular factor: each feature mixes those up to it."""
    mu = mean(x, over=N)
    x_c = x - mu
    cov = mean(x_c * x_c.rename({C: D}), over=N)
    factor = cholesky(cov, L, R, place)
    y = dot(x_c, factor.inverse_factor, over=C).rename({K: C})
    return equations(mu=mu, x_c=x_c, cov=cov, y=y).where(factor)


@normalizer(
    title="ZCA-cor whitening",
    source=f"{KESSY}, ZCA-cor whitening",
    layout="N C",
    inverts={"s": "x"},
    reuses=("W", "cor", "s"),
)
def zca_cor_whitening(x: Tensor = X, lam: Tensor = LAM, V: Tensor = V) -> Equations:
    """Standardized data times the inverse square root of their correlations."""
    mu = mean(x, over=N)
    sigma = sqrt(mean((x - mu) ** 2, over=N))
    s = (x - mu) / sigma
    cor = mean(s * s.rename({C: D}), over=N)
    basis = eigenbasis(cor, lam, V)
    W = basis.inverse_root
    y = total(s.rename({C: D}) * W, over=D)
    return equations(mu=mu, sigma=sigma, s=s, cor=cor, W=W, y=y).where(basis)


@normalizer(
    title="Decorrelated batch normalization",
    source="Huang et al. 2018 (arXiv:1804.08450), section 3",
    layout="N C",
    constants=("eps",),
    defaults={"eps": 1e-5},
    reuses=("W", "cov", "x_c"),
)
def decorrelated_batch_norm(
    x: Tensor = X,
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = EPS,
    lam: Tensor = LAM,
    V: Tensor = V,
) -> Equations:
    """ZCA whitening of a batch, eps added to the diagonal of the covariance, then gain and bias."""
    mu = mean(x, over=N)
    x_c = x - mu
    cov = mean(x_c * x_c.rename({C: D}), over=N) + eps * delta(C, D)
    basis = eigenbasis(cov, lam, V)
    W = basis.inverse_root
    x_hat = total(x_c.rename({C: D}) * W, over=D)
    y = gamma * x_hat + beta
    return equations(mu=mu, x_c=x_c, cov=cov, W=W, x_hat=x_hat, y=y).where(basis)
