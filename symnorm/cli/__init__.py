"""The command line: ``symnorm list | show | compare | derive | invariances | picture | prove | verify | replay |
export | recheck | kernel | check | diagnose | golden | report | doctor | completion``.

Each command reads its arguments, calls one stage and shows what came out; it returns an exit code. What only some
commands need is imported where it is used, so that ``symnorm --help`` costs hardly more than importing SymPy.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from symnorm.cli import definitions, kernels, statements, surroundings
from symnorm.cli.frame import commands

__all__ = ["commands", "definitions", "kernels", "main", "statements", "surroundings"]


def main() -> NoReturn:
    """The entry point; ends the process with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Greek letters gets question marks, no traceback
    commands(prog_name="symnorm")
    raise AssertionError("click ends the process")
