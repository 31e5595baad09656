"""Facts when they are needed: about a polynomial, and about a node by its form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from symnorm.elaboration.algebra import ONE, UNIT, Generator, Poly, plus, scaled
from symnorm.elaboration.division import Division
from symnorm.elaboration.products import Factor, Known, Term
from symnorm.elaboration.rows import Row
from symnorm.elaboration.signs import NUMBERS
from symnorm.replay.graph import NotCovered, Rejected


class Evidence(Division):
    """Facts, found in the form of polynomials and of nodes."""

    hint: int | None = None  # the node whose value is divided by, or which a root is taken of
    collected = 0  # how many rules there were when facts were last collected from nodes
    equated = False  # whether assumed equations have been asked for facts

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

    def divisible(self, generator: Generator) -> None:
        """A fact that an entry is not zero, if the checker does not know it yet."""
        if not self.flags(generator)[1]:
            self.evidence(self.itself(generator), False, True)

    def collect(self) -> None:
        """Facts about what roots are taken of and divided by."""
        raise NotImplementedError

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
        if low <= 0 <= high or (up and low < 0):
            return None
        return self.learn(self.value(node), low > 0, True, "number", node, ">" if low > 0 else "!=", self.zero)

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
