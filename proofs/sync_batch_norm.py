"""Synchronized batch norm: statistics merged from shards are those of the whole batch, forward and backward.

Axis D is the shards (devices), M the samples of a shard together with their positions, C the channels; A and B are two
parts of a batch of any two sizes. Where a false statement stands beside a true one, the two differ by one assumption,
sign, factor or index.
"""

import symnorm as sn

sn.about("Batch normalization limitations")

PAPER = "Peng et al. 2018 (MegDet, arXiv:1711.07240), cross-GPU batch normalization"
CHAN = "Chan, Golub & LeVeque 1979, the pairwise update of sums of squared deviations"
COMPUTED = f"computed from {PAPER}"

N, C, D, M, A, B = sn.axes("N C D M A B")
x = sn.tensor("x", D, M, C)
gamma, beta = sn.tensor("gamma", C), sn.tensor("beta", C)
momentum, eps = sn.scalar("momentum"), sn.scalar("eps", positive=True)
running_mean, running_var = sn.tensor("running_mean", C), sn.tensor("running_var", C, nonnegative=True)

sync, bn = sn.load("sync_batch_norm"), sn.load("batch_norm")
L = sn.Loss("L")

made = sync.instance()
shard_mean, shard_var, mu, var, x_hat, y = (
    made.shard_mean,
    made.shard_var,
    made.mu,
    made.var,
    made.x_hat,
    made.y,
)
s = sn.sqrt(var + eps)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

# Batch norm of the whole: its axis N cut into D shards of M.
any_eps = sn.scalar("eps", nonnegative=True)
any_y = sync(eps=any_eps)
whole = sn.split(bn(sn.tensor("x", N, C), eps=any_eps), N, (D, M))

# Two parts of a batch, of different sizes
p, q = sn.tensor("p", A), sn.tensor("q", B)
mean_p, mean_q = sn.mean(p, over=A), sn.mean(q, over=B)
both = (sn.total(p, over=A) + sn.total(q, over=B)) / (A + B)
squares_p, squares_q = sn.total((p - mean_p) ** 2, over=A), sn.total((q - mean_q) ** 2, over=B)
squares = sn.total((p - both) ** 2, over=A) + sn.total((q - both) ** 2, over=B)

# Statistics -----------------------------------------------------------------------------------------------------------

sn.claim(
    "sync_batch_norm.merged_mean",
    "The mean of the shards' means is the mean of the whole batch.",
    lambda: sn.equal(mu, sn.mean(x, over=(D, M))),
    source=PAPER,
)
sn.claim(
    "sync_batch_norm.law_total_variance_shards",
    "The mean of the shards' variances and the variance of their means make the variance of the whole batch.",
    lambda: sn.equal(
        sn.mean(shard_var, over=D) + sn.var(shard_mean, over=D),
        sn.mean((x - sn.mean(x, over=(D, M))) ** 2, over=(D, M)),
    ),
    source=COMPUTED,
    also=["stats.law_total_variance_shards"],
)
sn.claim(
    "sync_batch_norm.mean_of_variances",
    "The mean of the shards' variances is the variance of the whole batch.",
    lambda: sn.equal(sn.mean(shard_var, over=D), sn.mean((x - sn.mean(x, over=(D, M))) ** 2, over=(D, M))),
    source=COMPUTED,
    expected="refuted",
    note="The variance of the shards' means is missing.",
)
sn.claim(
    "sync_batch_norm.chan_merge",
    "For two parts of any sizes, M2 = M2_p + M2_q + (mean_q - mean_p)^2 A B/(A + B), the squared deviations from the"
    " mean of both, mean_p + (mean_q - mean_p) B/(A + B).",
    lambda: (
        sn.equal(squares, squares_p + squares_q + (mean_q - mean_p) ** 2 * A * B / (A + B)),
        sn.equal(both, mean_p + (mean_q - mean_p) * B / (A + B)),
    ),
    source=CHAN,
    also=["stats.chan_merge"],
)
sn.claim(
    "sync_batch_norm.chan_ddof",
    "For two parts of any sizes, M2 = M2_p + M2_q + (mean_q - mean_p)^2 A B/(A + B - 1).",
    lambda: sn.equal(squares, squares_p + squares_q + (mean_q - mean_p) ** 2 * A * B / (A + B - 1)),
    source=CHAN,
    expected="refuted",
    note="The size of both parts together, nothing less.",
)
sn.claim(
    "sync_batch_norm.pooled_variance",
    "For two parts of any sizes, the sample variance of both is ((A - 1) var_p + (B - 1) var_q)/(A + B - 1).",
    lambda: sn.equal(
        squares / (A + B - 1),
        ((A - 1) * sn.var(p, over=A, ddof=1) + (B - 1) * sn.var(q, over=B, ddof=1)) / (A + B - 1),
    ),
    given=[A >= 2, B >= 2],
    source="the pooled variance of two samples of one mean",
    expected="refuted",
    note="What the parts' means differ by is missing.",
    also=["decoy.chan_ddof"],
)
sn.claim(
    "sync_batch_norm.chan_merge_equal_sizes",
    "For two parts of any sizes, the mean is the mean of the two means.",
    lambda: sn.equal(both, (mean_p + mean_q) / 2),
    source=CHAN,
    expected="refuted",
    note="Only for parts of one size.",
)

