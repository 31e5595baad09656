"""``symnorm diagnose`` and ``symnorm golden`` from the shell."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from symnorm.cli import commands
from symnorm.testing import diagnose, read_golden
from symnorm.testing.diagnosis import function_of

MINE = str(Path(__file__).with_name("my_kernels.py"))
SHAPE = ("--shape", "5,4")


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(commands, arguments)
    return found.exit_code, found.output


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("layer_norm", "--as", "layer_norm"), 0, "equal: it computes layer_norm"),
        (("layer_norm", "--as", "layer_norm", "--convention", "torch"), 0, "equal: it computes layer_norm@torch"),
        (("layer_norm", "--backward", "backward", "--as", "layer_norm"), 0, "equal"),
        (("layer_norm", "--backward", f"{MINE}:backward", "--as", "layer_norm"), 0, "equal"),
        (("layer_norm", "--backward", "backward_without_mean", "--as", "layer_norm"), 1,
         "differs from layer_norm: it computes layer_norm with mean term dropped"),
        (("layer_norm", "--as", "layer_norm", "--convention", "keras"), 1, "it computes layer_norm"),
        (("transformer", "--as", "layer_norm", "--rename", "a=x", "--rename", "weight=gamma", "--rename", "bias=beta"),
         1, "it computes layer_norm@annotated"),
        (("plain", "--as", "layer_norm", "--fix", "gamma=1", "--fix", "beta=0"), 0, "equal"),
        (("halved", "--as", "pca_whitening"), 3, "unknown: it does not compute pca_whitening"),
        (("something_else", "--as", "layer_norm"), 3, "unknown: it does not compute layer_norm\n"),
        (("layer_norm", "--as", "layer_norm", "--family", "benign", "--family", "sums overflow"), 1,
         "differs from layer_norm: it computes layer_norm with digits or range lost"),
        (("root_mean_square",), 0, "equal: it computes rms_norm"),
        (("fails", "--as", "layer_norm"), 3, "unknown: a call failed\nlayer_norm, float32: RuntimeError: no device"),
        (("squared",), 3, "unknown: it computes none of the normalizers that take these inputs\n"),
        (("fails",), 3, "unknown: a call failed\n"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_what_a_function_computes(arguments: tuple[str, ...], code: int, says: str) -> None:
    found, text = run("diagnose", f"{MINE}:{arguments[0]}", *arguments[1:], *SHAPE)
    assert (found, says in text) == (code, True), text


def test_what_nothing_explains_is_unknown_on_all_shapes_too() -> None:
    code, text = run("diagnose", f"{MINE}:squared", "--family", "standard normal")
    assert (code, text.splitlines()[0]) == (3, "unknown: it computes none of the normalizers that take these inputs")


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("layer_norm", "it computes layer_norm on arrays of two dimensions, and something else on others"),
        ("transformer", "it computes layer_norm@annotated on arrays of two dimensions, and something else"),
    ],
)
def test_a_function_of_the_last_dimension_is_told_where_no_shape_is_given(function: str, says: str) -> None:
    names = ("a=x", "weight=gamma", "bias=beta") if function == "transformer" else ()
    renamed = [word for name in names for word in ("--rename", name)]
    families = ("--family", "spatial", "--family", "standard normal")
    code, text = run("diagnose", f"{MINE}:{function}", "--as", "layer_norm", *renamed, *families)
    assert (code, says in text) == (1, True), text
    assert "shape (3, 2, 3, 2)" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("no_colon",), "no MODULE:FUNCTION"),
        ((f"{MINE}:nothing",), "has no 'nothing'; it has"),
        (("missing.py:forward",), "there is no file missing.py"),
        (("no_such_module:forward",), "importing no_such_module failed"),
        ((f"{MINE}:np.pi",), "of type float"),
        ((f"{MINE}:layer_norm", "--as", "layer_nrom"), "did you mean layer_norm"),
        ((f"{MINE}:layer_norm", "--as", "weight_norm"), "parameter 'x'"),
        ((f"{MINE}:layer_norm", "--convention", "torch"), "--convention needs --as"),
        ((f"{MINE}:layer_norm", "--as", "layer_norm", "--shape", "4,x"), "no list of sizes"),
        ((f"{MINE}:layer_norm", "--as", "layer_norm", "--fix", "gamma"), "no NAME=VALUE"),
        ((f"{MINE}:plain", "--as", "layer_norm", "--fix", "gamma=one"), "no number"),
    ],
)
def test_bad_input_is_named(arguments: tuple[str, ...], says: str) -> None:
    code, text = run("diagnose", *arguments)
    assert (code, says in text) == (2, True), text


def test_a_module_by_name_and_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(MINE, tmp_path / "kernels_of_mine.py")
    monkeypatch.chdir(tmp_path)
    arguments = ("--backward", "backward_without_mean", "--as", "layer_norm", *SHAPE, "--json", "-")
    code, text = run("diagnose", "kernels_of_mine:layer_norm", *arguments)
    found = json.loads(text)
    assert code == 1 and found["status"] == "differs" and found["asked"] == "layer_norm"
    assert found["suspected"] == [{"bug": "mean term dropped", "explains": ["dx"]}]
    assert found["worst"]["dx"]["ulp"] > 1e4 > found["worst"]["y"]["ulp"]


def test_all_normalizers_are_tried_where_none_is_named() -> None:
    found = diagnose(function_of(f"{MINE}:root_mean_square"), shapes=[(5, 4)])
    assert found.status == "equal" and found.computes[0] == "rms_norm"


def test_help_says_that_it_runs_your_code() -> None:
    code, text = run("diagnose", "--help")
    assert code == 0 and "this command runs your code" in " ".join(text.split())


@pytest.mark.parametrize(
    ("options", "definition"), [((), "group_norm"), (("--convention", "torch"), "group_norm@torch")]
)
def test_golden_vectors(options: tuple[str, ...], definition: str, tmp_path: Path) -> None:
    target = str(tmp_path / "g")
    inputs = ("--shape", "2,6,4", "--groups", "3", "--family", "std near eps", "--dtype", "float16", "--seed", "5")
    code, text = run("golden", "group_norm", "-o", target, *options, *inputs)
    assert code == 0, text
    found = read_golden(target)
    assert text == f"{definition}: 1 families, {len(found.manifest['files']) + 1} files in {target}\n"
    (about,) = found.manifest["vectors"]
    assert (about["shape"], about["options"], about["seed"]) == ([2, 6, 4], {"groups": 3}, 5)
    assert found.arrays("std near eps")["y"].dtype == "float16"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--shape", "2,6,4"), "say how many"),
        (("--dtype", "int8"), "int8"),
        (("--family", "odd"), "odd"),
        (("--shape", "2,5,4", "--groups", "3"), "groups"),
        (("--shape", "2", "--groups", "1"), "do not fit the layout"),
    ],
)
def test_golden_vectors_that_cannot_be(options: tuple[str, ...], says: str, tmp_path: Path) -> None:
    code, text = run("golden", "group_norm", "-o", str(tmp_path / "g"), *options)
    assert (code, says in text, list(tmp_path.iterdir())) == (2, True, []), text


def test_golden_vectors_as_json(tmp_path: Path) -> None:
    code, text = run("golden", "rms_norm", "-o", str(tmp_path / "g"), "--family", "ties", "--json", "-")
    assert code == 0
    found: dict[str, Any] = json.loads(text)
    assert found == {"schema": 1, **read_golden(tmp_path / "g").manifest}
