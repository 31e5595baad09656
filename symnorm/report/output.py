"""Where results go: standard output that a reader may close at any time, and files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import IO

from symnorm.errors import SymnormError

STANDARD_OUTPUT = "-"


def say(text: str) -> None:
    """Write a line or several to standard output."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)


def silence(stream: IO[str]) -> None:
    """Send what is still to come to nowhere: the reader has gone, and Python would complain at its exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def deliver(text: str, target: str) -> None:
    """Write to a file, whole or not at all, or to standard output for ``-``.

    Raises:
        SymnormError: the file cannot be written.
    """
    if target == STANDARD_OUTPUT:
        say(text)
        return
    try:
        _write(Path(target), f"{text}\n")
    except OSError as error:
        raise SymnormError(f"cannot write {target}: {error.strerror or error}") from error


def _write(path: Path, text: str) -> None:
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")  # a device or a pipe is written to, never replaced
        return
    path = path.resolve()  # a link keeps pointing where it points
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def umask() -> int:
    """The permissions that a new file or directory is not given."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
