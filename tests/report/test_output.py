"""Files are written whole or not at all, and what is no file is not replaced by one."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from symnorm.errors import SymnormError
from symnorm.report import output


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "found.json"
    output.deliver("γ", str(target))
    assert target.read_text(encoding="utf-8") == "γ\n"
    assert [*tmp_path.iterdir()] == [target]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "found.json"
    target.write_text("old")

    def full(source: str, destination: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SymnormError, match=r"found\.json: No space left"):
        output.deliver("new", str(target))
    assert target.read_text() == "old" and [*tmp_path.iterdir()] == [target]


def test_the_mode_of_a_file_and_a_link_to_it_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    output.deliver("new", str(link))
    assert link.is_symlink() and target.read_text() == "new\n" and stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_device_or_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    output.deliver("text", str(pipe))
    reader.join(timeout=60)
    assert read == ["text\n"] and stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["missing/found.json", "."])
def test_a_place_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(SymnormError, match="cannot write"):
        output.deliver("text", str(tmp_path / name))
    assert [*tmp_path.iterdir()] == []
