"""Mutants: a claim with one small mistake planted in what it states or assumes.

In come a claim and a source of chance, out comes a :class:`Mutant`: the same statement with a sign, a factor, an
index, an axis, an exponent, a term or an assumption changed, as people change them when they write a formula down. Most
mutants are false and some happen to stay true; :mod:`symnorm.check.soundness` asks which, and whether the prover knows.

The mistakes themselves stand in :mod:`symnorm.check.mistakes`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from symnorm.check.mistakes import MISTAKES, OF_RELATIONS, Scene
from symnorm.claims import Claim
from symnorm.errors import SymnormError
from symnorm.printing import texts
from symnorm.tensors import Relation, Tensor, rebuild, walk
from symnorm.tensors.rebuild import reapply

ATTEMPTS = 200
"""How often a mistake is drawn that does not fit before the claim counts as one that cannot be mutated."""


@dataclass(frozen=True, eq=False)
class Mutant:
    """A statement with a mistake in it.

    Attributes:
        claim: the name of the claim that it was made of.
        mistake: the kind, a key of :data:`MISTAKES` or :data:`OF_RELATIONS`.
        change: what became what, as text.
        relations: what is stated, together.
        given: what is assumed.
        by: for inequalities, what the differences are said to equal.
    """

    claim: str
    mistake: str
    change: str
    relations: tuple[Relation, ...]
    given: tuple[Relation, ...]
    by: tuple[Tensor, ...] = ()

    def __str__(self) -> str:
        stated = " and ".join(map(repr, self.relations))
        assumed = f" given {', '.join(map(repr, self.given))}" if self.given else ""
        by = f" by {', '.join(map(repr, self.by))}" if self.by else ""
        return f"{self.claim} with {self.mistake} ({self.change}): {stated}{assumed}{by}"


def mutant(claim: Claim, draw: random.Random, mistake: str | None = None) -> Mutant:
    """The claim with one mistake.

    Args:
        claim: one that states something.
        draw: the source of chance; the same seed gives the same mutant in every process.
        mistake: the kind; drawn too if it is left out.

    Raises:
        SymnormError: no mistake (of that kind) fits the claim.

    Example:
        >>> from symnorm.claims import Claim
        >>> from symnorm.tensors import axes, equal, mean, tensor
        >>> (N,) = axes("N")
        >>> x = tensor("x", N)
        >>> centred = Claim("x.centred", "", lambda: equal(mean(x - mean(x, over=N), over=N), 0))
        >>> mutant(centred, random.Random(1), "one less counted").relations
        (sum[N](x - mean[N](x))/(N - 1) == 0,)
    """
    relations, given = claim.relations(), claim.given
    by = claim.certificates()
    sides = [side for relation in (*relations, *given) for side in (relation.left, relation.right)]
    roots = [*sides, *by]
    scene = Scene.of(*roots)
    kinds = [*MISTAKES, *OF_RELATIONS] if mistake is None else [mistake]
    for _ in range(ATTEMPTS):
        kind = draw.choice(kinds)
        if kind in OF_RELATIONS:
            of_given = kind != "another relation"
            old = given if of_given else relations
            if old:
                new = OF_RELATIONS[kind](old, draw)
                change = f"{_listed(old)} -> {_listed(new)}"
                return Mutant(claim.name, kind, change, relations if of_given else new, new if of_given else given, by)
            continue
        chosen = draw.randrange(len(roots))
        planted = _planted(roots[chosen], kind, scene, draw)
        if planted is not None:
            change, root = planted
            changed = [*roots[:chosen], root, *roots[chosen + 1 :]]
            pairs = [
                Relation(changed[2 * i], r.relation, changed[2 * i + 1]) for i, r in enumerate((*relations, *given))
            ]
            stated, assumed = tuple(pairs[: len(relations)]), tuple(pairs[len(relations) :])
            return Mutant(claim.name, kind, change, stated, assumed, tuple(changed[len(sides) :]))
    raise SymnormError(f"{mistake or 'no mistake'} fits {claim.name} in {ATTEMPTS} attempts")


def _listed(relations: tuple[Relation, ...]) -> str:
    return ", ".join(map(repr, relations)) or "nothing"


def _planted(root: Tensor, kind: str, scene: Scene, draw: random.Random) -> tuple[str, Tensor] | None:
    """What changed, and the root with a mistake at one node: at one use of it, or wherever it is used."""
    fitting = [(node, found) for node in walk(root) if (found := _alternatives(node, kind, scene))]
    if not fitting:
        return None
    node, alternatives = draw.choice(fitting)
    new, once = draw.choice(alternatives), draw.random() < 0.5
    try:
        changed = _at_one_use(root, node, new, draw) if once else _everywhere(root, node, new)
    except SymnormError:
        return None  # an axis that does not fit what stands around it
    before, after = texts(node, new, plain_reductions=False)
    return f"{before} -> {after}{' once' if once else ''}", changed


def _alternatives(node: Tensor, kind: str, scene: Scene) -> list[Tensor]:
    try:
        return MISTAKES[kind](node, scene)
    except SymnormError:
        return []  # two sizes under one name meet


def _everywhere(root: Tensor, node: Tensor, new: Tensor) -> Tensor:
    return rebuild((root,), lambda old, args: new if old is node else None)[0]


def _at_one_use(root: Tensor, node: Tensor, new: Tensor, draw: random.Random) -> Tensor:
    """The root with ``new`` at one of the places where ``node`` is used; every other use of it stays."""
    users: dict[Tensor, list[tuple[Tensor, int]]] = {}
    for user in walk(root):
        for position, arg in enumerate(user.args):
            users.setdefault(arg, []).append((user, position))
    while node is not root:
        user, position = draw.choice(users[node])
        new = reapply(user, tuple(new if i == position else arg for i, arg in enumerate(user.args)))
        node = user
    return new


__all__ = ["MISTAKES", "OF_RELATIONS", "Mutant", "mutant"]
