"""The canonical labelling against the definition: brute force over all permutations decides isomorphism.

Each property is a function of the labelling that it examines, so that the same property is shown to fail for labellings
that are wrong as one gets them wrong: ties broken by input order, symmetries forgotten, a search cut too far.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, permutations
from math import factorial
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from symnorm.canonical import labelling
from symnorm.canonical.labelling import Edge, LabellingError, automorphisms, canonical_form

# label: (number of slots, its symmetry group)
ENTRY, MATRIX, COVARIANCE, HESSIAN, CUBIC = range(5)
SLOTS = {ENTRY: 1, MATRIX: 2, COVARIANCE: 2, HESSIAN: 4, CUBIC: 3}
SYMMETRIES = {
    COVARIANCE: ((0, 1), (1, 0)),
    HESSIAN: ((0, 1, 2, 3), (2, 3, 0, 1)),
    CUBIC: tuple(permutations(range(3))),
}


class Graph(NamedTuple):
    colours: tuple[str, ...]
    edges: tuple[Edge, ...]


Form = Callable[..., tuple[tuple[int, ...], tuple[Edge, ...]]]
Group = Callable[..., list[tuple[int, ...]]]


# The definition, slow and obvious -------------------------------------------------------------------------------------


def arrangements(edge: Edge) -> list[tuple[int, ...]]:
    label, slots = edge
    return [tuple(slots[i] for i in p) for p in SYMMETRIES.get(label, (tuple(range(len(slots))),))]


def meaning(edges: Sequence[Edge]) -> Counter[Any]:
    """The multiset of edges, each as the set of its arrangements."""
    return Counter((label, frozenset(arrangements((label, slots)))) for label, slots in edges)


def renamed(edges: Sequence[Edge], p: Sequence[int]) -> list[Edge]:
    return [(label, tuple(s if s < 0 else p[s] for s in slots)) for label, slots in edges]


def isomorphisms(one: Graph, other: Graph) -> list[tuple[int, ...]]:
    if sorted(one.colours) != sorted(other.colours) or len(one.edges) != len(other.edges):
        return []
    goal = meaning(other.edges)
    return [
        p
        for p in permutations(range(len(one.colours)))
        if all(one.colours[v] == other.colours[p[v]] for v in range(len(p))) and meaning(renamed(one.edges, p)) == goal
    ]


def shuffled(graph: Graph, seed: int) -> Graph:
    """An isomorphic copy: vertices renamed, edges reordered, symmetric edges rearranged."""
    rng = random.Random(seed)
    p = list(range(len(graph.colours)))
    rng.shuffle(p)
    colours = [""] * len(p)
    for v, colour in enumerate(graph.colours):
        colours[p[v]] = colour
    edges = [(edge[0], rng.choice(arrangements(edge))) for edge in renamed(graph.edges, p)]
    rng.shuffle(edges)
    return Graph(tuple(colours), tuple(edges))


# The graphs ----------------------------------------------------------------------------------------------------------


@st.composite
def hypergraphs(draw: st.DrawFn, least: int = 0) -> Graph:
    size = draw(st.integers(least, 5))
    colours = draw(st.tuples(*[st.sampled_from("NNNC")] * size))
    slot = st.integers(-2, size - 1)
    edge = st.sampled_from(sorted(SLOTS)).flatmap(
        lambda label: st.tuples(st.just(label), st.tuples(*[slot] * SLOTS[label]))
    )
    return Graph(colours, tuple(draw(st.lists(edge, max_size=6))))


@st.composite
def regular_graphs(draw: st.DrawFn) -> Graph:
    """All vertices of one colour, each with one edge in and one out for each label: refinement alone splits little."""
    size = draw(st.integers(2, 6))
    edges: list[Edge] = []
    for label in draw(st.sampled_from([(MATRIX,), (COVARIANCE,), (COVARIANCE, MATRIX), (COVARIANCE, COVARIANCE)])):
        edges += [(label, (v, image)) for v, image in enumerate(draw(st.permutations(range(size))))]
    return Graph(("N",) * size, tuple(edges))


graphs = st.one_of(hypergraphs(), regular_graphs())


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Graph, Graph]:
    """Two graphs that a careless labelling confuses: the second is the first with a little changed, and shuffled."""
    graph = draw(graphs)
    edges = [*graph.edges]
    change = draw(st.sampled_from(["slot", "exchange", "label", "repeat", "nothing"]))
    if edges and change != "nothing":
        i, j = draw(st.integers(0, len(edges) - 1)), draw(st.integers(0, len(edges) - 1))
        (label, slots), (other_label, other_slots) = edges[i], edges[j]
        at = draw(st.integers(0, len(slots) - 1))
        if change == "slot":
            s = draw(st.integers(-2, len(graph.colours) - 1))
            edges[i] = label, (*slots[:at], s, *slots[at + 1 :])
        elif change == "exchange" and i != j:
            at_other = draw(st.integers(0, len(other_slots) - 1))
            edges[i] = label, (*slots[:at], other_slots[at_other], *slots[at + 1 :])
            edges[j] = other_label, (*other_slots[:at_other], slots[at], *other_slots[at_other + 1 :])
        elif change == "label" and label in (MATRIX, COVARIANCE):
            edges[i] = MATRIX + COVARIANCE - label, slots
        elif change == "repeat":
            edges[i] = edges[j]
    return graph, shuffled(Graph(graph.colours, tuple(edges)), draw(st.integers(0, 99)))


# The properties ------------------------------------------------------------------------------------------------------


def check_is_a_relabelling(form: Form, graph: Graph) -> None:
    relabel, edges = form(graph.colours, graph.edges, SYMMETRIES)
    assert sorted(relabel) == list(range(len(graph.colours)))
    assert [graph.colours[relabel.index(n)] for n in range(len(relabel))] == sorted(graph.colours)
    assert meaning(edges) == meaning(renamed(graph.edges, relabel))
    assert list(edges) == sorted((edge[0], min(arrangements(edge))) for edge in edges)


def check_is_invariant(form: Form, graph: Graph, seed: int) -> None:
    copy = shuffled(graph, seed)
    assert form(graph.colours, graph.edges, SYMMETRIES)[1] == form(copy.colours, copy.edges, SYMMETRIES)[1]


def check_decides(form: Form, one: Graph, other: Graph) -> None:
    def key(graph: Graph) -> tuple[Any, ...]:
        return sorted(graph.colours), form(graph.colours, graph.edges, SYMMETRIES)[1]

    assert (key(one) == key(other)) == bool(isomorphisms(one, other))


def check_group(group: Group, graph: Graph) -> None:
    assert group(graph.colours, graph.edges, SYMMETRIES) == isomorphisms(graph, graph)


def examine(check: Callable[..., None], subject: Any, *inputs: st.SearchStrategy[Any], examples: int = 300) -> None:
    """Run a property on many graphs; the same ones each time, so that what is caught once is always caught."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*inputs))
    def run(drawn: tuple[Any, ...]) -> None:
        check(subject, *drawn)

    run()


