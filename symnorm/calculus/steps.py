"""The derivation as a student reads it: one step for each named adjoint.

Reverse mode records every :class:`Application` of a rule. :func:`steps` groups that record: a step says from which
named equations an adjoint came, by which rules, and what it is. The result of a step is the very node that the gradient
is made of, so what is shown and what is proved are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symnorm.calculus.activity import Key, key
from symnorm.calculus.rules import BROADCAST, VJP, Rule
from symnorm.printing import equation_latex, latex, text
from symnorm.tensors import Axis, Tensor

NAME = VJP["let"][0].name
"""What goes without saying, except where nothing else was applied: one quantity by two names."""

SHARES = "every use adds its share"
"""The name of the rule by which the contributions to one adjoint are added."""


@dataclass(frozen=True, eq=False)
class Application:
    """One rule applied at one node.

    Attributes:
        node: the operation that was differentiated.
        argument: the argument whose adjoint grew.
        rule: the rule.
        summed: the axes that the argument had been broadcast along.
        share: what was added to the argument's adjoint; ``None`` where the rule says that it is constant.
    """

    node: Tensor
    argument: Tensor
    rule: Rule
    summed: tuple[Axis, ...]
    share: Tensor | None

    @property
    def names(self) -> tuple[str, ...]:
        """What a reader is told; that a name stands for its right-hand side goes without saying."""
        rule = () if self.node.op == "let" else (self.rule.name,)
        return (*rule, BROADCAST) if self.summed else rule


@dataclass(frozen=True, eq=False)
class Step:
    """One line of a derivation.

    Attributes:
        sources: the equations that were differentiated, later ones first; an output without a name stands for itself.
        rules: the names of the rules that were applied, in order.
        result: the adjoint, a named quantity.
    """

    sources: tuple[Tensor, ...]
    rules: tuple[str, ...]
    result: Tensor

    @property
    def name(self) -> str:
        """The adjoint's name."""
        return str(self.result.data)

    @property
    def equation(self) -> str:
        """The equations that were differentiated, as text."""
        return "; ".join(map(stated, self.sources))

    @property
    def rule(self) -> str:
        """The rules' names in one line."""
        return "; ".join(self.rules)

    def __str__(self) -> str:
        return f"{self.equation}  =>  {stated(self.result)}  [{self.rule}]"

    def latex(self) -> str:
        """The result as an equation in LaTeX."""
        return stated_latex(self.result)


class Steps(tuple[Step, ...]):
    """Steps in the order of the derivation; as text one a line, in Jupyter a table of results and rules.

    Example:
        >>> from symnorm.calculus import vjp
        >>> from symnorm.normalizers import weight_norm
        >>> from symnorm.tensors import tensor
        >>> v, g = weight_norm.inputs.values()
        >>> w = weight_norm(v, g)
        >>> print(vjp(w, tensor("dw", *w.axes), [g]).steps)
        w = g*v/norm  =>  dg = sum(dw/norm*v)  [quotient rule; product rule; sum over the broadcast axes]
    """

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def latex(self) -> str:
        """The derivation as one ``aligned`` block."""
        rows = [rf"& {step.latex()} && \text{{{step.rule}}}" for step in self]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"])

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def stated(quantity: Tensor) -> str:
    """``name = right-hand side`` of a named quantity with every other one by name; an expression as it is."""
    if quantity.op != "let":
        return text(quantity)
    name, rhs = str(quantity.data), text(quantity.args[0])
    return name if name == rhs else f"{name} = {rhs}"  # the derivative of a loss by y prints as dy itself


def stated_latex(quantity: Tensor) -> str:
    """The same in LaTeX."""
    if quantity.op != "let":
        return latex(quantity)
    return equation_latex(str(quantity.data), quantity.axes, quantity.args[0])


def steps(output: Tensor, applications: Iterable[Application], adjoints: Mapping[Key, Tensor]) -> Steps:
    """Group a record of applications, consumers first, into one step for each of the named adjoints."""
    # For each node, from which equations it was reached by which rules; a dictionary is a set that keeps its order.
    reached: dict[Key, dict[Tensor, dict[str, None]]] = {}
    uses: Counter[Key] = Counter()
    for applied in applications:
        if applied.share is None:
            continue
        node, target = applied.node, key(applied.argument)
        uses[target] += 1
        starts = node.op == "let" or node is output
        for equation, rules in ({node: dict[str, None]()} if starts else reached[key(node)]).items():
            found = reached.setdefault(target, {}).setdefault(equation, {})
            found.update(rules)
            found.update(dict.fromkeys(applied.names))
    made = []
    for target, result in adjoints.items():
        if target in reached and result.op == "let":  # a cotangent that only passes through keeps its name
            names = dict.fromkeys(name for rules in reached[target].values() for name in rules)
            shares = (SHARES,) if uses[target] > 1 else ()
            made.append(Step(tuple(reached[target]), (*names, *shares) or (NAME,), result))
    return Steps(made)
