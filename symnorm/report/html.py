"""HTML snippets for notebooks: a normalizer, a verdict, a gradient, a derivation, a comparison.

Formulas are LaTeX between dollar signs, which Jupyter typesets. Everything that is text is data: it is escaped, and
marked so that nothing in it is taken for a formula.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from symnorm.calculus import Steps
from symnorm.claims import REFUTED, Comparison, Verdict
from symnorm.closed_form import ClosedForm, gradients
from symnorm.normalizers import Normalizer
from symnorm.printing import equation_latex, latex
from symnorm.printing.latex_names import letter, name_latex
from symnorm.report import words
from symnorm.report.latex import inline
from symnorm.report.sheet import equations_of, relations_of

COLOURS = {"proved": "#1a7f37", "refuted": "#cf222e", "undecided": "#9a6700", "empirical": "#0969da"}
AGREEMENT = {"proved": "equal", "refuted": "differs", "undecided": "undecided"}
LONG = 700
"""A formula with more LaTeX than this is folded."""


def plain(text: str) -> str:
    """Text that a page shows as it is.

    Example:
        >>> plain("a < $b$")
        '<span class="tex2jax_ignore mathjax_ignore">a &lt; $b$</span>'
    """
    return f'<span class="tex2jax_ignore mathjax_ignore">{escape(text)}</span>'


def formula(latex: str) -> str:
    """A formula to be typeset."""
    return escape(inline(latex))


def normalizer(one: Normalizer) -> str:
    """Title and source, the definition, the gradients in closed form."""
    forms = gradients(one)
    equations = [formula(equation.latex) for equation in equations_of(one)]
    equations += [formula(f"{left} = {right}") for left, right in relations_of(one, latex)]
    derived = [formula(equation_latex(form.name, one.quantity(name).axes, form.tensor)) for name, form in forms.items()]
    parts = [f"<b>{plain(one.title)}</b> ({plain(one.source)})", _lines(equations), "gradients", _lines(derived)]
    return f"<div>{''.join(f'<div>{part}</div>' for part in parts)}</div>"


def verdict(one: Verdict) -> str:
    """The verdict, what it rests on, and the NumPy program of a refutation."""
    status = f'<b style="color: {COLOURS[one.status]}">{plain(one.status)}</b> {plain(words.scope(one))}'
    rows = [(label, plain(text)) for label, text in words.once(words.why(one)) if label != "residue"]
    if one.residue is not None:
        rows.append(("residue", formula(rf"\text{{left}} - \text{{right}} = {latex(one.residue)}")))
    body = "".join(f"<tr><td>{plain(label)}</td><td style='text-align: left'>{cell}</td></tr>" for label, cell in rows)
    found = f"<div>{status}</div><table>{body}</table>" if rows else f"<div>{status}</div>"
    if one.status == REFUTED and one.witness is not None:
        program = f"<pre>{plain(words.program(one.witness))}</pre>"
        found += f"<details><summary>in NumPy, to paste</summary>{program}</details>"
    return f"<div>{found}</div>"


def closed_form(one: ClosedForm) -> str:
    """A gradient in closed form, folded where it is long."""
    name = name_latex(one.name, [letter(axis) for axis in one.tensor.axes])
    return _folded(f"{name} = {one.latex()}", f"{one.name}, a long formula")


def steps(several: Steps) -> str:
    """A derivation as a table: what was found, from which equation, by which rule."""
    rows = [
        (_folded(step.latex(), f"{step.name}, a long formula"), plain(step.equation), plain(step.rule))
        for step in several
    ]
    return _table(("step", "from", "by"), rows)


def comparison(one: Comparison) -> str:
    """Two definitions quantity by quantity, each with its verdict and by what the two differ."""
    rows = []
    for line in one.lines:
        status = line.verdict.status
        told = f'<b style="color: {COLOURS[status]}">{plain(AGREEMENT[status])}</b>'
        rows.append((plain(line.name), told, plain(str(line).partition(", ")[2])))
    return _table(("quantity", f"{one.left} (left) and {one.right} (right)", ""), rows)


def _folded(latex: str, name: str) -> str:
    shown = formula(latex)
    return f"<details><summary>{plain(name)}</summary>{shown}</details>" if len(latex) > LONG else shown


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML already, under titles that are text."""
    head = "".join(f"<th style='text-align: left'>{plain(title)}</th>" for title in titles)
    lines = ["".join(f"<td style='text-align: left'>{cell}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _lines(cells: Iterable[str]) -> str:
    return "".join(f"<div style='margin-left: 2em'>{cell}</div>" for cell in cells)
