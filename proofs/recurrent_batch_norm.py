"""Recurrent batch norm: a set of statistics for each time step, one gain and bias for all of them.

Axis T is the time steps, N the samples, C the features. Where a false statement stands beside a true one, the two
differ by one assumption, sign, factor or index.
"""

import symnorm as sn

sn.about("Batch normalization limitations")

PAPER = "Cooijmans et al. 2016 (arXiv:1603.09025)"
DEFINITION = f"{PAPER}, section 3"
COMPUTED = f"computed from {DEFINITION}"

T, N, C = sn.axes("T N C")
x = sn.tensor("x", T, N, C)
gamma, beta, b = sn.tensor("gamma", C), sn.tensor("beta", C), sn.tensor("b", T, C)
a = sn.tensor("a", T, C)
eps = sn.scalar("eps", positive=True)

rbn = sn.load("recurrent_batch_norm")
L = sn.Loss("L")
no_eps = sn.equal(eps, 0)

made = rbn.instance()
mu, var, x_hat, y = made.mu, made.var, made.x_hat, made.y
s = sn.sqrt(var + eps)
dy = L.cotangent(y)
dx = sn.gradient(L, y, x)
pooled = sn.mean(x, over=(T, N))

sn.claim(
    "recurrent_batch_norm.step_moments",
    "Each feature of each time step gets mean 0 and variance var/(var + eps) over the batch.",
    lambda: (sn.equal(sn.mean(x_hat, over=N), 0), sn.equal(sn.var(x_hat, over=N), var / (var + eps))),
    source=DEFINITION,
)
sn.claim(
    "recurrent_batch_norm.pooled_statistics",
    "It is batch norm with statistics over all time steps together.",
    lambda: sn.equal(x_hat, (x - pooled) / sn.sqrt(sn.mean((x - pooled) ** 2, over=(T, N)) + eps)),
    source=DEFINITION,
    expected="refuted",
    note="Each time step has statistics of its own.",
)
sn.claim(
    "recurrent_batch_norm.one_step",
    "With one time step, statistics over all time steps together are the same.",
    lambda: sn.equal(x_hat, (x - pooled) / sn.sqrt(sn.mean((x - pooled) ** 2, over=(T, N)) + eps)),
    given=[sn.equal(T, 1)],
    source=COMPUTED,
)
sn.claim(
    "recurrent_batch_norm.step_invariance",
    "At eps = 0, every time step may be scaled by its own a > 0 and shifted by its own b.",
    lambda: sn.equal(rbn(a * x + b), y),
    given=[a > 0, no_eps],
    source=COMPUTED,
    kind="invariance",
)
sn.claim(
    "recurrent_batch_norm.step_invariance_eps_pos",
    "For eps > 0, every time step may be scaled by its own a > 0 and shifted by its own b.",
    lambda: sn.equal(rbn(a * x + b), y),
    given=[a > 0, eps > 0],
    source=COMPUTED,
    expected="refuted",
    kind="invariance",
    note="The shift is free, the scale is not: a^2 var + eps is not a^2 (var + eps).",
)
sn.claim(
    "recurrent_batch_norm.backward_x",
    "dx is batch norm's within each time step, for every loss.",
    lambda: sn.equal(dx, gamma / s * (dy - sn.mean(dy, over=N) - x_hat * sn.mean(dy * x_hat, over=N))),
    source=COMPUTED,
)
sn.claim(
    "recurrent_batch_norm.backward_x_pooled",
    "dx is batch norm's with means over all time steps.",
    lambda: sn.equal(dx, gamma / s * (dy - sn.mean(dy, over=(T, N)) - x_hat * sn.mean(dy * x_hat, over=(T, N)))),
    source=COMPUTED,
    expected="refuted",
    note="No time step's statistics depend on another time step.",
)
sn.claim(
    "recurrent_batch_norm.backward_gamma_beta",
    "The shared gain and bias collect all time steps: dgamma = sum(dy x_hat), dbeta = sum(dy) over T and N.",
    lambda: (
        sn.equal(sn.gradient(L, y, gamma), sn.total(dy * x_hat, over=(T, N))),
        sn.equal(sn.gradient(L, y, beta), sn.total(dy, over=(T, N))),
    ),
    source=COMPUTED,
)
sn.claim(
    "recurrent_batch_norm.rnn_separate_layers",
    "Statistics pooled over time steps harm training, because activations differ between the first time steps.",
    source=f"{PAPER}, section 3",
    expected="empirical",
    kind="empirical",
    note="It speaks of the activations of particular nets.",
)
