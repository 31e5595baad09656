"""Weights whose length the loss does not see: their gradients, how descent lengthens them, what weight decay does then.

A loss L(w) with L(c w) = L(w) for every c > 0 is a function of the direction w/||w||, and only that is known of it
here: every output that goes through a normalizer at eps = 0 is such a loss of the weights before it. That its gradient
scales as 1/c and is orthogonal to w are consequences. Axis K is the entries of the weights; t counts the steps, and in
a step the loss may be another one (another batch). Where a false statement stands beside a true one, the two differ by
one assumption, sign, factor or power.
"""

import symnorm as sn

LI_ARORA = "Li & Arora 2019 (arXiv:1910.07454), Lemma 1.3"
LEMMA = "Arora, Li & Lyu 2018 (arXiv:1812.03981), Lemma 2.4"
GROWTH = "Arora, Li & Lyu 2018 (arXiv:1812.03981)"
EFFECTIVE = "van Laarhoven 2017 (arXiv:1706.05350)"
DIRECTION = "Hoffer, Banner, Golan & Soudry 2018 (arXiv:1803.01814)"
EQUILIBRIUM = "Wan et al. 2020 (arXiv:2006.08419)"
MOMENTUM = "Heo et al. 2021 (AdamP, arXiv:2006.08217), Lemma 2.2"
COMPUTED = "computed from L(c w) = L(w)"
TOPIC = "Scale invariance and weight decay"

(K,) = sn.axes("K")
w, p, q, r, v, start = (
    sn.tensor("w", K),
    sn.tensor("p", K),
    sn.tensor("q", K),
    sn.tensor("r", K),
    sn.tensor("v", K),
    sn.tensor("start", K),
)
a, c, eta, lam = sn.scalar("a"), sn.scalar("c"), sn.scalar("eta"), sn.scalar("lam", positive=True)
rate, alpha, G, g = (
    sn.scalar("rate", positive=True),
    sn.scalar("alpha", positive=True),
    sn.scalar("G", positive=True),
    sn.scalar("g", nonnegative=True),
)
beta, S, R, n, n0 = sn.scalar("beta"), sn.scalar("S"), sn.scalar("R"), sn.scalar("n"), sn.scalar("n0", positive=True)
m = sn.scalar("m", positive=True)
t = sn.scalar("t", integer=True, nonnegative=True)
L = sn.Loss("L")

length = sn.norm(w, over=K)
direction = w / length
dL = sn.direction_gradient(L, w, over=K)
slope = sn.direction_gradient(L, direction, over=K)
squared = sn.total(slope**2, over=K)
below_1 = rate * lam < 1

# The gradient ---------------------------------------------------------------------------------------------------------

sn.claim(
    "scale_inv.euler",
    "The gradient is orthogonal to the weights.",
    lambda: sn.equal(sn.total(w * dL, over=K), 0),
    source=LI_ARORA,
    kind="orthogonality",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.euler_any_direction",
    "The gradient is orthogonal to any other weights v.",
    lambda: sn.equal(sn.total(v * dL, over=K), 0),
    source="the gradient's own weights taken for any",
    expected="refuted",
    kind="orthogonality",
    note="Only along w itself the loss stays as it is: turning w changes it.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.gradient_scaling",
    "The gradient at c w is the gradient at w divided by c, for c > 0.",
    lambda: sn.equal(sn.direction_gradient(L, c * w, over=K), dL / c),
    given=[c > 0],
    source=LI_ARORA,
    also=["scale_inv.grad_scaling"],
    topic=TOPIC,
)
sn.claim(
    "scale_inv.gradient_scaling_same",
    "The gradient at c w is the gradient at w, for c > 0.",
    lambda: sn.equal(sn.direction_gradient(L, c * w, over=K), dL),
    given=[c > 0],
    source=COMPUTED,
    expected="refuted",
    note="The loss is the same, its slope is not: the same turn takes a longer way.",
    also=["decoy.grad_scaling_same"],
    topic=TOPIC,
)
sn.claim(
    "scale_inv.gradient_scaling_with_c",
    "The gradient at c w is c times the gradient at w, for c > 0.",
    lambda: sn.equal(sn.direction_gradient(L, c * w, over=K), c * dL),
    given=[c > 0],
    source=COMPUTED,
    expected="refuted",
    note="It is divided by c.",
    also=["decoy.grad_scaling_c"],
    topic=TOPIC,
)

