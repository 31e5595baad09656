"""Builds the site of a selection: decides, renders, and puts the whole directory in place at once.

In comes a :class:`~symnorm.report.verification.Selection`, out comes a directory and a :class:`Site` that says what is
in it. The same selection gives the same bytes, unless something is measured. The directory is made beside its place and
moved there when it is complete, so that nobody sees half a site; an older one is replaced, anything else is left alone.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symnorm.errors import SymnormError
from symnorm.normalizers import Normalizer
from symnorm.report.outcomes import Outcome, Run
from symnorm.report.output import umask
from symnorm.report.site import definitions, statements
from symnorm.report.verification import Selection, decided

if TYPE_CHECKING:
    from jinja2 import Environment

MARK = "site.json"
"""The file by which a directory is known as a site, with what is in it."""
LONGEST_NAME = 150

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Site:
    """What was written.

    Attributes:
        directory: where.
        normalizers: the names with a page.
        run: the verdicts.
        sizes: bytes of each file by its address.
    """

    directory: Path
    normalizers: tuple[str, ...]
    run: Run
    sizes: dict[str, int]

    @property
    def largest(self) -> tuple[str, int]:
        """The largest page, and its bytes."""
        pages = {address: size for address, size in self.sizes.items() if address.endswith(".html")}
        return max(pages.items(), key=lambda item: (item[1], item[0]))


def build(selection: Selection, target: str, tell: Tell = lambda name: None, measuring: bool = False) -> Site:
    """Write the site of a selection.

    Raises:
        SymnormError: the place is taken by something else or cannot be written, or a claim is not well formed.
        ModuleNotFoundError: autograd or NumPy is missing, and kernels are to be measured.
    """
    place = Path(target).resolve()
    _refuse_what_is_not_ours(place)
    outcomes = decided(selection, tell, replaying=True)
    try:
        with _put_in_place(place) as directory:
            sizes = {}
            for address, text in rendered(selection, outcomes, tell, measuring):
                file = directory / address
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8", newline="\n")
                sizes[address] = file.stat().st_size
    except OSError as error:
        raise SymnormError(f"cannot write the site {target}: {error.strerror or error}") from error
    return Site(Path(target), tuple(one.name for one in pages_of(selection)), Run(outcomes), sizes)


def steps(selection: Selection) -> int:
    """How often a build of the selection tells of its progress."""
    return len(selection.claims) + len(pages_of(selection))


def pages_of(selection: Selection) -> list[Normalizer]:
    """The normalizers with a page; a mode stands on the page of its normalizer where that is there too."""
    names = {one.name for one in selection.normalizers}
    return [one for one in selection.normalizers if one.name.partition(".")[0] == one.name or _base(one) not in names]


def _base(one: Normalizer) -> str:
    return one.name.partition(".")[0]


# pages ----------------------------------------------------------------------------------------------------------------


def rendered(
    selection: Selection, outcomes: Iterable[Outcome], tell: Tell, measuring: bool
) -> Iterator[tuple[str, str]]:
    """Each file's address and text."""
    every = list(outcomes)
    normalizers = pages_of(selection)
    at = dict(zip(map(id, every), addresses("claims", [one.claim.name for one in every]), strict=True))
    names = [one.name for one in normalizers]
    places = dict(zip(names, addresses("normalizers", names), strict=True))
    listed = [_listed(one, at[id(one)]) for one in every]
    for normalizer in normalizers:
        tell(f"page of {normalizer.name}")
        content = definitions.content(normalizer, _measured(normalizer) if measuring else None)
        claims = [one for one in listed if one["normalizer"] == _base(normalizer)]
        yield places[normalizer.name], page("normalizer.html", **content, claims=claims, root="../")
    for one in every:
        certificate = statements.certificate(one)
        where = ""
        if certificate:
            where = at[id(one)].replace("claims/", "certificates/", 1).removesuffix(".html") + ".json"
            yield where, f"{certificate}\n"
        yield (
            at[id(one)],
            page(
                "claim.html",
                **statements.content(one),
                certificate=where,
                certificate_size=-(-len(certificate.encode()) // 1000),
                about=places.get(one.claim.normalizer, ""),
                root="../",
            ),
        )
    yield "index.html", _index(normalizers, places, listed)
    for name in ("style.css", "theme.js", "page.js"):
        yield name, (files("symnorm.report.site") / "static" / name).read_text(encoding="utf-8")
    yield MARK, json.dumps({"normalizers": list(places.values()), "claims": list(at.values())}, indent=1) + "\n"


def _measured(normalizer: Normalizer) -> Any:
    from symnorm.report.site.measured import measured

    return measured(normalizer)


def _listed(one: Outcome, address: str) -> dict[str, Any]:
    claim = one.claim
    return {
        "name": claim.name,
        "normalizer": claim.normalizer,
        "sentence": claim.sentence,
        "topic": claim.topic,
        "source": claim.source,
        "status": one.verdict.status,
        "address": address,
    }


def _index(normalizers: list[Normalizer], places: dict[str, str], listed: list[dict[str, Any]]) -> str:
    filters = {
        label: sorted({one["status" if label == "verdict" else label] for one in listed} - {""})
        for label in ("normalizer", "verdict", "topic", "source")
    }
    counts = {status: sum(one["status"] == status for one in listed) for status in filters["verdict"]}
    shown = [
        {"name": one.name, "title": one.title, "source": one.source, "address": places[one.name]} for one in normalizers
    ]
    return page("index.html", normalizers=shown, claims=listed, filters=filters, counts=counts, root="")


def page(template: str, **content: Any) -> str:
    """A template filled; all text is escaped, and what is missing is an error."""
    return _environment().get_template(template).render(content)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("symnorm.report.site", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def addresses(folder: str, names: Iterable[str]) -> list[str]:
    """A file for each name, whatever signs are in it; no two are alike, not even where case does not count.

    Example:
        >>> addresses("claims", ["a.b", "A.b", "../x", "a.b"])
        ['claims/a.b.html', 'claims/A.b-2.html', 'claims/..~2fx.html', 'claims/a.b-3.html']
    """
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        safe = re.sub(r"[^A-Za-z0-9_.-]", lambda sign: f"~{ord(sign[0]):x}", name)[:LONGEST_NAME]
        chosen, count = safe, 1
        while chosen.lower() in taken:
            count += 1
            chosen = f"{safe}-{count}"
        taken.add(chosen.lower())
        found.append(f"{folder}/{chosen}.html")
    return found


# the directory --------------------------------------------------------------------------------------------------------


def _refuse_what_is_not_ours(place: Path) -> None:
    """Before any work: a directory that is neither empty nor a site is left alone."""
    if place.exists() and not place.is_dir():
        raise SymnormError(f"{place} is a file; name a directory for the site")
    if place.is_dir() and any(place.iterdir()) and not (place / MARK).is_file():
        raise SymnormError(f"{place} holds files that are no site of symnorm; name an empty or a new directory")


@contextmanager
def _put_in_place(place: Path) -> Iterator[Path]:
    """A directory beside the place; moved there at the end if all went well, otherwise gone."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    try:
        made, old = beside / "new", beside / "old"
        made.mkdir(mode=0o777 & ~umask())
        yield made
        if place.exists():
            place.replace(old)
        try:
            made.replace(place)
        except BaseException:
            if old.exists():
                old.replace(place)
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
