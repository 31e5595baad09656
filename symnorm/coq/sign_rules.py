"""Which sign an operation's value has, from the signs of its arguments: a table of lemmas of ``Signs.v``.

A row says: this sign, by this lemma, where these arguments have these signs. Read by :mod:`.positivity`.
"""

from __future__ import annotations

from collections.abc import Callable

from symnorm.coq.section import below

UP, DOWN, OFF, ABOVE, BELOW = "0 <= {}", "{} <= 0", "{} <> 0", "0 < {}", "{} < 0"
SAYS = {">=": UP, "<=": DOWN, "!=": OFF, ">": ABOVE, "<": BELOW}
FLIPPED = {UP: DOWN, DOWN: UP, OFF: OFF, ABOVE: BELOW, BELOW: ABOVE}
Row = tuple[str, str, list[tuple[int, str]]]
Term = Callable[[str], str | None]  # the proof of a sign, if there is one

# What follows from other signs of the same value.
SAME: list[Row] = [
    (UP, "weak_up", [(0, ABOVE)]),
    (DOWN, "weak_down", [(0, BELOW)]),
    (OFF, "weak_off", [(0, ABOVE)]),
    (OFF, "weak_off'", [(0, BELOW)]),
    (ABOVE, "strict_above", [(0, UP), (0, OFF)]),
    (BELOW, "strict_below", [(0, DOWN), (0, OFF)]),
]
# What an assumed comparison says of the difference of its sides.
GAP = {UP: "gap_up", DOWN: "gap_down", OFF: "gap_off", ABOVE: "gap_above", BELOW: "gap_below"}
# What an equation says, from the sign of its left side.
MOVED = {UP: "moved_up", DOWN: "moved_down", OFF: "moved_off", ABOVE: "moved_above", BELOW: "moved_below"}
RULES: dict[str, list[Row]] = {
    "add": [
        (UP, "add_up", [(0, UP), (1, UP)]),
        (DOWN, "add_down", [(0, DOWN), (1, DOWN)]),
        (ABOVE, "add_above", [(0, ABOVE), (1, UP)]),
        (ABOVE, "add_above'", [(0, UP), (1, ABOVE)]),
        (BELOW, "add_below", [(0, BELOW), (1, DOWN)]),
        (BELOW, "add_below'", [(0, DOWN), (1, BELOW)]),
    ],
    "sub": [
        (UP, "sub_up", [(0, UP), (1, DOWN)]),
        (DOWN, "sub_down", [(0, DOWN), (1, UP)]),
        (ABOVE, "sub_above", [(0, ABOVE), (1, DOWN)]),
        (ABOVE, "sub_above'", [(0, UP), (1, BELOW)]),
        (BELOW, "sub_below", [(0, BELOW), (1, UP)]),
        (BELOW, "sub_below'", [(0, DOWN), (1, ABOVE)]),
    ],
    "mul": [
        (UP, "mul_up", [(0, UP), (1, UP)]),
        (UP, "mul_up'", [(0, DOWN), (1, DOWN)]),
        (DOWN, "mul_down", [(0, UP), (1, DOWN)]),
        (DOWN, "mul_down'", [(0, DOWN), (1, UP)]),
        (OFF, "mul_off", [(0, OFF), (1, OFF)]),
    ],
    "div": [
        (UP, "div_up", [(0, UP), (1, UP)]),
        (UP, "div_up'", [(0, DOWN), (1, DOWN)]),
        (DOWN, "div_down", [(0, UP), (1, DOWN)]),
        (DOWN, "div_down'", [(0, DOWN), (1, UP)]),
        (OFF, "div_off", [(0, OFF), (1, OFF)]),
    ],
    "inverse": [(UP, "inv_up", [(0, UP)]), (DOWN, "inv_down", [(0, DOWN)]), (OFF, "inv_off", [(0, OFF)])],
    "neg": [(UP, "neg_up", [(0, DOWN)]), (DOWN, "neg_down", [(0, UP)]), (OFF, "neg_off", [(0, OFF)])],
    "square": [(UP, "square_up", []), (OFF, "square_off", [(0, OFF)])],
    "even": [(UP, "even_up", []), (OFF, "even_off", [(0, OFF)])],
    "odd": [(UP, "odd_up", [(0, UP)]), (DOWN, "odd_down", [(0, DOWN)]), (OFF, "odd_off", [(0, OFF)])],
    "sqrt": [(UP, "root_up", []), (ABOVE, "root_above", [(0, ABOVE)])],
    "abs": [(UP, "abs_up", []), (OFF, "abs_off", [(0, OFF)])],
    "exp": [(ABOVE, "exp_above", [])],
    "power": [(ABOVE, "power_above", [])],
    "delta": [(UP, "delta_up", [])],
    "maximum": [
        (UP, "max_up", [(0, UP)]),
        (UP, "max_up'", [(1, UP)]),
        (ABOVE, "max_above", [(0, ABOVE)]),
        (ABOVE, "max_above'", [(1, ABOVE)]),
        (DOWN, "max_down", [(0, DOWN), (1, DOWN)]),
        (BELOW, "max_below", [(0, BELOW), (1, BELOW)]),
    ],
    "minimum": [
        (UP, "min_up", [(0, UP), (1, UP)]),
        (ABOVE, "min_above", [(0, ABOVE), (1, ABOVE)]),
        (DOWN, "min_down", [(0, DOWN)]),
        (DOWN, "min_down'", [(1, DOWN)]),
        (BELOW, "min_below", [(0, BELOW)]),
        (BELOW, "min_below'", [(1, BELOW)]),
    ],
    # a sum over one axis: of all its terms, and that there are some
    "sum": [
        (UP, "sum_up", [(0, UP)]),
        (DOWN, "sum_down", [(0, DOWN)]),
        (ABOVE, "sum_above", [(1, ABOVE), (0, ABOVE)]),
        (BELOW, "sum_below", [(1, ABOVE), (0, BELOW)]),
    ],
}


def ruled(op: str, arguments: list[Term], count: str = "") -> Term:
    """Proofs by the rules of an operation."""
    return by_rows(RULES.get(op, []), arguments, count)


def by_rows(rows: list[Row], arguments: list[Term], count: str = "") -> Term:
    """Proofs by rows of a table."""

    def found(says: str) -> str | None:
        for meant, lemma, needs in rows:
            terms = [arguments[place](wanted) for place, wanted in needs] if meant == says else [None]
            if None not in terms:
                return f"({' '.join([lemma, *([count] if count else []), *[term for term in terms if term]])})"
        return None

    return found


def combined(direct: Term) -> Term:
    """Signs that are there, and what follows from several of one value."""
    return lambda says: direct(says) or by_rows(SAME, [direct])(says)


def constantly(term: str) -> Term:
    """One proof, whatever is asked for."""
    return lambda says: term


def positive(term: str) -> Term:
    """A proof that something is positive."""
    return lambda says: term if says == ABOVE else None


def under(found: Term, variable: str) -> Term:
    """Proofs about every term of a sum."""

    def term(says: str) -> str | None:
        inside = found(says)
        return None if inside is None else f"(fun {variable} {below(variable)} => {inside})"

    return term


def repeated(found: Term, count: int) -> Term:
    """Proofs about a product of equal factors."""
    even = ruled("even", [found], str(count // 2))
    return even if count % 2 == 0 else odd(found, count)


def odd(found: Term, count: int) -> Term:
    """Of an odd number of them: its sign is that of the factor."""

    def term(says: str) -> str | None:
        return ruled("odd", [found], str(count if says != DOWN else count // 2))(says)

    return term
