"""What a normalizer is: declared inputs, named equations in order, and how its axes lie in an array.

A definition is an ordinary function over tensors. Its parameters' default values are the declared inputs; its body
reads like the paper; it returns :func:`equations`, which names the quantities::

    @normalizer(title="Batch normalization", source="...", layout="N C N*", constants=("eps",))
    def batch_norm(x=tensor("x", N, C), gamma=tensor("gamma", C), beta=tensor("beta", C), eps=scalar("eps")):
        mu    = mean(x, over=N)
        var   = mean((x - mu) ** 2, over=N)
        x_hat = (x - mu) / sqrt(var + eps)
        y     = gamma * x_hat + beta
        return equations(mu=mu, var=var, x_hat=x_hat, y=y)

Keyword-only parameters are options (``*, ddof: int = 0``): where conventions differ. Their defaults are the paper's;
:meth:`Normalizer.convention` gives the definition under other ones.

A definition can be called with other expressions: ``batch_norm(a * x, eps=a**2 * eps)`` is the output of that instance,
and what is left out keeps its declared symbol. This stage is passive: gradients, proofs and kernels are made of it by
later ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import sympy as sp

from symnorm.errors import AxisError, NameUnknown, SymnormError
from symnorm.normalizers.naming import Equations, equations, opaque
from symnorm.tensors import Tensor, as_tensor

__all__ = ["PAPER", "REGISTRY", "Convention", "Equations", "Normalizer", "equations", "normalizer"]

Body = Callable[..., Equations]


PAPER = "paper"


@dataclass(frozen=True)
class Convention:
    """How somebody else means the same normalizer: what the body is called with in place of the paper's own choices.

    Attributes:
        name: ``torch``, ``onnx``, ...
        source: the documentation that says so.
        options: values of the body's options and inputs. A tensor is an input: in place of a declared one of that name
            (``gamma`` over other axes), or as one more constant (``eps`` where the paper has none).
        defaults: values that a kernel takes when a constant is left out; ``None`` for none. ``axis`` is one, too.
        layout: the first input's array dimensions, where they are others.
        remarks: what no formula shows.
        modes: the modes that it has, where it does not have all of them.
    """

    name: str
    source: str
    options: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    layout: str = ""
    remarks: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Normalizer:
    """A normalizer: declared inputs, a body of equations, and what a reader has to know about both.

    Attributes:
        name: its dotted name.
        title: its name in words.
        source: paper and section of the definition.
        layout: the first input's array dimensions in order: an axis name is one dimension, ``S*`` any number.
        constants: inputs that no gradient is taken of (eps, momentum, running statistics).
        defaults: values that a kernel takes when a constant is left out.
        inverts: equations solved for an input in the textbook form, ``{"x_hat": "x"}``.
        reuses: inputs and named equations whose gradient the textbook form of the others is written with, in order.
        modes: other modes by name, such as inference.
        declared_conventions: what other conventions than the paper's there are, of this or of other modes.
        under: the convention that this is the definition under; None for the paper's.
        papers: the paper's definition, where this is another convention of it.
    """

    name: str
    title: str
    source: str
    body: Body
    layout: str
    constants: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    inverts: Mapping[str, str] = field(default_factory=dict)
    reuses: tuple[str, ...] = ()
    modes: dict[str, Normalizer] = field(default_factory=dict)
    declared_conventions: dict[str, Convention] = field(default_factory=dict)
    under: Convention | None = None
    papers: Normalizer | None = None
    _under: dict[str, Normalizer] = field(default_factory=dict, repr=False)

    @property
    def conventions(self) -> dict[str, Convention]:
        """The other conventions than the paper's that this mode has."""
        mode = self.name.partition("@")[0].partition(".")[2] or "training"
        return {name: one for name, one in self.declared_conventions.items() if mode in (one.modes or (mode,))}

    @cached_property
    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.body).parameters

    @cached_property
    def _chosen(self) -> dict[str, Any]:
        """What the convention chooses, of what this body knows."""
        wanted = self.under.options if self.under else {}
        return {name: value for name, value in wanted.items() if name in self._parameters}

    @cached_property
    def inputs(self) -> dict[str, Tensor]:
        """The declared inputs by name, in order; what a convention adds comes last."""
        declared = {
            name: self._chosen.get(name, parameter.default)
            for name, parameter in self._parameters.items()
            if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        }
        return declared | {name: value for name, value in self._chosen.items() if isinstance(value, Tensor)}

    @cached_property
    def options(self) -> dict[str, Any]:
        """The body's options with the values that are chosen."""
        return {
            name: self._chosen.get(name, parameter.default)
            for name, parameter in self._parameters.items()
            if name not in self.inputs
        }

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The inputs that have a gradient."""
        return tuple(name for name in self.inputs if name not in self.constants and name not in self.auxiliary)

    @cached_property
    def auxiliary(self) -> tuple[str, ...]:
        """The inputs that are known only through relations: a kernel computes them."""
        return tuple(str(leaf.data.name) for system in self.instance().systems for leaf in system.unknowns)

    def instance(self, *args: Any, **kwargs: Any) -> Equations:
        """The equations with other expressions in place of declared inputs.

        Raises:
            NameUnknown: a keyword that is no input.
            AxisError: an expression with an axis that the input does not have.
        """
        given: dict[str, Tensor] = {}
        if len(args) > len(self.inputs):
            raise SymnormError(
                f"{self.name} takes {len(self.inputs)} inputs ({', '.join(self.inputs)}); {len(args)} came"
            )
        for name, value in (*zip(self.inputs, args, strict=False), *kwargs.items()):
            if name not in self.inputs:
                raise NameUnknown(f"input of {self.name}", name, self.inputs)
            if name in given:
                raise SymnormError(f"{self.name} got {name} twice")
            value, declared = as_tensor(value), self.inputs[name]
            missing = [axis for axis in value.axes if axis not in declared.axes]
            if missing:
                raise AxisError(
                    f"{self.name} declares {name} over {declared.axes}; {value!r} has axes {value.axes}"
                    " (rename them to the declared ones)"
                )
            given[name] = value
        arguments = {**self.inputs, **given}
        made = self.body(**arguments, **self.options)
        for name, let in made.named.items():
            if name in self.inputs:
                raise SymnormError(f"{self.name} calls an input and an equation {name}; give one another name")
            let.data.owner = self.name
            let.data.is_output = let is made.output
            let.data.solved_for = arguments[self.inverts[name]] if name in self.inverts else None
        return made

    def quantity(self, name: str) -> Tensor:
        """A declared input or a named equation.

        Raises:
            NameUnknown: neither is called so.
        """
        return self.inputs[name] if name in self.inputs else getattr(self.instance(), name)

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """The output of an instance; see :meth:`instance`."""
        return self.instance(*args, **kwargs).output

    @property
    def equations(self) -> tuple[sp.Eq, ...]:
        """The named equations as SymPy, every right-hand side in terms of the names before it."""
        declared = self.instance()
        named = {**declared.named}
        return tuple(
            sp.Eq(opaque(let).expr, declared.right_hand_side(name).expr, evaluate=False) for name, let in named.items()
        )

    def mode(self, name: str) -> Normalizer:
        """Another mode of the same normalizer, such as ``inference``; ``training`` is the normalizer itself."""
        if name == "training":
            return self
        try:
            return self.modes[name]
        except KeyError:
            raise NameUnknown(f"mode of {self.name}", name, ("training", *self.modes)) from None

    def convention(self, name: str) -> Normalizer:
        """The same normalizer as somebody else means it; ``paper`` is the definition itself.

        Raises:
            NameUnknown: no such convention of it.

        Example:
            >>> from symnorm.normalizers import batch_norm
            >>> batch_norm.convention("onnx").defaults["momentum"], batch_norm.defaults["momentum"]
            (0.9, 0.1)
        """
        if self.papers is not None:
            return self.papers.convention(name)
        if name == PAPER:
            return self
        if name not in self.conventions:
            raise NameUnknown(f"convention of {self.name}", name, (PAPER, *self.conventions))
        if name not in self._under:
            self._under[name] = self._made_under(self.conventions[name])
        return self._under[name]

    def _made_under(self, chosen: Convention) -> Normalizer:
        known = {name: value for name, value in chosen.options.items() if name in self._parameters}
        added = tuple(name for name, value in known.items() if isinstance(value, Tensor) and name not in self.inputs)
        constants = (*self.constants, *added)
        mine = {name: value for name, value in chosen.defaults.items() if name in (*constants, "axis")}
        return replace(
            self,
            name=f"{self.name}@{chosen.name}",
            layout=chosen.layout or self.layout,
            constants=constants,
            defaults={name: value for name, value in {**self.defaults, **mine}.items() if value is not None},
            modes={
                name: mode.convention(chosen.name)
                for name, mode in self.modes.items()
                if chosen.name in mode.conventions
            },
            under=chosen,
            papers=self,
            _under={},
        )

    def __repr__(self) -> str:
        return f"<normalizer {self.name}({', '.join(self.inputs)})>"


REGISTRY: dict[str, Normalizer] = {}


def normalizer(
    title: str,
    source: str,
    layout: str,
    constants: tuple[str, ...] = (),
    defaults: Mapping[str, Any] | None = None,
    inverts: Mapping[str, str] | None = None,
    reuses: tuple[str, ...] = (),
    mode_of: Normalizer | None = None,
    register: bool = True,
) -> Callable[[Body], Normalizer]:
    """Make a normalizer of a function over tensors and register it under the function's name.

    With ``mode_of`` it becomes a mode of another normalizer instead, named by what follows that one's name.
    """

    def make(body: Body) -> Normalizer:
        name = body.__name__
        if mode_of is not None:
            short = name.removeprefix(f"{mode_of.name}_")
            name = f"{mode_of.name}.{short}"
        made = Normalizer(
            name, title, source, body, layout, constants, dict(defaults or {}), dict(inverts or {}), reuses
        )
        if mode_of is not None:
            made = mode_of.modes[short] = replace(made, declared_conventions=mode_of.declared_conventions)
        elif register:
            REGISTRY[name] = made
        return made

    return make
