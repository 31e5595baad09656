"""`symnorm verify`: it succeeds only when everything is as expected, and each way to fail is shown to fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from symnorm import kernels
from symnorm.check import planted
from symnorm.claims import catalogue
from symnorm.cli import commands
from symnorm.normalizers import REGISTRY, Normalizer
from tests.report.samples import CLAIMS, FILE

MODES = [name for one in REGISTRY.values() for name in (one.name, *(mode.name for mode in one.modes.values()))]

TRUE = """
import symnorm as sn
a = sn.scalar("a")
sn.claim("roots.absolute", "sqrt(a^2) = |a|", lambda: sn.equal(sn.sqrt(a**2), sn.absolute(a)), source="school")
sn.claim("roots.plain", "sqrt(a^2) = a", lambda: sn.equal(sn.sqrt(a**2), a), source="error", expected="refuted")
"""
OPEN = """
p, q, r = (sn.scalar(name, positive=True, integer=True) for name in ("p", "q", "r"))
sn.claim("cubes.fermat", "p^3 + q^3 != r^3", lambda: sn.unequal(p**3 + q**3, r**3), source="Euler 1770")
"""


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ("verify", *arguments))


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def small_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The two claims of TRUE as the whole catalogue."""
    proofs = tmp_path / "proofs"
    proofs.mkdir()
    written(proofs / "roots.py", TRUE)
    monkeypatch.setattr(catalogue, "proofs_directory", lambda: proofs)
    catalogue.catalogue.cache_clear()
    yield proofs
    catalogue.catalogue.cache_clear()


