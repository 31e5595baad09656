"""What a largest value shows of a sum's sign: it is at least each of the values that it is the largest of.

``max(x) - x_n >= 0`` and ``max(x) - min(x) = max(x) + max(-x) >= 0``: in a sum, such a pair is not negative. In comes a
SymPy sum as it was written, out come its pairs and what is left. Called by :mod:`symnorm.canonical.visible`.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from symnorm.tensors.nodes import largest

Term = tuple[int, sp.Expr]


def without_pairs(expr: sp.Add) -> list[Term] | None:
    """The sum's terms, signed, without one pair of a largest and a value of it; ``None`` if there is no pair.

    Example:
        >>> from symnorm.tensors import amax, amin, axes, tensor
        >>> (N,) = axes("N")
        >>> x = tensor("x", N)
        >>> without_pairs((amax(x, over=N) - x).element), without_pairs((amin(x, over=N) - x).element)
        ([], None)
    """
    terms = list(_terms(1, expr))
    for i, (sign, top) in enumerate(terms):
        if sign < 0 or not isinstance(top, largest):
            continue
        for j, value in enumerate(terms):
            if i != j and _below(top, value):
                return [term for k, term in enumerate(terms) if k not in (i, j)]
    return None


def _terms(sign: int, expr: sp.Expr) -> Iterator[Term]:
    """The terms of nested sums, a minus taken out of each."""
    if isinstance(expr, sp.Add):
        for arg in expr.args:
            yield from _terms(sign, arg)
    elif isinstance(expr, sp.Mul) and len(expr.args) == 2 and expr.args[0] == -1:
        yield from _terms(-sign, expr.args[1])
    else:
        yield sign, expr


def _below(top: largest, term: Term) -> bool:
    """Whether minus the term is a value that ``top`` is the largest of, or not larger than all of them."""
    sign, value = term
    bodies = list(_terms(1, top.body))
    if len(bodies) != 1:
        return False
    own, body = bodies[0]
    if isinstance(value, largest):  # max(u) + max(-u): both are of the same u at one index
        others = list(_terms(1, value.body))
        renaming = dict(zip(value.slots, top.slots, strict=False))
        if sign < 0 or len(others) != 1 or value.sizes != top.sizes:
            return False
        return others[0][0] == -own and _alike(body, others[0][1].xreplace(renaming), {}, ())
    return sign == -own and _alike(body, value, {}, top.slots)


Found = dict[sp.Basic, sp.Basic]


def _alike(pattern: sp.Basic, value: sp.Basic, found: Found, slots: tuple[sp.Basic, ...]) -> bool:
    """Whether a value is the pattern with one index for each slot; sums may name their bound index otherwise."""
    if pattern in found:
        return bool(found[pattern] == value)
    if pattern in slots:
        if value in found.values():  # bound inside the value, so no index of it; or another slot's
            return False
        found[pattern] = value
        return True
    if not pattern.args or pattern.func != value.func or len(pattern.args) != len(value.args):
        return bool(pattern == value)
    if isinstance(pattern, sp.Sum):
        if [limit[1:] for limit in pattern.limits] != [limit[1:] for limit in value.limits]:
            return False
        found |= {mine[0]: other[0] for mine, other in zip(pattern.limits, value.limits, strict=True)}
        return _alike(pattern.function, value.function, found, slots)
    return all(_alike(a, b, found, slots) for a, b in zip(pattern.args, value.args, strict=True))
