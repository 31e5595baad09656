"""From provisional heads to final ones.

Innermost first, and among arguments of the same depth roots before everything else, the finest (most indices) first:
each argument is reduced by all rules so far, its content is taken out, and what is left is named. A root gets a head of
its own, solved for a pivot where it has one; a sign, an absolute value or a derivative of an unknown loss is keyed by
its reduced argument, so that two of them are equal when their arguments are.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from symnorm.canonical.content import quotient, reciprocals, split, square_root, squares
from symnorm.canonical.pivots import Pivot, Solved, candidates
from symnorm.canonical.rules import Rewriter, atom_rule, component_rule
from symnorm.canonical.terms import (
    ONE,
    Component,
    Context,
    Head,
    Monomial,
    Poly,
    add,
    as_term,
    constant,
    free_tokens,
    scale,
)
from symnorm.errors import SymnormError

SLOT_ORDERS = 4
"""Up to this many free indices, every order of them is tried for the key of an argument."""


class Undefined(SymnormError):
    """Something is divided by an expression that vanishes identically."""


class Resolver:
    """Decides what every provisional head is, by adding rules to a rewriter."""

    def __init__(self, context: Context, rewriter: Rewriter, genuine: set[Head]) -> None:
        self.context = context
        self.rewriter = rewriter
        self.genuine = genuine
        self.pivots: list[tuple[Head, Component]] = []
        self._done: set[Head] = set()
        self._depths: dict[Head, int] = {}
        self._final_opaque: list[Head] = []
        self._values = {
            "?absolute": self._absolute,
            "?sign": self._sign,
        }

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

    def _rank(self, head: Head) -> tuple[int, bool, int, int]:
        return (self._depth(head), head.kind != "?root", -head.arity, head.number)

    # one head -----------------------------------------------------------------------------------------------------

    def _one(self, head: Head) -> None:
        argument = self.cleared(self.rewriter.reduce(head.keys[0]))
        if head.kind == "?root":
            value = self._root(argument, head in self.genuine)
        elif head.kind in self._values:
            value = self._values[head.kind](argument)
        elif head.kind in ("?cotangent", "?curvature"):
            value = self._of_loss(head, argument)
        else:
            value = self._function(head.name, argument)
        self.rewriter.add(atom_rule(self.context, head, value, head.kind[1:]))

    def _root(self, poly: Poly, genuine: bool) -> Poly:
        """``sqrt(poly)`` as a monomial in named roots; not genuine if only its even powers are ever taken."""
        if not poly:
            raise Undefined("a root or a divisor is identically zero")
        number, monomial, primitive = split(poly)
        if number < 0:
            number, primitive = -number, scale(primitive, -1)
        outside, rest = self._half_content(monomial)
        # at a zero of what is taken out, what stays under the root may have any sign
        taken = [component for component, exponent in monomial if (component, exponent) not in rest]
        genuine = genuine and all(component.is_atom and component.head.nonzero for component in taken)
        value = self.context.times(outside, self._number_root(Fraction(number)))
        inside = self.context.times({rest: 1}, primitive)
        if inside == constant(1):
            return value
        root = square_root(self.context, inside) if len(inside) > 1 else None
        if root is not None:
            named = self._named_root(root)
            return self.context.times(value, self._sign(root), named, named)
        return self.context.times(value, self._named_root(inside, genuine))

    def _number_root(self, number: Fraction) -> Poly:
        """``sqrt(p/q) = sqrt(p q)/q``, each prime's root a generator of its own."""
        outside, inside = squares(number.numerator * number.denominator)
        roots = [self._named_root(constant(prime), genuine=True) for prime in inside]
        return scale(self.context.times(constant(1), *roots), Fraction(outside, number.denominator))

    def _half_content(self, monomial: Monomial) -> tuple[Poly, Monomial]:
        """The square root of a monomial's even part, and the generators that have to stay under the root."""
        value, rest = constant(1), dict[Component, int]()
        for component, exponent in monomial:
            half, odd = divmod(exponent, 2)
            if odd and component.is_atom and self.nonnegative(component):
                value = self.context.times(value, self.rewriter.reduce(self._atom_root(component, exponent)))
                continue
            if odd:
                rest[component] = 1
            value = self.context.times(value, self._absolute_power(component, half))
        return value, frozenset(rest.items())

    def _atom_root(self, component: Component, exponent: int) -> Poly:
        """``sqrt(g)^exponent`` of a non-negative atom; ``sqrt(1/p) = sqrt(p)/p``."""
        head, slots, _ = component.atoms[0]
        if head.kind != "reciprocal":
            return self.context.power(self._named_root({frozenset([(component, 1)]): 1}, genuine=True), exponent)
        places = {self.context.slot(i): index for i, index in enumerate(slots)}
        root = self._named_root(self.context.renamed(head.keys[0], places), genuine=True)
        return self.context.power(self.context.times(root, {frozenset([(component, 1)]): 1}), exponent)

    def _absolute_power(self, component: Component, exponent: int) -> Poly:
        """``|component|^exponent``; a sum is led to its reciprocal's name first, so that it can be divided by."""
        if exponent == 0:
            return constant(1)
        value: Poly = {frozenset([(component, exponent)]): 1}
        if not component.is_atom:
            root = self._named_root({frozenset([(component, 1)]): 1})
            value = self.context.power(root, 2 * exponent)
        if self.nonnegative(component) or (exponent % 2 == 0 and not self._formal(component)):
            return value
        return self.context.times(value, self._sign_of_power(component, exponent))

    def nonnegative(self, component: Component) -> bool:
        """Whether every atom is known to be, or stands squared."""
        return all(head.nonnegative or (e % 2 == 0 and head.kind != "root") for head, _, e in component.atoms)

    @staticmethod
    def _formal(component: Component) -> bool:
        """A root that stands for the root of something negative, perhaps: named only to divide by its square."""
        return component.is_atom and component.head.kind == "root" and not component.head.nonnegative

    def _positive(self, component: Component) -> bool:
        return component.is_atom and component.head.positive

    def _absolute(self, poly: Poly) -> Poly:
        if not poly:
            return {}
        number, monomial, primitive = split(poly)
        value = constant(abs(number))
        for component, exponent in monomial:
            value = self.context.times(value, self._absolute_power(component, exponent))
        if primitive == constant(1):
            return value
        return self.context.times(value, primitive, self._sign(primitive))

    def _sign(self, poly: Poly) -> Poly:
        if not poly:
            return {}
        number, monomial, primitive = split(poly)
        value = constant(1 if number > 0 else -1)
        for component, exponent in monomial:
            value = self.context.times(value, self._sign_of_power(component, exponent))
        if primitive == constant(1):
            return value
        if self.visibly_positive(primitive):
            return value
        return self.context.times(value, self._keyed("sign", "sign", primitive))

    def visibly_nonnegative(self, poly: Poly) -> bool:
        """Only positive coefficients on non-negative generators, each size counted from its lower bound."""
        return all(
            c > 0 and all(self.nonnegative(g) or (e % 2 == 0 and not self._formal(g)) for g, e in m)
            for m, c in self._counted_from_bounds(poly).items()
        )

    def visibly_positive(self, poly: Poly) -> bool:
        """Visibly not negative, and one of the terms is positive."""
        return self.visibly_nonnegative(poly) and any(
            all(self._positive(g) for g, _ in m) for m in self._counted_from_bounds(poly)
        )

    def _counted_from_bounds(self, poly: Poly) -> Poly:
        """``N - 1`` as ``k`` with ``N = k + 1``: what is known of a size's sign is that it is at least its bound."""
        if all(c > 0 for c in poly.values()):
            return poly
        result: Poly = {}
        for monomial, coefficient in poly.items():
            term: Poly = {ONE: coefficient}
            for component, exponent in monomial:
                least = component.head.least if component.is_atom and exponent > 0 else None
                if least is not None:
                    counted = add(self.context.atom(self._excess(component.head)), constant(least))
                    term = self.context.times(term, self.context.power(counted, exponent))
                else:
                    term = self.context.times(term, {frozenset([(component, exponent)]): 1})
            result = add(result, term)
        return result

    def _excess(self, size: Head) -> Head:
        head = self.context.head("tensor", f"{size.name} - {size.least}", 0)
        head.nonnegative = True
        return head

    def _sign_of_power(self, component: Component, exponent: int) -> Poly:
        if self._formal(component):
            head, slots, _ = component.atoms[0]
            places = {self.context.slot(i): index for i, index in enumerate(slots)}
            sign = self._keyed("sign", "sign", self.context.renamed(head.keys[0], places))
            return self.context.power(sign, 2 - (exponent // 2) % 2)
        return self.context.power(self._sign_of(component), 2 - exponent % 2)

    def _sign_of(self, component: Component) -> Poly:
        if self._positive(component):
            return constant(1)
        if component.is_atom and component.head.negative:
            return constant(-1)
        return self._keyed("sign", "sign", {frozenset([(component, 1)]): 1})

    def _function(self, name: str, argument: Poly) -> Poly:
        if not argument and name == "exp":
            return constant(1)
        if argument == constant(1) and name == "log":
            return {}
        value = self._keyed("opaque", name, argument)
        if name == "exp":
            for monomial in value:
                for component, _ in monomial:
                    component.head.nonnegative = component.head.nonzero = True
        return value

    # keys ---------------------------------------------------------------------------------------------------------

    def _keyed(self, kind: str, name: str, argument: Poly, own: int = 0, places: tuple[int, ...] = ()) -> Poly:
        """An atom of a final head over an argument in slots; ``own`` first slots belong to the function itself."""
        tokens = free_tokens(argument)
        first = [self.context.slot(i) for i in range(own)]
        others = sorted(tokens - set(first), reverse=True)
        orders = list(permutations(others)) if 1 < len(others) <= SLOT_ORDERS else [tuple(others)]
        keys = [self._in_slots(argument, first, order) for order in orders]
        ranked = [tuple(sorted((tuple(sorted((c.number, e) for c, e in m)), n) for m, n in key.items())) for key in keys]
        best = min(range(len(keys)), key=lambda i: ranked[i])
        head = self.context.head(kind, name, len(places) + len(others), (keys[best],))
        same = [orders[i] for i in range(len(keys)) if ranked[i] == ranked[best]]
        if len(same) > 1 and not head.symmetries:
            offset = tuple(range(len(places)))
            head.symmetries = tuple(
                (*offset, *(len(places) + orders[best].index(token) for token in order)) for order in same
            )
        if kind == "sign":
            term = as_term(keys[best])
            head.nonzero = term is not None and all(
                component.is_atom and component.head.nonzero for component, _ in term[0]
            )
        return self.context.atom(head, (*places, *orders[best]))

    def _in_slots(self, argument: Poly, first: list[int], order: tuple[int, ...]) -> Poly:
        renaming = {token: self.context.slot(i) for i, token in enumerate((*first, *order))}
        return self.context.renamed(argument, {old: new for old, new in renaming.items() if old != new})

    def _of_loss(self, head: Head, argument: Poly) -> Poly:
        own = int(head.name.rpartition("/")[2])
        order = 1 if head.kind == "?cotangent" else 2
        # the places of the derivative come after the slots of the output and of what else is free in it
        count = order * own
        others = [self.context.slot(i) for i in range(own, own + head.arity - count)]
        beyond = own + len(others)
        places = tuple(self.context.slot(beyond + i) for i in range(count))
        value = self._keyed(head.kind[1:], head.name, argument, own, places)
        (final,) = (component.head for monomial in value for component, _ in monomial)
        if order == 2 and not final.symmetries:
            rest = tuple(range(count, final.arity))
            final.symmetries = (
                (*range(count), *rest),
                (*range(own, count), *range(own), *rest),
            )
            value = self._keyed(head.kind[1:], head.name, argument, own, places)
        if final not in self._final_opaque:
            self._final_opaque.append(final)
        # the provisional head's slots: places first, then the others
        back = {place: self.context.slot(i) for i, place in enumerate(places)}
        back |= {other: self.context.slot(count + i) for i, other in enumerate(others)}
        return self.context.renamed(value, back)

    def _rekey(self) -> None:
        """Opaque heads whose argument later rules have changed are led to the head of the changed argument."""
        for head in list(self._final_opaque):
            own = int(head.name.rpartition("/")[2])
            argument = self.cleared(self.rewriter.reduce(head.keys[0]))
            if argument == head.keys[0]:
                continue
            self._final_opaque.remove(head)
            order = 1 if head.kind == "cotangent" else 2
            extra = head.arity - order * own
            others = [self.context.slot(own + i) for i in range(extra)]
            beyond = own + extra
            places = tuple(self.context.slot(beyond + i) for i in range(order * own))
            value = self._keyed(head.kind, head.name, argument, own, places)
            back = {place: self.context.slot(i) for i, place in enumerate(places)}
            back |= {other: self.context.slot(order * own + i) for i, other in enumerate(others)}
            self.rewriter.add(atom_rule(self.context, head, self.context.renamed(value, back), "same output"))

    # roots --------------------------------------------------------------------------------------------------------

    def _named_root(self, radicand: Poly, genuine: bool = False) -> Poly:
        known = len(self.context.heads)
        value = self._keyed("root", "root", radicand)
        (head,) = (component.head for monomial in value for component, _ in monomial)
        head.nonnegative = head.nonnegative or genuine
        if len(self.context.heads) > known:
            self._relate(head, head.keys[0])
        return value

    def _relate(self, head: Head, radicand: Poly) -> None:
        """Give a new root its relation ``head^2 = radicand``: by a pivot, or by bounding its exponents."""
        head.nonzero = self.visibly_positive(radicand)
        head.nonnegative = head.nonnegative or self.visibly_nonnegative(radicand)
        for pivot in candidates(self.context, radicand, head.arity, self.rewriter.rules):
            if self._solve(head, pivot):
                return
        self._square(head, radicand)

    def _solve(self, head: Head, pivot: Pivot) -> bool:
        slots = tuple(self.context.slot(i) for i in range(head.arity))
        solved = Solved(self.context, pivot, self.context.atom(head, slots, 2))
        inverse = {}
        for space, value in solved.eigenvalues().items():
            if as_term(value) is None and not self.visibly_positive(value):
                return False
            if not value:
                return False
            inverse[space] = self.reciprocal(value)
        replacement = self.rewriter.reduce(solved.replacement(inverse))
        rule = component_rule(pivot.component, {}, replacement, f"solved for root {head.number}")
        self.pivots.append((head, pivot.component))
        self.rewriter.add(rule)
        return True

    def _square(self, head: Head, radicand: Poly) -> None:
        head.square = radicand
        self.rewriter.squares[head] = (radicand, self.reciprocal(radicand))

    def reciprocal(self, poly: Poly) -> Poly:
        """``1/poly``: a monomial where it is one, else an atom that keeps its argument."""
        number, monomial, primitive = split(poly)
        value: Poly = {ONE: Fraction(1) / Fraction(number)}
        for component, exponent in monomial:
            if not component.is_atom:
                root = self._named_root({frozenset([(component, 1)]): 1})
                value = self.context.times(value, self.context.power(root, -2 * exponent))
            else:
                value = self.context.times(value, {frozenset([(component, -exponent)]): 1})
        if primitive != constant(1):
            atom = self._keyed("reciprocal", "reciprocal", primitive)
            (head,) = (component.head for m in atom for component, _ in m)
            head.nonzero = True
            head.nonnegative = self.visibly_nonnegative(primitive)
            self.rewriter.inverses[head] = primitive
            value = self.context.times(value, atom)
        return value

    # denominators -------------------------------------------------------------------------------------------------

    def fraction(self, poly: Poly) -> tuple[Poly, Poly]:
        """Numerator and denominator: no reciprocal stands free in either, common factors divided out."""
        numerator, divisors = poly, list[Poly]()
        while (component := next(reciprocals(numerator), None)) is not None:
            head, slots, _ = component.atoms[0]
            places = {self.context.slot(i): index for i, index in enumerate(slots)}
            divisor = self.context.renamed(head.keys[0], places)
            power = max(dict(m).get(component, 0) for m in numerator)
            cleared: Poly = {}
            for monomial, coefficient in numerator.items():
                exponent = dict(monomial).get(component, 0)
                rest = monomial - {(component, exponent)}
                factor = self.context.power(divisor, power - exponent)
                cleared = add(cleared, self.context.times({rest: coefficient}, factor))
            numerator = self.rewriter.reduce(cleared)
            divisors += [divisor] * power
        denominator = constant(1)
        for divisor in divisors if numerator else []:
            shorter = quotient(self.context, numerator, divisor)
            if shorter is None:
                denominator = self.context.times(denominator, divisor)
            else:
                numerator = shorter
        return numerator, denominator

    def cleared(self, poly: Poly) -> Poly:
        """The same value over one common denominator, so that equal values look alike."""
        if next(reciprocals(poly), None) is None:
            return poly
        numerator, denominator = self.fraction(poly)
        if not numerator or denominator == constant(1):
            return numerator
        return self.context.times(numerator, self.reciprocal(denominator))
