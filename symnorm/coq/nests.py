"""Sums under sums, and proofs that two of them are the same, step by step and without search.

A :class:`Nest` is a product of entries under binders: ``Sg N (fun i => Sg C (fun j => x i j * gamma j))``. Products of
nests are drawn together under all of their binders, binders change places, a delta contracts its binder, what does not
carry a binder gives its size. Each step is a few tactics; the goal after it is written out in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

Binder = tuple[str, str]  # a variable and the size of its axis


@dataclass(frozen=True)
class Entry:
    """A generator at some positions, to a power."""

    generator: int
    places: tuple[str, ...]
    power: int


@dataclass(frozen=True)
class Nest:
    """``scalars * (product of entries)`` under binders, the first of them outermost."""

    binders: tuple[Binder, ...]
    entries: tuple[Entry, ...]
    scalars: tuple[str, ...] = ()


Write = Callable[[Entry], str]


def product(factors: Sequence[str]) -> str:
    """A product of texts."""
    if not factors:
        return "1"
    return factors[0] if len(factors) == 1 else f"({' * '.join(factors)})"


def under(binders: Iterable[Binder], body: str) -> str:
    """A text under binders."""
    for variable, size in reversed(list(binders)):
        body = f"(Sg {size} (fun {variable} : nat => {body}))"
    return body


def text(nest: Nest, write: Write, skip: int = 0) -> str:
    """A nest without its first binders."""
    body = product([write(entry) for entry in nest.entries])
    for scalar in nest.scalars:
        body = f"({scalar} * {body})"
    return under(nest.binders[skip:], body)


def entered(binders: Iterable[Binder]) -> str:
    """Tactics that go below the same binders on both sides."""
    return "".join(f"apply Sg_ext; intros {v} H'{v}; cbv beta.\n" for v, _ in binders)


def drawn(nests: Sequence[Nest], scalars: Sequence[str], write: Write) -> str:
    """Tactics for: scalars times a product of nests is what stands in them, under all of their binders."""
    tactics, done = "", list(scalars)
    for place, nest in enumerate(nests):
        later = [text(other, write) for other in nests[place + 1 :]]
        for depth, (variable, size) in enumerate(nest.binders):
            inner = text(nest, write, depth + 1)
            rest = product([*done, *later])
            tactics += (
                f"apply (Sg_out {size} (fun {variable} : nat => {inner}) {rest}); "
                f"[ring | intros {variable} H'{variable}; cbv beta].\n"
            )
        done.append(text(replace(nest, binders=()), write))
    return tactics + "ring.\n"


def moved_in(nest: Nest, variable: str, write: Write) -> tuple[Nest, str]:
    """The nest with a binder as the innermost one, and tactics for that it is the same."""
    order = [name for name, _ in nest.binders]
    place = order.index(variable)
    tactics = ""
    for depth in range(place, len(order) - 1):
        nest, step = swapped(nest, depth, write)
        tactics += step
    return nest, tactics


def swapped(nest: Nest, depth: int, write: Write) -> tuple[Nest, str]:
    """Two neighbouring binders in the other order."""
    binders = list(nest.binders)
    binders[depth], binders[depth + 1] = binders[depth + 1], binders[depth]
    other = replace(nest, binders=tuple(binders))
    return other, step(text(other, write), entered(binders[:depth]) + "apply Sg_swap.\n")


def step(target: str, tactics: str) -> str:
    """Go on from what is equal."""
    return f"transitivity {target}.\n{{ {tactics.rstrip()}\n}}\n"


def ordered(nest: Nest, wanted: Sequence[str], write: Write) -> tuple[Nest, str]:
    """The nest with its binders in another order."""
    tactics = ""
    for place in range(len(wanted)):
        at = [name for name, _ in nest.binders].index(wanted[place])
        for depth in reversed(range(place, at)):
            nest, swap = swapped(nest, depth, write)
            tactics += swap
    return nest, tactics


def renamed(entries: Iterable[Entry], moves: dict[str, str]) -> tuple[Entry, ...]:
    """Entries at other positions."""
    return tuple(replace(one, places=tuple(moves.get(p, p) for p in one.places)) for one in entries)
