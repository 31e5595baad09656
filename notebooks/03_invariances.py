# %% [markdown]
# # Invariances and projections
#
# What a normalizer does not see, its gradient cannot have: each invariance of the output is an orthogonality of the
# gradient. The invariances are computed, the orthogonalities proved, and a picture shows the projection.

# %%
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn
from symnorm.claims.invariances import answers

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})

# %% [markdown]
# ## What layer norm is blind to
#
# Each change of the input is decided for all sizes. A change that is not ignored comes with a point that shows it.

# %%
found = {}
for norm in ("batch_norm", "weight_norm", "layer_norm"):
    found[norm] = {(a.transformation.of, a.transformation.change): a for a in answers(sn.load(norm).definition)}
for (of, change), answer in found["layer_norm"].items():
    print(f"{of:14} {change:40} {answer.status}{', at ' + answer.under if answer.under else ''}")
assert found["layer_norm"]["input", "a*x, a > 0"].status == "invariant"
assert found["layer_norm"]["input", "x + b_c"].status == "not invariant"

# %% [markdown]
# ## The table of Ba, Kiros & Hinton, computed
#
# Their Table 1 (2016, section 5.1) says what three normalizers do not see of a linear layer before them. Here every
# entry is looked up in what was just decided (weight norm's weights are its own input).

# %%
ROWS = {
    "weight matrix re-scaling": (("weight matrix", "a*W, a > 0"), ("weights", "a*v, a > 0")),
    "weight matrix re-centring": (("weight matrix", "W + b_k for all units"), ("weights", "v + b_k")),
    "weight vector re-scaling": (("weight vector", "a_(c)*W, a_(c) > 0"), ("weights", "a_c*v, a_c > 0")),
    "data set re-scaling": (("data set", "a*A, a > 0"), ("data set", "a*A, a > 0")),
    "data set re-centring": (("data set", "A + b_k for all cases"), ("data set", "A + b_k for all cases")),
    "single case re-scaling": (("single case", "a_n*A, a_n > 0"), ("single case", "a_n*A, a_n > 0")),
}


def invariant(norm, row):
    return found[norm][ROWS[row][norm == "weight_norm"]].status == "invariant"


table = {row: [invariant(norm, row) for norm in found] for row in ROWS}
print(f"{'':26}{'batch':>8}{'weight':>8}{'layer':>8}")
for row, entries in table.items():
    print(f"{row:26}" + "".join(f"{'yes' if entry else 'no':>8}" for entry in entries))

# %% [markdown]
# The paper's rows, in its order: batch norm, weight norm, layer norm.

# %%
paper = {
    "batch_norm": [True, False, True, True, True, False],
    "weight_norm": [True, False, True, False, False, False],
    "layer_norm": [True, True, False, True, False, True],
}
for position, (norm, row) in enumerate(paper.items()):
    assert [entries[position] for entries in table.values()] == row, norm

# %% [markdown]
# ## Exercise: the row of RMS norm
#
# RMS norm is layer norm without the mean. Which of the six stay? Think of what the mean was there for.

# %% tags=["answer"]
# True or False for each of the six changes, in the order of the table.
rms_row = [True, False, False, True, False, True]

# %% tags=["check"]
found["rms_norm"] = {(a.transformation.of, a.transformation.change): a for a in answers(sn.load("rms_norm").definition)}
assert rms_row == [invariant("rms_norm", row) for row in ROWS]

# %% [markdown]
# ## From an invariance to an orthogonality
#
# If $L(aW) = L(W)$ for all $a > 0$, differentiate by $a$ at 1: $\langle W, \partial L/\partial W\rangle = 0$ (Euler).
# For batch norm it holds at eps = 0, and for eps > 0 the residue is exact.

# %%
orthogonal = sn.prove("batch_norm.grad_orthogonal_w")
with_eps = sn.prove("batch_norm.grad_orthogonal_w_eps_pos")
print("eps = 0:", orthogonal.status)
print("eps > 0:", with_eps.status, "by", with_eps.residue)
assert (orthogonal.status, with_eps.status) == ("proved", "refuted")
with_eps

# %% [markdown]
# ## The projection in a picture
#
# Weight norm's gradient is $\frac{g}{\|v\|}(I - \frac{vv^T}{\|v\|^2})\,dw$: what comes from above, with its part
# along $v$ taken away. In two dimensions what is left is tangent to the circle.

# %%
kernel = sn.kernel("weight_norm")
rng = np.random.default_rng(3)
fig, panel = plt.subplots(figsize=(3.6, 3.6))
panel.add_patch(plt.Circle((0, 0), 1, fill=False, color="gray"))
for angle in np.linspace(0, 2 * np.pi, 8, endpoint=False):
    v = np.array([[np.cos(angle), np.sin(angle)]])
    _, saved = kernel.forward(v, g=np.ones(1))
    dw = 0.6 * rng.standard_normal((1, 2))
    dv = kernel.backward(dw, saved)["v"]
    for arrow, color in ((dw, "tab:orange"), (dv, "tab:blue")):
        panel.quiver(*v[0], *arrow[0], color=color, angles="xy", scale_units="xy", scale=1, width=0.01)
    assert abs((v * dv).sum()) < 1e-15
panel.set(xlim=(-2, 2), ylim=(-2, 2), aspect="equal", title="dw (orange), dv (blue)")
fig.tight_layout()

# %% [markdown]
# ## Exercise: shifts
#
# Layer norm does not see a constant added to a row. Which sum of its gradient vanishes, for every eps?

# %% tags=["answer"]
# The statement in the language of claims: it begins with sum, over an axis of x (N samples, C features).
statement = "sum[C](grad(layer_norm, x)) == 0"

# %% tags=["check"]
assert statement.startswith("sum[") and "layer_norm" in statement
assert sn.prove(statement).status == "proved"

# %% [markdown]
# The other axis does not do: nothing is averaged along it.

# %%
assert sn.prove("sum[N](grad(layer_norm, x)) == 0").status == "refuted"
