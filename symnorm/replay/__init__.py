"""Re-checks certificates: independent of the rest of symnorm, and runs without it, ``python symnorm/replay``."""

from .checker import replay
from .graph import Contradicted, NotCovered, Rejected

__all__ = ["Contradicted", "NotCovered", "Rejected", "replay"]
