"""What the benchmark compares: every peer computes the same gradients, so that their times can be set side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.kernels import CASES, PEERS, Case, ours

SMALL = {2: (6, 8), 4: (2, 8, 3, 5)}


def small(case: Case) -> Case:
    """The case at a shape that takes no time."""
    shape = SMALL[len(case.shape)]
    options = {"groups": 4} if case.options else {}
    return replace(case, shape=shape, parameters=shape[case.shape.index(case.parameters)], options=options)


@pytest.mark.parametrize("peer", [name if name != "torch" else pytest.param(name, marks=pytest.mark.frameworks)
                                  for name in PEERS])  # fmt: skip
@pytest.mark.parametrize("key", CASES)
def test_peers_compute_the_same_gradients(key: str, peer: str) -> None:
    case = small(CASES[key])
    mine, theirs = (run(case, "float64", 1)() for run in (ours, PEERS[peer]))
    assert len(mine) == len(theirs) == 1 + (case.name not in ("rms_norm", "weight_norm")) + 1
    for a, b in zip(mine, theirs, strict=True):
        b = np.asarray(b).reshape(a.shape)
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12 * np.abs(b).max())
