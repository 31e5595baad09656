"""What a certificate assumes, and what is known of signs wherever that holds.

A sign is visible in the form of an expression (a sum of squares is not negative), stated by a condition, or follows for
the factors of what is stated. What is known is kept with the generator, at every index, or with the entry, at its own.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

from symnorm.elaboration.algebra import ONE, SLOTS, UNIT, Atom, Generator, Monomial, Poly, joined, plus, scaled
from symnorm.elaboration.reduction import Reduction
from symnorm.elaboration.triples import SIGNS, UNKNOWN, Sign, either, of_product, of_sum
from symnorm.replay.graph import ELEMENTWISE, IMPLICIT, Graph, NotCovered, Rejected
from symnorm.replay.points import Point

Relation = tuple[int, str, int]  # left node, relation, right node
Env = tuple[tuple[str, int], ...]  # axes that stand for another free index than their own
SIZES = {"size", "number", "add", "sub", "mul", "neg", "let"}  # what a number of entries is made of
NUMBERS = {"number", "constant", *ELEMENTWISE}
LOWERED = 4  # an absolute value is lowered in two ways only beside so few others
FLIPPED = {"==": "==", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}


class Statement:
    """What is stated and assumed; ``data`` says what is put in and which conditions have to hold.

    Args:
        graph: of everything.
        places: the nodes of the certificate's rows.
        states, given: relations between nodes.
        data: the certificate, or a part of it.
    """

    def __init__(
        self, graph: Graph, places: list[int], states: list[Relation], given: list[Relation], data: Any
    ) -> None:
        self.graph, self.places, self.states, self.given = graph, places, states, given
        self.conditions = [(self.places[node], relation) for node, relation in data["conditions"]]
        self.put: dict[str, int] = {}
        for number, side in data["put"]:
            left, relation, right = self.given[number]
            target, value = (left, right) if side == "left" else (right, left)
            op, _, name = self.graph.nodes[target]
            name = name[0] if op == "input" else name
            if relation != "==" or op not in ("input", "size") or name in self.put:
                raise Rejected("only an equation for an input or a size puts something in its place")
            if not self.graph.axes[value].items() <= self.graph.axes[target].items():
                raise Rejected("what is put in place of an input has an axis that the input does not have")
            self.put[name] = value
        self.signs: dict[str, Sign] = {}
        self.least: dict[str, int] = {}
        for a, r, b in [*self.given, *[(b, FLIPPED[r], a) for a, r, b in self.given]]:
            (op, _, name), (other, _, value) = self.graph.nodes[a], self.graph.nodes[b]
            bound = Fraction(value) if other == "number" else None
            if op == "input" and bound == 0 and r in SIGNS:
                self.signs[name[0]] = either(self.signs.get(name[0], UNKNOWN), SIGNS[r])
            if op == "size" and bound is not None and r in (">", ">=") and bound.denominator == 1:
                self.least[name] = max(self.least.get(name, 1), int(bound) + (r == ">"))


class Signs(Reduction):
    """Signs under the assumptions of a statement."""

    def __init__(self, claim: Statement) -> None:
        super().__init__()
        self.claim, self.graph = claim, claim.graph
        self.visibly: dict[int, Sign] = {}
        self.several: dict[Any, Sign] = {}  # signs of polynomials of several terms, by their keys
        self.placed: dict[int, Sign] = {}  # signs of entries at certain positions
        self.zero = self.graph.number(0)
        self.numbers_alone = Point(self.graph)
        self.assuming = False  # whether what is read is assumed, and so defined
        self.generic: set[int] = set()  # free indices that stand for every position

    def value(self, node: int, env: Env = ()) -> Poly:
        """The value of a node; ``env`` says which of its axes stand for another free index than their own."""
        raise NotImplementedError

    def exponent(self, node: int) -> Fraction | None:
        """The number that an exponent is."""
        poly = self.value(node)
        return Fraction(poly.get(ONE, 0)) if set(poly) <= {ONE} else None

    def leaf(self, op: str, data: Any) -> Generator:
        """The generator of an input or a size."""
        if op == "size":
            found = self.generator("input", data, 0)
            found.least = self.claim.least.get(data, 1)
            known = SIGNS["positive"]
        else:
            found = self.generator("input", data[0], len(data[1]))
            found.extents = tuple([self.colour(self.value(size)) for _, size in data[1]])
            known = self.claim.signs.get(data[0], (False, False, False))
            for flag in data[2]:
                known = either(known, SIGNS.get(flag, known))
            found.orders = [(0, 1), (1, 0)] if "symmetric" in data[2] else []
        found.nonneg, found.nonpos, found.nonzero = known
        return found

    def constant(self, name: str) -> Generator:
        """The generator of a number that is not rational."""
        if name not in ("pi", "E"):
            raise NotCovered(f"the constant {name}")
        found = self.generator("constant", name, 0)
        found.nonneg = found.nonzero = True
        return found

    def component_sign(self, component: int, exponent: int = 1) -> Sign:
        """The sign of a component's power."""
        over, atoms, _ = self.components[component]
        found: Sign = (True, False, True)
        for g, _, e in atoms:
            one = self.generators[g]
            sign = (one.nonneg, one.nonpos, one.nonzero)
            sign = sign if over else either(sign, self.placed.get(component, UNKNOWN))
            if (e if over else exponent) % 2 == 0 and (one.kind != "root" or sign[0]):
                sign = (True, False, sign[2])
            found = of_product(found, sign)
        if over:  # terms of one sign do not cancel
            found = of_sum(found, found)
            if self.several:
                found = either(found, self.several.get(self.key({frozenset([(component, 1)]): 1}), UNKNOWN))
            if exponent % 2 == 0 and not self.may_be_unreal(atoms):
                found = (True, False, found[2])
        return found

    def may_be_unreal(self, atoms: tuple[Atom, ...]) -> bool:
        """Whether a root of something that may be negative stands to an odd power."""
        return any(e % 2 and self.generators[g].kind == "root" and not self.generators[g].nonneg for g, _, e in atoms)

    def sign(self, poly: Poly) -> Sign:
        """What is visible or known of a polynomial's sign wherever the conditions hold."""
        if not poly:
            return True, True, False
        number, monomial, primitive = self.split(poly)
        found: Sign = (number > 0, number < 0, True)
        for component, exponent in monomial:
            found = of_product(found, self.component_sign(component, exponent))
        return found if primitive == UNIT else of_product(found, self.sign_of_several(primitive))

    def sign_of_several(self, primitive: Poly) -> Sign:
        """The sign of a sum: by its terms, or because a condition says so."""
        found = either(self.by_terms(primitive), self.several.get(self.key(primitive), UNKNOWN))
        return found if found[0] else (self.lowered(primitive), *found[1:])

    def by_terms(self, poly: Poly) -> Sign:
        """The sign of a sum whose terms have one sign; sizes are counted from their bounds, ``N = least + k``."""
        counted: Poly = {}
        known: dict[Monomial, Sign] = {}  # of what stands beside the sizes
        for monomial, coefficient in poly.items():
            sizes = [(c, e) for c, e in monomial if self.generators[self.components[c][1][0][0]].least]
            beside, sign, term = monomial.difference(sizes), (True, False, True), UNIT
            for c, e in beside:
                sign = of_product(sign, self.component_sign(c, e))
            if not (sign[0] or sign[1]):
                return UNKNOWN
            known[beside] = sign
            for c, e in sizes:
                least = self.generators[self.components[c][1][0][0]].least
                base = plus({frozenset([(c, 1)]): 1}, {ONE: least})
                term = self.times(term, self.power(base, e) if e > 0 else {frozenset([(c, e)]): 1})
            counted = plus(counted, self.times(term, {beside: coefficient}))
        found: list[Sign] = []
        for monomial, coefficient in counted.items():
            sizes = [(c, e) for c, e in monomial if self.generators[self.components[c][1][0][0]].least]
            sign = of_product((coefficient > 0, coefficient < 0, not sizes), known[monomial.difference(sizes)])
            found = [of_sum(found[0], sign) if found else sign]
        return found[0]

    def lowered(self, poly: Poly) -> bool:
        """Whether ``|q| p + r`` is not negative since p and one of ``q p + r`` and ``-q p + r`` are not."""
        signs = {c for m in poly for c, e in m if e == 1 and not self.components[c][0] and self.kind(c) == "sign"}
        for sign in sorted(signs) if len(signs) <= LOWERED else []:
            beside = {m - {(sign, 1)}: n for m, n in poly.items() if (sign, 1) in m}
            rest = {m: n for m, n in poly.items() if (sign, 1) not in m}
            (n, monomial, primitive), (k, inner, argument) = self.split(beside), self.split(self.definition(sign)[1])
            if primitive != argument or not self.sign({joined(monomial, inner, -1): n / k})[0]:
                continue
            if any(self.sign(plus(rest, scaled(beside, way)))[0] for way in (1, -1)):
                return True
        return False

    def key(self, poly: Poly) -> Any:
        """A polynomial at all indices at once, but for those that are a certain position."""
        free = self.free(poly)
        if all(i >= -SLOTS or i in self.generic for i in free):
            return self.named("key", "", poly)[0].number
        found = []
        for order in permutations(sorted(free & self.generic)):
            moved = self.moved(poly, {token: -1 - i for i, token in enumerate(order)})
            found.append(tuple(sorted((tuple(sorted(m)), Fraction(c)) for m, c in moved.items())))
        return min(found)

    def assume(self, poly: Poly, known: Sign) -> None:
        """A sign that holds at every index: of a product it says what it can of each factor.

        A product that is not negative says so of one factor only where the others are greater than zero.
        """
        if not poly:
            return
        number, monomial, primitive = self.split(poly)
        for c, e in monomial:
            rest = of_product(self.sign({monomial - {(c, e)}: number}), self.sign(primitive))
            up = known[0] and rest[0] and (rest[2] or known[2])
            root = self.kind(c) == "root" and e % 4 == 2  # whose square is not negative
            sign = (up and (e % 2 == 1 or root), False, known[2])
            self.mark(c, sign)
            if self.components[c][0]:
                key = self.key({frozenset([(c, 1)]): 1})
                self.several[key] = either(self.several.get(key, UNKNOWN), (up and e % 2 == 1, False, known[2]))
        if primitive != UNIT:
            rest = self.sign({monomial: number})
            up = known[0] and rest[0] and (rest[2] or known[2])
            old = self.several.get(self.key(primitive), (False, False, False))
            self.several[self.key(primitive)] = either(old, (up, False, known[2]))
        self.steps.clear()

    def mark(self, component: int, known: Sign) -> None:
        """A sign of an atom, at every index if its indices are any, else there alone."""
        over, ((g, slots, _), *_), _ = self.components[component]
        one = self.generators[g]
        if over or len(set(slots)) < len(slots) or not all(i >= -SLOTS or i in self.generic for i in slots):
            self.placed[component] = either(self.placed.get(component, UNKNOWN), known)
        else:
            one.nonneg, one.nonpos, one.nonzero = either((one.nonneg, one.nonpos, one.nonzero), known)

    def require(self, node: int, poly: Poly, wanted: Sign) -> None:
        """Refuses what is not defined wherever the conditions hold; what is, is known from here on."""
        seen = wanted if self.assuming else either(self.visible(node), self.sign(poly))
        if any(want and not have for want, have in zip(wanted, seen, strict=True)):
            op, _, data = self.graph.nodes[node]
            why = "no condition says that a divisor does not vanish, or what a root is taken of is not negative"
            raise Rejected(f"{why}: {op} {data}")
        self.assume(poly, wanted)

    def visible(self, node: int) -> Sign:
        """The sign that the form of an expression shows, at every index."""
        if node not in self.visibly:
            known = [SIGNS[relation] for listed, relation in self.claim.conditions if listed == node]
            op, args, data = self.graph.nodes[node]
            found = self.shown(op, args, data)
            kinds = {self.graph.nodes[n][0] for n in self.graph.below(node)} if op in ("add", "sub") else {""}
            if kinds <= SIZES:
                found = either(found, self.sign(self.value(node)))  # N - 1 >= 0
            elif kinds <= NUMBERS:
                found = either(found, self.of_number(node))
            for a, relation, b in self.claim.given if op == "sub" else ():  # the gap of an assumed inequality
                known += [SIGNS[relation]] if (a, b) == args and relation in SIGNS else []
                known += [SIGNS[FLIPPED[relation]]] if (b, a) == args and FLIPPED[relation] in SIGNS else []
            for a, relation, b in self.claim.given:  # what is assumed to have a sign
                zero = self.graph.nodes[b][0] == "number" and Fraction(self.graph.nodes[b][2]) == 0
                known += [SIGNS[relation]] if a == node and zero and relation in SIGNS else []
            for sign in known:
                found = either(found, sign)
            self.visibly[node] = found
        return self.visibly[node]

    def of_number(self, node: int) -> Sign:
        """The sign of an expression without inputs, as far as its enclosure tells."""
        try:
            low, high = self.numbers_alone.value(node, {})
        except (Rejected, NotCovered):
            return UNKNOWN
        return low >= 0, high <= 0, low > 0 or high < 0

    def shown(self, op: str, args: tuple[int, ...], data: Any) -> Sign:
        """The sign of an operation's value from its arguments'."""
        signs = [self.visible(arg) for arg in args]
        match op:
            case "number":
                value = Fraction(data)
                return value >= 0, value <= 0, value != 0
            case "input" if data[0] in self.claim.put:
                return self.visible(self.claim.put[data[0]])
            case "size" if data in self.claim.put:
                return self.visible(self.claim.put[data])
            case "input" | "size":
                one = self.leaf(op, data)
                return one.nonneg, one.nonpos, one.nonzero
            case "add":
                return of_sum(*signs)
            case "sub":
                return of_sum(signs[0], (signs[1][1], signs[1][0], signs[1][2]))
            case "mul" if args[0] == args[1]:
                return True, False, signs[0][2]
            case "mul" | "div":
                return of_product(*signs)
            case "neg":
                return signs[0][1], signs[0][0], signs[0][2]
            case "pow":
                exponent = self.exponent(args[1])
                if exponent is None or exponent.denominator > 1:
                    return True, False, signs[0][0] and signs[0][2]
                return signs[0] if exponent % 2 else (True, False, signs[0][2])
            case "sqrt":
                return True, False, signs[0][0] and signs[0][2]
            case "abs":
                return True, False, signs[0][2]
            case "exp" | "constant":
                return True, False, True
            case "delta":
                return True, False, False
            case "total" | "mean":
                return of_sum(signs[0], signs[0])  # terms of one sign do not cancel
            case "amax" | "amin" | "let" | "stop" | "rename" | "sign" | "erf":
                return signs[0]
            case _ if op in IMPLICIT:
                return signs[0]
            case "maximum":
                a, b = signs
                both = a[1] and b[1]
                return a[0] or b[0], both, (a[0] and a[2]) or (b[0] and b[2]) or (both and a[2] and b[2])
            case "minimum":
                a, b = signs
                both = a[0] and b[0]
                return both, a[1] or b[1], (a[1] and a[2]) or (b[1] and b[2]) or (both and a[2] and b[2])
        return False, False, False
