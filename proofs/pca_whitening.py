"""PCA whitening: identity covariance, and how it differs from ZCA whitening.

V and lam are known only through ``Sigma = V diag(lam) V^T`` and ``V^T V = V V^T = I``, which the claims take as given:
N is the samples, C the features, K the eigenvectors. Where a false statement stands beside a true one, the two differ
by one assumption, sign, factor or index.
"""

import symnorm as sn

PAPER = "Kessy, Lewin & Strimmer 2018 (arXiv:1512.00809)"
COMPUTED = f"computed from {PAPER}"
TOPIC = "Statistical transformations"

N, C = sn.axes("N C")
D, E, K = C.copy("D"), C.copy("E"), C.copy("K")
a, t = sn.scalar("a"), sn.tensor("t", C)

pca = sn.load("pca_whitening")
x, lam, V = pca.inputs.values()
data = pca.instance()
x_c, cov, z = data.x_c, data.cov, data.z
known = list(data.given)
zca = sn.load("zca_whitening")

sn.claim(
    "pca_whitening.identity_cov",
    "PCA-whitened data have mean 0 and the identity for their covariance.",
    lambda: (sn.equal(sn.mean(z, over=N), 0), sn.equal(sn.mean(z * z.rename({C: D}), over=N), sn.delta(C, D))),
    given=known,
    source=PAPER,
    also=["transform.pca_whitening_cov"],
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.cov_lam",
    "PCA-whitened data have the eigenvalues on the diagonal of their covariance.",
    lambda: sn.equal(sn.mean(z * z.rename({C: D}), over=N), sn.delta(C, D) * lam.rename({K: C})),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="Those are the decorrelated data.",
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.scales_decorrelated",
    "They are the decorrelated data divided by the roots of the eigenvalues.",
    lambda: sn.equal(z, sn.load("decorrelation")(x, lam, V) / sn.sqrt(lam.rename({K: C}))),
    given=known,
    source=PAPER,
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.same_lengths_as_zca",
    "PCA and ZCA whitening give each sample the same length.",
    lambda: sn.equal(sn.total(z**2, over=C), sn.total(zca(x, lam, V) ** 2, over=C)),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.same_entries_as_zca",
    "PCA and ZCA whitening give each sample the same squared entries.",
    lambda: sn.equal(z**2, zca(x, lam, V) ** 2),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="They differ by a rotation.",
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.cross_covariance",
    "The covariance of the centred with the whitened data is V diag(sqrt(lam)).",
    lambda: sn.equal(sn.mean(x_c * z.rename({C: K}), over=N), V * sn.sqrt(lam)),
    given=known,
    source=PAPER,
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.cross_covariance_symmetric",
    "The covariance of the centred with the whitened data is symmetric.",
    lambda: sn.equal(sn.mean(x_c * z.rename({C: D}), over=N), sn.mean(x_c.rename({C: D}) * z, over=N)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="That is what singles ZCA whitening out.",
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.translation",
    "Adding a constant to each feature changes nothing.",
    lambda: sn.equal(pca(x + t, lam, V), z),
    given=known,
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.scale",
    "Scaling all data by a > 0 changes nothing.",
    lambda: (sn.equal(pca(a * x, a**2 * lam, V), z), *pca.instance(a * x, a**2 * lam, V).relations),
    given=[*known, a > 0],
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "pca_whitening.scale_any_sign",
    "Scaling all data by a != 0, of either sign, changes nothing.",
    lambda: sn.equal(pca(a * x, a**2 * lam, V), z),
    given=[*known, sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="A negative factor turns the sign of the whitened data.",
    topic=TOPIC,
)
