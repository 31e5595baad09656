"""SymPy nodes that SymPy itself lacks: unevaluated extrema and the derivatives of an unknown loss.

They carry no algebra. What they mean is said by the interpreter (:mod:`symnorm.evaluate`); how they are compared is
said by the normal form (:mod:`symnorm.canonical`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp


class maximum(sp.Function):
    """The larger of two reals. SymPy's own ``Max`` rewrites its arguments, which no path to a verdict may rely on."""

    nargs = (2,)


class minimum(sp.Function):
    """The smaller of two reals."""

    nargs = (2,)


class largest(sp.Expr):
    """The largest of ``body`` over whole axes: ``args = (body, Tuple(index, size), ...)``, each index a dummy."""

    is_real = True
    is_commutative = True

    def __new__(cls, body: sp.Expr, *limits: sp.Tuple) -> Any:
        """Build the node; each limit is a bound index and its axis's size."""
        return sp.Expr.__new__(cls, body, *limits)

    @property
    def body(self) -> sp.Expr:
        """What the largest is taken of."""
        return self.args[0]

    @property
    def slots(self) -> tuple[sp.Dummy, ...]:
        """The bound indices."""
        return tuple(limit[0] for limit in self.args[1:])

    @property
    def sizes(self) -> tuple[sp.Expr, ...]:
        """The sizes that they run to."""
        return tuple(limit[1] for limit in self.args[1:])

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """Free symbols: the sizes', and those of the body less the bound indices."""
        found: set[sp.Basic] = self.body.free_symbols - set(self.slots)
        return found.union(*(size.free_symbols for size in self.sizes))

    def _latex(self, printer: Any) -> str:
        below = ",".join(printer._print(slot) for slot in self.slots)
        return rf"\max_{{{below}}} \left({printer._print(self.body)}\right)"

    def _sympystr(self, printer: Any) -> str:
        return f"max({', '.join(printer._print(arg) for arg in (self.body, *self.slots))})"


class attains(sp.Expr):
    """An index's share in the largest of ``body``: one over their number where it is attained, 0 elsewhere.

    ``args = (largest, Tuple(indices))``: which body, and where. The shares add up to 1, and weighted with them the body
    adds up to its largest value, at ties too.
    """

    is_real = True
    is_commutative = True

    def __new__(cls, of: largest, indices: Any) -> Any:
        """Build the node; ``indices`` holds one index for each bound index of the extremum."""
        return sp.Expr.__new__(cls, of, sp.Tuple(*indices))

    @property
    def of(self) -> largest:
        """The extremum."""
        found: largest = self.args[0]
        return found

    @property
    def indices(self) -> tuple[sp.Expr, ...]:
        """Where the share is asked for."""
        return tuple(self.args[1])

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """Free symbols of the extremum and of the indices."""
        found: set[sp.Basic] = self.of.free_symbols
        return found.union(*(index.free_symbols for index in self.indices))

    def _latex(self, printer: Any) -> str:
        where = ",".join(printer._print(index) for index in self.indices)
        return rf"\left[{where} \text{{ attains }} {printer._print(self.of)}\right]"

    def _sympystr(self, printer: Any) -> str:
        return f"attains({', '.join(printer._print(arg) for arg in (self.of, *self.indices))})"


class _OfLoss(sp.Expr):
    """A derivative of an unknown smooth scalar loss L of the tensor whose element is ``body`` at ``slots``.

    ``args = (loss, Tuple(slots), body, Tuple(indices))``. The slots are dummies bound by this node, so a renaming of
    free indices can neither touch nor capture them.
    """

    is_real = True
    is_commutative = True

    def __new__(cls, loss: sp.Symbol, slots: Any, body: sp.Expr, indices: Any) -> Any:
        """Build the node; ``slots`` and ``indices`` are sequences."""
        return sp.Expr.__new__(cls, loss, sp.Tuple(*slots), body, sp.Tuple(*indices))

    @property
    def loss(self) -> sp.Symbol:
        """The loss's name."""
        return self.args[0]

    @property
    def slots(self) -> tuple[sp.Dummy, ...]:
        """The bound indices of ``body``, in the order of the output's axes."""
        return tuple(self.args[1])

    @property
    def body(self) -> sp.Expr:
        """The element of the tensor that the loss is a function of."""
        return self.args[2]

    @property
    def indices(self) -> tuple[sp.Expr, ...]:
        """Where the derivative is taken: one index a slot for each order of differentiation."""
        return tuple(self.args[3])

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """Free symbols: those of the body less the slots, and those of the indices."""
        inner: set[sp.Basic] = self.body.free_symbols - set(self.slots)
        for index in self.indices:
            inner = inner | index.free_symbols
        return inner

    def _latex(self, printer: Any) -> str:
        places = ",".join(printer._print(index) for index in self.indices)
        order = len(self.indices) // max(1, len(self.slots))
        head = r"\partial " if order < 2 else rf"\partial^{{{order}}} "
        return rf"\left({head}{printer._print(self.loss)}\right)_{{{places}}}"

    def _sympystr(self, printer: Any) -> str:
        places = ",".join(printer._print(index) for index in self.indices)
        return f"d{printer._print(self.loss)}[{places}]"


