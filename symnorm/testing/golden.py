"""Golden vectors: inputs, intermediates and correctly rounded outputs of a normalizer, in files for a test bench.

A directory holds, for each family of inputs, ``vectors.npz`` (arrays, no pickles) and one ``NAME.hex`` an array: an
element a line in C order, its IEEE 754 bits as big-endian hexadecimal digits, as Verilog's ``$readmemh`` reads them.
The arrays ``unit_y``, ... are the units in the last place that an error is counted in, ``forgiven_y``, ... how many of
them half a unit at each step of the formulas is worth. The ``manifest.json`` says what everything is: formulas,
shapes, axes, dtypes, families, seeds and the SHA-256 of each file.

The outputs are the exact values of the formulas on the stored inputs, rounded once. The directory is written whole or
not at all, and is the same to the byte from run to run. Called by ``symnorm golden``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symnorm.errors import ShapeError, SymnormError
from symnorm.facade import Loaded
from symnorm.kernels import Plan
from symnorm.normalizers import Normalizer
from symnorm.printing import text
from symnorm.testing.calling import Calls, Function
from symnorm.testing.matching import plan_of
from symnorm.testing.trials import ULP, Trial, battery, trials, without_answer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

FORMAT = "symnorm golden vectors 1"
MANIFEST = "manifest.json"
VECTORS = "vectors.npz"
ON_THE_BENCH = ("input", "intermediate", "output")
HEX = "one element a line in C order, its IEEE 754 bits as big-endian hexadecimal digits"


# --- writing ----------------------------------------------------------------------------------------------------------


def write_golden(
    name: str | Normalizer | Loaded,
    directory: str | os.PathLike[str],
    *,
    mode: str = "training",
    convention: str = "",
    dtype: str = "float32",
    seed: int = 0,
    families: str | Iterable[str] = "bugs",
    shapes: Sequence[tuple[int, ...]] = (),
    options: Mapping[str, int] | None = None,
) -> Golden:
    """Write golden vectors.

    Args:
        name: a normalizer by name, ``.norm`` file, or itself.
        directory: made, or replaced if it holds nothing but golden vectors.
        mode, convention: of the normalizer.
        dtype: ``float16``, ``float32`` or ``float64``.
        seed: of the inputs.
        families, shapes, options: as for :func:`symnorm.testing.assert_kernel_matches`.

    Raises:
        ShapeError: shapes at which a result has no value, such as whitenings of fewer samples than features.
        SymnormError: the directory holds other files, or cannot be written.
    """
    plan, definition = plan_of(name, mode, convention)
    every = trials(plan, battery(families), dtype, (seed,), shapes, options)
    unknown = [one for one in _compared(plan) if not any(trial.tells_apart(one, ULP) for trial in every)]
    if unknown:
        raise ShapeError(f"no golden vectors of {definition.name}: {without_answer(unknown, every)}")
    target = Path(directory).absolute()
    try:
        _refuse_others(target)
        beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            vectors = [_written(beside, trial, at) for at, trial in enumerate(every)]
            manifest = _manifest(name if isinstance(name, str) else definition.name, plan, every, vectors)
            manifest["files"] = {str(path.relative_to(beside)): _sha256(path) for path in _files(beside)}
            shown = json.dumps(manifest, indent=1, ensure_ascii=False)
            (beside / MANIFEST).write_text(f"{shown}\n", encoding="utf-8", newline="\n")
            beside.chmod(0o755)
            _put_in_place(beside, target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise SymnormError(f"cannot write {target}: {error.strerror or error}") from error
    return read_golden(target)


def _refuse_others(target: Path) -> None:
    """Nothing is replaced but what was written here before."""
    if not target.parent.is_dir():
        raise SymnormError(f"cannot write {target}: there is no directory {target.parent}")
    if not target.exists():
        return
    if not target.is_dir():
        raise SymnormError(f"cannot write {target}: it is no directory")
    if not any(target.iterdir()):
        return
    try:
        mine = {MANIFEST, *read_golden(target).manifest["files"]}
    except SymnormError:
        mine = set()
    others = sorted({str(path.relative_to(target)) for path in _files(target)} - mine)
    if others:
        raise SymnormError(f"cannot write {target}: it holds {others[0]}, which is none of its golden vectors")


def _put_in_place(made: Path, target: Path) -> None:
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old."))
    try:
        if target.exists():
            os.replace(target, old)
        try:
            os.replace(made, target)
        except OSError:
            if any(old.iterdir()):
                os.replace(old, target)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest(name: str, plan: Plan, every: Sequence[Trial], vectors: list[dict[str, Any]]) -> dict[str, Any]:
    formulas = {
        **plan.equations,
        **{f"new_{key}": new for key, new in plan.updates.items()},
        **{f"d{wrt}": form for wrt, form in plan.gradients.items()},
    }
    return {
        "format": FORMAT,
        "normalizer": name,
        "definition": plan.name,
        "title": plan.title,
        "source": plan.source,
        "convention": list(plan.convention),
        "layout": plan.layout.text,
        "dtype": every[0].dtype,
        "seed": every[0].seed,
        "inputs": {key: [axis.name for axis in node.axes] for key, node in plan.declared.items()},
        "defaults": dict(plan.defaults),
        "formulas": {key: text(form, plain_reductions=False) for key, form in formulas.items()},
        "rounding": "the exact value of the formulas on the stored inputs, rounded once to the nearest, ties to even"
        if all(trial.is_exact for trial in every)
        else "computed in double or extended precision, then rounded to the nearest",
        "hex": HEX,
        "vectors": vectors,
    }


def _written(directory: Path, trial: Trial, number: int) -> dict[str, Any]:
    import numpy as np

    slug = re.sub(r"[^a-z0-9]+", "-", trial.family.name.lower()).strip("-")
    folder = directory / f"{number:02d}-{slug}"
    folder.mkdir()
    arrays, about = {}, {}
    for name, role, axes, array in _arrays(trial):
        arrays[name] = array
        about[name] = {"role": role, "axes": list(axes), "shape": list(array.shape), "dtype": array.dtype.name}
        if role in ON_THE_BENCH:
            (folder / f"{name}.hex").write_text("".join(f"{row}\n" for row in hex_of(array)), "ascii", newline="\n")
    with (folder / VECTORS).open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    return {
        "directory": folder.name,
        "family": trial.family.name,
        "why": getattr(trial.family, "why", "rounding errors"),
        "seed": trial.seed,
        "shape": list(trial.shape),
        "scalars": {**trial.plan.defaults, **trial.drawn.scalars},
        "options": dict(trial.drawn.options),
        "arrays": about,
    }


def _arrays(trial: Trial) -> Iterator[tuple[str, str, tuple[str, ...], Array]]:
    """Name, role, axes and elements of everything that is stored."""
    plan = trial.plan
    for name, array in trial.drawn.arrays.items():
        yield name, "input", tuple(axis.name for axis in plan.declared[name].axes), array
    yield plan.cotangent, "input", trial.axes(plan.output), trial.drawn.cotangent
    for name in (*plan.solved, *plan.equations):
        if set(trial.axes(name)) <= set(plan.layout.axes):
            role = "output" if name == plan.output else "intermediate"
            yield name, role, trial.axes(name), rounded(trial.wanted(name), trial.dtype)
    for name in (*plan.updates, *(f"d{wrt}" for wrt in plan.results)):
        shown = f"new_{name}" if name in plan.updates else name
        yield shown, "output", trial.axes(name), rounded(trial.wanted(name), trial.dtype)
    for name in _compared(plan):
        shown = f"new_{name}" if name in plan.updates else name
        yield f"unit_{shown}", "unit", trial.axes(name), rounded(trial.ulp(name), trial.dtype)
        yield f"forgiven_{shown}", "tolerance", trial.axes(name), trial.forgiven(name).astype("float64")


def _compared(plan: Plan) -> tuple[str, ...]:
    return (plan.output, *plan.updates, *(f"d{wrt}" for wrt in plan.results))


def rounded(values: Any, dtype: str) -> Array:
    """The nearest numbers of a dtype, ties to even; infinite beyond its largest.

    Example:
        >>> import mpmath
        >>> with mpmath.workprec(200):
        ...     just_above_a_tie = mpmath.mpf(1) + mpmath.mpf(2)**-24 + mpmath.mpf(2)**-90
        ...     float(rounded(just_above_a_tie, "float32")) == 1 + 2**-23
        True
    """
    import mpmath
    import numpy as np

    info = np.finfo(dtype)

    def one(value: Any) -> float:
        if not isinstance(value, mpmath.mpf):
            return float(np.asarray(value, dtype))
        if not mpmath.isfinite(value) or value == 0:
            return float(value)
        exponent = max(int(mpmath.frexp(value)[1]) - (info.nmant + 1), int(info.minexp) - info.nmant)
        whole = mpmath.nint(mpmath.ldexp(value, -exponent))
        near = mpmath.ldexp(whole, exponent)
        return float(near) if abs(near) <= float(info.max) else float("inf") * float(mpmath.sign(value))

    with mpmath.workprec(2400), np.errstate(all="ignore"):
        return np.asarray(np.frompyfunc(one, 1, 1)(values), float).astype(dtype)


def hex_of(array: Array) -> list[str]:
    """Each element's bits as hexadecimal digits.

    Example:
        >>> import numpy as np
        >>> hex_of(np.array([1.0, -2.0], "float32"))
        ['3f800000', 'c0000000']
    """
    size = array.dtype.itemsize
    digits = array.astype(array.dtype.newbyteorder(">")).tobytes(order="C").hex()
    return [digits[at : at + 2 * size] for at in range(0, len(digits), 2 * size)]


# --- reading back -----------------------------------------------------------------------------------------------------


def read_hex(path: str | os.PathLike[str], dtype: str, shape: Sequence[int]) -> Array:
    """The array of a ``.hex`` file.

    Raises:
        SymnormError: a line that is no number of the dtype, or another number of lines than the shape has elements.
    """
    import numpy as np

    rows = Path(path).read_text("ascii").split()
    digits = 2 * np.dtype(dtype).itemsize
    for at, row in enumerate(rows, start=1):
        if not re.fullmatch(f"[0-9a-fA-F]{{{digits}}}", row):
            raise SymnormError(f"{path}, line {at}: {row!r} is not {digits} hexadecimal digits, a {dtype}")
    if len(rows) != int(np.prod(shape, dtype=int)):
        raise SymnormError(f"{path} has {len(rows)} elements; shape {tuple(shape)} needs {np.prod(shape, dtype=int)}")
    flat = np.frombuffer(bytes.fromhex("".join(rows)), np.dtype(dtype).newbyteorder(">"))
    return flat.astype(dtype).reshape(tuple(shape))


@dataclass(frozen=True)
class Golden:
    """Golden vectors as they were read.

    Attributes:
        directory: where they are.
        manifest: what ``manifest.json`` says.
    """

    directory: Path
    manifest: Mapping[str, Any]

    @property
    def families(self) -> list[str]:
        """The families in order."""
        return [each["family"] for each in self.manifest["vectors"]]

    def arrays(self, family: str) -> dict[str, Array]:
        """The arrays of a family by name."""
        import numpy as np

        about = self._about(family)
        with np.load(self.directory / about["directory"] / VECTORS, allow_pickle=False) as stored:
            return {name: stored[name] for name in about["arrays"]}

    def _about(self, family: str) -> Mapping[str, Any]:
        for each in self.manifest["vectors"]:
            if each["family"] == family:
                return each  # type: ignore[no-any-return]
        raise SymnormError(f"{self.directory} has no family {family!r}; it has {', '.join(self.families)}")

    def errors(self, family: str, results: Mapping[str, Any], ulp: float = ULP) -> dict[str, float]:
        """By result: its largest error as a fraction of what is allowed; above 1 is wrong.

        Args:
            family: whose outputs.
            results: arrays by the names of the outputs (``y``, ``dx``, ``new_running_mean``).
            ulp: how many units in the last place an element may be off.

        Raises:
            ShapeError: a name that is no output, or an array of another shape.
        """
        import numpy as np

        stored, about = self.arrays(family), self._about(family)["arrays"]
        found = {}
        for name, value in results.items():
            if about.get(name, {}).get("role") != "output":
                outputs = [each for each in about if about[each]["role"] == "output"]
                raise ShapeError(f"{name} is no output of {self.manifest['definition']}; it has {', '.join(outputs)}")
            wanted, mine = stored[name].astype(float), np.asarray(value, float)
            if mine.shape != wanted.shape:
                raise ShapeError(f"{name} has shape {mine.shape}; {wanted.shape} is stored")
            allowed = (ulp + 2 * stored[f"forgiven_{name}"]) * stored[f"unit_{name}"].astype(float)
            with np.errstate(all="ignore"):
                share = np.where(mine == wanted, 0.0, np.abs(mine - wanted) / allowed)
            share = np.where(np.isfinite(wanted) & ~np.isfinite(mine), np.inf, share)
            found[name] = float(np.max(np.where(np.isfinite(wanted), share, 0.0), initial=0.0))
        return found


def read_golden(directory: str | os.PathLike[str]) -> Golden:
    """Read golden vectors back, and see that no file was changed or lost.

    Raises:
        SymnormError: no manifest, one of another kind, or a file whose SHA-256 differs.
    """
    folder = Path(directory)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SymnormError(f"{folder} holds no golden vectors: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise SymnormError(f"{folder / MANIFEST} is not of the format {FORMAT!r}")
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise SymnormError(f"{path} is missing")
        if _sha256(path) != digest:
            raise SymnormError(f"{path} was changed: its SHA-256 is not the manifest's")
    return Golden(folder, manifest)


def check_golden(
    directory: str | os.PathLike[str],
    forward: Function,
    backward: Function | None = None,
    *,
    name: str | Normalizer | Loaded = "",
    wrt: Sequence[str] = (),
    ulp: float = ULP,
) -> None:
    """Fail unless functions give the stored outputs on the stored inputs.

    Args:
        directory: of golden vectors.
        forward, backward, wrt: as for :func:`symnorm.testing.assert_kernel_matches`.
        name: the normalizer, where the manifest's name does not find it.
        ulp: how many units in the last place an element may be off.

    Raises:
        AssertionError: an output that differs; with family and name.
        SymnormError: no golden vectors, or functions that do not fit.
    """
    golden = read_golden(directory)
    plan, _ = plan_of(name or golden.manifest["definition"])
    calls = Calls(plan, forward, backward, {}, tuple(wrt))
    for about in golden.manifest["vectors"]:
        stored = golden.arrays(about["family"])
        inputs = {key: stored[key] for key in plan.declared if key in stored}
        found = calls.call({**inputs, **about["scalars"], **about["options"]}, stored[plan.cotangent])
        results = {f"new_{key}" if key in plan.updates else key: value for key, value in found.items()}
        for result, share in golden.errors(about["family"], results, ulp).items():
            if share > 1:
                raise AssertionError(
                    f"{result} of {golden.manifest['definition']} is off by {share:.3g} times what is allowed "
                    f"(family {about['family']!r} in {golden.directory})"
                )
