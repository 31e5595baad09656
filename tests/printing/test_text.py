"""Plain text: the strings that a book would print, and that one name never stands for two things."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symnorm.errors import Unsupported
from symnorm.normalizers import REGISTRY, batch_norm, find
from symnorm.printing import text, texts
from symnorm.tensors import (
    Loss,
    Tensor,
    amax,
    amin,
    as_tensor,
    at_max,
    at_min,
    axes,
    delta,
    maximum,
    mean,
    norm,
    scalar,
    sqrt,
    tensor,
    total,
)

N, C = axes("N C")
M = N.copy("M")
K = C.copy("K")
x, g, m = tensor("x", N, C), tensor("g", C), tensor("m", N)
a, b, c = (scalar(name) for name in "abc")
BN = batch_norm.instance()
GAMMA, EPS = batch_norm.inputs["gamma"], batch_norm.inputs["eps"]
DY = Loss().cotangent(BN.y)

# Each string as the paper named beside it has it, in Python's signs.
TEXTBOOK = {
    "batch norm's dx (Ioffe & Szegedy, section 3, collected)": (
        GAMMA / sqrt(BN.var + EPS) * (DY - mean(DY, over=N) - BN.x_hat * mean(DY * BN.x_hat, over=N)),
        "gamma/sqrt(var + eps)*(dy - mean(dy) - x_hat*mean(dy*x_hat))",
    ),
    "batch norm's dgamma": (total(DY * BN.x_hat, over=N), "sum(dy*x_hat)"),
    "weight norm's dv (Salimans & Kingma, equation 3)": (
        scalar("g") / scalar("norm") * tensor("dw", C)
        - scalar("g") * scalar("dg") / scalar("norm") ** 2 * tensor("v", C),
        "g/norm*dw - g*dg/norm**2*v",
    ),
    "centred": (x - tensor("mu", C), "x - mu"),
    "squared": ((x - tensor("mu", C)) ** 2, "(x - mu)**2"),
}


@pytest.mark.parametrize(("formula", "printed"), TEXTBOOK.values(), ids=TEXTBOOK)
def test_textbook_forms(formula: Tensor, printed: str) -> None:
    assert text(formula) == printed
    assert repr(formula) == printed


FORMS = [
    (-(a * b), "-a*b"),
    (-a * b, "-a*b"),
    (a * -b, "a*(-b)"),
    (a + -b * c, "a - b*c"),
    (a - -b, "a - (-b)"),
    (a + (b - c), "a + b - c"),
    (a - (b - c), "a - (b - c)"),
    (a * (b * c), "a*b*c"),
    (a * (b / c), "a*(b/c)"),
    (a / (b * c), "a/(b*c)"),
    (a / b / c, "a/b/c"),
    (-(a**2), "-a**2"),
    ((-a) ** 2, "(-a)**2"),
    (a**-2, "a**(-2)"),
    (a ** Fraction(1, 2), "a**(1/2)"),
    ((a**2) ** 3, "(a**2)**3"),
    (a - 2, "a - 2"),
    (a + (-2), "a - 2"),
    (a * Fraction(1, 2), "a*(1/2)"),
    (Fraction(1, 2) * a, "1/2*a"),
    (a * (N.size - 1), "a*(N - 1)"),
    (N.size / as_tensor(N.size - 1) * a, "N/(N - 1)*a"),
    (a / (N.size / (N.size - 1)), "a/(N/(N - 1))"),
    (abs(a - b), "abs(a - b)"),
    (maximum(a - b, c), "maximum(a - b, c)"),
    (norm(x, over=C), "sqrt(sum(x**2))"),
    (delta(N, M), "delta(n, m)"),
    (x - amin(x, over=N), "x - min(x)"),
    (amax(abs(x), over=C) * mean(x, over=N), "max[C](abs(x))*mean[N](x)"),
    (at_max(x, over=(N, C)) + at_min(-x, over=(N, C)), "at_max(x) + at_min(-x)"),
    (x.rename({N: M}), "x[N->M]"),
    ((x - g).rename({N: M, C: K}), "(x - g)[N->M, C->K]"),
    (total(x * x.rename({N: M}), over=C), "sum(x*x[N->M])"),
]


@pytest.mark.parametrize(("formula", "printed"), FORMS, ids=[printed for _, printed in FORMS])
def test_forms(formula: Tensor, printed: str) -> None:
    assert text(formula) == printed


def test_reductions_name_their_axes_where_there_are_several() -> None:
    assert text(mean(x, over=(N, C)) - total(x, over=(C, N))) == "mean(x) - sum(x)"
    assert text(mean(x, over=N) - mean(x, over=C)) == "mean[N](x) - mean[C](x)"
    assert text(mean(x, over=(N, C)) - mean(x, over=N)) == "mean[N,C](x) - mean[N](x)"
    assert text(mean(x, over=N), plain_reductions=False) == "mean[N](x)"


def test_a_sum_over_an_axis_that_is_not_there_says_which() -> None:
    assert text(total(g, over=N)) == "sum[N](g)"
    assert text(total(g, over=N) - total(x, over=N)) == "sum[N](g) - sum[N](x)"


def test_reductions_inside_named_equations_do_not_count() -> None:
    assert text(BN.var + mean(x, over=C)) == "var + mean(x)"


@pytest.mark.parametrize("name", REGISTRY)
def test_every_equation_is_written_with_the_names_before_it(name: str) -> None:
    """The definition's right-hand sides print alike, whether earlier quantities are equations or plain inputs."""
    equations = find(name).instance()
    for quantity, let in equations.named.items():
        assert text(let) == quantity
        assert text(let.args[0]) == text(equations.right_hand_side(quantity))


class TestNames:
    """A name stands for one thing in what is read together."""

    def test_two_instances_of_one_definition(self) -> None:
        assert text(batch_norm(a * x) - batch_norm(x)) == "y - y'"
        assert text(batch_norm(x) - batch_norm(x)) == "y - y"

    def test_the_cotangents_of_two_instances(self) -> None:
        scaled = Loss().cotangent(batch_norm(a * x))
        assert text(scaled - Loss().cotangent(batch_norm(x)) / a) == "dy - dy'/a"

    def test_both_sides_of_an_equation(self) -> None:
        assert texts(batch_norm(a * x), batch_norm(x)) == ("y", "y'")
        assert texts(mean(x, over=N), mean(x, over=C)) == ("mean[N](x)", "mean[C](x)")

    def test_inputs_of_one_name(self) -> None:
        assert text(tensor("u", N) - tensor("u", M)) == "u[N] - u[M]"
        assert text(tensor("u", N) - tensor("u", C)) == "u - u'"
        assert text(scalar("u", positive=True) - scalar("u")) == "u - u'"

    def test_an_input_that_is_called_like_a_cotangent(self) -> None:
        assert text(DY - tensor("dy", N, C)) == "dL(y) - dy"

    def test_two_losses(self) -> None:
        assert text(DY - Loss("R").cotangent(BN.y)) == "dL(y) - dR(y)"

    def test_a_cotangent_without_a_name(self) -> None:
        assert text(Loss().cotangent(x - 1)) == "dL(x - 1)"
        assert text(Loss().curvature(BN.y, (M, K))) == "d2L(y)"

    def test_names_of_the_caller(self) -> None:
        assert text((x - g) / (x - g) ** 2, names={x - g: "d"}) == "d/d**2"
        assert text(tensor("d", N) * (x - g), names={x - g: "d"}) == "d'*d"


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(Unsupported, match="'wavelet'"):
        text(Tensor("wavelet", (x,), (N, C)))
