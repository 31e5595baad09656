"""What a proof says in Coq: names for generators and free indices, texts of polynomials, lemmas in the book.

The base of :mod:`.prover`, which is the replayer of certificates with a second task: to write down why each of its
steps is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from symnorm.coq.names import index, spelled
from symnorm.coq.nests import Binder, Entry, Nest, product, text
from symnorm.coq.section import Lemma, Section, below
from symnorm.coq.statement import NotExpressible, loss, number
from symnorm.elaboration.algebra import ONE, SLOTS, Generator, Monomial, Poly
from symnorm.elaboration.claim import Claim
from symnorm.elaboration.meaning import Meaning
from symnorm.elaboration.signs import Env


class Writing(Meaning):
    """Polynomials as Coq writes them."""

    def __init__(self, claim: Claim, data: Any, section: Section) -> None:
        self.section = section
        self.printer, self.hypotheses, self.book = section.printer, section.hypotheses, section.book
        self.given_names, self.count = section.given_names, section.count
        self.heads: dict[int, str] = {}
        self.extents: dict[int, list[str]] = {}  # of a generator's slots
        self.slots_of_size: set[int] = set()
        self.colours: dict[int, str] = {}
        self.tokens: dict[int, tuple[str, str]] = {}
        self.certain: dict[int, str] = {}  # positions
        self.lemmas: dict[tuple[int, Env], Lemma | str] = {}
        self.how: dict[Monomial, str | Lemma] = {}
        self.squares_of: dict[int, Lemma] = {}
        self.solving: list[tuple[Poly, Lemma]] = []
        self.rule_lemmas: list[Lemma | str] = []
        self.bounds: list[tuple[str, str]] = []
        self.facts: list[tuple[int, str, Lemma, Poly, Lemma]] = []
        self.asked: set[Any] = set()
        self.latest: Any = None
        self.loss_sizes: dict[str, list[str]] = {}
        super().__init__(claim)
        self.prepare(data)

    def fresh(self, prefix: str) -> str:
        """A name that nothing has yet."""
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
        """The generator of an input or a size, with its name."""
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

    def token(self, name: str | int) -> int:
        """The number of a free index; a certain position is written as it is."""
        found = super().token(name)
        if isinstance(name, int):
            self.tokens[found] = (f"{name - 1}%nat", "")
            self.certain[found] = f"{name - 1}%nat"
        return found

    def constant(self, name: str) -> Generator:
        """The generator of a number that is not rational."""
        found = super().constant(name)
        self.heads.setdefault(found.number, {"pi": "PI", "E": "exp 1"}[name])
        self.extents.setdefault(found.number, [])
        return found

    def generator(self, kind: str, name: str, arity: int, of: Poly | None = None) -> Generator:
        """The one generator of a kind; a new one is defined."""
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
        call = {"root": "sqrt", "reciprocal": "/", "sign": "sgn", "exp": "exp", "log": "ln", "erf": "erf"}.get(one.kind)
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
        """Variables for a generator's slots."""
        return {-1 - i: f"a'{i + 1}" for i in range(one.arity)}

    def slot_binders(self, one: Generator) -> list[Binder]:
        """The same with the sizes of their axes."""
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
            self.tokens[token] = (index(name.rstrip("*")) + "_" * name.count("*"), self.printer.natural(size))

    def free_names(self, poly_or_tokens: Iterable[int]) -> dict[int, str]:
        """Variables for free indices."""
        return {**self.certain, **{token: self.tokens[token][0] for token in poly_or_tokens if token < -SLOTS}}

    def binders_of(self, tokens: Iterable[int]) -> list[Binder]:
        """Free indices with the sizes of their axes."""
        chosen = sorted({t for t in tokens if t < -SLOTS and t not in self.positions}, reverse=True)
        return [self.tokens[token] for token in chosen]

    def frame(self, poly: Poly) -> tuple[dict[int, str], list[Binder]]:
        """Variables for the free indices and slots of a polynomial, and how far they run."""
        free = self.free(poly)
        slots = sorted([i for i in free if i >= -SLOTS], reverse=True)
        names = {**self.free_names(free), **{i: f"a'{-i}" for i in slots}}
        return names, [*self.binders_of(free), *[(names[i], self.size_of_slot(poly, i)) for i in slots]]

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
        at = {**self.certain, **names, **dict(enumerate(variables))}
        entries = tuple(Entry(g, tuple(at[i] for i in slots), e * (1 if over else power)) for g, slots, e in atoms)
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
        """A product of components."""
        return product([text(nest, self.entry) for nest in self.nests(monomial, names)])

    def poly_text(self, poly: Poly, names: Mapping[int, str]) -> str:
        """A polynomial."""
        if not poly:
            return "0"
        terms = [self.term_text(m, c, names) for m, c in sorted(poly.items(), key=lambda item: sorted(item[0]))]
        return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"

    def term_text(self, monomial: Monomial, coefficient: Any, names: Mapping[int, str]) -> str:
        """A term of a polynomial."""
        value = Fraction(coefficient)
        if monomial == ONE:
            return number(value)
        body = self.monomial_text(monomial, names)
        return body if value == 1 else f"({number(value)} * {body})"

    def prepare(self, data: Any) -> None:
        """What the certificate chose, in the order of the replayer, with the reason for each rule."""
        raise NotImplementedError
