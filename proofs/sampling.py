"""Statistics of a random batch: what the mean and the variance of a batch are on average, and how far they scatter.

Chance is an axis: R is the outcomes, p[r] their probabilities, x[r, n] the n-th number of the batch in outcome r, and
an expectation is sum(p x). So each statement is one about every finite probability space; only the linearity of the
expectation is used. Independent numbers enter through what is used of them: that products of different ones average as
products of averages. Where a false statement stands beside a true one, the two differ by one factor or assumption.
"""

import symnorm as sn

PAPER = "Ioffe & Szegedy 2015 (arXiv:1502.03167), Algorithm 2, step 10"
SCHOOL = "any textbook of statistics"
RENORM = "Ioffe 2017 (arXiv:1702.03275)"
TOPIC = "Statistics of a random batch"

N, R = sn.axes("N R")
M = N.copy("M")
x, p = sn.tensor("x", R, N), sn.tensor("p", R, nonnegative=True)
center, v = sn.scalar("center"), sn.scalar("v", nonnegative=True)

batch_mean, batch_var = sn.mean(x, over=N), sn.var(x, over=N)
total_one = sn.equal(sn.total(p, over=R), 1)
same_mean = sn.equal(sn.total(p * x, over=R), center)
uncorrelated = sn.equal(sn.total(p * x * x.rename({N: M}), over=R), center**2 + sn.delta(N, M) * v)
two_coins = {
    "N": 2,
    "R": 4,
    "p": ["1/4", "1/4", "1/4", "1/4"],
    "x": [[1, 1], [1, -1], [-1, 1], [-1, -1]],
    "center": 0,
    "v": 1,
}

sn.claim(
    "sampling.batch_variance_is_biased",
    "On average the variance of a batch of m uncorrelated numbers is (m - 1)/m times that of one number.",
    lambda: sn.equal(sn.total(p * batch_var, over=R), (N - 1) / N * v),
    given=[total_one, same_mean, uncorrelated],
    source=SCHOOL,
    kind="probabilistic",
    also=["stats.biased_batch_var"],
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.batch_variance_is_unbiased",
    "On average the variance of a batch of uncorrelated numbers is that of one number.",
    lambda: sn.equal(sn.total(p * batch_var, over=R), v),
    given=[total_one, same_mean, uncorrelated],
    source=f"{SCHOOL}, without the correction",
    expected="refuted",
    kind="probabilistic",
    note="The batch's own mean takes away the m-th part.",
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.bessel",
    "m/(m - 1) times the variance of a batch of m >= 2 uncorrelated numbers is on average that of one number.",
    lambda: sn.equal(sn.total(p * (N / (N - 1) * batch_var), over=R), v),
    given=[total_one, same_mean, uncorrelated, N >= 2],
    source=PAPER,
    kind="probabilistic",
    also=["stats.bessel_unbiased"],
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.bessel_twice",
    "(m/(m - 1))^2 times the variance of a batch of m >= 2 uncorrelated numbers is on average that of one number.",
    lambda: sn.equal(sn.total(p * ((N / (N - 1)) ** 2 * batch_var), over=R), v),
    given=[total_one, same_mean, uncorrelated, N >= 2],
    source=f"{PAPER}, with the correction made twice",
    expected="refuted",
    kind="probabilistic",
    note="Once is enough.",
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.variance_of_batch_mean",
    "The mean of a batch of m uncorrelated numbers scatters around their mean with the variance v/m.",
    lambda: (
        sn.equal(sn.total(p * batch_mean, over=R), center),
        sn.equal(sn.total(p * (batch_mean - center) ** 2, over=R), v / N),
    ),
    given=[total_one, same_mean, uncorrelated],
    source=SCHOOL,
    kind="probabilistic",
    also=["stats.var_of_batch_mean"],
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.variance_of_batch_mean_squared",
    "The mean of a batch of m uncorrelated numbers scatters around their mean with the variance v/m^2.",
    lambda: sn.equal(sn.total(p * (batch_mean - center) ** 2, over=R), v / N**2),
    given=[total_one, same_mean, uncorrelated],
    source=SCHOOL,
    expected="refuted",
    kind="probabilistic",
    note="m numbers add m variances, and the divisor m is squared.",
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.equal_numbers_average_out",
    "The mean of a batch of m numbers of one variance scatters with the variance v/m, whatever their correlations.",
    lambda: sn.equal(sn.total(p * (batch_mean - center) ** 2, over=R), v / N),
    given=[total_one, same_mean, sn.equal(sn.total(p * x**2, over=R), center**2 + v)],
    source=f"{SCHOOL}, without independence",
    expected="refuted",
    kind="probabilistic",
    note="m copies of one number scatter as that number does.",
    topic=TOPIC,
    examples=[{"N": 2, "R": 2, "p": ["1/2", "1/2"], "x": [[1, 1], [-1, -1]], "center": 0, "v": 1}],
)

