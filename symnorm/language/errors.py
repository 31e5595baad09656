"""What is wrong with a text, and where: line, column, the line itself with a caret under the place."""

from __future__ import annotations

from symnorm.errors import SymnormError


class LanguageError(SymnormError):
    """A text that is not in the language, or that means nothing.

    Attributes:
        problem: what is wrong, in one sentence.
        line: counted from 1.
        column: counted from 1.
    """

    def __init__(self, problem: str, text: str, line: int, column: int, name: str = "") -> None:
        self.problem, self.line, self.column = problem, line, column
        lines = text.split("\n")
        shown = lines[line - 1].rstrip() if 0 < line <= len(lines) else ""
        start = max(0, min(column - 1, len(shown)) - 60)
        window = shown[start : start + 100]
        where = f"{name or 'text'}, line {line}, column {column}"
        self.excerpt = f"  {window}\n  {' ' * (min(column - 1, len(shown)) - start)}^"
        super().__init__(f"{where}: {problem}\n{self.excerpt}")
