"""Signs of polynomials, each with its proof: what is positive, not negative or not zero wherever the hypotheses hold.

A sign is shown by the form of a polynomial (sizes, squares, roots, sums of what has one sign) or by a value of the
statement: where that value is a multiple of the polynomial, and has a sign by a hypothesis or by its own form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import permutations

from symnorm.coq.section import Lemma
from symnorm.coq.statement import NotExpressible, number
from symnorm.coq.writing import Writing
from symnorm.elaboration.algebra import ONE, Generator, Poly, joined, plus, scaled
from symnorm.elaboration.triples import SIGNS, UNKNOWN, either

SAYS = {">": "0 < {}", ">=": "0 <= {}", "!=": "{} <> 0", "<": "{} < 0", "<=": "{} <= 0"}
OPPOSITE, NEGATED = {">": "<", ">=": "<="}, {">": "neg_pos", ">=": "neg_nonneg"}
POWER = {">": "pow_lt", ">=": "pow_le", "!=": "pow_nonzero"}
TIMES = {">": "Rmult_lt_0_compat", ">=": "Rmult_le_pos", "!=": "Rmult_integral_contrapositive_currified"}
AS = {">": "", ">=": "apply Rlt_le. ", "!=": "apply Rgt_not_eq. "}
# what is wanted of a factor, and what is known of the product: the lemma and what it needs of the other factor
FACTOR = {
    (">", ">"): ("factor_pos", ">="),
    (">=", ">"): ("factor_pos_le", ">="),
    (">=", ">="): ("factor_nonneg", ">"),
    ("!=", ">"): ("factor_pos_nonzero", ""),
    ("!=", "!="): ("factor_nonzero", ""),
}


class Shown(Writing):
    """Signs and their proofs."""

    def field(self, *polys: Poly, names: Mapping[int, str], using: str = "") -> str:
        """Decide an equation of fractions; what is divided by is not zero."""
        raise NotImplementedError

    def has_sign(self, poly: Poly, wanted: str) -> Lemma | None:
        """The lemma that a polynomial in slots has a sign at all positions; ``None`` if nothing shows it."""
        key, known = ("shown", wanted, frozenset(poly.items())), len(self.facts)
        found = self.numbers.get(key)
        if isinstance(found, Lemma):
            return found
        if key in self.asked or found == known:
            return None
        outermost = not self.asked
        self.asked.add(key)
        try:
            tactics = next(self.ways(poly, wanted), None)
        except NotExpressible:  # a factor that has no form in Coq
            tactics = None
        finally:
            self.asked.discard(key)
        if tactics is not None:
            names, over = self.frame(poly)
            self.numbers[key] = self.lemma("P", over, SAYS[wanted].format(self.poly_text(poly, names)), tactics)
            return self.numbers[key]  # type: ignore[no-any-return]
        if outermost:  # what failed inside another question may be answered outside of it
            self.numbers[key] = known
        return None

    def ways(self, poly: Poly, wanted: str) -> Iterator[str]:
        """Tactics that show a sign, simplest first."""
        if not poly:
            if wanted == ">=":
                yield "lra.\n"
            return
        if wanted in ("<", "<="):
            found = self.negative(poly, wanted)
            if found:
                yield found
            return
        if set(poly) == {ONE}:
            if poly[ONE] > 0 or wanted == "!=":
                yield "lra.\n"
            return
        if len(poly) == 1:
            ((monomial, coefficient),) = poly.items()
            if coefficient == 1 and len(monomial) == 1 and {e for _, e in monomial} == {1}:
                ((component, _),) = monomial
                yield from self.of_component(component, wanted)
            else:
                yield from self.of_product(poly, wanted)
                return
        yield from self.from_values(poly, wanted)
        if len(poly) > 1:
            yield from self.of_terms(poly, wanted)
            yield from self.of_lowered(poly, wanted)
        if wanted in (">=", "!=") and (more := self.has_sign(poly, ">")) is not None:
            yield f"{'apply Rlt_le' if wanted == '>=' else 'apply Rgt_not_eq'}. exact {more.at()}.\n"

    def of_product(self, poly: Poly, wanted: str) -> Iterator[str]:
        """The sign of a product from its factors': what is negative counts with a minus."""
        ((monomial, coefficient),) = poly.items()
        names = self.frame(poly)[0]
        number_, texts, proofs = Fraction(coefficient), list[str](), list[str]()
        for component, e in sorted(monomial):
            one: Poly = {frozenset([(component, 1)]): 1}
            base, inverse, how = self.poly_text(one, names), "", ""
            if e % 2 == 0 and wanted == ">=":
                base = f"(/ {base})" if e < 0 else base
                texts.append(f"({base} ^ {abs(e)})")
                proofs.append(f"(pow_even {base} {abs(e) // 2})")
                continue
            need = "!=" if e % 2 == 0 or wanted == "!=" else ">" if e < 0 else wanted
            found = self.has_sign(one, need)
            if found is None and need != "!=" and (found := self.has_sign(one, OPPOSITE[need])) is not None:
                inverse = f"(- (/ {base}))" if e < 0 else f"(- {base})"
                how = f"({'neg_inv_pos' if e < 0 else NEGATED[need]} _ {found.at()})"
                number_ = -number_
            elif found is not None:
                inverse = f"(/ {base})" if e < 0 else base
                how = found.at()
                how = f"({'Rinv_neq_0_compat' if need == '!=' else 'Rinv_0_lt_compat'} _ {how})" if e < 0 else how
            else:
                return
            if abs(e) > 1 and e % 2 == 0 and wanted == ">":
                how = f"(pow_even_pos _ {abs(e) // 2} {how})"
            elif abs(e) > 1:
                how = f"({POWER[need]} _ {abs(e)} {how})"
            texts.append(f"({inverse} ^ {abs(e)})" if abs(e) > 1 else inverse)
            proofs.append(f"(Rlt_le _ _ {how})" if need == ">" and wanted == ">=" else how)
        if number_ < 0 and wanted != "!=":
            return
        whole, proof = number(number_), "ltac:(lra)"
        for text_, how in zip(texts, proofs, strict=True):
            whole, proof = f"({whole} * {text_})", f"({TIMES[wanted]} {whole} {text_} {proof} {how})"
        same = f"assert ({self.poly_text(poly, names)} = {whole}) as E' by ring; rewrite E'; exact {proof}"
        yield f"first [exact {proof} | {same}].\n"

    def of_terms(self, poly: Poly, wanted: str) -> Iterator[str]:
        """The sign of a sum whose terms are not negative."""
        if wanted == "!=":
            return
        lemmas, strictly = [], wanted == ">="
        for monomial, coefficient in poly.items():
            term = {monomial: coefficient}
            found = None if strictly else self.has_sign(term, ">")
            strictly = strictly or found is not None
            found = found or self.has_sign(term, ">=")
            if found is None:
                return
            lemmas.append(found)
        if strictly:
            yield "".join(f"pose proof {one.at()}.\n" for one in lemmas) + "lra.\n"

    def of_lowered(self, poly: Poly, wanted: str) -> Iterator[str]:
        """``|b| + r`` is not negative where one of ``b + r`` and ``-b + r`` is not."""
        names = self.frame(poly)[0]
        signs = {c for m in poly for c, e in m if e == 1 and not self.components[c][0] and self.kind(c) == "sign"}
        for sign in sorted(signs) if wanted == ">=" else []:
            beside = {m - {(sign, 1)}: n for m, n in poly.items() if (sign, 1) in m}
            rest = {m: n for m, n in poly.items() if (sign, 1) not in m}
            argument = self.definition(sign)[1]
            scale = self.quotient(beside, argument)
            positive = self.has_sign(scale, ">=") if scale else None
            if scale is None or positive is None:
                continue
            for lemma, way in (("lowered", 1), ("lowered_neg", -1)):
                found = self.has_sign(plus(rest, scaled(beside, way)), ">=")
                if found is None:
                    continue
                b, c, u, r = (self.poly_text(one, names) for one in (beside, scale, argument, rest))
                other = self.poly_text(plus(rest, scaled(beside, way)), names)
                opened = f"unfold {self.head(self.components[sign][1][0][0])}"
                yield (
                    f"apply ({lemma} _ {b} {c} {u} {r}).\n"
                    f"{{ {opened}; ring. }}\n{{ {self.field(scale, beside, names=names)}}}\n"
                    f"{{ exact {positive.at()}. }}\n"
                    f"replace ({'- ' * (way < 0)}{b} + {r}) with {other} by ring. exact {found.at()}.\n"
                )

    def of_component(self, component: int, wanted: str) -> Iterator[str]:
        """The sign of an entry, from its generator's; of a sum of products, from those of their entries."""
        over, atoms, _ = self.components[component]
        if over:
            terms = []
            for g, _, e in atoms:
                if e % 2 == 0 and wanted == ">=":
                    continue
                need = "!=" if e % 2 == 0 else ">" if e < 0 else wanted
                found = self.has_sign(self.entry_of(self.generators[g]), need) if wanted != "!=" else None
                if found is None:
                    return
                terms.append(found.name)
            tries = " | ".join([f"apply {name}; assumption" for name in terms] or ["fail"])
            yield f"shown ltac:(first [{tries}]) ltac:(fail).\n"
            return
        ((g, slots, _),) = atoms
        one = self.generators[g]
        if slots == tuple(range(-1, -1 - one.arity, -1)):
            yield from self.of_generator(one, wanted)
            return
        found = self.has_sign(self.entry_of(one), wanted)
        if found is not None:
            names, _ = self.frame({frozenset([(component, 1)]): 1})
            places = {f"a'{i + 1}": names[slot] for i, slot in enumerate(slots)}
            yield f"exact {found.at(places)}.\n"

    def entry_of(self, one: Generator) -> Poly:
        """The entry of a generator at its slots."""
        return self.atom(one, tuple(range(-1, -1 - one.arity, -1)))

    def of_generator(self, one: Generator, wanted: str) -> Iterator[str]:
        """The sign of an entry at any positions, by what it is."""
        head = self.head(one.number)
        if one.number in self.slots_of_size or one.kind == "constant" or self.declared_sign(one, wanted):
            yield "shown known opened.\n"
        elif one.kind in ("exp", "power"):
            yield f"unfold {head}. {AS[wanted]}apply exp_pos.\n"
        elif one.kind == "root" and one.of is not None:
            if wanted == ">=":
                yield f"unfold {head}. apply sqrt_pos.\n"
            elif (inside := self.has_sign(one.of, ">")) is not None:
                yield f"unfold {head}. {AS[wanted]}apply sqrt_lt_R0. exact {inside.at()}.\n"
        elif one.kind == "reciprocal" and one.of is not None:
            if wanted == "!=" and (inside := self.has_sign(one.of, "!=")) is not None:
                yield f"unfold {head}. apply Rinv_neq_0_compat. exact {inside.at()}.\n"
            elif (inside := self.has_sign(one.of, ">")) is not None:
                yield f"unfold {head}. {AS[wanted]}apply Rinv_0_lt_compat. exact {inside.at()}.\n"
        elif one.kind == "sign" and one.of is not None:
            inside = self.has_sign(one.of, "!=") if wanted == "!=" else None
            if inside is not None:
                yield f"unfold {head}. apply sgn_nonzero. exact {inside.at()}.\n"

    def negative(self, poly: Poly, wanted: str) -> str:
        """Tactics for an input that is declared or assumed to be negative."""
        ((monomial, _), *_) = poly.items()
        ((component, _), *_) = sorted(monomial)
        _, ((g, slots, _), *_), _ = self.components[component]
        one = self.generators[g]
        ordered = slots == tuple(range(-1, -1 - one.arity, -1))
        how = "first [known | apply Rlt_le; known].\n"
        return how if poly == self.entry_of(one) and ordered and self.declared_sign(one, wanted) else ""

    def declared_sign(self, one: Generator, wanted: str) -> bool:
        """Whether a declaration or an assumption says it of an input."""
        if one.kind != "input":
            return False
        inputs = {data[0]: data[2] for op, _, data in self.graph.nodes if op == "input"}
        name = next(key[1] for key, value in self.numbers.items() if value is one)
        known = self.claim.signs.get(name, UNKNOWN)
        for flag in inputs.get(name, ()):
            known = either(known, SIGNS.get(flag, UNKNOWN))
        return all(have or not want for want, have in zip(SIGNS[wanted], known, strict=True))

    def from_values(self, poly: Poly, wanted: str) -> Iterator[str]:
        """The sign of a polynomial, from that of a value of the statement that is a multiple of it."""
        arity, names = len(self.free(poly)), self.frame(poly)[0]
        for node, relation, fact, whole, value in self.facts:
            tokens = sorted(self.free(whole), reverse=True)
            lemma, other = FACTOR.get((wanted, relation), ("", ""))
            if not lemma or not whole or not arity == len(tokens) <= 4 or not self.positions.isdisjoint(tokens):
                continue
            for order in permutations(tokens):
                scale = self.quotient(self.moved(whole, {token: -1 - i for i, token in enumerate(order)}), poly)
                if not scale:
                    continue
                sign = self.has_sign(scale, other) if other else None
                if other and sign is None:
                    continue
                at = {token: names[-1 - i] for i, token in enumerate(order)}
                places = {self.tokens[token][0]: name for token, name in at.items()}
                shown = self.printer.text(node, {axis: at[self.axis(axis)] for axis in self.graph.axes[node]})
                beside = f" {sign.at()}" if sign is not None else ""
                yield (
                    f"apply ({lemma} {self.poly_text(poly, names)} {self.poly_text(scale, names)} {shown} "
                    f"{fact.at(places)}{beside}).\n"
                    f"transitivity {self.poly_text(whole, at)}. {{ exact {value.at(places)}. }}\n"
                    f"{self.field(scale, poly, names=names)}"
                )

    def quotient(self, whole: Poly, part: Poly) -> Poly | None:
        """What a polynomial is times another one: a factor that stands in every term, or the same sum."""
        if len(part) == 1:
            ((monomial, coefficient),) = part.items()
            if all(all(dict(m).get(c, 0) >= e for c, e in monomial) for m in whole):
                return {joined(m, monomial, -1): c / Fraction(coefficient) for m, c in whole.items()}
            return None
        (n1, m1, p1), (n2, m2, p2) = self.split(whole), self.split(part)
        return {joined(m1, m2, -1): n1 / n2} if p1 == p2 else None
