# %% [markdown]
# # Test your own kernel
#
# A test on a large random batch with a loose tolerance passes many wrong kernels. Here wrong kernels are made on
# purpose, one mistake each, and we look which inputs notice which mistake.

# %%
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn
from symnorm.check.crosscheck import crosscheck
from symnorm.check.families import FAMILIES
from symnorm.check.planted import matrix, wrong_kernels
from symnorm.testing import diagnose

plt.rcParams.update({"figure.dpi": 80, "font.size": 8})
truth = sn.kernel("layer_norm").plan

# %% [markdown]
# ## Wrong kernels
#
# Each is the generated kernel with one mistake put into its formulas: a term missing, a wrong divisor, eps in the
# wrong place.

# %%
wrong = wrong_kernels(truth)
print(len(wrong), "wrong kernels, among them:", ", ".join(list(wrong)[:6]))
assert len(wrong) >= 20

# %% [markdown]
# ## Families of inputs

# %%
for family in FAMILIES:
    print(f"{family.name:22} {family.why}")

# %% [markdown]
# ## The kill matrix
#
# At the tolerance 1e-2 that many tests use. Dark: the family of inputs catches the mistake.

# %%
killed = matrix(truth, tolerance=1e-2)
bugs, families = list(killed), [family.name for family in FAMILIES]
table = np.array([[killed[bug][family] for family in families] for bug in bugs])
fig, panel = plt.subplots(figsize=(7, 6))
panel.imshow(table, cmap="Blues", aspect="auto", vmin=-0.2, vmax=1.2)
panel.set_xticks(range(len(families)), families, rotation=60, ha="right")
panel.set_yticks(range(len(bugs)), bugs)
panel.set_title("who catches whom, at tolerance 1e-2")
fig.tight_layout()

# %% [markdown]
# No mistake survives all families; several survive the usual one.

# %%
survivors = [bug for bug in bugs if not killed[bug]["standard normal"]]
print("not noticed on standard normal inputs:", ", ".join(survivors))
assert table.any(axis=1).all() and survivors
assert not table.all(axis=1).all()

# %% [markdown]
# ## Exercise: one family for layer norm
#
# Small rows whose variance is as large as eps hide nothing: neither the place of eps, nor a mean term, nor ddof.

# %% tags=["answer"]
# The name of the family that catches every mistake at tolerance 1e-2 by itself.
chosen = "std near eps"

# %% tags=["check"]
assert table[:, families.index(chosen)].all()

# %% [markdown]
# ## Tolerance is half of the test
#
# In float64, compared with the scale of the result, a correct kernel is within 1e-12 on every family. So nothing
# forces a loose tolerance, and with a tight one even the plain inputs catch nearly all.

# %%
assert crosscheck(sn.kernel("layer_norm"), truth).max_relative_error < 1e-12
plain = [FAMILIES[0]]
caught = {
    tolerance: sum(not crosscheck(kernel, truth, plain, 0, tolerance).ok for kernel in wrong.values())
    for tolerance in (1e-1, 1e-2, 1e-4, 1e-8, 1e-12)
}
fig, panel = plt.subplots(figsize=(6, 2.4))
panel.semilogx(list(caught), list(caught.values()), "o-")
panel.axhline(len(wrong), color="gray", lw=0.5)
panel.set(xlabel="tolerance", ylabel="mistakes caught", title="standard normal inputs alone")
panel.invert_xaxis()
fig.tight_layout()
assert list(caught.values()) == sorted(caught.values()) and caught[1e-12] > caught[1e-1]

# %% [markdown]
# ## What does this function compute?
#
# Three people wrote layer norm. Exact values on such inputs say whether each is right, and a wrong one is compared with
# the wrong kernels until one gives the same numbers.

# %%


def standardized(x, gamma, beta, deviation):
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / deviation + beta


def first(x, gamma, beta, eps):
    return standardized(x, gamma, beta, np.sqrt(x.var(axis=-1, keepdims=True) + eps))


def second(x, gamma, beta, eps):
    return standardized(x, gamma, beta, np.sqrt(x.var(axis=-1, keepdims=True, ddof=1) + eps))


def third(x, gamma, beta, eps):
    return standardized(x, gamma, beta, x.std(axis=-1, keepdims=True) + eps)


found = {
    function.__name__: diagnose(function, None, "layer_norm", shapes=[(4, 6)], dtype="float64")
    for function in (first, second, third)
}
for name, diagnosis in found.items():
    print(f"{name}: {diagnosis.status}; {diagnosis.computes[0]}")
assert [diagnosis.status for diagnosis in found.values()] == ["equal", "differs", "differs"]

# %% [markdown]
# ## Exercise: wrong on purpose
#
# Write the mistake that is diagnosed as *not centred*.

# %% tags=["answer"]
# A layer norm that forgets to take the mean away.
def not_centred(x, gamma, beta, eps):
    return gamma * x / np.sqrt(x.var(axis=-1, keepdims=True) + eps) + beta


# %% tags=["check"]
found = diagnose(not_centred, None, "layer_norm", shapes=[(4, 6)], dtype="float64")
assert found.status == "differs" and "not centred" in found.computes[0]

# %% [markdown]
# ## How a mistake hides
#
# This backward pass forgets that the variance moves with x. On random inputs the missing term shrinks with the width.

# %%
kernel = sn.kernel("layer_norm")


def mine(dy, x, gamma, eps):
    g = dy * gamma
    return (g - g.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + eps)


def error(function, x, dy, gamma, eps=1e-5):
    _, saved = kernel.forward(x, gamma=gamma, beta=np.zeros_like(gamma), eps=eps)
    exact = kernel.backward(dy, saved)["x"]
    return np.abs(function(dy, x, gamma, eps) - exact).max() / np.abs(exact).max()


rng = np.random.default_rng(0)
widths = [4, 16, 64, 256, 1024, 4096]
errors = [error(mine, rng.standard_normal((8, C)), rng.standard_normal((8, C)), np.ones(C)) for C in widths]
fig, panel = plt.subplots(figsize=(6, 2.4))
panel.loglog(widths, errors, "o-")
panel.set(xlabel="width C", ylabel="relative error", title="a missing term hides in wide random rows")
fig.tight_layout()
assert errors[0] > 10 * errors[-1]

# %% [markdown]
# ## Exercise: expose it
#
# Find a cotangent for which the error is at least 1 even in rows of width 4096.

# %% tags=["answer"]
# dy as a function of x_hat; both have shape (8, C).
def cotangent(x_hat):
    return x_hat + 0.01 * np.random.default_rng(1).standard_normal(x_hat.shape)


# %% tags=["check"]
x = rng.standard_normal((8, 4096))
x_hat = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
assert error(mine, x, cotangent(x_hat), np.ones(4096)) >= 1
