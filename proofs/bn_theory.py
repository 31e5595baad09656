"""What batch norm changes about training, and where it fails: steps of many layers, Fisher blocks, small batches.

Where a false statement stands beside a true one, the two differ by one assumption, exponent or term.
"""

import symnorm as sn

GOODFELLOW = "Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.7.1"
FISHER = "Ba, Kiros & Hinton 2016 (arXiv:1607.06450), section 5.2"
COMPUTED = "computed from batch norm's equations"
HIGHER = "Suppressing higher-order effects"
GEOMETRY = "Fisher information"
LIMITS = "Batch normalization limitations"

N, C, K = sn.axes("N C K")
x, A, W, U, Q = (
    sn.tensor("x", N, C),
    sn.tensor("A", N, K),
    sn.tensor("W", K, C),
    sn.tensor("U", K, C),
    sn.tensor("Q", K, C),
)
cost = sn.tensor("cost", N, C)
a, delta, eta, w, g = (
    sn.scalar("a"),
    sn.scalar("delta", positive=True),
    sn.scalar("eta"),
    sn.scalar("w"),
    sn.scalar("g"),
)
eps = sn.scalar("eps", positive=True)
no_eps = sn.equal(eps, 0)
t = sn.scalar("t", integer=True, nonnegative=True)

bn = sn.load("batch_norm")
batch = bn.instance()
gamma = bn.inputs["gamma"]
at_W, at_U = bn(sn.dot(A, W, over=K)), bn(sn.dot(A, U, over=K))

# A step of all layers at once -----------------------------------------------------------------------------------------

moved, order0, order1, order2, rest = (
    sn.scalar("moved"),
    sn.scalar("order0"),
    sn.scalar("order1"),
    sn.scalar("order2"),
    sn.scalar("rest"),
)

sn.claim(
    "bn_theory.second_order_effect",
    "For t layers the product of all w_k - eta g_k is order0 - eta order1 + eta^2 order2 - eta^3 rest: order0 the"
    " product of the w_k, order1 and order2 its sums with one and with two factors replaced by their g_k.",
    lambda: sn.equal(moved, order0 - eta * order1 + eta**2 * order2 - eta**3 * rest),
    along=lambda: sn.recursion(
        t,
        start={moved: 1, order0: 1, order1: 0, order2: 0, rest: 0},
        step={
            moved: moved * (w - eta * g),
            order0: order0 * w,
            order1: order1 * w + order0 * g,
            order2: order2 * w + order1 * g,
            rest: rest * (w - eta * g) + order2 * g,
        },
        varying=[w, g],
    ),
    source=GOODFELLOW,
    kind="dynamics",
    also=["goodfellow.second_order_effect"],
    topic=HIGHER,
)
sn.claim(
    "bn_theory.first_order_only",
    "For t layers the product of all w_k - eta g_k is order0 - eta order1.",
    lambda: sn.equal(moved, order0 - eta * order1),
    along=lambda: sn.recursion(
        t,
        start={moved: 1, order0: 1, order1: 0},
        step={moved: moved * (w - eta * g), order0: order0 * w, order1: order1 * w + order0 * g},
    ),
    source=f"{GOODFELLOW}: what gradient descent expects",
    expected="refuted",
    kind="dynamics",
    note="From two layers on there are terms of eta^2.",
    topic=HIGHER,
)
chain, signs = sn.scalar("chain"), sn.scalar("signs")
through_chain = bn.instance(chain * x).x_hat

