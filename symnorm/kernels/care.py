"""What a generated module does so that nothing overflows, vanishes or cancels before the formulas have seen it.

The text below the marker is pasted into every generated module after the prelude; it stands here as a module so that it
is linted, typed and tested like the rest. Nothing in symnorm imports it. The four tables are a module's own: what
:mod:`symnorm.kernels.licence` proved for its formulas, empty where nothing was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from symnorm.kernels.prelude import Grid

DEGREES: dict[str, int] = {"x": 1, "eps": 2, "mu": 1, "var": 2}  # a generated module has tables of its own
REACHES: dict[str, int] = {"eps": 2}
SCALED: tuple[str, ...] = ("C",)
SHIFTS: dict[str, int] = {"x": 1, "mu": 1}
HIGHEST = 2
CENTRED: tuple[str, ...] = ("N",)
MIDDLE = False
APART: tuple[tuple[str, ...], ...] = (("C",),)

# --- care: exact scaling, a second centring, exact sums; what licenses it is proved, see the docstring on top -----


class Careful:
    """NumPy with sums that are rounded once, along any axis."""

    def __getattr__(self, name: str) -> Any:
        """Everything else is NumPy's."""
        return getattr(np, name)

    def sum(self, value: Any, axis: tuple[int, ...], keepdims: bool = True) -> Any:
        """The first half of the elements is added to the second until one is left; what rounding lost is added last."""
        kept, lost = np.array(value), np.zeros_like(value)
        for at in axis:
            kept, lost = np.moveaxis(kept, at, 0), np.moveaxis(lost, at, 0)
            while len(kept) > 1:
                odd, half = len(kept) % 2, len(kept) // 2
                a, b = kept[odd : odd + half], kept[odd + half :]
                added = a + b
                other = added - a
                error = (a - (added - other)) + (b - other) + lost[odd : odd + half] + lost[odd + half :]
                kept, lost = np.concatenate([kept[:odd], added]), np.concatenate([lost[:odd], error])
            kept, lost = np.moveaxis(kept, 0, at), np.moveaxis(lost, 0, at)
        return np.where(np.isfinite(kept), kept + lost, kept)

    def mean(self, value: Any, axis: tuple[int, ...], keepdims: bool = True) -> Any:
        """The sum over the number of elements."""
        count = np.prod([np.shape(value)[at] for at in axis], dtype=int)
        return self.sum(value, axis) / value.dtype.type(count)


CAREFUL = Careful()


def careful(xp: Any) -> Any:
    """The namespace that computes: NumPy with careful sums, or the one that was passed in."""
    return CAREFUL if xp is np else xp


class Units(NamedTuple):
    """The formulas see an input less shift, times 2**(-exponent*degree); None where they see it as it is."""

    exponent: Any = None
    shift: Any = None

    def restored(self, name: str, value: Any) -> Any:
        """What a formula's value is in the units of the caller."""
        found = value
        if self.exponent is not None and name in DEGREES:
            found = np.ldexp(found, self.exponent * DEGREES[name])
        return found + SHIFTS[name] * self.shift if self.shift is not None and name in SHIFTS else found

    def gradients(self, output: str, found: Mapping[str, Any], factor: Any) -> dict[str, Any]:
        """The gradients in the units of the caller, of a cotangent that was divided by 2**factor, row by row or all."""
        done = {}
        for name, value in found.items():
            if any(many > 1 and many != own for many, own in zip(np.shape(factor), np.shape(value), strict=False)):
                continue  # it adds up rows, which are in different units
            degree = DEGREES.get(output, 0) - DEGREES.get(name, 0)
            by = factor + degree * self.exponent if self.exponent is not None and degree else factor
            done[name] = np.ldexp(value, by) if np.any(by) else value
        return done


Body = Callable[[Any], dict[str, Any]]


