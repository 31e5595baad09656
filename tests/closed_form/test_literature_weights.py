"""Printed gradients on the side of the weights, each proved equal to the derivation's, with a twin that is not.

Weight norm and its kin, spectral norm, ZCA whitening, length and direction.
"""

from __future__ import annotations

import pytest

from symnorm.calculus import vjp
from symnorm.normalizers import find
from symnorm.tensors import Tensor, axes, exp, mean, scalar, sqrt, tensor, total, unequal
from tests.closed_form.literature import (
    Entry,
    Table,
    centred_only,
    line,
    moments,
    standardized_back,
    statuses,
)

N, C, K = axes("N C K")
D, J = C.copy("D"), K.copy("J")
v, G = tensor("v", C, K), tensor("G", C, K)
g, s = tensor("g", C), tensor("s", C)
eps = scalar("eps", positive=True)

TABLE: Table = {}


def derived(name: str, wrt: Tensor, **given: object) -> Tensor:
    """The adjoint of an input for the cotangent G."""
    return vjp(find(name).instance(**given).output, G, [wrt]).of(wrt)


length = sqrt(total(v**2, over=K))
dg = total(G * v, over=K) / length


@line(TABLE, "weight norm: dg = G.v/||v||")
def weight_norm_dg() -> Entry:
    return Entry(derived("weight_norm", g), dg, dg / length)


@line(TABLE, "weight norm: dv = (g/||v||) G - (g dg/||v||^2) v")
def weight_norm_dv() -> Entry:
    right, twin = (g / length * G - g * dg / length**power * v for power in (2, 1))
    return Entry(derived("weight_norm", v), right, twin)


@line(TABLE, "weight norm: dv = (g/||v||)(I - w w^T/||w||^2) G")
def weight_norm_projection() -> Entry:
    w = g * v / length
    right, twin = (g / length * (G - w * total(w * G, over=K) / below) for below in (total(w**2, over=K), length**2))
    return Entry(derived("weight_norm", v), right, twin, (unequal(g, 0),))


@line(TABLE, "weight norm, g = e^s: ds = g dg")
def weight_norm_exp() -> Entry:
    return Entry(derived("weight_norm.exp", s), exp(s) * dg, dg)


@line(TABLE, "weight norm: v.dv = 0")
def weight_norm_orthogonal() -> Entry:
    found = total(v * derived("weight_norm", v), over=K)
    return Entry(found, 0, total(v * G, over=K))


@line(TABLE, "centred weight norm: dv = (1/||v - vbar||)(G - (w.G) w - mean(G) 1)")
def centered_weight_norm() -> Entry:
    away = v - mean(v, over=K)
    length = sqrt(total(away**2, over=K))
    w = away / length
    right, twin = ((G - total(w * G, over=K) * w - m) / length for m in (mean(G, over=K), 0))
    return Entry(derived("centered_weight_norm", v), right, twin)


@line(TABLE, "weight standardization: dW_i = (1/s_i)(G_i - mean(G_i) - What_i mean(G_i What_i))")
def weight_standardization() -> Entry:
    _, root, w = moments(v, K, eps)
    right, twin = (back(G, w, root, K) for back in (standardized_back, centred_only))
    return Entry(derived("weight_standardization", v), right, twin)


# --- spectral norm ----------------------------------------------------------------------------------------------------

spectral = find("spectral_norm")
W, left, sigma, right_vector = spectral.inputs.values()
(pair,) = spectral.instance().systems


@line(TABLE, "spectral norm: dsigma/dW = u v^T")
def spectral_value() -> Entry:
    found = vjp(pair.sigma, 1, [W]).of(W)  # type: ignore[attr-defined]
    return Entry(found, left * right_vector, left * right_vector / sigma, pair.given)


