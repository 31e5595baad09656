"""The rules of differentiation, one line each, as a calculus book prints them.

:data:`VJP` and :data:`JVP` hold, for each operation, one :class:`Rule` for each of its arguments. A rule is called as
``rule.apply(change, node, *node.args)``. In :data:`VJP` the change is the node's adjoint, whose axes are among the
node's, and the result is what it sends back to that argument; in :data:`JVP` the change is that argument's tangent and
the result is what it adds to the node's. An element-by-element operation has a diagonal Jacobian, which is its own
transpose, so both tables share its line. Where an operation carries no data, ``node`` may be a name for it.

Which arguments depend on the variable, and the sums over broadcast axes (:data:`BROADCASTING`), are the business of
:mod:`symnorm.calculus.reverse` and :mod:`symnorm.calculus.forward`; nobody else calls the tables.

Conventions at the points where no derivative exists (:attr:`Rule.where` says which they are): ``sign(0) = 0``, so
``abs`` has slope 0 at 0 and ``sign`` slope 0 everywhere; at a tie ``maximum`` and ``minimum`` give each argument half,
``amax`` and ``amin`` each of k tied places 1/k, as PyTorch and autograd do (a subgradient of the maximum).
An input that is declared symmetric is differentiated like any other, each of its entries a variable of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from symnorm.calculus import implicit
from symnorm.errors import Unsupported
from symnorm.tensors import (
    Axis,
    Loss,
    Relation,
    Tensor,
    as_tensor,
    at_max,
    at_min,
    equal,
    exp,
    log,
    mean,
    sign,
    sqrt,
    total,
    unequal,
)
from symnorm.tensors.tensor import OVER_AXES

HALF = Fraction(1, 2)
PI = as_tensor(sp.pi)


@dataclass(frozen=True)
class Rule:
    """One argument's rule.

    Attributes:
        name: what a textbook calls it.
        apply: ``(change, node, *node.args) -> Tensor``; ``None`` where the operation is constant in this argument.
        where: ``(*node.args) -> Relation``, where the operation has a derivative; ``None``: wherever it is defined. An
            extremum's axes follow its argument.
        said: the same in words, where no relation says it or says it badly; ``{0}`` is the operation's first argument.
        otherwise: what holds elsewhere, by convention.

    Example:
        >>> VJP["mul"][0].name
        'product rule'
        >>> from symnorm.tensors import scalar
        >>> VJP["sqrt"][0].where(scalar("x"))
        x > 0
    """

    name: str
    apply: Callable[..., Tensor] | None
    where: Callable[..., Relation | None] | None = None
    said: str = ""
    otherwise: str = ""

    def smooth_at(self, node: Tensor) -> Relation | None:
        """Where the node has a derivative; ``None``: wherever it is defined."""
        if self.where is None:
            return None
        return self.where(*node.args, node.data) if node.op in OVER_AXES else self.where(*node.args)

    @property
    def cuts(self) -> bool:
        """Constant everywhere, so that nothing depends on anything through it."""
        return self.apply is None and self.where is None


def slope(base: Tensor, exponent: Tensor) -> Tensor:
    """``exponent * base**(exponent - 1)``; a number as exponent leaves no ``base**1`` and no division by ``base**0``.

    Example:
        >>> from symnorm.tensors import scalar
        >>> x = scalar("x")
        >>> slope(x, as_tensor(2)).expr, slope(x, as_tensor(0)).expr
        (2*x, 0)
    """
    if exponent.op != "const":
        return exponent * base ** (exponent - 1)
    power = exponent.data
    if power in (0, 1):
        return as_tensor(power)
    return exponent * (base if power == 2 else base ** as_tensor(power - 1))


def smooth(base: Tensor, exponent: Tensor) -> Relation | None:
    """Where the power rule holds: above 0; off 0 for an unknown integer; for a known one wherever the power is."""
    if not exponent.expr.is_integer:
        return Relation.of(base, ">", 0)
    return None if exponent.op == "const" and exponent.data.is_number else unequal(base, 0)


def repeated(change: Tensor, node: Tensor, x: Tensor) -> Tensor:
    """``change`` as often as a sum counts ``x``: once for each element along the summed axes that x does not carry."""
    absent = sp.Mul(*[axis.size for axis in node.data if axis not in x.axes])
    return change if absent == 1 else as_tensor(absent) * change


def shared(change: Tensor, node: Tensor, x: Tensor) -> Tensor:
    """``change`` divided by the number of elements of ``x`` that share one mean."""
    number = sp.Mul(*[axis.size for axis in node.data if axis in x.axes])
    return change if number == 1 else change / number


def renamed(x: Tensor, pairs: dict[Axis, Axis]) -> Tensor:
    """``x`` under other axes, as far as it carries them."""
    carried = {old: new for old, new in pairs.items() if old in x.axes}
    return x.rename(carried) if carried else x


def copies(axes: tuple[Axis, ...]) -> dict[Axis, Axis]:
    """A second axis for each: the same name with a prime, or with as many as make it new.

    Example:
        >>> from symnorm.tensors import axes
        >>> [copy.name for copy in copies((*axes("N C"), Axis("N'"))).values()]
        ["N''", "C'", "N'''"]
    """
    taken = {axis.name for axis in axes}
    found: dict[Axis, Axis] = {}
    for axis in axes:
        name = axis.name + "'"
        while name in taken:
            name += "'"
        taken.add(name)
        found[axis] = axis.copy(name)
    return found


Share = Callable[[Tensor, tuple[Axis, ...]], Tensor]


def along(change: Tensor, share: Share, node: Tensor, x: Tensor) -> Tensor:
    """The change where the extremum is attained."""
    return total(change * share(x, node.data), node.data)


def off_zero(x: Tensor) -> Relation:
    """``x != 0``."""
    return unequal(x, 0)


def once(share: Share) -> Callable[[Tensor, tuple[Axis, ...]], Relation]:
    """Where an extremum is attained once: its k shares of 1/k have squares that add up to 1/k."""
    return lambda x, over: equal(total(share(x, over) ** 2, over), 1)


def bend(change: Tensor, node: Tensor, y: Tensor) -> Tensor:
    """``sum_j H_ij change_j`` for the second derivative H of the loss that ``node`` is the first one of."""
    second = copies(y.axes)
    curved = Loss(node.data).curvature(y, second.values())
    return total(curved * renamed(change, second), second.values()) if second else curved * change


def third(change: Tensor, node: Tensor, *args: Tensor) -> Tensor:
    """No rule: nothing here speaks of an unknown loss's third derivative."""
    raise Unsupported(f"third derivatives of an unknown loss: the second derivative of {node.data} cannot change here")