sn.claim(
    "bn_theory.linear_chain_invisible",
    "At eps = 0, batch norm of x times the weights w_1 ... w_t of a chain of t layers, none of them 0, is that of x"
    " times the product of their signs: nothing else of them is seen.",
    lambda: (
        sn.unequal(chain, 0),
        sn.equal(sn.sign(chain), signs),
        sn.equal(through_chain, signs * batch.x_hat),
    ),
    given=[sn.unequal(w, 0), no_eps],
    along=lambda: sn.recursion(
        t, start={chain: 1, signs: 1}, step={chain: chain * w, signs: signs * sn.sign(w)}, varying=[w]
    ),
    source=GOODFELLOW,
    kind="dynamics",
    also=["batch_norm.linear_chain_invisible"],
    topic=HIGHER,
)
sn.claim(
    "bn_theory.linear_chain_without_signs",
    "At eps = 0, the weights of the chain, none of them 0, are not seen at all.",
    lambda: sn.equal(through_chain, batch.x_hat),
    given=[sn.unequal(w, 0), no_eps],
    along=lambda: sn.recursion(t, start={chain: 1}, step={chain: chain * w}),
    source=f"{GOODFELLOW}, the signs left out",
    expected="refuted",
    kind="dynamics",
    note="Each negative weight turns the sign of the normalized batch round.",
    topic=HIGHER,
)
sn.claim(
    "bn_theory.gamma_beta_undo",
    "gamma and beta can give the output any mean and deviation: with gamma = sqrt(var + eps) d and beta = c the output"
    " is c + d (x - mu), whatever the layers before do to mu and var.",
    lambda: sn.equal(
        bn(x, gamma=sn.sqrt(batch.var + eps) * sn.tensor("d", C), beta=sn.tensor("c", C)),
        sn.tensor("c", C) + sn.tensor("d", C) * (x - batch.mu),
    ),
    source=GOODFELLOW,
    topic=HIGHER,
)
sn.claim(
    "bn_theory.statistics_stay_normalized",
    "Whatever gamma and beta are, the output has mean 0.",
    lambda: sn.equal(sn.mean(batch.y, over=N), 0),
    source=f"{GOODFELLOW}, overstated",
    expected="refuted",
    note="It has the mean beta: learned, but no longer tied to the layers before.",
    topic=HIGHER,
)

# Blocks of the Fisher information ------------------------------------------------------------------------------------

radial = sn.jvp(at_W, {"W": W})
by_W, by_U = sn.jvp(at_W, {"W": Q}), sn.jvp(at_U, {"U": Q})
by_gain_W, by_gain_U = sn.jvp(at_W, {"gamma": sn.tensor("q", C)}), sn.jvp(at_U, {"gamma": sn.tensor("q", C)})
by_bias_W, by_bias_U = sn.jvp(at_W, {"beta": sn.tensor("q", C)}), sn.jvp(at_U, {"beta": sn.tensor("q", C)})

# a is a linear layer's sum, normalized; along the change Q of its weights
summed = sn.dot(A, W, over=K)
linear = bn.instance(summed)
sigma_W = sn.sqrt(linear.var + eps)

# A generalized linear model: outcomes R with probabilities p, the score is the log-likelihood's derivative
(R,) = sn.axes("R")
other_K = K.copy("K_second")
other_C = C.copy("C_second")
p, outcome, score = sn.tensor("p", R, nonnegative=True), sn.tensor("outcome", R, C), sn.tensor("score", R, C)
feature = sn.tensor("feature", K)
phi, mean_y = sn.scalar("phi", positive=True), sn.tensor("mean_y", C)
cov_y = sn.tensor("cov_y", C, other_C, symmetric=True)
of_family = [
    sn.equal(score, (outcome - mean_y) / phi),
    sn.equal(sn.total(p * (outcome - mean_y) * (outcome - mean_y).rename({C: other_C}), over=R), cov_y),
]
by_w, by_b = score * feature, score
two_outcomes = {
    "R": 2,
    "C": 1,
    "p": ["1/2", "1/2"],
    "outcome": [[0], [2]],
    "score": [["-1/2"], ["1/2"]],
    "mean_y": [1],
    "cov_y": [[1]],
    "phi": 2,
}
mu_Q, sigma_Q = sn.jvp(linear.mu, {"W": Q}), sn.jvp(sigma_W, {"W": Q})

