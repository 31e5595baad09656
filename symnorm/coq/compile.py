"""Runs the Coq compiler on claims: which of them does its kernel accept, from nothing but the axioms of the reals?

In come developments (a statement from :mod:`.statement` and a proof that is not believed), out comes an
:class:`Outcome` for each. Several share a process, which has to load the real numbers; one that fails is told by its
place in the file, and the others are compiled again without it. Called by :mod:`symnorm.report.rechecking`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from symnorm.coq.scanner import Refused, scan
from symnorm.errors import SymnormError

SUPPORT = "Support"
# What a proof may rest on: how Coq's standard library makes the real numbers.
AXIOMS = frozenset(
    (
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    )
)
INSTALL = "the Coq compiler is missing; install it with: apt-get install --no-install-recommends coq"
BATCH, SECONDS, MEBIBYTES = 12, 60, 3000


class CoqMissing(SymnormError):
    """There is no ``coqc`` on this machine."""


@dataclass(frozen=True)
class Development:
    """A claim in Coq: ``claim``, and a proof that ends with the theorem ``proved``."""

    name: str
    statement: str
    proof: str


@dataclass(frozen=True)
class Outcome:
    """What the compiler says of a claim: nothing if it accepts the proof, else why not."""

    name: str
    seconds: float
    error: str = ""


def support() -> str:
    """The text of the support file."""
    return resources.files("symnorm.coq").joinpath(f"{SUPPORT}.v").read_text(encoding="utf-8")


def opening() -> str:
    """How a file with claims begins."""
    return f"Require Import {SUPPORT}.\nLocal Open Scope R_scope.\n"


def module(one: Development, number: int) -> str:
    """A claim as a module: statement, proof, and that the one is the other's."""
    name = f"C{number}"
    return f"Module {name}.\n{one.statement}\n{one.proof}\nDefinition checked : claim := proved.\nEnd {name}.\n"


def compiler() -> str:
    """The compiler's path.

    Raises:
        CoqMissing: there is none.
    """
    found = shutil.which("coqc")
    if found is None:
        raise CoqMissing(INSTALL)
    return found


def compiled(
    developments: Iterable[Development],
    jobs: int = 1,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    seconds: float = SECONDS,
    batch: int = BATCH,
) -> dict[str, Outcome]:
    """The outcomes by name; ``seconds`` is the limit for each claim, ``tell`` hears of each, ``batch`` share a process.

    Raises:
        CoqMissing: there is no compiler.
        SymnormError: the support file does not compile.
    """
    program, found = compiler(), dict[str, Outcome]()
    todo: list[Development] = []

    def known(outcome: Outcome) -> None:
        found[outcome.name] = outcome
        tell(outcome)

    for one in developments:
        try:
            scan(one.proof)
            todo.append(one)
        except Refused as error:
            known(Outcome(one.name, 0.0, str(error)))
    if not todo:
        return found
    with TemporaryDirectory(prefix="symnorm-coq-") as scratch, ThreadPoolExecutor(jobs) as pool:
        directory = Path(scratch)
        problem = run(program, directory, SUPPORT, support(), seconds)[1]
        if problem:
            raise SymnormError(f"the support file does not compile: {problem}")
        size = max(1, min(batch, -(-len(todo) // jobs)))
        batches = [todo[start : start + size] for start in range(0, len(todo), size)]
        work = [(program, directory, f"Batch{number}", some, seconds) for number, some in enumerate(batches)]
        for outcomes in pool.map(lambda task: batch_compiled(*task), work):
            for outcome in outcomes:
                known(outcome)
    return found


def batch_compiled(
    program: str, directory: Path, name: str, batch: Sequence[Development], seconds: float
) -> list[Outcome]:
    """Several claims in one process; again without each that fails."""
    outcomes: list[Outcome] = []
    left, attempt = list(batch), 0
    while left:
        texts, starts, line = [opening()], [], opening().count("\n")
        for number, one in enumerate(left):
            texts.append(module(one, number))
            starts.append(line)
            line += texts[-1].count("\n")
        everything = ", ".join(f"C{number}.checked" for number in range(len(left)))
        texts.append(f"Definition all := ({everything}).\nPrint Assumptions all.\n")
        attempt += 1
        begun = time.monotonic()
        printed, error = run(program, directory, f"{name}x{attempt}", "".join(texts), seconds * len(left))
        spent = (time.monotonic() - begun) / len(left)
        error = error or beyond(printed)
        if not error:
            return outcomes + [Outcome(one.name, spent) for one in left]
        place = re.search(r"line (\d+), characters", error)
        if place is None and len(left) > 1:  # too long, too large, or an axiom: whose it is is asked one by one
            for number, one in enumerate(left):
                outcomes += batch_compiled(program, directory, f"{name}x{attempt}y{number}", [one], seconds)
            return outcomes
        at = int(place[1]) - 1 if place else 0
        bad = max((number for number, start in enumerate(starts) if start <= at), default=0)
        # what stands before it was accepted, but for the axioms that it rests on
        outcomes += batch_compiled(program, directory, f"{name}x{attempt}z", left[:bad], seconds)
        outcomes.append(Outcome(left[bad].name, spent, " ".join(error.split())[:600]))
        left = left[bad + 1 :]
    return outcomes


def beyond(printed: str) -> str:
    """Which axioms were printed that no proof may rest on."""
    names = set(re.findall(r"^([A-Za-z_][\w.']*)\s*(?::|$)", printed, re.MULTILINE)) - {"Axioms"}
    if not names and "Closed under the global context" not in printed:
        return "the compiler did not say what the proof rests on"
    wrong = sorted(names - AXIOMS)
    return f"the proof rests on {', '.join(wrong)}" if wrong else ""


def run(program: str, directory: Path, name: str, text: str, seconds: float) -> tuple[str, str]:
    """What the compiler prints, and its error if there is one; both are empty of each other."""
    (directory / f"{name}.v").write_text(text, encoding="utf-8")
    limited = ["sh", "-c", f'ulimit -v {MEBIBYTES * 1024}; exec "$@"', "sh"]
    command = [*limited, program, "-q", "-R", ".", "", f"{name}.v"]
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return "", f"no answer within {seconds:g} s"
    return done.stdout, "" if done.returncode == 0 else done.stderr.strip() or f"exit code {done.returncode}"
