"""The interpreter's meaning of each node: by hand, by NumPy, and where bound indices invite a capture."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symnorm.errors import NameUnknown, SymnormError, Unsupported
from symnorm.evaluate import (
    ConcreteLoss,
    Interval,
    Model,
    OutsideDomain,
    agree,
    element_array,
    evaluate,
    interpreter,
    provably_differ,
)
from symnorm.evaluate.numbers import enclosure, sqrt
from symnorm.tensors.nodes import Cotangent, Curvature, maximum, minimum

N, C = sp.symbols("N C", integer=True, positive=True)
n, c, k = sp.symbols("n c k", integer=True)
eps = sp.Symbol("eps", positive=True)
a, t = sp.Symbol("a", real=True), sp.Symbol("t", integer=True)
x, dy, gamma, beta, v, g = (sp.IndexedBase(name, real=True) for name in ("x", "dy", "gamma", "beta", "v", "g"))
ROWS, COLUMNS = 3, 2


def total(element, size, index_name="i"):
    """``sum_i element(i)`` with a bound index of its own."""
    i = sp.Dummy(index_name, integer=True)
    return sp.Sum(element(i), (i, 1, size))


def mean(element, size):
    return total(element, size) / size


def array(name, *shape, seed=0):
    """Small rationals, as entries for a model and as a float array."""
    draw = np.random.default_rng([seed, *name.encode()])
    entries = {
        tuple(i + 1 for i in at): Fraction(int(draw.integers(-9, 10)), int(draw.integers(1, 6)))
        for at in np.ndindex(*shape)
    }
    return entries, np.array([float(entry) for entry in entries.values()]).reshape(shape)


def floats(entries, *shape):
    """Values as a float array, in the order of their indices."""
    middles = [enclosure(entries[at]) for at in sorted(entries)]
    return np.array([float((middle.lo + middle.hi) / 2) for middle in middles]).reshape(shape)


def close(found, expected):
    return np.max(np.abs(found - expected)) <= 1e-13 * np.max(np.abs(expected))


# --- normalizers, written out by hand in NumPy -----------------------------------------------------------------------


def batch_statistics(column):
    mu = mean(lambda i: x[i, column], N)
    return mu, mean(lambda i: (x[i, column] - mu) ** 2, N)


def batch_hat(row, column):
    mu, var = batch_statistics(column)
    return (x[row, column] - mu) / sp.sqrt(var + eps)


def batch_norm_output(row, column):
    return gamma[column] * batch_hat(row, column) + beta[column]


def batch_norm_gradient(upstream):
    """``gamma/s (dy - mean(dy) - x_hat mean(dy x_hat))`` at (n, c)."""
    _, var = batch_statistics(c)
    mean_dy = mean(lambda i: upstream(i, c), N)
    mean_dy_hat = mean(lambda i: upstream(i, c) * batch_hat(i, c), N)
    return gamma[c] / sp.sqrt(var + eps) * (upstream(n, c) - mean_dy - batch_hat(n, c) * mean_dy_hat)


@pytest.fixture
def batch():
    entries, arrays = {}, {}
    for name, shape in {"x": (3, 2), "dy": (3, 2), "gamma": (2,), "beta": (2,)}.items():
        entries[name], arrays[name] = array(name, *shape)
    model = Model({"N": 3, "C": 2}, {"eps": Fraction(1, 7)}, entries, {"L": ConcreteLoss(3)})
    return model, arrays


def numpy_batch_norm(x, gamma, beta, eps):
    s = np.sqrt(x.var(axis=0) + eps)
    return gamma * (x - x.mean(axis=0)) / s + beta


def numpy_batch_norm_gradient(x, gamma, dy, eps):
    """Ioffe and Szegedy's chain: through the variance, then through the mean."""
    centred, s = x - x.mean(axis=0), np.sqrt(x.var(axis=0) + eps)
    dx_hat = dy * gamma
    dvar = np.sum(dx_hat * centred, axis=0) * -0.5 * s**-3
    dmu = -np.sum(dx_hat / s, axis=0)
    return dx_hat / s + dvar * 2 * centred / len(x) + dmu / len(x)


