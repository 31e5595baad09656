"""Definitions with a matrix product inside: inputs over axes that the first one lacks, laid out and contracted."""

from __future__ import annotations

import tracemalloc

import autograd.numpy
import numpy as np
import pytest
from autograd import make_vjp

from symnorm.check import check_planted, crosscheck
from symnorm.errors import ShapeError, SymnormError, Unsupported
from symnorm.kernels import Kernel, kernel
from symnorm.kernels.prelude import contraction
from symnorm.normalizers import Normalizer, equations, normalizer
from symnorm.tensors import Tensor, amax, axes, dot, mean, norm, tensor, total

N, C, K, D = axes("N C K D")


def cosine_norm(layout: str = "N K") -> Normalizer:
    """Luo et al. 2017 (arXiv:1702.05870): the cosine of the angle between the weights and what feeds the unit."""

    @normalizer(title="Cosine normalization", source="Luo et al. 2017", layout=layout, register=False)
    def cosine_norm(x: Tensor = tensor("x", N, K), w: Tensor = tensor("w", C, K)) -> object:
        x_norm, w_norm = norm(x, over=K), norm(w, over=K)
        y = dot(w, x, over=K) / (w_norm * x_norm)
        return equations(x_norm=x_norm, w_norm=w_norm, y=y)

    return cosine_norm


def affine(layout: str, turned: bool = False) -> Normalizer:
    """A layer in front of batch normalization without a scale."""

    @normalizer(title="Centred products", source="this test", layout=layout, register=False)
    def centred(
        x: Tensor = tensor("x", N, K),
        b: Tensor = tensor("b", C),
        w: Tensor = tensor("w", *((K, C) if turned else (C, K))),
    ) -> object:
        t = dot(x, w, over=K)
        return equations(t=t, y=t - mean(t, over=N) + b)

    return centred


