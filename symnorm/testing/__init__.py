"""Tests for kernels of one's own: exact values on inputs that show bugs, and the bug's name where one is found.

Any test suite can call :func:`assert_kernel_matches`; with pytest the fixture ``kernel_matches`` does the same and
takes its seed from ``--symnorm-seed``. :func:`diagnose` says what a function computes, :func:`write_golden` writes
vectors for a test bench. Arguments are explained in :mod:`symnorm.testing.calling`.
"""

from symnorm.testing.calling import named, torch_kernel
from symnorm.testing.diagnosis import Diagnosis, diagnose
from symnorm.testing.golden import Golden, check_golden, read_golden, write_golden
from symnorm.testing.matching import KernelMismatch, Match, Worst, assert_kernel_matches, match_kernel

__all__ = [
    "Diagnosis",
    "Golden",
    "KernelMismatch",
    "Match",
    "Worst",
    "assert_kernel_matches",
    "check_golden",
    "diagnose",
    "match_kernel",
    "named",
    "read_golden",
    "torch_kernel",
    "write_golden",
]
