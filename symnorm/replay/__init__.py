"""Re-checks certificates: independent of the rest of symnorm, and runs without it, ``python symnorm/replay``."""

from .graph import NotCovered, Rejected
from .checker import replay

__all__ = ["NotCovered", "Rejected", "replay"]
