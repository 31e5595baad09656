"""From SymPy to terms.

Sums, products and integer powers are expanded at once. What is not a polynomial (a root, a reciprocal of a sum, an
absolute value, a sign, a derivative of an unknown loss) becomes an atom of a *provisional* head that keeps its
argument; :mod:`symnorm.canonical.resolve` decides afterwards what it really is, in an order that reading cannot know.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from symnorm.canonical.context import Context
from symnorm.canonical.terms import Head, Poly, add, as_term, constant, free_tokens, scale
from symnorm.canonical.visible import UNKNOWN, Facts, Sign, Visible
from symnorm.errors import Unsupported
from symnorm.tensors.nodes import Cotangent, Curvature, attains, largest, maximum, minimum

EXPAND_UP_TO = 8
"""A sum over a fixed axis of at most this size is written out."""

POWER_LIMIT = 64


class Reader:
    """Reads SymPy expressions of one question into polynomials over provisional heads."""

    def __init__(self, context: Context, facts: Facts | None = None) -> None:
        self.context = context
        self.facts = facts or Facts()
        self.visible = Visible(self.facts)
        self._memo: dict[sp.Expr, Poly] = {}
        self.genuine: set[Head] = set()  # roots and divisors known not to be negative
        self.positive: set[Head] = set()  # roots of what is visibly positive
        self._rules: dict[type, Callable[[sp.Expr], Poly]] = {
            sp.Add: lambda e: add(*[self.read(a) for a in e.args]),
            sp.Mul: lambda e: self.context.times(*[self.read(a) for a in e.args]),
            sp.Pow: self._pow,
            sp.exp: lambda e: self._opaque("exp", e),
            sp.erf: lambda e: self._opaque("erf", e),
            sp.log: lambda e: self._opaque("log", e),
            sp.Sum: self._sum,
            sp.Indexed: self._indexed,
            sp.Symbol: self._symbol,
            sp.Abs: lambda e: self.named("absolute", self.read(e.args[0])),
            sp.sign: lambda e: self.named("sign", self.read(e.args[0])),
            sp.KroneckerDelta: self._delta,
            # the extrema are absolute values: one mechanism decides them all
            maximum: lambda e: self._extremum(e, 1),
            minimum: lambda e: self._extremum(e, -1),
            largest: self._largest,
            attains: self._attains,
            Cotangent: self._of_loss,
            Curvature: self._of_loss,
        }

    def read(self, expr: sp.Expr) -> Poly:
        """The polynomial of an expression.

        Raises:
            Unsupported: a node that no rule reads.
        """
        found = self._memo.get(expr)
        if found is None:
            found = self._memo[expr] = self._read(expr)
        return found

    def _read(self, expr: sp.Expr) -> Poly:
        if expr.is_Rational:
            return constant(int(expr) if expr.is_Integer else Fraction(int(expr.p), int(expr.q)))
        rule = self._rules.get(type(expr))
        if rule is not None:
            return rule(expr)
        if expr.is_NumberSymbol:
            return self._number(str(expr))
        raise Unsupported(f"no rule reads {type(expr).__name__} in {expr}")

    # leaves -------------------------------------------------------------------------------------------------------

    def _declare(self, head: Head, name: str, symbol: sp.Basic) -> None:
        sign = self.visible.declared(name, symbol)
        head.nonpositive = sign.nonpositive
        head.nonnegative = sign.nonnegative
        head.nonzero = sign.nonzero

    def _number(self, name: str) -> Poly:
        """A transcendental constant, apart from any input of its name."""
        head = self.context.head("number", name, 0)
        head.nonnegative = head.nonzero = True
        return self.context.atom(head)

    def _symbol(self, symbol: sp.Symbol) -> Poly:
        head = self.context.head("tensor", symbol.name, 0)
        self._declare(head, symbol.name, symbol)
        if symbol.is_integer and symbol.is_positive:
            head.least = self.facts.least.get(symbol.name, 1)
        return self.context.atom(head)

    def _indexed(self, entry: sp.Indexed) -> Poly:
        name, indices = str(entry.base.label), entry.indices
        head = self.context.head("tensor", name, len(indices))
        self._declare(head, name, entry.base.label)
        return self.context.atom(head, tuple(self.token(i) for i in indices))

    def symmetric(self, name: str) -> None:
        """Declare a matrix symmetric."""
        self.context.head("tensor", name, 2).symmetries = ((0, 1), (1, 0))

    def token(self, index: sp.Expr) -> int:
        """A free index's number.

        Raises:
            Unsupported: an index that is neither a symbol nor a number.
        """
        if index.is_Integer:
            return self.context.token(int(index))
        if index.is_Symbol:
            return self.context.token(index)
        raise Unsupported(f"an index is a symbol or a number, not {index}")

    def _delta(self, expr: sp.KroneckerDelta) -> Poly:
        return self.context.atom(self.context.delta, tuple(self.token(i) for i in expr.args[:2]))

    # sums and powers ----------------------------------------------------------------------------------------------

    def _sum(self, expr: sp.Sum) -> Poly:
        poly = self.read(expr.function)
        for symbol, low, high in expr.limits:
            if low != 1:
                raise Unsupported(f"a sum runs over a whole axis, from 1; {expr} starts at {low}")
            poly = self.summed(poly, symbol, high)
        return poly

    def summed(self, poly: Poly, symbol: sp.Symbol, size: sp.Expr) -> Poly:
        """A polynomial summed over an index: written out for a small fixed size, else bound."""
        token = self.context.token(symbol)
        if size.is_Integer and int(size) <= EXPAND_UP_TO:
            places = (self.context.token(k) for k in range(1, int(size) + 1))
            return add(*[self.context.renamed(poly, {token: place}) for place in places])
        return self.context.bind(poly, token, self.context.size(size, self.read(size)))

    def _pow(self, expr: sp.Pow) -> Poly:
        base, exponent = expr.args
        if isinstance(base, sp.Pow) and base.exp.is_Integer and exponent.is_Integer:
            return self._pow(sp.Pow(base.base, base.exp * exponent, evaluate=False))  # (b^2)^-1 is a power of 1/b
        if isinstance(base, sp.Abs) and exponent.is_Integer and exponent < 0:
            inner = self.read(base.args[0])
            sign = self.named("sign", inner) if exponent % 2 else constant(1)
            return self.context.times(sign, self._integer_power(inner, int(exponent)))
        if exponent.is_Integer:
            return self._integer_power(self.read(base), int(exponent), self.visible.of(base))
        if exponent.is_Rational and exponent.q == 2:
            return self._root(self.read(base), int(exponent.p), self.visible.of(base), "root")
        if exponent.is_Rational:
            raise Unsupported(f"the power {exponent} of {base}: only whole and half powers are decided")
        return self._symbolic_power(base, exponent)

    def _root(self, base: Poly, exponent: int, sign: Sign, kind: str) -> Poly:
        """A root that the expression takes, or the even power of a root that stands for a divisor."""
        root = self.named(kind, base, exponent)
        heads = {component.head for monomial in root for component, _ in monomial}
        if kind == "root" or sign.nonnegative:
            self.genuine |= heads
        if sign.positive:
            self.positive |= heads
        return root

    def _integer_power(self, base: Poly, exponent: int, sign: Sign = UNKNOWN) -> Poly:
        if abs(exponent) > POWER_LIMIT:
            raise Unsupported(f"a power of {exponent}; at most {POWER_LIMIT} is written out")
        if exponent >= 0:
            return self.context.power(base, exponent)
        term = as_term(base)
        if term is not None and all(c.is_atom for c, _ in term[0]):
            return self.context.power(base, exponent)
        return self._root(base, 2 * exponent, sign, "divisor")

    def _symbolic_power(self, base: sp.Expr, exponent: sp.Expr) -> Poly:
        """``b^(2t + 1)`` as ``(b^t)^2 b``: each product of scalars in the exponent makes one generator."""
        result, read = constant(1), self.read(base)
        for monomial, coefficient in self.read(exponent).items():
            plain = all(c.is_atom and c.head.kind == "tensor" and not c.head.arity for c, _ in monomial)
            halves = Fraction(2 * coefficient)
            if not plain or halves.denominator != 1 or (monomial and halves % 2):
                raise Unsupported(f"the exponent {exponent} of {base} is no whole multiple of scalars")
            if halves % 2:
                factor = self._root(read, int(halves), self.visible.of(base), "root")
            elif not monomial:
                factor = self._integer_power(read, int(coefficient), self.visible.of(base))
            else:
                key, free = self._in_slots(read)
                head = self.context.head("?power", self.context.exponent_name(monomial), len(free), (key,))
                sign = self.visible.of(base)
                head.nonnegative, head.nonzero = sign.nonnegative, sign.nonzero
                factor = self.context.atom(head, free)
                if abs(halves) > 2 * POWER_LIMIT:
                    raise Unsupported(f"a power of {coefficient}; at most {POWER_LIMIT} is written out")
                factor = self.context.power(factor, int(coefficient))
            result = self.context.times(result, factor)
        return result

    def _extremum(self, expr: sp.Expr, which: int) -> Poly:
        a, b = (self.read(arg) for arg in expr.args)
        return self._larger(a, b, which)

    def _larger(self, a: Poly, b: Poly, which: int = 1) -> Poly:
        gap = self.named("absolute", add(a, scale(b, -1)))
        return scale(add(a, b, scale(gap, which)), Fraction(1, 2))

    # provisional heads --------------------------------------------------------------------------------------------

    def named(self, kind: str, argument: Poly, exponent: int = 1) -> Poly:
        """An atom of a provisional head over the argument, its free indices made slots."""
        key, free = self._in_slots(argument)
        head = self.context.head(f"?{kind}", kind, len(free), (key,))
        return self.context.atom(head, free, exponent)

    def _in_slots(self, argument: Poly) -> tuple[Poly, tuple[int, ...]]:
        """An argument with slots for its free indices, and those indices."""
        free = tuple(sorted(free_tokens(argument), reverse=True))
        slots = {token: self.context.slot(number) for number, token in enumerate(free)}
        return self.context.renamed(argument, slots), free

    def _largest(self, expr: largest) -> Poly:
        """Over one or two elements it is written out, else it binds the first slots of its argument."""
        body, wide = self.read(expr.body), []
        for symbol, size in zip(expr.slots, expr.sizes, strict=True):
            if size.is_Integer and int(size) <= 2:
                token = self.context.token(symbol)
                first = self.context.renamed(body, {token: self.context.token(1)})
                second = self.context.renamed(body, {token: self.context.token(int(size))})
                body = first if size == 1 else self._larger(first, second)
            else:
                wide.append((symbol, size))
        if not wide:
            return body
        key, name, others = self._bound_in_slots(body, wide)
        return self.context.atom(self.context.head("?largest", name, len(others), (key,)), others)

    def _attains(self, expr: attains) -> Poly:
        """The indices are the first slots of the atom, as the bound ones are of its argument."""
        body, wide, places = self.read(expr.of.body), [], []
        for symbol, size, index in zip(expr.of.slots, expr.of.sizes, expr.indices, strict=True):
            if size == 1:
                body = self.context.renamed(body, {self.context.token(symbol): self.context.token(1)})
            else:
                wide.append((symbol, size))
                places.append(self.token(index))
        if not wide:
            return constant(1)
        key, name, others = self._bound_in_slots(body, wide)
        head = self.context.head("?share", name, len(places) + len(others), (key,))
        return self.context.atom(head, (*places, *others))

    def _bound_in_slots(self, body: Poly, bound: list[tuple[sp.Symbol, sp.Expr]]) -> tuple[Poly, str, tuple[int, ...]]:
        """A body with its bound indices as the first slots, the name of their sizes, and what else is free in it."""
        own = [self.context.token(symbol) for symbol, _ in bound]
        others = tuple(sorted(free_tokens(body) - set(own), reverse=True))
        slots = {token: self.context.slot(number) for number, token in enumerate((*own, *others))}
        name = "|".join(self.context.size(size, self.read(size)) for _, size in bound)
        return self.context.renamed(body, slots), name, others

    def _opaque(self, name: str, expr: sp.Expr) -> Poly:
        value, sign = self.named(name, self.read(expr.args[0])), self.visible.of(expr)
        for monomial in value:
            for component, _ in monomial:
                component.head.nonnegative |= sign.nonnegative
                component.head.nonzero |= sign.nonzero
        return value

    def _of_loss(self, expr: Cotangent | Curvature) -> Poly:
        """The output's own indices are the first slots; what else is free in it follows."""
        kind = type(expr).__name__.lower()
        body = self.read(expr.body)
        own = [self.context.token(slot) for slot in expr.slots]
        others = sorted(free_tokens(body) - set(own), reverse=True)
        slots = {token: self.context.slot(number) for number, token in enumerate((*own, *others))}
        places = tuple(self.token(index) for index in expr.indices)
        name = f"{expr.loss}/{len(own)}"
        head = self.context.head(f"?{kind}", name, len(places) + len(others), (self.context.renamed(body, slots),))
        return self.context.atom(head, (*places, *others))
