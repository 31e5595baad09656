"""Mean and variance of m numbers: the identities and bounds that every normalizer rests on.

Axis N is the numbers, M and J second indices over them. Where a false statement stands beside a true one, the two
differ by one sign, factor, exponent or assumption.
"""

import symnorm as sn

SCHOOL = "any textbook of statistics"
SAMUELSON = "Samuelson 1968, How deviant can you be?"
WELFORD = "Welford 1962, Note on a method for calculating corrected sums of squares and products"
TOPIC = "Statistics"

N, K = sn.axes("N K")
M, J = N.copy("M"), N.copy("J")
x, u = sn.tensor("x", N), sn.tensor("u", N)
a, b, c, bound = sn.scalar("a"), sn.scalar("b"), sn.scalar("c"), sn.scalar("bound", nonnegative=True)

mu, var = sn.mean(x, over=N), sn.var(x, over=N)
d = x - mu
d_M, d_J = d.rename({N: M}), d.rename({N: J})
others = (1 - sn.delta(N, M)) ** 2 * (1 - sn.delta(N, J)) ** 2

# Identities -----------------------------------------------------------------------------------------------------------

sn.claim(
    "stats.var_shortcut",
    "The variance is the mean square less the squared mean.",
    lambda: sn.equal(var, sn.mean(x**2, over=N) - mu**2),
    source=SCHOOL,
    topic=TOPIC,
)
sn.claim(
    "stats.var_shortcut_mean",
    "The variance is the mean square less the mean.",
    lambda: sn.equal(var, sn.mean(x**2, over=N) - mu),
    source=SCHOOL,
    expected="refuted",
    note="The mean is squared.",
    topic=TOPIC,
)
sn.claim(
    "stats.var_pairwise",
    "The variance is the mean squared difference of all pairs, halved.",
    lambda: sn.equal(var, sn.total((x - x.rename({N: M})) ** 2, over=(N, M)) / (2 * N**2)),
    source=SCHOOL,
    topic=TOPIC,
)
sn.claim(
    "stats.var_pairwise_not_halved",
    "The variance is the mean squared difference of all pairs.",
    lambda: sn.equal(var, sn.mean((x - x.rename({N: M})) ** 2, over=(N, M))),
    source=SCHOOL,
    expected="refuted",
    note="Each number's deviation counts in both places of a pair: it is twice the variance.",
    topic=TOPIC,
)
sn.claim(
    "stats.var_shift_scale",
    "The variance of a x + c is a^2 times that of x.",
    lambda: sn.equal(sn.var(a * x + c, over=N), a**2 * var),
    source=SCHOOL,
    topic=TOPIC,
)
sn.claim(
    "stats.mean_minimizes_sq",
    "The mean squared distance from c is var + (mu - c)^2, so it is smallest from the mean.",
    lambda: (
        sn.equal(sn.mean((x - c) ** 2, over=N), var + (mu - c) ** 2),
        sn.mean((x - c) ** 2, over=N) >= var,
    ),
    by=lambda: (mu - c) ** 2,
    source=SCHOOL,
    topic=TOPIC,
)

# Bounds ---------------------------------------------------------------------------------------------------------------

sn.claim(
    "stats.cauchy_schwarz",
    "|<x, u>| is at most ||x|| ||u||.",
    lambda: sn.absolute(sn.total(x * u, over=N)) <= sn.norm(x, over=N) * sn.norm(u, over=N),
    by=lambda: sn.total((x * u.rename({N: M}) - x.rename({N: M}) * u) ** 2, over=(N, M)) / 2,
    source="Lagrange's identity",
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "stats.cauchy_schwarz_strict",
    "|<x, u>| is less than ||x|| ||u||.",
    lambda: sn.absolute(sn.total(x * u, over=N)) < sn.norm(x, over=N) * sn.norm(u, over=N),
    source="Cauchy-Schwarz, sharpened",
    expected="refuted",
    kind="inequality",
    note="Equal where x and u are parallel.",
    topic=TOPIC,
)
sn.claim(
    "stats.var_zero_iff_constant",
    "(x - mu)^2 is at most m var, so a variance of 0 leaves only equal numbers; and equal numbers have variance 0.",
    lambda: (d**2 <= N * var, sn.equal(sn.var(b + 0 * x, over=N), 0)),
    by=lambda: sn.total((1 - sn.delta(N, M)) ** 2 * d_M**2, over=M),
    source=SCHOOL,
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "stats.deviation_below_sigma",
    "(x - mu)^2 is at most var.",
    lambda: d**2 <= var,
    source=SCHOOL,
    expected="refuted",
    kind="inequality",
    note="On average it is var; a single one may be m - 1 times as large.",
    topic=TOPIC,
)
sn.claim(
    "stats.samuelson",
    "No number is further than sqrt(m - 1) standard deviations from the mean.",
    lambda: sn.absolute(d) <= sn.sqrt(N - 1) * sn.sqrt(var),
    by=lambda: sn.total(others * (d_M - d_J) ** 2, over=(M, J)) / (2 * N),
    source=SAMUELSON,
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "stats.samuelson_strict",
    "Every number is nearer than sqrt(m - 1) standard deviations to the mean.",
    lambda: sn.absolute(d) < sn.sqrt(N - 1) * sn.sqrt(var),
    given=[var > 0],
    source=f"{SAMUELSON}, sharpened",
    expected="refuted",
    kind="inequality",
    note="Attained where all other numbers are equal.",
    topic=TOPIC,
)
sn.claim(
    "stats.mad_at_most_sigma",
    "The mean absolute deviation is at most the standard deviation.",
    lambda: sn.mean(sn.absolute(d), over=N) <= sn.sqrt(var),
    by=lambda: sn.mean((sn.absolute(d) - sn.mean(sn.absolute(d), over=N)) ** 2, over=N),
    source=SCHOOL,
    kind="inequality",
    also=["l1_norm.mad_le_sigma"],
    topic=TOPIC,
)
sn.claim(
    "stats.mad_equals_sigma",
    "What the squared mean absolute deviation misses of the variance is the variance of |x - mu|: nothing exactly where"
    " |x - mu| is the same for all.",
    lambda: sn.equal(var - sn.mean(sn.absolute(d), over=N) ** 2, sn.var(sn.absolute(d), over=N)),
    source=SCHOOL,
    topic=TOPIC,
)
sn.claim(
    "stats.mean_at_most_mad",
    "The absolute value of the mean is at most the mean absolute value.",
    lambda: sn.absolute(mu) <= sn.mean(sn.absolute(x), over=N),
    by=lambda: sn.mean(
        sn.absolute(x) * sn.absolute(x.rename({N: M})) * (sn.sign(x) - sn.sign(x.rename({N: M}))) ** 2 / 2,
        over=(N, M),
    ),
    source="the triangle inequality",
    kind="inequality",
    topic=TOPIC,
)

