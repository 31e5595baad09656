"""Every planted bug fails the default battery, and the failure names it."""

from __future__ import annotations

import numpy as np
import pytest

from symnorm.check import planted
from symnorm.check.bugs import BUGS
from symnorm.kernels import of_plan
from symnorm.testing import Match, match_kernel
from symnorm.testing.matching import plan_of

pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning")

NAMES = ("layer_norm", "batch_norm", "weight_norm")
TRUTH = {name: plan_of(name)[0] for name in NAMES}
PLANTED = [(name, bug) for name in NAMES for bug in BUGS if planted(bug, TRUTH[name]) is not None]


def match_of(name: str, bug: str = "", dtype: str = "float32") -> Match:
    plan = planted(bug, TRUTH[name]) if bug else TRUTH[name]
    assert plan is not None
    made = of_plan(plan).module
    return match_kernel(made.forward, made.backward, name, dtype=dtype)


@pytest.mark.parametrize(("name", "bug"), PLANTED)
def test_a_bug_is_caught_and_named(name: str, bug: str) -> None:
    found = match_of(name, bug)
    assert not found.ok
    if bug == "wrong axis" and found.problem:  # arrays of the wrong axes' sizes do not broadcast
        assert "broadcast" in found.problem or "shape" in found.problem
    elif bug == "eps 1e-3 by default" and name == "layer_norm":
        assert [one.name for one in found.suspected] == [bug, "it is layer_norm@keras"]
    else:
        assert bug in [one.name for one in found.suspected], str(found)
        assert len(found.suspected) <= 4, "a name for everything says nothing"
        assert all(set(one.explains) == set(found.wrong) for one in found.suspected)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_a_right_kernel_matches(name: str, dtype: str) -> None:
    found = match_of(name, dtype=dtype)
    assert found.ok, str(found)
    assert max(one.share for one in found.worst.values()) < 0.25, "the bound is no closer than it need be"


@pytest.mark.parametrize("bug", ["mean term doubled", "ddof = 1", "eps outside the root", "eps 1e-3 in backward"])
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_a_bug_is_named_in_every_dtype(bug: str, dtype: str) -> None:
    assert bug in [one.name for one in match_of("layer_norm", bug, dtype).suspected]


def forward(x, gamma, beta, eps, ddof=0, outside=False):  # type: ignore[no-untyped-def]
    mu = x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True, ddof=ddof)
    s = np.sqrt(var) + x.dtype.type(eps) if outside else np.sqrt(var + x.dtype.type(eps))
    x_hat = (x - mu) / s
    return gamma * x_hat + beta, (x_hat, gamma, s)


def backward(dy, saved, mean_terms=1, ddof=0):  # type: ignore[no-untyped-def]
    x_hat, gamma, s = saved
    g = gamma * dy
    along = (g * x_hat).sum(-1, keepdims=True) / x_hat.dtype.type(x_hat.shape[-1] - ddof)
    dx = (g - mean_terms * g.mean(-1, keepdims=True) - x_hat * along) / s
    return dx, (dy * x_hat).sum(0), dy.sum(0)


SHAPES = {"shapes": [(7, 5), (3, 4)]}


def test_a_bug_of_the_definition_is_found_in_gradients_that_were_differentiated() -> None:
    found = match_kernel(
        lambda x, gamma, beta, eps: forward(x, gamma, beta, eps, ddof=1),
        lambda dy, saved: backward(dy, saved, ddof=1),
        "layer_norm", **SHAPES,
    )  # fmt: skip
    assert found.wrong == ("y", "dx", "dgamma")
    assert [one.name for one in found.suspected] == ["ddof = 1"]


def test_two_bugs_are_named_together() -> None:
    found = match_kernel(
        lambda x, gamma, beta, eps: forward(x, gamma, 0 * beta, eps),
        lambda dy, saved: backward(dy, saved, mean_terms=2),
        "layer_norm", **SHAPES,
    )  # fmt: skip
    assert [one.name for one in found.suspected] == ["bias missing; mean term doubled"]


@pytest.mark.parametrize("eps", ["1e-3", "1e-6", "1e-8"])
def test_the_value_of_eps_is_named(eps: str) -> None:
    found = match_kernel(lambda x, gamma, beta: forward(x, gamma, beta, float(eps))[0], None, "layer_norm", **SHAPES)
    assert f"eps = {eps} whatever is given" in [one.name for one in found.suspected]


def test_another_convention_is_named() -> None:
    annotated = match_kernel(
        lambda x, gamma, beta, eps=1e-6: forward(x, gamma, beta, eps, ddof=1, outside=True)[0],
        None, "layer_norm", **SHAPES,
    )  # fmt: skip
    assert [one.name for one in annotated.suspected] == ["it is layer_norm@annotated"]


def test_a_convention_is_told_from_its_default_of_eps() -> None:
    told = lambda x, gamma, beta, eps: forward(x, gamma, beta, eps, ddof=1, outside=True)[0]  # noqa: E731
    found = match_kernel(told, None, "layer_norm", **SHAPES)
    assert [one.name for one in found.suspected] == ["it is layer_norm@annotated"], "eps is told, so its default is too"