def test_batch_norm_forward(batch):
    model, arrays = batch
    found = element_array(batch_norm_output(n, c), [n, c], [N, C], model)
    expected = numpy_batch_norm(arrays["x"], arrays["gamma"], arrays["beta"], 1 / 7)
    assert close(floats(found, 3, 2), expected)


def test_batch_norm_backward(batch):
    model, arrays = batch
    found = element_array(batch_norm_gradient(lambda i, j: dy[i, j]), [n, c], [N, C], model)
    expected = numpy_batch_norm_gradient(arrays["x"], arrays["gamma"], arrays["dy"], 1 / 7)
    assert close(floats(found, 3, 2), expected)
    assert not close(floats(found, 3, 2), expected * (1 + 1e-9))


def test_batch_norm_backward_through_a_loss(batch):
    model, arrays = batch
    slots = (sp.Dummy("n", integer=True), sp.Dummy("c", integer=True))
    body = batch_norm_output(*slots)
    gradient = batch_norm_gradient(lambda i, j: Cotangent(sp.Symbol("L"), slots, body, (i, j)))
    found = element_array(gradient, [n, c], [N, C], model)

    y = numpy_batch_norm(arrays["x"], arrays["gamma"], arrays["beta"], 1 / 7)
    loss = np.array([[model.losses["L"].coefficients((i, j)) for j in (1, 2)] for i in (1, 2, 3)])
    upstream = loss[..., 0] + loss[..., 1] * y + loss[..., 2] * y**2 / 2
    expected = numpy_batch_norm_gradient(arrays["x"], arrays["gamma"], upstream, 1 / 7)
    assert close(floats(found, 3, 2), expected)


def test_facts_of_batch_norm_hold_exactly(batch):
    model, _ = batch
    gradient = batch_norm_gradient(lambda i, j: dy[i, j])
    found = element_array(gradient, [n, c], [N, C], model)
    for column in (1, 2):
        assert found[1, column] + found[2, column] + found[3, column] == 0
    _, var = batch_statistics(c)
    square = mean(lambda i: batch_hat(i, c) ** 2, N)
    assert element_array(square - var / (var + eps), [c], [C], model) == {(1,): 0, (2,): 0}
    assert element_array(square - 1, [c], [C], model) != {(1,): 0, (2,): 0}


def test_layer_norm(batch):
    model, arrays = batch
    mu = mean(lambda j: x[n, j], C)
    var = mean(lambda j: (x[n, j] - mu) ** 2, C)
    found = element_array(gamma[c] * (x[n, c] - mu) / sp.sqrt(var + eps) + beta[c], [n, c], [N, C], model)
    centred = arrays["x"] - arrays["x"].mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1 / 7)
    assert close(floats(found, 3, 2), arrays["gamma"] * centred / spread + arrays["beta"])


def test_weight_norm():
    entries, values = array("v", 4, 3)
    scale, scale_values = array("g", 3)
    model = Model({"K": 4, "C": 3}, {}, {"v": entries, "g": scale})
    K = sp.Symbol("K", integer=True, positive=True)
    length = sp.sqrt(total(lambda i: v[i, c] ** 2, K))
    found = element_array(g[c] * v[k, c] / length, [k, c], [K, C], model)
    assert close(floats(found, 4, 3), scale_values * values / np.linalg.norm(values, axis=0))
    squares = total(lambda i: (g[c] * v[i, c] / length) ** 2, K)
    assert element_array(squares - g[c] ** 2, [c], [C], model) == {(1,): 0, (2,): 0, (3,): 0}


# --- node by node ----------------------------------------------------------------------------------------------------

