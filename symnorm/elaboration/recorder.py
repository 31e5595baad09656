"""The value of each node, step by step, and what the certificate's choices make of the assumptions."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

from symnorm.elaboration.algebra import ONE, UNIT, Generator, Poly, plus, scaled
from symnorm.elaboration.claim import Claim
from symnorm.elaboration.meaning import EXPAND, Name
from symnorm.elaboration.operations import Operations
from symnorm.elaboration.rows import Row, Rows, multiplied, replaced, times_number
from symnorm.elaboration.signs import Env
from symnorm.elaboration.triples import SIGNS
from symnorm.replay.graph import OF_LOSS, REDUCING, Graph, NotCovered, Rejected


def all_below(graph: Graph, nodes: list[int]) -> set[int]:
    """Everything that some nodes are made of."""
    return {n for node in nodes for n in graph.below(node)}


class Recorder(Operations):
    """A proof's steps, as they are taken."""

    def __init__(self, claim: Claim, data: Any) -> None:
        super().__init__(claim)
        self.prepare()
        self.kept = self.positions
        self.lemma_polys: list[Poly] = []
        self.input_names: dict[int, str] = {}
        self.declared_flags: dict[int, tuple[bool, bool]] = {}
        self.loss_names: dict[int, str] = {}
        self.extra: Any = None
        given = [side for a, _, b in claim.given for side in (a, b)] + [node for node, _ in claim.conditions]
        self.assumed = all_below(self.graph, given)
        self.register()
        for op, _, entry in [*self.graph.nodes]:
            if op in ("input", "size"):
                self.leaf(op, entry)
        for poly in data["squares"]:
            with suppress(NotCovered, Rejected):  # others speak of roots that are not declared yet
                value = self.read(poly, {})
                self.squares.append((self.power(value, 2), value))
        self.assume_conditions()
        self.collect()
        self.choose(data)

    # what is assumed --------------------------------------------------------------------------------------------------

    def leaf(self, op: str, data: Any) -> Generator:
        """An input or size, with its name and what it is declared to be."""
        found = super().leaf(op, data)
        name = data if op == "size" else data[0]
        self.input_names[found.number] = name
        signs = [SIGNS[flag] for flag in data[2] if flag in SIGNS] if op == "input" else [SIGNS[">"]]
        self.declared_flags[found.number] = any(s[0] for s in signs), any(s[2] for s in signs)
        return found

    def constant(self, name: str) -> Generator:
        """A number that is not rational, with its name."""
        found = super().constant(name)
        self.input_names[found.number] = name
        return found

    def assume_conditions(self) -> None:
        """Conditions and assumed inequalities, as facts."""
        for number, (left, relation, right) in enumerate(self.claim.given):
            if relation != "==":
                way = -1 if relation in ("<", "<=") else 1
                gap = scaled(plus(self.value(left), scaled(self.value(right), -1)), way)
                self.learn(gap, relation != "!=", relation in (">", "<", "!="), "given", number)
        for name, node in self.claim.put.items():
            (flags,) = {n[2][2] for n in self.graph.nodes if n[0] == "input" and n[2][0] == name} or {()}
            value = self.value(node)
            for flag in flags if not set(value) <= {ONE} else ():
                if flag in SIGNS:
                    self.learn(value, SIGNS[flag][0], SIGNS[flag][2], "declared", name, flag)
        for number, (node, relation) in enumerate(self.claim.conditions):
            way = -1 if relation in ("<", "<=") else 1
            value = scaled(self.value(node), way)
            self.learn(value, relation != "!=", relation in (">", "<", "!="), "given", len(self.claim.given) + number)
        super().assume_conditions()

    def collect(self) -> None:
        """What roots are taken of, before anything is solved for."""
        sides = [side for a, _, b in self.claim.states for side in (a, b)]
        for op, args, _ in [self.graph.nodes[n] for n in sorted({*self.assumed, *all_below(self.graph, sides)})]:
            if op in ("sqrt", "pow", "div"):
                try:
                    if op != "pow" or (self.exponent(args[1]) or Fraction(1)).denominator == 2:
                        node = args[-1] if op == "div" else args[0]
                        if self.of_node(node, True, True) is None:
                            self.of_node(node, True, False)
                except (NotCovered, Rejected):
                    continue

    def choose(self, data: Any) -> None:
        """Roots solved for a component of their square, equations of one of their components, squares."""
        names: dict[str, Name] = {}
        solve = dict(data["solve"])
        for row in data["generators"]:
            names |= self.declared([row], names)
            if row[0] not in solve:
                continue
            root, order, _ = names[row[0]]
            if root.kind != "root" or root.of is None:
                raise Rejected("only a root is solved for a component of its square")
            root.solved = True
            self.label(root)
            before = self.own(root)
            self.steps.clear()
            itself = tuple(range(-1, -1 - root.arity, -1))
            gap = plus(scaled(root.of, -1), self.atom(root, itself, 2))
            move = {slot: -1 - i for i, slot in enumerate(order)}
            for written in solve[row[0]]:
                component = self.placed_at(self.component_of(written, names)[0], move)
                relation, why = gap, before
                for slot in set(itself) - self.components[component][2]:
                    relation, why = self.over_slot(relation, why, slot)
                self.solved(relation, why, component)
        self.values.clear()
        self.assume_conditions()
        for number, written in data["rules"]:
            gap, move, pattern = self.equation_of(number, written, names)
            why = [Row(Fraction(1), (), (), ("given", number), tuple(move.items()))]
            self.solved(self.moved(gap, move), why, pattern)
            self.values.clear()
        for poly in data["squares"]:
            value = self.reduced(self.read(poly, names))
            self.squares.append((self.reduced(self.power(value, 2)), value))

    def over_slot(self, relation: Poly, why: Rows, slot: int) -> tuple[Poly, Rows]:
        """An equation summed over the axis of a slot."""
        colour = self.context(relation)[slot]
        return self.moved(relation, {slot: 0}, (colour,)), replaced(why, {slot: 0}, (colour,))

    def solved(self, relation: Poly, why: Rows, component: int) -> None:
        """The rule that ``relation = why`` gives, as a lemma."""
        relation, lost = self.traced(relation)
        why = [*why, *times_number(lost, -1)]
        over, atoms, _ = self.components[component]
        one: Poly = {frozenset([(component, 1)]): 1}
        factor = {m - {(component, 1)}: c for m, c in relation.items() if dict(m).get(component) == 1}
        if not factor:
            raise Rejected("a relation cannot be solved for what the certificate says")
        rest = {m: c for m, c in relation.items() if dict(m).get(component) != 1}
        inverse, because = self.inverted(factor)
        value, lost = self.traced(scaled(self.times(rest, inverse), -1))
        rows = [*multiplied(self, why, inverse), *times_number(multiplied(self, because, one), -1), *lost]
        lemma = plus(one, scaled(value, -1))
        self.ruled(atoms, over, value, lemma, rows)

    def known_sign(self, of: Poly) -> int:
        """The fact that a polynomial is not zero."""
        found = self.evidence(of, False, True)
        if found is None:
            raise NotCovered("nothing shows that a sign is not zero")
        return found.number

    def sign_row(self, component: int) -> Row:
        """The equation ``sgn(u)^2 = 1`` at an entry."""
        generator, here = self.definition(component)
        found = self.evidence(generator.of or {}, False, True)
        if found is not None:
            return self.at_entry(generator, component, found.number)
        found = self.evidence(here, False, True)
        if found is None:
            raise NotCovered("nothing shows that a sign is not zero")
        slots = tuple((-1 - i, slot) for i, slot in enumerate(self.components[component][1][0][1]))
        return Row(Fraction(1), (), (), (generator.number, found.number, slots), ())

    # values -----------------------------------------------------------------------------------------------------------

    def value(self, node: int, env: Env = ()) -> Poly:
        """The value of a node, written down when it is first asked for."""
        if (node, ()) not in self.values:
            op, args, data = self.graph.nodes[node]
            for arg in args:
                self.value(arg)
            for size in [s for _, s in data[1]] if op in (*REDUCING, *OF_LOSS) else ():
                self.value(size)
            name = data[0] if op == "input" else data
            if op in ("input", "size") and name in self.claim.put:
                self.value(self.claim.put[name])
            if node in self.assumed and op in ("sqrt", "div", "log"):
                self.learn(self.value(args[-1]), op != "div", op != "sqrt", "defined", node)
            at = {axis: self.axis(axis) for axis in self.graph.axes[node]}
            self.extra = None
            self.hint = args[-1] if op in ("div", "sqrt", "log") else args[0] if op == "pow" else None
            raw = self.meaning(op, args, data, at)
            extra = self.extra
            value, rows = self.traced(raw)
            self.emit("value", node, extra, self.multiples(rows))
            self.values[node, ()] = value
        move = {self.axis(name): index for name, index in env if self.axis(name) != index}
        return self.moved(self.values[node, ()], move) if move else self.values[node, ()]

    def meaning(self, op: str, args: tuple[int, ...], data: Any, at: dict[str, int]) -> Poly:
        """The value of an operation; what the checker has to be told of it is left in ``extra``."""
        values = [self.value(arg) for arg in args]
        match op:
            case "div":
                inverse, rows = self.inverted(values[1])
                self.extra = [self.poly(inverse), self.multiples(rows)]
                return self.times(values[0], inverse)
            case "sqrt":
                return self.rooted(args[0], values[0], 1)
            case "pow":
                return self.powers(args[0], values[0], values[1])
            case "exp":
                return self.exponentials(values[0])
            case "sign":
                return self.signs_of(values[0])
            case "abs":
                return self.times(values[0], self.signs_of(values[0]))
            case "maximum" | "minimum":
                gap = plus(values[0], scaled(values[1], -1))
                way = Fraction(1 if op == "maximum" else -1, 2)
                return plus(scaled(plus(*values), Fraction(1, 2)), scaled(self.times(gap, self.signs_of(gap)), way))
            case "amax" | "amin" | "at_max" | "at_min":
                inside = self.graph.axes[args[0]]
                over = {self.axis(name): self.colour(self.value(size)) for name, size in data[1] if name in inside}
                return self.extremum(op, values[0], over)
            case "log" | "erf" if values[0] == (UNIT if op == "log" else {}):
                return {}
            case "log" | "erf":
                generator, entry = self.named(op, "", values[0])
                ((component, way),) = [(c, k) for m, k in entry.items() for c, _ in m]
                self.extra = [self.label(generator), self.indices(component), int(way)]
                return entry
        return super().meaning(op, args, data, at)

    def summed(self, op: str, body: int, axes: Any, at: dict[str, int]) -> Poly:
        """A sum or mean."""
        poly, count = self.value(body), UNIT
        for name, size in axes:
            extent = self.value(size)
            count = self.times(count, extent)
            if name not in self.graph.axes[body]:
                poly = self.times(poly, extent)
            elif set(extent) == {ONE} and extent[ONE] <= EXPAND:
                places = range(1, int(extent[ONE]) + 1)
                poly = plus({}, *[self.moved(poly, {self.axis(name): self.token(k)}) for k in places])
            else:
                poly = self.moved(poly, {self.axis(name): 0}, (self.colour(extent),))
        if op == "mean":
            inverse, rows = self.inverted(count)
            self.extra = [self.poly(inverse), self.multiples(rows)]
            poly = self.times(poly, inverse)
        return poly

    def derivative(self, op: str, body: int, data: Any, at: dict[str, int]) -> Poly:
        """The derivative of an unknown loss."""
        found = super().derivative(op, body, data, at)
        ((monomial, _),) = found.items()
        ((component, _),) = monomial
        generator = self.generators[self.components[component][1][0][0]]
        self.of_axes(generator, data)
        self.extra = self.label(generator)
        return found

    def of_axes(self, generator: Generator, data: Any) -> None:
        """What the derivative of a loss is called, and the colours of its indices."""
        self.loss_names[generator.number] = data[0]
        colours = [self.colour(self.value(size)) for _, size in sorted(data[1])]
        generator.extents = tuple(colours * (generator.arity // max(len(colours), 1)))

    def of_loss(self, kind: str, name: str, arity: int, output: Poly) -> Generator:
        """The derivative of a loss as a generator whose indices have colours."""
        found = super().of_loss(kind, name, arity, output)
        loss = name.rpartition("/")[0]
        for op, _, data in [*self.graph.nodes]:
            if op == kind and data[0] == loss:
                self.of_axes(found, data)
        return found
