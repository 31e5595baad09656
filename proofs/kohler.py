"""Length and direction apart: batch norm as a reparametrization of least squares, and its Rayleigh quotient.

x[n, k] are the data with mean 0 and S = mean(x x^T); w the weights, ||w||_S^2 = w^T S w = mean((x w)^2), g the length.
Where a false statement stands beside a true one, the two differ by one sign or factor.
"""

import symnorm as sn

PAPER = "Kohler et al. 2019 (arXiv:1805.10694)"
TOPIC = "Length-direction decoupling"

N, C, K = sn.axes("N C K")
M, J = N.copy("M"), K.copy("J")
A, W = sn.tensor("A", N, K), sn.tensor("W", K, C)
w, u, r = sn.tensor("w", K), sn.tensor("u", K), sn.tensor("r", K)
S = sn.tensor("S", K, J, symmetric=True)
g, a = sn.scalar("g"), sn.scalar("a")
eps = sn.scalar("eps", positive=True)

bn = sn.load("batch_norm")
z = sn.dot(A, W, over=K)
layer = bn.instance(z)
Sw = sn.total(S * w.rename({K: J}), over=J)
wSw = sn.total(w * Sw, over=K)
uw = sn.total(u * w, over=K)
rho = -(uw**2) / wSw
slope = sn.vjp(rho, 1, [w]).of(w)

sn.claim(
    "kohler.reparam",
    "For data of mean 0, at eps = 0, batch norm divides x w by ||w||_S.",
    lambda: sn.equal(layer.x_hat, z / sn.sqrt(sn.mean(z**2, over=N))),
    given=[sn.equal(sn.mean(A, over=N), 0), sn.equal(eps, 0)],
    source=PAPER,
    topic=TOPIC,
)
sn.claim(
    "kohler.reparam_any_mean",
    "At eps = 0, batch norm divides x w by ||w||_S.",
    lambda: sn.equal(layer.x_hat, z / sn.sqrt(sn.mean(z**2, over=N))),
    given=[sn.equal(eps, 0)],
    source=f"{PAPER}, without the mean",
    expected="refuted",
    note="It subtracts the mean first.",
    topic=TOPIC,
)
sn.claim(
    "kohler.optimal_g",
    "f = 2 g a + g^2 with a = <u, w>/||w||_S is smallest at g = -a, where it is -a^2.",
    lambda: (2 * g * a + g**2 >= 2 * (-a) * a + (-a) ** 2, sn.equal(2 * (-a) * a + (-a) ** 2, -(a**2))),
    by=lambda: (g + a) ** 2,
    source=PAPER,
    topic=TOPIC,
)
sn.claim(
    "kohler.optimal_g_sign",
    "f = 2 g a + g^2 is smallest at g = a.",
    lambda: 2 * g * a + g**2 >= 2 * a * a + a**2,
    source=PAPER,
    expected="refuted",
    note="There it is 3 a^2.",
    also=["decoy.kohler_g_sign"],
    topic=TOPIC,
)
sn.claim(
    "kohler.grad_rho",
    "rho(w) = -<u, w>^2/(w^T S w) has the gradient -2/(w^T S w) (u <u, w> + rho S w), orthogonal to w.",
    lambda: (
        sn.equal(slope, -2 / wSw * (u * uw + rho * Sw)),
        sn.equal(sn.total(w * slope, over=K), 0),
    ),
    source=PAPER,
    topic=TOPIC,
)
sn.claim(
    "kohler.grad_rho_sign",
    "rho(w) = -<u, w>^2/(w^T S w) has the gradient -2/(w^T S w) (u <u, w> - rho S w).",
    lambda: sn.equal(slope, -2 / wSw * (u * uw - rho * Sw)),
    source=PAPER,
    expected="refuted",
    note="rho itself is negative.",
    topic=TOPIC,
)

Aw, Ar = sn.dot(A, w, over=K), sn.dot(A, r, over=K)

