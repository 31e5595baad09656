"""Rewriting: rules that replace a component, or an atom, wherever its bound indices stand to themselves.

A rule's pattern is one component whose boundary indices are slots. It applies inside a larger component where its atoms
occur and its bound indices carry nothing else, so two occurrences never overlap; a boundary slot may fall on any index,
bound or free, and two slots on the same one. Roots solved for their pivot, hypotheses (``V^T V = I``, a singular pair)
and named equations are all rules; there is no other way in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from symnorm.canonical.context import Context
from symnorm.canonical.terms import (
    SLOTS,
    Atom,
    Component,
    Head,
    Poly,
    TooLarge,
    Undefined,
    add,
    as_term,
    constant,
    scale,
)

STEP_LIMIT = 20_000
DEPTH_LIMIT = 120
"""Rewriting that goes on longer is taken not to end: the question stays undecided."""


@dataclass(frozen=True, eq=False)
class Rule:
    """``pattern -> replacement``: the pattern's atoms with slots as free indices, the replacement in those slots.

    Attributes:
        atoms: the pattern's atoms; bound indices are numbered from 0, a boundary index is a slot.
        colours: the sizes of the bound indices.
        replacement: a polynomial in the slots. For a pattern of one atom it is put in for any exponent.
        reason: what the rule comes from, for the record of a proof.
    """

    atoms: tuple[Atom, ...]
    colours: tuple[str, ...]
    replacement: Poly
    reason: str

    @property
    def is_atomic(self) -> bool:
        """Whether the pattern is one atom without bound indices."""
        return not self.colours


Match = tuple[dict[int, int], dict[int, int], list[int]]


def matches(rule: Rule, component: Component, heads: frozenset[Head]) -> Match | None:
    """Where a rule applies in a component: bound indices, slots, and the exponents left of each atom."""
    if not all(head in heads for head, _, _ in rule.atoms):
        return None
    if len(rule.colours) > len(component.colours):
        return None
    return next(_search(rule, component, 0, {}, {}, [e for _, _, e in component.atoms]), None)


def _search(
    rule: Rule, component: Component, done: int, bound: dict[int, int], slots: dict[int, int], left: list[int]
) -> Iterator[Match]:
    if done == len(rule.atoms):
        taken = set(bound.values())
        untouched = (s for (_, s, _), e in zip(component.atoms, left, strict=True) if e)
        if all(taken.isdisjoint(s) for s in untouched):
            yield bound, slots, left
        return
    head, wanted, exponent = rule.atoms[done]
    for position, (other, have, _) in enumerate(component.atoms):
        if other is not head or not _enough(left[position], exponent):
            continue
        for order in head.symmetries or (tuple(range(len(have))),):
            found = _align(rule, component, wanted, tuple(have[i] for i in order), bound, slots)
            if found is not None:
                after = left.copy()
                after[position] -= exponent
                yield from _search(rule, component, done + 1, found[0], found[1], after)


def _enough(left: int, exponent: int) -> bool:
    return left >= exponent if exponent > 0 else left <= exponent


def _align(
    rule: Rule,
    component: Component,
    wanted: tuple[int, ...],
    have: tuple[int, ...],
    bound: dict[int, int],
    slots: dict[int, int],
) -> tuple[dict[int, int], dict[int, int]] | None:
    bound, slots = bound.copy(), slots.copy()
    for want, got in zip(wanted, have, strict=True):
        if want >= 0:
            if got < 0 or component.colours[got] != rule.colours[want]:
                return None
            if want in bound:
                if bound[want] != got:
                    return None
            elif got in bound.values():
                return None
            else:
                bound[want] = got
        elif want >= -SLOTS:
            if slots.setdefault(want, got) != got:
                return None
        elif want != got:
            return None
    # what the pattern sums over may not also be one of its boundary indices: sum_n T[n, c] is not in sum_n T[n, n]
    return None if set(bound.values()) & set(slots.values()) else (bound, slots)


class Rewriter:
    """Reduces polynomials by rules until none applies; remembers each component's normal form."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.rules: list[Rule] = []
        self._atomic: dict[Head, Rule] = {}
        self._wide: list[Rule] = []
        self._normal: dict[Component, Poly | None] = {}
        self._steps = 0
        self._depth = 0
        self.squares: dict[Head, tuple[Poly, Poly]] = {}  # a root without a pivot: its square and that one's reciprocal
        self.even: dict[Head, Poly] = {}  # an absolute value that is yet to be replaced: its square
        self.inverses: dict[Head, Poly] = {}  # a reciprocal: what it is the reciprocal of

    def add(self, rule: Rule) -> None:
        """One more rule; what was reduced before is reduced again when asked for."""
        self.rules.append(rule)
        if rule.is_atomic and len(rule.atoms) == 1 and rule.atoms[0][2] == 1 and _plain(rule.atoms[0]):
            self._atomic[rule.atoms[0][0]] = rule
        else:
            self._wide.append(rule)
        self._normal.clear()

    def reduce(self, poly: Poly) -> Poly:
        """The normal form of a polynomial under the rules."""
        result: Poly = {}
        for monomial, coefficient in poly.items():
            plain = []
            changed: list[Poly] = []
            for component, exponent in monomial:
                normal = self._component(component)
                bounded = self._bounded(component, exponent)
                if bounded is not None:
                    changed.append(bounded)
                elif normal is None:
                    plain.append((component, exponent))
                else:
                    changed.append(self._power(normal, exponent))
            if not changed:
                result = add(result, {monomial: coefficient})
                continue
            product = self.context.times({frozenset(plain): coefficient}, *changed)
            # a product of normal forms may hold new components only through free deltas and squared roots
            if not self._is_normal(product):
                with self._deeper():
                    product = self.reduce(product)
            result = add(result, product)
        return result

    def _is_normal(self, poly: Poly) -> bool:
        return all(
            self._component(component) is None and self._bounded(component, exponent) is None
            for monomial in poly
            for component, exponent in monomial
        )

    def _bounded(self, component: Component, exponent: int) -> Poly | None:
        """The power of an atom that its exponent decides: a root without a pivot, a reciprocal, a divisor's rule."""
        if not component.is_atom:
            return None
        head, slots, _ = component.atoms[0]
        found = self._exponent(head, exponent)
        rule = self._atomic.get(head)
        if rule is not None and exponent < 0 and as_term(rule.replacement) is not None:
            placed = dict(zip(rule.atoms[0][1], slots, strict=True))
            return self.context.renamed(self.context.power(rule.replacement, exponent), placed)
        if found is None:
            return None
        value, left = found
        value = self.context.renamed(value, self._slots(slots))
        return self.context.times(value, {frozenset([(component, left)]): 1}) if left else value

    def _exponent(self, head: Head, exponent: int) -> tuple[Poly, int] | None:
        """What a bounded power becomes, in slots, and the exponent that stays."""
        if head in self.squares and exponent not in (0, 1):
            half, odd = divmod(exponent, 2)
            square, inverse = self.squares[head]
            return self.context.power(square if half > 0 else inverse, abs(half)), odd
        if head in self.even and exponent > 1:
            half, odd = divmod(exponent, 2)
            return self.context.power(self.even[head], half), odd
        if head in self.inverses and exponent < 0:
            return self.context.power(self.inverses[head], -exponent), 0
        return None

    def _power(self, normal: Poly, exponent: int) -> Poly:
        if exponent < 0 and not normal:
            raise Undefined("a divisor is identically zero")
        if exponent < 0 and as_term(normal) is None:
            raise TooLarge("a quantity that is divided by turned into a sum")
        return self.context.power(normal, exponent)

    def _component(self, component: Component) -> Poly | None:
        """The component's normal form, or ``None`` if it is one."""
        if component not in self._normal:
            self._steps += 1
            if self._steps > STEP_LIMIT:
                raise TooLarge(f"more than {STEP_LIMIT} rewriting steps")
            with self._deeper():
                step = self._step(component)
                self._normal[component] = None if step is None else self.reduce(step)
        return self._normal[component]

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        """One more rewriting step inside those that are under way."""
        if self._depth > DEPTH_LIMIT:
            raise TooLarge(f"more than {DEPTH_LIMIT} rewriting steps one after the other")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def _step(self, component: Component) -> Poly | None:
        heads = frozenset(head for head, _, _ in component.atoms)
        for position, (head, slots, exponent) in enumerate(component.atoms):
            found = self._exponent(head, exponent)
            rule = self._atomic.get(head)
            if found is None and rule is not None and (exponent > 0 or as_term(rule.replacement) is not None):
                return self._replace_atom(component, position, rule, slots, exponent)
            if found is not None:
                stays = [(head, slots, found[1])] if found[1] else []
                left = [*component.atoms[:position], *stays, *component.atoms[position + 1 :]]
                return self._put(component, left, set(), found[0], self._slots(slots))
        for rule in self._wide:
            match = matches(rule, component, heads)
            if match is not None:
                return self._replace(component, rule, *match)
        return None

    def _slots(self, slots: tuple[int, ...]) -> dict[int, int]:
        return {self.context.slot(i): index for i, index in enumerate(slots)}

    def _replace_atom(
        self, component: Component, position: int, rule: Rule, slots: tuple[int, ...], exponent: int
    ) -> Poly:
        replacement = self.context.power(rule.replacement, exponent)
        placed = dict(zip(rule.atoms[0][1], slots, strict=True))
        rest = [atom for number, atom in enumerate(component.atoms) if number != position]
        return self._put(component, rest, set(), replacement, placed)

    def _replace(
        self, component: Component, rule: Rule, bound: dict[int, int], slots: dict[int, int], left: list[int]
    ) -> Poly:
        rest = [(h, s, e) for (h, s, _), e in zip(component.atoms, left, strict=True) if e]
        return self._put(component, rest, set(bound.values()), rule.replacement, slots)

    def _put(
        self, component: Component, rest: list[Atom], gone: set[int], replacement: Poly, placed: dict[int, int]
    ) -> Poly:
        """The component's remaining atoms times the replacement, under the sums that are left."""
        kept = [v for v in range(len(component.colours)) if v not in gone]
        local = {vertex: number for number, vertex in enumerate(kept)}
        base = [(h, tuple(local[i] if i >= 0 else i for i in s), e) for h, s, e in rest]
        colours = [component.colours[v] for v in kept]
        where = {slot: local[i] if i >= 0 else i for slot, i in placed.items()}
        result: Poly = {}
        for monomial, coefficient in replacement.items():
            scalars = frozenset(pair for pair in monomial if pair[0].is_atom and not pair[0].free)
            own = colours.copy()
            atoms = self.context.spread(monomial - scalars, own)
            moved = [(h, tuple(where.get(i, i) for i in s), e) for h, s, e in atoms]
            term = self.context.assemble(base + moved, own)
            result = add(result, self.context.times({scalars: coefficient}, term))
        return result


def _plain(atom: Atom) -> bool:
    """Whether an atom's slots are all different slots: then it matches every entry of its head."""
    _, slots, _ = atom
    return len(set(slots)) == len(slots) and all(-SLOTS <= i < 0 for i in slots)


def atom_rule(context: Context, head: Head, replacement: Poly, reason: str) -> Rule:
    """A rule for every entry of a head; the replacement's slots are the head's, in order."""
    slots = tuple(context.slot(i) for i in range(head.arity))
    return Rule(((head, slots, 1),), (), replacement, reason)


def component_rule(component: Component, boundary: dict[int, int], replacement: Poly, reason: str) -> Rule:
    """A rule for a component, its free indices made slots by ``boundary``."""
    atoms = tuple((h, tuple(boundary.get(i, i) for i in s), e) for h, s, e in component.atoms)
    return Rule(atoms, component.colours, replacement, reason)


__all__ = ["Rewriter", "Rule", "atom_rule", "component_rule", "constant", "matches", "scale"]
