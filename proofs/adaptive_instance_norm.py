"""Adaptive instance norm: the channels' means and deviations become those of a style; gradients of both images.

Axis N is the images, C the channels, S the positions. Where a false statement stands beside a true one, the two differ
by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Instance normalization")

PAPER = "Huang & Belongie 2017 (arXiv:1703.06868)"
DEFINITION = f"{PAPER}, equation 8"
COMPUTED = f"computed from {DEFINITION}"

N, C, S = sn.axes("N C S")
x = sn.tensor("x", N, C, S)
style_mean, style_std = sn.tensor("style_mean", N, C), sn.tensor("style_std", N, C)
p, q = sn.tensor("p", N, C), sn.tensor("q", N, C)
eps = sn.scalar("eps", positive=True)

adain = sn.load("adaptive_instance_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

image = adain.instance()
mu, var, x_hat, y = image.mu, image.var, image.x_hat, image.y
s = sn.sqrt(var + eps)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "adaptive_instance_norm.mean",
    "The output's channels have the means of the style, for every eps.",
    lambda: sn.equal(sn.mean(y, over=S), style_mean),
    source=DEFINITION,
)
sn.claim(
    "adaptive_instance_norm.keeps_mean",
    "The output's channels keep the means of the content.",
    lambda: sn.equal(sn.mean(y, over=S), mu),
    source=DEFINITION,
    expected="refuted",
    note="They get the style's.",
)
sn.claim(
    "adaptive_instance_norm.statistics",
    "At eps = 0, the output's channels have the mean of the style and the variance style_std^2.",
    lambda: (sn.equal(sn.mean(y, over=S), style_mean), sn.equal(sn.var(y, over=S), style_std**2)),
    given=[no_eps],
    source=DEFINITION,
    also=["adain.statistics"],
)
sn.claim(
    "adaptive_instance_norm.statistics_eps_pos",
    "For eps > 0, the output's channels have the variance style_std^2.",
    lambda: sn.equal(sn.var(y, over=S), style_std**2),
    given=[with_eps],
    source=f"{DEFINITION}, which leaves eps out",
    expected="refuted",
    note="It is smaller by the factor var/(var + eps).",
)
sn.claim(
    "adaptive_instance_norm.own_style",
    "An image in its own style, style_mean = mu and style_std = sqrt(var + eps), is unchanged.",
    lambda: sn.equal(adain(style_mean=mu, style_std=s), x),
    source=COMPUTED,
)
sn.claim(
    "adaptive_instance_norm.own_style_without_eps",
    "For eps > 0, an image in its own style, style_mean = mu and style_std = sqrt(var), is unchanged.",
    lambda: sn.equal(adain(style_mean=mu, style_std=sn.sqrt(var)), x),
    given=[with_eps],
    source=f"{DEFINITION}, which leaves eps out",
    expected="refuted",
    note="What was divided by sqrt(var + eps) is multiplied by less.",
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "adaptive_instance_norm.content_invariance",
    "At eps = 0, contrast p > 0 and brightness q of the content's channels do not change the output.",
    lambda: sn.equal(adain(p * x + q), y),
    given=[p > 0, no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "adaptive_instance_norm.content_invariance_eps_pos",
    "For eps > 0, contrast p > 0 of the content's channels does not change the output.",
    lambda: sn.equal(adain(p * x), y),
    given=[p > 0, with_eps],
    source=f"{DEFINITION}, which leaves eps out",
    expected="refuted",
    kind="invariance",
    note="Exact only if eps is scaled by p^2.",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "adaptive_instance_norm.backward_x",
    "dx = style_std/sqrt(var + eps) (dy - mean(dy) - x_hat mean(dy x_hat)), with means over the positions.",
    lambda: sn.equal(dx, style_std / s * (dy - sn.mean(dy, over=S) - x_hat * sn.mean(dy * x_hat, over=S))),
    source=COMPUTED,
)
sn.claim(
    "adaptive_instance_norm.backward_x_affine",
    "dx = style_std/sqrt(var + eps) dy.",
    lambda: sn.equal(dx, style_std / s * dy),
    source=COMPUTED,
    expected="refuted",
    note="The content's own mean and variance depend on x too.",
)
sn.claim(
    "adaptive_instance_norm.backward_style",
    "The style's mean gets sum(dy), its deviation sum(dy x_hat), over the positions of its own image.",
    lambda: (
        sn.equal(sn.gradient(L, y, style_mean), sn.total(dy, over=S)),
        sn.equal(sn.gradient(L, y, style_std), sn.total(dy * x_hat, over=S)),
    ),
    source=COMPUTED,
)
sn.claim(
    "adaptive_instance_norm.backward_style_shared",
    "The style's mean gets sum(dy) over images and positions.",
    lambda: sn.equal(sn.gradient(L, y, style_mean), sn.total(dy, over=(N, S))),
    source="instance norm's formula for beta",
    expected="refuted",
    note="Every image has its own style.",
)
sn.claim(
    "adaptive_instance_norm.backward_sum_zero",
    "The gradient by x sums to 0 over the positions of each channel.",
    lambda: sn.equal(sn.total(dx, over=S), 0),
    source=COMPUTED,
    kind="orthogonality",
)