HELD = Rule("known by its relations", None)
"""The value of a quantity that is known only through relations, and what else its rule speaks of."""

SIGN_OF_0 = "the sign of 0 counts as 0"
LARGER, SMALLER = "a maximum follows its larger argument", "a minimum follows its smaller argument"
HALVES = "at a tie each of the two counts half"
ONE_MAX, ONE_MIN, SHARES = "max({0}) is attained once", "min({0}) is attained once", "places that tie have equal shares"
SIMPLE, DIFFERENT = "{0} is a simple singular value of {1}", "no two of the eigenvalues {0} of {1} are equal"
PAIR = "the derivative of the pair that the solver found is taken"
VECTORS = DIFFERENT.format("{2}", "{1}")
UNDEFINED = "the gradient does not exist (0/0)"

ELEMENTWISE: dict[str, tuple[Rule, ...]] = {
    "input": (),
    "const": (),
    "delta": (),
    "add": (Rule("sum rule", lambda d, y, a, b: d), Rule("sum rule", lambda d, y, a, b: d)),
    "sub": (Rule("difference rule", lambda d, y, a, b: d), Rule("difference rule", lambda d, y, a, b: -d)),
    "mul": (Rule("product rule", lambda d, y, a, b: d * b), Rule("product rule", lambda d, y, a, b: d * a)),
    "div": (
        Rule("quotient rule", lambda d, y, a, b: d / b),
        Rule("quotient rule", lambda d, y, a, b: -d * a / b**2),
    ),
    "neg": (Rule("negation", lambda d, y, x: -d),),
    "pow": (
        Rule("power rule", lambda d, y, a, p: d * slope(a, p), smooth),
        Rule("exponential rule", lambda d, y, a, p: d * y * log(a), lambda a, p: a > 0),
    ),
    "sqrt": (Rule("chain rule through sqrt", lambda d, y, x: d / (2 * y), lambda x: x > 0),),
    "abs": (Rule("chain rule through the absolute value", lambda d, y, x: d * sign(x), off_zero, otherwise=SIGN_OF_0),),
    "sign": (Rule("a sign is constant between its jumps", None, off_zero, otherwise="a jump counts as slope 0"),),
    "exp": (Rule("chain rule through exp", lambda d, y, x: d * y),),
    "log": (Rule("chain rule through log", lambda d, y, x: d / x),),
    "erf": (Rule("chain rule through the error function", lambda d, y, x: d * 2 * exp(-(x**2)) / sqrt(PI)),),
    "maximum": (
        Rule(LARGER, lambda d, y, a, b: d * HALF * (1 + sign(a - b)), unequal, otherwise=HALVES),
        Rule(LARGER, lambda d, y, a, b: d * HALF * (1 - sign(a - b)), unequal, otherwise=HALVES),
    ),
    "minimum": (
        Rule(SMALLER, lambda d, y, a, b: d * HALF * (1 - sign(a - b)), unequal, otherwise=HALVES),
        Rule(SMALLER, lambda d, y, a, b: d * HALF * (1 + sign(a - b)), unequal, otherwise=HALVES),
    ),
    "at_max": (Rule("the place of a maximum is constant between ties", None, once(at_max)),),
    "at_min": (Rule("the place of a minimum is constant between ties", None, once(at_min)),),
    "stop": (Rule("a stopped gradient is zero", None),),
    "let": (Rule("a name stands for its right-hand side", lambda d, y, x: d),),
    "cotangent": (Rule("the change of a loss's derivative is its curvature times the change", bend),),
    "curvature": (Rule("third derivatives have no rule", third),),
    "singular_vector": (HELD, Rule("a singular vector has no rule of its own", implicit.no_singular_vector)),
    "inverse_root": (HELD, Rule("implicit differentiation of a matrix root", implicit.inverse_root), HELD, HELD),
}
"""Operations whose Jacobian is symmetric: the diagonal ones, the derivatives of a loss, a function of a matrix."""

