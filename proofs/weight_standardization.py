"""Weight standardization: weights of mean 0 and variance 1 up to eps, and gradients that are centered and shorter.

Axis C is the output units, K the inputs that feed each of them. Where a false statement stands beside a true one, the
two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Weight normalization")

PAPER = "Qiao et al. 2019 (arXiv:1903.10520)"
DEFINITION = f"{PAPER}, equation 5"
GRADIENTS = f"{PAPER}, equations 9 to 11"
COMPUTED = f"computed from {DEFINITION}"

C, K = sn.axes("C K")
v = sn.tensor("v", C, K)
b, d, r = sn.tensor("b", C), sn.tensor("d", C), sn.tensor("r", K)
a = sn.scalar("a")
eps, any_eps = sn.scalar("eps", positive=True), sn.scalar("eps", nonnegative=True)

ws = sn.load("weight_standardization")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

weights = ws.instance()
var, w = weights.var, weights.w
s = sn.sqrt(var + eps)
dw = L.cotangent(w)
dv = sn.gradient(L, w, v)

sn.claim(
    "weight_standardization.row_stats",
    "Each unit's weights have mean 0 and variance var/(var + eps).",
    lambda: (sn.equal(sn.mean(w, over=K), 0), sn.equal(sn.var(w, over=K), var / (var + eps))),
    source=DEFINITION,
)
sn.claim(
    "weight_standardization.row_stats_eps0",
    "At eps = 0, each unit's weights have mean square 1.",
    lambda: sn.equal(sn.mean(w**2, over=K), 1),
    given=[no_eps],
    source=DEFINITION,
)
sn.claim(
    "weight_standardization.unit_length",
    "At eps = 0, each unit's weights have length 1.",
    lambda: sn.equal(sn.norm(w, over=K), 1),
    given=[no_eps],
    source="centered weight norm's property, claimed of weight standardization",
    expected="refuted",
    note="Their length is sqrt(K).",
)
sn.claim(
    "weight_standardization.is_scaled_centered_weight_norm",
    "At eps = 0, it is centered weight norm times sqrt(K).",
    lambda: sn.equal(w, sn.sqrt(K) * sn.load("centered_weight_norm")(v)),
    given=[no_eps],
    source="computed from both definitions",
)
sn.claim(
    "weight_standardization.invariance",
    "At eps = 0, scaling v by a != 0 and shifting each unit's v by its own b multiplies the weights by the sign of a.",
    lambda: sn.equal(ws(a * v + b), sn.sign(a) * w),
    given=[sn.unequal(a, 0), no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "weight_standardization.unit_scale_invariance",
    "At eps = 0, scaling each unit's v by its own d > 0 does not change the weights.",
    lambda: sn.equal(ws(d * v), w),
    given=[d > 0, no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "weight_standardization.scale_invariance_eps_pos",
    "For eps > 0, scaling v by a > 0 does not change the weights.",
    lambda: sn.equal(ws(a * v), w),
    given=[a > 0, with_eps],
    source=f"{COMPUTED}, with eps left out",
    expected="refuted",
    kind="invariance",
    note="Exact only if eps is scaled by a^2.",
)
sn.claim(
    "weight_standardization.eps_scaling",
    "For eps > 0, scaling v by a != 0 and eps by a^2 multiplies the weights by the sign of a.",
    lambda: sn.equal(ws(a * v, eps=a**2 * eps), sn.sign(a) * w),
    given=[sn.unequal(a, 0), with_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "weight_standardization.shift_invariance",
    "Shifting each unit's v by its own b does not change the weights, for every eps >= 0.",
    lambda: sn.equal(ws(v + b, eps=any_eps), ws(v, eps=any_eps)),
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "weight_standardization.input_shift_invariance",
    "The same vector r added to v of all units does not change the weights.",
    lambda: sn.equal(ws(v + r), w),
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="Only what is constant over a unit's inputs is subtracted.",
)
sn.claim(
    "weight_standardization.gradient",
    "dv = (dw - mean(dw) - w mean(dw w))/sqrt(var + eps), for every loss.",
    lambda: sn.equal(dv, (dw - sn.mean(dw, over=K) - w * sn.mean(dw * w, over=K)) / s),
    source=GRADIENTS,
)
sn.claim(
    "weight_standardization.gradient_sum",
    "dv = (dw - mean(dw) - w sum(dw w))/sqrt(var + eps).",
    lambda: sn.equal(dv, (dw - sn.mean(dw, over=K) - w * sn.total(dw * w, over=K)) / s),
    source="centered weight norm's formula, claimed of weight standardization",
    expected="refuted",
    note="w has length sqrt(K) at eps = 0, not 1: the mean in place of the sum.",
)
sn.claim(
    "weight_standardization.grad_norm",
    "At eps = 0, var ||dv||^2 is ||dw||^2 less sum(dw)^2/K less sum(dw w)^2/K.",
    lambda: sn.equal(
        var * sn.total(dv**2, over=K),
        sn.total(dw**2, over=K) - sn.total(dw, over=K) ** 2 / K - sn.total(dw * w, over=K) ** 2 / K,
    ),
    given=[no_eps],
    source=GRADIENTS,
)
sn.claim(
    "weight_standardization.grad_norm_centering_alone",
    "At eps = 0, var ||dv||^2 is ||dw||^2 less sum(dw)^2/K.",
    lambda: sn.equal(var * sn.total(dv**2, over=K), sn.total(dw**2, over=K) - sn.total(dw, over=K) ** 2 / K),
    given=[no_eps],
    source=GRADIENTS,
    expected="refuted",
    note="Dividing by the deviation shortens the gradient too.",
)
sn.claim(
    "weight_standardization.orthogonality",
    "At eps = 0, the gradient by v sums to 0 and is orthogonal to v.",
    lambda: (sn.equal(sn.total(dv, over=K), 0), sn.equal(sn.total(v * dv, over=K), 0)),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "weight_standardization.orthogonality_eps_pos",
    "For eps > 0, the gradient by v is orthogonal to v.",
    lambda: sn.equal(sn.total(v * dv, over=K), 0),
    given=[with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="A term with the factor eps is left.",
)
