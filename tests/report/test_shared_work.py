"""Work shared between processes, and verdicts of earlier runs: the same answers, and no answer that is not checked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from symnorm.claims import PROVED, REFUTED, Claim, catalogue
from symnorm.cli import commands
from symnorm.errors import SymnormError
from symnorm.report import parallel, remembered, verification
from symnorm.report.outcomes import Run
from symnorm.tensors import absolute, equal, scalar, sqrt

a = scalar("a")
TRUE = Claim("roots.absolute", "", lambda: equal(sqrt(a**2), absolute(a)))
FALSE = Claim("roots.plain", "", lambda: equal(sqrt(a**2), a), expected="refuted")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SYMNORM_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "cache"


def run(*claims: Claim, **options: bool) -> Run:
    selection = verification.Selection(tuple((claim, None) for claim in claims))
    return verification.run(selection, remember=True, full=False, **options)


# processes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2, 3, 9])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    told: list[str] = []
    found = parallel.done([(str(n), lambda n=n: [n, os.getpid()]) for n in range(7)], jobs, told.append)  # type: ignore[misc]
    assert [number for number, _ in found] == list(range(7)) and sorted(told) == [str(n) for n in range(7)]
    assert len({process for _, process in found}) == min(jobs, 7)


def test_an_error_and_a_process_that_ends_are_told() -> None:
    def bad() -> int:
        raise SymnormError("planted")

    with pytest.raises(SymnormError, match="planted"):
        parallel.done([("good", lambda: 1), ("bad", bad)], 2, lambda name: None)
    with pytest.raises(SymnormError, match="ended early"):
        parallel.done([("good", lambda: 1), ("gone", lambda: os._exit(3))], 2, lambda name: None)


def test_two_processes_say_what_one_says() -> None:
    names = ["weight_norm", "scale_norm"]
    one = verification.run(verification.select(names))
    two = verification.run(verification.select(names), jobs=2)
    assert [(o.claim.name, o.verdict.status, o.verdict.conditions) for o in one.outcomes] == [
        (o.claim.name, o.verdict.status, o.verdict.conditions) for o in two.outcomes
    ]
    assert one.kernels == two.kernels and one.exit_code == two.exit_code == 0
    assert [o.replay.status for o in one.with_certificate if o.replay] == [
        o.replay.status for o in two.with_certificate if o.replay
    ]


def test_json_is_whole_with_two_processes(tmp_path: Path) -> None:
    found = {}
    for jobs in ("1", "2"):
        target = tmp_path / f"{jobs}.json"
        done = CliRunner().invoke(commands, ["verify", "scale_norm", "--jobs", jobs, "--json", str(target)])
        assert done.exit_code == 0
        found[jobs] = json.loads(target.read_text(encoding="utf-8"))["claims"]
    for one, two in zip(found["1"], found["2"], strict=True):
        assert {**one, "seconds": 0} == {**two, "seconds": 0}


# earlier runs ---------------------------------------------------------------------------------------------------------


def test_a_verdict_is_remembered_and_replayed() -> None:
    first, second = run(TRUE, FALSE), run(TRUE, FALSE)
    assert [one.remembered for one in first.outcomes] == [False, False]
    assert [one.remembered for one in second.outcomes] == [True, True]
    assert [one.verdict.status for one in second.outcomes] == [PROVED, REFUTED]
    assert all(one.replay is not None and one.replay.status == "accepted" for one in second.outcomes)


def test_another_statement_or_engine_remembers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run(TRUE)
    assert not run(replace(TRUE, states=lambda: equal(absolute(a), absolute(a)))).outcomes[0].remembered
    assert not run(replace(TRUE, given=(a > 0,))).outcomes[0].remembered
    monkeypatch.setattr(remembered, "engine", lambda: "another")
    assert not run(TRUE).outcomes[0].remembered


def test_a_forged_or_damaged_entry_is_no_entry(cache: Path) -> None:
    run(TRUE, FALSE)
    proof, refutation = (remembered._path(claim) for claim in (TRUE, FALSE))
    proof_text = proof.read_text(encoding="utf-8")
    refutation.write_text(proof_text, encoding="utf-8")  # the proof of another statement
    entry = json.loads(proof_text)
    entry["certificate"]["point"]["inputs"] = {}
    for text in (json.dumps(entry), proof_text[:50], "[]", ""):
        proof.write_text(text, encoding="utf-8")
        found = run(TRUE, FALSE)
        assert [one.verdict.status for one in found.outcomes] == [PROVED, REFUTED]
        assert not found.outcomes[0].remembered
        run(TRUE)


def test_a_cache_that_cannot_be_written_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYMNORM_CACHE", "/proc/nowhere")
    assert run(TRUE).exit_code == 0


def test_no_cache_remembers_nothing(cache: Path) -> None:
    for arguments, remembers in ((["--no-cache"], False), ([], True)):
        done = CliRunner().invoke(commands, ["verify", "scale_norm", *arguments])
        assert done.exit_code == 0 and cache.exists() is remembers
    done = CliRunner().invoke(commands, ["verify", "scale_norm"])
    assert "of them from the cache" in done.output


def test_most_of_the_catalogue_can_be_remembered() -> None:
    claims = [claim for claim in catalogue.catalogue().values() if claim.normalizer == "layer_norm"][:12]
    run(*claims)
    assert sum(one.remembered for one in run(*claims).outcomes) > 8
