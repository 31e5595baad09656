"""How does batch norm help optimization? The theorems of Santurkar et al., as identities, as bounds, and as printed.

x is the layer's output before batch norm, y after it; L is a loss of y, g = dL/dy its gradient, H its curvature. Axis
N is the batch, M a second index over it, C the channels. The theorems compare dL/dx with g. Where a false statement
stands beside a true one, the two differ by one power or factor.
"""

import symnorm as sn

PAPER = "Santurkar, Tsipras, Ilyas & Madry 2018 (arXiv:1805.11604)"
GRADIENT = f"{PAPER}, Theorem 4.1"
HESSIAN = f"{PAPER}, Theorem 4.2"
MINIMAX = f"{PAPER}, Theorem 4.4"
START = f"{PAPER}, Lemma 4.5"
TOPIC = "Induced smoothness"

N, C, K = sn.axes("N C K")
x, q = sn.tensor("x", N, C), sn.tensor("q", N, C)
eps, lam = sn.scalar("eps", positive=True), sn.scalar("lam", positive=True)
no_eps = sn.equal(eps, 0)
L = sn.Loss("L")

bn = sn.load("batch_norm")
batch = bn.instance()
gamma, x_hat, y, var = bn.inputs["gamma"], batch.x_hat, batch.y, batch.var
g = L.cotangent(y)
dx = sn.gradient(L, y, x)
any_eps = sn.scalar("eps", nonnegative=True)
any_batch = bn.instance(eps=any_eps)
any_hat = any_batch.x_hat
any_g, any_dx = L.cotangent(any_batch.y), sn.gradient(L, any_batch.y, x)
scale = gamma**2 / (var + any_eps)

# The gradient ---------------------------------------------------------------------------------------------------------

sn.claim(
    "santurkar.thm4_1_identity",
    "At eps = 0, ||dx||^2 = gamma^2/var (||g||^2 - <1, g>^2/m - <g, x_hat>^2/m).",
    lambda: sn.equal(
        sn.total(dx**2, over=N),
        gamma**2 / var * (sn.total(g**2, over=N) - sn.total(g, over=N) ** 2 / N - sn.total(g * x_hat, over=N) ** 2 / N),
    ),
    given=[no_eps],
    source=f"{GRADIENT}, where it is an inequality",
    topic=TOPIC,
)
sn.claim(
    "santurkar.thm4_1_inequality",
    "For every eps >= 0, ||dx||^2 is at most gamma^2/(var + eps) (||g||^2 - <1, g>^2/m - <g, x_hat>^2/m).",
    lambda: (
        sn.total(any_dx**2, over=N)
        <= scale
        * (sn.total(any_g**2, over=N) - sn.total(any_g, over=N) ** 2 / N - sn.total(any_g * any_hat, over=N) ** 2 / N)
    ),
    by=lambda: scale * any_eps / (var + any_eps) * sn.total(any_g * any_hat, over=N) ** 2 / N,
    source=GRADIENT,
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "santurkar.thm4_1_plus",
    "At eps = 0, ||dx||^2 = gamma^2/var (||g||^2 + <1, g>^2/m - <g, x_hat>^2/m).",
    lambda: sn.equal(
        sn.total(dx**2, over=N),
        gamma**2 / var * (sn.total(g**2, over=N) + sn.total(g, over=N) ** 2 / N - sn.total(g * x_hat, over=N) ** 2 / N),
    ),
    given=[no_eps],
    source=f"{GRADIENT}, with a sign changed",
    expected="refuted",
    note="The mean of g is removed.",
    also=["decoy.santurkar_plus"],
    topic=TOPIC,
)
sn.claim(
    "santurkar.thm4_1_eps",
    "For every eps >= 0, ||dx||^2 = gamma^2/(var + eps) (||g||^2 - <1, g>^2/m - (1 + eps/(var + eps)) <g, x_hat>^2/m).",
    lambda: sn.equal(
        sn.total(any_dx**2, over=N),
        scale
        * (
            sn.total(any_g**2, over=N)
            - sn.total(any_g, over=N) ** 2 / N
            - (1 + any_eps / (var + any_eps)) * sn.total(any_g * any_hat, over=N) ** 2 / N
        ),
    ),
    source=f"computed from {GRADIENT}",
    topic=TOPIC,
)
sn.claim(
    "santurkar.thm4_1_sqrt_m",
    "At eps = 0, ||dx||^2 is at most gamma^2/var (||g||^2 - <1, g>^2/m - <g, x_hat>^2/sqrt(m)).",
    lambda: (
        sn.total(dx**2, over=N)
        <= gamma**2
        / var
        * (sn.total(g**2, over=N) - sn.total(g, over=N) ** 2 / N - sn.total(g * x_hat, over=N) ** 2 / sn.sqrt(N))
    ),
    given=[no_eps],
    source=f"{GRADIENT}, in a printing with 1/sqrt(m) on the last term",
    expected="refuted",
    kind="inequality",
    note="With 1/m it is an equation, and 1/sqrt(m) takes off more: right only where x_hat has length 1, not sqrt(m).",
    topic=TOPIC,
    also=["decoy.santurkar_sqrt_m"],
)
sn.claim(
    "santurkar.grad_contraction",
    "||dx||^2 is at most gamma^2/(var + eps) ||g||^2, so ||dx|| at most |gamma|/sqrt(var + eps) ||g||, for every eps >="
    " 0.",
    lambda: sn.total(any_dx**2, over=N) <= scale * sn.total(any_g**2, over=N),
    by=lambda: (
        scale
        * (
            sn.total(any_g, over=N) ** 2 / N
            + sn.total(any_g * any_hat, over=N) ** 2 / N
            + any_eps / (var + any_eps) * sn.total(any_g * any_hat, over=N) ** 2 / N
        )
    ),
    source=f"a corollary of {GRADIENT}",
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "santurkar.always_smoother",
    "||dx|| is at most ||g||: batch norm never makes a gradient longer.",
    lambda: sn.norm(dx, over=N) <= sn.norm(g, over=N),
    source=f"the usual reading of {GRADIENT}",
    expected="refuted",
    kind="inequality",
    note="The factor |gamma|/sqrt(var + eps) may exceed 1: a small batch variance lengthens gradients.",
    topic=TOPIC,
)
sn.claim(
    "santurkar.thm4_4_as_printed",
    "At eps = 0, with G = lam^2 ||q||^2, the largest squared gradient by weights of inputs of length lam for a gradient"
    " q, lam^2 ||dx||^2 is at most gamma^2/var (G^2 - m mean(q)^2 - lam^2 <q, x_hat>^2).",
    lambda: (
        lam**2 * sn.total(sn.vjp(y, q, [x]).of(x) ** 2, over=N)
        <= gamma**2
        / var
        * (
            (lam**2 * sn.total(q**2, over=N)) ** 2
            - N * sn.mean(q, over=N) ** 2
            - lam**2 * sn.total(q * x_hat, over=N) ** 2
        )
    ),
    given=[no_eps],
    source=f"{MINIMAX}, as printed",
    expected="refuted",
    kind="inequality",
    note="G is a square already, the mean term lacks lam^2, the last term lacks 1/m.",
    topic=TOPIC,
)
# The worst inputs for a gradient p: X has a spectral norm of at most lam if ||X^T v|| <= lam ||v|| for every v
M = N.copy("M")
p, v, e, X = sn.tensor("p", N), sn.tensor("v", N), sn.tensor("e", K), sn.tensor("X", N, K)
worst = lam * p * e / sn.norm(p, over=N)

