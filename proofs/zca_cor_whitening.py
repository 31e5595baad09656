"""ZCA-cor whitening: identity covariance, cross-correlations, invariance to each feature's scale, gradients.

V and lam are known only through ``R = V diag(lam) V^T``, R the correlations, and ``V^T V = V V^T = I``, which the
claims take as given. N is the samples, C the features. Where a false statement stands beside a true one, the two differ
by one assumption, sign, factor or index.
"""

import symnorm as sn

PAPER = "Kessy, Lewin & Strimmer 2018 (arXiv:1512.00809)"
COMPUTED = f"computed from {PAPER}, ZCA-cor whitening"
TOPIC = "Statistical transformations"

N, C = sn.axes("N C")
D, E, K = C.copy("D"), C.copy("E"), C.copy("K")
a, t = sn.tensor("a", C), sn.tensor("t", C)

cor = sn.load("zca_cor_whitening")
x, lam, V = cor.inputs.values()
data = cor.instance()
s, y = data.s, data.y
known = list(data.given)
root = sn.total(V * sn.sqrt(lam) * V.rename({C: D}), over=K)
dx = sn.gradient(sn.Loss("L"), y, x)

sn.claim(
    "zca_cor_whitening.identity_cov",
    "ZCA-cor-whitened data have mean 0 and the identity for their covariance.",
    lambda: (sn.equal(sn.mean(y, over=N), 0), sn.equal(sn.mean(y * y.rename({C: E}), over=N), sn.delta(C, E))),
    given=known,
    source=PAPER,
    topic=TOPIC,
)
sn.claim(
    "zca_cor_whitening.cov_ddof",
    "With N - 1 in the denominator, the covariance of ZCA-cor-whitened data is the identity.",
    lambda: sn.equal(sn.total(y * y.rename({C: E}), over=N) / (N - 1), sn.delta(C, E)),
    given=[*known, N >= 2],
    source=COMPUTED,
    expected="refuted",
    note="The correlations divide by N.",
    topic=TOPIC,
)
sn.claim(
    "zca_cor_whitening.cross_correlation",
    "The covariance of the standardized with the whitened data is the square root of the correlations.",
    lambda: sn.equal(sn.mean(s * y.rename({C: D}), over=N), root),
    given=known,
    source=PAPER,
    topic=TOPIC,
)
sn.claim(
    "zca_cor_whitening.cross_correlation_identity",
    "The covariance of the standardized with the whitened data is the identity.",
    lambda: sn.equal(sn.mean(s * y.rename({C: D}), over=N), sn.delta(C, D)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="It is the square root of the correlations.",
    topic=TOPIC,
)
sn.claim(
    "zca_cor_whitening.feature_scale",
    "Scaling each feature by its own factor, all positive, and adding a constant to it changes nothing.",
    lambda: (sn.equal(cor(a * x + t, lam, V), y), *cor.instance(a * x + t, lam, V).relations),
    given=[*known, a > 0],
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "zca_cor_whitening.feature_scale_any_sign",
    "Scaling each feature by its own factor, none 0, changes nothing.",
    lambda: sn.equal(cor(a * x, lam, V), y),
    given=[*known, sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="A negative factor turns the sign of the standardized feature.",
    topic=TOPIC,
)
sn.claim(
    "zca_cor_whitening.zca_feature_scale",
    "ZCA whitening has the same relations after each feature is scaled by its own positive factor.",
    lambda: sn.load("zca_whitening").instance(a * x, lam, V).relations,
    given=[*sn.load("zca_whitening").instance(x, lam, V).given, a > 0],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="Its covariance changes, and with it the eigenvectors.",
    topic=TOPIC,
)
sn.claim(
    "zca_cor_whitening.gradient_sum_zero",
    "The gradient of each feature sums to zero over the samples.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    given=known,
    source=COMPUTED,
    kind="orthogonality",
    topic=TOPIC,
)
sn.claim(
    "zca_cor_whitening.gradient_orthogonal",
    "The gradient of each feature is orthogonal to that feature: whitening does not see its scale.",
    lambda: sn.equal(sn.total(x * dx, over=N), 0),
    given=known,
    source=COMPUTED,
    kind="orthogonality",
    topic=TOPIC,
)
