"""The run behind ``symnorm verify``: claims and kernels chosen by name, every claim decided, every kernel compared.

In come the names that a user gave, out comes a :class:`~symnorm.report.outcomes.Run`. Whoever wants to show progress
passes ``tell``, which is called with the name of each piece of work before it begins.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symnorm.claims import Claim, catalogue, prove
from symnorm.closed_form import gradients
from symnorm.errors import NameUnknown, SymnormError
from symnorm.language import lookup
from symnorm.normalizers import REGISTRY, Normalizer
from symnorm.report import parallel, plain, remembered, replays
from symnorm.report.outcomes import Outcome, Run

if TYPE_CHECKING:
    from symnorm.check import KernelCheck

Tell = Callable[[str], None]
Matrix = Mapping[str, Mapping[str, bool]]
"""Planted bug to family of inputs to whether it is caught there."""


@dataclass(frozen=True)
class Selection:
    """What is to be done: claims to decide and normalizers whose kernels are compared.

    Attributes:
        claims: in order, each with the user's file that it stands in, if it is none of the catalogue's.
        normalizers: in order, each mode by itself.
    """

    claims: tuple[tuple[Claim, Path | None], ...]
    normalizers: tuple[Normalizer, ...] = ()

    def __len__(self) -> int:
        return len(self.claims) + len(self.normalizers)


def select(wanted: Sequence[str]) -> Selection:
    """Everything if nothing is named; else the claims of names, normalizers and files, and those normalizers' kernels.

    Raises:
        NameUnknown: a name that is no claim and no normalizer.
        SymnormError: a file that cannot be read, or a catalogue without claims.
    """
    if not wanted:
        claims = catalogue.select([])
        if not claims:
            raise SymnormError("the catalogue states no claim, so there is nothing to verify; install symnorm again")
        return Selection(tuple((claim, None) for claim in claims), tuple(with_modes(REGISTRY.values())))
    chosen: dict[tuple[str, Path | None], Claim] = {}  # a user's claim may be called like one of the catalogue
    normalizers: dict[str, Normalizer] = {}
    for name in wanted:
        path = Path(name) if name.endswith(".py") or lookup.names_file(name) else None
        found: Mapping[str, Claim]
        named: tuple[Normalizer, ...]
        if lookup.names_file(name):
            text = lookup.document(name)
            found, named = text.claims, tuple(text.normalizers.values())
        else:
            found = read_file(path) if path is not None else _of_catalogue(name)
            named = _normalizers(name)
        if not found and not named:
            stated = catalogue.catalogue()
            known = {*stated, *stated.aliases, *(claim.normalizer for claim in stated.values()), *REGISTRY}
            raise NameUnknown("claim or normalizer", name, known)
        chosen.update({(each, path): claim for each, claim in found.items()})
        normalizers.update({one.name: one for one in named})
    return Selection(tuple((claim, path) for (_, path), claim in chosen.items()), tuple(normalizers.values()))


def with_modes(normalizers: Iterable[Normalizer]) -> Iterator[Normalizer]:
    """Each normalizer, then its other modes."""
    for normalizer in normalizers:
        yield normalizer
        yield from normalizer.modes.values()


def _of_catalogue(name: str) -> dict[str, Claim]:
    claims = catalogue.catalogue()
    if (named := claims.called(name)) is not None:
        return {named.name: named}
    return {claim.name: claim for claim in claims.values() if claim.normalizer == name}


def _normalizers(name: str) -> tuple[Normalizer, ...]:
    try:
        return chosen_kernels([name])
    except NameUnknown:
        return ()


def read_file(path: Path) -> Mapping[str, Claim]:
    """The claims of a user's file.

    Raises:
        SymnormError: whatever goes wrong in it, with the line.
    """
    try:
        return catalogue.read(path)
    except Exception as error:  # the file is the user's own program, which may fail in any way
        place = _place(error, path)
        if place is None and isinstance(error, SymnormError):
            raise
        raise SymnormError(f"{place or path}: {_told(error)}") from error


def _place(error: BaseException, path: Path) -> str | None:
    """The last line of a file that was running when an error came; ``None`` if none of it was."""
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(path.absolute()) else None
    trace = error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == path.absolute():
            line = trace.tb_lineno
        trace = trace.tb_next
    return None if line is None else f"{path}, line {line}"


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, SymnormError) else f"{type(error).__name__}: {error}"


# the work -------------------------------------------------------------------------------------------------------------


def run(
    selection: Selection,
    tell: Tell = lambda name: None,
    certificates: Path | None = None,
    jobs: int = 1,
    remember: bool = False,
    full: bool = True,
) -> Run:
    """Decide every claim, replay every verdict's certificate, and compare every kernel.

    Args:
        selection: what to do.
        tell: called with the name of each piece of work before it begins.
        certificates: a directory that they are written to.
        jobs: how many processes share the work.
        remember: keep what is found, and unless ``full`` take what an earlier run found if the replayer accepts it.
        full: all that is known of each verdict is wanted; else its status, conditions and certificate will do.

    Raises:
        SymnormError: a claim that is not well formed; the message names it.
        ModuleNotFoundError: autograd or NumPy is missing, and kernels are to be compared.
    """
    start = time.perf_counter()
    if selection.normalizers:
        import autograd.numpy  # noqa: F401 - found missing before anything is shared out

    def work(claim: Claim, path: Path | None) -> Outcome:
        return decided_one(claim, path, replaying=True, remember=remember, recall=remember and not full)

    if jobs < 2:
        found = []
        for claim, path in selection.claims:
            tell(claim.name)
            found.append(work(claim, path))
        outcomes = tuple(found)
        kernels = compared(selection.normalizers, tell)
    else:
        outcomes, kernels = _shared(selection, work, tell, jobs, full)
    for outcome in outcomes if certificates is not None else ():
        if outcome.replay is not None and certificates is not None:
            replays.write(outcome.replay, outcome.claim.name, certificates)
    return Run(outcomes, kernels, time.perf_counter() - start)


def decided(selection: Selection, tell: Tell = lambda name: None, replaying: bool = False) -> tuple[Outcome, ...]:
    """A verdict for each claim, replayed if that is wanted; raises as :func:`run` does."""
    outcomes = []
    for claim, path in selection.claims:
        tell(claim.name)
        outcomes.append(decided_one(claim, path, replaying))
    return tuple(outcomes)


def decided_one(
    claim: Claim, path: Path | None, replaying: bool, remember: bool = False, recall: bool = False
) -> Outcome:
    """The verdict on one claim, from an earlier run if that is wanted and the replayer accepts it again."""
    try:
        if recall and claim.states is not None and (known := remembered.recalled(claim)) is not None:
            return known
        verdict = prove(claim)
        outcome = Outcome(claim, verdict, replays.replayed(claim, verdict) if replaying else None)
        if remember:
            remembered.keep(outcome)
        return outcome
    except Exception as error:
        place = _place(error, path) if path is not None else None
        if place is None and not isinstance(error, SymnormError):
            raise  # a defect of symnorm, not of the statement
        raise SymnormError(": ".join(filter(None, [place, claim.name, _told(error)]))) from error


def _shared(
    selection: Selection, work: Callable[[Claim, Path | None], Outcome], tell: Tell, jobs: int, full: bool
) -> tuple[tuple[Outcome, ...], tuple[KernelCheck, ...]]:
    """The same by several processes, each of which sends back what can be written as JSON.

    What a reader has to see in full, a verdict that was not expected, is decided again here.
    """
    from symnorm.check import KernelCheck

    def decide(claim: Claim, path: Path | None) -> Any:
        return plain.outcome(work(claim, path), full)

    def check(one: Normalizer) -> Any:
        return plain.kernel(compare(one))

    tasks: list[tuple[str, parallel.Task]] = [
        (claim.name, partial(decide, claim, path)) for claim, path in selection.claims
    ]
    tasks += [(f"{one.name} kernel", partial(check, one)) for one in selection.normalizers]
    found = parallel.done(tasks, jobs, tell)
    outcomes = []
    for (claim, path), data in zip(selection.claims, found, strict=False):
        outcome = plain.read_outcome(claim, data)
        outcomes.append(outcome if outcome.as_expected else decided_one(claim, path, replaying=True))
    kernels = tuple(KernelCheck(**plain.read_kernel(data)) for data in found[len(outcomes) :])
    return tuple(outcomes), kernels


def compared(normalizers: Iterable[Normalizer], tell: Tell = lambda name: None) -> tuple[KernelCheck, ...]:
    """A comparison with autograd for each normalizer's kernel; raises as :func:`run` does."""
    found = []
    for normalizer in normalizers:
        tell(f"{normalizer.name} kernel")
        found.append(compare(normalizer))
    return tuple(found)


