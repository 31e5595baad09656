"""From a normal form back to a tensor that reads like a book's formula.

What comes in is a polynomial of a :class:`~symnorm.canonical.Solver`; what goes out is a :class:`Tensor`. A sum divided
by its axis's size becomes a mean, the factors that all terms share are taken out in front, factors and terms are put in
the order that the literature writes them in. Nothing here has to be trusted: whoever asks for the form proves it equal
to what it was made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symnorm.canonical.terms import Component, Poly, add
from symnorm.closed_form.atoms import Vocabulary
from symnorm.closed_form.products import LAST, Factor, Rank, divided, multiplied
from symnorm.closed_form.reductions import Reductions
from symnorm.errors import Unsupported
from symnorm.tensors import Axis, Tensor, as_tensor

MOST_TERMS = 64
"""A formula of more terms explains nothing, and takes long to put in order."""

SHARED_BY = 3
"""Common factors are taken out in front of at least this many terms; two terms read better as they are."""


Key = Component | tuple[Any, ...]
"""A factor of a term: a component, ``("mean", component)``, or the difference of two such, ``("less", one, other)``."""


@dataclass(frozen=True)
class _Term:
    number: Fraction
    factors: dict[Key, int]


class Writer(Reductions):
    """Writes polynomials of one context."""

    def over(self, axes: tuple[Axis, ...]) -> Writer:
        """The same with other free axes, for arguments."""
        return Writer(self.context, Vocabulary(self.vocabulary.tensors, self.vocabulary.roles, axes))

    def write(self, poly: Poly) -> Tensor:
        """The polynomial as a tensor.

        Raises:
            Unsupported: a component that has no short form, or more terms than anybody reads.
        """
        if not poly:
            return as_tensor(0)
        if len(poly) > MOST_TERMS:
            raise Unsupported(f"a formula of {len(poly)} terms; at most {MOST_TERMS} are written")
        written_out = self._without_squared_roots(poly)
        poly = written_out if len(written_out) < len(poly) else poly
        terms = [self._term(monomial, coefficient) for monomial, coefficient in poly.items()]
        shared = self._shared(terms)
        if len(terms) < SHARED_BY and not _alike(terms, shared):
            shared = {}
        front = _content(terms) if shared else Fraction(1)
        if shared and min(terms, key=self._term_rank).number < 0:
            front = -front
        inner = [_Term(term.number / front, _without(term.factors, shared)) for term in terms]
        inner = self._differences(inner) if len(inner) >= SHARED_BY else inner
        inner.sort(key=self._term_rank)
        if not shared:
            inner.sort(key=lambda term: term.number < 0)  # a formula does not begin with a minus if it need not
        body = self._signed(inner[0])
        for term in inner[1:]:
            value = self._product(abs(term.number), term.factors)
            body = body - value if term.number < 0 else body + value
        if not shared:
            return body
        result = self._product_with(abs(front), shared, body)
        return -result if front < 0 else result

    def _differences(self, terms: list[_Term]) -> list[_Term]:
        """Two terms that are the same but for one factor and the sign become one: ``v*(x - mu)``."""
        terms = sorted(terms, key=self._term_rank)
        for i, first in enumerate(terms):
            for second in terms[i + 1 :]:
                common = self._shared([first, second])
                left, right = _without(first.factors, common), _without(second.factors, common)
                alone = [*left.values()] == [*right.values()] == [1]
                if common and alone and first.number == -second.number:
                    factors: dict[Key, int] = {**common, ("less", *left, *right): 1}
                    rest = [term for term in terms if term is not first and term is not second]
                    return self._differences([*rest, _Term(first.number, factors)])
        return terms

    def _without_squared_roots(self, poly: Poly) -> Poly:
        """``s^2`` as what it is the square of, where that makes the formula shorter: ``a^2 s^2 + ...``."""
        result: Poly = {}
        for monomial, coefficient in poly.items():
            term: Poly = {frozenset((c, e) for c, e in monomial if not _is_square(c, e)): coefficient}
            for component, exponent in monomial:
                if _is_square(component, exponent):
                    head, slots, _ = component.atoms[0]
                    places = {self.context.slot(i): index for i, index in enumerate(slots)}
                    radicand = self.context.renamed(head.keys[0], places)
                    term = self.context.times(term, self.context.power(radicand, exponent // 2))
            result = add(result, term)
        return result

    # terms --------------------------------------------------------------------------------------------------------

    def _term(self, monomial: frozenset[tuple[Component, int]], coefficient: int | Fraction) -> _Term:
        """Sums that are divided by their axes' sizes become means."""
        factors: dict[Key, int] = dict(monomial)
        for component, exponent in monomial:
            if component.is_atom or exponent < 0:
                continue
            sizes = self._sizes(component)
            for _ in range(exponent):
                if sizes is None or not all(factors.get(size, 0) <= -sizes.count(size) for size in sizes):
                    break
                for size in sizes:
                    factors[size] += 1
                factors[component] -= 1
                key = ("mean", component)
                factors[key] = factors.get(key, 0) + 1
        return _Term(Fraction(coefficient), {k: e for k, e in factors.items() if e})

    def _sizes(self, component: Component) -> list[Component] | None:
        """What a mean in place of the component's sum divides by; ``None`` if a size is more than a product."""
        polys = [self.context.sizes[colour] for colour in component.colours]
        if any(list(poly.values()) != [1] for poly in polys):
            return None
        return [size for poly in polys for monomial in poly for size, exponent in monomial for _ in range(exponent)]

    @staticmethod
    def _shared(terms: list[_Term]) -> dict[Key, int]:
        found = {}
        for key in terms[0].factors:
            exponents = [term.factors.get(key, 0) for term in terms]
            if all(e > 0 for e in exponents):
                found[key] = min(exponents)
            elif all(e < 0 for e in exponents):
                found[key] = max(exponents)
        return found

    def _term_rank(self, term: _Term) -> Rank:
        """Plain terms before sums, short before long, most indices first: the bare cotangent leads."""
        sums = sum(abs(e) for k, e in term.factors.items() if not _is_atom(k))
        product = self._product(Fraction(1), term.factors)
        return (sums, sum(abs(e) for e in term.factors.values()), -len(product.axes), repr(product))

    def _signed(self, term: _Term) -> Tensor:
        value = self._product(abs(term.number), term.factors)
        return -value if term.number < 0 else value

    # products -----------------------------------------------------------------------------------------------------

    def _product(self, number: Fraction, factors: Mapping[Key, int]) -> Tensor:
        return multiplied(number, self._factors(factors))

    def _product_with(self, number: Fraction, shared: Mapping[Key, int], body: Tensor) -> Tensor:
        front = self._factors(shared)
        if number != 1 or any(f.exponent > 0 for f in front):
            return multiplied(number, front) * body
        return divided(body, front)

    def _factors(self, factors: Mapping[Key, int]) -> list[Factor]:
        atoms = [(key, e) for key, e in factors.items() if isinstance(key, Component) and key.is_atom]
        others = [self._factor(key, exponent) for key, exponent in factors.items() if not _is_atom(key)]
        places = {i: self._free_axis(i) for key, _ in atoms for i in key.atoms[0][1]}
        return self._all_at([(*key.atoms[0][:2], exponent) for key, exponent in atoms], places) + others

    def _factor(self, key: Key, exponent: int) -> Factor:
        if isinstance(key, tuple) and key[0] == "less":
            first, second = (self._factor(part, 1) for part in key[1:])
            return Factor(first.tensor - second.tensor, exponent, max(first.rank, second.rank))
        if isinstance(key, tuple):
            value = self._reduced(key[1], averaged=True)
        elif key.is_atom:
            head, slots, _ = key.atoms[0]
            axes = tuple(self._free_axis(i) for i in slots)
            return self._entry_power(head, axes, exponent)
        else:
            value = self._reduced(key, averaged=False)
        return Factor(value, exponent, (LAST, 0, 0, repr(value)))  # what is summed follows what is not


def _alike(terms: list[_Term], shared: Mapping[Key, int]) -> bool:
    """Whether a few terms share a divisor or a whole quotient such as ``gamma/s``, to the same powers."""
    enough = len(shared) > 1 or any(exponent < 0 for exponent in shared.values())
    return len(terms) > 1 and enough and all(t.factors[key] == e for t in terms for key, e in shared.items())


def _is_square(component: Component, exponent: int) -> bool:
    return component.is_atom and component.head.kind == "root" and exponent > 0 and exponent % 2 == 0


def _is_atom(key: Key) -> bool:
    return isinstance(key, Component) and key.is_atom


def _content(terms: list[_Term]) -> Fraction:
    """The number that all terms have but for its sign, or 1."""
    numbers = {abs(term.number) for term in terms}
    return numbers.pop() if len(numbers) == 1 else Fraction(1)


def _without(factors: Mapping[Key, int], shared: Mapping[Key, int]) -> dict[Key, int]:
    left = {key: exponent - shared.get(key, 0) for key, exponent in factors.items()}
    return {key: exponent for key, exponent in left.items() if exponent}
