"""Decorrelated batch norm: what eps leaves of the identity covariance, batch norm in one feature, gradients.

V and lam are known only through ``Sigma = V diag(lam) V^T`` and ``V^T V = V V^T = I``, which the claims take as given:
N is the samples, C the features, K the eigenvectors. Where a false statement stands beside a true one, the two differ
by one assumption, sign, factor or index.
"""

import symnorm as sn

PAPER = "Huang et al. 2018 (arXiv:1804.08450)"
COMPUTED = f"computed from {PAPER}"
TOPIC = "Statistical transformations"

N, C = sn.axes("N C")
D, E, K = C.copy("D"), C.copy("E"), C.copy("K")
a, t = sn.scalar("a"), sn.tensor("t", C)

dbn = sn.load("decorrelated_batch_norm")
x, gamma, beta, eps, lam, V = dbn.inputs.values()
batch = dbn.instance()
x_c, x_hat, y = batch.x_c, batch.x_hat, batch.y
known = list(batch.given)
L = sn.Loss("L")
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)
left = sn.total(V / lam * V.rename({C: D}), over=K)

sn.claim(
    "decorrelated_batch_norm.zero_mean",
    "The whitened batch has mean 0.",
    lambda: sn.equal(sn.mean(x_hat, over=N), 0),
    given=known,
    source=f"{PAPER}, section 3",
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.cov_less_eps",
    "The covariance of the whitened batch is I - eps (Sigma + eps I)^-1.",
    lambda: sn.equal(sn.mean(x_hat * x_hat.rename({C: D}), over=N), sn.delta(C, D) - eps * left),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.identity_cov",
    "The covariance of the whitened batch is the identity, for eps > 0.",
    lambda: sn.equal(sn.mean(x_hat * x_hat.rename({C: D}), over=N), sn.delta(C, D)),
    given=known,
    source=f"{PAPER}, section 3",
    expected="refuted",
    note="It is less by eps times the inverse; see decorrelated_batch_norm.cov_less_eps.",
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.dbeta",
    "The gradient of beta is the sum of that of the output.",
    lambda: sn.equal(sn.gradient(L, y, beta), sn.total(dy, over=N)),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.dgamma",
    "The gradient of gamma is the sum of that of the output times the whitened batch.",
    lambda: sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_hat, over=N)),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.dgamma_x",
    "The gradient of gamma is the sum of that of the output times the centred batch.",
    lambda: sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_c, over=N)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="gamma multiplies the whitened batch.",
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.gradient_sum_zero",
    "The gradient of each feature sums to zero over the batch.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    given=known,
    source=COMPUTED,
    kind="orthogonality",
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.translation",
    "Adding a constant to each feature changes nothing.",
    lambda: sn.equal(dbn(x + t, lam=lam, V=V), y),
    given=known,
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.scale_with_eps",
    "Scaling the batch by a > 0 and eps by a^2 changes nothing.",
    lambda: (
        sn.equal(dbn(a * x, eps=a**2 * eps, lam=a**2 * lam, V=V), y),
        *dbn.instance(a * x, eps=a**2 * eps, lam=a**2 * lam, V=V).relations,
    ),
    given=[*known, a > 0],
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "decorrelated_batch_norm.scale_fixed_eps",
    "The batch scaled by a and its eigenvalues by a^2 satisfy the defining relations with the same eps.",
    lambda: dbn.instance(a * x, lam=a**2 * lam, V=V).relations,
    given=[*known, a > 0],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="eps has to scale too.",
    topic=TOPIC,
)
