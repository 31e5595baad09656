"""What a change does to quantities that are known only through relations: they are solved for anew.

``W v = sigma u`` is solved by (u, a sigma, v) where it was by (u, sigma, v), once W is a W. Which multiples of the old
unknowns solve the changed relations is found at points, and for the prover to show; the answer then holds for the
solution that goes along. That there is none is shown at a point where the unknown's axis has one index, so that the
solution is unique up to its sign: two inputs are drawn with their solutions, and the change that carries one to the
other is solved for. That a scale for each feature of its own turns the eigenvectors takes two features: one such point
is written down. Called by :mod:`symnorm.claims.invariances`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations, islice, product

import sympy as sp

from symnorm.claims.assumptions import Assumptions, sort
from symnorm.claims.prover import decide
from symnorm.claims.search import SMALL, Example, Ground, fails_at, satisfying
from symnorm.claims.verdict import REFUTED, Verdict
from symnorm.evaluate import Model
from symnorm.normalizers import Equations, Normalizer
from symnorm.tensors import Relation, Tensor, as_tensor, equal, total

FACTOR = "a"
"""What a factor is called."""

MOST = 2
"""So many solutions that may go along are tried."""

POWERS = (0, 1, -1, 2)
"""Powers of a factor that unknowns may be multiplied by: singular values by the first, eigenvalues by the second."""


@dataclass(frozen=True, eq=False)
class Moved:
    """What solves the relations for a changed input.

    Attributes:
        unknowns: what stands for the unknowns, by their names.
        turned: how many of them have another sign.
    """

    unknowns: Mapping[str, Tensor] = field(default_factory=dict)
    turned: int = 0



def moves(
    one: Normalizer, given: Tensor, changed: Tensor, factor: Tensor | None, turned: bool, under: Sequence[Relation]
) -> Iterator[Moved]:
    """What may solve the relations for a changed input; nothing has to where there are none.

    Args:
        one: the normalizer.
        given, changed: its first input, without the change and with it.
        factor: the size of what is multiplied by, if anything is.
        turned: whether signs may turn.
        under: assumptions.

    Example:
        >>> from symnorm.normalizers import spectral_norm
        >>> from symnorm.tensors import scalar
        >>> w, a = spectral_norm.inputs["w"], scalar("a", positive=True)
        >>> next(moves(spectral_norm, w, a * w, a, False, [])).unknowns["sigma"]
        a*sigma
    """
    solved = one.instance(given)
    if not solved.systems or changed is given:
        yield Moved()
        return
    points = _Points.of([*solved.given, *under], changed, solved.output)
    fitting = (moved for moved in _multiples(solved, factor, turned) if points.satisfy(solves(one, changed, moved)))
    yield from islice(fitting, MOST)


def solves(one: Normalizer, changed: Tensor, moved: Moved) -> list[Relation]:
    """What says that the relations for a changed input are solved, by what the unknowns are declared to be."""
    declared = [value > 0 for name, value in moved.unknowns.items() if one.inputs[name].data.positive]
    return [*one.instance(changed, **moved.unknowns).relations, *declared]


@dataclass(frozen=True, eq=False)
class _Points:
    """Some points that satisfy assumptions."""

    assumptions: Assumptions
    models: tuple[Model, ...]

    @classmethod
    def of(cls, given: Sequence[Relation], *also: Tensor, count: int = 1) -> _Points:
        assumptions = sort(given)
        sides = [side for relation in given for side in (relation.left, relation.right)]
        found = satisfying(Ground.of(assumptions.applied(*sides, *also)), assumptions, [], patterns=SMALL)
        return cls(assumptions, tuple(islice(found, count)))

    def satisfy(self, relations: Sequence[Relation]) -> bool:
        """Whether relations fail at none of them, and there are any."""
        applied = self.assumptions.applied_to(relations)
        fails = (fails_at(relation, model) is not None for relation in applied for model in self.models)
        return bool(self.models) and not any(fails)


def _multiples(solved: Equations, factor: Tensor | None, turned: bool) -> list[Moved]:
    """The unknowns times powers of a factor and signs, the fewest first, those of signs before all."""
    signs = (1, -1) if turned else (1,)
    unknowns = [unknown for system in solved.systems for unknown in system.unknowns]
    choices = []
    for unknown in unknowns:
        fits = factor is not None and {*factor.axes} <= {*unknown.axes}
        choices.append([*product(signs, POWERS if fits else (0,))])
    found = []
    for chosen in sorted(product(*choices), key=lambda chosen: sum(abs(power) for _, power in chosen)):
        pairs = zip(unknowns, chosen, strict=True)
        values = {str(leaf.data.name): _multiple(leaf, sign, factor, power) for leaf, (sign, power) in pairs}
        found.append(Moved(values, sum(sign < 0 for sign, _ in chosen)))
    return sorted(found, key=lambda moved: moved.turned)


def _multiple(unknown: Tensor, sign: int, factor: Tensor | None, power: int) -> Tensor:
    signed = unknown if sign > 0 else -unknown
    if factor is None or power == 0:
        return signed
    return factor * signed if power == 1 else factor**power * signed


def refuted(one: Normalizer, given: Tensor, changed: Tensor, under: Sequence[Relation]) -> Verdict | None:
    """A point at which the output, whatever solves the relations, is not what it was; None if none is found.

    Args:
        one: the normalizer.
        given, changed: its first input, without the change and with it.
        under: assumptions.

    Example:
        >>> from symnorm.normalizers import spectral_norm
        >>> from symnorm.tensors import scalar
        >>> w = spectral_norm.inputs["w"]
        >>> refuted(spectral_norm, w, w + scalar("b"), []).status
        'refuted'
    """
    solved = one.instance(given)
    unknowns = [unknown for system in solved.systems for unknown in system.unknowns]
    name = next(iter(one.inputs))
    other = _primed(given)
    anew = one.instance(**{name: other}, **{str(unknown.data.name): _primed(unknown) for unknown in unknowns})
    carried = equal(changed - other, 0)  # written so, it is not put in for the other input
    assumed = [*solved.given, *anew.given, carried, *under]
    sizes = sorted({axis.size for system in solved.systems for axis in (*system.rows, *system.columns)}, key=str)
    alone = [[equal(as_tensor(size), 1) for size in chosen] for k in (1, 2) for chosen in combinations(sizes, k)]
    for at_one in (*alone, []):
        sides = anew.output, solved.output
        if not _unique(one, given, [*under, *at_one]):
            sides = _unsigned(anew.output, sizes), _unsigned(solved.output, sizes)
        verdict = decide([equal(*sides)], [*assumed, *at_one], examples=[] if at_one else _examples(solved, given))
        if verdict.status == REFUTED:
            return verdict
    return None


def _unsigned(output: Tensor, sizes: Sequence[sp.Expr]) -> Tensor:
    """What neither the signs of the features nor their order change."""
    return total(output**4, over=tuple(axis for axis in output.axes if axis.size in sizes))


def _examples(solved: Equations, x: Tensor) -> list[Example]:
    """Two features whose covariance has rational eigenvectors, also once the first is 29/36 of what it was."""
    bases = [system.unknowns for system in solved.systems if system.kind == "eigenbasis"]
    if len(bases) != 1 or len(x.axes) != 2:
        return []
    l, V = (str(unknown.data.name) for unknown in bases[0])
    sample, feature = (str(axis.size) for axis in x.axes)
    name, shrink = str(x.data.name), Fraction(29, 36)
    rows = [(p * 2 * 3 - q * 3 * 4, p * 2 * 4 + q * 3 * 3) for p in (1, -1) for q in (1, -1)]  # five times p, q turned
    data = [[Fraction(entry, 5) for entry in row] for row in rows]
    return [
        {
            sample: 4,
            feature: 2,
            name: data,
            f"{name}'": [[shrink * first, second] for first, second in data],
            FACTOR: [shrink, 1],
            l: [4, 9],
            V: _turned(3, 4),
            f"{l}'": [Fraction(29, 9), Fraction(29, 4)],
            f"{V}'": _turned(4, 3),
        }
    ]


def _turned(near: int, far: int) -> list[list[Fraction]]:
    """A rotation of the plane."""
    c, s = Fraction(near, 5), Fraction(far, 5)
    return [[c, -s], [s, c]]


def _primed(leaf: Tensor) -> Tensor:
    return Tensor("input", (), leaf.axes, replace(leaf.data, name=f"{leaf.data.name}'"))


def _unique(one: Normalizer, given: Tensor, under: Sequence[Relation]) -> bool:
    """Whether the output stays the same where the unknowns' signs are turned in a way that their relations allow."""
    solved = one.instance(given)
    points = _Points.of([*solved.given, *under], solved.output)
    turned = [moved for moved in _multiples(solved, None, turned=True) if points.satisfy(solves(one, given, moved))]
    return all(points.satisfy([equal(one(given, **moved.unknowns), solved.output)]) for moved in turned)
