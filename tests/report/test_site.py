"""The site: what is on its pages, that text is only text, that links lead somewhere and nothing leads outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from symnorm.cli import commands
from symnorm.errors import SymnormError
from symnorm.normalizers import REGISTRY
from symnorm.report import verification
from symnorm.report.site import build
from symnorm.report.site import pages as rendering
from symnorm.report.site.picture import CELL, EDGE, pictures
from symnorm.tensors import walk
from tests.report.samples import FILE, OUTCOMES

NORMALIZERS = ("layer_norm", "weight_norm")
MEGABYTE = 1_000_000
VOID = {"meta", "link", "br", "input", "mspace"}


class Page(HTMLParser):
    """A page's text, its tags, addresses that it refers to, and its anchors; all of its tags are closed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.addresses: list[str] = []
        self.anchors: list[str] = []
        self.tags: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert not self.open, (path, self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in ("href", "src"):
                self.addresses.append(value or "")
            if name == "id":
                self.anchors.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> build.Site:
    target = tmp_path_factory.mktemp("report") / "deep" / "site"
    return build.build(verification.select([*NORMALIZERS, str(FILE)]), str(target))


@pytest.fixture(scope="module")
def pages(made: build.Site) -> dict[str, Page]:
    return {str(path.relative_to(made.directory)): Page(path) for path in sorted(made.directory.rglob("*.html"))}


def test_there_is_a_page_for_each(made: build.Site, pages: dict[str, Page]) -> None:
    assert {f"normalizers/{name}.html" for name in NORMALIZERS} | {"index.html"} <= {*pages}
    named = {one.claim.name for one in made.run.outcomes}
    assert {*OUTCOMES} <= named
    assert len([name for name in pages if name.startswith("claims/")]) == len(made.run.outcomes)
    assert {path.name for path in made.directory.parent.iterdir()} == {"site"}
    assert made.sizes == {
        path.relative_to(made.directory).as_posix(): path.stat().st_size
        for path in made.directory.rglob("*")
        if path.is_file()
    }


def test_every_link_leads_to_a_file_of_the_site_and_none_outside(made: build.Site, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        here = (made.directory / name).parent
        for address in page.addresses:
            if address == "data:,":
                continue
            assert ":" not in address and not address.startswith("/"), (name, address)
            file, _, anchor = address.partition("#")
            aim = (here / file).resolve() if file else made.directory / name
            assert aim.is_file(), (name, address)
            if anchor:
                assert anchor in pages[str(aim.relative_to(made.directory.resolve()))].anchors, (name, address)
        assert len(page.anchors) == len({*page.anchors}), name


def test_no_page_and_no_asset_loads_anything(made: build.Site, pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert not {"img", "iframe", "object", "embed", "base", "video"} & {*page.tags}
    for asset in ("style.css", "page.js", "theme.js"):
        text = (made.directory / asset).read_text(encoding="utf-8")
        assert not any(word in text for word in ("://", "url(", "@import", "fetch(", "XMLHttp", "innerHTML"))


@pytest.mark.parametrize("name", NORMALIZERS)
def test_a_normalizer_has_everything(pages: dict[str, Page], name: str) -> None:
    page = pages[f"normalizers/{name}.html"]
    assert {"math", "svg", "path", "details", "button"} <= {*page.tags}
    assert "quotient rule" in page.text and "def backward(" in page.text and "not invariant" in page.text
    assert {"definition", "axes", "gradients", "invariances", "conventions", "kernels", "claims"} <= {*page.anchors}
    assert "torch" in page.text and any(address.startswith("../claims/") for address in page.addresses)
    assert "Measured" not in page.text


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_claim_has_everything(made: build.Site, pages: dict[str, Page], name: str) -> None:
    outcome = OUTCOMES[name]
    page = pages[f"claims/{name}.html"]
    assert all(part in page.text for part in (name, outcome.claim.sentence, outcome.claim.source, outcome.claim.note))
    assert outcome.verdict.status in page.text
    assert ("named quantit" in page.text) == any(
        node.op == "let" for one in outcome.claim.relations() for node in walk(one.left, one.right)
    )
    assert ("import numpy" in page.text) == (outcome.verdict.status == "refuted")
    assert all(condition in page.text for condition in outcome.verdict.conditions)
    decided = outcome.verdict.status in ("proved", "refuted")
    certificate = made.directory / "certificates" / f"{name}.json"
    assert certificate.is_file() == decided
    assert not decided or json.loads(certificate.read_text(encoding="utf-8"))["claim"] == name


def test_text_of_a_claim_is_only_text(tmp_path: Path) -> None:
    file = tmp_path / "evil.py"
    evil = "<script>alert(1)</script><img src=x onerror=y>\" ' & {{ 7*7 }} {% raw %}"
    file.write_text(
        "import symnorm as sn\na = sn.scalar('a')\n"
        f"sn.claim('x.../../<b>', {evil!r}, lambda: sn.equal(a, a), source={evil!r}, note={evil!r}, topic={evil!r})\n",
        encoding="utf-8",
    )
    made = build.build(verification.select([str(file)]), str(tmp_path / "site"))
    (address,) = (name for name in made.sizes if name.startswith("claims/"))
    assert {path.name for path in tmp_path.iterdir()} == {"evil.py", "site"}
    for name in (address, "index.html"):
        page = Page(made.directory / name)
        assert evil in page.text and "img" not in page.tags and page.tags.count("script") == 2


def test_the_same_selection_gives_the_same_bytes(tmp_path: Path) -> None:
    program = "import sys; from symnorm.cli import main; sys.argv[0] = 'symnorm'; main()"
    for seed in ("1", "2"):
        arguments = ("report", "-o", str(tmp_path / seed), str(FILE), "weight_norm.norm_eq_g", "centering")
        subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=False, capture_output=True, timeout=300,
        )
    files = {
        seed: {p.relative_to(tmp_path / seed): p.read_bytes() for p in (tmp_path / seed).rglob("*") if p.is_file()}
        for seed in ("1", "2")
    }
    assert len(files["1"]) > 10 and files["1"] == files["2"]


def test_the_drawing_of_the_readme_is_what_its_command_draws(tmp_path: Path) -> None:
    checkout = Path(__file__).resolve().parents[2]
    (command,) = re.findall(r"symnorm (picture .*) -o docs/zoo.svg", (checkout / "README.md").read_text("utf-8"))
    target = tmp_path / "zoo.svg"
    assert CliRunner().invoke(commands, [*command.split(), "-o", str(target)]).exit_code == 0
    assert target.read_bytes() == (checkout / "docs" / "zoo.svg").read_bytes()
    titles = [node.text for node in ElementTree.parse(target).iter() if node.get("class") == "name"]
    assert titles == [REGISTRY[name].title for name in command.split()[1:]]


def test_a_picture_fills_what_one_result_sees() -> None:
    (batch,), (layer,) = pictures(REGISTRY["batch_norm"]), pictures(REGISTRY["layer_norm"])
    for drawn, filled in ((batch, {(0, row) for row in range(4)}), (layer, {(column, 0) for column in range(4)})):
        inside = re.findall(r'class="in" d="([^"]*)"', drawn.shapes)[0]
        corners = {((int(x) - EDGE) // CELL, (int(y) - EDGE) // CELL) for x, y in re.findall(r"M(\d+) (\d+)", inside)}
        assert corners == filled


def test_two_processes_write_what_one_writes(made: build.Site, tmp_path: Path) -> None:
    two = build.build(verification.select([*NORMALIZERS, str(FILE)]), str(tmp_path / "two"), jobs=2)
    assert two.sizes.keys() == made.sizes.keys()
    for address in two.sizes:
        assert (two.directory / address).read_bytes() == (made.directory / address).read_bytes(), address
    assert two.run.counts == made.run.counts and two.run.exit_code == made.run.exit_code


def test_a_place_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept", encoding="utf-8")
    selection = verification.select(["weight_norm.norm_eq_g"])
    for place in (tmp_path, tmp_path / "mine"):
        with pytest.raises(SymnormError, match=r"name an? "):
            build.build(selection, str(place))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_older_site_is_replaced_and_a_failure_leaves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "site"
    selection = verification.select(["weight_norm.norm_eq_g"])
    build.build(selection, str(target))
    (target / "claims" / "gone.html").write_text("old", encoding="utf-8")
    monkeypatch.setattr(rendering, "_index", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build.build(selection, str(target))
    assert (target / "claims" / "gone.html").is_file() and [*tmp_path.iterdir()] == [target]
    monkeypatch.undo()
    build.build(selection, str(target))
    assert not (target / "claims" / "gone.html").exists() and [*tmp_path.iterdir()] == [target]


def test_the_command(tmp_path: Path) -> None:
    found = CliRunner().invoke(commands, ["report", "-o", str(tmp_path / "s"), "--measure", "centering", "--json", "-"])
    assert found.exit_code == 0, found.output
    summary = json.loads(found.stdout)["summary"]
    assert 0 < summary["largest_page"]["bytes"] < MEGABYTE
    text = (tmp_path / "s" / "normalizers" / "centering.html").read_text(encoding="utf-8")
    assert "largest relative error" in text and "forward" in text
    nowhere = CliRunner().invoke(commands, ["report", "-o", str(tmp_path / "t"), "no_such_norm"])
    assert nowhere.exit_code == 2 and not (tmp_path / "t").exists()
