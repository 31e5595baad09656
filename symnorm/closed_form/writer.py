"""From a normal form back to a tensor that reads like a book's formula.

What comes in is a polynomial of a :class:`~symnorm.canonical.Solver`; what goes out is a :class:`Tensor`. A sum divided
by its axis's size becomes a mean, the factors that all terms share are taken out in front, factors and terms are put in
the order that the literature writes them in. Nothing here has to be trusted: whoever asks for the form proves it equal
to what it was made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any

import sympy as sp

from symnorm.canonical.context import Context
from symnorm.canonical.powers import sized
from symnorm.canonical.terms import Atom, Component, Head, Poly, add, as_term
from symnorm.errors import Unsupported
from symnorm.tensors import Axis, Tensor, absolute, as_tensor, delta, exp, log, mean, scalar, sign, sqrt, total

COTANGENT, PARAMETER, GRADIENT, QUANTITY = range(4)

LAST = 99

NUMBERS = {"pi": sp.pi, "E": sp.E}

SHARED_BY = 3
"""Common factors are taken out in front of at least this many terms; two terms read better as they are."""


Key = Component | tuple[Any, ...]
"""A factor of a term: a component, ``("mean", component)``, or the difference of two such, ``("less", one, other)``."""


Rank = tuple[int, int, int, str]


@dataclass(frozen=True)
class Vocabulary:
    """What the heads of a polynomial are called.

    Attributes:
        tensors: every tensor that may occur, by name, over its declared axes.
        roles: by name, where it stands in a product; see the constants of this module.
        axes: the free axes of the result.
    """

    tensors: Mapping[str, Tensor]
    roles: Mapping[str, int] = field(default_factory=dict)
    axes: tuple[Axis, ...] = ()


@dataclass(frozen=True)
class _Factor:
    """A tensor to a power, and its place in a product."""

    tensor: Tensor
    exponent: int
    rank: Rank


@dataclass(frozen=True)
class _Term:
    number: Fraction
    factors: dict[Key, int]


class Writer:
    """Writes polynomials of one context."""

    def __init__(self, context: Context, vocabulary: Vocabulary) -> None:
        self.context = context
        self.vocabulary = vocabulary
        self.axis_of = {context.token(axis.index): axis for axis in vocabulary.axes}
        self._entries: dict[tuple[Head, tuple[Axis, ...]], Tensor] = {}

    def write(self, poly: Poly) -> Tensor:
        """The polynomial as a tensor.

        Raises:
            Unsupported: a component that has no short form.
        """
        if not poly:
            return as_tensor(0)
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
        return _multiplied(number, self._factors(factors))

    def _product_with(self, number: Fraction, shared: Mapping[Key, int], body: Tensor) -> Tensor:
        front = self._factors(shared)
        if number != 1 or any(f.exponent > 0 for f in front):
            return _multiplied(number, front) * body
        return _divided(body, front)

    def _factors(self, factors: Mapping[Key, int]) -> list[_Factor]:
        atoms = [(key, e) for key, e in factors.items() if isinstance(key, Component) and key.is_atom]
        others = [self._factor(key, exponent) for key, exponent in factors.items() if not _is_atom(key)]
        places = {i: self._free_axis(i) for key, _ in atoms for i in key.atoms[0][1]}
        return self._all_at([(*key.atoms[0][:2], exponent) for key, exponent in atoms], places) + others

    def _factor(self, key: Key, exponent: int) -> _Factor:
        if isinstance(key, tuple) and key[0] == "less":
            first, second = (self._factor(part, 1) for part in key[1:])
            return _Factor(first.tensor - second.tensor, exponent, max(first.rank, second.rank))
        if isinstance(key, tuple):
            value = self._reduced(key[1], averaged=True)
        elif key.is_atom:
            head, slots, _ = key.atoms[0]
            axes = tuple(self._free_axis(i) for i in slots)
            return self._entry_power(head, axes, exponent)
        else:
            value = self._reduced(key, averaged=False)
        return _Factor(value, exponent, (LAST, 0, 0, repr(value)))  # what is summed follows what is not

    def _entry_power(self, head: Head, axes: tuple[Axis, ...], exponent: int) -> _Factor:
        rank = self._rank(head, len(set(axes)))
        if head.kind == "root" and exponent % 2 == 0:
            return _Factor(self._argument(head, axes), exponent // 2, rank)
        if head.kind == "reciprocal":
            return _Factor(self._argument(head, axes), -exponent, rank)
        if head.kind == "power":
            return self._symbolic_power(head, axes, exponent, rank)
        return _Factor(self._entry(head, axes), exponent, rank)

    def _symbolic_power(self, head: Head, axes: tuple[Axis, ...], times: int, rank: Rank) -> _Factor:
        """``(b^p)^2`` as it is, that of a root as ``b^p`` of what it is the root of."""
        exponent, inner = self._exponent(head), self._atom_in(head.keys[0], axes)
        if inner is not None and inner[0].kind == "root" and times % 2 == 0:
            return _Factor(self._argument(*inner) ** exponent, times // 2, rank)
        return _Factor(self._size(head, axes) ** exponent, times, rank)

    def _exponent(self, head: Head) -> Tensor:
        return self._product(Fraction(1), dict(self.context.exponents[head.name]))

    @staticmethod
    def _atom_in(key: Poly, axes: tuple[Axis, ...]) -> tuple[Head, tuple[Axis, ...]] | None:
        """The atom that a key is, with axes in its places."""
        term = as_term(key)
        if term is None or term[1] != 1 or [e for _, e in term[0]] != [1]:
            return None
        ((component, _),) = term[0]
        head, slots, _ = component.atoms[0]
        return (head, tuple(axes[-1 - i] for i in slots)) if component.is_atom else None

    def _size(self, head: Head, axes: tuple[Axis, ...]) -> Tensor:
        """The base of a power, ``sgn(g) g`` as |g|."""
        absolute_of = sized(self.context, head.keys[0])
        if absolute_of is None:
            return self._argument(head, axes)
        return absolute(self._written(absolute_of, axes))

    def _rank(self, head: Head, count: int) -> Rank:
        names = list(self.vocabulary.tensors)
        place = names.index(head.name) if head.kind == "tensor" and head.name in names else len(names)
        role = self.vocabulary.roles.get(head.name, QUANTITY) if head.kind == "tensor" else QUANTITY
        return (count, role, place, head.name)

    def _free_axis(self, token: int) -> Axis:
        if token not in self.axis_of:
            raise Unsupported(f"no axis is known for the index {self.context.token_names.get(token, token)}")
        return self.axis_of[token]

    def _reduced(self, component: Component, averaged: bool) -> Tensor:
        """A component as a reduction: every bound index gets an axis that nothing else in it uses."""
        places = {i: self._free_axis(i) for _, slots, _ in component.atoms for i in slots if i < 0}
        nested = self._nested(component, places, averaged)
        if nested is not None:
            return nested
        bound: dict[int, Axis] = {}
        for vertex, colour in enumerate(component.colours):
            bound[vertex] = self._axis(component, vertex, colour, {*places.values(), *bound.values()})
        inside = _multiplied(Fraction(1), self._all_at(component.atoms, {**places, **bound}))
        return (mean if averaged else total)(inside, over=tuple(bound.values()))

    def _nested(self, component: Component, places: Mapping[int, Axis], averaged: bool) -> Tensor | None:
        """``sum[N](dy*sum[C](u))``: indices over an axis that is wanted twice are summed further in, each by itself.

        ``None`` where nothing has to be nested, or where one of the inner sums would hold two indices of one axis.
        """
        reduce_over = mean if averaged else total
        natural = {v: self._axis(component, v, colour, set()) for v, colour in enumerate(component.colours)}
        taken = Counter([*natural.values(), *set(places.values())])
        outside = {v: axis for v, axis in natural.items() if taken[axis] == 1}
        known, factors, left = {**places, **outside}, list[_Factor](), list(component.atoms)
        if not outside or len(outside) == len(natural):
            return None
        for cluster in _clusters(component, set(natural) - set(outside)):
            mine = [atom for atom in left if not cluster.isdisjoint(atom[1])]
            over = [natural[v] for v in sorted(cluster)]
            around = {i for _, slots, _ in mine for i in slots} - cluster
            if len(set(over)) < len(over) or any(known[i] in over for i in around):
                return None
            axes = known | {v: natural[v] for v in cluster}
            value = reduce_over(_multiplied(Fraction(1), self._all_at(mine, axes)), over=over)
            factors.append(_Factor(value, 1, (LAST, 0, 0, repr(value))))
            left = [atom for atom in left if atom not in mine]
        factors += self._all_at(left, known)
        return reduce_over(_multiplied(Fraction(1), factors), over=tuple(outside.values()))

    def _all_at(self, atoms: Iterable[Atom], axes: Mapping[int, Axis]) -> list[_Factor]:
        """The atoms' factors; ``|g|^p/g`` as ``|g|^(p - 1) sgn(g)``, which has a value at 0 too."""
        left, found = [(head, tuple(axes[i] for i in slots), e) for head, slots, e in atoms], list[_Factor]()
        for power in [entry for entry in left if entry[0].kind == "power" and entry[2] == 1]:
            base = sized(self.context, power[0].keys[0])
            inner = self._atom_in(base, power[1]) if base is not None else None
            below = next((entry for entry in left if inner is not None and entry == (*inner, -1)), None)
            if inner is not None and below is not None:
                left = [entry for entry in left if entry is not power and entry is not below]
                lower = self._exponent(power[0]) - 1
                rank = self._rank(inner[0], len(set(power[1])))
                found.append(_Factor(self._size(power[0], power[1]) ** lower, 1, rank))
                found.append(_Factor(sign(self._entry(*inner)), 1, rank))
        return [self._entry_power(*entry) for entry in left] + found

    def _axis(self, component: Component, vertex: int, colour: str, taken: set[Axis]) -> Axis:
        size, copies = None, list[Axis]()
        for head, slots, _ in component.atoms:
            declared = self.vocabulary.tensors.get(head.name) if head.kind == "tensor" else None
            for position, index in enumerate(slots):
                if index == vertex and declared is not None:
                    axis = declared.axes[position]
                    size = axis.size
                    copies += [other for other in declared.axes if other.size == size]
                    if axis not in taken:
                        return axis
        for axis in copies:
            if axis not in taken:
                return axis
        if size is None:
            size = sp.Symbol(colour, integer=True, positive=True)
        name = str(size)
        while True:
            axis = Axis(name) if Axis(name).size == size else Axis(name, size)
            if axis not in taken:
                return axis
            name += "'"

    # atoms --------------------------------------------------------------------------------------------------------

    def _entry(self, head: Head, axes: tuple[Axis, ...]) -> Tensor:
        found = self._entries.get((head, axes))
        if found is None:
            found = self._entries[head, axes] = self._named_entry(head, axes)
        return found

    def _named_entry(self, head: Head, axes: tuple[Axis, ...]) -> Tensor:
        if head.kind == "tensor":
            declared = self.vocabulary.tensors.get(head.name)
            if declared is None:
                if axes:
                    raise Unsupported(f"nothing is known about the tensor {head.name}")
                return _scalar_or_size(head)
            return _placed(declared, axes)
        if head.kind == "delta":
            return delta(*axes)
        if head.kind == "number":
            return as_tensor(NUMBERS[head.name])
        inner = self._argument(head, axes)
        if head.kind == "root":
            return sqrt(inner)
        if head.kind == "reciprocal":
            return 1 / inner
        if head.kind == "sign":
            return sign(inner)
        if head.kind == "opaque":
            if head.name not in ("exp", "log"):
                raise Unsupported(f"no short form for {head.name}")
            return {"exp": exp, "log": log}[head.name](inner)
        if head.kind == "absolute":
            return absolute(inner)
        raise Unsupported(f"no short form for {head.kind} {head.name}")

    def _argument(self, head: Head, axes: tuple[Axis, ...]) -> Tensor:
        return self._written(head.keys[0], axes, f"{head.kind} {head.name}")

    def _written(self, key: Poly, axes: tuple[Axis, ...], called: str = "a power") -> Tensor:
        if len(set(axes)) != len(axes):
            raise Unsupported(f"the diagonal of {called}")
        tokens = {self.context.slot(i): self.context.token(axis.index) for i, axis in enumerate(axes)}
        writer = Writer(self.context, Vocabulary(self.vocabulary.tensors, self.vocabulary.roles, axes))
        return writer.write(self.context.renamed(key, tokens))