VALUES = Model({"N": 3}, {"a": Fraction(-2, 3), "eps": Fraction(1, 4), "t": 5, "zero": 0}, {"x": array("x", 3)[0]})


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (N + 1, 4),
        (a**2 * 9 - N, 1),
        (sp.Rational(3, 7) * a, Fraction(-2, 7)),
        (1 / (a + 1), 3),
        (a**t, Fraction(-32, 243)),
        (a ** (t + 1), Fraction(64, 729)),
        (a ** (-t), Fraction(-243, 32)),
        (sp.sqrt(eps), Fraction(1, 2)),
        (eps ** sp.Rational(-3, 2), 8),
        (abs(a), Fraction(2, 3)),
        (sp.sign(a), -1),
        (sp.sign(a) + sp.sign(sp.sqrt(eps) - sp.Rational(1, 2)), -1),
        (maximum(a, eps), Fraction(1, 4)),
        (minimum(a, eps), Fraction(-2, 3)),
        (sp.KroneckerDelta(n, k), 0),
        (sp.KroneckerDelta(n + 1, k), 1),
        (sp.exp(a * sp.Symbol("zero", real=True)), 1),
        (sp.log(eps * 4), 0),
        (n**k, 8),
    ],
)
def test_the_value_of_a_node(expr, expected):
    assert evaluate(expr, VALUES, {n: 2, k: 3}) == expected


@pytest.mark.parametrize(
    ("expr", "digits"),
    [
        (sp.pi, "3.14159265358979323846264338327950288419716939937510"),
        (sp.E, "2.71828182845904523536028747135266249775724709369995"),
        (sp.exp(eps * 8), "7.38905609893065022723042746057500781318031557055184"),
        (sp.log(eps), "-1.38629436111989061883446424291635313615100026872051"),
        (eps**eps, "0.70710678118654752440084436210484903928483593768847"),
        (sp.Integer(2) ** sp.Rational(1, 3), "1.25992104989487316476721060727822835057025146470150"),
        (sp.pi ** sp.Rational(3, 2), "5.56832799683170784528481798211883570201362439028324"),
    ],
)
def test_the_enclosure_of_a_node(expr, digits):
    found = enclosure(evaluate(expr, VALUES))
    assert abs(found.lo - Fraction(digits)) < Fraction(1, 10**49)
    assert found.width < Fraction(1, 10**70)


def test_roots_stay_exact_through_an_expression():
    two, three = sp.Symbol("two", positive=True), sp.Symbol("three", positive=True)
    model = Model(scalars={"two": 2, "three": 3})
    product = sp.Mul(sp.sqrt(two), sp.sqrt(three), evaluate=False)
    assert evaluate(product, model) == sqrt(6)
    assert evaluate(product - sp.sqrt(two * 3), model) == 0
    assert not provably_differ(evaluate(product, model), evaluate(sp.sqrt(6), model))
    assert agree(evaluate(sp.exp(product), model), evaluate(sp.exp(sp.sqrt(6)), model))


def test_more_bits_give_a_narrower_enclosure():
    coarse, fine = evaluate(sp.exp(1), VALUES, bits=64), evaluate(sp.exp(1), VALUES, bits=512)
    assert isinstance(coarse, Interval)
    assert isinstance(fine, Interval)
    assert coarse.lo < fine.lo < fine.hi < coarse.hi
    assert fine.width < Fraction(1, 2**500) < Fraction(1, 2**66) < coarse.width


@pytest.mark.parametrize(
    ("expr", "error", "message"),
    [
        (sp.Symbol("epss"), NameUnknown, "did you mean eps"),
        (sp.IndexedBase("y")[1], NameUnknown, "no tensor is called 'y'"),
        (x[4], SymnormError, r"x\[4\] at \(4,\) is outside of x, whose last index is \(3,\)"),
        (x[0], SymnormError, r"x\[0\] at \(0,\)"),
        (x[1, 1], SymnormError, r"x\[1, 1\] at \(1, 1\)"),
        (x[n / 2], SymnormError, "n/2 is 1/2"),
        (sp.sin(a), Unsupported, r"sin\(a\) is a sin"),
        (a + sp.Float("0.5"), Unsupported, "Float"),
        (sp.I * a, Unsupported, "I is a ImaginaryUnit"),
        (sp.zoo, Unsupported, "ComplexInfinity"),
        (sp.Dummy("N", integer=True, positive=True), SymnormError, "bound index _N stands outside"),
        (sp.KroneckerDelta(n, k, (1, 3)), Unsupported, "range"),
        (sp.Sum(n, (n, 3, 1)), SymnormError, "runs from 3 to 1"),
        (Cotangent(sp.Symbol("L"), (n,), x[n], (1,)), NameUnknown, "no loss is called 'L'"),
        (1 / sp.Symbol("zero", real=True), OutsideDomain, "one over 0"),
        (sp.sqrt(a), OutsideDomain, "-2/3"),
        (sp.log(a), OutsideDomain, "-2/3"),
    ],
)
def test_what_has_no_value_is_named(expr, error, message):
    with pytest.raises(error, match=message):
        evaluate(expr, VALUES, {n: 1, k: 2})


