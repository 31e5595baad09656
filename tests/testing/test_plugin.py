"""The pytest plugin, run in processes of its own as a user's project would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TESTS = """
import numpy as np

def forward(x, gamma, beta, eps):
    mu = x.mean(-1, keepdims=True)
    return gamma*(x - mu)/np.sqrt(x.var(-1, ddof={ddof}, keepdims=True) + x.dtype.type(eps)) + beta

def test_mine(kernel_matches):
    kernel_matches(forward, None, "layer_norm", shapes=[(4, 3)])
"""


def run(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "pytest_symnorm", "-p", "no:cacheprovider", "-q", *options]
    (directory / "pytest.ini").write_text("[pytest]\n")
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("seed", ["0", "7"])
def test_the_fixture_takes_the_seed_and_prints_it(seed: str, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(TESTS.format(ddof=0))
    found = run(tmp_path, f"--symnorm-seed={seed}")
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"symnorm: 1 comparisons of kernels; repeat with --symnorm-seed={seed}" in found.stdout


def test_a_wrong_kernel_fails_with_its_bug(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(TESTS.format(ddof=1))
    found = run(tmp_path, "--symnorm-seed=random")
    assert found.returncode == 1
    assert "suspected bug: ddof = 1" in found.stdout and "symnorm: seeds" in found.stdout
    (line,) = [row for row in found.stdout.splitlines() if "--symnorm-seed=" in row]
    seed = line.rpartition("=")[2]
    again = run(tmp_path, f"--symnorm-seed={seed}")
    assert [row for row in again.stdout.splitlines() if " expected " in row] == [
        row for row in found.stdout.splitlines() if " expected " in row
    ]


def test_a_wrong_seed_is_refused(tmp_path: Path) -> None:
    found = run(tmp_path, "--symnorm-seed=-1")
    assert found.returncode == 4 and "--symnorm-seed is '-1'" in found.stdout + found.stderr


def test_an_unrelated_run_imports_nothing_of_symnorm(tmp_path: Path) -> None:
    lines = ["import sys", "def test_light():", "    heavy = {'symnorm', 'sympy', 'numpy'} & sys.modules.keys()",
             "    assert 'pytest_symnorm' in sys.modules and not heavy"]  # fmt: skip
    (tmp_path / "test_light.py").write_text("\n".join(lines))
    found = run(tmp_path)
    assert found.returncode == 0, found.stdout
    assert "symnorm" not in found.stdout
