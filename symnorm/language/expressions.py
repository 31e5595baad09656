"""Expressions without calls: numbers, names, axes, operators; a syntax tree read as a tensor.

:class:`symnorm.language.meaning.Meaning` adds the calls. Everything that a tensor or an axis refuses comes out as a
:class:`LanguageError` at the place in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp
from lark import Token, Tree

from symnorm import tensors
from symnorm.errors import NameUnknown, SymnormError
from symnorm.language.errors import LanguageError
from symnorm.language.grammar import Branch
from symnorm.language.names import CONSTANTS, FUNCTIONS, Names
from symnorm.tensors import Axis, Tensor, as_tensor
from symnorm.tensors.tensor import binary

LARGEST_EXPONENT, LONGEST_NUMBER = 100, 40
FOLDED = ("neg", "add", "sub", "mul", "div", "pow")


class Expressions:
    """Reads expressions of one text.

    Args:
        text: the text in plain letters, for messages.
        names: the table of names; reading an expression adds the tensors that it declares.
        source: the file's name, for messages.
    """

    def __init__(self, text: str, names: Names, source: str = "") -> None:
        self.text, self.names, self.source = text, names, source

    # trees --------------------------------------------------------------------------------------------------------

    def error(self, at: Branch | Token, problem: str) -> LanguageError:
        """An error at a place of the text."""
        place = at if isinstance(at, Token) else at.meta
        line, column = getattr(place, "line", None) or 1, getattr(place, "column", None) or 1
        return LanguageError(problem, self.text, line, column, self.source)

    def read(self, tree: Branch) -> Tensor:
        """The tensor that an expression means."""
        try:
            return self._read(tree)
        except LanguageError:
            raise
        except SymnormError as error:
            raise self.error(tree, str(error)) from error

    def _read(self, tree: Branch) -> Tensor:
        rule: Callable[[Branch], Tensor] = getattr(self, f"_{tree.data}")
        return rule(tree)

    def declare_all(self, *trees: Branch) -> None:
        """Take the declarations ``A[N, K]`` out of expressions, whatever the order in which they stand."""
        for tree in trees:
            for part in under(tree):
                if part.data == "indexed" and not has_arrows(part.children[1]):
                    self.declare(part, str(part.children[0]), self.axes_of(part.children[1]))
                elif part.data == "call_over":
                    for entry in part.children[1].children:
                        if entry.data == "entry" and entry.children[1] is not None:
                            self.axis(entry)

    def declare(self, at: Branch, name: str, axes: tuple[Axis, ...], **promises: bool) -> Tensor:
        """A tensor by name; declaring it a second time over the same axes changes nothing."""
        known = self.names.values.get(name)
        if known is not None:
            if known.axes != axes:
                raise self.error(at, f"{name} has the axes {_bracket(known.axes)}, not {_bracket(axes)}")
            return known
        if name in self.names.axes:
            raise self.error(at, f"{name} is an axis and cannot be a tensor too")
        made = tensors.tensor(name, *axes, **promises)
        self.names.values[name] = made
        return made

    # axes ---------------------------------------------------------------------------------------------------------

    def axes_of(self, brackets: Branch) -> tuple[Axis, ...]:
        """The axes within brackets."""
        found = tuple(self.axis(entry) for entry in brackets.children)
        if len(set(found)) != len(found):
            raise self.error(brackets, "an axis stands here twice; a second one of the same size is written M:N")
        return found

    def axis(self, entry: Branch) -> Axis:
        """An axis by name; ``M:N`` is one called M of the size of N, ``C:3`` one of size 3."""
        if entry.data == "arrow":
            raise self.error(entry, "an axis is expected here, not a renaming")
        name, size = str(entry.children[0]), entry.children[1]
        known = self.names.axes.get(name)
        extent = None if size is None else self._size(size)
        try:
            made = Axis(name, extent)
        except SymnormError as error:
            raise self.error(entry, str(error)) from None
        if name in self.names.values:
            raise self.error(entry, f"{name} is a tensor or a number and cannot be an axis too")
        if known is not None and size is not None and known != made:
            raise self.error(entry, f"the axis {name} has the size {known.size}, not {made.size}")
        return self.names.axes.setdefault(name, made)

    def _size(self, tree: Branch) -> sp.Expr:
        size = sp.Integer(1)
        for part in tree.children:
            text = str(part.children[0])
            if part.data == "size_number":
                size *= sp.Integer(self._whole(part, text, 10**9))
            elif text in self.names.axes:
                size *= self.names.axes[text].size
            else:
                size *= Axis(text).size
        return size

    def _whole(self, at: Branch, text: str, most: int) -> int:
        if not text.isdigit() or len(text) > LONGEST_NUMBER or not 1 <= int(text) <= most:
            raise self.error(at, f"a whole number from 1 to {most} is expected, not {text[:LONGEST_NUMBER]}")
        return int(text)

    def _over(self, tree: Branch, name: str) -> tuple[Axis, ...]:
        if tree.data == "call_over":
            return self.axes_of(tree.children[1])
        if self.names.averaged:
            return self.names.averaged
        raise self.error(tree, f"{name} needs the axes that it runs over, as in {name}[N](...)")

    # numbers, names, operators ------------------------------------------------------------------------------------

    def _number(self, tree: Branch) -> Tensor:
        return as_tensor(self.fraction(tree.children[0]))

    def fraction(self, token: Branch | Token) -> Fraction:
        """A number as an exact fraction, perhaps with a minus: 0.1 is one tenth."""
        if isinstance(token, Tree):
            return -self.fraction(token.children[0])
        text = str(token).lower()
        exponent = text.partition("e")[2]
        if len(text) > LONGEST_NUMBER or (exponent and abs(int(exponent)) > LARGEST_EXPONENT):
            raise self.error(token, f"a number has at most {LONGEST_NUMBER} digits and e{LARGEST_EXPONENT}")
        return Fraction(text)

    def _name(self, tree: Branch) -> Tensor:
        name = str(tree.children[0])
        if name in self.names.values:
            return self.names.values[name]
        if name in self.names.axes:
            return as_tensor(self.names.axes[name])
        if name in CONSTANTS:
            return as_tensor(CONSTANTS[name])
        if name in self.names.normalizers:
            raise self.error(tree, f"{name} is a normalizer; its output is {name}(...), its x_hat {name}.x_hat")
        if name in FUNCTIONS:
            raise self.error(tree, f"{name} is a function; write {name}(...)")
        if not self.names.scalars:
            problem = str(NameUnknown("input or earlier equation", name, (*self.names.values, *self.names.axes)))
            raise self.error(tree, problem)
        power = name.rstrip("0123456789")
        if power != name and power in self.names.values and name not in self.names.values:
            raise self.error(tree, f"nothing is called {name}; a power is written {power}^{name[len(power) :]}")
        made = tensors.scalar(name)
        self.names.values[name] = made
        return made

    def _neg(self, tree: Branch) -> Tensor:
        return -self._read(tree.children[0])

    def _add(self, tree: Branch) -> Tensor:
        return self._chain(tree, ("add", "sub"), as_tensor(0))

    _sub = _add

    def _mul(self, tree: Branch) -> Tensor:
        return self._chain(tree, ("mul", "div"), as_tensor(1))

    _div = _mul

    def _chain(self, tree: Branch, kinds: tuple[str, str], nothing: Tensor) -> Tensor:
        """A run of operators of one rank, from the left; a long one halved, so that the graph stays shallow."""
        parts: list[tuple[str, Branch]] = []
        while isinstance(tree, Tree) and tree.data in kinds:
            parts.append((str(tree.data), tree.children[1]))
            tree = tree.children[0]
        parts.append((kinds[0], tree))
        parts.reverse()
        read = [(kind, self.read(part)) for kind, part in parts]
        return _combined(read, kinds, nothing)

    def _pow(self, tree: Branch) -> Tensor:
        base, exponent = self.read(tree.children[0]), self.read(tree.children[-1])
        if exponent.axes:
            raise self.error(tree.children[-1], f"an exponent has no axes; this one has {_bracket(exponent.axes)}")
        value = rational(exponent)
        if value is not None:
            if max(abs(value.numerator), value.denominator) > LARGEST_EXPONENT:
                raise self.error(tree.children[-1], f"an exponent is at most {LARGEST_EXPONENT}, not {value}")
            return tensors.sqrt(base) if value == Fraction(1, 2) else base ** as_tensor(value)
        return base**exponent


def is_kind(tree: Any, kind: str) -> bool:
    """Whether a tree is of a kind."""
    return isinstance(tree, Tree) and tree.data == kind


def has_arrows(brackets: Branch) -> bool:
    """Whether brackets hold a renaming ``N->M``."""
    return any(entry.data == "arrow" for entry in brackets.children)


def under(tree: Branch) -> Iterator[Branch]:
    """The tree and everything below it."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(child for child in reversed(node.children) if isinstance(child, Tree))


