"""What a normalizer is blind to: each usual transformation decided, none of it typed in.

The table of Ba, Kiros & Hinton 2016 (section 5.1, Table 1) for any normalizer: re-scaling and re-centring of what it
normalizes, along each axis; of the weight matrix, of single weight vectors, of the data and of a single case of a
linear layer before it; permutations. An answer is *invariant*, *equivariant* with its factor, or *refuted* with a
point; each is a verdict of the prover, and says under which assumptions it holds. What is known only through relations
is not taken for fixed: :mod:`symnorm.claims.solved_anew`. Called by ``symnorm invariances``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from symnorm.claims.prover import decide
from symnorm.claims.solved_anew import Moved, moves, refuted, solves
from symnorm.claims.verdict import PROVED, REFUTED, UNDECIDED, Verdict
from symnorm.errors import SymnormError
from symnorm.normalizers import Normalizer
from symnorm.tensors import Axis, Relation, Tensor, as_tensor, dot, equal, tensor

INVARIANT, EQUIVARIANT, NEITHER, OPEN = "invariant", "equivariant", "not invariant", "undecided"
WEIGHTS = ("v", "w", "W")
"""A first input of such a name is the weights of a linear layer; any other is what a layer gives out."""

ADDED = ("beta", "b", "bias", "style_mean")
"""Inputs that are added at the end: equivariance is of the output without them."""

Layer = Callable[[Tensor], Tensor]


def _as_it_is(y: Tensor) -> Tensor:
    return y


@dataclass(frozen=True)
class Transformation:
    """One change, of one thing.

    Attributes:
        of: what is changed: input, weights, data.
        change: the change in words.
        given, changed: what is normalized, without it and with it.
        layer: what a layer makes of the output, without it and with it.
        factor: what the output could be multiplied by, a number above 0.
        term: what could be added to it.
        negative: whether its sign is turned as well.
    """

    of: str
    change: str
    given: Tensor
    changed: Tensor
    layer: tuple[Layer, Layer] = (_as_it_is, _as_it_is)
    factor: Tensor | None = None
    term: Tensor | None = None
    negative: bool = False


@dataclass(frozen=True)
class Answer:
    """What was found of a transformation.

    Attributes:
        transformation: which one.
        status: invariant, equivariant, not invariant or undecided.
        factor: of an equivariance, ``a*y`` or ``y + b``.
        under: the assumptions that it needs.
        moved: what solves the relations then, by name, where there are any.
        verdict: the verdict that says so; of "not invariant" the refutation, of a permutation none.
    """

    transformation: Transformation
    status: str
    factor: str = ""
    under: str = ""
    moved: Mapping[str, Tensor] = field(default_factory=dict)
    verdict: Verdict | None = None


def transformations(one: Normalizer) -> list[Transformation]:
    """The changes that are decided for a normalizer.

    Example:
        >>> from symnorm.normalizers import layer_norm
        >>> [t.change for t in transformations(layer_norm)][:3]
        ['a*x, a > 0', '-a*x, a > 0', 'x + b']
    """
    name = next(iter(one.inputs))
    return [*_of_input(one), *(_of_weights(one) if name in WEIGHTS else _of_layer(one))]


def _number(one: Normalizer, letters: str, *axes: Axis, sign: str = "") -> Tensor:
    """A number, or one for each index, called by the first letter that the definition has no use for."""
    name = next(letter for letter in letters if letter not in one.inputs)
    return tensor(name, *axes, **({sign: True} if sign else {}))


FACTORS, TERMS = "acdef", "btdef"
"""What a factor may be called, and what is added."""


def _words(number: Tensor) -> str:
    """A number as a formula has it: ``a_(g,k)``."""
    indices = [str(axis.index) for axis in number.axes]
    name = str(number.data.name)
    return f"{name}_({','.join(indices)})" if len(indices) > 1 else "_".join([name, *indices])


def _of_input(one: Normalizer) -> Iterator[Transformation]:
    name, x = next(iter(one.inputs.items()))
    of = "weights" if name in WEIGHTS else "input"

    def scaled(factor: Tensor) -> Transformation:
        return Transformation(of, f"{_words(factor)}*{name}, {_words(factor)} > 0", x, factor * x, factor=factor)

    def shifted(term: Tensor) -> Transformation:
        return Transformation(of, f"{name} + {_words(term)}", x, x + term, term=term)

    a = _number(one, FACTORS, sign="positive")
    yield scaled(a)
    yield Transformation(of, f"-{_words(a)}*{name}, {_words(a)} > 0", x, -a * x, factor=a, negative=True)
    yield shifted(_number(one, TERMS))
    for axis in x.axes:
        yield scaled(_number(one, FACTORS, axis, sign="positive"))
        yield shifted(_number(one, TERMS, axis))


def _free(x: Tensor, names: str) -> Axis:
    """An axis that x does not have."""
    taken = {axis.name for axis in x.axes}
    return Axis(next(name for name in names if name not in taken))


def _of_layer(one: Normalizer) -> Iterator[Transformation]:
    """A linear layer before the normalizer: K inputs, one unit for each index of the features.

    Relations are solved for what the layer gives out. That may be anything, so its changes are stated as changes of it:
    a number for each case added by ``W + b``, one for each unit by ``A + b``.
    """
    x = next(iter(one.inputs.values()))
    cases, features = _roles(x, one)
    if not features or not cases:
        return
    inner = _free(x, "KJIH")
    data, weights = tensor("A", *cases, inner), tensor("W", inner, *features)
    a, shift = _number(one, FACTORS, sign="positive"), _number(one, TERMS, inner)
    unit, case = (_number(one, FACTORS, *axes, sign="positive") for axes in (features, cases[:1]))

    def layer(data: Tensor, weights: Tensor) -> Tensor:
        return dot(data, weights, over=inner)

    def change(of: str, words: str, product: Tensor, anything: Tensor, factor: Tensor | None = None) -> Transformation:
        given, changed = (x, anything) if one.auxiliary else (layer(data, weights), product)
        return Transformation(of, words, given, changed, factor=factor)

    i, n, units = inner.index, cases[0].index, ",".join(str(axis.index) for axis in features)
    f, t, of_unit = a.data.name, shift.data.name, f"{a.data.name}_({units})"
    by_case, by_unit = _number(one, TERMS, *cases), _number(one, TERMS, *features)
    yield change("weight matrix", f"{f}*W, {f} > 0", layer(data, a * weights), a * x, a)
    yield change("weight matrix", f"W + {t}_{i} for all units", layer(data, weights + shift), x + by_case)
    yield change("weight vector", f"{of_unit}*W, {of_unit} > 0", layer(data, unit * weights), unit * x, unit)
    yield change("data set", f"{f}*A, {f} > 0", layer(a * data, weights), a * x, a)
    yield change("data set", f"A + {t}_{i} for all cases", layer(data + shift, weights), x + by_unit)
    yield change("single case", f"{f}_{n}*A, {f}_{n} > 0", layer(case * data, weights), case * x, case)


def _of_weights(one: Normalizer) -> Iterator[Transformation]:
    """The linear layer whose weights are normalized."""
    v = next(iter(one.inputs.values()))
    inner, case = v.axes[-1], _free(v, "NMBA")
    data = tensor("A", case, inner)
    a, each = _number(one, FACTORS, sign="positive"), _number(one, FACTORS, case, sign="positive")
    shift = _number(one, TERMS, inner)
    i, n, f, t = inner.index, case.index, a.data.name, shift.data.name

    def change(of: str, words: str, changed: Tensor, factor: Tensor | None = None) -> Transformation:
        layer = (lambda y: dot(data, y, over=inner)), (lambda y: dot(changed, y, over=inner))
        return Transformation(of, words, v, v, layer, factor)

    yield change("data set", f"{f}*A, {f} > 0", a * data, a)
    yield change("data set", f"A + {t}_{i} for all cases", data + shift)
    yield change("single case", f"{f}_{n}*A, {f}_{n} > 0", each * data, each)


def _roles(x: Tensor, one: Normalizer) -> tuple[tuple[Axis, ...], tuple[Axis, ...]]:
    """The axes of cases (samples and positions) and of features (what parameters belong to, else the second axis)."""
    owned = {axis for given in one.inputs.values() if given is not x for axis in given.axes}
    features = tuple(axis for axis in x.axes if axis in owned and axis != x.axes[0]) or x.axes[1:2]
    return tuple(axis for axis in x.axes if axis not in features), features


def answers(one: Normalizer, tell: Callable[[str], None] = lambda change: None) -> tuple[Answer, ...]:
    """Every transformation decided, the permutations last.

    Example:
        >>> from symnorm.normalizers import weight_norm
        >>> [(a.transformation.change, a.status) for a in answers(weight_norm)][:3]
        [('a*v, a > 0', 'invariant'), ('-a*v, a > 0', 'equivariant'), ('v + b', 'not invariant')]
    """
    found = []
    for transformation in transformations(one):
        tell(transformation.change)
        found.append(_decided(one, transformation))
    return (*found, *_permutations(one))


def _decided(one: Normalizer, t: Transformation) -> Answer:
    solved = one.instance(t.given)
    before = t.layer[0](solved.output)
    anew = bool(solved.systems) and t.changed is not t.given
    refusals: list[Verdict] = []
    open_question: Verdict | None = None
    for tried in _tries(one, t, before):
        after = t.layer[1](one(t.changed, **tried.moved.unknowns))
        stated = [*solves(one, t.changed, tried.moved), equal(after, tried.output)]
        try:
            verdict = decide(stated, [*solved.given, *tried.under])
        except SymnormError as error:
            verdict = Verdict(UNDECIDED, reason=str(error))
        if verdict.status == PROVED:
            under = " and ".join(map(repr, tried.under))
            return Answer(t, tried.status, tried.factor, under, tried.moved.unknowns, verdict)
        if verdict.status == REFUTED:
            refusals.append(verdict)
        elif tried.status == INVARIANT:
            open_question = verdict
    if anew:
        found = refuted(one, t.given, t.changed, _no_eps(one))
        refusals, open_question = ([], Verdict(UNDECIDED, reason=SOLVED_ANEW)) if found is None else ([found], None)
    if open_question is not None:
        return Answer(t, OPEN, verdict=open_question)
    return Answer(t, NEITHER, verdict=refusals[0])


SOLVED_ANEW = "its relations are solved anew: by no multiple of what solved them, and no point shows the contrary"


def _no_eps(one: Normalizer) -> list[Relation]:
    return [equal(given, 0) for key, given in one.inputs.items() if key.startswith("eps")]


@dataclass(frozen=True, eq=False)
class _Try:
    """An answer, what the output is by it, in words, under which assumptions, and what solves the relations."""

    status: str
    output: Tensor
    factor: str
    under: Sequence[Relation]
    moved: Moved


def _tries(one: Normalizer, t: Transformation, before: Tensor) -> list[_Try]:
    """What the output may have become: with as few signs turned as can be, and the best answer first."""
    eps, plain = _no_eps(one), [equal(given, 0) for key, given in one.inputs.items() if key in ADDED]
    found: list[_Try] = []
    for added in ([], eps) if eps else ([],):
        for moved in moves(one, t.given, t.changed, t.factor, t.negative, added):
            found.append(_Try(INVARIANT, before, "", added, moved))
            if t.factor is not None:
                for multiple, shown in _factors(t):
                    found.append(_Try(EQUIVARIANT, multiple * before, shown, [*plain, *added], moved))
            if t.term is not None:
                found.append(_Try(EQUIVARIANT, before + t.term, "y + b", added, moved))
    return sorted(found, key=lambda one: (one.moved.turned, one.status != INVARIANT))


def _factors(t: Transformation) -> Iterator[tuple[Tensor, str]]:
    """The factor itself, its sign, and its reciprocal."""
    assert t.factor is not None
    sign, shown = (as_tensor(-1), "-") if t.negative else (as_tensor(1), "")
    if t.negative:
        yield sign, "-y"
    yield sign * t.factor, f"{shown}a*y"
    yield sign / t.factor, f"{shown}y/a"


def _permutations(one: Normalizer) -> Iterator[Answer]:
    """Permuting the entries along an axis permutes the output: sums run over whole axes, so nothing knows an order.

    What else carries the axis (gamma over channels) has to be permuted with it.
    """
    (_, x), *rest = one.inputs.items()
    output = one(x)
    for axis in x.axes:
        along = [key for key, given in rest if axis in given.axes]
        words = f"permuted along {axis.name}" + (f", {', '.join(along)} with it" if along else "")
        yield Answer(Transformation("order", words, output, output), EQUIVARIANT, "permuted y")
