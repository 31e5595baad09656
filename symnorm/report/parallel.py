"""Work shared between processes: each task gives plain data, which comes back as JSON, in the order of the tasks.

Called by :mod:`symnorm.report.verification` and :mod:`symnorm.report.site`. Who is free gets the next task. Nothing but
JSON text passes between the processes. Where the system cannot fork, or for one job, the work is done here.
"""

from __future__ import annotations

import json
import os
import selectors
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from symnorm.errors import SymnormError

Task = Callable[[], Any]


def cores() -> int:
    """How many processes this one may keep busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    workers: list[_Worker] = []
    for _ in range(jobs):
        workers.append(_forked(tasks, workers))
    found, problem = _collected(workers, tasks, tell)
    codes = [os.waitstatus_to_exitcode(os.waitpid(worker.process, 0)[1]) for worker in workers]
    if problem:
        raise SymnormError(problem)
    if len(found) < len(tasks):
        raise SymnormError(f"a process that shares the work ended early (exit codes {codes}); try --jobs 1")
    return [found[number] for number in range(len(tasks))]


@dataclass
class _Worker:
    """A process that shares the work.

    Attributes:
        process: its number.
        orders: the end of a pipe on which it is told the next task; ``None`` when there will be none.
        answers: the end of a pipe on which it tells what it found.
        begun: a line that has not come whole yet.
    """

    process: int
    orders: int | None
    answers: int
    begun: bytearray = field(default_factory=bytearray)

    def order(self, number: int | None) -> None:
        """The next task; ``None``: no more."""
        if self.orders is None:
            return
        if number is None:
            os.close(self.orders)
            self.orders = None
            return
        with suppress(BrokenPipeError):  # it ended early, which the end of its answers shows
            os.write(self.orders, b"%d\n" % number)

    def lines(self) -> Iterator[bytes] | None:
        """The whole lines that have come; ``None`` at the end."""
        part = os.read(self.answers, 1 << 16)
        if not part:
            return None
        self.begun += part
        *lines, rest = bytes(self.begun).split(b"\n")
        self.begun[:] = rest
        return iter(lines)


def _collected(
    workers: list[_Worker], tasks: list[tuple[str, Task]], tell: Callable[[str], None]
) -> tuple[dict[int, Any], str]:
    """What the tasks gave, by number, and the first problem: after one nothing new is begun."""
    found: dict[int, Any] = {}
    problem = ""
    left = iter(range(len(tasks)))
    stopped = False

    def send(worker: _Worker) -> None:
        number = None if stopped else next(left, None)
        if number is not None:
            tell(tasks[number][0])
        worker.order(number)

    with selectors.DefaultSelector() as waiting:
        for worker in workers:
            waiting.register(worker.answers, selectors.EVENT_READ, worker)
            send(worker)
        while waiting.get_map():
            for key, _ in waiting.select():
                worker = key.data
                lines = worker.lines()
                if lines is None:
                    stopped = stopped or worker.orders is not None  # it ended without being told to
                    waiting.unregister(worker.answers)
                    os.close(worker.answers)
                    worker.order(None)
                    continue
                for line in lines:
                    number, kind, value = json.loads(line)
                    if kind == "result":
                        found[number] = value
                    else:
                        problem, stopped = problem or value, True
                    send(worker)
    return found, problem


def _forked(tasks: list[tuple[str, Task]], others: list[_Worker]) -> _Worker:
    """A process that does the tasks which it is told to."""
    (orders, ordering), (answering, answers) = os.pipe(), os.pipe()
    child = os.fork()
    if child:
        os.close(orders)
        os.close(answers)
        return _Worker(child, ordering, answering)
    for end in (ordering, answering, *(end for other in others for end in (other.orders, other.answers))):
        if end is not None:
            os.close(end)  # so that the parent alone holds them, and their end is seen
    _work(tasks, orders, answers)


def _work(tasks: list[tuple[str, Task]], orders: int, answers: int) -> NoReturn:
    code = 1
    try:
        with os.fdopen(orders, encoding="ascii") as wanted, os.fdopen(answers, "w", encoding="utf-8") as pipe:
            for line in iter(wanted.readline, ""):
                number = int(line)
                try:
                    answer = (number, "result", tasks[number][1]())
                except SymnormError as error:
                    answer = (number, "problem", str(error))
                pipe.write(json.dumps(answer) + "\n")
                pipe.flush()
        code = 0
    except BaseException:  # nothing may return into the code of the parent
        traceback.print_exc()
    finally:
        os._exit(code)
