"""Exponentials of sums: what follows from exp(a + b) = exp(a) exp(b) is proved, what does not is refuted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnorm.canonical import Solver
from symnorm.claims import decide
from symnorm.tensors import Tensor, absolute, amax, as_tensor, axes, equal, exp, minimum, scalar, tensor, total

N, C = axes("N C")
a, b, c = scalar("a"), scalar("b"), scalar("c")
x, y, q = tensor("x", N, C), tensor("y", N, C), tensor("q", N)


def softmax(logits: Tensor) -> Tensor:
    return exp(logits) / total(exp(logits), over=C)


TRUE = {
    "a sum": (exp(a + b), exp(a) * exp(b)),
    "a difference": (exp(a - b), exp(a) / exp(b)),
    "a negative": (exp(-a) * exp(a), as_tensor(1)),
    "a multiple": (exp(3 * a), exp(a) ** 3),
    "a half": (exp(a / 2) ** 2, exp(a)),
    "a half and a third": (exp(a / 2) * exp(a / 3), exp(5 * a / 6)),
    "a third of a half": (exp(a / 3) ** 3, exp(a / 2) ** 2),
    "a number": (exp(a + 1), exp(a) * exp(as_tensor(1))),
    "half a number": (exp(a + as_tensor(1) / 2) ** 2, exp(2 * a) * exp(as_tensor(1))),
    "a product is one piece": (exp(a * b + a * c), exp(a * b) * exp(a * c)),
    "a binomial": (exp((a + b) ** 2), exp(a**2) * exp(2 * a * b) * exp(b**2)),
    "under a sum": (total(exp(x + q), over=C), exp(q) * total(exp(x), over=C)),
    "of a sum": (exp(total(x + y, over=N)), exp(total(x, over=N)) * exp(total(y, over=N))),
    "softmax of shifted logits": (softmax(x + q), softmax(x)),
    "softmax of logits without their largest": (softmax(x - amax(x, over=C)), softmax(x)),
    "a quotient of sums": (exp((a**2 - b**2) / (1 + c**2)), exp(a**2 / (1 + c**2)) / exp(b**2 / (1 + c**2))),
    "what depends on a sign": (exp(minimum(a, 0) + b), exp(b) * exp(minimum(a, 0))),
    "the two halves": (exp(minimum(a, 0)) * exp(-minimum(a, 0)), as_tensor(1)),
    "two exponentials in one": (exp(exp(a) * exp(b)), exp(exp(a + b))),
}
FALSE = {
    "a sum of exponentials": (exp(a + b), exp(a) + exp(b)),
    "a product": (exp(a * b), exp(a) * exp(b)),
    "the other difference": (exp(a - b), exp(b - a)),
    "a negative": (exp(-a), -exp(a)),
    "a multiple": (exp(3 * a), 3 * exp(a)),
    "a half": (exp(a / 2), exp(a) / 2),
    "a half and a third": (exp(a / 2) * exp(a / 3), exp(a / 6)),
    "a number": (exp(a + 1), exp(a) + 1),
    "a square": (exp((a + b) ** 2), exp(a**2) * exp(b**2)),
    "under a sum": (total(exp(x + y), over=C), total(exp(x), over=C) * total(exp(y), over=C)),
    "of a sum": (exp(total(x, over=N)), total(exp(x), over=N)),
    "softmax of logits shifted each": (softmax(x + y), softmax(x)),
    "softmax of doubled logits": (softmax(2 * x), softmax(x)),
    "an absolute value": (exp(absolute(a)), exp(a)),
    "a smaller one": (exp(minimum(a, 0)), exp(a)),
}


@pytest.mark.parametrize("name", TRUE)
def test_true(name: str) -> None:
    left, right = TRUE[name]
    assert Solver().equal(left.element, right.element)
    assert Solver().equal(right.element, left.element)
    assert decide([equal(left, right)]).status == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_false(name: str) -> None:
    left, right = FALSE[name]
    assert not Solver().equal(left.element, right.element)
    assert decide([equal(left, right)]).status == "refuted"


SIZES = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@given(st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=4), st.integers(-2, 2), st.integers(-2, 2))
def test_products_are_one_exactly_where_their_exponents_cancel(
    pairs: list[tuple[object, object]], more_a: int, more_b: int
) -> None:
    product, sum_a, sum_b = as_tensor(1), more_a, more_b
    for first, second in pairs:
        product = product * exp(first * a + second * b)
        sum_a, sum_b = sum_a + first, sum_b + second  # type: ignore[operator]
    whole = product * exp(more_a * a + more_b * b)
    assert Solver().equal(whole.element, exp(sum_a * a + sum_b * b).element)
    assert Solver().equal(whole.element, as_tensor(1).element) is (sum_a == sum_b == 0)
