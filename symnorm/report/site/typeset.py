"""Formulas for a page: MathML inside a box that scrolls by itself, long ones folded.

In come LaTeX and the same formula as text, out comes HTML that is safe to put on a page.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from markupsafe import Markup

from symnorm.errors import Unsupported
from symnorm.report.mathml import mathml

LONG = 700
"""A formula with more LaTeX than this is folded."""
LONGEST = 12_000
"""One with more than this is not set at all: its text says the same in a tenth of the space."""


def formula(latex: str, text: Callable[[], str] | None = None) -> Markup:
    """A formula on lines of its own; as text, which is asked for only then, where it cannot be set.

    Example:
        >>> print(formula("a = b"))
        <div class="formula" tabindex="0"><math display="block"><mi>a</mi><mo>=</mo><mi>b</mi></math></div>
    """
    try:
        shown = mathml(latex) if len(latex) <= LONGEST else ""
    except Unsupported:
        shown = ""
    inner = shown or f"<code>{escape(text() if text is not None else latex)}</code>"
    box = f'<div class="formula" tabindex="0">{inner}</div>'
    if len(latex) > LONG:
        box = f"<details><summary>a long formula</summary>{box}</details>"
    return Markup(box)
