"""Definitions and derivations on a page, for every normalizer and mode."""

from __future__ import annotations

import pytest

from symnorm.closed_form import gradients
from symnorm.errors import NameUnknown
from symnorm.normalizers import REGISTRY, Normalizer, find
from symnorm.report import latex, sheet
from symnorm.report.verification import with_modes
from symnorm.tensors import inputs

EVERY = {one.name: one for one in with_modes(REGISTRY.values())}


@pytest.fixture(params=EVERY)
def one(request: pytest.FixtureRequest) -> Normalizer:
    return EVERY[request.param]


def test_a_sheet_has_every_input_equation_update_and_gradient(one: Normalizer) -> None:
    text = sheet.sheet(one, [{"name": "a.b", "sentence": "A [sentence].", "expected": "refuted"}])
    lines = [line.strip() for line in text.splitlines()]
    assert lines[:2] == [f"{one.name}: {one.title}", one.source]
    instance = one.instance()
    for name in one.inputs:
        assert any(line.split()[:1] == [name] for line in lines)
    for name in [*instance.named, *(f"new {name}" for name in instance.updates)]:
        assert any(line.split(" = ")[0].strip() == name for line in lines if " = " in line), name
    for form in gradients(one).values():
        assert any(line.startswith(f"{form.name} = {form}") for line in lines)
    assert "a.b: A [sentence]. (refuted)" in lines


def test_signs_defaults_and_axes_are_on_the_sheet() -> None:
    text = sheet.sheet(find("batch_norm"), [])
    assert "eps > 0, constant, 1e-05 by default" in text and "running_var >= 0" in text and "(N, C)" in text
    assert "mu               = mean[N](x)" in text and "training inference" in text
    assert "of the dimensions of x" in text


def test_a_derivation_has_every_step_that_it_needs_and_no_other() -> None:
    batch_norm = find("batch_norm")
    shown = sheet.derivation(batch_norm, sheet.wanted_gradients(batch_norm, "beta"))
    assert "dbeta = sum(dy)" in shown and "dvar" not in shown and "dx_hat" not in shown
    assert [step.name for step in sheet.steps_of(sheet.wanted_gradients(batch_norm, "x").values())] == [
        "dx_hat",
        "dvar",
        "dmu",
        "dx",
    ]


def test_a_gradient_comes_with_those_that_its_formula_uses() -> None:
    weight_norm = find("weight_norm")
    wanted = sheet.wanted_gradients(weight_norm, "v")
    assert "dg" in inputs(wanted["v"].tensor) and [*wanted] == ["g", "v"]
    assert [*sheet.wanted_gradients(weight_norm, "g")] == ["g"]
    with pytest.raises(NameUnknown, match="gama"):
        sheet.wanted_gradients(find("batch_norm"), "gama")


def test_latex_has_every_equation_step_and_gradient(one: Normalizer) -> None:
    wanted = gradients(one)
    text = latex.derivation(one, wanted)
    assert text.count(r"\begin{aligned}") == text.count(r"\end{aligned}") == 3
    rows = len(sheet.equations_of(one)) + len(sheet.steps_of(wanted.values())) + len(wanted)
    rows += len(one.instance().relations)
    assert text.count("&=") + text.count(r"&\leftarrow") == rows
    assert text.count("{") == text.count("}")


def test_words_in_latex_are_escaped() -> None:
    assert latex.in_text(r"50% of {a_b} \ ^") == r"\text{50\% of \{a\_b\} \textbackslash{} \textasciicircum{}}"
