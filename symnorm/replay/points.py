"""The values of a statement at a point: sizes, entries and losses as a certificate gives them.

Plain loops over exact fractions. A root that is irrational becomes an enclosure (a pair of fractions), rounded outward,
so that an answer is certain or is not given.
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import product
from math import isqrt
from typing import Any

from .graph import ATTAINING, IMPLICIT, OF_LOSS, REDUCING, Axes, Graph, NotCovered, need

Real = tuple[Fraction, Fraction]  # encloses a number; equal ends are the number itself
BITS = 256
PI = 314159265358979323846264338327950288419716939937510  # the digits of pi, cut off
CIRCLE: Real = (Fraction(PI, 10**50), Fraction(PI + 1, 10**50))
LAST = Fraction(1, 1 << 250)  # terms of a series below it are left out
NOWHERE: dict[str, Any] = {"sizes": {}, "inputs": {}, "losses": {}}


def exact(number: int | Fraction) -> Real:
    """A number itself."""
    end = Fraction(number)
    return end, end


def rounded(lo: Fraction, hi: Fraction) -> Real:
    """An enclosure with short ends; what is exact stays as it is."""
    if lo == hi:
        return lo, hi
    low, high = (lo.numerator << BITS) // lo.denominator, -((-hi.numerator << BITS) // hi.denominator)
    return Fraction(low, 1 << BITS), Fraction(high, 1 << BITS)


def times(a: Real, b: Real) -> Real:
    """The product."""
    if a[0] is a[1] and b[0] is b[1]:  # what is exact is mostly multiplied once
        return (a[0] * b[0],) * 2
    ends = [x * y for x in a for y in b]
    return rounded(min(ends), max(ends))


def plus(a: Real, b: Real) -> Real:
    """The sum."""
    low = a[0] + b[0]
    return low, low if a[0] is a[1] and b[0] is b[1] else a[1] + b[1]


def minus(a: Real) -> Real:
    """The negative."""
    low = -a[1]
    return low, low if a[0] is a[1] else -a[0]


def sign(a: Real) -> int:
    """The sign, if it is certain."""
    need(a[0] > 0 or a[1] < 0 or a[0] == a[1] == 0, "a sign at the certificate's point cannot be told")
    return (a[0] > 0) - (a[1] < 0)


def inverse(a: Real) -> Real:
    """One over a number that is certainly not zero."""
    need(sign(a), "something is divided by zero at the certificate's point")
    return rounded(1 / a[1], 1 / a[0])


def root(a: Real) -> Real:
    """The square root of a number that is certainly not negative."""
    need(a[0] >= 0, "the root of something negative at the certificate's point")
    ends = []
    for end, up in zip(a, (0, 1), strict=True):
        n, d = end.numerator, end.denominator
        if isqrt(n) ** 2 == n and isqrt(d) ** 2 == d:
            ends.append(Fraction(isqrt(n), isqrt(d)))
        else:
            ends.append(Fraction(isqrt((n << 2 * BITS) // d) + up, 1 << BITS))
    return ends[0], ends[1]


def series(x: Fraction, shift: Fraction) -> Real:
    """``1 + r_1 + r_1 r_2 + ...`` for ``r_n = x/(n + shift) >= 0``: what is left once r_n < 1/2 is less than the last
    term."""
    term = total = 1 - LAST, 1 + LAST  # no exact number, so that each product is rounded
    n = 1
    while 2 * x > n + shift or term[1] > LAST:
        term = times(term, exact(x / (n + shift)))
        total = plus(total, term)
        n += 1
    return total[0], total[1] + term[1]


def exponential(a: Real) -> Real:
    """``exp`` by its series at |a|."""
    need(max(-a[0], a[1]) <= 1000, "the exponential of a large number", NotCovered)
    low, high = (series(abs(end), Fraction(0)) if end else exact(1) for end in a)
    return (low if a[0] >= 0 else inverse(low))[0], (high if a[1] >= 0 else inverse(high))[1]


def error_function(a: Real) -> Real:
    """``erf(x) = 2/sqrt(pi) x exp(-x^2) (1 + x^2/(3/2) + x^4/(3/2 5/2) + ...)``."""
    need(max(-a[0], a[1]) <= 6, "the error function of a large number", NotCovered)
    low, high = (times(times(exact(x), exponential(exact(-x * x))), series(x * x, Fraction(1, 2))) for x in a)
    return times(times((low[0], high[1]), exact(2)), inverse(root(CIRCLE)))


def power(a: Real, exponent: Real) -> Real:
    """A whole or half power."""
    base, n = (root(a), exponent[0] * 2) if exponent[0].denominator == 2 else (a, exponent[0])
    need(exponent[0] == exponent[1] and n.denominator == 1 and abs(n) <= 64, f"the power {exponent[0]}", NotCovered)
    result = exact(1)
    for _ in range(abs(int(n))):
        result = times(result, base)
    if n % 2 == 0:
        result = (max(result[0], Fraction(0)), result[1])
    return inverse(result) if n < 0 else result


VALUES: dict[str, Callable[..., Real]] = {
    "add": plus,
    "sub": lambda a, b: plus(a, minus(b)),
    "mul": times,
    "div": lambda a, b: times(a, inverse(b)),
    "neg": minus,
    "pow": power,
    "sqrt": root,
    "sign": lambda a: exact(sign(a)),
    "abs": lambda a: (max(a[0], -a[1], Fraction(0)), max(-a[0], a[1])),
    "exp": exponential,
    "erf": error_function,
    "maximum": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "minimum": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
}


def reduced(op: str, values: list[Real]) -> Real:
    """A sum, a mean, or the largest or smallest."""
    if op in ("total", "mean"):
        total = reduce(plus, values)
        return total if op == "total" else times(total, exact(Fraction(1, len(values))))
    choose = max if op == "amax" else min
    return choose(low for low, _ in values), choose(high for _, high in values)


def share(op: str, values: list[Real], own: Real) -> Real:
    """1/k of each of k values where it is the largest or the smallest, else 0."""
    gaps = [sign(plus(value, minus(own))) for value in values]
    return exact(0 if (1 if op == "at_max" else -1) in gaps else Fraction(1, gaps.count(0)))


class Point:
    """Numbers for everything that a statement mentions.

    Args:
        graph: the statement's graph.
        data: sizes, entries of inputs and coefficients of losses, by name.
        put: nodes in place of inputs and sizes, by name: the equations that are assumed of them.
    """

    def __init__(self, graph: Graph, data: Mapping[str, Any] = NOWHERE, put: Mapping[str, int] | None = None) -> None:
        self.graph, self.put = graph, put or {}
        self.sizes = {name: int(value) for name, value in data["sizes"].items()}
        need(all(size > 0 for size in self.sizes.values()), "a size is not positive")
        self.entries = {name: numbers(table) for name, table in data["inputs"].items()}
        self.losses = {name: numbers(table) for name, table in data["losses"].items()}
        self.known: dict[Any, Real] = {}

    def places(self, axes: Axes) -> Iterable[dict[str, int]]:
        """Every index of some axes, from 1."""
        extents = [range(1, self.extent(size) + 1) for size in axes.values()]
        return (dict(zip(axes, at, strict=True)) for at in product(*extents))

    def extent(self, size: int) -> int:
        """The number that a size is."""
        low, high = self.value(size, {})
        need(low == high and low.denominator == 1 and low >= 1, "a size at the certificate's point is no whole number")
        return int(low)

    def value(self, node: int, at: Mapping[str, int]) -> Real:
        """The value of a node at an index."""
        key = (node, *[at[name] for name in self.graph.axes[node]])
        if key not in self.known:
            self.known[key] = self.meaning(node, {name: at[name] for name in self.graph.axes[node]})
        return self.known[key]

    def meaning(self, node: int, at: dict[str, int]) -> Real:
        """The value by the node's operation."""
        op, args, data = self.graph.nodes[node]
        if op == "number":
            return exact(Fraction(data))
        if op in ("size", "input"):
            name = data if op == "size" else data[0]
            return self.value(self.put[name], at) if name in self.put else exact(self.leaf(name, op, at))
        if op == "constant" and data == "pi":
            return CIRCLE
        if op == "delta":
            return exact(len(set(at.values())) == 1)
        if op in REDUCING or op in ATTAINING.values():
            found = [self.value(args[0], {**at, **place}) for place in self.places(dict(data[1]))]
            return reduced(op, found) if op in REDUCING else share(op, found, self.value(args[0], at))
        if op == "rename":
            return self.value(args[0], {old: at[dict(data).get(old, old)] for old in self.graph.axes[args[0]]})
        if op in IMPLICIT or op in ("let", "stop"):
            return self.value(args[0], at)
        if op in OF_LOSS:
            return self.of_loss(op, args[0], data, at)
        need(op in VALUES, f"the value of {op}", NotCovered)
        return VALUES[op](*[self.value(arg, at) for arg in args])

    def leaf(self, name: str, op: str, at: Mapping[str, int]) -> Fraction | int:
        """A size or an entry of an input; its declared and assumed signs are checked with the assumptions."""
        table, place = self.entries.get(name, {}), tuple(at.values())
        need(op == "size" or place in table, f"the certificate's point has no entry {place} of {name}")
        return self.sizes[name] if op == "size" else table[place][0]

    def check_entries(self, name: str, flags: Iterable[str]) -> None:
        """Entries keep to what their input's declaration promises."""
        for at, (entry, *_) in self.entries.get(name, {}).items():
            good = {"positive": entry > 0, "nonnegative": entry >= 0, "nonzero": entry != 0}
            good |= {"integer": entry.denominator == 1, "symmetric": self.entries[name].get(at[::-1]) == [entry]}
            need(all(good[flag] for flag in flags), f"the certificate's point breaks the declaration of {name}")

    def of_loss(self, op: str, output: int, data: Any, at: Mapping[str, int]) -> Real:
        """``L(y) = sum_i (c_i y_i + q_i y_i^2 / 2 + t_i y_i^3 / 6)``: the derivative by y_i, or by y_i and y_j."""
        names = sorted(dict(data[1]))
        place = tuple([at[name] for name in names])
        copies = dict(zip(dict(data[1]), data[2], strict=True)) if op == "curvature" else {}
        if copies and place != tuple([at[copies[name]] for name in names]):
            return exact(0)
        need(place in self.losses.get(data[0], {}), f"the certificate's point does not say what the loss {data[0]} is")
        c, q, t = self.losses[data[0]][place]
        y = self.value(output, at)
        if op == "curvature":
            return plus(exact(q), times(y, exact(t)))
        return plus(exact(c), times(y, plus(exact(q), times(y, exact(t / 2)))))

    def holds(self, left: int, relation: str, right: int, at: Mapping[str, int]) -> bool | None:
        """Whether a relation holds at an index; ``None`` where two enclosures of an equation overlap."""
        gap = plus(self.value(left, at), minus(self.value(right, at)))
        if relation in ("==", "!=") and gap[0] <= 0 <= gap[1] and gap[0] != gap[1]:
            return None
        s = sign(gap)
        return {"==": s == 0, "!=": s != 0, ">=": s >= 0, ">": s > 0, "<=": s <= 0, "<": s < 0}[relation]

    def everywhere(self, left: int, relation: str, right: int) -> list[bool | None]:
        """Whether a relation holds, at each index."""
        axes = {**self.graph.axes[left], **self.graph.axes[right]}
        return [self.holds(left, relation, right, at) for at in self.places(axes)]


def numbers(table: Mapping[str, Any]) -> dict[tuple[int, ...], list[Fraction]]:
    """``{"1,2": "3/2"}`` or ``{"1,2": [1, 2, 3]}`` as numbers by index."""
    rows = [(place, values if isinstance(values, list) else [values]) for place, values in table.items()]
    return {tuple([int(i) for i in place.split(",") if i]): [Fraction(value) for value in row] for place, row in rows}
