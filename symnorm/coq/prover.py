"""Proofs of statements, made from a certificate without search: the replayer's steps, each as a lemma.

The replayer of certificates computes what each value of a statement is as a polynomial over named sums. Here it writes
down why: a lemma for every value, for every rule and for every step of rewriting. Coq believes none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import count, permutations
from typing import Any

from symnorm.coq.compile import Development
from symnorm.coq.names import index, spelled
from symnorm.coq.nests import Binder, Entry, Nest, drawn, entered, moved_in, ordered, product, renamed, step, text
from symnorm.coq.nests import under as bound_by
from symnorm.coq.statement import NotExpressible, Printer, Statement, loss, nodes_of, number, parts
from symnorm.replay.algebra import ONE, SLOTS, UNIT, Generator, Monomial, Poly, joined, plus, scaled
from symnorm.replay.checker import Claim
from symnorm.replay.graph import IMPLICIT, Graph, NotCovered, Rejected
from symnorm.replay.meaning import Meaning
from symnorm.replay.signs import Env, Signs
from symnorm.replay.triples import SIGNS


class Lemma:
    """A lemma: its name and what it is about; used by naming the positions."""

    def __init__(self, name: str, over: list[Binder]) -> None:
        self.name, self.over = name, over

    def at(self, places: Mapping[str, str] | None = None) -> str:
        """The lemma at some positions, its own by default."""
        if not self.over:
            return self.name
        chosen = [(places or {}).get(v, v) for v, _ in self.over]
        return f"({self.name} {' '.join(chosen)} {' '.join(map(below, chosen))})"


def below(place: str) -> str:
    """Why a position is below its axis's size."""
    return "ltac:(lia)" if place[0].isdigit() else f"H'{place}"


class Section:
    """What the lemmas about one statement share.

    Attributes:
        printer: writes the statement's values.
        hypotheses: what is assumed, with the names of the hypotheses.
        given_names: those of the assumed relations, in their order.
        book: the lemmas so far.
        count: numbers for names.
    """

    def __init__(self, statement: Statement, printer: Printer, given: int) -> None:
        self.statement, self.printer = statement, printer
        every = [*statement.declared, *statement.given]
        self.hypotheses = {says: f"A'{number}" for number, says in reversed(list(enumerate(every)))}
        start = len(statement.declared)
        self.given_names = [f"A'{start + number}" for number in range(given)]
        self.book: list[str] = []
        self.count = count(1)

    def opening(self) -> str:
        """Variables, hypotheses and definitions."""
        one = self.statement
        lines = ["Section Proof."]
        lines += [f"Variable {name} : {kind}." for name, kind in one.variables]
        lines += [f"Hypothesis A'{number} : {says}." for number, says in enumerate(one.declared)]
        for value in one.definitions:
            binder = f" ({' '.join(value.parameters)} : nat)" if value.parameters else ""
            lines.append(f"Definition {value.name}{binder} : R := {value.body}.")
        start = len(one.declared)
        lines += [f"Hypothesis A'{start + number} : {says}." for number, says in enumerate(one.given)]
        applied = [
            f"apply {'Rge_le, ' if ' >= ' in says else ''}{name}; assumption" for says, name in self.hypotheses.items()
        ]
        unfolded = [f"progress unfold {value.name}" for value in reversed(one.definitions)]
        lines.append(f"Ltac known := first [{' | '.join(['assumption', *applied])}].")
        lines.append(f"Ltac opened := first [{' | '.join([*unfolded, 'fail'])}].")
        return "\n".join(lines) + "\n"

    def closing(self, finals: list[str]) -> str:
        """The theorem from what was shown of each part."""
        one = self.statement
        names = [name for name, _ in one.variables]
        declared = [f"A'{number}" for number in range(len(one.declared))]
        given = [f"A'{len(declared) + number}" for number in range(len(one.given))]
        arguments = " ".join([*names, *declared, *given])
        proofs = [f"({final} {arguments})" if arguments else final for final in finals]
        whole = proofs[-1]
        for proof in reversed(proofs[:-1]):
            whole = f"(conj {proof} {whole})"
        term = f"(fun {arguments} => {whole})" if arguments else whole
        return f"End Proof.\nTheorem proved : claim.\nProof.\nexact {term}.\nQed.\n"


