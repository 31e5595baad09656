"""Powers with a symbolic exponent: opaque heads, their base made canonical.

The reader writes ``b^(2p + 1)`` as ``(b^p)^2 b``, so an exponent here is one product of scalars, such as p or 1/p. Out
of a base come the factors that may: ``(c b)^p = c^p b^p`` for c > 0, and for c >= 0 where what stays is not negative
either; ``(g^2)^p = (|g|^p)^2``; a pair ``sgn(g) g``, which is |g|; an inner power, ``(c^q)^p = c^(q p)`` for c >= 0; a
sum that is not negative, as the square of its root. Nothing leaves a base of unknown sign, so ``(-1 -1)^p`` never
becomes ``(-1)^p (-1)^p``. Where a base is 0 all this holds as ``0^p = 0`` does for p > 0; of other exponents a
statement's conditions keep bases away from 0. Called by :mod:`.resolve`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from symnorm.canonical.content import split
from symnorm.canonical.context import Context
from symnorm.canonical.naming import Namer
from symnorm.canonical.terms import Component, Head, Monomial, Poly, Rational, as_term, constant, monomial_times, scale
from symnorm.canonical.visible import UNKNOWN, Sign

TRIED_UP_TO = 10_000
"""Larger prime factors of a number stay together."""


@dataclass(frozen=True)
class _Factor:
    """``size^times`` in a base, the size not negative; the base's generators that it is made of."""

    size: Poly
    times: int
    pairs: Monomial
    is_unit: bool


