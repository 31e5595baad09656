"""Mean normalization by the range: what comes out, what it does not see of its input, its gradient.

Axis N is the samples, C the features. Where a false statement stands beside a true one, the two differ by one
assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Input normalization")

COMPUTED = "computed from y = (x - mean)/(max - min)"

N, C = sn.axes("N C")
M = N.copy("M")
x, q, b = sn.tensor("x", N, C), sn.tensor("q", N), sn.tensor("b", C)
x_M = x.rename({N: M})
a = sn.scalar("a")

ranged = sn.load("mean_range")
centering, min_max = sn.load("centering"), sn.load("min_max")
L = sn.Loss("L")

plain = ranged.instance()
mu, span, y = plain.mu, plain.span, plain.y
low, high = sn.amin(x, over=N), sn.amax(x, over=N)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "mean_range.mean_normalization_properties",
    "Each feature gets mean 0 and range 1, and all its values lie within 1 - 1/N of 0.",
    lambda: (
        sn.equal(sn.mean(y, over=N), 0),
        sn.equal(sn.amax(y, over=N) - sn.amin(y, over=N), 1),
        y <= 1 - 1 / N,
        -y <= 1 - 1 / N,
    ),
    by=lambda: (
        sn.total((1 - sn.delta(N, M)) ** 2 * ((high - x) + (x_M - low)), over=M) / (N * span),
        sn.total((1 - sn.delta(N, M)) ** 2 * ((x - low) + (high - x_M)), over=M) / (N * span),
    ),
    source=COMPUTED,
    kind="inequality",
    also=["input.mean_normalization_properties"],
)
sn.claim(
    "mean_range.within_a_half",
    "All values lie within 1/2 of 0.",
    lambda: 2 * y <= 1,
    source="the middle of the range taken for the mean",
    expected="refuted",
    kind="inequality",
    note="One value far from N - 1 equal ones comes to lie 1 - 1/N from their mean.",
)
sn.claim(
    "mean_range.unit_maximum",
    "Each feature gets a largest value of 1.",
    lambda: sn.equal(sn.amax(y, over=N), 1),
    source="min-max scaling taken for mean normalization",
    expected="refuted",
    note="The largest and the smallest value are 1 apart, the mean between them.",
)
sn.claim(
    "mean_range.centred_min_max",
    "It is min-max scaling less its mean.",
    lambda: sn.equal(y, centering(min_max(x))),
    source=COMPUTED,
)
sn.claim(
    "mean_range.mean_normalization_naming",
    "It is centering, which is called mean normalization as well.",
    lambda: sn.equal(y, centering(x)),
    source="one name for two maps",
    expected="refuted",
    kind="loose",
    note="The two agree where the range is 1.",
    also=["input.mean_normalization_naming"],
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "mean_range.affine_invariance",
    "Scaling the data by a > 0 and shifting each feature does not change the output.",
    lambda: sn.equal(ranged(a * x + b), y),
    given=[a > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "mean_range.negative_scale",
    "Scaling the data by a < 0 multiplies the output by -1.",
    lambda: sn.equal(ranged(a * x + b), -y),
    given=[a < 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "mean_range.affine_any_scale",
    "Scaling the data by a != 0 and shifting each feature does not change the output.",
    lambda: sn.equal(ranged(a * x + b), y),
    given=[sn.unequal(a, 0)],
    source="the assumption a > 0 weakened",
    expected="refuted",
    note="At a < 0 the output changes its sign.",
    kind="invariance",
)
sn.claim(
    "mean_range.idempotent",
    "Normalizing twice changes nothing.",
    lambda: sn.equal(ranged(y), y),
    source=COMPUTED,
)

# Gradients ------------------------------------------------------------------------------------------------------------

sn.claim(
    "mean_range.backward",
    "The gradient; samples that tie for the minimum or the maximum share what falls to it.",
    lambda: sn.equal(
        dx,
        (dy - sn.mean(dy, over=N) + (sn.at_min(x, over=N) - sn.at_max(x, over=N)) * sn.total(dy * y, over=N)) / span,
    ),
    source=COMPUTED,
)
sn.claim(
    "mean_range.backward_places_exchanged",
    "The same with the places of minimum and maximum exchanged.",
    lambda: sn.equal(
        dx,
        (dy - sn.mean(dy, over=N) + (sn.at_max(x, over=N) - sn.at_min(x, over=N)) * sn.total(dy * y, over=N)) / span,
    ),
    source="minimum taken for maximum",
    expected="refuted",
    note="Raising the largest value widens the range, raising the smallest narrows it.",
)
sn.claim(
    "mean_range.gradient_orthogonal",
    "The gradient is orthogonal to the data and to shifts of it.",
    lambda: (sn.equal(sn.total(dx, over=N), 0), sn.equal(sn.total(dx * x, over=N), 0)),
    source=COMPUTED,
    kind="orthogonality",
)
