"""Whatever a text holds: a meaning or a clear refusal, soon; and what a decision may cost is limited."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnorm.check import fuzz
from symnorm.language import meaning
from symnorm.report.limits import OutOfLimits, limited

CHECKOUT = Path(__file__).resolve().parents[2]


def test_random_texts_are_read_or_refused() -> None:
    problems = {text: wrong for text in fuzz.texts(600, seed=3) if (wrong := fuzz.problem(text))}
    assert not problems


def test_what_random_texts_mean_is_decided() -> None:
    texts = [text for text in fuzz.texts(400, seed=4) if len(text) < 200][::8]
    problems = {text: wrong for text in texts if (wrong := fuzz.problem(text, decided=True))}
    assert not problems


@given(st.text(max_size=60))
def test_any_unicode_text_is_read_or_refused(text: str) -> None:
    assert fuzz.problem(text) == ""


@given(st.lists(st.sampled_from(fuzz.PIECES), max_size=25), st.sampled_from(["", " "]))
def test_any_order_of_pieces_is_read_or_refused(pieces: list[str], between: str) -> None:
    assert fuzz.problem(between.join(pieces)) == ""


def test_the_fuzzer_shows_a_reader_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise IndexError("planted")

    monkeypatch.setattr(meaning.Meaning, "_call", broken)
    assert any("planted" in fuzz.problem(text) for text in fuzz.texts(100, seed=1))


def prove(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "symnorm", "prove", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, timeout=120, check=False)


SLOW = """
import time
import symnorm as sn

a = sn.scalar("a")

def states():
    time.sleep(0.1 if quick else 60)
    return sn.equal(a, a)

quick = True
sn.claim("slow.claim", "It takes its time.", states, source="here")
quick = False
"""


def test_what_takes_too_long_is_undecided(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    done = prove(str(tmp_path / "slow.py"), "--timeout", "1", "--json", "-")
    assert done.returncode == 3
    (found,) = json.loads(done.stdout)["claims"]
    assert found["verdict"] == "undecided" and found["reason"] == "no answer within 1 s"


@pytest.mark.parametrize("text", ["(((2^100)^100)^100)^100 == a", "a^a^a^a^a^a^a^a == 1", "2^a^a^a^a^a == 2^(3^a)"])
def test_towers_of_powers_are_given_up_in_time(text: str) -> None:
    assert prove(text, "--timeout", "20").returncode in (1, 3)


def test_work_ends_within_its_memory() -> None:
    program = (
        "from symnorm.report.limits import limited, OutOfLimits\n"
        "def work():\n    held = bytearray(600 * 2**20)\n    return len(held) % 2\n"
        "try:\n    print(limited(work, 30, 100))\n"
        "except OutOfLimits as error:\n    print(error)\n"
        "print(limited(work, 30, 2000))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=CHECKOUT, check=True)
    assert done.stdout.splitlines() == ["no answer within 100 MiB of memory", "0"]


def test_a_limit_holds_in_one_process_too() -> None:
    def forever() -> int:
        while True:
            time.sleep(0.01)

    with pytest.raises(OutOfLimits, match=r"0\.2 s"):
        limited(forever, 0.2, 1000)
    assert limited(lambda: 7, 5, 1000) == 7
