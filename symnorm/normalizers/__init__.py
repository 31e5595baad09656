"""The zoo: passive definitions, one file a normalizer, found by name through :func:`find`."""

from symnorm.errors import NameUnknown
from symnorm.normalizers.activation_norm import activation_norm
from symnorm.normalizers.batch_instance_norm import batch_instance_norm
from symnorm.normalizers.batch_norm import batch_norm
from symnorm.normalizers.batch_renorm import batch_renorm, clipping_schedule
from symnorm.normalizers.conventions import declare
from symnorm.normalizers.definition import (
    PAPER,
    REGISTRY,
    Convention,
    Normalizer,
    normalizer,
)
from symnorm.normalizers.group_norm import group_norm
from symnorm.normalizers.input_norm import centering, unit_length, z_score
from symnorm.normalizers.installed import load_installed
from symnorm.normalizers.instance_norm import adaptive_instance_norm, instance_norm
from symnorm.normalizers.l1_batch_norm import l1_batch_norm
from symnorm.normalizers.layer_norm import layer_norm
from symnorm.normalizers.linf_batch_norm import linf_batch_norm
from symnorm.normalizers.mean_only_batch_norm import mean_only_batch_norm, mean_only_weight_norm
from symnorm.normalizers.min_max import mean_range, min_max
from symnorm.normalizers.naming import Equations, equations, named, opaque
from symnorm.normalizers.power_norm import power_norm
from symnorm.normalizers.recurrent_batch_norm import recurrent_batch_norm
from symnorm.normalizers.rms_norm import rms_norm, scale_norm
from symnorm.normalizers.selu import selu
from symnorm.normalizers.spectral_norm import spectral_norm
from symnorm.normalizers.switchable_norm import switchable_norm
from symnorm.normalizers.sync_batch_norm import sync_batch_norm
from symnorm.normalizers.weight_norm import centered_weight_norm, weight_norm, weight_standardization
from symnorm.normalizers.whitening import (
    cholesky_whitening,
    decorrelated_batch_norm,
    decorrelation,
    pca_whitening,
    zca_cor_whitening,
    zca_whitening,
)


def conventions_of(normalizer: Normalizer) -> tuple[str, ...]:
    """The names of a normalizer's conventions, the paper's first.

    Example:
        >>> conventions_of(group_norm)
        ('paper', 'torch', 'onnx', 'onnx18', 'keras', 'flax')
    """
    return (PAPER, *normalizer.conventions)


def find(name: str) -> Normalizer:
    """The normalizer of a name; ``batch_norm.inference`` names a mode, ``batch_norm@onnx`` a convention.

    Raises:
        NameUnknown: with the nearest names.

    Example:
        >>> find("batch_norm.inference").title
        'Batch normalization at inference'
        >>> find("batch_norm.inference@keras").defaults
        {'eps': 0.001}
    """
    meant, _, convention = name.partition("@")
    base, _, mode = meant.partition(".")
    if base not in REGISTRY and base not in load_installed():
        raise NameUnknown("normalizer", name, REGISTRY)
    return REGISTRY[base].mode(mode or "training").convention(convention or PAPER)


__all__ = [
    "PAPER",
    "REGISTRY",
    "Convention",
    "Equations",
    "Normalizer",
    "activation_norm",
    "adaptive_instance_norm",
    "batch_instance_norm",
    "batch_norm",
    "batch_renorm",
    "centered_weight_norm",
    "centering",
    "cholesky_whitening",
    "clipping_schedule",
    "conventions_of",
    "declare",
    "decorrelated_batch_norm",
    "decorrelation",
    "equations",
    "find",
    "group_norm",
    "instance_norm",
    "l1_batch_norm",
    "layer_norm",
    "linf_batch_norm",
    "load_installed",
    "mean_only_batch_norm",
    "mean_only_weight_norm",
    "mean_range",
    "min_max",
    "named",
    "normalizer",
    "opaque",
    "pca_whitening",
    "power_norm",
    "recurrent_batch_norm",
    "rms_norm",
    "scale_norm",
    "selu",
    "spectral_norm",
    "switchable_norm",
    "sync_batch_norm",
    "unit_length",
    "weight_norm",
    "weight_standardization",
    "z_score",
    "zca_cor_whitening",
    "zca_whitening",
]
