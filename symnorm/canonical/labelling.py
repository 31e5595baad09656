"""Canonical labelling of a small labelled hypergraph.

What comes in: a term as a hypergraph. Its bound indices are the vertices 0..k-1, each with a colour (the axis that it
runs over); its atoms are the edges `(label, slots)`. A slot >= 0 is a bound vertex, a slot < 0 names a free index.
What goes out: a numbering of the vertices, and the edges in it, that every renaming of the same term arrives at: two
graphs have equal sorted colours and equal canonical edges exactly if they are isomorphic.
Who calls it: the normal form, once per component (the caller remembers answers; nothing is cached here).

The method is colour refinement, then individualisation. An ordered partition of the vertices into cells is refined
until the vertices of a cell see the same edges. If a cell with several vertices is left, each of them in turn is set
apart and the partition refined again, down to the leaves, where every vertex has a cell of its own: a numbering. The
least leaf is the canonical one. Three things keep this tree small, and none of them changes its least leaf:

- Twins (vertices with the same edges to the same other vertices) are put in an arbitrary order at once: any two
  orders differ by an automorphism, so they lead to the same least leaf.
- Two leaves with equal edges differ by an automorphism. It maps the subtree of the earlier leaf, below the node where
  the two paths part, onto the later one's, so the search goes back to that node. There, a vertex is passed over if
  known automorphisms that fix the vertices set apart above carry an explored one to it.
- Leaves are compared by the shapes of the partitions on their paths first, so a worse path is left early.

The automorphisms found on the way generate the whole group: a leaf that looks like the least one is either visited,
and gives its automorphism, or passed over by those already known.
Source: B. D. McKay, A. Piperno, Practical graph isomorphism II, J. Symbolic Computation 60 (2014), sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from symnorm.errors import SymnormError

Label: TypeAlias = Any  # orderable and hashable; all labels of one call can be compared with each other
Edge: TypeAlias = tuple[Label, tuple[int, ...]]
Permutation: TypeAlias = tuple[int, ...]
Symmetries: TypeAlias = Mapping[Label, tuple[Permutation, ...]]
Labelling: TypeAlias = tuple[Permutation, tuple[Edge, ...], list[Permutation]]  # numbering, edges, group generators
Incidence: TypeAlias = tuple[Label, int, tuple[int, ...]]  # label, position of the vertex, all slots of the edge
Shapes: TypeAlias = tuple[tuple[int, ...], ...]  # the sorted cells of each partition on a path
Certificate: TypeAlias = tuple[Shapes, tuple[Edge, ...]]


class LabellingError(SymnormError):
    """A symmetry that does not fit its edge, or more automorphisms than the cap allows to list."""


def canonical_form(
    colours: Sequence[Any], edges: Sequence[Edge], symmetries: Symmetries | None = None
) -> tuple[Permutation, tuple[Edge, ...]]:
    """Number the vertices so that the edges, written in these numbers, depend on the graph up to isomorphism only.

    `colours[v]` is the colour of vertex v, orderable and hashable. `symmetries[label]` lists all slot permutations
    (a group: the identity included, closed under composition) that leave an edge of that label unchanged.

    Returns `(relabel, canonical_edges)`: `relabel[v]` is the new number of vertex v, ascending with the colours;
    `canonical_edges` are the relabelled edges, sorted, each symmetric one in its least arrangement. An isomorphism
    keeps colours, labels, multiplicities, free slots, and the order of slots up to the symmetries.

    Raises LabellingError if a symmetry permutes another number of slots than an edge of its label has.

    >>> canonical_form(["N", "C"], [(7, (0, 1)), (7, (-1, 1))])  # sum over n, c of x[n, c] x[m, c], with m free
    ((1, 0), ((7, (-1, 0)), (7, (1, 0))))
    >>> canonical_form([], [(5, (-1, -2))], {5: ((0, 1), (1, 0))})  # an entry of a covariance
    ((), ((5, (-2, -1)),))
    """
    return _label(colours, edges, symmetries)[:2]


def automorphisms(
    colours: Sequence[Any], edges: Sequence[Edge], symmetries: Symmetries | None = None, cap: int = 5040
) -> list[Permutation]:
    """All permutations of the vertices (v goes to p[v]) that leave the graph unchanged, sorted: the identity first.

    Raises LabellingError if there are more than `cap` of them.

    >>> automorphisms("NNC", [(7, (0, 2)), (7, (1, 2))])  # sum over n, m, c of x[n, c] x[m, c]
    [(0, 1, 2), (1, 0, 2)]
    """
    generators = _label(colours, edges, symmetries)[2]
    elements = [tuple(range(len(colours)))]
    known = set(elements)
    for element in elements:  # grows while it is read
        for generator in generators:
            product = tuple([generator[v] for v in element])
            if product not in known:
                if len(elements) >= cap:
                    raise LabellingError(
                        f"a graph of {len(colours)} vertices and {len(edges)} edges has more than {cap} automorphisms; "
                        "raise `cap` to list them all"
                    )
                known.add(product)
                elements.append(product)
    return sorted(elements)


def _label(colours: Sequence[Any], edges: Sequence[Edge], symmetries: Symmetries | None) -> Labelling:
    size = len(colours)
    # cell[v] is the first number of v's cell, so at a leaf v's own number; open_cells have several vertices each.
    cell = [0] * size
    open_cells = _split(0, list(zip(colours, range(size), strict=True)), cell) if size > 1 else []
    swaps: list[Permutation] = []
    if _is_hard(open_cells):
        incident = _incidences(size, edges, symmetries)
        _refine(cell, open_cells, incident)
        if _is_hard(open_cells):
            swaps = _order_twins(cell, open_cells, incident)
            _refine(cell, open_cells, incident)
        if _is_hard(open_cells):
            search = _Search(edges, symmetries, incident)
            search.explore(cell, open_cells, (), ())
            assert search.best is not None  # the first path ends in a leaf
            return search.leaves[search.best][0], search.best[1], swaps + search.generators
    number, relabelled = tuple(cell), _relabelled(edges, symmetries, cell)
    if open_cells:  # one pair: two leaves to compare
        u, v = open_cells[0]
        cell[v] += 1
        number, relabelled = tuple(cell), _relabelled(edges, symmetries, cell)
        cell[u], cell[v] = cell[v], cell[u]
        exchanged = _relabelled(edges, symmetries, cell)
        if exchanged == relabelled:
            swaps.append(_transposition(size, u, v))
        elif exchanged < relabelled:
            number, relabelled = tuple(cell), exchanged
    return number, relabelled, swaps


def _is_hard(open_cells: list[list[int]]) -> bool:
    """More is open than one pair, which is settled fastest by trying both orders."""
    return len(open_cells) > 1 or (len(open_cells) == 1 and len(open_cells[0]) > 2)


def _transposition(size: int, u: int, v: int) -> Permutation:
    return tuple([v if w == u else u if w == v else w for w in range(size)])


def _relabelled(edges: Sequence[Edge], symmetries: Symmetries | None, number: Sequence[int]) -> tuple[Edge, ...]:
    """The edges in the given numbering, sorted, each symmetric one in its least arrangement."""
    renamed = [(label, tuple([s if s < 0 else number[s] for s in slots])) for label, slots in edges]
    if symmetries:
        for place, (label, slots) in enumerate(renamed):
            if group := symmetries.get(label):
                renamed[place] = label, min(_arrangements(label, slots, group))
    renamed.sort()
    return tuple(renamed)


def _arrangements(label: Label, slots: tuple[int, ...], group: Iterable[Permutation]) -> list[tuple[int, ...]]:
    for permutation in group:
        if len(permutation) != len(slots):
            raise LabellingError(
                f"the symmetry {permutation} of label {label!r} permutes {len(permutation)} slots, "
                f"but an edge of that label has {len(slots)}: {slots}"
            )
    return [tuple([slots[i] for i in permutation]) for permutation in group]


def _incidences(size: int, edges: Sequence[Edge], symmetries: Symmetries | None) -> list[list[Incidence]]:
    """The edges on each vertex. A symmetric edge is replaced by all its arrangements, which say as much as it does:
    refinement and twins need to know of ordered edges only."""
    incident: list[list[Incidence]] = [[] for _ in range(size)]
    for label, slots in edges:
        group = symmetries.get(label) if symmetries else None
        for arrangement in _arrangements(label, slots, group) if group else (slots,):
            for position, s in enumerate(arrangement):
                if s >= 0:
                    incident[s].append((label, position, arrangement))
    return incident


def _split(start: int, keyed: list[tuple[Any, int]], cell: list[int]) -> list[list[int]]:
    """Divide the cell at `start`, given as (key, vertex) pairs, by ascending key; return the parts that stay open."""
    keyed.sort()
    parts: list[list[int]] = []
    previous = None
    for place, (key, v) in enumerate(keyed, start):
        if place == start or key != previous:
            previous, first = key, place
            parts.append([])
        parts[-1].append(v)
        cell[v] = first
    return [part for part in parts if len(part) > 1]


def _refine(cell: list[int], open_cells: list[list[int]], incident: list[list[Incidence]]) -> None:
    """Split the open cells, in place, until the vertices of each see the same edges with the same cells on them."""
    stable = False
    while open_cells and not stable:
        before, refined = [len(members) for members in open_cells], []
        for members in open_cells:
            keyed: list[tuple[Any, int]] = []
            for v in members:
                seen = [(label, i, tuple([s if s < 0 else cell[s] for s in slots])) for label, i, slots in incident[v]]
                keyed.append((sorted(seen), v))
            refined += _split(cell[members[0]], keyed, cell)
        open_cells[:] = refined
        stable = before == [len(members) for members in open_cells]


def _order_twins(cell: list[int], open_cells: list[list[int]], incident: list[list[Incidence]]) -> list[Permutation]:
    """Put twins in some order: split their cells, in place, into the first of each class, the second of each, ...
    Return the transpositions of neighbouring twins; they generate the automorphisms that the order breaks."""
    swaps, ordered, itself = [], [], len(cell)
    for members in open_cells:
        classes: dict[Any, list[int]] = {}
        for v in members:  # equal keys: exchanging the two vertices changes nothing (and no edge holds both)
            seen = [(label, i, tuple([itself if s == v else s for s in slots])) for label, i, slots in incident[v]]
            classes.setdefault(tuple(sorted(seen)), []).append(v)
        swaps += [_transposition(itself, u, v) for twins in classes.values() for u, v in pairwise(twins)]
        ordered += _split(cell[members[0]], [(r, v) for twins in classes.values() for r, v in enumerate(twins)], cell)
    open_cells[:] = ordered
    return swaps


class _Search:
    """The tree of individualisations below a refined partition, explored depth first, pruned as said above."""

    def __init__(self, edges: Sequence[Edge], symmetries: Symmetries | None, incident: list[list[Incidence]]) -> None:
        self.edges, self.symmetries, self.incident = edges, symmetries, incident
        self.generators: list[Permutation] = []  # automorphisms found so far; they keep the cells of the root
        self.leaves: dict[Certificate, tuple[Permutation, tuple[int, ...]]] = {}  # the first numbering, and its path
        self.best: Certificate | None = None

    def explore(self, cell: list[int], open_cells: list[list[int]], path: tuple[int, ...], shapes: Shapes) -> int:
        """Explore the node whose set-apart vertices are `path`; return the depth of the node to go on from."""
        depth = len(path)
        shapes = (*shapes, tuple(sorted(cell)))
        if self.best is not None and shapes > self.best[0][: depth + 1]:
            return depth
        if not open_cells:
            return self.visit_leaf(tuple(cell), path, shapes)
        target = min(open_cells, key=len)
        explored: list[int] = []
        for v in target:
            if v in self.orbit(explored, path):
                continue
            child, rest = cell.copy(), [u for u in target if u != v]
            for u in rest:
                child[u] += 1
            child_open = [members for c in open_cells if len(members := rest if c is target else c) > 1]
            _refine(child, child_open, self.incident)
            back = self.explore(child, child_open, (*path, v), shapes)
            if back < depth:
                return back
            explored.append(v)
        return depth

    def visit_leaf(self, number: Permutation, path: tuple[int, ...], shapes: Shapes) -> int:
        certificate = shapes, _relabelled(self.edges, self.symmetries, number)
        if certificate not in self.leaves:
            self.leaves[certificate] = number, path
            if self.best is None or certificate < self.best:
                self.best = certificate
            return len(path)
        earlier, earlier_path = self.leaves[certificate]
        vertex = {n: v for v, n in enumerate(number)}
        self.generators.append(tuple([vertex[n] for n in earlier]))
        return next(depth for depth, (u, v) in enumerate(zip(earlier_path, path, strict=True)) if u != v)

    def orbit(self, vertices: list[int], path: tuple[int, ...]) -> set[int]:
        """The vertices, and all to which known automorphisms that fix the path carry them."""
        fixing = [g for g in self.generators if all(g[v] == v for v in path)]
        reached = list(vertices)
        for v in reached:  # grows while it is read
            reached += {g[v] for g in fixing}.difference(reached)
        return set(reached)
