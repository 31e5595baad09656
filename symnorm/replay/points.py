"""The values of a statement at a point: sizes, entries and losses as a certificate gives them.

Plain loops over exact fractions. A root that is irrational becomes an enclosure (a pair of fractions), rounded outward,
so that an answer is certain or is not given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from math import isqrt
from typing import Any

from .graph import ATTAINING, IMPLICIT, Axes, Graph, NotCovered, Rejected

Real = tuple[Fraction, Fraction]  # encloses a number; equal ends are the number itself
BITS = 256
PI = 314159265358979323846264338327950288419716939937510  # the digits of pi, cut off
CIRCLE: Real = (Fraction(PI, 10**50), Fraction(PI + 1, 10**50))
ZERO: Real = (Fraction(0), Fraction(0))


def rounded(lo: Fraction, hi: Fraction) -> Real:
    """An enclosure with short ends; what is exact stays as it is."""
    if lo == hi:
        return lo, hi
    low, high = (lo.numerator << BITS) // lo.denominator, -((-hi.numerator << BITS) // hi.denominator)
    return Fraction(low, 1 << BITS), Fraction(high, 1 << BITS)


def times(a: Real, b: Real) -> Real:
    """The product."""
    if a[0] == a[1] and b[0] == b[1]:
        return (a[0] * b[0],) * 2
    ends = [x * y for x in a for y in b]
    return rounded(min(ends), max(ends))


def plus(a: Real, b: Real) -> Real:
    """The sum."""
    return a[0] + b[0], a[1] + b[1]


def minus(a: Real) -> Real:
    """The negative."""
    return -a[1], -a[0]


def sign(a: Real) -> int:
    """The sign, if it is certain."""
    if a[0] > 0 or a[1] < 0 or a[0] == a[1] == 0:
        return (a[0] > 0) - (a[1] < 0)
    raise Rejected("a sign at the certificate's point cannot be told")


def inverse(a: Real) -> Real:
    """One over a number that is certainly not zero."""
    if sign(a) == 0:
        raise Rejected("something is divided by zero at the certificate's point")
    return rounded(1 / a[1], 1 / a[0])


def root(a: Real) -> Real:
    """The square root of a number that is certainly not negative."""
    if a[0] < 0:
        raise Rejected("the root of something negative at the certificate's point")
    ends = []
    for end, up in zip(a, (0, 1), strict=True):
        n, d = end.numerator, end.denominator
        if isqrt(n) ** 2 == n and isqrt(d) ** 2 == d:
            ends.append(Fraction(isqrt(n), isqrt(d)))
        else:
            ends.append(Fraction(isqrt((n << 2 * BITS) // d) + up, 1 << BITS))
    return ends[0], ends[1]


def exponential(a: Real) -> Real:
    """``exp`` by its series at a/2^k, squared k times."""
    ends = []
    for end, up in zip(a, (0, 1), strict=True):
        if abs(end) > 1000:
            raise NotCovered("the exponential of a large number")
        halvings = 2 + int(abs(end)).bit_length()
        x, term, total = end / 2**halvings, Fraction(1), Fraction(1)
        for n in range(1, 50):
            term = rounded(term * x / n, term * x / n + Fraction(1, 1 << BITS))[0]
            total += term
        # |x| < 1/4: what is left of the series, and 49 terms rounded by at most 2^-BITS each
        slack = Fraction(1, 1 << 200)
        found = (total - slack, total + slack)
        for _ in range(halvings):
            found = times(found, found)
        ends.append(found[up] if end else Fraction(1))
    return ends[0], ends[1]


def error_function(a: Real) -> Real:
    """``erf`` by its series, whose terms alternate: what is left is less than the last of those that fall.

    Terms are rounded by 2^-320 each, which the next ones, |x| <= 6 times x^2/n, enlarge by at most e^36 < 2^52.
    """
    ends = []
    for x in a:
        if abs(x) > 6:
            raise NotCovered("the error function of a large number")
        term, total, n = x, x, 0  # of x^(2n + 1)/n!
        while n < x * x or abs(term) > Fraction(1, 1 << 220):
            n += 1
            term = Fraction(int(-term * x * x / n * 2**320), 2**320)
            total += term / (2 * n + 1)
        slack = Fraction(1, 1 << 200) if x else Fraction(0)
        ends += [total - slack, total + slack]
    return times(times(rounded(ends[0], ends[3]), (Fraction(2), Fraction(2))), inverse(root(CIRCLE)))


def power(a: Real, exponent: Fraction) -> Real:
    """A whole or half power."""
    if exponent.denominator == 2:
        return power(root(a), exponent * 2)
    if exponent.denominator != 1 or abs(exponent) > 64:
        raise NotCovered(f"the power {exponent}")
    result: Real = (Fraction(1), Fraction(1))
    for _ in range(abs(int(exponent))):
        result = times(result, a)
    if int(exponent) % 2 == 0 and exponent:
        result = (max(result[0], Fraction(0)), result[1])
    return inverse(result) if exponent < 0 else result


class Point:
    """Numbers for everything that a statement mentions.

    Args:
        graph: the statement's graph.
        data: sizes, entries of inputs and coefficients of losses, by name.
        put: nodes in place of inputs and sizes, by name: the equations that are assumed of them.
    """

    def __init__(self, graph: Graph, data: Mapping[str, Any], put: Mapping[str, int]) -> None:
        self.graph, self.put = graph, put
        self.sizes = {name: int(value) for name, value in data["sizes"].items()}
        if any(size < 1 for size in self.sizes.values()):
            raise Rejected("a size is not positive")
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
        if low != high or low.denominator != 1 or low < 1:
            raise Rejected("a size at the certificate's point is not a whole number")
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
            return (Fraction(data),) * 2
        if op == "size":
            return self.value(self.put[data], {}) if data in self.put else (Fraction(self.sizes[data]),) * 2
        if op == "input":
            return self.entry(data, at)
        if op == "constant":
            if data != "pi":
                raise NotCovered(f"the constant {data}")
            return CIRCLE
        if op == "delta":
            return (Fraction(len(set(at.values())) == 1),) * 2
        if op in ("total", "mean"):
            axes, count, total = dict(data[1]), Fraction(1), ZERO
            for place in self.places(axes):
                total = plus(total, self.value(args[0], {**at, **place}))
            for size in axes.values() if op == "mean" else ():
                count *= self.extent(size)
            return times(total, (1 / count,) * 2)
        if op in ("amax", "amin"):
            found = [self.value(args[0], {**at, **place}) for place in self.places(dict(data[1]))]
            choose = max if op == "amax" else min
            return choose(low for low, _ in found), choose(high for _, high in found)
        if op in ATTAINING.values():
            here, gaps = self.value(args[0], at), []
            for place in self.places(dict(data[1])):
                gaps.append(sign(plus(self.value(args[0], {**at, **place}), minus(here))))
            return (Fraction(0),) * 2 if (1 if op == "at_max" else -1) in gaps else (Fraction(1, gaps.count(0)),) * 2
        if op == "rename":
            return self.value(args[0], {old: at[dict(data).get(old, old)] for old in self.graph.axes[args[0]]})
        if op in IMPLICIT:
            return self.value(args[0], at)
        if op in ("cotangent", "curvature"):
            return self.of_loss(op, args[0], data, at)
        values = [self.value(arg, at) for arg in args]
        return self.elementwise(op, values)

    def elementwise(self, op: str, values: list[Real]) -> Real:
        """Operations element by element."""
        a, b = values[0], values[-1]
        match op:
            case "add":
                return plus(a, b)
            case "sub":
                return plus(a, minus(b))
            case "mul":
                return times(a, b)
            case "div":
                return times(a, inverse(b))
            case "neg":
                return minus(a)
            case "pow" if b[0] == b[1]:
                return power(a, b[0])
            case "sqrt":
                return root(a)
            case "sign":
                return (Fraction(sign(a)),) * 2
            case "abs":
                return max(a[0], -a[1], Fraction(0)), max(-a[0], a[1])
            case "exp":
                return exponential(a)
            case "erf":
                return error_function(a)
            case "maximum":
                return max(a[0], b[0]), max(a[1], b[1])
            case "minimum":
                return min(a[0], b[0]), min(a[1], b[1])
            case "let" | "stop":
                return a
        raise NotCovered(f"the value of {op}")

    def entry(self, data: Any, at: Mapping[str, int]) -> Real:
        """An entry of an input; its declared and assumed signs are checked with the assumptions."""
        name, axes, _ = data
        if name in self.put:
            return self.value(self.put[name], at)
        table, place = self.entries.get(name, {}), tuple([at[axis] for axis, _ in axes])
        if place not in table:
            raise Rejected(f"the certificate's point has no entry {place} of {name}")
        return (table[place][0],) * 2

    def check_entries(self, data: Any) -> None:
        """Entries keep to what their input's declaration promises."""
        name, _, flags = data
        for at, (entry, *_) in self.entries.get(name, {}).items():
            good = {"positive": entry > 0, "nonnegative": entry >= 0, "nonzero": entry != 0}
            good["integer"] = entry.denominator == 1
            good["symmetric"] = self.entries[name].get(at[::-1]) == [entry]
            if not all(good[flag] for flag in flags):
                raise Rejected(f"the certificate's point breaks the declaration of {name}")

    def of_loss(self, op: str, output: int, data: Any, at: Mapping[str, int]) -> Real:
        """``L(y) = sum_i (c_i y_i + q_i y_i^2 / 2 + t_i y_i^3 / 6)``: the derivative by y_i, or by y_i and y_j."""
        names = sorted(dict(data[1]))
        place = tuple([at[name] for name in names])
        copies = dict(zip(dict(data[1]), data[2], strict=True)) if op == "curvature" else {}
        if copies and place != tuple([at[copies[name]] for name in names]):
            return ZERO
        if place not in self.losses.get(data[0], {}):
            raise Rejected(f"the certificate's point does not say what the loss {data[0]} is")
        c, q, t = self.losses[data[0]][place]
        y = self.value(output, at)
        if op == "curvature":
            return plus((q, q), times(y, (t, t)))
        return plus((c, c), plus(times(y, (q, q)), times(power(y, Fraction(2)), (t / 2, t / 2))))

    def holds(self, left: int, relation: str, right: int, at: Mapping[str, int]) -> bool | None:
        """Whether a relation holds at an index; ``None`` where two enclosures of an equation overlap."""
        gap = plus(self.value(left, at), minus(self.value(right, at)))
        if relation in ("==", "!=") and gap[0] <= 0 <= gap[1] and gap[0] != gap[1]:
            return None
        s = sign(gap)
        return {"==": s == 0, "!=": s != 0, ">=": s >= 0, ">": s > 0, "<=": s <= 0, "<": s < 0}[relation]


def numbers(table: Mapping[str, Any]) -> dict[tuple[int, ...], list[Fraction]]:
    """``{"1,2": "3/2"}`` or ``{"1,2": [1, 2, 3]}`` as numbers by index."""
    found = {}
    for place, values in table.items():
        at = tuple([int(part) for part in place.split(",") if part])
        found[at] = [Fraction(value) for value in (values if isinstance(values, list) else [values])]
    return found
