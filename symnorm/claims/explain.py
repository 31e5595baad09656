"""How a verdict came about, to be read: what was put in, and what each side became.

For a reader only; no verdict rests on it. Sides are written with the named quantities of the outermost normalizer, as a
residue is; one that has no short form is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from symnorm.claims.assumptions import sort
from symnorm.claims.residue import residue
from symnorm.tensors import Relation, as_tensor


def steps(relations: Sequence[Relation], given: Sequence[Relation]) -> list[tuple[str, str]]:
    """Labelled lines.

    Example:
        >>> from symnorm.tensors import axes, equal, tensor, total
        >>> (N,) = axes("N")
        >>> x = tensor("x", N)
        >>> steps([equal(total(2 * x, over=N), 2 * total(x, over=N))], [])
        [('left is', '2*sum(x)'), ('right is', '2*sum(x)')]
    """
    assumptions = sort(given)
    found = [("put in", f"{name} = {value!r}") for name, value in assumptions.values.items()]
    found += [("put in", f"{name} = {size}") for name, size in assumptions.sizes.items()]
    found += [("a rule", repr(relation)) for relation in assumptions.constraints if relation.relation == "=="]
    for relation in relations:
        for label, side in (("left is", relation.left), ("right is", relation.right)):
            (applied,) = assumptions.applied(side)
            nothing = as_tensor(0)
            shown = residue(applied, nothing, assumptions.facts)
            if shown is not None:
                found.append((label, repr(shown)))
    return found
