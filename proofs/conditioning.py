"""What normalizing data does to conditioning, and which whitening stays nearest to the data.

Where a false statement stands beside a true one, the two differ by direction.
"""

import symnorm as sn

KESSY = "Kessy, Lewin & Strimmer 2018, section 3"
TOPIC = "Normalization motivation"

(K,) = sn.axes("K")
J, D = K.copy("J"), K.copy("D")

lower, p, q = sn.scalar("lower", positive=True), sn.scalar("p"), sn.scalar("q")
upper = lower + p**2 + q**2
first, second, mixed = sn.sqrt(lower + p**2), sn.sqrt(lower + q**2), sn.absolute(p * q)

sn.claim(
    "conditioning.standardization_of_two",
    "Standardization does not raise the condition number of two features: with the covariance lower I + (p, q) (p,"
    " q)^T, as any positive definite one, (1 + |r|)/(1 - |r|) is at most upper/lower, r the correlation and upper ="
    " lower + p^2 + q^2.",
    lambda: (1 + mixed / (first * second)) / (1 - mixed / (first * second)) <= upper / lower,
    by=lambda: (sn.absolute(p) * first - sn.absolute(q) * second) ** 2 / (lower * upper),
    source="the best diagonal scaling of two features",
    kind="inequality",
    also=["input.standardization_conditioning_d2"],
    topic=TOPIC,
)
sn.claim(
    "conditioning.standardization_never_helps",
    "Standardization does not lower the condition number of two features.",
    lambda: lower * (first * second + mixed) >= upper * (first * second - mixed),
    source="the same, turned around",
    expected="refuted",
    kind="inequality",
    note="It does where the variances differ.",
    topic=TOPIC,
)

kappa = sn.scalar("kappa", positive=True)
A, B = sn.tensor("A", K, D), sn.tensor("B", K, D)
f, g = sn.tensor("f", D, nonnegative=True), sn.tensor("g", D, nonnegative=True)
y, z = sn.tensor("y", K), sn.tensor("z", K)
cov = lower * sn.delta(K, J) + sn.total(A * f * A.rename({K: J}), over=D)
below_upper = kappa * lower * sn.delta(K, J) - sn.total(B * g * B.rename({K: J}), over=D)
variances = lower + sn.total(A**2 * f, over=D)
three_features = {
    "K": 3,
    "D": 3,
    "lower": 1,
    "kappa": "15/2",
    "A": [[1, 0, 0], [-1, 1, 0], ["-1/3", 0, 1]],
    "f": [3, 0, "2/3"],
    "B": [[1, 0, 0], ["6/7", 1, 0], ["2/7", -2, 1]],
    "g": ["7/2", "13/14", "3/2"],
    "y": [1, 1, 0],
    "z": [1, -1, -1],
}
y_cov_y = sn.total(y * cov * y.rename({K: J}), over=(K, J))
z_cov_z = sn.total(z * cov * z.rename({K: J}), over=(K, J))

sn.claim(
    "conditioning.standardization_of_many",
    "If a covariance has a condition number of at most kappa, being lower I + A diag(f) A^T and kappa lower I - B"
    " diag(g) B^T with f, g >= 0, so has the correlation: z^T cov z sum(var y^2) <= kappa y^T cov y sum(var z^2).",
    lambda: z_cov_z * sn.total(variances * y**2, over=K) <= kappa * y_cov_y * sn.total(variances * z**2, over=K),
    given=[sn.equal(cov, below_upper)],
    source="standardized features, said to make the objective better conditioned",
    expected="refuted",
    kind="inequality",
    note="With three features it can be worse: covariance (4 -3 -1, -3 4 1, -1 1 2) has 7.4, its correlation 8.",
    also=["input.standardization_conditioning_general"],
    topic=TOPIC,
    examples=[three_features],
)

V, Q, r = sn.tensor("V", K, D), sn.tensor("Q", K, J), sn.tensor("r", D, nonnegative=True)
QV = sn.total(Q * V.rename({K: J}), over=J)

sn.claim(
    "conditioning.zca_optimality",
    "For orthogonal Q and a root R = V diag(r) V^T of a covariance, r >= 0, the trace of Q R is at most that of R: of"
    " all whitenings ZCA stays nearest to the data.",
    lambda: sn.total(QV * r * V, over=(K, D)) <= sn.total(r, over=D),
    given=[*sn.orthogonal(Q), *sn.orthogonal(V)],
    by=lambda: sn.total(r * (QV - V) ** 2, over=(K, D)) / 2,
    source=KESSY,
    kind="inequality",
    topic="Statistical transformations",
)
sn.claim(
    "conditioning.zca_worst",
    "For orthogonal Q the trace of Q R is at least that of R.",
    lambda: sn.total(QV * r * V, over=(K, D)) >= sn.total(r, over=D),
    given=[*sn.orthogonal(Q), *sn.orthogonal(V)],
    source=f"{KESSY}, turned around",
    expected="refuted",
    kind="inequality",
    note="Only Q = I attains it, for positive r.",
    topic="Statistical transformations",
)
