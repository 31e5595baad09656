"""Norms of matrices: what spectral normalization rests on, by squares alone.

W maps vectors over K to vectors over N; second indices are M, J. That sigma is the spectral norm of W says that
||W v|| <= sigma ||v|| for every v, with equality for one; it is used for the vectors that a proof needs. Where a false
statement stands beside a true one, the two differ by one factor or direction.
"""

import symnorm as sn

PAPER = "Miyato et al. 2018 (arXiv:1802.05957)"
SCHOOL = "any textbook of linear algebra"
TOPIC = "Spectral normalization"

N, K, R = sn.axes("N K R")
M, J = N.copy("M"), K.copy("J")
W, v, u, x, y = sn.tensor("W", N, K), sn.tensor("v", K), sn.tensor("u", N), sn.tensor("x", K), sn.tensor("y", K)
b = sn.tensor("b", N)
sigma = sn.scalar("sigma", nonnegative=True)

Wv = sn.dot(W, v, over=K)
AWv = sn.total(W * Wv, over=N)
WAWv = sn.dot(W, AWv, over=K)
Wd = sn.dot(W, x - y, over=K)
Q, p, q = sn.tensor("Q", J, K), sn.scalar("p"), sn.scalar("q")
Qtx, Qty = sn.total(Q * x.rename({K: J}), over=J), sn.total(Q * y.rename({K: J}), over=J)

sn.claim(
    "matrix_norms.at_most_frobenius",
    "||W v|| is at most the Frobenius norm of W times ||v||: the spectral norm never exceeds the Frobenius norm.",
    lambda: sn.norm(Wv, over=N) <= sn.norm(W, over=(N, K)) * sn.norm(v, over=K),
    by=lambda: sn.total((W * v.rename({K: J}) - W.rename({K: J}) * v) ** 2, over=(N, K, J)) / 2,
    source=f"{PAPER}, section 3",
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.frobenius_at_most_spectral",
    "The Frobenius norm of W times ||v|| is at most ||W v||.",
    lambda: sn.norm(W, over=(N, K)) * sn.norm(v, over=K) <= sn.norm(Wv, over=N),
    source=f"{PAPER}, section 3, turned around",
    expected="refuted",
    kind="inequality",
    note="Equal only at rank one, and for the right v.",
    topic=TOPIC,
)

U, s, V = sn.tensor("U", N, R), sn.tensor("s", R, nonnegative=True), sn.tensor("V", K, R)
R_second = R.copy("R_second")