sn.claim(
    "bn_theory.fisher_block_scaling",
    "At eps = 0 and at the weights U = delta W, the Fisher form of the weights is delta^-2 times that at W, the mixed"
    " ones of weights and gains and of weights and biases delta^-1 times; cost is what an output's law contributes, the"
    " same at equal outputs.",
    lambda: (
        sn.equal(sn.total(cost * by_U**2, over=N), sn.total(cost * by_W**2, over=N) / delta**2),
        sn.equal(sn.total(cost * by_U * by_gain_U, over=N), sn.total(cost * by_W * by_gain_W, over=N) / delta),
        sn.equal(sn.total(cost * by_U * by_bias_U, over=N), sn.total(cost * by_W * by_bias_W, over=N) / delta),
    ),
    given=[no_eps, sn.equal(U, delta * W)],
    source=FISHER,
    also=["fisher.block_scaling"],
    topic=GEOMETRY,
)
sn.claim(
    "bn_theory.fisher_half",
    "At eps = 0 and at the weights U = 2 W, the Fisher form of the weights is half of that at W.",
    lambda: sn.equal(sn.total(cost * by_U**2, over=N), sn.total(cost * by_W**2, over=N) / 2),
    given=[no_eps, sn.equal(U, 2 * W)],
    source=f"{FISHER}, with the first power",
    expected="refuted",
    note="Both factors of the form are halved.",
    also=["decoy.fisher_half"],
    topic=GEOMETRY,
)
sn.claim(
    "bn_theory.fisher_radial_null",
    "At eps = 0 the Fisher form of the weights vanishes along the weights themselves.",
    lambda: sn.equal(sn.total(cost * radial**2, over=N), 0),
    given=[no_eps],
    source=FISHER,
    also=["fisher.radial_null"],
    topic=GEOMETRY,
)
sn.claim(
    "bn_theory.fisher_radial_null_eps_pos",
    "For eps > 0 the Fisher form of the weights vanishes along the weights themselves.",
    lambda: sn.equal(sn.total(cost * radial**2, over=N), 0),
    source=f"{FISHER}, without a word on eps",
    expected="refuted",
    note="At eps > 0 the output sees the length of the weights.",
    topic=GEOMETRY,
)
sn.claim(
    "bn_theory.fisher_of_linear_model",
    "For a log-likelihood l of outputs a_c + b_c, a_c = <w_c, x>, whose derivatives are (y_c - E y_c)/phi, the"
    " products of l's derivatives by w and b average to Cov(y)/phi^2 times x x^T, x and 1. The outcomes are r, their"
    " probabilities p.",
    lambda: (
        sn.equal(
            sn.total(p * by_w * by_w.rename({C: other_C, K: other_K}), over=R),
            cov_y / phi**2 * feature * feature.rename({K: other_K}),
        ),
        sn.equal(sn.total(p * by_w * by_b.rename({C: other_C}), over=R), cov_y / phi**2 * feature),
        sn.equal(sn.total(p * by_b * by_b.rename({C: other_C}), over=R), cov_y / phi**2),
    ),
    given=of_family,
    source=f"{FISHER}, equations 11 and 12",
    also=["fisher.glm_form"],
    topic=GEOMETRY,
    examples=[two_outcomes],
)
sn.claim(
    "bn_theory.fisher_of_linear_model_first_power",
    "The averages are Cov(y)/phi times x x^T.",
    lambda: sn.equal(
        sn.total(p * by_w * by_w.rename({C: other_C, K: other_K}), over=R),
        cov_y / phi * feature * feature.rename({K: other_K}),
    ),
    given=of_family,
    source=f"{FISHER}, equations 11 and 12, with the first power",
    expected="refuted",
    note="Both factors carry 1/phi.",
    topic=GEOMETRY,
    examples=[two_outcomes],
)
sn.claim(
    "bn_theory.normalized_direction",
    "At eps = 0, h = g (a - mu)/sigma + b of a = A W changes by g/sigma (A Q - dmu - (a - mu)/sigma dsigma) along Q.",
    lambda: sn.equal(
        by_W,
        gamma / sigma_W * (sn.dot(A, Q, over=K) - mu_Q - (summed - linear.mu) / sigma_W * sigma_Q),
    ),
    given=[no_eps],
    source=f"{FISHER}, equation 15",
    also=["fisher.normalized_chi"],
    topic=GEOMETRY,
)
sn.claim(
    "bn_theory.normalized_direction_fixed_deviation",
    "At eps = 0 it changes by g/sigma (A Q - dmu).",
    lambda: sn.equal(by_W, gamma / sigma_W * (sn.dot(A, Q, over=K) - mu_Q)),
    given=[no_eps],
    source=f"{FISHER}, equation 15, with sigma held",
    expected="refuted",
    note="The deviation moves with the weights, too.",
    topic=GEOMETRY,
)

