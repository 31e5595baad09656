"""Each command by itself: what it prints, its exit code, its JSON, and what it says to bad input."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from symnorm.claims import catalogue
from symnorm.cli import commands
from symnorm.errors import NameUnknown
from symnorm.normalizers import REGISTRY
from symnorm.report import doctor
from tests.report.samples import FILE

NAMES = (
    *("list", "show", "compare", "derive", "prove", "verify", "replay", "export", "recheck", "invariances", "kernel"),
    *("check", "report", "picture", "diagnose", "golden", "doctor", "completion"),
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments)


def read(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.fixture
def sample_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A catalogue that holds the sample claims and nothing else."""
    (tmp_path / "samples.py").write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(catalogue, "proofs_directory", lambda: tmp_path)
    catalogue.catalogue.cache_clear()
    yield tmp_path
    catalogue.catalogue.cache_clear()


def test_every_command_is_listed_and_nothing_else() -> None:
    assert set(commands.commands) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example_and_every_command_writes_json(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0 and f"  symnorm {name}" in result.stdout and "--json FILE" in result.stdout


def test_help_names_the_exit_codes() -> None:
    assert "3 undecided" in " ".join(run("--help").stdout.split())


# list, show, derive, kernel -------------------------------------------------------------------------------------------


def test_list_has_every_normalizer() -> None:
    result = run("list")
    assert [line.split()[0] for line in result.stdout.splitlines()] == [*REGISTRY]
    assert all(one.title in result.stdout and one.source in result.stdout for one in REGISTRY.values())
    assert [row["name"] for row in read(run("list", "--json", "-"))["normalizers"]] == [*REGISTRY]


@pytest.mark.usefixtures("sample_catalogue")
def test_show() -> None:
    text = run("show", "batch_norm").stdout
    assert "dx = gamma/sqrt(var + eps)*(dy - mean(dy) - x_hat*mean(dy*x_hat))" in text
    assert "batch_norm.scale: " in text and "[as it was]. (proved)" in text and "weight_norm." not in text
    assert r"\hat{x}_{n c} &= \frac{x_{n c} - \mu_{c}}" in run("show", "batch_norm", "--latex").stdout
    found = read(run("show", "batch_norm.inference", "--json", "-"))
    assert found["name"] == "batch_norm.inference"
    assert {claim["name"] for claim in found["claims"]} >= {"batch_norm.scale"}


def test_derive() -> None:
    text = run("derive", "weight_norm", "v").stdout
    assert "dnorm = sum(-dw*g*v/norm**2)" in text and "quotient rule" in text and "dv = g/norm*dw" in text
    assert r"\text{quotient rule; product rule" in run("derive", "weight_norm", "--latex").stdout
    found = read(run("derive", "layer_norm", "x", "--json", "-"))
    (gradient,) = found["gradients"]
    assert gradient["name"] == "dx" and gradient["textbook"] is True and found["steps"]


def test_kernel_to_standard_output_and_to_a_file_are_the_same(tmp_path: Path) -> None:
    target = tmp_path / "layer_norm_kernel.py"
    printed = run("kernel", "layer_norm").stdout
    said = run("kernel", "layer_norm", "-o", str(target)).stdout
    assert target.read_text(encoding="utf-8") == printed and said.startswith("layer_norm: ")
    functions = {node.name for node in ast.parse(printed).body if isinstance(node, ast.FunctionDef)}
    assert {"forward", "backward"} <= functions
    assert read(run("kernel", "layer_norm", "--json", "-"))["source"] == printed


def test_kernel_in_another_mode() -> None:
    inference = run("kernel", "batch_norm", "--mode", "inference").stdout
    assert "running_var" in inference and inference != run("kernel", "batch_norm").stdout
    assert inference == run("kernel", "batch_norm.inference").stdout


def test_one_standard_output_for_two_results_is_refused() -> None:
    result = run("kernel", "layer_norm", "-o", "-", "--json", "-")
    assert result.exit_code == 2 and result.stdout == ""


# prove ----------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("sample_catalogue")
@pytest.mark.parametrize(
    ("claim", "code", "words"),
    [
        ("batch_norm.orthogonal", 0, "where       var > 0"),
        ("batch_norm.scale_with_fixed_eps", 1, "import numpy as np"),
        ("cubes.fermat", 3, "because"),
        ("weight_norm.faster", 3, "a statement about experiments"),
    ],
)
def test_prove_exits_with_the_truth_whatever_is_expected(claim: str, code: int, words: str) -> None:
    result = run("prove", claim)
    assert result.exit_code == code
    assert " ".join(words.split()) in " ".join(result.stdout.split())
    (one,) = read(run("prove", claim, "--json", "-"))["claims"]
    assert one["name"] == claim and one["as_expected"]


def test_prove_shows_every_claim_of_a_file() -> None:
    result = run("prove", str(FILE))
    assert result.exit_code == 1
    assert all(claim in result.stdout for claim in catalogue.read(FILE))
    assert "[as it was]" in result.stdout


# check ----------------------------------------------------------------------------------------------------------------


def test_check_compares_every_mode_of_what_is_named() -> None:
    found = read(run("check", "batch_norm", "--json", "-"))
    assert [kernel["name"] for kernel in found["kernels"]] == [
        "batch_norm",
        "batch_norm.inference",
        "batch_norm.frozen",
    ]
    assert all(kernel["ok"] and kernel["max_relative_error"] < 1e-10 for kernel in found["kernels"])
    assert [one["name"] for one in read(run("check", "batch_norm.inference", "--json", "-"))["kernels"]] == [
        "batch_norm.inference"
    ]


def test_check_shows_which_inputs_catch_which_bug() -> None:
    result = run("check", "weight_norm", "--bugs")
    assert result.exit_code == 0
    assert "bug planted in weight_norm" in result.stdout and "planted bugs are caught" in result.stdout
    assert "standard normal: " in result.stdout


def test_check_fails_when_a_planted_bug_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symnorm.check.matrix", lambda truth: {"a bug": {"standard normal": False}})
    result = run("check", "weight_norm", "--bugs")
    assert result.exit_code == 1 and "0 of 2 planted bugs are caught" in result.stdout


# bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("sample_catalogue")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "batchnorm"), "did you mean batch_norm"),
        (("derive", "batch_norm", "gama"), "did you mean gamma"),
        (("derive", "batch_norm", "eps"), "'eps'"),
        (("prove", "batch_norm.scal"), "did you mean batch_norm.scale"),
        (("prove", "batch_norm"), "no claim"),
        (("prove", "qqqqqq"), "no claim is called 'qqqqqq'; known: batch_norm."),
        (("verify", "weight_nrm"), "did you mean weight_norm"),
        (("verify", "missing.py"), "missing.py"),
        (("kernel", "layer_norm", "--mode", "inferense"), "mode of layer_norm"),
        (("kernel", "layer_norm", "-o", "/nowhere/at/all.py"), "cannot write /nowhere/at/all.py"),
        (("list", "--json", "/nowhere/at/all.json"), "cannot write /nowhere/at/all.json"),
        (("check", "batch_norm.inferense"), "did you mean inference"),
        (("check", "batch_nrm"), "did you mean batch_norm"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr and result.stderr.count("\n") == 1 and result.stderr.startswith("Error: ")
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "words"), [("nonsense(", "the text ends here"), ("layer_norm(x)", "this states nothing; compare it with")]
)
def test_what_looks_like_a_formula_is_read_as_one(text: str, words: str) -> None:
    result = run("prove", text)
    assert result.exit_code == 2 and words in result.stderr and f"\n  {text}\n" in result.stderr


