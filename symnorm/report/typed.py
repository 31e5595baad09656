"""A statement that a user typed at the prompt, or the claims that a user named, made ready to be decided.

Called by ``symnorm prove``. Whatever has a comparison sign in it, or what no name has, is a statement of the text
language; else it is a name of the catalogue or of a file.
"""

from __future__ import annotations

from collections.abc import Iterable

from symnorm.claims import UNDECIDED, Verdict, catalogue
from symnorm.errors import SymnormError
from symnorm.language import lookup
from symnorm.report.outcomes import Outcome
from symnorm.report.verification import Selection, select

SIGNS = frozenset("=<>≤≥≠")
OF_FORMULAS = frozenset("()[]+*^")


def is_statement(text: str) -> bool:
    """Whether a text is a statement and not a name.

    Example:
        >>> is_statement("a == b"), is_statement("batch_norm.zero_mean")
        (True, False)
    """
    is_file = text.endswith(".py") or lookup.names_file(text)
    return bool(SIGNS.intersection(text)) or (not is_file and bool(OF_FORMULAS.intersection(text)))


def chosen(text: str, given: Iterable[str] = (), by: str | None = None) -> Selection:
    """What is to be decided.

    Raises:
        LanguageError: a statement or an assumption that is not in the language.
        NameUnknown: no claim of that name.
        SymnormError: assumptions for a claim that has its own.
    """
    from symnorm.language import statement

    given = tuple(given)
    if is_statement(text):
        return Selection(((statement(text, given, by).claim("statement"), None),))
    if given or by is not None:
        raise SymnormError(
            f"{text} names a claim, which has assumptions of its own; --given and --by go with a statement"
        )
    if not text.endswith(".py") and not lookup.names_file(text):
        catalogue.find(text)  # a normalizer's name is for verify
    return select([text])


def given_up(selection: Selection, reason: str) -> tuple[Outcome, ...]:
    """Undecided, for all that was chosen."""
    return tuple(Outcome(claim, Verdict(UNDECIDED, reason=reason)) for claim, _ in selection.claims)
