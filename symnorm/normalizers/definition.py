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

A definition can be called with other expressions: ``batch_norm(a * x, eps=a**2 * eps)`` is the output of that instance,
and what is left out keeps its declared symbol. This stage is passive: gradients, proofs and kernels are made of it by
later ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import sympy as sp

from symnorm.errors import AxisError, NameUnknown, SymnormError
from symnorm.tensors import Leaf, Relation, System, Tensor, as_tensor, bare, rebuild

Body = Callable[..., "Equations"]


@dataclass(frozen=True, eq=False)
class Equations:
    """Named quantities in order, each a ``let`` node over the earlier ones; the last is the output.

    Attributes:
        named: name to tensor.
        updates: running statistics to their new values.
        systems: what the quantities are that are known only through relations.
    """

    named: Mapping[str, Tensor]
    updates: Mapping[str, Tensor] = field(default_factory=dict)
    systems: tuple[System, ...] = ()

    @property
    def output(self) -> Tensor:
        """The last equation's quantity."""
        return list(self.named.values())[-1]

    def __getattr__(self, name: str) -> Tensor:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.named[name]
        except KeyError:
            raise NameUnknown("equation", name, self.named) from None

    def updating(self, **updates: Tensor) -> Equations:
        """The same equations with new values of running statistics, in terms of the named quantities."""
        named = {name: _with_names(as_tensor(new), self._lets) for name, new in updates.items()}
        return Equations(self.named, named, self.systems)

    def where(self, *systems: System) -> Equations:
        """The same equations with the systems that define some of their inputs."""
        return Equations(self.named, self.updates, tuple(map(self._by_name, systems)))

    @property
    def given(self) -> tuple[Relation, ...]:
        """The relations of all systems, as assumptions of a claim.

        Example:
            >>> from symnorm.normalizers import spectral_norm
            >>> [str(relation) for relation in spectral_norm.instance().given]
            ['sum[K](w*v) == sigma*u', 'sum[C](w*u) == sigma*v', 'sum(u**2) == 1', 'sum(v**2) == 1']
        """
        return tuple(relation for system in self.systems for relation in system.given)

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The same as statements: what an instance with other expressions has to satisfy."""
        return tuple(relation for system in self.systems for relation in system.relations)

    @property
    def _lets(self) -> dict[int, Tensor]:
        return {id(let.data.raw): let for let in self.named.values()}

    def _by_name(self, system: System) -> System:
        lets = self._lets
        relations = tuple(
            replace(relation, left=_with_names(relation.left, lets), right=_with_names(relation.right, lets))
            for relation in system.relations
        )
        return replace(system, of=_with_names(system.of, lets), relations=relations)

    def right_hand_side(self, name: str) -> Tensor:
        """An equation's right-hand side with every earlier quantity left as a name."""
        return opaque(self.named[name].args[0])


@dataclass(eq=False)
class LetName:
    """The name of a quantity, and where it comes from.

    Attributes:
        name: the name.
        raw: the tensor that the definition's body wrote for it.
        owner: the normalizer whose equation it is, if it is one's.
        is_output: whether it is what the normalizer returns.
        solved_for: the argument that the textbook form solves this equation for.
    """

    name: str
    raw: Tensor
    owner: str = ""
    is_output: bool = False
    solved_for: Tensor | None = None

    def __str__(self) -> str:
        return self.name


def _with_names(node: Tensor, lets: Mapping[int, Tensor]) -> Tensor:
    return rebuild((node,), lambda old, args: lets.get(id(old)))[0]


def equations(**named: Any) -> Equations:
    """Name the quantities of a definition, in order; each may use the ones before it.

    Raises:
        SymnormError: nothing is named.

    Example:
        >>> from symnorm.tensors import axes, mean, tensor
        >>> N, C = axes("N C")
        >>> x = tensor("x", N, C)
        >>> mu = mean(x, over=N)
        >>> found = equations(mu=mu, y=x - mu)
        >>> found.right_hand_side("y").expr
        -mu[c] + x[n, c]
    """
    if not named:
        raise SymnormError("equations() needs at least one named quantity: equations(mu=mu, y=y)")
    lets: dict[int, Tensor] = {}
    found: dict[str, Tensor] = {}
    for name, raw in named.items():
        value = as_tensor(raw)
        let = Tensor("let", (_with_names(value, lets),), value.axes, LetName(name, value))
        lets.setdefault(id(value), let)  # with gamma = 1 and beta = 0, y is x_hat by another name
        found[name] = let
    return Equations(MappingProxyType(found))


def opaque(node: Tensor) -> Tensor:
    """The tensor with every named quantity below it as an input of that name, in the form that is printed."""

    def change(old: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        return Tensor("input", (), old.axes, Leaf(str(old.data))) if old.op == "let" else None

    return bare(*rebuild((node,), change))[0]


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
        reuses: inputs whose gradient the textbook form of the others is written with.
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

    @cached_property
    def inputs(self) -> dict[str, Tensor]:
        """The declared inputs by name, in order."""
        return {name: parameter.default for name, parameter in inspect.signature(self.body).parameters.items()}

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
        made = self.body(**arguments)
        for name, let in made.named.items():
            if name in self.inputs:
                raise SymnormError(f"{self.name} calls an input and an equation {name}; give one another name")
            let.data.owner = self.name
            let.data.is_output = let is made.output
            let.data.solved_for = arguments[self.inverts[name]] if name in self.inverts else None
        return made

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
            mode_of.modes[short] = made
        elif register:
            REGISTRY[name] = made
        return made

    return make