sn.claim(
    "santurkar.thm4_4_corrected",
    "At eps = 0, lam^2 ||dx||^2 = gamma^2/var (lam^2 ||g||^2 - lam^2 m mean(g)^2 - lam^2 <g, x_hat>^2/m), and lam^2"
    " ||p||^2, for p = dx or p = g, is the largest ||X^T p||^2 over the X with ||X^T v|| <= lam ||v|| for every v: X"
    " = lam p e^T/||p|| with ||e|| = 1 is one and attains it.",
    lambda: (
        sn.equal(
            lam**2 * sn.total(dx**2, over=N),
            gamma**2
            / var
            * (
                lam**2 * sn.total(g**2, over=N)
                - lam**2 * N * sn.mean(g, over=N) ** 2
                - lam**2 * sn.total(g * x_hat, over=N) ** 2 / N
            ),
        ),
        sn.equal(sn.total(sn.total(worst * p, over=N) ** 2, over=K), lam**2 * sn.total(p**2, over=N)),
        sn.total(sn.total(worst * v, over=N) ** 2, over=K) <= lam**2 * sn.total(v**2, over=N),
    ),
    given=[no_eps, sn.equal(sn.total(e**2, over=K), 1)],
    by=lambda: (
        lam**2
        * sn.total((v * p.rename({N: M}) - v.rename({N: M}) * p) ** 2, over=(N, M))
        / (2 * sn.total(p**2, over=N))
    ),
    source=f"{MINIMAX}, corrected",
    kind="inequality",
    topic=TOPIC,
    also=["santurkar.thm4_4_exact"],
)
sn.claim(
    "santurkar.worst_inputs_by_columns",
    "Over the inputs X whose squared entries add up to lam^2 for each unit of the layer before, ||X^T p||^2 is at most"
    " lam^2 ||p||^2.",
    lambda: sn.total(sn.total(X * p, over=N) ** 2, over=K) <= lam**2 * sn.total(p**2, over=N),
    given=[sn.equal(sn.total(X**2, over=N), lam**2)],
    source=f"{MINIMAX}, with columns of length lam in place of the spectral norm",
    expected="refuted",
    kind="inequality",
    note="Several such columns along p add up; the spectral norm bounds all of them together.",
    topic=TOPIC,
    examples=[{"N": 1, "K": 2, "X": [[1, 1]], "p": [1], "lam": 1}],
)

# A better start -------------------------------------------------------------------------------------------------------