# Gradient descent: w' = w - eta dL(w) ---------------------------------------------------------------------------------

sn.claim(
    "scale_inv.pythagoras",
    "||w - eta dL||^2 = ||w||^2 + eta^2 ||dL||^2.",
    lambda: sn.equal(sn.total((w - eta * dL) ** 2, over=K), sn.total(w**2, over=K) + eta**2 * sn.total(dL**2, over=K)),
    source=LEMMA,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.pythagoras_linear",
    "||w - eta dL||^2 = ||w||^2 + eta ||dL||^2.",
    lambda: sn.equal(sn.total((w - eta * dL) ** 2, over=K), sn.total(w**2, over=K) + eta * sn.total(dL**2, over=K)),
    source=LEMMA,
    expected="refuted",
    kind="dynamics",
    note="The step is eta dL, and its length is squared.",
    also=["decoy.pythagoras_eta_linear"],
    topic=TOPIC,
)
sn.claim(
    "scale_inv.norm_sum",
    "After t steps ||w||^2 = ||w_0||^2 + S, S the sum of eta_t^2 ||dL(w_t)||^2, for any learning rates.",
    lambda: sn.equal(sn.total(p**2, over=K), sn.total(start**2, over=K) + S),
    along=lambda: sn.recursion(
        t,
        start={p: start, S: 0},
        step={
            p: p - eta * sn.direction_gradient(L, p, over=K),
            S: S + eta**2 * sn.total(sn.direction_gradient(L, p, over=K) ** 2, over=K),
        },
        varying=[eta, L],
    ),
    source=GROWTH,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.norm_sum_with_decay",
    "With weight decay, after t steps ||w||^2 = ||w_0||^2 + S, S the sum of eta_t^2 ||dL(w_t)||^2.",
    lambda: sn.equal(sn.total(p**2, over=K), sn.total(start**2, over=K) + S),
    along=lambda: sn.recursion(
        t,
        start={p: start, S: 0},
        step={
            p: p - eta * sn.direction_gradient(L, p, over=K) - eta * lam * p,
            S: S + eta**2 * sn.total(sn.direction_gradient(L, p, over=K) ** 2, over=K),
        },
    ),
    source=f"{GROWTH}, overstated",
    expected="refuted",
    kind="dynamics",
    note="Decay shortens w in each step.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.strictly_increasing",
    "Where the gradient is not 0, a step with eta != 0 makes the weights strictly longer.",
    lambda: sn.norm(w - eta * dL, over=K) > length,
    given=[sn.unequal(eta, 0), sn.total(dL**2, over=K) > 0],
    by=lambda: eta**2 * sn.total(dL**2, over=K),
    source=COMPUTED,
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.always_increasing",
    "A step with eta != 0 makes the weights strictly longer.",
    lambda: sn.norm(w - eta * dL, over=K) > length,
    given=[sn.unequal(eta, 0)],
    source=f"{COMPUTED}, overstated",
    expected="refuted",
    kind="inequality",
    note="Not where the gradient is 0.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.effective_lr",
    "A step turns the direction as a step from w/||w|| with the learning rate eta/||w||^2 does.",
    lambda: sn.equal(
        (w - eta * dL) / sn.norm(w - eta * dL, over=K),
        (direction - eta / length**2 * slope) / sn.norm(direction - eta / length**2 * slope, over=K),
    ),
    source=EFFECTIVE,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.effective_lr_first_power",
    "A step turns the direction as a step from w/||w|| with the learning rate eta/||w|| does.",
    lambda: sn.equal(
        (w - eta * dL) / sn.norm(w - eta * dL, over=K),
        (direction - eta / length * slope) / sn.norm(direction - eta / length * slope, over=K),
    ),
    source=EFFECTIVE,
    expected="refuted",
    kind="dynamics",
    note="The gradient at w is already shorter by ||w||, and dividing by ||w|| gives the second power.",
    also=["decoy.effective_lr_first_power"],
    topic=TOPIC,
)
sn.claim(
    "scale_inv.direction_expansion",
    "With h = eta/||w||^2 the new direction is v/||v||, v = w/||w|| - h dL(w/||w||), and differs from v by at most"
    " h^2 ||dL(w/||w||)||^2/2.",
    lambda: (
        sn.equal(
            (w - eta * dL) / sn.norm(w - eta * dL, over=K),
            (direction - eta / length**2 * slope) / sn.sqrt(1 + (eta / length**2) ** 2 * squared),
        ),
        sn.norm((direction - rate * slope) / sn.sqrt(1 + rate**2 * squared) - (direction - rate * slope), over=K)
        <= rate**2 * squared / 2,
    ),
    by=lambda: (
        (rate**2 * squared / (sn.sqrt(1 + rate**2 * squared) + 1)) ** 3 * (sn.sqrt(1 + rate**2 * squared) + 3) / 4
    ),
    source=f"{DIRECTION}, equations 2 to 4",
    kind="limit",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.direction_expansion_exact",
    "The new direction is w/||w|| - h dL(w/||w||), h = eta/||w||^2, with no error.",
    lambda: sn.equal((w - eta * dL) / sn.norm(w - eta * dL, over=K), direction - eta / length**2 * slope),
    source=f"{DIRECTION}, with the remainder left out",
    expected="refuted",
    kind="limit",
    note="It is of second order in h, not 0.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.fourth_root_growth",
    "If n = ||w||^2 grows by eta^2 g_t^2/n in each step with g_t = ||dL(w/||w||)|| >= G, then n_t^2 >= n_0^2 + 2 eta^2"
    " G^2 t.",
    lambda: (n > 0, n**2 >= n0**2 + 2 * eta**2 * G**2 * t),
    given=[g >= G],
    along=lambda: sn.recursion(t, start={n: n0}, step={n: n + eta**2 * g**2 / n}, varying=[g]),
    by=lambda: (n**2 - (n0**2 + 2 * eta**2 * G**2 * t)) + 2 * eta**2 * (g - G) * (g + G) + eta**4 * g**4 / n**2,
    source=GROWTH,
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.faster_growth",
    "If n = ||w||^2 grows by eta^2 g_t^2/n in each step with g_t >= G, then n_t^2 >= n_0^2 + 3 eta^2 G^2 t.",
    lambda: n**2 >= n0**2 + 3 * eta**2 * G**2 * t,
    given=[g >= G],
    along=lambda: sn.recursion(t, start={n: n0}, step={n: n + eta**2 * g**2 / n}),
    source=f"{GROWTH}, with another factor",
    expected="refuted",
    kind="inequality",
    note="The cross term of the square is 2 eta^2 g^2.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.adam_effective_lr",
    "A step along the signs of the gradient, or along the gradient over its length, goes where one from w/||w|| with"
    " the learning rate eta/||w|| goes, up to the factor ||w||.",
    lambda: (
        sn.equal(w - eta * sn.sign(dL), length * (direction - eta / length * sn.sign(slope))),
        sn.equal(
            w - eta * dL / sn.norm(dL, over=K),
            length * (direction - eta / length * slope / sn.norm(slope, over=K)),
        ),
    ),
    source=f"{EFFECTIVE}, section 3",
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.adam_effective_lr_squared",
    "A step along the signs of the gradient turns the direction as one with the learning rate eta/||w||^2 does.",
    lambda: sn.equal(
        (w - eta * sn.sign(dL)) / sn.norm(w - eta * sn.sign(dL), over=K),
        (direction - eta / length**2 * sn.sign(slope)) / sn.norm(direction - eta / length**2 * sn.sign(slope), over=K),
    ),
    source=f"{EFFECTIVE}, plain descent's rate claimed of sign descent",
    expected="refuted",
    kind="dynamics",
    note="The signs do not see that the gradient is shorter by ||w||.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.momentum_norm_growth",
    "With momentum, p_t = beta p_(t-1) + dL(w_t), ||w_(t+1)||^2 = ||w_t||^2 + eta^2 ||p_t||^2 + 2 eta^2 beta R_t, R_t"
    " the sum of beta^(t-1-k) ||p_k||^2 over k < t; S sums what is added.",
    lambda: (
        sn.equal(sn.total(w * q, over=K), -eta * R),
        sn.equal(sn.total(w**2, over=K), sn.total(start**2, over=K) + S),
    ),
    along=lambda: sn.recursion(
        t,
        start={w: start, q: 0, R: 0, S: 0},
        step={
            w: w - eta * (beta * q + dL),
            q: beta * q + dL,
            R: beta * R + sn.total((beta * q + dL) ** 2, over=K),
            S: S + eta**2 * sn.total((beta * q + dL) ** 2, over=K) + 2 * eta**2 * beta * R,
        },
        varying=[L],
    ),
    source=MOMENTUM,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.momentum_without_cross_terms",
    "With momentum, ||w_(t+1)||^2 = ||w_t||^2 + eta^2 ||p_t||^2 as without; S sums what is added.",
    lambda: sn.equal(sn.total(w**2, over=K), sn.total(start**2, over=K) + S),
    along=lambda: sn.recursion(
        t,
        start={w: start, q: 0, S: 0},
        step={
            w: w - eta * (beta * q + dL),
            q: beta * q + dL,
            S: S + eta**2 * sn.total((beta * q + dL) ** 2, over=K),
        },
    ),
    source=f"{LEMMA}, claimed of momentum",
    expected="refuted",
    kind="dynamics",
    note="Earlier gradients are not orthogonal to the weights of now.",
    topic=TOPIC,
)

