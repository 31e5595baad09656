"""Bad input: the error names the tensor, its shape and the rule, and nothing has been written by then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symnorm.errors import NameUnknown, ShapeError
from symnorm.kernels import kernel
from tests.kernels.group_norm import group_norm_kernel
from tests.kernels.textbook import kernel_of

BN, LN, WN, RENORM, GN = (
    *(kernel_of(name) for name in ("batch_norm", "layer_norm", "weight_norm", "batch_renorm")),
    group_norm_kernel(),
)
X, ONE, ZERO = np.arange(12.0).reshape(4, 3), np.ones(3), np.zeros(3)
HALF = np.full(3, 0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gamma": np.ones(4)}, r"gamma has shape \(4,\); over \(C\) it has to be \(3,\)"),
        ({"gamma": np.ones((1, 3))}, r"gamma has shape \(1, 3\); over \(C\) it has to be \(3,\)"),
        ({"gamma": 1.0}, r"gamma has shape \(\); over \(C\) it has to be \(3,\)"),
        ({"gamma": 1}, r"gamma has shape \(\); over \(C\) it has to be \(3,\)"),
        ({"gamma": None}, "gamma is missing"),
        ({"x": np.ones(4)}, r"x has shape \(4,\); the layout N C N\* needs at least 2 dimensions"),
        ({"x": 3.0}, r"x has shape \(\); the layout"),
        ({"x": np.ones((0, 3))}, r"x has shape \(0, 3\); it needs at least one element"),
        ({"x": np.ones((4, 3, 0))}, r"x has shape \(4, 3, 0\); it needs at least one element"),
        ({"x": np.ones((4, 3), int)}, r"x has shape \(4, 3\) and dtype int64, not float16"),
        ({"x": np.ones((4, 3), object)}, "x has shape .* and dtype object"),
        ({"x": np.ones((4, 3), complex)}, "x has shape .* and dtype complex128"),
        ({"x": np.ones((4, 3), np.longdouble)}, "x has shape .* and dtype (longdouble|float128|float64)"),
        ({"x": "ab"}, "x has shape .* and dtype <U2"),
        ({"x": [[1.0, 2.0, 3.0], [1.0]]}, "x is of type list and no array: .*inhomogeneous"),
        ({"x": np.ma.masked_less(X, 2)}, "x is a masked array"),
        ({"beta": ZERO.astype("float32")}, r"beta has shape \(3,\) and dtype float32; all arrays have to be float64"),
        ({"eps": -1e-9}, "eps is -1e-09; it has to be at least 0"),
        ({"eps": np.ones(3)}, "eps is array.*; it has to be one real number"),
        ({"eps": True}, "eps is True; it has to be one real number"),
        ({"eps": "0"}, "eps is '0'; it has to be one real number"),
        ({"eps": 1j}, "eps is 1j; it has to be one real number"),
        ({"eps": None}, "eps is None; it has to be one real number"),
        ({"running_mean": ZERO}, "running_var is missing"),
        ({"running_var": ONE}, "running_mean is missing"),
        ({"running_mean": ZERO, "running_var": np.ones(2)}, r"running_var has shape \(2,\)"),
        ({"threads": 0}, "threads is 0; it has to be a positive integer"),
        ({"threads": 1.5}, "threads is 1.5"),
        ({"x": X[:1], "eps": 0}, r"x has shape \(1, 3\): one element over N, where sqrt\(var \+ eps\) is 0 at eps = 0"),
        (
            {"x": X[:1], "running_mean": ZERO, "running_var": ONE},
            r"x has shape \(1, 3\): one element over N, where N - 1 is 0; the new running statistics divide by it",
        ),
    ],
)
def test_forward_says_what_does_not_fit(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=f"^batch_norm: {message}"):
        BN.forward(**{"x": X, "gamma": ONE, "beta": ZERO, **change})
    with pytest.raises(ValueError, match=f"^{message}"):
        BN.module.forward(**{"x": X, "gamma": ONE, "beta": ZERO, **change})


@pytest.mark.parametrize("size", [1, 2])
def test_one_element_is_an_error_at_eps_zero_only(size: int) -> None:
    for made, x, parameter in ((BN, X[:size], ONE), (LN, X[:, :size], np.ones(size))):
        made.forward(x, parameter, parameter, eps=1e-300)
        if size == 1:
            with pytest.raises(ShapeError, match="one element"):
                made.forward(x, parameter, parameter, eps=0)
        else:
            made.forward(x, parameter, parameter, eps=0)
    WN.forward(X[:, :size], np.ones(4))  # one weight has a direction: its sign


def test_a_batch_of_one_with_running_statistics_that_are_left_alone() -> None:
    y, saved = BN.forward(X[:1], ONE, HALF, ZERO, ONE, momentum=None)
    assert np.array_equal(y, [HALF]) and not saved.updates


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"r_max": 0}, "r_max is 0.0; it has to be above 0"),
        ({"d_max": -1}, "d_max is -1.0; it has to be at least 0"),
        ({"running_std": None}, "running_std is missing"),
    ],
)
def test_renorm_says_what_does_not_fit(change: dict[str, Any], message: str) -> None:
    given = {"x": X, "gamma": ONE, "beta": ZERO, "running_mean": ZERO, "running_std": ONE}
    RENORM.forward(**given)
    with pytest.raises(ShapeError, match=message):
        RENORM.forward(**{**given, **change})


@pytest.mark.parametrize("axis", [2, -3, 1.0, "1", None])
def test_an_axis_that_is_no_dimension(axis: Any) -> None:
    with pytest.raises(ShapeError, match=rf"axis is {axis!r}, which is no dimension of x with shape \(4, 3\)"):
        LN.forward(X, ONE, ZERO, axis=axis)


@pytest.mark.parametrize("groups", [0, -1, 4, 2.0, None])
def test_groups_that_do_not_divide(groups: Any) -> None:
    with pytest.raises(ShapeError, match=rf"x has shape \(4, 3\); dimension 1 cannot be cut into groups = {groups!r}"):
        GN.forward(X, ONE, ZERO, groups=groups)


def test_unknown_and_missing_arguments() -> None:
    with pytest.raises(NameUnknown, match="no argument of batch_norm's forward is called 'gama'; did you mean gamma"):
        BN.forward(X, gama=ONE, beta=ZERO)
    with pytest.raises(NameUnknown, match="'axis'"):
        BN.forward(X, ONE, ZERO, axis=1)
    with pytest.raises(ShapeError, match=r"missing a required argument: 'beta'; it takes .* beta over \(C\)"):
        BN.forward(X, ONE)
    with pytest.raises(ShapeError, match="too many positional arguments"):
        BN.forward(X, ONE, ZERO, ZERO, ONE, 1e-5)
    with pytest.raises(ShapeError, match="multiple values for argument 'gamma'"):
        BN.forward(X, ONE, gamma=ONE, beta=ZERO)
    with pytest.raises(NameUnknown, match="mode"):
        kernel("batch_norm", mode="inferenc")
    with pytest.raises(NameUnknown, match="batch_norm"):
        kernel("batchnorm")


@pytest.mark.parametrize(
    ("tensor", "bad", "message"),
    [
        ("x", np.nan, r"x has shape \(4, 3\) and nan at \(2, 1\), and check_finite is set"),
        ("gamma", np.inf, r"gamma has shape \(3,\) and inf at \(2,\), and check_finite is set"),
        ("running_var", -np.inf, r"running_var has shape \(3,\) and -inf at \(2,\)"),
    ],
)
def test_check_finite_finds_the_first_bad_entry(tensor: str, bad: float, message: str) -> None:
    given = {"x": X.copy(), "gamma": ONE.copy(), "beta": ZERO, "running_mean": ZERO, "running_var": ONE.copy()}
    BN.forward(**given, check_finite=True)
    given[tensor][(2, 1) if tensor == "x" else 2] = bad
    BN.forward(**given)
    with pytest.raises(ShapeError, match=message):
        BN.forward(**given, check_finite=True)
    with pytest.raises(ShapeError, match="eps is inf, and check_finite is set"):
        BN.forward(X, ONE, ZERO, eps=np.inf, check_finite=True)


def test_backward_says_what_does_not_fit() -> None:
    y, saved = BN.forward(X, ONE, ZERO)
    for dy, message in (
        (y[:2], r"dy has shape \(2, 3\); over \(N, C\) it has to be \(4, 3\)"),
        (y.astype("float32"), r"dy has shape \(4, 3\) and dtype float32; all arrays have to be float64"),
        (np.ones((4, 3), int), "dy has shape .* and dtype int64"),
        (None, "dy is missing"),
    ):
        with pytest.raises(ShapeError, match=message):
            BN.backward(dy, saved)
    for other in (tuple(saved), None, LN.forward(X, ONE, ZERO)[1]):
        with pytest.raises(ShapeError, match="it has to be what forward returned"):
            BN.backward(y, other)
    y[0, 0] = np.nan
    with pytest.raises(ShapeError, match=r"dy has shape \(4, 3\) and nan at \(0, 0\)"):
        BN.backward(y, saved, check_finite=True)


READ_ONLY = np.zeros((4, 3))
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros((4, 2)), r"out for y is float64 \(4, 2\); it has to be an array of float64 \(4, 3\)"),
        (np.zeros((4, 3), "float32"), r"out for y is float32 \(4, 3\)"),
        ([[0.0] * 3] * 4, "out for y is list"),
        (READ_ONLY, r"out for y has shape \(4, 3\) and is read-only"),
        ({"z": np.zeros((4, 3))}, "out has 'z'; the results are y"),
    ],
)
def test_an_out_that_cannot_take_the_output(out: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        BN.forward(X, ONE, ZERO, out=out)


@pytest.mark.parametrize("style", ["reference", "fast"])
def test_an_out_that_overlaps_itself(style: str) -> None:
    made, room = kernel("batch_norm", style=style), np.full(40, 7.0)
    strided = np.lib.stride_tricks.as_strided
    for strides in ((8, 8), (0, 8), (16, 8), (-8, 16)):
        out = strided(room[20:], (4, 3), strides)
        with pytest.raises(ShapeError, match=r"out for y has strides .*: elements of its own share memory"):
            made.forward(X, ONE, ZERO, out=out)
    assert np.all(room == 7)
    y, saved = made.forward(X, ONE, ZERO)
    with pytest.raises(ShapeError, match="out for gamma has strides"):
        made.backward(y, saved, out={"gamma": strided(room, (3,), (0,))})
    for apart in (np.zeros((3, 4)).T, np.zeros((9, 8))[::2, ::3][:4], np.zeros((4, 3))[::-1, ::-1]):
        assert np.array_equal(made.forward(X, ONE, ZERO, out=apart)[0], y)


def test_no_gradient_is_written_when_one_cannot_be() -> None:
    y, saved = BN.forward(X, ONE, ZERO)
    room = {"x": np.full((4, 3), 7.0), "gamma": np.full(2, 7.0)}
    with pytest.raises(ShapeError, match=r"out for gamma is float64 \(2,\)"):
        BN.backward(y, saved, out=room)
    assert np.all(room["x"] == 7)
    with pytest.raises(ShapeError, match=r"out for .* shares memory"):
        BN.backward(y, saved, out={"gamma": room["x"][0], "x": room["x"]})
    with pytest.raises(ShapeError, match="out is of type ndarray; it has to be a dict of arrays for x, gamma, beta"):
        BN.backward(y, saved, out=room["x"])
    with pytest.raises(ShapeError, match="dy has shape"):
        BN.backward(y[:2], saved, out={"x": room["x"]})
    assert np.all(room["x"] == 7)


def test_the_output_cannot_be_written_over_what_backward_needs() -> None:
    v, g = X + 1, np.ones(4)
    with pytest.raises(ShapeError, match=r"out for w shares memory with .* what backward needs"):
        WN.forward(v, g, out=v)
    assert np.array_equal(v, X + 1)
