"""Power norm (PN-V): batch norm without its mean; where the two agree, and the exact gradient.

Axis N is the batch together with all spatial positions, C the channels. Where a false statement stands beside a true
one, the two differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Batch normalization")

PAPER = "Shen et al. 2020 (arXiv:2003.07845)"
DEFINITION = f"{PAPER}, section 4.1"
COMPUTED = f"computed from {DEFINITION}"

N, C = sn.axes("N C")
x = sn.tensor("x", N, C)
gamma, beta, b = sn.tensor("gamma", C), sn.tensor("beta", C), sn.tensor("b", C)
a = sn.scalar("a")
eps = sn.scalar("eps", positive=True)

pn, bn = sn.load("power_norm"), sn.load("batch_norm")
L = sn.Loss("L")
no_eps, with_eps = sn.equal(eps, 0), eps > 0

made = pn.instance()
psi, x_hat, y = made.psi, made.x_hat, made.y
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)
mu, var = sn.mean(x, over=N), sn.var(x, over=N)
centered = x - mu

sn.claim(
    "power_norm.no_mean",
    "The squared quadratic mean is the variance and the squared mean: psi^2 = var + mu^2 + eps.",
    lambda: sn.equal(psi**2, var + mu**2 + eps),
    source=COMPUTED,
)
sn.claim(
    "power_norm.psi_is_sigma",
    "The squared quadratic mean is the variance: psi^2 = var + eps.",
    lambda: sn.equal(psi**2, var + eps),
    source=COMPUTED,
    expected="refuted",
    note="Only for a batch of mean 0.",
)
sn.claim(
    "power_norm.is_bn_when_centered",
    "On a centered batch it is batch norm.",
    lambda: sn.equal(pn(centered), bn(centered)),
    source=COMPUTED,
)
sn.claim(
    "power_norm.is_bn",
    "It is batch norm.",
    lambda: sn.equal(y, bn(x)),
    source=COMPUTED,
    expected="refuted",
    note="The mean is not subtracted.",
)
sn.claim(
    "power_norm.is_transposed_rms_norm",
    "Before the bias it is root mean square norm over the batch: mean(x_hat^2) = 1 - eps/psi^2.",
    lambda: sn.equal(sn.mean(x_hat**2, over=N), 1 - eps / psi**2),
    source=COMPUTED,
)
sn.claim(
    "power_norm.scale_invariance",
    "At eps = 0, scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(pn(a * x), y),
    given=[a > 0, no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "power_norm.scale_invariance_eps_pos",
    "For eps > 0, scaling the input by a > 0 does not change the output.",
    lambda: sn.equal(pn(a * x), y),
    given=[a > 0, with_eps],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="eps would have to be scaled by a^2.",
)
sn.claim(
    "power_norm.eps_scaling",
    "Scaling the input by a > 0 and eps by a^2 does not change the output.",
    lambda: sn.equal(pn(a * x, eps=a**2 * eps), y),
    given=[a > 0],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "power_norm.shift_invariance",
    "A constant b added to a channel does not change the output.",
    lambda: sn.equal(pn(x + b), y),
    source="batch norm's invariance, claimed of power norm",
    expected="refuted",
    kind="invariance",
    note="No mean is subtracted.",
)
sn.claim(
    "power_norm.backward_x",
    "dx = gamma/psi (dy - x_hat mean(dy x_hat)), for every loss: the gradient before the paper's approximation.",
    lambda: sn.equal(dx, gamma / psi * (dy - x_hat * sn.mean(dy * x_hat, over=N))),
    source=DEFINITION,
)
sn.claim(
    "power_norm.backward_x_with_mean",
    "dx = gamma/psi (dy - mean(dy) - x_hat mean(dy x_hat)).",
    lambda: sn.equal(dx, gamma / psi * (dy - sn.mean(dy, over=N) - x_hat * sn.mean(dy * x_hat, over=N))),
    source="batch norm's gradient, claimed of power norm",
    expected="refuted",
    note="Nothing comes back through a mean that is not subtracted.",
)
sn.claim(
    "power_norm.backward_dot_x",
    "At eps = 0 the gradient by x is orthogonal to each channel.",
    lambda: sn.equal(sn.total(x * dx, over=N), 0),
    given=[no_eps],
    source=COMPUTED,
    kind="orthogonality",
)
sn.claim(
    "power_norm.backward_sum_zero",
    "The gradient by x sums to 0 over the batch.",
    lambda: sn.equal(sn.total(dx, over=N), 0),
    source="batch norm's property, claimed of power norm",
    expected="refuted",
    kind="orthogonality",
    note="It follows from shift invariance, which is missing.",
)
