"""Spectral norm: what its singular pair says, its gradient, scale invariance, one step of the power iteration.

The singular value and its vectors are known only through ``W v = sigma u``, ``W^T u = sigma v``, ``|u| = |v| = 1``,
which the claims take as given. Where a false statement stands beside a true one, the two differ by one assumption,
sign, factor or index.
"""

import symnorm as sn

PAPER = "Miyato et al. 2018 (arXiv:1802.05957)"
COMPUTED = f"computed from {PAPER}, equation 8"
TOPIC = "Spectral normalization"

C, K = sn.axes("C K")
D = C.copy("D")
a = sn.scalar("a")
k = sn.scalar("k")

spectral = sn.load("spectral_norm")
w, u, sigma, v = spectral.inputs.values()
layer = spectral.instance()
w_bar = layer.w_bar
pair = list(layer.given)
iterated = spectral.mode("power_iteration")
step = iterated.instance()
L = sn.Loss("L")
now = L.cotangent(step.w_bar)
left, right = sn.tensor("left", C), sn.tensor("right", K)

S, p, q = sn.tensor("w", C, D), sn.tensor("u", C), sn.tensor("v", D)
s = sn.scalar("sigma", positive=True)
square = sn.singular_pair(S, p, s, q)
E = C.copy("E")
S_first, p_first, q_first = sn.tensor("w_first", C, E), sn.tensor("u_first", C), sn.tensor("v_first", E)
s_first = sn.scalar("sigma_first", positive=True)
first = sn.singular_pair(S_first, p_first, s_first, q_first)

dW, du, dv, dsigma = sn.tensor("dW", C, K), sn.tensor("du", C), sn.tensor("dv", K), sn.scalar("dsigma")
moving = [sn.equal(sn.total(u * du, over=C), 0), sn.equal(sn.total(v * dv, over=K), 0)]

P, lam, V = sn.tensor("P", C, D), sn.tensor("lam", E), sn.tensor("V", C, E)
dy = L.cotangent(w_bar)
dw = sn.gradient(L, w_bar, w)