# Small and split batches ----------------------------------------------------------------------------------------------

u = sn.tensor("u", N, C)
M = N.copy("M")

sn.claim(
    "bn_theory.one_sample_moves_all",
    "dmu = mean(u) and dvar = 2 mean((x - mu) u) for a change u of the batch: one sample moves the statistics of all.",
    lambda: (
        sn.equal(sn.jvp(batch.mu, {"x": u}), sn.mean(u, over=N)),
        sn.equal(sn.jvp(batch.var, {"x": u}), 2 * sn.mean((x - batch.mu) * u, over=N)),
    ),
    source=COMPUTED,
    topic=LIMITS,
)
sn.claim(
    "bn_theory.samples_are_independent",
    "A change u_n of the samples changes the normalized batch only where u_n is not 0: by u_n/sqrt(var + eps).",
    lambda: sn.equal(sn.jvp(batch.x_hat, {"x": u}), u / sn.sqrt(batch.var + eps)),
    source=COMPUTED,
    expected="refuted",
    note="The statistics are everybody's: the outputs of all samples depend on each sample.",
    topic=LIMITS,
)
sn.claim(
    "bn_theory.larger_sample_larger_variance",
    "Where all u_n >= 0, the change of the batch's variance along u is not negative.",
    lambda: sn.jvp(batch.var, {"x": u}) >= 0,
    given=[u >= 0],
    source=COMPUTED,
    expected="refuted",
    kind="inequality",
    note="A sample below the mean moves towards it.",
    also=["batch_norm.larger_sample_larger_variance"],
    topic=LIMITS,
)

y = sn.tensor("y", M, C)
P = sn.Axis("P")
v = sn.tensor("v", P, C)
merged_mean = (N * batch.mu + P * sn.mean(v, over=P)) / (N + P)
merged_square = (sn.total(x**2, over=N) + sn.total(v**2, over=P)) / (N + P)

sn.claim(
    "bn_theory.merged_statistics",
    "Two shards of sizes N and P have together the variance (N var_1 + P var_2)/(N + P) + N P/(N + P)^2 (mu_1 -"
    " mu_2)^2.",
    lambda: sn.equal(
        merged_square - merged_mean**2,
        (N * batch.var + P * sn.var(v, over=P)) / (N + P) + N * P / (N + P) ** 2 * (batch.mu - sn.mean(v, over=P)) ** 2,
    ),
    source=COMPUTED,
    topic=LIMITS,
)
sn.claim(
    "bn_theory.averaged_statistics",
    "Two shards have together the average of their variances, each weighted by its size.",
    lambda: sn.equal(
        merged_square - merged_mean**2,
        (N * batch.var + P * sn.var(v, over=P)) / (N + P),
    ),
    source="what averaging over workers computes",
    expected="refuted",
    note="The difference of the means adds to the variance.",
    topic=LIMITS,
)

# Limits, by how fast they are reached ---------------------------------------------------------------------------------

J = N.copy("J")
deviation = x - batch.mu
root, root_eps = sn.sqrt(batch.var), sn.sqrt(batch.var + eps / delta**2)

sn.claim(
    "bn_theory.scale_limit",
    "BN(delta x) at eps differs from BN(x) at 0 by at most eps/(2 delta^2 var) of the latter: the limit for delta to"
    " infinity, and for eps to 0, is scale invariant.",
    lambda: (
        sn.equal(bn.instance(delta * x).x_hat, deviation / root_eps),
        sn.absolute(deviation / root_eps - deviation / root)
        <= eps / (2 * delta**2 * batch.var) * sn.absolute(deviation / root),
    ),
    by=lambda: (
        deviation**2
        * (eps / delta**2 / (root_eps + root)) ** 3
        * (root_eps + 2 * root)
        * ((root_eps + root) * root_eps / (2 * batch.var) + 1)
        / (2 * batch.var * batch.var * (batch.var + eps / delta**2))
    ),
    source=COMPUTED,
    kind="limit",
    also=["batch_norm.scale_limit"],
    topic=LIMITS,
)
sn.claim(
    "bn_theory.scale_limit_reached",
    "BN(delta x) at eps is BN(x) at eps = 0 for large enough delta, as for delta = 10.",
    lambda: sn.equal(bn.instance(10 * x).x_hat, deviation / root),
    source=COMPUTED,
    expected="refuted",
    kind="limit",
    note="Only in the limit.",
    topic=LIMITS,
)

