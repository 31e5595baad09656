"""ZCA whitening: identity covariance, the square root that it rests on, its gradient, what it is not.

V and lam are known only through ``Sigma = V diag(lam) V^T`` and ``V^T V = V V^T = I``, which the claims take as given:
N is the samples, C the features, D a copy of them. Where a false statement stands beside a true one, the two differ by
one assumption, sign, factor or index.
"""

import symnorm as sn

PAPER = "Kessy, Lewin & Strimmer 2018 (arXiv:1512.00809)"
COMPUTED = f"computed from {PAPER}, ZCA whitening"
TOPIC = "Statistical transformations"

N, C = sn.axes("N C")
D, E, K = C.copy("D"), C.copy("E"), C.copy("K")
a = sn.scalar("a")
t = sn.tensor("t", C)
Q = sn.tensor("Q", C, E)

zca = sn.load("zca_whitening")
x, lam, V = zca.inputs.values()
data = zca.instance()
x_c, cov, W, y = data.x_c, data.cov, data.W, data.y
known = list(data.given)
inverse = sn.total(V / lam * V.rename({C: D}), over=K)
squared = sn.total(x_c.rename({C: D}) * inverse, over=D)
root = sn.total(V * sn.sqrt(lam) * V.rename({C: D}), over=K)
Sigma, dSigma = sn.tensor("Sigma", C, D), sn.tensor("dSigma", C, D, symmetric=True)
S, r = root, sn.sqrt(lam)
inner = sn.total(sn.total(dSigma * V, over=C) * V.rename({C: D, K: E}), over=D)
dS = sn.total(V * sn.total(inner / (r + r.rename({K: E})) * V.rename({C: D, K: E}), over=E), over=K)
wrong = sn.total(V * sn.total(inner / (2 * r) * V.rename({C: D, K: E}), over=E), over=K)
product = sn.total(dS.rename({D: E}) * S.rename({C: E}), over=E)
R = sn.eigenbasis(Sigma, lam, V).inverse_root
dR = sn.jvp(R, {"Sigma": dSigma})
L = sn.Loss("L")
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)

colored = sn.total(cov * W.rename({C: D, D: E}), over=D)
turned = sn.dot(y, Q, over=C)
pca = sn.load("pca_whitening")
M, h, flips = N.copy("M"), sn.tensor("h", C), sn.tensor("flips", K)
e = sn.sign(flips)
J, H = C.copy("J"), C.copy("H")
# Any matrix in the place of the whitening one
T = sn.tensor("T", E, C)
B, S_T = sn.total(T * root, over=C), sn.total(root.rename({C: E}) * T, over=E)
squared_B = sn.total(B * B.rename({D: H}), over=E)
# Data mapped by A and t, and what whitens them
A, other_lam, other_V = sn.tensor("A", C, D), sn.tensor("other_lam", K, positive=True), sn.tensor("other_V", C, K)
mapped = zca.instance(sn.total(x * A, over=C).rename({D: C}) + t, other_lam, other_V)
rotation = sn.total(sn.total(root * A.rename({C: D, D: J}), over=D) * mapped.W.rename({C: J, D: E}), over=J)
one_feature = {
    "N": 2,
    "C": 1,
    "x": [[-1], [1]],
    "lam": [1],
    "V": [[1]],
    "A": [[2]],
    "t": [3],
    "other_lam": [4],
    "other_V": [[1]],
}
# Whitened data turned by Q
S_Q = sn.total(root * Q.rename({E: D}), over=D)
further = sn.total(sn.sqrt(lam) * (sn.total(Q * V, over=C).rename({E: C}) - V) ** 2, over=(K, C))
own, one = sn.var(x, over=N).rename({C: K}), sn.delta(C, K)

