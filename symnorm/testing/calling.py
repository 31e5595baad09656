"""How a user's own functions are called: every argument by its name, whatever comes back put under names.

A forward or backward function is asked for no base class and no registration. It is given what its parameters name
and nothing else:

- the normalizer's inputs by their names in the definition (``x``, ``gamma``, ``beta``, ``eps``), ``axis`` or
  ``groups`` where its layout has them,
- for backward besides the cotangent (``dy``), the output (``y``), and ``saved``, what forward returned after it.

A parameter that has another name goes through :func:`named`. Called by :mod:`symnorm.testing.matching`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple

from symnorm.errors import NameUnknown, ShapeError
from symnorm.kernels import Kernel, Plan

Function = Callable[..., Any]
SAVED = "saved"


def named(function: Function, **names: str) -> Function:
    """A function whose parameters have other names than the definition's inputs.

    Args:
        function: any callable.
        names: its parameter, and what the definition calls it.

    Example:
        >>> def my_norm(input, weight, bias, epsilon): return input * weight + bias
        >>> list(inspect.signature(named(my_norm, input="x", weight="gamma", bias="beta", epsilon="eps")).parameters)
        ['x', 'gamma', 'beta', 'eps']
    """
    parameters = parameters_of(function)
    for name in names:
        if name not in parameters:
            raise NameUnknown(f"parameter of {label(function)}", name, parameters)
    back = {new: old for old, new in names.items()}

    @wraps(function)
    def renamed(**given: Any) -> Any:
        mine = {back.get(name, name): value for name, value in given.items()}
        positional = [mine.pop(name) for name in parameters if parameters[name].kind is _POSITIONAL and name in mine]
        return function(*positional, **mine)

    shown = [
        parameter.replace(name=names.get(name, name), kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
        for name, parameter in parameters.items()
        if parameter.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    ]
    others = [parameter for parameter in parameters.values() if parameter.kind is inspect.Parameter.VAR_KEYWORD]
    renamed.__signature__ = inspect.Signature([*sorted(shown, key=_has_default), *others])  # type: ignore[attr-defined]
    return renamed


def parameters_of(function: Function) -> Mapping[str, inspect.Parameter]:
    """What a function says that it takes.

    A generated kernel's method says what its module's function does, a PyTorch module what its ``forward`` does.
    """
    kernel = getattr(function, "__self__", None)
    says = getattr(kernel.module, function.__name__) if isinstance(kernel, Kernel) else function
    return inspect.signature(getattr(says, "forward", says)).parameters


def _has_default(parameter: inspect.Parameter) -> bool:
    return parameter.default is not inspect.Parameter.empty


_POSITIONAL = inspect.Parameter.POSITIONAL_ONLY


def torch_kernel(function: Function) -> tuple[Function, Function]:
    """Forward and backward of a function of PyTorch tensors, the backward by PyTorch's own autograd.

    Args:
        function: takes tensors by the definition's names (:func:`named`), and numbers; a module does, too. Returns the
            output, or a dict: first the output, then new running statistics by name.

    Example:
        >>> forward, backward = torch_kernel(lambda x, gamma, beta, eps: x)
        >>> list(inspect.signature(forward).parameters)
        ['x', 'gamma', 'beta', 'eps']
    """

    def forward(**given: Any) -> Any:
        import numpy as np
        import torch

        tensors = {
            name: torch.tensor(value, requires_grad=True) if isinstance(value, np.ndarray) else value
            for name, value in given.items()
        }
        made = function(**tensors)
        (_, y), *others = made.items() if isinstance(made, Mapping) else (("y", made),)
        updates = {name: value.detach().numpy() for name, value in others}
        return y.detach().numpy(), Recorded(y, tensors, updates)

    def backward(**given: Any) -> dict[str, Any]:
        import torch

        saved: Recorded = given[SAVED]
        (cotangent,) = (value for name, value in given.items() if name != SAVED)
        leaves = {name: value for name, value in saved.tensors.items() if isinstance(value, torch.Tensor)}
        found = torch.autograd.grad(saved.y, list(leaves.values()), torch.tensor(cotangent), allow_unused=True)
        pairs = zip(leaves.items(), found, strict=True)
        return {name: (torch.zeros_like(leaf) if value is None else value).numpy() for (name, leaf), value in pairs}

    forward.__signature__ = inspect.Signature(list(parameters_of(function).values()))  # type: ignore[attr-defined]
    backward.__symnorm_takes__ = COTANGENT_AND_SAVED  # type: ignore[attr-defined]
    return forward, backward


class Recorded(NamedTuple):
    """What PyTorch's backward needs: the output and the inputs as tensors; and the new running statistics."""

    y: Any
    tensors: Mapping[str, Any]
    updates: Mapping[str, Any]


COTANGENT_AND_SAVED = "the cotangent and saved"


