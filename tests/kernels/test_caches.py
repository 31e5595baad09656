"""What is remembered: two normalizers that share a name, or look alike, never share a kernel, a licence or a line."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from symnorm.closed_form import gradients
from symnorm.kernels import kernel, licence
from symnorm.kernels.kernel import Kernel
from symnorm.kernels.plan import plan
from symnorm.normalizers import REGISTRY, Normalizer, conventions_of
from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, amax, axes, mean, scalar, sqrt, tensor, total

N, C = axes("N C")
Reduce = Callable[[Tensor], Tensor]


def twin(center: Reduce, spread: Reduce, place: str = "inside", gained: bool = False) -> Normalizer:
    """A normalizer by the name of all others here, with the same inputs and equations of the same names."""

    def twin(
        x: Tensor = tensor("x", N, C), gamma: Tensor = tensor("gamma", C), eps: Tensor = scalar("eps", nonnegative=True)
    ) -> Equations:
        mu = center(x)
        c = x - mu
        s = sqrt(spread(c) + eps) if place == "inside" else sqrt(spread(c)) + eps
        return equations(mu=mu, s=s, y=(gamma + 1 if gained else gamma) * c / s)

    return normalizer(title="Twin", source="none", layout="N* C", constants=("eps",), register=False)(twin)


def over_batch(reduce: Callable[..., Tensor]) -> Reduce:
    return lambda node: reduce(node, over=N)


def squares(reduce: Callable[..., Tensor]) -> Reduce:
    return lambda node: reduce(node**2, over=N)


TWINS: dict[str, Normalizer] = {
    "mean": twin(over_batch(mean), squares(mean)),
    "sum": twin(over_batch(total), squares(mean)),
    "sum of squares": twin(over_batch(mean), squares(total)),
    "largest": twin(over_batch(amax), squares(mean)),
    "eps outside": twin(over_batch(mean), squares(mean), place="outside"),
    "gained": twin(over_batch(mean), squares(mean), gained=True),
    "per row": twin(lambda node: mean(node, over=C), squares(mean)),
}
X = np.random.default_rng(0).standard_normal((5, 3)) + 3
GAMMA = np.array([0.5, 2.0, 3.0])


def expected(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The output as NumPy says it."""
    axis = 1 if name == "per row" else 0
    center = {"sum": np.sum, "largest": np.max}.get(name, np.mean)(X, axis=axis, keepdims=True)
    spread = {"sum of squares": np.sum}.get(name, np.mean)((X - center) ** 2, axis=0, keepdims=True)
    s = np.sqrt(spread) + 1e-5 if name == "eps outside" else np.sqrt(spread + 1e-5)
    return np.asarray((GAMMA + (name == "gained")) * (X - center) / s)


@pytest.mark.parametrize("order", [list(TWINS), list(TWINS)[::-1]], ids=["forth", "back"])
def test_twins_that_came_before_change_nothing(order: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licence, "_KNOWN", {})
    after = {name: kernel(TWINS[name]) for name in order}
    for name, made in after.items():
        assert np.allclose(made.forward(X, GAMMA, eps=1e-5)[0], expected(name), rtol=1e-13), name
        monkeypatch.setattr(licence, "_KNOWN", {})
        assert made.source == kernel(TWINS[name]).source, name


def test_the_twins_differ_and_so_do_what_they_may_do() -> None:
    found = {name: kernel(each) for name, each in TWINS.items()}
    assert len({made.source for made in found.values()}) == len(TWINS)
    granted = {name: licence.licence(made.plan) for name, made in found.items()}
    assert granted["mean"].centred == ("N",) and not granted["sum"].centred and not granted["sum"].shifts
    assert granted["mean"].degrees["eps"] == 2 and granted["eps outside"].degrees["eps"] == 1


def variants() -> Iterator[Normalizer]:
    """Every normalizer in every mode, and in every convention those whose gradients are found quickly."""
    for each in REGISTRY.values():
        for mode in ("training", *each.modes):
            yield each.mode(mode)
    for name in ("batch_norm", "layer_norm"):
        for convention in conventions_of(REGISTRY[name]):
            yield REGISTRY[name].convention(convention)


def test_the_order_of_asking_changes_no_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    """After all others and after none: the definition is what counts."""
    plans = [plan(each, {name: form.tensor for name, form in gradients(each).items()}) for each in variants()]
    shared = [licence.licence(one) for one in reversed(plans)][::-1]
    for one, before in zip(plans, shared, strict=True):
        monkeypatch.setattr(licence, "_KNOWN", {})
        assert licence.licence(one) == before, one.name


def test_a_traceback_shows_the_lines_of_its_own_kernel() -> None:
    texts = {}
    made = {name: Kernel(one.plan, one.source) for name, one in ((n, kernel(TWINS[n])) for n in ("mean", "gained"))}
    modules = {name: one.module for name, one in made.items()}  # both loaded before either fails
    for name, module in modules.items():
        try:
            module.forward_body(X, "no array", 1e-5, over_N=(0,), xp=np)
        except Exception:
            texts[name] = traceback.format_exc()
    assert "gamma + 1" in texts["gained"] and "gamma + 1" not in texts["mean"]
