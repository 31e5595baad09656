"""What names stand for in one statement or definition, and which words the language has of its own.

Called by the readers of expressions and of documents; knows tensors and normalizers, nothing of syntax.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symnorm import tensors
from symnorm.normalizers import Normalizer
from symnorm.tensors import Axis, Tensor

CALLS: dict[str, tuple[int, Callable[..., Tensor]]] = {
    "sqrt": (1, tensors.sqrt),
    "abs": (1, tensors.absolute),
    "sign": (1, tensors.sign),
    "sgn": (1, tensors.sign),
    "exp": (1, tensors.exp),
    "log": (1, tensors.log),
    "erf": (1, tensors.erf),
    "max": (2, tensors.maximum),
    "min": (2, tensors.minimum),
    "maximum": (2, tensors.maximum),
    "minimum": (2, tensors.minimum),
    "clip": (3, tensors.clip),
    "stop_gradient": (1, tensors.stop_gradient),
}
"""Functions by elements, with their number of arguments."""

REDUCTIONS: dict[str, tuple[int, Callable[..., Tensor]]] = {
    "sum": (1, tensors.total),
    "mean": (1, tensors.mean),
    "var": (1, tensors.var),
    "norm": (1, tensors.norm),
    "dot": (2, tensors.dot),
    "amax": (1, tensors.amax),
    "amin": (1, tensors.amin),
    "at_max": (1, tensors.at_max),
    "at_min": (1, tensors.at_min),
}
"""Functions over axes, ``mean[N](x)``, with their number of arguments."""

OVER_AXES = {"max": "amax", "min": "amin"}
"""What takes axes in place of functions of numbers."""

SYSTEMS = {"singular_pair": 4, "eigenbasis": 3, "cholesky": 4, "orthogonal": 1}
"""Assumptions that are known by one name, ``given singular_pair(W, u, sigma, v)``, with their number of arguments."""

OF_SYSTEMS = {
    "singular_value": ("singular_pair", "sigma"),
    "eigenvalues": ("eigenbasis", "values"),
    "eigenvectors": ("eigenbasis", "vectors"),
    "inverse_root": ("eigenbasis", "inverse_root"),
    "inverse_factor": ("cholesky", "inverse_factor"),
}
"""Quantities that such an assumption defines, of its arguments: they change with the matrix under a derivative."""

OTHERS = ("grad", "cotangent", "vjp", "jvp", "delta", "curvature", "singular_vector")
FUNCTIONS = (*CALLS, *REDUCTIONS, *OTHERS, *SYSTEMS, *OF_SYSTEMS)
CONSTANTS = {"pi": sp.pi}


@dataclass
class Names:
    """What names stand for in one statement or one definition.

    Attributes:
        values: named quantities and declared tensors.
        axes: axes by name.
        normalizers: by name.
        averaged: what a reduction without axes runs over.
        scalars: whether a name that nothing declares is a real number.
        used: the normalizers that were mentioned.
    """

    normalizers: Mapping[str, Normalizer]
    values: dict[str, Tensor] = field(default_factory=dict)
    axes: dict[str, Axis] = field(default_factory=dict)
    averaged: tuple[Axis, ...] = ()
    scalars: bool = False

    def copy(self) -> Names:
        """A table that can grow without changing this one."""
        return Names(self.normalizers, dict(self.values), dict(self.axes), self.averaged, self.scalars)
