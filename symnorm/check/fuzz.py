"""Texts made to break the language: whatever a text holds, the answer is a meaning or a :class:`SymnormError`, soon.

Called by the tests with a few hundred texts, and as a command with as many as wanted::

    python -m symnorm.check.fuzz --texts 100000 --seed 1

Texts are pieces of valid statements in random order, valid statements with letters changed, and plain noise. One that
means something is also decided now and then, within limits. :func:`problem` is what a coverage-guided fuzzer calls.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from symnorm.check.alarm import GivenUp, alarm
from symnorm.claims import decide
from symnorm.errors import SymnormError
from symnorm.language.document import Statement, parse, statement

LONGEST_SECONDS, LONGEST_DECISION = 2.0, 20.0
"""A text of a few thousand characters that takes longer to read, or to decide, is a defect."""

SEEDS = (
    "batch_norm(a*x, eps=a^2*eps) == batch_norm(x)",
    "dot[N](grad(batch_norm, x), x) == 0",
    "mean[N](batch_norm.x_hat^2) <= 1",
    "norm[K](weight_norm(v)) == abs(g)",
    "sum[N](u[N])*sum[M:N](u[N->M]) == sum[N](u)^2 where q = a/b given a > 0, b != 0",
    "vjp(u[N]^2, h[N], u) == 2*u*h, jvp(u^2, u, h) == 2*u*h",
    "γ·(x̂ − μ)/√(σ² + ε) ≠ max(min(x̂, 1), -1)",
    "layer_norm(x) == rms_norm(x) given mean(x) == 0",
    "curvature[N->M](u[N]) == 0 by delta(N, M)",
)
DOCUMENTS = (
    "normalizer f(x[N, C], gamma[C], const k > 0, eps > 0 = 1e-5)\n"
    "  mu = mean[N](x)\n  y = gamma*(x - mu)/sqrt(eps + k)\n"
    "claim c expected refuted: f(a*x) == f(x) given a > 0\n",
    "tensor A[N, K], W[K, C], s[N, M:N] symmetric\nclaim t.u: sum[K](A*W) == dot[K](A, W)\n",
)
PIECES = (
    *"+-*/^()[],.:=<> \n#'\"_",
    *("==", "!=", ">=", "->", "**", "a", "b", "x", "u[N]", "N", "C", "M:N", "K"),
    *("0", "1", "2", "1/2", "0.1", "1e9", "9" * 30),
    *("batch_norm", "layer_norm(x)", ".x_hat", ".inference", "mean[N](", "sum(", "sqrt(", "grad(", "max("),
    *("given", "where", "by", "and", "claim c:", "normalizer f(x[N])", "tensor", "const", "expected", "from"),
    *("layout", "delta(N, M)", "γ", "x̂", "≥", "√", "²", "\u0000", "\u202e", "é", "漢"),
)  # fmt: skip


def texts(count: int, seed: int) -> Iterator[str]:
    """Random texts."""
    draw = random.Random(seed)
    makers: Sequence[Callable[[random.Random], str]] = (_soup, _changed, _changed, _nested, _noise)
    for _ in range(count):
        yield draw.choice(makers)(draw)


def _soup(draw: random.Random) -> str:
    return draw.choice(("", " ")).join(draw.choice(PIECES) for _ in range(draw.randint(1, 30)))


def _changed(draw: random.Random) -> str:
    text = draw.choice((*SEEDS, *DOCUMENTS))
    for _ in range(draw.randint(1, 4)):
        start = draw.randint(0, len(text))
        end = min(len(text), start + draw.choice((0, 0, 1, 1, 2, 6)))
        text = text[:start] + draw.choice((*PIECES, "", "", text[end : end + 5])) + text[end:]
    return text


def _nested(draw: random.Random) -> str:
    opening, closing = draw.choice(
        (("(", ")"), ("-", ""), ("sqrt(", ")"), ("a^", ""), ("[", "]"), ("mean[N](", ")"), ("a.", ""))
    )
    depth = draw.choice((1, 5, 50, 70, 2000))
    return opening * depth + "a" + closing * draw.choice((depth, depth, depth - 1)) + draw.choice((" == a", "", " > 0"))


def _noise(draw: random.Random) -> str:
    return "".join(
        chr(draw.choice((draw.randint(1, 127), draw.randint(128, 0x2FFF)))) for _ in range(draw.randint(1, 40))
    )


def problem(text: str, decided: bool = False, counts: Counter[str] | None = None) -> str:
    """What is wrong with the answer to a text; empty if nothing is.

    Example:
        >>> problem("a +"), problem("a == a", decided=True)
        ('', '')
    """
    counts = Counter() if counts is None else counts
    longest = LONGEST_DECISION if decided else LONGEST_SECONDS
    start = time.process_time()
    for read in (parse, statement):
        try:
            found = read(text)
            counts["meant something"] += 1
            if decided and isinstance(found, Statement):
                counts[decide(found.relations, found.given, found.by).status] += 1
        except SymnormError:
            counts["refused"] += 1
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        if time.process_time() - start > longest:
            return f"took {time.process_time() - start:.1f} s"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exits with 1 if a text found something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--decide-every", type=int, default=20, help="every such text that means something is decided")
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    found = 0
    for number, text in enumerate(texts(options.texts, options.seed)):
        decided = options.decide_every > 0 and number % options.decide_every == 0
        try:
            with alarm(2 * LONGEST_DECISION):
                wrong = problem(text, decided, counts)
        except GivenUp as error:
            wrong = str(error)
        if wrong:
            found += 1
            print(f"{number}: {wrong}\n  {text!r}")
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    print(f"seed {options.seed}, {options.texts} texts: {found} problems; {told}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
