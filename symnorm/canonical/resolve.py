"""From provisional heads to final ones.

Innermost first, and among arguments of the same depth roots before everything else, the finest (most indices) first:
each argument is reduced by all rules so far, its content is taken out, and what is left is named. A root gets a head of
its own, solved for a pivot where it has one; a sign, an absolute value or a derivative of an unknown loss is keyed by
its reduced argument, so that two of them are equal when their arguments are.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from symnorm.canonical.cases import Cases, Place
from symnorm.canonical.content import split, square_root, squares
from symnorm.canonical.context import Context
from symnorm.canonical.exponentials import Exponentials
from symnorm.canonical.extrema import Extrema
from symnorm.canonical.naming import Namer
from symnorm.canonical.powers import Powers
from symnorm.canonical.rules import Rewriter, atom_rule
from symnorm.canonical.terms import Component, Head, Monomial, Poly, add, constant, scale
from symnorm.canonical.visible import Sign

RANKS = {"?root": 0, "?divisor": 1}
"""Among arguments of one depth first the roots that the expression takes, then those that stand for divisors."""


class Resolver(Namer):
    """Decides what every provisional head is."""

    def __init__(self, context: Context, rewriter: Rewriter, genuine: set[Head], positive: set[Head]) -> None:
        super().__init__(context, rewriter)
        self.genuine = genuine
        self.positive = positive
        self.cases = Cases(context)
        self._done: set[Head] = set()
        self._depths: dict[Head, int] = {}
        self._final_opaque: list[tuple[Head, Callable[[Head, Poly], Poly]]] = []
        self.extrema = Extrema(self, self._sign_of_power)
        self.powers = Powers(self, self._sign_of)
        self.exponentials = Exponentials(self)
        self.perfect: list[Poly] = []  # what was found as the root of a perfect square, for a proof's record

    def resolve(self) -> None:
        """Every head read since the last call."""
        while True:
            pending = [h for h in self.context.heads if h.kind.startswith("?") and h not in self._done]
            if not pending:
                break
            for head in sorted(pending, key=self._rank):
                self._done.add(head)
                self._one(head)
        self._rekey()

    # order --------------------------------------------------------------------------------------------------------

    def _depth(self, head: Head) -> int:
        found = self._depths.get(head)
        if found is None:
            inner = [
                h
                for key in head.keys
                for monomial in key
                for component, _ in monomial
                for h, _, _ in component.atoms
                if h.keys
            ]
            found = self._depths[head] = 1 + max((self._depth(h) for h in inner), default=0)
        return found

    def _rank(self, head: Head) -> tuple[int, int, int, int]:
        return (self._depth(head), RANKS.get(head.kind, len(RANKS)), -head.arity, head.number)

    # one head -----------------------------------------------------------------------------------------------------

    def _one(self, head: Head) -> None:
        argument = self.cleared(self.rewriter.reduce(head.keys[0]))
        if head.kind in RANKS:
            value = self._root(argument, head.kind == "?root", head in self.genuine, head in self.positive)
        elif head.kind == "?absolute":
            value = self._absolute(argument, self.cases.place_of(head))
            self.rewriter.even[head] = self.context.times(argument, argument)
        elif head.kind == "?sign":
            value = self._sign(argument)
        elif head.kind == "?power":
            value = self._power(head, argument)
        elif head.kind in ("?cotangent", "?curvature"):
            value = self._of_loss(head, argument)
        elif head.kind == "?largest":
            value = self.extrema.largest(head, argument)
        elif head.kind == "?share":
            value = self.extrema.share(head, argument)
        else:
            value = self._signed(head, self._function(head.name, argument))
        self.rewriter.add(atom_rule(self.context, head, value, head.kind[1:]))

    @staticmethod
    def _signed(head: Head, value: Poly) -> Poly:
        """The value of a provisional head that is one atom, with what was seen of the sign."""
        for monomial in value:
            for component, _ in monomial:
                component.head.nonnegative |= head.nonnegative
                component.head.nonzero |= head.nonzero
        return value

    def _root(self, poly: Poly, taken: bool, genuine: bool, positive: bool) -> Poly:
        """``sqrt(poly)`` as a monomial in named roots; if it is not taken, only its even powers count."""
        if not poly:
            return {}
        number, monomial, primitive = split(poly)
        outside, rest = self._half_content(monomial, taken)
        if number < 0 and genuine:
            number, primitive = -number, scale(primitive, -1)
        elif number < 0:  # of an even power a minus comes out as one of i
            number, outside = -number, self.context.times(outside, self.named_root(constant(-1)))
        # at a zero of what is taken out, what stays under the root may have any sign
        out = [component for component, exponent in monomial if (component, exponent) not in rest]
        units = all(component.is_atom and component.head.nonzero for component in out)
        genuine = positive or (genuine and units)
        value = self.context.times(outside, self._number_root(Fraction(number)))
        inside = self.context.times({rest: 1}, primitive)
        if inside == constant(1):
            return value
        root = square_root(self.context, inside) if len(inside) > 1 else None
        if root is not None:
            return self.context.times(value, self._absolute_root(root, taken))
        return self.context.times(value, self.named_root(inside, genuine, positive))

    def _absolute_root(self, poly: Poly, signed: bool = True) -> Poly:
        """``|poly|`` as a monomial, which can be divided by: its sign times the square of its root."""
        self.perfect.append(poly)
        named = self.named_root(poly)
        return self.context.times(self._sign_beside(poly) if signed else constant(1), named, named)

    def _number_root(self, number: Fraction) -> Poly:
        """``sqrt(p/q) = sqrt(p q)/q``, each prime's root a generator of its own."""
        outside, inside = squares(number.numerator * number.denominator)
        roots = [self.named_root(constant(prime), genuine=True) for prime in inside]
        return scale(self.context.times(constant(1), *roots), Fraction(outside, number.denominator))

    def _half_content(self, monomial: Monomial, signed: bool = True) -> tuple[Poly, Monomial]:
        """The square root of a monomial's even part, and the generators that have to stay under the root."""
        value, rest = constant(1), dict[Component, int]()
        for component, exponent in monomial:
            half, odd = divmod(exponent, 2)
            taken = self._atom_root(component, exponent) if odd and component.is_atom else None
            if taken is not None:
                value = self.context.times(value, taken)
                continue
            if odd:
                rest[component] = 1
            value = self.context.times(value, self._absolute_power(component, half, signed))
        return value, frozenset(rest.items())

    def _atom_root(self, component: Component, exponent: int) -> Poly | None:
        """``sqrt(g)^exponent`` of an atom not below zero; ``sqrt(1/p) = sqrt(p)/p``, ``sqrt(1/p^2) = |p|/p^2``."""
        head, slots, _ = component.atoms[0]
        if head.kind == "delta":
            return self.context.atom(head, slots, exponent)  # 0 and 1 are their own roots
        if head.kind == "reciprocal":
            divisor = self._argument(component)
            square = square_root(self.context, divisor)
            if square is None and not self.signs.nonnegative(component):
                return None
            root = self._absolute_root(square) if square is not None else self.named_root(divisor, genuine=True)
            return self.context.power(self.context.times(root, {frozenset([(component, 1)]): 1}), exponent)
        if not self.signs.nonnegative(component):
            return None
        return self.context.power(self.named_root({frozenset([(component, 1)]): 1}, genuine=True), exponent)

    def _argument(self, component: Component) -> Poly:
        """What an atom of a named head is the sign, the root or the reciprocal of."""
        head, slots, _ = component.atoms[0]
        return self.context.renamed(head.keys[0], {self.context.slot(i): index for i, index in enumerate(slots)})

    def _absolute_power(self, component: Component, exponent: int, signed: bool = True) -> Poly:
        """``|component|^exponent``, up to its sign if not signed; a sum is led to a name that can be divided by."""
        if exponent == 0:
            return constant(1)
        value: Poly = {frozenset([(component, exponent)]): 1}
        if not component.is_atom:
            root = self.named_root({frozenset([(component, 1)]): 1})
            value = self.context.power(root, 2 * exponent)
        if not signed:
            return value
        if self.signs.nonnegative(component) or (exponent % 2 == 0 and not self.signs.formal(component)):
            return value
        if component.is_atom and component.head.nonpositive:
            return scale(value, -1)
        return self.context.times(value, self._sign_of_power(component, exponent))

    def _absolute(self, poly: Poly, place: Place | None) -> Poly:
        """``|poly|``: what is not negative as it is, else by its sign, which a proof by cases may have settled."""
        if not poly:
            return {}
        number, monomial, primitive = split(poly)
        value = constant(number if number > 0 else -number)
        for component, exponent in monomial:
            factor = self._absolute_power(component, exponent)
            if place is not None and exponent == 1 and len(next(iter(factor))) > 1:
                case = self.cases.sign_of({frozenset([(component, 1)]): 1}, place)
                factor = scale({frozenset([(component, 1)]): 1}, case) if case else factor
            value = self.context.times(value, factor)
        if primitive == constant(1):
            return value
        if self.signs.visibly_nonnegative(primitive):
            return self.context.times(value, primitive)
        case = self.cases.sign_of(primitive, place) if place is not None else 0
        sign = constant(case) if case else self._sign(primitive)
        return self.context.times(value, primitive, sign)

    def _sign_beside(self, poly: Poly) -> Poly:
        """The sign of what it is multiplied by: where that is 0, any sign will do."""
        return constant(1) if self.signs.visibly_nonnegative(poly) else self._sign(poly)

    def _sign(self, poly: Poly) -> Poly:
        if not poly:
            return {}
        number, monomial, primitive = split(poly)
        value = constant(1 if number > 0 else -1)
        for component, exponent in monomial:
            value = self.context.times(value, self._sign_of_power(component, exponent))
        if primitive == constant(1):
            return value
        if self.signs.visibly_positive(primitive):
            return value
        return self.context.times(value, self.keyed("sign", "sign", primitive))

    def _sign_of_power(self, component: Component, exponent: int) -> Poly:
        if exponent < 0 and self.signs.nonnegative(component):
            return constant(1)  # what is divided by is not zero
        if self.signs.formal(component):
            sign = self.keyed("sign", "sign", self._argument(component))
            return self.context.power(sign, 2 - (exponent // 2) % 2)
        return self.context.power(self._sign_of(component), 2 - exponent % 2)

    def _sign_of(self, component: Component) -> Poly:
        if component.is_atom and component.head.kind in ("delta", "sign"):
            return {frozenset([(component, 1)]): 1}  # each of 0, 1 and -1 is its own sign
        if self.signs.positive(component):
            return constant(1)
        if component.is_atom and component.head.nonpositive and component.head.nonzero:
            return constant(-1)
        if component.is_atom and component.head.kind == "reciprocal":
            return self._sign(self._argument(component))
        return self.keyed("sign", "sign", {frozenset([(component, 1)]): 1})

    def _function(self, name: str, argument: Poly) -> Poly:
        if name == "exp":
            return self.exponentials.value(argument)
        if (argument == constant(1) and name == "log") or (not argument and name == "erf"):
            return {}
        if name == "erf" and split(argument)[0] < 0:
            return scale(self.keyed("opaque", name, scale(argument, -1)), -1)  # an odd function
        return self.keyed("opaque", name, argument)

    def _power(self, head: Head, argument: Poly) -> Poly:
        """A power with a symbolic exponent; it and the sign in its base are read again when later rules change them."""
        # a provisional head says what was seen of its base's sign, a final one what its base shows
        value = self.powers.power(head, argument, Sign(nonnegative=head.nonnegative, nonzero=head.nonzero))
        for final in [c.head for m in value for c, _ in m if c.head.kind == "power"]:
            self._read_again(final, self._power)
            for sign in [c.head for m in final.keys[0] for c, _ in m if c.head.kind == "sign"]:
                self._read_again(sign, lambda _, changed: self._sign(changed))
        return value

    def _read_again(self, final: Head, named: Callable[[Head, Poly], Poly]) -> None:
        if all(final is not head for head, _ in self._final_opaque):
            self._final_opaque.append((final, named))

    # losses -------------------------------------------------------------------------------------------------------

    def _of_loss(self, head: Head, argument: Poly) -> Poly:
        """A derivative of an unknown loss, keyed by its output: the output's own slots, then what else is free in it.

        In an atom the places of the derivative come first, then what else is free.
        """
        kind, own = head.kind.removeprefix("?"), int(head.name.rpartition("/")[2])
        count = own if kind == "cotangent" else 2 * own
        slot = self.context.slot
        others = head.arity - count
        places = tuple(slot(own + others + i) for i in range(count))
        value = self.keyed(kind, head.name, argument, own, places)
        (final,) = (component.head for monomial in value for component, _ in monomial)
        if count == 2 * own and not final.symmetries:
            rest = range(count, final.arity)
            final.symmetries = ((*range(count), *rest), (*range(own, count), *range(own), *rest))
            value = self.keyed(kind, head.name, argument, own, places)
        self._read_again(final, self._of_loss)
        back = {place: slot(i) for i, place in enumerate(places)}
        back |= {slot(own + i): slot(count + i) for i in range(others)}
        return self.context.renamed(value, back)

    def _rekey(self) -> None:
        """Opaque heads whose argument later rules have changed are led to the head of the changed argument."""
        for entry in list(self._final_opaque):
            head, named = entry
            argument = self.cleared(self.rewriter.reduce(head.keys[0]))
            if argument != head.keys[0]:
                self._final_opaque.remove(entry)
                value = named(head, self._resigned(argument))
                self.rewriter.add(atom_rule(self.context, head, value, "same argument"))

    def _resigned(self, poly: Poly) -> Poly:
        """The polynomial with the signs in it read again, of what later rules have made of their arguments."""
        result: Poly = {}
        for monomial, coefficient in poly.items():
            signs = [(c, e) for c, e in monomial if c.is_atom and c.head.kind == "sign"]
            term: Poly = {monomial.difference(signs): coefficient}
            for component, exponent in signs:
                key = self._argument(component)
                argument = self.cleared(self.rewriter.reduce(key))
                sign: Poly = {frozenset([(component, 1)]): 1} if argument == key else self._sign(argument)
                term = self.context.times(term, self.context.power(sign, exponent))
            result = add(result, term)
        return result
