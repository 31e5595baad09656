"""Commands on everything at once and on the machine: ``report``, ``doctor``, ``completion``."""

from __future__ import annotations

from pathlib import Path

import click

from symnorm.cli.frame import commands, deliver, with_json
from symnorm.errors import SymnormError
from symnorm.report import output
from symnorm.report.outcomes import FINE, TOOL_MISSING


@commands.command()
@click.argument("names", metavar="[NORMALIZER|CLAIM|FILE]...", nargs=-1)
@click.option("-o", "--output", "target", metavar="DIR", required=True, help="The directory of the site.")
@click.option("--measure", is_flag=True, help="Also measure the kernels: errors and times on this machine.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes that share the work; one a core if not given.")
@with_json
def report(names: tuple[str, ...], target: str, measure: bool, jobs: int | None, json_file: str | None) -> int:
    """Write a site about everything, or only what is named: a page for each normalizer and for each claim.

    The pages need no network and no server; open DIR/index.html. DIR appears when it is complete, in the place of an
    older site; a directory with anything else in it is left alone. Exits as verify does, the site being written.

    \b
    Examples:
      symnorm report -o site
      symnorm report -o site batch_norm layer_norm
      symnorm report -o site my_claims.norm --json -
    """
    from symnorm.report import data, parallel, terminal, verification
    from symnorm.report.site import build

    selection = verification.select(names)
    with terminal.progress(build.steps(selection)) as tell:
        made = build.build(selection, target, tell, measure, jobs or parallel.cores())
    counts = ((len(made.normalizers), "normalizer"), (len(made.run.outcomes), "claim"))
    said = " and ".join(f"{count} {what}{'s' * (count != 1)}" for count, what in counts)
    said += f" in {Path(target) / 'index.html'}"
    deliver(lambda: data.site(made), json_file, lambda: output.say(said))
    return made.run.exit_code


@commands.command()
@with_json
def doctor(json_file: str | None) -> int:
    """Say what this machine has of what symnorm needs or can use, and whether the installation works.

    Exits with 4 if something that is needed is missing or does not work.

    \b
    Example:
      symnorm doctor
    """
    from dataclasses import asdict

    from symnorm.report import sheet
    from symnorm.report.doctor import examined

    found = list(examined())
    rows = [(one.what, one.found or "missing", one.note) for one in found]
    shown = "\n".join(line.rstrip() for line in sheet.aligned(rows))
    deliver(lambda: {"findings": [asdict(one) for one in found]}, json_file, lambda: output.say(shown))
    return FINE if all(one.fine for one in found) else TOOL_MISSING


@commands.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@with_json
def completion(shell: str, json_file: str | None) -> int:
    """Print the program that makes SHELL complete commands and options with the tab key.

    \b
    Examples:
      symnorm completion bash >> ~/.bashrc
      symnorm completion fish > ~/.config/fish/completions/symnorm.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made is None:
        raise SymnormError(f"no completion is known for {shell}")
    script = made(commands, {}, "symnorm", "_SYMNORM_COMPLETE").source().rstrip("\n")
    deliver(lambda: {"shell": shell, "script": script}, json_file, lambda: output.say(script))
    return FINE
