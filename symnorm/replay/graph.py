"""The graph of a statement and its derivatives.

A node is an operation, its arguments and its data; equal nodes are one, and a node's arguments have smaller numbers.
Axes are named; a name has one size. A derivative is not believed but made: reading a ``vjp`` or ``jvp`` node applies
the rules of :meth:`Graph.partials` to the graph below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

Axes = dict[str, int]  # axis name -> node of its size
Pairs = tuple[tuple[str, Any], ...]


class Rejected(Exception):
    """The certificate does not show what it states."""


class Contradicted(Rejected):
    """At the certificate's own point an assumption does not hold, or what is stated is the other way round."""


class NotCovered(Exception):
    """A kind of certificate, or an operation in it, that is not re-checked here."""


ELEMENTWISE = {"add": 2, "sub": 2, "mul": 2, "div": 2, "pow": 2, "maximum": 2, "minimum": 2}
REDUCING = ("total", "mean", "amax", "amin")
IMPLICIT = ("singular_value", "singular_vector", "eigenvalues", "eigenvectors", "inverse_root", "inverse_factor")
"""An input (the first argument) that solves a system whose relations are assumed; the others say of which matrix."""
ELEMENTWISE |= dict.fromkeys(("neg", "sqrt", "abs", "sign", "exp", "log", "let", "stop"), 1)


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
            if op in ("input", "delta", "cotangent", "curvature", *REDUCING):
                data = [data[0], [[name, found[size]] for name, size in data[1]], *data[2:]]
            places = [found[arg] for arg in args]
            if op == "vjp":
                found.append(self.reverse(*places))
            elif op == "jvp":
                found.append(self.forward(places[0], dict(zip(places[1::2], places[2::2], strict=True))))
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
        if op in ("input", "delta", "cotangent", "curvature"):
            if op in ("cotangent", "curvature") and not set(own) <= set(data[1]):
                raise Rejected("the derivative of a loss lacks an axis of the output")
            own = [*data[1]]
            if op == "curvature":
                own += [(copy, size) for copy, (_, size) in zip(data[2], data[1], strict=True)]
            if len(dict(own)) != len(own) or (op == "delta" and (len(own) != 2 or own[0][1] != own[1][1])):
                raise Rejected(f"a node {op} has axes that do not fit: {own}")
        elif op in REDUCING:
            if len(args) != 1 or not data[1] or any(dict(data[1]).get(name, size) != size for name, size in own):
                raise Rejected("a sum runs over an axis of another size")
            own = [(name, size) for name, size in own if name not in dict(data[1])]
        elif op in IMPLICIT:
            own = list(self.axes[args[0]].items())
        elif op == "rename":
            new = dict(data)
            if len(args) != 1 or len({new.get(name, name) for name, _ in own}) != len(own):
                raise Rejected("a renaming makes two axes one")
            own = [(new.get(name, name), size) for name, size in own]
        elif op in ("number", "size", "constant"):
            if args:
                raise Rejected(f"{op} has no arguments")
        elif ELEMENTWISE.get(op) != len(args):
            raise NotCovered(f"the operation {op} of {len(args)} arguments")
        axes = dict(own)
        if any(axes[name] != size for name, size in own):
            raise Rejected("two axes of one name have different sizes")
        return axes

    def substituted(self, root: int, values: Mapping[str, int]) -> int:
        """A node with other nodes in place of inputs, by name."""
        new: dict[int, int] = {}
        for node in self.below(root):
            op, args, data = self.nodes[node]
            if op == "input" and data[0] in values:
                new[node] = values[data[0]]
                if not self.axes[new[node]].items() <= self.axes[node].items():
                    raise Rejected("what is put in place of an input has an axis that the input does not have")
            else:
                new[node] = self.node(op, [new[arg] for arg in args], data)
        return new[root]

    def names(self, root: int) -> set[str]:
        """The inputs and losses below a node."""
        below = [self.nodes[node] for node in self.below(root)]
        return {data[0] for op, _, data in below if op in ("input", "cotangent", "curvature")}

    def number(self, value: int | Fraction) -> int:
        """A number as a node."""
        return self.node("number", (), str(value))

    # derivatives: one line for each operation that works element by element -------------------------------------------

    def partials(self, y: int) -> list[int | None]:
        """What a change of each argument is multiplied by; ``None`` for zero."""
        op, args, _ = self.nodes[y]
        a, b, one, half = args[0], args[-1], self.number(1), self.number(Fraction(1, 2))
        of = self.node
        match op:
            case "add":
                return [one, one]
            case "sub":
                return [one, of("neg", [one])]
            case "mul":
                return [b, a]
            case "div":
                return [of("div", [one, b]), of("neg", [of("div", [a, of("mul", [b, b])])])]
            case "pow":
                value = self.nodes[b][2] if self.nodes[b][0] == "number" else None
                steep = self.number(1) if value == "1" else of("pow", [a, self.lower(b)])
                return [None if value == "0" else of("mul", [b, steep]), of("mul", [y, of("log", [a])])]
            case "neg":
                return [of("neg", [one])]
            case "sqrt":
                return [of("div", [half, y])]
            case "abs":
                return [of("sign", [a])]
            case "exp":
                return [y]
            case "log":
                return [of("div", [one, a])]
            case "let":
                return [one]
            case "sign" | "stop":
                return [None]
            case "maximum" | "minimum":  # half to each at a tie
                sign = of("sign", [of("sub", [a, b])])
                up, down = of("mul", [half, of("add", [one, sign])]), of("mul", [half, of("sub", [one, sign])])
                return [up, down] if op == "maximum" else [down, up]
        raise NotCovered(f"the derivative of {op}")

    def lower(self, exponent: int) -> int:
        """An exponent less one."""
        op, _, data = self.nodes[exponent]
        return self.number(Fraction(data) - 1) if op == "number" else self.node("sub", [exponent, self.number(1)])

    def below(self, root: int) -> list[int]:
        """The nodes under a node and itself, arguments first."""
        found, stack = {root}, [root]
        while stack:
            fresh = set(self.nodes[stack.pop()][1]) - found
            found |= fresh
            stack += fresh
        return sorted(found)

    def depending(self, root: int, variables: Iterable[int]) -> list[int]:
        """The nodes under a node that change with one of the variables, arguments first."""
        found = set(variables)
        for node in self.below(root):
            op, args, _ = self.nodes[node]
            if op not in ("stop", "sign") and not found.isdisjoint(args):
                found.add(node)
        return [node for node in self.below(root) if node in found]

    def one_of_its_name(self, variable: int, output: int) -> None:
        """Refuses a variable that is not an input or a named quantity, or an input declared in two ways."""
        op, _, data = self.nodes[variable]
        if op not in ("input", "let"):
            raise Rejected("a derivative is taken by an input or a named quantity")
        alike = [n for n in self.below(output) if self.nodes[n][0] == op == "input" and self.nodes[n][2][0] == data[0]]
        if alike not in ([], [variable]):
            raise Rejected(f"two inputs of the name {data[0]}")

    def reverse(self, output: int, cotangent: int, variable: int) -> int:
        """``sum_i cotangent_i d output_i / d variable``."""
        if not self.axes[cotangent].items() <= self.axes[output].items():
            raise Rejected("a cotangent has an axis that its output does not have")
        self.one_of_its_name(variable, output)
        active = self.depending(output, [variable])
        adjoint = {output: cotangent}
        for y in reversed(active):
            args = self.nodes[y][1]
            if y == variable or y not in adjoint:
                continue
            shares = self.shares(y, adjoint[y], back=True)
            for arg, share in zip(args, shares, strict=True):
                if arg in active and share is not None:
                    adjoint[arg] = self.node("add", [adjoint[arg], share]) if arg in adjoint else share
        return adjoint.get(variable, self.number(0))

    def forward(self, output: int, tangents: Mapping[int, int]) -> int:
        """``sum_j d output / d variable_j tangent_j``."""
        change = dict(tangents)
        for variable in tangents:
            self.one_of_its_name(variable, output)
        for y in self.depending(output, tangents):
            if y in tangents:
                continue
            for place, arg in enumerate(self.nodes[y][1]):
                share = self.shares(y, change[arg], back=False)[place] if arg in change else None
                if share is not None:
                    change[y] = self.node("add", [change[y], share]) if y in change else share
        return change.get(output, self.number(0))

    def shares(self, y: int, d: int, back: bool) -> list[int | None]:
        """What a change of y sends back to each argument or, forward, what a change of each sends on to y."""
        op, args, data = self.nodes[y]
        x = args[0] if args else y
        if op in ("total", "mean"):
            if not back:
                return [self.node(op, [d], data)]
            count = self.number(1)
            for name, size in data[1]:
                if (name in self.axes[x]) == (op == "mean"):
                    count = self.node("mul", [count, size])
            return [self.node("mul" if op == "total" else "div", [d, count])]
        if op == "singular_value":  # d sigma = u^T dW v
            u, v = args[2:]
            if back:
                return [None, self.node("mul", [self.node("mul", [d, u]), v]), None, None]
            along = self.node("mul", [self.node("mul", [d, u]), v])
            axes = tuple({**self.axes[u], **self.axes[v]}.items())
            return [None, self.node("total", [along], ("", axes)), None, None]
        if op == "rename":
            pairs = tuple((new, old) for old, new in data) if back else data
            return [self.renamed(d, pairs)]
        if op == "cotangent":
            loss, axes = data
            taken = {*dict(axes), *self.axes[d]}
            copies = []
            for name, _ in axes:
                while name in taken:
                    name += "'"
                taken.add(name)
                copies.append(name)
            if not axes:
                return [self.node("mul", [self.node("curvature", [x], (loss, axes, ())), d])]
            second = tuple((copy, size) for copy, (_, size) in zip(copies, axes, strict=True))
            curved = self.node("curvature", [x], (loss, axes, tuple(copies)))
            other = self.renamed(d, tuple((name, copy) for (name, _), copy in zip(axes, copies, strict=True)))
            return [self.node("total", [self.node("mul", [curved, other])], ("", second))]
        found: list[int | None] = []
        for arg, factor in zip(args, self.partials(y), strict=True):
            share = None if factor is None else self.node("mul", [d, factor])
            lacking = tuple(pair for pair in self.axes[y].items() if pair[0] not in self.axes[arg])
            if share is not None and lacking and back:
                share = self.node("total", [share], ("", lacking))
            found.append(share)
        return found

    def renamed(self, node: int, pairs: Pairs) -> int:
        """A node under other axes, as far as it carries them."""
        carried = tuple((old, new) for old, new in pairs if old in self.axes[node])
        return self.node("rename", [node], carried) if carried else node


def frozen(data: Any) -> Any:
    """Lists as tuples, so that nodes can be compared."""
    return tuple(frozen(part) for part in data) if isinstance(data, list) else data
