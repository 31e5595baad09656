"""The derivation that a student reads is the one that the gradient is made of."""

from __future__ import annotations

import pytest

from symnorm.calculus import VJP, Step, Steps, vjp
from symnorm.calculus.rules import BROADCAST
from symnorm.calculus.steps import SHARES
from symnorm.normalizers import REGISTRY, Normalizer, batch_norm, batch_renorm
from symnorm.tensors import Loss, absolute, scalar, sign, stop_gradient, tensor, total, walk
from tests.calculus.samples import C, N, V, W, X, named

L = Loss("L")


def derivation(normalizer: Normalizer) -> Steps:
    """The steps from an unknown loss of a normalizer to all of its gradients."""
    output = normalizer()
    return vjp(output, L.cotangent(output), [normalizer.inputs[name] for name in normalizer.differentiable]).steps


def step(steps: Steps, name: str) -> Step:
    """The one step of that name."""
    (found,) = (step for step in steps if step.name == name)
    return found


def test_batch_norm_goes_down_the_chain_of_its_paper() -> None:
    steps = derivation(batch_norm)
    assert [step.name for step in steps] == ["dx_hat", "dvar", "dmu", "dx", "dgamma", "dbeta"]
    assert [[str(source.data) for source in step.sources] for step in steps] == [
        ["y"],
        ["x_hat"],
        ["x_hat", "var"],
        ["x_hat", "var", "mu"],
        ["y"],
        ["y"],
    ]
    assert step(steps, "dx_hat").rules == ("sum rule", "product rule")
    assert step(steps, "dvar").rules == ("quotient rule", BROADCAST, "chain rule through sqrt", "sum rule")
    assert step(steps, "dx").rules[-1] == SHARES


def test_a_step_is_one_readable_line() -> None:
    steps = derivation(batch_norm)
    assert str(step(steps, "dx_hat")) == "y = gamma*x_hat + beta  =>  dx_hat = dy*gamma  [sum rule; product rule]"
    assert step(steps, "dvar").equation == "x_hat = (x - mu)/sqrt(var + eps)"
    assert step(steps, "dbeta").rule == f"sum rule; {BROADCAST}"
    assert str(steps).splitlines() == [str(step) for step in steps]


def test_a_value_is_said_by_its_name() -> None:
    steps = derivation(batch_renorm)
    assert str(step(steps, "dvar")).startswith("sigma = sqrt(var + eps)  =>  dvar = dsigma/(2*sigma)  [")


def test_nothing_comes_through_a_stop() -> None:
    assert {"dr", "dd"}.isdisjoint(step.name for step in derivation(batch_renorm))


@pytest.mark.parametrize("normalizer", REGISTRY.values(), ids=lambda normalizer: normalizer.name)
def test_the_steps_are_the_gradient(normalizer: Normalizer) -> None:
    output = normalizer()
    variables = [normalizer.inputs[name] for name in normalizer.differentiable]
    found = vjp(output, L.cotangent(output), variables)
    results = [step.result for step in found.steps]
    definition = {id(node) for node in walk(output) if node.op == "let"}
    gradients = [found.of(variable) for variable in variables]
    named_here = {node for node in walk(*gradients) if node.op == "let" and id(node) not in definition}
    (seed,) = (node for node in named_here if node.args[0].op == "cotangent")
    assert named_here == {*results, seed}
    assert [result for result in results if result in gradients] == gradients
    # each is made of earlier ones only
    for place, result in enumerate(results):
        assert {node for node in walk(result) if node in results} <= set(results[: place + 1])


@pytest.mark.parametrize("normalizer", REGISTRY.values(), ids=lambda normalizer: normalizer.name)
def test_every_rule_that_was_applied_is_named_in_a_step(normalizer: Normalizer) -> None:
    output = normalizer()
    found = vjp(output, L.cotangent(output), [normalizer.inputs[name] for name in normalizer.differentiable])
    applied = {step.rule.name for step in found.applications if step.node.op != "let"}
    named_rules = {name for step in found.steps for name in step.rules} - {BROADCAST, SHARES}
    assert named_rules == applied
    assert applied <= {rule.name for rules in VJP.values() for rule in rules}


def test_an_output_without_a_name_stands_for_itself() -> None:
    (only,) = vjp(total(V**2, over=N), scalar("g"), [V]).steps
    assert str(only) == "sum(v**2)  =>  dv = g*2*v  [a sum passes its cotangent to every element; power rule]"


def test_one_quantity_by_two_names() -> None:
    y = batch_norm(gamma=1, beta=0)  # y = x_hat
    steps = vjp(y, L.cotangent(y), [batch_norm.inputs["x"]]).steps
    assert str(steps[0]) == "y = x_hat  =>  dx_hat = dy  [a name stands for its right-hand side]"


def test_a_dead_end_is_no_step() -> None:
    z = named("z", sign(X) * W)
    steps = vjp(z * stop_gradient(absolute(X)), tensor("g", N, C), [X, W]).steps
    assert [step.name for step in steps] == ["dz", "dw"]
    assert "sign" not in step(steps, "dw").rule


def test_an_input_as_output_needs_no_step() -> None:
    assert vjp(X, tensor("g", N, C), [X]).steps == ()


def test_latex() -> None:
    steps = derivation(batch_norm)
    rows = steps.latex().splitlines()
    assert (rows[0], rows[-1]) == (r"\begin{aligned}", r"\end{aligned}")
    assert len(rows) == len(steps) + 2
    assert rows[1] == r"& \mathrm{d}\hat{x}_{n c} = \mathrm{d}y_{n c} \gamma_{c} && \text{sum rule; product rule} \\"
    assert not rows[-2].endswith(r"\\")
    assert steps._repr_latex_() == f"$\\displaystyle {steps.latex()}$"
