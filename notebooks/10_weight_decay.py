# %% [markdown]
# # Weight decay is a learning-rate schedule
#
# Before a normalizer the length of a weight vector does not matter, only its direction. So weight decay, which shortens
# the vector, cannot regularize the function. What it does is change the speed of learning.

# %%
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})

# %% [markdown]
# ## A scale-invariant loss
#
# One unit with batch norm and a quadratic loss. The gradient comes from the generated kernel.

# %%
rng = np.random.default_rng(0)
A, target = rng.standard_normal((64, 6)), rng.standard_normal((64, 1))
target = target + A[:, :1]
kernel, one = sn.kernel("batch_norm"), np.ones(1)


def loss_and_gradient(w, rows=slice(None)):
    y, saved = kernel.forward((A[rows] @ w)[:, None], gamma=one, beta=0 * one, eps=0.0)
    dy = (y - target[rows]) / len(y)
    return float(((y - target[rows]) ** 2).mean() / 2), A[rows].T @ kernel.backward(dy, saved)["x"][:, 0]


start = rng.standard_normal(6)
loss, dw = loss_and_gradient(start)
assert np.isclose(loss_and_gradient(7 * start)[0], loss)
assert np.allclose(loss_and_gradient(7 * start)[1], dw / 7)
assert abs(start @ dw) < 1e-14

# %% [markdown]
# ## Growth of ||w||
#
# The gradient is orthogonal to w, so each step is a right angle: $\|w - \eta\, dw\|^2 = \|w\|^2 + \eta^2\|dw\|^2$.
# Without decay the length can only grow.

# %%
for claim in ("pythagoras", "pythagoras_linear", "norm_sum", "effective_lr", "fourth_root_growth", "faster_growth"):
    print(f"{claim:20} {sn.prove(f'scale_inv.{claim}').status}")
assert sn.prove("scale_inv.pythagoras").status == "proved"
assert sn.prove("scale_inv.pythagoras_linear").status == "refuted"


def descend(steps, rate, decay, batch=8, seed=1):
    """Lengths of w over a run of gradient descent on small batches."""
    draw, w, lengths = np.random.default_rng(seed), start.copy(), []
    for _ in range(steps):
        _, dw = loss_and_gradient(w, draw.integers(0, 64, batch))
        w = (1 - rate * decay) * w - rate * dw
        lengths.append(np.linalg.norm(w))
    return np.array(lengths), w


fig, panel = plt.subplots(figsize=(6, 3))
lengths = {}
for decay in (0.0, 0.02, 0.1):
    lengths[decay], _ = descend(600, 0.3, decay)
    panel.plot(lengths[decay], label=f"decay {decay:g}")
panel.set(xlabel="step", ylabel="||w||", title="growth without decay, balance with it")
panel.legend()
fig.tight_layout()
assert np.all(np.diff(lengths[0.0]) >= 0)
assert lengths[0.1][-1] < lengths[0.02][-1] < lengths[0.0][-1]

# %% [markdown]
# The direction turns by an angle of about $\eta\|dw\|/\|w\|$, and the gradient at length $\|w\|$ is $1/\|w\|$ of the
# one at length 1. The rate that counts is $\eta/\|w\|^2$: without decay it falls, with decay it settles.

# %%
effective = {decay: 0.3 / length**2 for decay, length in lengths.items()}
fig, panel = plt.subplots(figsize=(6, 2.6))
for decay, rate in effective.items():
    panel.semilogy(rate, label=f"decay {decay:g}")
panel.set(xlabel="step", ylabel="effective rate")
panel.legend(loc="center right")
fig.tight_layout()
assert np.all(np.diff(effective[0.0]) <= 0) and effective[0.1][-1] > effective[0.0][-1]

# %% [markdown]
# ## Exercise: the effective rate
#
# Scale the weights by c. By what must the learning rate be scaled so that the directions stay the same, step for step?

# %% tags=["answer"]
# The factor of the learning rate for weights that are c times as long.
def factor(c):
    return c**2


# %% tags=["check"]
c = 3.0
w, v = start, c * start
for _ in range(20):
    w, v = w - 0.1 * loss_and_gradient(w)[1], v - factor(c) * 0.1 * loss_and_gradient(v)[1]
assert np.allclose(v, c * w)

# %% [markdown]
# ## Decay is an exponentially growing rate
#
# Li & Arora (2019): gradient descent with a constant rate and weight decay walks through the same directions as descent
# *without* decay and with a rate that grows exponentially.
#
# ## Exercise: run both
#
# A step of decay shortens the weights by $1 - \eta\lambda$. You know the factor of the rate for weights of another
# length; mind that the first step has a decay, too.

# %% tags=["answer"]
# The rate of step t = 0, 1, 2, ... without decay that does what eta with decay lam does.
def schedule(eta, lam, t):
    return eta * (1 - eta * lam) ** (-2 * t - 1)


# %% tags=["check"]


def angle(a, b):
    """Of two directions."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return float(2 * np.arcsin(np.linalg.norm(a - b) / 2))


def side_by_side(rate, steps=40, eta=0.3, lam=0.1):
    with_decay, without, told = start.copy(), start.copy(), []
    for t in range(steps):
        with_decay = (1 - eta * lam) * with_decay - eta * loss_and_gradient(with_decay)[1]
        without = without - rate(eta, lam, t) * loss_and_gradient(without)[1]
        told.append(angle(with_decay, without))
    return told


assert max(side_by_side(schedule)) < 1e-11

# %% [markdown]
# It is proved by induction, for every scale-invariant loss and every step; other exponents are refuted.

# %%
for claim in ("no_momentum", "naive_growth", "exponent_t", "momentum"):
    print(f"{claim:16} {sn.prove(f'exp_lr.{claim}').status}")
assert sn.prove("exp_lr.no_momentum").status == "proved"
assert sn.prove("exp_lr.naive_growth").status == sn.prove("exp_lr.exponent_t").status == "refuted"

# %% [markdown]
# In a picture: the angle between the two runs, for the schedule, one that grows half as fast, and a constant rate.

# %%
rates = {
    "the schedule": schedule,
    "half as fast": lambda eta, lam, t: eta * (1 - eta * lam) ** -t,
    "constant": lambda eta, lam, t: eta,
}
angles = {name: side_by_side(rate) for name, rate in rates.items()}
fig, panel = plt.subplots(figsize=(6, 2.8))
for name, told in angles.items():
    panel.semilogy(np.maximum(told, 1e-17), label=name)
panel.set(xlabel="step", ylabel="angle between the runs")
panel.legend()
fig.tight_layout()
assert max(angles["constant"]) > 1e-3 and max(angles["half as fast"]) > 1e-3

# %% [markdown]
# ## It needs eps = 0
#
# With eps inside the root the length matters a little, and the equality is one no more.

# %%
assert sn.prove("exp_lr.any_eps").status == "refuted"
