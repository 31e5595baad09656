"""Instance norm: the contrast and brightness of each channel of each image do not matter; its gradients.

Axis N is the images, C the channels, S the positions. Where a false statement stands beside a true one, the two differ
by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Instance normalization")

PAPER = "Ulyanov, Vedaldi & Lempitsky 2016 (arXiv:1607.08022)"
DEFINITION = f"{PAPER}, equation 4"
COMPUTED = f"computed from {DEFINITION}"

N, C, S = sn.axes("N C S")
x = sn.tensor("x", N, C, S)
gamma, beta = sn.tensor("gamma", C), sn.tensor("beta", C)
p, q, r = sn.tensor("p", N, C), sn.tensor("q", N, C), sn.tensor("r", N, S)
a = sn.scalar("a")
eps, any_eps = sn.scalar("eps", positive=True), sn.scalar("eps", nonnegative=True)

norm = sn.load("instance_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

image = norm.instance()
var, x_hat, y = image.var, image.x_hat, image.y
s = sn.sqrt(var + eps)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "instance_norm.stats",
    "Each channel of each image gets mean 0 and variance var/(var + eps).",
    lambda: (sn.equal(sn.mean(x_hat, over=S), 0), sn.equal(sn.var(x_hat, over=S), var / (var + eps))),
    source=DEFINITION,
)
sn.claim(
    "instance_norm.unit_variance_eps_pos",
    "For eps > 0, each channel of each image gets variance 1.",
    lambda: sn.equal(sn.var(x_hat, over=S), 1),
    given=[with_eps],
    source=f"{DEFINITION}, with eps left out",
    expected="refuted",
    note="It is var/(var + eps).",
)
sn.claim(
    "instance_norm.spatial_1x1_zero",
    "At a single position the output is beta, whatever comes in.",
    lambda: sn.equal(y, beta),
    given=[sn.equal(S, 1), with_eps],
    source=COMPUTED,
)
sn.claim(
    "instance_norm.two_positions_zero",
    "At two positions the output is beta, whatever comes in.",
    lambda: sn.equal(y, beta),
    given=[sn.equal(S, 2), with_eps],
    source=COMPUTED,
    expected="refuted",
    note="Two positions can differ from their mean.",
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "instance_norm.contrast_invariance",
    "At eps = 0, contrast p > 0 and brightness q of each channel of each image do not change the output.",
    lambda: sn.equal(norm(p * x + q), y),
    given=[p > 0, no_eps],
    source=f"{PAPER}, section 2",
    kind="invariance",
)
sn.claim(
    "instance_norm.contrast_invariance_eps_pos",
    "For eps > 0, contrast p > 0 of each channel of each image does not change the output.",
    lambda: sn.equal(norm(p * x), y),
    given=[p > 0, with_eps],
    source=f"{PAPER}, section 2, which leaves eps out",
    expected="refuted",
    kind="invariance",
    note="Exact only if eps is scaled by p^2.",
)
sn.claim(
    "instance_norm.eps_scaling",
    "For eps > 0, scaling the input by a != 0 and eps by a^2 multiplies x_hat by the sign of a.",
    lambda: sn.equal(norm.instance(a * x, eps=a**2 * eps).x_hat, sn.sign(a) * x_hat),
    given=[sn.unequal(a, 0), with_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "instance_norm.shift_invariance",
    "Brightness q of each channel of each image does not change the output, for every eps >= 0.",
    lambda: sn.equal(norm(x + q, eps=any_eps), norm(x, eps=any_eps)),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "instance_norm.pattern_shift_invariance",
    "A pattern r added to all channels of an image does not change the output.",
    lambda: sn.equal(norm(x + r), y),
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="Only what is constant over the positions is subtracted.",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "instance_norm.backward_x",
    "dx = gamma/sqrt(var + eps) (dy - mean(dy) - x_hat mean(dy x_hat)), with means over the positions.",
    lambda: sn.equal(dx, gamma / s * (dy - sn.mean(dy, over=S) - x_hat * sn.mean(dy * x_hat, over=S))),
    source=COMPUTED,
)
sn.claim(
    "instance_norm.backward_x_batch_means",
    "dx = gamma/sqrt(var + eps) (dy - mean(dy) - x_hat mean(dy x_hat)), with means over images and positions.",
    lambda: sn.equal(dx, gamma / s * (dy - sn.mean(dy, over=(N, S)) - x_hat * sn.mean(dy * x_hat, over=(N, S)))),
    source="batch norm's formula, claimed of instance norm",
    expected="refuted",
    note="The images do not share statistics.",
)
sn.claim(
    "instance_norm.backward_gamma_beta",
    "dgamma = sum(dy x_hat) and dbeta = sum(dy), over images and positions.",
    lambda: (
        sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_hat, over=(N, S))),
        sn.equal(sn.gradient(L, y, beta), sn.total(dy, over=(N, S))),
    ),
    source=COMPUTED,
)
sn.claim(
    "instance_norm.backward_sum_zero",
    "The gradient by x sums to 0 over the positions of each channel of each image.",
    lambda: sn.equal(sn.total(dx, over=S), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "instance_norm.backward_sum_over_channels_zero",
    "The gradient by x sums to 0 over the channels of each position.",
    lambda: sn.equal(sn.total(dx, over=C), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="Nothing is averaged over the channels.",
)

# About experiments ----------------------------------------------------------------------------------------------------

sn.claim(
    "instance_norm.style_transfer",
    "Instance norm in place of batch norm makes a stylizing network produce better images.",
    source=f"{PAPER}, section 3",
    expected="empirical",
    kind="empirical",
    note="It speaks of what images look like.",
)

# Running statistics ---------------------------------------------------------------------------------------------------

TRACKING = "torch.nn.InstanceNorm2d with track_running_stats=True, PyTorch 2 documentation"
momentum = sn.scalar("momentum")
running_mean, running_var = sn.tensor("running_mean", C), sn.tensor("running_var", C, nonnegative=True)
tracked = sn.load("instance_norm.tracking").instance().updates
taken_in = (tracked["running_var"] - (1 - momentum) * running_var) / momentum

sn.claim(
    "instance_norm.running_mean_of_all",
    "The running mean takes in the mean over all images and positions, as batch norm's does.",
    lambda: sn.equal(tracked["running_mean"] - running_mean, momentum * (sn.mean(x, over=(N, S)) - running_mean)),
    source=TRACKING,
)
sn.claim(
    "instance_norm.running_var_is_within",
    "For S >= 2, the variance of all images and positions is (S - 1)/S of what the running variance takes in, and the"
    " variance of the images' means.",
    lambda: sn.equal(sn.var(x, over=(N, S)), (S - 1) / S * taken_in + sn.var(image.mu, over=N)),
    given=[S >= 2, sn.unequal(momentum, 0)],
    source=f"computed from {TRACKING}",
)
sn.claim(
    "instance_norm.running_var_of_all",
    "For S >= 2, the running variance takes in the variance over all images and positions, as batch norm's does.",
    lambda: sn.equal(taken_in, sn.var(x, over=(N, S), ddof=1)),
    given=[S >= 2, sn.unequal(momentum, 0)],
    source="batch norm's statistic, claimed of instance norm",
    expected="refuted",
    note="How the images' means differ is left out.",
)
sn.claim(
    "instance_norm.inference_is_training",
    "At inference with running statistics, an image comes out as in training.",
    lambda: sn.equal(sn.load("instance_norm.inference")(x), y),
    source="the rule for instance norm without running statistics",
    expected="refuted",
    note="It is batch norm at inference: one affine map for all images.",
)

# What survives --------------------------------------------------------------------------------------------------------

(D,) = (C.copy("D"),)
t = sn.tensor("t", N, C, S)

sn.claim(
    "instance_norm.erases_all_style",
    "What comes out has the same products of channels for every image: the normalized images share all second moments.",
    lambda: sn.equal(
        sn.mean(x_hat * x_hat.rename({C: D}), over=S),
        sn.mean(norm.instance(t).x_hat * norm.instance(t).x_hat.rename({C: D}), over=S),
    ),
    source="the wording that it completely erases style",
    expected="refuted",
    note="Each channel's mean and variance are removed; how channels vary together, and higher moments, survive.",
)
