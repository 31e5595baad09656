"""Normalizers that other packages ship are found by name, and one that fails to load harms nobody."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from typing import Any

import pytest

from symnorm.errors import NameUnknown
from symnorm.normalizers import REGISTRY, find, load_installed, normalizer
from symnorm.normalizers.definition import Equations, equations
from symnorm.normalizers.installed import GROUP
from symnorm.tensors import Tensor, axes, norm, tensor

N, C = axes("N C")


@normalizer(title="Shipped", source="a package", layout="N C", register=False)
def shipped_norm(x: Tensor = tensor("x", N, C)) -> Equations:
    """Divided by the length."""
    return equations(y=x / norm(x, over=C))


class Point:
    """An entry point that gives an object, or fails."""

    def __init__(self, name: str, found: Any) -> None:
        self.name, self.value, self.found = name, f"package:{name}", found

    def load(self) -> Any:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@pytest.fixture(autouse=True)
def points(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Point]]:
    made: list[Point] = []
    monkeypatch.setattr(metadata, "entry_points", lambda group: made if group == GROUP else [])
    before = dict(REGISTRY)
    load_installed.cache_clear()
    yield made
    load_installed.cache_clear()
    REGISTRY.clear()
    REGISTRY.update(before)


def test_a_shipped_normalizer_is_found_by_name(points: list[Point]) -> None:
    points.append(Point("shipped_norm", shipped_norm))
    assert find("shipped_norm") is shipped_norm
    assert "shipped_norm" in load_installed()


def test_a_function_may_register_several(points: list[Point]) -> None:
    points.append(Point("all", lambda: REGISTRY.setdefault("another_norm", shipped_norm)))
    assert find("another_norm") is shipped_norm


def test_one_that_fails_is_warned_of_and_left_out(points: list[Point]) -> None:
    points += [Point("bad", ImportError("planted")), Point("shipped_norm", shipped_norm)]
    with pytest.warns(RuntimeWarning, match="planted"):
        assert find("shipped_norm") is shipped_norm


def test_a_name_of_the_zoo_stays_the_zoos(points: list[Point]) -> None:
    points.append(Point("batch_norm", ImportError("never loaded")))
    assert find("batch_norm").name == "batch_norm"
    with pytest.warns(RuntimeWarning), pytest.raises(NameUnknown):
        find("no_such_norm")
