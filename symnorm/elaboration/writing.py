"""Polynomials and rows as a certificate writes them, and the generators that have to be declared for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from symnorm.elaboration.algebra import Atom, Generator, Poly
from symnorm.elaboration.rewriting import Rewriting
from symnorm.elaboration.rows import Rows
from symnorm.replay.graph import NotCovered

Context = Mapping[int, int]  # free indices and their colours


class Writing(Rewriting):
    """Everything by name."""

    def prepare(self) -> None:
        """Nothing is written yet."""
        super().prepare()
        self.tape: list[list[Any]] = []
        self.named_tokens: dict[int, str | int] = {}
        self.read_so_far = 0  # how many entries of the table of numbers were looked at for names of indices
        self.labels: dict[int, str] = {}  # generators that are declared
        self.facts_of: dict[int, int] = {}  # the fact that a generator's declaration rests on
        self.squared: set[int] = set()  # roots of which only squares are written, as names of what they are roots of
        self.labelled: dict[int, Poly] = {}  # the exponents of powers
        self.axis_of: dict[int, str] = {}
        self.colours_of: dict[str, int] = {}

    def register(self) -> None:
        """Every axis has its colour."""
        for name, size in sorted({(name, size) for axes in self.graph.axes for name, size in axes.items()}):
            colour = self.colour(self.value(size))
            self.axis_of.setdefault(colour, name)
            self.colours_of.setdefault(name, colour)

    def emit(self, *row: Any) -> None:
        """One more step."""
        self.tape.append([*row])

    # indices ----------------------------------------------------------------------------------------------------------

    def colours(self, generator: Generator) -> tuple[int, ...]:
        """The colour of each index of a generator."""
        if generator.extents or not generator.arity:
            return generator.extents
        found = self.context(generator.of or {})
        generator.extents = tuple([found[-1 - i] for i in range(generator.arity)])
        return generator.extents

    def context(self, *polys: Poly) -> dict[int, int]:
        """The colours of free indices, from the atoms that they stand in."""
        found: dict[int, int] = {}
        deltas: list[tuple[int, ...]] = []
        for poly in polys:
            for number in {c for m in poly for c, _ in m}:
                over, atoms, _ = self.components[number]
                for g, slots, _ in atoms:
                    if g == self.delta.number:
                        deltas.append(tuple([-1_000_000 - over[i] if i >= 0 else i for i in slots]))
                        continue
                    for i, colour in zip(slots, self.colours(self.generators[g]), strict=True):
                        found[i] = colour
        self.pair(deltas, found)
        return {i: c for i, c in found.items() if i < 0}

    def pair(self, deltas: Iterable[tuple[int, ...]], found: dict[int, int]) -> None:
        """A delta's two indices have one colour."""
        for slots in deltas:
            for i in slots:
                name = self.token_name(i)
                if i <= -1_000_000:
                    found[i] = -1_000_000 - i
                elif isinstance(name, str):
                    found[i] = self.colours_of[name.rstrip("*")]
            known = [found[i] for i in slots if i in found]
            for i in slots:
                if known:
                    found[i] = known[0]

    def token_name(self, i: int) -> str | int | None:
        """The axis, or the position, that a free index is."""
        while self.read_so_far < len(self.numbers):
            for key in [*self.numbers][self.read_so_far :]:
                if isinstance(key, tuple) and key[0] == "token":
                    self.named_tokens[self.numbers[key]] = key[1]
            self.read_so_far = len(self.numbers)
        return self.named_tokens.get(i)

    def name(self, i: int, colour: int | None, bound: Mapping[int, str] | None = None) -> str:
        """An index by name."""
        if i >= 0:
            assert bound is not None
            return bound[i]
        own = self.token_name(i)
        if isinstance(own, str):
            return own
        if colour is None:
            raise NotCovered("an index whose axis no entry shows")
        axis = self.axis_of[colour]
        return f"{axis}:{own}" if own is not None else f"{axis}~{-i}"

    # polynomials ------------------------------------------------------------------------------------------------------

    def atoms(self, atoms: Iterable[Atom], over: list[int], context: Context) -> tuple[list[str], list[Any]]:
        """Summed indices and atoms by name."""
        bound = {i: f"{self.axis_of[colour]}~s{i}" for i, colour in enumerate(over)}
        known = {**context, **dict(enumerate(over))}
        rows = []
        for g, slots, e in atoms:
            generator = self.generators[g]
            if not e:
                continue
            if generator is self.delta:
                self.pair([tuple([-1_000_000 - over[i] if i >= 0 else i for i in slots])], known)
                axis = self.axis_of[next(known[i] for i in slots if i in known)]
                names = [self.name(i, known.get(i), bound) for i in slots]
                rows.append([f"#delta:{axis}", names, e])
                continue
            colours = self.colours(generator)
            names = [self.name(i, colour, bound) for i, colour in zip(slots, colours, strict=True)]
            label = self.label(generator)
            if g in self.squared:
                if e % 2:
                    raise NotCovered("a root of something that may be negative")
                e //= 2
            if e < 0:
                self.divisible(generator)
            rows.append([label, names, e])
        return list(bound.values()), rows

    def poly(self, poly: Poly, context: Context | None = None) -> list[Any]:
        """``[coefficient, summed indices, atoms]`` of each term."""
        known = {**self.context(poly), **(context or {})}
        found = []
        for monomial, coefficient in poly.items():
            over: list[int] = []
            atoms = self.spread(sorted(monomial), over)
            found.append([str(Fraction(coefficient)), *self.atoms(atoms, over, known)])
        return found

    def multiples(self, rows: Rows, factor: int = -1) -> list[Any]:
        """Rows, times a number: what is added to a polynomial so that they go."""
        merged: dict[Any, Fraction] = {}
        for row in rows:
            key = row[1:]
            merged[key] = merged.get(key, Fraction(0)) + row.factor * factor
        found = []
        for (over, left, ref, placed), number in merged.items():
            if number:
                found.append([str(number), *self.multiple(over, left, ref, placed)])
        return found

    def multiple(self, over: tuple[int, ...], left: tuple[Atom, ...], ref: tuple[Any, ...], placed: Any) -> list[Any]:
        """Summed indices, atoms, the equation, and its indices."""
        known: dict[int, int] = {}
        written: list[Any] = list(ref)
        if isinstance(ref[0], int):
            generator = self.generators[ref[0]]
            known = {-1 - i: colour for i, colour in enumerate(self.colours(generator))}
            written[0] = self.label(generator)
            if len(ref) > 1 and isinstance(ref[1], int):  # what a fact says of a sign, at the fact's own indices
                where = dict(ref[2]) if len(ref) == 3 else {slot: slot for slot in known}
                written = ["sign", ref[1], written[0], [self.name(where[slot], known[slot]) for slot in known]]
        elif ref[0] == "lemma":
            known = self.context(self.lemma_polys[ref[1]])
        else:
            known = {a: self.colours_of[str(self.token_name(a))] for a, _ in placed}
        context = {b: known[a] for a, b in placed if a in known and b < 0}
        summed, rows = self.atoms(left, list(over), context)
        bound = dict(enumerate(summed))
        pairs = [[self.name(a, known.get(a)), self.name(b, known.get(a), bound)] for a, b in placed]
        return [summed, rows, written, [pair for pair in pairs if pair[0] != pair[1]]]

    # generators -------------------------------------------------------------------------------------------------------

    lemma_polys: list[Poly]

    def label(self, generator: Generator) -> str:
        """A generator's name; what has a definition is declared first."""
        if generator.kind == "input":
            return self.input_names[generator.number]
        if generator.kind == "constant":
            return f"#constant:{self.input_names[generator.number]}"
        if generator.number not in self.labels:
            self.declare_to_checker(generator)
        return self.labels[generator.number]

    input_names: dict[int, str]

    def declare_to_checker(self, generator: Generator) -> None:
        """Declares a generator in the checker's words, once a fact says that it is defined."""
        kind, of = generator.kind, generator.of or {}
        label: Any = None
        fact: int | None = None
        slots = [self.name(-1 - i, colour) for i, colour in enumerate(self.colours(generator))]
        context = {-1 - i: colour for i, colour in enumerate(self.colours(generator))}
        if kind in ("cotangent", "curvature"):
            label = self.loss_names[generator.number]
        elif kind == "exp":
            label, of, kind = self.poly(of, context), self.atom(self.constant("E")), "power"
        elif kind == "share":
            label = generator.places
        elif kind == "power":
            label = self.poly(self.labelled[generator.number])
        if kind in ("root", "reciprocal", "log", "power"):
            try:
                fact = self.fact_that(of, kind != "reciprocal", kind != "root")
            except NotCovered:
                if kind != "root" or not generator.solved:
                    raise
                kind, fact = "name", self.maybe(of)  # only its square is spoken of: what it is the root of
                self.squared.add(generator.number)
            if fact is not None:
                self.facts_of[generator.number] = fact
        elif kind not in ("cotangent", "curvature", "sign", "erf", "share", "name"):
            raise NotCovered(f"a generator of the kind {kind}")
        written = self.poly(of, context)
        name = f"#{len(self.labels) + 1}"
        self.labels[generator.number] = name
        self.emit("generator", name, kind, label, slots, written, fact)

    loss_names: dict[int, str]

    def fact_that(self, poly: Poly, up: bool, off: bool) -> int:
        """The number of a fact, once it is shown."""
        raise NotImplementedError

    def maybe(self, poly: Poly) -> int | None:
        """The number of a fact that it is not zero, if that can be shown."""
        raise NotImplementedError

    def divisible(self, generator: Generator) -> None:
        """A fact that an entry is not zero, if the checker does not know it yet."""
        raise NotImplementedError
