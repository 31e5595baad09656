"""Closed forms: a normalizer's gradients as a book prints them, each proved equal to its raw adjoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from symnorm.calculus import Steps, vjp
from symnorm.canonical import Solver
from symnorm.closed_form.pieces import Derivation, holding, written_out
from symnorm.errors import NameUnknown
from symnorm.normalizers import Normalizer
from symnorm.printing.latex import latex
from symnorm.printing.text import text
from symnorm.tensors import Tensor, inputs, tensor, walk


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


@cache
def gradients(normalizer: Normalizer) -> dict[str, ClosedForm]:
    """The closed-form gradient of every differentiable input, in an order in which each may use those before it.

    Before them come the gradients of the quantities that the definition ``reuses``.

    Example:
        >>> from symnorm.normalizers import batch_norm
        >>> gradients(batch_norm)["x"]
        dx = gamma/sqrt(var + eps)*(dy - mean(dy) - x_hat*mean(dy*x_hat))
    """
    equations = normalizer.instance()
    cotangent = cotangent_of(normalizer)
    wanted = {**normalizer.inputs, **equations.named}
    order = sorted(normalizer.differentiable, key=lambda n: n not in normalizer.reuses)
    order = [*(name for name in normalizer.reuses if name in equations.named), *order]
    found = vjp(equations.output, cotangent, [wanted[name] for name in order])
    symmetric = {name for name in normalizer.reuses if _symmetric(found.of(wanted[name]))}
    derivation = Derivation(normalizer, equations, cotangent, symmetric)
    values = {str(let.data): let for let in equations.named.values()}
    values |= {f"d{name}": found.of(wanted[name]) for name in normalizer.reuses}
    result: dict[str, ClosedForm] = {}
    for name in order:
        variable, raw = wanted[name], found.of(wanted[name])
        form, plain = derivation.form(variable), derivation.plain(variable)
        short = form is not None and proved(written_out(form, values), raw, derivation.held(variable))
        compact = short and form is not None and _widest(form) <= max(_widest(plain), len(variable.axes))
        if form is None or not compact:
            form = plain
        step = name in equations.named  # as the derivation has it, in the names of those before it
        result[name] = ClosedForm(f"d{name}", form, raw, found.steps, short or step)
        if compact and name in normalizer.reuses:
            derivation.reuse(variable, form)
    if normalizer.inverts and not all(form.is_textbook for form in result.values()):
        as_they_are = gradients(replace(normalizer, inverts={}))  # x in terms of u = x/max(length, eps) leads nowhere
        if all(form.is_textbook for form in as_they_are.values()):
            return as_they_are
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


def proved(form: Tensor, raw: Tensor, names: Sequence[Mapping[int, Tensor]] = ({},)) -> bool:
    """Whether they are equal, with the quantities of one of these sets taken for names that could mean anything.

    Sets after which both are in the same inputs come first: others seldom tell, and with no names it takes longest.
    """
    pairs = [(not held, holding(form, held), holding(raw, held)) for held in names]
    pairs.sort(key=lambda pair: (pair[0], inputs(pair[1]).keys() != inputs(pair[2]).keys()))
    return any(Solver().equal(left.element, right.element) for _, left, right in pairs)


def gradient(normalizer: Normalizer, name: str) -> ClosedForm:
    """One input's closed-form gradient, or that of a quantity that others are written with.

    Raises:
        NameUnknown: no input of that name has a gradient.
    """
    if name not in (*normalizer.differentiable, *normalizer.reuses):
        raise NameUnknown(f"differentiable input of {normalizer.name}", name, normalizer.differentiable)
    return gradients(normalizer)[name]