# what is expected -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", ["40", "200", ""])
def test_a_file_as_expected(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into a pipe a claim is one line, however wide somebody's terminal is."""
    monkeypatch.setenv("COLUMNS", columns)
    result = verify(str(FILE))
    assert result.exit_code == 0
    header, *rows = result.stdout.split("\n\n")[0].splitlines()
    assert header.split() == ["claim", "verdict", "expected", "ms", "source"]
    assert [row.split()[0] for row in rows] == [*CLAIMS]
    for row, claim in zip(rows, CLAIMS.values(), strict=True):
        assert row.split()[1:3] == [claim.expected, claim.expected] and row.endswith(claim.source)
        assert float(row.split()[3]) >= 0
    last = result.stdout.splitlines()[-1]
    assert f"{len(CLAIMS)} as expected" in last and "No kernels" in last
    assert "import numpy" not in result.stdout


def test_a_wrong_expectation_fails_and_is_shown_in_full(tmp_path: Path) -> None:
    wrong = written(tmp_path / "mine.py", TRUE.replace('expected="refuted"', 'expected="proved"'))
    result = verify(wrong)
    assert result.exit_code == 1
    assert "expected: proved" in result.stdout and "import numpy as np" in result.stdout
    assert "left - right = a*sign(a) - a" in result.stdout and "1 as expected" in result.stdout
    assert (
        verify(written(tmp_path / "mine.py", TRUE.replace('"school"', '"school", expected="refuted"'))).exit_code == 1
    )


def test_an_open_question_is_exit_code_3_unless_something_contradicts(tmp_path: Path) -> None:
    result = verify(written(tmp_path / "mine.py", TRUE + OPEN))
    assert result.exit_code == 3
    assert "cubes.fermat" in result.stdout and "because" in result.stdout and "expected: proved" in result.stdout
    both = TRUE.replace('expected="refuted"', 'expected="proved"') + OPEN
    assert verify(written(tmp_path / "mine.py", both)).exit_code == 1
    known = OPEN.replace('"Euler 1770"', '"Euler 1770", expected="undecided"')
    assert verify(written(tmp_path / "mine.py", TRUE + known)).exit_code == 0


# what is chosen -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_catalogue")
def test_without_names_every_claim_and_every_kernel() -> None:
    result = verify("--json", "-")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [claim["name"] for claim in found["claims"]] == ["roots.absolute", "roots.plain"]
    assert [kernel["name"] for kernel in found["kernels"]] == MODES
    assert all(kernel["ok"] and kernel["max_relative_error"] < 1e-10 for kernel in found["kernels"])


@pytest.mark.usefixtures("small_catalogue")
@pytest.mark.parametrize(
    ("names", "claims", "compared"),
    [
        (["batch_norm"], [], ["batch_norm", "batch_norm.inference", "batch_norm.frozen"]),
        (["batch_norm.inference"], [], ["batch_norm.inference"]),
        (["roots"], ["roots.absolute", "roots.plain"], []),
        (["roots.plain"], ["roots.plain"], []),
        (["roots.plain", "roots.plain", "weight_norm"], ["roots.plain"], ["weight_norm", "weight_norm.exp"]),
    ],
)
def test_only_what_is_named(names: list[str], claims: list[str], compared: list[str]) -> None:
    found = json.loads(verify(*names, "--json", "-").stdout)
    assert [claim["name"] for claim in found["claims"]] == claims
    assert [kernel["name"] for kernel in found["kernels"]] == compared


@pytest.mark.usefixtures("small_catalogue")
def test_a_users_claim_does_not_hide_one_of_the_same_name(tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.py", TRUE.replace('expected="refuted"', 'expected="proved"'))
    result = verify("roots.plain", mine, "--json", "-")
    found = [(claim["name"], claim["expected"]) for claim in json.loads(result.stdout)["claims"]]
    assert found == [("roots.plain", "refuted"), ("roots.absolute", "proved"), ("roots.plain", "proved")]
    assert result.exit_code == 1


def test_a_catalogue_without_claims_verifies_nothing(small_catalogue: Path) -> None:
    (small_catalogue / "roots.py").unlink()
    result = verify()
    assert result.exit_code == 2 and "states no claim" in result.stderr


# kernels --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bug", ["mean term dropped", "eps outside the root", "x_hat term missing", "ddof = 1", "momentum reversed"]
)
def test_a_sabotaged_kernel_fails(bug: str, monkeypatch: pytest.MonkeyPatch, small_catalogue: Path) -> None:
    """The kernel that is generated has a bug in its forward or its backward pass; the definition has none."""
    right = kernels.kernel

    def sabotaged(name: str | Normalizer, *args: Any, **kwargs: Any) -> kernels.Kernel:
        made = right(name, *args, **kwargs)
        wrong = planted(bug, made.plan) if made.name == "batch_norm" else None
        return made if wrong is None else kernels.of_plan(wrong)

    assert planted(bug, right("batch_norm").plan) is not None
    monkeypatch.setattr(kernels, "kernel", sabotaged)
    result = verify("--json", "-")
    found = {kernel["name"]: kernel["ok"] for kernel in json.loads(result.stdout)["kernels"]}
    assert result.exit_code == 1
    assert found == {name: name != "batch_norm" for name in MODES}
    shown = verify("batch_norm", "roots")
    assert shown.exit_code == 1 and "2 of 3 kernels agree" in shown.stdout
    (row,) = [line for line in shown.stdout.splitlines() if line.startswith("batch_norm  ")]
    assert row.split()[1] == "no"


@pytest.mark.usefixtures("small_catalogue")
def test_a_kernel_that_cannot_be_generated_is_not_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    from symnorm.errors import Unsupported

    def fail(normalizer: Normalizer, gradients: Mapping[str, Any]) -> None:
        raise Unsupported("no NumPy for this")

    monkeypatch.setattr(kernels, "plan", fail)
    result = verify("weight_norm")
    assert result.exit_code == 1 and "no NumPy for this" in result.stdout and "0 of 2 kernels agree" in result.stdout


# JSON -----------------------------------------------------------------------------------------------------------------


def test_json_to_a_file_beside_the_tables(tmp_path: Path) -> None:
    target = tmp_path / "found.json"
    result = verify(str(FILE), "--json", str(target))
    assert "claim " in result.stdout and result.exit_code == 0
    assert [one["name"] for one in json.loads(target.read_text(encoding="utf-8"))["claims"]] == [*CLAIMS]


def test_json_is_written_also_when_something_deviates(tmp_path: Path) -> None:
    wrong = written(tmp_path / "mine.py", TRUE.replace('expected="refuted"', 'expected="proved"'))
    result = verify(wrong, "--json", "-")
    found = json.loads(result.stdout)
    assert result.exit_code == found["summary"]["exit_code"] == 1
    assert [one["as_expected"] for one in found["claims"]] == [True, False]
