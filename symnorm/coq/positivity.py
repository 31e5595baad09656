"""Why a value has the sign that its form shows: a lemma for each value, from those of its arguments.

A sum of squares is not negative, a product of positive factors is positive, and so on: which lemma of ``Support.v``
applies is read off the operation. In come nodes of a statement's graph and its hypotheses, out come lemmas; called by
:mod:`.inequalities`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from symnorm.coq.names import spelled
from symnorm.coq.nests import Binder
from symnorm.coq.section import Lemma, Section, below
from symnorm.coq.sign_rules import (
    ABOVE,
    BELOW,
    DOWN,
    FLIPPED,
    GAP,
    MOVED,
    OFF,
    SAYS,
    UP,
    Term,
    combined,
    constantly,
    positive,
    repeated,
    ruled,
    under,
)
from symnorm.coq.statement import FLAGS, NotExpressible
from symnorm.elaboration.signs import Statement
from symnorm.replay.graph import IMPLICIT


class Positivity:
    """Signs of values.

    Args:
        claim: what is assumed.
        section: where the lemmas go; its hypotheses are the claim's, and its conditions after them.
    """

    def __init__(self, claim: Statement, section: Section) -> None:
        self.claim, self.graph = claim, claim.graph
        self.section, self.printer = section, section.printer
        self.found: dict[tuple[int, str], Lemma | None] = {}
        zero = self.graph.number(0)
        self.assumed = [*claim.given, *[(node, sign, zero) for node, sign in claim.conditions]]

    def shown(self, node: int, relation: str) -> str:
        """The proof that a value is at least zero, less than zero, not zero, ... where its axes have their own names.

        With a forced section it is left to Coq to find that it has not.

        Raises:
            NotExpressible: its form does not show it.
        """
        found = self.sign(node, SAYS[relation])
        if found is not None:
            return found.at()
        if self.section.forced:
            return "ltac:(shown known opened)"
        op, _, data = self.graph.nodes[node]
        raise NotExpressible(f"why a value is {relation} 0: {op} {data or ''}".rstrip())

    def sign(self, node: int, says: str) -> Lemma | None:
        """The lemma that a value has a sign, if its form shows it."""
        if (node, says) not in self.found:
            at = self.printer.own(node)
            term = combined(lambda wanted: self.direct(node, wanted, at))(says)
            self.found[node, says] = self.written(node, says.format(self.printer.text(node, at)), term)
        return self.found[node, says]

    def written(self, node: int, says: str, term: str | None) -> Lemma | None:
        """A lemma in the book."""
        if term is None:
            return None
        axes = self.graph.axes[node]
        over: list[Binder] = [(v, self.printer.natural(axes[a])) for a, v in self.printer.own(node).items()]
        unfolded = f"unfold {self.printer.shared[node]}.\n" if node in self.printer.shared else ""
        name = self.section.fresh("P")
        bounds = "".join(f"({v} < {size})%nat -> " for v, size in over)
        quantified = f"forall {' '.join(v for v, _ in over)} : nat, {bounds}" if over else ""
        intros = f"intros {' '.join([v for v, _ in over] + [below(v) for v, _ in over])}.\n" if over else ""
        self.section.book.append(f"Lemma {name} : {quantified}{says}.\nProof.\n{intros}{unfolded}exact {term}.\nQed.\n")
        return Lemma(name, over)

    def direct(self, node: int, says: str, at: Mapping[str, str]) -> str | None:
        """A proof from what is assumed of the node, or from its arguments."""
        return self.of_hypothesis(node, says, at) or self.of_form(node, says, at)

    # what is assumed --------------------------------------------------------------------------------------------------

    def of_hypothesis(self, node: int, says: str, at: Mapping[str, str]) -> str | None:
        """What the assumptions say of a value, or of a difference whose sides they compare."""
        op, args, _ = self.graph.nodes[node]
        start = len(self.section.statement.declared)
        for number, (a, relation, b) in enumerate(self.assumed):
            if relation == "==":
                continue
            axes = {**self.graph.axes[a], **self.graph.axes[b]}
            if not axes.keys() <= at.keys():
                continue
            name = f"A'{start + number}"
            places = [at[axis] for axis in axes]
            how = f"({name} {' '.join(places)} {' '.join(map(below, places))})" if places else name
            meant = SAYS[relation]
            if self.zero(b) and a == node and meant == says:
                return f"(Rge_le _ _ {how})" if relation == ">=" else how
            if self.zero(a) and b == node and FLIPPED[meant] == says:
                return f"(not_eq_sym {how})" if says == OFF else f"(Rge_le _ _ {how})" if relation == ">=" else how
            if op == "sub" and (a, b) == args and meant == says:
                return f"({GAP[says]} {how})"
            if op == "sub" and (b, a) == args and FLIPPED[meant] == says:
                turned = {"!=": "not_eq_sym", ">=": "Rge_le _ _", "<=": "Rle_ge _ _"}.get(relation)
                return f"({GAP[says]} {f'({turned} {how})' if turned else how})"
        return None

    def zero(self, node: int) -> bool:
        """Whether a node is the number zero."""
        op, _, data = self.graph.nodes[node]
        return op == "number" and Fraction(data) == 0

    def of_input(self, node: int, data: Any, says: str, at: Mapping[str, str]) -> str | None:
        """What an input's declaration says, or the sign of what an equation puts in its place."""
        own = self.printer.own(node)
        for flag, meant in (("positive", ABOVE), ("nonnegative", UP), ("nonzero", OFF)):
            if flag in data[2] and says == meant:
                text = self.printer.bounded(dict(data[1]), FLAGS[flag].format(self.printer.text(node, own)))
                name, places = self.section.hypotheses[text], [at[axis] for axis in own]
                return f"({name} {' '.join(places)} {' '.join(map(below, places))})" if places else name
        value = self.claim.put.get(data[0])
        if value is None:
            return None
        found = self.sign(value, says)
        for (a, relation, b), name in zip(self.claim.given, self.section.given_names, strict=True):
            if found is not None and relation == "==" and {a, b} == {node, value}:
                places = [at[axis] for axis in {**self.graph.axes[a], **self.graph.axes[b]}]
                how = f"({name} {' '.join(places)} {' '.join(map(below, places))})" if places else name
                how = how if a == value else f"(eq_sym {how})"
                return f"({MOVED[says]} {found.at(self.places(value, at))} {how})"
        return None

    def places(self, node: int, at: Mapping[str, str]) -> dict[str, str]:
        """What a node's own variables stand for."""
        return {own: at[axis] for axis, own in self.printer.own(node).items()}

    # what the form shows ----------------------------------------------------------------------------------------------

    def of_form(self, node: int, says: str, at: Mapping[str, str]) -> str | None:
        """A sign from those of the arguments."""
        op, args, data = self.graph.nodes[node]
        if op == "number":
            value = Fraction(data)
            holds = {UP: value >= 0, DOWN: value <= 0, OFF: value != 0, ABOVE: value > 0, BELOW: value < 0}[says]
            return "ltac:(lra)" if holds else None
        if op == "constant":
            return None if says != ABOVE else "PI_RGT_0" if data == "pi" else "(exp_pos 1)"
        if op == "size":
            return self.count(node) if says == ABOVE else None
        if op == "input":
            return self.of_input(node, data, says, at)
        if op in ("let", "stop", *IMPLICIT):
            return self.argument(args[0], at)(says)
        if op == "rename":
            new = dict(data)
            return self.argument(args[0], {old: at[new.get(old, old)] for old in self.graph.axes[args[0]]})(says)
        if op in ("total", "mean"):
            return self.summed(op, args[0], data[1], at)(says)
        if op == "pow":
            return self.power(args, at)(says)
        same = op == "mul" and args[0] == args[1]
        term = ruled("square" if same else op, [self.argument(arg, at) for arg in args])(says)
        return term or (self.of_sizes(node, says) if op in ("add", "sub") else None)

    def argument(self, node: int, at: Mapping[str, str]) -> Term:
        """Proofs about an argument at some positions."""

        def found(says: str) -> str | None:
            lemma = self.sign(node, says)
            return None if lemma is None else lemma.at({v: at[axis] for axis, v in self.printer.own(node).items()})

        return found

    def power(self, args: tuple[int, ...], at: Mapping[str, str]) -> Term:
        """Proofs about a power, which is printed as a root, a repeated product and an inverse."""
        op, _, data = self.graph.nodes[args[1]]
        exponent = Fraction(data) if op == "number" else Fraction(1, 3)
        if exponent.denominator > 2:
            return ruled("power", [])
        found = self.argument(args[0], at)
        if exponent.denominator == 2:
            found, exponent = combined(ruled("sqrt", [found])), 2 * exponent
        count = abs(exponent.numerator)
        if count != 1:
            found = combined(repeated(found, count))
        return ruled("inverse", [found]) if exponent < 0 else found

    def summed(self, op: str, body: int, axes: Any, at: Mapping[str, str]) -> Term:
        """Proofs about a sum or mean: terms of one sign do not cancel, and sizes are positive."""
        inner, bound, factors = dict(at), list[tuple[str, int]](), list[tuple[str, int]]()
        for axis, size in axes:
            if op == "mean":
                factors.append(("div", size))
            if axis not in self.graph.axes[body]:
                factors.append(("mul", size))
                continue
            inner[axis] = self.section.fresh("b")
            bound.append((inner[axis], size))
        found = self.argument(body, inner)
        for variable, size in reversed(bound):
            found = combined(ruled("sum", [under(found, variable), constantly(self.at_least_one(size))]))
        for factor, size in factors:
            found = combined(ruled(factor, [found, combined(positive(self.count(size)))]))
        return found

    def count(self, size: int) -> str:
        """Why a number of entries is positive."""
        return f"(INR_pos _ {self.at_least_one(size)})"

    def at_least_one(self, size: int) -> str:
        """Why a number of entries is at least one."""
        op, args, data = self.graph.nodes[size]
        if op == "size" and data not in self.printer.sizes:
            return self.section.hypotheses[f"(1 <= {spelled(data)})%nat"]
        if op in ("add", "mul"):
            return f"(one_{op} {self.at_least_one(args[0])} {self.at_least_one(args[1])})"
        return f"(ltac:(lia) : (1 <= {self.printer.natural(size)})%nat)"

    def of_sizes(self, node: int, says: str) -> str | None:
        """The sign of a sum of sizes and numbers: each size is at least one, or what is assumed of it."""
        form = self.linear(node)
        if form is None or says not in (UP, ABOVE) or any(value < 0 for size, value in form.items() if size):
            return None
        least = {size: self.least(size) for size in form if size}
        low = form.get("", Fraction(0)) + sum(form[size] * least[size][0] for size in least)
        if low < 0 or (low == 0 and says == ABOVE):
            return None
        facts = " ".join(f"pose proof {how};" for _, how in least.values())
        return f"ltac:({facts} lra)"

    def least(self, name: str) -> tuple[Fraction, str]:
        """A size's lower bound, and why."""
        found = (Fraction(1), f"(INR_one {self.section.hypotheses[f'(1 <= {spelled(name)})%nat']})")
        for (a, relation, b), how in zip(self.claim.given, self.section.given_names, strict=True):
            (op, _, size), (other, _, value) = self.graph.nodes[a], self.graph.nodes[b]
            if (op, size, other) == ("size", name, "number") and relation in (">", ">=") and Fraction(value) > found[0]:
                found = (Fraction(value), how)
        return found

    def linear(self, node: int) -> dict[str, Fraction] | None:
        """A sum of multiples of sizes, by their names, and of a number."""
        op, args, data = self.graph.nodes[node]
        if op in ("number", "size"):
            return {"": Fraction(data)} if op == "number" else {data: Fraction(1)}
        if op == "let":
            return self.linear(args[0])
        parts = [self.linear(arg) for arg in args] if op in ("add", "sub") else [None]
        if None in parts:
            return None
        left, right = (part for part in parts if part is not None)
        way = 1 if op == "add" else -1
        return {name: left.get(name, Fraction(0)) + way * right.get(name, Fraction(0)) for name in {**left, **right}}
