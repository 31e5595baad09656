"""Normalizers that a reader types from a paper have what the zoo has: gradients, verdicts, kernels, a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from symnorm.claims import prove
from symnorm.cli import commands
from symnorm.closed_form import gradients
from symnorm.language import Document, parse
from symnorm.normalizers import REGISTRY
from symnorm.report.verification import compare
from tests.language.ten_norms import TEXTS


@pytest.fixture(params=TEXTS)
def document(request: pytest.FixtureRequest) -> Document:
    return parse(TEXTS[request.param], f"{request.param}.norm")


def test_there_are_ten() -> None:
    assert len(TEXTS) == 10


def test_every_claim_has_its_verdict(document: Document) -> None:
    assert document.claims
    assert {name: prove(claim).status for name, claim in document.claims.items()} == {
        name: claim.expected for name, claim in document.claims.items()
    }


def test_every_input_has_a_gradient_and_the_kernel_agrees(document: Document) -> None:
    one = document.normalizer()
    assert set(gradients(one)) == set(one.differentiable)
    found = compare(one)
    assert found.ok, found


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands, list(arguments))
    return result.exit_code, result.output


def test_the_commands_take_a_file(tmp_path: Path) -> None:
    path = tmp_path / "quadratic_batch_norm.norm"
    path.write_text(TEXTS["quadratic_batch_norm"], encoding="utf-8")
    code, text = run("derive", str(path))
    assert code == 0 and "dx = gamma/sqrt(chi2 + eps)*(dy - x_hat*mean(dy*x_hat))" in text
    code, text = run("verify", str(path))
    assert code == 0 and "2 as expected" in text and "1 of 1 kernels agree" in text
    code, text = run("show", f"{path}:quadratic_batch_norm")
    assert code == 0 and "chi2" in text and "quadratic_batch_norm.scale" in text
    code, text = run("kernel", str(path))
    assert code == 0 and compile(text, "kernel", "exec")
    code, text = run("check", str(path))
    assert code == 0
    code, text = run("show", f"{path}:other")
    assert code == 2 and "no normalizer called other; it defines quadratic_batch_norm" in text
    code, text = run("derive", str(tmp_path / "none.norm"))
    assert code == 2 and "cannot read" in text


def test_a_broken_file_is_shown_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.norm"
    path.write_text("normalizer f(x[N])\n  y = x +\n", encoding="utf-8")
    code, text = run("verify", str(path))
    assert code == 2 and "line 2, column 10" in text and text.rstrip().endswith("^")
    path.write_bytes(b"\xff\xfe\x00")
    assert run("verify", str(path))[0] == 2


def test_none_of_them_is_in_the_zoo() -> None:
    assert not set(TEXTS) & set(REGISTRY)
