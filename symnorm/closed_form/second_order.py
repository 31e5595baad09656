"""Second order: a backward pass is a definition like any other, so its gradients come of the same rules.

In comes a normalizer, out comes its backward pass as a normalizer: inputs ``x, gamma, ...`` and ``dy``, the named
quantities, and as output the gradient in closed form. Its gradients are the double backward pass, its kernel computes
both. A Hessian-vector product is the change of the gradient along a direction. Called by the facade and by
``symnorm kernel --second-order``.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from symnorm.calculus import jvp
from symnorm.calculus.steps import Steps
from symnorm.closed_form.atoms import COTANGENT, PARAMETER, QUANTITY
from symnorm.closed_form.forms import ClosedForm, cotangent_of, gradient, gradients, proved
from symnorm.closed_form.pieces import as_name, by_name, facts_of, relations_of, textbook_form, written_out
from symnorm.closed_form.textbook import Textbook
from symnorm.errors import Unsupported
from symnorm.normalizers import Equations, Normalizer, equations
from symnorm.tensors import Tensor, inputs, tensor


@cache
def backward_pass(normalizer: Normalizer, wrt: str = "") -> Normalizer:
    """The gradient by one input, the first if none is named, as a definition with output ``x_grad``.

    Raises:
        NameUnknown: no differentiable input of that name.
        Unsupported: quantities that are known only through relations.

    Example:
        >>> from symnorm.normalizers import batch_norm
        >>> backward = backward_pass(batch_norm)
        >>> list(backward.inputs), list(backward.instance().named)
        (['x', 'gamma', 'eps', 'dy'], ['mu', 'var', 'x_hat', 'x_grad'])
        >>> gradients(backward)["dy"]
        ddy = gamma/sqrt(var + eps)*(dx_grad - mean(dx_grad) - x_hat*mean(dx_grad*x_hat))
    """
    if normalizer.auxiliary:
        raise Unsupported(f"{normalizer.name} has {', '.join(normalizer.auxiliary)}, known only through relations")
    wrt = wrt or normalizer.differentiable[0]
    form, dy = gradient(normalizer, wrt), cotangent_of(normalizer)
    name_of_dy = str(dy.data.name)
    instance = normalizer.instance()
    named = instance.named
    spoken = {*inputs(form.tensor)}
    for earlier in gradients(normalizer).values():  # dg in weight norm is written out
        spoken |= inputs(earlier.tensor).keys() if earlier.name in spoken else set()
    kept = _needed(instance, spoken)
    used = {next(iter(normalizer.inputs)), wrt, *inputs(form.raw), *inputs(*(named[name] for name in kept))}
    declared = {name: node for name, node in {**normalizer.inputs, name_of_dy: dy}.items() if name in used}

    def body(**arguments: Tensor) -> Equations:
        own = {name: node for name, node in arguments.items() if name in normalizer.inputs}
        here = normalizer.instance(**own).named
        quantities = {name: here[name].data.raw for name in kept}
        known = {**quantities, **arguments}
        for earlier in gradients(normalizer).values():
            if earlier.name in inputs(form.tensor):  # dg in weight norm
                known[earlier.name] = written_out(earlier.tensor, known)
        made = written_out(form.tensor, known)
        if unknown := inputs(made).keys() - inputs(*arguments.values()).keys():
            raise Unsupported(f"the gradient of {normalizer.name} by {wrt} speaks of {', '.join(unknown)}")
        return equations(**quantities, **{f"{wrt}_grad": made})

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind, default=node) for name, node in declared.items()]
    body.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return Normalizer(
        name=f"{normalizer.name}.backward",
        title=f"{normalizer.title}: the gradient by {wrt}",
        source=normalizer.source,
        body=body,
        layout=normalizer.layout,
        constants=tuple(name for name in normalizer.constants if name in declared),
        defaults={name: value for name, value in normalizer.defaults.items() if name in declared or name == "axis"},
        inverts={name: solved for name, solved in normalizer.inverts.items() if solved in declared},
    )


def _needed(made: Equations, words: Iterable[str]) -> list[str]:
    """The quantities that some words are, and those that they are made of, in order."""
    wanted = set(words)
    for name in reversed(list(made.named)):
        if name in wanted:
            wanted |= inputs(made.right_hand_side(name)).keys()
    return [name for name in made.named if name in wanted]


def hessian_vector_product(normalizer: Normalizer, wrt: str = "") -> ClosedForm:
    """How the gradient by an input changes when that input moves along a direction: ``dx_v`` along ``x_v``.

    The cotangent changes, too: by ``dy_v = H (dy/dx x_v)`` for a loss with second derivative H. What is left at
    ``dy_v = 0`` is the curvature of the normalizer itself.

    Raises:
        NameUnknown: no differentiable input of that name.
        Unsupported: it has no closed form that is proved equal to the change.

    Example:
        >>> from symnorm.normalizers import mean_only_batch_norm
        >>> hessian_vector_product(mean_only_batch_norm, "x")
        dx_v = dy_v - mean(dy_v)
    """
    backward = backward_pass(normalizer, wrt)
    made = backward.instance()
    wrt, dy = str(made.output.data).removesuffix("_grad"), str(cotangent_of(normalizer).data.name)
    moved = {name: tensor(f"{name}_v", *backward.inputs[name].axes) for name in (wrt, dy) if name in backward.inputs}
    raw = jvp(made.output, moved)
    names = {id(let.data): as_name(let) for let in made.named.values()}
    relations = [one for one in relations_of(made) if one.name.data.name != str(made.output.data)]
    roles = dict.fromkeys(backward.inputs, PARAMETER)
    roles |= {str(leaf.data.name): COTANGENT for leaf in moved.values()} | {dy: COTANGENT}
    roles |= {str(relation.name.data.name): QUANTITY for relation in relations}
    declared = {**inputs(*made.named.values()), **{str(leaf.data.name): leaf for leaf in moved.values()}}
    values = {str(let.data): let for let in made.named.values()}
    for tried in (relations, [replace(relation, solved_for=None) for relation in relations]):
        order = Textbook(tried, facts_of(made))
        form = textbook_form(order, by_name(raw, names), backward.inputs[wrt], declared, roles)
        if form is not None and proved(written_out(form, values), raw):
            return ClosedForm(f"d{wrt}_v", form, raw, Steps(()), True)
    raise Unsupported(f"the change of d{wrt} of {normalizer.name} has no closed form that is proved")


__all__ = ["backward_pass", "hessian_vector_product"]