# Forward and backward -------------------------------------------------------------------------------------------------

sn.claim(
    "sync_batch_norm.equals_bn",
    "It is batch norm of the whole batch, and so are the gradients by x, gamma and beta, for every eps >= 0.",
    lambda: (
        sn.equal(any_y, whole),
        sn.equal(sn.gradient(L, any_y, x), sn.gradient(L, whole, x)),
        sn.equal(sn.gradient(L, any_y, gamma), sn.gradient(L, whole, gamma)),
        sn.equal(sn.gradient(L, any_y, beta), sn.gradient(L, whole, beta)),
    ),
    source=PAPER,
    also=["sync_bn.equals_bn"],
)
sn.claim(
    "sync_batch_norm.shards_alone",
    "Batch norm of each shard alone is batch norm of the whole batch.",
    lambda: sn.equal((x - shard_mean) / sn.sqrt(shard_var + eps), x_hat),
    source=PAPER,
    expected="refuted",
    note="Without the merge every shard has statistics of its own.",
)
sn.claim(
    "sync_batch_norm.one_shard",
    "With one shard, it is batch norm of that shard.",
    lambda: sn.equal((x - shard_mean) / sn.sqrt(shard_var + eps), x_hat),
    given=[sn.equal(D, 1)],
    source=COMPUTED,
)
sn.claim(
    "sync_batch_norm.backward_x",
    "dx = gamma/s (dy - mean(dy) - x_hat mean(dy x_hat)) with means over all shards, for every loss.",
    lambda: sn.equal(dx, gamma / s * (dy - sn.mean(dy, over=(D, M)) - x_hat * sn.mean(dy * x_hat, over=(D, M)))),
    source=PAPER,
)
sn.claim(
    "sync_batch_norm.backward_two_sums",
    "A shard needs of the others only dbeta and dgamma: dx = gamma/s (dy - dbeta/(D M) - x_hat dgamma/(D M)).",
    lambda: sn.equal(
        dx,
        gamma / s * (dy - sn.gradient(L, y, beta) / (D * M) - x_hat * sn.gradient(L, y, gamma) / (D * M)),
    ),
    source=PAPER,
)
sn.claim(
    "sync_batch_norm.backward_x_shard_sums",
    "dx = gamma/s (dy - mean(dy) - x_hat mean(dy x_hat)) with means over the own shard.",
    lambda: sn.equal(dx, gamma / s * (dy - sn.mean(dy, over=M) - x_hat * sn.mean(dy * x_hat, over=M))),
    source=PAPER,
    expected="refuted",
    note="The statistics depend on all shards, so the sums that come back run over all of them.",
)
sn.claim(
    "sync_batch_norm.backward_sum_zero",
    "The gradient by x sums to 0 over all shards.",
    lambda: sn.equal(sn.total(dx, over=(D, M)), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "sync_batch_norm.backward_shard_sum_zero",
    "The gradient by x sums to 0 over each shard.",
    lambda: sn.equal(sn.total(dx, over=M), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="That holds for a shard that is normalized alone.",
)
