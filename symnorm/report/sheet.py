"""A normalizer on a sheet of plain text: its definition, its derivation, its gradients, what is claimed of it.

Called by ``symnorm show`` and ``symnorm derive``; :mod:`symnorm.report.latex` and :mod:`symnorm.report.data` take the
same parts from here. In a definition every sum and mean names its axes; a closed form is printed as a book does, with
the axes beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from symnorm.calculus import Step
from symnorm.closed_form import ClosedForm, gradient, gradients
from symnorm.kernels import Layout
from symnorm.normalizers import Normalizer, conventions_of, opaque
from symnorm.normalizers.differences import in_words
from symnorm.printing import equation_latex, text
from symnorm.report import existence
from symnorm.report.existence import defined_where, differentiable_where
from symnorm.tensors import Tensor, inputs, walk
from symnorm.tensors.tensor import OVER_AXES

SIGNS = {"positive": "> 0", "nonnegative": ">= 0", "nonzero": "!= 0"}


@dataclass(frozen=True)
class Equation:
    """One named equation.

    Attributes:
        name: its left-hand side; ``new running_mean`` for an update.
        text: its right-hand side.
        latex: the whole equation.
        updates: whether it gives a running statistic its new value.
    """

    name: str
    text: str
    latex: str
    updates: bool = False


def equations_of(normalizer: Normalizer) -> list[Equation]:
    """The named equations, then the new values of running statistics.

    Example:
        >>> from symnorm.normalizers import weight_norm
        >>> [equation.text for equation in equations_of(weight_norm)]
        ['sqrt(sum[K](v**2))', 'g*v/norm']
    """
    instance = normalizer.instance()
    found = []
    for name, let in instance.named.items():
        rhs = instance.right_hand_side(name)
        found.append(Equation(name, text(rhs, plain_reductions=False), equation_latex(name, let.axes, rhs)))
    for name, new in instance.updates.items():
        shown = equation_latex(name, new.axes, new).replace(" = ", r" \leftarrow ", 1)
        found.append(Equation(f"new {name}", text(new, plain_reductions=False), shown, updates=True))
    return found


def signs(node: Tensor) -> list[str]:
    """What an input's declaration promises of its values."""
    words = [f"{node.data.name} {sign}" for name, sign in SIGNS.items() if getattr(node.data, name)]
    return words + [word for word in ("integer", "symmetric") if getattr(node.data, word)]


def wanted_gradients(normalizer: Normalizer, name: str | None = None) -> dict[str, ClosedForm]:
    """All gradients, or the one by an input after those that its formula uses.

    Raises:
        NameUnknown: no differentiable input of that name.
    """
    every = gradients(normalizer)
    if name is None:
        return every
    wanted = {gradient(normalizer, name).name}
    for form in reversed(every.values()):  # a gradient uses only earlier ones
        if form.name in wanted:
            wanted |= inputs(form.tensor).keys()
    return {key: form for key, form in every.items() if form.name in wanted}


def steps_of(forms: Iterable[ClosedForm]) -> list[Step]:
    """The steps of the derivation that some gradients rest on."""
    chosen = tuple(forms)
    reached = {id(node) for node in walk(*(form.raw for form in chosen))}
    return [step for step in chosen[0].steps if id(step.result) in reached] if chosen else []


def sheet(normalizer: Normalizer, claims: Iterable[Mapping[str, str]]) -> str:
    """Everything about a normalizer; claims as :func:`symnorm.claims.as_mapping` gives them."""
    forms = gradients(normalizer)
    claimed = [f"{claim['name']}: {claim['sentence']} ({claim['expected']})" for claim in claims]
    return _blocks(
        _head(normalizer),
        ("inputs", _inputs(normalizer)),
        ("equations", _equations(normalizer)),
        *_relations(normalizer),
        ("modes", [" ".join(["training", *normalizer.modes])]),
        ("conventions", conventions(normalizer)),
        *_existence(normalizer),
        ("gradients", _closed(forms.values())),
        ("claims, with the verdict that is expected", claimed or ["none"]),
    )


