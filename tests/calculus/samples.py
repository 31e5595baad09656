"""A few graphs for each operation, chosen so that a wrong rule shows: either argument broadcast, axes missing.

Every operation that has a rule has an entry here; a new one fails the tests until it gets one.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from symnorm.normalizers.naming import LetName
from symnorm.tensors import (
    Loss,
    Tensor,
    amax,
    amin,
    at_max,
    at_min,
    axes,
    delta,
    erf,
    exp,
    log,
    maximum,
    mean,
    minimum,
    scalar,
    sign,
    sqrt,
    stop_gradient,
    tensor,
    total,
)

N, C = axes("N C")
M = N.copy("M")

X = tensor("x", N, C)
P = tensor("p", N, C, positive=True)
W = tensor("w", C)
Q = tensor("q", C, positive=True)
V = tensor("v", N)
S = scalar("s", positive=True)
A = tensor("a", N, M)

INPUTS = (X, P, W, Q, V, S, A)

Binary = Callable[[Tensor, Tensor], Tensor]


def named(name: str, value: Tensor) -> Tensor:
    """A named quantity."""
    return Tensor("let", (value,), value.axes, LetName(name, value))


def broadcast(op: Binary) -> list[Tensor]:
    """An operation with one argument smaller, the other smaller, neither containing the other, and one twice."""
    return [op(X, W), op(V, X), op(V, W), op(S, W), op(X, X + V)]


L = Loss("L")

SAMPLES: dict[str, list[Tensor]] = {
    "input": [X, S],
    "const": [3 * X, X * N.size, total(X, over=N) / C.size],
    "add": broadcast(lambda a, b: a + b),
    "sub": broadcast(lambda a, b: a - b),
    "mul": broadcast(lambda a, b: a * b),
    "div": broadcast(lambda a, b: a / b),
    "neg": [-X, W - (-W) * V],
    "pow": [
        X**0 * W,
        X**1,
        X**2,
        X**5,
        W**-1 * X,
        X**-2,
        P ** Fraction(1, 2),
        Q ** Fraction(-3, 2),
        P**S,
        Q ** mean(V, over=N),
    ],
    "sqrt": [sqrt(P), sqrt(Q + X**2), sqrt(S) * W],
    "total": [
        total(X, over=N),
        total(X, over=(N, C)),
        total(W, over=N) * V,
        total(W**2, over=(N, C)),
        W * total(W**2, over=C),
        total(total(X, over=N) * X, over=C),
    ],
    "mean": [
        mean(X, over=N),
        mean(X, over=(C, N)),
        mean(W, over=N) * V,
        mean(W**2, over=(N, C)),
        W * mean(W**2, over=C),
        (X - mean(X, over=N)) ** 2,
    ],
    "abs": [abs(X), abs(W) * X, W * abs(X + V)],
    "sign": [sign(X), sign(W) * X, W * sign(X)],
    "exp": [exp(X), exp(W) * X],
    "log": [log(P), log(Q) * X],
    "erf": [erf(X), erf(W) * X],
    "maximum": broadcast(maximum),
    "minimum": broadcast(minimum),
    "amax": [
        amax(X, over=N),
        amax(X, over=(N, C)),
        amax(W * X, over=C) * V,
        amax(abs(X), over=N) * W,
    ],
    "amin": [amin(X, over=C), amin(X * V, over=(C, N)), X / (amax(X, over=N) - amin(X, over=N))],
    "at_max": [at_max(X, over=N) * X, at_max(X * V, over=(N, C)) * W],
    "at_min": [at_min(X, over=C) * V, at_min(X + W, over=(C, N)) * X],
    "stop": [stop_gradient(X), stop_gradient(X) * X, stop_gradient(W * X) / W],
    "delta": [total(delta(N, M) * V, over=N), delta(N, M) * V, A * delta(N, M)],
    "rename": [
        X.rename({N: M}) * X,
        A.rename({N: M, M: N}) * A,
        total(A.rename({N: M, M: N}) * V, over=N),
        W.rename({C: C.copy("D")}) * W,
        V.rename({N: M}) * A + V,
    ],
    "let": [named("z", X * W), named("z", named("u", X**2) * W) * named("t", W**2) + X],
    "cotangent": [
        L.cotangent(X),
        L.cotangent(X * W) * X,
        L.cotangent(total(X, over=N)),
        L.cotangent(total(W, over=C)),
        L.cotangent(A),
    ],
    "curvature": [L.curvature(W, (C.copy("C'"),)) * X, L.curvature(S, ()) * V],
}
"""Outputs by operation; each is differentiated by all of its inputs but those in :data:`HELD`."""

HELD = {"curvature": {"w", "s"}}
"""What a sample may not be differentiated by: an unknown loss has no third derivative here."""
