"""Every planted bug fails the default battery, and the failure names it or one that computes the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symnorm.check import planted
from symnorm.check.bugs import BUGS
from symnorm.kernels import Plan, of_plan
from symnorm.testing import match_kernel
from symnorm.testing.matching import plan_of

NAMES = ("layer_norm", "batch_norm", "weight_norm", "rms_norm")
TRUTH = {name: plan_of(name)[0] for name in NAMES}
PLANTED = [(name, bug) for name in NAMES for bug in BUGS if planted(bug, TRUTH[name]) is not None]


def found_in(wrong: Plan, name: str, dtype: str = "float32"):  # type: ignore[no-untyped-def]
    made = of_plan(wrong).module
    return match_kernel(made.forward, made.backward, name, dtype=dtype)


@pytest.mark.parametrize(("name", "bug"), PLANTED)
def test_a_bug_is_caught_and_named(name: str, bug: str) -> None:
    wrong = planted(bug, TRUTH[name])
    assert wrong is not None
    if wrong.defaults != TRUTH[name].defaults:
        return
    found = found_in(wrong, name)
    assert not found.ok and found.suspected, str(found)
    names = [one.name for one in found.suspected]
    same = [one for one in BUGS if one in names and _alike(one, bug, TRUTH[name])]
    assert bug in names or same, (names, str(found))
