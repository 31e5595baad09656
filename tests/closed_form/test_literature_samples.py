"""Printed gradients of normalization within a sample and of mixtures, each proved equal to the derivation's.

Unit length, layer, RMS, scale, instance and group norm, batch-instance and switchable norm, SELU; each with a twin that
is not proved.
"""

from __future__ import annotations

import pytest

from symnorm.calculus import vjp
from symnorm.claims import decide
from symnorm.normalizers import find
from symnorm.tensors import (
    Axis,
    Tensor,
    absolute,
    axes,
    dot,
    equal,
    exp,
    mean,
    minimum,
    scalar,
    sign,
    sqrt,
    tensor,
    total,
    unequal,
)
from tests.closed_form.literature import (
    Entry,
    Table,
    centred_only,
    line,
    moments,
    scaled_only,
    standardized_back,
    statuses,
)

N, C, S, G, K, J = axes("N C S G K J")
x, g = tensor("x", N, C), tensor("dy", N, C)
image, back = tensor("x", N, C, S), tensor("g", N, C, S)
gamma, beta = tensor("gamma", C), tensor("beta", C)
eps = scalar("eps", positive=True)

TABLE: Table = {}


def derived(name: str, wrt: Tensor, cotangent: Tensor = g, **given: object) -> Tensor:
    """The adjoint of an input, or of what the first argument is computed of."""
    return vjp(find(name).instance(**given).output, cotangent, [wrt]).of(wrt)


# --- length -----------------------------------------------------------------------------------------------------------


@line(TABLE, "unit L2: (g - u(u.g))/||x||")
def unit_length() -> Entry:
    length = sqrt(total(x**2, over=C))
    u = x / length
    right, twin = ((g - u * reduce(u * g, over=C)) / length for reduce in (total, mean))
    return Entry(derived("unit_length", x), right, twin)


@line(TABLE, "unit L1: (g - sgn(x)(u.g))/||x||_1")
def unit_length_l1() -> Entry:
    length = total(absolute(x), over=C)
    u = x / length
    right, twin = ((g - side * total(u * g, over=C)) / length for side in (sign(x), u))
    return Entry(derived("unit_length.l1", x), right, twin, (unequal(x, 0),))


@line(TABLE, "ScaleNorm: dx = (g0/||x||)(g - u(u.g))")
def scale_norm_dx() -> Entry:
    length = sqrt(total(x**2, over=C))
    u = x / length
    right, twin = (scalar("g") / length * (g - t * total(u * g, over=C)) for t in (u, x))
    return Entry(derived("scale_norm", x), right, twin)


@line(TABLE, "ScaleNorm: dg0 = u.g")
def scale_norm_dg() -> Entry:
    u = x / sqrt(total(x**2, over=C))
    g0 = scalar("g")
    return Entry(derived("scale_norm", g0), total(u * g, over=(N, C)), g0 * total(u * g, over=(N, C)))


# --- the features of a sample -----------------------------------------------------------------------------------------


@line(TABLE, "layer norm: gh = gamma g first, then dx = SB(gh)")
def layer_norm_dx() -> Entry:
    _, s, x_hat = moments(x, C, eps)
    late = gamma * standardized_back(g, x_hat, s, C)
    return Entry(derived("layer_norm", x), standardized_back(gamma * g, x_hat, s, C), late)


@line(TABLE, "layer norm: dgamma = sum_samples g x_hat")
def layer_norm_dgamma() -> Entry:
    x_hat = moments(x, C, eps)[2]
    return Entry(derived("layer_norm", gamma), total(g * x_hat, over=N), total(gamma * g * x_hat, over=N))


@line(TABLE, "layer norm: dbeta = sum_samples g")
def layer_norm_dbeta() -> Entry:
    return Entry(derived("layer_norm", beta), total(g, over=N), total(gamma * g, over=N))


@line(TABLE, "RMSNorm: dx = (1/r)(gh - xh mean(gh xh))")
def rms_norm_dx() -> Entry:
    r = sqrt(mean(x**2, over=C) + eps)
    right, twin = (back(gamma * g, x / r, r, C) for back in (scaled_only, standardized_back))
    return Entry(derived("rms_norm", x), right, twin)


@line(TABLE, "RMSNorm: dgamma = sum g xh")
def rms_norm_dgamma() -> Entry:
    r = sqrt(mean(x**2, over=C) + eps)
    return Entry(derived("rms_norm", gamma), total(g * x / r, over=N), total(g * x, over=N))


