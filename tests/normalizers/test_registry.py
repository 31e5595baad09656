"""Every registered normalizer and mode: its equations as the paper has them, calling it, what its record promises."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from symnorm.errors import AxisError, NameUnknown, SymnormError
from symnorm.evaluate import Model, Number, agree, element_array
from symnorm.evaluate.numbers import divide, sign_of
from symnorm.evaluate.numbers import sqrt as root
from symnorm.normalizers import REGISTRY, Normalizer, batch_norm, find, opaque
from symnorm.tensors import IMPLICIT, Axis, Tensor, axes, inputs, scalar, substitute, tensor, walk
from tests.tensors.graphs import extent, point

N, C, K = axes("N C K")
EVERY = [*REGISTRY.values(), *(mode for base in REGISTRY.values() for mode in base.modes.values())]
every = pytest.mark.parametrize("definition", EVERY, ids=lambda n: n.name)
SIZES = {"N": 3, "C": 2, "K": 3, "G": 2, "S": 2, "D": 2, "M": 2, "T": 2}


# --- as the papers have them -----------------------------------------------------------------------------------------

STANDARDIZE = ["mu = mean(x)", "var = mean((x - mu)**2)", "x_hat = (x - mu)/sqrt(var + eps)"]
EQUATIONS = {
    # Ioffe & Szegedy 2015, Algorithm 1
    "batch_norm": [*STANDARDIZE, "y = gamma*x_hat + beta"],
    # Algorithm 2, step 11, before it is multiplied out
    "batch_norm.inference": ["x_hat = (x - running_mean)/sqrt(running_var + eps)", "y = gamma*x_hat + beta"],
    # Ba, Kiros & Hinton 2016, equation 3: the same with the features in the place of the batch
    "layer_norm": [*STANDARDIZE, "y = gamma*x_hat + beta"],
    # Salimans & Kingma 2016, equation 2
    "weight_norm": ["norm = sqrt(sum(v**2))", "w = g*v/norm"],
    # Ioffe 2017, Algorithm 1
    "batch_renorm": [
        "mu = mean(x)",
        "var = mean((x - mu)**2)",
        "sigma = sqrt(var + eps)",
        "r = stop_gradient(minimum(maximum(sigma/running_std, 1/r_max), r_max))",
        "d = stop_gradient(minimum(maximum((mu - running_mean)/running_std, -d_max), d_max))",
        "x_hat = (x - mu)/sigma",
        "x_renorm = r*x_hat + d",
        "y = gamma*x_renorm + beta",
    ],
    "batch_renorm.unclipped": [
        "mu = mean(x)",
        "var = mean((x - mu)**2)",
        "sigma = sqrt(var + eps)",
        "r = stop_gradient(sigma/running_std)",
        "d = stop_gradient((mu - running_mean)/running_std)",
        "x_hat = (x - mu)/sigma",
        "x_renorm = r*x_hat + d",
        "y = gamma*x_renorm + beta",
    ],
    "batch_renorm.inference": ["x_hat = (x - running_mean)/running_std", "y = gamma*x_hat + beta"],
}
UPDATES = {
    "batch_norm": {  # Algorithm 2, step 10: the unbiased variance; a moving average
        "running_mean": "(1 - momentum)*running_mean + momentum*mu",
        "running_var": "(1 - momentum)*running_var + momentum*N/(N - 1)*var",
    },
    "batch_renorm": {  # Algorithm 1
        "running_mean": "running_mean + momentum*(mu - running_mean)",
        "running_std": "running_std + momentum*(sigma - running_std)",
    },
}
UPDATES["batch_renorm.unclipped"] = UPDATES["batch_renorm"]
REDUCED = {"batch_norm": N, "batch_renorm": N, "batch_renorm.unclipped": N, "layer_norm": C}


@pytest.mark.parametrize("name", EQUATIONS)
def test_its_equations_are_the_papers(name: str) -> None:
    definition = find(name)
    made = definition.instance()
    assert [f"{name} = {made.right_hand_side(name)!r}" for name in made.named] == EQUATIONS[definition.name]
    updates = {name: repr(opaque(new)) for name, new in made.updates.items()}
    assert updates == UPDATES.get(definition.name, {})
    if definition.name in REDUCED:
        assert made.right_hand_side("mu").data == (REDUCED[definition.name],)


def left_axes(definition: Normalizer) -> set[Axis]:
    """All free axes of named quantities and inputs."""
    made = definition.instance()
    return {axis for node in (*made.named.values(), *definition.inputs.values()) for axis in node.axes}


@every
def test_its_equations_are_sympy_over_the_names_before(definition: Normalizer) -> None:
    known = set(definition.inputs)
    for equation in definition.equations:
        left, right = equation.lhs, equation.rhs
        name = left.base.label.name if isinstance(left, sp.Indexed) else left.name
        mentioned = {base.label.name for base in right.atoms(sp.IndexedBase)}
        mentioned |= {symbol.name for symbol in right.free_symbols if not isinstance(symbol, sp.Idx | sp.Indexed)}
        own = {*SIZES} | {size.lower() for size in SIZES} | {axis.index.name for axis in left_axes(definition)}
        assert {str(m) for m in mentioned} <= known | own, f"{name} uses what is not named before it"
        known.add(name)


@every
def test_its_record_speaks_of_its_own_inputs_and_equations(definition: Normalizer) -> None:
    declared, named = definition.inputs, definition.instance().named
    assert (
        definition.title
        and definition.source
        and repr(definition) == (f"<normalizer {definition.name}({', '.join(declared)})>")
    )
    assert {*definition.constants, *definition.defaults} <= declared.keys()
    assert definition.defaults.keys() <= {*definition.constants}, "a default is a constant's"
    assert definition.inverts.keys() <= named.keys() and {*definition.inverts.values()} <= declared.keys()
    assert {*definition.reuses} <= {*definition.differentiable, *named}
    assert {*definition.constants}.isdisjoint(definition.differentiable)
    assert {*definition.constants, *definition.differentiable, *definition.auxiliary} == declared.keys()
    first = next(iter(declared.values()))
    in_layout = {part.rstrip("*") for part in definition.layout.replace("(", "").replace(")", "").split()}
    assert in_layout == {axis.name for axis in first.axes}
    assert definition.instance().updates.keys() <= {*definition.constants}


@every
def test_what_is_known_through_relations_is_reached_through_its_system(definition: Normalizer) -> None:
    """A bare V would be held constant by a derivative, which V is not."""
    made = definition.instance()
    bare = [n for node in walk(*made.named.values()) if node.op not in IMPLICIT for n in node.args if n.op == "input"]
    values = [node.args[0] for node in walk(*made.named.values()) if node.op in IMPLICIT]
    inside = {id(node) for value in values for node in walk(value)}
    assert not [n for n in bare if n.data.name in definition.auxiliary and id(n) not in inside]


@every
def test_its_inputs_are_found_in_its_output(definition: Normalizer) -> None:
    statistics = definition.instance().updates
    used = inputs(definition(), *statistics.values())
    assert used.keys() == definition.inputs.keys()
    assert all(used[name].axes == leaf.axes for name, leaf in definition.inputs.items())


# --- what they compute, against loops over fractions -----------------------------------------------------------------

Rows = list[list[Any]]


def standardized(rows: Rows, eps: Fraction) -> tuple[Rows, list[Any], list[Any]]:
    """Each row less its mean, over its deviation; means and variances."""
    out, means, variances = [], [], []
    for row in rows:
        mu = sum(row) / len(row)
        var = sum((entry - mu) ** 2 for entry in row) / len(row)
        out.append([divide(entry - mu, root(var + eps)) for entry in row])
        means.append(mu)
        variances.append(var)
    return out, means, variances


def columns(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def batch_norm_by_hand(p: dict[str, Any]) -> Rows:
    x_hat = columns(standardized(columns(p["x"]), p["eps"])[0])
    return [[g * h + b for h, g, b in zip(row, p["gamma"], p["beta"], strict=True)] for row in x_hat]


def layer_norm_by_hand(p: dict[str, Any]) -> Rows:
    x_hat = standardized(p["x"], p["eps"])[0]
    return [[g * h + b for h, g, b in zip(row, p["gamma"], p["beta"], strict=True)] for row in x_hat]


def weight_norm_by_hand(p: dict[str, Any]) -> Rows:
    lengths = [root(sum(entry**2 for entry in row)) for row in p["v"]]
    return [[divide(g * entry, s) for entry in row] for row, g, s in zip(p["v"], p["g"], lengths, strict=True)]


def renorm_by_hand(p: dict[str, Any], clipped: bool) -> Rows:
    x_hat, means, variances = standardized(columns(p["x"]), p["eps"])
    out = []
    for c, column in enumerate(x_hat):
        r = divide(root(variances[c] + p["eps"]), p["running_std"][c])
        d = (means[c] - p["running_mean"][c]) / p["running_std"][c]
        if clipped:
            r = held(r, 1 / p["r_max"], p["r_max"])
            d = held(d, -p["d_max"], p["d_max"])
        out.append([p["gamma"][c] * (r * entry + d) + p["beta"][c] for entry in column])
    return columns(out)


def held(value: Any, low: Any, high: Any) -> Any:
    if sign_of(value - low) == -1:
        return low
    return high if sign_of(value - high) == 1 else value


def affine_by_hand(p: dict[str, Any], divisor: Callable[[int], Any]) -> Rows:
    return [
        [p["gamma"][c] * divide(entry - p["running_mean"][c], divisor(c)) + p["beta"][c] for c, entry in enumerate(row)]
        for row in p["x"]
    ]


BY_HAND: dict[str, Callable[[dict[str, Any]], Rows]] = {
    "batch_norm": batch_norm_by_hand,
    "batch_norm.inference": lambda p: affine_by_hand(p, lambda c: root(p["running_var"][c] + p["eps"])),
    "layer_norm": layer_norm_by_hand,
    "weight_norm": weight_norm_by_hand,
    "batch_renorm": lambda p: renorm_by_hand(p, clipped=True),
    "batch_renorm.unclipped": lambda p: renorm_by_hand(p, clipped=False),
    "batch_renorm.inference": lambda p: affine_by_hand(p, lambda c: p["running_std"][c]),
}


def inside(seed: int, definition: Normalizer, rows: int, width: int) -> Model:
    """A point at which the normalizer is defined: no vector is zero or constant, r_max is not below 1."""
    made = definition.instance()
    model = point(seed, {**SIZES, "N": rows, "C": width, "K": rows}, made.output, *made.updates.values())
    scalars = {name: max(value, Fraction(1)) if name == "r_max" else value for name, value in model.scalars.items()}
    tensors = {name: dict(entries) for name, entries in model.tensors.items()}
    for name in ("v", "x", "keep"):
        entries = tensors.get(name, {})
        ends = {at for at in entries if at[1:] == (1,) * (len(at) - 1) or at[0] == 1}
        entries.update({at: Fraction(7 + sum(at) ** 2, 2) for at in ends})
    return Model(model.sizes, scalars, tensors)


def nested(definition: Normalizer, model: Model) -> dict[str, Any]:
    """The point's numbers as lists in the order of the declared axes."""
    found: dict[str, Any] = dict(model.scalars)
    for name, entries in model.tensors.items():
        axes_of = definition.inputs[name].axes
        found[name] = list(entries.values())
        if len(axes_of) == 2:
            width = extent(axes_of[1], model.sizes)
            found[name] = [found[name][i : i + width] for i in range(0, len(entries), width)]
    return found


