"""The same findings as plain data for JSON: strings, numbers, lists and dictionaries, nothing else.

Exact numbers are strings that :class:`fractions.Fraction` reads (``"3/2"``), since JSON knows no fractions; what is no
rational is written out (``"2*sqrt(2)"``). A number that JSON cannot hold, such as infinity, is ``null``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from symnorm.claims import PROVED, Compared, Comparison, Verdict, Witness, as_mapping, explain
from symnorm.claims.invariances import Answer
from symnorm.closed_form import ClosedForm, gradients
from symnorm.errors import SymnormError
from symnorm.evaluate import Model
from symnorm.normalizers import Normalizer, conventions_of
from symnorm.normalizers.differences import convention_name, in_words
from symnorm.printing import equation_latex, text
from symnorm.report.existence import defined_where, differentiable_where
from symnorm.report.numbers import approximately, exact_text, nested
from symnorm.report.outcomes import Outcome, Run
from symnorm.report.paste import snippet
from symnorm.report.sheet import equations_of, relations_of, signs, steps_of
from symnorm.report.verification import Matrix

if TYPE_CHECKING:
    from symnorm.check import KernelCheck
    from symnorm.kernels import Kernel
    from symnorm.report.site.build import Site

SCHEMA = 1

Data = dict[str, Any]


def as_json(found: Mapping[str, Any]) -> str:
    """JSON text with the schema's number in front.

    Example:
        >>> print(as_json({"x": [1]}))
        {
          "schema": 1,
          "x": [
            1
          ]
        }
    """
    return json.dumps({"schema": SCHEMA, **found}, indent=2, ensure_ascii=False, allow_nan=False)


def finite(value: float) -> float | None:
    """The number, or ``None`` for one that JSON does not have."""
    return value if math.isfinite(value) else None


# claims ---------------------------------------------------------------------------------------------------------------


def run(found: Run) -> Data:
    """Everything that ``symnorm verify`` found."""
    kernels_ok = sum(kernel.ok for kernel in found.kernels)
    return {
        "claims": claims(found.outcomes),
        "kernels": [kernel_check(one) for one in found.kernels],
        "summary": {
            "claims": len(found.outcomes),
            **found.counts,
            "as_expected": len(found.outcomes) - len(found.unexpected),
            "replayed": len(found.with_certificate) - len(found.not_replayed),
            "not_replayed": len(found.not_replayed),
            "kernels": len(found.kernels),
            "kernels_ok": kernels_ok,
            "seconds": found.seconds,
            "exit_code": found.exit_code,
        },
    }


def claims(outcomes: Iterable[Outcome], steps: bool = False) -> list[Data]:
    """Claims with their verdicts, and with what each side became if that is wanted."""
    found = []
    for one in outcomes:
        if one.shown is not None:
            found.append(dict(one.shown))
            continue
        more = _steps(one) if steps else {}
        found.append({**as_mapping(one.claim), **verdict(one.verdict), "as_expected": one.as_expected, **more})
        if one.replay is not None:
            found[-1]["replay"] = {"status": one.replay.status, "reason": one.replay.reason}
    return found


def _steps(one: Outcome) -> Data:
    lines = explain.steps(one.claim.relations(), one.claim.given)
    return {"steps": [{"what": what, "text": line} for what, line in lines]}


def verdict(one: Verdict) -> Data:
    """A verdict."""
    return {
        "verdict": one.status,
        "seconds": one.seconds,
        "conditions": list(one.conditions),
        "fixed": dict(one.fixed),
        "model": model(one.model) if one.model is not None else None,
        "witness": witness(one.witness) if one.witness is not None else None,
        "residue": text(one.residue) if one.residue is not None else None,
        "reason": one.reason,
    }


def invariances(one: Normalizer, answers: Iterable[Answer]) -> Data:
    """What a normalizer is blind to."""
    found = [
        {
            "of": answer.transformation.of,
            "change": answer.transformation.change,
            "answer": answer.status,
            "factor": answer.factor,
            "under": answer.under,
            "moved": {name: repr(value) for name, value in answer.moved.items()},
            **({} if answer.verdict is None else verdict(answer.verdict)),
        }
        for answer in answers
    ]
    return {"normalizer": one.name, "invariances": found}


def model(one: Model) -> Data:
    """A point; tensors as nested lists, losses by the seed of their coefficients."""
    return {
        "sizes": dict(one.sizes),
        "scalars": {name: exact_text(value) for name, value in one.scalars.items()},
        "tensors": {name: nested(entries, exact_text) for name, entries in one.tensors.items()},
        "losses": {name: {"seed": loss.seed} for name, loss in one.losses.items()},
    }


def witness(one: Witness) -> Data:
    """A refutation, with the NumPy program that shows it where there is one."""
    return {
        "relation": repr(one.relation),
        "model": model(one.model),
        "index": dict(one.index),
        "left": exact_text(one.left),
        "right": exact_text(one.right),
        "left_float": finite(approximately(one.left)),
        "right_float": finite(approximately(one.right)),
        "numpy": program(one),
    }


def program(one: Witness) -> str | None:
    """The NumPy program of a refutation; ``None`` where arrays cannot express the statement."""
    try:
        return snippet(one)
    except SymnormError:
        return None


def comparisons(found: Iterable[Comparison]) -> Data:
    """Two definitions side by side, quantity by quantity."""
    return {
        "comparisons": [
            {
                "left": each.left,
                "right": each.right,
                "status": each.status,
                "quantities": list(map(_compared, each.lines)),
            }
            for each in found
        ]
    }


def _compared(line: Compared) -> Data:
    ratios = {} if line.verdict.status == PROVED else {"left/right": line.ratio, "right/left": line.inverse_ratio}
    shown = {what: text(value) for what, value in ratios.items() if value is not None}
    return {"name": line.name, **verdict(line.verdict), "ratios": shown}


# kernels --------------------------------------------------------------------------------------------------------------


def kernel_check(one: KernelCheck) -> Data:
    """A comparison of a kernel; an infinite error is ``null``, and ``problem`` or ``worst_output`` says why."""
    return {**asdict(one), "max_relative_error": finite(one.max_relative_error), "shapes": list(map(list, one.shapes))}


def checks(kernels: Iterable[KernelCheck], planted: Mapping[str, Matrix]) -> Data:
    """Comparisons of kernels, and for each planted bug the families of inputs that catch it."""
    bugs = [
        {"kernel": kernel, "bug": bug, "caught": any(row.values()), "families": [name for name in row if row[name]]}
        for kernel, matrix in planted.items()
        for bug, row in matrix.items()
    ]
    return {"kernels": [kernel_check(one) for one in kernels], "bugs": bugs}


def kernel_source(one: Kernel) -> Data:
    """A kernel's text."""
    return {"name": one.name, "lines": len(one.source.splitlines()), "source": one.source}