class Prover(Meaning):
    """A proof of a claim's statements."""

    def __init__(self, claim: Claim, data: Any, section: Section) -> None:
        self.printer, self.hypotheses, self.book = section.printer, section.hypotheses, section.book
        self.given_names, self.count = section.given_names, section.count
        self.heads: dict[int, str] = {}
        self.extents: dict[int, list[str]] = {}  # of a generator's slots
        self.slots_of_size: set[int] = set()
        self.colours: dict[int, str] = {}
        self.tokens: dict[int, tuple[str, str]] = {}
        self.lemmas: dict[tuple[int, Env], Lemma | str] = {}
        self.how: dict[Monomial, str | Lemma] = {}
        self.squares_of: dict[int, Lemma] = {}
        self.solving: list[tuple[Poly, Lemma]] = []
        self.rule_lemmas: list[Lemma] = []
        self.bounds: list[tuple[str, str]] = []
        self.facts: list[tuple[int, str, Lemma, Poly, Lemma]] = []
        self.nonzero_lemmas: dict[int, Lemma] = {}
        self.latest: Any = None
        self.loss_sizes: dict[str, list[str]] = {}
        self.values, self.shapes, self.open = {}, {}, set()
        self.divided, self.real, self.inside, self.squares = [], [], [], []
        Signs.__init__(self, claim)
        self.prepare(data)

    def prepare(self, data: Any) -> None:
        """What the certificate chose, in the order of the replayer, with the reason for each rule."""
        for op, _, entry in [*self.graph.nodes]:
            if op in ("input", "size"):
                self.leaf(op, entry)
        for op, _, entry in [*self.graph.nodes]:
            if op in ("cotangent", "curvature"):
                self.loss_sizes[entry[0]] = [self.printer.natural(size) for _, size in sorted(entry[1])]
        for size in sorted({size for axes in [*self.graph.axes] for size in axes.values()}):
            self.register(size)
        self.assume_conditions()
        self.collect_facts()
        names = self.declared(data["generators"])
        for name, component in data["solve"]:
            root, order = names[name]
            self.values.clear()
            self.collect_facts()
            root.solved = True
            assert root.of is not None
            reduced, trace = self.traced(root.of)
            itself = tuple(range(-1, -1 - root.arity, -1))
            gap = plus(reduced, scaled(self.atom(root, itself, 2), -1))
            move = {slot: -1 - i for i, slot in enumerate(order)}
            self.latest = self.root_gap(root, gap, trace)
            self.solve(gap, self.placed_at(self.component_of(component, names), move), self.may_divide)
        self.values.clear()
        self.assume_conditions()
        for number, component in data["rules"]:
            left, relation, right = self.claim.given[number]
            if relation != "==":
                raise Rejected("only an equation that is assumed makes a rule")
            gap = plus(self.value(left), scaled(self.value(right), -1))
            free = sorted(self.free(gap) - self.positions, reverse=True)
            move = {token: -1 - i for i, token in enumerate(free)}
            pattern = self.placed_at(self.component_of(component, names), move)
            moved = self.moved(gap, move)
            reduced, trace = self.traced(moved)
            self.latest = self.given_gap(number, gap, free, moved, reduced, trace)
            self.solve(reduced, pattern, self.may_divide)
            self.values.clear()
        if data["squares"]:
            raise NotExpressible("a radicand that is a square")

    def register(self, size: int) -> int:
        """The colour of the indices that run over an axis of this size."""
        value, extent = self.value(size), self.printer.natural(size)
        if set(value) == {ONE}:
            raise NotExpressible("an axis of fixed size")
        colour = self.colour(value)
        if self.colours.setdefault(colour, extent) != extent:
            raise NotExpressible("two ways to write the size of an axis")
        return colour

    def collect_facts(self) -> None:
        """Signs of values of the statement, that conditions say or that their form shows, and what the values are."""
        wanted = dict[int, str]()
        for node, relation in self.claim.conditions:
            wanted[node] = relation
        for op, args, _ in [*self.graph.nodes]:
            if op in ("sqrt", "div") or (op == "pow" and self.graph.nodes[args[1]][0] == "number"):
                node = args[1] if op == "div" else args[0]
                try:
                    up, down, off = self.visible(node)
                except (NotCovered, Rejected):
                    continue
                shown = (">" if off else ">=") if up else "!=" if off else ""
                if shown and node not in wanted:
                    wanted[node] = shown
        for node, relation in wanted.items():
            try:
                poly = self.value(node)
                value = self.lemmas[node, ()]
            except (NotCovered, Rejected):
                continue
            if isinstance(value, str) or any(f[0] == node and f[3] == poly for f in self.facts):
                continue
            axes = self.graph.axes[node]
            at = {axis: self.axis(axis) for axis in axes}
            names = self.free_names(at.values())
            shown_text = self.printer.text(node, {axis: names[token] for axis, token in at.items()})
            says = {">": f"0 < {shown_text}", ">=": f"0 <= {shown_text}", "!=": f"{shown_text} <> 0"}.get(relation)
            if says is not None:
                fact = self.lemma("F", self.binders_of(at.values()), says, "shown known opened.\n")
                self.facts.append((node, relation, fact, poly, value))

    def root_gap(self, root: Generator, gap: Poly, trace: list[tuple[Monomial, Any]]) -> Lemma | str:
        """Why a radicand less its root's square vanishes."""
        try:
            assert root.of is not None
            names, over = self.slot_names(root), self.slot_binders(root)
            head = self.entry(Entry(root.number, tuple(names.values()), 1))
            reduced = plus(gap, self.atom(root, tuple(range(-1, -1 - root.arity, -1)), 2))
            target, own = self.poly_text(reduced, names), self.poly_text(root.of, names)
            tactics = (
                f"assert ({own} = {target}) as E'.\n{{ {self.reduction(trace, names)}}}\n"
                f"apply (from_gap _ _ ((- 1) * ({head} * {head} - {own}) + (- 1) * ({own} - {target}))); [exact (zero_add _ _ "
                f"(zero_gap (- 1) _ _ {self.square(root).at()}) (zero_gap (- 1) _ _ E')) | ring].\n"
            )
            return self.lemma("G", over, f"{self.poly_text(gap, names)} = 0", tactics)
        except NotExpressible as reason:
            return str(reason)

    def given_gap(
        self, number: int, gap: Poly, free: list[int], moved: Poly, reduced: Poly, trace: list[tuple[Monomial, Any]]
    ) -> Lemma | str:
        """Why the difference of the sides of an assumed equation vanishes."""
        try:
            left, _, right = self.claim.given[number]
            axes = {**self.graph.axes[left], **self.graph.axes[right]}
            names = {-1 - i: f"a'{i + 1}" for i in range(len(free))}
            place = {self.tokens[token][0]: names[-1 - i] for i, token in enumerate(free)}
            over = [(names[-1 - i], self.tokens[token][1]) for i, token in enumerate(free)]
            chosen = [place[self.tokens[self.axis(axis)][0]] for axis in axes]
            hypothesis = self.given_names[number]
            how = f"({hypothesis} {' '.join(chosen)} {' '.join(map(below, chosen))})" if chosen else hypothesis
            sides = []
            for side in (left, right):
                self.value(side)
                found = self.lemmas[side, ()]
                if isinstance(found, str):
                    raise NotExpressible(found)
                sides.append(found.at(place))
            at = {token: names[-1 - i] for i, token in enumerate(free)}
            a, b = (self.poly_text(self.value(side), at) for side in (left, right))
            tactics = (
                f"assert ({a} = {b}) as E'. {{ exact (eq_trans (eq_sym {sides[0]}) (eq_trans {how} {sides[1]})). }}\n"
                f"transitivity ({a} - {b}). {{ symmetry.\n{self.reduction(trace, names)}}}\nexact (Rminus_diag_eq _ _ E').\n"
            )
            return self.lemma("G", over, f"{self.poly_text(reduced, names)} = 0", tactics)
        except KeyError as missing:
            return f"an equation whose index {missing} vanishes"
        except NotExpressible as reason:
            return str(reason)

    # names ------------------------------------------------------------------------------------------------------------

    def fresh(self, prefix: str) -> str:
        return f"{prefix}'{next(self.count)}"

    def lemma(self, prefix: str, over: list[Binder], says: str, tactics: str) -> Lemma:
        """Writes a lemma down."""
        name = self.fresh(prefix)
        bounds = "".join(f"({v} < {size})%nat -> " for v, size in over)
        quantified = f"forall {' '.join(v for v, _ in over)} : nat, {bounds}" if over else ""
        intros = f"intros {' '.join([v for v, _ in over] + [below(v) for v, _ in over])}.\n" if over else ""
        self.book.append(f"Lemma {name} : {quantified}{says}.\nProof.\n{intros}{tactics}Qed.\n")
        return Lemma(name, over)

    def leaf(self, op: str, data: Any) -> Generator:
        found = super().leaf(op, data)
        if found.number not in self.heads:
            if op == "size":
                self.heads[found.number] = f"INR {self.printer.sizes.get(data, spelled(data))}"
                self.slots_of_size.add(found.number)
                self.extents[found.number] = []
            else:
                self.heads[found.number] = spelled(data[0])
                self.extents[found.number] = [self.printer.natural(size) for _, size in data[1]]
        return found

    def constant(self, name: str) -> Generator:
        found = super().constant(name)
        self.heads.setdefault(found.number, {"pi": "PI", "E": "exp 1"}[name])
        self.extents.setdefault(found.number, [])
        return found

    def generator(self, kind: str, name: str, arity: int, of: Poly | None = None) -> Generator:
        found = super().generator(kind, name, arity, of)
        if kind == "delta":
            self.heads[found.number] = "dl"
        elif of is not None and found.number not in self.heads:
            self.define(found, name, of)
        return found

    def define(self, one: Generator, name: str, of: Poly) -> None:
        """A definition of what a generator stands for."""
        if one.kind == "key":
            return
        if one.kind in ("cotangent", "curvature"):
            self.define_loss(one, name, of)
            return
        slots = [f"a'{i + 1}" for i in range(one.arity)]
        sizes = [self.size_of_slot(of, -1 - i) for i in range(one.arity)]
        self.extents[one.number] = sizes
        call = {"root": "sqrt", "reciprocal": "/", "sign": "sgn", "exp": "exp", "log": "ln"}.get(one.kind)
        if call is None:
            return
        self.heads[one.number] = self.fresh({"root": "s", "reciprocal": "r"}.get(one.kind, one.kind))
        binder = f" ({' '.join(slots)} : nat)" if slots else ""
        body = self.poly_text(of, self.slot_names(one))
        self.book.append(f"Definition {self.heads[one.number]}{binder} : R := {call} {body}.\n")

    def define_loss(self, one: Generator, name: str, of: Poly) -> None:
        """The derivative of a loss as a function of what its output is."""
        own = self.loss_sizes.get(name.rpartition("/")[0], [])
        slots = [f"a'{i + 1}" for i in range(one.arity)]
        self.extents[one.number] = own if one.kind == "cotangent" else [*own, *own]
        self.heads[one.number] = self.fresh("d")
        inside = self.poly_text(of, self.slot_names(one))
        output = f"(fun {' '.join(slots[: len(own)])} : nat => {inside})" if own else inside
        binder = f" ({' '.join(slots)} : nat)" if slots else ""
        body = " ".join([loss(one.kind, name.rpartition("/")[0]), output, *slots])
        self.book.append(f"Definition {self.heads[one.number]}{binder} : R := {body}.\n")

    def slot_names(self, one: Generator) -> dict[int, str]:
        return {-1 - i: f"a'{i + 1}" for i in range(one.arity)}

    def slot_binders(self, one: Generator) -> list[Binder]:
        return [(f"a'{i + 1}", size) for i, size in enumerate(self.extents[one.number])]

    def size_of_slot(self, poly: Poly, slot: int) -> str:
        """The size of the axis that a free index of a polynomial runs over."""
        for monomial in poly:
            for component, _ in monomial:
                for g, slots, _ in self.components[component][1]:
                    for place, i in enumerate(slots):
                        if i == slot and g in self.extents:
                            return self.extents[g][place]
        raise NotExpressible("an index that only deltas carry")

    def axis_of(self, token: int, size: int) -> None:
        """Which variable a free index is, and how far it runs."""
        if token not in self.tokens:
            name = next(key[1] for key, value in self.numbers.items() if key[0] == "token" and value == token)
            if isinstance(name, int):
                self.tokens[token] = (f"{name - 1}%nat", "")
            else:
                self.tokens[token] = (index(name.rstrip("*")) + "_" * name.count("*"), self.printer.natural(size))

    def free_names(self, poly_or_tokens: Iterable[int]) -> dict[int, str]:
        return {token: self.tokens[token][0] for token in poly_or_tokens if token < -SLOTS}

    def binders_of(self, tokens: Iterable[int]) -> list[Binder]:
        chosen = sorted({t for t in tokens if t < -SLOTS and t not in self.positions}, reverse=True)
        return [self.tokens[token] for token in chosen]

    # texts ------------------------------------------------------------------------------------------------------------

    def entry(self, one: Entry) -> str:
        """An entry as Coq writes it."""
        head = self.head(one.generator)
        base = f"({head} {' '.join(one.places)})" if one.places or " " in head else head
        if one.power < 0:
            base = f"(/ {base})"
        return base if abs(one.power) == 1 else f"({base} ^ {abs(one.power)})"

    def head(self, generator: int) -> str:
        """What Coq calls a generator."""
        if generator not in self.heads:
            raise NotExpressible(f"a proof about {self.generators[generator].kind}")
        return self.heads[generator]

    def nest(self, component: int, names: Mapping[int, str], power: int = 1) -> Nest:
        """A component with variables of its own."""
        over, atoms, _ = self.components[component]
        variables = [self.fresh("b") for _ in over]
        binders = tuple((v, self.colours[colour]) for v, colour in zip(variables, over, strict=True))
        at = {**names, **dict(enumerate(variables))}
        entries = tuple(
            Entry(g, tuple(at[i] for i in slots), e * (1 if over else power)) for g, slots, e in atoms
        )
        return Nest(binders, entries)

    def nests(self, monomial: Iterable[tuple[int, int]], names: Mapping[int, str]) -> list[Nest]:
        """The components of a monomial, sums as often as their exponent says."""
        found = []
        for component, e in sorted(monomial):
            if self.components[component][0]:
                if e < 0:
                    raise NotExpressible("a sum to a negative power")
                found += [self.nest(component, names) for _ in range(e)]
            else:
                found.append(self.nest(component, names, e))
        return found

    def monomial_text(self, monomial: Monomial, names: Mapping[int, str]) -> str:
        return product([text(nest, self.entry) for nest in self.nests(monomial, names)])

    def poly_text(self, poly: Poly, names: Mapping[int, str]) -> str:
        if not poly:
            return "0"
        terms = [self.term_text(m, c, names) for m, c in sorted(poly.items(), key=lambda item: sorted(item[0]))]
        return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"

    def term_text(self, monomial: Monomial, coefficient: Any, names: Mapping[int, str]) -> str:
        value = Fraction(coefficient)
        if monomial == ONE:
            return number(value)
        body = self.monomial_text(monomial, names)
        return body if value == 1 else f"({number(value)} * {body})"

    # side conditions --------------------------------------------------------------------------------------------------

    def field(self, *polys: Poly, names: Mapping[int, str], using: str = "") -> str:
        """Decide an equation of fractions; what is divided by is not zero."""
        return self.field_of([one for poly in polys for one in self.divisors(poly, names)], using)

    def arithmetic(self, *polys: Poly, names: Mapping[int, str]) -> str:
        """The same where nothing cancels, so that fractions matter only as coefficients."""
        if all(Fraction(c).denominator == 1 for poly in polys for c in poly.values()):
            return "ring.\n"
        try:
            return f"first [ring | {self.field(*polys, names=names).rstrip()[:-1]}].\n"
        except NotExpressible:
            return "ring.\n"

    def divisors(self, poly: Poly, names: Mapping[int, str]) -> list[Entry]:
        """The entries that a polynomial divides by."""
        nests = [nest for monomial in poly for nest in self.nests(monomial, names)]
        return [one for nest in nests for one in nest.entries if one.power < 0]

    def field_of(self, entries: Iterable[Entry], using: str = "") -> str:
        terms = sorted({self.nonzero(one) for one in entries})
        tactic = f"field {using}".strip()
        if not terms:
            return f"{tactic}.\n"
        tries = " | ".join(f"exact {term}" for term in terms)
        return f"{tactic}; repeat split; first [{tries}].\n"

    def nonzero(self, one: Entry) -> str:
        """Why an entry is not zero."""
        generator = self.generators[one.generator]
        if one.generator in self.slots_of_size:
            size = self.heads[one.generator].removeprefix("INR ")
            return f"(INR_nonzero {size} {self.hypotheses[f'(1 <= {size})%nat']})"
        at = {f"a'{i + 1}": place for i, place in enumerate(one.places)}
        if one.generator not in self.nonzero_lemmas:
            self.nonzero_lemmas[one.generator] = self.shown_nonzero(generator)
        return self.nonzero_lemmas[one.generator].at(at)

    def shown_nonzero(self, one: Generator) -> Lemma:
        """The lemma that a generator has no zero."""
        names, over = self.slot_names(one), self.slot_binders(one)
        head = self.entry(Entry(one.number, tuple(names.values()), 1))
        if one.kind == "constant" or (one.kind == "input" and self.declared_nonzero(head, over)):
            return self.lemma("N", over, f"{head} <> 0", "shown known opened.\n")
        if one.kind == "root" and one.of is not None:
            name = self.heads[one.number]
            fact = self.positive(one)
            if fact is not None:
                return self.lemma("N", over, f"{head} <> 0", f"unfold {name}. apply sqrt_nonzero. exact {fact.at()}.\n")
        if one.kind == "sign":
            tactics = f"unfold {self.heads[one.number]}. apply sgn_nonzero. exact {self.definition_nonzero(one).at()}.\n"
            return self.lemma("N", over, f"{head} <> 0", tactics)
        if one.kind == "reciprocal":
            tactics = f"unfold {self.heads[one.number]}. apply Rinv_neq_0_compat. exact {self.definition_nonzero(one).at()}.\n"
            return self.lemma("N", over, f"{head} <> 0", tactics)
        return self.factor_nonzero(one, head, over)

    def declared_nonzero(self, head: str, over: list[Binder]) -> bool:
        """Whether a hypothesis says so."""
        return any(
            says.endswith(ending)
            for says in self.hypotheses
            for ending in (f" 0 < {head}", f" {head} <> 0", f" {head} > 0", f" {head} < 0")
            if (says if says.startswith("forall") else " " + says)
        ) or any(says in (f"0 < {head}", f"{head} <> 0", f"{head} > 0", f"{head} < 0") for says in self.hypotheses)

    def factor_nonzero(self, one: Generator, head: str, over: list[Binder]) -> Lemma:
        """From a fact that a product with this factor is not zero."""
        for node, relation, fact, poly, value in self.facts:
            if relation not in (">", "!=", "<") or not poly:
                continue
            n, monomial, primitive = self.split(poly)
            for component, e in monomial:
                over_c, ((g, slots, _), *_), _ = self.components[component]
                if over_c or g != one.number or e < 1 or len(set(slots)) < len(slots):
                    continue
                if any(i >= -SLOTS for i in slots) or set(slots) != self.free(poly):
                    continue
                move = {token: f"a'{place + 1}" for place, token in enumerate(slots)}
                at = {self.tokens[token][0]: v for token, v in move.items()}
                node_text = self.printer.text(node, {axis: move[self.axis(axis)] for axis in self.graph.axes[node]})
                says = self.poly_text(poly, move)
                sign = "apply Rgt_not_eq; " if relation == ">" else "apply Rlt_not_eq; " if relation == "<" else ""
                tactics = (
                    f"intro H'. assert ({node_text} <> 0) as F' by ({sign}exact {fact.at(at)}). apply F'.\n"
                    f"transitivity {says}. {{ exact {value.at(at)}. }} rewrite H'. ring.\n"
                )
                return self.lemma("N", over, f"{head} <> 0", tactics)
        raise NotExpressible(f"why {one.kind} {self.heads[one.number]} is not zero")

    # steps of rewriting -----------------------------------------------------------------------------------------------

    def frame(self, poly: Poly) -> tuple[dict[int, str], list[Binder]]:
        """Variables for the free indices and slots of a polynomial, and how far they run."""
        free = self.free(poly)
        slots = sorted([i for i in free if i >= -SLOTS], reverse=True)
        names = {**self.free_names(free), **{i: f"a'{-i}" for i in slots}}
        return names, [*self.binders_of(free), *[(names[i], self.size_of_slot(poly, i)) for i in slots]]

    def traced(self, poly: Poly) -> tuple[Poly, list[tuple[Monomial, Any]]]:
        """The reduced polynomial, and which multiples of which steps lead there."""
        pending, result, trace = dict(poly), dict[Monomial, Any](), list[tuple[Monomial, Any]]()
        while pending:
            monomial, coefficient = pending.popitem()
            if monomial not in self.steps:
                self.steps[monomial] = self.step(monomial)
            found = self.steps[monomial]
            if found is None:
                result = plus(result, {monomial: coefficient})
            else:
                pending = plus(pending, scaled(found, coefficient))
                trace.append((monomial, coefficient))
            if len(trace) > 2000:
                raise NotExpressible("rewriting takes too many steps")
        return result, trace

    def reduced(self, poly: Poly) -> Poly:
        return self.traced(poly)[0]

    def reduction(self, trace: list[tuple[Monomial, Any]], names: Mapping[int, str]) -> str:
        """Tactics for: a polynomial is what the steps make of it."""
        if not trace:
            return "ring.\n"
        gaps, proof = [], ""
        for monomial, coefficient in trace:
            left, right = self.monomial_text(monomial, names), self.poly_text(self.steps[monomial] or {}, names)
            how = self.how[monomial]
            if isinstance(how, str):
                raise NotExpressible(how)
            gaps.append(f"({number(Fraction(coefficient))} * ({left} - {right}))")
            one = f"(zero_gap {number(Fraction(coefficient))} _ _ {how.at()})"
            proof = f"(zero_add _ _ {proof} {one})" if proof else one
        whole = gaps[0]
        for gap in gaps[1:]:
            whole = f"({whole} + {gap})"
        every = [{m: c} for m, c in trace] + [scaled(self.steps[m] or {}, c) for m, c in trace]
        closing = self.arithmetic(*every, names=names).rstrip()[:-1]
        return f"apply (from_gap _ _ {whole}); [exact {proof} | {closing}].\n"

    def step(self, monomial: Monomial) -> Poly | None:
        over: list[int] = []
        atoms = self.spread(sorted(monomial), over)
        copies = [(c, k) for c, e in sorted(monomial) for k in range(e if self.components[c][0] else 1)
                  for _ in self.components[c][1]]
        for place, (g, slots, e) in enumerate(atoms):
            generator, left = self.generators[g], atoms[:place] + atoms[place + 1 :]
            at = {-1 - i: slot for i, slot in enumerate(slots)}
            if generator is self.delta and max(slots) < 0:
                low, high = sorted(slots)
                if high not in self.positions and any(high in s for _, s, _ in left):
                    left = [(h, tuple(low if i == high else i for i in s), f) for h, s, f in left]
                    result = self.product_of([(g, slots, 1), *left], over)
                    self.how[monomial] = "a delta of free indices beside others"
                    self.attempt(monomial, lambda: self.by_delta(monomial, result, low, high))
                    return result
            if generator.kind == "sign" and e == 2 and generator.of is not None and len(generator.of) == 1:
                ((inside, _),) = generator.of.items()
                needed = [
                    (h, tuple(at.get(i, i) for i in s)) for h, s, _ in self.spread(inside, [0] * len(over))
                ]
                if set(needed) <= {(h, s) for h, s, _ in left} and all(not self.components[c][0] for c, _ in inside):
                    beside = self.product_of(left, over)
                    self.how[monomial] = "the square of a sign beside what it is the sign of, under a sum"
                    if max(slots, default=-1) < 0:
                        self.attempt(monomial, lambda: self.by_sign(monomial, beside, generator, at))  # noqa: B023
                    return beside
            value = self.powered(generator, e)
            if value is not None and (part := self.parted(monomial, {copies[place]})) is not None:
                return part
            if value is not None:
                result = self.put(left, over, value, at)
                self.how[monomial] = "a power"
                lemma = self.power_lemma(generator, e, value)
                if isinstance(lemma, str):
                    self.how[monomial] = lemma
                    return result
                pattern = ((g, tuple(range(-1, -1 - generator.arity, -1)), e),)
                self.attempt(
                    monomial, lambda: self.by_rule(monomial, over, atoms, left, {}, at, pattern, value, lemma, result)
                )
                return result
        for (pattern, colours, value), lemma in zip(self.rules, self.rule_lemmas, strict=True):
            match = next(self.matches(pattern, colours, atoms, over, {}, {}, [e for _, _, e in atoms]), None)
            if match is not None:
                bound, placed, exponents = match
                touched = {
                    copies[i]
                    for i, ((_, s, e), left_e) in enumerate(zip(atoms, exponents, strict=True))
                    if e != left_e or not set(bound.values()).isdisjoint(s)
                }
                if (part := self.parted(monomial, touched)) is not None:
                    return part
                gone = {v: i for i, v in enumerate(v for v in range(len(over)) if v not in bound.values())}
                kept = [(g, s, e) for (g, s, _), e in zip(atoms, exponents, strict=True) if e]
                left = [(g, tuple(gone.get(i, i) for i in s), e) for g, s, e in kept]
                result = self.put(
                    left, [over[v] for v in gone], value, {s: gone.get(i, i) for s, i in placed.items()}
                )
                self.how[monomial] = "a rule"
                if isinstance(lemma, str):
                    self.how[monomial] = lemma
                    return result
                self.attempt(
                    monomial,
                    lambda: self.by_rule(monomial, over, atoms, kept, bound, placed, pattern, value, lemma, result),
                )
                return result
        return None

    def parted(self, monomial: Monomial, touched: set[tuple[int, int]]) -> Poly | None:
        """A step of those components alone in which a rule applies, if there are others."""
        exponents = dict(monomial)
        inner: dict[int, int] = {}
        for c, _ in touched:
            inner[c] = inner.get(c, 0) + 1 if self.components[c][0] else exponents[c]
        part = frozenset(inner.items())
        others = joined(monomial, part, -1)
        if not others:
            return None
        if part not in self.steps:
            self.steps[part] = self.step(part)
        found = self.steps[part]
        if found is None:
            return None
        result = self.times({others: 1}, found)
        self.how[monomial] = "a part"
        self.attempt(monomial, lambda: self.by_part(monomial, part, others, result))
        return result

    def by_part(self, monomial: Monomial, part: Monomial, others: Monomial, result: Poly) -> Lemma:
        how = self.how[part]
        if isinstance(how, str):
            raise NotExpressible(how)
        names, binders = self.frame({monomial: 1})
        beside, value = self.monomial_text(others, names), self.steps[part] or {}
        left, right = self.monomial_text(part, names), self.poly_text(value, names)
        gap = f"({beside} * ({left} - {right}))"
        every = [{monomial: 1}, {others: 1}, value, result]
        closing = self.field(*every, names=names) if self.cancels([{others: 1}, value]) else "ring.\n"
        tactics = f"apply (from_gap _ _ {gap}). {{ exact (zero_gap {beside} _ _ {how.at()}). }}\n{closing}"
        says = f"{self.monomial_text(monomial, names)} = {self.poly_text(result, names)}"
        return self.lemma("E", binders, says, tactics)

    def attempt(self, monomial: Monomial, make: Any) -> None:
        try:
            self.how[monomial] = make()
        except NotExpressible as reason:
            self.how[monomial] = str(reason)

    def by_sign(self, monomial: Monomial, result: Poly, one: Generator, at: dict[int, int]) -> Lemma:
        names, binders = self.frame({monomial: 1})
        lemma = self.sign_square(one).at({f"a'{-s}": names[i] for s, i in at.items()})
        closing = self.field({monomial: 1}, result, names=names, using=f"[{lemma}]")
        return self.lemma("E", binders, f"{self.monomial_text(monomial, names)} = {self.poly_text(result, names)}", closing)

    def by_delta(self, monomial: Monomial, result: Poly, low: int, high: int) -> Lemma:
        names, binders = self.frame({monomial: 1})
        a, b = names[low], names[high]
        left, right = self.monomial_text(monomial, names), self.poly_text(result, names)
        divisors = renamed([*self.divisors({monomial: 1}, names), *self.divisors(result, names)], {b: a})
        closing = self.field_of(divisors).rstrip(".\n")
        tactics = (
            f"destruct (Nat.eq_dec {a} {b}) as [E' | E']; [subst {b}; {closing} |\n"
            f"assert (dl {a} {b} = 0) as Z' by (unfold dl; rewrite (proj2 (Nat.eqb_neq {a} {b}) E'); reflexivity);\n"
            f"rewrite ?(dl_sym {b} {a}), ?Z'; ring].\n"
        )
        return self.lemma("E", binders, f"{left} = {right}", tactics)

    def by_rule(
        self,
        monomial: Monomial,
        over: list[int],
        atoms: list[Any],
        kept: list[Any],
        bound: dict[int, int],
        placed: dict[int, int],
        pattern: Any,
        value: Poly,
        lemma: Lemma,
        result: Poly,
    ) -> Lemma:
        """A monomial in which a rule applies; all indices are those of its own spread."""
        names, binders = self.frame({monomial: 1})
        nests = self.nests(sorted(monomial), names)
        variables = [binder for nest in nests for binder in nest.binders]
        at = {**names, **{i: v for i, (v, _) in enumerate(variables)}}
        inner = [at[bound[i]] for i in range(len(bound))]
        outer = [v for v, _ in variables if v not in inner]
        sizes = dict(variables)
        whole = Nest(tuple(variables), tuple(entry for nest in nests for entry in nest.entries))
        tactics = step(text(whole, self.entry), drawn(nests, [], self.entry))
        whole, moves = ordered(whole, [*outer, *inner], self.entry)
        tactics += moves
        outside = [(v, sizes[v]) for v in outer]
        rest = Nest((), tuple(Entry(g, tuple(at[i] for i in s), e) for g, s, e in kept))
        places = {**{s: at[i] for s, i in placed.items()}, **dict(enumerate(inner))}
        part = Nest(
            tuple((v, sizes[v]) for v in inner),
            tuple(Entry(g, tuple(places[i] for i in s), e) for g, s, e in pattern),
        )
        beside = text(rest, self.entry)
        tactics += step(
            bound_by(outside, f"({beside} * {text(part, self.entry)})"),
            entered(outside) + "symmetry.\n" + drawn([part], [beside], self.entry),
        )
        slots = {f"a'{-s}": at[i] for s, i in placed.items()}
        value_names = {s: at[i] for s, i in placed.items()}
        tactics += step(
            bound_by(outside, f"({beside} * {self.poly_text(value, value_names)})"),
            entered(outside) + f"exact (f_equal (Rmult {beside}) {lemma.at(slots)}).\n",
        )
        terms = [(c, [rest, *self.nests(m, value_names)]) for m, c in value.items()]
        tactics += self.linear(outside, terms, at) + "rewrite ?mult_INR, ?plus_INR.\n"
        extents = [self.inverse(self.sizes[self.colour_of(size)]) for _, size in outside]
        tactics += self.field_of(
            [one for poly in [result, *extents] for one in self.divisors(poly, names)]
            + [one for one in rest.entries if one.power < 0 and set(one.places) <= set(names.values())]
            + [one for one in self.divisors(value, value_names) if set(one.places) <= set(names.values())]
        )
        return self.lemma("E", binders, f"{self.monomial_text(monomial, names)} = {self.poly_text(result, names)}", tactics)

    def linear(
        self, outside: list[Binder], terms: list[tuple[Any, list[Nest]]], at: Mapping[int, str], shape: bool = True
    ) -> str:
        """Tactics for: a sum of products under binders is the sum of what each of them is."""
        if len(outside) > 4:
            raise NotExpressible("a sum over more than four indices at once")
        inside, values, proofs = "0", "0", ""
        depth = len(outside) if len(outside) != 1 else ""
        for coefficient, nests in reversed(terms):
            q = coefficient if isinstance(coefficient, str) else number(Fraction(coefficient))
            found, tactics = self.term(outside, nests, at)
            inside = f"({q} * {product([text(n, self.entry) for n in nests])} + {inside})"
            values = f"({q} * {found} + {values})"
            proofs = f"apply Sg_cons{depth}.\n{{ {tactics}}}\n" + proofs
        closing = "reflexivity.\n" if not outside else f"apply Sg_zero{depth}.\n"
        made = step(bound_by(outside, inside), entered(outside) + "ring.\n")
        return made + step(values, proofs + closing)

    def term(self, outside: list[Binder], nests: list[Nest], at: Mapping[int, str]) -> tuple[str, str]:
        """What a product under binders is, and tactics for that."""
        write = self.entry
        binders = [*outside, *[binder for nest in nests for binder in nest.binders]]
        now = Nest(tuple(binders), tuple(entry for nest in nests for entry in nest.entries))
        sizes = dict(binders)
        tactics = self.then(
            bound_by(outside, product([text(n, write) for n in nests])),
            text(now, write),
            entered(outside) + drawn(nests, [], write),
        )
        while True:  # a delta contracts its binder
            bound = [v for v, _ in now.binders]
            found = next(
                (e for e in now.entries if e.generator == self.delta.number and e.places[0] != e.places[1]
                 and not set(bound).isdisjoint(e.places)),
                None,
            )
            if found is None:
                break
            if found.power != 1:
                raise NotExpressible("a power of a delta")
            gone = next(p for p in reversed(found.places) if p in bound)
            other = found.places[0] if found.places[1] == gone else found.places[1]
            now, moves = moved_in(now, gone, write)
            left = list(now.entries)
            left.remove(found)
            inner = text(Nest((), tuple(left), now.scalars), write)
            kept = now.binders[:-1]
            now = Nest(kept, renamed(left, {gone: other}), now.scalars)
            turn = "" if found.places[0] == gone else f"rewrite (dl_sym {other} {gone}); "
            tactics += moves + step(
                text(now, write),
                entered(kept)
                + f"apply (Sg_dl _ _ (fun {gone} : nat => {inner}) {other}); "
                f"[first [assumption | lia] | intros {gone} H'{gone}; cbv beta; {turn}ring].\n",
            )
        # equal entries are one
        merged: dict[tuple[int, tuple[str, ...]], int] = {}
        signs: dict[tuple[int, tuple[str, ...]], set[bool]] = {}
        turns: list[str] = []
        for one in now.entries:
            if one.generator == self.delta.number and one.places[0] == one.places[1]:
                continue
            orders = self.generators[one.generator].orders or [tuple(range(len(one.places)))]
            places = min(tuple(one.places[i] for i in order) for order in orders)
            if places != one.places:
                turns.append(self.turned(one, places))
            key = (one.generator, places)
            merged[key] = merged.get(key, 0) + one.power
            signs.setdefault(key, set()).add(one.power > 0)
        cancels = any(len(both) > 1 for both in signs.values())
        single = tuple(Entry(g, places, e) for (g, places), e in merged.items() if e)
        same = "rewrite ?dl_same.\n" if any(e.generator == self.delta.number for e in now.entries) else ""
        close = self.field_of([e for e in now.entries if e.power < 0]) if cancels else "ring.\n"
        joined_nest = Nest(now.binders, single, now.scalars)
        tactics += self.then(
            text(now, write), text(joined_nest, write), entered(now.binders) + same + "".join(turns) + close
        )
        now = joined_nest
        carried = {p for e in now.entries for p in e.places}
        for unused in [v for v, _ in now.binders if v not in carried]:
            now, moves = moved_in(now, unused, write)
            now = Nest(now.binders[:-1], now.entries, (*now.scalars, f"(INR {sizes[unused]})"))
            tactics += moves + step(text(now, write), entered(now.binders) + "apply Sg_const.\n")
        # as the canonical product of components
        numbers = {v: i for i, (v, _) in enumerate(now.binders)}
        back = {**{v: i for i, v in at.items() if i < 0}, **numbers}
        colours = {size: colour for colour, size in self.colours.items()}
        made = self.product_of(
            [(e.generator, tuple(back[p] for p in e.places), e.power) for e in now.entries],
            [colours[size] for _, size in now.binders],
        )
        if list(made.values()) != [1]:
            raise NotExpressible("a product that is not one term")
        ((monomial, _),) = made.items()
        parts_ = self.nests(monomial, at)
        whole = Nest(tuple(b for n in parts_ for b in n.binders), tuple(e for n in parts_ for e in n.entries))
        match = self.match(list(now.entries), list(whole.entries), dict[str, str](), {v for v, _ in whole.binders})
        if match is None:
            raise NotExpressible("a component that is not recognised")
        parts_ = [
            Nest(tuple((match[v], size) for v, size in n.binders), renamed(n.entries, match)) for n in parts_
        ]
        whole = Nest(
            tuple(b for n in parts_ for b in n.binders), tuple(e for n in parts_ for e in n.entries), now.scalars
        )
        now, moves = ordered(now, [v for v, _ in whole.binders], write)
        turns = []
        for one in whole.entries:
            if one not in now.entries:
                places = next(
                    other.places for other in now.entries
                    if other.generator == one.generator and other.power == one.power
                    and self.alike(one.generator, other.places, one.places)
                )
                turns.append(self.turned(one, places))
        tactics += moves + self.then(
            text(now, write), text(whole, write), entered(whole.binders) + "".join(turns) + "ring.\n"
        )
        result = product([*now.scalars, *[text(n, write) for n in parts_]])
        if result == text(whole, write):
            return result, tactics + "reflexivity.\n"
        return result, tactics + "symmetry.\n" + drawn(parts_, now.scalars, write)

    @staticmethod
    def then(now: str, target: str, tactics: str) -> str:
        """Go on from what is equal, unless it is the same."""
        return "" if now == target else step(target, tactics)

    def turned(self, one: Entry, places: tuple[str, ...]) -> str:
        """A tactic that writes a symmetric entry the other way round."""
        if one.generator == self.delta.number:
            return f"rewrite ?(dl_sym {' '.join(one.places)}).\n"
        raise NotExpressible("a symmetric entry")

    def alike(self, g: int, a: tuple[str, ...], b: tuple[str, ...]) -> bool:
        orders = self.generators[g].orders or [tuple(range(len(a)))]
        return any(tuple(a[i] for i in order) == b for order in orders)

    def match(
        self, mine: list[Entry], theirs: list[Entry], found: dict[str, str], bound: set[str]
    ) -> dict[str, str] | None:
        """Which of my binders each of theirs is."""
        if not theirs:
            return found if not mine else None
        first, rest = theirs[0], theirs[1:]
        for place, one in enumerate(mine):
            if one.generator != first.generator or one.power != first.power:
                continue
            for order in self.generators[one.generator].orders or [tuple(range(len(one.places)))]:
                trial, fits = dict(found), True
                for their, own in zip(first.places, [one.places[i] for i in order], strict=True):
                    if their in bound:
                        fits = fits and trial.setdefault(their, own) == own
                    else:
                        fits = fits and their == own
                if fits and len(set(trial.values())) == len(trial):
                    answer = self.match(mine[:place] + mine[place + 1 :], rest, trial, bound)
                    if answer is not None:
                        return answer
        return None

    # rules ------------------------------------------------------------------------------------------------------------

    def power_lemma(self, one: Generator, e: int, value: Poly) -> Lemma | str:
        """``s^e`` by its definition."""
        key = ("power", one.number, e)
        if key not in self.numbers:
            try:
                names, over = self.slot_names(one), self.slot_binders(one)
                left = self.entry(Entry(one.number, tuple(names.values()), e))
                right = self.poly_text(value, names)
                if one.kind == "sign":
                    self.numbers[key] = self.sign_power(one, left, right, names, over)
                    return self.numbers[key]  # type: ignore[no-any-return]
                if one.kind != "root":
                    raise NotExpressible(f"a power of a {one.kind}")
                using = f"[{self.square(one).at()}]"
                entries = self.divisors(value, names) + [Entry(one.number, tuple(names.values()), e)] * (e < 0)
                closing = self.field_of(entries, using)
                self.numbers[key] = self.lemma("W", over, f"{left} = {right}", closing)
            except NotExpressible as reason:
                self.numbers[key] = str(reason)
        found: Lemma | str = self.numbers[key]
        return found

    def sign_power(self, one: Generator, left: str, right: str, names: dict[int, str], over: list[Binder]) -> Lemma:
        """``sgn^3 = sgn``, and ``sgn^2 = 1`` where the sign is of what is not zero."""
        assert one.of is not None
        inside = self.poly_text(one.of, names)
        zero = "rewrite E'; ring"
        if one.nonzero:
            zero = f"exfalso; exact ({self.definition_nonzero(one).at()} Z')"
        tactics = (
            f"unfold {self.heads[one.number]}. destruct (sgn_cases {inside}) as [[Z' E'] | [[Z' E'] | [Z' E']]]; "
            f"[rewrite E'; first [ring | field; lra] | {zero} | rewrite E'; first [ring | field; lra]].\n"
        )
        return self.lemma("W", over, f"{left} = {right}", tactics)

    def sign_square(self, one: Generator) -> Lemma:
        """``sgn(P)^2 P = P``."""
        key = ("sign square", one.number)
        if key not in self.numbers:
            assert one.of is not None
            names, over = self.slot_names(one), self.slot_binders(one)
            head, inside = self.entry(Entry(one.number, tuple(names.values()), 1)), self.poly_text(one.of, names)
            tactics = f"unfold {self.heads[one.number]}. apply sgn_square_self.\n"
            self.numbers[key] = self.lemma("W", over, f"{head} * {head} * {inside} = {inside}", tactics)
        found: Lemma = self.numbers[key]
        return found

    def definition_nonzero(self, one: Generator) -> Lemma:
        """``P <> 0`` of a sign's or reciprocal's definition."""
        assert one.of is not None
        names, over = self.slot_names(one), self.slot_binders(one)
        says = f"{self.poly_text(one.of, names)} <> 0"
        positive = self.from_facts(one, "0 <")
        if positive is not None:
            return self.lemma("N", over, says, f"apply Rgt_not_eq. exact {positive.at()}.\n")
        found = self.from_divisor(one)
        if found is not None:
            return found
        if len(one.of) == 1:
            ((monomial, _),) = one.of.items()
            if all(not self.components[c][0] for c, _ in monomial):
                terms = [self.nonzero(entry) for nest in self.nests(monomial, names) for entry in nest.entries]
                tries = " | ".join(f"exact {term}" for term in terms)
                tactics = f"repeat apply Rmult_integral_contrapositive_currified; try lra; try apply pow_nonzero; try apply Rinv_neq_0_compat; first [{tries}].\n"
                return self.lemma("N", over, says, tactics)
        raise NotExpressible(f"why what a {one.kind} is of is not zero")

    def from_divisor(self, one: Generator) -> Lemma | None:
        """``P <> 0``, from a value of the statement that is a multiple of P and not zero."""
        assert one.of is not None
        names, over = self.slot_names(one), self.slot_binders(one)
        says = self.poly_text(one.of, names)
        n2, monomial2, primitive2 = self.split(one.of)
        for node, relation, fact, poly, value in self.facts:
            tokens = sorted(self.free(poly), reverse=True)
            if relation not in (">", "!=", "<") or not poly or len(tokens) != one.arity or len(tokens) > 4:
                continue
            if any(token in self.positions for token in tokens):
                continue
            for order in permutations(tokens):
                n1, monomial1, primitive1 = self.split(
                    self.moved(poly, {token: -1 - i for i, token in enumerate(order)})
                )
                beside = joined(monomial1, monomial2, -1)
                if primitive1 != primitive2 or any(self.components[c][0] for c, _ in beside):
                    continue
                at = {self.tokens[token][0]: f"a'{i + 1}" for i, token in enumerate(order)}
                own = {token: f"a'{i + 1}" for i, token in enumerate(order)}
                scale = {beside: n1 / n2}
                axes = {axis: own[self.axis(axis)] for axis in self.graph.axes[node]}
                node_text = self.printer.text(node, axes)
                sign = {">": "apply Rgt_not_eq; ", "<": "apply Rlt_not_eq; ", "!=": ""}[relation]
                tactics = (
                    f"assert ({node_text} <> 0) as F' by ({sign}exact {fact.at(at)}).\n"
                    f"apply (of_factor {says} {self.poly_text(scale, names)} {node_text} F').\n"
                    f"transitivity {self.poly_text(poly, own)}. {{ exact {value.at(at)}. }}\n"
                    f"{self.field(scale, poly, one.of, names={**names, **own})}"
                )
                return self.lemma("N", over, f"{says} <> 0", tactics)
        return None

    def inverse_lemma(self, one: Generator) -> Lemma:
        """``r * P = 1`` of a reciprocal."""
        key = ("inverse", one.number)
        if key not in self.numbers:
            assert one.of is not None
            names, over = self.slot_names(one), self.slot_binders(one)
            head = self.entry(Entry(one.number, tuple(names.values()), 1))
            says = f"{head} * {self.poly_text(one.of, names)} = 1"
            tactics = f"unfold {self.heads[one.number]}. apply Rinv_l. exact {self.definition_nonzero(one).at()}.\n"
            self.numbers[key] = self.lemma("I", over, says, tactics)
        found: Lemma = self.numbers[key]
        return found

    def reciprocal_at(self, component: int, names: Mapping[int, str]) -> tuple[str, str, str]:
        """A reciprocal, what it is of, and why their product is one."""
        ((number, slots, _),) = self.components[component][1]
        one = self.generators[number]
        assert one.of is not None
        at = {-1 - i: names[slot] for i, slot in enumerate(slots)}
        head = self.entry(Entry(number, tuple(names[slot] for slot in slots), 1))
        lemma = self.inverse_lemma(one).at({f"a'{i + 1}": names[slot] for i, slot in enumerate(slots)})
        return head, self.poly_text(one.of, at), lemma

    def square(self, one: Generator) -> Lemma:
        """``s * s = P``."""
        if one.number not in self.squares_of:
            assert one.of is not None
            names, over = self.slot_names(one), self.slot_binders(one)
            head = self.entry(Entry(one.number, tuple(names.values()), 1))
            fact = self.nonnegative(one)
            self.squares_of[one.number] = self.lemma(
                "Q", over, f"{head} * {head} = {self.poly_text(one.of, names)}",
                f"unfold {self.heads[one.number]}. apply sqrt_square_is. exact {fact.at()}.\n",
            )
        return self.squares_of[one.number]

    def nonnegative(self, one: Generator) -> Lemma:
        """``0 <= P`` of a root's radicand."""
        key = ("nonnegative", one.number)
        if key not in self.numbers:
            positive = self.positive(one)
            names, over = self.slot_names(one), self.slot_binders(one)
            assert one.of is not None
            if positive is not None:
                says = f"0 <= {self.poly_text(one.of, names)}"
                self.numbers[key] = self.lemma("P", over, says, f"apply Rlt_le. exact {positive.at()}.\n")
            else:
                found = self.from_facts(one, "0 <=")
                if found is None:
                    raise NotExpressible("why a radicand is not negative")
                self.numbers[key] = found
        result: Lemma = self.numbers[key]
        return result

    def positive(self, one: Generator) -> Lemma | None:
        """``0 < P`` of a root's radicand."""
        key = ("positive", one.number)
        if key not in self.numbers:
            self.numbers[key] = self.from_facts(one, "0 <")
        found: Lemma | None = self.numbers[key]
        return found

    def from_facts(self, one: Generator, wanted: str) -> Lemma | None:
        """The sign of a definition, from that of a value of the statement that is a positive multiple of it."""
        assert one.of is not None
        names, over = self.slot_names(one), self.slot_binders(one)
        says = self.poly_text(one.of, names)
        constant = set(one.of) == {ONE}
        signs_alone = all(self.visible_monomial(m, c) for m, c in one.of.items())
        if constant or signs_alone:
            return self.lemma("P", over, f"{wanted} {says}", "shown known opened.\n")
        for node, relation, fact, poly, value in self.facts:
            if relation not in ((">",) if wanted == "0 <" else (">", ">=")) or not poly:
                continue
            tokens = sorted(self.free(poly), reverse=True)
            if len(tokens) != one.arity or len(tokens) > 4 or any(token in self.positions for token in tokens):
                continue
            n2, monomial2, primitive2 = self.split(one.of)
            for order in permutations(tokens):
                n1, monomial1, primitive1 = self.split(
                    self.moved(poly, {token: -1 - i for i, token in enumerate(order)})
                )
                beside = joined(monomial1, monomial2, -1)
                if primitive1 != primitive2 or n1 / n2 < 0 or not all(self.visible_factor(c, e) for c, e in beside):
                    continue
                at = {self.tokens[token][0]: f"a'{i + 1}" for i, token in enumerate(order)}
                own = {token: f"a'{i + 1}" for i, token in enumerate(order)}
                content = {beside: n1 / n2}
                scale = self.poly_text(content, names)
                whole = self.poly_text(poly, own)
                axes = {axis: own[self.axis(axis)] for axis in self.graph.axes[node]}
                node_text = self.printer.text(node, axes)
                finish = "Rmult_lt_0_compat" if wanted == "0 <" else "Rmult_le_pos"
                order_sign = "apply Rlt_le. " if relation == ">" and wanted == "0 <=" else ""
                tactics = (
                    f"assert ({node_text} = {whole}) as V' by exact {value.at(at)}.\n"
                    f"assert (0 < {scale}) as C' by shown known opened.\n"
                    f"assert ({says} = {node_text} * / {scale}) as E'.\n"
                    f"{{ transitivity ({whole} * / {scale}); [ | exact (f_equal (fun t : R => t * / {scale}) (eq_sym V'))].\n"
                    f"{self.field(content, {joined(ONE, beside, -1): 1}, poly, names={**names, **own})}}}\n"
                    f"rewrite E'. apply {finish}; [{order_sign.replace('. ', '; ')}exact {fact.at(at)} | "
                    f"{'apply Rlt_le; ' if wanted == '0 <=' else ''}apply Rinv_0_lt_compat; exact C'].\n"
                )
                return self.lemma("P", over, f"{wanted} {says}", tactics)
        return None

    def visible_monomial(self, monomial: Monomial, coefficient: Any) -> bool:
        return coefficient > 0 and all(self.visible_factor(c, e) for c, e in monomial)

    def visible_factor(self, component: int, e: int) -> bool:
        """Whether the form of a factor shows that it is positive."""
        over, ((g, slots, _), *_), _ = self.components[component]
        if over:
            return False
        if g in self.slots_of_size or self.generators[g].kind in ("exp", "constant"):
            return True
        if self.generators[g].kind == "input":
            head = self.heads[g]
            return any(f"0 < {head}" == says or f" 0 < ({head} " in says or f"({head} " in says and says.endswith("> 0")
                       or says == f"{head} > 0" for says in self.hypotheses)
        return False

    def solve(self, relation: Poly, component: int, nonzero: Any) -> None:
        before = len(self.rules)
        super().solve(relation, component, nonzero)
        assert len(self.rules) == before + 1
        self.rule_lemmas.append(self.rule_lemma(relation, component))

    def rule_lemma(self, relation: Poly, component: int) -> Any:
        """What the relation, the latest that was shown to vanish, says of a component."""
        try:
            shown = self.latest
            if isinstance(shown, str):
                raise NotExpressible(shown)
            value = self.rules[-1][2]
            (found,) = [m for m in relation if dict(m).get(component) == 1]
            beside = {found - {(component, 1)}: relation[found]}
            names, over = self.frame(relation)
            left = self.monomial_text(frozenset([(component, 1)]), names)
            right, gap = self.poly_text(value, names), self.poly_text(relation, names)
            scale = self.poly_text(self.power(beside, -1), names)
            closing = self.field(self.power(beside, -1), value, relation, names=names)
            tactics = (
                f"apply (from_gap _ _ ({scale} * {gap})).\n{{ rewrite {shown.at()}. ring. }}\n{closing}"
            )
            return self.lemma("R", over, f"{left} = {right}", tactics)
        except NotExpressible as reason:
            return str(reason)

    # values -----------------------------------------------------------------------------------------------------------

    def value(self, node: int, env: Env = ()) -> Poly:
        axes = self.graph.axes[node]
        key = (node, tuple(pair for pair in env if pair[0] in axes))
        if key not in self.values:
            op, args, data = self.graph.nodes[node]
            at = {name: dict(env).get(name, self.axis(name)) for name in axes}
            for name, size in axes.items():
                self.axis_of(at[name], size)
            before = self.meaning(op, args, data, at)
            after, trace = self.traced(before)
            self.values[key] = after
            try:
                self.lemmas[key] = self.value_lemma(node, key[1], at, before, after, trace)
            except NotExpressible as reason:
                self.lemmas[key] = str(reason)
        return self.values[key]

    def value_lemma(self, node: int, env: Env, at: dict[str, int], before: Poly, after: Poly, trace: Any) -> Lemma:
        op, args, data = self.graph.nodes[node]
        plain = op in ("number", "constant") or (op == "input" and data[0] not in self.claim.put)
        if not trace and (plain or (op == "size" and data not in self.claim.put)):
            return Lemma("(eq_refl _)", [])
        names = self.free_names(at.values())
        places = {axis: names[token] for axis, token in at.items()}
        over = self.binders_of(at.values())
        says = f"{self.printer.text(node, places)} = {self.poly_text(after, names)}"
        first = self.meant(node, at, before, names, places)
        if trace:
            first = step(self.poly_text(before, names), first) + self.reduction(trace, names)
        return self.lemma("V", over, says, first)

    def because(self, node: int, at: Mapping[str, int]) -> str:
        """The proof term of a value."""
        env = tuple((name, at[name]) for name in self.graph.axes[node])
        for key in ((node, env), (node, tuple(p for p in env if p[1] != self.axis(p[0])))):
            found = self.lemmas.get(key)
            if found is not None:
                break
        if found is None:
            self.value(node, env)
            found = self.lemmas[node, env]
        if isinstance(found, str):
            raise NotExpressible(found)
        return found.at()

    def meant(
        self, node: int, at: dict[str, int], before: Poly, names: dict[int, str], places: dict[str, str]
    ) -> str:
        """Tactics for: a node is its operation's value."""
        op, args, data = self.graph.nodes[node]
        target = self.poly_text(before, names)
        write = self.printer.text

        def poly(arg: int) -> Poly:
            return self.value(arg, tuple((name, at[name]) for name in self.graph.axes[arg]))

        def here(arg: int) -> dict[str, str]:
            return {axis: places[axis] for axis in self.graph.axes[arg]}

        if op in ("input", "size") and (data if op == "size" else data[0]) in self.claim.put:
            return self.from_put(node, at, names, places)
        if op in ("input", "size", "number", "constant"):
            return "reflexivity.\n"
        if op == "delta":
            a, b = (places[axis] for axis, _ in data[1])
            return f"first [reflexivity | exact (dl_sym {a} {b})].\n"
        if op in ("total", "mean"):
            return self.added(op, args[0], data[1], at, before, names, places)
        if op == "rename":
            new = dict(data)
            inner = {old: at[new.get(old, old)] for old in self.graph.axes[args[0]]}
            return f"exact {self.because(args[0], inner)}.\n"
        if op in IMPLICIT or op in ("let", "stop"):
            return f"exact {self.because(args[0], {a: at[a] for a in self.graph.axes[args[0]]})}.\n"
        if op in ("cotangent", "curvature", "maximum", "minimum", "abs", "sign", "exp", "log"):
            return self.of_function(node, at, before, names, places)
        values = [poly(arg) for arg in args]
        texts = [self.poly_text(value, names) for value in values]
        because = [self.because(arg, {a: at[a] for a in self.graph.axes[arg]}) for arg in args]
        simple = {"add": ("+", "Rplus"), "sub": ("-", "Rminus"), "mul": ("*", "Rmult")}
        if op in simple:
            sign, function = simple[op]
            cancels = op == "mul" and self.cancels(values)
            closing = (self.field if cancels else self.arithmetic)(*values, before, names=names)
            return step(
                f"({texts[0]} {sign} {texts[1]})", f"exact (f_equal2 {function} {because[0]} {because[1]}).\n"
            ) + closing
        if op == "neg":
            return step(f"(- {texts[0]})", f"exact (f_equal Ropp {because[0]}).\n") + "ring.\n"
        if op == "div":
            inverse = self.inverse(self.reduced(values[1]))
            below_ = self.poly_text(inverse, names)
            closing = self.field(values[0], inverse, names=names) if self.cancels([values[0], inverse]) else "ring.\n"
            divisor = write(args[1], here(args[1]))
            return step(
                f"({texts[0]} * {below_})",
                f"apply (Rdiv_is {write(args[0], here(args[0]))} {divisor} {texts[0]} {below_}).\n"
                f"{{ transitivity ({texts[1]} * {below_}). {{ exact (f_equal (fun t : R => t * {below_}) {because[1]}). }}\n"
                f"{self.is_inverse(values[1], inverse, names)} }}\n{{ exact {because[0]}. }}\n",
            ) + closing
        if op == "sqrt":
            return self.rooted(write(args[0], here(args[0])), values[0], because[0], before, names)
        if op == "pow":
            return self.raised_to(args, values, because, before, names, write(args[0], here(args[0])))
        raise NotExpressible(f"a proof about {op}")

    def cancels(self, values: list[Poly]) -> bool:
        """Whether a product of polynomials may cancel a factor."""
        up = [{c for m in value for c, e in m if e > 0} for value in values]
        down = [{c for m in value for c, e in m if e < 0} for value in values]
        return bool((up[0] & down[-1]) | (down[0] & up[-1])) or bool(down[0]) or bool(down[-1])

    def is_inverse(self, poly: Poly, inverse: Poly, names: dict[int, str]) -> str:
        """Tactics for: a value times its inverse is one."""
        if any(self.kind(c) == "reciprocal" for m in inverse for c, _ in m):
            return self.by_reciprocal(poly, inverse, names)
        return self.field(poly, inverse, names=names)

    def by_reciprocal(self, poly: Poly, inverse: Poly, names: dict[int, str]) -> str:
        ((monomial, _),) = inverse.items()
        left, one = [], []
        for c, e in sorted(monomial):
            if self.kind(c) == "reciprocal":
                if e != 1:
                    raise NotExpressible("a power of a reciprocal")
                head, inside, lemma = self.reciprocal_at(c, names)
                left.append(f"({head} * {inside})")
                one.append(lemma)
        closing = self.field(poly, inverse, names=names)
        rewriting = "".join(f"rewrite {lemma}.\n" for lemma in one)
        return step(product(left), closing) + rewriting + "ring.\n"

    def from_put(self, node: int, at: dict[str, int], names: Any, places: dict[str, str]) -> str:
        """What an assumed equation says of an input."""
        op, _, data = self.graph.nodes[node]
        if op == "size":
            raise NotExpressible("an equation for a size")
        value = self.claim.put[data[0]]
        for (left, relation, right), name in zip(self.claim.given, self.given_names, strict=False):
            if relation == "==" and {left, right} == {node, value}:
                axes = list({**self.graph.axes[left], **self.graph.axes[right]})
                chosen = [places[axis] for axis in axes]
                how = f"({name} {' '.join(chosen)} {' '.join(map(below, chosen))})" if chosen else name
                how = how if left == node else f"(eq_sym {how})"
                because = self.because(value, {a: at[a] for a in self.graph.axes[value]})
                return f"exact (eq_trans {how} {because}).\n"
        raise NotExpressible("an equation for an input")

    def added(
        self, op: str, body: int, axes: Any, at: dict[str, int], before: Poly, names: Any, places: Any
    ) -> str:
        """Tactics for a sum or mean."""
        env, bound, factors = dict(at), list[tuple[int, str]](), list[str]()
        divided: list[Poly] = []
        for name, size in axes:
            extent = self.printer.natural(size)
            if op == "mean":
                factors.append(f" / (INR {extent})")
                divided.append(self.value(size))
            if name not in self.graph.axes[body]:
                factors.append(f" * (INR {extent})")
                continue
            fresh = name
            while self.axis(fresh) in at.values() or self.axis(fresh) in env.values():
                fresh += "'"
            env[name] = self.axis(fresh)
            self.axis_of(env[name], size)
            self.register(size)
            bound.append((env[name], extent))
        inner = {axis: env[axis] for axis in self.graph.axes[body]}
        poly = self.value(body, tuple(inner.items()))
        because = self.because(body, inner)
        all_names = self.free_names([*at.values(), *env.values()])
        binders = [(all_names[token], extent) for token, extent in bound]
        tactics = step(bound_by(binders, self.poly_text(poly, all_names)), entered(binders) + f"exact {because}.\n")
        for depth in reversed(range(len(binders))):
            token, extent = bound[depth]
            colour = self.colour_of(extent)
            terms: list[tuple[Any, list[Nest]]] = []
            result: Poly = {}
            for monomial, coefficient in sorted(poly.items(), key=lambda item: sorted(item[0])):
                touched = frozenset(pair for pair in monomial if token in self.components[pair[0]][2])
                outside = self.term_text(monomial - touched, coefficient, all_names)
                terms.append((outside, self.nests(touched, all_names)))
                result = plus(result, scaled(self.moved({monomial: 1}, {token: 0}, (colour,)), coefficient))
            here = binders[:depth]
            lemma = self.lemma(
                "S",
                self.binders_of([t for t in [*at.values(), *env.values()] if t != token and t not in
                                 [b for b, _ in bound[depth:]]]),
                f"{bound_by([binders[depth]], self.poly_text(poly, all_names))} = {self.poly_text(result, all_names)}",
                self.linear([binders[depth]], terms, all_names)
                + "rewrite ?mult_INR, ?plus_INR.\n"
                + self.field(poly, result, *[self.inverse(self.sizes[colour])], names=all_names),
            )
            tactics += step(
                bound_by(here, self.poly_text(result, all_names)), entered(here) + f"exact {lemma.at()}.\n"
            )
            poly = result
        tactics += "reflexivity.\n"
        if not factors:
            return tactics
        summed = bound_by(binders, self.printer.text(body, {a: all_names[t] for a, t in inner.items()}))
        end = self.poly_text(poly, names)
        closing = "rewrite ?mult_INR, ?plus_INR.\n" + self.field(poly, before, *[self.inverse(e) for e in divided], names=names)
        return step(
            f"({end}{''.join(factors)})",
            f"assert ({summed} = {end}) as S'. {{ {tactics}}}\n"
            f"exact (f_equal (fun t : R => (t{''.join(factors)})) S').\n",
        ) + closing

    def colour_of(self, extent: str) -> int:
        return next(colour for colour, size in self.colours.items() if size == extent)

    def rooted(self, argument: str, inside: Poly, because: str, before: Poly, names: dict[int, str]) -> str:
        """Tactics for a square root."""
        value = self.poly_text(before, names)
        closing = self.by_squares(before, inside, names)
        return (
            f"apply sqrt_is.\n{{ {self.not_negative(before, names)}}}\n"
            f"transitivity {self.poly_text(inside, names)}; [ | symmetry; exact {because}].\n{closing}"
        )

    def not_negative(self, poly: Poly, names: dict[int, str]) -> str:
        """Tactics for: what a root became is not negative."""
        if len(poly) != 1:
            raise NotExpressible("why the value of a root is not negative")
        ((monomial, coefficient),) = poly.items()
        rest, pairs, heads = dict(monomial), [], set()
        for c, e in monomial:
            if self.kind(c) == "sign":
                generator, definition = self.definition(c)
                if e != 1 or len(definition) != 1 or set(definition.values()) != {1}:
                    raise NotExpressible("why the value of a root is not negative")
                ((inside, _),) = definition.items()
                rest = dict(joined(frozenset(rest.items()), [(c, 1), *inside], -1))
                text_ = self.poly_text(definition, names)
                pairs.append(f"(sgn {text_} * {text_})")
                heads.add(self.head(generator.number))
        if not pairs:
            return self.by_form(poly)
        left: Poly = {frozenset(rest.items()): coefficient}
        grouped = product([*pairs, self.poly_text(left, names)])
        closing = self.field(left, poly, names=names)
        return (
            f"assert ({self.poly_text(poly, names)} = {grouped}) as G'.\n"
            f"{{ unfold {', '.join(sorted(heads))}. {closing}}}\nrewrite G'. {self.by_form(left)}"
        )

    def by_form(self, *polys: Poly) -> str:
        """A tactic for a sign that the form of a polynomial shows."""
        numbers = {g for poly in polys for m in poly for c, _ in m for g, _, _ in self.components[c][1]}
        inside = [self.generators[g] for g in sorted(numbers) if self.generators[g].kind in ("root", "exp", "reciprocal")]
        heads, lemmas = [self.head(one.number) for one in inside], list[str]()
        for one in inside:
            if one.kind == "root":
                lemmas.append((self.positive(one) or self.nonnegative(one)).name)
        opened = f"ltac:(first [{' | '.join([*[f'progress unfold {head}' for head in heads], 'opened'])}])"
        known = f"ltac:(first [known | {' | '.join(f'apply {name}; assumption' for name in lemmas)}])"
        return f"shown {known if lemmas else 'known'} {opened if heads else 'opened'}.\n"

    def raised_to(
        self, args: Any, values: list[Poly], because: list[str], before: Poly, names: dict[int, str], base: str
    ) -> str:
        """Tactics for a power."""
        op, _, data = self.graph.nodes[args[1]]
        if op != "number" or Fraction(data).denominator > 2:
            raise NotExpressible("a power with a symbol or a third root")
        inside, why, exponent = values[0], because[0], Fraction(data)
        tactics = ""
        if exponent.denominator == 2:
            root = self.reduced(self.root(self.reduced(inside)))
            assertion = f"(sqrt {base}) = {self.poly_text(root, names)}"
            tactics = f"assert ({assertion}) as Q'. {{ {self.rooted(base, inside, why, root, names)}}}\n"
            inside, why, exponent = root, "Q'", 2 * exponent
        times = abs(exponent.numerator)
        poly = self.poly_text(inside, names)
        power = f"({poly} ^ {times})" if times != 1 else poly
        function = f"(fun t : R => (t ^ {times}))" if times != 1 else "(fun t : R => t)"
        if exponent > 0:
            return tactics + step(power, f"exact (f_equal {function} {why}).\n") + self.by_squares(inside, before, names)
        inverse = self.inverse(self.reduced(inside))
        below_ = self.poly_text(inverse, names)
        raised = f"({below_} ^ {times})" if times != 1 else below_
        tactics += step(f"(/ {power})", f"exact (f_equal {function.replace('=> ', '=> / ')} {why}).\n")
        if raised != f"(/ {power})":
            how = "exact J'.\n" if times == 1 else f"rewrite inv_pow. exact (f_equal (fun t : R => t ^ {times}) J').\n"
            tactics += (
                f"assert ({poly} * {below_} = 1) as I'. {{ {self.is_inverse(inside, inverse, names)}}}\n"
                f"assert (/ {poly} = {below_}) as J'. {{ exact (Rinv_is _ _ I'). }}\n" + step(raised, how)
            )
        return tactics + self.by_squares(inverse, before, names)

    def by_squares(self, inside: Poly, before: Poly, names: dict[int, str]) -> str:
        """Tactics for a power of a polynomial, roots in it squared by their definitions."""
        squares = []
        for monomial in inside:
            for c, _ in monomial:
                ((number, slots, _), *_) = self.components[c][1]
                one = self.generators[number]
                at = {f"a'{i + 1}": names[slot] for i, slot in enumerate(slots)} if not self.components[c][0] else {}
                if one.kind == "root" and not one.solved and not self.components[c][0]:
                    squares.append(self.square(one).at(at))
                if one.kind == "sign" and one.of is not None and len(one.of) == 1 and not self.components[c][0]:
                    squares.append(self.sign_square(one).at(at))
        using = f"[{' '.join(sorted(set(squares)))}]" if squares else ""
        return self.field(inside, before, names=names, using=using)

    def of_function(self, node: int, at: Any, before: Poly, names: Any, places: Any) -> str:
        """Tactics for an operation that is not arithmetic."""
        op, args, data = self.graph.nodes[node]
        if op in ("cotangent", "curvature"):
            return self.of_derivative(op, args[0], data, at, before, names)
        inside = [self.value(arg, tuple((a, at[a]) for a in self.graph.axes[arg])) for arg in args]
        how = [self.because(arg, {a: at[a] for a in self.graph.axes[arg]}) for arg in args]
        texts = [self.poly_text(poly, names) for poly in inside]
        if op in ("abs", "sign"):
            function = "Rabs" if op == "abs" else "sgn"
            return step(f"({function} {texts[0]})", f"exact (f_equal {function} {how[0]}).\n") + self.signed(
                function, inside[0], before, names
            )
        if op == "exp":
            return step(f"(exp {texts[0]})", f"exact (f_equal exp {how[0]}).\n") + self.exponentials(
                inside[0], before, names
            )
        if op == "log":
            closing = "rewrite ln_1. reflexivity.\n" if not before else self.unfolded(before, names)
            return step(f"(ln {texts[0]})", f"exact (f_equal ln {how[0]}).\n") + closing
        if op in ("maximum", "minimum"):
            function, lemma = ("Rmax", "Rmax_abs") if op == "maximum" else ("Rmin", "Rmin_abs")
            gap = plus(inside[0], scaled(inside[1], -1))
            absolute = self.absolute(gap)
            between = self.poly_text(absolute, names)
            sign = "+" if op == "maximum" else "-"
            return (
                step(f"({function} {texts[0]} {texts[1]})", f"exact (f_equal2 {function} {how[0]} {how[1]}).\n")
                + f"rewrite {lemma}.\n"
                + f"assert (Rabs ({texts[0]} - {texts[1]}) = {between}) as E'.\n"
                + f"{{ {step(f'(Rabs {self.poly_text(gap, names)})', 'f_equal; ring.')}"
                + f"{self.signed('Rabs', gap, absolute, names)}}}\n"
                + step(f"(({texts[0]} + {texts[1]} {sign} {between}) / 2)", "rewrite E'. reflexivity.\n")
                + "field.\n"
            )
        raise NotExpressible(f"a proof about {op}")

    def unfolded(self, poly: Poly, names: dict[int, str]) -> str:
        """Tactics for: a value is the generator that is defined as it."""
        heads = sorted({self.head(g) for m in poly for c, _ in m for g, _, _ in self.components[c][1] if self.generators[g].of})
        return f"unfold {', '.join(heads)}. f_equal; ring.\n"

    def exponentials(self, inside: Poly, before: Poly, names: dict[int, str]) -> str:
        """Tactics for: the exponential of a sum is a product of powers of exponentials."""
        if len(before) != 1:
            raise NotExpressible("an exponential that is no product")
        ((monomial, _),) = before.items()
        parts_, values, heads = [], [], set()
        for c, e in sorted(monomial):
            if self.kind(c) != "exp":
                raise NotExpressible("an exponential that is no product")
            ((number_, slots, _),) = self.components[c][1]
            of = self.poly_text(self.generators[number_].of or {}, {-1 - i: names[s] for i, s in enumerate(slots)})
            head = self.entry(Entry(number_, tuple(names[s] for s in slots), 1))
            parts_ += [of if e > 0 else f"(- {of})"] * abs(e)
            values += [head if e > 0 else f"(/ {head})"] * abs(e)
            heads.add(self.head(number_))
        if not parts_:
            return "rewrite exp_0. reflexivity.\n"
        folded = "".join(f"change (exp {p}) with {v}.\n" for p, v in [])
        proof = ["rewrite ?exp_plus, ?exp_Ropp."] if len(parts_) > 1 or "(- " in parts_[0][:3] else []
        return (
            step(f"(exp ({' + '.join(parts_)}))", "f_equal; ring.\n")
            + folded
            + step(product(values), f"unfold {', '.join(sorted(heads))}.\n{''.join(proof)}\nreflexivity.\n".replace("\n\n", "\n"))
            + "ring.\n"
        )

    def of_derivative(self, op: str, output: int, data: Any, at: Any, before: Poly, names: Any) -> str:
        """The derivative of a loss is a function of the values of its output."""
        ((monomial, _),) = before.items()
        ((component, _),) = monomial
        ((number, slots, _),) = self.components[component][1]
        one = self.generators[number]
        whole = loss(op, data[0])
        self.value(output)
        lemma = self.lemmas[output, ()]
        if isinstance(lemma, str):
            raise NotExpressible(lemma)
        variables = [f"a'{i + 1}" for i in range(len(data[1]))]
        place = {index(axis): v for (axis, _), v in zip(sorted(data[1]), variables, strict=True)}
        own = {self.axis(axis): place[index(axis)] for axis in self.graph.axes[output]}
        value = self.poly_text(self.value(output), own)
        inner = f"transitivity {value}. {{ exact {lemma.at(place)}. }}\nring.\n"
        if not variables:
            return f"unfold {self.heads[number]}. apply (f_equal {whole}).\n{inner}"
        (outside,) = [
            name for says, name in self.hypotheses.items() if says.startswith("forall f g :") and f"{whole} f " in says
        ]
        intros = " ".join([*variables, *map(below, variables)])
        del one, slots
        return (
            f"unfold {self.heads[number]}. apply {outside}; [intros {intros}; cbv beta | assumption ..].\n{inner}"
        )

    def signed(self, function: str, poly: Poly, before: Poly, names: dict[int, str]) -> str:
        """Tactics for the absolute value or the sign of a polynomial: factor by factor."""
        if not poly:
            return f"rewrite {'Rabs_R0' if function == 'Rabs' else 'sgn_zero'}. reflexivity.\n"
        value, monomial, primitive = self.split(poly)
        factors: list[Poly] = [{frozenset([(c, e)]): 1} for c, e in sorted(monomial)]
        factors += [primitive] if primitive != UNIT else []
        multiply = "Rabs_mult" if function == "Rabs" else "sgn_mul"
        texts = [self.poly_text(factor, names) for factor in factors]
        results, proofs = [], []
        for factor, text_ in zip(factors, texts, strict=True):
            sign, tactics = self.sign_of_factor(factor, text_, names)
            results.append(f"({sign} * {text_})" if function == "Rabs" else sign)
            first = "rewrite Rabs_sgn. refine (f_equal2 Rmult _ eq_refl).\n" if function == "Rabs" else ""
            proofs.append(f"{{ {first}{tactics}}}\n")
        scale = number(value)
        head = number(abs(value) if function == "Rabs" else Fraction(1 if value > 0 else -1))
        whole = product([scale, *texts])
        made = step(f"({function} {whole})", "f_equal; ring.\n")
        made += f"rewrite ?{multiply}.\n"
        sure = {"Rabs": ("Rabs_right", "Rabs_left"), "sgn": ("sgn_pos", "sgn_neg")}[function][value < 0]
        made += f"assert ({function} {scale} = {head}) as U'. {{ rewrite {sure}; lra. }}\nrewrite U'.\n"
        for number_, (text_, result, proof) in enumerate(zip(texts, results, proofs, strict=True)):
            made += f"assert ({function} {text_} = {result}) as U'{number_}.\n{proof}rewrite ?U'{number_}.\n"
        return made + self.field({ONE: 1}, before, *factors, names=names)

    def sign_of_factor(self, factor: Poly, text_: str, names: dict[int, str]) -> tuple[str, str]:
        """What the sign of a factor is, and tactics for that."""
        if len(factor) == 1:
            ((monomial, _),) = factor.items()
            ((c, e),) = monomial
            if e % 2 == 0:
                if self.kind(c) == "root" and not self.component_sign(c)[0]:
                    raise NotExpressible("a root that may not be real")
                return "1", f"apply sgn_pos. {self.by_form(factor)}"
            found = self.factor_sign(c)
            if abs(e) != 1 and found not in (UNIT, scaled(UNIT, -1)):
                raise NotExpressible("the sign of a power")
        else:
            up, down, off = self.sign_of_several(factor)
            found = (UNIT if up else scaled(UNIT, -1)) if (up or down) else self.named("sign", "", factor)[1]
        if found == UNIT:
            return "1", f"apply sgn_pos. {self.by_form(factor)}"
        if found == scaled(UNIT, -1):
            raise NotExpressible("a factor that is negative")
        ((monomial, flip),) = found.items()
        ((component, _),) = monomial
        ((generator, slots, _),) = self.components[component][1]
        one = self.generators[generator]
        at = {-1 - i: names[slot] for i, slot in enumerate(slots)}
        assert one.of is not None
        inside = self.poly_text(one.of, at)
        sign = self.poly_text(found, names)
        head = self.head(generator)
        if flip == 1:
            return sign, f"unfold {head}. f_equal; ring.\n"
        return sign, f"unfold {head}. transitivity (sgn (- {inside})); [f_equal; ring | rewrite sgn_opp; ring].\n"

    # the statement ----------------------------------------------------------------------------------------------------

    def equation(self, left: int, right: int, says: str) -> str:
        """The last lemma: both sides are one polynomial."""
        a, b = self.value(left), self.value(right)
        axes = {**self.graph.axes[left], **self.graph.axes[right]}
        at = {axis: self.axis(axis) for axis in axes}
        names = self.free_names(at.values())
        result, trace = self.traced(plus(a, scaled(b, -1)))
        left_how = self.because(left, {axis: at[axis] for axis in self.graph.axes[left]})
        right_how = self.because(right, {axis: at[axis] for axis in self.graph.axes[right]})
        intros = f"intros {' '.join([index(axis) for axis in axes] + [below(index(axis)) for axis in axes])}.\n"
        tactics = (
            f"{intros if axes else ''}transitivity {self.poly_text(a, names)}. {{ exact {left_how}. }}\n"
            f"transitivity {self.poly_text(b, names)}; [ | symmetry; exact {right_how}].\n"
        )
        if result:
            difference = f"({self.poly_text(a, names)} - {self.poly_text(b, names)})"
            tactics += f"apply Rminus_diag_uniq.\n"
            tactics += step(self.poly_text(result, names), "".join([f"assert ({difference} = {self.poly_text(result, names)}) as E'.\n{{ {self.reduction(trace, names)}}}\nexact E'.\n"]))
            tactics += self.cleared(result, names)
        else:
            tactics += self.reduction(trace, names)
        name = self.fresh("T")
        self.book.append(f"Lemma {name} : {says}.\nProof using All.\n{tactics}Qed.\n")
        return name


    def cleared(self, poly: Poly, names: dict[int, str]) -> str:
        """Tactics for: a polynomial vanishes once it is multiplied by what its reciprocals are reciprocals of."""
        if not poly:
            return "reflexivity.\n"
        found = [c for m in poly for c, _ in m if not self.components[c][0] and self.kind(c) == "reciprocal"]
        if not found:
            raise NotExpressible("two sides that are not one polynomial")
        component = found[0]
        top = max(dict(m).get(component, 0) for m in poly)
        generator, definition = self.definition(component)
        made: Poly = {}
        gaps, proofs = [], []
        head, inside, lemma = self.reciprocal_at(component, names)
        for monomial, n in poly.items():
            e = dict(monomial).get(component, 0)
            rest: Poly = {monomial - {(component, e)}: n}
            made = plus(made, self.times(rest, self.power(definition, top - e)))
            if e:
                scale = f"({self.poly_text(rest, names)} * {inside} ^ {top - e})"
                gaps.append(f"({scale} * (({head} * {inside}) ^ {e} - 1 ^ {e}))")
                proofs.append(f"(zero_gap {scale} _ _ (f_equal (fun t : R => t ^ {e}) {lemma}))")
        proof, whole = proofs[0], gaps[0]
        for gap, one in zip(gaps[1:], proofs[1:], strict=True):
            proof, whole = f"(zero_add _ _ {proof} {one})", f"({whole} + {gap})"
        reduced, trace = self.traced(made)
        before = self.poly_text(made, names)
        return (
            f"apply (by_product _ {head} {inside} {top} {before} {lemma}).\n"
            f"{{ apply (from_gap _ _ {whole}); [exact {proof} | {self.field(poly, made, names=names).rstrip('. ' + chr(10))}]. }}\n"
            + step(
                self.poly_text(reduced, names),
                f"assert ({before} = {self.poly_text(reduced, names)}) as E'.\n"
                f"{{ {self.reduction(trace, names)}}}\nexact E'.\n",
            )
            + self.cleared(reduced, names)
        )


