"""The command line: ``symnorm list | show | derive | prove | verify | kernel | check``.

Each command reads its arguments, calls one stage and shows what came out; it returns an exit code. Errors that a user
can cause are one sentence on standard error. What only some commands need is imported where it is used, so that
``symnorm --help`` costs hardly more than importing SymPy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import click

from symnorm import __version__
from symnorm.errors import SymnormError
from symnorm.report import output
from symnorm.report.outcomes import BAD_INPUT, DISAGREES, FINE, TOOL_MISSING, truth

INTERRUPTED = 130  # as shells have it; click's own 1 would say that something is refuted
TOOLS = ("numpy", "autograd", "rich")

EXIT_CODES = """Exit codes: 0 proved or as expected, 1 refuted or disagreeing, 2 bad input, 3 undecided,
4 a needed tool is missing."""


class _BadInput(click.ClickException):
    """An error as one line on standard error."""

    exit_code = BAD_INPUT

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class _ToolMissing(_BadInput):
    """The same with another exit code."""

    exit_code = TOOL_MISSING


class _Commands(click.Group):
    """Commands that return their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
        except SymnormError as error:
            raise _BadInput(str(error)) from error
        except ModuleNotFoundError as error:
            tool = (error.name or "").partition(".")[0]
            if tool not in TOOLS:
                raise
            raise _ToolMissing(f"this needs {tool}; install it with: python -m pip install {tool}") from error
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        ctx.exit(code or FINE)


