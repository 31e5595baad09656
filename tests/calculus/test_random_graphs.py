"""Both modes on random graphs against exact derivatives: shared nodes, names within names, stops, renamed copies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, assume, find, given, reject, settings
from hypothesis import strategies as st

from symnorm.calculus import VJP, Rule, vjp
from symnorm.tensors import (
    Tensor,
    absolute,
    amax,
    amin,
    delta,
    inputs,
    maximum,
    mean,
    minimum,
    scalar,
    sign,
    stop_gradient,
    tensor,
    total,
    walk,
)
from tests.calculus.battery import disagreements
from tests.calculus.by_number import Kink
from tests.calculus.samples import C, N, named

M = N.copy("M")
INPUTS = [tensor("x", N, C), tensor("w", C), tensor("v", N), scalar("s")]

TWO: dict[str, Any] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / (b * b + 1),  # never by zero
    "maximum": maximum,
    "minimum": minimum,
}
ONE: dict[str, Any] = {
    "neg": lambda x: -x,
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "total N": lambda x: total(x, over=N),
    "total NC": lambda x: total(x, over=(N, C)),
    "largest N": lambda x: amax(x, over=N),
    "smallest C": lambda x: amin(x, over=C),
    "mean C": lambda x: mean(x, over=C),
    "mean N": lambda x: mean(x, over=N),
    "abs": absolute,
    "sign": sign,
    "stop": stop_gradient,
    "let": lambda x: x,  # named below
    "copy": lambda x: x.rename({N: M}) if N in x.axes and M not in x.axes else x,
    "back": lambda x: x.rename({M: N}) if M in x.axes and N not in x.axes else x,
    "swap": lambda x: x.rename({M: N, N: M}) if M in x.axes and N in x.axes else x,
    "pick": lambda x: delta(N, M) * x,
    "diagonal": lambda x: total(delta(N, M) * x, over=M),
}


@st.composite
def graphs(draw: st.DrawFn, steps: int = 7) -> Tensor:
    """A graph in which any node may be used again."""
    pool = list(INPUTS)
    for number in range(draw(st.integers(1, steps))):
        op = draw(st.sampled_from([*TWO, *TWO, *ONE]))
        # The latest node is always used, so that graphs get deep.
        latest = pool[-1]
        made = TWO[op](latest, draw(st.sampled_from(pool))) if op in TWO else ONE[op](latest)
        pool.append(named(f"q{number}", made) if op == "let" else made)
    return pool[-1]


def wrong(output: Tensor, seed: int) -> list[str]:
    """What the check says."""
    return disagreements(output, list(inputs(output).values()), seed)


def off_kinks(output: Tensor, seed: int) -> list[str]:
    """The same, for a point that is not on a kink."""
    try:
        return wrong(output, seed)
    except Kink:
        reject()


@settings(max_examples=150)
@given(graphs(), st.integers(0, 1000))
def test_both_modes_are_exact(output: Tensor, seed: int) -> None:
    assert off_kinks(output, seed) == []


@settings(max_examples=40)
@given(graphs(steps=4), st.integers(0, 1000), st.data())
def test_so_are_the_second_derivatives(output: Tensor, seed: int, data: st.DataObject) -> None:
    x = data.draw(st.sampled_from(list(inputs(output).values())))
    first = vjp(output, 1, [x]).of(x)
    assume(inputs(first))  # a number has no more derivatives
    assert off_kinks(first, seed) == []


@settings(max_examples=60)
@given(graphs())
def test_every_adjoint_stays_on_the_axes_of_its_node(output: Tensor) -> None:
    wrt = list(inputs(output).values())
    found = vjp(output, tensor("g", *output.axes), wrt)
    for step in found.applications:
        assert step.share is None or set(step.share.axes) <= set(step.argument.axes)
    for variable in wrt:
        assert set(found.of(variable).axes) <= set(variable.axes)
        # and the element says the same: no index stands free that the axes do not name
        free = {axis.index for axis in variable.axes}
        indices = {axis.index for node in walk(found.of(variable)) for axis in node.axes}
        assert found.of(variable).expr.free_symbols & indices <= free


@pytest.mark.parametrize("op", ["add", "mul", "div", "total", "mean", "rename", "let"])
def test_random_graphs_show_a_wrong_rule(monkeypatch: pytest.MonkeyPatch, op: str) -> None:
    right = VJP[op][0].apply
    assert right is not None
    monkeypatch.setitem(VJP, op, (Rule("planted", lambda *args: 2 * right(*args)), *VJP[op][1:]))

    def shows(output: Tensor) -> bool:
        try:
            return op in {node.op for node in walk(output)} and wrong(output, 0) != []
        except Kink:
            return False

    effort = settings(max_examples=300, derandomize=True, database=None, phases=[Phase.generate])
    assert op in {node.op for node in walk(find(graphs(), shows, settings=effort))}