sn.claim(
    "matrix_norms.frobenius_of_values",
    "Of R values s from 0 to sigma the root of the sum of squares is at most sqrt(R) sigma, and at least each of them.",
    lambda: (
        sn.norm(s, over=R) <= sn.sqrt(R) * sigma,
        s <= sn.norm(s, over=R),
    ),
    given=[s <= sigma],
    by=lambda: (
        sn.total((sigma - s) * (sigma + s), over=R),
        sn.total((1 - sn.delta(R, R_second)) ** 2 * s.rename({R: R_second}) ** 2, over=R_second),
    ),
    source=f"{PAPER}, section 3",
    kind="inequality",
    also=["spectral_norm.frobenius_sandwich"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.frobenius_of_values_without_rank",
    "Of R values from 0 to sigma the root of the sum of squares is at most sigma.",
    lambda: sn.norm(s, over=R) <= sigma,
    given=[s <= sigma],
    source=f"{PAPER}, section 3, without the rank",
    expected="refuted",
    kind="inequality",
    note="Each of them adds its square.",
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.lipschitz_linear",
    "x -> W x + b takes two points at most sigma times as far apart, if ||W v|| <= sigma ||v|| for v = x - y.",
    lambda: sn.norm(sn.dot(W, x, over=K) + b - (sn.dot(W, y, over=K) + b), over=N) <= sigma * sn.norm(x - y, over=K),
    given=[sn.total(Wd**2, over=N) <= sigma**2 * sn.total((x - y) ** 2, over=K)],
    by=lambda: sigma**2 * sn.total((x - y) ** 2, over=K) - sn.total(Wd**2, over=N),
    source=f"{PAPER}, section 2.1",
    kind="inequality",
    also=["spectral_norm.lipschitz_linear"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.lipschitz_attained",
    "Two points apart by the right singular vector are taken sigma apart: no smaller factor will do.",
    lambda: sn.equal(sn.norm(sn.dot(W, x + v, over=K) + b - (sn.dot(W, x, over=K) + b), over=N), sigma),
    given=sn.singular_pair(W, u, sigma, v).given,
    source=f"{PAPER}, section 2.1",
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.lipschitz_one",
    "x -> W x + b moves two points apart by at most ||x - y||.",
    lambda: sn.norm(Wd, over=N) <= sn.norm(x - y, over=K),
    source=f"{PAPER}, section 2.1, before normalization",
    expected="refuted",
    kind="inequality",
    note="Only after W is divided by its spectral norm.",
    topic=TOPIC,
)

t = sn.scalar("t", integer=True, nonnegative=True)
distance, bound, first = sn.scalar("distance"), sn.scalar("bound"), sn.scalar("first", nonnegative=True)
r, layer = sn.scalar("r", nonnegative=True), sn.scalar("layer", nonnegative=True)

sn.claim(
    "matrix_norms.lipschitz_composition",
    "If each layer multiplies a distance by at most its spectral norm, and each activation by at most 1, then t layers"
    " multiply it by at most the product of the spectral norms.",
    lambda: (distance <= bound * first, distance >= 0),
    given=[r <= 1],
    along=lambda: sn.recursion(
        t,
        start={distance: first, bound: 1},
        step={distance: r * layer * distance, bound: layer * bound},
        varying=[r, layer],
    ),
    by=lambda: (
        layer * (bound * first - distance) + layer * distance * (1 - r),
        r * layer * distance,
    ),
    source=f"{PAPER}, equation 7",
    kind="inequality",
    also=["spectral_norm.lipschitz_composition"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.lipschitz_of_sum",
    "t layers multiply a distance by at most the sum of their spectral norms.",
    lambda: distance <= bound * first,
    given=[r <= 1],
    along=lambda: sn.recursion(
        t,
        start={distance: first, bound: 0},
        step={distance: r * layer * distance, bound: layer + bound},
    ),
    source=f"{PAPER}, equation 7, with a sum",
    expected="refuted",
    kind="inequality",
    note="They multiply.",
    topic=TOPIC,
)

# The power method -----------------------------------------------------------------------------------------------------

unit = sn.total(v**2, over=K)

sn.claim(
    "matrix_norms.power_iteration_lower_bound",
    "For u = W v/||W v||, <u, W v> is ||W v||, at most sigma for a unit vector v: the estimate never exceeds the norm.",
    lambda: (
        sn.equal(sn.total(Wv / sn.norm(Wv, over=N) * Wv, over=N), sn.norm(Wv, over=N)),
        sn.norm(Wv, over=N) <= sigma,
    ),
    given=[sn.total(Wv**2, over=N) <= sigma**2],
    by=lambda: sigma**2 - sn.total(Wv**2, over=N),
    source=f"{PAPER}, Algorithm 1",
    kind="inequality",
    also=["spectral_norm.power_iteration_lower_bound"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.power_iteration_upper_bound",
    "For a unit vector v, ||W v|| is at least sigma: the estimate is never too small.",
    lambda: sn.norm(Wv, over=N) >= sigma,
    given=[sn.equal(unit, 1), sn.total(Wv**2, over=N) <= sigma**2],
    source=f"{PAPER}, Algorithm 1, turned around",
    expected="refuted",
    kind="inequality",
    note="It rises to sigma from below.",
    also=["decoy.sn_power_upper_bound"],
    topic=TOPIC,
    examples=[{"N": 1, "K": 2, "W": [[2, 0]], "v": ["3/5", "4/5"], "sigma": 2}],
)
sn.claim(
    "matrix_norms.power_iteration_monotone",
    "With v' = W^T W v, ||W v'||/||v'|| is at least ||W v||/||v||: the estimate does not fall.",
    lambda: sn.total(WAWv**2, over=N) * sn.total(v**2, over=K) >= sn.total(AWv**2, over=K) * sn.total(Wv**2, over=N),
    by=lambda: (
        (
            sn.total(v**2, over=K)
            * sn.total((Wv * WAWv.rename({N: M}) - Wv.rename({N: M}) * WAWv) ** 2, over=(N, M))
            / 2
            + sn.total(AWv**2, over=K)
            * sn.total((v * AWv.rename({K: J}) - v.rename({K: J}) * AWv) ** 2, over=(K, J))
            / 2
        )
        / sn.total(Wv**2, over=N)
    ),
    source="computed by Cauchy-Schwarz, twice",
    kind="inequality",
    also=["spectral_norm.power_iteration_monotone"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.power_iteration_falls",
    "With v' = W^T W v, ||W v'||/||v'|| is at most ||W v||/||v||.",
    lambda: sn.total(WAWv**2, over=N) * sn.total(v**2, over=K) <= sn.total(AWv**2, over=K) * sn.total(Wv**2, over=N),
    source="computed by Cauchy-Schwarz, turned around",
    expected="refuted",
    kind="inequality",
    note="It rises to the spectral norm.",
    topic=TOPIC,
)

c, c0 = sn.tensor("c", R), sn.tensor("c0", R)
lead, lead0, top, second = (
    sn.scalar("lead"),
    sn.scalar("lead0"),
    sn.scalar("top", positive=True),
    sn.scalar("second", nonnegative=True),
)

sn.claim(
    "matrix_norms.power_iteration_converges",
    "In the basis of right singular vectors W^T W multiplies the entry along the first by top^2, the others c by s^2"
    " with s <= second: after t steps their ratio, squared here, is at most (second/top)^(4t) of what it was.",
    lambda: sn.total(c**2, over=R) * lead0**2 * top ** (4 * t) <= second ** (4 * t) * sn.total(c0**2, over=R) * lead**2,
    given=[s <= second],
    along=lambda: sn.recursion(t, start={c: c0, lead: lead0}, step={c: s**2 * c, lead: top**2 * lead}),
    by=lambda: (
        top**4
        * second**4
        * (second ** (4 * t) * sn.total(c0**2, over=R) * lead**2 - sn.total(c**2, over=R) * lead0**2 * top ** (4 * t))
        + lead0**2 * top ** (4 * (t + 1)) * sn.total((second - s) * (second + s) * (second**2 + s**2) * c**2, over=R)
    ),
    source=PAPER,
    kind="dynamics",
    also=["spectral_norm.power_iteration_converges"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.power_iteration_twice_as_fast",
    "With all others at second, after t steps their ratio, squared, is at most (second/top)^(8t) of what it was.",
    lambda: sn.total(c**2, over=R) * lead0**2 * top ** (8 * t) <= second ** (8 * t) * sn.total(c0**2, over=R) * lead**2,
    along=lambda: sn.recursion(t, start={c: c0, lead: lead0}, step={c: second**2 * c, lead: top**2 * lead}),
    source=f"{PAPER}, with the exponent doubled",
    expected="refuted",
    kind="dynamics",
    note="A step multiplies by W^T W, so the ratio falls by (second/top)^2 a step: of values 2 and 1 to 1/4, not 1/16.",
    also=["decoy.sn_power_rate"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.radius_at_most_norm",
    "For W x = a x - c y and W y = c x + a y, a complex eigenvalue a + ic, (a^2 + c^2)(||x||^2 + ||y||^2) is ||W x||^2"
    " + ||W y||^2: no eigenvalue exceeds the spectral norm.",
    lambda: (
        (sn.scalar("a") ** 2 + sn.scalar("q") ** 2) * (sn.total(x**2, over=K) + sn.total(y**2, over=K))
        <= sigma**2 * (sn.total(x**2, over=K) + sn.total(y**2, over=K))
    ),
    given=[
        sn.total((sn.scalar("a") * x - sn.scalar("q") * y) ** 2, over=K) <= sigma**2 * sn.total(x**2, over=K),
        sn.total((sn.scalar("q") * x + sn.scalar("a") * y) ** 2, over=K) <= sigma**2 * sn.total(y**2, over=K),
    ],
    by=lambda: (
        (sigma**2 * sn.total(x**2, over=K) - sn.total((sn.scalar("a") * x - sn.scalar("q") * y) ** 2, over=K))
        + (sigma**2 * sn.total(y**2, over=K) - sn.total((sn.scalar("q") * x + sn.scalar("a") * y) ** 2, over=K))
    ),
    source=SCHOOL,
    kind="inequality",
    also=["spectral_norm.radius_le_norm"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.normal_pair",
    "For a normal matrix, ||Q^T z|| = ||Q z|| for every z, with Q x = p x - q y and Q y = q x + p y, the transpose has"
    " the conjugate pair: ||Q^T x - p x - q y||^2 + ||Q^T y + q x - p y||^2 is 0, so p^2 + q^2 is an eigenvalue of"
    " Q^T Q.",
    lambda: sn.equal(
        sn.total((Qtx - p * x - q * y) ** 2, over=K) + sn.total((Qty + q * x - p * y) ** 2, over=K),
        0,
    ),
    given=[
        sn.equal(sn.dot(Q, x, over=K), (p * x - q * y).rename({K: J})),
        sn.equal(sn.dot(Q, y, over=K), (q * x + p * y).rename({K: J})),
        sn.equal(sn.total(Qtx**2, over=K), sn.total(sn.dot(Q, x, over=K) ** 2, over=J)),
        sn.equal(sn.total(Qty**2, over=K), sn.total(sn.dot(Q, y, over=K) ** 2, over=J)),
    ],
    source=SCHOOL,
    topic=TOPIC,
)

# Rank -----------------------------------------------------------------------------------------------------------------

wn = sn.load("weight_norm")
h = sn.tensor("h", wn.inputs["v"].axes[1])
C, K_in = wn.inputs["v"].axes
rows = wn.instance(g=1).w
K_J = K_in.copy("K_second")
g_C = sn.tensor("g", C, positive=True)

sn.claim(
    "matrix_norms.max_gain_rank_one",
    "C unit rows turn h into a vector of length at most sqrt(C) ||h||; what is missing are the squares of all w_k h_j -"
    " w_j h_k, which vanish only for rows along h.",
    lambda: sn.norm(sn.dot(rows, h, over=K_in), over=C) <= sn.sqrt(C) * sn.norm(h, over=K_in),
    by=lambda: sn.total((rows * h.rename({K_in: K_J}) - rows.rename({K_in: K_J}) * h) ** 2, over=(C, K_in, K_J)) / 2,
    source=f"{PAPER}, section 3",
    kind="inequality",
    also=["weight_norm.max_gain_rank_one"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.weight_norm_loses_rank",
    "What weight norm's weights take to 0, for gains other than 0, some v does not take to 0: it lowers the rank.",
    lambda: sn.total(sn.dot(wn.inputs["v"], h, over=K_in) ** 2, over=C) > 0,
    given=[g_C > 0, sn.equal(sn.dot(wn.instance(g=g_C).w, h, over=K_in), 0)],
    source="a comparison of spectral with weight normalization, read as algebra",
    expected="refuted",
    kind="inequality",
    note="It keeps the rank, as weight_norm.rank_preserved says; what is argued is that its optima prefer low ranks.",
    also=["spectral_norm.wn_reduces_rank"],
    topic=TOPIC,
    examples=[{"C": 2, "K": 2, "v": [[1, 0], [0, 1]], "g": [1, 1], "h": [0, 0]}],
)

# Convolutions ---------------------------------------------------------------------------------------------------------

k0, k1, x0, x1 = sn.scalar("k0"), sn.scalar("k1"), sn.scalar("x0"), sn.scalar("x1")
kernel, signal = k0**2 + k1**2, x0**2 + x1**2
response = (k0 * x0 + k1 * x1) ** 2 + (k0 * x1 + k1 * x0) ** 2

sn.claim(
    "matrix_norms.convolution_of_reshaped_kernel",
    "A circular convolution of two places with a kernel (k0, k1) multiplies lengths by at most that of the kernel, the"
    " spectral norm of its reshaped matrix.",
    lambda: response <= kernel * signal,
    source="spectral normalization of a kernel taken for that of the convolution",
    expected="refuted",
    kind="inequality",
    note="Each entry of the input meets the kernel at two places: for (1, 1) lengths grow by 2, not by sqrt(2).",
    also=["spectral_norm.conv_reshaped"],
    topic=TOPIC,
)
sn.claim(
    "matrix_norms.convolution_of_two_places",
    "It multiplies squared lengths by at most twice the kernel's squared length.",
    lambda: response <= 2 * kernel * signal,
    by=lambda: (k0 * x0 - k1 * x1) ** 2 + (k0 * x1 - k1 * x0) ** 2,
    source="computed by Cauchy-Schwarz at either place",
    kind="inequality",
    topic=TOPIC,
)
