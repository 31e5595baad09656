"""Text as it was typed, made plain: Unicode letters and signs by their ASCII spelling; length and depth capped.

``γ`` is gamma, ``x̂`` is x_hat, ``σ²`` (a name) is sigma2, ``≥`` is >=. Columns of messages count in the plain text, so
the excerpt that they show is the plain text too.
"""

from __future__ import annotations

import re
import unicodedata

from symnorm.language.errors import LanguageError

LONGEST, DEEPEST = 60_000, 60
"""Characters of a text; brackets, powers and minus signs within one another."""

SIGNS = {
    "≥": ">=", "≤": "<=", "≠": "!=", "·": "*", "×": "*", "∗": "*", "⋅": "*", "−": "-", "–": "-", "→": "->", "÷": "/",
    "√": "sqrt", "\t": " ", "\r": "", "\u00a0": " ", "∑": "sum", "“": '"', "”": '"',
}  # fmt: skip
MARKS = {"\u0302": "_hat", "\u0303": "_tilde", "\u0304": "_bar", "\u0305": "_bar", "\u0307": "_dot", "\u2032": "'"}
ACCENTS = {0x0302: "_hat", 0x0303: "_tilde", 0x0304: "_bar", 0x0305: "_bar", 0x0307: "_dot"}


def _greek(letter: str) -> str | None:
    """The name of a Greek letter.

    Example:
        >>> _greek("γ"), _greek("Σ"), _greek("µ"), _greek("ϵ"), _greek("q")
        ('gamma', 'Sigma', 'mu', 'eps', None)
    """
    name = unicodedata.name(letter, "")
    found = re.match(r"GREEK (?:(SMALL|CAPITAL) LETTER|(LUNATE) EPSILON SYMBOL)(?: FINAL)? ?(\w*)$", name)
    if letter == "µ":
        return "mu"
    if letter in "ϵε":
        return "eps"
    if not found:
        return {"ϑ": "theta", "ϕ": "phi", "ϱ": "rho", "ϖ": "pi"}.get(letter)
    word = found.group(3).lower()  # Unicode and SymPy both write lamda, and lambda is a word of Python
    return word if found.group(1) == "SMALL" else word.capitalize()


def _letter(letter: str) -> str | None:
    if letter in ACCENTS.values() or letter.isascii():
        return letter
    if ord(letter) in ACCENTS:
        return ACCENTS[ord(letter)]
    if letter in SIGNS:
        return SIGNS[letter]
    if letter in MARKS:
        return MARKS[letter]
    greek = _greek(letter)
    if greek is not None:
        return greek
    try:
        digit = unicodedata.digit(letter)
    except ValueError:
        return None
    return f"_{digit}" if "SUBSCRIPT" in unicodedata.name(letter, "") else str(digit)


def spelled(text: str, name: str = "") -> str:
    """The text in plain letters.

    Raises:
        LanguageError: a letter without a spelling, a text that is too long or too deeply nested.

    Example:
        >>> spelled("x̂ = (x − μ)/√(σ² + ε)  ≥ 0")
        'x_hat = (x - mu)/sqrt(sigma2 + eps)  >= 0'
        >>> spelled("γx")
        'gamma_x'
    """
    if len(text) > LONGEST:
        raise LanguageError(f"the text has {len(text)} characters; at most {LONGEST} are read", "", 1, 1, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = text.replace("\t", " ") if text.isascii() else _plain(text, name)
    for place, letter in enumerate(plain):
        if not letter.isprintable() and letter != "\n":
            raise LanguageError(f"a control character (code {ord(letter)})", plain, *_line(plain, place), name)
    _check_depth(plain, name)
    return plain


def _plain(text: str, name: str) -> str:
    made: list[str] = []
    was_word = False
    text = "".join(letter if letter in SIGNS else unicodedata.normalize("NFD", letter) for letter in text)
    for place, letter in enumerate(text):
        found = _letter(letter)
        if found is None:
            problem = f"the letter {letter!r} ({unicodedata.name(letter, 'unnamed')}) has no spelling in names"
            raise LanguageError(problem, text, *_line(text, place), name)
        is_word = not letter.isascii() and found[:1].isalpha() and letter not in SIGNS
        glued = made and made[-1][-1:].isalnum()
        if glued and ((is_word and found[0] != "_") or (was_word and letter.isalpha() and letter.isascii())):
            made.append("_")
        if found:
            made.append(found)
        was_word = is_word
    return "".join(made)


def _line(text: str, place: int) -> tuple[int, int]:
    before = text[:place]
    return before.count("\n") + 1, place - (before.rfind("\n") + 1) + 1


def _check_depth(text: str, name: str) -> None:
    """Brackets within brackets, and signs, powers or members in a row: what makes a reader of the tree recurse."""
    outer: list[int] = []
    run, operand = 0, False
    for found in re.finditer(r"\*\*|[A-Za-z0-9_']+|[^ ]", text):
        part = found.group()
        word = part[0].isalnum() or part[0] in "_'"
        if part in "([":
            run += operand
            outer.append(run)
            run = 0
        elif part in ")]":
            run = outer.pop() if outer else 0
        elif part in ("^", "**", ".") or (part in "+-" and not operand):
            run += 1
        elif not word:
            run = 0
        operand = word or part in ")]"
        if len(outer) + run > DEEPEST:
            raise LanguageError(f"nested more than {DEEPEST} deep", text, *_line(text, found.start()), name)