sigma, sigma_B = sn.scalar("sigma", positive=True), sn.tensor("sigma_B", R, nonnegative=True)

sn.claim(
    "sampling.corrections_cancel",
    "With mu the average of the batch means, d = (mu_B - mu)/sigma is on average 0; r = sigma_B/sigma is on average 1"
    " if sigma is the average of sigma_B.",
    lambda: (
        sn.equal(sn.total(p * (batch_mean - sn.total(p * batch_mean, over=R)) / sigma, over=R), 0),
        sn.equal(sn.total(p * sigma_B / sigma, over=R), 1),
    ),
    given=[total_one, sn.equal(sn.total(p * sigma_B, over=R), sigma)],
    source=RENORM,
    kind="probabilistic",
    also=["batch_renorm.expected_d_zero"],
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.corrections_cancel_true_sigma",
    "With sigma the true standard deviation of independent numbers, r = sigma_B/sigma is on average 1.",
    lambda: sn.equal(sn.total(p * sn.sqrt(batch_var) / sn.sqrt(v), over=R), 1),
    given=[total_one, same_mean, uncorrelated, v > 0],
    source=f"{RENORM}, read with the true deviation",
    expected="refuted",
    kind="probabilistic",
    note="The batch's deviation is too small on average: of two coins half of the batches have none at all.",
    also=["batch_renorm.expected_r_true_sigma", "decoy.bn_std_average"],
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.root_of_average",
    "The average deviation is at most the root of the average variance.",
    lambda: sn.total(p * sigma_B, over=R) <= sn.sqrt(sn.total(p * sigma_B**2, over=R)),
    given=[total_one],
    by=lambda: sn.total(p * (sigma_B - sn.total(p * sigma_B, over=R)) ** 2, over=R),
    source="Jensen's inequality for the square",
    kind="inequality",
    topic=TOPIC,
    examples=[two_coins],
)
sn.claim(
    "sampling.average_of_root",
    "The average deviation is at least the root of the average variance.",
    lambda: sn.total(p * sigma_B, over=R) >= sn.sqrt(sn.total(p * sigma_B**2, over=R)),
    given=[total_one],
    source="Jensen's inequality, turned around",
    expected="refuted",
    kind="inequality",
    note="The root is concave.",
    topic=TOPIC,
    examples=[{"R": 2, "p": ["1/2", "1/2"], "sigma_B": [0, 1]}],
)
sn.claim(
    "sampling.uncorrelated_is_independent",
    "Two numbers that are uncorrelated, of mean 0 and variance 1, have also uncorrelated squares.",
    lambda: sn.equal(
        sn.total(p * x**2 * x.rename({N: M}) ** 2, over=R),
        sn.total(p * x**2, over=R) * sn.total(p * x.rename({N: M}) ** 2, over=R)
        + sn.delta(N, M) * (sn.total(p * x**4, over=R) - sn.total(p * x**2, over=R) ** 2),
    ),
    given=[
        total_one,
        sn.equal(sn.total(p * x, over=R), 0),
        sn.equal(sn.total(p * x * x.rename({N: M}), over=R), sn.delta(N, M)),
    ],
    source="white noise, read as independence",
    expected="refuted",
    kind="probabilistic",
    note="White data need not be independent: of two numbers one may be 0 exactly when the other is not.",
    topic=TOPIC,
    examples=[
        {
            "N": 2,
            "R": 8,
            "p": ["1/16", "1/16", "1/16", "1/16", "3/16", "3/16", "3/16", "3/16"],
            "x": [[2, 0], [-2, 0], [0, 2], [0, -2], [1, 0], [-1, 0], [0, 1], [0, -1]],
        },
        {
            "N": 2,
            "R": 5,
            "p": ["1/8", "1/8", "1/8", "1/8", "1/2"],
            "x": [[2, 0], [-2, 0], [0, 2], [0, -2], [0, 0]],
        },
    ],
)
# One number's values, drawn independently: twice, and three times
number, eps = sn.tensor("number", R), sn.scalar("eps", positive=True)
second, third = R.copy("R_second"), R.copy("R_third")
p2, p3, number2, number3 = (
    p.rename({R: second}),
    p.rename({R: third}),
    number.rename({R: second}),
    number.rename({R: third}),
)
var_of_two = (number - number2) ** 2 / 4
var_of_three = ((number - number2) ** 2 + (number2 - number3) ** 2 + (number3 - number) ** 2) / 9

