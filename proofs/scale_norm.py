"""Scale norm: every sample gets the one learned length; its gradients, and RMS norm by another gain.

Axis N is the samples, C the features. Where a false statement stands beside a true one, the two differ by one
assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Layer normalization")

PAPER = "Nguyen & Salazar 2019 (arXiv:1910.05895)"
DEFINITION = f"{PAPER}, equation 5"
COMPUTED = f"computed from {DEFINITION}"

N, C = sn.axes("N C")
x, q = sn.tensor("x", N, C), sn.tensor("q", N)
g, a = sn.scalar("g"), sn.scalar("a")
eps = sn.scalar("eps", positive=True)

scaled = sn.load("scale_norm")
rn = sn.load("rms_norm")
L = sn.Loss("L")
no_eps = sn.equal(eps, 0)

sample = scaled.instance()
length, x_hat, y = sample.norm, sample.x_hat, sample.y
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

sn.claim(
    "scale_norm.norm",
    "Every sample gets the length |g|.",
    lambda: sn.equal(sn.norm(y, over=C), sn.absolute(g)),
    source=DEFINITION,
)
sn.claim(
    "scale_norm.norm_is_g",
    "Every sample gets the length g.",
    lambda: sn.equal(sn.norm(y, over=C), g),
    source=f"the wording of {PAPER}, section 2.3",
    expected="refuted",
    note="Nothing keeps g from turning negative.",
)
sn.claim(
    "scale_norm.equals_rms",
    "It is RMS norm at eps = 0 with the gain g/sqrt(C) for every feature.",
    lambda: sn.equal(y, rn(x, gamma=g / sn.sqrt(C))),
    given=[no_eps],
    source=COMPUTED,
)
sn.claim(
    "scale_norm.equals_rms_gain_g",
    "It is RMS norm at eps = 0 with the gain g for every feature.",
    lambda: sn.equal(y, rn(x, gamma=g)),
    given=[no_eps],
    source=COMPUTED,
    expected="refuted",
    note="The length of a sample is sqrt(C) times its root mean square.",
)
sn.claim(
    "scale_norm.scale_invariance",
    "Scaling each sample by its own q > 0 does not change the output.",
    lambda: sn.equal(scaled(q * x), y),
    given=[q > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "scale_norm.scale_any_scalar",
    "Scaling the input by any a != 0 does not change the output.",
    lambda: sn.equal(scaled(a * x), y),
    given=[sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="For a < 0 the sign flips.",
)
sn.claim(
    "scale_norm.shift_invariance",
    "A constant q added to all features of a sample does not change the output.",
    lambda: sn.equal(scaled(x + q), y),
    source="layer norm's invariance, claimed of scale norm",
    expected="refuted",
    kind="invariance",
    note="Nothing is subtracted.",
)
sn.claim(
    "scale_norm.backward_x",
    "dx = g/||x|| (dy - x_hat sum(dy x_hat)), for every loss.",
    lambda: sn.equal(dx, g / length * (dy - x_hat * sn.total(dy * x_hat, over=C))),
    source=COMPUTED,
)
sn.claim(
    "scale_norm.backward_x_mean",
    "dx = g/||x|| (dy - x_hat mean(dy x_hat)).",
    lambda: sn.equal(dx, g / length * (dy - x_hat * sn.mean(dy * x_hat, over=C))),
    source="RMS norm's formula, claimed of scale norm",
    expected="refuted",
    note="x_hat has length 1, not sqrt(C): the sum in place of the mean.",
)
sn.claim(
    "scale_norm.backward_g",
    "dg = sum(dy x_hat), over samples and features.",
    lambda: sn.equal(sn.gradient(L, y, g), sn.total(dy * x_hat, over=(N, C))),
    source=COMPUTED,
)
sn.claim(
    "scale_norm.backward_dot_x",
    "The gradient by x is orthogonal to each sample.",
    lambda: sn.equal(sn.total(x * dx, over=C), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "scale_norm.backward_dot_x_across",
    "The gradient by x is orthogonal to each feature's values over the samples.",
    lambda: sn.equal(sn.total(x * dx, over=N), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="The length is that of a sample.",
)
