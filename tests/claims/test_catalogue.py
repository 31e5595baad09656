"""The catalogue: reading files, selecting by name, normalizer and file, and what is said of an unknown name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from symnorm.claims import catalogue, location
from symnorm.errors import NameUnknown, SymnormError

FIRST = """
from symnorm.claims import claim
from symnorm.tensors import equal, scalar

a = scalar("a")
claim("square.root", "One.", lambda: equal(a, a), source="school")
claim("square.sum", "Two.", lambda: equal(a, a), source="school")
"""
SECOND = """
from symnorm.claims import claim
from symnorm.tensors import equal, scalar

claim("circle.area", "Three.", lambda: equal(scalar("r"), 1), source="school", expected="refuted", also=["disk.area"])
"""


@pytest.fixture
def proofs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory of claims in the place of the project's own."""
    (tmp_path / "b.py").write_text(FIRST, encoding="utf-8")
    (tmp_path / "a.py").write_text(SECOND, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not Python", encoding="utf-8")
    monkeypatch.setattr(catalogue, "proofs_directory", lambda: tmp_path)
    catalogue.catalogue.cache_clear()
    yield tmp_path
    catalogue.catalogue.cache_clear()


def test_a_file_is_read_in_the_order_in_which_it_states(proofs: Path) -> None:
    assert list(catalogue.read(proofs / "b.py")) == ["square.root", "square.sum"]


def test_the_catalogue_is_every_file_in_the_order_of_names(proofs: Path) -> None:
    assert list(catalogue.catalogue()) == ["circle.area", "square.root", "square.sum"]


def test_two_files_may_not_use_one_name(proofs: Path) -> None:
    (proofs / "c.py").write_text(SECOND, encoding="utf-8")
    with pytest.raises(SymnormError, match=r"two claims are called circle\.area"):
        catalogue.catalogue()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("missing.py", None, r"missing\.py is not a Python file with claims"),
        ("claims.txt", FIRST, r"claims\.txt is not a Python file with claims"),
        ("empty.py", "", r"empty\.py states no claim"),
        ("prose.py", "claim(1 +", r"prose\.py"),
    ],
)
def test_a_file_that_states_nothing_is_named(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SymnormError, match=message):
        catalogue.read(path)


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(SymnormError, match="is not a Python file with claims"):
        catalogue.read(tmp_path / "folder.py")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], ["circle.area", "square.root", "square.sum"]),
        (["square"], ["square.root", "square.sum"]),
        (["square.sum"], ["square.sum"]),
        (["square.sum", "circle"], ["square.sum", "circle.area"]),
        (["disk.area", "circle.area"], ["circle.area"]),
        (["square", "square.root"], ["square.root", "square.sum"]),
    ],
)
def test_claims_are_selected_by_name_and_normalizer(proofs: Path, wanted: list[str], expected: list[str]) -> None:
    assert [claim.name for claim in catalogue.select(wanted)] == expected


def test_claims_are_selected_by_file(proofs: Path, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(SECOND.replace("circle", "ellipse").replace("disk", "oval"), encoding="utf-8")
    chosen = catalogue.select([str(tmp_path / "own.py"), "circle"])
    assert [claim.name for claim in chosen] == ["ellipse.area", "circle.area"]


def test_a_selected_file_does_not_join_the_catalogue(proofs: Path, tmp_path: Path) -> None:
    own = tmp_path.parent / "own.py"
    own.write_text(SECOND.replace("circle", "ellipse").replace("disk", "oval"), encoding="utf-8")
    catalogue.select([str(own)])
    assert "ellipse.area" not in catalogue.catalogue()


@pytest.mark.parametrize(
    ("name", "near"),
    [("square.rot", "square.root"), ("sqare", "square"), ("circle.aera", "circle.area"), ("disk.aera", "disk.area")],
)
def test_an_unknown_name_gets_the_nearest(proofs: Path, name: str, near: str) -> None:
    for search in (catalogue.find, lambda wanted: catalogue.select([wanted])):
        if search is catalogue.find and "." not in name:
            continue
        with pytest.raises(NameUnknown, match=f"is called '{name}'; did you mean") as error:
            search(name)
        assert near in error.value.near


def test_a_claim_is_found_by_its_whole_name(proofs: Path) -> None:
    assert catalogue.find("square.root").sentence == "One."
    assert catalogue.find("disk.area") is catalogue.find("circle.area")
    with pytest.raises(NameUnknown, match="no claim is called 'square'"):
        catalogue.find("square")


def test_the_projects_own_catalogue_is_read_from_beside_the_package() -> None:
    assert location.proofs_directory().is_dir()
    assert {claim.normalizer for claim in catalogue.catalogue().values()} >= {"batch_norm", "layer_norm"}


def test_a_damaged_installation_says_where_it_looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(location, "__file__", str(tmp_path / "symnorm" / "claims" / "location.py"))
    with pytest.raises(SymnormError, match="the catalogue of claims is missing") as error:
        location.proofs_directory()
    assert str(tmp_path) in str(error.value) and "pip install" in str(error.value)
