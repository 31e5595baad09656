"""Claims by the Coq compiler: true ones are accepted, false ones refused whatever a certificate says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from symnorm.check.false_bounds import wrong_inequalities, wrong_recursions
from symnorm.check.falsehoods import planted
from symnorm.claims import catalogue
from symnorm.cli import main
from symnorm.coq import compiled
from symnorm.report import checked, rechecking
from symnorm.report.index import index
from symnorm.report.rechecking import NOT_EXPRESSIBLE, RECHECKED

# sums and a root, a sign, an absolute value, an inequality, a recursion, an axis of fixed size, the error function
SAMPLE = ["batch_norm.zero_mean", "weight_norm.norm_g_nonnegative", "rms_norm.eps_scaling"]
SAMPLE += ["kohler.optimal_g", "stats.welford", "batch_norm.batch1_output", "gaussian.rectified"]
FALSE = ["batch_norm.eps_outside_root", "batch_norm.scale_any_scalar", "weight_norm.norm_eq_g", "batch_norm.zero_mean"]


@pytest.mark.coq
def test_true_claims_are_rechecked() -> None:
    found = rechecking.recheck([catalogue.find(name) for name in SAMPLE], 1, lambda name: None)
    assert {one.claim.name: (one.status, one.reason) for one in found} == dict.fromkeys(SAMPLE, (RECHECKED, ""))


@pytest.mark.coq
def test_false_statements_are_refused() -> None:
    false = list(planted(catalogue.find(name) for name in FALSE))
    assert len(false) == len(FALSE)
    assert all(outcome.error for outcome in compiled(false, batch=1).values())


@pytest.mark.coq
def test_false_inequalities_are_refused() -> None:
    false = list(wrong_inequalities(map(catalogue.find, ("kohler.optimal_g", "switchable_norm.weights_nonnegative"))))
    assert len(false) >= 4
    assert all(outcome.error for outcome in compiled(false, batch=1).values())


@pytest.mark.coq
def test_false_recursions_are_refused() -> None:
    names = ("stats.welford", "stats.welford_old_mean_twice", "matrix_norms.lipschitz_composition")
    false = list(wrong_recursions(map(catalogue.find, names)))
    assert len(false) >= 12
    assert all(outcome.error for outcome in compiled(false[::2], batch=1).values())


def test_what_has_no_form_in_coq_is_told_before_anything_is_compiled() -> None:
    ((_, one, reason, _),) = rechecking.developments([catalogue.find("min_max.minmax_ab")], 1, lambda name: None)
    assert one is None
    assert "amin" in reason


def test_without_the_compiler_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    monkeypatch.setattr("sys.argv", ["symnorm", "recheck", "batch_norm.zero_mean"])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 4
    assert "apt-get install" in capsys.readouterr().err


def test_developments_are_exported(tmp_path: Path) -> None:
    written, others = rechecking.export(
        [catalogue.find(name) for name in ("batch_norm.zero_mean", "min_max.minmax_ab")], tmp_path, 1, lambda name: None
    )
    assert written == ["batch_norm_zero_mean"]
    assert [name for name, _ in others] == ["min_max.minmax_ab"]
    assert "Theorem proved : claim." in (tmp_path / "batch_norm_zero_mean.v").read_text(encoding="utf-8")
    assert "Fixpoint Sg" in (tmp_path / "Support.v").read_text(encoding="utf-8")


def test_what_was_checked_is_recorded_by_its_statement(tmp_path: Path) -> None:
    one, other = catalogue.find("batch_norm.zero_mean"), catalogue.find("batch_norm.variance_with_eps")
    path = tmp_path / checked.RECORD
    rechecking.record(
        [
            rechecking.Recheck(one, RECHECKED, replayed=True),
            rechecking.Recheck(other, NOT_EXPRESSIBLE, "why", replayed=True),
        ],
        path,
    )
    known = checked.recorded(path)
    assert "| prover, replayer, Coq |" in index([one], known)
    assert "| prover, replayer |" in index([other], known)
    known[one.name] = {**known[one.name], "statement": checked.digest(other)}
    assert "| prover |" in index([one], known)
    rechecking.record([rechecking.Recheck(one, NOT_EXPRESSIBLE, "no longer")], path)
    assert "| prover |" in index([one], checked.recorded(path))