def output(made: Tensor, model: Model) -> dict[tuple[int, ...], Number]:
    return element_array(made.element, [a.index for a in made.axes], [a.size for a in made.axes], model)


def same(a: dict[tuple[int, ...], Number], b: dict[tuple[int, ...], Number]) -> bool:
    """Equal entries; enclosed ones, as of pi, equal to many digits."""
    return a.keys() == b.keys() and all(agree(a[at], b[at], scale=1) for at in a)


def in_rows(made: Tensor, model: Model) -> Rows:
    width = extent(made.axes[1], model.sizes)
    entries: list[Number] = list(output(made, model).values())
    return [entries[i : i + width] for i in range(0, len(entries), width)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("rows", "width"), [(1, 3), (2, 2), (3, 2), (4, 3)])
@pytest.mark.parametrize("name", BY_HAND)
def test_it_computes_what_loops_compute(name: str, rows: int, width: int, seed: int) -> None:
    definition = find(name)
    model = inside(seed, definition, rows, width)
    assert in_rows(definition(), model) == BY_HAND[name](nested(definition, model))


@pytest.mark.parametrize("name", UPDATES)
def test_the_running_statistics_are_what_loops_compute(name: str) -> None:
    definition = find(name)
    model = inside(2, definition, 4, 2)
    p = nested(definition, model)
    _, means, variances = standardized(columns(p["x"]), p["eps"])
    unbiased, deviations = [v * Fraction(4, 3) for v in variances], [root(v + p["eps"]) for v in variances]
    now = {"running_mean": means, "running_var": unbiased, "running_std": deviations}
    for statistic, update in definition.instance().updates.items():
        found = element_array(update.element, [C.index], [C.size], model)
        moved = [old + p["momentum"] * (new - old) for old, new in zip(p[statistic], now[statistic], strict=True)]
        assert list(found.values()) == moved


