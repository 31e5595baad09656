"""Why a polynomial is not negative, or not zero: as a sum of products of facts that a checker can expand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import permutations
from typing import Any, NamedTuple

from symnorm.elaboration.algebra import ONE, SLOTS, UNIT, Generator, Monomial, Poly, joined, plus, scaled
from symnorm.elaboration.rows import Row
from symnorm.elaboration.signs import NUMBERS
from symnorm.elaboration.writing import Writing
from symnorm.replay.graph import NotCovered, Rejected


class Known(NamedTuple):
    """A fact of the checker."""

    poly: Poly
    up: bool
    off: bool
    number: int


class Factor(NamedTuple):
    """One factor of a product: as it is written, and what it is."""

    data: list[Any]
    poly: Poly
    up: bool
    off: bool


TERMS = 8  # an entry is not looked for as a factor of facts with more terms
Term = tuple[Fraction, dict[int, int], list[Factor]]  # coefficient, free indices that are summed with their colours


class Evidence(Writing):
    """Facts, found in the form of polynomials and of nodes."""

    def prepare(self) -> None:
        """Nothing is known yet."""
        super().prepare()
        self.known: list[Known] = []
        self.node_facts: dict[int, Known | None] = {}
        self.asked: set[Any] = set()
        self.busy: set[Any] = set()
        self.put_in: set[int] = set()
        self.rising: dict[Any, Any] = {}
        self.marked: dict[int, tuple[bool, bool]] = {}
        self.forms: dict[Any, list[tuple[Poly, list[int]]]] = {}

    hint: int | None = None  # the node whose value is divided by, or which a root is taken of

    def learn(self, poly: Poly, up: bool, off: bool, *rule: Any) -> Known:
        """One more fact, by a rule."""
        self.emit("fact", *rule)
        self.known.append(Known(poly, up, off, len(self.known)))
        for m, n in poly.items() if len(poly) == 1 else ():
            for c, e in m if len(m) == 1 else ():
                over, ((g, slots, _), *_), _ = self.components[c]
                if not over and e == 1 and all(map(self.is_generic, slots)) and len(set(slots)) == len(slots):
                    known = self.marked.get(g, (False, False))
                    self.marked[g] = known[0] or (up and n > 0), known[1] or off
        return self.known[-1]

    def fact_that(self, poly: Poly, up: bool, off: bool) -> int:
        """The number of a fact, once it is shown.

        Raises:
            NotCovered: none is found.
        """
        found = self.evidence(poly, True, True) or self.evidence(poly, up, off)
        if found is None and self.hint is not None:
            node, self.hint = self.hint, None
            if self.of_node(node, True, True) or self.of_node(node, up, off):
                found = self.evidence(poly, True, True) or self.evidence(poly, up, off)
        if found is None and self.collected < len(self.rules):  # in terms of what was solved for since
            self.collected = len(self.rules)
            self.values.clear()
            self.collect()
            found = self.evidence(poly, True, True) or self.evidence(poly, up, off)
        if found is None and not self.equated:
            self.equated = True
            self.by_equations()
            found = self.evidence(poly, True, True) or self.evidence(poly, up, off)
        if found is None:
            raise NotCovered("no sum of squares shows that something is not negative, or not zero")
        return found.number

    def divisible(self, generator: Generator) -> None:
        """A fact that an entry is not zero, if the checker does not know it yet."""
        if not self.flags(generator)[1]:
            self.evidence(self.itself(generator), False, True)

    collected = 0  # how many rules there were when facts were last collected from nodes

    def collect(self) -> None:
        """Facts about what roots are taken of and divided by."""
        raise NotImplementedError

    equated = False  # whether assumed equations have been asked for facts

    def by_equations(self) -> None:
        """One side of an assumed equation has the sign of the other."""
        for number, (left, relation, right) in enumerate(self.claim.given):
            for a, b, way in ((left, right, 1), (right, left, -1)) if relation == "==" else ():
                if (number not in self.put_in) and (known := self.of_node(a, True, False)) is not None:
                    row = Row(Fraction(-way), (), (), ("given", number), ())
                    poly = self.value(b)
                    term = [["1", [], [["fact", known.number, []]]]]
                    self.learn(poly, True, known.off, "sum", self.poly(poly), [], term, self.multiples([row]))

    @contextmanager
    def case(self, poly: Poly) -> Iterator[list[list[Any]]]:
        """What is recorded while a polynomial is taken not to be negative; afterwards that is forgotten."""
        kept = self.tape, dict(self.labels), dict(self.facts_of), [*self.known], dict(self.marked)
        self.tape = []
        self.known.append(Known(poly, True, False, len(self.known)))
        for memory in (self.steps, self.rising, self.forms, self.asked):
            memory.clear()
        yield self.tape
        self.tape, self.labels, self.facts_of, self.known, self.marked = kept
        for memory in (self.steps, self.rising, self.forms, self.asked):
            memory.clear()

    def maybe(self, poly: Poly) -> int | None:
        """The number of a fact that a polynomial is not zero, if there is one."""
        found = self.evidence(poly, False, True)
        return None if found is None else found.number

    def exactly(self, poly: Poly, up: bool, off: bool) -> Known | None:
        """A fact about this very polynomial."""
        return next((one for one in self.known if one.poly == poly and one.up >= up and one.off >= off), None)

    def evidence(self, poly: Poly, up: bool, off: bool) -> Known | None:
        """A fact about a polynomial, found or made."""
        found = self.exactly(poly, up, off)
        key = (frozenset(poly.items()), up, off, len(self.known))
        if found is None and not poly and not off:
            return self.learn({}, True, False, "sum", [], [], [], [])
        if found is not None or key in self.asked or not poly:
            return found
        self.asked.add(key)
        parts = self.factored(poly, up, off)
        if parts is None:
            return self.by_division(poly, up, off)
        coefficient, factors = parts
        return self.summed_up(poly, [], [(coefficient, {}, factors)], up, off)

    def summed_up(self, poly: Poly, times: list[Factor], terms: list[Term], up: bool, off: bool) -> Known | None:
        """The fact that a polynomial, times facts, is a sum of products of facts."""
        target, total = self.times(poly, *[one.poly for one in times]), dict[Monomial, Any]()
        rising, sure = True, False
        for coefficient, over, factors in terms:
            term = self.times(UNIT, *[one.poly for one in factors])
            if over:
                move = {token: place for place, token in enumerate(over)}
                term = self.moved(term, move, tuple(over.values()))
            total = plus(total, scaled(term, coefficient))
            grows = coefficient > 0 and all(one.up for one in factors)
            rising = rising and grows
            sure = sure or (all(one.off for one in factors) and (grows or (len(terms) == 1 and not over)))
        sure = sure and (rising or len(terms) == 1)
        rising = rising and all(one.up and (one.off or sure) for one in times)
        if rising < up or sure < off:
            return None
        try:
            rows = self.vanish(plus(target, scaled(total, -1)))
        except Rejected:
            return None
        context = self.context(poly, *[one.poly for _, _, factors in terms for one in factors])
        written = [
            [str(c), [self.name(i, colour) for i, colour in over.items()], [one.data for one in factors]]
            for c, over, factors in terms
        ]
        steps = self.multiples(rows)
        data = ["sum", self.poly(poly, context), [one.data for one in times], written, steps]
        return self.learn(poly, rising, sure, *data)

    # products ---------------------------------------------------------------------------------------------------------

    def factored(self, poly: Poly, up: bool, off: bool) -> tuple[Fraction, list[Factor]] | None:
        """A number and factors with known signs, whose product is the polynomial."""
        number, monomial, primitive = self.split(poly)
        left, factors = dict(monomial), list[Factor]()
        for c, e in monomial:
            if not self.components[c][0] and self.kind(c) == "sign" and e % 2 and left.get(c) == e:
                generator, of = self.definition(c)
                n, m, rest = self.split(of)
                turned = rest == scaled(primitive, -1) != primitive
                fits = rest in (UNIT, primitive) or turned
                if fits and all(left.get(k, 0) >= f > 0 or left.get(k, 0) <= f < 0 for k, f in m):
                    data = ["side", self.label(generator), self.indices(c), 1, 0]
                    factors.append(Factor(data, self.times({frozenset([(c, 1)]): 1}, of), True, False))
                    number /= -n if turned else n
                    primitive = UNIT if rest == primitive or turned else primitive
                    left = dict(joined(joined(frozenset(left.items()), m, -1), [(c, 1)], -1))
        for c, e in left.items():
            found = self.of_component(c, e, up, off)
            if found is None and e > 0 and not self.components[c][0]:  # what is negative
                less = self.exactly({frozenset([(c, 1)]): -1}, up, off)
                found, number = (None, number) if less is None else ([self.factor(less)] * e, number * (-1) ** e)
            if found is None:
                return None
            factors += found
        if primitive != UNIT:
            one = self.exactly(primitive, up, off) or self.of_terms(primitive, up, off)
            if one is None:
                return None
            factors.append(self.factor(one))
        if up and number < 0:
            return None
        return Fraction(number), factors

    def indices(self, component: int) -> list[str]:
        """The indices of an entry by name."""
        ((g, slots, _),) = self.components[component][1]
        return [self.name(i, colour) for i, colour in zip(slots, self.colours(self.generators[g]), strict=True)]

    def of_component(self, c: int, e: int, up: bool, off: bool) -> list[Factor] | None:
        """Factors for a component's power."""
        over, atoms, _ = self.components[c]
        one: Poly = {frozenset([(c, 1)]): 1}
        if not over:
            generator = self.generators[atoms[0][0]]
            known = self.flags(generator)
            written = e // 2 if generator.number in self.squared else e
            if (known[0] or not up or written % 2 == 0) and (known[1] or not off):
                if generator is self.delta:
                    return None
                data = ["entry", self.label(generator), self.indices(c), written]
                return [Factor(data, self.power(one, e), known[0] or written % 2 == 0, known[1])]
            if written != e:
                found = self.exactly(self.power(one, 2), up, off) or self.by_division(self.power(one, 2), up, off)
                return None if found is None or written < 0 else [self.factor(found)] * written
            if e < 0:
                return None
        if e % 2 == 0 and not off:
            half = self.power(one, e // 2)
            return [Factor(["square", self.poly(half)], self.power(half, 2), True, False)]
        found = self.exactly(one, up, off) or (self.inner_sum(c, up, off) if over else None)
        found = found or self.by_division(one, up, off)
        return None if found is None else [self.factor(found)] * e

    def flags(self, generator: Any) -> tuple[bool, bool]:
        """What the checker knows of a generator: not negative, not zero."""
        known = self.marked.get(generator.number, (False, False))
        own = self.flags_by_kind(generator)
        return known[0] or own[0], known[1] or own[1]

    def flags_by_kind(self, generator: Any) -> tuple[bool, bool]:
        """The same, by how it was declared."""
        if generator.kind in ("exp", "power", "constant"):
            return True, True
        if generator.kind in ("root", "reciprocal"):
            self.label(generator)
            if generator.number in self.squared:
                return False, generator.number in self.facts_of
            known = next(one for one in self.known if one.number == self.facts_of[generator.number])
            return (True, known.off) if generator.kind == "root" else (known.up, True)
        if generator.kind == "input":
            return self.declared_flags[generator.number]
        return False, False

    declared_flags: dict[int, tuple[bool, bool]]

    def inner_sum(self, c: int, up: bool, off: bool) -> Known | None:
        """A sum whose terms are not negative."""
        over, atoms, _ = self.components[c]
        bound = {i: -SLOTS + i for i in range(len(over))}  # slots that nothing else uses
        opened = self.product_of([(g, tuple(bound.get(i, i) for i in s), e) for g, s, e in atoms], [])
        parts = self.factored(opened, True, off)
        if parts is None:
            return None
        term = (parts[0], {bound[i]: colour for i, colour in enumerate(over)}, parts[1])
        return self.summed_up({frozenset([(c, 1)]): 1}, [], [term], up, off)

    def factor(self, one: Known, move: dict[int, int] | None = None) -> Factor:
        """A fact at other indices."""
        context = self.context(one.poly)
        pairs = [[self.name(a, context[a]), self.name(b, context[a])] for a, b in (move or {}).items() if a != b]
        poly = self.moved(one.poly, move) if move else one.poly
        return Factor(["fact", one.number, pairs], poly, one.up, one.off)

    # sums of several terms --------------------------------------------------------------------------------------------

    def of_terms(self, primitive: Poly, up: bool, off: bool) -> Known | None:
        """A polynomial of several terms, each of which is not negative."""
        found = self.one_side(primitive, up, off) or self.square_of(primitive, off) or self.side_of(primitive, up)
        if found is not None:
            return found
        terms: list[Term] = []
        for monomial, coefficient in primitive.items():
            parts = self.factored({monomial: coefficient}, True, False) if coefficient > 0 else None
            if parts is None:
                terms = []
                break
            terms.append((parts[0], {}, parts[1]))
        if terms:
            found = self.summed_up(primitive, [], terms, up, off)
            if found is not None:
                return found
        return self.counted(primitive, up, off) or self.by_division(primitive, up, off)

    def square_of(self, poly: Poly, off: bool) -> Known | None:
        """A square that the prover recognised."""
        free = sorted(self.free(poly), reverse=True)
        for square, known in self.squares if not off else ():
            own = sorted(self.free(square), reverse=True)
            for order in permutations(free) if len(own) == len(free) <= 5 else ():
                move = dict(zip(own, order, strict=True))
                if self.moved(square, move) == poly:
                    side = self.moved(known, move)
                    factor = Factor(["square", self.poly(side)], self.power(side, 2), True, False)
                    return self.summed_up(poly, [], [(Fraction(1), {}, [factor])], True, False)
        return None

    def side_of(self, poly: Poly, up: bool) -> Known | None:
        """What is not zero since its square is not."""
        free = sorted(self.free(poly), reverse=True)
        for square, known in self.squares if not up else ():
            own = sorted(self.free(known), reverse=True)
            for order in permutations(free) if len(own) == len(free) <= 5 else ():
                move = dict(zip(own, order, strict=True))
                side = self.moved(known, move)
                fits = side in (poly, scaled(poly, -1))
                over = self.evidence(self.moved(square, move), False, True) if fits else None
                if over is not None:
                    beside = Factor(["any", self.poly(poly)], poly, False, False)
                    return self.summed_up(poly, [beside], [(Fraction(1), {}, [self.factor(over)])], False, True)
        return None

    def one_side(self, primitive: Poly, up: bool, off: bool) -> Known | None:
        """``sgn(u) u + u`` and ``sgn(u) u - u`` are not negative."""
        signs = {c for m in primitive for c, e in m if e == 1 and not self.components[c][0] and self.kind(c) == "sign"}
        for c in signs if not off else ():
            generator, of = self.definition(c)
            for way in (1, -1):
                poly = self.times(plus({frozenset([(c, 1)]): 1}, scaled(UNIT, way)), of)
                n, m, rest = self.split(poly)
                if rest == primitive and m == ONE and n > 0:
                    data = ["side", self.label(generator), self.indices(c), 1, way]
                    return self.summed_up(primitive, [], [(1 / n, {}, [Factor(data, poly, True, False)])], up, off)
        return None

    def of_sign(self, generator: Generator, e: int, slots: tuple[int, ...]) -> list[tuple[tuple[Any, ...], int]]:
        """Also ``sgn(u) u = u`` where u is not negative."""
        if e == 1 and generator.of is not None and not self.busy:
            key = (generator.number, len(self.known))
            if key not in self.rising:
                self.rising[key] = None
                for way in (1, -1):
                    found = self.evidence(scaled(generator.of, way), True, False)
                    if found is not None:
                        self.rising[key] = found.number, way
            if self.rising[key] is not None:
                fact, way = self.rising[key]
                return [((generator.number, fact), way)]
            placed = {-1 - i: slot for i, slot in enumerate(slots)}
            here = self.moved(generator.of, placed) if max(slots, default=-1) < 0 else {}
            for way in (1, -1) if here else ():
                known = self.exactly(scaled(here, way), True, False)
                if known is not None:
                    return [((generator.number, known.number, tuple(placed.items())), way)]
        return super().of_sign(generator, e, slots)

    def counted(self, poly: Poly, up: bool, off: bool) -> Known | None:
        """``N = 1 + (N - 1)``, or from a larger bound: the terms in N - 1 are not negative."""
        sizes = sorted({c for m in poly for c, _ in m if self.is_size(c)})
        if not sizes:
            return None
        least = {c: self.bound_of(c) for c in sizes}
        less = {c: plus({frozenset([(c, 1)]): 1}, scaled(UNIT, -least[c][0])) for c in sizes}
        grouped: dict[tuple[Any, ...], Any] = {}
        for monomial, coefficient in poly.items():
            parts: list[tuple[Any, dict[int, int], Monomial]] = [(Fraction(coefficient), {}, ONE)]
            for c, e in monomial:
                if c not in sizes or e < 0:
                    parts = [(n, powers, joined(rest, [(c, e)])) for n, powers, rest in parts]
                    continue
                made = []
                for n, powers, rest in parts:
                    choose = 1
                    for k in range(e + 1):
                        made.append((n * choose * least[c][0] ** (e - k), {**powers, c: k}, rest))
                        choose = choose * (e - k) // (k + 1)
                parts = made
            for n, powers, rest in parts:
                key = (tuple(sorted((c, k) for c, k in powers.items() if k)), rest)
                grouped[key] = grouped.get(key, 0) + n
        terms: list[Term] = []
        for (powers, rest), n in grouped.items():
            if not n:
                continue
            found = self.factored({rest: 1}, True, False) if rest else (Fraction(1), [])
            if found is None or n < 0:
                return None
            beside = []
            for c, k in powers:
                beside += [Factor(least[c][1], less[c], True, False)] * k
            terms.append((Fraction(n) * found[0], {}, [*found[1], *beside]))
        return self.summed_up(poly, [], terms, up, off)

    def bound_of(self, c: int) -> tuple[Fraction, list[Any]]:
        """The largest number that a size is known to be at least, and the fact."""
        data: list[Any] = ["size", self.label(self.generators[self.components[c][1][0][0]])]
        found = Fraction(1), data
        for one in self.known:
            bound = -Fraction(one.poly.get(ONE, 0))
            if one.up and bound > found[0] and plus(one.poly, {ONE: bound}) == {frozenset([(c, 1)]): 1}:
                found = bound, ["fact", one.number, []]
        return found

    def is_size(self, c: int) -> bool:
        """Whether a component is a size."""
        over, ((g, *_), *_), _ = self.components[c]
        return not over and self.generators[g].least > 0

    def by_division(self, wanted: Poly, up: bool, off: bool) -> Known | None:
        """A factor of a known fact, whose other factors are known."""
        key = (frozenset(wanted.items()), up, off)
        if key in self.busy:
            return None
        self.busy.add(key)
        try:
            return self.divided_out(wanted, up, off)
        finally:
            self.busy.remove(key)

    def divided_out(self, wanted: Poly, up: bool, off: bool) -> Known | None:
        """The same."""
        if not wanted:
            return None
        where = self.context(wanted)
        for one in [*self.known]:
            if one.off < off or one.up < up:
                continue
            for form, cleared in self.forms_of(one):
                if len(form) != len(wanted) > 1 or len(form) > max(len(wanted), TERMS):
                    continue
                for move in self.placings(form, where):
                    shown = self.divided_by(wanted, one, (form, cleared), move, up, off)
                    if shown is not None:
                        return shown
        return None

    def divided_by(
        self, wanted: Poly, one: Known, form: tuple[Poly, list[int]], move: dict[int, int], up: bool, off: bool
    ) -> Known | None:
        """``wanted rest = number fact``, with known factors in the rest."""
        number, monomial, primitive = self.split(wanted)
        here = self.moved(form[0], move) if move else form[0]
        if not here:
            return None
        n, m, p = self.split(here)
        way, rest = Fraction(number) / n, joined(m, monomial, -1)
        held = all(dict(m).get(c, 0) >= e > 0 or dict(m).get(c, 0) <= e < 0 for c, e in monomial)
        if not (p == primitive if primitive != UNIT else held) or (up and way < 0):
            return None
        factors = list[Factor]()
        for c, e in rest:
            found = self.of_component(c, e, up, up and not off)
            if found is None:
                return None
            factors += found
        if primitive == UNIT and p != UNIT:
            more = self.exactly(p, True, True)
            if more is None:
                return None
            factors.append(self.factor(more))
        beside = [self.factor(one, move), *[self.cleared_factor(c, move) for c in form[1]]]
        return self.summed_up(wanted, factors, [(way, {}, beside)], up, off)

    def forms_of(self, one: Known) -> list[tuple[Poly, list[int]]]:
        """What a fact says, reduced; and cleared of reciprocals, with those that it was cleared of."""
        key = (one.number, len(self.rules))
        if key not in self.forms:
            poly = self.reduced(one.poly) or one.poly
            self.forms[key] = [(poly, []), *self.cleared(poly)] if poly else []
        return self.forms[key]

    def cleared(self, poly: Poly) -> list[tuple[Poly, list[int]]]:
        """A polynomial times what its reciprocals are reciprocals of, if it has any."""
        cleared = list[int]()
        while (found := self.reciprocals(poly)) and len(poly) > 1:
            c, made = found[0], dict[Monomial, Any]()
            top = max(dict(m).get(c, 0) for m in poly)
            if not self.flags(self.definition(c)[0])[0]:
                break
            for m, n in poly.items():
                e = dict(m).get(c, 0)
                made = plus(made, self.times({m - {(c, e)}: n}, self.power(self.definition(c)[1], top - e)))
            poly = self.reduced(made)
            cleared += [c] * top
        return [(poly, cleared)] if cleared else []

    def cleared_factor(self, c: int, move: dict[int, int]) -> Factor:
        """What a reciprocal is the reciprocal of, as a fact."""
        (generator, _), slots = self.definition(c), self.components[c][1][0][1]
        self.label(generator)
        known = next(one for one in self.known if one.number == self.facts_of[generator.number])
        return self.factor(known, {-1 - i: move.get(slot, slot) for i, slot in enumerate(slots)})

    def placings(self, poly: Poly, where: dict[int, int]) -> Iterator[dict[int, int]]:
        """Ways to put free indices in place of a fact's own, each of its colour."""
        own = {i: colour for i, colour in self.context(poly).items() if self.is_generic(i)}
        if len(own) > len(where):
            return
        for chosen in permutations(sorted(where), len(own)):
            if all(where[i] == colour for i, colour in zip(chosen, own.values(), strict=True)):
                yield dict(zip(own, chosen, strict=True))

    def is_generic(self, i: int) -> bool:
        """Whether a free index stands for every index."""
        name = self.token_name(i)
        return name is None or (isinstance(name, str) and not name.endswith("*"))

    # nodes ------------------------------------------------------------------------------------------------------------

    def of_node(self, node: int, up: bool, off: bool) -> Known | None:
        """A fact about the value of a node, by its form."""
        poly = self.value(node)
        found = self.exactly(poly, up, off) or self.evidence(poly, up, off) or self.number_fact(node, up, off)
        if found is not None:
            return found
        terms = self.node_terms(node, up, off)
        return None if terms is None else self.summed_up(poly, [], terms, up, off)

    def number_fact(self, node: int, up: bool, off: bool) -> Known | None:
        """A number whose enclosure tells its sign."""
        kinds = {self.graph.nodes[n][0] for n in self.graph.below(node)}
        if not kinds <= NUMBERS:
            return None
        try:
            low, high = self.numbers_alone.value(node, {})
        except (Rejected, NotCovered):
            return None
        if (up and low < 0) or (off and low <= 0 <= high):
            return None
        return self.learn(self.value(node), low >= 0, low > 0 or high < 0, "number", node)

    def node_factor(self, node: int, up: bool, off: bool) -> Factor | None:
        """A node as a factor."""
        found = self.of_node(node, up, off)
        return None if found is None else self.factor(found)

    def node_terms(self, node: int, up: bool, off: bool) -> list[Term] | None:
        """A sum of products of facts that a node's value is."""
        op, args, data = self.graph.nodes[node]
        one = Fraction(1)

        def alone(*nodes: int, hard: bool = off, rising: bool = up) -> list[Factor] | None:
            found = [self.node_factor(n, rising, hard) for n in nodes]
            return None if any(f is None for f in found) else [f for f in found if f is not None]

        match op:
            case "input" | "size" if (data[0] if op == "input" else data) in self.claim.put:
                return self.node_terms(self.claim.put[data[0] if op == "input" else data], up, off)
            case "add":
                for hard in ([(off, False), (False, off)] if off else [(False, False)]):
                    a, b = (self.node_factor(n, True, h) for n, h in zip(args, hard, strict=True))
                    if a is not None and b is not None:
                        return [(one, {}, [a]), (one, {}, [b])]
                return None
            case "mul" if args[0] == args[1]:
                value = self.value(args[0])
                if not off:
                    return [(one, {}, [Factor(["square", self.poly(value)], self.times(value, value), True, False)])]
                found = self.of_node(args[0], False, True)
                return None if found is None else [(one, {}, [self.factor(found)._replace(up=True)] * 2)]
            case "mul":
                factors = alone(*args)
                return None if factors is None else [(one, {}, factors)]
            case "div":
                factors = alone(args[0])
                self.of_node(args[1], up, True)
                inverse, _ = self.inverted(self.value(args[1]))
                below = self.evidence(inverse, up, off)
                return None if factors is None or below is None else [(one, {}, [*factors, self.factor(below)])]
            case "pow":
                exponent = self.exponent(args[1])
                if exponent is None or exponent.denominator > 1 or exponent <= 0:
                    return None
                if exponent % 2 == 0 and not off:
                    half = self.power(self.value(args[0]), int(exponent) // 2)
                    return [(one, {}, [Factor(["square", self.poly(half)], self.times(half, half), True, False)])]
                base = self.node_factor(args[0], up and exponent % 2 == 1, off)
                return None if base is None else [(one, {}, [base] * int(exponent))]
            case "total" | "mean":
                body = self.of_node(args[0], True, off)
                axes = dict(data[1])
                if body is None:
                    return None
                factors, inside = [self.factor(body)], self.graph.axes[args[0]]
                for name, size in axes.items():
                    extent = self.value(size)
                    over = [] if op == "total" else [self.inverted(extent)[0]]
                    for one_of in [*over, *([] if name in inside else [extent])]:
                        found = self.evidence(one_of, True, True)
                        if found is None:
                            return None
                        factors.append(self.factor(found))
                own = {self.axis(n): self.colour(self.value(size)) for n, size in axes.items() if n in inside}
                return [(one, own, factors)]
            case "let" | "stop" | "rename":
                moved = self.node_terms(args[0], up, off)
                return moved if op != "rename" else None
            case "maximum" | "minimum":
                return self.of_extremum(op, args, up, off)
        return None

    def of_extremum(self, op: str, args: tuple[int, ...], up: bool, off: bool) -> list[Term] | None:
        """``max(a, b) = a + (|a - b| - (a - b))/2``."""
        for of, other in (args, args[::-1]):
            a = self.node_factor(of, True, off)
            if a is None or op == "minimum":
                continue
            gap = plus(self.value(of), scaled(self.value(other), -1))
            number, monomial, part = self.split(gap)
            if monomial != ONE and (part != UNIT or [e for _, e in monomial] != [1]):
                continue
            _, entry = self.named("sign", "", {monomial: 1} if part == UNIT else part)
            ((component, _),) = next(iter(entry))
            generator, inner = self.definition(component)
            n = number * (1 if inner in (part, {monomial: 1}) else -1)
            way = -1 if n > 0 else 1
            data = ["side", self.label(generator), self.indices(component), 1, way]
            poly = self.times(plus({frozenset([(component, 1)]): 1}, scaled(UNIT, way)), inner)
            side = Factor(data, poly, True, False)
            return [(Fraction(1), {}, [a]), (abs(Fraction(n)) / 2, {}, [side])]
        return None

