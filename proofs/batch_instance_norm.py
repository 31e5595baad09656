"""Batch-instance norm: batch and instance norm at the ends of a gate, what holds between them, and the gate's gradient.

Axis N is the samples, C the channels, S the positions. Where a false statement stands beside a true one, the two differ
by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Batch-instance normalization")

PAPER = "Nam & Kim 2018 (arXiv:1805.07925)"
DEFINITION = f"{PAPER}, equations 1 to 3"
COMPUTED = f"computed from {DEFINITION}"

N, C, S = sn.axes("N C S")
x = sn.tensor("x", N, C, S)
rho, gamma, beta, b = sn.tensor("rho", C), sn.tensor("gamma", C), sn.tensor("beta", C), sn.tensor("b", C)
q = sn.tensor("q", N, C)
a, eta = sn.scalar("a"), sn.scalar("eta")
eps = sn.scalar("eps", positive=True)

bin_norm, instance_norm = sn.load("batch_instance_norm"), sn.load("instance_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

made = bin_norm.instance()
x_batch, x_inst, y = made.x_batch, made.x_inst, made.y
var_batch, var_inst = made.var_batch, made.var_inst
s_batch, s_inst = sn.sqrt(var_batch + eps), sn.sqrt(var_inst + eps)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)
g_batch, g_inst = rho * gamma * dy, (1 - rho) * gamma * dy
rho_new = sn.clip(rho - eta * sn.gradient(L, y, rho), 0, 1)

# Forward --------------------------------------------------------------------------------------------------------------

sn.claim(
    "batch_instance_norm.endpoint_instance",
    "At rho = 0 it is instance norm.",
    lambda: sn.equal(bin_norm(x, rho=0), instance_norm(x)),
    source=DEFINITION,
)
sn.claim(
    "batch_instance_norm.endpoint_batch",
    "At rho = 1 it is batch norm over samples and positions.",
    lambda: sn.equal(
        bin_norm(x, rho=1),
        gamma * (x - sn.mean(x, over=(N, S))) / sn.sqrt(sn.mean((x - sn.mean(x, over=(N, S))) ** 2, over=(N, S)) + eps)
        + beta,
    ),
    source=DEFINITION,
)
sn.claim(
    "batch_instance_norm.endpoints",
    "The gate's ends are instance norm and batch norm over samples and positions, between them it is a mixture.",
    lambda: (
        sn.equal(bin_norm(x, rho=0), instance_norm(x)),
        sn.equal(
            bin_norm(x, rho=1),
            gamma * (x - made.mu_batch) / s_batch + beta,
        ),
        sn.equal(y, rho * bin_norm(x, rho=1) + (1 - rho) * bin_norm(x, rho=0)),
    ),
    source=DEFINITION,
)
sn.claim(
    "batch_instance_norm.endpoints_exchanged",
    "At rho = 1 it is instance norm.",
    lambda: sn.equal(bin_norm(x, rho=1), instance_norm(x)),
    source=DEFINITION,
    expected="refuted",
    note="rho weighs the batch's side.",
)
sn.claim(
    "batch_instance_norm.one_sample",
    "For one sample it is instance norm, whatever rho is.",
    lambda: sn.equal(y, instance_norm(x)),
    given=[sn.equal(N, 1)],
    source=COMPUTED,
)
sn.claim(
    "batch_instance_norm.any_batch_is_instance_norm",
    "It is instance norm, whatever rho is.",
    lambda: sn.equal(y, instance_norm(x)),
    source=COMPUTED,
    expected="refuted",
    note="Two samples have statistics that differ from those of the batch.",
)
sn.claim(
    "batch_instance_norm.channel_mean",
    "Each channel has mean beta over the batch, for every rho.",
    lambda: sn.equal(sn.mean(y, over=(N, S)), beta),
    source=COMPUTED,
)
sn.claim(
    "batch_instance_norm.instance_mean",
    "Each channel of each sample has mean beta.",
    lambda: sn.equal(sn.mean(y, over=S), beta),
    source="instance norm's property, claimed of batch-instance norm",
    expected="refuted",
    note="The batch's side keeps the differences between samples.",
)
sn.claim(
    "batch_instance_norm.unit_variance",
    "At eps = 0, before gain and bias each channel has variance 1 over the batch.",
    lambda: sn.equal(sn.var(bin_norm(x, gamma=1, beta=0), over=(N, S)), 1),
    given=[no_eps, rho > 0, rho < 1],
    source="the usual reading of the paper",
    expected="refuted",
    note="A mixture of two signals of variance 1 has variance 1 only if they are equal.",
    also=["decoy.bin_unit_variance"],
)
sn.claim(
    "batch_instance_norm.scale_invariance",
    "At eps = 0, scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(bin_norm(a * x), y),
    given=[a > 0, no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "batch_instance_norm.scale_invariance_eps_pos",
    "For eps > 0, scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(bin_norm(a * x), y),
    given=[a > 0, with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="eps would have to be scaled by a^2.",
)
sn.claim(
    "batch_instance_norm.shift_invariance",
    "A constant b added to a channel does not change the output.",
    lambda: sn.equal(bin_norm(x + b), y),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "batch_instance_norm.sample_shift_invariance",
    "A constant q added to a channel of one sample does not change the output.",
    lambda: sn.equal(bin_norm(x + q), y),
    source="instance norm's invariance, claimed of batch-instance norm",
    expected="refuted",
    kind="invariance",
    note="The batch's side sees it.",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "batch_instance_norm.grad_rho",
    "drho = gamma sum(dy (x_batch - x_inst)), for every loss.",
    lambda: sn.equal(sn.gradient(L, y, rho), gamma * sn.total(dy * (x_batch - x_inst), over=(N, S))),
    source=f"{PAPER}, section 3",
)
sn.claim(
    "batch_instance_norm.grad_rho_sign",
    "drho = gamma sum(dy (x_inst - x_batch)).",
    lambda: sn.equal(sn.gradient(L, y, rho), gamma * sn.total(dy * (x_inst - x_batch), over=(N, S))),
    source=f"{PAPER}, section 3",
    expected="refuted",
    note="rho weighs the batch's side.",
)
sn.claim(
    "batch_instance_norm.rho_stays_in_range",
    "Clipped after a step of gradient descent, rho is at least 0.",
    lambda: rho_new >= 0,
    by=lambda: rho_new,
    source=f"{PAPER}, section 3",
    kind="inequality",
)
sn.claim(
    "batch_instance_norm.rho_stays_in_range_unclipped",
    "Without clipping, rho is at least 0 after a step of gradient descent if it was before.",
    lambda: rho - eta * sn.gradient(L, y, rho) >= 0,
    given=[rho >= 0],
    source=f"{PAPER}, section 3",
    expected="refuted",
    kind="inequality",
    note="A step may lead out of [0, 1]; that is why the paper clips.",
)
sn.claim(
    "batch_instance_norm.backward_x",
    "dx is batch norm's gradient for rho gamma dy and instance norm's for (1 - rho) gamma dy, for every loss.",
    lambda: sn.equal(
        dx,
        (g_batch - sn.mean(g_batch, over=(N, S)) - x_batch * sn.mean(g_batch * x_batch, over=(N, S))) / s_batch
        + (g_inst - sn.mean(g_inst, over=S) - x_inst * sn.mean(g_inst * x_inst, over=S)) / s_inst,
    ),
    source=COMPUTED,
)
sn.claim(
    "batch_instance_norm.backward_x_one_mean",
    "The same with the mean over the whole batch in both parts.",
    lambda: sn.equal(
        dx,
        (g_batch - sn.mean(g_batch, over=(N, S)) - x_batch * sn.mean(g_batch * x_batch, over=(N, S))) / s_batch
        + (g_inst - sn.mean(g_inst, over=(N, S)) - x_inst * sn.mean(g_inst * x_inst, over=(N, S))) / s_inst,
    ),
    source=COMPUTED,
    expected="refuted",
    note="Instance norm's part is taken over the positions of each sample.",
)
sn.claim(
    "batch_instance_norm.backward_gamma_beta",
    "dgamma = sum(dy (rho x_batch + (1 - rho) x_inst)) and dbeta = sum(dy), for every loss.",
    lambda: (
        sn.equal(sn.gradient(L, y, gamma), sn.total(dy * (rho * x_batch + (1 - rho) * x_inst), over=(N, S))),
        sn.equal(sn.gradient(L, y, beta), sn.total(dy, over=(N, S))),
    ),
    source=COMPUTED,
)
sn.claim(
    "batch_instance_norm.backward_sum_zero",
    "The gradient by x sums to 0 over the batch.",
    lambda: sn.equal(sn.total(dx, over=(N, S)), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "batch_instance_norm.backward_sample_sum_zero",
    "The gradient by x sums to 0 over the positions of each sample.",
    lambda: sn.equal(sn.total(dx, over=S), 0),
    source="instance norm's property, claimed of batch-instance norm",
    expected="refuted",
    kind="orthogonality",
    note="Only the sum over the batch is 0.",
)

sn.claim(
    "batch_instance_norm.rho_polarized",
    "In training rho goes to 0 or 1 in most channels.",
    source=f"{PAPER}, section 4",
    expected="empirical",
    kind="empirical",
    note="It speaks of training runs on particular data.",
)
