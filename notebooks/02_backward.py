# %% [markdown]
# # Batch norm's backward pass, three ways
#
# The same gradient as a chain of small steps, as the one line that books print, and as NumPy that is compared with
# automatic differentiation.

# %%
import autograd
import autograd.numpy as anp
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})
bn = sn.load("batch_norm")

# %% [markdown]
# ## The definition

# %%
bn

# %% [markdown]
# ## First way: step by step
#
# Reverse mode goes through the equations backwards, from $dy = \partial L/\partial y$. Every line names the equation
# that it differentiates and the rules that it uses.

# %%
steps = bn.gradient("x").steps
for number, step in enumerate(steps, 1):
    print(f"{number}. {step}")
assert [step.name for step in steps] == ["dx_hat", "dvar", "dmu", "dx", "dgamma", "dbeta"]

# %% [markdown]
# The variance comes before the mean: `x_hat` uses both, and the variance uses the mean.

# %%
mu_comes_from = steps[2].equation
print(mu_comes_from)
assert "var = mean((x - mu)**2)" in mu_comes_from

# %% [markdown]
# ## Second way: the textbook form
#
# The steps collapse into one line, which is accepted because it is *proved* equal to them, for all sizes.

# %%
bn.gradient("x")

# %%
for claim in ("backward_x", "backward_chain", "backward_x_constant_variance", "backward_x_sums"):
    print(f"{claim:30} {sn.prove(f'batch_norm.{claim}').status}")
assert sn.prove("batch_norm.backward_x").status == sn.prove("batch_norm.backward_chain").status == "proved"
assert sn.prove("batch_norm.backward_x_constant_variance").status == "refuted"

# %% [markdown]
# ## Exercise: write it yourself
#
# `dy` and `x_hat` have shape (N, C), `gamma` and `var` shape (C,).

# %% tags=["answer"]
# The gradient by x, in NumPy.
def dx(dy, x_hat, gamma, var, eps):
    return gamma / np.sqrt(var + eps) * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))


# %% tags=["check"]
rng = np.random.default_rng(0)
x, dy, gamma, eps = rng.standard_normal((5, 3)), rng.standard_normal((5, 3)), rng.uniform(0.5, 2, 3), 0.1
x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
kernel = bn.kernel()
y, saved = kernel.forward(x, gamma=gamma, beta=np.zeros(3), eps=eps)
exact = kernel.backward(dy, saved)["x"]
assert np.allclose(dx(dy, x_hat, gamma, x.var(axis=0), eps), exact, rtol=1e-12, atol=1e-14)

# %% [markdown]
# ## Third way: automatic differentiation
#
# autograd differentiates the plain forward pass, without a formula.

# %%


def loss(x):
    centred = x - anp.mean(x, axis=0)
    return anp.sum(dy * gamma * centred / anp.sqrt(anp.mean(centred**2, axis=0) + eps))


traced = autograd.grad(loss)(x)
assert np.allclose(traced, exact, rtol=1e-12, atol=1e-14)
print("largest difference from the kernel is below 1e-14:", bool(np.max(np.abs(traced - exact)) < 1e-14))

# %% [markdown]
# ## What each term takes away
#
# `dy - mean(dy)` removes what moves all samples alike, the last term what stretches them. Leave a term out, and a
# component of the gradient that has to vanish does not.

# %%
scale = gamma / np.sqrt(x.var(axis=0) + eps)
whole = exact
no_mean = scale * (dy - x_hat * (dy * x_hat).mean(axis=0))
no_xhat = scale * (dy - dy.mean(axis=0))
along = {
    "along 1": lambda g: float(np.abs(g.sum(axis=0)).max()),
    "along x_hat": lambda g: float(np.abs((g * x_hat).sum(axis=0)).max()),
}
forms = {"whole": whole, "without mean(dy)": no_mean, "without x_hat term": no_xhat}
fig, panel = plt.subplots(figsize=(6, 2.6))
for shift, (what, measure) in enumerate(along.items()):
    panel.bar(np.arange(3) + 0.35 * shift, [measure(g) for g in forms.values()], 0.35, label=what)
panel.set_xticks(np.arange(3) + 0.17, list(forms))
panel.set(ylabel="largest over channels", title="what is left of the gradient in two directions")
panel.legend()
fig.tight_layout()
assert along["along 1"](whole) < 1e-12 < along["along 1"](no_mean)

# %% [markdown]
# The whole gradient's bar along `x_hat` is not 0: with eps > 0 the output still sees a little of the
# input's scale. The exact amount is a theorem: here for the product with x itself.

# %%
left = "dot[N](grad(batch_norm, x), x)"
verdict = sn.prove(f"{left} == 0")
print("sum(x*dx) =", verdict.residue)
assert repr(verdict.residue) == "eps*gamma/(var + eps)*sum(dy*x_hat)"
assert verdict.status == "refuted" and sn.prove(f"{left} == 0", "eps == 0").status == "proved"

# %% [markdown]
# ## Exercise: the useless test
#
# Many test a backward pass with the loss `y.sum()`. What is its gradient by x?

# %% tags=["answer"]
# The gradient by x of the sum of all outputs: a number that every entry has.
entry = 0.0

# %% tags=["check"]
assert np.allclose(kernel.backward(np.ones_like(y), saved)["x"], entry, atol=1e-14)
ones = np.ones_like(y)
wrong = scale * (ones - ones.mean(axis=0))  # the x_hat term is missing, and this test does not see it
assert np.allclose(wrong, entry, atol=1e-14)
