"""The zoo: passive definitions, one file a normalizer, found by name through :func:`find`."""

from symnorm.errors import NameUnknown
from symnorm.normalizers.batch_norm import batch_norm
from symnorm.normalizers.batch_renorm import batch_renorm
from symnorm.normalizers.definition import REGISTRY, Equations, Normalizer, equations, normalizer, opaque
from symnorm.normalizers.layer_norm import layer_norm
from symnorm.normalizers.weight_norm import weight_norm


def find(name: str) -> Normalizer:
    """The normalizer of a name; ``batch_norm.inference`` names a mode.

    Raises:
        NameUnknown: with the nearest names.

    Example:
        >>> find("batch_norm.inference").title
        'Batch normalization at inference'
    """
    base, _, mode = name.partition(".")
    if base not in REGISTRY:
        raise NameUnknown("normalizer", name, REGISTRY)
    return REGISTRY[base].mode(mode) if mode else REGISTRY[base]


__all__ = [
    "REGISTRY",
    "Equations",
    "Normalizer",
    "batch_norm",
    "batch_renorm",
    "equations",
    "find",
    "layer_norm",
    "normalizer",
    "opaque",
    "weight_norm",
]
