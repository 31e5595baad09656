"""What a notebook shows: well-formed, and text from users is only text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

import symnorm as sn
from symnorm.claims import Verdict
from symnorm.normalizers import REGISTRY, Equations, equations, normalizer
from symnorm.report import html
from symnorm.tensors import Tensor, tensor
from tests.report.samples import VERDICTS

N, C = sn.axes("N C")


class Page(HTMLParser):
    """The tags of a snippet, each of them closed; its text without tags."""

    def __init__(self, snippet: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(snippet)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", VERDICTS)
def test_every_verdict(name: str) -> None:
    verdict: Verdict = VERDICTS[name]
    shown = verdict._repr_html_()  # type: ignore[attr-defined]
    page = Page(shown)
    assert verdict.status in page.text
    assert ("import numpy" in page.text) == (verdict.status == "refuted")
    assert all(condition in page.text for condition in verdict.conditions)
    assert rf"\text{{{verdict.status}" in verdict._repr_latex_()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", REGISTRY)
def test_every_normalizer(name: str) -> None:
    loaded = sn.load(name)
    page = Page(loaded._repr_html_())
    assert loaded.definition.title in page.text and loaded.definition.source in page.text
    for form in loaded.gradients.values():
        assert form.latex() in page.text
    assert loaded._repr_latex_().startswith(r"$\displaystyle \begin{aligned}")


def test_text_of_a_user_is_text() -> None:
    attack = "<script>alert(1)</script>"

    @normalizer(title=attack, source=f'"{attack}', layout="N C", register=False)
    def sneaky(x: Tensor = tensor(attack, N, C)) -> Equations:
        return equations(y=2 * x)

    page = Page(html.normalizer(sneaky))
    assert "script" not in page.tags and page.text.count(attack) >= 2
    verdict = sn.prove(sn.equal(tensor(attack, N), 1))
    assert verdict.status == "refuted" and "script" not in Page(html.verdict(verdict)).tags
    undecided = Verdict("undecided", conditions=(attack,), reason=attack)
    assert Page(html.verdict(undecided)).text.count(attack) == 2 and "script" not in Page(html.verdict(undecided)).tags


def test_a_gradient_its_steps_and_a_comparison() -> None:
    form = sn.load("batch_norm").gradient("x")
    shown = Page(form._repr_html_())  # type: ignore[attr-defined]
    assert rf"\mathrm{{d}}x_{{n c}} = {form.latex()}" in shown.text and "details" not in shown.tags
    steps = Page(form.steps._repr_html_())  # type: ignore[attr-defined]
    assert all(step.latex() in steps.text and step.rule in steps.text for step in form.steps)
    found = sn.compare("layer_norm", "layer_norm@annotated", "eps == 0")
    compared = Page(found._repr_html_())  # type: ignore[attr-defined]
    assert "x_hat" in compared.text and "differs" in compared.text and "equal" in compared.text


def test_a_long_gradient_is_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    form = sn.load("batch_norm").gradient("x")
    monkeypatch.setattr(html, "LONG", len(form.latex()) - 1)
    page = Page(form._repr_html_())  # type: ignore[attr-defined]
    assert {"details", "summary"} <= page.tags and "dx, a long formula" in page.text and form.latex() in page.text
