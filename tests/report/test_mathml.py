"""MathML of what the printer writes: well-formed, the right structure, and nothing unescaped."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from symnorm.closed_form import gradients
from symnorm.errors import Unsupported
from symnorm.normalizers import REGISTRY
from symnorm.printing import equation_latex
from symnorm.report.mathml import mathml
from symnorm.report.sheet import equations_of


def read(formula: str) -> ElementTree.Element:
    return ElementTree.fromstring(mathml(formula))


@pytest.mark.parametrize("name", REGISTRY)
def test_every_equation_and_gradient_is_set(name: str) -> None:
    one = REGISTRY[name]
    shown = [equation.latex for equation in equations_of(one)]
    shown += [equation_latex(f.name, one.quantity(key).axes, f.tensor) for key, f in gradients(one).items()]
    for formula in shown:
        found = read(formula)
        assert len([*found.iter("mfrac")]) == formula.count(r"\frac")
        assert len([*found.iter("msqrt")]) == formula.count(r"\sqrt")
        assert sum(node.text == "∑" for node in found.iter("mo")) == formula.count(r"\sum")


def test_structure() -> None:
    (fraction,) = read(r"\frac{a + 1}{\sqrt{b}}")
    assert fraction.tag == "mfrac" and len(fraction) == 2 and fraction[1].find("msqrt") is not None
    (both,) = read(r"x_{n c}^{2}")
    assert both.tag == "msubsup" and [node.text for node in both.iter("mi")] == ["x", "n", "c"]
    (limits, _) = read(r"\sum_{n=1}^{N} x")
    assert limits.tag == "munderover"
    (accent,) = read(r"\hat{x}")
    assert accent.tag == "mover" and accent.get("accent") == "true"
    (fenced,) = read(r"\left(\frac{a}{b}\right)")
    assert [node.text for node in fenced.iter("mo") if node.get("stretchy") == "true"] == ["(", ")"]
    (primed,) = read("x_{n'}")
    assert "′" in [node.text for node in primed.iter("mo")]


def test_a_word_stands_apart_from_its_factors() -> None:
    assert len([*read(r"\mathrm{momentum} \mu_{c}").iter("mspace")]) == 1
    assert not [*read(r"\left(1 - \mathrm{momentum}\right) + a b").iter("mspace")]


@pytest.mark.parametrize("formula", [r"\evil", "{a", r"\frac{a}", r"\text{a", "a}", r"\left(a", r"\mathrm{\frac}", "&"])
def test_what_the_printer_does_not_write_is_refused(formula: str) -> None:
    with pytest.raises(Unsupported):
        mathml(formula)


def test_text_is_escaped() -> None:
    assert "<mtext>&lt;b&gt; &amp;_</mtext>" in mathml(r"\text{<b> \&\_}")
    assert "<mo>&lt;</mo>" in mathml("a<b")
