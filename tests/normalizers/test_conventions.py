"""Conventions: what each framework documents, written out by hand here; what the registry promises of all of them."""

from __future__ import annotations

import pytest

from symnorm.closed_form import gradients
from symnorm.errors import NameUnknown, SymnormError
from symnorm.normalizers import REGISTRY, Convention, Normalizer, conventions_of, equations, find, named, normalizer
from symnorm.normalizers.differences import SAME, differences, in_words
from symnorm.normalizers.parts import INSIDE, OUTSIDE, root
from symnorm.printing import text
from symnorm.report import sheet
from symnorm.tensors import Tensor, axes, inputs, mean, scalar, sqrt, tensor

N, C = axes("N C")
BASES = [one for base in REGISTRY.values() for one in (base, *base.modes.values())]
EVERY = [base.convention(name) for base in BASES for name in base.conventions]
every = pytest.mark.parametrize("definition", EVERY, ids=lambda n: n.name)

STANDARD = "(x - mu)/sqrt(var + eps)"
KEEPING = {
    "new running_mean": "momentum*running_mean + (1 - momentum)*mu",
    "new running_var": "momentum*running_var + (1 - momentum)*var",
}
# from the documentation of each, not from our tables
DOCUMENTED: dict[str, tuple[dict[str, str], dict[str, float], str]] = {
    "batch_norm@torch": (
        {
            "x_hat": STANDARD,
            "new running_mean": "(1 - momentum)*running_mean + momentum*mu",
            "new running_var": "(1 - momentum)*running_var + momentum*N/(N - 1)*var",
        },
        {"eps": 1e-5, "momentum": 0.1},
        "N C N*",
    ),
    "batch_norm@onnx": ({"x_hat": STANDARD, **KEEPING}, {"eps": 1e-5, "momentum": 0.9}, "N C N*"),
    "batch_norm@keras": ({"x_hat": STANDARD, **KEEPING}, {"eps": 1e-3, "momentum": 0.99}, "N* C"),
    "batch_norm@flax": ({"x_hat": STANDARD, **KEEPING}, {"eps": 1e-5, "momentum": 0.99}, "N* C"),
    "batch_norm.inference@keras": ({"y": "gamma*x_hat + beta"}, {"eps": 1e-3}, "N* C"),
    "layer_norm@torch": ({"var": "mean((x - mu)**2)", "x_hat": STANDARD}, {"eps": 1e-5}, "N* C*"),
    "layer_norm@onnx": ({"var": "mean((x - mu)**2)", "x_hat": STANDARD}, {"eps": 1e-5}, "N* C*"),
    "layer_norm@keras": ({"x_hat": STANDARD}, {"eps": 1e-3}, "N* C*"),
    "layer_norm@flax": ({"x_hat": STANDARD}, {"eps": 1e-6}, "N* C*"),
    "layer_norm@annotated": (
        {"var": "sum((x - mu)**2)/(C - 1)", "std": "sqrt(var)", "s": "std + eps", "x_hat": "(x - mu)/s"},
        {"eps": 1e-6},
        "N* C*",
    ),
    "rms_norm@torch": ({"rms": "sqrt(mean(x**2) + eps)"}, {}, "N* C*"),
    "rms_norm@onnx": ({"rms": "sqrt(mean(x**2) + eps)"}, {"eps": 1e-5}, "N* C*"),
    "group_norm@onnx18": ({"x_hat": STANDARD, "y": "gamma*x_hat + beta"}, {"eps": 1e-5}, "N (G K) S*"),
    "unit_length@torch": (
        {"square": "sum(x**2)", "floored": "maximum(square, eps**2)", "norm": "sqrt(floored)", "u": "x/norm"},
        {"eps": 1e-12, "axis": 1},
        "N* C N*",
    ),
    "unit_length.l1@torch": (
        {"length": "sum(abs(x))", "norm": "maximum(length, eps)", "u": "x/norm"},
        {"eps": 1e-12, "axis": 1},
        "N* C N*",
    ),
    "unit_length@onnx": ({"norm": "length + 1 - sign(length)", "u": "x/norm"}, {}, "N* C N*"),
    "unit_length.lp@torch": (
        {"length": "sum(abs(x)**p)**(1/p)", "norm": "maximum(length, eps)", "u": "x/norm"},
        {"p": 3.0, "eps": 1e-12, "axis": 1},
        "N* C N*",
    ),
    "unit_length.linf@sklearn": ({"length": "max(abs(x))", "norm": "length + 1 - sign(length)"}, {}, "N* C*"),
    "unit_length.l1@sklearn": ({"norm": "length + 1 - sign(length)"}, {}, "N* C*"),
    "min_max@sklearn": (
        {"span": "max(x) - low", "s": "span + 1 - sign(span)", "y": "(x - low)/s"},
        {},
        "N C N*",
    ),
    "min_max.between@sklearn": (
        {"s": "span + 1 - sign(span)", "x_hat": "(x - low)/s", "y": "lower + width*x_hat"},
        {},
        "N C N*",
    ),
    "centering@sklearn": ({"y": "x - mu"}, {}, "N C N*"),
    "pca_whitening@sklearn": ({"cov": "sum(x_c*x_c[C->D])/(N - 1)"}, {}, "N C"),
    "decorrelation@sklearn": ({"mu": "mean(x)"}, {}, "N C"),
    "weight_norm@torch": ({"norm": "sqrt(sum(v**2))", "w": "g*v/norm"}, {"axis": 0}, "K* C K*"),
    "weight_norm@flax": ({"norm": "sqrt(sum(v**2) + eps)", "w": "g*v/norm"}, {"eps": 1e-12}, "K* C"),
    "spectral_norm.power_iteration@torch": (
        {
            "v_length": "maximum(sqrt(sum[K](sum[C](w*u)**2)), eps)",
            "u_length": "maximum(sqrt(sum[C](sum[K](w*v_hat)**2)), eps)",
            "sigma_hat": "sum[C](u_hat*sum[K](w*v_hat))",
            "w_bar": "w/sigma_hat",
            "new u": "u_hat",
        },
        {"eps": 1e-12},
        "C K*",
    ),
    "spectral_norm.power_iteration@keras": (
        {"v_length": "maximum(sqrt(sum[K](sum[C](w*u)**2)), eps)"},
        {"eps": 1e-7},
        "K* C",
    ),
    "spectral_norm.power_iteration@flax": ({"w_bar": "w/sigma_hat", "new u": "u_hat"}, {"eps": 1e-12}, "K* C"),
    "sync_batch_norm@torch": (
        {"new running_var": "(1 - momentum)*running_var + momentum*D*M/(D*M - 1)*var"},
        {"eps": 1e-5, "momentum": 0.1},
        "(D M) C M*",
    ),
    "sync_batch_norm@keras": (KEEPING, {"eps": 1e-3, "momentum": 0.99}, "(D M) M* C"),
    "sync_batch_norm@flax": (KEEPING, {"eps": 1e-5, "momentum": 0.99}, "(D M) M* C"),
    "selu@torch": ({}, {"alpha": 1.6732632423543772, "scale": 1.0507009873554805}, "N* C*"),
    "selu@onnx": ({}, {"alpha": 1.6732631921768188, "scale": 1.0507010221481323}, "N* C*"),
    "z_score@onnx": ({"std": "sqrt(mean((x - mu)**2))", "sigma": "std + eps"}, {"eps": 1e-9}, "N C N*"),
    "scale_norm@code": ({"floored": "maximum(square, eps**2)", "norm": "sqrt(floored)"}, {"eps": 1e-5}, "N* C*"),
    "weight_standardization@code": (
        {"var": "sum((v - mu)**2)/(K - 1)", "s": "std + eps", "w": "(v - mu)/s"},
        {"eps": 1e-5},
        "C K*",
    ),
}