def pulled_back(
    body: Body, output: str, dy: Any, weights: Sequence[Any], units: Units, grid: Grid, xp: Any
) -> dict[str, Any]:
    """The gradients that a body makes of a cotangent, which is divided by powers of two first where it is far from 1.

    Gradients are linear in it. ``weights`` are what it is multiplied by, which may be far from 1 as well.
    """
    if xp is not np:
        return units.gradients(output, body(dy), 0)
    gradients: dict[str, Any] = {}
    for factor in factors(dy, weights, grid):
        found = units.gradients(output, body(np.ldexp(dy, -factor) if np.any(factor) else dy), factor)
        if not all(np.all(np.isfinite(value)) for value in found.values()):  # something on the way was too large
            lower = factor + np.int32(safe_range(dy.dtype) * 3 // 2)
            again = units.gradients(output, body(np.ldexp(dy, -lower)), lower)
            found = {name: np.where(np.isfinite(value), value, again[name]) for name, value in found.items()}
        gradients |= found
    return gradients


def factors(dy: Any, weights: Sequence[Any], grid: Grid) -> list[Any]:
    """The powers of two that a cotangent is divided by: one for all, then more and more where rows are far apart."""
    free, finest = safe_range(dy.dtype) * 3 // 4, [axis for axes in APART for axis in axes]
    dy, *weights = (_largest(one, grid.over(*(axis for axis in grid.axes if axis not in finest)))
                    for one in (dy, *weights))  # fmt: skip
    found: list[Any] = []
    for axes in ((), *APART):
        across = grid.over(*(axis for axis in grid.axes if axis not in axes))
        size: Any = exponents(_largest(dy, across))
        weight: Any = 0
        for one in weights:
            most = exponents(_largest(one, across))
            weight = weight + np.where(most < -(2**15), 0, most)
        weight = np.clip(weight, -2 * free, 2 * free)
        rows = np.where((np.abs(size) > free) | (np.abs(size + weight) > free), size + weight // 2, 0)
        seen = np.broadcast_to(size, rows.shape) > -(2**15)  # a row of zeros is in any units
        factor = np.where(seen, rows, found[-1] if found else 0).astype(np.int32)
        if not found or not np.all(factor == found[-1]):
            found.append(factor)
    return found


def safe_range(dtype: Any) -> int:
    """The power of two up to which, and down to which, powers of the highest degree are in range.

    Half of it is left to data, and the rest to what that is multiplied by.
    """
    return full_range(dtype) // HIGHEST if HIGHEST else 0


def full_range(dtype: Any) -> int:
    """The power of two up to which anything is in range that is still multiplied by something else."""
    return 800 if dtype == np.float64 else 80


def exponents(value: Any) -> Any:
    """The exponent of two of positive numbers, 0 for what is no number; very small for zero."""
    found = np.where(np.isfinite(value), np.frexp(value)[1], 0)
    return np.where(np.asarray(value) == 0, -(2**20), found)


def prepared(
    values: Mapping[str, Any], weights: Sequence[Any], grid: Grid, xp: Any
) -> tuple[dict[str, Any], Units]:
    """Inputs, the data first, as the formulas shall see them: centred twice, then scaled where they are far from 1.

    Where a weight is far from 1 they are scaled in any case, so that its product with them is not farther.
    """
    given = dict(values)
    if xp is not np:
        return given, Units()
    data = next(iter(given))
    dtype = given[data].dtype
    free, across = safe_range(dtype) // 2, grid.over(*(axis for axis in grid.axes if axis not in SCALED))
    weighty = any(np.any(_beyond(exponents(np.abs(one)), free)) for one in weights)
    free = 0 if weighty else free
    natural = {name: np.asarray(value) for name, value in given.items()}
    before, shift = np.int32(0), None
    if CENTRED:
        if DEGREES:  # the mean must not overflow, nor lose the digits of tiny numbers
            before = _beyond(exponents(_largest(natural[data], across)), free)
        for name in SHIFTS:
            if name in natural and np.any(before):
                natural[name] = np.ldexp(natural[name], -before)
        along = grid.over(*CENTRED)
        shift, beside = dtype.type(0), [name for name in SHIFTS if name in natural and name != data]
        for centre in [_middle] if MIDDLE else [CAREFUL.mean, CAREFUL.mean]:
            before_that = natural[data]
            part = centre(before_that, along)
            natural[data] = before_that - part
            if beside:  # they are less what the data's mean is less, which rounding changes
                part = part + CAREFUL.mean(_rounded_off(before_that, part, natural[data]), along)
            natural |= {name: natural[name] - SHIFTS[name] * part for name in beside}
            shift = shift + part
        given |= {name: natural[name] for name in SHIFTS if name in natural}
        shift = np.ldexp(shift, before)
    units = {name: before if CENTRED and name in SHIFTS else 0 for name in natural}
    sizes = {name: -((-exponents(_largest(natural[name], across)) - units[name]) // DEGREES[name])
             for name in (data, *REACHES) if DEGREES.get(name, 0) > 0 and name in natural}  # fmt: skip
    exponent = _beyond(sizes.pop(data), free) if sizes else before
    for name, size in sizes.items():  # the data's own, but what is larger must stay in range
        exponent = np.maximum(exponent, size - full_range(dtype) // max(REACHES[name], 1) // (1 + weighty))
    if not np.any(exponent) and not np.any(before):
        return given, Units(None, shift)
    for name, degree in DEGREES.items():
        if name in natural:
            given[name] = np.ldexp(natural[name], units[name] - degree * exponent).astype(dtype)
    return given, Units(exponent, shift)


def _largest(value: Any, across: tuple[int, ...]) -> Any:
    """The largest magnitude of an array across dimensions; a number's own."""
    return np.max(np.abs(value), axis=across, keepdims=True) if value.ndim else np.abs(value)


def _middle(value: Any, along: tuple[int, ...]) -> Any:
    """An element in the middle of each row, 0 where that is no farther away than the others are from it.

    Where formulas subtract means over other axes too, the row's own is not to be trusted: an outlier moves it so far
    that elements lose their digits. What is less an element of its own neighbourhood keeps them.
    """
    middle = np.quantile(value, 0.5, axis=along, method="lower", keepdims=True)
    around = CAREFUL.mean(np.abs(value - middle), along)
    return np.where(np.abs(middle) <= around, value.dtype.type(0), middle)


def _rounded_off(a: Any, b: Any, difference: Any) -> Any:
    """What a difference of two numbers has lost, exactly."""
    found = a - difference
    return (a - (difference + found)) + (found - b)


def _beyond(exponent: Any, free: int) -> Any:
    """How far exponents are beyond the free range, 0 for those within it and for zeros."""
    past = np.sign(exponent) * np.maximum(np.abs(exponent) - free, 0)
    return np.where(exponent < -(2**15), 0, past).astype(np.int32)
