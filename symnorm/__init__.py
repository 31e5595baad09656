"""symnorm: the normalizers of deep learning, built symbolically, proved, and turned into checked NumPy kernels.

>>> import symnorm as sn
>>> sn.load("layer_norm").gradient("x")
dx = (gamma*dy - mean(gamma*dy) - x_hat*mean(gamma*dy*x_hat))/sqrt(var + eps)
"""

from symnorm.calculus import direction_gradient, gradient, jvp, vjp
from symnorm.claims import Claim, Recursion, Verdict, Witness, claim, lemmas, recursion
from symnorm.errors import SymnormError
from symnorm.facade import Loaded, kernel, load, prove
from symnorm.normalizers import Equations, Normalizer, equations, normalizer
from symnorm.tensors import (
    Axis,
    Loss,
    Relation,
    Tensor,
    absolute,
    amax,
    amin,
    at_max,
    at_min,
    axes,
    clip,
    delta,
    dot,
    equal,
    exp,
    log,
    maximum,
    mean,
    minimum,
    norm,
    scalar,
    sign,
    split,
    sqrt,
    stop_gradient,
    tensor,
    total,
    unequal,
    var,
    with_sizes,
)

__version__ = "0.1.0"

__all__ = [
    "Axis",
    "Claim",
    "Equations",
    "Loaded",
    "Loss",
    "Normalizer",
    "Recursion",
    "Relation",
    "SymnormError",
    "Tensor",
    "Verdict",
    "Witness",
    "absolute",
    "amax",
    "amin",
    "at_max",
    "at_min",
    "axes",
    "claim",
    "clip",
    "delta",
    "direction_gradient",
    "dot",
    "equal",
    "equations",
    "exp",
    "gradient",
    "jvp",
    "kernel",
    "lemmas",
    "load",
    "log",
    "maximum",
    "mean",
    "minimum",
    "norm",
    "normalizer",
    "prove",
    "recursion",
    "scalar",
    "sign",
    "split",
    "sqrt",
    "stop_gradient",
    "tensor",
    "total",
    "unequal",
    "var",
    "vjp",
    "with_sizes",
]
