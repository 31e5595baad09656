"""Normalizers by what a user names: one of the zoo, one that a package ships, or one that a ``.norm`` file defines.

``my_norm.norm`` names the file's only normalizer, ``my_norm.norm:power_norm`` one of several. Called by the command
line and by the facade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symnorm.claims.claim import Collection
from symnorm.normalizers import Normalizer, find

if TYPE_CHECKING:
    from symnorm.language.document import Document

SUFFIX = ".norm"


def names_file(name: str) -> bool:
    """Whether a name is that of a text file.

    Example:
        >>> names_file("my_norm.norm"), names_file("my_norm.norm:power_norm"), names_file("batch_norm")
        (True, True, False)
    """
    return name.partition(":")[0].endswith(SUFFIX)


def document(name: str) -> Document:
    """The file that a name speaks of, with only the normalizer after a colon if there is one.

    Raises:
        SymnormError: it cannot be read, or has no normalizer of that name.
        LanguageError: what is wrong in it.
    """
    from symnorm.language.document import Document, read

    path, _, wanted = name.partition(":")
    found = read(path)
    if not wanted:
        return found
    one = found.normalizer(wanted)
    claims = Collection()
    for claim in found.claims.values():
        if claim.normalizer == wanted:
            claims.add(claim)
    return Document({wanted: one}, claims, found.source)


def normalizer(name: str) -> Normalizer:
    """The normalizer of a name.

    Raises:
        NameUnknown: with the nearest names.
        SymnormError: a file that cannot be read or does not define exactly one.

    Example:
        >>> normalizer("batch_norm.inference").title
        'Batch normalization at inference'
    """
    return document(name).normalizer() if names_file(name) else find(name)
