"""Builds the lectures: runs each source and writes the notebook and the student's version beside it.

The sources are the files ``NN_name.py`` (cells divided by ``# %%``, jupytext's percent format); they are what people
edit. From each come ``NN_name.ipynb``, executed, and ``NN_name_student.ipynb``, not executed, in which every cell
tagged ``answer`` is blank. The cell after an answer, tagged ``check``, tests it: while a lecture runs, each check is
first run on the blank answer and has to fail, then on the answer and has to pass.

    python notebooks/build.py            all of them; or name some: python notebooks/build.py 01_zoo
    python notebooks/build.py --check    writes nothing; fails where a notebook is out of step with its source
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

HERE = Path(__file__).parent
SECONDS = 60
ANSWER, CHECK = "answer", "check"
HELP = "Fill in each cell that begins with `# Your answer`; the cell after it checks what you wrote."


class OutOfStep(Exception):
    """A lecture that is not what its files say; the message says which cell."""


def sources(names: list[str] | None = None) -> list[Path]:
    """The sources in the order of the lectures; only those named, if any are."""
    found = sorted(HERE.glob("[0-9][0-9]_*.py"))
    if unknown := set(names or ()) - {path.stem for path in found}:
        raise OutOfStep(f"no lecture called {', '.join(sorted(unknown))}")
    return [path for path in found if not names or path.stem in names]


def tagged(cell: NotebookNode, tag: str) -> bool:
    """Whether a cell has a tag."""
    return tag in cell.metadata.get("tags", [])


def lecture(path: Path) -> NotebookNode:
    """The notebook of a source, not executed, the same whenever it is read."""
    notebook = jupytext.read(path, fmt="py:percent")
    formats = {"formats": "py:percent,ipynb"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata = nbformat.from_dict({"jupytext": formats, "kernelspec": kernel})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    for cell, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if tagged(cell, ANSWER) and not (after and tagged(after, CHECK)):
            raise OutOfStep(f"{path.name}: no check after the answer\n{cell.source}")
    return notebook


def blank(answer: str) -> str:
    """An answer's cell without the answer: its first comment, and each name that it defines, left open.

    >>> print(blank("# Half of x.\\ndef half(x):\\n    return x / 2\\nsize = 3"))
    # Your answer. Half of x.
    def half(x):
        ...
    size = ...
    """
    lines = answer.splitlines()
    comment = [line.removeprefix("#").strip() for line in lines[: next(_after_comment(lines), None)]]
    left: list[str] = [f"# Your answer. {' '.join(comment)}".strip()]
    for statement in ast.parse(answer).body:
        match statement:
            case ast.FunctionDef():
                statement.decorator_list, statement.body = [], [ast.Expr(ast.Constant(...))]
                left.append(ast.unparse(statement))
            case ast.Assign(targets=[ast.Name(id=name)]):
                left.append(f"{name} = ...")
    return "\n".join(left)


def _after_comment(lines: list[str]) -> Iterator[int]:
    return (number for number, line in enumerate(lines) if not line.startswith("#"))


def student(notebook: NotebookNode) -> NotebookNode:
    """The version without answers."""
    copy = nbformat.from_dict(notebook)
    copy.metadata.pop("jupytext")
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if tagged(cell, ANSWER):
            cell.source = blank(cell.source)
    copy.cells.insert(1, nbformat.v4.new_markdown_cell(HELP, id="how-to"))
    return copy


def executed(notebook: NotebookNode) -> NotebookNode:
    """A copy with the outputs of a fresh kernel, in which every check has failed on the blank answer before it passed.

    Raises:
        CellExecutionError: a cell fails, or takes too long.
        OutOfStep: a check passes without an answer.
    """
    copy = nbformat.from_dict(notebook)
    client = NotebookClient(copy, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(HERE)}})
    ran = 0
    with client.setup_kernel():
        for number, cell in enumerate(copy.cells):
            if cell.cell_type != "code":
                continue
            ran += 1
            if tagged(cell, ANSWER):
                _fails_when_blank(client, number)
            client.execute_cell(cell, number, execution_count=ran)
            cell.metadata.pop("execution", None)  # when it ran
            cell.outputs = _settled(cell.outputs, ran)
    return copy


def _settled(outputs: list[NotebookNode], number: int) -> list[NotebookNode]:
    """Outputs as they are every time: what is printed arrives in pieces, and blank answers were run in between."""
    settled: list[NotebookNode] = []
    for output in outputs:
        before = settled[-1] if settled else None
        if before and output.output_type == before.output_type == "stream" and output.name == before.name:
            before.text += output.text
            continue
        if "execution_count" in output:
            output.execution_count = number
        settled.append(output)
    return settled


def _fails_when_blank(client: NotebookClient, number: int) -> None:
    answer, check = (nbformat.from_dict(cell) for cell in client.nb.cells[number : number + 2])
    answer.source = blank(answer.source)
    try:
        for cell in (answer, check):
            client.execute_cell(cell, number)
    except CellExecutionError:
        return
    raise OutOfStep(f"this check passes without an answer:\n{check.source}")


def said(cell: NotebookNode) -> str:
    """What a cell printed and showed, as text; pictures and markup are left out, addresses and blanks at ends too."""
    outputs = cell.get("outputs", ())
    texts = [output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs]
    told = re.sub(r"0x[0-9a-f]{6,}", "0x", "\n".join(texts))
    return "\n".join(line.rstrip() for line in told.splitlines()).strip()


def compare(stored: Path, fresh: NotebookNode, outputs: bool = False) -> None:
    """Nothing, if the stored notebook has the same cells, and with ``outputs`` the same text below them.

    Raises:
        OutOfStep: it has not, or there is none.
    """
    if not stored.exists():
        raise OutOfStep(f"{stored.name} is missing")
    old = nbformat.read(stored, as_version=4)
    if [(cell.cell_type, cell.source) for cell in old.cells] != [(cell.cell_type, cell.source) for cell in fresh.cells]:
        raise OutOfStep(f"{stored.name}: the source has changed since")
    for before, now in zip(old.cells, fresh.cells, strict=True):
        if outputs and said(before) != said(now):
            raise OutOfStep(f"{stored.name}: below\n{now.source}\nstands\n{said(before)}\nnow it says\n{said(now)}")


def files(path: Path) -> tuple[Path, Path]:
    """Where the executed and the student's notebook of a source lie."""
    return path.with_suffix(".ipynb"), path.with_name(f"{path.stem}_student.ipynb")


