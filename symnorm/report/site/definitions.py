"""What stands on the page of a normalizer.

In comes a normalizer, out comes a dictionary of strings, rows and safe HTML for ``definition.html``.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from symnorm.claims.invariances import Answer, answers
from symnorm.closed_form import gradients
from symnorm.errors import Unsupported
from symnorm.kernels import kernel
from symnorm.normalizers import Normalizer
from symnorm.normalizers.differences import in_words
from symnorm.printing import equation_latex, latex, text
from symnorm.report.sheet import equations_of, relations_of, signs, steps_of
from symnorm.report.site.picture import pictures
from symnorm.report.site.typeset import formula
from symnorm.report.words import invariance

Content = dict[str, Any]


def content(one: Normalizer) -> Content:
    """Everything about a normalizer, its other modes included."""
    return {
        "name": one.name,
        "title": one.title,
        "source": one.source,
        "layout": one.layout,
        "inputs": _inputs(one),
        "pictures": pictures(one),
        "modes": [_formulas(mode, name) for name, mode in {"training": one, **one.modes}.items()],
        "conventions": [_convention(one.convention(name)) for name in one.conventions],
        "kernels": [_kernel(one, style) for style in ("reference", "fast")],
        "invariances": [_row(answer) for answer in answers(one)],
    }


def _inputs(one: Normalizer) -> list[Content]:
    found = []
    for name, node in one.inputs.items():
        notes = [*signs(node), *(["constant"] if name in one.constants else [])]
        notes += [f"{one.defaults[name]} by default"] if one.defaults.get(name) is not None else []
        notes += ["known through relations"] if name in one.auxiliary else []
        axes = ", ".join(axis.name for axis in node.axes)
        found.append({"name": name, "axes": f"({axes})" if axes else "a number", "notes": ", ".join(notes)})
    return found


def _formulas(one: Normalizer, mode: str) -> Content:
    """Equations, steps and gradients of one mode."""
    forms = gradients(one)
    return {
        "name": mode,
        "equations": [formula(equation.latex, partial(str, equation.text)) for equation in equations_of(one)],
        "relations": [formula(f"{left} = {right}") for left, right in relations_of(one, latex)],
        "steps": [
            {"equation": step.equation, "rule": step.rule, "formula": formula(step.latex(), partial(str, step.name))}
            for step in steps_of(forms.values())
        ],
        "gradients": [
            {
                "formula": formula(
                    equation_latex(form.name, one.quantity(name).axes, form.tensor), partial(text, form.tensor)
                ),
                "text": f"{form.name} = {form}",
                "textbook": form.is_textbook,
            }
            for name, form in forms.items()
        ],
    }


def _convention(one: Normalizer) -> Content:
    assert one.under is not None
    return {"name": one.under.name, "source": one.under.source, "words": in_words(one)}


def _kernel(one: Normalizer, style: str) -> Content:
    try:
        source = kernel(one, style=style).source
    except Unsupported as error:
        return {"style": style, "source": "", "why": str(error)}
    return {"style": style, "source": source, "why": "", "lines": len(source.splitlines())}


def _row(answer: Answer) -> Content:
    change = answer.transformation
    return {"of": change.of, "change": change.change, "status": answer.status, "words": invariance(answer)}
