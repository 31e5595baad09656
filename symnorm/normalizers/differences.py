"""In which formulas, shapes and defaults two conventions of one normalizer differ, in words.

What is said is read off the definitions, so that it cannot drift from what is derived and generated; only the remarks
of a convention are written by hand. Called by the kernels for their docstrings, by the reports for sheets.
"""

from __future__ import annotations

from symnorm.normalizers.definition import PAPER, Normalizer
from symnorm.printing.text import text
from symnorm.tensors import Tensor

SAME = "The same formulas and defaults as the paper's."


def convention_name(normalizer: Normalizer) -> str:
    """``paper``, ``torch``, ...

    Example:
        >>> from symnorm.normalizers import batch_norm
        >>> convention_name(batch_norm), convention_name(batch_norm.convention("onnx"))
        ('paper', 'onnx')
    """
    return normalizer.under.name if normalizer.under else PAPER


def in_words(normalizer: Normalizer) -> list[str]:
    """What a reader of the paper has to know of a convention: differences, then remarks; nothing for the paper's own.

    Example:
        >>> from symnorm.normalizers import layer_norm
        >>> for line in in_words(layer_norm.convention("annotated")):
        ...     print(line)
        var = sum[C]((x - mu)**2)/(C - 1); the paper's: mean[C]((x - mu)**2).
        std = sqrt(var); the paper's: none.
        s = std + eps; the paper's: none.
        x_hat = (x - mu)/s; the paper's: (x - mu)/sqrt(var + eps).
        eps is 1e-06 by default; the paper's: 1e-05.
        The standard deviation has divisor C - 1, and eps is added to it, not to the variance.
    """
    if normalizer.under is None or normalizer.papers is None:
        return []
    found = [f"{mine}; the paper's: {theirs}." for mine, theirs in differences(normalizer, normalizer.papers)]
    return [*(found or [SAME]), *normalizer.under.remarks]


def differences(one: Normalizer, other: Normalizer) -> list[tuple[str, str]]:
    """The formulas, inputs, defaults and layout of one definition that another does not have, and what that one has.

    Example:
        >>> from symnorm.normalizers import group_norm
        >>> differences(group_norm.convention("onnx18"), group_norm)
        [('gamma lies over (G)', '(G, K)'), ('beta lies over (G)', '(G, K)')]
    """
    found = []
    for (mine, theirs), says in zip(
        ((_formulas(one), _formulas(other)), (_places(one), _places(other)), (_defaults(one), _defaults(other))),
        ("{} = {}", "{} lies over {}", "{} is {} by default"),
        strict=True,
    ):
        for name, value in mine.items():
            if theirs.get(name) != value:
                found.append((says.format(name, value), theirs.get(name, "none")))
    if one.layout != other.layout:
        found.append((f"the dimensions of {next(iter(one.inputs))} are {one.layout}", other.layout))
    return found


def _formulas(normalizer: Normalizer) -> dict[str, str]:
    instance = normalizer.instance()
    named = {name: instance.right_hand_side(name) for name in instance.named}
    updates = {f"new {name}": new for name, new in instance.updates.items()}
    return {name: text(rhs, plain_reductions=False) for name, rhs in (named | updates).items()}


def _places(normalizer: Normalizer) -> dict[str, str]:
    return {name: _over(node) for name, node in normalizer.inputs.items()}


def _over(node: Tensor) -> str:
    return f"({', '.join(axis.name for axis in node.axes)})" if node.axes else "nothing: a number"


def _defaults(normalizer: Normalizer) -> dict[str, str]:
    constants = {
        name: normalizer.defaults.get(name) for name in normalizer.constants if not normalizer.inputs[name].axes
    }
    known = {name: "not set" if value is None else _number(value) for name, value in constants.items()}
    return known | ({"axis": str(normalizer.defaults["axis"])} if "axis" in normalizer.defaults else {})


def _number(value: float) -> str:
    """Six digits, or all where there are more: Selu's constants differ in the eighth."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)
