"""Reads LaTeX as mathematics: the value of a formula at each of its indices, exactly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from symnorm.printing.latex_names import letter
from symnorm.tensors import Axis
from tests.printing.meaning import FUNCTIONS, SIZES, VALUES, indices, outcome

TOKEN = re.compile(r"\\left|\\right|\\operatorname\{\w+\}|\\[a-z]+|[a-z]'*|\d+|\S")


class Reader:
    """LaTeX as a mathematician reads it: a sum's body is the rest of its product, a letter belongs to one sum."""

    def __init__(self, source: str, letters: Mapping[str, int]) -> None:
        self.tokens = TOKEN.findall(source)
        self.at = 0
        self.letters = dict(letters)

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        for token in expected:
            assert self.next == token, f"{token} expected before {' '.join(self.tokens[self.at :])}"
            self.at += 1
        self.at += not expected
        return self.tokens[self.at - 1]

    def whole(self) -> Fraction:
        found = self.sum()
        assert not self.next, f"cannot read {self.tokens[self.at :]}"
        return found

    def sum(self) -> Fraction:
        minus = self.next == "-" and self.take()
        found = -self.product() if minus else self.product()
        while self.next in ("+", "-"):
            sign = self.take()
            found = found + self.product() if sign == "+" else found - self.product()
        return found

    def product(self) -> Fraction:
        found = Fraction(1)
        while True:
            found *= self.series() if self.next == r"\sum" else self.power()
            if self.next == r"\cdot":
                self.take()
            elif self.next in ("", "+", "-", "}", ",", r"\right"):
                return found

    def series(self) -> Fraction:
        self.take(r"\sum", "_", "{")
        index = self.take()
        assert index not in self.letters, f"{index} is in use around this sum"
        self.take("=", "1", "}", "^", "{")
        bound = self.take()
        self.take("}")
        start, found = self.at, Fraction(0)
        for value in range(SIZES[bound]):
            self.at, self.letters[index] = start, value
            found += self.product()
        del self.letters[index]
        return found

    def power(self) -> Fraction:
        base = self.primary()
        if self.next != "^":
            return base
        self.take()
        exponent = self.braced()
        assert self.next != "^", "two powers in a row"
        return base**exponent

    def braced(self) -> Fraction:
        self.take("{")
        found = self.sum()
        self.take("}")
        return found

    def fenced(self, opening: str, closing: str) -> list[Fraction]:
        self.take(r"\left", opening)
        found = [self.sum()]
        while self.next == ",":
            self.take()
            found.append(self.sum())
        self.take(r"\right", closing)
        return found

    def primary(self) -> Fraction:
        if self.next == r"\left":
            bars = self.tokens[self.at + 1] == "|"
            return abs(self.fenced("|", "|")[0]) if bars else self.fenced("(", ")")[0]
        token = self.take()
        if token.isdigit():
            return Fraction(token)
        if token == r"\frac":
            above = self.braced()
            return above / self.braced()
        if token == r"\sqrt":
            return Fraction(FUNCTIONS["sqrt"](self.braced()))
        name = {r"\max": "maximum", r"\min": "minimum"}.get(token, re.sub(r"\\operatorname|\W", "", token))
        if name in FUNCTIONS:
            return Fraction(FUNCTIONS[name](*self.fenced("(", ")")))
        if token in SIZES:
            return Fraction(SIZES[token])
        places = []
        if self.next == "_":
            self.take("_", "{")
            while self.next != "}":
                assert self.next in self.letters, f"{self.next} stands outside its sum"
                places.append(self.letters[self.take()])
            self.take("}")
        return VALUES[token][tuple(places)]


def read(source: str, over: tuple[Axis, ...]) -> list[Fraction] | str:
    return outcome(lambda: [Reader(source, {letter(axis): at[axis] for axis in over}).whole() for at in indices(over)])