def test_of_very_many_names_a_few_are_told() -> None:
    told = str(NameUnknown("claim", "qqqqqq", [f"claim_{i:04}" for i in range(1000)]))
    assert told == "no claim is called 'qqqqqq'; known: " + ", ".join(f"claim_000{i}" for i in range(5)) + ", 995 more"


@pytest.mark.parametrize("arguments", [(), ("shw",), ("show",), ("list", "--nonsense")])
def test_misuse_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import symnorm as sn\nsn.claim('a.b', 's', lambda: 1 +)\n", "line 2: SyntaxError"),
        ("import symnorm as sn\n\nsn.nonsense\n", "line 3: AttributeError"),
        ("import no_such_module_anywhere\n", "line 1: ModuleNotFoundError"),
        ("import symnorm as sn\nsn.axes('N N')\n", "line 2: axes needs"),
        ("x = 1\n", "states no claim"),
        ("import symnorm as sn\nsn.claim('a.b', 's', lambda: 1 / 0, source='s')\n", "line 2: a.b: ZeroDivisionError"),
        ("import symnorm as sn\nsn.claim('a.b', 's', lambda: sn.equal(sn.scalar('a'), 0.5), source='s')\n", "0.5"),
        (
            "import symnorm as sn\na = sn.scalar('a')\n"
            "sn.claim('a.b', 's', lambda: sn.equal(a, a), given=[a > 0, a < 0], source='s')\n",
            "a.b: ",
        ),
    ],
)
def test_a_file_with_a_mistake_is_one_sentence_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    for command in ("verify", "prove"):
        result = run(command, str(path))
        assert result.exit_code == 2
        assert words in result.stderr and result.stderr.count("\n") == 1


