"""The places where definitions of one normalizer differ, each as one function that a definition is written with.

A paper's definition passes nothing here and reads as in the paper; a convention (:mod:`symnorm.normalizers.convention`)
passes other options. What a function names on the way (``std``, ``s``) becomes an equation of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symnorm.errors import NameUnknown
from symnorm.normalizers.naming import named
from symnorm.tensors import Axis, Tensor, as_tensor, maximum, sign, sqrt, total

UNDER, FLOOR_UNDER, BESIDE, FLOOR, ONE_AT_ZERO = "under", "floor under", "beside", "floor", "one at zero"

INSIDE: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    UNDER: lambda square, eps: square + eps,
    FLOOR_UNDER: lambda square, eps: named("floored", maximum(square, eps)),
    # as the floor of the root; but the root has no slope at 0, and this has
    FLOOR: lambda square, eps: named("floored", maximum(named("square", square), eps**2)),
}
"""What stands under the root, from a mean or a sum of squares and eps, which is not negative."""

OUTSIDE: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    BESIDE: lambda length, eps: length + eps,
    FLOOR: maximum,
    ONE_AT_ZERO: lambda length, eps: length + (1 - sign(length)),
}
"""What is divided by, from a length that is no root, and eps."""


def root(square: Tensor, eps: Tensor | None = None, eps_at: str = UNDER, called: str = "std") -> Tensor:
    """The divisor of a standardization: ``sqrt(var + eps)``, or what a convention has in its place.

    Args:
        square: a variance, or a sum of squares.
        eps: what keeps the divisor from 0; the plain root where there is none.
        eps_at: ``under`` the root, ``floor under`` it (``sqrt(max(var, eps))``), or as in :func:`guarded`.
        called: what the plain root is called, where it is not what is divided by.

    Raises:
        NameUnknown: another place.

    Example:
        >>> from symnorm.tensors import scalar
        >>> v, eps = scalar("v", nonnegative=True), scalar("eps", positive=True)
        >>> root(v, eps).expr, root(v, eps, "floor").expr
        (sqrt(eps + v), sqrt(maximum(v, eps**2)))
    """
    if eps_at in INSIDE:
        return sqrt(square if eps is None else INSIDE[eps_at](square, eps))
    return guarded(sqrt(square), eps, eps_at, called)


def euclidean(vector: Tensor, over: Axis, eps: Tensor | None = None, eps_at: str = UNDER) -> Tensor:
    """The Euclidean length of a vector along an axis, or what a convention divides by in its place; as :func:`root`.

    Example:
        >>> from symnorm.tensors import axes, tensor
        >>> (K,) = axes("K")
        >>> euclidean(tensor("v", K), over=K)
        sqrt(sum(v**2))
    """
    return root(total(vector**2, over=over), eps, eps_at, called="length")


def guarded(length: Tensor, eps: Tensor | None = None, eps_at: str = FLOOR, called: str = "length") -> Tensor:
    """A length that can be divided by: eps ``beside`` it, or as its ``floor``, or ``one at zero``, which takes no eps.

    Args:
        length: what is not negative.
        eps: what keeps it from 0; it is divided by as it is where there is none.
        eps_at: which of these.
        called: what the plain length is called, where it is not what is divided by; nothing if it has a name.

    Raises:
        NameUnknown: another place.

    Example:
        >>> from symnorm.tensors import scalar
        >>> guarded(scalar("l", nonnegative=True), scalar("eps", positive=True)).expr
        maximum(l, eps)
    """
    if eps_at not in OUTSIDE:
        raise NameUnknown("place of eps", eps_at, {**INSIDE, **OUTSIDE})
    if eps is None and eps_at != ONE_AT_ZERO:
        return length
    plain = named(called, length) if called else length
    return named("s", OUTSIDE[eps_at](plain, as_tensor(0) if eps is None else eps))


def unit(vector: Tensor, over: Axis, eps: Tensor | None = None, eps_at: str = FLOOR, called: str = "length") -> Tensor:
    """A vector over its Euclidean length, or over what a convention has in its place.

    Args:
        vector: any tensor.
        over: the axis that the vector runs along.
        eps: what keeps the divisor from 0; the plain length where there is none.
        eps_at: as in :func:`root`.
        called: what is divided by, where it is not the plain length.

    Example:
        >>> from symnorm.tensors import axes, scalar, tensor
        >>> (K,) = axes("K")
        >>> unit(tensor("v", K), K, scalar("eps"), called="size")
        v/size
    """
    square = total(vector**2, over=over)
    if eps is None or eps_at not in OUTSIDE:
        return vector / root(square, eps, eps_at)
    return vector / named(called, OUTSIDE[eps_at](sqrt(square), eps))


def moved(old: Tensor, new: Tensor, momentum: Tensor, keeps: bool = False) -> Tensor:
    """A running statistic that takes in a new one.

    Args:
        old: its value so far.
        new: the statistic of this batch.
        momentum: a weight.
        keeps: whether it is the weight of the old value; otherwise that of the new one.

    Example:
        >>> from symnorm.tensors import scalar
        >>> moved(scalar("old"), scalar("new"), scalar("m"), keeps=True).expr
        m*old + new*(1 - m)
    """
    return momentum * old + (1 - momentum) * new if keeps else (1 - momentum) * old + momentum * new


def corrected(variance: Tensor, over: Axis | tuple[Axis, ...], ddof: int = 0) -> Tensor:
    """A variance with divisor N as one with divisor N - ddof.

    Example:
        >>> from symnorm.tensors import axes, scalar
        >>> (N,) = axes("N")
        >>> corrected(scalar("v"), over=N, ddof=1).expr
        N*v/(N - 1)
    """
    size = sp.Mul(*[axis.size for axis in ((over,) if isinstance(over, Axis) else over)])
    return variance if ddof == 0 else as_tensor(size) / as_tensor(size - ddof) * variance
