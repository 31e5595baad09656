"""Exact numbers on paper: as text that :class:`fractions.Fraction` reads back, as floats, and as nested lists.

Called by everything in this stage that shows a point: words, JSON and the NumPy snippet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from symnorm.evaluate import Interval, Number, Surd

Index = tuple[int, ...]


LONGEST_BITS = 4000
"""A number of more bits is of no use to a reader; its size is given instead."""


def exact_text(value: Number) -> str:
    """``3``, ``-3/2``, ``1/2*sqrt(2)``; the two ends of an enclosure; a number too long for a page by its size.

    Example:
        >>> exact_text(Fraction(-3, 2))
        '-3/2'
        >>> exact_text(2**100000)
        'about 10^30102'
    """
    if isinstance(value, int | Fraction):
        above, below = abs(value.numerator).bit_length(), value.denominator.bit_length()
        if max(above, below) > LONGEST_BITS:
            return f"{'-' if value < 0 else ''}about 10^{int((above - below) * math.log10(2))}"
    try:
        return str(value)
    except ValueError:  # Python writes no integer of thousands of digits
        return f"about {approximately(value):g}"


def approximately(value: Number) -> float:
    """The nearest float to the number, or to the middle of its enclosure; infinite beyond the range of floats.

    Example:
        >>> approximately(Fraction(1, 4))
        0.25
    """
    middle: int | Fraction
    if isinstance(value, Surd | Interval):
        around = value.enclosure() if isinstance(value, Surd) else value
        middle = (around.lo + around.hi) / 2
    else:
        middle = value
    try:
        return float(middle)
    except OverflowError:
        return math.inf if middle > 0 else -math.inf


def nested(entries: Mapping[Index, Number], show: Callable[[Number], Any]) -> Any:
    """Entries by 1-based index tuple as nested lists.

    Example:
        >>> nested({(1, 1): 1, (1, 2): 2, (2, 1): 3, (2, 2): 4}, str)
        [['1', '2'], ['3', '4']]
    """
    if () in entries:
        return show(entries[()])
    firsts = sorted({index[0] for index in entries})
    return [nested({at[1:]: value for at, value in entries.items() if at[0] == first}, show) for first in firsts]
