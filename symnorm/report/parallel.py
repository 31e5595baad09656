"""Work shared between processes: each task gives plain data, which comes back as JSON, in the order of the tasks.

Called by :mod:`symnorm.report.verification`. Nothing but JSON text passes between the processes. Where the system
cannot fork, or for one job, the work is done here.
"""

from __future__ import annotations

import json
import os
import selectors
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from symnorm.errors import SymnormError

Task = Callable[[], Any]


def done(tasks: list[tuple[str, Task]], jobs: int, tell: Callable[[str], None]) -> list[Any]:
    """The results of named tasks, each plain data.

    Raises:
        SymnormError: what a task raised, or a process ended early.

    Example:
        >>> done([("one", lambda: 1), ("two", lambda: [2])], jobs=2, tell=lambda name: None)
        [1, [2]]
    """
    jobs = min(jobs, len(tasks))
    if jobs < 2 or not hasattr(os, "fork"):
        results = []
        for name, task in tasks:
            tell(name)
            results.append(task())
        return results
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    workers = [_forked(tasks, first, jobs) for first in range(jobs)]
    found: dict[int, Any] = {}
    problem = ""
    with selectors.DefaultSelector() as waiting:
        for _, end in workers:
            waiting.register(end, selectors.EVENT_READ, bytearray())
        while waiting.get_map():
            for key, _ in waiting.select():
                for line in _lines(key, waiting):
                    number, kind, value = json.loads(line)
                    if kind == "begun":
                        tell(tasks[number][0])
                    elif kind == "result":
                        found[number] = value
                    else:
                        problem = problem or value
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in workers]
    if problem:
        raise SymnormError(problem)
    if len(found) < len(tasks):
        raise SymnormError(f"a process that shares the work ended early (exit codes {codes}); try --jobs 1")
    return [found[number] for number in range(len(tasks))]


def _forked(tasks: list[tuple[str, Task]], first: int, jobs: int) -> tuple[int, int]:
    """A process that does every ``jobs``-th task, and the end of a pipe on which it tells what it found."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    _work(tasks, first, jobs, writing)


def _work(tasks: list[tuple[str, Task]], first: int, jobs: int, writing: int) -> NoReturn:
    code = 1
    try:
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:

            def say(number: int, kind: str, value: Any = None) -> None:
                pipe.write(json.dumps([number, kind, value]) + "\n")
                pipe.flush()

            for number in range(first, len(tasks), jobs):
                say(number, "begun")
                try:
                    say(number, "result", tasks[number][1]())
                except SymnormError as error:
                    say(number, "problem", str(error))
                    break
        code = 0
    except BaseException:  # nothing may return into the code of the parent
        traceback.print_exc()
    finally:
        os._exit(code)


def _lines(key: selectors.SelectorKey, waiting: selectors.BaseSelector) -> list[bytes]:
    """The whole lines that have come; the end of the pipe unregisters it."""
    end = key.fileobj
    assert isinstance(end, int)
    part = os.read(end, 1 << 16)
    buffer: bytearray = key.data
    buffer += part
    *lines, rest = bytes(buffer).split(b"\n")
    buffer[:] = rest
    if not part:
        waiting.unregister(end)
        os.close(end)
    return lines
