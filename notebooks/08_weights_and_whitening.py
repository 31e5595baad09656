# %% [markdown]
# # Weight, spectral and L1 norm, and whitening
#
# Four relatives of batch norm: two that normalize weights, one that measures spread without squares, and one that takes
# all correlations away. What each leaves and removes shows in a spectrum.

# %%
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})

# %% [markdown]
# ## Spectra before and after
#
# Correlated data with features of different scale. The eigenvalues of the covariance, sorted: standardization makes
# their mean 1, whitening makes each of them 1.

# %%
rng = np.random.default_rng(0)
N, C = 400, 8
x = (rng.standard_normal((N, C)) @ rng.standard_normal((C, C))) * np.logspace(-1, 0.7, C) + 3
names = ("centering", "z_score", "decorrelation", "pca_whitening", "zca_whitening", "zca_cor_whitening")
outputs = {name: sn.kernel(name).forward(x)[0] for name in names}


def covariance(data):
    return np.cov(data.T, ddof=0)


spectra = {name: np.linalg.eigvalsh(covariance(data))[::-1] for name, data in outputs.items()}
fig, panel = plt.subplots(figsize=(6, 3))
for name, style in zip(names[:5], ("-o", "-s", ":x", "--^", ":v"), strict=True):
    panel.semilogy(range(1, C + 1), spectra[name], style, label=name, ms=5)
panel.set(xlabel="eigenvalue", ylabel="size", title="spectra of the covariance")
panel.legend()
fig.tight_layout()
assert spectra["centering"][0] > 1e3 * spectra["centering"][-1]
assert np.isclose(spectra["z_score"].mean(), 1) and spectra["z_score"][0] > 1.5
for name in ("pca_whitening", "zca_whitening", "zca_cor_whitening"):
    assert np.allclose(covariance(outputs[name]), np.eye(C), atol=1e-9)

# %% [markdown]
# Decorrelation turns the data and changes no eigenvalue: its line lies on that of the centred data.

# %%
assert np.allclose(spectra["decorrelation"], spectra["centering"])
off_diagonal = covariance(outputs["decorrelation"]) - np.diag(np.diag(covariance(outputs["decorrelation"])))
assert np.allclose(off_diagonal, 0, atol=1e-9)

# %% [markdown]
# ## Whitening is not unique
#
# Any rotation of whitened data is white. That, and that ZCA gives the identity covariance at every size:

# %%
for claim in ("identity_cov", "rotations_whiten", "whitening_is_unique", "is_turned_pca", "not_independent"):
    print(f"{claim:22} {sn.prove(f'zca_whitening.{claim}').status}")
assert sn.prove("zca_whitening.identity_cov").status == sn.prove("zca_whitening.rotations_whiten").status == "proved"
assert sn.prove("zca_whitening.whitening_is_unique").status == "refuted"

# %% [markdown]
# ## Exercise: what ZCA is for
#
# Among all whitenings ZCA changes the data least. Measure it.

# %% tags=["answer"]
# The mean squared distance of two arrays of shape (N, C), summed over the features.
def distance(a, b):
    return ((a - b) ** 2).sum(axis=1).mean()


# %% tags=["check"]
turn = np.linalg.qr(np.random.default_rng(1).standard_normal((C, C)))[0]
centred, zca = outputs["centering"], outputs["zca_whitening"]
assert np.isclose(distance(np.zeros((5, 3)), np.ones((5, 3))), 3)
assert distance(centred, zca) < distance(centred, outputs["pca_whitening"])
assert distance(centred, zca) < distance(centred, zca @ turn)

# %% [markdown]
# ## Weight norm and spectral norm
#
# Weight norm gives each row a length; spectral norm divides the whole matrix by its largest singular value. So weight
# norm bends the spectrum, spectral norm shifts it.

# %%
w = rng.standard_normal((8, 12)) * np.logspace(0, -1, 8)[:, None]
normalized = {
    "before": w,
    "weight norm, g = 1": sn.kernel("weight_norm").forward(w, g=np.ones(8))[0],
    "spectral norm": sn.kernel("spectral_norm").forward(w)[0],
}
fig, panel = plt.subplots(figsize=(6, 2.8))
for (name, matrix), style in zip(normalized.items(), ("-o", "-s", "-^"), strict=True):
    panel.semilogy(range(1, 9), np.linalg.svd(matrix)[1], style, label=name)
panel.set(xlabel="singular value", ylabel="size")
panel.legend()
fig.tight_layout()
singular = {name: np.linalg.svd(matrix)[1] for name, matrix in normalized.items()}
assert np.isclose(singular["spectral norm"][0], 1)
assert np.allclose(singular["spectral norm"] * singular["before"][0], singular["before"])
assert np.allclose(np.linalg.norm(normalized["weight norm, g = 1"], axis=1), 1)

# %% [markdown]
# Spectral norm is often said to divide by the largest *eigenvalue*; and its power iteration is exact only at its end.

# %%
for claim in ("sqrt_eig", "largest_eigenvalue", "power_iteration_fixed_point", "power_iteration_exact"):
    print(f"{claim:30} {sn.prove(f'spectral_norm.{claim}').status}")
assert sn.prove("spectral_norm.largest_eigenvalue").status == "refuted"
step = sn.kernel("spectral_norm", "power_iteration")
u, estimates = rng.standard_normal(8), []
for _ in range(30):
    w_bar, saved = step.forward(w, u=u)
    u = saved.updates["u"]
    estimates.append(w[0, 0] / w_bar[0, 0])
gap = 1 - np.array(estimates) / singular["before"][0]
fig, panel = plt.subplots(figsize=(6, 2.4))
panel.semilogy(range(1, 31), np.maximum(gap, 1e-17), "o-")
panel.set(xlabel="step of the power iteration", ylabel="1 - estimate/sigma")
fig.tight_layout()
assert np.all(gap > -1e-12) and gap[-1] < 1e-3 < gap[0]

# %% [markdown]
# ## L1 batch norm
#
# The mean absolute deviation is at most the standard deviation; for a Gaussian the factor between them is
# $\sqrt{\pi/2}$, which L1 batch norm multiplies by. For another distribution its output has another variance.

# %%
assert sn.prove("l1_batch_norm.mad_le_sigma").status == "proved"
assert sn.prove("l1_batch_norm.unit_variance").status == "refuted"
draw = np.random.default_rng(5)
samples = {
    "uniform": draw.uniform(-1, 1, 20000),
    "normal": draw.standard_normal(20000),
    "Laplace": draw.laplace(size=20000),
    "two points": draw.choice([-1.0, 1.0], 20000),
}
l1 = sn.kernel("l1_batch_norm")
variance = {
    name: float(l1.forward(data[:, None], gamma=np.ones(1), beta=np.zeros(1), eps=0.0)[0].var())
    for name, data in samples.items()
}
fig, panel = plt.subplots(figsize=(6, 2.2))
panel.bar(list(variance), list(variance.values()))
panel.axhline(1, color="gray", lw=0.5)
panel.set(ylabel="variance of the output")
fig.tight_layout()
assert abs(variance["normal"] - 1) < 0.03

# %% [markdown]
# ## Exercise: the two ends

# %% tags=["answer"]
# The variance of L1 batch norm's output for two equally likely points, and for a uniform distribution.
two_points = 2 / np.pi
uniform = 8 / (3 * np.pi)

# %% tags=["check"]
assert abs(variance["two points"] - two_points) < 0.01 and abs(variance["uniform"] - uniform) < 0.02
assert abs(two_points - uniform) > 0.1