VJP: dict[str, tuple[Rule, ...]] = {
    **ELEMENTWISE,
    "total": (Rule("a sum passes its cotangent to every element", repeated),),
    "mean": (Rule("a mean passes its cotangent to every element, divided by their number", shared),),
    "amax": (
        Rule("a maximum follows its largest", lambda g, y, x: g * at_max(x, y.data), once(at_max), ONE_MAX, SHARES),
    ),
    "amin": (
        Rule("a minimum follows its smallest", lambda g, y, x: g * at_min(x, y.data), once(at_min), ONE_MIN, SHARES),
    ),
    "rename": (Rule("a renaming passes its cotangent back", lambda g, y, x: renamed(g, {b: a for a, b in y.data})),),
    "singular_value": (
        HELD,
        Rule("implicit differentiation of a pair", implicit.singular_value_back, None, SIMPLE, PAIR),
        HELD,
        HELD,
    ),
    "eigenvalues": (
        HELD,
        Rule("implicit differentiation of eigenvalues", implicit.eigenvalues_back, None, DIFFERENT, UNDEFINED),
        HELD,
    ),
    "eigenvectors": (
        HELD,
        Rule("implicit differentiation of eigenvectors", implicit.eigenvectors_back, None, VECTORS, UNDEFINED),
        HELD,
    ),
    "inverse_factor": (HELD, Rule("implicit differentiation of a factor", implicit.inverse_factor_back), HELD, HELD),
}
"""Reverse mode: from the adjoint of a node to what it adds to the adjoint of each argument."""

JVP: dict[str, tuple[Rule, ...]] = {
    **ELEMENTWISE,
    "total": (Rule("a sum changes by the sum of the changes", lambda t, y, x: total(t, y.data)),),
    "mean": (Rule("a mean changes by the mean of the changes", lambda t, y, x: mean(t, y.data)),),
    "amax": (Rule("a maximum follows its largest", lambda t, y, x: along(t, at_max, y, x), once(at_max)),),
    "amin": (Rule("a minimum follows its smallest", lambda t, y, x: along(t, at_min, y, x), once(at_min)),),
    "rename": (Rule("a renaming carries the change to the new axes", lambda t, y, x: renamed(t, dict(y.data))),),
    "singular_value": (HELD, Rule("implicit differentiation of a pair", implicit.singular_value_forth), HELD, HELD),
    "eigenvalues": (HELD, Rule("implicit differentiation of eigenvalues", implicit.eigenvalues_forth), HELD),
    "eigenvectors": (HELD, Rule("implicit differentiation of eigenvectors", implicit.eigenvectors_forth), HELD),
    "inverse_factor": (HELD, Rule("implicit differentiation of a factor", implicit.inverse_factor_forth), HELD, HELD),
}
"""Forward mode: from the tangent of each argument to what it adds to the tangent of a node."""

BROADCASTING = frozenset({"add", "sub", "mul", "div", "pow", "maximum", "minimum"})
"""Operations that repeat an argument along the axes that only the other one has."""

BROADCAST = "sum over the broadcast axes"
"""The name of the rule that :mod:`symnorm.calculus.reverse` applies after one of :data:`BROADCASTING`."""