def examine_form(form: Form, examples: int = 200) -> None:
    """Everything that is asked of a canonical form."""
    examine(check_is_a_relabelling, form, graphs, examples=examples)
    examine(check_is_invariant, form, graphs, st.integers(0, 9999), examples=2 * examples)
    examine(lambda subject, both: check_decides(subject, *both), form, pairs(), examples=2 * examples)


def test_canonical_form_has_all_properties() -> None:
    examine_form(canonical_form)


def test_automorphisms_are_those_of_brute_force() -> None:
    examine(check_group, automorphisms, graphs, examples=400)


def test_pairs_are_of_both_kinds() -> None:
    kinds: Counter[bool] = Counter()
    examine(lambda _, both: kinds.update([bool(isomorphisms(*both))]), None, pairs(), examples=300)
    assert min(kinds[True], kinds[False]) >= 50


# Wrong labellings, each caught by the properties above ----------------------------------------------------------------


def ties_by_input_order(colours: Sequence[str], edges: Sequence[Edge], symmetries: Any = None) -> Any:
    """Refinement only, and nothing behind it."""
    seen: list[Any] = [0] * len(colours)
    for _ in colours:
        rows = [
            (colours[v], seen[v], sorted((e[0], i, [s if s < 0 else seen[s] for s in slots])
             for e in edges for slots in arrangements(e) for i, u in enumerate(slots) if u == v))
            for v in range(len(colours))
        ]  # fmt: skip
        seen = [sorted(rows).index(row) for row in rows]
    order = sorted(range(len(colours)), key=lambda v: seen[v])
    number = [order.index(v) for v in range(len(colours))]
    return tuple(number), tuple(sorted((e[0], min(arrangements(e))) for e in renamed(edges, number)))


