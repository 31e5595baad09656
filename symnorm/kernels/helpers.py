"""Threads that help with the blocks of a call, kept off the processor of the thread that they help.

The text below the marker is pasted into every fast module after :mod:`symnorm.kernels.sums`; it stands here as a module
so that it is linted, typed and tested like the rest.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache

# --- helpers: other threads, on other processors ----------------------------------------------------------------------


@lru_cache(maxsize=1)
def _current() -> Callable[[], int]:
    """What says which processor this thread is on; an error where the system has no such thing."""
    found: Callable[[], int] = ctypes.CDLL(None).sched_getcpu
    return found


@lru_cache(maxsize=8)
def _pool(threads: int) -> tuple[ThreadPoolExecutor, list[int]]:
    """So many threads, and the system's numbers of those that have begun."""
    begun: list[int] = []
    return ThreadPoolExecutor(threads, initializer=lambda: begun.append(threading.get_native_id())), begun


def _processors() -> tuple[set[int], set[int]]:
    """Those that this thread may be on, and the one that it is on; none where it has no choice, or nobody can tell."""
    try:
        allowed = os.sched_getaffinity(0)
        here = {_current()()}
    except (AttributeError, OSError, TypeError):
        return set(), set()
    return (allowed, here) if here < allowed else (set(), set())


def _moved(thread: int, processors: set[int]) -> None:
    """A thread, 0 for this one, to be on one of these from now on."""
    if processors:
        with suppress(OSError):  # it has ended, or may not be there any more
            os.sched_setaffinity(thread, processors)


@contextmanager
def helped(worker: Callable[[], None], helpers: int) -> Iterator[None]:
    """Helpers do the same as the body meanwhile. This thread stays where it is until then, and they go elsewhere.

    For a thread that waits for the interpreter's lock is woken by the one that gives it up, and the kernel of a virtual
    machine, which takes a processor that sleeps for a busy one, would soon have gathered all of them on one.
    """
    if helpers < 1:
        yield
        return
    pool, begun = _pool(helpers)
    allowed, here = _processors()
    for thread in begun:
        _moved(thread, allowed - here)
    at_work = [pool.submit(worker) for _ in range(helpers)]
    try:
        _moved(0, here)
        yield
    finally:
        _moved(0, allowed)
        for helper in at_work:
            if not helper.cancel():
                helper.result()
