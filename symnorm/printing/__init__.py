"""Formulas on the page: plain text, LaTeX and NumPy, all read from how a tensor was built, in the author's order."""

from symnorm.printing.latex import equation_latex, latex, latexes
from symnorm.printing.numpy_source import Layout, numpy_expression
from symnorm.printing.straight_line import Assignment, straight_line
from symnorm.printing.text import text, texts
from symnorm.tensors.shown import Shown

Shown.by(texts)

__all__ = [
    "Assignment",
    "Layout",
    "equation_latex",
    "latex",
    "latexes",
    "numpy_expression",
    "straight_line",
    "text",
    "texts",
]
