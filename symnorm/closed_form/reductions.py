"""Connected components as reductions: ``sum[N](dy*x_hat)``, every bound index on an axis that nothing else uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

import sympy as sp

from symnorm.canonical.powers import sized
from symnorm.canonical.terms import Atom, Component
from symnorm.closed_form.atoms import Atoms
from symnorm.closed_form.products import LAST, Factor, multiplied
from symnorm.tensors import Axis, Tensor, mean, sign, total


class Reductions(Atoms):
    """Writes the components of one context."""

    def _reduced(self, component: Component, averaged: bool) -> Tensor:
        """A component as a reduction: every bound index gets an axis that nothing else in it uses."""
        places = {i: self._free_axis(i) for _, slots, _ in component.atoms for i in slots if i < 0}
        nested = self._nested(component, places, averaged)
        if nested is not None:
            return nested
        bound: dict[int, Axis] = {}
        for vertex, colour in enumerate(component.colours):
            bound[vertex] = self._axis(component, vertex, colour, {*places.values(), *bound.values()})
        inside = multiplied(Fraction(1), self._all_at(component.atoms, {**places, **bound}))
        return (mean if averaged else total)(inside, over=tuple(bound.values()))

    def _nested(self, component: Component, places: Mapping[int, Axis], averaged: bool) -> Tensor | None:
        """``sum[N](dy*sum[C](u))``: indices over an axis that is wanted twice are summed further in, each by itself.

        ``None`` where nothing has to be nested, or where one of the inner sums would hold two indices of one axis.
        """
        reduce_over = mean if averaged else total
        natural = {v: self._axis(component, v, colour, set()) for v, colour in enumerate(component.colours)}
        taken = Counter([*natural.values(), *set(places.values())])
        outside = {v: axis for v, axis in natural.items() if taken[axis] == 1}
        known, factors, left = {**places, **outside}, list[Factor](), list(component.atoms)
        if not outside or len(outside) == len(natural):
            return None
        for cluster in _clusters(component, set(natural) - set(outside)):
            mine = [atom for atom in left if not cluster.isdisjoint(atom[1])]
            over = [natural[v] for v in sorted(cluster)]
            around = {i for _, slots, _ in mine for i in slots} - cluster
            if len(set(over)) < len(over) or any(known[i] in over for i in around):
                return None
            axes = known | {v: natural[v] for v in cluster}
            value = reduce_over(multiplied(Fraction(1), self._all_at(mine, axes)), over=over)
            factors.append(Factor(value, 1, (LAST, 0, 0, repr(value))))
            left = [atom for atom in left if atom not in mine]
        factors += self._all_at(left, known)
        return reduce_over(multiplied(Fraction(1), factors), over=tuple(outside.values()))

    def _all_at(self, atoms: Iterable[Atom], axes: Mapping[int, Axis]) -> list[Factor]:
        """The atoms' factors; ``|g|^p/g`` as ``|g|^(p - 1) sgn(g)``, which has a value at 0 too."""
        left, found = [(head, tuple(axes[i] for i in slots), e) for head, slots, e in atoms], list[Factor]()
        for power in [entry for entry in left if entry[0].kind == "power" and entry[2] == 1]:
            base = sized(self.context, power[0].keys[0])
            inner = self._atom_in(base, power[1]) if base is not None else None
            below = next((entry for entry in left if inner is not None and entry == (*inner, -1)), None)
            if inner is not None and below is not None:
                left = [entry for entry in left if entry is not power and entry is not below]
                lower = self._exponent(power[0]) - 1
                rank = self._rank(inner[0], len(set(power[1])))
                found.append(Factor(self._size(power[0], power[1]) ** lower, 1, rank))
                found.append(Factor(sign(self._entry(*inner)), 1, rank))
        return [self._entry_power(*entry) for entry in left] + found

    def _axis(self, component: Component, vertex: int, colour: str, taken: set[Axis]) -> Axis:
        size, copies = None, list[Axis]()
        for head, slots, _ in component.atoms:
            declared = self.vocabulary.tensors.get(head.name) if head.kind == "tensor" else None
            for position, index in enumerate(slots):
                if index == vertex and declared is not None:
                    axis = declared.axes[position]
                    size = axis.size
                    copies += [other for other in declared.axes if other.size == size]
                    if axis not in taken:
                        return axis
        for axis in copies:
            if axis not in taken:
                return axis
        if size is None:
            size = sp.Symbol(colour, integer=True, positive=True)
        name = str(size)
        while True:
            axis = Axis(name) if Axis(name).size == size else Axis(name, size)
            if axis not in taken:
                return axis
            name += "'"


def _clusters(component: Component, vertices: set[int]) -> list[set[int]]:
    """The vertices in parts that no atom connects."""
    found: list[set[int]] = []
    for vertex in sorted(vertices):
        touched = {vertex}.union(*(vertices.intersection(slots) for _, slots, _ in component.atoms if vertex in slots))
        found = [part for part in found if part.isdisjoint(touched)] + [
            touched.union(*(part for part in found if not part.isdisjoint(touched)))
        ]
    return found
