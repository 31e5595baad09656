"""Solving a root's relation for one of its components: the elimination that makes the root free.

``s^2 = P`` is linear in a component that stands alone in its term, carries every free index of the root and occurs
nowhere else in P: then ``component -> (s^2 - rest)/coefficient`` eliminates it everywhere and s has no relation left.
When the component comes back averaged over some of the root's own indices (the statistics of switchable
normalization), the averages are commuting projections and the linear system over them is solved at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from symnorm.canonical.context import Context
from symnorm.canonical.rules import Rule, component_rule, matches
from symnorm.canonical.terms import Component, Monomial, Poly, Rational, add, constant, scale

Subset = frozenset[int]


@dataclass(frozen=True, eq=False)
class Pivot:
    """A component to solve for: its coefficient, the averages in which it comes back, and the rest."""

    component: Component
    coefficient: Poly
    averages: dict[Subset, tuple[Poly, tuple[str, ...]]]
    rest: Poly


def candidates(context: Context, radicand: Poly, arity: int, rules: list[Rule]) -> list[Pivot]:
    """The components that a radicand can be solved for, the best first."""
    slots = frozenset(context.slot(i) for i in range(arity))
    found: list[Pivot] = []
    if len(radicand) == 1 and all(c.is_atom for monomial in radicand for c, _ in monomial):
        return found  # the root of one generator: its exponents are bounded instead
    for monomial, coefficient in radicand.items():
        pair = _alone(monomial, slots)
        if pair is None:
            continue
        component, scalars = pair
        rest = {m: c for m, c in radicand.items() if m != monomial}
        pivot = _split_off(context, component, {scalars: coefficient}, rest)
        if pivot is not None and not any(_inside(component, rule) for rule in rules):
            found.append(pivot)
    return sorted(found, key=_rank)


def _rank(pivot: Pivot) -> tuple[int, int, int, int]:
    """The simplest pattern first: no averages of itself to invert, few bound indices, a square before a product."""
    component = pivot.component
    degree = sum(e for _, _, e in component.atoms)
    return (len(pivot.averages), len(component.colours), -degree, component.number)


def _alone(monomial: Monomial, slots: frozenset[int]) -> tuple[Component, Monomial] | None:
    """The one component with indices, to the first power, beside scalars known not to vanish."""
    indexed = [(c, e) for c, e in monomial if c.free or c.colours]
    if len(indexed) != 1 or indexed[0][1] != 1 or indexed[0][0].free != slots:
        return None
    component = indexed[0][0]
    if component.is_atom and (component.head.kind != "tensor" or len(set(component.atoms[0][1])) != len(slots)):
        return None
    scalars = monomial - {(component, 1)}
    return (component, scalars) if all(c.head.nonzero for c, _ in scalars) else None


def _pattern(component: Component) -> Rule:
    return component_rule(component, {}, {}, "pivot")


def _inside(component: Component, rule: Rule) -> bool:
    """Whether the new pattern would match inside an older rule's, so that the two could not be joined."""
    whole = Component(-1, rule.colours, rule.atoms)
    return matches(_pattern(component), whole, frozenset(h for h, _, _ in rule.atoms)) is not None


def _split_off(context: Context, component: Component, coefficient: Poly, rest: Poly) -> Pivot | None:
    pattern = _pattern(component)
    averages: dict[Subset, tuple[Poly, tuple[str, ...]]] = {}
    remaining: Poly = {}
    for monomial, number in rest.items():
        hits = [(c, e, m) for c, e in monomial if (m := _match(pattern, c)) is not None]
        if not hits:
            remaining = add(remaining, {monomial: number})
            continue
        scalars = frozenset((c, e) for c, e in monomial if c is not hits[0][0])
        place = _averaged(hits[0][0], hits[0][2])
        if len(hits) != 1 or hits[0][1] != 1 or place is None or any(c.free or c.colours for c, _ in scalars):
            return None
        subset, colours = place
        known, _ = averages.get(subset, ({}, colours))
        averages[subset] = (add(known, {scalars: number}), colours)
    return Pivot(component, coefficient, averages, remaining)


