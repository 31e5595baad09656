"""Settings of the whole suite: optional groups of tests, and hypothesis.

A test of an optional group carries its marker. Where the group's tool is absent, its tests are deselected, never
skipped, and the end of the run says which groups did not run and why.
"""

from __future__ import annotations

import importlib.util
import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import hypothesis
import pytest

# A first example pays for imports and caches, so a time limit per example would fail at random on a busy machine.
# The gate draws the same examples each time; ``pytest --hypothesis-profile=explore`` draws new ones.
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.register_profile("symnorm", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.load_profile("symnorm")


class Group(NamedTuple):
    """An optional group: what its tests need, and whether this machine has it."""

    needs: str
    present: Callable[[], bool]


def _on_path(*programs: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(program) for program in programs)


def _installed(*packages: str) -> Callable[[], bool]:
    return lambda: all(importlib.util.find_spec(package) for package in packages)


# One line a marker; pyproject.toml declares the same names.
GROUPS = {
    "frameworks": Group("PyTorch (python -m pip install torch)", lambda: importlib.util.find_spec("torch") is not None),
    "onnx": Group("ONNX (python -m pip install onnx)", lambda: importlib.util.find_spec("onnx") is not None),
    "browser": Group("Chromium (apt-get install chromium)", _on_path("chromium", "chromium-browser", "google-chrome")),
    "notebooks": Group("Jupyter (python -m pip install -e '.[notebook]')", _installed("jupytext", "ipykernel")),
    "coq": Group("the Coq compiler (apt-get install coq)", _on_path("coqc")),
}

DESELECTED = pytest.StashKey[Counter[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests whose tool is absent, and remember how many of each group."""
    absent = [marker for marker, group in GROUPS.items() if not group.present()]
    missing = {item: [marker for marker in absent if item.get_closest_marker(marker)] for item in items}
    config.stash[DESELECTED] = Counter(marker for markers in missing.values() for marker in markers)
    config.hook.pytest_deselected(items=[item for item, markers in missing.items() if markers])
    items[:] = [item for item, markers in missing.items() if not markers]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the groups that did not run; `.ci/run` repeats these lines at its end."""
    for marker, count in sorted(config.stash.get(DESELECTED, Counter()).items()):
        terminalreporter.write_line(f"did not run: {marker}, {count} deselected; needs {GROUPS[marker].needs}")


_tests = itertools.count()


@pytest.fixture(autouse=True)
def _a_cache_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or changes what the user's own runs or other tests remember."""
    monkeypatch.setenv("SYMNORM_CACHE", str(tmp_path_factory.getbasetemp() / f"cache-{next(_tests)}"))
