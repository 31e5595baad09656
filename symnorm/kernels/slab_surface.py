"""``forward`` and ``backward`` of a fast module with matrices: the reference's, whose bodies go through slabs.

Called by :mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

import re

from symnorm.kernels.surface import Surface


class SlabSurface(Surface):
    """Writes ``Saved``, ``forward`` and ``backward``: NumPy alone computes, with threads over slabs."""

    threads = "at most so many; the results are the same, to the bit, for every number"

    computing = "threads=threads"

    def _parameters(self) -> list[str]:
        return super()._parameters()[:-1]

    def forward(self) -> list[str]:
        """``forward`` with threads in place of a namespace."""
        return [_with_threads(row) for row in super().forward() if not row.startswith("        xp: ")]

    def backward(self) -> list[str]:
        """``backward`` with threads in place of a namespace."""
        return [_with_threads(row) for row in super().backward() if not row.startswith("        xp: ")]


TABLES = [
    "Values = dict[str, Any]",
    "CANON: tuple[str, ...] = ()",
    "EXTREMA: dict[str, Any] = {}",
]
"""What the pasted files read."""


def _with_threads(row: str) -> str:
    return re.sub(r"\bxp(?=[,)\]]|$)", "np", row.replace(", xp: Any = np", ""))
