"""Unit length: a sample's direction alone, in the Euclidean length, the sum of absolute values and the largest of them.

Axis N is the samples, C the features. Where a false statement stands beside a true one, the two differ by one
assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Input normalization")

COMPUTED = "computed from u = x/||x||"
COMPUTED_L1 = "computed from u = x/sum(|x|)"
COMPUTED_LINF = "computed from u = x/max(|x|)"
COMPUTED_LP = "computed from u = x/sum(|x|^p)^(1/p)"

N, C = sn.axes("N C")
x, h, q = sn.tensor("x", N, C), sn.tensor("h", N, C), sn.tensor("q", N)
a, p = sn.scalar("a"), sn.scalar("p", positive=True)

unit = sn.load("unit_length")
unit_l1, unit_lp, unit_linf = unit.mode("l1"), unit.mode("lp"), unit.mode("linf")
L = sn.Loss("L")

sample, sample_l1 = unit.instance(), unit_l1.instance()
length, u = sample.norm, sample.u
length_l1, u_l1 = sample_l1.norm, sample_l1.u
du, du_l1 = L.cotangent(u), L.cotangent(u_l1)
dx, dx_l1 = sn.gradient(L, u, x), sn.gradient(L, u_l1, x)

sample_linf = unit_linf.instance()
length_linf, u_linf = sample_linf.norm, sample_linf.u
du_linf, dx_linf = L.cotangent(u_linf), sn.gradient(L, u_linf, x)

sample_lp = unit_lp.instance()
length_lp, u_lp = sample_lp.norm, sample_lp.u
du_lp, dx_lp = L.cotangent(u_lp), sn.gradient(L, u_lp, x)

# What comes out -------------------------------------------------------------------------------------------------------

sn.claim(
    "unit_length.unit_l2_norm",
    "Each sample gets the Euclidean length 1.",
    lambda: sn.equal(sn.norm(u, over=C), 1),
    source=COMPUTED,
    also=["input.unit_l2_norm"],
)
sn.claim(
    "unit_length.unit_l1_norm",
    "In L1, the absolute values of each sample get the sum 1.",
    lambda: sn.equal(sn.total(sn.absolute(u_l1), over=C), 1),
    source=COMPUTED_L1,
    also=["input.unit_l1_norm"],
)
sn.claim(
    "unit_length.unit_sum",
    "In L1, each sample gets the sum 1.",
    lambda: sn.equal(sn.total(u_l1, over=C), 1),
    source="probabilities, which are not negative",
    expected="refuted",
    note="Negative entries count with their sign.",
)
sn.claim(
    "unit_length.l1_has_unit_l2_norm",
    "In L1, each sample gets the Euclidean length 1.",
    lambda: sn.equal(sn.norm(u_l1, over=C), 1),
    source="the two lengths taken for one",
    expected="refuted",
    note="The Euclidean length is at most the sum of absolute values.",
)

# Invariances ----------------------------------------------------------------------------------------------------------

sn.claim(
    "unit_length.scale_invariance",
    "Scaling by a != 0 multiplies the output by the sign of a, in either length.",
    lambda: (sn.equal(unit(a * x), sn.sign(a) * u), sn.equal(unit_l1(a * x), sn.sign(a) * u_l1)),
    given=[sn.unequal(a, 0)],
    source=COMPUTED,
    kind="invariance",
    also=["input.unit_scale_invariance"],
)
sn.claim(
    "unit_length.scale_any_scalar",
    "Scaling by any a != 0 does not change the output.",
    lambda: sn.equal(unit(a * x), u),
    given=[sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="For a < 0 the sign flips.",
)
sn.claim(
    "unit_length.sample_scale_invariance",
    "Scaling each sample by its own q > 0 does not change the output, in either length.",
    lambda: (sn.equal(unit(q * x), u), sn.equal(unit_l1(q * x), u_l1)),
    given=[q > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "unit_length.shift_invariance",
    "A constant q added to all features of a sample does not change the output.",
    lambda: sn.equal(unit(x + q), u),
    source="layer norm's invariance, claimed of unit length",
    expected="refuted",
    kind="invariance",
    note="Nothing is subtracted.",
)

# Backward -------------------------------------------------------------------------------------------------------------

sn.claim(
    "unit_length.jacobian_projection",
    "dx = (du - u sum(du u))/||x||, du projected away from x and scaled; a change h of x changes u in the same way: not"
    " at all exactly if h is u sum(u h), a multiple of x, as any multiple of x is.",
    lambda: (
        sn.equal(dx, (du - u * sn.total(du * u, over=C)) / length),
        sn.equal(length * sn.jvp(u, {"x": h}), h - u * sn.total(u * h, over=C)),
        sn.equal(sn.jvp(u, {"x": q * x}), 0),
    ),
    source=COMPUTED,
    also=["input.unit_jacobian_projection"],
)
sn.claim(
    "unit_length.jacobian_without_projection",
    "dx = du/||x||.",
    lambda: sn.equal(dx, du / length),
    source=COMPUTED,
    expected="refuted",
    note="The length depends on x too.",
)
sn.claim(
    "unit_length.l1_backward_x",
    "In L1, dx = (du - sign(x) sum(du u))/sum(|x|), where no entry is 0.",
    lambda: sn.equal(dx_l1, (du_l1 - sn.sign(x) * sn.total(du_l1 * u_l1, over=C)) / length_l1),
    source=COMPUTED_L1,
)
sn.claim(
    "unit_length.l1_backward_x_projection",
    "In L1, dx = (du - u sum(du u))/sum(|x|).",
    lambda: sn.equal(dx_l1, (du_l1 - u_l1 * sn.total(du_l1 * u_l1, over=C)) / length_l1),
    source="the formula of the Euclidean length, claimed of L1",
    expected="refuted",
    note="The derivative of the sum of absolute values is sign(x), not u.",
)
sn.claim(
    "unit_length.orthogonality",
    "The gradient by x is orthogonal to each sample, in either length.",
    lambda: (sn.equal(sn.total(x * dx, over=C), 0), sn.equal(sn.total(x * dx_l1, over=C), 0)),
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "unit_length.orthogonality_du",
    "The gradient by the output is orthogonal to each sample.",
    lambda: sn.equal(sn.total(x * du, over=C), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="Only what reaches x is projected.",
)

# The largest absolute value -------------------------------------------------------------------------------------------

sn.claim(
    "unit_length.unit_linf_norm",
    "In L-infinity, the largest absolute value of each sample becomes 1.",
    lambda: sn.equal(sn.amax(sn.absolute(u_linf), over=C), 1),
    source=COMPUTED_LINF,
)
sn.claim(
    "unit_length.unit_linf_maximum",
    "In L-infinity, the largest value of each sample becomes 1.",
    lambda: sn.equal(sn.amax(u_linf, over=C), 1),
    source="the absolute value left out",
    expected="refuted",
    note="Where a negative value is the largest in absolute value, it becomes -1.",
)
sn.claim(
    "unit_length.linf_scale_invariance",
    "In L-infinity, scaling by a != 0 multiplies the output by the sign of a.",
    lambda: sn.equal(unit_linf(a * x), sn.sign(a) * u_linf),
    given=[sn.unequal(a, 0)],
    source=COMPUTED_LINF,
    kind="invariance",
)
sn.claim(
    "unit_length.linf_scale_any_scalar",
    "In L-infinity, scaling by a != 0 does not change the output.",
    lambda: sn.equal(unit_linf(a * x), u_linf),
    given=[sn.unequal(a, 0)],
    source="the assumption a > 0 weakened",
    expected="refuted",
    note="At a < 0 the output changes its sign.",
    kind="invariance",
)
sn.claim(
    "unit_length.linf_backward",
    "In L-infinity, the gradient; coordinates that tie for the largest absolute value share what falls to it.",
    lambda: sn.equal(
        dx_linf,
        (du_linf - sn.at_max(sn.absolute(x), over=C) * sn.sign(x) * sn.total(du_linf * u_linf, over=C)) / length_linf,
    ),
    source=COMPUTED_LINF,
)
sn.claim(
    "unit_length.linf_backward_without_sign",
    "The same without the sign.",
    lambda: sn.equal(
        dx_linf,
        (du_linf - sn.at_max(sn.absolute(x), over=C) * sn.total(du_linf * u_linf, over=C)) / length_linf,
    ),
    source="the absolute value forgotten",
    expected="refuted",
    note="A negative coordinate lowers its absolute value when it grows.",
)
sn.claim(
    "unit_length.linf_gradient_orthogonal",
    "In L-infinity, the gradient is orthogonal to the sample.",
    lambda: sn.equal(sn.total(dx_linf * x, over=C), 0),
    source=COMPUTED_LINF,
    kind="orthogonality",
)
sn.claim(
    "unit_length.linf_gradient_along_signs",
    "In L-infinity, the gradient is orthogonal to the signs of the sample.",
    lambda: sn.equal(sn.total(dx_linf * sn.sign(x), over=C), 0),
    source="the sample taken for its signs",
    expected="refuted",
    note="It is orthogonal to the sample itself.",
    kind="orthogonality",
)

# Any exponent ---------------------------------------------------------------------------------------------------------

sn.claim(
    "unit_length.unit_lp_norm",
    "In Lp, for any p > 0, the p-th powers of the absolute values of each sample get the sum 1.",
    lambda: sn.equal(sn.total(sn.absolute(u_lp) ** p, over=C), 1),
    source=COMPUTED_LP,
)
sn.claim(
    "unit_length.lp_has_unit_l2_norm",
    "In Lp, each sample gets the Euclidean length 1.",
    lambda: sn.equal(sn.norm(u_lp, over=C), 1),
    source="the Euclidean length taken for the p-norm",
    expected="refuted",
    note="Only at p = 2, or where one coordinate alone differs from 0.",
)
sn.claim(
    "unit_length.lp_at_one_and_two",
    "Unit length in Lp is the Euclidean one at p = 2 and the one in L1 at p = 1, and so are the gradients.",
    lambda: (
        sn.equal(unit_lp(x, p=2), u),
        sn.equal(unit_lp(x, p=1), u_l1),
        sn.equal(sn.gradient(L, unit_lp(x, p=2), x), dx),
        sn.equal(sn.gradient(L, unit_lp(x, p=1), x), dx_l1),
    ),
    source=COMPUTED_LP,
)
sn.claim(
    "unit_length.lp_at_one_is_euclidean",
    "Unit length in Lp is the Euclidean one at p = 1.",
    lambda: sn.equal(unit_lp(x, p=1), u),
    source="the two ends of the family exchanged",
    expected="refuted",
    note="At p = 1 the absolute values are added.",
)
sn.claim(
    "unit_length.lp_scale_invariance",
    "In Lp, scaling by a != 0 multiplies the output by the sign of a.",
    lambda: sn.equal(unit_lp(a * x), sn.sign(a) * u_lp),
    given=[sn.unequal(a, 0)],
    source=COMPUTED_LP,
    kind="invariance",
)
sn.claim(
    "unit_length.lp_scale_any_scalar",
    "In Lp, scaling by a != 0 does not change the output.",
    lambda: sn.equal(unit_lp(a * x), u_lp),
    given=[sn.unequal(a, 0)],
    source="the assumption a > 0 weakened",
    expected="refuted",
    note="At a < 0 the output changes its sign.",
    kind="invariance",
)
sn.claim(
    "unit_length.lp_backward",
    "In Lp, dx = (du - |u|^(p - 1) sign(u) sum(du u))/||x||, where no coordinate is 0.",
    lambda: sn.equal(
        dx_lp,
        (du_lp - sn.absolute(u_lp) ** (p - 1) * sn.sign(u_lp) * sn.total(du_lp * u_lp, over=C)) / length_lp,
    ),
    source=COMPUTED_LP,
)
sn.claim(
    "unit_length.lp_backward_power",
    "In Lp, dx = (du - |u|^p sign(u) sum(du u))/||x||, where no coordinate is 0.",
    lambda: sn.equal(
        dx_lp,
        (du_lp - sn.absolute(u_lp) ** p * sn.sign(u_lp) * sn.total(du_lp * u_lp, over=C)) / length_lp,
    ),
    source="the exponent not lowered",
    expected="refuted",
    note="The derivative of |x|^p is p |x|^(p - 1) sign(x).",
)
sn.claim(
    "unit_length.lp_backward_projection",
    "In Lp, dx = (du - u sum(du u))/||x||, where no coordinate is 0.",
    lambda: sn.equal(dx_lp, (du_lp - u_lp * sn.total(du_lp * u_lp, over=C)) / length_lp),
    source="the formula of the Euclidean length, claimed of Lp",
    expected="refuted",
    note="The two agree at p = 2.",
)
sn.claim(
    "unit_length.lp_orthogonality",
    "In Lp, the gradient by x is orthogonal to each sample.",
    lambda: sn.equal(sn.total(x * dx_lp, over=C), 0),
    source=COMPUTED_LP,
    kind="orthogonality",
)
sn.claim(
    "unit_length.lp_orthogonality_of_powers",
    "In Lp, the gradient by x is orthogonal to |x|^(p - 1) sign(x).",
    lambda: sn.equal(sn.total(sn.absolute(x) ** (p - 1) * sn.sign(x) * dx_lp, over=C), 0),
    source="the sample taken for the gradient of its norm",
    expected="refuted",
    note="It is orthogonal to the sample itself; the two agree in direction at p = 2.",
    kind="orthogonality",
)
