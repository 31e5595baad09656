"""The README's Python and its commands run and print what it says; its table is that of the catalogue."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from symnorm.cli import commands
from symnorm.errors import SymnormError
from symnorm.report.index import pairs
from tests.project.test_docs import missing, sessions

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_python_of_the_readme_prints_what_it_says() -> None:
    text = README.read_text(encoding="utf-8").replace("\n```", "\n\n```")
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", str(README), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test)
    assert runner.tries >= 14
    assert runner.failures == 0


def test_a_wrong_line_of_the_readme_would_be_noticed() -> None:
    text = README.read_text(encoding="utf-8").replace("-2*gamma*x_hat", "2*gamma*x_hat").replace("\n```", "\n\n```")
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", str(README), 0)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test, out=lambda _: None)
    assert runner.failures == 1


def test_every_command_of_the_readme_exists() -> None:
    used = set(re.findall(r"symnorm ([a-z]+) ", README.read_text(encoding="utf-8"))) - {"as"}
    known = set(commands.commands)
    assert {"verify", "prove", "show", "derive"} <= used & known


# what a newcomer types ------------------------------------------------------------------------------------------------

TIMES = re.compile(r"\b\d+\.\d(?!\d)(e-\d+)?")


def masked(text: str) -> str:
    """Without the times and rounding errors of one machine, and without the width of columns."""
    return "\n".join(" ".join(TIMES.sub("#", line).split()) for line in text.splitlines())


def typed() -> list[tuple[str, str]]:
    """The commands of the README with what they are said to print."""
    text = README.read_text(encoding="utf-8")
    found = [each for language, block in blocks(text) if language == "console" for each in sessions(block)]
    return [(command.partition(" #")[0].strip(), shown) for command, shown in found]


def blocks(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


BY_THE_GATE = ("git clone ", "python -m pip install ", ".ci/run")


def test_what_a_newcomer_types_prints_what_the_readme_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYMNORM_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    done = 0
    for command, shown in typed():
        if command.startswith(BY_THE_GATE):
            continue
        if command.startswith("python symnorm/replay "):
            files = map(str, sorted(Path("certificates").glob("*.json")))
            path = README.parent / "symnorm" / "replay"
            lone = subprocess.run([sys.executable, "-S", str(path), *files], capture_output=True, text=True, check=True)
            output = lone.stdout
        else:
            program, *arguments = shlex.split(command)
            assert program == "symnorm", command
            result = CliRunner().invoke(commands, arguments)
            assert result.exit_code in (0, 1), (command, result.output)
            output = result.output
        lost = missing(masked(shown), masked(output))
        assert not lost, f"{command} does not print {lost!r}:\n{output}"
        done += 1
    assert done >= 7


def test_the_readmes_own_normalizer_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = README.read_text(encoding="utf-8")
    (own,) = (block for language, block in blocks(text) if not language and block.startswith("# my_norm.norm"))
    (tmp_path / "my_norm.norm").write_text(own, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYMNORM_CACHE", str(tmp_path / "cache"))
    said = set(re.findall(r"`symnorm\s+([^`]*my_norm\.norm[^`]*)`", text))
    assert len(said) == 5
    for arguments in said:
        result = CliRunner().invoke(commands, arguments.split())
        differs = arguments.startswith("compare")
        assert result.exit_code == differs, (arguments, result.output)


def test_the_table_of_what_is_proved_is_that_of_the_catalogue() -> None:
    """``python -m symnorm.report.index --pairs CLAIM...`` makes it from the names in it."""
    (table,) = re.findall(r"^\| proved for all sizes .*?(?=\n\n)", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    names = re.findall(r"<br>`([\w.]+)` \|", table)
    assert len(names) > 20 and table == pairs(names)
    with pytest.raises(SymnormError, match="is proved; its column has what is refuted"):
        pairs([names[0], names[0]])
