"""What each operation of a statement's graph means, as a polynomial: every definition of a value is here.

A divisor must be visibly not zero or so by the certificate's conditions, what stands under a root visibly not negative
or so by them; so everything that is concluded holds wherever the conditions do.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import prod
from typing import Any

from symnorm.elaboration.algebra import ONE, UNIT, Generator, Poly, plus, scaled
from symnorm.elaboration.roots import Roots
from symnorm.elaboration.signs import Env, Statement
from symnorm.elaboration.triples import SIGNS, UNKNOWN
from symnorm.replay.graph import ATTAINING, IMPLICIT, NotCovered, Rejected

Name = tuple[Generator, tuple[int, ...], int]  # a generator, the order of its slots, and its sign as the name is used
EXPAND = 8  # a sum over a fixed axis of at most this size is written out


class Meaning(Roots):
    """The values of a graph's nodes as polynomials, under what a certificate assumes."""

    def __init__(self, claim: Statement) -> None:
        super().__init__(claim)
        self.values: dict[tuple[int, Env], Poly] = {}
        self.shapes: dict[str, list[Poly]] = {}
        self.open: set[str] = set()

    def placed_at(self, component: int, move: dict[int, int]) -> int:
        """A component ``[name, slots]`` or ``[sizes, [[name, slots, exponent], ...]]``, and its sign as written."""
        ((found, _),) = next(iter(self.moved({frozenset([(component, 1)]): 1}, move)))
        return found

    def equation_of(self, number: int, written: Any, names: Any) -> tuple[Poly, dict[int, int], int]:
        """An assumed equation that becomes a rule: its sides' difference, slots for its indices, the component."""
        left, relation, right = self.claim.given[number]
        if relation != "==":
            raise Rejected("only an equation that is assumed makes a rule")
        gap = plus(self.given(left), scaled(self.given(right), -1))
        free = sorted(self.free(gap) - self.positions, reverse=True)  # a position is not any index
        move = {token: -1 - i for i, token in enumerate(free)}
        return gap, move, self.placed_at(self.component_of(written, names)[0], move)

    def assume_conditions(self) -> None:
        """What the conditions say of signs: before rules are made, and again in terms of the solved roots."""
        for node, relation in self.claim.conditions:
            self.assume(self.given(node), SIGNS[relation])

    def given(self, node: int, env: Env = ()) -> Poly:
        """The value of a side of what is assumed: where that holds, it is defined."""
        before, self.assuming = self.assuming, True
        value = self.value(node, env)
        self.assuming = before
        return value

    # what a certificate names

    def declared(self, rows: Any, before: Any = None) -> dict[str, Name]:
        """Generators by the certificate's names for them, with the order of slots and the sign that it writes."""
        names: dict[str, Name] = dict(before or {})
        for name, kind, label, arity, poly in rows:
            raw = self.read(poly, names)
            key = ("declared", kind, label, frozenset(raw.items()))
            of = self.reduced(raw)
            if key in self.numbers:
                names[name] = self.numbers[key]
            elif kind in ("cotangent", "curvature"):
                names[name] = self.of_loss(kind, label, arity, of), tuple(range(-1, -1 - arity, -1)), 1
            elif kind == "constant":
                names[name] = self.constant(label), (), 1
            elif kind in ("root", "reciprocal", "sign", "exp", "log", "erf", "power"):
                found, entry = self.named(kind, label, of)
                ((monomial, flip),) = entry.items()
                ((component, _),) = monomial
                names[name] = found, self.components[component][1][0][1], flip
                if kind == "exp":
                    found.nonneg = found.nonzero = True
            else:
                raise Rejected(f"a generator cannot be defined as {kind}")
            self.numbers[key] = names[name]
        return names

    def read(self, data: Any, names: Any) -> Poly:
        """A polynomial of the certificate."""
        result: Poly = {}
        for coefficient, pairs in data:
            written = [(*self.component_of(component, names), e) for component, e in pairs]
            monomial = [(c, e) for c, _, e in written]
            value = prod([flip**e for _, flip, e in written], start=Fraction(coefficient))
            over: list[int] = []
            atoms = self.spread(monomial, over)
            result = plus(result, scaled(self.product_of(atoms, over), value))
        return result

    def component_of(self, data: Any, names: Any) -> tuple[int, int]:
        """A component ``[name, slots]`` or ``[sizes, [[name, slots, exponent], ...]]``, and its sign."""
        rows = [[*data, 1]] if isinstance(data[0], str) else data[1]
        sizes = [] if isinstance(data[0], str) else [self.value(self.claim.places[size]) for size in data[0]]
        over = [self.colour(size) for size in sizes]
        atoms, sign = [], 1
        for name, slots, e in rows:
            generator, order, flip = names.get(name) or (self.generator("input", name, len(slots)), (), 1)
            sign *= flip**e
            if name == "#delta":
                generator = self.delta
            places = [self.axis(i) if isinstance(i, str) else i for i in slots]
            slots = tuple([places[-1 - i] for i in order]) if order else tuple(places)
            if len(slots) != generator.arity or not all(isinstance(i, int) and i < len(over) for i in slots):
                raise Rejected(f"{name} has {generator.arity} indices")
            atoms.append((generator.number, slots, e))
        ((monomial, coefficient),) = self.product_of(atoms, over).items()
        ((component, exponent),) = monomial
        if (coefficient, exponent) != (1, 1):
            raise Rejected("what the certificate calls a component is none")
        return component, int(sign)

    # values

    def axis(self, name: str) -> int:
        """The free index of an axis."""
        if name.endswith("*"):
            raise Rejected(f"an axis {name}, which is how a certain index is called")
        token = self.token(name)
        self.generic.add(token)
        return token

    def meaning(self, op: str, args: tuple[int, ...], data: Any, at: dict[str, int]) -> Poly:
        """The value of an operation; ``at`` says which free index each of its axes is."""
        if op == "number":
            return {ONE: Fraction(data)} if Fraction(data) else {}
        if op in ("input", "size"):
            name = data if op == "size" else data[0]
            if name in self.claim.put:
                return self.replaced(name, at, data[2] if op == "input" else ())
            return self.atom(self.leaf(op, data), tuple(at[axis] for axis, _ in data[1]) if op == "input" else ())
        if op == "constant":
            return self.atom(self.constant(data))
        if op == "delta":
            return self.atom(self.delta, tuple(at.values()))
        if op in ("total", "mean"):
            return self.summed(op, args[0], data[1], at)
        if op == "rename":
            new = dict(data)
            return self.value(args[0], tuple((old, at[new.get(old, old)]) for old in self.graph.axes[args[0]]))
        if op in ("amax", "amin", *ATTAINING.values()):
            raise NotCovered(f"proofs about {op}")
        if op in IMPLICIT:
            return self.value(args[0], tuple(at.items()))
        if op in ("cotangent", "curvature"):
            return self.derivative(op, args[0], data, at)
        values = [self.value(arg, tuple(at.items())) for arg in args]
        a, b = values[0], values[-1]
        match op:
            case "let" | "stop":
                return a
            case "add":
                return plus(a, b)
            case "sub":
                return plus(a, scaled(b, -1))
            case "mul":
                return self.times(a, b)
            case "neg":
                return scaled(a, -1)
            case "div":
                self.require(args[1], b, SIGNS["!="])
                return self.times(a, self.inverse(self.reduced(b)))
            case "sqrt":
                self.require(args[0], a, SIGNS[">="])
                return self.root(self.reduced(a))
            case "abs":
                return self.absolute(a)
            case "sign":
                return self.sign_value(a)
            case "maximum" | "minimum":
                gap = self.absolute(plus(a, scaled(b, -1)))
                return scaled(plus(a, b, scaled(gap, 1 if op == "maximum" else -1)), Fraction(1, 2))
            case "pow":
                base = self.unsigned(args[0]) if (self.exponent(args[1]) or 1) % 2 == 0 else args[0]
                return self.raised(base, self.value(base, tuple(at.items())), b)
            case "exp":
                return self.exponential(self.reduced(a))
            case "erf":
                return self.named(op, "", self.reduced(a))[1] if a else {}
            case "log":
                self.require(args[0], a, SIGNS[">"])
                return self.named(op, "", a)[1] if a != UNIT else {}
        raise NotCovered(f"the operation {op}")

    def exponential(self, poly: Poly) -> Poly:
        """``exp(a + 2b/3) = exp(a) exp(b/3)^2``; terms that differ in signs only stay together."""
        pieces: dict[Any, list[Any]] = {}
        for monomial, coefficient in poly.items():
            signs = frozenset(pair for pair in monomial if self.kind(pair[0]) == "sign")
            pieces.setdefault(monomial - signs, []).append((len(signs), monomial, Fraction(coefficient)))
        value = UNIT
        for piece in pieces.values():
            times = min(piece, key=lambda term: term[0])[2].numerator
            found, entry = self.named("exp", "", {monomial: c / times for _, monomial, c in piece})
            found.nonneg = found.nonzero = True
            value = self.times(value, self.power(entry, times))
        return value

    def unsigned(self, node: int) -> int:
        """What an even power may be taken of instead: ``|u|^2 = u^2``."""
        op, args, _ = self.graph.nodes[node]
        return self.unsigned(args[0]) if op in ("abs", "let", "neg") else node

    def replaced(self, name: str, at: dict[str, int], flags: Iterable[str]) -> Poly:
        """What an assumed equation says of an input or a size: a value that is as the input is declared.

        A number need not be: eps = 0 stands for a limit.
        """
        if name in self.open:
            raise Rejected(f"{name} is said to equal something made of itself")
        self.open.add(name)
        value = self.given(self.claim.put[name], tuple(at.items()))
        self.open.remove(name)
        for flag in flags if not set(value) <= {ONE} else ():
            self.assume(value, SIGNS.get(flag, UNKNOWN))
        return value

    def summed(self, op: str, body: int, axes: Any, at: dict[str, int]) -> Poly:
        """A sum or mean; a sum over a fixed axis is written out."""
        env, bound, factor = dict(at), [], UNIT
        for name, size in axes:
            extent = self.value(size)
            factor = self.times(factor, self.inverse(extent)) if op == "mean" else factor
            if name not in self.graph.axes[body]:
                factor = self.times(factor, extent)
                continue
            fresh = name
            while self.axis(fresh) in at.values() or self.axis(fresh) in env.values():
                fresh += "'"
            env[name] = self.axis(fresh)
            bound.append((self.axis(fresh), extent))
        poly = self.value(body, tuple(env.items()))
        for token, extent in bound:
            if set(extent) == {ONE} and extent[ONE] <= EXPAND:
                poly = plus({}, *[self.moved(poly, {token: self.token(k + 1)}) for k in range(int(extent[ONE]))])
            else:
                poly = self.moved(poly, {token: 0}, (self.colour(extent),))
        return self.times(factor, poly)

    def derivative(self, op: str, body: int, data: Any, at: dict[str, int]) -> Poly:
        """The derivative of an unknown loss: a function of its whole output, so of the polynomial of an entry."""
        loss, axes = data[0], dict(data[1])
        names = sorted(axes)
        sizes = [self.value(axes[name]) for name in names]
        if self.shapes.setdefault(loss, sizes) != sizes:
            raise Rejected(f"the loss {loss} is a function of outputs of two shapes")
        key = self.moved(self.value(body), {self.axis(name): -1 - i for i, name in enumerate(names)})
        copies = dict(zip(axes, data[2], strict=True)) if op == "curvature" else {}
        places = [at[name] for name in names] + [at[copies[name]] for name in names if copies]
        return self.atom(self.of_loss(op, f"{loss}/{len(names)}", len(places), self.reduced(key)), tuple(places))

    def of_loss(self, kind: str, name: str, arity: int, output: Poly) -> Generator:
        """The derivative of a loss as a function of its output, an entry of which is given in slots."""
        own = arity // (2 if kind == "curvature" else 1)
        if any(i < -own and i not in self.positions for i in self.free(output)):
            raise NotCovered("the derivative of a loss whose output has further indices")
        found = self.generator(kind, name, arity, output)
        if kind == "curvature":
            found.orders = [tuple(range(arity)), (*range(own, arity), *range(own))]
        return found

    def raised(self, base: int, a: Poly, exponent: Poly) -> Poly:
        """A power; each product of symbols in an exponent makes one generator, ``b^(2t + 1) = (b^t)^2 b``."""
        if self.free(exponent):
            raise NotCovered("an exponent with an index")
        result = UNIT
        for monomial, coefficient in exponent.items():
            twice = 2 * Fraction(coefficient)
            if twice.denominator > 1 or (monomial and twice % 2) or abs(twice) > 128:
                raise NotCovered(f"the power {coefficient}")
            whole, half = divmod(int(twice), 2)
            if monomial:
                self.require(base, a, SIGNS[">"])
                found, factor = self.named("power", str(sorted(monomial)), a)
                found.nonneg = found.nonzero = True
                result = self.times(result, self.power(factor, whole))
                continue
            if half or whole < 0:
                self.require(base, a, SIGNS["!=" if not half else ">" if twice < 0 else ">="])
            value = self.power(self.root(self.reduced(a)), int(twice)) if half and twice > 0 else None
            if half and value is None:
                value = self.power(self.inverse(self.reduced(self.root(self.reduced(a)))), -int(twice))
            value = value or (self.power(a, whole) if whole >= 0 else self.power(self.inverse(self.reduced(a)), -whole))
            result = self.times(result, value)
        return result