def test_an_interruption_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(normalizer: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("symnorm.report.verification.compare", interrupt)
    assert run("check", "weight_norm").exit_code == 130


@pytest.mark.parametrize("tool", ["autograd", "rich"])
def test_a_missing_tool_is_exit_code_4(tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "symnorm.report.terminal", raising=False)
    monkeypatch.delattr("symnorm.report.terminal", raising=False)
    for module in [name for name in sys.modules if name.partition(".")[0] == tool]:
        monkeypatch.setitem(sys.modules, module, None)
    result = run("check", "weight_norm")
    assert result.exit_code == 4 and f"pip install {tool}" in result.stderr and "Traceback" not in result.output


# conventions ----------------------------------------------------------------------------------------------------------


def test_show_says_how_a_convention_differs() -> None:
    result = run("show", "batch_norm", "--convention", "onnx")
    assert result.exit_code == 0 and result.stdout == run("show", "batch_norm@onnx").stdout
    told = result.stdout.partition("\nconventions\n")[2].partition("\n\n")[0]
    assert "paper torch onnx keras flax" in told and "momentum is 0.9 by default; the paper's: 0.1." in told
    assert read(run("show", "batch_norm@onnx", "--json", "-"))["convention"]["name"] == "onnx"


def test_derive_and_kernel_take_a_convention() -> None:
    assert "s     = std + eps" in run("derive", "layer_norm", "x", "--convention", "annotated").stdout
    assert "momentum: float | None = 0.9," in run("kernel", "batch_norm", "--convention", "onnx").stdout
    assert run("kernel", "batch_norm@onnx").stdout == run("kernel", "batch_norm", "--convention", "onnx").stdout


@pytest.mark.parametrize(
    "arguments, code, says",
    [
        (("layer_norm", "layer_norm@keras"), 0, "y: equal, proved for all sizes"),
        (("batch_norm",), 1, "batch_norm (left) and batch_norm@flax (right)"),
        (("z_score", "z_score@sklearn"), 1, "sigma: differs"),
    ],
)
def test_compare_says_what_differs(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run("compare", *arguments)
    assert (result.exit_code, says in result.stdout) == (code, True), result.output
    written = read(run("compare", *arguments, "--json", "-"))["comparisons"]
    assert {each["status"] for each in written} <= {"proved", "refuted"}


@pytest.mark.parametrize("arguments", [("mean_range",), ("layer_norm", "group_norm"), ("batch_norm@nobody",)])
def test_compare_refuses_what_it_cannot_compare(arguments: tuple[str, ...]) -> None:
    assert run("compare", *arguments).exit_code == 2


def test_kernel_of_second_order() -> None:
    source = run("kernel", "layer_norm", "--second-order").stdout
    assert "ddy = gamma/sqrt(var + eps)*(dx_grad - mean[C](dx_grad) - x_hat*mean[C](dx_grad*x_hat))" in source
    assert "the gradient by x, forward and backward." in ast.get_docstring(ast.parse(source)).splitlines()[0]


def test_compare_under_assumptions() -> None:
    result = run("compare", "layer_norm", "layer_norm@annotated", "--given", "eps == 0", "--given", "C >= 2")
    assert result.exit_code == 1 and "x_hat: differs, right/left = sqrt(C)*sqrt(C - 1)/C" in result.stdout
    assert run("compare", "layer_norm", "layer_norm@annotated", "--given", "eps ==").exit_code == 2


def test_derive_of_second_order() -> None:
    result = run("derive", "batch_norm", "dy", "--second-order")
    assert result.exit_code == 0, result.output
    assert "ddy = gamma/sqrt(var + eps)*(dx_grad - mean(dx_grad) - x_hat*mean(dx_grad*x_hat))" in result.stdout
    assert "steps, from dx_grad = dL/dx_grad backwards" in result.stdout


# doctor, completion ---------------------------------------------------------------------------------------------------


def test_doctor_finds_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("doctor", "--json", "-")
    findings = {one["what"]: one for one in read(result)["findings"]}
    assert result.exit_code == 0 and findings["sympy"]["found"] and "refuted" in findings["prover"]["found"]
    monkeypatch.setattr(doctor, "CORE", ("sympy", "a_package_that_nobody_has"))
    result = run("doctor")
    assert result.exit_code == 4 and "missing" in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_program_of_the_shell(shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0 and "_SYMNORM_COMPLETE" in result.stdout
    assert run("completion", "tcsh").exit_code == 2
