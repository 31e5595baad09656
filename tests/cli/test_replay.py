"""`symnorm replay`, `verify --certificates` and `prove --certificate`: certificates written, replayed, and rejected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symnorm.claims import catalogue, prove
from symnorm.cli import commands
from symnorm.report import replays

TRUE = """
import symnorm as sn
a = sn.scalar("a")
sn.claim("roots.absolute", "sqrt(a^2) = |a|", lambda: sn.equal(sn.sqrt(a**2), sn.absolute(a)), source="school")
sn.claim("roots.plain", "sqrt(a^2) = a", lambda: sn.equal(sn.sqrt(a**2), a), source="error", expected="refuted")
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments)


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    claims = tmp_path / "mine.py"
    claims.write_text(TRUE, encoding="utf-8")
    result = run("verify", str(claims), "--certificates", str(tmp_path / "found"))
    assert result.exit_code == 0 and "2 of 2 replayed" in result.stdout
    return tmp_path / "found"


def test_verify_writes_a_certificate_of_each_verdict(certificates: Path) -> None:
    assert sorted(path.name for path in certificates.iterdir()) == ["roots.absolute.json", "roots.plain.json"]
    kinds = {path.stem: json.loads(path.read_text(encoding="utf-8"))["kind"] for path in certificates.iterdir()}
    assert kinds == {"roots.absolute": "proof", "roots.plain": "refutation"}


def test_a_directory_is_replayed(certificates: Path) -> None:
    result = run("replay", str(certificates))
    assert result.exit_code == 0 and "2 of 2 certificates accepted" in result.stdout
    found = json.loads(run("replay", str(certificates), "--json", "-").stdout)
    assert [one["status"] for one in found["certificates"]] == ["accepted", "accepted"]


@pytest.mark.parametrize("jobs", ["1", "2", "3"])
def test_processes_share_the_work(certificates: Path, jobs: str) -> None:
    alone = json.loads(run("replay", str(certificates), "--jobs", "1", "--json", "-").stdout)
    assert len(alone["certificates"]) > 1
    assert json.loads(run("replay", str(certificates), "--jobs", jobs, "--json", "-").stdout) == alone


def test_a_forged_certificate_is_rejected(certificates: Path) -> None:
    path = certificates / "roots.absolute.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for row in data["graph"]:
        row[0] = "neg" if row[0] == "abs" else row[0]  # sqrt(a^2) = -a
    path.write_text(json.dumps(data), encoding="utf-8")
    result = run("replay", str(path))
    assert result.exit_code == 1 and "0 of 1 certificates accepted" in result.stdout
    assert "contradicted" in result.stdout  # a = 2, say


def test_verify_fails_where_a_certificate_states_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof of another claim is no proof of this one, however right."""
    claims = tmp_path / "mine.py"
    claims.write_text(TRUE, encoding="utf-8")
    right = replays.certificate
    another = catalogue.find("batch_norm.zero_mean")
    monkeypatch.setattr(replays, "certificate", lambda name, verdict: right(name, prove(another)))
    result = run("verify", str(claims))
    assert result.exit_code == 1 and "statement is not the claim's" in result.stdout
    assert "0 of 2 replayed" in result.stdout


def test_what_is_not_covered_is_said(certificates: Path) -> None:
    path = certificates / "roots.absolute.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"kind": "proof"', '"kind": "integral"'), encoding="utf-8")
    result = run("replay", str(path))
    assert result.exit_code == 3 and "not covered" in result.stdout and "integral" in result.stdout


@pytest.mark.parametrize("text", ["", "{", "[1, 2"])
def test_what_is_no_json_is_bad_input(text: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    result = run("replay", str(path))
    assert result.exit_code == 2 and "cannot be read as a certificate" in result.stderr
    assert run("replay", str(tmp_path / "missing.json")).exit_code == 2


def test_prove_writes_one_certificate(tmp_path: Path) -> None:
    target = tmp_path / "one.json"
    result = run("prove", "batch_norm.zero_mean", "--certificate", str(target))
    assert result.exit_code == 0 and run("replay", str(target)).exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8"))["claim"] == "batch_norm.zero_mean"