def by_einsum(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.einsum("nk,ck->nc", x / np.linalg.norm(x, axis=1)[:, None], w / np.linalg.norm(w, axis=1)[:, None])


@pytest.mark.parametrize("shape", [(5, 4), (1, 7), (6, 1)])
@pytest.mark.parametrize("units", [1, 3])
def test_cosine_normalization(shape: tuple[int, int], units: int) -> None:
    rng = np.random.default_rng(3)
    x, w = rng.standard_normal(shape), rng.standard_normal((units, shape[1]))
    made = kernel(cosine_norm())
    y, saved = made.forward(x, w)
    assert y.shape == (shape[0], units) and np.allclose(y, by_einsum(x, w), rtol=1e-13, atol=1e-15)
    dy = rng.standard_normal(y.shape)
    traced, _ = make_vjp(lambda x, w: made.module.forward(x, w, xp=autograd.numpy)[0], (0, 1))(x, w)
    found = made.backward(dy, saved)
    for name, wanted in zip(("x", "w"), traced(dy), strict=True):
        assert found[name].shape == wanted.shape
        assert np.max(np.abs(found[name] - wanted)) <= 1e-13 * np.max(np.abs(dy)) * 4


def test_every_planted_bug_of_cosine_normalization_is_caught() -> None:
    made = kernel(cosine_norm())
    assert crosscheck(made).ok
    found = check_planted(made.plan)
    assert found and not any(check.ok for check in found.values()), [name for name, check in found.items() if check.ok]


@pytest.mark.parametrize(
    ("layout", "turned", "shape", "options", "spelled"),
    [
        ("N K", False, (4, 5), {}, "nk,ck->nc"),
        ("N K", True, (4, 5), {}, "nk,kc->nc"),
        ("K N", False, (5, 4), {}, "kn,ck->cn"),
        ("N K N*", False, (4, 5, 2, 3), {}, "nkij,ck->ncij"),
        ("N K N*", True, (4, 5, 2, 3), {}, "nkij,kc->ncij"),
        ("N K*", False, (4, 5, 2), {}, "nkj,ckj->nc"),
        ("N* K", False, (4, 2, 5), {}, "nik,ck->nic"),
        ("N* K*", False, (4, 2, 5, 3), {"axis": 2}, "nikj,ckj->nic"),
        ("N* K N*", False, (4, 5, 3), {"axis": 1}, "nki,ck->nci"),
        ("N [C] K", False, (4, 5), {}, "nk,ck->nc"),
    ],
)
def test_where_the_units_stand(
    layout: str, turned: bool, shape: tuple[int, ...], options: dict[str, int], spelled: str
) -> None:
    rng = np.random.default_rng(4)
    first, weights, out = spelled.replace("->", ",").split(",")
    sizes = {**dict(zip(first, shape, strict=True)), "c": 6}
    x, w, b = rng.standard_normal(shape), rng.standard_normal([sizes[at] for at in weights]), rng.standard_normal(6)
    made = kernel(affine(layout, turned))
    y, saved = made.forward(x, b, w, **options)
    t = np.einsum(spelled, x, w)
    batch = tuple(at for at, name in enumerate(out) if name != "c")
    wanted = t - t.mean(axis=batch, keepdims=True) + b.reshape([6 if name == "c" else 1 for name in out])
    assert y.shape == wanted.shape and np.allclose(y, wanted, rtol=1e-13, atol=1e-13)
    dy = rng.standard_normal(y.shape)
    centred, found = dy - dy.mean(axis=batch, keepdims=True), made.backward(dy, saved)
    assert np.allclose(found["w"], np.einsum(f"{first},{out}->{weights}", x, centred), rtol=1e-13, atol=1e-12)
    assert np.allclose(found["x"], np.einsum(f"{weights},{out}->{first}", w, centred), rtol=1e-13, atol=1e-12)
    assert np.allclose(found["b"], dy.sum(axis=batch), rtol=1e-13, atol=1e-12)
    assert crosscheck(made).ok


def test_a_product_is_never_written_out() -> None:
    made, size = kernel(cosine_norm()), 96
    x = np.random.default_rng(5).standard_normal((size, size))
    made.forward(x, x)
    tracemalloc.start()
    try:
        made.forward(x, x)
        assert tracemalloc.get_traced_memory()[1] < 40 * x.nbytes < size * x.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("x", "w", "says"),
    [
        ((4, 5), (3, 4), r"w has shape \(3, 4\); over \(C, K\) it has to be \(3, 5\)"),
        ((4, 5), (), r"w has shape \(\); it needs a dimension for each of C, K"),
        ((4, 5, 2), (3, 5), r"the layout N K needs exactly 2 dimensions"),
        ((4, 5), (3, 5, 1), r"w has shape \(3, 5, 1\); over \(C, K\) it has to be \(3, 5\)"),
    ],
)
def test_arrays_that_do_not_fit(x: tuple[int, ...], w: tuple[int, ...], says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        kernel(cosine_norm()).forward(np.ones(x), np.ones(w))


def test_an_order_of_axes_that_no_layout_has() -> None:
    @normalizer(title="Two orders", source="this test", layout="N K", register=False)
    def two(x: Tensor = tensor("x", N, K), v: Tensor = tensor("v", C, N), w: Tensor = tensor("w", K, C)) -> object:
        return equations(y=dot(x, w, over=K) + v)

    with pytest.raises(SymnormError, match=r"C has no place in it that suits inputs over \(C, N\), \(K, C\)"):
        kernel(two)


def test_the_data_has_every_axis_of_its_layout() -> None:
    with pytest.raises(Unsupported, match="x has axis K"):
        kernel(cosine_norm("N [K]"))


@pytest.mark.parametrize("threads", [1, 2])
def test_the_fast_style_takes_products_slab_by_slab(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made, plain = kernel(cosine_norm(), style="fast"), kernel(cosine_norm())
    monkeypatch.setattr(made.module, "BLOCK_BYTES", 256)
    rng = np.random.default_rng(2)
    x, w = rng.standard_normal((50, 7)), rng.standard_normal((3, 7))
    seen: list[int] = []
    run = made.module.run
    monkeypatch.setattr(made.module, "run", lambda work, cuts, many: seen.append(len(cuts)) or run(work, cuts, many))
    y, saved = made.forward(x, w, threads=threads)
    wanted, kept = plain.forward(x, w)
    assert np.allclose(y, wanted, rtol=1e-13, atol=1e-13) and min(seen) > 5
    dy = rng.standard_normal(y.shape)
    for name, gradient in plain.backward(dy, kept).items():
        assert np.allclose(made.backward(dy, saved, threads=threads)[name], gradient, rtol=1e-12, atol=1e-12), name


def test_an_extremum_along_the_slabs_is_refused() -> None:
    @normalizer(title="Largest products", source="this test", layout="N K", register=False)
    def largest(x: Tensor = tensor("x", N, K), w: Tensor = tensor("w", C, K)) -> object:
        return equations(y=dot(w, x / amax(abs(x), over=N), over=K))

    kernel(largest)
    with pytest.raises(Unsupported, match="no extremum over N beside matrices"):
        kernel(largest, style="fast")


def test_the_mean_of_what_feeds_a_layer_may_be_taken_off_first() -> None:
    """x is shifted where nothing that is seen changes, so that a mean of 1e8 costs no digits."""
    made: Kernel = kernel("mean_only_weight_norm")
    assert "centred twice" in made.source and "y(x + b) = y" in made.source.replace("b_", "b")
    rng = np.random.default_rng(6)
    x, v, g, b = rng.standard_normal((8, 5)), rng.standard_normal((3, 5)), np.ones(3), np.zeros(3)
    x = np.round(x * 2**20) / 2**20  # so that x + 2**30 is exact
    near, far = (made.forward(x + by, v, g, b) for by in (0.0, 2.0**30))
    assert np.allclose(near[0], far[0], rtol=1e-12, atol=1e-14)
    dy = rng.standard_normal((8, 3))
    one, other = made.backward(dy, near[1]), made.backward(dy, far[1])
    assert all(np.allclose(one[name], other[name], rtol=1e-11, atol=1e-13) for name in one)


@pytest.mark.parametrize("seed", range(3))
def test_contraction_is_the_sum_of_the_product(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = [(4, 1, 3, 1), (1, 5, 3, 2), (4, 1, 1, 2)][: 3 - seed % 2]
    factors = [rng.standard_normal(shape) for shape in shapes]
    product = factors[0] * factors[1] * (factors[2] if len(factors) == 3 else 1)
    for over in ((0,), (2,), (0, 2), (2, 3), (0, 1, 2, 3)):
        wanted = np.sum(product, axis=over, keepdims=True)
        assert np.allclose(contraction(over, *factors, xp=np), wanted, rtol=1e-12, atol=1e-13)


def test_a_mean_and_a_sum_over_an_absent_axis() -> None:
    @normalizer(title="Means", source="this test", layout="N K", register=False)
    def means(x: Tensor = tensor("x", N, K), w: Tensor = tensor("w", C, K)) -> object:
        return equations(y=mean(x * w, over=(K, C)) + total(x * x, over=(K, C)))

    x, w = np.random.default_rng(1).standard_normal((4, 5)), np.random.default_rng(2).standard_normal((3, 5))
    y, _ = kernel(means).forward(x, w)
    assert np.allclose(y, np.einsum("nk,ck->n", x, w) / 15 + 3 * np.sum(x * x, axis=1), rtol=1e-13)


def test_a_copy_of_an_axis_that_the_data_lacks() -> None:
    """The units' outputs mixed by the inner products of their weights."""

    @normalizer(title="Mixed units", source="this test", layout="N K", register=False)
    def mixed(x: Tensor = tensor("x", N, K), w: Tensor = tensor("w", C, K)) -> object:
        other = C.copy("D")
        gram = total(w * w.rename({C: other}), over=K)
        return equations(gram=gram, y=total(gram * dot(x, w, over=K).rename({C: other}), over=other))

    rng = np.random.default_rng(7)
    x, w = rng.standard_normal((4, 5)), rng.standard_normal((3, 5))
    made = kernel(mixed)
    assert np.allclose(made.forward(x, w)[0], x @ w.T @ w @ w.T, rtol=1e-13)
    assert crosscheck(made).ok


def test_axes_beside_copies_are_not_given_a_place() -> None:
    assert kernel("decorrelation").plan.layout.elsewhere == ()
    assert D.name not in kernel(cosine_norm()).plan.layout.axes
