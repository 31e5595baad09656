"""What the gap of an inequality may equal, guessed: found for the inequalities of every lecture, and never believed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from symnorm.claims import Verdict, decide
from symnorm.claims.certificate import certificate
from symnorm.replay.checker import replay
from symnorm.replay.graph import NotCovered
from symnorm.report import words
from symnorm.tensors import (
    Relation,
    Tensor,
    absolute,
    amax,
    amin,
    as_tensor,
    axes,
    mean,
    norm,
    scalar,
    sqrt,
    tensor,
    total,
    var,
)

(N, C) = axes("N C")
size = as_tensor(N.size)
x, y, z = tensor("x", N), tensor("y", N), tensor("z", N, C)
a, b, c, r, s = scalar("a"), scalar("b"), scalar("c"), scalar("r", positive=True), scalar("s", positive=True)

TRUE: dict[str, Relation] = {
    "two squares": a**2 + b**2 >= 2 * a * b,
    "rearranged": 2 * a * b <= a**2 + b**2,
    "three squares": a**2 + b**2 + c**2 >= a * b + b * c + c * a,
    "no real root": a**2 - a + 1 > 0,
    "weighted squares": 5 * a**2 - 4 * a * b + b**2 >= 0,
    "arithmetic and geometric mean": (r + s) ** 2 >= 4 * r * s,
    "a number and its inverse": r + 1 / r >= 2,
    "two quotients": r / s + s / r >= 2,
    "Jensen for squares": mean(x**2, N) >= mean(x, N) ** 2,
    "for each channel": mean(z**2, N) >= mean(z, N) ** 2,
    "sums": total(x, N) ** 2 <= size * total(x**2, N),
    "Cauchy and Schwarz": total(x * y, N) ** 2 <= total(x**2, N) * total(y**2, N),
    "with lengths": total(x * y, N) <= norm(x, N) * norm(y, N),
    "with means": mean(x * y, N) ** 2 <= mean(x**2, N) * mean(y**2, N),
    "largest": amax(x, N) >= mean(x, N),
    "smallest": amin(x, N) <= mean(x, N),
    "largest of absolute values": amax(absolute(x), N) >= mean(absolute(x), N),
    "absolute value of a mean": absolute(mean(x, N)) <= mean(absolute(x), N),
    "mean absolute value": mean(absolute(x), N) <= sqrt(mean(x**2, N)),
    "fourth powers": mean(x**4, N) >= mean(x**2, N) ** 2,
    "triangle of numbers": absolute(a + b) <= absolute(a) + absolute(b),
    "the other side of a triangle": absolute(a - b) >= absolute(a) - absolute(b),
    "triangle of lengths": norm(x + y, N) <= norm(x, N) + norm(y, N),
    "the other side, of lengths": absolute(norm(x, N) - norm(y, N)) <= norm(x - y, N),
    "variance of a sum": var(x + y, N) <= 2 * var(x, N) + 2 * var(y, N),
    "triangle of sums": total(absolute(x + y), N) <= total(absolute(x), N) + total(absolute(y), N),
    "triangle of means of differences": mean(absolute(x - y), N) <= mean(absolute(x), N) + mean(absolute(y), N),
    "largest of a sum": amax(x + y, N) <= amax(x, N) + amax(y, N),
    "largest of a difference": amax(x - y, N) <= amax(x, N) - amin(y, N),
    "smallest of a sum": amin(x + y, N) >= amin(x, N) + amin(y, N),
    "triangle of largest sizes": amax(absolute(x + y), N) <= amax(absolute(x), N) + amax(absolute(y), N),
    "length below the sum of sizes": norm(x, N) <= total(absolute(x), N),
    "largest below the sum of sizes": amax(absolute(x), N) <= total(absolute(x), N),
    "length below the largest": norm(x, N) <= sqrt(size) * amax(absolute(x), N),
    "mean below the length": absolute(mean(x, N)) <= norm(x, N),
    "Cauchy and Schwarz of sizes": total(absolute(x * y), N) <= norm(x, N) * norm(y, N),
    "Hoelder": total(absolute(x * y), N) <= amax(absolute(x), N) * total(absolute(y), N),
    "Hoelder with signs": total(x * y, N) <= amax(absolute(x), N) * total(absolute(y), N),
    "squares and sizes": total(x**2, N) <= amax(absolute(x), N) * total(absolute(x), N),
    "deviation from the mean": mean(absolute(x - mean(x, N)), N) <= 2 * mean(absolute(x), N),
    "Bhatia and Davis": var(x, N) <= (amax(x, N) - mean(x, N)) * (mean(x, N) - amin(x, N)),
    "Popoviciu": var(x, N) <= (amax(x, N) - amin(x, N)) ** 2 / 4,
}

NOT_REPLAYED: dict[str, Relation] = {
    "largest below the largest size": amax(x, N) <= amax(absolute(x), N),
    "size of the smallest": absolute(amin(x, N)) <= amax(absolute(x), N),
}
"""The absolute value where another extremum is attained is more than the replayer knows the sign of."""

FALSE: dict[str, Relation] = {
    "three halves": a**2 + b**2 >= 3 * a * b,
    "two roots": a**2 - 2 * a + as_tensor(1) / 2 > 0,
    "touches": a**2 - 2 * a + 1 > 0,
    "of any sign": a + 1 / a >= 2,
    "half of Cauchy and Schwarz": total(x * y, N) ** 2 <= total(x**2, N) * total(y**2, N) / 2,
    "strict where N = 1": mean(x**2, N) > mean(x, N) ** 2,
    "the wrong way": mean(x**2, N) <= mean(x, N) ** 2,
    "largest below the mean": amax(x, N) <= mean(x, N),
    "triangle the wrong way": absolute(a + b) >= absolute(a) + absolute(b),
    "triangle with one side": norm(x + y, N) <= norm(x, N),
    "triangle of sums the wrong way": total(absolute(x + y), N) >= total(absolute(x), N) + total(absolute(y), N),
    "largest of a sum the wrong way": amax(x + y, N) >= amax(x, N) + amax(y, N),
    "largest of a difference of largest": amax(x - y, N) <= amax(x, N) - amax(y, N),
    "smallest of a sum the wrong way": amin(x + y, N) <= amin(x, N) + amin(y, N),
    "largest size below the largest": amax(absolute(x), N) <= amax(x, N),
    "sum of sizes below the length": total(absolute(x), N) <= norm(x, N),
    "length below the largest alone": norm(x, N) <= amax(absolute(x), N),
    "mean below the length over N": size * absolute(mean(x, N)) <= norm(x, N),
    "Hoelder without sizes": total(x * y, N) <= amax(x, N) * total(absolute(y), N),
    "Hoelder of a mean": total(absolute(x * y), N) <= mean(absolute(x), N) * total(absolute(y), N),
    "deviation from the mean halved": mean(absolute(x - mean(x, N)), N) <= mean(absolute(x), N) / 2,
    "Bhatia and Davis from one side": var(x, N) <= (amax(x, N) - mean(x, N)) ** 2,
    "Popoviciu with a fifth": var(x, N) <= (amax(x, N) - amin(x, N)) ** 2 / 5,
    "holds unless both are opposite": amax(x, N) <= 2 * amax(absolute(x + y), N),
    "holds unless one of them is 0": amax(x, N) <= total(absolute(y), N) + absolute(total(x, N)),
    "holds for few elements": amax(x, N) <= 2 * sqrt(mean(x**2, N)),
    "strict where all is 0": total(x, N) < 2 * total(absolute(x - y), N) + absolute(total(x, N)),
    "at half the elements": 2 * total(x, N) ** 2 <= size * total(x**2, N),
}


@pytest.mark.parametrize("name", [*TRUE, *NOT_REPLAYED])
def test_a_certificate_is_found(name: str) -> None:
    verdict = decide([{**TRUE, **NOT_REPLAYED}[name]])
    assert verdict.status == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_none_is_found_for_what_is_false(name: str) -> None:
    assert decide([FALSE[name]]).status == "refuted"


@pytest.mark.parametrize("name", TRUE)
def test_what_was_found_is_replayed(name: str) -> None:
    replay(certificate(name, decide([TRUE[name]])))


@pytest.mark.parametrize("name", NOT_REPLAYED)
def test_what_is_not_replayed_says_so(name: str) -> None:
    with pytest.raises(NotCovered):
        replay(certificate(name, decide([NOT_REPLAYED[name]])))


def test_what_was_found_is_said() -> None:
    assert ("since", "left - right = (a - b)**2") in words.why(decide([TRUE["two squares"]]))
    assert ("since", "right - left = (a - b)**2") in words.why(decide([TRUE["rearranged"]]))
    assert ("since", "right**2 - left**2 = mean((x - mean(x))**2)") in words.why(
        decide([absolute(mean(x, N)) <= sqrt(mean(x**2, N))])
    )


@pytest.mark.parametrize("guess", [a**2, (a - b) ** 2 + 1, (a + b) ** 2, a**2 + b**2 - 2 * a * b - 1])
def test_a_guess_is_not_believed(monkeypatch: pytest.MonkeyPatch, guess: Tensor) -> None:
    def wrong(relation: Relation, points: object) -> Iterator[Tensor]:
        yield guess

    monkeypatch.setattr("symnorm.claims.guesses.guesses", wrong)
    verdict: Verdict = decide([TRUE["two squares"]])
    assert verdict.status == "undecided"
