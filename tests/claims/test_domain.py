"""Where formulas are defined: what each operation needs, which needs the signs settle, and what is listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import product

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symnorm.canonical import Facts, Solver, visible
from symnorm.canonical.visible import Sign, Visible
from symnorm.claims import decide
from symnorm.claims.domain import NEEDS, conditions, distinct, in_words, needs, settled
from symnorm.evaluate import OutsideDomain, Undetermined, evaluate, sign_of
from symnorm.normalizers import batch_norm, weight_norm
from symnorm.tensors import (
    Loss,
    Relation,
    Tensor,
    absolute,
    amax,
    amin,
    as_tensor,
    at_max,
    at_min,
    axes,
    cholesky,
    clip,
    delta,
    eigenbasis,
    equal,
    erf,
    exp,
    log,
    maximum,
    mean,
    minimum,
    norm,
    scalar,
    sign,
    singular_pair,
    sqrt,
    stop_gradient,
    tensor,
    total,
    unequal,
    var,
)
from symnorm.tensors.axis import Index
from symnorm.tensors.tensor import ELEMENT
from tests.ids import stable
from tests.tensors.graphs import INPUTS, extent, graphs, named, point

N, C = axes("N C")
M = N.copy("M")
x, v, w = tensor("x", N, C), tensor("v", N), tensor("w", C)
a, b = scalar("a"), scalar("b")
p, q, z = scalar("p", positive=True), scalar("q", nonnegative=True), scalar("z", nonzero=True)

D, K = C.copy("D"), C.copy("K")
PAIR = singular_pair(x, v, p, w)
FACTOR = cholesky(tensor("S", C, D, symmetric=True), tensor("L", C, K), tensor("R", K, C), tensor("place", C))
BASIS = eigenbasis(tensor("S", C, D, symmetric=True), tensor("lam", K, positive=True), tensor("V", C, K))

UNKNOWN = Sign()
UP, DOWN = Sign(nonnegative=True), Sign(nonpositive=True)
POSITIVE, NEGATIVE = Sign(nonnegative=True, nonzero=True), Sign(nonpositive=True, nonzero=True)
NONZERO, ZERO = Sign(nonzero=True), Sign(nonnegative=True, nonpositive=True)


def sign_of_tensor(made: Tensor, **facts: object) -> Sign:
    return Visible(Facts(**facts)).of(made.element)  # type: ignore[arg-type]


# --- signs -----------------------------------------------------------------------------------------------------------

SIGNS: dict[str, list[tuple[Tensor, Sign]]] = {
    "input": [(a, UNKNOWN), (p, POSITIVE), (q, UP), (z, NONZERO), (tensor("t", N, positive=True), POSITIVE)],
    "const": [
        (as_tensor(0), ZERO),
        (as_tensor(2), POSITIVE),
        (as_tensor(Fraction(-1, 3)), NEGATIVE),
        (as_tensor(N), POSITIVE),
        (as_tensor(N.size - 1), UP),
        (as_tensor(N.size - 2), UNKNOWN),
        (as_tensor(-N.size), NEGATIVE),
        (as_tensor(N.size * C.size - N.size), UP),
        (as_tensor(1 - N.size), DOWN),
        (as_tensor(N.size / C.size), POSITIVE),
    ],
    "add": [(p + q, POSITIVE), (q + q**2, UP), (p + a, UNKNOWN), (-p + -p, NEGATIVE), (a**2 + 1, POSITIVE)],
    "sub": [(p - -q, POSITIVE), (p - p, UNKNOWN), (-p - q, NEGATIVE), (q - p, UNKNOWN), (0 - q, DOWN)],
    "neg": [(-p, NEGATIVE), (-q, DOWN), (-a, UNKNOWN), (-z, NONZERO)],
    "mul": [(p * q, UP), (p * z, NONZERO), (a * a, UP), (z * z, POSITIVE), (-p * q, DOWN), (a * b, UNKNOWN)],
    "div": [(p / p, POSITIVE), (q / p, UP), (a / p, UNKNOWN), (p / -p, NEGATIVE), (z / z, NONZERO)],
    "pow": [
        (a**2, UP),
        (z**2, POSITIVE),
        (z**-2, POSITIVE),
        (a**3, UNKNOWN),
        ((-p) ** 3, NEGATIVE),
        (p ** Fraction(1, 2), POSITIVE),
        (a ** Fraction(1, 2), UP),
        (p**b, POSITIVE),
        (a**b, UNKNOWN),
    ],
    "sqrt": [(sqrt(p), POSITIVE), (sqrt(q), UP), (sqrt(a), UP)],
    "total": [
        (total(x**2, over=N), UP),
        (total(x**2 + 1, over=N), POSITIVE),
        (total(x, over=N), UNKNOWN),
        (total(-(x**2) - 1, over=(N, C)), NEGATIVE),
        (total(tensor("t", N, nonzero=True), over=N), UNKNOWN),  # numbers other than 0 may add up to 0
        (total(p, over=N), POSITIVE),
    ],
    "mean": [
        (mean((x - mean(x, over=N)) ** 2, over=N), UP),
        (mean(x, over=N), UNKNOWN),
        (var(x, over=N) + p, POSITIVE),
    ],
    "abs": [(absolute(a), UP), (absolute(z), POSITIVE), (absolute(-p), POSITIVE)],
    "sign": [(sign(a), UNKNOWN), (sign(p), POSITIVE), (sign(-q), DOWN), (sign(z), NONZERO)],
    "exp": [(exp(a), POSITIVE), (exp(-x), POSITIVE)],
    "log": [(log(p), UNKNOWN)],
    "erf": [(erf(p), POSITIVE), (erf(-q), DOWN), (erf(a), UNKNOWN)],
    "maximum": [
        (maximum(a, p), POSITIVE),
        (maximum(a, q), UP),
        (maximum(-p, -q), DOWN),
        (maximum(-p, -p), NEGATIVE),
        (maximum(a, b), UNKNOWN),
        (clip(a, p, b + q), UNKNOWN),
    ],
    "minimum": [(minimum(p, p), POSITIVE), (minimum(p, q), UP), (minimum(a, -p), NEGATIVE), (minimum(a, p), UNKNOWN)],
    "amax": [
        (amax(x, over=N), UNKNOWN),
        (amax(p * x**2, over=N), UP),
        (amax(-(x**2), over=(N, C)), DOWN),
        (amax(tensor("t", N, nonzero=True), over=N), NONZERO),
        (amax(p + absolute(x), over=N), POSITIVE),
    ],
    "amin": [
        (amin(x, over=N), UNKNOWN),
        (amin(x**2, over=N), UP),
        (amin(exp(x), over=N), POSITIVE),
        (amin(-exp(x), over=N), NEGATIVE),
    ],
    "at_max": [(at_max(x, over=N), UP)],
    "at_min": [(-at_min(x, over=N), DOWN)],
    "delta": [(delta(N, M), UP), (delta(N, M) * -1, DOWN)],
    "stop": [(stop_gradient(p), POSITIVE), (stop_gradient(a), UNKNOWN)],
    "rename": [((v**2).rename({N: M}), UP)],
    "let": [(named(p + q), POSITIVE), (named(a), UNKNOWN)],
    "cotangent": [(Loss("L").cotangent(v), UNKNOWN)],
    "curvature": [(Loss("L").curvature(v, (M,)), UNKNOWN)],
    # what is known only through relations has the sign that its input declares
    "singular_value": [(PAIR.sigma, POSITIVE), (-PAIR.sigma, NEGATIVE)],
    "singular_vector": [(PAIR.u, UNKNOWN), (PAIR.v**2, UP)],
    "eigenvalues": [(BASIS.values, POSITIVE)],
    "eigenvectors": [(BASIS.vectors, UNKNOWN)],
    "inverse_factor": [(FACTOR.inverse_factor, UNKNOWN)],
    "inverse_root": [(BASIS.inverse_root, UNKNOWN)],
}
SIGN_CASES = [(made, expected) for cases in SIGNS.values() for made, expected in cases]


def test_every_operation_has_its_signs_here() -> None:
    assert SIGNS.keys() == ELEMENT.keys()


@pytest.mark.parametrize(("made", "expected"), SIGN_CASES, ids=[repr(made) for made, _ in SIGN_CASES])
def test_signs_are_seen_from_the_form(made: Tensor, expected: Sign) -> None:
    assert sign_of_tensor(made) == expected


@pytest.mark.parametrize(
    ("made", "facts", "expected"),
    [
        (a, {"positive": frozenset("a")}, POSITIVE),
        (a, {"nonnegative": frozenset("a")}, UP),
        (a, {"negative": frozenset("a")}, NEGATIVE),
        (a, {"nonpositive": frozenset("a")}, DOWN),
        (a, {"nonzero": frozenset("a")}, NONZERO),
        (a, {"nonnegative": frozenset("a"), "nonzero": frozenset("a")}, POSITIVE),
        (a * b, {"negative": frozenset("ab")}, POSITIVE),
        (total(x, over=N), {"positive": frozenset("x")}, POSITIVE),
        (as_tensor(N.size - 2), {"least": {"N": 2}}, UP),
        (as_tensor(N.size - 2), {"least": {"N": 3}}, POSITIVE),
        (as_tensor(N.size - C.size), {"least": {"N": 9}}, UNKNOWN),
        (as_tensor(N.size**2 - 3 * N.size + 2), {"least": {"N": 2}}, UP),
        (as_tensor(N.size**2 - 3 * N.size + 2), {}, UNKNOWN),  # 0 at 1 and 2, positive from 3: not visible
    ],
    ids=stable,
)
def test_assumptions_give_signs(made: Tensor, facts: dict[str, object], expected: Sign) -> None:
    assert sign_of_tensor(made, **facts) == expected


# --- what is seen is true --------------------------------------------------------------------------------------------

ASSUMABLE = {"positive": ">", "nonnegative": ">=", "negative": "<", "nonzero": "!="}
FREE = [str(leaf.data.name) for leaf in INPUTS if leaf.data.assumptions == {"real": True}]


def places(made: Tensor, sizes: Mapping[str, int]) -> Iterator[dict[Index, int]]:
    """Every index."""
    for at in product(*(range(1, extent(axis, sizes) + 1) for axis in made.axes)):
        yield dict(zip((axis.index for axis in made.axes), at, strict=True))


def values(made: Tensor, seed: int, sizes: Mapping[str, int], assumed: Mapping[str, str]) -> list[int]:
    """The signs at every index of a random point where they exist."""
    model = point(seed, sizes, made, signs=assumed)
    found = []
    for at in places(made, sizes):
        try:
            found.append(sign_of(evaluate(made.element, model, at)))
        except (OutsideDomain, Undetermined):
            continue
    return [s for s in found if s is not None]


def wrong_signs(made: Tensor, assumed: Mapping[str, str], sizes: Mapping[str, int], seed: int) -> list[int]:
    """The signs that a random point contradicts."""
    names = {fact: frozenset(n for n, s in assumed.items() if s == symbol) for fact, symbol in ASSUMABLE.items()}
    seen = sign_of_tensor(made, **names, least={"N": sizes["N"]})
    found = values(made, seed, sizes, assumed)
    return [
        s for s in found if (seen.nonnegative and s < 0) or (seen.nonpositive and s > 0) or (seen.nonzero and s == 0)
    ]


@settings(max_examples=300)
@given(
    graphs(steps=5),
    st.dictionaries(st.sampled_from(FREE), st.sampled_from(sorted(ASSUMABLE.values()))),
    st.fixed_dictionaries({"N": st.integers(1, 3), "C": st.integers(1, 2)}),
    st.integers(0, 10**6),
)
def test_what_is_seen_of_a_sign_is_true_at_every_index(
    made: Tensor, assumed: dict[str, str], sizes: dict[str, int], seed: int
) -> None:
    assert wrong_signs(made, assumed, sizes, seed) == []


@settings(max_examples=60)
@given(graphs(steps=3, one=("square", "abs", "sqrt", "total N", "mean C", "plus one", "centred"), two=("add", "mul")))
def test_something_is_seen(made: Tensor) -> None:
    """The rules are no formality: a square plus a positive number is seen to be positive, whatever is squared."""
    assert sign_of_tensor(made**2 + p).positive
    assert sign_of_tensor(sqrt(absolute(made)) * p).nonnegative


def test_the_comparison_shows_a_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    made = total(tensor("z", N, nonzero=True), over=N)
    points = [({}, {"N": 2, "C": 1}, seed) for seed in range(40)]
    assert not any(wrong_signs(made, *at) for at in points)
    monkeypatch.setitem(visible.RULES, sp.Sum, lambda s, e: s.of(e.function))
    assert any(wrong_signs(made, *at) for at in points)


# --- needs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (a / b, ["b != 0"]),
        (a / b / b, ["b != 0"]),
        (sqrt(a), ["a >= 0"]),
        (log(a), ["a > 0"]),
        (a**-1, ["a != 0"]),
        (a**3, []),
        (a**0, []),
        (a ** Fraction(1, 2), ["a >= 0"]),
        (a ** Fraction(-1, 2), ["a > 0"]),
        (a**b, ["a > 0"]),
        (a / sqrt(b), ["b >= 0", "sqrt(b) != 0"]),
        (total(x / w, over=N), ["w != 0"]),
        (exp(a) + sign(a) * absolute(b), []),
        (1 / (a - a), ["a - a != 0"]),
        (named(a / b), ["b != 0"]),
        (stop_gradient(a / b), ["b != 0"]),
        (Loss("L").cotangent(v / a), ["a != 0"]),
    ],
    ids=repr,
)
def test_what_a_formula_needs(made: Tensor, expected: list[str]) -> None:
    assert sorted(repr(relation) for relation in needs(made)) == sorted(expected)


def test_needs_are_read_before_anything_cancels() -> None:
    gamma = tensor("gamma", C)
    assert [repr(r) for r in needs(gamma / gamma, (a**2 - a) / a - a)] == ["gamma != 0", "a != 0"]


def test_a_shared_divisor_is_needed_once() -> None:
    divisor = a + b
    assert [repr(r) for r in needs(x / divisor, w / divisor)] == ["a + b != 0"]


NOT_TOTAL = {"curvature", *NEEDS}
TOTAL = [made for op, cases in SIGNS.items() if op not in NOT_TOTAL for made, _ in cases if not needs(made)]


@pytest.mark.parametrize("made", TOTAL, ids=repr)
def test_what_needs_nothing_is_defined_everywhere(made: Tensor) -> None:
    sizes = {"N": 2, "C": 2}
    for seed in range(5):
        model = point(seed, sizes, made)
        assert all(sign_of(evaluate(made.element, model, at)) in (-1, 0, 1, None) for at in places(made, sizes))


@settings(max_examples=150)
@given(graphs(steps=5), st.integers(0, 10**6))
def test_where_all_needs_hold_the_formula_is_defined(made: Tensor, seed: int) -> None:
    sizes = {"N": 2, "C": 2}
    model = point(seed, sizes, made)

    def holds(relation: Relation) -> bool:
        try:
            found = [sign_of(evaluate(relation.left.element, model, at)) for at in places(relation.left, sizes)]
        except (OutsideDomain, Undetermined):
            return False
        return all(s is not None and {"!=": s != 0, ">=": s >= 0, ">": s > 0}[relation.relation] for s in found)

    if all(holds(relation) for relation in needs(made)):
        for at in places(made, sizes):
            with suppress(Undetermined):
                evaluate(made.element, model, at)  # OutsideDomain is the failure


# --- discharge and listing -------------------------------------------------------------------------------------------


def listed(made: Tensor, **facts: object) -> list[str]:
    return [repr(r) for r in conditions(needs(made), Visible(Facts(**facts)))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        (p > 0, True),
        (q > 0, False),
        (q >= 0, True),
        (unequal(p, 0), True),
        (unequal(q, 0), False),
        (unequal(-p, 0), True),
        (-p > 0, False),
        (sqrt(q) >= 0, True),
    ],
    ids=repr,
)
def test_a_need_is_settled_by_the_sign(relation: Relation, holds: bool) -> None:
    assert settled(relation, Visible(Facts())) is holds


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (x / sqrt(var(x, over=N) + p), []),
        (x / sqrt(var(x, over=N)), ["mean[N]((x - mean[N](x))**2) > 0"]),
        (x / norm(x, over=C), ["sum[C](x**2) > 0"]),
        (a / (p * b), ["b != 0"]),
        (a / (b * b), ["b != 0"]),
        (a / b**4, ["b != 0"]),
        (a / -b, ["b != 0"]),
        (a / absolute(b), ["b != 0"]),
        (a / (b * w), ["b*w != 0"]),
        (a / named(sqrt(b)), ["b >= 0", "b != 0"]),
        (sqrt(a**2), []),
        (log(a**2), ["a**2 > 0"]),
        (a / (q + 1), []),
        (a / as_tensor(N.size - 1), ["N - 1 > 0"]),
        (a / as_tensor(N.size), []),
        (a / as_tensor(N.size - 2), ["N - 2 != 0"]),
    ],
    ids=repr,
)
def test_what_is_not_settled_is_listed_in_its_simplest_form(made: Tensor, expected: list[str]) -> None:
    assert listed(made) == expected


def test_assumptions_discharge() -> None:
    assert listed(a / b, nonzero=frozenset("b")) == []
    assert listed(a / as_tensor(N.size - 1), least={"N": 2}) == []
    assert listed(sqrt(a) / b, nonnegative=frozenset("a"), negative=frozenset("b")) == []
    assert listed(log(a), nonnegative=frozenset("a")) == ["a > 0"]


def test_one_condition_is_listed_once_and_two_of_one_name_both() -> None:
    eps0 = {"eps": 0}
    u = tensor("u", N, C)
    twice = batch_norm(x, **eps0) - 2 * batch_norm(x, **eps0)
    assert listed(twice) == ["var > 0"]
    other = conditions(needs(batch_norm(x, **eps0) - batch_norm(u, **eps0)), Visible(Facts()))
    assert len(distinct(other, Solver())) == 2
    assert len(set(in_words(other))) == 2


def test_conditions_that_mean_the_same_are_told_once() -> None:
    facts = Facts(positive=frozenset("a"))
    scaled = conditions(needs(weight_norm(v=a * weight_norm.inputs["v"]) - weight_norm()), Visible(facts))
    assert len(scaled) == 2
    assert [repr(r) for r in distinct(scaled, Solver(facts))] == ["sum[K](v**2) > 0"]


def test_a_divisor_inside_a_size_expression_is_a_need_too() -> None:
    verdict = decide([equal(as_tensor(1 / (N.size - 2)) * as_tensor(N.size - 2), 1)])
    assert verdict.status == "proved" and verdict.conditions == ("N - 2 != 0",)
