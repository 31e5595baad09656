# %% [markdown]
# # Batch renorm, switchable and batch-instance norm
#
# Three answers to one question: whose statistics? Batch renorm corrects the batch's towards the running ones, the other
# two learn a mixture.

# %%
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})

# %% [markdown]
# ## Batch renorm: training agrees with inference
#
# $\hat x\, r + d$ with $r = \sigma_B/\sigma$ and $d = (\mu_B - \mu)/\sigma$ is $(x - \mu)/\sigma$, the normalization
# of inference. With r and d clipped it is not.

# %%
for claim in ("identity", "identity_r_inverted", "train_equals_inference", "train_equals_inference_clipped"):
    print(f"{claim:32} {sn.prove(f'batch_renorm.{claim}').status}")
assert sn.prove("batch_renorm.train_equals_inference").status == "proved"
assert sn.prove("batch_renorm.train_equals_inference_clipped").status == "refuted"

# %% [markdown]
# ## The gap between training and inference
#
# Batches of one channel with mean 0 and deviation 1, which the running statistics know. The gap is the mean distance
# of what training and inference make of the same batch. Batch norm's grows as batches shrink; batch renorm has none
# until a clip bites.

# %%
renorm, one = sn.kernel("batch_renorm"), np.ones(1)


def gap(size, r_max, d_max, draws=60):
    """Mean absolute difference to inference; r_max = 1 and d_max = 0 is batch norm."""
    rng, total = np.random.default_rng(size), 0.0
    for _ in range(draws):
        x = rng.standard_normal((size, 1))
        y, _ = renorm.forward(
            x, gamma=one, beta=0 * one, eps=1e-5, running_mean=0 * one, running_std=one, r_max=r_max, d_max=d_max
        )
        total += float(np.abs(y - x).mean())
    return total / draws


sizes = [2, 4, 8, 16, 32, 64]
clips = {"batch norm": (1.0, 0.0), "r_max 1.2, d_max 0.2": (1.2, 0.2), "r_max 3, d_max 5": (3.0, 5.0)}
gaps = {name: [gap(size, *clip) for size in sizes] for name, clip in clips.items()}
fig, panel = plt.subplots(figsize=(6, 2.8))
for name, values in gaps.items():
    panel.plot(sizes, values, "o-", label=name)
panel.set(xlabel="batch size", ylabel="gap to inference", xscale="log")
panel.set_xticks(sizes, sizes)
panel.minorticks_off()
panel.legend()
fig.tight_layout()
bn_gap, mild, wide = gaps.values()
assert all(a >= b >= c for a, b, c in zip(bn_gap, mild, wide, strict=True))
assert bn_gap[0] > 3 * bn_gap[-1] and wide[-1] < 1e-4

# %% [markdown]
# ## No gradient through r and d
#
# The output is that of inference, the gradient is not: r and d are held constant, so the gradient still projects away
# the mean. If they were not held, training would be differentiated as inference is.

# %%
print(sn.load("batch_renorm").gradient("x"))
print(sn.load("batch_renorm.inference").gradient("x"))
assert sn.prove("batch_renorm.stopgrad_makes_no_difference").status == "refuted"
assert sn.prove("batch_renorm.gradient_sum_zero").status == "proved"
assert sn.prove("batch_renorm.full_gradient_sum_zero").status == "refuted"

# %% [markdown]
# ## Exercise: the scale of the gradient
#
# Where nothing is clipped, put $r = \sigma_B/\sigma$ into the first line. What stands before the bracket?

# %% tags=["answer"]
# The factor before (dy - mean(dy) - x_hat*mean(dy*x_hat)), from gamma, the batch's deviation and the running one.
def scale(gamma, batch_std, running_std):
    return gamma / running_std


# %% tags=["check"]
rng, gamma, running = np.random.default_rng(4), np.array([1.5]), np.array([0.7])
x, dy = rng.standard_normal((6, 1)), rng.standard_normal((6, 1))
free = sn.kernel("batch_renorm", "unclipped")
_, saved = free.forward(x, gamma=gamma, beta=0 * one, eps=1e-5, running_mean=0 * one, running_std=running)
batch_std = np.sqrt(x.var(axis=0) + 1e-5)
x_hat = (x - x.mean(axis=0)) / batch_std
bracket = dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0)
assert np.allclose(scale(gamma, batch_std, running) * bracket, free.backward(dy, saved)["x"])

