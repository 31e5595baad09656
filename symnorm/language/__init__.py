"""The text language: normalizers and claims as a paper prints them, in plain text.

::

    normalizer power_norm(x[N, C], gamma[C], beta[C], eps > 0)
      psi2  = mean[N](x^2)
      x_hat = x / sqrt(psi2 + eps)
      y     = gamma * x_hat + beta
    claim  scale_invariance: power_norm(a*x, eps=a^2*eps) == power_norm(x)   given a > 0

Comes in: text from a user, which is data and never reaches Python's own evaluator. Goes out: normalizers and claims
like those that are written in Python, or a :class:`LanguageError` with line, column and what was expected. The way is
:mod:`spelling` (Unicode names, length and depth capped) -> :mod:`grammar` (lark) -> :mod:`meaning` (expressions) ->
:mod:`document` (files, statements). :mod:`writer` goes back: any claim as text.
"""

from typing import TYPE_CHECKING, Any

from symnorm.language.errors import LanguageError

if TYPE_CHECKING:
    from symnorm.language.document import Document, Statement, assumptions, parse, read, statement
    from symnorm.language.writer import claim_text, relation_text

_HOMES = {
    **dict.fromkeys(("Document", "Statement", "assumptions", "parse", "read", "statement"), "document"),
    **dict.fromkeys(("claim_text", "relation_text"), "writer"),
}


def __getattr__(name: str) -> Any:
    """The parser is imported when the first text is read, not with symnorm."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Document",
    "LanguageError",
    "Statement",
    "assumptions",
    "claim_text",
    "parse",
    "read",
    "relation_text",
    "statement",
]
