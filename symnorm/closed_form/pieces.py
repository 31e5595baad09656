"""A definition's graph in pieces, each brought into its own textbook order.

The graph is cut at the quantities whose gradients the definition reuses: above a cut the quantity is a name like an
input's, below it its gradient is the cotangent. A piece knows only its own equations, so that two quantities can both
be solved for one input (the two standardized ones of batch-instance norm), and a statistic can be held while the
output is solved for x (switchable norm). Without a cut the whole graph is the one piece. A gradient is the sum over the
pieces. In comes a definition, out go tensors, which :mod:`symnorm.closed_form.forms` accepts only when proved.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

from symnorm.calculus import Adjoints, vjp
from symnorm.canonical import Facts
from symnorm.canonical.terms import TooLarge, Undefined
from symnorm.canonical.visible import Visible
from symnorm.closed_form.atoms import COTANGENT, GRADIENT, PARAMETER, QUANTITY, Vocabulary
from symnorm.closed_form.textbook import Relation, Textbook, vocabulary_tensors
from symnorm.closed_form.writer import Writer
from symnorm.errors import Unsupported
from symnorm.normalizers import Equations, Normalizer
from symnorm.printing.sharing import Keys
from symnorm.printing.text import text
from symnorm.tensors import Leaf, Tensor, as_tensor, bare, inputs, rebuild, tensor, walk
from symnorm.tensors.tensor import INDICATORS


@dataclass(frozen=True, eq=False)
class Piece:
    """A named quantity over inputs and cut quantities, with its adjoints.

    Attributes:
        adjoints: of the inputs and cut quantities that it is made of.
        relations: the equations that stand in it, and those of cut quantities that are made of the same ones.
    """

    adjoints: Adjoints
    relations: tuple[Relation, ...]


class Derivation:
    """The gradients of a definition, piece by piece.

    Args:
        normalizer: the definition.
        equations: its declared instance.
        cotangent: the symbol for dL/d(output).
        symmetric: the reused quantities whose gradients are symmetric matrices.
    """

    def __init__(
        self, normalizer: Normalizer, equations: Equations, cotangent: Tensor, symmetric: Collection[str] = ()
    ) -> None:
        self.facts = facts_of(equations)
        self.declared = {**inputs(equations.output), **inputs(cotangent)}
        self.roles = dict.fromkeys(normalizer.inputs, PARAMETER)
        self.roles |= {str(cotangent.data.name): COTANGENT} | dict.fromkeys(equations.named, QUANTITY)
        self.names = {name: as_name(let) for name, let in equations.named.items()}
        self.by_data = {id(let.data): self.names[name] for name, let in equations.named.items()}
        self.reused: list[Relation] = []
        cuts = {name: equations.named[name] for name in normalizer.reuses if name in equations.named}
        variables = [*(normalizer.inputs[n] for n in normalizer.differentiable), *(self.names[n] for n in cuts)]
        self.pieces = [self._piece(equations, equations.output, cotangent, cuts, variables)]
        self.cuts = frozenset(cuts)
        for name, let in cuts.items():
            symbol = tensor(f"d{name}", *let.axes, symmetric=name in symmetric)
            self.declared |= inputs(symbol)
            self.roles[f"d{name}"] = GRADIENT
            self.pieces.append(self._piece(equations, let, symbol, cuts, variables))

    def _piece(
        self,
        equations: Equations,
        output: Tensor,
        cotangent: Tensor,
        cuts: Mapping[str, Tensor],
        variables: list[Tensor],
    ) -> Piece:
        held = {id(let) for let in cuts.values()} - {id(output)}
        graph = rebuild((output,), lambda old, args: as_name(old) if id(old) in held else None)[0]
        inside = {str(node.data) for node in walk(graph) if node.op == "let" and id(node.data) in self.by_data}
        known = {*inside, *inputs(graph)}
        inside |= {name for name in cuts if inputs(equations.right_hand_side(name)).keys() <= known}
        relations = [one for one in relations_of(equations) if one.name.data.name in inside]
        return Piece(vjp(graph, cotangent, [v for v in variables if v.data.name != str(output.data)]), tuple(relations))

    def form(self, variable: Tensor) -> Tensor | None:
        """The gradient by an input or a cut quantity as a book has it; None if it has no short form."""
        symbol = as_name(variable) if variable.op == "let" else variable
        parts = []
        for piece in self.pieces:
            adjoint = piece.adjoints.named.get(str(symbol.data.name))
            if adjoint is not None:
                parts.append(self._shortest(piece, by_name(adjoint.args[0], self.by_data), symbol))
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        if len(found) < 2:
            return found[0] if found else as_tensor(0)
        together = self._written(Textbook((), self.facts, self._symmetric), reduce(add, found), symbol)
        candidates = [reduce(_plus, found), *([together] if together is not None else [])]
        return min(candidates, key=lambda made: len(text(made)))

    @property
    def _symmetric(self) -> list[str]:
        return [name for name, node in self.declared.items() if node.data.symmetric]

    def plain(self, variable: Tensor) -> Tensor:
        """The gradient as the derivation has it, in the names of quantities and of the cut quantities' gradients."""
        symbol = as_name(variable) if variable.op == "let" else variable
        adjoints = [piece.adjoints.named.get(str(symbol.data.name)) for piece in self.pieces]
        shown = [by_name(adjoint, self.by_data) for adjoint in adjoints if adjoint is not None]
        return reduce(add, map(_without_steps, shown), as_tensor(0)) if len(shown) != 1 else _without_steps(shown[0])

    def held(self, variable: Tensor) -> list[dict[int, Tensor]]:
        """Cut quantities that a proof may take for mere names, by the ``id`` of their data: all, some, none.

        Some: those whose own piece the variable is not in.
        """
        name = str(variable.data.name)
        apart = {str(p.adjoints.output.data) for p in self.pieces if name not in p.adjoints.named}
        cuts = {key: symbol for key, symbol in self.by_data.items() if symbol.data.name in self.cuts}
        sets = [cuts, {key: symbol for key, symbol in cuts.items() if symbol.data.name in apart}, {}]
        return [held for i, held in enumerate(sets) if held not in sets[:i]]

    def reuse(self, variable: Tensor, form: Tensor) -> None:
        """Write what follows with this gradient, which equals ``form``: an input's always, a quantity's if short."""
        name = str(variable.data.name)
        known = self.declared.get(f"d{name}", tensor(f"d{name}", *variable.axes))
        self.reused.append(Relation(known, form))
        self.roles[f"d{name}"] = GRADIENT

    def _shortest(self, piece: Piece, adjoint: Tensor, symbol: Tensor) -> Tensor | None:
        """In the textbook order with or without the gradients of cut quantities above it, whichever reads shorter."""
        own = f"d{piece.adjoints.output.data}"
        inputs_only = [r for r in self.reused if r.name.data.name[1:] not in self.cuts]
        every = self.reused if own[1:] not in self.cuts else inputs_only
        found = [
            self._written(Textbook([*piece.relations, *reused], self.facts, self._symmetric), adjoint, symbol)
            for reused in ([inputs_only, every] if len(every) > len(inputs_only) else [inputs_only])
        ]
        return min((form for form in found if form is not None), key=lambda made: len(text(made)), default=None)

    def _written(self, order: Textbook, adjoint: Tensor, variable: Tensor) -> Tensor | None:
        known = vocabulary_tensors(self.reused, {**self.declared, **self.names})
        return textbook_form(order, adjoint, variable, known, self.roles)


