"""What a certificate states, and a proof in which nothing was chosen."""

from __future__ import annotations

from typing import Any

from symnorm.elaboration.signs import Statement
from symnorm.replay.claim import stated


class Claim(Statement):
    """A statement with its assumptions."""

    @classmethod
    def read(cls, data: Any) -> Claim:
        """What a proof or a refutation states."""
        return cls(*stated(data), data)


NOTHING: dict[str, list[Any]] = {"generators": [], "solve": [], "rules": [], "squares": []}
