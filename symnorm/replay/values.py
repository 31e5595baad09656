"""What the operations of a statement's graph are as polynomials: roots, powers, functions, signs, sums, extrema.

A certificate says what a root, an inverse or a sign is; that it is one is shown by equations and facts.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from .algebra import ONE, UNIT, Poly, plus
from .facts import Fact, Facts
from .graph import ATTAINING, EXTREMA, IMPLICIT, OF_LOSS, need

WRITTEN_OUT = 8  # a sum over a fixed axis of at most this size is written out
# whether what a generator is of must not be negative, and not be zero
ASKED = {"root": (True, False), "reciprocal": (False, True), "log": (True, True), "power": (True, True)}
# whether an entry is known not to be negative, and not zero; None: as what it is of
OWN = {"root": (True, None), "reciprocal": (None, True), "power": (True, True), "share": (True, False)}
OWN |= dict.fromkeys(("name", "sign", "erf"), (None, None)) | dict.fromkeys(("log", *OF_LOSS), (False, False))


class Values(Facts):
    """Generators that are functions of polynomials, and the values of nodes."""

    def declare(self, name: str, kind: str, label: Any, slots: Any, poly: Any, fact: int | None) -> None:
        """A function of a polynomial, or the derivative of a loss by an entry of what it is a function of."""
        indices, of = tuple([self.index(i) for i in slots]), self.poly(poly)
        known = Fact(of, False, False) if fact is None else self.facts[fact]
        own = len(indices) // 2 if kind == "curvature" else len(indices)
        need(name not in self.names and name[0] == "#" and ":" not in name, f"{name} cannot be declared")
        need([*self.generic(indices)] == [*dict.fromkeys(indices)] == [*indices], "indices that are not any")
        need(set(self.generic(self.free(of))) <= {*indices[:own]}, f"{name} has more indices")
        asked, swap = ASKED.get(kind, (False, False)), list[tuple[int, ...]]()
        shown = known.poly == of and known.up >= asked[0] and known.off >= asked[1]
        need(shown, f"a {kind} of what it is not known to be defined of")
        up, off = (have if flag is None else flag for have, flag in zip(known[1:], OWN[kind], strict=True))
        if kind == "power":
            label = self.poly(label)
            need(set(self.generic(self.free(label))) <= {*indices}, f"{name} has more indices")
        elif kind == "share":
            need(isinstance(label, int) and 0 <= label <= own, "a share of no place")
        elif kind in OF_LOSS:
            shape = tuple([self.tokens[-1 - i][1] for i in indices])
            need(shape[own:] in ((), shape[:own]), "a second derivative of another shape")
            swap = [tuple(range(2 * own)), (*range(own, 2 * own), *range(own))] if kind == "curvature" else []
        self.add(name, kind, label, indices, of, up, off, swap)

    def value(self, node: int, data: Any, steps: Any) -> None:
        """The value of a node by its operation, its arguments' values and what the certificate adds, then equations."""
        op, args, extra = self.graph.nodes[node]
        self.values[node] = self.added(self.meaning(op, args, extra, [*self.graph.axes[node]], data), steps)

    def meaning(self, op: str, args: Any, extra: Any, axes: list[str], data: Any) -> Poly:
        """The value of an operation, which has these axes."""
        inside = [self.graph.axes[arg] for arg in args]
        values = [self.values[arg] for arg in args]
        a, b = (values[0], values[-1]) if values else (UNIT, UNIT)
        rules: dict[str, Callable[[], Poly]] = {
            "number": lambda: plus({}, UNIT, Fraction(extra)),
            "input": lambda: self.leaf(extra[0], axes),
            "size": lambda: self.leaf(extra, axes),
            "constant": lambda: self.leaf(f"#constant:{extra}", axes),
            "delta": lambda: self.leaf(f"#delta:{axes[0]}", axes),
            "add": lambda: plus(a, b),
            "sub": lambda: plus(a, b, -1),
            "neg": lambda: plus({}, a, -1),
            "mul": lambda: self.times(a, b),
            "div": lambda: self.times(a, self.root(b, -1, 1, *data)),
            "sqrt": lambda: self.root(a, 1, 2, *data),
            "pow": lambda: self.raised(a, b, *data),
            "exp": lambda: self.raised(self.leaf("#constant:E", []), a, *data),
            "log": lambda: self.function(op, a, UNIT, data),
            "erf": lambda: self.function(op, a, {}, data),
            "sign": lambda: self.signed(a, *data),
            "abs": lambda: self.times(a, self.signed(a, *data)),
            "maximum": lambda: self.middle(a, b, Fraction(1, 2), *data),
            "minimum": lambda: self.middle(a, b, Fraction(-1, 2), *data),
            "total": lambda: self.summed(a, extra[1], inside[0]),
            "mean": lambda: self.times(self.summed(a, extra[1], inside[0]), self.share(extra[1], *data)),
            "rename": lambda: self.put(a, {self.index(i): self.index(dict(extra).get(i, i)) for i in inside[0]}),
        }
        rules |= dict.fromkeys(OF_LOSS, lambda: self.of_loss(op, a, extra, data))
        rules |= dict.fromkeys(EXTREMA, lambda: self.extremum(op, a, extra[1], inside[0], data))
        rules |= dict.fromkeys((*IMPLICIT, "let", "stop"), lambda: a)
        return rules[op]()

    def leaf(self, name: str, axes: Iterable[str]) -> Poly:
        """An input, a size, a constant or a delta; or what is put in its place."""
        if name in self.claim.put:
            return self.values[self.claim.put[name]]
        return self.product_of([(self.generator(name).number, tuple(map(self.index, axes)), 1)], [])

    def of_loss(self, op: str, output: Poly, of: Any, name: str) -> Poly:
        """The derivative of a loss at its output, by an entry or by two."""
        loss, axes, *copies = of
        order = sorted(range(len(axes)), key=lambda place: axes[place])
        indices = [axes[place][0] for place in order] + [copied[place] for copied in copies for place in order]
        one, entry, at = self.entry(name, indices, op)
        need(one.label == loss and at == output, "the derivative of another loss, or elsewhere")
        return entry

    def function(self, op: str, a: Poly, zero: Poly, data: Any) -> Poly:
        """A function that has no equation but for where it is zero; ``erf(-u) = -erf(u)``."""
        if data is None:
            need(a == zero, f"{op} of something is said to be zero")
            return {}
        name, indices, way = data
        _, entry, of = self.entry(name, indices, op)
        need(way in (1, -1 if op == "erf" else 1) and of == plus({}, a, int(way)), f"{name} of something else")
        return plus({}, entry, int(way))

    def middle(self, a: Poly, b: Poly, half: Fraction, *data: Any) -> Poly:
        """``(a + b)/2 + |a - b|/2``, or less."""
        gap = plus(a, b, -1)
        return plus(plus({}, plus(a, b), Fraction(1, 2)), self.times(gap, self.signed(gap, *data)), half)

    def share(self, axes: Any, *data: Any) -> Poly:
        """One over the number of places of some axes."""
        return self.root(self.times(UNIT, *[self.values[size] for _, size in axes]), -1, 1, *data)

    def summed(self, poly: Poly, axes: Any, inside: Iterable[str]) -> Poly:
        """A sum, written out over a short axis of fixed size."""
        for axis, size in axes:
            extent = self.values[size]
            if axis not in inside:
                poly = self.times(poly, extent)
            elif set(extent) == {ONE} and extent[ONE] <= WRITTEN_OUT:
                whole, poly = poly, {}
                for k in range(1, int(extent[ONE]) + 1):
                    poly = plus(poly, self.put(whole, {self.index(axis): self.index(f"{axis}:{k}")}))
            else:
                poly = self.put(poly, *self.bound([axis]))
        return poly

    def extremum(self, op: str, a: Poly, axes: Any, inside: Any, data: Any) -> Poly:
        """``max(f P + r) = f max(P) + r``, or the share of each place; ``min(P) = -max(-P)``."""
        share, fact, outside, steps = data
        way = -1 if op in ("amin", "at_min") else 1
        one, entry, of = self.entry(*share, "share")
        factor, rest, indices = self.facts[fact], self.poly(outside), [self.index(i) for i in share[1]]
        own, others = indices[: one.label], {*indices[one.label :], *self.free(factor.poly), *self.free(rest)}
        need(sorted(own) == sorted([self.index(axis) for axis, _ in axes if axis in inside]), "another extremum")
        need(others.isdisjoint(own), "an index that an extremum is over is left")
        need(factor.up and (factor.off or op in ATTAINING), "a factor is taken out that may be negative or vanish")
        self.vanishes(plus(plus(self.times(factor.poly, of), rest), a, -way), steps)
        largest = self.put(self.whole(one, one.of), dict(zip(one.slots, indices, strict=True)))
        return plus({}, plus(self.times(factor.poly, largest), rest), way) if op in ATTAINING else entry

    def root(self, a: Poly, n: int, d: int, value: Any, steps: Any, fact: int | None = None) -> Poly:
        """``a^(n/d)`` is what the certificate says if its d-th power is ``a^n``, and it is not negative if d = 2."""
        found, side = self.poly(value), self.power(a, abs(n))
        shown = self.facts[fact].poly == found and self.facts[fact].up if fact is not None else False
        need(d == 1 or (d == 2 and shown), "a root that may be negative")
        power = self.power(found, d)
        self.vanishes(plus(power, side, -1) if n >= 0 else plus(self.times(power, side), UNIT, -1), steps)
        return found

    def raised(self, a: Poly, exponent: Poly, pieces: Any, number: str, *data: Any) -> Poly:
        """A power, whose exponent is a number and whole multiples of exponents of generators."""
        q, exponent = Fraction(number), plus(exponent, UNIT, -Fraction(number))
        value = self.root(a, q.numerator, q.denominator, *data)
        for name, indices, times in pieces:
            one, _, of = self.entry(name, indices, "power")
            need(of == a, "a power of something else")
            here = dict(zip(one.slots, map(self.index, indices), strict=True))
            exponent = plus(exponent, self.put(one.label, here), -times)
            value = self.times(value, self.product_of(self.atoms([[name, indices, times]]), []))
        need(not exponent, "an exponent that is another one")
        return value

    def signed(self, a: Poly, number: str, factors: Any, steps: Any) -> Poly:
        """The sign of a product, each factor of which has a known or a named sign."""
        c = Fraction(number)
        whole, sign = plus({}, UNIT, c), plus({}, UNIT, (c > 0) - (c < 0))
        for data, e, name, *indices in factors:
            if name is None:
                one, (factor, *known) = UNIT, self.facts[data]
            else:
                (_, one, factor), known = self.entry(name, indices, "sign"), [True, True]
            need(e > 0 and all(known), "a factor that is none, or whose sign no fact shows")
            whole = self.times(whole, self.power(factor, e))
            sign = self.times(sign, self.power(one, 2 - e % 2))
        self.vanishes(plus(whole, a, -1), steps)
        return sign
