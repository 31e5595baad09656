"""The pytest plugin of symnorm: the fixture ``kernel_matches`` and the option ``--symnorm-seed``.

pytest imports this module in every run of every project that has symnorm installed. So it stands outside the package
and imports pytest alone; symnorm is imported when a test asks for the fixture and calls it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

SEEDS = pytest.StashKey[dict[str, int]]()
RANDOM = "random"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--symnorm-seed``."""
    parser.getgroup("symnorm").addoption(
        "--symnorm-seed",
        default="0",
        type=_seed,
        metavar="SEED",
        help="seed of the inputs of kernel_matches, or 'random'; the seeds are printed at the end (default: 0)",
    )


def _seed(text: str) -> int:
    """The option's value; pytest shows the error."""
    if text == RANDOM:
        return random.SystemRandom().randrange(2**31)
    if not text.isdecimal():
        raise pytest.UsageError(f"--symnorm-seed is {text!r}; a number of at least 0 or {RANDOM!r} is needed")
    return int(text)


@pytest.fixture
def kernel_matches(request: pytest.FixtureRequest) -> Callable[..., None]:
    """:func:`symnorm.testing.assert_kernel_matches`, with the seed of ``--symnorm-seed`` unless ``seeds`` are given."""
    seed: int = request.config.getoption("--symnorm-seed")

    def check(forward: Callable[..., Any], backward: Callable[..., Any] | None, name: Any, **options: Any) -> None:
        __tracebackhide__ = True
        from symnorm.testing import assert_kernel_matches

        used = tuple(options.setdefault("seeds", (seed,)))
        print(f"symnorm: seeds {', '.join(map(str, used))}")
        seen = request.config.stash.setdefault(SEEDS, {})
        for one in used:
            seen[str(one)] = seen.get(str(one), 0) + 1
        assert_kernel_matches(forward, backward, name, **options)

    return check


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say with which seeds kernels were compared; nothing in a run that compared none."""
    for seed, count in config.stash.get(SEEDS, {}).items():
        terminalreporter.write_line(f"symnorm: {count} comparisons of kernels; repeat with --symnorm-seed={seed}")