# --- bound indices ---------------------------------------------------------------------------------------------------

SQUARES = Model({"N": 3}, {}, {"x": {(1,): 1, (2,): 2, (3,): 5}})  # sum 8, sum of squares 30


def test_two_bound_indices_of_one_name_are_two():
    inner, outer = sp.Dummy("j", integer=True), sp.Dummy("j", integer=True)
    squares = sp.Sum(x[inner] ** 2, (inner, 1, N))
    assert evaluate(sp.Sum(x[outer] * squares, (outer, 1, N)), SQUARES) == 8 * 30
    assert evaluate(sp.Sum((x[outer] - squares) ** 2, (outer, 1, N)), SQUARES) == 29**2 + 28**2 + 25**2
    assert evaluate(sp.Sum(sp.Sum(x[inner] * x[outer] ** 2, (inner, 1, N)), (outer, 1, N)), SQUARES) == 8 * 30


def test_a_free_index_is_not_caught_by_a_bound_one_of_its_name():
    j, bound = sp.Symbol("j", integer=True), sp.Dummy("j", integer=True)
    expr = x[j] / sp.sqrt(sp.Sum(x[bound] ** 2, (bound, 1, N)) - 26)
    assert element_array(expr, [j], [N], SQUARES) == {(1,): Fraction(1, 2), (2,): 1, (3,): Fraction(5, 2)}
    # the derivative of the sum of squares by x[j] is 2 x[j], here as its delta form; SymPy's diff gives 2 sum x
    delta = sp.Sum(2 * x[bound] * sp.KroneckerDelta(bound, j), (bound, 1, N))
    assert element_array(delta, [j], [N], SQUARES) == {(1,): 2, (2,): 4, (3,): 10}


def test_a_sum_shadows_an_outer_index_of_the_same_symbol():
    expr = n * sp.Sum(n * x[n], (n, 1, N)) + x[n]
    assert element_array(expr, [n], [N], SQUARES) == {(1,): 21, (2,): 2 * 20 + 2, (3,): 3 * 20 + 5}


def test_an_index_and_a_scalar_of_one_name_are_two():
    model = Model({"N": 3}, {"n": 100}, SQUARES.tensors)
    assert evaluate(sp.Symbol("n", positive=True) * x[n], model, {n: 3}) == 500


def test_limits_may_depend_on_outer_ones():
    i, j = sp.Dummy("i", integer=True), sp.Dummy("j", integer=True)
    assert evaluate(sp.Sum(x[j], (j, 1, i), (i, 1, N)), SQUARES) == 1 + (1 + 2) + (1 + 2 + 5)
    assert evaluate(sp.Sum(sp.Sum(x[j] * i, (j, i, N)), (i, 1, N)), SQUARES) == 1 * 8 + 2 * 7 + 3 * 5
    assert evaluate(sp.Sum(x[i] * sp.Sum(x[j], (j, 1, i - 1)), (i, 1, N)), SQUARES) == 2 * 1 + 5 * 3


def test_an_empty_sum_is_zero():
    assert evaluate(sp.Sum(1 / (n - 1), (n, 1, N - 3)), SQUARES) == 0


def test_a_sum_of_squared_signs_over_pairs_leaves_the_diagonal_out():
    i, j = sp.Dummy("i", integer=True), sp.Dummy("i", integer=True)
    pairs = sp.Sum(sp.sign(x[i] - x[j]) ** 2, (i, 1, N), (j, 1, N))
    assert evaluate(pairs, SQUARES) == 3**2 - 3


# --- losses ----------------------------------------------------------------------------------------------------------

LOSS = ConcreteLoss(seed=11)
L = sp.Symbol("L")
WITH_LOSS = Model({"N": 3, "C": 2}, {"a": -2}, {"x": array("x", 3, 2)[0]}, {"L": LOSS})


