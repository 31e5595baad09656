"""Means over normal numbers, and batches of them: the constant of L1 batch norm, how the batch variance scatters.

z is standard normal, x = center + sigma z. Where a false statement stands beside a true one, the two differ by one
factor.
"""

import symnorm as sn

HOFFER = "Hoffer, Banner, Golan & Soudry 2018 (arXiv:1803.01814), section 3.1"
SCHOOL = "any textbook of statistics"
TOPIC = "Gaussian activations"

N, R = sn.axes("N R")
M, J, I = N.copy("M"), N.copy("J"), N.copy("I")
z, center, sigma = sn.scalar("z"), sn.scalar("center"), sn.scalar("sigma", positive=True)
normal = center + sigma * z
deviation = sigma * sn.gaussian_mean(sn.absolute(z), z)

sn.claim(
    "gaussian.moments",
    "A normal number has mean center, variance sigma^2 and fourth central moment 3 sigma^4.",
    lambda: (
        sn.equal(sn.gaussian_mean(normal, z), center),
        sn.equal(sn.gaussian_mean((normal - center) ** 2, z), sigma**2),
        sn.equal(sn.gaussian_mean((normal - center) ** 4, z), 3 * sigma**4),
    ),
    source=SCHOOL,
    kind="probabilistic",
    topic=TOPIC,
)
sn.claim(
    "gaussian.mean_absolute_deviation",
    "The mean of |x - center| is sigma sqrt(2/pi): sigma = sqrt(pi/2) E|x - center|.",
    lambda: (sn.equal(deviation, sigma * sn.sqrt(2 / sn.pi)), sn.equal(sigma, sn.sqrt(sn.pi / 2) * deviation)),
    source=HOFFER,
    kind="probabilistic",
    also=["l1_norm.gaussian_constant"],
    topic=TOPIC,
)
sn.claim(
    "gaussian.mean_absolute_deviation_inverse",
    "sigma = sqrt(2/pi) E|x - center|.",
    lambda: sn.equal(sigma, sn.sqrt(2 / sn.pi) * deviation),
    source=HOFFER,
    expected="refuted",
    kind="probabilistic",
    note="The factor is upside down.",
    also=["decoy.l1_constant_inverse"],
    topic=TOPIC,
)
sn.claim(
    "gaussian.larger_of_two",
    "The larger of two independent standard normal numbers, whose half difference is z/sqrt(2), has mean 1/sqrt(pi).",
    lambda: sn.equal(sn.gaussian_mean(sn.absolute(z), z) / sn.sqrt(2), 1 / sn.sqrt(sn.pi)),
    source=SCHOOL,
    kind="probabilistic",
    topic=TOPIC,
)
sn.claim(
    "gaussian.rectified",
    "max(z, 0) has mean 1/sqrt(2 pi) and variance (1 - 1/pi)/2.",
    lambda: (
        sn.equal(sn.gaussian_mean(sn.maximum(z, 0), z), 1 / sn.sqrt(2 * sn.pi)),
        sn.equal(
            sn.gaussian_mean(sn.maximum(z, 0) ** 2, z) - sn.gaussian_mean(sn.maximum(z, 0), z) ** 2,
            (1 - 1 / sn.pi) / 2,
        ),
    ),
    source="Arpit et al. 2016 (arXiv:1603.01431)",
    kind="probabilistic",
    topic=TOPIC,
)
sn.claim(
    "gaussian.rectified_second_moment",
    "max(z, 0) has variance 1/2.",
    lambda: sn.equal(
        sn.gaussian_mean(sn.maximum(z, 0) ** 2, z) - sn.gaussian_mean(sn.maximum(z, 0), z) ** 2,
        sn.normal_cdf(0),
    ),
    source="Arpit et al. 2016 (arXiv:1603.01431), without the mean",
    expected="refuted",
    kind="probabilistic",
    note="That is its second moment.",
    topic=TOPIC,
)

x, p, v = sn.tensor("x", R, N), sn.tensor("p", R, nonnegative=True), sn.scalar("v", nonnegative=True)
x_M, x_J, x_I = x.rename({N: M}), x.rename({N: J}), x.rename({N: I})
like_normal = (
    sn.equal(sn.total(p, over=R), 1),
    sn.equal(sn.total(p * x * x_M, over=R), sn.delta(N, M) * v),
    sn.equal(
        sn.total(p * x * x_M * x_J * x_I, over=R),
        v**2 * (sn.delta(N, M) * sn.delta(J, I) + sn.delta(N, J) * sn.delta(M, I) + sn.delta(N, I) * sn.delta(M, J)),
    ),
)
uncorrelated = (like_normal[0], sn.equal(sn.total(p * x, over=R), 0), like_normal[1])
batch_mean = sn.mean(x, over=N)
one_coin = {"N": 1, "R": 2, "p": ["1/2", "1/2"], "x": [[1], [-1]], "v": 1}

