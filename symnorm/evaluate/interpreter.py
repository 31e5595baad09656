"""The meaning of an index expression: the slow, obvious evaluator that everything faster is compared with.

In come a SymPy expression over tensor entries (as :mod:`symnorm.tensors` makes them), a :class:`~.model.Model` and
values for the free indices; out comes a :data:`~.numbers.Number`, exact or rigorously enclosed. Called by the search
for counterexamples, by the checks, and by tests of every stage that rewrites expressions.

Each node kind has one function in :data:`MEANING`. A value is remembered under its node and the values of the node's
free symbols, so a mean inside a sum is computed once and not once a round.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction

import sympy as sp

from symnorm.errors import NameUnknown, SymnormError, Unsupported
from symnorm.evaluate import numbers
from symnorm.evaluate.interval import DEFAULT_BITS, working_precision
from symnorm.evaluate.model import Index, Model
from symnorm.evaluate.numbers import Number
from symnorm.tensors.nodes import Cotangent, Curvature, attains, largest, maximum, minimum

Environment = Mapping[sp.Symbol, int]
_NESTING = 20_000  # Python frames, a few for each level of the expression


def evaluate(expr: sp.Expr, model: Model, indices: Environment | None = None, bits: int = DEFAULT_BITS) -> Number:
    """The value of an expression.

    Args:
        expr: an index expression.
        model: values for the names in it.
        indices: values for its free index symbols.
        bits: working precision where a value is not exact.

    Raises:
        NameUnknown: a symbol, tensor or loss that the model does not have.
        Unsupported: a node without a meaning here.
        SymnormError: an index that is no integer or outside its tensor.
        OutsideDomain: an operation without a real value, as a division by 0.
        Undetermined: an enclosure too wide at this precision.

    Example:
        >>> i, N = sp.Dummy("i", integer=True), sp.Symbol("N", integer=True, positive=True)
        >>> x = sp.IndexedBase("x", real=True)
        >>> model = Model(sizes={"N": 2}, tensors={"x": {(1,): Fraction(3), (2,): Fraction(4)}})
        >>> evaluate(sp.sqrt(sp.Sum(x[i] ** 2, (i, 1, N))), model)
        5
    """
    with working_precision(bits), _deep_recursion():
        return _Run(model).value(expr, indices or {})


def element_array(
    expr: sp.Expr,
    index_symbols: Sequence[sp.Symbol],
    sizes: Sequence[int | sp.Expr],
    model: Model,
    bits: int = DEFAULT_BITS,
) -> dict[Index, Number]:
    """The values of an expression at every index tuple from 1 to the sizes; raises as :func:`evaluate` does.

    Example:
        >>> n = sp.Symbol("n", integer=True)
        >>> element_array(n**2, [n], [3], Model())
        {(1,): 1, (2,): 4, (3,): 9}
    """
    with working_precision(bits), _deep_recursion():
        run = _Run(model)
        extents = [run.integer(sp.Integer(size) if isinstance(size, int) else size, {}) for size in sizes]
        if len(extents) != len(index_symbols):
            raise SymnormError(f"each index needs a size: {list(index_symbols)} came with {list(sizes)}")
        tuples = itertools.product(*(range(1, extent + 1) for extent in extents))
        return {at: run.value(expr, dict(zip(index_symbols, at, strict=True))) for at in tuples}


class _Run:
    """One evaluation: the model and what is known so far."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._known: dict[tuple[sp.Basic, tuple[int | None, ...]], Number] = {}
        self._free: dict[sp.Basic, tuple[sp.Symbol, ...]] = {}

    def value(self, node: sp.Basic, env: Environment) -> Number:
        """The value of a node where its free indices are as in ``env``."""
        key = (node, tuple([env.get(symbol) for symbol in self.free_symbols(node)]))
        if (known := self._known.get(key)) is None:
            known = self._known[key] = _meaning(node)(self, node, env)
        return known

    def integer(self, node: sp.Basic, env: Environment) -> int:
        """The value of an index, a size or the bound of a sum."""
        found = self.value(node, env)
        if isinstance(found, int):
            return found
        if isinstance(found, Fraction) and found.denominator == 1:
            return found.numerator
        raise SymnormError(f"an index or size must be an integer; {node} is {found}")

    def free_symbols(self, node: sp.Basic) -> tuple[sp.Symbol, ...]:
        """The symbols that the node's value depends on, without names of tensors and losses and without bound ones."""
        if (known := self._free.get(node)) is None:
            known = self._free[node] = tuple(self._find_free_symbols(node))
        return known

    def _find_free_symbols(self, node: sp.Basic) -> set[sp.Symbol]:
        if isinstance(node, sp.Symbol):
            return {node}
        if isinstance(node, sp.Sum):
            found = set(self.free_symbols(node.function))
            for variable, *bounds in node.limits:
                found.discard(variable)
                found.update(*[self.free_symbols(bound) for bound in bounds])
            return found
        if isinstance(node, largest):
            found = set(self.free_symbols(node.body)).difference(node.slots)
            return found.union(*[self.free_symbols(size) for size in node.sizes])
        if isinstance(node, Cotangent | Curvature):
            found = set(self.free_symbols(node.body)).difference(node.slots)
            return found.union(*[self.free_symbols(index) for index in node.indices])
        parts = node.indices if isinstance(node, sp.Indexed) else node.args
        return set().union(*[self.free_symbols(part) for part in parts])


