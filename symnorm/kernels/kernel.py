"""Kernels: a normalizer's generated module, called with symnorm's own errors.

In comes a normalizer, out comes a :class:`Kernel`. The module that runs is the text in ``source``, to the byte.
"""

from __future__ import annotations

import inspect
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from symnorm.errors import NameUnknown, ShapeError
from symnorm.kernels.generate import STYLES, generate
from symnorm.kernels.load import load
from symnorm.kernels.plan import Plan, plan
from symnorm.normalizers import Normalizer, find
from symnorm.tensors import Tensor


@dataclass(frozen=True, eq=False)
class Kernel:
    """Forward and backward of a normalizer in NumPy.

    Attributes:
        plan: the formulas.
        source: the module's text, which needs NumPy only.
    """

    plan: Plan
    source: str

    @property
    def name(self) -> str:
        """The normalizer's dotted name."""
        return self.plan.name

    @cached_property
    def module(self) -> ModuleType:
        """The module of the source."""
        return load(self.source, self.name)

    def forward(self, *tensors: Any, **named: Any) -> tuple[Any, Any]:
        """``(y, saved)``: the output, and what :meth:`backward` needs.

        Args:
            tensors: the tensors in the order of the definition.
            named: tensors and scalars by name; ``out``, ``threads``, ``check_finite``, ``xp``, ``axis`` or ``groups``
                where the layout has them, as the docstring of the generated function says.

        Raises:
            NameUnknown: a keyword that the kernel does not have.
            ShapeError: an argument that is missing or does not fit; the message names it, its shape and the rule.
        """
        return self._call(self.module.forward, tensors, named)  # type: ignore[no-any-return]

    def backward(self, *tensors: Any, **named: Any) -> dict[str, Any]:
        """The derivatives of the loss by the differentiable inputs, by name.

        Args:
            tensors: the output's cotangent, and what :meth:`forward` saved.
            named: ``out``, a dict of arrays; ``threads``, ``check_finite``, ``xp``.

        Raises:
            NameUnknown, ShapeError: as :meth:`forward`.
        """
        return self._call(self.module.backward, tensors, named)  # type: ignore[no-any-return]

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the source to a file, whole or not at all."""
        target = Path(path)
        beside = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            with beside.open("x", encoding="utf-8", newline="\n") as file:
                file.write(self.source)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    @cached_property
    def _signatures(self) -> dict[str, inspect.Signature]:
        return {name: inspect.signature(getattr(self.module, name)) for name in ("forward", "backward")}

    def _call(self, function: Any, tensors: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        signature = self._signatures[function.__name__]
        for name in named:
            if name not in signature.parameters:
                raise NameUnknown(f"argument of {self.name}'s {function.__name__}", name, signature.parameters)
        try:
            signature.bind(*tensors, **named)
        except TypeError as error:
            declared = {name: tuple(a.name for a in node.axes) for name, node in self.plan.declared.items()}
            needs = ", ".join(f"{name} over ({', '.join(axes)})" for name, axes in declared.items() if axes)
            raise ShapeError(f"{self.name}'s {function.__name__}: {error}; it takes {needs}") from None
        try:
            return function(*tensors, **named)
        except self.module.BadInput as error:
            raise ShapeError(f"{self.name}: {error}") from None

    def __repr__(self) -> str:
        return f"<kernel {self.name}: {len(self.source.splitlines())} lines>"


def kernel(
    name: str | Normalizer,
    mode: str = "training",
    gradients: Mapping[str, Tensor] | None = None,
    style: str = "reference",
) -> Kernel:
    """The kernel of a normalizer.

    Args:
        name: a normalizer or its name.
        mode: ``training``, ``inference`` or another mode of the normalizer.
        gradients: closed forms by input; derived and proved where they are not given.
        style: ``reference``, what a book would print, or ``fast``, the same block by block in the cache.

    Raises:
        NameUnknown: no such normalizer, mode or style.
        Unsupported: a formula that arrays laid out like this, or this style, cannot express.

    Example:
        >>> import numpy as np
        >>> k = kernel("layer_norm")
        >>> y, saved = k.forward(np.array([[1.0, 3.0]]), gamma=np.ones(2), beta=np.zeros(2), eps=0.0)
        >>> y
        array([[-1.,  1.]])
        >>> k.backward(np.array([[1.0, 2.0]]), saved)["beta"]
        array([1., 2.])
    """
    normalizer = (find(name) if isinstance(name, str) else name).mode(mode)
    if gradients is None:
        from symnorm.closed_form import gradients as derive

        gradients = {key: form.tensor for key, form in derive(normalizer).items()}
    return of_plan(plan(normalizer, gradients), style)


def of_plan(found: Plan, style: str = "reference") -> Kernel:
    """The kernel of a plan.

    Raises:
        NameUnknown: no such style.
        Unsupported: a formula that arrays laid out like this, or this style, cannot express.
    """
    if style not in STYLES:
        raise NameUnknown("style", style, STYLES)
    return Kernel(found, generate(found, style))
