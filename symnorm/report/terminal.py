"""Tables and progress on a terminal, by rich.

Results go to standard output, progress to standard error, and only where that is a terminal. Colour follows the
terminal and ``NO_COLOR``. Where standard output is no terminal, lines are as long as they need to be. All text is put
on the page as it is: a sentence with ``[brackets]`` is no markup. A reader who closes the pipe ends the output, quietly,
and changes no exit code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from symnorm.check import KernelCheck
from symnorm.report import words
from symnorm.report.outcomes import Outcome, Run
from symnorm.report.output import silence

COLOURS = {"proved": "green", "refuted": "red", "undecided": "yellow", "empirical": "blue"}
UNEXPECTED = "bold reverse"
_PIPE_WIDTH = 1000


class _Console(Console):
    def on_broken_pipe(self) -> None:
        self.quiet = True
        silence(sys.stdout)


def console() -> Console:
    """Standard output."""
    wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
    return _Console(highlight=False, markup=False, emoji=False, width=wide)


def show_run(run: Run) -> None:
    """All that ``symnorm verify`` prints: the tables, what was not expected in full, the summary."""
    out = console()
    parts: list[RenderableType] = []
    if run.outcomes:
        parts.append(claims_table(run))
    for outcome in run.unexpected:
        parts += ["", coloured(words.in_full(outcome, definitions=False), outcome)]
    if run.kernels:
        parts += ["", kernels_table(run.kernels)]
    for part in [*parts, "", Text(words.summary(run), style="bold")]:
        out.print(part)


def show_outcome(outcome: Outcome) -> None:
    """All that is known of one claim."""
    console().print(coloured(words.in_full(outcome), outcome), soft_wrap=True)


def show_kernels(kernels: tuple[KernelCheck, ...]) -> None:
    """A table of comparisons, and the count."""
    out = console()
    out.print(kernels_table(kernels))
    agree = sum(kernel.ok for kernel in kernels)
    out.print(Text(f"\n{agree} of {len(kernels)} kernels agree with autograd", style="bold"))


# tables ---------------------------------------------------------------------------------------------------------------


def _table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return table


def claims_table(run: Run) -> Table:
    """Claim, verdict, expected, milliseconds, source."""
    table = _table("claim", "verdict", "expected", "ms", "source", numbers=("ms",))
    for outcome in run.outcomes:
        claim, verdict = outcome.claim, outcome.verdict
        style = COLOURS[verdict.status] if outcome.as_expected else f"{COLOURS[verdict.status]} {UNEXPECTED}"
        cells = (claim.name, verdict.status, claim.expected, f"{1000 * verdict.seconds:.1f}", claim.source)
        table.add_row(*(Text(cell, style=style if at == 1 else "") for at, cell in enumerate(cells)))
    return table


def kernels_table(kernels: tuple[KernelCheck, ...]) -> Table:
    """Name, whether it agrees, its largest error, and where that is."""
    table = _table("kernel", "ok", "max relative error", "where", numbers=("max relative error",))
    for kernel in kernels:
        where = kernel.problem or f"{kernel.worst_output}, {kernel.worst_family}"
        style = "green" if kernel.ok else f"red {UNEXPECTED}"
        cells = (kernel.name, "yes" if kernel.ok else "no", f"{kernel.max_relative_error:.1e}", where)
        table.add_row(*(Text(cell, style=style if at == 1 else "") for at, cell in enumerate(cells)))
    return table


def show_bugs(name: str, matrix: Mapping[str, Mapping[str, bool]], families: Mapping[str, str]) -> None:
    """Which family of inputs catches which planted bug.

    Args:
        name: the kernel's.
        matrix: bug to family to whether it is caught there.
        families: family to what it is there for.
    """
    out = console()
    numbers = {family: str(number) for number, family in enumerate(families, start=1)}
    table = _table(f"bug planted in {name}", *numbers.values(), "caught")
    for bug, row in matrix.items():
        caught = any(row.values())
        marks = [Text("x" if row[family] else ".", style="" if row[family] else "dim") for family in numbers]
        table.add_row(Text(bug), *marks, Text("yes" if caught else "no", style="green" if caught else f"red {UNEXPECTED}"))
    out.print(table)
    out.print("")


def show_families(families: Mapping[str, str]) -> None:
    """What the numbers above the columns of :func:`show_bugs` mean."""
    out = console()
    for number, (family, why) in enumerate(families.items(), start=1):
        out.print(Text(f"{number:>2}  {family}: {why}"))


def coloured(text: str, outcome: Outcome) -> Text:
    """Text with its name in bold and its verdict in colour."""
    shown = Text(text)
    shown.stylize("bold", 0, len(outcome.claim.name))
    status = outcome.verdict.status
    shown.highlight_regex(rf"(?m)^  {status}\b", style=COLOURS[status])
    return shown


# progress -------------------------------------------------------------------------------------------------------------


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """A bar on standard error that names the work at hand and is gone at the end; nothing where that is no terminal."""
    errors = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (TextColumn("{task.fields[name]}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=total, name="")
        begun = 0

        def tell(name: str) -> None:
            nonlocal begun
            bar.update(task, completed=begun, name=name)
            begun += 1

        yield tell
