"""What a generated proof may consist of, so that nothing but Coq's kernel decides: definitions, lemmas, tactics.

A proof that declares what it should show, leaves a goal open, changes how Coq checks or what a symbol means, or makes
Coq read or write a file is refused before it is compiled. What lemmas rest on is checked again afterwards, by what
``Print Assumptions`` prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# The words that a sentence outside a proof may begin with: Section's variables are generalised when it is closed.
OUTSIDE = ("Section", "Variable", "Variables", "Hypothesis", "Definition", "Lemma", "Theorem", "Ltac", "Proof", "End")
# What no sentence may contain: ways to leave a goal open.
FORBIDDEN = ("Admitted", "admit", "give_up", "Abort", "Axiom", "Axioms", "Parameter", "Parameters", "Conjecture")
TACTIC = re.compile(r"[-+*{}]|\d+:|[a-z]")


class Refused(Exception):
    """A sentence that no proof may contain."""


def scan(proof: str) -> None:
    """Refuses a proof with anything else in it than definitions, lemmas and tactics.

    Raises:
        Refused: with the sentence.

    Example:
        >>> scan("Lemma one : 1 = 1. Proof. reflexivity. Qed.")
        >>> scan("Axiom one : 0 = 1.")
        Traceback (most recent call last):
        symnorm.coq.scanner.Refused: a proof may not contain 'Axiom one : 0 = 1.'
    """
    inside, sections = False, 0
    for sentence in sentences(proof):
        word = re.split(r"[^A-Za-z]", sentence, maxsplit=1)[0]
        bad = any(found in FORBIDDEN for found in re.findall(r"[A-Za-z_]+", sentence))
        if inside:
            bad = bad or not (word == "Qed" or TACTIC.match(sentence))
            inside = word != "Qed"
        else:
            bad = bad or word not in OUTSIDE or (word in ("Variable", "Variables", "Hypothesis") and not sections)
            sections += (word == "Section") - (word == "End")
            inside = word == "Proof"
        if bad or sections < 0:
            raise Refused(f"a proof may not contain {sentence!r}")
    if inside or sections:
        raise Refused("a proof may not end before it is finished")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a Coq text: each ends with a full stop before a space, or is a bullet or a brace."""
    if '"' in text:
        raise Refused("a proof may not contain a string")
    if "(*" in text:
        raise Refused("a proof may not contain a comment")
    for part in re.split(r"(?<=\.)\s+", text.strip()):
        part = part.strip()
        if part:
            yield part
