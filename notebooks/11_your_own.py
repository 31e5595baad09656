# %% [markdown]
# # Define your own normalizer
#
# A normalizer is its equations. Written down once, as a Python function or as text, it gets its gradients, verdicts,
# invariances and a kernel.

# %%
from pathlib import Path
from tempfile import mkdtemp

import autograd
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn
from symnorm.check.crosscheck import crosscheck
from symnorm.claims.invariances import answers

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})

# %% [markdown]
# ## In Python
#
# A function over tensors whose default values are the declared inputs. Here: batch norm that divides by the *fourth*
# root of the mean fourth power, so that outliers count for more.

# %%
N, C = sn.axes("N C")


@sn.normalizer(
    title="Fourth-power norm",
    source="this lecture",
    layout="N C N*",
    constants=("eps",),
    register=False,
    inverts={"x_hat": "x"},
)
def quartic_norm(x=sn.tensor("x", N, C), gamma=sn.tensor("gamma", C), eps=sn.scalar("eps", positive=True)):
    mu = sn.mean(x, over=N)
    m4 = sn.mean((x - mu) ** 4, over=N)
    s = sn.sqrt(sn.sqrt(m4 + eps))
    x_hat = (x - mu) / s
    return sn.equations(mu=mu, m4=m4, s=s, x_hat=x_hat, y=gamma * x_hat)


mine = sn.load(quartic_norm)
mine

# %% [markdown]
# ## Its gradient

# %%
print(mine.gradient("x"))
for step in mine.gradient("x").steps:
    print(step.name, "from", step.equation)
assert set(mine.gradients) == {"x", "gamma"}

# %% [markdown]
# ## Its invariances, computed

# %%
for answer in answers(mine.definition)[:7]:
    under = f", at {answer.under}" if answer.under else ""
    print(f"{answer.transformation.change:16} {answer.status}{under}")
assert answers(mine.definition)[0].status == "invariant"

# %% [markdown]
# ## A claim about it

# %%
a, x = sn.scalar("a"), mine.inputs["x"]
scaled = sn.equal(mine(a * x, eps=0), mine(eps=0))
print("a > 0:", sn.prove(scaled, a > 0).status)
print("a < 0:", sn.prove(scaled, a < 0).status)
assert (sn.prove(scaled, a > 0).status, sn.prove(scaled, a < 0).status) == ("proved", "refuted")

# %% [markdown]
# ## Exercise: eps under the fourth root
#
# Batch norm does not see a scale a > 0 if eps is scaled by a². By what has eps to be scaled here?

# %% tags=["answer"]
# The factor of eps, an expression in a.
eps_factor = a**4

# %% tags=["check"]
eps = mine.inputs["eps"]
assert sn.prove(sn.equal(mine(a * x, eps=eps_factor * eps), mine()), a > 0).status == "proved"

# %% [markdown]
# ## Its kernel, compared with autograd
#
# On every family of inputs, to 12 digits.

# %%
kernel = mine.kernel()
assert crosscheck(kernel).ok
print("\n".join(kernel.source.splitlines()[:10]))

# %% [markdown]
# What it does to a batch with an outlier, beside batch norm: the outlier comes out smaller, and the rest is squeezed.

# %%
batch = np.append(np.random.default_rng(0).standard_normal(60), 8.0)[:, None]
ones = np.ones(1)
quartic, _ = kernel.forward(batch, gamma=ones, eps=0.0)
standard, _ = sn.kernel("batch_norm").forward(batch, gamma=ones, beta=0 * ones, eps=0.0)
fig, panel = plt.subplots(figsize=(6, 2.4))
for height, (name, y) in enumerate({"batch norm": standard, "fourth-power norm": quartic}.items()):
    panel.plot(y[:, 0], np.full(len(y), height), "|", ms=18, label=name)
panel.set(xlabel="normalized value", yticks=[0, 1], yticklabels=["batch norm", "fourth power"], ylim=(-0.6, 1.6))
fig.tight_layout()
assert quartic.max() < standard.max() and quartic.std() < standard.std()

# %% [markdown]
# ## As text
#
# The same in a file. Claims stand beside the definition, and each false one says that it is expected to be refuted.

# %%
TEXT = """
normalizer quartic(x[N, C], gamma[C], const eps > 0 = 1e-5) "Fourth-power norm"
  layout "N C N*"
  mu    = mean[N](x)
  m4    = mean[N]((x - mu)^4)
  s     = sqrt(sqrt(m4 + eps))
  x_hat = (x - mu)/s
  y     = gamma*x_hat
"""
path = Path(mkdtemp()) / "quartic.norm"
path.write_text(TEXT)
from_text = sn.load(str(path))
assert sn.prove(sn.equal(from_text(x, mine.inputs["gamma"], eps), mine())).status == "proved"
assert from_text.gradients.keys() == mine.gradients.keys()

# %% [markdown]
# ## Exercise: a normalizer of your own
#
# Each sample (row) divided by the root of its mean square plus eps, without a gain: RMS norm with gamma = 1.

# %% tags=["answer"]
# The text of a normalizer called mine, over x[N, C], with const eps, whose equations are ms and y.
my_text = """
normalizer mine(x[N, C], const eps > 0)
  ms = mean[C](x^2)
  y  = x/sqrt(ms + eps)
"""

# %% tags=["check"]
own = path.with_name("mine.norm")
own.write_text(my_text)
loaded = sn.load(str(own))
rms = sn.load("rms_norm")
assert sn.prove(sn.equal(loaded(), rms(loaded.inputs["x"], 1, loaded.inputs["eps"]))).status == "proved"

# %% [markdown]
# ## And compared
#
# A kernel is a NumPy function, so autograd differentiates through it like through any other.

# %%
rows = np.random.default_rng(1).standard_normal((4, 5))
dy = np.random.default_rng(2).standard_normal((4, 5))
own_kernel = loaded.kernel()
y, saved = own_kernel.forward(rows, eps=1e-3)
through = autograd.grad(lambda x: (own_kernel.forward(x, eps=1e-3, xp=autograd.numpy)[0] * dy).sum())(rows)
assert np.allclose(own_kernel.backward(dy, saved)["x"], through, rtol=1e-12)
