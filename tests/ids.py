"""Names of test cases that are the same in every process: nothing of addresses in memory or the order of a set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def stable(value: Any) -> str:
    """A case's name."""
    if callable(value):
        return "by"
    if isinstance(value, Mapping):
        return ",".join(f"{key}={stable(part)}" for key, part in value.items())
    if isinstance(value, set | frozenset):
        return "+".join(sorted(map(str, value)))
    return repr(value)
