"""What batch norm keeps, what it is blind to, and what comes back through it; at eps = 0 and at eps > 0.

Axis N is the batch together with all spatial positions, C the channels, K the inputs of a linear layer before. Where a
false statement stands beside a true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Batch normalization")

PAPER = "Ioffe & Szegedy 2015 (arXiv:1502.03167)"
ALGORITHM = f"{PAPER}, Algorithm 1"
COMPUTED = f"computed from {ALGORITHM}"
CHAIN = f"{PAPER}, section 3, the gradients after Algorithm 1"
LEARNING_RATE = f"{PAPER}, section 3.3"
INFERENCE = f"{PAPER}, Algorithm 2, step 11"
MOVING = f"{PAPER}, section 3.1, and Algorithm 2, step 10"
TABLE = "Ba, Kiros & Hinton 2016 (arXiv:1607.06450), section 5.1 and Table 1"
SCALE_INVARIANT = "Li & Arora 2019 (arXiv:1910.07454), Lemma 1.3"

N, C, K = sn.axes("N C K")
x, u, t = sn.tensor("x", N, C), sn.tensor("u", N, C), sn.tensor("t", N, C)
A, W, V = sn.tensor("A", N, K), sn.tensor("W", K, C), sn.tensor("V", K, C)
E = C.copy("E")
Q = sn.tensor("Q", C, E)
gamma, beta, b = sn.tensor("gamma", C), sn.tensor("beta", C), sn.tensor("b", C)
q, r, d = sn.tensor("q", N), sn.tensor("r", K), sn.tensor("d", C)
a, momentum = sn.scalar("a"), sn.scalar("momentum")
eps, any_eps = sn.scalar("eps", positive=True), sn.scalar("eps", nonnegative=True)
running_mean, running_var = sn.tensor("running_mean", C), sn.tensor("running_var", C, nonnegative=True)

bn = sn.load("batch_norm")
inference = bn.mode("inference")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

batch = bn.instance()
mu, var, x_hat, y = batch.mu, batch.var, batch.x_hat, batch.y
s = sn.sqrt(var + eps)
dy = L.cotangent(y)

# The same for every eps >= 0
any_batch = bn.instance(eps=any_eps)
any_hat, any_y, any_s = any_batch.x_hat, any_batch.y, sn.sqrt(var + any_eps)
any_dy = L.cotangent(any_y)

z = sn.dot(A, W, over=K)
layer, any_layer = bn.instance(z), bn.instance(z, eps=any_eps)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "batch_norm.zero_mean",
    "The normalized batch has mean 0, for every eps >= 0.",
    lambda: sn.equal(sn.mean(bn.instance(eps=any_eps).x_hat, over=N), 0),
    source=ALGORITHM,
)
sn.claim(
    "batch_norm.variance_with_eps",
    "For eps > 0 the normalized batch has variance var/(var + eps), less than 1.",
    lambda: (sn.equal(sn.var(x_hat, over=N), var / (var + eps)), sn.var(x_hat, over=N) < 1),
    by=lambda: eps / (var + eps),
    source=COMPUTED,
)
sn.claim(
    "batch_norm.unit_variance_eps0",
    "At eps = 0 the normalized batch has variance exactly 1.",
    lambda: sn.equal(sn.var(x_hat, over=N), 1),
    given=[no_eps],
    source=ALGORITHM,
)
sn.claim(
    "batch_norm.unit_variance_eps_pos",
    "For eps > 0 the normalized batch has variance exactly 1.",
    lambda: sn.equal(sn.var(x_hat, over=N), 1),
    given=[with_eps],
    source=f"the usual wording of {ALGORITHM}",
    expected="refuted",
    note="eps stands in the divisor, so the variance falls short of 1 by eps/(var + eps).",
)
sn.claim(
    "batch_norm.output_moments_affine",
    "The output has mean beta and variance gamma^2 var/(var + eps), for every eps >= 0.",
    lambda: (
        sn.equal(sn.mean(any_y, over=N), beta),
        sn.equal(sn.var(any_y, over=N), gamma**2 * var / (var + any_eps)),
    ),
    source=ALGORITHM,
)
sn.claim(
    "batch_norm.identity_recovery",
    "With gamma = sqrt(var + eps) and beta = mu, batch norm gives its batch back unchanged, for every eps >= 0.",
    lambda: sn.equal(bn(x, gamma=any_s, beta=mu, eps=any_eps), x),
    source=f"{PAPER}, section 3",
)
sn.claim(
    "batch_norm.identity_recovery_all_batches",
    "The gamma and beta that give one batch back (at eps = 0) give every other batch back too.",
    lambda: sn.equal(bn(u, gamma=s, beta=mu), u),
    given=[no_eps],
    source=f"the usual reading of {PAPER}, section 3",
    expected="refuted",
    note="They belong to one batch's statistics; another batch needs others.",
)
sn.claim(
    "batch_norm.eps_outside_root",
    "Dividing by sqrt(var) + eps is the same as dividing by sqrt(var + eps).",
    lambda: sn.equal((x - mu) / (sn.sqrt(var) + eps), x_hat),
    source=ALGORITHM,
    expected="refuted",
    kind="convention",
    note="eps stands under the root; outside it the divisor is another one.",
    also=["decoy.bn_eps_outside_sqrt"],
)

# Scale and shift of the input -----------------------------------------------------------------------------------------

sn.claim(
    "batch_norm.shift_invariance",
    "A constant b added to a channel does not change the output, for every eps >= 0.",
    lambda: sn.equal(bn(x + b, eps=any_eps), bn(x, eps=any_eps)),
    source=f"{PAPER}, section 3.2",
    kind="invariance",
)
sn.claim(
    "batch_norm.sample_shift_invariance",
    "A constant q added to all channels of a sample does not change the output.",
    lambda: sn.equal(bn(x + q), y),
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="That is layer norm's invariance; the mean over the batch does not remove it.",
)
sn.claim(
    "batch_norm.scale_invariance_eps0",
    "At eps = 0, scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(bn(a * x), y),
    given=[a > 0, no_eps],
    source=LEARNING_RATE,
    kind="invariance",
)
sn.claim(
    "batch_norm.scale_any_scalar",
    "At eps = 0, scaling the input by any a != 0 does not change the output.",
    lambda: sn.equal(bn(a * x), y),
    given=[sn.unequal(a, 0), no_eps],
    source=f"the wording of {LEARNING_RATE}, for any scalar a",
    expected="refuted",
    kind="invariance",
    note="For a < 0 the sign of x_hat flips.",
)
sn.claim(
    "batch_norm.scale_invariance_eps_pos",
    "For eps > 0, scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(bn(a * x), y),
    given=[a > 0, with_eps],
    source=f"the wording of {LEARNING_RATE}, without a word on eps",
    expected="refuted",
    kind="invariance",
    note="a^2 var + eps is not a^2 (var + eps): eps would have to be scaled by a^2.",
)
sn.claim(
    "batch_norm.sign_equivariance",
    "At eps = 0, scaling the input by a != 0 multiplies the normalized batch by the sign of a.",
    lambda: sn.equal(bn.instance(a * x).x_hat, sn.sign(a) * x_hat),
    given=[sn.unequal(a, 0), no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "batch_norm.scale_with_eps_exact",
    "For eps > 0, scaling the input by a > 0 and eps by a^2 does not change the output.",
    lambda: sn.equal(bn(a * x, eps=a**2 * eps), y),
    given=[a > 0, with_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "batch_norm.scale_with_eps_linear",
    "For eps > 0, scaling the input by a > 0 and eps by a does not change the output.",
    lambda: sn.equal(bn(a * x, eps=a * eps), y),
    given=[a > 0, with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="eps stands beside a variance, so it scales with the square of a.",
)

# Through a linear layer, y = BN(A W) ----------------------------------------------------------------------------------

sn.claim(
    "batch_norm.weight_scale_invariance",
    "At eps = 0, scaling the weights of the layer before by a > 0 does not change the output: BN(A(aW)) = BN(AW).",
    lambda: sn.equal(bn(sn.dot(A, a * W, over=K)), layer.y),
    given=[a > 0, no_eps],
    source=LEARNING_RATE,
    kind="invariance",
)
sn.claim(
    "batch_norm.weight_scale_invariance_negative",
    "At eps = 0, scaling the weights by a < 0 does not change the output.",
    lambda: sn.equal(bn(sn.dot(A, a * W, over=K)), layer.y),
    given=[a < 0, no_eps],
    source=f"the wording of {LEARNING_RATE}, for any scalar a",
    expected="refuted",
    kind="invariance",
    note="The normalized batch changes its sign.",
)
sn.claim(
    "batch_norm.weight_scale_with_eps",
    "For eps > 0, scaling the weights by a > 0 and eps by a^2 does not change the output.",
    lambda: sn.equal(bn(sn.dot(A, a * W, over=K), eps=a**2 * eps), layer.y),
    given=[a > 0, with_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "batch_norm.weight_scale_invariance_eps_pos",
    "For eps > 0, scaling the weights by a > 0 does not change the output.",
    lambda: sn.equal(bn(sn.dot(A, a * W, over=K)), layer.y),
    given=[a > 0, with_eps],
    source=f"the wording of {LEARNING_RATE}, without a word on eps",
    expected="refuted",
    kind="invariance",
    note="Exact only if eps is scaled by a^2.",
)
sn.claim(
    "batch_norm.weight_vector_rescaling",
    "At eps = 0, scaling each unit's weight vector by its own d > 0 does not change the output.",
    lambda: sn.equal(bn(sn.dot(A, d * W, over=K)), layer.y),
    given=[d > 0, no_eps],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "batch_norm.weight_matrix_recentering",
    "The same vector r added to the weight vectors of all units does not change the output.",
    lambda: sn.equal(bn(sn.dot(A, W + r, over=K)), layer.y),
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="Sample n is shifted by its own sum(A r), which the mean over the batch does not remove.",
    also=["decoy.bn_recentering_W"],
)
sn.claim(
    "batch_norm.dataset_rescaling",
    "At eps = 0, scaling all data by a > 0 does not change the output.",
    lambda: sn.equal(bn(sn.dot(a * A, W, over=K)), layer.y),
    given=[a > 0, no_eps],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "batch_norm.dataset_recentering",
    "The same vector r added to all data does not change the output, for every eps >= 0.",
    lambda: sn.equal(bn(sn.dot(A + r, W, over=K), eps=any_eps), bn(z, eps=any_eps)),
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "batch_norm.single_case_rescaling",
    "At eps = 0, scaling each sample by its own q > 0 does not change the output.",
    lambda: sn.equal(bn(sn.dot(q * A, W, over=K)), layer.y),
    given=[q > 0, no_eps],
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="One sample's scale changes the statistics of all.",
)

# Small batches --------------------------------------------------------------------------------------------------------

sn.claim(
    "batch_norm.batch1_variance",
    "A batch of one has variance 0.",
    lambda: sn.equal(var, 0),
    given=[sn.equal(N, 1)],
    source=COMPUTED,
    topic="Batch normalization limitations",
)
sn.claim(
    "batch_norm.batch1_output",
    "For eps > 0, a batch of one comes out as beta, and nothing is passed back to it.",
    lambda: (sn.equal(y, beta), sn.equal(sn.gradient(L, y, x), 0)),
    given=[sn.equal(N, 1), with_eps],
    source=COMPUTED,
    also=["batch_norm.batch1_cannot_apply"],
    topic="Batch normalization limitations",
)
sn.claim(
    "batch_norm.batch1_affine",
    "For eps > 0, a batch of one is not normalized: it comes out as gamma*x + beta.",
    lambda: sn.equal(y, gamma * x + beta),
    given=[sn.equal(N, 1), with_eps],
    source=COMPUTED,
    expected="refuted",
    note="Its mean is itself, so nothing of x is left.",
    topic="Batch normalization limitations",
)
sn.claim(
    "batch_norm.batch1_eps0",
    "At eps = 0, a batch of one comes out as beta.",
    lambda: sn.equal(y, beta),
    given=[sn.equal(N, 1), no_eps],
    source=COMPUTED,
    expected="undecided",
    kind="convention",
    note="0/0 at every point: there is no value that the statement could be true or false of.",
    topic="Batch normalization limitations",
)
sn.claim(
    "batch_norm.batch2_sign",
    "At eps = 0, a batch of two keeps only which of the two is larger, and nothing is passed back to it.",
    lambda: (sn.equal(x_hat, sn.sign(x - mu)), sn.equal(sn.gradient(L, y, x), 0)),
    given=[sn.equal(N, 2), no_eps],
    source=COMPUTED,
)
sn.claim(
    "batch_norm.batch3_sign",
    "At eps = 0, a batch of three keeps only signs.",
    lambda: sn.equal(x_hat, sn.sign(x - mu)),
    given=[sn.equal(N, 3), no_eps],
    source=COMPUTED,
    expected="refuted",
    note="From three on, x_hat carries more than signs.",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "batch_norm.backward_x",
    "dx = gamma/sqrt(var + eps) (dy - mean(dy) - x_hat mean(dy x_hat)), for every loss and every eps >= 0.",
    lambda: sn.equal(
        sn.gradient(L, any_y, x),
        gamma / any_s * (any_dy - sn.mean(any_dy, over=N) - any_hat * sn.mean(any_dy * any_hat, over=N)),
    ),
    source=f"{CHAIN}, put together",
)
sn.claim(
    "batch_norm.backward_x_constant_variance",
    "dx = gamma/sqrt(var + eps) (dy - mean(dy)).",
    lambda: sn.equal(sn.gradient(L, y, x), gamma / s * (dy - sn.mean(dy, over=N))),
    source=CHAIN,
    expected="refuted",
    note="The variance depends on x too: the term with x_hat is missing.",
    also=["decoy.bn_backward_no_var_term"],
)

dx_hat = gamma * dy
dvar = sn.total(dx_hat * (x - mu), over=N) * (-1) / (2 * s * (var + eps))
dmu = -sn.total(dx_hat, over=N) / s + dvar * sn.mean(-2 * (x - mu), over=N)
sn.claim(
    "batch_norm.backward_chain",
    "Ioffe and Szegedy's chain through dx_hat, dvar and dmu gives the gradient by x.",
    lambda: sn.equal(sn.gradient(L, y, x), dx_hat / s + dvar * 2 * (x - mu) / N + dmu / N),
    source=CHAIN,
)
sn.claim(
    "batch_norm.backward_chain_factor",
    "The chain gives the gradient by x also with dvar*(x - mu)/N in place of dvar*2*(x - mu)/N.",
    lambda: sn.equal(sn.gradient(L, y, x), dx_hat / s + dvar * (x - mu) / N + dmu / N),
    source=CHAIN,
    expected="refuted",
    note="The 2 of the square's derivative is missing.",
)
sn.claim(
    "batch_norm.backward_gamma_beta",
    "dgamma = sum(dy x_hat) and dbeta = sum(dy), for every eps >= 0.",
    lambda: (
        sn.equal(sn.gradient(L, any_y, gamma), sn.total(any_dy * any_hat, over=N)),
        sn.equal(sn.gradient(L, any_y, beta), sn.total(any_dy, over=N)),
    ),
    source=CHAIN,
)
sn.claim(
    "batch_norm.backward_sum_zero",
    "The gradient by x sums to 0 over the batch, for every eps >= 0.",
    lambda: sn.equal(sn.total(sn.gradient(L, bn(x, eps=any_eps), x), over=N), 0),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "batch_norm.backward_channel_sum_zero",
    "The gradient by x sums to 0 over the channels.",
    lambda: sn.equal(sn.total(sn.gradient(L, y, x), over=C), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="The sum runs over the wrong axis.",
)
sn.claim(
    "batch_norm.backward_dot_xhat",
    "sum(x_hat dx) = gamma eps/(var + eps)^(3/2) sum(dy x_hat), for every eps >= 0: 0 at eps = 0.",
    lambda: sn.equal(
        sn.total(any_hat * sn.gradient(L, any_y, x), over=N),
        gamma * any_eps / any_s**3 * sn.total(any_dy * any_hat, over=N),
    ),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "batch_norm.backward_dot_xhat_eps0",
    "At eps = 0, the gradient by x is orthogonal to the normalized batch and to the input.",
    lambda: (
        sn.equal(sn.total(x_hat * sn.gradient(L, y, x), over=N), 0),
        sn.equal(sn.total(x * sn.gradient(L, y, x), over=N), 0),
    ),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "batch_norm.backward_dot_xhat_eps_pos",
    "For eps > 0, the gradient by x is orthogonal to the normalized batch.",
    lambda: sn.equal(sn.total(x_hat * sn.gradient(L, y, x), over=N), 0),
    given=[with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="A term with the factor eps is left.",
)
sn.claim(
    "batch_norm.bias_gradient_zero",
    "A bias before batch norm has gradient 0, for every eps >= 0.",
    lambda: sn.equal(sn.gradient(L, bn(z + b, eps=any_eps), b), 0),
    source=f"{PAPER}, section 3.2",
)
sn.claim(
    "batch_norm.beta_gradient_zero",
    "The bias beta after the normalization has gradient 0.",
    lambda: sn.equal(sn.gradient(L, y, beta), 0),
    source=COMPUTED,
    expected="refuted",
    note="Only a bias before the normalization is cancelled.",
)

# Gradients of the weights, y = BN(A W) --------------------------------------------------------------------------------

sn.claim(
    "batch_norm.grad_orthogonal_w",
    "At eps = 0, the gradient by a unit's weight vector is orthogonal to that vector: <W, dL/dW> = 0.",
    lambda: sn.equal(sn.total(W * sn.gradient(L, layer.y, W), over=K), 0),
    given=[no_eps],
    source=SCALE_INVARIANT,
    kind="orthogonality",
)
sn.claim(
    "batch_norm.grad_w_eps_exact",
    "For every eps >= 0, <W, dL/dW> = gamma eps/(var + eps) sum(dy x_hat) for each unit.",
    lambda: sn.equal(
        sn.total(W * sn.gradient(L, any_layer.y, W), over=K),
        gamma * any_eps / (any_layer.var + any_eps) * sn.total(L.cotangent(any_layer.y) * any_layer.x_hat, over=N),
    ),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "batch_norm.grad_orthogonal_w_eps_pos",
    "For eps > 0, the gradient by a unit's weight vector is orthogonal to that vector.",
    lambda: sn.equal(sn.total(W * sn.gradient(L, layer.y, W), over=K), 0),
    given=[with_eps],
    source=f"the usual reading of {SCALE_INVARIANT}",
    expected="refuted",
    kind="orthogonality",
    note="For eps > 0 the loss is not scale invariant; what is left has the factor eps.",
)
sn.claim(
    "batch_norm.grad_orthogonal_all_parameters",
    "At eps = 0, the gradient is orthogonal to gamma too, so to the vector of all parameters.",
    lambda: sn.equal(gamma * sn.gradient(L, layer.y, gamma), 0),
    given=[no_eps],
    source=f"an overstatement of {SCALE_INVARIANT}",
    expected="refuted",
    kind="orthogonality",
    note="The loss is not invariant to the scale of gamma or beta.",
)
sn.claim(
    "batch_norm.jacobian_w_scale",
    "At eps = 0 and for a > 0, the gradient at V = aW is the gradient at W divided by a.",
    lambda: sn.equal(sn.gradient(L, bn(sn.dot(A, V, over=K)), V), sn.gradient(L, layer.y, W) / a),
    given=[sn.equal(V, a * W), a > 0, no_eps],
    source=f"{LEARNING_RATE}; {SCALE_INVARIANT}",
)
sn.claim(
    "batch_norm.jacobian_w_scale_same",
    "At eps = 0 and for a > 0, the gradient at V = aW is the gradient at W.",
    lambda: sn.equal(sn.gradient(L, bn(sn.dot(A, V, over=K)), V), sn.gradient(L, layer.y, W)),
    given=[sn.equal(V, a * W), a > 0, no_eps],
    source=SCALE_INVARIANT,
    expected="refuted",
    note="A change of V has to be a times as large as one of W to change the output as much.",
)
sn.claim(
    "batch_norm.jacobian_w_scale_negative",
    "At eps = 0 and for a < 0, the gradient at V = aW is 1/a times the gradient at W of the layer with -gamma.",
    lambda: sn.equal(sn.gradient(L, bn(sn.dot(A, V, over=K)), V), sn.gradient(L, bn(z, gamma=-gamma), W) / a),
    given=[sn.equal(V, a * W), a < 0, no_eps],
    source=COMPUTED,
)
sn.claim(
    "batch_norm.jacobian_w_scale_shared_loss",
    "At eps = 0, the gradient at V = -2W is half the gradient at W, for every loss.",
    lambda: sn.equal(sn.gradient(L, bn(sn.dot(A, V, over=K)), V), sn.gradient(L, layer.y, W) / 2),
    given=[sn.equal(V, -2 * W), no_eps],
    source=LEARNING_RATE,
    expected="refuted",
    note="True for one and the same dy, but the outputs differ in sign, and with them the loss's derivatives.",
)
sn.claim(
    "batch_norm.jacobian_w_scale_fixed_dy",
    "At eps = 0 and for a != 0, one and the same cotangent t of the output comes back to V = aW as 1/|a| times"
    " what comes back to W.",
    lambda: sn.equal(sn.vjp(bn(sn.dot(A, V, over=K)), t, [V]).of(V), sn.vjp(layer.y, t, [W]).of(W) / sn.absolute(a)),
    given=[sn.equal(V, a * W), sn.unequal(a, 0), no_eps],
    source=COMPUTED,
)

# Inference and running statistics -------------------------------------------------------------------------------------

any_scale = gamma / sn.sqrt(running_var + any_eps)
sn.claim(
    "batch_norm.inference_affine_fold",
    "At inference batch norm folds into the layer before it: weights W gamma/sqrt(running_var + eps), bias"
    " (b - running_mean) gamma/sqrt(running_var + eps) + beta, for every eps >= 0.",
    lambda: sn.equal(
        inference(z + b, eps=any_eps), sn.dot(A, any_scale * W, over=K) + any_scale * (b - running_mean) + beta
    ),
    source=INFERENCE,
)
sn.claim(
    "batch_norm.inference_bias_cancels",
    "At inference a bias before batch norm is cancelled.",
    lambda: sn.equal(inference(z + b), inference(z)),
    source=INFERENCE,
    expected="refuted",
    note="The running mean is fixed; only the batch's own mean takes the bias along.",
)
sn.claim(
    "batch_norm.inference_affine",
    "At inference batch norm is affine: a x + (1 - a) u comes out as a and 1 - a times what x and u come out as.",
    lambda: sn.equal(inference(a * x + (1 - a) * u), a * inference(x) + (1 - a) * inference(u)),
    source=INFERENCE,
)
sn.claim(
    "batch_norm.training_affine",
    "In training batch norm is affine: a x comes out as a times what x comes out as, plus 1 - a times what 0 does.",
    lambda: sn.equal(bn(a * x), a * y + (1 - a) * beta),
    source=COMPUTED,
    expected="refuted",
    note="mu and var are the batch's own, so the output does not grow with the input.",
)
sn.claim(
    "batch_norm.running_update",
    "For N >= 2, a step moves the running statistics by momentum towards the batch's mean and unbiased variance.",
    lambda: (
        sn.equal(batch.updates["running_mean"] - running_mean, momentum * (mu - running_mean)),
        sn.equal(batch.updates["running_var"] - running_var, momentum * (sn.var(x, over=N, ddof=1) - running_var)),
    ),
    given=[N >= 2],
    source=MOVING,
    kind="convention",
)
sn.claim(
    "batch_norm.running_update_biased",
    "For N >= 2, a step moves the running variance by momentum towards the biased variance of the batch.",
    lambda: sn.equal(batch.updates["running_var"] - running_var, momentum * (var - running_var)),
    given=[N >= 2],
    source=MOVING,
    expected="refuted",
    kind="convention",
    note="The running variance takes in N/(N - 1) var.",
)

# How far an output can be --------------------------------------------------------------------------------------------

M, J = N.copy("M"), N.copy("J")
deviation = x - mu
squared_gaps = sn.total(
    (1 - sn.delta(N, M)) ** 2 * (1 - sn.delta(N, J)) ** 2 * (deviation.rename({N: M}) - deviation.rename({N: J})) ** 2,
    over=(M, J),
)
root, root_eps = sn.sqrt(var), sn.sqrt(var + eps)

sn.claim(
    "batch_norm.output_bound",
    "For every eps >= 0, |x_hat| is at most sqrt(m - 1), and the sum of its squares is m var/(var + eps), at most m.",
    lambda: (
        sn.absolute(any_hat) <= sn.sqrt(N - 1),
        sn.equal(sn.total(any_hat**2, over=N), N * var / (var + any_eps)),
        sn.total(any_hat**2, over=N) <= N,
    ),
    by=lambda: (
        (squared_gaps / (2 * N) + (N - 1) * any_eps) / (var + any_eps),
        N * any_eps / (var + any_eps),
    ),
    source="computed by Samuelson's inequality",
    kind="inequality",
    topic="Batch normalization",
)
sn.claim(
    "batch_norm.output_bound_one",
    "|x_hat| is at most 1.",
    lambda: sn.absolute(x_hat) <= 1,
    source="the variance of x_hat, claimed of each entry",
    expected="refuted",
    kind="inequality",
    note="Only the mean square is at most 1.",
    topic="Batch normalization",
)
sn.claim(
    "batch_norm.scale_error_bound",
    "For every eps >= 0, x_hat at eps differs from x_hat at eps = 0 by at most eps/(2 var) of the latter.",
    lambda: sn.absolute(deviation / any_s - deviation / root) <= any_eps / (2 * var) * sn.absolute(deviation / root),
    by=lambda: (
        deviation**2
        * (any_eps / (any_s + root)) ** 3
        * (any_s + 2 * root)
        * ((any_s + root) * any_s / (2 * var) + 1)
        / (2 * var * var * (var + any_eps))
    ),
    source=COMPUTED,
    kind="inequality",
    topic="Batch normalization",
)
sn.claim(
    "batch_norm.scale_error_quarter",
    "x_hat at eps differs from x_hat at eps = 0 by at most eps/(4 var) of the latter.",
    lambda: sn.absolute(deviation / root_eps - deviation / root) <= eps / (4 * var) * sn.absolute(deviation / root),
    source=COMPUTED,
    expected="refuted",
    kind="inequality",
    note="For a small eps it is nearly eps/(2 var).",
    topic="Batch normalization",
)

# What comes back a second time ----------------------------------------------------------------------------------------

v, N2, C2 = sn.tensor("v", N, C), N.copy("N2"), C.copy("C2")
Pv = v - sn.mean(v, over=N) - x_hat * sn.mean(v * x_hat, over=N)
Pg = dy - sn.mean(dy, over=N) - x_hat * sn.mean(dy * x_hat, over=N)
HPv = sn.total(L.curvature(y, (N2, C2)) * (gamma / root * Pv).rename({N: N2, C: C2}), over=(N2, C2))
through = gamma / root * (HPv - sn.mean(HPv, over=N) - x_hat * sn.mean(HPv * x_hat, over=N))
turned = Pg * sn.mean(x_hat * v, over=N) + x_hat * sn.mean(Pg * v, over=N)
shrunk = sn.mean(dy * x_hat, over=N) * Pv
hessian_times_v = sn.jvp(sn.gradient(L, y, x), {"x": v})

sn.claim(
    "batch_norm.hessian",
    "At eps = 0, the Hessian by x is gamma^2/var P H P - gamma/(m var) (P g x_hat^T + x_hat (P g)^T + <g, x_hat> P).",
    lambda: sn.equal(hessian_times_v, through - gamma / var * (turned + shrunk)),
    given=[no_eps],
    source="computed from the gradient, along every direction v",
)
sn.claim(
    "batch_norm.hessian_without_curvature",
    "At eps = 0, the Hessian by x is gamma^2/var P H P.",
    lambda: sn.equal(hessian_times_v, through),
    given=[no_eps],
    source="the Gauss-Newton part alone",
    expected="refuted",
    note="Batch norm is curved itself: where H = 0, the gradient g still turns with x.",
)
sn.claim(
    "batch_norm.hessian_symmetric",
    "For every eps >= 0, <u, Hess v> = <v, Hess u>.",
    lambda: sn.equal(
        sn.total(u * hessian_times_v, over=(N, C)),
        sn.total(v * sn.jvp(sn.gradient(L, y, x), {"x": u}), over=(N, C)),
    ),
    source="the symmetry of second derivatives",
)

# What others mean by it -----------------------------------------------------------------------------------------------

torch, onnx = sn.load("batch_norm@torch"), sn.load("batch_norm@onnx")
here, there = torch.instance().updates, onnx.instance(momentum=1 - momentum).updates
TORCH, ONNX = "PyTorch's documentation of BatchNorm2d", "ONNX's documentation of BatchNormalization, version 15"

sn.claim(
    "batch_norm.momentum_directions",
    "The running mean of PyTorch with momentum m is the one of ONNX with momentum 1 - m.",
    lambda: sn.equal(here["running_mean"], there["running_mean"]),
    source=f"{TORCH}; {ONNX}",
    kind="convention",
)
sn.claim(
    "batch_norm.momentum_directions_same",
    "The running mean of PyTorch with momentum m is the one of ONNX with momentum m.",
    lambda: sn.equal(here["running_mean"], onnx.instance().updates["running_mean"]),
    source=f"{TORCH}; {ONNX}",
    expected="refuted",
    kind="convention",
    note="Only at m = 1/2.",
)
sn.claim(
    "batch_norm.running_variance_of_torch",
    "For N >= 2, the running variance of PyTorch takes in m var/(N - 1) more than the one of ONNX with momentum 1 - m.",
    lambda: sn.equal(here["running_var"] - there["running_var"], momentum * var / (N - 1)),
    given=[N >= 2],
    source=f"{TORCH}; {ONNX}",
    kind="convention",
)
sn.claim(
    "batch_norm.running_variance_same",
    "For N >= 2, the running variance of PyTorch is the one of ONNX with momentum 1 - m.",
    lambda: sn.equal(here["running_var"], there["running_var"]),
    given=[N >= 2],
    source=f"{TORCH}; {ONNX}",
    expected="refuted",
    kind="convention",
    note="PyTorch divides by N - 1, ONNX by N.",
)

# About experiments ----------------------------------------------------------------------------------------------------

sn.claim(
    "batch_norm.faster_training",
    "Batch norm speeds up training and allows higher learning rates.",
    source=f"{PAPER}, section 4",
    expected="empirical",
    kind="empirical",
    note="It speaks of training runs, not of the formulas; what is proved is how gradients scale with the weights.",
)
sn.claim(
    "batch_norm.regularizer",
    "The noise of batch statistics regularizes a network.",
    source=f"{PAPER}, section 3.4",
    expected="empirical",
    kind="empirical",
    note="Generalization depends on data, network and optimizer, none of which the definition mentions.",
)

# Wrong printings of the gradient and of eps --------------------------------------------------------------------------

sn.claim(
    "batch_norm.backward_x_sums",
    "dx = gamma/sqrt(var + eps) (dy - sum(dy) - x_hat sum(dy x_hat)).",
    lambda: sn.equal(
        sn.gradient(L, y, x), gamma / s * (dy - sn.total(dy, over=N) - x_hat * sn.total(dy * x_hat, over=N))
    ),
    source=CHAIN,
    expected="refuted",
    note="Both sums are means: the factors 1/m are missing.",
    also=["decoy.bn_backward_sum_not_mean"],
)
sn.claim(
    "batch_norm.backward_x_variance_divisor",
    "dx = gamma/(var + eps) (dy - mean(dy) - x_hat mean(dy x_hat)).",
    lambda: sn.equal(
        sn.gradient(L, y, x),
        gamma / (var + eps) * (dy - sn.mean(dy, over=N) - x_hat * sn.mean(dy * x_hat, over=N)),
    ),
    source=CHAIN,
    expected="refuted",
    note="The divisor is the deviation sqrt(var + eps), not the variance.",
    also=["decoy.bn_backward_s_squared"],
)
sn.claim(
    "batch_norm.scale_with_eps_divided",
    "For a > 0, scaling the input by a is dividing eps by a.",
    lambda: sn.equal(bn(a * x), bn(x, eps=eps / a)),
    given=[a > 0, with_eps],
    source=COMPUTED,
    expected="refuted",
    note="eps is divided by a squared.",
    also=["decoy.bn_eps_squared"],
)
sn.claim(
    "batch_norm.scale_with_eps_multiplied",
    "For a > 0, scaling the input by a is multiplying eps by a squared.",
    lambda: sn.equal(bn(a * x), bn(x, eps=a**2 * eps)),
    given=[a > 0, with_eps],
    source=COMPUTED,
    expected="refuted",
    note="The wrong direction: a larger input makes eps matter less.",
    also=["decoy.bn_eps_wrong_direction"],
)
sn.claim(
    "batch_norm.additive",
    "The normalized sum of two batches is the sum of the normalized batches.",
    lambda: sn.equal(bn.instance(x + u).x_hat, x_hat + bn.instance(u).x_hat),
    source=COMPUTED,
    expected="refuted",
    note="Dividing by the statistics of what comes in is not linear.",
    also=["decoy.bn_additive"],
)

# The Jacobian ---------------------------------------------------------------------------------------------------------

h, k = sn.tensor("h", N, C), sn.tensor("k", N, C)
along, any_along = sn.jvp(x_hat, {"x": h}), sn.jvp(any_hat, {"x": h})

sn.claim(
    "batch_norm.jacobian",
    "A change h of the batch changes x_hat by (h - mean(h) - x_hat mean(x_hat h))/sqrt(var + eps), every sample's, for"
    " every eps >= 0.",
    lambda: sn.equal(any_along, (h - sn.mean(h, over=N) - any_hat * sn.mean(any_hat * h, over=N)) / any_s),
    source=CHAIN,
    also=["batch_norm.sample_dependence"],
    topic="Batch normalization limitations",
)
sn.claim(
    "batch_norm.jacobian_per_sample",
    "Scaling each sample's change by its own q scales that sample's change of x_hat by q: samples do not mix.",
    lambda: sn.equal(sn.jvp(x_hat, {"x": q * h}), q * along),
    source=COMPUTED,
    expected="refuted",
    note="The statistics carry each sample's change to all others.",
    topic="Batch normalization limitations",
)
sn.claim(
    "batch_norm.jacobian_kernel",
    "The Jacobian is symmetric, takes constants to 0 and the batch itself to eps/(var + eps) x_hat, for every eps >="
    " 0.",
    lambda: (
        sn.equal(sn.total(k * any_along, over=N), sn.total(h * sn.jvp(any_hat, {"x": k}), over=N)),
        sn.equal(sn.jvp(any_hat, {"x": b}), 0),
        sn.equal(sn.jvp(any_hat, {"x": x}), any_eps / (var + any_eps) * any_hat),
    ),
    source=COMPUTED,
)
sn.claim(
    "batch_norm.jacobian_kernel_eps_pos",
    "For eps > 0 the Jacobian takes the batch itself to 0.",
    lambda: sn.equal(sn.jvp(x_hat, {"x": x}), 0),
    given=[with_eps],
    source=COMPUTED,
    expected="refuted",
    note="eps leaves eps/(var + eps) x_hat.",
)
sn.claim(
    "batch_norm.jacobian_spectrum",
    "The Jacobian's eigenvalues are 0 on constants, eps/(var + eps)^(3/2) on x_hat, 1/sqrt(var + eps) on what is"
    " orthogonal to both, for every eps >= 0: at eps = 0, two are 0.",
    lambda: (
        sn.equal(sn.jvp(any_hat, {"x": b}), 0),
        sn.equal(sn.jvp(any_hat, {"x": x - mu}), any_eps / any_s**3 * (x - mu)),
        sn.equal(any_along, h / any_s),
    ),
    given=[sn.equal(sn.total(h, over=N), 0), sn.equal(sn.total(h * (x - mu), over=N), 0)],
    source=COMPUTED,
)
sn.claim(
    "batch_norm.jacobian_u_scale",
    "At eps = 0 and for a > 0, the layer's derivative by its input data is the same with weights aW.",
    lambda: sn.equal(
        sn.jvp(bn(sn.dot(A, a * W, over=K)), {"A": sn.tensor("h", N, K)}),
        sn.jvp(layer.y, {"A": sn.tensor("h", N, K)}),
    ),
    given=[a > 0, no_eps],
    source=LEARNING_RATE,
)
sn.claim(
    "batch_norm.jacobian_u_scale_any_scalar",
    "At eps = 0 and for a != 0, the layer's derivative by its input data is the same with weights aW.",
    lambda: sn.equal(
        sn.jvp(bn(sn.dot(A, a * W, over=K)), {"A": sn.tensor("h", N, K)}),
        sn.jvp(layer.y, {"A": sn.tensor("h", N, K)}),
    ),
    given=[sn.unequal(a, 0), no_eps],
    source=f"the wording of {LEARNING_RATE}",
    expected="refuted",
    note="For a < 0 its sign turns round.",
)
sn.claim(
    "batch_norm.min_batch_for_gradient",
    "At eps = 0, no change of a batch of two that keeps which is larger changes the output.",
    lambda: sn.equal(along, 0),
    given=[sn.equal(N, 2), no_eps],
    source=COMPUTED,
)
sn.claim(
    "batch_norm.min_batch_for_gradient_three",
    "At eps = 0, no small change of a batch of three changes the output.",
    lambda: sn.equal(along, 0),
    given=[sn.equal(N, 3), no_eps],
    source=COMPUTED,
    expected="refuted",
    note="From three samples on there is a direction orthogonal to constants and to x_hat.",
)
sn.claim(
    "batch_norm.dmu_dvar_dx",
    "A change h of the batch changes its mean by mean(h) and its variance by mean(2 (x - mu) h).",
    lambda: (
        sn.equal(sn.jvp(mu, {"x": h}), sn.mean(h, over=N)),
        sn.equal(sn.jvp(var, {"x": h}), sn.mean(2 * (x - mu) * h, over=N)),
    ),
    source=CHAIN,
)

# What it is not -------------------------------------------------------------------------------------------------------

D = C.copy("D")
second_moments = sn.mean(x_hat * x_hat.rename({C: D}), over=N)
images = sn.tensor("t", N, C, sn.axes("S")[0])
(S,) = sn.axes("S")
plane = (images - sn.mean(images, over=(N, S))) / sn.sqrt(sn.var(images, over=(N, S)) + any_eps)

sn.claim(
    "batch_norm.conv_batch1_equals_instance_norm",
    "With statistics over images and positions, a batch of one image is instance norm, for every eps >= 0.",
    lambda: sn.equal(plane, sn.load("instance_norm").instance(images, eps=any_eps).x_hat),
    given=[sn.equal(N, 1)],
    source=COMPUTED,
    topic="Batch normalization limitations",
)
sn.claim(
    "batch_norm.conv_equals_instance_norm",
    "With statistics over images and positions, it is instance norm.",
    lambda: sn.equal(plane, sn.load("instance_norm").instance(images, eps=any_eps).x_hat),
    source=COMPUTED,
    expected="refuted",
    note="Two images share their statistics.",
)
sn.claim(
    "batch_norm.equals_whitening_iff_uncorrelated",
    "At eps = 0, the covariance of two normalized channels is that of the channels over both deviations: so it is 0"
    " exactly where they are uncorrelated.",
    lambda: sn.equal(
        second_moments * sn.sqrt(var) * sn.sqrt(var).rename({C: D}),
        sn.mean((x - mu) * (x - mu).rename({C: D}), over=N),
    ),
    given=[no_eps],
    source=COMPUTED,
)
sn.claim(
    "batch_norm.whitens",
    "At eps = 0, the covariance of the normalized channels is the identity.",
    lambda: sn.equal(second_moments, sn.delta(C, D)),
    given=[no_eps],
    source=COMPUTED,
    expected="refuted",
    note="Each channel gets variance 1, but channels stay correlated.",
)
sn.claim(
    "batch_norm.rotation_noninvariance",
    "Before gain and bias, batch norm of rotated data is the rotated batch norm of the data.",
    lambda: sn.equal(
        bn(sn.dot(x, Q, over=C).rename({E: C}), gamma=1, beta=0),
        sn.dot(bn(x, gamma=1, beta=0), Q, over=C).rename({E: C}),
    ),
    given=sn.orthogonal(Q),
    source="whitening's property, up to a rotation, claimed of batch norm",
    expected="refuted",
    kind="invariance",
    note="It standardizes coordinates; it does not whiten.",
)
sn.claim(
    "batch_norm.moments_do_not_fix_distribution",
    "Two batches with the same mean and variance have the same third moment.",
    lambda: sn.equal(sn.mean(x**3, over=N), sn.mean(u**3, over=N)),
    given=[sn.equal(mu, sn.mean(u, over=N)), sn.equal(var, sn.var(u, over=N))],
    source="the second objection to internal covariate shift, turned around",
    expected="refuted",
    note="Equal means and variances leave the distribution open, as the objection says: (0, 0, 3) and (2, 2, -1).",
    examples=[{"N": 3, "C": 1, "x": [[0], [0], [3]], "u": [[2], [2], [-1]]}],
)
sn.claim(
    "batch_norm.ics_not_cause",
    "That internal covariate shift becomes smaller is not why batch norm works.",
    source="Santurkar et al. 2018 (arXiv:1805.11604), section 2",
    expected="empirical",
    note="A statement about what causes what in training runs, measured on networks.",
)
sn.claim(
    "batch_norm.small_batch_negative",
    "The noise of small batches' statistics harms training.",
    source="Wu & He 2018 (arXiv:1803.08494), section 1",
    expected="empirical",
    note="That the noise falls as 1/m is provable; that it harms is measured.",
)
sn.claim(
    "batch_norm.finetune_statistics",
    "In fine-tuning with another batch size, the statistics of the first training do better than new ones.",
    source="a recommendation for fine-tuning",
    expected="empirical",
    note="A statement about accuracy on tasks.",
)
sn.claim(
    "batch_norm.rnn_separate_layers",
    "Recurrent networks need statistics of their own for each time step.",
    source="Cooijmans et al. 2016 (arXiv:1603.09025), section 3",
    expected="empirical",
    note="That steps have different statistics is a fact about trained networks.",
)