# the site -------------------------------------------------------------------------------------------------------------


def site(made: Site) -> Data:
    """What a site holds."""
    page, size = made.largest
    return {
        "directory": str(made.directory),
        "normalizers": list(made.normalizers),
        "claims": [one.claim.name for one in made.run.outcomes],
        "summary": {
            **made.run.counts,
            "as_expected": len(made.run.outcomes) - len(made.run.unexpected),
            "files": len(made.sizes),
            "bytes": sum(made.sizes.values()),
            "largest_page": {"page": page, "bytes": size},
            "exit_code": made.run.exit_code,
        },
    }


def picture(normalizers: Iterable[Normalizer], drawing: str) -> Data:
    """A drawing, and what it says in words."""
    from symnorm.report.site.picture import pictures

    words = {one.name: [each.words for each in pictures(one)] for one in normalizers}
    return {"svg": drawing, "normalizers": [{"name": name, "reductions": found} for name, found in words.items()]}


# normalizers ----------------------------------------------------------------------------------------------------------


def listed(normalizers: Iterable[Normalizer]) -> Data:
    """Names, titles and sources."""
    return {
        "normalizers": [
            {
                "name": one.name,
                "title": one.title,
                "source": one.source,
                "modes": ["training", *one.modes],
                "conventions": list(conventions_of(one)),
            }
            for one in normalizers
        ]
    }


def normalizer(one: Normalizer, claims: Iterable[Mapping[str, str]]) -> Data:
    """A definition with its gradients and what is claimed of it."""
    return {
        "name": one.name,
        "title": one.title,
        "source": one.source,
        "layout": one.layout,
        "modes": ["training", *one.modes],
        "conventions": list(conventions_of(one)),
        "convention": {"name": convention_name(one), "differences": in_words(one)},
        "inputs": [
            {
                "name": name,
                "axes": [axis.name for axis in node.axes],
                "signs": signs(node),
                "constant": name in one.constants,
                "default": one.defaults.get(name),
            }
            for name, node in one.inputs.items()
        ],
        "equations": [
            {"name": e.name, "formula": e.text, "latex": e.latex, "updates": e.updates} for e in equations_of(one)
        ],
        "relations": [f"{left} = {right}" for left, right in relations_of(one, text)],
        "defined_where": defined_where(one),
        "differentiable_where": [
            {"where": where, "otherwise": what} for where, what in differentiable_where(one).items()
        ],
        "gradients": [gradient(one, name, form) for name, form in gradients(one).items()],
        "claims": list(claims),
    }


def gradient(one: Normalizer, name: str, form: ClosedForm) -> Data:
    """A gradient's closed form."""
    return {
        "input": name,
        "name": form.name,
        "formula": str(form),
        "latex": equation_latex(form.name, one.quantity(name).axes, form.tensor),
        "textbook": form.is_textbook,
    }


def derivation(one: Normalizer, wanted: Mapping[str, ClosedForm]) -> Data:
    """The equations, the steps and the closed forms of gradients."""
    return {
        "name": one.name,
        "equations": [{"name": e.name, "formula": e.text, "latex": e.latex} for e in equations_of(one)],
        "steps": [
            {"name": step.name, "equation": step.equation, "rules": list(step.rules), "latex": step.latex()}
            for step in steps_of(wanted.values())
        ],
        "gradients": [gradient(one, name, form) for name, form in wanted.items()],
    }
