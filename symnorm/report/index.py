"""The index of the catalogue as Markdown: every claim with its sentence, its verdict and its source, by topic.

Made by ``python -m symnorm.report.index -o proofs/README.md``; a test holds the file against the catalogue. The verdict
is the one that the catalogue expects, which ``symnorm verify`` checks. With ``--pairs TRUE FALSE TRUE FALSE ...`` the
table of the project's README: true claims, and beside each a false one that is easily taken for it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

from symnorm.claims import PROVED, REFUTED, Claim, catalogue
from symnorm.claims.location import proofs_directory
from symnorm.errors import SymnormError
from symnorm.report.checked import RECORD, digest, recorded
from symnorm.report.output import STANDARD_OUTPUT, deliver

LOOSE = "loose"

HEAD = """# The catalogue

Claims about normalizers, each with the verdict that `symnorm verify` confirms. Made by
`python -m symnorm.report.index -o proofs/README.md` from the files beside it; `symnorm prove NAME` shows a claim with
its statement, its assumptions and what the verdict rests on. A second name in parentheses finds the same claim.

The last column says who has checked a claim. The prover decides it, and a refutation is exact evaluation at a point;
the replayer has accepted the certificate, which a proof's own point is evaluated for as well; Coq has accepted a proof
of the statement for all sizes. The last two are taken from `checked.json`, which `symnorm recheck --record` writes
by the digest of the statement, so a claim that has changed since counts as not checked.
"""


def index(claims: Iterable[Claim], known: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The whole index; ``known`` is what was recorded of checks, by default in the catalogue's own directory.

    Example:
        >>> from symnorm.claims import catalogue
        >>> "weight_norm.norm_eq_g" in index(catalogue.catalogue().values())
        True
    """
    known = recorded(proofs_directory() / RECORD) if known is None else known
    by_topic: dict[str, list[Claim]] = {}
    for claim in claims:
        by_topic.setdefault(claim.topic or "Other", []).append(claim)
    everything = [claim for group in by_topic.values() for claim in group]
    counts = Counter(claim.expected for claim in everything)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    loose = sum(claim.kind == LOOSE for claim in everything)
    of_words = f" {loose} of the refuted are loose: a name or an attribution is wrong." if loose else ""
    parts = [HEAD, f"{len(everything)} claims: {counted}.{of_words}\n"]
    for topic in sorted(by_topic):
        parts.append(f"## {topic}\n")
        parts.append("| claim | verdict | source | checked by |\n|---|---|---|---|")
        parts.extend(_row(claim, known.get(claim.name, {})) for claim in by_topic[topic])
        parts.append("")
    return "\n".join(parts).rstrip("\n")


def pairs(names: Sequence[str]) -> str:
    """True claims and false ones as a table, from names that alternate.

    Raises:
        SymnormError: a name that is no claim, or one whose verdict is not that of its column.

    Example:
        >>> print(pairs(["weight_norm.norm_g_nonnegative", "weight_norm.norm_eq_g"]).splitlines()[-1][:60])
        | For g >= 0 the weights have length g.<br>`weight_norm.norm
    """
    known = catalogue.catalogue()
    lines = ["| proved for all sizes | refuted with a witness |", "|---|---|"]
    cells = []
    for name, expected in zip(names, cycle((PROVED, REFUTED)), strict=False):
        claim = known.called(name)
        if claim is None or claim.expected != expected:
            found = claim.expected if claim else "no claim"
            raise SymnormError(f"{name} is {found}; its column has what is {expected}")
        cells.append(f"{_cell(claim.sentence)}<br>`{claim.name}`")
    lines += [f"| {true} | {false} |" for true, false in zip(cells[::2], cells[1::2], strict=True)]
    return "\n".join(lines)


def _checked(claim: Claim, known: Mapping[str, str]) -> str:
    """Who has checked a claim."""
    if claim.expected not in ("proved", "refuted"):
        return ""
    by = ["prover" if claim.expected == "proved" else "exact evaluation"]
    if known and known["statement"] == digest(claim):
        by += [name for name in ("replayer", "Coq") if known.get(name.lower())]
    return ", ".join(by)


def _row(claim: Claim, known: Mapping[str, str]) -> str:
    names = f"`{claim.name}`" + "".join(f" (`{name}`)" for name in claim.also)
    words = _cell(claim.sentence) + (f" *{_cell(claim.note)}*" if claim.note else "")
    verdict = f"{claim.expected}, {LOOSE}" if claim.kind == LOOSE else claim.expected
    return f"| {names}<br>{words} | {verdict} | {_cell(claim.source)} | {_checked(claim, known)} |"


def _cell(text: str) -> str:
    """Text in a cell of a Markdown table, its signs as they are."""
    for sign in ("\\", "|", "<", "*", "_", "$"):
        text = text.replace(sign, f"\\{sign}")
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", default=STANDARD_OUTPUT)
    parser.add_argument("--pairs", nargs="+", metavar="CLAIM")
    options = parser.parse_args(arguments)
    deliver(pairs(options.pairs) if options.pairs else index(catalogue.catalogue().values()), options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
