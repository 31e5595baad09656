"""Layer norm: its row of Ba, Kiros and Hinton's table of invariances, and its gradients at eps = 0 and eps > 0.

Axis N is the samples, C the features that are normalized over, K the inputs of a linear layer before. Where a false
statement stands beside a true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Layer normalization")

PAPER = "Ba, Kiros & Hinton 2016 (arXiv:1607.06450)"
DEFINITION = f"{PAPER}, equation 3"
COMPUTED = f"computed from {DEFINITION}"
TABLE = f"{PAPER}, section 5.1 and Table 1"
TABLE_EPS = f"{TABLE}, which leaves eps out"

N, C, K = sn.axes("N C K")
x = sn.tensor("x", N, C)
A, W = sn.tensor("A", N, K), sn.tensor("W", K, C)
gamma, beta = sn.tensor("gamma", C), sn.tensor("beta", C)
q, r, b, d = sn.tensor("q", N), sn.tensor("r", K), sn.tensor("b", C), sn.tensor("d", C)
a = sn.scalar("a")
eps, any_eps = sn.scalar("eps", positive=True), sn.scalar("eps", nonnegative=True)

ln = sn.load("layer_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

sample = ln.instance()
var, x_hat, y = sample.var, sample.x_hat, sample.y
s = sn.sqrt(var + eps)
dy = L.cotangent(y)

# C samples of N features: axes N and C with each other's size. Turned round, they are a tensor over N and C again.
bn = sn.load("batch_norm")
u = sn.tensor("u", N, C)
tall, normalized = sn.with_sizes((u, bn.instance(u).x_hat), {"N": C.size, "C": N.size})
turned = {C.copy("N"): C, N.copy("C"): N}

z = sn.dot(A, W, over=K)
layer = ln.instance(z)
dy_layer = L.cotangent(layer.y)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "layer_norm.row_stats",
    "Each normalized sample has mean 0 and variance var/(var + eps) over its features.",
    lambda: (sn.equal(sn.mean(x_hat, over=C), 0), sn.equal(sn.var(x_hat, over=C), var / (var + eps))),
    source=DEFINITION,
)
sn.claim(
    "layer_norm.column_stats",
    "Each normalized feature has mean 0 over the samples.",
    lambda: sn.equal(sn.mean(x_hat, over=N), 0),
    source=DEFINITION,
    expected="refuted",
    note="That is batch norm: layer norm averages over the features of one sample.",
)
sn.claim(
    "layer_norm.is_transposed_bn",
    "Before gain and bias, layer norm of a transposed matrix is batch norm of that matrix, transposed.",
    lambda: sn.equal(ln.instance(tall.rename(turned)).x_hat, normalized.rename(turned)),
    source=f"{PAPER}, abstract",
)
sn.claim(
    "layer_norm.is_bn",
    "Before gain and bias, layer norm of a matrix is batch norm of that matrix.",
    lambda: sn.equal(x_hat, bn.instance(x).x_hat),
    source=f"{PAPER}, abstract",
    expected="refuted",
    note="They average over different axes.",
)
sn.claim(
    "layer_norm.rms_of_centered",
    "For samples of mean 0, layer norm without beta is gamma x/sqrt(mean(x^2) + eps).",
    lambda: sn.equal(ln(x, beta=0), gamma * x / sn.sqrt(sn.mean(x**2, over=C) + eps)),
    given=[sn.equal(sn.mean(x, over=C), 0)],
    source="Zhang & Sennrich 2019 (arXiv:1910.07467), section 4",
)
sn.claim(
    "layer_norm.rms_of_uncentered",
    "Layer norm without beta is gamma x/sqrt(mean(x^2) + eps).",
    lambda: sn.equal(ln(x, beta=0), gamma * x / sn.sqrt(sn.mean(x**2, over=C) + eps)),
    source="Zhang & Sennrich 2019 (arXiv:1910.07467), section 4",
    expected="refuted",
    note="Only where the mean is 0: layer norm subtracts it.",
)

# The table of invariances, y = LN(A W) --------------------------------------------------------------------------------

sn.claim(
    "layer_norm.shift_invariance",
    "A constant q added to all features of a sample does not change the output, for every eps >= 0.",
    lambda: sn.equal(ln(x + q, eps=any_eps), ln(x, eps=any_eps)),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "layer_norm.feature_shift_invariance",
    "A constant b added to a feature of all samples does not change the output.",
    lambda: sn.equal(ln(x + b), y),
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="That is batch norm's invariance: under layer norm a bias before it is not cancelled.",
)
sn.claim(
    "layer_norm.eps_scaling",
    "For eps > 0, scaling the input by a != 0 and eps by a^2 multiplies x_hat by the sign of a.",
    lambda: sn.equal(ln.instance(a * x, eps=a**2 * eps).x_hat, sn.sign(a) * x_hat),
    given=[sn.unequal(a, 0), with_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "layer_norm.weight_matrix_rescaling",
    "At eps = 0, scaling the weight matrix by a > 0 does not change the output.",
    lambda: sn.equal(ln(sn.dot(A, a * W, over=K)), layer.y),
    given=[a > 0, no_eps],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "layer_norm.weight_matrix_rescaling_eps_pos",
    "For eps > 0, scaling the weight matrix by a > 0 does not change the output.",
    lambda: sn.equal(ln(sn.dot(A, a * W, over=K)), layer.y),
    given=[a > 0, with_eps],
    source=TABLE_EPS,
    expected="refuted",
    kind="invariance",
    note="Exact only if eps is scaled by a^2.",
)
sn.claim(
    "layer_norm.weight_matrix_recentering",
    "The same vector r added to the weight vectors of all units does not change the output, for every eps >= 0.",
    lambda: sn.equal(ln(sn.dot(A, W + r, over=K), eps=any_eps), ln(z, eps=any_eps)),
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "layer_norm.weight_vector_rescaling",
    "At eps = 0, scaling each unit's weight vector by its own d > 0 does not change the output.",
    lambda: sn.equal(ln(sn.dot(A, d * W, over=K)), layer.y),
    given=[d > 0, no_eps],
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="One unit's scale changes the statistics of the whole sample.",
    also=["decoy.ln_row_rescaling"],
)
sn.claim(
    "layer_norm.dataset_rescaling",
    "At eps = 0, scaling all data by a > 0 does not change the output.",
    lambda: sn.equal(ln(sn.dot(a * A, W, over=K)), layer.y),
    given=[a > 0, no_eps],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "layer_norm.dataset_recentering",
    "The same vector r added to all data does not change the output.",
    lambda: sn.equal(ln(sn.dot(A + r, W, over=K)), layer.y),
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="Unit c is shifted by its own sum(r W), which the mean over the features does not remove.",
    also=["decoy.ln_dataset_recentering"],
)
sn.claim(
    "layer_norm.single_case_rescaling",
    "At eps = 0, scaling each sample by its own q > 0 does not change the output.",
    lambda: sn.equal(ln(sn.dot(q * A, W, over=K)), layer.y),
    given=[q > 0, no_eps],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "layer_norm.single_case_rescaling_eps_pos",
    "For eps > 0, scaling each sample by its own q > 0 does not change the output.",
    lambda: sn.equal(ln(sn.dot(q * A, W, over=K)), layer.y),
    given=[q > 0, with_eps],
    source=TABLE_EPS,
    expected="refuted",
    kind="invariance",
    note="eps would have to be scaled by q^2, sample by sample.",
)
sn.claim(
    "layer_norm.single_case_rescaling_negative",
    "At eps = 0, scaling the data by any a != 0 does not change the output.",
    lambda: sn.equal(ln(sn.dot(a * A, W, over=K)), layer.y),
    given=[sn.unequal(a, 0), no_eps],
    source=f"{TABLE}, which leaves the sign out",
    expected="refuted",
    kind="invariance",
    note="For a < 0 the sign of x_hat flips.",
)

# Backward -------------------------------------------------------------------------------------------------------------

g = gamma * dy
sn.claim(
    "layer_norm.backward_x",
    "With g = gamma dy, dx = (g - mean(g) - x_hat mean(g x_hat))/sqrt(var + eps), for every loss.",
    lambda: sn.equal(sn.gradient(L, y, x), (g - sn.mean(g, over=C) - x_hat * sn.mean(g * x_hat, over=C)) / s),
    source=COMPUTED,
)
sn.claim(
    "layer_norm.backward_x_gamma_outside",
    "dx = gamma/sqrt(var + eps) (dy - mean(dy) - x_hat mean(dy x_hat)).",
    lambda: sn.equal(
        sn.gradient(L, y, x), gamma / s * (dy - sn.mean(dy, over=C) - x_hat * sn.mean(dy * x_hat, over=C))
    ),
    source="batch norm's formula with the axes exchanged",
    expected="refuted",
    note="gamma varies along the features that are averaged over, so it stays inside the means.",
)
sn.claim(
    "layer_norm.backward_gamma_beta",
    "dgamma = sum(dy x_hat) and dbeta = sum(dy), over the samples.",
    lambda: (
        sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_hat, over=N)),
        sn.equal(sn.gradient(L, y, beta), sn.total(dy, over=N)),
    ),
    source=COMPUTED,
)
sn.claim(
    "layer_norm.backward_sum_zero",
    "The gradient by x sums to 0 over the features of each sample, for every eps >= 0.",
    lambda: sn.equal(sn.total(sn.gradient(L, ln(x, eps=any_eps), x), over=C), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "layer_norm.backward_batch_sum_zero",
    "The gradient by x sums to 0 over the samples.",
    lambda: sn.equal(sn.total(sn.gradient(L, y, x), over=N), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="That is batch norm; under layer norm a bias before it has a gradient.",
)
sn.claim(
    "layer_norm.backward_dot_xhat",
    "For each sample, sum(x_hat dx) = eps/(var + eps)^(3/2) sum(gamma dy x_hat).",
    lambda: sn.equal(
        sn.total(x_hat * sn.gradient(L, y, x), over=C), eps / (s * (var + eps)) * sn.total(gamma * dy * x_hat, over=C)
    ),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "layer_norm.backward_dot_xhat_eps_pos",
    "For eps > 0, the gradient by x is orthogonal to the normalized sample.",
    lambda: sn.equal(sn.total(x_hat * sn.gradient(L, y, x), over=C), 0),
    given=[with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="A term with the factor eps is left.",
)
sn.claim(
    "layer_norm.weight_grad_orthogonal",
    "At eps = 0, the gradient by the weight matrix is orthogonal to it: W dL/dW summed over all entries is 0.",
    lambda: sn.equal(sn.total(W * sn.gradient(L, layer.y, W), over=(K, C)), 0),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "layer_norm.weight_grad_eps_exact",
    "For eps > 0, W dL/dW summed over all entries is eps/(var + eps) gamma dy x_hat summed over all entries.",
    lambda: sn.equal(
        sn.total(W * sn.gradient(L, layer.y, W), over=(K, C)),
        sn.total(eps / (layer.var + eps) * gamma * dy_layer * layer.x_hat, over=(N, C)),
    ),
    given=[with_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "layer_norm.row_grad_orthogonal",
    "At eps = 0, the gradient by a unit's weight vector is orthogonal to that vector.",
    lambda: sn.equal(sn.total(W * sn.gradient(L, layer.y, W), over=K), 0),
    given=[no_eps],
    source="batch norm's property, claimed of layer norm",
    expected="refuted",
    kind="orthogonality",
    note="The output is invariant to the scale of the whole matrix, not of one unit's weights.",
)

# What others mean by it -----------------------------------------------------------------------------------------------

annotated = sn.load("layer_norm@annotated")
ANNOTATED = "Rush 2018, The Annotated Transformer, class LayerNorm"

sn.claim(
    "layer_norm.annotated_factor",
    "At eps = 0, the layer norm of The Annotated Transformer standardizes to sqrt((C - 1)/C) times the paper's x_hat.",
    lambda: sn.equal(annotated.instance().x_hat, sn.sqrt((C - 1) / C) * ln.instance().x_hat),
    given=[C >= 2, no_eps],
    source=ANNOTATED,
    kind="convention",
)
sn.claim(
    "layer_norm.annotated_same",
    "At eps = 0, the layer norm of The Annotated Transformer is the paper's.",
    lambda: sn.equal(annotated(), ln()),
    given=[C >= 2, no_eps],
    source=ANNOTATED,
    expected="refuted",
    kind="convention",
    note="Its standard deviation has divisor C - 1.",
)

# About experiments ----------------------------------------------------------------------------------------------------

sn.claim(
    "layer_norm.good_for_rnn",
    "Layer norm stabilizes the hidden states of recurrent networks and shortens their training.",
    source=f"{PAPER}, section 6",
    expected="empirical",
    kind="empirical",
    note="It speaks of training runs on particular data.",
)

# The Jacobian, and what it is not -------------------------------------------------------------------------------------

h = sn.tensor("h", N, C)
along = sn.jvp(x_hat, {"x": h})

sn.claim(
    "layer_norm.jacobian",
    "A change h of a sample changes x_hat by (h - mean(h) - x_hat mean(x_hat h))/sqrt(var + eps), as in batch norm.",
    lambda: sn.equal(along, (h - sn.mean(h, over=C) - x_hat * sn.mean(x_hat * h, over=C)) / s),
    source=COMPUTED,
)
sn.claim(
    "layer_norm.jacobian_batch_means",
    "A change h of the data changes x_hat by (h - mean(h) - x_hat mean(x_hat h))/sqrt(var + eps), batch means.",
    lambda: sn.equal(along, (h - sn.mean(h, over=N) - x_hat * sn.mean(x_hat * h, over=N)) / s),
    source=COMPUTED,
    expected="refuted",
    note="The means run over the features of one sample.",
)
sn.claim(
    "layer_norm.sample_independence",
    "Scaling each sample's change by its own q scales that sample's change of the output by q: samples do not mix.",
    lambda: sn.equal(sn.jvp(y, {"x": q * h}), q * sn.jvp(y, {"x": h})),
    source=DEFINITION,
)
sn.claim(
    "layer_norm.width2_sign",
    "At eps = 0, a sample of two features keeps only which of the two is larger.",
    lambda: (
        sn.equal(x_hat**2, 1),
        sn.equal(along, 0),
    ),
    given=[sn.equal(C, 2), no_eps],
    source=COMPUTED,
)
sn.claim(
    "layer_norm.width3_sign",
    "At eps = 0, a sample of three features keeps only signs.",
    lambda: sn.equal(x_hat**2, 1),
    given=[sn.equal(C, 3), no_eps],
    source=COMPUTED,
    expected="refuted",
    note="The middle of three features lies anywhere between the others.",
)
sn.claim(
    "layer_norm.affine",
    "Layer norm is affine in the sample, so with a linear layer it is another affine layer.",
    lambda: sn.equal(ln(a * x + (1 - a) * u), a * y + (1 - a) * ln(u)),
    source="a reading of it as a reparametrization",
    expected="refuted",
    note="No weights and biases can take its place: it is not a reparametrization of the layer.",
    also=["layer_norm.not_reparametrization"],
)
