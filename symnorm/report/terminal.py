"""Tables and progress on a terminal, by rich.

Results go to standard output, progress to standard error, and only where that is a terminal. Colour follows the
terminal and ``NO_COLOR``. Tables fit the terminal; formulas and programs are never cut into lines, and where standard
output is no terminal nothing is. All text is put on the page as it is: a sentence with ``[brackets]`` is no markup.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, JustifyMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from symnorm.claims.invariances import EQUIVARIANT, INVARIANT, NEITHER, OPEN, Answer
from symnorm.report import words
from symnorm.report.outcomes import Outcome, Run
from symnorm.report.output import say
from symnorm.report.verification import Matrix

if TYPE_CHECKING:
    from symnorm.check import KernelCheck
    from symnorm.normalizers import Normalizer

COLOURS = {"proved": "green", "refuted": "red", "undecided": "yellow", "empirical": "blue"}
UNEXPECTED = "bold reverse"
_PIPE_WIDTH = 1000  # one row a line for what reads the pipe, whatever COLUMNS says of somebody's terminal


def show(*parts: Table | Text) -> None:
    """Write tables and paragraphs to standard output, with an empty line between them."""
    wide = None if sys.stdout.isatty() else _PIPE_WIDTH
    console = Console(highlight=False, markup=False, emoji=False, width=wide)
    shown = []
    for part in parts:
        with console.capture() as captured:
            console.print(part, soft_wrap=isinstance(part, Text))
        shown.append("\n".join(line.rstrip() for line in captured.get().splitlines()))
    say("\n\n".join(shown))


def show_run(run: Run) -> None:
    """All that ``symnorm verify`` prints: the tables, what was not expected in full, the summary."""
    parts: list[Table | Text] = [claims_table(run)] if run.outcomes else []
    parts += [in_full(outcome, definitions=False) for outcome in run.unexpected]
    parts += [kernels_table(run.kernels)] if run.kernels else []
    parts += [Text(told)] if (told := words.not_replayed(run)) else []
    show(*parts, Text(words.summary(run), style="bold"))


def show_outcomes(outcomes: Iterable[Outcome], steps: bool = False) -> None:
    """All that is known of claims."""
    show(*(in_full(outcome, steps=steps) for outcome in outcomes))


def show_checks(kernels: tuple[KernelCheck, ...], planted: Mapping[str, Matrix]) -> None:
    """A table of comparisons, a matrix of planted bugs for each kernel, and the counts."""
    parts: list[Table | Text] = [kernels_table(kernels), *(bugs_table(name, rows) for name, rows in planted.items())]
    agree = sum(kernel.ok for kernel in kernels)
    counts = [f"{agree} of {len(kernels)} kernels agree with autograd"]
    if planted:
        from symnorm.check import FAMILIES

        legend = [f"{number:>2}  {family.name}: {family.why}" for number, family in enumerate(FAMILIES, start=1)]
        parts.append(Text("\n".join(["inputs", *legend])))
        caught = [any(row.values()) for matrix in planted.values() for row in matrix.values()]
        counts.append(f"{sum(caught)} of {len(caught)} planted bugs are caught")
    show(*parts, Text(". ".join(counts), style="bold"))


# tables ---------------------------------------------------------------------------------------------------------------


def _table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify: JustifyMethod = "right" if column in numbers else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=column != columns[-1])
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


def bugs_table(name: str, matrix: Matrix) -> Table:
    """A row for each bug, a column for each family of inputs, a cross where it is caught."""
    families = list(next(iter(matrix.values()), {}))
    table = _table(f"bug planted in {name}", *(str(number) for number, _ in enumerate(families, start=1)), "caught")
    for bug, row in matrix.items():
        caught = any(row.values())
        marks = [Text("x") if row[family] else Text(".", style="dim") for family in families]
        verdict = Text("yes" if caught else "no", style="green" if caught else f"red {UNEXPECTED}")
        table.add_row(Text(bug), *marks, verdict)
    return table


def show_invariances(one: Normalizer, answers: Iterable[Answer]) -> None:
    """A table of transformations with their answers; a point below for what is not invariant would fill pages."""
    table = _table("of", "change", "answer", "how")
    styles = {INVARIANT: "green", EQUIVARIANT: "cyan", NEITHER: "red", OPEN: "yellow"}
    for answer in answers:
        change = answer.transformation
        cells = (change.of, change.change, answer.status, words.invariance(answer))
        style = styles[answer.status]
        table.add_row(*(Text(cell, style=style if at == 2 else "") for at, cell in enumerate(cells)))
    show(Text(f"{one.name}: {one.title}", style="bold"), table)


def in_full(outcome: Outcome, definitions: bool = True, steps: bool = False) -> Text:
    """All words about a claim, its name in bold and its verdict in colour."""
    shown = Text(words.in_full(outcome, definitions, steps))
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