sn.claim(
    "stats.largest_deviation",
    "The standard deviation is at most every bound of |x - mu|, so at most the largest, and that is at most sqrt(m - 1)"
    " times as large.",
    lambda: (sn.sqrt(var) <= bound, sn.absolute(d) <= sn.sqrt(N - 1) * sn.sqrt(var)),
    given=[sn.absolute(d) <= bound],
    by=lambda: (
        sn.mean((bound - sn.absolute(d)) * (bound + sn.absolute(d)), over=N),
        sn.total(others * (d_M - d_J) ** 2, over=(M, J)) / (2 * N),
    ),
    source=SCHOOL,
    kind="inequality",
    also=["linf_norm.bounds"],
    topic=TOPIC,
)
sn.claim(
    "stats.largest_deviation_at_most_sigma",
    "Every bound of |x - mu| is at most the standard deviation.",
    lambda: bound <= sn.sqrt(var),
    given=[sn.absolute(d) <= bound],
    source=SCHOOL,
    expected="refuted",
    kind="inequality",
    note="The other way round: sigma is a mean of deviations.",
    topic=TOPIC,
)

# Running statistics ---------------------------------------------------------------------------------------------------

t = sn.scalar("t", integer=True, nonnegative=True)
value, m, S, Q, D = sn.scalar("value"), sn.scalar("m"), sn.scalar("S"), sn.scalar("Q"), sn.scalar("D")

sn.claim(
    "stats.welford",
    "Welford's recurrences m += (x - m)/n, D += (x - m_old)(x - m_new) give after t numbers with sum S and sum of"
    " squares Q their mean, t m = S, and their squared deviations, D = Q - 2 m S + t m^2.",
    lambda: (sn.equal(S, t * m), sn.equal(D, Q - 2 * m * S + t * m**2)),
    along=lambda: sn.recursion(
        t,
        start={m: 0, D: 0, S: 0, Q: 0},
        step={
            m: m + (value - m) / (t + 1),
            D: D + (value - m) * (value - (m + (value - m) / (t + 1))),
            S: S + value,
            Q: Q + value**2,
        },
        varying=[value],
    ),
    source=WELFORD,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "stats.welford_old_mean_twice",
    "The recurrence D += (x - m_old)^2 gives the squared deviations.",
    lambda: sn.equal(D, Q - 2 * m * S + t * m**2),
    along=lambda: sn.recursion(
        t,
        start={m: 0, D: 0, S: 0, Q: 0},
        step={m: m + (value - m) / (t + 1), D: D + (value - m) ** 2, S: S + value, Q: Q + value**2},
    ),
    source=f"{WELFORD}, with the old mean in both places",
    expected="refuted",
    kind="dynamics",
    note="One factor has the new mean.",
    topic=TOPIC,
)

alpha, start, E, kept, total_weight = (
    sn.scalar("alpha"),
    sn.scalar("start"),
    sn.scalar("E"),
    sn.scalar("kept"),
    sn.scalar("total_weight"),
)

sn.claim(
    "stats.ema_weights",
    "The moving average m = (1 - alpha) m + alpha x is after t steps kept m_0 + E, where kept is the product of t"
    " factors 1 - alpha and E the sum of alpha (1 - alpha)^(t - k) x_k; the weights of m_0 and of all x_k sum to 1.",
    lambda: (sn.equal(m, kept * start + E), sn.equal(kept + total_weight, 1)),
    along=lambda: sn.recursion(
        t,
        start={m: start, E: 0, kept: 1, total_weight: 0},
        step={
            m: (1 - alpha) * m + alpha * value,
            E: (1 - alpha) * E + alpha * value,
            kept: (1 - alpha) * kept,
            total_weight: (1 - alpha) * total_weight + alpha,
        },
        varying=[value],
    ),
    source="computed from the update",
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "stats.ema_weights_decay_alpha",
    "The moving average m = (1 - alpha) m + alpha x gives m_0 the weight alpha^t.",
    lambda: sn.equal(m, alpha**t * start + E),
    given=[alpha > 0],
    along=lambda: sn.recursion(
        t,
        start={m: start, E: 0},
        step={m: (1 - alpha) * m + alpha * value, E: (1 - alpha) * E + alpha * value},
    ),
    source="the other direction of momentum",
    expected="refuted",
    kind="dynamics",
    note="What is kept is 1 - alpha.",
    topic=TOPIC,
)
