"""The README's Python runs and prints what it says; its commands exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from symnorm.cli import commands

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
