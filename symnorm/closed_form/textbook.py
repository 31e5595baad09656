"""The textbook order: named quantities instead of raw inputs.

The same normal form as in a proof with the ranking turned round. Every named equation is a relation; those that the
definition declares invertible are solved for their input (``x = mu + sigma x_hat``), a quantity that is just a root
gives the root its name, and the relations that are left (``sum x_hat = 0``, ``sum x_hat^2 = N (1 - eps/sigma^2)``)
follow by themselves when the solved input is put into the equations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from symnorm.canonical import Facts, Solver
from symnorm.canonical.rules import atom_rule, component_rule
from symnorm.canonical.terms import Head, Monomial, Poly, add, as_term, monomial_power, scale
from symnorm.tensors import Tensor


@dataclass(frozen=True, eq=False)
class Relation:
    """A named quantity and its right-hand side in terms of the names before it.

    Attributes:
        name: the quantity as an input of that name.
        value: the right-hand side.
        solved_for: the argument that the equation is solved for, if it is: an input, or a sum such as ``A W``.
    """

    name: Tensor
    value: Tensor
    solved_for: Tensor | None = None


class Textbook:
    """Normal forms in which the named quantities stand."""

    def __init__(
        self, relations: Sequence[Relation], facts: Facts | None = None, symmetric: Iterable[str] = ()
    ) -> None:
        self.solver = Solver(facts, symmetric)
        self.relations = relations

    def read(self, *exprs: sp.Expr) -> list[Poly]:
        """The expressions in textbook order."""
        solver, reduce = self.solver, self.solver.rewriter.reduce
        sides = [self._sides(relation) for relation in self.relations]
        solver.resolver.resolve()
        waiting = []
        for relation, (name, value) in zip(self.relations, sides, strict=True):
            if self._names_a_function(name, reduce(value)):
                continue
            if relation.solved_for is not None:
                (argument,) = solver.read(relation.solved_for.element)
                if self._solved(argument, add(name, scale(reduce(value), -1))):
                    continue
            waiting.append((name, value))
        for name, value in waiting:
            left = add(reduce(name), scale(reduce(value), -1))
            if any(component.colours for monomial in left for component, _ in monomial):
                solver.orient(left, "follows from the equations", divide_by_any=True)
        return solver.read(*exprs)  # last, so that a root in them is named by what the relations make of it

    def _sides(self, relation: Relation) -> tuple[Poly, Poly]:
        """Name and value; of ``norm = S^(1/p)``, which is not negative, ``norm^p`` and S."""
        reader, value = self.solver.reader, relation.value
        name = reader.read(relation.name.element)
        if value.op != "pow" or value.args[1].expr.is_number:
            return name, reader.read(value.element)
        base, exponent = value.args
        sign = reader.visible.of(value.element)
        head, _ = self._entry(name)
        head.nonnegative |= sign.nonnegative
        head.nonzero |= sign.nonzero
        return reader.read((relation.name ** (1 / exponent)).element), reader.read(base.element)

    # orienting ----------------------------------------------------------------------------------------------------

    def _entry(self, name: Poly) -> tuple[Head, tuple[int, ...]]:
        ((component, _),) = next(iter(name))
        head, slots, _ = component.atoms[0]
        return head, slots

    def _slots(self, slots: tuple[int, ...]) -> dict[int, int]:
        return {token: self.solver.context.slot(i) for i, token in enumerate(slots)}

    def _names_a_function(self, name: Poly, value: Poly) -> bool:
        """``sigma = sqrt(...)``, ``low = min(...)``, ``w = exp(...)/sum``: written by that name from here on."""
        term = as_term(value)
        roots = [(c, e) for c, e in term[0] if c.is_atom and _is_named(c.head)] if term else []
        if (
            term is None
            or len(roots) != 1
            or roots[0][1] != 1
            or set(roots[0][0].atoms[0][1]) != {*self._entry(name)[1]}
        ):
            return False
        root = roots[0][0]
        head, slots, _ = root.atoms[0]
        named, _ = self._entry(name)
        if head.kind == "root":
            named.nonnegative, named.nonzero = head.nonnegative, head.nonzero
        rest = monomial_power(term[0] - {(root, 1)}, -1)
        content: Poly = {rest: Fraction(1) / Fraction(term[1])}
        value = self.solver.context.times(name, content)
        replacement = self.solver.context.renamed(value, self._slots(slots))
        self.solver.rewriter.add(atom_rule(self.solver.context, head, replacement, "a root or exponential by its name"))
        return True

    def _solved(self, argument: Poly, poly: Poly) -> bool:
        """Solve an equation for an argument that is one component and stands in one term, to the first power."""
        term = as_term(argument)
        if term is None or len(term[0]) != 1 or term[1] != 1:
            return False
        ((component, power),) = term[0]
        wanted = [m for m in poly if (component, 1) in m]
        if power != 1 or len(wanted) != 1 or sum(component in dict(m) for m in poly) != 1:
            return False
        monomial = wanted[0]
        rest = {m: c for m, c in poly.items() if m != monomial}
        value = self._divided(rest, monomial - {(component, 1)}, -poly[monomial])
        boundary = self._slots(tuple(sorted(component.free, reverse=True)))
        replacement = self.solver.context.renamed(value, boundary)
        reason = "an equation solved for its argument"
        self.solver.rewriter.add(component_rule(component, boundary, replacement, reason))
        return True

    def _divided(self, poly: Poly, monomial: Monomial, coefficient: int | Fraction) -> Poly:
        inverse: Poly = {monomial_power(monomial, -1): Fraction(1) / Fraction(coefficient)}
        return self.solver.context.times(poly, inverse)


def vocabulary_tensors(relations: Sequence[Relation], others: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All tensors by name: inputs first, then the named quantities."""
    return {**others, **{str(relation.name.data.name): relation.name for relation in relations}}


def _is_named(head: Head) -> bool:
    return (head.kind in ("root", "largest") and head.square is None) or (head.kind == "opaque" and head.name == "exp")
