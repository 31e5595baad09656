"""What normalizing data does to conditioning, and which whitening stays nearest to the data.

Where a false statement stands beside a true one, the two differ by direction.
"""

import symnorm as sn

KESSY = "Kessy, Lewin & Strimmer 2018, section 3"
TOPIC = "Normalization motivation"

(K,) = sn.axes("K")
J, D = K.copy("J"), K.copy("D")
a, b, c = sn.scalar("a", positive=True), sn.scalar("b"), sn.scalar("c", positive=True)

sn.claim(
    "conditioning.standardization_of_two",
    "Of two features with variances a, c and covariance b, standardization does not raise trace^2/det, which is kappa +"
    " 1/kappa + 2 with kappa the condition number.",
    lambda: (a + c) ** 2 / (a * c - b**2) >= 4 / (1 - b**2 / (a * c)),
    given=[a * c - b**2 > 0],
    by=lambda: (a - c) ** 2 / (a * c - b**2),
    source="the best diagonal scaling of two features",
    kind="inequality",
    also=["input.standardization_conditioning_d2"],
    topic=TOPIC,
)
sn.claim(
    "conditioning.standardization_never_helps",
    "Of two features standardization does not lower trace^2/det.",
    lambda: (a + c) ** 2 / (a * c - b**2) <= 4 / (1 - b**2 / (a * c)),
    given=[a * c - b**2 > 0],
    source="the same, turned around",
    expected="refuted",
    kind="inequality",
    note="It does where a and c differ.",
    topic=TOPIC,
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
    also=["transform.zca_optimality"],
    topic="Whitening",
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
    topic="Whitening",
)
