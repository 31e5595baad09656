"""Group norm: what each group of channels is blind to, its gradients, and layer and instance norm at its two ends.

Axis N is the samples, G the groups, K the channels of a group, S the positions. Where a false statement stands beside a
true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Group normalization")

PAPER = "Wu & He 2018 (arXiv:1803.08494)"
DEFINITION = f"{PAPER}, equations 1, 2, 6 and 7"
RELATION = f"{PAPER}, section 3.1"
COMPUTED = f"computed from {DEFINITION}"

N, C, G, K, S = sn.axes("N C G K S")
x = sn.tensor("x", N, G, K, S)
gamma, beta = sn.tensor("gamma", G, K), sn.tensor("beta", G, K)
p, q = sn.tensor("p", N, G), sn.tensor("q", N, G)
r = sn.tensor("r", N, G, K)
a = sn.scalar("a")
eps, any_eps = sn.scalar("eps", positive=True), sn.scalar("eps", nonnegative=True)

gn = sn.load("group_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

groups = gn.instance()
mu, var, x_hat, y = groups.mu, groups.var, groups.x_hat, groups.y
s = sn.sqrt(var + eps)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)
g = gamma * dy

channel_mu, channel_var = sn.mean(x, over=S), sn.var(x, over=S)

# Layer norm of N samples with K features, and instance norm of G channels: their axis C under the names used here.
ln_u, in_u = sn.tensor("u", N, C), sn.tensor("u", N, C, S)
ln_x, ln_x_hat = sn.with_sizes((ln_u, sn.load("layer_norm").instance(ln_u).x_hat), {"C": K})
in_x, in_x_hat = sn.with_sizes((in_u, sn.load("instance_norm").instance(in_u).x_hat), {"C": G})

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "group_norm.group_stats",
    "Each group of each sample gets mean 0 and variance var/(var + eps).",
    lambda: (sn.equal(sn.mean(x_hat, over=(K, S)), 0), sn.equal(sn.var(x_hat, over=(K, S)), var / (var + eps))),
    source=DEFINITION,
)
sn.claim(
    "group_norm.channel_stats",
    "Each channel of each sample gets mean 0.",
    lambda: sn.equal(sn.mean(x_hat, over=S), 0),
    source=DEFINITION,
    expected="refuted",
    note="That is instance norm: a channel keeps its distance from the mean of its group.",
)
sn.claim(
    "group_norm.group_stats_from_channel_stats",
    "A group's mean is the mean of its channels' means, its variance mean(var + mu^2) over the channels less mu^2.",
    lambda: (
        sn.equal(mu, sn.mean(channel_mu, over=K)),
        sn.equal(var, sn.mean(channel_var + channel_mu**2, over=K) - mu**2),
    ),
    source=COMPUTED,
)
sn.claim(
    "group_norm.group_var_is_mean_of_channel_vars",
    "A group's variance is the mean of its channels' variances.",
    lambda: sn.equal(var, sn.mean(channel_var, over=K)),
    source=COMPUTED,
    expected="refuted",
    note="The variance of the channels' means is missing.",
    also=["decoy.gn_average_channel_var"],
)

# Layer norm and instance norm -----------------------------------------------------------------------------------------

sn.claim(
    "group_norm.g1_is_ln",
    "With one group, the statistics before gain and bias are those of layer norm over all channels and positions.",
    lambda: sn.equal(x_hat, (x - sn.mean(x, over=(G, K, S))) / sn.sqrt(sn.var(x, over=(G, K, S)) + eps)),
    given=[sn.equal(G, 1)],
    source=RELATION,
)
sn.claim(
    "group_norm.any_g_is_ln",
    "The statistics before gain and bias are those of layer norm over all channels and positions.",
    lambda: sn.equal(x_hat, (x - sn.mean(x, over=(G, K, S))) / sn.sqrt(sn.var(x, over=(G, K, S)) + eps)),
    source=RELATION,
    expected="refuted",
    note="Two groups have statistics of their own.",
)
sn.claim(
    "group_norm.g1_without_positions_is_ln",
    "With one group and one position, group norm before gain and bias is layer norm.",
    lambda: sn.equal(gn.instance(ln_x.rename({K.copy("C"): K})).x_hat, ln_x_hat.rename({K.copy("C"): K})),
    given=[sn.equal(G, 1), sn.equal(S, 1)],
    source=RELATION,
)
sn.claim(
    "group_norm.gc_is_in",
    "With one channel a group, group norm before gain and bias is instance norm.",
    lambda: sn.equal(gn.instance(in_x.rename({G.copy("C"): G})).x_hat, in_x_hat.rename({G.copy("C"): G})),
    given=[sn.equal(K, 1)],
    source=RELATION,
    also=["group_norm.gC_is_in"],
)
sn.claim(
    "group_norm.k1_uses_channel_stats",
    "With one channel a group, each channel is standardized over its positions.",
    lambda: sn.equal(x_hat, (x - channel_mu) / sn.sqrt(channel_var + eps)),
    given=[sn.equal(K, 1)],
    source=RELATION,
)
sn.claim(
    "group_norm.k2_uses_channel_stats",
    "With two channels a group, each channel is standardized over its positions.",
    lambda: sn.equal(x_hat, (x - channel_mu) / sn.sqrt(channel_var + eps)),
    given=[sn.equal(K, 2)],
    source=RELATION,
    expected="refuted",
    note="The two channels share their statistics.",
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "group_norm.group_scale_invariance",
    "At eps = 0, scaling each group by its own p > 0 and shifting it by its own q does not change the output.",
    lambda: sn.equal(gn(p * x + q), y),
    given=[p > 0, no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "group_norm.group_scale_invariance_eps_pos",
    "For eps > 0, scaling each group by its own p > 0 does not change the output.",
    lambda: sn.equal(gn(p * x), y),
    given=[p > 0, with_eps],
    source=f"{COMPUTED}, with eps left out",
    expected="refuted",
    kind="invariance",
    note="Exact only if eps is scaled by p^2.",
)
sn.claim(
    "group_norm.eps_scaling",
    "For eps > 0, scaling the input by a != 0 and eps by a^2 multiplies x_hat by the sign of a.",
    lambda: sn.equal(gn.instance(a * x, eps=a**2 * eps).x_hat, sn.sign(a) * x_hat),
    given=[sn.unequal(a, 0), with_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "group_norm.shift_invariance",
    "A constant q added to each group of a sample does not change the output, for every eps >= 0.",
    lambda: sn.equal(gn(x + q, eps=any_eps), gn(x, eps=any_eps)),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "group_norm.channel_shift_invariance",
    "A constant r added to each channel of a sample does not change the output.",
    lambda: sn.equal(gn(x + r), y),
    source="instance norm's invariance, claimed of group norm",
    expected="refuted",
    kind="invariance",
    note="The mean that is subtracted is the group's.",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "group_norm.backward_x",
    "With g = gamma dy and means over the group, dx = (g - mean(g) - x_hat mean(g x_hat))/sqrt(var + eps).",
    lambda: sn.equal(dx, (g - sn.mean(g, over=(K, S)) - x_hat * sn.mean(g * x_hat, over=(K, S))) / s),
    source=COMPUTED,
)
sn.claim(
    "group_norm.backward_x_channel_means",
    "With g = gamma dy and means over each channel, dx = (g - mean(g) - x_hat mean(g x_hat))/sqrt(var + eps).",
    lambda: sn.equal(dx, (g - sn.mean(g, over=S) - x_hat * sn.mean(g * x_hat, over=S)) / s),
    source="instance norm's formula, claimed of group norm",
    expected="refuted",
    note="What the channels of a group pass back is averaged over all of them.",
)
sn.claim(
    "group_norm.backward_gamma_beta",
    "dgamma = sum(dy x_hat) and dbeta = sum(dy), over samples and positions.",
    lambda: (
        sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_hat, over=(N, S))),
        sn.equal(sn.gradient(L, y, beta), sn.total(dy, over=(N, S))),
    ),
    source=COMPUTED,
)
sn.claim(
    "group_norm.backward_group_sum_zero",
    "The gradient by x sums to 0 over each group of each sample.",
    lambda: sn.equal(sn.total(dx, over=(K, S)), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "group_norm.backward_channel_sum_zero",
    "The gradient by x sums to 0 over each channel of each sample.",
    lambda: sn.equal(sn.total(dx, over=S), 0),
    source="instance norm's property, claimed of group norm",
    expected="refuted",
    kind="orthogonality",
    note="Only the sum over all channels of a group is 0.",
)
sn.claim(
    "group_norm.backward_dot_x",
    "At eps = 0, the gradient by x is orthogonal to each group of each sample.",
    lambda: sn.equal(sn.total(x * dx, over=(K, S)), 0),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)

# About experiments ----------------------------------------------------------------------------------------------------

sn.claim(
    "group_norm.close_to_bn",
    "Group norm is close to batch norm at a batch of 32 and better at smaller ones.",
    source=f"{PAPER}, section 4.1",
    expected="empirical",
    kind="empirical",
    note="It speaks of training runs on particular data.",
)

# Between layer and instance norm --------------------------------------------------------------------------------------

h = sn.tensor("h", N, G, K, S)
qn = sn.tensor("q", N)
each = sn.tensor("e", G, K, S)

sn.claim(
    "group_norm.half_way",
    "A group's variance is the mean of its channels' variances and the variance of their means: with one channel"
    " only the first is left, as in instance norm.",
    lambda: sn.equal(var, sn.mean(channel_var, over=K) + sn.var(channel_mu, over=K)),
    source=COMPUTED,
    note="Between the end points it is neither norm, nor an average of the two.",
)
sn.claim(
    "group_norm.half_way_average",
    "Its variance is the average of the variances of layer norm and of instance norm.",
    lambda: sn.equal(var, (channel_var + sn.var(x, over=(G, K, S))) / 2),
    source="half way between layer and instance norm, taken literally",
    expected="refuted",
    note="The variance of a group is none of the two, nor between them in this way.",
)
sn.claim(
    "group_norm.affine_mismatch",
    "With one group, gain and bias included, it is layer norm with a gain for each channel and position.",
    lambda: sn.equal(y, x_hat * each + beta),
    given=[sn.equal(G, 1)],
    source=RELATION,
    expected="refuted",
    note="Its gain has one number a channel: the end point is equal before gain and bias.",
)
sn.claim(
    "group_norm.batch_independence",
    "Scaling each sample's change by its own q scales that sample's change of the output by q: samples do not mix.",
    lambda: sn.equal(sn.jvp(y, {"x": qn * h}), qn * sn.jvp(y, {"x": h})),
    source=DEFINITION,
)
sn.claim(
    "group_norm.equal_importance",
    "Layer norm takes all channels for equally important, instance norm takes them for independent.",
    source=RELATION,
    expected="empirical",
    note="A motive, not a statement about the formulas.",
)
