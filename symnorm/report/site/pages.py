"""Every page of a site: decided, filled into the templates, by as many processes as are wanted.

In comes a :class:`~symnorm.report.verification.Selection`, out comes a :class:`Pages`: the verdicts, and each file's
address and text. A page is finished where its mathematics is worked out, so that only text comes back from another
process; the list of a normalizer's claims with their verdicts and the index are added when all is known. The same
selection gives the same text however many processes share the work, unless something is measured.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from symnorm.claims import Claim
from symnorm.normalizers import Normalizer
from symnorm.report import parallel, plain
from symnorm.report.outcomes import STATUSES, Outcome
from symnorm.report.site import definitions, statements
from symnorm.report.site.picture import pictures
from symnorm.report.verification import Selection, decided_one

if TYPE_CHECKING:
    from jinja2 import Environment

ASSETS = ("style.css", "theme.js", "page.js")
LONGEST_NAME = 150
UP = "../"  # every page but the index lies in a folder

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Pages:
    """What a site is made of.

    Attributes:
        places: the address of each normalizer's page by its name.
        described: the normalizers themselves by their names.
        bodies: the page of each normalizer by its name, but for the claims about it.
        outcomes: a verdict for each claim, in order.
        claims: each claim's address and page, in the same order.
        measured: tables of errors and times by the normalizer's name, where they were wanted.
    """

    places: Mapping[str, str]
    described: Mapping[str, Normalizer]
    bodies: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    claims: tuple[tuple[str, str], ...]
    measured: Mapping[str, Any]

    @property
    def normalizers(self) -> tuple[str, ...]:
        """The names with a page."""
        return tuple(self.places)

    def files(self) -> Iterator[tuple[str, str]]:
        """Each file's address and text."""
        listed = [_listed(one, address) for one, (address, _) in zip(self.outcomes, self.claims, strict=True)]
        for name, normalizer in self.described.items():
            about = [claim for claim in listed if claim["normalizer"] == base(normalizer)]
            filled = {"body": Markup(self.bodies[name]), "measured": self.measured.get(name), "claims": about}
            yield self.places[name], page("normalizer.html", title=normalizer.title, root=UP, **filled)
        for one, (address, text) in zip(self.outcomes, self.claims, strict=True):
            yield address, text
            if written := _certificate(one):
                yield certificate_address(address), f"{written}\n"
        yield "index.html", _index(list(self.described.values()), self.places, listed)
        for asset in ASSETS:
            yield asset, (files("symnorm.report.site") / "static" / asset).read_text(encoding="utf-8")

    def contents(self) -> str:
        """The addresses of the pages, as JSON."""
        pages = {"normalizers": list(self.places.values()), "claims": [address for address, _ in self.claims]}
        return json.dumps(pages, indent=1) + "\n"


def normalizers_with_page(selection: Selection) -> list[Normalizer]:
    """The normalizers with a page; a mode stands on the page of its normalizer where that is there too."""
    names = {one.name for one in selection.normalizers}
    return [one for one in selection.normalizers if base(one) == one.name or base(one) not in names]


def base(one: Normalizer) -> str:
    """The normalizer's name without the mode."""
    return one.name.partition(".")[0]


def rendered(selection: Selection, tell: Tell, measuring: bool, jobs: int) -> Pages:
    """Everything decided and written, by so many processes.

    Raises:
        SymnormError: a claim that is not well formed.
        ModuleNotFoundError: autograd or NumPy is missing, and kernels are to be measured.
    """
    if measuring:
        import autograd.numpy  # noqa: F401 - found missing before any work is done
    described = {one.name: one for one in normalizers_with_page(selection)}
    places = dict(zip(described, addresses("normalizers", described), strict=True))
    at = addresses("claims", [claim.name for claim, _ in selection.claims])

    # the pages of normalizers first: some take long, and what is short fills the gaps at the end
    tasks: list[tuple[str, parallel.Task]] = [
        (f"page of {name}", partial(_body, one, measuring)) for name, one in described.items()
    ]
    for (claim, path), address in zip(selection.claims, at, strict=True):
        about = places.get(claim.normalizer, "")
        tasks.append((claim.name, partial(_decided_page, claim, path, address, about)))
    found = parallel.done(tasks, jobs, tell)

    bodies = dict(zip(described, found, strict=False))
    decided = found[len(described) :]
    outcomes = tuple(
        plain.read_outcome(claim, one["outcome"]) for (claim, _), one in zip(selection.claims, decided, strict=True)
    )
    claims = tuple((address, one["page"]) for address, one in zip(at, decided, strict=True))
    # alone, when nothing else keeps the machine busy
    times = {name: _measured(one) for name, one in described.items()} if measuring else {}
    return Pages(places, described, bodies, outcomes, claims, times)


def _body(one: Normalizer, measuring: bool) -> str:
    return page("definition.html", **definitions.content(one), measuring=measuring)


def _decided_page(claim: Claim, path: Path | None, address: str, about: str) -> dict[str, Any]:
    """A claim's verdict as plain data, and its page."""
    one = decided_one(claim, path, replaying=True)
    certificate = _certificate(one)
    links = {
        "certificate": certificate_address(address) if certificate else "",
        "certificate_size": -(-len(certificate.encode()) // 1000),
        "about": about,
    }
    return {
        "outcome": plain.outcome(one, full=False),
        "page": page("claim.html", **statements.content(one), **links, root=UP),
    }


def _certificate(one: Outcome) -> str:
    """The certificate as JSON, on one line; nothing where there is none."""
    if one.replay is None or one.replay.certificate is None:
        return ""
    return json.dumps(one.replay.certificate, ensure_ascii=False)


def certificate_address(address: str) -> str:
    """Where the certificate of the claim on a page lies.

    Example:
        >>> certificate_address("claims/a.b.html")
        'certificates/a.b.json'
    """
    return address.replace("claims/", "certificates/", 1).removesuffix(".html") + ".json"


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


def _index(normalizers: list[Normalizer], places: Mapping[str, str], listed: list[dict[str, Any]]) -> str:
    filters = {
        label: sorted({one["status" if label == "verdict" else label] for one in listed} - {""})
        for label in ("normalizer", "verdict", "topic", "source")
    }
    found = Counter(one["status"] for one in listed)
    counts = {status: found[status] for status in STATUSES if found[status]}
    shown = [
        {
            "name": one.name,
            "title": one.title,
            "source": one.source,
            "address": places[one.name],
            "picture": next((picture.svg for picture in pictures(one)), ""),
        }
        for one in normalizers
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
