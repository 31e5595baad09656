"""How tensors print: plainly by operation until the printing stage, which comes later, puts its own way in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Texts = Callable[..., tuple[str, ...]]


def _plainly(*tensors: Any, **_: Any) -> tuple[str, ...]:
    return tuple(f"<{tensor.op} over {tensor.axes}>" for tensor in tensors)


class Shown:
    """The function that a ``repr`` goes through; tensors that are shown together are named together."""

    texts: Texts = staticmethod(_plainly)

    @classmethod
    def by(cls, texts: Texts) -> None:
        """From here on, tensors print by this function."""
        cls.texts = staticmethod(texts)
