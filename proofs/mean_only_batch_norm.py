"""Mean-only batch norm: the mean is set, the variance stays, the gradient is centered.

Axis N is the batch, C the features, K the inputs of a linear layer before. Where a false statement stands beside a true
one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Mean-only batch normalization")

PAPER = "Salimans & Kingma 2016 (arXiv:1602.07868)"
DEFINITION = f"{PAPER}, section 4, equation 7"
GRADIENT = f"{PAPER}, section 4, equation 8"
COMPUTED = f"computed from {DEFINITION}"

N, C, K = sn.axes("N C K")
x = sn.tensor("x", N, C)
b, beta = sn.tensor("b", C), sn.tensor("beta", C)
A, W, r = sn.tensor("A", N, K), sn.tensor("W", K, C), sn.tensor("r", K)
a = sn.scalar("a")

mobn = sn.load("mean_only_batch_norm")
L = sn.Loss("L")

y = mobn()
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)
layer = mobn(sn.dot(A, W, over=K))

sn.claim(
    "mean_only_batch_norm.mean_is_b",
    "Each feature gets the mean beta over the batch.",
    lambda: sn.equal(sn.mean(y, over=N), beta),
    source=DEFINITION,
    also=["mean_only_bn.mean_is_b"],
)
sn.claim(
    "mean_only_batch_norm.variance_unchanged",
    "Each feature keeps its variance over the batch.",
    lambda: sn.equal(sn.var(y, over=N), sn.var(x, over=N)),
    source=DEFINITION,
    also=["mean_only_bn.variance_unchanged"],
)
sn.claim(
    "mean_only_batch_norm.unit_variance",
    "Each feature gets variance 1.",
    lambda: sn.equal(sn.var(y, over=N), 1),
    source="batch norm's property, claimed of mean-only batch norm",
    expected="refuted",
    note="Nothing is divided: the variance stays.",
)
sn.claim(
    "mean_only_batch_norm.shift_invariance",
    "A constant b added to each feature does not change the output: a bias before it is not felt.",
    lambda: sn.equal(mobn(x + b), y),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "mean_only_batch_norm.dataset_recentering",
    "The same vector r added to all data of a linear layer before does not change the output.",
    lambda: sn.equal(mobn(sn.dot(A + r, W, over=K)), layer),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "mean_only_batch_norm.weight_matrix_recentering",
    "The same vector r added to the weight vectors of all units does not change the output.",
    lambda: sn.equal(mobn(sn.dot(A, W + r, over=K)), layer),
    source="layer norm's invariance, claimed of mean-only batch norm",
    expected="refuted",
    kind="invariance",
    note="It shifts each sample by its own amount.",
)
sn.claim(
    "mean_only_batch_norm.homogeneous",
    "Without beta, scaling the input by a scales the output by a.",
    lambda: sn.equal(mobn(a * x, beta=0), a * mobn(x, beta=0)),
    source=COMPUTED,
    also=["mean_only_bn.homogeneous"],
)
sn.claim(
    "mean_only_batch_norm.scale_invariance",
    "Scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(mobn(a * x), y),
    given=[a > 0],
    source="batch norm's invariance, claimed of mean-only batch norm",
    expected="refuted",
    kind="invariance",
    note="That is left to weight norm.",
    also=["decoy.mean_only_scale_invariant"],
)
sn.claim(
    "mean_only_batch_norm.gradient",
    "dx = dy - mean(dy), for every loss.",
    lambda: sn.equal(dx, dy - sn.mean(dy, over=N)),
    source=GRADIENT,
    also=["mean_only_bn.gradient"],
)
sn.claim(
    "mean_only_batch_norm.gradient_uncentered",
    "dx = dy.",
    lambda: sn.equal(dx, dy),
    source=GRADIENT,
    expected="refuted",
    note="The mean depends on x too.",
)
sn.claim(
    "mean_only_batch_norm.gradient_beta",
    "dbeta = sum(dy), over the batch.",
    lambda: sn.equal(sn.gradient(L, y, beta), sn.total(dy, over=N)),
    source=COMPUTED,
)
sn.claim(
    "mean_only_batch_norm.gradient_sum_zero",
    "The gradient by x sums to 0 over the batch.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    source=GRADIENT,
    kind="orthogonality",
)
sn.claim(
    "mean_only_batch_norm.gradient_orthogonal",
    "The gradient by x is orthogonal to each feature.",
    lambda: sn.equal(sn.total(x * dx, over=N), 0),
    source="batch norm's property at eps = 0, claimed of mean-only batch norm",
    expected="refuted",
    kind="orthogonality",
    note="It follows from scale invariance, which is missing.",
)
sn.claim(
    "mean_only_batch_norm.gentler_noise",
    "The noise that mean-only batch norm adds to training is gentler than that of batch norm.",
    source=f"{PAPER}, section 4",
    expected="empirical",
    kind="empirical",
    note="It speaks of the noise of particular batches in training runs.",
    also=["mean_only_bn.gentler_noise"],
)
