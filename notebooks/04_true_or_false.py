# %% [markdown]
# # True or false?
#
# Twelve sentences as they stand in papers, blogs and lecture notes. Write down your guess for each before you go on;
# then every one is decided, for all sizes and all losses, and what is false gets a point at which it fails.

# %%
import matplotlib.pyplot as plt

import symnorm as sn

plt.rcParams.update({"figure.dpi": 80, "font.size": 9})

# %% [markdown]
# ## The twelve

# %%
CLAIMS = {
    1: ("Batch norm's output has variance 1 before gamma.", "batch_norm.unit_variance_eps_pos"),
    2: ("Scaling the weights before it by a > 0 changes nothing.", "batch_norm.weight_scale_invariance_eps_pos"),
    3: ("The same at eps = 0.", "batch_norm.weight_scale_invariance"),
    4: ("At eps = 0, any a != 0 will do.", "batch_norm.scale_any_scalar"),
    5: ("A bias before batch norm has gradient 0.", "batch_norm.bias_gradient_zero"),
    6: ("Batch norm whitens.", "batch_norm.whitens"),
    7: ("Weight norm gives weights of length g.", "weight_norm.norm_eq_g"),
    8: ("A step of gradient descent never shortens weight norm's v.", "weight_norm.norm_monotone"),
    9: ("Spectral norm divides by the largest eigenvalue.", "spectral_norm.largest_eigenvalue"),
    10: ("RMS norm of centred data is layer norm.", "rms_norm.of_centered_is_ln"),
    11: ("Whitening is unique.", "zca_whitening.whitening_is_unique"),
    12: ("Weight decay is a rate that grows by 1/(1 - eta lam) a step.", "exp_lr.naive_growth"),
}
for number, (sentence, _) in CLAIMS.items():
    print(f"{number:2}. {sentence}")

# %% [markdown]
# ## Exercise: your guesses

# %% tags=["answer"]
# The numbers of the sentences that are true as they stand.
true = {3, 5, 8, 10}

# %% tags=["check"]
assert true == {number for number, (_, name) in CLAIMS.items() if sn.prove(name).status == "proved"}

# %% [markdown]
# ## The verdicts

# %%
verdicts = {number: sn.prove(name) for number, (_, name) in CLAIMS.items()}
for number, verdict in verdicts.items():
    print(f"{number:2}. {verdict.status:8} {CLAIMS[number][0]}")
assert {verdict.status for verdict in verdicts.values()} == {"proved", "refuted"}

# %% [markdown]
# ## A refutation is a point
#
# Small sizes and fractions at which the two sides differ. Exact arithmetic, so there is nothing to argue about.

# %%
for number in (2, 4, 7):
    print(f"{number:2}. {verdicts[number].witness}")
    assert verdicts[number].witness.left != verdicts[number].witness.right

# %% [markdown]
# ## How false is it?
#
# The residue, left side minus right side, says by what a sentence misses. Number 7 misses nothing as long as g > 0.

# %%
print("7:", verdicts[7].residue)
assert sn.prove("weight_norm.norm_g_nonnegative").status == "proved"

# %% [markdown]
# Number 1: the variance is var/(var + eps). That is 1 for any sensible activation, and far from it for a channel that
# has nearly died.

# %%
assert sn.prove("batch_norm.variance_with_eps").status == "proved"
deviation = [10.0 ** (k / 10) for k in range(-50, 11)]
fig, panel = plt.subplots(figsize=(6, 2.6))
for eps in (1e-3, 1e-5):
    panel.semilogx(deviation, [s**2 / (s**2 + eps) for s in deviation], label=f"eps = {eps:g}")
panel.set(xlabel="standard deviation of the channel", ylabel="variance of x_hat", title="sentence 1")
panel.legend()
fig.tight_layout()

# %% [markdown]
# ## Repairs
#
# Most false sentences lack one assumption or one factor. The repaired sentence stands beside the false one.

# %%
REPAIRS = {
    1: "batch_norm.variance_with_eps",
    2: "batch_norm.weight_scale_with_eps",
    4: "batch_norm.sign_equivariance",
    6: "batch_norm.equals_whitening_iff_uncorrelated",
    7: "weight_norm.norm_abs_g",
    9: "spectral_norm.sqrt_eig",
    11: "zca_whitening.rotations_whiten",
    12: "exp_lr.no_momentum",
}
for number, name in REPAIRS.items():
    print(f"{number:2}. {name:48} {sn.prove(name).status}")
    assert sn.prove(name).status == "proved"

# %% [markdown]
# ## Exercise: repair number 2
#
# At eps > 0 the output does change with the scale of the input. What else has to be scaled so that it does not?

# %% tags=["answer"]
# What eps has to be replaced by, in the language of claims.
new_eps = "a^2*eps"

# %% tags=["check"]
assert sn.prove(f"batch_norm(a*x, eps={new_eps}) == batch_norm(x)", "a > 0").status == "proved"
