"""The whole catalogue as a user runs it: the JSON is complete, and every refutation in it can be pasted and checked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

RUN_ALL = """
import contextlib, io, json, sys
for program in json.load(sys.stdin):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(program, {})
    print(json.dumps([float(line.split()[1]) for line in printed.getvalue().splitlines()]))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    target = tmp_path_factory.mktemp("verify") / "found.json"
    done = subprocess.run(
        [sys.executable, "-m", "symnorm", "verify", "--jobs", "2", "--json", str(target)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    found = json.loads(target.read_text(encoding="utf-8"))
    assert done.returncode == found["summary"]["exit_code"] and done.stderr == ""
    return found


def test_every_kernel_agrees(found: Any) -> None:
    assert found["kernels"] and all(kernel["ok"] for kernel in found["kernels"])


def test_every_refutation_can_be_pasted_and_shows_its_two_values(found: Any) -> None:
    witnesses = {claim["name"]: claim["witness"] for claim in found["claims"] if claim["verdict"] == "refuted"}
    assert witnesses and all(witness["numpy"] for witness in witnesses.values())
    programs = json.dumps([witness["numpy"] for witness in witnesses.values()])
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN_ALL], input=programs, capture_output=True, text=True, timeout=300, check=True
    )
    values = [json.loads(line) for line in done.stdout.splitlines()]
    for (name, witness), (left, right) in zip(witnesses.items(), values, strict=True):
        assert left == pytest.approx(witness["left_float"], rel=1e-9, abs=1e-9), name
        assert right == pytest.approx(witness["right_float"], rel=1e-9, abs=1e-9), name
        strict = any(f" {sign} " in witness["relation"] for sign in ("!=", "<", ">"))  # equal sides refute these too
        assert strict or abs(left - right) > 1e-9, name
