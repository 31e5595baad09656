r"""LaTeX as :mod:`symnorm.printing` writes it, as MathML: browsers set it by themselves, without a network or a script.

In comes one formula, out comes one ``<math>`` element, safe to put on a page: every character of the formula that is
shown has gone through ``escape``. This is no reader of LaTeX at large; what the printer does not write is refused.
Called by the site.
"""

from __future__ import annotations

import re
from html import escape

from symnorm.errors import Unsupported

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)

_LOWER = "alpha beta gamma delta zeta eta theta iota kappa mu nu xi pi rho sigma tau phi chi psi omega varepsilon"
_UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
GREEK = {
    **dict(zip(_LOWER.split(), "αβγδζηθικμνξπρστϕχψωε", strict=True)),
    **dict(zip(_UPPER.split(), "ΓΔΘΛΞΠΣΦΨΩ", strict=True)),
    **{"lambda": "λ", "ell": "ℓ", "partial": "∂", "infty": "∞"},
}
OPERATORS = {"cdot": "⋅", "leftarrow": "←", "ge": "≥", "le": "≤", "ne": "≠", "sum": "∑", "prod": "∏", "pm": "±"}
WORDS = ("exp", "log", "max", "min", "arg", "det")
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
LIMITS = ("sum", "prod", "max", "min")
STYLES = {"mathrm": "normal", "operatorname": "normal", "mathbf": "bold", "mathit": "italic", "text": "normal"}
WORD_COMMANDS = ("\\mathrm", "\\operatorname", "\\mathit")
OPENING = ("", *"+-=<>,(|")
CLOSING = tuple("+-=<>,()|")
DIFFERENTIAL = '<mi mathvariant="normal">d</mi>'  # stands close to what comes next: dx, not d x
SPACE = '<mspace width="0.17em"></mspace>'
ESCAPED = ("_", "%", "#", "&", "$", "{", "}", " ", ",")
SIGNS = {"-": "−", "'": "′", "*": "∗"}


def mathml(formula: str, block: bool = True) -> str:
    r"""A formula as a ``<math>`` element.

    Raises:
        Unsupported: something in the formula that the printer does not write.

    Example:
        >>> print(mathml(r"\frac{a}{b}", block=False))
        <math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>
    """
    display = ' display="block"' if block else ""
    return f"<math{display}>{_Reader(formula).formula()}</math>"


def _apart(left: str, right: str) -> bool:
    """Whether factors need a space between them: words would run into what is beside them."""
    return (left in WORD_COMMANDS and right not in CLOSING) or (right in WORD_COMMANDS and left not in OPENING)


class _Reader:
    """Reads tokens from left to right; each method takes what it is named after and returns MathML."""

    def __init__(self, formula: str) -> None:
        self.formula_text = formula
        self.tokens = _TOKEN.findall(formula)
        self.at = 0

    def formula(self) -> str:
        found = self.items(end=())
        if self.at < len(self.tokens):
            raise self.refused(self.tokens[self.at])
        return found

    def items(self, end: tuple[str, ...]) -> str:
        """What stands before one of the ends, side by side."""
        found: list[str] = []
        before = ""
        while (token := self.peek()) is not None and token not in end:
            shown = self.scripted()
            if _apart(before, token):
                found.append(SPACE)
            found.append(shown)
            before = "" if shown == DIFFERENTIAL else token
        return found[0] if len(found) == 1 else "".join(found)

    def scripted(self) -> str:
        """One thing with its primes, what is below and what is above."""
        base_token = self.peek() or ""
        base = self.one()
        below, above, primes = "", "", ""
        while self.peek() in ("_", "^", "'"):
            sign = self.take()
            if sign == "'":
                primes += SIGNS[sign]
            elif sign == "_":
                below = self.argument()
            else:
                above = self.argument()
        if primes:
            above = f"<mrow><mo>{primes}</mo>{above}</mrow>" if above else f"<mo>{primes}</mo>"
        limits = base_token[1:] in LIMITS and base_token.startswith("\\")
        word = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
        if below and above:
            return f"<{word[2]}>{base}{below}{above}</{word[2]}>"
        if below:
            return f"<{word[0]}>{base}{below}</{word[0]}>"
        return f"<{word[1]}>{base}{above}</{word[1]}>" if above else base

    def one(self) -> str:
        """One letter, number, sign, group or command."""
        token = self.take()
        if token == "{":
            return self.rest_of_group()
        if token.startswith("\\"):
            return self.command(token[1:])
        if token[0].isdigit():
            return f"<mn>{escape(token)}</mn>"
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        if token in "+-=<>,()[]|/;:!*":
            fixed = ' stretchy="false"' if token in "()[]|" else ""
            return f"<mo{fixed}>{escape(SIGNS.get(token, token))}</mo>"
        raise self.refused(token)

    def command(self, name: str) -> str:
        """What a command stands for, with its arguments."""
        if name in GREEK:
            return f"<mi>{GREEK[name]}</mi>"
        if name in OPERATORS:
            wide = ' movablelimits="false"' if name in LIMITS else ""
            return f"<mo{wide}>{OPERATORS[name]}</mo>"
        if name in WORDS:
            return f'<mi mathvariant="normal">{name}</mi>'
        if name in STYLES:
            return self.word(name)
        if name in ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo stretchy="false">{ACCENTS[name]}</mo></mover>'
        if name == "frac":
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if name == "left":
            opening = self.delimiter()
            inner = self.items(end=("\\right",))
            self.take()
            return f"<mrow>{opening}{inner}{self.delimiter()}</mrow>"
        if name == "quad":
            return '<mspace width="1em"></mspace>'
        if name in ESCAPED:
            return f"<mtext>{escape(name)}</mtext>" if name not in " ," else '<mspace width="0.2em"></mspace>'
        raise self.refused(f"\\{name}")

    def word(self, style: str) -> str:
        """The letters between braces as one name."""
        if self.take() != "{":
            raise self.refused(f"\\{style} without braces")
        letters = ""
        while (token := self.take(spaces=True)) != "}":
            if token.startswith("\\"):
                if token[1:] not in ESCAPED:
                    raise self.refused(token)
                token = token[1:]
            letters += token
        if style == "text":
            return f"<mtext>{escape(letters)}</mtext>"
        shown = "𝟏" if style == "mathbf" and letters == "1" else escape(letters)
        return f'<mi mathvariant="{STYLES[style]}">{shown}</mi>'

    def delimiter(self) -> str:
        """A bracket that grows with what it holds."""
        token = self.take()
        if token == ".":
            return ""
        if token not in "()[]|":
            raise self.refused(token)
        form = "prefix" if token in "([" else "postfix" if token in ")]" else ""
        kept = f' form="{form}"' if form else ""
        return f'<mo stretchy="true" symmetric="true"{kept}>{token}</mo>'

    def argument(self) -> str:
        """A group, or the one thing that stands where a group could."""
        return self.one()

    def rest_of_group(self) -> str:
        inner = self.items(end=("}",))
        self.take()
        return f"<mrow>{inner}</mrow>" if inner.count("<") != 2 else inner

    def peek(self) -> str | None:
        """The next token that is no space."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, spaces: bool = False) -> str:
        token = self.tokens[self.at] if spaces and self.at < len(self.tokens) else self.peek()
        if token is None:
            raise self.refused("the end")
        self.at += 1
        return token

    def refused(self, token: str) -> Unsupported:
        return Unsupported(f"{token!r} is not written by the printer of formulas: {self.formula_text[:200]}")