def development(name: str, data: Any) -> Development:
    """A claim in Coq, from its certificate.

    Raises:
        NotExpressible: with the reason.
    """
    if data["kind"] != "proof":
        raise NotExpressible(f"a proof by {data['kind']}")
    try:
        claim = Claim.read(data)
        zero = claim.graph.number(0)
        conditions = [(node, sign, zero) for node, sign in claim.conditions]
        given = [*claim.given, *conditions]
        printer = Printer(claim.graph, nodes_of([*claim.states, *given]))
        whole = parts(printer, claim.states, given)
        section = Section(whole, printer, len(claim.given))
        finals = []
        for (left, relation, right), proof, says in zip(claim.states, data["proofs"], whole.states, strict=True):
            if relation != "==":
                raise NotExpressible("an inequality")
            at = proof["at"]
            if set(at) != {""}:
                raise NotExpressible("a proof at each position of an axis of fixed size")
            if "split" in at[""]:
                raise NotExpressible("a proof by cases")
            finals.append(Prover(claim, at[""], section).equation(left, right, says))
    except (NotCovered, Rejected) as reason:
        raise NotExpressible(str(reason)) from reason
    text = section.opening() + "\n".join(needed(section.book)) + section.closing(finals)
    return Development(name, whole.proposition(), text)


def needed(book: list[str]) -> list[str]:
    """What the last theorems rest on."""
    names = [entry.split(maxsplit=2)[1] for entry in book]
    places = {name: place for place, name in enumerate(names)}
    wanted = [place for place, name in enumerate(names) if name.startswith("T'")]
    seen = set(wanted)
    while wanted:
        for word in re.findall(r"[A-Za-z]+'\d+", book[wanted.pop()]):
            place = places.get(word)
            if place is not None and place not in seen:
                seen.add(place)
                wanted.append(place)
    return [book[place] for place in sorted(seen)]