@line(TABLE, "spectral norm: dW = (1/sigma)(G - <G, Wb> u v^T)")
def spectral_norm() -> Entry:
    found = derived("spectral_norm", W)
    inner = total(G * W / sigma, over=(C, K))
    return Entry(
        found,
        (G - inner * left * right_vector) / sigma,
        (G - total(G * left * right_vector, over=(C, K)) * left * right_vector) / sigma,
        pair.given,
    )


@line(TABLE, "spectral norm of a layer: G = E[delta h^T], <G, Wb> = E[delta^T Wb h]")
def spectral_layer() -> Entry:
    delta, h = tensor("delta", N, C), tensor("h", N, K)
    cotangent = mean(delta * h, over=N)
    inner = mean(total(delta * total(W / sigma * h, over=K), over=C), over=N)
    found = vjp(spectral.instance().output, cotangent, [W]).of(W)
    right, twin = ((cotangent - sign * inner * left * right_vector) / sigma for sign in (1, -1))
    return Entry(found, right, twin, pair.given)


# --- whitening --------------------------------------------------------------------------------------------------------


@line(TABLE, "ZCA: dX = dXc - colmean(dXc), dXc = G W + (2/n) Xc dSigma, dSigma = V (K o (V^T F V)) V^T")
def zca() -> Entry:
    zca = find("zca_whitening")
    x, l, V = zca.inputs.values()
    (k,) = l.axes
    made, q = zca.instance(), k.copy("Q")
    g = tensor("g", N, C)
    centred = x - mean(x, over=N)
    outer = total(centred * g.rename({C: D}), over=N)
    F = (outer + outer.rename({C: D, D: C})) / 2
    r, r_q = sqrt(l), sqrt(l).rename({k: q})
    V_q = V.rename({C: D, k: q})
    inner = total(total(F * V, over=C) * V_q, over=D)
    dSigma = total(total(-inner / (r * r_q * (r + r_q)) * V, over=k) * V_q, over=q)
    root = total(V / r * V.rename({C: D}), over=k)
    through_x, through_cov = (total(t.rename({C: D}) * m, over=D) for t, m in ((g, root), (centred, dSigma)))
    right, twin = (dXc - mean(dXc, over=N) for dXc in (through_x + 2 * through_cov / N, through_x + through_cov / N))
    return Entry(vjp(made.output, g, [x]).of(x), right, twin, tuple(made.given))


# --- length and direction ---------------------------------------------------------------------------------------------

w, u, gain = tensor("w", K), tensor("u", K), scalar("g")
S = tensor("S", K, J, symmetric=True)
Sw = total(S * w.rename({K: J}), over=J)
wSw, uw = total(w * Sw, over=K), total(u * w, over=K)
length_S = sqrt(wSw)
loss = 2 * gain * uw / length_S + gain**2


@line(TABLE, "Kohler: df/dw = (2g/||w||_S)(u - (u.w) S w/||w||_S^2)")
def kohler_dw() -> Entry:
    right, twin = (2 * gain / length_S * (u - uw * along / length_S**2) for along in (Sw, w))
    return Entry(vjp(loss, 1, [w]).of(w), right, twin, (wSw > 0,))


@line(TABLE, "Kohler: df/dg = 2(u.w)/||w||_S + 2g")
def kohler_dg() -> Entry:
    right, twin = (2 * uw / length_S + times * gain for times in (2, 1))
    return Entry(vjp(loss, 1, [gain]).of(gain), right, twin, (wSw > 0,))


@line(TABLE, "Kohler: grad rho = -(2/(w^T S w))(u(u.w) + rho S w)")
def kohler_rho() -> Entry:
    rho = -(uw**2) / wSw
    right, twin = (-2 / wSw * (u * uw + sign * rho * Sw) for sign in (1, -1))
    return Entry(vjp(rho, 1, [w]).of(w), right, twin)


@pytest.mark.parametrize("printed", TABLE)
def test_the_derivation_gives_what_is_printed_and_not_its_twin(printed: str) -> None:
    assert statuses(TABLE[printed]()) == ("proved", "refuted")
