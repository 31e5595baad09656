"""What a normal form means at a point: the slow, obvious evaluator of polynomials over components.

A normal form is a claim about values. It is checked by giving every component its meaning (a sum over all values of its
bound indices of the product of its atoms) and comparing with the interpreter of the expression that was read. Roots,
signs and reciprocals mean what their keys say, so a wrong rewriting step shows as a wrong number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import product

import sympy as sp

from symnorm.canonical.context import Context
from symnorm.canonical.terms import Component, Head, Poly
from symnorm.evaluate import Model, Number, numbers, sign_of


class Imaginary(Exception):
    """An odd power of the root of something negative: what stands beside it is zero there."""


def max_of(values: Iterable[Number]) -> Number:
    """The largest of exact numbers or enclosures."""
    return reduce(numbers.maximum, values)


class Meaning:
    """Values of the polynomials of one context at one point."""

    def __init__(self, context: Context, model: Model) -> None:
        self.context = context
        self.model = model
        self._atoms: dict[tuple[int, tuple[int, ...], int], Number] = {}

    def at(self, poly: Poly, indices: Mapping[sp.Symbol, int]) -> Number:
        """The value where the free indices are as given."""
        return self.value(poly, {self.context.token(symbol): place for symbol, place in indices.items()})

    def value(self, poly: Poly, places: Mapping[int, int]) -> Number:
        """The value where the free tokens are as given; a position is its own number."""
        result: Number = 0
        for monomial, coefficient in poly.items():
            term: Number = coefficient
            for component, exponent in monomial:
                if component.is_atom:
                    head, slots, _ = component.atoms[0]
                    term = term * self.atom(head, tuple(self.place(i, places) for i in slots), exponent)
                else:
                    term = term * numbers.power(self.component(component, places), exponent)
            result = result + term
        return result

    def place(self, token: int, places: Mapping[int, int]) -> int:
        return places[token] if token in places else int(self.context.token_names[token])

    def component(self, component: Component, places: Mapping[int, int]) -> Number:
        extents = [range(1, self.size(colour) + 1) for colour in component.colours]
        result: Number = 0
        for bound in product(*extents):
            term: Number = 1
            for head, slots, exponent in component.atoms:
                at = tuple(bound[i] if i >= 0 else self.place(i, places) for i in slots)
                term = term * self.atom(head, at, exponent)
            result = result + term
        return result

    def size(self, colour: str) -> int:
        size = self.value(self.context.sizes[colour], {})
        assert isinstance(size, int)
        return size

    def atom(self, head: Head, at: tuple[int, ...], exponent: int) -> Number:
        """An atom's power, remembered."""
        key = (head.number, at, exponent)
        if key not in self._atoms:
            self._atoms[key] = self._atom(head, at, exponent)
        return self._atoms[key]

    def _atom(self, head: Head, at: tuple[int, ...], exponent: int) -> Number:
        if head.kind == "root":
            radicand = self.key(head, at)
            if exponent % 2 and sign_of(radicand) == -1:
                raise Imaginary
            return numbers.power(radicand, Fraction(exponent, 2))
        return numbers.power(self._entry(head, at), exponent)

    def _entry(self, head: Head, at: tuple[int, ...]) -> Number:
        if head.kind == "tensor":
            if at:
                return self.model.tensors[head.name][at]
            sizes = self.model.sizes
            return sizes[head.name] if head.name in sizes else self.model.scalars[head.name]
        if head.kind == "delta":
            return int(at[0] == at[1])
        if head.kind == "sign":
            return numbers.sign(self.key(head, at))
        if head.kind == "reciprocal":
            return numbers.reciprocal(self.key(head, at))
        if head.kind == "opaque":
            return {"exp": numbers.exp, "log": numbers.log, "erf": numbers.erf}[head.name](self.key(head, at))
        if head.kind == "power":
            return numbers.power(self.key(head, at), self.value({self.context.exponents[head.name]: 1}, {}))
        if head.kind == "largest":
            return max_of(self.over(head, at).values())
        if head.kind == "share":
            own = len(head.name.split("|"))
            values = self.over(head, at[own:])
            top = max_of(values.values())
            hits = [place for place, value in values.items() if numbers.sign(top - value) == 0]
            return Fraction(int(at[:own] in hits), len(hits))
        if head.kind in ("cotangent", "curvature"):
            return self.of_loss(head, at)
        raise AssertionError(f"a normal form holds an atom of kind {head.kind}")

    def key(self, head: Head, at: tuple[int, ...]) -> Number:
        return self.value(head.keys[0], {self.context.slot(i): place for i, place in enumerate(at)})

    def over(self, head: Head, others: tuple[int, ...]) -> dict[tuple[int, ...], Number]:
        """The argument of an extremum at all of its own indices, its first slots."""
        extents = [range(1, self.size(colour) + 1) for colour in head.name.split("|")]
        return {own: self.key(head, (*own, *others)) for own in product(*extents)}

    def of_loss(self, head: Head, at: tuple[int, ...]) -> Number:
        """First the places of each derivative, then what else is free in the output."""
        name, _, rank = head.name.rpartition("/")
        own, order = int(rank), 1 if head.kind == "cotangent" else 2
        tuples = [at[i * own : (i + 1) * own] for i in range(order)]
        bound = {self.context.slot(i): place for i, place in enumerate((*tuples[0], *at[order * own :]))}
        return self.model.losses[name].derivative(order, tuples, self.value(head.keys[0], bound))
