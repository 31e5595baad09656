"""Weight decay is an exponentially growing learning rate, for every loss that does not see the length of its weights.

Two descents run side by side on the same losses, from the same weights: w with a constant learning rate eta and weight
decay lam, u without decay and with another learning rate at each step. Claimed is what w is in terms of u at *every*
step t = 0, 1, 2, ..., proved by induction. The loss is any L with L(c w) = L(w) for c > 0, and may be another one at
each step. Where a false statement stands beside a true one, the two differ by one exponent or sign.
"""

import symnorm as sn

PAPER = "Li & Arora 2019 (arXiv:1910.07454)"
PLAIN = f"{PAPER}, Theorem 2.4"
MOMENTUM = f"{PAPER}, Theorem 2.9"
GENERAL = f"{PAPER}, Theorem 2.7"
TOPIC = "Exponentially growing learning rate"

N, C, K = sn.axes("N C K")
w, w_before, u, u_before, start, before = (
    sn.tensor("w", K),
    sn.tensor("w_before", K),
    sn.tensor("u", K),
    sn.tensor("u_before", K),
    sn.tensor("start", K),
    sn.tensor("before", K),
)
eta, lam = sn.scalar("eta", positive=True), sn.scalar("lam", positive=True)
alpha, gamma = sn.scalar("alpha", positive=True), sn.scalar("gamma")
t = sn.scalar("t", integer=True, nonnegative=True)
L = sn.Loss("L")

dw, du = sn.direction_gradient(L, w, over=K), sn.direction_gradient(L, u, over=K)
keep = 1 - eta * lam
below_1 = eta * lam < 1
w_direction, u_direction = w / sn.norm(w, over=K), u / sn.norm(u, over=K)

# Plain gradient descent -----------------------------------------------------------------------------------------------

sn.claim(
    "exp_lr.no_momentum",
    "With decay w_t is (1 - eta lam)^t times u_t, u without decay and with the rate eta (1 - eta lam)^(-2t - 1): the"
    " same directions, so the same losses.",
    lambda: sn.equal(w, keep**t * u),
    given=[below_1],
    along=lambda: sn.recursion(
        t,
        start={w: start, u: start},
        step={w: keep * w - eta * dw, u: u - eta * keep ** (-2 * t - 1) * du},
        varying=[L],
    ),
    source=PLAIN,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "exp_lr.naive_growth",
    "With decay w_t has the direction of u_t, u without decay and with the rate eta (1 - eta lam)^(-t).",
    lambda: sn.equal(w_direction, u_direction),
    given=[below_1],
    along=lambda: sn.recursion(
        t, start={w: start, u: start}, step={w: keep * w - eta * dw, u: u - eta * keep ** (-t) * du}
    ),
    source=f"{PLAIN}, with one power a step",
    expected="refuted",
    kind="dynamics",
    note="The weights shrink by 1 - eta lam, and the gradient grows by as much: two powers a step.",
    topic=TOPIC,
)
sn.claim(
    "exp_lr.exponent_t",
    "With decay w_t has the direction of u_t, u without decay and with the rate eta (1 - eta lam)^(-t - 1).",
    lambda: sn.equal(w_direction, u_direction),
    given=[below_1],
    along=lambda: sn.recursion(
        t, start={w: start, u: start}, step={w: keep * w - eta * dw, u: u - eta * keep ** (-t - 1) * du}
    ),
    source=f"{PLAIN}, with t in place of 2t",
    expected="refuted",
    kind="dynamics",
    note="The first steps agree, the second ones do not.",
    also=["decoy.explr_exponent_t"],
    topic=TOPIC,
)
sn.claim(
    "exp_lr.decaying",
    "With decay w_t has the direction of u_t, u without decay and with the falling rate eta (1 - eta lam)^(2t + 1).",
    lambda: sn.equal(w_direction, u_direction),
    given=[below_1],
    along=lambda: sn.recursion(
        t, start={w: start, u: start}, step={w: keep * w - eta * dw, u: u - eta * keep ** (2 * t + 1) * du}
    ),
    source=f"{PLAIN}, with the exponent's sign changed",
    expected="refuted",
    kind="dynamics",
    note="Shorter weights turn faster: the rate grows.",
    also=["decoy.explr_decaying"],
    topic=TOPIC,
)

# With momentum --------------------------------------------------------------------------------------------------------

sn.claim(
    "exp_lr.momentum",
    "With momentum gamma and alpha^2 - (1 + gamma - lam eta) alpha + gamma = 0, w_t is alpha^t u_t, u without decay and"
    " with the rate eta alpha^(-2t - 1).",
    lambda: (sn.equal(w, alpha**t * u), sn.equal(w_before, alpha ** (t - 1) * u_before)),
    given=[sn.equal(lam, (1 + gamma - alpha - gamma / alpha) / eta)],
    along=lambda: sn.recursion(
        t,
        start={w: start, w_before: before, u: start, u_before: alpha * before},
        step={
            w: w + eta * (gamma * (w - w_before) / eta - dw - lam * w),
            w_before: w,
            u: u + eta * alpha ** (-2 * t - 1) * (gamma * (u - u_before) / (eta * alpha ** (-2 * (t - 1) - 1)) - du),
            u_before: u,
        },
        varying=[L],
    ),
    source=MOMENTUM,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "exp_lr.momentum_plain_rate",
    "With momentum gamma, w_t has the direction of u_t, u without decay and with the rate eta (1 - eta lam)^(-2t - 1).",
    lambda: sn.equal(w_direction, u_direction),
    given=[below_1],
    along=lambda: sn.recursion(
        t,
        start={w: start, w_before: start, u: start, u_before: start},
        step={
            w: w + eta * (gamma * (w - w_before) / eta - dw - lam * w),
            w_before: w,
            u: u + eta * keep ** (-2 * t - 1) * (gamma * (u - u_before) / (eta * keep ** (-2 * (t - 1) - 1)) - du),
            u_before: u,
        },
    ),
    source=f"{PLAIN}, claimed of momentum",
    expected="refuted",
    kind="dynamics",
    note="Momentum repeats earlier decay: the factor is the root alpha of a quadratic equation.",
    topic=TOPIC,
)

