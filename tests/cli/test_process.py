"""The command as a process: exit codes, streams, pipes, colours, start-up."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report.samples import CLAIMS, FILE

CHECKOUT = Path(__file__).resolve().parents[2]
SYMNORM = [sys.executable, "-m", "symnorm"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return subprocess.run(
        [*SYMNORM, *arguments],
        cwd=CHECKOUT,
        env=plain | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def on_a_terminal(*arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and everything that appears when both streams are a terminal."""
    ours, theirs = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    variables |= {"TERM": "xterm-256color", "COLUMNS": "100"} | environment
    process = subprocess.Popen([*SYMNORM, *arguments], cwd=CHECKOUT, env=variables, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return process.wait(timeout=300), shown.decode()


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """The sample claims with one expectation turned round."""
    path = tmp_path / "wrong.py"
    path.write_text(FILE.read_text(encoding="utf-8").replace('expected="undecided"', 'expected="proved"'))
    return str(path)


def test_exit_codes(wrong: str) -> None:
    assert run("verify", str(FILE)).returncode == 0
    assert run("prove", str(FILE)).returncode == 1
    assert run("show", "nothing").returncode == 2
    assert run("verify", wrong).returncode == 3


def test_a_missing_tool_is_exit_code_4() -> None:
    code = "import sys; sys.modules['autograd'] = None; import symnorm.cli; symnorm.cli.main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "check", "weight_norm"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 4 and "pip install autograd" in result.stderr and "Traceback" not in result.stderr


def test_a_pipe_gets_the_result_only_and_whole_lines() -> None:
    result = run("verify", str(FILE))
    assert result.stderr == "" and "\x1b" not in result.stdout
    assert not any(line != line.rstrip() for line in result.stdout.splitlines())
    assert all(f"{claim.name} " in result.stdout and claim.source in result.stdout for claim in CLAIMS.values())


def test_json_on_standard_output_stands_alone() -> None:
    result = run("verify", str(FILE), "--json", "-")
    assert [claim["name"] for claim in json.loads(result.stdout)["claims"]] == [*CLAIMS]
    assert result.stderr == ""


def test_a_terminal_has_colour_and_progress_and_no_color_is_respected() -> None:
    code, shown = on_a_terminal("verify", str(FILE))
    assert code == 0
    assert "\x1b[32mproved" in shown and "━" in shown and f"{len(CLAIMS)} as expected" in shown
    code, shown = on_a_terminal("verify", str(FILE), NO_COLOR="1")
    assert code == 0 and "proved" in shown
    assert "\x1b[32m" not in shown and "\x1b[31m" not in shown


@pytest.mark.parametrize(
    "arguments", [("verify", str(FILE)), ("prove", str(FILE)), ("kernel", "batch_norm"), ("--help",)]
)
def test_a_reader_who_leaves_ends_the_output_quietly(arguments: tuple[str, ...]) -> None:
    """The pipe is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    process = subprocess.Popen([*SYMNORM, *arguments], cwd=CHECKOUT, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    _, errors = process.communicate(timeout=300)
    assert errors == ""


def test_a_reader_who_leaves_does_not_change_the_verdict(wrong: str) -> None:
    read, write = os.pipe()
    os.close(read)
    process = subprocess.Popen([*SYMNORM, "verify", wrong], cwd=CHECKOUT, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (3, b"")


def test_a_terminal_without_our_letters_gets_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "greek.py"
    path.write_text(
        "import symnorm as sn\na = sn.scalar('γ')\nsn.claim('a.b', 'γ ≥ 0', lambda: a**2 >= 0, source='Löwner')\n",
        encoding="utf-8",
    )
    result = run("prove", str(path), PYTHONIOENCODING="ascii")
    assert result.returncode == 0 and result.stderr == "" and "?" in result.stdout


def test_version() -> None:
    from symnorm import __version__

    assert run("--version").stdout.split()[-1] == __version__


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["show", "--help"]])
def test_what_needs_no_arrays_imports_none(arguments: list[str]) -> None:
    """Start-up costs hardly more than SymPy's because nothing else of weight is imported."""
    code = (
        "import sys\nfrom symnorm.cli import commands\n"
        f"try:\n    commands({arguments!r})\nexcept SystemExit as done:\n    assert not done.code\n"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1].split()
    assert loaded[0] == "LOADED" and "sympy" in loaded
    assert not {"numpy", "autograd", "rich", "jinja2", "lark"} & {*loaded}
