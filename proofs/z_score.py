"""The z-score: mean 0 and variance 1 exactly, (N - 1)/N of it with the sample deviation; what comes back.

Axis N is the samples, C the features. Where a false statement stands beside a true one, the two differ by one
assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Input normalization")

SOURCE = "LeCun et al. 1998, Efficient BackProp, section 4.3"
COMPUTED = "computed from z = (x - mean(x))/sigma"

N, C = sn.axes("N C")
x, b, d, q = sn.tensor("x", N, C), sn.tensor("b", C), sn.tensor("d", C), sn.tensor("q", N)

standard = sn.load("z_score")
unbiased = standard.mode("unbiased")
L = sn.Loss("L")

scores = standard.instance()
sigma, z = scores.sigma, scores.z
sample_z = unbiased()
D = C.copy("D")
centred = x - sn.mean(x, over=N)
covariance = sn.mean(centred * centred.rename({C: D}), over=N)
products = sn.mean(z * z.rename({C: D}), over=N)
dz = L.cotangent(z)
dx = sn.gradient(L, z, x)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "z_score.mean_var",
    "Each feature gets mean 0 and variance exactly 1, in either mode if both use the same variance.",
    lambda: (
        sn.equal(sn.mean(z, over=N), 0),
        sn.equal(sn.var(z, over=N), 1),
        sn.equal(sn.mean(sample_z, over=N), 0),
        sn.equal(sn.var(sample_z, over=N, ddof=1), 1),
    ),
    given=[N >= 2],
    source=SOURCE,
    also=["input.zscore_mean_var"],
)
sn.claim(
    "z_score.keeps_correlations",
    "The covariance of the z-scores is the correlation of the data, and so is their correlation: variances become 1,"
    " correlations stay.",
    lambda: (
        sn.equal(products, covariance / (sigma * sigma.rename({C: D}))),
        sn.equal(
            products / (sn.sqrt(sn.var(z, over=N)) * sn.sqrt(sn.var(z, over=N)).rename({C: D})),
            covariance / (sigma * sigma.rename({C: D})),
        ),
    ),
    source=SOURCE,
    also=["transform.standardization_corr_intact"],
    topic="Statistical transformations",
)
sn.claim(
    "z_score.keeps_covariances",
    "The covariances of different features stay.",
    lambda: sn.equal((1 - sn.delta(C, D)) * products, (1 - sn.delta(C, D)) * covariance),
    source="correlations read as covariances",
    expected="refuted",
    note="They are divided by both deviations: 2 beside the variances 4 becomes 1/2.",
    also=["transform.standardization_cov_intact"],
    topic="Statistical transformations",
)
sn.claim(
    "z_score.ddof_mismatch",
    "With the sample deviation, the population variance of the z-scores is (N - 1)/N, which is less than 1.",
    lambda: (sn.equal(sn.var(sample_z, over=N), (N - 1) / N), sn.var(sample_z, over=N) < 1),
    by=lambda: 1 / N,
    given=[N >= 2],
    source="computed from sigma^2 = sum((x - mean(x))^2)/(N - 1)",
    also=["input.zscore_ddof_mismatch"],
)
sn.claim(
    "z_score.ddof_mismatch_is_one",
    "With the sample deviation, the population variance of the z-scores is 1.",
    lambda: sn.equal(sn.var(sample_z, over=N), 1),
    given=[N >= 2],
    source="the mix of ddof = 1 in one place and ddof = 0 in the other",
    expected="refuted",
    note="It is (N - 1)/N.",
    also=["decoy.bn_var_ddof"],
)
sn.claim(
    "z_score.modes_differ_by_a_factor",
    "The z-scores with the sample deviation are the others times sqrt((N - 1)/N).",
    lambda: sn.equal(sample_z, sn.sqrt((N - 1) / N) * z),
    given=[N >= 2],
    source="computed from both definitions",
)
sn.claim(
    "z_score.modes_are_equal",
    "The z-scores with the sample deviation are the others.",
    lambda: sn.equal(sample_z, z),
    given=[N >= 2],
    source="the two deviations taken for one",
    expected="refuted",
    note="They differ by the factor sqrt((N - 1)/N).",
)
sn.claim(
    "z_score.is_batch_norm",
    "It is batch norm at eps = 0 before gain and bias.",
    lambda: sn.equal(z, sn.load("batch_norm").instance(x, eps=0).x_hat),
    source=COMPUTED,
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "z_score.scale_shift_invariance",
    "Scaling each feature by its own d > 0 and shifting it by its own b does not change the z-scores.",
    lambda: sn.equal(standard(d * x + b), z),
    given=[d > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "z_score.scale_any_sign",
    "Scaling each feature by its own d != 0 does not change the z-scores.",
    lambda: sn.equal(standard(d * x), z),
    given=[sn.unequal(d, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="For d < 0 their sign flips.",
)
sn.claim(
    "z_score.sample_shift_invariance",
    "A constant q added to all features of a sample does not change the z-scores.",
    lambda: sn.equal(standard(x + q), z),
    source="layer norm's invariance, claimed of the z-score",
    expected="refuted",
    kind="invariance",
    note="The mean is a feature's, over the samples.",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "z_score.backward_x",
    "dx = (dz - mean(dz) - z mean(dz z))/sigma, for every loss.",
    lambda: sn.equal(dx, (dz - sn.mean(dz, over=N) - z * sn.mean(dz * z, over=N)) / sigma),
    source=COMPUTED,
)
sn.claim(
    "z_score.backward_x_fixed_statistics",
    "dx = dz/sigma.",
    lambda: sn.equal(dx, dz / sigma),
    source=COMPUTED,
    expected="refuted",
    note="So it is where mean and sigma are constants of a data set; here they depend on x.",
)
sn.claim(
    "z_score.orthogonality",
    "The gradient by x sums to 0 over the samples and is orthogonal to each feature.",
    lambda: (sn.equal(sn.total(dx, over=N), 0), sn.equal(sn.total(x * dx, over=N), 0)),
    source=COMPUTED,
    kind="orthogonality",
)

# How far a z-score can be ---------------------------------------------------------------------------------------------

M, J = N.copy("M"), N.copy("J")
gaps_of_others = sn.total(
    (1 - sn.delta(N, M)) ** 2 * (1 - sn.delta(N, J)) ** 2 * (x.rename({N: M}) - x.rename({N: J})) ** 2,
    over=(M, J),
) / (2 * N * sigma**2)

sn.claim(
    "z_score.samuelson",
    "No z-score exceeds sqrt(N - 1): N - 1 - z^2 is the sum of all squared differences between two of the others, over"
    " 2 N sigma^2, so that the bound is attained where the others are equal, and only there.",
    lambda: (sn.absolute(z) <= sn.sqrt(N - 1), sn.equal(N - 1 - z**2, gaps_of_others)),
    by=lambda: gaps_of_others,
    source="Samuelson 1968, How deviant can you be?",
    kind="inequality",
    also=["input.zscore_samuelson"],
    topic="Input normalization",
)
sn.claim(
    "z_score.samuelson_two_less",
    "No z-score exceeds sqrt(N - 2).",
    lambda: sn.absolute(z) <= sn.sqrt(N - 2),
    given=[N >= 2],
    source="Samuelson 1968, How deviant can you be?, with another number",
    expected="refuted",
    kind="inequality",
    note="sqrt(N - 1) is attained where all other values are equal.",
    topic="Input normalization",
)
