"""Squares of roots and signs, and what a reciprocal is the inverse of."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from symnorm.coq.facts import Facts
from symnorm.coq.nests import Binder, Entry, product, step
from symnorm.coq.section import Lemma
from symnorm.coq.statement import NotExpressible
from symnorm.coq.statement import number as number_
from symnorm.elaboration.algebra import ONE, Generator, Poly, joined


class Powers(Facts):
    """Definitions of generators, used."""

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

    def is_inverse(self, poly: Poly, inverse: Poly, names: dict[int, str]) -> str:
        """Tactics for: a value times its inverse is one."""
        if any(e > 0 and self.kind(c) == "reciprocal" for m in inverse for c, e in m):
            return self.by_reciprocal(poly, inverse, names)
        return self.field(poly, inverse, names=names)

    def by_reciprocal(self, poly: Poly, inverse: Poly, names: dict[int, str]) -> str:
        """The same where the inverse has reciprocals in it."""
        ((monomial, _),) = inverse.items()
        left, one = [], []
        for c, e in sorted(monomial):
            if e > 0 and self.kind(c) == "reciprocal":
                head, inside, lemma = self.reciprocal_at(c, names)
                left.append(f"(({head} * {inside}) ^ {e})" if e > 1 else f"({head} * {inside})")
                one.append(lemma)
        closing = self.field(poly, inverse, names=names)
        rewriting = "".join(f"rewrite {lemma}.\n" for lemma in one)
        return step(product(left), closing) + rewriting + "ring.\n"

    def by_squares(self, inside: Poly, before: Poly, names: dict[int, str]) -> str:
        """Tactics for a power of a polynomial, roots in it squared by their definitions."""
        squares = []
        for c in sorted({c for poly in (inside, before) for monomial in poly for c, _ in monomial}):
            over, ((number, slots, _), *_), _ = self.components[c]
            one = self.generators[number]
            if over or one.of is None:
                continue
            at = {f"a'{i + 1}": names[slot] for i, slot in enumerate(slots)}
            if one.kind == "reciprocal":
                squares.append(self.leading_inverse(one).at(at))
            elif any(c in dict(monomial) for monomial in inside):
                if one.kind == "root" and not one.solved:
                    squares.append(self.square(one).at(at))
                if one.kind == "sign" and len(one.of) == 1:
                    squares.append(self.sign_square(one).at(at))
        using = f"[{' '.join(sorted(set(squares)))}]" if squares else ""
        return self.field(inside, before, names=names, using=using)

    def leading_inverse(self, one: Generator) -> Lemma:
        """``r m = (1 - r q)/k`` of a reciprocal with ``r (k m + q) = 1``: how a tactic may use it."""
        key = ("leading", one.number)
        if key not in self.numbers:
            assert one.of is not None
            names, over = self.slot_names(one), self.slot_binders(one)
            head = self.entry(Entry(one.number, tuple(names.values()), 1))
            lead = max(one.of, key=lambda m: (sum(e for _, e in m), sorted(m)))
            rest = {m: -c / Fraction(one.of[lead]) for m, c in one.of.items() if m != lead}
            scale = number_(1 / Fraction(one.of[lead]))
            says = f"{head} * {self.monomial_text(lead, names)} = {scale} + {head} * {self.poly_text(rest, names)}"
            gap = f"{scale} * ({head} * {self.poly_text(one.of, names)} - 1)"
            tactics = (
                f"apply (from_gap _ _ ({gap})). {{ exact (zero_gap {scale} _ _ {self.inverse_lemma(one).at()}). }}\n"
                f"{self.arithmetic(rest, {ONE: 1 / Fraction(one.of[lead])}, names=names)}"
            )
            self.numbers[key] = self.lemma("W", over, says, tactics)
        found: Lemma = self.numbers[key]
        return found

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
            return self.signed_so(poly, names, ">=")
        left: Poly = {frozenset(rest.items()): coefficient}
        grouped = product([*pairs, self.poly_text(left, names)])
        closing = self.field(left, poly, names=names)
        return (
            f"assert ({self.poly_text(poly, names)} = {grouped}) as G'.\n"
            f"{{ unfold {', '.join(sorted(heads))}. {closing}}}\nrewrite G'. "
            f"apply Rmult_le_pos; [repeat first [apply sgn_self_nonneg | apply Rmult_le_pos] | ].\n"
            f"{self.signed_so(left, names, '>=')}"
        )

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
                if one.kind == "reciprocal":
                    inverse = f"(Rinv_is _ _ {self.inverse_lemma(one).at()})"
                    closing = f"rewrite {inverse}. {self.arithmetic(value, names=names)}"
                    self.numbers[key] = self.lemma("W", over, f"{left} = {right}", closing)
                    return self.numbers[key]  # type: ignore[no-any-return]
                if one.kind != "root":
                    raise NotExpressible(f"a power of a {one.kind}")
                inside = {c for monomial in value for c, _ in monomial if self.kind(c) == "reciprocal"}
                inverses = [self.components[c] for c in sorted(inside) if not self.components[c][0]]
                steps = [self.square(one).at()]
                for _, ((g, slots, _), *_), _ in inverses:
                    at = {f"a'{i + 1}": names[slot] for i, slot in enumerate(slots)}
                    steps.append(self.leading_inverse(self.generators[g]).at(at))
                using = f"[{' '.join(steps)}]"
                entries = self.divisors(value, names) + [Entry(one.number, tuple(names.values()), e)] * (e < 0)
                inverted = [c for m in value for c, _ in m if self.kind(c) == "reciprocal"]
                turned = self.inverted_square(one, inverted[0], entries, names) if inverted else ""
                closing = turned + self.field_of(entries, "" if turned else using)
                self.numbers[key] = self.lemma("W", over, f"{left} = {right}", closing)
            except NotExpressible as reason:
                self.numbers[key] = str(reason)
        found: Lemma | str = self.numbers[key]
        return found

    def inverted_square(self, one: Generator, reciprocal: int, entries: list[Entry], names: Mapping[int, str]) -> str:
        """Tactics that put ``c/s^2`` in place of ``1/P``, where ``s^2 = c P``."""
        assert one.of is not None
        n1, m1, p1 = self.split(one.of)
        n2, m2, p2 = self.split(self.definition(reciprocal)[1])
        if p1 != p2:
            raise NotExpressible("a reciprocal of something else than a root is of")
        content: Poly = {joined(m1, m2, -1): n1 / n2}
        itself = tuple(range(-1, -1 - one.arity, -1))
        head = self.entry(Entry(one.number, tuple(names[i] for i in itself), 1))
        inverse, inside, lemma = self.reciprocal_at(reciprocal, names)
        scale = self.poly_text(content, names)
        closing = self.field_of([*entries, *self.divisors(self.power(content, -1), names)])
        using = f"field [{self.square(one).at()}]"
        return (
            f"assert ({inside} = {head} * {head} / {scale}) as E'.\n{{ {closing.replace('field', using, 1)}}}\n"
            f"assert ({inverse} = {scale} / ({head} * {head})) as R'.\n"
            f"{{ apply (Rmult_eq_reg_r {inside}); [rewrite {lemma}, E' | intro Z'; pose proof {lemma} as I'; "
            f"rewrite Z' in I'; lra]. {closing}}}\nrewrite R'.\n"
        )

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
