"""The square of a sign beside what its sum begins with.

For ``u = k x + ...`` it is ``sgn(u)^2 x = (u - sgn(u)^2 (u - k x))/k``, since ``sgn(u)^2 u = u``. The base of
:mod:`.rewriting`.
"""

from __future__ import annotations

from dataclasses import dataclass

from symnorm.coq.nests import Entry, Nest, text
from symnorm.coq.section import Lemma
from symnorm.coq.statement import NotExpressible
from symnorm.coq.sums import Sums
from symnorm.elaboration.algebra import Atom, Generator, Monomial, Poly


@dataclass(frozen=True)
class Square:
    """Where such a square stands among atoms.

    Attributes:
        touched: the atoms that it takes part of.
        rest: what is left of them.
        pattern: the square and what stands beside it, in the sign's slots.
        value: what they equal.
        lemma: why, or why not.
    """

    touched: frozenset[int]
    rest: list[Atom]
    pattern: tuple[Atom, ...]
    value: Poly
    lemma: Lemma | str


class SignSquares(Sums):
    """Squares of signs of sums."""

    def square_of_sign(self, atoms: list[Atom], place: int) -> Square | None:
        """What the replayer does with the square of a sign at some place, if it does anything."""
        g, slots, e = atoms[place]
        generator, left = self.generators[g], atoms[:place] + atoms[place + 1 :]
        at = {-1 - i: slot for i, slot in enumerate(slots)}
        for lead, whole in self.leading(generator) if generator.kind == "sign" and e == 2 else ():
            beside = self.spread(lead, [])
            needed = {(h, tuple([at.get(i, i) for i in s])): f for h, s, f in beside}
            held = {(h, s): f for h, s, f in left}
            if all(held.get(key, 0) * f >= f * f for key, f in needed.items()):
                touched = frozenset([place, *[i for i, (h, s, _) in enumerate(atoms) if (h, s) in needed]])
                rest = [(h, s, f - needed.get((h, s), 0)) for h, s, f in left]
                pattern = ((g, tuple(range(-1, -1 - len(slots), -1)), 2), *beside)
                value = self.absorbed(generator, lead, whole)
                return Square(touched, rest, pattern, value, self.sign_rule(generator, lead, whole, pattern, value))
        return None

    def sign_rule(
        self, one: Generator, lead: Monomial, whole: Monomial, pattern: tuple[Atom, ...], value: Poly
    ) -> Lemma | str:
        """``sgn(u)^2 lead = value`` for ``u = k lead + ...``, from ``sgn(u)^2 u = u``."""
        key = ("sign rule", one.number)
        if key not in self.numbers:
            assert one.of is not None
            names, over = self.slot_names(one), self.slot_binders(one)
            entries = tuple(Entry(g, tuple(names[i] for i in s), e) for g, s, e in pattern)
            left = text(Nest((), entries), self.entry)
            head, inside = self.entry(Entry(one.number, tuple(names.values()), 1)), self.poly_text(one.of, names)
            scale = self.power({whole - lead: one.of[whole]}, -1)
            gap = f"({self.poly_text(scale, names)} * ({head} * {head} * {inside} - {inside}))"
            try:
                square = self.sign_square(one).at()
                closing = self.field(scale, value, one.of, names=names).rstrip()[:-1]
                tactics = (
                    f"apply (from_gap _ _ {gap}); "
                    f"[exact (zero_gap {self.poly_text(scale, names)} _ _ {square}) | {closing}].\n"
                )
                says = f"{left} = {self.poly_text(value, names)}"
                self.numbers[key] = self.lemma("E", over, says, tactics)
            except NotExpressible as reason:
                self.numbers[key] = str(reason)
        found: Lemma | str = self.numbers[key]
        return found
