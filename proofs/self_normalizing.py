"""SELU on a standard normal number: the constants that make mean 0 and variance 1 a fixed point, and that it attracts.

z is standard normal, Phi its distribution; f(z) is scale z for z > 0 and scale alpha (e^z - 1) for z < 0. Expectations
are exact integrals; digits are decided by intervals. Where a false statement stands beside a true one, the two differ
by one sign or factor.
"""

import symnorm as sn

PAPER = "Klambauer, Unterthiner, Mayr & Hochreiter 2017 (arXiv:1706.02515)"
CONSTANTS = f"{PAPER}, equation 14"
STABLE = f"{PAPER}, Stable and Attracting Fixed Points"
TOPIC = "Self-normalizing networks"

z, scale = sn.scalar("z"), sn.scalar("scale", positive=True)
one, half = sn.exp(0), sn.normal_cdf(0)
tail = sn.normal_cdf(-1)
alpha = sn.sqrt(2 / sn.pi) / (1 - 2 * sn.exp(half) * tail)
wrong_alpha = sn.sqrt(2 / sn.pi) / (1 + 2 * sn.exp(half) * tail)
square = half + alpha**2 * (sn.exp(2 * one) * sn.normal_cdf(-2) - 2 * sn.exp(half) * tail + half)

unscaled = sn.maximum(z, 0) + alpha * (sn.exp(sn.minimum(z, 0)) - 1)
unscaled_wrong = sn.maximum(z, 0) + wrong_alpha * (sn.exp(sn.minimum(z, 0)) - 1)
mean_change = sn.gaussian_mean(unscaled * (z**2 - 1), z) / 2 / sn.sqrt(square)
square_change = sn.gaussian_mean(unscaled**2 * (z**2 - 1), z) / 2 / square

sn.claim(
    "self_normalizing.alpha_closed_form",
    "f has mean 0 for alpha = sqrt(2/pi)/(1 - 2 e^(1/2) Phi(-1)), which is 1.6732632423543772 to all digits.",
    lambda: (
        sn.equal(sn.gaussian_mean(scale * unscaled, z), 0),
        sn.absolute(alpha - one * 16732632423543772 / 10**16) <= one / 10**16,
    ),
    source=CONSTANTS,
    kind="probabilistic",
    also=["selu.alpha_closed_form"],
    topic=TOPIC,
)
sn.claim(
    "self_normalizing.alpha_sign",
    "f has mean 0 for alpha = sqrt(2/pi)/(1 + 2 e^(1/2) Phi(-1)).",
    lambda: sn.equal(sn.gaussian_mean(scale * unscaled_wrong, z), 0),
    source=CONSTANTS,
    expected="refuted",
    kind="probabilistic",
    note="The sign in the divisor is minus.",
    also=["decoy.selu_alpha_sign"],
    topic=TOPIC,
)
sn.claim(
    "self_normalizing.lambda_closed_form",
    "With that alpha f has variance 1 for 1/scale^2 = 1/2 + alpha^2 (e^2 Phi(-2) - 2 e^(1/2) Phi(-1) + 1/2); scale is"
    " 1.0507009873554805 to all digits.",
    lambda: (
        sn.equal(sn.gaussian_mean(unscaled**2, z) / square, 1),
        sn.absolute(1 / sn.sqrt(square) - one * 10507009873554805 / 10**16) <= one / 10**16,
    ),
    source=CONSTANTS,
    kind="probabilistic",
    also=["selu.lambda_closed_form"],
    topic=TOPIC,
)
sn.claim(
    "self_normalizing.lambda_one",
    "With that alpha f has variance 1 for scale = 1.",
    lambda: sn.equal(sn.gaussian_mean(unscaled**2, z), 1),
    source=CONSTANTS,
    expected="refuted",
    kind="probabilistic",
    note="That is ELU with another alpha: its variance is less than 1.",
    topic=TOPIC,
)
sn.claim(
    "self_normalizing.jacobian",
    "At weights of mean 0 and variance 1 the mean and the second moment of f change with the input's variance by E[f"
    " (z^2 - 1)]/2 = 0.088834 and E[f^2 (z^2 - 1)]/2 = 0.782648, not with its mean: a contraction, of norm 0.7877.",
    lambda: (
        sn.absolute(mean_change - one * 88834 / 10**6) <= one / 10**6,
        sn.absolute(square_change - one * 782648 / 10**6) <= one / 10**6,
        sn.sqrt(mean_change**2 + square_change**2) < one * 7878 / 10**4,
    ),
    source=STABLE,
    kind="probabilistic",
    also=["selu.jacobian"],
    topic=TOPIC,
)
sn.claim(
    "self_normalizing.jacobian_of_relu",
    "Of f(z) = sqrt(2) max(z, 0), of second moment 1, that moment changes with the input's variance by less than 1.",
    lambda: sn.gaussian_mean(2 * sn.maximum(z, 0) ** 2 * (z**2 - 1), z) / 2 < 1,
    source=f"{STABLE}, claimed of rectifiers",
    expected="refuted",
    kind="probabilistic",
    note="By exactly 1: whatever the variance is, it stays.",
    topic=TOPIC,
)