# Weight decay: w' = (1 - eta lam) w - eta dL(w) -----------------------------------------------------------------------

decayed = (1 - rate * lam) * w - rate * dL

sn.claim(
    "scale_inv.wd_effective_lr",
    "With weight decay, a step goes where one without it from w/||w|| with the rate eta/((1 - eta lam) ||w||^2) goes,"
    " up to a factor.",
    lambda: sn.equal(decayed, (1 - rate * lam) * length * (direction - rate / ((1 - rate * lam) * length**2) * slope)),
    given=[below_1],
    source=EFFECTIVE,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.wd_regularizes_direction",
    "With weight decay, the direction turns as without: the rate is eta/||w||^2.",
    lambda: sn.equal(
        decayed / sn.norm(decayed, over=K),
        (direction - rate / length**2 * slope) / sn.norm(direction - rate / length**2 * slope, over=K),
    ),
    given=[below_1],
    source=f"{EFFECTIVE}, without the decay of this step",
    expected="refuted",
    kind="dynamics",
    note="Decay shortens w before the step is added.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.lr_wd_rescaling",
    "From alpha w_0, with learning rate alpha^2 eta and decay lam/alpha^2, descent goes through alpha w_t.",
    lambda: sn.equal(q, alpha * p),
    along=lambda: sn.recursion(
        t,
        start={p: start, q: alpha * start},
        step={
            p: p - rate * (sn.direction_gradient(L, p, over=K) + lam * p),
            q: q - alpha**2 * rate * (sn.direction_gradient(L, q, over=K) + lam / alpha**2 * q),
        },
        varying=[L, rate, lam],
    ),
    source=EFFECTIVE,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.lr_wd_rescaling_linear",
    "From alpha w_0, with learning rate alpha eta and decay lam/alpha, descent goes through alpha w_t.",
    lambda: sn.equal(q, alpha * p),
    along=lambda: sn.recursion(
        t,
        start={p: start, q: alpha * start},
        step={
            p: p - rate * (sn.direction_gradient(L, p, over=K) + lam * p),
            q: q - alpha * rate * (sn.direction_gradient(L, q, over=K) + lam / alpha * q),
        },
    ),
    source=f"{EFFECTIVE}, with the first power",
    expected="refuted",
    kind="dynamics",
    note="The gradient is shorter by alpha, so the learning rate has to grow by its square.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.wd_norm_recursion",
    "With weight decay, ||w'||^2 = (1 - eta lam)^2 ||w||^2 + eta^2 ||dL(w/||w||)||^2/||w||^2.",
    lambda: sn.equal(
        sn.total(decayed**2, over=K),
        (1 - rate * lam) ** 2 * length**2 + rate**2 * squared / length**2,
    ),
    source=EQUILIBRIUM,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.wd_norm_recursion_unscaled",
    "With weight decay, ||w'||^2 = (1 - eta lam)^2 ||w||^2 + eta^2 ||dL(w/||w||)||^2.",
    lambda: sn.equal(sn.total(decayed**2, over=K), (1 - rate * lam) ** 2 * length**2 + rate**2 * squared),
    source=EQUILIBRIUM,
    expected="refuted",
    kind="dynamics",
    note="The gradient at w is that at the direction divided by ||w||.",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.wd_equilibrium",
    "For a constant G = ||dL(w/||w||)||, m = ||w||^2 changes by eta/m (eta G^2 - lam (2 - eta lam) m^2); where G is m"
    " sqrt(lam (2 - eta lam)/eta) it stays, and eta/m = sqrt(eta lam (2 - eta lam))/G, at most sqrt(2 eta lam)/G and"
    " at least 1 - eta lam/2 times that.",
    lambda: (
        sn.equal(
            (1 - rate * lam) ** 2 * m + rate**2 * g**2 / m - m,
            rate / m * (rate * g**2 - lam * (2 - rate * lam) * m**2),
        ),
        sn.equal((1 - rate * lam) ** 2 * m + rate**2 * G**2 / m, m),
        sn.equal(rate / m, sn.sqrt(rate * lam * (1 + (1 - rate * lam))) / G),
        sn.sqrt(rate * lam * (1 + (1 - rate * lam))) <= sn.sqrt(2 * rate * lam),
        sn.sqrt(rate * lam * (1 + (1 - rate * lam))) >= (1 - rate * lam / 2) * sn.sqrt(2 * rate * lam),
    ),
    by=lambda: ((rate * lam) ** 2, (rate * lam) ** 2 * (1 + (1 - rate * lam)) / 2),
    given=[below_1, sn.equal(G, m * sn.sqrt(lam * (1 + (1 - rate * lam)) / rate))],
    source=EQUILIBRIUM,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.equilibrium_angle",
    "The cosine between w and w' is (1 - eta lam) ||w||/||w'||: where a step keeps the length, 1 - eta lam.",
    lambda: sn.equal(
        sn.total(w * decayed, over=K) / (length * sn.norm(decayed, over=K)),
        (1 - rate * lam) * length / sn.norm(decayed, over=K),
    ),
    source=EQUILIBRIUM,
    kind="dynamics",
    topic=TOPIC,
)
sn.claim(
    "scale_inv.any_angle",
    "After a step with weight decay the cosine between w and w' is 1 - eta lam.",
    lambda: sn.equal(sn.total(w * decayed, over=K) / (length * sn.norm(decayed, over=K)), 1 - rate * lam),
    given=[below_1],
    source=f"{EQUILIBRIUM}, without the equilibrium",
    expected="refuted",
    kind="dynamics",
    note="Only where the length stays.",
    topic=TOPIC,
)

# The curvature --------------------------------------------------------------------------------------------------------

bent, bent_at_c = sn.jvp(dL, {"w": v}), sn.jvp(sn.direction_gradient(L, c * w, over=K), {"w": v}) / c

sn.claim(
    "scale_inv.hessian_scaling",
    "The Hessian at c w is that at w divided by c^2, for c > 0; times w it is minus the gradient.",
    lambda: (sn.equal(bent_at_c, bent / c**2), sn.equal(sn.jvp(dL, {"w": w}), -dL)),
    given=[c > 0],
    source=COMPUTED,
    topic=TOPIC,
)
sn.claim(
    "scale_inv.hessian_null",
    "The Hessian times w is 0.",
    lambda: sn.equal(sn.jvp(dL, {"w": w}), 0),
    source=f"{COMPUTED}, the loss's property claimed of its gradient",
    expected="refuted",
    note="The loss is constant along w, its gradient is not.",
    topic=TOPIC,
)
