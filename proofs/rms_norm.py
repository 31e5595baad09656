"""RMS norm: blind to the scale of a sample, not to its mean; its row of the table of invariances and its gradients.

Axis N is the samples, C the features, K the inputs of a linear layer before. Where a false statement stands beside a
true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Layer normalization")

PAPER = "Zhang & Sennrich 2019 (arXiv:1910.07467)"
DEFINITION = f"{PAPER}, equation 4"
COMPUTED = f"computed from {DEFINITION}"
TABLE = f"{PAPER}, section 4.1 and Table 1"
GRADIENTS = f"{PAPER}, section 4.2"

N, C, K = sn.axes("N C K")
x = sn.tensor("x", N, C)
A, W = sn.tensor("A", N, K), sn.tensor("W", K, C)
gamma = sn.tensor("gamma", C)
q, r, d = sn.tensor("q", N), sn.tensor("r", K), sn.tensor("d", C)
a = sn.scalar("a")
eps = sn.scalar("eps", positive=True)

rn = sn.load("rms_norm")
ln = sn.load("layer_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

sample = rn.instance()
rms, x_hat, y = sample.rms, sample.x_hat, sample.y
mean_square = sn.mean(x**2, over=C)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)
g = gamma * dy

layer = rn(sn.dot(A, W, over=K))

# Statistics of a part, and chance as an axis: N is then the outcomes
partial = rn.mode("partial")
keep, chance, v = partial.inputs["keep"], sn.tensor("chance", N, nonnegative=True), sn.scalar("v", nonnegative=True)
kept = sn.total(keep, over=C)
coins = {"N": 2, "C": 2, "keep": [1, 0], "chance": ["1/2", "1/2"], "x": [[1, "7/5"], ["7/5", 1]], "v": "37/25"}

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "rms_norm.unit_rms",
    "Each normalized sample has mean square mean(x^2)/(mean(x^2) + eps).",
    lambda: sn.equal(sn.mean(x_hat**2, over=C), mean_square / (mean_square + eps)),
    source=COMPUTED,
)
sn.claim(
    "rms_norm.unit_rms_eps0",
    "At eps = 0, each normalized sample has mean square 1, which makes its length sqrt(C).",
    lambda: (sn.equal(sn.mean(x_hat**2, over=C), 1), sn.equal(sn.norm(x_hat, over=C), sn.sqrt(C))),
    given=[no_eps],
    source=TABLE,
)
sn.claim(
    "rms_norm.unit_length",
    "At eps = 0, each normalized sample has length 1.",
    lambda: sn.equal(sn.norm(x_hat, over=C), 1),
    given=[no_eps],
    source=TABLE,
    expected="refuted",
    note="Its mean square is 1, its length sqrt(C).",
)
sn.claim(
    "rms_norm.output_orthogonal_to_ones",
    "Each normalized sample sums to 0.",
    lambda: sn.equal(sn.total(x_hat, over=C), 0),
    source="layer norm's property, claimed of RMS norm",
    expected="refuted",
    note="The mean is not subtracted.",
)
sn.claim(
    "rms_norm.is_ln_when_centered",
    "For samples of sum 0, RMS norm is layer norm without its bias.",
    lambda: sn.equal(y, ln(x, beta=0)),
    given=[sn.equal(sn.total(x, over=C), 0)],
    source=f"{PAPER}, section 3",
)
sn.claim(
    "rms_norm.is_ln",
    "RMS norm is layer norm without its bias.",
    lambda: sn.equal(y, ln(x, beta=0)),
    source=f"{PAPER}, section 3, without its assumption",
    expected="refuted",
    note="Only where the mean is 0.",
)
sn.claim(
    "rms_norm.of_centered_is_ln",
    "RMS norm of the samples less their means is layer norm without its bias.",
    lambda: sn.equal(rn(x - sn.mean(x, over=C)), ln(x, beta=0)),
    source=f"{PAPER}, section 3",
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "rms_norm.rms_linearity",
    "At eps = 0, RMS(a x) = |a| RMS(x).",
    lambda: sn.equal(rn.instance(a * x).rms, sn.absolute(a) * rms),
    given=[no_eps],
    source=TABLE,
)
sn.claim(
    "rms_norm.rms_linearity_any_sign",
    "At eps = 0, RMS(a x) = a RMS(x).",
    lambda: sn.equal(rn.instance(a * x).rms, a * rms),
    given=[no_eps],
    source=f"the wording of {PAPER}, section 4.1",
    expected="refuted",
    note="Only for a >= 0.",
)
sn.claim(
    "rms_norm.scale_invariance",
    "At eps = 0, scaling the input by a != 0 multiplies the output by the sign of a.",
    lambda: sn.equal(rn(a * x), sn.sign(a) * y),
    given=[sn.unequal(a, 0), no_eps],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "rms_norm.partial_estimate",
    "With the mean square of a part of the features, scaling by a > 0 still changes nothing at eps = 0; and if each"
    " feature has the mean square v on average, so has the part. The probabilities are p.",
    lambda: (
        sn.equal(partial(a * x), partial(x)),
        sn.equal(sn.total(chance * sn.total(keep * x**2, over=C) / kept, over=N), v),
    ),
    given=[
        no_eps,
        a > 0,
        sn.total(keep, over=C) > 0,
        sn.equal(sn.total(chance * x**2, over=N), v),
    ],
    source=f"{PAPER}, section 3.2",
    kind="probabilistic",
    examples=[coins],
)
sn.claim(
    "rms_norm.partial_is_whole",
    "The mean square of a part of the features is that of all.",
    lambda: sn.equal(partial(x), y),
    given=[no_eps, sn.total(keep, over=C) > 0],
    source=f"{PAPER}, section 3.2, read as an equality",
    expected="refuted",
    note="It is an estimate, right on average.",
)
sn.claim(
    "rms_norm.scale_invariance_eps_pos",
    "For eps > 0, scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(rn(a * x), y),
    given=[a > 0, with_eps],
    source=f"{TABLE}, which leaves eps out",
    expected="refuted",
    kind="invariance",
    note="Exact only if eps is scaled by a^2.",
)
sn.claim(
    "rms_norm.eps_scaling",
    "For eps > 0, scaling the input by a != 0 and eps by a^2 multiplies the output by the sign of a.",
    lambda: sn.equal(rn(a * x, eps=a**2 * eps), sn.sign(a) * y),
    given=[sn.unequal(a, 0), with_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "rms_norm.shift_invariance",
    "A constant q added to all features of a sample does not change the output.",
    lambda: sn.equal(rn(x + q), y),
    source="layer norm's invariance, claimed of RMS norm",
    expected="refuted",
    kind="invariance",
    note="Nothing is subtracted.",
)
sn.claim(
    "rms_norm.weight_matrix_rescaling",
    "At eps = 0, scaling the weight matrix by a > 0 does not change the output.",
    lambda: sn.equal(rn(sn.dot(A, a * W, over=K)), layer),
    given=[a > 0, no_eps],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "rms_norm.weight_matrix_recentering",
    "The same vector r added to the weight vectors of all units does not change the output.",
    lambda: sn.equal(rn(sn.dot(A, W + r, over=K)), layer),
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="Layer norm subtracts what is common to all units; RMS norm does not.",
)
sn.claim(
    "rms_norm.weight_vector_rescaling",
    "At eps = 0, scaling each unit's weight vector by its own d > 0 does not change the output.",
    lambda: sn.equal(rn(sn.dot(A, d * W, over=K)), layer),
    given=[d > 0, no_eps],
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="One unit's scale changes the root mean square of the whole sample.",
)
sn.claim(
    "rms_norm.dataset_rescaling",
    "At eps = 0, scaling all data by a > 0 does not change the output.",
    lambda: sn.equal(rn(sn.dot(a * A, W, over=K)), layer),
    given=[a > 0, no_eps],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "rms_norm.dataset_recentering",
    "The same vector r added to all data does not change the output.",
    lambda: sn.equal(rn(sn.dot(A + r, W, over=K)), layer),
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="Nothing is subtracted.",
)
sn.claim(
    "rms_norm.single_case_rescaling",
    "At eps = 0, scaling each sample by its own q > 0 does not change the output.",
    lambda: sn.equal(rn(sn.dot(q * A, W, over=K)), layer),
    given=[q > 0, no_eps],
    source=TABLE,
    kind="invariance",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "rms_norm.backward_x",
    "With g = gamma dy, dx = (g - x_hat mean(g x_hat))/rms, for every loss.",
    lambda: sn.equal(dx, (g - x_hat * sn.mean(g * x_hat, over=C)) / rms),
    source=GRADIENTS,
)
sn.claim(
    "rms_norm.backward_x_with_mean",
    "With g = gamma dy, dx = (g - mean(g) - x_hat mean(g x_hat))/rms.",
    lambda: sn.equal(dx, (g - sn.mean(g, over=C) - x_hat * sn.mean(g * x_hat, over=C)) / rms),
    source="layer norm's formula, claimed of RMS norm",
    expected="refuted",
    note="No mean was subtracted, so none comes back.",
    also=["decoy.rms_backward_with_mean"],
)
sn.claim(
    "rms_norm.backward_gamma",
    "dgamma = sum(dy x_hat), over the samples.",
    lambda: sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_hat, over=N)),
    source=GRADIENTS,
)
sn.claim(
    "rms_norm.backward_dot_x",
    "At eps = 0, the gradient by x is orthogonal to each sample.",
    lambda: sn.equal(sn.total(x * dx, over=C), 0),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "rms_norm.backward_dot_x_eps_pos",
    "For eps > 0, the gradient by x is orthogonal to each sample.",
    lambda: sn.equal(sn.total(x * dx, over=C), 0),
    given=[with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="A term with the factor eps is left.",
)
sn.claim(
    "rms_norm.backward_sum_zero",
    "The gradient by x sums to 0 over the features of each sample.",
    lambda: sn.equal(sn.total(dx, over=C), 0),
    source="layer norm's property, claimed of RMS norm",
    expected="refuted",
    kind="orthogonality",
    note="A constant added to a sample changes the output.",
)

# Gradients under re-scaling -------------------------------------------------------------------------------------------

V, B = sn.tensor("V", K, C), sn.tensor("B", N, K)

sn.claim(
    "rms_norm.grad_weight_scale",
    "At eps = 0 and for a > 0, weights aW have the gradient at W divided by a, and data aA leaves it unchanged.",
    lambda: (
        sn.equal(sn.gradient(L, rn(sn.dot(A, V, over=K)), V), sn.gradient(L, layer, W) / a),
        sn.equal(sn.gradient(L, rn(sn.dot(B, W, over=K)), W), sn.gradient(L, layer, W)),
    ),
    given=[sn.equal(V, a * W), sn.equal(B, a * A), a > 0, no_eps],
    source=GRADIENTS,
)
sn.claim(
    "rms_norm.grad_weight_scale_same",
    "At eps = 0 and for a > 0, weights aW have the gradient at W.",
    lambda: sn.equal(sn.gradient(L, rn(sn.dot(A, V, over=K)), V), sn.gradient(L, layer, W)),
    given=[sn.equal(V, a * W), a > 0, no_eps],
    source=GRADIENTS,
    expected="refuted",
    note="A change of V has to be a times as large as one of W to change the output as much.",
)
sn.claim(
    "rms_norm.backward_x_sum",
    "With g = gamma dy, dx = (g - x_hat sum(g x_hat))/rms.",
    lambda: sn.equal(dx, (g - x_hat * sn.total(g * x_hat, over=C)) / rms),
    source=DEFINITION,
    expected="refuted",
    note="The sum is a mean.",
    also=["decoy.rms_backward_sum"],
)
