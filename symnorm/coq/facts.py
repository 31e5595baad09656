"""Why what is divided by is not zero and what stands under a root is not negative.

All rests on hypotheses of the statement and on values whose form shows a sign (the tactic ``shown`` of ``Support.v``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import permutations
from typing import Any

from symnorm.coq.nests import Binder, Entry
from symnorm.coq.section import Lemma
from symnorm.coq.statement import NotExpressible
from symnorm.coq.writing import Writing
from symnorm.replay.algebra import ONE, SLOTS, Generator, Monomial, Poly, joined


class Facts(Writing):
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
            tactics = (
                f"unfold {self.heads[one.number]}. apply sgn_nonzero. exact {self.definition_nonzero(one).at()}.\n"
            )
            return self.lemma("N", over, f"{head} <> 0", tactics)
        if one.kind == "reciprocal":
            why = self.definition_nonzero(one).at()
            tactics = f"unfold {self.heads[one.number]}. apply Rinv_neq_0_compat. exact {why}.\n"
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
            _n, monomial, _primitive = self.split(poly)
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
                apart = "repeat apply Rmult_integral_contrapositive_currified; try lra; try apply pow_nonzero"
                tactics = f"{apart}; try apply Rinv_neq_0_compat; first [{tries}].\n"
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
                    f"{{ transitivity ({whole} * / {scale}); "
                    f"[ | exact (f_equal (fun t : R => t * / {scale}) (eq_sym V'))].\n"
                    f"{self.field(content, {joined(ONE, beside, -1): 1}, poly, names={**names, **own})}}}\n"
                    f"rewrite E'. apply {finish}; [{order_sign.replace('. ', '; ')}exact {fact.at(at)} | "
                    f"{'apply Rlt_le; ' if wanted == '0 <=' else ''}apply Rinv_0_lt_compat; exact C'].\n"
                )
                return self.lemma("P", over, f"{wanted} {says}", tactics)
        return None

    def visible_monomial(self, monomial: Monomial, coefficient: Any) -> bool:
        """Whether the form of a term shows that it is positive."""
        return coefficient > 0 and all(self.visible_factor(c, e) for c, e in monomial)

    def visible_factor(self, component: int, e: int) -> bool:
        """Whether the form of a factor shows that it is positive."""
        over, ((g, _slots, _), *_), _ = self.components[component]
        if over:
            return False
        if g in self.slots_of_size or self.generators[g].kind in ("exp", "constant"):
            return True
        if self.generators[g].kind == "input":
            head = self.heads[g]
            return any(
                f"0 < {head}" == says
                or f" 0 < ({head} " in says
                or (f"({head} " in says and says.endswith("> 0"))
                or says == f"{head} > 0"
                for says in self.hypotheses
            )
        return False

    def by_form(self, *polys: Poly) -> str:
        """A tactic for a sign that the form of a polynomial shows."""
        numbers = {g for poly in polys for m in poly for c, _ in m for g, _, _ in self.components[c][1]}
        inside = [
            self.generators[g] for g in sorted(numbers) if self.generators[g].kind in ("root", "exp", "reciprocal")
        ]
        heads, lemmas = [self.head(one.number) for one in inside], list[str]()
        for one in inside:
            if one.kind == "root":
                lemmas.append((self.positive(one) or self.nonnegative(one)).name)
        opened = f"ltac:(first [{' | '.join([*[f'progress unfold {head}' for head in heads], 'opened'])}])"
        known = f"ltac:(first [known | {' | '.join(f'apply {name}; assumption' for name in lemmas)}])"
        return f"shown {known if lemmas else 'known'} {opened if heads else 'opened'}.\n"
