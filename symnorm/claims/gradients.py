"""What a closed-form gradient states: how a linear function of the output changes along a line is ``sum(dx*h)``.

For every direction h and every cotangent dy, ``d/dt sum(dy*y(x + t h)) = sum(dx*h)`` at t = 0, where dx is the closed
form with its names written out. The left side is made from the definition by forward derivatives, the right side by
:mod:`symnorm.closed_form`. Asked for by :mod:`symnorm.report.rechecking`; no claim of the catalogue is one of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from symnorm.calculus import jvp
from symnorm.claims.claim import Claim
from symnorm.closed_form import cotangent_of, gradients
from symnorm.closed_form.pieces import written_out
from symnorm.errors import NameUnknown
from symnorm.normalizers import REGISTRY, Normalizer
from symnorm.tensors import Relation, Tensor, equal, tensor, total

GRADIENT = "gradient"  # the kind of such a claim, and how its name begins


def gradient_claim(normalizer: Normalizer, name: str) -> Claim:
    """The claim about one input of a normalizer: ``gradient.NORMALIZER.INPUT``.

    Example:
        >>> from symnorm.claims import prove
        >>> from symnorm.normalizers import batch_norm
        >>> claim = gradient_claim(batch_norm, "x")
        >>> claim.name, prove(claim).status
        ('gradient.batch_norm.x', 'proved')
    """
    sentence = f"The closed form d{name} is the derivative of every linear function of the output."
    return Claim(f"{GRADIENT}.{normalizer.name}.{name}", sentence, partial(_states, normalizer, name), kind=GRADIENT)


def select_gradients(wanted: Iterable[str]) -> list[Claim]:
    """The gradients of normalizers, or those of names ``gradient.NORMALIZER.INPUT``; all of them if nothing is named.

    Raises:
        NameUnknown: a name that is neither.
    """
    every = [gradient_claim(one, name) for one in REGISTRY.values() for name in one.differentiable]
    names = list(wanted)
    found = [one for one in every if not names or one.name in names or one.name.split(".")[1] in names]
    known = {*REGISTRY, *[one.name for one in every]}
    for name in names:
        if name not in known:
            raise NameUnknown("gradient or normalizer", name, sorted(known))
    return found


def closed_form(normalizer: Normalizer, name: str) -> Tensor:
    """The closed form of an input's gradient, written out in inputs, the cotangent and named quantities."""
    values = {str(let.data): let for let in normalizer.instance().named.values()}
    for one, form in gradients(normalizer).items():
        values[f"d{one}"] = written_out(form.tensor, values)
        if one == name:
            break
    return values[f"d{name}"]


def _states(normalizer: Normalizer, name: str) -> Relation:
    output, variable = normalizer.instance().output, normalizer.inputs[name]
    direction = tensor("h", *variable.axes)
    change = jvp(_summed(cotangent_of(normalizer) * output), {name: direction})
    return equal(change, _summed(closed_form(normalizer, name) * direction))


def _summed(value: Tensor) -> Tensor:
    return total(value, over=value.axes) if value.axes else value
