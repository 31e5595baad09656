"""A claim is data: a name, a sentence, what it states, what it assumes, where it comes from, which verdict is expected.

What it states is built when it is asked for, so that a catalogue of hundreds loads at once and the time of a proof is
the time of everything that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symnorm.claims.lemmas import Lemma
from symnorm.claims.recursion import Recursion
from symnorm.errors import SymnormError
from symnorm.tensors import Relation, Tensor

EXPECTATIONS = ("proved", "refuted", "undecided", "empirical")
Statement = Callable[[], "Relation | tuple[Relation, ...]"]


@dataclass(frozen=True, eq=False)
class Claim:
    """One statement that is true, false, open or about experiments.

    Attributes:
        name: dotted; what stands before the first dot is the normalizer.
        sentence: the statement in words.
        states: gives the relation, or several that hold together.
        given: what is assumed.
        source: where it is claimed, with section or equation.
        expected: the verdict that the catalogue expects.
        kind: identity, invariance, orthogonality, inequality, dynamics, probabilistic, limit, convention, empirical,
            or loose: refuted as it is worded, which gives a thing another's name or credits what does not say it.
        by: for inequalities: expressions that the gaps equal and that are visibly not negative, one or several.
        along: the recursion at whose every step the relations are claimed to hold.
        using: the lemmas that the proof rests on.
        examples: values to try first where a point is looked for, for a proof or against the claim.
        note: for an empirical statement why no proof is possible; for a false one what is wrong with it.
        also: other names that the claim is found by: statements of other catalogues that it covers.
        topic: what part of the subject it belongs to, for an index by subject.
    """

    name: str
    sentence: str
    states: Statement | None
    given: tuple[Relation, ...] = ()
    source: str = ""
    expected: str = "proved"
    kind: str = "identity"
    by: Callable[[], Tensor | Sequence[Tensor]] | None = None
    note: str = ""
    also: tuple[str, ...] = ()
    topic: str = ""
    along: Callable[[], Recursion] | None = None
    using: Callable[[], Sequence[Lemma]] | None = None
    examples: tuple[Mapping[str, Any], ...] = ()

    @property
    def normalizer(self) -> str:
        """What the claim is about."""
        return self.name.partition(".")[0]

    def relations(self) -> tuple[Relation, ...]:
        """What is stated."""
        if self.states is None:
            return ()
        stated = self.states()
        relations = (stated,) if isinstance(stated, Relation) else tuple(stated)
        if not relations or not all(isinstance(relation, Relation) for relation in relations):
            raise SymnormError(f"{self.name} states no relation; equal(left, right), left >= right, ... state one")
        return relations

    def certificates(self) -> tuple[Tensor, ...]:
        """What the gaps of inequalities are said to equal."""
        found = self.by() if self.by is not None else ()
        return (found,) if isinstance(found, Tensor) else tuple(found)


class Collection(dict[str, Claim]):
    """Claims by name, in order; a name, also a second one, stands for one claim only."""

    def __init__(self) -> None:
        super().__init__()
        self.aliases: dict[str, Claim] = {}
        self.topic = ""

    def add(self, claim: Claim) -> Claim:
        """One more claim.

        Raises:
            SymnormError: one of its names is taken.
        """
        for name in (claim.name, *claim.also):
            if self.called(name) is not None:
                raise SymnormError(f"two claims are called {name}")
        self[claim.name] = claim
        self.aliases |= dict.fromkeys(claim.also, claim)
        return claim

    def called(self, name: str) -> Claim | None:
        """The claim of a name or second name."""
        return self.get(name) or self.aliases.get(name)


_collecting: list[Collection] = []


def about(topic: str) -> None:
    """The topic of the claims that follow in a file, unless one names its own."""
    if _collecting:
        _collecting[-1].topic = topic


def claim(
    name: str,
    sentence: str,
    states: Statement | None = None,
    *,
    given: Iterable[Relation] = (),
    source: str,
    expected: str = "proved",
    kind: str = "identity",
    by: Callable[[], Tensor | Sequence[Tensor]] | None = None,
    note: str = "",
    also: Iterable[str] = (),
    topic: str = "",
    along: Callable[[], Recursion] | None = None,
    using: Callable[[], Sequence[Lemma]] | None = None,
    examples: Iterable[Mapping[str, Any]] = (),
) -> Claim:
    """State a claim; in a file of ``proofs/`` it joins the catalogue.

    Args:
        name: ``normalizer.what_is_claimed``.
        sentence: the statement in words.
        states: a function that gives the relation (or a tuple of them); ``None`` for an empirical statement.
        given: relations that are assumed.
        source: paper and section.
        expected: ``proved``, ``refuted``, ``undecided`` or ``empirical``.
        kind: identity, invariance, orthogonality, inequality, dynamics, probabilistic, limit, convention, empirical
            or loose.
        by: for inequalities, the visibly non-negative expressions that the differences equal.
        along: a function that gives the recursion at whose every step the relation holds.
        using: a function that gives the lemmas that the proof rests on.
        examples: values by name (integers, rationals, nested lists) to try first as points; checked like all others.
        note: what is wrong with a false statement, or why an empirical one cannot be proved.
        also: other names that it is found by.
        topic: the part of the subject, for an index; if left out, what :func:`about` said.

    Raises:
        SymnormError: a name without a dot, an unknown expectation, nothing stated or experiments with a statement.
    """
    if "." not in name.strip("."):
        raise SymnormError(f"a claim is named normalizer.what_is_claimed, not {name!r}")
    if expected not in EXPECTATIONS:
        raise SymnormError(f"{name}: the expected verdict is one of {', '.join(EXPECTATIONS)}, not {expected!r}")
    if (states is None) != (expected == "empirical"):
        raise SymnormError(f"{name}: a statement about experiments is empirical and states nothing to prove")
    subject = topic or (_collecting[-1].topic if _collecting else "")
    made = Claim(
        name,
        sentence,
        states,
        tuple(given),
        source,
        expected,
        kind,
        by,
        note,
        tuple(also),
        subject,
        along,
        using,
        tuple(examples),
    )
    if _collecting:
        _collecting[-1].add(made)
    return made


class collecting:
    """While it is open, every claim that is stated joins its collection."""

    def __enter__(self) -> Collection:
        _collecting.append(Collection())
        return _collecting[-1]

    def __exit__(self, *_: Any) -> None:
        _collecting.pop()


def as_mapping(claim: Claim) -> Mapping[str, str]:
    """What a table or a JSON file shows of a claim itself."""
    return {
        "name": claim.name,
        "normalizer": claim.normalizer,
        "kind": claim.kind,
        "expected": claim.expected,
        "source": claim.source,
        "sentence": claim.sentence,
        "note": claim.note,
        "topic": claim.topic,
        "also": ", ".join(claim.also),
        "given": ", ".join(repr(relation) for relation in claim.given),
    }