def _symbol(run: _Run, node: sp.Symbol, env: Environment) -> Number:
    if node in env:
        return env[node]
    if isinstance(node, sp.Dummy):
        raise SymnormError(f"bound index {node} stands outside of the sum that binds it")
    for values in (run.model.sizes, run.model.scalars):
        if node.name in values:
            return values[node.name]
    raise NameUnknown("symbol", node.name, [*run.model.sizes, *run.model.scalars, *[index.name for index in env]])


def _entry(run: _Run, node: sp.Indexed, env: Environment) -> Number:
    name = node.base.label.name
    if name not in run.model.tensors:
        raise NameUnknown("tensor", name, run.model.tensors)
    entries = run.model.tensors[name]
    at = tuple([run.integer(index, env) for index in node.indices])
    if at not in entries:
        raise SymnormError(f"{node} at {at} is outside of {name}, whose last index is {max(entries, default='none')}")
    return entries[at]


def _add(run: _Run, node: sp.Add, env: Environment) -> Number:
    total: Number = 0
    for term in node.args:
        total = total + run.value(term, env)
    return total


def _multiply(run: _Run, node: sp.Mul, env: Environment) -> Number:
    product: Number = 1
    for factor in node.args:
        product = product * run.value(factor, env)
    return product


def _power(run: _Run, node: sp.Pow, env: Environment) -> Number:
    return numbers.power(run.value(node.base, env), run.value(node.exp, env))


def _sum(run: _Run, node: sp.Sum, env: Environment) -> Number:
    return _sum_over(run, node, list(node.limits), env)


def _sum_over(run: _Run, node: sp.Sum, limits: list[sp.Tuple], env: Environment) -> Number:
    """A plain loop for each limit; SymPy writes the outermost last."""
    if not limits:
        return run.value(node.function, env)
    variable, *bounds = limits[-1]
    first, last = (run.integer(bound, env) for bound in bounds)
    if last < first - 1:
        raise SymnormError(f"{node} runs from {first} to {last}; conventions differ on what such a sum means")
    total: Number = 0
    for index in range(first, last + 1):
        total = total + _sum_over(run, node, limits[:-1], {**env, variable: index})
    return total


def _values_over(run: _Run, node: largest, env: Environment) -> dict[tuple[int, ...], Number]:
    """The body's values at all of its bound indices."""
    extents = [run.integer(size, env) for size in node.sizes]
    tuples = itertools.product(*(range(1, extent + 1) for extent in extents))
    return {at: run.value(node.body, {**env, **dict(zip(node.slots, at, strict=True))}) for at in tuples}


