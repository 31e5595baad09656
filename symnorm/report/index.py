"""The index of the catalogue as Markdown: every claim with its sentence, its verdict and its source, by topic.

Made by ``python -m symnorm.report.index -o proofs/README.md``; a test holds the file against the catalogue. The verdict
is the one that the catalogue expects, which ``symnorm verify`` checks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from symnorm.claims import Claim, catalogue
from symnorm.report.output import STANDARD_OUTPUT, deliver

HEAD = """# The catalogue

Claims about normalizers, each with the verdict that `symnorm verify` confirms. Made by
`python -m symnorm.report.index -o proofs/README.md` from the files beside it; `symnorm prove NAME` shows a claim with
its statement, its assumptions and what the verdict rests on. A second name in parentheses finds the same claim.
"""


def index(claims: Iterable[Claim]) -> str:
    """The whole index.

    Example:
        >>> from symnorm.claims import catalogue
        >>> "weight_norm.norm_eq_g" in index(catalogue.catalogue().values())
        True
    """
    by_topic: dict[str, list[Claim]] = {}
    for claim in claims:
        by_topic.setdefault(claim.topic or "Other", []).append(claim)
    everything = [claim for group in by_topic.values() for claim in group]
    counts = Counter(claim.expected for claim in everything)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    parts = [HEAD, f"{len(everything)} claims: {counted}.\n"]
    for topic in sorted(by_topic):
        parts.append(f"## {topic}\n")
        parts.append("| claim | verdict | source |\n|---|---|---|")
        parts.extend(_row(claim) for claim in by_topic[topic])
        parts.append("")
    return "\n".join(parts).rstrip("\n")


def _row(claim: Claim) -> str:
    names = f"`{claim.name}`" + "".join(f" (`{name}`)" for name in claim.also)
    words = _cell(claim.sentence) + (f" *{_cell(claim.note)}*" if claim.note else "")
    return f"| {names}<br>{words} | {claim.expected} | {_cell(claim.source)} |"


def _cell(text: str) -> str:
    """Text in a cell of a Markdown table, its signs as they are."""
    for sign in ("\\", "|", "<", "*", "_", "$"):
        text = text.replace(sign, f"\\{sign}")
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", default=STANDARD_OUTPUT)
    options = parser.parse_args(arguments)
    deliver(index(catalogue.catalogue().values()), options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