def textbook_form(
    order: Textbook, adjoint: Tensor, variable: Tensor, declared: dict[str, Tensor], roles: dict[str, int]
) -> Tensor | None:
    """An expression over the variable's axes in textbook order; ``None`` if it has no short form."""
    adjoint, places = _with_places(adjoint)
    words = Vocabulary(vocabulary_tensors(order.relations, {**declared, **inputs(*places)}), roles, variable.axes)
    try:
        (poly,) = order.read(adjoint.element)
        form = Writer(order.solver.context, words).write(poly)
        return written_out(form, {str(leaf.data.name): place for leaf, place in places.items()})
    except (Unsupported, TooLarge, Undefined):
        return None


def _with_places(adjoint: Tensor) -> tuple[Tensor, dict[Tensor, Tensor]]:
    """The adjoint with a name for each place where an extremum is attained, and what each name stands for.

    So a place keeps the argument that the derivation gave it, which is what the definition takes the extremum of: in
    floating point, another one with the same maximum may tie where this one does not.
    """
    keys, found = Keys(), dict[int, Tensor]()
    places: dict[Tensor, Tensor] = {}

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        if node.op not in INDICATORS:
            return None
        if keys(node) not in found:
            leaf = tensor(f"{node.op} {len(found)}", *node.axes, nonnegative=True)
            found[keys(node)], places[leaf] = leaf, node
        return found[keys(node)]

    return rebuild((adjoint,), change)[0], places


def written_out(node: Tensor, values: Mapping[str, Tensor]) -> Tensor:
    """The tensor with values in place of inputs of those names, axes and all."""

    def change(old: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        return values.get(old.data.name) if old.op == "input" else None

    return rebuild((node,), change)[0]


def relations_of(equations: Equations) -> list[Relation]:
    """The named equations as relations between names."""
    return [
        Relation(as_name(let), equations.right_hand_side(name), let.data.solved_for)
        for name, let in equations.named.items()
    ]


def as_name(let: Tensor) -> Tensor:
    """A named quantity as an input of its name."""
    return Tensor("input", (), let.axes, Leaf(str(let.data)))


def by_name(node: Tensor, named: Mapping[int, Tensor]) -> Tensor:
    """The tensor with the quantities of ``named`` (by the ``id`` of their data) as inputs; all others written out."""
    return bare(holding(node, named))[0]


def holding(node: Tensor, named: Mapping[int, Tensor]) -> Tensor:
    """The same for a proof, with the record of what implicit quantities depend on."""
    return rebuild((node,), lambda old, args: named.get(id(old.data)) if old.op == "let" else None)[0]


def _without_steps(adjoint: Tensor) -> Tensor:
    """An adjoint in terms of the definition alone: the names that its derivation gave to other adjoints written out."""
    return rebuild((adjoint,), lambda node, args: args[0] if node.op == "let" else None)[0]


def facts_of(equations: Equations) -> Facts:
    """The signs of the named quantities: as seen in their definitions, and not zero where they are divided by."""
    visible = Visible(Facts())
    signs = {name: visible.of(let.element) for name, let in equations.named.items()}
    divisors = {id(node.args[1]) for node in walk(*equations.named.values()) if node.op == "div"}
    divided_by = {name for name, let in equations.named.items() if id(let) in divisors}
    nonnegative = {name for name, sign in signs.items() if sign.nonnegative}
    positive = {name for name, sign in signs.items() if sign.positive} | (nonnegative & divided_by)
    return Facts(frozenset(positive), frozenset(nonnegative), nonzero=frozenset(divided_by))


def _plus(left: Tensor, right: Tensor) -> Tensor:
    return left - right.args[0] if right.op == "neg" else left + right
