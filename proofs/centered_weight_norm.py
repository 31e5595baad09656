"""Centered weight norm: weights of mean 0 and length 1, what they are blind to, and the projected gradient.

Axis C is the output units, K the inputs that feed each of them, N the samples where a layer y = A w is meant. Where a
false statement stands beside a true one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Weight normalization")

PAPER = "Huang et al. 2017 (ICCV)"
DEFINITION = f"{PAPER}, equation 4"
COMPUTED = f"computed from {DEFINITION}"

N, C, K = sn.axes("N C K")
v, A = sn.tensor("v", C, K), sn.tensor("A", N, K)
b, d, q, r = sn.tensor("b", C), sn.tensor("d", C), sn.tensor("q", N), sn.tensor("r", K)

cwn = sn.load("centered_weight_norm")
L = sn.Loss("L")

weights = cwn.instance()
w, length = weights.w, weights.norm
dw = L.cotangent(w)
dv = sn.gradient(L, w, v)

sn.claim(
    "centered_weight_norm.zero_sum_unit_length",
    "The weights of each unit sum to 0 and have length 1.",
    lambda: (sn.equal(sn.total(w, over=K), 0), sn.equal(sn.norm(w, over=K), 1)),
    source=DEFINITION,
)
sn.claim(
    "centered_weight_norm.zero_sum_over_units",
    "The weights of each input sum to 0 over the units.",
    lambda: sn.equal(sn.total(w, over=C), 0),
    source=DEFINITION,
    expected="refuted",
    note="The mean is a unit's, over its inputs.",
)
sn.claim(
    "centered_weight_norm.is_weight_norm_of_centered",
    "It is weight norm of the centered v at g = 1.",
    lambda: sn.equal(w, sn.load("weight_norm")(v - sn.mean(v, over=K), g=1)),
    source=DEFINITION,
)
sn.claim(
    "centered_weight_norm.is_weight_norm",
    "It is weight norm at g = 1.",
    lambda: sn.equal(w, sn.load("weight_norm")(v, g=1)),
    source=DEFINITION,
    expected="refuted",
    note="Only where the mean of v is 0.",
)
sn.claim(
    "centered_weight_norm.invariance",
    "Scaling each unit's v by its own d > 0 and shifting it by its own b does not change the weights.",
    lambda: sn.equal(cwn(d * v + b), w),
    given=[d > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "centered_weight_norm.scale_any_sign",
    "Scaling each unit's v by its own d != 0 does not change the weights.",
    lambda: sn.equal(cwn(d * v), w),
    given=[sn.unequal(d, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="For d < 0 their sign flips.",
)
sn.claim(
    "centered_weight_norm.input_shift_invariance",
    "The same vector r added to v of all units does not change the weights.",
    lambda: sn.equal(cwn(v + r), w),
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="Only what is constant over a unit's inputs is subtracted.",
)
sn.claim(
    "centered_weight_norm.case_recentering",
    "A constant q added to all inputs of a sample does not change the output of the layer.",
    lambda: sn.equal(sn.dot(A + q, w, over=K), sn.dot(A, w, over=K)),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "centered_weight_norm.dataset_recentering",
    "The same vector r added to all data does not change the output of the layer.",
    lambda: sn.equal(sn.dot(A + r, w, over=K), sn.dot(A, w, over=K)),
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="The weights are orthogonal to constants, not to every r.",
)
sn.claim(
    "centered_weight_norm.gradient",
    "dv = (dw - mean(dw) - w sum(dw w))/||v - mean(v)||, for every loss.",
    lambda: sn.equal(dv, (dw - sn.mean(dw, over=K) - w * sn.total(dw * w, over=K)) / length),
    source=COMPUTED,
)
sn.claim(
    "centered_weight_norm.gradient_uncentered",
    "dv = (dw - w sum(dw w))/||v - mean(v)||.",
    lambda: sn.equal(dv, (dw - w * sn.total(dw * w, over=K)) / length),
    source="weight norm's formula, claimed of centered weight norm",
    expected="refuted",
    note="The mean depends on v too.",
)
sn.claim(
    "centered_weight_norm.orthogonality",
    "The gradient by v sums to 0 and is orthogonal to v and to w.",
    lambda: (
        sn.equal(sn.total(dv, over=K), 0),
        sn.equal(sn.total(v * dv, over=K), 0),
        sn.equal(sn.total(w * dv, over=K), 0),
    ),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "centered_weight_norm.orthogonality_dw",
    "The gradient by w is orthogonal to w.",
    lambda: sn.equal(sn.total(w * dw, over=K), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="Only what reaches v is projected.",
)