@line(TABLE, "RMSNorm of a = W x, eps = 0: dW = [(1/r)(I - a a^T/(n r^2))(gamma g)] x^T")
def rms_norm_weights() -> Entry:
    W, data = tensor("W", C, K), tensor("data", N, K)
    a = dot(W, data, over=K)
    r = sqrt(mean(a**2, over=C))
    found = derived("rms_norm", W, x=a, eps=0)
    right, twin = (
        total((gamma * g - a * total(a * gamma * g, over=C) / (n * r**2)) / r * data, over=N) for n in (C, 1)
    )
    return Entry(found, right, twin)


@line(TABLE, "SELU: dx = g lambda (1 if x > 0 else alpha e^x)")
def selu() -> Entry:
    alpha, scale = scalar("alpha", positive=True), scalar("scale", positive=True)
    right, twin = (
        g * scale * ((1 + sign(x)) / 2 + alpha * (exp(minimum(x, 0)) - less) * (1 - sign(x)) / 2) for less in (0, 1)
    )
    return Entry(derived("selu", x), right, twin)


# --- positions --------------------------------------------------------------------------------------------------------


@line(TABLE, "instance norm: dx = SB(gh) over (H, W) per (n, c)")
def instance_norm_dx() -> Entry:
    _, s, x_hat = moments(image, S, eps)
    right = standardized_back(gamma * back, x_hat, s, S)
    return Entry(derived("instance_norm", image, back), right, standardized_back(gamma * back, x_hat, s, (N, S)))


@line(TABLE, "instance norm: dgamma_c = sum_{n,h,w} g x_hat")
def instance_norm_dgamma() -> Entry:
    x_hat = moments(image, S, eps)[2]
    right, twin = (total(back * h, over=(N, S)) for h in (x_hat, moments(image, (N, S), eps)[2]))
    return Entry(derived("instance_norm", gamma, back), right, twin)


@line(TABLE, "instance norm: dbeta_c = sum_{n,h,w} g")
def instance_norm_dbeta() -> Entry:
    right, twin = total(back, over=(N, S)), total(mean(back, over=N), over=S)
    return Entry(derived("instance_norm", beta, back), right, twin)


