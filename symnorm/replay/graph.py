"""The graph of a statement and its derivatives.

A node is an operation, its arguments and its data; equal nodes are one, and a node's arguments have smaller numbers.
Axes are named. A derivative is not believed but made: reading a ``vjp`` or ``jvp`` node differentiates the graph below.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

Axes = dict[str, int]  # axis name -> node of its size


class Rejected(Exception):
    """The certificate does not show what it states."""


class Contradicted(Rejected):
    """At the certificate's own point an assumption does not hold, or what is stated is the other way round."""


class NotCovered(Exception):
    """A kind of certificate, or an operation in it, that is not re-checked here."""


def need(holds: Any, why: str, error: type[Exception] = Rejected) -> None:
    """Refuses what does not follow."""
    if not holds:
        raise error(why)


LEAVES = {"number", "size", "constant", "input"}
OF_LOSS = ("cotangent", "curvature")  # the first and second derivative of an unknown scalar function
REDUCING = ("total", "mean", "amax", "amin")
ATTAINING = {"amax": "at_max", "amin": "at_min"}  # 1/k at each of the k places where an extremum is attained, else 0
EXTREMA = (*ATTAINING, *ATTAINING.values())
ELEMENTWISE = {"add": 2, "sub": 2, "mul": 2, "div": 2, "pow": 2, "maximum": 2, "minimum": 2}
ELEMENTWISE |= dict.fromkeys(("neg", "sqrt", "abs", "sign", "exp", "log", "erf", "let", "stop"), 1)
# an input (the first argument) that solves a system whose relations are assumed; the others say of which matrix
IMPLICIT = ("singular_value", "singular_vector", "eigenvalues", "eigenvectors", "inverse_root", "inverse_factor")
ALL: Mapping[str, slice] = {}
# the only arguments that an operation changes with, where that is not all of them
STILL = {"sign": slice(0), "stop": slice(0), "at_max": slice(0), "at_min": slice(0), "singular_value": slice(1, 2)}


