"""Weight norm with mean-only batch norm: b sets a unit's mean, g the length of its weights, nothing else is fixed.

Axis N is the batch, C the units, K the inputs that feed each of them. Where a false statement stands beside a true one,
the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Weight normalization with mean-only batch normalization")

PAPER = "Salimans & Kingma 2016 (arXiv:1602.07868)"
DEFINITION = f"{PAPER}, section 4"
GRADIENT = f"{PAPER}, section 4, equation 8"
COMPUTED = f"computed from {DEFINITION}"
BATCH_NORM = "batch norm's property, claimed of weight norm with mean-only batch norm"

N, C, K = sn.axes("N C K")
x, v = sn.tensor("x", N, K), sn.tensor("v", C, K)
g, b, d = sn.tensor("g", C), sn.tensor("b", C), sn.tensor("d", C)
r, q = sn.tensor("r", K), sn.tensor("q", N)
a = sn.scalar("a")

layer = sn.load("mean_only_weight_norm")
L = sn.Loss("L")

both = layer.instance()
y, w, t = both.y, both.w, both.t
dy = L.cotangent(y)
dx, dv = sn.gradient(L, y, x), sn.gradient(L, y, v)
dg, db = sn.gradient(L, y, g), sn.gradient(L, y, b)
centred = dy - sn.mean(dy, over=N)

sn.claim(
    "mean_only_weight_norm.two_layers",
    "It is mean-only batch norm of a linear layer with normalized weights.",
    lambda: sn.equal(y, sn.load("mean_only_batch_norm")(sn.dot(x, sn.load("weight_norm")(), over=K), beta=b)),
    source=DEFINITION,
)
sn.claim(
    "mean_only_weight_norm.mean_is_b",
    "Each unit has the mean b over the batch.",
    lambda: sn.equal(sn.mean(y, over=N), b),
    source=DEFINITION,
)
sn.claim(
    "mean_only_weight_norm.variance_is_g_squared",
    "Each unit has the variance g^2 over the batch.",
    lambda: sn.equal(sn.var(y, over=N), g**2),
    source=BATCH_NORM,
    expected="refuted",
    note="The variance is that of the data along v: g^2 only if they are whitened.",
)
sn.claim(
    "mean_only_weight_norm.length_of_v",
    "Scaling each unit's v by its own d > 0 does not change the output: its length does not matter.",
    lambda: sn.equal(layer(v=d * v), y),
    given=[d > 0],
    source=DEFINITION,
    kind="invariance",
)
sn.claim(
    "mean_only_weight_norm.sign_of_v",
    "Scaling v by a != 0, of either sign, does not change the output.",
    lambda: sn.equal(layer(v=a * v), y),
    given=[sn.unequal(a, 0)],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="For a < 0 the weights point the other way.",
)
sn.claim(
    "mean_only_weight_norm.data_scale",
    "Scaling the data by a > 0 does not change the output.",
    lambda: sn.equal(layer(x=a * x), y),
    given=[a > 0],
    source=BATCH_NORM,
    expected="refuted",
    kind="invariance",
    note="Only the weights have a fixed length, not the data.",
)
sn.claim(
    "mean_only_weight_norm.data_scale_without_b",
    "Without b, scaling the data by a scales the output by a.",
    lambda: sn.equal(layer(x=a * x, b=0), a * layer(b=0)),
    source=COMPUTED,
)
sn.claim(
    "mean_only_weight_norm.data_shift",
    "The same vector r added to all data does not change the output.",
    lambda: sn.equal(layer(x=x + r), y),
    source=DEFINITION,
    kind="invariance",
)
sn.claim(
    "mean_only_weight_norm.sample_shift",
    "A number q added to all that feeds a sample does not change the output.",
    lambda: sn.equal(layer(x=x + q), y),
    source="layer norm's invariance, claimed of weight norm with mean-only batch norm",
    expected="refuted",
    kind="invariance",
    note="Each sample is shifted by its own amount, times the sum of the weights.",
)
sn.claim(
    "mean_only_weight_norm.gradient_t",
    "What goes back to the linear layer is dy - mean(dy), so that dx = sum((dy - mean(dy)) w), for every loss.",
    lambda: sn.equal(dx, sn.dot(centred, w, over=C)),
    source=GRADIENT,
)
sn.claim(
    "mean_only_weight_norm.gradient_t_uncentred",
    "dx = sum(dy w).",
    lambda: sn.equal(dx, sn.dot(dy, w, over=C)),
    source=GRADIENT,
    expected="refuted",
    note="The mean depends on every sample.",
)
sn.claim(
    "mean_only_weight_norm.gradient_v_orthogonal",
    "The gradient by v is orthogonal to v, for every loss.",
    lambda: sn.equal(sn.total(v * dv, over=K), 0),
    source=f"{PAPER}, section 2.1, equation 4, and section 4",
    kind="orthogonality",
)
sn.claim(
    "mean_only_weight_norm.gradient_x_orthogonal",
    "The gradient by x is orthogonal to each sample.",
    lambda: sn.equal(sn.total(x * dx, over=K), 0),
    source=COMPUTED,
    expected="refuted",
    kind="orthogonality",
    note="It follows from an invariance under the scale of the data, which is missing.",
)
sn.claim(
    "mean_only_weight_norm.gradient_x_sum_zero",
    "The gradient by x sums to 0 over the batch.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    source=GRADIENT,
    kind="orthogonality",
)
sn.claim(
    "mean_only_weight_norm.gradient_g",
    "dg = sum(dy (t - mean(t)))/g for g != 0, for every loss.",
    lambda: sn.equal(dg, sn.total(dy * (t - sn.mean(t, over=N)), over=N) / g),
    given=[sn.unequal(g, 0)],
    source=COMPUTED,
)
sn.claim(
    "mean_only_weight_norm.gradient_g_uncentred",
    "dg = sum(dy t)/g for g != 0.",
    lambda: sn.equal(dg, sn.total(dy * t, over=N) / g),
    given=[sn.unequal(g, 0)],
    source=COMPUTED,
    expected="refuted",
    note="The mean depends on g too.",
)
sn.claim(
    "mean_only_weight_norm.gradient_b",
    "db = sum(dy), over the batch, for every loss.",
    lambda: sn.equal(db, sn.total(dy, over=N)),
    source=COMPUTED,
)