# Any schedule of rates and decays -------------------------------------------------------------------------------------

rate, decay = sn.scalar("rate", positive=True), sn.scalar("decay")
e, f, P, P_before = sn.scalar("e"), sn.scalar("f"), sn.scalar("P"), sn.scalar("P_before")
first, ratio = sn.scalar("first", positive=True), sn.scalar("ratio", positive=True)
factor = 1 + rate / e * gamma * (1 - P_before / P) - rate * decay

sn.claim(
    "exp_lr.time_varying",
    "For any rates eta_t and decays lam_t, with alpha_t = 1 + eta_t/eta_(t-1) gamma (1 - 1/alpha_(t-1)) - eta_t lam_t"
    " positive and P_(t+1) = alpha_t P_t, w_t is P_t u_t, u without decay and with the rate eta_t/(P_t P_(t+1)).",
    lambda: (
        sn.equal(w, P * u),
        sn.equal(w_before, P_before * u_before),
        sn.equal(f, e / (P_before * P)),
        P > 0,
    ),
    given=[factor > 0],
    by=lambda: factor * P,
    along=lambda: sn.recursion(
        t,
        start={
            w: start,
            w_before: before,
            u: start,
            u_before: ratio * before,
            P: 1,
            P_before: 1 / ratio,
            e: first,
            f: first * ratio,
        },
        step={
            w: w + rate * (gamma * (w - w_before) / e - dw - decay * w),
            w_before: w,
            u: u + rate / (P * (factor * P)) * (gamma * (u - u_before) / f - du),
            u_before: u,
            P: factor * P,
            P_before: P,
            e: rate,
            f: rate / (P * (factor * P)),
        },
        varying=[L, rate, decay],
    ),
    source=GENERAL,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "exp_lr.time_varying_square",
    "The same with the rate eta_t/P_t^2, for plain descent.",
    lambda: sn.equal(w, P * u),
    along=lambda: sn.recursion(
        t,
        start={w: start, u: start, P: 1},
        step={
            w: w - rate * (dw + lam * w),
            u: u - rate / P**2 * du,
            P: (1 - rate * lam) * P,
        },
    ),
    given=[rate * lam < 1],
    source=f"{GENERAL}, with one index less",
    expected="refuted",
    kind="dynamics",
    note="The step leads from P_t to P_(t+1): the rate carries one of each.",
    topic=TOPIC,
)

# Behind a normalizer --------------------------------------------------------------------------------------------------

x = sn.tensor("x", N, K)
W, U, V, Y, origin = (
    sn.tensor("W", K, C),
    sn.tensor("U", K, C),
    sn.tensor("V", K, C),
    sn.tensor("Y", K, C),
    sn.tensor("origin", K, C),
)
eps = sn.scalar("eps", positive=True)
bn, ln = sn.load("batch_norm"), sn.load("layer_norm")

sn.claim(
    "exp_lr.any_normalizer",
    "The same holds of the weight matrix before batch norm (W and U) and before layer norm (V and Y) at eps = 0.",
    lambda: (sn.equal(W, keep**t * U), sn.equal(V, keep**t * Y)),
    given=[below_1, sn.equal(eps, 0)],
    along=lambda: sn.recursion(
        t,
        start={W: origin, U: origin, V: origin, Y: origin},
        step={
            W: keep * W - eta * sn.gradient(L, bn(sn.dot(x, W, over=K)), W),
            U: U - eta * keep ** (-2 * t - 1) * sn.gradient(L, bn(sn.dot(x, U, over=K)), U),
            V: keep * V - eta * sn.gradient(L, ln(sn.dot(x, V, over=K)), V),
            Y: Y - eta * keep ** (-2 * t - 1) * sn.gradient(L, ln(sn.dot(x, Y, over=K)), Y),
        },
        varying=[L],
    ),
    source=PAPER,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "exp_lr.any_eps",
    "The same holds of the weight matrix before batch norm at eps > 0.",
    lambda: sn.equal(W, keep**t * U),
    given=[below_1],
    along=lambda: sn.recursion(
        t,
        start={W: origin, U: origin},
        step={
            W: keep * W - eta * sn.gradient(L, bn(sn.dot(x, W, over=K)), W),
            U: U - eta * keep ** (-2 * t - 1) * sn.gradient(L, bn(sn.dot(x, U, over=K)), U),
        },
    ),
    source=f"{PAPER}, without a word on eps",
    expected="refuted",
    kind="dynamics",
    note="At eps > 0 the output sees the length of the weights.",
    topic=TOPIC,
)
