"""The rules that polynomials are reduced by: what a component equals, derived from a relation and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symnorm.elaboration.algebra import (
    ONE,
    SLOTS,
    UNIT,
    Algebra,
    Atom,
    Generator,
    Monomial,
    Poly,
    plus,
    renumbered,
    scaled,
)
from symnorm.replay.graph import Rejected

STEPS = 5_000


class Reduction(Algebra):
    """Rules, powers that definitions take away, and the loop that applies them."""

    def __init__(self) -> None:
        super().__init__()
        self.rules: list[tuple[tuple[Atom, ...], tuple[int, ...], Poly]] = []
        self.steps: dict[Monomial, Poly | None] = {}

    def solve(self, relation: Poly, component: int) -> None:
        """The rule that ``relation == 0`` gives for a component: what it is multiplied by is known not to be zero."""
        over, atoms, free = self.components[component]
        factor = {m - {(component, 1)}: c for m, c in relation.items() if dict(m).get(component) == 1}
        if not factor or atoms[0][0] == self.delta.number or any(i < -SLOTS for i in free):
            raise Rejected("a relation cannot be solved for what the certificate says")
        factor = self.reduced(factor)
        if not self.sign(factor)[2]:
            raise Rejected("a relation is divided by something that may vanish")
        rest = {m: -c for m, c in relation.items() if dict(m).get(component) != 1}
        value = self.reduced(self.times(rest, self.inverse(factor)))
        if not self.free(value) <= free:
            raise Rejected("a rule's replacement has an index that its pattern does not have")
        self.rules.append((atoms, over, value))
        self.steps.clear()

    def rewritten(self, poly: Poly) -> tuple[Poly, list[tuple[Monomial, Any]]]:
        """The polynomial when no rule applies any more, and which multiples of which steps lead there."""
        pending, result, trace = dict(poly), dict[Monomial, Any](), list[tuple[Monomial, Any]]()
        while pending:
            monomial, coefficient = pending.popitem()
            if monomial not in self.steps:
                self.steps[monomial] = self.step(monomial)
            step = self.steps[monomial]
            if step is None:
                result = plus(result, {monomial: coefficient})
            else:
                pending = plus(pending, scaled(step, coefficient))
                trace.append((monomial, coefficient))
            if len(trace) > STEPS:
                raise Rejected("rewriting does not come to an end")
        return result, trace

    def reduced(self, poly: Poly) -> Poly:
        """The polynomial when no rule applies any more."""
        return self.rewritten(poly)[0]

    def step(self, monomial: Monomial) -> Poly | None:
        """One step of rewriting; ``None`` if no rule applies."""
        raise NotImplementedError

    def leading(self, generator: Generator) -> list[tuple[Monomial, Monomial]]:
        """The entries that a sign's square is taken away from, and the monomial of its definition that has them."""
        of = generator.of or {}
        whole = max([m for m in of if not any(self.components[c][0] for c, _ in m)], key=sorted, default=ONE)
        lead = frozenset([(c, e) for c, e in whole if self.components[c][2]]) or whole
        units = all(self.generators[self.components[c][1][0][0]].nonzero for c, _ in whole - lead)
        return [(lead, whole)] if lead and units and not any(lead <= m for m in of if m != whole) else []

    def absorbed(self, generator: Generator, lead: Monomial, whole: Monomial) -> Poly:
        """``sgn(u)^2 lead`` for u = k lead + ...: ``(u - sgn(u)^2 (u - k lead))/k``, since ``sgn(u)^2 u = u``."""
        of = generator.of or {}
        square = self.atom(generator, tuple(range(-1, -1 - generator.arity, -1)), 2)
        rest = {m: c for m, c in of.items() if m != whole}
        value = plus(of, scaled(self.times(square, rest), -1))
        return self.times(value, self.power({whole - lead: of[whole]}, -1))

    def powered(self, generator: Generator, e: int) -> Poly | None:
        """A power by the generator's definition, in slots: ``s^2 = P``, ``r^-1 = P``, ``sgn^3 = sgn``."""
        itself = tuple(range(-1, -1 - generator.arity, -1))
        if generator.kind == "root" and not generator.solved and e not in (0, 1) and generator.of is not None:
            base = generator.of if e > 0 else self.inverse(generator.of)
            return self.times(self.power(base, abs(e // 2)), self.atom(generator, itself) if e % 2 else UNIT)
        if generator.kind == "reciprocal" and e < 0 and generator.of is not None:
            return self.power(generator.of, -e)
        if generator.kind == "sign" and e not in ((1,) if generator.nonzero else (1, 2)):
            parity = e % 2 if generator.nonzero else 2 - e % 2
            return self.atom(generator, itself, parity) if parity else UNIT
        return None

    def put(self, left: list[Atom], over: list[int], value: Poly, placed: dict[int, int]) -> Poly:
        """Atoms times a polynomial whose slots are placed on their indices."""
        result: Poly = {}
        for monomial, coefficient in value.items():
            own = list(over)
            atoms = [(g, renumbered(s, placed), e) for g, s, e in self.spread(monomial, own)]
            result = plus(result, scaled(self.product_of(left + atoms, own), coefficient))
        return result

    def matches(
        self,
        pattern: tuple[Atom, ...],
        colours: tuple[int, ...],
        atoms: list[Atom],
        over: list[int],
        bound: dict[int, int],
        slots: dict[int, int],
        left: list[int],
    ) -> Iterator[tuple[dict[int, int], dict[int, int], list[int]]]:
        """Where a pattern stands among atoms with all of its summed indices to itself."""
        taken = set(bound.values())
        if not pattern:
            if not any(e and taken.intersection(s) for (_, s, _), e in zip(atoms, left, strict=True)):
                yield bound, slots, left
            return
        g, wanted, exponent = pattern[0]
        for place, (other, have, _) in enumerate(atoms):
            if other != g or (left[place] < exponent if exponent > 0 else left[place] > exponent):
                continue
            for order in self.generators[g].orders or [tuple(range(len(have)))]:
                b, s, fits = dict(bound), dict(slots), True
                for want, got in zip(wanted, [have[i] for i in order], strict=True):
                    if want >= 0:
                        fits = fits and got >= 0 and over[got] == colours[want] and b.setdefault(want, got) == got
                    else:
                        fits = fits and s.setdefault(want, got) == got
                if fits and len(set(b.values())) == len(b) and set(b.values()).isdisjoint(s.values()):
                    after = [e - exponent * (i == place) for i, e in enumerate(left)]
                    yield from self.matches(pattern[1:], colours, atoms, over, b, s, after)

    def inverse(self, poly: Poly) -> Poly:
        """``1/poly`` where it is not zero: atoms inverted, a rest of several terms by its reciprocal's name."""
        if not poly:
            raise Rejected("something is divided by zero")
        number, monomial, primitive = self.split(poly)
        atoms = frozenset([pair for pair in monomial if not self.components[pair[0]][0]])
        value = self.power({atoms: number}, -1)
        for divisor, e in [({frozenset([(c, 1)]): 1}, e) for c, e in monomial - atoms] + [(primitive, 1)]:
            if divisor != UNIT:
                value = self.times(value, self.power(self.named("reciprocal", "", divisor)[1], e))
        return value
