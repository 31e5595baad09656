"""What is left of a claim that is not an identity: ``left - right`` in textbook form, or ``left/right``.

The named quantities of the one normalizer instance in the statement stay names, so that the answer reads
``eps*sum(gamma*dy*x_hat)/...`` and not as a fraction of power sums. No verdict rests on it, but what is shown is proved
equal to what it stands for.
"""

from __future__ import annotations

from symnorm.canonical import Facts, Solver
from symnorm.closed_form.atoms import COTANGENT, PARAMETER, QUANTITY, Vocabulary
from symnorm.closed_form.pieces import as_name, by_name, written_out
from symnorm.closed_form.textbook import Relation, Textbook, vocabulary_tensors
from symnorm.closed_form.writer import Writer
from symnorm.errors import SymnormError
from symnorm.normalizers import opaque
from symnorm.tensors import Tensor, inputs, rebuild, tensor, walk

MOST_TERMS, LONGEST = 12, 240
"""A residue of more terms, or that prints longer, explains nothing."""


def residue(left: Tensor, right: Tensor, facts: Facts) -> Tensor | None:
    """The difference in textbook form, or ``None`` if it has no short one that is proved equal to it."""
    gap = left - right
    written = in_textbook_form(gap, facts)
    return written if written is not None and _equal(written, gap, facts) else None


def ratio(left: Tensor, right: Tensor, facts: Facts) -> Tensor | None:
    """``left/right``, if it is simpler than either: proved, short, and the same along one of their axes at least.

    Example:
        >>> from symnorm.normalizers import find
        >>> ratio(find("z_score")(), find("z_score.unbiased")(), Facts())
        sqrt(N - 1)*sqrt(N)/(N - 1)
    """
    written = in_textbook_form(left / right, facts)
    if written is None or set(written.axes) >= {*left.axes, *right.axes}:
        return None
    return written if _equal(written, left / right, facts) else None


def in_textbook_form(gap: Tensor, facts: Facts) -> Tensor | None:
    """An expression over the quantities of the outermost instance in it; ``None`` if it has no short form."""
    lets = _quantities(gap)
    quantities = [let for let in lets if not let.data.is_output]  # the output itself is written out
    named = {id(let.data): as_name(let) for let in quantities}
    shown = by_name(_with_cotangents(gap, lets), named)
    relations = [Relation(as_name(let), opaque(let.args[0]), let.data.solved_for) for let in quantities]
    words = inputs(shown, *(relation.value for relation in relations))
    roles = {name: COTANGENT if name.startswith("d") else PARAMETER for name in words}
    roles |= {str(relation.name.data.name): QUANTITY for relation in relations}
    try:
        order = Textbook(relations, facts)
        (poly,) = order.read(shown.element)
        if len(poly) > MOST_TERMS or any(axis.size.is_Number for axis in gap.axes):
            return None
        written = Writer(order.solver.context, Vocabulary(vocabulary_tensors(relations, words), roles, gap.axes)).write(
            order.solver.resolver.cleared(poly)
        )
        return written if len(repr(written)) <= LONGEST else None
    except (SymnormError, RecursionError):  # too large, or written with something that has no textbook form
        return None


def _equal(written: Tensor, meant: Tensor, facts: Facts) -> bool:
    """Whether a form is what it stands for, its names written out."""
    lets = _quantities(meant)
    values = {str(let.data): let for let in lets if not let.data.is_output}
    if lets:
        values |= {name: node for name, node in _cotangents(meant, lets).items() if name not in values}
    try:
        return Solver(facts).equal(written_out(written, values).element, meant.element)
    except (SymnormError, RecursionError):
        return False


def _quantities(gap: Tensor) -> list[Tensor]:
    """The equations of the normalizer instance that is met last, which is the outermost."""
    found: dict[str, Tensor] = {}
    owners = [node for node in walk(gap) if node.op == "let" and node.data.owner]
    if not owners:
        return []
    output = owners[-1]
    for node in walk(output):
        if node.op == "let" and node.data.owner == output.data.owner:
            found.setdefault(str(node.data), node)
    return list(found.values())


def _with_cotangents(gap: Tensor, lets: list[Tensor]) -> Tensor:
    """The derivative of an unknown loss by the instance's output as a symbol ``dy``."""
    symbols = {id(node): tensor(name, *node.axes) for name, node in _cotangents(gap, lets).items()}

    def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
        return symbols.get(id(node))

    return rebuild((gap,), change)[0]


def _cotangents(gap: Tensor, lets: list[Tensor]) -> dict[str, Tensor]:
    named = {id(let) for let in lets}
    found = [node for node in walk(gap) if node.op == "cotangent" and id(node.args[0]) in named]
    return {f"d{node.args[0].data}": node for node in found if found[0].data == node.data}
