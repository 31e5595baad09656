"""What a sum over products is: each product under its binders is a canonical product of components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symnorm.coq.nests import Binder, Entry, Nest, drawn, entered, moved_in, ordered, product, renamed, step, text
from symnorm.coq.nests import under as bound_by
from symnorm.coq.powers import Powers
from symnorm.coq.section import Lemma
from symnorm.coq.statement import NotExpressible, number
from symnorm.elaboration.algebra import Generator

DEEP = 6  # how many sums under one another Support.v has lemmas for


class Sums(Powers):
    """Sums of polynomials."""

    def linear(
        self, outside: list[Binder], terms: list[tuple[Any, list[Nest]]], at: Mapping[int, str], shape: bool = True
    ) -> str:
        """Tactics for: a sum of products under binders is the sum of what each of them is."""
        if len(outside) > DEEP:
            raise NotExpressible(f"a sum over more than {DEEP} indices at once")
        inside, values, proofs = "0", "0", ""
        depth = len(outside) if len(outside) != 1 else ""
        for coefficient, nests in reversed(terms):
            q = coefficient if isinstance(coefficient, str) else number(Fraction(coefficient))
            found, tactics = self.term(outside, nests, at)
            inside = f"({q} * {product([text(n, self.entry) for n in nests])} + {inside})"
            values = f"({q} * {found} + {values})"
            proofs = f"apply Sg_cons{depth}.\n{{ {tactics}}}\n" + proofs
        closing = "reflexivity.\n" if not outside else f"apply Sg_zero{depth}.\n"
        made = step(bound_by(outside, inside), entered(outside) + "ring.\n")
        return made + step(values, proofs + closing)

    def term(self, outside: list[Binder], nests: list[Nest], at: Mapping[int, str]) -> tuple[str, str]:
        """What a product under binders is, and tactics for that."""
        write = self.entry
        binders = [*outside, *[binder for nest in nests for binder in nest.binders]]
        now = Nest(tuple(binders), tuple(entry for nest in nests for entry in nest.entries))
        sizes = dict(binders)
        tactics = self.then(
            bound_by(outside, product([text(n, write) for n in nests])),
            text(now, write),
            entered(outside) + drawn(nests, [], write),
        )
        while True:  # a delta contracts its binder
            bound = [v for v, _ in now.binders]
            found = next(
                (
                    e
                    for e in now.entries
                    if e.generator == self.delta.number
                    and e.places[0] != e.places[1]
                    and not set(bound).isdisjoint(e.places)
                ),
                None,
            )
            if found is None:
                break
            if found.power != 1:
                (a, b), plain = found.places, replace(found, power=1)
                once = replace(now, entries=tuple(plain if e is found else e for e in now.entries))
                how = f"rewrite (dl_power {a} {b} {found.power - 1}). reflexivity.\n"
                tactics += step(text(once, write), entered(now.binders) + how)
                now = once
                continue
            gone = next(p for p in reversed(found.places) if p in bound)
            other = found.places[0] if found.places[1] == gone else found.places[1]
            now, moves = moved_in(now, gone, write)
            left = list(now.entries)
            left.remove(found)
            inner = text(Nest((), tuple(left), now.scalars), write)
            kept = now.binders[:-1]
            now = Nest(kept, renamed(left, {gone: other}), now.scalars)
            turn = "" if found.places[0] == gone else f"rewrite (dl_sym {other} {gone}); "
            tactics += moves + step(
                text(now, write),
                entered(kept) + f"apply (Sg_dl _ _ (fun {gone} : nat => {inner}) {other}); "
                f"[first [assumption | lia] | intros {gone} H'{gone}; cbv beta; {turn}ring].\n",
            )
        # equal entries are one
        merged: dict[tuple[int, tuple[str, ...]], int] = {}
        signs: dict[tuple[int, tuple[str, ...]], set[bool]] = {}
        turns: list[str] = []
        for one in now.entries:
            if one.generator == self.delta.number and one.places[0] == one.places[1]:
                continue
            orders = self.generators[one.generator].orders or [tuple(range(len(one.places)))]
            places = min(tuple(one.places[i] for i in order) for order in orders)
            if places != one.places:
                turns.append(self.turned(one, places))
            key = (one.generator, places)
            merged[key] = merged.get(key, 0) + one.power
            signs.setdefault(key, set()).add(one.power > 0)
        cancels = any(len(both) > 1 for both in signs.values())
        single = tuple(Entry(g, places, e) for (g, places), e in merged.items() if e)
        same = "rewrite ?dl_same.\n" if any(e.generator == self.delta.number for e in now.entries) else ""
        close = self.field_of([e for e in now.entries if e.power < 0]) if cancels else "ring.\n"
        joined_nest = Nest(now.binders, single, now.scalars)
        tactics += self.then(
            text(now, write), text(joined_nest, write), entered(now.binders) + same + "".join(turns) + close
        )
        now = joined_nest
        carried = {p for e in now.entries for p in e.places}
        for unused in [v for v, _ in now.binders if v not in carried]:
            now, moves = moved_in(now, unused, write)
            now = Nest(now.binders[:-1], now.entries, (*now.scalars, f"(INR {sizes[unused]})"))
            tactics += moves + step(text(now, write), entered(now.binders) + "apply Sg_const.\n")
        # as the canonical product of components
        numbers = {v: i for i, (v, _) in enumerate(now.binders)}
        back = {**{v: i for i, v in at.items() if i < 0}, **numbers}
        colours = {size: colour for colour, size in self.colours.items()}
        made = self.product_of(
            [(e.generator, tuple(back[p] for p in e.places), e.power) for e in now.entries],
            [colours[size] for _, size in now.binders],
        )
        if list(made.values()) != [1]:
            raise NotExpressible("a product that is not one term")
        ((monomial, _),) = made.items()
        parts_ = self.nests(monomial, at)
        whole = Nest(tuple(b for n in parts_ for b in n.binders), tuple(e for n in parts_ for e in n.entries))
        match = self.match(list(now.entries), list(whole.entries), dict[str, str](), {v for v, _ in whole.binders})
        if match is None:
            raise NotExpressible("a component that is not recognised")
        parts_ = [Nest(tuple((match[v], size) for v, size in n.binders), renamed(n.entries, match)) for n in parts_]
        whole = Nest(
            tuple(b for n in parts_ for b in n.binders), tuple(e for n in parts_ for e in n.entries), now.scalars
        )
        now, moves = ordered(now, [v for v, _ in whole.binders], write)
        turns = []
        for one in whole.entries:
            if one not in now.entries:
                places = next(
                    other.places
                    for other in now.entries
                    if other.generator == one.generator
                    and other.power == one.power
                    and self.alike(one.generator, other.places, one.places)
                )
                turns.append(self.turned(one, places))
        tactics += moves + self.then(
            text(now, write), text(whole, write), entered(whole.binders) + "".join(turns) + "ring.\n"
        )
        result = product([*now.scalars, *[text(n, write) for n in parts_]])
        if result == text(whole, write):
            return result, tactics + "reflexivity.\n"
        return result, tactics + "symmetry.\n" + drawn(parts_, now.scalars, write)

    @staticmethod
    def then(now: str, target: str, tactics: str) -> str:
        """Go on from what is equal, unless it is the same."""
        return "" if now == target else step(target, tactics)

    def turned(self, one: Entry, places: tuple[str, ...]) -> str:
        """A tactic that writes a symmetric entry the other way round."""
        if one.generator == self.delta.number:
            return f"rewrite ?(dl_sym {' '.join(one.places)}).\n"
        generator = self.generators[one.generator]
        order = next(o for o in generator.orders if tuple(one.places[i] for i in o) == places)
        at = {f"a'{i + 1}": place for i, place in enumerate(one.places)}
        return f"rewrite {self.symmetry(generator, order).at(at)}.\n"

    def symmetry(self, one: Generator, order: tuple[int, ...]) -> Lemma:
        """An entry whose indices stand in another order is the same, by a hypothesis."""
        key = ("symmetry", one.number, order)
        if key not in self.numbers:
            if one.kind not in ("input", "curvature"):
                raise NotExpressible(f"the symmetry of {one.kind}")
            over = self.slot_binders(one)
            slots = tuple(v for v, _ in over)
            turned = self.entry(Entry(one.number, tuple(slots[i] for i in order), 1))
            says = f"{self.entry(Entry(one.number, slots, 1))} = {turned}"
            opened = f"unfold {self.head(one.number)}. " if one.kind == "curvature" else ""
            self.numbers[key] = self.lemma("Y", over, says, f"{opened}known.\n")
        found: Lemma = self.numbers[key]
        return found

    def alike(self, g: int, a: tuple[str, ...], b: tuple[str, ...]) -> bool:
        """Whether symmetries of a generator make two lists of positions one."""
        orders = self.generators[g].orders or [tuple(range(len(a)))]
        return any(tuple(a[i] for i in order) == b for order in orders)

    def match(
        self, mine: list[Entry], theirs: list[Entry], found: dict[str, str], bound: set[str]
    ) -> dict[str, str] | None:
        """Which of my binders each of theirs is."""
        if not theirs:
            return found if not mine else None
        first, rest = theirs[0], theirs[1:]
        for place, one in enumerate(mine):
            if one.generator != first.generator or one.power != first.power:
                continue
            for order in self.generators[one.generator].orders or [tuple(range(len(one.places)))]:
                trial, fits = dict(found), True
                for their, own in zip(first.places, [one.places[i] for i in order], strict=True):
                    fits = fits and trial.setdefault(their, own) == own if their in bound else fits and their == own
                if fits and len(set(trial.values())) == len(trial):
                    answer = self.match(mine[:place] + mine[place + 1 :], rest, trial, bound)
                    if answer is not None:
                        return answer
        return None

    def colour_of(self, extent: str) -> int:
        """The colour of a size."""
        return next(colour for colour, size in self.colours.items() if size == extent)
