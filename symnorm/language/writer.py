"""Claims as text of the language: the way back, so that any statement can be typed, mailed and read again.

Every quantity that occurs twice gets a name in ``where``; gradients are written out as what they became. Reading the
text again gives a statement of the same normal form; tests do so for every claim of the catalogue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sympy as sp

from symnorm.claims import Claim
from symnorm.errors import Unsupported
from symnorm.language.grammar import KEYWORDS
from symnorm.language.names import CONSTANTS, FUNCTIONS
from symnorm.normalizers import REGISTRY
from symnorm.printing.precedence import PROGRAM, OperatorPrinter, Piece, constant
from symnorm.printing.sharing import Keys
from symnorm.tensors import Axis, Relation, System, Tensor, walk
from symnorm.tensors.tensor import IMPLICIT

LEAST_SHARED = 2


class _Writer(OperatorPrinter):
    """Prints nodes in the grammar of the language."""

    infixes = PROGRAM
    calls = {name: name for name in ("sqrt", "abs", "sign", "exp", "log", "erf", "maximum", "minimum")} | {
        "stop": "stop_gradient"
    }

    def __init__(self, roots: Sequence[Tensor]) -> None:
        super().__init__()
        self.keys = Keys(transparent=("let",))
        self.declared: dict[str, str] = {}
        self.written: dict[int, Piece] = {}
        self.where: list[tuple[str, str]] = []
        nodes = list(walk(*roots))
        self.leaves = {node.data.name for node in nodes if node.op == "input"}
        self.taken = {*self.leaves, *KEYWORDS, *FUNCTIONS, *REGISTRY, *CONSTANTS}
        for node in nodes:
            self.taken |= {axis.name for axis in node.axes}
        seen = {self.keys(node): node for node in nodes}
        uses = Counter(key for node in seen.values() for key in {self.keys(arg) for arg in node.args})
        uses.update(self.keys(root) for root in roots)
        self.shared = {key for key, count in uses.items() if count >= LEAST_SHARED}

    def piece(self, node: Tensor) -> Piece:
        while node.op == "let":
            node = node.args[0]
        key = self.keys(node)
        if key not in self.written:
            piece = self.name(node) or self.operation(node)
            if key in self.shared and node.op not in ("input", "const"):
                name = self._fresh()
                self.where.append((name, piece.text))
                piece = Piece(name)
            self.written[key] = piece
        return self.written[key]

    def _fresh(self) -> str:
        count = len(self.where) + 1
        while f"q{count}" in self.taken:
            count += 1
        self.taken.add(f"q{count}")
        return f"q{count}"

    def name(self, node: Tensor) -> Piece | None:
        if node.op != "input":
            return None
        leaf = node.data
        over = self._bracket(node.axes) if node.axes else ""
        promises = "".join(
            f" {sign} 0"
            for sign, kept in ((">", leaf.positive), (">=", leaf.nonnegative), ("!=", leaf.nonzero))
            if kept
        )
        promises += " integer" * leaf.integer + " symmetric" * leaf.symmetric
        line = f"{leaf.name}{over}{promises}"
        if self.declared.setdefault(leaf.name, line) != line:
            raise Unsupported(f"{leaf.name} is declared twice: {self.declared[leaf.name]} and {line}")
        return Piece(leaf.name)

    def other(self, node: Tensor) -> Piece:
        match node.op:
            case "const":
                return self._constant(node.data)
            case "total" | "mean":
                word = "sum" if node.op == "total" else "mean"
                return Piece(f"{word}{self._bracket(node.data)}({self.piece(node.args[0]).text})")
            case "amax" | "amin" | "at_max" | "at_min":
                return Piece(f"{node.op}{self._bracket(node.data)}({self.piece(node.args[0]).text})")
            case "rename":
                arg = self.piece(node.args[0])
                moved = ", ".join(f"{old.name}->{new.name}" for old, new in node.data)
                return Piece(f"({arg.text})[{moved}]")
            case "delta":
                return Piece(f"delta({', '.join(axis.name for axis in node.axes)})")
            case "cotangent":
                if {axis.name for axis in node.axes} != {axis.name for axis in node.args[0].axes}:
                    raise Unsupported("a loss of an output that is constant along an axis")
                return Piece(f"cotangent({self.piece(node.args[0]).text}, loss={node.data})")
            case "curvature":
                output = node.args[0]
                pairs = zip(output.axes, node.axes[len(output.axes) :], strict=True)
                moved = ", ".join(f"{old.name}->{new.name}" for old, new in pairs)
                return Piece(f"curvature[{moved}]({self.piece(output).text}, loss={node.data})")
        if node.op in IMPLICIT:
            return self._implicit(node)
        raise Unsupported(f"the operation {node.op!r} is not in the language")

    def _implicit(self, node: Tensor) -> Piece:
        """A quantity that is known through relations, as a function of what they are about."""
        match node.op, node.args:
            case "singular_value", (value, matrix, left, right):
                return self._called("singular_value", matrix, left, value, right)
            case "singular_vector", (vector, matrix):
                return self._called("singular_vector", matrix, vector)
            case "eigenvalues", (value, matrix, vectors):
                return self._called("eigenvalues", matrix, value, vectors)
            case "eigenvectors", (vectors, matrix, value):
                return self._called("eigenvectors", matrix, value, vectors)
            case "inverse_root", (_, matrix, vectors, value):
                return self._called("inverse_root", matrix, value, vectors)
            case "inverse_factor", (inverse, matrix, factor, order):
                return self._called("inverse_factor", matrix, factor, inverse, order)
        raise Unsupported(f"the operation {node.op!r} is not in the language by itself")

    def _called(self, name: str, *args: Tensor) -> Piece:
        return Piece(f"{name}({', '.join(self.piece(_solved(arg)).text for arg in args)})")

    def _constant(self, value: sp.Expr) -> Piece:
        if not all(part.is_Add or part.is_Mul or part.is_Pow or part.is_Symbol or part.is_Rational or part == sp.pi
                   for part in sp.preorder_traversal(value)):  # fmt: skip
            raise Unsupported(f"the constant {value}")
        return constant(value, str(value))

    def _bracket(self, axes: Sequence[Axis]) -> str:
        return f"[{', '.join(str(axis).replace('**', '^') for axis in axes)}]"


def _solved(node: Tensor) -> Tensor:
    """The unknown itself, of a quantity that a system hands out."""
    while node.op in IMPLICIT or node.op == "let":
        node = node.args[0]
    return node


def relation_text(relations: Sequence[Relation], given: Sequence[Relation] = (), by: Sequence[Tensor] = ()) -> str:
    """A statement under assumptions as a text: declarations, then the claim itself.

    Raises:
        Unsupported: something in it that the language has no words for.

    Example:
        >>> from symnorm.tensors import equal, scalar, sqrt
        >>> a = scalar("a", positive=True)
        >>> print(relation_text([equal(sqrt(a**2), a)]))
        tensor a > 0
        claim text.statement: sqrt(a**2) == a
    """
    return _written("text.statement", "", relations, given, by)


def claim_text(claim: Claim) -> str:
    """A claim as a text.

    Raises:
        Unsupported: something in it that the language has no words for: an induction, lemmas, proposed points.
    """
    for what, there in (("an induction", claim.along), ("lemmas", claim.using), ("proposed points", claim.examples)):
        if there:
            raise Unsupported(f"{claim.name} rests on {what}, for which the language has no words")
    status = f" expected {claim.expected}" if claim.expected != "proved" else ""
    return _written(claim.name, status, claim.relations(), claim.given, claim.certificates())


def _written(
    name: str, status: str, relations: Sequence[Relation], given: Sequence[Relation], by: Sequence[Tensor]
) -> str:
    systems = {id(r.system): r.system for r in given if r.system is not None}
    plain = [r for r in given if r.system is None]
    inside = [part for system in systems.values() for part in (system.of, *system.unknowns)]
    sides = [side for r in (*relations, *plain) for side in (r.left, r.right)]
    writer = _Writer([*sides, *inside, *by])
    stated = ", ".join(_shown(writer, relation) for relation in relations)
    assumed = ", ".join([*(_system(writer, s) for s in systems.values()), *(_shown(writer, r) for r in plain)])
    reason = ", ".join(writer.piece(part).text for part in by)
    nodes = list(walk(*sides, *inside, *by))
    copies = sorted({axis for node in nodes if node.op == "delta" for axis in node.axes}, key=lambda axis: axis.name)
    lines = ["axes " + ", ".join(str(axis).replace("**", "^") for axis in copies)] if copies else []
    lines += [f"tensor {line}" for line in writer.declared.values()]
    lines.append(f"claim {name}{status}: {stated}")
    if writer.where:
        lines.append("  where " + ",\n        ".join(f"{short} = {text}" for short, text in writer.where))
    lines += [f"  given {assumed}"] if assumed else []
    lines += [f"  by {reason}"] if reason else []
    return "\n".join(lines)


def _system(writer: _Writer, system: System) -> str:
    parts: tuple[Tensor, ...]
    match system.kind, system.unknowns:
        case "singular_pair", (left, value, right):
            parts = (system.of, left, value, right)
        case "eigenbasis", (values, vectors):
            parts = (system.of, values, vectors)
        case "cholesky", (factor, inverse, order):
            parts = (system.of, factor, inverse, order)
        case "orthogonal", (matrix,):
            parts = (matrix,)
        case _:
            raise Unsupported(f"the relations of a {system.kind} are not in the language")
    return f"{system.kind}({', '.join(writer.piece(part).text for part in parts)})"


def _shown(writer: _Writer, relation: Relation) -> str:
    return f"{writer.piece(relation.left).text} {relation.relation} {writer.piece(relation.right).text}"