# %% [markdown]
# ## Batch-instance norm: a gate
#
# $\rho \hat x_B + (1 - \rho)\hat x_I$ is batch norm at one end and instance norm at the other. In between the variance
# is less than 1, and by how much depends on what the two share.

# %%
for claim in ("endpoint_batch", "endpoint_instance", "endpoints_exchanged", "unit_variance"):
    print(f"{claim:22} {sn.prove(f'batch_instance_norm.{claim}').status}")
assert sn.prove("batch_instance_norm.endpoint_batch").status == "proved"
assert sn.prove("batch_instance_norm.unit_variance").status == "refuted"

# %%
kernel, rng = sn.kernel("batch_instance_norm"), np.random.default_rng(2)
noise = rng.standard_normal((16, 1, 20))
styles = {"same style": noise, "shifted": noise + 2 * rng.standard_normal((16, 1, 1))}
rho = np.linspace(0, 1, 21)
fig, panel = plt.subplots(figsize=(6, 2.8))
variances = {}
for name, x in styles.items():
    ys = [kernel.forward(x, rho=np.array([r]), gamma=one, beta=0 * one, eps=0.0)[0] for r in rho]
    variances[name] = [float(y.var()) for y in ys]
    panel.plot(rho, variances[name], label=name)
panel.set(xlabel="rho", ylabel="variance of the output")
panel.legend()
fig.tight_layout()
for values in variances.values():
    assert np.isclose(values[0], 1) and np.isclose(values[-1], 1) and min(values) < 1
assert min(variances["shifted"]) < min(variances["same style"])

# %% [markdown]
# ## Exercise: the gate's gradient
#
# Differentiate $y = \gamma(\rho \hat x_B + (1 - \rho)\hat x_I) + \beta$ by $\rho$.

# %% tags=["answer"]
# drho, one number a channel, from arrays dy, x_batch and x_inst over (N, C, S) and gamma over (C).
def drho(dy, x_batch, x_inst, gamma):
    return gamma * (dy * (x_batch - x_inst)).sum(axis=(0, 2))


# %% tags=["check"]
x, dy = rng.standard_normal((4, 3, 5)), rng.standard_normal((4, 3, 5))
gate, gamma, eps = rng.uniform(0, 1, 3), rng.uniform(1, 2, 3), 1e-5
_, saved = kernel.forward(x, rho=gate, gamma=gamma, beta=np.zeros(3), eps=eps)
halves = [(x - x.mean(a, keepdims=True)) / np.sqrt(x.var(a, keepdims=True) + eps) for a in ((0, 2), 2)]
assert np.allclose(drho(dy, *halves, gamma), kernel.backward(dy, saved)["rho"])

# %% [markdown]
# ## Switchable norm: all statistics from the smallest
#
# The statistics of layer and batch norm follow from those of the instances. For the means this is an average; the
# variances need the spread of the means, too.

# %%
for claim in ("ln_from_in", "bn_from_in", "ln_var", "bn_var", "sigma_average", "exact_one_hot"):
    print(f"{claim:16} {sn.prove(f'switchable_norm.{claim}').status}")
for claim in ("ln_from_in", "bn_from_in"):
    assert sn.prove(f"switchable_norm.{claim}").status == "proved"
assert sn.prove("switchable_norm.sigma_average").status == "refuted"

# %% [markdown]
# Softmax weights are never exactly 0 or 1: switchable norm comes as near to batch norm as it likes and never arrives.

# %%
switch = sn.kernel("switchable_norm")
x = rng.standard_normal((6, 2, 4)) + rng.standard_normal((6, 2, 1))
batch, _ = sn.kernel("batch_norm").forward(x, gamma=np.ones(2), beta=np.zeros(2), eps=1e-5)
logits, away = range(0, 13, 2), []
zeros = dict.fromkeys(("lambda_in", "lambda_ln", "kappa_in", "kappa_ln"), 0.0)
for logit in logits:
    y, _ = switch.forward(
        x, gamma=np.ones(2), beta=np.zeros(2), eps=1e-5, **zeros, lambda_bn=float(logit), kappa_bn=float(logit)
    )
    away.append(float(np.abs(y - batch).max()))
fig, panel = plt.subplots(figsize=(6, 2.4))
panel.semilogy(list(logits), away, "o-")
panel.set(xlabel="logit of the batch statistics", ylabel="distance to batch norm")
fig.tight_layout()
assert away == sorted(away, reverse=True) and away[-1] > 0
assert sn.prove("switchable_norm.exact_one_hot").status == "refuted"
