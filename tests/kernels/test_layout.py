"""The layout string: what it says of an array's dimensions, and which strings would leave that open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnorm.errors import ShapeError, SymnormError
from symnorm.kernels import Layout


@pytest.mark.parametrize(
    ("text", "ndim", "owners"),
    [
        ("N C N*", 2, "N C"),
        ("N C N*", 5, "N C N N N"),
        ("C K*", 1, "C"),
        ("C K*", 3, "C K K"),
        ("N S* C", 4, "N S S C"),
        ("N (G K) S*", 4, "N GK S S"),
        ("N S* (G K)", 2, "N GK"),
        ("A B", 2, "A B"),
    ],
)
def test_the_dimensions_of_a_layout(text: str, ndim: int, owners: str) -> None:
    assert Layout(text).owners(ndim) == tuple(tuple(word) for word in owners.split())


@pytest.mark.parametrize(("axis", "owners"), [(-1, "NNC"), (2, "NNC"), (1, "NCC"), (-3, "CCC"), (0, "CCC")])
def test_axis_cuts_two_starred_names_as_onnx_counts(axis: int, owners: str) -> None:
    assert Layout("N* C*").owners(3, axis) == tuple((name,) for name in owners)


@pytest.mark.parametrize(
    ("text", "ndim", "axis"), [("N C N*", 1, -1), ("A B", 3, -1), ("N* C*", 2, 2), ("N* C*", 0, -1)]
)
def test_an_array_that_does_not_fit(text: str, ndim: int, axis: int) -> None:
    with pytest.raises(ShapeError, match=rf"\b{ndim} dimensions"):
        Layout(text).owners(ndim, axis)


@pytest.mark.parametrize("text", ["", "N* C* K", "(G) N", "(G K L)", "(G K) (H L)", "N C,", "(G K)*", "1", "N*S* C*"])
def test_a_layout_that_cannot_be_read(text: str) -> None:
    with pytest.raises(SymnormError, match="layout"):
        Layout(text)


def test_in_words() -> None:
    assert Layout("N C N*").in_words("x") == "of the dimensions of x, 0 and all from 2 on are N, 1 is C"
    assert Layout("N S* C").in_words("x") == "of the dimensions of x, 0 is N, those in between are S, -1 is C"
    assert "(G K)" in Layout("N (G K) S*").in_words("x")


@given(st.integers(1, 4), st.lists(st.integers(1, 5), max_size=3))
def test_sizes_are_dealt_to_the_dimensions_of_their_axis(channels: int, rest: list[int]) -> None:
    shape = Layout("N C N*").shape({"N": (3, *rest), "C": (channels,)})
    assert shape == (3, channels, *rest)
    assert len(Layout("N C N*").owners(len(shape))) == len(shape)