LEFT_OUT = {
    "unit_length.lp": {"onnx", "keras", "sklearn"},  # their p is 1 or 2, or there is none
    "unit_length.linf": {"onnx", "keras"},
    "unit_length.l1": {"keras"},
    "weight_norm.exp": {"torch", "flax"},
    "instance_norm.tracking": {"onnx", "flax"},
    "instance_norm.inference": {"onnx", "flax"},
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_mode_that_a_framework_does_not_have(name: str) -> None:
    base = REGISTRY[name.partition(".")[0]]
    assert set(base.conventions) - set(find(name).conventions) == LEFT_OUT[name]
    for convention in LEFT_OUT[name]:
        with pytest.raises(NameUnknown, match=f"no convention of {name} is called '{convention}'"):
            find(f"{name}@{convention}")


def test_every_other_mode_has_the_conventions_of_its_normalizer() -> None:
    for base in BASES:
        if base.name not in LEFT_OUT:
            assert base.conventions == REGISTRY[base.name.partition(".")[0]].conventions


@every
def test_its_sheet_tells_it_in_words(definition: Normalizer) -> None:
    """What ``symnorm show NAME --convention ...`` prints."""
    shown = [line.strip() for line in sheet.sheet(definition, []).splitlines()]
    chosen = definition.under
    assert chosen is not None and f"{chosen.name}: {chosen.source}" in shown
    told = in_words(definition)
    assert told and all(line in shown and line.endswith(".") for line in told)


def formulas(definition: Normalizer) -> dict[str, str]:
    instance = definition.instance()
    made = {name: text(instance.right_hand_side(name)) for name in instance.named}
    return made | {f"new {name}": text(new) for name, new in instance.updates.items()}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_it_is_what_the_documentation_says(name: str) -> None:
    wanted, defaults, layout = DOCUMENTED[name]
    definition = find(name)
    assert {key: formulas(definition).get(key) for key in wanted} == wanted
    assert (definition.defaults, definition.layout) == (defaults, layout)


def test_the_owner_of_scale_and_shift_is_the_group_in_the_older_onnx() -> None:
    older = find("group_norm@onnx18").inputs
    assert [axis.name for axis in older["gamma"].axes] == [axis.name for axis in older["beta"].axes] == ["G"]
    assert [axis.name for axis in find("group_norm@onnx").inputs["gamma"].axes] == ["G", "K"]


# --- what holds for all of them ---------------------------------------------------------------------------------------


@every
def test_every_choice_means_something(definition: Normalizer) -> None:
    chosen, base = definition.under, definition.papers
    assert chosen is not None and base is not None and chosen.source
    known = {option for one in (base, *base.modes.values()) for option in one._parameters}
    if "." not in base.name:
        assert set(chosen.options) <= known, "an option that no body has is a slip of the pen"
        assert set(chosen.modes) <= {"training", *base.modes}
    assert set(definition.defaults) <= {*definition.constants, "axis"}
    assert definition.name == f"{base.name}@{chosen.name}"


@every
def test_every_gradient_has_a_closed_form_that_is_proved(definition: Normalizer) -> None:
    for form in gradients(definition).values():
        assert form.is_textbook, form


@every
def test_what_is_told_is_what_differs(definition: Normalizer) -> None:
    assert definition.under is not None and definition.papers is not None
    told, base = in_words(definition), definition.papers
    same = formulas(definition) == formulas(base) and definition.defaults == base.defaults
    same = same and definition.layout == base.layout and str(definition.inputs) == str(base.inputs)
    same = same and all(definition.inputs[name].axes == node.axes for name, node in base.inputs.items())
    assert (told[0] == SAME) == same
    assert told[-len(definition.under.remarks) :] == list(definition.under.remarks) or not definition.under.remarks
    assert differences(base, base) == [] and in_words(base) == []


@pytest.mark.parametrize("base", BASES, ids=lambda n: n.name)
def test_the_papers_own_convention_is_the_definition(base: Normalizer) -> None:
    assert base.convention("paper") is base
    assert conventions_of(base)[0] == "paper"
    for name in base.conventions:
        there = base.convention(name)
        assert there is base.convention(name), "made once, so that what is derived of it is derived once"
        assert there.convention("paper") is base
        assert all(there.convention(other) is base.convention(other) for other in base.conventions)


def test_mode_and_convention_commute() -> None:
    assert find("batch_norm@keras").mode("inference").name == "batch_norm.inference@keras"
    assert find("batch_norm.inference@keras").name == "batch_norm.inference@keras"
    assert find("batch_norm@keras").mode("inference") is find("batch_norm.inference").convention("keras")


def test_an_unknown_convention_is_named_with_the_known_ones() -> None:
    with pytest.raises(NameUnknown, match="no convention of batch_norm is called 'troch'; did you mean torch"):
        find("batch_norm@troch")
    with pytest.raises(NameUnknown, match="no place of eps is called 'above'"):
        root(scalar("v"), scalar("eps"), "above")


# --- the parts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("eps_at", [*INSIDE, *OUTSIDE])
@pytest.mark.parametrize("ddof", [0, 1])
def test_every_place_of_eps_and_every_divisor_gives_closed_forms(eps_at: str, ddof: int) -> None:
    base = REGISTRY["layer_norm"]
    base_conventions = {"mine": Convention("mine", "a test", {"eps_at": eps_at, "ddof": ddof})}
    mine = Normalizer(base.name, base.title, base.source, base.body, base.layout, base.constants,
                      inverts=base.inverts, declared_conventions=base_conventions).convention("mine")  # fmt: skip
    for form in gradients(mine).values():
        assert form.is_textbook, form


def test_a_quantity_named_on_the_way_is_an_equation() -> None:
    x = tensor("x", N, C)

    @normalizer(title="T", source="a test", layout="N C", register=False)
    def halves(x: Tensor = x) -> object:
        mu = mean(x, over=N)
        return equations(mu=mu, y=(x - named("half", mu / 2)) / named("spread", sqrt(named("square", mu**2))))

    assert formulas(halves) == {
        "mu": "mean(x)",
        "half": "mu/2",
        "square": "mu**2",
        "spread": "sqrt(square)",
        "y": "(x - half)/spread",
    }
    outer = equations(z=halves() * 2)
    assert list(outer.named) == ["z"], "what another definition named is its own"


def test_a_name_given_to_two_quantities_is_refused() -> None:
    x = tensor("x", N, C)
    with pytest.raises(SymnormError, match="two quantities of a definition are called mu"):
        equations(mu=mean(x, over=N), y=x - named("mu", mean(x, over=C)))


def test_a_convention_adds_its_constant_as_an_input() -> None:
    torch, paper = find("unit_length@torch"), find("unit_length")
    assert list(torch.inputs) == ["x", "eps"] and list(paper.inputs) == ["x"]
    assert torch.differentiable == ("x",)
    assert "eps" in inputs(torch()) and "eps" not in inputs(paper())
    assert "eps" not in inputs(torch(eps=2))