sn.claim(
    "zca_whitening.identity_cov",
    "ZCA-whitened data have mean 0 and the identity for their covariance: uncorrelated, with variance 1.",
    lambda: (sn.equal(sn.mean(y, over=N), 0), sn.equal(sn.mean(y * y.rename({C: E}), over=N), sn.delta(C, E))),
    given=known,
    source=PAPER,
    also=[
        "transform.zca_identity_cov",
        "transform.whitening_unit_var_uncorrelated",
        "transform.whitening_eq_centering_plus_sphering",
    ],
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.cov_ddof",
    "With N - 1 in the denominator, the covariance of ZCA-whitened data is the identity.",
    lambda: sn.equal(sn.total(y * y.rename({C: E}), over=N) / (N - 1), sn.delta(C, E)),
    given=[*known, N >= 2],
    source=COMPUTED,
    expected="refuted",
    also=["decoy.whitening_n_minus_1"],
    note="The covariance that is inverted divides by N.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.cov_of_inverse",
    "Centred data times the inverse of their covariance, not its root, have the identity for their covariance.",
    lambda: sn.equal(sn.mean(squared * squared.rename({C: E}), over=N), sn.delta(C, E)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    also=["decoy.whiten_inverse"],
    note="Their covariance is the inverse: for one feature of variance 4 it is 1/4.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.cov_is_inverse",
    "Centred data times the inverse of their covariance have that inverse for their covariance.",
    lambda: sn.equal(sn.mean(squared * squared.rename({C: E}), over=N), inverse.rename({D: E})),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.root_inverts",
    "The whitening matrix is symmetric, and W Sigma W is the identity.",
    lambda: (
        sn.equal(W, W.rename({C: D, D: C})),
        sn.equal(sn.total(W.rename({D: K}) * colored.rename({C: K}), over=K), sn.delta(C, E)),
    ),
    given=known,
    source=f"{PAPER}, equation 3",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.root_squares",
    "The square of the whitening matrix is the inverse of the covariance.",
    lambda: sn.equal(sn.total(W.rename({D: K}) * W.rename({C: K}), over=K), inverse),
    given=known,
    source=f"{PAPER}, equation 4",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.matrix_is_not_the_inverse",
    "The whitening matrix times the covariance is the identity.",
    lambda: sn.equal(sn.total(W * cov.rename({C: D, D: E}), over=D), sn.delta(C, E)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="That is the inverse; the product here is the square root of the covariance.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.cross_covariance",
    "The covariance of the centred with the whitened data is the square root of the covariance, which is symmetric.",
    lambda: (sn.equal(sn.mean(x_c * y.rename({C: D}), over=N), root), sn.equal(root, root.rename({C: D, D: C}))),
    given=known,
    source=f"{PAPER}, ZCA whitening",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.cross_covariance_is_identity",
    "The covariance of the centred with the whitened data is the identity.",
    lambda: sn.equal(sn.mean(x_c * y.rename({C: D}), over=N), sn.delta(C, D)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="It is the square root of the covariance.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.rotations_whiten",
    "Whitening is unique only up to rotation: whitened data times any orthogonal Q are white.",
    lambda: sn.equal(sn.mean(turned * turned.rename({E: K}), over=N), sn.delta(E, K)),
    given=[*known, *sn.orthogonal(Q)],
    source=f"{PAPER}, equation 5",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.whitening_matrices",
    "Any matrix T is B W with B = T S, where S is the root of the covariance and W = S^-1, ZCA's matrix; T Sigma T^T is"
    " B B^T and T^T T is W B^T B W: so T whitens exactly if B is orthogonal, and exactly if T^T T = Sigma^-1 = W W.",
    lambda: (
        sn.equal(sn.total(B * W.rename({C: J}), over=D), T.rename({C: J})),
        sn.equal(
            sn.total(sn.total(T * cov, over=C) * T.rename({E: K, C: D}), over=D),
            sn.total(B * B.rename({E: K}), over=D),
        ),
        sn.equal(sn.total(T * T.rename({C: J}), over=E), sn.total(W * squared_B * W.rename({C: J, D: H}), over=(D, H))),
    ),
    given=known,
    source=f"{PAPER}, equations 3 to 5",
    also=["transform.whitening_characterization"],
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.whitening_matrices_turned_right",
    "With T Sigma T^T = I, the matrix T is W B for an orthogonal B: with B = S T, B^T B is T Sigma T^T.",
    lambda: sn.equal(
        sn.total(S_T.rename({C: E}) * S_T.rename({C: K}), over=D),
        sn.total(sn.total(T * cov, over=C) * T.rename({E: K, C: D}), over=D),
    ),
    given=known,
    source=f"{PAPER}, equation 5, the rotation on the other side",
    expected="refuted",
    note="The rotation acts on whitened data, so it stands on the left: T = B W.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.turned_by_any_matrix",
    "Whitened data times any matrix Q have the covariance Q^T Q.",
    lambda: sn.equal(sn.mean(turned * turned.rename({E: K}), over=N), sn.total(Q * Q.rename({E: K}), over=C)),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.whitening_affine",
    "Whitening x A + t, whose covariance A^T Sigma A is positive definite, too, gives white data, namely those of"
    " whitening x times the rotation S A W', with the root S of Sigma and the whitening matrix W' of A^T Sigma A.",
    lambda: (
        sn.equal(sn.mean(mapped.y * mapped.y.rename({C: E}), over=N), sn.delta(C, E)),
        sn.equal(mapped.y.rename({C: E}), sn.dot(y, rotation, over=C)),
        sn.equal(sn.total(rotation * rotation.rename({E: K}), over=C), sn.delta(E, K)),
    ),
    given=[*known, *mapped.given],
    source=COMPUTED,
    also=["transform.whitening_affine"],
    topic=TOPIC,
    examples=[one_feature],
)
sn.claim(
    "zca_whitening.whitening_affine_unturned",
    "Whitening x A + t gives the same as whitening x.",
    lambda: sn.equal(mapped.y, y),
    given=[*known, *mapped.given],
    source="the rotation forgotten",
    expected="refuted",
    note="Already a reflection of the data, A = -1 for one feature, is one of the whitened data.",
    topic=TOPIC,
    examples=[one_feature | {"A": [[-2]]}],
)
sn.claim(
    "zca_whitening.whitening_affine_identity",
    "Whitened data times any matrix Q are white.",
    lambda: sn.equal(sn.mean(turned * turned.rename({E: K}), over=N), sn.delta(E, K)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="Only orthogonal matrices keep them white.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.whitening_is_unique",
    "Whitened data times an orthogonal Q are the whitened data.",
    lambda: sn.equal(turned, y.rename({C: E})),
    given=[*known, *sn.orthogonal(Q)],
    source=COMPUTED,
    expected="refuted",
    note="They are white again, and turned.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.is_turned_pca",
    "ZCA whitening is PCA whitening turned back by V^T.",
    lambda: sn.equal(y, sn.dot(pca(x, lam, V).rename({C: K}), V, over=K)),
    given=known,
    source=PAPER,
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.is_pca",
    "ZCA whitening is PCA whitening, the decorrelated data divided by the roots of the eigenvalues.",
    lambda: sn.equal(y, pca(x, lam, V)),
    given=known,
    source="the wording of dividing each decorrelated dimension by the root of its eigenvalue",
    expected="refuted",
    also=["transform.sphering_text_vs_formula", "decoy.zca_matches_pca"],
    note="They differ by the rotation V^T.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.translation",
    "Adding a constant to each feature changes nothing.",
    lambda: sn.equal(zca(x + t, lam, V), y),
    given=known,
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.scale",
    "Scaling all data by a > 0 changes nothing: the eigenvalues scale by a^2, the vectors stay.",
    lambda: (sn.equal(zca(a * x, a**2 * lam, V), y), *zca.instance(a * x, a**2 * lam, V).relations),
    given=[*known, a > 0],
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.scale_any_sign",
    "Scaling all data by a != 0, of either sign, changes nothing.",
    lambda: sn.equal(zca(a * x, a**2 * lam, V), y),
    given=[*known, sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="A negative factor turns the sign of the whitened data.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.mahalanobis",
    "The squared length of a whitened sample is its Mahalanobis distance from the mean, squared.",
    lambda: sn.equal(sn.total(y**2, over=C), sn.total(x_c * squared, over=C)),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.needs_more_samples_than_features",
    "Data that can be whitened have more samples than features.",
    lambda: N - 1 >= C,
    given=known,
    by=lambda: sn.total((sn.delta(N, M) - 1 / N - sn.total(y * y.rename({N: M}), over=C) / N) ** 2, over=(N, M)),
    source="computed: y y^T/N projects onto as many dimensions as there are features, none of them along 1",
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.any_data",
    "The covariance of any data is positive definite, so that it has an inverse root.",
    lambda: sn.total(sn.total(cov * h, over=C) * h.rename({C: D}), over=D) > 0,
    given=[sn.total(h**2, over=C) > 0],
    source="the formula without an assumption",
    expected="refuted",
    kind="inequality",
    also=["transform.zca_singular_sigma"],
    note="With as many features as samples, or with collinear ones, it is singular.",
    topic=TOPIC,
    examples=[{"N": 2, "C": 2, "x": [[0, 0], [1, 1]], "h": [1, -1]}],
)
sn.claim(
    "zca_whitening.of_one_feature",
    "Of one feature the eigenvalue is the variance, the eigenvector 1; whitening is standardizing.",
    lambda: (sn.equal(zca(x, own, one), sn.load("z_score")(x)), *zca.instance(x, own, one).relations),
    given=[sn.equal(C, 1)],
    source=COMPUTED,
    also=["transform.zca_dim1_is_zscore"],
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.of_features_alone",
    "Whitening is standardizing each feature.",
    lambda: sn.equal(y, sn.load("z_score")(x)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="Only for features that are not correlated.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.pca_any_basis",
    "PCA whitening is the same for another choice of eigenvectors.",
    lambda: sn.equal(pca(x, lam, V * e), pca(x, lam, V)),
    given=[*known, sn.unequal(flips, 0)],
    source="Huang et al. 2018 (arXiv:1804.08450), on stochastic axis swapping",
    expected="refuted",
    note="Each sign of an eigenvector is one of its output: that is why a batch's PCA swaps axes.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.any_signs",
    "The signs of the eigenvectors do not matter to ZCA whitening, and it sums over them in no order.",
    lambda: sn.equal(zca(x, lam, V * e), y),
    given=[*known, sn.unequal(flips, 0)],
    source="Huang et al. 2018 (arXiv:1804.08450), on stochastic axis swapping",
    also=["transform.zca_symmetric_unique"],
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.nearest_to_the_data",
    "Turned by an orthogonal Q, the whitened data have the trace of S Q for their summed covariance with the data, at"
    " most that of S, the root of the covariance, and lie from them by sum_k r_k ||Q^T v_k - v_k||^2 more than ZCA's"
    " do, r_k > 0 the eigenvalues of S, v_k the eigenvectors: ZCA is nearest, and Q = I alone attains it.",
    lambda: (
        sn.equal(sn.mean(sn.total(x_c * turned.rename({E: C}), over=C), over=N), sn.total(S_Q, over=C)),
        sn.total(S_Q, over=C) <= sn.total(sn.sqrt(lam), over=K),
        sn.equal(
            sn.mean(sn.total((x_c - turned.rename({E: C})) ** 2, over=C), over=N),
            sn.mean(sn.total((x_c - y) ** 2, over=C), over=N) + further,
        ),
    ),
    given=[*known, *sn.orthogonal(Q)],
    by=lambda: further / 2,
    source=f"{PAPER}, section 3",
    kind="inequality",
    also=["transform.zca_optimality"],
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.pca_as_near",
    "PCA-whitened data lie as near to the data as ZCA-whitened ones.",
    lambda: sn.equal(
        sn.mean(sn.total((x_c - pca(x, lam, V)) ** 2, over=C), over=N),
        sn.mean(sn.total((x_c - y) ** 2, over=C), over=N),
    ),
    given=known,
    source="one whitening taken for another",
    expected="refuted",
    note="ZCA is the nearest of all; PCA's axes are those of the eigenvectors, not of the data.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.keeps_lengths",
    "Whitening keeps the squared length of each centred sample.",
    lambda: sn.equal(sn.total(y**2, over=C), sn.total(x_c**2, over=C)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    note="Rotations keep lengths; whitening also divides by roots of eigenvalues.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.total_length",
    "The squared lengths of the whitened samples add up to N C.",
    lambda: sn.equal(sn.total(y**2, over=(N, C)), N * C),
    given=known,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.gradient_sum_zero",
    "The gradient of each feature sums to zero over the samples.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    given=known,
    source=COMPUTED,
    kind="orthogonality",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.gradient_orthogonal",
    "The gradient is orthogonal to the data: whitening does not see their scale.",
    lambda: sn.equal(sn.total(x * dx, over=(N, C)), 0),
    given=known,
    source=COMPUTED,
    kind="orthogonality",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.gradient_orthogonal_root_held",
    "With the root of the covariance held constant, the gradient is orthogonal to the data.",
    lambda: sn.equal(sn.total(x_c * sn.total(dy.rename({C: D}) * W, over=D), over=(N, C)), 0),
    given=known,
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="Orthogonality is scale invariance, which the derivative of the root brings in.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.not_independent",
    "The mean product of two whitened features' squares is that of independent normal ones.",
    lambda: sn.equal(sn.mean(y**2 * (y.rename({C: E})) ** 2, over=N), 1 + 2 * sn.delta(C, E)),
    given=known,
    source=COMPUTED,
    expected="refuted",
    also=["transform.uncorrelated_not_independent"],
    note="Uncorrelated is less than independent; only for Gaussian data are they one.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.root_derivative",
    "S = Sigma^(1/2) changes by V ((V^T dSigma V)/(r_i + r_j)) V^T, r = sqrt(lam): then dS S + S dS = dSigma.",
    lambda: (
        sn.equal(product + product.rename({C: D, D: C}), dSigma),
        sn.equal(sn.total(S.rename({D: E}) * S.rename({C: E}), over=E), Sigma),
    ),
    given=sn.eigenbasis(Sigma, lam, V).given,
    source="the Sylvester equation of the matrix square root",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.root_derivative_of_numbers",
    "S = Sigma^(1/2) changes by V ((V^T dSigma V)/(2 r_i)) V^T: then dS S + S dS = dSigma.",
    lambda: sn.equal(
        sn.total(wrong.rename({D: E}) * S.rename({C: E}), over=E)
        + sn.total(S.rename({D: E}) * wrong.rename({C: E}), over=E),
        dSigma,
    ),
    given=sn.eigenbasis(Sigma, lam, V).given,
    source=COMPUTED,
    expected="refuted",
    note="The rule of numbers holds on the diagonal only: off it 2 r_i becomes r_i + r_j.",
    topic=TOPIC,
)
sn.claim(
    "zca_whitening.inverse_root_derivative",
    "The derivative that the gradient is made of satisfies the differentiated relation W W Sigma = I.",
    lambda: sn.equal(
        sn.total(dR.rename({D: E}) * sn.total(R.rename({D: K}) * Sigma.rename({C: K}), over=K).rename({C: E}), over=E)
        + sn.total(R.rename({D: E}) * sn.total(dR.rename({D: K}) * Sigma.rename({C: K}), over=K).rename({C: E}), over=E)
        + sn.total(
            R.rename({D: E}) * sn.total(R.rename({D: K}) * dSigma.rename({C: K}), over=K).rename({C: E}), over=E
        ),
        0,
    ),
    given=sn.eigenbasis(Sigma, lam, V).given,
    source=COMPUTED,
    topic=TOPIC,
)