def _clusters(component: Component, vertices: set[int]) -> list[set[int]]:
    """The vertices in parts that no atom connects."""
    found: list[set[int]] = []
    for vertex in sorted(vertices):
        touched = {vertex}.union(*(vertices.intersection(slots) for _, slots, _ in component.atoms if vertex in slots))
        found = [part for part in found if part.isdisjoint(touched)] + [
            touched.union(*(part for part in found if not part.isdisjoint(touched)))
        ]
    return found


def _scalar_or_size(head: Head) -> Tensor:
    symbol = sp.Symbol(head.name, integer=True, positive=True)
    if head.name[:1].isupper():
        return as_tensor(symbol)
    return scalar(head.name)


def _placed(declared: Tensor, axes: tuple[Axis, ...]) -> Tensor:
    if len(set(axes)) != len(axes):
        raise Unsupported(f"the diagonal of {declared!r}")
    renaming = {old: new for old, new in zip(declared.axes, axes, strict=True) if old != new}
    return declared.rename(renaming) if renaming else declared


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


def _multiplied(number: Fraction, factors: list[_Factor]) -> Tensor:
    """``2*gamma/sqrt(v)*x``: in order of rank, a divisor as soon as all factors of no more axes stand before it."""
    above = sorted((f for f in factors if f.exponent > 0), key=lambda f: f.rank)
    below = sorted((f for f in factors if f.exponent < 0), key=lambda f: f.rank)
    value: Tensor | None = None if number.numerator == 1 and above else as_tensor(number.numerator)
    for factor in above:
        while value is not None and below and below[0].rank[0] < factor.rank[0]:
            value = _divided(value, [below.pop(0)])
        power = factor.tensor if factor.exponent == 1 else factor.tensor**factor.exponent
        value = power if value is None else value * power
    assert value is not None
    value = _divided(value, below)
    return value if number.denominator == 1 else value / number.denominator


def _divided(value: Tensor, below: list[_Factor]) -> Tensor:
    if not below:
        return value
    powers = [f.tensor if f.exponent == -1 else f.tensor ** (-f.exponent) for f in below]
    return value / reduce(mul, powers)
