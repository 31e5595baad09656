"""What was checked by whom, kept by the digest of each claim's statement: the file ``checked.json`` of the catalogue.

Written by ``symnorm recheck --record FILE``, read by :mod:`symnorm.report.index`. A statement that has changed has
another digest, so nothing is shown that was not run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from symnorm.claims import Claim
from symnorm.claims.certificate import Graph, statement
from symnorm.errors import SymnormError
from symnorm.report.output import deliver

RECORD = "checked.json"
Record = dict[str, dict[str, str]]


def digest(claim: Claim) -> str:
    """A digest of what a claim states and assumes."""
    graph = Graph()
    stated = statement(graph, claim.relations(), claim.given)
    text = json.dumps([stated, graph.rows, claim.along is not None])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def recorded(path: Path) -> Record:
    """For each claim the digest of its statement, and which checkers accepted it.

    Raises:
        SymnormError: the file cannot be read.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise SymnormError(f"{path} cannot be read: {error}") from error


def keep(path: Path, found: Mapping[Claim, Mapping[str, str]]) -> None:
    """Record who accepted claims; what is recorded of other claims stays.

    Raises:
        SymnormError: the file cannot be read or written.
    """
    known = recorded(path)
    for claim, by in found.items():
        known[claim.name] = {"statement": digest(claim), **by}
    lines = [f" {json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known)]
    deliver("{\n" + ",\n".join(lines) + "\n}", str(path))
