"""A slow, obvious evaluator of the propositions that the statement printer writes; it knows nothing of the printer.

``Proposition(text)`` parses one, :meth:`Proposition.sides` gives both sides of every relation that it assumes or
states, at every position, as floats.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

TOKEN = re.compile(r"\s*(/\\|:=|=>|->|<=|>=|<>|%nat|[A-Za-z_][\w']*|\d+|[()+\-*/^<>=:,.])")
STEPS = 3  # what holds at every t = 0, 1, 2, ... is evaluated at so many
RELATIONS = ("=", "<>", "<", "<=", ">", ">=")
Value = Any
World = dict[str, Value]


def dl(i: int, j: int) -> float:
    return 1.0 if i == j else 0.0


def total(size: int, of: Callable[[int], float]) -> float:
    return sum(of(i) for i in range(size))


def sign(x: float) -> float:
    return (x > 0) - (x < 0)


KNOWN: World = {
    "INR": float, "sqrt": math.sqrt, "Rabs": abs, "exp": math.exp, "ln": math.log, "PI": math.pi, "sgn": sign,
    "Rmax": max, "Rmin": min, "Rpower": lambda x, y: x**y, "erf": math.erf,
    "dl": dl, "Sg": total, "O": 0, "S": lambda n: n + 1,
}  # fmt: skip


def slope_of(function: Callable[[float], float], at: float, step: float = 1e-6) -> float:
    """A derivative by four differences."""
    near, far = (function(at + k * step) - function(at - k * step) for k in (1, 2))
    return (8 * near - far) / (12 * step)


class Proposition:
    """A parsed proposition: a function of a world that yields relations."""

    def __init__(self, text: str) -> None:
        body = text.partition(":=")[2]
        self.tokens = TOKEN.findall(body)
        assert "".join(self.tokens) == re.sub(r"\s", "", body), "something in the proposition is no token"
        self.at = 0
        self.run = self.proposition()
        assert self.tokens[self.at :] == ["."]

    def sides(self, world: World) -> Iterator[tuple[float, str, float]]:
        """Both sides of every relation, what is assumed first."""
        return self.run({**KNOWN, **world})

    # parsing: each method reads what it is named after, and gives a function of the world

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead]

    def take(self, *wanted: str) -> str:
        token = self.peek()
        assert not wanted or token in wanted, (token, wanted, self.tokens[self.at - 5 : self.at + 5])
        self.at += 1
        return token

    def proposition(self) -> Callable[[World], Iterator[Any]]:
        if self.peek() == "forall":
            return self.quantified()
        if self.peek() == "let":
            self.take("let")
            name = self.take()
            self.take(":=")
            value = self.expression()
            self.take("in")
            rest = self.proposition()
            return lambda world: rest({**world, name: value(world)})
        first = self.simple()
        if self.peek() == "->":
            self.take("->")
            rest = self.proposition()

            def implies(world: World) -> Iterator[Any]:
                yield from first(world)
                yield from rest(world)

            return implies
        if self.peek() == "/\\":
            self.take("/\\")
            others = self.proposition()
            return lambda world: itertools.chain(first(world), others(world))
        return first

    def simple(self) -> Callable[[World], Iterator[Any]]:
        start = self.at
        if self.peek() == "(":
            try:
                return self.comparison()
            except AssertionError:
                self.at = start
            self.take("(")
            inner = self.proposition()
            self.take(")")
            if self.peek() == "%nat":
                self.take()
            return inner
        return self.comparison()

    def comparison(self) -> Callable[[World], Iterator[Any]]:
        if self.peek() == "derivable_pt_lim":
            self.take()
            function, place, slope = self.atom(), self.atom(), self.atom()
            return lambda world: iter([(slope_of(function(world), place(world)), "=", slope(world))])
        left = self.expression()
        relation = self.take(*RELATIONS)
        right = self.expression()
        if self.peek() == "%nat":
            self.take()
        return lambda world: iter([(left(world), relation, right(world))])

    def quantified(self) -> Callable[[World], Iterator[Any]]:
        """Binders with types are the world's own; positions run below the bounds that follow them."""
        self.take("forall")
        if self.peek() == "(":
            depth = 0
            while self.peek() != "," or depth:
                depth += {"(": 1, ")": -1}.get(self.take(), 0)
            self.take(",")
            return self.proposition()
        names = []
        while self.peek() not in (":", ","):
            names.append(self.take())
        if (self.peek(), self.peek(1), self.peek(2)) != (":", "nat", ","):
            depth = 0  # that a derivative is a function of the entries is no equation of numbers
            while depth >= 0:
                depth += {"(": 1, ")": -1}.get(self.peek(), 0)
                self.at += depth >= 0
            return lambda world: iter([])
        self.take(":")
        self.take("nat")
        self.take(",")
        if names == ["t'"]:
            at_step = self.proposition()
            return lambda world: itertools.chain(*[at_step({**world, "t'": step}) for step in range(STEPS)])
        bounds = []
        for _ in names:
            self.take("(")
            variable = self.take()
            self.take("<")
            bounds.append((variable, self.expression()))
            self.take(")")
            self.take("%nat")
            self.take("->")
        body = self.comparison()

        def everywhere(world: World) -> Iterator[Any]:
            ranges = [range(int(bound(world))) for _, bound in bounds]
            for at in itertools.product(*ranges):
                yield from body({**world, **dict(zip([v for v, _ in bounds], at, strict=True))})

        return everywhere

    def expression(self) -> Callable[[World], Value]:
        if self.peek() == "fun":
            return self.function()
        if self.peek() == "let":
            self.take("let")
            name = self.take()
            self.take(":=")
            bound = self.expression()
            self.take("in")
            rest = self.expression()
            return lambda w: rest({**w, name: bound(w)})
        value = self.term()
        while self.peek() in ("+", "-"):
            operation, left, right = self.take(), value, self.term()
            value = (
                (lambda w, a=left, b=right: a(w) + b(w))
                if operation == "+"
                else (lambda w, a=left, b=right: a(w) - b(w))
            )
        return value

    def function(self) -> Callable[[World], Value]:
        self.take("fun")
        grouped = self.peek() == "("
        if grouped:
            self.take("(")
        names = []
        while self.peek() != ":":
            names.append(self.take())
        self.take(":")
        self.take("nat", "R")
        if grouped:
            self.take(")")
        self.take("=>")
        body = self.expression()

        def applied(w: World, *places: Any) -> Value:
            if len(places) < len(names):  # a function of the places that are left
                return lambda *others: applied(w, *places, *others)
            return body({**w, **dict(zip(names, places, strict=True))})

        return lambda w: lambda *places: applied(w, *places)

    def term(self) -> Callable[[World], Value]:
        value = self.factor()
        while self.peek() in ("*", "/"):
            operation, left, right = self.take(), value, self.factor()
            value = (
                (lambda w, a=left, b=right: a(w) * b(w))
                if operation == "*"
                else (lambda w, a=left, b=right: a(w) / b(w))
            )
        return value

    def factor(self) -> Callable[[World], Value]:
        if self.peek() == "-":
            self.take()
            negated = self.factor()
            return lambda w: -negated(w)
        if self.peek() == "/":
            self.take()
            below = self.factor()
            return lambda w: 1 / below(w)
        base = self.application()
        if self.peek() == "^":
            self.take()
            exponent = self.atom()
            return lambda w: base(w) ** exponent(w)
        return base

    def application(self) -> Callable[[World], Value]:
        head = self.atom()
        arguments = []
        while self.peek() == "(" or (
            re.match(r"[A-Za-z_0-9]", self.peek()) and self.peek() not in ("in", "fun", "let")
        ):
            arguments.append(self.atom())
        return (lambda w: head(w)(*[argument(w) for argument in arguments])) if arguments else head

    def atom(self) -> Callable[[World], Value]:
        token = self.take()
        if token == "(":
            inside = self.expression()
            self.take(")")
            return inside
        assert re.match(r"\w", token), token
        if token.isdigit():
            return lambda w: int(token)
        return lambda w: w[token]
