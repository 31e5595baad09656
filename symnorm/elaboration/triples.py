"""What is known of a sign: whether a real is at least zero, at most zero, and not zero, wherever it is spoken of."""

from __future__ import annotations

Sign = tuple[bool, bool, bool]  # not negative, not positive, not zero
SIGNS: dict[str, Sign] = {">": (True, False, True), ">=": (True, False, False), "!=": (False, False, True)}
SIGNS |= {"<": (False, True, True), "<=": (False, True, False), "positive": (True, False, True)}
SIGNS |= {"nonnegative": (True, False, False), "nonzero": (False, False, True)}


UNKNOWN: Sign = (False, False, False)


def either(a: Sign, b: Sign) -> Sign:
    """What two sources know together."""
    return a[0] or b[0], a[1] or b[1], a[2] or b[2]


def of_sum(a: Sign, b: Sign) -> Sign:
    """The sign of a sum."""
    up, down = a[0] and b[0], a[1] and b[1]
    return up, down, (up or down) and (a[2] or b[2])


def of_product(a: Sign, b: Sign) -> Sign:
    """The sign of a product."""
    return (a[0] and b[0]) or (a[1] and b[1]), (a[0] and b[1]) or (a[1] and b[0]), a[2] and b[2]
