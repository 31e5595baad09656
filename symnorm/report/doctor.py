"""What this machine has of what symnorm needs or can use, and whether the installation works.

Called by ``symnorm doctor``. Nothing is imported that is only looked for.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from symnorm.claims import catalogue, prove
from symnorm.claims.location import proofs_directory
from symnorm.errors import SymnormError
from symnorm.report import remembered

CORE = ("sympy", "numpy", "autograd", "click", "rich", "lark", "jinja2")
USED_BY = {
    "torch": "tests that compare with PyTorch",
    "onnx": "tests that run ONNX's own cases",
    "pytest": "the test suite",
    "jupyter": "the lectures in notebooks/",
    "matplotlib": "the lectures' plots",
}
PROGRAMS = {
    "chromium": "tests that open the report in a browser",
    "coqc": "tests that need the Coq compiler",
}
PROBE = "weight_norm.norm_eq_g"


@dataclass(frozen=True)
class Finding:
    """One line of the examination.

    Attributes:
        what: a package, a program, a place.
        found: its version or path; empty if it is not there.
        fine: whether symnorm can do without what is missing.
        note: what it is for.
    """

    what: str
    found: str
    fine: bool = True
    note: str = ""


def examined() -> Iterator[Finding]:
    """What was found, needed things first.

    Example:
        >>> [finding.what for finding in examined()][:2]
        ['symnorm', 'python']
    """
    yield Finding("symnorm", _version("symnorm") or "not installed as a package")
    yield Finding("python", platform.python_version())
    for name in CORE:
        version = _version(name)
        yield Finding(name, version, bool(version), "needed")
    for name, purpose in USED_BY.items():
        yield Finding(name, _version(name), note=purpose)
    for name, purpose in PROGRAMS.items():
        yield Finding(name, shutil.which(name) or "", note=purpose)
    yield from _works()


def _works() -> Iterator[Finding]:
    try:
        count = len(catalogue.catalogue())
        yield Finding("catalogue", f"{count} claims in {proofs_directory()}", count > 0)
        verdict = prove(catalogue.find(PROBE))
        yield Finding("prover", f"{PROBE} is {verdict.status}", verdict.status == "refuted")
    except SymnormError as error:
        yield Finding("catalogue", "", False, str(error))
    yield Finding("cache", str(remembered.directory()), note="verdicts of earlier runs; may be deleted")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
