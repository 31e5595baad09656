"""The grammar, and the one place where lark is called.

``^`` (or ``**``) binds tightest and to the right, then minus signs, ``*`` and ``/``, ``+`` and ``-``, comparisons. Line
ends separate statements, except within parentheses and after an operator. What comes out is lark's tree; nothing of the
text is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from symnorm.language.errors import LanguageError
from symnorm.language.spelling import spelled

Branch = Tree[Any]

GRAMMAR = r"""
document: _NL* item*
?item: declaration | axes_declared | normalizer | claim

axes_declared: _AXES entry ("," entry)* _NL
declaration: _TENSOR declared ("," declared)* _NL
normalizer: _NORMALIZER NAME "(" declared ("," declared)* ")" title _NL (equation | layout)+
title: [STRING] [_FROM STRING]
equation: NAME "=" sum _NL
layout: _LAYOUT STRING _NL
declared: [CONST] NAME [axes] promise* ["=" NUMBER]
promise: REL number | INTEGER | SYMMETRIC
?number: NUMBER | "-" NUMBER -> minus

claim: _CLAIM claim_name [_EXPECT NAME] ":" relations [where] [given] [by] [_FROM STRING] _NL
claim_name: NAME ("." NAME)*
where: _WHERE NAME "=" sum (","  NAME "=" sum)*
given: _GIVEN relations
by: _BY sum ("," sum)*

statement: relations [where] [given] [by] _NL*
expression: sum _NL*
relations: chain (("," | _AND) chain)*
chain: sum (REL sum)*

?sum: product | sum "+" product -> add | sum "-" product -> sub
?product: signed | product "*" signed -> mul | product "/" signed -> div
?signed: power | "-" signed -> neg | "+" signed
?power: postfix | postfix _POWER exponent -> pow
?exponent: power | "-" exponent -> neg | "+" exponent
?postfix: atom
    | postfix "." NAME -> member
    | postfix "." NAME "(" [arguments] ")" -> method
    | postfix brackets -> bracketed
?atom: NUMBER -> number
    | NAME -> name
    | NAME "(" [arguments] ")" -> call
    | NAME brackets "(" [arguments] ")" -> call_over
    | NAME brackets -> indexed
    | "(" sum ")"
arguments: argument ("," argument)*
?argument: sum | NAME "=" sum -> keyword
brackets: "[" entry ("," entry)* "]"
axes: "[" entry ("," entry)* "]"
entry: NAME [":" size] | NAME _ARROW NAME -> arrow
size: factor ("*" factor)*
?factor: NAME -> size_name | NUMBER -> size_number

REL: "==" | "!=" | ">=" | "<=" | ">" | "<"
_POWER: "^" | "**"
_ARROW: "->"
_TENSOR: "tensor"
_AXES: "axes"
_NORMALIZER: "normalizer"
_LAYOUT: "layout"
_CLAIM: "claim"
_EXPECT: "expected"
_WHERE: "where"
_GIVEN: "given"
_BY: "by"
_FROM: "from"
_AND: "and"
CONST: "const"
INTEGER: "integer"
SYMMETRIC: "symmetric"
NAME: /[A-Za-z_][A-Za-z0-9_]*'*/
NUMBER: /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/
STRING: /"[^"\n]*"/
_NL: /\n[ \t]*/
COMMENT: /#[^\n]*/
%ignore COMMENT
%ignore /[ \t]+/
"""

KEYWORDS = frozenset(re.findall(r'^_?[A-Z]+: "([a-z]+)"$', GRAMMAR, re.MULTILINE))

SHOWN = {
    "NAME": "a name", "NUMBER": "a number", "STRING": 'a text in "..."', "_NL": "the end of the line",
    "REL": "one of == != >= > <= <", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "COMMA": ",", "PLUS": "+",
    "MINUS": "-", "STAR": "*", "SLASH": "/", "_POWER": "^", "EQUAL": "=", "COLON": ":", "DOT": ".", "_ARROW": "->",
    "$END": "the end",
}  # fmt: skip
STARTS = ("document", "statement", "expression")


class _Lines:
    """Line ends count only where a statement can end: not within brackets, not after an operator, not twice."""

    always_accept = ("_NL",)
    continuing = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "_POWER", "COMMA", "REL", "EQUAL", "COLON", "_AND"})
    leading = frozenset({"_GIVEN", "_WHERE", "_BY", "_EXPECT", "_FROM"})

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth, before, waiting = 0, "", None
        for token in stream:
            if token.type == "_NL":
                waiting = waiting or token
                continue
            if waiting is not None:
                if depth == 0 and before and before not in self.continuing and token.type not in self.leading:
                    yield waiting
                waiting = None
            if token.type in ("LPAR", "LSQB"):
                depth += 1
            elif token.type in ("RPAR", "RSQB"):
                depth = max(0, depth - 1)
            before = token.type
            yield token
        if before and depth == 0:
            yield waiting or Token("_NL", "\n")


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", start=list(STARTS), postlex=_Lines(), propagate_positions=True,
                maybe_placeholders=True)  # fmt: skip


def tree(text: str, start: str, name: str = "") -> Branch:
    """The syntax tree of a text.

    Args:
        text: what a user wrote.
        start: ``document``, ``statement`` or ``expression``.
        name: of the file, for messages.

    Raises:
        LanguageError: what is wrong with it, and where.

    Example:
        >>> tree("-a^2^b*c == 0", "statement").pretty().split()[:5]
        ['statement', 'relations', 'chain', 'mul', 'neg']
    """
    plain = spelled(text, name)
    try:
        return _parser().parse(plain, start=start)
    except UnexpectedToken as error:
        raise LanguageError(_unexpected(error), plain, *_place(error, plain), name) from None
    except UnexpectedCharacters as error:
        letter = error.char
        raise LanguageError(f"{letter!r} has no meaning here", plain, error.line, error.column, name) from None


def _place(error: UnexpectedToken, text: str) -> tuple[int, int]:
    line, column = error.line, error.column
    if isinstance(line, int) and isinstance(column, int) and line > 0:
        return line, column
    lines = text.rstrip().split("\n")
    return len(lines), len(lines[-1]) + 1


def _unexpected(error: UnexpectedToken) -> str:
    wanted = {SHOWN.get(kind, kind.strip("_").lower()) for kind in error.accepts or error.expected}
    if error.token.type == "EQUAL" and "one of == != >= > <= <" in wanted:
        return "write == for the statement that two sides are equal"
    found = {"_NL": "the line ends here", "$END": "the text ends here"}.get(
        error.token.type, f"{error.token!s} stands here"
    )
    if str(error.token) in KEYWORDS and "a name" in wanted:
        return f"{error.token!s} is a word of the language and cannot be a name"
    if {"+", "*", "^"} <= wanted:  # after a whole operand anything may follow; say the most likely
        wanted -= {"+", "-", "*", "/", "^", ".", "[", "("}
        wanted = {"an operator", *wanted}
    elif {"a name", "a number", "("} <= wanted:
        wanted = {"an expression", *(wanted - {"a name", "a number", "(", "-", "+"})}
    return f"{found}; expected {_choice(sorted(wanted))}"


def _choice(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