def _with_json(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "Write the result as JSON to FILE; - is standard output, on which then nothing else is printed."
    return click.option("--json", "json_file", metavar="FILE", help=text)(command)


def _deliver(found: Callable[[], Mapping[str, Any]], json_file: str | None, show: Callable[[], None]) -> None:
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


@commands.command("list")
@_with_json
def list_(json_file: str | None) -> int:
    """List the normalizers with their titles and sources.

    \b
    Example:
      symnorm list
    """
    from symnorm.normalizers import REGISTRY
    from symnorm.report import data, sheet

    rows = [(one.name, one.title, one.source) for one in REGISTRY.values()]
    _deliver(lambda: data.listed(REGISTRY.values()), json_file, lambda: output.say("\n".join(sheet.aligned(rows))))
    return FINE


@commands.command()
@click.argument("name")
@click.option("--latex", is_flag=True, help="The equations and gradients as LaTeX.")
@_with_json
def show(name: str, latex: bool, json_file: str | None) -> int:
    """Show the normalizer NAME: inputs, equations, gradients in closed form, and what is claimed of it.

    \b
    Examples:
      symnorm show batch_norm
      symnorm show batch_norm.inference
      symnorm show weight_norm --latex
    """
    from symnorm.claims import as_mapping, catalogue
    from symnorm.normalizers import find
    from symnorm.report import data, sheet
    from symnorm.report import latex as in_latex

    one = find(name)
    of_it = name.partition(".")[0]
    claims = [as_mapping(claim) for claim in catalogue.catalogue().values() if claim.normalizer == of_it]
    text = in_latex.sheet(one) if latex else sheet.sheet(one, claims)
    _deliver(lambda: data.normalizer(one, claims), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("name")
@click.argument("input_name", metavar="[INPUT]", required=False)
@click.option("--latex", is_flag=True, help="The same as LaTeX.")
@_with_json
def derive(name: str, input_name: str | None, latex: bool, json_file: str | None) -> int:
    """Derive the gradients of the normalizer NAME, or the one by INPUT: equations, steps, closed form.

    \b
    Examples:
      symnorm derive batch_norm x
      symnorm derive weight_norm --latex
    """
    from symnorm.normalizers import find
    from symnorm.report import data, sheet
    from symnorm.report import latex as in_latex

    one = find(name)
    wanted = sheet.wanted_gradients(one, input_name)
    text = in_latex.derivation(one, wanted) if latex else sheet.derivation(one, wanted)
    _deliver(lambda: data.derivation(one, wanted), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("claim")
@_with_json
def prove(claim: str, json_file: str | None) -> int:
    """Prove or refute CLAIM, and show all of it: the statement, the assumptions, the verdict and what it rests on.

    CLAIM is a name of the catalogue, or a Python file, of which every claim is shown. Exits with 0 only if all is
    proved, with 1 if something is refuted, otherwise with 3, whatever the catalogue expects.

    \b
    Examples:
      symnorm prove batch_norm.weight_scale_invariance
      symnorm prove my_claims.py --json -
    """
    from symnorm.claims import catalogue
    from symnorm.report import data, terminal, verification

    if not claim.endswith(".py"):
        catalogue.find(claim)  # a normalizer's name is for verify
    outcomes = verification.decided(verification.select([claim]))

    _deliver(lambda: {"claims": data.claims(outcomes)}, json_file, lambda: terminal.show_outcomes(outcomes))
    return truth(outcomes)


@commands.command()
@click.argument("names", metavar="[NORMALIZER|CLAIM|FILE.py]...", nargs=-1)
@_with_json
def verify(names: tuple[str, ...], json_file: str | None) -> int:
    """Decide every claim and compare every kernel with autograd, or only those that are named.

    A normalizer stands for its claims and its kernels, a Python file for the claims in it. Exits with 0 only if every
    verdict is the expected one and every kernel agrees.

    \b
    Examples:
      symnorm verify
      symnorm verify weight_norm batch_norm.zero_bias_gradient
      symnorm verify my_claims.py --json verdicts.json
    """
    from symnorm.report import data, terminal, verification

    selection = verification.select(names)
    with terminal.progress(len(selection)) as tell:
        found = verification.run(selection, tell)
    _deliver(lambda: data.run(found), json_file, lambda: terminal.show_run(found))
    return found.exit_code


@commands.command()
@click.argument("name")
@click.option("-o", "--output", "target", metavar="FILE", help="Where to write it, if not to standard output (-).")
@click.option("--mode", default="training", show_default=True, help="training, inference, or another mode of it.")
@_with_json
def kernel(name: str, target: str | None, mode: str, json_file: str | None) -> int:
    """Generate the NumPy kernel of the normalizer NAME, a module with forward and backward.

    \b
    Examples:
      symnorm kernel batch_norm -o batch_norm_kernel.py
      symnorm kernel batch_norm --mode inference
    """
    from symnorm.facade import kernel as generate
    from symnorm.report import data

    if target == json_file == output.STANDARD_OUTPUT:
        raise click.UsageError("standard output cannot take both the kernel and the JSON; write one of them to a file")
    found = generate(name, mode=mode)
    text = found.source.removesuffix("\n")
    if target not in (None, output.STANDARD_OUTPUT):
        output.deliver(text, target)
        text = f"{found.name}: {len(found.source.splitlines())} lines in {target}"
    _deliver(lambda: data.kernel_source(found), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--bugs", is_flag=True, help="Plant the usual bugs in the kernels, and show which inputs catch each.")
@_with_json
def check(names: tuple[str, ...], bugs: bool, json_file: str | None) -> int:
    """Compare kernels with autograd and with their definitions, in float64 on every family of stress inputs.

    A name stands for a normalizer in all its modes, or for one mode of it. With --bugs the check checks itself: it
    fails if a planted bug passes.

    \b
    Examples:
      symnorm check
      symnorm check batch_norm.inference
      symnorm check layer_norm --bugs
    """
    from symnorm.report import data, terminal, verification

    chosen = verification.chosen_kernels(names)
    with terminal.progress(len(chosen) * (1 + bugs)) as tell:
        kernels = verification.compared(chosen, tell)
        planted = verification.planted_bugs(chosen, tell) if bugs else {}
    _deliver(lambda: data.checks(kernels, planted), json_file, lambda: terminal.show_checks(kernels, planted))
    caught = all(any(row.values()) for matrix in planted.values() for row in matrix.values())
    return FINE if caught and all(one.ok for one in kernels) else DISAGREES


def main() -> NoReturn:
    """The entry point; ends the process with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Greek letters gets question marks, no traceback
    commands(prog_name="symnorm")
    raise AssertionError("click ends the process")