def symmetries_forgotten(colours: Sequence[str], edges: Sequence[Edge], symmetries: Any = None) -> Any:
    return canonical_form(colours, edges)


def colours_forgotten(colours: Sequence[str], edges: Sequence[Edge], symmetries: Any = None) -> Any:
    return canonical_form("N" * len(colours), edges, symmetries)


def multiplicities_forgotten(colours: Sequence[str], edges: Sequence[Edge], symmetries: Any = None) -> Any:
    relabel, canonical = canonical_form(colours, edges, symmetries)
    return relabel, tuple(sorted(set(canonical)))


def order_of_slots_forgotten(colours: Sequence[str], edges: Sequence[Edge], symmetries: Any = None) -> Any:
    return canonical_form(colours, edges, {label: tuple(permutations(range(n))) for label, n in SLOTS.items()})


@pytest.mark.parametrize(
    "broken",
    [
        ties_by_input_order,
        symmetries_forgotten,
        colours_forgotten,
        multiplicities_forgotten,
        order_of_slots_forgotten,
    ],
)
def test_a_broken_labelling_is_caught(broken: Form) -> None:
    with pytest.raises(AssertionError):
        examine_form(broken)


@pytest.mark.parametrize("broken", [ties_by_input_order, order_of_slots_forgotten])
def test_a_broken_labelling_is_caught_by_the_comparison_with_brute_force(broken: Form) -> None:
    with pytest.raises(AssertionError):
        examine(lambda subject, both: check_decides(subject, *both), broken, pairs(), examples=600)


def test_the_labelling_with_ties_by_input_order_is_wrong_in_nothing_else() -> None:
    examine(check_is_a_relabelling, ties_by_input_order, graphs)


# Hard graphs, with the orders of their groups as the literature gives them --------------------------------------------


def undirected(size: int, ends: Iterable[Iterable[int]]) -> Graph:
    return Graph(("N",) * size, tuple((COVARIANCE, tuple(pair)) for pair in ends))


def cycle(size: int) -> Graph:
    return undirected(size, [(v, (v + 1) % size) for v in range(size)])


def cubic(size: int, *jumps: int) -> Graph:
    """The Hamiltonian cubic graph of an LCF code: a cycle, and a chord from each vertex."""
    chords = [(v, (v + jumps[v % len(jumps)]) % size) for v in range(size)]
    return undirected(size, {frozenset(pair) for _, pair in cycle(size).edges} | {frozenset(pair) for pair in chords})


