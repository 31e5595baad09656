# %% [markdown]
# # Conventions bite
#
# PyTorch, ONNX, Keras and Flax have one name for slightly different things. Which differences matter, and by how much,
# is a matter of proof: two definitions are compared quantity by quantity, and the exact factor is printed.

# %%
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})

# %% [markdown]
# ## Batch norm in PyTorch and in ONNX
#
# The outputs in training are equal. What they remember for inference is not.

# %%
found = sn.compare("batch_norm@torch", "batch_norm@onnx")
for name, line in found.items():
    print(f"{name:18} {line.verdict.status}")
assert {name for name, line in found.items() if line.verdict.status == "refuted"} == {
    "new running_mean",
    "new running_var",
}

# %% [markdown]
# ## Momentum, forwards and backwards
#
# PyTorch's momentum is the weight of the new statistic, ONNX's that of the old one. A model file in which 0.1 was
# copied as it stands forgets nearly everything at each step.

# %%
kernels = {name: sn.kernel("batch_norm", convention=name) for name in ("torch", "onnx")}


def remembered(convention, momentum, steps=40):
    """The running mean of a channel over a training run with noisy batches of mean 1."""
    rng, mean, told = np.random.default_rng(0), np.zeros(1), []
    for _ in range(steps):
        batch = 1 + rng.standard_normal((8, 1))
        one = np.ones(1)
        _, saved = kernels[convention].forward(
            batch, gamma=one, beta=0 * one, running_mean=mean, running_var=one, momentum=momentum
        )
        mean = saved.updates["running_mean"]
        told.append(float(mean[0]))
    return told


tried = (("torch", 0.1), ("onnx", 0.9), ("onnx", 0.1))
runs = {f"{name}, {momentum}": remembered(name, momentum) for name, momentum in tried}
fig, panel = plt.subplots(figsize=(6, 2.6))
for (name, told), style in zip(runs.items(), ("-", "--", ":"), strict=True):
    panel.plot(told, style, label=name)
panel.axhline(1, color="gray", lw=0.5)
panel.set(xlabel="step", ylabel="running mean", title="the same batches")
panel.legend()
fig.tight_layout()
assert np.allclose(runs["torch, 0.1"], runs["onnx, 0.9"])
assert np.std(runs["onnx, 0.1"][20:]) > 2 * np.std(runs["torch, 0.1"][20:])

# %% [markdown]
# ## Exercise: translate a momentum
#
# Keras keeps the weight of the old statistic, too.

# %% tags=["answer"]
# Keras' momentum for PyTorch's m.
def to_keras(m):
    return 1 - m


# %% tags=["check"]
m = sn.scalar("m")
torch_, keras_ = sn.load("batch_norm@torch"), sn.load("batch_norm@keras")
means = [
    torch_.instance(momentum=m).updates["running_mean"],
    keras_.instance(momentum=to_keras(m)).updates["running_mean"],
]
assert sn.prove(sn.equal(*means)).status == "proved"

# %% [markdown]
# ## Two variances in one layer
#
# PyTorch divides the batch by the root of the variance with divisor N and remembers the one with N - 1. The exact
# difference is a theorem; at batch size 2 it is a factor of two.

# %%
assert sn.prove("batch_norm.running_variance_of_torch").status == "proved"
for size in (2, 8, 32):
    batch = np.random.default_rng(size).standard_normal((size, 1))
    one = np.ones(1)
    new = {}
    for name, momentum in (("torch", 1.0), ("onnx", 0.0)):
        _, saved = kernels[name].forward(
            batch, gamma=one, beta=0 * one, running_mean=0 * one, running_var=one, momentum=momentum
        )
        new[name] = float(saved.updates["running_var"][0])
    print(f"batch of {size:2}: torch remembers {new['torch'] / new['onnx']:.4f} times what onnx does")
    assert np.isclose(new["torch"] / new["onnx"], size / (size - 1))

# %% [markdown]
# ## A famous layer norm that is another one
#
# *The Annotated Transformer* divides by `std + eps`, with `std` from `torch.std` (divisor C - 1). The normalized rows
# differ by a factor even at eps = 0.

# %%
found = sn.compare("layer_norm", "layer_norm@annotated", "eps == 0")
factor = found["x_hat"].inverse_ratio
print("annotated x_hat / x_hat =", factor)
assert found["x_hat"].verdict.status == "refuted"

# %% [markdown]
# ## Exercise: from which width on does it matter?

# %% tags=["answer"]
# The smallest width C at which the factor is within 1 % of 1.
width = 51

# %% tags=["check"]


def off(C):
    return abs(np.sqrt(C) * np.sqrt(C - 1) / C - 1)


assert off(width) <= 0.01 < off(width - 1)

# %% [markdown]
# ## eps by default
#
# Keras takes 1e-3, PyTorch 1e-5, Flax 1e-6 in layer norm. The output shrinks by $\sqrt{v/(v + \epsilon)}$, so weights
# trained with one default and run with another are off by this much in channels of small variance.

# %%
kernels_of = {name: sn.kernel("layer_norm", convention=name) for name in ("torch", "keras", "flax")}
defaults = {name: float(kernel.plan.defaults["eps"]) for name, kernel in kernels_of.items()}
print(defaults)
v = np.logspace(-6, 1, 100)
fig, panel = plt.subplots(figsize=(6, 2.6))
for name, eps in defaults.items():
    panel.semilogx(v, np.sqrt(v / (v + eps)), label=f"{name}, eps = {eps:g}")
panel.set(xlabel="variance", ylabel="deviation of the output")
panel.legend()
fig.tight_layout()
assert defaults["keras"] / defaults["torch"] > 99
