"""A tensor's formula as one line of plain text, in the author's order and with the parentheses that a book prints.

The grammar is Python's: ``-``, ``*``, ``/`` and ``**`` bind as they do there, so the text means one thing. It adds::

    mean(x)           over the only axes that the formula reduces
    max(x)            the largest over axes; at_max(x) is 1 where it is attained (1/k at each of k ties), else 0
    mean[N](x)        where there are several, or where x does not carry N
    x[N->M]           x under other axes
    delta(n, m)       1 where the indices agree
    dy                dL/dy of an unknown loss L; dL(...) where the output has no name
    d2L(y)            d2L/dy dy'

Used for reprs, messages, steps, tables and the comments of generated programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symnorm.errors import Unsupported
from symnorm.printing.precedence import ATOM, BOOK, OperatorPrinter, Piece, constant
from symnorm.printing.sharing import NAMED, Names, visible
from symnorm.tensors import IMPLICIT, Axis, Tensor


def text(tensor: Tensor, *, plain_reductions: bool = True, names: Mapping[Tensor, str] | None = None) -> str:
    """The formula as text; named equations by their names.

    Args:
        tensor: what to print.
        plain_reductions: leave the axes out where every reduction of the formula runs over the same.
        names: other names for nodes, which are then not written out.

    Example:
        >>> from symnorm.tensors import axes, mean, scalar, sqrt, tensor
        >>> N, C = axes("N C")
        >>> x, gamma, eps = tensor("x", N, C), tensor("gamma", C), scalar("eps", positive=True)
        >>> centred = x - mean(x, over=N)
        >>> text(gamma / sqrt(mean(centred**2, over=N) + eps) * centred)
        'gamma/sqrt(mean((x - mean(x))**2) + eps)*(x - mean(x))'
        >>> text(mean(mean(x, over=N) - x, over=C))
        'mean[C](mean[N](x) - x)'
        >>> text(-(2 * x), names={2 * x: "twice"})
        '-twice'
    """
    return texts(tensor, plain_reductions=plain_reductions, names=names)[0]


def texts(
    *tensors: Tensor, plain_reductions: bool = True, names: Mapping[Tensor, str] | None = None
) -> tuple[str, ...]:
    """Formulas that are read together, such as the two sides of an equation: one name means one thing in all of them.

    Example:
        >>> from symnorm.tensors import axes, tensor, total
        >>> N, C = axes("N C")
        >>> x = tensor("x", N, C)
        >>> texts(total(x, over=N), total(x, over=C))
        ('sum[N](x)', 'sum[C](x)')
    """
    printer = _Text(tensors, plain_reductions, names or {})
    return tuple(printer.piece(tensor).text for tensor in tensors)


WORDS = {"mean": "mean", "total": "sum", "amax": "max", "amin": "min", "at_max": "at_max", "at_min": "at_min"}
"""What an operation over axes is called."""


class _Text(OperatorPrinter):
    infixes = BOOK
    calls = {name: name for name in ("sqrt", "abs", "sign", "exp", "log", "erf", "maximum", "minimum")} | {
        "stop": "stop_gradient"
    }

    def __init__(self, roots: tuple[Tensor, ...], plain: bool, given: Mapping[Tensor, str]) -> None:
        super().__init__()
        reserved = Names((), given)
        nodes = list(visible(roots, lambda node: node.op == "let" or reserved.given(node) is not None))
        self.names = Names(nodes, given)
        self.plain = plain and _one_reduction(nodes)
        self.losses = {node.data for node in nodes if node.op in ("cotangent", "curvature")}

    def name(self, node: Tensor) -> Piece | None:
        given = self.names.given(node)
        if given is None and node.op not in NAMED:
            return None
        shown = given or self.names.of(node)
        return Piece(f"{shown}{_bracket(node.axes)}" if self.names.repeated(node) else shown)

    def other(self, node: Tensor) -> Piece:
        match node.op:
            case "const":
                return constant(node.data, str(node.data))
            case op if op in IMPLICIT:
                return self.piece(node.args[0])
            case op if op in WORDS:
                word = WORDS[op]
                where = "" if self.plain else _bracket(node.data)
                return Piece(f"{word}{where}({self.piece(node.args[0]).text})")
            case "rename":
                arg = self.piece(node.args[0])
                moved = ", ".join(f"{old.name}->{new.name}" for old, new in node.data)
                return Piece(f"{arg.text}[{moved}]" if arg.level == ATOM else f"({arg.text})[{moved}]")
            case "delta":
                return Piece(f"delta({', '.join(axis.index.name for axis in node.axes)})")
            case "cotangent":
                (output,) = node.args
                name = self.name(output)
                if name and len(self.losses) == 1 and f"d{name.text}" not in self.names.taken:
                    return Piece(f"d{name.text}")
                return Piece(f"d{node.data}({self.piece(output).text})")
            case "curvature":
                return Piece(f"d2{node.data}({self.piece(node.args[0]).text})")
        raise Unsupported(f"no text is known for the operation {node.op!r}")


def _bracket(axes: Iterable[Axis]) -> str:
    return f"[{','.join(axis.name for axis in axes)}]"


def _one_reduction(nodes: Iterable[Tensor]) -> bool:
    """Whether all reductions run over the same axes, and over axes that their arguments carry."""
    reductions = [node for node in nodes if node.op in WORDS]
    return len({frozenset(node.data) for node in reductions}) <= 1 and all(
        set(node.data) <= set(node.args[0].axes) for node in reductions
    )