# One layer takes mean p and variance q of what comes in to those of f, with p = mean * (sum of the weights) and
# q = variance * (sum of their squares); in the domain of the theorem p and q lie in the box below.
p, q = sn.scalar("p"), sn.scalar("q", positive=True)
f = unscaled / sn.sqrt(square)
new_mean = sn.gaussian_mean(f, z, p, sn.sqrt(q))
second_moment = sn.gaussian_mean(f**2, z, p, sn.sqrt(q))
new_variance = second_moment - new_mean**2
hundredth = one / 100
box = [p >= -hundredth, p <= hundredth, q >= 76 * hundredth, q <= 165 * hundredth]

# the derivatives as the paper prints them
above, far_above = 1 - sn.erf((p + q) / sn.sqrt(2 * q)), 1 - sn.erf((p + 2 * q) / sn.sqrt(2 * q))
below = 1 + sn.erf(p / sn.sqrt(2 * q))
density = sn.sqrt(2 / sn.pi) * sn.exp(-(p**2) / (2 * q))
near, far = sn.exp(p + q / 2) * above, sn.exp(2 * (p + q)) * far_above
mean_by_p = (below + alpha * near) / 2 / sn.sqrt(square)
mean_by_q = (alpha * near - (alpha - 1) * density / sn.sqrt(q)) / 4 / sn.sqrt(square)
moment_by_p = (p * below + sn.sqrt(q) * density + alpha**2 * (far - near)) / square
moment_by_q = (below + alpha**2 * (2 * far - near)) / 2 / square
variance_by_p = moment_by_p - 2 * new_mean * mean_by_p
variance_by_q = moment_by_q - 2 * new_mean * mean_by_q

MAP = f"{PAPER}, Theorem 1"
RANGES = "with |mean| <= 0.1, |s| <= 0.1, variance in [0.8, 1.5] and t in [0.95, 1.1], s and t the sums"

sn.claim(
    "self_normalizing.derivatives",
    "The new mean and second moment change with p and q as printed, in exponentials and error functions.",
    lambda: (
        sn.equal(sn.jvp(new_mean, {"p": 1}), mean_by_p),
        sn.equal(sn.jvp(new_mean, {"q": 1}), mean_by_q),
        sn.equal(sn.jvp(second_moment, {"p": 1}), moment_by_p),
        sn.equal(sn.jvp(second_moment, {"q": 1}), moment_by_q),
    ),
    source=f"{PAPER}, the Jacobian of the mapping",
    kind="probabilistic",
    topic=TOPIC,
)
sn.claim(
    "self_normalizing.derivatives_swapped",
    "The new mean changes with q as it does with p.",
    lambda: sn.equal(sn.jvp(new_mean, {"q": 1}), mean_by_p),
    source="the arguments exchanged",
    expected="refuted",
    kind="probabilistic",
    note="With p it changes ten times as much.",
    topic=TOPIC,
)
sn.claim(
    "self_normalizing.contraction",
    f"Mean and variance stay in their domain, and their map is a contraction: {RANGES} of the weights and of their"
    " squares, the new mean is within 0.1 of 0, the new variance within [0.8, 1.5]; the derivatives by p and q are"
    " positive and at most 1.1, 0.1, 0.5 and 0.86, so the entries of the Jacobian, s and t times these, are at most"
    " 0.11, 0.11, 0.05 and 0.946 in size: its Frobenius norm is less than 0.97.",
    lambda: (
        10 * new_mean >= -1,
        10 * new_mean <= 1,
        10 * new_variance >= 8,
        10 * new_variance <= 15,
        mean_by_p >= 0,
        mean_by_q >= 0,
        variance_by_p >= 0,
        variance_by_q >= 0,
        10 * mean_by_p <= 11,
        10 * mean_by_q <= 1,
        10 * variance_by_p <= 5,
        100 * variance_by_q <= 86,
        sn.sqrt(one * 110**2 + 110**2 + 50**2 + 946**2) < 970,
    ),
    given=box,
    source=MAP,
    kind="probabilistic",
    also=["selu.contraction_domain"],
    examples=[{"p": 0, "q": 1}],
    topic=TOPIC,
)
sn.claim(
    "self_normalizing.contraction_without_the_sum",
    f"The new mean changes with p itself by at most 0.11, {RANGES} of the weights and of their squares.",
    lambda: 100 * mean_by_p <= 11,
    given=box,
    source="the factor s of the Jacobian's entry left out",
    expected="refuted",
    kind="probabilistic",
    note="About one to one: only small sums of weights make it a contraction.",
    examples=[{"p": 0, "q": 1}],
    topic=TOPIC,
)
