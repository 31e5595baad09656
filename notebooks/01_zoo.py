# %% [markdown]
# # The normalizer zoo in one picture
#
# Batch, layer, instance and group norm share one formula, $\hat x = (x - \mu)/\sqrt{\mathrm{var} + \epsilon}$. They
# differ in one thing only: *who is averaged with whom*. Here that is read off the definitions, drawn, and compared
# with what the gradients say.

# %%
import matplotlib.pyplot as plt
import numpy as np

import symnorm as sn

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})

# %% [markdown]
# ## One of them in full
#
# A normalizer shows its equations and, derived from them, its gradients.

# %%
sn.load("layer_norm")

# %% [markdown]
# ## A statistic's axes say what it shares
#
# A definition names its axes. `mu` of batch norm has the axis C only: one mean for each channel, so everything with the
# same channel is averaged together.

# %%
for name in ("batch_norm", "layer_norm", "instance_norm", "group_norm"):
    norm = sn.load(name)
    x, mean = norm.inputs["x"], norm.instance().mu
    kept = [str(axis) for axis in mean.axes]
    print(f"{name:14} x over {[str(a) for a in x.axes]}, one mean for each of {kept}")
    assert set(kept) < {str(axis) for axis in x.axes}

# %% [markdown]
# ## The picture
#
# An activation of 4 samples, 6 channels and 3 positions: rows are samples, blocks of three columns are channels. Two
# cells of one colour share their statistics. An axis of the definition is a place in the array: batch norm's N stands
# for samples *and* positions, layer norm's C for channels *and* positions, group norm's G is a third of the channels.

# %%
n, c, s = np.indices((4, 6, 3))
place = {  # where each axis of the definition lies in the array
    "batch_norm": {"N": n * 3 + s, "C": c},
    "layer_norm": {"N": n, "C": c * 3 + s},
    "instance_norm": {"N": n, "C": c, "S": s},
    "group_norm": {"N": n, "G": c // 2, "K": c % 2, "S": s},
}


def sets(name):
    """For each cell a number that says which statistics it is normalized with."""
    axes = [str(axis) for axis in sn.load(name).instance().mu.axes]
    keys = np.stack([place[name][axis].ravel() for axis in axes])
    return np.unique(keys, axis=1, return_inverse=True)[1].reshape(n.shape)


fig, panels = plt.subplots(2, 2, figsize=(8, 4))
for panel, name in zip(panels.flat, place, strict=True):
    shared = sets(name)
    order = np.random.default_rng(1).permutation(shared.max() + 1)
    panel.imshow(order[shared].reshape(4, 18), cmap="nipy_spectral", aspect="auto", alpha=0.8)
    for edge in range(1, 6):
        panel.axvline(3 * edge - 0.5, color="white", lw=2)
    panel.set(title=f"{name}: {shared.max() + 1} index sets", ylabel="sample", yticks=range(4))
    panel.set_xticks(range(1, 18, 3), [f"channel {i}" for i in range(6)], fontsize=7)
fig.tight_layout()

# %% [markdown]
# Counting the sets is counting the statistics: 6 channels, 4 samples, 24 channels of samples, 12 groups of samples.

# %%
assert {name: int(sets(name).max() + 1) for name in place} == {
    "batch_norm": 6,
    "layer_norm": 4,
    "instance_norm": 24,
    "group_norm": 12,
}

# %% [markdown]
# ## The gradient sees the same sets
#
# If $\hat x_i$ depends on $x_j$, then $j$ is in the index set of $i$. So the pattern of nonzero derivatives, computed
# by the generated kernel from a cotangent that is 1 in one cell, has to be the picture again.

# %%
kernels = {name: sn.kernel(name) for name in place}
data = np.random.default_rng(0).standard_normal(n.shape)
options = {"batch_norm": {}, "layer_norm": {"axis": 1}, "instance_norm": {}, "group_norm": {"groups": 3}}


def reached(name, cell):
    """The cells that the output of one cell depends on."""
    shape = data.shape[1:] if name == "layer_norm" else data.shape[1:2]
    y, saved = kernels[name].forward(data, gamma=np.ones(shape), beta=np.zeros(shape), eps=1e-5, **options[name])
    one = np.zeros_like(y)
    one[cell] = 1
    return kernels[name].backward(one, saved)["x"] != 0


cell = (1, 2, 0)
for name in place:
    found, drawn = reached(name, cell), sets(name) == sets(name)[cell]
    print(f"{name:14} {found.sum():2} of {data.size} cells reach cell {cell}")
    assert np.array_equal(found, drawn)

# %% [markdown]
# ## Exercise: how many numbers share a mean?
#
# For N samples, C channels, S positions and G groups.

# %% tags=["answer"]
# The number of cells in one index set of each, as a function of N, C, S and G.
def cells(N, C, S, G):
    return {"batch_norm": N * S, "layer_norm": C * S, "instance_norm": S, "group_norm": C // G * S}


# %% tags=["check"]
for name, count in cells(4, 6, 3, 3).items():
    assert np.all(np.bincount(sets(name).ravel()) == count), name

# %% [markdown]
# ## The ends of group norm
#
# Group norm with a group for each channel is instance norm; with one group its statistics are layer norm's over
# channels and positions. Both are claims about all sizes, and both have a false twin beside them.

# %%
expected = {"gc_is_in": "proved", "k2_uses_channel_stats": "refuted", "g1_is_ln": "proved", "any_g_is_ln": "refuted"}
for claim, status in expected.items():
    found = sn.prove(f"group_norm.{claim}").status
    print(f"{claim:22} {found}")
    assert found == status

# %% [markdown]
# ## What follows from the picture
#
# Where the index set of a sample holds other samples, a sample's output depends on its batch. Only batch norm's does:
# that is why it alone keeps running statistics for inference, and why a batch of one leaves nothing of a vector.

# %%
mixes = {name: bool(np.any(reached(name, cell)[[0, 2, 3]])) for name in place}
print(mixes)
assert mixes == {"batch_norm": True, "layer_norm": False, "instance_norm": False, "group_norm": False}

# %% [markdown]
# ## Exercise: a set of one
#
# With one position, one of the four normalizers averages each number with itself only.

# %% tags=["answer"]
# Its name, and what it gives out (with beta = 0) whatever comes in.
collapses = "instance_norm"
gives = 0.0

# %% tags=["check"]
y, _ = kernels[collapses].forward(data[:, :, :1], gamma=np.ones(6), beta=np.zeros(6), eps=1e-5)
assert np.all(y == gives)
