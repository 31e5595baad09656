"""Terms: sums of products of connected components, the data that the normal form is made of.

An *atom* is a head (a tensor, a scalar, a root, an opaque function) with an index in each slot and an integer exponent.
A *component* is a product of atoms held together by bound indices, each bound index standing for a sum over its whole
axis; it is labelled canonically when it is made, so two equal components are one object. A *monomial* is a product of
powers of components, a *polynomial* a dictionary from monomials to rationals: components are the generators of a
polynomial ring, and what has no index is a component of a single atom (and may have a negative exponent).

Indices are small integers: ``>= 0`` a bound index of its component, ``< 0`` a free index. Made by
:class:`~symnorm.canonical.context.Context`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symnorm.errors import SymnormError

Rational = int | Fraction
Atom = tuple["Head", tuple[int, ...], int]
Monomial = frozenset[tuple["Component", int]]
Poly = dict[Monomial, Rational]

ONE: Monomial = frozenset()
SLOTS = 64
TERM_LIMIT = 20_000
"""A normal form with more terms than this is given up: the question stays undecided."""


class TooLarge(SymnormError):
    """An expression outgrew a limit; the question that asked for it stays undecided."""


class Undefined(SymnormError):
    """Something is divided by an expression that vanishes identically."""


class Head:
    """What an atom is an entry of. Equal heads are one object within a context."""

    __slots__ = (
        "arity",
        "keys",
        "kind",
        "least",
        "name",
        "nonnegative",
        "nonpositive",
        "nonzero",
        "number",
        "square",
        "symmetries",
    )

    def __init__(self, number: int, kind: str, name: str, arity: int, keys: tuple[Any, ...] = ()) -> None:
        self.number = number
        self.kind = kind  # tensor, delta, root, sign, opaque, reciprocal, power
        self.name = name
        self.arity = arity
        self.keys = keys  # the arguments, as polynomials in slot indices
        self.nonnegative = False
        self.nonzero = False
        self.nonpositive = False
        self.least: int | None = None  # for a size: its lower bound
        self.square: Poly | None = None  # for a root without a pivot: what its square is
        self.symmetries: tuple[tuple[int, ...], ...] = ()

    @property
    def positive(self) -> bool:
        """Known to be positive wherever it is defined."""
        return self.nonnegative and self.nonzero

    def __repr__(self) -> str:
        return f"{self.name}#{self.number}"


class Component:
    """A connected product of atoms, its bound indices numbered canonically. Equal components are one object."""

    __slots__ = ("atoms", "colours", "free", "number")

    def __init__(self, number: int, colours: tuple[str, ...], atoms: tuple[Atom, ...]) -> None:
        self.number = number
        self.colours = colours
        self.atoms = atoms
        self.free = frozenset(i for _, slots, _ in atoms for i in slots if i < 0)

    def __hash__(self) -> int:
        return self.number  # not the address: an answer may not depend on where an object happens to lie

    @property
    def is_atom(self) -> bool:
        """One atom without bound indices: a generator that may be divided by."""
        return not self.colours

    @property
    def head(self) -> Head:
        """The first atom's head; the only one of an atom."""
        return self.atoms[0][0]

    def __repr__(self) -> str:
        body = "*".join(f"{h.name}{list(s)}" + (f"^{e}" if e != 1 else "") for h, s, e in self.atoms)
        return f"sum[{','.join(self.colours)}]({body})" if self.colours else body


def constant(value: Rational) -> Poly:
    """A number as a polynomial."""
    return {ONE: value} if value else {}


def add(*polys: Poly) -> Poly:
    """Sum."""
    result = dict(polys[0])
    for poly in polys[1:]:
        for monomial, coefficient in poly.items():
            total = result.get(monomial, 0) + coefficient
            if total:
                result[monomial] = total
            else:
                del result[monomial]
    return result


def scale(poly: Poly, factor: Rational) -> Poly:
    """A number times a polynomial."""
    return {m: c * factor for m, c in poly.items()} if factor else {}


def monomial_times(a: Monomial, b: Monomial) -> Monomial:
    """Product of monomials, exponents added."""
    if not a:
        return b
    if not b:
        return a
    merged = dict(a)
    for component, exponent in b:
        total = merged.get(component, 0) + exponent
        if total:
            merged[component] = total
        else:
            del merged[component]
    return frozenset(merged.items())


def monomial_power(a: Monomial, exponent: int) -> Monomial:
    """Power of a monomial."""
    return frozenset((component, e * exponent) for component, e in a) if exponent else ONE


def as_term(poly: Poly) -> tuple[Monomial, Rational] | None:
    """The only term of a polynomial, if it has just one."""
    return next(iter(poly.items())) if len(poly) == 1 else None


def free_tokens(poly: Poly) -> frozenset[int]:
    """The free indices of a polynomial."""
    found: set[int] = set()
    for monomial in poly:
        for component, _ in monomial:
            found |= component.free
    return frozenset(found)