def compare(normalizer: Normalizer) -> KernelCheck:
    """The kernel of one normalizer against its own definition; one that cannot be generated is not fine."""
    import autograd.numpy  # noqa: F401 - inside the comparison its absence would count as a kernel that disagrees

    from symnorm import kernels
    from symnorm.check import KernelCheck, crosscheck

    try:
        truth = kernels.plan(normalizer, {name: form.tensor for name, form in gradients(normalizer).items()})
        made = kernels.kernel(normalizer)
    except SymnormError as error:
        return KernelCheck(normalizer.name, False, math.inf, "", "", (), 0, str(error))
    return crosscheck(made, truth)


def planted_bugs(normalizers: Iterable[Normalizer], tell: Tell = lambda name: None) -> dict[str, Matrix]:
    """For each kernel, which family of inputs catches which planted bug.

    Raises:
        SymnormError: a kernel that cannot be generated.
        ModuleNotFoundError: autograd or NumPy is missing.
    """
    import autograd.numpy  # noqa: F401 - as above

    from symnorm import kernels
    from symnorm.check import matrix

    found: dict[str, Matrix] = {}
    for normalizer in normalizers:
        tell(f"bugs in {normalizer.name}")
        found[normalizer.name] = matrix(kernels.kernel(normalizer).plan)
    return found


def chosen_kernels(names: Sequence[str]) -> tuple[Normalizer, ...]:
    """The normalizers of names, each with its modes; ``batch_norm.inference`` is one mode; all if nothing is named.

    Raises:
        NameUnknown: no such normalizer or mode.
    """
    if not names:
        return tuple(with_modes(REGISTRY.values()))
    found: dict[str, Normalizer] = {}
    for name in names:
        one = lookup.normalizer(name)
        found.update({each.name: each for each in ([one] if "." in one.name else with_modes([one]))})
    return tuple(found.values())