class Graph:
    """Nodes ``(op, args, data)``; equal ones are one."""

    def __init__(self) -> None:
        self.nodes: list[tuple[str, tuple[int, ...], Any]] = []
        self.axes: list[Axes] = []
        self.numbers: dict[Any, int] = {}

    def read(self, rows: Sequence[Any]) -> list[int]:
        """The nodes of a certificate: rows ``[op, arguments, data]`` that name earlier rows by their place."""
        found: list[int] = []
        for op, args, data in rows:
            if op in ("input", "delta", *OF_LOSS, *REDUCING, *ATTAINING.values()):
                data = [data[0], [[name, found[size]] for name, size in data[1]], *data[2:]]
            places = [found[arg] for arg in args]
            if op == "vjp":
                found.append(self.reverse(*places))
            elif op == "jvp":
                changes = dict(zip(places[1::2], places[2::2], strict=True))
                alike = all(self.axes[change].items() <= self.axes[of].items() for of, change in changes.items())
                need(alike, "a change has an axis that what changes does not have")
                found.append(self.forward(places[0], changes))
            else:
                found.append(self.node(op, places, frozen(data)))
        return found

    def node(self, op: str, args: Iterable[int] = (), data: Any = None) -> int:
        """The number of a node."""
        key = (op, tuple(args), data)
        if key not in self.numbers:
            axes = self.axes_of(*key)
            self.numbers[key] = len(self.nodes)
            self.nodes.append(key)
            self.axes.append(axes)
        return self.numbers[key]

    def axes_of(self, op: str, args: tuple[int, ...], data: Any) -> Axes:
        """The axes of a node: the union of its arguments' where it works element by element."""
        own: list[tuple[str, int]] = [pair for arg in args for pair in self.axes[arg].items()]
        fits = True
        if op in ("input", "delta", *OF_LOSS):
            copies = zip(data[2], data[1], strict=True) if op == "curvature" else ()
            whole = [*data[1], *[(copy, size) for copy, (_, size) in copies]]
            pair = op != "delta" or (len(whole) == 2 and whole[0][1] == whole[1][1])
            fits = pair and set(own) <= set(data[1]) and len(args) == (op in OF_LOSS)
            fits = fits and len(dict(whole)) == len(whole)
            own = whole
        elif op in REDUCING:
            over = dict(data[1])
            fits = len(args) == 1 and len(over) == len(data[1]) and all(over.get(a, size) == size for a, size in own)
            own = [(name, size) for name, size in own if name not in over]
        elif op in ATTAINING.values():
            fits = len(args) == 1 and set(data[1]) <= set(own)
        elif op in IMPLICIT:
            own = list(self.axes[args[0]].items())
        elif op == "rename":
            own = [(dict(data).get(name, name), size) for name, size in own]
            fits = len(args) == 1 and len(dict(own)) == len(own)
        elif op not in LEAVES:
            need(ELEMENTWISE.get(op) == len(args), f"the operation {op} of {len(args)} arguments", NotCovered)
        fits = fits and all(dict(own)[name] == size for name, size in own) and not (op in LEAVES and args)
        need(fits, f"a node {op} whose axes do not fit: {data}")
        return dict(own)

    def number(self, value: int | Fraction) -> int:
        """A number as a node."""
        return self.node("number", (), str(value))

    def below(self, root: int, only: Mapping[str, slice] = ALL) -> list[int]:
        """A node and those under it, arguments first; of some operations only some arguments."""
        found, stack = {root}, [root]
        while stack:
            op, args, _ = self.nodes[stack.pop()]
            fresh = set(args[only.get(op, slice(None))]) - found
            found |= fresh
            stack += fresh
        return sorted(found)

    def names(self, *roots: int) -> set[str]:
        """The inputs and losses below some nodes."""
        found = [self.nodes[node] for root in roots for node in self.below(root)]
        return {data[0] for op, _, data in found if op in ("input", *OF_LOSS)}

    def substituted(self, root: int, values: Mapping[str, int]) -> int:
        """A node with other nodes in place of inputs, by name."""
        new: dict[int, int] = {}
        for node in self.below(root):
            op, args, data = self.nodes[node]
            put = values.get(data[0]) if op == "input" else None
            new[node] = self.node(op, [new[arg] for arg in args], data) if put is None else put
            need(self.axes[new[node]].items() <= self.axes[node].items(), "what is put in has an axis too many")
        return new[root]

    # derivatives ------------------------------------------------------------------------------------------------------

    def slope(self, y: int, place: int) -> int:
        """What a change of an argument is multiplied by where an operation works element by element."""
        op, args, _ = self.nodes[y]
        a, b, of, one = args[0], args[-1], self.node, self.number(1)

        def lower() -> int:  # a to the exponent less one; of a^0, which is multiplied by 0, any number will do
            kind, _, value = self.nodes[b]
            less = self.number(Fraction(value) - 1) if kind == "number" else of("sub", [b, one])
            return one if kind == "number" and value in ("0", "1") else of("pow", [a, less])

        def share(way: str) -> int:  # of a maximum or minimum, half at a tie
            sign = of("sign", [of("sub", [a, b])])
            return of("div", [of(way, [one, sign]), self.number(2)])

        def bell() -> int:  # the slope of erf: 2/sqrt(pi) exp(-a^2)
            falls = of("exp", [of("neg", [of("mul", [a, a])])])
            return of("div", [of("add", [falls, falls]), of("sqrt", [of("constant", (), "pi")])])

        rules: dict[str, tuple[Callable[[], int], ...]] = {
            "add": (lambda: one, lambda: one),
            "sub": (lambda: one, lambda: of("neg", [one])),
            "mul": (lambda: b, lambda: a),
            "div": (lambda: of("div", [one, b]), lambda: of("neg", [of("div", [y, b])])),
            "pow": (lambda: of("mul", [b, lower()]), lambda: of("mul", [y, of("log", [a])])),
            "neg": (lambda: of("neg", [one]),),
            "sqrt": (lambda: of("div", [self.number(Fraction(1, 2)), y]),),
            "abs": (lambda: of("sign", [a]),),
            "exp": (lambda: y,),
            "log": (lambda: of("div", [one, a]),),
            "erf": (bell,),
            "let": (lambda: one,),
            "maximum": (lambda: share("add"), lambda: share("sub")),
            "minimum": (lambda: share("sub"), lambda: share("add")),
        }
        need(op in rules, f"the derivative of {op}", NotCovered)
        return rules[op][place]()

    def share(self, y: int, place: int, d: int) -> int:
        """How a node changes with one of its arguments, which changes by d."""
        op, args, data = self.nodes[y]
        if op in ("total", "mean", "rename"):
            return self.node(op, [d], data)
        if op in ATTAINING:
            return self.node("total", [self.node("mul", [self.node(ATTAINING[op], args, data), d])], data)
        if op == "singular_value":  # d sigma = u^T dW v
            u, v = args[2:]
            axes = tuple({**self.axes[u], **self.axes[v]}.items())
            return self.node("total", [self.node("mul", [self.node("mul", [d, u]), v])], ("", axes))
        if op == "cotangent":
            loss, axes = data
            copies = self.fresh([name for name, _ in axes], d)
            curved = self.node("curvature", [args[0]], (loss, axes, tuple(copies.values())))
            change = self.node("mul", [curved, self.node("rename", [d], tuple(copies.items()))])
            return self.node("total", [change], ("", tuple([(copies[name], size) for name, size in axes])))
        return self.node("mul", [d, self.slope(y, place)])

    def forward(self, output: int, changes: Mapping[int, int]) -> int:
        """``sum_j d output / d variable_j change_j``."""
        reached = self.below(output, STILL)
        for variable in changes:
            op, _, data = self.nodes[variable]
            alike = [n for n in reached if self.nodes[n][0] == "input" == op and self.nodes[n][2][0] == data[0]]
            once = op in ("input", "let") and alike in ([], [variable])
            need(once, "a derivative is taken by an input, declared once, or by a named quantity")
        change = dict(changes)
        for y in reached:
            op, args, _ = self.nodes[y]
            for place, arg in enumerate(args[STILL.get(op, slice(None))] if y not in changes else ()):
                if arg in change:
                    share = self.share(y, place, change[arg])
                    change[y] = self.node("add", [change[y], share]) if y in change else share
        return change.get(output, self.number(0))

    def reverse(self, output: int, cotangent: int, variable: int) -> int:
        """``sum_i cotangent_i d output_i / d variable``: each entry of the variable is changed by itself."""
        need(self.axes[cotangent].items() <= self.axes[output].items(), "a cotangent has an axis too many")
        if variable not in self.below(output, STILL):
            return self.number(0)
        change, copies = self.number(1), self.fresh(self.axes[variable], output, cotangent)
        for name, size in self.axes[variable].items():
            change = self.node("mul", [change, self.node("delta", (), ("", ((name, size), (copies[name], size))))])
        found = self.node("mul", [cotangent, self.forward(output, {variable: change})])
        found = self.node("total", [found], ("", tuple(self.axes[output].items())))
        return self.node("rename", [found], tuple([(copy, name) for name, copy in copies.items()]))

    def fresh(self, names: Iterable[str], *roots: int) -> dict[str, str]:
        """Other names for axes, which no node below has."""
        taken = {*names}.union(*[self.axes[node] for root in roots for node in self.below(root)])
        mark = "'"
        while any(name + mark in taken for name in names):
            mark += "'"
        return {name: name + mark for name in names}


def frozen(data: Any) -> Any:
    """Lists as tuples, so that nodes can be compared."""
    return tuple(frozen(part) for part in data) if isinstance(data, list) else data