@dataclass(frozen=True)
class Calls:
    """A user's forward and backward for one plan.

    Args:
        plan: the formulas that they ought to compute.
        forward: the user's.
        backward: the user's, or None.
        fixed: numbers that stand in for inputs which forward does not take (``{"gamma": 1, "beta": 0}``).
        wrt: the inputs whose gradients backward returns; all if empty.

    Raises:
        ShapeError: a parameter that is no input, or an input that has no parameter and no number in its place.
    """

    plan: Plan
    forward: Function
    backward: Function | None
    fixed: Mapping[str, float]
    wrt: tuple[str, ...]

    def __post_init__(self) -> None:
        plan = self.plan
        for name in self.fixed:
            if name not in plan.declared:
                raise NameUnknown(f"input of {plan.name}", name, plan.declared)
        for name in self.wrt:
            if name not in plan.results:
                raise NameUnknown(f"input of {plan.name} that has a gradient", name, plan.results)
        takes = self._takes(self.forward, self._inputs)
        missing = [name for name in self._needed if name not in takes and name not in self.fixed]
        if missing:
            raise ShapeError(
                f"{label(self.forward)} takes {', '.join(takes) or 'nothing'} and lacks {', '.join(missing)} of "
                f"{plan.name}; give it the parameter, name one with named(), or hold it with "
                f"fixed={{{missing[0]!r}: 1.0}}"
            )
        if self.backward is not None:
            self._takes(self.backward, self._of_backward)

    @property
    def _needed(self) -> list[str]:
        """The inputs that every call has to settle: arrays, and numbers without a default."""
        plan = self.plan
        optional = {*plan.defaults, *plan.only_updates}
        return [name for name in plan.declared if name not in optional]

    @property
    def _inputs(self) -> list[str]:
        layout = self.plan.layout
        return [*self.plan.declared, *["axis"] * layout.takes_axis, *["groups"] * layout.takes_groups]

    @property
    def _of_backward(self) -> list[str]:
        return [*self._inputs, self.plan.output, self.plan.cotangent, SAVED]

    @property
    def gradients(self) -> tuple[str, ...]:
        """The inputs whose gradients are compared."""
        wanted = self.wrt or tuple(name for name in self.plan.results if name not in self.fixed)
        return wanted if self.backward is not None else ()

    @property
    def told(self) -> dict[str, float]:
        """The definition's defaults that forward is given, since it takes them and has none of its own."""
        own = _defaults(self.forward)
        numbers = {name: value for name, value in self.plan.defaults.items() if name in self.plan.numbers}
        return {name: value for name, value in numbers.items() if self.takes(name) and name not in own}

    def takes(self, name: str) -> bool:
        """Whether forward is told an input."""
        return name in self._takes(self.forward, self._inputs) and name not in self.fixed

    def _takes(self, function: Function, known: list[str]) -> list[str]:
        if getattr(function, "__symnorm_takes__", "") == COTANGENT_AND_SAVED:
            return [self.plan.cotangent, SAVED]
        try:
            parameters = parameters_of(function).values()
        except (TypeError, ValueError):
            who = label(function)
            raise ShapeError(f"{who} does not say its parameters; wrap it in a def that names them") from None
        found = []
        for parameter in parameters:
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                return known
            if parameter.name in known and parameter.kind is not _POSITIONAL:
                found.append(parameter.name)
            elif not _has_default(parameter) and parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
                likely = self.plan.cotangent if self.plan.cotangent in known else known[0]
                raise ShapeError(
                    f"{label(function)} has a parameter {parameter.name!r}; for {self.plan.name} it may take "
                    f"{', '.join(known)}. Name it with named(function, {parameter.name}={likely!r})"
                )
        return found

    def call(self, given: Mapping[str, Any], cotangent: Any) -> dict[str, Any]:
        """The results of both functions by name: ``y``, running statistics, ``dx``, ``dgamma``, ...

        Raises:
            ShapeError: results that cannot be told apart.
        """
        plan = self.plan
        made = self.forward(**self._told(self.forward, self._inputs, {**given}))
        y: Any = made
        saved: Any = None
        more: Mapping[str, Any] = {}
        if isinstance(made, Mapping):
            y, more, saved = _entry(made, plan.output, label(self.forward)), made, made
        elif isinstance(made, tuple) and made:
            y, saved = made[0], made[1] if len(made) == 2 else made[1:]
            more = getattr(saved, "updates", {})
        found = {plan.output: y, **{name: more[name] for name in plan.updates if name in more}}
        if self.backward is None:
            return found
        every = {**given, plan.output: _copy(y), plan.cotangent: _copy(cotangent), SAVED: saved}
        back = self.backward(**self._told(self.backward, self._of_backward, every))
        return found | {f"d{name}": value for name, value in self._named_gradients(back).items()}

    def _told(self, function: Function, known: list[str], given: Mapping[str, Any]) -> dict[str, Any]:
        """What a function is given: what it names; a default of the definition where it has none of its own."""
        own = _defaults(function)
        every = {**{name: value for name, value in self.plan.defaults.items() if name not in own}, **given}
        names = [name for name in self._takes(function, known) if name in every and name not in self.fixed]
        return {name: _copy(every[name]) for name in names}

    def _named_gradients(self, back: Any) -> dict[str, Any]:
        wanted, who = self.gradients, label(self.backward)
        if isinstance(back, Mapping):
            return {name: back[f"d{name}"] if f"d{name}" in back else _entry(back, name, who) for name in wanted}
        values = back if isinstance(back, tuple | list) else (back,)
        if len(values) != len(wanted):
            names = ", ".join(f"d{name}" for name in wanted)
            raise ShapeError(
                f"{who} returned {len(values)} arrays where {names} are compared; return a dict, "
                f"or say with wrt=(...) which they are"
            )
        return dict(zip(wanted, values, strict=True))


def _defaults(function: Function) -> set[str]:
    """The parameters that may be left out."""
    if getattr(function, "__symnorm_takes__", ""):
        return set()
    return {name for name, each in parameters_of(function).items() if _has_default(each)}


def _entry(found: Mapping[str, Any], name: str, who: str) -> Any:
    if name not in found:
        raise NameUnknown(f"result of {who}", name, map(str, found))
    return found[name]


def _copy(value: Any) -> Any:
    """An array of the caller's own, so that a function that writes on its inputs spoils nothing."""
    import numpy as np

    return value.copy() if isinstance(value, np.ndarray) else value


def label(function: Any) -> str:
    """What a message calls a function."""
    return getattr(function, "__name__", type(function).__name__)


def has_parameter(function: Function, name: str) -> bool:
    """Whether a function says that it takes a parameter of a name."""
    return name in parameters_of(function)