def in_step(path: Path) -> None:
    """Nothing, if both notebooks have the source's cells; executes nothing.

    Raises:
        OutOfStep: they have not.
    """
    notebook = lecture(path)
    for stored, fresh in zip(files(path), (notebook, student(notebook)), strict=True):
        compare(stored, fresh)


def build(path: Path, check: bool) -> None:
    """Execute one lecture, and write its notebooks or compare them.

    Raises:
        CellExecutionError: a cell fails, or takes too long.
        OutOfStep: a check passes without an answer, or the files are not what was built.
    """
    if check:
        in_step(path)
    notebook = lecture(path)
    done = executed(notebook)
    whole, blanks = files(path)
    if check:
        compare(whole, done, outputs=True)
    else:
        nbformat.write(done, whole)
        nbformat.write(student(notebook), blanks)


def main() -> int:
    """Build or check; 1 if a lecture fails."""
    parser = argparse.ArgumentParser(description="Runs the lectures and writes their notebooks.")
    parser.add_argument("names", nargs="*", help="such as 01_zoo; all of them if left out")
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a notebook is out of step")
    asked = parser.parse_args()
    path = [str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, path))  # the kernel runs this checkout
    failed = 0
    for source in sources(asked.names):
        start = time.perf_counter()
        try:
            build(source, asked.check)
            told = "in step" if asked.check else "built"
        except (CellExecutionError, OutOfStep) as problem:
            failed, told = 1, str(problem)
        print(f"{source.stem:24} {time.perf_counter() - start:5.1f} s  {told}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
