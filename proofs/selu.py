"""Scaled exponential linear units: the two halves, the slope, what scaling does to them.

Where a false statement stands beside a true one, the two differ by one assumption, sign, factor or index. The fixed
point of mean and variance needs Gaussian integrals and is no claim here.
"""

import symnorm as sn

sn.about("Self-normalizing networks")

PAPER = "Klambauer et al. 2017 (arXiv:1706.02515)"
DEFINITION = f"{PAPER}, equation 2"
COMPUTED = f"computed from {DEFINITION}"

N, C = sn.axes("N C")
x, p = sn.tensor("x", N, C), sn.tensor("p", N, C, positive=True)
alpha, scale = sn.scalar("alpha", positive=True), sn.scalar("scale", positive=True)

selu = sn.load("selu")
L = sn.Loss("L")

y = selu(x)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

sn.claim(
    "selu.positive_half",
    "Positive inputs are multiplied by the scale.",
    lambda: sn.equal(selu(p), scale * p),
    source=DEFINITION,
)
sn.claim(
    "selu.negative_half",
    "Negative inputs decay to -scale alpha.",
    lambda: sn.equal(selu(-p), scale * alpha * (sn.exp(-p) - 1)),
    source=DEFINITION,
)
sn.claim(
    "selu.linear",
    "All inputs are multiplied by the scale.",
    lambda: sn.equal(y, scale * x),
    source="the negative half left out",
    expected="refuted",
    note="Negative inputs decay to a bound.",
)
sn.claim(
    "selu.saturation",
    "No output is below -scale alpha.",
    lambda: y + scale * alpha >= 0,
    source=COMPUTED,
    kind="inequality",
    by=lambda: scale * (sn.maximum(x, 0) + alpha * sn.exp(sn.minimum(x, 0))),
)
sn.claim(
    "selu.saturation_unscaled",
    "No output is below -alpha.",
    lambda: y + alpha >= 0,
    source="the scale left out",
    expected="refuted",
    note="The bound is scaled as well.",
    kind="inequality",
)
sn.claim(
    "selu.zero_at_zero",
    "Zero stays zero.",
    lambda: sn.equal(selu(0 * x), 0),
    source=COMPUTED,
)
sn.claim(
    "selu.backward",
    "The slope is scale above 0 and scale alpha exp(x) below.",
    lambda: sn.equal(dx, dy * scale * ((1 + sn.sign(x)) / 2 + alpha * sn.exp(sn.minimum(x, 0)) * (1 - sn.sign(x)) / 2)),
    source=COMPUTED,
)
sn.claim(
    "selu.backward_without_alpha",
    "The slope is scale above 0 and scale exp(x) below.",
    lambda: sn.equal(dx, dy * scale * ((1 + sn.sign(x)) / 2 + sn.exp(sn.minimum(x, 0)) * (1 - sn.sign(x)) / 2)),
    source="the factor alpha left out",
    expected="refuted",
    note="The exponential is multiplied by alpha, so the slope jumps at 0.",
)
sn.claim(
    "selu.slope_from_output",
    "Below 0 the slope is the output plus scale alpha.",
    lambda: sn.equal(sn.gradient(L, selu(-p), p), -L.cotangent(selu(-p)) * (selu(-p) + scale * alpha)),
    source=COMPUTED,
)
sn.claim(
    "selu.positive_homogeneity",
    "Scaling the input by 2 scales the output by 2.",
    lambda: sn.equal(selu(2 * x), 2 * y),
    source="rectified linear units, which are homogeneous",
    expected="refuted",
    note="The negative half is bounded.",
    kind="invariance",
)