sn.claim(
    "sampling.batch_size_does_not_matter",
    "The loss mean(x_hat^2) = var/(var + eps) is on average the same over batches of two and of three independent draws"
    " from one law: the expected loss does not depend on the batch size.",
    lambda: sn.equal(
        sn.total(p * p2 * var_of_two / (var_of_two + eps), over=(R, second)),
        sn.total(p * p2 * p3 * var_of_three / (var_of_three + eps), over=(R, second, third)),
    ),
    given=[total_one],
    source="a worker's batch read as one of any size",
    expected="refuted",
    kind="probabilistic",
    note="It does: for a fair coin, 1 or -1, it is 1/4 over batches of two and 6/17 over batches of three, at eps = 1.",
    also=["batch_norm.batch_size_changes_loss"],
    topic="Batch normalization limitations",
    examples=[{"R": 2, "p": ["1/2", "1/2"], "number": [1, -1], "eps": 1}],
)

# Vectors --------------------------------------------------------------------------------------------------------------

K, D = sn.axes("K D")
J, E = K.copy("J"), D.copy("E")
vector, middle = sn.tensor("vector", R, K), sn.tensor("middle", K)
S, T = sn.tensor("S", K, J, symmetric=True), sn.tensor("T", D, K)
whitened = sn.dot(T, vector - middle, over=K)
one_each = {"R": 4, "K": 2, "D": 2, "p": ["1/4", "1/4", "1/4", "1/4"], "middle": [0, 0], "S": [[1, 0], [0, 4]]}
of_law = [
    total_one,
    sn.equal(sn.total(p * vector, over=R), middle),
    sn.equal(sn.total(p * vector * vector.rename({K: J}), over=R), middle * middle.rename({K: J}) + S),
]

sn.claim(
    "sampling.whitening",
    "With the true mean and covariance S, T (x - mean) has mean 0 and covariance T S T^T, the identity for T S T^T = I:"
    " exactly, not approximately; of a normal x, whose law these two fix, it is a standard normal one.",
    lambda: (
        sn.equal(sn.total(p * whitened, over=R), 0),
        sn.equal(
            sn.total(p * whitened * whitened.rename({D: E}), over=R),
            sn.total(T * S * T.rename({D: E, K: J}), over=(K, J)),
        ),
    ),
    given=of_law,
    source=SCHOOL,
    kind="probabilistic",
    also=["transform.whitening_gaussian"],
    topic="Statistical transformations",
    examples=[one_each | {"vector": [[1, 2], [1, -2], [-1, 2], [-1, -2]]}],
)
sn.claim(
    "sampling.whitening_without_mean",
    "T x has the covariance T S T^T as its second moments.",
    lambda: sn.equal(
        sn.total(p * sn.dot(T, vector, over=K) * sn.dot(T, vector, over=K).rename({D: E}), over=R),
        sn.total(T * S * T.rename({D: E, K: J}), over=(K, J)),
    ),
    given=of_law,
    source=SCHOOL,
    expected="refuted",
    kind="probabilistic",
    note="The mean has to be subtracted.",
    topic="Statistical transformations",
    examples=[
        one_each
        | {
            "middle": [1, 0],
            "vector": [[2, 2], [2, -2], [0, 2], [0, -2]],
        }
    ],
)