def conventions(normalizer: Normalizer) -> list[str]:
    """Which conventions there are, and in words how this one differs from the paper's.

    Example:
        >>> from symnorm.normalizers import layer_norm, mean_range
        >>> conventions(mean_range)
        ['paper']
        >>> for line in conventions(layer_norm.convention("keras")):
        ...     print(line)
        paper torch onnx keras flax annotated
        keras: keras.layers.LayerNormalization, Keras 3 documentation
          eps is 0.001 by default; the paper's: 1e-05.
    """
    names = [" ".join(conventions_of(normalizer))]
    if normalizer.under is None:
        return names
    return [
        *names,
        f"{normalizer.under.name}: {normalizer.under.source}",
        *(f"  {line}" for line in in_words(normalizer)),
    ]


def derivation(normalizer: Normalizer, wanted: Mapping[str, ClosedForm]) -> str:
    """The equations, every step of the derivation, and the closed forms."""
    output = list(normalizer.instance().named)[-1]
    steps = []
    for number, step in enumerate(steps_of(wanted.values()), start=1):
        made = text(step.result.args[0]) if step.result.op == "let" else text(step.result)
        steps += [f"{number:>2}  {step.name} = {made}", f"    from {step.equation}", f"    by {step.rule}"]
    return _blocks(
        _head(normalizer),
        ("equations", _equations(normalizer)),
        *_relations(normalizer),
        (f"steps, from d{output} = dL/d{output} backwards", steps),
        ("closed form, proved equal to what the steps give", _closed(wanted.values())),
        *_existence(normalizer),
    )


# parts ----------------------------------------------------------------------------------------------------------------


def _blocks(head: str, *blocks: tuple[str, list[str]]) -> str:
    return "\n\n".join([head, *("\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in blocks)])


def _head(normalizer: Normalizer) -> str:
    return f"{normalizer.name}: {normalizer.title}\n{normalizer.source}"


def _inputs(normalizer: Normalizer) -> list[str]:
    rows = []
    for name, node in normalizer.inputs.items():
        shape = f"({', '.join(axis.name for axis in node.axes)})" if node.axes else "scalar"
        notes = [*signs(node), *(["constant"] if name in normalizer.constants else [])]
        notes += ["known through relations"] if name in normalizer.auxiliary else []
        if name in normalizer.defaults:
            notes.append(f"{normalizer.defaults[name]} by default")
        rows.append((name, shape, ", ".join(notes)))
    placed = Layout(normalizer.layout).in_words(next(iter(normalizer.inputs)))
    return [*aligned(rows), f"in an array, {placed}"]


def _equations(normalizer: Normalizer) -> list[str]:
    found = equations_of(normalizer)
    width = max(len(equation.name) for equation in found)
    return [f"{equation.name:<{width}} = {equation.text}" for equation in found]


def _relations(normalizer: Normalizer) -> list[tuple[str, list[str]]]:
    """What defines the quantities that no equation gives."""
    shown = [f"{left} = {right}" for left, right in relations_of(normalizer, text)]
    return [("relations", shown)] if shown else []


def relations_of(normalizer: Normalizer, printed: Callable[[Tensor], str]) -> list[tuple[str, str]]:
    """Both sides of each defining relation, with the named quantities by their names.

    Example:
        >>> from symnorm.normalizers import spectral_norm
        >>> relations_of(spectral_norm, text)[0]
        ('sum(w*v)', 'sigma*u')
    """
    return [(printed(opaque(r.left)), printed(opaque(r.right))) for r in normalizer.instance().relations]


def _existence(normalizer: Normalizer) -> list[tuple[str, list[str]]]:
    """Where the definition has a value, and where its gradients are derivatives."""
    found = []
    if defined := defined_where(normalizer):
        found.append(("defined where", defined))
    if smooth := differentiable_where(normalizer):
        found.append(("differentiable where", existence.in_words(smooth)))
    return found


LONG = 90


def _closed(forms: Iterable[ClosedForm]) -> list[str]:
    """Formulas with their remarks in a column, which long formulas do not push to the right."""
    rows = [(f"{form.name} = {form}", _remark(form)) for form in forms]
    width = max((len(formula) for formula, _ in rows if len(formula) <= LONG), default=0)
    return [f"{formula:<{width}}  {remark}".rstrip() for formula, remark in rows]


def _remark(form: ClosedForm) -> str:
    over = {node.data for node in walk(form.tensor) if node.op in OVER_AXES}
    remarks = [f"over {', '.join(axis.name for axis in next(iter(over)))}"] if len(over) == 1 else []
    return "; ".join(remarks + ([] if form.is_textbook else ["no shorter form was found"]))


def aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell.

    Example:
        >>> aligned([("a", "bc"), ("abc", "d")])
        ['a    bc', 'abc  d']
    """
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
