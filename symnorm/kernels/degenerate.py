"""Where a definition divides by zero whatever its arrays hold: a reduction over one element.

The variance of one number is 0, so batch norm of a batch of one divides by sqrt(eps); its running variance divides by
N - 1. Both are read off the equations: a reduction over axes of one element is its own argument, and a divisor that
then has no array left in it, and vanishes when every scalar in it does, needs those scalars to be nonzero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from symnorm.tensors import Axis, Tensor, walk
from symnorm.tensors.tensor import REDUCTIONS

Over = tuple[Axis, ...]


@dataclass(frozen=True)
class OneElement:
    """A divisor that is 0 at one element over some axes, unless one of ``scalars`` is nonzero.

    Attributes:
        over: the axes with one element.
        divisor: what is divided by, as the definition writes it.
        scalars: the scalars of which at least one has to be nonzero; none, if the divisor is 0 in any case.
    """

    over: tuple[str, ...]
    divisor: Tensor
    scalars: tuple[str, ...]


def one_element_rules(formulas: Mapping[str, Tensor], reductions: frozenset[Over]) -> tuple[OneElement, ...]:
    """The rules of some formulas, given as right-hand sides in the names of earlier ones.

    Args:
        formulas: name to right-hand side, in order.
        reductions: the groups of axes to look at, one at a time.

    Example:
        >>> from symnorm.tensors import axes, mean, scalar, sqrt, tensor
        >>> N, C = axes("N C")
        >>> x, mu = tensor("x", N, C), tensor("mu", C)
        >>> var, y = mean((x - mu) ** 2, over=N), (x - mu) / sqrt(tensor("var", C) + scalar("eps", positive=True))
        >>> rules = one_element_rules({"mu": mean(x, over=N), "var": var, "y": y}, frozenset({(N,)}))
        >>> [(rule.over, rule.scalars) for rule in rules]
        [(('N',), ('eps',))]
    """
    found: list[OneElement] = []
    for over in sorted(reductions, key=repr):
        collapse, whole = _Collapse(over), _Collapse(())
        for name, formula in formulas.items():
            collapse.named[name] = collapse.element(formula)
            for divisor in _divisors(formula):
                scalars = _zeros(collapse.element(divisor))
                if scalars is None or scalars == _zeros(whole.element(divisor)):
                    continue
                rule = OneElement(tuple(axis.name for axis in over), divisor, scalars)
                if not any((r.over, r.scalars) == (rule.over, rule.scalars) for r in found):
                    found.append(rule)
    return tuple(found)


def reductions_of(*formulas: Tensor) -> frozenset[Over]:
    """The groups of axes that some formula sums over."""
    return frozenset(node.data for node in walk(*formulas) if node.op in REDUCTIONS)


def _divisors(formula: Tensor) -> Iterator[Tensor]:
    for node in walk(formula):
        if node.op == "div":
            yield node.args[1]
        elif node.op == "pow" and node.args[1].op == "const" and node.args[1].data.is_negative:
            yield node.args[0]


def _zeros(divisor: sp.Expr) -> tuple[str, ...] | None:
    """The scalars that have to vanish for the divisor to do so; None if it depends on more, or never vanishes."""
    if divisor.is_number:
        return () if divisor.is_zero else None
    scalars = sorted(divisor.free_symbols, key=str)
    if divisor.has(sp.Indexed, sp.Dummy) or any(symbol.is_positive is not True for symbol in scalars):
        return None
    return tuple(map(str, scalars)) if divisor.xreplace(dict.fromkeys(scalars, sp.S.Zero)).is_zero else None


class _Collapse:
    """Elements of formulas where the axes of ``over`` have one element."""

    def __init__(self, over: Over) -> None:
        self.over = over
        self.one = {axis.size: sp.S.One for axis in over}
        self.named: dict[str, sp.Expr] = {}

    def element(self, formula: Tensor) -> sp.Expr:
        """The formula's element, each reduction over these axes its own argument, every other one opaque."""
        values: dict[int, sp.Expr] = {}
        for node in walk(formula):
            values[id(node)] = self._value(node, [values[id(arg)] for arg in node.args])
        return values[id(formula)]

    def _value(self, node: Tensor, args: list[sp.Expr]) -> sp.Expr:
        if node.op == "input":
            return self.named.get(node.data.name, node.expr)
        if node.op == "const":
            return node.data.xreplace(self.one)
        if node.op in REDUCTIONS:
            inside = set(node.data) <= set(self.over)
            return args[0] if inside and set(node.data) <= set(node.args[0].axes) else sp.Dummy()
        if node.op in _ARITHMETIC:
            return _ARITHMETIC[node.op](*args)
        return args[0] if node.op == "stop" else sp.Dummy()


_ARITHMETIC = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b if not b.is_zero else sp.Dummy(),
    "neg": lambda a: -a,
    "pow": lambda a, b: a**b,
    "sqrt": sp.sqrt,
    "abs": sp.Abs,
    "log": sp.log,
}