def torus(*steps: tuple[int, int]) -> Graph:
    """The Cayley graph of Z4 x Z4."""
    return undirected(
        16, [(a, b) for a, b in combinations(range(16), 2) if ((b // 4 - a // 4) % 4, (b - a) % 4) in steps]
    )


def switched_triangular(*rings: Sequence[int]) -> Graph:
    """The line graph of K8 (its vertices are the pairs of 0..7), Seidel-switched with respect to the edges of some
    rings: the Chang graphs, strongly regular like the line graph itself, so refinement sees no difference."""
    switch = {frozenset(pair) for ring in rings for pair in zip(ring, [*ring[1:], ring[0]], strict=True)}
    ends = [frozenset(pair) for pair in combinations(range(8), 2)]
    return undirected(
        28,
        [
            (i, j)
            for i, j in combinations(range(28), 2)
            if bool(ends[i] & ends[j]) != ((ends[i] in switch) != (ends[j] in switch))
        ],
    )


def union(*parts: Graph) -> Graph:
    colours: tuple[str, ...] = ()
    edges: list[Edge] = []
    for part in parts:
        edges += renamed(part.edges, range(len(colours), len(colours) + len(part.colours)))
        colours += part.colours
    return Graph(colours, tuple(edges))


def under_one_index(graph: Graph, joined: int) -> Graph:
    """A vertex of another colour, with an edge to each of the first `joined` vertices."""
    hub = len(graph.colours)
    return Graph((*graph.colours, "C"), (*graph.edges, *[(MATRIX, (v, hub)) for v in range(joined)]))


K33 = undirected(6, [(a, b) for a in range(3) for b in range(3, 6)])
PRISM = undirected(6, [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3), (1, 4), (2, 5)])
PETERSEN = undirected(10, [p for i in range(5) for p in [(i, (i + 1) % 5), (i, i + 5), (5 + i, 5 + (i + 2) % 5)]])

HARD: dict[str, tuple[Graph, int]] = {
    "nine twins": (under_one_index(Graph(("N",) * 9, ()), 9), factorial(9)),
    "nine branches": (under_one_index(undirected(18, [(v, v + 9) for v in range(9)]), 9), factorial(9)),
    "directed 8-cycle": (Graph(("N",) * 8, tuple((MATRIX, (v, (v + 1) % 8)) for v in range(8))), 8),
    "8-cycle": (cycle(8), 16),
    "two 4-cycles": (union(cycle(4), cycle(4)), 2 * 8**2),
    "cycles of 3 and 5": (union(cycle(3), cycle(5)), 6 * 10),
    "two 3-cycles and a 6-cycle": (under_one_index(union(cycle(3), cycle(3), cycle(6)), 12), 2 * 6**2 * 12),
    "complete graph": (undirected(7, combinations(range(7), 2)), factorial(7)),
    "K33": (K33, 72),
    "prism": (PRISM, 12),
    "prism and K33": (union(PRISM, K33), 12 * 72),
    "cube": (cubic(8, 3, -3), 48),
    "Petersen": (PETERSEN, 120),
    "Frucht": (cubic(12, -5, -2, -4, 2, 5, -2, 2, 5, -2, -5, 4, 2), 1),
    "Franklin": (cubic(12, 5, -5), 48),
    "Heawood": (cubic(14, 5, -5), 336),
    "Pappus": (cubic(18, 5, 7, -7, 7, -7, -5), 216),
    "Fano plane": (Graph(("N",) * 7, tuple((CUBIC, (v, (v + 1) % 7, (v + 3) % 7)) for v in range(7))), 168),
    "rook": (torus((0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0)), 1152),
    "Shrikhande": (torus((0, 1), (0, 3), (1, 0), (3, 0), (1, 1), (3, 3)), 192),
    "Chang 1": (switched_triangular((0, 1), (2, 3), (4, 5), (6, 7)), 384),
    "Chang 2": (switched_triangular((0, 1, 2), (3, 4, 5, 6, 7)), 360),
    "Chang 3": (switched_triangular(range(8)), 96),
}
EASY_TO_LIST = [name for name, (_, order) in HARD.items() if order <= 5040]


@pytest.mark.parametrize("name", HARD)
def test_hard_graphs_have_one_form(name: str) -> None:
    for seed in range(5):
        check_is_invariant(canonical_form, HARD[name][0], seed)
    check_is_a_relabelling(canonical_form, HARD[name][0])


def test_hard_graphs_have_different_forms() -> None:
    """Among them are families that refinement can't tell apart, not even after one vertex is set apart."""
    assert len({canonical_form(*graph, SYMMETRIES)[1] for graph, _ in HARD.values()}) == len(HARD)


@pytest.mark.parametrize("name", EASY_TO_LIST)
def test_hard_graphs_have_their_groups(name: str) -> None:
    graph, order = HARD[name]
    group = automorphisms(*graph, SYMMETRIES)
    assert len(set(group)) == len(group) == order
    assert group[0] == tuple(range(len(graph.colours)))
    for p in group:
        assert [graph.colours[v] for v in p] == list(graph.colours)
        assert meaning(renamed(graph.edges, p)) == meaning(graph.edges)


def count_steps(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    steps = Counter[str]()
    refine, relabelled = labelling._refine, labelling._relabelled
    with monkeypatch.context() as patch:
        patch.setattr(labelling, "_refine", lambda *given: (steps.update(["refine"]), refine(*given))[1])
        patch.setattr(labelling, "_relabelled", lambda *given: (steps.update(["leaf"]), relabelled(*given))[1])
        canonical_form(*graph, SYMMETRIES)
    return steps


@pytest.mark.parametrize("name", [name for name in HARD if not name.startswith("Chang")])
def test_hard_graphs_take_few_steps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are counted, not seconds. Plain permutations would take up to 9! leaves."""
    for seed in range(3):
        steps = count_steps(shuffled(HARD[name][0], seed), monkeypatch)
        assert 1 <= steps["leaf"] <= 20
        assert steps["refine"] <= 100


def test_steps_are_many_without_orbits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling._Search, "orbit", lambda search, vertices, path: set(vertices))
    assert count_steps(HARD["nine branches"][0], monkeypatch)["leaf"] > 20


# The search sabotaged, in each of the things that keep it short -------------------------------------------------------

ORBIT, VISIT_LEAF, ORDER_TWINS = labelling._Search.orbit, labelling._Search.visit_leaf, labelling._order_twins


def cover_every_sibling(search: Any, vertices: list[int], path: tuple[int, ...]) -> set[int]:
    return set(range(99)) if vertices else set()


def let_automorphisms_move_the_path(search: Any, vertices: list[int], path: tuple[int, ...]) -> set[int]:
    return ORBIT(search, vertices, ())


def go_back_to_the_root(search: Any, *leaf: Any) -> int:
    before = len(search.generators)
    depth = VISIT_LEAF(search, *leaf)
    return depth if before == len(search.generators) else -1


def call_all_twins(cell: list[int], open_cells: list[list[int]], incident: list[Any]) -> Any:
    return ORDER_TWINS(cell, open_cells, [[] for _ in incident])


def forget_the_swaps(cell: list[int], open_cells: list[list[int]], incident: list[Any]) -> Any:
    ORDER_TWINS(cell, open_cells, incident)
    return []


@pytest.mark.parametrize(
    ("name", "sabotage"),
    [
        ("_Search.orbit", cover_every_sibling),
        ("_Search.orbit", let_automorphisms_move_the_path),
        ("_Search.visit_leaf", go_back_to_the_root),
        ("_order_twins", call_all_twins),
        ("_order_twins", forget_the_swaps),
    ],
)
def test_a_sabotaged_search_is_caught(name: str, sabotage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"symnorm.canonical.labelling.{name}", sabotage)
    with pytest.raises(AssertionError):
        for seed in range(30):
            check_is_invariant(canonical_form, HARD["Chang 3"][0], seed)
        examine(check_group, automorphisms, graphs, examples=200)
        examine_form(canonical_form, examples=150)


# Small facts, by hand -------------------------------------------------------------------------------------------------


def test_no_vertices_and_no_edges() -> None:
    assert canonical_form([], []) == ((), ())
    assert canonical_form(["N"], []) == ((0,), ())
    assert automorphisms([], []) == [()]
    assert automorphisms("NN", []) == [(0, 1), (1, 0)]


def test_free_slots_stay_and_tell_vertices_apart() -> None:
    one = canonical_form("NN", [(MATRIX, (0, -1)), (MATRIX, (1, -2))])
    other = canonical_form("NN", [(MATRIX, (1, -1)), (MATRIX, (0, -2))])
    assert one[1] == other[1]
    assert one[0] == other[0][::-1]
    assert canonical_form("N", [(MATRIX, (0, -1))]) != canonical_form("N", [(MATRIX, (0, -2))])


def test_symmetries_hold_for_their_label_only() -> None:
    swap = {COVARIANCE: SYMMETRIES[COVARIANCE]}
    for colours, slots in [("", (-1, -2)), ("N", (0, -1)), ("NC", (0, 1))]:
        for label in (COVARIANCE, MATRIX):
            one, other = (canonical_form(colours, [(label, order)], swap) for order in (slots, slots[::-1]))
            assert (one == other) == (label == COVARIANCE)


def test_labels_and_colours_may_be_any_orderable_values() -> None:
    relabel, edges = canonical_form([("a", 1), ("a", 0), ("a", 1)], [(("x", 2), (0, 1)), (("x", -1), (1, 2))])
    assert relabel[1] == 0
    assert edges == ((("x", -1), (0, relabel[2])), (("x", 2), (relabel[0], 0)))


def test_a_group_above_the_cap_is_refused_with_its_values() -> None:
    graph, _ = HARD["nine twins"]
    with pytest.raises(LabellingError, match="10 vertices and 9 edges has more than 5040 automorphisms"):
        automorphisms(*graph)
    complete, order = HARD["complete graph"]
    assert len(automorphisms(*complete, SYMMETRIES, cap=order)) == order
    with pytest.raises(LabellingError, match=f"more than {order - 1} "):
        automorphisms(*complete, SYMMETRIES, cap=order - 1)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_a_symmetry_that_does_not_fit_its_edge_is_refused(size: int) -> None:
    with pytest.raises(LabellingError, match=r"\(0, 1\) of label 2 permutes 2 slots, .* has 3: \(-1, -2, -3\)"):
        canonical_form("N" * size, [(COVARIANCE, (-1, -2, -3))], SYMMETRIES)
