"""The normal form of an index expression."""
from symnorm.canonical.reader import Facts
from symnorm.canonical.solver import Solver

__all__ = ["Facts", "Solver"]
