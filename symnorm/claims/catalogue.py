"""The catalogue: the claims of every file in ``proofs/``, found by name, normalizer or file.

The files are the project's own Python, shipped with it, or a file that a user names on the command line: running them
is what they are for. No text of a claim is ever run.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from symnorm.claims.claim import Claim, Collection, collecting
from symnorm.claims.location import proofs_directory
from symnorm.errors import NameUnknown, SymnormError


def read(path: Path) -> Collection:
    """The claims that a Python file states.

    Raises:
        SymnormError: the file is missing, is not Python, or states nothing.
    """
    if path.suffix != ".py" or not path.is_file():
        raise SymnormError(f"{path} is not a Python file with claims")
    spec = importlib.util.spec_from_file_location(f"symnorm_proofs_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise SymnormError(f"{path} cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    with collecting() as found:
        try:
            spec.loader.exec_module(module)
        except SyntaxError as error:
            raise SymnormError(f"{path}, line {error.lineno}: SyntaxError: {error.msg}") from error
    if not found:
        raise SymnormError(f"{path} states no claim")
    return found


@cache
def catalogue() -> Collection:
    """All claims of ``proofs/`` in the order of files and of statements in them."""
    everything = Collection()
    for path in sorted(proofs_directory().glob("*.py")):
        for found in read(path).values():
            everything.add(found)
    return everything


def find(name: str) -> Claim:
    """The claim of a name or second name.

    Raises:
        NameUnknown: with the nearest names.
    """
    claims = catalogue()
    found = claims.called(name)
    if found is None:
        raise NameUnknown("claim", name, [*claims, *claims.aliases])
    return found


def select(wanted: Iterable[str]) -> list[Claim]:
    """The claims of names or second names, normalizers and files; all of them if nothing is named.

    Raises:
        NameUnknown: a name that is neither.
    """
    chosen: dict[str, Claim] = {}
    names = list(wanted)
    if not names:
        return list(catalogue().values())
    for name in names:
        if name.endswith(".py"):
            chosen.update(read(Path(name)))
            continue
        claims = catalogue()
        of_normalizer = {claim.name: claim for claim in claims.values() if claim.normalizer == name}
        if (named := claims.called(name)) is not None:
            of_normalizer = {named.name: named}
        if not of_normalizer:
            normalizers = {claim.normalizer for claim in claims.values()}
            raise NameUnknown("claim or normalizer", name, [*claims, *claims.aliases, *normalizers])
        chosen.update(of_normalizer)
    return list(chosen.values())
