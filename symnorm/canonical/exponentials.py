"""Exponentials: ``exp(a + b) = exp(a) exp(b)``, ``exp(-2a) = exp(a)^-2``: each piece of a sum has its own head.

A piece is a term of the argument without its number; terms that differ in signs only, such as ``(x - |x|)/2``, stay
together. Of ``exp(a/2)`` and ``exp(a/3)`` the finer one is the head and the other its power, by a rule; with
``exp(a/6)`` both are. Every step holds for all real arguments. Called by :mod:`.resolve`.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from symnorm.canonical.naming import Namer
from symnorm.canonical.rules import atom_rule
from symnorm.canonical.terms import Head, Monomial, Poly, constant, scale


class Exponentials:
    """Names exponentials."""

    def __init__(self, namer: Namer) -> None:
        self.namer = namer
        self.context = namer.context
        self._divisors: dict[Head, int] = {}  # by the head of the whole piece: of what part of it all are powers

    def value(self, argument: Poly) -> Poly:
        """The exponential of an argument in slots."""
        pieces: dict[Monomial, Poly] = {}
        for monomial, coefficient in argument.items():
            pieces.setdefault(_without_signs(monomial), {})[monomial] = coefficient
        result = constant(1)
        for piece in pieces.values():
            lead = min(piece, key=lambda monomial: len(monomial - _without_signs(monomial)))
            times = Fraction(piece[lead])
            whole = scale(piece, 1 / times)
            result = self.context.times(result, self._power(whole, times))
        return result

    def _power(self, whole: Poly, times: Fraction) -> Poly:
        """``exp(whole)^times``, as whole powers of the finest part that has been met."""
        base = self._head(whole)
        divisor = self._divisors.get(base, 1)
        if divisor % times.denominator:
            divisor, coarser = lcm(divisor, times.denominator), {1, divisor}
            argument = base.keys[0] if base.keys else constant(1)
            part = self._named(scale(argument, Fraction(1, divisor)))
            for old in coarser:
                head = self._head(scale(argument, Fraction(1, old)))
                value = self.context.power(part, divisor // old)
                self.namer.rewriter.add(atom_rule(self.context, head, value, "a power of an exponential"))
            self._divisors[base] = divisor
        return self.context.power(self._named(scale(whole, Fraction(1, divisor))), int(times * divisor))

    def _head(self, argument: Poly) -> Head:
        ((component, _),) = next(iter(self._named(argument)))
        return component.head

    def _named(self, argument: Poly) -> Poly:
        if argument == constant(1):
            head = self.context.head("number", "E", 0)
            value = self.context.atom(head)
        else:
            value = self.namer.keyed("opaque", "exp", argument)
            ((component, _),) = next(iter(value))
            head = component.head
        head.nonnegative = head.nonzero = True
        return value


def _without_signs(monomial: Monomial) -> Monomial:
    return frozenset((c, e) for c, e in monomial if not (c.is_atom and c.head.kind == "sign"))
