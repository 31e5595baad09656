# %% [markdown]
# # Floating point
#
# Formulas that are equal are not equally accurate. Four ways to the same layer norm in float32: one pass, two passes,
# Welford's recurrence, and the generated kernel, on rows whose mean is far from zero.

# %%
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})
F = np.float32

# %% [markdown]
# ## Equal on paper
#
# The shortcut $\overline{x^2} - \bar x^2$ and Welford's step are theorems. So nothing but rounding tells them apart.

# %%
for name in ("stats.var_shortcut", "stats.var_shortcut_mean", "stats.welford", "stats.welford_old_mean_twice"):
    print(f"{name:32} {sn.prove(name).status}")
assert sn.prove("stats.var_shortcut").status == sn.prove("stats.welford").status == "proved"
assert sn.prove("stats.welford_old_mean_twice").status == "refuted"

# %% [markdown]
# ## Four ways

# %%


def one_pass(x):
    mean = x.mean(dtype=F)
    var = np.maximum((x * x).mean(dtype=F) - mean * mean, F(0))
    return (x - mean) / np.sqrt(var + F(1e-5))


def two_passes(x):
    mean = x.mean(dtype=F)
    return (x - mean) / np.sqrt(((x - mean) ** 2).mean(dtype=F) + F(1e-5))


# %% [markdown]
# ## Exercise: Welford's recurrence
#
# Go through the row once; after k numbers, `mean` is their mean and `rest` the sum of their squared deviations.

# %% tags=["answer"]
# Mean and variance (divisor len(x)) of a float32 row, in one loop, all in float32.
def welford(x):
    mean, rest = F(0), F(0)
    for k, value in enumerate(x, 1):
        away = value - mean
        mean = mean + away / F(k)
        rest = rest + away * (value - mean)
    return mean, rest / F(len(x))


# %% tags=["check"]
row = np.random.default_rng(0).standard_normal(50).astype(F)
mean, var = welford(row)
assert isinstance(var, F) and np.isclose(mean, row.mean(), atol=1e-6) and np.isclose(var, row.var(), rtol=1e-5)
far = row + F(1e4)
assert np.isclose(welford(far)[1], far.astype(float).var(), rtol=1e-2)

# %%
kernel = sn.kernel("layer_norm")


def by_welford(x):
    mean, var = welford(x)
    return (x - mean) / np.sqrt(var + F(1e-5))


def generated(x):
    y, _ = kernel.forward(x[None], gamma=np.ones(x.shape, F), beta=np.zeros(x.shape, F), eps=1e-5)
    return y[0]


ways = {"one pass": one_pass, "two passes": two_passes, "Welford": by_welford, "generated": generated}

# %% [markdown]
# ## The measure
#
# The numbers that come in are the float32 ones, taken as exact. The reference is computed in float64 from them, twice
# centred. An error is the largest difference over the largest exact value, in units in the last place (ULP, 2^-23).

# %%


def reference(x):
    x = x.astype(float)
    centred = x - x.mean()
    centred -= centred.mean()
    return centred / np.sqrt((centred**2).mean() + 1e-5)


def ulps(x, way):
    exact = reference(x)
    return float(np.abs(way(x) - exact).max() / np.abs(exact).max() * 2**23)


# %% [markdown]
# ## Error against mean/std
#
# A one-pass variance loses its digits with the square of mean/std, two passes with its first power; the generated
# kernel centres twice and loses none.

# %%
ratios = 10.0 ** np.arange(0, 7.1, 0.5)
noise = np.random.default_rng(1).standard_normal((3, 256))
rows = {ratio: (noise + ratio).astype(F) for ratio in ratios}
error = {name: [max(ulps(x, way) for x in rows[ratio]) for ratio in ratios] for name, way in ways.items()}
fig, panel = plt.subplots(figsize=(6, 3.4))
for (name, worst), mark in zip(error.items(), "osv^", strict=True):
    panel.loglog(ratios, worst, marker=mark, label=name)
panel.axhline(2**23, color="gray", lw=0.5)
panel.set(xlabel="mean/std of the row", ylabel="error, ULP", title="layer norm in float32")
panel.legend()
fig.tight_layout()

# %% [markdown]
# What the picture says, as assertions.

# %%
worst = {name: max(values) for name, values in error.items()}
assert worst["generated"] < 8
assert worst["one pass"] > 2**22  # nothing is left
at_1e4 = {name: values[8] for name, values in error.items()}
assert at_1e4["one pass"] > 100 * at_1e4["two passes"] > 1000 * at_1e4["generated"]

# %% [markdown]
# ## Exercise: save the two passes
#
# One more line makes `two_passes` as good as the generated kernel at any mean. Which?

# %% tags=["answer"]
# Layer norm of a float32 row, all in float32, centred so that no mean harms it.
def careful(x):
    centred = x - x.mean(dtype=F)
    centred = centred - centred.mean(dtype=F)
    return centred / np.sqrt((centred**2).mean(dtype=F) + F(1e-5))


# %% tags=["check"]
assert careful(row).dtype == F
assert max(ulps(x, careful) for ratio in ratios for x in rows[ratio]) < 8

# %% [markdown]
# ## Squares that overflow
#
# A row of size 1e25 has squares beyond float32. The plain formula divides by infinity and gives zeros; the generated
# kernel scales the row by a power of two first, which is exact.

# %%
huge = (noise[0] * 1e25).astype(F)
with np.errstate(over="ignore"):
    plain = two_passes(huge)
print("plain formula, all zeros:", bool(np.all(plain == 0)))
print("generated, within 8 ULP:", ulps(huge, generated) < 8)
assert np.all(plain == 0) and ulps(huge, generated) < 8
