"""The soundness run: does the prover ever say what exact arithmetic contradicts?

In come claims that were proved, out comes a :class:`Campaign`. Each round plants a mistake in a claim
(:mod:`symnorm.check.mutations`), has the mutant decided, and judges the verdict by the interpreter alone, at points that
are drawn here and not by the prover's own search:

- *proved*: at several points of different sizes that satisfy the assumptions as they were written, what is stated holds
  at every index; and the point that the proof carries satisfies the assumptions.
- *refuted*: at the witness the assumptions hold and the statement as it was written is false.
- *undecided*: never wrong. Of exceptions only a :class:`~symnorm.errors.SymnormError` is an answer.

Called by the tests, and by hand for a longer run: ``python -m symnorm.check.soundness --rounds 10000 --seed 7``.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

import sympy as sp

from symnorm.check.mutations import Mutant, mutant
from symnorm.claims import PROVED, REFUTED, Claim, Verdict, catalogue, decide
from symnorm.claims.prover import Unsound
from symnorm.claims.search import HOLDS, Ground, satisfy
from symnorm.errors import SymnormError
from symnorm.evaluate import (
    ConcreteLoss,
    Model,
    OutsideDomain,
    Undetermined,
    agree,
    element_array,
    evaluate,
    provably_differ,
    sign_of,
)
from symnorm.tensors import Relation, Tensor, inputs

POINTS = 3
"""At how many points, all of different sizes, a proof has to hold."""

TRIES = 60
"""How many points are drawn to find them."""

VALUES = tuple(Fraction(n) for n in (-3, -2, -1, 0, 1, 2, 3, 5)) + (Fraction(-1, 2), Fraction(1, 2), Fraction(4, 3))

SIZES, LARGER = (1, 2, 2, 3, 3, 4), (2, 3, 4, 5, 6, 7)
"""Sizes to draw from; the larger ones where the small ones did not do, as for ``N >= 5``."""


@dataclass
class Campaign:
    """What a run found.

    Attributes:
        counts: how often each verdict was given; ``refused`` is an error that names what is wrong with the statement.
        agreed: how many proofs of mutants exact evaluation agrees with.
        problems: one text for each wrong answer, with all that is needed to see it again.
        slowest: seconds that the slowest verdict took, and its mutant.
    """

    counts: Counter[str] = field(default_factory=Counter)
    agreed: int = 0
    problems: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def __str__(self) -> str:
        verdicts = ", ".join(f"{count} {status}" for status, count in sorted(self.counts.items()))
        return (
            f"{self.counts.total()} mutants: {verdicts}; {self.agreed} proofs agree with exact evaluation, "
            f"{len(self.problems)} wrong answers; slowest verdict {self.slowest[0]:.2f} s"
        )


def campaign(claims: Sequence[Claim], rounds: int, seed: int = 1) -> Campaign:
    """Mutate the claims in turn, decide the mutants and judge the verdicts.

    Args:
        claims: what to mutate.
        rounds: how many mutants.
        seed: round ``i`` draws from ``f"{seed}:{i}"``, so that each can be repeated alone: see :func:`one_round`.
    """
    found = Campaign()
    for number in range(rounds):
        one_round(claims[number % len(claims)], f"{seed}:{number}", found)
    return found


def one_round(claim: Claim, seed: str, found: Campaign) -> None:
    """One mutant, decided and judged, entered into ``found``."""
    draw = random.Random(seed)
    try:
        changed = mutant(claim, draw)
    except SymnormError:
        found.counts["not mutated"] += 1
        return
    status, problem, verdict = "", "", None
    start = time.perf_counter()
    try:
        verdict = decide(changed.relations, changed.given, changed.by)
    except Unsound as error:
        status, problem = "unsound", str(error)
    except SymnormError:
        status = "refused"
    except Exception as error:
        status, problem = "crashed", f"{type(error).__name__}: {error}"
    found.slowest = max(found.slowest, (time.perf_counter() - start, f"seed {seed}: {changed}"))
    if verdict is not None:
        status, problem = verdict.status, judged(changed, verdict, draw)
        found.agreed += status == PROVED and not problem
    found.counts[status] += 1
    if problem:
        found.problems.append(f"seed {seed}, {status}: {problem}\n    {changed}")


# judging ---------------------------------------------------------------------------------------------------------------


def judged(changed: Mutant, verdict: Verdict, draw: random.Random) -> str:
    """What is wrong with a verdict; nothing if the text is empty."""
    if verdict.status == PROVED:
        return _proof_judged(changed, verdict, draw)
    return _witness_judged(changed, verdict) if verdict.status == REFUTED else ""


def _proof_judged(changed: Mutant, verdict: Verdict, draw: random.Random) -> str:
    if verdict.model is None:
        return "a proof without a point that shows that it is not vacuous"
    if broken := _broken(changed, verdict.model):
        return f"the point that comes with the proof breaks {broken}: {verdict.model}"
    sizes: set[tuple[int, ...]] = set()
    agreeing = 0
    ground = Ground.of(side for r in (*changed.relations, *changed.given) for side in (r.left, r.right))
    for model in points(ground, changed.given, draw):
        answers = [answer for relation in changed.relations for answer in _answers(relation, model).values()]
        if False in answers:
            return f"false at {model}"
        if True in answers:
            agreeing += 1
            sizes.add(tuple(model.sizes.values()))
        if agreeing >= POINTS and (len(sizes) >= POINTS or not _free_sizes(ground, changed.given)):
            return ""
    return f"only {agreeing} points of {len(sizes)} different sizes could be evaluated"


def _free_sizes(ground: Ground, given: Sequence[Relation]) -> set[str]:
    fixed = {str(r.left.data) for r in given if r.relation == "==" and r.left.op == "const"}
    return {*ground.sizes} - fixed


def _witness_judged(changed: Mutant, verdict: Verdict) -> str:
    witness = verdict.witness
    if witness is None:
        return "a refutation without a witness"
    if broken := _broken(changed, witness.model):
        return f"the witness breaks {broken}: {witness.model}"
    model, at = completed(witness.model, changed.given), {*witness.index.items()}
    false = (
        place
        for relation in changed.relations
        for place, answer in _answers(relation, model).items()
        if answer is False and {*place} <= at
    )
    return "" if any(True for _ in false) else f"the witness does not refute what is stated: {witness}"


def _broken(changed: Mutant, point: Model) -> str:
    """The first assumption, or sign that a declaration promises, that a point breaks for certain."""
    model = completed(point, changed.given)
    for relation in changed.given:
        # a sign of something that the statement does not mention has no value in the prover's points
        mentioned = inputs(relation.left, relation.right).keys() <= model.scalars.keys() | model.tensors.keys()
        if mentioned and False in _answers(relation, model).values():
            return repr(relation)
    sides = [side for r in (*changed.relations, *changed.given) for side in (r.left, r.right)]
    for leaf in Ground.of(sides).leaves:
        name = leaf.data.name
        if name not in point.scalars and name not in point.tensors:
            continue  # an assumption says what it is, and may overrule a declaration: eps == 0
        entries = point.tensors[name].values() if leaf.axes else [point.scalars[name]]
        if not all(_promised(leaf, value) for value in entries):
            return f"the declaration of {name}"
    return ""


def _promised(leaf: Tensor, value: object) -> bool:
    sign = sign_of(value)  # type: ignore[arg-type]
    data = leaf.data
    positive = not data.positive or sign == 1
    return positive and (not data.nonnegative or sign != -1) and (not data.nonzero or sign != 0)


def _answers(relation: Relation, model: Model) -> dict[tuple[tuple[str, int], ...], bool | None]:
    """Whether a relation holds, by the position of each index; ``None`` where it is undefined or cannot be told."""
    axes = (relation.left - relation.right).axes
    extents = [_integer(axis.size, model) for axis in axes]
    found: dict[tuple[tuple[str, int], ...], bool | None] = {}
    for at in product(*(range(1, extent + 1) for extent in extents)):
        indices = {axis.index: position for axis, position in zip(axes, at, strict=True)}
        place = tuple((axis.name, position) for axis, position in zip(axes, at, strict=True))
        try:
            a, b = (evaluate(side.element, model, indices) for side in (relation.left, relation.right))
        except (OutsideDomain, Undetermined):
            found[place] = None
            continue
        if relation.relation == "==":
            found[place] = False if provably_differ(a, b) else True if agree(a, b, scale=1) else None
        else:
            sign = sign_of(a - b)
            found[place] = None if sign is None else HOLDS[relation.relation](sign)
    return found


# points ----------------------------------------------------------------------------------------------------------------


def points(ground: Ground, given: Sequence[Relation], draw: random.Random) -> Iterator[Model]:
    """Points at which every assumption holds, read as it was written."""
    for attempt in range(TRIES):
        sizes = {name: draw.choice(SIZES if 2 * attempt < TRIES else LARGER) for name in ground.sizes}
        sizes = dict(completed(Model(sizes), [r for r in given if r.left.op == "const"]).sizes)
        scalars: dict[str, Fraction] = {}
        tensors: dict[str, dict[tuple[int, ...], Fraction]] = {}
        for leaf in ground.leaves:
            values = _allowed(leaf, given)
            if not values:
                return
            if not leaf.axes:
                scalars[leaf.data.name] = draw.choice(values)
                continue
            extents = [range(1, _integer(axis.size, Model(sizes)) + 1) for axis in leaf.axes]
            entries = {at: draw.choice(values) for at in product(*extents)}
            if leaf.data.symmetric:
                entries = {at: entries[min(at, at[::-1])] for at in entries}
            tensors[leaf.data.name] = entries
        losses = {name: ConcreteLoss(draw.randrange(10**6)) for name in ground.losses}
        model = Model(sizes, scalars, tensors, losses)
        for relation in given:
            if relation.relation == "==" and relation.left.op not in ("input", "const"):
                satisfy(relation, model)
        model = completed(model, given)
        if all(answer for relation in given for answer in _answers(relation, model).values()):
            yield model


def completed(model: Model, given: Iterable[Relation]) -> Model:
    """The point with the values that the assumptions state outright: ``eps == 0``, ``N == 1``, ``a == b``."""
    sizes, scalars = dict(model.sizes), dict(model.scalars)
    tensors = {name: dict(entries) for name, entries in model.tensors.items()}
    for relation in given:
        if relation.relation != "==":
            continue
        name, value = relation.left, relation.right
        if name.op not in ("input", "const") or (name.op == "const" and not name.data.is_Symbol):
            name, value = value, name
        so_far = Model(sizes, scalars, tensors, model.losses)
        if name.op == "const" and name.data.is_Symbol and value.op == "const":
            sizes[str(name.data)] = _integer(value.data, so_far)
        elif name.op == "input":
            for place, entry in _entries(name, value, so_far).items():
                if name.axes:
                    tensors.setdefault(name.data.name, {})[place] = entry
                else:
                    scalars[name.data.name] = entry
    return Model(sizes, scalars, tensors, model.losses)


def _entries(name: Tensor, value: Tensor, model: Model) -> Mapping[tuple[int, ...], Fraction]:
    """What an assumed equation says an input's entries are, where that can be computed."""
    try:
        indices, sizes = [axis.index for axis in name.axes], [axis.size for axis in name.axes]
        return element_array(value.element, indices, sizes, model)  # type: ignore[return-value]
    except SymnormError:
        return {}


def _allowed(leaf: Tensor, given: Iterable[Relation]) -> list[Fraction]:
    """The values that a leaf's declaration and the assumptions that compare it with a number leave."""
    bounds = [(r.relation, r.right.data) for r in given if r.left.op == "input" and r.left.data.name == leaf.data.name
              and r.right.op == "const" and r.right.data.is_Rational and r.relation != "=="]  # fmt: skip
    found = [value for value in VALUES if _promised(leaf, value)]
    if leaf.data.integer:
        found = [value for value in found if value.denominator == 1]
    return [v for v in found if all(HOLDS[how](v - Fraction(int(b.p), int(b.q))) for how, b in bounds)]


def _integer(size: sp.Expr, model: Model) -> int:
    found = evaluate(size, model)
    if not isinstance(found, int):
        raise SymnormError(f"the size {size} is {found} at {model.sizes}")
    return found


def main() -> int:
    """A run over the catalogue from the command line; 1 if there is a wrong answer."""
    parser = argparse.ArgumentParser(prog="python -m symnorm.check.soundness", description=campaign.__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    claims = [claim for claim in catalogue.catalogue().values() if claim.expected == PROVED]
    found = campaign(claims, options.rounds, options.seed)
    print(*found.problems, found, sep="\n")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
