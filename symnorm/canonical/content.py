"""Content: what can be taken out of a polynomial before it is named.

``poly = number * monomial * primitive`` with a positive or signed rational, a monomial of generators that every term
shares (negative exponents too, so a primitive has no denominators), and a primitive whose coefficients are coprime
integers. Also the square root of a polynomial that is a perfect square.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd, isqrt, lcm

from symnorm.canonical.context import Context
from symnorm.canonical.terms import ONE, Component, Monomial, Poly, Rational, add, monomial_power, monomial_times, scale

Order = tuple[tuple[int, int], ...]


def order(monomial: Monomial) -> Order:
    """A total order on monomials within a context; the largest leads."""
    return tuple(sorted(((component.number, exponent) for component, exponent in monomial), reverse=True))


def split(poly: Poly) -> tuple[Rational, Monomial, Poly]:
    """Signed rational, monomial and primitive part; the primitive's leading coefficient is positive."""
    numerators, denominators = 0, 1
    for coefficient in poly.values():
        value = Fraction(coefficient)
        numerators = gcd(numerators, value.numerator)
        denominators = lcm(denominators, value.denominator)
    number: Rational = Fraction(numerators, denominators)
    leading = max(poly, key=order)
    if poly[leading] < 0:
        number = -number
    shared = _shared(poly)
    inverse = monomial_power(shared, -1)
    primitive: Poly = {monomial_times(m, inverse): int(c / number) for m, c in poly.items()}
    return number, shared, primitive


def _shared(poly: Poly) -> Monomial:
    monomials = [dict(m) for m in poly]
    found: dict[Component, int] = {}
    for component in {c for m in monomials for c in m}:
        least = min(m.get(component, 0) for m in monomials)
        if least:
            found[component] = least
    return frozenset(found.items())


def squares(number: int) -> tuple[int, tuple[int, ...]]:
    """``number = outside^2 * product(inside)`` for a positive integer, ``inside`` prime (or a large rest).

    Example:
        >>> squares(72)
        (6, (2,))
    """
    outside, inside = 1, []
    divisor = 2
    while divisor * divisor <= number and divisor < 10_000:
        count = 0
        while number % divisor == 0:
            number //= divisor
            count += 1
        outside *= divisor ** (count // 2)
        if count % 2:
            inside.append(divisor)
        divisor += 1
    root = isqrt(number)
    if root * root == number:
        outside *= root
    else:
        inside.append(number)
    return outside, tuple(inside)


def square_root(context: Context, poly: Poly) -> Poly | None:
    """The polynomial whose square this is, with a positive leading coefficient, if there is one.

    Term by term from the leading one, as a root is taken by hand: what is left has to shrink to nothing.
    """
    leading = max(poly, key=_degree_order)
    half = _half(leading, poly[leading])
    if half is None:
        return None
    first, number = half
    inverse = monomial_power(first, -1)
    root: Poly = {first: number}
    remaining = add(poly, scale(context.times(root, root), -1))
    for _ in range(len(poly)):
        if not remaining:
            return root
        leading = max(remaining, key=_degree_order)
        term: Poly = {monomial_times(leading, inverse): Fraction(remaining[leading]) / (2 * number)}
        # (root + term)^2 = root^2 + (2 root + term) term
        remaining = add(remaining, scale(context.times(add(scale(root, 2), term), term), -1))
        root = add(root, term)
        if len(remaining) > 4 * len(poly):
            return None
    return None


def _degree_order(monomial: Monomial) -> tuple[int, Order]:
    """Graded, then by generator: a product's leading monomial is the product of leading monomials."""
    dense = tuple(sorted(((c.number, e) for c, e in monomial)))
    return sum(e for _, e in monomial), tuple((-number, e) for number, e in dense)


def _half(monomial: Monomial, coefficient: Rational) -> tuple[Monomial, Rational] | None:
    value = Fraction(coefficient)
    if value <= 0 or any(e % 2 for _, e in monomial):
        return None
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top != value.numerator or bottom * bottom != value.denominator:
        return None
    return frozenset((c, e // 2) for c, e in monomial), Fraction(top, bottom)


def quotient(context: Context, poly: Poly, divisor: Poly) -> Poly | None:
    """``poly / divisor`` for a primitive divisor, if the division comes out even."""
    number, shared, remaining = split(poly)
    content: Poly = {shared: number}
    result = dict[Monomial, Rational]()
    lead = max(divisor, key=_degree_order)
    for _ in range(4 * len(poly) + 4):
        if not remaining:
            return context.times(result, content)
        top = max(remaining, key=_degree_order)
        monomial = monomial_times(top, monomial_power(lead, -1))
        if any(e < 0 for _, e in monomial):
            return None
        term: Poly = {monomial: Fraction(remaining[top]) / divisor[lead]}
        result = add(result, term)
        remaining = add(remaining, scale(context.times(term, divisor), -1))
    return None


def reciprocals(poly: Poly) -> Iterator[Component]:
    """The reciprocal atoms that stand free in a polynomial."""
    seen = set()
    for monomial in poly:
        for component, _ in monomial:
            if component.is_atom and component.head.kind == "reciprocal" and component not in seen:
                seen.add(component)
                yield component


__all__ = ["ONE", "order", "quotient", "reciprocals", "split", "square_root", "squares"]
