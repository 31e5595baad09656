"""Weight norm: length and direction of a weight vector apart, the gradients of both, and why the direction grows.

Axis C is the output units, K the inputs that feed each of them, N the samples where a layer y = A w is meant. Where a
false statement stands beside a true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Weight normalization")

PAPER = "Salimans & Kingma 2016 (arXiv:1602.07868)"
DEFINITION = f"{PAPER}, equation 2"
GRADIENTS = f"{PAPER}, section 2.1, equation 3"
PROJECTION = f"{PAPER}, section 2.1, equation 4"
GROWTH = f"{PAPER}, section 2.1"
TABLE = "Ba, Kiros & Hinton 2016 (arXiv:1607.06450), section 5.1 and Table 1"
COMPUTED = f"computed from {DEFINITION}"

N, C, K = sn.axes("N C K")
v, u, A = sn.tensor("v", C, K), sn.tensor("u", C, K), sn.tensor("A", N, K)
g, d, q, r = sn.tensor("g", C), sn.tensor("d", C), sn.tensor("q", N), sn.tensor("r", K)
a, eta = sn.scalar("a"), sn.scalar("eta")

wn = sn.load("weight_norm")
L = sn.Loss("L")

weights = wn.instance()
w, length = weights.w, weights.norm
dw = L.cotangent(w)

# Length and direction -------------------------------------------------------------------------------------------------

sn.claim(
    "weight_norm.norm_abs_g",
    "The weights have length |g|, whatever v is.",
    lambda: sn.equal(sn.norm(w, over=K), sn.absolute(g)),
    source=DEFINITION,
)
sn.claim(
    "weight_norm.norm_eq_g",
    "The weights have length g.",
    lambda: sn.equal(sn.norm(w, over=K), g),
    source=f"the wording of {PAPER}, section 2",
    expected="refuted",
    note="g may be negative: at g = -1 the length is 1.",
)
sn.claim(
    "weight_norm.norm_g_nonnegative",
    "For g >= 0 the weights have length g.",
    lambda: sn.equal(sn.norm(w, over=K), g),
    given=[g >= 0],
    source=DEFINITION,
)
sn.claim(
    "weight_norm.v_scale_invariance",
    "Scaling v by a != 0 multiplies the weights by the sign of a: its length does not matter.",
    lambda: sn.equal(wn(a * v), sn.sign(a) * w),
    given=[sn.unequal(a, 0)],
    source=DEFINITION,
    kind="invariance",
)
sn.claim(
    "weight_norm.v_scale_any_scalar",
    "Scaling v by any a != 0 does not change the weights.",
    lambda: sn.equal(wn(a * v), w),
    given=[sn.unequal(a, 0)],
    source=f"the usual reading of {DEFINITION}",
    expected="refuted",
    kind="invariance",
    note="For a < 0 their sign flips.",
)

# Gradients ------------------------------------------------------------------------------------------------------------

sn.claim(
    "weight_norm.grad_g",
    "dg = sum(dw v)/||v||, for every loss.",
    lambda: sn.equal(sn.gradient(L, w, g), sn.total(dw * v, over=K) / length),
    source=GRADIENTS,
)
sn.claim(
    "weight_norm.grad_v",
    "dv = g/||v|| dw - g dg/||v||^2 v, for every loss.",
    lambda: sn.equal(sn.gradient(L, w, v), g / length * dw - g * sn.gradient(L, w, g) / length**2 * v),
    source=GRADIENTS,
)
sn.claim(
    "weight_norm.grad_v_power",
    "dv = g/||v|| dw - g dg/||v|| v.",
    lambda: sn.equal(sn.gradient(L, w, v), g / length * dw - g * sn.gradient(L, w, g) / length * v),
    source=GRADIENTS,
    expected="refuted",
    note="||v|| in place of ||v||^2.",
    also=["decoy.wn_grad_v_power"],
)
sn.claim(
    "weight_norm.grad_v_projection",
    "For g != 0, dv = g/||v|| (dw - w <w, dw>/||w||^2): dw scaled and projected away from w.",
    lambda: sn.equal(sn.gradient(L, w, v), g / length * (dw - w * sn.total(w * dw, over=K) / sn.total(w**2, over=K))),
    given=[sn.unequal(g, 0)],
    source=PROJECTION,
)
sn.claim(
    "weight_norm.grad_v_without_projection",
    "dv = g/||v|| dw.",
    lambda: sn.equal(sn.gradient(L, w, v), g / length * dw),
    source=PROJECTION,
    expected="refuted",
    note="||v|| depends on v too: the projection is missing.",
    also=["decoy.wn_grad_v_no_projection"],
)
sn.claim(
    "weight_norm.orthogonality",
    "The gradient by v is orthogonal to v and to w.",
    lambda: (
        sn.equal(sn.total(v * sn.gradient(L, w, v), over=K), 0),
        sn.equal(sn.total(w * sn.gradient(L, w, v), over=K), 0),
    ),
    source=GROWTH,
    kind="orthogonality",
)
sn.claim(
    "weight_norm.orthogonality_dw",
    "The gradient by w is orthogonal to v.",
    lambda: sn.equal(sn.total(v * dw, over=K), 0),
    source=GROWTH,
    expected="refuted",
    kind="orthogonality",
    note="Only what reaches v is projected; along w lies dg.",
)
sn.claim(
    "weight_norm.zero_g",
    "At g = 0 the weights are 0 and nothing is passed back to v.",
    lambda: (sn.equal(w, 0), sn.equal(sn.gradient(L, w, v), 0)),
    given=[sn.equal(g, 0)],
    source=COMPUTED,
)
sn.claim(
    "weight_norm.zero_g_stays",
    "At g = 0 nothing is passed back to g either.",
    lambda: sn.equal(sn.gradient(L, w, g), 0),
    given=[sn.equal(g, 0)],
    source=COMPUTED,
    expected="refuted",
    note="dg does not contain g: g leaves 0 again.",
)
sn.claim(
    "weight_norm.gradient_scaling",
    "For a > 0, the gradient at u = a v is the gradient at v divided by a.",
    lambda: sn.equal(sn.gradient(L, wn(u), u), sn.gradient(L, w, v) / a),
    given=[sn.equal(u, a * v), a > 0],
    source=GROWTH,
)
sn.claim(
    "weight_norm.gradient_scaling_shared_loss",
    "The gradient at u = -2v is half the gradient at v, for every loss.",
    lambda: sn.equal(sn.gradient(L, wn(u), u), sn.gradient(L, w, v) / 2),
    given=[sn.equal(u, -2 * v)],
    source=COMPUTED,
    expected="refuted",
    note="True for one and the same dw, but the weights differ in sign, and with them the loss's derivatives.",
)

# Gradient descent on v ------------------------------------------------------------------------------------------------

sn.claim(
    "weight_norm.norm_growth",
    "A step of gradient descent lengthens v: ||v - eta dv||^2 = ||v||^2 + eta^2 ||dv||^2.",
    lambda: sn.equal(
        sn.total((v - eta * sn.gradient(L, w, v)) ** 2, over=K),
        sn.total(v**2, over=K) + eta**2 * sn.total(sn.gradient(L, w, v) ** 2, over=K),
    ),
    source=GROWTH,
    kind="dynamics",
)
sn.claim(
    "weight_norm.norm_growth_linear",
    "For eta > 0, ||v - eta dv||^2 = ||v||^2 + eta ||dv||^2.",
    lambda: sn.equal(
        sn.total((v - eta * sn.gradient(L, w, v)) ** 2, over=K),
        sn.total(v**2, over=K) + eta * sn.total(sn.gradient(L, w, v) ** 2, over=K),
    ),
    given=[eta > 0],
    source=GROWTH,
    expected="refuted",
    kind="dynamics",
    note="The step's length is squared: eta^2.",
)
sn.claim(
    "weight_norm.norm_monotone",
    "A step of gradient descent never shortens v.",
    lambda: sn.total((v - eta * sn.gradient(L, w, v)) ** 2, over=K) >= sn.total(v**2, over=K),
    by=lambda: eta**2 * sn.total(sn.gradient(L, w, v) ** 2, over=K),
    source=GROWTH,
    kind="inequality",
)
sn.claim(
    "weight_norm.norm_growth_sign_descent",
    "For eta > 0, a step along the signs of the gradient never shortens v.",
    lambda: sn.total((v - eta * sn.sign(sn.gradient(L, w, v))) ** 2, over=K) >= sn.total(v**2, over=K),
    given=[eta > 0],
    source=f"{GROWTH}, overstated to other optimizers",
    expected="refuted",
    kind="inequality",
    note="The signs of a vector orthogonal to v need not be orthogonal to v.",
    also=["weight_norm.norm_growth_momentum"],
)

# Its row of the table of invariances, y = A w -------------------------------------------------------------------------

sn.claim(
    "weight_norm.weight_matrix_rescaling",
    "Scaling the weight matrix v by a > 0 does not change the output.",
    lambda: sn.equal(sn.dot(A, wn(a * v), over=K), sn.dot(A, w, over=K)),
    given=[a > 0],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "weight_norm.weight_matrix_recentering",
    "The same vector r added to the weight vectors of all units does not change the output.",
    lambda: sn.equal(sn.dot(A, wn(v + r), over=K), sn.dot(A, w, over=K)),
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="Nothing is subtracted from v.",
)
sn.claim(
    "weight_norm.weight_vector_rescaling",
    "Scaling each unit's vector v by its own d > 0 does not change the output.",
    lambda: sn.equal(sn.dot(A, wn(d * v), over=K), sn.dot(A, w, over=K)),
    given=[d > 0],
    source=TABLE,
    kind="invariance",
)
sn.claim(
    "weight_norm.dataset_rescaling",
    "Scaling all data by a > 0 does not change the output.",
    lambda: sn.equal(sn.dot(a * A, w, over=K), sn.dot(A, w, over=K)),
    given=[a > 0],
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="Only the weights are normalized: the output scales with the data.",
    also=["decoy.wn_dataset_rescaling"],
)
sn.claim(
    "weight_norm.dataset_recentering",
    "The same vector r added to all data does not change the output.",
    lambda: sn.equal(sn.dot(A + r, w, over=K), sn.dot(A, w, over=K)),
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="No statistics of the data are subtracted.",
)
sn.claim(
    "weight_norm.single_case_rescaling",
    "Scaling each sample by its own q > 0 does not change the output.",
    lambda: sn.equal(sn.dot(q * A, w, over=K), sn.dot(A, w, over=K)),
    given=[q > 0],
    source=TABLE,
    expected="refuted",
    kind="invariance",
    note="A sample's output scales with the sample.",
)

# About experiments ----------------------------------------------------------------------------------------------------

sn.claim(
    "weight_norm.easier_optimization",
    "Separating length and direction of the weights makes optimization easier.",
    source=f"{PAPER}, section 5",
    expected="empirical",
    kind="empirical",
    note="It speaks of training runs; what is proved is how the gradients and the length of v behave.",
)

# What it can and cannot do --------------------------------------------------------------------------------------------

J = K.copy("J")
h = sn.tensor("h", N, K)
t, k = sn.tensor("t", N, K), sn.tensor("k", K)
direction = sn.tensor("v", K)
unit = sn.dot(A, direction, over=K)
deviation = sn.sqrt(sn.var(unit, over=N))

# One unit with g = 1: what dw becomes on its way to v is dw M/||v||, M the projection away from v.
I, H = K.copy("I"), K.copy("H")
span = sn.total(direction**2, over=K)
projection = sn.delta(K, J) - direction * direction.rename({K: J}) / span
centred = t - sn.mean(t, over=N)
noise = sn.mean(centred * centred.rename({K: I}), over=N)
back = sn.dot(t, projection, over=K)
back_centred = back - sn.mean(back, over=N)
noise_of_back = sn.mean(back_centred * back_centred.rename({J: H}), over=N) / span
both_sides = sn.total(projection * noise * projection.rename({K: I, J: H}), over=(K, I)) / span

sn.claim(
    "weight_norm.expressiveness",
    "Every weight vector but 0 is reached: v = w and g = ||w|| give w.",
    lambda: sn.equal(wn(u, g=sn.norm(u, over=K)), u),
    source=DEFINITION,
)
sn.claim(
    "weight_norm.expressiveness_zero",
    "Every weight vector is reached with g = 1.",
    lambda: sn.equal(wn(u, g=1), u),
    source=DEFINITION,
    expected="refuted",
    note="Only vectors of length 1 are; g carries the length.",
)
sn.claim(
    "weight_norm.gradient_covariance",
    "Noise of the gradient by w with covariance S reaches v with covariance M S M/||v||^2, M projecting away from v.",
    lambda: sn.equal(noise_of_back, both_sides),
    source=f"{PAPER}, section 2.1",
)
sn.claim(
    "weight_norm.bn_equivalence_whitened",
    "On data with mean 0 and identity covariance, batch norm of a unit at eps = 0 is weight norm with g = 1.",
    lambda: (
        sn.equal(sn.mean(unit, over=N), 0),
        sn.equal(sn.var(unit, over=N), sn.total(direction**2, over=K)),
    ),
    given=[
        sn.equal(sn.total(A, over=N), 0),
        sn.equal(sn.total(A * A.rename({K: J}), over=N), N.size * sn.delta(K, J)),
    ],
    source=f"{PAPER}, section 2.2",
)
sn.claim(
    "weight_norm.bn_equivalence_any_data",
    "On all data, batch norm of a unit at eps = 0 is weight norm with g = 1.",
    lambda: sn.equal((unit - sn.mean(unit, over=N)) / sn.sqrt(sn.var(unit, over=N)), unit / sn.norm(direction, over=K)),
    source=f"{PAPER}, section 2.2",
    expected="refuted",
    note="The deviation of a unit is the length of its weights only on whitened data.",
)
sn.claim(
    "weight_norm.data_dependent_init",
    "With g = 1/sqrt(var(t)) and b = -mean(t)/sqrt(var(t)), the first batch comes out with mean 0 and variance 1.",
    lambda: (
        sn.equal(sn.mean(unit / deviation - sn.mean(unit, over=N) / deviation, over=N), 0),
        sn.equal(sn.var(unit / deviation - sn.mean(unit, over=N) / deviation, over=N), 1),
    ),
    source=f"{PAPER}, equations 5 and 6",
)
sn.claim(
    "weight_norm.batch_independence",
    "Scaling each sample's change by its own q scales that sample's change of the output by q: samples do not mix.",
    lambda: sn.equal(sn.jvp(sn.dot(A, w, over=K), {"A": q * h}), q * sn.jvp(sn.dot(A, w, over=K), {"A": h})),
    source=DEFINITION,
)
sn.claim(
    "weight_norm.rank_preserved",
    "For g != 0, what the weights take to 0 is what v takes to 0: w k = g/||v|| (v k) for every k: the rank is kept.",
    lambda: sn.equal(sn.dot(w, k, over=K) * length, g * sn.dot(v, k, over=K)),
    source=COMPUTED,
    note="Normalizing rows does not reduce the rank, whatever a comparison with spectral norm may say.",
)
sn.claim(
    "weight_norm.cheaper_than_bn",
    "Weight norm is often much faster than batch norm.",
    source="a common advantage listed for weight norm",
    expected="empirical",
    note="A statement about running times; what can be counted is that weights are fewer than activations.",
)
