"""Min-max scaling: its range and end points, what it does not see of its input, its gradient.

Axis N is the samples, C the features. Where a false statement stands beside a true one, the two differ by one
assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Input normalization")

COMPUTED = "computed from y = (x - min)/(max - min)"

N, C = sn.axes("N C")
x, q, b = sn.tensor("x", N, C), sn.tensor("q", N), sn.tensor("b", C)
a, lower, upper = sn.scalar("a"), sn.scalar("lower"), sn.scalar("upper")

scaled = sn.load("min_max")
between, symmetric = scaled.mode("between"), scaled.mode("symmetric")
L = sn.Loss("L")

plain = scaled.instance()
low, span, y = plain.low, plain.span, plain.y
high = sn.amax(x, over=N)
y_ab, y_symmetric = between(x), symmetric(x)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "min_max.minmax_endpoints",
    "The smallest value becomes 0, the largest 1.",
    lambda: (sn.equal(sn.amin(y, over=N), 0), sn.equal(sn.amax(y, over=N), 1)),
    source=COMPUTED,
    also=["input.minmax_endpoints"],
)
sn.claim(
    "min_max.minmax_divide_max",
    "Divided by the largest value in place of the range, the largest becomes 1.",
    lambda: sn.equal(sn.amax((x - low) / high, over=N), 1),
    source="the range taken for the largest value",
    expected="refuted",
    note="It becomes 1 - min/max, if max > 0.",
    also=["decoy.minmax_divide_max"],
)
sn.claim(
    "min_max.minmax_constant_undefined",
    "The range of each feature differs from 0, so that min-max scaling is defined for all data.",
    lambda: sn.unequal(span, 0),
    source="Han, Kamber & Pei 2012, section 3.5.2, where it is not said",
    expected="refuted",
    note="A constant feature is scaled to 0/0: the definition has to assume max > min.",
    also=["input.minmax_constant_undefined"],
)
sn.claim(
    "min_max.minmax_range",
    "All scaled values lie in [0, 1].",
    lambda: (y >= 0, 1 - y >= 0),
    source=COMPUTED,
    kind="inequality",
    by=lambda: ((x - low) / span, (high - x) / span),
    also=["input.minmax_range"],
)
sn.claim(
    "min_max.range_of_mean_scaled",
    "Divided by the range after the mean is subtracted, all values lie in [0, 1].",
    lambda: (x - sn.mean(x, over=N)) / span >= 0,
    source="min-max scaling taken for mean normalization",
    expected="refuted",
    kind="inequality",
    note="Values below the mean become negative.",
)
sn.claim(
    "min_max.minmax_ab",
    "With bounds lower < upper, all values lie between them; the smallest becomes the lower, the largest the upper.",
    lambda: (
        sn.equal(sn.amin(y_ab, over=N), lower),
        sn.equal(sn.amax(y_ab, over=N), upper),
        y_ab >= lower,
        y_ab <= upper,
    ),
    given=[sn.equal(upper, lower + a), a > 0],
    by=lambda: (a * (x - low) / span, a * (high - x) / span),
    source=COMPUTED,
    kind="inequality",
    also=["input.minmax_ab"],
)
sn.claim(
    "min_max.bounds_in_any_order",
    "With any two bounds, the smallest value becomes the lower.",
    lambda: sn.equal(sn.amin(y_ab, over=N), lower),
    source="the assumption lower <= upper left out",
    expected="refuted",
    note="With lower > upper the order is reversed.",
)
sn.claim(
    "min_max.symmetric_is_an_instance",
    "Scaling to [-1, 1] is scaling to bounds -1 and 1, and scaling to [0, 1] is scaling to bounds 0 and 1.",
    lambda: (
        sn.equal(y_symmetric, between(x, lower=-1, upper=1)),
        sn.equal(y, between(x, lower=0, upper=1)),
    ),
    source=COMPUTED,
)
sn.claim(
    "min_max.symmetric_is_doubled",
    "Scaling to [-1, 1] is twice the scaling to [0, 1].",
    lambda: sn.equal(y_symmetric, 2 * y),
    source="the shift by 1 left out",
    expected="refuted",
    note="The smallest value becomes -1, not 0.",
)
sn.claim(
    "min_max.mean_zero",
    "Scaling to [-1, 1] gives mean 0.",
    lambda: sn.equal(sn.mean(y_symmetric, over=N), 0),
    source="the middle of the range taken for the mean",
    expected="refuted",
    note="Its middle between minimum and maximum is 0; the mean can lie anywhere between.",
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "min_max.minmax_affine_invariance",
    "Scaling the data by a > 0 and shifting each feature does not change the output.",
    lambda: sn.equal(scaled(a * x + b), y),
    given=[a > 0],
    source=COMPUTED,
    kind="invariance",
    also=["input.minmax_affine_invariance"],
)
sn.claim(
    "min_max.affine_any_scale",
    "Scaling the data by a != 0 and shifting each feature does not change the output.",
    lambda: sn.equal(scaled(a * x + b), y),
    given=[sn.unequal(a, 0)],
    source="the assumption a > 0 weakened",
    expected="refuted",
    kind="invariance",
    note="At a < 0 the output is reflected.",
)
sn.claim(
    "min_max.minmax_negative_scale_flip",
    "Scaling the data by a < 0 reflects the output.",
    lambda: sn.equal(scaled(a * x + b), 1 - y),
    given=[a < 0],
    source=COMPUTED,
    kind="invariance",
    also=["input.minmax_negative_scale_flip"],
)
sn.claim(
    "min_max.shift_of_samples",
    "Shifting each sample by a number of its own does not change the output.",
    lambda: sn.equal(scaled(x + q), y),
    source="the axis of the statistics taken for the other",
    expected="refuted",
    note="Only a shift by one number for all samples leaves the range as it is.",
    kind="invariance",
)
sn.claim(
    "min_max.minmax_idempotent",
    "Scaling twice changes nothing.",
    lambda: sn.equal(scaled(y), y),
    source=COMPUTED,
    also=["input.minmax_idempotent"],
)
sn.claim(
    "min_max.symmetric_idempotent_unscaled",
    "Scaling to [-1, 1] what was scaled to [0, 1] changes nothing.",
    lambda: sn.equal(symmetric(y), y),
    source="the two targets taken for one",
    expected="refuted",
    note="It is scaled again, to [-1, 1].",
)

# Gradients ------------------------------------------------------------------------------------------------------------

sn.claim(
    "min_max.backward",
    "The gradient; samples that tie for the minimum or the maximum share what falls to it.",
    lambda: sn.equal(
        dx,
        (dy - sn.at_max(x, over=N) * sn.total(dy * y, over=N) - sn.at_min(x, over=N) * sn.total(dy * (1 - y), over=N))
        / span,
    ),
    source=COMPUTED,
)
sn.claim(
    "min_max.backward_extrema_constant",
    "The gradient with minimum and maximum held constant.",
    lambda: sn.equal(dx, dy / span),
    source="statistics held constant",
    expected="refuted",
    note="The samples with the smallest and the largest value move the range.",
)
sn.claim(
    "min_max.gradient_orthogonal",
    "The gradient is orthogonal to the data and to shifts of it.",
    lambda: (sn.equal(sn.total(dx, over=N), 0), sn.equal(sn.total(dx * x, over=N), 0)),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "min_max.gradient_orthogonal_samples",
    "The gradient of each sample adds up to 0.",
    lambda: sn.equal(sn.total(dx, over=C), 0),
    source="the axis of the statistics taken for the other",
    expected="refuted",
    note="Each feature is scaled by itself.",
    kind="orthogonality",
)
