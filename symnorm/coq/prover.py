"""Proofs of statements, made from a certificate without search: the replayer's steps, each as a lemma.

The replayer of certificates computes what each value of a statement is as a polynomial over named sums. Here it writes
down why: a lemma for every value, for every rule and for every step of rewriting. Coq believes none of it.

Read :mod:`.section`, :mod:`.writing`, :mod:`.facts`, :mod:`.powers`, :mod:`.nests`, :mod:`.sums`, :mod:`.rewriting`,
:mod:`.functions`, :mod:`.values`, then this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from symnorm.coq.names import index
from symnorm.coq.nests import Entry, step
from symnorm.coq.positivity import Positivity
from symnorm.coq.section import Lemma, below
from symnorm.coq.sign_rules import SAYS
from symnorm.coq.statement import NotExpressible
from symnorm.coq.values import Values
from symnorm.elaboration.algebra import Generator, Monomial, Poly, plus, scaled
from symnorm.elaboration.meaning import EXPAND, Name
from symnorm.replay.graph import NotCovered, Rejected


class Prover(Values):
    """A proof of a claim's statements."""

    def prepare(self, data: Any) -> None:
        """What the certificate chose, in the order of the replayer, with the reason for each rule."""
        self.forms = Positivity(self.claim, self.section)
        for op, _, entry in [*self.graph.nodes]:
            if op in ("input", "size"):
                self.leaf(op, entry)
        for op, _, entry in [*self.graph.nodes]:
            if op in ("cotangent", "curvature"):
                self.loss_sizes[entry[0]] = [self.printer.natural(size) for _, size in sorted(entry[1])]
        for size in sorted({size for axes in [*self.graph.axes] for size in axes.values()}):
            self.register(size)
        for extent in [int(size) for size in self.colours.values() if size.isdigit()]:
            for place in range(1, min(extent, EXPAND) + 1):
                self.token(place)
        self.assume_conditions()
        self.collect_facts()
        names: dict[str, Name] = {}
        solve = dict(data["solve"])
        for row in data["generators"]:
            names |= self.declared([row], names)
            if row[0] not in solve:
                continue
            root, order, _ = names[row[0]]
            self.values.clear()
            self.collect_facts()
            root.solved = True
            self.steps.clear()
            if root.of is None or len(solve[row[0]]) != 1:
                raise NotExpressible("a root that is solved for by its averages")
            (written,) = solve[row[0]]
            reduced, trace = self.rewritten(root.of)
            itself = tuple(range(-1, -1 - root.arity, -1))
            gap = plus(reduced, scaled(self.atom(root, itself, 2), -1))
            move = {slot: -1 - i for i, slot in enumerate(order)}
            component = self.placed_at(self.component_of(written, names)[0], move)
            if set(itself) - self.components[component][2] or self.reduced(gap) != gap:
                raise NotExpressible("a root that is solved for by its averages")
            self.latest = self.root_gap(root, gap, trace)
            if isinstance(self.latest, str):  # a root that may not be real: its sum stays a sum
                root.solved = False
                self.steps.clear()
                continue
            self.solve(gap, component)
        self.values.clear()
        self.assume_conditions()
        self.collect_facts()
        for number, component in data["rules"]:
            gap, move, pattern = self.equation_of(number, component, names)
            moved = self.moved(gap, move)
            reduced, trace = self.rewritten(moved)
            self.latest = self.given_gap(number, gap, [*move], moved, reduced, trace)
            self.solve(reduced, pattern)
            self.values.clear()
        self.collect_facts()
        if data["squares"]:
            raise NotExpressible("a radicand that is a square")

    def collect_facts(self) -> None:
        """Signs of values of the statement, that conditions say or that their form shows, and what the values are."""
        wanted = dict[int, str]()
        for node, relation in self.claim.conditions:
            wanted[node] = relation
        for node, (op, _, data) in enumerate(self.graph.nodes):
            if op == "input" and data[0] in self.claim.put and "positive" in data[2]:
                wanted[node] = ">"
        for op, args, _ in [self.graph.nodes[node] for node in self.printer.below]:
            if op in ("sqrt", "div", "pow"):
                node = args[1] if op == "div" else args[0]
                try:
                    up, _down, off = self.visible(node)
                except (NotCovered, Rejected):
                    continue
                shown = (">" if off else ">=") if up else "!=" if off else ""
                if shown and node not in wanted:
                    wanted[node] = shown
        for node, relation in wanted.items():
            try:
                poly = self.value(node)
                value = self.lemmas[node, ()]
            except (NotCovered, Rejected):
                continue
            if isinstance(value, str) or any(f[0] == node and f[3] == poly for f in self.facts):
                continue
            axes = self.graph.axes[node]
            at = {axis: self.axis(axis) for axis in axes}
            names = self.free_names(at.values())
            shown_text = self.printer.text(node, {axis: names[token] for axis, token in at.items()})
            says = {">": f"0 < {shown_text}", ">=": f"0 <= {shown_text}", "!=": f"{shown_text} <> 0"}.get(relation)
            if says is not None:
                fact = self.forms.sign(node, SAYS[relation])
                if fact is None:
                    fact = self.lemma("F", self.binders_of(at.values()), says, "shown known opened.\n")
                self.facts.append((node, relation, fact, poly, value))

    def root_gap(self, root: Generator, gap: Poly, trace: list[tuple[Monomial, Any]]) -> Lemma | str:
        """Why a radicand less its root's square vanishes."""
        try:
            assert root.of is not None
            names, over = self.slot_names(root), self.slot_binders(root)
            head = self.entry(Entry(root.number, tuple(names.values()), 1))
            reduced = plus(gap, self.atom(root, tuple(range(-1, -1 - root.arity, -1)), 2))
            target, own = self.poly_text(reduced, names), self.poly_text(root.of, names)
            tactics = (
                f"assert ({own} = {target}) as E'.\n{{ {self.reduction(trace, names)}}}\n"
                f"apply (from_gap _ _ ((- 1) * ({head} * {head} - {own}) + (- 1) * ({own} - {target}))); "
                f"[exact (zero_add _ _ (zero_gap (- 1) _ _ {self.square(root).at()}) "
                "(zero_gap (- 1) _ _ E')) | ring].\n"
            )
            return self.lemma("G", over, f"{self.poly_text(gap, names)} = 0", tactics)
        except NotExpressible as reason:
            return str(reason)

    def given_gap(
        self, number: int, gap: Poly, free: list[int], moved: Poly, reduced: Poly, trace: list[tuple[Monomial, Any]]
    ) -> Lemma | str:
        """Why the difference of the sides of an assumed equation vanishes."""
        try:
            left, _, right = self.claim.given[number]
            axes = {**self.graph.axes[left], **self.graph.axes[right]}
            names = {-1 - i: f"a'{i + 1}" for i in range(len(free))}
            place = {self.tokens[token][0]: names[-1 - i] for i, token in enumerate(free)}
            over = [(names[-1 - i], self.tokens[token][1]) for i, token in enumerate(free)]
            chosen = [place[self.tokens[self.axis(axis)][0]] for axis in axes]
            hypothesis = self.given_names[number]
            how = f"({hypothesis} {' '.join(chosen)} {' '.join(map(below, chosen))})" if chosen else hypothesis
            sides = []
            for side in (left, right):
                self.value(side)
                found = self.lemmas[side, ()]
                if isinstance(found, str):
                    raise NotExpressible(found)
                sides.append(found.at(place))
            at = {token: names[-1 - i] for i, token in enumerate(free)}
            a, b = (self.poly_text(self.value(side), at) for side in (left, right))
            tactics = (
                f"assert ({a} = {b}) as E'. {{ exact (eq_trans (eq_sym {sides[0]}) (eq_trans {how} {sides[1]})). }}\n"
                f"transitivity ({a} - {b}). {{ symmetry.\n{self.reduction(trace, names)}}}\n"
                "exact (Rminus_diag_eq _ _ E').\n"
            )
            return self.lemma("G", over, f"{self.poly_text(reduced, names)} = 0", tactics)
        except KeyError as missing:
            return f"an equation whose index {missing} vanishes"
        except NotExpressible as reason:
            return str(reason)

    def equation(self, left: int, right: int, says: str, place: Mapping[str, int] | None = None) -> str:
        """The last lemma: both sides are one polynomial, where some axes may be at certain positions."""
        certain = {axis: self.token(number) for axis, number in (place or {}).items()}
        sides = [tuple((axis, certain[axis]) for axis in self.graph.axes[n] if axis in certain) for n in (left, right)]
        for side in (left, right):
            self.value(side)  # at every index, before it is read at one
        a, b = self.value(left, sides[0]), self.value(right, sides[1])
        axes = {**self.graph.axes[left], **self.graph.axes[right]}
        at = {axis: certain.get(axis, self.axis(axis)) for axis in axes}
        names = self.free_names(at.values())
        result, trace = self.rewritten(plus(a, scaled(b, -1)))
        if self.section.forced:
            result, trace = {}, []
        left_how = self.because(left, {axis: at[axis] for axis in self.graph.axes[left]})
        right_how = self.because(right, {axis: at[axis] for axis in self.graph.axes[right]})
        moving = [index(axis) for axis in axes if axis not in certain]
        intros = f"intros {' '.join([*moving, *map(below, moving)])}.\n"
        tactics = (
            f"{intros if moving else ''}transitivity {self.poly_text(a, names)}. {{ exact {left_how}. }}\n"
            f"transitivity {self.poly_text(b, names)}; [ | symmetry; exact {right_how}].\n"
        )
        if result:
            difference = f"({self.poly_text(a, names)} - {self.poly_text(b, names)})"
            tactics += "apply Rminus_diag_uniq.\n"
            left_over = self.poly_text(result, names)
            equal = f"assert ({difference} = {left_over}) as E'.\n{{ {self.reduction(trace, names)}}}\n"
            tactics += step(left_over, f"{equal}exact E'.\n")
            tactics += self.cleared(result, names)
        else:
            tactics += self.reduction(trace, names)
        name = self.fresh("T")
        self.book.append(f"Lemma {name} : {says}.\nProof using All.\n{tactics}Qed.\n")
        return name

    def cleared(self, poly: Poly, names: dict[int, str]) -> str:
        """Tactics for: a polynomial vanishes once it is multiplied by what its reciprocals are reciprocals of."""
        if not poly:
            return "reflexivity.\n"
        found = [c for m in poly for c, _ in m if not self.components[c][0] and self.kind(c) == "reciprocal"]
        if not found:
            raise NotExpressible("two sides that are not one polynomial")
        component = found[0]
        top = max(dict(m).get(component, 0) for m in poly)
        _generator, definition = self.definition(component)
        made: Poly = {}
        gaps, proofs = [], []
        head, inside, lemma = self.reciprocal_at(component, names)
        for monomial, n in poly.items():
            e = dict(monomial).get(component, 0)
            rest: Poly = {monomial - {(component, e)}: n}
            made = plus(made, self.times(rest, self.power(definition, top - e)))
            if e:
                scale = f"({self.poly_text(rest, names)} * {inside} ^ {top - e})"
                gaps.append(f"({scale} * (({head} * {inside}) ^ {e} - 1 ^ {e}))")
                proofs.append(f"(zero_gap {scale} _ _ (f_equal (fun t : R => t ^ {e}) {lemma}))")
        proof, whole = proofs[0], gaps[0]
        for gap, one in zip(gaps[1:], proofs[1:], strict=True):
            proof, whole = f"(zero_add _ _ {proof} {one})", f"({whole} + {gap})"
        reduced, trace = self.rewritten(made)
        before = self.poly_text(made, names)
        closing = self.field(poly, made, names=names).rstrip()[:-1]
        return (
            f"apply (by_product _ {head} {inside} {top} {before} {lemma}).\n"
            f"{{ apply (from_gap _ _ {whole}); [exact {proof} | {closing}]. }}\n"
            + step(
                self.poly_text(reduced, names),
                f"assert ({before} = {self.poly_text(reduced, names)}) as E'.\n"
                f"{{ {self.reduction(trace, names)}}}\nexact E'.\n",
            )
            + self.cleared(reduced, names)
        )


def needed(book: list[str]) -> list[str]:
    """What the last theorems rest on."""
    names = [entry.split(maxsplit=2)[1] for entry in book]
    places = {name: place for place, name in enumerate(names)}
    wanted = [place for place, name in enumerate(names) if name.startswith("T'")]
    seen = set(wanted)
    while wanted:
        for word in re.findall(r"[A-Za-z]+'\d+", book[wanted.pop()]):
            place = places.get(word)
            if place is not None and place not in seen:
                seen.add(place)
                wanted.append(place)
    return [book[place] for place in sorted(seen)]