def grouped() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x, its cotangent, gamma, beta of group norm."""
    return tensor("x", N, G, K, S), tensor("g", N, G, K, S), tensor("gamma", G, K), tensor("beta", G, K)


@line(TABLE, "group norm: dx = SB(gh) over the group's channels x H x W per (n, group)")
def group_norm_dx() -> Entry:
    x, g, gamma, _ = grouped()
    _, s, x_hat = moments(x, (K, S), eps)
    right = standardized_back(gamma * g, x_hat, s, (K, S))
    return Entry(derived("group_norm", x, g), right, gamma * standardized_back(g, x_hat, s, (K, S)))


@line(TABLE, "group norm: dgamma_c = sum_{n,h,w} g x_hat")
def group_norm_dgamma() -> Entry:
    x, g, gamma, _ = grouped()
    x_hat = moments(x, (K, S), eps)[2]
    return Entry(derived("group_norm", gamma, g), total(g * x_hat, over=(N, S)), total(g * x, over=(N, S)))


@line(TABLE, "group norm: dbeta_c = sum_{n,h,w} g")
def group_norm_dbeta() -> Entry:
    _, g, gamma, beta = grouped()
    return Entry(derived("group_norm", beta, g), total(g, over=(N, S)), total(gamma * g, over=(N, S)))


# --- batch and instance -----------------------------------------------------------------------------------------------

rho = tensor("rho", C)


def both() -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """x_hat and s of the batch, and of each instance."""
    (_, s_b, x_b), (_, s_i, x_i) = moments(image, (N, S), eps), moments(image, S, eps)
    return (x_b, s_b), (x_i, s_i)


@line(TABLE, "batch-instance: drho_c = gamma_c sum g (xB - xI)")
def batch_instance_drho() -> Entry:
    (x_b, _), (x_i, _) = both()
    right, twin = (gamma * total(back * sign * (x_b - x_i), over=(N, S)) for sign in (1, -1))
    return Entry(derived("batch_instance_norm", rho, back), right, twin)


@line(TABLE, "batch-instance: dgamma_c = sum g (rho xB + (1 - rho) xI)")
def batch_instance_dgamma() -> Entry:
    (x_b, _), (x_i, _) = both()
    right, twin = (
        total(back * (rho * one + (1 - rho) * other), over=(N, S)) for one, other in ((x_b, x_i), (x_i, x_b))
    )
    return Entry(derived("batch_instance_norm", gamma, back), right, twin)


@line(TABLE, "batch-instance: dx = SB_batch(rho gamma g) + SB_instance((1 - rho) gamma g)")
def batch_instance_dx() -> Entry:
    (x_b, s_b), (x_i, s_i) = both()
    of_batch, of_instance = rho * gamma * back, (1 - rho) * gamma * back
    first = standardized_back(of_batch, x_b, s_b, (N, S))
    right, twin = (first + second(of_instance, x_i, s_i, S) for second in (standardized_back, centred_only))
    return Entry(derived("batch_instance_norm", image, back), right, twin)


# --- the switch -------------------------------------------------------------------------------------------------------

made = find("switchable_norm").instance()
KINDS: dict[str, tuple[Axis, ...]] = {"in": (S,), "ln": (C, S), "bn": (N, S)}
mu = {k: mean(image, over) for k, over in KINDS.items()}
var = {k: mean((image - mean(image, over)) ** 2, over) for k, over in KINDS.items()}


def weights(letter: str) -> dict[str, Tensor]:
    """The softmax of three logits."""
    raised = {k: exp(scalar(f"{letter}_{k}")) for k in KINDS}
    return {k: value / (raised["in"] + raised["ln"] + raised["bn"]) for k, value in raised.items()}


w, w_var = weights("lambda"), weights("kappa")
s = sqrt(w_var["in"] * var["in"] + w_var["ln"] * var["ln"] + w_var["bn"] * var["bn"] + eps)
x_hat = (image - w["in"] * mu["in"] - w["ln"] * mu["ln"] - w["bn"] * mu["bn"]) / s
a, b = -gamma * back / s, -gamma * back * x_hat / (2 * s**2)
D = {k: total(a * mu[k], over=(N, C, S)) for k in KINDS}
D_var = {k: total(b * var[k], over=(N, C, S)) for k in KINDS}
NO_LOGITS = tuple(equal(scalar(f"{letter}_{k}"), 0) for letter in ("lambda", "kappa") for k in KINDS)
"""Where twins are evaluated: there the softmax is a rational number."""


@pytest.mark.parametrize("k", KINDS)
@pytest.mark.parametrize("letter, found, other", [("w", D, D_var), ("v", D_var, D)])
def test_switchable_the_derivatives_by_the_weights(
    letter: str, k: str, found: dict[str, Tensor], other: dict[str, Tensor]
) -> None:
    """D_k = sum a mu_k and D'_k = sum b v_k."""
    weight = getattr(made, f"{letter}_{k}")
    by_weight = vjp(made.output, back, [weight]).of(weight)
    assert decide([equal(by_weight, found[k])]).status == "proved"
    assert decide([equal(by_weight, other[k])], NO_LOGITS).status == "refuted"


@pytest.mark.parametrize("k", KINDS)
@pytest.mark.parametrize("letter, shares, found", [("lambda", w, D), ("kappa", w_var, D_var)])
def test_switchable_the_derivatives_by_the_logits(
    letter: str, k: str, shares: dict[str, Tensor], found: dict[str, Tensor]
) -> None:
    """dlambda_k = w_k (D_k - sum_z w_z D_z), and the same with primes."""
    logit = scalar(f"{letter}_{k}")
    by_logit = derived("switchable_norm", logit, back)
    right = shares[k] * (
        found[k] - shares["in"] * found["in"] - shares["ln"] * found["ln"] - shares["bn"] * found["bn"]
    )
    assert decide([equal(by_logit, right)]).status == "proved"
    assert decide([equal(by_logit, shares[k] * found[k])], NO_LOGITS).status == "refuted"


def test_switchable_dx() -> None:
    """dx = gh/s + sum_k [(w_k/n_k) Sum_k(a) + (2 w'_k/n_k)(x - mu_k) Sum_k(b)]."""
    n = {"in": S, "ln": C * S, "bn": N * S}

    def printed(around: dict[str, Tensor]) -> Tensor:
        parts = [
            w[k] / n[k] * total(a, over) + 2 * w_var[k] / n[k] * (image - around[k]) * total(b, over)
            for k, over in KINDS.items()
        ]
        return gamma * back / s + parts[0] + parts[1] + parts[2]

    found = derived("switchable_norm", image, back)
    one_centre = printed(dict.fromkeys(KINDS, image - s * x_hat))
    assert decide([equal(found, printed(mu))]).status == "proved"
    assert decide([equal(found, one_centre)], NO_LOGITS).status == "refuted"


@pytest.mark.parametrize("printed", TABLE)
def test_the_derivation_gives_what_is_printed_and_not_its_twin(printed: str) -> None:
    assert statuses(TABLE[printed]()) == ("proved", "refuted")