sn.claim(
    "kohler.minimizer",
    "For u = S r, rho(w) is at least -r^T S r = -u^T S^-1 u, with equality at w = r.",
    lambda: (
        -(sn.mean(Aw * Ar, over=N) ** 2) / sn.mean(Aw**2, over=N) >= -sn.mean(Ar**2, over=N),
        sn.equal(-(sn.mean(Ar * Ar, over=N) ** 2) / sn.mean(Ar**2, over=N), -sn.mean(Ar**2, over=N)),
    ),
    by=lambda: (
        sn.mean((Aw * Ar.rename({N: M}) - Aw.rename({N: M}) * Ar) ** 2, over=(N, M)) / 2 / sn.mean(Aw**2, over=N)
    ),
    source=PAPER,
    kind="inequality",
    topic=TOPIC,
)
sn.claim(
    "kohler.minimizer_strict",
    "For u = S r, rho(w) is greater than -r^T S r.",
    lambda: -(sn.mean(Aw * Ar, over=N) ** 2) / sn.mean(Aw**2, over=N) > -sn.mean(Ar**2, over=N),
    source=f"{PAPER}, sharpened",
    expected="refuted",
    kind="inequality",
    note="Equal where w is along r.",
    topic=TOPIC,
)

first, second, covariance = sn.scalar("first"), sn.scalar("second"), sn.tensor("covariance", K, J, symmetric=True)
average = sn.tensor("average", K)
stein = sn.equal(average, first * u + second * sn.total(covariance * w.rename({K: J}), over=J))

sn.claim(
    "kohler.halfspace_critical",
    "Given Stein's identity for z ~ N(u, V), E[f'(<z, w>) z] = E[f'] u + E[f''] V w, the gradient is (E[f'] - <u, w>"
    " E[f'']) u + E[f''] S w with S = V + u u^T: where it is 0, w is along S^-1 u.",
    lambda: sn.equal(
        average,
        (first - uw * second) * u + second * sn.total((covariance + u * u.rename({K: J})) * w.rename({K: J}), over=J),
    ),
    given=[stein],
    source=f"{PAPER}, on learning halfspaces",
    kind="probabilistic",
    topic=TOPIC,
)
sn.claim(
    "kohler.halfspace_critical_covariance",
    "Given Stein's identity, the gradient is (E[f'] - <u, w> E[f'']) u + E[f''] V w.",
    lambda: sn.equal(
        average,
        (first - uw * second) * u + second * sn.total(covariance * w.rename({K: J}), over=J),
    ),
    given=[stein],
    source=f"{PAPER}, with the covariance for S",
    expected="refuted",
    kind="probabilistic",
    note="S is the second moment: it contains u u^T.",
    topic=TOPIC,
)

# The rate of gradient descent -----------------------------------------------------------------------------------------

# In the eigenbasis of S: lam its eigenvalues, between low and high.
lam = sn.tensor("lam", K, positive=True)
low, high = sn.scalar("low", positive=True), sn.scalar("high", positive=True)
length_squared = sn.total(lam * w**2, over=K)
quotient = uw**2 / length_squared
stepped = w + u * uw / (high * quotient) - lam * w / high
quotient_after = sn.total(u * stepped, over=K) ** 2 / sn.total(lam * stepped**2, over=K)
best = sn.total(u**2 / lam, over=K)

sn.claim(
    "kohler.linear_convergence",
    "A step of gradient descent on the direction, with step size ||w||_S^2/(2 high |rho|), brings the Rayleigh quotient"
    " closer to its optimum by the factor (1 - low/high)^2 or more.",
    lambda: best - quotient_after <= (1 - low / high) ** 2 * (best - quotient),
    given=[lam >= low, lam <= high, sn.unequal(uw, 0)],
    source=f"{PAPER}, Theorem 1",
    expected="undecided",
    kind="inequality",
    note="Published with a proof by estimates of Rayleigh quotients (Temple, Neymeyr), which no lemma here covers; no"
    " point against it was found.",
    topic=TOPIC,
)
