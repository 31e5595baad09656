"""The checks can fail: every bug that makes sense for a normalizer is caught, and a loose check would miss some."""

from __future__ import annotations

import random

import pytest

from symnorm.check import BUGS, FAMILIES, Family, check_planted, crosscheck, matrix, planted
from symnorm.kernels import kernel, of_plan
from symnorm.normalizers import REGISTRY
from tests.kernels.group_norm import group_norm_kernel
from tests.kernels.textbook import FORMS, kernel_of

PLANS = {name: kernel_of(name).plan for name in FORMS} | {"group_norm": group_norm_kernel().plan}
PLANTED = [(bug, name) for bug in BUGS for name, plan in PLANS.items() if planted(bug, plan) is not None]

USUAL = Family("large standard normal", "what tests of normalizers usually draw", averaged=(1024,), kept=(16,))


@pytest.mark.parametrize(("bug", "name"), PLANTED)
def test_a_planted_bug_is_caught(bug: str, name: str) -> None:
    wrong = planted(bug, PLANS[name])
    assert wrong is not None
    found = crosscheck(of_plan(wrong), PLANS[name])
    assert not found.ok
    assert found.max_relative_error > 1e-4, "by a margin that no tolerance in use would forgive"


@pytest.mark.parametrize("bug", BUGS)
def test_every_bug_makes_sense_somewhere(bug: str) -> None:
    assert [name for name in PLANS if (bug, name) in PLANTED]


@pytest.mark.parametrize(
    ("bug", "names"),
    [
        ("mean term dropped", "batch_norm layer_norm batch_renorm batch_renorm.unclipped group_norm"),
        ("gain applied late", "layer_norm group_norm"),
        ("ddof = 1", "batch_norm layer_norm batch_renorm batch_renorm.unclipped group_norm"),
        ("gradient through r and d", "batch_renorm batch_renorm.unclipped"),
        ("momentum reversed", "batch_norm batch_renorm batch_renorm.unclipped"),
        ("length not squared", "weight_norm"),
        ("clip forgotten", "batch_renorm"),
    ],
)
def test_a_bug_is_planted_where_it_belongs(bug: str, names: str) -> None:
    assert [name for name in PLANS if (bug, name) in PLANTED] == [name for name in PLANS if name in names.split()]


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
def test_the_usual_input_at_the_usual_tolerance_is_blind(name: str) -> None:
    """Large standard normal arrays at 1e-2: eps, its place and ddof pass; the battery sees each of them."""
    usual = check_planted(PLANS[name], [USUAL], tolerance=1e-2)
    for bug in ("eps 1e-3", "eps outside the root", "ddof = 1", "ddof = 1 in backward", "eps 1e-3 in backward"):
        assert usual[bug].ok, bug
    battery = check_planted(PLANS[name], tolerance=1e-2)
    assert not [bug for bug, check in battery.items() if check.ok]


def test_the_matrix_has_a_row_for_each_bug_and_a_column_for_each_family() -> None:
    found = matrix(PLANS["layer_norm"], tolerance=1e-2)
    assert list(found) == [bug for bug in BUGS if (bug, "layer_norm") in PLANTED]
    assert all(list(row) == [family.name for family in FAMILIES] for row in found.values())
    assert all(any(row.values()) for row in found.values())
    assert not all(found["eps 1e-3"].values())
    assert [family for family, caught in found["eps 1e-3 by default"].items() if caught] == ["std near eps"]


@pytest.mark.parametrize("name", ["spectral_norm", "decorrelation", "pca_whitening"])
def test_bugs_over_all_axes_and_over_copies(name: str) -> None:
    """Where no axis is left alone, or an axis has a copy, "wrong axis" makes no sense; all others are caught."""
    truth = kernel(name).plan
    assert planted("wrong axis", truth) is None
    found = check_planted(truth)
    assert found and not [bug for bug, check in found.items() if check.ok]


def test_every_bug_of_several_means_is_caught() -> None:
    """Planted in means that are taken twice."""
    found = check_planted(kernel("batch_instance_norm").plan)
    assert {"wrong axis", "over all axes"} <= found.keys()
    assert not [bug for bug, check in found.items() if check.ok]


def test_nothing_is_caught_in_a_kernel_without_a_bug() -> None:
    assert all(crosscheck(of_plan(plan), plan).ok for plan in PLANS.values())


EVERY = [name if mode == "training" else f"{name}.{mode}" for name, found in REGISTRY.items()
         for mode in ("training", *found.modes)]  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_bugs_in_every_normalizer_of_the_registry(name: str) -> None:
    """Each has bugs to plant, and those drawn for it, always the same, are caught: ``check --bugs`` plants all."""
    normalizer, _, mode = name.partition(".")
    truth = kernel(normalizer, mode or "training").plan
    sensible = {bug: wrong for bug in BUGS if (wrong := planted(bug, truth)) is not None}
    assert len(sensible) >= 2, "too few bugs make sense for it; one of its own belongs in the table"
    for bug in random.Random(name).sample(sorted(sensible), 2):
        assert not crosscheck(of_plan(sensible[bug]), truth).ok, bug
