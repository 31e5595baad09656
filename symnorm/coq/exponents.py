"""Powers with symbols in the exponent: ``b^(2t + 1) = (b^t)^2 b`` for a positive base."""

from __future__ import annotations

import ast
from fractions import Fraction

from symnorm.coq.functions import Functions
from symnorm.coq.nests import step
from symnorm.coq.statement import NotExpressible
from symnorm.elaboration.algebra import ONE, Generator, Monomial, Poly


class Exponents(Functions):
    """What a power with a symbolic exponent is the product of."""

    def define(self, one: Generator, name: str, of: Poly) -> None:
        """A power of each product of symbols is a generator of its own."""
        super().define(one, name, of)
        if one.kind == "power":
            self.heads[one.number] = self.fresh("p")
            slots, over = self.slot_names(one), self.slot_binders(one)
            binder = f" ({' '.join(v for v, _ in over)} : nat)" if over else ""
            exponent = self.monomial_text(frozenset(ast.literal_eval(name)), {})
            body = f"Rpower {self.poly_text(of, slots)} {exponent}"
            self.book.append(f"Definition {self.heads[one.number]}{binder} : R := {body}.\n")

    def with_symbols(self, values: list[Poly], because: list[str], before: Poly, names: dict[int, str]) -> str:
        """Tactics for such a power.

        Args:
            values, because: the base and the exponent as polynomials, and why they are.
            before: the power as one.
            names: the free indices' variables.
        """
        base, exponent = values
        below, power = self.poly_text(base, names), self.poly_text(exponent, names)
        raised = step(f"(Rpower {below} {power})", f"exact (f_equal2 Rpower {because[0]} {because[1]}).\n")
        if not exponent:
            return raised + "exact power_zero.\n"
        factors = [self.factor(base, monomial, Fraction(n), names) for monomial, n in exponent.items()]
        parts, results, proofs = (list(column) for column in zip(*factors, strict=True))
        whole, proof = parts[0], proofs[0]
        for part, one in zip(parts[1:], proofs[1:], strict=True):
            whole, proof = f"({whole} + {part})", f"(power_sum {proof} {one})"
        product_ = " * ".join(results)
        inverse = self.inverse(self.reduced(base)) if any(n < 0 for n in exponent.values()) else {}
        turned = ""
        if inverse:
            other = self.poly_text(inverse, names)
            turned = (
                f"assert ({below} * {other} = 1) as I'. {{ {self.is_inverse(base, inverse, names)}}}\n"
                f"assert (/ {below} = {other}) as J'. {{ exact (Rinv_is _ _ I'). }}\nrewrite ?J'.\n"
            )
        positive = self.signed_so(base, names, ">")
        closing = self.field(base, before, inverse, names=names)
        return (
            raised
            + f"assert (0 < {below}) as P'. {{ {positive}}}\n"
            + step(f"(Rpower {below} {whole})", "f_equal; ring.\n")
            + step(f"({product_})", f"exact {proof}.\n")
            + turned
            + closing
        )

    def factor(self, base: Poly, monomial: Monomial, n: Fraction, names: dict[int, str]) -> tuple[str, str, str]:
        """A term of the exponent, the power with it, and why it is that."""
        if n.denominator > 1:
            raise NotExpressible("a power with a symbol and a half")
        count, below = abs(n.numerator), self.poly_text(base, names)
        if monomial == ONE:
            one = f"({below} ^ {count})" if n > 0 else f"((/ {below}) ^ {count})"
            lemma = "power_number" if n > 0 else "power_inverse_number"
            return f"({'- ' * (n < 0)}{count})", one, f"({lemma} P' {count})"
        _found, entry = self.named("power", str(sorted(monomial)), base)
        head, symbols = self.poly_text(entry, names), self.monomial_text(monomial, {})
        one = f"({head} ^ {count})" if n > 0 else f"((/ {head}) ^ {count})"
        lemma = "power_times" if n > 0 else "power_inverse_times"
        return f"({'- ' * (n < 0)}({count} * {symbols}))", one, f"({lemma} P' {count})"
