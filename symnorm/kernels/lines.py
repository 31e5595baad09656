"""Lines of generated text: wrapped to a width, listed in words, quoted so that they cannot end a docstring."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120


def wrap(line: str, first: str = "", later: str | None = None) -> list[str]:
    """Words on lines of at most 120 characters; a single word longer than that stays whole.

    Example:
        >>> wrap("y = x", "    # ")
        ['    # y = x']
    """
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if later is None else later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def assigned(name: str, code: str, indent: str = "    ") -> list[str]:
    """An assignment, in parentheses on several lines where it is too long for one.

    Example:
        >>> assigned("y", "x + 1")
        ['    y = x + 1']
    """
    if len(whole := f"{indent}{name} = {code}") <= WIDTH:
        return [whole]
    return [f"{indent}{name} = (", *wrap(code, indent + "    "), f"{indent})"]


def called(head: str, arguments: Sequence[str], tail: str, indent: str = "") -> list[str]:
    """A call or the head of a function: on one line, or its arguments on one, or each on one.

    Example:
        >>> called("f(", ["x", "y"], ")")
        ['f(x, y)']
    """
    if len(whole := f"{indent}{head}{', '.join(arguments)}{tail}") <= WIDTH:
        return [whole]
    if len(inner := f"{indent}    {', '.join(arguments)}") <= WIDTH:
        return [f"{indent}{head}", inner, f"{indent}{tail}"]
    return [f"{indent}{head}", *(f"{indent}    {argument}," for argument in arguments), f"{indent}{tail}"]


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words in a sentence.

    Example:
        >>> listed(["N", "C", "K"]), listed(["N"])
        ('N, C and K', 'N')
    """
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end


def quoted(words: str) -> str:
    """Words that stay words inside a docstring.

    Example:
        >>> print(quoted('a \\\\ and a triple \"\"\" quote'))
        a \\\\ and a triple ''' quote
    """
    return " ".join(words.replace("\\", "\\\\").replace('"', "'").split())


def quote(word: str) -> str:
    """A name as a string of Python.

    Example:
        >>> quote("N")
        '"N"'
    """
    return f'"{word}"'


def quotes(words: Sequence[str]) -> str:
    """Names as strings of Python, one after the other.

    Example:
        >>> quotes(["N", "C"])
        '"N", "C"'
    """
    return ", ".join(map(quote, words))


def tuple_of(words: Sequence[str]) -> str:
    """A tuple of words as Python.

    Example:
        >>> tuple_of(["1"]), tuple_of(["1", "2"])
        ('(1,)', '(1, 2)')
    """
    return f"({words[0]},)" if len(words) == 1 else f"({', '.join(words)})"


def sentence(words: str) -> str:
    """Words with a capital letter and a full stop.

    Example:
        >>> sentence("of x, C is left")
        'Of x, C is left.'
    """
    return f"{words[0].upper()}{words[1:]}."


def dimensions(found: object) -> str:
    """Dimensions as a tuple, each once."""
    numbers = sorted(set(found))  # type: ignore[call-overload]
    return tuple_of([str(at) for at in numbers]) if numbers else "()"
