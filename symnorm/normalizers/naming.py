"""Named quantities in order: what the body of a definition returns.

A definition computes with ordinary tensors and names them at the end, ``equations(mu=mu, var=var, y=y)``; each then
stands for itself wherever a later one was computed from it. Called by :mod:`symnorm.normalizers.definition` and by
whoever writes a definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from symnorm.errors import NameUnknown, SymnormError
from symnorm.tensors import Leaf, Relation, System, Tensor, as_tensor, bare, rebuild, walk


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
            ['sum[K](w*v) == sigma*u', 'sum[C](w*u) == sigma*v', 'sum[C](u**2) == 1', 'sum[K](v**2) == 1']
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
        on_the_way: whether the name was given inside an expression, and waits for :func:`equations` to list it.
    """

    name: str
    raw: Tensor
    owner: str = ""
    is_output: bool = False
    solved_for: Tensor | None = None
    on_the_way: bool = False

    def __str__(self) -> str:
        return self.name


def _with_names(node: Tensor, lets: Mapping[int, Tensor]) -> Tensor:
    return rebuild((node,), lambda old, args: lets.get(id(old)))[0]


def named(name: str, value: Any) -> Tensor:
    """A value with a name of its own inside an expression; it becomes an equation before the one that it stands in.

    Example:
        >>> from symnorm.tensors import scalar, sqrt
        >>> x, v = scalar("x"), scalar("v", positive=True)
        >>> list(equations(y=x / named("std", sqrt(v))).named)
        ['std', 'y']
    """
    value = as_tensor(value)
    return Tensor("let", (value,), value.axes, LetName(name, value, on_the_way=True))


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
    def add(name: str, key: Tensor, value: Tensor) -> None:
        let = Tensor("let", (_with_names(value, lets),), value.axes, LetName(name, key))
        lets.setdefault(id(key), let)  # with gamma = 1 and beta = 0, y is x_hat by another name
        if found.setdefault(name, let) is not let:
            raise SymnormError(f"two quantities of a definition are called {name}; give one another name")

    for name, raw in named.items():
        value = as_tensor(raw)
        for inner in walk(value):
            if inner.op == "let" and inner.data.on_the_way and id(inner) not in lets and inner is not value:
                add(str(inner.data), inner, inner.args[0])
        add(name, value, value.args[0] if value.op == "let" and value.data.on_the_way else value)
    return Equations(MappingProxyType(found))


def opaque(node: Tensor) -> Tensor:
    """The tensor with every named quantity below it as an input of that name, in the form that is printed."""

    def change(old: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        return Tensor("input", (), old.axes, Leaf(str(old.data))) if old.op == "let" else None

    return bare(*rebuild((node,), change))[0]
