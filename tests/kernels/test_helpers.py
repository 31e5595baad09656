"""Threads that help: on other processors than the thread they help, which has its own choice back afterwards."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from symnorm.kernels import helpers
from symnorm.kernels.helpers import helped

Moves = list[tuple[int, set[int]]]


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> Moves:
    """What a thread on processor 1 of 0, 1 and 2 asks the system for."""
    asked: Moves = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda *move: asked.append(move), raising=False)
    monkeypatch.setattr(helpers, "_current", lambda: lambda: 1)
    helpers._pool.cache_clear()
    return asked


def together(count: int) -> list[int]:
    """Which threads were at work at once: as many as there are, one of them this one."""
    gate, seen = threading.Barrier(count), list[int]()

    def worker() -> None:
        gate.wait(timeout=60)
        seen.append(threading.get_native_id())

    with helped(worker, count - 1):
        worker()
    return seen


def test_the_caller_stays_and_the_helpers_leave_its_processor(moves: Moves) -> None:
    this, first = threading.get_native_id(), together(3)
    assert len({*first}) == 3 and this in first
    assert moves == [(0, {1}), (0, {0, 1, 2})], "helpers that have just begun are on their own"
    moves.clear()
    again = together(3)
    assert moves == [*((thread, {0, 2}) for thread in helpers._pool(2)[1]), (0, {1}), (0, {0, 1, 2})]
    assert {*again} == {this, *helpers._pool(2)[1]}


def test_an_error_gives_the_choice_back_too(moves: Moves) -> None:
    with pytest.raises(ZeroDivisionError), helped(lambda: None, 1):
        raise ZeroDivisionError
    assert moves == [(0, {1}), (0, {0, 1, 2})]


def test_an_error_of_a_helper_is_the_callers(moves: Moves) -> None:
    begun = threading.Event()

    def failing() -> None:
        begun.set()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), helped(failing, 1):
        assert begun.wait(timeout=60)
    assert moves[-1] == (0, {0, 1, 2})


def absent(*_: object) -> set[int]:
    raise AttributeError


def refused(*_: object) -> set[int]:
    raise PermissionError


@pytest.mark.parametrize("asked", [lambda _: {1}, absent, refused], ids=["one processor", "no such call", "refused"])
def test_where_there_is_no_choice_nothing_moves(
    moves: Moves, monkeypatch: pytest.MonkeyPatch, asked: Callable[[int], set[int]]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", asked)
    assert len(together(2)) == 2 and not moves


def test_a_thread_that_cannot_be_moved_works_where_it_is(moves: Moves, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_setaffinity", refused)
    assert len(together(2)) == 2 == len(together(2)) and not moves


def test_without_helpers_nothing_is_asked(moves: Moves) -> None:
    assert len(together(1)) == 1 and not moves