def test_what_comes_nearest_is_judged_on_all_inputs() -> None:
    def in_one_pass(x, gamma, beta, eps):  # type: ignore[no-untyped-def]
        mu = x.mean(-1, keepdims=True)
        var = (x * x).mean(-1, keepdims=True) - mu**2
        return gamma * (x - mu) / np.sqrt(var + x.dtype.type(eps)) + beta

    found = match_kernel(in_one_pass, None, "layer_norm", **SHAPES)
    assert found.nearest.startswith("layer_norm as it is (the same on 26 of 28 inputs, but off by up to ")
    assert found.nearest.endswith(" times what is allowed in 'mean far from zero')")


FAR = {"families": ["benign", "mean 1e6", "sums overflow"], **SHAPES}


def test_lost_digits_and_overflow_are_no_bug() -> None:
    found = match_kernel(forward, backward, "layer_norm", conditioning=False, **FAR)
    assert not found.ok and not found.suspected and set(found.lost) == set(found.wrong) == {"y", "dx", "dgamma"}
    assert found.lost["y"] == ("mean 1e6", "sums overflow")
    assert found.suspicion.startswith("none; the formulas of y, dx, dgamma are right, but digits or range are lost in ")
    overflow = match_kernel(forward, None, "layer_norm", families=["sums overflow"], **SHAPES)
    assert overflow.lost == {"y": ("sums overflow",)}


def test_a_bug_is_found_beside_lost_digits() -> None:
    doubled = lambda dy, saved: backward(dy, saved, mean_terms=2)  # noqa: E731
    found = match_kernel(forward, doubled, "layer_norm", conditioning=False, **FAR)
    assert [one.name for one in found.suspected] == ["mean term doubled"] and set(found.lost) == {"y", "dgamma"}
    biased = match_kernel(lambda x, gamma, beta, eps: forward(x, gamma, beta, eps, ddof=1), None, "layer_norm", **FAR)
    assert "ddof = 1" in biased.suspicion and not biased.lost


def channels_second(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1):  # type: ignore[no-untyped-def]
    over = (0, *range(2, x.ndim))
    shape = (1, -1, *[1] * (x.ndim - 2))
    mu, var = x.mean(over), x.var(over)
    momentum, number = x.dtype.type(momentum), x.size // x.shape[1]
    s = np.sqrt(var + x.dtype.type(eps)).reshape(shape)
    y = gamma.reshape(shape) * (x - mu.reshape(shape)) / s + beta.reshape(shape)
    new_mean = (1 - momentum) * running_mean + momentum * mu
    new_var = (1 - momentum) * running_var + momentum * var * number / (number - 1)
    return {"y": y, "running_mean": new_mean, "running_var": new_var.astype(x.dtype)}


def test_a_convention_of_another_layout_is_named() -> None:
    assert match_kernel(channels_second, None, "batch_norm@torch").ok
    found = match_kernel(channels_second, None, "batch_norm@keras")
    assert "it is batch_norm@torch" in [one.name for one in found.suspected], str(found)


def test_the_default_of_momentum_is_named() -> None:
    def mine(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.01):  # type: ignore[no-untyped-def]
        return channels_second(x, gamma, beta, running_mean, running_var, eps, momentum)

    found = match_kernel(mine, None, "batch_norm@torch")
    assert [one.name for one in found.suspected] == ["momentum 0.01 by default"]
    assert found.wrong == ("running_mean", "running_var")


def test_a_gain_counted_from_1_is_found_in_gradients_that_were_differentiated() -> None:
    found = match_kernel(
        lambda x, gamma, beta, eps: forward(x, 1 + gamma, beta, eps), backward, "layer_norm", **SHAPES
    )
    assert [one.name for one in found.suspected] == ["gain counted from 1"] and found.wrong == ("y", "dx")


def test_a_bug_of_the_gradients_is_not_blamed_for_the_output() -> None:
    found = match_kernel(lambda x, gamma, beta, eps: forward(x, gamma, beta, eps)[0] + 1, None, "layer_norm", **SHAPES)
    assert "mean term" not in found.suspicion and "backward" not in found.suspicion


def test_a_candidate_that_autograd_cannot_trace_is_passed_over() -> None:
    found = match_kernel(lambda x: x * x, lambda dy, saved: 2 * dy, "mean_range", shapes=[(7, 5)])
    assert found.wrong and not found.suspected


def test_what_no_bug_explains_is_not_explained() -> None:
    found = match_kernel(lambda x, gamma, beta: gamma * np.tanh(x) + beta, None, "layer_norm", **SHAPES)
    assert found.wrong == ("y",) and not found.suspected
    assert not found.nearest and str(found).endswith("none of the planted ones gives these numbers")


def test_a_kernel_with_stopped_gradients() -> None:
    right, _ = plan_of("batch_renorm")
    wrong = planted("gradient through r and d", right)
    assert wrong is not None
    made = of_plan(wrong).module
    found = match_kernel(made.forward, made.backward, "batch_renorm")
    assert found.ok, "a forward that stops nothing has the same values, and its backward is right"
    dropped = planted("mean term dropped", right)
    assert dropped is not None
    made = of_plan(dropped).module
    found = match_kernel(made.forward, made.backward, "batch_renorm")
    assert [one.name for one in found.suspected] == ["mean term dropped"]
