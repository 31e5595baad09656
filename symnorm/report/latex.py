r"""Definitions, derivations and verdicts as LaTeX, each one ``aligned`` block for a paper or a notebook.

Names and indices follow :mod:`symnorm.printing.latex_names`; words stand in ``\text``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symnorm.claims import REFUTED, Claim, Verdict
from symnorm.closed_form import ClosedForm, gradients
from symnorm.normalizers import Normalizer
from symnorm.printing import equation_latex, latex, latexes
from symnorm.report.numbers import exact_text
from symnorm.report.sheet import equations_of, relations_of, steps_of
from symnorm.report.words import scope
from symnorm.tensors import Relation

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
}
RELATIONS = {"==": "=", "!=": r"\ne", ">=": r"\ge", "<=": r"\le", ">": ">", "<": "<"}


def in_text(text: str) -> str:
    r"""Plain text as LaTeX text.

    Example:
        >>> print(in_text("50% of x_hat"))
        \text{50\% of x\_hat}
    """
    return rf"\text{{{''.join(_SPECIAL.get(letter, letter) for letter in text)}}}"


def definition(normalizer: Normalizer) -> str:
    """The named equations and the new values of running statistics, then what defines the quantities without one."""
    relations = [f"{left} = {right}" for left, right in relations_of(normalizer, latex)]
    return _aligned([*(equation.latex for equation in equations_of(normalizer)), *relations])


def sheet(normalizer: Normalizer) -> str:
    """The definition, then the gradients in closed form."""
    return f"{definition(normalizer)}\n\n{closed(normalizer, gradients(normalizer))}"


def closed(normalizer: Normalizer, forms: Mapping[str, ClosedForm]) -> str:
    """Gradients in closed form.

    Example:
        >>> from symnorm.normalizers import weight_norm
        >>> forms = gradients(weight_norm)
        >>> print(closed(weight_norm, {"g": forms["g"]}))
        \\begin{aligned}
        \\mathrm{d}g_{c} &= \\frac{\\sum_{k=1}^{K} \\mathrm{d}w_{c k} v_{c k}}{\\mathrm{norm}_{c}}
        \\end{aligned}
    """
    shown = (equation_latex(form.name, normalizer.quantity(name).axes, form.tensor) for name, form in forms.items())
    return _aligned(shown)


def derivation(normalizer: Normalizer, wanted: Mapping[str, ClosedForm]) -> str:
    """The definition, the steps with their rules, and the closed forms: three blocks."""
    steps = [(step.latex(), step.rule) for step in steps_of(wanted.values())]
    shown = _aligned(f"{equation} && {in_text(rule)}" for equation, rule in steps)
    return "\n\n".join([definition(normalizer), shown, closed(normalizer, wanted)])


def verdict(one: Verdict) -> str:
    """A verdict in a line: its reach, or the relation that fails with the two values, and what is left."""
    if one.status == REFUTED and one.witness is not None:
        found = one.witness
        left, right = latexes(found.relation.left, found.relation.right)
        values = in_text(f"has the values {exact_text(found.left)} and {exact_text(found.right)}")
        rows = [in_text("refuted"), rf"{left} {RELATIONS[found.relation.relation]} {right}", values]
    else:
        where = f"where {' and '.join(one.conditions)}" if one.conditions else ""
        rows = [in_text(part) for part in (f"{one.status} {scope(one)}".strip(), where, one.reason) if part]
    if one.residue is not None:
        rows.append(rf"\text{{left}} - \text{{right}} = {latex(one.residue)}")
    return r",\quad ".join(rows)


def outcome(claim: Claim, found: Verdict) -> str:
    """What is stated, under which assumptions, and the verdict: a block."""

    def shown(relation: Relation) -> str:
        left, right = latexes(relation.left, relation.right)
        return rf"{left} {RELATIONS[relation.relation]} {right}"

    rows = [shown(relation) for relation in claim.relations()]
    rows += [rf"{in_text('given ')} {shown(relation)}" for relation in claim.given]
    return "\n".join([r"\begin{gathered}", " \\\\\n".join([*rows, verdict(found)]), r"\end{gathered}"])


def _aligned(rows: Iterable[str]) -> str:
    body = " \\\\\n".join(_at_relation(row) for row in rows)
    return "\n".join([r"\begin{aligned}", body, r"\end{aligned}"])


def _at_relation(row: str) -> str:
    """The alignment mark before the first relation sign that stands between left and right."""
    for sign in (" = ", r" \leftarrow "):
        left, found, right = row.partition(sign)
        if found and left.count("{") == left.count("}"):
            return f"{left} &{sign.strip()} {right}"
    return row


def inline(formula: str) -> str:
    """A formula for a page that typesets mathematics."""
    return rf"$\displaystyle {formula}$"