def test_clipping_is_met_from_both_sides() -> None:
    definition, met = find("batch_renorm"), set()
    for seed in range(12):
        model = inside(seed, definition, 3, 2)
        low, high = 1 / model.scalars["r_max"], model.scalars["r_max"]
        for value in element_array(definition.instance().r.element, [C.index], [C.size], model).values():
            met.add("low" if value == low else "high" if value == high else "inside")
    assert met == {"low", "high", "inside"}


# --- calling ---------------------------------------------------------------------------------------------------------


@every
def test_called_with_its_own_symbols_it_is_itself(definition: Normalizer) -> None:
    again = definition(**definition.inputs)
    assert again.expr.atoms(sp.IndexedBase) == definition().expr.atoms(sp.IndexedBase)
    model = inside(1, definition, 3, 2)
    assert same(output(again, model), output(definition(), model))
    assert same(output(definition(*definition.inputs.values()), model), output(again, model))


@every
def test_called_with_an_expression_it_is_itself_with_that_put_in(definition: Normalizer) -> None:
    first, leaf = next(iter(definition.inputs.items()))
    a = scalar("a")
    called = definition(a * leaf - 1)
    (put_in,) = substitute((definition(),), {first: a * leaf - 1})
    plain = inside(5, definition, 3, 2)
    model = Model(plain.sizes, {**plain.scalars, "a": Fraction(-3)}, plain.tensors)
    assert same(output(called, model), output(put_in, model))


