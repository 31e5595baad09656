"""Printed gradients of normalization over the batch, each proved equal to the derivation's, with a twin that is not.

Input scaling, batch norm with its chain, Jacobian, Hessian and weight gradient, and its kin.
"""

from __future__ import annotations

import pytest

from symnorm.calculus import gradient, jvp, vjp
from symnorm.claims import decide
from symnorm.normalizers import find
from symnorm.normalizers.l1_batch_norm import GAUSSIAN
from symnorm.tensors import (
    Loss,
    Tensor,
    absolute,
    at_max,
    at_min,
    axes,
    dot,
    equal,
    mean,
    scalar,
    sign,
    sqrt,
    tensor,
    total,
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

N, C, K, D, M = axes("N C K D M")
x, g, v = tensor("x", N, C), tensor("g", N, C), tensor("v", N, C)
A, W = tensor("A", N, K), tensor("W", K, C)
gamma, beta = tensor("gamma", C), tensor("beta", C)
eps = scalar("eps", positive=True)

TABLE: Table = {}


def derived(name: str, wrt: Tensor, cotangent: Tensor = g, **given: object) -> Tensor:
    """The adjoint of an input, or of what the first argument is computed of."""
    return vjp(find(name).instance(**given).output, cotangent, [wrt]).of(wrt)


# --- scaling of the input ---------------------------------------------------------------------------------------------


@line(TABLE, "min-max: g/R; at argmin -(1/R) sum g_i (1 - y_i); at argmax -(1/R) sum g_i y_i")
def min_max() -> Entry:
    made = find("min_max").instance()
    y, span = made.y, made.span
    low, high = total(g * (1 - y), over=N) / span, total(g * y, over=N) / span
    right = g / span - at_min(x, over=N) * low - at_max(x, over=N) * high
    return Entry(derived("min_max", x), right, g / span - at_max(x, over=N) * low - at_min(x, over=N) * high)


@line(TABLE, "mean normalization: (g - mean g)/R; at argmin + (sum g y)/R; at argmax - (sum g y)/R")
def mean_range() -> Entry:
    made = find("mean_range").instance()
    plain, along = (g - mean(g, over=N)) / made.span, total(g * made.y, over=N) / made.span
    ends = at_min(x, over=N) - at_max(x, over=N)
    return Entry(derived("mean_range", x), plain + ends * along, plain - ends * along)


@line(TABLE, "centering: g - mean(g)")
def centering() -> Entry:
    return Entry(derived("centering", x), g - mean(g, over=N), g - total(g, over=N))


@line(TABLE, "z-score: SB(g) with eps = 0")
def z_score() -> Entry:
    _, s, y = moments(x, N, 0)
    return Entry(derived("z_score", x), standardized_back(g, y, s, N), scaled_only(g, y, s, N))


@line(TABLE, "z-score, ddof = 1: (1/s)(g - mean(g) - y sum(g y)/(m - 1))")
def z_score_unbiased() -> Entry:
    s = sqrt(total((x - mean(x, over=N)) ** 2, over=N) / (N - 1))
    y = (x - mean(x, over=N)) / s
    right, twin = ((g - mean(g, over=N) - y * total(g * y, over=N) / m) / s for m in (N - 1, N))
    return Entry(derived("z_score.unbiased", x), right, twin, (N >= 2,))


# --- batch norm -------------------------------------------------------------------------------------------------------


@line(TABLE, "batch norm: dx = (gamma/s)(g - mean(g) - x_hat mean(g x_hat))")
def batch_norm_dx() -> Entry:
    _, s, x_hat = moments(x, N, eps)
    right, twin = (gamma * back(g, x_hat, s, N) for back in (standardized_back, centred_only))
    return Entry(derived("batch_norm", x), right, twin)


@line(TABLE, "batch norm: dgamma = sum g x_hat")
def batch_norm_dgamma() -> Entry:
    x_hat = moments(x, N, eps)[2]
    return Entry(derived("batch_norm", gamma), total(g * x_hat, over=N), total(g * x, over=N))


@line(TABLE, "batch norm: dbeta = sum g")
def batch_norm_dbeta() -> Entry:
    return Entry(derived("batch_norm", beta), total(g, over=N), mean(g, over=N))


@line(TABLE, "Ioffe-Szegedy: dvar = -1/2 (var + eps)^(-3/2) sum gh (x - mu)")
def chain_dvar() -> Entry:
    made = find("batch_norm").instance()
    var = mean((x - mean(x, over=N)) ** 2, over=N)
    along = total(gamma * g * (x - mean(x, over=N)), over=N)
    right, twin = (-along / 2 / (sqrt(var + eps) ** power) for power in (3, 1))
    return Entry(vjp(made.output, g, [made.var]).of(made.var), right, twin)


def chain(of_var: int) -> tuple[Tensor, Tensor]:
    """dvar and dmu as printed, dvar's share in dmu taken so many times."""
    mu, s, _ = moments(x, N, eps)
    dvar = -total(gamma * g * (x - mu), over=N) / 2 / s**3
    return dvar, -total(gamma * g, over=N) / s + of_var * dvar * total(-2 * (x - mu), over=N) / N


@line(TABLE, "Ioffe-Szegedy: dmu = -(1/s) sum gh + dvar (-2/m) sum(x - mu)")
def chain_dmu() -> Entry:
    made = find("batch_norm").instance()
    return Entry(vjp(made.output, g, [made.mu]).of(made.mu), chain(1)[1], -total(g, over=N) / moments(x, N, eps)[1])


@line(TABLE, "Ioffe-Szegedy: the second term of dmu is 0")
def chain_dmu_second_term() -> Entry:
    return Entry(chain(1)[1], chain(0)[1], chain(1)[1] + total(x, over=N))


@line(TABLE, "Ioffe-Szegedy: dx = gh/s + dvar 2(x - mu)/m + dmu/m")
def chain_dx() -> Entry:
    mu, s, _ = moments(x, N, eps)
    dvar, dmu = chain(1)
    right, twin = (gamma * g / s + dvar * 2 * (x - mu) / N + dmu / m for m in (N, N * N))
    return Entry(derived("batch_norm", x), right, twin)


def pushed(along: Tensor | int) -> Tensor:
    """The Jacobian of batch norm without gain and bias, times a direction."""
    return jvp(find("batch_norm").instance(gamma=1, beta=0).output, {"x": along})


@line(TABLE, "batch norm: J v = (1/s)(v - mean v - x_hat mean(x_hat v))")
def jacobian() -> Entry:
    _, s, x_hat = moments(x, N, eps)
    return Entry(pushed(v), standardized_back(v, x_hat, s, N), centred_only(v, x_hat, s, N))


@line(TABLE, "batch norm: J is symmetric")
def jacobian_symmetric() -> Entry:
    there = derived("batch_norm", x, v, gamma=1, beta=0)
    return Entry(pushed(v), there, there + mean(v * x, over=N))


@line(TABLE, "batch norm: J 1 = 0")
def jacobian_of_one() -> Entry:
    return Entry(pushed(x * 0 + 1), 0, 1 / moments(x, N, eps)[1])


@line(TABLE, "batch norm: J x = (eps/s^2) x_hat")
def jacobian_of_x() -> Entry:
    _, s, x_hat = moments(x, N, eps)
    return Entry(pushed(x), eps / s**2 * x_hat, eps / s * x_hat)


@line(TABLE, "batch norm of X w: dw = (gamma/s) Xc^T (g - x_hat (g.x_hat)/m)")
def weight_gradient() -> Entry:
    _, s, x_hat = moments(dot(A, W, over=K), N, eps)
    inner = g - x_hat * mean(g * x_hat, over=N)
    right, twin = (gamma / s * total(data * inner, over=N) for data in (A - mean(A, over=N), A))
    return Entry(derived("batch_norm", W, x=dot(A, W, over=K)), right, twin)


@line(TABLE, "batch norm of X w: w.dw = gamma eps/s^2 (g.x_hat)")
def weight_residue() -> Entry:
    _, s, x_hat = moments(dot(A, W, over=K), N, eps)
    dw = derived("batch_norm", W, x=dot(A, W, over=K))
    return Entry(total(W * dw, over=K), gamma * eps / s**2 * total(g * x_hat, over=N), 0)


@line(TABLE, "batch norm at inference: dx = gamma/sqrt(v + eps) g")
def inference() -> Entry:
    running = tensor("running_var", C, nonnegative=True)
    right, twin = (gamma / root * g for root in (sqrt(running + eps), sqrt(running) + eps))
    return Entry(derived("batch_norm.inference", x), right, twin)


@line(TABLE, "batch norm, eps = 0: H(x) = gamma^2/s^2 P H P - gamma/(m s^2)(Pg x_hat^T + x_hat (Pg)^T + (g.x_hat) P)")
def hessian() -> Entry:
    loss, y = Loss("L"), find("batch_norm").instance(eps=0).output
    _, s, x_hat = moments(x, N, 0)
    dy = loss.cotangent(y)

    def project(t: Tensor) -> Tensor:
        return t - mean(t, over=N) - x_hat * mean(t * x_hat, over=N)

    copies = {N: N.copy("N2"), C: C.copy("C2")}
    bent = total(loss.curvature(y, copies.values()) * (gamma / s * project(v)).rename(copies), over=copies.values())
    through = gamma / s * project(bent)
    turned = project(dy) * mean(x_hat * v, over=N) + x_hat * mean(project(dy) * v, over=N)
    shrunk = mean(dy * x_hat, over=N) * project(v)
    found = jvp(gradient(loss, y, x), {"x": v})
    return Entry(found, through - gamma / s**2 * (turned + shrunk), through - gamma / s**2 * turned)


@line(TABLE, "synchronized: the same formula, of a shard only sum g and sum g x_hat are needed")
def synchronized() -> Entry:
    x, g = tensor("x", D, M, C), tensor("g", D, M, C)
    _, s, x_hat = moments(x, (D, M), eps)

    def back(over: tuple[object, ...]) -> Tensor:
        sums, along = (total(total(t, over=M), over=D) if over else total(t, over=M) for t in (g, g * x_hat))
        m = D * M if over else M
        return gamma / s * (g - sums / m - x_hat * along / m)

    return Entry(derived("sync_batch_norm", x, g), back((D,)), back(()))


@line(TABLE, "mean-only: dt = g - mean(g)")
def mean_only_dt() -> Entry:
    return Entry(derived("mean_only_batch_norm", x), g - mean(g, over=N), g)


@line(TABLE, "mean-only: db = sum g")
def mean_only_db() -> Entry:
    return Entry(derived("mean_only_batch_norm", beta), total(g, over=N), 0)


# --- its kin ----------------------------------------------------------------------------------------------------------


@line(TABLE, "PowerNorm-V: dx = (gamma/psi)(g - xh mean_batch(g xh))")
def power_norm() -> Entry:
    psi = sqrt(mean(x**2, over=N) + eps)
    right, twin = (gamma * back(g, x / psi, psi, N) for back in (scaled_only, standardized_back))
    return Entry(derived("power_norm", x), right, twin)


@line(TABLE, "L1: dx = (1/s)(g - mean g - (C/m)(g.y)(sg - mean sg))")
def l1_batch_norm() -> Entry:
    away = x - mean(x, over=N)
    s = GAUSSIAN * mean(absolute(away), over=N) + eps
    along = GAUSSIAN * mean(g * away / s, over=N)
    right, twin = (
        (g - mean(g, over=N) - along * side) / s for side in (sign(away) - mean(sign(away), over=N), sign(away))
    )
    return Entry(derived("l1_batch_norm", x, gamma=1, beta=0), right, twin)


@line(TABLE, "L-infinity: dx = (1/s)(g - mean g - (g.y) sgn(x_k - mu)(e_k - 1/m))")
def linf_batch_norm() -> Entry:
    made = find("linf_batch_norm").instance(gamma=1, beta=0, k=1)
    away = x - mean(x, over=N)
    side, along = at_max(absolute(away), over=N) * sign(away), total(g * made.x_hat, over=N)
    right, twin = ((g - mean(g, over=N) - along * place) / made.s for place in (side - mean(side, over=N), side))
    return Entry(vjp(made.output, g, [x]).of(x), right, twin)


@line(TABLE, "batch renorm: dx = (gamma r/sigma)(g - mean(g) - x_hat mean(g x_hat)), x_hat not r x_hat + d")
def batch_renorm_dx() -> Entry:
    made = find("batch_renorm").instance()
    _, s, x_hat = moments(x, N, eps)
    right, twin = (gamma * made.r * standardized_back(g, h, s, N) for h in (x_hat, made.r * x_hat + made.d))
    return Entry(derived("batch_renorm", x), right, twin)


@line(TABLE, "batch renorm: dgamma = sum g (r x_hat + d)")
def batch_renorm_dgamma() -> Entry:
    made = find("batch_renorm").instance()
    x_hat = moments(x, N, eps)[2]
    right, twin = (total(g * h, over=N) for h in (made.r * x_hat + made.d, x_hat))
    return Entry(derived("batch_renorm", gamma), right, twin)


@line(TABLE, "batch renorm: dbeta = sum g")
def batch_renorm_dbeta() -> Entry:
    return Entry(derived("batch_renorm", beta), total(g, over=N), find("batch_renorm").instance().r * total(g, over=N))


@line(TABLE, "Ioffe 2017: dsigma = sum gh (x - mu)(-r/sigma^2)")
def renorm_chain_dsigma() -> Entry:
    made = find("batch_renorm").instance()
    mu, s, _ = moments(x, N, eps)
    right, twin = (-total(gamma * g * (x - mu), over=N) * made.r / s**power for power in (2, 1))
    return Entry(vjp(made.output, g, [made.sigma]).of(made.sigma), right, twin)


@line(TABLE, "Ioffe 2017: dmu = sum gh (-r/sigma)")
def renorm_chain_dmu() -> Entry:
    made = find("batch_renorm").instance()
    s = moments(x, N, eps)[1]
    found = vjp(made.output, g, [made.mu]).of(made.mu)
    return Entry(found, -total(gamma * g, over=N) * made.r / s, -total(gamma * g, over=N) / s)


@line(TABLE, "Ioffe 2017: dx = gh r/sigma + dsigma (x - mu)/(m sigma) + dmu/m")
def renorm_chain_dx() -> Entry:
    made = find("batch_renorm").instance()
    mu, s, _ = moments(x, N, eps)
    dsigma, dmu = -total(gamma * g * (x - mu), over=N) * made.r / s**2, -total(gamma * g, over=N) * made.r / s
    right, twin = (gamma * g * made.r / s + times * dsigma * (x - mu) / (N * s) + dmu / N for times in (1, 2))
    return Entry(derived("batch_renorm", x), right, twin)


@line(TABLE, "batch renorm without stop-gradient, unclipped: dx = (gamma/sigma) g")
def renorm_without_stop() -> Entry:
    _, s, x_hat = moments(x, N, eps)
    running_mean, running_std = tensor("running_mean", C), tensor("running_std", C, positive=True)
    r, d = s / running_std, (mean(x, over=N) - running_mean) / running_std
    found = vjp(gamma * (r * x_hat + d) + beta, g, [x]).of(x)
    return Entry(found, gamma / running_std * g, gamma / s * g)


@pytest.mark.parametrize("printed", TABLE)
def test_the_derivation_gives_what_is_printed_and_not_its_twin(printed: str) -> None:
    assert statuses(TABLE[printed]()) == ("proved", "refuted")


def test_the_jacobian_of_layer_norm_with_a_gain_is_not_symmetric() -> None:
    y = find("layer_norm").instance(beta=0).output
    found, there = jvp(y, {"x": v}), vjp(y, v, [x]).of(x)
    assert decide([equal(found, there)]).status == "refuted"
    assert decide([equal(found, there)], [equal(gamma, 1)]).status == "proved"
