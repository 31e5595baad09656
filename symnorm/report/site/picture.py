"""Who is averaged with whom, drawn: for each reduction of a definition the elements that one of its results sees.

In comes a normalizer, out come inline SVG drawings with words. The last axis of a tensor runs from left to right, the
one before it downwards; further axes repeat that block, again to the right and then downwards. The elements that share
a result with the first one are filled. Read off the equations, so that a new definition has its picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import product

from markupsafe import Markup

from symnorm.normalizers import Normalizer, opaque
from symnorm.tensors import Axis, walk
from symnorm.tensors.tensor import OVER_AXES

SHOWN = 4
"""So many elements are drawn along an axis, whatever its size is; of the outer ones fewer."""
OUTER = 3
CELL, SIDE, GAP, EDGE = 16, 14, 10, 26


@dataclass(frozen=True)
class Picture:
    """A drawing of one index set, and what it says in words.

    Attributes:
        words: which quantities are reductions over which axes.
        width, height: of the drawing.
        shapes: what is drawn, as SVG elements.
    """

    words: str
    width: int
    height: int
    shapes: str

    @property
    def svg(self) -> Markup:
        """The drawing as an element of a page."""
        return Markup(
            f'<svg class="axes" role="img" preserveAspectRatio="xMinYMin" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}"><title>{escape(self.words)}</title>{self.shapes}</svg>'
        )


def pictures(one: Normalizer) -> list[Picture]:
    """A picture for each index set that something is summed over, with the names of what is.

    Example:
        >>> from symnorm.normalizers import batch_norm
        >>> [picture.words for picture in pictures(batch_norm)]
        ['mu, var: over N, for each C by itself']
    """
    found: dict[tuple[tuple[Axis, ...], tuple[Axis, ...]], list[str]] = {}
    for name, whole, over in _reductions(one):
        names = found.setdefault((whole, over), [])
        if name not in names:
            names.append(name)
    return [_picture(names, whole, over) for (whole, over), names in found.items()]


def _reductions(one: Normalizer) -> Iterator[tuple[str, tuple[Axis, ...], tuple[Axis, ...]]]:
    """Each equation's reductions: its name, the axes of what is reduced, and those that are summed over."""
    instance = one.instance()
    for name in instance.named:
        for node in walk(opaque(instance.right_hand_side(name))):
            if node.op in OVER_AXES:
                whole = node.args[0].axes
                if len(whole) > 1 and name:
                    yield name, whole, tuple(axis for axis in whole if axis in node.data)


def _picture(names: list[str], whole: tuple[Axis, ...], over: tuple[Axis, ...]) -> Picture:
    kept = [axis.name for axis in whole if axis not in over]
    words = f"{', '.join(names)}: over {' and '.join(axis.name for axis in over)}"
    words += f", for each {' and '.join(kept)} by itself" if kept else ", all of them together"
    places = [_places(whole, direction) for direction in (0, 1)]
    squares: dict[str, list[str]] = {"out": [], "in": []}
    for position in product(*(range(_count(whole, axis)) for axis in whole)):
        here = dict(zip(whole, position, strict=True))
        x, y = (EDGE + sum(step * here[axis] for axis, step in along) for along in places)
        shares = all(at == 0 for axis, at in here.items() if axis not in over)
        squares["in" if shares else "out"].append(f"M{x} {y}h{SIDE}v{SIDE}h-{SIDE}z")
    width, height = (EDGE + 4 + along[-1][1] * _count(whole, along[-1][0]) for along in places)
    labels = []
    for direction, along in enumerate(places):
        for depth, (axis, _) in enumerate(along):
            text = escape(axis.name) + (" →" if direction == 0 else " ↓")
            at = (EDGE + 34 * depth, 16) if direction == 0 else (1, EDGE + 12 + 22 * depth)
            labels.append(f'<text x="{at[0]}" y="{at[1]}">{text}</text>')
    paths = (f'<path class="{kind}" d="{"".join(found)}"></path>' for kind, found in squares.items() if found)
    return Picture(words, width, height, "".join([*labels, *paths]))


def _count(whole: tuple[Axis, ...], axis: Axis) -> int:
    return SHOWN if axis in whole[-2:] else OUTER


def _places(whole: tuple[Axis, ...], direction: int) -> list[tuple[Axis, int]]:
    """The axes that run in a direction, inner ones first, with how far an element lies from the next."""
    step, found = CELL, []
    for axis in list(reversed(whole))[direction::2]:
        found.append((axis, step))
        step = step * _count(whole, axis) + GAP
    return found