def test_what_is_left_out_keeps_its_declared_symbol() -> None:
    a = scalar("a")
    made = batch_norm(a * batch_norm.inputs["x"], eps=a**2 * batch_norm.inputs["eps"])
    assert inputs(made).keys() == {"x", "gamma", "beta", "eps", "a"}


def test_quantities_of_an_instance_are_found_by_name() -> None:
    made = batch_norm.instance(gamma=1, beta=0)
    assert repr(made.x_hat) == "x_hat"
    assert made.output is made.y
    with pytest.raises(NameUnknown, match=r"no equation is called 'xhat'; did you mean x_hat\?"):
        _ = made.xhat
    with pytest.raises(AttributeError):
        _ = made._ipython_display_


@every
def test_an_unknown_input_gets_the_nearest(definition: Normalizer) -> None:
    name = next(iter(definition.inputs))
    with pytest.raises(NameUnknown, match=f"no input of {definition.name} is called '{name}x'") as error:
        definition(**{f"{name}x": 1})
    assert name in str(error.value)


@every
def test_a_foreign_axis_is_refused_with_the_declared_ones(definition: Normalizer) -> None:
    foreign = tensor("foreign", *axes("Q"))
    for name, leaf in definition.inputs.items():
        with pytest.raises(AxisError) as error:
            definition(**{name: foreign})
        message = str(error.value)
        assert f"{definition.name} declares {name} over {leaf.axes}; foreign has axes (Q,)" in message


@every
def test_too_many_and_double_inputs_are_refused(definition: Normalizer) -> None:
    names = list(definition.inputs)
    with pytest.raises(SymnormError, match=f"{definition.name} takes {len(names)} inputs .*; {len(names) + 1} came"):
        definition(*definition.inputs.values(), 1)
    with pytest.raises(SymnormError, match=f"{definition.name} got {names[0]} twice"):
        definition(definition.inputs[names[0]], **{names[0]: 1})


def test_a_float_is_no_input() -> None:
    with pytest.raises(SymnormError, match="1e-05 is not exact"):
        batch_norm(eps=1e-5)


# --- finding ---------------------------------------------------------------------------------------------------------


@every
def test_it_is_found_by_its_name(definition: Normalizer) -> None:
    assert find(definition.name) is definition
    base, _, mode = definition.name.partition(".")
    assert REGISTRY[base].mode(mode or "training") is definition


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("batchnorm", r"no normalizer is called 'batchnorm'; did you mean batch_norm"),
        ("batch_norm.infer", r"no mode of batch_norm is called 'infer'; did you mean inference\?"),
        ("batch_norm.train", r"no mode of batch_norm is called 'train'; did you mean training\?"),
        ("layer_norm.inference", r"no mode of layer_norm is called 'inference'; known: training"),
        ("zzz", r"known: .*batch_norm, batch_renorm, .*layer_norm.*, weight_norm"),
    ],
)
def test_an_unknown_name_gets_the_nearest(name: str, message: str) -> None:
    with pytest.raises(NameUnknown, match=message):
        find(name)
