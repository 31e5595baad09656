"""The context of one question: its heads, indices and components, and the arithmetic on polynomials of them.

A context belongs to one question; nothing is shared between two of them, so no answer depends on what was asked before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from symnorm.canonical.labelling import canonical_form
from symnorm.canonical.terms import (
    SLOTS,
    TERM_LIMIT,
    Atom,
    Component,
    Head,
    Monomial,
    Poly,
    TooLarge,
    Undefined,
    add,
    as_term,
    constant,
    monomial_power,
    monomial_times,
    scale,
)

Entry = tuple[Head, tuple[int, ...]]
"""A head at some indices."""


class Context:
    """The heads, indices and components of one question."""

    def __init__(self) -> None:
        self._tokens: dict[Any, int] = {}
        self.token_names: dict[int, Any] = {}
        self._heads: dict[Any, Head] = {}
        self._components: dict[Any, Component] = {}
        self._labels: dict[tuple[int, int], int] = {}
        self._label_atoms: list[tuple[Head, int]] = []
        self.label_symmetries: dict[int, tuple[tuple[int, ...], ...]] = {}
        self.sizes: dict[str, Poly] = {}
        self.extents: dict[str, sp.Expr] = {}
        self.exponents: dict[str, Monomial] = {}  # of powers with a symbolic exponent, by name
        self.vanishing: dict[Head, set[Entry]] = {}  # what is zero where a sign is, in the sign's slots
        self.delta = self.head("delta", "delta", 2)
        self.delta.nonnegative = True
        self.delta.symmetries = ((0, 1), (1, 0))

    # interning ----------------------------------------------------------------------------------------------------

    def token(self, index: Any) -> int:
        """The number of a free index: a SymPy symbol or a position."""
        found = self._tokens.get(index)
        if found is None:
            found = self._tokens[index] = -1 - SLOTS - len(self._tokens)
            self.token_names[found] = index
        return found

    @staticmethod
    def slot(number: int) -> int:
        """The free index that stands for an argument's slot."""
        if number >= SLOTS:
            raise TooLarge(f"more than {SLOTS} indices in one argument")
        return -1 - number

    def is_position(self, token: int) -> bool:
        """Whether a free index is a number."""
        return isinstance(self.token_names.get(token), int)

    def head(self, kind: str, name: str, arity: int, keys: tuple[Any, ...] = ()) -> Head:
        """The head of a kind, name and arguments."""
        frozen = (kind, name, arity, tuple(frozenset(key.items()) for key in keys))
        found = self._heads.get(frozen)
        if found is None:
            found = self._heads[frozen] = Head(len(self._heads), kind, name, arity, keys)
        return found

    @property
    def heads(self) -> tuple[Head, ...]:
        """All heads in order of appearance."""
        return tuple(self._heads.values())

    def labelled(self, label: int, slots: tuple[int, ...]) -> Atom:
        """The atom of an edge."""
        head, exponent = self._label_atoms[label]
        return head, slots, exponent

    def label(self, head: Head, exponent: int) -> int:
        """The label of an edge of the hypergraph: an atom's head with its exponent."""
        key = (head.number, exponent)
        found = self._labels.get(key)
        if found is None:
            found = self._labels[key] = len(self._label_atoms)
            self._label_atoms.append((head, exponent))
            if head.symmetries:
                self.label_symmetries[found] = head.symmetries
        return found

    # making terms -------------------------------------------------------------------------------------------------

    def atom(self, head: Head, slots: tuple[int, ...] = (), exponent: int = 1) -> Poly:
        """One atom with free indices as a polynomial."""
        if head is self.delta:
            return self.assemble([(head, slots, exponent)], [])
        return {frozenset([(self._single(head, slots), exponent)]): 1}

    def _single(self, head: Head, slots: tuple[int, ...]) -> Component:
        head, slots = self._entry(head, slots)
        key = (head.number, slots)
        found = self._components.get(key)
        if found is None:
            found = self._components[key] = Component(len(self._components), (), ((head, slots, 1),))
        return found

    def times(self, *polys: Poly) -> Poly:
        """Product."""
        result = polys[0]
        for poly in polys[1:]:
            if len(result) * len(poly) > TERM_LIMIT:
                raise TooLarge(f"a product of {len(result)} by {len(poly)} terms")
            product: Poly = {}
            for m1, c1 in result.items():
                for m2, c2 in poly.items():
                    monomial = monomial_times(m1, m2)
                    total = product.get(monomial, 0) + c1 * c2
                    if total:
                        product[monomial] = total
                    else:
                        product.pop(monomial, None)
            result = self.tidy(product)
        return result

    def power(self, poly: Poly, exponent: int) -> Poly:
        """Power; a negative one of a single term of atoms only."""
        term = as_term(poly)
        if term is not None and all(component.is_atom or exponent >= 0 for component, _ in term[0]):
            coefficient = Fraction(term[1]) ** exponent if exponent < 0 else term[1] ** exponent
            return self.tidy({monomial_power(term[0], exponent): coefficient})
        if exponent < 0:
            raise TooLarge("a sum is inverted by naming it, not by a power")
        result = constant(1)
        for _ in range(exponent):
            result = self.times(result, poly)
        return result

    def tidy(self, poly: Poly) -> Poly:
        """Deltas between free indices applied to the rest of their term, signs squared where their argument stands."""
        special = [m for m in poly if any(c.head.kind in ("delta", "sign") for c, _ in m if c.is_atom)]
        if not special:
            return poly
        result = {m: c for m, c in poly.items() if m not in set(special)}
        for monomial in special:
            result = add(result, scale(self._tidy_monomial(monomial), poly[monomial]))
        return result

    def _tidy_monomial(self, monomial: Monomial) -> Poly:
        for component, exponent in monomial:
            if component.is_atom and component.head is self.delta:
                keep, drop = sorted(component.atoms[0][1], reverse=True)
                if exponent < 0:
                    raise Undefined("a division by a Kronecker delta, which is 0 where its indices differ")
                rest = monomial - {(component, exponent)}
                touched = frozenset(pair for pair in rest if drop in pair[0].free)
                if touched or exponent > 1:
                    moved = self.renamed({touched: 1}, {drop: keep})
                    return self.times({(rest - touched) | {(component, 1)}: 1}, moved)
        for component, exponent in monomial:
            if component.is_atom and component.head.kind == "sign":
                if self._is_zero(component.head, component.atoms[0][1]):
                    return {}
                if exponent not in (1, 2):
                    parity = 2 - exponent % 2
                    return self.tidy({(monomial - {(component, exponent)}) | {(component, parity)}: 1})
                if exponent == 2:
                    beside = ((c.head, c.atoms[0][1]) for c, _ in monomial if c.is_atom)
                    if self._is_unit(component.head, component.atoms[0][1], beside):
                        return self.tidy({monomial - {(component, exponent)}: 1})
        return {monomial: 1}

    def _is_zero(self, sign: Head, slots: tuple[int, ...]) -> bool:
        """Whether a sign's argument vanishes because two of its indices are one, as in ``sgn(p_i - p_i)``."""
        if len({*slots}) == len(slots):
            return False
        same = {self.slot(i): self.slot(slots.index(index)) for i, index in enumerate(slots)}
        return not self.renamed(sign.keys[0], {old: new for old, new in same.items() if old != new})

    def _is_unit(self, sign: Head, slots: tuple[int, ...], beside: Iterable[Entry]) -> bool:
        """Whether a sign's square is 1 here: its argument cannot vanish, or what vanishes with it stands beside it."""
        if sign.nonzero:
            return True
        zero = [*self._vanishing_with(sign), *self.vanishing.get(sign, ())]
        wanted = {self._entry(head, tuple(slots[-1 - i] if -SLOTS <= i < 0 else i for i in places))
                  for head, places in zero}  # fmt: skip
        return any(entry in wanted for entry in beside)

    def _vanishing_with(self, sign: Head) -> list[Entry]:
        """The atom whose sign this is, if it is one atom's; the root and the reciprocal of what it is the sign of."""
        key, slots = sign.keys[0], tuple(self.slot(i) for i in range(sign.arity))
        frozen = tuple(frozenset(k.items()) for k in sign.keys)
        found = [self._heads.get((kind, kind, sign.arity, frozen)) for kind in ("root", "reciprocal")]
        named = [(head, slots) for head in found if head is not None]
        term = as_term(key)
        if term is not None and len(term[0]) == 1:
            ((inner, exponent),) = term[0]
            if exponent == 1 and inner.is_atom:
                named.append(inner.atoms[0][:2])
        return named

    @staticmethod
    def _entry(head: Head, slots: tuple[int, ...]) -> Entry:
        """A head at some indices, in the order that stands for all that its symmetries make equal."""
        if head.symmetries:
            slots = min(tuple(slots[i] for i in permutation) for permutation in head.symmetries)
        return head, slots

    def assemble(self, atoms: Iterable[Atom], colours: Sequence[str]) -> Poly:
        """The polynomial of a product of atoms under sums over bound indices ``0..len(colours)-1``.

        Deltas with a bound index are contracted, a bound index that no atom carries contributes its axis's size, and
        each connected part is labelled canonically.
        """
        merged: dict[Entry, int] = {}
        for head, slots, exponent in atoms:
            entry = self._entry(head, slots)
            merged[entry] = merged.get(entry, 0) + exponent
        found = [(head, slots, exponent) for (head, slots), exponent in merged.items() if exponent]
        for position, (head, slots, _) in enumerate(found):
            if head is self.delta:
                contracted = self._contract(found, position, slots, colours)
                if contracted is not None:
                    return contracted
            elif head.kind == "sign":
                if self._is_zero(head, slots):
                    return {}
                changed = self._squared_sign(found, position)
                if changed is not None:
                    return self.assemble(changed, colours)
        return self._components_of(found, colours)

    def _contract(
        self, atoms: list[Atom], position: int, slots: tuple[int, ...], colours: Sequence[str]
    ) -> Poly | None:
        rest = atoms[:position] + atoms[position + 1 :]
        other, bound = sorted(slots)
        if other == bound:
            return self.assemble(rest, colours)
        if bound < 0:
            return {} if self.is_position(other) and self.is_position(bound) else None
        moved = [(h, tuple(other if i == bound else i for i in s), e) for h, s, e in rest]
        shifted = [(h, tuple(i - 1 if i > bound else i for i in s), e) for h, s, e in moved]
        return self.assemble(shifted, [c for v, c in enumerate(colours) if v != bound])

    def _squared_sign(self, atoms: list[Atom], position: int) -> list[Atom] | None:
        head, slots, exponent = atoms[position]
        if exponent not in (1, 2):
            return [*atoms[:position], (head, slots, 2 - exponent % 2), *atoms[position + 1 :]]
        if exponent == 2 and self._is_unit(head, slots, ((h, s) for h, s, _ in atoms)):
            return [*atoms[:position], *atoms[position + 1 :]]
        return None

    def _components_of(self, atoms: list[Atom], colours: Sequence[str]) -> Poly:
        parent = list(range(len(colours)))

        def root(v: int) -> int:
            while parent[v] != v:
                parent[v] = parent[parent[v]]
                v = parent[v]
            return v

        loose: list[Atom] = []
        tied: list[tuple[int, Atom]] = []
        for entry in atoms:
            bound = [i for i in entry[1] if i >= 0]
            if bound:
                first = root(bound[0])
                for other in bound[1:]:
                    parent[root(other)] = first
                tied.append((bound[0], entry))
            else:
                loose.append(entry)
        groups: dict[int, list[Atom]] = {}
        for vertex, entry in tied:
            groups.setdefault(root(vertex), []).append(entry)
        monomial = frozenset((self._single(h, s), e) for h, s, e in loose)
        result: Poly = {monomial: 1}
        for vertex in range(len(colours)):
            if root(vertex) not in groups:
                result = self.times(result, self.sizes[colours[vertex]])
        for group in groups.values():
            component = self._component(group, colours)
            result = {monomial_times(m, frozenset([(component, 1)])): c for m, c in result.items()}
        return self.tidy(result)

    def _component(self, atoms: list[Atom], colours: Sequence[str]) -> Component:
        present = sorted({i for _, slots, _ in atoms for i in slots if i >= 0})
        local = {vertex: number for number, vertex in enumerate(present)}
        edges = [(self.label(h, e), tuple(local[i] if i >= 0 else i for i in s)) for h, s, e in atoms]
        own = tuple(colours[vertex] for vertex in present)
        relabel, canonical = canonical_form(own, edges, self.label_symmetries)
        ordered = [""] * len(own)
        for old, new in enumerate(relabel):
            ordered[new] = own[old]
        key = (tuple(ordered), canonical)
        found = self._components.get(key)
        if found is None:
            made = tuple(
                (self._label_atoms[label][0], slots, self._label_atoms[label][1]) for label, slots in canonical
            )
            found = self._components[key] = Component(len(self._components), tuple(ordered), made)
        return found

    # binding and renaming -----------------------------------------------------------------------------------------

    def spread(self, monomial: Iterable[tuple[Component, int]], colours: list[str]) -> list[Atom]:
        """The atoms of a monomial, bound indices numbered on from ``colours``, which grows by theirs."""
        atoms: list[Atom] = []
        for component, exponent in monomial:
            if component.is_atom:
                head, slots, _ = component.atoms[0]
                atoms.append((head, slots, exponent))
                continue
            if exponent < 0:
                raise TooLarge("a negative power of a sum has to be named before it is bound")
            for _ in range(exponent):
                offset = len(colours)
                colours.extend(component.colours)
                atoms.extend((h, tuple(i + offset if i >= 0 else i for i in s), e) for h, s, e in component.atoms)
        return atoms

    def bind(self, poly: Poly, token: int, colour: str) -> Poly:
        """The polynomial summed over a free index."""
        result: Poly = {}
        for monomial, coefficient in poly.items():
            touched = [pair for pair in monomial if token in pair[0].free]
            if not touched:
                term = self.times({monomial: coefficient}, self.sizes[colour])
            else:
                colours = [colour]
                atoms = [(h, tuple(0 if i == token else i for i in s), e) for h, s, e in self.spread(touched, colours)]
                rest = monomial.difference(touched)
                term = self.times({rest: coefficient}, self.assemble(atoms, colours))
            result = add(result, term)
        return result

    def renamed(self, poly: Poly, renaming: Mapping[int, int]) -> Poly:
        """Other free indices in place of free ones, all at once."""
        result: Poly = {}
        wanted = set(renaming)
        for monomial, coefficient in poly.items():
            touched = [pair for pair in monomial if not wanted.isdisjoint(pair[0].free)]
            if not touched:
                result = add(result, {monomial: coefficient})
                continue
            colours: list[str] = []
            atoms = [(h, tuple(renaming.get(i, i) for i in s), e) for h, s, e in self.spread(touched, colours)]
            moved = self.assemble(atoms, colours)
            result = add(result, self.times({monomial.difference(touched): coefficient}, moved))
        return result

    def exponent_name(self, exponent: Monomial) -> str:
        """The name of the powers with an exponent that is a product of scalars."""
        name = "*".join(sorted(c.head.name if e == 1 else f"{c.head.name}^{e}" for c, e in exponent))
        self.exponents[name] = exponent
        return name

    def size(self, size: sp.Expr, value: Poly) -> str:
        """The colour of an axis of this size."""
        colour = str(size)
        self.sizes[colour] = value
        self.extents[colour] = size
        return colour
