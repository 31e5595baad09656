"""Decorrelation: which variances it gives, what it preserves.

V and lam are known only through ``Sigma = V diag(lam) V^T`` and ``V^T V = V V^T = I``, which the claims take as given:
N is the samples, C the features, K the eigenvectors. Where a false statement stands beside a true one, the two differ
by one assumption, sign, factor or index.
"""

import symnorm as sn

PAPER = "Kessy, Lewin & Strimmer 2018 (arXiv:1512.00809)"
COMPUTED = f"computed from {PAPER}"
TOPIC = "Statistical transformations"

N, C = sn.axes("N C")
D, E, K = C.copy("D"), C.copy("E"), C.copy("K")
M = N.copy("M")
a, t = sn.scalar("a"), sn.tensor("t", C)

rotated = sn.load("decorrelation")
x, lam, V = rotated.inputs.values()
data = rotated.instance()
x_c, cov, z = data.x_c, data.cov, data.z
known = list(data.given)
diagonal = sn.delta(C, D)
a1, a2, b1, b2 = sn.scalar("a1"), sn.scalar("a2"), sn.scalar("b1"), sn.scalar("b2")
s11, s12, s22, l1, l2 = sn.scalar("s11"), sn.scalar("s12"), sn.scalar("s22"), sn.scalar("l1"), sn.scalar("l2")
clock = sn.scalar("clock", integer=True, nonnegative=True)
power, lam_power = sn.tensor("power", C, D), sn.tensor("lam_power", K)

