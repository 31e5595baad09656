"""What is shipped, and the straight line of imports: checked on a real wheel, a real sdist and a planted import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path

import pytest

import symnorm

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
(LAYERS,) = [contract["layers"] for contract in PROJECT["tool"]["importlinter"]["contracts"] if "layers" in contract]


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False
    )


def build(source: Path, target: str, into: Path) -> Path:
    """Build a wheel or an sdist without a network, and return the file."""
    result = run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into), cwd=source)
    assert result.returncode == 0, result.stderr
    (built,) = into.iterdir()
    return built


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(CHECKOUT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked_sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sdist = build(CHECKOUT, "sdist", tmp_path_factory.mktemp("sdist"))
    target = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(target, filter="data")
    (root,) = target.iterdir()
    return root


def test_the_version_is_the_same_everywhere(wheel: Path) -> None:
    version = PROJECT["project"]["version"]
    assert symnorm.__version__ == version
    with zipfile.ZipFile(wheel) as archive:
        metadata = message_from_bytes(archive.read(f"symnorm-{version}.dist-info/METADATA"))
    assert metadata["Version"] == version


def test_the_wheel_holds_the_package_the_types_marker_the_licence_and_the_catalogue(wheel: Path) -> None:
    modules = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "symnorm").rglob("*.py")}
    catalogue = {f"symnorm/_proofs/{path.name}" for path in (CHECKOUT / "proofs").glob("*.py")}
    assert "symnorm/claims/location.py" in modules and catalogue
    names = names_in(wheel)
    assert modules | catalogue | {"symnorm/py.typed"} <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_holds_nothing_else_at_its_top(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names_in(wheel)}
    assert tops == {"symnorm", "pytest_symnorm.py", f"symnorm-{PROJECT['project']['version']}.dist-info"}


def test_the_sdist_builds_the_same_wheel(wheel: Path, unpacked_sdist: Path, tmp_path: Path) -> None:
    assert (unpacked_sdist / "tests" / "conftest.py").is_file()
    assert names_in(build(unpacked_sdist, "wheel", tmp_path)) == names_in(wheel)


def located_from(root: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Ask the package that lies in `root`, rather than this checkout's, where the catalogue is."""
    code = "from symnorm.claims.location import proofs_directory; print(proofs_directory())"
    return run(sys.executable, "-P", "-c", code, cwd=cwd, PYTHONPATH=str(root))


def test_an_installed_wheel_finds_the_catalogue_inside_the_package(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert located_from(site, tmp_path).stdout.strip() == str(site / "symnorm" / "_proofs")

    shutil.rmtree(site / "symnorm" / "_proofs")
    damaged = located_from(site, tmp_path)
    assert damaged.returncode != 0 and str(site / "symnorm" / "_proofs") in damaged.stderr


def test_a_checkout_reads_its_own_catalogue(unpacked_sdist: Path, tmp_path: Path) -> None:
    assert located_from(unpacked_sdist, tmp_path).stdout.strip() == str(unpacked_sdist / "proofs")


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return run(sys.executable, "-c", code, "--no-cache", "--no-logo", cwd=root, PYTHONPATH=str(root))


def copy_with(root: Path, plants: dict[str, str]) -> Path:
    """Copy the package and its contract to `root`, and append each planted line to its stage's code."""
    shutil.copytree(CHECKOUT / "symnorm", root / "symnorm", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", root)
    for stage, line in plants.items():
        module = root / "symnorm" / f"{stage}.py"
        module = module if module.is_file() else root / "symnorm" / stage / "__init__.py"
        module.write_text(f"{module.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    return root


def test_every_import_goes_down_the_line(tmp_path: Path) -> None:
    result = lint_imports(copy_with(tmp_path, {}))
    assert result.returncode == 0, result.stdout


def test_an_import_up_the_line_is_caught_at_every_stage(tmp_path: Path) -> None:
    pairs = [(lower, upper) for upper, lower in pairwise(LAYERS)]
    result = lint_imports(copy_with(tmp_path, {lower: f"import symnorm.{upper}" for lower, upper in pairs}))
    assert result.returncode == 1, result.stdout
    for lower, upper in pairs:
        assert f"symnorm.{lower} -> symnorm.{upper} (" in result.stdout, f"{lower} may import {upper}"


@pytest.mark.parametrize("stage", LAYERS[LAYERS.index("facade") :])
def test_a_stage_that_imports_symnorm_itself_is_caught(tmp_path: Path, stage: str) -> None:
    result = lint_imports(copy_with(tmp_path, {stage: "from symnorm import __version__"}))
    assert result.returncode == 1, result.stdout
    assert f"symnorm.{stage} -> symnorm (" in result.stdout


def test_a_module_without_a_place_in_the_line_is_caught(tmp_path: Path) -> None:
    root = copy_with(tmp_path, {})
    (root / "symnorm" / "stray.py").touch()
    result = lint_imports(root)
    assert result.returncode == 1, result.stdout
    assert "stray" in result.stdout
