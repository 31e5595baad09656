"""A time limit for one round of a run over random things: what hangs is given up and counted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class GivenUp(BaseException):
    """A round took too long; no handler of errors takes it for one."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raises :class:`GivenUp` in the body after so many seconds.

    Example:
        >>> with alarm(5):
        ...     print(1)
        1
    """

    def ring(*_: object) -> None:
        raise GivenUp(f"no answer within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
