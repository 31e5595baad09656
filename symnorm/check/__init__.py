"""Checks of generated kernels, and checks of the checks: stress families, autograd, planted bugs."""

from symnorm.check.bugs import BUGS
from symnorm.check.crosscheck import TOLERANCE, KernelCheck, crosscheck, errors, relative_error
from symnorm.check.families import FAMILIES, Case, Family, case
from symnorm.check.planted import check_planted, matrix, planted

__all__ = [
    "BUGS",
    "FAMILIES",
    "TOLERANCE",
    "Case",
    "Family",
    "KernelCheck",
    "case",
    "check_planted",
    "crosscheck",
    "errors",
    "matrix",
    "planted",
    "relative_error",
]