def _largest(run: _Run, node: largest, env: Environment) -> Number:
    values = list(_values_over(run, node, env).values())
    if not values:
        raise SymnormError(f"{node} has no elements to be the largest of")
    found = values[0]
    for value in values[1:]:
        found = numbers.maximum(found, value)
    return found


def _attains(run: _Run, node: attains, env: Environment) -> Number:
    """One over the number of places where the largest is attained, 0 elsewhere.

    Raises:
        Undetermined: an enclosure that cannot be told apart from the largest.
    """
    values, top = _values_over(run, node.of, env), run.value(node.of, env)
    here = tuple([run.integer(index, env) for index in node.indices])
    if here not in values:
        raise SymnormError(f"{node} at {here} is outside of its axes")
    places = [at for at, value in values.items() if numbers.sign(top - value) == 0]
    return Fraction(1, len(places)) if here in places else 0


def _delta(run: _Run, node: sp.KroneckerDelta, env: Environment) -> Number:
    if len(node.args) != 2:
        raise Unsupported(f"{node} has a range beside its two indices: {node.args}")
    first, second = node.args
    return int(run.integer(first, env) == run.integer(second, env))


def _derivative_of_loss(run: _Run, node: Cotangent | Curvature, env: Environment) -> Number:
    """The body with the indices in its slots is the entry y; the concrete loss differentiates itself there."""
    name = node.loss.name
    if name not in run.model.losses:
        raise NameUnknown("loss", name, run.model.losses)
    order, rank = (1 if isinstance(node, Cotangent) else 2), len(node.slots)
    at = tuple([run.integer(index, env) for index in node.indices])
    if len(at) != order * rank:
        raise SymnormError(f"{node} of order {order} needs {order * rank} indices for slots {node.slots}, not {at}")
    places = [at[start * rank : (start + 1) * rank] for start in range(order)]
    y = run.value(node.body, {**env, **dict(zip(node.slots, places[0], strict=True))})
    return run.model.losses[name].derivative(order, places, y)


Meaning = Callable[[_Run, sp.Basic, Environment], Number]

#: What each node kind means; a subclass without a line of its own means what its parent does.
MEANING: dict[type, Meaning] = {
    sp.Symbol: _symbol,
    sp.Indexed: _entry,
    sp.Integer: lambda run, node, env: int(node.p),
    sp.Rational: lambda run, node, env: Fraction(int(node.p), int(node.q)),
    type(sp.pi): lambda run, node, env: numbers.pi(),
    type(sp.E): lambda run, node, env: numbers.exp(1),
    sp.Add: _add,
    sp.Mul: _multiply,
    sp.Pow: _power,
    sp.Sum: _sum,
    sp.KroneckerDelta: _delta,
    sp.Abs: lambda run, node, env: numbers.absolute(run.value(node.args[0], env)),
    sp.sign: lambda run, node, env: numbers.sign(run.value(node.args[0], env)),
    sp.exp: lambda run, node, env: numbers.exp(run.value(node.args[0], env)),
    sp.erf: lambda run, node, env: numbers.erf(run.value(node.args[0], env)),
    sp.log: lambda run, node, env: numbers.log(run.value(node.args[0], env)),
    maximum: lambda run, node, env: numbers.maximum(*[run.value(arg, env) for arg in node.args]),
    minimum: lambda run, node, env: numbers.minimum(*[run.value(arg, env) for arg in node.args]),
    largest: _largest,
    attains: _attains,
    Cotangent: _derivative_of_loss,
    Curvature: _derivative_of_loss,
}


def _meaning(node: sp.Basic) -> Meaning:
    for kind in type(node).__mro__:
        if kind in MEANING:
            return MEANING[kind]
    raise Unsupported(f"{node} is a {type(node).__name__}, which has no value here")


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Room for deep expressions: Python's usual limit is one of caution, not of memory."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _NESTING))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)
