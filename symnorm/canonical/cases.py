"""Proof by cases on the sign of what stands inside an absolute value (and so inside a maximum, a minimum, a clip).

``|u|`` is u where u >= 0 and -u where u <= 0; an equation that holds in both cases holds. Only where u is one number at
each index of the statement: not under a sum over an index of u, where each term has a sign of its own. The cases are
taken in the order in which the arguments are met, which is the same each time a statement is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from symnorm.canonical.context import Context
from symnorm.canonical.terms import SLOTS, Head, Poly

DEEPEST = 6
"""At most so many signs are split on."""

BINDING = ("?cotangent", "?curvature", "?largest", "?share")
"""Heads with indices of their own inside their argument."""

Place = tuple[int, ...]
Places = set[Place]


class Cases:
    """The signs that are settled for one reading of a statement, and those that could be."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.settled: tuple[int, ...] = ()
        self._statement: list[Poly] | None = None
        self._met: list[Poly] = []

    @contextmanager
    def of(self, statement: list[Poly]) -> Iterator[None]:
        """While it is open, arguments are split on. An assumed relation never is: it holds at every index at once."""
        self._statement = statement
        try:
            yield
        finally:
            self._statement = None

    @property
    def open(self) -> bool:
        """Whether there was one more sign than the settled ones."""
        return len(self.settled) < len(self._met) <= DEEPEST

    def argument(self, number: int) -> Poly:
        """What the sign of this number is split on, at its indices in the statement."""
        return self._met[number]

    def sign_of(self, argument: Poly, place: Place) -> int:
        """The settled sign of an argument in slots at a place of the statement, 0 if it is not settled."""
        slots = {self.context.slot(i): index for i, index in enumerate(place)}
        number_meant = self.context.renamed(argument, slots)
        if number_meant not in self._met:
            self._met.append(number_meant)
        number = self._met.index(number_meant)
        return self.settled[number] if number < len(self.settled) else 0

    def place_of(self, head: Head) -> Place | None:
        """Where the statement takes an absolute value, if it stands for one number at each index: there alone."""
        if self._statement is None:
            return None
        places = self._places(head, self._statement)
        return next(iter(places)) if places is not None and len(places) == 1 else None

    def _places(self, head: Head, statement: list[Poly]) -> Places | None:
        """The indices that a provisional head is taken at; ``None`` if one of them is summed over."""
        found: Places = set()
        for poly in statement:
            here = _in(poly, head)
            if here is None:
                return None
            found |= here
        for outer in self.context.heads:
            if not outer.kind.startswith("?"):
                continue
            for key in outer.keys:
                inside = _in(key, head)
                if inside is None:
                    return None
                if not inside:
                    continue
                around = self._places(outer, statement)
                if around is None or (outer.kind in BINDING and head.arity):
                    return None
                found |= {
                    tuple(where[-1 - i] if -SLOTS <= i < 0 else i for i in slots)
                    for where in around
                    for slots in inside
                }
        return found


def _in(poly: Poly, head: Head) -> Places | None:
    found: Places = set()
    for monomial in poly:
        for component, _ in monomial:
            for other, slots, _ in component.atoms:
                if other is head:
                    if component.colours:
                        return None
                    found.add(slots)
    return found
