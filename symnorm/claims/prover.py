"""The prover: from a claim to a verdict.

An equation is proved when the normal form of the difference is zero (:mod:`.equalities`), an inequality when the gap
equals an expression that is visibly not negative (:mod:`.inequalities`) or is positive in every cell of a box
(:mod:`.boxes`), a claim along a recursion by induction (:mod:`.recursion`). Every proof names what has to hold for the
formulas to be defined and the lemmas that it rests on, and carries a point at which all of it does hold and at which
the two sides were evaluated and agreed. What is not proved is refuted only by a point at which the sides provably
differ. Everything else is undecided.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from symnorm.canonical.visible import Visible
from symnorm.claims import boxes, equalities, inequalities
from symnorm.claims.assumptions import Assumptions, sort
from symnorm.claims.claim import Claim
from symnorm.claims.domain import conditions, distinct, in_words, needs
from symnorm.claims.lemmas import Lemma
from symnorm.claims.recursion import Recursion
from symnorm.claims.residue import residue
from symnorm.claims.search import SMALL, Example, Ground, fails_at, holds, satisfying
from symnorm.claims.verdict import EMPIRICAL, PROVED, REFUTED, UNDECIDED, Proof, Record, Verdict, Witness
from symnorm.errors import SymnormError
from symnorm.evaluate import Model
from symnorm.tensors import Relation, Tensor

POINTS, PLAIN_POINTS = 24, 240
"""How many points are tried for a refutation."""

GUESSED_FROM, MOST_GUESSES = 8, 4
"""From how many points certificates are guessed, and how many are tried for one inequality."""

MOST_STEPS = 3
"""After so many steps at most a claim along a recursion is tried to be refuted."""


class Unsound(SymnormError):
    """A normal form says that two sides are equal and exact arithmetic that they are not: a defect of symnorm."""


def prove(claim: Claim) -> Verdict:
    """The verdict on a claim.

    Raises:
        Contradiction: the assumptions exclude each other.
        SymnormError: what is stated is not well formed.
    """
    start = time.perf_counter()
    if claim.states is None:
        return Verdict(EMPIRICAL, reason=claim.note)
    along = claim.along() if claim.along is not None else None
    using = claim.using() if claim.using is not None else ()
    verdict = decide(
        claim.relations(), claim.given, claim.certificates(), along=along, using=using, examples=claim.examples
    )
    return replace(verdict, seconds=time.perf_counter() - start)


def decide(
    stated: Sequence[Relation],
    given: Iterable[Relation] = (),
    by: Tensor | Sequence[Tensor] = (),
    *,
    along: Recursion | None = None,
    using: Sequence[Lemma] = (),
    examples: Sequence[Example] = (),
) -> Verdict:
    """The verdict on relations that are claimed to hold together under assumptions.

    Args:
        stated: the relations.
        given: the assumptions.
        by: for inequalities, what their gaps equal.
        along: the recursion at whose every step they are claimed.
        using: the lemmas that the proof may rest on.
        examples: values to try first as points; they are checked like all others.

    Example:
        >>> from symnorm.tensors import absolute, equal, scalar, sqrt
        >>> a = scalar("a")
        >>> decide([equal(sqrt(a**2), absolute(a))]).status
        'proved'
        >>> decide([equal(sqrt(a**2), a)]).witness.model.scalars["a"] < 0
        True
    """
    start = time.perf_counter()
    given, by = tuple(given), (by,) if isinstance(by, Tensor) else by
    _check_fresh([side for r in (*stated, *given) for side in (r.left, r.right)], using)
    if along is None:
        question = _Question.of(stated, given, (), examples)
        verdict = _decided(question, _shown(stated, given, by, using))
        if verdict.status == UNDECIDED and not by:
            verdict = _by_guess(question, verdict, using)
    else:
        along.check(stated)
        verdict = _along(stated, given, by, along, using)
    return replace(verdict, seconds=time.perf_counter() - start)


@dataclass(frozen=True, eq=False)
class _Question:
    """Relations with the assumed values put in: what points are looked for at."""

    stated: tuple[Relation, ...]
    relations: tuple[Relation, ...]
    given: tuple[Relation, ...]
    assumptions: Assumptions
    open_needs: list[Relation]
    ground: Ground

    @classmethod
    def of(
        cls,
        stated: Sequence[Relation],
        given: Sequence[Relation],
        more: Sequence[Relation] = (),
        examples: Sequence[Example] = (),
    ) -> _Question:
        """The relations under assumptions, and what is needed beside what they need themselves."""
        assumptions = sort(given)
        relations = assumptions.applied_to(stated)
        sides = [side for r in relations for side in (r.left, r.right)]
        open_needs = conditions([*needs(*sides), *more], Visible(assumptions.facts))
        required = (*assumptions.constraints, *open_needs)
        ground = Ground.of([*sides, *(side for r in required for side in (r.left, r.right))])
        ground = replace(ground, examples=tuple(examples))
        return cls(tuple(stated), relations, tuple(given), assumptions, open_needs, ground)

    def record(self, fails: Relation | None = None) -> Record:
        """What a verdict on it is given on."""
        number = 0 if fails is None else self.relations.index(fails)
        return Record(self.stated, self.given, self.assumptions, tuple(self.open_needs), number)


def _check_fresh(written: Iterable[Tensor], using: Sequence[Lemma]) -> None:
    """What a lemma brings in stands nowhere in the claim as it was written, also not where only a sign is assumed."""
    ground = Ground.of(written)
    known = {*ground.sizes, *(str(leaf.data.name) for leaf in ground.leaves)}
    for lemma in using:
        if both := lemma.fresh & known:
            raise SymnormError(f"{lemma.name} brings in {sorted(both)}, which mean something already")
        known |= lemma.fresh


# proofs ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Attempt:
    """What came of an attempt to prove.

    Attributes:
        proofs: how each relation was proved; ``None`` if one of them was not.
        needs: what the proof needs to be defined beside what the statement does.
        reason: why it was given up, if it was.
    """

    proofs: tuple[Proof, ...] | None
    needs: tuple[Relation, ...] = ()
    reason: str = ""


def _shown(
    stated: Sequence[Relation], given: Sequence[Relation], by: Sequence[Tensor], using: Sequence[Lemma]
) -> _Attempt:
    """Every relation under the assumptions and what the lemmas give, where the statement is defined."""
    assumptions = sort([*given, *(relation for lemma in using for relation in lemma.gives)])
    relations = assumptions.applied_to(stated)
    needed = conditions(needs(*(side for r in relations for side in (r.left, r.right))), Visible(assumptions.facts))
    assumptions = assumptions.where(needed)
    signs = Visible(assumptions.facts)
    certificates = assumptions.applied(*by)
    proofs: list[Proof] = [{"kind": "lemma", "lemma": lemma.name, "gives": lemma.gives} for lemma in using]
    try:
        for relation in relations:
            proof = _one_shown(relation, assumptions, signs, certificates)
            if proof is None:
                return _Attempt(None)
            proofs.append(proof)
    except SymnormError as error:  # too large, or with something that no rule reads
        return _Attempt(None, reason=str(error))
    except RecursionError:
        return _Attempt(None, reason="the statement is nested too deeply")
    used = [proof["squares"] for proof in proofs if isinstance(proof.get("squares"), Tensor)]
    return _Attempt(tuple(proofs), tuple(needs(*(c for c in used if isinstance(c, Tensor)))))


def _one_shown(
    relation: Relation, assumptions: Assumptions, signs: Visible, certificates: Sequence[Tensor]
) -> Proof | None:
    if Ground.of((relation.left, relation.right)).is_empty and holds(relation, Model()):
        return {"kind": "arithmetic", "relation": relation}
    if relation.relation == "==":
        steps = equalities.equal(relation.left, relation.right, assumptions)
        return None if steps is None else {"kind": "identity", "relation": relation, "steps": steps}
    if not certificates and (in_cells := boxes.shown(relation, assumptions)) is not None:
        return in_cells  # before the algebra, which is slow on what has no closed form
    found = (inequalities.shown(relation, assumptions, signs, by) for by in (*certificates, None))
    return next((proof for proof in found if proof is not None), None)


def _decided(question: _Question, attempt: _Attempt) -> Verdict:
    """The verdict that comes of an attempt to prove, or of the points."""
    if attempt.proofs is not None:
        lemmas = list(dict.fromkeys(str(proof["lemma"]) for proof in attempt.proofs if proof["kind"] == "lemma"))
        asked = _Question.of(question.stated, question.given, () if lemmas else attempt.needs, question.ground.examples)
        if not lemmas or not conditions(list(attempt.needs), Visible(asked.assumptions.facts)):
            return _with_model(asked, attempt.proofs, f"given {' and '.join(lemmas)}" if lemmas else "")
        attempt = _Attempt(None, reason="the proof divides by what a lemma brings in")
    witness = _refuted(question)
    left = partial(_left_over, question, witness)
    if witness is not None:
        return Verdict(REFUTED, witness=witness, left_over=left, record=question.record(witness.relation))
    reason = attempt.reason or "no proof was found, and no point at which it fails"
    return Verdict(UNDECIDED, left_over=left, reason=reason, conditions=in_words(question.open_needs))


def _by_guess(question: _Question, undecided: Verdict, using: Sequence[Lemma]) -> Verdict:
    """What is left undecided, with what the gaps of inequalities may equal: guessed, and then proved like the rest.

    Where no guess is right, it may be false at points that are seldom drawn.
    """
    if all(relation.relation in ("==", "!=") for relation in question.relations):
        return undecided
    from symnorm.claims.guesses import guesses  # which needs NumPy

    points = [*islice(satisfying(question.ground, question.assumptions, question.open_needs), GUESSED_FROM)]
    found = [guess for relation in question.relations for guess in islice(guesses(relation, points), MOST_GUESSES)]
    attempt = _shown(question.stated, question.given, found, using) if found else _Attempt(None)
    if attempt.proofs is not None:
        return _decided(question, attempt)
    witness = _refuted(question, PLAIN_POINTS, plain=True)
    return undecided if witness is None else Verdict(REFUTED, witness=witness, record=question.record(witness.relation))


def _left_over(question: _Question, witness: Witness | None) -> Tensor | None:
    """What is left of ``left - right`` in the relation that fails, or in the only one."""
    relations = question.relations
    chosen = witness.relation if witness is not None else relations[0] if len(relations) == 1 else None
    if chosen is None or chosen.relation != "==":
        return None
    return residue(chosen.left, chosen.right, question.assumptions.facts)


def _with_model(question: _Question, proofs: tuple[Proof, ...], reason: str) -> Verdict:
    """A proof with the point that shows that it says something, and that the interpreter agrees with it."""
    relations, assumptions, open_needs = question.relations, question.assumptions, question.open_needs
    sides = [side for r in relations for side in (r.left, r.right)]
    listed = in_words(distinct(open_needs, equalities.solver_for(assumptions, *sides)))
    fixed = {name: int(size) for name, size in assumptions.sizes.items() if size.is_Integer}
    for model in satisfying(question.ground, assumptions, open_needs, patterns=SMALL):
        if any(fails_at(relation, model, places=1) is not None for relation in relations):
            raise Unsound(f"{relations} was proved and is false at {model}")
        record = question.record()
        return Verdict(PROVED, listed, model, reason=reason, fixed=fixed, record=record, proof=proofs)
    return Verdict(UNDECIDED, conditions=listed, reason="possibly vacuous: no point satisfies all conditions")


# along a recursion ----------------------------------------------------------------------------------------------------


def _along(
    stated: Sequence[Relation],
    given: Sequence[Relation],
    by: Sequence[Tensor],
    along: Recursion,
    using: Sequence[Lemma],
) -> Verdict:
    """By induction, or refuted after some steps; the model and the first steps are checked by the interpreter."""
    always = [relation for relation in given if not along.moves(relation)]
    base, goals = [along.at_start(r) for r in stated], [along.next(r) for r in stated]
    _check_fresh([side for r in (*base, *goals) for side in (r.left, r.right)], using)
    first = _shown(base, always, [along.put_in_start(c) for c in by], using)
    later = _shown(goals, [*given, *stated], by, using)
    if first.proofs is not None and later.proofs is not None:
        step = _Question.of(goals, given, later.needs)
        needed = [along.at_start(r) for r in (*step.open_needs, *(r for r in given if along.moves(r)))]
        proof: Proof = {
            "kind": "induction",
            "along": along,
            "hypotheses": tuple(stated),
            "given": tuple(given),
            "needs": tuple(step.open_needs),
            "base": first.proofs,
            "step": later.proofs,
        }
        verdict = _decided(_Question.of(base, always), _Attempt((proof,), (*first.needs, *needed)))
        if verdict.status != PROVED:
            return verdict
        if not _steps_agree(stated, given, along):
            return Verdict(UNDECIDED, reason="possibly vacuous: no point satisfies the assumptions at the first steps")
        listed = in_words(distinct(step.open_needs, equalities.solver_for(step.assumptions)))
        lemmas = f"given {' and '.join(dict.fromkeys(lemma.name for lemma in using))}" if using else ""
        return replace(verdict, model=along.started(verdict.model), conditions=listed, reason=lemmas)
    for steps in range(MOST_STEPS + 1):
        question = _after(steps, stated, given, along)
        witness = _refuted(question, 2 * POINTS if steps < MOST_STEPS else POINTS)
        if witness is not None:
            record = question.record(witness.relation)
            return Verdict(REFUTED, witness=witness, reason=f"after {steps} steps", record=record)
    return Verdict(
        UNDECIDED, reason=first.reason or later.reason or "no proof was found, and no step at which it fails"
    )


def _after(steps: int, stated: Sequence[Relation], given: Sequence[Relation], along: Recursion) -> _Question:
    return _Question.of([along.after(steps, r) for r in stated], along.assumed_at(steps, given))


def _steps_agree(stated: Sequence[Relation], given: Sequence[Relation], along: Recursion) -> bool:
    """Whether there is a point at which everything is defined after a step; what was proved holds there."""
    question = _after(1, stated, given, along)
    for model in satisfying(question.ground, question.assumptions, question.open_needs, patterns=SMALL):
        if any(fails_at(relation, model, places=1) is not None for relation in question.relations):
            raise Unsound(f"{stated} was proved by induction and is false after a step at {model}")
        return True
    return False


# refutations ----------------------------------------------------------------------------------------------------------


def _refuted(question: _Question, attempts: int = POINTS, plain: bool = False) -> Witness | None:
    for model in satisfying(question.ground, question.assumptions, question.open_needs, attempts, plain=plain):
        for relation in question.relations:
            witness = fails_at(relation, model)
            if witness is not None:
                return witness
    return None


def re_evaluated(witness: Witness) -> bool:
    """Whether a witness still refutes its relation when everything is computed again.

    Example:
        >>> from symnorm.tensors import equal, scalar, sqrt
        >>> a = scalar("a")
        >>> re_evaluated(decide([equal(sqrt(a**2), a)]).witness)
        True
    """
    return fails_at(witness.relation, witness.model) is not None


__all__ = ["Model", "Unsound", "decide", "prove", "re_evaluated"]
