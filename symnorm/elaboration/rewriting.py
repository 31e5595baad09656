"""Rewriting that says why: what a polynomial becomes, and which multiples of equations lie between."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symnorm.elaboration.algebra import UNIT, Atom, Generator, Monomial, Poly, plus, renumbered, scaled
from symnorm.elaboration.meaning import Meaning
from symnorm.elaboration.rows import Row, Rows, multiplied, times_number
from symnorm.replay.graph import NotCovered, Rejected


class Rewriting(Meaning):
    """Steps of rewriting, each with its reason."""

    def prepare(self) -> None:
        """Nothing is rewritten yet."""
        self.how: dict[Monomial, Rows] = {}
        self.lemmas: list[tuple[int, Poly]] = []  # of each rule: its lemma

    def traced(self, poly: Poly) -> tuple[Poly, Rows]:
        """What a polynomial is reduced to, and what is lost: ``poly = result + rows``."""
        result, trace = self.rewritten(poly)
        return result, [row for monomial, coefficient in trace for row in times_number(self.how[monomial], coefficient)]

    def step(self, monomial: Monomial) -> Poly | None:
        """One step; the rows that it takes are kept."""
        over: list[int] = []
        atoms = self.spread(monomial, over)
        for place, (g, slots, e) in enumerate(atoms):
            generator, left = self.generators[g], atoms[:place] + atoms[place + 1 :]
            at = {-1 - i: slot for i, slot in enumerate(slots)}
            if generator is self.delta and max(slots) < 0:
                low, high = sorted(slots)
                if high not in self.positions and any(high in s for _, s, _ in left):
                    self.how[monomial] = []  # the checker carries deltas out
                    return self.product_of([(g, slots, 1), *self.moved_atoms(left, {high: low})], over)
            if generator.kind == "sign":
                for ref, way in self.of_sign(generator, e, slots):
                    for lead, whole in self.leading(generator):
                        needed = {(h, renumbered(s, at)): f for h, s, f in self.spread(lead, [])}
                        held = {(h, s): f for h, s, f in left}
                        if all(held.get(key, 0) * f >= f * f for key, f in needed.items()):
                            rest = [(h, s, f - needed.get((h, s), 0)) for h, s, f in left]
                            return self.absorb(monomial, generator, (lead, whole), rest, over, at, ref, way)
            value = self.powered(generator, e)
            if value is not None:
                rows = self.of_power(generator, e)
                self.how[monomial] = self.placed_rows(rows, left, over, at)
                return self.put(left, over, value, at)
        for (pattern, colours, value), (lemma, _) in zip(self.rules, self.lemmas, strict=True):
            match = next(self.matches(pattern, colours, atoms, over, {}, {}, [e for _, _, e in atoms]), None)
            if match is not None:
                bound, placed, exponents = match
                gone = {v: i for i, v in enumerate(v for v in range(len(over)) if v not in bound.values())}
                left = [(g, renumbered(s, gone), e) for (g, s, _), e in zip(atoms, exponents, strict=True) if e]
                where = {s: gone.get(i, i) for s, i in placed.items()}
                own = [over[v] for v in gone]
                self.how[monomial] = [Row(Fraction(1), tuple(own), tuple(left), ("lemma", lemma), tuple(where.items()))]
                return self.put(left, own, value, where)
        return None

    def moved_atoms(self, atoms: list[Atom], move: dict[int, int]) -> list[Atom]:
        """Atoms at other indices."""
        return [(h, renumbered(s, move), f) for h, s, f in atoms]

    def placed_rows(self, rows: Rows, left: list[Atom], over: list[int], at: dict[int, int]) -> Rows:
        """Rows in slots, at the indices of an atom, beside others."""
        found = []
        for row in rows:
            own = {i: i + len(over) for i in range(len(row.over))}
            move = {**at, **own}
            atoms = (*left, *[(g, renumbered(s, move), e) for g, s, e in row.left])
            placed = tuple([(slot, move.get(i, i)) for slot, i in row.placed])
            found.append(Row(row.factor, (*over, *row.over), atoms, row.ref, placed))
        return found

    # signs --------------------------------------------------------------------------------------------------------

    def of_sign(self, generator: Generator, e: int, slots: tuple[int, ...]) -> list[tuple[tuple[Any, ...], int]]:
        """The equations ``sgn(u)^2 u = u`` and, in a case, ``sgn(u) u = +-u``; with what takes the sign's place."""
        if e == 2:
            return [((generator.number,), 0)]
        return []

    def absorb(
        self,
        monomial: Monomial,
        generator: Generator,
        leads: tuple[Monomial, Monomial],
        rest: list[Atom],
        over: list[int],
        at: dict[int, int],
        ref: tuple[Any, ...],
        way: int,
    ) -> Poly:
        """``sgn(u)^2 lead`` for u = k lead + ...: ``(u - sgn(u)^2 (u - k lead))/k``; also ``sgn(u) lead``."""
        lead, whole = leads
        of = generator.of or {}
        itself = tuple(range(-1, -1 - generator.arity, -1))
        power = self.atom(generator, itself, 2 if way == 0 else 1)
        others = {m: c for m, c in of.items() if m != whole}
        units = self.power({whole - lead: of[whole]}, -1)
        value = self.times(plus(scaled(of, way or 1), scaled(self.times(power, others), -1)), units)
        equation = tuple((slot, slot) for slot in itself) if len(ref) < 3 else ()
        rows = multiplied(self, [Row(Fraction(1), (), (), ref, equation)], units)
        self.how[monomial] = self.placed_rows(rows, rest, over, at)
        return self.put(rest, over, value, at)

    # powers -------------------------------------------------------------------------------------------------------

    def itself(self, generator: Generator, exponent: int = 1) -> Poly:
        """A power of a generator's entry, in slots."""
        if exponent == 0:
            return UNIT
        return self.atom(generator, tuple(range(-1, -1 - generator.arity, -1)), exponent)

    def own(self, generator: Generator, *more: Any) -> Rows:
        """The equation that defines a generator, in slots."""
        slots = tuple((-1 - i, -1 - i) for i in range(generator.arity))
        return [Row(Fraction(1), (), (), (generator.number, *more), slots)]

    def of_power(self, generator: Generator, e: int) -> Rows:
        """Why a power is what :meth:`powered` says, in slots."""
        of, entry = generator.of or {}, self.itself
        rows: Rows = []
        if generator.kind == "root" and e > 0:
            for k in range(e // 2):
                beside = self.times(self.power(of, k), entry(generator, e - 2 - 2 * k))
                rows += multiplied(self, self.own(generator), beside)
            return rows
        if generator.kind == "root":
            inverse, why = self.inverted(of)
            once = [*multiplied(self, self.own(generator), inverse), *why]  # s^2 W - 1
            square = self.times(entry(generator, 2), inverse)
            for k in range(-(e // 2)):
                beside = scaled(self.times(entry(generator, e), self.power(square, k)), -1)
                rows += multiplied(self, once, beside)
            return rows
        if generator.kind == "reciprocal":
            for k in range(-e):
                beside = self.times(entry(generator, e), self.power(self.times(entry(generator), of), k))
                rows += multiplied(self, self.own(generator), scaled(beside, -1))
            return rows
        if generator.kind == "sign" and e > 0:
            if generator.nonzero:
                known = self.known_sign(of)
                for k in range(e // 2):
                    rows += multiplied(self, self.own(generator, known), entry(generator, e - 2 - 2 * k))
                return rows
            while e >= 3:
                rows += multiplied(self, self.own(generator, "cube"), entry(generator, e - 3))
                e -= 2
            return rows
        raise NotCovered(f"the power {e} of a {generator.kind}")

    def known_sign(self, of: Poly) -> int:
        """The fact that a polynomial is not zero."""
        raise NotImplementedError

    def sign_row(self, component: int) -> Row:
        """The equation ``sgn(u)^2 = 1`` at an entry."""
        raise NotImplementedError

    def inverted(self, poly: Poly) -> tuple[Poly, Rows]:
        """One over a polynomial, and why: ``poly inverse = 1 + rows``."""
        if not poly:
            raise Rejected("something is divided by zero")
        number, monomial, primitive = self.split(poly)
        atoms = frozenset([pair for pair in monomial if not self.components[pair[0]][0]])
        signs = frozenset([(c, e) for c, e in atoms if self.kind(c) == "sign"])
        value = self.times(self.power({atoms - signs: number}, -1), {signs: 1})
        product, rows = UNIT, Rows()
        for c, e in signs:  # sgn(u)^2 = 1
            one: Poly = {frozenset([(c, 1)]): 1}
            for k in range(e):
                rows += multiplied(self, [self.sign_row(c)], self.times(product, self.power(one, 2 * k)))
            product = self.times(product, self.power(one, 2 * e))
        for divisor, e in [({frozenset([(c, 1)]): 1}, e) for c, e in monomial - atoms] + [(primitive, 1)]:
            if divisor == UNIT:
                continue
            _, entry = self.named("reciprocal", "", divisor)
            ((component, sign),) = [(c, k) for m, k in entry.items() for c, _ in m]
            found, of = self.definition(component)
            value = self.times(value, self.power(entry, e))
            for _ in range(e):
                rows += multiplied(self, [self.at_entry(found, component)], product)
                product = self.times(product, {frozenset([(component, 1)]): 1}, of)
            assert scaled(of, sign) == divisor
        return value, rows

    def at_entry(self, generator: Generator, component: int, *more: Any) -> Row:
        """The equation that defines a generator, at an entry of it."""
        slots = self.components[component][1][0][1]
        placed = tuple((-1 - i, slot) for i, slot in enumerate(slots))
        return Row(Fraction(1), (), (), (generator.number, *more), placed)

    def reciprocals(self, poly: Poly) -> list[int]:
        """The reciprocals in a polynomial that no sum holds."""
        return [c for m in poly for c, _ in m if not self.components[c][0] and self.kind(c) == "reciprocal"]

    def vanish(self, poly: Poly) -> Rows:
        """Why a polynomial vanishes: ``poly = rows``; reciprocals are multiplied out last."""
        result, rows = self.traced(poly)
        beside = UNIT
        while result:
            found = self.reciprocals(result)
            if not found:
                raise Rejected("two sides do not become one polynomial")
            c, (generator, of) = found[0], self.definition(found[0])
            one: Poly = {frozenset([(c, 1)]): 1}
            top = max(dict(m).get(c, 0) for m in result)
            made: Poly = {}
            for m, n in result.items():
                e = dict(m).get(c, 0)
                rest: Poly = {m - {(c, e)}: n}
                made = plus(made, self.times(rest, self.power(of, top - e)))
                for k in range(top - e):
                    times = self.times(beside, rest, self.power(one, e), self.power(self.times(one, of), k))
                    rows += multiplied(self, [self.at_entry(generator, c)], scaled(times, -1))
            beside = self.times(beside, self.power(one, top))
            result, more = self.traced(made)
            rows += multiplied(self, more, beside)
        return rows