far, spread = sn.tensor("far", N), sn.sqrt(sn.var(sn.tensor("far", N), over=N))
d = far - sn.mean(far, over=N)
z = d / spread
left_out = (
    sn.total(
        (1 - sn.delta(N, M)) ** 2 * (1 - sn.delta(N, J)) ** 2 * (far.rename({N: M}) - far.rename({N: J})) ** 2,
        over=(M, J),
    )
    / 2
)

sn.claim(
    "bn_theory.outlier_limit",
    "m - 1 - z_n^2 is at most (m - 1) Q/(m d_n^2) and not negative, Q the pairs of the others: as x_n grows, z_n^2 goes"
    " to m - 1, and all others to -z_n/(m - 1), from which they are (x_i - mean of the others)/sigma apart.",
    lambda: (
        sn.equal(N - 1 - z**2, left_out / sn.total(d**2, over=N)),
        N - 1 - z**2 <= (N - 1) * left_out / (N * d**2),
        N - 1 - z**2 >= 0,
        sn.equal(
            z.rename({N: M}) + z / (N - 1),
            (far.rename({N: M}) - (sn.total(far, over=N) - far) / (N - 1)) / spread,
        ),
    ),
    given=[N >= 2],
    by=lambda: (left_out**2 / (N * d**2 * sn.total(d**2, over=N)), left_out / sn.total(d**2, over=N)),
    source=COMPUTED,
    kind="limit",
    also=["batch_norm.outlier_limit"],
    topic=LIMITS,
)
sn.claim(
    "bn_theory.outlier_unbounded",
    "z_n^2 exceeds m - 1.",
    lambda: z**2 > N - 1,
    given=[N >= 2],
    source=COMPUTED,
    expected="refuted",
    kind="limit",
    note="However far x_n is, the batch's deviation grows with it.",
    topic=LIMITS,
)

K_other = K.copy("K_other")
logit, statistic = sn.tensor("logit", K), sn.tensor("statistic", K)
weight = sn.exp(logit) / sn.total(sn.exp(logit), over=K)
other_weight = weight.rename({K: K_other})
elsewhere = sn.total((1 - sn.delta(K, K_other)) ** 2 * sn.exp(logit.rename({K: K_other})), over=K_other)

sn.claim(
    "bn_theory.softmax_limit",
    "The softmax weight of k misses 1 by at most the sum of e^(logit_j - logit_k) over j != k, and a weighted statistic"
    " misses the k-th by the weighted differences: as logit_k grows only the k-th is left.",
    lambda: (
        1 - weight <= elsewhere / sn.exp(logit),
        sn.equal(
            sn.total(weight * statistic, over=K) - statistic,
            sn.total(other_weight * (statistic.rename({K: K_other}) - statistic), over=K_other),
        ),
    ),
    by=lambda: elsewhere**2 / (sn.total(sn.exp(logit), over=K) * sn.exp(logit)),
    source="Luo et al. 2018 (arXiv:1806.10779)",
    kind="limit",
    also=["switchable_norm.limit_recovers"],
    topic="Switchable normalization",
)
sn.claim(
    "bn_theory.softmax_one_hot",
    "A softmax weight can be 1 where there are others: it is for each finite logit.",
    lambda: sn.equal(weight, 1),
    given=[K >= 2],
    source="Luo et al. 2018 (arXiv:1806.10779), the limit read as a value",
    expected="refuted",
    kind="limit",
    note="Each weight is positive, so none is 1.",
    topic="Switchable normalization",
)
