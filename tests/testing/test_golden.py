"""Golden vectors: what is written, that it comes back, that it is whole, and that a wrong kernel does not pass."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symnorm.errors import ShapeError, SymnormError
from symnorm.kernels import kernel
from symnorm.testing import check_golden, golden, read_golden, write_golden
from symnorm.testing.golden import hex_of, read_hex, rounded

FEW = {"families": ["tiny batch", "std near eps"]}


def contents(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_written_comes_back(dtype: str, tmp_path: Path) -> None:
    found = write_golden("batch_norm", tmp_path / "g", dtype=dtype, seed=4, **FEW)
    manifest = json.loads((tmp_path / "g" / "manifest.json").read_text())
    assert (manifest["dtype"], manifest["seed"], found.families) == (dtype, 4, FEW["families"])
    assert manifest["formulas"]["dx"] == "gamma/sqrt(var + eps)*(dy - mean[N](dy) - x_hat*mean[N](dy*x_hat))"
    assert {*manifest["files"], "manifest.json"} == contents(tmp_path / "g").keys()
    for about in manifest["vectors"]:
        arrays = found.arrays(about["family"])
        roles = {each["role"] for each in about["arrays"].values()}
        assert roles == {"input", "intermediate", "output", "unit", "tolerance"}
        for name, each in about["arrays"].items():
            assert list(arrays[name].shape) == each["shape"] and arrays[name].dtype == each["dtype"]
            if each["role"] in golden.ON_THE_BENCH:
                path = tmp_path / "g" / about["directory"] / f"{name}.hex"
                back = read_hex(path, each["dtype"], each["shape"])
                assert back.tobytes() == arrays[name].tobytes(), name


def test_outputs_are_the_nearest_numbers(tmp_path: Path) -> None:
    """An independent computation in fractions: y = beta + gamma (x - mu)/s is monotone in s, and s^2 is rational."""
    found = write_golden("layer_norm", tmp_path / "g", **FEW)
    for about in found.manifest["vectors"]:
        a = found.arrays(about["family"])
        eps = Fraction(about["scalars"]["eps"])
        for row, y_row, mu_row in zip(a["x"], a["y"], a["mu"], strict=True):
            x = [Fraction(float(v)) for v in row]
            mu = sum(x) / len(x)
            square = sum((v - mu) ** 2 for v in x) / len(x) + eps
            assert abs(Fraction(float(mu_row)) - mu) <= Fraction(float(np.spacing(abs(mu_row)))) / 2
            for v, y, gamma, beta in zip(x, y_row, a["gamma"], a["beta"], strict=True):
                half = Fraction(float(np.spacing(abs(y)))) / 2
                g, b, mine = Fraction(float(gamma)), Fraction(float(beta)), Fraction(float(y))
                low, high = ((mine - b + step) / g for step in (-half, half))
                low, high = min(low, high), max(low, high)
                u = v - mu  # low <= u/s <= high, compared by signed squares
                assert signed(low) * square <= signed(u) <= signed(high) * square


def signed(value: Fraction) -> Fraction:
    return value * abs(value)


def test_it_is_the_same_from_run_to_run_and_another_for_another_seed(tmp_path: Path) -> None:
    one = contents(write_golden("rms_norm", tmp_path / "a", **FEW).directory)
    two = contents(write_golden("rms_norm", tmp_path / "b", **FEW).directory)
    other = contents(write_golden("rms_norm", tmp_path / "c", seed=1, **FEW).directory)
    assert one == two and one.keys() == other.keys() and one != other


@pytest.mark.parametrize("name", ["layer_norm", "batch_norm@onnx", "weight_norm", "zca_whitening", "min_max"])
def test_the_generated_kernel_passes_and_a_wrong_one_fails(name: str, tmp_path: Path) -> None:
    from symnorm.facade import chosen

    made = kernel(chosen(name)).module
    write_golden(name, tmp_path / "g", dtype="float64", **FEW)
    check_golden(tmp_path / "g", made.forward, made.backward)

    def off(**given: Any) -> Any:
        y, saved = made.forward(**given)
        return y * (1 + 1e-13), saved

    with pytest.raises(AssertionError, match="times what is allowed"):
        check_golden(tmp_path / "g", off)


@pytest.mark.parametrize(("name", "shape"), [("zca_whitening", (2, 5)), ("z_score", (1, 3))])
def test_vectors_of_which_nothing_is_known_are_refused(name: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match=f"no golden vectors of {name}: nothing is known of ., dx"):
        write_golden(name, tmp_path / "g", shapes=[shape], **FEW)
    assert not (tmp_path / "g").exists()


def test_results_by_name(tmp_path: Path) -> None:
    found = write_golden("layer_norm", tmp_path / "g", **FEW)
    stored = found.arrays("tiny batch")
    assert found.errors("tiny batch", {"y": stored["y"], "dx": stored["dx"]}) == {"y": 0.0, "dx": 0.0}
    assert found.errors("tiny batch", {"y": np.full_like(stored["y"], np.nan)})["y"] == np.inf
    with pytest.raises(ShapeError, match="dz is no output"):
        found.errors("tiny batch", {"dz": stored["y"]})
    with pytest.raises(ShapeError, match="has shape"):
        found.errors("tiny batch", {"y": stored["y"][0]})


def test_older_vectors_are_replaced_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "g"
    write_golden("batch_norm", target, **FEW)
    write_golden("layer_norm", target, families=["ties"])
    assert read_golden(target).manifest["definition"] == "layer_norm"
    assert [path.name for path in tmp_path.iterdir()] == ["g"]
    (target / "notes.txt").write_text("mine")
    before = contents(target)
    with pytest.raises(SymnormError, match=r"it holds notes\.txt"):
        write_golden("batch_norm", target, **FEW)
    assert contents(target) == before


def test_it_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "g"
    write_golden("layer_norm", target, families=["ties"])
    before = contents(target)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(golden, "_manifest", full)
    for name in ("g", "h"):
        with pytest.raises(SymnormError, match="No space left"):
            write_golden("batch_norm", tmp_path / name, **FEW)
    assert contents(target) == before and [path.name for path in tmp_path.iterdir()] == ["g"]


@pytest.mark.parametrize("place", ["missing/deep", "file"])
def test_where_it_cannot_be_written(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(SymnormError, match="cannot write"):
        write_golden("layer_norm", tmp_path / place, **FEW)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_changed_or_lost_file_is_seen(tmp_path: Path) -> None:
    found = write_golden("layer_norm", tmp_path / "g", families=["ties"])
    path = tmp_path / "g" / found.manifest["vectors"][0]["directory"] / "y.hex"
    text = path.read_text()
    path.write_text(text[::-1])
    with pytest.raises(SymnormError, match="was changed"):
        read_golden(tmp_path / "g")
    path.unlink()
    with pytest.raises(SymnormError, match="is missing"):
        read_golden(tmp_path / "g")
    with pytest.raises(SymnormError, match="holds no golden vectors"):
        read_golden(tmp_path)


@pytest.mark.parametrize(("text", "says"), [("3f8\n", "line 1"), ("3f800000\n", "needs 2"), ("3f800000\nzz", "line 2")])
def test_hex_that_cannot_be_read(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "a.hex").write_text(text)
    with pytest.raises(SymnormError, match=says):
        read_hex(tmp_path / "a.hex", "float32", (2,))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_rounding_agrees_with_fractions(dtype: str) -> None:
    import mpmath

    rng = np.random.default_rng(1)
    info = np.finfo(dtype)
    neighbours = np.concatenate([rng.standard_normal(50), [0, 1, float(info.tiny) / 3, float(info.max)]]).astype(dtype)
    for number in neighbours:
        if number == info.max:
            continue
        up = np.nextafter(number, np.asarray(np.inf, dtype))
        with mpmath.workprec(2400):
            a, b = mpmath.mpf(float(number)), mpmath.mpf(float(up))
            for part, wanted in ((0.49, number), (0.51, up)):
                assert rounded(np.array(a + (b - a) * part, object), dtype) == wanted
            tie = rounded(np.array((a + b) / 2, object), dtype)
        even = [each for each in (number, up) if int(hex_of(np.array([each]))[0], 16) % 2 == 0]
        assert tie in even
    with mpmath.workprec(2400):
        assert rounded(np.array(mpmath.mpf(10) ** 400, object), dtype) == np.inf