sn.claim(
    "gaussian.batch_mean",
    "The mean of m uncorrelated numbers of mean 0 and variance v has mean 0 and variance v/m: it tends to their mean.",
    lambda: (
        sn.equal(sn.total(p * batch_mean, over=R), 0),
        sn.equal(sn.total(p * batch_mean**2, over=R), v / N),
    ),
    given=uncorrelated,
    source="the law of large numbers, by Chebyshev's inequality",
    kind="probabilistic",
    topic="Mean-only batch normalization",
    examples=[one_coin],
)
sn.claim(
    "gaussian.batch_mean_is_normal",
    "By the law of large numbers the mean of m such numbers is normal: its fourth moment is 3 (v/m)^2.",
    lambda: sn.equal(sn.total(p * batch_mean**4, over=R), 3 * (v / N) ** 2),
    given=uncorrelated,
    source="said of mean-only batch norm, the names of the two laws exchanged",
    expected="refuted",
    kind="loose",
    note="That law speaks of what the mean tends to; its shape, in the limit alone, is the central limit theorem's.",
    also=["stats.lln_vs_clt"],
    topic="Mean-only batch normalization",
    examples=[one_coin],
)

s, t = sn.scalar("s", positive=True), sn.scalar("t", integer=True, nonnegative=True)
up, down = sn.scalar("up"), sn.scalar("down")
one_up, one_down = (
    sn.gaussian_mean(sn.exp(z), z, s * center, s * sigma),
    sn.gaussian_mean(sn.exp(-z), z, s * center, s * sigma),
)
middle, spread = s * center * (t + 1), s * sigma * sn.sqrt(t + 1)

sn.claim(
    "gaussian.sum_is_normal",
    "The sum S of t independent normal numbers, and so their mean, is exactly normal: for every s > 0 the means of"
    " exp(s S) and exp(-s S), the products of those of the numbers, are exp(t s^2 sigma^2/2 + t s center) and exp(t s^2"
    " sigma^2/2 - t s center), which (here for t + 1) are those of a normal number of mean t center and variance t"
    " sigma^2.",
    lambda: (
        sn.equal(up, sn.exp(t * (s**2 * sigma**2 / 2 + s * center))),
        sn.equal(down, sn.exp(t * (s**2 * sigma**2 / 2 - s * center))),
        sn.equal(sn.gaussian_mean(sn.exp(z), z, middle, spread), sn.exp((t + 1) * (s**2 * sigma**2 / 2 + s * center))),
        sn.equal(sn.gaussian_mean(sn.exp(-z), z, middle, spread), sn.exp((t + 1) * (s**2 * sigma**2 / 2 - s * center))),
    ),
    along=lambda: sn.recursion(t, start={up: 1, down: 1}, step={up: up * one_up, down: down * one_down}),
    source=SCHOOL,
    kind="probabilistic",
    topic=TOPIC,
)
sn.claim(
    "gaussian.sum_is_normal_deviations_add",
    "The mean of exp(s S) is that of a normal number of mean t center and deviation t sigma.",
    lambda: sn.equal(up, sn.exp(t * s * center + t**2 * s**2 * sigma**2 / 2)),
    along=lambda: sn.recursion(t, start={up: 1}, step={up: up * one_up}),
    source=f"{SCHOOL}, deviations added up in place of variances",
    expected="refuted",
    kind="probabilistic",
    note="Of independent numbers the variances add up: the deviation is sqrt(t) sigma.",
    topic=TOPIC,
)

batch_var = sn.var(center + x, over=N)
three_points = {"N": 1, "R": 3, "p": ["1/6", "1/6", "2/3"], "x": [[1], [-1], [0]], "v": "1/3"}

sn.claim(
    "gaussian.scatter_of_batch_variance",
    "For m numbers with the second and fourth central moments of independent normal ones of variance v, the batch"
    " variance scatters with the variance 2 (m - 1)/m^2 v^2; their mean is exactly normal (gaussian.sum_is_normal).",
    lambda: sn.equal(
        sn.total(p * batch_var**2, over=R) - sn.total(p * batch_var, over=R) ** 2, 2 * (N - 1) / N**2 * v**2
    ),
    given=like_normal,
    source=f"{SCHOOL} (Cochran)",
    kind="probabilistic",
    also=["stats.gaussian_var_noise"],
    topic=TOPIC,
    examples=[three_points],
)
sn.claim(
    "gaussian.scatter_of_batch_variance_unbiased",
    "Of the same numbers the batch variance scatters with the variance 2/m v^2.",
    lambda: sn.equal(sn.total(p * batch_var**2, over=R) - sn.total(p * batch_var, over=R) ** 2, 2 * v**2 / N),
    given=like_normal,
    source=f"{SCHOOL} (Cochran), with m for m - 1",
    expected="refuted",
    kind="probabilistic",
    note="m - 1 deviations are free, and the sum is divided by m.",
    topic=TOPIC,
    examples=[three_points],
)
