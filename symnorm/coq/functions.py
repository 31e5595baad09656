"""Values of operations that are not arithmetic: roots, powers, absolute values, signs, exponentials, losses."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from symnorm.coq.names import index
from symnorm.coq.nests import Entry, product, step
from symnorm.coq.rewriting import Rewriting
from symnorm.coq.section import below
from symnorm.coq.statement import ODD, NotExpressible, loss, number
from symnorm.elaboration.algebra import ONE, UNIT, Poly, plus, scaled


class Functions(Rewriting):
    """Operations that have a definition of their own."""

    def rooted(self, argument: str, inside: Poly, because: str, before: Poly, names: dict[int, str]) -> str:
        """Tactics for a square root."""
        self.poly_text(before, names)
        closing = self.by_squares(before, inside, names)
        return (
            f"apply sqrt_is.\n{{ {self.not_negative(before, names)}}}\n"
            f"transitivity {self.poly_text(inside, names)}; [ | symmetry; exact {because}].\n{closing}"
        )

    def raised_to(
        self, args: Any, values: list[Poly], because: list[str], before: Poly, names: dict[int, str], base: str
    ) -> str:
        """Tactics for a power."""
        op, _, data = self.graph.nodes[args[1]]
        if op != "number":
            return self.with_symbols(values, because, before, names)
        if Fraction(data).denominator > 2:
            raise NotExpressible("a third root")
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
            return (
                tactics + step(power, f"exact (f_equal {function} {why}).\n") + self.by_squares(inside, before, names)
            )
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

    def with_symbols(self, values: list[Poly], because: list[str], before: Poly, names: dict[int, str]) -> str:
        """Tactics for a power with a symbol in its exponent."""
        raise NotImplementedError

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
        if op == "erf":
            return step(f"(erf {texts[0]})", f"exact (f_equal erf {how[0]}).\n") + self.of_odd(before, names)
        if op in ("maximum", "minimum"):
            function, lemma = ("Rmax", "Rmax_abs") if op == "maximum" else ("Rmin", "Rmin_abs")
            gap = plus(inside[0], scaled(inside[1], -1))
            absolute = self.absolute(gap)
            between = self.poly_text(absolute, names)
            sign = "+" if op == "maximum" else "-"
            same = self.arithmetic(*inside, gap, names=names)
            return (
                step(f"({function} {texts[0]} {texts[1]})", f"exact (f_equal2 {function} {how[0]} {how[1]}).\n")
                + f"rewrite {lemma}.\n"
                + f"assert (Rabs ({texts[0]} - {texts[1]}) = {between}) as E'.\n"
                + f"{{ {step(f'(Rabs {self.poly_text(gap, names)})', f'f_equal; {same}')}"
                + f"{self.signed('Rabs', gap, absolute, names)}}}\n"
                + step(f"(({texts[0]} + {texts[1]} {sign} {between}) / 2)", "rewrite E'. reflexivity.\n")
                + self.field(*inside, before, names=names)
            )
        raise NotExpressible(f"a proof about {op}")

    def of_odd(self, before: Poly, names: dict[int, str]) -> str:
        """Tactics for the error function: of zero, of what a generator is of, or of its opposite."""
        odd = self.hypotheses[ODD]
        if not before:
            return f"exact (odd_zero erf {odd}).\n"
        ((monomial, flip),) = before.items()
        if flip == 1:
            return self.unfolded(before, names)
        return f"apply (odd_opp erf {odd}). {self.unfolded({monomial: 1}, names)}"

    def unfolded(self, poly: Poly, names: dict[int, str]) -> str:
        """Tactics for: a value is the generator that is defined as it."""
        heads = sorted(
            {self.head(g) for m in poly for c, _ in m for g, _, _ in self.components[c][1] if self.generators[g].of}
        )
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
        proof = ["rewrite ?exp_plus, ?exp_Ropp."] if len(parts_) > 1 or "(- " in parts_[0][:3] else []
        return (
            step(f"(exp ({' + '.join(parts_)}))", "f_equal; ring.\n")
            + step(
                product(values),
                f"unfold {', '.join(sorted(heads))}.\n{''.join(proof)}\nreflexivity.\n".replace("\n\n", "\n"),
            )
            + "ring.\n"
        )

    def of_derivative(self, op: str, output: int, data: Any, at: Any, before: Poly, names: Any) -> str:
        """The derivative of a loss is a function of the values of its output."""
        ((monomial, _),) = before.items()
        ((component, _),) = monomial
        ((number, slots, _),) = self.components[component][1]
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
        outside = self.hypotheses[self.printer.of_loss(op, data)[0]]
        intros = " ".join([*variables, *map(below, variables)])
        inside = f"intros {intros}; cbv beta"
        order = sorted(dict(data[1]))
        copies = dict(zip(dict(data[1]), data[2], strict=True)) if op == "curvature" else {}
        wanted = tuple(names[at[name]] for name in [*order, *[copies[name] for name in order if copies]])
        have = tuple(names[slot] for slot in slots)
        turn = "" if have == wanted else self.turned(Entry(number, have, 1), wanted)
        return f"{turn}unfold {self.heads[number]}. apply {outside}; [{inside} | first [assumption | lia] ..].\n{inner}"

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
            sign, tactics = self.sign_of_factor(function, factor, text_, names)
            results.append(f"({sign} * {text_})" if function == "Rabs" else sign)
            proofs.append(f"{{ {tactics}}}\n")
        scale = number(value)
        head = number(abs(value) if function == "Rabs" else Fraction(1 if value > 0 else -1))
        whole = product([scale, *texts])
        made = step(f"({function} {whole})", f"f_equal; {self.field(poly, *factors, names=names)}")
        made += f"rewrite ?{multiply}.\n"
        sure = {"Rabs": ("Rabs_right", "Rabs_left"), "sgn": ("sgn_pos", "sgn_neg")}[function][value < 0]
        made += f"assert ({function} {scale} = {head}) as U'. {{ rewrite {sure}; lra. }}\nrewrite U'.\n"
        for number_, (text_, result, proof) in enumerate(zip(texts, results, proofs, strict=True)):
            made += f"assert ({function} {text_} = {result}) as U'{number_}.\n{proof}rewrite ?U'{number_}.\n"
        return made + self.field({ONE: 1}, before, *factors, names=names)

    def sign_of_factor(self, function: str, factor: Poly, text_: str, names: dict[int, str]) -> tuple[str, str]:
        """What the sign of a factor is, and tactics for that sign or for the absolute value with it."""
        if len(factor) == 1:
            ((monomial, _),) = factor.items()
            ((c, e),) = monomial
            if e % 2 == 0 and self.kind(c) == "root" and not self.component_sign(c)[0]:
                raise NotExpressible("a root that may not be real")
            found = UNIT if e % 2 == 0 else self.factor_sign(c)
            if abs(e) != 1 and found not in (UNIT, scaled(UNIT, -1)):
                raise NotExpressible("the sign of a power")
        else:
            up, down, _off = self.sign_of_several(factor)
            found = (UNIT if up else scaled(UNIT, -1)) if (up or down) else self.named("sign", "", factor)[1]
        if found == UNIT and function == "Rabs":
            return "1", f"rewrite Rabs_pos_eq; [ring | {self.signed_so(factor, names, '>=').rstrip()[:-1]}].\n"
        if found == UNIT:
            return "1", f"apply sgn_pos. {self.signed_so(factor, names, '>')}"
        if found == scaled(UNIT, -1):
            lemma, wanted = ("nonpos_of", ">=") if function == "Rabs" else ("neg_of", ">")
            other = scaled(factor, -1)
            how = f"apply ({lemma} _ {self.poly_text(other, names)}); [ | ring]. {self.signed_so(other, names, wanted)}"
            return "(- 1)", f"{'rewrite Rabs_left1; [ring | ]' if function == 'Rabs' else 'apply sgn_neg'}. {how}"
        if function == "Rabs":
            sign, tactics = self.sign_of_factor("sgn", factor, text_, names)
            return sign, f"rewrite Rabs_sgn. refine (f_equal2 Rmult _ eq_refl).\n{tactics}"
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

    def because(self, node: int, at: Mapping[str, int]) -> str:
        """The proof term of a value."""
        raise NotImplementedError
