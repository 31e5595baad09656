"""Activation normalization: the affine map that the other normalizers share, with any statistics.

Axis N is what is averaged over in batch norm, C the channels. Where a false statement stands beside a true one, the two
differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Activation normalization")

FORM = "the map that Ioffe & Szegedy 2015 (arXiv:1502.03167), section 3, and its successors share"
COMPUTED = f"computed from {FORM}"

N, C = sn.axes("N C")
x = sn.tensor("x", N, C)
mu, sigma = sn.tensor("mu", C), sn.tensor("sigma", C, positive=True)
gamma, beta, b = sn.tensor("gamma", C), sn.tensor("beta", C), sn.tensor("b", C)
a = sn.scalar("a")

act = sn.load("activation_norm")
L = sn.Loss("L")

made = act.instance()
x_hat, y = made.x_hat, made.y
dy = L.cotangent(y)

batch = sn.load("batch_norm").instance()
inference = sn.load("batch_norm").mode("inference").instance()
running_mean, running_var = sn.tensor("running_mean", C), sn.tensor("running_var", C, nonnegative=True)
renorm = sn.load("batch_renorm").mode("inference").instance()
running_std = sn.tensor("running_std", C, positive=True)
eps = sn.scalar("eps", positive=True)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "activation_norm.target_moments",
    "With the batch's mean and variance, the output has mean beta and variance gamma^2.",
    lambda: (
        sn.equal(sn.mean(act(x, mu=batch.mu, sigma=sn.sqrt(batch.var)), over=N), beta),
        sn.equal(sn.var(act(x, mu=batch.mu, sigma=sn.sqrt(batch.var)), over=N), gamma**2),
    ),
    source=FORM,
)
sn.claim(
    "activation_norm.target_moments_any_statistics",
    "The output has mean beta.",
    lambda: sn.equal(sn.mean(y, over=N), beta),
    source=FORM,
    expected="refuted",
    note="Only if mu is the mean of this batch.",
)
sn.claim(
    "activation_norm.is_batch_norm",
    "With the batch's mean and sqrt(var + eps), it is batch norm.",
    lambda: sn.equal(act(x, mu=batch.mu, sigma=sn.sqrt(batch.var + eps)), batch.y),
    source=FORM,
)
sn.claim(
    "activation_norm.is_batch_norm_eps_outside",
    "With the batch's mean and sqrt(var) + eps, it is batch norm.",
    lambda: sn.equal(act(x, mu=batch.mu, sigma=sn.sqrt(batch.var) + eps), batch.y),
    source=FORM,
    expected="refuted",
    kind="convention",
    note="Batch norm has eps under the root.",
)
sn.claim(
    "activation_norm.is_inference",
    "With running statistics it is batch norm at inference, and batch renormalization at inference.",
    lambda: (
        sn.equal(act(x, mu=running_mean, sigma=sn.sqrt(running_var + eps)), inference.y),
        sn.equal(act(x, mu=running_mean, sigma=running_std), renorm.y),
    ),
    source=FORM,
)
sn.claim(
    "activation_norm.affine",
    "It is one affine map of x: gamma/sigma x + (beta - gamma mu/sigma).",
    lambda: sn.equal(y, gamma / sigma * x + (beta - gamma * mu / sigma)),
    source=COMPUTED,
)
sn.claim(
    "activation_norm.identity",
    "With gamma = sigma and beta = mu it is the identity.",
    lambda: sn.equal(act(x, gamma=sigma, beta=mu), x),
    source=FORM,
)
sn.claim(
    "activation_norm.scaled_statistics",
    "For a > 0, scaling x, mu and sigma by a does not change the output.",
    lambda: sn.equal(act(a * x, mu=a * mu, sigma=a * sigma), y),
    given=[a > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "activation_norm.fixed_statistics",
    "For a > 0, scaling x by a does not change the output.",
    lambda: sn.equal(act(a * x), y),
    given=[a > 0],
    source="batch norm's invariance, claimed of fixed statistics",
    expected="refuted",
    kind="invariance",
    note="The statistics do not follow x unless they are computed of it.",
)
sn.claim(
    "activation_norm.shifted_statistics",
    "Adding b to x and to mu does not change the output.",
    lambda: sn.equal(act(x + b, mu=mu + b), y),
    source=COMPUTED,
    kind="invariance",
)

# Gradients ------------------------------------------------------------------------------------------------------------

sn.claim(
    "activation_norm.gradients",
    "dx = gamma/sigma dy, dmu = -gamma/sigma sum(dy), dsigma = -gamma/sigma sum(dy x_hat), for every loss.",
    lambda: (
        sn.equal(sn.gradient(L, y, x), gamma / sigma * dy),
        sn.equal(sn.gradient(L, y, mu), -gamma / sigma * sn.total(dy, over=N)),
        sn.equal(sn.gradient(L, y, sigma), -gamma / sigma * sn.total(dy * x_hat, over=N)),
    ),
    source=COMPUTED,
)
sn.claim(
    "activation_norm.gradient_sigma_power",
    "dsigma = -gamma/sigma^2 sum(dy x_hat).",
    lambda: sn.equal(sn.gradient(L, y, sigma), -gamma / sigma**2 * sn.total(dy * x_hat, over=N)),
    source=COMPUTED,
    expected="refuted",
    note="One sigma is in x_hat already.",
)
sn.claim(
    "activation_norm.gradient_centered",
    "The gradient by x sums to 0 over the batch.",
    lambda: sn.equal(sn.total(sn.gradient(L, y, x), over=N), 0),
    source="batch norm's property, claimed of fixed statistics",
    expected="refuted",
    kind="orthogonality",
    note="Nothing comes back through statistics that are inputs.",
)

# Where mean 0 and variance 1 lead -------------------------------------------------------------------------------------

t, real, one = sn.scalar("t", nonnegative=True), sn.scalar("real"), sn.exp(0)
above_half = 1 / (1 + sn.exp(-t)) - one / 2
below_line = t / 4 - above_half
below_cube = t**3 / 48 - below_line
near_line = (
    sn.lemmas.growth(above_half, t, sn.exp(-t) / (1 + sn.exp(-t)) ** 2),
    sn.lemmas.growth(below_line, t, above_half**2),
)

sn.claim(
    "activation_norm.sigmoid_linear_regime",
    "The logistic function less 1/2 is odd, and differs for t >= 0 from t/4 by at most t^3/48: at any real number by at"
    " most the cube of its size over 48.",
    lambda: (
        sn.equal(1 / (1 + sn.exp(real)) - one / 2, -(1 / (1 + sn.exp(-real)) - one / 2)),
        sn.absolute(above_half - t / 4) <= t**3 / 48,
    ),
    by=lambda: below_cube * (below_line + t**3 / 48),
    using=lambda: (*near_line, sn.lemmas.growth(below_cube, t, below_line * (t / 4 + above_half), after=near_line)),
    source="what it says that inputs of mean 0 and variance 1 stay where the logistic function is linear",
    kind="inequality",
    also=["input.sigmoid_linear_regime"],
)
sn.claim(
    "activation_norm.sigmoid_linear_regime_halved",
    "For t >= 0 the logistic function less 1/2 differs from t/4 by at most t^3/96.",
    lambda: sn.absolute(above_half - t / 4) <= t**3 / 96,
    source="the constant of the third derivative halved",
    expected="refuted",
    kind="inequality",
    note="The third derivative at 0 is -1/8, so that the difference begins with t^3/48.",
)
