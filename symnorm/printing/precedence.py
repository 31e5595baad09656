"""How tightly a piece of printed formula holds together, and when it needs parentheses. Every printer is built on this.

A :class:`Piece` is text with a level. An infix operation says in one line which levels its operands must have; a lower
one is fenced. Two tables: :data:`BOOK` leaves out what exact arithmetic does not need (``a*b*c``, ``a + b - c``),
:data:`PROGRAM` keeps the order of evaluation, since an array program pays for it in time and in rounding.
Only the level of a text counts, never how it looks, with one exception: a leading minus stands first or is fenced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sympy as sp

from symnorm.tensors import Tensor

ADD, DIV, MUL, NEG, POW, ATOM = range(6)


class Piece(NamedTuple):
    """Printed text, the level of its outermost operation, and whether it ends in a sum sign's body.

    What follows an ``open`` piece in a product would be read as part of that body.
    """

    text: str
    level: int = ATOM
    open: bool = False

    @property
    def signed(self) -> bool:
        """Whether it begins with a minus."""
        return self.text.startswith("-")


@dataclass(frozen=True)
class Infix:
    """An infix operation: its sign, its own level, and the least level of an unfenced left and right operand."""

    sign: str
    level: int
    left: int
    right: int


BOOK: dict[str, Infix] = {
    "add": Infix(" + ", ADD, ADD, ADD),
    "sub": Infix(" - ", ADD, ADD, DIV),
    "mul": Infix("*", MUL, DIV, MUL),
    "div": Infix("/", DIV, DIV, NEG),
    "neg": Infix("-", NEG, ATOM, DIV),
    "pow": Infix("**", POW, ATOM, ATOM),
}
"""Fewest parentheses. ``a*(b/c)`` keeps its own: ``x*1/2`` reads badly. Division and minus never regroup."""

PROGRAM: dict[str, Infix] = {
    **BOOK,
    "add": Infix(" + ", ADD, ADD, DIV),
    "mul": Infix("*", MUL, DIV, NEG),
}
"""What a Python parser evaluates in the order of the graph. ``-(a*b)`` is ``-a*b``, the same number in floats too."""

Fence = Callable[[str], str]


def parentheses(inner: str) -> str:
    """The fence of plain text and programs."""
    return f"({inner})"


def infix(table: Mapping[str, Infix], op: str, left: Piece, right: Piece, fence: Fence = parentheses) -> Piece:
    """Two operands joined, each fenced where the table asks for it; ``a + (-b)`` is written ``a - b``.

    Example:
        >>> infix(BOOK, "sub", Piece("a"), Piece("b + c", ADD)).text
        'a - (b + c)'
    """
    rule = table[op]
    swallows = left.open and op not in ("add", "sub")
    first = fence(left.text) if left.level < rule.left or swallows else left.text
    if right.level < rule.right:
        return Piece(f"{first}{rule.sign}{fence(right.text)}", rule.level)
    if right.signed and op == "add":
        return Piece(f"{first} - {right.text[1:]}", rule.level, right.open)
    if right.signed:
        return Piece(f"{first}{rule.sign}{fence(right.text)}", rule.level)
    return Piece(f"{first}{rule.sign}{right.text}", rule.level, right.open)


def negated(table: Mapping[str, Infix], arg: Piece, fence: Fence = parentheses) -> Piece:
    """Minus a piece.

    Example:
        >>> negated(BOOK, Piece("a*b", MUL)).text, negated(BOOK, Piece("-a", NEG)).text
        ('-a*b', '-(-a)')
    """
    rule = table["neg"]
    if arg.level < rule.right or arg.signed:
        return Piece(f"-{fence(arg.text)}", rule.level)
    return Piece(f"-{arg.text}", min(arg.level, rule.level), arg.open)


def constant(value: sp.Expr, text: str) -> Piece:
    """The piece of a constant that SymPy's printer, or one like it, has written as ``text``."""
    if isinstance(value, sp.Integer):
        return Piece(text, NEG if value < 0 else ATOM)
    if isinstance(value, sp.Symbol | sp.Function):
        return Piece(text)
    if isinstance(value, sp.Mul | sp.Rational | sp.Pow):
        if "/" in text or value.is_Rational:
            return Piece(text, DIV)
        return Piece(text, MUL if value.is_Mul else POW)
    return Piece(text, ADD)


class OperatorPrinter:
    """Arithmetic by an infix table and functions by name; a subclass says what every other operation prints as."""

    infixes: Mapping[str, Infix]
    calls: Mapping[str, str]

    def __init__(self) -> None:
        self._pieces: dict[int, Piece] = {}

    def piece(self, node: Tensor) -> Piece:
        """The node printed, each shared node once."""
        if id(node) not in self._pieces:
            self._pieces[id(node)] = self.name(node) or self.operation(node)
        return self._pieces[id(node)]

    def operation(self, node: Tensor) -> Piece:
        """The node written out, even where it has a name."""
        if node.op == "neg":
            return negated(self.infixes, self.piece(node.args[0]))
        if node.op in self.infixes:
            return infix(self.infixes, node.op, self.piece(node.args[0]), self.piece(node.args[1]))
        if node.op in self.calls:
            return Piece(f"{self.calls[node.op]}({', '.join(self.piece(arg).text for arg in node.args)})")
        return self.other(node)

    def name(self, node: Tensor) -> Piece | None:
        """The name that stands for the node, if one does."""
        raise NotImplementedError

    def other(self, node: Tensor) -> Piece:
        """An operation that is neither infix nor a function of its arguments alone."""
        raise NotImplementedError
