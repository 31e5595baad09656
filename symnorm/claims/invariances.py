"""What a normalizer is blind to: each usual transformation decided, none of it typed in.

The table of Ba, Kiros & Hinton 2016 (section 5.1, Table 1) for any normalizer: re-scaling and re-centring of what it
normalizes, along each axis; of the weight matrix, of single weight vectors, of the data and of a single case of a
linear layer before it; permutations. An answer is *invariant*, *equivariant* with its factor, or *refuted* with a
point; each is a verdict of the prover, and says under which assumptions it holds. Called by ``symnorm invariances``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from symnorm.claims.prover import decide
from symnorm.claims.verdict import PROVED, REFUTED, UNDECIDED, Verdict
from symnorm.errors import SymnormError
from symnorm.normalizers import Normalizer
from symnorm.tensors import Axis, Relation, Tensor, as_tensor, dot, equal, scalar, tensor

INVARIANT, EQUIVARIANT, NEITHER, OPEN = "invariant", "equivariant", "not invariant", "undecided"
WEIGHTS = ("v", "w", "W")
"""A first input of such a name is the weights of a linear layer; any other is what a layer gives out."""

ADDED = ("beta", "b", "bias", "style_mean")
"""Inputs that are added at the end: equivariance is of the output without them."""


@dataclass(frozen=True)
class Transformation:
    """One change, of one thing.

    Attributes:
        of: what is changed: input, weights, data.
        change: the change in words.
        before: the output without it.
        after: the output with it.
        factor: what the output could be multiplied by.
        term: what could be added to it.
        negative: whether the factor is below 0.
    """

    of: str
    change: str
    before: Tensor
    after: Tensor
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
        verdict: the verdict that says so; of "not invariant" the refutation, of a permutation none.
    """

    transformation: Transformation
    status: str
    factor: str = ""
    under: str = ""
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


def _number(name: str, *axes: Axis, sign: str = "") -> Tensor:
    return tensor(name, *axes, **({sign: True} if sign else {}))


def _of_input(one: Normalizer) -> Iterator[Transformation]:
    name, x = next(iter(one.inputs.items()))
    of, before = "weights" if name in WEIGHTS else "input", one(x)
    a, b = scalar("a", positive=True), scalar("b")
    yield Transformation(of, f"a*{name}, a > 0", before, one(a * x), factor=a)
    yield Transformation(of, f"-a*{name}, a > 0", before, one(-a * x), factor=-a, negative=True)
    yield Transformation(of, f"{name} + b", before, one(x + b), term=b)
    for axis in x.axes:
        each, shift, i = _number("a", axis, sign="positive"), _number("b", axis), axis.index
        yield Transformation(of, f"a_{i}*{name}, a_{i} > 0", before, one(each * x), factor=each)
        yield Transformation(of, f"{name} + b_{i}", before, one(x + shift), term=shift)


def _free(x: Tensor, names: str) -> Axis:
    """An axis that x does not have."""
    taken = {axis.name for axis in x.axes}
    return Axis(next(name for name in names if name not in taken))


def _of_layer(one: Normalizer) -> Iterator[Transformation]:
    """A linear layer before the normalizer: K inputs, one unit for each index of the features."""
    x = next(iter(one.inputs.values()))
    cases, features = _roles(x, one)
    if not features or not cases:
        return
    inner = _free(x, "KJIH")
    data, weights = tensor("A", *cases, inner), tensor("W", inner, *features)
    a, shift = scalar("a", positive=True), _number("b", inner)
    unit, case = _number("a", *features, sign="positive"), _number("a", cases[0], sign="positive")
    i, n, units = inner.index, cases[0].index, ",".join(str(axis.index) for axis in features)

    def output(data: Tensor, weights: Tensor) -> Tensor:
        return one(dot(data, weights, over=inner))

    before = output(data, weights)
    yield Transformation("weight matrix", "a*W, a > 0", before, output(data, a * weights), a)
    yield Transformation("weight matrix", f"W + b_{i} for all units", before, output(data, weights + shift))
    yield Transformation("weight vector", f"a_({units})*W, a_({units}) > 0", before, output(data, unit * weights), unit)
    yield Transformation("data set", "a*A, a > 0", before, output(a * data, weights), a)
    yield Transformation("data set", f"A + b_{i} for all cases", before, output(data + shift, weights))
    yield Transformation("single case", f"a_{n}*A, a_{n} > 0", before, output(case * data, weights), case)


def _of_weights(one: Normalizer) -> Iterator[Transformation]:
    """The linear layer whose weights are normalized."""
    v = next(iter(one.inputs.values()))
    inner, case = v.axes[-1], _free(v, "NMBA")
    data = tensor("A", case, inner)
    a, each, shift = scalar("a", positive=True), _number("a", case, sign="positive"), _number("b", inner)
    i, n, weights = inner.index, case.index, one(v)

    def output(data: Tensor) -> Tensor:
        return dot(data, weights, over=inner)

    before = output(data)
    yield Transformation("data set", "a*A, a > 0", before, output(a * data), a)
    yield Transformation("data set", f"A + b_{i} for all cases", before, output(data + shift))
    yield Transformation("single case", f"a_{n}*A, a_{n} > 0", before, output(each * data), each)


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
    if one.instance().systems:
        reason = "its quantities are known only through relations, which the change solves anew; see its claims"
        return Answer(t, OPEN, verdict=Verdict(UNDECIDED, reason=reason))
    before, after = t.before, t.after
    eps = [equal(given, 0) for key, given in one.inputs.items() if key.startswith("eps")]
    plain = [equal(given, 0) for key, given in one.inputs.items() if key in ADDED]
    tries: list[tuple[str, Tensor, str, Sequence[Relation]]] = [(INVARIANT, before, "", [])]
    tries += [(INVARIANT, before, "", eps)] if eps else []
    for added in ([], eps) if eps else ([],):
        if t.factor is not None:
            for multiple, shown in _factors(t):
                tries.append((EQUIVARIANT, multiple * before, shown, [*plain, *added]))
        if t.term is not None:
            tries.append((EQUIVARIANT, before + t.term, "y + b", added))
    refusal: Verdict | None = None
    open_question: Verdict | None = None
    for status, expected, factor, under in tries:
        try:
            verdict = decide([equal(after, expected)], under)
        except SymnormError as error:
            verdict = Verdict(UNDECIDED, reason=str(error))
        if verdict.status == PROVED:
            return Answer(t, status, factor, " and ".join(map(repr, under)), verdict)
        if refusal is None and verdict.status == REFUTED:
            refusal = verdict
        if status == INVARIANT and verdict.status == UNDECIDED:
            open_question = verdict
    if open_question is not None or refusal is None:
        return Answer(t, OPEN, verdict=refusal if open_question is None else open_question)
    return Answer(t, NEITHER, verdict=refusal)


def _factors(t: Transformation) -> Iterator[tuple[Tensor, str]]:
    """The factor itself, its sign, and its reciprocal."""
    assert t.factor is not None
    if t.negative:
        yield as_tensor(-1), "-y"
    yield t.factor, "-a*y" if t.negative else "a*y"
    yield 1 / t.factor, "-y/a" if t.negative else "y/a"


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
