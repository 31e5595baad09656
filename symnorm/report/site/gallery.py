"""The pictures of several normalizers as one SVG file, for a README or a slide: light or dark as the reader has it.

In come normalizers, out comes the file's text; ``symnorm picture`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from symnorm.normalizers import Normalizer
from symnorm.report.site.picture import Picture, pictures

COLUMNS = 4
WIDTH, TITLE, MARGIN = 290, 50, 16
LETTER = 6.2  # how wide one of the small letters is
STYLE = """text { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #5d636e }
.name { font-size: 15px; font-weight: 600; fill: #1d1f24 } .words { font-size: 12px }
.ground { fill: #fdfdfc } .in { fill: #0b57a4 } .out { fill: #dfe3e8 }
@media (prefers-color-scheme: dark) { text { fill: #a1a8b3 } .name { fill: #e4e6ea }
.ground { fill: #15171b } .in { fill: #7db8f5 } .out { fill: #343a44 } }"""


def gallery(normalizers: Iterable[Normalizer]) -> str:
    """An SVG document: for each normalizer its name, and its first picture with what it says in words.

    A normalizer without a reduction over one of several axes has no picture and is left out.

    Example:
        >>> from symnorm.normalizers import batch_norm
        >>> "mu, var: over N, for each C" in gallery([batch_norm])
        True
    """
    drawn = [(one, found[0]) for one in normalizers if (found := pictures(one))]
    rows = [drawn[start : start + COLUMNS] for start in range(0, len(drawn), COLUMNS)]
    cards, top = [], MARGIN
    for row in rows:
        for column, (one, picture) in enumerate(row):
            cards.append(_card(one, picture, MARGIN + column * WIDTH, top))
        top += TITLE + max(picture.height + 18 * len(_lines(picture.words)) for _, picture in row) + 2 * MARGIN
    width = 2 * MARGIN + WIDTH * max((len(row) for row in rows), default=0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}">\n'
        f"<title>Who is reduced with whom</title>\n<style>{STYLE}</style>\n"
        f'<rect class="ground" width="100%" height="100%"/>\n{"".join(cards)}</svg>\n'
    )


def _card(one: Normalizer, picture: Picture, left: int, top: int) -> str:
    below = TITLE + picture.height
    words = "".join(
        f'<text class="words" x="0" y="{below + 18 * row}">{escape(line)}</text>'
        for row, line in enumerate(_lines(picture.words), start=1)
    )
    return (
        f'<g transform="translate({left} {top})"><text class="name" x="0" y="16">{escape(one.title)}</text>'
        f'<text class="words" x="0" y="34">{escape(one.name)}</text>'
        f'<g transform="translate(0 {TITLE})">{picture.shapes}</g>{words}</g>\n'
    )


def _lines(words: str) -> list[str]:
    """Words on lines that fit a card."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(f"{lines[-1]} {word}") * LETTER > WIDTH - MARGIN:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