def occurs_in(component: Component, poly: Poly) -> bool:
    """Whether the component, its free indices anywhere, stands inside a component of a polynomial."""
    pattern = _pattern(component)
    return any(_match(pattern, other) is not None for monomial in poly for other, _ in monomial)


def _match(pattern: Rule, component: Component) -> dict[int, int] | None:
    found = matches(pattern, component, frozenset(h for h, _, _ in component.atoms))
    return None if found is None else {**found[1], -(10**9): sum(found[2])}


def _averaged(component: Component, placed: dict[int, int]) -> tuple[Subset, tuple[str, ...]] | None:
    """Which slots are summed over where the pattern comes back, if nothing else is left there."""
    left = placed.pop(-(10**9))
    if left or any(i < 0 and slot != i for slot, i in placed.items()):
        return None
    bound = {slot: i for slot, i in placed.items() if i >= 0}
    if not bound or len(set(bound.values())) != len(bound):
        return None
    ordered = sorted(bound)
    return frozenset(ordered), tuple(component.colours[bound[slot]] for slot in ordered)


class Solved:
    """The rule that a pivot gives once its root has a head; reciprocals are made by the caller."""

    def __init__(self, context: Context, pivot: Pivot, target: Poly) -> None:
        self.context = context
        self.pivot = pivot
        self.target = add(target, scale(pivot.rest, -1))  # coefficient * component + averages = target
        self.colours: dict[int, str] = {}
        for subset, (_, colours) in pivot.averages.items():
            self.colours.update(zip(sorted(subset), colours, strict=True))

    def eigenvalues(self) -> dict[Subset, Poly]:
        """What the linear map multiplies by on each joint eigenspace of the projections; all must be non-zero."""
        weights = {frozenset[int](): self.pivot.coefficient}
        for subset, (coefficient, colours) in self.pivot.averages.items():
            size = [self.context.sizes[colour] for colour in colours]
            weights[subset] = self.context.times(coefficient, *size)
        return {
            space: add({}, *[weight for subset, weight in weights.items() if subset <= space])
            for space in _subsets(frozenset(self.colours))
        }

    def components(self) -> list[Component]:
        """The component summed over each set of indices over which it is averaged, the largest set first."""
        found: list[Component] = []
        for subset in reversed(_subsets(frozenset(self.colours))):
            poly: Poly = {frozenset([(self.pivot.component, 1)]): 1}
            for slot in sorted(subset):
                poly = self.context.bind(poly, slot, self.colours[slot])
            found += [component for monomial in poly for component, _ in monomial]
        return found

    def replacement(self, inverse: dict[Subset, Poly]) -> Poly:
        """The component in terms of the root, given the eigenvalues' reciprocals."""
        result: Poly = {}
        for subset in _subsets(frozenset(self.colours)):
            signs = [(scale(inverse[space], sign(len(subset) - len(space)))) for space in _subsets(subset)]
            result = add(result, self.context.times(add({}, *signs), self._mean(subset)))
        return result

    def _mean(self, subset: Subset) -> Poly:
        poly = self.target
        for slot in sorted(subset):
            colour = self.colours[slot]
            poly = self.context.times(
                self.context.power(self.context.sizes[colour], -1), self.context.bind(poly, slot, colour)
            )
        return poly


def sign(exponent: int) -> Rational:
    """``(-1)^exponent``."""
    return -1 if exponent % 2 else 1


def _subsets(items: Subset) -> list[Subset]:
    ordered = sorted(items)
    return [frozenset(chosen) for size in range(len(ordered) + 1) for chosen in combinations(ordered, size)]


__all__ = ["Pivot", "Solved", "candidates", "constant"]
