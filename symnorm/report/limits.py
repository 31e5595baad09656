"""Work that may take no more than so many seconds and so much memory.

Called by the command line with the work as a function that shows its result and returns an exit code. The work runs in
a process of its own where the system can fork one, because a single multiplication of huge numbers cannot be ended from
within; elsewhere an alarm ends what Python can end. What did not finish is never an answer: the caller says so.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import NoReturn

MIB = 2**20
_OUT_OF_MEMORY = 77
_POLL_SECONDS = (0.002, 0.05)


class OutOfLimits(Exception):
    """Work that needed more than it was given; the message says of what."""


def limited(work: Callable[[], int], seconds: float, mebibytes: int) -> int:
    """The exit code of ``work``.

    Raises:
        OutOfLimits: it needed more time or memory.

    Example:
        >>> limited(lambda: 0, seconds=5, mebibytes=4096)
        0
    """
    if not hasattr(os, "fork") or not _has_descriptor():
        return _in_this_process(work, seconds)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    child = os.fork()
    if child == 0:
        _run_and_leave(work, mebibytes)
    return _waited(child, seconds, mebibytes)


def _has_descriptor() -> bool:
    """Whether what a child prints would reach the reader of this process."""
    try:
        return sys.stdout.fileno() >= 0
    except (OSError, ValueError, AttributeError):
        return False


def _run_and_leave(work: Callable[[], int], mebibytes: int) -> NoReturn:
    import resource

    code = 1
    try:
        used = _address_space()
        resource.setrlimit(resource.RLIMIT_AS, (used + mebibytes * MIB,) * 2)
        code = work()
    except MemoryError:
        code = _OUT_OF_MEMORY
    except BaseException:  # the parent has the handlers; here nothing may return into its code
        import traceback

        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 1024 * MIB


def _waited(child: int, seconds: float, mebibytes: int) -> int:
    end, pause = time.monotonic() + seconds, _POLL_SECONDS[0]
    try:
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            if time.monotonic() > end:
                raise OutOfLimits(f"no answer within {seconds:g} s")
            time.sleep(pause)
            pause = min(2 * pause, _POLL_SECONDS[1])
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    code = os.waitstatus_to_exitcode(status)
    if code == _OUT_OF_MEMORY or code == -signal.SIGKILL or code == -signal.SIGSEGV:
        raise OutOfLimits(f"no answer within {mebibytes} MiB of memory")
    return code


def _in_this_process(work: Callable[[], int], seconds: float) -> int:
    if not hasattr(signal, "setitimer"):
        return work()

    def over(*_: object) -> None:
        raise OutOfLimits(f"no answer within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
