"""The NumPy program of a refutation runs by itself and shows the two values that the exact arithmetic found."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest

from symnorm.claims import Witness, decide
from symnorm.errors import Unsupported
from symnorm.evaluate import Model, Number
from symnorm.normalizers import Equations, equations, normalizer
from symnorm.report.numbers import approximately
from symnorm.report.paste import snippet
from symnorm.tensors import Loss, Relation, Tensor, axes, delta, equal, mean, scalar, sqrt, tensor, total
from tests.report.samples import REFUTED, VERDICTS

N, C, K = axes("N C K")
X, G = tensor("x", N, C), tensor("g", C)


def shown(program: str) -> tuple[float, float]:
    """Run a program as a user does, and read the two values that it prints."""
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    labels, values = zip(*(line.split() for line in done.stdout.splitlines()), strict=True)
    assert labels == ("left:", "right:")
    left, right = map(float, values)
    return left, right


def check(witness: Witness) -> str:
    """The program's values are the witness's, and they differ."""
    program = snippet(witness)
    left, right = shown(program)
    assert left == pytest.approx(approximately(witness.left), rel=1e-9, abs=1e-9)
    assert right == pytest.approx(approximately(witness.right), rel=1e-9, abs=1e-9)
    assert abs(left - right) > 1e-6
    return program


def witness_of(relation: Relation, *given: Relation) -> Witness:
    found = decide([relation], given).witness
    assert found is not None
    return found


@pytest.mark.parametrize("name", REFUTED)
def test_samples(name: str) -> None:
    witness = VERDICTS[name].witness
    assert witness is not None
    check(witness)


def test_a_program_that_computes_something_else_is_noticed() -> None:
    witness = VERDICTS["batch_norm.scale_with_fixed_eps"].witness
    assert witness is not None
    sabotaged = snippet(witness).replace("np.sqrt(var + eps)", "np.sqrt(var)")
    assert sabotaged != snippet(witness)
    assert shown(sabotaged)[0] != pytest.approx(approximately(witness.left), rel=1e-9)


def test_an_index_that_is_not_the_first() -> None:
    """The statement is true where n = 1, so the program has to look elsewhere."""
    v = tensor("v", N)
    values: dict[tuple[int, ...], Number] = {(1,): 0, (2,): 0, (3,): Fraction(5, 2)}
    witness = Witness(equal(v, 2 * v), Model({"N": 3}, tensors={"v": values}), {"N": 3}, Fraction(5, 2), Fraction(5))
    assert "(2,)  # n = 3" in check(witness)


def test_names_that_python_or_the_program_uses_already() -> None:
    """Names of tensors are data: keywords, names of the program itself, and what is no name at all."""
    for name in ("lambda", "np", "left", "at", "print", "x y", "1st", "_", "x'; raise SystemExit(3) #", "ﬁ", "γ"):
        witness = witness_of(equal(mean(tensor(name, N), over=N), 1 + tensor(name, N)))
        check(witness)


def test_a_quantity_called_like_a_part_of_the_program() -> None:
    @normalizer(title="t", source="s", layout="N C", register=False)
    def strange(x: Tensor = X) -> Equations:
        left = mean(x, over=N)
        return equations(left=left, at=x - left)

    check(witness_of(equal(strange(X), X)))


def test_a_name_with_a_line_break_stays_inside_its_comment() -> None:
    program = check(witness_of(equal(tensor("v\nraise SystemExit(3)", N), 1)))
    assert "\nraise" not in program


def test_sides_without_axes_and_constant_sides() -> None:
    a = scalar("a")
    assert "shape" not in check(witness_of(equal(sqrt(a**2), a)))
    check(witness_of(equal(total(X, over=(N, C)), 1)))
    check(witness_of(equal(X, N.size)))
    check(witness_of(equal(mean(G, over=N), N.size * G + 1)))


def test_arrays_lie_as_they_were_declared() -> None:
    program = check(witness_of(equal(total(tensor("A", N, K) * tensor("W", K, C), over=K), 1)))
    assert "# dimensions: N, K, C" in program


def test_a_renaming_of_two_axes_and_an_exchange() -> None:
    m, d = N.copy("M"), C.copy("D")
    check(witness_of(equal(total(X.rename({N: m, C: d}), over=(m, d)), X)))
    s = tensor("s", N, m)
    check(witness_of(equal(s.rename({N: m, m: N}), s + 1)))


def test_losses_of_outputs_written_in_either_order_of_axes() -> None:
    loss = Loss("L")
    check(witness_of(equal(loss.cotangent(G * X), X)))
    check(witness_of(equal(loss.cotangent(tensor("z", C, N)), 1)))


def test_coefficients_of_losses_are_told_apart_from_each_other_and_from_tensors() -> None:
    """The coefficients are called c, q and t, as a tensor of the statement may be."""
    loss, c = Loss("L").cotangent(X), tensor("c", N, C)
    check(witness_of(equal(loss, Loss("R").cotangent(X))))
    check(witness_of(equal(loss, c)))
    check(witness_of(equal(loss, tensor("c of L", N, C))))
    check(witness_of(equal(loss.rename({N: N.copy("M")}), loss)))
    check(witness_of(equal(Loss("L\nraise SystemExit(3)").cotangent(X), c)))
    check(witness_of(equal(Loss("L").cotangent(mean(X, over=(N, C))), 1)))


def test_a_loss_keeps_its_shape_when_its_output_is_constant_along_an_axis() -> None:
    cotangent = Loss("L").cotangent(X)
    relation = equal(cotangent, 1)
    check(witness_of(relation, equal(X, G)))


def test_axes_in_each_others_places() -> None:
    m, k = N.copy("M"), N.copy("K")
    s = tensor("s", N, m, k)
    check(witness_of(equal(s.rename({N: m, m: k, k: N}), s + delta(N, m))))


def test_what_arrays_cannot_express_is_said() -> None:
    huge = Witness(equal(scalar("a"), 0), Model(scalars={"a": 10**400}), {}, 10**400, 0)
    with pytest.raises(Unsupported, match="range of floats"):
        snippet(huge)
