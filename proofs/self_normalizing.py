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
