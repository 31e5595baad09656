"""Why what is divided by is not zero and what stands under a root is not negative.

All rests on hypotheses of the statement and on values whose form shows a sign (the tactic ``shown`` of ``Support.v``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from symnorm.coq.nests import Entry
from symnorm.coq.section import Lemma
from symnorm.coq.shown import Shown
from symnorm.coq.statement import NotExpressible
from symnorm.elaboration.algebra import Generator, Poly


class Facts(Shown):
    """Signs, and the equations of fractions that need them."""

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
        """Decide an equation in which these entries are divided by."""
        terms = sorted({self.nonzero(one) for one in entries})
        tactic = f"field {using}".strip()
        if not terms:
            return f"{tactic}.\n"
        tries = " | ".join(f"exact {term}" for term in terms)
        return f"{tactic}; repeat split; first [{tries}].\n"

    def cancels(self, values: list[Poly]) -> bool:
        """Whether a product of polynomials may cancel a factor."""
        up = [{c for m in value for c, e in m if e > 0} for value in values]
        down = [{c for m in value for c, e in m if e < 0} for value in values]
        return bool((up[0] & down[-1]) | (down[0] & up[-1])) or bool(down[0]) or bool(down[-1])

    def nonzero(self, one: Entry) -> str:
        """Why an entry is not zero."""
        generator = self.generators[one.generator]
        if one.generator in self.slots_of_size:
            size = self.heads[one.generator].removeprefix("INR ")
            return f"(INR_nonzero {size} {self.hypotheses[f'(1 <= {size})%nat']})"
        found = self.has_sign(self.entry_of(generator), "!=")
        if found is None:
            raise NotExpressible(f"why {generator.kind} {self.head(one.generator)} is not zero")
        return found.at({f"a'{i + 1}": place for i, place in enumerate(one.places)})

    def definition_nonzero(self, one: Generator) -> Lemma:
        """``P <> 0`` of a sign's or reciprocal's definition."""
        assert one.of is not None
        found = self.has_sign(one.of, "!=")
        if found is None:
            raise NotExpressible(f"why what a {one.kind} is of is not zero")
        return found

    def square(self, one: Generator) -> Lemma:
        """``s * s = P``."""
        if one.number not in self.squares_of:
            assert one.of is not None
            names, over = self.slot_names(one), self.slot_binders(one)
            head = self.entry(Entry(one.number, tuple(names.values()), 1))
            fact = self.nonnegative(one)
            self.squares_of[one.number] = self.lemma(
                "Q",
                over,
                f"{head} * {head} = {self.poly_text(one.of, names)}",
                f"unfold {self.heads[one.number]}. apply sqrt_square_is. exact {fact.at()}.\n",
            )
        return self.squares_of[one.number]

    def nonnegative(self, one: Generator) -> Lemma:
        """``0 <= P`` of a root's radicand."""
        assert one.of is not None
        found = self.has_sign(one.of, ">=")
        if found is None:
            raise NotExpressible("why a radicand is not negative")
        return found

    def signed_so(self, poly: Poly, names: Mapping[int, str], wanted: str) -> str:
        """Tactics for the sign of a polynomial."""
        tokens = sorted(self.free(poly), reverse=True)
        moved = self.moved(poly, {token: -1 - i for i, token in enumerate(tokens)})
        found = self.has_sign(moved, wanted)
        if found is None:
            raise NotExpressible(f"why a value is {wanted} 0")
        places = {f"a'{i + 1}": names[token] for i, token in enumerate(tokens)}
        here, there = (
            self.poly_text(poly, names),
            self.poly_text(moved, {-1 - i: names[t] for i, t in enumerate(tokens)}),
        )
        turn = ""
        if re.sub(r"b'\d+", "", here) != re.sub(r"b'\d+", "", there):  # terms are in the order of their components
            turn = f"replace {here} with {there} by ring. "
        return f"{turn}exact {found.at(places)}.\n"
