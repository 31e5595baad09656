"""The soundness run: does the prover ever say what exact arithmetic contradicts?

In come claims that were proved, out comes a :class:`Campaign`. Each round plants a mistake in a claim
(:mod:`symnorm.check.mutations`), has the mutant decided, and judges the verdict by the interpreter alone, at points of
its own (:mod:`symnorm.check.exact`):

- *proved*: at several points of different sizes that satisfy the assumptions as they were written, what is stated holds
  at every index; and the point that the proof carries satisfies the assumptions.
- *refuted*: at the witness the assumptions hold and the statement as it was written is false.
- *undecided*: never wrong. Of exceptions only a :class:`~symnorm.errors.SymnormError` is an answer.

Called by the tests, and by hand for a longer run: ``python -m symnorm.check.soundness --rounds 10000 --seed 7``. With
``--certificates 2000`` it is certificates that are changed (:mod:`symnorm.check.forgeries`).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from symnorm.check.alarm import GivenUp, alarm
from symnorm.check.exact import answers, broken, completed, points
from symnorm.check.forgeries import accepted_certificates, forge
from symnorm.check.mutations import Mutant, mutant
from symnorm.claims import PROVED, REFUTED, Claim, Verdict, catalogue, decide
from symnorm.claims.prover import Unsound
from symnorm.claims.search import Ground
from symnorm.errors import NameUnknown, SymnormError
from symnorm.evaluate import Model
from symnorm.tensors import Relation

POINTS = 3
"""At how many points, all of different sizes, a proof has to hold."""


@dataclass
class Campaign:
    """What a run found.

    Attributes:
        counts: how often each verdict was given; ``refused`` is an error that names what is wrong with the statement.
        agreed: how many proofs of mutants exact evaluation agrees with.
        not_judged: how many verdicts the judge could not read the point of.
        problems: one text for each wrong answer, with all that is needed to see it again.
        slowest: seconds that the slowest verdict took, and its mutant.
    """

    counts: Counter[str] = field(default_factory=Counter)
    agreed: int = 0
    not_judged: int = 0
    problems: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def __str__(self) -> str:
        verdicts = ", ".join(f"{count} {status}" for status, count in sorted(self.counts.items()))
        return (
            f"{self.counts.total()} mutants: {verdicts}; {self.agreed} proofs agree with exact evaluation, "
            f"{len(self.problems)} wrong answers; slowest verdict {self.slowest[0]:.2f} s"
        )


def campaign(claims: Sequence[Claim], rounds: int, seed: int = 1, seconds: float = 20.0) -> Campaign:
    """Mutate the claims in turn, decide the mutants and judge the verdicts.

    Args:
        claims: what to mutate.
        rounds: how many mutants.
        seed: round ``i`` draws from ``f"{seed}:{i}"``, so that each can be repeated alone: see :func:`one_round`.
        seconds: a round that takes longer is given up, and counted.
    """
    found = Campaign()
    for number in range(rounds):
        try:
            with alarm(seconds):
                one_round(claims[number % len(claims)], f"{seed}:{number}", found)
        except GivenUp:
            found.counts["given up"] += 1
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
        str(verdict)  # with what is left over, which is found when it is asked for
    except Unsound as error:
        status, problem = "unsound", str(error)
    except SymnormError:
        status = "refused"
    except Exception as error:
        status, problem = "crashed", f"{type(error).__name__}: {error}"
    found.slowest = max(found.slowest, (time.perf_counter() - start, f"seed {seed}: {changed}"))
    if verdict is not None and not status:
        status = verdict.status
        try:
            problem = judged(changed, verdict, draw)
            if problem.startswith("only"):  # assumptions that the judge's own points seldom satisfy
                found.not_judged, problem = found.not_judged + 1, ""
            found.agreed += status == PROVED and not problem
        except NameUnknown:
            found.not_judged += 1  # the assumptions give a value to something by a way that the judge does not follow
    found.counts[status] += 1
    if problem:
        found.problems.append(f"seed {seed}, {status}: {problem}\n    {changed}")


# judging --------------------------------------------------------------------------------------------------------------


def judged(changed: Mutant, verdict: Verdict, draw: random.Random) -> str:
    """What is wrong with a verdict; nothing if the text is empty."""
    if verdict.status == PROVED:
        return _proof_judged(changed, verdict, draw)
    return _witness_judged(changed, verdict) if verdict.status == REFUTED else ""


def _ground(changed: Mutant) -> Ground:
    return Ground.of(side for r in (*changed.relations, *changed.given) for side in (r.left, r.right))


def _checked(point: Model, ground: Ground, changed: Mutant) -> tuple[Model, str]:
    """The prover's point with a size for every axis, and which assumption or declaration it breaks.

    Along an axis that the assumptions made constant, or that only they mention, the point itself has no size.
    """
    for size in (2, 3, 1, 4, 6):
        whole = replace(point, sizes={**dict.fromkeys(ground.sizes, size), **point.sizes})
        if not (what := broken(whole, ground, changed.given)):
            break
    return completed(whole, changed.given), what


def _proof_judged(changed: Mutant, verdict: Verdict, draw: random.Random) -> str:
    ground = _ground(changed)
    if verdict.model is None:
        return "a proof without a point that shows that it is not vacuous"
    _, what = _checked(verdict.model, ground, changed)
    if what:
        return f"the point that comes with the proof breaks {what}: {verdict.model}"
    sizes: set[tuple[int, ...]] = set()
    agreeing = 0
    for model in points(ground, changed.given, draw):
        found = [answer for relation in changed.relations for answer in answers(relation, model).values()]
        if False in found:
            return f"false at {model}"
        if True in found:
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
    model, what = _checked(witness.model, _ground(changed), changed)
    if what:
        return f"the witness breaks {what}: {witness.model}"
    false = (False in answers(relation, model, witness.index).values() for relation in changed.relations)
    return "" if any(false) else f"the witness does not refute what is stated: {witness}"


def main() -> int:
    """A run over the catalogue from the command line; 1 if there is a wrong answer."""
    parser = argparse.ArgumentParser(prog="python -m symnorm.check.soundness", description=campaign.__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="a mutant that takes longer is given up")
    parser.add_argument("--certificates", type=int, default=0, help="change so many certificates instead of claims")
    options = parser.parse_args()
    if options.certificates:
        forged = forge(accepted_certificates(), options.certificates, options.seed, options.seconds)
        print(*forged.problems, forged, sep="\n")
        return 1 if forged.problems else 0
    claims = [claim for claim in catalogue.catalogue().values() if claim.expected == PROVED]
    found = campaign(claims, options.rounds, options.seed, options.seconds)
    print(*found.problems, found, f"the slowest: {found.slowest[1]}", sep="\n")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