sn.claim(
    "spectral_norm.unit_norm",
    "The normalized matrix has the singular value 1, with the same vectors.",
    lambda: (sn.equal(sn.dot(w_bar, v, over=K), u), sn.equal(sn.dot(w_bar, u, over=C), v)),
    given=pair,
    source=f"{PAPER}, equation 8",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.unit_norm_scaled",
    "The normalized matrix has the singular value sigma, with the same vectors.",
    lambda: sn.equal(sn.dot(w_bar, v, over=K), sigma * u),
    given=pair,
    source=COMPUTED,
    expected="refuted",
    note="That is the matrix before it is normalized.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.singular_value",
    "The singular value is u^T W v.",
    lambda: sn.equal(sn.total(u * w * v, over=(C, K)), sigma),
    given=pair,
    source=f"{PAPER}, Algorithm 1",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.sqrt_eig",
    "The square of the singular value is an eigenvalue of W^T W, with eigenvector v.",
    lambda: sn.equal(sn.dot(w, sn.dot(w, v, over=K), over=C), sigma**2 * v),
    given=pair,
    source=f"{PAPER}, equation 6",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.eig_without_square",
    "The singular value is an eigenvalue of W^T W, with eigenvector v.",
    lambda: sn.equal(sn.dot(w, sn.dot(w, v, over=K), over=C), sigma * v),
    given=pair,
    source=COMPUTED,
    expected="refuted",
    note="The eigenvalue is the singular value's square.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.largest_eigenvalue",
    "The singular value of a square matrix is an eigenvalue of the matrix itself, with eigenvector v.",
    lambda: sn.equal(sn.dot(S, q, over=D), s * q.rename({D: C})),
    given=square.given,
    source="the wording 'largest eigenvalue (or their spectral norm)'",
    expected="refuted",
    also=["decoy.sn_eigenvalue_nonsymmetric"],
    note="W v is sigma u, and u is another vector than v; [[0, 1], [0, 0]] has the eigenvalue 0 only.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.normal_equality",
    "For a symmetric matrix the sizes of the eigenvalues are the singular values, with vectors sign(lam) V and V.",
    lambda: (
        sn.equal(sn.dot(P, V.rename({C: D}), over=D), sn.absolute(lam) * sn.sign(lam) * V),
        sn.equal(sn.dot(P, sn.sign(lam) * V, over=C), sn.absolute(lam) * V.rename({C: D})),
    ),
    given=sn.eigenbasis(P, lam, V).given,
    source="textbook",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.scale_invariance",
    "Scaling the weights by a > 0 scales the singular value, keeps its vectors, and changes no normalized weight.",
    lambda: (
        sn.equal(spectral(a * w, sigma=a * sigma), w_bar),
        *spectral.instance(a * w, sigma=a * sigma).relations,
    ),
    given=[*pair, a > 0],
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.rank_preserved",
    "The normalized matrix takes to 0 what the matrix takes to 0, and nothing else: W_bar k is W k/sigma for every k,"
    " and W k is sigma W_bar k.",
    lambda: (
        sn.equal(sn.dot(w_bar, right, over=K), sn.dot(w, right, over=K) / sigma),
        sn.equal(sn.dot(w, right, over=K), sigma * sn.dot(w_bar, right, over=K)),
    ),
    given=pair,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.composition_equality",
    "Two layers stretch by the product of their spectral norms: where the first stretches most, so does the second.",
    lambda: sn.equal(sn.norm(sn.dot(S, sn.dot(S_first, q_first, over=E).rename({C: D}), over=D), over=C), s * s_first),
    given=[*square.given, *first.given],
    source=f"{PAPER}, equation 7, read as an equality",
    expected="refuted",
    note="The product bounds it from above; diag(1, 0) after diag(0, 1) is 0.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.scale_sign",
    "Scaling the weights by a != 0, of either sign, changes the normalized weights by the sign of a.",
    lambda: (
        sn.equal(spectral(a * w, u=sn.sign(a) * u, sigma=sn.absolute(a) * sigma), sn.sign(a) * w_bar),
        *spectral.instance(a * w, u=sn.sign(a) * u, sigma=sn.absolute(a) * sigma).relations,
    ),
    given=[*pair, sn.unequal(a, 0)],
    source=COMPUTED,
    kind="invariance",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.scale_invariance_any_sign",
    "Scaling the weights by a != 0, of either sign, changes no normalized weight.",
    lambda: sn.equal(spectral(a * w, u=sn.sign(a) * u, sigma=sn.absolute(a) * sigma), w_bar),
    given=[*pair, sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="A negative factor turns the normalized weights round; see spectral_norm.scale_sign.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.dsigma",
    "Along u, the differentiated relation dW v + W dv = dsigma u + sigma du says that dsigma is u^T dW v.",
    lambda: sn.equal(
        sn.total(u * (sn.total(dW * v + w * dv, over=K) - dsigma * u - sigma * du), over=C),
        sn.total(u * dW * v, over=(C, K)) - dsigma,
    ),
    given=[*pair, *moving],
    source=f"{PAPER}, section 2.3",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.dsigma_of_any_vectors",
    "The same where u and v may also change their lengths.",
    lambda: sn.equal(
        sn.total(u * (sn.total(dW * v + w * dv, over=K) - dsigma * u - sigma * du), over=C),
        sn.total(u * dW * v, over=(C, K)) - dsigma,
    ),
    given=pair,
    source=COMPUTED,
    expected="refuted",
    note="Unit vectors change at right angles to themselves; that takes the terms with du and dv away.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.dsigma_transposed",
    "The derivative of the singular value of a square matrix is v u^T.",
    lambda: sn.equal(sn.gradient(L, square.sigma, S), L.cotangent(square.sigma) * q.rename({D: C}) * p.rename({C: D})),
    given=square.given,
    source=COMPUTED,
    expected="refuted",
    also=["decoy.sn_grad_vu"],
    note="It is u v^T.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.gradient",
    "The gradient is that of the weights less what it has along u v^T, divided by sigma.",
    lambda: sn.equal(dw, (dy - sn.total(dy * w_bar, over=(C, K)) * u * v) / sigma),
    given=pair,
    source=f"{PAPER}, section 2.3",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.gradient_uncorrected",
    "The gradient is that of the normalized weights divided by sigma.",
    lambda: sn.equal(dw, dy / sigma),
    given=pair,
    source=COMPUTED,
    expected="refuted",
    also=["decoy.sn_grad_uncorrected"],
    note="sigma moves with the weights.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.grad_orthogonal",
    "The gradient is orthogonal to the weights.",
    lambda: sn.equal(sn.total(w * dw, over=(C, K)), 0),
    given=pair,
    source=COMPUTED,
    kind="orthogonality",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.grad_orthogonal_uncorrected",
    "The gradient with sigma held constant is orthogonal to the weights.",
    lambda: sn.equal(sn.total(w * dy / sigma, over=(C, K)), 0),
    given=pair,
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="Orthogonality is scale invariance, which the derivative of sigma brings in.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.stationary_rank1",
    "Where the loss's derivative G by the normalized weights is k u v^T, the gradient is zero; and only there: G is"
    " sigma times the gradient plus <G, W_bar> u v^T.",
    lambda: (
        sn.equal(k * u * v - sn.total(k * u * v * w_bar, over=(C, K)) * u * v, 0),
        sn.equal(dy, sigma * dw + sn.total(dy * w_bar, over=(C, K)) * u * v),
    ),
    given=pair,
    source=f"{PAPER}, section 2.3",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.stationary_any_rank1",
    "Where the loss's derivative by the normalized weights is of rank 1, the gradient is zero.",
    lambda: sn.equal(left * right - sn.total(left * right * w_bar, over=(C, K)) * u * v, 0),
    given=pair,
    source=COMPUTED,
    expected="refuted",
    note="It has to be a multiple of u v^T.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.inner_gradient",
    "Along the singular vectors the gradient is (u^T G v - <G, W_bar>)/sigma.",
    lambda: sn.equal(
        sn.total(u * dw * v, over=(C, K)),
        (sn.total(u * dy * v, over=(C, K)) - sn.total(dy * w_bar, over=(C, K))) / sigma,
    ),
    given=pair,
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.power_iteration_value",
    "One step of the power iteration from a vector u gives the length of W v for its v.",
    lambda: sn.equal(step.sigma_hat, sn.norm(sn.dot(w, step.v_hat, over=K), over=C)),
    source=f"{PAPER}, Algorithm 1",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.power_iteration_fixed_point",
    "From the singular vector itself one step gives the singular value and the vector again.",
    lambda: (sn.equal(step.sigma_hat, sigma), sn.equal(step.u_hat, u), sn.equal(step.v_hat, v)),
    given=pair,
    source=f"{PAPER}, Algorithm 1",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.power_iteration_exact",
    "From any vector one step gives the singular value.",
    lambda: sn.equal(iterated.instance(u=left).sigma_hat, sigma),
    given=pair,
    source=COMPUTED,
    expected="refuted",
    note="It is a lower bound; the iteration converges to it.",
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.power_iteration_gradient",
    "With the vectors held constant, as in training, the gradient is (G - <G, W_bar> u v^T)/sigma of their estimates.",
    lambda: sn.equal(
        sn.gradient(L, step.w_bar, w),
        (now - sn.total(now * step.w_bar, over=(C, K)) * step.u_hat * step.v_hat) / step.sigma_hat,
    ),
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "spectral_norm.gan_training",
    "Spectral normalization stabilizes the training of generative adversarial networks.",
    source=f"{PAPER}, section 4",
    expected="empirical",
    kind="empirical",
    note="A statement about experiments.",
    topic=TOPIC,
)
