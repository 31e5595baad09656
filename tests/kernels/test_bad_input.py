"""Bad input, for every normalizer in all modes and styles: the error names the argument, and nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from symnorm.check.families import FAMILIES, Case, case
from symnorm.errors import SymnormError, Unsupported
from symnorm.kernels import Kernel, kernel
from symnorm.normalizers import REGISTRY

Array = np.ndarray[Any, np.dtype[Any]]


@cache
def made(name: str, mode: str, style: str) -> tuple[Kernel, Case]:
    found = kernel(name, mode, style=style)
    return found, case(FAMILIES[0], found.plan, 0)


def every() -> Iterator[tuple[str, str, str]]:
    for name, found in REGISTRY.items():
        for mode in ("training", *found.modes):
            for style in ("reference", "fast"):
                try:
                    made(name, mode, style)
                except Unsupported:
                    continue
                yield name, mode, style


EVERY = list(every())


def read_only(array: Array) -> Array:
    array = array.copy()
    array.flags.writeable = False
    return array


WRONG_ARRAYS: dict[str, Callable[[Array], Any]] = {
    "one axis more": lambda a: a[..., None] if a.ndim == 1 else a[None][None][None, ..., None],
    "no axis": lambda a: np.float64(1.0),
    "other precision": lambda a: a.astype("float32"),
    "integers": lambda a: np.ones(a.shape, int),
    "booleans": lambda a: np.ones(a.shape, bool),
    "objects": lambda a: a.astype(object),
    "complex": lambda a: a.astype(complex),
    "words": lambda a: a.astype(str),
    "ragged list": lambda a: [[1.0, 2.0], [1.0]],
    "list of integers": lambda a: np.ones(a.shape, int).tolist(),
    "nothing": lambda a: None,
    "empty": lambda a: np.zeros((0, *a.shape[1:])),
    "masked": lambda a: np.ma.masked_less(a, 0),
    "a dict": lambda a: {"x": a},
}
OF_ALL = ("one axis more", "other precision")
NUMBERS_TOO = ("no axis", "objects", "list of integers")
WRONG_NUMBERS: dict[str, Any] = {
    "nothing": None, "array": np.ones(2), "word": "0", "truth": True, "complex": 1j, "list": [1.0], "object": object(),
}  # fmt: skip
WRONG_OUTS: dict[str, Callable[[Array], Any]] = {
    "one row more": lambda a: np.full((a.shape[0] + 1, *a.shape[1:]) if a.ndim else (1,), 7.0),
    "one axis more": lambda a: np.full((*a.shape, 1), 7.0),
    "other precision": lambda a: np.full(a.shape, 7.0, "float32"),
    "integers": lambda a: np.full(a.shape, 7),
    "read-only": lambda a: read_only(np.full(a.shape, 7.0)),
    "list": lambda a: a.tolist(),
    "number": lambda a: 7.0,
    "nothing": lambda a: None,
}


def names_it(error: SymnormError, argument: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(argument)}(?!\w)", str(error)) is not None


@pytest.mark.parametrize(("name", "mode", "style"), EVERY)
def test_forward_names_what_does_not_fit(name: str, mode: str, style: str) -> None:
    found, drawn = made(name, mode, style)
    given = {**drawn.arrays, **drawn.scalars, **drawn.options}
    y, _ = found.forward(**given)
    out = np.full_like(y, 7.0)
    wrong = [(key, kind, change(array)) for key, array in drawn.arrays.items() for kind, change in WRONG_ARRAYS.items()
             if not (kind == "other precision" and len(drawn.arrays) == 1)
             and not (kind in NUMBERS_TOO and not array.ndim)]  # fmt: skip
    wrong += [(key, kind, value) for key in found.plan.numbers for kind, value in WRONG_NUMBERS.items()
              if not (kind == "nothing" and key == "momentum")]  # fmt: skip - it leaves running statistics alone
    wrong += [("threads", "none", 0), ("threads", "a word", "two"), ("threads", "part of one", 1.5)]
    for key, kind, value in wrong:
        try:
            found.forward(**{**given, "out": out, key: value})
        except SymnormError as error:
            # the data say what all others have to be, so it is another that does not fit
            others = (*drawn.arrays, "out") if key == found.plan.data and kind in OF_ALL else ()
            assert any(names_it(error, one) for one in (key, *others)), (key, kind, str(error))
        else:
            pytest.fail(f"{key}: {kind} is taken")
        assert np.all(out == 7), (key, kind)


@pytest.mark.parametrize(("name", "mode", "style"), EVERY)
def test_out_names_what_cannot_be_written(name: str, mode: str, style: str) -> None:
    found, drawn = made(name, mode, style)
    given = {**drawn.arrays, **drawn.scalars, **drawn.options}
    y, saved = found.forward(**given)
    gradients = found.backward(drawn.cotangent, saved)
    for kind, change in WRONG_OUTS.items():
        if kind != "nothing":
            with pytest.raises(SymnormError, match=rf"out for {found.plan.output} "):
                found.forward(**given, out=change(y))
        for key, gradient in gradients.items():
            room: dict[str, Any] = {other: np.full(np.shape(value), 7.0) for other, value in gradients.items()}
            with pytest.raises(SymnormError, match=rf"out for {key} "):
                found.backward(drawn.cotangent, saved, out={**room, key: change(np.asarray(gradient))})
            assert all(np.all(array == 7) for other, array in room.items()), (kind, key)
    for function, first in ((found.forward, ()), (found.backward, (drawn.cotangent, saved))):
        with pytest.raises(SymnormError, match="out has 'nobody'"):
            function(*first, **({} if first else given), out={"nobody": np.zeros(y.shape)})


@pytest.mark.parametrize(("name", "mode", "style"), EVERY)
def test_out_shares_no_memory_with_what_is_read(name: str, mode: str, style: str) -> None:
    found, drawn = made(name, mode, style)
    given = {**drawn.arrays, **drawn.scalars, **drawn.options}
    y, saved = found.forward(**given)
    for key, array in drawn.arrays.items():
        if array.shape == y.shape:
            before = array.copy()
            try:  # where backward does not need the data, its memory may be used again
                there, _ = found.forward(**{**given, "out": array})
            except SymnormError as error:
                assert names_it(error, "out") and np.array_equal(array, before), key
            else:
                assert np.array_equal(there, y), key
            array[...] = before
    gradients = found.backward(drawn.cotangent, saved)
    for key, gradient in gradients.items():
        for source, array in {**drawn.arrays, found.plan.cotangent: drawn.cotangent}.items():
            if np.shape(array) != np.shape(gradient) or not np.shape(array):
                continue
            before = array.copy()
            try:
                there = found.backward(drawn.cotangent, saved, out={key: array})
            except SymnormError as error:
                assert names_it(error, "out") and np.array_equal(array, before), (key, source)
            else:
                assert all(np.array_equal(there[other], gradients[other]) for other in gradients), (key, source)
            array[...] = before


@pytest.mark.parametrize(("name", "mode", "style"), EVERY)
def test_backward_names_what_does_not_fit(name: str, mode: str, style: str) -> None:
    found, drawn = made(name, mode, style)
    y, saved = found.forward(**drawn.arrays, **drawn.scalars, **drawn.options)
    room = {key: np.full(np.shape(value), 7.0) for key, value in found.backward(drawn.cotangent, saved).items()}
    dy = found.plan.cotangent
    for kind, change in WRONG_ARRAYS.items():
        with pytest.raises(SymnormError, match=rf"(?<!\w){dy}(?!\w)"):
            found.backward(change(drawn.cotangent), saved, out=room)
        assert all(np.all(array == 7) for array in room.values()), kind
    for other in (None, y, tuple(saved), made("rms_norm", "training", "reference")[0]):
        with pytest.raises(SymnormError, match=r"(?<!\w)saved(?!\w)"):
            found.backward(drawn.cotangent, other, out=room)
    with pytest.raises(SymnormError, match="threads"):
        found.backward(drawn.cotangent, saved, out=room, threads=0)
    assert all(np.all(array == 7) for array in room.values())
