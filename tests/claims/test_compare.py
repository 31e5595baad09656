"""Two definitions side by side: the exact factor where there is one, a point where they differ, equality proved."""

from __future__ import annotations

import pytest

from symnorm.canonical import Facts
from symnorm.claims import PROVED, REFUTED, compare, re_evaluated
from symnorm.claims.residue import ratio
from symnorm.claims.search import holds
from symnorm.errors import AxisError, SymnormError
from symnorm.normalizers import REGISTRY, find
from symnorm.tensors import equal, scalar

EPS = scalar("eps", positive=True)
EXACT = equal(EPS, 0)


def test_ddof_is_a_factor() -> None:
    found = compare(find("z_score"), find("z_score.unbiased"))
    assert found["mu"].verdict.status == PROVED and found["z"].verdict.status == REFUTED
    assert repr(found["z"].ratio) in ("sqrt(N - 1)*sqrt(N)/(N - 1)", "sqrt(N)/sqrt(N - 1)")  # z/z' = sqrt(N/(N - 1))
    assert str(found["z"]).startswith("z: differs, ")
    assert found.status == REFUTED


def test_the_variances_differ_by_their_divisors() -> None:
    found = compare(find("layer_norm"), find("layer_norm@annotated"))
    assert repr(found["var"].ratio) == "1 - 1/C" and repr(found["var"].inverse_ratio) == "C/(C - 1)"


def test_assumptions_are_put_in() -> None:
    exact = compare(find("layer_norm"), find("layer_norm@annotated"), [EXACT])
    assert repr(exact["x_hat"].inverse_ratio) == "sqrt(C)*sqrt(C - 1)/C"  # sqrt((C - 1)/C)
    assert "eps" not in exact["x_hat"].verdict.witness.model.scalars


def test_conventions_that_only_move_defaults_are_equal() -> None:
    assert compare(find("layer_norm"), find("layer_norm@keras")).status == PROVED


def test_the_running_statistics_are_compared_and_the_output_is_last() -> None:
    found = compare(find("batch_norm@torch"), find("batch_norm@onnx"))
    assert list(found)[-1] == "y" and found["y"].verdict.status == PROVED
    assert found["new running_mean"].verdict.status == found["new running_var"].verdict.status == REFUTED


@pytest.mark.parametrize("base", [one for one in REGISTRY.values() if one.conventions], ids=lambda n: n.name)
def test_every_difference_has_a_point(base: object) -> None:
    for name in base.conventions:
        for line in compare(base, base.convention(name)).values():
            assert line.verdict.status != REFUTED or re_evaluated(line.verdict.witness)
            assert str(line).startswith(f"{line.name}: equal, ") == (line.verdict.status == PROVED)


def test_a_scale_that_one_has_for_a_group_is_taken_so_by_the_other() -> None:
    found = compare(find("group_norm"), find("group_norm@onnx18"))
    assert found.status == PROVED
    assert [axis.name for axis in found["y"].left.axes] == ["N", "G", "K", "S"]


def test_different_normalizers_over_the_same_axes() -> None:
    found = compare(find("layer_norm"), find("rms_norm"))
    assert found.status == REFUTED and set(found) == {"x_hat", "y"}
    assert "layer_norm (left) and rms_norm (right)" in repr(found)


def test_a_wrong_factor_is_not_shown() -> None:
    """One that runs along the data's own axes is none, and none comes of unlike quantities."""
    one, other = find("layer_norm").instance(), find("rms_norm").instance()
    assert ratio(one.x_hat, other.x_hat, Facts()) is None


def test_what_cannot_be_compared_says_so() -> None:
    with pytest.raises(AxisError, match=r"x lies over .* in one of layer_norm and group_norm"):
        compare(find("layer_norm"), find("group_norm"))
    with pytest.raises(SymnormError, match="share no input"):
        compare(find("layer_norm"), find("weight_norm"))


# --- quantities that are known only through relations -----------------------------------------------------------------


def test_eigenvectors_of_different_matrices_are_not_taken_for_the_same() -> None:
    """The covariances differ by N/(N - 1), and so do the eigenvalues: z is another one."""
    found = compare(find("pca_whitening"), find("pca_whitening@sklearn"))
    assert found["cov"].verdict.status == REFUTED
    assert found["z"].verdict.status != PROVED
    assert found["mu"].verdict.status == found["x_c"].verdict.status == PROVED
    eps = compare(find("zca_whitening"), find("decorrelated_batch_norm"))
    assert eps["y"].verdict.status != PROVED and eps["W"].verdict.status != PROVED


def test_eigenvectors_of_one_matrix_are_shared() -> None:
    assert compare(find("decorrelation"), find("decorrelation@sklearn")).status == PROVED
    found = compare(find("pca_whitening"), find("zca_whitening"))
    assert found["cov"].verdict.status == PROVED and found["z and y"].verdict.status == REFUTED
    witness = found["z and y"].verdict.witness
    assert witness is not None and re_evaluated(witness)
    for relation in find("pca_whitening").instance().given:
        assert holds(relation, witness.model) is True
