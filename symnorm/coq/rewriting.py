"""Each step of the replayer's rewriting as a lemma: a monomial is what a rule makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from symnorm.coq.nests import Entry, Nest, drawn, entered, ordered, renamed, step, text
from symnorm.coq.nests import under as bound_by
from symnorm.coq.section import Lemma
from symnorm.coq.sign_squares import SignSquares
from symnorm.coq.statement import NotExpressible, number
from symnorm.elaboration.algebra import Atom, Monomial, Poly, joined


class Rewriting(SignSquares):
    """Rules, and where they apply."""

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
        every = [{m: c} for m, c in trace] + [self.steps[m] or {} for m, c in trace]
        closing = self.arithmetic(*every, names=names).rstrip()[:-1]
        return f"apply (from_gap _ _ {whole}); [exact {proof} | {closing}].\n"

    def step(self, monomial: Monomial) -> Poly | None:
        """One step of rewriting, and the lemma for it; ``None`` if no rule applies."""
        over: list[int] = []
        atoms = self.spread(sorted(monomial), over)
        copies = [
            (c, k)
            for c, e in sorted(monomial)
            for k in range(e if self.components[c][0] else 1)
            for _ in self.components[c][1]
        ]
        for place, (g, slots, e) in enumerate(atoms):
            generator, left = self.generators[g], atoms[:place] + atoms[place + 1 :]
            at = {-1 - i: slot for i, slot in enumerate(slots)}
            if generator is self.delta and max(slots) < 0:
                low, high = sorted(slots)
                if high not in self.positions and any(high in s for _, s, _ in left):
                    left = [(h, tuple(low if i == high else i for i in s), f) for h, s, f in left]
                    result = self.product_of([(g, slots, 1), *left], over)
                    self.how[monomial] = "a delta of free indices beside others"
                    self.attempt(monomial, self.by_delta, monomial, result, low, high)
                    return result
            found = self.square_of_sign(atoms, place)
            if found is not None:
                if (part := self.parted(monomial, {copies[i] for i in found.touched})) is not None:
                    return part
                result = self.put(found.rest, over, found.value, at)
                self.how[monomial] = found.lemma if isinstance(found.lemma, str) else "the square of a sign"
                if not isinstance(found.lemma, str):
                    kept = [one for one in found.rest if one[2]]
                    rule = (found.pattern, found.value, found.lemma, result)
                    self.attempt(monomial, self.by_rule, monomial, over, atoms, kept, {}, at, *rule)
                return result
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
                itself: tuple[Atom, ...] = ((g, tuple(range(-1, -1 - generator.arity, -1)), e),)
                self.attempt(monomial, self.by_rule, monomial, over, atoms, left, {}, at, itself, value, lemma, result)
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
                result = self.put(left, [over[v] for v in gone], value, {s: gone.get(i, i) for s, i in placed.items()})
                self.how[monomial] = "a rule"
                if isinstance(lemma, str):
                    self.how[monomial] = lemma
                    return result
                self.attempt(
                    monomial, self.by_rule, monomial, over, atoms, kept, bound, placed, pattern, value, lemma, result
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
        self.attempt(monomial, self.by_part, monomial, part, others, result)
        return result

    def by_part(self, monomial: Monomial, part: Monomial, others: Monomial, result: Poly) -> Lemma:
        """A step of some factors, beside the others."""
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

    def attempt(self, monomial: Monomial, make: Callable[..., Lemma], *arguments: Any) -> None:
        """Write a step of rewriting down, or why it cannot be."""
        try:
            self.how[monomial] = make(*arguments)
        except NotExpressible as reason:
            self.how[monomial] = str(reason)

    def by_delta(self, monomial: Monomial, result: Poly, low: int, high: int) -> Lemma:
        """What stands beside a delta of free indices has one of them for both."""
        names, binders = self.frame({monomial: 1})
        a, b = names[low], names[high]
        left, right = self.monomial_text(monomial, names), self.poly_text(result, names)
        divisors = renamed([*self.divisors({monomial: 1}, names), *self.divisors(result, names)], {b: a})
        closing = self.field_of(divisors).rstrip(".\n")
        nests = [nest for poly in ({monomial: 1}, result) for m in poly for nest in self.nests(m, names)]
        deltas = [one.places for nest in nests for one in nest.entries if one.generator == self.delta.number]
        pairs = {tuple(sorted(a if place == b else place for place in places)) for places in deltas}
        others = [(x, y) for x, y in sorted(pairs) if x != y]
        cases = "rewrite ?dl_same" + "".join(f", ?(dl_sym {y} {x})" for x, y in others) + "; "
        cases += "unfold dl; " * bool(others) + "".join(f"destruct (Nat.eqb {x} {y}); " for x, y in others)
        tactics = (
            f"destruct (Nat.eq_dec {a} {b}) as [E' | E']; [subst {b}; {cases}{closing} |\n"
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
        tactics += self.linear(outside, terms, at) + "rewrite ?mult_INR, ?plus_INR; simpl INR.\n"
        extents = [self.inverse(self.sizes[self.colour_of(size)]) for _, size in outside]
        tactics += self.field_of(
            [one for poly in [result, *extents] for one in self.divisors(poly, names)]
            + [one for one in rest.entries if one.power < 0 and set(one.places) <= set(names.values())]
            + [one for one in self.divisors(value, value_names) if set(one.places) <= set(names.values())]
        )
        return self.lemma(
            "E", binders, f"{self.monomial_text(monomial, names)} = {self.poly_text(result, names)}", tactics
        )

    def solve(self, relation: Poly, component: int) -> None:
        """The rule that a relation gives, with its lemma."""
        made = self.rule_lemma(relation, component)
        before = len(self.rules)
        super().solve(relation, component)
        assert len(self.rules) == before + 1
        self.rule_lemmas.append(made if isinstance(made, str) else made[0])
        if not isinstance(made, str) and self.rules[-1][2] != made[1]:
            self.rule_lemmas[-1] = "a rule that is solved for in another way"

    def rule_lemma(self, relation: Poly, component: int) -> tuple[Lemma, Poly] | str:
        """What the relation, the latest that was shown to vanish, says of a component: the lemma and the value."""
        try:
            shown = self.latest
            if isinstance(shown, str):
                raise NotExpressible(shown)
            (found,) = [m for m in relation if dict(m).get(component) == 1]
            inverse = self.power({found - {(component, 1)}: relation[found]}, -1)
            whole = self.times({m: -c for m, c in relation.items() if m != found}, inverse)
            value, trace = self.rewritten(whole)
            names, over = self.frame(relation)
            left, right = self.monomial_text(frozenset([(component, 1)]), names), self.poly_text(whole, names)
            gap, scale = self.poly_text(relation, names), self.poly_text(inverse, names)
            closing = self.field(inverse, whole, relation, names=names)
            tactics = f"apply (from_gap _ _ ({scale} * {gap})).\n{{ rewrite {shown.at()}. ring. }}\n{closing}"
            if trace:
                tactics = step(right, tactics) + self.reduction(trace, names)
            return self.lemma("R", over, f"{left} = {self.poly_text(value, names)}", tactics), value
        except NotExpressible as reason:
            return str(reason)
