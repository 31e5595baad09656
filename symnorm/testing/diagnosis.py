"""What a function computes: which normalizer, in whose convention, and with which bug.

In come a user's functions and perhaps the name of what they ought to compute; out comes a :class:`Diagnosis`. First the
named definition is tried, then its other conventions and modes and every planted bug, then every other normalizer whose
inputs the function takes; if nothing explains the results, the same on arrays of two dimensions only. Called by
``symnorm diagnose``.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from symnorm.errors import SymnormError
from symnorm.facade import Loaded, chosen
from symnorm.normalizers import REGISTRY, Normalizer
from symnorm.testing.calling import Function
from symnorm.testing.matching import Match, match_kernel
from symnorm.testing.suspects import in_words

EQUAL, DIFFERS, UNKNOWN = "equal", "differs", "unknown"
TWO_DIMENSIONS = ((5, 7), (3, 8), (2, 5))


@dataclass(frozen=True)
class Diagnosis:
    """What a function was found to compute.

    Attributes:
        status: ``equal`` to what it was asked for (or to some normalizer, if nothing was asked); ``differs``, where a
            bug, a convention or another normalizer explains all results; ``unknown``.
        asked: the name that was asked for, or empty.
        computes: what explains the results, the best first: ``layer_norm with ddof = 1``, ``rms_norm@torch``.
        nearest: where nothing explains them, what comes closest; empty where a call failed or nothing comes close.
        match: the comparison with what was asked for, or with the nearest normalizer.
    """

    status: str
    asked: str
    computes: tuple[str, ...]
    nearest: str
    match: Match

    def __str__(self) -> str:
        asked = self.asked or self.match.name
        if self.status == EQUAL:
            also = f"\nas {', '.join(self.computes[1:])} here" if self.computes[1:] else ""
            return f"equal: it computes {self.computes[0]}{also}"
        if self.status == DIFFERS:
            return f"differs from {asked}: it computes {' or '.join(self.computes)}\n{self.match}"
        if self.match.problem:
            return f"unknown: a call failed\n{self.match}"
        near = f"; nearest: {self.nearest}" if self.nearest else ""
        if not self.asked:
            return f"unknown: it computes none of the normalizers that take these inputs{near}\n{self.match}"
        return f"unknown: it does not compute {asked}{near}\n{self.match}"

    def as_data(self) -> dict[str, Any]:
        """The same for JSON; an infinite error is ``null``."""
        worst = {name: {**asdict(one), "index": list(one.index)} for name, one in self.match.worst.items()}
        return {
            "status": self.status,
            "asked": self.asked,
            "computes": list(self.computes),
            "nearest": self.nearest,
            "compared_with": self.match.name,
            "dtype": self.match.dtype,
            "seeds": list(self.match.seeds),
            "problem": self.match.problem,
            "suspected": [{"bug": one.name, "explains": list(one.explains)} for one in self.match.suspected],
            "lost": {name: list(families) for name, families in self.match.lost.items()},
            "worst": {name: {key: _finite(value) for key, value in one.items()} for name, one in worst.items()},
        }


def _finite(value: Any) -> Any:
    return value if not isinstance(value, float) or math.isfinite(value) else None


def diagnose(
    forward: Function, backward: Function | None = None, name: str | Normalizer | Loaded = "", **options: Any
) -> Diagnosis:
    """Find out what a function computes.

    Args:
        forward, backward: as for :func:`symnorm.testing.assert_kernel_matches`.
        name: what it ought to compute; every normalizer of the zoo is tried if it is left out.
        options: those of :func:`symnorm.testing.assert_kernel_matches`.

    Raises:
        SymnormError: parameters that fit nothing.

    Example:
        >>> import numpy as np
        >>> def forward(x, gamma, beta, eps):
        ...     return gamma*(x - x.mean(-1, keepdims=True))/(x.std(-1, keepdims=True) + eps) + beta
        >>> print(diagnose(forward, None, "layer_norm", shapes=[(4, 3)]).computes[0])
        layer_norm with eps outside the root
    """
    found = _diagnosed(forward, backward, name, options)
    if found.status != UNKNOWN or options.get("shapes"):
        return found
    try:  # a function of the last dimension differs from a definition that takes all from the second on
        flat = _diagnosed(forward, backward, name, {**options, "shapes": TWO_DIMENSIONS})
    except SymnormError:
        return found
    if flat.status == UNKNOWN:
        return found
    computes = tuple(f"{one} on arrays of two dimensions, and something else on others" for one in flat.computes[:1])
    match = found.match if name else match_kernel(forward, backward, flat.match.name, **options)
    return Diagnosis(DIFFERS, flat.asked or match.name, computes, "", match)


def _diagnosed(
    forward: Function,
    backward: Function | None,
    name: str | Normalizer | Loaded,
    options: Mapping[str, Any],
    among_others: bool = True,
) -> Diagnosis:
    """What it computes on the shapes that come; that it is none of the other normalizers may be known already."""
    options = dict(options)
    if not name:
        return _among_all(forward, backward, options)
    convention = options.pop("convention", "")
    asked = chosen(name, options.pop("mode", "training"), convention)
    match = match_kernel(forward, backward, asked, **options)
    if match.ok:
        return Diagnosis(EQUAL, asked.name, (asked.name, *_also(forward, backward, asked, options)), "", match)
    complete = [one for one in match.suspected if {*one.explains, *match.lost} == set(match.wrong)]
    explained = [in_words(asked, one.name) for one in complete]
    if set(match.lost) == set(match.wrong) and not match.problem:
        explained = [f"{asked.name} with digits or range lost"]
    if not explained and among_others:
        explained = [other.name for other, found in _others(forward, backward, asked, options) if found.ok]
    if explained:
        return Diagnosis(DIFFERS, asked.name, tuple(explained), "", match)
    return Diagnosis(UNKNOWN, asked.name, (), _nearest(asked, match), match)


def _nearest(asked: Normalizer, match: Match) -> str:
    partly = [f"{in_words(asked, one.name)} (but only {', '.join(one.explains)})" for one in match.suspected]
    return partly[0] if partly else match.nearest


def _also(
    forward: Function, backward: Function | None, asked: Normalizer, options: Mapping[str, Any]
) -> Iterator[str]:
    """The other conventions that give the same on these inputs."""
    paper = asked.papers or asked
    for other in (paper, *(paper.convention(name) for name in paper.conventions)):
        if other.name != asked.name:
            found = _matched(forward, backward, other, options)
            if found is not None and found.ok:
                yield other.name


def _others(
    forward: Function, backward: Function | None, asked: Normalizer | None, options: Mapping[str, Any]
) -> Iterator[tuple[Normalizer, Match]]:
    for each in REGISTRY.values():
        for one in (each, *each.modes.values()):
            found = None if asked is one else _matched(forward, backward, one, options)
            if found is not None:
                yield one, found


def _matched(
    forward: Function, backward: Function | None, one: Normalizer, options: Mapping[str, Any]
) -> Match | None:
    try:
        return match_kernel(forward, backward, one, **{**options, "explain": False})
    except SymnormError:
        return None  # it does not take these inputs


def _among_all(forward: Function, backward: Function | None, options: Mapping[str, Any]) -> Diagnosis:
    found = list(_others(forward, backward, None, options))
    if not found:
        raise SymnormError("no normalizer takes these parameters; say with --as which one is meant, or use named()")
    equal = [(one, match) for one, match in found if match.ok]
    if equal:
        return Diagnosis(EQUAL, "", tuple(one.name for one, _ in equal), "", equal[0][1])
    differing = [_diagnosed(forward, backward, one, options, False) for one, match in found if not match.problem]
    explained = [one for one in differing if one.status == DIFFERS]
    if explained:
        best = min(explained, key=lambda one: min(map(len, one.computes)))
        return Diagnosis(DIFFERS, "", best.computes, "", best.match)
    if differing:
        return replace(min(differing, key=lambda one: max(w.share for w in one.match.worst.values())), asked="")
    return Diagnosis(UNKNOWN, "", (), "", found[0][1])


def function_of(text: str) -> Any:
    """The function of ``package.module:function`` or ``path/to/file.py:function``: that code is imported, so it runs.

    Raises:
        SymnormError: no such module or function, or its import fails.
    """
    module, colon, name = text.rpartition(":")
    if not colon or not module or not name:
        raise SymnormError(f"{text!r} is no MODULE:FUNCTION, such as my_kernels.py:forward")
    found: Any = _module(module)
    for part in name.split("."):
        if not hasattr(found, part):
            public = [each for each in dir(found) if callable(getattr(found, each)) and not each.startswith("_")]
            raise SymnormError(f"{module} has no {part!r}; it has {', '.join(public) or 'no functions'}")
        found = getattr(found, part)
    if not callable(found):
        raise SymnormError(f"{text} is of type {type(found).__name__}, which cannot be called")
    return found


def _module(name: str) -> Any:
    path = Path(name)
    is_file = name.endswith(".py") or path.is_file()
    try:
        if not is_file:
            sys.path.insert(0, str(Path.cwd()))
            try:
                return importlib.import_module(name)
            finally:
                sys.path.pop(0)
        if not path.is_file():
            raise SymnormError(f"there is no file {name}")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise SymnormError(f"{name} is no Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules.setdefault(path.stem, module)  # dataclasses of the module look themselves up
        spec.loader.exec_module(module)
    except SymnormError:
        raise
    except Exception as error:  # a user's module may fail in any way
        raise SymnormError(f"importing {name} failed: {type(error).__name__}: {error}") from error
    return module
