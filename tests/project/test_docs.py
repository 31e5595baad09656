"""Every block of code on the pages of ``docs/`` is run: Python, files of the text language, commands and output."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from symnorm.cli import commands

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = {"python", "py", "norm", "console", "toml"}


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield found.group(1), found.group(2)


def missing(shown: str, printed: str) -> str:
    """The first part of what a page shows that a command did not print, in this order; … stands for anything."""
    place = 0
    for line in shown.splitlines():
        for part in filter(str.strip, line.split("…")):
            at = printed.find(part.strip("\n"), place)
            if at < 0:
                return part
            place = at + len(part)
    return ""


def sessions(block: str) -> Iterator[tuple[str, str]]:
    """Commands with what they are said to print."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for language, block in blocks(page):
        assert language in RUN, f"{page.name} has a block of {language or 'no language'} that nothing runs"
        if language == "python":
            test = doctest.DocTestParser().get_doctest(block, {}, page.name, str(page), 0)
            runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
            runner.run(test)
            assert runner.tries and not runner.failures
        elif language in {"norm", "py"}:
            name = block.splitlines()[0].removeprefix("# ")
            assert name.endswith(f".{language}")
            Path(name).write_text(block, encoding="utf-8")
            if name.startswith("test_"):
                assert_tests_pass(name)
        elif language == "console":
            for command, shown in sessions(block):
                program, *arguments = shlex.split(command)
                assert program == "symnorm"
                result = CliRunner().invoke(commands, arguments)
                assert result.exception is None or isinstance(result.exception, SystemExit), command
                lost = missing(shown, result.output)
                assert not lost, f"{command} does not print {lost!r}:\n{result.output}"


def assert_tests_pass(name: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "pytest_symnorm", "-p", "no:cacheprovider", name]
    environment = {"PYTHONPATH": str(CHECKOUT), "PATH": os.defpath}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0 and " passed" in found.stdout, found.stdout + found.stderr


def test_what_is_not_printed_would_be_noticed() -> None:
    assert missing("a …\n  b", "a x\n  b") == ""
    assert missing("a …\n  c", "a x\n  b") == "  c"
    assert missing("  b\na", "a x\n  b") == "a"


def test_pages_are_linked_and_links_lead_somewhere() -> None:
    linked = set(re.findall(r"\]\(([\w.-]+\.md)\)", (DOCS / "README.md").read_text(encoding="utf-8")))
    assert linked == {page.name for page in PAGES} - {"README.md"}