class Cotangent(_OfLoss):
    """``dL/dy[indices]``: an opaque function of the whole output y, so that it changes when y does."""


class Curvature(_OfLoss):
    """``d2L/dy[first half of indices]dy[second half]``, symmetric in the two halves."""


# Building without evaluation ------------------------------------------------------------------------------------------
#
# SymPy's own constructors cancel (gamma/gamma is 1 before anyone can ask whether gamma may vanish) and ask of every sum
# below whether it may be infinite, which costs milliseconds and changes nothing. What verdicts read is built by these.


def plus(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """``a + b`` as it stands."""
    return sp.Add(a, b, evaluate=False)


def times(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """``a b`` as it stands."""
    return sp.Mul(a, b, evaluate=False)


def power(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """``base^exponent`` as it stands."""
    return sp.Pow(base, exponent, evaluate=False)


def summed(body: sp.Expr, index: sp.Dummy, size: sp.Expr) -> sp.Expr:
    """The sum of ``body`` over ``index`` from 1 to ``size``."""
    made = sp.Expr.__new__(sp.Sum, body, sp.Tuple(index, sp.Integer(1), size))
    made.is_commutative = True
    return made


def rebuilt(node: sp.Basic, args: list[sp.Basic]) -> sp.Basic:
    """A node with other arguments, as it stands."""
    if isinstance(node, sp.Add | sp.Mul | sp.Pow):
        return node.func(*args, evaluate=False)
    if isinstance(node, sp.Sum):
        made = sp.Expr.__new__(sp.Sum, *args)
        made.is_commutative = True
        return made
    if isinstance(node, sp.Abs | sp.sign | sp.exp | sp.log | sp.erf):  # SymPy's own erf may divide by zero here
        return node.func(*args, evaluate=False)
    return node.func(*args)


def renamed(expr: sp.Expr, renaming: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Other indices in place of free ones, all at once. Bound indices are dummies, so none can be captured."""
    return _mapped(expr, lambda node, args: renaming.get(node) if not args else rebuilt(node, args))


def evaluated(expr: sp.Expr) -> sp.Expr:
    """The expression as SymPy's own constructors would have it; powers of sums stay as they stand."""

    def rebuild(node: sp.Basic, args: list[sp.Basic]) -> sp.Basic | None:
        if not args:
            return node
        if isinstance(node, sp.Pow) and not (args[0].is_Atom or isinstance(args[0], sp.Indexed)):
            return args[0] if args[1] == 1 else node.func(*args, evaluate=False)
        return node.func(*args)

    return _mapped(expr, rebuild, keep=False)


def _mapped(expr: sp.Expr, change: Callable[[sp.Basic, list[sp.Basic]], sp.Basic | None], keep: bool = True) -> sp.Expr:
    """The tree with ``change(node, new args)`` for each node; with ``keep``, nodes whose arguments stay are kept."""
    seen: dict[sp.Basic, sp.Basic] = {}

    def visit(node: sp.Basic) -> sp.Basic:
        found = seen.get(node)
        if found is None:
            args = [visit(arg) for arg in node.args]
            same = keep and args and all(a is b for a, b in zip(args, node.args, strict=True))
            changed = node if same else change(node, args)
            found = seen[node] = node if changed is None else changed
        return found

    return visit(expr)
