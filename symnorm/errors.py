"""Errors that a user can cause, each a sentence that carries the values that came.

Every stage raises these and nothing else for bad input; the command line turns them into exit code 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SymnormError(Exception):
    """Base of every error that symnorm raises on purpose."""


class AxisError(SymnormError):
    """Axes that do not match: a tensor lacks one, two sizes clash, an axis is used twice."""


class ShapeError(SymnormError):
    """An array whose shape or dtype does not fit the declared axes."""


MOST_LISTED = 40
"""Of more names that are known only a few are told to who typed an unknown one."""


class NameUnknown(SymnormError):
    """A name that nothing is registered under; the message offers the nearest ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        choices = sorted(known)
        near = get_close_matches(name, choices, n=3, cutoff=0.5)
        listed = choices if len(choices) <= MOST_LISTED else [*choices[:5], f"{len(choices) - 5} more"]
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(listed) or 'none'}"
        super().__init__(f"no {kind} is called {name!r}; {hint}")
        self.name = name
        self.near = near


class Unsupported(SymnormError):
    """An expression that a stage has no rule for; the message names the node."""


class Contradiction(SymnormError):
    """Assumptions that nothing can satisfy."""
