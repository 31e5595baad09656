"""L-infinity batch norm: batch norm's invariances with the largest absolute deviation, what it does not normalize.

Axis N is the batch, C the features; k is the constant before the deviation. Where a false statement stands beside a
true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("L1 normalization")

PAPER = "Hoffer et al. 2018 (arXiv:1803.01814)"
DEFINITION = f"{PAPER}, section 3.2"
COMPUTED = f"computed from {DEFINITION}"

N, C = sn.axes("N C")
x, b, q = sn.tensor("x", N, C), sn.tensor("b", C), sn.tensor("q", N)
gamma, beta = sn.tensor("gamma", C), sn.tensor("beta", C)
a = sn.scalar("a")
k, eps = sn.scalar("k", positive=True), sn.scalar("eps", positive=True)

bn = sn.load("linf_batch_norm")
L = sn.Loss("L")
no_eps = sn.equal(eps, 0)

batch = bn.instance()
mu, s, x_hat, y = batch.mu, batch.s, batch.x_hat, batch.y
side = sn.at_max(sn.absolute(x - mu), over=N) * sn.sign(x - mu)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

(K,) = sn.axes("K")
A, W = sn.tensor("A", N, K), sn.tensor("W", K, C)
dW = sn.gradient(L, bn(sn.total(A * W, over=K)), W)

sn.claim(
    "linf_batch_norm.zero_mean",
    "The normalized batch has mean 0.",
    lambda: sn.equal(sn.mean(x_hat, over=N), 0),
    source=DEFINITION,
)
sn.claim(
    "linf_batch_norm.largest_deviation",
    "At eps = 0, the largest absolute value of the normalized batch is 1/k.",
    lambda: sn.equal(sn.amax(sn.absolute(x_hat), over=N), 1 / k),
    given=[no_eps],
    source=COMPUTED,
)
sn.claim(
    "linf_batch_norm.unit_variance",
    "At eps = 0, the normalized batch has variance 1.",
    lambda: sn.equal(sn.var(x_hat, over=N), 1),
    given=[no_eps],
    source="the deviations taken for one",
    expected="refuted",
    note="The variance is at most 1/k^2, which is its largest squared value.",
)
sn.claim(
    "linf_batch_norm.scale_invariance",
    "At eps = 0, scaling the batch by a > 0 and shifting each feature does not change the output.",
    lambda: sn.equal(bn(a * x + b), y),
    given=[no_eps, a > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "linf_batch_norm.scale_with_eps",
    "Scaling the batch and eps by a > 0 does not change the output.",
    lambda: sn.equal(bn(a * x, eps=a * eps), y),
    given=[a > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "linf_batch_norm.scale_at_fixed_eps",
    "At eps > 0, scaling the batch by a > 0 does not change the output.",
    lambda: sn.equal(bn(a * x), y),
    given=[eps > 0, a > 0],
    source="the assumption eps = 0 left out",
    expected="refuted",
    note="A larger batch makes eps count less.",
    kind="invariance",
)
sn.claim(
    "linf_batch_norm.scale_with_eps_squared",
    "Scaling the batch by a > 0 and eps by its square does not change the output.",
    lambda: sn.equal(bn(a * x, eps=a**2 * eps), y),
    given=[a > 0],
    source="batch norm, whose eps stands beside a variance",
    expected="refuted",
    note="eps stands beside a deviation, which scales with a.",
    kind="invariance",
)
sn.claim(
    "linf_batch_norm.shift_of_samples",
    "Shifting each sample by a number of its own does not change the output.",
    lambda: sn.equal(bn(x + q), y),
    source="the axis of the statistics taken for the other",
    expected="refuted",
    note="Only a shift by one number for all samples leaves the deviations as they are.",
    kind="invariance",
)
sn.claim(
    "linf_batch_norm.backward",
    "The gradient; samples that tie for the largest deviation share what falls to it.",
    lambda: sn.equal(
        dx,
        gamma / s * (dy - sn.mean(dy, over=N) - k * sn.total(dy * x_hat, over=N) * (side - sn.mean(side, over=N))),
    ),
    source=COMPUTED,
)
sn.claim(
    "linf_batch_norm.backward_without_mean",
    "The same with the mean's part in the deviation left out.",
    lambda: sn.equal(
        dx,
        gamma / s * (dy - sn.mean(dy, over=N) - k * sn.total(dy * x_hat, over=N) * side),
    ),
    source="the mean held constant in the deviation",
    expected="refuted",
    note="The deviation is from the mean, which every sample moves.",
)
sn.claim(
    "linf_batch_norm.gradient_orthogonal",
    "At eps = 0, the gradient is orthogonal to the batch.",
    lambda: sn.equal(sn.total(dx * x, over=N), 0),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "linf_batch_norm.gradient_orthogonal_with_eps",
    "At eps > 0, the gradient is orthogonal to the batch.",
    lambda: sn.equal(sn.total(dx * x, over=N), 0),
    given=[eps > 0],
    source="the assumption eps = 0 left out",
    expected="refuted",
    note="eps leaves a part along the batch.",
    kind="orthogonality",
)
sn.claim(
    "linf_batch_norm.gradient_orthogonal_w",
    "At eps = 0, after a linear layer A W, the gradient by each weight vector is orthogonal to it.",
    lambda: sn.equal(sn.total(W * dW, over=K), 0),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "linf_batch_norm.gradient_orthogonal_w_with_eps",
    "At eps > 0, after a linear layer A W, the gradient by each weight vector is orthogonal to it.",
    lambda: sn.equal(sn.total(W * dW, over=K), 0),
    given=[eps > 0],
    source="the assumption eps = 0 left out",
    expected="refuted",
    note="eps leaves a part along the weights.",
    kind="orthogonality",
)
sn.claim(
    "linf_batch_norm.gradient_orthogonal_w_across",
    "At eps = 0, after a linear layer A W, the gradient is orthogonal to the weights of each input.",
    lambda: sn.equal(sn.total(W * dW, over=C), 0),
    given=[no_eps],
    source="the axis of the sum taken for the other",
    expected="refuted",
    note="A weight vector belongs to a feature; scaling another feature's is another invariance.",
    kind="orthogonality",
)
sn.claim(
    "linf_batch_norm.gradient_sum",
    "The gradient adds up to 0 over the batch.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "linf_batch_norm.gradient_sum_of_features",
    "The gradient adds up to 0 over the features.",
    lambda: sn.equal(sn.total(dx, over=C), 0),
    source="the axis of the statistics taken for the other",
    expected="refuted",
    note="Each feature is normalized by itself.",
    kind="orthogonality",
)
sn.claim(
    "linf_batch_norm.gaussian_constant",
    "With k = (1 + sqrt(pi log 4))/(2 sqrt(2 log N)), s is about sigma for a Gaussian batch.",
    source=DEFINITION,
    expected="empirical",
    kind="empirical",
    note="The constant is midway between two bounds of the expected maximum; no identity.",
    also=["linf_norm.gaussian_constant"],
)
