"""Each distinct reduction once, in an order in which everything is there when it is used."""

from __future__ import annotations

import pytest

from symnorm.errors import SymnormError
from symnorm.kernels.degenerate import one_element_rules, reductions_of
from symnorm.kernels.plan import plan
from symnorm.kernels.schedule import Line, backward_lines, component, forward_lines, spread
from symnorm.normalizers import find
from symnorm.tensors import Tensor, axes, inputs, mean, scalar, stop_gradient, tensor, total, walk
from tests.kernels.textbook import FORMS

N, C = axes("N C")
dy, x_hat, gamma = tensor("dy", N, C), tensor("x_hat", N, C), tensor("gamma", C)


def reductions(lines: list[Line]) -> list[Tensor]:
    return [node for line in lines for node in walk(line.code) if node.op in ("total", "mean")]


@pytest.mark.parametrize("name", FORMS)
def test_nothing_is_reduced_twice_and_everything_is_there_in_time(name: str) -> None:
    lines = backward_lines(FORMS[name]())
    found = [component(node) for node in reductions(lines)]
    assert len(found) == len(set(found))
    computed = {line.name for line in lines}
    for at, line in enumerate(lines):
        assert not (set(inputs(line.code)) & computed) - {earlier.name for earlier in lines[:at]}


def test_batch_norm_needs_the_two_reductions_that_are_its_parameter_gradients() -> None:
    lines = backward_lines(FORMS["batch_norm"]())
    assert [line.name for line in lines] == ["dgamma", "dbeta", "dx"]
    assert len(reductions(lines)) == 2
    assert not reductions(lines[-1:])


def test_the_order_of_factors_does_not_make_a_reduction_another() -> None:
    assert component(total(dy * x_hat * gamma, over=N)) == component(mean(gamma * (x_hat * dy), over=N))
    assert component(total(dy - x_hat, over=N)) != component(total(x_hat - dy, over=N))
    assert component(total(dy, over=N)) != component(total(dy, over=C))
    assert component(total(mean(dy, over=C), over=N)) != component(total(total(dy, over=C), over=N))


def test_a_reduction_in_two_places_gets_a_name() -> None:
    twice = mean(dy * x_hat, over=N)
    lines = backward_lines({"x": dy - x_hat * twice, "z": x_hat * dy * mean(x_hat * dy, over=N)})
    assert [line.name for line in lines] == ["mean_1", "dx", "dz"]
    assert len(reductions(lines)) == 1


def test_a_sum_and_a_mean_of_the_same_are_one_sum() -> None:
    lines = backward_lines({"x": dy - mean(dy, over=N), "z": dy * total(dy, over=N)})
    assert [(line.name, str(line.code)) for line in lines] == [
        ("sum_1", "sum(dy)"),
        ("dx", "dy - sum_1/N"),
        ("dz", "dy*sum_1"),
    ]


def test_gradients_that_need_each_other() -> None:
    with pytest.raises(SymnormError, match="dx, dz are each given in terms of another"):
        backward_lines({"x": dy + tensor("dz", N, C), "z": dy - tensor("dx", N, C)})


def test_a_stop_inside_a_formula_gets_a_line_of_its_own() -> None:
    lines = forward_lines({"y": dy * stop_gradient(gamma * gamma) + stop_gradient(gamma)})
    assert [(line.name, str(line.code), line.held) for line in lines] == [
        ("held_1", "gamma*gamma", True),
        ("held_2", "gamma", True),
        ("y", "dy*held_1 + held_2", False),
    ]


def test_a_long_line_is_spread_over_its_outermost_reductions() -> None:
    inner = mean(dy - mean(dy, over=C), over=N)
    lines = spread(Line("dx", None, dy - x_hat * inner - inner), [])
    assert [line.name for line in lines] == ["mean_1", "dx"]
    assert str(lines[1].code) == "dy - x_hat*mean_1 - mean_1"


@pytest.mark.parametrize(
    ("name", "rules", "updates"),
    [
        ("batch_norm", [("N", ("eps",))], [("N", ())]),
        ("batch_norm.inference", [], []),
        ("layer_norm", [("C", ("eps",))], []),
        ("weight_norm", [], []),
        ("batch_renorm", [("N", ("eps",))], []),
        ("batch_renorm.unclipped", [("N", ("eps",))], []),
        ("batch_renorm.inference", [], []),
    ],
)
def test_what_one_element_asks_of_the_scalars(name: str, rules: list[object], updates: list[object]) -> None:
    found = plan(find(name), FORMS[name]())
    assert [(*rule.over, rule.scalars) for rule in found.rules] == rules
    assert [(*rule.over, rule.scalars) for rule in found.update_rules] == updates


def test_a_variance_without_eps_cannot_have_one_element() -> None:
    x = tensor("x", N, C)
    formulas = {"c": x - mean(x, over=N), "y": tensor("c", N, C) / mean(tensor("c", N, C) ** 2, over=N)}
    (rule,) = one_element_rules(formulas, reductions_of(*formulas.values()))
    assert (rule.over, rule.scalars) == (("N",), ())


def test_a_scalar_that_is_divided_by_at_every_size_is_no_matter_of_one_element() -> None:
    x, a = tensor("x", N, C), scalar("a", positive=True)
    formulas = {"y": mean(x, over=N) / a}
    assert one_element_rules(formulas, reductions_of(*formulas.values())) == ()
