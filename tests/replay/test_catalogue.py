"""Every proof and refutation of the catalogue has a certificate that the replayer accepts, with or without symnorm."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import symnorm
from symnorm.claims import PROVED, REFUTED, catalogue, prove
from symnorm.claims.certificate import certificate
from symnorm.replay import replay

PACKAGE = Path(symnorm.__file__).parent / "replay"


@pytest.mark.parametrize("normalizer", ["batch_renorm", "group_norm", "rms_norm", "weight_norm", "z_score"])
def test_every_verdict_is_replayed(normalizer: str) -> None:
    """The equations of normalizers, their gradients among them, and all refutations."""
    count = 0
    for claim in catalogue.select([normalizer]):
        verdict = prove(claim)
        of_equations = all(proof["kind"] == "identity" for proof in verdict.proof)
        if verdict.status == REFUTED or (verdict.status == PROVED and of_equations):
            replay(json.loads(json.dumps(certificate(claim.name, verdict))))
            count += 1
    assert count > 10


@pytest.mark.parametrize(
    "name",
    [
        "batch_norm.output_bound",  # N - 1 >= 0
        "linf_batch_norm.gradient_orthogonal",  # shares of the places where an absolute value is largest
        "min_max.minmax_negative_scale_flip",  # the largest of a negative multiple
        "layer_norm.width2_sign",  # one position of an axis of two
        "min_max.backward_extrema_constant",  # refuted: the derivative of an extremum, at a point
        "sampling.corrections_cancel",  # what is put in place of a positive input is positive
        "scale_inv.direction_expansion",  # roots of roots
        "self_normalizing.derivatives",  # the error function, a divisor that is a number
        "stats.mad_at_most_sigma",  # sgn(u)^2 u^2 under a sum
        "switchable_norm.logit_shift",  # a root whose square comes back averaged
    ],
)
def test_what_is_asked_of_the_replayer(name: str) -> None:
    replay(json.loads(json.dumps(certificate(name, prove(catalogue.find(name))))))


def test_gradients_are_stated_as_derivatives() -> None:
    """A statement about a gradient names what is differentiated; the rules' result is not in it."""
    claim = catalogue.find("batch_norm.backward_x")
    data = certificate(claim.name, prove(claim))
    ops = [row[0] for row in data["graph"]]
    assert "vjp" in ops and "cotangent" in ops
    assert max(len(args) for op, args, _ in data["graph"] if op == "vjp") == 3


def test_it_runs_without_symnorm(tmp_path: Path) -> None:
    """The directory alone, on a Python that sees no package: isolated, from an empty place."""
    paths = []
    for name in ("batch_norm.backward_x", "batch_norm.scale_any_scalar"):
        claim = catalogue.find(name)
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(certificate(name, prove(claim))), encoding="utf-8")
        paths.append(str(path))
    isolated = [sys.executable, "-I", "-S", str(PACKAGE), *paths]
    found = subprocess.run(isolated, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
    assert [line.split()[0] for line in found.stdout.splitlines()] == ["accepted", "accepted"]


def lines_of_code(path: Path) -> int:
    """Lines without blank ones, comments and docstrings."""
    text = path.read_text(encoding="utf-8")
    blank = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type not in blank]
    lines = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            lines -= {*range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}
    return len(lines)


def test_both_parts_are_small() -> None:
    """What operations mean, and what follows: at most 500 lines of code each."""
    meaning = [PACKAGE / name for name in ("graph.py", "points.py", "values.py")]
    argument = [path for path in PACKAGE.glob("*.py") if path not in meaning]
    assert 300 < sum(map(lines_of_code, meaning)) <= 500
    assert 300 < sum(map(lines_of_code, argument)) <= 500


def test_it_imports_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names
    for path in PACKAGE.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(("import ", "from ")):
                module = line.split()[1]
                assert module.startswith(".") or module.partition(".")[0] in allowed, (path.name, line)
