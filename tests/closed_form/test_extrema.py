"""The textbook gradients of normalizers with an extremum in them, each proved equal to the derivation's.

The formulas are written as tables print them, with an indicator for "plus at argmax"; a false twin of each, with one
sign, factor or place changed, is refuted.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symnorm.calculus import vjp
from symnorm.claims import decide
from symnorm.normalizers import find
from symnorm.tensors import (
    Tensor,
    absolute,
    at_max,
    at_min,
    axes,
    equal,
    exp,
    mean,
    minimum,
    scalar,
    sign,
    tensor,
    total,
    unequal,
)

N, C = axes("N C")
x, g = tensor("x", N, C), tensor("dy", N, C)

Formula = Callable[[dict[str, Tensor]], Tensor]


def linf(v: dict[str, Tensor], last: int = 1) -> Tensor:
    """``(1/s)(g - mean g - (g.y) sgn(x_k - mu)(e_k - 1/m))`` with k = 1, the catalogue's ``s = max|x - mu|``."""
    side = at_max(absolute(x - v["mu"]), over=N) * sign(x - v["mu"])
    along = total(g * v["x_hat"], over=N)
    return (g - mean(g, over=N) - along * (side - last * mean(side, over=N))) / v["s"]


def slope(v: dict[str, Tensor], below: int = 1) -> Tensor:
    """``g lambda (1 if x > 0 else alpha e^x)``, its two cases by the sign of x."""
    alpha, scale = scalar("alpha", positive=True), scalar("scale", positive=True)
    return g * scale * ((1 + sign(x)) / 2 + below * alpha * exp(minimum(x, 0)) * (1 - sign(x)) / 2)


TEXTBOOK: dict[str, tuple[Formula, Formula]] = {
    "min_max": (
        lambda v: (
            g / v["span"]
            - at_min(x, over=N) * total(g * (1 - v["y"]), over=N) / v["span"]
            - at_max(x, over=N) * total(g * v["y"], over=N) / v["span"]
        ),
        lambda v: (
            g / v["span"]
            - at_max(x, over=N) * total(g * (1 - v["y"]), over=N) / v["span"]
            - at_min(x, over=N) * total(g * v["y"], over=N) / v["span"]
        ),
    ),
    "mean_range": (
        lambda v: (
            (g - mean(g, over=N) + (at_min(x, over=N) - at_max(x, over=N)) * total(g * v["y"], over=N)) / v["span"]
        ),
        lambda v: (
            (g - mean(g, over=N) + (at_max(x, over=N) - at_min(x, over=N)) * total(g * v["y"], over=N)) / v["span"]
        ),
    ),
    "linf_batch_norm": (linf, lambda v: linf(v, 0)),
    "selu": (slope, lambda v: slope(v, -1)),
}
CONSTANTS = {"linf_batch_norm": {"gamma": 1, "beta": 0, "k": 1}}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_derivation_gives_the_textbooks_formula_and_no_twin_of_it(name: str) -> None:
    made = find(name).instance(**CONSTANTS.get(name, {}))
    derived = vjp(made.output, g, [x]).of(x)
    formula, twin = (written(dict(made.named)) for written in TEXTBOOK[name])
    assert decide([equal(derived, formula)]).status == "proved"
    assert decide([equal(derived, twin)]).status == "refuted"


@pytest.mark.parametrize("name", ["min_max", "min_max.symmetric", "mean_range"])
def test_gradients_of_rescaling_see_neither_shift_nor_scale(name: str) -> None:
    made = find(name).instance()
    derived = vjp(made.output, g, [x]).of(x)
    for direction in (1, x):
        assert decide([equal(total(derived * direction, over=N), 0)]).status == "proved"
    assert decide([equal(total(derived * x**2, over=N), 0)]).status == "refuted"


def test_places_that_tie_share_what_is_one() -> None:
    share = at_max(x, over=N)
    assert decide([equal(total(share, over=N), 1)]).status == "proved"
    assert decide([equal(share**2, share)]).status == "refuted"  # where two tie
    assert decide([equal(at_max(scalar("a") * x, over=N), share)], [scalar("a") > 0]).status == "proved"
    assert decide([equal(at_max(scalar("a") * x, over=N), share)], [unequal(scalar("a"), 0)]).status == "refuted"
