"""Batch renormalization: inference's output in training, and batch norm's kind of gradient: r and d are held constant.

Axis N is the batch together with all spatial positions, C the channels, K the inputs of a linear layer before. Where a
false statement stands beside a true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Batch renormalization")

PAPER = "Ioffe 2017 (arXiv:1702.03275)"
SECTION = f"{PAPER}, section 3"
ALGORITHM = f"{PAPER}, Algorithm 1"
COMPUTED = f"computed from {ALGORITHM}"
CHAIN = f"{PAPER}, section 3, the gradients after Algorithm 1"

N, C, K = sn.axes("N C K")
x = sn.tensor("x", N, C)
A, W = sn.tensor("A", N, K), sn.tensor("W", K, C)
gamma, beta, b = sn.tensor("gamma", C), sn.tensor("beta", C), sn.tensor("b", C)
momentum, r_max = sn.scalar("momentum"), sn.scalar("r_max", positive=True)
running_mean, running_std = sn.tensor("running_mean", C), sn.tensor("running_std", C, positive=True)

brn, bn = sn.load("batch_renorm"), sn.load("batch_norm")
unclipped, inference = brn.mode("unclipped"), brn.mode("inference")
L = sn.Loss("L")

clipped_batch = brn.instance()
batch = unclipped.instance()
mu, sigma, r, d, x_hat, y = batch.mu, batch.sigma, batch.r, batch.d, batch.x_hat, batch.y
dy = L.cotangent(y)
dy_clipped = L.cotangent(clipped_batch.y)
z = sn.dot(A, W, over=K)

# The same equations with r and d as functions of the batch, for what happens if the gradient goes through them.
through_r, through_d = sigma / running_std, (mu - running_mean) / running_std
y_through = gamma * ((x - mu) / sigma * through_r + through_d) + beta

# Forward --------------------------------------------------------------------------------------------------------------

sn.claim(
    "batch_renorm.identity",
    "Without clipping, r x_hat + d = (x - running_mean)/running_std.",
    lambda: sn.equal(r * x_hat + d, (x - running_mean) / running_std),
    source=SECTION,
)
sn.claim(
    "batch_renorm.identity_r_inverted",
    "With r = running_std/sigma, r x_hat + d = (x - running_mean)/running_std.",
    lambda: sn.equal(running_std / sigma * x_hat + d, (x - running_mean) / running_std),
    source=SECTION,
    expected="refuted",
    note="r is sigma/running_std.",
    also=["decoy.brn_r_inverted"],
)
sn.claim(
    "batch_renorm.train_equals_inference",
    "Without clipping, training gives inference's output, with the running statistics from before their update.",
    lambda: sn.equal(y, inference(x)),
    source=SECTION,
)
sn.claim(
    "batch_renorm.train_equals_inference_clipped",
    "With clipping, for r_max >= 1, training gives inference's output.",
    lambda: sn.equal(clipped_batch.y, inference(x)),
    given=[r_max >= 1],
    source=ALGORITHM,
    expected="refuted",
    note="Not where r or d reaches its bound.",
)
sn.claim(
    "batch_renorm.reduces_to_bn",
    "With r_max = 1 and d_max = 0, batch renormalization is batch norm.",
    lambda: sn.equal(brn(x, r_max=1, d_max=0), bn(x)),
    source=SECTION,
)
sn.claim(
    "batch_renorm.equals_bn_with_batch_statistics",
    "Without clipping and with the batch's own mu and sigma for running statistics, it is batch norm.",
    lambda: sn.equal(y, bn(x)),
    given=[sn.equal(running_mean, mu), sn.equal(running_std, sigma)],
    source=COMPUTED,
)
sn.claim(
    "batch_renorm.equals_bn_with_batch_mean",
    "Without clipping and with the batch's own mu for running mean, it is batch norm.",
    lambda: sn.equal(y, bn(x)),
    given=[sn.equal(running_mean, mu)],
    source=COMPUTED,
    expected="refuted",
    note="running_std has to be the batch's sigma too.",
    also=["decoy.brn_equals_bn_when_means_equal"],
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "batch_renorm.r_d_constant",
    "Whatever reaches r and d, nothing of it is passed back to x.",
    lambda: (
        sn.equal(sn.vjp(clipped_batch.r, b, [x]).of(x), 0),
        sn.equal(sn.vjp(clipped_batch.d, b, [x]).of(x), 0),
    ),
    source=ALGORITHM,
)
sn.claim(
    "batch_renorm.r_constant_without_stop",
    "Without stop-gradient too, nothing that reaches r is passed back to x.",
    lambda: sn.equal(sn.vjp(through_r, b, [x]).of(x), 0),
    source=COMPUTED,
    expected="refuted",
    note="sigma depends on x.",
)
sn.claim(
    "batch_renorm.backward_stopgrad",
    "With clipping or without, dx = gamma r/sigma (dy - mean(dy) - x_hat mean(dy x_hat)), for every loss.",
    lambda: (
        sn.equal(
            sn.gradient(L, y, x),
            gamma * r / sigma * (dy - sn.mean(dy, over=N) - x_hat * sn.mean(dy * x_hat, over=N)),
        ),
        sn.equal(
            sn.gradient(L, clipped_batch.y, x),
            gamma
            * clipped_batch.r
            / clipped_batch.sigma
            * (
                dy_clipped
                - sn.mean(dy_clipped, over=N)
                - clipped_batch.x_hat * sn.mean(dy_clipped * clipped_batch.x_hat, over=N)
            ),
        ),
    ),
    source=f"{CHAIN}, put together",
)
sn.claim(
    "batch_renorm.backward_renormalized_x",
    "Without clipping, dx = gamma r/sigma (dy - mean(dy) - h mean(dy h)) with h = r x_hat + d.",
    lambda: sn.equal(
        sn.gradient(L, y, x),
        gamma * r / sigma * (dy - sn.mean(dy, over=N) - batch.x_renorm * sn.mean(dy * batch.x_renorm, over=N)),
    ),
    source=CHAIN,
    expected="refuted",
    note="The batch's own x_hat stands there, not the corrected one.",
)

dx_hat = gamma * dy
dsigma = sn.total(dx_hat * (x - mu) * -r / sigma**2, over=N)
dmu = sn.total(dx_hat * -r / sigma, over=N)
sn.claim(
    "batch_renorm.backward_chain",
    "Without clipping, Ioffe's chain through dsigma and dmu gives the gradient by x.",
    lambda: sn.equal(sn.gradient(L, y, x), dx_hat * r / sigma + dsigma * (x - mu) / (N * sigma) + dmu / N),
    source=CHAIN,
)
sn.claim(
    "batch_renorm.backward_chain_without_r",
    "Without clipping, the chain gives the gradient by x also with dx_hat/sigma in place of dx_hat r/sigma.",
    lambda: sn.equal(sn.gradient(L, y, x), dx_hat / sigma + dsigma * (x - mu) / (N * sigma) + dmu / N),
    source=CHAIN,
    expected="refuted",
    note="x_hat is multiplied by r on its way out, and so is what comes back.",
)
sn.claim(
    "batch_renorm.backward_gamma_beta",
    "dgamma = sum(dy (r x_hat + d)) and dbeta = sum(dy).",
    lambda: (
        sn.equal(
            sn.gradient(L, clipped_batch.y, gamma),
            sn.total(dy_clipped * (clipped_batch.r * clipped_batch.x_hat + clipped_batch.d), over=N),
        ),
        sn.equal(sn.gradient(L, clipped_batch.y, beta), sn.total(dy_clipped, over=N)),
    ),
    source=CHAIN,
)
sn.claim(
    "batch_renorm.backward_gamma_xhat",
    "Without clipping, dgamma = sum(dy x_hat).",
    lambda: sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_hat, over=N)),
    source="batch norm's formula",
    expected="refuted",
    note="gamma multiplies r x_hat + d.",
)
sn.claim(
    "batch_renorm.full_gradient",
    "If the gradient goes through r and d, and nothing is clipped, dx = gamma/running_std dy.",
    lambda: sn.equal(sn.gradient(L, y_through, x), gamma / running_std * L.cotangent(y_through)),
    source=COMPUTED,
)
sn.claim(
    "batch_renorm.stopgrad_makes_no_difference",
    "Without clipping, dx is the same whether the gradient goes through r and d or not.",
    lambda: sn.equal(sn.gradient(L, y, x), sn.gradient(L, y_through, x)),
    source=COMPUTED,
    expected="refuted",
    note="The outputs are equal, the gradients are not.",
)
sn.claim(
    "batch_renorm.stopgrad_difference",
    "Without clipping, holding r and d constant takes gamma/running_std (mean(dy) + x_hat mean(dy x_hat)) off dx.",
    lambda: sn.equal(
        sn.gradient(L, y_through, x) - sn.gradient(L, y, x),
        gamma / running_std * (sn.mean(dy, over=N) + x_hat * sn.mean(dy * x_hat, over=N)),
    ),
    source=COMPUTED,
)
sn.claim(
    "batch_renorm.gradient_sum_zero",
    "With r and d held constant, the gradient by x sums to 0 over the batch, and a bias before has gradient 0.",
    lambda: (
        sn.equal(sn.total(sn.gradient(L, clipped_batch.y, x), over=N), 0),
        sn.equal(sn.gradient(L, brn(z + b), b), 0),
    ),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "batch_renorm.full_gradient_sum_zero",
    "If the gradient goes through r and d, and nothing is clipped, it sums to 0 over the batch.",
    lambda: sn.equal(sn.total(sn.gradient(L, y_through, x), over=N), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="What goes through r and d cancels what makes the sum 0.",
)

# Inference and running statistics -------------------------------------------------------------------------------------

sn.claim(
    "batch_renorm.inference_gradient_training",
    "Without clipping, training passes back what inference would: dx = gamma/running_std dy.",
    lambda: sn.equal(sn.gradient(L, y, x), gamma / running_std * dy),
    source=COMPUTED,
    expected="refuted",
    note="Equal outputs do not make equal gradients: r and d are held constant.",
)
sn.claim(
    "batch_renorm.running_update",
    "The running statistics become 1 - momentum times the old ones plus momentum times the batch's mu and sigma.",
    lambda: (
        sn.equal(batch.updates["running_mean"], (1 - momentum) * running_mean + momentum * mu),
        sn.equal(batch.updates["running_std"], (1 - momentum) * running_std + momentum * sigma),
    ),
    source=ALGORITHM,
    kind="convention",
)

# About experiments ----------------------------------------------------------------------------------------------------

sn.claim(
    "batch_renorm.degrades_less",
    "With small or dependent batches, batch renormalization trains better than batch norm.",
    source=f"{PAPER}, section 4",
    expected="empirical",
    kind="empirical",
    note="It speaks of training runs on particular data.",
)

sn.claim(
    "batch_renorm.identity_d_wrong_denominator",
    "With d = (mu - running_mean)/sigma, r x_hat + d = (x - running_mean)/running_std.",
    lambda: sn.equal(
        (x - mu) / sigma * (sigma / running_std) + (mu - running_mean) / sigma, (x - running_mean) / running_std
    ),
    source=f"a misprint of {PAPER}, section 3",
    expected="refuted",
    note="d is divided by the running deviation.",
    also=["decoy.brn_d_wrong_denominator"],
)