class Powers:
    """Names powers with a symbolic exponent."""

    def __init__(self, namer: Namer, sign_of: Callable[[Component], Poly]) -> None:
        self.namer = namer
        self.context = namer.context
        self.sign_of = sign_of

    def power(self, head: Head, argument: Poly, seen: Sign = UNKNOWN) -> Poly:
        """The power that a head's name says of a base in slots, whose sign was seen before it was multiplied out."""
        return self._power(argument, self.context.exponents[head.name], seen)

    def _power(self, base: Poly, exponent: Monomial, seen: Sign = UNKNOWN) -> Poly:
        if not exponent:
            return base
        if not base:
            return {} if all(c.head.positive for c, _ in exponent) else self._named(base, exponent)
        number, monomial, primitive = split(base)
        found = [factor for factor in (self._factor(c, e, monomial) for c, e in monomial) if factor is not None]
        units = [factor for factor in found if factor.is_unit]
        rest = self._without(number, monomial, primitive, found)
        seen = (
            seen if len(units) == len(found) else UNKNOWN
        )  # at a zero of what comes out, what stays may have any sign
        inner = constant(1) if rest == constant(1) else self._rest(rest, exponent, seen)
        if inner is None and len(units) < len(found):  # where one that may be 0 is, what stays might be negative
            found, rest = units, self._without(number, monomial, primitive, units)
        value = self.context.times(
            self._of_number(Fraction(number), exponent), inner if inner is not None else self._named(rest, exponent)
        )
        for factor in found:
            raised = self.context.power(self._one(factor.size, exponent), abs(factor.times))
            value = self.context.times(value, raised if factor.times > 0 else self.namer.reciprocal(raised))
        return value

    def _without(self, number: Rational, monomial: Monomial, primitive: Poly, taken: list[_Factor]) -> Poly:
        """What of a base stays when its positive number and some of its factors are taken out."""
        gone = frozenset(pair for factor in taken for pair in factor.pairs)
        return self.context.times({monomial - gone: 1 if number > 0 else -1}, primitive)

    def _factor(self, component: Component, exponent: int, monomial: Monomial) -> _Factor | None:
        """A factor that may come out as the power of its size, and what of the monomial goes with it."""
        if (component.is_atom and component.head.kind in ("sign", "delta")) or self.namer.signs.formal(component):
            return None
        own: tuple[Component, int] = (component, exponent)
        alone: Poly = {frozenset([(component, 1)]): 1}
        is_unit = component.is_atom and component.head.nonzero
        if self.namer.signs.nonnegative(component):
            return _Factor(alone, exponent, frozenset([own]), is_unit)
        sign = as_term(self.sign_of(component))
        if sign is None or sign[1] != 1 or len(sign[0]) != 1:
            return None
        size = self.context.times(alone, {sign[0]: 1})
        if exponent % 2 == 0:
            return _Factor(size, exponent, frozenset([own]), is_unit)
        return _Factor(size, exponent, sign[0] | {own}, is_unit) if sign[0] <= monomial else None

    def _one(self, size: Poly, exponent: Monomial) -> Poly:
        """The power of one factor that is not negative."""
        ((monomial, _),) = size.items()
        if len(monomial) == 1:
            ((component, _),) = monomial
            head, slots, _ = component.atoms[0]
            if component.is_atom and head.kind == "power" and self.namer.signs.visibly_nonnegative(head.keys[0]):
                inner = self.context.renamed(head.keys[0], {self.context.slot(i): s for i, s in enumerate(slots)})
                return self._power(inner, monomial_times(self.context.exponents[head.name], exponent))
            if not component.is_atom:
                return self.context.power(self._named(self.namer.named_root(size, genuine=True), exponent), 2)
        return self._named(size, exponent)

    def _rest(self, rest: Poly, exponent: Monomial, seen: Sign) -> Poly | None:
        """The power of what no factor can be taken out of, if it is known not to be negative."""
        number, monomial, primitive = split(rest)
        if monomial:
            absolute = self.namer.signs.visibly_nonnegative(rest)
            return self._named(rest, exponent) if absolute else None
        if (number > 0 and self.namer.signs.visibly_nonnegative(primitive)) or seen.nonnegative:
            signed = scale(primitive, 1 if number > 0 else -1)
            root = self.namer.named_root(signed, genuine=True, positive=seen.positive)
            return self.context.power(self._named(root, exponent), 2)
        return None

    def _of_number(self, number: Fraction, exponent: Monomial) -> Poly:
        """``6^p = 2^p 3^p``; a minus has stayed in the base."""
        value = constant(1)
        for whole, sign in ((abs(number.numerator), 1), (number.denominator, -1)):
            for prime, count in factors(whole).items():
                value = self.context.times(
                    value, self.context.power(self._named(constant(prime), exponent), sign * count)
                )
        return value

    def _named(self, base: Poly, exponent: Monomial) -> Poly:
        """An atom for a power, with what its base shows of its sign."""
        value = self.namer.keyed("power", self.context.exponent_name(exponent), base)
        (component,) = (component for monomial in value for component, _ in monomial)
        head, signs = component.head, self.namer.signs
        if base and signs.visibly_nonnegative(head.keys[0]):
            head.nonnegative = True
            head.nonzero |= signs.visibly_nonzero(head.keys[0])
        if base and all(c.head.positive for c, _ in exponent):
            self._vanish_together(component)
        return value

    def _vanish_together(self, power: Component) -> None:
        """``sgn(g)^2 |g|^p = |g|^p`` for p > 0: where g is 0 both sides are."""
        head = power.head
        _, monomial, _ = split(head.keys[0])
        for component, _ in monomial:
            if component.is_atom and component.head.kind == "sign":
                places = component.atoms[0][1]
                at = {s: self.context.slot(i) for i, s in enumerate(places)}
                if set(at) == {self.context.slot(i) for i in range(head.arity)}:
                    entry = head, tuple(at[self.context.slot(i)] for i in range(head.arity))
                    self.context.vanishing.setdefault(component.head, set()).add(entry)


def factors(number: int) -> dict[int, int]:
    """A positive integer's prime factors with their exponents; a large rest counts as one.

    Example:
        >>> factors(360)
        {2: 3, 3: 2, 5: 1}
    """
    found: dict[int, int] = {}
    divisor = 2
    while divisor * divisor <= number and divisor < TRIED_UP_TO:
        while number % divisor == 0:
            number //= divisor
            found[divisor] = found.get(divisor, 0) + 1
        divisor += 1
    if number > 1:
        found[number] = found.get(number, 0) + 1
    return found


def sized(context: Context, base: Poly) -> Poly | None:
    """The g of a base ``sgn(g) g``, in the same slots; ``None`` for any other base."""
    signs = {c for m in base for c, e in m if c.is_atom and c.head.kind == "sign" and e == 1}
    for sign in signs:
        head, slots, _ = sign.atoms[0]
        inside = context.renamed(head.keys[0], {context.slot(i): index for i, index in enumerate(slots)})
        if context.times(inside, {frozenset([(sign, 1)]): 1}) == base:
            return inside
    return None
