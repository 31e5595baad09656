"""Normalizers that other packages ship, under the entry point group ``symnorm.normalizers``.

An entry point names a normalizer, or a module or function whose import or call registers some::

    [project.entry-points."symnorm.normalizers"]
    my_norm = "my_package.norms:my_norm"

They are looked for when a name is not in the zoo and when all are listed, never at import.
"""

from __future__ import annotations

import warnings
from functools import cache

from symnorm.normalizers.definition import REGISTRY, Normalizer

GROUP = "symnorm.normalizers"


@cache
def load_installed() -> tuple[str, ...]:
    """Register what installed packages ship; the names that came new. One that fails is warned of and left out."""
    from importlib.metadata import entry_points

    before = set(REGISTRY)
    for point in entry_points(group=GROUP):
        try:
            found = point.load()
            if isinstance(found, Normalizer):
                REGISTRY.setdefault(found.name, found)
            elif callable(found):
                found()
        except Exception as error:  # another package's code may fail in any way
            warnings.warn(f"entry point {point.name} = {point.value} failed: {error}", RuntimeWarning, stacklevel=2)
    return tuple(name for name in REGISTRY if name not in before)
