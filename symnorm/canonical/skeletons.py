"""Sums whose terms carry rational functions of local atoms: skeleton and coefficient.

``sum_ij G_ij r_i/(r_i + r_j)`` with symmetric G is half the sum of G, and no term of the difference says so alone: a
reciprocal under a sum cannot be cleared like a free one. So each term is split into its *skeleton*, the hypergraph of
all other atoms, and its *coefficient*, a rational function of the local atoms (the reciprocals and what stands in
them) at the skeleton's vertices. Equal skeletons add. A sum over all index values of ``skeleton * coefficient`` does
not change when the vertices are permuted by an automorphism of the skeleton, so the coefficient may be averaged over
them; where the average is zero, at vertices that stand for any index values, the terms add up to zero.

The same is done where no reciprocal stands under a sum but signs do: with symmetric G ``sum_ij G_ij sgn(p_i - p_j)``
is 0, as ``sgn(p_j - p_i)`` is its opposite. Only terms with one sign, to the first power, are looked at: nothing is
squared.

What comes in is a polynomial in normal form, what goes out is one of the same value, shorter where coefficients
cancelled. Every step keeps the value wherever nothing divides by zero; nothing is concluded from what is left. Called
by :class:`~symnorm.canonical.solver.Solver` before it gives a difference up.
"""

from __future__ import annotations

from fractions import Fraction

from symnorm.canonical.context import Context
from symnorm.canonical.labelling import LabellingError, automorphisms, canonical_form
from symnorm.canonical.naming import Namer
from symnorm.canonical.terms import Atom, Head, Monomial, Poly, TooLarge, add, constant, scale

MOST_VERTICES, MOST_AUTOMORPHISMS, MOST_TERMS = 10, 120, 200

Skeleton = tuple[tuple[str, ...], tuple[tuple[int, tuple[int, ...]], ...], Monomial]


def simplified(namer: Namer, poly: Poly) -> Poly:
    """The polynomial with the coefficients of equal skeletons added, if it has a reciprocal under a sum."""
    local = _local(poly)
    one_each = not local
    local = local or _signs(poly)
    if not local or len(poly) > MOST_TERMS:
        return poly
    groups: dict[Skeleton, Poly] = {}
    result: Poly = {}
    for monomial, number in poly.items():
        if one_each and _number_of(monomial, local) > 1:
            result = add(result, {monomial: number})
            continue
        try:
            skeleton, coefficient = _apart(namer.context, monomial, local)
        except TooLarge:
            result = add(result, {monomial: number})
            continue
        if one_each:
            coefficient = _turned(namer.context, coefficient)
        groups[skeleton] = add(groups.get(skeleton, {}), scale(coefficient, number))
    for skeleton, coefficient in groups.items():
        if coefficient:
            result = add(result, _together(namer, skeleton, coefficient))
    return namer.rewriter.reduce(result)


def _local(poly: Poly) -> frozenset[Head]:
    """The reciprocals that stand under a sum, and the heads of the atoms in them and in their roots."""
    found = {h for m in poly for c, _ in m if c.colours for h, _, _ in c.atoms if h.kind == "reciprocal"}
    waiting = [*found]
    while waiting:
        for key in waiting.pop().keys:
            for monomial in key:
                for component, _ in monomial:
                    head = component.head
                    if component.is_atom and head.arity and head not in found:
                        found.add(head)
                        waiting.append(head)
    return frozenset(found)


def _signs(poly: Poly) -> frozenset[Head]:
    """The signs under sums that depend on more than one index."""
    return frozenset(
        h for m in poly for c, _ in m if c.colours for h, _, _ in c.atoms if h.kind == "sign" and h.arity > 1
    )


def _number_of(monomial: Monomial, heads: frozenset[Head]) -> int:
    """How many factors of a term have one of the heads."""
    return sum(abs(power * exponent) for c, power in monomial for h, _, exponent in c.atoms if h in heads)


def _turned(context: Context, coefficient: Poly) -> Poly:
    """``sgn(p_j - p_i)`` as ``-sgn(p_i - p_j)``: one order of the places of a sign that their exchange turns round."""
    result: Poly = {}
    for monomial, number in coefficient.items():
        value: Poly = {monomial: number}
        for component, power in monomial:
            head, places, exponent = component.atoms[0]
            if head.kind == "sign" and len(places) == 2 and power * exponent == 1 and places[0] > places[1]:
                first, second = context.slot(0), context.slot(1)
                (argument,) = head.keys
                if context.renamed(argument, {first: second, second: first}) == scale(argument, -1):
                    rest: Poly = {monomial - {(component, power)}: -number}
                    value = context.times(rest, context.atom(head, places[::-1], 1))
        result = add(result, value)
    return result


def _apart(context: Context, monomial: Monomial, local: frozenset[Head]) -> tuple[Skeleton, Poly]:
    """A term as its skeleton and its coefficient at the skeleton's vertices."""
    summed = frozenset((c, e) for c, e in monomial if c.colours)
    colours: list[str] = []
    atoms = context.spread(summed, colours)
    if len(colours) > MOST_VERTICES:
        raise TooLarge(f"a term with {len(colours)} bound indices")
    edges = [(context.label(h, e), s) for h, s, e in atoms if h not in local]
    relabel, canonical = canonical_form(colours, edges, context.label_symmetries)
    beside = frozenset((c, e) for c, e in monomial if c.is_atom and c.head in local)
    coefficient: Poly = {beside: 1}
    for head, slots, exponent in atoms:
        if head in local:
            places = tuple(_vertex(context, relabel[i]) if i >= 0 else i for i in slots)
            coefficient = context.times(coefficient, context.atom(head, places, exponent))
    ordered = [""] * len(colours)
    for old, new in enumerate(relabel):
        ordered[new] = colours[old]
    return (tuple(ordered), canonical, monomial - summed - beside), coefficient


def _vertex(context: Context, number: int) -> int:
    """The free index that stands for any value of a vertex."""
    return context.token(("vertex", number))


def _together(namer: Namer, skeleton: Skeleton, coefficient: Poly) -> Poly:
    """The sum of a skeleton with its coefficient averaged over automorphisms, denominators cleared if they can be."""
    context = namer.context
    colours, edges, rest = skeleton
    coefficient = _averaged(context, colours, edges, coefficient)
    numerator, denominator = namer.fraction(namer.rewriter.reduce(coefficient)) if coefficient else ({}, constant(1))
    value = numerator if denominator == constant(1) else coefficient
    if not numerator:
        return {}
    atoms: list[Atom] = [context.labelled(label, slots) for label, slots in edges]
    for head, slots, exponent in atoms:
        places = tuple(_vertex(context, i) if i >= 0 else i for i in slots)
        value = context.times(value, context.atom(head, places, exponent))
    for vertex, colour in enumerate(colours):
        value = context.bind(value, _vertex(context, vertex), colour)
    return context.times(value, {rest: 1})


def _averaged(
    context: Context, colours: tuple[str, ...], edges: tuple[tuple[int, tuple[int, ...]], ...], coefficient: Poly
) -> Poly:
    try:
        group = automorphisms(colours, edges, context.label_symmetries, cap=MOST_AUTOMORPHISMS)
    except LabellingError:
        return coefficient
    if len(group) == 1:
        return coefficient
    vertices = [_vertex(context, number) for number in range(len(colours))]
    turned = [
        context.renamed(coefficient, {vertices[v]: vertices[p[v]] for v in range(len(colours)) if p[v] != v})
        for p in group
    ]
    return _turned(context, scale(add(*turned), Fraction(1, len(group))))
