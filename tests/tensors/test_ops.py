"""The words that definitions are written in: what each means, and what each refuses."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
import sympy as sp

from symnorm.errors import AxisError, SymnormError
from symnorm.evaluate import ConcreteLoss, Model, element_array
from symnorm.evaluate.numbers import sqrt as root
from symnorm.tensors import (
    Loss,
    Tensor,
    absolute,
    amax,
    amin,
    at_max,
    at_min,
    axes,
    clip,
    delta,
    dot,
    erf,
    exp,
    log,
    maximum,
    mean,
    minimum,
    norm,
    scalar,
    sign,
    sqrt,
    stop_gradient,
    tensor,
    total,
    var,
)

N, C, K = axes("N C K")
M = N.copy("M")
x, w, v, a = tensor("x", N, C), tensor("w", C), tensor("v", N), scalar("a")
W = tensor("W", K, C)

ROWS, COLUMNS = [[3, -1], [Fraction(1, 2), 0], [-2, 4]], [5, -3]
MODEL = Model(
    sizes={"N": 3, "C": 2, "K": 2},
    scalars={"a": Fraction(-3, 2)},
    tensors={
        "x": {(i + 1, j + 1): Fraction(ROWS[i][j]) for i in range(3) for j in range(2)},
        "w": {(1,): Fraction(5), (2,): Fraction(-3)},
        "v": {(1,): Fraction(1), (2,): Fraction(-2), (3,): Fraction(4)},
        "W": {(i + 1, j + 1): Fraction(i + 2 * j) for i in range(2) for j in range(2)},
    },
    losses={"L": ConcreteLoss(1)},
)


def value(made: Tensor) -> object:
    """The entries, nested in the order of the axes."""
    found = element_array(made.element, [axis.index for axis in made.axes], [axis.size for axis in made.axes], MODEL)
    if not made.axes:
        return found[()]
    if len(made.axes) == 1:
        return list(found.values())
    width = max(at[1] for at in found)
    entries = list(found.values())
    return [entries[i : i + width] for i in range(0, len(entries), width)]


HALF = Fraction(1, 2)

# by hand, from ROWS, COLUMNS = [5, -3], v = [1, -2, 4] and a = -3/2
MEANINGS = [
    (total(x, over=N), [Fraction(3, 2), 3]),
    (total(x, over=C), [2, HALF, 2]),
    (total(x, over=(N, C)), Fraction(9, 2)),
    (total(w, over=N), [15, -9]),  # an axis that w lacks contributes its size
    (mean(x, over=N), [HALF, 1]),
    (mean(x, over=(C, N)), Fraction(3, 4)),
    (mean(w, over=N), [5, -3]),
    (var(v, over=N), 6),
    (var(v, over=N, ddof=1), 9),
    (var(x, over=N), [Fraction(25, 6), Fraction(14, 3)]),
    (norm(v, over=N), root(21)),
    (norm(tensor("w", C), over=C), root(34)),
    (dot(x, w, over=C), [18, Fraction(5, 2), -22]),
    (dot(x, v, over=N), [-6, 15]),
    (dot(x, x, over=(N, C)), Fraction(121, 4)),
    (sqrt(v**2), [1, 2, 4]),
    (absolute(v), [1, 2, 4]),
    (sign(v), [1, -1, 1]),
    (sign(a - a), 0),
    (exp(a - a), 1),
    (log(exp(0 * a)), 0),
    (erf(a - a), 0),
    (maximum(v, 0), [1, 0, 4]),
    (minimum(v, a), [Fraction(-3, 2), -2, Fraction(-3, 2)]),
    (clip(v, -1, 2), [1, -1, 2]),
    (amax(x, over=N), [3, 4]),
    (amin(x, over=C), [-1, 0, -2]),
    (amax(x * w, over=(N, C)), 15),
    (amin(x, over=(C, N)), -2),
    (amax(w, over=N), [5, -3]),  # all elements along an axis that w lacks are one
    (at_max(x, over=N), [[1, 0], [0, 0], [0, 1]]),
    (at_min(x, over=C), [[0, 1], [0, 1], [1, 0]]),
    (at_max(v**2 - 4 * v, over=N), [0, 1, 0]),
    (at_min(v**2 - 5 * v, over=N), [HALF, 0, HALF]),  # -4, 14, -4
    (at_max(0 * x, over=(N, C)), [[Fraction(1, 6)] * 2] * 3),
    (at_max(w, over=N), Fraction(1, 3)),
    (erf(0 * v), [0, 0, 0]),  # what it is elsewhere: tests/evaluate
    (delta(N, M) * v, [[1, 0, 0], [0, -2, 0], [0, 0, 4]]),
    (total(delta(N, M) * v, over=N), [1, -2, 4]),
    (stop_gradient(v), [1, -2, 4]),
    (v.rename({N: M}).rename({M: N}), [1, -2, 4]),
    (v - v.rename({N: M}), [[0, 3, -3], [-3, 0, -6], [3, 6, 0]]),
    (dot(x, W.rename({K: K.copy("J")}), over=C), [[-2, 0], [0, HALF], [8, 10]]),
]


@pytest.mark.parametrize(("made", "expected"), MEANINGS, ids=[repr(made) for made, _ in MEANINGS])
def test_what_each_operation_means(made: Tensor, expected: object) -> None:
    assert value(made) == expected


def test_every_operation_of_the_module_stands_in_the_table() -> None:
    from symnorm.tensors.rebuild import walk
    from symnorm.tensors.tensor import ELEMENT, IMPLICIT

    shown = {node.op for made, _ in MEANINGS for node in walk(made)}
    # shown elsewhere: a named quantity and the derivatives of a loss
    assert shown | {"add", "neg", "div", "let", "cotangent", "curvature", *IMPLICIT} == set(ELEMENT)


def test_the_remaining_arithmetic() -> None:
    assert value(-v + 1 / w) == [[Fraction(-4, 5), Fraction(-4, 3)], [Fraction(11, 5), Fraction(5, 3)],
                                 [Fraction(-19, 5), Fraction(-13, 3)]]  # fmt: skip


def test_reduced_axes_go_and_the_others_keep_their_order() -> None:
    assert total(x, over=N).axes == (C,)
    assert mean(x, over=(C, N)).axes == ()
    assert dot(x, W, over=C).axes == (N, K)
    assert norm(x, over=C).axes == (N,)
    assert var(x, over=N, ddof=1).axes == (C,)


def test_a_loss_is_differentiated_where_its_output_is() -> None:
    slope = [ConcreteLoss(1).derivative(1, [(i,)], y) for i, y in ((1, 1), (2, -2), (3, 4))]
    assert value(Loss("L").cotangent(v)) == slope
    bend = ConcreteLoss(1).derivative(2, [(2,), (2,)], -2)
    found = value(Loss("L").curvature(v, (M,)))
    assert isinstance(found, list) and found[1] == [0, bend, 0]


REFUSED: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: tensor("x", N, N), AxisError, r"tensor x names an axis twice: \(N, N\)"),
    (lambda: tensor("S", N, C, symmetric=True), AxisError, r"two axes of one size; S has \(N, C\)"),
    (lambda: tensor("S", N, symmetric=True), AxisError, r"two axes of one size; S has \(N,\)"),
    (lambda: scalar("a", real=True), SymnormError, "a cannot be assumed real"),
    (lambda: tensor("x", N, positiv=True), SymnormError, "x cannot be assumed positiv"),
    (lambda: total(x, over=()), AxisError, r"one or more different axes, not \(\)"),
    (lambda: mean(x, over=(N, N)), AxisError, r"one or more different axes, not \(N, N\)"),
    (lambda: total(x, over=N.fixed(3)), AxisError, "axis N has size"),
    (lambda: dot(x, w, over=N), AxisError, r"over N needs it on both sides; they have \(N, C\) and \(C,\)"),
    (lambda: dot(x, w, over=(C, K)), AxisError, "over K needs it on both sides"),
    (lambda: delta(N, C), AxisError, "two different axes of one size, not N and C"),
    (lambda: delta(N, N), AxisError, "two different axes of one size, not N and N"),
    (lambda: sqrt(0.5), SymnormError, "0.5 is not exact"),
    (lambda: maximum(x, "1"), SymnormError, "cannot use '1' of type str"),
    (lambda: Loss().curvature(x, (M,)), AxisError, r"a copy of each axis of \(N, C\), not \(M:N,\)"),
    (lambda: Loss().curvature(v, (C,)), AxisError, r"a copy of each axis of \(N,\), not \(C,\)"),
    (lambda: Loss().curvature(v, (N,)), AxisError, r"a copy of each axis of \(N,\), not \(N,\)"),
    (lambda: x.rename({K: M}), AxisError, r"cannot rename K: the tensor has axes \(N, C\)"),
    (lambda: x.rename({N: K}), AxisError, "cannot rename N of size N to K of size K"),
    (lambda: (v * v.rename({N: M})).rename({M: N}), AxisError, r"renaming \(N, M:N\) to \(N, N\) would make"),
]


@pytest.mark.parametrize(("make", "error", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_what_does_not_fit_is_named(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_two_axes_can_be_exchanged_in_one_renaming() -> None:
    square = v * v.rename({N: M}) ** 2
    assert square.rename({N: M, M: N}).axes == (M, N)
    assert value(square.rename({N: M, M: N})) == value(square)  # the same numbers under exchanged names
    bases = {base.label.name for base in square.expr.atoms(sp.IndexedBase)}
    assert bases == {"v"}
