"""Every lecture is in step with its source, and no student's version has an answer. Nothing long is executed here."""

import ast
import doctest
import importlib.util
import re
import shutil
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.py"))
pytestmark = pytest.mark.notebooks

TINY = """# %% [markdown]
# # A lecture

# %%
print("two")

# %% tags=["answer"]
# A number below two.
number = 1


# %% tags=["check"]
assert number {test} 2
"""


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("build", NOTEBOOKS / "build.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["build"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory, build):
    path = tmp_path_factory.mktemp("built") / "01_tiny.py"
    path.write_text(TINY.format(test="<"))
    build.build(path, check=False)
    return path


@pytest.fixture
def tiny(built, tmp_path):
    shutil.copytree(built.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / built.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_in_step(path, build):
    build.in_step(path)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_student_has_no_answers(path, build):
    notebook = build.lecture(path)
    answers = [cell.source for cell in notebook.cells if build.tagged(cell, build.ANSWER)]
    assert len(answers) >= 2
    _, blanks = build.files(path)
    given = build.nbformat.read(blanks, as_version=4)
    assert [cell.source for cell in given.cells if build.tagged(cell, build.ANSWER)] == [*map(build.blank, answers)]
    assert not any(cell.get("outputs") for cell in given.cells)
    text = "\n".join(cell.source for cell in given.cells)
    for answer in answers:
        for statement in ast.parse(answer).body:
            assert isinstance(statement, ast.Assign | ast.FunctionDef | ast.Import), "blank() cannot leave it open"
        lines = [line.strip() for line in answer.splitlines() if not line.startswith(("#", "def "))]
        assert [line for line in lines if re.search(r"\w{2}", line) and line in text] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_executed_in_order(path, build):
    whole, _ = build.files(path)
    notebook = build.nbformat.read(whole, as_version=4)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert not any(output.output_type == "error" for cell in notebook.cells for output in cell.get("outputs", ()))
    assert any("assert " in cell.source for cell in notebook.cells)


def test_lectures_are_there():
    assert SOURCES


def test_blank_shows_what_it_leaves(build):
    ran = doctest.testmod(build)
    assert ran.attempted > 0 and ran.failed == 0


def test_check_accepts_what_was_built(tiny, build):
    build.build(tiny, check=True)


def test_a_changed_source_is_out_of_step(tiny, build):
    tiny.write_text(tiny.read_text().replace("two", "three"))
    with pytest.raises(build.OutOfStep, match="source has changed"):
        build.in_step(tiny)


def test_another_output_is_out_of_step(tiny, build):
    whole, _ = build.files(tiny)
    stored = whole.read_text()
    assert stored.count('"two\\n"') == 1
    whole.write_text(stored.replace('"two\\n"', '"too\\n"'))
    with pytest.raises(build.OutOfStep, match="stands"):
        build.build(tiny, check=True)


def test_a_check_that_needs_no_answer_is_refused(tiny, build):
    tiny.write_text(TINY.format(test="!="))
    with pytest.raises(build.OutOfStep, match="passes without an answer"):
        build.build(tiny, check=False)


def test_a_wrong_answer_is_refused(tiny, build):
    tiny.write_text(TINY.format(test=">"))
    with pytest.raises(build.CellExecutionError):
        build.build(tiny, check=False)


def test_an_answer_needs_a_check(tiny, build):
    tiny.write_text(TINY.partition('# %% tags=["check"]')[0])
    with pytest.raises(build.OutOfStep, match="no check"):
        build.lecture(tiny)


def test_a_missing_student_version_is_out_of_step(tiny, build):
    _, blanks = build.files(tiny)
    shutil.move(blanks, blanks.with_suffix(".away"))
    with pytest.raises(build.OutOfStep, match="missing"):
        build.in_step(tiny)
