"""Builds the site of a selection: has it decided and written, and puts the whole directory in place at once.

In comes a :class:`~symnorm.report.verification.Selection`, out comes a directory and a :class:`Site` that says what is
in it. What stands on the pages is the business of :mod:`~symnorm.report.site.pages`. The directory is made beside its
place and moved there when it is complete, so that nobody sees half a site; an older one is replaced, anything else is
left alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from symnorm.errors import SymnormError
from symnorm.report.outcomes import Run
from symnorm.report.output import umask
from symnorm.report.site import pages
from symnorm.report.verification import Selection

MARK = "site.json"
"""The file by which a directory is known as a site, with what is in it."""

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


def build(
    selection: Selection, target: str, tell: Tell = lambda name: None, measuring: bool = False, jobs: int = 1
) -> Site:
    """Write the site of a selection, the work shared by so many processes.

    Raises:
        SymnormError: the place is taken by something else or cannot be written, or a claim is not well formed.
        ModuleNotFoundError: autograd or NumPy is missing, and kernels are to be measured.
    """
    place = Path(target).resolve()
    _refuse_what_is_not_ours(place)
    made = pages.rendered(selection, tell, measuring, jobs)
    try:
        with _put_in_place(place) as directory:
            sizes = {}
            for address, text in [*made.files(), (MARK, made.contents())]:
                file = directory / address
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8", newline="\n")
                sizes[address] = file.stat().st_size
    except OSError as error:
        raise SymnormError(f"cannot write the site {target}: {error.strerror or error}") from error
    return Site(Path(target), made.normalizers, Run(made.outcomes), sizes)


def steps(selection: Selection) -> int:
    """How often a build of the selection tells of its progress."""
    return len(selection.claims) + len(pages.normalizers_with_page(selection))


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
