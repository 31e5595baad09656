"""L1 batch norm: batch norm's invariances with the mean absolute deviation, what it does not normalize, its gradients.

Axis N is the batch, C the features. The deviation is mean(|x - mu|) times a constant k, the square root of half of pi.
Where a false statement stands beside a true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("L1 normalization")

PAPER = "Hoffer et al. 2018 (arXiv:1803.01814)"
DEFINITION = f"{PAPER}, section 4"
COMPUTED = f"computed from {DEFINITION}"

N, C, K = sn.axes("N C K")
x, t, b, q = sn.tensor("x", N, C), sn.tensor("t", N, C), sn.tensor("b", C), sn.tensor("q", N)
A, W = sn.tensor("A", N, K), sn.tensor("W", K, C)
gamma, beta = sn.tensor("gamma", C), sn.tensor("beta", C)
a = sn.scalar("a")
eps = sn.scalar("eps", positive=True)

bn1 = sn.load("l1_batch_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

batch = bn1.instance()
mu, s, x_hat, y = batch.mu, batch.s, batch.x_hat, batch.y
deviation = sn.mean(sn.absolute(x - mu), over=N)
k = (s - eps) / deviation
side = sn.sign(x - mu)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)
layer = bn1(sn.dot(A, W, over=K))

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "l1_batch_norm.zero_mean",
    "The normalized batch has mean 0.",
    lambda: sn.equal(sn.mean(x_hat, over=N), 0),
    source=DEFINITION,
)
sn.claim(
    "l1_batch_norm.same_deviation",
    "At eps = 0, the mean absolute deviation of the normalized batch is the same for any two batches.",
    lambda: sn.equal(sn.mean(sn.absolute(x_hat), over=N), sn.mean(sn.absolute(bn1.instance(t).x_hat), over=N)),
    given=[no_eps],
    source=COMPUTED,
)
sn.claim(
    "l1_batch_norm.unit_deviation",
    "At eps = 0, the mean absolute deviation of the normalized batch is 1.",
    lambda: sn.equal(sn.mean(sn.absolute(x_hat), over=N), 1),
    given=[no_eps],
    source=f"{DEFINITION}, without its constant",
    expected="refuted",
    note="It is 1/k, the square root of 2/pi.",
)
sn.claim(
    "l1_batch_norm.unit_variance",
    "At eps = 0, the normalized batch has variance 1.",
    lambda: sn.equal(sn.var(x_hat, over=N), 1),
    given=[no_eps],
    source="batch norm's property, claimed of L1 batch norm",
    expected="refuted",
    note="Only the mean absolute deviation is normalized.",
    also=["l1_norm.unit_variance"],
)
sn.claim(
    "l1_batch_norm.constant_general",
    "At eps = 0, k mean(|x - mu|) is the standard deviation of every batch.",
    lambda: sn.equal(s, sn.sqrt(sn.var(x, over=N))),
    given=[no_eps],
    source=f"{DEFINITION}, which says it of a Gaussian",
    expected="refuted",
    note="Of a Gaussian it is in expectation; of (-1, 1) the two differ by the factor k.",
    also=["l1_norm.constant_general"],
)
sn.claim(
    "l1_batch_norm.mad_le_sigma",
    "mean(|t|)^2 is at most mean(t^2): of t = x - mu, the mean absolute deviation never exceeds the standard one.",
    lambda: sn.mean(t**2, over=N) >= sn.mean(sn.absolute(t), over=N) ** 2,
    by=lambda: sn.mean((sn.absolute(t) - sn.mean(sn.absolute(t), over=N)) ** 2, over=N),
    source=COMPUTED,
    kind="inequality",
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "l1_batch_norm.scale_shift",
    "At eps = 0, scaling by a != 0 and shifting each feature by b multiplies x_hat by the sign of a.",
    lambda: sn.equal(bn1.instance(a * x + b).x_hat, sn.sign(a) * x_hat),
    given=[sn.unequal(a, 0), no_eps],
    source=COMPUTED,
    kind="invariance",
    also=["l1_norm.scale_shift"],
)
sn.claim(
    "l1_batch_norm.scale_eps_pos",
    "For eps > 0, scaling by a > 0 does not change the output.",
    lambda: sn.equal(bn1(a * x), y),
    given=[a > 0, with_eps],
    source=f"{COMPUTED}, with eps left out",
    expected="refuted",
    kind="invariance",
    note="Exact only if eps is scaled by a.",
)
sn.claim(
    "l1_batch_norm.eps_scaling",
    "For eps > 0, scaling the input and eps by a > 0 does not change the output.",
    lambda: sn.equal(bn1(a * x, eps=a * eps), y),
    given=[a > 0, with_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "l1_batch_norm.eps_scaling_squared",
    "For eps > 0, scaling the input by a > 0 and eps by a^2 does not change the output.",
    lambda: sn.equal(bn1(a * x, eps=a**2 * eps), y),
    given=[a > 0, with_eps],
    source="batch norm's rule, claimed of L1 batch norm",
    expected="refuted",
    kind="invariance",
    note="eps is added to a deviation here, not to a variance.",
)
sn.claim(
    "l1_batch_norm.sample_shift_invariance",
    "A constant q added to all features of a sample does not change the output.",
    lambda: sn.equal(bn1(x + q), y),
    source="layer norm's invariance, claimed of L1 batch norm",
    expected="refuted",
    kind="invariance",
    note="The mean is a feature's, over the batch.",
)

# Backward, where no x is its feature's mean ---------------------------------------------------------------------------

sn.claim(
    "l1_batch_norm.backward_x",
    "dx = gamma/s (dy - mean(dy) - k (sign(x - mu) - mean(sign(x - mu))) mean(dy x_hat)).",
    lambda: sn.equal(
        dx, gamma / s * (dy - sn.mean(dy, over=N) - k * (side - sn.mean(side, over=N)) * sn.mean(dy * x_hat, over=N))
    ),
    source=COMPUTED,
)
sn.claim(
    "l1_batch_norm.backward_x_uncentered_signs",
    "dx = gamma/s (dy - mean(dy) - k sign(x - mu) mean(dy x_hat)).",
    lambda: sn.equal(dx, gamma / s * (dy - sn.mean(dy, over=N) - k * side * sn.mean(dy * x_hat, over=N))),
    source=COMPUTED,
    expected="refuted",
    note="mu depends on x too, and more may lie above it than below.",
    also=["decoy.l1_backward_no_sign_mean"],
)
sn.claim(
    "l1_batch_norm.backward_gamma_beta",
    "dgamma = sum(dy x_hat) and dbeta = sum(dy), over the batch.",
    lambda: (
        sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_hat, over=N)),
        sn.equal(sn.gradient(L, y, beta), sn.total(dy, over=N)),
    ),
    source=COMPUTED,
)
sn.claim(
    "l1_batch_norm.backward_sum_zero",
    "The gradient by x sums to 0 over the batch.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "l1_batch_norm.backward_dot_x",
    "At eps = 0, the gradient by x is orthogonal to each feature.",
    lambda: sn.equal(sn.total(x * dx, over=N), 0),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "l1_batch_norm.backward_dot_x_eps_pos",
    "For eps > 0, the gradient by x is orthogonal to each feature.",
    lambda: sn.equal(sn.total(x * dx, over=N), 0),
    given=[with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="A term with the factor eps is left.",
)
sn.claim(
    "l1_batch_norm.grad_orthogonal",
    "At eps = 0, the gradient by a unit's weight vector before it is orthogonal to that vector.",
    lambda: sn.equal(sn.total(W * sn.gradient(L, layer, W), over=K), 0),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
    also=["l1_norm.grad_orthogonal"],
)

# About experiments ----------------------------------------------------------------------------------------------------

sn.claim(
    "l1_batch_norm.better_than_bn",
    "L1 batch norm performs better than batch norm.",
    source="the reading of its results as a rule",
    expected="empirical",
    kind="empirical",
    note="It speaks of training runs on particular data.",
    also=["l1_norm.better_than_bn"],
)
