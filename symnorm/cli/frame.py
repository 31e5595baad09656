"""What the commands share: the group that they are in, their exit codes and errors, the options of several.

Errors that a user can cause are one sentence on standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from symnorm import __version__
from symnorm.errors import SymnormError
from symnorm.report import output
from symnorm.report.outcomes import BAD_INPUT, FINE, TOOL_MISSING

INTERRUPTED = 130  # as shells have it; click's own 1 would say that something is refuted
TOOLS = ("numpy", "autograd", "rich")

EXIT_CODES = """Exit codes: 0 proved or as expected, 1 refuted or disagreeing, 2 bad input, 3 undecided,
4 a needed tool is missing."""


class BadInput(click.ClickException):
    """An error as one line on standard error, with the place in the text below it where there is one."""

    exit_code = BAD_INPUT

    def __init__(self, message: str | SymnormError) -> None:
        excerpt = getattr(message, "excerpt", "")
        sentence = " ".join(str(message).removesuffix(excerpt).split())
        super().__init__(f"{sentence}\n{excerpt}" if excerpt else sentence)


class ToolMissing(BadInput):
    """The same with another exit code."""

    exit_code = TOOL_MISSING


class _Commands(click.Group):
    """Commands that return their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
        except SymnormError as error:
            raise BadInput(error) from error
        except ModuleNotFoundError as error:
            tool = (error.name or "").partition(".")[0]
            if tool not in TOOLS:
                raise
            raise ToolMissing(f"this needs {tool}; install it with: python -m pip install {tool}") from error
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        ctx.exit(code or FINE)


def with_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of every command."""
    text = "Write the result as JSON to FILE; - is standard output, on which then nothing else is printed."
    return click.option("--json", "json_file", metavar="FILE", help=text)(command)


def with_convention(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of commands on one definition."""
    text = "paper, torch, onnx, keras, ...: whose definition is meant; NAME@CONVENTION says the same."
    return click.option("--convention", default="", metavar="CONVENTION", help=text)(command)


def deliver(found: Callable[[], Mapping[str, Any]], json_file: str | None, show: Callable[[], None]) -> None:
    """Show the result unless standard output is for JSON, and write the JSON where it is wanted."""
    if json_file != output.STANDARD_OUTPUT:
        show()
    if json_file is not None:
        from symnorm.report.data import as_json

        output.deliver(as_json(found()), json_file)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="symnorm")
def commands() -> None:
    """The normalizers of deep learning: derived, proved or refuted, and generated as checked NumPy kernels.

    \b
    Examples:
      symnorm verify
      symnorm derive batch_norm x
      symnorm kernel layer_norm -o layer_norm_kernel.py
    """
