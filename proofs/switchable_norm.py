"""Switchable norm: merged statistics, weights on a simplex, what the mixture keeps, and the gradients of the weights.

Axis N is the samples, C the channels, S the positions. Where a false statement stands beside a true one, the two differ
by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Switchable normalization")

PAPER = "Luo et al. 2018 (arXiv:1806.10779)"
DEFINITION = f"{PAPER}, equations 3 to 5"
APPENDIX = f"{PAPER}, appendix, back-propagation"
COMPUTED = f"computed from {DEFINITION}"

N, C, S = sn.axes("N C S")
x = sn.tensor("x", N, C, S)
gamma, beta = sn.tensor("gamma", C), sn.tensor("beta", C)
a, b = sn.scalar("a"), sn.scalar("b")
lambda_in, lambda_ln, lambda_bn = sn.scalar("lambda_in"), sn.scalar("lambda_ln"), sn.scalar("lambda_bn")
kappa_in, kappa_ln, kappa_bn = sn.scalar("kappa_in"), sn.scalar("kappa_ln"), sn.scalar("kappa_bn")
eps = sn.scalar("eps", positive=True)

swn, instance_norm = sn.load("switchable_norm"), sn.load("instance_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0
equal_means = sn.equal(lambda_in, 0), sn.equal(lambda_ln, 0), sn.equal(lambda_bn, 0)
equal_variances = sn.equal(kappa_in, 0), sn.equal(kappa_ln, 0), sn.equal(kappa_bn, 0)

made = swn.instance()
mu_in, mu_ln, mu_bn = made.mu_in, made.mu_ln, made.mu_bn
var_in, var_ln, var_bn = made.var_in, made.var_ln, made.var_bn
w_in, w_ln, w_bn = made.w_in, made.w_ln, made.w_bn
v_in, v_ln, v_bn = made.v_in, made.v_ln, made.v_bn
mu, var, x_hat, y = made.mu, made.var, made.x_hat, made.y
s = sn.sqrt(var + eps)
dy = L.cotangent(y)
g = gamma * dy

# The derivatives by the mixed mean and variance of each channel of each sample, and by the weights.
dmu = -sn.total(g, over=S) / s
dvar = -sn.total(g * x_hat, over=S) / (2 * s**2)
dw_in, dw_ln, dw_bn = (
    sn.total(dmu * mu_in, over=(N, C)),
    sn.total(dmu * mu_ln, over=(N, C)),
    sn.total(dmu * mu_bn, over=(N, C)),
)
dv_in, dv_ln, dv_bn = (
    sn.total(dvar * var_in, over=(N, C)),
    sn.total(dvar * var_ln, over=(N, C)),
    sn.total(dvar * var_bn, over=(N, C)),
)

# Statistics -----------------------------------------------------------------------------------------------------------

sn.claim(
    "switchable_norm.ln_from_in",
    "Layer norm's mean and variance come from the instance ones: mean(var_in + mu_in^2) - mu_ln^2 over the channels.",
    lambda: (
        sn.equal(sn.mean(x, over=(C, S)), sn.mean(mu_in, over=C)),
        sn.equal(
            sn.mean((x - sn.mean(x, over=(C, S))) ** 2, over=(C, S)), sn.mean(var_in + mu_in**2, over=C) - mu_ln**2
        ),
    ),
    source=DEFINITION,
)
sn.claim(
    "switchable_norm.bn_from_in",
    "Batch norm's mean and variance come from the instance ones: mean(var_in + mu_in^2) - mu_bn^2 over the samples.",
    lambda: (
        sn.equal(sn.mean(x, over=(N, S)), sn.mean(mu_in, over=N)),
        sn.equal(
            sn.mean((x - sn.mean(x, over=(N, S))) ** 2, over=(N, S)), sn.mean(var_in + mu_in**2, over=N) - mu_bn**2
        ),
    ),
    source=DEFINITION,
)
sn.claim(
    "switchable_norm.direct_statistics",
    "The merged statistics of this definition are the direct ones of layer and of batch norm.",
    lambda: (
        sn.equal(var_ln, sn.mean((x - sn.mean(x, over=(C, S))) ** 2, over=(C, S))),
        sn.equal(var_bn, sn.mean((x - sn.mean(x, over=(N, S))) ** 2, over=(N, S))),
    ),
    source=DEFINITION,
)
sn.claim(
    "switchable_norm.ln_var",
    "Layer norm's variance is the mean of the instance variances.",
    lambda: sn.equal(var_ln, sn.mean(var_in, over=C)),
    source=DEFINITION,
    expected="refuted",
    note="The variance of the channels' means is missing.",
    also=["decoy.swn_ln_var"],
)
sn.claim(
    "switchable_norm.bn_var",
    "Batch norm's variance is the mean of the instance variances.",
    lambda: sn.equal(var_bn, sn.mean(var_in, over=N)),
    source=DEFINITION,
    expected="refuted",
    note="The variance of the samples' means is missing.",
)
sn.claim(
    "switchable_norm.sigma_average",
    "At eps = 0 it divides by the weighted standard deviations.",
    lambda: sn.equal(s, v_in * sn.sqrt(var_in) + v_ln * sn.sqrt(var_ln) + v_bn * sn.sqrt(var_bn)),
    given=[no_eps],
    source=DEFINITION,
    expected="refuted",
    kind="convention",
    note="The variances are weighted, and then the root is taken.",
    also=["decoy.swn_sigma_average"],
)

# Weights --------------------------------------------------------------------------------------------------------------

sn.claim(
    "switchable_norm.softmax_simplex",
    "The weights of the means sum to 1, and so do those of the variances.",
    lambda: (sn.equal(w_in + w_ln + w_bn, 1), sn.equal(v_in + v_ln + v_bn, 1)),
    source=DEFINITION,
)
sn.claim(
    "switchable_norm.weights_nonnegative",
    "Every weight is positive.",
    lambda: (w_in > 0, w_ln > 0, w_bn > 0, v_in > 0, v_ln > 0, v_bn > 0),
    source=DEFINITION,
    kind="inequality",
)
sn.claim(
    "switchable_norm.weights_scale",
    "For a > 0, the logits scaled by a give the same weights.",
    lambda: sn.equal(
        swn.instance(lambda_in=a * lambda_in, lambda_ln=a * lambda_ln, lambda_bn=a * lambda_bn).w_in, w_in
    ),
    given=[a > 0],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="Large logits are closer to a single choice.",
)
sn.claim(
    "switchable_norm.logit_shift",
    "Constants added to all logits of the means, and to all those of the variances, do not change the output.",
    lambda: sn.equal(
        swn(
            lambda_in=lambda_in + a,
            lambda_ln=lambda_ln + a,
            lambda_bn=lambda_bn + a,
            kappa_in=kappa_in + b,
            kappa_ln=kappa_ln + b,
            kappa_bn=kappa_bn + b,
        ),
        y,
    ),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "switchable_norm.one_logit_shift",
    "A constant added to the logit of one mean does not change the weights.",
    lambda: sn.equal(swn.instance(lambda_in=lambda_in + a).w_in, w_in),
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="Only differences of logits matter, and this one grows.",
)
sn.claim(
    "switchable_norm.equal_logits",
    "Equal logits weigh the three statistics equally: mu = (mu_in + mu_ln + mu_bn)/3.",
    lambda: sn.equal(mu, (mu_in + mu_ln + mu_bn) / 3),
    given=[sn.equal(lambda_ln, lambda_in), sn.equal(lambda_bn, lambda_in)],
    source=COMPUTED,
)
sn.claim(
    "switchable_norm.exact_one_hot",
    "There are logits with weights 1, 0 and 0, such as 1, 0 and 0.",
    lambda: sn.equal(w_in, 1),
    given=[sn.equal(lambda_in, 1), sn.equal(lambda_ln, 0), sn.equal(lambda_bn, 0)],
    source="the usual reading of the paper",
    expected="refuted",
    note="An exponential is never 0: a single choice is met only in the limit.",
)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "switchable_norm.one_sample_one_channel",
    "For one sample with one channel all three statistics agree, and it is instance norm.",
    lambda: sn.equal(y, instance_norm(x)),
    given=[sn.equal(N, 1), sn.equal(C, 1)],
    source=COMPUTED,
)
sn.claim(
    "switchable_norm.one_sample",
    "For one sample it is instance norm.",
    lambda: sn.equal(y, instance_norm(x)),
    given=[sn.equal(N, 1)],
    source=COMPUTED,
    expected="refuted",
    note="With two channels layer norm's statistics differ.",
)
sn.claim(
    "switchable_norm.output_unit_variance",
    "At eps = 0, each channel of each sample gets variance 1 before gain and bias.",
    lambda: sn.equal(sn.var(x_hat, over=S), 1),
    given=[no_eps],
    source="instance norm's property, claimed of switchable norm",
    expected="refuted",
    note="The mixed variance is none of the three.",
)
sn.claim(
    "switchable_norm.scale_invariance",
    "At eps = 0, scaling the input by a != 0 multiplies x_hat by the sign of a.",
    lambda: sn.equal(swn.instance(a * x).x_hat, sn.sign(a) * x_hat),
    given=[sn.unequal(a, 0), no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "switchable_norm.scale_invariance_eps_pos",
    "For eps > 0, scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(swn.instance(a * x).x_hat, x_hat),
    given=[a > 0, with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="eps would have to be scaled by a^2.",
)
sn.claim(
    "switchable_norm.shift_invariance",
    "A constant added to the whole input does not change the output.",
    lambda: sn.equal(swn(x + b), y),
    source=COMPUTED,
    kind="invariance",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "switchable_norm.grad_lambda",
    "dlambda_in = w_in (dw_in - w_in dw_in - w_ln dw_ln - w_bn dw_bn) with dw_k = sum(dmu mu_k), for every loss.",
    lambda: sn.equal(sn.gradient(L, y, lambda_in), w_in * (dw_in - w_in * dw_in - w_ln * dw_ln - w_bn * dw_bn)),
    source=APPENDIX,
)
sn.claim(
    "switchable_norm.grad_lambda_no_coupling",
    "With all logits 0, dlambda_in = w_in (1 - w_in) dw_in.",
    lambda: sn.equal(sn.gradient(L, y, lambda_in), w_in * (1 - w_in) * dw_in),
    given=[*equal_means, *equal_variances],
    source=APPENDIX,
    expected="refuted",
    note="A logit moves the other two weights too.",
)
sn.claim(
    "switchable_norm.grad_kappa",
    "dkappa_in = v_in (dv_in - v_in dv_in - v_ln dv_ln - v_bn dv_bn) with dv_k = sum(dvar var_k), for every loss.",
    lambda: sn.equal(sn.gradient(L, y, kappa_in), v_in * (dv_in - v_in * dv_in - v_ln * dv_ln - v_bn * dv_bn)),
    source=APPENDIX,
)
sn.claim(
    "switchable_norm.grad_kappa_no_coupling",
    "With all logits 0, dkappa_in = v_in (1 - v_in) dv_in.",
    lambda: sn.equal(sn.gradient(L, y, kappa_in), v_in * (1 - v_in) * dv_in),
    given=[*equal_means, *equal_variances],
    source=APPENDIX,
    expected="refuted",
    note="A logit moves the other two weights too.",
)
sn.claim(
    "switchable_norm.backward_x",
    "dx passes through x itself and through the mean and variance of each of the three statistics, for every loss.",
    lambda: sn.equal(
        sn.gradient(L, y, x),
        g / s
        + w_in / S * dmu
        + w_ln / (C * S) * sn.total(dmu, over=C)
        + w_bn / (N * S) * sn.total(dmu, over=N)
        + 2 * v_in / S * (x - mu_in) * dvar
        + 2 * v_ln / (C * S) * (x - mu_ln) * sn.total(dvar, over=C)
        + 2 * v_bn / (N * S) * (x - mu_bn) * sn.total(dvar, over=N),
    ),
    source=APPENDIX,
)
sn.claim(
    "switchable_norm.backward_x_one_center",
    "With all logits 0, the same with x - mu in the place of x - mu_k.",
    lambda: sn.equal(
        sn.gradient(L, y, x),
        g / s
        + w_in / S * dmu
        + w_ln / (C * S) * sn.total(dmu, over=C)
        + w_bn / (N * S) * sn.total(dmu, over=N)
        + 2 * v_in / S * (x - mu) * dvar
        + 2 * v_ln / (C * S) * (x - mu) * sn.total(dvar, over=C)
        + 2 * v_bn / (N * S) * (x - mu) * sn.total(dvar, over=N),
    ),
    given=[*equal_means, *equal_variances],
    source=APPENDIX,
    expected="refuted",
    note="Each variance is taken around its own mean.",
)
sn.claim(
    "switchable_norm.layer_preferences",
    "Different layers of a trained net weigh the statistics differently.",
    source=f"{PAPER}, section 4",
    expected="empirical",
    kind="empirical",
    note="It speaks of training runs on particular data.",
)
