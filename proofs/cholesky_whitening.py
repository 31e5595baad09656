"""Cholesky whitening: identity covariance, triangular cross-covariance, its gradient, what it is not.

L, R and place are known only through their relations, which the claims take as given: ``Sigma = L L^T``, R is the
inverse of L, place the order of the features by which both are triangular. N is the samples, C the features. Where a
false statement stands beside a true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Statistical transformations")

PAPER = "Kessy, Lewin & Strimmer 2018 (arXiv:1512.00809)"
COMPUTED = f"computed from {PAPER}, Cholesky whitening"

N, C = sn.axes("N C")
D, E, K = C.copy("D"), C.copy("E"), C.copy("K")
a, t, s = sn.scalar("a"), sn.tensor("t", C), sn.tensor("s", C, positive=True)

factored = sn.load("cholesky_whitening")
x, L, R, place = factored.inputs.values()
data = factored.instance()
x_c, cov, y = data.x_c, data.cov, data.y
known = list(data.given)
loss = sn.Loss("L")
dy = loss.cotangent(y)
dx = sn.gradient(loss, y, x)

# The precision R^T R, whose triangular factor whitens as well
precision = sn.total(R * R.rename({C: D}), over=K)

# 1 below the diagonal, 1/2 on it, 0 above
half = (1 + sn.sign(place.rename({C: K}) - place.rename({C: E}))) / 2

# The derivative of L, dL = L Phi(R dSigma R^T), and of its inverse
Sigma, dSigma = sn.tensor("Sigma", C, D), sn.tensor("dSigma", C, D, symmetric=True)
system = sn.cholesky(Sigma, L, R, place)
inner = sn.total(sn.total(dSigma * R, over=C) * R.rename({K: E, C: D}), over=D)
phi = inner * half
dL = sn.total(L * phi, over=K)
dR = sn.jvp(system.inverse_factor, {"Sigma": dSigma})
whole = sn.total(L * (inner * (half + sn.delta(K, E) / 2)), over=K)

# The gradient by hand
straight = sn.dot(dy.rename({C: K}), R, over=K)
back = sn.mean(dy.rename({C: K}) * sn.dot(x_c, R.rename({K: E}), over=C), over=N)
P = back * half
A = sn.total(sn.total(P * R, over=K) * R.rename({K: E, C: D}), over=E)
moved = straight - sn.total((A + A.rename({C: D, D: C})) * x_c.rename({C: D}), over=D)
centred = moved - sn.mean(moved, over=N)

sn.claim(
    "cholesky_whitening.identity_cov",
    "Cholesky-whitened data have mean 0 and the identity for their covariance: R Sigma R^T = I as R^T R = Sigma^-1."
    " Their covariance with the centred data is L, which is the inverse of R and triangular.",
    lambda: (
        sn.equal(sn.mean(y, over=N), 0),
        sn.equal(sn.mean(y * y.rename({C: D}), over=N), sn.delta(C, D)),
        sn.equal(sn.total(precision * cov.rename({C: D, D: E}), over=D), sn.delta(C, E)),
        sn.equal(sn.mean(x_c * y.rename({C: K}), over=N), L),
    ),
    given=known,
    source=PAPER,
    also=["transform.cholesky_whitening_cov"],
)
sn.claim(
    "cholesky_whitening.cov_ddof",
    "With N - 1 in the denominator, the covariance of Cholesky-whitened data is the identity.",
    lambda: sn.equal(sn.total(y * y.rename({C: D}), over=N) / (N - 1), sn.delta(C, D)),
    given=[*known, N >= 2],
    source=COMPUTED,
    expected="refuted",
    note="The covariance that is factored divides by N.",
)
sn.claim(
    "cholesky_whitening.transposed_factor_whitens",
    "The transposed R whitens, too.",
    lambda: sn.equal(
        sn.mean(sn.dot(x_c.rename({C: K}), R, over=K) * sn.dot(x_c.rename({C: K}), R, over=K).rename({C: D}), over=N),
        sn.delta(C, D),
    ),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="R Sigma R^T is the identity, R^T Sigma R is not.",
)
sn.claim(
    "cholesky_whitening.cross_covariance_symmetric",
    "The covariance of the centred with the whitened data is symmetric.",
    lambda: sn.equal(sn.mean(x_c * y.rename({C: D}), over=N), sn.mean(x_c.rename({C: D}) * y, over=N)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="That is ZCA whitening; here the later features say nothing of the earlier ones.",
)
sn.claim(
    "cholesky_whitening.same_lengths_as_zca",
    "The squared length of a whitened sample is its squared Mahalanobis distance from the mean.",
    lambda: sn.equal(sn.total(y**2, over=C), sn.total(x_c * sn.dot(x_c.rename({C: D}), precision, over=D), over=C)),
    given=known,
    source=COMPUTED,
)
sn.claim(
    "cholesky_whitening.is_zca",
    "Cholesky whitening is ZCA whitening.",
    lambda: sn.equal(y, sn.total(x_c.rename({C: D}) * precision, over=D)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="Its matrix is not symmetric.",
)
sn.claim(
    "cholesky_whitening.translation",
    "Adding a constant to each feature changes nothing.",
    lambda: sn.equal(factored(x + t, L, R, place), y),
    given=known,
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "cholesky_whitening.feature_scale",
    "Scaling each feature by an s > 0 of its own changes nothing: L scales by rows, its inverse by columns.",
    lambda: (
        sn.equal(factored(s * x, s * L, R / s, place), y),
        *factored.instance(s * x, s * L, R / s, place).relations[:3],
    ),
    given=known,
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "cholesky_whitening.feature_scale_stays_triangular",
    "A triangular factor whose rows are scaled is triangular in the same order of the features.",
    lambda: factored.instance(s * x, s * L, R / s, place).relations[3],
    given=known,
    source=COMPUTED,
)
sn.claim(
    "cholesky_whitening.scale_any_sign",
    "Scaling all data by a != 0, of either sign, changes nothing.",
    lambda: sn.equal(factored(a * x, sn.absolute(a) * L, R / sn.absolute(a), place), y),
    given=[*known, sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="A negative factor turns the sign of the whitened data.",
)
sn.claim(
    "cholesky_whitening.factor_derivative",
    "L changes by L Phi(R dSigma R^T), Phi the lower triangle with half of the diagonal: dL L^T + L dL^T = dSigma.",
    lambda: sn.equal(
        sn.total(dL * L.rename({C: D, K: E}), over=E) + sn.total(dL.rename({C: D}) * L.rename({K: E}), over=E), dSigma
    ),
    given=system.given,
    source="the derivative of the Cholesky factor; Murray 2016 (arXiv:1602.07527)",
)
sn.claim(
    "cholesky_whitening.factor_derivative_whole_diagonal",
    "L changes by L times the lower triangle of R dSigma R^T: dL L^T + L dL^T = dSigma.",
    lambda: sn.equal(
        sn.total(whole * L.rename({C: D, K: E}), over=E) + sn.total(whole.rename({C: D}) * L.rename({K: E}), over=E),
        dSigma,
    ),
    given=system.given,
    source=COMPUTED,
    expected="refuted",
    note="The diagonal would count twice.",
)
sn.claim(
    "cholesky_whitening.inverse_derivative",
    "The derivative of R that the gradient is made of is that of an inverse, -R dL R.",
    lambda: sn.equal(dR, -sn.total(sn.total(R.rename({C: D}) * dL.rename({C: D}), over=D) * R.rename({K: E}), over=E)),
    given=system.given,
    source=COMPUTED,
)
sn.claim(
    "cholesky_whitening.gradient",
    "With P = Phi(mean(dy x_c^T) R^T), S = -(R^T P R + its transposed)/2: dx is R^T dy + 2 S x_c, centred.",
    lambda: sn.equal(dx, centred),
    given=known,
    source=COMPUTED,
)
sn.claim(
    "cholesky_whitening.gradient_factor_held",
    "With the factor held constant, the gradient is R^T dy, centred.",
    lambda: sn.equal(dx, straight - sn.mean(straight, over=N)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="The factor moves with the data.",
)
sn.claim(
    "cholesky_whitening.gradient_sum_zero",
    "The gradient of each feature sums to zero over the samples.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    given=known,
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "cholesky_whitening.gradient_orthogonal",
    "The gradient is orthogonal to the data: whitening does not see their scale.",
    lambda: sn.equal(sn.total(x * dx, over=(N, C)), 0),
    given=known,
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "cholesky_whitening.gradient_orthogonal_factor_held",
    "With the factor held constant, the gradient is orthogonal to the data.",
    lambda: sn.equal(sn.total(x_c * straight, over=(N, C)), 0),
    given=known,
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="Orthogonality is scale invariance, which the derivative of the factor brings in.",
)