def cotangent(output, order=1, at=(n, c)):
    slots = (sp.Dummy("n", integer=True), sp.Dummy("c", integer=True))
    return (Cotangent if order == 1 else Curvature)(L, slots, output(*slots), at)


def test_a_cotangent_is_the_slope_of_the_loss_at_its_output():
    def output(i, j):
        return a * x[i, j] - total(lambda m: x[m, j] ** 2, N)

    ys = element_array(output(n, c), [n, c], [N, C], WITH_LOSS)
    found = element_array(cotangent(output), [n, c], [N, C], WITH_LOSS)
    for at, y in ys.items():
        slope, curve, third = LOSS.coefficients(at)
        assert found[at] == slope + curve * y + Fraction(third, 2) * y**2


def test_different_outputs_have_different_cotangents_and_equal_outputs_the_same():
    plain = element_array(cotangent(lambda i, j: x[i, j]), [n, c], [N, C], WITH_LOSS)
    flipped = element_array(cotangent(lambda i, j: a * x[i, j] / 2), [n, c], [N, C], WITH_LOSS)
    same = element_array(cotangent(lambda i, j: abs(a) * x[i, j] / 2), [n, c], [N, C], WITH_LOSS)
    assert all(plain[at] != flipped[at] for at in plain if WITH_LOSS.tensors["x"][at] != 0)
    assert plain == same


def test_a_cotangent_under_a_sum_takes_the_bound_index():
    i, j = sp.Dummy("n", integer=True), sp.Dummy("c", integer=True)
    summed = sp.Sum(cotangent(lambda m, d: x[m, d], at=(i, c)), (i, 1, N))
    entries = element_array(cotangent(lambda m, d: x[m, d]), [n, c], [N, C], WITH_LOSS)
    by_hand = {(d,): entries[1, d] + entries[2, d] + entries[3, d] for d in (1, 2)}
    assert element_array(summed, [c], [C], WITH_LOSS) == by_hand
    shifted = sp.Sum(cotangent(lambda m, d: x[m, d], at=(i, 3 - j)), (j, 1, C), (i, 2, 2))
    assert evaluate(shifted, WITH_LOSS) == entries[2, 1] + entries[2, 2]


def test_a_curvature_is_diagonal_and_the_slope_of_the_cotangent():
    def output(i, j):
        return x[i, j] * a + 1

    expr = cotangent(output, order=2, at=(n, c, 2, k))
    entries = element_array(output(n, c), [n, c], [N, C], WITH_LOSS)
    for (row, column, other), found in element_array(expr, [n, c, k], [N, C, C], WITH_LOSS).items():
        _, curve, third = LOSS.coefficients((row, column))
        assert found == (curve + third * entries[row, column] if (row, column) == (2, other) else 0)


def test_a_loss_of_a_single_number_has_no_indices():
    output = total(lambda i: x[i, 1], N)
    y = evaluate(output, WITH_LOSS)
    assert evaluate(Cotangent(L, (), output, ()), WITH_LOSS) == LOSS.derivative(1, [()], y)
    assert evaluate(Curvature(L, (), output, ()), WITH_LOSS) == LOSS.derivative(2, [(), ()], y)


def test_a_cotangent_with_too_few_indices_is_refused():
    with pytest.raises(SymnormError, match="needs 2 indices"):
        evaluate(cotangent(lambda i, j: x[i, j], at=(1,)), WITH_LOSS)


# --- what is remembered ----------------------------------------------------------------------------------------------

j_1, j_2 = sp.Dummy("j", integer=True), sp.Dummy("j", integer=True)
nested = st.recursive(
    st.sampled_from([x[n], x[j_1], x[j_2], n, j_1, N, sp.KroneckerDelta(n, j_1), sp.Integer(2), a]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        inner.map(lambda body: body**2),
        st.tuples(inner, st.sampled_from([j_1, j_2, n])).map(lambda pair: sp.Sum(pair[0], (pair[1], 1, N))),
        inner.map(lambda body: Cotangent(L, (j_1,), body, (j_2,))),
    ),
    max_leaves=12,
)
NESTED_MODEL = Model({"N": 3}, {"a": Fraction(1, 2)}, {"x": {(1,): 2, (2,): -1, (3,): 3}}, {"L": LOSS})


