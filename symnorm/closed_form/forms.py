"""Closed forms: a normalizer's gradients as a book prints them, each proved equal to its raw adjoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from symnorm.calculus import Steps, vjp
from symnorm.canonical import Facts, Solver
from symnorm.canonical.terms import TooLarge, Undefined
from symnorm.canonical.visible import Visible
from symnorm.closed_form.textbook import Relation, Textbook, vocabulary_tensors
from symnorm.closed_form.writer import COTANGENT, GRADIENT, PARAMETER, QUANTITY, Vocabulary, Writer
from symnorm.errors import NameUnknown, Unsupported
from symnorm.normalizers import Equations, Normalizer
from symnorm.printing.latex import latex
from symnorm.printing.sharing import Keys
from symnorm.printing.text import text
from symnorm.tensors import Leaf, Tensor, as_tensor, bare, inputs, rebuild, tensor, walk
from symnorm.tensors.tensor import INDICATORS


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """A gradient in textbook form.

    Attributes:
        name: what it is called, ``dx``.
        tensor: the formula; its leaves are inputs, named quantities, the cotangent and earlier gradients by name.
        raw: the adjoint that it was made of, every quantity written out.
        steps: the derivation, one step a named equation.
        is_textbook: whether it is the short form; ``False`` means that none was found and the raw adjoint is shown.
    """

    name: str
    tensor: Tensor
    raw: Tensor
    steps: Steps
    is_textbook: bool

    def __str__(self) -> str:
        return text(self.tensor)

    def latex(self) -> str:
        """The formula in LaTeX."""
        return latex(self.tensor)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __repr__(self) -> str:
        return f"{self.name} = {self}"


def cotangent_of(normalizer: Normalizer) -> Tensor:
    """The symbol for dL/d(output): ``dy``."""
    output = normalizer.instance().output
    return tensor(f"d{output.data}", *output.axes)


def relations_of(equations: Equations) -> list[Relation]:
    """The named equations as relations between names."""
    return [
        Relation(as_name(let), equations.right_hand_side(name), let.data.solved_for)
        for name, let in equations.named.items()
    ]


def as_name(let: Tensor) -> Tensor:
    """A named quantity as an input of its name."""
    return Tensor("input", (), let.axes, Leaf(str(let.data)))


def facts_of(equations: Equations) -> Facts:
    """The signs of the named quantities: as seen in their definitions, and not zero where they are divided by."""
    visible = Visible(Facts())
    signs = {name: visible.of(let.element) for name, let in equations.named.items()}
    divisors = {id(node.args[1]) for node in walk(*equations.named.values()) if node.op == "div"}
    divided_by = {name for name, let in equations.named.items() if id(let) in divisors}
    nonnegative = {name for name, sign in signs.items() if sign.nonnegative}
    positive = {name for name, sign in signs.items() if sign.positive} | (nonnegative & divided_by)
    return Facts(frozenset(positive), frozenset(nonnegative), nonzero=frozenset(divided_by))


def by_name(node: Tensor, named: Mapping[int, Tensor]) -> Tensor:
    """The tensor with the given quantities, by identity, as inputs of their names; all others written out."""
    return bare(*rebuild((node,), lambda old, args: named.get(id(old))))[0]


def written_out(node: Tensor, values: Mapping[str, Tensor]) -> Tensor:
    """The tensor with values in place of inputs of those names, axes and all."""

    def change(old: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        return values.get(old.data.name) if old.op == "input" else None

    return rebuild((node,), change)[0]


@cache
def gradients(normalizer: Normalizer) -> dict[str, ClosedForm]:
    """The closed-form gradient of every differentiable input, in an order in which each may use those before it.

    Example:
        >>> from symnorm.normalizers import batch_norm
        >>> gradients(batch_norm)["x"]
        dx = gamma/sqrt(var + eps)*(dy - mean(dy) - x_hat*mean(dy*x_hat))
    """
    equations = normalizer.instance()
    cotangent = cotangent_of(normalizer)
    wrt = [normalizer.inputs[name] for name in normalizer.differentiable]
    found = vjp(equations.output, cotangent, wrt)
    names = {id(let): as_name(let) for let in equations.named.values()}
    relations = relations_of(equations)
    facts = facts_of(equations)
    declared = {**inputs(*(let for let in equations.named.values())), **inputs(cotangent)}
    roles = dict.fromkeys(normalizer.inputs, PARAMETER)
    roles |= {str(cotangent.data.name): COTANGENT}
    roles |= {str(relation.name.data.name): QUANTITY for relation in relations}
    values = {str(let.data): let for let in equations.named.values()}
    result: dict[str, ClosedForm] = {}
    last = [name for name in normalizer.differentiable if name not in normalizer.reuses]
    for name in (*normalizer.reuses, *last):
        variable = normalizer.quantity(name)
        raw = found.of(variable) if name in normalizer.inputs else found.named[id(equations.named[name])]
        adjoint = as_tensor(0) if raw.op == "const" else raw.args[0]
        order = Textbook(relations, facts, [name for name, node in declared.items() if node.data.symmetric])
        plain = by_name(adjoint, names)
        form = textbook_form(order, plain, variable, declared, roles)
        short = form is not None and proved(written_out(form, values), raw)
        compact = short and form is not None and _widest(form) <= max(_widest(plain), len(variable.axes))
        if form is None or not compact:
            form = _without_steps(plain)
        step = name in equations.named  # as the derivation has it, in the names of those before it
        result[name] = ClosedForm(f"d{name}", form, raw, found.steps, short or step)
        if name in normalizer.reuses:
            symbol = tensor(f"d{name}", *variable.axes, symmetric=_symmetric(raw))
            names[id(raw)] = symbol
            relations = [*relations, Relation(symbol, form)] if compact else relations
            declared |= {f"d{name}": symbol}
            roles |= {f"d{name}": GRADIENT}
            values[f"d{name}"] = raw
    return result


def _symmetric(raw: Tensor) -> bool:
    """Whether an adjoint is proved to be a symmetric matrix."""
    if len(raw.axes) != 2 or raw.axes[0].size != raw.axes[1].size:
        return False
    first, second = raw.axes
    return proved(raw, raw.rename({first: second, second: first}))


def _widest(form: Tensor) -> int:
    """The most axes that something stands over: matrices that are multiplied out in one sum have many."""
    return max((len(node.args[0].axes) for node in walk(form) if node.op in ("total", "mean")), default=0)


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


def _without_steps(adjoint: Tensor) -> Tensor:
    """An adjoint in terms of the definition alone: the names that its derivation gave to other adjoints written out."""
    return rebuild((adjoint,), lambda node, args: args[0] if node.op == "let" else None)[0]


def proved(form: Tensor, raw: Tensor) -> bool:
    """Whether a closed form is what it was made of."""
    return Solver().equal(form.element, raw.element)


def gradient(normalizer: Normalizer, name: str) -> ClosedForm:
    """One input's closed-form gradient.

    Raises:
        NameUnknown: no input of that name has a gradient.
    """
    if name not in normalizer.differentiable:
        raise NameUnknown(f"differentiable input of {normalizer.name}", name, normalizer.differentiable)
    return gradients(normalizer)[name]
