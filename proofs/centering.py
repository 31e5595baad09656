"""Centering: a feature's mean goes, everything else stays; what comes back through it.

Axis N is the samples, C the features. Where a false statement stands beside a true one, the two differ by one
assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Input normalization")

SOURCE = "LeCun et al. 1998, Efficient BackProp, section 4.3"
COMPUTED = "computed from y = x - mean(x)"

N, C = sn.axes("N C")
M, D = N.copy("M"), C.copy("D")
x, b, q = sn.tensor("x", N, C), sn.tensor("b", C), sn.tensor("q", N)
a = sn.scalar("a")

center = sn.load("centering")
L = sn.Loss("L")

y = center()
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

sn.claim(
    "centering.zero_mean",
    "Each feature gets mean 0.",
    lambda: sn.equal(sn.mean(y, over=N), 0),
    source=SOURCE,
    also=["input.centering_zero_mean"],
)
sn.claim(
    "centering.zero_sample_mean",
    "Each sample gets mean 0.",
    lambda: sn.equal(sn.mean(y, over=C), 0),
    source=SOURCE,
    expected="refuted",
    note="The mean is a feature's, over the samples.",
)
sn.claim(
    "centering.shift_invariance",
    "A constant b added to each feature does not change the output.",
    lambda: sn.equal(center(x + b), y),
    source=COMPUTED,
    kind="invariance",
    also=["input.centering_shift_invariance"],
)
sn.claim(
    "centering.sample_shift_invariance",
    "A constant q added to all features of a sample does not change the output.",
    lambda: sn.equal(center(x + q), y),
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="The samples' own constants are not the same for all samples.",
)
sn.claim(
    "centering.preserves_variance_and_differences",
    "Each feature keeps its variance and the differences between samples.",
    lambda: (
        sn.equal(sn.var(y, over=N), sn.var(x, over=N)),
        sn.equal(y - y.rename({N: M}), x - x.rename({N: M})),
    ),
    source=COMPUTED,
    also=["input.centering_preserves_variance_and_differences"],
)
sn.claim(
    "centering.covariance",
    "The mean products of the centred features are the covariance: the mean products less those of the means.",
    lambda: sn.equal(
        sn.mean(y * y.rename({C: D}), over=N),
        sn.mean(x * x.rename({C: D}), over=N) - sn.mean(x, over=N) * sn.mean(x, over=N).rename({C: D}),
    ),
    source=COMPUTED,
    also=["transform.centering_cov"],
    topic="Statistical transformations",
)
sn.claim(
    "centering.covariance_uncentred",
    "The mean products of the features are those of the centred ones.",
    lambda: sn.equal(sn.mean(x * x.rename({C: D}), over=N), sn.mean(y * y.rename({C: D}), over=N)),
    source=COMPUTED,
    expected="refuted",
    note="The products of the means are missing.",
    topic="Statistical transformations",
)
sn.claim(
    "centering.unit_variance",
    "Each feature gets variance 1.",
    lambda: sn.equal(sn.var(y, over=N), 1),
    source="the z-score's property, claimed of centering",
    expected="refuted",
    note="Nothing is divided: the variance stays.",
)
sn.claim(
    "centering.idempotent",
    "Centering twice is centering once.",
    lambda: sn.equal(center(y), y),
    source=COMPUTED,
)
sn.claim(
    "centering.homogeneous",
    "Scaling the input by a scales the output by a.",
    lambda: sn.equal(center(a * x), a * y),
    source=COMPUTED,
)
sn.claim(
    "centering.scale_invariance",
    "Scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(center(a * x), y),
    given=[a > 0],
    source="the z-score's invariance, claimed of centering",
    expected="refuted",
    kind="invariance",
    note="The output scales with the input.",
)
sn.claim(
    "centering.backward_x",
    "dx = dy - mean(dy), for every loss.",
    lambda: sn.equal(dx, dy - sn.mean(dy, over=N)),
    source=COMPUTED,
)
sn.claim(
    "centering.backward_x_passes",
    "dx = dy.",
    lambda: sn.equal(dx, dy),
    source=COMPUTED,
    expected="refuted",
    note="The mean depends on x too.",
)
sn.claim(
    "centering.backward_sum_zero",
    "The gradient by x sums to 0 over the samples.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    source=COMPUTED,
    kind="orthogonality",
)