sn.claim(
    "decorrelation.diagonal",
    "Decorrelated data have mean 0 and the eigenvalues on the diagonal of a diagonal covariance.",
    lambda: (
        sn.equal(sn.mean(z, over=N), 0),
        sn.equal(sn.mean(z * z.rename({C: D}), over=N), diagonal * lam.rename({K: C})),
    ),
    given=known,
    source=PAPER,
    also=["transform.decorrelation_diag"],
    topic=TOPIC,
)
sn.claim(
    "decorrelation.uncorrelated_unit",
    "Decorrelated data have the identity for their covariance.",
    lambda: sn.equal(sn.mean(z * z.rename({C: D}), over=N), diagonal),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="The variances are the eigenvalues; whitening divides by their roots.",
    topic=TOPIC,
)
sn.claim(
    "decorrelation.keeps_variances",
    "Decorrelation removes the correlations and leaves the variances intact.",
    lambda: sn.equal(sn.mean(z**2, over=N), sn.mean(x_c**2, over=N)),
    given=known,
    source="the wording that variances are left intact",
    expected="refuted",
    also=["transform.decorrelation_keeps_variances", "decoy.decorrelation_preserves_var"],
    note="The variances become the eigenvalues; for [[2, 1], [1, 2]] they are 1 and 3.",
    topic=TOPIC,
)
sn.claim(
    "decorrelation.total_variance",
    "The total variance is preserved, the sum of the eigenvalues; and each power of the covariance is V diag(d) V^T,"
    " d that power of the eigenvalues, with the trace sum(d): so by Newton's identities the determinant is preserved,"
    " too.",
    lambda: (
        sn.equal(sn.total(sn.mean(x_c**2, over=N), over=C), sn.total(lam, over=K)),
        sn.equal(sn.total(sn.mean(z**2, over=N), over=C), sn.total(lam, over=K)),
        sn.equal(power, sn.total(V * lam_power * V.rename({C: D}), over=K)),
        sn.equal(sn.total(V**2 * lam_power, over=(C, K)), sn.total(lam_power, over=K)),
    ),
    given=known,
    along=lambda: sn.recursion(
        clock,
        start={power: cov, lam_power: lam},
        step={power: sn.total(power.rename({D: E}) * cov.rename({C: E}), over=E), lam_power: lam_power * lam},
    ),
    source=COMPUTED,
    also=["transform.decorrelation_total_variance"],
    topic=TOPIC,
)
sn.claim(
    "decorrelation.generalized_variance",
    "Of two features, the covariance l1 a a^T + l2 b b^T has the determinant l1 l2 det(a, b)^2, so l1 l2 for an"
    " orthonormal pair a, b.",
    lambda: sn.equal(
        (l1 * a1**2 + l2 * b1**2) * (l1 * a2**2 + l2 * b2**2) - (l1 * a1 * a2 + l2 * b1 * b2) ** 2,
        l1 * l2 * (a1 * b2 - a2 * b1) ** 2,
    ),
    source="the determinant of a product",
    topic=TOPIC,
)
sn.claim(
    "decorrelation.product_of_variances",
    "Of two features, with a rotation's columns a = (r, s) and b = (-s, r), the product of the variances is that of the"
    " eigenvalues.",
    lambda: sn.equal((l1 * a1**2 + l2 * a2**2) * (l1 * a2**2 + l2 * a1**2), l1 * l2),
    given=[sn.equal(a1**2 + a2**2, 1)],
    source="the determinant read off the diagonal",
    expected="refuted",
    note="The squared covariance is missing: for [[2, 1], [1, 2]] the product is 4, the determinant 3.",
    topic=TOPIC,
    examples=[{"a1": "3/5", "a2": "4/5", "l1": 2, "l2": 1}],
)
sn.claim(
    "decorrelation.keeps_lengths",
    "The length of each centred sample is preserved.",
    lambda: sn.equal(sn.total(z**2, over=C), sn.total(x_c**2, over=C)),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "decorrelation.keeps_distances",
    "All distances between samples are preserved.",
    lambda: sn.equal(sn.total((z - z.rename({N: M})) ** 2, over=C), sn.total((x - x.rename({N: M})) ** 2, over=C)),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
    also=["transform.decorrelation_isometry"],
)
sn.claim(
    "decorrelation.is_rotation",
    "An orthonormal pair of eigenvectors (a1, a2), (b1, b2) of a covariance [[s, c], [c, t]] has the determinant 1:"
    " decorrelation rotates the data.",
    lambda: sn.equal(a1 * b2 - a2 * b1, 1),
    given=[
        sn.equal(a1**2 + a2**2, 1),
        sn.equal(b1**2 + b2**2, 1),
        sn.equal(a1 * b1 + a2 * b2, 0),
        sn.equal(a1 * (s11 * b1 + s12 * b2) + a2 * (s12 * b1 + s22 * b2), 0),
    ],
    source="the wording that decorrelation rotates the data",
    expected="refuted",
    also=["transform.decorrelation_is_rotation"],
    note="It may be -1, a reflection: of diag(2, 1) with the eigenvectors exchanged. One vector's sign makes it 1.",
    topic=TOPIC,
    examples=[{"a1": 0, "a2": 1, "b1": 1, "b2": 0, "s11": 2, "s12": 0, "s22": 1}],
)
sn.claim(
    "decorrelation.squared_determinant",
    "The squared determinant of (a1, a2), (b1, b2) is |a|^2 |b|^2 - <a, b>^2, so 1 for an orthonormal pair: it is a"
    " rotation or a reflection.",
    lambda: sn.equal((a1 * b2 - a2 * b1) ** 2, (a1**2 + a2**2) * (b1**2 + b2**2) - (a1 * b1 + a2 * b2) ** 2),
    source="Lagrange's identity",
    topic=TOPIC,
)
sn.claim(
    "decorrelation.keeps_sums",
    "The sum of each sample over its features is preserved.",
    lambda: sn.equal(sn.total(z, over=C), sn.total(x_c, over=C)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="A rotation keeps lengths, not sums.",
    topic=TOPIC,
)
sn.claim(
    "decorrelation.inverts",
    "V turns the decorrelated data back into the centred ones.",
    lambda: sn.equal(sn.total(z.rename({C: K}) * V, over=K), x_c),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "decorrelation.translation",
    "Adding a constant to each feature changes nothing.",
    lambda: sn.equal(rotated(x + t, lam, V), z),
    given=known,
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "decorrelation.scale",
    "Scaling the data by a scales the decorrelated data by a, and the eigenvalues by a^2.",
    lambda: (sn.equal(rotated(a * x, a**2 * lam, V), a * z), *rotated.instance(a * x, a**2 * lam, V).relations),
    given=[*known, sn.unequal(a, 0)],
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "decorrelation.scale_invariance",
    "Scaling the data by a changes nothing.",
    lambda: sn.equal(rotated(a * x, a**2 * lam, V), z),
    given=[*known, sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="Nothing is divided by.",
    topic=TOPIC,
)
