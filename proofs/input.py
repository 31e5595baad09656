"""Why inputs are normalized: what products of data and least squares make of scales and correlations.

Axis N is the samples, C the features. Where a false statement stands beside a true one, the two differ by one
assumption, sign, factor or index.
"""

import symnorm as sn

SCHOOL = "any textbook of linear models"
OVERVIEW = "the usual motivation for normalizing inputs"
TOPIC = "Normalization motivation"

N, C = sn.axes("N C")
x, y, h = sn.tensor("x", N, C), sn.tensor("y", N, C), sn.tensor("h", C)
w, target = sn.tensor("w", C), sn.tensor("t", N)
a = sn.scalar("a")

z = sn.load("z_score")(x)
loss = sn.mean((sn.dot(x, w, over=C) - target) ** 2, over=N) / 2
curvature = sn.jvp(sn.jvp(loss, {"w": h}), {"w": h})
standardized = sn.mean((sn.dot(z, w, over=C) - target) ** 2, over=N) / 2
curvature_standardized = sn.jvp(sn.jvp(standardized, {"w": h}), {"w": h})

whitening = sn.load("zca_whitening").instance()
whitened = sn.mean((sn.dot(whitening.y, w, over=C) - target) ** 2, over=N) / 2
curvature_whitened = sn.jvp(sn.jvp(whitened, {"w": h}), {"w": h})

sn.claim(
    "input.dot_product_scale_sensitive",
    "Scaling a sample by a scales its inner product with another by a.",
    lambda: sn.equal(sn.dot(a * x, y, over=C), a * sn.dot(x, y, over=C)),
    source=OVERVIEW,
    topic=TOPIC,
)
sn.claim(
    "input.dot_product_scale_invariant",
    "Scaling a sample by a > 0 leaves its inner product with another as it is.",
    lambda: sn.equal(sn.dot(a * x, y, over=C), sn.dot(x, y, over=C)),
    given=[a > 0],
    source=OVERVIEW,
    expected="refuted",
    note="The product is scaled too; only a normalized sample has a product without scale.",
    topic=TOPIC,
)
sn.claim(
    "input.least_squares_curvature",
    "The curvature of least squares along h is the mean of (x h)^2: its Hessian is the matrix of second moments.",
    lambda: sn.equal(curvature, sn.mean(sn.dot(x, h, over=C) ** 2, over=N)),
    source=SCHOOL,
    topic=TOPIC,
)
sn.claim(
    "input.spherical_contours_standardization",
    "With standardized features the contours of least squares are spherical: the curvature along h is ||h||^2.",
    lambda: sn.equal(curvature_standardized, sn.total(h**2, over=C)),
    source=OVERVIEW,
    expected="refuted",
    note="The Hessian is the correlation matrix; only uncorrelated features give spheres.",
    topic=TOPIC,
)
sn.claim(
    "input.spherical_contours_whitening",
    "With whitened features the curvature of least squares along h is ||h||^2: its contours are spheres.",
    lambda: sn.equal(curvature_whitened, sn.total(h**2, over=C)),
    given=list(whitening.given),
    source=SCHOOL,
    topic=TOPIC,
)
sn.claim(
    "input.operating_region",
    "Centered inputs keep hidden units in a good operating region.",
    source="LeCun et al. 1998, Efficient BackProp, section 4.3",
    expected="empirical",
    note="What a good region is depends on network and task.",
    also=["centering.sigmoid_regime"],
    topic=TOPIC,
)
sn.claim(
    "input.unnormalized_fails",
    "Without normalized inputs objective functions do not work properly.",
    source=OVERVIEW,
    expected="empirical",
    note="A statement about how training goes; what is provable is how curvature follows the scales.",
    also=["motivation.unnormalized_fails"],
    topic=TOPIC,
)