class Forgetful(interpreter._Run):
    """The interpreter without its memory: what each value must be equal to."""

    def value(self, node, env):
        return interpreter._meaning(node)(self, node, env)


def disagreement(run, expr):
    """The places where a run and a forgetful one differ."""
    places = [{n: i, j_1: j, j_2: m} for i in (1, 2, 3) for j in (1, 3) for m in (2, 3)]
    return [at for at in places if run.value(expr, at) != Forgetful(NESTED_MODEL).value(expr, at)]


@given(expr=nested)
def test_remembered_values_are_the_calculated_ones(expr):
    assert disagreement(interpreter._Run(NESTED_MODEL), expr) == []


@pytest.mark.parametrize(
    "forgotten",
    [
        lambda self, node: (),
        lambda self, node: tuple(symbol for symbol in self._find_free_symbols(node) if symbol.name != "j"),
    ],
)
def test_a_memory_with_too_short_a_key_is_caught(monkeypatch, forgotten):
    monkeypatch.setattr(interpreter._Run, "free_symbols", forgotten)
    expr = x[n] + sp.Sum(x[j_1] * sp.Sum(x[j_2] * j_1, (j_2, 1, N)), (j_1, 1, N)) + x[j_2]
    assert disagreement(interpreter._Run(NESTED_MODEL), expr) != []


def test_a_value_is_remembered_by_what_it_depends_on_alone():
    free = interpreter._Run(NESTED_MODEL).free_symbols
    assert set(free(x[n] + eps * sp.Sum(x[j_1] * x[k], (j_1, j_2, N)))) == {n, eps, k, j_2, N}
    assert set(free(sp.Sum(x[j_1], (j_1, 1, j_2), (j_2, 1, N)))) == {N}
    assert set(free(Cotangent(L, (j_1,), x[j_1] * a, (j_2 + 1,)))) == {a, j_2}


def test_a_nested_mean_is_calculated_once(monkeypatch):
    looked_up = []
    entry = interpreter.MEANING[sp.Indexed]

    def counted(run, node, env):
        looked_up.append(node)
        return entry(run, node, env)

    monkeypatch.setitem(interpreter.MEANING, sp.Indexed, counted)
    rows = 40
    model = Model({"N": rows}, {}, {"x": {(i,): i * i for i in range(1, rows + 1)}})
    centre = mean(lambda i: x[i], N)
    var = mean(lambda i: (x[i] - centre) ** 2, N)
    found = element_array((x[n] - centre) ** 2 / var, [n], [N], model)
    assert sum(found.values()) == rows
    assert len(looked_up) <= 3 * rows  # once for each sum's own index; without memory more than rows^2


def test_thousands_of_levels_are_no_problem():
    limit = sys.getrecursionlimit()
    depth = 3000
    one, fraction = sp.Integer(1), sp.Symbol("a", real=True)
    for _ in range(depth):
        fraction = sp.Add(one, sp.Pow(fraction, -1, evaluate=False), evaluate=False)
    p, q = 2, 1
    for _ in range(depth):
        p, q = p + q, p
    assert evaluate(fraction, Model(scalars={"a": 2})) == Fraction(p, q)
    assert sys.getrecursionlimit() == limit


# --- arrays ----------------------------------------------------------------------------------------------------------


def test_element_array_runs_over_all_index_tuples():
    model = Model({"N": 2, "C": 3})
    expected = {(i, j): 10 * i + j for i in (1, 2) for j in (1, 2, 3)}
    assert element_array(10 * n + c, [n, c], [2, 3], model) == expected
    assert element_array(10 * n + c, [n, c], [N, C], model) == expected
    assert element_array(10 * n + c, [n, c], [N, C - 1], model).keys() == {(1, 1), (1, 2), (2, 1), (2, 2)}
    assert element_array(N * C, [], [], model) == {(): 6}


def test_element_array_needs_a_size_for_each_index():
    with pytest.raises(SymnormError, match=r"\[n, c\] came with \[N\]"):
        element_array(n + c, [n, c], [N], VALUES)
