"""The normal form against exact arithmetic: what it says, what it calls equal, what it calls different.

Every property is a function from an expression to what is wrong with its normal form, so that the same function is
shown to find something when a rule of the normal form is wrong as one gets it wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, reject, settings
from hypothesis import strategies as st

from symnorm.canonical import naming, resolve
from symnorm.canonical.content import split
from symnorm.canonical.context import Context
from symnorm.canonical.pivots import Solved
from symnorm.canonical.resolve import Resolver
from symnorm.canonical.signs import Signs
from symnorm.canonical.terms import Head, Poly, add, scale
from symnorm.closed_form.atoms import Vocabulary
from symnorm.closed_form.writer import Writer
from symnorm.evaluate import Model, OutsideDomain, Undetermined, provably_differ
from symnorm.tensors import Tensor, absolute, as_tensor, inputs, mean, sign, total, with_sizes
from tests.canonical.meaning import Imaginary, Meaning
from tests.canonical.strategies import (
    FREE_SLIPS,
    GAVE_UP,
    WIDE,
    C,
    M,
    N,
    P,
    Q,
    T,
    W,
    X,
    equal,
    expressions,
    normal_form,
    point,
    points,
    rewritten,
    slipped,
    values,
)

SEEDS = st.integers(0, 10**6)
SLOW = [HealthCheck.too_slow]  # a first example pays for SymPy's caches


# What a normal form says ----------------------------------------------------------------------------------------------


def misread(x: Tensor, model: Model, off_zero: bool = False) -> str:
    """Where the normal form has another value than the expression, wherever that one has a value at every index.

    With ``off_zero`` it need not be defined where a base that a statement's conditions keep away from 0 is 0.
    """
    wanted = values(x, model)
    if wanted is None:
        return ""
    made, poly = normal_form(x)
    meaning = Meaning(made.context, model)
    for at, value in wanted.items():
        indices = {axis.index: place for axis, place in zip(x.axes, at, strict=True)}
        try:
            found = meaning.at(poly, indices)
        except (Imaginary, Undetermined):
            continue
        except OutsideDomain as error:
            if off_zero:
                continue
            return f"{x!r} is {value} at {at}, its normal form is not defined: {error}"
        if provably_differ(value, found):
            return f"{x!r} is {value} at {at}, its normal form {found}: {poly}"
    return ""


def misread_somewhere(x: Tensor, seed: int, count: int = 3, off_zero: bool = False, **options: Any) -> str:
    """The first of a few points where the normal form is wrong."""
    try:
        return next(filter(None, (misread(x, model, off_zero) for model in points((x,), seed, count, **options))), "")
    except GAVE_UP:
        reject()


@settings(max_examples=400, suppress_health_check=SLOW)
@given(expressions(), SEEDS)
def test_a_normal_form_has_the_value_of_what_was_read(x: Tensor, seed: int) -> None:
    assert misread_somewhere(x, seed) == ""


@settings(max_examples=100, suppress_health_check=SLOW)
@given(expressions(steps=4), SEEDS, st.integers(1, 3))
def test_so_it_has_at_fixed_sizes(x: Tensor, seed: int, size: int) -> None:
    (fixed,) = with_sizes((x,), {"N": size})
    assert misread_somewhere(fixed, seed, sizes=[(size, 1), (size, 2), (size, 3)]) == ""


@settings(max_examples=80, suppress_health_check=SLOW)
@given(expressions(steps=4, signs=False, more={"to the t": lambda x: x**T, "to the 2t": lambda x: x ** (2 * T)}), SEEDS)
def test_so_it_has_with_symbolic_exponents(x: Tensor, seed: int) -> None:
    assert misread_somewhere(x, seed, numbers=[[Fraction(n) for n in (-2, -1, 0, 1, 2)]]) == ""


POWERS = {
    "size to the p": lambda x: absolute(x) ** P,
    "to the p": lambda x: x**P,
    "to the 1/p": lambda x: x ** (1 / P),
    "square to the q": lambda x: (x**2) ** Q,
    "to the p q": lambda x: x ** (P * Q),
    "minus six times to the q": lambda x: (-6 * x) ** Q,
    "p-norm": lambda x: total(absolute(x) ** P, over=x.axes) ** (1 / P) if x.axes else absolute(x),
}


@settings(max_examples=120, suppress_health_check=SLOW)
@given(expressions(steps=5, deltas=False, more=POWERS), SEEDS)
def test_so_it_has_with_any_exponents(x: Tensor, seed: int) -> None:
    assert misread_somewhere(x, seed, numbers=[[Fraction(n, 2) for n in (-4, -2, -1, 0, 1, 2, 3)]]) == ""


LOWER = {"size to the p - 1": lambda x: absolute(x) ** (P - 1), "to the 1 - 2q": lambda x: x ** (1 - 2 * Q)}


@settings(max_examples=80, suppress_health_check=SLOW)
@given(expressions(steps=4, deltas=False, more={**POWERS, **LOWER}), SEEDS)
def test_so_it_has_with_lower_exponents_off_zero(x: Tensor, seed: int) -> None:
    assert misread_somewhere(x, seed, numbers=[[Fraction(n, 2) for n in (-4, -2, -1, 1, 2, 3)]], off_zero=True) == ""


# What it calls equal --------------------------------------------------------------------------------------------------


def difference(left: Tensor, right: Tensor, model: Model) -> str | None:
    """Where two expressions differ at a point; ``None`` if one of them has no value at some index."""
    axes = max((left.axes, right.axes), key=len)
    found = [values(side, model, axes) for side in (left, right)]
    if found[0] is None or found[1] is None:
        return None
    for at, value in found[0].items():
        if provably_differ(value, found[1][at]):
            return f"{left!r} is {value} and {right!r} is {found[1][at]} at {at} of {model}"
    return ""


def called_equal(left: Tensor, right: Tensor) -> bool:
    try:
        return equal(left, right)
    except GAVE_UP:
        reject()


@settings(max_examples=250, suppress_health_check=SLOW)
@given(expressions(steps=4), SEEDS)
def test_what_has_one_normal_form_is_equal(x: Tensor, seed: int) -> None:
    other = slipped(x, seed)
    if called_equal(x, other):
        for model in points((x, other), seed, 5):
            assert not difference(x, other, model)


@settings(max_examples=150, suppress_health_check=SLOW)
@given(expressions(signs=False, deltas=False, steps=4) | expressions(signs=False, roots=False), SEEDS)
def test_the_writing_does_not_matter(x: Tensor, seed: int) -> None:
    """Bound names, the order of sums, factors and terms, a product with a sum multiplied out, content of a root."""
    assert called_equal(x, rewritten(x, seed))


@settings(max_examples=80, suppress_health_check=SLOW)
@given(expressions(steps=4), SEEDS)
def test_another_writing_is_the_same_expression(x: Tensor, seed: int) -> None:
    """The check of the check: what is called another writing has the same values."""
    for model in points((x,), seed, 3):
        if values(x, model) is not None:
            assert difference(x, rewritten(x, seed), point((x, rewritten(x, seed)), seed)) in ("", None)


@settings(max_examples=120, suppress_health_check=SLOW)
@given(expressions(signs=False))
def test_reading_a_normal_form_back_changes_nothing(x: Tensor) -> None:
    """Where every root has a pivot: nothing is then divided by but roots, and the form is a polynomial in them."""
    try:
        made, poly = normal_form(x)
        assume(not any(head.kind == "reciprocal" for head in heads_of(poly)))
        written = Writer(made.context, Vocabulary(inputs(x), {}, x.axes)).write(poly)
    except GAVE_UP:
        reject()
    assert made.read(written.element) == [poly]
    assert equal(x, written)


def heads_of(poly: Poly) -> set[Head]:
    return {head for monomial in poly for component, _ in monomial for head, _, _ in component.atoms}


# What it calls different ----------------------------------------------------------------------------------------------


@settings(max_examples=150, suppress_health_check=SLOW)
@given(expressions(signs=False, steps=4), SEEDS)
def test_free_expressions_with_different_normal_forms_differ(x: Tensor, seed: int) -> None:
    """At sizes that are different and larger than the number of indices, and numbers drawn from many."""
    other = slipped(x, seed, FREE_SLIPS)
    assume(not called_equal(x, other))
    found = [difference(x, other, point((x, other), seed + k, sizes=[(5, 7)], numbers=[WIDE])) for k in range(3)]
    assume(any(gap is not None for gap in found))
    assert any(found)


# The checks can fail --------------------------------------------------------------------------------------------------


def _without_signs(poly: Poly) -> Any:
    number, shared, primitive = split(poly)
    return abs(number), shared, primitive


def _bound_without_size(right: Callable[..., Poly]) -> Callable[..., Poly]:
    def bind(self: Context, poly: Poly, token: int, colour: str) -> Poly:
        touched = {m: c for m, c in poly.items() if any(token in component.free for component, _ in m)}
        rest = {m: c for m, c in poly.items() if m not in touched}
        return add(right(self, touched, token, colour), rest)

    return bind


SABOTAGE: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a pivot's coefficient": lambda patch: patch.setattr(
        Solved, "replacement", lambda self, inverse, right=Solved.replacement: scale(right(self, inverse), 2)
    ),
    "content without its sign": lambda patch: (
        patch.setattr(resolve, "split", _without_signs),
        patch.setattr(naming, "split", _without_signs),
    )[0],
    "a sum without its size": lambda patch: patch.setattr(Context, "bind", _bound_without_size(Context.bind)),
    "an absolute value without its sign": lambda patch: patch.setattr(
        Resolver, "_absolute", lambda self, poly, *rest: poly
    ),
    "everything is not negative": lambda patch: patch.setattr(Signs, "nonnegative", lambda self, component: True),
    "sums are visibly positive": lambda patch: patch.setattr(Signs, "visibly_positive", lambda self, poly: True),
    "the square of a sign is one": lambda patch: patch.setattr(Context, "_is_unit", lambda *_: True),
    "a delta forgets to rename": lambda patch: patch.setattr(
        Context,
        "_contract",
        lambda self, atoms, position, slots, colours: self.assemble(atoms[:position] + atoms[position + 1 :], colours),
    ),
    "an even power of a root is not absolute": lambda patch: patch.setattr(
        Resolver, "_sign_of_power", lambda self, component, exponent: {frozenset(): 1}
    ),
}


@pytest.mark.parametrize("what", SABOTAGE)
def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    SABOTAGE[what](monkeypatch)

    def shows(drawn: tuple[Tensor, int]) -> bool:
        x, seed = drawn
        try:
            return any(misread(x, model) for model in points((x,), seed, 3))
        except (*GAVE_UP, RecursionError):
            return False

    effort = settings(max_examples=600, derandomize=True, database=None, phases=[Phase.generate])
    x, seed = find(st.tuples(expressions(steps=4), SEEDS), shows, settings=effort)
    assert any(misread(x, model) for model in points((x,), seed, 3))


def test_a_wrong_equation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of equations: with a sign dropped, an expression and a slip in it are called equal and are not."""
    SABOTAGE["an absolute value without its sign"](monkeypatch)

    def shows(drawn: tuple[Tensor, int]) -> bool:
        x, seed = drawn
        other = slipped(x, seed)
        try:
            return equal(x, other) and any(difference(x, other, model) for model in points((x, other), seed, 5))
        except GAVE_UP:
            return False

    effort = settings(max_examples=600, derandomize=True, database=None, phases=[Phase.generate])
    assert shows(find(st.tuples(expressions(steps=4), SEEDS), shows, settings=effort))


def test_points_meet_zeros_ties_and_sizes_of_one() -> None:
    """The properties are as good as the points: false equations that hold almost everywhere are false at some."""
    almost = {
        "sgn(x)^2 = 1 but at 0": (sign(X) ** 2, as_tensor(1)),
        "no ties": (total(sign(W - W.rename({N: M})) ** 2, over=(N, M)), N.size**2 - as_tensor(N.size)),
        "more than one sample": (mean(W, over=N) ** 2 * (N.size - 1), total(W, over=N) ** 2 / N.size**2),
        "unequal sizes": ((N.size - C.size) * total(W, over=N), as_tensor(0)),
    }
    for left, right in almost.values():
        found = [difference(left, right, model) for model in points((left, right), 0, 100)]
        assert "" in found or left.op == "sub"
        assert any(found)
