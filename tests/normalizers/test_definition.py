"""Defining a normalizer: named equations in order, updates of statistics, modes, and what a definition may not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from symnorm.errors import NameUnknown, SymnormError
from symnorm.normalizers import REGISTRY, Equations, Normalizer, equations, find, normalizer, opaque
from symnorm.tensors import Tensor, axes, inputs, mean, scalar, sqrt, tensor, walk

N, C = axes("N C")
X, A = tensor("x", N, C), scalar("a")


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """Whatever a test registers is gone after it."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def centring(x: Tensor = X, a: Tensor = A) -> Equations:
    """A body."""
    mu = mean(x, over=N)
    y = a * (x - mu)
    return equations(mu=mu, y=y).updating(seen=mu + a)


def defined(body: Callable[..., Equations] = centring, **options: object) -> Normalizer:
    record = {"title": "Centring", "source": "a test", "layout": "N C", **options}
    return normalizer(**record)(body)  # type: ignore[arg-type]


def test_a_definition_is_registered_under_the_name_of_its_function() -> None:
    made = defined()
    assert find("centring") is made and made.inputs == {"x": X, "a": A}
    assert defined(register=False) is not find("centring")


def test_a_mode_is_named_by_what_follows_the_normalizers_name() -> None:
    base = defined()

    def centring_inference(x: Tensor = X) -> Equations:
        return equations(y=x)

    mode = defined(centring_inference, mode_of=base)
    assert mode.name == "centring.inference" and base.mode("inference") is mode
    assert "centring_inference" not in REGISTRY


def test_each_equation_is_over_the_names_before_it() -> None:
    made = defined().instance()
    assert list(made.named) == ["mu", "y"]
    assert repr(made.right_hand_side("y")) == "a*(x - mu)"
    assert inputs(made.right_hand_side("y")).keys() == {"x", "mu", "a"}


def test_a_quantity_that_two_names_stand_for_is_shown_by_the_first() -> None:
    value = X**2
    made = equations(first=value, second=value, y=value + 1)
    assert repr(made.right_hand_side("second")) == "first"
    assert repr(made.right_hand_side("y")) == "first + 1"


def test_updates_are_in_terms_of_the_named_quantities() -> None:
    made = defined().instance()
    assert list(made.updates) == ["seen"]
    (mu,) = {id(node): node for node in walk(made.updates["seen"]) if node.op == "let"}.values()
    assert mu is made.mu
    assert repr(opaque(made.updates["seen"])) == "mu + a"
    assert made.updates["seen"].axes == (C,)


def test_updates_follow_a_call() -> None:
    made = defined().instance(X * A, a=2)
    assert repr(opaque(made.updates["seen"])) == "mu + 2"
    assert inputs(made.updates["seen"]).keys() == {"x", "a"}


def test_updating_leaves_the_equations_alone() -> None:
    plain = equations(y=X)
    updated = plain.updating(mean_of=2)
    assert plain.updates == {} and updated.named is plain.named
    assert updated.updates["mean_of"].expr == 2


def test_no_equation_is_an_error() -> None:
    with pytest.raises(SymnormError, match="needs at least one named quantity"):
        equations()


def test_an_equation_may_not_have_an_inputs_name() -> None:
    def twice(x: Tensor = X) -> Equations:
        return equations(x=2 * x)

    with pytest.raises(SymnormError, match="twice calls an input and an equation x; give one another name"):
        defined(twice)()


def test_equations_cannot_be_changed() -> None:
    made = equations(y=X)
    with pytest.raises(TypeError):
        made.named["z"] = X  # type: ignore[index]
    with pytest.raises(NameUnknown, match=r"no equation is called 'z'; known: y"):
        _ = made.z


def test_two_instances_are_independent() -> None:
    made = defined()
    one, other = made.instance(), made.instance(2 * X)
    assert one.mu is not other.mu
    both = one.y - other.y
    assert len([node for node in walk(both) if node.op == "let"]) == 4
    # they print under different names
    assert repr(both) == "y - y'"


def test_a_root_of_a_named_variance_is_written_with_its_name() -> None:
    def scaled(x: Tensor = X) -> Equations:
        var = mean(x**2, over=N)
        y = x / sqrt(var + 1)
        return equations(var=var, y=y)

    assert repr(defined(scaled).instance().right_hand_side("y")) == "x/sqrt(var + 1)"