def _bracket(axes: Sequence[Axis]) -> str:
    return f"[{', '.join(map(str, axes))}]"


def rational(value: Tensor) -> Fraction | None:
    """The number that an expression of small numbers is."""
    if value.op == "const":
        return Fraction(int(value.data.p), int(value.data.q)) if value.data.is_Rational else None
    parts = [rational(arg) for arg in value.args] if value.op in FOLDED else [None]
    numbers = [part for part in parts if part is not None]
    if len(numbers) != len(parts):
        return None
    match value.op:
        case "neg":
            return -numbers[0]
        case "add":
            return numbers[0] + numbers[1]
        case "sub":
            return numbers[0] - numbers[1]
        case "mul":
            return numbers[0] * numbers[1]
        case "div":
            return numbers[0] / numbers[1] if numbers[1] else None
    base, exponent = numbers
    small = exponent.denominator == 1 and 0 <= exponent <= LARGEST_EXPONENT and abs(base) <= LARGEST_EXPONENT
    return base**exponent.numerator if small else None


def _combined(parts: list[tuple[str, Tensor]], kinds: tuple[str, str], nothing: Tensor) -> Tensor:
    if len(parts) > 16:
        half = len(parts) // 2
        left, right = _combined(parts[:half], kinds, nothing), parts[half:]
        flipped = right[0][0] == kinds[1]
        if flipped:  # a - (b - c + d) has the signs of what follows turned round
            right = [(kinds[0] if kind == kinds[1] else kinds[1], value) for kind, value in right]
        joined = _combined(right, kinds, nothing)
        return binary(kinds[flipped], left, joined)
    found = nothing
    for place, (kind, value) in enumerate(parts):
        found = value if place == 0 and kind == kinds[0] else binary(kind, found, value)
    return found
