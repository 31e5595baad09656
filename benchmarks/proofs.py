"""How long the proofs take, what importing symnorm adds to importing SymPy, and how long ``symnorm verify`` takes.

Run from the checkout: ``python -m benchmarks.proofs``, or with ``--only``, ``--repeats``, ``--json FILE``; see
``--help`` and ``README.md`` beside this file. Needs symnorm and the standard library.
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).resolve().parent.parent
SECTIONS = ("proofs", "import", "verify")

MEDIAN_MS, MOST_MS, IMPORT_S, VERIFY_S = 20.0, 500.0, 0.3, 5.0
"""The bars: median and maximum of a proof, what the import may add, ``symnorm verify`` on :data:`FOUR`."""

FOUR = ("batch_norm", "layer_norm", "weight_norm", "batch_renorm")


@dataclass(frozen=True)
class Timed:
    """A claim's verdict and its time in milliseconds, the median of the repeats."""

    name: str
    kind: str
    verdict: str
    expected: str
    cpu_ms: float
    wall_ms: float


# --- proofs -----------------------------------------------------------------------------------------------------------


def forget() -> None:
    """Empty every cache: the package's own, and SymPy's of its constructors."""
    from sympy.core.cache import clear_cache

    for found in gc.get_objects():
        if isinstance(found, functools._lru_cache_wrapper) and (found.__module__ or "").startswith("symnorm"):
            found.cache_clear()
    clear_cache()
    gc.collect()


def proofs(wanted: Sequence[str], repeats: int) -> list[Timed]:
    """Every claim from a fresh state: its file read anew, so that no tensor of it was ever looked at, and no cache."""
    from symnorm.claims import catalogue, prove
    from symnorm.claims.location import proofs_directory

    prove(next(iter(catalogue.catalogue().values())))  # the first one of a process pays for imports inside functions
    chosen = {claim.name for claim in catalogue.select(wanted)}
    found = []
    for path in sorted(proofs_directory().glob("*.py")):
        for name in catalogue.read(path):
            if name not in chosen:
                continue
            cpu, wall = [], []
            for _ in range(repeats):
                claim = catalogue.read(path)[name]
                forget()
                cpu_start, wall_start = time.process_time(), time.perf_counter()
                verdict = prove(claim)
                cpu.append(1e3 * (time.process_time() - cpu_start))
                wall.append(1e3 * (time.perf_counter() - wall_start))
            found.append(Timed(name, claim.kind, verdict.status, claim.expected, median(cpu), median(wall)))
    return found


def summary(found: Iterable[Timed]) -> dict[str, float]:
    """Median and maximum of a group, in milliseconds."""
    group = list(found)
    slowest = max(group, key=lambda timed: timed.cpu_ms)
    return {
        "claims": len(group),
        "median_cpu_ms": median(timed.cpu_ms for timed in group),
        "median_wall_ms": median(timed.wall_ms for timed in group),
        "max_cpu_ms": slowest.cpu_ms,
        "max_wall_ms": max(timed.wall_ms for timed in group),
    }


def groups(found: Sequence[Timed]) -> dict[str, dict[str, float]]:
    """The summary of every group that has a claim."""
    parts = {
        "proved, identities": [t for t in found if t.verdict == "proved" and t.kind == "identity"],
        "proved, all kinds": [t for t in found if t.verdict == "proved"],
        "refuted": [t for t in found if t.verdict == "refuted"],
    }
    return {name: summary(part) for name, part in parts.items() if part}


# --- import and verify, in processes of their own ---------------------------------------------------------------------


def environment() -> dict[str, str]:
    """This checkout's package, whatever else is installed."""
    path = os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{path}" if path else str(CHECKOUT)}


def import_seconds(module: str) -> float:
    """The time of one import in a fresh process, without the start of Python."""
    code = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    return float(done.stdout)


def imports(pairs: int) -> dict[str, float]:
    """Both imports by turns, so that whatever else the machine does falls on both."""
    for module in ("sympy", "symnorm"):
        import_seconds(module)  # bytecode is written, files are in memory
    times = [(import_seconds("sympy"), import_seconds("symnorm")) for _ in range(pairs)]
    return {
        "pairs": pairs,
        "sympy_s": median(sympy for sympy, _ in times),
        "symnorm_s": median(symnorm for _, symnorm in times),
        "added_s": median(symnorm - sympy for sympy, symnorm in times),
    }