W0, W, c = sn.tensor("W0", K), sn.tensor("W", K), sn.scalar("c")
k = sn.total(W0 * W, over=K) / sn.total(W**2, over=K)
saved = (sn.total(W**2, over=K) - sn.total(W * W0, over=K)) ** 2 / sn.total(W**2, over=K)

sn.claim(
    "santurkar.lemma4_5",
    "For <W0, W> > 0, the point of the line of all c W nearest to W0 has c = k = <W0, W>/||W||^2 > 0, with ||W0 - k"
    " W||^2 = ||W0 - W||^2 - (||W||^2 - <W, W0>)^2/||W||^2: a loss that does not see the scale c > 0 of its optimum W"
    " has an optimum there, so its nearest one is at most so far.",
    lambda: (
        k > 0,
        sn.equal(sn.total((W0 - k * W) ** 2, over=K), sn.total((W0 - W) ** 2, over=K) - saved),
        sn.total((W0 - k * W) ** 2, over=K) <= sn.total((W0 - c * W) ** 2, over=K),
    ),
    given=[sn.total(W0 * W, over=K) > 0],
    by=lambda: (k, (c - k) ** 2 * sn.total(W**2, over=K)),
    source=START,
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "santurkar.lemma4_5_square",
    "||W0 - k W||^2 = ||W0 - W||^2 - (||W||^2 - <W, W0>)^2.",
    lambda: sn.equal(
        sn.total((W0 - k * W) ** 2, over=K),
        sn.total((W0 - W) ** 2, over=K) - saved * sn.total(W**2, over=K),
    ),
    source=f"{START}, without the divisor",
    expected="refuted",
    note="The square is divided by ||W||^2.",
    topic=TOPIC,
)

# The curvature, at eps = 0 --------------------------------------------------------------------------------------------

D = C.copy("D")
bend = L.curvature(y, (M, D))
direction = gamma / sn.sqrt(var) * dx
q_moved = sn.jvp(y, {"x": q})
q_bent = sn.total(bend * q_moved.rename({N: M, C: D}), over=(M, D))
g_left = g - sn.mean(g, over=N) - x_hat * sn.mean(g * x_hat, over=N)
q_left = q - sn.mean(q, over=N) - x_hat * sn.mean(q * x_hat, over=N)

sn.claim(
    "santurkar.thm4_2_identity",
    "At eps = 0, for u = dx, u^T (d2L/dx2) u = gamma^2/var u^T H u - gamma/(m var) <g, x_hat> ||u||^2, an equation.",
    lambda: sn.equal(
        sn.total(dx * sn.jvp(dx, {"x": dx}), over=(N, C)),
        sn.total(direction * bend * direction.rename({N: M, C: D}), over=(N, C, M, D))
        - sn.total(gamma / (N * var) * sn.total(g * x_hat, over=N) * sn.total(dx**2, over=N), over=C),
    ),
    given=[no_eps],
    source=f"{HESSIAN}, where it is an inequality",
    topic=TOPIC,
)
sn.claim(
    "santurkar.thm4_2_without_curvature_of_norm",
    "At eps = 0, for u = dx, u^T (d2L/dx2) u = gamma^2/var u^T H u.",
    lambda: sn.equal(
        sn.total(dx * sn.jvp(dx, {"x": dx}), over=(N, C)),
        sn.total(direction * bend * direction.rename({N: M, C: D}), over=(N, C, M, D)),
    ),
    given=[no_eps],
    source=f"{HESSIAN}, its second term left out",
    expected="refuted",
    note="Batch norm itself is curved.",
    topic=TOPIC,
)
sn.claim(
    "santurkar.thm4_2_hessian_full",
    "At eps = 0, with P q = q - mean(q) - x_hat mean(q x_hat), the Hessian times q is J^T H J q - gamma/(m var) (P g"
    " <x_hat, q> + x_hat <P g, q> + <g, x_hat> P q).",
    lambda: sn.equal(
        sn.jvp(dx, {"x": q}),
        sn.vjp(y, q_bent, [x]).of(x)
        - gamma
        / (N * var)
        * (
            g_left * sn.total(x_hat * q, over=N)
            + x_hat * sn.total(g_left * q, over=N)
            + sn.total(g * x_hat, over=N) * q_left
        ),
    ),
    given=[no_eps],
    source="computed from batch norm's gradient",
    topic=TOPIC,
)
sn.claim(
    "santurkar.hessian_not_symmetrized",
    "At eps = 0, the Hessian times q is J^T H J q - gamma/(m var) (P g <x_hat, q> + <g, x_hat> P q).",
    lambda: sn.equal(
        sn.jvp(dx, {"x": q}),
        sn.vjp(y, q_bent, [x]).of(x)
        - gamma / (N * var) * (g_left * sn.total(x_hat * q, over=N) + sn.total(g * x_hat, over=N) * q_left),
    ),
    given=[no_eps],
    source="computed from batch norm's gradient, one of two mirrored terms left out",
    expected="refuted",
    note="A Hessian is symmetric: x_hat (P g)^T stands beside (P g) x_hat^T.",
    topic=TOPIC,
)