def verify(repeats: int, wanted: Sequence[str]) -> dict[str, float]:
    """``symnorm verify`` from the start of Python to the exit code, on some normalizers or on everything."""
    wall, cpu, codes = [], [], set()
    for _ in range(repeats):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "symnorm", "verify", *wanted]
        done = subprocess.run(command, env=environment(), capture_output=True, check=False, cwd=CHECKOUT)
        wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        codes.add(done.returncode)
    return {"repeats": repeats, "wall_s": median(wall), "cpu_s": median(cpu), "exit_code": max(codes)}


# --- showing ----------------------------------------------------------------------------------------------------------


def show_proofs(found: Sequence[Timed]) -> None:
    """One line a claim, slowest last, and the groups."""
    print(f"{'claim':<58} {'verdict':<10} {'cpu ms':>8} {'wall ms':>8}")
    for timed in sorted(found, key=lambda t: t.cpu_ms):
        print(f"{timed.name:<58} {timed.verdict:<10} {timed.cpu_ms:8.1f} {timed.wall_ms:8.1f}")
    print(f"\n{'':<22} {'claims':>7} {'median cpu':>11} {'median wall':>12} {'max cpu':>9} {'max wall':>9}   (ms)")
    for name, numbers in groups(found).items():
        print(
            f"{name:<22} {numbers['claims']:7.0f} {numbers['median_cpu_ms']:11.1f} {numbers['median_wall_ms']:12.1f}"
            f" {numbers['max_cpu_ms']:9.1f} {numbers['max_wall_ms']:9.1f}"
        )


def bars(results: Mapping[str, Mapping[str, float]]) -> list[tuple[str, float, float]]:
    """What is measured against a bar: its name, the figure, the bar."""
    found = []
    if identities := results.get("proved, identities"):
        found += [("median identity proof, ms of CPU", identities["median_cpu_ms"], MEDIAN_MS)]
    if proved := results.get("proved, all kinds"):
        found += [("slowest proof, ms of CPU", proved["max_cpu_ms"], MOST_MS)]
    if "import" in results:
        found += [("import symnorm less import sympy, s", results["import"]["added_s"], IMPORT_S)]
    if "verify, four" in results:
        found += [(f"symnorm verify {' '.join(FOUR)}, s", results["verify, four"]["wall_s"], VERIFY_S)]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and show; 1 if a bar is missed, a verdict is not the expected one or ``verify`` fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proofs", description=__doc__)
    parser.add_argument("claims", nargs="*", help="normalizers or claims; all of them if none is named")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="measure only this; may be repeated")
    parser.add_argument("--repeats", type=int, default=5, help="of each proof, and of verify (default 5)")
    parser.add_argument("--pairs", type=int, default=9, help="of imports (default 9)")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args(arguments)
    sections = options.only or SECTIONS
    sys.path.insert(0, str(CHECKOUT))

    results: dict[str, dict[str, float]] = {}
    timed: list[Timed] = []
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} CPUs\n")
    if "proofs" in sections:
        timed = proofs(options.claims, options.repeats)
        show_proofs(timed)
        results |= groups(timed)
    measures: dict[str, Callable[[], dict[str, float]]] = {
        "import": lambda: imports(options.pairs),
        "verify, four": lambda: verify(options.repeats, FOUR),
        "verify, everything": lambda: verify(options.repeats, ()),
    }
    print()
    for name in (name for name in measures if name.partition(",")[0] in sections):
        results[name] = measures[name]()
        print(f"{name}: " + ", ".join(f"{what} {value:.3g}" for what, value in results[name].items()))

    print()
    missed = False
    for name, figure, bar in bars(results):
        missed |= figure > bar
        print(f"{'missed' if figure > bar else 'met':<7} {name}: {figure:.3g} (at most {bar:g})")
    unexpected = [t.name for t in timed if t.verdict != t.expected]
    if unexpected:
        print(f"not the expected verdict: {', '.join(unexpected)}")
    if options.json:
        record = {"results": results, "claims": [asdict(t) for t in timed]}
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    failed = any(numbers.get("exit_code") for numbers in results.values())
    return 1 if missed or unexpected or failed else 0


if __name__ == "__main__":
    sys.exit(main())
